use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};

use crate::{
    Did, DidUrl, Error,
    json::{self, Object, Value},
    verification_method::VerificationMethod,
};

/// The context that a DID document begins with (DID Core 1.0 section 6.3.1), or one of its successors.
const FIRST_CONTEXTS: [&str; 3] = [
    "https://www.w3.org/ns/did/v1",
    "https://www.w3.org/ns/did/v1.1",
    "https://www.w3.org/ns/cid/v1",
];

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
/// gives back; beside it stands what this crate understands. A value of this type keeps the rules of the
/// standard, but nothing is said of who wrote it: that is the work of a DID method.
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
        check_services(&object)?;

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
        place: place.to_owned(),
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

fn check_services(object: &Object<'_>) -> Result<(), Error> {
    let Some(services) = object.get("service") else {
        return Ok(());
    };
    let services = services
        .as_array()
        .ok_or_else(|| invalid("service", "an array of objects"))?;
    for (i, service) in services.iter().enumerate() {
        let fits = service.as_object().is_some_and(|service| {
            service.get_str("id").is_some()
                && service.get("type").is_some_and(|t| {
                    !t.as_set().is_empty() && t.as_set().iter().all(|t| t.as_str().is_some())
                })
                && service.contains("serviceEndpoint")
        });
        if !fits {
            return Err(invalid(
                &format!("service[{i}]"),
                "an object with id, type and serviceEndpoint (DID Core section 5.4)",
            ));
        }
    }
    Ok(())
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
