use alloc::{borrow::ToOwned, string::String};
use core::fmt;

use super::{OperationFault, broken};
use crate::{Error, multibase};

/// The hash of an operation, or of a key that is committed to: SHA-256 as a multihash (`0x12`, `0x20`, 32 bytes) in
/// base58btc, `zQm…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationHash(pub(super) [u8; 32]);

impl OperationHash {
    /// Reads a hash.
    ///
    /// # Errors
    /// `did/operation-malformed`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bytes = match text.starts_with('z') && text.len() <= 64 {
            true => multibase::decode(text).unwrap_or_default(),
            false => alloc::vec::Vec::new(),
        };
        match bytes.as_slice() {
            [0x12, 0x20, digest @ ..] => digest.try_into().ok().map(Self),
            _ => None,
        }
        .ok_or_else(|| {
            broken(
                OperationFault::Malformed,
                "expected a SHA-256 multihash, zQm…",
            )
        })
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for OperationHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 34];
        let (head, tail) = bytes.split_at_mut(2);
        head.copy_from_slice(&[0x12, 0x20]);
        tail.copy_from_slice(&self.0);
        f.write_str(&multibase::encode_base58btc(&bytes))
    }
}

/// The name of a ledger inside a `did:kbtf`: 1 to 32 lower-case letters, digits and hyphens, a letter first. Who gives
/// the names is the affair of the framework that runs the ledgers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LedgerName(String);

impl LedgerName {
    /// Reads a name.
    ///
    /// # Errors
    /// `did/operation-malformed`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let is_letter = |b: &u8| b.is_ascii_lowercase();
        let fits = text.len() <= 32
            && text.as_bytes().first().is_some_and(is_letter)
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        match fits {
            true => Ok(Self(text.to_owned())),
            false => Err(broken(
                OperationFault::Malformed,
                "expected the name of a ledger: 1 to 32 lower-case letters, digits and hyphens, a letter first",
            )),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LedgerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
