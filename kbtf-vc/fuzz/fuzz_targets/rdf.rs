#![no_main]
//! Contexts and documents of strangers: each is read or refused, in bounded time, and the order of members says nothing.
use kbtf_did::{
    SOFTWARE,
    json::{self, Object, Value},
};
use kbtf_vc::rdfc::{Contexts, GraphHash, canonical_form};
use libfuzzer_sys::fuzz_target;

fn turned<'a>(value: &Value<'a>) -> Value<'a> {
    match value {
        Value::Object(object) => {
            let mut members: Vec<_> = object
                .iter()
                .map(|(name, value)| (name.to_owned().into(), turned(value)))
                .collect();
            members.reverse();
            Object::from_members(members).expect("names are unique").into()
        }
        Value::Array(values) => Value::Array(values.iter().map(turned).collect()),
        other => other.clone(),
    }
}

fuzz_target!(|text: &str| {
    let (context, document) = text.split_once('\n').unwrap_or(("{}", text));
    let mut contexts = Contexts::new();
    let _ = contexts.add("https://x.example/c", context.as_bytes());
    let Ok(document) = json::parse(document) else {
        return;
    };
    let Some(object) = document.as_object() else {
        return;
    };
    if let Some(list) = object.get("@context") {
        contexts.accept(&list.as_set().iter().filter_map(Value::as_str).collect::<Vec<_>>());
    }
    let form = |object: &Object<'_>| canonical_form(object, &["proof"], &contexts, GraphHash::Sha256, &SOFTWARE);
    if let Ok(canonical) = form(object) {
        let turned = turned(&document);
        assert_eq!(form(turned.as_object().expect("an object")).as_deref(), Ok(canonical.as_str()));
        let lines: Vec<&str> = canonical.lines().collect();
        assert!(lines.is_sorted_by(|a, b| a < b), "sorted, each once");
    }
});
