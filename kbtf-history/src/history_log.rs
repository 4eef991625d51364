use alloc::{collections::BTreeMap, string::String, vec::Vec};

use kbtf_did::{CryptoProvider, DidDocument, Timestamp};

use crate::{
    Attribution, CompleteHistory, Error, Event, Hash, Head, HeadMap, LogEntry, MemoryTree,
    ObjectEntry, ObjectId, ObjectState, Prover as _, SignedCheckpoint, TreeHasher, next_entry,
};

/// A log of histories in memory: entries, their tree, where each history stands, and what each has come to.
///
/// What it decides is what any log decides; where its entries are kept is the application's matter. It is rebuilt from their
/// texts by [`HistoryLog::restore`].
pub struct HistoryLog<'p> {
    provider: &'p dyn CryptoProvider,
    entries: Vec<String>,
    tree: MemoryTree,
    heads: HeadMap,
    objects: BTreeMap<ObjectId, (ObjectState, Vec<usize>)>,
}

impl<'p> HistoryLog<'p> {
    /// A log without entries.
    #[must_use]
    pub const fn new(provider: &'p dyn CryptoProvider) -> Self {
        Self {
            provider,
            entries: Vec::new(),
            tree: MemoryTree::new(),
            heads: HeadMap::new(),
            objects: BTreeMap::new(),
        }
    }

    /// The log with these entries, each checked to follow on those before it.
    ///
    /// # Errors
    /// `history/malformed`; a [`HistoryFault`](crate::HistoryFault); `history/root-mismatch` if where the histories stand is not
    /// what an entry says; `did/provider`.
    pub fn restore<'t>(
        entries: impl IntoIterator<Item = &'t str>,
        provider: &'p dyn CryptoProvider,
    ) -> Result<Self, Error> {
        let mut log = Self::new(provider);
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
            LogEntry::Object(entry) => self.append_object(&entry),
            LogEntry::Heads { size, root } => {
                if size != self.size() || root != self.heads.root() {
                    return Err(Error::RootMismatch { place: "head map" });
                }
                self.append(String::from(text))
            }
            LogEntry::Queries { .. } => self.append(String::from(text)),
            LogEntry::History { .. } | LogEntry::Query(_) => Err(crate::error::malformed(
                "entry",
                "one of a log of histories",
            )),
        }
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
    /// Those of [`Attribution::verify`]; the [`HistoryFault`](crate::HistoryFault) by which it does not follow; `did/provider`. The
    /// log is then as it was.
    pub fn admit(
        &mut self,
        entry: &ObjectEntry,
        by: &Attribution,
        document: &DidDocument,
        now: Timestamp,
    ) -> Result<u64, Error> {
        self.check(entry, by, document, now)?;
        self.append_object(entry)
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
        by.verify(entry, document, now, self.provider)?;
        ObjectState::check(self.state(entry.object), entry)?;
        let text = LogEntry::Object(entry.clone()).to_text();
        // What cannot be read again is not written.
        LogEntry::parse(&text)?;
        Ok(text)
    }

    fn append_object(&mut self, entry: &ObjectEntry) -> Result<u64, Error> {
        let text = LogEntry::Object(entry.clone()).to_text();
        // What cannot be read again is not written.
        LogEntry::parse(&text)?;
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

    /// Notes where the log of queries of this history stands.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn note_queries(&mut self, size: u64, root: Hash) -> Result<u64, Error> {
        self.append(LogEntry::Queries { size, root }.to_text())
    }

    /// Notes where all histories stand, which is what a checkpoint is made of: without it as the last entry no history can
    /// be proved complete. Nothing is added if it stands there already.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn seal(&mut self) -> Result<(), Error> {
        match self.sealing() {
            Some(text) => self.append(text).map(|_| ()),
            None => Ok(()),
        }
    }

    /// The entry that [`HistoryLog::seal`] would add.
    #[must_use]
    pub fn sealing(&self) -> Option<String> {
        sealing(&self.entries, self.size(), &self.heads)
    }

    /// All of the history of an object, or that it has none, with the proof that it is all, under a checkpoint of this log
    /// as it stands.
    ///
    /// # Errors
    /// `history/not-sealed` if something was added since [`HistoryLog::seal`], or the checkpoint is of another state;
    /// `did/provider`.
    pub fn prove(
        &self,
        object: ObjectId,
        checkpoint: SignedCheckpoint,
    ) -> Result<CompleteHistory, Error> {
        let places = self
            .objects
            .get(&object)
            .map(|(_, places)| places.as_slice());
        prove(
            &self.entries,
            &self.tree,
            &self.heads,
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

/// The entry that says where all chains of a log stand, unless it is there already.
pub(crate) fn sealing(entries: &[String], size: u64, heads: &HeadMap) -> Option<String> {
    let last = size.checked_sub(1);
    let is_sealed = entries.last().is_some_and(|text| {
        matches!(LogEntry::parse(text), Ok(LogEntry::Heads { size, .. }) if Some(size) == last)
    });
    let root = heads.root();
    (!is_sealed).then(|| LogEntry::Heads { size, root }.to_text())
}

/// All entries of a chain of a log, with the proof that they are all.
pub(crate) fn prove(
    entries: &[String],
    tree: &MemoryTree,
    heads: &HeadMap,
    (object, places): (ObjectId, &[usize]),
    checkpoint: SignedCheckpoint,
    provider: &dyn CryptoProvider,
) -> Result<CompleteHistory, Error> {
    let hasher = TreeHasher::new(provider);
    let (Some(last_entry), Some(last)) = (entries.last(), tree.size().checked_sub(1)) else {
        return Err(Error::NotSealed);
    };
    let is_sealed = matches!(LogEntry::parse(last_entry)?, LogEntry::Heads { .. });
    let own = checkpoint.unverified();
    if !is_sealed || own.size() != tree.size() || *own.root() != tree.root(&hasher)? {
        return Err(Error::NotSealed);
    }
    let inclusion = tree.prove_inclusion(last, tree.size(), &hasher)?;
    let entries = places
        .iter()
        .filter_map(|place| entries.get(*place).cloned());
    Ok(CompleteHistory {
        checkpoint,
        heads: last_entry.clone(),
        path: inclusion.path,
        head: heads.prove(object),
        entries: entries.collect(),
    })
}
