//! Claims that are not those that were signed.

use kbtf_did::KeyType;
use serde_json::{Value, json};

use super::{
    super::forge::{Person, replace, with, without},
    ED, certificate, refusals, verify_input,
};
use crate::suite::Case;

pub(super) fn tampered_claims() -> Result<Vec<Case>, String> {
    let ed = Person::new(KeyType::Ed25519, 0x21)?;
    let ec = Person::new(KeyType::P256, 0x21)?;
    let subject = "did:example:student";
    let signed = ed.sign(&certificate(&ed.did(), subject))?;
    let signed_ec = ec.sign(&certificate(&ec.did(), subject))?;
    let change = |pointer: &str, value: Value| verify_input(&replace(&signed, pointer, value));
    let text_change =
        |old: &str, new: &str| json!({"credential": signed.to_string().replacen(old, new, 1)});
    let name = "/credentialSubject/성명";
    let grades = "/credentialSubject/학위";
    let moved = {
        let claims = signed.get("credentialSubject").cloned().unwrap_or_default();
        let note = claims.get("졸업").cloned().unwrap_or_default();
        with(
            &with(&signed, "credentialSubject", without(&claims, "졸업")),
            "졸업",
            note,
        )
    };
    // What a reader that rounds, or drops digits, would take for what was signed.
    let unit = certificate(&ed.did(), subject);
    let respelled = |signed: Value, digits: &str| -> Result<Value, String> {
        let document = replace(&unit, "/credentialSubject/학위/학점", signed.clone());
        let text = ed.sign(&document)?.to_string();
        let (old, new) = (format!("\"학점\":{signed}"), format!("\"학점\":{digits}"));
        Ok(json!({"credential": text.replacen(&old, &new, 1)}))
    };
    let rounded = respelled(json!(9_007_199_254_740_992_u64), "9007199254740993")?;
    let long = respelled(json!(4.5), "4.500000000000000001")?;
    let claims = |claims: Value| verify_input(&with(&signed, "credentialSubject", claims));
    let subject_claims = signed.get("credentialSubject").cloned().unwrap_or_default();
    let mut cases = refusals(
        &["VC-02", "X-02"],
        ED,
        vec![
            (
                "claim-changed",
                "A claim is changed",
                "주장 하나를 바꾸었다",
                change(name, "홍 길순".into()),
                &["signature"],
            ),
            (
                "claim-added",
                "A claim is added",
                "주장을 추가했다",
                claims(with(&subject_claims, "수석", true.into())),
                &["signature"],
            ),
            (
                "claim-removed",
                "A claim is removed",
                "주장을 삭제했다",
                claims(without(&subject_claims, "졸업")),
                &["signature"],
            ),
            (
                "null-removed",
                "A claim that is null is removed",
                "값이 null인 주장을 삭제했다",
                claims(without(&subject_claims, "비고")),
                &["signature"],
            ),
            (
                "claim-moved",
                "A claim is moved to another place",
                "주장을 다른 위치로 옮겼다",
                verify_input(&moved),
                &["signature"],
            ),
            (
                "space-removed",
                "A space inside a name is removed",
                "이름 안의 공백을 없앴다",
                change(name, "홍길동".into()),
                &["signature"],
            ),
            (
                "space-kind",
                "A space becomes a no-break space",
                "공백을 줄바꿈 없는 공백으로 바꾸었다",
                change(name, "홍\u{a0}길동".into()),
                &["signature"],
            ),
            (
                "unicode-decomposed",
                "A syllable is decomposed: it looks the same",
                "모양이 같은 자모 분해형으로 바꾸었다",
                change(name, "홍 길\u{1103}\u{1169}\u{11bc}".into()),
                &["signature"],
            ),
            (
                "number-changed",
                "A number is changed in the last place",
                "숫자의 끝자리를 바꾸었다",
                change(&format!("{grades}/학점"), json!(4.6)),
                &["signature"],
            ),
            (
                "number-as-text",
                "A number becomes a text",
                "숫자를 문자열로 바꾸었다",
                change(&format!("{grades}/학점"), "4.5".into()),
                &["signature"],
            ),
            (
                "truth-as-text",
                "A truth value becomes a text",
                "참·거짓 값을 문자열로 바꾸었다",
                change("/credentialSubject/졸업", "true".into()),
                &["signature"],
            ),
            (
                "array-reordered",
                "Elements of an array change places",
                "배열의 순서를 바꾸었다",
                change(&format!("{grades}/이수"), json!([12, 130, 3])),
                &["signature"],
            ),
            (
                "array-flattened",
                "A value is put into an array of one",
                "값을 원소 하나짜리 배열로 바꾸었다",
                change(name, json!(["홍 길동"])),
                &["signature"],
            ),
            (
                "subject-changed",
                "The credential is given to another subject",
                "자격증명의 주체를 바꾸었다",
                change("/credentialSubject/id", "did:example:thief".into()),
                &["signature"],
            ),
            (
                "validity-extended",
                "The validity is extended",
                "유효 기간을 늘렸다",
                change("/validUntil", "2099-01-01T00:00:00Z".into()),
                &["signature"],
            ),
            (
                "type-added",
                "A type is added",
                "유형을 추가했다",
                change(
                    "/type",
                    json!(["VerifiableCredential", "DoctorateCertificate"]),
                ),
                &["signature"],
            ),
            (
                "id-changed",
                "The id is changed",
                "식별자를 바꾸었다",
                change(
                    "/id",
                    "urn:uuid:00000000-0000-0000-0000-000000000000".into(),
                ),
                &["signature"],
            ),
            (
                "date-respelled",
                "A date is written in another zone",
                "같은 시각을 다른 시간대로 적었다",
                change("/validFrom", "2026-02-19T15:00:00Z".into()),
                &["signature"],
            ),
            (
                "status-added",
                "A status is added",
                "상태 정보를 추가했다",
                verify_input(&with(
                    &signed,
                    "credentialStatus",
                    json!({"type": "X", "id": "urn:x"}),
                )),
                &["signature"],
            ),
            (
                "duplicate-member",
                "A second value for a member, behind the first",
                "같은 이름의 값을 뒤에 하나 더 적었다",
                text_change(
                    "\"성명\":\"홍 길동\"",
                    "\"성명\":\"홍 길동\",\"성명\":\"임꺽정\"",
                ),
                &["structure"],
            ),
            (
                "duplicate-member-before",
                "A second value for a member, before the first",
                "같은 이름의 값을 앞에 하나 더 적었다",
                text_change(
                    "\"성명\":\"홍 길동\"",
                    "\"성명\":\"임꺽정\",\"성명\":\"홍 길동\"",
                ),
                &["structure"],
            ),
            (
                "duplicate-escaped",
                "A second value under an escaped spelling of the name",
                "이스케이프된 이름으로 값을 하나 더 적었다",
                text_change("\"졸업\":true", "\"졸업\":true,\"\\uc878\\uc5c5\":false"),
                &["structure"],
            ),
            (
                "duplicate-issuer",
                "Two issuers",
                "발급자가 두 번 나온다",
                text_change("\"issuer\":", "\"issuer\":\"did:example:a\",\"issuer\":"),
                &["structure"],
            ),
            (
                "duplicate-in-proof",
                "Two proof values",
                "증명값이 두 번 나온다",
                text_change("\"proofValue\":", "\"proofValue\":\"z1\",\"proofValue\":"),
                &["structure"],
            ),
            (
                "integer-inexact",
                "An integer that readers round differently",
                "판독기마다 다르게 읽는 큰 정수",
                text_change("130", "9007199254740993"),
                &["structure"],
            ),
            (
                "integer-inexact-signed",
                "An integer that rounds to the one that was signed",
                "반올림하면 서명된 값과 같아지는 다른 정수",
                rounded,
                &["structure"],
            ),
            (
                "digits-inexact-signed",
                "A number whose last digits are lost on the way to the one that was signed",
                "뒷자리를 버리면 서명된 값과 같아지는 다른 수",
                long,
                &["structure"],
            ),
            (
                "lone-surrogate",
                "Half a character in a claim",
                "짝이 없는 서러게이트가 들어 있다",
                text_change("홍 길동", "\\ud800"),
                &["structure"],
            ),
            (
                "text-behind",
                "Something behind the document",
                "문서 뒤에 다른 내용이 붙어 있다",
                json!({"credential": format!("{signed} {{}}")}),
                &["structure"],
            ),
            (
                "byte-order-mark",
                "A byte order mark in front of the document",
                "문서 앞에 바이트 순서 표시가 있다",
                json!({"credential": format!("\u{feff}{signed}")}),
                &["structure"],
            ),
        ],
    );
    cases.extend(refusals(
        &["VC-02", "X-02"],
        ec.feature(),
        vec![(
            "claim-changed-p256",
            "A claim is changed (P-256)",
            "주장 하나를 바꾸었다 (P-256)",
            verify_input(&replace(&signed_ec, name, "홍 길순".into())),
            &["signature"],
        )],
    ));
    Ok(cases)
}
