//! What of a person's data reaches a log: commitments and pseudonyms, each under a key that stays off the log (HIS-01, X-02).
//! Once the key is gone nobody can tell what was committed to, not even by trying all there is.

use alloc::string::ToString;
use core::{fmt, str::FromStr};

use kbtf_did::{CryptoProvider, hmac_sha256, random_key};
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use crate::{Error, Hash, ObjectId};

/// Which member of a record a commitment is to. The log has its number; what it is called stands in the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Field(pub u16);

/// What a pseudonym is for. Under two purposes one person has two names that nobody without the key can connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Purpose(pub u16);

/// A commitment to a value: HMAC-SHA-256 under a key of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Commitment([u8; 32]);

/// A name for a person, under one purpose and one key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym([u8; 32]);

macro_rules! as_base64 {
    ($($type:ident),*) => {$(
        impl $type {
            /// One that was read.
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

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                Hash::from_bytes(self.0).fmt(f)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.to_string())
            }
        }

        impl FromStr for $type {
            type Err = Error;

            /// Base64 with padding.
            fn from_str(text: &str) -> Result<Self, Error> {
                Ok(Self(*text.parse::<Hash>()?.as_bytes()))
            }
        }
    )*};
}
as_base64!(Commitment, Pseudonym);

/// Places that no member of a record has.
const ACTOR: u32 = 1 << 16;
const ENTRY: u32 = (1 << 16) + 1;

/// What of a question is committed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum QueryPart {
    /// Which record it is about.
    Record = (1 << 16) + 2,
    /// All of it, where it is hidden.
    Query = (1 << 16) + 3,
    /// By whose order it is hidden.
    Authority = (1 << 16) + 4,
}

/// The key of one commitment, kept with the value and never on the log. There is no way to commit without one, and each
/// value has its own: to erase a value is to destroy its key.
///
/// ```
/// use kbtf_did::SOFTWARE;
/// use kbtf_history::{CommitmentKey, Field, ObjectId};
/// # struct Counter(u8);
/// # impl rand_core::TryRng for Counter {
/// #     type Error = core::convert::Infallible;
/// #     fn try_next_u32(&mut self) -> Result<u32, Self::Error> { self.0 += 1; Ok(self.0.into()) }
/// #     fn try_next_u64(&mut self) -> Result<u64, Self::Error> { self.0 += 1; Ok(self.0.into()) }
/// #     fn try_fill_bytes(&mut self, d: &mut [u8]) -> Result<(), Self::Error> { self.0 += 1; d.fill(self.0); Ok(()) }
/// # }
/// # impl rand_core::TryCryptoRng for Counter {}
/// # let mut system_random = Counter(0);
///
/// let object = ObjectId::generate(&mut system_random)?;
/// let key = CommitmentKey::generate(&mut system_random)?;
/// let committed = key.commit(object, 0, Field(1), "서울특별시".as_bytes(), &SOFTWARE)?;
/// assert_eq!(key.commit(object, 0, Field(1), "서울특별시".as_bytes(), &SOFTWARE)?, committed);
/// assert_ne!(key.commit(object, 0, Field(2), "서울특별시".as_bytes(), &SOFTWARE)?, committed);
/// # Ok::<(), kbtf_history::Error>(())
/// ```
pub struct CommitmentKey(Zeroizing<[u8; 32]>);

impl CommitmentKey {
    /// A new key.
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

    /// Its bytes, to be kept off the log, encrypted, and deleted when the value is.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.clone()
    }

    /// The commitment to a value of a member of a record, at one place of its history. Moved to another place it is none.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn commit(
        &self,
        object: ObjectId,
        sequence: u32,
        field: Field,
        value: &[u8],
        provider: &dyn CryptoProvider,
    ) -> Result<Commitment, Error> {
        self.of(object, sequence, u32::from(field.0), value, provider)
    }

    /// The commitment to who acts: the DID URL of the key that signs an entry.
    pub(crate) fn commit_actor(
        &self,
        object: ObjectId,
        sequence: u32,
        method: &str,
        provider: &dyn CryptoProvider,
    ) -> Result<Commitment, Error> {
        self.of(object, sequence, ACTOR, method.as_bytes(), provider)
    }

    /// The leaf of an entry among those that are signed together: under the key, so that without it nobody can tell the
    /// entries beside one that is shown.
    pub(crate) fn commit_entry(
        &self,
        object: ObjectId,
        sequence: u32,
        entry: &str,
        provider: &dyn CryptoProvider,
    ) -> Result<Commitment, Error> {
        self.of(object, sequence, ENTRY, entry.as_bytes(), provider)
    }

    /// The commitment to something of a question.
    pub(crate) fn commit_part(
        &self,
        part: QueryPart,
        subject: ObjectId,
        sequence: u32,
        value: &[u8],
        provider: &dyn CryptoProvider,
    ) -> Result<Commitment, Error> {
        self.of(subject, sequence, part as u32, value, provider)
    }

    fn of(
        &self,
        object: ObjectId,
        sequence: u32,
        field: u32,
        value: &[u8],
        provider: &dyn CryptoProvider,
    ) -> Result<Commitment, Error> {
        let parts: [&[u8]; 6] = [
            b"kbtf/commit/v1\n",
            object.as_bytes(),
            &sequence.to_be_bytes(),
            &field.to_be_bytes(),
            &(value.len() as u64).to_be_bytes(),
            value,
        ];
        Ok(Commitment(hmac_sha256(&self.0, &parts, provider)?))
    }
}

/// The key under which persons have pseudonyms, for a time: with a new one all names are new.
pub struct PseudonymKey(Zeroizing<[u8; 32]>);

impl PseudonymKey {
    /// A new key.
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

    /// Its bytes, to be kept off the log.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.clone()
    }

    /// The name of a person, given by whatever identifies him, under a purpose.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn pseudonym(
        &self,
        person: &[u8],
        purpose: Purpose,
        provider: &dyn CryptoProvider,
    ) -> Result<Pseudonym, Error> {
        let parts: [&[u8]; 4] = [
            b"kbtf/pseudonym/v1\n",
            &purpose.0.to_be_bytes(),
            &(person.len() as u64).to_be_bytes(),
            person,
        ];
        Ok(Pseudonym(hmac_sha256(&self.0, &parts, provider)?))
    }
}
