use alloc::{collections::BTreeMap, string::String, vec::Vec};

use kbtf_did::{CryptoProvider, Timestamp};

use crate::{
    CompleteHistory, Error, Hash, Head, HeadMap, LogEntry, MemoryTree, ObjectId, Outcome,
    QueryEntry, QueryEvent, SignedCheckpoint, SubjectState, TreeHasher,
};

/// The log of who has asked about whom, in memory: a log of its own, with its own origin and key, beside that of the
/// histories.
///
/// No entry, no answer: [`QueryLog::serve`] is the only way to write, and it gives an answer out only if the question was
/// recorded before it was looked at, and what came of it after.
pub struct QueryLog<'p> {
    provider: &'p dyn CryptoProvider,
    entries: Vec<String>,
    tree: MemoryTree,
    heads: HeadMap,
    subjects: BTreeMap<ObjectId, (SubjectState, Vec<usize>)>,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Unserved<E> {
    /// The question, or what came of it, could not be recorded. What was read, if anything, is not given out.
    NotRecorded(E),
    /// It was refused, and that is recorded.
    Denied,
    /// It went wrong, and that is recorded.
    Failed,
    /// It does not follow on what is recorded.
    Invalid(Error),
}

/// What the one who looks the answer up gives.
#[derive(Debug)]
pub enum Looked<T> {
    /// The answer, and how many records it has.
    Found(T, u32),
    /// This one may not see it.
    Denied,
    /// Something went wrong.
    Failed,
}

impl<'p> QueryLog<'p> {
    /// A log without entries.
    #[must_use]
    pub const fn new(provider: &'p dyn CryptoProvider) -> Self {
        Self {
            provider,
            entries: Vec::new(),
            tree: MemoryTree::new(),
            heads: HeadMap::new(),
            subjects: BTreeMap::new(),
        }
    }

    /// The log with these entries, each checked to follow on those before it.
    ///
    /// # Errors
    /// As for [`HistoryLog::restore`](crate::HistoryLog::restore).
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

    /// Takes one entry of another's log, as a monitor does.
    ///
    /// # Errors
    /// As for [`QueryLog::restore`]; the log is then as it was.
    pub fn follow(&mut self, text: &str) -> Result<u64, Error> {
        match LogEntry::parse(text)? {
            LogEntry::Query(entry) => {
                self.check(&entry)?;
                self.append_query(&entry, String::from(text))
            }
            LogEntry::Heads { size, root } if size == self.size() && root == self.heads.root() => {
                self.append(String::from(text))
            }
            LogEntry::Heads { .. } => Err(Error::RootMismatch { place: "head map" }),
            LogEntry::History { .. } => self.append(String::from(text)),
            _ => Err(crate::error::malformed("entry", "one of a log of queries")),
        }
    }

    /// Answers a question about a person: records it, looks, records what came of it, and only then gives the answer out.
    ///
    /// `store` keeps a text for good, on disk, before it returns; whatever it cannot keep is as if it had not been. `look`
    /// finds the answer.
    ///
    /// ```
    /// use kbtf_did::SOFTWARE;
    /// use kbtf_history::{
    ///     Asked, Commitment, LegalBasis, Looked, ObjectId, Purpose, Query, QueryEvent, QueryLog,
    /// };
    ///
    /// let mut log = QueryLog::new(&SOFTWARE);
    /// let mut disk: Vec<String> = Vec::new();
    /// let query = Query {
    ///     actor: Commitment::from_bytes([1; 32]),
    ///     asked: Asked::Record { object: ObjectId::from_bytes([2; 16]), history_size: 10 },
    ///     purpose: Purpose(3),
    ///     basis: LegalBasis::PublicTask,
    /// };
    /// let subject = ObjectId::from_bytes([4; 16]);
    /// let now = || "2026-11-22T09:00:00+09:00".parse().unwrap();
    /// let answer = log.serve(
    ///     subject,
    ///     QueryEvent::Intent(query),
    ///     now,
    ///     |text| { disk.push(text.to_owned()); Ok::<(), ()>(()) },
    ///     || Looked::Found("the record", 1),
    /// );
    /// assert_eq!(answer.unwrap(), "the record");
    /// assert_eq!(disk.len(), 2, "the question and its outcome");
    /// ```
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn serve<T, E>(
        &mut self,
        subject: ObjectId,
        question: QueryEvent,
        now: impl Fn() -> Timestamp,
        mut store: impl FnMut(&str) -> Result<(), E>,
        look: impl FnOnce() -> Looked<T>,
    ) -> Result<T, Unserved<E>> {
        if matches!(question, QueryEvent::Outcome { .. }) {
            let wrong = crate::error::malformed("question", "an intent, hidden or not");
            return Err(Unserved::Invalid(wrong));
        }
        let intent = self.record(subject, question, now(), &mut store)?;
        let looked = look();
        let outcome = match &looked {
            Looked::Found(_, records) => Outcome::Served { records: *records },
            Looked::Denied => Outcome::Denied,
            Looked::Failed => Outcome::Failed,
        };
        let event = QueryEvent::Outcome { intent, outcome };
        self.record(subject, event, now(), &mut store)?;
        match looked {
            Looked::Found(answer, _) => Ok(answer),
            Looked::Denied => Err(Unserved::Denied),
            Looked::Failed => Err(Unserved::Failed),
        }
    }

    /// Notes what became of a question whose outcome was never recorded, because the machine went down in between: by rule
    /// that it failed.
    ///
    /// # Errors
    /// [`Unserved::NotRecorded`], [`Unserved::Invalid`].
    pub fn close<E>(
        &mut self,
        subject: ObjectId,
        intent: u32,
        now: Timestamp,
        mut store: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<(), Unserved<E>> {
        let event = QueryEvent::Outcome {
            intent,
            outcome: Outcome::Failed,
        };
        self.record(subject, event, now, &mut store).map(|_| ())
    }

    fn record<E>(
        &mut self,
        subject: ObjectId,
        event: QueryEvent,
        now: Timestamp,
        store: &mut impl FnMut(&str) -> Result<(), E>,
    ) -> Result<u32, Unserved<E>> {
        let none = SubjectState::default();
        let state = self.subject(subject).unwrap_or(&none);
        let entry = state.next(subject, event, now);
        let text = LogEntry::Query(entry).to_text();
        self.check(&entry)
            .and_then(|()| LogEntry::parse(&text))
            .map_err(Unserved::Invalid)?;
        store(&text).map_err(Unserved::NotRecorded)?;
        self.append_query(&entry, text).map_err(Unserved::Invalid)?;
        Ok(entry.sequence)
    }

    fn check(&self, entry: &QueryEntry) -> Result<(), Error> {
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
    /// `did/provider`.
    pub fn note_history(&mut self, size: u64, root: Hash) -> Result<u64, Error> {
        self.append(LogEntry::History { size, root }.to_text())
    }

    /// Notes where the entries about all persons stand; see [`HistoryLog::seal`](crate::HistoryLog::seal).
    ///
    /// # Errors
    /// `did/provider`.
    pub fn seal(&mut self) -> Result<(), Error> {
        match self.sealing() {
            Some(text) => self.append(text).map(|_| ()),
            None => Ok(()),
        }
    }

    /// The entry that [`QueryLog::seal`] would add.
    #[must_use]
    pub fn sealing(&self) -> Option<String> {
        crate::history_log::sealing(&self.entries, self.size(), &self.heads)
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
        crate::history_log::prove(
            &self.entries,
            &self.tree,
            &self.heads,
            (subject, places.unwrap_or_default()),
            checkpoint,
            self.provider,
        )
    }
}
