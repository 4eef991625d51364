//! What keeps a log: a store in memory and one in files pass the same tests, a writer that is killed at any moment loses nothing
//! that it has given out, two writers make one log, and a monitor sees what a keeper does to his files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{
    collections::BTreeSet,
    env,
    fs::{self, File, OpenOptions},
    future::Future,
    io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    pin::pin,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use kbtf_did::{
    DidDocument, DidUrl, KeyFormat, KeyType, SOFTWARE, SecretKey, Signer, SoftwareSigner,
    Timestamp, did_key,
};
use kbtf_history::{
    Actor, AddCheckpoint, Attribution, Checkpoint, CommitmentKey, Error, Event, Field, Finding,
    Hash, HistoryLog, LogEntry, MemoryTree, Monitor, ObjectEntry, ObjectId, Outcome, QueryEvent,
    QueryLog, SignedCheckpoint, TreeHasher, TrustPolicy, TrustedCheckpoint, Witness, next_entry,
    note::{NoteKey, NoteKeyType},
    store::{
        Admission, Keeper, LogKeys, LogStore, Looked, MemoryStore, QueryKeeper, StoreError,
        check_store,
    },
};

mod contract;
mod keepers;
mod killed;
mod monitors;

const ORIGIN: &str = "history.example.go.kr/land";

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

fn officer() -> (SoftwareSigner<'static>, DidUrl, DidDocument) {
    let officer = signer(3);
    let did = did_key::from_public_key(officer.public_key());
    let method = did_key::verification_method_id(&did).unwrap();
    (
        officer,
        method,
        did_key::resolve(&did, KeyFormat::Multikey).unwrap(),
    )
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_795_000_000 + seconds).unwrap()
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

/// The next creation of an object, signed.
fn creation(random: &mut Counted) -> (ObjectEntry, Attribution) {
    let (officer, method, _) = officer();
    let object = ObjectId::generate(random).unwrap();
    let key = CommitmentKey::generate(random).unwrap();
    let value = key.commit(object, 0, Field(1), b"x", &SOFTWARE).unwrap();
    let actor = Actor::new(ORIGIN, method, &officer);
    let (named, key) = actor.commit(object, 0, random).unwrap();
    let event = Event::Create([(Field(1), value)].into());
    let entry = next_entry(None, object, event, named, at(0));
    let by = actor.sign(vec![(&entry, key)]).unwrap().remove(0);
    (entry, by)
}

fn admit<S: LogStore>(keeper: &mut Keeper<'_, S>, random: &mut Counted) -> Result<u64, Error> {
    let (entry, by) = creation(random);
    let (.., document) = officer();
    block_on(keeper.admit(&entry, &by, &document, at(0)))
}

fn log_key(origin: &str, seed: u8) -> NoteKey {
    let key = signer(seed).public_key().clone();
    NoteKey::new(origin, NoteKeyType::Ed25519, key, &SOFTWARE).unwrap()
}

fn policy() -> TrustPolicy {
    let key = log_key(ORIGIN, 1);
    format!("log {key}\nquorum none\n").parse().unwrap()
}

fn create<S: LogStore>(store: S) -> Keeper<'static, S> {
    block_on(Keeper::create(
        store,
        log_key(ORIGIN, 1),
        &signer(1),
        &SOFTWARE,
    ))
    .unwrap()
}

fn open<S: LogStore>(store: S) -> Keeper<'static, S> {
    block_on(Keeper::open(
        store,
        log_key(ORIGIN, 1),
        |_, _| true,
        &SOFTWARE,
    ))
    .unwrap()
}

/// The one that is there, or a new one.
fn begin<S: LogStore + Clone>(store: S) -> Keeper<'static, S> {
    match block_on(store.checkpoint()).unwrap() {
        None => create(store),
        Some(_) => open(store),
    }
}

fn trusted(signed: &SignedCheckpoint) -> TrustedCheckpoint {
    policy().verify(signed, &SOFTWARE).unwrap()
}

/// Two files in a folder: the entries one after the other, each with its length and a sum in front, and the checkpoint, put
/// in place by renaming.
#[derive(Clone)]
struct Files {
    folder: PathBuf,
}

impl Files {
    fn new(folder: &Path) -> Self {
        fs::create_dir_all(folder).unwrap();
        Self {
            folder: folder.to_owned(),
        }
    }

    /// One at a time, of all that have the folder open, in this process and others.
    #[allow(
        clippy::incompatible_msrv,
        reason = "of tests, which run on a newer one"
    )]
    fn lock(&self) -> File {
        let lock = File::create(self.folder.join("lock")).unwrap();
        lock.lock().unwrap();
        lock
    }

    fn entries_file(&self) -> File {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        options.open(self.folder.join("entries")).unwrap()
    }

    /// All whole entries, and where they end: a torn one at the end is as if it had never been.
    fn all(&self) -> (Vec<String>, u64) {
        let mut bytes = Vec::new();
        self.entries_file().read_to_end(&mut bytes).unwrap();
        let (mut texts, mut end) = (Vec::new(), 0);
        let mut rest = bytes.as_slice();
        while let Some((head, after)) = rest.split_first_chunk::<12>() {
            let length = u32::from_be_bytes(head[..4].try_into().unwrap()) as usize;
            let Some((text, after)) = after.split_at_checked(length) else {
                break;
            };
            if sum(text).to_be_bytes() != head[4..] {
                break;
            }
            texts.push(String::from_utf8(text.to_vec()).unwrap());
            end += 12 + length as u64;
            rest = after;
        }
        (texts, end)
    }
}

/// FNV-1a: enough to see that a write was torn.
fn sum(text: &[u8]) -> u64 {
    text.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    })
}

impl LogStore for Files {
    async fn entries(&self, from: u64, most: usize) -> Result<Vec<String>, StoreError> {
        let _one = self.lock();
        let (texts, _) = self.all();
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        Ok(texts.into_iter().skip(from).take(most).collect())
    }

    async fn put_entries(&self, from: u64, texts: &[String]) -> Result<usize, StoreError> {
        let _one = self.lock();
        let (there, end) = self.all();
        let next = there.len() as u64;
        if from > next {
            return Err(StoreError::Gap { next });
        }
        let there = &there[usize::try_from(from).unwrap()..];
        if let Some(at) = there.iter().zip(texts).position(|(a, b)| a != b) {
            return Err(StoreError::Taken {
                index: from + at as u64,
            });
        }
        let mut file = self.entries_file();
        file.set_len(end).unwrap();
        file.seek(SeekFrom::Start(end)).unwrap();
        for text in texts.iter().skip(there.len()) {
            // In pieces, so that whoever is killed is killed in between too.
            let length = u32::try_from(text.len()).unwrap();
            file.write_all(&length.to_be_bytes()).unwrap();
            file.write_all(&sum(text.as_bytes()).to_be_bytes()).unwrap();
            let (one, two) = text.as_bytes().split_at(text.len() / 2);
            file.write_all(one).unwrap();
            file.write_all(two).unwrap();
        }
        file.sync_all().unwrap();
        Ok(texts.len().saturating_sub(there.len()))
    }

    async fn checkpoint(&self) -> Result<Option<String>, StoreError> {
        let _one = self.lock();
        Ok(fs::read_to_string(self.folder.join("checkpoint")).ok())
    }

    async fn swap_checkpoint(&self, expected: Option<&str>, new: &str) -> Result<(), StoreError> {
        let _one = self.lock();
        let path = self.folder.join("checkpoint");
        if fs::read_to_string(&path).ok().as_deref() != expected {
            return Err(StoreError::Changed);
        }
        let next = self.folder.join("checkpoint.new");
        let mut file = File::create(&next).unwrap();
        file.write_all(new.as_bytes()).unwrap();
        file.sync_all().unwrap();
        fs::rename(&next, &path).unwrap();
        File::open(&self.folder).unwrap().sync_all().unwrap();
        Ok(())
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = env::temp_dir().join(format!("kbtf-history-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    folder
}

fn subject() -> ObjectId {
    ObjectId::from_bytes([4; 16])
}

fn question() -> QueryEvent {
    QueryEvent::Intent(kbtf_history::Query {
        actor: kbtf_history::Commitment::from_bytes([1; 32]),
        asked: kbtf_history::Asked::Queries,
        purpose: kbtf_history::Purpose(1),
        basis: kbtf_history::LegalBasis::Law,
    })
}
