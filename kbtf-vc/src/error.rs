use alloc::string::String;

use kbtf_did::json;

/// What went wrong with a credential or presentation before, or apart from, its verification.
///
/// Every variant has a stable [code](Error::code); verification itself answers with a
/// [`Verdict`](crate::Verdict) instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not JSON that all readers understand alike.
    #[error(transparent)]
    Json(#[from] json::Error),

    /// An identifier, key or signer failed.
    #[error(transparent)]
    Did(#[from] kbtf_did::Error),

    /// A member is missing or has the wrong shape.
    #[error("{place}: expected {expected}")]
    Malformed {
        /// Where, such as `credentialSubject[0].id`.
        place: String,
        /// What was expected there.
        expected: &'static str,
    },

    /// The first context is neither that of VC 1.1 nor that of VC 2.0.
    #[error(
        "@context: expected https://www.w3.org/2018/credentials/v1 or https://www.w3.org/ns/credentials/v2 first"
    )]
    UnknownVersion,

    /// Members or contexts of VC 1.1 and VC 2.0 in one document.
    #[error("{place} does not belong to version {version} of the data model")]
    MixedVersions {
        /// Where.
        place: &'static str,
        /// The version that the first context names.
        version: &'static str,
    },

    /// The document already has a proof.
    #[error("proof: expected a document that is not signed yet")]
    AlreadySigned,

    /// The proof would not verify: its verification method does not belong to who the document says signs it.
    #[error("{place}: expected the DID of the verification method, {expected}")]
    NotTheSigner {
        /// `issuer` or `holder`.
        place: &'static str,
        /// The DID that the verification method belongs to.
        expected: String,
    },

    /// A DID document that is about another DID than the one it was fetched for.
    #[error("expected the DID document of {asked}, got that of {got}")]
    WrongDocument {
        /// The DID that was asked for.
        asked: String,
        /// The DID that the document is about.
        got: String,
    },

    /// Two different documents for one DID.
    #[error("two different DID documents of {did}")]
    ConflictingDocuments {
        /// The DID.
        did: String,
    },

    /// The signed document would be longer or deeper than any verifier of ours reads.
    #[error("the document is too long or nested too deeply to be verified")]
    TooLarge,

    /// A challenge or domain that binds a presentation to nobody.
    #[error("{member}: expected a non-empty text")]
    EmptyBinding {
        /// `challenge` or `domain`.
        member: &'static str,
    },
}

impl Error {
    /// The stable code, such as `vc/malformed`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
            Self::Did(error) => error.code(),
            Self::Malformed { .. } => "vc/malformed",
            Self::UnknownVersion => "vc/unknown-version",
            Self::MixedVersions { .. } => "vc/mixed-versions",
            Self::AlreadySigned => "vc/already-signed",
            Self::NotTheSigner { .. } => "vc/not-the-signer",
            Self::WrongDocument { .. } => "vc/wrong-document",
            Self::ConflictingDocuments { .. } => "vc/conflicting-documents",
            Self::TooLarge => "vc/too-large",
            Self::EmptyBinding { .. } => "vc/empty-binding",
        }
    }
}

pub(crate) fn malformed(place: &str, expected: &'static str) -> Error {
    // A place may hold the name of a member that a stranger chose.
    let place = place.chars().take(80);
    let place = place.map(|c| if c.is_control() { '\u{fffd}' } else { c });
    Error::Malformed {
        place: place.collect(),
        expected,
    }
}
