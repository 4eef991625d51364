use alloc::vec::Vec;

use ed25519_dalek::Signer as _;
use p256::ecdsa::signature::Verifier as _;
use sha2::{Digest as _, Sha256};

use crate::{Error, KeyType, PublicKey, SecretKey, key::Decoded, secret_key::DecodedSecret};

/// All hashing, signing and verifying of these crates goes through here, so that a validated module (KCMVP, FIPS 140)
/// can take the place of ours. Checking the encoding of a public key is not delegated: a weak or malformed
/// key is refused before any provider sees it.
///
/// An implementation must be as strict as [`SoftwareProvider`]; Wycheproof's vectors, which this crate's tests
/// run, are the measure.
///
/// | key | algorithm | signature | accepted |
/// | --- | --- | --- | --- |
/// | Ed25519 | Ed25519, RFC 8032 | 64 bytes R ‖ S | S below the group order, R not of small order, equation without cofactor, R canonical |
/// | P-256 | ECDSA with SHA-256, FIPS 186-5 | 64 bytes r ‖ s, big-endian | both in 1..n−1, either half of s (see [`is_low_s`]) |
pub trait CryptoProvider: Send + Sync {
    /// SHA-256 (FIPS 180-4) of a message.
    ///
    /// # Errors
    /// `did/provider` if the module cannot work; it never returns a wrong hash.
    fn sha256(&self, message: &[u8]) -> Result<[u8; 32], Error>;

    /// Checks a signature over a message.
    ///
    /// # Errors
    /// `did/invalid-signature` if it does not verify, `did/wrong-key-use` for a key that does not sign, `did/provider`.
    fn verify(&self, key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<(), Error>;

    /// Signs a message with a private key in memory; deterministic (RFC 8032, RFC 6979), ECDSA with low s.
    ///
    /// # Errors
    /// `did/provider`.
    fn sign(&self, key: &SecretKey, message: &[u8]) -> Result<Vec<u8>, Error>;
}

/// The provider in pure Rust: ed25519-dalek, p256 and sha2.
#[derive(Debug, Clone, Copy, Default)]
pub struct SoftwareProvider;

/// The [`SoftwareProvider`], for places that keep a reference.
pub static SOFTWARE: SoftwareProvider = SoftwareProvider;

impl CryptoProvider for SoftwareProvider {
    fn sha256(&self, message: &[u8]) -> Result<[u8; 32], Error> {
        Ok(Sha256::digest(message).into())
    }

    fn verify(&self, key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let verified = match key.decoded() {
            Decoded::Ed25519(key) => <&[u8; 64]>::try_from(signature).is_ok_and(|bytes| {
                let signature = ed25519_dalek::Signature::from_bytes(bytes);
                key.verify_strict(message, &signature).is_ok()
            }),
            Decoded::P256(key) => p256::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Decoded::X25519 => {
                return Err(Error::WrongKeyUse {
                    key_type: KeyType::X25519,
                    operation: "verify",
                });
            }
        };
        if verified {
            Ok(())
        } else {
            Err(Error::InvalidSignature)
        }
    }

    fn sign(&self, key: &SecretKey, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(match key.decoded() {
            DecodedSecret::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
            DecodedSecret::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.normalize_s().to_bytes().to_vec()
            }
        })
    }
}

/// Something that signs with one key: a [`SoftwareSigner`], a key store, a hardware module.
///
/// It returns at once. A signer that must wait (a remote module, a person's approval) is served by the
/// two-step form of issuing instead: prepare the bytes, sign them wherever, complete the proof.
pub trait Signer {
    /// The public key that verifies what this signs.
    fn public_key(&self) -> &PublicKey;

    /// Signs a message in the algorithm of the key; see [`CryptoProvider`] for the forms.
    ///
    /// # Errors
    /// `did/provider` with a reason that says what to do and holds no secret.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error>;

    /// The provider that hashes what this signs; software unless the signer says otherwise.
    fn provider(&self) -> &dyn CryptoProvider {
        &SOFTWARE
    }
}

/// A private key in memory and the provider that uses it.
pub struct SoftwareSigner<'p> {
    key: SecretKey,
    provider: &'p dyn CryptoProvider,
}

impl SoftwareSigner<'static> {
    /// Signs in pure Rust.
    #[must_use]
    pub fn new(key: SecretKey) -> Self {
        Self::with_provider(key, &SOFTWARE)
    }
}

impl<'p> SoftwareSigner<'p> {
    /// Signs through a given provider.
    #[must_use]
    pub fn with_provider(key: SecretKey, provider: &'p dyn CryptoProvider) -> Self {
        Self { key, provider }
    }
}

impl Signer for SoftwareSigner<'_> {
    fn public_key(&self) -> &PublicKey {
        self.key.public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.provider.sign(&self.key, message)
    }

    fn provider(&self) -> &dyn CryptoProvider {
        self.provider
    }
}

/// Half the order of P-256, rounded down, big-endian (SEC 2 section 2.4.2).
const P256_HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
];

/// Whether a signature is the one of its two equivalent forms with s in the lower half.
///
/// From an ECDSA signature (r, s) anyone can make (r, n − s), which verifies too. Where a signature must have
/// one form, the upper one is refused. Ed25519 has one form only.
#[must_use]
pub fn is_low_s(key_type: KeyType, signature: &[u8]) -> bool {
    match key_type {
        KeyType::P256 => signature
            .split_at_checked(32)
            .is_some_and(|(_, s)| s.len() == 32 && s <= P256_HALF_ORDER.as_slice()),
        KeyType::Ed25519 | KeyType::X25519 => true,
    }
}

/// The equivalent signature with s in the lower half; see [`is_low_s`]. What is low already comes back as it is.
///
/// # Errors
/// `did/invalid-signature` if it is not 64 bytes or, for P-256, r or s is not in 1..n−1; `did/wrong-key-use`
/// for a key that does not sign.
pub fn to_low_s(key_type: KeyType, signature: &[u8]) -> Result<Vec<u8>, Error> {
    match key_type {
        KeyType::Ed25519 if signature.len() == 64 => Ok(signature.to_vec()),
        KeyType::Ed25519 => Err(Error::InvalidSignature),
        KeyType::P256 => p256::ecdsa::Signature::from_slice(signature)
            .map(|signature| signature.normalize_s().to_bytes().to_vec())
            .map_err(|_| Error::InvalidSignature),
        KeyType::X25519 => Err(Error::WrongKeyUse {
            key_type,
            operation: "sign",
        }),
    }
}
