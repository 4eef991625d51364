//! Documents as they come in, whatever secures them: the credential or presentation, and the signature still to be checked.

use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::{
    Timestamp,
    json::{self, Object, Value},
};

use crate::{
    Credential, Error, Form, Presentation, Version,
    credential::{check_type, id_of, validity_members},
    error::{malformed, token, wrong_type},
    jws::{Jws, SignedToken},
    sd_jwt::SdJwt,
};

/// What is to be checked to know who made a document.
#[derive(Debug, Clone)]
pub(crate) enum Securing {
    /// The proofs in the document.
    DataIntegrity,
    /// The signature of the token that the document came in.
    Token {
        form: Form,
        token: SignedToken,
        times: TokenTimes,
    },
}

impl Securing {
    pub(crate) const fn form(&self) -> Form {
        match self {
            Self::DataIntegrity => Form::DataIntegrity,
            Self::Token { form, .. } => *form,
        }
    }
}

/// When a token was made and until when it counts (RFC 7519 sections 4.1.4 to 4.1.6).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TokenTimes {
    pub(crate) issued: Option<Timestamp>,
    pub(crate) not_before: Option<Timestamp>,
    pub(crate) expires: Option<Timestamp>,
}

impl TokenTimes {
    pub(crate) fn of(claims: &Object<'_>) -> Result<Self, Error> {
        Ok(Self {
            issued: numeric_date(claims, "iat")?,
            not_before: numeric_date(claims, "nbf")?,
            expires: numeric_date(claims, "exp")?,
        })
    }
}

/// A `NumericDate` (RFC 7519 section 2), in whole seconds.
pub(crate) fn numeric_date(
    claims: &Object<'_>,
    member: &'static str,
) -> Result<Option<Timestamp>, Error> {
    match claims.get(member) {
        None => Ok(None),
        Some(value) => value
            .as_number()
            .and_then(json::Number::as_i64)
            .and_then(Timestamp::from_unix)
            .map(Some)
            .ok_or_else(|| token(member, "whole seconds since 1970")),
    }
}

/// A credential as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Received<'a> {
    pub(crate) credential: Credential<'a>,
    pub(crate) securing: Securing,
}

impl<'a> Received<'a> {
    /// Reads a credential in any form.
    pub(crate) fn read(input: &'a [u8]) -> Result<Self, Error> {
        match text_of_token(input) {
            Some(text) => Self::from_token(text),
            None => Self::from_json(json::parse_bytes(input)?),
        }
    }

    fn from_json(value: Value<'a>) -> Result<Self, Error> {
        if let Some(text) = enveloped(&value, "EnvelopedVerifiableCredential", "vc")? {
            return Self::from_token(text);
        }
        Ok(Self {
            credential: Credential::from_value(value)?,
            securing: Securing::DataIntegrity,
        })
    }

    /// Reads a credential that stands in a presentation: an object, an envelope, or, in VC 1.1, the token itself.
    pub(crate) fn inside(value: &Value<'a>) -> Result<Self, Error> {
        match value {
            Value::String(text) => {
                let received = Self::from_token(text)?;
                if received.credential.version() != Version::V1_1 {
                    return Err(Error::MixedVersions {
                        place: "verifiableCredential",
                        version: Version::V1_1.as_str(),
                    });
                }
                Ok(received)
            }
            value => Self::from_json(value.clone()),
        }
    }

    /// When what secures it counts no more: the `exp` of a token, the `expires` of proofs.
    pub(crate) fn ends(&self) -> Vec<Timestamp> {
        match &self.securing {
            Securing::Token { times, .. } => {
                let last = times.expires.map(|at| at.saturating_add_seconds(-1));
                last.into_iter().collect()
            }
            Securing::DataIntegrity => {
                let proofs = self.credential.as_object().get("proof");
                let proofs = proofs.map(Value::as_set).unwrap_or_default();
                let expires = proofs.iter().filter_map(|proof| {
                    let expires = proof.as_object()?.get_str("expires")?;
                    let at: Timestamp = expires.parse().ok()?;
                    Some(at.saturating_add_seconds(-1))
                });
                expires.collect()
            }
        }
    }

    fn from_token(text: &str) -> Result<Self, Error> {
        if text.contains('~') {
            return SdJwt::parse(text)?.into_credential();
        }
        let jws = Jws::parse(text)?;
        let claims = jws.claims()?;
        let times = TokenTimes::of(&claims)?;
        let credential = match (jws.token_type(), claims.contains("vc")) {
            (Some("vc+jwt"), false) => {
                check_content_type(&jws, "vc")?;
                let credential = Credential::from_object(claims)?;
                check_version_2(credential.version())?;
                agrees_with_claims(credential.as_object(), credential.issuer(), "issuer")?;
                credential
            }
            (None | Some("JWT"), true) => from_vc_claim(&claims)?,
            (got, _) => return Err(wrong_type("vc+jwt, or JWT with a vc claim", got)),
        };
        Ok(Self {
            credential,
            securing: Securing::Token {
                form: Form::Jwt,
                token: jws.into_signed(),
                times,
            },
        })
    }
}

/// A presentation as it came in.
#[derive(Debug, Clone)]
pub(crate) struct ReceivedPresentation<'a> {
    pub(crate) presentation: Presentation<'a>,
    pub(crate) securing: Securing,
    /// The `nonce` of a token.
    pub(crate) nonce: Option<String>,
    /// The `aud` of a token.
    pub(crate) audience: Vec<String>,
}

impl<'a> ReceivedPresentation<'a> {
    /// Reads a presentation in any form.
    pub(crate) fn read(input: &'a [u8]) -> Result<Self, Error> {
        if let Some(text) = text_of_token(input) {
            return Self::from_token(text);
        }
        let value = json::parse_bytes(input)?;
        if let Some(text) = enveloped(&value, "EnvelopedVerifiablePresentation", "vp")? {
            return Self::from_token(text);
        }
        let Value::Object(object) = value else {
            return Err(malformed("presentation", "a JSON object"));
        };
        Ok(Self {
            presentation: Presentation::from_object(object)?,
            securing: Securing::DataIntegrity,
            nonce: None,
            audience: Vec::new(),
        })
    }

    fn from_token(text: &str) -> Result<Self, Error> {
        if text.contains('~') {
            return Err(wrong_type("vp+jwt, or JWT with a vp claim", Some("SD-JWT")));
        }
        let jws = Jws::parse(text)?;
        let mut claims = jws.claims()?;
        let times = TokenTimes::of(&claims)?;
        let nonce = match claims.get("nonce") {
            None => None,
            Some(Value::String(nonce)) => Some(nonce.to_string()),
            Some(_) => return Err(token("nonce", "a string")),
        };
        let audience = claims.get("aud").map(Value::as_set).unwrap_or_default();
        let audience = audience
            .iter()
            .map(|a| a.as_str().map(ToOwned::to_owned))
            .collect::<Option<_>>()
            .ok_or_else(|| token("aud", "a string or strings"))?;
        let presentation = match (jws.token_type(), claims.remove("vp")) {
            (Some("vp+jwt"), None) => {
                check_content_type(&jws, "vp")?;
                let presentation = Presentation::from_object(claims)?;
                check_version_2(presentation.version())?;
                if let Some(holder) = presentation.holder() {
                    agrees_with_claims(presentation.as_object(), holder, "holder")?;
                }
                presentation
            }
            (None | Some("JWT"), Some(Value::Object(mut vp))) => {
                take_claim(&claims, "iss", &mut vp, "holder")?;
                take_claim(&claims, "jti", &mut vp, "id")?;
                let presentation = Presentation::from_object(vp)?;
                check_version_1(presentation.version())?;
                presentation
            }
            (got, _) => return Err(wrong_type("vp+jwt, or JWT with a vp claim", got)),
        };
        Ok(Self {
            presentation,
            securing: Securing::Token {
                form: Form::Jwt,
                token: jws.into_signed(),
                times,
            },
            nonce,
            audience,
        })
    }
}

/// The text, if the input cannot be JSON but may be a token: its first character is of base64url.
pub(crate) fn text_of_token(input: &[u8]) -> Option<&str> {
    let first = input.first()?;
    (first.is_ascii_alphanumeric() || matches!(first, b'-' | b'_'))
        .then(|| core::str::from_utf8(input).ok())?
        .map(|text| text.trim_ascii_end())
        .filter(|text| text.contains('.'))
}

/// The token in an envelope (VC Data Model 2.0 sections 4.13.1 and 4.13.2): an object of that type, whose id is a `data:`
/// URL, and which has nothing else, since nothing else would be under a signature.
pub(crate) fn enveloped<'v>(
    value: &'v Value<'_>,
    type_name: &str,
    kind: &str,
) -> Result<Option<&'v str>, Error> {
    let Some(object) = value.as_object() else {
        return Ok(None);
    };
    let types = object.get("type").map(Value::as_set).unwrap_or_default();
    if !types.iter().any(|t| t.as_str() == Some(type_name)) {
        return Ok(None);
    }
    check_type(object, type_name)?;
    let contexts = object
        .get("@context")
        .map(Value::as_set)
        .unwrap_or_default();
    if !matches!(contexts, [only] if only.as_str() == Some(Version::V2_0.context()))
        || types.len() != 1
        || object.len() != 3
    {
        return Err(malformed(
            "envelope",
            "the context of VC 2.0, one type and an id, nothing else",
        ));
    }
    let id = object.get_str("id").unwrap_or_default();
    let token = id
        .strip_prefix("data:application/")
        .and_then(|rest| rest.strip_prefix(kind))
        .and_then(|rest| rest.strip_prefix('+'))
        .and_then(|rest| rest.split_once(','))
        .and_then(|(form, token)| {
            let is_sd_jwt = token.contains('~');
            (form == if is_sd_jwt { "sd-jwt" } else { "jwt" }).then_some(token)
        });
    token
        .map(Some)
        .ok_or_else(|| malformed("envelope.id", "data:application/vc+jwt,… or another token"))
}

/// Whether an object says that it is an envelope of a credential.
pub(crate) fn is_envelope(object: &Object<'_>) -> bool {
    let types = object.get("type").map(Value::as_set).unwrap_or_default();
    types
        .iter()
        .any(|t| t.as_str() == Some("EnvelopedVerifiableCredential"))
}

fn check_content_type(jws: &Jws, expected: &str) -> Result<(), Error> {
    match jws.header("cty") {
        Some(got) if got != expected => Err(wrong_type("cty of the document", Some(got))),
        _ => Ok(()),
    }
}

pub(crate) fn check_version_2(version: Version) -> Result<(), Error> {
    match version {
        Version::V2_0 => Ok(()),
        Version::V1_1 => Err(Error::MixedVersions {
            place: "typ",
            version: version.as_str(),
        }),
    }
}

fn check_version_1(version: Version) -> Result<(), Error> {
    match version {
        Version::V1_1 => Ok(()),
        Version::V2_0 => Err(Error::MixedVersions {
            place: "the vc or vp claim",
            version: version.as_str(),
        }),
    }
}

/// That registered claims, where they stand beside the members of a document, say the same (VC-JOSE-COSE section 3.3.3).
pub(crate) fn agrees_with_claims(
    object: &Object<'_>,
    signer: &str,
    member: &'static str,
) -> Result<(), Error> {
    let subject = object
        .get("credentialSubject")
        .map(Value::as_set)
        .unwrap_or_default();
    let subject = match subject {
        [only] => id_of(only),
        _ => None,
    };
    for (claim, member, expected) in [
        ("iss", member, Some(signer)),
        ("jti", "id", object.get_str("id")),
        ("sub", "credentialSubject.id", subject),
    ] {
        if let Some(value) = object.get(claim)
            && (value.as_str().is_none() || value.as_str() != expected)
        {
            return Err(Error::ClaimsDisagree { claim, member });
        }
    }
    Ok(())
}

/// Puts a claim into a member that is not there, or sees that both say the same.
fn take_claim(
    claims: &Object<'static>,
    claim: &'static str,
    into: &mut Object<'static>,
    member: &'static str,
) -> Result<(), Error> {
    let Some(value) = claims.get(claim) else {
        return Ok(());
    };
    let value = value.as_str().ok_or_else(|| token(claim, "a string"))?;
    match into.get(member) {
        None => {
            into.insert(member, value.to_owned());
            Ok(())
        }
        Some(there) if id_of(there) == Some(value) => Ok(()),
        Some(_) => Err(Error::ClaimsDisagree { claim, member }),
    }
}

/// The credential of a `vc` claim: its members, and those that VC Data Model 1.1 section 6.3.1 keeps in claims instead.
/// Where both are there, they must agree.
fn from_vc_claim(claims: &Object<'static>) -> Result<Credential<'static>, Error> {
    let Some(Value::Object(vc)) = claims.get("vc") else {
        return Err(token("vc", "a JSON object"));
    };
    if claims.contains("status") {
        return Err(token("status", "no such claim beside vc"));
    }
    let mut credential = vc.clone();
    take_claim(claims, "iss", &mut credential, "issuer")?;
    take_claim(claims, "jti", &mut credential, "id")?;
    let (from, until) = validity_members(Version::V1_1);
    for (claim, member) in [("nbf", from), ("exp", until)] {
        let Some(time) = numeric_date(claims, claim)? else {
            continue;
        };
        match credential.get(member) {
            None => {
                credential.insert(member, time.to_string());
            }
            // A claim has no fractions of a second; the member may have.
            Some(there)
                if there
                    .as_str()
                    .and_then(|text| text.parse().ok())
                    .is_some_and(|there: Timestamp| there.unix() == time.unix()) => {}
            Some(_) => return Err(Error::ClaimsDisagree { claim, member }),
        }
    }
    if claims.contains("sub") {
        const MEMBER: &str = "credentialSubject";
        let Some(Value::Object(mut subject)) = credential.remove(MEMBER) else {
            return Err(malformed(MEMBER, "one subject beside the claim sub"));
        };
        take_claim(claims, "sub", &mut subject, "id")?;
        credential.insert(MEMBER, subject);
    }
    let credential = Credential::from_object(credential)?;
    check_version_1(credential.version())?;
    Ok(credential)
}
