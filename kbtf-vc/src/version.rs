use kbtf_did::json::{Object, Value};

use crate::{Error, error::malformed};

/// The first context of every VC 1.1 document.
pub const CONTEXT_V1: &str = "https://www.w3.org/2018/credentials/v1";
/// The first context of every VC 2.0 document.
pub const CONTEXT_V2: &str = "https://www.w3.org/ns/credentials/v2";

/// A version of the W3C Verifiable Credentials Data Model (VC-01).
///
/// The first context decides. Signed data is never converted from one to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// VC Data Model 1.1 (2022).
    V1_1,
    /// VC Data Model 2.0 (2025).
    V2_0,
}

impl Version {
    /// `1.1` or `2.0`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1_1 => "1.1",
            Self::V2_0 => "2.0",
        }
    }

    /// The context that stands first in documents of this version.
    #[must_use]
    pub const fn context(self) -> &'static str {
        match self {
            Self::V1_1 => CONTEXT_V1,
            Self::V2_0 => CONTEXT_V2,
        }
    }

    pub(crate) const fn other(self) -> Self {
        match self {
            Self::V1_1 => Self::V2_0,
            Self::V2_0 => Self::V1_1,
        }
    }

    /// The version of a document, from its contexts.
    pub(crate) fn of(object: &Object<'_>) -> Result<Self, Error> {
        let contexts = object
            .get("@context")
            .and_then(Value::as_array)
            .ok_or_else(|| malformed("@context", "an array of contexts"))?;
        if !contexts
            .iter()
            .all(|c| matches!(c, Value::String(_) | Value::Object(_)))
        {
            return Err(malformed("@context", "only URLs and objects in the array"));
        }
        let first = contexts.first().and_then(Value::as_str);
        let version = [Self::V1_1, Self::V2_0]
            .into_iter()
            .find(|v| first == Some(v.context()))
            .ok_or(Error::UnknownVersion)?;
        let other = version.other().context();
        if contexts.iter().any(|c| c.as_str() == Some(other)) {
            return Err(Error::MixedVersions {
                place: "@context",
                version: version.as_str(),
            });
        }
        Ok(version)
    }
}
