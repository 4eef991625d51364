//! The method `did:key`: the identifier is the key (W3C CCG did:key v0.9). Nothing is registered, nothing can
//! be rotated or revoked, and resolving needs nothing but the DID.

use alloc::format;

use crate::{
    Did, DidDocument, DidUrl, Error, KeyType, PublicKey,
    VerificationRelationship::{
        AssertionMethod, Authentication, CapabilityDelegation, CapabilityInvocation, KeyAgreement,
    },
    document::{assemble, method_object},
    json::Value,
    timestamp::excerpt,
};

/// In which verification-method type a resolved document shows the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum KeyFormat {
    /// `Multikey` (Controlled Identifiers 1.0 section 2.2.2).
    #[default]
    Multikey,
    /// `JsonWebKey2020`.
    JsonWebKey2020,
    /// The base58 types of 2018 to 2021: `Ed25519VerificationKey2018`, `X25519KeyAgreementKey2019`,
    /// `EcdsaSecp256k1VerificationKey2019`, `P256Key2021`, `P384Key2021`. For peers that read no other. RSA never had
    /// such a type and is shown as `JsonWebKey2020`.
    Base58,
}

/// The `did:key` of a public key.
///
/// ```
/// use kbtf_did::{PublicKey, did_key};
///
/// let key = PublicKey::from_multikey("zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP")?;
/// assert_eq!(did_key::from_public_key(&key).as_str(), "did:key:zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP");
/// # Ok::<(), kbtf_did::Error>(())
/// ```
#[must_use]
pub fn from_public_key(key: &PublicKey) -> Did {
    Did::from_parts("key", &key.to_multikey())
}

/// The id of the verification method that holds the key itself: the DID, `#`, and the Multikey again.
///
/// # Errors
/// `did/method-not-supported` for a DID of another method.
pub fn verification_method_id(did: &Did) -> Result<DidUrl, Error> {
    let key = multikey_of(did)?;
    DidUrl::parse(&format!("{did}#{key}"))
}

/// The key that a `did:key` stands for.
///
/// # Errors
/// `did/method-not-supported` for a DID of another method; `did/invalid-multibase` if the key is not in
/// base58btc, the one form that did:key has; and those of [`PublicKey::from_multikey`].
pub fn public_key(did: &Did) -> Result<PublicKey, Error> {
    PublicKey::from_multikey(multikey_of(did)?)
}

/// Resolves a `did:key` to its document.
///
/// An Ed25519 key also gives the X25519 key for key agreement that is derived from it; the others serve both
/// purposes themselves.
///
/// # Errors
/// As for [`public_key`].
pub fn resolve(did: &Did, format: KeyFormat) -> Result<DidDocument, Error> {
    let key = public_key(did)?;
    let id = format!("{did}#{}", multikey_of(did)?);
    let mut methods = alloc::vec![method(&id, did, &key, format)];
    let mut relationships = alloc::vec::Vec::new();
    if key.key_type().is_for_signatures() {
        relationships.extend(
            [
                AssertionMethod,
                Authentication,
                CapabilityInvocation,
                CapabilityDelegation,
            ]
            .map(|r| (r, id.clone())),
        );
    }
    let mut keys = alloc::vec![key];
    if let Some(agreement) = keys.first().and_then(PublicKey::to_x25519) {
        let agreement_id = format!("{did}#{}", agreement.to_multikey());
        methods.push(method(&agreement_id, did, &agreement, format));
        relationships.push((KeyAgreement, agreement_id));
        keys.push(agreement);
    } else {
        relationships.push((KeyAgreement, id));
    }
    assemble(did, &contexts(&keys, format), methods, &relationships)
}

fn multikey_of(did: &Did) -> Result<&str, Error> {
    if did.method() != "key" {
        return Err(Error::MethodNotSupported {
            method: excerpt(did.method()),
        });
    }
    let key = did.method_specific_id();
    if key.starts_with('z') {
        Ok(key)
    } else {
        Err(Error::InvalidMultibase {
            expected: "a did:key in base58btc (z…)",
        })
    }
}

fn method(
    id: &str,
    controller: &Did,
    key: &PublicKey,
    format: KeyFormat,
) -> crate::json::Object<'static> {
    let (method_type, member, material) = match (format, base58_type(key.key_type())) {
        (KeyFormat::Multikey, _) => (
            "Multikey",
            "publicKeyMultibase",
            Value::from(key.to_multikey()),
        ),
        (KeyFormat::Base58, Some((method_type, _))) => {
            (method_type, "publicKeyBase58", Value::from(key.to_base58()))
        }
        (KeyFormat::JsonWebKey2020, _) | (KeyFormat::Base58, None) => {
            ("JsonWebKey2020", "publicKeyJwk", Value::from(key.to_jwk()))
        }
    };
    method_object(id, method_type, controller, member, material)
}

/// The base58 type of a kind of key and the context that defines it.
const fn base58_type(key_type: KeyType) -> Option<(&'static str, &'static str)> {
    Some(match key_type {
        KeyType::Ed25519 => (
            "Ed25519VerificationKey2018",
            "https://w3id.org/security/suites/ed25519-2018/v1",
        ),
        KeyType::X25519 => (
            "X25519KeyAgreementKey2019",
            "https://w3id.org/security/suites/x25519-2019/v1",
        ),
        KeyType::P256 => (
            "P256Key2021",
            "https://w3id.org/security/suites/multikey-2021/v1",
        ),
        KeyType::P384 => (
            "P384Key2021",
            "https://w3id.org/security/suites/multikey-2021/v1",
        ),
        KeyType::Secp256k1 => (
            "EcdsaSecp256k1VerificationKey2019",
            "https://w3id.org/security/suites/secp256k1-2019/v1",
        ),
        KeyType::Rsa => return None,
    })
}

fn contexts(methods: &[PublicKey], format: KeyFormat) -> alloc::vec::Vec<&'static str> {
    let mut contexts = alloc::vec!["https://www.w3.org/ns/did/v1"];
    for key in methods {
        let context = match (format, base58_type(key.key_type())) {
            (KeyFormat::Multikey, _) => "https://w3id.org/security/multikey/v1",
            (KeyFormat::Base58, Some((_, context))) => context,
            (KeyFormat::JsonWebKey2020, _) | (KeyFormat::Base58, None) => {
                "https://w3id.org/security/suites/jws-2020/v1"
            }
        };
        if !contexts.contains(&context) {
            contexts.push(context);
        }
    }
    contexts
}
