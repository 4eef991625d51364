//! Keys as SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7, RFC 8410, RFC 5480, RFC 3279) in DER and PEM (RFC 7468).

use alloc::{string::String, vec::Vec};

use der::{
    Decode as _, Encode as _,
    asn1::{AnyRef, BitStringRef, Null, ObjectIdentifier},
};
use pem_rfc7468::LineEnding;
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use crate::{Error, KeyType, PublicKey};

const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const X25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.110");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// The curves of `id-ecPublicKey` (RFC 5480 section 2.1.1.1, SEC 2).
const CURVES: [(ObjectIdentifier, KeyType); 3] = [
    (
        ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
        KeyType::P256,
    ),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), KeyType::P384),
    (
        ObjectIdentifier::new_unwrap("1.3.132.0.10"),
        KeyType::Secp256k1,
    ),
];

/// Longest DER and PEM that are read, in bytes. A 4096-bit RSA key has 550 bytes of DER.
const MAX_DER: usize = 2048;
const MAX_PEM: usize = 4096;

const LABEL: &str = "PUBLIC KEY";

const fn invalid(expected: &'static str) -> Error {
    Error::InvalidSpki { expected }
}

impl PublicKey {
    /// The key as the DER of a SubjectPublicKeyInfo; points of curves uncompressed, as most software wants them.
    #[must_use]
    pub fn to_spki_der(&self) -> Vec<u8> {
        let encode = |oid, parameters: Option<AnyRef<'_>>, key: &[u8]| {
            let info = SubjectPublicKeyInfoRef {
                algorithm: AlgorithmIdentifierRef { oid, parameters },
                subject_public_key: BitStringRef::from_bytes(key)?,
            };
            info.to_der()
        };
        let der = match self.key_type() {
            KeyType::Ed25519 => encode(ED25519, None, self.as_bytes()),
            KeyType::X25519 => encode(X25519, None, self.as_bytes()),
            KeyType::Rsa => encode(RSA_ENCRYPTION, Some(AnyRef::from(Null)), self.as_bytes()),
            curve => {
                let named = CURVES.iter().find(|(_, key_type)| *key_type == curve);
                let parameters = named.map(|(oid, _)| AnyRef::from(oid));
                let point = self.uncompressed().unwrap_or_default();
                encode(EC_PUBLIC_KEY, parameters, &point)
            }
        };
        // Encoding fails only for lengths beyond 2^28, which no key has.
        der.unwrap_or_default()
    }

    /// The key as PEM with the label `PUBLIC KEY` (RFC 7468 section 13), lines ended by LF.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem_rfc7468::encode_string(LABEL, LineEnding::LF, &self.to_spki_der()).unwrap_or_default()
    }

    /// Reads the DER of a SubjectPublicKeyInfo. DER only, nothing before or behind it; curve points compressed or
    /// uncompressed; parameters exactly those of the standard.
    ///
    /// # Errors
    /// `did/invalid-spki`, `did/unsupported-key-type` for another algorithm or curve, and those of
    /// [`PublicKey::from_bytes`].
    pub fn from_spki_der(bytes: &[u8]) -> Result<Self, Error> {
        const EXPECTED: &str =
            "the DER of one SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), of at most 2048 bytes";
        if bytes.len() > MAX_DER {
            return Err(invalid(EXPECTED));
        }
        let info = SubjectPublicKeyInfoRef::from_der(bytes).map_err(|_| invalid(EXPECTED))?;
        // A bit string that is not whole bytes is no key.
        let key = info
            .subject_public_key
            .as_bytes()
            .ok_or_else(|| invalid(EXPECTED))?;
        let parameters = info.algorithm.parameters;
        let none = || match parameters {
            None => Ok(()),
            Some(_) => Err(invalid("no algorithm parameters (RFC 8410 section 3)")),
        };
        match info.algorithm.oid {
            ED25519 => none().and_then(|()| Self::from_bytes(KeyType::Ed25519, key)),
            X25519 => none().and_then(|()| Self::from_bytes(KeyType::X25519, key)),
            RSA_ENCRYPTION => {
                if parameters != Some(AnyRef::from(Null)) {
                    return Err(invalid(
                        "NULL as algorithm parameters (RFC 3279 section 2.3.1)",
                    ));
                }
                Self::from_bytes(KeyType::Rsa, key)
            }
            EC_PUBLIC_KEY => {
                let curve: ObjectIdentifier = parameters
                    .and_then(|parameters| parameters.try_into().ok())
                    .ok_or_else(|| invalid("a named curve (RFC 5480 section 2.1.1)"))?;
                let key_type = CURVES
                    .iter()
                    .find(|(oid, _)| *oid == curve)
                    .map(|(_, key_type)| *key_type)
                    .ok_or_else(|| Error::UnsupportedKeyType {
                        got: alloc::format!("curve {curve}"),
                    })?;
                match key {
                    [4, ..] => Self::from_uncompressed(key_type, key),
                    _ => Self::from_bytes(key_type, key),
                }
            }
            other => Err(Error::UnsupportedKeyType {
                got: alloc::format!("algorithm {other}"),
            }),
        }
    }

    /// Reads the PEM of a public key: label `PUBLIC KEY` (SubjectPublicKeyInfo) or `RSA PUBLIC KEY` (RSAPublicKey of
    /// RFC 8017), in the strict form of RFC 7468. DID-03.
    ///
    /// # Errors
    /// `did/private-key-exposed` for a label that says so, `did/invalid-spki`, and those of
    /// [`PublicKey::from_spki_der`].
    ///
    /// ```
    /// use kbtf_did::{KeyType, PublicKey};
    ///
    /// let pem = "-----BEGIN PUBLIC KEY-----\n\
    ///     MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n\
    ///     -----END PUBLIC KEY-----\n";
    /// let key = PublicKey::from_pem(pem)?;
    /// assert_eq!(key.key_type(), KeyType::Ed25519);
    /// assert_eq!(key.to_pem(), pem);
    /// # Ok::<(), kbtf_did::Error>(())
    /// ```
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        const EXPECTED: &str = "the PEM of one public key (RFC 7468), of at most 4096 bytes";
        if text.len() > MAX_PEM {
            return Err(invalid(EXPECTED));
        }
        // Whatever else is wrong with it: a secret has no place here, and whoever wrote it should hear that.
        if text.contains("PRIVATE KEY") {
            return Err(Error::PrivateKeyExposed {
                member: "PRIVATE KEY",
            });
        }
        // The strict form has nothing before it; what stands there could be anything, of anybody.
        if !text.starts_with("-----BEGIN ") {
            return Err(invalid(EXPECTED));
        }
        match pem_rfc7468::decode_vec(text.as_bytes()) {
            Ok((LABEL, der)) => Self::from_spki_der(&der),
            Ok(("RSA PUBLIC KEY", der)) => Self::from_bytes(KeyType::Rsa, &der),
            _ => Err(invalid(EXPECTED)),
        }
    }
}
