//! Credentials and presentations as JSON Web Tokens: VC-JOSE-COSE for VC 2.0, section 6.3.1 of the data model for VC 1.1.

use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
};

use kbtf_did::{
    DidUrl, Signer, Timestamp,
    json::{Number, Object, Value},
};

use crate::{
    Credential, Error, Presentation, Version,
    credential::validity_members,
    issue::{check_did_key_of, check_document, check_signer},
    jws,
    sd_jwt::unix,
};

fn number(time: Timestamp) -> Value<'static> {
    Number::new(unix(time)).map_or(Value::Null, Value::Number)
}

/// Signs a credential as a token. A VC 2.0 credential is the payload (VC-JOSE-COSE section 3.1.1, `vc+jwt`); of a VC 1.1
/// credential, issuer, id, subject and times stand as claims beside the rest in `vc` (data model 1.1 section 6.3.1).
///
/// The algorithm follows from the signer's key: `EdDSA`, `ES256`, `ES384`, `ES256K`.
///
/// # Errors
/// `vc/already-signed` if the credential has a proof of its own; `vc/not-the-signer` if the issuer is not the DID of the
/// verification method; `vc/too-large`; what the signer reports.
///
/// ```
/// use kbtf_did::{KeyType, SecretKey, Signer, SoftwareSigner, did_key};
/// use kbtf_vc::{Credential, Evidence, Policy, Trust, credential_to_jwt, verify_credential};
///
/// let signer = SoftwareSigner::new(SecretKey::from_bytes(KeyType::P256, &[7; 32])?);
/// let issuer = did_key::from_public_key(signer.public_key());
/// let text = format!(r#"{{
///   "@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"],
///   "issuer": "{issuer}", "credentialSubject": {{"id": "did:example:student", "name": "홍길동"}}
/// }}"#);
/// let method = did_key::verification_method_id(&issuer)?;
/// let token = credential_to_jwt(&Credential::parse(&text)?, &method, &signer)?;
///
/// let now = "2026-11-22T00:00:00Z".parse()?;
/// let policy = Policy::new(Trust::issuers([issuer]));
/// assert!(verify_credential(token.as_bytes(), &Evidence::new(), &policy, now).is_accepted());
/// # Ok::<(), kbtf_vc::Error>(())
/// ```
pub fn credential_to_jwt(
    credential: &Credential<'_>,
    method: &DidUrl,
    signer: &dyn Signer,
) -> Result<String, Error> {
    if credential.is_signed() {
        return Err(Error::AlreadySigned);
    }
    check_document(credential)?;
    check_signer("issuer", credential.issuer(), method)?;
    check_did_key_of(method, signer)?;
    match credential.version() {
        Version::V2_0 => {
            let document = credential.as_object();
            jws::sign("vc+jwt", Some(method.as_str()), document, signer)
        }
        Version::V1_1 => {
            let claims = to_claims(credential);
            jws::sign("JWT", Some(method.as_str()), &claims, signer)
        }
    }
}

/// The claims of a VC 1.1 credential. A time with fractions of a second, which a claim has not, stays a member; and so
/// does everything where there are several subjects.
fn to_claims(credential: &Credential<'_>) -> Object<'static> {
    let mut claims = Object::new();
    let mut vc = credential.as_object().clone().into_owned();
    claims.insert("iss", credential.issuer().to_owned());
    if matches!(vc.get("issuer"), Some(Value::String(_))) {
        vc.remove("issuer");
    }
    if let Some(id) = vc.get_str("id").map(ToOwned::to_owned) {
        vc.remove("id");
        claims.insert("jti", id);
    }
    if let Some(Value::Object(subject)) = vc.get("credentialSubject")
        && let Some(id) = subject.get_str("id").map(ToOwned::to_owned)
        && subject.len() > 1
    {
        let mut subject = subject.clone();
        subject.remove("id");
        vc.insert("credentialSubject", subject);
        claims.insert("sub", id);
    }
    let (from, until) = validity_members(Version::V1_1);
    for (claim, member, time) in [
        ("nbf", from, credential.valid_from()),
        ("exp", until, credential.valid_until()),
    ] {
        if let Some(time) = time.filter(|time| Timestamp::from_unix(time.unix()) == Some(*time)) {
            vc.remove(member);
            claims.insert(claim, number(time));
        }
    }
    claims.insert("vc", vc);
    claims
}

/// What binds a presentation in a token to its verifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentationToken {
    nonce: String,
    audience: String,
    issued: Timestamp,
    expires: Option<Timestamp>,
}

impl PresentationToken {
    /// An answer to a verifier's nonce, for the verifier known by a name, made at a time (VC-03).
    ///
    /// # Errors
    /// `vc/empty-binding` if nonce or audience is empty.
    pub fn new(nonce: &str, audience: &str, issued: Timestamp) -> Result<Self, Error> {
        for (member, text) in [("nonce", nonce), ("aud", audience)] {
            if text.is_empty() {
                return Err(Error::EmptyBinding { member });
            }
        }
        Ok(Self {
            nonce: nonce.to_owned(),
            audience: audience.to_owned(),
            issued,
            expires: None,
        })
    }

    /// From when on it counts no more.
    #[must_use]
    pub const fn expires(mut self, time: Timestamp) -> Self {
        self.expires = Some(time);
        self
    }
}

/// Signs a presentation as a token: `vp+jwt` for VC 2.0, a `vp` claim for VC 1.1 (VC-03).
///
/// # Errors
/// `vc/already-signed`; `vc/not-the-signer` if the presentation names another holder than the DID of the verification
/// method; `vc/too-large`; what the signer reports.
pub fn presentation_to_jwt(
    presentation: &Presentation<'_>,
    binding: &PresentationToken,
    method: &DidUrl,
    signer: &dyn Signer,
) -> Result<String, Error> {
    if presentation.is_signed() {
        return Err(Error::AlreadySigned);
    }
    let holder = presentation.holder().unwrap_or(method.did_str());
    check_signer("holder", holder, method)?;
    check_did_key_of(method, signer)?;
    let document = presentation.as_object().clone().into_owned();
    let (token_type, mut claims) = match presentation.version() {
        Version::V2_0 => ("vp+jwt", document),
        Version::V1_1 => {
            let mut claims = Object::new();
            claims.insert("vp", document);
            ("JWT", claims)
        }
    };
    claims.insert("iss", holder.to_owned());
    claims.insert("aud", binding.audience.clone());
    claims.insert("nonce", binding.nonce.clone());
    claims.insert("iat", number(binding.issued));
    if let Some(expires) = binding.expires {
        claims.insert("exp", number(expires));
    }
    jws::sign(token_type, Some(method.as_str()), &claims, signer)
}

/// Puts a credential in a token, JWT or SD-JWT, into an envelope, so that it can stand in a presentation of VC 2.0 (section
/// 4.13.1).
///
/// # Errors
/// `vc/malformed-token` if it is no token of a VC 2.0 credential.
pub fn envelope_credential(token: &str) -> Result<Object<'static>, Error> {
    envelope("EnvelopedVerifiableCredential", "vc", token)
}

/// Puts a presentation in a token into an envelope (section 4.13.2).
///
/// # Errors
/// `vc/malformed-token` if it is no token.
pub fn envelope_presentation(token: &str) -> Result<Object<'static>, Error> {
    envelope("EnvelopedVerifiablePresentation", "vp", token)
}

fn envelope(type_name: &'static str, kind: &str, token: &str) -> Result<Object<'static>, Error> {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~');
    if token.is_empty() || !token.bytes().all(is_token) {
        return Err(crate::error::token("token", "base64url, points and tildes"));
    }
    let form = if token.contains('~') { "sd-jwt" } else { "jwt" };
    let mut object = Object::new();
    object.insert("@context", Version::V2_0.context());
    let id = alloc::format!("data:application/{kind}+{form},{token}");
    object.insert("id", id.to_string());
    object.insert("type", type_name);
    Ok(object)
}
