//! JSON Web Signatures in compact form (RFC 7515 section 7.1), as far as credentials use them: one signature, a payload
//! that is there, and a header of which nothing is believed but how the signature was made and which key is meant.

use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
    vec::Vec,
};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use kbtf_did::{
    KeyType, SignatureAlgorithm, Signer,
    json::{self, Limits, Object, Value},
};

use crate::{Error, error::token, verdict::short};

/// A token that was taken apart; nobody has verified it.
#[derive(Debug, Clone)]
pub(crate) struct Jws {
    header: Object<'static>,
    payload: Vec<u8>,
    /// Header and payload as they were signed.
    signed: String,
    signature: Vec<u8>,
}

impl Jws {
    /// Takes a token apart. No key in its header is looked at: keys come from DIDs.
    ///
    /// # Errors
    /// `vc/malformed-token`; `vc/critical-header` if the header has `crit`, whatever it names: none is understood here.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > Limits::default().max_bytes {
            return Err(token("token", "at most 1 MiB"));
        }
        let mut parts = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(token("token", "three parts, separated by points"));
        };
        let signed = text.get(..header.len() + 1 + payload.len());
        let header = decode(header).ok_or_else(|| token("header", BASE64URL))?;
        let header = json::parse_bytes(&header).map_err(Error::Json)?;
        let Value::Object(header) = header.into_owned() else {
            return Err(token("header", "a JSON object"));
        };
        if let Some(crit) = header.get("crit") {
            return Err(Error::CriticalHeader {
                names: short(&crit.to_json()).to_owned(),
            });
        }
        // RFC 7797: the payload would not be in base64url. Without `crit` it is not allowed either.
        if header.contains("b64") {
            return Err(token("header.b64", "no such member"));
        }
        for member in ["alg", "kid", "typ", "cty"] {
            if header.get(member).is_some_and(|v| v.as_str().is_none()) {
                return Err(token("header", "alg, kid, typ and cty as strings"));
            }
        }
        Ok(Self {
            header,
            payload: decode(payload).ok_or_else(|| token("payload", BASE64URL))?,
            signed: signed.unwrap_or_default().to_owned(),
            signature: decode(signature).ok_or_else(|| token("signature", BASE64URL))?,
        })
    }

    pub(crate) fn header(&self, member: &str) -> Option<&str> {
        self.header.get_str(member)
    }

    /// The `typ`, without the `application/` that may stand before it (RFC 7515 section 4.1.9).
    pub(crate) fn token_type(&self) -> Option<&str> {
        let name = self.header("typ")?;
        Some(name.strip_prefix("application/").unwrap_or(name))
    }

    /// The claims.
    pub(crate) fn claims(&self) -> Result<Object<'static>, Error> {
        match json::parse_bytes(&self.payload)
            .map_err(Error::Json)?
            .into_owned()
        {
            Value::Object(claims) => Ok(claims),
            _ => Err(token("payload", "a JSON object")),
        }
    }

    /// What is left when the claims have been read.
    pub(crate) fn into_signed(self) -> SignedToken {
        SignedToken {
            algorithm_name: self.header("alg").unwrap_or_default().to_owned(),
            key_id: self.header("kid").map(ToOwned::to_owned),
            signed: self.signed,
            signature: self.signature,
        }
    }
}

/// The signature of a token and what it is over.
#[derive(Debug, Clone)]
pub(crate) struct SignedToken {
    pub(crate) algorithm_name: String,
    pub(crate) key_id: Option<String>,
    pub(crate) signed: String,
    pub(crate) signature: Vec<u8>,
}

/// The algorithm of a name in a header: those of [`SignatureAlgorithm`], and `Ed25519`, the newer name of `EdDSA` with
/// that curve (RFC 9864). There is no `none` and no HMAC.
pub(crate) fn algorithm(name: &str) -> Option<SignatureAlgorithm> {
    if name == "Ed25519" {
        return Some(SignatureAlgorithm::EdDsa);
    }
    [
        SignatureAlgorithm::EdDsa,
        SignatureAlgorithm::Es256,
        SignatureAlgorithm::Es384,
        SignatureAlgorithm::Es256K,
        SignatureAlgorithm::Rs256,
        SignatureAlgorithm::Ps256,
    ]
    .into_iter()
    .find(|algorithm| algorithm.as_str() == name)
}

/// The algorithm in which a key of this kind signs tokens: RSA keys only verify.
pub(crate) fn signing_algorithm(key_type: KeyType) -> Result<SignatureAlgorithm, Error> {
    match key_type.signature_algorithms() {
        [only] => Ok(*only),
        _ => Err(Error::Did(kbtf_did::Error::WrongKeyUse {
            key_type,
            operation: "sign a token",
        })),
    }
}

/// Signs claims as a token.
pub(crate) fn sign(
    token_type: &str,
    key_id: Option<&str>,
    claims: &Object<'_>,
    signer: &dyn Signer,
) -> Result<String, Error> {
    let algorithm = signing_algorithm(signer.public_key().key_type())?;
    let mut header = Object::new();
    header.insert("alg", algorithm.as_str());
    header.insert("typ", token_type.to_string());
    if let Some(key_id) = key_id {
        header.insert("kid", key_id.to_string());
    }
    let mut token = encode(header.to_json().as_bytes());
    token.push('.');
    token.push_str(&encode(claims.to_json().as_bytes()));
    let signature = signer.sign(token.as_bytes())?;
    token.push('.');
    token.push_str(&encode(&signature));
    if token.len() > Limits::default().max_bytes {
        return Err(Error::TooLarge);
    }
    Ok(token)
}

const BASE64URL: &str = "base64url without padding";

pub(crate) fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Strict: one text for one value.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
}
