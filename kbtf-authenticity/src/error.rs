use alloc::string::String;

/// What is wrong with a document, a proof, a register or what it is made of.
///
/// Every variant has a stable [code](Error::code).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An identifier, key, signer or provider failed.
    #[error(transparent)]
    Did(#[from] kbtf_did::Error),

    /// A tree, checkpoint or history failed.
    #[error(transparent)]
    History(#[from] kbtf_history::Error),

    /// A document that is no JSON on which all readers agree.
    #[error(transparent)]
    Json(#[from] kbtf_did::json::Error),

    /// Something has the wrong shape.
    #[error("{place}: expected {expected}")]
    Malformed {
        /// Where, such as `document.table`.
        place: &'static str,
        /// What was expected there.
        expected: &'static str,
    },

    /// A line of a table that is not as the others.
    #[error("line {line}: expected {expected}")]
    Table {
        /// Which line of the text; the first is 1.
        line: usize,
        /// What was expected there.
        expected: &'static str,
    },

    /// Text that is not XML as it is read here.
    #[error("line {line}: expected {expected}")]
    Xml {
        /// Which line of the text; the first is 1.
        line: usize,
        /// What was expected there.
        expected: &'static str,
    },

    /// A document that was issued but does not count, or cannot be said to.
    #[cfg(feature = "register")]
    #[error("{fault}")]
    Status {
        /// Why.
        fault: crate::StatusFault,
    },

    /// A code on paper that is refused, or a paper that cannot be looked up.
    #[cfg(feature = "register")]
    #[error("{fault}")]
    Paper {
        /// Why.
        fault: crate::paper::PaperFault,
    },

    /// An operation that does not follow on a record.
    #[cfg(feature = "register")]
    #[error("{fault}")]
    Record {
        /// Why.
        fault: crate::register::RecordFault,
    },

    /// More than there may be.
    #[error("{place}: expected at most {most}")]
    TooLarge {
        /// What, such as `leaves`.
        place: &'static str,
        /// How many or how long it may be.
        most: u64,
    },

    /// A document, or a part of one, that is not what was committed to.
    #[error("the document is not the one that was committed to")]
    OtherDocument,

    /// What is shown of a document contradicts itself: one place with two values, or an object that is an array too.
    #[error("what is shown contradicts itself at {place}")]
    Contradiction {
        /// Where, as a JSON Pointer; items without a place have `-`.
        place: String,
    },
}

impl Error {
    /// The stable code, such as `authenticity/other-document`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Did(error) => error.code(),
            Self::History(error) => error.code(),
            Self::Json(error) => error.code(),
            Self::Malformed { .. } => "authenticity/malformed",
            Self::Table { .. } => "authenticity/table",
            Self::Xml { .. } => "authenticity/xml",
            #[cfg(feature = "register")]
            Self::Paper { fault } => fault.code(),
            #[cfg(feature = "register")]
            Self::Status { fault } => fault.code(),
            #[cfg(feature = "register")]
            Self::Record { fault } => fault.code(),
            Self::TooLarge { .. } => "authenticity/too-large",
            Self::OtherDocument => "authenticity/other-document",
            Self::Contradiction { .. } => "authenticity/contradiction",
        }
    }
}

pub(crate) const fn malformed(place: &'static str, expected: &'static str) -> Error {
    Error::Malformed { place, expected }
}
