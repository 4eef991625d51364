use alloc::{collections::BTreeMap, string::String, vec::Vec};

use kbtf_did::{CryptoProvider, Timestamp};

use crate::{
    CompleteHistory, Error, Hash, Head, HeadMap, LogEntry, MemoryTree, ObjectId, Prover as _,
    QueryEntry, QueryEvent, SignedCheckpoint, SubjectState, TreeHasher,
    history_log::check_counterpart, sealed_states::SealedStates,
};

/// The log of who has asked about whom, in memory: a log of its own, with its own origin and key, beside that of the
/// histories.
///
/// What it decides is what any log decides, and nothing here is on disk. Whoever answers questions does so through a
/// [`QueryKeeper`](crate::store::QueryKeeper): no entry, no answer.
pub struct QueryLog<'p> {
    origin: String,
    /// Where the log of histories was said to stand last.
    history: Option<(u64, Hash)>,
    provider: &'p dyn CryptoProvider,
    entries: Vec<String>,
    tree: MemoryTree,
    heads: HeadMap,
    /// How many entries there were when it was said where all chains stand, that entry counted, and where they stood: the last
    /// of these states, since a checkpoint may be older than the last.
    sealed: SealedStates,
    subjects: BTreeMap<ObjectId, (SubjectState, Vec<usize>)>,
}

impl<'p> QueryLog<'p> {
    /// A log with this origin and without entries.
    #[must_use]
    pub fn new(origin: &str, provider: &'p dyn CryptoProvider) -> Self {
        Self {
            origin: origin.into(),
            history: None,
            provider,
            entries: Vec::new(),
            tree: MemoryTree::new(),
            heads: HeadMap::new(),
            sealed: SealedStates::new(),
            subjects: BTreeMap::new(),
        }
    }

    /// The log with these entries, each checked to follow on those before it.
    ///
    /// # Errors
    /// As for [`HistoryLog::restore`](crate::HistoryLog::restore).
    pub fn restore<'t>(
        origin: &str,
        entries: impl IntoIterator<Item = &'t str>,
        provider: &'p dyn CryptoProvider,
    ) -> Result<Self, Error> {
        let mut log = Self::new(origin, provider);
        for text in entries {
            log.follow(text)?;
        }
        Ok(log)
    }

    /// Takes one entry, of this log or, as a monitor does, of another's.
    ///
    /// # Errors
    /// As for [`QueryLog::restore`]; the log is then as it was.
    pub fn follow(&mut self, text: &str) -> Result<u64, Error> {
        match LogEntry::parse(text)? {
            LogEntry::Query(entry) => {
                self.check_entry(&entry)?;
                self.append_query(&entry, String::from(text))
            }
            LogEntry::Subjects { size, root } => {
                if size != self.size() || root != self.heads.root() {
                    return Err(Error::RootMismatch { place: "head map" });
                }
                let index = self.append(String::from(text))?;
                self.sealed.push(self.size(), self.heads.clone());
                Ok(index)
            }
            LogEntry::History { size, root } => {
                check_counterpart(self.history, size, root, self.provider)?;
                let index = self.append(String::from(text))?;
                self.history = Some((size, root));
                Ok(index)
            }
            _ => Err(crate::error::malformed("entry", "one of a log of queries")),
        }
    }

    /// The next entry about a person, to be signed by whoever asks.
    #[must_use]
    pub fn draft(&self, subject: ObjectId, event: QueryEvent, now: Timestamp) -> QueryEntry {
        let none = SubjectState::default();
        self.subject(subject)
            .unwrap_or(&none)
            .next(subject, event, now)
    }

    /// Whether an entry follows; gives its text, to be kept before it is [followed](QueryLog::follow).
    ///
    /// # Errors
    /// The [`HistoryFault`](crate::HistoryFault) by which it does not.
    pub fn check(&self, entry: &QueryEntry) -> Result<String, Error> {
        self.check_entry(entry)?;
        let text = LogEntry::Query(*entry).to_text();
        // What cannot be read again is not written.
        LogEntry::parse(&text)?;
        Ok(text)
    }

    fn check_entry(&self, entry: &QueryEntry) -> Result<(), Error> {
        let none = SubjectState::default();
        let state = self.subject(entry.subject).unwrap_or(&none);
        Ok(state.check(entry)?)
    }

    fn append_query(&mut self, entry: &QueryEntry, text: String) -> Result<u64, Error> {
        let hash = TreeHasher::new(self.provider).leaf(text.as_bytes())?;
        let mut heads = self.heads.clone();
        let head = Head {
            sequence: entry.sequence,
            entry: hash,
        };
        heads.set(entry.subject, head, self.provider)?;
        let index = self.append(text)?;
        self.heads = heads;
        let place = self.entries.len().saturating_sub(1);
        let (state, places) = self.subjects.entry(entry.subject).or_default();
        state.take(entry, hash);
        places.push(place);
        Ok(index)
    }

    fn append(&mut self, text: String) -> Result<u64, Error> {
        let hasher = TreeHasher::new(self.provider);
        let index = self.tree.append(hasher.leaf(text.as_bytes())?, &hasher)?;
        self.entries.push(text);
        Ok(index)
    }

    /// The origin of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Where the log of histories was said to stand last.
    #[must_use]
    pub const fn history(&self) -> Option<(u64, Hash)> {
        self.history
    }

    /// How many entries there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The root of the tree of all entries.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn root(&self) -> Result<Hash, Error> {
        self.tree.root(&TreeHasher::new(self.provider))
    }

    /// The root of the tree when it had so many entries.
    ///
    /// # Errors
    /// `history/missing-node` if it never had as many; `did/provider`.
    pub fn root_at(&self, size: u64) -> Result<Hash, Error> {
        self.tree.root_at(size, &TreeHasher::new(self.provider))
    }

    pub(crate) const fn provider(&self) -> &'p dyn CryptoProvider {
        self.provider
    }

    /// The tree of all entries.
    #[must_use]
    pub const fn tree(&self) -> &MemoryTree {
        &self.tree
    }

    /// The texts of the entries.
    #[must_use]
    pub fn entries(&self) -> &[String] {
        &self.entries
    }

    /// What the entries about a person come to.
    #[must_use]
    pub fn subject(&self, subject: ObjectId) -> Option<&SubjectState> {
        self.subjects.get(&subject).map(|(state, _)| state)
    }

    /// All questions of which nothing is said yet: about whom, their numbers, and since when.
    pub fn open(&self) -> impl Iterator<Item = (ObjectId, u32, Timestamp)> {
        self.subjects.iter().flat_map(|(subject, (state, _))| {
            let open = state.open().iter();
            open.map(|(intent, since)| (*subject, *intent, *since))
        })
    }

    /// Notes where the log of histories stands, so that neither of the two can be set back alone.
    ///
    /// # Errors
    /// As for [`HistoryLog::note_queries`](crate::HistoryLog::note_queries).
    pub fn note_history(&mut self, size: u64, root: Hash) -> Result<u64, Error> {
        self.follow(&LogEntry::History { size, root }.to_text())
    }

    /// Notes where the entries about all persons stand; see [`HistoryLog::seal`](crate::HistoryLog::seal).
    ///
    /// # Errors
    /// `did/provider`.
    pub fn seal(&mut self) -> Result<(), Error> {
        match self.sealing() {
            Some(text) => self.follow(&text).map(|_| ()),
            None => Ok(()),
        }
    }

    /// The state of this size is the one that checkpoints are of from now on: proofs under it are given until another is.
    pub(crate) const fn put_in_force(&mut self, size: u64) {
        self.sealed.put_in_force(size);
    }

    /// The entry that [`QueryLog::seal`] would add.
    #[must_use]
    pub fn sealing(&self) -> Option<String> {
        let (size, root) = (self.size(), self.heads.root());
        (!self.sealed.is_last(size)).then(|| LogEntry::Subjects { size, root }.to_text())
    }

    /// All entries about a person, with the proof that they are all: who has looked at my data, and how often.
    ///
    /// # Errors
    /// As for [`HistoryLog::prove`](crate::HistoryLog::prove).
    pub fn prove(
        &self,
        subject: ObjectId,
        checkpoint: SignedCheckpoint,
    ) -> Result<CompleteHistory, Error> {
        let places = self
            .subjects
            .get(&subject)
            .map(|(_, places)| places.as_slice());
        let size = checkpoint.unverified().size();
        let sealed = self.sealed.at(size)?;
        crate::history_log::prove(
            &self.origin,
            &self.entries,
            &self.tree,
            sealed,
            (subject, places.unwrap_or_default()),
            checkpoint,
            self.provider,
        )
    }
}
