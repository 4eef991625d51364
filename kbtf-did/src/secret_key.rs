use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use crate::{Error, KeyType, PublicKey};

/// A private key in memory, for signing or, with X25519, for agreeing on a secret. Wiped when dropped; neither `Clone` nor `Debug`.
///
/// ```
/// use kbtf_did::{KeyType, SecretKey};
///
/// // Bytes from the system's random source, here fixed so that the example repeats.
/// let key = SecretKey::from_bytes(KeyType::Ed25519, &[7; 32])?;
/// assert!(key.public_key().to_multikey().starts_with("z6Mk"));
/// # Ok::<(), kbtf_did::Error>(())
/// ```
pub struct SecretKey {
    scalar: Scalar,
    public_key: PublicKey,
}

enum Scalar {
    Ed25519(ed25519_dalek::SigningKey),
    P256(p256::ecdsa::SigningKey),
    #[cfg(feature = "secp256k1")]
    Secp256k1(k256::ecdsa::SigningKey),
    X25519(x25519_dalek::StaticSecret),
}

/// The key in the form of the software provider.
pub(crate) enum DecodedSecret<'k> {
    Ed25519(&'k ed25519_dalek::SigningKey),
    P256(&'k p256::ecdsa::SigningKey),
    #[cfg(feature = "secp256k1")]
    Secp256k1(&'k k256::ecdsa::SigningKey),
    X25519(&'k x25519_dalek::StaticSecret),
}

impl SecretKey {
    /// A key from 32 bytes: the seed of Ed25519 (RFC 8032 section 5.1.5), the big-endian scalar of P-256 or secp256k1,
    /// or the secret of X25519 (RFC 7748 section 5, clamped when it is used).
    ///
    /// # Errors
    /// `did/wrong-key-length`; `did/invalid-key` for a scalar that is zero or not below the order;
    /// `did/wrong-key-use` for P-384 and RSA, whose private keys this crate does not hold;
    /// `did/unsupported-key-type` for a kind that this build leaves out.
    pub fn from_bytes(key_type: KeyType, bytes: &[u8]) -> Result<Self, Error> {
        if let KeyType::P384 | KeyType::Rsa = key_type {
            return Err(Error::WrongKeyUse {
                key_type,
                operation: "be held as a private key here",
            });
        }
        let Ok(fixed) = <&[u8; 32]>::try_from(bytes) else {
            return Err(Error::WrongKeyLength {
                key_type,
                expected: 32,
                got: bytes.len(),
            });
        };
        match key_type {
            KeyType::Ed25519 => {
                let key = ed25519_dalek::SigningKey::from_bytes(fixed);
                Ok(Self {
                    public_key: PublicKey::from_ed25519(key.verifying_key()),
                    scalar: Scalar::Ed25519(key),
                })
            }
            KeyType::P256 => {
                let key = p256::ecdsa::SigningKey::from_slice(fixed)
                    .map_err(|_| Error::InvalidKey { key_type })?;
                Ok(Self {
                    public_key: PublicKey::from_p256(*key.verifying_key()),
                    scalar: Scalar::P256(key),
                })
            }
            #[cfg(feature = "secp256k1")]
            KeyType::Secp256k1 => {
                let key = k256::ecdsa::SigningKey::from_slice(fixed)
                    .map_err(|_| Error::InvalidKey { key_type })?;
                Ok(Self {
                    public_key: PublicKey::from_secp256k1(*key.verifying_key()),
                    scalar: Scalar::Secp256k1(key),
                })
            }
            #[cfg(not(feature = "secp256k1"))]
            KeyType::Secp256k1 => Err(crate::key::left_out(key_type)),
            KeyType::X25519 => {
                let secret = x25519_dalek::StaticSecret::from(*fixed);
                let public = x25519_dalek::PublicKey::from(&secret);
                Ok(Self {
                    public_key: PublicKey::from_bytes(key_type, public.as_bytes())?,
                    scalar: Scalar::X25519(secret),
                })
            }
            KeyType::P384 | KeyType::Rsa => Err(Error::WrongKeyUse {
                key_type,
                operation: "be held as a private key here",
            }),
        }
    }

    /// A new key from a cryptographic random source that the caller hands in.
    ///
    /// # Errors
    /// `did/randomness` if the source fails; `did/wrong-key-use` and `did/unsupported-key-type` as for
    /// [`SecretKey::from_bytes`].
    pub fn generate<R: TryCryptoRng + ?Sized>(
        key_type: KeyType,
        random: &mut R,
    ) -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        // A candidate for P-256 is out of range once in 2^32; a source that fails 8 times in a row is broken.
        for _ in 0..8 {
            random
                .try_fill_bytes(bytes.as_mut())
                .map_err(|_| Error::Randomness)?;
            match Self::from_bytes(key_type, bytes.as_ref()) {
                Err(Error::InvalidKey { .. }) => {}
                other => return other,
            }
        }
        Err(Error::Randomness)
    }

    /// What kind of key this is.
    #[must_use]
    pub const fn key_type(&self) -> KeyType {
        self.public_key.key_type()
    }

    /// The public key that belongs to it.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The 32 bytes of the key; see [`SecretKey::from_bytes`]. Wiped when dropped.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(match &self.scalar {
            Scalar::Ed25519(key) => key.to_bytes(),
            Scalar::P256(key) => key.to_bytes().into(),
            #[cfg(feature = "secp256k1")]
            Scalar::Secp256k1(key) => key.to_bytes().into(),
            Scalar::X25519(key) => key.to_bytes(),
        })
    }

    pub(crate) const fn decoded(&self) -> DecodedSecret<'_> {
        match &self.scalar {
            Scalar::Ed25519(key) => DecodedSecret::Ed25519(key),
            Scalar::P256(key) => DecodedSecret::P256(key),
            #[cfg(feature = "secp256k1")]
            Scalar::Secp256k1(key) => DecodedSecret::Secp256k1(key),
            Scalar::X25519(key) => DecodedSecret::X25519(key),
        }
    }
}
