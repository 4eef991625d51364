//! Commitments to documents and what is shown of them, against a slow reference over other crates (serde_json, sha2) written
//! from docs/kbtf-authenticity.md, and against every single change.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::collections::BTreeSet;

use kbtf_authenticity::{Document, DocumentKey, Error, Outline, Positions, Redacted, Step};
use kbtf_did::SOFTWARE;
use kbtf_history::Commitment;
use proptest::prelude::*;
use serde_json::{Value, json};

mod reference;

const JSON: &str = "application/json";

fn key() -> DocumentKey {
    DocumentKey::from_bytes([7; 32])
}

fn commit(text: &str) -> Commitment {
    let document = Document::from_json(JSON, text.as_bytes()).unwrap();
    document.commit(&key(), &SOFTWARE).unwrap()
}

fn code<T>(result: Result<T, Error>) -> &'static str {
    result.err().map_or("accepted", |error| error.code())
}

fn redact(text: &str, show: impl Fn(&[Step<'_>]) -> bool, positions: Positions) -> Redacted {
    let document = Document::from_json(JSON, text.as_bytes()).unwrap();
    document.redact(&key(), show, positions, &SOFTWARE).unwrap()
}

/// The flaws of OpenAttestation: v2 and v3 take each of these for the document that was issued.
#[test]
fn what_other_formats_take_for_the_same_is_another_document() {
    let issued = r#"{"amount":100,"paid":true,"note":null,"items":["a","b"]}"#;
    let registered = commit(issued);
    for (what, changed) in [
        ("number as text", issued.replace("100", r#""100""#)),
        ("true as text", issued.replace("true", r#""true""#)),
        ("null as text", issued.replace("null", r#""null""#)),
        ("null left out", issued.replace(r#","note":null"#, "")),
        ("an empty array more", issued.replace('}', r#","more":[]}"#)),
        (
            "an empty object more",
            issued.replace('}', r#","more":{}}"#),
        ),
        (
            "an array as an object with its numbers",
            issued.replace(r#"["a","b"]"#, r#"{"0":"a","1":"b"}"#),
        ),
        ("turned round", issued.replace(r#""a","b""#, r#""b","a""#)),
        (
            "one in an array of its own",
            issued.replace(r#""b""#, r#"["b"]"#),
        ),
        ("twice", issued.replace(r#""b""#, r#""b","b""#)),
        ("joined", issued.replace(r#""a","b""#, r#""a\",\"b""#)),
        ("one item less", issued.replace(r#","b""#, "")),
        ("null for an item", issued.replace(r#""b""#, "null")),
        (
            "a number nearby",
            issued.replace("100", "100.00000000000001"),
        ),
    ] {
        assert_ne!(changed, issued, "{what}");
        assert_ne!(commit(&changed), registered, "{what}");
        let document = Document::from_json(JSON, changed.as_bytes()).unwrap();
        let verified = document.verify(&key(), &registered, &SOFTWARE);
        assert_eq!(code(verified), "authenticity/other-document", "{what}");
    }
    // Another type of the same, and another key.
    let other = Document::from_json("application/ld+json", issued.as_bytes()).unwrap();
    assert_ne!(other.commit(&key(), &SOFTWARE).unwrap(), registered);
    let other = DocumentKey::from_bytes([8; 32]);
    let document = Document::from_json(JSON, issued.as_bytes()).unwrap();
    assert_ne!(document.commit(&other, &SOFTWARE).unwrap(), registered);
    // OpenAttestation's v2 cannot hide what stands beside an empty object.
    let text = r#"{"recipient":{},"secret":"x","name":"y"}"#;
    let show = |way: &[Step<'_>]| way != [Step::Member("secret")];
    let shown = redact(text, show, Positions::Hidden);
    let seen = shown.verify(&commit(text), &SOFTWARE).unwrap();
    assert_eq!(
        seen.value().to_canonical(),
        r#"{"name":"y","recipient":{}}"#
    );
}

/// Texts that are two things to two readers are no documents.
#[test]
fn text_is_read_as_it_is_given() {
    // A composed letter is not a decomposed one.
    assert_ne!(
        commit("{\"a\":\"\u{ac00}\"}"),
        commit("{\"a\":\"\u{1100}\u{1161}\"}")
    );
    assert_ne!(commit(r#"{"a":"x"}"#), commit(r#"{"A":"x"}"#));
    assert_ne!(commit(r#"{"a":"x"}"#), commit(r#"{"a":"x "}"#));
    // How it is written is not.
    assert_eq!(
        commit(r#"{"a":"x","n":1.0}"#),
        commit("{ \"n\":1, \"a\":\"\\u0078\" }")
    );
    for text in [
        r#"{"a":1,"a":2}"#,
        "{",
        "",
        r#"{"a":123456789012345678901}"#,
    ] {
        assert!(
            Document::from_json(JSON, text.as_bytes()).is_err(),
            "{text}"
        );
    }
    assert!(Document::from_json(JSON, b"\"\xff\"").is_err());
    for media_type in [
        "",
        "json",
        "Application/JSON",
        "text/html; charset=utf-8",
        "a/b/c",
        "/b",
    ] {
        assert_eq!(
            code(Document::from_json(media_type, b"1")),
            "authenticity/malformed",
            "{media_type}"
        );
    }
}

#[test]
fn what_differs_is_told() {
    let issued = r#"{"name":"홍길동","amount":100,"items":[{"n":1},{"n":2}],"a/b~":true}"#;
    let document = Document::from_json(JSON, issued.as_bytes()).unwrap();
    let outline = document.outline(&key(), &SOFTWARE).unwrap();
    assert_eq!(outline.commitment(&SOFTWARE).unwrap(), commit(issued));
    let outline = Outline::from_parts(outline.media_type(), outline.leaves().to_vec()).unwrap();
    let differences = |text: &str| {
        let document = Document::from_json(JSON, text.as_bytes()).unwrap();
        let found = document.differences(&key(), &commit(issued), &outline, &SOFTWARE);
        let found = found.unwrap();
        assert_eq!(found.others, found.places.len());
        (found.places.clone(), found.missing, found.is_none())
    };
    let none: Vec<String> = Vec::new();
    assert_eq!(differences(issued), (none.clone(), 0, true));
    let one = |place: &str| vec![place.to_owned()];
    assert_eq!(
        differences(&issued.replace("100", "1000")),
        (one("/amount"), 1, false)
    );
    assert_eq!(
        differences(&issued.replace("true", "false")),
        (one("/a~1b~0"), 1, false)
    );
    assert_eq!(
        differences(&issued.replace(r#"{"n":2}"#, r#"{"n":3}"#)),
        (one("/items/1/n"), 1, false)
    );
    assert_eq!(
        differences(&issued.replace(r#""amount":100,"#, "")),
        (none, 1, false)
    );
    assert_eq!(
        differences(&issued.replace("{\"name", "{\"more\":[],\"name")),
        (one("/more"), 0, false)
    );
    // An outline of something else is held against nothing.
    let other = document.differences(&key(), &commit("1"), &outline, &SOFTWARE);
    assert_eq!(code(other), "authenticity/other-document");
    // Hashes in another order, twice, or of another number, are no outline.
    let leaves = outline.leaves();
    for wrong in [
        leaves.iter().rev().copied().collect(),
        vec![leaves[0]; 2],
        leaves[..3].to_vec(),
        Vec::new(),
    ] {
        assert_eq!(
            code(Outline::from_parts(JSON, wrong)),
            "authenticity/malformed"
        );
    }
}

/// What a holder shows of a list says nothing of the places, unless he wants it to.
#[test]
fn places_are_shown_by_choice() {
    let text = r#"{"marks":["first","second","third","fourth"]}"#;
    let registered = commit(text);
    let show = |way: &[Step<'_>]| matches!(way, [_, Step::Item(1 | 3)]);
    let shown = redact(text, show, Positions::Shown);
    let seen = shown.verify(&registered, &SOFTWARE).unwrap();
    assert_eq!(
        seen.value().to_canonical(),
        r#"{"marks":["second","fourth"]}"#
    );
    assert!(shown.to_string().contains(r#""position":3"#));
    let hidden = redact(text, show, Positions::Hidden);
    assert!(!hidden.to_string().contains("position"));
    let seen = hidden.verify(&registered, &SOFTWARE).unwrap();
    let seen: Value = serde_json::from_str(&seen.value().to_canonical()).unwrap();
    let marks: BTreeSet<&str> = seen["marks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mark| mark.as_str().unwrap())
        .collect();
    assert_eq!(marks, ["fourth", "second"].into());
    // A place whose item is hidden goes with it.
    let less = shown.hide(
        |leaf| *leaf.value() != kbtf_authenticity::LeafValue::String("fourth".into()),
        &SOFTWARE,
    );
    let less = less.unwrap();
    assert!(!less.to_string().contains(r#""position":3"#));
    let seen = less.verify(&registered, &SOFTWARE).unwrap();
    assert_eq!(seen.value().to_canonical(), r#"{"marks":["second"]}"#);
    assert_eq!(
        code(less.hide(|_| false, &SOFTWARE)),
        "authenticity/malformed"
    );
    let document = Document::from_json(JSON, text.as_bytes()).unwrap();
    let nothing = document.redact(&key(), |_| false, Positions::Hidden, &SOFTWARE);
    assert_eq!(code(nothing), "authenticity/malformed");
}

/// Whether an order means something is said of each array, whoever has taken a place away.
#[test]
fn what_is_shown_says_of_which_arrays_the_order_is_known() {
    let text = r#"{"said":["Kim","pays","Lee"],"in":[["a"],["b","c"]]}"#;
    let registered = commit(text);
    let seen = |shown: &Redacted| shown.verify(&registered, &SOFTWARE).unwrap();
    let all = redact(text, |_| true, Positions::Shown);
    let whole = seen(&all);
    assert!(whole.is_ordered());
    assert_eq!(
        whole.value().to_canonical(),
        r#"{"in":[["a"],["b","c"]],"said":["Kim","pays","Lee"]}"#
    );
    let pointers: Vec<&str> = whole
        .arrays()
        .iter()
        .map(|array| array.pointer.as_str())
        .collect();
    assert_eq!(pointers, ["/in", "/in/0", "/in/1", "/said"]);
    assert_eq!(whole.arrays()[3].places, Some(vec![0, 1, 2]));
    // One place is taken away by somebody without the key.
    let place = kbtf_authenticity::LeafValue::Position(2);
    let turned = all.hide(|leaf| *leaf.value() != place, &SOFTWARE).unwrap();
    let turned = seen(&turned);
    assert!(!turned.is_ordered());
    assert_eq!(turned.arrays()[3].places, None);
    assert_eq!(turned.arrays()[0].places, Some(vec![0, 1]));
    // An item that is left out leaves the places of the others.
    let gap = redact(
        text,
        |way| *way != [Step::Member("said"), Step::Item(1)],
        Positions::Shown,
    );
    let gap = seen(&gap);
    assert_eq!(gap.arrays()[3].places, Some(vec![0, 2]));
    assert!(!seen(&redact(text, |_| true, Positions::Hidden)).is_ordered());
}

/// What a document costs does not grow faster than it, however long its names are; what is too much is refused.
#[test]
fn long_names_over_many_items_are_bounded() {
    let items = vec!["0"; 40_000].join(",");
    let text = format!(r#"{{"{}":[{items}]}}"#, "n".repeat(40_000));
    let registered = commit(&text);
    let document = Document::from_json(JSON, text.as_bytes()).unwrap();
    let outline = document.outline(&key(), &SOFTWARE).unwrap();
    let other = text.replace('n', "m");
    let other = Document::from_json(JSON, other.as_bytes()).unwrap();
    let found = other
        .differences(&key(), &registered, &outline, &SOFTWARE)
        .unwrap();
    assert_eq!((found.places.len(), found.others), (1000, 80_000));
    let too_much = document.redact(&key(), |_| true, Positions::Shown, &SOFTWARE);
    assert_eq!(code(too_much), "authenticity/too-large");
    // Nesting that could not be read again, and that no reader of JSON would take.
    let nested = |depth| {
        (0..depth).fold(kbtf_did::json::Value::Null, |value, _| {
            kbtf_did::json::Value::Array(vec![value])
        })
    };
    assert_eq!(code(Document::new(JSON, nested(64))), "accepted");
    assert_eq!(
        code(Document::new(JSON, nested(65))),
        "authenticity/malformed"
    );
    // All that is shown can be read, at the bound.
    let text = format!("[{}]", vec![r#""\u0001""#; 40_000].join(","));
    let shown = redact(&text, |_| true, Positions::Shown).to_string();
    assert!(
        shown
            .parse::<Redacted>()
            .unwrap()
            .verify(&commit(&text), &SOFTWARE)
            .unwrap()
            .is_ordered()
    );
}

/// Nothing of what is hidden, nor the key, is in what is shown; and it is as large for 5 values as for 8.
#[test]
fn what_is_hidden_is_not_in_what_is_shown() {
    let text = |more: &str| format!(r#"{{"name":"홍길동","number":"900101-1234567"{more}}}"#);
    let show = |way: &[Step<'_>]| way == [Step::Member("name")];
    let few = redact(&text(r#","a":1,"b":2,"c":3"#), show, Positions::Hidden).to_string();
    assert!(!few.contains("900101") && !few.contains("number"));
    let many = r#","a":1,"b":2,"c":3,"d":4,"e":5,"f":6"#;
    let many = redact(&text(many), show, Positions::Hidden).to_string();
    assert_eq!(few.len(), many.len());
    let more = redact(&text(r#","a":[1,2,3,4,5]"#), show, Positions::Hidden).to_string();
    assert!(more.len() > many.len());
}

/// An issuer who makes a tree by other means: what contradicts itself is not shown as one value.
#[test]
fn what_contradicts_itself_is_refused() {
    use reference::{Leaf, Segment};

    let member = |name: &str| Segment::Member(name.to_owned());
    let leaf = |path: Vec<Segment>, value: Value| Leaf {
        path,
        value,
        position: None,
    };
    let item = Segment::Item([1; 16]);
    let position = |path: Vec<Segment>, place| Leaf {
        path,
        value: Value::Null,
        position: Some(place),
    };
    for (what, leaves) in [
        (
            "two values at one place",
            vec![
                leaf(vec![member("a")], json!(1)),
                leaf(vec![member("a")], json!(2)),
            ],
        ),
        (
            "a value and something in it",
            vec![
                leaf(vec![member("a")], json!(1)),
                leaf(vec![member("a"), member("b")], json!(2)),
            ],
        ),
        (
            "empty and not",
            vec![
                leaf(vec![member("a")], json!({})),
                leaf(vec![member("a"), member("b")], json!(2)),
            ],
        ),
        (
            "an object that is an array",
            vec![
                leaf(vec![member("a"), item.clone()], json!(1)),
                leaf(vec![member("a"), member("b")], json!(2)),
            ],
        ),
        (
            "a place without an item",
            vec![position(vec![item.clone()], 0)],
        ),
        (
            "a place twice",
            vec![
                leaf(vec![item.clone()], json!(1)),
                position(vec![item.clone()], 0),
                position(vec![item.clone()], 1),
            ],
        ),
        (
            "two items at one place",
            vec![
                leaf(vec![item.clone()], json!(1)),
                position(vec![item.clone()], 0),
                leaf(vec![Segment::Item([2; 16])], json!(2)),
                position(vec![Segment::Item([2; 16])], 0),
            ],
        ),
        (
            "two items at one place, beside one without",
            vec![
                leaf(vec![item.clone()], json!(1)),
                position(vec![item.clone()], 0),
                leaf(vec![Segment::Item([2; 16])], json!(2)),
                position(vec![Segment::Item([2; 16])], 0),
                leaf(vec![Segment::Item([3; 16])], json!(3)),
            ],
        ),
        (
            "a place of a member",
            vec![
                leaf(vec![member("a")], json!(1)),
                position(vec![member("a")], 0),
            ],
        ),
        (
            "a place of the whole",
            vec![leaf(vec![member("a")], json!(1)), position(Vec::new(), 0)],
        ),
    ] {
        let (text, committed) = reference::forged(&leaves, JSON);
        let shown: Redacted = text
            .parse()
            .unwrap_or_else(|error| panic!("{what}: {error} {text}"));
        let committed = Commitment::from_bytes(committed);
        assert_eq!(
            code(shown.verify(&committed, &SOFTWARE)),
            "authenticity/contradiction",
            "{what}"
        );
    }
    // The same by the same means, without a contradiction.
    let good = [
        leaf(vec![member("a"), item.clone()], json!(1)),
        position(vec![member("a"), item], 0),
    ];
    let (text, committed) = reference::forged(&good, JSON);
    let seen = text
        .parse::<Redacted>()
        .unwrap()
        .verify(&Commitment::from_bytes(committed), &SOFTWARE);
    assert_eq!(seen.unwrap().value().to_canonical(), r#"{"a":[1]}"#);
}

/// Of the text of what is shown every character counts: with another one it is no such text, or of another document.
#[test]
fn no_character_of_what_is_shown_can_be_changed() {
    let text = r#"{"name":"홍길동","amount":100,"items":["a",{"b":null}],"x":true}"#;
    let registered = commit(text);
    let shown = redact(
        text,
        |way| !way.contains(&Step::Member("x")),
        Positions::Shown,
    )
    .to_string();
    shown
        .parse::<Redacted>()
        .unwrap()
        .verify(&registered, &SOFTWARE)
        .unwrap();
    for (at, letter) in shown.char_indices() {
        for other in ["0", "1", "b", "\"", "]", "", " ", ","] {
            if letter.to_string() == other {
                continue;
            }
            let changed = format!(
                "{}{other}{}",
                &shown[..at],
                &shown[at + letter.len_utf8()..]
            );
            let verified = changed
                .parse::<Redacted>()
                .and_then(|read| read.verify(&registered, &SOFTWARE));
            assert!(verified.is_err(), "{changed}");
        }
    }
}

#[test]
fn what_is_shown_has_one_form() {
    let text = r#"{"a":1,"b":2}"#;
    let shown = redact(text, |_| true, Positions::Hidden).to_string();
    let value: Value = serde_json::from_str(&shown).unwrap();
    let wrong = |change: &dyn Fn(&mut Value)| {
        let mut value = value.clone();
        change(&mut value);
        let text = serde_json::to_string(&value).unwrap();
        let mut text = kbtf_did::json::parse(&text).unwrap().to_canonical();
        if text == shown {
            text.push('\n');
        }
        code(text.parse::<Redacted>())
    };
    let refused = "authenticity/malformed";
    assert_eq!(wrong(&|_| {}), refused);
    assert_eq!(wrong(&|value| value["more"] = json!(1)), refused);
    assert_eq!(wrong(&|value| value["v"] = json!(2)), refused);
    assert_eq!(wrong(&|value| value["leaves"] = json!(3)), refused);
    assert_eq!(
        wrong(&|value| value["leaves"] = json!(1_u64 << 25)),
        refused
    );
    assert_eq!(wrong(&|value| value["shown"] = json!([])), refused);
    assert_eq!(
        wrong(&|value| value["shown"].as_array_mut().unwrap().reverse()),
        refused
    );
    assert_eq!(
        wrong(&|value| value["shown"][1] = value["shown"][0].clone()),
        refused
    );
    assert_eq!(
        wrong(&|value| value["shown"][0]["value"] = json!([1])),
        refused
    );
    assert_eq!(
        wrong(&|value| value["shown"][0]["position"] = json!(1)),
        refused
    );
    assert_eq!(
        wrong(&|value| value["shown"][0]["path"] = json!([1])),
        refused
    );
    assert_eq!(
        wrong(&|value| value["shown"][0]["path"] = json!([["x"]])),
        refused
    );
    assert_eq!(
        wrong(&|value| value["shown"][0]["path"] = json!(vec!["a"; 129])),
        refused
    );
    assert_eq!(
        wrong(&|value| value["shown"][0]["salt"] = json!("AAAA")),
        refused
    );
    assert_eq!(wrong(&|value| value["type"] = json!("x")), refused);
    // A proof of another size is read, and proves nothing.
    let mut longer = value.clone();
    longer["proof"]
        .as_array_mut()
        .unwrap()
        .push(json!("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="));
    let read: Redacted = serde_json::to_string(&longer).unwrap().parse().unwrap();
    assert_eq!(
        code(read.verify(&commit(text), &SOFTWARE)),
        "authenticity/malformed"
    );
}

/// Any value of a few levels.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-c가-힣]{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-c]{0,2}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Any two different values, one made of the other by a small change at any place of it.
fn changed(value: &Value, at: usize, how: u8) -> Value {
    fn walk(value: &mut Value, left: &mut usize, how: u8) -> bool {
        if *left == 0 {
            *value = match how % 6 {
                0 => Value::Array(vec![value.clone()]),
                1 => json!({"a": value.clone()}),
                2 => Value::String(value.to_string()),
                3 => Value::Null,
                4 => json!([]),
                _ => json!({}),
            };
            return true;
        }
        *left -= 1;
        match value {
            Value::Array(items) => items.iter_mut().any(|item| walk(item, left, how)),
            Value::Object(members) => members.values_mut().any(|member| walk(member, left, how)),
            _ => false,
        }
    }
    let mut changed = value.clone();
    let mut left = at;
    walk(&mut changed, &mut left, how);
    changed
}

/// The ways to all leaves, as JSON Pointers, and whether each is shown, by its number.
fn ways(way: &[Step<'_>]) -> String {
    way.iter()
        .map(|step| match step {
            Step::Member(name) => format!("/{name}"),
            Step::Item(place) => format!("/{place}"),
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_reference_says_the_same(value in value(), key in any::<[u8; 32]>()) {
        let text = value.to_string();
        let document = Document::from_json(JSON, text.as_bytes()).unwrap();
        let ours = document.commit(&DocumentKey::from_bytes(key), &SOFTWARE).unwrap();
        prop_assert_eq!(*ours.as_bytes(), reference::commit(&value, &key, JSON));
    }

    #[test]
    fn any_single_change_is_found(value in value(), at in 0_usize..24, how in any::<u8>()) {
        let other = changed(&value, at, how);
        let same = value == other;
        prop_assert_eq!(commit(&value.to_string()) == commit(&other.to_string()), same);
        // And it is told that there is one.
        let document = Document::from_json(JSON, Box::leak(value.to_string().into_boxed_str()).as_bytes()).unwrap();
        let outline = document.outline(&key(), &SOFTWARE).unwrap();
        let other = Document::from_json(JSON, Box::leak(other.to_string().into_boxed_str()).as_bytes()).unwrap();
        prop_assert_eq!(other.differences(&key(), &commit(&value.to_string()), &outline, &SOFTWARE).unwrap().is_none(), same);
    }

    #[test]
    fn any_redaction_keeps_what_it_shows(value in value(), shown in any::<u32>(), later in any::<u32>(), places in any::<bool>()) {
        let text = value.to_string();
        let registered = commit(&text);
        let bit = |bits: u32, way: &str| bits >> (way.bytes().map(u32::from).sum::<u32>() % 32) & 1 == 1;
        let positions = if places { Positions::Shown } else { Positions::Hidden };
        let document = Document::from_json(JSON, text.as_bytes()).unwrap();
        let show = |way: &[Step<'_>]| bit(shown, &ways(way));
        let Ok(redacted) = document.redact(&key(), show, positions, &SOFTWARE) else {
            // Nothing is shown.
            return Ok(());
        };
        let redacted: Redacted = redacted.to_string().parse().unwrap();
        let seen = redacted.verify(&registered, &SOFTWARE).unwrap().value().to_canonical();
        let seen: Value = serde_json::from_str(&seen).unwrap();
        let expected = reference::shown(&value, &|way| bit(shown, way), String::new()).unwrap();
        match places {
            true => prop_assert_eq!(&seen, &expected),
            false => prop_assert_eq!(reference::unordered(&seen), reference::unordered(&expected)),
        }
        // Hidden further, it holds, and of another document it does not.
        let place = |leaf: &kbtf_authenticity::ShownLeaf| format!("{:?}", leaf.path());
        if let Ok(less) = redacted.hide(|leaf| bit(later, &place(leaf)), &SOFTWARE) {
            let less: Redacted = less.to_string().parse().unwrap();
            let contradicts = less.verify(&registered, &SOFTWARE);
            // A place may be left without its item only if the caller keeps one and not the other.
            prop_assert!(contradicts.is_ok(), "{:?}", contradicts);
            let other = Commitment::from_bytes([9; 32]);
            prop_assert_eq!(code(less.verify(&other, &SOFTWARE)), "authenticity/other-document");
        }
    }
}
