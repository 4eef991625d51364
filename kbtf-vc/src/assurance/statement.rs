use alloc::{
    borrow::ToOwned,
    collections::BTreeMap,
    string::{String, ToString},
};

use kbtf_did::{
    Timestamp,
    json::{Object, Value},
};

use super::{Assessment, AssuranceError, Framework, malformed, unknown};

/// The type of the object in a credential's `evidence`.
const TYPE: &str = "AssuranceStatement";

/// What levels were reached, as an issuer states them in a credential: an entry of its `evidence`, under the issuer's
/// signature. The overall level is not in it; it follows when the phases of the session are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssuranceStatement {
    pub(super) framework: String,
    pub(super) edition: String,
    pub(super) phases: BTreeMap<String, String>,
    pub(super) expires: Option<Timestamp>,
}

impl AssuranceStatement {
    /// A statement of the levels of phases. To write down what an issuer has reached, take those of an [`Assessment`].
    ///
    /// # Errors
    /// `assurance/unknown` for a phase or level that the framework does not have.
    pub fn new<'l>(
        framework: &Framework,
        levels: impl IntoIterator<Item = (&'l str, &'l str)>,
    ) -> Result<Self, AssuranceError> {
        let mut phases = BTreeMap::new();
        for (phase, level) in levels {
            let of = framework
                .phase(phase)
                .ok_or_else(|| unknown("phase", phase))?;
            framework.rank(of.component(), level)?;
            phases.insert(phase.to_owned(), level.to_owned());
        }
        Ok(Self {
            framework: framework.id().to_owned(),
            edition: framework.edition().to_owned(),
            phases,
            expires: None,
        })
    }

    /// The statement that an assessment allows for a credential: its phases that have a level and are not of the session.
    ///
    /// # Errors
    /// None for an assessment by the same framework.
    pub fn of_assessment(
        framework: &Framework,
        assessment: &Assessment,
    ) -> Result<Self, AssuranceError> {
        let levels = assessment.phases().iter().filter_map(|phase| {
            let of_session = framework.phase(phase.phase())?.is_of_session();
            (!of_session).then_some((phase.phase(), phase.level()?))
        });
        Self::new(framework, levels)
    }

    /// Says until when it holds.
    #[must_use]
    pub const fn expires(mut self, time: Timestamp) -> Self {
        self.expires = Some(time);
        self
    }

    /// The statement as an entry of `evidence`.
    #[must_use]
    pub fn to_object(&self) -> Object<'static> {
        let mut object = Object::new();
        object.insert("type", TYPE);
        object.insert("framework", self.framework.clone());
        object.insert("edition", self.edition.clone());
        let mut phases = Object::new();
        for (phase, level) in &self.phases {
            phases.insert(phase.clone(), level.clone());
        }
        object.insert("phases", phases);
        if let Some(expires) = self.expires {
            object.insert("expires", expires.to_string());
        }
        object
    }

    /// Whether an entry of `evidence` is such a statement.
    pub(super) fn is(entry: &Object<'_>) -> bool {
        let types = entry.get("type").map(Value::as_set).unwrap_or_default();
        types.iter().any(|t| t.as_str() == Some(TYPE))
    }

    /// Reads an entry of `evidence`.
    ///
    /// # Errors
    /// `assurance/malformed` with the place.
    pub fn from_object(object: &Object<'_>) -> Result<Self, AssuranceError> {
        let text = |member: &'static str| {
            let text = object.get_str(member).map(ToOwned::to_owned);
            text.ok_or_else(|| malformed(member, "a text"))
        };
        if !Self::is(object) {
            return Err(malformed("type", TYPE));
        }
        let phases = object.get("phases").and_then(Value::as_object);
        let phases = phases.ok_or_else(|| malformed("phases", "an object"))?;
        let level = |(phase, level): (&str, &Value<'_>)| {
            let level = level.as_str().map(ToOwned::to_owned);
            let level = level.ok_or_else(|| malformed("phases", "a level for each"))?;
            Ok((phase.to_owned(), level))
        };
        Ok(Self {
            framework: text("framework")?,
            edition: text("edition")?,
            phases: phases
                .iter()
                .map(level)
                .collect::<Result<_, AssuranceError>>()?,
            expires: match object.get("expires") {
                None => None,
                Some(_) => Some(text("expires")?.parse()?),
            },
        })
    }
}

/// How the level reached must stand to the level asked for (SAML's comparison of authentication contexts).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Comparison {
    /// At least as high.
    #[default]
    Minimum,
    /// The same.
    Exact,
    /// Higher.
    Better,
    /// At most as high.
    Maximum,
}

impl Comparison {
    const ALL: [Self; 4] = [Self::Minimum, Self::Exact, Self::Better, Self::Maximum];

    /// The name in a request.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minimum => "minimum",
            Self::Exact => "exact",
            Self::Better => "better",
            Self::Maximum => "maximum",
        }
    }

    pub(super) const fn holds(self, reached: usize, asked: usize) -> bool {
        match self {
            Self::Minimum => reached >= asked,
            Self::Exact => reached == asked,
            Self::Better => reached > asked,
            Self::Maximum => reached <= asked,
        }
    }
}

/// The level that a relying party asks for (EAA-08): overall, for single phases, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    pub(super) component: Option<(String, String)>,
    pub(super) phases: BTreeMap<String, String>,
    pub(super) comparison: Comparison,
}

impl Requirement {
    /// A level over all phases of a component (`overall` where a framework combines them).
    ///
    /// # Errors
    /// `assurance/unknown`; `assurance/malformed` if the framework does not combine its phases.
    pub fn overall(framework: &Framework, level: &str) -> Result<Self, AssuranceError> {
        if !framework.has_overall() {
            return Err(malformed("combine", "a framework with an overall level"));
        }
        framework.rank("overall", level)?;
        Ok(Self {
            component: Some(("overall".to_owned(), level.to_owned())),
            phases: BTreeMap::new(),
            comparison: Comparison::Minimum,
        })
    }

    /// A level of one phase.
    ///
    /// # Errors
    /// `assurance/unknown`.
    pub fn phase(framework: &Framework, phase: &str, level: &str) -> Result<Self, AssuranceError> {
        Self {
            component: None,
            phases: BTreeMap::new(),
            comparison: Comparison::Minimum,
        }
        .and_phase(framework, phase, level)
    }

    /// Also a level of another phase.
    ///
    /// # Errors
    /// `assurance/unknown`.
    pub fn and_phase(
        mut self,
        framework: &Framework,
        phase: &str,
        level: &str,
    ) -> Result<Self, AssuranceError> {
        let of = framework
            .phase(phase)
            .ok_or_else(|| unknown("phase", phase))?;
        framework.rank(of.component(), level)?;
        self.phases.insert(phase.to_owned(), level.to_owned());
        Ok(self)
    }

    /// The requirement as JSON: `{framework, edition, level?, phases?, comparison}`.
    #[must_use]
    pub fn to_object(&self, framework: &Framework) -> Object<'static> {
        let mut object = Object::new();
        object.insert("framework", framework.id().to_owned());
        object.insert("edition", framework.edition().to_owned());
        if let Some((_, level)) = &self.component {
            object.insert("level", level.clone());
        }
        if !self.phases.is_empty() {
            let mut phases = Object::new();
            for (phase, level) in &self.phases {
                phases.insert(phase.clone(), level.clone());
            }
            object.insert("phases", phases);
        }
        object.insert("comparison", self.comparison.as_str());
        object
    }

    /// Reads a requirement of a framework.
    ///
    /// # Errors
    /// `assurance/unknown` for one of another framework or edition, or a level that it does not have;
    /// `assurance/malformed`.
    pub fn from_object(framework: &Framework, object: &Object<'_>) -> Result<Self, AssuranceError> {
        if object.get_str("framework") != Some(framework.id())
            || object.get_str("edition") != Some(framework.edition())
        {
            let name = object.get_str("framework").unwrap_or_default();
            return Err(unknown("framework", name));
        }
        let mut requirement = match object.get("level") {
            None => Self {
                component: None,
                phases: BTreeMap::new(),
                comparison: Comparison::Minimum,
            },
            Some(level) => {
                let level = level.as_str().ok_or_else(|| malformed("level", "a text"))?;
                Self::overall(framework, level)?
            }
        };
        if let Some(phases) = object.get("phases") {
            let phases = phases.as_object();
            let phases = phases.ok_or_else(|| malformed("phases", "an object"))?;
            for (phase, level) in phases.iter() {
                let level = level
                    .as_str()
                    .ok_or_else(|| malformed("phases", "levels"))?;
                requirement = requirement.and_phase(framework, phase, level)?;
            }
        }
        if requirement.component.is_none() && requirement.phases.is_empty() {
            return Err(malformed("level", "a level, overall or of a phase"));
        }
        let comparison = object.get_str("comparison").unwrap_or("minimum");
        let comparison = Comparison::ALL
            .into_iter()
            .find(|c| c.as_str() == comparison)
            .ok_or_else(|| malformed("comparison", "minimum, exact, better or maximum"))?;
        Ok(requirement.comparison(comparison))
    }

    /// Says how what was reached must stand to what is asked.
    #[must_use]
    pub const fn comparison(mut self, comparison: Comparison) -> Self {
        self.comparison = comparison;
        self
    }
}

/// What was reached, whether or not it is what was asked for: the relying party decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub(super) phases: BTreeMap<String, String>,
    pub(super) overall: Option<String>,
    pub(super) mapped_by: Option<String>,
    pub(super) is_met: Option<bool>,
}

impl Answer {
    /// The level of a phase, if it is known.
    #[must_use]
    pub fn phase(&self, id: &str) -> Option<&str> {
        self.phases.get(id).map(String::as_str)
    }

    /// The lowest level over all phases, in the framework of the requirement; `None` if one is not known.
    #[must_use]
    pub fn overall(&self) -> Option<&str> {
        self.overall.as_deref()
    }

    /// The id of the mapping that the overall level comes through, if it was stated in another framework.
    #[must_use]
    pub fn mapped_by(&self) -> Option<&str> {
        self.mapped_by.as_deref()
    }

    /// Whether it is what was asked for; `None` if it cannot be told, which is not a yes.
    #[must_use]
    pub const fn is_met(&self) -> Option<bool> {
        self.is_met
    }
}
