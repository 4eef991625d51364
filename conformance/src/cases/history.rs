//! Logs, histories, queries and time stamps: what a keeper, a forger, a careless implementation might do.

use base64ct::{Base64, Encoding as _};
use kbtf_did::{
    DidUrl, KeyType, SOFTWARE, SecretKey, Signer as _, SoftwareSigner, Timestamp, did_key,
};
use kbtf_history::{
    Actor, AddCheckpoint, Checkpoint, Commitment, CommitmentKey, CompleteHistory, ErasureReason,
    Error, Event, Field, Hash, HistoryLog, LegalBasis, LogEntry, LoggedProof, MemoryTree,
    ObjectEntry, ObjectId, Outcome, Prover as _, Purpose, Query, QueryEvent, QueryLog,
    SignedCheckpoint, TreeHasher, Witness, next_entry,
    note::{NoteKey, NoteKeyType},
};
use serde_json::{Value, json};

use super::{Row, accepted, case, checked, made, refused, rows, suite, with};
use crate::suite::{Case, Check, Expect, Suite};

const HASHER: TreeHasher<'static> = TreeHasher::SOFTWARE;
const ORIGIN: &str = "history.example/land";
const QUERIES: &str = "history.example/queries";

type Made<T> = Result<T, String>;

fn text<T>(result: Result<T, Error>) -> Made<T> {
    result.map_err(|e| e.to_string())
}

fn signer(seed: u8) -> Made<SoftwareSigner<'static>> {
    let key = SecretKey::from_bytes(KeyType::Ed25519, &[seed; 32]);
    Ok(SoftwareSigner::new(key.map_err(|e| e.to_string())?))
}

fn key(origin: &str, seed: u8) -> Made<NoteKey> {
    let key = signer(seed)?.public_key().clone();
    text(NoteKey::new(origin, NoteKeyType::Ed25519, key, &SOFTWARE))
}

fn policy() -> Made<String> {
    Ok(format!("log {}\nquorum none\n", key(ORIGIN, 1)?))
}

fn at(seconds: i64) -> Made<Timestamp> {
    Timestamp::from_unix(1_795_305_600 + seconds).ok_or_else(|| "a time".into())
}

fn tree(size: u64) -> Made<MemoryTree> {
    let mut tree = MemoryTree::new();
    for i in 0..size {
        let leaf = text(HASHER.leaf(format!("entry {i}").as_bytes()))?;
        text(tree.append(leaf, &HASHER))?;
    }
    Ok(tree)
}

/// A list with one of its members changed.
fn list(value: &Value, name: &str, change: impl FnOnce(&mut Vec<Value>)) -> Value {
    let mut list = value
        .get(name)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    change(&mut list);
    with(value, name, list.into())
}

/// Every suite of histories.
pub(super) fn all() -> Made<Vec<(&'static str, Suite)>> {
    Ok(vec![
        ("history/logs.json", logs()?),
        ("history/histories.json", histories()?),
        ("history/runs.json", runs()?),
        ("history/time-stamps.json", time_stamps()),
    ])
}

fn logs() -> Made<Suite> {
    let mut cases = inclusions()?;
    cases.extend(consistencies()?);
    cases.extend(checkpoints()?);
    cases.extend(proofs()?);
    cases.extend(cosignatures()?);
    Ok(suite(
        "history/logs",
        "history",
        "Logs that only grow: proofs, checkpoints, witnesses (RFC 9162, C2SP)",
        "추가만 되는 로그: 포함·일관성 증명, 체크포인트, 증인(RFC 9162, C2SP)",
        cases,
    ))
}

fn inclusions() -> Made<Vec<Case>> {
    let input = |index: u64, size: u64| -> Made<Value> {
        let tree = tree(size)?;
        let proof = text(tree.prove_inclusion(index, size, &HASHER))?;
        let leaf = text(HASHER.leaf(format!("entry {index}").as_bytes()))?;
        Ok(json!({
            "leaf": leaf.to_string(), "index": index.to_string(), "size": size.to_string(),
            "path": proof.path.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "root": text(tree.root(&HASHER))?.to_string(),
        }))
    };
    let mut table: Vec<Row> = Vec::new();
    for (index, size) in [
        (0, 1),
        (0, 2),
        (1, 2),
        (2, 3),
        (3, 7),
        (6, 7),
        (5, 8),
        (8, 9),
        (100, 133),
    ] {
        table.push((
            format!("accept-{index}-of-{size}"),
            "An entry is in the tree",
            "항목이 트리에 포함됨",
            input(index, size)?,
            accepted(),
        ));
    }
    let good = input(3, 7)?;
    let other = text(HASHER.leaf(b"other"))?.to_string();
    let text_of = |value: &Value, name: &str| -> String {
        value
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let root = text_of(&good, "root");
    let proof: &[&str] = &["proof"];
    let not_a_hash: &[&str] = &["syntax", "proof"];
    let refusals: Vec<(&'static str, &'static str, &'static str, Value, &[&str])> = vec![
        (
            "other-entry",
            "Another entry",
            "다른 항목",
            with(&good, "leaf", other.clone().into()),
            proof,
        ),
        (
            "other-place",
            "At another place",
            "다른 위치",
            with(&good, "index", "2".into()),
            proof,
        ),
        (
            "other-size",
            "Of a tree of another size",
            "다른 크기의 트리",
            with(&good, "size", "9".into()),
            proof,
        ),
        (
            "other-root",
            "Of another tree",
            "다른 트리의 루트",
            with(&good, "root", other.clone().into()),
            proof,
        ),
        (
            "hash-missing",
            "A hash is missing",
            "해시 하나 누락",
            list(&good, "path", |p| drop(p.pop())),
            proof,
        ),
        (
            "hash-too-many",
            "A hash too many",
            "해시 하나 초과",
            list(&good, "path", |p| p.push(other.clone().into())),
            proof,
        ),
        (
            "root-as-proof",
            "The root itself as a further hash",
            "루트를 해시로 덧붙임",
            list(&good, "path", |p| p.push(root.clone().into())),
            proof,
        ),
        (
            "turned",
            "The hashes in another order",
            "해시 순서 변경",
            list(&good, "path", |p| p.reverse()),
            proof,
        ),
        (
            "no-hashes",
            "No hashes",
            "해시 없음",
            with(&good, "path", json!([])),
            proof,
        ),
        (
            "beyond",
            "A place beyond the end",
            "끝을 벗어난 위치",
            with(&good, "index", "7".into()),
            proof,
        ),
        (
            "far-beyond",
            "A place far beyond the end",
            "범위를 크게 벗어난 위치",
            with(&good, "index", "18446744073709551615".into()),
            proof,
        ),
        (
            "empty-tree",
            "In a tree without entries",
            "빈 트리",
            with(&with(&good, "size", "0".into()), "index", "0".into()),
            proof,
        ),
        (
            "short-hash",
            "A hash that is too short",
            "짧은 해시",
            list(&good, "path", |p| {
                if let Some(first) = p.first_mut() {
                    *first = "AAAA".into();
                }
            }),
            not_a_hash,
        ),
        (
            "empty-hash",
            "An empty hash",
            "빈 해시",
            list(&good, "path", |p| {
                if let Some(first) = p.first_mut() {
                    *first = "".into();
                }
            }),
            not_a_hash,
        ),
        (
            "leaf-is-root",
            "A tree of one entry, whose root is not that entry",
            "항목 하나인 트리에서 루트가 다름",
            json!({
                "leaf": other, "index": "0", "size": "1", "path": [], "root": root,
            }),
            proof,
        ),
    ];
    table.extend(refusals.into_iter().map(|(name, en, ko, input, reasons)| {
        (format!("refuse-{name}"), en, ko, input, refused(reasons))
    }));
    Ok(rows(
        "log.inclusion",
        "history-inclusion",
        &["HIS-05"],
        "tlog",
        table,
    ))
}

fn consistencies() -> Made<Vec<Case>> {
    let input = |old: u64, new: u64| -> Made<Value> {
        let tree = tree(new)?;
        let proof = text(tree.prove_consistency(old, new, &HASHER))?;
        Ok(json!({
            "oldSize": old.to_string(), "newSize": new.to_string(),
            "oldRoot": text(tree.root_at(old, &HASHER))?.to_string(),
            "newRoot": text(tree.root(&HASHER))?.to_string(),
            "path": proof.path.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }))
    };
    let mut table: Vec<Row> = Vec::new();
    for (old, new) in [
        (0, 0),
        (0, 5),
        (1, 1),
        (1, 2),
        (2, 3),
        (3, 7),
        (4, 7),
        (6, 8),
        (7, 7),
        (100, 133),
    ] {
        table.push((
            format!("accept-{old}-to-{new}"),
            "The log has only grown",
            "로그가 추가만 되었음",
            input(old, new)?,
            accepted(),
        ));
    }
    let good = input(3, 7)?;
    let same = input(7, 7)?;
    let grown_from_nothing = input(0, 5)?;
    let other = text(HASHER.leaf(b"other"))?.to_string();
    let root = |value: &Value, name: &str| value.get(name).cloned().unwrap_or_default();
    let table_of: Vec<(&'static str, &'static str, &'static str, Value)> = vec![
        (
            "rewritten",
            "What was there is another",
            "기존 항목이 다름",
            with(&good, "oldRoot", other.clone().into()),
        ),
        (
            "other-new",
            "What it is now is another",
            "새 트리가 다름",
            with(&good, "newRoot", other.clone().into()),
        ),
        (
            "shrunk",
            "The log has become shorter",
            "로그가 짧아짐",
            with(&with(&good, "oldSize", "7".into()), "newSize", "3".into()),
        ),
        (
            "other-old-size",
            "Another old size",
            "다른 이전 크기",
            with(&good, "oldSize", "2".into()),
        ),
        (
            "hash-missing",
            "A hash is missing",
            "해시 하나 누락",
            list(&good, "path", |p| drop(p.pop())),
        ),
        (
            "hash-too-many",
            "A hash too many",
            "해시 하나 초과",
            list(&good, "path", |p| p.push(other.clone().into())),
        ),
        (
            "turned",
            "The hashes in another order",
            "해시 순서 변경",
            list(&good, "path", |p| p.reverse()),
        ),
        (
            "no-hashes",
            "No hashes",
            "해시 없음",
            with(&good, "path", json!([])),
        ),
        (
            "fork",
            "Two roots for one size",
            "같은 크기에 두 루트(분기)",
            with(&same, "newRoot", other.clone().into()),
        ),
        (
            "same-with-hashes",
            "The same tree, with a hash",
            "같은 트리에 해시 추가",
            with(&same, "path", json!([other.clone()])),
        ),
        (
            "from-nothing-with-hashes",
            "Grown from nothing, with hashes",
            "빈 트리에서 증가했으나 해시 포함",
            with(&grown_from_nothing, "path", json!([other.clone()])),
        ),
        (
            "from-nothing-other-root",
            "Grown from nothing that has a root of its own",
            "빈 트리의 루트가 아님",
            with(&grown_from_nothing, "oldRoot", root(&good, "oldRoot")),
        ),
    ];
    table.extend(table_of.into_iter().map(|(name, en, ko, input)| {
        (format!("refuse-{name}"), en, ko, input, refused(&["proof"]))
    }));
    Ok(rows(
        "log.consistency",
        "history-consistency",
        &["HIS-05"],
        "tlog",
        table,
    ))
}

/// The log's checkpoint, and with the cosignatures of some witnesses at some times.
struct House {
    signed: SignedCheckpoint,
}

impl House {
    fn new(size: u64) -> Made<Self> {
        let checkpoint = text(Checkpoint::new(
            ORIGIN,
            size,
            text(tree(size)?.root(&HASHER))?,
        ))?;
        Ok(Self {
            signed: text(checkpoint.sign(&signer(1)?))?,
        })
    }

    fn witness_key(number: u8) -> Made<NoteKey> {
        let key = signer(20 + number)?.public_key().clone();
        let name = format!("witness{number}.example");
        text(NoteKey::new(
            &name,
            NoteKeyType::Cosignature,
            key,
            &SOFTWARE,
        ))
    }

    fn line(&self, number: u8, seconds: i64) -> Made<String> {
        let house = signer(20 + number)?;
        let name = format!("witness{number}.example");
        let witness = text(Witness::new(&name, &house, vec![key(ORIGIN, 1)?]))?;
        let request = AddCheckpoint {
            old_size: 0,
            path: Vec::new(),
            checkpoint: self.signed.clone(),
        };
        text(witness.add_checkpoint(&request, None, at(seconds)?)).map(|(_, line)| line)
    }

    fn cosigned(&self, witnesses: &[(u8, i64)]) -> Made<String> {
        let mut signed = self.signed.clone();
        for (number, seconds) in witnesses {
            signed = text(signed.cosigned(&self.line(*number, *seconds)?))?;
        }
        Ok(signed.to_string())
    }
}

/// Two of three witnesses, and one that belongs to no quorum.
fn quorum() -> Made<String> {
    Ok(format!(
        "log {}\nwitness a {}\nwitness b {}\nwitness c {}\nwitness d {}\ngroup all 2 a b c\nquorum all\n",
        key(ORIGIN, 1)?,
        House::witness_key(1)?,
        House::witness_key(2)?,
        House::witness_key(3)?,
        House::witness_key(4)?,
    ))
}

fn checkpoints() -> Made<Vec<Case>> {
    let house = House::new(5)?;
    let bare = house.signed.to_string();
    let (policy, quorum) = (policy()?, quorum()?);
    let (two, late) = ((1, 100), (2, 200));
    let of_log = |text: &str| json!({"checkpoint": text, "policy": policy});
    let of_quorum = |text: String| json!({"checkpoint": text, "policy": quorum});
    let value = json!({"origin": ORIGIN, "size": "5"});
    let by_second = json!({"seenBy": at(200)?.to_string()});
    let other_log = text(Checkpoint::new(ORIGIN, 5, text(tree(5)?.root(&HASHER))?))?;
    let stranger = text(other_log.sign(&signer(9)?))?.to_string();
    let cosigned = house.cosigned(&[two, late])?;
    let swapped = |from: &str, to: &str| bare.replacen(from, to, 1);
    let line = house.line(1, 100)?;
    let elsewhere = House::new(6)?.line(1, 100)?;
    let syntax: &[&str] = &["syntax"];
    let signature: &[&str] = &["signature"];
    let table: Vec<Row> = vec![
        (
            "accept-log".into(),
            "What the log has signed",
            "로그가 서명한 체크포인트",
            of_log(&bare),
            made(value.clone()),
        ),
        (
            "accept-quorum".into(),
            "Two of three witnesses",
            "증인 3곳 중 2곳 연서",
            of_quorum(cosigned.clone()),
            made(by_second.clone()),
        ),
        (
            "accept-quorum-and-rogue".into(),
            "A witness outside the quorum says another time",
            "정족수 밖 증인의 시각은 무관",
            of_quorum(house.cosigned(&[two, late, (4, 90_000)])?),
            made(by_second),
        ),
        (
            "accept-cosigned-twice".into(),
            "Two witnesses, one of which has cosigned again later",
            "한 증인이 나중에 다시 연서",
            of_quorum(format!(
                "{}{}",
                house.cosigned(&[two, late])?,
                house.line(2, 900)?
            )),
            made(json!({"seenBy": at(200)?.to_string()})),
        ),
        (
            "accept-stranger-too".into(),
            "A stranger has signed too",
            "모르는 서명이 함께 있음",
            of_log(&format!("{bare}— stranger.example AAAAAAAA\n")),
            made(value.clone()),
        ),
        (
            "accept-extension".into(),
            "With a further line",
            "확장 줄 포함",
            {
                let text_of = format!("{ORIGIN}\n5\n{}\nmore\n", text(tree(5)?.root(&HASHER))?);
                let mut note = text(kbtf_history::note::Note::new(&text_of))?;
                text(note.sign(ORIGIN, &signer(1)?))?;
                of_log(&note.to_string())
            },
            made(value),
        ),
        (
            "refuse-stranger".into(),
            "Signed by somebody else in the name of the log",
            "다른 자가 로그 이름으로 서명",
            of_log(&stranger),
            refused(signature),
        ),
        (
            "refuse-unsigned".into(),
            "Signed by nobody",
            "서명 없음",
            of_log(bare.split_once("\n\n").map_or("", |(text, _)| text)),
            refused(&["syntax", "signature"]),
        ),
        (
            "refuse-size".into(),
            "Another size",
            "크기 변조",
            of_log(&swapped("\n5\n", "\n6\n")),
            refused(signature),
        ),
        (
            "refuse-origin".into(),
            "Another name",
            "로그 이름 변조",
            of_log(&swapped("land\n", "lane\n")),
            refused(signature),
        ),
        (
            "refuse-root".into(),
            "Another root",
            "루트 변조",
            of_log(&swapped(
                &text(tree(5)?.root(&HASHER))?.to_string(),
                &text(tree(4)?.root(&HASHER))?.to_string(),
            )),
            refused(signature),
        ),
        (
            "refuse-one-witness".into(),
            "One of three witnesses",
            "증인 1곳뿐",
            of_quorum(house.cosigned(&[two])?),
            refused(&["quorum"]),
        ),
        (
            "refuse-one-twice".into(),
            "One witness twice",
            "한 증인의 중복 연서",
            of_quorum(format!("{}{line}", house.cosigned(&[two])?)),
            refused(&["quorum"]),
        ),
        (
            "refuse-outside-quorum".into(),
            "Two witnesses, one of them outside the quorum",
            "정족수 밖 증인 포함 2곳",
            of_quorum(house.cosigned(&[two, (4, 100)])?),
            refused(&["quorum"]),
        ),
        (
            "refuse-moved-cosignature".into(),
            "A cosignature of another checkpoint",
            "다른 체크포인트의 연서",
            of_quorum(format!("{}{elsewhere}", house.cosigned(&[late])?)),
            refused(signature),
        ),
        (
            "refuse-false-beside-good".into(),
            "Enough witnesses and a false cosignature",
            "정족수는 충족하나 거짓 연서 포함",
            of_quorum(format!("{}{}", house.cosigned(&[two, late])?, elsewhere)),
            refused(signature),
        ),
        (
            "refuse-witness-as-log".into(),
            "A witness's key in the place of the log's",
            "증인 키를 로그 키로 사용",
            json!({"checkpoint": cosigned, "policy": format!("log {}\nquorum none\n", key("witness1.example", 21)?)}),
            refused(signature),
        ),
        (
            "refuse-zero-in-front".into(),
            "A size with a zero in front",
            "크기 앞의 0",
            of_log(&swapped("\n5\n", "\n05\n")),
            refused(syntax),
        ),
        (
            "refuse-negative".into(),
            "A negative size",
            "음수 크기",
            of_log(&swapped("\n5\n", "\n-5\n")),
            refused(syntax),
        ),
        (
            "refuse-huge".into(),
            "A size of more than 64 bits",
            "64비트 초과 크기",
            of_log(&swapped("\n5\n", "\n18446744073709551616\n")),
            refused(syntax),
        ),
        (
            "refuse-no-root".into(),
            "No root",
            "루트 없음",
            of_log(&format!("{ORIGIN}\n5\n\n— {ORIGIN} AAAAAAAA\n")),
            refused(syntax),
        ),
        (
            "refuse-control".into(),
            "A character for control",
            "제어 문자 포함",
            of_log(&swapped("land\n", "land\u{1}\n")),
            refused(syntax),
        ),
        (
            "refuse-carriage-return".into(),
            "Lines ended by CR LF",
            "CRLF 줄바꿈",
            of_log(&bare.replace('\n', "\r\n")),
            refused(syntax),
        ),
        (
            "refuse-cut".into(),
            "Cut off",
            "잘린 노트",
            of_log(bare.trim_end()),
            refused(syntax),
        ),
        (
            "refuse-hyphen".into(),
            "A hyphen in the place of the dash",
            "대시 대신 하이픈",
            of_log(&bare.replace('—', "-")),
            refused(syntax),
        ),
        (
            "refuse-base64".into(),
            "A signature whose base64 has two forms",
            "base64 비정규형 서명",
            of_log(&format!("{}\n", bare.trim_end().trim_end_matches('='))),
            refused(syntax),
        ),
        (
            "refuse-empty".into(),
            "Nothing",
            "빈 입력",
            of_log(""),
            refused(syntax),
        ),
    ];
    Ok(rows(
        "log.checkpoint",
        "history-checkpoint",
        &["HIS-05"],
        "tlog",
        table,
    ))
}

fn proofs() -> Made<Vec<Case>> {
    let house = House::new(5)?;
    let log = tree(5)?;
    let proof = |index: u64, signed: &SignedCheckpoint| -> Made<String> {
        let proof = LoggedProof {
            inclusion: text(log.prove_inclusion(index, 5, &HASHER))?,
            checkpoint: signed.clone(),
            extra: None,
        };
        Ok(proof.to_string())
    };
    let good = proof(2, &house.signed)?;
    let policy = policy()?;
    let entry = |name: &str| Base64::encode_string(name.as_bytes());
    let of =
        |proof: &str, name: &str| json!({"proof": proof, "entry": entry(name), "policy": policy});
    let extra = good.replacen("\nindex", "\nextra AAAA\nindex", 1);
    let hash = good.lines().nth(2).unwrap_or_default().to_owned();
    let table: Vec<Row> = vec![
        (
            "accept".into(),
            "An entry of the log",
            "로그의 항목",
            of(&good, "entry 2"),
            made(json!({"size": "5"})),
        ),
        (
            "accept-extra".into(),
            "With bytes that go along",
            "부가 바이트 포함",
            of(&extra, "entry 2"),
            accepted(),
        ),
        (
            "refuse-other-entry".into(),
            "Another entry",
            "다른 항목",
            of(&good, "entry 3"),
            refused(&["proof"]),
        ),
        (
            "refuse-other-index".into(),
            "Another place",
            "다른 위치",
            of(&good.replacen("index 2", "index 3", 1), "entry 2"),
            refused(&["proof"]),
        ),
        (
            "refuse-beyond".into(),
            "A place beyond the checkpoint",
            "체크포인트를 벗어난 위치",
            of(&good.replacen("index 2", "index 5", 1), "entry 2"),
            refused(&["proof"]),
        ),
        (
            "refuse-hash-missing".into(),
            "A hash is missing",
            "해시 누락",
            of(&good.replacen(&format!("{hash}\n"), "", 1), "entry 2"),
            refused(&["proof"]),
        ),
        (
            "refuse-hash-twice".into(),
            "A hash twice",
            "해시 중복",
            of(
                &good.replacen(&hash, &format!("{hash}\n{hash}"), 1),
                "entry 2",
            ),
            refused(&["proof"]),
        ),
        (
            "refuse-unsigned".into(),
            "The checkpoint of another key",
            "다른 키의 체크포인트",
            of(
                &proof(2, &text(house.signed.unverified().sign(&signer(9)?))?)?,
                "entry 2",
            ),
            refused(&["signature"]),
        ),
        (
            "refuse-index-zero".into(),
            "A place with a zero in front",
            "위치 앞의 0",
            of(&good.replacen("index 2", "index 02", 1), "entry 2"),
            refused(&["syntax"]),
        ),
        (
            "refuse-version".into(),
            "Another version",
            "다른 버전",
            of(&good.replacen("@v1", "@v2", 1), "entry 2"),
            refused(&["syntax"]),
        ),
        (
            "refuse-no-index".into(),
            "No place",
            "위치 없음",
            of(&good.replacen("index 2\n", "", 1), "entry 2"),
            refused(&["syntax"]),
        ),
        (
            "refuse-extra-behind".into(),
            "The bytes that go along behind the place",
            "부가 바이트 위치 오류",
            of(
                &good.replacen("index 2\n", "index 2\nextra AAAA\n", 1),
                "entry 2",
            ),
            refused(&["syntax"]),
        ),
    ];
    Ok(rows(
        "log.proof",
        "history-logged",
        &["HIS-05"],
        "tlog",
        table,
    ))
}

fn cosignatures() -> Made<Vec<Case>> {
    let log = tree(9)?;
    let signed = |size: u64, seed: u8| -> Made<SignedCheckpoint> {
        let checkpoint = text(Checkpoint::new(
            ORIGIN,
            size,
            text(log.root_at(size, &HASHER))?,
        ))?;
        text(checkpoint.sign(&signer(seed)?))
    };
    let body = |old: u64, checkpoint: SignedCheckpoint| -> Made<String> {
        let size = checkpoint.unverified().size();
        let path = match old <= size {
            true => text(log.prove_consistency(old, size, &HASHER))?.path,
            false => Vec::new(),
        };
        let request = AddCheckpoint {
            old_size: old,
            path,
            checkpoint,
        };
        Ok(request.to_body())
    };
    let secret = SecretKey::from_bytes(KeyType::Ed25519, &[21; 32]).map_err(|e| e.to_string())?;
    let secret = secret.to_multikey().to_string();
    let logs = [key(ORIGIN, 1)?.to_string()];
    let input = |body: String, last: Option<u64>| -> Made<Value> {
        let mut input = json!({
            "name": "witness1.example", "secretKey": secret, "logs": logs, "body": body,
        });
        if let (Some(size), Some(members)) = (last, input.as_object_mut()) {
            let root = text(log.root_at(size, &HASHER))?;
            members.insert("lastSize".into(), size.to_string().into());
            members.insert("lastRoot".into(), root.to_string().into());
        }
        Ok(input)
    };
    let now: Timestamp = super::NOW.parse().map_err(|_| "a time")?;
    let line = |signed: SignedCheckpoint| -> Made<String> {
        let house = signer(21)?;
        let witness = text(Witness::new(
            "witness1.example",
            &house,
            vec![key(ORIGIN, 1)?],
        ))?;
        let request = AddCheckpoint {
            old_size: 0,
            path: Vec::new(),
            checkpoint: signed,
        };
        text(witness.add_checkpoint(&request, None, now)).map(|(_, line)| line)
    };
    let other = text(Checkpoint::new(ORIGIN, 4, Hash::from_bytes([7; 32])))?;
    let other = text(other.sign(&signer(1)?))?;
    let rewritten = text(Checkpoint::new(ORIGIN, 9, Hash::from_bytes([7; 32])))?;
    let rewritten = text(rewritten.sign(&signer(1)?))?;
    let unknown = text(Checkpoint::new(
        "other.example/log",
        4,
        text(log.root_at(4, &HASHER))?,
    ))?;
    let unknown = text(unknown.sign(&signer(1)?))?;
    let grown = body(4, signed(9, 1)?)?;
    let first_hash = grown.lines().nth(1).unwrap_or_default().to_owned();
    let table: Vec<Row> = vec![
        (
            "accept-first".into(),
            "A log that was not seen before",
            "처음 보는 로그",
            input(body(0, signed(4, 1)?)?, None)?,
            made(json!({"line": line(signed(4, 1)?)?, "size": "4"})),
        ),
        (
            "accept-grown".into(),
            "A log that has grown",
            "증가한 로그",
            input(grown.clone(), Some(4))?,
            made(json!({"line": line(signed(9, 1)?)?, "size": "9"})),
        ),
        (
            "accept-same".into(),
            "The same again",
            "같은 체크포인트 재요청",
            input(body(4, signed(4, 1)?)?, Some(4))?,
            made(json!({"line": line(signed(4, 1)?)?})),
        ),
        (
            "refuse-fork".into(),
            "Another tree of the same size",
            "같은 크기의 다른 트리(분기)",
            input(body(4, other)?, Some(4))?,
            refused(&["fork"]),
        ),
        (
            "refuse-rewritten".into(),
            "A tree that does not continue the one that was seen",
            "이전 트리를 잇지 않음",
            input(body(4, rewritten)?, Some(4))?,
            refused(&["proof"]),
        ),
        (
            "refuse-set-back".into(),
            "A smaller tree than was seen",
            "더 작은 트리로 되돌림",
            input(body(0, signed(4, 1)?)?, Some(9))?,
            refused(&["gap"]),
        ),
        (
            "refuse-backwards".into(),
            "An old size above the new",
            "이전 크기가 새 크기보다 큼",
            input(body(9, signed(4, 1)?)?, Some(9))?,
            refused(&["syntax"]),
        ),
        (
            "refuse-stale".into(),
            "Not from what was seen last",
            "마지막으로 본 상태에서 시작하지 않음",
            input(body(0, signed(9, 1)?)?, Some(4))?,
            refused(&["gap"]),
        ),
        (
            "refuse-stranger".into(),
            "Signed by somebody else",
            "다른 자의 서명",
            input(body(0, signed(4, 9)?)?, None)?,
            refused(&["signature"]),
        ),
        (
            "refuse-unknown-log".into(),
            "A log that is not followed",
            "감시하지 않는 로그",
            input(body(0, unknown)?, None)?,
            refused(&["foreign"]),
        ),
        (
            "refuse-hash-missing".into(),
            "A hash is missing",
            "해시 누락",
            input(grown.replacen(&format!("{first_hash}\n"), "", 1), Some(4))?,
            refused(&["proof"]),
        ),
        (
            "refuse-no-old".into(),
            "Without an old size",
            "이전 크기 없음",
            input(grown.replacen("old 4\n", "", 1), Some(4))?,
            refused(&["syntax"]),
        ),
        (
            "refuse-words".into(),
            "No request",
            "요청 형식 아님",
            input("hello\n".into(), None)?,
            refused(&["syntax"]),
        ),
    ];
    Ok(rows(
        "log.cosign",
        "history-witness",
        &["HIS-05"],
        "tlog",
        table,
    ))
}

/// A log of histories that is written by hand, entry by entry.
struct Book {
    log: HistoryLog<'static>,
    random: u8,
}

impl Book {
    fn new() -> Self {
        Self {
            log: HistoryLog::new(ORIGIN, &SOFTWARE),
            random: 0,
        }
    }

    fn commitment(&mut self) -> Commitment {
        self.random += 1;
        Commitment::from_bytes([self.random; 32])
    }

    fn draft(&mut self, object: ObjectId, event: Event, seconds: i64) -> Made<ObjectEntry> {
        let actor = Commitment::from_bytes([0xaa; 32]);
        Ok(self.log.draft(object, event, actor, at(seconds)?))
    }

    fn write(&mut self, object: ObjectId, event: Event, seconds: i64) -> Made<ObjectEntry> {
        let entry = self.draft(object, event, seconds)?;
        text(self.log.follow(&LogEntry::Object(entry.clone()).to_text()))?;
        Ok(entry)
    }

    fn values(&mut self, fields: &[u16]) -> std::collections::BTreeMap<Field, Commitment> {
        fields
            .iter()
            .map(|field| (Field(*field), self.commitment()))
            .collect()
    }

    fn prove(&mut self, object: ObjectId) -> Made<CompleteHistory> {
        text(self.log.seal())?;
        let signed = self.signed()?;
        text(self.log.prove(object, signed))
    }

    fn signed(&self) -> Made<SignedCheckpoint> {
        let root = text(self.log.root())?;
        let checkpoint = text(Checkpoint::new(ORIGIN, self.log.size(), root))?;
        text(checkpoint.sign(&signer(1)?))
    }
}

fn histories() -> Made<Suite> {
    let mut cases = complete()?;
    cases.extend(of_queries()?);
    cases.extend(follows()?);
    cases.extend(attributions()?);
    cases.extend(links()?);
    Ok(suite(
        "history/histories",
        "history",
        "Histories of objects and of queries, proved to be all",
        "개체 이력과 조회 이력: 완전성 증명",
        cases,
    ))
}

fn erasure(fields: &[u16]) -> Event {
    Event::Erase {
        fields: fields.iter().map(|field| Field(*field)).collect(),
        reason: ErasureReason::Requested,
    }
}

fn complete() -> Made<Vec<Case>> {
    let mut book = Book::new();
    let [parcel, other, deleted, erased, nobody] =
        [1, 2, 3, 4, 5].map(|fill| ObjectId::from_bytes([fill; 16]));
    for object in [parcel, other, deleted, erased] {
        let values = book.values(&[1, 2]);
        book.write(object, Event::Create(values), 0)?;
    }
    for i in 1..4 {
        let values = book.values(&[2]);
        book.write(parcel, Event::Change(values), 60 * i)?;
    }
    book.write(deleted, Event::Delete, 60)?;
    book.write(erased, erasure(&[]), 60)?;
    let before = book.prove(parcel)?;
    let genuine = before.to_text();
    let of_other = book.prove(other)?.to_text();
    let of_nobody = book.prove(nobody)?.to_text();
    let policy = policy()?;
    let input = |history: &str, object: ObjectId| {
        json!({
            "history": history, "object": object.to_string(), "origin": ORIGIN, "policy": policy,
        })
    };
    let edited = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines: Vec<String> = genuine.lines().map(str::to_owned).collect();
        let mut entries = lines.split_off(1);
        change(&mut entries);
        lines.extend(entries);
        input(&(lines.join("\n") + "\n"), parcel)
    };
    let of = |entries: usize, status: &str| made(json!({"entries": entries, "status": status}));
    // Later, with an entry more.
    let values = book.values(&[2]);
    book.write(parcel, Event::Change(values), 600)?;
    let after = book.prove(parcel)?.to_text();
    // What stood before under the checkpoint of later.
    let head = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    let stale = genuine.replacen(&head(&genuine), &head(&after), 1);
    let changed = |from: &str, to: &str| input(&genuine.replacen(from, to, 1), parcel);
    let table: Vec<Row> = vec![
        (
            "accept".into(),
            "All of an object",
            "개체의 전체 이력",
            input(&genuine, parcel),
            of(4, "active"),
        ),
        (
            "accept-later".into(),
            "All of it later",
            "이후의 전체 이력",
            input(&after, parcel),
            of(5, "active"),
        ),
        (
            "accept-deleted".into(),
            "Of one that was deleted",
            "삭제된 개체",
            input(&book.prove(deleted)?.to_text(), deleted),
            of(2, "deleted"),
        ),
        (
            "accept-erased".into(),
            "Of one that was erased",
            "파기된 개체",
            input(&book.prove(erased)?.to_text(), erased),
            of(2, "erased"),
        ),
        (
            "accept-nobody".into(),
            "That there is no such object",
            "존재하지 않는 개체의 부재 증명",
            input(&of_nobody, nobody),
            of(0, "none"),
        ),
        (
            "refuse-last-left-out".into(),
            "The last entry is left out",
            "마지막 항목 누락",
            edited(&|e| drop(e.pop())),
            refused(&["incomplete"]),
        ),
        (
            "refuse-middle-left-out".into(),
            "One in the middle is left out",
            "중간 항목 누락",
            edited(&|e| drop(e.remove(2))),
            refused(&["gap"]),
        ),
        (
            "refuse-first-left-out".into(),
            "The first is left out",
            "첫 항목 누락",
            edited(&|e| drop(e.remove(0))),
            refused(&["notCreated"]),
        ),
        (
            "refuse-all-left-out".into(),
            "All are left out",
            "모든 항목 누락",
            edited(&|e| e.clear()),
            refused(&["incomplete"]),
        ),
        (
            "refuse-turned".into(),
            "In another order",
            "순서 변경",
            edited(&|e| e.swap(1, 2)),
            refused(&["gap"]),
        ),
        (
            "refuse-twice".into(),
            "One twice",
            "항목 중복",
            edited(&|e| {
                let last = e.last().cloned().unwrap_or_default();
                e.push(last);
            }),
            refused(&["gap"]),
        ),
        (
            "refuse-changed".into(),
            "One is another",
            "항목 변조",
            edited(&|e| {
                if let Some(entry) = e.get_mut(1) {
                    *entry = entry.replace(":01:00Z", ":00:30Z");
                }
            }),
            refused(&["brokenLink"]),
        ),
        (
            "refuse-last-changed".into(),
            "The last is another",
            "마지막 항목 변조",
            edited(&|e| {
                if let Some(entry) = e.last_mut() {
                    *entry = entry.replace(":03:00Z", ":04:00Z");
                }
            }),
            refused(&["incomplete"]),
        ),
        (
            "refuse-back-dated".into(),
            "One is dated back",
            "소급 기재",
            edited(&|e| {
                if let Some(entry) = e.last_mut() {
                    *entry = entry.replace(":03:00Z", ":00:00Z");
                }
            }),
            refused(&["timeBackwards"]),
        ),
        (
            "refuse-of-another".into(),
            "That of another object",
            "다른 개체의 이력",
            input(&of_other, parcel),
            refused(&["proof"]),
        ),
        (
            "refuse-entries-of-another".into(),
            "The entries of another object",
            "다른 개체의 항목 삽입",
            {
                let entries: Vec<&str> = of_other.lines().skip(1).collect();
                input(
                    &format!("{}\n{}\n", head(&genuine), entries.join("\n")),
                    parcel,
                )
            },
            refused(&["foreign"]),
        ),
        (
            "refuse-stale".into(),
            "What stood before under a later checkpoint",
            "이후 체크포인트에 이전 이력",
            input(&stale, parcel),
            refused(&["incomplete"]),
        ),
        (
            "refuse-nobody-for-somebody".into(),
            "Absence of an object that is there",
            "존재하는 개체의 부재 주장",
            input(&of_nobody, parcel),
            refused(&["proof"]),
        ),
        (
            "refuse-other-origin".into(),
            "Of another log than was asked for",
            "다른 로그의 이력",
            with(
                &input(&genuine, parcel),
                "origin",
                "history.example/drugs".into(),
            ),
            refused(&["foreign"]),
        ),
        (
            "refuse-stranger".into(),
            "Under the checkpoint of another key",
            "다른 키의 체크포인트",
            with(
                &input(&genuine, parcel),
                "policy",
                format!("log {}\nquorum none\n", key(ORIGIN, 9)?).into(),
            ),
            refused(&["signature"]),
        ),
        (
            "refuse-no-quorum".into(),
            "Seen by no witness",
            "증인 정족수 미달",
            with(&input(&genuine, parcel), "policy", quorum()?.into()),
            refused(&["quorum"]),
        ),
        (
            "refuse-sequence".into(),
            "Another number for the last entry in the map",
            "맵의 항목 번호 변조",
            changed("\"sequence\":3}", "\"sequence\":2}"),
            refused(&["proof"]),
        ),
        (
            "refuse-version".into(),
            "Another version",
            "다른 버전",
            changed("\"v\":1}", "\"v\":2}"),
            refused(&["syntax"]),
        ),
        (
            "refuse-more".into(),
            "A member more",
            "구성원 추가",
            changed("\"v\":1}", "\"v\":1,\"x\":1}"),
            refused(&["syntax"]),
        ),
        (
            "refuse-cut".into(),
            "Cut off",
            "잘린 파일",
            input(genuine.trim_end(), parcel),
            refused(&["syntax"]),
        ),
        (
            "refuse-empty".into(),
            "Nothing",
            "빈 입력",
            input("", parcel),
            refused(&["syntax"]),
        ),
    ];
    Ok(rows(
        "history.verify",
        "history-complete",
        &["HIS-02"],
        "history-proof",
        table,
    ))
}

fn of_queries() -> Made<Vec<Case>> {
    let mut log = QueryLog::new(QUERIES, &SOFTWARE);
    let [person, other, nobody] = [1, 2, 3].map(|fill| ObjectId::from_bytes([fill; 16]));
    let question = |purpose: u16| {
        QueryEvent::Intent(Query {
            actor: Commitment::from_bytes([0xaa; 32]),
            asked: kbtf_history::Asked::Record(Commitment::from_bytes([0xbb; 32])),
            purpose: Purpose(purpose),
            basis: LegalBasis::PublicTask,
        })
    };
    let write = |log: &mut QueryLog<'_>,
                 about: ObjectId,
                 event: QueryEvent,
                 seconds: i64|
     -> Made<String> {
        let entry = log.draft(about, event, at(seconds)?);
        let entry_text = text(log.check(&entry))?;
        text(log.follow(&entry_text))?;
        Ok(entry_text)
    };
    let served = |intent| QueryEvent::Outcome {
        intent,
        outcome: Outcome::Served { records: 1 },
    };
    for i in 0..3_u16 {
        write(&mut log, person, question(i), i64::from(i) * 10)?;
        write(
            &mut log,
            person,
            served(u32::from(i) * 2),
            i64::from(i) * 10 + 1,
        )?;
    }
    let about_other = write(&mut log, other, question(9), 100)?;
    text(log.seal())?;
    let signed = text(Checkpoint::new(QUERIES, log.size(), text(log.root())?))?;
    let signed = text(signed.sign(&signer(2)?))?;
    let policy = format!(
        "log {}\nlog {}\nquorum none\n",
        key(QUERIES, 2)?,
        key(ORIGIN, 1)?
    );
    let genuine = text(log.prove(person, signed.clone()))?.to_text();
    let input = |history: &str, about: ObjectId| {
        json!({
            "history": history, "object": about.to_string(), "origin": QUERIES, "policy": policy, "queries": true,
        })
    };
    let edited = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines: Vec<String> = genuine.lines().map(str::to_owned).collect();
        let mut entries = lines.split_off(1);
        change(&mut entries);
        lines.extend(entries);
        input(&(lines.join("\n") + "\n"), person)
    };
    let of = |entries: usize, queries: usize, open: usize| {
        made(json!({"entries": entries, "queries": queries, "open": open}))
    };
    let mut book = Book::new();
    let values = book.values(&[1]);
    book.write(ObjectId::from_bytes([9; 16]), Event::Create(values), 0)?;
    let of_histories = book.prove(person)?.to_text();
    let nothing_here = text(log.prove(ObjectId::from_bytes([9; 16]), signed.clone()))?.to_text();
    let table: Vec<Row> = vec![
        (
            "accept".into(),
            "All that was asked about a person",
            "본인에 대한 모든 조회 내역",
            input(&genuine, person),
            of(6, 3, 0),
        ),
        (
            "accept-open".into(),
            "A question without an outcome",
            "결과 없는 조회",
            input(&text(log.prove(other, signed.clone()))?.to_text(), other),
            of(1, 1, 1),
        ),
        (
            "accept-nobody".into(),
            "That nobody has asked",
            "조회 없음의 증명",
            input(&text(log.prove(nobody, signed))?.to_text(), nobody),
            of(0, 0, 0),
        ),
        (
            "refuse-last-left-out".into(),
            "The last question is left out",
            "마지막 조회 누락",
            edited(&|e| e.truncate(4)),
            refused(&["incomplete"]),
        ),
        (
            "refuse-one-left-out".into(),
            "A question in the middle is left out",
            "중간 조회 누락",
            edited(&|e| drop(e.drain(2..4))),
            refused(&["gap"]),
        ),
        (
            "refuse-all-left-out".into(),
            "All are left out",
            "모든 조회 누락",
            edited(&|e| e.clear()),
            refused(&["incomplete"]),
        ),
        (
            "refuse-purpose".into(),
            "Another purpose",
            "조회 목적 변조",
            edited(&|e| {
                if let Some(entry) = e.get_mut(2) {
                    *entry = entry.replace("\"purpose\":1", "\"purpose\":7");
                }
            }),
            refused(&["brokenLink"]),
        ),
        (
            "refuse-outcome-twice".into(),
            "An outcome of a question that has one",
            "결과 중복",
            edited(&|e| {
                if let Some(entry) = e.get_mut(3) {
                    *entry = entry.replace("\"intent\":2", "\"intent\":0");
                }
            }),
            refused(&["unknownId"]),
        ),
        (
            "refuse-of-another".into(),
            "About another person",
            "다른 사람에 대한 내역",
            input(&genuine, other),
            refused(&["proof"]),
        ),
        (
            "refuse-entries-of-another".into(),
            "Entries about another person",
            "다른 사람에 대한 항목 삽입",
            edited(&|e| *e = vec![about_other.clone()]),
            refused(&["foreign"]),
        ),
        (
            "refuse-log-of-histories".into(),
            "That a log of histories says nothing of a person",
            "이력 로그로 조회 없음을 주장",
            with(&input(&of_histories, person), "origin", ORIGIN.into()),
            refused(&["syntax"]),
        ),
    ];
    let mut cases = rows(
        "history.verify",
        "history-queries",
        &["HIS-03"],
        "history-proof",
        table,
    );
    // And the other way round: what is not on the log of queries may be on that of histories.
    let other_way = json!({
        "history": nothing_here, "object": ObjectId::from_bytes([9; 16]).to_string(), "origin": QUERIES, "policy": policy,
    });
    cases.extend(rows(
        "history.verify",
        "history-complete",
        &["HIS-02"],
        "history-proof",
        vec![(
            "refuse-log-of-queries".into(),
            "That a log of queries says nothing of an object",
            "조회 로그로 개체의 부재를 주장",
            other_way,
            refused(&["syntax"]),
        )],
    ));
    Ok(cases)
}

fn follows() -> Made<Vec<Case>> {
    let object = ObjectId::from_bytes([1; 16]);
    let start = || -> Made<Book> {
        let mut book = Book::new();
        let values = book.values(&[1, 2]);
        book.write(object, Event::Create(values), 0)?;
        Ok(book)
    };
    let input =
        |entries: &[String]| json!({"kind": "histories", "origin": ORIGIN, "entries": entries});
    // What stands there, and one entry more that was not checked by anybody.
    let with_next = |book: &Book, entry: &ObjectEntry| {
        let mut entries = book.log.entries().to_vec();
        entries.push(LogEntry::Object(entry.clone()).to_text());
        input(&entries)
    };
    let next = |event: Event, seconds: i64, change: &dyn Fn(&mut ObjectEntry)| -> Made<Value> {
        let mut book = start()?;
        let mut entry = book.draft(object, event, seconds)?;
        change(&mut entry);
        Ok(with_next(&book, &entry))
    };
    let change = |fill: u8| Event::Change([(Field(1), Commitment::from_bytes([fill; 32]))].into());
    let after = |first: Event, event: Event| -> Made<Value> {
        let mut book = start()?;
        book.write(object, first, 10)?;
        let entry = book.draft(object, event, 20)?;
        Ok(with_next(&book, &entry))
    };
    let unchanged: &dyn Fn(&mut ObjectEntry) = &|_| {};
    let mut sealed = start()?;
    text(sealed.log.seal())?;
    let values = sealed.values(&[1]);
    sealed.write(object, Event::Change(values), 5)?;
    text(sealed.log.note_queries(7, Hash::from_bytes([7; 32])))?;
    text(sealed.log.note_queries(9, Hash::from_bytes([9; 32])))?;
    let noted = |size: u64, fill: u8| {
        let mut entries = sealed.log.entries().to_vec();
        let root = Hash::from_bytes([fill; 32]);
        entries.push(LogEntry::Queries { size, root }.to_text());
        input(&entries)
    };
    let wrong_map = || {
        let mut entries = sealed.log.entries().to_vec();
        let size = entries.len() as u64;
        let root = Hash::from_bytes([1; 32]);
        entries.push(LogEntry::Heads { size, root }.to_text());
        input(&entries)
    };
    let first = start()?.log.entries().to_vec();
    let spoiled = |from: &str, to: &str| {
        let entries: Vec<String> = first.iter().map(|e| e.replacen(from, to, 1)).collect();
        input(&entries)
    };
    let other = next_entry(
        None,
        ObjectId::from_bytes([2; 16]),
        change(9),
        Commitment::from_bytes([1; 32]),
        at(0)?,
    );
    let table: Vec<Row> = vec![
        (
            "accept".into(),
            "Entries that follow on each other",
            "이어지는 항목",
            input(sealed.log.entries()),
            made(json!({"root": text(sealed.log.root())?.to_string()})),
        ),
        (
            "accept-change".into(),
            "A change",
            "변경",
            next(change(9), 10, unchanged)?,
            accepted(),
        ),
        (
            "accept-clock".into(),
            "A clock that went back, and it is said",
            "시계 역행을 기록함",
            next(change(9), -30, unchanged)?,
            accepted(),
        ),
        (
            "accept-erase-deleted".into(),
            "What was deleted is erased",
            "삭제 후 파기",
            after(Event::Delete, erasure(&[]))?,
            accepted(),
        ),
        (
            "accept-noted".into(),
            "Where the log of queries stands, again",
            "조회 로그 상태 재기록",
            noted(9, 9),
            accepted(),
        ),
        (
            "refuse-clock-hidden".into(),
            "A clock that went back, and it is not said",
            "시계 역행을 숨김",
            next(change(9), -30, &|e| e.set_back = 0)?,
            refused(&["timeBackwards"]),
        ),
        (
            "refuse-clock-invented".into(),
            "A clock that is said to have gone back and has not",
            "없는 시계 역행을 기재",
            next(change(9), 10, &|e| e.set_back = 5)?,
            refused(&["timeBackwards"]),
        ),
        (
            "refuse-change-first".into(),
            "A change of what is not there",
            "없는 개체의 변경",
            with_next(&start()?, &other),
            refused(&["notCreated"]),
        ),
        (
            "refuse-create-again".into(),
            "Created twice",
            "중복 생성",
            next(
                Event::Create([(Field(1), Commitment::from_bytes([9; 32]))].into()),
                10,
                unchanged,
            )?,
            refused(&["replayed"]),
        ),
        (
            "refuse-gap".into(),
            "A number is left out",
            "번호 건너뜀",
            next(change(9), 10, &|e| e.sequence += 1)?,
            refused(&["gap"]),
        ),
        (
            "refuse-number-twice".into(),
            "A number twice",
            "번호 중복",
            next(change(9), 10, &|e| e.sequence = 0)?,
            refused(&["gap"]),
        ),
        (
            "refuse-link".into(),
            "On another entry than the last",
            "마지막이 아닌 항목에 연결",
            next(change(9), 10, &|e| {
                e.previous = Some(Hash::from_bytes([3; 32]))
            })?,
            refused(&["brokenLink"]),
        ),
        (
            "refuse-no-link".into(),
            "On no entry",
            "연결 없음",
            next(change(9), 10, &|e| e.previous = None)?,
            refused(&["brokenLink"]),
        ),
        (
            "refuse-after-deletion".into(),
            "A change after deletion",
            "삭제 후 변경",
            after(Event::Delete, change(9))?,
            refused(&["ended"]),
        ),
        (
            "refuse-after-erasure".into(),
            "A change after erasure",
            "파기 후 변경",
            after(erasure(&[]), change(9))?,
            refused(&["ended"]),
        ),
        (
            "refuse-resurrected".into(),
            "An erased value put back",
            "파기된 값의 복원",
            after(erasure(&[1]), change(1))?,
            refused(&["replayed"]),
        ),
        (
            "refuse-erase-twice".into(),
            "A member erased twice",
            "중복 파기",
            after(erasure(&[1]), erasure(&[1]))?,
            refused(&["unknownId"]),
        ),
        (
            "refuse-erase-unknown".into(),
            "Erasure of a member that is not there",
            "없는 구성원의 파기",
            next(erasure(&[7]), 10, unchanged)?,
            refused(&["unknownId"]),
        ),
        (
            "refuse-nothing-changed".into(),
            "A change of nothing",
            "변경 내용 없음",
            next(
                Event::Change(std::collections::BTreeMap::new()),
                10,
                unchanged,
            )?,
            refused(&["structure"]),
        ),
        (
            "refuse-map".into(),
            "A map of last entries that is another",
            "마지막 항목 맵 변조",
            wrong_map(),
            refused(&["proof"]),
        ),
        (
            "refuse-queries-set-back".into(),
            "The log of queries has become shorter",
            "조회 로그가 짧아짐",
            noted(8, 8),
            refused(&["fork"]),
        ),
        (
            "refuse-nothing-with-a-root".into(),
            "A log of queries of no entries with a root of its own",
            "빈 조회 로그의 잘못된 루트",
            input(&[LogEntry::Queries {
                size: 0,
                root: Hash::from_bytes([7; 32]),
            }
            .to_text()]),
            refused(&["fork"]),
        ),
        (
            "refuse-too-many-parts".into(),
            "More members than one entry has",
            "한 항목의 구성원 초과",
            next(
                Event::Change(
                    (0..257_u16)
                        .map(|field| {
                            let mut bytes = [9; 32];
                            let [high, low] = field.to_be_bytes();
                            (bytes[0], bytes[1]) = (high, low);
                            (Field(field), Commitment::from_bytes(bytes))
                        })
                        .collect(),
                ),
                10,
                unchanged,
            )?,
            refused(&["syntax"]),
        ),
        (
            "refuse-queries-forked".into(),
            "Another log of queries of the same size",
            "조회 로그 분기",
            noted(9, 8),
            refused(&["fork"]),
        ),
        (
            "refuse-name".into(),
            "A name on the log",
            "로그에 이름 기재",
            spoiled("\"kind\":", "\"name\":\"홍길동\",\"kind\":"),
            refused(&["syntax"]),
        ),
        (
            "refuse-free-text".into(),
            "A text in the place of a commitment",
            "약정 대신 평문",
            spoiled("\"1\":\"AQEBAQEB", "\"1\":\"홍길동"),
            refused(&["syntax"]),
        ),
        (
            "refuse-white-space".into(),
            "White space",
            "공백 포함",
            spoiled("{\"actor\"", "{ \"actor\""),
            refused(&["syntax"]),
        ),
        (
            "refuse-order".into(),
            "Members in another order",
            "구성원 순서 변경",
            spoiled(
                "\"sequence\":0,\"time\":\"2026-11-22T00:00:00Z\"",
                "\"time\":\"2026-11-22T00:00:00Z\",\"sequence\":0",
            ),
            refused(&["syntax"]),
        ),
        (
            "refuse-fraction".into(),
            "A time with a fraction",
            "소수점 시각",
            spoiled("00:00Z\"", "00:00.5Z\""),
            refused(&["syntax"]),
        ),
        (
            "refuse-other-kind".into(),
            "An entry of a log of queries",
            "조회 로그의 항목",
            input(&[LogEntry::Subjects {
                size: 0,
                root: Hash::from_bytes([0; 32]),
            }
            .to_text()]),
            refused(&["syntax"]),
        ),
        (
            "refuse-version".into(),
            "Another version",
            "다른 버전",
            spoiled("\"v\":1", "\"v\":2"),
            refused(&["syntax"]),
        ),
    ];
    Ok(rows(
        "history.follow",
        "history-follow",
        &["HIS-02"],
        "history-proof",
        table,
    ))
}

fn signed_inputs(officer: &SoftwareSigner<'_>) -> Made<Vec<Value>> {
    let did = did_key::from_public_key(officer.public_key());
    let method: DidUrl = did_key::verification_method_id(&did).map_err(|e| e.to_string())?;
    let actor = Actor::new(ORIGIN, method.clone(), officer);
    let mut entries = Vec::new();
    for fill in 1..4_u8 {
        let object = ObjectId::from_bytes([fill; 16]);
        let (named, key) = text(actor.commit(object, 0, &mut Same(fill)))?;
        let event = Event::Create([(Field(1), Commitment::from_bytes([fill; 32]))].into());
        entries.push((next_entry(None, object, event, named, at(0)?), key));
    }
    let batch: Vec<(&ObjectEntry, CommitmentKey)> = entries
        .iter()
        .map(|(entry, key)| (entry, CommitmentKey::from_bytes(*key.to_bytes())))
        .collect();
    let signed = text(actor.sign(batch))?;
    let mut inputs = Vec::new();
    for ((entry, key), by) in entries.iter().zip(&signed) {
        inputs.push(json!({
            "entry": LogEntry::Object(entry.clone()).to_text(), "origin": ORIGIN,
            "method": method.as_str(), "key": Base64::encode_string(key.to_bytes().as_slice()),
            "signature": Base64::encode_string(by.signature()),
            "index": by.batch().index.to_string(), "count": by.batch().tree_size.to_string(),
            "path": by.batch().path.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }));
    }
    Ok(inputs)
}

fn attributions() -> Made<Vec<Case>> {
    let inputs = signed_inputs(&signer(3)?)?;
    let p256 = SecretKey::from_bytes(KeyType::P256, &[3; 32]).map_err(|e| e.to_string())?;
    let of_p256 = signed_inputs(&SoftwareSigner::new(p256))?;
    let of_p256 = of_p256.first().cloned().unwrap_or_default();
    let high = {
        let text = of_p256
            .get("signature")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let low = Base64::decode_vec(text).map_err(|e| e.to_string())?;
        Base64::encode_string(&super::forge::flip_s(&low)?)
    };
    let [first, second, third] = inputs.as_slice() else {
        return Err("three entries".into());
    };
    let part = |of: &Value, name: &str| of.get(name).cloned().unwrap_or_default();
    let other = did_key::from_public_key(signer(4)?.public_key());
    let other = did_key::verification_method_id(&other).map_err(|e| e.to_string())?;
    let changed = part(first, "entry")
        .as_str()
        .unwrap_or_default()
        .replacen("00:00Z", "00:01Z", 1);
    let table: Vec<Row> = vec![
        (
            "accept-first".into(),
            "Who has written an entry",
            "항목의 작성자",
            first.clone(),
            accepted(),
        ),
        (
            "accept-third".into(),
            "Of several that were signed together",
            "일괄 서명된 항목 중 하나",
            third.clone(),
            accepted(),
        ),
        (
            "accept-p256".into(),
            "Signed with P-256",
            "P-256 서명",
            of_p256.clone(),
            accepted(),
        ),
        (
            "refuse-high-s".into(),
            "The other form of a signature with P-256",
            "P-256 서명의 high s 변형",
            with(&of_p256, "signature", high.into()),
            refused(&["signature"]),
        ),
        (
            "refuse-other-entry".into(),
            "Another entry",
            "다른 항목",
            with(first, "entry", part(second, "entry")),
            refused(&["issuer"]),
        ),
        (
            "refuse-changed".into(),
            "A changed entry",
            "변조된 항목",
            with(first, "entry", changed.into()),
            refused(&["signature"]),
        ),
        (
            "refuse-other-log".into(),
            "For another log",
            "다른 로그용 서명",
            with(first, "origin", "history.example/drugs".into()),
            refused(&["signature"]),
        ),
        (
            "refuse-other-person".into(),
            "Somebody else's key",
            "다른 사람의 키",
            with(first, "method", other.as_str().into()),
            refused(&["issuer"]),
        ),
        (
            "refuse-other-key".into(),
            "The key of another commitment",
            "다른 약정의 키",
            with(first, "key", part(second, "key")),
            refused(&["issuer"]),
        ),
        (
            "refuse-other-place".into(),
            "At another place among them",
            "일괄 서명 내 다른 위치",
            with(first, "index", "1".into()),
            refused(&["signature", "proof"]),
        ),
        (
            "refuse-other-path".into(),
            "With the proof of another",
            "다른 항목의 증명",
            with(first, "path", part(third, "path")),
            refused(&["signature", "proof"]),
        ),
        (
            "refuse-fewer".into(),
            "Of fewer than were signed",
            "일괄 서명 개수 변조",
            with(&with(first, "count", "1".into()), "path", json!([])),
            refused(&["signature"]),
        ),
        (
            "refuse-signature".into(),
            "Another signature",
            "다른 서명",
            with(first, "signature", Base64::encode_string(&[7; 64]).into()),
            refused(&["signature"]),
        ),
        (
            "refuse-no-signature".into(),
            "No signature",
            "서명 없음",
            with(first, "signature", "".into()),
            refused(&["signature"]),
        ),
    ];
    Ok(rows(
        "history.attribution",
        "history-actor",
        &["HIS-06"],
        "history-proof",
        table,
    ))
}

/// One number again and again, where there must be no chance.
struct Same(u8);

impl rand_core::TryRng for Same {
    type Error = core::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(self.0.into())
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(self.0.into())
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Self::Error> {
        to.fill(self.0);
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Same {}

fn links() -> Made<Vec<Case>> {
    let object = ObjectId::from_bytes(*b"0123456789abcdef");
    let link = text(kbtf_history::lookup::HistoryLink::new(ORIGIN, object))?.to_string();
    let number = kbtf_history::lookup::HistoryNumber::from(object).to_string();
    let input = |text: &str| json!({"text": text, "logs": [ORIGIN, "history.example/drugs"]});
    let found = made(json!({"origin": ORIGIN, "object": object.to_string()}));
    let syntax: &[&str] = &["syntax"];
    let wrong_check = {
        let other = if number.ends_with('0') { '1' } else { '0' };
        let cut = number.get(..number.len() - 1).unwrap_or_default();
        format!("{cut}{other}")
    };
    let turned = {
        let mut characters: Vec<char> = number.chars().collect();
        let place = characters
            .windows(2)
            .position(|pair| matches!(pair, [a, b] if a != b && *a != '-' && *b != '-'))
            .unwrap_or_default();
        characters.swap(place, place + 1);
        characters.into_iter().collect::<String>()
    };
    let table: Vec<Row> = vec![
        (
            "accept-code".into(),
            "What a code on an item holds",
            "물품 QR의 링크",
            input(&link),
            found.clone(),
        ),
        (
            "accept-number".into(),
            "A history number",
            "이력번호",
            input(&number),
            found.clone(),
        ),
        (
            "accept-typed".into(),
            "A history number as it is typed",
            "손으로 입력한 이력번호",
            input(&number.to_lowercase().replace('-', " ")),
            found.clone(),
        ),
        (
            "accept-mistaken".into(),
            "O for 0 and I for 1",
            "O와 0, I와 1 혼동",
            input(
                &number
                    .get(..number.len() - 1)
                    .map(|digits| {
                        format!(
                            "{}{}",
                            digits.replace('0', "O").replace('1', "I"),
                            number.get(number.len() - 1..).unwrap_or_default()
                        )
                    })
                    .unwrap_or_default(),
            ),
            found,
        ),
        (
            "refuse-unknown-log".into(),
            "To a log that is not known",
            "알 수 없는 로그로의 링크",
            input(&link.replacen("history.example", "evil.example", 1)),
            refused(&["foreign"]),
        ),
        (
            "refuse-http".into(),
            "Without encryption",
            "https가 아님",
            input(&link.replacen("https", "http", 1)),
            refused(syntax),
        ),
        (
            "refuse-user".into(),
            "With a name in front of the host",
            "호스트 앞 사용자 정보",
            input(&link.replacen("://", "://history.example@", 1)),
            refused(&["syntax", "foreign"]),
        ),
        (
            "refuse-way-up".into(),
            "A way up in the path",
            "경로 상위 이동",
            input(&link.replacen("/land/", "/drugs/../land/", 1)),
            refused(&["syntax", "foreign"]),
        ),
        (
            "refuse-query".into(),
            "With a query",
            "질의 문자열 포함",
            input(&format!("{link}?a=b")),
            refused(syntax),
        ),
        (
            "refuse-check".into(),
            "A wrong check character",
            "검사 문자 오류",
            input(&wrong_check),
            refused(syntax),
        ),
        (
            "refuse-turned".into(),
            "Two characters turned round",
            "인접 문자 뒤바뀜",
            input(&turned),
            refused(syntax),
        ),
        (
            "refuse-short".into(),
            "A character too few",
            "문자 부족",
            input(number.get(1..).unwrap_or_default()),
            refused(syntax),
        ),
        (
            "refuse-empty".into(),
            "Nothing",
            "빈 입력",
            input(""),
            refused(syntax),
        ),
    ];
    Ok(rows(
        "history.link",
        "history-link",
        &["HIS-09"],
        "history-link",
        table,
    ))
}

fn runs() -> Made<Suite> {
    let secret = |seed: u8| -> Made<String> {
        let key = SecretKey::from_bytes(KeyType::Ed25519, &[seed; 32]);
        Ok(key.map_err(|e| e.to_string())?.to_multikey().to_string())
    };
    let did = |seed: u8| -> Made<String> {
        Ok(did_key::from_public_key(signer(seed)?.public_key()).to_string())
    };
    let actors = json!({"clerk": secret(31)?, "chief": secret(32)?});
    let (clerk, chief) = (did(31)?, did(32)?);
    let secrets = json!([
        "홍길동",
        "성춘향",
        "900101-1234567",
        "서울특별시 중구 세종대로 110",
        "부산광역시 연제구"
    ]);
    let input = |steps: Value| json!({"actors": actors, "secrets": secrets, "steps": steps});
    let record = json!({"owner": "홍길동", "number": "900101-1234567", "address": "서울특별시 중구 세종대로 110"});
    let moved = with(&record, "address", "부산광역시 연제구".into());
    let time = |minutes: i64| -> Made<String> { Ok(at(60 * minutes)?.to_string()) };
    let create = json!({"command": "create", "object": "a", "by": "clerk", "at": time(0)?, "members": record});
    let change = json!({"command": "change", "object": "a", "by": "chief", "at": time(1)?, "members": {"address": "부산광역시 연제구"}});
    let back = json!({"command": "change", "object": "a", "by": "clerk", "at": time(2)?, "members": {"address": "서울특별시 중구 세종대로 110"}});
    let delete = json!({"command": "delete", "object": "a", "by": "clerk", "at": time(2)?});
    let erase = |members: Value| -> Made<Value> {
        Ok(
            json!({"command": "erase", "object": "a", "by": "chief", "at": time(3)?, "members": members, "reason": "requested"}),
        )
    };
    let show = json!({"command": "show", "object": "a"});
    let compare =
        |members: &Value| json!({"command": "compare", "object": "a", "members": members});
    let verify = json!({"command": "verify", "object": "a"});
    let tamper = |how: &str, entry: u32| json!({"command": "tamper", "object": "a", "entry": entry, "how": how});
    let entry = |event: &str, minutes: i64, by: &str| -> Made<Value> {
        Ok(json!({"event": event, "at": time(minutes)?, "by": by}))
    };
    let same = |since: u32, standing: &str| json!({"verdict": "same", "since": since, "standing": standing});
    let differs = |from: u32, members: Value, erased: Value| json!({"verdict": "differs", "from": from, "members": members, "erased": erased});
    let ask = |by: &str, minutes: i64, purpose: u32, denied: bool| -> Made<Value> {
        Ok(
            json!({"command": "ask", "about": "홍길동", "by": by, "at": time(minutes)?, "purpose": purpose, "denied": denied}),
        )
    };
    let asked = |about: &str| json!({"command": "asked", "about": about});
    let question = |by: &str, minutes: i64, purpose: u32, outcome: &str| -> Made<Value> {
        Ok(json!({"at": time(minutes)?, "by": by, "purpose": purpose, "outcome": outcome}))
    };
    let measure = |reading: Value| -> Made<Value> {
        Ok(
            json!({"command": "measure", "object": "a", "by": "clerk", "at": time(1)?, "readings": [reading]}),
        )
    };
    let old_without_number = {
        let mut members = record.clone();
        if let Some(members) = members.as_object_mut() {
            members.remove("number");
        }
        members
    };
    let without_number = {
        let mut members = moved.clone();
        if let Some(members) = members.as_object_mut() {
            members.remove("number");
        }
        members
    };
    type Script = (
        &'static str,
        &'static str,
        &'static str,
        Vec<&'static str>,
        Value,
        Value,
    );
    let scripts: Vec<Script> = vec![
        (
            "life",
            "Created, changed, deleted: when and by whom",
            "생성·변경·삭제의 시각과 책임자",
            vec!["HIS-02", "HIS-06"],
            json!([create, change, delete, show]),
            json!(["ok", "ok", "ok", {"status": "deleted", "entries": [entry("create", 0, &clerk)?, entry("change", 1, &chief)?, entry("delete", 2, &clerk)?]}]),
        ),
        (
            "nothing",
            "Of what was never there",
            "기록된 적 없는 개체",
            vec!["HIS-02", "HIS-04"],
            json!([show, compare(&record)]),
            json!([{"status": "none", "entries": []}, {"verdict": "neverRecorded"}]),
        ),
        (
            "order",
            "What does not follow",
            "순서에 맞지 않는 요청",
            vec!["HIS-02"],
            json!([change, delete, create, create, delete, change, delete]),
            json!([
                "unknown", "unknown", "ok", "exists", "ok", "deleted", "deleted"
            ]),
        ),
        (
            "empty-change",
            "A change of nothing",
            "변경 내용 없음",
            vec!["HIS-02"],
            json!([create, with(&change, "members", json!({})), show]),
            json!(["ok", "empty", {"status": "active", "entries": [entry("create", 0, &clerk)?]}]),
        ),
        (
            "clock",
            "A clock that goes backwards is recorded",
            "시계 역행의 기록",
            vec!["HIS-02"],
            json!([
                create,
                with(&change, "at", at(-90)?.to_string().into()),
                show
            ]),
            json!(["ok", "ok", {"status": "active", "entries": [entry("create", 0, &clerk)?, {"event": "change", "at": at(-90)?.to_string(), "by": chief, "setBack": 90}]}]),
        ),
        (
            "same",
            "The record as it is",
            "현재 기록과 동일",
            vec!["HIS-04"],
            json!([create, compare(&record), change, compare(&moved)]),
            json!(["ok", same(0, "current"), "ok", same(1, "current")]),
        ),
        (
            "superseded",
            "The record as it was",
            "이전 기록과 동일",
            vec!["HIS-04"],
            json!([create, change, compare(&record)]),
            json!(["ok", "ok", same(0, "superseded")]),
        ),
        (
            "deleted",
            "The record of what was deleted",
            "삭제된 개체의 기록과 동일",
            vec!["HIS-04"],
            json!([create, delete, compare(&record)]),
            json!(["ok", "ok", same(0, "deleted")]),
        ),
        (
            "differs",
            "One member is another",
            "구성원 하나가 다름",
            vec!["HIS-04"],
            json!([create, compare(&with(&record, "owner", "성춘향".into()))]),
            json!(["ok", differs(0, json!(["owner"]), json!([]))]),
        ),
        (
            "differs-missing",
            "A member is missing",
            "구성원 누락",
            vec!["HIS-04"],
            json!([create, change, compare(&without_number)]),
            json!(["ok", "ok", differs(1, json!(["number"]), json!([]))]),
        ),
        (
            "differs-more",
            "A member too many",
            "구성원 초과",
            vec!["HIS-04"],
            json!([create, compare(&with(&record, "seal", "x".into()))]),
            json!(["ok", differs(0, json!(["seal"]), json!([]))]),
        ),
        (
            "mixed",
            "Members that were never there together",
            "서로 다른 시점의 값 혼합",
            vec!["HIS-04"],
            json!([
                create,
                change,
                with(
                    &with(&change, "members", json!({"owner": "성춘향"})),
                    "at",
                    time(2)?.into()
                ),
                compare(&with(&record, "owner", "성춘향".into()))
            ]),
            json!(["ok", "ok", "ok", differs(2, json!(["address"]), json!([]))]),
        ),
        (
            "nearly-the-same",
            "A space, another form of a letter",
            "공백·정규화 차이",
            vec!["HIS-04"],
            json!([
                create,
                compare(&with(&record, "owner", "홍길동 ".into())),
                compare(&with(
                    &record,
                    "owner",
                    "\u{1112}\u{1169}\u{11bc}\u{1100}\u{1175}\u{11af}\u{1103}\u{1169}\u{11bc}"
                        .into()
                ))
            ]),
            json!([
                "ok",
                differs(0, json!(["owner"]), json!([])),
                differs(0, json!(["owner"]), json!([]))
            ]),
        ),
        (
            "erase",
            "Erased: nobody can tell any more",
            "파기 후 대조 불가",
            vec!["HIS-01", "HIS-04"],
            json!([
                create,
                change,
                erase(json!([]))?,
                compare(&moved),
                show,
                change,
                create
            ]),
            json!(["ok", "ok", "ok", {"verdict": "erased"},
                {"status": "erased", "entries": [entry("create", 0, &clerk)?, entry("change", 1, &chief)?, entry("erase", 3, &chief)?]},
                "erased", "erased"]),
        ),
        (
            "erase-member",
            "One member erased: the others hold",
            "구성원 하나만 파기",
            vec!["HIS-01", "HIS-04"],
            json!([
                create,
                change,
                erase(json!(["number"]))?,
                compare(&without_number),
                compare(&moved)
            ]),
            json!([
                "ok",
                "ok",
                "ok",
                same(2, "current"),
                differs(2, json!(["number"]), json!(["number"]))
            ]),
        ),
        (
            "erase-and-set-again",
            "Erased and set again: what it was before, nobody can tell",
            "파기 후 다시 기록하면 파기 전의 값은 알 수 없음",
            vec!["HIS-01", "HIS-04"],
            json!([
                create,
                erase(json!(["number"]))?,
                with(
                    &with(
                        &change,
                        "members",
                        json!({"number": "900101-1234567", "address": "부산광역시 연제구"})
                    ),
                    "at",
                    time(4)?.into()
                ),
                compare(&record),
                compare(&with(&record, "owner", "성춘향".into()))
            ]),
            json!([
                "ok",
                "ok",
                "ok",
                differs(2, json!(["address"]), json!(["number"])),
                differs(2, json!(["address", "owner"]), json!([]))
            ]),
        ),
        (
            "erase-unknown",
            "Erasure of what is not there",
            "없는 대상의 파기",
            vec!["HIS-01"],
            json!([
                erase(json!([]))?,
                create,
                erase(json!(["seal"]))?,
                erase(json!(["number"]))?,
                erase(json!(["number"]))?
            ]),
            json!(["unknown", "ok", "unknownMember", "ok", "unknownMember"]),
        ),
        (
            "erase-deleted",
            "What was deleted is erased",
            "삭제 후 파기",
            vec!["HIS-01"],
            json!([create, delete, erase(json!([]))?, compare(&record)]),
            json!(["ok", "ok", "ok", {"verdict": "erased"}]),
        ),
        (
            "queries",
            "Who has asked, how often, when and to what end",
            "조회 주체·횟수·시각·목적",
            vec!["HIS-03"],
            json!([
                ask("clerk", 1, 3, false)?,
                ask("chief", 2, 4, true)?,
                ask("clerk", 3, 3, false)?,
                asked("홍길동")
            ]),
            json!(["served", "denied", "served", {"count": 3, "questions": [
             question(&clerk, 1, 3, "served")?, question(&chief, 2, 4, "denied")?, question(&clerk, 3, 3, "served")?]}]),
        ),
        (
            "queries-of-others",
            "Nobody sees what was asked about others",
            "타인에 대한 조회는 보이지 않음",
            vec!["HIS-03"],
            json!([ask("clerk", 1, 3, false)?, asked("성춘향")]),
            json!(["served", {"count": 0, "questions": []}]),
        ),
        (
            "sensors",
            "Temperature, humidity, position on the way",
            "유통 중 온도·습도·위치",
            vec!["HIS-08"],
            json!([
                create,
                measure(json!({"milliCelsius": -18_500}))?,
                measure(json!({"humidityPerMille": 455}))?,
                measure(
                    json!({"latitudeE7": 375_665_000, "longitudeE7": 1_269_780_000, "withinMetres": 10})
                )?,
                show
            ]),
            json!(["ok", "ok", "ok", "ok", {"status": "active", "entries": [
             entry("create", 0, &clerk)?,
             with(&entry("measure", 1, &clerk)?, "readings", json!([{"milliCelsius": -18_500}])),
             with(&entry("measure", 1, &clerk)?, "readings", json!([{"humidityPerMille": 455}])),
             with(&entry("measure", 1, &clerk)?, "readings", json!([{"latitudeE7": 375_665_000, "longitudeE7": 1_269_780_000, "withinMetres": 10}]))]}]),
        ),
        (
            "sensors-impossible",
            "What no sensor measures",
            "불가능한 측정값",
            vec!["HIS-08"],
            json!([
                create,
                measure(json!({"milliCelsius": -273_151}))?,
                measure(json!({"humidityPerMille": 1001}))?,
                measure(json!({"humidityPerMille": -1}))?,
                measure(json!({"latitudeE7": 900_000_001, "longitudeE7": 0, "withinMetres": 1}))?,
                measure(
                    json!({"latitudeE7": 0, "longitudeE7": -1_800_000_001, "withinMetres": 1})
                )?,
                measure(json!({"milliCelsius": 1.5}))?,
                show
            ]),
            json!(["ok", "impossible", "impossible", "impossible", "impossible", "impossible", "impossible",
                {"status": "active", "entries": [entry("create", 0, &clerk)?]}]),
        ),
        (
            "across",
            "One item in the logs of two institutions",
            "두 기관의 로그에 걸친 하나의 물품",
            vec!["HIS-07"],
            json!([with(&create, "log", "factory".into()), with(&with(&change, "log", "factory".into()), "members", json!({"lot": "7"})),
                with(&create, "log", "shop".into()),
                {"command": "refer", "log": "shop", "object": "a", "by": "clerk", "at": time(1)?, "to": {"log": "factory", "object": "a"}},
                {"command": "refer", "log": "shop", "object": "a", "by": "clerk", "at": time(1)?, "to": {"log": "factory", "object": "b"}},
                with(&show, "log", "shop".into())]),
            json!(["ok", "ok", "ok", "ok", "unknown", {"status": "active", "entries": [
             entry("create", 0, &clerk)?,
             with(&entry("refer", 1, &clerk)?, "refersTo", json!([{"log": "factory", "object": "a", "entry": 1}]))]}]),
        ),
        (
            "intact",
            "What nobody has touched",
            "변조 없음",
            vec!["HIS-05"],
            json!([create, change, verify, show]),
            json!(["ok", "ok", "intact", {"status": "active", "entries": [entry("create", 0, &clerk)?, entry("change", 1, &chief)?]}]),
        ),
        (
            "tampered-change",
            "A past entry was changed behind the back",
            "과거 항목 무단 변경",
            vec!["HIS-05"],
            json!([create, change, delete, tamper("change", 1), verify]),
            json!(["ok", "ok", "ok", "done", "damaged"]),
        ),
        (
            "tampered-last",
            "The last entry was changed behind the back",
            "마지막 항목 무단 변경",
            vec!["HIS-05"],
            json!([create, change, tamper("change", 1), verify]),
            json!(["ok", "ok", "done", "damaged"]),
        ),
        (
            "tampered-drop",
            "A past entry was deleted behind the back",
            "과거 항목 무단 삭제",
            vec!["HIS-05"],
            json!([create, change, delete, tamper("drop", 1), verify]),
            json!(["ok", "ok", "ok", "done", "damaged"]),
        ),
        (
            "tampered-drop-last",
            "The last entry was deleted behind the back",
            "마지막 항목 무단 삭제",
            vec!["HIS-05"],
            json!([create, change, tamper("drop", 1), verify]),
            json!(["ok", "ok", "done", "damaged"]),
        ),
        (
            "tampered-drop-first",
            "The first entry was deleted behind the back",
            "첫 항목 무단 삭제",
            vec!["HIS-05"],
            json!([create, change, tamper("drop", 0), verify]),
            json!(["ok", "ok", "done", "damaged"]),
        ),
        (
            "tampered-swap",
            "Two entries were exchanged behind the back",
            "항목 순서 무단 변경",
            vec!["HIS-05"],
            json!([create, change, delete, tamper("swap", 1), verify]),
            json!(["ok", "ok", "ok", "done", "damaged"]),
        ),
        (
            "tampered-insert",
            "An entry was put in behind the back",
            "항목 무단 삽입",
            vec!["HIS-05"],
            json!([create, change, tamper("insert", 1), verify]),
            json!(["ok", "ok", "done", "damaged"]),
        ),
        (
            "back-and-forth",
            "Changed and changed back",
            "변경 후 원래 값으로 복귀",
            vec!["HIS-04"],
            json!([create, change, back, compare(&record), compare(&moved)]),
            json!(["ok", "ok", "ok", same(2, "current"), same(1, "superseded")]),
        ),
        (
            "deleted-superseded",
            "An older record of what was deleted",
            "삭제된 개체의 이전 기록",
            vec!["HIS-04"],
            json!([create, change, delete, compare(&record)]),
            json!(["ok", "ok", "ok", same(0, "superseded")]),
        ),
        (
            "measured-since",
            "Measured since: the record is as it was",
            "측정 후에도 기록은 그대로",
            vec!["HIS-04", "HIS-08"],
            json!([
                create,
                measure(json!({"milliCelsius": 4_000}))?,
                compare(&record)
            ]),
            json!(["ok", "ok", same(0, "current")]),
        ),
        (
            "erase-reaches-back",
            "An older record of which a member is erased since",
            "이후 파기된 구성원이 있던 이전 기록",
            vec!["HIS-01", "HIS-04"],
            json!([
                create,
                change,
                erase(json!(["number"]))?,
                compare(&old_without_number)
            ]),
            json!(["ok", "ok", "ok", differs(2, json!(["address"]), json!([]))]),
        ),
        (
            "erase-by-name",
            "All members erased by their names",
            "모든 구성원을 이름으로 파기",
            vec!["HIS-01"],
            json!([
                create,
                erase(json!(["owner", "number", "address"]))?,
                show,
                with(&change, "at", time(4)?.into()),
                compare(&json!({"address": "부산광역시 연제구"}))
            ]),
            json!(["ok", "ok", {"status": "active", "entries": [entry("create", 0, &clerk)?, entry("erase", 3, &chief)?]}, "ok", same(2, "current")]),
        ),
        (
            "erase-one-unknown",
            "Erasure of members of which one is not there",
            "일부가 없는 구성원의 파기",
            vec!["HIS-01"],
            json!([create, erase(json!(["number", "seal"]))?, compare(&record)]),
            json!(["ok", "unknownMember", same(0, "current")]),
        ),
        (
            "erase-deleted-partly",
            "A member of what was deleted is erased",
            "삭제된 개체의 구성원 파기",
            vec!["HIS-01"],
            json!([
                create,
                delete,
                erase(json!(["number"]))?,
                erase(json!([]))?,
                show
            ]),
            json!(["ok", "ok", "ok", "ok", {"status": "erased", "entries": [
                entry("create", 0, &clerk)?, entry("delete", 2, &clerk)?, entry("erase", 3, &chief)?, entry("erase", 3, &chief)?]}]),
        ),
        (
            "erase-reasons",
            "Why something is erased",
            "파기 사유",
            vec!["HIS-01"],
            json!([
                create,
                with(
                    &erase(json!(["number"]))?,
                    "reason",
                    "retentionEnded".into()
                ),
                with(&erase(json!([]))?, "reason", "ordered".into())
            ]),
            json!(["ok", "ok", "ok"]),
        ),
        (
            "empty-creation",
            "Created with nothing",
            "내용 없는 생성",
            vec!["HIS-02"],
            json!([with(&create, "members", json!({})), show]),
            json!(["empty", {"status": "none", "entries": []}]),
        ),
        (
            "clock-twice",
            "A clock that goes backwards and on",
            "시계 역행 후 재진행",
            vec!["HIS-02"],
            json!([
                create,
                with(&change, "at", at(-90)?.to_string().into()),
                with(&back, "at", at(-30)?.to_string().into()),
                show
            ]),
            json!(["ok", "ok", "ok", {"status": "active", "entries": [
                entry("create", 0, &clerk)?,
                {"event": "change", "at": at(-90)?.to_string(), "by": chief, "setBack": 90},
                {"event": "change", "at": at(-30)?.to_string(), "by": clerk}]}]),
        ),
        (
            "measure-not-there",
            "Measured where nothing is, or is no more",
            "없거나 삭제·파기된 개체의 측정",
            vec!["HIS-08"],
            json!([
                measure(json!({"milliCelsius": 1}))?,
                create,
                delete,
                measure(json!({"humidityPerMille": 1001}))?,
                erase(json!([]))?,
                measure(json!({"milliCelsius": 1}))?
            ]),
            json!(["unknown", "ok", "ok", "deleted", "ok", "erased"]),
        ),
        (
            "sensors-bounds",
            "The coldest, the warmest, the farthest",
            "측정 한계값",
            vec!["HIS-08"],
            json!([
                create,
                measure(json!({"milliCelsius": -273_150}))?,
                measure(json!({"milliCelsius": 2_000_000}))?,
                measure(json!({"milliCelsius": 2_000_001}))?,
                measure(json!({"humidityPerMille": 0}))?,
                measure(json!({"humidityPerMille": 1000}))?,
                measure(
                    json!({"latitudeE7": -900_000_000, "longitudeE7": 1_800_000_000, "withinMetres": 0})
                )?,
                measure(json!({"latitudeE7": -900_000_001, "longitudeE7": 0, "withinMetres": 0}))?,
                measure(json!({"latitudeE7": 0, "longitudeE7": 1_800_000_001, "withinMetres": 0}))?,
                measure(json!({"latitudeE7": 0, "longitudeE7": 0, "withinMetres": -1}))?
            ]),
            json!([
                "ok",
                "ok",
                "ok",
                "impossible",
                "ok",
                "ok",
                "ok",
                "impossible",
                "impossible",
                "impossible"
            ]),
        ),
        (
            "across-names",
            "An item that is called otherwise elsewhere, deleted there since",
            "타 기관에서 다른 이름으로 기록된 물품",
            vec!["HIS-07"],
            json!([
                with(&with(&create, "log", "factory".into()), "object", "lot 7".into()),
                with(&with(&delete, "log", "factory".into()), "object", "lot 7".into()),
                with(&create, "log", "shop".into()),
                {"command": "refer", "log": "shop", "object": "a", "by": "clerk", "at": time(3)?, "to": {"log": "factory", "object": "lot 7"}},
                {"command": "refer", "log": "shop", "object": "b", "by": "clerk", "at": time(3)?, "to": {"log": "factory", "object": "lot 7"}},
                with(&show, "log", "shop".into())
            ]),
            json!(["ok", "ok", "ok", "ok", "unknown", {"status": "active", "entries": [
                entry("create", 0, &clerk)?,
                with(&entry("refer", 3, &clerk)?, "refersTo", json!([{"log": "factory", "object": "lot 7", "entry": 1}]))]}]),
        ),
        (
            "tampered-shown",
            "A history that was changed is neither shown nor compared with",
            "변조된 이력은 표시·대조하지 않음",
            vec!["HIS-05"],
            json!([
                create,
                change,
                delete,
                tamper("drop", 1),
                show,
                compare(&record)
            ]),
            json!(["ok", "ok", "ok", "done", "damaged", "damaged"]),
        ),
        (
            "tampered-erased",
            "What was erased is intact, and not if an entry is gone",
            "파기된 이력의 무결성",
            vec!["HIS-05"],
            json!([
                create,
                change,
                erase(json!([]))?,
                verify,
                tamper("drop", 2),
                verify
            ]),
            json!(["ok", "ok", "ok", "intact", "done", "damaged"]),
        ),
        (
            "personal-data",
            "Nothing of a person on the ledger",
            "원장에 개인정보 미노출",
            vec!["HIS-01", "X-02"],
            json!([
                create,
                change,
                ask("clerk", 2, 3, false)?,
                erase(json!([]))?
            ]),
            json!(["ok", "ok", "served", "ok"]),
        ),
    ];
    let mut cases = Vec::new();
    for (name, en, ko, requirements, steps, results) in scripts {
        let expect = Expect {
            value: Some(json!({"results": results})),
            ..checked(Check::NothingPersonal)
        };
        let id = format!("history-run-{name}");
        cases.push(
            case(
                &id,
                (en, ko),
                &requirements,
                "history.run",
                input(steps),
                expect,
            )
            .features(&["history-run"]),
        );
    }
    Ok(suite(
        "history/runs",
        "history",
        "What a history system does with records: any implementation, any format",
        "이력 시스템의 동작: 구현·형식에 무관한 시험",
        cases,
    ))
}

fn time_stamps() -> Suite {
    macro_rules! file {
        ($name:literal) => {
            Base64::encode_string(include_bytes!(concat!("time-stamps/", $name, ".der")))
        };
    }
    let data = Base64::encode_string(b"history");
    let root = file!("root");
    let trusted = |certificate: &str, from: &str, until: &str| json!([{"certificate": certificate, "from": from, "until": until}]);
    let always = trusted(&root, "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z");
    let of = |token: String| json!({"token": token, "data": data, "trusted": always});
    let good = of(file!("good"));
    let time = |time: &str| made(json!({"time": time}));
    let flipped = {
        // The last byte of the signature.
        let mut bytes = include_bytes!("time-stamps/good.der").to_vec();
        if let Some(last) = bytes.last_mut() {
            *last ^= 1;
        }
        Base64::encode_string(&bytes)
    };
    let table: Vec<Row> = vec![
        (
            "accept".into(),
            "What an authority has stamped",
            "타임스탬프 기관의 토큰",
            good.clone(),
            time("2026-11-30T09:00:00Z"),
        ),
        (
            "accept-rsa".into(),
            "With RSA",
            "RSA 서명",
            of(file!("rsa")),
            time("2026-11-30T09:00:00Z"),
        ),
        (
            "accept-p384".into(),
            "With P-384, a quarter past the second",
            "P-384 서명, 소수점 시각",
            of(file!("p384")),
            time("2026-11-30T09:00:00.25Z"),
        ),
        (
            "accept-response".into(),
            "The answer of an authority",
            "기관의 응답",
            with(&of(file!("response")), "response", true.into()),
            accepted(),
        ),
        (
            "accept-nonce".into(),
            "For this request",
            "요청의 nonce와 일치",
            with(&of(file!("nonce")), "nonce", "42".into()),
            accepted(),
        ),
        (
            "accept-policy".into(),
            "Under a policy that is accepted",
            "허용된 정책",
            with(&good, "policies", json!(["1.2.3"])),
            made(json!({"policy": "1.2.3"})),
        ),
        (
            "accept-last-moment".into(),
            "At the last moment of trust",
            "신뢰 기간의 마지막 순간",
            with(
                &good,
                "trusted",
                trusted(&root, "2000-01-01T00:00:00Z", "2026-11-30T09:00:00Z"),
            ),
            accepted(),
        ),
        (
            "refuse-other-data".into(),
            "For other data",
            "다른 데이터",
            with(&good, "data", Base64::encode_string(b"other").into()),
            refused(&["proof"]),
        ),
        (
            "refuse-other-nonce".into(),
            "For another request",
            "다른 요청의 토큰",
            with(&of(file!("nonce")), "nonce", "43".into()),
            refused(&["challenge"]),
        ),
        (
            "refuse-no-nonce".into(),
            "For no request",
            "nonce 없는 토큰",
            with(&good, "nonce", "42".into()),
            refused(&["challenge"]),
        ),
        (
            "refuse-policy".into(),
            "Under another policy",
            "허용되지 않은 정책",
            with(&good, "policies", json!(["1.2.4"])),
            refused(&["trust"]),
        ),
        (
            "refuse-nobody-trusted".into(),
            "Nobody is trusted",
            "신뢰 기관 없음",
            with(&good, "trusted", json!([])),
            refused(&["trust"]),
        ),
        (
            "refuse-same-name".into(),
            "Another authority of the same name",
            "같은 이름의 다른 기관",
            with(
                &good,
                "trusted",
                trusted(
                    &file!("other"),
                    "2000-01-01T00:00:00Z",
                    "2100-01-01T00:00:00Z",
                ),
            ),
            refused(&["trust"]),
        ),
        (
            "refuse-no-longer-trusted".into(),
            "An authority that is no longer trusted",
            "신뢰가 끝난 기관",
            with(
                &good,
                "trusted",
                trusted(&root, "2000-01-01T00:00:00Z", "2026-11-30T08:59:59Z"),
            ),
            refused(&["trust"]),
        ),
        (
            "refuse-not-yet-trusted".into(),
            "An authority that is not yet trusted",
            "아직 신뢰되지 않는 기관",
            with(
                &good,
                "trusted",
                trusted(&root, "2026-11-30T09:00:01Z", "2100-01-01T00:00:00Z"),
            ),
            refused(&["trust"]),
        ),
        (
            "refuse-early".into(),
            "A time before the certificate",
            "인증서 유효 이전의 시각",
            of(file!("early")),
            refused(&["validity"]),
        ),
        (
            "refuse-late".into(),
            "A time after the certificate",
            "인증서 만료 이후의 시각",
            of(file!("late")),
            refused(&["validity"]),
        ),
        (
            "refuse-two-uses".into(),
            "A certificate for something else too",
            "다른 용도를 겸한 인증서",
            of(file!("two-uses")),
            refused(&["relationship"]),
        ),
        (
            "refuse-not-critical".into(),
            "A use that is not critical",
            "용도가 critical이 아님",
            of(file!("not-critical")),
            refused(&["relationship"]),
        ),
        (
            "refuse-web".into(),
            "A certificate of a web server",
            "웹 서버 인증서",
            of(file!("web")),
            refused(&["relationship"]),
        ),
        (
            "refuse-under".into(),
            "Certified by one that is no authority",
            "인증 기관이 아닌 자의 인증서",
            of(file!("under")),
            refused(&["trust"]),
        ),
        (
            "refuse-unbound".into(),
            "A signer that is bound to no certificate",
            "서명 인증서 속성 없음",
            of(file!("unbound")),
            refused(&["syntax", "signature"]),
        ),
        (
            "refuse-no-attributes".into(),
            "A signature over the content alone",
            "서명 속성 없음",
            of(file!("no-attributes")),
            refused(&["syntax", "signature"]),
        ),
        (
            "refuse-two-signers".into(),
            "Two signers",
            "서명자 둘",
            of(file!("two-signers")),
            refused(&["syntax"]),
        ),
        (
            "refuse-critical".into(),
            "A critical extension that is not known",
            "알 수 없는 critical 확장",
            of(file!("critical")),
            refused(&["syntax"]),
        ),
        (
            "refuse-zone".into(),
            "A time that is not in UTC",
            "UTC가 아닌 시각",
            of(file!("zone")),
            refused(&["syntax"]),
        ),
        (
            "refuse-signature".into(),
            "Another signature",
            "서명 변조",
            of(flipped),
            refused(&["signature", "syntax"]),
        ),
        (
            "refuse-refusal".into(),
            "The refusal of an authority",
            "기관의 거부 응답",
            with(&of(file!("refusal")), "response", true.into()),
            refused(&["syntax"]),
        ),
        (
            "refuse-response-as-token".into(),
            "An answer in the place of a token",
            "토큰 대신 응답",
            of(file!("response")),
            refused(&["syntax"]),
        ),
        (
            "refuse-nothing".into(),
            "Nothing",
            "빈 입력",
            of(String::new()),
            refused(&["syntax"]),
        ),
    ];
    suite(
        "history/time-stamps",
        "history",
        "Time-stamp tokens (RFC 3161), made by OpenSSL",
        "타임스탬프 토큰(RFC 3161), OpenSSL로 생성",
        rows(
            "time-stamp.verify",
            "history-time-stamp",
            &["HIS-02"],
            "rfc3161",
            table,
        ),
    )
}
