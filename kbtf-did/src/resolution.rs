//! What resolving a DID gives (DID Resolution 1.0 section 4, DID Core 1.0 section 7.1).

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};
use core::fmt;

use crate::{
    Did, DidDocument, Error, Representation, Timestamp, did_jwk,
    did_key::{self, KeyFormat},
    json::{Object, Value},
    timestamp::excerpt,
};

/// A DID document and what resolution says of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ResolvedDocument {
    /// The document.
    pub document: DidDocument,
    /// What is said of it.
    pub metadata: DocumentMetadata,
}

impl ResolvedDocument {
    /// A document of an active DID, of which nothing more is known.
    #[must_use]
    pub fn active(document: DidDocument) -> Self {
        Self {
            document,
            metadata: DocumentMetadata::default(),
        }
    }

    /// The last document of a deactivated DID, of which nothing more is known.
    #[must_use]
    pub fn deactivated(document: DidDocument) -> Self {
        Self {
            document,
            metadata: DocumentMetadata {
                deactivated: true,
                ..DocumentMetadata::default()
            },
        }
    }

    /// A document with what is said of it.
    #[must_use]
    pub const fn new(document: DidDocument, metadata: DocumentMetadata) -> Self {
        Self { document, metadata }
    }

    /// Whether the DID has been deactivated: its keys speak for nobody any more.
    #[must_use]
    pub const fn is_deactivated(&self) -> bool {
        self.metadata.deactivated
    }
}

/// DID document metadata (DID Resolution 1.0 section 4.3).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DocumentMetadata {
    /// When the DID was created.
    pub created: Option<Timestamp>,
    /// When the version that was resolved came to be, if it is not the first.
    pub updated: Option<Timestamp>,
    /// Whether the DID has been deactivated.
    pub deactivated: bool,
    /// The version that was resolved.
    pub version_id: Option<String>,
    /// When the version after this one came to be, if there is one.
    pub next_update: Option<Timestamp>,
    /// The version after this one, if there is one.
    pub next_version_id: Option<String>,
    /// The DID that its method prefers for the same subject.
    pub canonical_id: Option<Did>,
    /// DIDs that its method knows to be the same.
    pub equivalent_id: Vec<Did>,
    /// From when on no key of the DID counts any more (an extension, DID-10). Each method of the document says so too.
    pub expires: Option<Timestamp>,
}

impl DocumentMetadata {
    /// The metadata as JSON: whole seconds in UTC, as DID Core section 7.1.3 asks.
    #[must_use]
    pub fn to_object(&self) -> Object<'static> {
        let mut object = Object::new();
        for (name, time) in [
            ("created", self.created),
            ("updated", self.updated),
            ("nextUpdate", self.next_update),
            ("expires", self.expires),
        ] {
            if let Some(time) = time.and_then(|t| Timestamp::from_unix(t.unix())) {
                object.insert(name, time.to_string());
            }
        }
        if self.deactivated {
            object.insert("deactivated", true);
        }
        for (name, text) in [
            ("versionId", &self.version_id),
            ("nextVersionId", &self.next_version_id),
        ] {
            if let Some(text) = text {
                object.insert(name, text.clone());
            }
        }
        if let Some(canonical) = &self.canonical_id {
            object.insert("canonicalId", canonical.to_string());
        }
        if !self.equivalent_id.is_empty() {
            let ids: Vec<String> = self.equivalent_id.iter().map(Did::to_string).collect();
            object.insert("equivalentId", ids);
        }
        object
    }

    /// Reads metadata that another resolver wrote. Members that are not known are left out; one that is known and
    /// misshapen is an error.
    ///
    /// # Errors
    /// `did/invalid-document` with the member.
    pub fn from_object(object: &Object<'_>) -> Result<Self, Error> {
        let wrong = |member: &str, expected| {
            crate::document::invalid(&format!("didDocumentMetadata.{member}"), expected)
        };
        let time = |member| match object.get(member) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value
                .as_str()
                .and_then(|text| text.parse().ok())
                .map(Some)
                .ok_or_else(|| wrong(member, "a date and time with zone")),
        };
        let text = |member| match object.get(member) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone().into_owned())),
            Some(_) => Err(wrong(member, "a string")),
        };
        let did = |member, value: &Value<'_>| {
            value
                .as_str()
                .and_then(|text| Did::parse(text).ok())
                .ok_or_else(|| wrong(member, "a DID"))
        };
        let canonical_id = object.get("canonicalId");
        let equivalent_id = object.get("equivalentId").map(Value::as_set);
        Ok(Self {
            created: time("created")?,
            updated: time("updated")?,
            deactivated: match object.get("deactivated") {
                None | Some(Value::Null) => false,
                Some(value) => value
                    .as_bool()
                    .ok_or_else(|| wrong("deactivated", "a boolean"))?,
            },
            version_id: text("versionId")?,
            next_update: time("nextUpdate")?,
            next_version_id: text("nextVersionId")?,
            canonical_id: canonical_id.map(|id| did("canonicalId", id)).transpose()?,
            equivalent_id: equivalent_id
                .unwrap_or_default()
                .iter()
                .map(|id| did("equivalentId", id))
                .collect::<Result<_, _>>()?,
            expires: time("expires")?,
        })
    }
}

/// Which document is asked for (DID Resolution 1.0 section 4.1).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ResolutionOptions {
    /// The version of this id.
    pub version_id: Option<String>,
    /// The version that was in force at this time.
    pub version_time: Option<Timestamp>,
}

impl ResolutionOptions {
    /// Asks for the version of an id.
    #[must_use]
    pub fn version_id(mut self, version_id: &str) -> Self {
        self.version_id = Some(version_id.to_owned());
        self
    }

    /// Asks for the version that was in force at a time.
    #[must_use]
    pub const fn version_time(mut self, version_time: Timestamp) -> Self {
        self.version_time = Some(version_time);
        self
    }

    /// Whether the options contradict each other.
    ///
    /// # Errors
    /// `INVALID_OPTIONS` if a version is asked for by id and by time (DID Resolution 1.0 section 13.4).
    pub fn check(&self) -> Result<(), ResolutionError> {
        if self.version_id.is_some() && self.version_time.is_some() {
            return Err(ResolutionError::new(
                Problem::InvalidOptions,
                "versionId and versionTime exclude each other",
            ));
        }
        Ok(())
    }

    /// Whether a method without versions can answer them.
    ///
    /// # Errors
    /// Those of [`ResolutionOptions::check`]; `FEATURE_NOT_SUPPORTED` if a version is asked for.
    pub fn check_unversioned(&self, did: &Did) -> Result<(), ResolutionError> {
        self.check()?;
        if self.version_id.is_some() || self.version_time.is_some() {
            return Err(ResolutionError::new(
                Problem::FeatureNotSupported,
                &format!("did:{} has no versions", did.method()),
            ));
        }
        Ok(())
    }
}

/// Why resolution or dereferencing failed (DID Resolution 1.0 section 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// No DID.
    InvalidDid,
    /// No DID URL, or one that asks for the impossible.
    InvalidDidUrl,
    /// Options that contradict each other or are misshapen.
    InvalidOptions,
    /// There is no such DID, version or resource.
    NotFound,
    /// Not in this representation.
    RepresentationNotSupported,
    /// What was found is not a valid DID document, or its history does not hold.
    InvalidDidDocument,
    /// Nobody here resolves this method.
    MethodNotSupported,
    /// Something that is asked for is not done here.
    FeatureNotSupported,
    /// Something broke on the way.
    InternalError,
    /// What the fragment names is no verification method (Controlled Identifiers 1.0 section 3.3).
    InvalidVerificationMethod,
    /// The verification method is not listed for the purpose (Controlled Identifiers 1.0 section 3.3).
    InvalidRelationshipForVerificationMethod,
}

impl Problem {
    /// The error as a URL, the form of DID Resolution 1.0.
    #[must_use]
    pub const fn url(self) -> &'static str {
        match self {
            Self::InvalidDid => "https://www.w3.org/ns/did#INVALID_DID",
            Self::InvalidDidUrl => "https://www.w3.org/ns/did#INVALID_DID_URL",
            Self::InvalidOptions => "https://www.w3.org/ns/did#INVALID_OPTIONS",
            Self::NotFound => "https://www.w3.org/ns/did#NOT_FOUND",
            Self::RepresentationNotSupported => {
                "https://www.w3.org/ns/did#REPRESENTATION_NOT_SUPPORTED"
            }
            Self::InvalidDidDocument => "https://www.w3.org/ns/did#INVALID_DID_DOCUMENT",
            Self::MethodNotSupported => "https://www.w3.org/ns/did#METHOD_NOT_SUPPORTED",
            Self::FeatureNotSupported => "https://www.w3.org/ns/did#FEATURE_NOT_SUPPORTED",
            Self::InternalError => "https://www.w3.org/ns/did#INTERNAL_ERROR",
            Self::InvalidVerificationMethod => {
                "https://w3id.org/security#INVALID_VERIFICATION_METHOD"
            }
            Self::InvalidRelationshipForVerificationMethod => {
                "https://w3id.org/security#INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD"
            }
        }
    }

    /// The error as a word, the form of DID Core 1.0 section 7.1.2 and of the registry beside it.
    #[must_use]
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::InvalidDid => "invalidDid",
            Self::InvalidDidUrl => "invalidDidUrl",
            Self::InvalidOptions => "invalidOptions",
            Self::NotFound => "notFound",
            Self::RepresentationNotSupported => "representationNotSupported",
            Self::InvalidDidDocument => "invalidDidDocument",
            Self::MethodNotSupported => "methodNotSupported",
            Self::FeatureNotSupported => "featureNotSupported",
            Self::InternalError => "internalError",
            Self::InvalidVerificationMethod => "invalidVerificationMethod",
            Self::InvalidRelationshipForVerificationMethod => {
                "invalidRelationshipForVerificationMethod"
            }
        }
    }

    /// The status that an HTTP binding answers with (DID Resolution 1.0 section 12.1).
    #[must_use]
    pub const fn http_status(self) -> u16 {
        match self {
            Self::InvalidDid | Self::InvalidDidUrl | Self::InvalidOptions => 400,
            Self::NotFound => 404,
            Self::RepresentationNotSupported => 406,
            Self::MethodNotSupported | Self::FeatureNotSupported => 501,
            Self::InvalidDidDocument
            | Self::InternalError
            | Self::InvalidVerificationMethod
            | Self::InvalidRelationshipForVerificationMethod => 500,
        }
    }

    /// The problem of a URL or a word, as other resolvers write them.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::InvalidDid,
            Self::InvalidDidUrl,
            Self::InvalidOptions,
            Self::NotFound,
            Self::RepresentationNotSupported,
            Self::InvalidDidDocument,
            Self::MethodNotSupported,
            Self::FeatureNotSupported,
            Self::InternalError,
            Self::InvalidVerificationMethod,
            Self::InvalidRelationshipForVerificationMethod,
        ]
        .into_iter()
        .find(|problem| problem.url() == name || problem.keyword() == name)
    }
}

/// Why there is no document: the standard's problem, this crate's code, and what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolutionError {
    problem: Problem,
    code: &'static str,
    detail: String,
}

impl ResolutionError {
    /// A problem and what happened, without secrets and personal data.
    #[must_use]
    pub fn new(problem: Problem, detail: &str) -> Self {
        Self {
            problem,
            code: "did/resolution",
            detail: detail.chars().take(512).collect(),
        }
    }

    /// The same with a code of one's own, such as `mychain/offline`.
    #[must_use]
    pub const fn with_code(mut self, code: &'static str) -> Self {
        self.code = code;
        self
    }

    /// There is no such DID.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(Problem::NotFound, &format!("there is no {}", excerpt(what)))
    }

    /// The standard's problem.
    #[must_use]
    pub const fn problem(&self) -> Problem {
        self.problem
    }

    /// The code of the [`Error`] behind it, such as `did/invalid-key`; `did/resolution` if there is none.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// What happened.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The problem details (RFC 9457) that stand under `error` in resolution metadata.
    #[must_use]
    pub fn to_object(&self) -> Object<'static> {
        let mut object = Object::new();
        object.insert("type", self.problem.url());
        object.insert("title", self.problem.keyword());
        object.insert("detail", self.detail.clone());
        object.insert("code", self.code);
        object
    }
}

impl fmt::Display for ResolutionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.problem.keyword(), self.detail)
    }
}

impl core::error::Error for ResolutionError {}

impl From<Error> for ResolutionError {
    fn from(error: Error) -> Self {
        let problem = match &error {
            Error::InvalidDid { .. } | Error::InvalidDidWeb { .. } | Error::InvalidDidJwk => {
                Problem::InvalidDid
            }
            Error::MethodNotSupported { .. } => Problem::MethodNotSupported,
            Error::InvalidDidUrl { .. } => Problem::InvalidDidUrl,
            Error::Provider { .. } | Error::Randomness | Error::Ledger { .. } => {
                Problem::InternalError
            }
            // A document, a key in it, or an entry of its ledger.
            _ => Problem::InvalidDidDocument,
        };
        Self {
            problem,
            code: error.code(),
            detail: error.to_string().chars().take(512).collect(),
        }
    }
}

/// What a resolver gives.
pub type Resolution = Result<ResolvedDocument, ResolutionError>;

/// The result of a resolution as DID Resolution 1.0 section 10 writes it: `didDocument`, `didDocumentMetadata` and
/// `didResolutionMetadata`. A deactivated DID has no document there.
#[must_use]
pub fn to_object(resolution: &Resolution, representation: Representation) -> Object<'static> {
    let (mut metadata, mut object) = (Object::new(), Object::new());
    let (document, document_metadata) = match resolution {
        Ok(resolved) => {
            metadata.insert("contentType", representation.media_type());
            let document = match resolved.is_deactivated() {
                true => Value::Null,
                false => Value::Object(resolved.document.to_object(representation)),
            };
            (document, resolved.metadata.to_object())
        }
        Err(error) => {
            metadata.insert("error", error.to_object());
            (Value::Null, Object::new())
        }
    };
    object.insert("didDocument", document);
    object.insert("didResolutionMetadata", metadata);
    object.insert("didDocumentMetadata", document_metadata);
    object
}

/// The status with which an HTTP binding answers a resolution (DID Resolution 1.0 section 12.1): 200, 410 for a DID that
/// is deactivated, or that of the problem.
#[must_use]
pub fn http_status(resolution: &Resolution) -> u16 {
    match resolution {
        Ok(resolved) if resolved.is_deactivated() => 410,
        Ok(_) => 200,
        Err(error) => error.problem().http_status(),
    }
}

/// Resolves DIDs (Resolver; DID-11, DID-13). Whoever waits for nothing returns at once.
///
/// ```
/// # use std::{future::Future, pin::pin, task::{Context, Poll, Waker}};
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
/// #         Poll::Ready(value) => value,
/// #         Poll::Pending => unreachable!("nothing here waits"),
/// #     }
/// # }
/// use kbtf_did::{Did, KeyMethods, ResolutionOptions, Resolver};
///
/// let did = Did::parse("did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2")?;
/// let resolved = block_on(KeyMethods.resolve(&did, &ResolutionOptions::default())).unwrap();
/// assert_eq!(resolved.document.id(), &did);
/// # Ok::<(), kbtf_did::Error>(())
/// ```
pub trait Resolver: Send + Sync {
    /// Resolves a DID to its document in the version that the options ask for.
    ///
    /// # Errors
    /// Why there is none. A deactivated DID is no error: the metadata says so.
    fn resolve(
        &self,
        did: &Did,
        options: &ResolutionOptions,
    ) -> impl Future<Output = Resolution> + Send;
}

/// The methods whose identifiers hold their key, `did:key` and `did:jwk`: resolved without asking anybody.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyMethods;

impl KeyMethods {
    /// Resolves a `did:key` or `did:jwk` at once.
    ///
    /// # Errors
    /// `METHOD_NOT_SUPPORTED`, `INVALID_DID`, `FEATURE_NOT_SUPPORTED` for a version, `INVALID_OPTIONS`.
    pub fn resolve_now(self, did: &Did, options: &ResolutionOptions) -> Resolution {
        if did.method() != "jwk" && did.method() != "key" {
            return Err(Error::MethodNotSupported {
                method: excerpt(did.method()),
            }
            .into());
        }
        options.check_unversioned(did)?;
        let document = match did.method() {
            "jwk" => did_jwk::resolve(did),
            _ => did_key::resolve(did, KeyFormat::Multikey),
        };
        // Whatever is wrong with the key is wrong with the identifier that holds it.
        let document = document.map_err(|error| ResolutionError {
            problem: Problem::InvalidDid,
            ..error.into()
        })?;
        Ok(ResolvedDocument::active(document))
    }
}

impl Resolver for KeyMethods {
    async fn resolve(&self, did: &Did, options: &ResolutionOptions) -> Resolution {
        self.resolve_now(did, options)
    }
}

impl<R: Resolver + ?Sized> Resolver for &R {
    async fn resolve(&self, did: &Did, options: &ResolutionOptions) -> Resolution {
        (**self).resolve(did, options).await
    }
}

impl<R: Resolver + ?Sized> Resolver for Arc<R> {
    async fn resolve(&self, did: &Did, options: &ResolutionOptions) -> Resolution {
        (**self).resolve(did, options).await
    }
}
