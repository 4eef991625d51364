/// Why an operation does not follow on a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum RecordFault {
    /// It is for another register.
    #[error("the operation is for another register")]
    OtherRegister,
    /// It is for another record.
    #[error("the operation is for another record")]
    OtherRecord,
    /// A record begins with a registration, number 0, that follows on nothing.
    #[error("there is no such record")]
    NotRegistered,
    /// A record is registered once.
    #[error("the record is there already")]
    AlreadyThere,
    /// A number was left out or comes twice.
    #[error("the number is not the next")]
    NotNext,
    /// It follows on another entry than the last one.
    #[error("the operation follows on another entry than the last one")]
    Fork,
    /// A ledger's time does not go backwards.
    #[error("the time is before that of the entry before")]
    TimeBackwards,
    /// A record that is revoked or retired changes no more.
    #[error("the record is revoked or retired")]
    Ended,
    /// Only the issuer registers, updates and revokes.
    #[error("this is for the issuer of the record")]
    NotTheIssuer,
    /// The DID of the issuer does not lead to a document now, or is deactivated.
    #[error("the DID of the issuer does not resolve, or is deactivated")]
    IssuerUnknown,
    /// The document of the issuer does not list the key for this, or it is revoked or expired.
    #[error("the key is not one by which the issuer makes statements now")]
    KeyNotInForce,
    /// The record has no owner to do this: it is no asset.
    #[error("the record is no asset")]
    NoAsset,
    /// Only the owner offers, withdraws and retires.
    #[error("this is for the owner of the asset")]
    NotTheOwner,
    /// Only the one to whom it is offered accepts or rejects.
    #[error("the asset is not offered to this key")]
    NotOffered,
    /// It is offered already: that offer is withdrawn or rejected first.
    #[error("the asset is offered already")]
    AlreadyOffered,
    /// The offer is over.
    #[error("the offer is over")]
    OfferOver,
    /// To the owner himself, or until a time that is past.
    #[error("an offer is to another, until a later time")]
    NoOffer,
    /// A commitment that stands in this record already: an old version put back.
    #[error("a commitment is used once")]
    CommitmentUsed,
    /// Its end is not after its beginning.
    #[error("a validity ends after it begins")]
    Validity,
    /// More versions than a record may have.
    #[error("a record has at most 4096 versions")]
    TooManyVersions,
    /// The signature is not that of the key over the operation, or in a second form.
    #[error("the signature is false")]
    FalseSignature,
}

impl RecordFault {
    /// All of them, in the order in which they are found.
    pub const ALL: [Self; 21] = [
        Self::OtherRegister,
        Self::OtherRecord,
        Self::NotRegistered,
        Self::AlreadyThere,
        Self::NotNext,
        Self::Fork,
        Self::TimeBackwards,
        Self::Ended,
        Self::NotTheIssuer,
        Self::IssuerUnknown,
        Self::KeyNotInForce,
        Self::NoAsset,
        Self::NotTheOwner,
        Self::NotOffered,
        Self::AlreadyOffered,
        Self::OfferOver,
        Self::NoOffer,
        Self::CommitmentUsed,
        Self::Validity,
        Self::TooManyVersions,
        Self::FalseSignature,
    ];

    /// The stable code, such as `authenticity/record-fork`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OtherRegister => "authenticity/record-other-register",
            Self::OtherRecord => "authenticity/record-other",
            Self::NotRegistered => "authenticity/record-not-registered",
            Self::AlreadyThere => "authenticity/record-already-there",
            Self::NotNext => "authenticity/record-not-next",
            Self::Fork => "authenticity/record-fork",
            Self::TimeBackwards => "authenticity/record-time-backwards",
            Self::Ended => "authenticity/record-ended",
            Self::NotTheIssuer => "authenticity/record-not-the-issuer",
            Self::IssuerUnknown => "authenticity/record-issuer-unknown",
            Self::KeyNotInForce => "authenticity/record-key-not-in-force",
            Self::NoAsset => "authenticity/record-no-asset",
            Self::NotTheOwner => "authenticity/record-not-the-owner",
            Self::NotOffered => "authenticity/record-not-offered",
            Self::AlreadyOffered => "authenticity/record-already-offered",
            Self::OfferOver => "authenticity/record-offer-over",
            Self::NoOffer => "authenticity/record-no-offer",
            Self::CommitmentUsed => "authenticity/record-commitment-used",
            Self::Validity => "authenticity/record-validity",
            Self::TooManyVersions => "authenticity/record-too-many-versions",
            Self::FalseSignature => "authenticity/record-false-signature",
        }
    }
}
