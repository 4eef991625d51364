//! What stays off the log, encrypted (X-03): values such as a resident registration number, each under a key of its own, and
//! those keys under one of the person. Whoever destroys the person's key has destroyed all that was sealed for him, copies
//! and backups included; whoever destroys one sealed value has destroyed that.
//!
//! The log has commitments ([`CommitmentKey`](crate::CommitmentKey)) and pseudonyms; neither can be turned back. This is
//! the other half: what must be read again, by those who may, and never stands on a log.

use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
    vec::Vec,
};
use core::{fmt, str::FromStr};

use aes_gcm::{
    Aes256Gcm as Gcm, KeyInit as _,
    aead::{Aead as _, Payload},
};
use base64ct::{Base64, Encoding as _};
use kbtf_did::json::{self, Object};
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use crate::{Error, Field, ObjectId, error::malformed};

/// The longest value, in bytes.
pub const MAX_VALUE: usize = 1 << 20;
const NONCE: usize = 12;
const TAG: usize = 16;

/// A cipher with authentication, keys of 32 bytes and nonces of 12. A validated module (KCMVP: ARIA-256 in GCM) takes the
/// place of [`Aes256Gcm`] here (X-04).
pub trait Cipher: Send + Sync {
    /// Its name, which stands beside what it has sealed: letters, digits and hyphens.
    fn name(&self) -> &'static str;

    /// Seals a message; the tag of 16 bytes is at its end.
    ///
    /// # Errors
    /// `did/provider` if the module cannot work.
    fn seal(
        &self,
        key: &[u8; 32],
        nonce: &[u8; 12],
        beside: &[u8],
        message: &[u8],
    ) -> Result<Vec<u8>, kbtf_did::Error>;

    /// Opens what was sealed under this key and nonce, beside these bytes.
    ///
    /// # Errors
    /// `did/invalid-signature` if it was not; `did/provider`.
    fn open(
        &self,
        key: &[u8; 32],
        nonce: &[u8; 12],
        beside: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, kbtf_did::Error>;
}

/// AES-256 in GCM (NIST SP 800-38D), in software, in constant time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Aes256Gcm;

impl Cipher for Aes256Gcm {
    fn name(&self) -> &'static str {
        "A256GCM"
    }

    fn seal(
        &self,
        key: &[u8; 32],
        nonce: &[u8; 12],
        beside: &[u8],
        message: &[u8],
    ) -> Result<Vec<u8>, kbtf_did::Error> {
        let payload = Payload {
            msg: message,
            aad: beside,
        };
        Gcm::new(key.into())
            .encrypt(nonce.into(), payload)
            .map_err(|_| kbtf_did::Error::Provider {
                reason: "the message is too long",
            })
    }

    fn open(
        &self,
        key: &[u8; 32],
        nonce: &[u8; 12],
        beside: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, kbtf_did::Error> {
        let payload = Payload {
            msg: sealed,
            aad: beside,
        };
        Gcm::new(key.into())
            .decrypt(nonce.into(), payload)
            .map(Zeroizing::new)
            .map_err(|_| kbtf_did::Error::InvalidSignature)
    }
}

/// Where a value belongs: the member of an entry of an object. Sealed for one place it does not open at another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The object.
    pub object: ObjectId,
    /// The entry that gives the member its value.
    pub sequence: u32,
    /// The member.
    pub field: Field,
}

impl Place {
    /// What a seal is bound to.
    fn beside(self, what: &str, cipher: &str) -> Vec<u8> {
        let mut beside = Vec::with_capacity(64);
        beside.extend(what.as_bytes());
        beside.extend([0]);
        beside.extend(cipher.as_bytes());
        beside.extend([0]);
        beside.extend(self.object.as_bytes());
        beside.extend(self.sequence.to_be_bytes());
        beside.extend(self.field.0.to_be_bytes());
        beside
    }
}

/// The key under which everything of one person is sealed. Kept in a key store, apart from what it seals; deleted when the
/// person is to be forgotten.
///
/// ```
/// use kbtf_history::{Field, ObjectId, sealed::{Aes256Gcm, Place, Sealed, SubjectKey}};
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
/// let person = SubjectKey::generate(&mut system_random)?;
/// let place = Place { object: ObjectId::from_bytes([7; 16]), sequence: 0, field: Field(2) };
/// let sealed = person.seal(place, b"900101-1234567", &Aes256Gcm, &mut system_random)?;
/// let kept = sealed.to_string();
/// let read: Sealed = kept.parse()?;
/// assert_eq!(person.open(place, &read, &Aes256Gcm)?.as_slice(), b"900101-1234567");
/// # Ok::<(), kbtf_history::Error>(())
/// ```
pub struct SubjectKey(Zeroizing<[u8; 32]>);

impl SubjectKey {
    /// A new key.
    ///
    /// # Errors
    /// `did/randomness`.
    pub fn generate<R: TryCryptoRng + ?Sized>(random: &mut R) -> Result<Self, Error> {
        Ok(Self(kbtf_did::random_key(random)?))
    }

    /// One that was kept.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Its bytes, for the key store.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.clone()
    }

    /// Seals a value under a new key of its own, and that key under this one.
    ///
    /// # Errors
    /// `history/malformed` for a value of more than 1 MiB; `did/randomness`; `did/provider`.
    pub fn seal<R: TryCryptoRng + ?Sized>(
        &self,
        place: Place,
        value: &[u8],
        cipher: &dyn Cipher,
        random: &mut R,
    ) -> Result<Sealed, Error> {
        if value.len() > MAX_VALUE {
            return Err(malformed("value", "at most 1 MiB"));
        }
        if !is_name(cipher.name()) {
            return Err(malformed(
                "cipher",
                "a name of 1 to 32 letters, digits and hyphens",
            ));
        }
        let key = kbtf_did::random_key(random)?;
        let mut nonces = [[0; NONCE]; 2];
        for nonce in &mut nonces {
            random
                .try_fill_bytes(nonce)
                .map_err(|_| kbtf_did::Error::Randomness)?;
        }
        let [of_value, of_key] = nonces;
        let name = cipher.name();
        let beside = place.beside(VALUE, name);
        let value = cipher.seal(&key, &of_value, &beside, value)?;
        let beside = place.beside(KEY, name);
        let key = cipher.seal(&self.0, &of_key, &beside, key.as_slice())?;
        Ok(Sealed {
            cipher: name.to_owned(),
            key: [of_key.as_slice(), &key].concat(),
            value: [of_value.as_slice(), &value].concat(),
        })
    }

    /// Opens what was sealed for this person and place.
    ///
    /// # Errors
    /// `history/sealed` if it was sealed by another cipher, for another person or place, or was changed; `did/provider`.
    pub fn open(
        &self,
        place: Place,
        sealed: &Sealed,
        cipher: &dyn Cipher,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let name = cipher.name();
        if sealed.cipher != name {
            return Err(Error::Sealed);
        }
        let open = |key: &[u8; 32], what, bytes: &[u8]| {
            let (nonce, bytes) = bytes.split_first_chunk().ok_or(Error::Sealed)?;
            cipher
                .open(key, nonce, &place.beside(what, name), bytes)
                .map_err(|error| match error {
                    kbtf_did::Error::InvalidSignature => Error::Sealed,
                    other => other.into(),
                })
        };
        let key = open(&self.0, KEY, &sealed.key)?;
        let key: &[u8; 32] = key.as_slice().try_into().map_err(|_| Error::Sealed)?;
        open(key, VALUE, &sealed.value)
    }
}

fn is_name(cipher: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=32).contains(&cipher.len()) && cipher.bytes().all(plain)
}

const VALUE: &str = "kbtf/seal/v1";
const KEY: &str = "kbtf/seal-key/v1";

/// A sealed value with its sealed key, as it is kept off the log.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    cipher: String,
    /// Nonce and key.
    key: Vec<u8>,
    /// Nonce and value.
    value: Vec<u8>,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed").finish_non_exhaustive()
    }
}

impl fmt::Display for Sealed {
    /// Canonical JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut object = Object::new();
        object.insert("cipher", self.cipher.clone());
        object.insert("key", Base64::encode_string(&self.key));
        object.insert("v", 1);
        object.insert("value", Base64::encode_string(&self.value));
        f.write_str(&object.to_canonical())
    }
}

impl FromStr for Sealed {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || malformed("sealed", "canonical JSON with cipher, key and value");
        let limits = json::Limits::default().with_max_bytes(MAX_VALUE * 2);
        let value = json::parse_with(text, limits).map_err(|_| wrong())?;
        let object = value.as_object().ok_or_else(wrong)?;
        let bytes = |name: &str| {
            let text = object.get_str(name)?;
            Base64::decode_vec(text).ok()
        };
        let cipher = object.get_str("cipher").ok_or_else(wrong)?;
        if !is_name(cipher) {
            return Err(wrong());
        }
        let read = Self {
            cipher: cipher.to_owned(),
            key: bytes("key").ok_or_else(wrong)?,
            value: bytes("value").ok_or_else(wrong)?,
        };
        let is_whole = read.key.len() == NONCE + 32 + TAG
            && (NONCE + TAG..=NONCE + MAX_VALUE + TAG).contains(&read.value.len());
        match is_whole && read.to_string() == text {
            true => Ok(read),
            false => Err(wrong()),
        }
    }
}
