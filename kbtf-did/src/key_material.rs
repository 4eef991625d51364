//! Which member of a verification method holds its key: decided by its type, today's two types and the legacy ones
//! that are still met.

use alloc::format;

use crate::{
    Error, KeyType, LegacyForm, PublicKey,
    json::{Object, Value},
    multibase,
    timestamp::excerpt,
};

/// In which notations a type has its keys.
struct LegacyType {
    name: &'static str,
    /// The kinds of key that it is for; `None` for any.
    key_type: Option<KeyType>,
    members: &'static [Member],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Member {
    Jwk,
    Multikey,
    /// Multibase of the key bytes alone; with a header it is read too.
    Multibase,
    Base58,
    Hex,
    Pem,
}

impl Member {
    const fn name(self) -> &'static str {
        match self {
            Self::Jwk => "publicKeyJwk",
            Self::Multikey | Self::Multibase => "publicKeyMultibase",
            Self::Base58 => "publicKeyBase58",
            Self::Hex => "publicKeyHex",
            Self::Pem => "publicKeyPem",
        }
    }
}

const fn legacy(
    name: &'static str,
    key_type: Option<KeyType>,
    members: &'static [Member],
) -> LegacyType {
    LegacyType {
        name,
        key_type,
        members,
    }
}

/// The types of the suites of 2018 to 2021, as their specifications have them and as Korean deployments write them
/// (OpenDID: raw points in multibase; the mobile identity card: raw points in base58).
const LEGACY_TYPES: [LegacyType; 15] = {
    use KeyType::{Ed25519, P256, P384, Rsa, Secp256k1, X25519};
    use Member::{Base58, Hex, Jwk, Multibase, Multikey, Pem};
    [
        legacy("JsonWebKey2020", None, &[Jwk]),
        legacy("JwsVerificationKey2020", None, &[Jwk]),
        legacy("Ed25519VerificationKey2018", Some(Ed25519), &[Base58, Jwk]),
        legacy("Ed25519VerificationKey2020", Some(Ed25519), &[Multikey]),
        legacy("X25519KeyAgreementKey2019", Some(X25519), &[Base58, Jwk]),
        legacy("X25519KeyAgreementKey2020", Some(X25519), &[Multikey]),
        legacy(
            "EcdsaSecp256k1VerificationKey2019",
            Some(Secp256k1),
            &[Base58, Jwk, Hex, Multibase],
        ),
        legacy(
            "Secp256k1VerificationKey2018",
            Some(Secp256k1),
            &[Base58, Jwk, Hex, Multibase, Pem],
        ),
        legacy(
            "EcdsaSecp256r1VerificationKey2019",
            Some(P256),
            &[Multibase, Base58, Jwk, Pem],
        ),
        legacy(
            "Secp256r1VerificationKey2018",
            Some(P256),
            &[Base58, Jwk, Hex, Multibase, Pem],
        ),
        legacy("P256Key2021", Some(P256), &[Base58, Multikey]),
        legacy("P384Key2021", Some(P384), &[Base58, Multikey]),
        legacy("Secp256k1Key2021", Some(Secp256k1), &[Base58, Multikey]),
        legacy("RsaVerificationKey2018", Some(Rsa), &[Pem, Jwk]),
        legacy("EcdsaKoblitzSignature2016", Some(Secp256k1), &[Pem]),
    ]
};

fn find(method_type: &str) -> Option<&'static LegacyType> {
    LEGACY_TYPES.iter().find(|t| t.name == method_type)
}

/// Whether a type is one of the past that is still read.
pub(crate) fn has_legacy_type(method_type: &str) -> bool {
    find(method_type).is_some()
}

/// The key of a verification method, and the legacy notation it stood in. The type decides which member holds it;
/// another member that also looks like a key is refused, since two readers could then use two keys. A Multikey that is
/// the text of a known key is not decoded again.
pub(crate) fn key_material(
    object: &Object<'_>,
    method_type: &str,
    known: Option<&PublicKey>,
) -> Result<(PublicKey, Option<LegacyForm>), Error> {
    let is_secret = |name: &str| name.starts_with("privateKey") || name.starts_with("secretKey");
    if object.iter().any(|(name, _)| is_secret(name)) {
        return Err(Error::PrivateKeyExposed {
            member: "privateKey… or secretKey…",
        });
    }
    // What is read is the one member that there is, and reading it refuses a secret. Whatever else is wrong, a secret
    // is worse: one in a place that the type does not use, or in an array, is published all the same.
    only_key(object, method_type, known).map_err(|error| published_secret(object).unwrap_or(error))
}

fn only_key(
    object: &Object<'_>,
    method_type: &str,
    known: Option<&PublicKey>,
) -> Result<(PublicKey, Option<LegacyForm>), Error> {
    let mut materials = object
        .iter()
        .filter(|(name, _)| name.starts_with("publicKey"));
    let (Some((name, value)), None) = (materials.next(), materials.next()) else {
        return Err(Error::InvalidMultibase {
            expected: "exactly one member with key material",
        });
    };
    let (members, key_type): (&[Member], Option<KeyType>) = match method_type {
        "Multikey" => (&[Member::Multikey], None),
        "JsonWebKey" => (&[Member::Jwk], None),
        _ => match find(method_type) {
            Some(legacy) => (legacy.members, legacy.key_type),
            None => {
                return Err(Error::UnsupportedKeyType {
                    got: excerpt(method_type),
                });
            }
        },
    };
    let Some(member) = members.iter().copied().find(|m| m.name() == name) else {
        return Err(match members {
            [Member::Jwk] => Error::InvalidJwk {
                member: "kty",
                expected: "publicKeyJwk as an object",
            },
            _ => Error::InvalidMultibase {
                expected: "the key in a member that the verification-method type has",
            },
        });
    };
    let known = known
        .filter(|key| member == Member::Multikey && value.as_str() == Some(&key.to_multikey()));
    let (key, form) = match known {
        Some(key) => (key.clone(), None),
        None => read(member, value, key_type)?,
    };
    match key_type {
        Some(only) if only != key.key_type() => Err(Error::UnsupportedKeyType {
            got: format!("{} in a {}", key.key_type(), excerpt(method_type)),
        }),
        _ => Ok((key, form)),
    }
}

fn read(
    member: Member,
    value: &Value<'_>,
    key_type: Option<KeyType>,
) -> Result<(PublicKey, Option<LegacyForm>), Error> {
    let text = || {
        value.as_str().ok_or(Error::InvalidMultibase {
            expected: "the key as a string",
        })
    };
    // Every legacy type in whose members these occur is for one kind of key.
    let only = key_type.ok_or(Error::InvalidMultibase {
        expected: "a type that says what kind of key it holds",
    });
    Ok(match member {
        Member::Jwk => {
            let jwk = value.as_object().ok_or(Error::InvalidJwk {
                member: "kty",
                expected: "publicKeyJwk as an object",
            })?;
            (PublicKey::from_jwk(jwk)?, None)
        }
        Member::Multikey => (PublicKey::from_multikey(text()?)?, None),
        Member::Base58 => (
            PublicKey::from_base58(only?, text()?)?,
            Some(LegacyForm::Base58Key),
        ),
        Member::Pem => (PublicKey::from_pem(text()?)?, Some(LegacyForm::PemKey)),
        Member::Hex => {
            let text = text()?;
            let bytes = multibase::decode_hex(text.strip_prefix("0x").unwrap_or(text)).ok_or(
                Error::InvalidMultibase {
                    expected: "publicKeyHex in hexadecimal digits",
                },
            )?;
            (point(only?, &bytes)?, Some(LegacyForm::HexKey))
        }
        Member::Multibase => match PublicKey::from_multikey(text()?) {
            Ok(key) => (key, None),
            Err(exposed @ Error::PrivateKeyExposed { .. }) => return Err(exposed),
            Err(_) => {
                let bytes = multibase::decode_legacy(text()?)?;
                (
                    point(only?, &bytes)?,
                    Some(LegacyForm::HeaderlessMultibaseKey),
                )
            }
        },
    })
}

/// A point as old software writes it: compressed or, where the first byte says so, uncompressed.
fn point(key_type: KeyType, bytes: &[u8]) -> Result<PublicKey, Error> {
    match bytes {
        [4, rest @ ..] if rest.len() == 64 => PublicKey::from_uncompressed(key_type, bytes),
        x if key_type.public_key_length() == Some(x.len() + 1) => {
            Err(Error::XCoordinateOnly { key_type })
        }
        _ => PublicKey::from_bytes(key_type, bytes),
    }
}

/// The error for a secret under one of the members that hold public keys: one of the first sixteen, since each may take
/// the work of a point.
fn published_secret(object: &Object<'_>) -> Option<Error> {
    let values = |member| {
        let all = object.get(member).map(Value::as_set).unwrap_or_default();
        all.get(..16).unwrap_or(all)
    };
    let texts = |member| values(member).iter().filter_map(Value::as_str);
    let jwks = values("publicKeyJwk").iter().filter_map(Value::as_object);
    jwks.map(PublicKey::from_jwk)
        .chain(texts("publicKeyMultibase").map(PublicKey::from_multikey))
        .chain(texts("publicKeyPem").map(PublicKey::from_pem))
        .filter_map(Result::err)
        .find(|error| matches!(error, Error::PrivateKeyExposed { .. }))
}
