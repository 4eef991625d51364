//! Status lists, schemas and registers of trusted issuers: what a verifier fetches beside the credential.

use kbtf_did::{KeyType, SecretKey, SoftwareSigner, Timestamp, did_key, multibase};
use kbtf_vc::{StatusBits, StatusPurpose, TokenStatusList};
use serde_json::{Value, json};

use super::{
    NOW, accepted, case,
    credentials::certificate,
    forge::{Person, base64url, set, with, without},
    refused, suite,
    tokens::NOW_SECONDS,
    undecided,
};
use crate::suite::{Case, Expect, Suite};

const ED: &str = "eddsa-jcs-2022";
const URL: &str = "https://university.example/status/3";
const INDEX: usize = 94_567;

pub(super) fn suite_of_evidence() -> Result<Suite, String> {
    let mut cases = bitstrings()?;
    cases.extend(token_lists()?);
    cases.extend(schemas()?);
    cases.extend(registers()?);
    Ok(suite(
        "vc/evidence",
        "vc",
        "Status lists, schemas and registers of trusted issuers, good and false",
        "상태 목록, 스키마, 신뢰 발급자 등록부: 올바른 것과 거짓된 것",
        cases,
    ))
}

fn issuer() -> Result<Person, String> {
    Person::new(KeyType::Ed25519, 0x51)
}

fn now() -> Result<Timestamp, String> {
    NOW.parse().map_err(|e: kbtf_did::Error| e.to_string())
}

fn bits(size: u8, set: &[(usize, u8)]) -> Result<StatusBits, String> {
    let mut bits = StatusBits::new(131_072, size).map_err(|e| e.to_string())?;
    for (index, value) in set {
        bits.set(*index, *value).map_err(|e| e.to_string())?;
    }
    Ok(bits)
}

/// The list as an unsigned credential.
fn list(bits: &StatusBits, issuer: &Person, purpose: StatusPurpose) -> Result<Value, String> {
    let until = now()?.saturating_add_seconds(86_400);
    let list = bits.to_credential(URL, &issuer.did(), purpose, now()?, until);
    let list = list.map_err(|e| e.to_string())?.to_json();
    serde_json::from_str(&list).map_err(|e| e.to_string())
}

fn entry() -> Value {
    json!({
        "id": format!("{URL}#{INDEX}"), "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
        "statusListIndex": INDEX.to_string(), "statusListCredential": URL
    })
}

fn bitstrings() -> Result<Vec<Case>, String> {
    let person = issuer()?;
    let stranger = Person::new(KeyType::Ed25519, 0x66)?;
    let good = certificate(&person.did(), "did:example:student");
    let with_entry = |entry: Value| person.sign(&with(&good, "credentialStatus", entry));
    let credential = with_entry(entry())?;
    let clean = list(
        &bits(1, &[(INDEX - 1, 1), (INDEX + 1, 1)])?,
        &person,
        StatusPurpose::Revocation,
    )?;
    let signed = person.sign(&clean)?;
    let set_bit = bits(1, &[(INDEX, 1)])?;
    let revoked = person.sign(&list(&set_bit, &person, StatusPurpose::Revocation)?)?;
    let suspended = person.sign(&list(&set_bit, &person, StatusPurpose::Suspension)?)?;
    let suspension = |entry: Value| with(&entry, "statusPurpose", "suspension".into());
    let refreshed = person.sign(&list(&set_bit, &person, StatusPurpose::Refresh)?)?;
    // Bits the other way round in the byte: index 7 of the byte in place of 0.
    let mirrored_index = INDEX / 8 * 8 + (7 - INDEX % 8);
    let mirrored = person.sign(&list(
        &bits(1, &[(mirrored_index, 1)])?,
        &person,
        StatusPurpose::Revocation,
    )?)?;
    let foreign = stranger.sign(&list(&bits(1, &[])?, &stranger, StatusPurpose::Revocation)?)?;
    let spoofed = stranger.sign(&clean)?;
    let subject = |name: &str, value: Value| {
        let subject = clean.get("credentialSubject").cloned().unwrap_or_default();
        person.sign(&with(
            &clean,
            "credentialSubject",
            with(&subject, name, value),
        ))
    };
    let encoded = |bytes: &[u8]| format!("u{}", base64url(bytes));
    let full = clean
        .pointer("/credentialSubject/encodedList")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let cut = full.get(..full.len() - 4).unwrap_or_default();
    let types =
        |name: &str| person.sign(&with(&clean, "type", json!(["VerifiableCredential", name])));
    let expired = person.sign(&with(
        &with(&clean, "validFrom", "2026-11-01T00:00:00Z".into()),
        "validUntil",
        "2026-11-21T00:00:00Z".into(),
    ))?;
    let elsewhere = person.sign(&with(
        &clean,
        "id",
        "https://university.example/status/4".into(),
    ))?;
    let tampered = with(&signed, "name", "changed".into());
    let both = with_entry(json!([entry(), suspension(entry())]))?;
    let changed_entry = |name: &str, value: Value| with_entry(with(&entry(), name, value));
    let status = |list: &Value| json!({URL: list.to_string()});
    let none = json!({});
    let table: Vec<(&str, &str, &str, Value, Value, Expect)> = vec![
        (
            "valid",
            "Neither revoked, nor are the neighbours' entries its own",
            "폐기되지 않음(이웃 항목만 폐기)",
            credential.clone(),
            status(&signed),
            accepted(),
        ),
        (
            "refresh",
            "A newer one can be had",
            "새 자격증명을 받을 수 있음(효력에는 영향 없음)",
            with_entry(with(&entry(), "statusPurpose", "refresh".into()))?,
            status(&refreshed),
            accepted(),
        ),
        (
            "mirrored",
            "The bit at the mirrored place is somebody else's",
            "바이트 안에서 반대쪽 비트는 남의 것",
            credential.clone(),
            status(&mirrored),
            accepted(),
        ),
        (
            "undecided-missing",
            "The list is not at hand",
            "상태 목록이 없음",
            credential.clone(),
            none.clone(),
            undecided(None),
        ),
        (
            "undecided-type",
            "Another type of status",
            "다른 종류의 상태",
            changed_entry("type", "StatusList2021Entry".into())?,
            status(&signed),
            undecided(None),
        ),
        (
            "undecided-purpose",
            "An unknown purpose",
            "모르는 목적",
            changed_entry("statusPurpose", "weather".into())?,
            status(&signed),
            undecided(None),
        ),
        (
            "refuse-revoked",
            "Revoked",
            "폐기됨",
            credential.clone(),
            status(&revoked),
            refused(&["status"]),
        ),
        (
            "refuse-suspended",
            "Suspended",
            "정지됨",
            with_entry(suspension(entry()))?,
            status(&suspended),
            refused(&["status"]),
        ),
        (
            "refuse-second-entry",
            "Not revoked, but suspended by a list that is not for that",
            "두 번째 항목의 목적이 목록과 다름",
            both.clone(),
            status(&signed),
            refused(&["status"]),
        ),
        (
            "refuse-list-tampered",
            "A list that was changed",
            "변경된 목록",
            credential.clone(),
            status(&tampered),
            refused(&["status"]),
        ),
        (
            "refuse-list-unsigned",
            "A list without a signature",
            "서명이 없는 목록",
            credential.clone(),
            status(&clean),
            refused(&["status"]),
        ),
        (
            "refuse-list-foreign",
            "A clean list of somebody else",
            "남의 깨끗한 목록",
            credential.clone(),
            status(&foreign),
            refused(&["status"]),
        ),
        (
            "refuse-list-spoofed",
            "A list that somebody else signed in the issuer's name",
            "발급자를 사칭한 목록",
            credential.clone(),
            status(&spoofed),
            refused(&["status"]),
        ),
        (
            "refuse-list-expired",
            "A list that has ended",
            "기간이 지난 목록",
            credential.clone(),
            status(&expired),
            refused(&["status"]),
        ),
        (
            "refuse-list-of-other-address",
            "A list that says it is another",
            "다른 주소의 목록",
            credential.clone(),
            status(&elsewhere),
            refused(&["status"]),
        ),
        (
            "refuse-list-other-purpose",
            "A list for another purpose",
            "목적이 다른 목록",
            credential.clone(),
            status(&suspended),
            refused(&["status"]),
        ),
        (
            "refuse-list-other-type",
            "A credential that is no list",
            "상태 목록이 아닌 자격증명",
            credential.clone(),
            status(&types("StatusList2021Credential")?),
            refused(&["status"]),
        ),
        (
            "refuse-list-subject-type",
            "A subject that is no list",
            "주체가 상태 목록이 아님",
            credential.clone(),
            status(&subject("type", "StatusList2021".into())?),
            refused(&["status"]),
        ),
        (
            "refuse-list-not-packed",
            "A list that is not gzip",
            "gzip이 아닌 목록",
            credential.clone(),
            status(&subject("encodedList", encoded(&[0; 100]).into())?),
            refused(&["status"]),
        ),
        (
            "refuse-list-cut",
            "A list that ends in the middle",
            "중간에 끊긴 목록",
            credential.clone(),
            status(&subject("encodedList", cut.into())?),
            refused(&["status"]),
        ),
        (
            "refuse-list-no-multibase",
            "A list without the letter of its encoding",
            "인코딩 문자(u)가 없는 목록",
            credential.clone(),
            status(&subject(
                "encodedList",
                full.trim_start_matches('u').into(),
            )?),
            refused(&["status"]),
        ),
        (
            "refuse-list-small",
            "A list of so few entries that they tell on people",
            "항목이 너무 적은 목록",
            credential.clone(),
            status(&subject("encodedList", SMALL_LIST.into())?),
            refused(&["status"]),
        ),
        (
            "refuse-index-beyond",
            "An index beyond the end",
            "범위를 벗어난 번호",
            changed_entry("statusListIndex", "131072".into())?,
            status(&signed),
            refused(&["status"]),
        ),
        (
            "refuse-index-negative",
            "A negative index",
            "음수 번호",
            changed_entry("statusListIndex", "-1".into())?,
            status(&signed),
            refused(&["status"]),
        ),
        (
            "refuse-index-zeros",
            "An index with leading zeros",
            "0으로 시작하는 번호",
            changed_entry("statusListIndex", "094567".into())?,
            status(&signed),
            refused(&["status"]),
        ),
        (
            "refuse-index-number",
            "An index that is a number",
            "숫자형 번호",
            changed_entry("statusListIndex", INDEX.into())?,
            status(&signed),
            refused(&["status"]),
        ),
        (
            "refuse-index-missing",
            "No index",
            "번호가 없음",
            with_entry(without(&entry(), "statusListIndex"))?,
            status(&signed),
            refused(&["status"]),
        ),
        (
            "refuse-size-differs",
            "An entry of two bits in a list of one",
            "항목 크기가 목록과 다름",
            changed_entry("statusSize", 2.into())?,
            status(&signed),
            refused(&["status"]),
        ),
    ];
    Ok(table
        .into_iter()
        .map(|(id, en, ko, credential, lists, expect)| {
            let input = json!({"credential": credential.to_string(), "statusLists": lists});
            case(
                &format!("vc-status-{id}"),
                (en, ko),
                &["VC-06"],
                "credential.verify",
                input,
                expect,
            )
            .features(&["status-lists", ED])
        })
        .collect())
}

/// gzip of 100 zero bytes: 800 entries.
const SMALL_LIST: &str = "uH4sIAAAAAAACA2NgoD0AAMrGiJlkAAAA";

/// A case: id, titles, credential, the list if it is at hand, and what is expected.
type TokenRow<'r> = (&'r str, &'r str, &'r str, String, Option<String>, Expect);

fn token_lists() -> Result<Vec<Case>, String> {
    let person = issuer()?;
    let stranger = Person::new(KeyType::Ed25519, 0x66)?;
    let credential_with = |status: Value| -> Result<String, String> {
        let payload = json!({"iss": person.did(), "vct": "urn:kbtf:resident", "name": "홍길동", "status": status});
        Ok(format!(
            "{}~",
            person.token(&person.header("dc+sd-jwt"), &payload)?
        ))
    };
    let reference = |idx: Value| json!({"status_list": {"idx": idx, "uri": URL}});
    let credential = credential_with(reference(INDEX.into()))?;
    // The list as our issuer packs it; the claims around it are made here.
    let packed = |size: u8, set: &[(usize, u8)]| -> Result<Value, String> {
        let key = SecretKey::from_bytes(KeyType::Ed25519, &[1; 32]).map_err(|e| e.to_string())?;
        let signer = SoftwareSigner::new(key);
        let did = did_key::from_public_key(kbtf_did::Signer::public_key(&signer));
        let method = did_key::verification_method_id(&did).map_err(|e| e.to_string())?;
        let bits = bits(size, set)?;
        let token = TokenStatusList::new(&bits, URL, now()?).issue(&method, &signer);
        let token = token.map_err(|e| e.to_string())?;
        let body = token.split('.').nth(1).unwrap_or_default();
        let body = multibase::decode(&format!("u{body}")).map_err(|e| e.to_string())?;
        let claims: Value = serde_json::from_slice(&body).map_err(|e| e.to_string())?;
        Ok(claims.get("status_list").cloned().unwrap_or_default())
    };
    let claims = |list: Value| json!({"iss": person.did(), "sub": URL, "iat": NOW_SECONDS - 100, "exp": NOW_SECONDS + 86_400, "ttl": 3600, "status_list": list});
    let header = person.header("statuslist+jwt");
    let clean = claims(packed(1, &[(INDEX - 1, 1), (INDEX + 1, 1)])?);
    let sign = |claims: &Value| person.token(&header, claims);
    let of = |size: u8, value: u8| -> Result<String, String> {
        sign(&claims(packed(size, &[(INDEX, value)])?))
    };
    let mirrored_index = INDEX / 8 * 8 + (7 - INDEX % 8);
    let changed = |name: &str, value: Value| sign(&with(&clean, name, value));
    let inner = |name: &str, value: Value| {
        let list = clean.get("status_list").cloned().unwrap_or_default();
        sign(&with(&clean, "status_list", with(&list, name, value)))
    };
    let table: Vec<TokenRow<'_>> = vec![
        (
            "valid",
            "Valid",
            "유효함",
            credential.clone(),
            Some(sign(&clean)?),
            accepted(),
        ),
        (
            "valid-two-bits",
            "Valid in a list of two bits",
            "2비트 목록에서 유효함",
            credential.clone(),
            Some(of(2, 0)?),
            accepted(),
        ),
        (
            "mirrored",
            "The bit at the mirrored place is somebody else's",
            "바이트 안에서 반대쪽 비트는 남의 것",
            credential.clone(),
            Some(sign(&claims(packed(1, &[(mirrored_index, 1)])?))?),
            accepted(),
        ),
        (
            "undecided-missing",
            "The list is not at hand",
            "상태 목록이 없음",
            credential.clone(),
            None,
            undecided(None),
        ),
        (
            "undecided-other-mechanism",
            "Another mechanism",
            "다른 상태 방식",
            credential_with(json!({"other": {}}))?,
            Some(sign(&clean)?),
            undecided(None),
        ),
        (
            "refuse-revoked",
            "Revoked",
            "폐기됨",
            credential.clone(),
            Some(of(1, 1)?),
            refused(&["status"]),
        ),
        (
            "refuse-revoked-eight-bits",
            "Revoked in a list of eight bits",
            "8비트 목록에서 폐기됨",
            credential.clone(),
            Some(of(8, 1)?),
            refused(&["status"]),
        ),
        (
            "refuse-suspended",
            "Suspended",
            "정지됨",
            credential.clone(),
            Some(of(2, 2)?),
            refused(&["status"]),
        ),
        (
            "refuse-undefined",
            "An undefined number",
            "정의되지 않은 값",
            credential.clone(),
            Some(of(2, 3)?),
            refused(&["status"]),
        ),
        (
            "refuse-expired",
            "A list that has ended",
            "기간이 지난 목록",
            credential.clone(),
            Some(changed("exp", NOW_SECONDS.into())?),
            refused(&["status"]),
        ),
        (
            "refuse-other-address",
            "A list of another address",
            "다른 주소의 목록",
            credential.clone(),
            Some(changed(
                "sub",
                "https://university.example/status/4".into(),
            )?),
            refused(&["status"]),
        ),
        (
            "refuse-no-iat",
            "A list without its time",
            "시각이 없는 목록",
            credential.clone(),
            Some(sign(&without(&clean, "iat"))?),
            refused(&["status"]),
        ),
        (
            "refuse-foreign",
            "A clean list of somebody else",
            "남의 깨끗한 목록",
            credential.clone(),
            Some(stranger.token(
                &stranger.header("statuslist+jwt"),
                &with(&clean, "iss", stranger.did().into()),
            )?),
            refused(&["status"]),
        ),
        (
            "refuse-spoofed",
            "A list that somebody else signed in the issuer's name",
            "발급자를 사칭한 목록",
            credential.clone(),
            Some(stranger.token(&header, &clean)?),
            refused(&["status"]),
        ),
        (
            "refuse-type",
            "Another type of token",
            "다른 토큰 유형",
            credential.clone(),
            Some(person.token(&person.header("JWT"), &clean)?),
            refused(&["status"]),
        ),
        (
            "refuse-bits-three",
            "Three bits",
            "3비트 목록",
            credential.clone(),
            Some(inner("bits", 3.into())?),
            refused(&["status"]),
        ),
        (
            "refuse-not-packed",
            "A list that is not zlib",
            "zlib이 아닌 목록",
            credential.clone(),
            Some(inner("lst", base64url([0; 50]).into())?),
            refused(&["status"]),
        ),
        (
            "refuse-index-beyond",
            "An index beyond the end",
            "범위를 벗어난 번호",
            credential_with(reference(131_072.into()))?,
            Some(sign(&clean)?),
            refused(&["status"]),
        ),
        (
            "refuse-index-text",
            "An index that is a text",
            "문자열 번호",
            credential_with(reference("7".into()))?,
            Some(sign(&clean)?),
            refused(&["status"]),
        ),
        (
            "refuse-index-negative",
            "A negative index",
            "음수 번호",
            credential_with(reference((-1).into()))?,
            Some(sign(&clean)?),
            refused(&["status"]),
        ),
        (
            "refuse-status-text",
            "A status that is a text",
            "문자열 상태",
            credential_with("valid".into())?,
            Some(sign(&clean)?),
            refused(&["status"]),
        ),
    ];
    Ok(table
        .into_iter()
        .map(|(id, en, ko, credential, list, expect)| {
            let mut input = json!({"credential": credential});
            if let Some(list) = list {
                set(&mut input, "statusLists", json!({URL: list}));
            }
            case(
                &format!("vc-token-status-{id}"),
                (en, ko),
                &["VC-06"],
                "sd-jwt.verify",
                input,
                expect,
            )
            .features(&["status-lists", "sd-jwt", ED])
        })
        .collect())
}

fn schemas() -> Result<Vec<Case>, String> {
    const SCHEMA_URL: &str = "https://university.example/schema";
    let person = issuer()?;
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"credentialSubject": {
            "type": "object",
            "required": ["학위", "졸업"],
            "properties": {"졸업": {"const": true}, "학위": {"$ref": "#/$defs/degree"}},
            "additionalProperties": true
        }},
        "$defs": {"degree": {
            "type": "object",
            "properties": {
                "종류": {"enum": ["공학사", "이학사"]},
                "학점": {"type": "number", "minimum": 0, "maximum": 4.5},
                "이수": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 5}
            },
            "required": ["종류"],
            "additionalProperties": false
        }}
    })
    .to_string();
    let hash = kbtf_did::CryptoProvider::sha256(&kbtf_did::SOFTWARE, schema.as_bytes());
    let hash = hash.map_err(|e| e.to_string())?;
    let hash = multibase::encode_base64url(&[&[0x12, 0x20][..], &hash].concat());
    let entry = json!({"id": SCHEMA_URL, "type": "JsonSchema"});
    let digested = with(&entry, "digestMultibase", hash.into());
    let good = certificate(&person.did(), "did:example:student");
    let with_schema = |document: &Value, entry: &Value| {
        person.sign(&with(document, "credentialSchema", entry.clone()))
    };
    let at = |pointer: &str, value: Value| {
        let mut document = good.clone();
        if let Some(place) = document.pointer_mut(pointer) {
            *place = value;
        }
        with_schema(&document, &entry)
    };
    let degree = good
        .pointer("/credentialSubject/학위")
        .cloned()
        .unwrap_or_default();
    let given = json!({SCHEMA_URL: schema});
    let other = json!({SCHEMA_URL: "{\"type\":\"object\"}"});
    let table: Vec<(&str, &str, &str, Value, Value, Expect)> = vec![
        (
            "kept",
            "The schema is kept",
            "스키마를 지킴",
            with_schema(&good, &entry)?,
            given.clone(),
            accepted(),
        ),
        (
            "kept-digest",
            "The same, and the schema has its digest",
            "스키마의 해시도 맞음",
            with_schema(&good, &digested)?,
            given.clone(),
            accepted(),
        ),
        (
            "undecided-missing",
            "The schema is not at hand",
            "스키마가 없음",
            with_schema(&good, &entry)?,
            json!({}),
            undecided(None),
        ),
        (
            "undecided-type",
            "Another type of schema",
            "다른 종류의 스키마",
            with_schema(&good, &with(&entry, "type", "JsonSchemaCredential".into()))?,
            given.clone(),
            undecided(None),
        ),
        (
            "refuse-const",
            "Not the value",
            "정해진 값이 아님",
            at("/credentialSubject/졸업", false.into())?,
            given.clone(),
            refused(&["schema"]),
        ),
        (
            "refuse-enum",
            "None of the values",
            "허용된 값이 아님",
            at("/credentialSubject/학위/종류", "문학사".into())?,
            given.clone(),
            refused(&["schema"]),
        ),
        (
            "refuse-maximum",
            "Above the maximum",
            "최댓값을 넘음",
            at("/credentialSubject/학위/학점", json!(4.51))?,
            given.clone(),
            refused(&["schema"]),
        ),
        (
            "refuse-type",
            "Another type",
            "형식이 다름",
            at("/credentialSubject/학위/학점", "4.5".into())?,
            given.clone(),
            refused(&["schema"]),
        ),
        (
            "refuse-integer",
            "A fraction among whole numbers",
            "정수가 아닌 값",
            at("/credentialSubject/학위/이수", json!([1, 2.5]))?,
            given.clone(),
            refused(&["schema"]),
        ),
        (
            "refuse-too-few",
            "Too few elements",
            "요소가 너무 적음",
            at("/credentialSubject/학위/이수", json!([]))?,
            given.clone(),
            refused(&["schema"]),
        ),
        (
            "refuse-required",
            "A member is missing",
            "필수 항목이 없음",
            at("/credentialSubject/학위", without(&degree, "종류"))?,
            given.clone(),
            refused(&["schema"]),
        ),
        (
            "refuse-additional",
            "A member too many",
            "허용되지 않은 항목",
            at(
                "/credentialSubject/학위",
                with(&degree, "우등", true.into()),
            )?,
            given.clone(),
            refused(&["schema"]),
        ),
        (
            "refuse-exchanged",
            "Another schema was handed in than the one that was signed for",
            "서명된 것과 다른 스키마",
            with_schema(&good, &digested)?,
            other,
            refused(&["schema"]),
        ),
    ];
    Ok(table
        .into_iter()
        .map(|(id, en, ko, credential, schemas, expect)| {
            let input = json!({"credential": credential.to_string(), "schemas": schemas});
            case(
                &format!("vc-schema-{id}"),
                (en, ko),
                &["VC-01"],
                "credential.verify",
                input,
                expect,
            )
            .features(&["json-schema", ED])
        })
        .collect())
}

fn registers() -> Result<Vec<Case>, String> {
    let person = issuer()?;
    let operator = Person::new(KeyType::Ed25519, 0x59)?;
    let stranger = Person::new(KeyType::Ed25519, 0x66)?;
    let degree = {
        let document = certificate(&person.did(), "did:example:student");
        person.sign(&with(
            &document,
            "type",
            json!(["VerifiableCredential", "Degree"]),
        ))?
    };
    let plain = person.sign(&certificate(&person.did(), "did:example:student"))?;
    let entry = json!({"id": person.did(), "mayIssue": ["Degree"], "from": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"});
    let register = |entries: Value| {
        json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiableCredential", "TrustedIssuerRegistry"],
            "issuer": operator.did(),
            "validFrom": "2026-11-01T00:00:00Z",
            "validUntil": "2026-12-01T00:00:00Z",
            "credentialSubject": {"type": "TrustedIssuerRegistry", "number": 7, "issuers": entries}
        })
    };
    let signed = |entries: Value| operator.sign(&register(entries));
    let changed = |name: &str, value: Value| signed(json!([with(&entry, name, value)]));
    let good = signed(json!([entry]))?;
    let operators = json!([operator.did()]);
    let old = with(
        &with(
            &register(json!([entry])),
            "validFrom",
            "2026-10-01T00:00:00Z".into(),
        ),
        "validUntil",
        "2026-11-21T00:00:00Z".into(),
    );
    let other_type = with(
        &register(json!([entry])),
        "type",
        json!(["VerifiableCredential", "List"]),
    );
    let tampered = with(&good, "name", "changed".into());
    let table: Vec<(&str, &str, &str, &Value, Value, Value, Expect)> = vec![
        (
            "allowed",
            "The register allows it",
            "등록부가 허용함",
            &degree,
            good.clone(),
            operators.clone(),
            accepted(),
        ),
        (
            "allowed-two-entries",
            "Two entries together allow it",
            "두 항목을 합쳐 허용함",
            &degree,
            signed(json!([with(&entry, "mayIssue", json!(["Other"])), entry]))?,
            operators.clone(),
            accepted(),
        ),
        (
            "refuse-not-in",
            "The issuer is not in it",
            "등록되지 않은 발급자",
            &degree,
            changed("id", stranger.did().into())?,
            operators.clone(),
            refused(&["trust"]),
        ),
        (
            "refuse-other-type",
            "It may issue something else",
            "다른 종류만 발급 가능",
            &degree,
            changed("mayIssue", json!(["Licence"]))?,
            operators.clone(),
            refused(&["trust"]),
        ),
        (
            "refuse-no-type",
            "A credential of no type of its own",
            "고유한 종류가 없는 자격증명",
            &plain,
            changed("mayIssue", json!(["VerifiableCredential"]))?,
            operators.clone(),
            refused(&["trust"]),
        ),
        (
            "refuse-over",
            "It may not any more",
            "발급 권한이 끝남",
            &degree,
            changed("until", "2026-11-21T23:59:59Z".into())?,
            operators.clone(),
            refused(&["trust"]),
        ),
        (
            "refuse-not-yet",
            "It may not yet",
            "발급 권한이 아직 없음",
            &degree,
            changed("from", "2026-11-22T00:00:01Z".into())?,
            operators.clone(),
            refused(&["trust"]),
        ),
        (
            "refuse-operator",
            "A register of somebody whose registers do not count",
            "인정되지 않는 운영자의 등록부",
            &degree,
            good.clone(),
            json!([stranger.did()]),
            refused(&["trust"]),
        ),
        (
            "refuse-self-made",
            "A register that the issuer made himself",
            "발급자가 스스로 만든 등록부",
            &degree,
            person.sign(&with(
                &register(json!([entry])),
                "issuer",
                person.did().into(),
            ))?,
            operators.clone(),
            refused(&["trust"]),
        ),
        (
            "refuse-spoofed",
            "A register signed in the operator's name",
            "운영자를 사칭한 등록부",
            &degree,
            stranger.sign(&register(json!([entry])))?,
            operators.clone(),
            refused(&["trust"]),
        ),
        (
            "refuse-tampered",
            "A register that was changed",
            "변경된 등록부",
            &degree,
            tampered,
            operators.clone(),
            refused(&["trust"]),
        ),
        (
            "refuse-ended",
            "A register that has ended",
            "기간이 지난 등록부",
            &degree,
            operator.sign(&old)?,
            operators.clone(),
            refused(&["trust"]),
        ),
        (
            "refuse-no-register",
            "A credential that is no register",
            "등록부가 아닌 자격증명",
            &degree,
            operator.sign(&other_type)?,
            operators.clone(),
            refused(&["trust"]),
        ),
        (
            "refuse-entry-broken",
            "An entry without an end",
            "끝나는 시각이 없는 항목",
            &degree,
            signed(json!([without(&entry, "until")]))?,
            operators,
            refused(&["trust"]),
        ),
    ];
    Ok(table
        .into_iter()
        .map(|(id, en, ko, credential, register, operators, expect)| {
            let input = json!({
                "credential": credential.to_string(),
                "policy": {"registry": {"text": register.to_string(), "operators": operators}}
            });
            case(
                &format!("vc-registry-{id}"),
                (en, ko),
                &["VC-02"],
                "credential.verify",
                input,
                expect,
            )
            .features(&["trust-registry", ED])
        })
        .collect())
}
