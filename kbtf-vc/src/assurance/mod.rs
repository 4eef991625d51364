//! Levels of assurance: how sure one can be that somebody is who he is said to be (ITU-T X.1254; EAA-01 to EAA-08).
//!
//! A framework is data with an edition: its levels, its phases, its controls with their text, and which controls each
//! level of each phase needs. X.1254 of 2012 (four levels; the Korean standard KS X ITU-T X.1254) is complete; others can
//! be read from JSON. From evidence that controls are met follows a level for each phase, and from those the overall
//! level, which is the lowest of them. What is missing, expired or unknown never raises anything.
//!
//! ```
//! use kbtf_vc::assurance::{BuiltIn, ControlEvidence, Entity, Framework, assess};
//!
//! let framework = Framework::built_in(BuiltIn::X1254Of2012)?;
//! let now = "2026-11-22T00:00:00Z".parse()?;
//! // Somebody said who he is, and the policy was kept: level 1 of enrolment, and nothing is known of the other phases.
//! let evidence = ["enrol-1", "enrol-3"].map(|control| ControlEvidence::met(control, "did:web:auditor.example", now));
//! let assessment = assess(&framework, Entity::Person, &evidence, &[], now);
//! let enrolment = assessment.phase("enrolment").unwrap();
//! assert_eq!(enrolment.level(), Some("LoA1"));
//! assert_eq!(enrolment.missing(), ["enrol-4"]);
//! assert_eq!(assessment.overall("overall"), None);
//! // Table 2 says which level a loss asks for.
//! assert_eq!(framework.level_for_impact(&[("financialLoss", "moderate"), ("personalSafety", "minimum")])?, Some("LoA3"));
//! # Ok::<(), kbtf_vc::assurance::AssuranceError>(())
//! ```

mod assess;
mod framework;
mod mapping;
mod statement;
pub(crate) mod step;

use alloc::string::String;

use kbtf_did::json;

pub use assess::{
    Assessment, ControlEvidence, ControlOutcome, Entity, PhaseAssessment, RiskAssessment,
    Treatment, assess,
};
pub use framework::{BuiltIn, Control, Framework, Phase, Threat};
pub use mapping::{Mapping, MappingKind};
pub use statement::{Answer, AssuranceStatement, Comparison, Requirement};
pub use step::AssurancePolicy;

/// What is wrong with a framework, a mapping, a statement or a question about them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AssuranceError {
    /// The text is not strict JSON.
    #[error(transparent)]
    Json(#[from] json::Error),
    /// A time that is none.
    #[error(transparent)]
    Did(#[from] kbtf_did::Error),
    /// A member is missing or has the wrong shape.
    #[error("{place}: expected {expected}")]
    Malformed {
        /// Where.
        place: String,
        /// What was expected there.
        expected: &'static str,
    },
    /// A level, phase, component, control, threat or impact that the framework does not have.
    #[error("the framework has no {what} {name:?}")]
    Unknown {
        /// What kind of thing.
        what: &'static str,
        /// Its name.
        name: String,
    },
}

impl AssuranceError {
    /// The stable code, such as `assurance/unknown`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
            Self::Did(error) => error.code(),
            Self::Malformed { .. } => "assurance/malformed",
            Self::Unknown { .. } => "assurance/unknown",
        }
    }
}

pub(crate) fn malformed(place: impl Into<String>, expected: &'static str) -> AssuranceError {
    AssuranceError::Malformed {
        place: place.into(),
        expected,
    }
}

pub(crate) fn unknown(what: &'static str, name: &str) -> AssuranceError {
    AssuranceError::Unknown {
        what,
        name: name.chars().take(80).collect(),
    }
}
