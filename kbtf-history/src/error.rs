/// What is wrong with a history, a proof or what it is made of.
///
/// Every variant has a stable [code](Error::code).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An identifier, key, signer or provider failed.
    #[error(transparent)]
    Did(#[from] kbtf_did::Error),

    /// Something has the wrong shape.
    #[error("{place}: expected {expected}")]
    Malformed {
        /// Where, such as `checkpoint.size`.
        place: &'static str,
        /// What was expected there.
        expected: &'static str,
    },

    /// A position that the tree does not have.
    #[error("{place}: expected less than {bound}, got {got}")]
    OutOfRange {
        /// What it is, such as `index`.
        place: &'static str,
        /// What it must be below.
        bound: u64,
        /// What came.
        got: u64,
    },

    /// A proof with more or fewer hashes than one for these positions has.
    #[error("proof: expected {expected} hashes, got {got}")]
    ProofLength {
        /// How many there must be.
        expected: usize,
        /// How many came.
        got: usize,
    },

    /// A proof that leads to another root: the entry is not there, or the tree is not the one that was signed.
    #[error("{place}: the proof leads to another root")]
    RootMismatch {
        /// Which root: `root`, `old root` or `new root`.
        place: &'static str,
    },

    /// A part of the tree that is needed and not at hand.
    #[error("the node {index} of level {level} is not at hand")]
    MissingNode {
        /// Its level; 0 are the entries.
        level: u8,
        /// Its place in the level.
        index: u64,
    },

    /// No signature of a key that is trusted.
    #[error("expected a signature of {expected}")]
    Unsigned {
        /// Whose.
        expected: &'static str,
    },

    /// A signature that a trusted key is said to have made and has not.
    #[error("the signature of {name} does not verify")]
    FalseSignature {
        /// The name of the key, cut short.
        name: alloc::string::String,
    },

    /// Fewer witnesses than the policy asks for.
    #[error("the quorum of witnesses is not reached")]
    NoQuorum,

    /// A witness was asked to follow a tree that does not continue the one it has cosigned.
    #[error(transparent)]
    Witness(#[from] crate::WitnessRefusal),

    /// Who is said to be responsible for an entry is not who it names.
    #[error("the entry names somebody else than this key")]
    WrongActor,

    /// A key that was expired or revoked at the time.
    #[error("the key was not in force at the time")]
    KeyNotInForce,

    /// A history that is not all there is of an object, or more.
    #[error("the history ends with number {got:?}, expected {expected:?}")]
    Incomplete {
        /// The number of the last entry, if there is any.
        expected: Option<u32>,
        /// That of the last one shown.
        got: Option<u32>,
    },

    /// A checkpoint of another log than the one that was asked about.
    #[error("the checkpoint is of another log")]
    OtherLog,

    /// A history that is longer than one proof can be.
    #[error("a history has at most {entries} entries and {bytes} bytes")]
    TooLong {
        /// The most entries.
        entries: usize,
        /// The most bytes of them all.
        bytes: usize,
    },

    /// A log whose last entry does not say where all histories stand.
    #[error("the log is not sealed, or the checkpoint is of another state")]
    NotSealed,

    /// An entry behind the last checkpoint that nobody here has written.
    #[error("nobody vouches for the entry {index}, which no checkpoint covers")]
    Unvouched {
        /// Its place.
        index: u64,
    },

    /// A sealed value that does not open: of another person, for another place, by another cipher, or changed.
    #[cfg(feature = "sealed")]
    #[error("what is sealed does not open with this key, at this place")]
    Sealed,

    /// What keeps the log.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),

    /// A time-stamp token.
    #[cfg(feature = "time-stamp")]
    #[error(transparent)]
    TimeStamp(#[from] crate::time_stamp::TimeStampFault),

    /// An entry that does not follow on the history of its object.
    #[error(transparent)]
    Fault(#[from] crate::HistoryFault),
}

impl Error {
    /// The stable code, such as `history/root-mismatch`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Did(error) => error.code(),
            Self::Malformed { .. } => "history/malformed",
            Self::OutOfRange { .. } => "history/out-of-range",
            Self::ProofLength { .. } => "history/proof-length",
            Self::RootMismatch { .. } => "history/root-mismatch",
            Self::MissingNode { .. } => "history/missing-node",
            Self::Unsigned { .. } => "history/unsigned",
            Self::FalseSignature { .. } => "history/false-signature",
            Self::NoQuorum => "history/no-quorum",
            Self::Witness(refusal) => refusal.code(),
            Self::WrongActor => "history/wrong-actor",
            Self::KeyNotInForce => "history/key-not-in-force",
            Self::Incomplete { .. } => "history/incomplete",
            Self::OtherLog => "history/other-log",
            Self::TooLong { .. } => "history/too-long",
            Self::NotSealed => "history/not-sealed",
            Self::Unvouched { .. } => "history/unvouched",
            #[cfg(feature = "sealed")]
            Self::Sealed => "history/sealed",
            Self::Store(error) => error.code(),
            #[cfg(feature = "time-stamp")]
            Self::TimeStamp(fault) => fault.code(),
            Self::Fault(fault) => fault.code(),
        }
    }
}

pub(crate) const fn malformed(place: &'static str, expected: &'static str) -> Error {
    Error::Malformed { place, expected }
}
