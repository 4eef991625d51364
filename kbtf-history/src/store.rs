//! Where a log is kept: a port that any database, chain or file can stand behind, the order in which a log is written
//! through it, and the tests that whatever stands there must pass.
//!
//! First the entries are on disk, then the checkpoint takes the place of the one before it, then it leaves the house. So
//! nobody ever holds a receipt for something that a crash could take back, and two instances that write at the same time
//! cannot make two logs.

use alloc::{
    borrow::ToOwned,
    collections::{BTreeMap, BTreeSet},
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};
use core::{pin::pin, task::Poll};

use kbtf_did::{CryptoProvider, DidDocument, Signer, Timestamp};

use crate::{
    Attribution, Checkpoint, CompleteHistory, Error, Hash, HistoryLog, LogEntry, ObjectEntry,
    ObjectId, ObjectState, Outcome, QueryEntry, QueryEvent, QueryLog, SignedCheckpoint, TreeHasher,
    TrustedCheckpoint, error::malformed, history_log::check_entry, note::NoteKey,
};

/// How many entries are read at once.
const PAGE: usize = 1024;

/// What went wrong in a store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is another entry at that place.
    #[error("there is another entry at {index}")]
    Taken {
        /// The place.
        index: u64,
    },
    /// Entries were to be put behind a gap.
    #[error("the next place is {next}")]
    Gap {
        /// The place after the last entry.
        next: u64,
    },
    /// The checkpoint is not the one that was expected: somebody else has written.
    #[error("the checkpoint is another than expected")]
    Changed,
    /// The store cannot be read or written now.
    #[error("the store failed: {reason}")]
    Failed {
        /// Why.
        reason: String,
    },
}

impl StoreError {
    /// The stable code, such as `history/store-taken`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Taken { .. } => "history/store-taken",
            Self::Gap { .. } => "history/store-gap",
            Self::Changed => "history/store-changed",
            Self::Failed { .. } => "history/store-failed",
        }
    }
}

/// What a log needs of whatever keeps it.
pub trait LogStore: Send + Sync {
    /// The texts of entries from a place on, at most so many; none past the last.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    fn entries(
        &self,
        from: u64,
        most: usize,
    ) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;

    /// Puts entries at the places from that one on, for good: once it returns they survive a loss of power. What stands
    /// there with the same text already is left as it is, so that it may be tried again. Gives how many were put, which is
    /// fewer than all if some were there.
    ///
    /// # Errors
    /// [`StoreError::Taken`], [`StoreError::Gap`], and nothing is then put; [`StoreError::Failed`], and then a beginning of them may be.
    fn put_entries(
        &self,
        from: u64,
        texts: &[String],
    ) -> impl Future<Output = Result<usize, StoreError>> + Send;

    /// The last checkpoint, as it was put; `None` before the first.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    fn checkpoint(&self) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;

    /// Puts a checkpoint in the place of the expected one, in one step and for good.
    ///
    /// # Errors
    /// [`StoreError::Changed`] if it is another one by now; [`StoreError::Failed`], and then it may be there or not.
    fn swap_checkpoint(
        &self,
        expected: Option<&str>,
        new: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// What both kinds of log have.
trait Chains {
    fn size(&self) -> u64;
    fn root(&self) -> Result<Hash, Error>;
    fn root_at(&self, size: u64) -> Result<Hash, Error>;
    fn follow(&mut self, text: &str) -> Result<u64, Error>;
    fn sealing(&self) -> Option<String>;
    fn put_in_force(&mut self, size: u64);
}

macro_rules! chains {
    ($($log:ident),*) => {$(
        impl Chains for $log<'_> {
            fn size(&self) -> u64 {
                $log::size(self)
            }
            fn root(&self) -> Result<Hash, Error> {
                $log::root(self)
            }
            fn root_at(&self, size: u64) -> Result<Hash, Error> {
                $log::root_at(self, size)
            }
            fn follow(&mut self, text: &str) -> Result<u64, Error> {
                $log::follow(self, text)
            }
            fn sealing(&self) -> Option<String> {
                $log::sealing(self)
            }
            fn put_in_force(&mut self, size: u64) {
                $log::put_in_force(self, size);
            }
        }
    )*};
}
chains!(HistoryLog, QueryLog);

/// Whose keys belong to a log: its own, those of the witnesses that cosign it, and the name of its counterpart, the log of
/// queries of a log of histories and the other way round.
///
/// A key alone is the log's own, with neither.
#[derive(Debug, Clone)]
pub struct LogKeys {
    key: NoteKey,
    witnesses: Vec<NoteKey>,
    counterpart: Option<String>,
}

impl From<NoteKey> for LogKeys {
    fn from(key: NoteKey) -> Self {
        Self {
            key,
            witnesses: Vec::new(),
            counterpart: None,
        }
    }
}

impl LogKeys {
    /// With a witness, whose cosignatures are kept.
    ///
    /// # Errors
    /// `history/malformed` for a key that signs as logs do.
    pub fn witness(mut self, key: NoteKey) -> Result<Self, Error> {
        self.witnesses.push(key.cosigning()?);
        Ok(self)
    }

    /// With a counterpart, by its origin: the states of no other log are noted.
    #[must_use]
    pub fn counterpart(mut self, origin: &str) -> Self {
        self.counterpart = Some(origin.to_owned());
        self
    }
}

/// A log, where it is kept, and the keys that belong to it.
struct Kept<S, L> {
    store: S,
    keys: LogKeys,
    log: L,
    /// With the cosignatures that verify.
    checkpoint: SignedCheckpoint,
    /// The text that the store has.
    stored: String,
}

impl<S: LogStore, L: Chains> Kept<S, L> {
    async fn create(
        store: S,
        keys: LogKeys,
        mut log: L,
        signer: &dyn Signer,
    ) -> Result<Self, Error> {
        check_signer(&keys, signer)?;
        if store.checkpoint().await?.is_some() {
            return Err(StoreError::Changed.into());
        }
        // Tried again after a crash it finds its own first entry, or nothing.
        let first: Vec<String> = log.sealing().into_iter().collect();
        store.put_entries(0, &first).await?;
        if !store.entries(1, 1).await?.is_empty() {
            return Err(StoreError::Changed.into());
        }
        for text in &first {
            log.follow(text)?;
        }
        let checkpoint = sign(&keys, &log, signer)?;
        let stored = checkpoint.to_string();
        store.swap_checkpoint(None, &stored).await?;
        log.put_in_force(log.size());
        Ok(Self {
            store,
            keys,
            log,
            checkpoint,
            stored,
        })
    }

    async fn open(
        store: S,
        keys: LogKeys,
        mut log: L,
        vouch: impl Fn(u64, &LogEntry) -> bool,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, Error> {
        // The checkpoint first: whoever writes meanwhile only adds to what it is about.
        let stored = store.checkpoint().await?;
        let stored = stored.ok_or(malformed("checkpoint", "one, since a log begins with one"))?;
        let read = SignedCheckpoint::parse(&stored)?;
        let said = read.unverified();
        if said.origin() != keys.key.name() {
            return Err(Error::OtherLog);
        }
        read.note().verify(&[&keys.key], provider)?;
        // Of what else stands below it only what verifies is given out again.
        let checkpoint = read.signed_by(&keys.key, &keys.witnesses, provider)?;
        log.put_in_force(said.size());
        let mut is_sealed = false;
        loop {
            let page = store.entries(log.size(), PAGE).await?;
            if page.is_empty() {
                break;
            }
            for text in &page {
                let index = log.size();
                // Only what is behind the checkpoint is asked about, and the last entry under it looked at.
                let entry = match index.saturating_add(1) >= said.size() {
                    true => Some(LogEntry::parse(text)?),
                    false => None,
                };
                // Where all chains stand follows from the entries, and is checked with them; it is said once.
                let seals = matches!(
                    entry,
                    Some(LogEntry::Heads { .. } | LogEntry::Subjects { .. })
                );
                let is_known = index < said.size()
                    || (seals && !is_sealed)
                    || entry.is_some_and(|entry| vouch(index, &entry));
                if !is_known {
                    return Err(Error::Unvouched { index });
                }
                log.follow(text)?;
                is_sealed = seals;
            }
        }
        let is_there = said.size() <= log.size() && log.root_at(said.size())? == *said.root();
        match is_there {
            true => Ok(Self {
                store,
                keys,
                log,
                checkpoint,
                stored,
            }),
            false => Err(Error::RootMismatch {
                place: "checkpoint",
            }),
        }
    }

    /// Keeps entries that were checked, for good, before they are part of the log; gives the place of the first.
    async fn write(&mut self, texts: &[String]) -> Result<u64, Error> {
        self.put(texts).await.map(|(first, _)| first)
    }

    /// Keeps one that nobody else may have put there before. If somebody has it is part of the log, and refused.
    async fn write_new(&mut self, text: String) -> Result<(), Error> {
        match self.put(&[text]).await? {
            (index, 0) => Err(StoreError::Taken { index }.into()),
            _ => Ok(()),
        }
    }

    async fn put(&mut self, texts: &[String]) -> Result<(u64, usize), Error> {
        let first = self.log.size();
        // Where this fails and has written all the same, the place is taken: no other entry comes to stand there before the
        // log is opened again.
        let new = self.store.put_entries(first, texts).await?;
        for text in texts {
            self.log.follow(text)?;
        }
        Ok((first, new))
    }

    /// What is to be noted of the other log.
    fn counterpart(
        &self,
        other: &TrustedCheckpoint,
        noted: Option<(u64, Hash)>,
        provider: &dyn CryptoProvider,
    ) -> Result<(u64, Hash), Error> {
        let other = other.checkpoint();
        if self.keys.counterpart.as_deref() != Some(other.origin()) {
            return Err(Error::OtherLog);
        }
        let (size, root) = (other.size(), *other.root());
        crate::history_log::check_counterpart(noted, size, root, provider)?;
        Ok((size, root))
    }

    /// Writes an entry with a number in it, which may be larger than an entry can say.
    async fn write_counted(&mut self, text: String) -> Result<u64, Error> {
        LogEntry::parse(&text)?;
        self.write(&[text]).await
    }

    async fn publish(&mut self, signer: &dyn Signer) -> Result<SignedCheckpoint, Error> {
        check_signer(&self.keys, signer)?;
        if let Some(text) = self.log.sealing() {
            self.write(&[text]).await?;
        }
        let said = self.checkpoint.unverified();
        if said.size() != self.log.size() || *said.root() != self.log.root()? {
            let new = sign(&self.keys, &self.log, signer)?;
            self.swap(new).await?;
        }
        Ok(self.checkpoint.clone())
    }

    async fn swap(&mut self, new: SignedCheckpoint) -> Result<(), Error> {
        let text = new.to_string();
        let swapped = self.store.swap_checkpoint(Some(&self.stored), &text);
        swapped.await?;
        self.log.put_in_force(new.unverified().size());
        self.checkpoint = new;
        self.stored = text;
        Ok(())
    }

    async fn cosigned(&mut self, lines: &str, provider: &dyn CryptoProvider) -> Result<(), Error> {
        let new = self.checkpoint.clone();
        let new = new.cosigned_by(lines, &self.keys.witnesses, provider)?;
        match new == self.checkpoint {
            true => Ok(()),
            false => self.swap(new).await,
        }
    }

    fn continues(&self, earlier: &Checkpoint) -> Result<(), Error> {
        if earlier.origin() != self.keys.key.name() {
            return Err(Error::OtherLog);
        }
        match earlier.size() <= self.log.size()
            && self.log.root_at(earlier.size())? == *earlier.root()
        {
            true => Ok(()),
            false => Err(Error::RootMismatch {
                place: "earlier checkpoint",
            }),
        }
    }
}

/// Before anything is written that only the log's own key may sign.
fn check_signer(keys: &LogKeys, signer: &dyn Signer) -> Result<(), Error> {
    match signer.public_key() == keys.key.public_key() {
        true => Ok(()),
        false => Err(Error::Unsigned {
            expected: "the key of the log",
        }),
    }
}

/// The state of a log, signed.
fn sign(keys: &LogKeys, log: &impl Chains, signer: &dyn Signer) -> Result<SignedCheckpoint, Error> {
    Checkpoint::new(keys.key.name(), log.size(), log.root()?)?.sign(signer)
}

/// The one that writes a log of histories, through a store.
pub struct Keeper<'p, S> {
    kept: Kept<S, HistoryLog<'p>>,
    provider: &'p dyn CryptoProvider,
}

/// An entry with who is responsible for it, to be taken by a log.
#[derive(Clone, Copy)]
pub struct Admission<'a> {
    /// The entry.
    pub entry: &'a ObjectEntry,
    /// Who has signed it.
    pub by: &'a Attribution,
    /// His document, as it is now.
    pub document: &'a DidDocument,
}

impl<'p, S: LogStore> Keeper<'p, S> {
    /// Begins a log in a store that is empty, under the name and with the key that sign it: with a first entry and a first
    /// checkpoint. What a crash has left of that is taken up.
    ///
    /// # Errors
    /// `history/store-changed`, `history/store-taken` if there is a log already; `history/unsigned` if the signer's key is
    /// another; those of the signer; a [`StoreError`].
    pub async fn create(
        store: S,
        keys: impl Into<LogKeys>,
        signer: &dyn Signer,
        provider: &'p dyn CryptoProvider,
    ) -> Result<Self, Error> {
        let keys = keys.into();
        let log = HistoryLog::new(keys.key.name(), provider);
        let kept = Kept::create(store, keys, log, signer).await?;
        Ok(Self { kept, provider })
    }

    /// Reads the log that is there, all of it, and checks it: that its last checkpoint is signed with its key, that its entries
    /// follow on each other, and that they are those that the checkpoint is about. What was written after that checkpoint,
    /// before a crash, is taken up if `vouch` says so of it, by its place: whoever keeps what he hands in, before he does so,
    /// with the attributions, knows it again; nobody else has vouched for it yet. Compare with what witnesses have seen by
    /// [`Keeper::continues`]: an old copy of the whole store looks whole.
    ///
    /// # Errors
    /// `history/unsigned`, `history/false-signature`; as for [`HistoryLog::restore`]; `history/root-mismatch` if entries of the
    /// checkpoint are missing or were changed; `history/other-log`; `history/unvouched`; a [`StoreError`].
    pub async fn open(
        store: S,
        keys: impl Into<LogKeys>,
        vouch: impl Fn(u64, &LogEntry) -> bool,
        provider: &'p dyn CryptoProvider,
    ) -> Result<Self, Error> {
        let keys = keys.into();
        let log = HistoryLog::new(keys.key.name(), provider);
        let kept = Kept::open(store, keys, log, vouch, provider).await?;
        Ok(Self { kept, provider })
    }

    /// The log.
    #[must_use]
    pub const fn log(&self) -> &HistoryLog<'p> {
        &self.kept.log
    }

    /// The last checkpoint, with the cosignatures that it has.
    #[must_use]
    pub const fn checkpoint(&self) -> &SignedCheckpoint {
        &self.kept.checkpoint
    }

    /// Whether this log, as it is kept here, continues what it was at an earlier checkpoint, such as a witness has.
    ///
    /// # Errors
    /// `history/root-mismatch` if not: it was set back, or is another; `history/other-log`; `did/provider`.
    pub fn continues(&self, earlier: &Checkpoint) -> Result<(), Error> {
        self.kept.continues(earlier)
    }

    /// Takes an entry whose writer is shown to be responsible for it, and keeps it for good before it says so. The
    /// attribution is to be kept too, off the log, and *before* this is called: a write that fails may have written all the
    /// same, and [`Keeper::open`] then asks whether somebody vouches for the entry.
    ///
    /// # Errors
    /// As for [`HistoryLog::admit`]; a [`StoreError`]. The log is then as it was, and the same entry may be handed in again;
    /// where another is refused with `history/store-taken` the log is to be opened again.
    pub async fn admit(
        &mut self,
        entry: &ObjectEntry,
        by: &Attribution,
        document: &DidDocument,
        now: Timestamp,
    ) -> Result<u64, Error> {
        let admission = Admission {
            entry,
            by,
            document,
        };
        self.admit_many(&[admission], now).await
    }

    /// Takes many entries, all or none, with one write; gives the place of the first.
    ///
    /// # Errors
    /// As for [`Keeper::admit`], of the first that is refused.
    pub async fn admit_many(
        &mut self,
        admissions: &[Admission<'_>],
        now: Timestamp,
    ) -> Result<u64, Error> {
        let log = &self.kept.log;
        // What the objects come to within these entries.
        let mut states: BTreeMap<ObjectId, ObjectState> = BTreeMap::new();
        let mut verified = BTreeSet::new();
        let mut texts = Vec::with_capacity(admissions.len());
        for Admission {
            entry,
            by,
            document,
        } in admissions
        {
            let before = states.remove(&entry.object);
            let before = before.or_else(|| log.state(entry.object).cloned());
            let by = (*by, *document, now);
            let origin = log.origin();
            check_entry(
                entry,
                before.as_ref(),
                by,
                origin,
                self.provider,
                &mut verified,
            )?;
            let text = LogEntry::Object((*entry).clone()).to_text();
            // What cannot be read again is not written.
            LogEntry::parse(&text)?;
            let hash = TreeHasher::new(self.provider).leaf(text.as_bytes())?;
            let after = ObjectState::follow(before, entry, hash)?;
            states.insert(entry.object, after);
            texts.push(text);
        }
        self.kept.write(&texts).await
    }

    /// Notes where the log of queries stands, so that it cannot be set back alone. A checkpoint that was verified, by a policy
    /// that trusts that log: what is noted can never be taken back, nor anything smaller noted after it.
    ///
    /// # Errors
    /// `history/other-log` for a checkpoint of another log than the [counterpart](LogKeys::counterpart); as for
    /// [`HistoryLog::note_queries`]; a [`StoreError`].
    pub async fn note_queries(&mut self, queries: &TrustedCheckpoint) -> Result<u64, Error> {
        let noted = self.kept.log.queries();
        let (size, root) = self.kept.counterpart(queries, noted, self.provider)?;
        let text = LogEntry::Queries { size, root }.to_text();
        self.kept.write_counted(text).await
    }

    /// Says where all histories stand, signs the state of the log, and puts it in the place of the one before. Only what this
    /// gives may leave the house. Nothing new leaves nothing to do.
    ///
    /// # Errors
    /// `history/unsigned` for another key than that of the log; those of the signer; a [`StoreError`]: after
    /// [`StoreError::Changed`] the log is to be opened again.
    pub async fn publish(&mut self, signer: &dyn Signer) -> Result<SignedCheckpoint, Error> {
        self.kept.publish(signer).await
    }

    /// Keeps the lines of signatures that its witnesses have given for the last checkpoint. One for another, such as an answer
    /// that came late, is refused.
    ///
    /// # Errors
    /// Those of [`Note::add_verified`](crate::note::Note::add_verified); a [`StoreError`].
    pub async fn cosigned(&mut self, lines: &str) -> Result<(), Error> {
        self.kept.cosigned(lines, self.provider).await
    }

    /// All of the history of an object under the last checkpoint.
    ///
    /// # Errors
    /// As for [`HistoryLog::prove`].
    pub fn prove(&self, object: ObjectId) -> Result<CompleteHistory, Error> {
        self.kept.log.prove(object, self.checkpoint().clone())
    }
}

/// The one that answers questions about persons, and writes the log of them through a store: no entry, no answer.
///
/// ```
/// # #[cfg(feature = "std")] {
/// # use core::{future::Future, pin::pin, task::{Context, Poll, Waker}};
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     let mut future = pin!(future);
/// #     loop {
/// #         if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
/// #             return output;
/// #         }
/// #     }
/// # }
/// # block_on(async {
/// use kbtf_did::{KeyType, SOFTWARE, SecretKey, Signer, SoftwareSigner};
/// use kbtf_history::{
///     Asked, Commitment, LegalBasis, ObjectId, Purpose, Query, QueryEvent,
///     note::{NoteKey, NoteKeyType},
///     store::{Looked, MemoryStore, QueryKeeper},
/// };
///
/// let signer = SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[7; 32])?);
/// let name = "history.example.go.kr/land/queries";
/// let key = NoteKey::new(name, NoteKeyType::Ed25519, signer.public_key().clone(), &SOFTWARE)?;
/// let mut keeper = QueryKeeper::create(MemoryStore::default(), key, &signer, &SOFTWARE).await?;
///
/// let question = QueryEvent::Intent(Query {
///     actor: Commitment::from_bytes([1; 32]),
///     asked: Asked::Record(Commitment::from_bytes([2; 32])),
///     purpose: Purpose(3),
///     basis: LegalBasis::PublicTask,
/// });
/// let now = || "2026-11-22T09:00:00+09:00".parse().unwrap();
/// let about = ObjectId::from_bytes([4; 16]);
/// let entry = keeper.log().draft(about, question, now());
/// let answer = keeper
///     .serve(
///         &entry,
///         now,
///         || async { Looked::Found("the record", 1) },
///         // Where a restart finds it, to vouch for it.
///         |outcome| async move { drop(outcome); Ok(()) },
///     )
///     .await;
/// assert_eq!(answer.unwrap(), "the record");
/// assert_eq!(keeper.log().subject(about).unwrap().queries(), 1);
/// # Ok::<(), kbtf_history::Error>(()) }).unwrap();
/// # }
/// ```
pub struct QueryKeeper<'p, S> {
    kept: Kept<S, QueryLog<'p>>,
    provider: &'p dyn CryptoProvider,
}

/// A question that is recorded and may be looked up, once.
#[derive(Debug)]
#[must_use = "a question without an outcome is reported"]
pub struct Ticket {
    subject: ObjectId,
    intent: u32,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unserved {
    /// The question, or what came of it, could not be recorded. What was read, if anything, is not given out.
    #[error("not recorded: {0}")]
    NotRecorded(Error),
    /// It was refused, and that is recorded.
    #[error("denied")]
    Denied,
    /// It went wrong, and that is recorded.
    #[error("failed")]
    Failed,
}

/// What the one who looks the answer up gives. It is somebody's data: it is not printed.
pub enum Looked<T> {
    /// The answer, and how many records it has.
    Found(T, u32),
    /// This one may not see it.
    Denied,
    /// Something went wrong.
    Failed,
}

impl<'p, S: LogStore> QueryKeeper<'p, S> {
    /// Begins a log of queries; see [`Keeper::create`].
    ///
    /// # Errors
    /// As there.
    pub async fn create(
        store: S,
        keys: impl Into<LogKeys>,
        signer: &dyn Signer,
        provider: &'p dyn CryptoProvider,
    ) -> Result<Self, Error> {
        let keys = keys.into();
        let log = QueryLog::new(keys.key.name(), provider);
        let kept = Kept::create(store, keys, log, signer).await?;
        Ok(Self { kept, provider })
    }

    /// Reads the log that is there; see [`Keeper::open`]. An outcome that somebody has forged would hide that a question has
    /// none, so `vouch` is asked of these too.
    ///
    /// # Errors
    /// As there.
    pub async fn open(
        store: S,
        keys: impl Into<LogKeys>,
        vouch: impl Fn(u64, &LogEntry) -> bool,
        provider: &'p dyn CryptoProvider,
    ) -> Result<Self, Error> {
        let keys = keys.into();
        let log = QueryLog::new(keys.key.name(), provider);
        let kept = Kept::open(store, keys, log, vouch, provider).await?;
        Ok(Self { kept, provider })
    }

    /// The log.
    #[must_use]
    pub const fn log(&self) -> &QueryLog<'p> {
        &self.kept.log
    }

    /// The last checkpoint, with the cosignatures that it has.
    #[must_use]
    pub const fn checkpoint(&self) -> &SignedCheckpoint {
        &self.kept.checkpoint
    }

    /// See [`Keeper::continues`].
    ///
    /// # Errors
    /// As there.
    pub fn continues(&self, earlier: &Checkpoint) -> Result<(), Error> {
        self.kept.continues(earlier)
    }

    /// Answers a question about a person: records it, looks, records what came of it, and only then gives the answer out.
    /// The entry is the next one about the person ([`QueryLog::draft`]), an intent, hidden or not.
    ///
    /// `keep` is given what came of it, as the entry that is written next, to be kept for good where [`QueryKeeper::open`] asks
    /// who vouches for it; the question itself the caller has.
    ///
    /// Dropped half-way it leaves a question without an outcome, which a [`Monitor`](crate::Monitor) reports, and no answer.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn serve<T, F, K>(
        &mut self,
        question: &QueryEntry,
        now: impl Fn() -> Timestamp,
        look: impl FnOnce() -> F,
        keep: impl FnOnce(LogEntry) -> K,
    ) -> Result<T, Unserved>
    where
        F: Future<Output = Looked<T>>,
        K: Future<Output = Result<(), StoreError>>,
    {
        let ticket = self
            .ask(question, now())
            .await
            .map_err(Unserved::NotRecorded)?;
        let looked = look().await;
        self.conclude(ticket, looked, now(), keep).await
    }

    /// The first half of [`QueryKeeper::serve`], for answers that take their time while others ask: records the question.
    ///
    /// # Errors
    /// `history/malformed` if the entry is no question; `history/not-now` if it is dated more than 5 minutes before or after
    /// now; the [`HistoryFault`](crate::HistoryFault) by which it does not follow; `history/store-taken` if the same question is
    /// recorded already, by another instance that perhaps answers it, or by a write of this one that failed: it is then open
    /// until it is [closed](QueryKeeper::close); a [`StoreError`]. Nobody may then look.
    pub async fn ask(&mut self, question: &QueryEntry, now: Timestamp) -> Result<Ticket, Error> {
        if matches!(question.event, QueryEvent::Outcome { .. }) {
            return Err(malformed("question", "an intent, hidden or not"));
        }
        let apart = question.time.unix().saturating_sub(now.unix());
        if apart.unsigned_abs() > crate::history_log::AHEAD.unsigned_abs() {
            return Err(crate::HistoryFault::NotNow.into());
        }
        let text = self.kept.log.check(question)?;
        // One question, one answer: what another instance has recorded is not answered here too.
        self.kept.write_new(text).await?;
        Ok(Ticket {
            subject: question.subject,
            intent: question.sequence,
        })
    }

    /// The second half: records what came of it, and gives the answer out.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn conclude<T, K: Future<Output = Result<(), StoreError>>>(
        &mut self,
        ticket: Ticket,
        looked: Looked<T>,
        now: Timestamp,
        keep: impl FnOnce(LogEntry) -> K,
    ) -> Result<T, Unserved> {
        let outcome = match &looked {
            Looked::Found(_, records) => Outcome::Served { records: *records },
            Looked::Denied => Outcome::Denied,
            Looked::Failed => Outcome::Failed,
        };
        self.outcome((ticket.subject, ticket.intent), outcome, now, keep)
            .await
            .map_err(Unserved::NotRecorded)?;
        match looked {
            Looked::Found(answer, _) => Ok(answer),
            Looked::Denied => Err(Unserved::Denied),
            Looked::Failed => Err(Unserved::Failed),
        }
    }

    /// Notes of a question whose outcome was never recorded, because the machine went down in between, that it failed.
    ///
    /// # Errors
    /// `history/no-such-intent` if there is none open with this number; a [`StoreError`].
    pub async fn close<K: Future<Output = Result<(), StoreError>>>(
        &mut self,
        subject: ObjectId,
        intent: u32,
        now: Timestamp,
        keep: impl FnOnce(LogEntry) -> K,
    ) -> Result<(), Error> {
        self.outcome((subject, intent), Outcome::Failed, now, keep)
            .await
    }

    async fn outcome<K: Future<Output = Result<(), StoreError>>>(
        &mut self,
        (subject, intent): (ObjectId, u32),
        outcome: Outcome,
        now: Timestamp,
        keep: impl FnOnce(LogEntry) -> K,
    ) -> Result<(), Error> {
        let event = QueryEvent::Outcome { intent, outcome };
        let entry = self.kept.log.draft(subject, event, now);
        let text = self.kept.log.check(&entry)?;
        keep(LogEntry::Query(entry)).await?;
        self.kept.write_new(text).await
    }

    /// Notes where the log of histories stands, so that it cannot be set back alone; see [`Keeper::note_queries`].
    ///
    /// # Errors
    /// `history/other-log` for a checkpoint of another log than the counterpart; as for [`QueryLog::note_history`]; a
    /// [`StoreError`].
    pub async fn note_history(&mut self, history: &TrustedCheckpoint) -> Result<u64, Error> {
        let noted = self.kept.log.history();
        let (size, root) = self.kept.counterpart(history, noted, self.provider)?;
        let text = LogEntry::History { size, root }.to_text();
        self.kept.write_counted(text).await
    }

    /// Signs the state of the log; see [`Keeper::publish`].
    ///
    /// # Errors
    /// As there.
    pub async fn publish(&mut self, signer: &dyn Signer) -> Result<SignedCheckpoint, Error> {
        self.kept.publish(signer).await
    }

    /// See [`Keeper::cosigned`].
    ///
    /// # Errors
    /// As there.
    pub async fn cosigned(&mut self, lines: &str) -> Result<(), Error> {
        self.kept.cosigned(lines, self.provider).await
    }

    /// All that stands about a person under the last checkpoint: who has looked at my data.
    ///
    /// # Errors
    /// As for [`QueryLog::prove`].
    pub fn prove(&self, subject: ObjectId) -> Result<CompleteHistory, Error> {
        self.kept.log.prove(subject, self.checkpoint().clone())
    }
}

/// The tests that any store must pass, each with what went wrong. A supplier runs them over his own; `again` opens anew what
/// a store has kept, as after the machine was off, and two that are made of one are open at once:
///
/// ```
/// # #[cfg(feature = "std")] {
/// # use core::{future::Future, pin::pin, task::{Context, Poll, Waker}};
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     let mut future = pin!(future);
/// #     loop {
/// #         if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
/// #             return output;
/// #         }
/// #     }
/// # }
/// use std::sync::Arc;
/// use kbtf_history::store::{MemoryStore, check_store};
///
/// let results = check_store(|| Arc::new(MemoryStore::default()), |store| store.clone());
/// for (test, result) in block_on(results) {
///     assert_eq!(result, Ok(()), "{test}");
/// }
/// # }
/// ```
pub async fn check_store<S: LogStore>(
    fresh: impl Fn() -> S,
    again: impl Fn(&S) -> S,
) -> Vec<(&'static str, Result<(), String>)> {
    alloc::vec![
        ("an empty store is empty", empty(&fresh()).await),
        (
            "what was put is read, whole and in order",
            read(&fresh()).await
        ),
        (
            "thousands of entries are read in their order",
            many(&fresh(), &again).await
        ),
        ("the same again changes nothing", put_again(&fresh()).await),
        ("another text at a place is refused", taken(&fresh()).await),
        ("a gap is refused", gap(&fresh()).await),
        (
            "a refusal puts nothing",
            refusal_puts_nothing(&fresh()).await
        ),
        (
            "a checkpoint is swapped for the expected one alone",
            swapped(&fresh()).await
        ),
        ("any text is kept as it is", any_text(&fresh()).await),
        (
            "what was kept is there when it is opened again",
            reopened(&fresh(), &again).await
        ),
        (
            "of two that write at once one wins",
            two_at_once(&fresh(), &again).await
        ),
        (
            "of two that write the same at once one is the first",
            one_is_first(&fresh(), &again).await
        ),
    ]
}

fn expect<T: PartialEq + core::fmt::Debug>(got: T, expected: &T) -> Result<(), String> {
    match got == *expected {
        true => Ok(()),
        false => Err(format!("expected {expected:?}, got {got:?}")),
    }
}

fn some(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

async fn empty<S: LogStore>(store: &S) -> Result<(), String> {
    expect(store.entries(0, 10).await, &Ok(Vec::new()))?;
    expect(store.entries(7, 10).await, &Ok(Vec::new()))?;
    expect(store.checkpoint().await, &Ok(None))
}

async fn read<S: LogStore>(store: &S) -> Result<(), String> {
    expect(store.put_entries(0, &some(&["a", "b"])).await, &Ok(2))?;
    expect(store.put_entries(2, &some(&["c"])).await, &Ok(1))?;
    expect(store.entries(0, 10).await, &Ok(some(&["a", "b", "c"])))?;
    expect(store.entries(1, 1).await, &Ok(some(&["b"])))?;
    expect(store.entries(0, 0).await, &Ok(Vec::new()))?;
    expect(store.entries(3, 10).await, &Ok(Vec::new()))?;
    expect(store.entries(u64::MAX, 10).await, &Ok(Vec::new()))
}

async fn put_again<S: LogStore>(store: &S) -> Result<(), String> {
    expect(store.put_entries(0, &some(&["a", "b"])).await, &Ok(2))?;
    expect(store.put_entries(0, &some(&["a", "b"])).await, &Ok(0))?;
    // A beginning is there, as after a crash.
    expect(store.put_entries(1, &some(&["b", "c"])).await, &Ok(1))?;
    expect(store.put_entries(3, &[]).await, &Ok(0))?;
    expect(store.entries(0, 10).await, &Ok(some(&["a", "b", "c"])))
}

async fn taken<S: LogStore>(store: &S) -> Result<(), String> {
    expect(store.put_entries(0, &some(&["a", "b"])).await, &Ok(2))?;
    let other = store.put_entries(1, &some(&["x"])).await;
    expect(other, &Err(StoreError::Taken { index: 1 }))?;
    // Not the first of them, but a later one.
    let other = store.put_entries(0, &some(&["a", "x", "c"])).await;
    expect(other, &Err(StoreError::Taken { index: 1 }))?;
    expect(store.entries(0, 10).await, &Ok(some(&["a", "b"])))
}

async fn many<S: LogStore>(store: &S, again: &impl Fn(&S) -> S) -> Result<(), String> {
    let all: Vec<String> = (0..2_500).map(|i| format!("entry {i}")).collect();
    let mut from = 0;
    // Singly, and in batches of many sizes.
    for size in (1..).map(|n| n * n % 97 + 1) {
        let Some(batch) = all.get(from..).filter(|rest| !rest.is_empty()) else {
            break;
        };
        let batch = batch.get(..size).unwrap_or(batch);
        expect(
            store.put_entries(from as u64, batch).await,
            &Ok(batch.len()),
        )?;
        from += batch.len();
    }
    for store in [store, &again(store)] {
        let mut read = Vec::new();
        loop {
            let page = store.entries(read.len() as u64, 700).await;
            let page = page.map_err(|error| format!("{error}"))?;
            if page.is_empty() {
                break;
            }
            read.extend(page);
        }
        expect(read.len(), &all.len())?;
        expect(read == all, &true)?;
    }
    Ok(())
}

async fn reopened<S: LogStore>(store: &S, again: &impl Fn(&S) -> S) -> Result<(), String> {
    expect(store.put_entries(0, &some(&["a", "b"])).await, &Ok(2))?;
    expect(store.swap_checkpoint(None, "one").await, &Ok(()))?;
    let store = again(store);
    expect(store.entries(0, 10).await, &Ok(some(&["a", "b"])))?;
    expect(store.checkpoint().await, &Ok(Some("one".to_owned())))?;
    let other = store.put_entries(1, &some(&["x"])).await;
    expect(other, &Err(StoreError::Taken { index: 1 }))?;
    expect(
        store.swap_checkpoint(None, "two").await,
        &Err(StoreError::Changed),
    )
}

/// Two opened at once, whose calls run beside each other as far as they wait for anything.
async fn one_is_first<S: LogStore>(store: &S, again: &impl Fn(&S) -> S) -> Result<(), String> {
    let (one, other) = (some(&["one"]), again(store));
    let puts = both(store.put_entries(0, &one), other.put_entries(0, &one)).await;
    match puts {
        (Ok(1), Ok(0)) | (Ok(0), Ok(1)) => {}
        puts => return Err(format!("one should be the first, got {puts:?}")),
    }
    expect(store.entries(0, 10).await, &Ok(one))
}

async fn two_at_once<S: LogStore>(store: &S, again: &impl Fn(&S) -> S) -> Result<(), String> {
    let other = again(store);
    let (one, two) = (some(&["one"]), some(&["two"]));
    let puts = both(store.put_entries(0, &one), other.put_entries(0, &two)).await;
    let taken = Err(StoreError::Taken { index: 0 });
    let winner = match puts {
        (Ok(1), second) if second == taken => one,
        (first, Ok(1)) if first == taken => two,
        puts => return Err(format!("one should have its place, got {puts:?}")),
    };
    for store in [store, &other] {
        expect(store.entries(0, 10).await, &Ok(winner.clone()))?;
    }
    let swaps = both(
        store.swap_checkpoint(None, "one"),
        other.swap_checkpoint(None, "two"),
    )
    .await;
    let winner = match swaps {
        (Ok(()), Err(StoreError::Changed)) => "one",
        (Err(StoreError::Changed), Ok(())) => "two",
        swaps => return Err(format!("one should have been swapped, got {swaps:?}")),
    };
    for store in [store, &other] {
        expect(store.checkpoint().await, &Ok(Some(winner.to_owned())))?;
    }
    Ok(())
}

/// Two futures, polled in turns.
async fn both<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut done_a, mut done_b) = (None, None);
    core::future::poll_fn(move |context| {
        if done_a.is_none()
            && let Poll::Ready(output) = a.as_mut().poll(context)
        {
            done_a = Some(output);
        }
        if done_b.is_none()
            && let Poll::Ready(output) = b.as_mut().poll(context)
        {
            done_b = Some(output);
        }
        match (done_a.take(), done_b.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            (a, b) => {
                (done_a, done_b) = (a, b);
                Poll::Pending
            }
        }
    })
    .await
}

async fn gap<S: LogStore>(store: &S) -> Result<(), String> {
    let first = store.put_entries(1, &some(&["b"])).await;
    expect(first, &Err(StoreError::Gap { next: 0 }))?;
    expect(store.put_entries(0, &some(&["a"])).await, &Ok(1))?;
    let later = store.put_entries(u64::MAX, &some(&["z"])).await;
    expect(later, &Err(StoreError::Gap { next: 1 }))
}

async fn refusal_puts_nothing<S: LogStore>(store: &S) -> Result<(), String> {
    expect(store.put_entries(0, &some(&["a"])).await, &Ok(1))?;
    let other = store.put_entries(0, &some(&["x", "b"])).await;
    expect(other, &Err(StoreError::Taken { index: 0 }))?;
    expect(store.entries(0, 10).await, &Ok(some(&["a"])))
}

async fn swapped<S: LogStore>(store: &S) -> Result<(), String> {
    let changed = &Err(StoreError::Changed);
    expect(store.swap_checkpoint(Some("one"), "two").await, changed)?;
    expect(store.swap_checkpoint(None, "one").await, &Ok(()))?;
    expect(store.swap_checkpoint(None, "two").await, changed)?;
    expect(store.checkpoint().await, &Ok(Some("one".to_owned())))?;
    expect(store.swap_checkpoint(Some("one"), "two").await, &Ok(()))?;
    expect(store.swap_checkpoint(Some("one"), "three").await, changed)?;
    expect(store.checkpoint().await, &Ok(Some("two".to_owned())))
}

async fn any_text<S: LogStore>(store: &S) -> Result<(), String> {
    let long = "가".repeat(20_000);
    let texts = some(&["", "\n", "한글 \u{1f600}\u{0}\r\n\t", &long]);
    expect(store.put_entries(0, &texts).await, &Ok(texts.len()))?;
    expect(store.entries(0, 10).await, &Ok(texts))?;
    let checkpoint = "한 줄\n\n— b\n";
    expect(store.swap_checkpoint(None, checkpoint).await, &Ok(()))?;
    expect(store.checkpoint().await, &Ok(Some(checkpoint.to_owned())))
}

#[cfg(feature = "std")]
pub use memory::MemoryStore;

#[cfg(feature = "std")]
mod memory {
    extern crate std;
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use super::{LogStore, StoreError, String, ToOwned as _, Vec};

    /// A store in memory, for tests.
    #[derive(Debug, Default)]
    pub struct MemoryStore(Mutex<Kept>);

    #[derive(Debug, Default)]
    struct Kept {
        entries: Vec<String>,
        checkpoint: Option<String>,
    }

    impl MemoryStore {
        fn kept(&self) -> MutexGuard<'_, Kept> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    /// Whether entries may be put there, and how many of them are there already.
    fn already(entries: &[String], from: u64, texts: &[String]) -> Result<usize, StoreError> {
        let next = entries.len() as u64;
        let place = usize::try_from(from).ok().filter(|_| from <= next);
        let there = place.and_then(|place| entries.get(place..));
        let there = there.ok_or(StoreError::Gap { next })?;
        match there
            .iter()
            .zip(texts)
            .position(|(there, new)| there != new)
        {
            Some(at) => Err(StoreError::Taken {
                index: from.saturating_add(at as u64),
            }),
            None => Ok(there.len().min(texts.len())),
        }
    }

    impl LogStore for MemoryStore {
        async fn entries(&self, from: u64, most: usize) -> Result<Vec<String>, StoreError> {
            let from = usize::try_from(from).unwrap_or(usize::MAX);
            let kept = self.kept();
            Ok(kept.entries.iter().skip(from).take(most).cloned().collect())
        }

        async fn put_entries(&self, from: u64, texts: &[String]) -> Result<usize, StoreError> {
            let mut kept = self.kept();
            let already = already(&kept.entries, from, texts)?;
            kept.entries.extend(texts.iter().skip(already).cloned());
            Ok(texts.len().saturating_sub(already))
        }

        async fn checkpoint(&self) -> Result<Option<String>, StoreError> {
            Ok(self.kept().checkpoint.clone())
        }

        async fn swap_checkpoint(
            &self,
            expected: Option<&str>,
            new: &str,
        ) -> Result<(), StoreError> {
            let mut kept = self.kept();
            if kept.checkpoint.as_deref() != expected {
                return Err(StoreError::Changed);
            }
            kept.checkpoint = Some(new.to_owned());
            Ok(())
        }
    }
}

/// A store that is shared is a store.
impl<S: LogStore> LogStore for &S {
    fn entries(
        &self,
        from: u64,
        most: usize,
    ) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send {
        (**self).entries(from, most)
    }

    fn put_entries(
        &self,
        from: u64,
        texts: &[String],
    ) -> impl Future<Output = Result<usize, StoreError>> + Send {
        (**self).put_entries(from, texts)
    }

    fn checkpoint(&self) -> impl Future<Output = Result<Option<String>, StoreError>> + Send {
        (**self).checkpoint()
    }

    fn swap_checkpoint(
        &self,
        expected: Option<&str>,
        new: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        (**self).swap_checkpoint(expected, new)
    }
}

/// A store with several owners is a store.
impl<S: LogStore> LogStore for Arc<S> {
    fn entries(
        &self,
        from: u64,
        most: usize,
    ) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send {
        (**self).entries(from, most)
    }

    fn put_entries(
        &self,
        from: u64,
        texts: &[String],
    ) -> impl Future<Output = Result<usize, StoreError>> + Send {
        (**self).put_entries(from, texts)
    }

    fn checkpoint(&self) -> impl Future<Output = Result<Option<String>, StoreError>> + Send {
        (**self).checkpoint()
    }

    fn swap_checkpoint(
        &self,
        expected: Option<&str>,
        new: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        (**self).swap_checkpoint(expected, new)
    }
}
