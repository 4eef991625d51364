use alloc::vec::Vec;
use core::fmt;

use crate::Error;

/// The kinds of key this crate knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum KeyType {
    /// Ed25519 (RFC 8032), for signatures: DID-04.
    Ed25519,
    /// NIST P-256, also called secp256r1 (FIPS 186-5), for signatures: DID-06.
    P256,
    /// X25519 (RFC 7748), for key agreement: DID-07.
    X25519,
}

impl KeyType {
    /// Bytes of a public key as Multikey carries it: the curve point, compressed where the curve has that.
    #[must_use]
    pub const fn public_key_length(self) -> usize {
        match self {
            Self::Ed25519 | Self::X25519 => 32,
            Self::P256 => 33,
        }
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ed25519 => "Ed25519",
            Self::P256 => "P-256",
            Self::X25519 => "X25519",
        })
    }
}

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
    P256 {
        key: p256::ecdsa::VerifyingKey,
        compressed: [u8; 33],
    },
    X25519([u8; 32]),
}

/// The decoded form of a key, for the software provider.
pub(crate) enum Decoded<'k> {
    Ed25519(&'k ed25519_dalek::VerifyingKey),
    P256(&'k p256::ecdsa::VerifyingKey),
    X25519,
}

impl PublicKey {
    /// A key from the bytes that Multikey carries: 32 for Ed25519 and X25519, the 33-byte compressed point for P-256.
    ///
    /// # Errors
    /// `did/wrong-key-length`, `did/invalid-key` for a non-canonical encoding or no point of the curve, `did/small-order-key`.
    pub fn from_bytes(key_type: KeyType, bytes: &[u8]) -> Result<Self, Error> {
        let wrong_length = || Error::WrongKeyLength {
            key_type,
            expected: key_type.public_key_length(),
            got: bytes.len(),
        };
        let point = match key_type {
            KeyType::Ed25519 => ed25519(bytes.try_into().map_err(|_| wrong_length())?)?,
            KeyType::X25519 => x25519(bytes.try_into().map_err(|_| wrong_length())?)?,
            KeyType::P256 => {
                let compressed: [u8; 33] = bytes.try_into().map_err(|_| wrong_length())?;
                // SEC1 also has a 33-byte "compact" form with tag 5; Multikey has not.
                if !matches!(compressed, [2 | 3, ..]) {
                    return Err(Error::InvalidKey { key_type });
                }
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&compressed)
                    .map_err(|_| Error::InvalidKey { key_type })?;
                Point::P256 { key, compressed }
            }
        };
        Ok(Self { point })
    }

    /// A P-256 key from its two coordinates, big-endian, as a JSON Web Key carries them (RFC 7518 section 6.2.1).
    pub(crate) fn from_p256_coordinates(x: &[u8; 32], y: &[u8; 32]) -> Result<Self, Error> {
        let invalid = Error::InvalidKey {
            key_type: KeyType::P256,
        };
        let mut uncompressed = Vec::with_capacity(65);
        uncompressed.push(4);
        uncompressed.extend_from_slice(x);
        uncompressed.extend_from_slice(y);
        let Ok(key) = p256::ecdsa::VerifyingKey::from_sec1_bytes(&uncompressed) else {
            return Err(invalid);
        };
        let compressed = key
            .to_sec1_point(true)
            .as_bytes()
            .try_into()
            .map_err(|_| invalid)?;
        Ok(Self {
            point: Point::P256 { key, compressed },
        })
    }

    pub(crate) fn from_ed25519(key: ed25519_dalek::VerifyingKey) -> Self {
        Self {
            point: Point::Ed25519(key),
        }
    }

    pub(crate) fn from_p256(key: p256::ecdsa::VerifyingKey) -> Result<Self, Error> {
        let key_type = KeyType::P256;
        let compressed = key
            .to_sec1_point(true)
            .as_bytes()
            .try_into()
            .map_err(|_| Error::InvalidKey { key_type })?;
        Ok(Self {
            point: Point::P256 { key, compressed },
        })
    }

    /// What kind of key this is.
    #[must_use]
    pub const fn key_type(&self) -> KeyType {
        match self.point {
            Point::Ed25519(_) => KeyType::Ed25519,
            Point::P256 { .. } => KeyType::P256,
            Point::X25519(_) => KeyType::X25519,
        }
    }

    /// The bytes that Multikey carries; see [`PublicKey::from_bytes`].
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.point {
            Point::Ed25519(key) => key.as_bytes(),
            Point::P256 { compressed, .. } => compressed,
            Point::X25519(bytes) => bytes,
        }
    }

    /// The two coordinates of a P-256 key, big-endian; `None` for other keys.
    pub(crate) fn p256_coordinates(&self) -> Option<([u8; 32], [u8; 32])> {
        let Point::P256 { key, .. } = &self.point else {
            return None;
        };
        let point = key.to_sec1_point(false);
        let (_, coordinates) = point.as_bytes().split_first()?;
        let (x, y) = coordinates.split_first_chunk::<32>()?;
        Some((*x, y.try_into().ok()?))
    }

    pub(crate) const fn decoded(&self) -> Decoded<'_> {
        match &self.point {
            Point::Ed25519(key) => Decoded::Ed25519(key),
            Point::P256 { key, .. } => Decoded::P256(key),
            Point::X25519(_) => Decoded::X25519,
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
