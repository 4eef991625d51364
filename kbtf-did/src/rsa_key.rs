//! RSA public keys (RFC 8017): their encoding and their two ways of verifying. There are no private ones here.

use alloc::{boxed::Box, vec::Vec};

use der::{Decode as _, Encode as _, asn1::UintRef};
use rsa::{
    BoxedUint, pkcs1v15, pss,
    signature::{Verifier as _, hazmat::PrehashVerifier as _},
    traits::PublicKeyParts as _,
};
use sha2::{Sha256, Sha384, Sha512};

use crate::{Error, HashAlgorithm, KeyType, SignatureAlgorithm};

/// Shorter keys can be broken; longer ones take an attacker nothing to send and us long to use.
const BITS: core::ops::RangeInclusive<usize> = 2048..=4096;
/// The least public exponent of FIPS 186-5 appendix A.1.1.
const MIN_EXPONENT: u64 = 65_537;

/// A checked RSA public key and its one DER encoding.
#[derive(Clone)]
pub(crate) struct RsaKey {
    key: rsa::PublicKey,
    der: Box<[u8]>,
}

impl RsaKey {
    /// Reads the DER of RSAPublicKey (RFC 8017 appendix A.1.1).
    pub(crate) fn from_pkcs1_der(bytes: &[u8]) -> Result<Self, Error> {
        let invalid = Error::InvalidKey {
            key_type: KeyType::Rsa,
        };
        let Ok(key) = pkcs1::RsaPublicKeyRef::from_der(bytes) else {
            return Err(invalid);
        };
        Self::from_parts(key.modulus.as_bytes(), key.public_exponent.as_bytes())
    }

    /// A key from modulus and exponent, big-endian without leading zeros.
    pub(crate) fn from_parts(modulus: &[u8], exponent: &[u8]) -> Result<Self, Error> {
        let invalid = || Error::InvalidKey {
            key_type: KeyType::Rsa,
        };
        let [first, ..] = modulus else {
            return Err(invalid());
        };
        if *first == 0 || exponent.first() == Some(&0) || exponent.len() > 8 {
            return Err(invalid());
        }
        let bits = (modulus.len() * 8).saturating_sub(first.leading_zeros() as usize);
        if !BITS.contains(&bits) {
            return Err(Error::RsaKeySize { bits });
        }
        if exponent.iter().fold(0_u64, |e, &b| e << 8 | u64::from(b)) < MIN_EXPONENT {
            return Err(invalid());
        }
        // Refuses an even modulus or exponent, and an exponent of more than 33 bits.
        let key = rsa::PublicKey::new(
            BoxedUint::from_be_slice_vartime(modulus),
            BoxedUint::from_be_slice_vartime(exponent),
        )
        .map_err(|_| invalid())?;
        let der = UintRef::new(modulus)
            .and_then(|modulus| {
                let public_exponent = UintRef::new(exponent)?;
                pkcs1::RsaPublicKeyRef {
                    modulus,
                    public_exponent,
                }
                .to_der()
            })
            .map_err(|_| invalid())?;
        Ok(Self {
            key,
            der: der.into_boxed_slice(),
        })
    }

    /// The DER of RSAPublicKey.
    pub(crate) fn pkcs1_der(&self) -> &[u8] {
        &self.der
    }

    /// Modulus and exponent, big-endian without leading zeros.
    pub(crate) fn parts(&self) -> (Vec<u8>, Vec<u8>) {
        (self.key.n_bytes().to_vec(), self.key.e_bytes().to_vec())
    }

    /// Whether a signature over a message verifies in one of the two ways, with SHA-256.
    pub(crate) fn verifies(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        // A signature is as long as the modulus, not shorter and filled up (RFC 8017 section 8.2.2 step 1).
        if signature.len() != self.key.size() {
            return false;
        }
        match algorithm {
            SignatureAlgorithm::Rs256 => {
                pkcs1v15::Signature::try_from(signature).is_ok_and(|signature| {
                    let key = pkcs1v15::VerifyingKey::<Sha256>::new(self.key.clone());
                    key.verify(message, &signature).is_ok()
                })
            }
            SignatureAlgorithm::Ps256 => {
                pss::Signature::try_from(signature).is_ok_and(|signature| {
                    let key = pss::VerifyingKey::<Sha256>::new(self.key.clone());
                    key.verify(message, &signature).is_ok()
                })
            }
            _ => false,
        }
    }

    /// Whether an RSASSA-PKCS1-v1_5 signature over a hash verifies.
    pub(crate) fn verifies_prehash(
        &self,
        hash: HashAlgorithm,
        digest: &[u8],
        signature: &[u8],
    ) -> bool {
        if signature.len() != self.key.size() || digest.len() != hash.length() {
            return false;
        }
        let Ok(signature) = pkcs1v15::Signature::try_from(signature) else {
            return false;
        };
        let key = self.key.clone();
        match hash {
            HashAlgorithm::Sha256 => {
                pkcs1v15::VerifyingKey::<Sha256>::new(key).verify_prehash(digest, &signature)
            }
            HashAlgorithm::Sha384 => {
                pkcs1v15::VerifyingKey::<Sha384>::new(key).verify_prehash(digest, &signature)
            }
            HashAlgorithm::Sha512 => {
                pkcs1v15::VerifyingKey::<Sha512>::new(key).verify_prehash(digest, &signature)
            }
        }
        .is_ok()
    }
}
