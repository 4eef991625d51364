//! The guard that keeps personal data off a ledger (개인정보 검사; DID-14, X-02, X-03).
//!
//! What is written to a ledger cannot be taken back. So a document that is bound for one is read as an attacker or a
//! careless program would fill it: every text in it, wherever it stands, with escapes undone. What looks like the
//! number of a person, a telephone number, an e-mail address or prose is refused, and the place is named.
//!
//! The guard finds what is written plainly. It cannot find what has been encoded on purpose, nor a name that is part of
//! a URL: that is why the operations of [`did_kbtf`](crate::did_kbtf) have no member for free text in the first place.

use alloc::{borrow::Cow, format, string::String, vec::Vec};
use core::fmt;

use crate::{
    DidDocument, Error, PublicKey, Timestamp,
    json::{Object, Value},
    uri::{self, is_uri},
};

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PersonalData {
    /// A resident registration number (주민등록번호).
    ResidentNumber,
    /// A foreigner registration number (외국인등록번호).
    ForeignerNumber,
    /// A passport number (여권번호).
    PassportNumber,
    /// The number of a driver's licence (운전면허번호).
    DriverLicenceNumber,
    /// A telephone number (전화번호): that of a mobile telephone, or any under `tel:` or `sms:`.
    PhoneNumber,
    /// An e-mail address (전자우편주소).
    EmailAddress,
    /// Text that is no identifier, key, hash, time or address: it could say anything (자유 서술).
    FreeText,
}

impl fmt::Display for PersonalData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ResidentNumber => "a resident registration number",
            Self::ForeignerNumber => "a foreigner registration number",
            Self::PassportNumber => "a passport number",
            Self::DriverLicenceNumber => "the number of a driver's licence",
            Self::PhoneNumber => "a telephone number",
            Self::EmailAddress => "an e-mail address",
            Self::FreeText => "free text",
        })
    }
}

/// What a text gives away, if anything: a number of a person, a telephone number, an e-mail address. Escapes (`%30`)
/// are undone first; separators between the digits do not hide them.
///
/// A driver's licence is told by its groups, so that 12 digits in a row are none. Thirteen digits in a row may be something
/// else that happens to begin like a date and end in the check digit: of the times in milliseconds of early 2027, one in ten.
///
/// ```
/// use kbtf_did::personal_data::{PersonalData, find};
///
/// assert_eq!(find("https://a.kr/p/010-1234-5678"), Some(PersonalData::PhoneNumber));
/// assert_eq!(find("hong%40example.kr"), Some(PersonalData::EmailAddress));
/// assert_eq!(find("z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"), None);
/// ```
#[must_use]
pub fn find(text: &str) -> Option<PersonalData> {
    let text = unescaped(text);
    let text = halfwidth(&text);
    if has_telephone_scheme(&text) {
        return Some(PersonalData::PhoneNumber);
    }
    if has_email(&text) {
        return Some(PersonalData::EmailAddress);
    }
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    if words.into_iter().any(is_passport) {
        return Some(PersonalData::PassportNumber);
    }
    numbers(&text).iter().find_map(Number::kind)
}

/// Checks a text that stands alone and should be a name of things, not of people: printable ASCII without white space
/// that gives nothing away.
///
/// # Errors
/// `did/personal-data` with the place.
pub fn check_text(place: &str, text: &str) -> Result<(), Error> {
    let found = find(text).or_else(|| {
        let plain = unescaped(text);
        let is_plain = plain.bytes().all(|b| b.is_ascii_graphic());
        (!is_plain).then_some(PersonalData::FreeText)
    });
    match found {
        None => Ok(()),
        Some(found) => Err(Error::PersonalData {
            place: crate::timestamp::excerpt(place),
            found,
        }),
    }
}

/// Checks a DID document that is bound for a ledger: all of it, members that this crate does not know included.
///
/// A text in a member that DID Core and its neighbours do not define must be a URI, a DID, a time or the name of a
/// type: anything else is free text.
///
/// # Errors
/// `did/personal-data` with the first place and what was found there.
///
/// ```
/// use kbtf_did::{DidDocument, personal_data};
///
/// let document = DidDocument::parse(r##"{
///   "@context": "https://www.w3.org/ns/did/v1", "id": "did:example:1",
///   "service": [{"id": "#s", "type": "Contact", "serviceEndpoint": "mailto:hong@example.kr"}]
/// }"##)?;
/// let error = personal_data::check_document(&document).unwrap_err();
/// assert_eq!(error.to_string(), "service[0].serviceEndpoint holds an e-mail address, which has no place on a ledger");
/// # Ok::<(), kbtf_did::Error>(())
/// ```
pub fn check_document(document: &DidDocument) -> Result<(), Error> {
    check_object(document.as_object())
}

/// Checks a JSON object that is bound for a ledger, as [`check_document`] does a document.
///
/// # Errors
/// `did/personal-data` with the first place and what was found there.
pub fn check_object(object: &Object<'_>) -> Result<(), Error> {
    object
        .iter()
        .try_for_each(|(name, value)| check_member("", name, value))
}

/// Members in which a plain word may stand: names that the standards, not the writer, choose. All others hold
/// something that can be told by its form.
const WORDS: [&str; 16] = [
    "type",
    "kty",
    "crv",
    "x",
    "y",
    "n",
    "e",
    "alg",
    "use",
    "key_ops",
    "kid",
    "accept",
    "proofPurpose",
    "cryptosuite",
    "versionId",
    "priority",
];

/// Members that hold keys and signatures.
const KEYS: [&str; 5] = [
    "publicKeyMultibase",
    "publicKeyBase58",
    "publicKeyHex",
    "publicKeyPem",
    "proofValue",
];

/// A place inside another, with no more of the other than an error would show: places are made for every value.
fn inside(parent: &str, more: &str) -> String {
    let shown = crate::timestamp::excerpt;
    match parent {
        "" => shown(more),
        _ => format!("{}{more}", shown(parent)),
    }
}

fn check_member(parent: &str, name: &str, value: &Value<'_>) -> Result<(), Error> {
    let place = match parent {
        "" => inside("", name),
        _ => inside(parent, &format!(".{}", crate::timestamp::excerpt(name))),
    };
    // The name itself could be the data, so it is not the place until it has been looked at.
    check_text(
        &format!(
            "the name of a member of {}",
            if parent.is_empty() {
                "the document"
            } else {
                parent
            }
        ),
        name,
    )?;
    // A key is a key, whatever digits it happens to hold, and PEM has lines.
    let is_key = match (name, value.as_str()) {
        ("publicKeyPem", Some(pem)) => PublicKey::from_pem(pem).is_ok(),
        ("publicKeyMultibase", Some(text)) => PublicKey::from_multikey(text).is_ok(),
        _ => false,
    };
    if is_key {
        return Ok(());
    }
    check_value(&place, name, value)
}

fn check_value(place: &str, name: &str, value: &Value<'_>) -> Result<(), Error> {
    match value {
        Value::Null | Value::Bool(_) => Ok(()),
        Value::Number(_) => {
            let text = value.to_canonical();
            check_text(place, &text)?;
            // A number has lost the 0 that it began with.
            check_text(place, &format!("0{text}"))
        }
        Value::String(text) => {
            check_text(place, text)?;
            let told_by_form = WORDS.contains(&name)
                || is_uri(text)
                || text.starts_with('#')
                || text.parse::<Timestamp>().is_ok()
                || KEYS.contains(&name);
            if told_by_form {
                Ok(())
            } else {
                Err(Error::PersonalData {
                    place: crate::timestamp::excerpt(place),
                    found: PersonalData::FreeText,
                })
            }
        }
        Value::Array(values) => values
            .iter()
            .enumerate()
            .try_for_each(|(i, value)| check_value(&inside(place, &format!("[{i}]")), name, value)),
        Value::Object(object) => object
            .iter()
            .try_for_each(|(name, value)| check_member(place, name, value)),
    }
}

/// The text with its percent-escapes undone, as often as they are nested, within reason.
fn unescaped(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..4 {
        if !text.contains('%') {
            break;
        }
        let bytes = uri::unescaped(&text);
        text = Cow::Owned(String::from_utf8_lossy(&bytes).into_owned());
    }
    text
}

/// Full-width letters and digits (U+FF01 to U+FF5E) as the plain ones they stand for.
fn halfwidth(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let plain = |c: char| match u32::from(c) {
        wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(c),
        _ => c,
    };
    Cow::Owned(text.chars().map(plain).collect())
}

/// `tel:` or `sms:`, not as the end of a longer word, and digits behind it.
fn has_telephone_scheme(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["tel:", "sms:"].iter().any(|scheme| {
        lower.match_indices(scheme).any(|(at, _)| {
            let before = lower.get(..at).unwrap_or_default();
            let after = lower.get(at + scheme.len()..).unwrap_or_default();
            !before.ends_with(|c: char| c.is_ascii_alphanumeric())
                && after
                    .trim_start_matches(|c: char| !c.is_ascii_alphanumeric())
                    .starts_with(|c: char| c.is_ascii_digit())
        })
    })
}

/// Something before an `@` and a domain name behind it.
fn has_email(text: &str) -> bool {
    text.match_indices('@').any(|(at, _)| {
        let (before, after) = text.split_at(at);
        let is_local = |c: char| c.is_alphanumeric() || "._%+-!#$&'*/=?^`{|}~\"".contains(c);
        let domain: &str = after.get(1..).unwrap_or_default();
        let end = domain
            .find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '.'))
            .unwrap_or(domain.len());
        let domain = domain.get(..end).unwrap_or_default().trim_end_matches('.');
        let top = domain.rsplit('.').next().unwrap_or_default();
        before.ends_with(is_local)
            && domain.contains('.')
            && top.chars().count() >= 2
            && top.chars().any(char::is_alphabetic)
    })
}

/// `M12345678` or, since December 2021, `M123A4567`.
fn is_passport(word: &str) -> bool {
    let [kind, rest @ ..] = word.as_bytes() else {
        return false;
    };
    rest.len() == 8
        && b"MSRGODmsrgod".contains(kind)
        && rest
            .iter()
            .enumerate()
            .all(|(i, b)| b.is_ascii_digit() || (i == 3 && b.is_ascii_alphabetic()))
}

/// Digits, with what separates them, between things that are neither.
struct Number {
    digits: Vec<u8>,
    /// How many digits each group has between separators.
    groups: Vec<usize>,
    /// Before which groups there is a plus.
    plus: Vec<bool>,
}

fn numbers(text: &str) -> Vec<Number> {
    let mut found = Vec::new();
    let mut current = Number::empty();
    let mut before = "";
    let mut rest = text;
    // Anything that is neither letter nor digit separates; digits inside a word are part of the word: a key, a hash.
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_alphanumeric())
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()) {
            current.groups.push(word.len());
            current
                .plus
                .push(before.ends_with(['+', '\u{ff0b}']) || before.ends_with("+("));
            current.digits.extend(word.bytes().map(|b| b - b'0'));
        } else if !word.is_empty() {
            found.push(core::mem::replace(&mut current, Number::empty()));
        }
        let next = after.find(char::is_alphanumeric).unwrap_or(after.len());
        (before, rest) = after.split_at(next);
    }
    found.push(current);
    found
}

impl Number {
    const fn empty() -> Self {
        Self {
            digits: Vec::new(),
            groups: Vec::new(),
            plus: Vec::new(),
        }
    }

    /// What kind of number this is: all of it, or neighbouring groups of it, since a path may hold more numbers.
    fn kind(&self) -> Option<PersonalData> {
        let mut start = 0;
        for first in 0..self.groups.len() {
            let mut length = 0;
            for last in first..self.groups.len() {
                length += self.groups.get(last).copied().unwrap_or_default();
                // The longest of them has 15 digits.
                if length > 15 {
                    break;
                }
                let digits = self.digits.get(start..start + length).unwrap_or_default();
                let groups = self.groups.get(first..=last).unwrap_or_default();
                let plus = self.plus.get(first) == Some(&true);
                if let Some(kind) = kind_of(digits, groups, plus) {
                    return Some(kind);
                }
            }
            start += self.groups.get(first).copied().unwrap_or_default();
        }
        None
    }
}

fn kind_of(digits: &[u8], groups: &[usize], plus: bool) -> Option<PersonalData> {
    if digits.len() == 13
        && let Some(kind) = resident(digits, groups)
    {
        return Some(kind);
    }
    if groups == [2, 2, 6, 2] && matches!(digits, [1, 1..=9, ..] | [2, 0..=6 | 8, ..]) {
        return Some(PersonalData::DriverLicenceNumber);
    }
    is_mobile(digits, plus).then_some(PersonalData::PhoneNumber)
}

/// `YYMMDD` and seven digits, of which the first tells century, sex and citizenship.
///
/// Numbers given since October 2020 have no check digit any more. So 13 digits are one of these if the check digit
/// fits, if they are written as one, if they would have been given since, or if they are a foreigner's.
fn resident(digits: &[u8], groups: &[usize]) -> Option<PersonalData> {
    const WEIGHTS: [u32; 12] = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];
    let [y1, y2, m1, m2, d1, d2, kind, .., check] = *digits else {
        return None;
    };
    let (year, month, day) = (y1 * 10 + y2, m1 * 10 + m2, d1 * 10 + d2);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 29,
        _ => return None,
    };
    // 9 and 0 stood for those born before 1900.
    if !(1..=days).contains(&day) || !matches!(kind, 1..=8) {
        return None;
    }
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(*digit) * weight)
        .sum();
    // Foreigners are given theirs at any age, so that their date of birth does not tell whether there is a check digit.
    if matches!(kind, 5..=8) {
        return Some(PersonalData::ForeignerNumber);
    }
    let fits = u32::from(check) == (11 - sum % 11) % 10;
    let is_written_so = groups == [6, 7];
    let is_new = matches!(kind, 3 | 4) && (year, month) >= (20, 10);
    (fits || is_written_so || is_new).then_some(PersonalData::ResidentNumber)
}

/// `010` and eight digits, the older `011`, `016` to `019` and seven or eight; also behind `+82` and `0082`.
fn is_mobile(digits: &[u8], plus: bool) -> bool {
    let national = match (digits, plus) {
        ([0, 0, 8, 2, rest @ ..], _) | ([8, 2, rest @ ..], true) => match rest {
            [0, after @ ..] => after,
            _ => rest,
        },
        ([0, rest @ ..], _) => rest,
        _ => return false,
    };
    match national {
        [1, 0, rest @ ..] => rest.len() == 8,
        [1, 1 | 6..=9, rest @ ..] => matches!(rest.len(), 7 | 8),
        _ => false,
    }
}
