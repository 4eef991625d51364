use alloc::vec::Vec;

use ed25519_dalek::Signer as _;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use crate::{
    Error, KeyType, PublicKey, SecretKey, SignatureAlgorithm, ed25519_many, key::Decoded,
    secret_key::DecodedSecret,
};

/// All hashing, signing, verifying and agreeing of these crates goes through here, so that a validated module (KCMVP,
/// FIPS 140) can take the place of ours. Checking the encoding of a public key is not delegated: a weak or
/// malformed key is refused before any provider sees it.
///
/// An implementation must be as strict as [`SoftwareProvider`]; Wycheproof's vectors, which this crate's tests
/// run, are the measure.
///
/// | algorithm | signature | accepted |
/// | --- | --- | --- |
/// | `EdDSA` (Ed25519, RFC 8032) | 64 bytes R ‖ S | S below the group order, R not of small order, equation without cofactor, R canonical |
/// | `ES256`, `ES384` (FIPS 186-5) | 64 or 96 bytes r ‖ s, big-endian | both in 1..n−1, either half of s (see [`is_low_s`]) |
/// | `ES256K` (RFC 8812) | 64 bytes r ‖ s, big-endian | both in 1..n−1, s in the lower half |
/// | `RS256`, `PS256` (RFC 8017) | as long as the modulus | the one encoding; a salt of 32 bytes |
pub trait CryptoProvider: Send + Sync {
    /// SHA-256 (FIPS 180-4) of a message.
    ///
    /// # Errors
    /// `did/provider` if the module cannot work; it never returns a wrong hash.
    fn sha256(&self, message: &[u8]) -> Result<[u8; 32], Error>;

    /// SHA-256 of a message that lies in parts, one after the other.
    ///
    /// A provider that takes parts one by one saves a copy.
    ///
    /// # Errors
    /// As for [`CryptoProvider::sha256`].
    fn sha256_parts(&self, parts: &[&[u8]]) -> Result<[u8; 32], Error> {
        self.sha256(&parts.concat())
    }

    /// SHA-384 (FIPS 180-4) of a message.
    ///
    /// # Errors
    /// As for [`CryptoProvider::sha256`].
    fn sha384(&self, message: &[u8]) -> Result<[u8; 48], Error>;

    /// SHA-512 (FIPS 180-4) of a message.
    ///
    /// # Errors
    /// As for [`CryptoProvider::sha256`].
    fn sha512(&self, message: &[u8]) -> Result<[u8; 64], Error>;

    /// Checks a signature over a message.
    ///
    /// # Errors
    /// `did/invalid-signature` if it does not verify, `did/wrong-key-use` for a key that does not verify in this
    /// algorithm, `did/provider`.
    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Error>;

    /// Checks a signature over something that was hashed already, as X.509 certificates and CMS messages need it, which
    /// name the hash apart from the key. A provider that has not got it need not write it: such signatures are then refused.
    ///
    /// # Errors
    /// As for [`CryptoProvider::verify`].
    fn verify_prehash(
        &self,
        _scheme: PrehashScheme,
        key: &PublicKey,
        _digest: &[u8],
        _signature: &[u8],
    ) -> Result<(), Error> {
        Err(Error::WrongKeyUse {
            key_type: key.key_type(),
            operation: "verify a signature over a hash with this provider",
        })
    }

    /// Checks many signatures: the result of each is that of [`CryptoProvider::verify`], in the order of the checks.
    ///
    /// A provider that has nothing faster need not write it.
    fn verify_many(&self, checks: &[SignatureCheck<'_>]) -> Vec<Result<(), Error>> {
        checks.iter().map(|check| check.with(self)).collect()
    }

    /// Signs a message with a private key in memory, in the one algorithm of its kind; deterministic (RFC 8032,
    /// RFC 6979), ECDSA with low s.
    ///
    /// # Errors
    /// `did/wrong-key-use` for a key that does not sign, `did/provider`.
    fn sign(&self, key: &SecretKey, message: &[u8]) -> Result<Vec<u8>, Error>;

    /// The secret that a private and somebody's public key agree on (X25519, RFC 7748 section 6.1). Not a key yet:
    /// derive keys from it and from both public keys.
    ///
    /// # Errors
    /// `did/wrong-key-use` unless both are X25519 keys; `did/small-order-key` if the secret would be all zeros, so
    /// that everybody knew it; `did/provider`.
    fn agree(&self, key: &SecretKey, with: &PublicKey) -> Result<Zeroizing<[u8; 32]>, Error>;
}

/// A hash of FIPS 180-4, where what is signed says which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum HashAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl HashAlgorithm {
    /// The hash of a message.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn digest(self, message: &[u8], provider: &dyn CryptoProvider) -> Result<Vec<u8>, Error> {
        Ok(match self {
            Self::Sha256 => provider.sha256(message)?.to_vec(),
            Self::Sha384 => provider.sha384(message)?.to_vec(),
            Self::Sha512 => provider.sha512(message)?.to_vec(),
        })
    }

    /// Bytes of a hash.
    #[must_use]
    pub const fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// How a signature over a hash is made; see [`CryptoProvider::verify_prehash`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PrehashScheme {
    /// ECDSA on P-256 or P-384, by the key (FIPS 186-5): r ‖ s, either half of s. The hash has 32, 48 or 64 bytes; of one that is longer than the
    /// order of the curve the leftmost bits count.
    Ecdsa,
    /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2) with this hash.
    RsaPkcs1(HashAlgorithm),
}

/// One signature to be checked among many.
#[derive(Debug, Clone, Copy)]
pub struct SignatureCheck<'a> {
    /// How it was made.
    pub algorithm: SignatureAlgorithm,
    /// The key that is said to have made it.
    pub key: &'a PublicKey,
    /// What it is over.
    pub message: &'a [u8],
    /// The signature, in the form of [`CryptoProvider`].
    pub signature: &'a [u8],
}

impl SignatureCheck<'_> {
    fn with<P: CryptoProvider + ?Sized>(&self, provider: &P) -> Result<(), Error> {
        provider.verify(self.algorithm, self.key, self.message, self.signature)
    }
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

    fn sha256_parts(&self, parts: &[&[u8]]) -> Result<[u8; 32], Error> {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part);
        }
        Ok(hash.finalize().into())
    }

    fn sha384(&self, message: &[u8]) -> Result<[u8; 48], Error> {
        Ok(Sha384::digest(message).into())
    }

    fn sha512(&self, message: &[u8]) -> Result<[u8; 64], Error> {
        Ok(Sha512::digest(message).into())
    }

    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Error> {
        if algorithm.key_type() != key.key_type() {
            return Err(Error::WrongKeyUse {
                key_type: key.key_type(),
                operation: "verify in this algorithm",
            });
        }
        let verified = match key.decoded() {
            Decoded::Ed25519(key) => <&[u8; 64]>::try_from(signature).is_ok_and(|bytes| {
                let signature = ed25519_dalek::Signature::from_bytes(bytes);
                key.verify_strict(message, &signature).is_ok()
            }),
            Decoded::P256(key) => key.verifies(message, signature),
            #[cfg(feature = "p384")]
            Decoded::P384(key) => key.verifies(message, signature),
            #[cfg(feature = "secp256k1")]
            Decoded::Secp256k1(key) => {
                is_low_s(KeyType::Secp256k1, signature) && key.verifies(message, signature)
            }
            #[cfg(feature = "rsa")]
            Decoded::Rsa(key) => key.verifies(algorithm, message, signature),
            // No algorithm is for such a key, so the check above has refused it.
            Decoded::X25519(_) => false,
        };
        if verified {
            Ok(())
        } else {
            Err(Error::InvalidSignature)
        }
    }

    fn verify_prehash(
        &self,
        scheme: PrehashScheme,
        key: &PublicKey,
        digest: &[u8],
        signature: &[u8],
    ) -> Result<(), Error> {
        let wrong_use = Error::WrongKeyUse {
            key_type: key.key_type(),
            operation: "verify in this algorithm",
        };
        let verified = match (scheme, key.decoded()) {
            (PrehashScheme::Ecdsa, _) if !matches!(digest.len(), 32 | 48 | 64) => false,
            (PrehashScheme::Ecdsa, Decoded::P256(key)) => key.verifies_prehash(digest, signature),
            #[cfg(feature = "p384")]
            (PrehashScheme::Ecdsa, Decoded::P384(key)) => key.verifies_prehash(digest, signature),
            #[cfg(feature = "rsa")]
            (PrehashScheme::RsaPkcs1(hash), Decoded::Rsa(key)) => {
                key.verifies_prehash(hash, digest, signature)
            }
            _ => return Err(wrong_use),
        };
        if verified {
            Ok(())
        } else {
            Err(Error::InvalidSignature)
        }
    }

    /// Faster for Ed25519 when one key has made many of the signatures; exact, not probabilistic: the same equation
    /// is computed for each signature alone, only with tables of multiples of the key.
    fn verify_many(&self, checks: &[SignatureCheck<'_>]) -> Vec<Result<(), Error>> {
        ed25519_many::verify(checks)
            .into_iter()
            .zip(checks)
            .map(|(known, check)| match known {
                Some(true) => Ok(()),
                Some(false) => Err(Error::InvalidSignature),
                None => check.with(self),
            })
            .collect()
    }

    fn sign(&self, key: &SecretKey, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(match key.decoded() {
            DecodedSecret::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
            DecodedSecret::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.normalize_s().to_bytes().to_vec()
            }
            #[cfg(feature = "secp256k1")]
            DecodedSecret::Secp256k1(key) => {
                let signature: k256::ecdsa::Signature = key.sign(message);
                signature.normalize_s().to_bytes().to_vec()
            }
            DecodedSecret::X25519(_) => {
                return Err(Error::WrongKeyUse {
                    key_type: KeyType::X25519,
                    operation: "sign",
                });
            }
        })
    }

    fn agree(&self, key: &SecretKey, with: &PublicKey) -> Result<Zeroizing<[u8; 32]>, Error> {
        let wrong_use = |key_type| Error::WrongKeyUse {
            key_type,
            operation: "agree on a secret",
        };
        let DecodedSecret::X25519(secret) = key.decoded() else {
            return Err(wrong_use(key.key_type()));
        };
        let Decoded::X25519(public) = with.decoded() else {
            return Err(wrong_use(with.key_type()));
        };
        let shared = secret.diffie_hellman(&x25519_dalek::PublicKey::from(*public));
        if !shared.was_contributory() {
            return Err(Error::SmallOrderKey {
                key_type: KeyType::X25519,
            });
        }
        Ok(Zeroizing::new(shared.to_bytes()))
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

/// Half the orders of the curves, rounded down, big-endian (SEC 2 sections 2.4.1, 2.4.2, 2.5.1).
const SECP256K1_HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
];
const P256_HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
];
const P384_HALF_ORDER: [u8; 48] = [
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xe3, 0xb1, 0xa6, 0xc0, 0xfa, 0x1b, 0x96, 0xef,
    0xac, 0x0d, 0x06, 0xd9, 0x24, 0x58, 0x53, 0xbd, 0x76, 0x76, 0x0c, 0xb5, 0x66, 0x62, 0x94, 0xb9,
];

/// Whether a signature is the one of its two equivalent forms with s in the lower half.
///
/// From an ECDSA signature (r, s) anyone can make (r, n − s), which verifies too. Where a signature must have
/// one form, the upper one is refused. Other signatures have one form only.
#[must_use]
pub fn is_low_s(key_type: KeyType, signature: &[u8]) -> bool {
    let half_order: &[u8] = match key_type {
        KeyType::P256 => &P256_HALF_ORDER,
        KeyType::P384 => &P384_HALF_ORDER,
        KeyType::Secp256k1 => &SECP256K1_HALF_ORDER,
        KeyType::Ed25519 | KeyType::X25519 | KeyType::Rsa => return true,
    };
    signature
        .split_at_checked(half_order.len())
        .is_some_and(|(_, s)| s.len() == half_order.len() && s <= half_order)
}

/// The equivalent signature with s in the lower half; see [`is_low_s`]. What is low already comes back as it is.
///
/// # Errors
/// `did/invalid-signature` if it has not the length of its kind or, for ECDSA, r or s is not in 1..n−1;
/// `did/wrong-key-use` for a key that does not sign here; `did/unsupported-key-type` for a kind that this build
/// leaves out.
pub fn to_low_s(key_type: KeyType, signature: &[u8]) -> Result<Vec<u8>, Error> {
    let invalid = |_| Error::InvalidSignature;
    match key_type {
        KeyType::Ed25519 if signature.len() == 64 => Ok(signature.to_vec()),
        KeyType::Ed25519 => Err(Error::InvalidSignature),
        KeyType::P256 => p256::ecdsa::Signature::from_slice(signature)
            .map(|signature| signature.normalize_s().to_bytes().to_vec())
            .map_err(invalid),
        #[cfg(feature = "p384")]
        KeyType::P384 => p384::ecdsa::Signature::from_slice(signature)
            .map(|signature| signature.normalize_s().to_bytes().to_vec())
            .map_err(invalid),
        #[cfg(feature = "secp256k1")]
        KeyType::Secp256k1 => k256::ecdsa::Signature::from_slice(signature)
            .map(|signature| signature.normalize_s().to_bytes().to_vec())
            .map_err(invalid),
        #[cfg(not(feature = "p384"))]
        KeyType::P384 => Err(crate::key::left_out(key_type)),
        #[cfg(not(feature = "secp256k1"))]
        KeyType::Secp256k1 => Err(crate::key::left_out(key_type)),
        KeyType::X25519 | KeyType::Rsa => Err(Error::WrongKeyUse {
            key_type,
            operation: "sign",
        }),
    }
}
