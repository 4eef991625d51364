use alloc::{string::String, vec::Vec};

use kbtf_did::{CryptoProvider, Timestamp};

use crate::{Checkpoint, Error, HistoryLog, ObjectId, QueryLog, TrustedCheckpoint};

/// Why a log is not to be trusted any longer, or its entries not those that it has signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Finding {
    /// A checkpoint of another log.
    #[error("the checkpoint is of another log")]
    OtherLog,
    /// The log has become shorter.
    #[error("the log had {had} entries and now says that it has {has}")]
    Shorter {
        /// How many it had.
        had: u64,
        /// How many it says it has.
        has: u64,
    },
    /// Two roots for one size: two logs under one name. The two checkpoints, both signed, prove it to anybody.
    #[error("the log has two roots for one size")]
    Fork,
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
            Self::Shorter { .. } => "history/monitor-shorter",
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
}

enum Followed<'p> {
    Histories(HistoryLog<'p>),
    Queries(QueryLog<'p>),
}

impl<'p> Monitor<'p> {
    /// Of a log of histories.
    #[must_use]
    pub const fn of_histories(provider: &'p dyn CryptoProvider) -> Self {
        Self {
            log: Followed::Histories(HistoryLog::new(provider)),
            seen: None,
        }
    }

    /// Of a log of queries.
    #[must_use]
    pub const fn of_queries(provider: &'p dyn CryptoProvider) -> Self {
        Self {
            log: Followed::Queries(QueryLog::new(provider)),
            seen: None,
        }
    }

    /// How many entries it has followed.
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
    /// What it has found. After that it is of no more use for this log: what it has followed is not what was signed.
    pub fn follow<'t>(
        &mut self,
        trusted: &TrustedCheckpoint,
        entries: impl IntoIterator<Item = &'t str>,
    ) -> Result<(), Finding> {
        let new = trusted.checkpoint();
        if let Some(seen) = &self.seen {
            if seen.origin() != new.origin() {
                return Err(Finding::OtherLog);
            }
            if new.size() < seen.size() {
                return Err(Finding::Shorter {
                    had: seen.size(),
                    has: new.size(),
                });
            }
            if new.size() == seen.size() && new.root() != seen.root() {
                return Err(Finding::Fork);
            }
        }
        for text in entries {
            let index = self.size();
            if index == new.size() {
                return Err(Finding::OtherEntries);
            }
            let followed = match &mut self.log {
                Followed::Histories(log) => log.follow(text),
                Followed::Queries(log) => log.follow(text),
            };
            followed.map_err(|error| Finding::Entry { index, error })?;
        }
        let root = match &self.log {
            Followed::Histories(log) => log.root(),
            Followed::Queries(log) => log.root(),
        };
        let root = root.map_err(|error| Finding::Entry {
            index: self.size(),
            error,
        })?;
        if self.size() != new.size() || root != *new.root() {
            return Err(Finding::OtherEntries);
        }
        let sealing = match &self.log {
            Followed::Histories(log) => log.sealing(),
            Followed::Queries(log) => log.sealing(),
        };
        if sealing.is_some() {
            return Err(Finding::NotSealed);
        }
        self.seen = Some(new.clone());
        Ok(())
    }

    /// Questions of which nothing is said although they were asked longer ago than this, in seconds: about whom, their
    /// numbers, and since when. Somebody was perhaps answered, and it was not recorded.
    #[must_use]
    pub fn overdue(&self, now: Timestamp, seconds: u32) -> Vec<(ObjectId, u32, Timestamp)> {
        let limit = now.saturating_add_seconds(-i64::from(seconds));
        match &self.log {
            Followed::Histories(_) => Vec::new(),
            Followed::Queries(log) => log.open().filter(|(.., since)| *since < limit).collect(),
        }
    }

    /// What it has followed.
    #[must_use]
    pub fn entries(&self) -> &[String] {
        match &self.log {
            Followed::Histories(log) => log.entries(),
            Followed::Queries(log) => log.entries(),
        }
    }
}
