use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::{
    CryptoProvider,
    json::{self, Object, Value},
};

use crate::{
    CommitmentKey, Error, Event, Field, FieldState, Hash, Head, HeadProof, InclusionProof,
    LogEntry, ObjectEntry, ObjectId, ObjectState, ObjectStatus, QueryEntry, SignedCheckpoint,
    SubjectState, TreeHasher, TrustPolicy, TrustedCheckpoint, entry::whole, error::malformed,
};

/// The most entries of one history.
const MAX_ENTRIES: usize = 1 << 16;

/// All entries of the history of one object, and the proof that there are no others: what an auditor is given who asks for
/// everything about an item (HIS-02, HIS-04). It is verified without asking anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompleteHistory {
    pub(crate) checkpoint: SignedCheckpoint,
    /// The entry that says where all histories stand: the last of the log at the checkpoint.
    pub(crate) heads: String,
    /// The proof that it is.
    pub(crate) path: Vec<Hash>,
    /// Where the history of this object stands.
    pub(crate) head: HeadProof,
    pub(crate) entries: Vec<String>,
}

/// A history that is shown to be all there is of an object, at a checkpoint. Only [`CompleteHistory::verify`] makes it.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifiedHistory {
    entries: Vec<ObjectEntry>,
    state: Option<ObjectState>,
    checkpoint: TrustedCheckpoint,
}

impl CompleteHistory {
    /// Whether this is all there is of an object, at a checkpoint that the policy trusts.
    ///
    /// # Errors
    /// Those of [`TrustPolicy::verify`]; `history/root-mismatch` if the last entry of the log does not say where the histories
    /// stand, or says something else of this one; `history/incomplete` if entries are missing or too many;
    /// `history/malformed` or a [`HistoryFault`](crate::HistoryFault) for entries that do not follow on each other.
    pub fn verify(
        &self,
        object: ObjectId,
        policy: &TrustPolicy,
        provider: &dyn CryptoProvider,
    ) -> Result<VerifiedHistory, Error> {
        let hasher = TreeHasher::new(provider);
        let (trusted, head) = self.locate(object, policy, provider)?;
        let mut state: Option<ObjectState> = None;
        let mut entries = Vec::new();
        for text in &self.entries {
            let LogEntry::Object(entry) = LogEntry::parse(text)? else {
                return Err(malformed("entries", "entries of the history of an object"));
            };
            let hash = hasher.leaf(text.as_bytes())?;
            ObjectState::check(state.as_ref(), &entry)?;
            state
                .get_or_insert_with(|| ObjectState::of(entry.object))
                .take(&entry, hash);
            entries.push(entry);
        }
        let shown = state.as_ref().map(|state| Head {
            sequence: state.sequence(),
            entry: *state.head(),
        });
        check_all(head, shown)?;
        Ok(VerifiedHistory {
            entries,
            state,
            checkpoint: trusted,
        })
    }

    /// Whether these are all entries about a person in a log of queries, at a checkpoint that the policy trusts.
    ///
    /// # Errors
    /// As for [`CompleteHistory::verify`].
    pub fn verify_queries(
        &self,
        subject: ObjectId,
        policy: &TrustPolicy,
        provider: &dyn CryptoProvider,
    ) -> Result<VerifiedQueries, Error> {
        let hasher = TreeHasher::new(provider);
        let (trusted, head) = self.locate(subject, policy, provider)?;
        let mut state = SubjectState::default();
        let mut entries = Vec::new();
        for text in &self.entries {
            let entry = match LogEntry::parse(text)? {
                LogEntry::Query(entry) if entry.subject == subject => entry,
                _ => return Err(malformed("entries", "entries about this person")),
            };
            state.check(&entry)?;
            state.take(&entry, hasher.leaf(text.as_bytes())?);
            entries.push(entry);
        }
        let shown = state
            .head()
            .map(|(sequence, entry)| Head { sequence, entry });
        check_all(head, shown)?;
        Ok(VerifiedQueries {
            entries,
            state,
            checkpoint: trusted,
        })
    }

    /// Where the chain of an object ends, at a checkpoint that the policy trusts.
    fn locate(
        &self,
        object: ObjectId,
        policy: &TrustPolicy,
        provider: &dyn CryptoProvider,
    ) -> Result<(TrustedCheckpoint, Option<Head>), Error> {
        let hasher = TreeHasher::new(provider);
        let trusted = policy.verify(&self.checkpoint, provider)?;
        let size = trusted.checkpoint().size();
        let LogEntry::Heads { size: before, root } = LogEntry::parse(&self.heads)? else {
            return Err(malformed("heads", "the entry of where all histories stand"));
        };
        // Were it not the last, what has come since would be left out.
        if before.checked_add(1) != Some(size) {
            return Err(Error::RootMismatch { place: "head map" });
        }
        let inclusion = InclusionProof {
            index: before,
            tree_size: size,
            path: self.path.clone(),
        };
        let leaf = hasher.leaf(self.heads.as_bytes())?;
        inclusion.verify(&leaf, trusted.checkpoint().root(), &hasher)?;
        let head = self.head.verify(object, &root, provider)?;
        Ok((trusted, head))
    }

    /// As text: canonical JSON.
    #[must_use]
    pub fn to_text(&self) -> String {
        let texts =
            |hashes: &[Hash]| -> Vec<String> { hashes.iter().map(ToString::to_string).collect() };
        let mut object = Object::new();
        object.insert("checkpoint", self.checkpoint.to_string());
        object.insert("entries", self.entries.clone());
        if let Some((found, head)) = self.head.found() {
            let mut leaf = Object::new();
            leaf.insert("entry", head.entry.to_string());
            leaf.insert("object", found.to_string());
            leaf.insert("sequence", head.sequence);
            object.insert("found", leaf);
        }
        object.insert("heads", self.heads.clone());
        object.insert("path", texts(&self.path));
        object.insert("siblings", texts(self.head.siblings()));
        object.insert("v", 1);
        object.to_canonical()
    }

    /// Reads a history, of at most 65536 entries.
    ///
    /// # Errors
    /// `history/malformed`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let limits = json::Limits::default().with_max_bytes(64 << 20);
        let value = json::parse_with(text, limits).map_err(|_| malformed("history", "JSON"))?;
        let object = value.as_object().ok_or(malformed("history", "an object"))?;
        let strings = |name: &'static str, most: usize| {
            let list = object.get(name).and_then(Value::as_array);
            let list = list.filter(|list| list.len() <= most);
            let texts: Option<Vec<&str>> =
                list.and_then(|list| list.iter().map(Value::as_str).collect());
            texts.ok_or(malformed("history", "lists of strings, not too long"))
        };
        let string = |name: &'static str| {
            object.get_str(name).ok_or(malformed(
                "history",
                "a checkpoint and where histories stand",
            ))
        };
        let found = match object.get("found") {
            None => None,
            Some(found) => {
                let wrong = malformed("found", "object, sequence and entry");
                let found = found.as_object().ok_or(wrong.clone())?;
                let text = |name: &str| found.get_str(name).ok_or(wrong.clone());
                let head = Head {
                    sequence: whole(found.get("sequence"), "found.sequence")?,
                    entry: text("entry")?.parse()?,
                };
                Some((text("object")?.parse()?, head))
            }
        };
        let hashes = |texts: Vec<&str>| texts.into_iter().map(str::parse).collect();
        let siblings: Result<Vec<Hash>, Error> = hashes(strings("siblings", 128)?);
        let path: Result<Vec<Hash>, Error> = hashes(strings("path", 64)?);
        let entries = strings("entries", MAX_ENTRIES)?;
        let read = Self {
            checkpoint: SignedCheckpoint::parse(string("checkpoint")?)?,
            heads: string("heads")?.into(),
            path: path?,
            head: HeadProof::from_parts(siblings?, found)?,
            entries: entries.into_iter().map(Into::into).collect(),
        };
        match read.to_text() == text {
            true => Ok(read),
            false => Err(malformed("history", "canonical JSON without other members")),
        }
    }
}

/// That the last entry shown is the last there is.
fn check_all(head: Option<Head>, shown: Option<Head>) -> Result<(), Error> {
    match shown == head {
        true => Ok(()),
        false => Err(Error::Incomplete {
            expected: head.map(|head| head.sequence),
            got: shown.map(|head| head.sequence),
        }),
    }
}

/// All that a log of queries says about a person, at a checkpoint. Only [`CompleteHistory::verify_queries`] makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedQueries {
    entries: Vec<QueryEntry>,
    state: SubjectState,
    checkpoint: TrustedCheckpoint,
}

impl VerifiedQueries {
    /// The entries, from the first on.
    #[must_use]
    pub fn entries(&self) -> &[QueryEntry] {
        &self.entries
    }

    /// What they come to: how often somebody asked, and of which questions nothing is said.
    #[must_use]
    pub const fn state(&self) -> &SubjectState {
        &self.state
    }

    /// The checkpoint at which this is all.
    #[must_use]
    pub const fn checkpoint(&self) -> &TrustedCheckpoint {
        &self.checkpoint
    }
}

/// What a history says of data that somebody hands in (HIS-04).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// It is the record as some entry has left it.
    Same {
        /// Since that entry.
        since: u32,
        /// Whether it is so still; otherwise a later entry has changed it.
        current: bool,
    },
    /// It is not the record as any entry has left it.
    Differs {
        /// Compared with what this entry, the last that changed anything, has left.
        from: u32,
        /// These members are other, missing or too many.
        fields: BTreeSet<Field>,
        /// These are erased, so that nobody can tell.
        erased: BTreeSet<Field>,
    },
    /// There is no such object.
    NeverRecorded,
    /// The record is erased.
    Erased,
    /// The keys of these members are not at hand.
    Undecided(BTreeSet<Field>),
}

impl VerifiedHistory {
    /// The entries, from the first on.
    #[must_use]
    pub fn entries(&self) -> &[ObjectEntry] {
        &self.entries
    }

    /// What they come to; `None` if it is proved that there is no such object.
    #[must_use]
    pub const fn state(&self) -> Option<&ObjectState> {
        self.state.as_ref()
    }

    /// The checkpoint at which this is all.
    #[must_use]
    pub const fn checkpoint(&self) -> &TrustedCheckpoint {
        &self.checkpoint
    }

    /// Compares data that was handed in with the record, member by member. The keys of the commitments, by the number of
    /// the entry and the member, come from whoever keeps them.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn compare<'k>(
        &self,
        data: &BTreeMap<Field, &[u8]>,
        keys: impl Fn(u32, Field) -> Option<&'k CommitmentKey>,
        provider: &dyn CryptoProvider,
    ) -> Result<Comparison, Error> {
        let Some(state) = &self.state else {
            return Ok(Comparison::NeverRecorded);
        };
        if state.status() == ObjectStatus::Erased {
            return Ok(Comparison::Erased);
        }
        let object = state.object();
        let is_same = |field: Field, value: &[u8], at: &FieldState| {
            let Some(key) = keys(at.since, field) else {
                return Ok(None);
            };
            let commitment = key.commit(object, at.since, field, value, provider)?;
            Ok::<_, Error>(Some(commitment == at.commitment))
        };
        // The latest first: what is compared with others is only of use if it is not the one.
        let mut versions = self.versions(state);
        versions.reverse();
        let mut latest: Option<Comparison> = None;
        for (i, (since, fields)) in versions.iter().enumerate() {
            let (mut other, mut erased) = (BTreeSet::new(), BTreeSet::new());
            let mut missing = BTreeSet::new();
            for (field, at) in fields {
                match data.get(field) {
                    _ if at.erased => {
                        if data.contains_key(field) {
                            erased.insert(*field);
                        }
                    }
                    None => {
                        other.insert(*field);
                    }
                    Some(value) => match is_same(*field, value, at)? {
                        Some(true) => {}
                        Some(false) => {
                            other.insert(*field);
                        }
                        None => {
                            missing.insert(*field);
                        }
                    },
                }
            }
            other.extend(data.keys().filter(|field| !fields.contains_key(field)));
            if other.is_empty() && erased.is_empty() && missing.is_empty() {
                return Ok(Comparison::Same {
                    since: *since,
                    current: i == 0,
                });
            }
            let found = match missing.is_empty() || !other.is_empty() {
                true => Comparison::Differs {
                    from: *since,
                    fields: other,
                    erased,
                },
                false => Comparison::Undecided(missing),
            };
            // One that could be it, were its keys at hand, is not said to differ.
            if latest.is_none() || matches!(found, Comparison::Undecided(_)) {
                latest = Some(found);
            }
        }
        Ok(latest.unwrap_or(Comparison::NeverRecorded))
    }

    /// The members as each entry that gave any a value has left them, with what has been erased since.
    fn versions(&self, state: &ObjectState) -> Vec<(u32, BTreeMap<Field, FieldState>)> {
        // A value is erased if an erasure came after it.
        let mut erasures: BTreeMap<Field, u32> = BTreeMap::new();
        for entry in &self.entries {
            if let Event::Erase { fields, .. } = &entry.event {
                erasures.extend(fields.iter().map(|field| (*field, entry.sequence)));
            }
        }
        let mut versions = Vec::new();
        let mut fields: BTreeMap<Field, FieldState> = BTreeMap::new();
        for entry in &self.entries {
            let (Event::Create(given) | Event::Change(given)) = &entry.event else {
                continue;
            };
            for (field, commitment) in given {
                let erased = erasures
                    .get(field)
                    .is_some_and(|erasure| *erasure > entry.sequence);
                let at = FieldState {
                    since: entry.sequence,
                    commitment: *commitment,
                    erased: erased || state.status() == ObjectStatus::Erased,
                };
                fields.insert(*field, at);
            }
            versions.push((entry.sequence, fields.clone()));
        }
        versions
    }
}
