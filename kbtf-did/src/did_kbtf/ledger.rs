//! The port to a ledger, and the three roles over it (DID-11): who resolves, who registers, and who registers for others.

use alloc::{format, string::String, sync::Arc, vec::Vec};

use super::{
    Change, Context, DelegationGrant, History, LedgerEntry, LedgerName, Operation, OperationFault,
    OperationHash, Scope, SignedOperation, broken, decide, decide::scope_of, ledger_of,
};
use crate::{
    CryptoProvider, Did, Error, Resolution, ResolutionError, ResolutionOptions, Resolver, SOFTWARE,
    Signer, Timestamp,
};

/// What a ledger must do for `did:kbtf`: take texts, keep them in one order with its time of each, and give them back.
/// Any chain, database or file that does this can carry identities.
pub trait OperationLedger: Send + Sync {
    /// The name under which identities know this ledger.
    fn name(&self) -> &LedgerName;

    /// Hands an operation in. Handing the same one in again, with the same signatures, does nothing more. One with other
    /// signatures is another submission, although it has the same hash: a copy with false signatures that comes first must
    /// not swallow the genuine one.
    ///
    /// # Errors
    /// `did/ledger` if the ledger cannot be reached or does not take it; it may then be handed in again.
    fn submit(&self, operation: &SignedOperation)
    -> impl Future<Output = Result<(), Error>> + Send;

    /// What has become of an operation, with whatever signatures: final as soon as it is final with some.
    ///
    /// # Errors
    /// `did/ledger`.
    fn status(
        &self,
        operation: &OperationHash,
    ) -> impl Future<Output = Result<Submission, Error>> + Send;

    /// All operations of a DID that are final, in the ledger's order, and none of another: by the member `did`, and for
    /// creations by their hash, without reading more of them. A ledger that does not apply
    /// [`decide`] itself also gives what does not follow; [`History::scan`] picks out what does.
    ///
    /// # Errors
    /// `did/ledger`.
    fn entries(&self, did: &Did) -> impl Future<Output = Result<Vec<LedgerEntry>, Error>> + Send;
}

/// A ledger that is shared is a ledger.
macro_rules! shared_ledger {
    ($($shared:ty),*) => {$(
        impl<L: OperationLedger + ?Sized> OperationLedger for $shared {
            fn name(&self) -> &LedgerName {
                (**self).name()
            }

            fn submit(
                &self,
                operation: &SignedOperation,
            ) -> impl Future<Output = Result<(), Error>> + Send {
                (**self).submit(operation)
            }

            fn status(
                &self,
                operation: &OperationHash,
            ) -> impl Future<Output = Result<Submission, Error>> + Send {
                (**self).status(operation)
            }

            fn entries(
                &self,
                did: &Did,
            ) -> impl Future<Output = Result<Vec<LedgerEntry>, Error>> + Send {
                (**self).entries(did)
            }
        }
    )*};
}
shared_ledger!(&L, Arc<L>);

/// What has become of an operation that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submission {
    /// The ledger has never seen it.
    Unknown,
    /// Handed in, not yet decided.
    Pending,
    /// On the ledger for good, since this time.
    Final(Timestamp),
    /// Refused, with the code and what was said.
    Rejected {
        /// The stable code, such as `did/operation-fork`.
        code: String,
        /// What was said.
        detail: String,
    },
}

/// Registers operations (Registerer, 등록자).
pub trait Registrar: Send + Sync {
    /// Hands an operation in that can follow on what the ledger holds, at a time. Gives the hash to ask for its status by.
    ///
    /// # Errors
    /// The [`OperationFault`] by which it would be refused; `did/personal-data`; `did/ledger`.
    fn submit(
        &self,
        operation: &SignedOperation,
        now: Timestamp,
    ) -> impl Future<Output = Result<OperationHash, Error>> + Send;

    /// What has become of an operation.
    ///
    /// # Errors
    /// `did/ledger`.
    fn status(
        &self,
        operation: &OperationHash,
    ) -> impl Future<Output = Result<Submission, Error>> + Send;
}

/// Registers and changes for others, within what they have given (Delegator, 위임 등록자): an agency for a citizen.
pub trait Delegator: Send + Sync {
    /// Hands in the first operation of somebody's DID, which must give this delegate something that holds now.
    ///
    /// # Errors
    /// `did/operation-delegation-not-in-force`, and those of [`Registrar::submit`].
    fn register(
        &self,
        creation: &SignedOperation,
        now: Timestamp,
    ) -> impl Future<Output = Result<OperationHash, Error>> + Send;

    /// Changes somebody's DID by what was given to this delegate.
    ///
    /// # Errors
    /// `did/operation-delegation-not-in-force` if nothing that holds now was given, `did/operation-out-of-scope` if not
    /// this, and those of [`Registrar::submit`].
    fn act(
        &self,
        did: &Did,
        change: Change,
        now: Timestamp,
    ) -> impl Future<Output = Result<OperationHash, Error>> + Send;
}

/// All three roles over one ledger. Reads it strictly, as a ledger that applies [`decide`], unless told that anybody can
/// write on it.
#[derive(Clone, Copy)]
pub struct Ledgered<'p, L> {
    ledger: L,
    open: bool,
    provider: &'p dyn CryptoProvider,
}

impl<L: OperationLedger> Ledgered<'static, L> {
    /// Over a ledger that holds only operations which were allowed.
    pub fn new(ledger: L) -> Self {
        Self {
            ledger,
            open: false,
            provider: &SOFTWARE,
        }
    }
}

impl<'p, L: OperationLedger> Ledgered<'p, L> {
    /// Over a ledger on which anybody can write anything.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.open = true;
        self
    }

    /// With a provider of one's own.
    #[must_use]
    pub fn provider<'q>(self, provider: &'q dyn CryptoProvider) -> Ledgered<'q, L> {
        Ledgered {
            ledger: self.ledger,
            open: self.open,
            provider,
        }
    }

    /// The ledger.
    #[must_use]
    pub const fn ledger(&self) -> &L {
        &self.ledger
    }

    /// The history of a DID; `None` if the ledger holds nothing of it.
    ///
    /// # Errors
    /// `did/operation-foreign` for a DID of another ledger, those of [`History::replay`] or [`History::scan`], `did/ledger`.
    pub async fn history(&self, did: &Did) -> Result<Option<History>, Error> {
        self.read(did, |entries| {
            History::scan(did, entries, self.provider).map(|(history, _)| history)
        })
        .await
    }

    /// What can be followed on: also where something is missing, since to rotate and to deactivate are the ways out.
    async fn followed(&self, did: &Did) -> Result<Option<History>, Error> {
        self.read(did, |entries| {
            History::pick(did, entries, self.provider).map(|(history, ..)| history)
        })
        .await
    }

    async fn read(
        &self,
        did: &Did,
        open: impl FnOnce(&[LedgerEntry]) -> Result<History, Error>,
    ) -> Result<Option<History>, Error> {
        if ledger_of(did)? != *self.ledger.name() {
            return Err(broken(
                OperationFault::Foreign,
                &format!("expected a DID of the ledger {}", self.ledger.name()),
            ));
        }
        let entries = self.ledger.entries(did).await?;
        if entries.is_empty() {
            return Ok(None);
        }
        if !self.open {
            return History::replay(did, &entries, self.provider).map(Some);
        }
        match open(&entries) {
            // Only what somebody else wrote under this name.
            Err(Error::InvalidOperation {
                fault: OperationFault::NotCreated,
                ..
            }) => Ok(None),
            read => read.map(Some),
        }
    }
}

impl<L: OperationLedger> Resolver for Ledgered<'_, L> {
    async fn resolve(&self, did: &Did, options: &ResolutionOptions) -> Resolution {
        options.check()?;
        match self.history(did).await? {
            Some(history) => history.resolve(options),
            None => Err(ResolutionError::not_found(did.as_str())),
        }
    }
}

impl<L: OperationLedger> Registrar for Ledgered<'_, L> {
    async fn submit(
        &self,
        operation: &SignedOperation,
        now: Timestamp,
    ) -> Result<OperationHash, Error> {
        operation.operation().check_personal_data()?;
        let hash = operation.operation().hash(self.provider)?;
        let history = self
            .followed(&operation.operation().did(self.provider)?)
            .await?;
        let context = Context::new(self.ledger.name(), now).provider(self.provider);
        decide(history.as_ref().map(History::state), operation, &context)?;
        self.ledger.submit(operation).await?;
        Ok(hash)
    }

    async fn status(&self, operation: &OperationHash) -> Result<Submission, Error> {
        self.ledger.status(operation).await
    }
}

/// A delegate over one ledger, with its key.
pub struct Delegate<'p, L, S> {
    registrar: Ledgered<'p, L>,
    signer: S,
}

impl<'p, L: OperationLedger, S: Signer + Send + Sync> Delegate<'p, L, S> {
    /// A delegate that registers through this and signs with its own key.
    pub const fn new(registrar: Ledgered<'p, L>, signer: S) -> Self {
        Self { registrar, signer }
    }

    fn given<'g>(
        &self,
        mut grants: impl Iterator<Item = &'g DelegationGrant>,
        now: Timestamp,
        needed: &[Scope],
    ) -> Result<&'g DelegationGrant, Error> {
        let key = self.signer.public_key();
        let mut any = false;
        let found = grants.find(|grant| {
            // One signer is enough for a threshold of one.
            let holds = grant.is_given_to(key) && grant.is_in_force(now) && grant.threshold() == 1;
            any |= holds;
            holds && needed.iter().all(|scope| grant.scope().contains(scope))
        });
        found.ok_or_else(|| match any {
            true => broken(OperationFault::OutOfScope, ""),
            false => broken(OperationFault::DelegationNotInForce, ""),
        })
    }
}

impl<L: OperationLedger, S: Signer + Send + Sync> Delegator for Delegate<'_, L, S> {
    async fn register(
        &self,
        creation: &SignedOperation,
        now: Timestamp,
    ) -> Result<OperationHash, Error> {
        let Change::Create(first) = creation.operation().change() else {
            return Err(broken(OperationFault::NotCreated, ""));
        };
        self.given(first.delegations.iter(), now, &[])?;
        self.registrar.submit(creation, now).await
    }

    async fn act(&self, did: &Did, change: Change, now: Timestamp) -> Result<OperationHash, Error> {
        let history = self.registrar.followed(did).await?;
        let history = history.ok_or_else(|| broken(OperationFault::NotCreated, ""))?;
        let state = history.state();
        let needed = scope_of(state, &change)?;
        let grant = self.given(state.delegations(), now, &needed)?;
        let operation = Operation::delegated(state, grant.id(), change)?;
        let signed = operation.sign(&[&self.signer])?;
        self.registrar.submit(&signed, now).await
    }
}

#[cfg(feature = "std")]
pub use memory::MemoryLedger;

#[cfg(feature = "std")]
mod memory {
    use std::sync::{Arc, Mutex, MutexGuard};

    use alloc::{collections::BTreeMap, string::ToString as _};

    use super::{
        Context, Did, Error, History, LedgerEntry, LedgerName, OperationHash, OperationLedger,
        SOFTWARE, SignedOperation, Submission, Timestamp, Vec, decide,
    };

    /// A ledger in memory, for tests and examples: what is handed in waits until [`MemoryLedger::seal`] makes a block of
    /// it, and is then final or rejected by [`decide`]. Clones share one ledger.
    #[derive(Debug, Clone)]
    pub struct MemoryLedger {
        name: LedgerName,
        inner: Arc<Mutex<Inner>>,
    }

    #[derive(Debug, Default)]
    struct Inner {
        pending: Vec<SignedOperation>,
        status: BTreeMap<OperationHash, Submission>,
        entries: BTreeMap<Did, Vec<LedgerEntry>>,
    }

    impl MemoryLedger {
        /// An empty ledger.
        #[must_use]
        pub fn new(name: &LedgerName) -> Self {
            Self {
                name: name.clone(),
                inner: Arc::default(),
            }
        }

        /// Makes a block at a time of everything that waits, in the order in which it came. Gives how many operations
        /// became final.
        ///
        /// # Errors
        /// `did/ledger` if another thread has panicked here.
        pub fn seal(&self, time: Timestamp) -> Result<usize, Error> {
            let mut inner = self.lock()?;
            let mut count = 0;
            for signed in core::mem::take(&mut inner.pending) {
                let hash = signed.operation().hash(&SOFTWARE)?;
                let did = signed.operation().did(&SOFTWARE)?;
                let entries = inner.entries.entry(did.clone()).or_default();
                let history = match entries.is_empty() {
                    true => Ok(None),
                    false => History::replay(&did, entries, &SOFTWARE).map(Some),
                };
                let decided = history.and_then(|history| {
                    let context = Context::new(&self.name, time);
                    decide(history.as_ref().map(History::state), &signed, &context)
                });
                let decided = decided.and_then(|_| signed.operation().check_personal_data());
                let status = match decided {
                    Ok(()) => {
                        entries.push(LedgerEntry::new(time, signed.to_json()));
                        count += 1;
                        Submission::Final(time)
                    }
                    Err(error) => Submission::Rejected {
                        code: error.code().into(),
                        detail: error.to_string(),
                    },
                };
                // A copy with other signatures may have become final.
                let known = inner.status.entry(hash).or_insert(Submission::Pending);
                if !matches!(known, Submission::Final(_)) {
                    *known = status;
                }
            }
            Ok(count)
        }

        fn lock(&self) -> Result<MutexGuard<'_, Inner>, Error> {
            self.inner.lock().map_err(|_| Error::Ledger {
                reason: "a thread has panicked in the ledger".into(),
            })
        }
    }

    impl OperationLedger for MemoryLedger {
        fn name(&self) -> &LedgerName {
            &self.name
        }

        async fn submit(&self, operation: &SignedOperation) -> Result<(), Error> {
            let hash = operation.operation().hash(&SOFTWARE)?;
            let mut inner = self.lock()?;
            let is_final = matches!(inner.status.get(&hash), Some(Submission::Final(_)));
            if !is_final && !inner.pending.contains(operation) {
                inner.status.insert(hash, Submission::Pending);
                inner.pending.push(operation.clone());
            }
            Ok(())
        }

        async fn status(&self, operation: &OperationHash) -> Result<Submission, Error> {
            let inner = self.lock()?;
            Ok(inner
                .status
                .get(operation)
                .cloned()
                .unwrap_or(Submission::Unknown))
        }

        async fn entries(&self, did: &Did) -> Result<Vec<LedgerEntry>, Error> {
            Ok(self.lock()?.entries.get(did).cloned().unwrap_or_default())
        }
    }
}
