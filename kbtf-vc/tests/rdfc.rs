//! What signatures over RDF leave open, and that none of it is taken: each test is a way to change a signed document
//! without changing its statements, or to put in something that makes none.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod common;

use std::sync::Arc;

use kbtf_did::{
    CryptoProvider as _, KeyType, SOFTWARE, SecretKey, Signer as _, SoftwareSigner, did_key, json,
};
use kbtf_vc::{
    Credential, Cryptosuite, Decision, Evidence, FailureCode, Policy, ProofOptions, Trust, Verdict,
    add_proof, issue_credential,
    rdfc::{Contexts, GraphHash, canonical_form},
    verify_credential,
};

const NOW: &str = "2026-11-22T00:00:00Z";
const SCHOOL: &str = "https://school.example/context/v1";
/// A context of the caller: words with a type, lists, languages, another name for what is known, and prefixes.
const SCHOOL_DOCUMENT: &str = r#"{"@context": {
  "@version": 1.1,
  "school": "https://school.example/ns#",
  "xsd": "http://www.w3.org/2001/XMLSchema#",
  "did": {"@id": "https://evil.example/", "@prefix": false},
  "urn": "https://evil.example/urn#",
  "degree": "school:degree",
  "Graduation": "school:Graduation",
  "grades": {"@id": "school:grades", "@container": "@list"},
  "title": {"@id": "school:title", "@container": "@language"},
  "points": {"@id": "school:points", "@type": "xsd:integer"},
  "ratio": "school:ratio",
  "of": {"@id": "school:of", "@type": "@id"},
  "level": {"@id": "school:level", "@type": "@vocab"},
  "bachelor": "school:bachelor",
  "raw": {"@id": "school:raw", "@type": "@json"},
  "back": {"@reverse": "school:back"},
  "byIndex": {"@id": "school:byIndex", "@container": "@index"},
  "nothing": null
}}"#;

fn policy() -> Policy<'static> {
    let sha256 = SOFTWARE.sha256(SCHOOL_DOCUMENT.as_bytes()).unwrap();
    Policy::new(Trust::AnyIssuer)
        .context_document(SCHOOL, SCHOOL_DOCUMENT.as_bytes(), &sha256)
        .unwrap()
        .context_list(&[kbtf_vc::CONTEXT_V2, SCHOOL])
        .waive_status()
}

fn contexts() -> Arc<Contexts> {
    let mut contexts = Contexts::new();
    contexts.add(SCHOOL, SCHOOL_DOCUMENT.as_bytes()).unwrap();
    contexts.accept(&[kbtf_vc::CONTEXT_V2, SCHOOL]);
    Arc::new(contexts)
}

fn signer(key_type: KeyType) -> SoftwareSigner<'static> {
    SoftwareSigner::new(SecretKey::from_bytes(key_type, &[7; 32]).unwrap())
}

fn unsigned(subject: &str, members: &str) -> String {
    let issuer = did_key::from_public_key(signer(KeyType::Ed25519).public_key());
    format!(
        r#"{{"@context":["https://www.w3.org/ns/credentials/v2","{SCHOOL}"],"id":"https://school.example/1",
        "type":["VerifiableCredential","Graduation"],"issuer":"{issuer}"{members},
        "credentialSubject":{{"id":"https://school.example/students/1",{subject}}}}}"#
    )
}

fn options() -> ProofOptions {
    let issuer = did_key::from_public_key(signer(KeyType::Ed25519).public_key());
    let method = did_key::verification_method_id(&issuer).unwrap();
    ProofOptions::assertion(method, NOW.parse().unwrap()).rdf(contexts())
}

fn signed(subject: &str, members: &str) -> String {
    let text = unsigned(subject, members);
    let credential = Credential::parse(&text).unwrap();
    issue_credential(credential, &options(), &signer(KeyType::Ed25519))
        .unwrap()
        .to_json()
}

fn verdict(text: &str) -> Verdict {
    verify_credential(
        text.as_bytes(),
        &Evidence::new(),
        &policy(),
        NOW.parse().unwrap(),
    )
    .verdict()
    .clone()
}

fn code(text: &str) -> Option<FailureCode> {
    verdict(text)
        .failures()
        .next()
        .map(|failure| failure.code())
}

/// Changes a signed text, and gives what the verifier says of it.
fn changed(text: &str, from: &str, to: &str) -> Option<FailureCode> {
    assert_eq!(text.matches(from).count(), 1, "{from} in {text}");
    code(&text.replace(from, to))
}

const RICH: &str = r#""degree":"공학사","grades":[4.5,4,"A",["x"]],"title":{"ko":"졸업","en":["Graduation"]},
  "points":130,"ratio":0.25,"of":"https://school.example/","level":"bachelor","raw":{"b":1,"a":[null]},
  "name":{"@value":"Hong","@language":"en-US"},"description":{"@value":"1","type":"xsd:byte"}"#;

#[test]
fn a_document_with_everything_verifies_and_any_change_of_a_value_is_seen() {
    let text = signed(RICH, r#","validUntil":"2027-01-01T00:00:00Z""#);
    assert!(text.contains("eddsa-rdfc-2022"));
    assert_eq!(code(&text), None);
    assert_eq!(verdict(&text).decision(), Decision::Accepted);
    for (from, to) in [
        ("공학사", "공학석사"),
        ("4.5,4", "4,4.5"),
        ("[\"x\"]", "\"x\""),
        ("\"졸업\"", "\"수료\""),
        ("130", "131"),
        ("0.25", "0.26"),
        ("\"bachelor\"", "\"Graduation\""),
        ("\"b\":1", "\"b\":2"),
        ("en-US", "en-GB"),
        ("xsd:byte", "xsd:int"),
        ("2027-01", "2028-01"),
        ("school.example/1\"", "school.example/2\""),
        ("\"created\":\"2026-11-22", "\"created\":\"2026-11-21"),
    ] {
        assert_eq!(
            changed(&text, from, to),
            Some(FailureCode::InvalidSignature),
            "{from}"
        );
    }
}

#[test]
fn what_makes_no_statement_is_refused_by_name() {
    let text = signed(r#""degree":"공학사""#, "");
    let cases = [
        // No context knows it.
        r#""nickname":"x","#,
        // A context says that it means nothing.
        r#""nothing":"x","#,
        // Dropped by JSON-LD.
        r#""ratio":null,"#,
        r#""ratio":[],"#,
        r#""@index":"x","#,
        r#""@other":"x","#,
        // What this crate does not follow.
        r#""back":"x","#,
        r#""byIndex":{"a":"x"},"#,
        r#""ratio":{"@value":"x","@language":"ko","@direction":"rtl"},"#,
        r#""@included":{"id":"https://school.example/2","ratio":1},"#,
        r#""@reverse":{"of":"https://school.example/2"},"#,
        r#""@nest":{"ratio":1},"#,
        r#""@graph":{"ratio":1},"#,
        // No IRI, so no statement.
        r#""of":"students/2","#,
        r#""of":"_:b0","#,
        r#""of":"https://school.example/a b","#,
        r#""level":"master","#,
        // Digits beyond the canonical form.
        r#""ratio":0.12345678901234568,"#,
        r#""ratio":[["x"]],"#,
        r#""ratio":{"@value":null,"type":"xsd:byte"},"#,
        r#""title":{},"#,
        // A set has a value once, however often it is written.
        r#""ratio":["x","x"],"#,
        r#""of":["https://school.example/2",{"id":"https://school.example/2","ratio":1}],"#,
        r#""title":{"korean language":"x"},"#,
    ];
    for case in cases {
        let found = changed(&text, r#""degree":"#, &format!(r#"{case}"degree":"#));
        assert_eq!(found, Some(FailureCode::NotCovered), "{case}");
        // And nothing like it is signed.
        let text = unsigned(&format!(r#"{case}"degree":"x""#), "");
        let credential = Credential::parse(&text).unwrap();
        let refused = issue_credential(credential, &options(), &signer(KeyType::Ed25519));
        assert_eq!(refused.unwrap_err().code(), "vc/not-covered", "{case}");
    }
}

#[test]
fn what_is_said_under_another_name_or_elsewhere_is_refused() {
    let status =
        r#","credentialStatus":{"id":"https://school.example/status#1","type":"school:Status"}"#;
    let dates = r#","validUntil":"2026-11-01T00:00:00Z""#;
    // Only one of two ways to write a type is taken, even from the signer himself.
    let in_full = status.replace("school:Status", "https://school.example/ns#Status");
    let in_full = unsigned(r#""degree":"공학사""#, &in_full);
    let in_full = Credential::parse(&in_full).unwrap();
    let refused = issue_credential(in_full, &options(), &signer(KeyType::Ed25519)).unwrap_err();
    assert_eq!(refused.code(), "vc/not-compacted");
    assert!(
        refused.to_string().starts_with("credentialStatus.type: "),
        "{refused}"
    );
    let text = signed(
        r#""degree":"공학사","of":"https://school.example/2","points":130"#,
        &format!("{status}{dates}"),
    );
    assert_eq!(code(&text), Some(FailureCode::Expired));
    let cases = [
        // The end of validity, and the status, by their IRIs.
        (
            r#""validUntil":"2026"#,
            r#""https://www.w3.org/2018/credentials#validUntil":"2026"#,
        ),
        (
            r#""credentialStatus":"#,
            r#""https://www.w3.org/2018/credentials#credentialStatus":"#,
        ),
        // Types and ids in another spelling.
        (
            r#""VerifiableCredential","Graduation""#,
            r#""VerifiableCredential","https://school.example/ns#Graduation""#,
        ),
        (
            r#""VerifiableCredential","Graduation""#,
            r#""VerifiableCredential","school:Graduation""#,
        ),
        (r#""degree":"#, r#""school:degree":"#),
        (r#"school:Status"#, r#"https://school.example/ns#Status"#),
        (r#""degree":"#, r#""https://school.example/ns#degree":"#),
        (
            r#""points":130"#,
            r#""points":{"@value":"130","@type":"xsd:integer"}"#,
        ),
        (r#""degree":"공학사""#, r#""degree":{"@value":"공학사"}"#),
        (r#""degree":"공학사""#, r#""degree":{"@set":["공학사"]}"#),
    ];
    for (from, to) in cases {
        let changed = text.replace(from, to);
        let found = verdict(&changed);
        let codes: Vec<_> = found.failures().map(|failure| failure.code()).collect();
        assert!(
            codes.contains(&FailureCode::NotCompacted) || codes.contains(&FailureCode::NotCovered),
            "{to}: {codes:?}"
        );
    }
}

#[test]
fn keywords_have_the_name_that_the_context_gives_them() {
    let text = signed(r#""degree":"공학사""#, "");
    let from = r#""id":"https://school.example/students/1""#;
    assert_eq!(
        changed(&text, from, &from.replace("id", "@id")),
        Some(FailureCode::NotCompacted)
    );
    let both = format!(r#"{from},"@id":"https://school.example/students/1""#);
    assert_eq!(changed(&text, from, &both), Some(FailureCode::NotCompacted));
}

/// A prefix that looks like a scheme would make another DID of a DID.
#[test]
fn a_prefix_does_not_turn_an_identifier_into_another() {
    let text = unsigned(r#""of":"urn:uuid:1""#, "");
    let refused = issue_credential(
        Credential::parse(&text).unwrap(),
        &options(),
        &signer(KeyType::Ed25519),
    );
    assert_eq!(refused.unwrap_err().code(), "vc/not-compacted");
}

#[test]
fn contexts_are_at_hand_or_the_document_is_refused() {
    let text = signed(r#""degree":"공학사""#, "");
    // Known by name alone: enough for JCS, not for RDF.
    let by_name = Policy::new(Trust::AnyIssuer).context(SCHOOL);
    let now = NOW.parse().unwrap();
    let verification = verify_credential(text.as_bytes(), &Evidence::new(), &by_name, now);
    let codes: Vec<_> = verification
        .verdict()
        .failures()
        .map(|f| f.code())
        .collect();
    assert_eq!(codes, [FailureCode::UnknownContext]);
    for (document, place) in [
        ("[]", ""),
        ("{}", ""),
        (
            r#"{"@context": {"@import": "https://x.example"}}"#,
            "@import",
        ),
        (r#"{"@context": {"@vocab": 1}}"#, "@vocab"),
        (r#"{"@context": {"a": {"@id": "b:c", "@colour": 1}}}"#, "a"),
        (r#"{"@context": {"a": "b", "b": "a"}}"#, ""),
        (r#"{"@context": {"id": "https://x.example/id"}}"#, "id"),
        (
            r#"{"@context": {"VerifiableCredential": "https://x.example/"}}"#,
            "VerifiableCredential",
        ),
        (r#"{"@context": [null]}"#, "null"),
        (
            r#"{"@context": {"a": {"@id": "https://x.example/", "@container": "@bag"}}}"#,
            "a",
        ),
    ] {
        let sha256 = SOFTWARE.sha256(document.as_bytes()).unwrap();
        let policy = Policy::new(Trust::AnyIssuer)
            .context_document(SCHOOL, document.as_bytes(), &sha256)
            .unwrap()
            .context_list(&[kbtf_vc::CONTEXT_V2, SCHOOL]);
        let verification = verify_credential(text.as_bytes(), &Evidence::new(), &policy, now);
        let codes: Vec<_> = verification
            .verdict()
            .failures()
            .map(|f| f.code())
            .collect();
        let expected = if document.contains("@context") {
            FailureCode::UnusableContext
        } else {
            FailureCode::UnknownContext
        };
        assert_eq!(codes, [expected], "{document}");
        let details: Vec<_> = verification
            .verdict()
            .failures()
            .map(|f| f.detail())
            .collect();
        assert!(details[0].contains(place), "{details:?}");
    }
}

/// A document that would make the verifier work for ever: nodes that look alike, and contexts upon contexts.
#[test]
fn work_is_bounded() {
    let mut contexts = Contexts::clone(&contexts());
    contexts.accept(&[SCHOOL]);
    let form = |text: &str| {
        let document = json::parse(text).unwrap();
        let document = document.as_object().unwrap();
        canonical_form(document, &[], &contexts, GraphHash::Sha256, &SOFTWARE).map_err(|e| e.code())
    };
    let child = format!(r#"{{"of":[{}]}}"#, [r#"{"of":[{},{}]}"#; 12].join(","));
    let alike = format!(
        r#"{{"@context":"{SCHOOL}","of":[{}]}}"#,
        [child.as_str(); 2].join(",")
    );
    assert_eq!(form(&alike), Err("vc/graph-too-complex"));
    let upon = [format!(r#""{SCHOOL}""#).as_str(); 100].join(",");
    let many = format!(r#"{{"@context":[{upon}],"ratio":1}}"#);
    assert_eq!(form(&many), Err("vc/unknown-context-list"));
    let deep = format!(
        "{}{}",
        r#"{"of":"#.repeat(40),
        "{}".to_owned() + &"}".repeat(40)
    );
    let deep = format!(r#"{{"@context":"{SCHOOL}","of":{deep}}}"#);
    assert!(form(&deep).is_ok());
}

#[test]
fn sets_chains_and_other_keys() {
    let text = signed(r#""degree":"공학사""#, "");
    let other = signer(KeyType::P256);
    let did = did_key::from_public_key(other.public_key());
    let method = did_key::verification_method_id(&did).unwrap();
    let now = NOW.parse().unwrap();
    let json_options = ProofOptions::assertion(method.clone(), now).id("urn:example:second");
    let rdf_options = ProofOptions::assertion(method, now).rdf(contexts());
    // A proof over JSON and one over RDF, then one upon the first.
    let two = add_proof(Credential::parse(&text).unwrap(), &json_options, &other).unwrap();
    let two = two.to_json();
    assert_eq!(code(&two), None, "{two}");
    let chained = rdf_options.previous_proof("urn:example:second");
    let three = add_proof(Credential::parse(&two).unwrap(), &chained, &other);
    // `urn:` is a prefix of the context: the name of the proof would be another in RDF.
    assert_eq!(three.unwrap_err().code(), "vc/not-compacted");
    let renamed = ProofOptions::assertion(did_key::verification_method_id(&did).unwrap(), now);
    let two = add_proof(
        Credential::parse(&text).unwrap(),
        &renamed.clone().id("https://school.example/proofs/2"),
        &other,
    )
    .unwrap()
    .to_json();
    let chained = renamed
        .rdf(contexts())
        .previous_proof("https://school.example/proofs/2");
    let three = add_proof(Credential::parse(&two).unwrap(), &chained, &other).unwrap();
    let three = three.to_json();
    assert!(three.contains("ecdsa-rdfc-2019"));
    assert_eq!(code(&three), None, "{three}");
    let broken = three.replace("ecdsa-jcs-2019", "ecdsa-rdfc-2019");
    assert_eq!(code(&broken), Some(FailureCode::Malformed));
    assert_eq!(Cryptosuite::rdf_for_key(KeyType::Secp256k1), None);
}

/// The hash of each as its specification publishes it is what `Policy` holds callers' copies to.
#[test]
fn embedded_contexts_are_the_published_ones() {
    for name in [
        "credentials-v1",
        "credentials-v2",
        "data-integrity-v1",
        "data-integrity-v2",
        "ed25519-2020-v1",
        "did-v1",
    ] {
        let path = format!(
            "{}/src/rdfc/contexts/{name}.jsonld",
            env!("CARGO_MANIFEST_DIR")
        );
        let bytes = std::fs::read(path).unwrap();
        let url = match name {
            "credentials-v1" => kbtf_vc::CONTEXT_V1,
            "credentials-v2" => kbtf_vc::CONTEXT_V2,
            "data-integrity-v1" => "https://w3id.org/security/data-integrity/v1",
            "data-integrity-v2" => "https://w3id.org/security/data-integrity/v2",
            "ed25519-2020-v1" => "https://w3id.org/security/suites/ed25519-2020/v1",
            _ => "https://www.w3.org/ns/did/v1",
        };
        let sha256 = SOFTWARE.sha256(&bytes).unwrap();
        // Refused, were it another than the one that is well known.
        let policy = Policy::new(Trust::AnyIssuer).context_document(url, &bytes, &sha256);
        assert!(policy.is_ok(), "{name}");
        let document = format!(r#"{{"@context":"{url}","id":"https://school.example/1"}}"#);
        let document = json::parse(&document).unwrap();
        let mut contexts = Contexts::new();
        contexts.accept(&[url]);
        let form = canonical_form(
            document.as_object().unwrap(),
            &[],
            &contexts,
            GraphHash::Sha256,
            &SOFTWARE,
        );
        // It says nothing, but its context is read.
        assert_eq!(form.unwrap_err().code(), "vc/not-covered", "{name}");
    }
}
