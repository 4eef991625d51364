//! DID documents: what is refused, and what a key in one may be used for.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use kbtf_did::{
    Did, DidDocument, DidUrl, Error, KeyState, VerificationRelationship,
    did_key::{self, KeyFormat},
};
use serde_json::{Value, json};

const KEY: &str = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";

fn base() -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/did/v1"],
        "id": "did:example:a",
        "controller": ["did:example:a", "did:example:b"],
        "verificationMethod": [{
            "id": "did:example:a#1", "type": "Multikey", "controller": "did:example:a", "publicKeyMultibase": KEY
        }],
        "authentication": ["#1", {
            "id": "#2", "type": "Multikey", "controller": "did:example:a", "publicKeyMultibase": KEY
        }],
        "assertionMethod": ["did:example:a#1"],
        "service": [{"id": "#s", "type": ["A", "B"], "serviceEndpoint": "https://example.com/"}],
        "unknown": {"kept": [1, 2.5, "셋"]}
    })
}

fn parse(document: &Value) -> Result<DidDocument, Error> {
    DidDocument::parse(&document.to_string())
}

fn url(text: &str) -> DidUrl {
    DidUrl::parse(text).unwrap()
}

#[test]
fn a_document_is_kept_whole_and_understood() {
    use VerificationRelationship::{AssertionMethod, Authentication, KeyAgreement};
    let document = parse(&base()).unwrap();
    let kept: Value = serde_json::from_str(&document.as_object().to_json()).unwrap();
    assert_eq!(kept, base());
    assert_eq!(document.id().as_str(), "did:example:a");
    assert_eq!(document.verification_methods().len(), 2);
    let (one, two) = (url("did:example:a#1"), url("did:example:a#2"));
    assert!(document.is_listed(&one, Authentication) && document.is_listed(&one, AssertionMethod));
    assert!(document.is_listed(&two, Authentication));
    // Embedded for one purpose is not listed for another.
    assert!(!document.is_listed(&two, AssertionMethod));
    assert!(!document.is_listed(&one, KeyAgreement));
    assert_eq!(document.listed_for(Authentication).count(), 2);
    assert_eq!(document.services("B").count(), 1);
    assert_eq!(document.services("C").count(), 0);
    let method = document.verification_method(&two).unwrap();
    assert_eq!(method.public_key().unwrap().to_multikey(), KEY);
    assert!(
        document
            .verification_method(&url("did:example:b#1"))
            .is_none()
    );
}

#[test]
fn broken_documents_are_refused_with_the_place() {
    let cases: [(&str, Value, &str); 27] = [
        ("/@context", Value::Null, "@context"),
        ("/@context", json!([]), "@context"),
        ("/@context", json!(["https://example.com/"]), "@context"),
        ("/id", Value::Null, "id"),
        ("/id", json!("example"), "id"),
        ("/id", json!(["did:example:a"]), "id"),
        ("/id", json!("did:example:a#1"), "id"),
        ("/controller", json!(7), "controller"),
        ("/controller/1", json!("b"), "controller"),
        ("/verificationMethod", json!({}), "verificationMethod"),
        (
            "/verificationMethod/0",
            json!("#1"),
            "verificationMethod[0]",
        ),
        (
            "/verificationMethod/0/id",
            json!("did:example:a"),
            "verificationMethod[0].id",
        ),
        (
            "/verificationMethod/0/id",
            json!("1"),
            "verificationMethod[0].id",
        ),
        (
            "/verificationMethod/0/type",
            json!(["Multikey"]),
            "verificationMethod[0].type",
        ),
        (
            "/verificationMethod/0/controller",
            json!(null),
            "verificationMethod[0].controller",
        ),
        (
            "/verificationMethod/0/expires",
            json!("2026-01-01"),
            "verificationMethod[0].expires",
        ),
        (
            "/verificationMethod/0/revoked",
            json!(0),
            "verificationMethod[0].revoked",
        ),
        (
            "/verificationMethod/0/secretKeyMultibase",
            json!("z"),
            "verificationMethod[0]",
        ),
        ("/authentication", json!("#1"), "authentication"),
        ("/authentication/0", json!("1"), "authentication[0]"),
        ("/authentication/1/id", json!("#1"), "did:example:a#1"),
        ("/service/0/serviceEndpoint", json!(5), "service[0]"),
        ("/service/0/id", json!("not a uri"), "service[0]"),
        (
            "/service/1",
            json!({"id": "did:example:a#s", "type": "C", "serviceEndpoint": {}}),
            "service[1].id",
        ),
        ("/alsoKnownAs", json!(["no uri"]), "alsoKnownAs"),
        ("/assertionMethod/1", json!("#1"), "assertionMethod[1]"),
        ("/service/0/serviceEndpoint", Value::Null, "service[0]"),
    ];
    for (pointer, value, expected_place) in cases {
        let mut document = base();
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        let parent = document.pointer_mut(parent).unwrap();
        match (parent, value) {
            // Null stands for "absent" here, except where the case wants the null itself.
            (Value::Object(o), Value::Null) if member != "controller" => {
                o.remove(member);
            }
            (Value::Object(o), value) => {
                o.insert(member.into(), value);
            }
            (Value::Array(a), value) => {
                let at: usize = member.parse().unwrap();
                a.truncate(at + 1);
                if at == a.len() {
                    a.push(value);
                } else {
                    a[at] = value;
                }
            }
            _ => panic!(),
        }
        match parse(&document).unwrap_err() {
            Error::InvalidDocument { place, .. } => assert_eq!(place, expected_place, "{pointer}"),
            other => panic!("{pointer}: {other}"),
        }
    }
    assert!(DidDocument::parse("[]").is_err());
    assert_eq!(
        DidDocument::parse(r#"{"id":"did:a:b","id":"did:a:c"}"#)
            .unwrap_err()
            .code(),
        "json/duplicate-member"
    );
}

#[test]
fn entries_are_bounded_so_that_memory_is() {
    let id = format!("did:example:{}", "a".repeat(1900));
    let references: Vec<_> = (0..200_000).map(|i| format!("\"#{i:x}\"")).collect();
    let text = format!(
        r#"{{"@context":"https://www.w3.org/ns/did/v1","id":"{id}","assertionMethod":[{}]}}"#,
        references[..90_000].join(",")
    );
    let error = DidDocument::parse(&text).unwrap_err();
    assert!(matches!(error, Error::InvalidDocument { ref place, .. } if place == "document"));
}

#[test]
fn a_secret_anywhere_in_a_method_spoils_the_document() {
    for method in [
        json!({"type": "Unknown", "publicKeyJwk": {"kty": "RSA", "d": "x"}}),
        json!({"type": "Multikey", "publicKeyMultibase": KEY, "publicKeyJwk": {"kty": "OKP", "d": "x"}}),
        json!({"type": "Unknown", "publicKeyMultibase": "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"}),
        json!({"type": "Unknown", "privateKeyPem": "x"}),
        json!({"type": "Multikey", "publicKeyMultibase": KEY, "privateKeyHex": "00"}),
        json!({"type": "Multikey", "publicKeyMultibase": KEY, "secretKeyBase58": "1"}),
        json!({"type": "Unknown", "publicKeyJwk": [{"kty": "OKP", "d": "x"}]}),
        json!({"type": "Unknown", "publicKeyMultibase": ["z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"]}),
    ] {
        let mut document = base();
        let mut method = method;
        method["id"] = json!("#3");
        method["controller"] = json!("did:example:a");
        document["verificationMethod"]
            .as_array_mut()
            .unwrap()
            .push(method);
        assert!(parse(&document).is_err(), "{document}");
    }
}

#[test]
fn a_key_of_no_use_does_not_spoil_the_document_but_cannot_be_used() {
    for (method, code) in [
        (
            json!({"type": "RsaVerificationKey2018", "publicKeyPem": "…"}),
            "did/unsupported-key-type",
        ),
        (
            json!({"type": "Multikey", "publicKeyMultibase": "zz"}),
            "did/unsupported-key-type",
        ),
        (json!({"type": "Multikey"}), "did/invalid-multibase"),
        (
            json!({"type": "Ed25519VerificationKey2020", "publicKeyMultibase": "zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP"}),
            "did/unsupported-key-type",
        ),
        // Two keys in one method: which would a reader take?
        (
            json!({"type": "Multikey", "publicKeyMultibase": KEY, "publicKeyJwk": {}}),
            "did/invalid-multibase",
        ),
        // The type says where the key is; a key elsewhere is not found.
        (
            json!({"type": "JsonWebKey", "publicKeyMultibase": KEY}),
            "did/invalid-jwk",
        ),
        // A 32-byte x-coordinate of P-256 in base58 is ambiguous (DID-06).
        (
            json!({"type": "P256Key2021", "publicKeyBase58": "4zvwRjXUKGfvwnParsHAS3HuSVzV5cA4McphgmoCtajS"}),
            "did/wrong-key-length",
        ),
    ] {
        let mut document = base();
        let mut method = method;
        method["id"] = json!("#3");
        method["controller"] = json!("did:example:a");
        document["verificationMethod"]
            .as_array_mut()
            .unwrap()
            .push(method);
        let document = parse(&document).unwrap();
        let method = document
            .verification_method(&url("did:example:a#3"))
            .unwrap();
        assert_eq!(method.public_key().unwrap_err().code(), code);
    }
    let mut document = base();
    document["verificationMethod"][0]["type"] = json!("JsonWebKey");
    document["verificationMethod"][0]["publicKeyJwk"] =
        json!({"kty": "OKP", "crv": "Ed25519", "x": "", "d": ""});
    document["verificationMethod"][0]
        .as_object_mut()
        .unwrap()
        .remove("publicKeyMultibase");
    assert!(parse(&document).is_err(), "a published secret spoils it");
}

#[test]
fn from_the_moment_of_expiry_or_revocation_a_key_is_out_of_force() {
    let at = |time: &str, expires: Option<&str>, revoked: Option<&str>| {
        let mut document = base();
        let method = &mut document["verificationMethod"][0];
        if let Some(expires) = expires {
            method["expires"] = json!(expires);
        }
        if let Some(revoked) = revoked {
            method["revoked"] = json!(revoked);
        }
        parse(&document).unwrap().verification_methods()[0].state_at(time.parse().unwrap())
    };
    let noon = "2026-01-01T12:00:00Z";
    let parsed = noon.parse().unwrap();
    assert_eq!(at(noon, None, None), KeyState::Active);
    assert_eq!(
        at("2026-01-01T11:59:59Z", Some(noon), Some(noon)),
        KeyState::Active
    );
    assert_eq!(at(noon, Some(noon), None), KeyState::Expired(parsed));
    assert_eq!(at(noon, None, Some(noon)), KeyState::Revoked(parsed));
    assert_eq!(at(noon, Some(noon), Some(noon)), KeyState::Revoked(parsed));
}

#[test]
fn did_key_resolves_to_a_document_of_its_own() {
    let did = Did::parse(&format!("did:key:{KEY}")).unwrap();
    let document = did_key::resolve(&did, KeyFormat::Multikey).unwrap();
    assert_eq!(document.id(), &did);
    let id = did_key::verification_method_id(&did).unwrap();
    assert!(document.is_listed(&id, VerificationRelationship::AssertionMethod));
    assert!(!document.is_listed(&id, VerificationRelationship::KeyAgreement));
    let agreement = document
        .listed_for(VerificationRelationship::KeyAgreement)
        .next()
        .unwrap();
    let method = document.verification_method(agreement).unwrap();
    assert!(
        method
            .public_key()
            .unwrap()
            .to_multikey()
            .starts_with("z6LS")
    );
    let reread = DidDocument::parse(&document.as_object().to_json()).unwrap();
    assert_eq!(reread, document);
}
