//! Cases of what DID URLs point to.

use serde_json::{Value, json};

use super::{Refusals, case, made, suite};
use crate::suite::{Case, Suite};

const KEY: &str = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";

fn document() -> String {
    json!({
        "@context": ["https://www.w3.org/ns/did/v1"],
        "id": "did:example:1",
        "verificationMethod": [{"id": "#key", "type": "Multikey", "controller": "did:example:1", "publicKeyMultibase": KEY}],
        "authentication": ["#key", {"id": "did:example:1#own", "type": "Multikey", "controller": "did:example:1", "publicKeyMultibase": KEY}],
        "service": [
            {"id": "#files", "type": "Files", "serviceEndpoint": "https://files.example/pub/a?x=1"},
            {"id": "did:example:1#hub", "type": ["Hub", "Files"], "serviceEndpoint": ["https://hub.example", {"uri": "https://no.example/"}]},
            {"id": "#object", "type": "Object", "serviceEndpoint": {"uri": "https://no.example/"}},
            {"id": "#marked", "type": "Marked", "serviceEndpoint": "https://marked.example/#here"}
        ]
    })
    .to_string()
}

fn input(url: &str, more: &[(&str, &str)]) -> Value {
    let mut input = json!({"didUrl": url, "document": document()});
    for (name, value) in more {
        super::forge::set(&mut input, name, (*value).into());
    }
    input
}

const URLS: &[(&str, &str)] = &[("accept", "urls")];

pub(super) fn suite_of_did_urls() -> Suite {
    let mut cases = Vec::new();
    let mut accepted = |id: &str, (en, ko): (&str, &str), input: Value, value: Value| {
        let case: Case = case(
            &format!("did-deref-{id}"),
            (
                &format!("A DID URL points to {en}"),
                &format!("DID URL 역참조: {ko}"),
            ),
            &["DID-09", "DID-13"],
            "did.dereference",
            input,
            made(value),
        );
        cases.push(case.features(&["did-url"]));
    };
    let method =
        |id: &str| json!({"resource": {"id": id, "type": "Multikey", "publicKeyMultibase": KEY}});
    accepted(
        "method",
        ("a verification method", "검증 방법"),
        input("did:example:1#key", &[]),
        method("did:example:1#key"),
    );
    accepted(
        "embedded",
        (
            "a method embedded in a relationship",
            "관계에 포함된 검증 방법",
        ),
        input("did:example:1#own", &[]),
        method("did:example:1#own"),
    );
    accepted(
        "purpose",
        ("a method for a purpose", "용도가 맞는 검증 방법"),
        input("did:example:1#key", &[("purpose", "authentication")]),
        method("did:example:1#key"),
    );
    accepted(
        "service",
        ("a service by its fragment", "프래그먼트로 찾은 서비스"),
        input("did:example:1#files", &[]),
        json!({"resource": {"id": "did:example:1#files", "type": "Files"}}),
    );
    accepted(
        "document",
        ("the document", "문서"),
        input("did:example:1", &[]),
        json!({"document": {"id": "did:example:1"}}),
    );
    accepted(
        "document-cut",
        ("the document with one service", "서비스 하나만 남긴 문서"),
        input("did:example:1?serviceType=Hub", &[]),
        json!({"document": {"service": [{"id": "did:example:1#hub", "type": ["Hub", "Files"], "serviceEndpoint": ["https://hub.example", {"uri": "https://no.example/"}]}]}}),
    );
    for (id, (en, ko), url, urls) in [
        (
            "address",
            ("the address of a service", "서비스 주소"),
            "did:example:1?service=files",
            json!(["https://files.example/pub/a?x=1"]),
        ),
        (
            "address-of-type",
            ("the addresses of a type", "유형별 서비스 주소"),
            "did:example:1?serviceType=Files",
            json!(["https://files.example/pub/a?x=1", "https://hub.example"]),
        ),
        (
            "address-both",
            ("what id and type select", "id와 유형으로 선택한 주소"),
            "did:example:1?serviceType=Files&service=hub",
            json!(["https://hub.example"]),
        ),
        (
            "address-fragment",
            ("an address with a fragment", "프래그먼트를 붙인 주소"),
            "did:example:1?service=files#page",
            json!(["https://files.example/pub/a?x=1#page"]),
        ),
        (
            "relative",
            ("a file beside the address", "주소 옆의 파일"),
            "did:example:1?service=files&relativeRef=b%2Fc",
            json!(["https://files.example/pub/b/c"]),
        ),
        (
            "relative-root",
            ("a file at the root of the host", "호스트 루트의 파일"),
            "did:example:1?service=files&relativeRef=%2Fb",
            json!(["https://files.example/b"]),
        ),
        (
            "relative-query",
            ("another query at the address", "같은 주소의 다른 질의"),
            "did:example:1?service=files&relativeRef=%3Fy",
            json!(["https://files.example/pub/a?y"]),
        ),
        (
            "relative-bare",
            ("a file of a host without path", "경로 없는 호스트의 파일"),
            "did:example:1?service=hub&relativeRef=b",
            json!(["https://hub.example/b"]),
        ),
    ] {
        accepted(id, (en, ko), input(url, URLS), json!({"urls": urls}));
    }
    let refusals = Refusals {
        id: "did-deref",
        en: "A DID URL is refused",
        ko: "DID URL 역참조 거부",
        operation: "did.dereference",
        requirements: &["DID-09", "DID-13"],
        features: &["did-url"],
    };
    let relative = |reference: &str| {
        input(
            &format!("did:example:1?service=files&relativeRef={reference}"),
            URLS,
        )
    };
    cases.extend(refusals.cases(vec![
        (
            "none",
            "nothing of this fragment",
            "없는 프래그먼트",
            input("did:example:1#none", &[]),
            &["notFound"][..],
        ),
        (
            "path",
            "a path, which means nothing here",
            "의미가 없는 경로",
            input("did:example:1/path", &[]),
            &["notFound"],
        ),
        (
            "purpose",
            "a method for another purpose",
            "용도가 다른 검증 방법",
            input("did:example:1#key", &[("purpose", "assertionMethod")]),
            &["relationship"],
        ),
        (
            "purpose-service",
            "a service where a method is wanted",
            "검증 방법이 아닌 서비스",
            input("did:example:1#files", &[("purpose", "authentication")]),
            &["keyState"],
        ),
        (
            "no-service",
            "a service that is not there",
            "없는 서비스",
            input("did:example:1?service=none", URLS),
            &["notFound"],
        ),
        (
            "no-address",
            "a service without an address",
            "주소가 없는 서비스",
            input("did:example:1?service=object", URLS),
            &["notFound"],
        ),
        (
            "not-both",
            "id and type of different services",
            "서로 다른 서비스의 id와 유형",
            input("did:example:1?service=hub&serviceType=Object", URLS),
            &["notFound"],
        ),
        (
            "two-fragments",
            "a fragment behind an address that has one",
            "이미 프래그먼트가 있는 주소",
            input("did:example:1?service=marked#page", URLS),
            &["syntax"],
        ),
        (
            "urls-of-nothing",
            "addresses where no service is meant",
            "서비스가 없는 주소 요청",
            input("did:example:1", URLS),
            &["unsupported"],
        ),
        (
            "twice",
            "a parameter twice",
            "두 번 나온 매개변수",
            input("did:example:1?service=files&service=hub", URLS),
            &["syntax"],
        ),
        (
            "empty",
            "a parameter without value",
            "값이 없는 매개변수",
            input("did:example:1?service=", URLS),
            &["syntax"],
        ),
        (
            "unknown",
            "a parameter that is not understood",
            "알 수 없는 매개변수",
            input("did:example:1?hl=zQm", &[]),
            &["unsupported"],
        ),
        (
            "relative-alone",
            "relativeRef without a service",
            "서비스 없는 relativeRef",
            input("did:example:1?relativeRef=b", URLS),
            &["syntax"],
        ),
        (
            "relative-host",
            "a reference to another host",
            "다른 호스트를 가리키는 참조",
            relative("%2F%2Fevil.example%2Fb"),
            &["syntax"],
        ),
        (
            "relative-scheme",
            "a reference with a scheme",
            "스킴이 있는 참조",
            relative("https:%2F%2Fevil.example"),
            &["syntax"],
        ),
        (
            "relative-climb",
            "a reference that climbs",
            "상위로 올라가는 참조",
            relative("..%2Fb"),
            &["syntax"],
        ),
        (
            "relative-climb-escaped",
            "a reference that climbs behind escapes",
            "이스케이프로 감춘 상위 참조",
            relative("%252e%252e%2Fb"),
            &["syntax"],
        ),
        (
            "relative-slash-escaped",
            "a reference with a slash behind an escape",
            "이스케이프로 감춘 슬래시가 있는 참조",
            relative("x%252f..%252fsecret"),
            &["syntax"],
        ),
        (
            "relative-semicolon",
            "a reference that climbs before a semicolon",
            "세미콜론 앞에서 상위로 올라가는 참조",
            relative("..%3Bx%2Fb"),
            &["syntax"],
        ),
        (
            "relative-backslash",
            "a reference with backslashes",
            "역슬래시가 있는 참조",
            relative("%5C%5Cevil.example"),
            &["syntax"],
        ),
        (
            "relative-line",
            "a reference with a line break",
            "줄바꿈이 있는 참조",
            relative("b%0D%0Ac"),
            &["syntax"],
        ),
        (
            "relative-fragment",
            "a reference with a fragment",
            "프래그먼트가 있는 참조",
            relative("b%23c"),
            &["syntax"],
        ),
    ]));
    suite(
        "did/did-urls",
        "did",
        "What DID URLs point to (DID Resolution 1.0 section 5)",
        "DID URL 역참조 (DID Resolution 1.0 5절)",
        cases,
    )
}
