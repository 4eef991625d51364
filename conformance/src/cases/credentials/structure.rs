//! Contexts, versions, shapes, times and trust.

use kbtf_did::KeyType;
use serde_json::{Value, json};

use super::{
    super::forge::{Person, with, without},
    ED, V1, V2, certificate, certificate_v1, refusals, verify_input,
};
use crate::suite::Case;

pub(super) fn contexts_and_versions() -> Result<Vec<Case>, String> {
    let ed = Person::new(KeyType::Ed25519, 0x21)?;
    let good = certificate(&ed.did(), "did:example:student");
    let old = certificate_v1(&ed.did(), "did:example:student");
    let signed = ed.sign(&good)?;
    let multikey_context = "https://w3id.org/security/multikey/v1";
    let two = ed.sign(&with(&good, "@context", json!([V2, multikey_context])))?;
    let sign = |document: &Value| ed.sign(document).map(|signed| verify_input(&signed));
    let claims = good.get("credentialSubject").cloned().unwrap_or_default();
    let converted = {
        // A 2.0 credential turned into one of 1.1 after signing.
        let mut text = signed.to_string().replace(V2, V1);
        text = text
            .replace("validFrom", "issuanceDate")
            .replace("validUntil", "expirationDate");
        json!({"credential": text})
    };
    let mut cases = refusals(
        &["VC-01"],
        ED,
        vec![
            (
                "context-unknown",
                "A context that the verifier does not know",
                "검증자가 모르는 컨텍스트",
                sign(&with(
                    &good,
                    "@context",
                    json!([V2, "https://evil.example/v1"]),
                ))?,
                &["structure"],
            ),
            (
                "context-inline",
                "A context written out in the document",
                "문서 안에 직접 적은 컨텍스트",
                sign(&with(
                    &good,
                    "@context",
                    json!([V2, {"성명": "https://evil.example/name"}]),
                ))?,
                &["structure"],
            ),
            (
                "context-nested",
                "A context inside the claims",
                "주장 안에 숨은 컨텍스트",
                sign(&with(
                    &good,
                    "credentialSubject",
                    with(
                        &claims,
                        "@context",
                        json!({"성명": "https://evil.example/name"}),
                    ),
                ))?,
                &["structure"],
            ),
            (
                "context-nested-unknown",
                "An unknown context deep inside the claims",
                "주장 깊은 곳의 알 수 없는 컨텍스트",
                sign(&with(
                    &good,
                    "credentialSubject",
                    with(
                        &claims,
                        "학위",
                        json!([{"@context": "https://evil.example/v1"}]),
                    ),
                ))?,
                &["structure"],
            ),
            (
                "context-added",
                "A context is added after signing",
                "서명 후 컨텍스트를 추가했다",
                verify_input(&with(&signed, "@context", json!([V2, multikey_context]))),
                &["structure", "signature"],
            ),
            (
                "context-of-proof-differs",
                "A good signature over a proof that names other contexts than the document",
                "문서와 다른 컨텍스트를 적은 증명에 대한 올바른 서명",
                verify_input(&ed.sign_with(
                    &good,
                    with(
                        &ed.options(&good),
                        "@context",
                        json!([V2, multikey_context]),
                    ),
                )?),
                &["structure"],
            ),
            (
                "context-prefix",
                "A context that only begins like a known one",
                "아는 컨텍스트로 시작하기만 하는 컨텍스트",
                sign(&with(&good, "@context", json!([V2, format!("{V2}/evil")])))?,
                &["structure"],
            ),
            (
                "context-nested-other-version",
                "The context of the other version inside the claims",
                "주장 안에 숨은 다른 버전의 컨텍스트",
                sign(&with(
                    &good,
                    "credentialSubject",
                    with(&claims, "@context", json!([V1])),
                ))?,
                &["version", "structure"],
            ),
            (
                "context-removed",
                "A context is removed after signing",
                "서명 후 컨텍스트를 지웠다",
                verify_input(&with(&two, "@context", json!([V2]))),
                &["structure", "signature"],
            ),
            (
                "context-reordered",
                "The first context is not the first",
                "첫 번째 컨텍스트의 위치가 바뀌었다",
                sign(&with(&good, "@context", json!([multikey_context, V2])))?,
                &["version"],
            ),
            (
                "context-text",
                "The context is a text, not a list",
                "컨텍스트가 목록이 아니라 문자열이다",
                sign(&with(&good, "@context", V2.into()))?,
                &["structure"],
            ),
            (
                "context-empty",
                "No context in the list",
                "빈 컨텍스트 목록",
                sign(&with(&good, "@context", json!([])))?,
                &["version", "structure"],
            ),
            (
                "context-missing",
                "No context",
                "컨텍스트가 없다",
                sign(&without(&good, "@context"))?,
                &["structure", "version"],
            ),
            (
                "version-unknown",
                "A context of no version",
                "어느 버전도 아닌 컨텍스트",
                sign(&with(
                    &good,
                    "@context",
                    json!(["https://www.w3.org/ns/credentials/v3"]),
                ))?,
                &["version", "structure"],
            ),
            (
                "version-both-contexts",
                "The contexts of both versions",
                "두 버전의 컨텍스트가 함께 있다",
                sign(&with(&good, "@context", json!([V2, V1])))?,
                &["version"],
            ),
            (
                "version-issuance-date",
                "A VC 2.0 credential with issuanceDate",
                "issuanceDate가 있는 VC 2.0 자격증명",
                sign(&with(&good, "issuanceDate", "2026-02-20T00:00:00Z".into()))?,
                &["version"],
            ),
            (
                "version-expiration-date",
                "A VC 2.0 credential with expirationDate",
                "expirationDate가 있는 VC 2.0 자격증명",
                sign(&with(
                    &good,
                    "expirationDate",
                    "2036-02-20T00:00:00Z".into(),
                ))?,
                &["version"],
            ),
        ],
    );
    cases.extend(
        refusals(
            &["VC-01"],
            ED,
            vec![
                (
                    "version-valid-until",
                    "A VC 1.1 credential with validUntil",
                    "validUntil이 있는 VC 1.1 자격증명",
                    sign(&with(&old, "validUntil", "2036-02-20T00:00:00Z".into()))?,
                    &["version"],
                ),
                (
                    "version-converted",
                    "A VC 2.0 credential rewritten as 1.1 after signing",
                    "서명 후 1.1로 바꾸어 적은 VC 2.0 자격증명",
                    converted,
                    &["signature"],
                ),
                (
                    "v1-no-issuance-date",
                    "A VC 1.1 credential without issuanceDate",
                    "issuanceDate가 없는 VC 1.1 자격증명",
                    sign(&without(&old, "issuanceDate"))?,
                    &["structure"],
                ),
                (
                    "v1-status-without-id",
                    "A VC 1.1 status without id",
                    "id가 없는 VC 1.1 상태 정보",
                    sign(&with(&old, "credentialStatus", json!({"type": "X"})))?,
                    &["structure"],
                ),
            ],
        )
        .into_iter()
        .map(|case| case.features(&["vc-1.1"])),
    );
    Ok(cases)
}

pub(super) fn broken_structure() -> Result<Vec<Case>, String> {
    let ed = Person::new(KeyType::Ed25519, 0x21)?;
    let good = certificate(&ed.did(), "did:example:student");
    let sign = |document: &Value| ed.sign(document).map(|signed| verify_input(&signed));
    let changed = |name: &str, value: Value| sign(&with(&good, name, value));
    let lacking = |name: &str| sign(&without(&good, name));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let s = &["structure"][..];
    Ok(refusals(
        &["VC-01"],
        ED,
        vec![
            (
                "not-json",
                "No JSON at all",
                "JSON이 아니다",
                json!({"credential": "홍길동 졸업증명서"}),
                s,
            ),
            (
                "array",
                "A list instead of a credential",
                "자격증명이 아니라 목록이다",
                json!({"credential": "[]"}),
                s,
            ),
            (
                "deep",
                "A hundred thousand levels of nesting",
                "십만 단계로 중첩된 문서",
                json!({"credential": deep}),
                s,
            ),
            ("no-type", "No type", "유형이 없다", lacking("type")?, s),
            (
                "wrong-type",
                "Not a VerifiableCredential",
                "VerifiableCredential이 아니다",
                changed("type", json!(["GraduationCertificate"]))?,
                s,
            ),
            (
                "type-number",
                "A type that is a number",
                "숫자인 유형",
                changed("type", json!(["VerifiableCredential", 1]))?,
                s,
            ),
            (
                "type-keyword",
                "The JSON-LD keyword @type beside type",
                "type 옆의 JSON-LD 키워드 @type",
                changed("@type", "VerifiablePresentation".into())?,
                s,
            ),
            (
                "no-issuer",
                "No issuer",
                "발급자가 없다",
                lacking("issuer")?,
                s,
            ),
            (
                "issuer-no-url",
                "An issuer that is no URL",
                "URL이 아닌 발급자",
                changed("issuer", "한국대학교".into())?,
                s,
            ),
            (
                "issuer-object-without-id",
                "An issuer object without id",
                "id가 없는 발급자 객체",
                changed("issuer", json!({"name": "한국대학교"}))?,
                s,
            ),
            (
                "issuers-two",
                "Two issuers in a list",
                "목록으로 적은 두 발급자",
                changed("issuer", json!([ed.did(), "did:example:x"]))?,
                s,
            ),
            (
                "no-subject",
                "No subject",
                "주체가 없다",
                lacking("credentialSubject")?,
                s,
            ),
            (
                "subject-empty",
                "A subject without claims",
                "주장이 없는 주체",
                changed("credentialSubject", json!({}))?,
                s,
            ),
            (
                "subjects-none",
                "An empty list of subjects",
                "빈 주체 목록",
                changed("credentialSubject", json!([]))?,
                s,
            ),
            (
                "subject-text",
                "A subject that is a text",
                "문자열인 주체",
                changed("credentialSubject", "did:example:student".into())?,
                s,
            ),
            (
                "subject-id-no-url",
                "A subject whose id is no URL",
                "URL이 아닌 주체 식별자",
                changed("credentialSubject", json!({"id": "홍길동"}))?,
                s,
            ),
            (
                "subject-id-null",
                "A subject whose id is null",
                "null인 주체 식별자",
                changed("credentialSubject", json!({"id": null, "a": 1}))?,
                s,
            ),
            (
                "id-no-url",
                "An id that is no URL",
                "URL이 아닌 식별자",
                changed("id", "no url".into())?,
                s,
            ),
            (
                "ids-two",
                "Two ids in a list",
                "목록으로 적은 두 식별자",
                changed("id", json!(["urn:a", "urn:b"]))?,
                s,
            ),
            (
                "date-no-zone",
                "A date without zone",
                "시간대가 없는 날짜",
                changed("validFrom", "2026-02-20T00:00:00".into())?,
                s,
            ),
            (
                "date-hour-24",
                "Hour 24",
                "24시로 적은 시각",
                changed("validFrom", "2026-02-20T24:00:00Z".into())?,
                s,
            ),
            (
                "date-minute-60",
                "Minute 60",
                "60분으로 적은 시각",
                changed("validFrom", "2026-02-20T00:60:00Z".into())?,
                s,
            ),
            (
                "date-second-60",
                "Second 60",
                "60초로 적은 시각",
                changed("validFrom", "2026-02-20T00:00:60Z".into())?,
                s,
            ),
            (
                "date-zone-15",
                "A zone that does not exist",
                "존재하지 않는 시간대",
                changed("validFrom", "2026-02-20T00:00:00+15:00".into())?,
                s,
            ),
            (
                "date-only",
                "A day without time",
                "시각이 없는 날짜",
                changed("validFrom", "2026-02-20".into())?,
                s,
            ),
            (
                "date-no-day",
                "A day that does not exist",
                "존재하지 않는 날짜",
                changed("validFrom", "2026-02-30T00:00:00Z".into())?,
                s,
            ),
            (
                "date-number",
                "A date that is a number",
                "숫자로 적은 날짜",
                changed("validUntil", json!(2_000_000_000))?,
                s,
            ),
            (
                "dates-crossed",
                "An end before the beginning",
                "시작보다 앞선 종료 시각",
                changed("validUntil", "2020-01-01T00:00:00Z".into())?,
                s,
            ),
            (
                "status-without-type",
                "A status without type",
                "유형이 없는 상태 정보",
                changed("credentialStatus", json!({"id": "urn:x"}))?,
                s,
            ),
            (
                "status-text",
                "A status that is a text",
                "문자열인 상태 정보",
                changed("credentialStatus", "valid".into())?,
                s,
            ),
            (
                "schema-without-id",
                "A schema without id",
                "id가 없는 스키마",
                changed("credentialSchema", json!({"type": "JsonSchema"}))?,
                s,
            ),
            (
                "status-id",
                "A status whose id is no URL",
                "id가 URL이 아닌 상태 정보",
                changed(
                    "credentialStatus",
                    json!({"id": "no url", "type": "x:Status"}),
                )?,
                s,
            ),
            (
                "evidence-ids",
                "Evidence with two ids",
                "id가 둘인 증빙",
                changed(
                    "evidence",
                    json!([{"id": ["urn:x", "urn:y"], "type": "x:Evidence"}]),
                )?,
                s,
            ),
            (
                "issuer-name-more",
                "A name of the issuer with more than a text, a language and a direction",
                "글자, 언어, 방향 말고 다른 것이 있는 발급자 이름",
                changed(
                    "issuer",
                    json!({"id": ed.did(), "name": {"@value": "x", "@language": "en", "url": "urn:x"}}),
                )?,
                s,
            ),
            (
                "evidence-without-type",
                "Evidence without type",
                "유형이 없는 증빙",
                changed("evidence", json!([{"id": "urn:x"}]))?,
                s,
            ),
        ],
    ))
}

pub(super) fn times_and_trust() -> Result<Vec<Case>, String> {
    let ed = Person::new(KeyType::Ed25519, 0x21)?;
    let good = certificate(&ed.did(), "did:example:student");
    let signed = ed.sign(&good)?;
    let expired_proof = ed.sign_with(
        &good,
        with(&ed.options(&good), "expires", "2026-11-22T00:00:00Z".into()),
    )?;
    let future_proof = ed.sign_with(
        &good,
        with(&ed.options(&good), "created", "2026-11-23T00:00:00Z".into()),
    )?;
    let trusted = |issuers: Value| json!({"credential": signed.to_string(), "policy": {"trustedIssuers": issuers}});
    let one = |id: &str, en: &str, ko: &str, input: Value, reasons: &[&str], now: Option<&str>| {
        let requirements = match reasons {
            ["validity"] => &["VC-06"][..],
            _ => &["VC-02"],
        };
        let cases = refusals(requirements, ED, vec![(id, en, ko, input, reasons)]);
        cases
            .into_iter()
            .map(move |case| match now {
                Some(now) => case.at(now),
                None => case,
            })
            .collect::<Vec<_>>()
    };
    Ok([
        one(
            "expired",
            "The credential has expired",
            "유효 기간이 지난 자격증명",
            verify_input(&signed),
            &["validity"],
            Some("2036-02-20T00:00:00Z"),
        ),
        one(
            "expired-one-second",
            "The credential expired a second ago: clock skew lengthens no expiry",
            "1초 전에 만료된 자격증명(시계 오차로 연장되지 않는다)",
            verify_input(&signed),
            &["validity"],
            Some("2036-02-19T15:00:01Z"),
        ),
        one(
            "not-yet-valid",
            "Valid only from 61 seconds on: one second more than a clock may be off",
            "61초 뒤부터 유효한 자격증명(허용 오차보다 1초 많다)",
            verify_input(&ed.sign(&with(&good, "validFrom", "2026-11-22T00:01:01Z".into()))?),
            &["validity"],
            None,
        ),
        one(
            "proof-from-future-61-seconds",
            "The proof was made 61 seconds from now",
            "61초 뒤에 만들어졌다고 적힌 증명",
            verify_input(&ed.sign_with(
                &good,
                with(&ed.options(&good), "created", "2026-11-22T00:01:01Z".into()),
            )?),
            &["validity"],
            None,
        ),
        one(
            "untrusted-no-did",
            "The list of trusted issuers holds a text that is no DID",
            "신뢰 목록에 DID가 아닌 값이 있다",
            trusted(json!(["everybody"])),
            &["trust"],
            None,
        ),
        one(
            "not-yet-valid-signed-early",
            "Signed already, but valid only from next year",
            "미리 서명되었으나 내년부터 유효한 자격증명",
            verify_input(&ed.sign(&with(&good, "validFrom", "2027-01-01T00:00:00Z".into()))?),
            &["validity"],
            None,
        ),
        one(
            "proof-expired",
            "The proof expires this very moment",
            "지금 만료되는 증명",
            verify_input(&expired_proof),
            &["validity"],
            None,
        ),
        one(
            "proof-from-future",
            "The proof was made tomorrow",
            "내일 만들어졌다고 적힌 증명",
            verify_input(&future_proof),
            &["validity"],
            None,
        ),
        one(
            "untrusted",
            "The issuer is not on the list",
            "신뢰 목록에 없는 발급자",
            trusted(json!(["did:example:ministry"])),
            &["trust"],
            None,
        ),
        one(
            "untrusted-empty-list",
            "Nobody is on the list",
            "빈 신뢰 목록",
            trusted(json!([])),
            &["trust"],
            None,
        ),
    ]
    .concat())
}
