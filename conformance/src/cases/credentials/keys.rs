//! Whose key it is, what it may be used for, and in what state it is.

use kbtf_did::KeyType;
use serde_json::{Value, json};

use super::{
    super::{
        forge::{Person, attach, multikey, replace, set, universal_signature, with},
        undecided,
    },
    ED, by_id, certificate, document, refusals, verify_case, verify_input,
};
use crate::suite::Case;

pub(super) fn whose_key() -> Result<Vec<Case>, String> {
    let victim = Person::new(KeyType::Ed25519, 0x21)?;
    let thief = Person::new(KeyType::Ed25519, 0x66)?;
    let good = certificate(&victim.did(), "did:example:student");
    let spoofed = thief.sign(&good)?;
    let under_name = thief.sign_with(
        &good,
        with(
            &thief.options(&good),
            "verificationMethod",
            victim.method().into(),
        ),
    )?;
    let mixed_id = thief.sign_with(
        &good,
        with(
            &thief.options(&good),
            "verificationMethod",
            format!("{}#{}", victim.did(), thief.multikey()).into(),
        ),
    )?;
    let spoofed_object = thief.sign(&with(
        &good,
        "issuer",
        json!({"id": victim.did(), "controller": thief.did()}),
    ))?;
    let url_issuer = thief.sign(&with(&good, "issuer", "https://university.example/".into()))?;
    let prefix = thief.sign(&with(&good, "issuer", format!("{}x", thief.did()).into()))?;

    let did = "did:example:university";
    let of_university = certificate(did, "did:example:student");
    let method = format!("{did}#key-1");
    let by_thief = |method: &str| {
        thief.sign_with(
            &of_university,
            with(
                &thief.options(&of_university),
                "verificationMethod",
                method.into(),
            ),
        )
    };
    let by_thief_signed = by_thief(&method)?;
    let controlled_elsewhere = document(did, &thief.did(), &thief.multikey(), &["assertionMethod"]);
    let unlisted = document(did, did, &thief.multikey(), &["authentication"]);
    let thiefs_site = "did:example:thief";
    let thiefs_document = {
        // A document of the thief's DID that holds a method with the university's id.
        let document = document(
            thiefs_site,
            thiefs_site,
            &thief.multikey(),
            &["assertionMethod"],
        );
        replace(
            &replace(&document, "/verificationMethod/0/id", method.clone().into()),
            "/assertionMethod/0",
            method.clone().into(),
        )
    };
    let embedded_elsewhere = document(did, did, &thief.multikey(), &[]);
    let embedded_elsewhere = with(&embedded_elsewhere, "keyAgreement", json!([method]));
    let other_purpose = thief.sign_with(
        &certificate(&thief.did(), "did:example:student"),
        with(
            &thief.options(&good),
            "proofPurpose",
            "authentication".into(),
        ),
    )?;
    let invented_purpose = thief.sign_with(
        &certificate(&thief.did(), "did:example:student"),
        with(&thief.options(&good), "proofPurpose", "assertion".into()),
    )?;
    let input = |credential: &Value, document: &Value| json!({"credential": credential.to_string(), "documents": by_id(document)});
    let victim_document = json!({
        "@context": ["https://www.w3.org/ns/did/v1"], "id": victim.did(),
        "assertionMethod": [{"id": victim.method(), "type": "Multikey", "controller": victim.did(), "publicKeyMultibase": thief.multikey()}]
    });
    let mut cases = refusals(
        &["VC-02"],
        ED,
        vec![
            (
                "issuer-spoofed",
                "The issuer is one DID, the key another's",
                "발급자와 서명 키의 주인이 다르다",
                verify_input(&spoofed),
                &["issuer"],
            ),
            (
                "issuer-object-spoofed",
                "The issuer is an object that names the thief beside the victim",
                "피해자와 위조자를 함께 적은 발급자 객체",
                verify_input(&spoofed_object),
                &["issuer"],
            ),
            (
                "issuer-url",
                "The issuer is a web address that no key speaks for",
                "키로 대표할 수 없는 웹 주소가 발급자이다",
                verify_input(&url_issuer),
                &["issuer"],
            ),
            (
                "issuer-prefix",
                "The issuer begins with the signer's DID but goes on",
                "서명자의 DID로 시작하지만 다른 식별자",
                verify_input(&prefix),
                &["issuer"],
            ),
            (
                "method-spoofed",
                "A key signs under another's verification method",
                "다른 사람의 검증 방법 이름으로 서명했다",
                verify_input(&under_name),
                &["signature"],
            ),
            (
                "method-mixed",
                "The victim's DID with the thief's key as fragment",
                "피해자의 DID에 위조자의 키를 붙인 검증 방법",
                verify_input(&mixed_id),
                &["keyState"],
            ),
            (
                "foreign-controller",
                "The document names another controller of the key",
                "DID 문서가 키의 관리자를 다른 사람으로 적었다",
                input(&by_thief_signed, &controlled_elsewhere),
                &["issuer"],
            ),
            (
                "not-listed",
                "The key is not listed for assertions",
                "발급 용도로 등록되지 않은 키",
                input(&by_thief_signed, &unlisted),
                &["relationship"],
            ),
            (
                "listed-for-agreement",
                "The key is listed for key agreement only",
                "키 합의 용도로만 등록된 키",
                input(&by_thief_signed, &embedded_elsewhere),
                &["relationship"],
            ),
            (
                "did-key-document",
                "A forged document for a did:key changes nothing",
                "did:key에 대해 위조된 문서를 넘겨도 소용없다",
                input(&under_name, &victim_document),
                &["signature"],
            ),
            (
                "purpose-authentication",
                "A proof made for logging in is no assertion",
                "인증용 증명을 발급 증명으로 쓸 수 없다",
                verify_input(&other_purpose),
                &["relationship"],
            ),
            (
                "purpose-unknown",
                "A purpose that no standard has",
                "표준에 없는 증명 목적",
                verify_input(&invented_purpose),
                &["relationship"],
            ),
        ],
    );
    cases.push(verify_case(
        "vc-verify-undecided-foreign-document",
        (
            "A method with the issuer's id in somebody else's document is not the issuer's",
            "다른 사람의 문서에 발급자의 식별자로 적힌 키는 발급자의 키가 아니다",
        ),
        input(&by_thief_signed, &thiefs_document),
        undecided(Some(&[did])),
        ED,
    ));
    Ok(cases)
}

pub(super) fn key_state() -> Result<Vec<Case>, String> {
    let ed = Person::new(KeyType::Ed25519, 0x23)?;
    let did = "did:example:university";
    let good = certificate(did, "did:example:student");
    let method = format!("{did}#key-1");
    let signed = ed.sign_with(
        &good,
        with(&ed.options(&good), "verificationMethod", method.into()),
    )?;
    let gone = ed.sign_with(
        &good,
        with(
            &ed.options(&good),
            "verificationMethod",
            format!("{did}#key-2").into(),
        ),
    )?;
    let versioned = ed.sign_with(
        &good,
        with(
            &ed.options(&good),
            "verificationMethod",
            format!("{did}?versionId=1#key-1").into(),
        ),
    )?;
    let no_url = ed.sign_with(
        &good,
        with(&ed.options(&good), "verificationMethod", "key-1".into()),
    )?;
    let document = document(did, did, &ed.multikey(), &["assertionMethod"]);
    let stated = |name: &str, time: &str| {
        let mut method = document
            .pointer("/verificationMethod/0")
            .cloned()
            .unwrap_or_default();
        set(&mut method, name, time.into());
        replace(&document, "/verificationMethod/0", method)
    };
    let input = |credential: &Value, document: &Value| json!({"credential": credential.to_string(), "documents": by_id(document)});
    let mut deactivated = input(&signed, &document);
    set(&mut deactivated, "deactivated", json!([did]));
    let small = multikey([0xed, 0x01], &{
        let mut b = [0; 32];
        b[0] = 1;
        b
    });
    let weak_document = replace(
        &document,
        "/verificationMethod/0/publicKeyMultibase",
        small.clone().into(),
    );
    let weak_did = format!("did:key:{small}");
    let weak = certificate(&weak_did, "did:example:student");
    let weak_options = with(
        &ed.options(&weak),
        "verificationMethod",
        format!("{weak_did}#{small}").into(),
    );
    let universal = attach(&weak, weak_options, &universal_signature());
    let by_document = attach(
        &good,
        with(
            &ed.options(&good),
            "verificationMethod",
            format!("{did}#key-1").into(),
        ),
        &universal_signature(),
    );
    let derived = {
        // The key-agreement key that a did:key document also holds.
        let person = Person::new(KeyType::Ed25519, 0x21)?;
        let key =
            kbtf_did::PublicKey::from_multikey(&person.multikey()).map_err(|e| e.to_string())?;
        let agreement = key.to_x25519().map(|k| k.to_multikey()).unwrap_or_default();
        let good = certificate(&person.did(), "did:example:student");
        person.sign_with(
            &good,
            with(
                &person.options(&good),
                "verificationMethod",
                format!("{}#{agreement}", person.did()).into(),
            ),
        )?
    };
    let twice = {
        let method = document
            .pointer("/verificationMethod/0")
            .cloned()
            .unwrap_or_default();
        with(&document, "verificationMethod", json!([method, method]))
    };
    Ok(refusals(
        &["VC-02", "DID-10"],
        ED,
        vec![
            (
                "key-revoked",
                "The key is revoked",
                "폐기된 키",
                input(&signed, &stated("revoked", "2026-11-10T00:00:00Z")),
                &["keyState"],
            ),
            (
                "key-revoked-now",
                "The key is revoked this very moment",
                "지금 이 순간 폐기된 키",
                input(&signed, &stated("revoked", "2026-11-22T00:00:00Z")),
                &["keyState"],
            ),
            (
                "key-revoked-backdated",
                "The proof says it was made before the key was revoked",
                "폐기 이전 날짜로 적힌 증명",
                input(&signed, &stated("revoked", "2026-11-21T00:00:00Z")),
                &["keyState"],
            ),
            (
                "key-expired",
                "The key has expired",
                "만료된 키",
                input(&signed, &stated("expires", "2026-11-21T23:59:59Z")),
                &["keyState"],
            ),
            (
                "key-expiry-unreadable",
                "The document's expiry of the key is no date",
                "키 만료일이 날짜가 아니다",
                input(&signed, &stated("expires", "tomorrow")),
                &["keyState"],
            ),
            (
                "did-deactivated",
                "The issuer's DID is deactivated",
                "비활성화된 발급자 DID",
                deactivated,
                &["keyState"],
            ),
            (
                "key-not-found",
                "The key does not stand in the document",
                "문서에 없는 키",
                input(&gone, &document),
                &["keyState"],
            ),
            (
                "document-of-another",
                "The answer for the issuer's DID is the document of another",
                "발급자 DID에 대한 응답으로 다른 DID의 문서가 왔다",
                json!({"credential": signed.to_string(), "documents": {
                    did: replace(&document, "/id", "did:example:other".into()).to_string()
                }}),
                &["keyState"],
            ),
            (
                "document-not-json",
                "The answer for the issuer's DID is no document at all",
                "발급자 DID에 대한 응답이 문서가 아니다",
                json!({"credential": signed.to_string(), "documents": {did: "404 Not Found"}}),
                &["keyState"],
            ),
            (
                "document-with-secret",
                "The document publishes a private key",
                "비밀키를 공개한 문서",
                input(
                    &signed,
                    &replace(&document, "/verificationMethod/0", {
                        let method = document.pointer("/verificationMethod/0").cloned();
                        let secret = ed.secret();
                        with(
                            &method.unwrap_or_default(),
                            "secretKeyMultibase",
                            secret.into(),
                        )
                    }),
                ),
                &["keyState"],
            ),
            (
                "key-versioned",
                "The method asks for an old version of the document",
                "DID 문서의 옛 버전을 가리키는 검증 방법",
                input(&versioned, &document),
                &["keyState"],
            ),
            (
                "method-no-did-url",
                "The method is no DID URL",
                "DID URL이 아닌 검증 방법",
                input(&no_url, &document),
                &["keyState"],
            ),
            (
                "method-twice",
                "Two methods of one id in the document",
                "같은 식별자의 키가 두 번 나오는 문서",
                input(&signed, &twice),
                &["keyState"],
            ),
            (
                "key-small-order",
                "A key of small order, for which one signature fits every document",
                "모든 문서에 통하는 서명이 있는 위수가 작은 키",
                verify_input(&universal),
                &["keyState"],
            ),
            (
                "key-small-order-in-document",
                "A key of small order in a DID document",
                "DID 문서에 있는 위수가 작은 키",
                input(&by_document, &weak_document),
                &["keyState"],
            ),
            (
                "key-agreement",
                "The derived key-agreement key of a did:key",
                "did:key에서 파생된 키 합의용 키",
                verify_input(&derived),
                &["keyState", "relationship"],
            ),
        ],
    ))
}
