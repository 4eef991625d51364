//! What all libraries issue and verify, the key they do it with, and what is done to it that must not pass.

use std::error::Error;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::Value;

/// What a library says, in its own words where it says no.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

/// How a credential is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A Data Integrity proof of eddsa-jcs-2022.
    Jcs,
    /// A JSON Web Token whose payload is the credential.
    Jwt,
    /// A Data Integrity proof of eddsa-rdfc-2022.
    Rdfc,
}

type Issue<'a> = Box<dyn Fn(&str) -> Outcome<String> + 'a>;
type Verify<'a> = Box<dyn Fn(&[u8]) -> Outcome<()> + 'a>;

/// A library that issues: from the text of a credential to the text of a signed one.
pub(crate) struct Issuer<'a> {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) run: Issue<'a>,
}

impl<'a> Issuer<'a> {
    pub(crate) fn new(
        kind: Kind,
        name: &'static str,
        run: impl Fn(&str) -> Outcome<String> + 'a,
    ) -> Self {
        let run = Box::new(run);
        Self { name, kind, run }
    }
}

/// A library that verifies: from the bytes of a signed credential to yes or no.
pub(crate) struct Verifier<'a> {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) run: Verify<'a>,
}

impl<'a> Verifier<'a> {
    pub(crate) fn new(
        kind: Kind,
        name: &'static str,
        run: impl Fn(&[u8]) -> Outcome<()> + 'a,
    ) -> Self {
        let run = Box::new(run);
        Self { name, kind, run }
    }

    pub(crate) fn accepts(&self, signed: &str) -> bool {
        (self.run)(signed.as_bytes()).is_ok()
    }
}

/// The seed of the issuer's Ed25519 key.
pub(crate) const SEED: [u8; 32] = [7; 32];
/// When the proof was made. In the past: affinidi-data-integrity asks the clock.
pub(crate) const CREATED: &str = "2026-02-20T00:00:00Z";
/// When the credential is verified, for the libraries that can be told.
pub(crate) const NOW: &str = "2026-11-22T00:00:00Z";

/// The second context of the certificate, after that of VC 2.0: it makes an IRI of every term that the first does not
/// define. Both peers have it with them.
pub(crate) const VOCABULARY: &str = "https://www.w3.org/ns/credentials/examples/v2";
/// What it says.
pub(crate) const VOCABULARY_TEXT: &str =
    r#"{"@context":{"@vocab":"https://www.w3.org/ns/credentials/examples#"}}"#;
/// The contexts of the certificate.
pub(crate) const CONTEXTS: [&str; 2] = ["https://www.w3.org/ns/credentials/v2", VOCABULARY];

/// A graduation certificate. As RDF it goes without its member that is null, which RDF cannot say: kbtf-vc does not
/// sign what the signature would not cover.
pub(crate) fn certificate(kind: Kind, issuer: &str) -> String {
    let [base, vocabulary] = CONTEXTS;
    let null = match kind {
        Kind::Jcs | Kind::Jwt => r#","비고":null"#,
        Kind::Rdfc => "",
    };
    format!(
        r#"{{"@context":["{base}","{vocabulary}"],"id":"urn:uuid:6a1676b8-b51f-11ed-937b-d76685a20ff5","type":["VerifiableCredential"],"name":"졸업증명서","description":"한국대학교가 발급한 학사 학위 졸업증명서","issuer":{{"id":"{issuer}","name":"한국대학교"}},"validFrom":"2026-02-20T00:00:00+09:00","validUntil":"2036-02-20T00:00:00+09:00","credentialSubject":{{"id":"did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2","성명":"홍길동","생년월일":"2001-03-01","학번":"2020-12345","학과":"컴퓨터공학과","학위":{{"종류":"공학사","취득일":"2026-02-20","학점평균":4.12,"만점":4.5,"이수학점":130}},"복수전공":["경영학","수학"],"우등졸업":true{null}}}}}"#
    )
}

/// The same, but its validity is over.
pub(crate) fn expired(certificate: &str) -> String {
    certificate.replace("2036-02-20T00:00:00+09:00", "2026-03-20T00:00:00+09:00")
}

/// The same, but no context defines its claims.
pub(crate) fn undefined(certificate: &str) -> String {
    certificate.replace(&format!(r#","{VOCABULARY}""#), "")
}

/// The same, but of another graduate.
pub(crate) fn of_another(certificate: &str) -> String {
    certificate.replace("홍길동", "홍길순")
}

/// `signed` with the claims of another graduate, `other`, and the signature as it was.
pub(crate) fn tampered(kind: Kind, signed: &str, other: &str) -> Outcome<String> {
    match kind {
        Kind::Jcs | Kind::Rdfc => Ok(of_another(signed)),
        Kind::Jwt => {
            let (_, signature) = signed.rsplit_once('.').ok_or("no token")?;
            let (input, _) = other.rsplit_once('.').ok_or("no token")?;
            Ok(format!("{input}.{signature}"))
        }
    }
}

/// A token with the header of `like`, which signs any claims whatever.
pub(crate) fn any_token(like: &str, claims: &str) -> Outcome<String> {
    let (header, _) = like.split_once('.').ok_or("no token")?;
    let claims = Base64UrlUnpadded::encode_string(claims.as_bytes());
    let input = format!("{header}.{claims}");
    let signature = SigningKey::from_bytes(&SEED).sign(input.as_bytes());
    let signature = Base64UrlUnpadded::encode_string(&signature.to_bytes());
    Ok(format!("{input}.{signature}"))
}

/// `signed` without the contexts that its proof repeats, if it is a document whose proof repeats them.
pub(crate) fn without_proof_contexts(signed: &str) -> Option<String> {
    let mut document: Value = serde_json::from_str(signed).ok()?;
    document
        .get_mut("proof")?
        .as_object_mut()?
        .remove("@context")?;
    Some(document.to_string())
}

/// The signature in the proof of `signed`, if there is a proof.
pub(crate) fn proof_value(signed: &str) -> Option<&str> {
    let (_, rest) = signed.split_once(r#""proofValue":""#)?;
    Some(rest.split_once('"')?.0)
}
