//! The number on a paper by which it is looked up (문서확인번호).

use alloc::format;
use core::{fmt, str::FromStr};

use kbtf_did::{CryptoProvider, Timestamp, hmac_sha256, random_key};
use kbtf_history::{
    ObjectId,
    lookup::{read_number, write_number},
};
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use super::PaperFault;
use crate::Error;

/// A number of a paper, 80 random bits: 16 letters and digits and the one that checks them (ISO/IEC 7064 MOD 37,36), in
/// groups of four. It is no secret, for it is printed, but nobody finds one by trying.
///
/// ```
/// use kbtf_authenticity::paper::CheckNumber;
///
/// let number = CheckNumber::from_bytes([7; 10]);
/// assert_eq!(number.to_string(), "0W3G-E1R7-0W3G-E1R7-4");
/// assert_eq!("ow3g e1r7 0w3g e1r7 4".parse::<CheckNumber>()?, number);
/// assert!("0W3G-E1R7-0W3G-E1R8-4".parse::<CheckNumber>().is_err());
/// # Ok::<(), kbtf_authenticity::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckNumber([u8; 10]);

const NUMBER_DIGITS: usize = 16;

impl CheckNumber {
    /// A new one.
    ///
    /// # Errors
    /// `did/randomness`.
    pub fn generate<R: TryCryptoRng + ?Sized>(random: &mut R) -> Result<Self, Error> {
        let key = random_key(random)?;
        let (bytes, _) = key.split_first_chunk().unwrap_or((&[0; 10], &[]));
        Ok(Self(*bytes))
    }

    /// The one with these bytes, which were random when it was made.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 10]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 10] {
        &self.0
    }
}

fn number_of(bytes: &[u8]) -> u128 {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | u128::from(*byte))
}

impl fmt::Display for CheckNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&write_number(number_of(&self.0), NUMBER_DIGITS, 4))
    }
}

impl FromStr for CheckNumber {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let number = read_number(text, NUMBER_DIGITS)?.to_be_bytes();
        let (_, bytes) = number.split_last_chunk().unwrap_or((&[], &[0; 10]));
        Ok(Self(*bytes))
    }
}

/// What is printed on the paper beside its number, and on no list (second factor): 40 random bits, eight letters and digits and
/// the one that checks them. Who has only heard or guessed the number does not have it.
pub struct SecondFactor(Zeroizing<[u8; 5]>);

const FACTOR_DIGITS: usize = 8;

impl SecondFactor {
    /// A new one.
    ///
    /// # Errors
    /// `did/randomness`.
    pub fn generate<R: TryCryptoRng + ?Sized>(random: &mut R) -> Result<Self, Error> {
        let key = random_key(random)?;
        let (bytes, _) = key.split_first_chunk().unwrap_or((&[0; 5], &[]));
        Ok(Self(Zeroizing::new(*bytes)))
    }

    /// Reads one as somebody has typed it.
    ///
    /// # Errors
    /// `history/malformed`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let number = read_number(text, FACTOR_DIGITS)?.to_be_bytes();
        let (_, bytes) = number.split_last_chunk().unwrap_or((&[], &[0; 5]));
        Ok(Self(Zeroizing::new(*bytes)))
    }

    /// As it is printed.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<alloc::string::String> {
        Zeroizing::new(write_number(number_of(&*self.0), FACTOR_DIGITS, 4))
    }
}

/// The key of whoever keeps the numbers: what he keeps of a second factor says nothing without it.
pub struct LookupKey(Zeroizing<[u8; 32]>);

impl LookupKey {
    /// A new one.
    ///
    /// # Errors
    /// `did/randomness`.
    pub fn generate<R: TryCryptoRng + ?Sized>(random: &mut R) -> Result<Self, Error> {
        Ok(Self(random_key(random)?))
    }

    /// One that was kept.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    fn tag(
        &self,
        number: CheckNumber,
        factor: &SecondFactor,
        provider: &dyn CryptoProvider,
    ) -> Result<[u8; 32], Error> {
        let parts: [&[u8]; 3] = [b"kbtf/second-factor/v1\n", number.as_bytes(), &*factor.0];
        Ok(hmac_sha256(&self.0, &parts, provider)?)
    }
}

/// Wrong answers after which the next ones must wait.
const TRIES: u32 = 5;
/// How long, in seconds.
const WAIT: i64 = 3600;

/// What is kept of a paper that can be looked up: which record it is of, until when, and how often somebody has failed. It is
/// stored under its number; after each answer, wrong ones too, it is to be stored again, before the next one is heard, and the
/// answer noted in the log of queries.
///
/// To outsiders all refusals are one ([`PaperFault::NoSuchPaper`]): a wrong number, a wrong second factor, too many tries, a
/// window that is over.
///
/// ```
/// use kbtf_authenticity::paper::{CheckNumber, LookupKey, PaperLookup, SecondFactor};
/// use kbtf_did::SOFTWARE;
/// use kbtf_history::ObjectId;
///
/// let key = LookupKey::from_bytes([7; 32]);
/// let (number, factor) = (CheckNumber::from_bytes([1; 10]), SecondFactor::parse("ABCD-EFGH-K")?);
/// let (issued, record) = ("2026-11-24T00:00:00Z".parse()?, ObjectId::from_bytes([9; 16]));
/// let mut lookup = PaperLookup::new(number, &factor, record, issued, 90, &key, &SOFTWARE)?;
///
/// let wrong = SecondFactor::parse("0000-0000-Y")?;
/// assert!(lookup.open(&wrong, "2026-12-01T00:00:00Z".parse()?, &key, &SOFTWARE).is_err());
/// assert_eq!(lookup.open(&factor, "2026-12-01T00:00:00Z".parse()?, &key, &SOFTWARE)?, record);
/// assert!(lookup.open(&factor, "2027-03-01T00:00:00Z".parse()?, &key, &SOFTWARE).is_err());
/// # Ok::<(), kbtf_authenticity::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperLookup {
    number: CheckNumber,
    tag: [u8; 32],
    record: ObjectId,
    until: Timestamp,
    /// Wrong answers since the last right one.
    failures: u32,
    last_failure: Option<Timestamp>,
}

impl PaperLookup {
    /// Of a paper with this number and second factor, that can be looked up for so many days.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn new(
        number: CheckNumber,
        factor: &SecondFactor,
        record: ObjectId,
        issued: Timestamp,
        days: u16,
        key: &LookupKey,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, Error> {
        Ok(Self {
            number,
            tag: key.tag(number, factor, provider)?,
            record,
            until: issued.saturating_add_seconds(i64::from(days) * 86_400),
            failures: 0,
            last_failure: None,
        })
    }

    /// The number.
    #[must_use]
    pub const fn number(&self) -> CheckNumber {
        self.number
    }

    /// Until when it can be looked up, that second not counted.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        self.until
    }

    /// How many wrong answers there were since the last right one.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// Whether the next answer, right or wrong, counts only later.
    #[must_use]
    pub fn is_waiting(&self, at: Timestamp) -> bool {
        let waits = |last: Timestamp| at < last.saturating_add_seconds(WAIT);
        self.failures >= TRIES && self.last_failure.is_some_and(waits)
    }

    /// The record of the paper, for who knows its second factor. After five wrong answers one an hour is heard, so that whoever has
    /// the number and nothing else can also keep others from being heard.
    ///
    /// # Errors
    /// `authenticity/paper-no-such` if not; `did/provider`.
    pub fn open(
        &mut self,
        factor: &SecondFactor,
        at: Timestamp,
        key: &LookupKey,
        provider: &dyn CryptoProvider,
    ) -> Result<ObjectId, Error> {
        let tag = key.tag(self.number, factor, provider)?;
        let difference = tag
            .iter()
            .zip(&self.tag)
            .fold(0, |difference, (one, other)| difference | (one ^ other));
        if at >= self.until || self.is_waiting(at) {
            return Err(PaperFault::NoSuchPaper.into());
        }
        if difference == 0 {
            self.failures = 0;
            self.last_failure = None;
            return Ok(self.record);
        }
        self.failures = self.failures.saturating_add(1);
        self.last_failure = Some(at);
        Err(PaperFault::NoSuchPaper.into())
    }

    /// Whether a paper has been looked up more often than papers are: more than so many times in so many seconds, by the times in the
    /// log of queries, in any order. A copy that goes around is seen by this sooner than by any pattern.
    #[must_use]
    pub fn is_looked_up_too_often(times: &[Timestamp], most: usize, seconds: i64) -> bool {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        let first_and_last = sorted.iter().zip(sorted.iter().skip(most));
        first_and_last
            .into_iter()
            .any(|(first, last)| last.unix().saturating_sub(first.unix()) < seconds)
    }

    /// To be stored: the number, what is kept of the second factor, the record, the end of the window, failures and the time of the
    /// last one, as one line.
    #[must_use]
    pub fn to_text(&self) -> alloc::string::String {
        let last = self.last_failure.unwrap_or(self.until);
        format!(
            "{} {} {} {} {} {last}",
            self.number,
            kbtf_history::Hash::from_bytes(self.tag),
            self.record,
            self.until,
            self.failures,
        )
    }

    /// Reads one that was stored.
    ///
    /// # Errors
    /// `authenticity/malformed`; `history/…`, `did/…` for its parts.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = crate::error::malformed(
            "lookup",
            "a number, a tag, a record, a time, failures and a time",
        );
        let mut words = text.split(' ');
        let mut next = || words.next().ok_or(wrong.clone());
        let (number, tag, record, until, failures, last) =
            (next()?, next()?, next()?, next()?, next()?, next()?);
        let failures = failures.parse().map_err(|_| wrong.clone())?;
        let read = Self {
            number: number.parse()?,
            tag: *tag.parse::<kbtf_history::Hash>()?.as_bytes(),
            record: record.parse()?,
            until: until.parse()?,
            failures,
            last_failure: match failures {
                0 => None,
                _ => Some(last.parse()?),
            },
        };
        match read.to_text() == text {
            true => Ok(read),
            false => Err(wrong),
        }
    }
}
