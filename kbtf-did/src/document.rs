use alloc::{borrow::ToOwned, format, string::String, vec::Vec};

use crate::{
    Did, DidDocumentBuilder, DidUrl, Error, LegacyForm, ProfileWarning, PublicKey,
    json::{self, Object, Value},
    timestamp::excerpt,
    uri::is_uri,
    verification_method::VerificationMethod,
};

/// The context of DID Core 1.0.
pub(crate) const FIRST_CONTEXT: &str = "https://www.w3.org/ns/did/v1";

/// The context that a DID document begins with (DID Core 1.0 section 6.3.1), or one of its successors.
const FIRST_CONTEXTS: [&str; 3] = [
    FIRST_CONTEXT,
    "https://www.w3.org/ns/did/v1.1",
    "https://www.w3.org/ns/cid/v1",
];

/// How a DID document is written (DID Core 1.0 sections 6.2 and 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Representation {
    /// `application/did+json`: plain JSON. A context may be there and is kept.
    Json,
    /// `application/did+ld+json`: JSON-LD, which begins with the context of DID Core. What K-BTF asks for (DID-01).
    #[default]
    JsonLd,
}

impl Representation {
    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/did+json",
            Self::JsonLd => "application/did+ld+json",
        }
    }

    /// What a document is in, as far as it shows: JSON-LD if it has a context.
    pub(crate) fn of(object: &Object<'_>) -> Self {
        match object.contains("@context") {
            true => Self::JsonLd,
            false => Self::Json,
        }
    }

    /// The representation of a media type, parameters aside; `None` for another. `application/did`, the one type of
    /// DID 1.1, is JSON-LD.
    ///
    /// ```
    /// use kbtf_did::Representation;
    ///
    /// let json = Representation::from_media_type("application/did+json; charset=utf-8");
    /// assert_eq!(json, Some(Representation::Json));
    /// assert_eq!(Representation::from_media_type("text/html"), None);
    /// ```
    #[must_use]
    pub fn from_media_type(media_type: &str) -> Option<Self> {
        let (name, _) = media_type.split_once(';').unwrap_or((media_type, ""));
        let name = name.trim();
        if name.eq_ignore_ascii_case("application/did") {
            return Some(Self::JsonLd);
        }
        [Self::Json, Self::JsonLd]
            .into_iter()
            .find(|representation| name.eq_ignore_ascii_case(representation.media_type()))
    }
}

/// The most verification methods and references in one document. A document has a handful; the bound keeps one
/// from growing beyond its text when relative ids are made absolute.
const MAX_ENTRIES: usize = 512;

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
    /// All relationships, in the order of this enumeration.
    pub const ALL: [Self; 5] = [
        Self::Authentication,
        Self::AssertionMethod,
        Self::KeyAgreement,
        Self::CapabilityInvocation,
        Self::CapabilityDelegation,
    ];

    /// The relationship of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|relationship| relationship.as_str() == name)
    }

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
    warnings: Vec<ProfileWarning>,
}

impl DidDocument {
    /// Reads a DID document from JSON-LD text, the representation that K-BTF asks for.
    ///
    /// # Errors
    /// A JSON error, or `did/invalid-document` with the place and what was expected there.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::from_value(json::parse(text)?)
    }

    /// Reads a DID document in a given representation.
    ///
    /// # Errors
    /// As for [`DidDocument::parse`]. Plain JSON needs no context; that there is none becomes a
    /// [warning](DidDocument::warnings).
    ///
    /// ```
    /// use kbtf_did::{DidDocument, LegacyForm, Representation};
    ///
    /// let text = r#"{"id":"did:example:1"}"#;
    /// assert!(DidDocument::parse(text).is_err());
    /// let document = DidDocument::parse_as(text, Representation::Json)?;
    /// assert_eq!(document.warnings()[0].form(), LegacyForm::MissingContext);
    /// # Ok::<(), kbtf_did::Error>(())
    /// ```
    pub fn parse_as(text: &str, representation: Representation) -> Result<Self, Error> {
        Self::read(json::parse(text)?, representation, &[])
    }

    /// Reads a DID document from a JSON value, by the rules of JSON-LD.
    ///
    /// # Errors
    /// `did/invalid-document` with the place and what was expected there.
    pub fn from_value(value: Value<'_>) -> Result<Self, Error> {
        Self::read(value, Representation::JsonLd, &[])
    }

    /// A document that was just built: its keys need not be decoded once more.
    pub(crate) fn built(object: Object<'static>, known: &[&PublicKey]) -> Result<Self, Error> {
        Self::read(Value::Object(object), Representation::JsonLd, known)
    }

    /// Reads a DID document from a JSON value in a given representation.
    ///
    /// # Errors
    /// As for [`DidDocument::parse_as`].
    pub fn from_value_as(value: Value<'_>, representation: Representation) -> Result<Self, Error> {
        Self::read(value, representation, &[])
    }

    /// A builder for the document of a DID.
    #[must_use]
    pub fn builder(id: &Did) -> DidDocumentBuilder {
        DidDocumentBuilder::new(id)
    }

    fn read(
        value: Value<'_>,
        representation: Representation,
        known: &[&PublicKey],
    ) -> Result<Self, Error> {
        let Value::Object(object) = value.into_owned() else {
            return Err(invalid("document", "a JSON object"));
        };
        let mut warnings = Vec::new();
        if representation == Representation::Json && !object.contains("@context") {
            warnings.push(ProfileWarning::new("@context", LegacyForm::MissingContext));
        } else {
            check_context(&object)?;
        }
        let id = object
            .get_str("id")
            .and_then(|id| Did::parse(id).ok())
            .ok_or_else(|| invalid("id", "exactly one DID"))?;
        check_controllers(&object)?;
        check_also_known_as(&object)?;
        let entries: usize = VerificationRelationship::ALL
            .into_iter()
            .map(VerificationRelationship::as_str)
            .chain(["verificationMethod", "publicKey", "service"])
            .filter_map(|member| object.get(member)?.as_array().map(<[_]>::len))
            .sum();
        if entries > MAX_ENTRIES {
            return Err(invalid(
                "document",
                "at most 512 methods, references and services",
            ));
        }
        let services = check_services(&object, &id)?;

        let mut methods = Vec::new();
        for name in ["verificationMethod", "publicKey"] {
            let Some(value) = object.get(name) else {
                continue;
            };
            if name == "publicKey" {
                warnings.push(ProfileWarning::new(name, LegacyForm::PublicKeyArray));
            }
            let entries = value
                .as_array()
                .ok_or_else(|| invalid(name, "an array of objects"))?;
            for (i, entry) in entries.iter().enumerate() {
                let place = format!("{name}[{i}]");
                methods.push(VerificationMethod::from_value(
                    entry,
                    (&id, &place),
                    known.get(i).copied(),
                    &mut warnings,
                )?);
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
                let legacy = legacy_reference(entry);
                if legacy.is_some() {
                    warnings.push(ProfileWarning::new(&place, LegacyForm::ReferenceObject));
                }
                if let Some(reference) = entry.as_str().or(legacy) {
                    let url = DidUrl::parse_relative(reference, &id)
                        .map_err(|_| invalid(&place, "a DID URL"))?;
                    if listed.contains(&(relationship, url.clone())) {
                        return Err(invalid(&place, "a reference that occurs once"));
                    }
                    listed.push((relationship, url));
                } else {
                    let method =
                        VerificationMethod::from_value(entry, (&id, &place), None, &mut warnings)?;
                    listed.push((relationship, method.id().clone()));
                    methods.push(method);
                }
            }
        }
        if let Some(twice) = repeated_id(&methods) {
            return Err(invalid(twice, "a verification method id that occurs once"));
        }
        // One DID URL would name two things: who checks the one would be given the other.
        let also_service =
            |method: &&VerificationMethod| services.iter().any(|id| id == method.id().as_str());
        if let Some(method) = methods.iter().find(also_service) {
            return Err(invalid(
                method.id().as_str(),
                "an id that is not that of a service too",
            ));
        }
        Ok(Self {
            object,
            id,
            methods,
            listed,
            warnings,
        })
    }

    /// The legacy forms that were read. None of them makes a key valid that would not be valid otherwise.
    #[must_use]
    pub fn warnings(&self) -> &[ProfileWarning] {
        &self.warnings
    }

    /// The DIDs under `controller`: who may change the document besides its subject (DID Core 1.0 section 5.1.2).
    pub fn controllers(&self) -> impl Iterator<Item = &str> {
        texts_of(&self.object, "controller")
    }

    /// The other names of the subject, as the document itself claims them (DID Core 1.0 section 5.1.3). A claim counts
    /// only if the document of the other name says the same of this one.
    pub fn also_known_as(&self) -> impl Iterator<Item = &str> {
        texts_of(&self.object, "alsoKnownAs")
    }

    /// Whether this document and another each name the other's DID under `alsoKnownAs`: only then is the claim that both
    /// have one subject made from both sides (DID Core 1.0 section 5.1.3).
    ///
    /// ```
    /// use kbtf_did::{Did, DidDocument};
    ///
    /// let (old, new) = (Did::parse("did:web:old.kr")?, Did::parse("did:web:new.kr")?);
    /// let document = |did, other: &Did| DidDocument::builder(did).also_known_as(other.as_str()).build();
    /// assert!(document(&old, &new)?.is_same_subject_as(&document(&new, &old)?));
    /// assert!(!document(&old, &new)?.is_same_subject_as(&DidDocument::builder(&new).build()?));
    /// # Ok::<(), kbtf_did::Error>(())
    /// ```
    #[must_use]
    pub fn is_same_subject_as(&self, other: &Self) -> bool {
        let names = |a: &Self, b: &Self| a.also_known_as().any(|name| name == b.id().as_str());
        names(self, other) && names(other, self)
    }

    /// The document as text in a representation (DID Core 1.0 sections 6.2.1 and 6.3.1). JSON-LD begins with the
    /// context of DID Core, which is put there if the document was read from plain JSON without one.
    #[must_use]
    pub fn to_representation(&self, representation: Representation) -> String {
        match self.with_context(representation) {
            Some(object) => object.to_json(),
            None => self.object.to_json(),
        }
    }

    /// The document as a JSON object in a representation; see [`DidDocument::to_representation`].
    #[must_use]
    pub fn to_object(&self, representation: Representation) -> Object<'static> {
        self.with_context(representation)
            .unwrap_or_else(|| self.object.clone())
    }

    /// The document with the context that JSON-LD asks for, if it has none.
    fn with_context(&self, representation: Representation) -> Option<Object<'static>> {
        if representation == Representation::Json || self.object.contains("@context") {
            return None;
        }
        let mut object = self.object.clone();
        object.insert_first("@context", alloc::vec![FIRST_CONTEXT]);
        Some(object)
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

    /// The representation that the document came in: plain JSON if it has no context.
    #[must_use]
    pub fn representation(&self) -> Representation {
        Representation::of(&self.object)
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
/// Gives the ids of the services, absolute.
fn check_services(object: &Object<'_>, base: &Did) -> Result<Vec<String>, Error> {
    let Some(services) = object.get("service") else {
        return Ok(Vec::new());
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
    Ok(ids)
}

fn repeated_id(methods: &[VerificationMethod]) -> Option<&str> {
    let mut ids: Vec<&str> = methods.iter().map(|m| m.id().as_str()).collect();
    ids.sort_unstable();
    ids.iter()
        .zip(ids.iter().skip(1))
        .find(|(a, b)| a == b)
        .map(|(a, _)| *a)
}

/// Before DID Core 1.0 a relationship named a key by an object that held nothing but its id.
fn legacy_reference<'v>(entry: &'v Value<'_>) -> Option<&'v str> {
    let object = entry.as_object().filter(|object| object.len() == 1)?;
    object.get_str("publicKey").or_else(|| object.get_str("id"))
}

fn texts_of<'o>(object: &'o Object<'_>, member: &str) -> impl Iterator<Item = &'o str> {
    let values = object.get(member).map(Value::as_set).unwrap_or_default();
    values.iter().filter_map(Value::as_str)
}
