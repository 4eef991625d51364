use alloc::string::String;

use kbtf_did::json;

use crate::verdict::short;

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

    /// A token that is no JWS or SD-JWT in compact form, or whose header or claims have the wrong shape.
    #[error("{place}: expected {expected}")]
    Token {
        /// Where, such as `header.alg` or `exp`.
        place: &'static str,
        /// What was expected there.
        expected: &'static str,
    },

    /// A token made for another use.
    #[error("typ: expected {expected}, got {got:?}")]
    WrongTokenType {
        /// What was expected.
        expected: &'static str,
        /// What the token says it is, cut short.
        got: Option<String>,
    },

    /// A token whose header names extensions that must be understood.
    #[error("header.crit: expected no such member, got {names}")]
    CriticalHeader {
        /// Its value, cut short.
        names: String,
    },

    /// A claim of a token and a member of the document inside that say different things.
    #[error("{claim}: expected the same as {member}")]
    ClaimsDisagree {
        /// The claim.
        claim: &'static str,
        /// The member.
        member: &'static str,
    },

    /// Something about disclosures (RFC 9901).
    #[error(transparent)]
    Disclosure(#[from] DisclosureError),

    /// What a document says as RDF cannot be signed (feature `rdfc`).
    #[error(transparent)]
    Rdf(#[from] RdfError),

    /// A status list, an index into one, or a value that it cannot hold.
    #[error("{place}: expected {expected}")]
    Status {
        /// Where, such as `encodedList`.
        place: &'static str,
        /// What was expected there.
        expected: &'static str,
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

    /// A context document that does not have the hash it should have.
    #[error("{url}: expected the bytes of the published hash")]
    WrongContext {
        /// The URL of the context.
        url: String,
    },

    /// A JSON Schema that cannot be used.
    #[error("schema {place}: expected {expected}")]
    Schema {
        /// Where.
        place: String,
        /// What was expected there.
        expected: &'static str,
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
            Self::Token { .. } => "vc/malformed-token",
            Self::WrongTokenType { .. } => "vc/wrong-token-type",
            Self::CriticalHeader { .. } => "vc/critical-header",
            Self::ClaimsDisagree { .. } => "vc/claims-disagree",
            Self::Disclosure(error) => error.code(),
            Self::Rdf(error) => error.code(),
            Self::Status { .. } => "vc/malformed-status",
            Self::AlreadySigned => "vc/already-signed",
            Self::NotTheSigner { .. } => "vc/not-the-signer",
            Self::WrongDocument { .. } => "vc/wrong-document",
            Self::WrongContext { .. } => "vc/wrong-context",
            Self::Schema { .. } => "vc/unusable-schema",
            Self::ConflictingDocuments { .. } => "vc/conflicting-documents",
            Self::TooLarge => "vc/too-large",
            Self::EmptyBinding { .. } => "vc/empty-binding",
        }
    }
}

/// What is wrong with the disclosures of an SD-JWT (RFC 9901 section 7.1).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DisclosureError {
    /// A disclosure, `_sd` or `...` without the form that it must have.
    #[error("{place}: expected {expected}")]
    Malformed {
        /// Where.
        place: String,
        /// What was expected there.
        expected: &'static str,
    },
    /// A disclosure whose digest stands nowhere.
    #[error("disclosure {number}: no digest in the token refers to it")]
    Unknown {
        /// Which, counted from 0.
        number: usize,
    },
    /// A digest that stands in two places, or a disclosure that was sent twice.
    #[error("{digest}: a digest that occurs twice")]
    Repeated {
        /// The digest.
        digest: String,
    },
    /// A disclosed claim whose name is reserved, must not be hidden, or is there already.
    #[error("{name:?}: a name that is reserved, must be shown, or is there already")]
    NameTaken {
        /// The name, cut short.
        name: String,
    },
    /// A hash algorithm that is not supported.
    #[error("_sd_alg: expected sha-256, sha-384 or sha-512, got {got:?}")]
    UnsupportedHash {
        /// Its name, cut short.
        got: String,
    },
}

impl DisclosureError {
    /// The stable code, such as `vc/unknown-disclosure`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "vc/malformed-disclosure",
            Self::Unknown { .. } => "vc/unknown-disclosure",
            Self::Repeated { .. } => "vc/repeated-digest",
            Self::NameTaken { .. } => "vc/claim-name-taken",
            Self::UnsupportedHash { .. } => "vc/unsupported-hash",
        }
    }
}

/// Why a document cannot be signed, or verified, by what it says as RDF (cryptosuites `eddsa-rdfc-2022` and
/// `ecdsa-rdfc-2019`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RdfError {
    /// A context whose bytes are not at hand.
    #[error("@context: expected one whose bytes are at hand, got {url}")]
    UnknownContext {
        /// Its URL.
        url: String,
    },
    /// Contexts that are known one by one, in a list that is not accepted.
    #[error("@context: expected a list of contexts that is accepted, got {list}")]
    UnknownContextList {
        /// The list, cut short.
        list: String,
    },
    /// A context that is not one, or uses what this crate does not follow.
    #[error("context {place}: {problem}")]
    UnusableContext {
        /// Its URL, or the term or keyword in it, cut short.
        place: String,
        /// What is wrong with that.
        problem: &'static str,
    },
    /// A member that makes no statement, and so would be under no signature.
    #[error("{place}: {expected}")]
    NotCovered {
        /// Where, such as `credentialSubject.nickname`.
        place: String,
        /// What was expected there.
        expected: &'static str,
    },
    /// A member that is written otherwise than the contexts write it: whoever reads it by its name would not find what was
    /// signed.
    #[error("{place}: {expected}")]
    NotCompacted {
        /// Where.
        place: String,
        /// What was expected there.
        expected: &'static str,
    },
    /// Nodes that cannot be told apart in reasonable time, or more contexts than are worked out for one document.
    #[error("the document's statements are too complex to be put in order")]
    TooComplex,
}

impl RdfError {
    /// The stable code, such as `vc/not-covered`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownContext { .. } => "vc/unknown-context",
            Self::UnknownContextList { .. } => "vc/unknown-context-list",
            Self::UnusableContext { .. } => "vc/unusable-context",
            Self::NotCovered { .. } => "vc/not-covered",
            Self::NotCompacted { .. } => "vc/not-compacted",
            Self::TooComplex => "vc/graph-too-complex",
        }
    }
}

pub(crate) const fn token(place: &'static str, expected: &'static str) -> Error {
    Error::Token { place, expected }
}

pub(crate) fn wrong_type(expected: &'static str, got: Option<&str>) -> Error {
    Error::WrongTokenType {
        expected,
        got: got.map(|got| short(got).into()),
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
