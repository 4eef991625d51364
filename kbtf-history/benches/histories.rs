//! Histories of objects beside what nobody can do without: to take an entry, one bare verification of an Ed25519 signature; to
//! verify a complete history, the hashes of its entries. With logs of a thousand and a hundred thousand objects.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{
    collections::BTreeMap,
    future::Future,
    hint::black_box,
    pin::pin,
    task::{Context, Poll, Waker},
};

use kbtf_did::{
    CryptoProvider as _, KeyFormat, KeyType, SOFTWARE, SecretKey, SignatureAlgorithm, Signer,
    SoftwareSigner, Timestamp, did_key,
};
use kbtf_history::{
    Actor, Attribution, Checkpoint, Commitment, CommitmentKey, CompleteHistory, Event, Field,
    HistoryLog, LogEntry, ObjectEntry, ObjectId, TreeHasher, TrustPolicy, next_entry,
    note::{NoteKey, NoteKeyType},
    store::{Admission, Keeper, MemoryStore},
};
use kbtf_rounds::Rounds;

const ORIGIN: &str = "history.example.go.kr/land";
const HASHER: TreeHasher<'static> = TreeHasher::SOFTWARE;
/// Entries that are signed together.
const BATCH: usize = 64;
/// Entries of the history that is proved.
const LENGTH: u32 = 100;

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
            // Spread over all bits, as random numbers are.
            self.0 += 1;
            let mixed = self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
            chunk.copy_from_slice(&mixed.to_be_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Counted {}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

fn signer(seed: u8) -> SoftwareSigner<'static> {
    SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[seed; 32]).unwrap())
}

fn at() -> Timestamp {
    Timestamp::from_unix(1_795_000_000).unwrap()
}

fn commitment(number: u64) -> Commitment {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Commitment::from_bytes(bytes)
}

fn fields(number: u64) -> BTreeMap<Field, Commitment> {
    (0..3)
        .map(|f| (Field(f), commitment(4 * number + u64::from(f))))
        .collect()
}

/// So many objects, the first with a long history.
fn log_of(objects: u64) -> (HistoryLog<'static>, ObjectId) {
    let mut log = HistoryLog::new(ORIGIN, &SOFTWARE);
    let mut random = Counted(1 << 40);
    let mut first = None;
    for number in 0..objects {
        let object = ObjectId::generate(&mut random).unwrap();
        first.get_or_insert(object);
        let entry = log.draft(object, Event::Create(fields(number)), commitment(1), at());
        log.follow(&LogEntry::Object(entry).to_text()).unwrap();
    }
    let first = first.unwrap();
    for number in 1..LENGTH {
        let event = Event::Change(fields(objects + u64::from(number)));
        let entry = log.draft(first, event, commitment(1), at());
        log.follow(&LogEntry::Object(entry).to_text()).unwrap();
    }
    log.seal().unwrap();
    (log, first)
}

fn main() {
    let officer = signer(3);
    let did = did_key::from_public_key(officer.public_key());
    let method = did_key::verification_method_id(&did).unwrap();
    let document = did_key::resolve(&did, KeyFormat::Multikey).unwrap();
    let message = [7_u8; 64];
    let signature = officer.sign(&message).unwrap();
    let verify = || {
        SOFTWARE
            .verify(
                SignatureAlgorithm::EdDsa,
                officer.public_key(),
                black_box(&message),
                &signature,
            )
            .unwrap();
    };
    let key = NoteKey::new(
        ORIGIN,
        NoteKeyType::Ed25519,
        signer(1).public_key().clone(),
        &SOFTWARE,
    )
    .unwrap();
    let policy: TrustPolicy = format!("log {key}\nquorum none\n").parse().unwrap();
    for objects in [1_000, 100_000] {
        println!("\n{objects} objects, a history of {LENGTH} entries");
        let (mut log, object) = log_of(objects);
        let actor = Actor::new(ORIGIN, method.clone(), &officer);
        let mut random = Counted(0);
        // Entries that were signed before, so that what a log does is measured and not what its writers do.
        let mut draft = |number: u64, object: ObjectId| -> (ObjectEntry, CommitmentKey) {
            let (named, key) = actor.commit(object, 0, &mut random).unwrap();
            let event = Event::Create(fields(1_000_000 + number));
            (next_entry(None, object, event, named, at()), key)
        };
        let mut numbers = Counted(1 << 50);
        let mut fresh = || ObjectId::generate(&mut numbers).unwrap();
        let mut single: Vec<(ObjectEntry, Attribution)> = (0..2_000)
            .map(|number| {
                let (entry, key) = draft(number, fresh());
                let by = actor.sign(vec![(&entry, key)]).unwrap().remove(0);
                (entry, by)
            })
            .collect();
        let mut batches: Vec<Vec<(ObjectEntry, Attribution)>> = (0..410)
            .map(|_| {
                let drafts: Vec<_> = (0..BATCH as u64).map(|n| draft(n, fresh())).collect();
                let (entries, keys): (Vec<_>, Vec<_>) = drafts.into_iter().unzip();
                let signed = actor.sign(entries.iter().zip(keys).collect()).unwrap();
                entries.into_iter().zip(signed).collect()
            })
            .collect();
        let log_signer = signer(1);
        let mut keeper = block_on(Keeper::create(
            MemoryStore::default(),
            key.clone(),
            &log_signer,
            &SOFTWARE,
        ))
        .unwrap();
        let checkpoint = Checkpoint::new(ORIGIN, log.size(), log.root().unwrap()).unwrap();
        let signed = checkpoint.sign(&log_signer).unwrap();
        let shown = log.prove(object, signed.clone()).unwrap();
        let text = shown.to_text();
        println!("proof and entries: {} bytes", text.len());
        let entries: Vec<String> = text.lines().skip(1).map(str::to_owned).collect();
        let prover = log_of(objects).0;
        let mut rounds = Rounds::new();
        rounds.floor("bare: verify one Ed25519 signature", verify);
        rounds.operation("admit an entry", || {
            let (entry, by) = single.pop().unwrap();
            log.admit(&entry, &by, &document, at()).unwrap();
        });
        rounds.operation(
            "admit 64 entries that were signed together, through a store",
            || {
                let batch = batches.pop().unwrap();
                let admissions: Vec<_> = batch
                    .iter()
                    .map(|(entry, by)| Admission {
                        entry,
                        by,
                        document: &document,
                    })
                    .collect();
                block_on(keeper.admit_many(&admissions, at())).unwrap();
            },
        );
        rounds.floor("bare: verify one signature, hash 100 entries", || {
            verify();
            for entry in &entries {
                black_box(HASHER.leaf(black_box(entry.as_bytes())).unwrap());
            }
        });
        rounds.operation("prove that 100 entries are all", || {
            black_box(prover.prove(object, signed.clone()).unwrap());
        });
        rounds.operation("verify that 100 entries are all, from text", || {
            let history = CompleteHistory::parse(black_box(&text)).unwrap();
            let history = history.verify(object, ORIGIN, &policy, &SOFTWARE).unwrap();
            assert_eq!(history.entries().len(), LENGTH as usize);
        });
        rounds.run(200);
    }
}
