//! What the cases of the conformance suite cannot say of OpenDID: several versions of one DID document.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use kbtf_did::Did;
use kbtf_vc::{
    Decision, FailureCode, Policy, Trust,
    open_did::{self, OpenDidEvidence, OpenDidPolicy},
};
use serde_json::Value;

/// The credential of the suite, whose issuer signs with a key of version 1 of its document.
fn case() -> Value {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../conformance/vectors/vc/open-did.json"
    );
    let suite: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = suite["cases"].as_array().unwrap();
    let case = cases.iter().find(|c| c["id"] == "vc-open-did-credential");
    case.unwrap()["steps"][0]["input"].clone()
}

#[test]
fn a_did_that_a_later_version_deactivates_is_deactivated() {
    let input = case();
    let credential = input["credential"].as_str().unwrap();
    let mut evidence = OpenDidEvidence::new();
    for (did, text) in input["documents"].as_object().unwrap() {
        let did = Did::parse(did).unwrap();
        evidence.add_document(&did, text.as_str().unwrap()).unwrap();
    }
    let policy = OpenDidPolicy::new(Policy::new(Trust::AnyIssuer).waive_status().waive_schema());
    let now = "2026-11-22T00:00:00Z".parse().unwrap();
    let verify = |evidence: &OpenDidEvidence| {
        open_did::verify_credential(credential.as_bytes(), evidence, &policy, now)
            .verdict()
            .clone()
    };
    assert_eq!(verify(&evidence).decision(), Decision::Accepted);
    let later = |deactivated: &str| {
        let mut evidence = evidence.clone();
        for (did, text) in input["documents"].as_object().unwrap() {
            let text = text.as_str().unwrap();
            assert!(text.contains(r#""deactivated":false"#));
            let text = text
                .replace(r#""versionId":"1""#, r#""versionId":"2""#)
                .replace(r#""deactivated":false"#, deactivated);
            evidence
                .add_document(&Did::parse(did).unwrap(), &text)
                .unwrap();
        }
        verify(&evidence)
    };
    assert_eq!(
        later(r#""deactivated":false"#).decision(),
        Decision::Accepted
    );
    let verdict = later(r#""deactivated":true"#);
    let codes: Vec<_> = verdict.failures().map(|failure| failure.code()).collect();
    assert_eq!(codes, [FailureCode::DidDeactivated]);
}
