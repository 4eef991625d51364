//! Cases of identifiers, keys and the canonical form.

use kbtf_did::KeyType;
use serde_json::{Value, json};

use super::{
    case, checked, forge,
    forge::{Person, multikey, with, without},
    made, refused, suite,
};
use crate::suite::{Case, Check, Suite};

pub(super) fn canonical_json() -> Suite {
    let deep = |levels| "[".repeat(levels) + &"]".repeat(levels);
    let good: &[(&str, &str, &str, &str, &str)] = &[
        (
            "order-ascii",
            "members are sorted",
            "멤버는 정렬된다",
            r#"{"b":1,"a":{"d":[],"c":{}}}"#,
            r#"{"a":{"c":{},"d":[]},"b":1}"#,
        ),
        (
            "order-utf16",
            "members are sorted by UTF-16 units, not by code points",
            "멤버는 코드 포인트가 아니라 UTF-16 단위로 정렬된다",
            "{\"\u{fb33}\":1,\"\u{1f602}\":2}",
            "{\"\u{1f602}\":2,\"\u{fb33}\":1}",
        ),
        (
            "order-korean",
            "Korean names are sorted, never normalised",
            "한글 이름은 정규화 없이 정렬된다",
            "{\"나\":1,\"가\":2,\"\u{1100}\u{1161}\":3}",
            "{\"\u{1100}\u{1161}\":3,\"가\":2,\"나\":1}",
        ),
        (
            "order-of-arrays",
            "elements of an array keep their order",
            "배열의 순서는 그대로이다",
            "[3,1,2]",
            "[3,1,2]",
        ),
        (
            "whitespace",
            "white space between tokens goes, inside strings it stays",
            "토큰 사이의 공백만 없애고 문자열 안의 공백은 그대로 둔다",
            "\r\n{ \"a\" :\t\" 홍 길동 \" }\n",
            "{\"a\":\" 홍 길동 \"}",
        ),
        (
            "escapes",
            "strings have one spelling",
            "문자열의 표기는 하나이다",
            r#""\u20ac\u0024\u000F\u000aA'\u0042\u0022\u005c\\\"\/\b\f\r\t\u007f""#,
            "\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\\b\\f\\r\\t\u{7f}\"",
        ),
        (
            "surrogate-pair",
            "an escaped pair is one character",
            "이스케이프된 서러게이트 쌍은 한 글자이다",
            r#""\ud83d\ude02""#,
            "\"\u{1f602}\"",
        ),
        (
            "number-integer",
            "whole numbers lose their fraction",
            "정수 값에는 소수부를 쓰지 않는다",
            "[56.0,-0,0.0,1e2,-1E+2]",
            "[56,0,0,100,-100]",
        ),
        (
            "number-fraction",
            "fractions are the shortest that read back",
            "소수는 다시 읽었을 때 같은 가장 짧은 표기이다",
            "[4.50,2e-3,333333333.3333333,0.000001,1e-7]",
            "[4.5,0.002,333333333.3333333,0.000001,1e-7]",
        ),
        (
            "number-large",
            "large numbers switch to exponents at 10^21",
            "10^21부터 지수로 표기한다",
            "[1e20,1e21,295147905179352830000,9007199254740991,9007199254740992]",
            "[100000000000000000000,1e+21,295147905179352830000,9007199254740991,9007199254740992]",
        ),
        (
            "number-limits",
            "the smallest and largest doubles",
            "가장 작은 수와 가장 큰 수",
            "[5e-324,-1.7976931348623157e308]",
            "[5e-324,-1.7976931348623157e+308]",
        ),
        (
            "number-rfc8785",
            "samples of RFC 8785 appendix B",
            "RFC 8785 부록 B의 예",
            "[9.999999999999997e22,1e23,999999999999999700000,9.999999999999997e-7,333333333.33333325,-0.0000033333333333333333,1424953923781206.2]",
            "[9.999999999999997e+22,1e+23,999999999999999700000,9.999999999999997e-7,333333333.33333325,-0.0000033333333333333333,1424953923781206.2]",
        ),
        (
            "depth-64",
            "64 levels of nesting are read",
            "64단계 중첩까지 읽는다",
            &deep(64),
            &deep(64),
        ),
    ];
    let bad: &[(&str, &str, &str, &str)] = &[
        (
            "duplicate",
            "a name occurs twice",
            "이름이 두 번 나온다",
            r#"{"a":1,"b":2,"a":1}"#,
        ),
        (
            "duplicate-escaped",
            "a name occurs twice, once escaped",
            "이름이 두 번 나오며 하나는 이스케이프되어 있다",
            r#"{"ab":1,"\u0061b":2}"#,
        ),
        (
            "duplicate-nested",
            "a name occurs twice deep inside",
            "깊은 곳에서 이름이 두 번 나온다",
            r#"[{"x":{"y":null,"z":[],"y":null}}]"#,
        ),
        (
            "lone-surrogate",
            "half a surrogate pair",
            "짝이 없는 서러게이트",
            r#"{"a":"\ud800"}"#,
        ),
        (
            "surrogates-swapped",
            "a surrogate pair in the wrong order",
            "순서가 뒤바뀐 서러게이트 쌍",
            r#""\ude02\ud83d""#,
        ),
        (
            "integer-inexact",
            "an integer that a double does not hold",
            "배정밀도로 나타낼 수 없는 정수",
            "9007199254740993",
        ),
        (
            "integer-20-digits",
            "an amount in units of 10^-18 as a number",
            "10^-18 단위의 금액을 숫자로 적음",
            "1000000000000000001",
        ),
        (
            "digits-18",
            "a fraction of 18 digits",
            "유효숫자가 18자리인 소수",
            "1.00000000000000001",
        ),
        (
            "overflow",
            "a number beyond the largest double",
            "가장 큰 배정밀도 수를 넘는 수",
            "1e309",
        ),
        (
            "underflow",
            "a number that becomes zero",
            "0이 되어 버리는 수",
            "1e-400",
        ),
        (
            "leading-zero",
            "a number with a leading zero",
            "0으로 시작하는 수",
            "[01]",
        ),
        (
            "plus",
            "a number with a plus sign",
            "덧셈 부호가 붙은 수",
            "[+1]",
        ),
        ("nan", "not a number", "NaN", "[NaN]"),
        (
            "trailing-comma",
            "a trailing comma",
            "마지막에 붙은 쉼표",
            "[1,]",
        ),
        ("single-quotes", "single quotes", "작은따옴표", "{'a':1}"),
        ("comment", "a comment", "주석", "{\"a\":1/*x*/}"),
        (
            "control",
            "a raw control character in a string",
            "문자열 안의 제어 문자",
            "\"a\u{1}b\"",
        ),
        (
            "newline",
            "a raw line break in a string",
            "문자열 안의 줄바꿈",
            "\"a\nb\"",
        ),
        (
            "bom",
            "a byte order mark",
            "바이트 순서 표시(BOM)",
            "\u{feff}{}",
        ),
        (
            "two-values",
            "a second value after the first",
            "값 뒤에 또 다른 값",
            "{} {}",
        ),
        ("empty", "nothing", "빈 입력", ""),
        (
            "literal",
            "a word that JSON has not",
            "JSON에 없는 낱말",
            "[tru]",
        ),
        (
            "escape",
            "an escape that JSON has not",
            "JSON에 없는 이스케이프",
            r#""\x41""#,
        ),
        (
            "escape-hex",
            "an escape without four hex digits",
            "16진수 네 자리가 아닌 이스케이프",
            r#""\u00g0""#,
        ),
        (
            "comma-missing",
            "a comma is missing",
            "쉼표가 빠졌다",
            "[1 2]",
        ),
        (
            "colon-missing",
            "a colon is missing",
            "쌍점이 빠졌다",
            r#"{"a" 1}"#,
        ),
        (
            "name-unquoted",
            "a name without quotes",
            "따옴표 없는 이름",
            "{a:1}",
        ),
        (
            "digits-17",
            "17 digits that a double shortens",
            "배정밀도에서 줄어드는 17자리 수",
            "0.10000000000000001",
        ),
        (
            "integer-as-fraction",
            "an integer that a double does not hold, written with a point",
            "소수점을 붙인, 배정밀도로 나타낼 수 없는 정수",
            "9007199254740993.0",
        ),
        (
            "subnormal",
            "a number that becomes another so close to zero",
            "0 근처에서 다른 수가 되는 수",
            "3e-324",
        ),
        (
            "truncated",
            "a text that stops half way",
            "중간에 끊긴 문서",
            r#"{"a":[1,2"#,
        ),
        ("depth-65", "65 levels of nesting", "65단계 중첩", &deep(65)),
    ];
    let mut cases: Vec<Case> = good
        .iter()
        .map(|(id, en, ko, input, output)| {
            case(
                &format!("did-json-{id}"),
                (
                    &format!("Canonical JSON: {en}"),
                    &format!("정규 JSON: {ko}"),
                ),
                &["DID-01", "X-02"],
                "json.canonicalize",
                json!({"text": input}),
                made(json!({"canonical": output})),
            )
        })
        .collect();
    cases.extend(bad.iter().map(|(id, en, ko, input)| {
        case(
            &format!("did-json-refuse-{id}"),
            (
                &format!("Refused as JSON: {en}"),
                &format!("JSON으로 거부: {ko}"),
            ),
            &["DID-01", "X-02"],
            "json.canonicalize",
            json!({"text": input}),
            refused(&["syntax"]),
        )
    }));
    suite(
        "did/canonical-json",
        "did",
        "Strict JSON and its canonical form (RFC 8259, 7493, 8785)",
        "엄격한 JSON과 정규형 (RFC 8259, 7493, 8785)",
        cases,
    )
}

pub(super) fn identifiers() -> Suite {
    let parsed = |url: &str| {
        let (did, rest) = split(url, &['/', '?', '#']);
        let (path, rest) = split(rest, &['?', '#']);
        let (query, fragment) = split(rest, &['#']);
        let method = did.split(':').nth(1);
        json!({"did": did, "method": method, "path": path,
            "query": query.strip_prefix('?'), "fragment": fragment.strip_prefix('#')})
    };
    let good: &[(&str, &str, &str, &str)] = &[
        (
            "plain",
            "a plain DID",
            "일반 DID",
            "did:example:123456789abcdefghi",
        ),
        (
            "colons",
            "a DID with colons inside",
            "콜론이 들어 있는 DID",
            "did:kr:mobileid::a:3KtB",
        ),
        (
            "characters",
            "every kind of character an id may have",
            "식별자에 쓸 수 있는 모든 문자",
            "did:a0:A.b-c_9%3a%F0",
        ),
        (
            "fragment",
            "a key",
            "키를 가리키는 DID URL",
            "did:example:1#key-1",
        ),
        (
            "query",
            "a version",
            "버전을 가리키는 DID URL",
            "did:example:1?versionTime=2026-11-22T00:00:00Z",
        ),
        (
            "all",
            "path, query and fragment",
            "경로, 질의, 프래그먼트",
            "did:example:1/a/b;c?service=files&relativeRef=/x?y#frag/?",
        ),
        (
            "empty-parts",
            "an empty query and an empty fragment",
            "빈 질의와 빈 프래그먼트",
            "did:example:1?#",
        ),
    ];
    let bad: &[(&str, &str, &str, &str)] = &[
        ("empty", "nothing", "빈 입력", ""),
        (
            "scheme-case",
            "an upper-case scheme",
            "대문자 스킴",
            "DID:example:1",
        ),
        (
            "method-case",
            "an upper-case method name",
            "대문자 메서드 이름",
            "did:Example:1",
        ),
        (
            "method-empty",
            "no method name",
            "메서드 이름 없음",
            "did::1",
        ),
        (
            "id-empty",
            "no method-specific id",
            "메서드별 식별자 없음",
            "did:example:",
        ),
        (
            "id-colon-end",
            "an id that ends with a colon",
            "콜론으로 끝나는 식별자",
            "did:example:1:",
        ),
        ("space", "a space", "공백", "did:example:1 2"),
        (
            "leading-space",
            "a space in front",
            "앞에 붙은 공백",
            " did:example:1",
        ),
        (
            "newline",
            "a line break at the end",
            "끝에 붙은 줄바꿈",
            "did:example:1\n",
        ),
        (
            "percent",
            "half an escape",
            "불완전한 퍼센트 인코딩",
            "did:example:%2",
        ),
        (
            "korean",
            "a Korean letter that is not escaped",
            "인코딩되지 않은 한글",
            "did:example:홍길동",
        ),
        ("relative", "a relative reference", "상대 참조", "#key-1"),
        (
            "two-fragments",
            "two fragments",
            "두 개의 프래그먼트",
            "did:example:1#a#b",
        ),
        (
            "brackets",
            "a character that no URL has",
            "URL에 없는 문자",
            "did:example:1?a=[b]",
        ),
        (
            "url",
            "an ordinary URL",
            "일반 URL",
            "https://example.com/did:example:1",
        ),
    ];
    let mut cases: Vec<Case> = good
        .iter()
        .map(|(id, en, ko, url)| {
            case(
                &format!("did-url-{id}"),
                (&format!("DID URL: {en}"), &format!("DID URL: {ko}")),
                &["DID-01"],
                "did.parse",
                json!({"didUrl": url}),
                made(parsed(url)),
            )
        })
        .collect();
    cases.extend(bad.iter().map(|(id, en, ko, url)| {
        case(
            &format!("did-url-refuse-{id}"),
            (
                &format!("Not a DID URL: {en}"),
                &format!("DID URL이 아님: {ko}"),
            ),
            &["DID-01"],
            "did.parse",
            json!({"didUrl": url}),
            refused(&["syntax"]),
        )
    }));
    suite(
        "did/identifiers",
        "did",
        "DIDs and DID URLs (DID Core 1.0 section 3)",
        "DID와 DID URL (DID Core 1.0 3장)",
        cases,
    )
}

fn split<'t>(text: &'t str, stops: &[char]) -> (&'t str, &'t str) {
    text.split_at(text.find(stops).unwrap_or(text.len()))
}

pub(super) fn keys() -> Result<Suite, String> {
    let mut cases = Vec::new();
    for (name, key_type, requirement) in [
        ("ed25519", KeyType::Ed25519, "DID-04"),
        ("p256", KeyType::P256, "DID-06"),
    ] {
        let person = Person::new(key_type, 0x11)?;
        let key_name = key_type.to_string();
        let value = made(json!({
            "keyType": key_name, "multikey": person.multikey(), "jwk": person.jwk()?
        }));
        let inputs = [
            ("multikey", person.multikey()),
            ("jwk", person.jwk()?.to_string()),
        ];
        for (format, key) in inputs {
            cases.push(
                case(
                    &format!("did-key-{name}-{format}"),
                    (
                        &format!("A {key_name} key as {format}"),
                        &format!("{format} 형식의 {key_name} 키"),
                    ),
                    &[requirement],
                    "key.read",
                    json!({"format": format, "key": key}),
                    value.clone(),
                )
                .features(&[person.feature()]),
            );
        }
        let did = person.did();
        cases.push(
            case(
                &format!("did-resolve-{name}"),
                (
                    &format!("did:key of a {key_name} key resolves to its document"),
                    &format!("{key_name} 키의 did:key를 조회하면 그 문서가 나온다"),
                ),
                &["DID-01", "DID-02", "DID-10", requirement],
                "did.resolve",
                json!({"did": did}),
                checked(Check::DidKeyDocument),
            )
            .features(&[person.feature()]),
        );
    }
    cases.extend(bad_keys()?);
    cases.extend(bad_did_keys()?);
    Ok(suite(
        "did/keys",
        "did",
        "Keys, their encodings and did:key (RFC 8032, FIPS 186-5, RFC 7517, Controlled Identifiers 1.0)",
        "키와 인코딩, did:key (RFC 8032, FIPS 186-5, RFC 7517, Controlled Identifiers 1.0)",
        cases,
    ))
}

/// y = 2 is no point of the curve; the encodings of 0 and 1 are points of small order.
fn little_endian(low: u8, high: u8, middle: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = low;
    bytes[31] = high;
    bytes
}

/// Id, titles, format, key, reasons.
type BadKey<'k> = (&'k str, &'k str, &'k str, &'k str, String, &'k [&'k str]);

fn bad_keys() -> Result<Vec<Case>, String> {
    const ED25519: [u8; 2] = [0xed, 0x01];
    const P256: [u8; 2] = [0x80, 0x24];
    let ed = Person::new(KeyType::Ed25519, 0x11)?;
    let ec = Person::new(KeyType::P256, 0x11)?;
    let (ed_jwk, ec_jwk) = (ed.jwk()?, ec.jwk()?);
    let other_y = Person::new(KeyType::P256, 0x12)?.jwk()?;
    let compact_point = {
        let mut bytes = kbtf_did::multibase::decode(&ec.multikey()).map_err(|e| e.to_string())?;
        if let Some(tag) = bytes.get_mut(2) {
            *tag = 5;
        }
        kbtf_did::multibase::encode_base58btc(&bytes)
    };
    let text = |value: &Value| value.to_string();
    let padded = format!(
        "{}=",
        ed_jwk.get("x").and_then(Value::as_str).unwrap_or_default()
    );
    let cases: Vec<BadKey<'_>> = vec![
        (
            "identity",
            "of small order (the identity)",
            "위수가 작은 키(항등원)",
            "multikey",
            multikey(ED25519, &little_endian(1, 0, 0)),
            &["key"],
        ),
        (
            "order-4",
            "of small order (order 4)",
            "위수가 작은 키(위수 4)",
            "multikey",
            multikey(ED25519, &[0; 32]),
            &["key"],
        ),
        (
            "order-2",
            "of small order (order 2)",
            "위수가 작은 키(위수 2)",
            "multikey",
            multikey(ED25519, &little_endian(0xec, 0x7f, 0xff)),
            &["key"],
        ),
        (
            "non-canonical",
            "whose y is not below the prime",
            "y가 소수보다 작지 않은 키",
            "multikey",
            multikey(ED25519, &little_endian(0xee, 0x7f, 0xff)),
            &["key"],
        ),
        (
            "no-point",
            "that is no point of the curve",
            "곡선 위의 점이 아닌 키",
            "multikey",
            multikey(ED25519, &little_endian(2, 0, 0)),
            &["key"],
        ),
        (
            "short",
            "of 31 bytes",
            "31바이트 키",
            "multikey",
            multikey(ED25519, &[9; 31]),
            &["key"],
        ),
        (
            "long",
            "of 33 bytes",
            "33바이트 키",
            "multikey",
            multikey(ED25519, &[9; 33]),
            &["key"],
        ),
        (
            "p256-x-only",
            "on P-256 of an x-coordinate alone",
            "x좌표만 있는 P-256 키",
            "multikey",
            multikey(P256, &[9; 32]),
            &["key"],
        ),
        (
            "p256-identity",
            "on P-256 at infinity",
            "무한원점인 P-256 키",
            "multikey",
            multikey(P256, &[0]),
            &["key"],
        ),
        (
            "p256-compact",
            "on P-256 in the compact form (tag 5)",
            "compact 형식(태그 5)의 P-256 키",
            "multikey",
            compact_point,
            &["key"],
        ),
        (
            "p256-big-x",
            "on P-256 whose x is not below the prime",
            "x가 소수보다 작지 않은 P-256 키",
            "multikey",
            multikey(P256, &{
                let mut b = [0xff; 33];
                b[0] = 2;
                b
            }),
            &["key"],
        ),
        (
            "prefix",
            "in a multibase other than z or u",
            "z나 u가 아닌 멀티베이스의 키",
            "multikey",
            ed.multikey().replacen('z', "f", 1),
            &["key"],
        ),
        (
            "alphabet",
            "with a letter that base58 has not",
            "base58에 없는 글자가 있는 키",
            "multikey",
            ed.multikey().replace('k', "0"),
            &["key"],
        ),
        (
            "secret",
            "that is a secret",
            "비밀키를 공개한 키",
            "multikey",
            ed.secret(),
            &["key"],
        ),
        (
            "unknown-kind",
            "of a kind that nobody has assigned",
            "할당되지 않은 종류의 키",
            "multikey",
            multikey([0x80, 0x7f], &[9; 32]),
            &["unsupported"],
        ),
        (
            "header-not-minimal",
            "whose header is spelt with a byte too many",
            "머리 부분을 길게 적은 키",
            "multikey",
            multikey([0xed, 0x81], &[&[0][..], &[9; 32]].concat()),
            &["key", "unsupported"],
        ),
        (
            "p256-no-point",
            "on P-256 whose x belongs to no point",
            "곡선 위의 점이 없는 x를 가진 P-256 키",
            "multikey",
            p256_no_point()?,
            &["key"],
        ),
        (
            "non-canonical-large-order",
            "whose y is not below the prime, though the point is a good one",
            "점은 올바르나 y가 소수보다 작지 않은 키",
            "multikey",
            multikey(ED25519, &forge::non_canonical_point()?),
            &["key"],
        ),
        (
            "jwk-kty-crv",
            "as JWK whose kty and crv belong to two kinds",
            "kty와 crv가 서로 맞지 않는 JWK",
            "jwk",
            text(&with(&ed_jwk, "crv", "P-256".into())),
            &["unsupported", "key"],
        ),
        (
            "jwk-key-ops-sign",
            "as public JWK that may only sign",
            "서명만 허용된 공개 JWK",
            "jwk",
            text(&with(&ed_jwk, "key_ops", json!(["sign"]))),
            &["key"],
        ),
        (
            "jwk-private",
            "as JWK with its private part",
            "비밀 부분이 들어 있는 JWK",
            "jwk",
            text(&with(
                &ed_jwk,
                "d",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAU".into(),
            )),
            &["key"],
        ),
        (
            "jwk-padded",
            "as JWK with padded base64url",
            "패딩이 붙은 base64url JWK",
            "jwk",
            text(&with(&ed_jwk, "x", padded.into())),
            &["key"],
        ),
        (
            "jwk-no-y",
            "as EC JWK without y",
            "y가 없는 EC JWK",
            "jwk",
            text(&without(&ec_jwk, "y")),
            &["key"],
        ),
        (
            "jwk-wrong-y",
            "as EC JWK with the y of another key",
            "다른 키의 y를 가진 EC JWK",
            "jwk",
            text(&with(
                &ec_jwk,
                "y",
                other_y.get("y").cloned().unwrap_or_default(),
            )),
            &["key"],
        ),
        (
            "jwk-alg",
            "as JWK for another algorithm",
            "다른 알고리즘용 JWK",
            "jwk",
            text(&with(&ec_jwk, "alg", "ES384".into())),
            &["key"],
        ),
        (
            "jwk-use",
            "as JWK for encryption",
            "암호화용 JWK",
            "jwk",
            text(&with(&ed_jwk, "use", "enc".into())),
            &["key"],
        ),
        (
            "jwk-key-ops",
            "as JWK that must not verify",
            "검증에 쓸 수 없는 JWK",
            "jwk",
            text(&with(&ed_jwk, "key_ops", json!(["encrypt"]))),
            &["key"],
        ),
        (
            "jwk-duplicate",
            "as JWK with x twice",
            "x가 두 번 나오는 JWK",
            "jwk",
            text(&ed_jwk).replacen('{', r#"{"x":"AAAA","#, 1),
            &["key", "syntax"],
        ),
        (
            "jwk-no-crv",
            "as JWK without curve",
            "곡선이 없는 JWK",
            "jwk",
            text(&without(&ed_jwk, "crv")),
            &["key"],
        ),
        (
            "jwk-symmetric",
            "as symmetric JWK",
            "대칭키 JWK",
            "jwk",
            r#"{"kty":"oct","k":"AAAA"}"#.into(),
            &["key", "unsupported"],
        ),
        (
            "jwk-unknown-kind",
            "as JWK of a kind that nobody has registered",
            "등록되지 않은 종류의 JWK",
            "jwk",
            r#"{"kty":"XYZ","x":"AAAA"}"#.into(),
            &["unsupported", "key"],
        ),
    ];
    Ok(cases
        .into_iter()
        .map(|(id, en, ko, format, key, reasons)| {
            // A target without the curve cannot be asked about its keys.
            let is_p256 =
                id.starts_with("p256") || matches!(id, "jwk-no-y" | "jwk-wrong-y" | "jwk-alg");
            let (requirement, feature) = if is_p256 {
                ("DID-06", "ecdsa-jcs-2019")
            } else {
                ("DID-04", "eddsa-jcs-2022")
            };
            let refused = case(
                &format!("did-key-refuse-{id}"),
                (&format!("A key {en} is refused"), &format!("거부: {ko}")),
                &[requirement],
                "key.read",
                json!({"format": format, "key": key}),
                refused(reasons),
            );
            refused.features(&[feature])
        })
        .collect())
}

/// The Multikey of an x-coordinate that no point of P-256 has.
fn p256_no_point() -> Result<String, String> {
    (1..=u8::MAX)
        .map(|x| {
            let mut compressed = [0; 33];
            compressed[0] = 2;
            compressed[32] = x;
            compressed
        })
        .find(|compressed| p256::ecdsa::VerifyingKey::from_sec1_bytes(compressed).is_err())
        .map(|compressed| multikey([0x80, 0x24], &compressed))
        .ok_or_else(|| "every x is that of a point".into())
}

fn bad_did_keys() -> Result<Vec<Case>, String> {
    let ed = Person::new(KeyType::Ed25519, 0x11)?;
    let identity = multikey([0xed, 0x01], &little_endian(1, 0, 0));
    let base64 = kbtf_did::multibase::decode(&ed.multikey())
        .map(|bytes| kbtf_did::multibase::encode_base64url(&bytes))
        .map_err(|e| e.to_string())?;
    let mut cases: Vec<Case> = [
        (
            "other-method",
            "another method",
            "다른 메서드",
            "did:example:1".to_owned(),
            &["unsupported"][..],
        ),
        (
            "not-a-did",
            "no DID",
            "DID가 아닌 값",
            ed.multikey(),
            &["syntax"],
        ),
        ("url", "a DID URL", "DID URL", ed.method(), &["syntax"]),
        (
            "small-order",
            "a key of small order",
            "위수가 작은 키",
            format!("did:key:{identity}"),
            &["key"],
        ),
        (
            "base64url",
            "a key in base64url, which did:key does not have",
            "did:key에 없는 base64url 형식의 키",
            format!("did:key:{base64}"),
            &["key", "syntax", "unsupported"],
        ),
        (
            "unknown-kind",
            "a kind of key that nobody has assigned",
            "할당되지 않은 종류의 키",
            format!("did:key:{}", multikey([0x80, 0x7f], &[9; 32])),
            &["unsupported"],
        ),
    ]
    .into_iter()
    .map(|(id, en, ko, did, reasons)| {
        case(
            &format!("did-resolve-refuse-{id}"),
            (
                &format!("Resolving did:key refuses {en}"),
                &format!("did:key 조회 거부: {ko}"),
            ),
            &["DID-04"],
            "did.resolve",
            json!({"did": did}),
            refused(reasons),
        )
    })
    .collect();
    cases.push(
        case(
            "did-key-jwk-respelled",
            (
                "A JWK with blanks and another order is the same key",
                "공백과 순서가 다른 JWK도 같은 키이다",
            ),
            &["DID-04"],
            "key.read",
            json!({"format": "jwk", "key": forge::compact(&ed.jwk()?).replace(',', " ,\n")}),
            made(json!({"multikey": ed.multikey()})),
        )
        .features(&[ed.feature()]),
    );
    Ok(cases)
}
