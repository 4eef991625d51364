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
    Actor, AddCheckpoint, Attribution, CommitmentKey, Error, Event, Field, Finding, HistoryLog,
    Monitor, ObjectEntry, ObjectId, Outcome, QueryEvent, QueryLog, SignedCheckpoint, TrustPolicy,
    TrustedCheckpoint, Witness, next_entry,
    note::{NoteKey, NoteKeyType},
    store::{
        Admission, Keeper, LogStore, Looked, MemoryStore, QueryKeeper, StoreError, check_store,
    },
};

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

#[test]
fn a_store_in_memory_and_one_in_files_pass_the_same_tests() {
    for (test, result) in block_on(check_store(Arc::<MemoryStore>::default, Arc::clone)) {
        assert_eq!(result, Ok(()), "{test}");
    }
    let folder = folder("check");
    let count = Mutex::new(0);
    let fresh = || {
        let mut count = count.lock().unwrap();
        *count += 1;
        Files::new(&folder.join(count.to_string()))
    };
    for (test, result) in block_on(check_store(fresh, Files::clone)) {
        assert_eq!(result, Ok(()), "{test}");
    }
    fs::remove_dir_all(&folder).unwrap();
}

/// Stores that are broken in one way each, and the test that says so.
#[test]
fn the_tests_of_stores_find_what_is_wrong() {
    #[derive(Clone)]
    struct Broken(Arc<MemoryStore>, &'static str);

    /// Lets others go first.
    async fn wait() {
        let mut has_waited = false;
        std::future::poll_fn(|_| match std::mem::replace(&mut has_waited, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
    }

    impl LogStore for Broken {
        async fn entries(&self, from: u64, most: usize) -> Result<Vec<String>, StoreError> {
            let mut texts = self.0.entries(from, most).await?;
            match self.1 {
                "trims" => texts = texts.iter().map(|text| text.trim().to_owned()).collect(),
                "turns" => texts.reverse(),
                "sorts" => {
                    // As a database does whose keys are decimal texts.
                    let mut all: Vec<_> = (0_u64..)
                        .zip(self.0.entries(0, usize::MAX).await?)
                        .map(|(i, text)| (i.to_string(), text))
                        .filter(|(i, _)| *i >= from.to_string())
                        .collect();
                    all.sort();
                    texts = all.into_iter().map(|(_, text)| text).take(most).collect();
                }
                _ => {}
            }
            Ok(texts)
        }
        async fn put_entries(&self, from: u64, texts: &[String]) -> Result<usize, StoreError> {
            if self.1 == "races" {
                // Looks, and writes later.
                let is_free = self.0.entries(from, 1).await?.is_empty();
                wait().await;
                if is_free {
                    let _ = self.0.put_entries(from, texts).await;
                    return Ok(texts.len());
                }
            }
            match self.0.put_entries(from, texts).await {
                Err(StoreError::Taken { .. }) if self.1 == "takes" => Ok(0),
                Err(StoreError::Taken { index }) if self.1 == "first" && index > from => Ok(0),
                Err(StoreError::Gap { next }) if self.1 == "fills" => {
                    self.0.put_entries(next, texts).await
                }
                Err(StoreError::Taken { index }) if self.1 == "half" => {
                    let rest = texts.get(1..).unwrap_or_default();
                    self.0.put_entries(index + 1, rest).await?;
                    Err(StoreError::Taken { index })
                }
                other => other,
            }
        }
        async fn checkpoint(&self) -> Result<Option<String>, StoreError> {
            self.0.checkpoint().await
        }
        async fn swap_checkpoint(
            &self,
            expected: Option<&str>,
            new: &str,
        ) -> Result<(), StoreError> {
            let there = self.0.checkpoint().await?;
            match self.1 {
                "swaps" => return self.0.swap_checkpoint(there.as_deref(), new).await,
                "races" if there.as_deref() == expected => {
                    wait().await;
                    let now = self.0.checkpoint().await?;
                    return self.0.swap_checkpoint(now.as_deref(), new).await;
                }
                _ => {}
            }
            self.0.swap_checkpoint(expected, new).await
        }
    }
    let whole: fn(&Broken) -> Broken = Broken::clone;
    let forgets: fn(&Broken) -> Broken = |store| Broken(Arc::default(), store.1);
    let mut found = BTreeSet::new();
    for (fault, again, test) in [
        ("trims", whole, "any text is kept as it is"),
        ("turns", whole, "what was put is read, whole and in order"),
        (
            "sorts",
            whole,
            "thousands of entries are read in their order",
        ),
        ("takes", whole, "another text at a place is refused"),
        ("first", whole, "another text at a place is refused"),
        ("fills", whole, "a gap is refused"),
        ("half", whole, "a refusal puts nothing"),
        (
            "swaps",
            whole,
            "a checkpoint is swapped for the expected one alone",
        ),
        ("races", whole, "of two that write at once one wins"),
        (
            "forgets",
            forgets,
            "what was kept is there when it is opened again",
        ),
    ] {
        let fresh = || Broken(Arc::default(), fault);
        let results = block_on(check_store(fresh, again));
        let (_, result) = results.iter().find(|(name, _)| *name == test).unwrap();
        assert!(result.is_err(), "{fault}");
        found.insert(test);
    }
    assert_eq!(found.len(), 9);
}

#[test]
fn two_writers_make_one_log() {
    let store = MemoryStore::default();
    let (mut random, log) = (Counted(0), signer(1));
    let mut first = create(&store);
    let mut second = open(&store);
    admit(&mut first, &mut random).unwrap();
    // The second has not seen it: his entry would stand at the same place.
    let late = admit(&mut second, &mut random).unwrap_err();
    assert_eq!(late.code(), "history/store-taken");
    assert_eq!(second.log().size(), 1);
    let signed = block_on(first.publish(&log)).unwrap();
    // Nothing new leaves nothing to do.
    assert_eq!(block_on(first.publish(&log)).unwrap(), signed);
    let mut second = open(&store);
    assert_eq!(*second.checkpoint(), signed);
    admit(&mut second, &mut random).unwrap();
    block_on(second.publish(&log)).unwrap();
    // The first would put his checkpoint over a later one.
    let late = admit(&mut first, &mut random).unwrap_err();
    assert_eq!(late.code(), "history/store-taken");
    assert_eq!(open(&store).log().size(), 5);
    // Nor is there a second log in one store.
    let again = Keeper::create(&store, log_key(ORIGIN, 1), &log, &SOFTWARE);
    assert_eq!(
        block_on(again).err().map(|error| error.code()),
        Some("history/store-changed")
    );
}

#[test]
fn many_entries_are_taken_at_once_or_none() {
    let store = MemoryStore::default();
    let mut random = Counted(0);
    let mut keeper = create(&store);
    let (.., document) = officer();
    let created: Vec<_> = (0..5).map(|_| creation(&mut random)).collect();
    let admissions: Vec<_> = created
        .iter()
        .map(|(entry, by)| Admission {
            entry,
            by,
            document: &document,
        })
        .collect();
    // One of them twice: nothing is written.
    let mut twice = admissions.clone();
    twice.push(twice[0]);
    let refused = block_on(keeper.admit_many(&twice, at(0))).unwrap_err();
    assert_eq!(refused.code(), "history/not-next");
    assert_eq!(block_on(store.entries(0, 10)).unwrap().len(), 1);
    // What follows on an entry of the same batch is taken.
    let (first, _) = &created[0];
    let hash = kbtf_history::TreeHasher::SOFTWARE
        .leaf(
            kbtf_history::LogEntry::Object(first.clone())
                .to_text()
                .as_bytes(),
        )
        .unwrap();
    let state = kbtf_history::ObjectState::follow(None, first, hash).unwrap();
    let (officer, method, _) = officer();
    let actor = Actor::new(ORIGIN, method, &officer);
    let (named, key) = actor.commit(first.object, 1, &mut random).unwrap();
    let entry = next_entry(Some(&state), first.object, Event::Delete, named, at(0));
    let by = actor.sign(vec![(&entry, key)]).unwrap().remove(0);
    let mut all = admissions;
    all.push(Admission {
        entry: &entry,
        by: &by,
        document: &document,
    });
    assert_eq!(block_on(keeper.admit_many(&all, at(0))).unwrap(), 1);
    assert_eq!(keeper.log().size(), 7);
    assert_eq!(open(&store).log().size(), 7);
    assert_eq!(block_on(keeper.admit_many(&[], at(0))).unwrap(), 7);
    // Dated after now.
    let late = creation(&mut random);
    let early = block_on(keeper.admit(&late.0, &late.1, &document, at(-600)));
    assert_eq!(early.unwrap_err().code(), "history/from-the-future");
}

#[test]
fn files_that_were_meddled_with_are_not_opened() {
    let folder = folder("meddled");
    let (mut random, log) = (Counted(0), signer(1));
    let store = Files::new(&folder);
    let mut keeper = create(&store);
    for _ in 0..3 {
        admit(&mut keeper, &mut random).unwrap();
    }
    block_on(keeper.publish(&log)).unwrap();
    let published = keeper.log().size();
    admit(&mut keeper, &mut random).unwrap();
    let open = |key, vouch: bool| match block_on(Keeper::open(&store, key, |_, _| vouch, &SOFTWARE))
    {
        Ok(keeper) => format!("opened with {}", keeper.log().size()),
        Err(error) => error.code().to_owned(),
    };
    let key = || log_key(ORIGIN, 1);
    assert_eq!(open(key(), true), "opened with 6");
    assert_eq!(
        open(log_key("other.example/log", 1), true),
        "history/other-log"
    );
    assert_eq!(open(log_key(ORIGIN, 2), true), "history/unsigned");
    // An entry behind the checkpoint that somebody has put there.
    assert_eq!(open(key(), false), "history/unvouched");
    let entries = folder.join("entries");
    let whole = fs::read(&entries).unwrap();
    let checkpoint = fs::read_to_string(folder.join("checkpoint")).unwrap();
    // Cut short by the last entry, which no checkpoint covers: whoever has given a receipt for it sees that it is gone.
    fs::write(&entries, &whole[..whole.len() - 5]).unwrap();
    assert_eq!(open(key(), false), format!("opened with {published}"));
    // By one more: what the checkpoint is about is not all there.
    let last = whole.len() - (12 + keeper.log().entries()[5].len()) - 5;
    fs::write(&entries, &whole[..last]).unwrap();
    assert_eq!(open(key(), true), "history/root-mismatch");
    // No checkpoint any more.
    fs::write(&entries, &whole).unwrap();
    fs::remove_file(folder.join("checkpoint")).unwrap();
    assert_eq!(open(key(), true), "history/malformed");
    // Another log altogether, written properly, with a checkpoint that another key has signed, or with the old one.
    fs::remove_file(&entries).unwrap();
    let mut other = Counted(1_000_000);
    let forged = MemoryStore::default();
    let mut forger = block_on(Keeper::create(
        &forged,
        log_key(ORIGIN, 9),
        &signer(9),
        &SOFTWARE,
    ))
    .unwrap();
    for _ in 0..3 {
        admit(&mut forger, &mut other).unwrap();
    }
    let signed = block_on(forger.publish(&signer(9))).unwrap();
    block_on(store.put_entries(0, forger.log().entries())).unwrap();
    fs::write(folder.join("checkpoint"), signed.to_string()).unwrap();
    assert_eq!(open(key(), true), "history/unsigned");
    fs::write(folder.join("checkpoint"), checkpoint).unwrap();
    assert_eq!(open(key(), true), "history/root-mismatch");
    fs::remove_dir_all(&folder).unwrap();
}

/// An old copy of the whole store is whole: only somebody who has seen more can tell.
#[test]
fn a_log_that_was_set_back_does_not_continue_what_a_witness_has() {
    let (mut random, log) = (Counted(0), signer(1));
    let store = MemoryStore::default();
    let mut keeper = create(&store);
    admit(&mut keeper, &mut random).unwrap();
    let first = block_on(keeper.publish(&log)).unwrap();
    let old = MemoryStore::default();
    block_on(old.put_entries(0, keeper.log().entries())).unwrap();
    block_on(old.swap_checkpoint(None, &first.to_string())).unwrap();
    admit(&mut keeper, &mut random).unwrap();
    let second = block_on(keeper.publish(&log)).unwrap();

    let set_back = open(&old);
    set_back.continues(first.unverified()).unwrap();
    let seen = set_back.continues(second.unverified());
    assert_eq!(seen.unwrap_err().code(), "history/root-mismatch");
    keeper.continues(first.unverified()).unwrap();
    // Another signs nothing of it.
    let other = block_on(keeper.publish(&signer(2)));
    assert!(other.is_ok(), "nothing new, nothing signed");
    admit(&mut keeper, &mut random).unwrap();
    let other = block_on(keeper.publish(&signer(2)));
    assert_eq!(other.unwrap_err().code(), "history/unsigned");
}

/// Proofs are there between two checkpoints too, under the first; and with the cosignatures of witnesses.
#[test]
fn proofs_are_given_under_the_last_checkpoint_and_its_cosignatures() {
    let (mut random, log) = (Counted(0), signer(1));
    let store = MemoryStore::default();
    let mut keeper = create(&store);
    let (entry, by) = creation(&mut random);
    let (.., document) = officer();
    block_on(keeper.admit(&entry, &by, &document, at(0))).unwrap();
    let signed = block_on(keeper.publish(&log)).unwrap();
    let house = signer(5);
    let witness = Witness::new("witness.example", &house, vec![log_key(ORIGIN, 1)]).unwrap();
    let request = AddCheckpoint {
        old_size: 0,
        path: Vec::new(),
        checkpoint: signed,
    };
    let (_, lines) = witness.add_checkpoint(&request, None, at(9)).unwrap();
    let keys = [witness.key().unwrap()];
    block_on(keeper.cosigned(&lines, &keys)).unwrap();
    let (later, _) = creation(&mut random);
    admit(&mut keeper, &mut random).unwrap();

    let key = witness.key().unwrap();
    let policy: TrustPolicy = format!("log {}\nwitness w {key}\nquorum w\n", log_key(ORIGIN, 1))
        .parse()
        .unwrap();
    for keeper in [&keeper, &open(&store)] {
        let shown = keeper.prove(entry.object).unwrap();
        let history = shown
            .verify(entry.object, ORIGIN, &policy, &SOFTWARE)
            .unwrap();
        assert_eq!(history.entries(), std::slice::from_ref(&entry));
        assert_eq!(history.checkpoint().seen_by(), Some(at(9)));
        let none = keeper.prove(later.object).unwrap();
        let none = none
            .verify(later.object, ORIGIN, &policy, &SOFTWARE)
            .unwrap();
        assert!(none.state().is_none());
    }
}

/// What witnesses answer is anybody's until it is verified: nothing of it may take the log's own signature away, or that of
/// another witness, or fill the checkpoint.
#[test]
fn what_comes_in_the_name_of_witnesses_is_verified_before_it_is_kept() {
    use base64ct::{Base64, Encoding as _};

    let store = MemoryStore::default();
    let mut keeper = create(&store);
    let house = signer(5);
    let witness = Witness::new("w.example", &house, vec![log_key(ORIGIN, 1)]).unwrap();
    let keys = [witness.key().unwrap()];
    let cosign = |signed: &SignedCheckpoint, time| {
        let request = AddCheckpoint {
            old_size: 0,
            path: Vec::new(),
            checkpoint: signed.clone(),
        };
        witness.add_checkpoint(&request, None, time).unwrap().1
    };
    let honest = cosign(keeper.checkpoint(), at(5));
    let code = |result: Result<(), Error>| result.unwrap_err().code();
    // A line of a witness's length in the name, and under the id, of the log.
    let own = keeper.checkpoint().to_string();
    let (name, signature) = own.lines().last().unwrap().rsplit_once(' ').unwrap();
    let id = Base64::decode_vec(signature).unwrap()[..4].to_vec();
    let of_72 = Base64::encode_string(&[id, vec![0; 72]].concat());
    let before = keeper.checkpoint().clone();
    let log_line = format!("{name} {of_72}\n");
    assert_eq!(
        code(block_on(keeper.cosigned(&log_line, &keys))),
        "history/unsigned"
    );
    // The log's own key among the witnesses does not help.
    let mut as_witness = keys.to_vec();
    as_witness.push(log_key(ORIGIN, 1));
    assert!(block_on(keeper.cosigned(&log_line, &as_witness)).is_err());
    // Strangers, as many as there is room for.
    let strangers: String = (0..63)
        .map(|i| format!("— x{i} {}\n", Base64::encode_string(&[i; 76])))
        .collect();
    assert_eq!(
        code(block_on(keeper.cosigned(&strangers, &keys))),
        "history/unsigned"
    );
    // The witness's, changed.
    let (name, signature) = honest.trim_end().rsplit_once(' ').unwrap();
    let mut bytes = Base64::decode_vec(signature).unwrap();
    bytes[40] ^= 1;
    let changed = format!("{name} {}\n", Base64::encode_string(&bytes));
    for _ in 0..2 {
        assert_eq!(
            code(block_on(keeper.cosigned(&changed, &keys))),
            "history/false-signature"
        );
        assert_eq!(
            *keeper.checkpoint(),
            before,
            "nothing of what is refused stays"
        );
        assert_eq!(*open(&store).checkpoint(), before);
        // Once there is a good one, it is not displaced.
        if block_on(keeper.cosigned(&honest, &keys)).is_ok() {
            break;
        }
    }
    let cosigned = keeper.checkpoint().clone();
    assert_ne!(cosigned, before);
    assert!(block_on(keeper.cosigned(&changed, &keys)).is_err());
    assert!(block_on(keeper.cosigned(&log_line, &keys)).is_err());
    assert_eq!(*keeper.checkpoint(), cosigned);
    // A later answer of the same witness, for the same, is another line: the earlier one says when it was there first.
    block_on(keeper.cosigned(&cosign(&before, at(60)), &keys)).unwrap();
    let key = &keys[0];
    let policy: TrustPolicy = format!("log {}\nwitness w {key}\nquorum w\n", log_key(ORIGIN, 1))
        .parse()
        .unwrap();
    let seen = policy.verify(keeper.checkpoint(), &SOFTWARE).unwrap();
    assert_eq!(seen.seen_by(), Some(at(5)));
    // Honest and late: for the checkpoint before.
    admit(&mut keeper, &mut Counted(0)).unwrap();
    block_on(keeper.publish(&signer(1))).unwrap();
    assert_eq!(
        code(block_on(keeper.cosigned(&honest, &keys))),
        "history/false-signature"
    );
    trusted(open(&store).checkpoint());
}

/// A store that fails after it has put entries, or does not swap the checkpoint, once.
#[derive(Default)]
struct Unreliable {
    kept: MemoryStore,
    fails_after: Mutex<bool>,
    does_not_swap: Mutex<bool>,
}

fn once(flag: &Mutex<bool>) -> Result<(), StoreError> {
    match std::mem::take(&mut *flag.lock().unwrap()) {
        true => Err(StoreError::Failed {
            reason: "gone".to_owned(),
        }),
        false => Ok(()),
    }
}

impl LogStore for Unreliable {
    async fn entries(&self, from: u64, most: usize) -> Result<Vec<String>, StoreError> {
        self.kept.entries(from, most).await
    }
    async fn put_entries(&self, from: u64, texts: &[String]) -> Result<usize, StoreError> {
        let put = self.kept.put_entries(from, texts).await?;
        once(&self.fails_after).map(|()| put)
    }
    async fn checkpoint(&self) -> Result<Option<String>, StoreError> {
        self.kept.checkpoint().await
    }
    async fn swap_checkpoint(&self, expected: Option<&str>, new: &str) -> Result<(), StoreError> {
        once(&self.does_not_swap)?;
        self.kept.swap_checkpoint(expected, new).await
    }
}

/// Whoever keeps what he hands in before he does so can vouch for it, whatever the write has said.
#[test]
fn a_write_that_failed_and_has_written_is_vouched_for_by_who_handed_it_in() {
    let store = Unreliable::default();
    let mut keeper = create(&store);
    let (entry, by) = creation(&mut Counted(0));
    let (.., document) = officer();
    *store.fails_after.lock().unwrap() = true;
    let failed = block_on(keeper.admit(&entry, &by, &document, at(0)));
    assert_eq!(failed.unwrap_err().code(), "history/store-failed");
    drop(keeper);
    let handed_in = kbtf_history::LogEntry::Object(entry.clone());
    let vouching = |vouch: bool| {
        block_on(Keeper::open(
            &store,
            log_key(ORIGIN, 1),
            |_, one| vouch && *one == handed_in,
            &SOFTWARE,
        ))
        .map(|keeper| keeper.log().size())
    };
    assert_eq!(vouching(false).unwrap_err().code(), "history/unvouched");
    assert_eq!(vouching(true).unwrap(), 2);
}

/// The last checkpoint stays provable when the next one could not be put in its place, as after a crash between the two.
#[test]
fn proofs_go_on_under_the_last_checkpoint_when_the_next_is_not_kept() {
    let store = Unreliable::default();
    let (mut random, log) = (Counted(0), signer(1));
    let mut keeper = create(&store);
    let (entry, by) = creation(&mut random);
    let (.., document) = officer();
    block_on(keeper.admit(&entry, &by, &document, at(0))).unwrap();
    block_on(keeper.publish(&log)).unwrap();
    for round in 0..3 {
        admit(&mut keeper, &mut random).unwrap();
        *store.does_not_swap.lock().unwrap() = true;
        assert!(block_on(keeper.publish(&log)).is_err());
        for keeper in [&keeper, &open(&store)] {
            let shown = keeper.prove(entry.object).unwrap();
            shown
                .verify(entry.object, ORIGIN, &policy(), &SOFTWARE)
                .unwrap_or_else(|error| panic!("{round}: {error}"));
        }
    }
    // It works again.
    let signed = block_on(keeper.publish(&log)).unwrap();
    assert_eq!(signed.unverified().size(), keeper.log().size());
    keeper.prove(entry.object).unwrap();
}

/// Whoever can write into the store and has no key: a note of the other log that nobody vouches for would be signed, and the
/// true one refused for ever.
#[test]
fn what_nobody_vouches_for_is_not_taken_up() {
    let store = MemoryStore::default();
    let keeper = create(&store);
    let size = keeper.log().size();
    let root = kbtf_history::Hash::from_bytes([9; 32]);
    let forged = kbtf_history::LogEntry::Queries {
        size: (1 << 53) - 1,
        root,
    };
    block_on(store.put_entries(size, &[forged.to_text()])).unwrap();
    let opened = |vouch: bool| {
        let vouch = |index, entry: &kbtf_history::LogEntry| {
            assert_eq!((index, entry), (1, &forged));
            vouch
        };
        block_on(Keeper::open(&store, log_key(ORIGIN, 1), vouch, &SOFTWARE)).err()
    };
    assert_eq!(opened(false).unwrap().code(), "history/unvouched");
    assert!(opened(true).is_none());
}

/// The other process: writes, and says each size that it has published.
fn write_until_killed(folder: &Path) {
    let store = Files::new(folder);
    let mut keeper = begin(store);
    let mut random = Counted(u64::from(std::process::id()) << 32);
    let log = signer(1);
    loop {
        for _ in 0..3 {
            admit(&mut keeper, &mut random).unwrap();
        }
        let signed = block_on(keeper.publish(&log)).unwrap();
        let said = signed.unverified();
        println!("published {} {}", said.size(), said.root());
    }
}

const FOLDER: &str = "KBTF_HISTORY_TEST_FOLDER";

#[test]
fn nothing_that_was_given_out_is_lost_whenever_the_writer_is_killed() {
    if let Some(folder) = env::var_os(FOLDER) {
        return write_until_killed(Path::new(&folder));
    }
    let folder = folder("killed");
    let mut given_out: Vec<(u64, String)> = Vec::new();
    for round in 0..12_u64 {
        let mut writer = Command::new(env::current_exe().unwrap())
            .args(["--exact", "--nocapture"])
            .arg("nothing_that_was_given_out_is_lost_whenever_the_writer_is_killed")
            .env(FOLDER, &folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(writer.stdout.take().unwrap());
        let lines = thread::spawn(move || output.lines().map_while(Result::ok).collect::<Vec<_>>());
        // Killed at another moment each time.
        thread::sleep(Duration::from_millis(60 + round * 13));
        writer.kill().unwrap();
        writer.wait().unwrap();
        for line in lines.join().unwrap() {
            // The last line may be cut off.
            let words: Vec<&str> = line.split(' ').collect();
            if let ["published", size, root] = words.as_slice()
                && root.len() == 44
            {
                given_out.push((size.parse().unwrap(), (*root).to_owned()));
            }
        }
        let store = Files::new(&folder);
        let keeper = begin(store);
        for (size, root) in &given_out {
            assert_eq!(keeper.log().root_at(*size).unwrap().to_string(), *root);
        }
    }
    assert!(given_out.len() > 12, "{} published", given_out.len());
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_monitor_sees_what_a_keeper_does() {
    let (mut random, log) = (Counted(0), signer(1));
    let store = MemoryStore::default();
    let mut keeper = create(&store);
    admit(&mut keeper, &mut random).unwrap();
    let first = trusted(&block_on(keeper.publish(&log)).unwrap());
    admit(&mut keeper, &mut random).unwrap();
    let second = trusted(&block_on(keeper.publish(&log)).unwrap());
    let texts = keeper.log().entries().to_vec();
    let texts = || texts.iter().map(String::as_str);
    let followed = || {
        let mut monitor = Monitor::of_histories(ORIGIN, &SOFTWARE);
        monitor.follow(&first, texts().take(3)).unwrap();
        monitor
    };
    let mut good = followed();
    good.follow(&second, texts().skip(3)).unwrap();
    assert_eq!((good.size(), good.entries().len()), (5, 5));
    good.follow(&second, []).unwrap();
    let code = |found: Result<(), Finding>| found.unwrap_err().code();
    // An earlier state, honest, is an old one; a false one a fork.
    assert_eq!(code(good.follow(&first, [])), "history/monitor-old");
    let false_root = kbtf_history::Hash::from_bytes([7; 32]);
    let false_state = kbtf_history::Checkpoint::new(ORIGIN, 3, false_root).unwrap();
    let false_state = trusted(&false_state.sign(&log).unwrap());
    assert_eq!(code(good.follow(&false_state, [])), "history/monitor-fork");
    // A connection that breaks off is taken up where it broke.
    let mut broken = followed();
    assert_eq!(
        code(broken.follow(&second, texts().skip(3).take(1))),
        "history/monitor-missing"
    );
    broken.follow(&second, texts().skip(4)).unwrap();
    // Entries left out, too many, and what is none.
    assert_eq!(
        code(followed().follow(&second, texts().skip(4))),
        "history/root-mismatch"
    );
    assert_eq!(
        code(followed().follow(&second, texts().skip(3).chain(["x"]))),
        "history/monitor-other-entries"
    );
    assert_eq!(
        code(followed().follow(&second, ["{}"])),
        "history/malformed"
    );
    // Another tree of the same size, under the same name and key.
    let other = MemoryStore::default();
    let mut forked = create(&other);
    admit(&mut forked, &mut random).unwrap();
    let fork = trusted(&block_on(forked.publish(&log)).unwrap());
    assert_eq!(code(followed().follow(&fork, [])), "history/monitor-fork");
    admit(&mut forked, &mut random).unwrap();
    let fork = trusted(&block_on(forked.publish(&log)).unwrap());
    let theirs = forked.log().entries().to_vec();
    let theirs = theirs.iter().map(String::as_str).skip(3);
    assert_eq!(
        code(followed().follow(&fork, theirs)),
        "history/root-mismatch"
    );
    // A log without a word on where its histories stand.
    let mut unsealed = kbtf_history::HistoryLog::new(ORIGIN, &SOFTWARE);
    for text in texts().take(2) {
        unsealed.follow(text).unwrap();
    }
    let checkpoint = kbtf_history::Checkpoint::new(ORIGIN, 2, unsealed.root().unwrap()).unwrap();
    let unsealed = trusted(&checkpoint.sign(&log).unwrap());
    let mut monitor = Monitor::of_histories(ORIGIN, &SOFTWARE);
    assert_eq!(
        code(monitor.follow(&unsealed, texts().take(2))),
        "history/monitor-not-sealed"
    );
    // Of another name, and of the other kind.
    let mut elsewhere = Monitor::of_histories("other.example/log", &SOFTWARE);
    assert_eq!(
        code(elsewhere.follow(&first, [])),
        "history/monitor-other-log"
    );
    let mut other_kind = Monitor::of_queries(ORIGIN, &SOFTWARE);
    assert_eq!(
        code(other_kind.follow(&first, texts().take(3))),
        "history/malformed"
    );
}

/// What comes in parts, and an older checkpoint in between.
#[test]
fn a_monitor_judges_what_a_checkpoint_is_about_and_nothing_behind_it() {
    let mut random = Counted(0);
    let mut log = HistoryLog::new(ORIGIN, &SOFTWARE);
    let write = |log: &mut HistoryLog<'_>, random: &mut Counted| {
        let (entry, _) = creation(random);
        let text = kbtf_history::LogEntry::Object(entry).to_text();
        log.follow(&text).unwrap();
    };
    let signed = |log: &HistoryLog<'_>, size| {
        let root = log.root_at(size).unwrap();
        let checkpoint = kbtf_history::Checkpoint::new(ORIGIN, size, root).unwrap();
        trusted(&checkpoint.sign(&signer(1)).unwrap())
    };
    for count in [3, 4] {
        for _ in 0..count {
            write(&mut log, &mut random);
        }
        log.seal().unwrap();
    }
    let (four, nine, unsealed) = (signed(&log, 4), signed(&log, 9), signed(&log, 2));
    let texts: Vec<&str> = log.entries().iter().map(String::as_str).collect();
    let code = |found: Result<(), Finding>| found.unwrap_err().code();
    let half_way = || {
        let mut monitor = Monitor::of_histories(ORIGIN, &SOFTWARE);
        let six = texts[..6].iter().copied();
        assert_eq!(code(monitor.follow(&nine, six)), "history/monitor-missing");
        assert_eq!(monitor.entries(), [""; 0], "nothing is signed yet");
        monitor
    };
    // An honest log is accused of nothing.
    let mut monitor = half_way();
    monitor.follow(&four, []).unwrap();
    assert_eq!(monitor.entries(), &texts[..4]);
    monitor.follow(&nine, texts[6..].iter().copied()).unwrap();
    assert_eq!(monitor.entries(), texts);
    // One that signs what is not sealed is.
    assert_eq!(
        code(half_way().follow(&unsealed, [])),
        "history/monitor-not-sealed"
    );
    // What is handed over beyond a checkpoint is not taken for signed.
    let mut forged = HistoryLog::restore(ORIGIN, texts[..6].iter().copied(), &SOFTWARE).unwrap();
    write(&mut forged, &mut Counted(1 << 40));
    let behind = forged.entries()[6].as_str();
    let mut monitor = half_way();
    assert_eq!(
        code(monitor.follow(&four, [behind])),
        "history/monitor-other-entries"
    );
}

/// A log whose checkpoints a witness sees at their time.
fn seen(log: &HistoryLog<'_>, time: Timestamp) -> TrustedCheckpoint {
    let house = signer(5);
    let witness = Witness::new("witness.example", &house, vec![log_key(ORIGIN, 1)]).unwrap();
    let checkpoint = kbtf_history::Checkpoint::new(ORIGIN, log.size(), log.root().unwrap());
    let signed = checkpoint.unwrap().sign(&signer(1)).unwrap();
    let request = AddCheckpoint {
        old_size: 0,
        path: Vec::new(),
        checkpoint: signed.clone(),
    };
    let (_, lines) = witness.add_checkpoint(&request, None, time).unwrap();
    let key = witness.key().unwrap();
    let policy: TrustPolicy = format!("log {}\nwitness w {key}\nquorum w\n", log_key(ORIGIN, 1))
        .parse()
        .unwrap();
    policy
        .verify(&signed.cosigned(&lines).unwrap(), &SOFTWARE)
        .unwrap()
}

#[test]
fn what_is_dated_back_or_forward_is_seen_by_what_witnesses_have_seen() {
    let mut random = Counted(0);
    let mut log = HistoryLog::new(ORIGIN, &SOFTWARE);
    let mut write = |log: &mut HistoryLog<'_>, time: i64| {
        let (entry, _) = creation(&mut random);
        let entry = ObjectEntry {
            time: at(time),
            ..entry
        };
        let text = kbtf_history::LogEntry::Object(entry).to_text();
        log.follow(&text).unwrap();
    };
    write(&mut log, 0);
    log.seal().unwrap();
    let first = seen(&log, at(1000));
    // In time; a little before, as clocks differ; a day back; a day ahead.
    for time in [1500, 800, -86_400, 86_400] {
        write(&mut log, time);
    }
    log.seal().unwrap();
    let second = seen(&log, at(2000));
    let mut monitor = Monitor::of_histories(ORIGIN, &SOFTWARE);
    let texts: Vec<&str> = log.entries().iter().map(String::as_str).collect();
    monitor.follow(&first, texts[..2].iter().copied()).unwrap();
    monitor.follow(&second, texts[2..].iter().copied()).unwrap();
    let found: Vec<_> = monitor
        .misdated()
        .iter()
        .map(|one| (one.index, one.not_before, one.not_after))
        .collect();
    let expected = [(4, Some(at(1000)), None), (5, None, Some(at(2000)))];
    assert_eq!(found, expected);
    // The same where the connection has broken off before the first checkpoint.
    let mut monitor = Monitor::of_histories(ORIGIN, &SOFTWARE);
    let missing = monitor.follow(&second, texts[..5].iter().copied());
    assert_eq!(missing.unwrap_err().code(), "history/monitor-missing");
    assert!(monitor.misdated().is_empty());
    monitor.follow(&first, []).unwrap();
    monitor.follow(&second, texts[5..].iter().copied()).unwrap();
    assert_eq!(monitor.misdated().len(), 2);
    assert_eq!(monitor.misdated()[0].not_before, Some(at(1000)));
}

#[test]
fn neither_of_the_two_logs_is_set_back_alone() {
    let queries = "history.example.go.kr/land/queries";
    let store = MemoryStore::default();
    let mut keeper = create(&store);
    let other_store = MemoryStore::default();
    let (key, log) = (log_key(queries, 2), signer(2));
    let mut other = block_on(QueryKeeper::create(
        &other_store,
        key.clone(),
        &log,
        &SOFTWARE,
    ))
    .unwrap();
    let ask = |other: &mut QueryKeeper<'_, _>, seconds| {
        let entry = other.log().draft(subject(), question(), at(seconds));
        let looked = || async { Looked::Found((), 1) };
        block_on(other.serve(&entry, || at(seconds), looked)).unwrap();
        block_on(other.publish(&log)).unwrap()
    };
    let early = ask(&mut other, 1);
    let late = ask(&mut other, 2);
    // What is noted is verified, under keys that are trusted for that log.
    let policy: TrustPolicy = format!("log {}\nlog {key}\nquorum none\n", log_key(ORIGIN, 1))
        .parse()
        .unwrap();
    let trusted = |signed: &SignedCheckpoint| policy.verify(signed, &SOFTWARE).unwrap();
    let signed = |size, root| {
        let checkpoint = kbtf_history::Checkpoint::new(queries, size, root).unwrap();
        trusted(&checkpoint.sign(&log).unwrap())
    };
    block_on(keeper.note_queries(&trusted(&late))).unwrap();
    let set_back = block_on(keeper.note_queries(&trusted(&early)));
    assert_eq!(set_back.unwrap_err().code(), "history/counterpart-set-back");
    let size = late.unverified().size();
    let other_root = *early.unverified().root();
    let forked = block_on(keeper.note_queries(&signed(size, other_root)));
    assert_eq!(forked.unwrap_err().code(), "history/counterpart-set-back");
    // Nothing has one root.
    let mut fresh = create(MemoryStore::default());
    let refused = block_on(fresh.note_queries(&signed(0, other_root))).unwrap_err();
    assert_eq!(refused.code(), "history/counterpart-set-back");
    // More than an entry can say.
    for size in [1 << 53, (1 << 53) + 1, u64::MAX] {
        let refused = block_on(keeper.note_queries(&signed(size, other_root)));
        assert_eq!(refused.unwrap_err().code(), "history/malformed");
    }
    let history = block_on(keeper.publish(&signer(1))).unwrap();
    block_on(other.note_history(&trusted(&history))).unwrap();
    // A log is not its own counterpart.
    let itself = block_on(keeper.note_queries(&trusted(&history)));
    assert_eq!(itself.unwrap_err().code(), "history/other-log");
    block_on(other.publish(&log)).unwrap();
    assert_eq!(open(&store).log().size(), 3);

    // A monitor that follows both.
    let mut histories = Monitor::of_histories(ORIGIN, &SOFTWARE);
    let trusted = policy.verify(keeper.checkpoint(), &SOFTWARE).unwrap();
    let texts = keeper.log().entries().iter().map(String::as_str);
    histories.follow(&trusted, texts).unwrap();
    let mut queries_seen = Monitor::of_queries(queries, &SOFTWARE);
    let trusted = policy.verify(other.checkpoint(), &SOFTWARE).unwrap();
    let texts = other.log().entries().iter().map(String::as_str);
    queries_seen.follow(&trusted, texts).unwrap();
    histories.check_against(&queries_seen).unwrap();
    queries_seen.check_against(&histories).unwrap();
    // A log of queries that was written anew, with one question less.
    let new_store = MemoryStore::default();
    let mut new = block_on(QueryKeeper::create(&new_store, key, &log, &SOFTWARE)).unwrap();
    for i in 0..4 {
        ask(&mut new, 2 + i);
    }
    let mut rewritten = Monitor::of_queries(queries, &SOFTWARE);
    let trusted = policy.verify(new.checkpoint(), &SOFTWARE).unwrap();
    let texts = new.log().entries().iter().map(String::as_str);
    rewritten.follow(&trusted, texts).unwrap();
    let found = histories.check_against(&rewritten).unwrap_err();
    assert_eq!(found.code(), "history/monitor-other-counterpart");
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

#[test]
fn a_monitor_sees_questions_without_an_outcome() {
    let mut log = QueryLog::new(ORIGIN, &SOFTWARE);
    // The machine goes down after the question is on disk. Another is dated in a hundred years.
    for time in [0, 3_000_000_000] {
        let entry = log.draft(subject(), question(), at(time));
        let text = log.check(&entry).unwrap();
        log.follow(&text).unwrap();
    }
    log.seal().unwrap();
    let checkpoint = kbtf_history::Checkpoint::new(ORIGIN, log.size(), log.root().unwrap());
    let signed = trusted(&checkpoint.unwrap().sign(&signer(1)).unwrap());
    let mut monitor = Monitor::of_queries(ORIGIN, &SOFTWARE);
    let texts = log.entries().iter().map(String::as_str);
    monitor.follow(&signed, texts).unwrap();
    let ahead = (subject(), 1, at(3_000_000_000));
    assert_eq!(monitor.overdue(at(10), 60), [ahead]);
    assert_eq!(monitor.overdue(at(100), 60), [(subject(), 0, at(0)), ahead]);
}

/// The other process: answers, and says to whom.
fn answer_until_killed(folder: &Path) {
    let store = Files::new(folder);
    let (key, log) = (log_key(ORIGIN, 2), signer(2));
    let mut keeper = match block_on(store.checkpoint()).unwrap() {
        None => block_on(QueryKeeper::create(store, key, &log, &SOFTWARE)),
        Some(_) => block_on(QueryKeeper::open(store, key, |_, _| true, &SOFTWARE)),
    }
    .unwrap();
    let process = u64::from(std::process::id());
    for i in 0_u64.. {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&process.to_be_bytes());
        bytes[8..].copy_from_slice(&(i / 3).to_be_bytes());
        let about = ObjectId::from_bytes(bytes);
        let entry = keeper.log().draft(about, question(), at(0));
        let looked = || async { Looked::Found(entry.sequence, 1) };
        let answer = block_on(keeper.serve(&entry, || at(1), looked)).unwrap();
        // What nobody may have without an entry.
        println!("answered {about} {answer}");
        if i % 5 == 0 {
            block_on(keeper.publish(&log)).unwrap();
        }
    }
}

#[test]
fn every_answer_that_was_received_has_its_entry_whenever_the_writer_is_killed() {
    if let Some(folder) = env::var_os(FOLDER) {
        return answer_until_killed(Path::new(&folder));
    }
    let folder = folder("answers");
    let mut received: Vec<(ObjectId, u32)> = Vec::new();
    for round in 0..12_u64 {
        let mut writer = Command::new(env::current_exe().unwrap())
            .args(["--exact", "--nocapture"])
            .arg("every_answer_that_was_received_has_its_entry_whenever_the_writer_is_killed")
            .env(FOLDER, &folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(writer.stdout.take().unwrap());
        let lines = thread::spawn(move || output.lines().map_while(Result::ok).collect::<Vec<_>>());
        thread::sleep(Duration::from_millis(60 + round * 13));
        writer.kill().unwrap();
        writer.wait().unwrap();
        for line in lines.join().unwrap() {
            let words: Vec<&str> = line.split(' ').collect();
            if let ["answered", about, sequence] = words.as_slice()
                && let (Ok(about), Ok(sequence)) = (about.parse(), sequence.parse())
            {
                received.push((about, sequence));
            }
        }
        let store = Files::new(&folder);
        let Ok(Some(_)) = block_on(store.checkpoint()) else {
            continue;
        };
        let key = log_key(ORIGIN, 2);
        let mut keeper = block_on(QueryKeeper::open(
            store,
            key.clone(),
            |_, _| true,
            &SOFTWARE,
        ))
        .unwrap();
        // Questions whose answer never left are closed.
        let open: Vec<_> = keeper.log().open().collect();
        assert!(open.len() <= 1, "{open:?}");
        for (about, intent, _) in open {
            block_on(keeper.close(about, intent, at(60))).unwrap();
        }
        block_on(keeper.publish(&signer(2))).unwrap();
        let policy: TrustPolicy = format!("log {key}\nquorum none\n").parse().unwrap();
        for (about, sequence) in &received {
            let shown = keeper.prove(*about).unwrap();
            let seen = shown
                .verify_queries(*about, ORIGIN, &policy, &SOFTWARE)
                .unwrap();
            let is_served = |entry: &&kbtf_history::QueryEntry| {
                matches!(
                    entry.event,
                    QueryEvent::Outcome { intent, outcome: Outcome::Served { .. } } if intent == *sequence
                )
            };
            assert_eq!(seen.entries().iter().filter(is_served).count(), 1);
        }
    }
    assert!(received.len() > 12, "{} answers", received.len());
    fs::remove_dir_all(&folder).unwrap();
}
