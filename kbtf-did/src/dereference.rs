//! What a DID URL points to (DID Resolution 1.0 section 5, DID Core 1.0 section 7.2): a document, a part of it, or the
//! address of a service.

use alloc::{
    borrow::ToOwned,
    boxed::Box,
    format,
    string::{String, ToString},
    vec::Vec,
};

use crate::{
    DidDocument, DidUrl, Problem, Representation, ResolutionError, ResolutionOptions,
    ResolvedDocument, Resolver, VerificationRelationship,
    json::{Object, Value},
    uri::percent_decoded,
};

/// What is asked for beside the DID URL.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DereferenceOptions {
    /// In which form: a representation of DID documents, or the addresses of services.
    pub accept: Accept,
    /// That the fragment must be a verification method that is listed for this purpose.
    pub verification_relationship: Option<VerificationRelationship>,
}

impl DereferenceOptions {
    /// Asks for the addresses of services instead of a document that is cut down to them (`text/uri-list`).
    #[must_use]
    pub const fn uri_list(mut self) -> Self {
        self.accept = Accept::UriList;
        self
    }

    /// Asks for a verification method for a purpose.
    #[must_use]
    pub const fn for_purpose(mut self, relationship: VerificationRelationship) -> Self {
        self.verification_relationship = Some(relationship);
        self
    }
}

/// A form of what a DID URL points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Accept {
    /// A DID document or a part of one.
    #[default]
    Document,
    /// The addresses of services, `text/uri-list`.
    UriList,
}

/// What a DID URL points to.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Dereferenced {
    /// The document; with `service` or `serviceType`, only those services of it.
    Document(Box<ResolvedDocument>),
    /// A part of the document that has this fragment as its id: a verification method, a service.
    Resource(Object<'static>),
    /// Addresses of services.
    Urls(Vec<String>),
}

/// The query of a DID URL, its escapes undone.
#[derive(Default)]
struct Parameters {
    service: Option<String>,
    service_type: Option<String>,
    relative_ref: Option<String>,
    version_id: Option<String>,
    version_time: Option<String>,
}

impl Parameters {
    fn of(url: &DidUrl) -> Result<Self, ResolutionError> {
        let invalid = |detail: &str| ResolutionError::new(Problem::InvalidDidUrl, detail);
        let mut parameters = Self::default();
        let Some(query) = url.query().filter(|query| !query.is_empty()) else {
            return Ok(parameters);
        };
        for pair in query.split('&') {
            let (name, value) = pair
                .split_once('=')
                .ok_or_else(|| invalid("expected name=value in the query"))?;
            let place = match name {
                "service" => &mut parameters.service,
                "serviceType" => &mut parameters.service_type,
                "relativeRef" => &mut parameters.relative_ref,
                "versionId" => &mut parameters.version_id,
                "versionTime" => &mut parameters.version_time,
                // One that is not understood could change what is meant.
                other => {
                    let detail = format!("no DID parameter {other:?} here");
                    return Err(ResolutionError::new(Problem::FeatureNotSupported, &detail));
                }
            };
            if place.is_some() {
                return Err(invalid("a DID parameter occurs twice"));
            }
            let value = percent_decoded(value)
                .filter(|value| !value.is_empty())
                .ok_or_else(|| invalid("a DID parameter is empty or not UTF-8"))?;
            *place = Some(value);
        }
        if parameters.relative_ref.is_some()
            && parameters.service.is_none()
            && parameters.service_type.is_none()
        {
            return Err(invalid("relativeRef without service or serviceType"));
        }
        Ok(parameters)
    }
}

/// The options with which the DID of a DID URL is to be resolved: its `versionId` and `versionTime`.
///
/// # Errors
/// `INVALID_DID_URL`, `INVALID_OPTIONS`, `FEATURE_NOT_SUPPORTED`.
pub fn resolution_options(url: &DidUrl) -> Result<ResolutionOptions, ResolutionError> {
    let parameters = Parameters::of(url)?;
    let mut options = ResolutionOptions {
        version_id: parameters.version_id,
        ..ResolutionOptions::default()
    };
    if let Some(time) = parameters.version_time {
        let time = time.parse().map_err(|_| {
            ResolutionError::new(
                Problem::InvalidOptions,
                "versionTime: expected a date and time with zone",
            )
        })?;
        options.version_time = Some(time);
    }
    options.check()?;
    Ok(options)
}

/// Resolves the DID of a DID URL and takes from the document what the URL points to.
///
/// # Errors
/// Those of the resolver and of [`within`].
pub async fn dereference<R: Resolver>(
    resolver: &R,
    url: &DidUrl,
    options: &DereferenceOptions,
) -> Result<Dereferenced, ResolutionError> {
    let resolved = resolver
        .resolve(&url.did(), &resolution_options(url)?)
        .await?;
    within(url, resolved, options)
}

/// What a DID URL points to in the document of its DID.
///
/// A path points to nothing: no method here gives paths a meaning. A service's address is a URL to which `relativeRef`
/// is relative (RFC 3986 section 5); it cannot lead to another host, nor climb with `..`.
///
/// # Errors
/// `NOT_FOUND`, `INVALID_DID_URL`, `FEATURE_NOT_SUPPORTED`, `REPRESENTATION_NOT_SUPPORTED` for addresses of what is no
/// service, `INVALID_VERIFICATION_METHOD` and `INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD`.
///
/// ```
/// use kbtf_did::{DidDocument, DidUrl, ResolvedDocument};
/// use kbtf_did::dereference::{DereferenceOptions, Dereferenced, within};
///
/// let document = DidDocument::parse(r##"{
///   "@context": "https://www.w3.org/ns/did/v1", "id": "did:example:1",
///   "service": [{"id": "#files", "type": "Files", "serviceEndpoint": "https://files.example/pub/"}]
/// }"##)?;
/// let url = DidUrl::parse("did:example:1?service=files&relativeRef=2026%2Fa.pdf#page-2")?;
/// let found = within(&url, ResolvedDocument::active(document), &DereferenceOptions::default().uri_list());
/// assert_eq!(found, Ok(Dereferenced::Urls(vec!["https://files.example/pub/2026/a.pdf#page-2".into()])));
/// # Ok::<(), kbtf_did::Error>(())
/// ```
pub fn within(
    url: &DidUrl,
    resolved: ResolvedDocument,
    options: &DereferenceOptions,
) -> Result<Dereferenced, ResolutionError> {
    if url.did() != *resolved.document.id() {
        return Err(ResolutionError::new(
            Problem::InvalidDidDocument,
            "the document is that of another DID",
        ));
    }
    let parameters = Parameters::of(url)?;
    if !url.path().is_empty() {
        return Err(ResolutionError::not_found("resource behind this path"));
    }
    let selects = parameters.service.is_some() || parameters.service_type.is_some();
    if resolved.is_deactivated() && (selects || url.fragment().is_some()) {
        return Err(ResolutionError::not_found(
            "such part: the DID is deactivated",
        ));
    }
    if options.accept == Accept::UriList {
        if !selects {
            return Err(ResolutionError::new(
                Problem::RepresentationNotSupported,
                "text/uri-list is for services",
            ));
        }
        if options.verification_relationship.is_some() {
            return Err(ResolutionError::new(
                Problem::RepresentationNotSupported,
                "a verification method is no address",
            ));
        }
        return addresses(url, &resolved.document, &parameters).map(Dereferenced::Urls);
    }
    if parameters.relative_ref.is_some() {
        return Err(ResolutionError::new(
            Problem::RepresentationNotSupported,
            "relativeRef gives addresses, text/uri-list",
        ));
    }
    let resolved = match selects {
        true => only_services(resolved, &parameters)?,
        false => resolved,
    };
    match (url.fragment(), options.verification_relationship) {
        (None, None) => Ok(Dereferenced::Document(Box::new(resolved))),
        (fragment, purpose) => {
            let fragment = fragment.unwrap_or_default();
            part(&resolved.document, fragment, purpose).map(Dereferenced::Resource)
        }
    }
}

/// The result as DID Resolution 1.0 section 10 writes it.
#[must_use]
pub fn to_object(result: &Result<Dereferenced, ResolutionError>) -> Object<'static> {
    let (mut metadata, mut content_metadata) = (Object::new(), Object::new());
    let json_ld = Representation::JsonLd.media_type();
    let content = match result {
        Ok(Dereferenced::Document(resolved)) => {
            metadata.insert("contentType", json_ld);
            content_metadata = resolved.metadata.to_object();
            Value::Object(resolved.document.to_object(Representation::JsonLd))
        }
        Ok(Dereferenced::Resource(object)) => {
            metadata.insert("contentType", json_ld);
            Value::Object(object.clone())
        }
        Ok(Dereferenced::Urls(urls)) => {
            metadata.insert("contentType", "text/uri-list");
            Value::from(urls.join("\r\n"))
        }
        Err(error) => {
            metadata.insert("error", error.to_object());
            Value::Null
        }
    };
    let mut object = Object::new();
    object.insert("dereferencingMetadata", metadata);
    object.insert("contentStream", content);
    object.insert("contentMetadata", content_metadata);
    object
}

fn absolute(document: &DidDocument, id: &str) -> String {
    match id.starts_with(['#', '?', '/']) {
        true => format!("{}{id}", document.id()),
        false => id.to_owned(),
    }
}

/// The services that `service` (an id, or its fragment) and `serviceType` select, one or more.
fn selected<'d>(
    document: &'d DidDocument,
    parameters: &Parameters,
) -> Result<Vec<&'d Object<'static>>, ResolutionError> {
    let services = document.as_object().get("service").map(Value::as_set);
    let found: Vec<_> = services
        .unwrap_or_default()
        .iter()
        .filter_map(Value::as_object)
        .filter(|service| {
            let id = absolute(document, service.get_str("id").unwrap_or_default());
            let is_meant = parameters
                .service
                .as_ref()
                .is_none_or(|wanted| id == *wanted || id == format!("{}#{wanted}", document.id()));
            let types = service.get("type").map(Value::as_set).unwrap_or_default();
            let is_of_type = parameters
                .service_type
                .as_ref()
                .is_none_or(|wanted| types.iter().any(|t| t.as_str() == Some(wanted)));
            is_meant && is_of_type
        })
        .collect();
    if found.is_empty() {
        return Err(ResolutionError::not_found("such service"));
    }
    Ok(found)
}

fn only_services(
    mut resolved: ResolvedDocument,
    parameters: &Parameters,
) -> Result<ResolvedDocument, ResolutionError> {
    let services: Vec<Object<'static>> = selected(&resolved.document, parameters)?
        .into_iter()
        .cloned()
        .collect();
    let mut object = resolved.document.as_object().clone();
    object.insert("service", services);
    let representation = resolved.document.representation();
    resolved.document = DidDocument::from_value_as(Value::Object(object), representation)?;
    Ok(resolved)
}

fn addresses(
    url: &DidUrl,
    document: &DidDocument,
    parameters: &Parameters,
) -> Result<Vec<String>, ResolutionError> {
    let mut urls = Vec::new();
    for service in selected(document, parameters)? {
        let endpoints = service.get("serviceEndpoint").map(Value::as_set);
        // Objects are not addresses.
        for endpoint in endpoints
            .unwrap_or_default()
            .iter()
            .filter_map(Value::as_str)
        {
            let mut address = match &parameters.relative_ref {
                None => endpoint.to_string(),
                Some(reference) => relative_to(endpoint, reference).ok_or_else(|| {
                    ResolutionError::new(
                        Problem::InvalidDidUrl,
                        "relativeRef: expected a path or query that stays on the host, without ..",
                    )
                })?,
            };
            if let Some(fragment) = url.fragment() {
                if address.contains('#') {
                    return Err(ResolutionError::new(
                        Problem::InvalidDidUrl,
                        "the service's address has a fragment already",
                    ));
                }
                address.push('#');
                address.push_str(fragment);
            }
            urls.push(address);
        }
    }
    match urls.is_empty() {
        true => Err(ResolutionError::not_found("service with an address")),
        false => Ok(urls),
    }
}

/// The verification method or service with a fragment as its id, and with the context of the document.
fn part(
    document: &DidDocument,
    fragment: &str,
    purpose: Option<VerificationRelationship>,
) -> Result<Object<'static>, ResolutionError> {
    let wanted = format!("{}#{fragment}", document.id());
    let members = [
        "verificationMethod",
        "publicKey",
        "authentication",
        "assertionMethod",
        "keyAgreement",
        "capabilityInvocation",
        "capabilityDelegation",
        "service",
    ];
    let id = DidUrl::parse(&wanted)?;
    if let Some(purpose) = purpose {
        if document.verification_method(&id).is_none() {
            return Err(ResolutionError::new(
                Problem::InvalidVerificationMethod,
                "the fragment is no verification method of the document",
            ));
        }
        if !document.is_listed(&id, purpose) {
            return Err(ResolutionError::new(
                Problem::InvalidRelationshipForVerificationMethod,
                &format!("the document does not list it under {}", purpose.as_str()),
            ));
        }
    }
    let found = members
        .iter()
        .filter_map(|member| document.as_object().get(member))
        .flat_map(Value::as_set)
        .filter_map(Value::as_object)
        // An object with nothing but its id is a reference of old.
        .filter(|part| part.len() > 1)
        .find(|part| {
            part.get_str("id")
                .is_some_and(|id| absolute(document, id) == wanted)
        })
        .ok_or_else(|| ResolutionError::not_found(&wanted))?;
    let mut object = found.clone();
    if let Some(context) = document.as_object().get("@context")
        && !object.contains("@context")
    {
        object.insert_first("@context", context.clone());
    }
    // Outside the document a relative id would mean something else.
    object.insert("id", wanted);
    Ok(object)
}

/// The URL that a reference means relative to a base (RFC 3986 section 5.2), as long as it stays with the base's scheme
/// and authority and does not climb.
fn relative_to(base: &str, reference: &str) -> Option<String> {
    let (scheme, rest) = base.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
    let (base_path, base_query) = match rest.split_once('?') {
        None => (rest, None),
        Some((path, query)) => (path, Some(query)),
    };
    // A reference has no fragment of its own: that of the DID URL is put behind it.
    if reference.contains('#') || !reference.bytes().all(|b| b.is_ascii_graphic()) {
        return None;
    }
    let (path, query) = match reference.split_once('?') {
        None => (reference, None),
        Some((path, query)) => (path, Some(query)),
    };
    let first = path.split('/').next().unwrap_or_default();
    // What is still escaped here is undone by some servers, and what is behind ";" left out.
    let climbs = |path: &str| {
        path.split('/').any(|segment| {
            let plain = segment.to_ascii_lowercase().replace("%2e", ".");
            let hidden = ["%2f", "%5c", "%00", "%25"];
            let name = plain.split(';').next().unwrap_or_default();
            name == ".." || name == "." || hidden.iter().any(|h| plain.contains(h))
        })
    };
    // "//host" is another authority, "scheme:" another scheme; readers take "\" for "/".
    if path.starts_with("//")
        || first.contains(':')
        || path.contains('\\')
        || climbs(path)
        || authority.is_empty()
    {
        return None;
    }
    let (path, query) = match path {
        "" => (base_path.to_owned(), query.or(base_query)),
        absolute if absolute.starts_with('/') => (absolute.to_owned(), query),
        relative => {
            let folder = base_path.rsplit_once('/').map_or("", |(folder, _)| folder);
            (format!("{folder}/{relative}"), query)
        }
    };
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Some(format!("{scheme}://{authority}{path}{query}"))
}
