//! What the operations on a record come to.

use alloc::vec::Vec;

use kbtf_did::{
    CryptoProvider, Did, DidUrl, KeyState, PublicKey, ResolvedDocument, SOFTWARE, Timestamp,
    VerificationRelationship, did_kbtf::LedgerName,
};
use kbtf_history::{Commitment, Hash, ObjectId};

use super::{
    Operation, Party, PublicInformation, RecordChange, RecordFault, RecordType, RegisterEntry,
    RevocationReason, SignedOperation,
};
use crate::Error;

/// The most versions of a record.
const MAX_VERSIONS: usize = 4096;

fn fault<T>(fault: RecordFault) -> Result<T, Error> {
    Err(Error::Record { fault })
}

/// A version of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// What is public of it.
    pub public: PublicInformation,
    /// Which entry of the record registered it.
    pub sequence: u32,
    /// When the ledger took that.
    pub registered: Timestamp,
}

/// Whether a record still changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordStatus {
    /// It does.
    Active,
    /// The issuer has revoked it.
    Revoked {
        /// Why.
        reason: RevocationReason,
        /// When.
        at: Timestamp,
    },
    /// Its owner has given it up.
    Retired {
        /// When.
        at: Timestamp,
    },
}

/// Who owns an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ownership {
    /// The key of the owner.
    pub owner: PublicKey,
    /// Since when.
    pub since: Timestamp,
    /// To whom he offers it, and until when.
    pub offered: Option<(PublicKey, Timestamp)>,
}

/// A record as it stands: a document or an asset that was registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    id: ObjectId,
    register: LedgerName,
    issuer: Did,
    record_type: RecordType,
    versions: Vec<Version>,
    status: RecordStatus,
    ownership: Option<Ownership>,
    sequence: u32,
    head: Hash,
    updated: Timestamp,
}

impl Record {
    /// Its number: 128 bits of the hash of its first operation.
    #[must_use]
    pub const fn id(&self) -> ObjectId {
        self.id
    }

    /// The register that it is in.
    #[must_use]
    pub const fn register(&self) -> &LedgerName {
        &self.register
    }

    /// Who has issued it.
    #[must_use]
    pub const fn issuer(&self) -> &Did {
        &self.issuer
    }

    /// Of what kind it is.
    #[must_use]
    pub const fn record_type(&self) -> &RecordType {
        &self.record_type
    }

    /// Its versions, the first one first. There is always one.
    #[must_use]
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    /// The last version.
    #[must_use]
    pub fn version(&self) -> Option<&Version> {
        self.versions.last()
    }

    /// Whether it still changes.
    #[must_use]
    pub const fn status(&self) -> RecordStatus {
        self.status
    }

    /// Who owns it, if it is an asset that nobody has given up.
    #[must_use]
    pub const fn ownership(&self) -> Option<&Ownership> {
        self.ownership.as_ref()
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

    /// When its last entry was taken.
    #[must_use]
    pub const fn updated(&self) -> Timestamp {
        self.updated
    }

    /// Whether it is neither revoked nor retired and its last version is valid at a time.
    #[must_use]
    pub fn is_valid_at(&self, at: Timestamp) -> bool {
        self.status == RecordStatus::Active
            && self
                .version()
                .is_some_and(|version| version.public.is_valid_at(at))
    }

    /// The version with this commitment, and whether it is the last.
    #[must_use]
    pub fn find(&self, commitment: &Commitment) -> Option<(&Version, bool)> {
        let at = |version: &Version| version.public.commitment == *commitment;
        let place = self.versions.iter().position(at)?;
        let is_last = place + 1 == self.versions.len();
        self.versions.get(place).map(|version| (version, is_last))
    }
}

/// What is known where an operation is decided on.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    register: &'c LedgerName,
    time: Timestamp,
    issuer: Option<&'c ResolvedDocument>,
    provider: &'c dyn CryptoProvider,
}

impl<'c> Context<'c> {
    /// In this register, at this time of its ledger.
    #[must_use]
    pub fn new(register: &'c LedgerName, time: Timestamp) -> Self {
        Self {
            register,
            time,
            issuer: None,
            provider: &SOFTWARE,
        }
    }

    /// With what the DID of the issuer resolves to at this time; not needed where an owner acts.
    #[must_use]
    pub const fn issuer(mut self, issuer: &'c ResolvedDocument) -> Self {
        self.issuer = Some(issuer);
        self
    }

    /// With a provider of one's own (X-04).
    #[must_use]
    pub const fn provider(mut self, provider: &'c dyn CryptoProvider) -> Self {
        self.provider = provider;
        self
    }
}

/// An operation that was decided on. Only [`decide`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    record: ObjectId,
    entry: RegisterEntry,
    hash: Hash,
}

impl Event {
    /// Which record it is on.
    #[must_use]
    pub const fn record(&self) -> ObjectId {
        self.record
    }

    /// The entry that the ledger is to hold.
    #[must_use]
    pub const fn entry(&self) -> &RegisterEntry {
        &self.entry
    }

    /// Its hash.
    #[must_use]
    pub const fn hash(&self) -> &Hash {
        &self.hash
    }
}

/// Whether an operation may follow on a record (`None` before the first). Nothing is changed.
///
/// # Errors
/// A [`RecordFault`] by name, the first that applies: register and place, time, life, who may, what the change itself asks for, and
/// the signature last. `did/provider`; `did/…` for a key that cannot be used.
///
/// ```
/// use kbtf_authenticity::register::{Context, Operation, PublicInformation, apply, decide};
/// use kbtf_did::did_kbtf::LedgerName;
/// use kbtf_did::{DidUrl, KeyMethods, KeyType, ResolutionOptions, SecretKey, Signer, SoftwareSigner, did_key};
/// use kbtf_history::Commitment;
///
/// let signer = SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[7; 32])?);
/// let did = did_key::from_public_key(signer.public_key());
/// let issuer = KeyMethods.resolve_now(&did, &ResolutionOptions::default()).unwrap();
/// let method = issuer.document.verification_methods()[0].id().clone();
///
/// let register = LedgerName::parse("seoul-1")?;
/// let public = PublicInformation::new(Commitment::from_bytes([1; 32]));
/// let signed = Operation::register(&register, method, "certificate.graduation".parse()?, public, None)?.sign(&signer)?;
/// let context = Context::new(&register, "2026-11-24T00:00:00Z".parse()?).issuer(&issuer);
///
/// let mut record = None;
/// apply(&mut record, &decide(None, &signed, &context)?);
/// let again = decide(record.as_ref(), &signed, &context).unwrap_err();
/// assert_eq!(again.code(), "authenticity/record-already-there");
/// # Ok::<(), kbtf_authenticity::Error>(())
/// ```
pub fn decide(
    record: Option<&Record>,
    signed: &SignedOperation,
    context: &Context<'_>,
) -> Result<Event, Error> {
    let operation = &signed.operation;
    let id = operation.record(context.provider)?;
    check_place(record, operation, id, context)?;
    if let Some(record) = record
        && record.status != RecordStatus::Active
    {
        return fault(RecordFault::Ended);
    }
    let key = authorise(record, operation, context)?;
    check_change(record, operation, context.time)?;
    signed.verify(key, context.provider)?;
    let entry = signed.clone().at(context.time);
    Ok(Event {
        record: id,
        hash: entry.hash(context.provider)?,
        entry,
    })
}

fn check_place(
    record: Option<&Record>,
    operation: &Operation,
    id: ObjectId,
    context: &Context<'_>,
) -> Result<(), Error> {
    if operation.register != *context.register {
        return fault(RecordFault::OtherRegister);
    }
    let Some(record) = record else {
        return match operation.place {
            None => Ok(()),
            Some(_) => fault(RecordFault::NotRegistered),
        };
    };
    if record.register != operation.register {
        return fault(RecordFault::OtherRegister);
    }
    if record.id != id {
        return fault(RecordFault::OtherRecord);
    }
    let Some(place) = operation.place else {
        return fault(RecordFault::AlreadyThere);
    };
    if record.sequence.checked_add(1) != Some(place.sequence) {
        return fault(RecordFault::NotNext);
    }
    if place.previous != record.head {
        return fault(RecordFault::Fork);
    }
    match context.time < record.updated {
        true => fault(RecordFault::TimeBackwards),
        false => Ok(()),
    }
}

/// The key that must have signed, if this party may do this at all.
fn authorise<'k>(
    record: Option<&'k Record>,
    operation: &'k Operation,
    context: &Context<'k>,
) -> Result<&'k PublicKey, Error> {
    match &operation.change {
        RecordChange::Register { .. } | RecordChange::Update(_) | RecordChange::Revoke(_) => {
            let Party::Issuer(method) = &operation.by else {
                return fault(RecordFault::NotTheIssuer);
            };
            if record.is_some_and(|record| record.issuer != method.did()) {
                return fault(RecordFault::NotTheIssuer);
            }
            issuer_key(method, context)
        }
        RecordChange::Offer { .. } | RecordChange::Withdraw | RecordChange::Retire => {
            let owner = &ownership(record)?.owner;
            match &operation.by {
                Party::Owner(key) if key == owner => Ok(key),
                _ => fault(RecordFault::NotTheOwner),
            }
        }
        RecordChange::Accept | RecordChange::Reject => {
            let offered = ownership(record)?.offered.as_ref();
            match (&operation.by, offered) {
                (Party::Owner(key), Some((to, _))) if key == to => Ok(key),
                _ => fault(RecordFault::NotOffered),
            }
        }
    }
}

fn issuer_key<'k>(method: &DidUrl, context: &Context<'k>) -> Result<&'k PublicKey, Error> {
    let issuer = context
        .issuer
        .filter(|issuer| !issuer.is_deactivated() && *issuer.document.id() == method.did());
    let Some(issuer) = issuer else {
        return fault(RecordFault::IssuerUnknown);
    };
    let document = &issuer.document;
    let listed = document.is_listed(method, VerificationRelationship::AssertionMethod);
    let found = document
        .verification_method(method)
        .filter(|found| listed && found.controller() == document.id())
        .filter(|found| found.state_at(context.time) == KeyState::Active);
    match found {
        Some(found) => Ok(found.public_key().map_err(Clone::clone)?),
        None => fault(RecordFault::KeyNotInForce),
    }
}

fn ownership(record: Option<&Record>) -> Result<&Ownership, Error> {
    record
        .and_then(Record::ownership)
        .map_or_else(|| fault(RecordFault::NoAsset), Ok)
}

fn check_change(
    record: Option<&Record>,
    operation: &Operation,
    now: Timestamp,
) -> Result<(), Error> {
    let offered = record
        .and_then(Record::ownership)
        .and_then(|ownership| ownership.offered.as_ref());
    match &operation.change {
        RecordChange::Register { public, .. } => check_validity(public),
        RecordChange::Update(public) => {
            let versions = record.map(Record::versions).unwrap_or_default();
            let is_used = |version: &Version| version.public.commitment == public.commitment;
            if versions.iter().any(is_used) {
                return fault(RecordFault::CommitmentUsed);
            }
            check_validity(public)?;
            match versions.len() < MAX_VERSIONS {
                true => Ok(()),
                false => fault(RecordFault::TooManyVersions),
            }
        }
        RecordChange::Offer { to, until } => {
            // One that is over stands in nobody's way.
            if offered.is_some_and(|(_, until)| now < *until) {
                return fault(RecordFault::AlreadyOffered);
            }
            let is_owner = record
                .and_then(Record::ownership)
                .is_some_and(|ownership| ownership.owner == *to);
            match is_owner || *until <= now {
                true => fault(RecordFault::NoOffer),
                false => Ok(()),
            }
        }
        RecordChange::Withdraw if offered.is_none() => fault(RecordFault::NotOffered),
        RecordChange::Accept if offered.is_some_and(|(_, until)| now >= *until) => {
            fault(RecordFault::OfferOver)
        }
        RecordChange::Withdraw
        | RecordChange::Accept
        | RecordChange::Reject
        | RecordChange::Revoke(_)
        | RecordChange::Retire => Ok(()),
    }
}

fn check_validity(public: &PublicInformation) -> Result<(), Error> {
    match (public.from, public.until) {
        (Some(from), Some(until)) if until <= from => fault(RecordFault::Validity),
        _ => Ok(()),
    }
}

/// The record after an event. An event that does not follow on the record, which [`decide`] did not make for it, changes
/// nothing.
pub fn apply(record: &mut Option<Record>, event: &Event) {
    let operation = &event.entry.signed.operation;
    let time = event.entry.time;
    match (record, &operation.change, operation.place) {
        (
            record @ None,
            RecordChange::Register {
                record_type,
                public,
                owner,
            },
            None,
        ) => {
            let Party::Issuer(method) = &operation.by else {
                return;
            };
            *record = Some(Record {
                id: event.record,
                register: operation.register.clone(),
                issuer: method.did(),
                record_type: record_type.clone(),
                versions: alloc::vec![Version {
                    public: public.clone(),
                    sequence: 0,
                    registered: time,
                }],
                status: RecordStatus::Active,
                ownership: owner.clone().map(|owner| Ownership {
                    owner,
                    since: time,
                    offered: None,
                }),
                sequence: 0,
                head: event.hash,
                updated: time,
            });
        }
        // The same predecessor is the same record and the same place.
        (Some(record), change, Some(place))
            if record.id == event.record && record.head == place.previous =>
        {
            record.follow(change, place.sequence, time);
            record.head = event.hash;
        }
        _ => {}
    }
}

impl Record {
    fn follow(&mut self, change: &RecordChange, sequence: u32, time: Timestamp) {
        self.sequence = sequence;
        self.updated = time;
        match change {
            RecordChange::Register { .. } => {}
            RecordChange::Update(public) => self.versions.push(Version {
                public: public.clone(),
                sequence,
                registered: time,
            }),
            RecordChange::Revoke(reason) => {
                self.status = RecordStatus::Revoked {
                    reason: *reason,
                    at: time,
                };
            }
            RecordChange::Retire => {
                self.status = RecordStatus::Retired { at: time };
                self.ownership = None;
            }
            RecordChange::Offer { to, until } => {
                if let Some(ownership) = &mut self.ownership {
                    ownership.offered = Some((to.clone(), *until));
                }
            }
            RecordChange::Withdraw | RecordChange::Reject => {
                if let Some(ownership) = &mut self.ownership {
                    ownership.offered = None;
                }
            }
            RecordChange::Accept => {
                if let Some(ownership) = &mut self.ownership
                    && let Some((to, _)) = ownership.offered.take()
                {
                    ownership.owner = to;
                    ownership.since = time;
                }
            }
        }
    }
}
