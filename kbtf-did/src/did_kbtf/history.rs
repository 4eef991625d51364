use alloc::{format, string::String, vec::Vec};

use super::{
    Context, DidState, Event, LedgerName, OperationFault, SignedOperation, apply, broken, decide,
    decide::is_authorised, operation::Link, parts,
};
use crate::{
    CryptoProvider, Did, DocumentMetadata, Error, Problem, Resolution, ResolutionError,
    ResolutionOptions, ResolvedDocument, Timestamp,
};

/// An operation as a ledger holds it: its text, and the ledger's time of it. Entries come in the ledger's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    time: Timestamp,
    operation: String,
}

impl LedgerEntry {
    /// An entry: when the ledger took it, and the text of the operation.
    #[must_use]
    pub const fn new(time: Timestamp, operation: String) -> Self {
        Self { time, operation }
    }

    /// When the ledger took it.
    #[must_use]
    pub const fn time(&self) -> Timestamp {
        self.time
    }

    /// The text of the operation.
    #[must_use]
    pub fn operation(&self) -> &str {
        &self.operation
    }
}

/// An entry that was not an operation of the DID, or not one that could follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedEntry {
    /// Which entry, from 0.
    pub position: usize,
    /// Why.
    pub error: Error,
}

/// All operations of a DID, checked: what happened, and what came of it (버전 이력; DID-10).
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    events: Vec<Event>,
    state: DidState,
}

impl History {
    /// Checks every entry of a ledger that holds only operations which were allowed, as
    /// [`decide`](super::decide) tells it. One that is not, and the history is not what it says it is.
    ///
    /// What is missing at the end cannot be seen here: whoever hands in the entries must have them from the ledger, or
    /// with the ledger's own proof that there are no more.
    ///
    /// # Errors
    /// The error of the first entry that does not follow; `did/operation-not-created` if there are none.
    pub fn replay(
        did: &Did,
        entries: &[LedgerEntry],
        provider: &dyn CryptoProvider,
    ) -> Result<Self, Error> {
        let (ledger, _) = parts(did)?;
        let mut fold = Fold::new(did, &ledger, provider);
        for (position, entry) in entries.iter().enumerate() {
            fold.take(entry)
                .map_err(|error| reordered(error, &fold, entries.get(position..)))?;
        }
        fold.finish()
    }

    /// Picks the operations of a DID out of a ledger on which anybody can write anything. What does not follow is left
    /// out, and said; the first operation that can follow does.
    ///
    /// # Errors
    /// `did/operation-gap` if an operation that is signed by the controllers of the last state says that others are missing
    /// before it, which never come: whoever hands in the entries keeps something back. `did/operation-not-created` if the
    /// first operation is not there. `did/provider`.
    pub fn scan(
        did: &Did,
        entries: &[LedgerEntry],
        provider: &dyn CryptoProvider,
    ) -> Result<(Self, Vec<RefusedEntry>), Error> {
        let (history, refused, missing) = Self::pick(did, entries, provider)?;
        match missing {
            None => Ok((history, refused)),
            Some(place) => Err(broken(
                OperationFault::Gap,
                &format!(
                    "expected operation {}, there is an operation {place}",
                    history.state.sequence() + 1
                ),
            )),
        }
    }

    /// As [`History::scan`], with the place of an operation before which others are missing.
    pub(super) fn pick(
        did: &Did,
        entries: &[LedgerEntry],
        provider: &dyn CryptoProvider,
    ) -> Result<(Self, Vec<RefusedEntry>, Option<usize>), Error> {
        let (ledger, _) = parts(did)?;
        let mut fold = Fold::new(did, &ledger, provider);
        let mut refused = Vec::new();
        for (position, entry) in entries.iter().enumerate() {
            match fold.take(entry) {
                Ok(()) => {}
                Err(error @ Error::Provider { .. }) => return Err(error),
                Err(error) => refused.push(RefusedEntry { position, error }),
            }
        }
        let history = fold.finish()?;
        let state = &history.state;
        let mut missing = None;
        for refusal in &mut refused {
            if !is_early(&refusal.error) {
                continue;
            }
            let Some(entry) = entries.get(refusal.position) else {
                continue;
            };
            let signed = SignedOperation::parse(&entry.operation)?;
            // Of this DID: those of others are refused as foreign wherever they stand.
            let Some(link) = &signed.operation.link else {
                continue;
            };
            if link.sequence <= state.sequence() + 1 {
                // The place before it was filled after all; by what it names, or by something else.
                if state.hashes.get(link.sequence.saturating_sub(2)) == Some(&link.previous) {
                    refusal.error = broken(OperationFault::Reordered, "");
                }
            } else if missing.is_none()
                && !state.deactivated
                && signed.operation.delegation.is_none()
            {
                // Judged by who has a say in the end: those who had one before, and thieves whom a rotation has shaken
                // off, could otherwise make an identity unreadable for ever with one text.
                let context = Context::new(&ledger, entry.time).provider(provider);
                if is_authorised(state, &signed, &context)? {
                    missing = Some(link.sequence);
                }
            }
        }
        Ok((history, refused, missing))
    }

    /// What happened, in order.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// What came of it.
    #[must_use]
    pub const fn state(&self) -> &DidState {
        &self.state
    }

    /// The state after the operation of a sequence number, from 1: the events applied again up to there.
    #[must_use]
    pub fn state_at(&self, sequence: usize) -> Option<DidState> {
        let events = self.events.get(..sequence)?;
        let mut state = None;
        for event in events {
            apply(&mut state, event);
        }
        state
    }

    /// The document in the version that the options ask for: the last, that of a version id, or the one in force at a
    /// time. A version that has been followed by others says which came next and when.
    ///
    /// # Errors
    /// `INVALID_OPTIONS`; `NOT_FOUND` for a version that does not exist or a time before the first.
    pub fn resolve(&self, options: &ResolutionOptions) -> Resolution {
        options.check()?;
        let sequence = match (&options.version_id, options.version_time) {
            (None, None) => Some(self.events.len()),
            (Some(id), _) => self
                .events
                .iter()
                .find(|event| event.version_id() == *id)
                .map(Event::sequence),
            (None, Some(time)) => self
                .events
                .iter()
                .rev()
                .find(|event| event.time() <= time)
                .map(Event::sequence),
        };
        let earlier;
        let state = match sequence {
            Some(last) if last == self.events.len() => &self.state,
            Some(sequence) => {
                earlier = self.state_at(sequence).ok_or_else(no_version)?;
                &earlier
            }
            None => return Err(no_version()),
        };
        let next = self.events.get(state.sequence());
        let metadata = DocumentMetadata {
            created: Some(state.created()),
            updated: (state.sequence() > 1).then(|| state.updated()),
            deactivated: state.is_deactivated(),
            version_id: Some(state.version_id()),
            next_update: next.map(Event::time),
            next_version_id: next.map(Event::version_id),
            expires: state.expires(),
            ..DocumentMetadata::default()
        };
        Ok(ResolvedDocument::new(state.document()?, metadata))
    }
}

fn no_version() -> ResolutionError {
    ResolutionError::new(Problem::NotFound, "there is no such version")
}

/// A history while it is being made.
struct Fold<'f> {
    did: &'f Did,
    ledger: &'f LedgerName,
    provider: &'f dyn CryptoProvider,
    events: Vec<Event>,
    state: Option<DidState>,
}

impl<'f> Fold<'f> {
    fn new(did: &'f Did, ledger: &'f LedgerName, provider: &'f dyn CryptoProvider) -> Self {
        Self {
            did,
            ledger,
            provider,
            events: Vec::new(),
            state: None,
        }
    }

    fn take(&mut self, entry: &LedgerEntry) -> Result<(), Error> {
        let signed = SignedOperation::parse(&entry.operation)?;
        // Before there is a state, the DID that is asked for says which first operation is meant.
        if self.state.is_none() && signed.operation.did(self.provider)? != *self.did {
            return Err(broken(OperationFault::Foreign, ""));
        }
        let context = Context::new(self.ledger, entry.time).provider(self.provider);
        let event = decide(self.state.as_ref(), &signed, &context)?;
        apply(&mut self.state, &event);
        self.events.push(event);
        Ok(())
    }

    fn finish(self) -> Result<History, Error> {
        let state = self
            .state
            .ok_or_else(|| broken(OperationFault::NotCreated, ""))?;
        Ok(History {
            events: self.events,
            state,
        })
    }
}

/// Whether an operation was refused because of those that should have come before.
const fn is_early(error: &Error) -> bool {
    matches!(
        error,
        Error::InvalidOperation {
            fault: OperationFault::Gap | OperationFault::NotCreated,
            ..
        }
    )
}

/// A gap is no gap if what is missing comes later.
fn reordered(error: Error, fold: &Fold<'_>, rest: Option<&[LedgerEntry]>) -> Error {
    if !is_early(&error) {
        return error;
    }
    let follows = |entry: &LedgerEntry| {
        SignedOperation::parse(&entry.operation).is_ok_and(|signed| {
            match (&fold.state, &signed.operation.link) {
                (None, None) => signed
                    .operation
                    .did(fold.provider)
                    .is_ok_and(|did| did == *fold.did),
                (
                    Some(state),
                    Some(Link {
                        did,
                        sequence,
                        previous,
                    }),
                ) => {
                    did == state.did()
                        && *sequence == state.sequence() + 1
                        && *previous == state.head()
                }
                _ => false,
            }
        })
    };
    match rest.unwrap_or_default().iter().any(follows) {
        true => broken(
            OperationFault::Reordered,
            &format!(
                "expected operation {} first",
                fold.state.as_ref().map_or(1, |state| state.sequence() + 1)
            ),
        ),
        false => error,
    }
}
