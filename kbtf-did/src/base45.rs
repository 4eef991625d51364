//! Base45 (RFC 9285): two bytes in three characters of those that the alphanumeric mode of a QR code has. Strict: one text
//! for one value, which the format itself sees to as long as nothing above its range is read.
//!
//! ```
//! use kbtf_did::base45;
//!
//! assert_eq!(base45::encode(b"ietf!"), "QED8WEX0");
//! assert_eq!(base45::decode("QED8WEX0").as_deref(), Some(&b"ietf!"[..]));
//! ```

use alloc::{string::String, vec::Vec};

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// The text of bytes.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() / 2 * 3 + 2);
    let mut push = |value: u16| {
        let digit = ALPHABET.get(usize::from(value % 45)).copied();
        out.push(char::from(digit.unwrap_or(b'0')));
    };
    for chunk in bytes.chunks(2) {
        match chunk {
            [high, low] => {
                let value = u16::from_be_bytes([*high, *low]);
                push(value);
                push(value / 45);
                push(value / 2025);
            }
            [only] => {
                push(u16::from(*only));
                push(u16::from(*only) / 45);
            }
            _ => {}
        }
    }
    out
}

/// The bytes of a text; `None` if it is none.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| {
        let at = ALPHABET.iter().position(|letter| *letter == byte)?;
        u32::try_from(at).ok()
    };
    let mut bytes = Vec::with_capacity(text.len() / 3 * 2 + 1);
    for chunk in text.as_bytes().chunks(3) {
        match chunk {
            [a, b, c] => {
                let value = digit(*a)? + digit(*b)? * 45 + digit(*c)? * 2025;
                bytes.extend(u16::try_from(value).ok()?.to_be_bytes());
            }
            [a, b] => bytes.push(u8::try_from(digit(*a)? + digit(*b)? * 45).ok()?),
            _ => return None,
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Sections 4.3, 4.4 and 6 of RFC 9285.
    #[test]
    fn examples_of_the_standard() {
        for (plain, packed) in [
            ("AB", "BB8"),
            ("Hello!!", "%69 VD92EX0"),
            ("base-45", "UJCLQE7W581"),
            ("ietf!", "QED8WEX0"),
            ("", ""),
        ] {
            assert_eq!(encode(plain.as_bytes()), packed);
            assert_eq!(decode(packed).as_deref(), Some(plain.as_bytes()));
        }
        for refused in ["GGW", "::", "A", "bb8", "BB8A"] {
            assert_eq!(decode(refused), None, "{refused}");
        }
    }

    proptest! {
        #[test]
        fn there_and_back(bytes: Vec<u8>) {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }

        #[test]
        fn one_text_for_one_value(letters in "[0-9A-Z $%*+./:-]{0,12}") {
            if let Some(bytes) = decode(&letters) {
                prop_assert_eq!(encode(&bytes), letters);
            }
        }
    }
}
