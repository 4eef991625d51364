//! The method `did:key`: the identifier is the key (W3C CCG did:key v0.9). Nothing is registered, nothing can
//! be rotated or revoked, and resolving needs nothing but the DID.

use alloc::format;

pub use crate::document_builder::KeyFormat;
use crate::{
    Did, DidDocument, DidUrl, Error, NewMethod, PublicKey,
    VerificationRelationship::{
        AssertionMethod, Authentication, CapabilityDelegation, CapabilityInvocation, KeyAgreement,
    },
    timestamp::excerpt,
};

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
    let mut method = NewMethod::new(multikey_of(did)?, &key).format(format);
    if key.key_type().is_for_signatures() {
        method = method.purposes(&[
            AssertionMethod,
            Authentication,
            CapabilityInvocation,
            CapabilityDelegation,
        ]);
    }
    let builder = DidDocument::builder(did);
    let Some(agreement) = key.to_x25519() else {
        return builder.method(method.purposes(&[KeyAgreement])).build();
    };
    let agreement = NewMethod::new(&agreement.to_multikey(), &agreement)
        .format(format)
        .purposes(&[KeyAgreement]);
    builder.method(method).method(agreement).build()
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
