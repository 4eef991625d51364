use alloc::{string::String, vec::Vec};

use kbtf_did::{CryptoProvider, Timestamp};

use crate::{Checkpoint, Error, Hash, HistoryLog, LogEntry, ObjectId, QueryLog, TrustedCheckpoint};

/// Why a log is not to be trusted any longer, or its entries not those that it has signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Finding {
    /// A checkpoint of another log.
    #[error("the checkpoint is of another log")]
    OtherLog,
    /// A checkpoint of the same log as it was before: an old one was given out as the last.
    #[error("the checkpoint is of {has} entries, and {had} were followed")]
    Old {
        /// How many were followed.
        had: u64,
        /// How many it says it has.
        has: u64,
    },
    /// Two roots for one size: two logs under one name. The two checkpoints, both signed, prove it to anybody.
    #[error("the log has two roots for one size")]
    Fork,
    /// Entries up to the checkpoint were not handed in: they may be, from where it stands now.
    #[error("the checkpoint is of {needed} entries, and {had} were followed")]
    Missing {
        /// How many were followed.
        had: u64,
        /// How many the checkpoint is about.
        needed: u64,
    },
    /// The other log is not the one whose states this one has noted: one of the two was set back or rewritten.
    #[error("the other log is not the one of {size} entries that was noted")]
    OtherCounterpart {
        /// Of how many entries.
        size: u64,
    },
    /// The entries that it gives out are not those of the tree that it has signed: something was changed, left out or put in.
    #[error("the entries are not those of the checkpoint")]
    OtherEntries,
    /// An entry that does not follow on those before it.
    #[error("entry {index}: {error}")]
    Entry {
        /// Its place.
        index: u64,
        /// Why it does not follow.
        error: Error,
    },
    /// The checkpoint is not over where all histories stand, so that no history can be proved complete.
    #[error("the log is not sealed at the checkpoint")]
    NotSealed,
}

impl Finding {
    /// The stable code, such as `history/monitor-fork`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherLog => "history/monitor-other-log",
            Self::Old { .. } => "history/monitor-old",
            Self::Missing { .. } => "history/monitor-missing",
            Self::OtherCounterpart { .. } => "history/monitor-other-counterpart",
            Self::Fork => "history/monitor-fork",
            Self::OtherEntries => "history/monitor-other-entries",
            Self::Entry { error, .. } => error.code(),
            Self::NotSealed => "history/monitor-not-sealed",
        }
    }
}

/// Follows a log of histories or of queries from its first entry on and reports what is wrong with it: that there are two of
/// it, that it was rewritten, that an entry does not follow, that questions have no outcome.
///
/// A proof that a history is complete holds if the map of last entries on the log is right; that it is, is seen by whoever
/// follows the whole log, and one such follower is enough.
pub struct Monitor<'p> {
    log: Followed<'p>,
    seen: Option<Checkpoint>,
    /// By when witnesses had seen the last checkpoint.
    seen_by: Option<Timestamp>,
    misdated: Vec<Misdated>,
    noted: Vec<(u64, Hash)>,
}

/// An entry whose time is not one at which it can have been written, by what witnesses have seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misdated {
    /// Its place.
    pub index: u64,
    /// When it says that it was written.
    pub claimed: Timestamp,
    /// When it was not there yet, if it is dated before that.
    pub not_before: Option<Timestamp>,
    /// By when it was there, if it is dated after that.
    pub not_after: Option<Timestamp>,
}

/// By how many seconds clocks may differ.
const CLOCKS: i64 = 300;

enum Followed<'p> {
    Histories(HistoryLog<'p>),
    Queries(QueryLog<'p>),
}

impl<'p> Monitor<'p> {
    /// Of the log of histories with this origin.
    #[must_use]
    pub fn of_histories(origin: &str, provider: &'p dyn CryptoProvider) -> Self {
        Self::of(Followed::Histories(HistoryLog::new(origin, provider)))
    }

    /// Of the log of queries with this origin.
    #[must_use]
    pub fn of_queries(origin: &str, provider: &'p dyn CryptoProvider) -> Self {
        Self::of(Followed::Queries(QueryLog::new(origin, provider)))
    }

    const fn of(log: Followed<'p>) -> Self {
        Self {
            log,
            seen: None,
            seen_by: None,
            misdated: Vec::new(),
            noted: Vec::new(),
        }
    }

    /// How many entries it has followed, those beyond the last checkpoint counted.
    #[must_use]
    pub fn size(&self) -> u64 {
        match &self.log {
            Followed::Histories(log) => log.size(),
            Followed::Queries(log) => log.size(),
        }
    }

    /// Takes a checkpoint and the entries from where it stands up to that.
    ///
    /// # Errors
    /// What it has found. After [`Finding::Old`] and [`Finding::Missing`] it goes on with the next; after any other it is of no
    /// more use for this log: what it has followed is not what was signed.
    pub fn follow<'t>(
        &mut self,
        trusted: &TrustedCheckpoint,
        entries: impl IntoIterator<Item = &'t str>,
    ) -> Result<(), Finding> {
        let new = trusted.checkpoint();
        if new.origin() != self.origin() {
            return Err(Finding::OtherLog);
        }
        if let Some(seen) = &self.seen
            && new.size() <= seen.size()
        {
            let root = self.root_at(new.size())?;
            return match root == *new.root() {
                false => Err(Finding::Fork),
                true if new.size() == seen.size() => Ok(()),
                true => Err(Finding::Old {
                    had: seen.size(),
                    has: new.size(),
                }),
            };
        }
        for text in entries {
            let index = self.size();
            if index >= new.size() {
                return Err(Finding::OtherEntries);
            }
            let followed = match &mut self.log {
                Followed::Histories(log) => log.follow(text),
                Followed::Queries(log) => log.follow(text),
            };
            followed.map_err(|error| Finding::Entry { index, error })?;
        }
        if self.size() < new.size() {
            return Err(Finding::Missing {
                had: self.size(),
                needed: new.size(),
            });
        }
        if self.root_at(new.size())? != *new.root() {
            return Err(Finding::OtherEntries);
        }
        if !self.is_sealed_at(new.size()) {
            return Err(Finding::NotSealed);
        }
        let from = self.seen.as_ref().map_or(0, Checkpoint::size);
        self.seen = Some(new.clone());
        self.note(from, trusted.seen_by());
        self.seen_by = trusted.seen_by().or(self.seen_by);
        Ok(())
    }

    /// Whether the last of so many entries says where all chains stood. That it says so rightly was seen when it was followed.
    fn is_sealed_at(&self, size: u64) -> bool {
        let last = size.checked_sub(1);
        let place = last.and_then(|last| usize::try_from(last).ok());
        let text = place.and_then(|place| self.followed().get(place));
        match text.map(|text| LogEntry::parse(text)) {
            Some(Ok(LogEntry::Heads { size, .. } | LogEntry::Subjects { size, .. })) => {
                Some(size) == last
            }
            _ => false,
        }
    }

    fn followed(&self) -> &[String] {
        match &self.log {
            Followed::Histories(log) => log.entries(),
            Followed::Queries(log) => log.entries(),
        }
    }

    fn origin(&self) -> &str {
        match &self.log {
            Followed::Histories(log) => log.origin(),
            Followed::Queries(log) => log.origin(),
        }
    }

    fn root_at(&self, size: u64) -> Result<Hash, Finding> {
        let root = match &self.log {
            Followed::Histories(log) => log.root_at(size),
            Followed::Queries(log) => log.root_at(size),
        };
        root.map_err(|error| Finding::Entry { index: size, error })
    }

    /// Notes what the entries from one on, up to the checkpoint, say of the other log, and whether their times are such at which
    /// they can have been written.
    fn note(&mut self, from: u64, seen_by: Option<Timestamp>) {
        let (mut noted, mut misdated) = (Vec::new(), Vec::new());
        let skip = usize::try_from(from).unwrap_or(usize::MAX);
        for (index, text) in (0..).zip(self.entries()).skip(skip) {
            // They were followed, so they are read.
            let claimed = match LogEntry::parse(text) {
                Ok(LogEntry::Object(entry)) => entry.time,
                Ok(LogEntry::Query(entry)) => entry.time,
                Ok(LogEntry::Queries { size, root } | LogEntry::History { size, root }) => {
                    noted.push((size, root));
                    continue;
                }
                _ => continue,
            };
            // Not there at the last checkpoint, and there by this one.
            let not_before = self
                .seen_by
                .filter(|seen| claimed < seen.saturating_add_seconds(-CLOCKS));
            let not_after = seen_by.filter(|seen| claimed > seen.saturating_add_seconds(CLOCKS));
            if not_before.is_some() || not_after.is_some() {
                misdated.push(Misdated {
                    index,
                    claimed,
                    not_before,
                    not_after,
                });
            }
        }
        self.noted.extend(noted);
        self.misdated.extend(misdated);
    }

    /// The entries that are dated back, to before a time at which witnesses had not seen them yet, or forward, by more than 5
    /// minutes. What comes in late, of a sensor that was offline, is among them too.
    #[must_use]
    pub fn misdated(&self) -> &[Misdated] {
        &self.misdated
    }

    /// Whether the other log is the one whose states this one has noted, as far as that was followed.
    ///
    /// # Errors
    /// [`Finding::OtherCounterpart`].
    pub fn check_against(&self, other: &Self) -> Result<(), Finding> {
        for (size, root) in &self.noted {
            if *size <= other.size() && other.root_at(*size)? != *root {
                return Err(Finding::OtherCounterpart { size: *size });
            }
        }
        Ok(())
    }

    /// Questions of which nothing is said although they were asked longer ago than this, in seconds, or are dated later than
    /// now: about whom, their numbers, and since when. Somebody was perhaps answered, and it was not recorded.
    #[must_use]
    pub fn overdue(&self, now: Timestamp, seconds: u32) -> Vec<(ObjectId, u32, Timestamp)> {
        let limit = now.saturating_add_seconds(-i64::from(seconds));
        let late = now.saturating_add_seconds(CLOCKS);
        match &self.log {
            Followed::Histories(_) => Vec::new(),
            Followed::Queries(log) => log
                .open()
                .filter(|(.., since)| *since < limit || *since > late)
                .collect(),
        }
    }

    /// The entries that the last checkpoint is about. What was followed beyond it is not signed yet.
    #[must_use]
    pub fn entries(&self) -> &[String] {
        let size = self.seen.as_ref().map_or(0, Checkpoint::size);
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        self.followed().get(..size).unwrap_or_default()
    }
}
