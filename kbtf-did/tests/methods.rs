//! The methods that need no ledger: did:jwk and did:web.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use base64ct::{Base64UrlUnpadded, Encoding as _};
use kbtf_did::{
    Did, KeyType, PublicKey, SecretKey, VerificationRelationship, did_jwk,
    did_key::{self, KeyFormat},
    did_web,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn did(text: &str) -> Did {
    Did::parse(text).unwrap()
}

fn jwk_did(jwk: &str) -> Did {
    did(&format!(
        "did:jwk:{}",
        Base64UrlUnpadded::encode_string(jwk.as_bytes())
    ))
}

/// The two examples of the did:jwk specification, to the last member.
#[test]
fn the_examples_of_the_did_jwk_specification_resolve() {
    let p256 = did(
        "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAiLCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9",
    );
    let document = did_jwk::resolve(&p256).unwrap();
    let id = format!("{p256}#0");
    let expected = json!({
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/jws-2020/v1"],
        "id": p256.as_str(),
        "verificationMethod": [{
            "id": id, "type": "JsonWebKey2020", "controller": p256.as_str(),
            "publicKeyJwk": {
                "crv": "P-256", "kty": "EC",
                "x": "acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0", "y": "_KcyLj9vWMptnmKtm46GqDz8wf74I5LKgrl2GzH3nSE"
            }
        }],
        "assertionMethod": [id], "authentication": [id], "capabilityInvocation": [id],
        "capabilityDelegation": [id], "keyAgreement": [id]
    });
    let ours: Value = serde_json::from_str(&document.as_object().to_json()).unwrap();
    assert_eq!(ours, expected);
    assert_eq!(
        did_jwk::public_key(&p256).unwrap().key_type(),
        KeyType::P256
    );

    let x25519 = did(
        "did:jwk:eyJrdHkiOiJPS1AiLCJjcnYiOiJYMjU1MTkiLCJ1c2UiOiJlbmMiLCJ4IjoiM3A3YmZYdDl3YlRUVzJIQzdPUTFOei1EUThoYmVHZE5yZngtRkctSUswOCJ9",
    );
    let document = did_jwk::resolve(&x25519).unwrap();
    for relationship in VerificationRelationship::ALL {
        let listed = document.listed_for(relationship).count();
        assert_eq!(
            listed,
            usize::from(relationship == VerificationRelationship::KeyAgreement)
        );
    }
}

#[test]
fn the_use_of_a_jwk_decides_what_its_did_is_for() {
    const EC: &str = r#""kty":"EC","crv":"P-256","x":"igrFmi0whuihKnj9R3Om1SoMph72wUGeFaBbzG2vzns","y":"efsX5b10x8yjyrj4ny3pGfLcY7Xby1KzgqOdqnsrJIM""#;
    use VerificationRelationship::{Authentication, KeyAgreement};
    for (jwk, signs, agrees) in [
        (format!("{{{EC}}}"), true, true),
        (format!(r#"{{{EC},"use":"sig"}}"#), true, false),
        (format!(r#"{{{EC},"use":"enc"}}"#), false, true),
        (
            format!(r#"{{{EC},"kid":"ignored","x5t":"kept"}}"#),
            true,
            true,
        ),
    ] {
        let document = did_jwk::resolve(&jwk_did(&jwk)).unwrap();
        assert_eq!(
            document.listed_for(Authentication).count() == 1,
            signs,
            "{jwk}"
        );
        assert_eq!(
            document.listed_for(KeyAgreement).count() == 1,
            agrees,
            "{jwk}"
        );
    }
}

#[test]
fn a_did_jwk_that_is_none_is_refused() {
    for (identifier, code) in [
        ("did:jwk:e30".to_owned(), "did/invalid-jwk"), // {}
        ("did:jwk:W10".to_owned(), "did/invalid-did-jwk"), // []
        ("did:jwk:e30=".replace('=', ".."), "did/invalid-did-jwk"),
        ("did:jwk:e31".to_owned(), "did/invalid-did-jwk"), // loose bits
        ("did:jwk:ew".to_owned(), "json/syntax"),
        ("did:key:z6Mk".to_owned(), "did/method-not-supported"),
        (jwk_did(r#"{"kty":"OKP","crv":"Ed25519","x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#).to_string(), "did/small-order-key"),
        (jwk_did(r#"{"kty":"OKP","crv":"Ed25519","d":"AA","x":"_eT7oDCtAC98L31MMx9J0T-w7HR-zuvsY08f9MvKne8"}"#).to_string(), "did/private-key-exposed"),
        (jwk_did(r#"{"kty":"OKP","crv":"Ed25519","x":"_eT7oDCtAC98L31MMx9J0T-w7HR-zuvsY08f9MvKne8","x":"AA"}"#).to_string(), "json/duplicate-member"),
        // A secret does not become less of one by being for encryption.
        (jwk_did(r#"{"kty":"OKP","crv":"X25519","use":"enc","d":"AA","x":"jRIz3oriXDNZmnb35XQb7K1UIlz3ae1ao1YSqLeBXHs"}"#).to_string(), "did/private-key-exposed"),
    ] {
        assert_eq!(did_jwk::resolve(&did(&identifier)).unwrap_err().code(), code, "{identifier}");
    }
}

#[test]
fn did_web_says_what_to_fetch() {
    for (identifier, expected) in [
        (
            "did:web:w3c-ccg.github.io",
            "https://w3c-ccg.github.io/.well-known/did.json",
        ),
        (
            "did:web:w3c-ccg.github.io:user:alice",
            "https://w3c-ccg.github.io/user/alice/did.json",
        ),
        (
            "did:web:example.com%3A3000:user:alice",
            "https://example.com:3000/user/alice/did.json",
        ),
        (
            "did:web:example.com%3a3000",
            "https://example.com:3000/.well-known/did.json",
        ),
        (
            "did:web:Ministry.GO.kr",
            "https://ministry.go.kr/.well-known/did.json",
        ),
        (
            "did:web:xn--3e0b707e.example",
            "https://xn--3e0b707e.example/.well-known/did.json",
        ),
        ("did:web:a.kr:%EA%B0%80", "https://a.kr/%EA%B0%80/did.json"),
        ("did:web:a.kr:...", "https://a.kr/.../did.json"),
    ] {
        assert_eq!(did_web::url(&did(identifier)).as_deref(), Ok(expected));
    }
}

/// Each is a way to make a server that resolves for others fetch from where it should not.
#[test]
fn did_web_reaches_no_addresses_and_does_not_climb() {
    for identifier in [
        "did:web:127.0.0.1",
        "did:web:192.168.0.1:a",
        "did:web:2130706433",
        "did:web:0x7f000001",
        "did:web:0x7f.1",
        "did:web:127.1",
        "did:web:1.2.3.0x4",
        "did:web:017700000001",
        "did:web:localhost",
        "did:web:localhost%3A8080",
        "did:web:a.LocalHost",
        "did:web:%5B%3A%3A1%5D",
        "did:web:user%40host.kr",
        "did:web:host.kr%2F..%2Fa",
        "did:web:host.kr%3Fa",
        "did:web:host.kr%23a",
        "did:web:host.kr.",
        "did:web:.host.kr",
        "did:web:a..kr",
        "did:web:-a.kr",
        "did:web:a_b.kr",
        "did:web:a.kr%3A",
        "did:web:a.kr%3A0",
        "did:web:a.kr%3A0443",
        "did:web:a.kr%3A%2B443",
        "did:web:a.kr%3A65536",
        "did:web:a.kr%3A80%3A80",
        "did:web:a.kr:.:b",
        "did:web:a.kr:..",
        "did:web:a.kr:%2e%2E:b",
        "did:web:a.kr:.%2e:b",
        "did:web:a.kr::b",
        "did:web:a.kr:a%2Fb",
        "did:web:a.kr:a%5cb",
        "did:web:a.kr:a%00",
        "did:web:a.kr:a%3Fb",
        "did:web:a.kr:a%23b",
    ] {
        let result = did_web::url(&did(identifier));
        assert_eq!(
            result.as_ref().map_err(kbtf_did::Error::code),
            Err("did/invalid-did-web"),
            "{identifier}"
        );
        assert!(did_web::check(&did(identifier), b"{}").is_err());
    }
    let long = format!("did:web:{}.kr", "a".repeat(64));
    assert!(did_web::url(&did(&long)).is_err());
    assert_eq!(
        did_web::url(&did("did:key:z6Mk")).unwrap_err().code(),
        "did/method-not-supported"
    );
}

#[test]
fn what_a_server_gives_must_be_the_document_of_the_did() {
    let alice = did("did:web:a.kr:alice");
    let good = r#"{"@context":"https://www.w3.org/ns/did/v1","id":"did:web:a.kr:alice"}"#;
    assert_eq!(
        did_web::check(&alice, good.as_bytes()).unwrap().id(),
        &alice
    );
    let plain = r#"{"id":"did:web:a.kr:alice"}"#;
    assert_eq!(
        did_web::check(&alice, plain.as_bytes())
            .unwrap()
            .warnings()
            .len(),
        1
    );
    for (body, code) in [
        (good.replace("alice", "bob"), "did/wrong-document"),
        // Equal as URLs, not as DIDs.
        (good.replace("a.kr", "A.kr"), "did/wrong-document"),
        (
            good.replace("ns/did/v1", "ns/other"),
            "did/invalid-document",
        ),
        (format!("\u{feff}{good}"), "json/syntax"),
        ("<html>".to_owned(), "json/syntax"),
        (String::new(), "json/syntax"),
        (
            format!("{good}{}", " ".repeat(did_web::MAX_DOCUMENT)),
            "did/invalid-document",
        ),
    ] {
        assert_eq!(
            did_web::check(&alice, body.as_bytes()).unwrap_err().code(),
            code,
            "{body:.80}"
        );
    }
    assert!(did_web::check(&alice, &[0xff, 0xfe]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// did:key and did:jwk of a key give the key back, whatever kind it is, and resolve to documents that hold it.
    #[test]
    fn keys_and_their_identifiers_belong_together(seed in any::<[u8; 32]>(), kind in 0..4_usize) {
        let key_type = [KeyType::Ed25519, KeyType::P256, KeyType::Secp256k1, KeyType::X25519][kind];
        let Ok(secret) = SecretKey::from_bytes(key_type, &seed) else { return Ok(()) };
        let key: &PublicKey = secret.public_key();
        let (by_key, by_jwk) = (did_key::from_public_key(key), did_jwk::from_public_key(key));
        prop_assert_eq!(&did_key::public_key(&by_key).unwrap(), key);
        prop_assert_eq!(&did_jwk::public_key(&by_jwk).unwrap(), key);
        for document in [
            did_key::resolve(&by_key, KeyFormat::Multikey).unwrap(),
            did_key::resolve(&by_key, KeyFormat::JsonWebKey2020).unwrap(),
            did_key::resolve(&by_key, KeyFormat::Base58).unwrap(),
            did_jwk::resolve(&by_jwk).unwrap(),
        ] {
            prop_assert_eq!(document.verification_methods()[0].public_key(), Ok(key));
        }
    }

    #[test]
    fn any_did_web_gives_a_plain_https_url_or_none(id in "[a-z0-9.%:A-F_-]{1,40}") {
        let Ok(did) = Did::parse(&format!("did:web:{id}")) else { return Ok(()) };
        if let Ok(url) = did_web::url(&did) {
            prop_assert!(url.starts_with("https://") && url.ends_with("/did.json"));
            let (host, path) = url["https://".len()..].split_once('/').unwrap();
            prop_assert!(host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b':')));
            prop_assert!(path.split('/').all(|s| !s.is_empty() && s != ".."));
        }
    }
}
