//! Cases of did:jwk, did:web, and of did:key with other kinds of keys.

use kbtf_did::{Did, KeyType, did_jwk, did_key, did_web, multibase};
use serde_json::{Value, json};

use super::{Refusals, case, forge, key, made, suite};
use crate::suite::{Case, Check, Suite};

pub(super) fn suite_of_methods() -> Result<Suite, String> {
    let mut cases = Vec::new();
    let k1 = key(KeyType::Secp256k1, 0x31)?;
    let by_key = did_key::from_public_key(k1.public_key());
    let resolve = |id: &str,
                   (en, ko): (&str, &str),
                   requirements: &[&str],
                   input: Value,
                   value: Value,
                   features: &[&str]| {
        case(
            id,
            (en, ko),
            requirements,
            "did.resolve",
            input,
            made(value),
        )
        .features(features)
    };
    let titles = (
        "did:key of a secp256k1 key resolves to its document",
        "secp256k1 키의 did:key를 조회하면 그 문서가 나온다",
    );
    let document = case(
        "did-resolve-secp256k1",
        titles,
        &["DID-05", "DID-10"],
        "did.resolve",
        json!({"did": by_key.as_str()}),
        super::super::checked(Check::DidKeyDocument),
    );
    cases.push(document.features(&["secp256k1"]));
    cases.extend(jwk_cases(&resolve)?);
    let versions = Refusals {
        id: "did-resolve",
        en: "Resolving did:key refuses",
        ko: "did:key 조회 거부",
        operation: "did.resolve",
        requirements: &["DID-10", "DID-13"],
        features: &["did-jwk"],
    };
    let time = "2026-01-01T00:00:00Z";
    cases.extend(
        versions
            .cases(vec![
                (
                    "version-id",
                    "a version, which the method has not",
                    "메서드에 없는 버전 요청",
                    json!({"did": by_key.as_str(), "versionId": "1"}),
                    &["unsupported"][..],
                ),
                (
                    "version-both",
                    "a version by id and by time at once",
                    "버전 id와 시각을 동시에 요청",
                    json!({"did": by_key.as_str(), "versionId": "1", "versionTime": time}),
                    &["options"],
                ),
            ])
            .into_iter()
            .map(|case| case.features(&["secp256k1"])),
    );
    cases.extend(web_cases()?);
    Ok(suite(
        "did/methods",
        "did",
        "The methods did:jwk and did:web, and did:key with other keys",
        "did:jwk, did:web 메서드와 그 밖의 키를 쓰는 did:key",
        cases,
    ))
}

type Resolve<'r> = &'r dyn Fn(&str, (&str, &str), &[&str], Value, Value, &[&str]) -> Case;

fn jwk_did(jwk: &str) -> String {
    let text = multibase::encode_base64url(jwk.as_bytes());
    format!("did:jwk:{}", text.trim_start_matches('u'))
}

fn jwk_cases(resolve: Resolve<'_>) -> Result<Vec<Case>, String> {
    const EXAMPLE: &str = "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAiLCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9";
    let all = |did: &str, jwk: Value| {
        let id = format!("{did}#0");
        json!({"document": {
            "id": did,
            "verificationMethod": [{"id": id, "type": "JsonWebKey2020", "controller": did, "publicKeyJwk": jwk}],
            "authentication": [id], "assertionMethod": [id], "capabilityInvocation": [id], "capabilityDelegation": [id], "keyAgreement": [id]
        }})
    };
    let example = json!({"crv": "P-256", "kty": "EC", "x": "acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0", "y": "_KcyLj9vWMptnmKtm46GqDz8wf74I5LKgrl2GzH3nSE"});
    let ed = key(KeyType::Ed25519, 0x31)?;
    let ours = did_jwk::from_public_key(ed.public_key());
    let ed_jwk: Value =
        serde_json::from_str(&ed.public_key().to_jwk().to_json()).map_err(|e| e.to_string())?;
    let kept = forge::with(
        &forge::with(&ed_jwk, "kid", "key-of-2026".into()),
        "alg",
        "EdDSA".into(),
    );
    let kept_did = jwk_did(&kept.to_string());
    let for_signing = forge::with(&ed_jwk, "use", "sig".into()).to_string();
    let x = key(KeyType::X25519, 0x31)?;
    let x_jwk: Value =
        serde_json::from_str(&x.public_key().to_jwk().to_json()).map_err(|e| e.to_string())?;
    let x_did = jwk_did(&forge::with(&x_jwk, "use", "enc".into()).to_string());
    let x_id = format!("{x_did}#0");
    let sign_did = jwk_did(&for_signing);
    let sign_id = format!("{sign_did}#0");
    let mut cases = vec![
        resolve(
            "did-jwk-example",
            (
                "The example of the did:jwk specification resolves",
                "did:jwk 명세의 예가 조회된다",
            ),
            &["DID-06", "DID-13"],
            json!({"did": EXAMPLE}),
            all(EXAMPLE, example),
            &["ecdsa-jcs-2019", "did-jwk"],
        ),
        resolve(
            "did-jwk-ed25519",
            (
                "A did:jwk of an Ed25519 key resolves",
                "Ed25519 키의 did:jwk가 조회된다",
            ),
            &["DID-04", "DID-13"],
            json!({"did": ours.as_str()}),
            all(ours.as_str(), ed_jwk.clone()),
            &["eddsa-jcs-2022", "did-jwk"],
        ),
        resolve(
            "did-jwk-members",
            (
                "Members of the JWK that are not understood are kept",
                "알 수 없는 JWK 멤버도 그대로 유지된다",
            ),
            &["DID-04", "DID-13"],
            json!({"did": kept_did}),
            all(&kept_did, kept),
            &["eddsa-jcs-2022", "did-jwk"],
        ),
        resolve(
            "did-jwk-sig",
            (
                "A did:jwk for signatures is listed for them",
                "서명용 did:jwk는 서명 관계에 나열된다",
            ),
            &["DID-08", "DID-13"],
            json!({"did": sign_did}),
            json!({"document": {"authentication": [sign_id], "assertionMethod": [sign_id]}}),
            &["eddsa-jcs-2022", "did-jwk"],
        ),
        resolve(
            "did-jwk-enc",
            (
                "A did:jwk for encryption is listed for key agreement",
                "암호화용 did:jwk는 키 합의 관계에 나열된다",
            ),
            &["DID-07", "DID-13"],
            json!({"did": x_did}),
            json!({"document": {"keyAgreement": [x_id]}}),
            &["x25519", "did-jwk"],
        ),
    ];
    let refusals = Refusals {
        id: "did-jwk",
        en: "A did:jwk is refused",
        ko: "did:jwk 거부",
        operation: "did.resolve",
        requirements: &["DID-13"],
        features: &["eddsa-jcs-2022", "did-jwk"],
    };
    let did = |jwk: &str| json!({"did": jwk_did(jwk)});
    let good = ed_jwk.to_string();
    cases.extend(refusals.cases(vec![
        (
            "private",
            "with its private part",
            "비밀 부분 포함",
            did(&forge::with(&ed_jwk, "d", "AAAA".into()).to_string()),
            &["key"][..],
        ),
        (
            "duplicate",
            "with a member twice",
            "같은 멤버가 두 번",
            did(&good.replacen('{', r#"{"x":"AAAA","#, 1)),
            &["key", "syntax", "structure"],
        ),
        (
            "array",
            "of an array",
            "배열",
            did("[]"),
            &["key", "syntax", "structure"],
        ),
        (
            "not-json",
            "of no JSON",
            "JSON이 아님",
            did("{"),
            &["key", "syntax", "structure"],
        ),
        (
            "not-base64",
            "of no base64url",
            "base64url이 아님",
            json!({"did": "did:jwk:e30..."}),
            &["key", "syntax"],
        ),
        (
            "small-order",
            "of small order",
            "위수가 작은 키",
            did(&forge::with(&ed_jwk, "x", format!("AQ{}", "A".repeat(41)).into()).to_string()),
            &["key"],
        ),
        (
            "symmetric",
            "of a symmetric key",
            "대칭키",
            did(r#"{"kty":"oct","k":"AAAA"}"#),
            &["key", "unsupported"],
        ),
        (
            "contradiction",
            "for another algorithm",
            "다른 알고리즘용",
            did(&forge::with(&ed_jwk, "alg", "ES256".into()).to_string()),
            &["key"],
        ),
    ]));
    Ok(cases)
}

fn web_cases() -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for (id, did, ko) in [
        ("domain", "did:web:ministry.go.kr", "도메인만"),
        ("path", "did:web:ministry.go.kr:org:alice", "경로"),
        ("port", "did:web:ministry.go.kr%3A8443:org", "포트와 경로"),
        ("port-only", "did:web:ministry.go.kr%3a8443", "포트만"),
        ("case", "did:web:Ministry.GO.kr", "대문자 도메인"),
        (
            "escaped",
            "did:web:ministry.go.kr:%EA%B0%80",
            "이스케이프된 경로",
        ),
        ("dots", "did:web:ministry.go.kr:...", "점 세 개인 경로"),
        ("digits", "did:web:1.2.3.kr", "숫자로 시작하는 도메인"),
    ] {
        let url = Did::parse(did)
            .and_then(|did| did_web::url(&did))
            .map_err(|e| e.to_string())?;
        let titles = (
            &*format!("The place of {did}"),
            &*format!("did:web 문서의 위치: {ko}"),
        );
        cases.push(
            case(
                &format!("did-web-url-{id}"),
                titles,
                &["DID-13"],
                "did.web-url",
                json!({"did": did}),
                made(json!({"url": url})),
            )
            .features(&["did-web"]),
        );
    }
    let url = |did: &str| json!({"did": did});
    let refusals = Refusals {
        id: "did-web-url",
        en: "A did:web that leads elsewhere is refused",
        ko: "엉뚱한 곳을 가리키는 did:web 거부",
        operation: "did.web-url",
        requirements: &["DID-13"],
        features: &["did-web"],
    };
    cases.extend(refusals.cases(vec![
        (
            "ipv4",
            "an IP address",
            "IP 주소",
            url("did:web:127.0.0.1"),
            &["syntax"][..],
        ),
        (
            "ipv4-number",
            "an IP address as one number",
            "정수 하나로 적은 IP 주소",
            url("did:web:2130706433"),
            &["syntax"],
        ),
        (
            "ipv4-hex",
            "an IP address in hex",
            "16진수 IP 주소",
            url("did:web:0x7f.1"),
            &["syntax"],
        ),
        (
            "ipv6",
            "an IPv6 address",
            "IPv6 주소",
            url("did:web:%5B%3A%3A1%5D"),
            &["syntax"],
        ),
        (
            "localhost",
            "the machine itself",
            "자기 자신(localhost)",
            url("did:web:localhost%3A8080"),
            &["syntax"],
        ),
        (
            "user",
            "a user name before the host",
            "호스트 앞의 사용자 이름",
            url("did:web:user%40ministry.go.kr"),
            &["syntax"],
        ),
        (
            "slash",
            "a slash in the host",
            "호스트 안의 슬래시",
            url("did:web:ministry.go.kr%2Fa"),
            &["syntax"],
        ),
        (
            "port-zero",
            "port 0",
            "포트 0",
            url("did:web:ministry.go.kr%3A0"),
            &["syntax"],
        ),
        (
            "port-big",
            "a port that does not exist",
            "존재하지 않는 포트",
            url("did:web:ministry.go.kr%3A65536"),
            &["syntax"],
        ),
        (
            "port-padded",
            "a port with a leading zero",
            "0으로 시작하는 포트",
            url("did:web:ministry.go.kr%3A0443"),
            &["syntax"],
        ),
        (
            "climb",
            "a path that climbs",
            "상위로 올라가는 경로",
            url("did:web:ministry.go.kr:..:a"),
            &["syntax"],
        ),
        (
            "climb-escaped",
            "a path that climbs behind escapes",
            "이스케이프로 감춘 상위 경로",
            url("did:web:ministry.go.kr:%2e%2E:a"),
            &["syntax"],
        ),
        (
            "hidden-slash",
            "a slash hidden in a segment",
            "구간 안에 감춘 슬래시",
            url("did:web:ministry.go.kr:a%2Fb"),
            &["syntax"],
        ),
        (
            "hidden-query",
            "a query hidden in a segment",
            "구간 안에 감춘 질의",
            url("did:web:ministry.go.kr:a%3fb"),
            &["syntax"],
        ),
        (
            "empty-segment",
            "an empty segment",
            "빈 구간",
            url("did:web:ministry.go.kr::a"),
            &["syntax"],
        ),
        (
            "empty-label",
            "an empty label",
            "빈 라벨",
            url("did:web:ministry..kr"),
            &["syntax"],
        ),
        (
            "hyphen",
            "a label that begins with a hyphen",
            "하이픈으로 시작하는 라벨",
            url("did:web:-a.kr"),
            &["syntax"],
        ),
    ]));
    let alice = "did:web:ministry.go.kr:alice";
    let body = json!({"@context": ["https://www.w3.org/ns/did/v1"], "id": alice});
    let titles = (
        "A did:web resolves to what its server gives",
        "did:web을 조회하면 서버가 준 문서가 나온다",
    );
    cases.push(
        case(
            "did-web-resolve",
            titles,
            &["DID-13"],
            "did.resolve",
            json!({"did": alice, "body": body.to_string()}),
            made(json!({"document": body})),
        )
        .features(&["did-web"]),
    );
    let plain = json!({"id": alice});
    let titles = (
        "A did:web may be plain JSON",
        "did:web 문서는 일반 JSON이어도 된다",
    );
    cases.push(
        case(
            "did-web-resolve-plain",
            titles,
            &["DID-13"],
            "did.resolve",
            json!({"did": alice, "body": plain.to_string()}),
            made(json!({"document": {"id": alice}})),
        )
        .features(&["did-web"]),
    );
    let refusals = Refusals {
        id: "did-web-resolve",
        en: "What a server gives is refused",
        ko: "서버가 준 내용 거부",
        operation: "did.resolve",
        requirements: &["DID-13"],
        features: &["did-web"],
    };
    let got = |body: &str| json!({"did": alice, "body": body});
    cases.extend(refusals.cases(vec![
        (
            "other",
            "the document of another DID",
            "다른 DID의 문서",
            got(&forge::with(&body, "id", "did:web:ministry.go.kr:bob".into()).to_string()),
            &["structure"][..],
        ),
        (
            "same-place",
            "a document of the same place in other letters",
            "표기만 다른 같은 위치의 문서",
            got(&forge::with(&body, "id", "did:web:Ministry.go.kr:alice".into()).to_string()),
            &["structure"],
        ),
        (
            "page",
            "a page",
            "웹 페이지",
            got("<html></html>"),
            &["structure"],
        ),
        (
            "context",
            "a document of another context",
            "다른 컨텍스트의 문서",
            got(&forge::with(&body, "@context", json!(["https://example.com/"])).to_string()),
            &["structure"],
        ),
        (
            "bom",
            "a byte order mark",
            "바이트 순서 표시(BOM)",
            got(&format!("\u{feff}{body}")),
            &["structure"],
        ),
    ]));
    Ok(cases)
}
