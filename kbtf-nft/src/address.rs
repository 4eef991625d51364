use alloc::string::{String, ToString};
use core::{fmt, str::FromStr};

use crate::{Error, error::malformed};

/// An account of a chain of the kind of Ethereum: 20 bytes, not all zero. `0x` and hexadecimal digits, small ones when written.
///
/// The address of zeros, which there means nobody, is none here: where nobody may stand, an `Option` does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address([u8; 20]);

impl Address {
    /// The one with these bytes; `None` of zeros.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 20]) -> Option<Self> {
        (bytes != [0; 20]).then_some(Self(bytes))
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Address {
    type Err = Error;

    /// Capitals, which only check (ERC-55), are read as small letters.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = malformed("address", "0x and 40 hexadecimal digits, not all zero");
        let digits = text.strip_prefix("0x").ok_or(wrong.clone())?;
        let digits: String = digits.to_ascii_lowercase();
        let mut bytes = [0; 20];
        for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
            let pair = digits.get(at..at + 2).ok_or(wrong.clone())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong.clone())?;
        }
        let address = Self::from_bytes(bytes).ok_or(wrong.clone())?;
        // No sign, and nothing behind the last digit.
        match address.to_string().get(2..) == Some(digits.as_str()) {
            true => Ok(address),
            false => Err(wrong),
        }
    }
}
