//! Multibase (Controlled Identifiers 1.0 section 2.4): `z` base58btc and `u` base64url without padding.
//!
//! Own code for base58: it is thirty lines, strict and bounded, and the general crate would be a fifth of
//! the WebAssembly module.

use alloc::{string::String, vec::Vec};

use base64ct::{Base64, Base64Unpadded, Base64UrlUnpadded, Encoding as _};
use zeroize::Zeroizing;

use crate::Error;

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// Longest text that is decoded, in characters: base58 costs the square of its length.
pub const MAX_TEXT: usize = 4096;

/// Encodes as base58btc with the multibase prefix `z`. The time grows with the square of the length: this is for
/// keys and hashes, not for files.
///
/// ```
/// assert_eq!(kbtf_did::multibase::encode_base58btc(b"yes mani !"), "z7paNL19xttacUY");
/// ```
#[must_use]
pub fn encode_base58btc(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(1 + base58_capacity(bytes.len()));
    text.push('z');
    push_base58(&mut text, bytes);
    text
}

/// Encodes as base64url without padding, with the multibase prefix `u`.
#[must_use]
pub fn encode_base64url(bytes: &[u8]) -> String {
    let mut text = String::from("u");
    text.push_str(&Base64UrlUnpadded::encode_string(bytes));
    text
}

/// Decodes a multibase text with prefix `z` or `u`. One text for one value: padding, white space and
/// non-zero trailing bits are refused.
///
/// # Errors
/// `did/invalid-multibase` for another prefix, a character outside the alphabet or more than [`MAX_TEXT`] characters.
pub fn decode(text: &str) -> Result<Vec<u8>, Error> {
    const EXPECTED: &str = "multibase text with prefix z (base58btc) or u (base64url)";
    let invalid = || Error::InvalidMultibase { expected: EXPECTED };
    if text.len() > MAX_TEXT {
        return Err(invalid());
    }
    if let Some(base58) = text.strip_prefix('z') {
        decode_base58(base58).ok_or_else(invalid)
    } else if let Some(base64) = text.strip_prefix('u') {
        Base64UrlUnpadded::decode_vec(base64).map_err(|_| invalid())
    } else {
        Err(invalid())
    }
}

/// Decodes a multibase text in one of the bases that older software writes: those of [`decode`], `m` (base64, padded or
/// not) and `f`, `F` (base16).
pub(crate) fn decode_legacy(text: &str) -> Result<Vec<u8>, Error> {
    let invalid = || Error::InvalidMultibase {
        expected: "multibase text with prefix z, u, m, f or F",
    };
    if text.len() > MAX_TEXT {
        return Err(invalid());
    }
    match text.split_at_checked(1) {
        Some(("m", base64)) => Base64::decode_vec(base64)
            .or_else(|_| Base64Unpadded::decode_vec(base64))
            .map_err(|_| invalid()),
        Some(("f" | "F", hex)) => decode_hex(hex).ok_or_else(invalid),
        _ => decode(text),
    }
}

/// Hexadecimal digits of either case, two for each byte.
pub(crate) fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let nibble = |b: u8| {
        char::from(b)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    if text.len() > MAX_TEXT || !text.len().is_multiple_of(2) {
        return None;
    }
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => Some(nibble(*high)? << 4 | nibble(*low)?),
            _ => None,
        })
        .collect()
}

/// 58^5 is the largest power of 58 below 2^32: five characters move as one 32-bit limb.
const CHUNK: usize = 5;

fn push_base58(text: &mut String, bytes: &[u8]) {
    let zeros = bytes.iter().take_while(|&&b| b == 0).count();
    text.extend(core::iter::repeat_n('1', zeros));
    // Limbs of base 58^5, least significant first.
    let base = 58_u64.pow(5);
    let mut limbs: Zeroizing<Vec<u32>> = Zeroizing::new(Vec::with_capacity(bytes.len() / 3 + 1));
    for &byte in bytes.iter().skip(zeros) {
        let mut carry = u64::from(byte);
        for limb in limbs.iter_mut() {
            carry += u64::from(*limb) << 8;
            *limb = low_u32(carry % base);
            carry /= base;
        }
        if carry > 0 {
            limbs.push(low_u32(carry));
        }
    }
    let mut leading = true;
    for limb in limbs.iter().rev() {
        let mut digits = [0_u32; CHUNK];
        let mut rest = *limb;
        for digit in digits.iter_mut().rev() {
            *digit = rest % 58;
            rest /= 58;
        }
        for digit in digits {
            leading &= digit == 0;
            if !leading {
                let letter = ALPHABET.get(digit as usize).copied().unwrap_or(b'1');
                text.push(char::from(letter));
            }
        }
    }
}

/// Base58btc without a prefix; `None` for a character outside the alphabet or more than [`MAX_TEXT`] characters.
pub(crate) fn decode_base58(text: &str) -> Option<Vec<u8>> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let zeros = text.bytes().take_while(|&c| c == b'1').count();
    // Limbs of base 2^32, least significant first.
    let mut limbs: Zeroizing<Vec<u32>> = Zeroizing::new(Vec::with_capacity(text.len() / 5 + 1));
    for chunk in text.as_bytes().get(zeros..)?.chunks(CHUNK) {
        let mut carry = 0_u64;
        let mut scale = 1_u64;
        for &letter in chunk {
            carry = carry * 58 + u64::from(digit_of(letter)?);
            scale *= 58;
        }
        for limb in limbs.iter_mut() {
            carry += u64::from(*limb) * scale;
            *limb = low_u32(carry);
            carry >>= 32;
        }
        if carry > 0 {
            limbs.push(low_u32(carry));
        }
    }
    // Room for all of it at once: what is decoded may be a secret, and growth would leave copies behind.
    let mut bytes = Vec::with_capacity(text.len());
    bytes.resize(zeros, 0);
    let significant = limbs.iter().rev().flat_map(|limb| limb.to_be_bytes());
    bytes.extend(significant.skip_while(|&b| b == 0));
    Some(bytes)
}

/// The most characters that so many bytes become: log 256 / log 58 is below 1.366.
const fn base58_capacity(bytes: usize) -> usize {
    bytes.saturating_mul(1366) / 1000 + 1
}

/// Base58btc without a prefix.
pub(crate) fn encode_base58(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(base58_capacity(bytes.len()));
    push_base58(&mut text, bytes);
    text
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the low limb is what is meant"
)]
const fn low_u32(value: u64) -> u32 {
    value as u32
}

const fn digit_of(letter: u8) -> Option<u8> {
    Some(match letter {
        b'1'..=b'9' => letter - b'1',
        b'A'..=b'H' => letter - b'A' + 9,
        b'J'..=b'N' => letter - b'J' + 17,
        b'P'..=b'Z' => letter - b'P' + 22,
        b'a'..=b'k' => letter - b'a' + 33,
        b'm'..=b'z' => letter - b'm' + 44,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Slow obvious reference: one big number in base 256, divided by 58 digit by digit.
    fn reference_encode(bytes: &[u8]) -> String {
        let mut digits: Vec<u8> = Vec::new();
        let mut number = bytes.to_vec();
        while number.iter().any(|&b| b != 0) {
            let mut remainder = 0_u32;
            for b in &mut number {
                let value = remainder * 256 + u32::from(*b);
                *b = u8::try_from(value / 58).unwrap();
                remainder = value % 58;
            }
            digits.push(ALPHABET[remainder as usize]);
        }
        let zeros = bytes.iter().take_while(|&&b| b == 0).count();
        let mut text = "1".repeat(zeros);
        text.extend(digits.iter().rev().map(|&d| char::from(d)));
        text
    }

    #[test]
    fn every_alphabet_letter_has_its_digit() {
        for (i, &letter) in ALPHABET.iter().enumerate() {
            assert_eq!(digit_of(letter).map(usize::from), Some(i));
        }
        for letter in [b'0', b'O', b'I', b'l', b' ', b'\n', 0, 0xff] {
            assert_eq!(digit_of(letter), None);
        }
    }

    #[test]
    fn examples_of_the_specification_decode() {
        // Multibase test strings ("Decentralize everything!!" and "yes mani !").
        let plain = b"Decentralize everything!!".to_vec();
        assert_eq!(
            decode("zUXE7GvtEk8XTXs1GF8HSGbVA9FCX9SEBPe").unwrap(),
            plain
        );
        assert_eq!(
            decode("uRGVjZW50cmFsaXplIGV2ZXJ5dGhpbmchIQ").unwrap(),
            plain
        );
        assert_eq!(decode("z7paNL19xttacUY").unwrap(), b"yes mani !");
        assert_eq!(decode("z").unwrap(), b"");
    }

    #[test]
    fn other_prefixes_padding_and_loose_bits_are_refused() {
        for bad in [
            "", "m", "Zabc", "z0", "zI", "z abc", "uYQ==", "uYR", "u YQ", "f00", "zé",
        ] {
            assert_eq!(
                decode(bad).map_err(|e| e.code()),
                Err("did/invalid-multibase"),
                "{bad:?}"
            );
        }
        assert!(decode(&alloc::format!("z{}", "1".repeat(MAX_TEXT))).is_err());
    }

    proptest! {
        #[test]
        fn base58_agrees_with_the_slow_reference(bytes in proptest::collection::vec(any::<u8>(), 0..90), zeros in 0..4_usize) {
            let mut input = alloc::vec![0; zeros];
            input.extend(bytes);
            let text = encode_base58(&input);
            prop_assert_eq!(&text, &reference_encode(&input));
            prop_assert_eq!(decode_base58(&text).unwrap(), input);
        }
    }
}
