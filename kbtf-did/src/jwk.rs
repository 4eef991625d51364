//! JSON Web Keys (RFC 7517): `EC` (RFC 7518 section 6.2, RFC 8812), `OKP` (RFC 8037) and `RSA` (RFC 7518 section 6.3).

use alloc::{borrow::Cow, string::String, vec::Vec};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use zeroize::Zeroizing;

use crate::{
    CryptoProvider, Error, KeyType, PublicKey, SecretKey,
    json::{self, Object, Value},
    timestamp::excerpt,
};

/// Members that hold private key material of any key type (RFC 7518 sections 6.2.2, 6.3.2, 6.4.1).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

impl PublicKey {
    /// The key as a JSON Web Key: `kty`, then `crv`, `x` and, for ECDSA keys, `y`; for RSA `n` and `e`. Exactly the
    /// members that a thumbprint is made of.
    #[must_use]
    pub fn to_jwk(&self) -> Object<'static> {
        let mut jwk = Object::new();
        let (kty, crv) = names(self.key_type());
        jwk.insert("kty", kty);
        if self.key_type() != KeyType::Rsa {
            jwk.insert("crv", crv);
        }
        let mut insert = |name, bytes: &[u8]| {
            jwk.insert(name, Base64UrlUnpadded::encode_string(bytes));
        };
        if let Some((n, e)) = self.rsa_parts() {
            insert("n", &n);
            insert("e", &e);
            return jwk;
        }
        let uncompressed = self.uncompressed();
        let coordinates = uncompressed.as_deref().and_then(|point| {
            let (_, coordinates) = point.split_first()?;
            coordinates.split_at_checked(coordinates.len() / 2)
        });
        if let Some((x, y)) = coordinates {
            insert("x", x);
            insert("y", y);
        } else {
            insert("x", self.as_bytes());
        }
        jwk
    }

    /// The JWK thumbprint (RFC 7638, RFC 8037 appendix A.3): SHA-256 of the canonical form of the members that make
    /// the key, in base64url.
    ///
    /// # Errors
    /// `did/provider`.
    ///
    /// ```
    /// use kbtf_did::{PublicKey, SOFTWARE, json};
    ///
    /// let jwk = json::parse(r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)?;
    /// let key = PublicKey::from_jwk(jwk.as_object().unwrap())?;
    /// assert_eq!(key.jwk_thumbprint(&SOFTWARE)?, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    /// # Ok::<(), kbtf_did::Error>(())
    /// ```
    pub fn jwk_thumbprint(&self, provider: &dyn CryptoProvider) -> Result<String, Error> {
        let digest = provider.sha256(self.to_jwk().to_canonical().as_bytes())?;
        Ok(Base64UrlUnpadded::encode_string(&digest))
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
        match names(key_type).0 {
            "RSA" => rsa(jwk),
            "EC" => {
                // All three curves have coordinates half as long as their uncompressed points.
                let size = key_type.public_key_length().unwrap_or_default() - 1;
                let mut point = alloc::vec![4];
                point.extend_from_slice(&coordinate(jwk, "x", size)?);
                point.extend_from_slice(&coordinate(jwk, "y", size)?);
                Self::from_uncompressed(key_type, &point)
            }
            _ if jwk.contains("y") => Err(Error::InvalidJwk {
                member: "y",
                expected: "no such member in an OKP key",
            }),
            _ => Self::from_bytes(key_type, &coordinate(jwk, "x", 32)?),
        }
    }
}

#[cfg(feature = "rsa")]
fn rsa(jwk: &Object<'_>) -> Result<PublicKey, Error> {
    let number = |member| {
        jwk.get_str(member)
            .filter(|text| text.len() <= 1024)
            .and_then(|text| Base64UrlUnpadded::decode_vec(text).ok())
            .filter(|bytes| bytes.first().is_some_and(|&first| first != 0))
            .ok_or(Error::InvalidJwk {
                member,
                expected: "a number in base64url without padding, of the fewest bytes",
            })
    };
    crate::rsa_key::RsaKey::from_parts(&number("n")?, &number("e")?).map(PublicKey::from_rsa)
}

#[cfg(not(feature = "rsa"))]
fn rsa(_: &Object<'_>) -> Result<PublicKey, Error> {
    Err(crate::key::left_out(KeyType::Rsa))
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
        if let key_type @ (KeyType::P384 | KeyType::Rsa) = public_key.key_type() {
            return Err(Error::WrongKeyUse {
                key_type,
                operation: "be held as a private key here",
            });
        }
        // An escape would make a copy of the secret that nobody wipes.
        if !matches!(jwk.get("d"), Some(Value::String(Cow::Borrowed(_)))) {
            return Err(Error::InvalidJwk {
                member: "d",
                expected: "a string without escapes",
            });
        }
        let secret = Self::from_bytes(public_key.key_type(), &coordinate(jwk, "d", 32)?)?;
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
        KeyType::P384 => ("EC", "P-384"),
        KeyType::Secp256k1 => ("EC", "secp256k1"),
        KeyType::Rsa => ("RSA", ""),
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
    if kty == "RSA" {
        return Ok(KeyType::Rsa);
    }
    if !matches!(kty, "OKP" | "EC") {
        return Err(Error::UnsupportedKeyType { got: excerpt(kty) });
    }
    let crv = text("crv")?;
    KeyType::ALL
        .iter()
        .copied()
        .find(|&t| names(t) == (kty, crv))
        .ok_or_else(|| Error::UnsupportedKeyType {
            got: alloc::format!("{} {}", kty, excerpt(crv)),
        })
}

/// A key that says it is for something else is not used for this (RFC 7517 sections 4.2 to 4.4). `operation` is what
/// a signature key must allow, if it says what it allows.
fn check_purpose(jwk: &Object<'_>, key_type: KeyType, operation: &str) -> Result<(), Error> {
    let signs = key_type.is_for_signatures();
    let wrong = |member, expected| Err(Error::InvalidJwk { member, expected });
    if let Some(alg) = jwk.get("alg") {
        let alg = alg.as_str().unwrap_or_default();
        let algorithms = key_type.signature_algorithms();
        let fits = match key_type {
            KeyType::X25519 => alg.starts_with("ECDH-ES"),
            // RFC 8037 names EdDSA, RFC 9864 the fully specified Ed25519.
            KeyType::Ed25519 if alg == "Ed25519" => true,
            _ => algorithms.iter().any(|algorithm| algorithm.as_str() == alg),
        };
        if !fits {
            return wrong("alg", "an algorithm of this kind of key");
        }
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

/// A member of exactly so many bytes, wiped when dropped: it may be the secret one.
fn coordinate(
    jwk: &Object<'_>,
    member: &'static str,
    size: usize,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut bytes = Zeroizing::new(alloc::vec![0; size]);
    let decoded = jwk
        .get_str(member)
        .and_then(|text| Base64UrlUnpadded::decode(text, bytes.as_mut()).ok())
        .map(<[u8]>::len);
    if decoded == Some(size) {
        Ok(bytes)
    } else {
        let expected = match size {
            48 => "exactly 48 bytes in base64url without padding",
            _ => "exactly 32 bytes in base64url without padding",
        };
        Err(Error::InvalidJwk { member, expected })
    }
}
