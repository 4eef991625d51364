use alloc::string::String;
use core::{fmt, str::FromStr};

use base64ct::{Base64, Encoding as _};
use kbtf_did::{CryptoProvider, SOFTWARE};

use crate::{Error, error::malformed};

/// A hash of the tree: of an entry, of a node, or of the whole (RFC 9162 section 2.1.1), 32 bytes.
///
/// As text it is base64 with padding, as C2SP's formats want it.
///
/// ```
/// use kbtf_history::Hash;
///
/// let hash: Hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".parse()?;
/// assert_eq!(hash.as_bytes()[0], 0xe3);
/// assert_eq!(hash.to_string(), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
/// assert!("47DEQpj8HBSa".parse::<Hash>().is_err(), "too short");
/// # Ok::<(), kbtf_history::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// The hash with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buffer = [0; 44];
        // 32 bytes are 44 characters.
        f.write_str(Base64::encode(&self.0, &mut buffer).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut bytes = [0; 32];
        match Base64::decode(text, &mut bytes) {
            Ok(decoded) if decoded.len() == 32 => Ok(Self(bytes)),
            _ => Err(malformed("hash", "32 bytes in base64 with padding")),
        }
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        alloc::format!("{hash}")
    }
}

/// Makes the hashes of the tree, with a provider that hashes. An entry and a node never have one hash, since each is hashed
/// with a byte of its kind in front (RFC 9162 section 2.1.1).
///
/// ```
/// use kbtf_history::TreeHasher;
///
/// let hasher = TreeHasher::SOFTWARE;
/// assert_eq!(hasher.empty()?.to_string(), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
/// assert_eq!(hasher.leaf(b"")?.to_string(), "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=");
/// # Ok::<(), kbtf_history::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct TreeHasher<'p> {
    provider: &'p dyn CryptoProvider,
}

impl TreeHasher<'static> {
    /// Hashes in software.
    pub const SOFTWARE: Self = Self {
        provider: &SOFTWARE,
    };
}

impl<'p> TreeHasher<'p> {
    /// Hashes with this provider.
    #[must_use]
    pub const fn new(provider: &'p dyn CryptoProvider) -> Self {
        Self { provider }
    }

    /// The root of the tree without entries.
    ///
    /// # Errors
    /// `did/provider`, as of all methods of a hasher.
    pub fn empty(&self) -> Result<Hash, Error> {
        Ok(Hash(self.provider.sha256(&[])?))
    }

    /// The hash of an entry. A tree needs nothing else of it, so an entry can be erased and its hash stay.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn leaf(&self, entry: &[u8]) -> Result<Hash, Error> {
        Ok(Hash(self.provider.sha256_parts(&[&[0], entry])?))
    }

    /// The hash of a node with these children.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn node(&self, left: &Hash, right: &Hash) -> Result<Hash, Error> {
        let mut message = [1; 65];
        let (_, children) = message.split_at_mut(1);
        let (to_left, to_right) = children.split_at_mut(32);
        to_left.copy_from_slice(&left.0);
        to_right.copy_from_slice(&right.0);
        Ok(Hash(self.provider.sha256(&message)?))
    }
}

impl fmt::Debug for TreeHasher<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TreeHasher")
    }
}
