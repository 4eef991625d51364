//! The method `did:jwk`: the identifier is a JSON Web Key (did:jwk specification, quartzjer). Nothing is registered,
//! nothing can be rotated or revoked, and resolving needs nothing but the DID.

use base64ct::{Base64UrlUnpadded, Encoding as _};

use crate::{
    Did, DidDocument, Error, PublicKey,
    VerificationRelationship::{self, KeyAgreement},
    document::FIRST_CONTEXT,
    json::{self, Object, Value},
    timestamp::excerpt,
};

/// The `did:jwk` of a public key: that of the members which make the key, in canonical form, so that one key has one.
/// A JWK with more members (`alg`, `use`) has another.
///
/// ```
/// use kbtf_did::{PublicKey, did_jwk};
///
/// let key = PublicKey::from_multikey("z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2")?;
/// let did = did_jwk::from_public_key(&key);
/// assert_eq!(did_jwk::public_key(&did)?, key);
/// # Ok::<(), kbtf_did::Error>(())
/// ```
#[must_use]
pub fn from_public_key(key: &PublicKey) -> Did {
    let jwk = key.to_jwk().to_canonical();
    Did::from_parts("jwk", &Base64UrlUnpadded::encode_string(jwk.as_bytes()))
}

/// The key that a `did:jwk` stands for.
///
/// # Errors
/// `did/method-not-supported` for a DID of another method; `did/invalid-did-jwk` if the identifier is not strict JSON in
/// base64url without padding; and those of [`PublicKey::from_jwk`].
pub fn public_key(did: &Did) -> Result<PublicKey, Error> {
    with_jwk(did, PublicKey::from_jwk)
}

/// Resolves a `did:jwk` to its document: one method `#0` of type `JsonWebKey2020` with the JWK as it stands in the
/// identifier, for every purpose that the key can serve. With `"use": "sig"` it is not for key agreement, with
/// `"use": "enc"` for nothing else.
///
/// # Errors
/// As for [`public_key`].
pub fn resolve(did: &Did) -> Result<DidDocument, Error> {
    with_jwk(did, |jwk| {
        let for_encryption = jwk.get_str("use") == Some("enc");
        // A key for encryption on a curve that also signs is refused as a signature key; the key itself is sound.
        let mut without_use = jwk.clone();
        if for_encryption {
            for member in ["use", "alg", "key_ops"] {
                without_use.remove(member);
            }
        }
        let key = PublicKey::from_jwk(&without_use)?;
        let id = alloc::format!("{did}#0");
        let mut method = Object::new();
        method.insert("id", id.clone());
        method.insert("type", "JsonWebKey2020");
        method.insert("controller", did.as_str());
        method.insert("publicKeyJwk", jwk.clone());
        let mut document = Object::new();
        document.insert(
            "@context",
            alloc::vec![
                FIRST_CONTEXT,
                "https://w3id.org/security/suites/jws-2020/v1"
            ],
        );
        document.insert("id", did.as_str());
        document.insert("verificationMethod", alloc::vec![method]);
        for relationship in VerificationRelationship::ALL {
            let serves = match relationship {
                KeyAgreement => jwk.get_str("use") != Some("sig"),
                _ => !for_encryption && key.key_type().is_for_signatures(),
            };
            if serves {
                document.insert(relationship.as_str(), alloc::vec![id.clone()]);
            }
        }
        DidDocument::from_value(Value::Object(document))
    })
}

fn with_jwk<T>(did: &Did, read: impl FnOnce(&Object<'_>) -> Result<T, Error>) -> Result<T, Error> {
    if did.method() != "jwk" {
        return Err(Error::MethodNotSupported {
            method: excerpt(did.method()),
        });
    }
    let bytes = Base64UrlUnpadded::decode_vec(did.method_specific_id())
        .map_err(|_| Error::InvalidDidJwk)?;
    match json::parse_bytes(&bytes)? {
        Value::Object(jwk) => read(&jwk),
        _ => Err(Error::InvalidDidJwk),
    }
}
