//! The same commitments from docs/kbtf-authenticity.md, slowly: over serde_json and sha2, with nothing of the crate.

use std::collections::BTreeMap;

use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    Sha256::digest(parts.concat()).into()
}

fn hmac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let pad = |with: u8| {
        let mut pad = vec![with; 64];
        for (to, from) in pad.iter_mut().zip(key) {
            *to ^= from;
        }
        pad
    };
    sha256(&[&pad(0x5c), &sha256(&[&pad(0x36), message])])
}

#[derive(Clone)]
pub(crate) enum Segment {
    Member(String),
    Item([u8; 16]),
}

pub(crate) struct Leaf {
    pub(crate) path: Vec<Segment>,
    pub(crate) value: Value,
    pub(crate) position: Option<u64>,
}

fn way(path: &[Segment]) -> [u8; 32] {
    path.iter().fold([0; 32], |way, segment| match segment {
        Segment::Member(name) => sha256(&[&[0x11], &way, name.as_bytes()]),
        Segment::Item(tag) => sha256(&[&[0x12], &way, tag]),
    })
}

fn leaf_way(leaf: &Leaf) -> [u8; 32] {
    match leaf.position {
        Some(_) => sha256(&[&[0x13], &way(&leaf.path)]),
        None => way(&leaf.path),
    }
}

fn leaf_hash(leaf: &Leaf, salt: &[u8; 32]) -> [u8; 32] {
    let (kind, value): (u8, Vec<u8>) = match (&leaf.value, leaf.position) {
        (_, Some(place)) => (6, place.to_be_bytes().to_vec()),
        (Value::Null, _) => (0, Vec::new()),
        (Value::Bool(value), _) => (1, vec![u8::from(*value)]),
        // Whole numbers alone in these tests.
        (Value::Number(number), _) => (2, number.to_string().into_bytes()),
        (Value::String(text), _) => (3, text.clone().into_bytes()),
        (Value::Array(_), _) => (4, Vec::new()),
        (Value::Object(_), _) => (5, Vec::new()),
    };
    sha256(&[&[0], salt, &leaf_way(leaf), &[kind], &value])
}

fn leaves(value: &Value, key: &[u8; 32], path: &mut Vec<Segment>, all: &mut Vec<Leaf>) {
    let mut push = |value: &Value, path: &[Segment], position| {
        all.push(Leaf {
            path: path.to_vec(),
            value: value.clone(),
            position,
        });
    };
    match value {
        Value::Array(items) if !items.is_empty() => {
            for (place, item) in (0_u64..).zip(items) {
                let message = [&b"kbtf/item/v1\n"[..], &place.to_be_bytes(), &way(path)];
                let tag = hmac(key, &message.concat())[..16].try_into().unwrap();
                path.push(Segment::Item(tag));
                leaves(item, key, path, all);
                all.push(Leaf {
                    path: path.clone(),
                    value: Value::Null,
                    position: Some(place),
                });
                path.pop();
            }
        }
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                path.push(Segment::Member(name.clone()));
                leaves(member, key, path, all);
                path.pop();
            }
        }
        value => push(value, path, None),
    }
}

fn root(nodes: &[[u8; 32]]) -> [u8; 32] {
    match nodes {
        [one] => *one,
        more => {
            let (left, right) = more.split_at(more.len() / 2);
            sha256(&[&[1], &root(left), &root(right)])
        }
    }
}

fn commitment(hashes: &[[u8; 32]], media_type: &str) -> [u8; 32] {
    sha256(&[
        b"kbtf/document/v1\n",
        &[1],
        &(media_type.len() as u64).to_be_bytes(),
        media_type.as_bytes(),
        &(hashes.len() as u64).to_be_bytes(),
        &root(hashes),
    ])
}

pub(crate) fn commit(value: &Value, key: &[u8; 32], media_type: &str) -> [u8; 32] {
    let mut all = Vec::new();
    leaves(value, key, &mut Vec::new(), &mut all);
    let salt = |path: &[u8]| hmac(key, &[b"kbtf/salt/v1\n", path].concat());
    let mut hashes: Vec<[u8; 32]> = all
        .iter()
        .map(|leaf| leaf_hash(leaf, &salt(&leaf_way(leaf))))
        .collect();
    let mut number = 0_u64;
    while !hashes.len().is_power_of_two() {
        let way = sha256(&[&[0x14], &[0; 32], &number.to_be_bytes()]);
        hashes.push(sha256(&[&[0], &salt(&way), &way, &[0]]));
        number += 1;
    }
    hashes.sort_unstable();
    commitment(&hashes, media_type)
}

/// Leaves that nobody's document has, all shown, with the commitment to them.
pub(crate) fn forged(leaves: &[Leaf], media_type: &str) -> (String, [u8; 32]) {
    let salt = [5; 32];
    let mut by_hash: BTreeMap<[u8; 32], Option<&Leaf>> = leaves
        .iter()
        .map(|leaf| (leaf_hash(leaf, &salt), Some(leaf)))
        .collect();
    let mut number = 0_u8;
    while !by_hash.len().is_power_of_two() {
        by_hash.insert(sha256(&[&[number]]), None);
        number += 1;
    }
    let hashes: Vec<[u8; 32]> = by_hash.keys().copied().collect();
    let mut shown = Vec::new();
    for (at, leaf) in by_hash.values().enumerate() {
        let Some(leaf) = leaf else { continue };
        let path: Vec<Value> = leaf
            .path
            .iter()
            .map(|segment| match segment {
                Segment::Member(name) => json!(name),
                Segment::Item(tag) => json!([Base64UrlUnpadded::encode_string(tag)]),
            })
            .collect();
        let salt = Base64UrlUnpadded::encode_string(&salt);
        let object = match leaf.position {
            Some(place) => json!({"at": at, "path": path, "position": place, "salt": salt}),
            None => json!({"at": at, "path": path, "salt": salt, "value": leaf.value}),
        };
        shown.push(object);
    }
    // Level by level, what cannot be computed.
    let mut proof = Vec::new();
    let mut level: Vec<([u8; 32], bool)> = by_hash
        .iter()
        .map(|(hash, leaf)| (*hash, leaf.is_some()))
        .collect();
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| {
                let [(left, has_left), (right, has_right)] = [pair[0], pair[1]];
                match (has_left, has_right) {
                    (true, false) => proof.push(Base64::encode_string(&right)),
                    (false, true) => proof.push(Base64::encode_string(&left)),
                    _ => {}
                }
                (sha256(&[&[1], &left, &right]), has_left || has_right)
            })
            .collect();
    }
    let text =
        json!({"leaves": hashes.len(), "proof": proof, "shown": shown, "type": media_type, "v": 1});
    (text.to_string(), commitment(&hashes, media_type))
}

/// What is left of a value of which some leaves are shown.
pub(crate) fn shown(value: &Value, show: &dyn Fn(&str) -> bool, way: String) -> Option<Value> {
    match value {
        Value::Array(items) if !items.is_empty() => {
            let items: Vec<Value> = items
                .iter()
                .enumerate()
                .filter_map(|(place, item)| shown(item, show, format!("{way}/{place}")))
                .collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        Value::Object(members) if !members.is_empty() => {
            let members: serde_json::Map<String, Value> = members
                .iter()
                .filter_map(|(name, member)| {
                    shown(member, show, format!("{way}/{name}"))
                        .map(|member| (name.clone(), member))
                })
                .collect();
            (!members.is_empty()).then_some(Value::Object(members))
        }
        leaf => show(&way).then(|| leaf.clone()),
    }
}

/// Arrays as sets, each sorted by what is written.
pub(crate) fn unordered(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(unordered).collect();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), unordered(member)))
            .collect(),
        leaf => leaf.clone(),
    }
}
