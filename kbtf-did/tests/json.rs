//! JSON: the strictness that signatures need, and the canonical form against an independent implementation.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use kbtf_did::json::{self, ErrorKind, Limits, Number, Object, Value};
use proptest::prelude::*;

fn refusal(text: &str) -> ErrorKind {
    json::parse(text).unwrap_err().kind()
}

#[test]
fn duplicate_members_are_refused_at_any_depth_and_however_they_are_written() {
    for text in [
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#"[{"x":{"b":null,"c":0,"b":null}}]"#,
        r#"{"":1,"":2}"#,
    ] {
        assert_eq!(refusal(text), ErrorKind::DuplicateMember, "{text}");
    }
    let many: String = (0..1000).map(|i| format!("\"k{i}\":0,")).collect();
    assert!(json::parse(&format!("{{{many}\"k\":0}}")).is_ok());
    assert_eq!(
        refusal(&format!("{{{many}\"k500\":0}}")),
        ErrorKind::DuplicateMember
    );
    // Unicode is taken as given: composed and decomposed names are two names.
    assert!(json::parse("{\"\u{e9}\":1,\"e\u{301}\":2}").is_ok());
}

#[test]
fn numbers_on_which_readers_disagree_are_refused() {
    for text in [
        "9007199254740993",
        "-9007199254740993",
        "12345678901234567891",
        "100000000000000000001",
        "1e309",
        "-1e309",
        "1e-400",
        "0.00000000000000000000000000000000000000001e-350",
        "1.00000000000000001",
        "0.10000000000000001",
        "9007199254740993.0",
        "9007199254740992.9",
        "90071992547409927e0",
        "3e-324",
        "1.7976931348623158e308",
        "333333333.33333329",
        "9007199254740993000e-3",
        "123456789.1234567890123",
        "333333333.333333291",
    ] {
        assert_eq!(refusal(text), ErrorKind::InexactNumber, "{text}");
    }
    // Zeros that an exponent takes back: a reader that cuts the exponent short sees 1 in all of them.
    for text in [
        format!("0.{}1e655360", "0".repeat(65_535)),
        format!("0.{}1e1000000", "0".repeat(99_999)),
        format!("1{}e-655360", "0".repeat(65_536)),
        format!("1{}e-1000000", "0".repeat(100_000)),
        format!("0.{}1e1025", "0".repeat(1024)),
    ] {
        assert_eq!(refusal(&text), ErrorKind::InexactNumber);
    }
    let padded = format!("0.{}1e1001", "0".repeat(1000));
    assert_eq!(json::parse(&padded).unwrap().to_canonical(), "1");
    for (text, canonical) in [
        ("9007199254740991", "9007199254740991"),
        ("-9007199254740991", "-9007199254740991"),
        // Written so by the canonical form itself, so it must come back.
        ("9007199254740992", "9007199254740992"),
        ("5053352645357843000", "5053352645357843000"),
        ("-100000000000000000000", "-100000000000000000000"),
        ("-0", "0"),
        ("-0.0", "0"),
        ("0e0", "0"),
        ("0e-400", "0"),
        ("1E30", "1e+30"),
        ("1e21", "1e+21"),
        ("1e20", "100000000000000000000"),
        ("1e-6", "0.000001"),
        ("1e-7", "1e-7"),
        ("5e-324", "5e-324"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("1000.0000", "1000"),
        ("4.50e0", "4.5"),
        ("0.00000000000000000000000001e26", "1"),
        ("100000000000000000000000e-21", "100"),
        ("123456789012345680000", "123456789012345680000"),
        ("2.2250738585072014e-308", "2.2250738585072014e-308"),
        ("0e99999999999999999999", "0"),
    ] {
        assert_eq!(json::parse(text).unwrap().to_canonical(), canonical);
    }
}

#[test]
fn what_is_not_json_is_refused() {
    for text in [
        "",
        " ",
        "nul",
        "nulll",
        "True",
        "{",
        "}",
        "[",
        "[1,]",
        "[,1]",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\" 1}",
        "01",
        "1.",
        ".5",
        "+1",
        "-",
        "1e",
        "1e+",
        "0x10",
        "NaN",
        "Infinity",
        "\"",
        "\"\t\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "1 2",
        "{} {}",
        "// c\n1",
        "[1]/**/",
        "\u{feff}1",
        "\u{a0}1",
        "\"a\nb\"",
    ] {
        assert_eq!(refusal(text), ErrorKind::Syntax, "{text:?}");
    }
    for text in [
        r#""\ud800""#,
        r#""\udc00""#,
        r#""\ud800\u0041""#,
        r#""\ud800x""#,
        r#""\udbff\ud800""#,
    ] {
        assert_eq!(refusal(text), ErrorKind::LoneSurrogate, "{text:?}");
    }
    assert_eq!(
        json::parse(r#""\ud83d\ude02""#).unwrap().as_str(),
        Some("😂")
    );
    let error = json::parse_bytes(b"\"\xff\"").unwrap_err();
    assert_eq!((error.code(), error.offset()), ("json/invalid-utf8", 1));
}

#[test]
fn depth_and_length_are_bounded() {
    let nested = |n: usize| "[".repeat(n) + &"]".repeat(n);
    assert!(json::parse(&nested(64)).is_ok());
    assert_eq!(refusal(&nested(65)), ErrorKind::TooDeep);
    assert_eq!(refusal(&"[".repeat(1 << 19)), ErrorKind::TooDeep);
    assert_eq!(refusal(&" ".repeat((1 << 20) + 1)), ErrorKind::TooLong);
    let limits = Limits::default()
        .with_max_bytes(3)
        .with_max_depth(1_000_000);
    assert_eq!(limits.max_depth, 128);
    assert_eq!(
        json::parse_with("[12]", limits).unwrap_err().kind(),
        ErrorKind::TooLong
    );
    // Siblings do not add up to depth.
    let wide = format!("[{}]", vec!["[]"; 5000].join(","));
    assert!(json::parse(&wide).is_ok());
}

#[test]
fn canonical_order_is_by_utf16_and_leaves_the_document_as_it_is() {
    // U+1F602 is D83D DE02 in UTF-16 and so sorts before U+FB33, though its UTF-8 bytes sort after.
    let text = "{\"\u{fb33}\":1,\"\u{1f602}\":2,\"b\":{\"z\":[],\"a\":{}},\"a\":null}";
    let value = json::parse(text).unwrap();
    assert_eq!(
        value.to_canonical(),
        "{\"a\":null,\"b\":{\"a\":{},\"z\":[]},\"\u{1f602}\":2,\"\u{fb33}\":1}"
    );
    assert_eq!(value.to_json(), text);
    let object = value.as_object().unwrap();
    assert_eq!(
        object.to_canonical_without(&["b", "\u{fb33}"]),
        "{\"a\":null,\"\u{1f602}\":2}"
    );
    // A name that is left out at the top is kept inside.
    let nested = json::parse(r#"{"proof":1,"x":{"proof":2}}"#).unwrap();
    assert_eq!(
        nested.as_object().unwrap().to_canonical_without(&["proof"]),
        r#"{"x":{"proof":2}}"#
    );
}

#[test]
fn objects_can_be_built_and_compared() {
    let mut object = Object::new();
    object.insert("b", 1_u32);
    object.insert("a", vec!["x", "y"]);
    assert_eq!(object.insert("b", true), Some(Value::from(1_u32)));
    assert_eq!(object.to_json(), r#"{"b":true,"a":["x","y"]}"#);
    let other: Object<'_> = [("a", Value::from(vec!["x", "y"])), ("b", Value::from(true))]
        .into_iter()
        .collect();
    assert_eq!(object, other);
    object.remove("a");
    assert_ne!(object, other);
    assert_eq!(Number::new(f64::NAN), None);
    assert_eq!(Number::new(1.5).unwrap().as_i64(), None);
    assert_eq!(Number::new(-4.0).unwrap().as_i64(), Some(-4));
    assert_eq!(Number::new(1e300).unwrap().as_i64(), None);
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        (-9_007_199_254_740_991_i64..=9_007_199_254_740_991).prop_map(Into::into),
        any::<f64>()
            .prop_filter("finite", |f| f.is_finite())
            .prop_map(Into::into),
        any::<String>().prop_map(Into::into),
        "[\u{0}-\u{1f}\"\\\\/\u{7f}\u{e000}-\u{ffff}\u{1f600}-\u{1f64f}]{0,6}".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            proptest::collection::vec(("[a-cé\u{fb33}\u{1f602}]{0,3}", inner), 0..6)
                .prop_map(|m| serde_json::Value::Object(m.into_iter().collect())),
        ]
    })
}

/// Every number as the double it stands for, so that `1`, `1.0` and `1e0` compare equal.
fn through_doubles(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Number(n) => (n.as_f64().unwrap() + 0.0).into(),
        serde_json::Value::Array(a) => a.into_iter().map(through_doubles).collect(),
        serde_json::Value::Object(o) => o
            .into_iter()
            .map(|(name, value)| (name, through_doubles(value)))
            .collect(),
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    /// Judge: the crate serde_json_canonicalizer, by another author.
    #[test]
    fn canonical_form_agrees_with_an_independent_implementation(value in any_json()) {
        let text = serde_json::to_string_pretty(&value).unwrap();
        let ours = json::parse(&text).unwrap();
        let theirs = serde_json_canonicalizer::to_string(&value).unwrap();
        prop_assert_eq!(ours.to_canonical(), theirs);
        // The canonical form is a fixed point, and document order survives a round trip.
        let canonical = ours.to_canonical();
        prop_assert_eq!(&json::parse(&canonical).unwrap(), &ours);
        prop_assert_eq!(json::parse(&ours.to_json()).unwrap().to_json(), ours.to_json());
        prop_assert_eq!(ours.clone().into_owned(), ours);
    }

    /// What we accept, serde_json accepts, and reads the same. (It accepts more: duplicates, big integers.)
    #[test]
    fn nothing_panics_and_nothing_is_accepted_that_serde_json_refuses(
        text in "[\\[\\]{}:,\"\\\\0-9eE+.\\-a-fntu \u{e9}]{0,24}"
    ) {
        if let Ok(value) = json::parse(&text) {
            let theirs: serde_json::Value = serde_json::from_str(&text).unwrap();
            let ours: serde_json::Value = serde_json::from_str(&value.to_json()).unwrap();
            prop_assert_eq!(through_doubles(ours), through_doubles(theirs));
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = json::parse_bytes(&bytes);
    }
}
