//! Cases of the canonical form and of identifiers.

use serde_json::json;

use super::{case, made, refused, suite};
use crate::suite::{Case, Suite};

pub(super) fn canonical_json() -> Suite {
    let padded = format!("0.{}1e655360", "0".repeat(65_535));
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
            "padded",
            "zeros that an exponent takes back, cut short by a careless reader",
            "지수로 되돌리는 수많은 0(부주의한 판독기는 지수를 잘라 읽는다)",
            &padded,
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
