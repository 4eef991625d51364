//! What keeps a log: a store in memory and one in files pass the same tests, a writer that is killed at any moment loses nothing
//! that it has given out, two writers make one log, and a monitor sees what a keeper does to his files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{
    env,
    fs::{self, File, OpenOptions},
    future::Future,
    io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    pin::pin,
    process::{Command, Stdio},
    sync::Mutex,
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use kbtf_did::{
    DidDocument, DidUrl, KeyFormat, KeyType, SOFTWARE, SecretKey, Signer, SoftwareSigner,
    Timestamp, did_key,
};
use kbtf_history::{
    Actor, Attribution, CommitmentKey, Error, Event, Field, Finding, Looked, Monitor, ObjectEntry,
    ObjectId, QueryEvent, QueryLog, SignedCheckpoint, TrustPolicy, TrustedCheckpoint, next_entry,
    note::{NoteKey, NoteKeyType},
    store::{Keeper, LogStore, MemoryStore, StoreError, check_store},
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
    let actor = Actor::new(method, &officer);
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

fn policy() -> TrustPolicy {
    let key = signer(1).public_key().clone();
    let key = NoteKey::new(ORIGIN, NoteKeyType::Ed25519, key, &SOFTWARE).unwrap();
    format!("log {key}\nquorum none\n").parse().unwrap()
}

fn trusted(signed: &SignedCheckpoint) -> TrustedCheckpoint {
    policy().verify(signed, &SOFTWARE).unwrap()
}

/// Two files in a folder: the entries one after the other, each with its length and a sum in front, and the checkpoint, put
/// in place by renaming.
struct Files {
    folder: PathBuf,
    lock: Mutex<()>,
}

impl Files {
    fn new(folder: &Path) -> Self {
        fs::create_dir_all(folder).unwrap();
        Self {
            folder: folder.to_owned(),
            lock: Mutex::new(()),
        }
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
        let _one = self.lock.lock().unwrap();
        let (texts, _) = self.all();
        let from = usize::try_from(from).unwrap();
        Ok(texts.into_iter().skip(from).take(most).collect())
    }

    async fn put_entries(&self, from: u64, texts: &[String]) -> Result<(), StoreError> {
        let _one = self.lock.lock().unwrap();
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
        Ok(())
    }

    async fn checkpoint(&self) -> Result<Option<String>, StoreError> {
        let _one = self.lock.lock().unwrap();
        Ok(fs::read_to_string(self.folder.join("checkpoint")).ok())
    }

    async fn swap_checkpoint(&self, expected: Option<&str>, new: &str) -> Result<(), StoreError> {
        let _one = self.lock.lock().unwrap();
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
    for (test, result) in block_on(check_store(MemoryStore::default)) {
        assert_eq!(result, Ok(()), "{test}");
    }
    let folder = folder("check");
    let count = Mutex::new(0);
    let fresh = || {
        let mut count = count.lock().unwrap();
        *count += 1;
        Files::new(&folder.join(count.to_string()))
    };
    for (test, result) in block_on(check_store(fresh)) {
        assert_eq!(result, Ok(()), "{test}");
    }
    fs::remove_dir_all(&folder).unwrap();
}

/// Stores that are broken in one way each, and the test that says so.
#[test]
fn the_tests_of_stores_find_what_is_wrong() {
    struct Broken(MemoryStore, &'static str);
    impl LogStore for Broken {
        async fn entries(&self, from: u64, most: usize) -> Result<Vec<String>, StoreError> {
            let mut texts = self.0.entries(from, most).await?;
            if self.1 == "trims" {
                texts = texts.iter().map(|text| text.trim().to_owned()).collect();
            }
            if self.1 == "turns" {
                texts.reverse();
            }
            Ok(texts)
        }
        async fn put_entries(&self, from: u64, texts: &[String]) -> Result<(), StoreError> {
            match self.0.put_entries(from, texts).await {
                Err(StoreError::Taken { .. }) if self.1 == "takes" => Ok(()),
                Err(StoreError::Gap { next }) if self.1 == "fills" => {
                    self.0.put_entries(next, texts).await
                }
                Err(StoreError::Taken { index }) if self.1 == "half" => {
                    self.0.put_entries(index + 1, &texts[1..]).await?;
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
            if self.1 == "swaps" {
                let there = self.0.checkpoint().await?;
                return self.0.swap_checkpoint(there.as_deref(), new).await;
            }
            self.0.swap_checkpoint(expected, new).await
        }
    }
    for (fault, test) in [
        ("trims", "any text is kept as it is"),
        ("turns", "what was put is read, whole and in order"),
        ("takes", "another text at a place is refused"),
        ("fills", "a gap is refused"),
        ("half", "a refusal puts nothing"),
        (
            "swaps",
            "a checkpoint is swapped for the expected one alone",
        ),
    ] {
        let results = block_on(check_store(|| Broken(MemoryStore::default(), fault)));
        let (_, result) = results.iter().find(|(name, _)| *name == test).unwrap();
        assert!(result.is_err(), "{fault}");
    }
}

#[test]
fn two_writers_make_one_log() {
    let store = MemoryStore::default();
    let (mut random, log) = (Counted(0), signer(1));
    let open = || block_on(Keeper::open(&store, ORIGIN, &SOFTWARE)).unwrap();
    let (mut first, mut second) = (open(), open());
    admit(&mut first, &mut random).unwrap();
    // The second has not seen it: his entry would stand at the same place.
    let late = admit(&mut second, &mut random).unwrap_err();
    assert_eq!(late.code(), "history/store-taken");
    assert_eq!(second.log().size(), 0);
    let signed = block_on(first.publish(&log)).unwrap();
    assert_eq!(
        block_on(second.publish(&log)).unwrap_err().code(),
        "history/store-taken"
    );
    let mut second = open();
    assert_eq!(second.checkpoint(), Some(signed.to_string().as_str()));
    admit(&mut second, &mut random).unwrap();
    block_on(second.publish(&log)).unwrap();
    // The first would put his checkpoint over a later one.
    let late = admit(&mut first, &mut random).unwrap_err();
    assert_eq!(late.code(), "history/store-taken");
    assert_eq!(open().log().size(), 4);
}

#[test]
fn files_that_were_meddled_with_are_not_opened() {
    let folder = folder("meddled");
    let (mut random, log) = (Counted(0), signer(1));
    let store = Files::new(&folder);
    let mut keeper = block_on(Keeper::open(&store, ORIGIN, &SOFTWARE)).unwrap();
    for _ in 0..3 {
        admit(&mut keeper, &mut random).unwrap();
    }
    block_on(keeper.publish(&log)).unwrap();
    let open = |origin| match block_on(Keeper::open(&store, origin, &SOFTWARE)) {
        Ok(keeper) => format!("opened with {}", keeper.log().size()),
        Err(error) => error.code().to_owned(),
    };
    assert_eq!(open(ORIGIN), "opened with 4");
    assert_eq!(open("other.example/log"), "history/malformed");
    let path = folder.join("entries");
    let whole = fs::read(&path).unwrap();
    // Cut short: what the checkpoint is about is not all there.
    fs::write(&path, &whole[..whole.len() - 5]).unwrap();
    assert_eq!(open(ORIGIN), "history/root-mismatch");
    // Another log altogether, written properly.
    fs::remove_file(&path).unwrap();
    let mut other = Counted(1_000_000);
    let (texts, checkpoint) = {
        let memory = MemoryStore::default();
        let mut keeper = block_on(Keeper::open(&memory, ORIGIN, &SOFTWARE)).unwrap();
        for _ in 0..3 {
            admit(&mut keeper, &mut other).unwrap();
        }
        let signed = block_on(keeper.publish(&log)).unwrap();
        (keeper.log().entries().to_vec(), signed)
    };
    block_on(store.put_entries(0, &texts)).unwrap();
    assert_eq!(open(ORIGIN), "history/root-mismatch");
    assert_eq!(checkpoint.unverified().size(), 4);
    fs::remove_dir_all(&folder).unwrap();
}

/// The other process: writes, and says each size that it has published.
fn write_until_killed(folder: &Path) {
    let store = Files::new(folder);
    let mut keeper = block_on(Keeper::open(&store, ORIGIN, &SOFTWARE)).unwrap();
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
        let keeper = block_on(Keeper::open(&store, ORIGIN, &SOFTWARE)).unwrap();
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
    let mut keeper = block_on(Keeper::open(&store, ORIGIN, &SOFTWARE)).unwrap();
    admit(&mut keeper, &mut random).unwrap();
    let first = trusted(&block_on(keeper.publish(&log)).unwrap());
    admit(&mut keeper, &mut random).unwrap();
    let second = trusted(&block_on(keeper.publish(&log)).unwrap());
    let texts = keeper.log().entries().to_vec();
    let texts = || texts.iter().map(String::as_str);
    let followed = || {
        let mut monitor = Monitor::of_histories(&SOFTWARE);
        monitor.follow(&first, texts().take(2)).unwrap();
        monitor
    };
    let mut good = followed();
    good.follow(&second, texts().skip(2)).unwrap();
    assert_eq!((good.size(), good.entries().len()), (4, 4));
    good.follow(&second, []).unwrap();
    let code = |found: Result<(), Finding>| found.unwrap_err().code();
    // Back to an earlier state.
    assert_eq!(code(good.follow(&first, [])), "history/monitor-shorter");
    // Entries left out, exchanged, too many.
    assert_eq!(
        code(followed().follow(&second, texts().skip(3))),
        "history/root-mismatch"
    );
    assert_eq!(
        code(followed().follow(&second, texts().skip(2).take(1))),
        "history/monitor-other-entries"
    );
    assert_eq!(
        code(followed().follow(&second, texts().skip(2).chain(["x"]))),
        "history/monitor-other-entries"
    );
    assert_eq!(
        code(followed().follow(&second, ["{}"])),
        "history/malformed"
    );
    // Another tree of the same size, under the same name and key.
    let other = MemoryStore::default();
    let mut forked = block_on(Keeper::open(&other, ORIGIN, &SOFTWARE)).unwrap();
    admit(&mut forked, &mut random).unwrap();
    let fork = trusted(&block_on(forked.publish(&log)).unwrap());
    assert_eq!(code(followed().follow(&fork, [])), "history/monitor-fork");
    admit(&mut forked, &mut random).unwrap();
    let fork = trusted(&block_on(forked.publish(&log)).unwrap());
    let theirs = forked.log().entries().to_vec();
    let theirs = theirs.iter().map(String::as_str).skip(2);
    assert_eq!(
        code(followed().follow(&fork, theirs)),
        "history/root-mismatch"
    );
    // A log without a word on where its histories stand.
    let mut unsealed = kbtf_history::HistoryLog::new(&SOFTWARE);
    for text in texts().take(1) {
        unsealed.follow(text).unwrap();
    }
    let checkpoint = kbtf_history::Checkpoint::new(ORIGIN, 1, unsealed.root().unwrap()).unwrap();
    let unsealed = trusted(&checkpoint.sign(&log).unwrap());
    let mut monitor = Monitor::of_histories(&SOFTWARE);
    assert_eq!(
        code(monitor.follow(&unsealed, texts().take(1))),
        "history/monitor-not-sealed"
    );
    let elsewhere =
        kbtf_history::Checkpoint::new("other.example/log", 9, *first.checkpoint().root());
    let key = signer(1).public_key().clone();
    let key = NoteKey::new("other.example/log", NoteKeyType::Ed25519, key, &SOFTWARE).unwrap();
    let policy: TrustPolicy = format!("log {key}\nquorum none\n").parse().unwrap();
    let elsewhere = policy
        .verify(&elsewhere.unwrap().sign(&log).unwrap(), &SOFTWARE)
        .unwrap();
    assert_eq!(
        code(followed().follow(&elsewhere, [])),
        "history/monitor-other-log"
    );
}

#[test]
fn a_monitor_sees_questions_without_an_outcome() {
    let mut log = QueryLog::new(&SOFTWARE);
    let subject = ObjectId::from_bytes([4; 16]);
    let query = kbtf_history::Query {
        actor: kbtf_history::Commitment::from_bytes([1; 32]),
        asked: kbtf_history::Asked::Queries,
        purpose: kbtf_history::Purpose(1),
        basis: kbtf_history::LegalBasis::Law,
    };
    let mut texts = Vec::new();
    // The machine goes down after the question is on disk.
    let mut writes = 0;
    let answer = log.serve(
        subject,
        QueryEvent::Intent(query),
        || at(0),
        |text| {
            writes += 1;
            match writes {
                1 => {
                    texts.push(text.to_owned());
                    Ok(())
                }
                _ => Err(()),
            }
        },
        || Looked::Found((), 1),
    );
    assert!(answer.is_err());
    log.seal().unwrap();
    let checkpoint = kbtf_history::Checkpoint::new(ORIGIN, log.size(), log.root().unwrap());
    let signed = trusted(&checkpoint.unwrap().sign(&signer(1)).unwrap());
    let mut monitor = Monitor::of_queries(&SOFTWARE);
    let texts = log.entries().iter().map(String::as_str);
    monitor.follow(&signed, texts).unwrap();
    assert_eq!(monitor.overdue(at(10), 60), []);
    assert_eq!(monitor.overdue(at(100), 60), [(subject, 0, at(0))]);
}
