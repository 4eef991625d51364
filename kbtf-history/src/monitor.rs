use alloc::{borrow::ToOwned, string::String, vec::Vec};

use kbtf_did::{CryptoProvider, Timestamp};

use crate::{
    Checkpoint, Error, Hash, HistoryLog, LogEntry, ObjectId, QueryLog, TreeHasher,
    TrustedCheckpoint,
};

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
    /// The entries that came are not those of the tree that the log has signed: something was changed, left out or put in, by the
    /// log or on the way. A log of which nobody has others is forked.
    #[error("the entries are not those of the checkpoint")]
    OtherEntries,
    /// An entry that does not follow on those before it, and is signed.
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
    /// As far as the last checkpoint.
    log: Followed<'p>,
    /// What came beyond it, which is not looked at.
    ahead: Vec<String>,
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
            ahead: Vec::new(),
            seen: None,
            seen_by: None,
            misdated: Vec::new(),
            noted: Vec::new(),
        }
    }

    /// How many entries it has, those that no checkpoint that it took is about counted: the next one is to be handed in.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.signed().saturating_add(self.ahead.len() as u64)
    }

    /// How many entries the last checkpoint is about; as many are followed.
    fn signed(&self) -> u64 {
        match &self.log {
            Followed::Histories(log) => log.size(),
            Followed::Queries(log) => log.size(),
        }
    }

    /// Takes a checkpoint and the entries from where it stands up to that. Nothing is made of entries before a checkpoint that
    /// is signed is about them.
    ///
    /// # Errors
    /// What it has found. After [`Finding::Old`], [`Finding::Missing`], [`Finding::OtherEntries`] and [`Finding::OtherLog`] it
    /// goes on: entries that are not those of the checkpoint are thrown away, and it is to be given them anew from
    /// [`Monitor::size`] on, from somewhere else perhaps. After any other it is of no more use for this log, which has signed
    /// what it must not.
    pub fn follow<'t>(
        &mut self,
        trusted: &TrustedCheckpoint,
        entries: impl IntoIterator<Item = &'t str>,
    ) -> Result<(), Finding> {
        let new = trusted.checkpoint();
        if new.origin() != self.origin() {
            return Err(Finding::OtherLog);
        }
        let had = self.signed();
        if new.size() <= had && self.seen.is_some() {
            let root = self.root_at(new.size())?;
            return match root == *new.root() {
                false => Err(Finding::Fork),
                true if new.size() == had => Ok(()),
                true => Err(Finding::Old {
                    had,
                    has: new.size(),
                }),
            };
        }
        for text in entries {
            if self.size() >= new.size() {
                self.ahead.clear();
                return Err(Finding::OtherEntries);
            }
            self.ahead.push(text.to_owned());
        }
        if self.size() < new.size() {
            return Err(Finding::Missing {
                had: self.size(),
                needed: new.size(),
            });
        }
        // What came for a larger one before stays for that.
        let count = usize::try_from(new.size().saturating_sub(had)).unwrap_or(usize::MAX);
        let taken: Vec<String> = self.ahead.drain(..count.min(self.ahead.len())).collect();
        let leads_to = self.root_with(&taken);
        let leads_to = leads_to.map_err(|error| Finding::Entry { index: had, error })?;
        if leads_to != *new.root() {
            self.ahead.clear();
            return Err(Finding::OtherEntries);
        }
        for text in &taken {
            let index = self.signed();
            let followed = match &mut self.log {
                Followed::Histories(log) => log.follow(text),
                Followed::Queries(log) => log.follow(text),
            };
            followed.map_err(|error| Finding::Entry { index, error })?;
        }
        if !self.is_sealed() {
            return Err(Finding::NotSealed);
        }
        self.seen = Some(new.clone());
        self.note(had, trusted.seen_by());
        self.seen_by = trusted.seen_by().or(self.seen_by);
        Ok(())
    }

    /// The root of the tree with these entries behind those that are followed.
    fn root_with(&self, texts: &[String]) -> Result<Hash, Error> {
        let (mut range, provider) = match &self.log {
            Followed::Histories(log) => (log.tree().to_compact_range(), log.provider()),
            Followed::Queries(log) => (log.tree().to_compact_range(), log.provider()),
        };
        let hasher = TreeHasher::new(provider);
        for text in texts {
            range.append(hasher.leaf(text.as_bytes())?, &hasher)?;
        }
        range.root(&hasher)
    }

    /// Whether the last entry says where all chains stood. That it says so rightly was seen when it was followed.
    fn is_sealed(&self) -> bool {
        let last = self.entries().last().map(|text| LogEntry::parse(text));
        matches!(
            last,
            Some(Ok(LogEntry::Heads { .. } | LogEntry::Subjects { .. }))
        )
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
            if *size <= other.signed() && other.root_at(*size)? != *root {
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

    /// The entries that the last checkpoint is about.
    #[must_use]
    pub fn entries(&self) -> &[String] {
        match &self.log {
            Followed::Histories(log) => log.entries(),
            Followed::Queries(log) => log.entries(),
        }
    }
}
