//! Credentials that must be accepted, and those that must wait for evidence.

use kbtf_did::KeyType;
use serde_json::{Value, json};

use super::{
    super::{
        forge::{Person, replace, set, with, without},
        undecided,
    },
    ED, V2, accept_case, by_id, certificate, certificate_v1, document, verify_case, verify_input,
};
use crate::suite::Case;

pub(super) fn good_credentials() -> Result<Vec<Case>, String> {
    let ed = Person::new(KeyType::Ed25519, 0x21)?;
    let ec = Person::new(KeyType::P256, 0x21)?;
    let subject = "did:example:student";
    let good = certificate(&ed.did(), subject);
    let signed = ed.sign(&good)?;
    let mut cases = Vec::new();
    for (name, person) in [("ed25519", &ed), ("p256", &ec)] {
        let v2 = person.sign(&certificate(&person.did(), subject))?;
        let v1 = person.sign(&certificate_v1(&person.did(), subject))?;
        cases.push(accept_case(
            &format!("{name}-v2"),
            (
                &format!("A VC 2.0 credential signed with {}", person.suite()),
                &format!("{}(으)로 서명한 VC 2.0 자격증명", person.suite()),
            ),
            verify_input(&v2),
            person.feature(),
        ));
        cases.push(
            accept_case(
                &format!("{name}-v1"),
                (
                    &format!("A VC 1.1 credential signed with {}", person.suite()),
                    &format!("{}(으)로 서명한 VC 1.1 자격증명", person.suite()),
                ),
                verify_input(&v1),
                person.feature(),
            )
            .features(&["vc-1.1"]),
        );
    }
    // The text may look different as long as it is the same JSON value.
    let pretty = serde_json::to_string_pretty(&signed)
        .map_err(|e| e.to_string())?
        .replace("4.5", "4.50e0")
        .replace("홍 길동", "\\ud64d \\uae38\\ub3d9");
    cases.push(accept_case(
        "respelled",
        (
            "White space, escapes and the spelling of numbers do not matter",
            "공백, 이스케이프, 숫자 표기가 달라도 같은 문서이다",
        ),
        json!({"credential": pretty}),
        ED,
    ));
    let reversed: serde_json::Map<String, Value> = signed
        .as_object()
        .into_iter()
        .flatten()
        .rev()
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    cases.push(accept_case(
        "reordered-members",
        (
            "The order of members does not matter",
            "멤버의 순서가 달라도 같은 문서이다",
        ),
        verify_input(&reversed.into()),
        ED,
    ));
    let several = ed.sign(&with(
        &good,
        "credentialSubject",
        json!([{"id": "did:example:a", "배우자": "did:example:b"}, {"id": "did:example:b"}]),
    ))?;
    let issuer_object = ed.sign(&with(
        &good,
        "issuer",
        json!({"id": ed.did(), "name": "한국대학교"}),
    ))?;
    let without_times = ed.sign(&without(&without(&good, "validFrom"), "validUntil"))?;
    let context = "https://example.org/contexts/graduation/v1";
    let custom = ed.sign(&with(&good, "@context", json!([V2, context])))?;
    let listed = with(&signed, "proof", json!([signed.get("proof")]));
    let options = ed.options(&good);
    let no_created = ed.sign_with(&good, without(&options, "created"))?;
    let no_context = ed.sign_with(&good, without(&options, "@context"))?;
    let extra_option = ed.sign_with(&good, with(&options, "nonce", "signed too".into()))?;
    for (id, en, ko, input) in [
        (
            "several-subjects",
            "Several subjects",
            "주체가 여럿인 자격증명",
            verify_input(&several),
        ),
        (
            "issuer-object",
            "An issuer with a name",
            "이름이 있는 발급자",
            verify_input(&issuer_object),
        ),
        (
            "no-times",
            "A VC 2.0 credential without validity dates",
            "유효 기간이 없는 VC 2.0 자격증명",
            verify_input(&without_times),
        ),
        (
            "custom-context",
            "A context that the verifier knows",
            "검증자가 아는 추가 컨텍스트",
            json!({"credential": custom.to_string(), "policy": {"contexts": [context]}}),
        ),
        (
            "proof-in-array",
            "The only proof in an array",
            "배열에 담긴 하나의 증명",
            verify_input(&listed),
        ),
        (
            "proof-without-created",
            "A proof without a time",
            "생성 시각이 없는 증명",
            verify_input(&no_created),
        ),
        (
            "proof-without-context",
            "A proof that leaves the context to the document",
            "컨텍스트를 문서에 맡긴 증명",
            verify_input(&no_context),
        ),
        (
            "proof-extra-option",
            "An option this verifier does not know, covered by the signature",
            "서명이 보호하는 알 수 없는 증명 옵션",
            verify_input(&extra_option),
        ),
        (
            "trusted",
            "An issuer on the list",
            "신뢰 목록에 있는 발급자",
            json!({"credential": signed.to_string(), "policy": {"trustedIssuers": ["did:example:x", ed.did()]}}),
        ),
    ] {
        cases.push(accept_case(id, (en, ko), input, ED));
    }
    cases.push(
        accept_case(
            "last-moment",
            (
                "Valid up to and including validUntil",
                "validUntil 시각까지 유효하다",
            ),
            verify_input(&signed),
            ED,
        )
        .at("2036-02-19T15:00:00Z"),
    );
    cases.push(
        accept_case(
            "clock-skew",
            (
                "A clock that is 60 seconds ahead is forgiven",
                "60초 앞선 시계는 허용한다",
            ),
            verify_input(&signed),
            ED,
        )
        .at("2026-11-01T08:59:00Z"),
    );
    let soon = with(&good, "validFrom", "2026-11-22T00:01:00Z".into());
    cases.push(accept_case(
        "clock-skew-valid-from",
        (
            "A validity that begins in 60 seconds is forgiven to the issuer's clock",
            "60초 뒤에 시작하는 유효 기간은 시계 오차로 허용한다",
        ),
        verify_input(&ed.sign(&soon)?),
        ED,
    ));
    let mut beside = verify_input(&signed);
    set(
        &mut beside,
        "documents",
        json!({"did:example:other": "no document"}),
    );
    cases.push(accept_case(
        "broken-document-of-another",
        (
            "A broken document of a DID that is not needed does not matter",
            "필요하지 않은 DID의 잘못된 문서는 상관없다",
        ),
        beside,
        ED,
    ));
    cases.extend(good_documents()?);
    Ok(cases)
}

/// Keys that stand in DID documents.
fn good_documents() -> Result<Vec<Case>, String> {
    let ec = Person::new(KeyType::P256, 0x23)?;
    let did = "did:example:university";
    let good = certificate(did, "did:example:student");
    let options = with(
        &ec.options(&good),
        "verificationMethod",
        format!("{did}#key-1").into(),
    );
    let signed = ec.sign_with(&good, options)?;
    let multikey_document = document(did, did, &ec.multikey(), &["assertionMethod"]);
    let method = |more: Value| {
        let mut method = json!({"id": "#key-1", "controller": did});
        for (name, value) in more.as_object().into_iter().flatten() {
            set(&mut method, name, value.clone());
        }
        method
    };
    let jwk_document = replace(
        &multikey_document,
        "/verificationMethod/0",
        method(json!({"type": "JsonWebKey", "publicKeyJwk": ec.jwk()?})),
    );
    let embedded = with(
        &without(&multikey_document, "verificationMethod"),
        "assertionMethod",
        json!([method(
            json!({"type": "Multikey", "publicKeyMultibase": ec.multikey()})
        )]),
    );
    let unexpired = replace(
        &multikey_document,
        "/verificationMethod/0",
        method(
            json!({"type": "Multikey", "publicKeyMultibase": ec.multikey(), "expires": "2026-11-22T00:00:01Z", "revoked": "2099-01-01T00:00:00Z"}),
        ),
    );
    let beside_rsa = {
        let mut document = multikey_document.clone();
        if let Some(methods) = document
            .pointer_mut("/verificationMethod")
            .and_then(Value::as_array_mut)
        {
            methods.push(json!({"id": "#rsa", "type": "RsaVerificationKey2018", "controller": did, "publicKeyPem": "-----BEGIN"}));
        }
        document
    };
    Ok([
        ("multikey", "Multikey", "Multikey", multikey_document),
        ("jwk", "JsonWebKey", "JsonWebKey", jwk_document),
        ("embedded", "embedded in the relationship, with a relative id", "관계 안에 직접 담긴 상대 식별자 키", embedded),
        ("unexpired", "about to expire, but not yet", "아직 만료되지 않은 키", unexpired),
        ("beside-unknown", "beside a key of an unknown kind", "알 수 없는 종류의 키와 함께 있는 키", beside_rsa),
    ]
    .into_iter()
    .map(|(id, en, ko, document)| {
        let mut case = accept_case(
            &format!("document-{id}"),
            (&format!("The issuer's key in a DID document: {en}"), &format!("DID 문서에 있는 발급자의 키: {ko}")),
            json!({"credential": signed.to_string(), "documents": by_id(&document), "policy": {"trustedIssuers": [did]}}),
            ec.feature(),
        );
        case.requirements.push("DID-02".to_owned());
        case
    })
    .collect())
}

pub(super) fn waiting_credentials() -> Result<Vec<Case>, String> {
    let ed = Person::new(KeyType::Ed25519, 0x23)?;
    let did = "did:example:university";
    let good = certificate(did, "did:example:student");
    let options = with(
        &ed.options(&good),
        "verificationMethod",
        format!("{did}#key-1").into(),
    );
    let signed = ed.sign_with(&good, options)?;
    let other_document = document(
        "did:example:other",
        "did:example:other",
        &ed.multikey(),
        &["assertionMethod"],
    );
    let key_person = Person::new(KeyType::Ed25519, 0x21)?;
    let by_key = certificate(&key_person.did(), "did:example:student");
    let with_status = key_person.sign(&with(
        &by_key,
        "credentialStatus",
        json!({"id": "https://example.com/status/1#7", "type": "ExampleStatusListOfNobody"}),
    ))?;
    let with_schema = key_person.sign(&with(
        &by_key,
        "credentialSchema",
        json!({"id": "https://example.com/schema", "type": "ExampleSchemaOfNobody"}),
    ))?;
    let case = |id: &str, en, ko, input, needs| {
        verify_case(
            &format!("vc-verify-undecided-{id}"),
            (en, ko),
            input,
            undecided(needs),
            ED,
        )
    };
    Ok(vec![
        case(
            "document",
            "Without the issuer's DID document there is no verdict, and the document is asked for",
            "발급자의 DID 문서가 없으면 판정을 보류하고 문서를 요구한다",
            verify_input(&signed),
            Some(&[did][..]),
        ),
        case(
            "other-document",
            "The DID document of somebody else does not do",
            "다른 사람의 DID 문서로는 판정할 수 없다",
            json!({"credential": signed.to_string(), "documents": by_id(&other_document)}),
            Some(&[did]),
        ),
        case(
            "status",
            "A status that cannot be checked is never a pass",
            "확인할 수 없는 상태 정보를 통과시키지 않는다",
            verify_input(&with_status),
            Some(&[]),
        ),
        case(
            "schema",
            "A schema that cannot be checked is never a pass",
            "확인할 수 없는 스키마를 통과시키지 않는다",
            verify_input(&with_schema),
            Some(&[]),
        ),
    ])
}
