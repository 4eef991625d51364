use alloc::{borrow::ToOwned, format, string::String};

use crate::{
    Did, DidUrl, Error, KeyType, PublicKey, Timestamp,
    document::invalid,
    json::{Object, Value},
    multibase,
    timestamp::excerpt,
};

/// A verification method (검증 방법): a key, its id and who controls it (DID Core 1.0 section 5.2, DID-02).
///
/// A key that this crate cannot use does not spoil the document it stands in: the method is kept and
/// [`VerificationMethod::public_key`] says why it is of no use.
#[derive(Debug, Clone, PartialEq)]
pub struct VerificationMethod {
    id: DidUrl,
    method_type: String,
    controller: Did,
    key: Result<PublicKey, Error>,
    expires: Option<Timestamp>,
    revoked: Option<Timestamp>,
}

/// Whether a key speaks for its controller at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// In force.
    Active,
    /// `expires` has been reached (Controlled Identifiers section 2.2).
    Expired(Timestamp),
    /// `revoked` has been reached (Controlled Identifiers section 2.2).
    Revoked(Timestamp),
}

impl VerificationMethod {
    /// The id, absolute.
    #[must_use]
    pub const fn id(&self) -> &DidUrl {
        &self.id
    }

    /// The `type`, such as `Multikey`.
    #[must_use]
    pub fn method_type(&self) -> &str {
        &self.method_type
    }

    /// Who may use the key.
    #[must_use]
    pub const fn controller(&self) -> &Did {
        &self.controller
    }

    /// The key, or why it cannot be used.
    ///
    /// # Errors
    /// `did/unsupported-key-type` and the errors of [`PublicKey::from_multikey`] and [`PublicKey::from_jwk`].
    pub const fn public_key(&self) -> Result<&PublicKey, &Error> {
        self.key.as_ref()
    }

    /// From when on the key counts no more by plan.
    #[must_use]
    pub const fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    /// From when on the key counts no more because its controller says so.
    #[must_use]
    pub const fn revoked(&self) -> Option<Timestamp> {
        self.revoked
    }

    pub(crate) fn from_value(value: &Value<'_>, base: &Did, place: &str) -> Result<Self, Error> {
        let at = |member: &str, expected| invalid(&format!("{place}.{member}"), expected);
        let object = value
            .as_object()
            .ok_or_else(|| invalid(place, "an object"))?;
        let id = object
            .get_str("id")
            .and_then(|id| DidUrl::parse_relative(id, base).ok())
            .filter(|id| id.fragment().is_some_and(|f| !f.is_empty()))
            .ok_or_else(|| at("id", "a DID URL with a fragment"))?;
        let method_type = object
            .get_str("type")
            .filter(|t| !t.is_empty())
            .ok_or_else(|| at("type", "a string"))?;
        let controller = object
            .get_str("controller")
            .and_then(|c| Did::parse(c).ok())
            .ok_or_else(|| at("controller", "a DID"))?;
        let time = |member| match object.get(member) {
            None => Ok(None),
            Some(value) => value
                .as_str()
                .and_then(|text| text.parse().ok())
                .map(Some)
                .ok_or_else(|| at(member, "a date and time with zone")),
        };
        let key = key_material(object, method_type);
        if let Err(Error::PrivateKeyExposed { .. }) = key {
            return Err(invalid(place, "no private key material"));
        }
        Ok(Self {
            id,
            method_type: method_type.to_owned(),
            controller,
            key,
            expires: time("expires")?,
            revoked: time("revoked")?,
        })
    }

    /// The state of the key at a time. From the moment of `revoked` or `expires` on, Controlled Identifiers
    /// section 2.2 expects that no proof of it is accepted, whenever that proof says it was made.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> KeyState {
        match (self.revoked(), self.expires()) {
            (Some(revoked), _) if now >= revoked => KeyState::Revoked(revoked),
            (_, Some(expires)) if now >= expires => KeyState::Expired(expires),
            _ => KeyState::Active,
        }
    }
}

/// The key of a verification method. The type decides which member holds it; another member that also
/// looks like a key is refused, since two readers could then use two keys.
fn key_material(object: &Object<'_>, method_type: &str) -> Result<PublicKey, Error> {
    let is_secret = |name: &str| name.starts_with("privateKey") || name.starts_with("secretKey");
    if object.iter().any(|(name, _)| is_secret(name)) {
        return Err(Error::PrivateKeyExposed {
            member: "privateKey… or secretKey…",
        });
    }
    // A secret in a place that the type does not use, or in an array, is published all the same.
    let values = |member| object.get(member).map(Value::as_set).unwrap_or_default();
    let jwks = values("publicKeyJwk").iter().filter_map(Value::as_object);
    let multikeys = values("publicKeyMultibase")
        .iter()
        .filter_map(Value::as_str);
    let keys = jwks
        .map(PublicKey::from_jwk)
        .chain(multikeys.map(PublicKey::from_multikey));
    for key in keys {
        if let Err(exposed @ Error::PrivateKeyExposed { .. }) = key {
            return Err(exposed);
        }
    }
    let materials = object
        .iter()
        .filter(|(name, _)| name.starts_with("publicKey"))
        .count();
    if materials != 1 {
        return Err(Error::InvalidMultibase {
            expected: "exactly one member with key material",
        });
    }
    let multikey = |only: Option<KeyType>| {
        let text = object
            .get_str("publicKeyMultibase")
            .ok_or(Error::InvalidMultibase {
                expected: "publicKeyMultibase as a string",
            })?;
        let key = PublicKey::from_multikey(text)?;
        match only {
            Some(only) if only != key.key_type() => Err(Error::UnsupportedKeyType {
                got: format!("{} in a {}", key.key_type(), excerpt(method_type)),
            }),
            _ => Ok(key),
        }
    };
    let base58 = |key_type| {
        let bytes = object
            .get_str("publicKeyBase58")
            .and_then(multibase::decode_base58)
            .ok_or(Error::InvalidMultibase {
                expected: "publicKeyBase58 in the Bitcoin alphabet",
            })?;
        PublicKey::from_bytes(key_type, &bytes)
    };
    match method_type {
        "Multikey" => multikey(None),
        "Ed25519VerificationKey2020" => multikey(Some(KeyType::Ed25519)),
        "X25519KeyAgreementKey2020" => multikey(Some(KeyType::X25519)),
        "Ed25519VerificationKey2018" => base58(KeyType::Ed25519),
        "X25519KeyAgreementKey2019" => base58(KeyType::X25519),
        "P256Key2021" => base58(KeyType::P256),
        "JsonWebKey" | "JsonWebKey2020" => {
            let jwk = object
                .get("publicKeyJwk")
                .and_then(Value::as_object)
                .ok_or(Error::InvalidJwk {
                    member: "kty",
                    expected: "publicKeyJwk as an object",
                })?;
            PublicKey::from_jwk(jwk)
        }
        other => Err(Error::UnsupportedKeyType {
            got: excerpt(other),
        }),
    }
}
