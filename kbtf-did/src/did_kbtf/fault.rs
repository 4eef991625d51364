use core::fmt;

/// Which rule an operation breaks, in the order of `docs/did-kbtf.md` section 4, which says when each applies. Each has a
/// code of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum OperationFault {
    /// Not the shape of an operation: a member missing, unknown, misshapen or too large.
    Malformed,
    /// An operation of another DID or of another ledger.
    Foreign,
    /// The DID has not been created: the operation is not the first.
    NotCreated,
    /// An operation that has already been applied.
    Replayed,
    /// Operations are missing before this one.
    Gap,
    /// The operation before this one comes only after it.
    Reordered,
    /// Its `previous` is not the hash of the operation before it.
    BrokenLink,
    /// Another operation in the place of one that has already been applied.
    Fork,
    /// The ledger's time of it is before that of the operation before it.
    TimeBackwards,
    /// The DID is deactivated.
    Deactivated,
    /// The DID has expired.
    Expired,
    /// There is no such delegation at this time.
    DelegationNotInForce,
    /// A delegate does what was not delegated.
    OutOfScope,
    /// A new controller whose hash was not committed to, or a lower threshold than was committed to.
    NotCommitted,
    /// Signed by a key that may not make this change.
    NotAuthorised,
    /// Fewer signatures than the threshold asks for.
    ThresholdNotMet,
    /// A signature does not verify.
    InvalidSignature,
    /// An id of which there is nothing, or nothing any more.
    UnknownId,
    /// A time that has passed already, or a period that ends before it begins.
    InvalidTime,
    /// A key that would both change the document and be in it, or be in it twice; a commitment to a key that is in use.
    KeyReused,
    /// An id that is or was that of something else.
    IdReused,
    /// More keys, services, names or delegations than an identity may have.
    TooMany,
}

impl OperationFault {
    /// All faults, in the order of this enumeration.
    pub const ALL: &'static [Self] = &[
        Self::Malformed,
        Self::Foreign,
        Self::NotCreated,
        Self::Replayed,
        Self::Gap,
        Self::Reordered,
        Self::BrokenLink,
        Self::Fork,
        Self::TimeBackwards,
        Self::Deactivated,
        Self::Expired,
        Self::DelegationNotInForce,
        Self::OutOfScope,
        Self::NotCommitted,
        Self::NotAuthorised,
        Self::ThresholdNotMet,
        Self::InvalidSignature,
        Self::UnknownId,
        Self::InvalidTime,
        Self::KeyReused,
        Self::IdReused,
        Self::TooMany,
    ];

    /// The stable code, such as `did/operation-fork`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "did/operation-malformed",
            Self::Foreign => "did/operation-foreign",
            Self::NotCreated => "did/operation-not-created",
            Self::Replayed => "did/operation-replayed",
            Self::Fork => "did/operation-fork",
            Self::Gap => "did/operation-gap",
            Self::Reordered => "did/operation-reordered",
            Self::BrokenLink => "did/operation-broken-link",
            Self::TimeBackwards => "did/operation-time-backwards",
            Self::Deactivated => "did/operation-deactivated",
            Self::Expired => "did/operation-expired",
            Self::NotAuthorised => "did/operation-not-authorised",
            Self::InvalidSignature => "did/operation-invalid-signature",
            Self::ThresholdNotMet => "did/operation-threshold-not-met",
            Self::NotCommitted => "did/operation-not-committed",
            Self::KeyReused => "did/operation-key-reused",
            Self::IdReused => "did/operation-id-reused",
            Self::UnknownId => "did/operation-unknown-id",
            Self::OutOfScope => "did/operation-out-of-scope",
            Self::DelegationNotInForce => "did/operation-delegation-not-in-force",
            Self::InvalidTime => "did/operation-invalid-time",
            Self::TooMany => "did/operation-too-many",
        }
    }
}

impl fmt::Display for OperationFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "not the shape of an operation",
            Self::Foreign => "of another DID or ledger",
            Self::NotCreated => "the DID has not been created",
            Self::Replayed => "has been applied already",
            Self::Fork => "another operation stands in its place",
            Self::Gap => "operations are missing before it",
            Self::Reordered => "the operation before it comes only after it",
            Self::BrokenLink => "does not hold the hash of the operation before it",
            Self::TimeBackwards => "the ledger's time runs backwards",
            Self::Deactivated => "the DID is deactivated",
            Self::Expired => "the DID has expired",
            Self::NotAuthorised => "signed by a key that may not make this change",
            Self::InvalidSignature => "a signature does not verify",
            Self::ThresholdNotMet => "fewer signatures than the threshold asks for",
            Self::NotCommitted => "a controller or threshold that was not committed to",
            Self::KeyReused => "a key has one use only",
            Self::IdReused => "an id stands for one thing for ever",
            Self::UnknownId => "there is nothing of this id",
            Self::OutOfScope => "the delegate may not make this change",
            Self::DelegationNotInForce => "the delegation is not in force",
            Self::InvalidTime => "a time that does not fit",
            Self::TooMany => "more than an identity may have",
        })
    }
}
