//! Where a log is kept: a port that any database, chain or file can stand behind, the order in which a log is written
//! through it, and the tests that whatever stands there must pass.
//!
//! First the entries are on disk, then the checkpoint takes the place of the one before it, then it leaves the house. So
//! nobody ever holds a receipt for something that a crash could take back, and two instances that write at the same time
//! cannot make two logs.

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::{CryptoProvider, DidDocument, Signer, Timestamp};

use crate::{
    Attribution, Checkpoint, CompleteHistory, Error, HistoryLog, ObjectEntry, ObjectId,
    SignedCheckpoint,
};

/// How many entries are read at once.
const PAGE: usize = 1024;

/// What went wrong in a store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is another entry at that place.
    #[error("there is another entry at {index}")]
    Taken {
        /// The place.
        index: u64,
    },
    /// Entries were to be put behind a gap.
    #[error("the next place is {next}")]
    Gap {
        /// The place after the last entry.
        next: u64,
    },
    /// The checkpoint is not the one that was expected: somebody else has written.
    #[error("the checkpoint is another than expected")]
    Changed,
    /// The store cannot be read or written now.
    #[error("the store failed: {reason}")]
    Failed {
        /// Why.
        reason: String,
    },
}

impl StoreError {
    /// The stable code, such as `history/store-taken`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Taken { .. } => "history/store-taken",
            Self::Gap { .. } => "history/store-gap",
            Self::Changed => "history/store-changed",
            Self::Failed { .. } => "history/store-failed",
        }
    }
}

/// What a log needs of whatever keeps it.
pub trait LogStore: Send + Sync {
    /// The texts of entries from a place on, at most so many; none past the last.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    fn entries(
        &self,
        from: u64,
        most: usize,
    ) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;

    /// Puts entries at the places from that one on, for good: once it returns they survive a loss of power. What stands
    /// there with the same text already is left as it is, so that it may be tried again.
    ///
    /// # Errors
    /// [`StoreError::Taken`], [`StoreError::Gap`], and nothing is then put; [`StoreError::Failed`], and then a beginning of them may be.
    fn put_entries(
        &self,
        from: u64,
        texts: &[String],
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The last checkpoint, as it was put; `None` before the first.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    fn checkpoint(&self) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;

    /// Puts a checkpoint in the place of the expected one, in one step and for good.
    ///
    /// # Errors
    /// [`StoreError::Changed`] if it is another one by now; [`StoreError::Failed`], and then it may be there or not.
    fn swap_checkpoint(
        &self,
        expected: Option<&str>,
        new: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// The one that writes a log of histories, through a store.
pub struct Keeper<'p, S> {
    store: S,
    origin: String,
    log: HistoryLog<'p>,
    checkpoint: Option<String>,
}

impl<'p, S: LogStore> Keeper<'p, S> {
    /// Reads the log that is there, all of it, and checks it: that its entries follow on each other, and that they are those
    /// that its last checkpoint was about. What was written after that checkpoint, before a crash, is taken up.
    ///
    /// # Errors
    /// As for [`HistoryLog::restore`]; `history/root-mismatch` if entries of the checkpoint are missing or were changed;
    /// `history/malformed` for a checkpoint of another log; a [`StoreError`].
    pub async fn open(
        store: S,
        origin: &str,
        provider: &'p dyn CryptoProvider,
    ) -> Result<Self, Error> {
        let mut log = HistoryLog::new(provider);
        loop {
            let page = store.entries(log.size(), PAGE).await?;
            if page.is_empty() {
                break;
            }
            for text in &page {
                log.follow(text)?;
            }
        }
        let checkpoint = store.checkpoint().await?;
        if let Some(text) = &checkpoint {
            let signed = SignedCheckpoint::parse(text)?;
            let said = signed.unverified();
            if said.origin() != origin {
                return Err(crate::error::malformed(
                    "checkpoint.origin",
                    "that of the log",
                ));
            }
            let is_there = said.size() <= log.size() && log.root_at(said.size())? == *said.root();
            if !is_there {
                return Err(Error::RootMismatch {
                    place: "checkpoint",
                });
            }
        }
        Ok(Self {
            store,
            origin: origin.to_owned(),
            log,
            checkpoint,
        })
    }

    /// The log.
    #[must_use]
    pub const fn log(&self) -> &HistoryLog<'p> {
        &self.log
    }

    /// The last checkpoint.
    #[must_use]
    pub fn checkpoint(&self) -> Option<&str> {
        self.checkpoint.as_deref()
    }

    /// Takes an entry whose writer is shown to be responsible for it, and keeps it for good before it says so.
    ///
    /// # Errors
    /// As for [`HistoryLog::admit`]; a [`StoreError`]. The log is then as it was, and the same entry may be handed in again.
    pub async fn admit(
        &mut self,
        entry: &ObjectEntry,
        by: &Attribution,
        document: &DidDocument,
        now: Timestamp,
    ) -> Result<u64, Error> {
        let text = self.log.check(entry, by, document, now)?;
        self.write(text).await
    }

    async fn write(&mut self, text: String) -> Result<u64, Error> {
        let texts = [text];
        self.store.put_entries(self.log.size(), &texts).await?;
        let [text] = &texts;
        self.log.follow(text)
    }

    /// Says where all histories stand, signs the state of the log, and puts it in the place of the one before. Only what this
    /// gives may leave the house.
    ///
    /// # Errors
    /// Those of the signer; a [`StoreError`]: after [`StoreError::Changed`] the log is to be opened again.
    pub async fn publish(&mut self, signer: &dyn Signer) -> Result<SignedCheckpoint, Error> {
        if let Some(text) = self.log.sealing() {
            self.write(text).await?;
        }
        let checkpoint = Checkpoint::new(&self.origin, self.log.size(), self.log.root()?)?;
        let signed = checkpoint.sign(signer)?;
        let text = signed.to_string();
        if self.checkpoint.as_ref() != Some(&text) {
            let expected = self.checkpoint.as_deref();
            self.store.swap_checkpoint(expected, &text).await?;
            self.checkpoint = Some(text);
        }
        Ok(signed)
    }

    /// All of the history of an object under the last checkpoint.
    ///
    /// # Errors
    /// As for [`HistoryLog::prove`].
    pub fn prove(&self, object: ObjectId) -> Result<CompleteHistory, Error> {
        let checkpoint = self.checkpoint.as_deref().ok_or(Error::NotSealed)?;
        self.log.prove(object, SignedCheckpoint::parse(checkpoint)?)
    }
}

/// The tests that any store must pass, each with what went wrong. A supplier runs them over his own:
///
/// ```
/// # #[cfg(feature = "std")] {
/// # use core::{future::Future, pin::pin, task::{Context, Poll, Waker}};
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     let mut future = pin!(future);
/// #     loop {
/// #         if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
/// #             return output;
/// #         }
/// #     }
/// # }
/// use kbtf_history::store::{MemoryStore, check_store};
///
/// for (test, result) in block_on(check_store(MemoryStore::default)) {
///     assert_eq!(result, Ok(()), "{test}");
/// }
/// # }
/// ```
pub async fn check_store<S: LogStore>(
    fresh: impl Fn() -> S,
) -> Vec<(&'static str, Result<(), String>)> {
    alloc::vec![
        ("an empty store is empty", empty(&fresh()).await),
        (
            "what was put is read, whole and in order",
            read(&fresh()).await
        ),
        ("the same again changes nothing", again(&fresh()).await),
        ("another text at a place is refused", taken(&fresh()).await),
        ("a gap is refused", gap(&fresh()).await),
        (
            "a refusal puts nothing",
            refusal_puts_nothing(&fresh()).await
        ),
        (
            "a checkpoint is swapped for the expected one alone",
            swapped(&fresh()).await
        ),
        ("any text is kept as it is", any_text(&fresh()).await),
    ]
}

fn expect<T: PartialEq + core::fmt::Debug>(got: T, expected: &T) -> Result<(), String> {
    match got == *expected {
        true => Ok(()),
        false => Err(format!("expected {expected:?}, got {got:?}")),
    }
}

fn some(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

async fn empty<S: LogStore>(store: &S) -> Result<(), String> {
    expect(store.entries(0, 10).await, &Ok(Vec::new()))?;
    expect(store.entries(7, 10).await, &Ok(Vec::new()))?;
    expect(store.checkpoint().await, &Ok(None))
}

async fn read<S: LogStore>(store: &S) -> Result<(), String> {
    expect(store.put_entries(0, &some(&["a", "b"])).await, &Ok(()))?;
    expect(store.put_entries(2, &some(&["c"])).await, &Ok(()))?;
    expect(store.entries(0, 10).await, &Ok(some(&["a", "b", "c"])))?;
    expect(store.entries(1, 1).await, &Ok(some(&["b"])))?;
    expect(store.entries(0, 0).await, &Ok(Vec::new()))?;
    expect(store.entries(3, 10).await, &Ok(Vec::new()))?;
    expect(store.entries(u64::MAX, 10).await, &Ok(Vec::new()))
}

async fn again<S: LogStore>(store: &S) -> Result<(), String> {
    expect(store.put_entries(0, &some(&["a", "b"])).await, &Ok(()))?;
    expect(store.put_entries(0, &some(&["a", "b"])).await, &Ok(()))?;
    // A beginning is there, as after a crash.
    expect(store.put_entries(1, &some(&["b", "c"])).await, &Ok(()))?;
    expect(store.put_entries(3, &[]).await, &Ok(()))?;
    expect(store.entries(0, 10).await, &Ok(some(&["a", "b", "c"])))
}

async fn taken<S: LogStore>(store: &S) -> Result<(), String> {
    expect(store.put_entries(0, &some(&["a", "b"])).await, &Ok(()))?;
    let other = store.put_entries(1, &some(&["x"])).await;
    expect(other, &Err(StoreError::Taken { index: 1 }))
}

async fn gap<S: LogStore>(store: &S) -> Result<(), String> {
    let first = store.put_entries(1, &some(&["b"])).await;
    expect(first, &Err(StoreError::Gap { next: 0 }))?;
    expect(store.put_entries(0, &some(&["a"])).await, &Ok(()))?;
    let later = store.put_entries(u64::MAX, &some(&["z"])).await;
    expect(later, &Err(StoreError::Gap { next: 1 }))
}

async fn refusal_puts_nothing<S: LogStore>(store: &S) -> Result<(), String> {
    expect(store.put_entries(0, &some(&["a"])).await, &Ok(()))?;
    let other = store.put_entries(0, &some(&["x", "b"])).await;
    expect(other, &Err(StoreError::Taken { index: 0 }))?;
    expect(store.entries(0, 10).await, &Ok(some(&["a"])))
}

async fn swapped<S: LogStore>(store: &S) -> Result<(), String> {
    let changed = &Err(StoreError::Changed);
    expect(store.swap_checkpoint(Some("one"), "two").await, changed)?;
    expect(store.swap_checkpoint(None, "one").await, &Ok(()))?;
    expect(store.swap_checkpoint(None, "two").await, changed)?;
    expect(store.checkpoint().await, &Ok(Some("one".to_owned())))?;
    expect(store.swap_checkpoint(Some("one"), "two").await, &Ok(()))?;
    expect(store.swap_checkpoint(Some("one"), "three").await, changed)?;
    expect(store.checkpoint().await, &Ok(Some("two".to_owned())))
}

async fn any_text<S: LogStore>(store: &S) -> Result<(), String> {
    let long = "가".repeat(20_000);
    let texts = some(&["", "\n", "한글 \u{1f600}\u{0}\r\n\t", &long]);
    expect(store.put_entries(0, &texts).await, &Ok(()))?;
    expect(store.entries(0, 10).await, &Ok(texts))?;
    let checkpoint = "한 줄\n\n— b\n";
    expect(store.swap_checkpoint(None, checkpoint).await, &Ok(()))?;
    expect(store.checkpoint().await, &Ok(Some(checkpoint.to_owned())))
}

#[cfg(feature = "std")]
pub use memory::MemoryStore;

#[cfg(feature = "std")]
mod memory {
    extern crate std;
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use super::{LogStore, StoreError, String, ToOwned as _, Vec};

    /// A store in memory, for tests.
    #[derive(Debug, Default)]
    pub struct MemoryStore(Mutex<Kept>);

    #[derive(Debug, Default)]
    struct Kept {
        entries: Vec<String>,
        checkpoint: Option<String>,
    }

    impl MemoryStore {
        fn kept(&self) -> MutexGuard<'_, Kept> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    /// Whether entries may be put there, and how many of them are there already.
    fn already(entries: &[String], from: u64, texts: &[String]) -> Result<usize, StoreError> {
        let next = entries.len() as u64;
        let place = usize::try_from(from).ok().filter(|_| from <= next);
        let there = place.and_then(|place| entries.get(place..));
        let there = there.ok_or(StoreError::Gap { next })?;
        match there
            .iter()
            .zip(texts)
            .position(|(there, new)| there != new)
        {
            Some(at) => Err(StoreError::Taken {
                index: from.saturating_add(at as u64),
            }),
            None => Ok(there.len().min(texts.len())),
        }
    }

    impl LogStore for MemoryStore {
        async fn entries(&self, from: u64, most: usize) -> Result<Vec<String>, StoreError> {
            let from = usize::try_from(from).unwrap_or(usize::MAX);
            let kept = self.kept();
            Ok(kept.entries.iter().skip(from).take(most).cloned().collect())
        }

        async fn put_entries(&self, from: u64, texts: &[String]) -> Result<(), StoreError> {
            let mut kept = self.kept();
            let already = already(&kept.entries, from, texts)?;
            kept.entries.extend(texts.iter().skip(already).cloned());
            Ok(())
        }

        async fn checkpoint(&self) -> Result<Option<String>, StoreError> {
            Ok(self.kept().checkpoint.clone())
        }

        async fn swap_checkpoint(
            &self,
            expected: Option<&str>,
            new: &str,
        ) -> Result<(), StoreError> {
            let mut kept = self.kept();
            if kept.checkpoint.as_deref() != expected {
                return Err(StoreError::Changed);
            }
            kept.checkpoint = Some(new.to_owned());
            Ok(())
        }
    }
}

/// A store that is shared is a store.
impl<S: LogStore + ?Sized> LogStore for &S {
    fn entries(
        &self,
        from: u64,
        most: usize,
    ) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send {
        (**self).entries(from, most)
    }

    fn put_entries(
        &self,
        from: u64,
        texts: &[String],
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        (**self).put_entries(from, texts)
    }

    fn checkpoint(&self) -> impl Future<Output = Result<Option<String>, StoreError>> + Send {
        (**self).checkpoint()
    }

    fn swap_checkpoint(
        &self,
        expected: Option<&str>,
        new: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        (**self).swap_checkpoint(expected, new)
    }
}
