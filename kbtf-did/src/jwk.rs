//! JSON Web Keys (RFC 7517) of the curves this crate knows: `EC` (RFC 7518 section 6.2) and `OKP` (RFC 8037).

use alloc::{borrow::Cow, string::String, vec::Vec};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use zeroize::Zeroizing;

use crate::{
    Error, KeyType, PublicKey, SecretKey,
    json::{self, Object, Value},
    timestamp::excerpt,
};

/// Members that hold private key material of any key type (RFC 7518 sections 6.2.2, 6.3.2, 6.4.1).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

impl PublicKey {
    /// The key as a JSON Web Key: `kty`, `crv`, `x` and, for P-256, `y`.
    #[must_use]
    pub fn to_jwk(&self) -> Object<'static> {
        let mut jwk = Object::new();
        let (kty, crv) = names(self.key_type());
        jwk.insert("kty", kty);
        jwk.insert("crv", crv);
        if let Some((x, y)) = self.p256_coordinates() {
            jwk.insert("x", Base64UrlUnpadded::encode_string(&x));
            jwk.insert("y", Base64UrlUnpadded::encode_string(&y));
        } else {
            jwk.insert("x", Base64UrlUnpadded::encode_string(self.as_bytes()));
        }
        jwk
    }

    /// Reads a public JSON Web Key. Members this crate does not know are ignored, as RFC 7517 section 4 asks;
    /// `alg`, `use` and `key_ops`, where present, must allow what the key is for.
    ///
    /// # Errors
    /// `did/private-key-exposed` if it holds private members, `did/invalid-jwk`, `did/unsupported-key-type`,
    /// and those of [`PublicKey::from_bytes`].
    ///
    /// ```
    /// use kbtf_did::{PublicKey, json};
    ///
    /// let jwk = json::parse(r#"{"kty":"OKP","crv":"Ed25519","x":"_eT7oDCtAC98L31MMx9J0T-w7HR-zuvsY08f9MvKne8"}"#)?;
    /// let key = PublicKey::from_jwk(jwk.as_object().unwrap())?;
    /// assert_eq!(key.to_multikey(), "z6MkwYMhwTvsq376YBAcJHy3vyRWzBgn5vKfVqqDCgm7XVKU");
    /// # Ok::<(), kbtf_did::Error>(())
    /// ```
    pub fn from_jwk(jwk: &Object<'_>) -> Result<Self, Error> {
        if let Some(member) = PRIVATE_MEMBERS.into_iter().find(|m| jwk.contains(m)) {
            return Err(Error::PrivateKeyExposed { member });
        }
        Self::from_jwk_members(jwk, "verify")
    }

    fn from_jwk_members(jwk: &Object<'_>, operation: &str) -> Result<Self, Error> {
        let key_type = key_type(jwk)?;
        check_purpose(jwk, key_type, operation)?;
        let x = coordinate(jwk, "x")?;
        if key_type == KeyType::P256 {
            let y = coordinate(jwk, "y")?;
            Self::from_p256_coordinates(&x, &y)
        } else if jwk.contains("y") {
            Err(Error::InvalidJwk {
                member: "y",
                expected: "no such member in an OKP key",
            })
        } else {
            Self::from_bytes(key_type, &*x)
        }
    }
}

impl SecretKey {
    /// The key as the text of a private JSON Web Key. Wiped when dropped.
    #[must_use]
    pub fn to_jwk(&self) -> Zeroizing<String> {
        let public = self.public_key().to_jwk().to_json();
        let d = Zeroizing::new(Base64UrlUnpadded::encode_string(self.to_bytes().as_ref()));
        // Room for all of it at once, so that no copy is left behind by growth.
        let mut text = Zeroizing::new(String::with_capacity(public.len() + d.len() + 8));
        text.push_str(public.strip_suffix('}').unwrap_or_default());
        text.push_str(r#","d":""#);
        text.push_str(&d);
        text.push_str(r#""}"#);
        text
    }

    /// Reads the text of a private JSON Web Key; its public part must belong to its private part.
    ///
    /// # Errors
    /// `did/invalid-jwk` (also where the two parts disagree), `did/unsupported-key-type`, a JSON error,
    /// and those of [`SecretKey::from_bytes`].
    pub fn from_jwk(text: &str) -> Result<Self, Error> {
        let value = json::parse(text)?;
        let jwk = value.as_object().ok_or(Error::InvalidJwk {
            member: "kty",
            expected: "a JSON object",
        })?;
        let public_key = PublicKey::from_jwk_members(jwk, "sign")?;
        // An escape would make a copy of the secret that nobody wipes.
        if !matches!(jwk.get("d"), Some(Value::String(Cow::Borrowed(_)))) {
            return Err(Error::InvalidJwk {
                member: "d",
                expected: "a string without escapes",
            });
        }
        let secret = Self::from_bytes(public_key.key_type(), &*coordinate(jwk, "d")?)?;
        if *secret.public_key() != public_key {
            return Err(Error::InvalidJwk {
                member: "d",
                expected: "the private part of the same key",
            });
        }
        Ok(secret)
    }
}

const fn names(key_type: KeyType) -> (&'static str, &'static str) {
    match key_type {
        KeyType::Ed25519 => ("OKP", "Ed25519"),
        KeyType::X25519 => ("OKP", "X25519"),
        KeyType::P256 => ("EC", "P-256"),
    }
}

fn key_type(jwk: &Object<'_>) -> Result<KeyType, Error> {
    let text = |member| {
        jwk.get_str(member).ok_or(Error::InvalidJwk {
            member,
            expected: "a string",
        })
    };
    let kty = text("kty")?;
    if !matches!(kty, "OKP" | "EC") {
        return Err(Error::UnsupportedKeyType { got: excerpt(kty) });
    }
    let crv = text("crv")?;
    [KeyType::Ed25519, KeyType::X25519, KeyType::P256]
        .into_iter()
        .find(|&t| names(t) == (kty, crv))
        .ok_or_else(|| Error::UnsupportedKeyType {
            got: alloc::format!("{} {}", kty, excerpt(crv)),
        })
}

/// A key that says it is for something else is not used for this (RFC 7517 sections 4.2 to 4.4). `operation` is what
/// a signature key must allow, if it says what it allows.
fn check_purpose(jwk: &Object<'_>, key_type: KeyType, operation: &str) -> Result<(), Error> {
    let signs = key_type != KeyType::X25519;
    let wrong = |member, expected| Err(Error::InvalidJwk { member, expected });
    match (jwk.get("alg"), key_type) {
        (None, _) => {}
        // RFC 8037 names EdDSA, RFC 9864 the fully specified Ed25519.
        (Some(alg), KeyType::Ed25519) if matches!(alg.as_str(), Some("EdDSA" | "Ed25519")) => {}
        (Some(alg), KeyType::P256) if alg.as_str() == Some("ES256") => {}
        (Some(alg), KeyType::X25519) if alg.as_str().is_some_and(|a| a.starts_with("ECDH-ES")) => {}
        _ => return wrong("alg", "an algorithm of this curve"),
    }
    match jwk.get("use").map(Value::as_str) {
        None => {}
        Some(Some("sig")) if signs => {}
        Some(Some("enc")) if !signs => {}
        _ => {
            return wrong(
                "use",
                "\"sig\" for a signature key, \"enc\" for a key-agreement key",
            );
        }
    }
    if let Some(operations) = jwk.get("key_ops") {
        let expected = "an array of different strings that allows the use of this key";
        let names = operations
            .as_array()
            .and_then(|o| o.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
        let Some(names) = names else {
            return wrong("key_ops", expected);
        };
        let fits = if signs {
            names.contains(&operation)
        } else {
            // A public key of key agreement has no operation of its own.
            names
                .iter()
                .all(|n| matches!(*n, "deriveKey" | "deriveBits"))
        };
        // More than a handful of operations do not exist, so comparing each with each is bounded.
        let different = names.len() <= 8
            && (1..names.len()).all(|i| {
                let (before, rest) = names.split_at(i);
                rest.first().is_none_or(|name| !before.contains(name))
            });
        if !fits || !different {
            return wrong("key_ops", expected);
        }
    }
    Ok(())
}

fn coordinate(jwk: &Object<'_>, member: &'static str) -> Result<Zeroizing<[u8; 32]>, Error> {
    let expected = "exactly 32 bytes in base64url without padding";
    let mut bytes = Zeroizing::new([0; 32]);
    let decoded = jwk
        .get_str(member)
        .and_then(|text| Base64UrlUnpadded::decode(text, bytes.as_mut()).ok())
        .map(<[u8]>::len);
    if decoded == Some(32) {
        Ok(bytes)
    } else {
        Err(Error::InvalidJwk { member, expected })
    }
}
