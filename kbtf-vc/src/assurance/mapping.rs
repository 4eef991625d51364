use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::json::{self, Object, Value};

use super::{AssuranceError, Framework, malformed, unknown};

/// How binding a mapping is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MappingKind {
    /// A standard or a law states it.
    Normative,
    /// A standard or a law mentions it.
    Informative,
    /// Whoever wrote it down thinks so.
    Local,
}

/// Which level of one framework counts as which of another (X.1254 clause 4.6; EAA-07). It never rises above what was
/// written down: a level without an entry is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    id: String,
    from: Side,
    to: Side,
    authority: String,
    kind: MappingKind,
    pairs: Vec<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) framework: String,
    pub(super) edition: String,
    pub(super) component: String,
}

impl Side {
    fn read(object: &Object<'_>, member: &'static str) -> Result<Self, AssuranceError> {
        let side = object.get(member).and_then(Value::as_object);
        let text = |name| side.and_then(|s| s.get_str(name)).map(ToOwned::to_owned);
        match (text("framework"), text("edition"), text("component")) {
            (Some(framework), Some(edition), Some(component)) => Ok(Self {
                framework,
                edition,
                component,
            }),
            _ => Err(malformed(member, "framework, edition and component")),
        }
    }

    pub(super) fn is(&self, framework: &Framework) -> bool {
        self.framework == framework.id() && self.edition == framework.edition()
    }
}

impl Mapping {
    /// The mappings that come with this crate, between eIDAS and X.1254 of 2012. None of them is normative; whoever uses
    /// one decides so.
    ///
    /// # Errors
    /// None in practice: the tests read them.
    pub fn built_in() -> Result<Vec<Self>, AssuranceError> {
        let Value::Object(file) = json::parse(include_str!("frameworks/mappings.json"))? else {
            return Err(malformed("mappings", "an object"));
        };
        let mappings = file.get("mappings").map(Value::as_set).unwrap_or_default();
        mappings
            .iter()
            .filter_map(Value::as_object)
            .map(Self::from_object)
            .collect()
    }

    /// Reads a mapping: `{id, from: {framework, edition, component}, to: {…}, authority, kind, pairs: [[from, to], …]}`.
    ///
    /// # Errors
    /// A JSON error; `assurance/malformed` with the place.
    pub fn parse(text: &str) -> Result<Self, AssuranceError> {
        match json::parse(text)? {
            Value::Object(object) => Self::from_object(&object),
            _ => Err(malformed("mapping", "an object")),
        }
    }

    fn from_object(object: &Object<'_>) -> Result<Self, AssuranceError> {
        let text = |member: &'static str| {
            let text = object.get_str(member).map(ToOwned::to_owned);
            text.ok_or_else(|| malformed(member, "a text"))
        };
        let pairs = object.get("pairs").and_then(Value::as_array);
        let pairs = pairs.ok_or_else(|| malformed("pairs", "pairs of levels"))?;
        let pair = |pair: &Value<'_>| match pair.as_array() {
            Some([Value::String(from), Value::String(to)]) => {
                Ok((from.to_string(), to.to_string()))
            }
            _ => Err(malformed("pairs", "pairs of levels")),
        };
        Ok(Self {
            id: text("id")?,
            from: Side::read(object, "from")?,
            to: Side::read(object, "to")?,
            authority: text("authority")?,
            kind: match text("kind")?.as_str() {
                "normative" => MappingKind::Normative,
                "informative" => MappingKind::Informative,
                "local" => MappingKind::Local,
                _ => return Err(malformed("kind", "normative, informative or local")),
            },
            pairs: pairs.iter().map(pair).collect::<Result<_, _>>()?,
        })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Who says so.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// How binding it is.
    #[must_use]
    pub const fn kind(&self) -> MappingKind {
        self.kind
    }

    pub(super) const fn from(&self) -> &Side {
        &self.from
    }

    pub(super) const fn to(&self) -> &Side {
        &self.to
    }

    /// That it goes from one framework to another, names only levels they have, each once, and that a higher level never
    /// counts as a lower one than a lower level does.
    ///
    /// # Errors
    /// `assurance/unknown`, `assurance/malformed`.
    pub fn check(&self, from: &Framework, to: &Framework) -> Result<(), AssuranceError> {
        if !self.from.is(from) || !self.to.is(to) {
            return Err(unknown("mapping from and to", &self.id));
        }
        let mut ranks = Vec::with_capacity(self.pairs.len());
        for (a, b) in &self.pairs {
            ranks.push((
                from.rank(&self.from.component, a)?,
                to.rank(&self.to.component, b)?,
            ));
        }
        ranks.sort_unstable();
        let next = ranks.iter().zip(ranks.iter().skip(1));
        for ((from_a, to_a), (from_b, to_b)) in next {
            if from_a == from_b || to_a > to_b {
                return Err(malformed("pairs", "each level once, never falling"));
            }
        }
        Ok(())
    }

    /// What a level counts as; `None` if nobody has written it down.
    #[must_use]
    pub fn apply(&self, level: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(from, _)| from == level)
            .map(|(_, to)| to.as_str())
    }
}
