//! The port to a ledger, and the register over it.

use alloc::{string::String, vec::Vec};

use kbtf_did::{
    CryptoProvider, Did, PublicKey, ResolutionOptions, ResolvedDocument, Resolver, SOFTWARE,
    Timestamp,
    did_kbtf::{LedgerEntry, LedgerName},
    resolution::Problem,
};
use kbtf_history::{Commitment, CompleteHistory, ObjectId};

use super::{Context, Party, Record, RecordStatus, RecordType, SignedOperation, apply, decide};
use crate::Error;

pub use kbtf_did::did_kbtf::Submission;

/// The most records of one page.
pub const MAX_PAGE: usize = 1000;

/// Which records are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Listing {
    /// All of them.
    All,
    /// Those of an issuer.
    Issuer(Did),
    /// Those of a kind.
    Type(RecordType),
    /// The assets that belong to a key.
    Owner(PublicKey),
    /// Those of which any version has this commitment, whoever registered them.
    Commitment(Commitment),
}

/// What a list says of a record. It is what the ledger says: whoever relies on it asks for the record itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSummary {
    /// Its number.
    pub id: ObjectId,
    /// Who has issued it.
    pub issuer: Did,
    /// Of what kind it is.
    pub record_type: RecordType,
    /// The commitment to its last version.
    pub commitment: Commitment,
    /// Whether it is neither revoked nor retired.
    pub is_active: bool,
    /// Who owns it, if anybody does.
    pub owner: Option<PublicKey>,
}

impl RecordSummary {
    /// Of a record; `None` of one without versions, which there is none.
    #[must_use]
    pub fn of(record: &Record) -> Option<Self> {
        Some(Self {
            id: record.id(),
            issuer: record.issuer().clone(),
            record_type: record.record_type().clone(),
            commitment: record.version()?.public.commitment,
            is_active: record.status() == RecordStatus::Active,
            owner: record.ownership().map(|ownership| ownership.owner.clone()),
        })
    }
}

/// Some of a list, in the order in which the records came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The records.
    pub records: Vec<RecordSummary>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<u64>,
}

/// Records that were found, each as it stands or with what is wrong with it, and where to go on; `None` after the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The records.
    pub records: Vec<(ObjectId, Result<Record, Error>)>,
    /// Where the next ones begin.
    pub next: Option<u64>,
}

/// What a ledger must do for a register: take texts, keep those of each record in one order with its time of each, and give
/// them back. Errors of a ledger are [`kbtf_did::Error::Ledger`].
pub trait RecordLedger: Send + Sync {
    /// The name under which operations know this register.
    fn name(&self) -> &LedgerName;

    /// Hands an operation in. Handing the same one in again does nothing more.
    ///
    /// # Errors
    /// `did/ledger` if the ledger cannot be reached or does not take it; it may then be handed in again.
    fn submit(&self, operation: &SignedOperation)
    -> impl Future<Output = Result<(), Error>> + Send;

    /// What has become of an operation that was handed in.
    ///
    /// # Errors
    /// `did/ledger`.
    fn status(
        &self,
        operation: &SignedOperation,
    ) -> impl Future<Output = Result<Submission, Error>> + Send;

    /// The operations of a record that are final ([`SignedOperation`]), in the ledger's order, each with the time at which the
    /// ledger took it, which nobody else can choose; and none of another.
    ///
    /// # Errors
    /// `did/ledger`.
    fn entries(
        &self,
        record: ObjectId,
    ) -> impl Future<Output = Result<Vec<LedgerEntry>, Error>> + Send;

    /// Some of a list: from this place on, at most so many, and never more than [`MAX_PAGE`] (AUT-06).
    ///
    /// # Errors
    /// `did/ledger`.
    fn list(
        &self,
        listing: &Listing,
        from: u64,
        limit: usize,
    ) -> impl Future<Output = Result<Page, Error>> + Send;

    /// All entries of a record with the proof that they are all, under the last checkpoint of the ledger's log; `None` if it
    /// has none.
    ///
    /// # Errors
    /// `did/ledger`.
    fn prove(
        &self,
        record: ObjectId,
    ) -> impl Future<Output = Result<Option<CompleteHistory>, Error>> + Send;
}

/// A register over a ledger, and whatever finds the documents of issuers.
#[derive(Clone, Copy)]
pub struct Register<'p, L, R> {
    ledger: L,
    resolver: R,
    open: bool,
    provider: &'p dyn CryptoProvider,
}

impl<L: RecordLedger, R: Resolver> Register<'static, L, R> {
    /// Over a ledger that holds only entries which were decided on.
    pub fn new(ledger: L, resolver: R) -> Self {
        Self {
            ledger,
            resolver,
            open: false,
            provider: &SOFTWARE,
        }
    }
}

impl<'p, L: RecordLedger, R: Resolver> Register<'p, L, R> {
    /// Over a ledger on which anybody can write anything: what does not follow is passed over. Issuers must have DIDs of a method with
    /// versions, or such as hold their key: of others nobody can tell later which keys they had, and what was signed with a key
    /// that is gone, such as a revocation, would be passed over too.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.open = true;
        self
    }

    /// With a provider of one's own.
    #[must_use]
    pub fn provider<'q>(self, provider: &'q dyn CryptoProvider) -> Register<'q, L, R> {
        Register {
            ledger: self.ledger,
            resolver: self.resolver,
            open: self.open,
            provider,
        }
    }

    /// The ledger.
    #[must_use]
    pub const fn ledger(&self) -> &L {
        &self.ledger
    }

    /// Hands in an operation that can follow on what the ledger holds, at a time. Gives the number of its record.
    ///
    /// # Errors
    /// The [`RecordFault`](super::RecordFault) by which it would be refused; `did/…` of the resolver, `did/ledger`.
    pub async fn submit(
        &self,
        signed: &SignedOperation,
        now: Timestamp,
    ) -> Result<ObjectId, Error> {
        let id = signed.operation().record(self.provider)?;
        let record = self.record(id).await?;
        let issuer = match signed.operation().by() {
            Party::Issuer(method) => self.issuer(&method.did(), now).await?,
            Party::Owner(_) => None,
        };
        let context = self.context(now, issuer.as_ref());
        decide(record.as_ref(), signed, &context)?;
        self.ledger.submit(signed).await?;
        Ok(id)
    }

    fn context<'c>(&'c self, at: Timestamp, issuer: Option<&'c ResolvedDocument>) -> Context<'c> {
        let context = Context::new(self.ledger.name(), at).provider(self.provider);
        match issuer {
            Some(issuer) => context.issuer(issuer),
            None => context,
        }
    }

    /// What a DID resolved to at a time; `None` if it leads nowhere. Of a method without versions it is what it resolves to now.
    async fn issuer(&self, did: &Did, at: Timestamp) -> Result<Option<ResolvedDocument>, Error> {
        let then = ResolutionOptions::default().version_time(at);
        let mut resolved = self.resolver.resolve(did, &then).await;
        let has_versions =
            !matches!(&resolved, Err(error) if error.problem() == Problem::FeatureNotSupported);
        if !has_versions {
            if self.open && !matches!(did.method(), "key" | "jwk") {
                return Ok(None);
            }
            let now = ResolutionOptions::default();
            resolved = self.resolver.resolve(did, &now).await;
        }
        match resolved {
            Ok(resolved) => Ok(Some(resolved)),
            Err(error) if has_versions && error.problem() == Problem::NotFound => Ok(None),
            // Not to reach him is not to know that there is none.
            Err(error) => Err(kbtf_did::Error::Ledger {
                reason: alloc::format!("the issuer does not resolve: {error}")
                    .chars()
                    .take(200)
                    .collect(),
            }
            .into()),
        }
    }

    /// A record as it stands; `None` if the ledger holds nothing of it (AUT-02).
    ///
    /// # Errors
    /// The [`RecordFault`](super::RecordFault) of an entry that does not follow, unless the ledger is [open](Register::open);
    /// `authenticity/malformed`; `did/…` of the resolver, `did/ledger`.
    pub async fn record(&self, id: ObjectId) -> Result<Option<Record>, Error> {
        let (record, _) = self.fold(id).await?;
        Ok(record)
    }

    /// What the ledger says of a record now, to be verified against ([`verify`](crate::verify)): the entries that follow on each
    /// other.
    ///
    /// # Errors
    /// As for [`Register::record`].
    pub async fn evidence(
        &self,
        id: ObjectId,
        now: Timestamp,
    ) -> Result<crate::RecordEvidence, Error> {
        let (_, entries) = self.fold(id).await?;
        Ok(crate::RecordEvidence::Live { entries, at: now })
    }

    async fn fold(&self, id: ObjectId) -> Result<(Option<Record>, Vec<String>), Error> {
        let mut record = None;
        let mut followed = Vec::new();
        for entry in self.ledger.entries(id).await? {
            match self.follow(id, &mut record, &entry).await {
                Ok(text) => followed.push(text),
                // Not what went wrong in finding out, but what is wrong.
                Err(Error::Record { .. } | Error::Malformed { .. } | Error::Json(_))
                    if self.open => {}
                Err(error) => return Err(error),
            }
        }
        Ok((record, followed))
    }

    async fn follow(
        &self,
        id: ObjectId,
        record: &mut Option<Record>,
        entry: &LedgerEntry,
    ) -> Result<String, Error> {
        let signed = SignedOperation::parse(entry.operation())?;
        if signed.operation().record(self.provider)? != id {
            return Err(Error::Record {
                fault: super::RecordFault::OtherRecord,
            });
        }
        let issuer = match signed.operation().by() {
            Party::Issuer(method) => self.issuer(&method.did(), entry.time()).await?,
            Party::Owner(_) => None,
        };
        let context = self.context(entry.time(), issuer.as_ref());
        let event = decide(record.as_ref(), &signed, &context)?;
        apply(record, &event);
        Ok(event.entry().to_text())
    }

    /// Some of the records of which any version has this commitment, whoever registered them (AUT-02), and where to go on. What is
    /// wrong with one, such as an issuer who does not resolve, says nothing of the others.
    ///
    /// # Errors
    /// `did/ledger`.
    pub async fn by_commitment(
        &self,
        commitment: &Commitment,
        from: u64,
        limit: usize,
    ) -> Result<Found, Error> {
        let page = self
            .list(&Listing::Commitment(*commitment), from, limit)
            .await?;
        let mut records = Vec::new();
        for summary in page.records {
            // An index may be wrong, or speak of what does not follow.
            match self.record(summary.id).await {
                Ok(record) => records.extend(
                    record
                        .filter(|record| record.find(commitment).is_some())
                        .map(|record| (summary.id, Ok(record))),
                ),
                Err(error) => records.push((summary.id, Err(error))),
            }
        }
        Ok(Found {
            records,
            next: page.next,
        })
    }

    /// The records of this issuer of which any version has this commitment, however many others have registered copies.
    ///
    /// # Errors
    /// As for [`Register::record`].
    pub async fn issued(
        &self,
        commitment: &Commitment,
        issuer: &Did,
    ) -> Result<Vec<Record>, Error> {
        let listing = Listing::Commitment(*commitment);
        let mut found = Vec::new();
        let mut from = Some(0);
        while let Some(place) = from {
            let page = self.list(&listing, place, MAX_PAGE).await?;
            for summary in page.records.iter().filter(|one| one.issuer == *issuer) {
                let record = self.record(summary.id).await?;
                let is_it = |record: &Record| {
                    record.issuer() == issuer && record.find(commitment).is_some()
                };
                found.extend(record.filter(is_it));
            }
            // A ledger that goes round in circles is left.
            from = page.next.filter(|next| *next > place);
        }
        Ok(found)
    }

    /// Some of a list (AUT-06), as the ledger says.
    ///
    /// # Errors
    /// `did/ledger`.
    pub async fn list(&self, listing: &Listing, from: u64, limit: usize) -> Result<Page, Error> {
        self.ledger.list(listing, from, limit.min(MAX_PAGE)).await
    }
}

#[cfg(feature = "std")]
pub use memory::MemoryRegister;

#[cfg(feature = "std")]
mod memory {
    use std::sync::{Arc, Mutex, MutexGuard};

    use alloc::{collections::BTreeMap, string::ToString as _};

    use kbtf_history::{
        Checkpoint, Hash, Head, HeadMap, LogEntry, MemoryTree, SignedCheckpoint, TreeHasher,
    };

    use super::{
        Commitment, CompleteHistory, Context, Error, LedgerEntry, LedgerName, Listing, MAX_PAGE,
        ObjectId, Page, Party, Record, RecordLedger, RecordSummary, SOFTWARE, SignedOperation,
        String, Submission, Timestamp, Vec, apply, decide,
    };
    use crate::IssuerDocuments;

    /// How many of the last states can have a checkpoint.
    const KEPT: usize = 16;

    /// A ledger in memory, for tests, examples and small registers: what is handed in waits until [`MemoryRegister::seal`]
    /// makes a block of it, and is then final or rejected by [`decide`]. All entries are on a log, with where all records
    /// stand as the last one of each block, so that proofs can be given. Clones share one ledger.
    #[derive(Clone)]
    pub struct MemoryRegister {
        name: LedgerName,
        origin: String,
        inner: Arc<Mutex<Inner>>,
    }

    #[derive(Default)]
    struct Inner {
        pending: Vec<SignedOperation>,
        status: BTreeMap<Hash, Submission>,
        records: BTreeMap<ObjectId, Kept>,
        order: Vec<ObjectId>,
        commitments: BTreeMap<Commitment, Vec<ObjectId>>,
        tree: MemoryTree,
        heads: HeadMap,
        sealed: Vec<(u64, String, HeadMap)>,
        checkpoint: Option<SignedCheckpoint>,
    }

    struct Kept {
        record: Record,
        entries: Vec<LedgerEntry>,
    }

    impl core::fmt::Debug for MemoryRegister {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.debug_struct("MemoryRegister")
                .field("name", &self.name)
                .finish_non_exhaustive()
        }
    }

    impl MemoryRegister {
        /// An empty register, with the origin of its log.
        #[must_use]
        pub fn new(name: &LedgerName, origin: &str) -> Self {
            Self {
                name: name.clone(),
                origin: origin.into(),
                inner: Arc::default(),
            }
        }

        /// Makes a block at a time of everything that waits, in the order in which it came, and notes on the log where all
        /// records stand. Gives how many operations became final.
        ///
        /// # Errors
        /// `did/ledger` if another thread has panicked here; `did/provider`.
        pub fn seal(&self, time: Timestamp, issuers: &dyn IssuerDocuments) -> Result<usize, Error> {
            let time = Timestamp::from_unix(time.unix()).unwrap_or(time);
            let mut inner = self.lock()?;
            let mut count = 0;
            for signed in core::mem::take(&mut inner.pending) {
                let key = submission_key(&signed)?;
                let status = match inner.take(&self.name, &signed, time, issuers) {
                    Ok(()) => {
                        count += 1;
                        Submission::Final(time)
                    }
                    // What could not be found out is tried again with the next block.
                    Err(Error::Did(
                        kbtf_did::Error::Ledger { .. } | kbtf_did::Error::Provider { .. },
                    )) => {
                        inner.pending.push(signed);
                        continue;
                    }
                    Err(error) => Submission::Rejected {
                        code: error.code().into(),
                        detail: error.to_string(),
                    },
                };
                inner.status.insert(key, status);
            }
            inner.note_heads()?;
            Ok(count)
        }

        /// Where the log stands since the last block, to be signed and cosigned.
        ///
        /// # Errors
        /// `did/ledger`; those of [`Checkpoint::new`].
        pub fn checkpoint(&self) -> Result<Checkpoint, Error> {
            let inner = self.lock()?;
            let root = inner.tree.root(&TreeHasher::SOFTWARE)?;
            Ok(Checkpoint::new(&self.origin, inner.tree.size(), root)?)
        }

        /// Publishes a checkpoint of one of the last 16 blocks: proofs are given under it.
        ///
        /// # Errors
        /// `history/not-sealed` if it is of another state or log.
        pub fn publish(&self, checkpoint: SignedCheckpoint) -> Result<(), Error> {
            let mut inner = self.lock()?;
            let said = checkpoint.unverified();
            let is_sealed = inner.sealed.iter().any(|(size, ..)| *size == said.size());
            if !is_sealed || said.origin() != self.origin {
                return Err(kbtf_history::Error::NotSealed.into());
            }
            inner.checkpoint = Some(checkpoint);
            Ok(())
        }

        /// Puts a text among the operations of a record without asking whether it follows, as a ledger that anybody can write
        /// on would, at its time: for tests.
        ///
        /// # Errors
        /// `did/ledger`.
        pub fn write_anything(
            &self,
            record: ObjectId,
            text: &str,
            time: Timestamp,
        ) -> Result<(), Error> {
            let mut inner = self.lock()?;
            if let Some(kept) = inner.records.get_mut(&record) {
                kept.entries.push(LedgerEntry::new(time, text.into()));
            }
            Ok(())
        }

        fn lock(&self) -> Result<MutexGuard<'_, Inner>, Error> {
            self.inner.lock().map_err(|_| {
                kbtf_did::Error::Ledger {
                    reason: "a thread has panicked in the ledger".into(),
                }
                .into()
            })
        }
    }

    impl Inner {
        fn take(
            &mut self,
            name: &LedgerName,
            signed: &SignedOperation,
            time: Timestamp,
            issuers: &dyn IssuerDocuments,
        ) -> Result<(), Error> {
            let issuer = match signed.operation().by() {
                Party::Issuer(method) => issuers.document(&method.did(), time)?,
                Party::Owner(_) => None,
            };
            let mut context = Context::new(name, time);
            if let Some(issuer) = &issuer {
                context = context.issuer(issuer);
            }
            let id = signed.operation().record(&SOFTWARE)?;
            let kept = self.records.get(&id);
            let before = kept.map(|kept| kept.record.clone());
            let event = decide(before.as_ref(), signed, &context)?;
            let mut after = before;
            apply(&mut after, &event);
            let Some(record) = after else {
                return Ok(());
            };
            let head = Head {
                sequence: record.sequence(),
                entry: *event.hash(),
            };
            self.heads.set(id, head, &SOFTWARE)?;
            self.tree.append(*event.hash(), &TreeHasher::SOFTWARE)?;
            self.index(&record);
            let kept = self.records.entry(id).or_insert_with(|| Kept {
                record: record.clone(),
                entries: Vec::new(),
            });
            let entry = LedgerEntry::new(time, event.entry().signed().to_text());
            kept.entries.push(entry);
            kept.record = record;
            Ok(())
        }

        fn index(&mut self, record: &Record) {
            let id = record.id();
            if record.sequence() == 0 {
                self.order.push(id);
            }
            let version = record
                .version()
                .filter(|version| version.sequence == record.sequence());
            if let Some(version) = version {
                let of = self.commitments.entry(version.public.commitment);
                of.or_default().push(id);
            }
        }

        fn note_heads(&mut self) -> Result<(), Error> {
            let size = self.tree.size();
            if self.sealed.last().is_some_and(|(at, ..)| *at == size) {
                return Ok(());
            }
            let text = LogEntry::Heads {
                size,
                root: self.heads.root(),
            }
            .to_text();
            let hasher = TreeHasher::SOFTWARE;
            self.tree.append(hasher.leaf(text.as_bytes())?, &hasher)?;
            if self.sealed.len() == KEPT {
                self.sealed.remove(0);
            }
            self.sealed.push((size + 1, text, self.heads.clone()));
            Ok(())
        }

        fn page<'i>(
            &self,
            ids: impl Iterator<Item = &'i ObjectId>,
            from: u64,
            limit: usize,
            is_listed: impl Fn(&Record) -> bool,
        ) -> Page {
            let limit = limit.clamp(1, MAX_PAGE);
            let mut records = Vec::new();
            let skipped = usize::try_from(from).unwrap_or(usize::MAX);
            for (id, place) in ids.skip(skipped).zip(from..) {
                if records.len() == limit {
                    return Page {
                        records,
                        next: Some(place),
                    };
                }
                let record = self.records.get(id).map(|kept| &kept.record);
                let listed = record.filter(|record| is_listed(record));
                records.extend(listed.and_then(RecordSummary::of));
            }
            Page {
                records,
                next: None,
            }
        }
    }

    /// What a submission is known by: what was signed and how.
    fn submission_key(operation: &SignedOperation) -> Result<Hash, Error> {
        use kbtf_did::CryptoProvider as _;
        let hash = SOFTWARE.sha256(operation.to_text().as_bytes())?;
        Ok(Hash::from_bytes(hash))
    }

    impl RecordLedger for MemoryRegister {
        fn name(&self) -> &LedgerName {
            &self.name
        }

        async fn submit(&self, operation: &SignedOperation) -> Result<(), Error> {
            let key = submission_key(operation)?;
            let mut inner = self.lock()?;
            let is_there = matches!(
                inner.status.get(&key),
                Some(Submission::Final(_) | Submission::Pending)
            );
            if !is_there {
                inner.status.insert(key, Submission::Pending);
                inner.pending.push(operation.clone());
            }
            Ok(())
        }

        async fn status(&self, operation: &SignedOperation) -> Result<Submission, Error> {
            let key = submission_key(operation)?;
            let status = self.lock()?.status.get(&key).cloned();
            Ok(status.unwrap_or(Submission::Unknown))
        }

        async fn entries(&self, record: ObjectId) -> Result<Vec<LedgerEntry>, Error> {
            let inner = self.lock()?;
            let kept = inner.records.get(&record);
            Ok(kept.map(|kept| kept.entries.clone()).unwrap_or_default())
        }

        async fn list(&self, listing: &Listing, from: u64, limit: usize) -> Result<Page, Error> {
            let inner = self.lock()?;
            Ok(match listing {
                Listing::All => inner.page(inner.order.iter(), from, limit, |_| true),
                Listing::Issuer(did) => inner.page(inner.order.iter(), from, limit, |record| {
                    record.issuer() == did
                }),
                Listing::Type(wanted) => inner.page(inner.order.iter(), from, limit, |record| {
                    record.record_type() == wanted
                }),
                // By the place in the list of all, which does not move when something passes on.
                Listing::Owner(key) => inner.page(inner.order.iter(), from, limit, |record| {
                    record
                        .ownership()
                        .is_some_and(|ownership| ownership.owner == *key)
                }),
                Listing::Commitment(commitment) => {
                    let ids = inner.commitments.get(commitment);
                    let ids = ids.map(Vec::as_slice).unwrap_or_default();
                    inner.page(ids.iter(), from, limit, |_| true)
                }
            })
        }

        async fn prove(&self, record: ObjectId) -> Result<Option<CompleteHistory>, Error> {
            let inner = self.lock()?;
            let Some(checkpoint) = &inner.checkpoint else {
                return Ok(None);
            };
            let size = checkpoint.unverified().size();
            let sealed = inner.sealed.iter().find(|(at, ..)| *at == size);
            let (_, text, heads) = sealed.ok_or(kbtf_history::Error::NotSealed)?;
            let hasher = TreeHasher::SOFTWARE;
            let path = inner.tree.prove_inclusion(size - 1, size, &hasher)?.path;
            let head = heads.prove(record);
            // As many as there were at the checkpoint.
            let count = heads
                .get(record)
                .map_or(0, |head| u64::from(head.sequence) + 1);
            let kept = inner.records.get(&record);
            let entries = kept.map(|kept| kept.entries.as_slice()).unwrap_or_default();
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            let entries = entries.iter().take(count).map(|entry| {
                let signed = SignedOperation::parse(entry.operation())?;
                Ok(signed.at(entry.time()).to_text())
            });
            let entries = entries.collect::<Result<_, Error>>()?;
            Ok(Some(CompleteHistory::of_chain(
                checkpoint.clone(),
                text.clone(),
                path,
                head,
                entries,
            )?))
        }
    }
}
