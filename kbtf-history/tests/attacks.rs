//! Ways round the rules that somebody has tried, each with the name under which it is refused now.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::collections::BTreeMap;

use kbtf_did::{
    DidDocument, DidUrl, KeyFormat, KeyType, SOFTWARE, SecretKey, Signer, SoftwareSigner,
    Timestamp, did_key,
    json::{Object, Value},
};
use kbtf_history::{
    Actor, AddCheckpoint, Attribution, Checkpoint, Commitment, CommitmentKey, Comparison,
    CompleteHistory, ErasureReason, Error, Event, Field, Hash, Head, HeadMap, HistoryLog,
    InclusionProof, LogEntry, MemoryTree, ObjectEntry, ObjectId, Prover as _, QueryLog,
    SignedCheckpoint, Standing, TreeHasher, TrustPolicy, Witness,
    note::{Note, NoteKey, NoteKeyType},
    tile::{TileId, Tiles, tile_bytes},
};

const LAND: &str = "history.example.go.kr/land";
const QUERIES: &str = "history.example.go.kr/land/queries";

fn signer(seed: u8) -> SoftwareSigner<'static> {
    SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[seed; 32]).unwrap())
}

fn key(origin: &str, seed: u8) -> NoteKey {
    let key = signer(seed).public_key().clone();
    NoteKey::new(origin, NoteKeyType::Ed25519, key, &SOFTWARE).unwrap()
}

/// An institution's logs, both of them.
fn both() -> TrustPolicy {
    let (land, queries) = (key(LAND, 1), key(QUERIES, 2));
    format!("log {land}\nlog {queries}\nquorum none\n")
        .parse()
        .unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_795_000_000 + seconds).unwrap()
}

fn code<T>(result: Result<T, Error>) -> &'static str {
    result.err().map_or("accepted", |error| error.code())
}

fn sign(origin: &str, seed: u8, size: u64, root: Hash) -> SignedCheckpoint {
    let checkpoint = Checkpoint::new(origin, size, root).unwrap();
    checkpoint.sign(&signer(seed)).unwrap()
}

/// Numbers that are each used once, in the place of random ones.
struct Counted(u64);

impl rand_core::TryRng for Counted {
    type Error = std::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        self.0 += 1;
        Ok(u32::try_from(self.0).unwrap())
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        self.0 += 1;
        Ok(self.0)
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in to.chunks_mut(8) {
            self.0 += 1;
            chunk.copy_from_slice(&self.0.to_be_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Counted {}

struct Officer(SoftwareSigner<'static>);

impl Officer {
    fn method(&self) -> DidUrl {
        let did = did_key::from_public_key(self.0.public_key());
        did_key::verification_method_id(&did).unwrap()
    }

    fn document(&self) -> DidDocument {
        let did = did_key::from_public_key(self.0.public_key());
        did_key::resolve(&did, KeyFormat::Multikey).unwrap()
    }
}

/// A log, what is kept off it, and who writes.
struct House {
    log: HistoryLog<'static>,
    random: Counted,
    officer: Officer,
    keys: BTreeMap<(ObjectId, u32, Field), CommitmentKey>,
}

impl House {
    fn new() -> Self {
        Self {
            log: HistoryLog::new(LAND, &SOFTWARE),
            random: Counted(0),
            officer: Officer(signer(3)),
            keys: BTreeMap::new(),
        }
    }

    fn write(&mut self, object: ObjectId, event: Event) {
        let sequence = self.log.state(object).map_or(0, |s| s.sequence() + 1);
        let actor = Actor::new(LAND, self.officer.method(), &self.officer.0);
        let (named, key) = actor.commit(object, sequence, &mut self.random).unwrap();
        let entry = self.log.draft(object, event, named, at(0));
        let by = actor.sign(vec![(&entry, key)]).unwrap().remove(0);
        let document = self.officer.document();
        self.log.admit(&entry, &by, &document, at(0)).unwrap();
    }

    fn fields(&mut self, object: ObjectId, values: &[(u16, &str)]) -> BTreeMap<Field, Commitment> {
        let sequence = self.log.state(object).map_or(0, |s| s.sequence() + 1);
        let mut fields = BTreeMap::new();
        for (field, value) in values {
            let (field, value) = (Field(*field), value.as_bytes());
            let key = CommitmentKey::generate(&mut self.random).unwrap();
            let commitment = key
                .commit(object, sequence, field, value, &SOFTWARE)
                .unwrap();
            self.keys.insert((object, sequence, field), key);
            fields.insert(field, commitment);
        }
        fields
    }

    fn create(&mut self, values: &[(u16, &str)]) -> ObjectId {
        let object = ObjectId::generate(&mut self.random).unwrap();
        let fields = self.fields(object, values);
        self.write(object, Event::Create(fields));
        object
    }

    fn change(&mut self, object: ObjectId, values: &[(u16, &str)]) {
        let fields = self.fields(object, values);
        self.write(object, Event::Change(fields));
    }

    fn erase(&mut self, object: ObjectId, fields: &[u16]) {
        let fields = fields.iter().map(|field| Field(*field)).collect();
        self.keys.retain(|(of, _, field), _| {
            *of != object || !std::collections::BTreeSet::contains(&fields, field)
        });
        let reason = ErasureReason::Requested;
        self.write(object, Event::Erase { fields, reason });
    }

    fn prove(&mut self, object: ObjectId) -> CompleteHistory {
        self.log.seal().unwrap();
        let signed = sign(LAND, 1, self.log.size(), self.log.root().unwrap());
        self.log.prove(object, signed).unwrap()
    }

    fn compare(&mut self, object: ObjectId, values: &[(u16, &str)]) -> Comparison {
        let history = self.prove(object);
        let history = history.verify(object, LAND, &both(), &SOFTWARE).unwrap();
        let data = values
            .iter()
            .map(|(f, v)| (Field(*f), v.as_bytes()))
            .collect();
        let keys = |sequence, field| self.keys.get(&(object, sequence, field));
        history.compare(&data, keys, &SOFTWARE).unwrap()
    }
}

fn same(since: u32, standing: Standing) -> Comparison {
    Comparison::Same { since, standing }
}

fn differs(from: u32, fields: &[u16], erased: &[u16]) -> Comparison {
    let set = |fields: &[u16]| fields.iter().map(|field| Field(*field)).collect();
    Comparison::Differs {
        from,
        fields: set(fields),
        erased: set(erased),
        undecided: set(&[]),
    }
}

#[test]
fn that_something_is_not_on_one_log_does_not_say_that_it_is_not_on_another() {
    let mut house = House::new();
    let parcel = house.create(&[(1, "x")]);
    house.prove(parcel);
    let mut queries = QueryLog::new(QUERIES, &SOFTWARE);
    queries.seal().unwrap();
    let signed = sign(QUERIES, 2, queries.size(), queries.root().unwrap());
    // The log of queries knows nothing of the parcel; that is no proof that there is none.
    let nothing = queries.prove(parcel, signed).unwrap();
    assert_eq!(
        code(nothing.verify(parcel, LAND, &both(), &SOFTWARE)),
        "history/malformed"
    );
    // Nor does the log of histories say that nobody has asked.
    let person = ObjectId::from_bytes([9; 16]);
    let nothing = house.prove(person);
    assert_eq!(
        code(nothing.verify_queries(person, QUERIES, &both(), &SOFTWARE)),
        "history/malformed"
    );
    // Nor another log of histories.
    let mut other = HistoryLog::new(QUERIES, &SOFTWARE);
    other.seal().unwrap();
    let signed = sign(QUERIES, 2, other.size(), other.root().unwrap());
    let nothing = other.prove(parcel, signed).unwrap();
    assert_eq!(
        code(nothing.verify(parcel, LAND, &both(), &SOFTWARE)),
        "history/other-log"
    );
    nothing.verify(parcel, QUERIES, &both(), &SOFTWARE).unwrap();
}

/// A keeper who signs a map that leads from one object to the history of another.
#[test]
fn the_history_of_another_object_is_refused() {
    let mut house = House::new();
    let other = house.create(&[(1, "other")]);
    let asked = ObjectId::from_bytes([1; 16]);
    let hasher = TreeHasher::SOFTWARE;
    let text = house.log.entries()[0].clone();
    let entry = hasher.leaf(text.as_bytes()).unwrap();
    let mut map = HeadMap::new();
    map.set(asked, Head { sequence: 0, entry }, &SOFTWARE)
        .unwrap();
    let heads = LogEntry::Heads {
        size: 1,
        root: map.root(),
    }
    .to_text();
    let mut tree = MemoryTree::new();
    tree.append(entry, &hasher).unwrap();
    tree.append(hasher.leaf(heads.as_bytes()).unwrap(), &hasher)
        .unwrap();
    let signed = sign(LAND, 1, 2, tree.root(&hasher).unwrap());
    let mut found = Object::new();
    found.insert("entry", entry.to_string());
    found.insert("object", asked.to_string());
    found.insert("sequence", 0);
    let path: Vec<Value<'static>> = tree
        .prove_inclusion(1, 2, &hasher)
        .unwrap()
        .path
        .iter()
        .map(|hash| hash.to_string().into())
        .collect();
    let mut proof = Object::new();
    proof.insert("checkpoint", signed.to_string());
    proof.insert("found", found);
    proof.insert("heads", heads);
    proof.insert("path", path);
    proof.insert("siblings", Vec::<Value<'static>>::new());
    proof.insert("v", 1);
    let shown = format!("{}\n{text}\n", proof.to_canonical());
    let shown = CompleteHistory::parse(&shown).unwrap();
    assert_eq!(
        code(shown.verify(asked, LAND, &both(), &SOFTWARE)),
        "history/other-object"
    );
    assert_eq!(
        code(shown.verify(other, LAND, &both(), &SOFTWARE)),
        "history/incomplete"
    );
}

/// Whoever is shown who has written one entry must not learn it of those that were signed with it, once their keys are gone.
#[test]
fn what_was_signed_together_is_not_shown_together() {
    let officer = Officer(signer(3));
    let mut random = Counted(0);
    let actor = Actor::new(LAND, officer.method(), &officer.0);
    let (mut entries, mut keys) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        let object = ObjectId::generate(&mut random).unwrap();
        let (named, key) = actor.commit(object, 0, &mut random).unwrap();
        let event = Event::Create([(Field(1), Commitment::from_bytes([5; 32]))].into());
        entries.push(kbtf_history::next_entry(None, object, event, named, at(0)));
        keys.push(key);
    }
    let signed = actor.sign(entries.iter().zip(keys).collect()).unwrap();
    let hasher = TreeHasher::SOFTWARE;
    let leaf = |entry: &ObjectEntry| {
        let text = LogEntry::Object(entry.clone()).to_text();
        hasher.leaf(text.as_bytes()).unwrap()
    };
    let leaves: Vec<Hash> = entries.iter().map(leaf).collect();
    let path = &signed[0].batch().path;
    assert_eq!(path.len(), 2);
    assert_ne!(path[0], leaves[1]);
    assert_ne!(path[1], hasher.node(&leaves[2], &leaves[3]).unwrap());
    // The key is what shows it.
    let document = officer.document();
    for (entry, by) in entries.iter().zip(&signed) {
        by.verify(entry, LAND, &document, at(0), &SOFTWARE).unwrap();
    }
    // With the key of another it shows nothing.
    let crossed = Attribution::from_parts(
        officer.method(),
        CommitmentKey::from_bytes(*signed[1].key().to_bytes()),
        signed[0].signature().to_vec(),
        signed[0].batch().clone(),
    );
    assert_eq!(
        code(crossed.verify(&entries[0], LAND, &document, at(0), &SOFTWARE)),
        "history/wrong-actor"
    );
}

#[test]
fn what_was_signed_for_one_log_is_taken_by_no_other() {
    let officer = Officer(signer(3));
    let mut random = Counted(0);
    let actor = Actor::new(LAND, officer.method(), &officer.0);
    let object = ObjectId::generate(&mut random).unwrap();
    let (named, key) = actor.commit(object, 0, &mut random).unwrap();
    let event = Event::Create([(Field(1), Commitment::from_bytes([5; 32]))].into());
    let mut land = HistoryLog::new(LAND, &SOFTWARE);
    let entry = land.draft(object, event, named, at(0));
    let by = actor.sign(vec![(&entry, key)]).unwrap().remove(0);
    let document = officer.document();
    let mut other = HistoryLog::new("other.example/log", &SOFTWARE);
    assert_eq!(
        code(other.admit(&entry, &by, &document, at(0))),
        "history/false-signature"
    );
    land.admit(&entry, &by, &document, at(0)).unwrap();
}

/// A key that signs both entries and checkpoints: neither passes for the other.
#[test]
fn an_attribution_is_no_checkpoint_and_a_checkpoint_no_attribution() {
    let officer = Officer(signer(3));
    let mut random = Counted(0);
    let origin = "kbtf/attribution/v1";
    let actor = Actor::new(LAND, officer.method(), &officer.0);
    let object = ObjectId::generate(&mut random).unwrap();
    let (named, key_of_entry) = actor.commit(object, 0, &mut random).unwrap();
    let event = Event::Create([(Field(1), Commitment::from_bytes([5; 32]))].into());
    let entry = kbtf_history::next_entry(None, object, event, named, at(0));
    let by = actor.sign(vec![(&entry, key_of_entry)]).unwrap().remove(0);
    // Whatever size and root are tried, the signature of the attribution is none of a checkpoint with such an origin.
    let policy: TrustPolicy = format!("log {}\nquorum none\n", key(origin, 3))
        .parse()
        .unwrap();
    let tree = MemoryTree::new();
    let root = tree.root(&TreeHasher::SOFTWARE).unwrap();
    let signed = sign(origin, 3, 1, root).to_string();
    let (body, line) = signed.rsplit_once("\n\n").unwrap();
    let line = line.trim_end();
    let (start, base64) = line.rsplit_once(' ').unwrap();
    let id = &decode(base64)[..4];
    let with = [id, by.signature()].concat();
    let forged = format!("{body}\n\n{start} {}\n", encode(&with));
    let forged = SignedCheckpoint::parse(&forged).unwrap();
    assert_eq!(
        code(policy.verify(&forged, &SOFTWARE)),
        "history/false-signature"
    );
    // And the other way round.
    let checkpoint_signature = decode(base64)[4..].to_vec();
    let forged = Attribution::from_parts(
        officer.method(),
        CommitmentKey::from_bytes(*by.key().to_bytes()),
        checkpoint_signature,
        InclusionProof {
            index: 0,
            tree_size: 1,
            path: Vec::new(),
        },
    );
    assert_eq!(
        code(forged.verify(&entry, origin, &officer.document(), at(0), &SOFTWARE)),
        "history/false-signature"
    );
}

fn encode(bytes: &[u8]) -> String {
    use base64ct::Encoding as _;
    base64ct::Base64::encode_string(bytes)
}

fn decode(text: &str) -> Vec<u8> {
    use base64ct::Encoding as _;
    base64ct::Base64::decode_vec(text).unwrap()
}

#[test]
fn what_is_the_same_is_said_of_whole_records_that_were_there() {
    // Deleted.
    let mut house = House::new();
    let parcel = house.create(&[(1, "a")]);
    house.write(parcel, Event::Delete);
    assert_eq!(
        house.compare(parcel, &[(1, "a")]),
        same(0, Standing::Deleted)
    );

    // A mortgage that is left out of an old copy once it is erased.
    let parcel = house.create(&[(1, "mortgage"), (2, "A")]);
    house.change(parcel, &[(2, "B")]);
    house.erase(parcel, &[1]);
    assert_eq!(house.compare(parcel, &[(2, "A")]), differs(2, &[2], &[]));
    assert_eq!(
        house.compare(parcel, &[(2, "B")]),
        same(2, Standing::Current)
    );
    assert_eq!(
        house.compare(parcel, &[(1, "mortgage"), (2, "B")]),
        differs(2, &[1], &[1])
    );

    // A value that was erased and replaced: it cannot be told from one that never was.
    let person = house.create(&[(1, "old")]);
    house.erase(person, &[1]);
    house.change(person, &[(1, "new")]);
    assert_eq!(house.compare(person, &[(1, "old")]), differs(2, &[1], &[1]));
    assert_eq!(
        house.compare(person, &[(1, "new")]),
        same(2, Standing::Current)
    );

    // The key of what stands there now is lost, and an older value is the same.
    let item = house.create(&[(1, "x")]);
    house.change(item, &[(1, "x")]);
    house.keys.remove(&(item, 1, Field(1)));
    assert_eq!(
        house.compare(item, &[(1, "x")]),
        same(0, Standing::Undecided)
    );
    assert_eq!(
        house.compare(item, &[(1, "y")]),
        Comparison::Undecided([Field(1)].into())
    );

    // What is there now differs for sure; whether it was so before the erasure nobody can tell.
    let item = house.create(&[(1, "a"), (2, "b")]);
    house.change(item, &[(2, "c")]);
    house.keys.remove(&(item, 0, Field(2)));
    house.erase(item, &[1]);
    let Comparison::Differs { fields, erased, .. } = house.compare(item, &[(1, "x"), (2, "z")])
    else {
        panic!("it differs");
    };
    assert_eq!(
        (fields, erased),
        ([Field(1), Field(2)].into(), [Field(1)].into())
    );

    // Erased and set again to what it was: the first entry may have left just this, the last has not.
    let item = house.create(&[(1, "v"), (2, "before")]);
    house.erase(item, &[1]);
    house.change(item, &[(1, "v"), (2, "after")]);
    let was = [(1, "v"), (2, "before")];
    assert_eq!(house.compare(item, &was), differs(2, &[2], &[1]));
    // As little is known where the key of the other member is lost too.
    house.keys.remove(&(item, 0, Field(2)));
    let expected = Comparison::Differs {
        from: 2,
        fields: [Field(2)].into(),
        erased: [Field(1)].into(),
        undecided: [Field(2)].into(),
    };
    assert_eq!(house.compare(item, &was), expected);
    // With another value in the place of the known one it is sure.
    assert_eq!(
        house.compare(item, &[(1, "v"), (2, "after"), (3, "more")]),
        differs(2, &[3], &[])
    );

    // A lost key in between says nothing of what came after it for sure.
    let item = house.create(&[(1, "a")]);
    house.change(item, &[(1, "b")]);
    house.change(item, &[(1, "c")]);
    house.keys.remove(&(item, 1, Field(1)));
    assert_eq!(
        house.compare(item, &[(1, "a")]),
        same(0, Standing::Superseded)
    );

    // Nothing says nothing.
    let history = house.prove(item);
    let history = history.verify(item, LAND, &both(), &SOFTWARE).unwrap();
    let nothing = history.compare(&BTreeMap::new(), |_, _| None, &SOFTWARE);
    assert_eq!(code(nothing), "history/malformed");
}

/// What a stranger's history costs grows with its length, not with entries times members.
/// That a member is another is said of what was looked at, not of one whose key is not at hand.
#[test]
fn a_member_whose_key_is_not_at_hand_is_not_said_to_differ() {
    let mut house = House::new();
    let parcel = house.create(&[(1, "a"), (2, "b")]);
    house.keys.remove(&(parcel, 0, Field(2)));
    let expected = Comparison::Differs {
        from: 0,
        fields: [Field(1)].into(),
        erased: [].into(),
        undecided: [Field(2)].into(),
    };
    assert_eq!(house.compare(parcel, &[(1, "z"), (2, "b")]), expected);
    assert_eq!(
        house.compare(parcel, &[(1, "a"), (2, "b")]),
        Comparison::Undecided([Field(2)].into())
    );
}

#[test]
fn a_history_of_many_members_and_changes_is_compared() {
    let mut house = House::new();
    let object = ObjectId::from_bytes([7; 16]);
    let mut log = HistoryLog::new(LAND, &SOFTWARE);
    let mut number = 0_u64;
    let mut fields = |from: u16, count: u16| -> BTreeMap<Field, Commitment> {
        (from..from + count)
            .map(|field| {
                number += 1;
                let mut bytes = [0; 32];
                bytes[..8].copy_from_slice(&number.to_be_bytes());
                (Field(field), Commitment::from_bytes(bytes))
            })
            .collect()
    };
    let mut events = vec![Event::Create(fields(0, 256))];
    events.extend((1..40).map(|i| Event::Change(fields(i * 256, 256))));
    events.extend((0..2000).map(|_| Event::Change(fields(0, 1))));
    for event in events {
        let entry = log.draft(object, event, Commitment::from_bytes([1; 32]), at(0));
        log.follow(&LogEntry::Object(entry).to_text()).unwrap();
    }
    house.log = log;
    let history = house.prove(object);
    let history = CompleteHistory::parse(&history.to_text()).unwrap();
    let history = history.verify(object, LAND, &both(), &SOFTWARE).unwrap();
    let data = (0..256).map(|field| (Field(field), &b"x"[..])).collect();
    let compared = history.compare(&data, |_, _| None, &SOFTWARE).unwrap();
    // As the first entry left it, were its keys at hand.
    assert!(matches!(compared, Comparison::Undecided(fields) if fields.len() == 256));
}

#[test]
fn when_a_checkpoint_was_seen_is_the_word_of_a_quorum() {
    let log = sign(LAND, 1, 0, TreeHasher::SOFTWARE.empty().unwrap());
    let houses: Vec<_> = (10..14).map(signer).collect();
    let witnesses: Vec<_> = houses
        .iter()
        .enumerate()
        .map(|(i, house)| {
            let name = format!("w{i}.example");
            Witness::new(&name, house, vec![key(LAND, 1)]).unwrap()
        })
        .collect();
    let cosigned = |times: [Option<&str>; 4]| {
        let request = AddCheckpoint {
            old_size: 0,
            path: Vec::new(),
            checkpoint: log.clone(),
        };
        let mut signed = log.clone();
        for (witness, time) in witnesses.iter().zip(times) {
            if let Some(time) = time {
                let time = time.parse().unwrap();
                let (_, line) = witness.add_checkpoint(&request, None, time).unwrap();
                signed = signed.cosigned(&line).unwrap();
            }
        }
        signed
    };
    let keys: Vec<String> = witnesses
        .iter()
        .map(|witness| witness.key().unwrap().to_string())
        .collect();
    // Two of the first three; the fourth belongs to no quorum.
    let policy: TrustPolicy = format!(
        "log {}\nwitness a {}\nwitness b {}\nwitness c {}\nwitness d {}\ngroup g 2 a b c\nquorum g\n",
        key(LAND, 1), keys[0], keys[1], keys[2], keys[3]
    )
    .parse()
    .unwrap();
    let seen = |times| {
        let trusted = policy.verify(&cosigned(times), &SOFTWARE).unwrap();
        (
            trusted.seen_by().unwrap().to_string(),
            trusted.seen_at().unwrap().to_string(),
        )
    };
    let [early, late, rogue, ancient] = [
        "2026-11-22T00:00:00Z",
        "2026-11-22T01:00:00Z",
        "9999-01-01T00:00:00Z",
        "1970-01-02T00:00:00Z",
    ];
    let (early_, late_) = (early.to_owned(), late.to_owned());
    // A rogue outside the quorum says nothing; one inside neither makes it fresher nor older.
    let told = seen([Some(early), Some(late), None, Some(rogue)]);
    assert_eq!(told, (late_.clone(), early_.clone()));
    let told = seen([Some(early), Some(late), Some(rogue), None]);
    assert_eq!(told, (late_.clone(), late_.clone()));
    let told = seen([Some(early), Some(late), Some(ancient), None]);
    assert_eq!(told, (early_.clone(), early_));
    // One that has cosigned twice: it had seen it by the first time, and says so still at the last.
    let twice = cosigned([Some(early), Some(early), None, None]);
    let again = {
        let request = AddCheckpoint {
            old_size: 0,
            path: Vec::new(),
            checkpoint: log.clone(),
        };
        let mut text = twice.to_string();
        for witness in &witnesses[..2] {
            let (_, line) = witness
                .add_checkpoint(&request, None, late.parse().unwrap())
                .unwrap();
            text.push_str(&line);
        }
        SignedCheckpoint::parse(&text).unwrap()
    };
    let trusted = policy.verify(&again, &SOFTWARE).unwrap();
    assert_eq!(trusted.seen_by().unwrap().to_string(), early);
    assert_eq!(trusted.seen_at().unwrap().to_string(), late);
    // Without a quorum nobody has said when.
    let none: TrustPolicy = format!("log {}\nwitness a {}\nquorum none\n", key(LAND, 1), keys[0])
        .parse()
        .unwrap();
    let trusted = none
        .verify(&cosigned([Some(early), None, None, None]), &SOFTWARE)
        .unwrap();
    assert_eq!(trusted.seen_by(), None);
    assert_eq!(trusted.witnessed().len(), 1);
}

#[test]
fn a_witness_that_is_not_read_here_stops_nobody() {
    let signed = sign(LAND, 1, 0, TreeHasher::SOFTWARE.empty().unwrap());
    // A key of ML-DSA-44 (0x06), as newer witnesses have.
    let key_of = |kind: u8, length: usize| {
        use kbtf_did::CryptoProvider as _;
        let bytes = [vec![kind], vec![7; length]].concat();
        let hash = SOFTWARE.sha256(&[b"new.example\n", bytes.as_slice()].concat());
        let id: String = hash.unwrap()[..4]
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        format!("new.example+{id}+{}", encode(&bytes))
    };
    let ml_dsa = key_of(6, 1312);
    let policy = |quorum: &str| -> TrustPolicy {
        format!(
            "log {}\nwitness new {ml_dsa}\nquorum {quorum}\n",
            key(LAND, 1)
        )
        .parse()
        .unwrap()
    };
    policy("none").verify(&signed, &SOFTWARE).unwrap();
    // It is never heard.
    assert_eq!(
        code(policy("new").verify(&signed, &SOFTWARE)),
        "history/no-quorum"
    );
    // One letter wrong does not make a witness vanish.
    for wrong in [
        key_of(5, 1312),
        key_of(6, 32),
        ml_dsa.replacen("Bwc", "Bwd", 1),
    ] {
        let policy = format!("log {}\nwitness new {wrong}\nquorum none\n", key(LAND, 1));
        assert_eq!(code(policy.parse::<TrustPolicy>()), "history/malformed");
    }
    // A signature of a stranger with a long name is no concern of ours.
    let long = format!("{signed}— {} {}\n", "a".repeat(300), encode(&[1; 68]));
    let long = SignedCheckpoint::parse(&long).unwrap();
    policy("none").verify(&long, &SOFTWARE).unwrap();
}

#[test]
fn what_a_witness_answers_takes_the_place_of_no_other_signature() {
    let signed = sign(LAND, 1, 0, TreeHasher::SOFTWARE.empty().unwrap());
    let own = signed.to_string();
    let line = own.lines().last().unwrap();
    let (start, base64) = line.rsplit_once(' ').unwrap();
    let id = decode(base64)[..4].to_vec();
    // In the name and with the key id of the log: a false signature.
    let line = format!("{start} {}\n", encode(&[id, vec![0; 64]].concat()));
    let with = signed.cosigned(&line).unwrap();
    both().verify(&with, &SOFTWARE).unwrap();
    assert_eq!(with.to_string(), own);
    // A key is counted once.
    let key = key(LAND, 1);
    let counted = Note::parse(&own).unwrap();
    let counted = counted.verify(&[&key, &key], &SOFTWARE).unwrap();
    assert_eq!(counted.len(), 1);
}

#[test]
fn tiles_end_where_numbers_do() {
    // 2^64 entries have one tile of the topmost level.
    assert!(TileId::new(7, 0, 255).is_ok());
    assert_eq!(code(TileId::new(7, 1, 1)), "history/out-of-range");
    assert_eq!(code("tile/7/001".parse::<TileId>()), "history/out-of-range");
    // A size that somebody claims costs nothing.
    let first = TileId::grown(0, u64::MAX).unwrap().next();
    assert_eq!(first, TileId::new(0, 0, 256).ok());
    // A full tile does for one that was not full and is gone.
    let hasher = TreeHasher::SOFTWARE;
    let mut tree = MemoryTree::new();
    for i in 0..512_u32 {
        let leaf = hasher.leaf(&i.to_be_bytes()).unwrap();
        tree.append(leaf, &hasher).unwrap();
    }
    let mut tiles = Tiles::new(300);
    for index in [0, 1] {
        let id = TileId::new(0, index, 256).unwrap();
        tiles.add(id, &tile_bytes(id, &tree).unwrap()).unwrap();
    }
    // That of the level above holds what stood on the first.
    let id = TileId::new(1, 0, 1).unwrap();
    tiles.add(id, &tile_bytes(id, &tree).unwrap()).unwrap();
    assert_eq!(
        tiles.root_at(300, &hasher).unwrap(),
        tree.root_at(300, &hasher).unwrap()
    );
}

#[test]
fn a_source_that_gives_nothing_gives_no_number() {
    struct Dead;
    impl rand_core::TryRng for Dead {
        type Error = std::convert::Infallible;
        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            Ok(0)
        }
        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            Ok(0)
        }
        fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Self::Error> {
            to.fill(0);
            Ok(())
        }
    }
    impl rand_core::TryCryptoRng for Dead {}
    assert_eq!(code(ObjectId::generate(&mut Dead)), "did/randomness");
    assert_eq!(code(CommitmentKey::generate(&mut Dead)), "did/randomness");
}

/// Entries that were written after a history was shown to be all, and are dated before.
#[test]
fn what_is_dated_back_is_told_by_an_earlier_history() {
    let mut house = House::new();
    let parcel = house.create(&[(1, "a")]);
    let earlier = house.prove(parcel);
    let earlier = earlier.verify(parcel, LAND, &both(), &SOFTWARE).unwrap();
    house.change(parcel, &[(1, "b")]);
    let later = house.prove(parcel);
    let later = later.verify(parcel, LAND, &both(), &SOFTWARE).unwrap();
    // The earlier one was stamped ten minutes after the time that the new entry claims; clocks may be five apart.
    assert_eq!(later.back_dated(&earlier, at(600)).unwrap(), [1]);
    assert_eq!(later.back_dated(&earlier, at(300)).unwrap(), []);
    assert_eq!(later.back_dated(&earlier, at(301)).unwrap(), [1]);
    assert_eq!(code(earlier.back_dated(&later, at(0))), "history/fork");
    let other = house.create(&[(1, "c")]);
    let other = house
        .prove(other)
        .verify(other, LAND, &both(), &SOFTWARE)
        .unwrap();
    assert_eq!(
        code(later.back_dated(&other, at(0))),
        "history/other-object"
    );
    // That something else was not there yet says nothing of this.
    let absent = ObjectId::from_bytes([9; 16]);
    let absence = house.prove(absent);
    let absence = absence.verify(absent, LAND, &both(), &SOFTWARE).unwrap();
    assert_eq!(
        code(later.back_dated(&absence, at(600))),
        "history/other-object"
    );
}
