use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};

use crate::{
    Did, DidUrl, Error,
    json::{self, Object, Value},
    timestamp::excerpt,
    verification_method::VerificationMethod,
};

/// The context that a DID document begins with (DID Core 1.0 section 6.3.1), or one of its successors.
const FIRST_CONTEXTS: [&str; 3] = [
    "https://www.w3.org/ns/did/v1",
    "https://www.w3.org/ns/did/v1.1",
    "https://www.w3.org/ns/cid/v1",
];

/// The most verification methods and references in one document. A document has a handful; the bound keeps one
/// from growing beyond its text when relative ids are made absolute.
const MAX_ENTRIES: usize = 256;

/// What a verification method may be used for (DID Core 1.0 section 5.3, Controlled Identifiers section 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VerificationRelationship {
    /// Proving control of the identifier, as in signing a presentation. DID-08.
    Authentication,
    /// Making claims, as in issuing a credential.
    AssertionMethod,
    /// Agreeing on a secret.
    KeyAgreement,
    /// Invoking a capability.
    CapabilityInvocation,
    /// Delegating a capability.
    CapabilityDelegation,
}

impl VerificationRelationship {
    const ALL: [Self; 5] = [
        Self::Authentication,
        Self::AssertionMethod,
        Self::KeyAgreement,
        Self::CapabilityInvocation,
        Self::CapabilityDelegation,
    ];

    /// The name of the member of the document, which is also the value of `proofPurpose`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::AssertionMethod => "assertionMethod",
            Self::KeyAgreement => "keyAgreement",
            Self::CapabilityInvocation => "capabilityInvocation",
            Self::CapabilityDelegation => "capabilityDelegation",
        }
    }
}

/// A DID document (DID 문서; DID Core 1.0 section 5, DID-01, DID-02, DID-08).
///
/// The JSON it was read from is kept whole, unknown members included, and is what [`DidDocument::as_object`]
/// gives back; beside it stands what this crate understands. What it understands keeps the rules of the standard
/// (ids, controllers, methods, relationships, services, `alsoKnownAs`); a JSON-LD context is required, as DID-01
/// asks. Nothing is said of who wrote it: that is the work of a DID method.
///
/// ```
/// use kbtf_did::{DidDocument, DidUrl, VerificationRelationship};
///
/// let document = DidDocument::parse(r##"{
///   "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
///   "id": "did:example:ministry",
///   "verificationMethod": [{
///     "id": "#key-1", "type": "Multikey", "controller": "did:example:ministry",
///     "publicKeyMultibase": "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
///   }],
///   "assertionMethod": ["#key-1"]
/// }"##)?;
/// let key = DidUrl::parse("did:example:ministry#key-1")?;
/// assert!(document.is_listed(&key, VerificationRelationship::AssertionMethod));
/// assert!(!document.is_listed(&key, VerificationRelationship::Authentication));
/// # Ok::<(), kbtf_did::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DidDocument {
    object: Object<'static>,
    id: Did,
    /// Those under `verificationMethod`, then those embedded in a relationship.
    methods: Vec<VerificationMethod>,
    /// Which method serves which purpose.
    listed: Vec<(VerificationRelationship, DidUrl)>,
}

impl DidDocument {
    /// Reads a DID document from JSON text.
    ///
    /// # Errors
    /// A JSON error, or `did/invalid-document` with the place and what was expected there.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::from_value(json::parse(text)?)
    }

    /// Reads a DID document from a JSON value.
    ///
    /// # Errors
    /// `did/invalid-document` with the place and what was expected there.
    pub fn from_value(value: Value<'_>) -> Result<Self, Error> {
        let Value::Object(object) = value.into_owned() else {
            return Err(invalid("document", "a JSON object"));
        };
        check_context(&object)?;
        let id = object
            .get_str("id")
            .and_then(|id| Did::parse(id).ok())
            .ok_or_else(|| invalid("id", "exactly one DID"))?;
        check_controllers(&object)?;
        check_also_known_as(&object)?;
        let entries: usize = VerificationRelationship::ALL
            .into_iter()
            .map(VerificationRelationship::as_str)
            .chain(["verificationMethod", "service"])
            .filter_map(|member| object.get(member)?.as_array().map(<[_]>::len))
            .sum();
        if entries > MAX_ENTRIES {
            return Err(invalid(
                "document",
                "at most 256 methods, references and services",
            ));
        }
        check_services(&object, &id)?;

        let mut methods = Vec::new();
        if let Some(value) = object.get("verificationMethod") {
            let entries = value
                .as_array()
                .ok_or_else(|| invalid("verificationMethod", "an array of objects"))?;
            for (i, entry) in entries.iter().enumerate() {
                let place = format!("verificationMethod[{i}]");
                methods.push(VerificationMethod::from_value(entry, &id, &place)?);
            }
        }
        let mut listed = Vec::new();
        for relationship in VerificationRelationship::ALL {
            let name = relationship.as_str();
            let Some(value) = object.get(name) else {
                continue;
            };
            let entries = value
                .as_array()
                .ok_or_else(|| invalid(name, "an array of DID URLs or verification methods"))?;
            for (i, entry) in entries.iter().enumerate() {
                let place = format!("{name}[{i}]");
                if let Some(reference) = entry.as_str() {
                    let url = DidUrl::parse_relative(reference, &id)
                        .map_err(|_| invalid(&place, "a DID URL"))?;
                    if listed.contains(&(relationship, url.clone())) {
                        return Err(invalid(&place, "a reference that occurs once"));
                    }
                    listed.push((relationship, url));
                } else {
                    let method = VerificationMethod::from_value(entry, &id, &place)?;
                    listed.push((relationship, method.id().clone()));
                    methods.push(method);
                }
            }
        }
        if let Some(twice) = repeated_id(&methods) {
            return Err(invalid(twice, "a verification method id that occurs once"));
        }
        Ok(Self {
            object,
            id,
            methods,
            listed,
        })
    }

    /// The DID that the document is about.
    #[must_use]
    pub const fn id(&self) -> &Did {
        &self.id
    }

    /// The document as JSON, with all its members in their order.
    #[must_use]
    pub const fn as_object(&self) -> &Object<'static> {
        &self.object
    }

    /// All verification methods, those embedded in a relationship included.
    #[must_use]
    pub fn verification_methods(&self) -> &[VerificationMethod] {
        &self.methods
    }

    /// The verification method with this id, whatever it may be used for.
    #[must_use]
    pub fn verification_method(&self, id: &DidUrl) -> Option<&VerificationMethod> {
        self.methods.iter().find(|method| method.id() == id)
    }

    /// Whether the document lists this verification method for this purpose.
    #[must_use]
    pub fn is_listed(&self, id: &DidUrl, relationship: VerificationRelationship) -> bool {
        self.listed
            .iter()
            .any(|(r, listed)| *r == relationship && listed == id)
    }

    /// The verification methods listed for a purpose, as ids.
    pub fn listed_for(
        &self,
        relationship: VerificationRelationship,
    ) -> impl Iterator<Item = &DidUrl> {
        self.listed
            .iter()
            .filter(move |(r, _)| *r == relationship)
            .map(|(_, id)| id)
    }

    /// The service entries of a type, as JSON objects. DID-09.
    pub fn services(&self, service_type: &str) -> impl Iterator<Item = &Object<'static>> {
        self.object
            .get("service")
            .map(Value::as_set)
            .unwrap_or_default()
            .iter()
            .filter_map(Value::as_object)
            .filter(move |service| {
                service.get("type").is_some_and(|types| {
                    types
                        .as_set()
                        .iter()
                        .any(|t| t.as_str() == Some(service_type))
                })
            })
    }
}

/// A DID document and what resolution says of it (DID Core 1.0 section 7.1).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ResolvedDocument {
    /// The document.
    pub document: DidDocument,
    /// Whether the DID has been deactivated: its keys speak for nobody any more.
    pub deactivated: bool,
}

impl ResolvedDocument {
    /// A document of an active DID.
    #[must_use]
    pub const fn active(document: DidDocument) -> Self {
        Self {
            document,
            deactivated: false,
        }
    }

    /// The last document of a deactivated DID.
    #[must_use]
    pub const fn deactivated(document: DidDocument) -> Self {
        Self {
            document,
            deactivated: true,
        }
    }
}

pub(crate) fn invalid(place: &str, expected: &'static str) -> Error {
    Error::InvalidDocument {
        place: excerpt(place),
        expected,
    }
}

fn check_context(object: &Object<'_>) -> Result<(), Error> {
    let first = object
        .get("@context")
        .map(Value::as_set)
        .unwrap_or_default()
        .first()
        .and_then(Value::as_str);
    if first.is_some_and(|first| FIRST_CONTEXTS.contains(&first)) {
        Ok(())
    } else {
        Err(invalid(
            "@context",
            "https://www.w3.org/ns/did/v1 as the first entry",
        ))
    }
}

fn check_controllers(object: &Object<'_>) -> Result<(), Error> {
    let controllers = object.get("controller").map(Value::as_set);
    let is_did = |v: &Value<'_>| v.as_str().is_some_and(|c| Did::parse(c).is_ok());
    if controllers.unwrap_or_default().iter().all(is_did) {
        Ok(())
    } else {
        Err(invalid("controller", "a DID or an array of DIDs"))
    }
}

fn check_also_known_as(object: &Object<'_>) -> Result<(), Error> {
    match object.get("alsoKnownAs") {
        None => Ok(()),
        Some(Value::Array(names)) if names.iter().all(|n| n.as_str().is_some_and(is_uri)) => Ok(()),
        Some(_) => Err(invalid("alsoKnownAs", "an array of URIs")),
    }
}

/// DID Core 1.0 section 5.4: ids are URIs that occur once, types are names, endpoints are URIs, maps or sets of both.
fn check_services(object: &Object<'_>, base: &Did) -> Result<(), Error> {
    let Some(services) = object.get("service") else {
        return Ok(());
    };
    let services = services
        .as_array()
        .ok_or_else(|| invalid("service", "an array of objects"))?;
    let is_endpoint = |endpoint: &Value<'_>| match endpoint {
        Value::String(uri) => is_uri(uri),
        Value::Object(_) => true,
        _ => false,
    };
    let mut ids: Vec<String> = Vec::new();
    for (i, service) in services.iter().enumerate() {
        let fits = service.as_object().and_then(|service| {
            let id = service.get_str("id")?;
            let id = if id.starts_with('#') {
                format!("{base}{id}")
            } else {
                id.to_owned()
            };
            let types = service.get("type")?.as_set();
            let endpoints = service.get("serviceEndpoint")?.as_set();
            let fits = is_uri(&id)
                && !id.ends_with('#')
                && !types.is_empty()
                && types
                    .iter()
                    .all(|t| t.as_str().is_some_and(|t| !t.is_empty()))
                && !endpoints.is_empty()
                && endpoints.iter().all(is_endpoint);
            fits.then_some(id)
        });
        match fits {
            Some(id) if !ids.contains(&id) => ids.push(id),
            Some(_) => {
                return Err(invalid(
                    &format!("service[{i}].id"),
                    "an id that occurs once",
                ));
            }
            None => {
                return Err(invalid(
                    &format!("service[{i}]"),
                    "an object with a URI as id, a type, and a URI or object as serviceEndpoint",
                ));
            }
        }
    }
    Ok(())
}

/// A scheme, a colon, and more without white space or control characters.
fn is_uri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
            && !rest.is_empty()
            && !rest.chars().any(|c| c.is_whitespace() || c.is_control())
    })
}

fn repeated_id(methods: &[VerificationMethod]) -> Option<&str> {
    let mut ids: Vec<&str> = methods.iter().map(|m| m.id().as_str()).collect();
    ids.sort_unstable();
    ids.iter()
        .zip(ids.iter().skip(1))
        .find(|(a, b)| a == b)
        .map(|(a, _)| *a)
}

/// Builds the document of a DID whose only key is known, as `did:key` does.
pub(crate) fn assemble(
    did: &Did,
    contexts: &[&'static str],
    methods: Vec<Object<'static>>,
    relationships: &[(VerificationRelationship, String)],
) -> Result<DidDocument, Error> {
    let mut object = Object::new();
    object.insert("@context", contexts.to_vec());
    object.insert("id", did.as_str().to_string());
    object.insert("verificationMethod", methods);
    for (relationship, id) in relationships {
        object.insert(
            relationship.as_str(),
            Value::Array(alloc::vec![Value::from(id)]),
        );
    }
    DidDocument::from_value(Value::Object(object))
}

/// A verification method of the given type for a key, as a JSON object.
pub(crate) fn method_object(
    id: &str,
    method_type: &'static str,
    controller: &Did,
    member: &'static str,
    material: Value<'static>,
) -> Object<'static> {
    let mut object = Object::new();
    object.insert("id", id.to_string());
    object.insert("type", method_type);
    object.insert("controller", controller.as_str().to_string());
    object.insert(member, material);
    object
}
