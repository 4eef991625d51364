use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::{
    Did,
    json::{self, Object, Value},
};

use crate::{
    Credential, Error, Version,
    credential::{
        check_keywords, check_optional_url, check_proof_shape, check_type, id_of, is_url,
    },
    error::malformed,
    received::{Received, Securing},
};

/// The most credentials that one presentation may carry.
pub const MAX_CREDENTIALS: usize = 64;

/// A verifiable presentation (검증 가능한 제시): one or several credentials that their holder shows, signed by the
/// holder and bound to one verifier (VC Data Model 1.1 section 4.10, 2.0 section 4.13; VC-03).
///
/// As received or built; nobody has verified it.
#[derive(Debug, Clone, PartialEq)]
pub struct Presentation<'a> {
    object: Object<'a>,
    version: Version,
}

impl<'a> Presentation<'a> {
    /// Reads a presentation, signed or not.
    ///
    /// # Errors
    /// A JSON error; `vc/malformed` with the place; `vc/unknown-version`; `vc/mixed-versions`. The credentials
    /// inside are read when they are verified.
    pub fn parse(text: &'a str) -> Result<Self, Error> {
        match json::parse(text)? {
            Value::Object(object) => Self::from_object(object),
            _ => Err(malformed("presentation", "a JSON object")),
        }
    }

    /// A presentation of signed credentials by a holder, not signed yet.
    ///
    /// # Errors
    /// `vc/malformed` if there is no credential, more than [`MAX_CREDENTIALS`], or one without proof.
    pub fn new(
        version: Version,
        holder: &Did,
        credentials: Vec<Credential<'a>>,
    ) -> Result<Self, Error> {
        for (i, credential) in credentials.iter().enumerate() {
            if !credential.is_signed() {
                return Err(malformed(
                    &format!("verifiableCredential[{i}].proof"),
                    "a signed credential",
                ));
            }
        }
        let credentials = credentials
            .into_iter()
            .map(|c| Value::Object(c.into_object()))
            .collect();
        Self::around(version, holder, credentials)
    }

    /// A presentation of credentials in any form: objects with proofs, envelopes
    /// ([`envelope_credential`](crate::envelope_credential)), in VC 1.1 tokens as texts. Not signed yet.
    ///
    /// # Errors
    /// `vc/malformed` if there is no credential, more than [`MAX_CREDENTIALS`], or one that is not secured or not readable.
    pub fn of_secured(
        version: Version,
        holder: &Did,
        credentials: Vec<Value<'a>>,
    ) -> Result<Self, Error> {
        for (i, credential) in credentials.iter().enumerate() {
            let received = Received::inside(credential)?;
            if !matches!(received.securing, Securing::Token { .. })
                && !received.credential.is_signed()
            {
                return Err(malformed(
                    &format!("verifiableCredential[{i}].proof"),
                    "a signed credential",
                ));
            }
        }
        Self::around(version, holder, credentials)
    }

    fn around(version: Version, holder: &Did, credentials: Vec<Value<'a>>) -> Result<Self, Error> {
        let mut object = Object::new();
        object.insert("@context", alloc::vec![version.context()]);
        object.insert("type", alloc::vec!["VerifiablePresentation"]);
        object.insert("holder", holder.as_str().to_string());
        object.insert("verifiableCredential", Value::Array(credentials));
        Self::from_object(object)
    }

    pub(crate) fn from_object(object: Object<'a>) -> Result<Self, Error> {
        const MEMBER: &str = "verifiableCredential";
        let version = Version::of(&object)?;
        check_keywords(&object)?;
        check_type(&object, "VerifiablePresentation")?;
        check_optional_url(&object, "id")?;
        if let Some(holder) = object.get("holder")
            && !id_of(holder).is_some_and(is_url)
        {
            return Err(malformed("holder", "a URL, or an object whose id is a URL"));
        }
        let credentials = object.get(MEMBER).map(Value::as_set).unwrap_or_default();
        if credentials.is_empty() || credentials.len() > MAX_CREDENTIALS {
            return Err(malformed(MEMBER, "between 1 and 64 credentials"));
        }
        for (i, credential) in credentials.iter().enumerate() {
            // In VC 1.1 a credential that is a token stands there as a text (section 6.3.1); in 2.0 in an envelope.
            let fits = match credential {
                Value::Object(_) => true,
                Value::String(_) => version == Version::V1_1,
                _ => false,
            };
            if !fits {
                return Err(malformed(&format!("{MEMBER}[{i}]"), "an object"));
            }
        }
        check_proof_shape(&object)?;
        Ok(Self { object, version })
    }

    /// Which version of the data model it follows.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// Who presents, if the presentation says so.
    #[must_use]
    pub fn holder(&self) -> Option<&str> {
        self.object.get("holder").and_then(id_of)
    }

    /// The credentials as JSON objects, at least one.
    pub fn credentials(&self) -> impl ExactSizeIterator<Item = &Value<'a>> {
        let credentials = self.object.get("verifiableCredential").map(Value::as_set);
        credentials.unwrap_or_default().iter()
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

    /// The presentation as compact JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.object.to_json()
    }

    /// The same presentation, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> Presentation<'static> {
        Presentation {
            object: self.object.into_owned(),
            version: self.version,
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
