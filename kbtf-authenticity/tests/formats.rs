//! Tables and bytes: what is read, what is refused and where, and what counts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use kbtf_authenticity::{
    BLOCK, Batch, BatchProof, ByteDigest, ByteOutline, Document, DocumentKey, Error, Header,
};
use kbtf_did::{CryptoProvider, PublicKey, SOFTWARE, SecretKey, SignatureAlgorithm};
use kbtf_history::{Commitment, Hash, InclusionProof};
use proptest::prelude::*;

fn key() -> DocumentKey {
    DocumentKey::from_bytes([7; 32])
}

fn code<T>(result: Result<T, Error>) -> &'static str {
    result.err().map_or("accepted", |error| error.code())
}

fn table(text: &str, header: Header) -> String {
    match Document::from_csv(text.as_bytes(), header) {
        Ok(document) => document.value().to_canonical(),
        Err(error) => format!("{}: {error}", error.code()),
    }
}

#[test]
fn a_table_is_what_its_cells_are() {
    let rows = |text| table(text, Header::None);
    let one = r#"{"rows":[["a","b"],["1",""]]}"#;
    // However the lines end, with or without an end of the last one, quoted or not.
    for text in [
        "a,b\n1,\n",
        "a,b\r\n1,\r\n",
        "a,b\n1,",
        "\"a\",\"b\"\n\"1\",\"\"\n",
    ] {
        assert_eq!(rows(text), one, "{text:?}");
    }
    assert_eq!(rows(""), r#"{"rows":[]}"#);
    assert_eq!(rows("\n"), r#"{"rows":[[""]]}"#);
    assert_eq!(rows("\"a\"\"b,\n\"\n"), r#"{"rows":[["a\"b,\n"]]}"#);
    assert_eq!(rows(" a ,\t\n"), r#"{"rows":[[" a ","\t"]]}"#);
    assert_eq!(
        table("n,m\n1,2\n", Header::Named),
        r#"{"columns":["n","m"],"rows":[{"m":"2","n":"1"}]}"#
    );
    assert_eq!(
        table("n\n", Header::Named),
        r#"{"columns":["n"],"rows":[]}"#
    );
    for (text, header, line) in [
        ("a,b\n1\n", Header::None, 2),
        ("a\nb,c\n", Header::None, 2),
        ("a\r\nb\n", Header::None, 2),
        ("a\nb\r\n", Header::None, 2),
        ("a\rb", Header::None, 1),
        ("a\"b\n", Header::None, 1),
        ("\"a\"b\n", Header::None, 1),
        ("x\n\"a\n", Header::None, 2),
        ("\"x\n\"\n\"a\" \n", Header::None, 3),
        ("n,n\n1,2\n", Header::Named, 1),
        ("n,n\n", Header::Named, 1),
        ("", Header::Named, 1),
    ] {
        let error = Document::from_csv(text.as_bytes(), header).unwrap_err();
        let Error::Table { line: found, .. } = error else {
            panic!("{text:?}: {error}");
        };
        assert_eq!(found, line, "{text:?}");
    }
    assert_eq!(
        code(Document::from_csv(b"\xff", Header::None)),
        "authenticity/malformed"
    );
    // A table and its rows as JSON are two documents.
    let csv = Document::from_csv(b"a\n", Header::None).unwrap();
    let json = Document::from_json("application/json", br#"{"rows":[["a"]]}"#).unwrap();
    assert_eq!(csv.value(), json.value());
    assert_ne!(
        csv.commit(&key(), &SOFTWARE).unwrap(),
        json.commit(&key(), &SOFTWARE).unwrap()
    );
}

fn commit_bytes(bytes: &[u8], part: usize) -> Commitment {
    let key = key();
    let mut digest = ByteDigest::new("application/pdf", &key, &SOFTWARE).unwrap();
    for part in bytes.chunks(part.max(1)) {
        digest.update(part).unwrap();
    }
    assert_eq!(digest.length(), bytes.len() as u64);
    digest.commit().unwrap()
}

#[test]
fn bytes_are_the_same_in_whatever_parts_they_come() {
    for length in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 7] {
        let bytes: Vec<u8> = (0..length)
            .map(|i| u8::try_from(i % 251).unwrap())
            .collect();
        let whole = commit_bytes(&bytes, usize::MAX);
        for part in [1000, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK] {
            assert_eq!(
                commit_bytes(&bytes, part),
                whole,
                "{length} in parts of {part}"
            );
        }
        let outline = ByteOutline::of("application/pdf", &bytes, &key(), &SOFTWARE).unwrap();
        assert_eq!(outline.commitment(&SOFTWARE).unwrap(), whole);
        // Longer by a zero, and another type.
        let mut longer = bytes.clone();
        longer.push(0);
        assert_ne!(commit_bytes(&longer, BLOCK), whole);
        let other = ByteOutline::of("image/png", &bytes, &key(), &SOFTWARE).unwrap();
        assert_ne!(other.commitment(&SOFTWARE).unwrap(), whole);
    }
    // A text as bytes is not the text as a document.
    let json = Document::from_json("application/json", b"1").unwrap();
    let bytes = ByteOutline::of("application/json", b"1", &key(), &SOFTWARE).unwrap();
    assert_ne!(
        json.commit(&key(), &SOFTWARE).unwrap(),
        bytes.commitment(&SOFTWARE).unwrap()
    );
}

#[test]
fn where_bytes_differ_is_told() {
    let of = |bytes: &[u8]| ByteOutline::of("application/pdf", bytes, &key(), &SOFTWARE).unwrap();
    let bytes = vec![1; 5 * BLOCK + 10];
    let issued = of(&bytes);
    let registered = issued.commitment(&SOFTWARE).unwrap();
    let differences = |other: &ByteOutline| {
        let found = issued.differences(&registered, other, &SOFTWARE);
        found.unwrap()
    };
    assert!(differences(&of(&bytes)).is_none());
    let other_type = ByteOutline::of("text/html", &bytes, &key(), &SOFTWARE).unwrap();
    let other_type = differences(&other_type);
    assert!(other_type.other_type && other_type.ranges.is_empty() && !other_type.is_none());
    let not_issued = of(&bytes[1..]).differences(&registered, &issued, &SOFTWARE);
    assert_eq!(code(not_issued), "authenticity/other-document");
    let mut changed = bytes.clone();
    changed[2 * BLOCK] = 2;
    changed[3 * BLOCK + 9] = 2;
    let block = BLOCK as u64;
    let only = |ranges: Vec<std::ops::Range<u64>>| match ranges.as_slice() {
        [one] => (one.start, one.end),
        more => panic!("{more:?}"),
    };
    assert_eq!(
        only(differences(&of(&changed)).ranges),
        (2 * block, 4 * block)
    );
    let short = of(&bytes[..BLOCK]);
    assert_eq!(only(differences(&short).ranges), (block, 6 * block));
    let of_short = short.commitment(&SOFTWARE).unwrap();
    let longer = short.differences(&of_short, &issued, &SOFTWARE).unwrap();
    assert_eq!(only(longer.ranges), (block, 6 * block));
    assert_eq!(issued.media_type(), "application/pdf");
    let again = ByteOutline::from_parts("application/pdf", issued.blocks().to_vec()).unwrap();
    assert_eq!(again, issued);
    assert_eq!(
        code(ByteOutline::from_parts("application/pdf", Vec::new())),
        "authenticity/malformed"
    );
}

#[test]
fn a_document_of_a_batch_is_at_its_place() {
    let documents: Vec<Commitment> = (0..37).map(|i| Commitment::from_bytes([i; 32])).collect();
    let mut batch = Batch::new(&SOFTWARE);
    let empty = batch.commit().unwrap();
    for (place, document) in (0..).zip(&documents) {
        assert_eq!(batch.add(document).unwrap(), place);
    }
    let registered = batch.commit().unwrap();
    for (place, document) in (0..).zip(&documents) {
        let proof = batch.prove(place).unwrap();
        proof.verify(document, &registered, &SOFTWARE).unwrap();
        assert_eq!(
            code(proof.verify(document, &empty, &SOFTWARE)),
            "authenticity/other-document"
        );
        let elsewhere = InclusionProof {
            index: place ^ 1,
            ..proof.inclusion().clone()
        };
        assert!(
            BatchProof::new(elsewhere)
                .verify(document, &registered, &SOFTWARE)
                .is_err()
        );
    }
    assert_eq!(code(batch.prove(37)), "history/out-of-range");
    // A node of the tree is no document, nor is the batch one: the leaf of a document is hashed as one.
    let proof = batch.prove(0).unwrap();
    let mut shorter = proof.inclusion().clone();
    shorter.path.remove(0);
    let node = Commitment::from_bytes(*Hash::from_bytes([0; 32]).as_bytes());
    assert!(
        BatchProof::new(shorter)
            .verify(&node, &registered, &SOFTWARE)
            .is_err()
    );
}

/// A provider that fails once must not leave a hole in what is committed to.
#[test]
fn nothing_is_committed_to_after_an_error() {
    struct Once(std::sync::atomic::AtomicU32);

    impl CryptoProvider for Once {
        fn sha256(&self, message: &[u8]) -> Result<[u8; 32], kbtf_did::Error> {
            use std::sync::atomic::Ordering::Relaxed;
            match self.0.fetch_add(1, Relaxed) {
                1 => Err(kbtf_did::Error::Provider { reason: "gone" }),
                _ => SOFTWARE.sha256(message),
            }
        }
        fn sha384(&self, message: &[u8]) -> Result<[u8; 48], kbtf_did::Error> {
            SOFTWARE.sha384(message)
        }
        fn sha512(&self, message: &[u8]) -> Result<[u8; 64], kbtf_did::Error> {
            SOFTWARE.sha512(message)
        }
        fn verify(
            &self,
            algorithm: SignatureAlgorithm,
            key: &PublicKey,
            message: &[u8],
            signature: &[u8],
        ) -> Result<(), kbtf_did::Error> {
            SOFTWARE.verify(algorithm, key, message, signature)
        }
        fn sign(&self, key: &SecretKey, message: &[u8]) -> Result<Vec<u8>, kbtf_did::Error> {
            SOFTWARE.sign(key, message)
        }
        fn agree(
            &self,
            key: &SecretKey,
            with: &PublicKey,
        ) -> Result<zeroize::Zeroizing<[u8; 32]>, kbtf_did::Error> {
            SOFTWARE.agree(key, with)
        }
    }

    let provider = Once(0.into());
    let key = key();
    let mut digest = ByteDigest::new("application/pdf", &key, &provider).unwrap();
    digest.update(&[1; 100]).unwrap();
    assert_eq!(code(digest.update(&[2; BLOCK])), "did/provider");
    assert_eq!(code(digest.update(&[3; 10])), "authenticity/malformed");
    assert_eq!(code(digest.commit()), "authenticity/malformed");
}

#[test]
fn tables_of_names_that_would_fill_the_memory_are_refused() {
    let table = |rows: usize, name: usize| {
        let text = format!("\"{}\"\"\"\n", "n".repeat(name)) + &"1\n".repeat(rows);
        code(Document::from_csv(text.as_bytes(), Header::Named))
    };
    assert_eq!(table(1000, 1000), "accepted");
    assert_eq!(table(20_000, 20_000), "authenticity/too-large");
    // A byte order mark, as spreadsheets write it, is none of the text.
    let marked = Document::from_csv("\u{feff}\"a\"\n1\n".as_bytes(), Header::Named).unwrap();
    assert_eq!(
        marked.value().to_canonical(),
        r#"{"columns":["a"],"rows":[{"a":"1"}]}"#
    );
}

proptest! {
    /// What RFC 4180 writes is read as it was, whatever is in the cells.
    #[test]
    fn any_table_that_is_written_is_read(
        rows in (1_usize..4).prop_flat_map(|width| prop::collection::vec(prop::collection::vec("[a,\"\r\n 가]{0,4}", width..=width), 1..5)),
        crlf in any::<bool>(),
    ) {
        let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(",");
        let ending = if crlf { "\r\n" } else { "\n" };
        let text: String = rows.iter().map(|row| line(row) + ending).collect();
        let document = Document::from_csv(text.as_bytes(), Header::None).unwrap();
        let expected = serde_json::json!({"rows": rows}).to_string();
        let read: serde_json::Value = serde_json::from_str(&document.value().to_canonical()).unwrap();
        prop_assert_eq!(read.to_string(), expected);
    }

    #[test]
    fn any_other_byte_is_another_document(bytes in prop::collection::vec(any::<u8>(), 1..300), at in any::<prop::sample::Index>(), with in 1_u8..) {
        let mut changed = bytes.clone();
        changed[at.index(bytes.len())] ^= with;
        prop_assert_ne!(commit_bytes(&changed, 7), commit_bytes(&bytes, 7));
        prop_assert_ne!(commit_bytes(&bytes[1..], 7), commit_bytes(&bytes, 7));
    }
}
