//! Histories of objects: what follows on what, that they are complete, who is responsible, what is said of data handed in, and
//! what a forger can try. A model that keeps everything in plain maps judges the log.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
};

use kbtf_did::{
    DidDocument, DidUrl, KeyFormat, KeyType, SOFTWARE, SecretKey, Signer, SoftwareSigner,
    Timestamp, did_key,
};
use kbtf_history::{
    Actor, Attribution, Checkpoint, CommitmentKey, Comparison, CompleteHistory, ErasureReason,
    Error, Event, Field, Hash, Head, HeadMap, HistoryLog, LogEntry, Measured, ObjectEntry,
    ObjectId, ObjectStatus, PseudonymKey, Purpose, Reading, Reference, SignedCheckpoint, Standing,
    TreeHasher, TrustPolicy,
    note::{NoteKey, NoteKeyType},
};
use proptest::prelude::*;

const ORIGIN: &str = "history.example.go.kr/land";

/// Repeatable, not random: for tests.
struct Seeded(u64);

impl rand_core::TryRng for Seeded {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let [a, b, c, d, ..] = self.try_next_u64()?.to_be_bytes();
        Ok(u32::from_be_bytes([a, b, c, d]))
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(z ^ (z >> 31))
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        for chunk in to.chunks_mut(8) {
            let bytes = self.try_next_u64()?.to_be_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Seeded {}

fn signer(seed: u8) -> SoftwareSigner<'static> {
    SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[seed; 32]).unwrap())
}

fn code<T>(result: Result<T, Error>) -> &'static str {
    match result {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    }
}

/// An institution with its log, what it keeps off the log, and somebody who writes entries.
struct Registry {
    log: HistoryLog<'static>,
    random: Seeded,
    officer: SoftwareSigner<'static>,
    keys: BTreeMap<(ObjectId, u32, Field), CommitmentKey>,
    attributions: BTreeMap<(ObjectId, u32), Attribution>,
    now: i64,
}

impl Registry {
    fn new() -> Self {
        Self {
            log: HistoryLog::new(ORIGIN, &SOFTWARE),
            random: Seeded(7),
            officer: signer(3),
            keys: BTreeMap::new(),
            attributions: BTreeMap::new(),
            now: 1_795_000_000,
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.now).unwrap()
    }

    fn document(&self) -> DidDocument {
        let did = did_key::from_public_key(self.officer.public_key());
        did_key::resolve(&did, KeyFormat::Multikey).unwrap()
    }

    fn method(&self) -> DidUrl {
        let did = did_key::from_public_key(self.officer.public_key());
        did_key::verification_method_id(&did).unwrap()
    }

    fn object(&mut self) -> ObjectId {
        ObjectId::generate(&mut self.random).unwrap()
    }

    /// Commits to values at the next place of a history, and keeps the keys.
    fn commit(
        &mut self,
        object: ObjectId,
        values: &[(u16, &str)],
    ) -> BTreeMap<Field, kbtf_history::Commitment> {
        let sequence = self
            .log
            .state(object)
            .map_or(0, |state| state.sequence() + 1);
        let mut committed = BTreeMap::new();
        for (field, value) in values {
            let (field, key) = (
                Field(*field),
                CommitmentKey::generate(&mut self.random).unwrap(),
            );
            let commitment = key
                .commit(object, sequence, field, value.as_bytes(), &SOFTWARE)
                .unwrap();
            self.keys.insert((object, sequence, field), key);
            committed.insert(field, commitment);
        }
        committed
    }

    fn draft(&mut self, object: ObjectId, event: Event) -> (ObjectEntry, Attribution) {
        let method = self.method();
        let actor = Actor::new(ORIGIN, method, &self.officer);
        let sequence = self
            .log
            .state(object)
            .map_or(0, |state| state.sequence() + 1);
        let (named, key) = actor.commit(object, sequence, &mut self.random).unwrap();
        let entry = self.log.draft(object, event, named, self.now());
        let mut signed = actor.sign(vec![(&entry, key)]).unwrap();
        (entry, signed.remove(0))
    }

    fn write(&mut self, object: ObjectId, event: Event) -> Result<u64, Error> {
        self.now += 60;
        let (entry, by) = self.draft(object, event);
        let admitted = self.log.admit(&entry, &by, &self.document(), self.now())?;
        self.attributions.insert((object, entry.sequence), by);
        Ok(admitted)
    }

    fn create(&mut self, values: &[(u16, &str)]) -> ObjectId {
        let object = self.object();
        let fields = self.commit(object, values);
        self.write(object, Event::Create(fields)).unwrap();
        object
    }

    fn change(&mut self, object: ObjectId, values: &[(u16, &str)]) -> Result<u64, Error> {
        let fields = self.commit(object, values);
        self.write(object, Event::Change(fields))
    }

    fn checkpoint(&mut self) -> SignedCheckpoint {
        self.log.seal().unwrap();
        let root = self.log.root().unwrap();
        let checkpoint = Checkpoint::new(ORIGIN, self.log.size(), root).unwrap();
        checkpoint.sign(&signer(1)).unwrap()
    }

    fn prove(&mut self, object: ObjectId) -> CompleteHistory {
        let checkpoint = self.checkpoint();
        self.log.prove(object, checkpoint).unwrap()
    }

    fn erase(&mut self, object: ObjectId, fields: &[u16]) {
        let fields: BTreeSet<Field> = fields.iter().map(|field| Field(*field)).collect();
        self.keys.retain(|(of, _, field), _| {
            *of != object || !(fields.is_empty() || fields.contains(field))
        });
        let reason = ErasureReason::Requested;
        self.write(object, Event::Erase { fields, reason }).unwrap();
    }
}

fn policy() -> TrustPolicy {
    let key = signer(1).public_key().clone();
    let key = NoteKey::new(ORIGIN, NoteKeyType::Ed25519, key, &SOFTWARE).unwrap();
    format!("log {key}\nquorum none\n").parse().unwrap()
}

fn data<'v>(values: &[(u16, &'v str)]) -> BTreeMap<Field, &'v [u8]> {
    let values = values.iter();
    values
        .map(|(field, value)| (Field(*field), value.as_bytes()))
        .collect()
}

#[test]
fn all_of_an_object_is_shown_and_compared_with_what_is_handed_in() {
    let mut registry = Registry::new();
    let parcel = registry.create(&[(1, "홍길동"), (2, "서울특별시 중구"), (3, "330.5")]);
    let other = registry.create(&[(1, "other")]);
    registry.change(parcel, &[(1, "성춘향")]).unwrap();
    registry.change(other, &[(1, "another")]).unwrap();
    registry.change(parcel, &[(3, "331.0")]).unwrap();
    let shown = registry.prove(parcel);
    // As it goes to whoever asks.
    let shown = CompleteHistory::parse(&shown.to_text()).unwrap();
    let history = shown.verify(parcel, ORIGIN, &policy(), &SOFTWARE).unwrap();
    assert_eq!(history.entries().len(), 3);
    assert_eq!(
        history.checkpoint().checkpoint().size(),
        registry.log.size()
    );
    let compare = |values: &[(u16, &str)]| {
        let keys = |sequence, field| registry.keys.get(&(parcel, sequence, field));
        history.compare(&data(values), keys, &SOFTWARE).unwrap()
    };
    let same = |since, standing| Comparison::Same { since, standing };
    assert_eq!(
        compare(&[(1, "성춘향"), (2, "서울특별시 중구"), (3, "331.0")]),
        same(2, Standing::Current)
    );
    assert_eq!(
        compare(&[(1, "성춘향"), (2, "서울특별시 중구"), (3, "330.5")]),
        same(1, Standing::Superseded)
    );
    assert_eq!(
        compare(&[(1, "홍길동"), (2, "서울특별시 중구"), (3, "330.5")]),
        same(0, Standing::Superseded)
    );
    let differs = |fields: &[u16]| Comparison::Differs {
        from: 2,
        fields: fields.iter().map(|field| Field(*field)).collect(),
        erased: BTreeSet::new(),
        undecided: BTreeSet::new(),
    };
    // An owner and an area that were never there together.
    assert_eq!(
        compare(&[(1, "홍길동"), (2, "서울특별시 중구"), (3, "331.0")]),
        differs(&[1])
    );
    assert_eq!(
        compare(&[(1, "성춘향"), (2, "서울특별시 중구")]),
        differs(&[3])
    );
    assert_eq!(
        compare(&[
            (1, "성춘향"),
            (2, "서울특별시 중구"),
            (3, "331.0"),
            (4, "x")
        ]),
        differs(&[4])
    );
    // Without the keys nobody can tell.
    let unknown = history.compare(
        &data(&[(1, "x"), (2, "x"), (3, "x")]),
        |_, _| None,
        &SOFTWARE,
    );
    assert!(matches!(unknown.unwrap(), Comparison::Undecided(fields) if fields.len() == 3));
    // Nor can the history of one be given out for that of another.
    assert_eq!(
        code(shown.verify(other, ORIGIN, &policy(), &SOFTWARE)),
        "history/root-mismatch"
    );
    let nobody = registry.object();
    let none = registry
        .prove(nobody)
        .verify(nobody, ORIGIN, &policy(), &SOFTWARE)
        .unwrap();
    assert!(none.state().is_none());
    let never = none
        .compare(&data(&[(1, "x")]), |_, _| None, &SOFTWARE)
        .unwrap();
    assert_eq!(never, Comparison::NeverRecorded);
}

#[test]
fn who_is_responsible_is_shown_and_nobody_else() {
    let mut registry = Registry::new();
    let parcel = registry.object();
    let fields = registry.commit(parcel, &[(1, "홍길동")]);
    let (entry, by) = registry.draft(parcel, Event::Create(fields));
    let (document, now) = (registry.document(), registry.now());
    by.verify(&entry, ORIGIN, &document, now, &SOFTWARE)
        .unwrap();
    let stranger = did_key::from_public_key(signer(4).public_key());
    let strangers = did_key::resolve(&stranger, KeyFormat::Multikey).unwrap();
    assert_eq!(
        code(by.verify(&entry, ORIGIN, &strangers, now, &SOFTWARE)),
        "history/wrong-actor"
    );
    let mut other = entry.clone();
    other.time = Timestamp::from_unix(entry.time.unix() + 1).unwrap();
    assert_eq!(
        code(by.verify(&other, ORIGIN, &document, now, &SOFTWARE)),
        "history/false-signature"
    );
    // Somebody who signs an entry that names another.
    let method = did_key::verification_method_id(&stranger).unwrap();
    let thief = signer(4);
    let key = CommitmentKey::from_bytes(*by.key().to_bytes());
    let signed = Actor::new(ORIGIN, method, &thief).sign(vec![(&entry, key)]);
    assert_eq!(code(signed), "history/wrong-actor");
    // The log takes nothing without him.
    let admitted = registry.log.admit(&entry, &by, &strangers, now);
    assert_eq!(code(admitted), "history/wrong-actor");
    assert_eq!(registry.log.size(), 0);
    // A key that its controller has ended.
    let ended = document.to_representation(kbtf_did::Representation::JsonLd);
    let ended = ended.replacen(
        r#""type":"#,
        r#""revoked":"2026-01-01T00:00:00Z","type":"#,
        1,
    );
    let ended = DidDocument::parse(&ended).unwrap();
    assert_eq!(
        code(by.verify(&entry, ORIGIN, &ended, now, &SOFTWARE)),
        "history/key-not-in-force"
    );
}

#[test]
fn many_entries_are_signed_at_once_and_each_stands_alone() {
    let mut registry = Registry::new();
    let officer = signer(3);
    let actor = Actor::new(ORIGIN, registry.method(), &officer);
    let mut drafts = Vec::new();
    for _ in 0..5 {
        let object = registry.object();
        let fields = registry.commit(object, &[(1, "x")]);
        let (named, key) = actor.commit(object, 0, &mut registry.random).unwrap();
        let entry = registry
            .log
            .draft(object, Event::Create(fields), named, registry.now());
        drafts.push((entry, key));
    }
    let entries: Vec<ObjectEntry> = drafts.iter().map(|(entry, _)| entry.clone()).collect();
    let keys = drafts.into_iter().map(|(_, key)| key);
    let signed = actor.sign(entries.iter().zip(keys).collect()).unwrap();
    assert!(
        signed
            .windows(2)
            .all(|pair| pair[0].signature() == pair[1].signature())
    );
    let (document, now) = (registry.document(), registry.now());
    for (entry, by) in entries.iter().zip(&signed) {
        by.verify(entry, ORIGIN, &document, now, &SOFTWARE).unwrap();
    }
    let crossed = signed[0].verify(&entries[1], ORIGIN, &document, now, &SOFTWARE);
    assert_eq!(code(crossed), "history/wrong-actor");
    assert_eq!(code(actor.sign::<ObjectEntry>(vec![])), "history/malformed");
}

/// What somebody who holds the log, or gives out proofs of it, might try.
#[test]
fn a_forger_is_found_out_by_name() {
    let mut registry = Registry::new();
    let parcel = registry.create(&[(1, "홍길동"), (2, "a")]);
    for value in ["b", "c", "d"] {
        registry.change(parcel, &[(2, value)]).unwrap();
    }
    let genuine = registry.prove(parcel);
    genuine
        .verify(parcel, ORIGIN, &policy(), &SOFTWARE)
        .unwrap();
    let text = genuine.to_text();
    let with = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut entries = lines.split_off(1);
        change(&mut entries);
        lines.extend(entries);
        let text = lines.join("\n") + "\n";
        code(
            CompleteHistory::parse(&text)
                .unwrap()
                .verify(parcel, ORIGIN, &policy(), &SOFTWARE),
        )
    };
    assert_eq!(with(&|_| {}), "accepted");
    // Left out: the last, one in the middle, the first, all.
    assert_eq!(with(&|entries| drop(entries.pop())), "history/incomplete");
    assert_eq!(with(&|entries| drop(entries.remove(2))), "history/not-next");
    assert_eq!(
        with(&|entries| drop(entries.remove(0))),
        "history/not-first"
    );
    assert_eq!(with(&|entries| entries.clear()), "history/incomplete");
    // In another order, twice, changed.
    assert_eq!(with(&|entries| entries.swap(1, 2)), "history/not-next");
    assert_eq!(
        with(&|entries| entries.push(entries[3].clone())),
        "history/not-next"
    );
    let back_dated = |entries: &mut Vec<String>| {
        let LogEntry::Object(mut entry) = LogEntry::parse(&entries[3]).unwrap() else {
            panic!("an entry of an object");
        };
        entry.time = Timestamp::from_unix(entry.time.unix() - 86_400).unwrap();
        entries[3] = LogEntry::Object(entry).to_text();
    };
    assert_eq!(with(&back_dated), "history/clock-hidden");
    let back_dated_and_said = |entries: &mut Vec<String>| {
        let LogEntry::Object(mut entry) = LogEntry::parse(&entries[3]).unwrap() else {
            panic!("an entry of an object");
        };
        entry.time = Timestamp::from_unix(entry.time.unix() - 86_400).unwrap();
        entry.set_back = 86_400 - 60;
        entries[3] = LogEntry::Object(entry).to_text();
    };
    assert_eq!(with(&back_dated_and_said), "history/incomplete");
    // A checkpoint of before: all is there, but for what came later.
    let before = registry.prove(parcel);
    registry.change(parcel, &[(2, "e")]).unwrap();
    let after = registry.checkpoint();
    let stale = before.to_text().replace(
        &kbtf_did::json::Value::from(before_checkpoint(&before)).to_json(),
        &kbtf_did::json::Value::from(after.to_string()).to_json(),
    );
    let stale = CompleteHistory::parse(&stale).unwrap();
    assert_eq!(
        code(stale.verify(parcel, ORIGIN, &policy(), &SOFTWARE)),
        "history/root-mismatch"
    );
    // A log that was not sealed proves nothing.
    registry.change(parcel, &[(2, "f")]).unwrap();
    let root = registry.log.root().unwrap();
    let unsealed = Checkpoint::new(ORIGIN, registry.log.size(), root).unwrap();
    let unsealed = unsealed.sign(&signer(1)).unwrap();
    assert_eq!(
        code(registry.log.prove(parcel, unsealed)),
        "history/not-sealed"
    );
    // A log of the same keeper that shows another tree: witnesses see it (tests/checkpoints.rs), and a monitor too.
    let texts: Vec<String> = registry.log.entries().to_vec();
    let follow = |texts: &[String]| {
        HistoryLog::restore(ORIGIN, texts.iter().map(String::as_str), &SOFTWARE)
            .map(|log| log.size())
    };
    assert_eq!(follow(&texts).unwrap(), registry.log.size());
    let mut left_out = texts.clone();
    left_out.remove(2);
    assert_eq!(code(follow(&left_out)), "history/not-next");
    let hidden: Vec<String> = texts
        .iter()
        .filter(|text| !text.contains(&parcel.to_string()))
        .cloned()
        .collect();
    assert_eq!(code(follow(&hidden)), "history/root-mismatch");
}

fn before_checkpoint(history: &CompleteHistory) -> String {
    let text = history.to_text();
    let line = text.lines().next().unwrap();
    let value: serde_json::Value = serde_json::from_str(line).unwrap();
    value["checkpoint"].as_str().unwrap().to_owned()
}

#[test]
fn what_does_not_follow_is_refused_by_name() {
    let mut registry = Registry::new();
    let parcel = registry.create(&[(1, "a"), (2, "b")]);
    let fields = registry.commit(parcel, &[(1, "a")]);
    let same = registry.write(parcel, Event::Create(fields));
    assert_eq!(code(same), "history/already-there");
    assert_eq!(
        code(registry.write(parcel, Event::Change(BTreeMap::new()))),
        "history/no-parts"
    );
    assert_eq!(
        code(registry.write(parcel, Event::Measure(vec![]))),
        "history/no-parts"
    );
    let nothing = registry.object();
    assert_eq!(
        code(registry.write(nothing, Event::Delete)),
        "history/not-first"
    );
    let unknown = Event::Erase {
        fields: [Field(9)].into(),
        reason: ErasureReason::Ordered,
    };
    assert_eq!(
        code(registry.write(parcel, unknown)),
        "history/unknown-field"
    );
    // Two who write at the same time: the second is told so.
    let (first, by_first) = registry.draft(parcel, Event::Delete);
    let fields = registry.commit(parcel, &[(1, "c")]);
    let (second, by_second) = registry.draft(parcel, Event::Change(fields));
    let (document, now) = (registry.document(), registry.now());
    registry
        .log
        .admit(&second, &by_second, &document, now)
        .unwrap();
    let late = registry.log.admit(&first, &by_first, &document, now);
    assert_eq!(code(late), "history/not-next");
    registry.write(parcel, Event::Delete).unwrap();
    assert_eq!(
        code(registry.change(parcel, &[(1, "d")])),
        "history/deleted"
    );
    registry.erase(parcel, &[]);
    let state = registry.log.state(parcel).unwrap();
    assert_eq!(state.status(), ObjectStatus::Erased);
    assert_eq!(code(registry.change(parcel, &[(1, "d")])), "history/erased");
    let again = Event::Erase {
        fields: BTreeSet::new(),
        reason: ErasureReason::Ordered,
    };
    assert_eq!(code(registry.write(parcel, again)), "history/erased");
}

#[test]
fn a_clock_that_goes_backwards_is_recorded() {
    let mut registry = Registry::new();
    let parcel = registry.create(&[(1, "a")]);
    registry.now -= 3660;
    registry.change(parcel, &[(1, "b")]).unwrap();
    let history = registry
        .prove(parcel)
        .verify(parcel, ORIGIN, &policy(), &SOFTWARE)
        .unwrap();
    assert_eq!(history.entries()[1].set_back, 3600);
    let texts: Vec<&str> = registry.log.entries().iter().map(String::as_str).collect();
    assert!(texts[1].contains(r#""setBack":3600"#));
    HistoryLog::restore(ORIGIN, texts, &SOFTWARE).unwrap();
}

#[test]
fn erased_is_erased_and_every_other_proof_still_holds() {
    let mut registry = Registry::new();
    let secret = "900101-1234567";
    let person = registry.create(&[(1, secret), (2, "서울특별시"), (3, "2026")]);
    let other = registry.create(&[(1, "other")]);
    let before = registry.prove(other);
    let key = registry.keys[&(person, 0, Field(1))].to_bytes();
    registry.erase(person, &[1]);
    let history = registry
        .prove(person)
        .verify(person, ORIGIN, &policy(), &SOFTWARE)
        .unwrap();
    let keys = |sequence, field| registry.keys.get(&(person, sequence, field));
    let compare = |values: &[(u16, &str)]| history.compare(&data(values), keys, &SOFTWARE).unwrap();
    // Without the member it is the record since the erasure.
    let current = Comparison::Same {
        since: 1,
        standing: Standing::Current,
    };
    assert_eq!(compare(&[(2, "서울특별시"), (3, "2026")]), current);
    assert_eq!(
        compare(&[(1, secret), (2, "서울특별시"), (3, "2026")]),
        Comparison::Differs {
            from: 1,
            fields: [Field(1)].into(),
            erased: [Field(1)].into(),
            undecided: BTreeSet::new(),
        }
    );
    // Put back under the key that somebody has kept: it is seen, and it is the same commitment.
    let old = history.entries()[0].clone();
    let Event::Create(fields) = old.event else {
        panic!("a creation");
    };
    let resurrected = Event::Change([(Field(1), fields[&Field(1)])].into());
    assert_eq!(
        code(registry.write(person, resurrected)),
        "history/commitment-used"
    );
    // What was proved before is proved still, and the log has grown out of what it was.
    before.verify(other, ORIGIN, &policy(), &SOFTWARE).unwrap();
    registry.erase(person, &[]);
    let history = registry
        .prove(person)
        .verify(person, ORIGIN, &policy(), &SOFTWARE)
        .unwrap();
    let erased = history.compare(&data(&[(2, "서울특별시")]), |_, _| None, &SOFTWARE);
    assert_eq!(erased.unwrap(), Comparison::Erased);
    // Nothing of it is anywhere on the log: neither value nor key, as text, in base64 or in hexadecimal digits.
    let dump = registry.log.entries().join("\n");
    let hash = Hash::from_bytes(*key).to_string();
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    for trace in [secret, "서울특별시", "2026\"", &hash, &hex] {
        assert!(!dump.contains(trace), "{trace}");
    }
    assert!(dump.contains(r#""reason":"requested""#));
    assert!(registry.keys.keys().all(|(object, ..)| *object != person));
}

#[test]
fn one_person_has_a_name_for_each_purpose() {
    let key = PseudonymKey::from_bytes([1; 32]);
    let name = |person: &str, purpose| {
        key.pseudonym(person.as_bytes(), Purpose(purpose), &SOFTWARE)
            .unwrap()
    };
    assert_eq!(name("a", 1), name("a", 1));
    assert_ne!(name("a", 1), name("a", 2));
    assert_ne!(name("a", 1), name("b", 1));
    let next = PseudonymKey::from_bytes([2; 32]);
    let renamed = next.pseudonym(b"a", Purpose(1), &SOFTWARE).unwrap();
    assert_ne!(renamed, name("a", 1));
    let mut nothing = Zeros;
    assert_eq!(code(PseudonymKey::generate(&mut nothing)), "did/randomness");
}

/// A random source that is broken.
struct Zeros;

impl rand_core::TryRng for Zeros {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(0)
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(0)
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        to.fill(0);
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Zeros {}

#[test]
fn the_way_of_an_item_over_two_institutions() {
    // A producer and a carrier, each with a log of his own.
    let (mut producer, mut carrier) = (Registry::new(), Registry::new());
    carrier.random = Seeded(8);
    let lot = producer.create(&[(1, "lot 42")]);
    let shipment = carrier.create(&[(1, "shipment 7")]);
    let made = producer.log.state(lot).unwrap();
    let log =
        Hash::from_bytes(kbtf_did::CryptoProvider::sha256(&SOFTWARE, ORIGIN.as_bytes()).unwrap());
    let reference = Reference {
        log,
        object: lot,
        sequence: made.sequence(),
        entry: *made.head(),
    };
    carrier
        .write(shipment, Event::Refer(vec![reference]))
        .unwrap();
    let at = carrier.now();
    let readings = vec![
        Reading::new(
            at,
            Measured::Temperature {
                milli_celsius: -18_250,
            },
        )
        .unwrap(),
        Reading::new(at, Measured::Humidity { per_mille: 455 }).unwrap(),
        Reading::new(
            at,
            Measured::Position {
                latitude_e7: 375_665_000,
                longitude_e7: 1_269_780_000,
                within_metres: 20,
            },
        )
        .unwrap(),
    ];
    carrier
        .write(shipment, Event::Measure(readings.clone()))
        .unwrap();
    let way = carrier
        .prove(shipment)
        .verify(shipment, ORIGIN, &policy(), &SOFTWARE)
        .unwrap();
    assert_eq!(way.entries()[2].event, Event::Measure(readings));
    // Whoever follows the reference finds the entry in the complete history there.
    let Event::Refer(references) = &way.entries()[1].event else {
        panic!("a reference");
    };
    let there = producer.prove(references[0].object);
    let there = there
        .verify(references[0].object, ORIGIN, &policy(), &SOFTWARE)
        .unwrap();
    let entry = LogEntry::Object(there.entries()[0].clone()).to_text();
    let hash = TreeHasher::SOFTWARE.leaf(entry.as_bytes()).unwrap();
    assert_eq!(hash, references[0].entry);
}

#[test]
fn entries_have_one_form() {
    let mut registry = Registry::new();
    let parcel = registry.create(&[(1, "a"), (20, "b")]);
    registry
        .write(
            parcel,
            Event::Measure(vec![
                Reading::new(registry.now(), Measured::Temperature { milli_celsius: 1 }).unwrap(),
            ]),
        )
        .unwrap();
    registry.erase(parcel, &[1]);
    registry
        .log
        .note_queries(12, Hash::from_bytes([1; 32]))
        .unwrap();
    registry.log.seal().unwrap();
    for text in registry.log.entries() {
        assert_eq!(LogEntry::parse(text).unwrap().to_text(), *text);
    }
    let [created, measured, erased, ..] = registry.log.entries() else {
        panic!("three entries");
    };
    for (text, from, to) in [
        (created, r#""v":1"#, r#""v":2"#),
        (created, r#""v":1"#, r#""note":"홍길동","v":1"#),
        (
            created,
            r#""kind":"create""#,
            r#""kind":"create","name":"홍길동""#,
        ),
        (created, r#""sequence":0"#, r#""sequence":0.0"#),
        (created, r#""sequence":0"#, r#""sequence":-1"#),
        (created, r#""sequence":0"#, r#""sequence":4294967296"#),
        (created, r#""sequence":0"#, r#""sequence":0,"setBack":0"#),
        (created, r#""20":"#, r#""020":"#),
        (created, r#""20":"#, r#""65536":"#),
        (created, r#""20":"#, r#""name":"#),
        (created, r#""event":{"#, r#""event": {"#),
        (created, "Z\"", ".5Z\""),
        (created, "Z\"", "+00:00\""),
        (measured, r#""milliCelsius":1"#, r#""milliCelsius":2000001"#),
        (measured, r#""milliCelsius":1"#, r#""milliCelsius":1.5"#),
        (
            measured,
            r#""milliCelsius":1"#,
            r#""humidityPerMille":1,"milliCelsius":1"#,
        ),
        (erased, "requested", "because"),
        (erased, r#"[1]"#, r#"[1,1]"#),
        (erased, r#"[1]"#, r#"["1"]"#),
    ] {
        assert!(text.contains(from), "{from} in {text}");
        let other = text.replacen(from, to, 1);
        assert_eq!(
            code(LogEntry::parse(&other)),
            "history/malformed",
            "{other}"
        );
    }
    for other in ["", "[]", "{}", "null", r#"{"v":1}"#, &" ".repeat(70_000)] {
        assert_eq!(code(LogEntry::parse(other)), "history/malformed");
    }
    for other in [
        "",
        "0",
        &"g".repeat(32),
        &"A".repeat(32),
        &format!("+{}", "0".repeat(31)),
    ] {
        assert!(other.parse::<ObjectId>().is_err(), "{other}");
    }
}

/// The root of a map by its definition: nothing, one leaf, or two halves by the next bit.
fn slow_root(objects: &BTreeMap<[u8; 16], Head>, depth: usize) -> [u8; 32] {
    use kbtf_did::CryptoProvider as _;
    let all: Vec<_> = objects.iter().collect();
    match all.as_slice() {
        [] => [0; 32],
        [(object, head)] => SOFTWARE
            .sha256_parts(&[
                &[2],
                object.as_slice(),
                &head.sequence.to_be_bytes(),
                head.entry.as_bytes(),
            ])
            .unwrap(),
        _ => {
            let half = |bit: u8| {
                let of_half = objects
                    .iter()
                    .filter(|(object, _)| object[depth / 8] >> (7 - depth % 8) & 1 == bit);
                slow_root(&of_half.map(|(o, h)| (*o, *h)).collect(), depth + 1)
            };
            SOFTWARE.sha256_parts(&[&[3], &half(0), &half(1)]).unwrap()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_map_is_that_of_its_definition(
        // Ids that share long beginnings as well as random ones.
        ids in prop::collection::vec((any::<[u8; 16]>(), 0..17_usize), 1..40),
        absent: [u8; 16],
    ) {
        let mut map = HeadMap::new();
        let mut model = BTreeMap::new();
        for (i, (mut id, shared)) in ids.into_iter().enumerate() {
            id[..shared.min(16)].fill(7);
            let head = Head {
                sequence: u32::try_from(i).unwrap(),
                entry: Hash::from_bytes([u8::try_from(i).unwrap(); 32]),
            };
            map.set(ObjectId::from_bytes(id), head, &SOFTWARE).unwrap();
            model.insert(id, head);
        }
        let root = map.root();
        prop_assert_eq!(*root.as_bytes(), slow_root(&model, 0));
        prop_assert_eq!(map.len(), model.len() as u64);
        for (id, head) in &model {
            let object = ObjectId::from_bytes(*id);
            prop_assert_eq!(map.get(object), Some(*head));
            let proof = map.prove(object);
            prop_assert_eq!(proof.verify(object, &root, &SOFTWARE).unwrap(), Some(*head));
            // Not under another root, and not for another object: unless that one is not there either way.
            prop_assert!(proof.verify(object, &Hash::from_bytes([5; 32]), &SOFTWARE).is_err());
        }
        let object = ObjectId::from_bytes(absent);
        let expected = model.get(&absent).copied();
        prop_assert_eq!(map.prove(object).verify(object, &root, &SOFTWARE).unwrap(), expected);
        // No proof of another object says that one of ours is not there.
        for id in model.keys() {
            let ours = ObjectId::from_bytes(*id);
            for other in model.keys().map(|id| ObjectId::from_bytes(*id)).chain([object]) {
                let said = map.prove(other).verify(ours, &root, &SOFTWARE);
                prop_assert!(said.is_err() || said == Ok(model.get(id).copied()));
            }
        }
    }

    /// Random events over a few objects: the log takes what a plain model takes, and proves of each object what the model has.
    #[test]
    fn the_log_is_the_model(events in prop::collection::vec((0..5_usize, 0..5_u8, 0..3_u16), 1..40)) {
        let mut registry = Registry::new();
        let objects: Vec<ObjectId> = (0..6).map(|_| registry.object()).collect();
        // Of each object: how many entries, whether deleted or erased, which members are erased or not.
        let mut model: BTreeMap<ObjectId, (usize, u8, BTreeMap<u16, bool>)> = BTreeMap::new();
        for (of, kind, field) in events {
            let object = objects[of];
            let known = model.get(&object).cloned();
            let value = format!("{field}");
            let (event, follows) = match kind {
                0 => (
                    Event::Create(registry.commit(object, &[(field, &value)])),
                    known.is_none(),
                ),
                1 => (
                    Event::Change(registry.commit(object, &[(field, &value)])),
                    known.as_ref().is_some_and(|(_, gone, _)| *gone == 0),
                ),
                2 => (
                    Event::Delete,
                    known.as_ref().is_some_and(|(_, gone, _)| *gone == 0),
                ),
                3 => (
                    Event::Erase {
                        fields: [Field(field)].into(),
                        reason: ErasureReason::PurposeReached,
                    },
                    known.as_ref().is_some_and(|(_, gone, fields)| {
                        *gone < 2 && fields.get(&field) == Some(&false)
                    }),
                ),
                _ => (
                    Event::Erase {
                        fields: BTreeSet::new(),
                        reason: ErasureReason::RetentionEnded,
                    },
                    known.as_ref().is_some_and(|(_, gone, _)| *gone < 2),
                ),
            };
            let written = registry.write(object, event);
            prop_assert_eq!(written.is_ok(), follows, "{:?}", written);
            if follows {
                let (count, gone, fields) = model.entry(object).or_default();
                *count += 1;
                match kind {
                    0 | 1 => drop(fields.insert(field, false)),
                    2 => *gone = 1,
                    3 => drop(fields.insert(field, true)),
                    _ => *gone = 2,
                }
            }
        }
        for object in objects {
            let history = registry.prove(object).verify(object, ORIGIN, &policy(), &SOFTWARE).unwrap();
            match (model.get(&object), history.state()) {
                (None, None) => {}
                (Some((count, gone, fields)), Some(state)) => {
                    prop_assert_eq!(history.entries().len(), *count);
                    let status = [ObjectStatus::Active, ObjectStatus::Deleted, ObjectStatus::Erased];
                    prop_assert_eq!(state.status(), status[usize::from(*gone)]);
                    for (field, erased) in fields {
                        prop_assert_eq!(state.fields()[&Field(*field)].erased, *erased || *gone == 2);
                    }
                }
                other => prop_assert!(false, "{:?}", other),
            }
        }
        let texts = registry.log.entries().iter().map(String::as_str);
        let again = HistoryLog::restore(ORIGIN, texts, &SOFTWARE).unwrap();
        prop_assert_eq!(again.root().unwrap(), registry.log.root().unwrap());
    }
}
