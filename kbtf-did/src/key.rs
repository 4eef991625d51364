#[cfg(any(feature = "p384", feature = "rsa"))]
use alloc::boxed::Box;
use alloc::{string::String, vec::Vec};
use core::fmt;

#[cfg(feature = "rsa")]
use crate::rsa_key::RsaKey;
use crate::{Error, KeyType, ecdsa_key::EcdsaKey, multibase};

/// A public key that has been checked: a canonical encoding, a point on its curve, not of small order.
///
/// The check is made once, when the value is made, and the decoded point is kept, so that verifying with
/// one key many times does not pay for it again.
#[derive(Clone)]
pub struct PublicKey {
    point: Point,
}

#[derive(Clone)]
enum Point {
    Ed25519(ed25519_dalek::VerifyingKey),
    P256(EcdsaKey<p256::NistP256>),
    #[cfg(feature = "p384")]
    P384(Box<EcdsaKey<p384::NistP384>>),
    #[cfg(feature = "secp256k1")]
    Secp256k1(EcdsaKey<k256::Secp256k1>),
    X25519([u8; 32]),
    #[cfg(feature = "rsa")]
    Rsa(Box<RsaKey>),
}

/// The decoded form of a key, for the software provider.
pub(crate) enum Decoded<'k> {
    Ed25519(&'k ed25519_dalek::VerifyingKey),
    P256(&'k EcdsaKey<p256::NistP256>),
    #[cfg(feature = "p384")]
    P384(&'k EcdsaKey<p384::NistP384>),
    #[cfg(feature = "secp256k1")]
    Secp256k1(&'k EcdsaKey<k256::Secp256k1>),
    X25519(&'k [u8; 32]),
    #[cfg(feature = "rsa")]
    Rsa(&'k RsaKey),
}

/// What a kind of key is called that this build leaves out.
#[cfg(not(all(feature = "p384", feature = "secp256k1", feature = "rsa")))]
pub(crate) fn left_out(key_type: KeyType) -> Error {
    Error::UnsupportedKeyType {
        got: alloc::format!("{key_type} (this build leaves it out)"),
    }
}

impl PublicKey {
    /// A key from the bytes that Multikey carries: 32 for Ed25519 and X25519; the compressed point for P-256,
    /// secp256k1 (33 bytes) and P-384 (49); the DER of RSAPublicKey (RFC 8017 appendix A.1.1) for RSA.
    ///
    /// # Errors
    /// `did/wrong-key-length`; `did/invalid-key` for a non-canonical encoding, no point of the curve, or an RSA key
    /// with an exponent below 65537; `did/small-order-key`; `did/rsa-key-size`; `did/unsupported-key-type` for a kind
    /// that this build leaves out.
    pub fn from_bytes(key_type: KeyType, bytes: &[u8]) -> Result<Self, Error> {
        let wrong_length = |expected| Error::WrongKeyLength {
            key_type,
            expected,
            got: bytes.len(),
        };
        if let Some(expected) = key_type.public_key_length()
            && expected != bytes.len()
        {
            return Err(wrong_length(expected));
        }
        let invalid = Error::InvalidKey { key_type };
        let point = match key_type {
            KeyType::Ed25519 => ed25519(bytes.try_into().map_err(|_| wrong_length(32))?)?,
            KeyType::X25519 => x25519(bytes.try_into().map_err(|_| wrong_length(32))?)?,
            KeyType::P256 => Point::P256(EcdsaKey::from_compressed(bytes).ok_or(invalid)?),
            #[cfg(feature = "p384")]
            KeyType::P384 => {
                Point::P384(Box::new(EcdsaKey::from_compressed(bytes).ok_or(invalid)?))
            }
            #[cfg(feature = "secp256k1")]
            KeyType::Secp256k1 => {
                Point::Secp256k1(EcdsaKey::from_compressed(bytes).ok_or(invalid)?)
            }
            #[cfg(feature = "rsa")]
            KeyType::Rsa => Point::Rsa(Box::new(RsaKey::from_pkcs1_der(bytes)?)),
            #[cfg(not(feature = "p384"))]
            KeyType::P384 => return Err(left_out(key_type)),
            #[cfg(not(feature = "secp256k1"))]
            KeyType::Secp256k1 => return Err(left_out(key_type)),
            #[cfg(not(feature = "rsa"))]
            KeyType::Rsa => return Err(left_out(key_type)),
        };
        Ok(Self { point })
    }

    /// An ECDSA key from its uncompressed point: tag 4 and the two coordinates, big-endian (SEC 1 section 2.3.3).
    ///
    /// # Errors
    /// `did/wrong-key-use` for a kind that has no such form, otherwise as for [`PublicKey::from_bytes`].
    pub(crate) fn from_uncompressed(key_type: KeyType, bytes: &[u8]) -> Result<Self, Error> {
        let invalid = Error::InvalidKey { key_type };
        let point = match key_type {
            KeyType::P256 => Point::P256(EcdsaKey::from_uncompressed(bytes).ok_or(invalid)?),
            #[cfg(feature = "p384")]
            KeyType::P384 => {
                Point::P384(Box::new(EcdsaKey::from_uncompressed(bytes).ok_or(invalid)?))
            }
            #[cfg(feature = "secp256k1")]
            KeyType::Secp256k1 => {
                Point::Secp256k1(EcdsaKey::from_uncompressed(bytes).ok_or(invalid)?)
            }
            #[cfg(not(feature = "p384"))]
            KeyType::P384 => return Err(left_out(key_type)),
            #[cfg(not(feature = "secp256k1"))]
            KeyType::Secp256k1 => return Err(left_out(key_type)),
            KeyType::Ed25519 | KeyType::X25519 | KeyType::Rsa => {
                return Err(Error::WrongKeyUse {
                    key_type,
                    operation: "be an uncompressed point",
                });
            }
        };
        Ok(Self { point })
    }

    /// Reads a `publicKeyBase58`: the bytes of [`PublicKey::from_bytes`] in base58btc, without a header. DID-04 to
    /// DID-07.
    ///
    /// # Errors
    /// `did/invalid-multibase` outside the alphabet; `did/x-coordinate-only` for 32 bytes where a compressed point is
    /// due: two points have that x, so the key would be ambiguous; otherwise as for [`PublicKey::from_bytes`].
    ///
    /// ```
    /// use kbtf_did::{KeyType, PublicKey};
    ///
    /// let key = PublicKey::from_base58(KeyType::Secp256k1, "23o6Sau8NxxzXcgSc3PLcNxrzrZpbLeBn1izfv3jbKhuv")?;
    /// assert_eq!(key.to_multikey(), "zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme");
    /// let x = "4zvwRjXUKGfvwnParsHAS3HuSVzV5cA4McphgmoCtajS";
    /// assert_eq!(PublicKey::from_base58(KeyType::P256, x).unwrap_err().code(), "did/x-coordinate-only");
    /// # Ok::<(), kbtf_did::Error>(())
    /// ```
    pub fn from_base58(key_type: KeyType, text: &str) -> Result<Self, Error> {
        let bytes = multibase::decode_base58(text).ok_or(Error::InvalidMultibase {
            expected: "base58 in the Bitcoin alphabet",
        })?;
        let is_curve = matches!(key_type, KeyType::P256 | KeyType::P384 | KeyType::Secp256k1);
        if is_curve && key_type.public_key_length() == Some(bytes.len() + 1) {
            return Err(Error::XCoordinateOnly { key_type });
        }
        Self::from_bytes(key_type, &bytes)
    }

    /// The key as `publicKeyBase58`; see [`PublicKey::from_base58`].
    #[must_use]
    pub fn to_base58(&self) -> String {
        multibase::encode_base58(self.as_bytes())
    }

    pub(crate) const fn from_ed25519(key: ed25519_dalek::VerifyingKey) -> Self {
        Self {
            point: Point::Ed25519(key),
        }
    }

    pub(crate) fn from_p256(key: p256::ecdsa::VerifyingKey) -> Self {
        Self {
            point: Point::P256(key.into()),
        }
    }

    #[cfg(feature = "secp256k1")]
    pub(crate) fn from_secp256k1(key: k256::ecdsa::VerifyingKey) -> Self {
        Self {
            point: Point::Secp256k1(key.into()),
        }
    }

    #[cfg(feature = "rsa")]
    pub(crate) fn from_rsa(key: RsaKey) -> Self {
        Self {
            point: Point::Rsa(Box::new(key)),
        }
    }

    /// What kind of key this is.
    #[must_use]
    pub const fn key_type(&self) -> KeyType {
        match self.point {
            Point::Ed25519(_) => KeyType::Ed25519,
            Point::P256(_) => KeyType::P256,
            #[cfg(feature = "p384")]
            Point::P384(_) => KeyType::P384,
            #[cfg(feature = "secp256k1")]
            Point::Secp256k1(_) => KeyType::Secp256k1,
            Point::X25519(_) => KeyType::X25519,
            #[cfg(feature = "rsa")]
            Point::Rsa(_) => KeyType::Rsa,
        }
    }

    /// The bytes that Multikey carries; see [`PublicKey::from_bytes`].
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.point {
            Point::Ed25519(key) => key.as_bytes(),
            Point::P256(key) => key.compressed(),
            #[cfg(feature = "p384")]
            Point::P384(key) => key.compressed(),
            #[cfg(feature = "secp256k1")]
            Point::Secp256k1(key) => key.compressed(),
            Point::X25519(bytes) => bytes,
            #[cfg(feature = "rsa")]
            Point::Rsa(key) => key.pkcs1_der(),
        }
    }

    /// The uncompressed point of an ECDSA key; `None` for other keys.
    pub(crate) fn uncompressed(&self) -> Option<Vec<u8>> {
        match &self.point {
            Point::P256(key) => Some(key.uncompressed()),
            #[cfg(feature = "p384")]
            Point::P384(key) => Some(key.uncompressed()),
            #[cfg(feature = "secp256k1")]
            Point::Secp256k1(key) => Some(key.uncompressed()),
            _ => None,
        }
    }

    /// Modulus and exponent of an RSA key, big-endian without leading zeros; `None` for other keys.
    pub(crate) fn rsa_parts(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        match &self.point {
            #[cfg(feature = "rsa")]
            Point::Rsa(key) => Some(key.parts()),
            _ => None,
        }
    }

    pub(crate) const fn decoded(&self) -> Decoded<'_> {
        match &self.point {
            Point::Ed25519(key) => Decoded::Ed25519(key),
            Point::P256(key) => Decoded::P256(key),
            #[cfg(feature = "p384")]
            Point::P384(key) => Decoded::P384(key),
            #[cfg(feature = "secp256k1")]
            Point::Secp256k1(key) => Decoded::Secp256k1(key),
            Point::X25519(bytes) => Decoded::X25519(bytes),
            #[cfg(feature = "rsa")]
            Point::Rsa(key) => Decoded::Rsa(key),
        }
    }

    /// The X25519 key that belongs to an Ed25519 key by the birational map of RFC 7748 section 4.1, as
    /// `did:key` derives it; `None` for other keys.
    #[must_use]
    pub fn to_x25519(&self) -> Option<Self> {
        let Point::Ed25519(key) = &self.point else {
            return None;
        };
        let point = x25519(key.to_montgomery().to_bytes()).ok()?;
        Some(Self { point })
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.key_type() == other.key_type() && self.as_bytes() == other.as_bytes()
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PublicKey")
            .field(&self.to_multikey())
            .finish()
    }
}

/// Whether 32 little-endian bytes, the top bit aside, are below the field prime 2^255 − 19.
fn below_field_prime(bytes: &[u8; 32]) -> bool {
    let [low, middle @ .., high] = bytes;
    !(high & 0x7f == 0x7f && middle.iter().all(|&b| b == 0xff) && *low >= 0xed)
}

fn ed25519(bytes: [u8; 32]) -> Result<Point, Error> {
    let key_type = KeyType::Ed25519;
    if !below_field_prime(&bytes) {
        return Err(Error::InvalidKey { key_type });
    }
    let key = ed25519_dalek::VerifyingKey::from_bytes(&bytes)
        .map_err(|_| Error::InvalidKey { key_type })?;
    if key.is_weak() {
        return Err(Error::SmallOrderKey { key_type });
    }
    Ok(Point::Ed25519(key))
}

/// The u-coordinates below the prime of points of order 1, 2, 4 and 8, on the curve and its twist.
const X25519_SMALL_ORDER: [[u8; 32]; 5] = {
    let zero = [0; 32];
    let mut one = [0; 32];
    one[0] = 1;
    let mut minus_one = [0xff; 32];
    minus_one[0] = 0xec;
    minus_one[31] = 0x7f;
    [
        zero,
        one,
        [
            0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f,
            0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16,
            0x5f, 0x49, 0xb8, 0x00,
        ],
        [
            0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83,
            0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd,
            0xd0, 0x9f, 0x11, 0x57,
        ],
        minus_one,
    ]
};

fn x25519(bytes: [u8; 32]) -> Result<Point, Error> {
    let key_type = KeyType::X25519;
    let [.., high] = bytes;
    if high & 0x80 != 0 || !below_field_prime(&bytes) {
        return Err(Error::InvalidKey { key_type });
    }
    if X25519_SMALL_ORDER.contains(&bytes) {
        return Err(Error::SmallOrderKey { key_type });
    }
    Ok(Point::X25519(bytes))
}
