use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::{
    CryptoProvider, Timestamp,
    json::{self, Object, Value},
};

use crate::{
    Commitment, CommitmentKey, Error, Event, Field, Hash, Head, HeadProof, InclusionProof,
    LogEntry, ObjectEntry, ObjectId, ObjectState, ObjectStatus, QueryEntry, SignedCheckpoint,
    SubjectState, TreeHasher, TrustPolicy, TrustedCheckpoint, entry::whole, error::malformed,
};

/// The most entries of one history that is proved.
const MAX_ENTRIES: usize = 1 << 20;
/// The most bytes of them all.
const MAX_BYTES: usize = 512 << 20;
/// The most bytes of what proves that they are all: a checkpoint with its signatures, and hashes.
const MAX_PROOF: usize = 2 << 20;

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
    object: ObjectId,
    entries: Vec<ObjectEntry>,
    state: Option<ObjectState>,
    checkpoint: TrustedCheckpoint,
}

impl CompleteHistory {
    /// Whether this is all there is of an object in the log with this origin, at a checkpoint that the policy trusts: as far
    /// as the log itself says. That the map on the log is right is seen by whoever follows the log
    /// ([`Monitor`](crate::Monitor)), such as its witnesses.
    ///
    /// # Errors
    /// Those of [`TrustPolicy::verify`]; `history/other-log`; `history/other-object`; `history/root-mismatch` if the last entry of the log does not say where the histories
    /// stand, or says something else of this one; `history/incomplete` if entries are missing or too many;
    /// `history/malformed` or a [`HistoryFault`](crate::HistoryFault) for entries that do not follow on each other.
    pub fn verify(
        &self,
        object: ObjectId,
        origin: &str,
        policy: &TrustPolicy,
        provider: &dyn CryptoProvider,
    ) -> Result<VerifiedHistory, Error> {
        let hasher = TreeHasher::new(provider);
        let LogEntry::Heads { size, root } = LogEntry::parse(&self.heads)? else {
            return Err(malformed("heads", "the entry of where all histories stand"));
        };
        let (trusted, head) = self.locate(object, origin, (size, root), policy, provider)?;
        let mut state: Option<ObjectState> = None;
        let mut entries = Vec::new();
        for text in &self.entries {
            let LogEntry::Object(entry) = LogEntry::parse(text)? else {
                return Err(malformed("entries", "entries of the history of an object"));
            };
            if entry.object != object {
                return Err(crate::HistoryFault::OtherObject.into());
            }
            let hash = hasher.leaf(text.as_bytes())?;
            ObjectState::check(state.as_ref(), &entry)?;
            state
                .get_or_insert_with(|| ObjectState::of(object))
                .take(&entry, hash);
            entries.push(entry);
        }
        let shown = state.as_ref().map(|state| Head {
            sequence: state.sequence(),
            entry: *state.head(),
        });
        check_all(head, shown)?;
        Ok(VerifiedHistory {
            object,
            entries,
            state,
            checkpoint: trusted,
        })
    }

    /// Whether these are all entries about a person in the log of queries with this origin, at a checkpoint that the policy
    /// trusts.
    ///
    /// # Errors
    /// As for [`CompleteHistory::verify`].
    pub fn verify_queries(
        &self,
        subject: ObjectId,
        origin: &str,
        policy: &TrustPolicy,
        provider: &dyn CryptoProvider,
    ) -> Result<VerifiedQueries, Error> {
        let hasher = TreeHasher::new(provider);
        let LogEntry::Subjects { size, root } = LogEntry::parse(&self.heads)? else {
            return Err(malformed("heads", "the entry of where all persons stand"));
        };
        let (trusted, head) = self.locate(subject, origin, (size, root), policy, provider)?;
        let mut state = SubjectState::default();
        let mut entries = Vec::new();
        for text in &self.entries {
            let LogEntry::Query(entry) = LogEntry::parse(text)? else {
                return Err(malformed("entries", "entries about a person"));
            };
            if entry.subject != subject {
                return Err(crate::HistoryFault::OtherObject.into());
            }
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

    /// The entries of a chain of another kind than histories, on a log of its own that says in the same way where its chains
    /// stand: the checkpoint, the text of the entry that says so and the proof that it is the last, the proof of where this
    /// chain ends, and its entries.
    ///
    /// # Errors
    /// `history/too-long`.
    pub fn of_chain(
        checkpoint: SignedCheckpoint,
        heads: String,
        path: Vec<Hash>,
        head: HeadProof,
        entries: Vec<String>,
    ) -> Result<Self, Error> {
        let proof = Self {
            checkpoint,
            heads,
            path,
            head,
            entries,
        };
        proof.check_length()?;
        Ok(proof)
    }

    /// The checkpoint under which they are proved, unverified.
    #[must_use]
    pub const fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// The texts of the entries, unverified.
    #[must_use]
    pub fn entries(&self) -> &[String] {
        &self.entries
    }

    /// Whether the last of these entries is the last of the chain, and has the number that it should, in the log with this
    /// origin at a checkpoint that the policy trusts; that there is no chain, if there are no entries. That each follows on
    /// the one before by its hash is for whoever knows the kind of entries to see.
    ///
    /// # Errors
    /// As for [`CompleteHistory::verify`].
    pub fn verify_chain(
        &self,
        object: ObjectId,
        origin: &str,
        policy: &TrustPolicy,
        provider: &dyn CryptoProvider,
    ) -> Result<TrustedCheckpoint, Error> {
        let LogEntry::Heads { size, root } = LogEntry::parse(&self.heads)? else {
            return Err(malformed("heads", "the entry of where all histories stand"));
        };
        let (trusted, head) = self.locate(object, origin, (size, root), policy, provider)?;
        let shown = match self.entries.last() {
            None => None,
            Some(last) => Some(Head {
                sequence: u32::try_from(self.entries.len().saturating_sub(1)).unwrap_or(u32::MAX),
                entry: TreeHasher::new(provider).leaf(last.as_bytes())?,
            }),
        };
        check_all(head, shown)?;
        Ok(trusted)
    }

    /// Where the chain of an object ends, at a checkpoint that the policy trusts.
    fn locate(
        &self,
        object: ObjectId,
        origin: &str,
        (before, root): (u64, Hash),
        policy: &TrustPolicy,
        provider: &dyn CryptoProvider,
    ) -> Result<(TrustedCheckpoint, Option<Head>), Error> {
        let hasher = TreeHasher::new(provider);
        if self.checkpoint.unverified().origin() != origin {
            return Err(Error::OtherLog);
        }
        let trusted = policy.verify(&self.checkpoint, provider)?;
        let size = trusted.checkpoint().size();
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

    /// As text: a line of canonical JSON with what proves that it is all, and a line for each entry.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = self.proof();
        text.push('\n');
        for entry in &self.entries {
            text.push_str(entry);
            text.push('\n');
        }
        text
    }

    /// The line with what proves that the entries are all.
    fn proof(&self) -> String {
        let texts =
            |hashes: &[Hash]| -> Vec<String> { hashes.iter().map(ToString::to_string).collect() };
        let mut object = Object::new();
        object.insert("checkpoint", self.checkpoint.to_string());
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

    /// Whether it is as short as one that is read.
    pub(crate) fn check_length(&self) -> Result<(), Error> {
        let bytes = self
            .entries
            .iter()
            .fold(0_usize, |sum, text| sum.saturating_add(text.len()));
        match self.entries.len() <= MAX_ENTRIES && bytes <= MAX_BYTES {
            true => Ok(()),
            false => Err(Error::TooLong {
                entries: MAX_ENTRIES,
                bytes: MAX_BYTES,
            }),
        }
    }

    /// Reads a history, of at most 2^20 entries and 512 MiB.
    ///
    /// # Errors
    /// `history/malformed`; `history/too-long`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let (proof, entries) = text
            .split_once('\n')
            .ok_or(malformed("history", "lines, each with its end"))?;
        let limits = json::Limits::default().with_max_bytes(MAX_PROOF);
        let value = json::parse_with(proof, limits).map_err(|_| malformed("history", "JSON"))?;
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
        if !entries.is_empty() && !entries.ends_with('\n') {
            return Err(malformed("history", "lines, each with its end"));
        }
        // Counted before anything is kept of them.
        let count = entries.bytes().filter(|byte| *byte == b'\n').count();
        if count > MAX_ENTRIES || entries.len() > MAX_BYTES + MAX_ENTRIES {
            return Err(Error::TooLong {
                entries: MAX_ENTRIES,
                bytes: MAX_BYTES,
            });
        }
        let read = Self {
            checkpoint: SignedCheckpoint::parse(string("checkpoint")?)?,
            heads: string("heads")?.into(),
            path: path?,
            head: HeadProof::from_parts(siblings?, found)?,
            entries: entries.split_terminator('\n').map(Into::into).collect(),
        };
        match read.proof() == proof {
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

/// What became of a record after it was as it was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It is so still.
    Current,
    /// A later entry has changed it, or erased members of it.
    Superseded,
    /// The object is deleted since.
    Deleted,
    /// A later entry has left what could be the same, but not all keys are at hand.
    Undecided,
}

/// What a history says of data that somebody hands in (HIS-04).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// It is the record, whole, as some entry has left it; the last such entry.
    Same {
        /// Since that entry, whose [`ObjectEntry::actor`] is responsible for it.
        since: u32,
        /// What became of it.
        standing: Standing,
    },
    /// It is not the record as any entry has left it.
    Differs {
        /// Compared with what this entry, the last that changed anything, has left.
        from: u32,
        /// These members are other, missing or too many.
        fields: BTreeSet<Field>,
        /// Members of which a value that was there once is erased: nobody can tell whether it was this. Only without
        /// any of them, and of `undecided`, is it sure that no entry has left such a record.
        erased: BTreeSet<Field>,
        /// Members whose keys are not at hand: they may be as that entry, or one before it, has left them, or not.
        undecided: BTreeSet<Field>,
    },
    /// There is no such object.
    NeverRecorded,
    /// The record is erased.
    Erased,
    /// It could be the record, as an entry has left it, but the keys of these members are not at hand.
    Undecided(BTreeSet<Field>),
}

/// Whether the value of a member that was handed in is the one on the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Match {
    Same,
    Other,
    NoKey,
    /// Its key is destroyed.
    Erased,
}

/// The record as an entry has left it, beside what was handed in.
#[derive(Default)]
struct Walk {
    /// Members that are there.
    present: BTreeSet<Field>,
    /// Those of them that were handed in.
    matches: BTreeMap<Field, Match>,
    same: usize,
    no_key: usize,
    /// Those that are not other.
    possible: usize,
}

impl Walk {
    fn set(&mut self, field: Field, to: Option<Match>) {
        let before = match to {
            Some(to) => self.matches.insert(field, to),
            None => self.matches.remove(&field),
        };
        match before {
            Some(Match::Same) => self.same = self.same.saturating_sub(1),
            Some(Match::NoKey) => self.no_key = self.no_key.saturating_sub(1),
            _ => {}
        }
        if before.is_some_and(|before| before != Match::Other) {
            self.possible = self.possible.saturating_sub(1);
        }
        match to {
            Some(Match::Same) => self.same = self.same.saturating_add(1),
            Some(Match::NoKey) => self.no_key = self.no_key.saturating_add(1),
            _ => {}
        }
        if to.is_some_and(|to| to != Match::Other) {
            self.possible = self.possible.saturating_add(1);
        }
    }
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

    /// The numbers of those entries that were written after a time and are dated more than 5 minutes before it: that time is one at which an
    /// earlier history of the object was shown to be all there was, by a time stamp or by witnesses over its checkpoint.
    ///
    /// # Errors
    /// `history/fork` if this history does not continue the earlier one, `history/other-log`, `history/other-object`.
    pub fn back_dated(&self, earlier: &Self, seen: Timestamp) -> Result<Vec<u32>, Error> {
        if self.object != earlier.object {
            return Err(crate::HistoryFault::OtherObject.into());
        }
        let (before, rest) = self
            .entries
            .split_at_checked(earlier.entries.len())
            .ok_or(crate::HistoryFault::Fork)?;
        if before != earlier.entries {
            return Err(crate::HistoryFault::Fork.into());
        }
        if self.checkpoint.checkpoint().origin() != earlier.checkpoint.checkpoint().origin() {
            return Err(Error::OtherLog);
        }
        let late = rest
            .iter()
            .filter(|entry| entry.time < seen.saturating_add_seconds(-crate::history_log::AHEAD));
        Ok(late.map(|entry| entry.sequence).collect())
    }

    /// Compares data that was handed in, whole records, with what each entry has left of the record. The keys of the
    /// commitments, by the number of the entry and the member, come from whoever keeps them.
    ///
    /// # Errors
    /// `history/malformed` for data without members, which say nothing; `did/provider`.
    pub fn compare<'k>(
        &self,
        data: &BTreeMap<Field, &[u8]>,
        keys: impl Fn(u32, Field) -> Option<&'k CommitmentKey>,
        provider: &dyn CryptoProvider,
    ) -> Result<Comparison, Error> {
        if data.is_empty() {
            return Err(malformed("data", "at least one member"));
        }
        let Some(state) = &self.state else {
            return Ok(Comparison::NeverRecorded);
        };
        if state.status() == ObjectStatus::Erased {
            return Ok(Comparison::Erased);
        }
        // A value is erased if an erasure came after it.
        let mut erasures: BTreeMap<Field, u32> = BTreeMap::new();
        for entry in &self.entries {
            if let Event::Erase { fields, .. } = &entry.event {
                erasures.extend(fields.iter().map(|field| (*field, entry.sequence)));
            }
        }
        let compared = |field: Field, value: &[u8], at: (u32, Commitment)| {
            let (since, commitment) = at;
            if erasures.get(&field).is_some_and(|erasure| *erasure > since) {
                return Ok(Match::Erased);
            }
            let Some(key) = keys(since, field) else {
                return Ok(Match::NoKey);
            };
            match key.commit(state.object(), since, field, value, provider)? == commitment {
                true => Ok(Match::Same),
                false => Ok::<_, Error>(Match::Other),
            }
        };
        // As the entries up to one have left the record; `see` is told of each that changed it.
        let walk = |until: u32, see: &mut dyn FnMut(u32, &Walk)| -> Result<Walk, Error> {
            let mut walk = Walk::default();
            for entry in &self.entries {
                if entry.sequence > until {
                    break;
                }
                match &entry.event {
                    Event::Create(given) | Event::Change(given) => {
                        for (field, commitment) in given {
                            walk.present.insert(*field);
                            if let Some(value) = data.get(field) {
                                let found = compared(*field, value, (entry.sequence, *commitment))?;
                                walk.set(*field, Some(found));
                            }
                        }
                    }
                    Event::Erase { fields, .. } => {
                        for field in fields {
                            walk.present.remove(field);
                            walk.set(*field, None);
                        }
                    }
                    Event::Delete | Event::Measure(_) | Event::Refer(_) => continue,
                }
                see(entry.sequence, &walk);
            }
            Ok(walk)
        };
        let of = |walk: &Walk, what: Match| -> BTreeSet<Field> {
            let of = walk.matches.iter();
            of.filter_map(|(field, found)| (*found == what).then_some(*field))
                .collect()
        };
        let (mut last, mut same, mut undecided, mut but_erased) = (0, None, None, None);
        let end = walk(u32::MAX, &mut |sequence, walk| {
            last = sequence;
            // Whole records only: no member more, and none less.
            if walk.present.len() != data.len() || walk.possible != data.len() {
                return;
            }
            if walk.same == data.len() {
                same = Some(sequence);
            } else if walk.same + walk.no_key == data.len() {
                undecided = Some(sequence);
            } else {
                but_erased = Some(sequence);
            }
        })?;
        if let Some(since) = same {
            let standing = match state.status() {
                _ if undecided == Some(last) => Standing::Undecided,
                _ if since != last => Standing::Superseded,
                ObjectStatus::Deleted => Standing::Deleted,
                _ => Standing::Current,
            };
            return Ok(Comparison::Same { since, standing });
        }
        if let Some(at) = undecided {
            let walk = walk(at, &mut |_, _| {})?;
            return Ok(Comparison::Undecided(of(&walk, Match::NoKey)));
        }
        let mut undecided = of(&end, Match::NoKey);
        let differs = |field: &Field| {
            end.matches.get(field) != Some(&Match::Same) && !undecided.contains(field)
        };
        let of_end = data.keys().copied();
        let mut erased: BTreeSet<Field> = of_end
            .filter(|field| differs(field) && erasures.contains_key(field))
            .collect();
        let mut fields: BTreeSet<Field> = end.present.iter().copied().filter(differs).collect();
        fields.extend(data.keys().filter(|field| !end.present.contains(field)));
        if let Some(at) = but_erased {
            let walk = walk(at, &mut |_, _| {})?;
            erased.extend(of(&walk, Match::Erased));
            undecided.extend(of(&walk, Match::NoKey));
        }
        Ok(Comparison::Differs {
            from: last,
            fields,
            erased,
            undecided,
        })
    }
}
