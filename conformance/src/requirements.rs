//! The catalogue of requirements that reports trace to.

use serde::Deserialize;

use crate::{Error, suite::Text};

/// A requirement of the K-BTF catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Requirement {
    /// The stable id, such as `DID-10`.
    pub id: String,
    /// The infrastructure it belongs to.
    pub infrastructure: String,
    /// What it asks.
    pub title: Text,
    /// How it is shown: V vector, P property test, B benchmark, I interoperation, C checklist item.
    pub shown_by: Vec<String>,
    /// What the suite does not test of it yet, where it tests something.
    pub open: Option<Text>,
}

#[derive(Deserialize)]
struct Catalogue {
    requirements: Vec<Requirement>,
}

/// All requirements, in the order of the catalogue.
///
/// # Errors
/// `conformance/vectors` if the built-in file is not well formed, which the tests exclude.
pub fn catalogue() -> Result<Vec<Requirement>, Error> {
    serde_json::from_str::<Catalogue>(include_str!("../requirements.json"))
        .map(|catalogue| catalogue.requirements)
        .map_err(|error| Error::Vectors {
            place: "requirements.json".into(),
            reason: error.to_string(),
        })
}
