//! Looking a history up by what stands on an item (HIS-09): the history number as people read and type it, and the link in a
//! code that is scanned.

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString as _},
};
use core::{fmt, str::FromStr};

use crate::{Error, ObjectId, error::malformed};

/// Digits of base 32 without I, L, O and U (Crockford), each of 5 bits.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// All that a check character is computed over (ISO/IEC 7064, MOD 37,36).
const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// 26 digits of 5 bits hold 128, two of them of no use.
const LENGTH: usize = 26;
/// The longest link that is read, in bytes.
const MAX_LINK: usize = 512;

/// A history number (이력번호) as it is printed and typed: 26 characters for the [`ObjectId`] and one that checks them, in
/// groups of five.
///
/// Small letters, and I, L and O for 1, 1 and 0, are read as what was meant; the check character (ISO/IEC 7064 MOD 37,36)
/// finds every single wrong character and every two neighbours that were exchanged.
///
/// ```
/// use kbtf_history::{ObjectId, lookup::HistoryNumber};
///
/// let object: ObjectId = "0123456789abcdef0123456789abcdef".parse()?;
/// let number = HistoryNumber::from(object);
/// assert_eq!(number.to_string(), "014D2-PF2DB-SQQG2-8T5CY-4TQKF-FV");
/// let typed: HistoryNumber = "o14d2 pf2db sqqg2 8t5cy 4tqkf fv".parse()?;
/// assert_eq!(typed.object(), object);
/// assert!("014D2-PF2DB-SQQG2-8T5CY-4TQKF-FF".parse::<HistoryNumber>().is_err());
/// # Ok::<(), kbtf_history::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HistoryNumber(ObjectId);

impl HistoryNumber {
    /// Whose history it is.
    #[must_use]
    pub const fn object(&self) -> ObjectId {
        self.0
    }
}

impl From<ObjectId> for HistoryNumber {
    fn from(object: ObjectId) -> Self {
        Self(object)
    }
}

impl fmt::Display for HistoryNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = u128::from_be_bytes(*self.0.as_bytes());
        f.write_str(&write_number(number, LENGTH, 5))
    }
}

impl FromStr for HistoryNumber {
    type Err = Error;

    /// Reads a number as somebody has typed it.
    fn from_str(text: &str) -> Result<Self, Error> {
        let number = read_number(text, LENGTH)?;
        Ok(Self(ObjectId::from_bytes(number.to_be_bytes())))
    }
}

/// The most digits of a number: as many as 128 bits need.
const MAX_DIGITS: usize = LENGTH;

/// A number as it is printed: so many digits of base 32 (Crockford), the character that checks them (ISO/IEC 7064
/// MOD 37,36), and a hyphen after each group of so many. Of a number that needs more digits only the last ones are written.
///
/// ```
/// use kbtf_history::lookup::{read_number, write_number};
///
/// assert_eq!(write_number(1 << 35, 8, 4), "1000-0000-3");
/// assert_eq!(read_number("l000 oooo 3", 8)?, 1 << 35);
/// assert_eq!(read_number("1000 0001 3", 8).unwrap_err().code(), "history/malformed");
/// # Ok::<(), kbtf_history::Error>(())
/// ```
#[must_use]
pub fn write_number(number: u128, digits: usize, group: usize) -> String {
    let digits = digits.min(MAX_DIGITS);
    let mut characters = [b'0'; MAX_DIGITS];
    let mut rest = number;
    for character in characters.iter_mut().take(digits).rev() {
        let low = usize::try_from(rest & 31).unwrap_or_default();
        *character = DIGITS.get(low).copied().unwrap_or(b'0');
        rest >>= 5;
    }
    let shown = characters.get(..digits).unwrap_or_default();
    let mut text = String::new();
    for (i, character) in shown.iter().chain([&check_character(shown)]).enumerate() {
        if i > 0 && group > 0 && i % group == 0 {
            text.push('-');
        }
        text.push(char::from(*character));
    }
    text
}

/// Reads such a number as somebody has typed it: with hyphens and blanks wherever he likes, in capitals or small letters, I
/// and L for 1, O for 0 (but in the check character, which may be any letter).
///
/// # Errors
/// `history/malformed` for anything else, and if the check character is another.
pub fn read_number(text: &str, digits: usize) -> Result<u128, Error> {
    let wrong = malformed(
        "number",
        "letters and digits, as many as it has, and the one that checks them",
    );
    let digits = digits.min(MAX_DIGITS);
    if text.len() > 2 * (MAX_DIGITS + 1) {
        return Err(wrong);
    }
    let mut typed = text.bytes().filter(|byte| !matches!(byte, b'-' | b' '));
    let mut characters = [b'0'; MAX_DIGITS];
    let mut number = 0_u128;
    for character in characters.iter_mut().take(digits) {
        let digit = match typed.next().ok_or(wrong.clone())?.to_ascii_uppercase() {
            b'I' | b'L' => b'1',
            b'O' => b'0',
            other => other,
        };
        let value = DIGITS.iter().position(|known| *known == digit);
        // The first of 26 has three bits.
        if number.leading_zeros() < 5 {
            return Err(wrong);
        }
        number = number << 5 | value.ok_or(wrong.clone())? as u128;
        *character = digit;
    }
    let check = typed.next().map(|byte| byte.to_ascii_uppercase());
    if typed.next().is_some() {
        return Err(wrong);
    }
    match check
        == Some(check_character(
            characters.get(..digits).unwrap_or_default(),
        )) {
        true => Ok(number),
        false => Err(malformed("number", "the character that checks the others")),
    }
}

/// ISO/IEC 7064, MOD 37,36.
fn check_character(digits: &[u8]) -> u8 {
    let mut product = 36;
    for digit in digits {
        let value = ALPHABET.iter().position(|known| known == digit);
        let sum = (product + value.unwrap_or_default()) % 36;
        product = if sum == 0 { 36 } else { sum } * 2 % 37;
    }
    let check = (37 - product) % 36;
    ALPHABET.get(check).copied().unwrap_or(b'0')
}

/// The link to a history, as a code on an item holds it: `https://`, the origin of the log, `/objects/` and the
/// history number without hyphens. A telephone's camera opens it as a page; whoever checks reads it himself.
///
/// ```
/// use kbtf_history::{ObjectId, lookup::HistoryLink};
///
/// let object: ObjectId = "0123456789abcdef0123456789abcdef".parse()?;
/// let link = HistoryLink::new("history.example.go.kr/land", object)?;
/// let text = "https://history.example.go.kr/land/objects/014D2PF2DBSQQG28T5CY4TQKFFV";
/// assert_eq!(link.to_string(), text);
/// let known = ["history.example.go.kr/land"];
/// assert_eq!(HistoryLink::parse(text, &known)?, link);
/// // Anybody can print a code. It leads to no log that is not known already.
/// assert!(HistoryLink::parse("https://evil.example/objects/014D2PF2DBSQQG28T5CY4TQKFFV", &known).is_err());
/// # Ok::<(), kbtf_history::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLink {
    origin: String,
    object: ObjectId,
}

impl HistoryLink {
    /// To the history of an object in a log.
    ///
    /// # Errors
    /// `history/malformed` for an origin that is no host and path without a scheme.
    pub fn new(origin: &str, object: ObjectId) -> Result<Self, Error> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~/:".contains(&b);
        let is_address = !origin.is_empty()
            && origin.len() <= MAX_LINK / 2
            && origin.bytes().all(allowed)
            && !origin.contains("//")
            && !origin.starts_with(['/', '.', ':'])
            && !origin.ends_with('/')
            && origin.split('/').all(|part| part != "." && part != "..");
        match is_address {
            true => Ok(Self {
                origin: origin.to_owned(),
                object,
            }),
            false => Err(malformed(
                "link",
                "an origin that is a host and a path, without a scheme",
            )),
        }
    }

    /// Reads a link, or a bare history number, which is one of the first log. Only logs that are known are led to.
    ///
    /// # Errors
    /// `history/malformed`; `history/other-log` for a link to a log that is not known.
    pub fn parse(text: &str, known: &[&str]) -> Result<Self, Error> {
        if text.len() > MAX_LINK {
            return Err(malformed("link", "at most 512 bytes"));
        }
        let Some(address) = text.strip_prefix("https://") else {
            let first = known.first().ok_or(Error::OtherLog)?;
            let number: HistoryNumber = text.parse()?;
            return Self::new(first, number.object());
        };
        let (origin, number) = address
            .rsplit_once("/objects/")
            .ok_or(malformed("link", "/objects/ and a history number"))?;
        let number: HistoryNumber = number.parse()?;
        let link = Self::new(origin, number.object())?;
        if !known.contains(&origin) {
            return Err(Error::OtherLog);
        }
        match link.to_string() == text {
            true => Ok(link),
            false => Err(malformed("link", "the history number in its one form")),
        }
    }

    /// Which log.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whose history.
    #[must_use]
    pub const fn object(&self) -> ObjectId {
        self.object
    }
}

impl fmt::Display for HistoryLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = format!("{}", HistoryNumber(self.object)).replace('-', "");
        write!(f, "https://{}/objects/{number}", self.origin)
    }
}
