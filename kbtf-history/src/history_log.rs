use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::String,
    vec::Vec,
};

use kbtf_did::{CryptoProvider, DidDocument, Timestamp};

use crate::{
    Attribution, CompleteHistory, Error, Event, Hash, Head, HeadMap, HistoryFault, LogEntry,
    MemoryTree, ObjectEntry, ObjectId, ObjectState, Prover as _, SignedCheckpoint, TreeHasher,
    next_entry, sealed_states::SealedStates,
};

/// A log of histories in memory: entries, their tree, where each history stands, and what each has come to.
///
/// What it decides is what any log decides, and nothing here is on disk: a [`Keeper`](crate::store::Keeper) writes it through a
/// store. It is rebuilt from the texts of its entries by [`HistoryLog::restore`].
pub struct HistoryLog<'p> {
    origin: String,
    /// Where the log of queries was said to stand last.
    queries: Option<(u64, Hash)>,
    provider: &'p dyn CryptoProvider,
    entries: Vec<String>,
    tree: MemoryTree,
    heads: HeadMap,
    /// How many entries there were when it was said where all chains stand, that entry counted, and where they stood: the last
    /// of these states, since a checkpoint may be older than the last.
    sealed: SealedStates,
    objects: BTreeMap<ObjectId, (ObjectState, Vec<usize>)>,
}

impl<'p> HistoryLog<'p> {
    /// A log with this origin and without entries.
    #[must_use]
    pub fn new(origin: &str, provider: &'p dyn CryptoProvider) -> Self {
        Self {
            origin: origin.into(),
            queries: None,
            provider,
            entries: Vec::new(),
            tree: MemoryTree::new(),
            heads: HeadMap::new(),
            sealed: SealedStates::new(),
            objects: BTreeMap::new(),
        }
    }

    /// The log with these entries, each checked to follow on those before it.
    ///
    /// # Errors
    /// `history/malformed`; a [`HistoryFault`](crate::HistoryFault); `history/root-mismatch` if where the histories stand is not
    /// what an entry says; `did/provider`.
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

    /// Takes one entry of another's log, as a monitor does: what does not follow is refused by name.
    ///
    /// # Errors
    /// As for [`HistoryLog::restore`]; the log is then as it was.
    pub fn follow(&mut self, text: &str) -> Result<u64, Error> {
        match LogEntry::parse(text)? {
            LogEntry::Object(entry) => self.append_object(&entry, text.into()),
            LogEntry::Heads { size, root } => {
                if size != self.size() || root != self.heads.root() {
                    return Err(Error::RootMismatch { place: "head map" });
                }
                let index = self.append(String::from(text))?;
                self.sealed.push(self.size(), self.heads.clone());
                Ok(index)
            }
            LogEntry::Queries { size, root } => {
                check_counterpart(self.queries, size, root, self.provider)?;
                let index = self.append(String::from(text))?;
                self.queries = Some((size, root));
                Ok(index)
            }
            LogEntry::Subjects { .. } | LogEntry::History { .. } | LogEntry::Query(_) => Err(
                crate::error::malformed("entry", "one of a log of histories"),
            ),
        }
    }

    /// The origin of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Where the log of queries was said to stand last.
    #[must_use]
    pub const fn queries(&self) -> Option<(u64, Hash)> {
        self.queries
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

    /// What the history of an object has come to.
    #[must_use]
    pub fn state(&self, object: ObjectId) -> Option<&ObjectState> {
        self.objects.get(&object).map(|(state, _)| state)
    }

    /// The next entry of the history of an object, to be signed and handed in.
    #[must_use]
    pub fn draft(
        &self,
        object: ObjectId,
        event: Event,
        actor: crate::Commitment,
        now: Timestamp,
    ) -> ObjectEntry {
        next_entry(self.state(object), object, event, actor, now)
    }

    /// Takes an entry whose writer is shown to be responsible for it, and gives its place.
    ///
    /// # Errors
    /// Those of [`Attribution::verify`]; the [`HistoryFault`](crate::HistoryFault) by which it does not follow, or
    /// `history/from-the-future`; `did/provider`. The log is then as it was.
    pub fn admit(
        &mut self,
        entry: &ObjectEntry,
        by: &Attribution,
        document: &DidDocument,
        now: Timestamp,
    ) -> Result<u64, Error> {
        let text = self.check(entry, by, document, now)?;
        self.append_object(entry, text)
    }

    /// Whether [`HistoryLog::admit`] would take an entry; gives its text, to be kept before it is [followed](HistoryLog::follow).
    ///
    /// # Errors
    /// As there.
    pub fn check(
        &self,
        entry: &ObjectEntry,
        by: &Attribution,
        document: &DidDocument,
        now: Timestamp,
    ) -> Result<String, Error> {
        let state = self.state(entry.object);
        check_entry(
            entry,
            state,
            (by, document, now),
            &self.origin,
            self.provider,
            &mut BTreeSet::new(),
        )?;
        let text = LogEntry::Object(entry.clone()).to_text();
        // What cannot be read again is not written.
        LogEntry::parse(&text)?;
        Ok(text)
    }

    /// Appends an entry whose one text this is.
    fn append_object(&mut self, entry: &ObjectEntry, text: String) -> Result<u64, Error> {
        let hash = TreeHasher::new(self.provider).leaf(text.as_bytes())?;
        ObjectState::check(self.state(entry.object), entry)?;
        let mut heads = self.heads.clone();
        let head = Head {
            sequence: entry.sequence,
            entry: hash,
        };
        heads.set(entry.object, head, self.provider)?;
        let index = self.append(text)?;
        self.heads = heads;
        let place = self.entries.len().saturating_sub(1);
        let (state, places) = self
            .objects
            .entry(entry.object)
            .or_insert_with(|| (ObjectState::of(entry.object), Vec::new()));
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

    /// Notes where the log of queries of these histories stands.
    ///
    /// # Errors
    /// `history/counterpart-set-back` if it is less than what was noted before, or as much with another root;
    /// `history/malformed` for a size that no entry can hold; `did/provider`.
    pub fn note_queries(&mut self, size: u64, root: Hash) -> Result<u64, Error> {
        self.follow(&LogEntry::Queries { size, root }.to_text())
    }

    /// Notes where all histories stand, which is what a checkpoint is made of: without it as the last entry no history can
    /// be proved complete. Nothing is added if it stands there already.
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

    /// The entry that [`HistoryLog::seal`] would add.
    #[must_use]
    pub fn sealing(&self) -> Option<String> {
        let (size, root) = (self.size(), self.heads.root());
        (!self.sealed.is_last(size)).then(|| LogEntry::Heads { size, root }.to_text())
    }

    /// All of the history of an object, or that it has none, with the proof that it is all, under a checkpoint of this log
    /// as it was when it was [sealed](HistoryLog::seal), one of the last 16 times.
    ///
    /// # Errors
    /// `history/not-sealed` if it never was, or the checkpoint is of another state or log;
    /// `history/too-long` for a history that no proof can hold; `did/provider`.
    pub fn prove(
        &self,
        object: ObjectId,
        checkpoint: SignedCheckpoint,
    ) -> Result<CompleteHistory, Error> {
        let places = self
            .objects
            .get(&object)
            .map(|(_, places)| places.as_slice());
        let size = checkpoint.unverified().size();
        let sealed = self.sealed.at(size)?;
        prove(
            &self.origin,
            &self.entries,
            &self.tree,
            sealed,
            (object, places.unwrap_or_default()),
            checkpoint,
            self.provider,
        )
    }

    /// The root of the tree when it had so many entries.
    ///
    /// # Errors
    /// `history/missing-node` if it never had as many; `did/provider`.
    pub fn root_at(&self, size: u64) -> Result<Hash, Error> {
        self.tree.root_at(size, &TreeHasher::new(self.provider))
    }
}

/// By how many seconds the clock of whoever writes an entry may be before that of the log.
pub(crate) const AHEAD: i64 = 300;

/// Whether an entry follows, and whoever has written it is shown to be responsible.
pub(crate) fn check_entry(
    entry: &ObjectEntry,
    before: Option<&ObjectState>,
    (by, document, now): (&Attribution, &DidDocument, Timestamp),
    origin: &str,
    provider: &dyn CryptoProvider,
    verified: &mut BTreeSet<Vec<u8>>,
) -> Result<(), Error> {
    by.verify_among(entry, origin, document, now, provider, verified)?;
    if entry.time > now.saturating_add_seconds(AHEAD) {
        return Err(HistoryFault::FromTheFuture.into());
    }
    Ok(ObjectState::check(before, entry)?)
}

/// Whether a state of the other log follows on what was noted of it before.
pub(crate) fn check_counterpart(
    before: Option<(u64, Hash)>,
    size: u64,
    root: Hash,
    provider: &dyn CryptoProvider,
) -> Result<(), Error> {
    if size == 0 && root != TreeHasher::new(provider).empty()? {
        return Err(HistoryFault::CounterpartSetBack.into());
    }
    match before {
        Some((had, same)) if size < had || (size == had && root != same) => {
            Err(HistoryFault::CounterpartSetBack.into())
        }
        _ => Ok(()),
    }
}

/// All entries of a chain of a log that is sealed, with the proof that they are all.
pub(crate) fn prove(
    origin: &str,
    entries: &[String],
    tree: &MemoryTree,
    (size, heads): &(u64, HeadMap),
    (object, places): (ObjectId, &[usize]),
    checkpoint: SignedCheckpoint,
    provider: &dyn CryptoProvider,
) -> Result<CompleteHistory, Error> {
    let hasher = TreeHasher::new(provider);
    let own = checkpoint.unverified();
    let is_own = own.origin() == origin && own.size() == *size;
    if !is_own || *own.root() != tree.root_at(*size, &hasher)? {
        return Err(Error::NotSealed);
    }
    let last = size.checked_sub(1).ok_or(Error::NotSealed)?;
    let place = usize::try_from(last).map_err(|_| Error::NotSealed)?;
    let last_entry = entries.get(place).ok_or(Error::NotSealed)?;
    let inclusion = tree.prove_inclusion(last, *size, &hasher)?;
    // What came after belongs to the next checkpoint.
    let entries = places
        .iter()
        .filter(|at| **at < place)
        .filter_map(|place| entries.get(*place).cloned());
    let complete = CompleteHistory {
        checkpoint,
        heads: last_entry.clone(),
        path: inclusion.path,
        head: heads.prove(object),
        entries: entries.collect(),
    };
    complete.check_length()?;
    Ok(complete)
}
