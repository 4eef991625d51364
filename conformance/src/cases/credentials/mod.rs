//! Cases of credentials: issued, verified, and attacked.

mod accepted;
mod claims;
mod issue;
mod keys;
mod proofs;
mod structure;

use serde_json::{Value, json};

pub(super) use self::issue::issue;
use super::{
    accepted, case,
    forge::{set, with, without},
    refused, suite,
};
use crate::suite::{Case, Expect, Suite};

const V1: &str = "https://www.w3.org/2018/credentials/v1";
const V2: &str = "https://www.w3.org/ns/credentials/v2";

/// A graduation certificate of an issuer, in VC 2.0.
pub(super) fn certificate(issuer: &str, subject: &str) -> Value {
    json!({
        "@context": [V2],
        "id": "urn:uuid:6a1676b8-b51f-11ed-937b-d76685a20ff5",
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "validFrom": "2026-02-20T00:00:00+09:00",
        "validUntil": "2036-02-20T00:00:00+09:00",
        "credentialSubject": {
            "id": subject,
            "성명": "홍 길동",
            "학위": {"종류": "공학사", "학점": 4.5, "이수": [130, 12, 3]},
            "졸업": true,
            "비고": null
        }
    })
}

/// The same in VC 1.1.
pub(super) fn certificate_v1(issuer: &str, subject: &str) -> Value {
    let mut document = certificate(issuer, subject);
    set(&mut document, "@context", json!([V1]));
    for (old, new) in [
        ("validFrom", "issuanceDate"),
        ("validUntil", "expirationDate"),
    ] {
        let value = document.get(old).cloned().unwrap_or_default();
        document = with(&without(&document, old), new, value);
    }
    document
}

/// A DID document with one Multikey, listed for some purposes.
pub(super) fn document(did: &str, controller: &str, key: &str, purposes: &[&str]) -> Value {
    let mut document = json!({
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [{
            "id": format!("{did}#key-1"), "type": "Multikey", "controller": controller, "publicKeyMultibase": key
        }]
    });
    for purpose in purposes {
        set(&mut document, purpose, json!([format!("{did}#key-1")]));
    }
    document
}

/// A DID document as the caller of a verification hands it in: under the DID that it is about.
pub(super) fn by_id(document: &Value) -> Value {
    let id = document.get("id").and_then(Value::as_str);
    json!({id.unwrap_or_default(): document.to_string()})
}

/// `credential.verify` of a document, with nothing beside it.
fn verify_input(credential: &Value) -> Value {
    json!({"credential": credential.to_string()})
}

pub(super) fn verify() -> Result<Suite, String> {
    let mut cases = accepted::good_credentials()?;
    cases.extend(accepted::waiting_credentials()?);
    cases.extend(keys::whose_key()?);
    cases.extend(keys::key_state()?);
    cases.extend(claims::tampered_claims()?);
    cases.extend(proofs::tampered_proofs()?);
    cases.extend(proofs::malleable_signatures()?);
    cases.extend(structure::contexts_and_versions()?);
    cases.extend(structure::broken_structure()?);
    cases.extend(structure::times_and_trust()?);
    Ok(suite(
        "vc/credential-verify",
        "vc",
        "Verifying credentials: what must be accepted, and every way in which a false one must be refused",
        "자격증명 검증: 수락해야 할 것과, 위조된 것을 거부해야 하는 모든 경우",
        cases,
    ))
}

fn accept_case(id: &str, titles: (&str, &str), input: Value, feature: &str) -> Case {
    verify_case(
        &format!("vc-verify-{id}"),
        titles,
        input,
        accepted(),
        feature,
    )
}

fn verify_case(
    id: &str,
    titles: (&str, &str),
    input: Value,
    expect: Expect,
    feature: &str,
) -> Case {
    case(
        id,
        titles,
        &["VC-01", "VC-02"],
        "credential.verify",
        input,
        expect,
    )
    .features(&[feature])
}

const ED: &str = "eddsa-jcs-2022";

/// A refusal: id, titles, input, reasons.
type Refusal<'r> = (&'r str, &'r str, &'r str, Value, &'r [&'r str]);

fn refusals(requirements: &[&str], feature: &str, table: Vec<Refusal<'_>>) -> Vec<Case> {
    table
        .into_iter()
        .map(|(id, en, ko, input, reasons)| {
            case(
                &format!("vc-verify-refuse-{id}"),
                (en, ko),
                requirements,
                "credential.verify",
                input,
                refused(reasons),
            )
            .features(&[feature])
        })
        .collect()
}
