//! Anchors: what chains, authorities and witnesses say of a checkpoint, and what it comes to. That files are those of
//! OpenTimestamps is compared in `peers` with another reader; here is what each attestation is worth.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{
    future::Future,
    pin::pin,
    sync::Mutex,
    task::{Context, Poll, Waker},
};

use kbtf_did::{
    CryptoProvider as _, KeyType, SOFTWARE, SecretKey, Signer, SoftwareSigner, Timestamp,
};
use kbtf_history::{
    AddCheckpoint, Checkpoint, Error, Hash, SignedCheckpoint, TreeHasher, Witness,
    anchor::{
        Anchor, AnchorError, AnchorPolicy, AnchorProof, Attestation, BITCOIN, Header, Locator,
        Need, Operation, Verdict,
    },
    note::{NoteKey, NoteKeyType},
};
use proptest::prelude::*;

const ORIGIN: &str = "history.example.go.kr/land";

fn signer(seed: u8) -> SoftwareSigner<'static> {
    SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[seed; 32]).unwrap())
}

fn checkpoint() -> Checkpoint {
    Checkpoint::new(ORIGIN, 0, TreeHasher::SOFTWARE.empty().unwrap()).unwrap()
}

fn digest() -> [u8; 32] {
    SOFTWARE.sha256(checkpoint().to_text().as_bytes()).unwrap()
}

fn proof() -> AnchorProof {
    AnchorProof::new(&checkpoint(), &SOFTWARE).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_795_000_000 + seconds).unwrap()
}

fn code<T>(result: Result<T, Error>) -> &'static str {
    result.err().map_or("accepted", |error| error.code())
}

/// A way to a Merkle root through two siblings, and that root, computed by hand.
fn way() -> (Vec<Operation>, Vec<u8>) {
    let (left, right) = ([1; 32], [2; 32]);
    let way = vec![
        Operation::Prepend(left.to_vec()),
        Operation::Sha256,
        Operation::Append(right.to_vec()),
        Operation::Sha256,
        Operation::Sha256,
    ];
    let one = SOFTWARE.sha256(&[left, digest()].concat()).unwrap();
    let two = SOFTWARE.sha256(&[one, right].concat()).unwrap();
    (way, SOFTWARE.sha256(&two).unwrap().to_vec())
}

fn locator(chain: &str, block: u64) -> Locator {
    Locator {
        chain: chain.to_owned(),
        block,
        place: Vec::new(),
    }
}

fn header(value: &[u8], confirmations: u64) -> Header {
    Header {
        value: value.to_vec(),
        time: at(0),
        confirmations,
    }
}

fn only(proof: &AnchorProof, headers: &[(Locator, Header)], policy: &AnchorPolicy) -> Verdict {
    let said = proof
        .verify(&checkpoint(), headers, policy, &SOFTWARE)
        .unwrap();
    let [one] = said.as_slice() else {
        panic!("one attestation, got {said:?}");
    };
    one.verdict.clone()
}

#[test]
fn a_block_is_final_when_enough_stand_on_it() {
    let (way, root) = way();
    let mut proof = proof();
    let bitcoin = Attestation::Bitcoin { height: 358_391 };
    proof.attest(&way, bitcoin).unwrap();
    let policy = AnchorPolicy::default().chain(BITCOIN, 6);
    let there = locator(BITCOIN, 358_391);
    // Nobody says what stands there.
    assert_eq!(
        only(&proof, &[], &policy),
        Verdict::Unconfirmed(Need::Header(there.clone()))
    );
    let other = [(locator(BITCOIN, 358_390), header(&root, 100))];
    assert_eq!(
        only(&proof, &other, &policy),
        Verdict::Unconfirmed(Need::Header(there.clone()))
    );
    // Too early.
    let early = [(there.clone(), header(&root, 5))];
    assert_eq!(
        only(&proof, &early, &policy),
        Verdict::Unconfirmed(Need::Confirmations { have: 5, need: 6 })
    );
    let enough = [(there.clone(), header(&root, 6))];
    assert_eq!(
        only(&proof, &enough, &policy),
        Verdict::Final { time: at(0) }
    );
    let when = proof.anchored_at(&checkpoint(), &enough, &policy, &SOFTWARE);
    assert_eq!(when.unwrap(), Some(at(0)));
    // Another root stands there.
    let forked = [(there, header(&[9; 32], 100))];
    assert!(matches!(
        only(&proof, &forked, &policy),
        Verdict::Invalid(_)
    ));
    // A chain that nobody has said to believe, or that is final at once.
    assert_eq!(
        only(&proof, &enough, &AnchorPolicy::default()),
        Verdict::Unknown
    );
    let none = AnchorPolicy::default().chain(BITCOIN, 0);
    let nothing = [(locator(BITCOIN, 358_391), header(&root, 0))];
    assert_eq!(
        only(&proof, &nothing, &none),
        Verdict::Unconfirmed(Need::Confirmations { have: 0, need: 1 })
    );
}

#[test]
fn any_chain_is_named_as_caip_2_names_it() {
    let mut proof = proof();
    let place = vec![7; 32];
    let attestation = Attestation::Chain {
        chain: "eip155:1".to_owned(),
        block: 19_000_000,
        place: place.clone(),
    };
    proof.attest(&[], attestation).unwrap();
    let proof = AnchorProof::from_bytes(&proof.to_bytes()).unwrap();
    let there = Locator {
        chain: "eip155:1".to_owned(),
        block: 19_000_000,
        place,
    };
    let policy = AnchorPolicy::default().chain("eip155:1", 64);
    let headers = [(there, header(&digest(), 64))];
    assert_eq!(
        only(&proof, &headers, &policy),
        Verdict::Final { time: at(0) }
    );
    for chain in [
        "",
        "eip155",
        "ei:1",
        "EIP155:1",
        "eip155:",
        "eip155:a b",
        "eip155:1:2",
    ] {
        let attestation = Attestation::Chain {
            chain: chain.to_owned(),
            block: 1,
            place: Vec::new(),
        };
        let mut wrong = AnchorProof::of_digest(digest());
        assert_eq!(
            code(wrong.attest(&[], attestation)),
            "history/malformed",
            "{chain}"
        );
        assert_eq!(wrong, AnchorProof::of_digest(digest()));
    }
}

fn none() -> &'static [(Locator, Header)] {
    &[]
}

#[test]
fn a_witness_is_an_anchor() {
    let (log, house) = (signer(1), signer(5));
    let key = NoteKey::new(
        ORIGIN,
        NoteKeyType::Ed25519,
        log.public_key().clone(),
        &SOFTWARE,
    )
    .unwrap();
    let witness = Witness::new("witness.example", &house, vec![key]).unwrap();
    let request = AddCheckpoint {
        old_size: 0,
        path: Vec::new(),
        checkpoint: checkpoint().sign(&log).unwrap(),
    };
    let (_, line) = witness.add_checkpoint(&request, None, at(5)).unwrap();
    let mut proof = proof();
    let cosignature = |line: &str| Attestation::Cosignature {
        line: line.to_owned(),
    };
    proof.attest(&[], cosignature(&line)).unwrap();
    let policy = AnchorPolicy::default()
        .witness(witness.key().unwrap())
        .unwrap();
    assert_eq!(only(&proof, &[], &policy), Verdict::Final { time: at(5) });
    assert_eq!(
        only(&proof, &[], &AnchorPolicy::default()),
        Verdict::Unknown
    );
    // A log's own signature is no cosignature: it says no time.
    let signed = checkpoint().sign(&log).unwrap().to_string();
    let own = format!("{}\n", signed.lines().last().unwrap());
    let log_key = NoteKey::new(
        ORIGIN,
        NoteKeyType::Ed25519,
        log.public_key().clone(),
        &SOFTWARE,
    )
    .unwrap();
    assert_eq!(
        code(AnchorPolicy::default().witness(log_key)),
        "history/malformed"
    );
    let mut of_log = AnchorProof::of_digest(digest());
    of_log.attest(&[], cosignature(&own)).unwrap();
    assert!(!matches!(
        only(&of_log, &[], &policy),
        Verdict::Final { .. }
    ));
    // What strangers have attested, however much of it came first, hides nothing.
    let mut crowd = AnchorProof::of_digest(digest());
    for i in 0..100_u8 {
        let stranger = match i % 2 {
            0 => Attestation::TimeStamp { token: vec![i] },
            _ => Attestation::Cosignature {
                line: format!("no line {i}\n"),
            },
        };
        crowd.attest(&[], stranger).unwrap();
    }
    crowd.merge(&proof).unwrap();
    let when = crowd.anchored_at(&checkpoint(), none(), &policy, &SOFTWARE);
    assert_eq!(when.unwrap(), Some(at(5)));
    // It is of this checkpoint, not of what something leads to.
    let mut behind = AnchorProof::of_digest(digest());
    behind
        .attest(&[Operation::Sha256], cosignature(&line))
        .unwrap();
    assert!(matches!(only(&behind, &[], &policy), Verdict::Invalid(_)));
    // Changed, of something else, and no line.
    let other = Checkpoint::new(ORIGIN, 1, Hash::from_bytes([1; 32])).unwrap();
    let mut moved = AnchorProof::new(&other, &SOFTWARE).unwrap();
    moved.attest(&[], cosignature(&line)).unwrap();
    let said = moved.verify(&other, &[], &policy, &SOFTWARE).unwrap();
    assert!(matches!(said[0].verdict, Verdict::Invalid(_)));
    let mut no_line = AnchorProof::of_digest(digest());
    no_line.attest(&[], cosignature("no line\n")).unwrap();
    assert!(matches!(only(&no_line, &[], &policy), Verdict::Invalid(_)));
}

#[cfg(feature = "time-stamp")]
#[test]
fn a_time_stamping_authority_is_an_anchor() {
    use kbtf_history::time_stamp::TimeStampTrust;
    let token = |bytes: &[u8]| Attestation::TimeStamp {
        token: bytes.to_vec(),
    };
    let genuine = include_bytes!("data/checkpoint-token.der");
    let mut proof = proof();
    proof.attest(&[], token(genuine)).unwrap();
    let proof = AnchorProof::from_bytes(&proof.to_bytes()).unwrap();
    let root = include_bytes!("data/root.der");
    let (from, until) = (at(-100_000_000), at(100_000_000));
    let trust = TimeStampTrust::new().trust(root, from, until).unwrap();
    let policy = AnchorPolicy::default().time_stamps(trust);
    let Verdict::Final { time } = only(&proof, &[], &policy) else {
        panic!("a time");
    };
    assert_eq!(time.to_string().get(..10), Some("2026-11-24"));
    assert_eq!(
        only(&proof, &[], &AnchorPolicy::default()),
        Verdict::Unknown
    );
    // For other data, behind an operation, and no token.
    let mut other = AnchorProof::of_digest(digest());
    other
        .attest(&[], token(include_bytes!("data/token.der")))
        .unwrap();
    assert!(matches!(only(&other, &[], &policy), Verdict::Invalid(_)));
    let mut behind = AnchorProof::of_digest(digest());
    behind.attest(&[Operation::Sha256], token(genuine)).unwrap();
    assert!(matches!(only(&behind, &[], &policy), Verdict::Invalid(_)));
    let mut none = AnchorProof::of_digest(digest());
    none.attest(&[], token(b"none")).unwrap();
    assert!(matches!(only(&none, &[], &policy), Verdict::Invalid(_)));
}

/// A calendar that gathers for a while, and a chain: submitted, pending, upgraded.
struct Calendar {
    asked: Mutex<u32>,
}

impl Anchor for Calendar {
    fn id(&self) -> String {
        BITCOIN.to_owned()
    }

    async fn submit(&self, checkpoint: &SignedCheckpoint) -> Result<AnchorProof, AnchorError> {
        let mut proof = AnchorProof::new(checkpoint.unverified(), &SOFTWARE)?;
        let uri = "https://calendar.example".to_owned();
        proof.attest(&[Operation::Sha256], Attestation::Pending { uri })?;
        Ok(proof)
    }

    async fn upgrade(&self, pending: &AnchorProof) -> Result<Option<AnchorProof>, AnchorError> {
        let mut asked = self.asked.lock().unwrap();
        *asked += 1;
        if *asked == 1 {
            return Err(AnchorError::Unavailable {
                reason: "busy".to_owned(),
            });
        }
        if *asked == 2 {
            return Ok(None);
        }
        let mut proof = AnchorProof::of_digest(*pending.digest());
        proof.attest(&way().0, Attestation::Bitcoin { height: 7 })?;
        Ok(Some(proof))
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

#[test]
fn what_is_pending_is_upgraded_and_nothing_is_lost() {
    let calendar = Calendar {
        asked: Mutex::new(0),
    };
    let signed = checkpoint().sign(&signer(1)).unwrap();
    let mut proof = block_on(calendar.submit(&signed)).unwrap();
    // The same again is the same.
    assert_eq!(block_on(calendar.submit(&signed)).unwrap(), proof);
    assert!(matches!(
        block_on(calendar.upgrade(&proof)),
        Err(AnchorError::Unavailable { .. })
    ));
    assert_eq!(block_on(calendar.upgrade(&proof)), Ok(None));
    let more = block_on(calendar.upgrade(&proof)).unwrap().unwrap();
    proof.merge(&more).unwrap();
    proof.merge(&more).unwrap();
    let policy = AnchorPolicy::default().chain(BITCOIN, 6);
    let headers = [(locator(BITCOIN, 7), header(&way().1, 6))];
    let proof = AnchorProof::from_bytes(&proof.to_bytes()).unwrap();
    let said = proof
        .verify(&checkpoint(), &headers, &policy, &SOFTWARE)
        .unwrap();
    assert_eq!(said.len(), 2);
    let calendar = "https://calendar.example".to_owned();
    assert_eq!(
        said[0].verdict,
        Verdict::Unconfirmed(Need::Calendar { uri: calendar })
    );
    assert_eq!(said[1].verdict, Verdict::Final { time: at(0) });
    // A proof of something else.
    let other = AnchorProof::of_digest([1; 32]);
    let mut with = proof.clone();
    assert_eq!(code(with.merge(&other)), "history/malformed");
    assert_eq!(with, proof);
    let elsewhere = Checkpoint::new(ORIGIN, 1, Hash::from_bytes([1; 32])).unwrap();
    assert_eq!(
        code(proof.verify(&elsewhere, &headers, &policy, &SOFTWARE)),
        "history/root-mismatch"
    );
}

#[test]
fn what_is_not_known_is_kept_and_says_nothing() {
    let mut proof = proof();
    let unknown = Attestation::Unknown {
        tag: *b"notaries",
        payload: vec![1, 2, 3],
    };
    proof.attest(&[], unknown.clone()).unwrap();
    let read = AnchorProof::from_bytes(&proof.to_bytes()).unwrap();
    assert_eq!(read, proof);
    assert_eq!(only(&read, &[], &AnchorPolicy::default()), Verdict::Unknown);
    // So is everything behind an operation that is not run here: SHA-1, RIPEMD-160, Keccak-256.
    let policy = AnchorPolicy::default().chain(BITCOIN, 1);
    for code in [0x02, 0x03, 0x67, 0xf2, 0xf3] {
        let mut bytes = AnchorProof::of_digest(digest()).to_bytes();
        bytes.push(code);
        bytes.extend([0, 0x05, 0x88, 0x96, 0x0d, 0x73, 0xd7, 0x19, 0x01, 1, 9]);
        let read = AnchorProof::from_bytes(&bytes).unwrap();
        assert_eq!(read.to_bytes(), bytes);
        let headers = [(locator(BITCOIN, 9), header(&digest(), 9))];
        assert_eq!(only(&read, &headers, &policy), Verdict::Unknown);
    }
}

#[test]
fn files_have_one_form() {
    let empty = AnchorProof::of_digest(digest()).to_bytes();
    let with = |more: &[u8]| AnchorProof::from_bytes(&[&empty, more].concat());
    let block = |payload: &[u8]| {
        let length = u8::try_from(payload.len()).unwrap();
        [
            &[0, 0x05, 0x88, 0x96, 0x0d, 0x73, 0xd7, 0x19, 0x01, length],
            payload,
        ]
        .concat()
    };
    let uri = |uri: &[u8]| {
        let length = u8::try_from(uri.len()).unwrap();
        [
            &[
                0,
                0x83,
                0xdf,
                0xe3,
                0x0d,
                0x2e,
                0xf9,
                0x0c,
                0x8e,
                length + 1,
                length,
            ],
            uri,
        ]
        .concat()
    };
    assert!(with(&block(&[9])).is_ok());
    assert!(with(&uri(b"https://a.example/b_c")).is_ok());
    let deep = |count: usize| [vec![0x08; count], block(&[9])].concat();
    assert!(with(&deep(256)).is_ok());
    let forks = |count: usize| {
        let mut bytes = Vec::new();
        for i in 0..count {
            bytes.push(0xff);
            bytes.extend([0xf1, 2]);
            bytes.extend(u16::try_from(i).unwrap().to_be_bytes());
            bytes.extend(block(&[9]));
        }
        bytes.extend(block(&[9]));
        bytes
    };
    assert!(with(&forks(2000)).is_ok());
    for (what, bytes) in [
        ("nothing", Vec::new()),
        ("more behind", [block(&[9]), vec![0]].concat()),
        ("a number with a zero", block(&[0x89, 0])),
        ("a number that is too large", block(&[0xff; 10])),
        ("a number that does not end", block(&[0x89])),
        ("more in an attestation", block(&[9, 9])),
        (
            "an operation that is none",
            [vec![0x09], block(&[9])].concat(),
        ),
        ("an operation without an end", vec![0x08]),
        ("an empty argument", [vec![0xf0, 0], block(&[9])].concat()),
        ("a fork with one way", [vec![0xff], block(&[9])].concat()),
        ("an address with a space", uri(b"https://a.example/b c")),
        ("an address with a query", uri(b"https://a.example/?b=c")),
        ("too deep", deep(257)),
        ("too many", forks(4096)),
        (
            "too much behind",
            [vec![0xf0, 0x81, 0x20], vec![1; 4097], block(&[9])].concat(),
        ),
    ] {
        assert_eq!(code(with(&bytes)), "history/malformed", "{what}");
    }
    let good = [empty.clone(), block(&[9])].concat();
    for at in 0..32 {
        let mut other = good.clone();
        other[at] ^= 1;
        assert_eq!(code(AnchorProof::from_bytes(&other)), "history/malformed");
    }
    let mut long = good;
    long.resize((1 << 20) + 1, 0);
    assert_eq!(code(AnchorProof::from_bytes(&long)), "history/malformed");
    // What would grow beyond all bounds when it is run.
    let mut growing = vec![0xf0, 0x80, 0x20];
    growing.extend([1; 4096]);
    let growing = [growing.repeat(3), block(&[9])].concat();
    let growing = with(&growing).unwrap();
    let policy = AnchorPolicy::default().chain(BITCOIN, 1);
    assert_eq!(only(&growing, &[], &policy), Verdict::Unknown);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Whatever is read is written as it was.
    #[test]
    fn what_is_read_is_written_again(more in prop::collection::vec(prop_oneof![
        Just(0x00_u8), Just(0x08), Just(0xf0), Just(0xf1), Just(0xff), 0..12_u8, any::<u8>()
    ], 0..60)) {
        let mut bytes = AnchorProof::of_digest(digest()).to_bytes();
        bytes.extend(more);
        if let Ok(read) = AnchorProof::from_bytes(&bytes) {
            prop_assert_eq!(read.to_bytes(), bytes);
        }
    }
}
