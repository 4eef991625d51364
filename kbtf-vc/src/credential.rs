use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::{
    Timestamp,
    json::{self, Object, Value},
};

use crate::{Error, Version, error::malformed};

/// A verifiable credential (검증 가능한 자격증명) as it was received or built: its structure keeps the rules of
/// its version of the data model, but nobody has verified it (VC Data Model 1.1 section 4, 2.0 section 4; VC-01, VC-02).
///
/// The JSON is kept as it is, since that is what is signed; the methods read it. A verified one is a
/// [`Verified<Credential>`](crate::Verified), which only verification makes.
///
/// ```
/// use kbtf_vc::{Credential, Version};
///
/// let credential = Credential::parse(r#"{
///   "@context": ["https://www.w3.org/ns/credentials/v2"],
///   "type": ["VerifiableCredential"],
///   "issuer": "did:example:university",
///   "validFrom": "2026-02-20T00:00:00+09:00",
///   "credentialSubject": {"id": "did:example:student", "degree": "공학사"}
/// }"#)?;
/// assert_eq!(credential.version(), Version::V2_0);
/// assert_eq!(credential.issuer(), "did:example:university");
/// # Ok::<(), kbtf_vc::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Credential<'a> {
    object: Object<'a>,
    version: Version,
    valid_from: Option<Timestamp>,
    valid_until: Option<Timestamp>,
}

/// Members that hold one typed object or several, and which members each must have.
const TYPED_MEMBERS: [(&str, &[&str]); 5] = [
    ("credentialStatus", &["type"]),
    ("credentialSchema", &["id", "type"]),
    ("evidence", &["type"]),
    ("termsOfUse", &["type"]),
    ("refreshService", &["type"]),
];

impl<'a> Credential<'a> {
    /// Reads a credential, signed or not.
    ///
    /// # Errors
    /// A JSON error; `vc/malformed` with the place; `vc/unknown-version`; `vc/mixed-versions`.
    pub fn parse(text: &'a str) -> Result<Self, Error> {
        Self::from_value(json::parse(text)?)
    }

    /// Reads a credential from a JSON value.
    ///
    /// # Errors
    /// As for [`Credential::parse`].
    pub fn from_value(value: Value<'a>) -> Result<Self, Error> {
        match value {
            Value::Object(object) => Self::from_object(object),
            _ => Err(malformed("credential", "a JSON object")),
        }
    }

    pub(crate) fn from_object(object: Object<'a>) -> Result<Self, Error> {
        let version = Version::of(&object)?;
        check_keywords(&object)?;
        check_type(&object, "VerifiableCredential")?;
        check_optional_url(&object, "id")?;
        check_issuer(&object)?;
        check_subjects(&object)?;
        for (member, required) in TYPED_MEMBERS {
            check_typed(&object, member, required, version)?;
        }
        if version == Version::V2_0 {
            for member in ["name", "description"] {
                check_language_string(&object, member, member)?;
            }
            if let Some(Value::Object(issuer)) = object.get("issuer") {
                check_language_string(issuer, "name", "issuer.name")?;
                check_language_string(issuer, "description", "issuer.description")?;
            }
            check_related_resources(&object)?;
        }
        check_proof_shape(&object)?;
        let (valid_from, valid_until) = validity(&object, version)?;
        Ok(Self {
            object,
            version,
            valid_from,
            valid_until,
        })
    }

    /// Which version of the data model it follows.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// The issuer's identifier: a URL, usually a DID.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.object
            .get("issuer")
            .and_then(id_of)
            .unwrap_or_default()
    }

    /// The types, `VerifiableCredential` among them.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        let types = self.object.get("type").map(Value::as_set);
        types.unwrap_or_default().iter().filter_map(Value::as_str)
    }

    /// The subjects of the claims, at least one.
    pub fn subjects(&self) -> impl Iterator<Item = &Object<'a>> {
        let subjects = self.object.get("credentialSubject").map(Value::as_set);
        subjects
            .unwrap_or_default()
            .iter()
            .filter_map(Value::as_object)
    }

    /// From when on it is valid: `validFrom` of 2.0, `issuanceDate` of 1.1.
    #[must_use]
    pub const fn valid_from(&self) -> Option<Timestamp> {
        self.valid_from
    }

    /// Until when it is valid: `validUntil` of 2.0, `expirationDate` of 1.1. That moment is the last.
    #[must_use]
    pub const fn valid_until(&self) -> Option<Timestamp> {
        self.valid_until
    }

    /// Whether it carries a proof.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.object.contains("proof")
    }

    /// The JSON object, with all members in their order.
    #[must_use]
    pub const fn as_object(&self) -> &Object<'a> {
        &self.object
    }

    /// The JSON object itself.
    #[must_use]
    pub fn into_object(self) -> Object<'a> {
        self.object
    }

    /// The credential as compact JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.object.to_json()
    }

    /// The same credential, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> Credential<'static> {
        Credential {
            object: self.object.into_owned(),
            version: self.version,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
        }
    }

    // Issuing takes the object out and puts it back with a proof added.
    pub(crate) fn take_object(&mut self) -> Object<'a> {
        core::mem::take(&mut self.object)
    }

    pub(crate) fn put_object(&mut self, object: Object<'a>) {
        self.object = object;
    }
}

/// Builds a credential from its parts, checked as one that was received is.
///
/// ```
/// use kbtf_vc::{CredentialBuilder, Version};
/// use kbtf_did::json::Object;
///
/// let mut subject = Object::new();
/// subject.insert("id", "did:example:student");
/// subject.insert("degree", "공학사");
/// let credential = CredentialBuilder::new(Version::V2_0, "did:example:university")
///     .context("https://example.org/contexts/graduation/v1")
///     .credential_type("GraduationCertificate")
///     .valid_from("2026-02-20T00:00:00+09:00".parse()?)
///     .subject(subject)
///     .build()?;
/// assert!(!credential.is_signed());
/// # Ok::<(), kbtf_vc::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CredentialBuilder<'a> {
    version: Version,
    contexts: Vec<Value<'a>>,
    types: Vec<Value<'a>>,
    subjects: Vec<Value<'a>>,
    members: Object<'a>,
}

impl<'a> CredentialBuilder<'a> {
    /// A credential of an issuer, which is a URL and, to be verifiable here, a DID.
    #[must_use]
    pub fn new(version: Version, issuer: &str) -> Self {
        let mut members = Object::new();
        members.insert("issuer", issuer.to_string());
        Self {
            version,
            contexts: alloc::vec![version.context().into()],
            types: alloc::vec!["VerifiableCredential".into()],
            subjects: Vec::new(),
            members,
        }
    }

    /// Adds a context after that of the data model.
    #[must_use]
    pub fn context(mut self, url: &str) -> Self {
        self.contexts.push(url.to_string().into());
        self
    }

    /// Adds a type after `VerifiableCredential`.
    #[must_use]
    pub fn credential_type(mut self, name: &str) -> Self {
        self.types.push(name.to_string().into());
        self
    }

    /// Adds a subject with its claims.
    #[must_use]
    pub fn subject(mut self, subject: Object<'a>) -> Self {
        self.subjects.push(subject.into());
        self
    }

    /// Sets from when on it is valid. VC 1.1 cannot do without.
    #[must_use]
    pub fn valid_from(self, time: Timestamp) -> Self {
        let member = validity_members(self.version).0;
        self.member(member, time.to_string())
    }

    /// Sets the last moment at which it is valid.
    #[must_use]
    pub fn valid_until(self, time: Timestamp) -> Self {
        let member = validity_members(self.version).1;
        self.member(member, time.to_string())
    }

    /// Sets any other member, such as `id`, `name` or `credentialStatus`.
    #[must_use]
    pub fn member(mut self, name: &'static str, value: impl Into<Value<'a>>) -> Self {
        self.members.insert(name, value);
        self
    }

    /// The credential, not signed yet.
    ///
    /// # Errors
    /// As for [`Credential::parse`].
    pub fn build(self) -> Result<Credential<'a>, Error> {
        let mut object = Object::new();
        object.insert("@context", Value::Array(self.contexts));
        if let Some(id) = self.members.get("id") {
            object.insert("id", id.clone());
        }
        object.insert("type", Value::Array(self.types));
        for (name, value) in self.members.iter() {
            object.insert(name.to_string(), value.clone());
        }
        let mut subjects = self.subjects;
        match (subjects.pop(), subjects.is_empty()) {
            (Some(only), true) => object.insert("credentialSubject", only),
            (Some(last), false) => {
                subjects.push(last);
                object.insert("credentialSubject", Value::Array(subjects))
            }
            (None, _) => None,
        };
        Credential::from_object(object)
    }
}

pub(crate) const fn validity_members(version: Version) -> (&'static str, &'static str) {
    match version {
        Version::V1_1 => ("issuanceDate", "expirationDate"),
        Version::V2_0 => ("validFrom", "validUntil"),
    }
}

/// `"…"` or `{"id": "…"}`.
pub(crate) fn id_of<'v>(value: &'v Value<'_>) -> Option<&'v str> {
    match value {
        Value::String(id) => Some(id),
        Value::Object(object) => object.get_str("id"),
        _ => None,
    }
}

/// Whether a text has the shape of an absolute URL: a scheme, a colon and more, without characters that no URL
/// has. What the URL leads to is nobody's concern here.
pub(crate) fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let mut scheme = scheme.bytes();
    scheme.next().is_some_and(|b| b.is_ascii_alphabetic())
        && scheme.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        && !rest.is_empty()
        && !rest.chars().any(|c| match c {
            '\0'..=' ' | '\u{7f}' => true,
            '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`' => true,
            c => !c.is_ascii() && (c.is_whitespace() || c.is_control()),
        })
}

/// JSON-LD would read `@type` as `type`; we would not. So that no two readers see two documents, keywords
/// other than `@context` are refused at the top.
pub(crate) fn check_keywords(object: &Object<'_>) -> Result<(), Error> {
    match object
        .iter()
        .find(|(name, _)| name.starts_with('@') && *name != "@context")
    {
        Some((name, _)) => Err(malformed(name, "no JSON-LD keyword other than @context")),
        None => Ok(()),
    }
}

pub(crate) fn check_type(object: &Object<'_>, required: &str) -> Result<(), Error> {
    let types = object.get("type").map(Value::as_set).unwrap_or_default();
    if types
        .iter()
        .all(|t| t.as_str().is_some_and(|t| !t.is_empty()))
        && types.iter().any(|t| t.as_str() == Some(required))
    {
        return Ok(());
    }
    Err(malformed(
        "type",
        "the type of the document (VerifiableCredential or VerifiablePresentation) among type names",
    ))
}

pub(crate) fn check_optional_url(object: &Object<'_>, member: &'static str) -> Result<(), Error> {
    match object.get(member) {
        None => Ok(()),
        Some(value) if value.as_str().is_some_and(is_url) => Ok(()),
        Some(_) => Err(malformed(member, "a URL")),
    }
}

fn check_issuer(object: &Object<'_>) -> Result<(), Error> {
    let issuer = object.get("issuer").and_then(id_of);
    if !issuer.is_some_and(is_url) {
        return Err(malformed("issuer", "a URL, or an object whose id is a URL"));
    }
    Ok(())
}

fn check_subjects(object: &Object<'_>) -> Result<(), Error> {
    const MEMBER: &str = "credentialSubject";
    let subjects = object.get(MEMBER).map(Value::as_set).unwrap_or_default();
    if subjects.is_empty() {
        return Err(malformed(MEMBER, "one subject or several"));
    }
    for (i, subject) in subjects.iter().enumerate() {
        let claims = subject
            .as_object()
            .filter(|subject| !subject.is_empty())
            .ok_or_else(|| malformed(&format!("{MEMBER}[{i}]"), "an object with claims"))?;
        if claims
            .get("id")
            .is_some_and(|id| !id.as_str().is_some_and(is_url))
        {
            return Err(malformed(&format!("{MEMBER}[{i}].id"), "a URL"));
        }
    }
    Ok(())
}

fn check_typed(
    object: &Object<'_>,
    member: &'static str,
    required: &[&str],
    version: Version,
) -> Result<(), Error> {
    let entries = object.get(member).map(Value::as_set);
    // An empty list would be one in which everything is in order.
    if entries.is_some_and(<[_]>::is_empty) {
        return Err(malformed(member, "at least one, or no such member"));
    }
    for (i, entry) in entries.unwrap_or_default().iter().enumerate() {
        let entry = entry
            .as_object()
            .ok_or_else(|| malformed(&format!("{member}[{i}]"), "an object"))?;
        // VC 1.1 also wants an id for a status (section 4.9); 2.0 leaves it out.
        let extra = (version == Version::V1_1 && member == "credentialStatus").then_some(&"id");
        for name in required.iter().chain(extra) {
            let fits = match (*name, entry.get(name)) {
                ("id", Some(id)) => id.as_str().is_some_and(is_url),
                (_, Some(types)) => {
                    !types.as_set().is_empty()
                        && types.as_set().iter().all(|t| t.as_str().is_some())
                }
                (_, None) => false,
            };
            if !fits {
                return Err(malformed(
                    &format!("{member}[{i}].{name}"),
                    "a URL as id and a name as type",
                ));
            }
        }
        if let Some(id) = entry.get("id")
            && !id.as_str().is_some_and(is_url)
        {
            return Err(malformed(&format!("{member}[{i}].id"), "a URL"));
        }
    }
    Ok(())
}

/// A string, or one or several `{"@value", "@language", "@direction"}` (VC 2.0 section 11.1).
fn check_language_string(
    object: &Object<'_>,
    member: &'static str,
    place: &'static str,
) -> Result<(), Error> {
    let Some(value) = object.get(member) else {
        return Ok(());
    };
    let fits = match value {
        Value::String(_) => true,
        Value::Object(_) | Value::Array(_) => value.as_set().iter().all(|entry| {
            entry.as_object().is_some_and(|entry| {
                entry.get_str("@value").is_some()
                    && entry.iter().all(|(name, value)| {
                        matches!(name, "@value" | "@language" | "@direction")
                            && value.as_str().is_some()
                    })
            })
        }),
        _ => false,
    };
    if fits {
        Ok(())
    } else {
        Err(malformed(place, "a string or language value objects"))
    }
}

fn check_related_resources(object: &Object<'_>) -> Result<(), Error> {
    const MEMBER: &str = "relatedResource";
    let entries = object.get(MEMBER).map(Value::as_set).unwrap_or_default();
    let mut ids: Vec<&str> = Vec::new();
    for (i, entry) in entries.iter().enumerate() {
        let id = entry.as_object().and_then(|entry| {
            let digest = entry
                .get_str("digestSRI")
                .or(entry.get_str("digestMultibase"));
            digest.filter(|d| !d.is_empty()).and(entry.get_str("id"))
        });
        match id {
            Some(id) if is_url(id) => ids.push(id),
            _ => {
                return Err(malformed(
                    &format!("{MEMBER}[{i}]"),
                    "an object with a URL as id, and a digest",
                ));
            }
        }
    }
    ids.sort_unstable();
    if ids.iter().zip(ids.iter().skip(1)).any(|(a, b)| a == b) {
        return Err(malformed(MEMBER, "ids that occur once"));
    }
    Ok(())
}

pub(crate) fn check_proof_shape(object: &Object<'_>) -> Result<(), Error> {
    match object.get("proof") {
        None => Ok(()),
        Some(proof)
            if !proof.as_set().is_empty()
                && proof.as_set().iter().all(|p| p.as_object().is_some()) =>
        {
            Ok(())
        }
        Some(_) => Err(malformed("proof", "an object or an array of objects")),
    }
}

fn validity(
    object: &Object<'_>,
    version: Version,
) -> Result<(Option<Timestamp>, Option<Timestamp>), Error> {
    let foreign = match version {
        Version::V1_1 => ["validFrom", "validUntil"],
        Version::V2_0 => ["issuanceDate", "expirationDate"],
    };
    if let Some(place) = foreign.into_iter().find(|m| object.contains(m)) {
        return Err(Error::MixedVersions {
            place,
            version: version.as_str(),
        });
    }
    let time = |member: &'static str| match object.get(member) {
        None => Ok(None),
        Some(value) => value
            .as_str()
            .and_then(|text| text.parse().ok())
            .map(Some)
            .ok_or_else(|| malformed(member, "a date and time with zone (dateTimeStamp)")),
    };
    let (from_member, until_member) = validity_members(version);
    let (from, until) = (time(from_member)?, time(until_member)?);
    if version == Version::V1_1 && from.is_none() {
        return Err(malformed(from_member, "a date and time with zone"));
    }
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        return Err(malformed(until_member, "a time not before the first"));
    }
    Ok((from, until))
}
