//! DID documents: what is refused, and what a key in one may be used for.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use kbtf_did::{
    Did, DidDocument, DidUrl, Error, KeyState, KeyType, LegacyForm, NewMethod, PublicKey,
    Representation, SecretKey, VerificationRelationship,
    did_key::{self, KeyFormat},
    multibase,
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
            "did/invalid-spki",
        ),
        (
            json!({"type": "Bls12381G2Key2020", "publicKeyBase58": "…"}),
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
            "did/x-coordinate-only",
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

fn public(key_type: KeyType, seed: u8) -> PublicKey {
    let key = SecretKey::from_bytes(key_type, &[seed; 32]).unwrap();
    key.public_key().clone()
}

/// The document with one more method, and which legacy forms were seen at its place.
fn with_method(method: Value) -> (Result<PublicKey, Error>, Vec<&'static str>) {
    let mut document = base();
    let mut method = method;
    method["id"] = json!("#3");
    method["controller"] = json!("did:example:a");
    let methods = document["verificationMethod"].as_array_mut().unwrap();
    methods.push(method);
    let document = parse(&document).unwrap();
    let id = url("did:example:a#3");
    let key = document.verification_method(&id).unwrap().public_key();
    let warnings = document.warnings().iter();
    let here = warnings.filter(|w| w.place() == "verificationMethod[1]");
    (
        key.cloned().map_err(Clone::clone),
        here.map(|w| w.code()).collect(),
    )
}

#[test]
fn legacy_types_are_read_and_reported() {
    const TYPE: &str = "did/legacy-verification-method-type";
    let (ed, x) = (public(KeyType::Ed25519, 1), public(KeyType::X25519, 1));
    let (p256, k1) = (public(KeyType::P256, 1), public(KeyType::Secp256k1, 1));
    let hex =
        |key: &PublicKey| -> String { key.as_bytes().iter().map(|b| format!("{b:02x}")).collect() };
    let jwk = |key: &PublicKey| -> Value { serde_json::from_str(&key.to_jwk().to_json()).unwrap() };
    // Base64 with padding, as OpenDID writes it.
    let base64 = |key: &PublicKey| {
        use base64ct::Encoding as _;
        format!("m{}", base64ct::Base64::encode_string(key.as_bytes()))
    };
    for (method, key, warnings) in [
        (
            json!({"type": "Multikey", "publicKeyMultibase": ed.to_multikey()}),
            &ed,
            &[][..],
        ),
        (
            json!({"type": "JsonWebKey", "publicKeyJwk": jwk(&k1)}),
            &k1,
            &[],
        ),
        (
            json!({"type": "JsonWebKey2020", "publicKeyJwk": jwk(&p256)}),
            &p256,
            &[TYPE],
        ),
        (
            json!({"type": "JwsVerificationKey2020", "publicKeyJwk": jwk(&ed)}),
            &ed,
            &[TYPE],
        ),
        (
            json!({"type": "Ed25519VerificationKey2018", "publicKeyBase58": ed.to_base58()}),
            &ed,
            &[TYPE, "did/legacy-base58-key"],
        ),
        (
            json!({"type": "Ed25519VerificationKey2018", "publicKeyJwk": jwk(&ed)}),
            &ed,
            &[TYPE],
        ),
        (
            json!({"type": "Ed25519VerificationKey2020", "publicKeyMultibase": ed.to_multikey()}),
            &ed,
            &[TYPE],
        ),
        (
            json!({"type": "X25519KeyAgreementKey2019", "publicKeyBase58": x.to_base58()}),
            &x,
            &[TYPE, "did/legacy-base58-key"],
        ),
        (
            json!({"type": "X25519KeyAgreementKey2020", "publicKeyMultibase": x.to_multikey()}),
            &x,
            &[TYPE],
        ),
        (
            json!({"type": "EcdsaSecp256k1VerificationKey2019", "publicKeyBase58": k1.to_base58()}),
            &k1,
            &[TYPE, "did/legacy-base58-key"],
        ),
        (
            json!({"type": "EcdsaSecp256k1VerificationKey2019", "publicKeyJwk": jwk(&k1)}),
            &k1,
            &[TYPE],
        ),
        (
            json!({"type": "EcdsaSecp256k1VerificationKey2019", "publicKeyHex": hex(&k1)}),
            &k1,
            &[TYPE, "did/legacy-hex-key"],
        ),
        (
            json!({"type": "Secp256k1VerificationKey2018", "publicKeyHex": format!("0x{}", hex(&k1))}),
            &k1,
            &[TYPE, "did/legacy-hex-key"],
        ),
        (
            json!({"type": "Secp256k1VerificationKey2018", "publicKeyBase58": k1.to_base58()}),
            &k1,
            &[TYPE, "did/legacy-base58-key"],
        ),
        (
            json!({"type": "Secp256r1VerificationKey2018", "publicKeyMultibase": base64(&p256)}),
            &p256,
            &[TYPE, "did/legacy-headerless-multibase-key"],
        ),
        (
            json!({"type": "Secp256r1VerificationKey2018", "publicKeyMultibase": multibase::encode_base58btc(p256.as_bytes())}),
            &p256,
            &[TYPE, "did/legacy-headerless-multibase-key"],
        ),
        (
            json!({"type": "Secp256r1VerificationKey2018", "publicKeyMultibase": format!("f{}", hex(&p256))}),
            &p256,
            &[TYPE, "did/legacy-headerless-multibase-key"],
        ),
        (
            json!({"type": "EcdsaSecp256r1VerificationKey2019", "publicKeyMultibase": p256.to_multikey()}),
            &p256,
            &[TYPE],
        ),
        (
            json!({"type": "EcdsaKoblitzSignature2016", "publicKeyPem": k1.to_pem()}),
            &k1,
            &[TYPE, "did/legacy-pem-key"],
        ),
    ] {
        let (found, seen) = with_method(method.clone());
        assert_eq!(&found.unwrap(), key, "{method}");
        assert_eq!(seen, warnings, "{method}");
    }
}

/// What a legacy notation leaves open is refused, never guessed.
#[test]
fn legacy_types_are_as_strict_about_keys_as_new_ones() {
    let (ed, p256, k1) = (
        public(KeyType::Ed25519, 1),
        public(KeyType::P256, 1),
        public(KeyType::Secp256k1, 1),
    );
    let secret = SecretKey::from_bytes(KeyType::Secp256k1, &[1; 32]).unwrap();
    for (method, code) in [
        // The key of another kind than the type is for.
        (
            json!({"type": "Ed25519VerificationKey2018", "publicKeyJwk": {"kty": "OKP", "crv": "X25519", "x": "jRIz3oriXDNZmnb35XQb7K1UIlz3ae1ao1YSqLeBXHs"}}),
            "did/unsupported-key-type",
        ),
        (
            json!({"type": "RsaVerificationKey2018", "publicKeyPem": ed.to_pem()}),
            "did/unsupported-key-type",
        ),
        (
            json!({"type": "Secp256r1VerificationKey2018", "publicKeyMultibase": k1.to_multikey()}),
            "did/unsupported-key-type",
        ),
        // A point of one curve is not, or not the same, on another.
        (
            json!({"type": "EcdsaSecp256k1VerificationKey2019", "publicKeyBase58": p256.to_base58()}),
            "did/invalid-key",
        ),
        (
            json!({"type": "EcdsaSecp256k1VerificationKey2019", "publicKeyHex": "02"}),
            "did/wrong-key-length",
        ),
        (
            json!({"type": "EcdsaSecp256k1VerificationKey2019", "publicKeyHex": "0"}),
            "did/invalid-multibase",
        ),
        (
            json!({"type": "EcdsaSecp256k1VerificationKey2019", "publicKeyHex": "zz"}),
            "did/invalid-multibase",
        ),
        (
            json!({"type": "EcdsaSecp256k1VerificationKey2019", "publicKeyHex": 5}),
            "did/invalid-multibase",
        ),
        (
            json!({"type": "Secp256r1VerificationKey2018", "publicKeyMultibase": "q00"}),
            "did/invalid-multibase",
        ),
        // A member that the type does not have.
        (
            json!({"type": "Ed25519VerificationKey2020", "publicKeyBase58": ed.to_base58()}),
            "did/invalid-multibase",
        ),
        (
            json!({"type": "Multikey", "publicKeyBase58": ed.to_base58()}),
            "did/invalid-multibase",
        ),
        (
            json!({"type": "JsonWebKey2020", "publicKeyBase58": ed.to_base58()}),
            "did/invalid-jwk",
        ),
    ] {
        assert_eq!(
            with_method(method.clone()).0.unwrap_err().code(),
            code,
            "{method}"
        );
    }
    // A secret spoils the document, in whatever notation it stands.
    for method in [
        json!({"type": "Secp256k1VerificationKey2018", "publicKeyMultibase": *secret.to_multikey()}),
        json!({"type": "RsaVerificationKey2018", "publicKeyPem": "-----BEGIN RSA PRIVATE KEY-----"}),
        json!({"type": "Unknown", "publicKeyPem": ["-----BEGIN PRIVATE KEY-----"]}),
    ] {
        let mut document = base();
        document["verificationMethod"][0] = method.clone();
        document["verificationMethod"][0]["id"] = json!("#1");
        document["verificationMethod"][0]["controller"] = json!("did:example:a");
        assert!(parse(&document).is_err(), "{method}");
    }
}

/// The shape of the documents of Korea's mobile identity card and of did:kr, shortened.
#[test]
fn documents_from_before_did_core_are_read_and_reported() {
    let k1 = public(KeyType::Secp256k1, 1);
    let document = parse(&json!({
        "@context": "https://www.w3.org/ns/did/v1",
        "id": "did:kr:mobileid:1",
        "controller": "did:omn:2",
        "publicKey": [{
            "id": "did:kr:mobileid:1#sp", "type": "Secp256k1VerificationKey2018", "controller": "did:kr:mobileid:1",
            "publicKeyBase58": k1.to_base58(), "status": "valid"
        }],
        "verificationMethod": [{
            "id": "did:kr:mobileid:1?versionId=2#pin", "type": "Secp256k1VerificationKey2018",
            "controller": "did:kr:mobileid:1", "publicKeyHex": k1.as_bytes().iter().map(|b| format!("{b:02X}")).collect::<String>()
        }],
        "authentication": [{"publicKey": "did:kr:mobileid:1#sp"}, {"id": "did:kr:mobileid:1?versionId=2#pin"}],
        "service": [{"id": "#hub", "type": "Hub", "serviceEndpoint": "https://example.kr/"}]
    }))
    .unwrap();
    let key = url("did:kr:mobileid:1#sp");
    assert!(document.is_listed(&key, VerificationRelationship::Authentication));
    assert_eq!(
        document.verification_method(&key).unwrap().public_key(),
        Ok(&k1)
    );
    let seen: Vec<(&str, LegacyForm)> = document
        .warnings()
        .iter()
        .map(|w| (w.place(), w.form()))
        .collect();
    for expected in [
        ("publicKey", LegacyForm::PublicKeyArray),
        ("publicKey[0]", LegacyForm::Base58Key),
        ("publicKey[0]", LegacyForm::VerificationMethodType),
        ("verificationMethod[0]", LegacyForm::HexKey),
        ("verificationMethod[0]", LegacyForm::QueryBeforeFragment),
        ("authentication[0]", LegacyForm::ReferenceObject),
        ("authentication[1]", LegacyForm::ReferenceObject),
    ] {
        assert!(seen.contains(&expected), "{expected:?} in {seen:?}");
    }
    assert!(
        document
            .warnings()
            .iter()
            .all(|w| w.to_string().starts_with(w.place()))
    );
    // A method without a controller speaks for nobody (DID-02), in the old place too.
    let error = parse(&json!({
        "@context": "https://www.w3.org/ns/did/v1", "id": "did:kr:1",
        "publicKey": [{"id": "#1", "type": "EcdsaKoblitzSignature2016", "publicKeyPem": k1.to_pem()}]
    }));
    assert!(
        matches!(error.unwrap_err(), Error::InvalidDocument { place, .. } if place == "publicKey[0].controller")
    );
    // The two places share their ids.
    let mut twice = base();
    twice["publicKey"] = twice["verificationMethod"].clone();
    assert!(parse(&twice).is_err());
}

#[test]
fn representations_keep_what_they_were_given() {
    let mut plain = base();
    plain.as_object_mut().unwrap().remove("@context");
    let text = plain.to_string();
    assert!(DidDocument::parse(&text).is_err());
    let document = DidDocument::parse_as(&text, Representation::Json).unwrap();
    assert_eq!(document.warnings()[0].code(), "did/legacy-missing-context");
    let as_json: Value =
        serde_json::from_str(&document.to_representation(Representation::Json)).unwrap();
    assert_eq!(as_json, plain);
    let json_ld = document.to_representation(Representation::JsonLd);
    let mut with_context = plain.clone();
    with_context["@context"] = json!(["https://www.w3.org/ns/did/v1"]);
    assert_eq!(
        serde_json::from_str::<Value>(&json_ld).unwrap(),
        with_context
    );
    assert!(DidDocument::parse(&json_ld).unwrap().warnings().is_empty());
    // A context that is there is one that DID Core knows, in either representation.
    plain["@context"] = json!("https://example.com/");
    assert!(DidDocument::parse_as(&plain.to_string(), Representation::Json).is_err());
    for (media_type, expected) in [
        ("application/did+ld+json", Some(Representation::JsonLd)),
        ("Application/DID+JSON", Some(Representation::Json)),
        ("application/did;profile=x", Some(Representation::JsonLd)),
        ("application/json", None),
        ("", None),
    ] {
        assert_eq!(Representation::from_media_type(media_type), expected);
    }
}

#[test]
fn the_builder_makes_what_the_parser_takes_and_nothing_else() {
    use VerificationRelationship::{AssertionMethod, Authentication, KeyAgreement};
    let did = Did::parse("did:example:a").unwrap();
    let (ed, x) = (public(KeyType::Ed25519, 1), public(KeyType::X25519, 1));
    let expires = "2030-01-01T00:00:00Z".parse().unwrap();
    let document = DidDocument::builder(&did)
        .controller(&Did::parse("did:example:b").unwrap())
        .also_known_as("https://example.com/a")
        .method(
            NewMethod::new("1", &ed)
                .purposes(&[AssertionMethod])
                .purposes(&[AssertionMethod, Authentication])
                .expires(expires),
        )
        .method(
            NewMethod::new("2", &x)
                .purposes(&[KeyAgreement])
                .format(KeyFormat::JsonWebKey2020)
                .revoked(expires),
        )
        .service("s", "LinkedDomains", "https://example.com/")
        .build()
        .unwrap();
    assert_eq!(
        document.controllers().collect::<Vec<_>>(),
        ["did:example:b"]
    );
    assert_eq!(
        document.also_known_as().collect::<Vec<_>>(),
        ["https://example.com/a"]
    );
    assert_eq!(document.listed_for(AssertionMethod).count(), 1);
    let one = document
        .verification_method(&url("did:example:a#1"))
        .unwrap();
    assert_eq!((one.expires(), one.public_key()), (Some(expires), Ok(&ed)));
    let two = document
        .verification_method(&url("did:example:a#2"))
        .unwrap();
    assert_eq!((two.revoked(), two.public_key()), (Some(expires), Ok(&x)));
    assert_eq!(
        parse(&serde_json::from_str(&document.as_object().to_json()).unwrap()).unwrap(),
        document
    );

    let start = || DidDocument::builder(&did);
    let one = || NewMethod::new("1", &ed).purposes(&[Authentication]);
    for (broken, code) in [
        (start().method(one()).method(one()), "did/invalid-document"),
        (
            start().method(NewMethod::new("", &ed)),
            "did/invalid-document",
        ),
        (
            start().method(NewMethod::new("a b", &ed)),
            "did/invalid-document",
        ),
        (
            start().method(NewMethod::new("a#b", &ed)),
            "did/invalid-document",
        ),
        (
            start().method(NewMethod::new("1", &x).purposes(&[Authentication])),
            "did/wrong-key-use",
        ),
        (start().also_known_as("no uri"), "did/invalid-document"),
        (
            start().service("s", "", "https://example.com/"),
            "did/invalid-document",
        ),
        (start().service("s", "A", "no uri"), "did/invalid-document"),
        (
            start().service("", "A", "https://example.com/"),
            "did/invalid-document",
        ),
        (
            start().service("s", "A", "https://example.com/").service(
                "s",
                "B",
                "https://example.com/",
            ),
            "did/invalid-document",
        ),
    ] {
        assert_eq!(
            broken.clone().build().unwrap_err().code(),
            code,
            "{broken:?}"
        );
    }
}
