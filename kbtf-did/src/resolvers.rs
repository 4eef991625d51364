//! Resolvers that ask others, and the router that puts several together (DID-13).

use alloc::{
    borrow::ToOwned,
    boxed::Box,
    collections::BTreeMap,
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};
use core::pin::Pin;

use crate::{
    Did, DidDocument, DocumentMetadata, Error, Problem, Representation, Resolution,
    ResolutionError, ResolutionOptions, ResolvedDocument, Resolver, did_web,
    json::{self, Value},
    timestamp::excerpt,
};

/// Something that fetches what lies at a URL: the one thing here that touches a network, and it is the caller's.
///
/// An implementation follows no redirect to another scheme, sends no credentials, bounds size and time, and decides for
/// itself which hosts it talks to.
pub trait Fetch: Send + Sync {
    /// Fetches a URL with GET.
    ///
    /// # Errors
    /// Why nothing came, for the message. A status that is no success is no error here.
    fn get(&self, url: &str, accept: &str) -> impl Future<Output = Result<Fetched, String>> + Send;
}

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

fn broke(what: &str) -> ResolutionError {
    ResolutionError::new(Problem::InternalError, what)
}

/// Resolves `did:web` with somebody's [`Fetch`].
#[derive(Debug, Clone)]
pub struct WebResolver<F> {
    fetch: F,
}

impl<F: Fetch> WebResolver<F> {
    /// A resolver that fetches with this.
    pub const fn new(fetch: F) -> Self {
        Self { fetch }
    }
}

impl<F: Fetch> Resolver for WebResolver<F> {
    async fn resolve(&self, did: &Did, options: &ResolutionOptions) -> Resolution {
        let url = did_web::url(did)?;
        options.check_unversioned(did)?;
        let accept = "application/did+ld+json, application/did+json, application/json";
        let fetched = self.fetch.get(&url, accept).await;
        match fetched.map_err(|what| broke(&what))? {
            Fetched { status: 200, body } => {
                let document = did_web::check(did, &body)?;
                Ok(ResolvedDocument::active(document))
            }
            // The method's way of deactivating is to take the document away.
            Fetched {
                status: 404 | 410, ..
            } => Err(ResolutionError::not_found(did.as_str())),
            Fetched { status, .. } => Err(broke(&format!("the server answered {status}"))),
        }
    }
}

/// Asks a resolver that speaks the HTTP binding of DID Resolution, as the Universal Resolver does: other methods through
/// the same interface. It is believed: whoever runs it can make documents up. Run your own.
#[derive(Debug, Clone)]
pub struct UniversalResolver<F> {
    fetch: F,
    base: String,
}

impl<F: Fetch> UniversalResolver<F> {
    /// Asks the resolver at a base URL such as `https://resolver.example/1.0/identifiers`.
    pub fn new(fetch: F, base: &str) -> Self {
        let base = format!("{}/", base.trim_end_matches('/'));
        Self { fetch, base }
    }

    /// The URL to ask: base, DID, and the options as query.
    #[must_use]
    pub fn url(&self, did: &Did, options: &ResolutionOptions) -> String {
        let mut url = format!("{}{}", self.base, escaped(did.as_str()));
        let id = options
            .version_id
            .as_deref()
            .map(|id| ("versionId", id.to_owned()));
        let time = options
            .version_time
            .map(|time| ("versionTime", time.to_string()));
        for (i, (name, value)) in id.into_iter().chain(time).enumerate() {
            url.push(if i == 0 { '?' } else { '&' });
            url.push_str(name);
            url.push('=');
            url.push_str(&escaped(&value));
        }
        url
    }
}

/// Reads a DID resolution result (DID Resolution 1.0 section 10) for the DID that was asked for.
///
/// # Errors
/// What the result says; `INVALID_DID_DOCUMENT` if it is none or that of another DID.
pub fn read_result(did: &Did, body: &[u8]) -> Resolution {
    let invalid = |what: &str| ResolutionError::new(Problem::InvalidDidDocument, what);
    let value = json::parse_bytes(body).map_err(Error::from)?;
    let result = value
        .as_object()
        .ok_or_else(|| invalid("expected a DID resolution result"))?;
    let object_at = |name: &str| result.get(name).and_then(Value::as_object);
    let stated = object_at("didResolutionMetadata").and_then(|m| m.get("error"));
    if let Some(error) = stated.filter(|error| !matches!(error, Value::Null)) {
        let name = match error {
            Value::Object(details) => details.get_str("type"),
            error => error.as_str(),
        };
        let problem = name.and_then(Problem::from_name);
        return Err(ResolutionError::new(
            problem.unwrap_or(Problem::InternalError),
            &format!("the resolver asked answers {}", name.unwrap_or("nonsense")),
        ));
    }
    let metadata = match object_at("didDocumentMetadata") {
        Some(metadata) => DocumentMetadata::from_object(metadata)?,
        None => DocumentMetadata::default(),
    };
    // Another method cannot know that its DID is this one (DID Core section 7.1.3).
    let same_method = |other: &Did| other.method() == did.method();
    if !metadata.canonical_id.iter().all(same_method)
        || !metadata.equivalent_id.iter().all(same_method)
    {
        return Err(invalid(
            "canonicalId and equivalentId must be of the DID's own method",
        ));
    }
    let document = match result.get("didDocument") {
        Some(Value::Object(document)) => {
            let representation = Representation::of(document);
            DidDocument::from_value_as(Value::Object(document.clone()), representation)?
        }
        // A deactivated DID has none.
        _ if metadata.deactivated => DidDocument::builder(did).build()?,
        _ => return Err(invalid("expected a didDocument")),
    };
    if document.id() != did {
        return Err(Error::WrongDocument {
            asked: did.to_string(),
            got: document.id().to_string(),
        }
        .into());
    }
    Ok(ResolvedDocument::new(document, metadata))
}

impl<F: Fetch> Resolver for UniversalResolver<F> {
    async fn resolve(&self, did: &Did, options: &ResolutionOptions) -> Resolution {
        options.check()?;
        let url = self.url(did, options);
        let accept = "application/did-resolution, application/ld+json;profile=\"https://w3id.org/did-resolution\"";
        let fetched = self.fetch.get(&url, accept).await;
        let fetched = fetched.map_err(|what| broke(&what))?;
        // A page of a proxy says less than its status.
        let is_result = json::parse_bytes(&fetched.body)
            .is_ok_and(|value| value.as_object().is_some_and(is_resolution_result));
        match fetched.status {
            _ if is_result => read_result(did, &fetched.body).and_then(|resolved| {
                match is_as_asked(&resolved.metadata, options) {
                    true => Ok(resolved),
                    false => Err(ResolutionError::new(
                        Problem::FeatureNotSupported,
                        "the resolver gave another version than was asked for, or does not say which",
                    )),
                }
            }),
            404 => Err(ResolutionError::not_found(did.as_str())),
            200 | 410 => Err(ResolutionError::new(
                Problem::InvalidDidDocument,
                "expected a DID resolution result",
            )),
            status => Err(broke(&format!("the resolver answered {status}"))),
        }
    }
}

/// Whether this is the version that was asked for. A resolver that does not know versions gives the last, with other keys.
fn is_as_asked(metadata: &DocumentMetadata, options: &ResolutionOptions) -> bool {
    let is_version = options
        .version_id
        .as_ref()
        .is_none_or(|asked| metadata.version_id.as_ref() == Some(asked));
    let since = metadata.updated.or(metadata.created);
    let is_of_time = options
        .version_time
        .is_none_or(|asked| since.is_some_and(|since| since <= asked));
    is_version && is_of_time
}

fn is_resolution_result(object: &json::Object<'_>) -> bool {
    [
        "didDocument",
        "didResolutionMetadata",
        "didDocumentMetadata",
    ]
    .iter()
    .any(|member| object.contains(member))
}

impl<F: Fetch + ?Sized> Fetch for &F {
    async fn get(&self, url: &str, accept: &str) -> Result<Fetched, String> {
        (**self).get(url, accept).await
    }
}

impl<F: Fetch + ?Sized> Fetch for Arc<F> {
    async fn get(&self, url: &str, accept: &str) -> Result<Fetched, String> {
        (**self).get(url, accept).await
    }
}

/// Everything but letters, digits and `- . _ ~ :` as `%XX`.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b':') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// A resolver behind a pointer.
trait Erased: Send + Sync {
    fn resolve<'r>(
        &'r self,
        did: &'r Did,
        options: &'r ResolutionOptions,
    ) -> Pin<Box<dyn Future<Output = Resolution> + Send + 'r>>;
}

impl<R: Resolver> Erased for R {
    fn resolve<'r>(
        &'r self,
        did: &'r Did,
        options: &'r ResolutionOptions,
    ) -> Pin<Box<dyn Future<Output = Resolution> + Send + 'r>> {
        Box::pin(Resolver::resolve(self, did, options))
    }
}

/// One resolver for several methods: each method goes to the resolver that was named for it, all others to one that
/// was named for the rest, if any.
///
/// ```
/// use kbtf_did::{KeyMethods, Router};
///
/// let router = Router::new().with("key", KeyMethods).with("jwk", KeyMethods);
/// assert!(router.resolves("key") && !router.resolves("web"));
/// ```
#[derive(Default)]
pub struct Router {
    methods: BTreeMap<String, Box<dyn Erased>>,
    others: Option<Box<dyn Erased>>,
}

impl Router {
    /// Resolves nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends a method to a resolver.
    #[must_use]
    pub fn with(mut self, method: &str, resolver: impl Resolver + 'static) -> Self {
        self.methods.insert(method.to_owned(), Box::new(resolver));
        self
    }

    /// Sends every method that has no resolver of its own to this one.
    #[must_use]
    pub fn others(mut self, resolver: impl Resolver + 'static) -> Self {
        self.others = Some(Box::new(resolver));
        self
    }

    /// Whether somebody resolves a method.
    #[must_use]
    pub fn resolves(&self, method: &str) -> bool {
        self.others.is_some() || self.methods.contains_key(method)
    }
}

impl core::fmt::Debug for Router {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Router")
            .field("methods", &self.methods.keys())
            .field("others", &self.others.is_some())
            .finish()
    }
}

impl Resolver for Router {
    async fn resolve(&self, did: &Did, options: &ResolutionOptions) -> Resolution {
        let resolver = self.methods.get(did.method()).or(self.others.as_ref());
        let Some(resolver) = resolver else {
            return Err(Error::MethodNotSupported {
                method: excerpt(did.method()),
            }
            .into());
        };
        let resolved = resolver.resolve(did, options).await?;
        // Whatever a resolver does, its answer is about what was asked.
        if resolved.document.id() == did {
            Ok(resolved)
        } else {
            Err(Error::WrongDocument {
                asked: did.to_string(),
                got: resolved.document.id().to_string(),
            }
            .into())
        }
    }
}
