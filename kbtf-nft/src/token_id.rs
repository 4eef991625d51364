use alloc::{string::String, vec::Vec};
use core::{fmt, str::FromStr};

use crate::{Error, error::malformed};

/// The number of a token: a whole number of 256 bits, as text in decimal digits (ERC-721; 78 at most, CAIP-19).
///
/// ```
/// use kbtf_nft::TokenId;
///
/// let id: TokenId = "115792089237316195423570985008687907853269984665640564039457584007913129639935".parse()?;
/// assert_eq!(id, TokenId::MAX);
/// assert_eq!(TokenId::from(7).to_string(), "7");
/// for text in ["", "07", "+7", "0x7", "115792089237316195423570985008687907853269984665640564039457584007913129639936"] {
///     assert!(text.parse::<TokenId>().is_err(), "{text}");
/// }
/// # Ok::<(), kbtf_nft::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId([u8; 32]);

/// As many digits as the largest has.
const MAX_DIGITS: usize = 78;

impl TokenId {
    /// The largest.
    pub const MAX: Self = Self([0xff; 32]);

    /// The one with these bytes, big-endian.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes, big-endian.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<u64> for TokenId {
    fn from(number: u64) -> Self {
        let mut bytes = [0; 32];
        let (_, low) = bytes.split_at_mut(24);
        low.copy_from_slice(&number.to_be_bytes());
        Self(bytes)
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Long division by ten, digit after digit from the last.
        let mut rest = self.0;
        let mut digits: Vec<u8> = Vec::new();
        loop {
            let mut carry = 0_u16;
            for byte in &mut rest {
                let value = carry << 8 | u16::from(*byte);
                *byte = u8::try_from(value / 10).unwrap_or_default();
                carry = value % 10;
            }
            digits.push(b'0' + u8::try_from(carry).unwrap_or_default());
            if rest == [0; 32] {
                break;
            }
        }
        let text: String = digits
            .iter()
            .rev()
            .map(|digit| char::from(*digit))
            .collect();
        f.write_str(&text)
    }
}

impl fmt::Debug for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for TokenId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = malformed("token", "a whole number of 256 bits in decimal digits");
        let is_number = (1..=MAX_DIGITS).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_digit())
            && (text == "0" || !text.starts_with('0'));
        if !is_number {
            return Err(wrong);
        }
        let mut bytes = [0_u8; 32];
        for digit in text.bytes() {
            let mut carry = u16::from(digit - b'0');
            for byte in bytes.iter_mut().rev() {
                let value = u16::from(*byte) * 10 + carry;
                *byte = u8::try_from(value & 0xff).unwrap_or_default();
                carry = value >> 8;
            }
            if carry > 0 {
                return Err(wrong);
            }
        }
        Ok(Self(bytes))
    }
}
