//! What a commitment costs beside its hashes alone, made with sha2 itself: a document of a hundred values, a table of ten
//! thousand cells, a batch of a million documents, a file. `KBTF_BENCH_LARGE=1` takes a file of a gigabyte.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{env, hint::black_box};

use kbtf_authenticity::{Batch, ByteDigest, Document, DocumentKey, Header, Positions, Step};
use kbtf_did::SOFTWARE;
use kbtf_history::Commitment;
use kbtf_rounds::Rounds;
use sha2::{Digest as _, Sha256};

type Bytes = [u8; 32];

fn hash(parts: &[&[u8]]) -> Bytes {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// HMAC of a way.
fn bare_salt(way: &Bytes) -> Bytes {
    let inner = hash(&[&[0x36; 64], b"kbtf/salt/v1\n", way]);
    hash(&[&[0x5c; 64], &inner])
}

/// The root over leaves whose number is a power of two, one level in the place of the one below.
fn bare_root(mut level: Vec<Bytes>) -> Bytes {
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| hash(&[&[1], &pair[0], &pair[1]]))
            .collect();
    }
    level[0]
}

/// As many leaves as a document has, each with the last step of its way, and those that fill the tree up.
fn bare_document(leaves: usize) -> Bytes {
    let leaf = |_| {
        let way = hash(&[&[0x11], &[0; 32], b"member"]);
        hash(&[&[0], &bare_salt(&way), &way, &[3], b"a value"])
    };
    let mut hashes: Vec<Bytes> = (0..leaves.next_power_of_two()).map(leaf).collect();
    hashes.sort_unstable();
    bare_root(hashes)
}

fn documents() {
    let key = DocumentKey::from_bytes([7; 32]);
    let members: Vec<String> = (0..100)
        .map(|i| format!(r#""member{i}": "a value""#))
        .collect();
    let text = format!("{{{}}}", members.join(","));
    let document = Document::from_json("application/json", text.as_bytes()).unwrap();
    let registered = document.commit(&key, &SOFTWARE).unwrap();
    let show = |way: &[Step<'_>]| matches!(way, [Step::Member("member7" | "member42")]);
    let redacted = document
        .redact(&key, show, Positions::Hidden, &SOFTWARE)
        .unwrap();
    let table: String = (0..1000)
        .map(|row| {
            (0..10)
                .map(|column| format!("{row}.{column}"))
                .collect::<Vec<_>>()
                .join(",")
                + "\n"
        })
        .collect();
    let table = Document::from_csv(table.as_bytes(), Header::None).unwrap();

    let mut rounds = Rounds::new();
    rounds.floor("the hashes of 100 values", || {
        black_box(bare_document(100));
    });
    rounds.operation("a document of 100 values, committed to", || {
        black_box(document.commit(&key, &SOFTWARE).unwrap());
    });
    rounds.operation("the same, from its text", || {
        let document = Document::from_json("application/json", text.as_bytes()).unwrap();
        black_box(document.commit(&key, &SOFTWARE).unwrap());
    });
    rounds.operation("two values of it, shown", || {
        let shown = document.redact(&key, show, Positions::Hidden, &SOFTWARE);
        black_box(shown.unwrap());
    });
    rounds.operation("two values of it, verified", || {
        black_box(redacted.verify(&registered, &SOFTWARE).unwrap());
    });
    // Each cell has its place beside it, and each row; the tags are not among the floor.
    rounds.floor("the hashes of 10 000 cells", || {
        black_box(bare_document(21_000));
    });
    rounds.operation("a table of 10 000 cells, committed to", || {
        black_box(table.commit(&key, &SOFTWARE).unwrap());
    });
    rounds.run(31);
}

fn batches() {
    const MANY: u32 = 1 << 20;
    let documents: Vec<Commitment> = (0..MANY)
        .map(|i| Commitment::from_bytes(hash(&[&i.to_be_bytes()])))
        .collect();
    let mut rounds = Rounds::new();
    rounds.floor("the hashes of 2^20 documents", || {
        let leaves = documents.iter().map(|one| hash(&[&[0], one.as_bytes()]));
        black_box(bare_root(leaves.collect()));
    });
    rounds.operation("a batch of 2^20 documents", || {
        let mut batch = Batch::new(&SOFTWARE);
        for document in &documents {
            batch.add(document).unwrap();
        }
        black_box(batch.commit().unwrap());
    });
    rounds.run(7);
}

fn files() {
    let large = env::var_os("KBTF_BENCH_LARGE").is_some();
    let parts: usize = if large { 1024 } else { 64 };
    let part = vec![7; 1 << 20];
    let key = DocumentKey::from_bytes([7; 32]);
    let mut rounds = Rounds::new();
    rounds.floor("the hash of a file", || {
        let mut hash = Sha256::new();
        for _ in 0..parts {
            hash.update(&part);
        }
        black_box(hash.finalize());
    });
    rounds.operation("a file, committed to in blocks", || {
        let mut digest = ByteDigest::new("application/pdf", &key, &SOFTWARE).unwrap();
        for _ in 0..parts {
            digest.update(&part).unwrap();
        }
        black_box(digest.commit().unwrap());
    });
    rounds.run(if large { 3 } else { 9 });
}

/// XML beside the reader that most programs have, which only reads.
fn xml() {
    let rows: String = (0..2000)
        .map(|n| format!("<p:row xmlns:p='urn:rows' n='{n}'><name>name {n}</name><v/></p:row>"))
        .collect();
    let text = format!("<rows>{rows}</rows>");
    let key = DocumentKey::from_bytes([7; 32]);
    let mut rounds = Rounds::new();
    rounds.floor("XML, read by roxmltree", || {
        black_box(roxmltree::Document::parse(&text).unwrap());
    });
    rounds.operation("XML, read", || {
        black_box(Document::from_xml("application/xml", text.as_bytes()).unwrap());
    });
    rounds.operation("XML, read and committed to", || {
        let document = Document::from_xml("application/xml", text.as_bytes()).unwrap();
        black_box(document.commit(&key, &SOFTWARE).unwrap());
    });
    rounds.run(31);
}

/// The most memory that this process has had, in MiB, where the system says so.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes / 1024)
}

fn main() {
    let before = peak();
    files();
    println!(
        "most memory in MiB: {before:?} before files, {:?} after",
        peak()
    );
    documents();
    xml();
    let before = peak();
    batches();
    println!(
        "most memory in MiB: {before:?} before batches, {:?} after; the commitments themselves are 32",
        peak()
    );
}
