use alloc::collections::{BTreeMap, BTreeSet};

use kbtf_did::Timestamp;

use crate::{Commitment, Event, Field, Hash, ObjectEntry, ObjectId, entry::MAX_PARTS};

/// Why an entry does not follow on a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryFault {
    /// It is of another object.
    #[error("the entry is of another object")]
    OtherObject,
    /// There is something before what comes first, or it is no creation.
    #[error("a history begins with a creation, number 0, that follows on nothing")]
    NotFirst,
    /// An object is created once.
    #[error("the object is there already")]
    AlreadyThere,
    /// A number was left out or comes twice.
    #[error("the number is not the next")]
    NotNext,
    /// It follows on another entry than the last one: two histories.
    #[error("the entry follows on another than the last one")]
    Fork,
    /// The time is not what the entry says of it: the clock went backwards and that is not said, or the other way round.
    #[error("by how much the clock went backwards is not what the entry says")]
    ClockHidden,
    /// Nothing changes after deletion.
    #[error("the object is deleted")]
    Deleted,
    /// Nothing follows after erasure.
    #[error("the object is erased")]
    Erased,
    /// An event without members, readings or references, or with more than 256.
    #[error("an event has from 1 to 256 parts")]
    NoParts,
    /// A member that the object has not.
    #[error("the object has no such member")]
    UnknownField,
    /// An outcome of a question that was not asked, or has one already.
    #[error("there is no open question with this number")]
    NoSuchIntent,
    /// A time that lies after the one at which the entry is taken, by more than a clock may be wrong.
    #[error("the entry is dated more than 5 minutes after now")]
    FromTheFuture,
    /// A question that is dated at another time than that at which it is asked.
    #[error("the question is dated more than 5 minutes from now")]
    NotNow,
    /// What is noted of the other log is less than, or another than, what was noted of it before.
    #[error("the other log was set back, or is another one")]
    CounterpartSetBack,
    /// A question that is hidden until a time in the past, or for longer than 10 years.
    #[error("a question is hidden until a later time, at most 10 years, in whole seconds")]
    HiddenSpan,
    /// A commitment that stands in this history already: an old value, perhaps an erased one, put back under its old key.
    #[error("a commitment is used once")]
    CommitmentUsed,
}

impl HistoryFault {
    /// The stable code, such as `history/fork`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OtherObject => "history/other-object",
            Self::NotFirst => "history/not-first",
            Self::AlreadyThere => "history/already-there",
            Self::NotNext => "history/not-next",
            Self::Fork => "history/fork",
            Self::ClockHidden => "history/clock-hidden",
            Self::Deleted => "history/deleted",
            Self::Erased => "history/erased",
            Self::NoParts => "history/no-parts",
            Self::UnknownField => "history/unknown-field",
            Self::NoSuchIntent => "history/no-such-intent",
            Self::FromTheFuture => "history/from-the-future",
            Self::NotNow => "history/not-now",
            Self::CounterpartSetBack => "history/counterpart-set-back",
            Self::HiddenSpan => "history/hidden-span",
            Self::CommitmentUsed => "history/commitment-used",
        }
    }
}

/// Whether an object is still about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectStatus {
    /// It is.
    Active,
    /// It is no more, but what it was may be looked up.
    Deleted,
    /// Its data and keys are destroyed. Nothing follows.
    Erased,
}

/// A member as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldState {
    /// Which entry gave it its value.
    pub since: u32,
    /// The commitment to that value.
    pub commitment: Commitment,
    /// Whether value and key are destroyed.
    pub erased: bool,
}

/// What a history comes to: what its entries, one after the other, have made of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectState {
    object: ObjectId,
    sequence: u32,
    head: Hash,
    time: Option<Timestamp>,
    status: ObjectStatus,
    fields: BTreeMap<Field, FieldState>,
    used: BTreeSet<Commitment>,
}

impl ObjectState {
    /// What an entry, whose hash this is, makes of an object: of none if it is the first.
    ///
    /// # Errors
    /// The [`HistoryFault`] by which it does not follow.
    pub fn follow(
        before: Option<Self>,
        entry: &ObjectEntry,
        hash: Hash,
    ) -> Result<Self, HistoryFault> {
        Self::check(before.as_ref(), entry)?;
        let mut state = before.unwrap_or_else(|| Self::of(entry.object));
        state.take(entry, hash);
        Ok(state)
    }

    /// An object before its first entry.
    pub(crate) const fn of(object: ObjectId) -> Self {
        Self {
            object,
            sequence: 0,
            head: Hash::from_bytes([0; 32]),
            time: None,
            status: ObjectStatus::Active,
            fields: BTreeMap::new(),
            used: BTreeSet::new(),
        }
    }

    /// Whether an entry follows on what there is.
    ///
    /// # Errors
    /// The [`HistoryFault`] by which it does not.
    pub fn check(before: Option<&Self>, entry: &ObjectEntry) -> Result<(), HistoryFault> {
        let Some(before) = before else {
            let Event::Create(fields) = &entry.event else {
                return Err(HistoryFault::NotFirst);
            };
            if entry.sequence != 0 || entry.previous.is_some() {
                return Err(HistoryFault::NotFirst);
            }
            if entry.set_back != 0 {
                return Err(HistoryFault::ClockHidden);
            }
            return Self::of(entry.object).check_fields(fields);
        };
        if entry.object != before.object {
            return Err(HistoryFault::OtherObject);
        }
        if Some(entry.sequence) != before.sequence.checked_add(1) {
            return Err(HistoryFault::NotNext);
        }
        if entry.previous != Some(before.head) {
            return Err(HistoryFault::Fork);
        }
        if entry.set_back != before.set_back(entry.time) {
            return Err(HistoryFault::ClockHidden);
        }
        before.check_event(&entry.event)
    }

    fn check_event(&self, event: &Event) -> Result<(), HistoryFault> {
        if self.status == ObjectStatus::Erased {
            return Err(HistoryFault::Erased);
        }
        let is_deleted = self.status == ObjectStatus::Deleted;
        match event {
            Event::Create(_) => Err(HistoryFault::AlreadyThere),
            // What has been deleted may still be erased, and nothing else.
            Event::Change(_) | Event::Delete | Event::Measure(_) | Event::Refer(_)
                if is_deleted =>
            {
                Err(HistoryFault::Deleted)
            }
            Event::Change(fields) => self.check_fields(fields),
            Event::Delete => Ok(()),
            Event::Erase { fields, .. } => {
                let is_there = |field: &Field| self.fields.get(field).is_some_and(|f| !f.erased);
                match fields.iter().all(is_there) {
                    true => Ok(()),
                    false => Err(HistoryFault::UnknownField),
                }
            }
            Event::Measure(readings) => check_parts(readings.len()),
            Event::Refer(references) => check_parts(references.len()),
        }
    }

    fn check_fields(&self, fields: &BTreeMap<Field, Commitment>) -> Result<(), HistoryFault> {
        check_parts(fields.len())?;
        let mut new = BTreeSet::new();
        for commitment in fields.values() {
            if self.used.contains(commitment) || !new.insert(*commitment) {
                return Err(HistoryFault::CommitmentUsed);
            }
        }
        Ok(())
    }

    /// Takes an entry that was checked.
    pub(crate) fn take(&mut self, entry: &ObjectEntry, hash: Hash) {
        self.sequence = entry.sequence;
        self.head = hash;
        self.time = Some(entry.time);
        match &entry.event {
            Event::Create(fields) | Event::Change(fields) => {
                for (field, commitment) in fields {
                    self.used.insert(*commitment);
                    let state = FieldState {
                        since: entry.sequence,
                        commitment: *commitment,
                        erased: false,
                    };
                    self.fields.insert(*field, state);
                }
            }
            Event::Delete => self.status = ObjectStatus::Deleted,
            Event::Erase { fields, .. } => {
                for field in fields {
                    if let Some(state) = self.fields.get_mut(field) {
                        state.erased = true;
                    }
                }
                if fields.is_empty() {
                    for state in self.fields.values_mut() {
                        state.erased = true;
                    }
                    self.status = ObjectStatus::Erased;
                }
            }
            Event::Measure(_) | Event::Refer(_) => {}
        }
    }

    /// By how many seconds a clock has gone backwards since the last entry.
    fn set_back(&self, now: Timestamp) -> u32 {
        let before = self.time.map_or(now.unix(), Timestamp::unix);
        let seconds = before.saturating_sub(now.unix()).max(0);
        u32::try_from(seconds).unwrap_or(u32::MAX)
    }

    /// Whose history it is.
    #[must_use]
    pub const fn object(&self) -> ObjectId {
        self.object
    }

    /// The number of its last entry.
    #[must_use]
    pub const fn sequence(&self) -> u32 {
        self.sequence
    }

    /// The hash of its last entry.
    #[must_use]
    pub const fn head(&self) -> &Hash {
        &self.head
    }

    /// The time of its last entry.
    #[must_use]
    pub const fn time(&self) -> Option<Timestamp> {
        self.time
    }

    /// Whether the object is still about.
    #[must_use]
    pub const fn status(&self) -> ObjectStatus {
        self.status
    }

    /// Its members as they stand.
    #[must_use]
    pub const fn fields(&self) -> &BTreeMap<Field, FieldState> {
        &self.fields
    }
}

/// The next entry of a history, with the number, hash and time that follow from what is there.
#[must_use]
pub fn next_entry(
    before: Option<&ObjectState>,
    object: ObjectId,
    event: Event,
    actor: Commitment,
    now: Timestamp,
) -> ObjectEntry {
    let time = Timestamp::from_unix(now.unix()).unwrap_or(now);
    ObjectEntry {
        object,
        sequence: before.map_or(0, |before| before.sequence.saturating_add(1)),
        previous: before.map(|before| before.head),
        event,
        actor,
        time,
        set_back: before.map_or(0, |before| before.set_back(time)),
    }
}

fn check_parts(count: usize) -> Result<(), HistoryFault> {
    match (1..=MAX_PARTS).contains(&count) {
        true => Ok(()),
        false => Err(HistoryFault::NoParts),
    }
}
