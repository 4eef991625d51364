//! Notes, checkpoints, witnesses and what is trusted. Notes of the Go checksum database, which others wrote and signed, judge
//! the format; the specification's own examples judge the rest of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use kbtf_did::{KeyType, SOFTWARE, SecretKey, Signer, SoftwareSigner, Timestamp};
use kbtf_history::{
    AddCheckpoint, Checkpoint, Error, Hash, LoggedProof, MemoryTree, Observed, SignedCheckpoint,
    TreeHasher, TrustPolicy, Witness,
    note::{Note, NoteKey, NoteKeyType},
};

const HASHER: TreeHasher<'static> = TreeHasher::SOFTWARE;
const ORIGIN: &str = "history.example.go.kr/land";

fn signer(seed: u8) -> SoftwareSigner<'static> {
    SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[seed; 32]).unwrap())
}

fn key(name: &str, key_type: NoteKeyType, signer: &dyn Signer) -> NoteKey {
    NoteKey::new(name, key_type, signer.public_key().clone(), &SOFTWARE).unwrap()
}

fn now() -> Timestamp {
    "2026-11-22T09:00:00+09:00".parse().unwrap()
}

fn tree(entries: u64) -> MemoryTree {
    let mut tree = MemoryTree::new();
    for entry in 0..entries {
        let leaf = HASHER.leaf(&entry.to_be_bytes()).unwrap();
        tree.append(leaf, &HASHER).unwrap();
    }
    tree
}

fn checkpoint(tree: &MemoryTree) -> SignedCheckpoint {
    let root = tree.root(&HASHER).unwrap();
    let checkpoint = Checkpoint::new(ORIGIN, tree.size(), root).unwrap();
    checkpoint.sign(&signer(1)).unwrap()
}

fn code<T: core::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    result.unwrap_err().code()
}

/// Two states of the Go checksum database, 58 million modules apart, as it has signed them.
const GO: [&str; 2] = [
    "go.sum database tree\n6476701\nmb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=\n\n\
     — sum.golang.org Az3grsLX85Gz+s1SiTbgkuqxgItqFq7gsMUEyVnrsa9LM7Us9S+1xbFIGu95949rj4nPRYfvimWEPWL+o3GeoWwOoAw=\n",
    "go.sum database tree\n65209736\n5+uGFjx6xBZG8ip1+wi77v+grwbhhukIrxEUS8PXvRo=\n\n\
     — sum.golang.org Az3grnbssgK7ubgFX36gVETtNv0U23qxyAhAMai2QUfeGa3nB/akvkMdlUErfcZz7l/R3cVtYspg3dxXABkGZZKdsQ8=\n",
];
const GO_KEY: &str = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";

#[test]
fn notes_that_others_have_signed() {
    let key: NoteKey = GO_KEY.parse().unwrap();
    assert_eq!(key.to_string(), GO_KEY);
    for (text, size) in GO.into_iter().zip([6_476_701, 65_209_736]) {
        let signed = SignedCheckpoint::parse(text).unwrap();
        assert_eq!(signed.to_string(), text);
        assert_eq!(signed.unverified().size(), size);
        assert_eq!(signed.note().verify(&[&key], &SOFTWARE).unwrap(), [&key]);
        // The same with another size is of nobody.
        let text = text.replacen(&size.to_string(), &(size + 1).to_string(), 1);
        let other = SignedCheckpoint::parse(&text).unwrap();
        let verified = other.note().verify(&[&key], &SOFTWARE);
        assert_eq!(code(verified), "history/false-signature");
    }
}

#[test]
fn notes_of_another_shape_are_refused() {
    let good = GO[0];
    Note::parse(good).unwrap();
    let signature = good.split_once("\n\n").unwrap().1;
    for (what, bad) in [
        ("nothing", String::new()),
        ("no signature", "go\n1\n\n".to_owned()),
        ("no text", signature.to_owned()),
        ("no empty line", good.replace("\n\n", "\n")),
        ("no line feed at the end", good.trim_end().to_owned()),
        ("an empty line at the end", format!("{good}\n")),
        ("a carriage return", good.replace('\n', "\r\n")),
        ("a tab", good.replace("database", "data\tbase")),
        ("a hyphen for the dash", good.replace('—', "-")),
        (
            "two spaces",
            good.replace("golang.org Az", "golang.org  Az"),
        ),
        ("a plus in the name", good.replace("— sum.", "— sum+")),
        (
            "a no-break space in the name",
            good.replace("— sum.", "— sum\u{a0}"),
        ),
        ("no name", good.replace("— sum.golang.org ", "—  ")),
        ("base64 that is none", good.replace("OoAw=", "OoAw")),
        ("bits left over", good.replace("OoAw=", "OoAx=")),
        ("base64 of a URL", good.replace('+', "-")),
        ("three bytes", format!("a\n\n— b {}\n", "AAAA")),
        ("a key id alone", format!("a\n\n— b {}\n", "AAAAAA==")),
        ("65 signatures", format!("{good}{}", signature.repeat(64))),
        ("too long", format!("{}\n{good}", "a".repeat(1 << 20))),
    ] {
        assert_eq!(code(Note::parse(&bad)), "history/malformed", "{what}");
    }
    // Texts may have empty lines: the last one parts them.
    let note = Note::parse(&format!("one\n\ntwo\n\n{signature}")).unwrap();
    assert_eq!(note.text(), "one\n\ntwo\n");
    for text in ["", "no line feed", "a\tb\n", "a\r\n"] {
        assert_eq!(code(Note::new(text)), "history/malformed");
    }
}

#[test]
fn keys_of_another_shape_are_refused() {
    for (what, bad) in [
        ("another id", GO_KEY.replace("033de0ae", "033de0af")),
        ("an id in capitals", GO_KEY.replace("033de0ae", "033DE0AE")),
        ("another name", GO_KEY.replace("sum.", "sun.")),
        ("no id", GO_KEY.replace("033de0ae", "")),
        ("two parts", "a+00000000".to_owned()),
        ("a space", GO_KEY.replace("sum.", "sum ")),
        ("another type", GO_KEY.replace("+Ac4", "+As4")),
        ("33 bytes", format!("{GO_KEY}AA==")),
        ("no key", "a+00000000+AQ==".to_owned()),
    ] {
        assert!(bad.parse::<NoteKey>().is_err(), "{what}");
    }
    let p256 = SoftwareSigner::new(SecretKey::from_bytes(KeyType::P256, &[1; 32]).unwrap());
    let key = NoteKey::new(
        "a",
        NoteKeyType::Ed25519,
        p256.public_key().clone(),
        &SOFTWARE,
    );
    assert_eq!(code(key), "did/wrong-key-use");
}

#[test]
fn unknown_signatures_do_not_count_and_false_ones_refuse_all() {
    let (log, other) = (signer(1), signer(2));
    let mut note = Note::new("text\n").unwrap();
    note.sign("log", &log).unwrap();
    note.sign("other", &other).unwrap();
    let log_key = key("log", NoteKeyType::Ed25519, &log);
    let other_key = key("other", NoteKeyType::Ed25519, &other);
    let both = note.verify(&[&log_key, &other_key], &SOFTWARE).unwrap();
    assert_eq!(both, [&log_key, &other_key]);
    // The same name and another key, the same key and another name: unknown.
    for stranger in [
        key("log", NoteKeyType::Ed25519, &signer(3)),
        key("log2", NoteKeyType::Ed25519, &log),
        key("log", NoteKeyType::Cosignature, &log),
    ] {
        assert_eq!(
            code(note.verify(&[&stranger], &SOFTWARE)),
            "history/unsigned"
        );
        note.verify(&[&stranger, &log_key], &SOFTWARE).unwrap();
    }
    // A false signature of a known key beside a good one of another.
    let text = note.to_string();
    let line = text.lines().find(|line| line.contains("other")).unwrap();
    let broken = line.replacen(&line[line.len() - 8..line.len() - 4], "AAAA", 1);
    let broken = Note::parse(&text.replace(line, &broken)).unwrap();
    broken.verify(&[&log_key], &SOFTWARE).unwrap();
    let verified = broken.verify(&[&log_key, &other_key], &SOFTWARE);
    assert_eq!(code(verified), "history/false-signature");
    // And a second, false one beside a good one of the same key.
    let twice = format!(
        "{text}{}\n",
        line.replacen(&line[line.len() - 8..line.len() - 4], "AAAA", 1)
    );
    let twice = Note::parse(&twice).unwrap();
    assert_eq!(
        code(twice.verify(&[&other_key], &SOFTWARE)),
        "history/false-signature"
    );
}

#[test]
fn checkpoints_of_another_shape_are_refused() {
    let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let good = format!("{ORIGIN}\n7\n{root}\n");
    assert_eq!(Checkpoint::parse(&good).unwrap().to_text(), good);
    let extended = format!("{good}one more\n");
    let read = Checkpoint::parse(&extended).unwrap();
    assert_eq!(read.extensions(), ["one more"]);
    assert_eq!(read.to_text(), extended);
    for bad in [
        format!("\n7\n{root}\n"),
        format!("{ORIGIN}\n07\n{root}\n"),
        format!("{ORIGIN}\n+7\n{root}\n"),
        format!("{ORIGIN}\n\n{root}\n"),
        format!("{ORIGIN}\n18446744073709551616\n{root}\n"),
        format!("{ORIGIN}\n7 \n{root}\n"),
        format!("{ORIGIN}\n7\n{}\n", &root[..43]),
        format!("{ORIGIN}\n7\n{}\n", root.replace("FU=", "FV=")),
        format!("{ORIGIN}\n7\n"),
        format!("{ORIGIN}\n7\n{root}"),
        format!("{ORIGIN}\n7\n{root}\n\n"),
        format!("{ORIGIN}\n7\n{root}\n\nmore\n"),
    ] {
        assert_eq!(
            code(Checkpoint::parse(&bad)),
            "history/malformed",
            "{bad:?}"
        );
    }
    assert!(Checkpoint::new("two\nlines", 0, HASHER.empty().unwrap()).is_err());
}

/// Three witnesses of which two must have seen it, and one of another house.
struct House {
    witnesses: [SoftwareSigner<'static>; 4],
    policy: TrustPolicy,
}

impl House {
    fn new() -> Self {
        let witnesses = [11, 12, 13, 21].map(signer);
        let mut text = format!(
            "# who is trusted\n\nlog {}\n",
            key(ORIGIN, NoteKeyType::Ed25519, &signer(1))
        );
        for (i, witness) in witnesses.iter().enumerate() {
            let key = key(&Self::name(i), NoteKeyType::Cosignature, witness);
            text.push_str(&format!("  witness w{i}\t{key} https://w{i}.example/\n"));
        }
        text.push_str("group ours 2 w0 w1 w2\ngroup all-of-them all ours w3\nquorum all-of-them\n");
        Self {
            witnesses,
            policy: text.parse().unwrap(),
        }
    }

    fn name(i: usize) -> String {
        format!("w{i}.example/witness")
    }

    fn witness(&self, i: usize) -> Witness<'_> {
        let logs = vec![key(ORIGIN, NoteKeyType::Ed25519, &signer(1))];
        Witness::new(&Self::name(i), &self.witnesses[i], logs).unwrap()
    }

    fn cosigned(&self, signed: SignedCheckpoint, by: &[usize]) -> SignedCheckpoint {
        by.iter().fold(signed, |signed, i| {
            let request = AddCheckpoint {
                old_size: 0,
                path: vec![],
                checkpoint: signed.clone(),
            };
            let (_, line) = self
                .witness(*i)
                .add_checkpoint(&request, None, now())
                .unwrap();
            signed.cosigned(&line).unwrap()
        })
    }
}

#[test]
fn a_quorum_of_witnesses_is_needed() {
    let house = House::new();
    let signed = checkpoint(&tree(5));
    for (by, reached) in [
        (&[][..], false),
        (&[0, 1], false),
        (&[0, 3], false),
        (&[3], false),
        (&[0, 1, 3], true),
        (&[1, 2, 3], true),
        (&[0, 1, 2, 3], true),
    ] {
        let cosigned = house.cosigned(signed.clone(), by);
        // As text and back, as it goes from the log to those who trust.
        let cosigned = SignedCheckpoint::parse(&cosigned.to_string()).unwrap();
        let verified = house.policy.verify(&cosigned, &SOFTWARE);
        match reached {
            true => {
                let trusted = verified.unwrap();
                assert_eq!(trusted.checkpoint(), signed.unverified());
                assert_eq!(trusted.witnessed().len(), by.len());
                assert_eq!(trusted.seen_at(), Some(now()));
            }
            false => assert_eq!(code(verified), "history/no-quorum", "{by:?}"),
        }
    }
    // One witness twice is one witness.
    let twice = house.cosigned(signed.clone(), &[0, 0, 3]);
    assert_eq!(
        code(house.policy.verify(&twice, &SOFTWARE)),
        "history/no-quorum"
    );
    // Witnesses alone do not make a log.
    let text = house.cosigned(signed, &[0, 1, 3]).to_string();
    let without: String = text
        .split_inclusive('\n')
        .filter(|line| !line.starts_with(&format!("— {ORIGIN} ")))
        .collect();
    let without = SignedCheckpoint::parse(&without).unwrap();
    assert_eq!(
        code(house.policy.verify(&without, &SOFTWARE)),
        "history/unsigned"
    );
}

#[test]
fn what_is_not_signed_by_the_log_it_names_is_refused() {
    let policy = |name: &str, seed: u8| {
        let text = format!(
            "log {}\nquorum none",
            key(name, NoteKeyType::Ed25519, &signer(seed))
        );
        text.parse::<TrustPolicy>().unwrap()
    };
    let signed = checkpoint(&tree(3));
    policy(ORIGIN, 1).verify(&signed, &SOFTWARE).unwrap();
    for other in [policy(ORIGIN, 2), policy("other.example/log", 1)] {
        assert_eq!(code(other.verify(&signed, &SOFTWARE)), "history/unsigned");
    }
    // A log that signs, under its own name, what names another log.
    let mut note = Note::new(&signed.unverified().to_text()).unwrap();
    note.sign("other.example/log", &signer(2)).unwrap();
    let foreign = SignedCheckpoint::parse(&note.to_string()).unwrap();
    let verified = policy("other.example/log", 2).verify(&foreign, &SOFTWARE);
    assert_eq!(code(verified), "history/unsigned");
}

#[test]
fn policies_of_another_shape_are_refused() {
    let log = key(ORIGIN, NoteKeyType::Ed25519, &signer(1));
    let witness = |seed| key("w.example", NoteKeyType::Cosignature, &signer(seed));
    let (one, two) = (witness(2), witness(3));
    let good = format!("log {log}\nwitness a {one}\nwitness b {two}\ngroup g any a b\nquorum g\n");
    good.parse::<TrustPolicy>().unwrap();
    let same_key = key("other.example", NoteKeyType::Cosignature, &signer(2));
    for (what, bad) in [
        ("no quorum", good.replace("quorum g\n", "")),
        ("two quorums", format!("{good}quorum none\n")),
        ("an unknown quorum", good.replace("quorum g", "quorum h")),
        ("an unknown member", good.replace("any a b", "any a c")),
        ("a member defined later", format!("group g any a\n{good}")),
        ("no member", good.replace("any a b", "any")),
        ("none of them", good.replace("any a b", "0 a b")),
        ("more than there are", good.replace("any a b", "3 a b")),
        ("a threshold with a zero", good.replace("any a b", "01 a b")),
        ("a member twice", good.replace("any a b", "any a a")),
        (
            "a member of two groups",
            good.replace("quorum", "group h any a\nquorum"),
        ),
        ("a name twice", good.replace("witness b", "witness a")),
        ("the name none", good.replace("witness b", "witness none")),
        (
            "a log's key for a witness",
            good.replace(&one.to_string(), &log.to_string()),
        ),
        (
            "a witness's key for a log",
            good.replace(&log.to_string(), &one.to_string()),
        ),
        (
            "a witness twice",
            good.replace(&two.to_string(), &same_key.to_string()),
        ),
        ("a log twice", format!("log {log}\n{good}")),
        ("another word", format!("{good}weight a 3\n")),
        ("too many words", good.replace("quorum g", "quorum g h")),
        ("a carriage return", good.replace('\n', "\r\n")),
    ] {
        assert!(bad.parse::<TrustPolicy>().is_err(), "{what}");
    }
}

#[test]
fn a_witness_follows_one_tree_only() {
    let house = House::new();
    let witness = house.witness(0);
    let log = tree(20);
    let at = |size: u64| {
        let root = kbtf_history::Prover::root_at(&log, size, &HASHER).unwrap();
        Checkpoint::new(ORIGIN, size, root)
            .unwrap()
            .sign(&signer(1))
            .unwrap()
    };
    let request = |old_size: u64, size: u64| AddCheckpoint {
        old_size,
        path: log.prove_consistency(old_size, size, &HASHER).unwrap().path,
        checkpoint: at(size),
    };
    let ask = |request: &AddCheckpoint, last: Option<Observed>| {
        // Through its text, as it is sent.
        let sent = AddCheckpoint::parse(&request.to_body()).unwrap();
        assert_eq!(sent, *request);
        witness.add_checkpoint(&sent, last, now())
    };
    let (first, line) = ask(&request(0, 7), None).unwrap();
    assert_eq!(first.size, 7);
    assert!(line.starts_with("— w0.example/witness ") && line.ends_with('\n'));
    let (second, _) = ask(&request(7, 20), Some(first)).unwrap();
    assert_eq!((second.size, second.root), (20, log.root(&HASHER).unwrap()));
    // The same again is cosigned again, with a later time.
    ask(&request(20, 20), Some(second)).unwrap();

    let refusal = |request: &AddCheckpoint, last| {
        let Err(Error::Witness(refusal)) = ask(request, last) else {
            panic!("not refused");
        };
        (refusal.code(), refusal.http_status())
    };
    assert_eq!(
        refusal(&request(7, 20), Some(second)),
        ("history/witness-stale", 409)
    );
    assert_eq!(
        refusal(&request(0, 20), Some(first)),
        ("history/witness-stale", 409)
    );
    assert_eq!(
        refusal(&request(7, 20), None),
        ("history/witness-stale", 409)
    );
    let backwards = AddCheckpoint {
        old_size: 20,
        path: vec![],
        checkpoint: at(7),
    };
    assert_eq!(
        refusal(&backwards, Some(second)),
        ("history/witness-backwards", 400)
    );
    // Another tree of the same size: a split view.
    let mut other = tree(19);
    other
        .append(HASHER.leaf(b"another").unwrap(), &HASHER)
        .unwrap();
    let fork = AddCheckpoint {
        old_size: 20,
        path: vec![],
        checkpoint: checkpoint(&other),
    };
    assert_eq!(refusal(&fork, Some(second)), ("history/witness-fork", 409));
    // A tree that has rewritten what was cosigned.
    let mut rewritten = MemoryTree::new();
    for entry in (0..30_u64).rev() {
        let leaf = HASHER.leaf(&entry.to_be_bytes()).unwrap();
        rewritten.append(leaf, &HASHER).unwrap();
    }
    let rewrite = AddCheckpoint {
        old_size: 20,
        path: rewritten.prove_consistency(20, 30, &HASHER).unwrap().path,
        checkpoint: checkpoint(&rewritten),
    };
    assert_eq!(
        refusal(&rewrite, Some(second)),
        ("history/witness-not-consistent", 422)
    );
    // A log that is not followed, and one that has not signed.
    let stranger = Checkpoint::new("other.example/log", 7, first.root).unwrap();
    let unknown = AddCheckpoint {
        checkpoint: stranger.sign(&signer(1)).unwrap(),
        ..request(0, 7)
    };
    assert_eq!(
        refusal(&unknown, None),
        ("history/witness-unknown-log", 404)
    );
    let unsigned = AddCheckpoint {
        checkpoint: at(7).unverified().sign(&signer(9)).unwrap(),
        ..request(0, 7)
    };
    assert_eq!(refusal(&unsigned, None), ("history/witness-unsigned", 403));
}

#[test]
fn requests_of_another_shape_are_refused() {
    let good = AddCheckpoint {
        old_size: 0,
        path: vec![],
        checkpoint: checkpoint(&tree(2)),
    }
    .to_body();
    AddCheckpoint::parse(&good).unwrap();
    let hash = format!("{}\n", Hash::from_bytes([1; 32]));
    for bad in [
        good.replace("old 0", "old 00"),
        good.replace("old 0", "old"),
        good.replace("old 0", "new 0"),
        good.replacen('\n', "", 1),
        good.replacen("old 0\n", &format!("old 0\n{}", hash.repeat(64)), 1),
        good.replacen("old 0\n", "old 0\nAAAA\n", 1),
        good.split_once("\n\n").unwrap().1.to_owned(),
    ] {
        assert_eq!(
            code(AddCheckpoint::parse(&bad)),
            "history/malformed",
            "{bad}"
        );
    }
}

#[test]
fn an_entry_is_proved_without_asking_anybody() {
    let house = House::new();
    let log = tree(100);
    let proof = LoggedProof {
        inclusion: log.prove_inclusion(42, 100, &HASHER).unwrap(),
        checkpoint: house.cosigned(checkpoint(&log), &[0, 2, 3]),
        extra: Some(b"more".to_vec()),
    };
    let text = proof.to_string();
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nextra bW9yZQ==\nindex 42\n"));
    let read = LoggedProof::parse(&text).unwrap();
    assert_eq!(read, proof);
    let entry = 42_u64.to_be_bytes();
    let trusted = read.verify(&entry, &house.policy, &SOFTWARE).unwrap();
    assert_eq!(trusted.checkpoint().size(), 100);
    // Another entry, another place, too few witnesses, another size.
    let verify = |proof: &LoggedProof, entry: u64| {
        code(proof.verify(&entry.to_be_bytes(), &house.policy, &SOFTWARE))
    };
    assert_eq!(verify(&read, 43), "history/root-mismatch");
    let moved = LoggedProof::parse(&text.replace("index 42", "index 43")).unwrap();
    assert_eq!(verify(&moved, 42), "history/root-mismatch");
    let mut unwitnessed = read.clone();
    unwitnessed.checkpoint = checkpoint(&log);
    assert_eq!(verify(&unwitnessed, 42), "history/no-quorum");
    let mut other_size = read.clone();
    other_size.inclusion.tree_size = 99;
    assert_eq!(verify(&other_size, 42), "history/malformed");
    for bad in [
        text.replace("@v1", "@v2"),
        text.replace("index 42\n", ""),
        text.replace("index 42", "index 042"),
        text.replace("extra bW9yZQ==\n", "extra bW9yZQ==\nextra bW9yZQ==\n"),
        text.replace("extra bW9yZQ==", "extra bW9yZQ"),
        text.replacen("index 42\n", "index 42\n\n", 1),
        text.replacen("index 42\n", &format!("index 42\n{}", "AAAA\n"), 1),
        text.trim_end().to_owned(),
    ] {
        assert_eq!(code(LoggedProof::parse(&bad)), "history/malformed", "{bad}");
    }
}

/// C2SP tlog-cosignature's example has a cosignature whose time is 1679315147.
#[test]
fn the_time_of_a_cosignature_stands_in_front() {
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
        — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
        — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    let signed = SignedCheckpoint::parse(text).unwrap();
    assert_eq!(signed.to_string(), text);
    let [_, cosignature] = signed.note().signatures() else {
        panic!("two signatures");
    };
    assert_eq!(cosignature.bytes().len(), 72);
    let time = cosignature.bytes().first_chunk::<8>().unwrap();
    assert_eq!(u64::from_be_bytes(*time), 1_679_315_147);
}

#[test]
fn a_cosignature_holds_for_its_time_and_its_text() {
    let house = House::new();
    let policy: TrustPolicy = format!(
        "log {}\nwitness w {}\nquorum w\n",
        key(ORIGIN, NoteKeyType::Ed25519, &signer(1)),
        house.witness(0).key().unwrap()
    )
    .parse()
    .unwrap();
    let signed = house.cosigned(checkpoint(&tree(4)), &[0]);
    policy.verify(&signed, &SOFTWARE).unwrap();
    let text = signed.to_string();
    let line = text.lines().find(|line| line.contains("w0")).unwrap();
    // The last character of the time in base64: bytes 10 and 11 of 76.
    for at in [10, 12, 20, 60] {
        let start = line.rfind(' ').unwrap() + 1;
        let mut changed: Vec<char> = line.chars().collect();
        let place = line[..start].chars().count() + at;
        changed[place] = if changed[place] == 'A' { 'B' } else { 'A' };
        let changed: String = changed.into_iter().collect();
        let changed = SignedCheckpoint::parse(&text.replace(line, &changed)).unwrap();
        let verified = policy.verify(&changed, &SOFTWARE);
        assert_eq!(code(verified), "history/false-signature", "{at}");
    }
    // A log's signature is no cosignature, though the key were the same.
    let mut note = Note::new(signed.unverified().to_text().as_str()).unwrap();
    note.sign(ORIGIN, &signer(1)).unwrap();
    note.sign(&House::name(0), &house.witnesses[0]).unwrap();
    let plain = SignedCheckpoint::parse(&note.to_string()).unwrap();
    assert_eq!(code(policy.verify(&plain, &SOFTWARE)), "history/no-quorum");
}
