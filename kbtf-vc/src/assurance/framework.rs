use alloc::{
    borrow::ToOwned,
    collections::BTreeSet,
    format,
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::json::{self, Object, Value};

use super::{AssuranceError, Entity, malformed, unknown};
use crate::Language;

/// The frameworks that come with this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum BuiltIn {
    /// ITU-T X.1254 (2012), the same as ISO/IEC 29115:2013 and KS X ITU-T X.1254: LoA1 to LoA4, with all controls of its
    /// tables 5, 7 and 9.
    X1254Of2012,
    /// ITU-T X.1254 (09/2020), which has three levels for authentication alone. Levels only: its controls are not typed
    /// in, so nothing is assessed by it.
    X1254Of2020,
    /// NIST SP 800-63-3: IAL, AAL and FAL, which have no overall level.
    Nist800_63_3,
    /// eIDAS, with Implementing Regulation (EU) 2015/1502: low, substantial, high.
    Eidas2014,
}

/// A framework of levels of assurance: data with an edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Framework {
    id: String,
    edition: String,
    title: Text,
    source: String,
    has_overall: bool,
    components: Vec<Component>,
    phases: Vec<Phase>,
    threats: Vec<Threat>,
    controls: Vec<Control>,
    rules: Vec<Rule>,
    impact_scale: Vec<String>,
    impact_rows: Vec<ImpactRow>,
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Text {
    korean: String,
    english: String,
}

impl Text {
    fn read(object: &Object<'_>, member: &str) -> Result<Self, AssuranceError> {
        let text = object.get(member).and_then(Value::as_object);
        let read = |language| text.and_then(|text| text.get_str(language));
        match (read("ko"), read("en")) {
            (Some(korean), Some(english)) => Ok(Self {
                korean: korean.to_owned(),
                english: english.to_owned(),
            }),
            _ => Err(malformed(member, "a text in ko and en")),
        }
    }

    fn get(&self, language: Language) -> &str {
        match language {
            Language::Korean => &self.korean,
            Language::English => &self.english,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Component {
    id: String,
    /// Lowest first.
    levels: Vec<String>,
}

/// A phase in which assurance is gained or lost, such as enrolment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phase {
    id: String,
    component: String,
    title: Text,
    session: bool,
}

impl Phase {
    /// Its id, such as `enrolment`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The component that its levels are of.
    #[must_use]
    pub fn component(&self) -> &str {
        &self.component
    }

    /// Whether its level comes about anew with every authentication, so that no credential can state it.
    #[must_use]
    pub const fn is_of_session(&self) -> bool {
        self.session
    }

    /// Its name for people.
    #[must_use]
    pub fn title(&self, language: Language) -> &str {
        self.title.get(language)
    }
}

/// A threat and the controls against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threat {
    id: String,
    phase: String,
    title: Text,
    controls: Vec<String>,
}

impl Threat {
    /// Its id, such as `onlineGuessing`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The phase it belongs to.
    #[must_use]
    pub fn phase(&self) -> &str {
        &self.phase
    }

    /// Its name for people.
    #[must_use]
    pub fn title(&self, language: Language) -> &str {
        self.title.get(language)
    }

    /// The controls that the framework names against it.
    pub fn controls(&self) -> impl Iterator<Item = &str> {
        self.controls.iter().map(String::as_str)
    }
}

/// A control: something that is done, or holds, against threats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    id: String,
    phase: String,
    clause: String,
    group: Text,
    text: Text,
    includes: Vec<String>,
    conditional: bool,
}

impl Control {
    /// Its id, such as `cm-16`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The phase it belongs to.
    #[must_use]
    pub fn phase(&self) -> &str {
        &self.phase
    }

    /// The clause of the standard.
    #[must_use]
    pub fn clause(&self) -> &str {
        &self.clause
    }

    /// The group of controls it stands in.
    #[must_use]
    pub fn group(&self, language: Language) -> &str {
        self.group.get(language)
    }

    /// What it asks.
    #[must_use]
    pub fn text(&self, language: Language) -> &str {
        self.text.get(language)
    }

    /// Whether it asks something only under a condition, so that it can be not applicable.
    #[must_use]
    pub const fn is_conditional(&self) -> bool {
        self.conditional
    }
}

/// What a level of a phase needs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    phase: String,
    level: String,
    entity: Option<Entity>,
    require: Expression,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression {
    Control(String),
    All(Vec<Expression>),
    Any(Vec<Expression>),
    AtLeast(usize, Vec<Expression>),
    /// Every control that the risk assessment has chosen against the threats of a phase.
    RiskChosen(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct ImpactRow {
    id: String,
    title: Text,
    /// For each level, the highest impact that it still answers for, as a place in the scale.
    highest: Vec<usize>,
}

impl Framework {
    /// A framework that comes with this crate.
    ///
    /// # Errors
    /// None in practice: the tests read every one of them.
    pub fn built_in(which: BuiltIn) -> Result<Self, AssuranceError> {
        Self::parse(match which {
            BuiltIn::X1254Of2012 => include_str!("frameworks/x1254-2012.json"),
            BuiltIn::X1254Of2020 => include_str!("frameworks/x1254-2020.json"),
            BuiltIn::Nist800_63_3 => include_str!("frameworks/nist-800-63-3.json"),
            BuiltIn::Eidas2014 => include_str!("frameworks/eidas-2014.json"),
        })
    }

    /// Reads a framework. Its shape is that of the ones in this crate's `src/assurance/frameworks`.
    ///
    /// # Errors
    /// A JSON error; `assurance/malformed` with the place; `assurance/unknown` for a name that leads nowhere.
    pub fn parse(text: &str) -> Result<Self, AssuranceError> {
        let Value::Object(object) = json::parse(text)? else {
            return Err(malformed("framework", "an object"));
        };
        let framework = Self {
            id: string(&object, "id")?,
            edition: string(&object, "edition")?,
            title: Text::read(&object, "title")?,
            source: string(&object, "source")?,
            has_overall: match string(&object, "combine")?.as_str() {
                "minimum" => true,
                "none" => false,
                _ => return Err(malformed("combine", "minimum or none")),
            },
            components: each(&object, "components", |component| {
                Ok(Component {
                    id: string(component, "id")?,
                    levels: strings(component, "levels")?,
                })
            })?,
            phases: each(&object, "phases", |phase| {
                Ok(Phase {
                    id: string(phase, "id")?,
                    component: string(phase, "component")?,
                    title: Text::read(phase, "title")?,
                    session: flag(phase, "session")?,
                })
            })?,
            threats: each(&object, "threats", |threat| {
                Ok(Threat {
                    id: string(threat, "id")?,
                    phase: string(threat, "phase")?,
                    title: Text::read(threat, "title")?,
                    controls: strings(threat, "controls")?,
                })
            })?,
            controls: each(&object, "controls", |control| {
                Ok(Control {
                    id: string(control, "id")?,
                    phase: string(control, "phase")?,
                    clause: string(control, "clause")?,
                    group: Text::read(control, "group")?,
                    text: Text::read(control, "text")?,
                    includes: strings(control, "includes")?,
                    conditional: flag(control, "conditional")?,
                })
            })?,
            rules: each(&object, "rules", |rule| {
                Ok(Rule {
                    phase: string(rule, "phase")?,
                    level: string(rule, "level")?,
                    entity: match string(rule, "entity")?.as_str() {
                        "any" => None,
                        "person" => Some(Entity::Person),
                        "nonPerson" => Some(Entity::NonPerson),
                        _ => return Err(malformed("entity", "any, person or nonPerson")),
                    },
                    require: expression(rule.get("require"), 0)?,
                })
            })?,
            impact_scale: match object.get("impact").and_then(Value::as_object) {
                Some(impact) => strings(impact, "scale")?,
                None => Vec::new(),
            },
            impact_rows: Vec::new(),
        };
        framework.with_impact(&object)?.checked()
    }

    fn with_impact(mut self, object: &Object<'_>) -> Result<Self, AssuranceError> {
        let Some(impact) = object.get("impact").and_then(Value::as_object) else {
            return Ok(self);
        };
        let scale = self.impact_scale.clone();
        self.impact_rows = each(impact, "rows", |row| {
            let highest = strings(row, "highest")?;
            let highest = highest.iter().map(|name| {
                let place = scale.iter().position(|impact| impact == name);
                place.ok_or_else(|| unknown("impact", name))
            });
            Ok(ImpactRow {
                id: string(row, "id")?,
                title: Text::read(row, "title")?,
                highest: highest.collect::<Result<_, _>>()?,
            })
        })?;
        Ok(self)
    }

    /// That every name leads somewhere and nothing is there twice.
    fn checked(self) -> Result<Self, AssuranceError> {
        let phase = |name: &str| self.phase(name).ok_or_else(|| unknown("phase", name));
        let control = |name: &str| self.control(name).ok_or_else(|| unknown("control", name));
        once("components", self.components.iter().map(|c| c.id.as_str()))?;
        once("phases", self.phases.iter().map(|p| p.id.as_str()))?;
        once("threats", self.threats.iter().map(|t| t.id.as_str()))?;
        once("controls", self.controls.iter().map(|c| c.id.as_str()))?;
        if self.components.is_empty() || self.phases.is_empty() {
            return Err(malformed("phases", "at least one, and one component"));
        }
        if self.has_overall && self.components.len() != 1 {
            return Err(malformed("components", "one, if levels are combined"));
        }
        for component in &self.components {
            once("levels", component.levels.iter().map(String::as_str))?;
            if component.levels.is_empty() {
                return Err(malformed("levels", "at least one"));
            }
        }
        for of in &self.phases {
            self.levels(&of.component)?;
        }
        for threat in &self.threats {
            phase(&threat.phase)?;
            for name in &threat.controls {
                control(name)?;
            }
        }
        for of in &self.controls {
            phase(&of.phase)?;
            for name in &of.includes {
                control(name)?;
            }
        }
        let mut ruled = BTreeSet::new();
        for rule in &self.rules {
            let levels = self.levels(&phase(&rule.phase)?.component)?;
            if !levels.contains(&rule.level) {
                return Err(unknown("level", &rule.level));
            }
            rule.require.check(&self)?;
            let entities = match rule.entity {
                Some(entity) => alloc::vec![entity],
                None => alloc::vec![Entity::Person, Entity::NonPerson],
            };
            for entity in entities {
                if !ruled.insert((&rule.phase, &rule.level, entity)) {
                    let place = format!("rules: {} {}", rule.phase, rule.level);
                    return Err(malformed(place, "one rule for each level and entity"));
                }
            }
        }
        let levels = self.components.first().map_or(0, |c| c.levels.len());
        for row in &self.impact_rows {
            let rising = row.highest.iter().zip(row.highest.iter().skip(1));
            if row.highest.len() != levels || rising.into_iter().any(|(a, b)| a > b) {
                return Err(malformed(
                    &*row.id,
                    "one impact for each level, none lower than before",
                ));
            }
        }
        Ok(self)
    }

    /// Its id, such as `itu-t-x1254`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its edition, such as `2012`. Levels of different editions are not the same levels.
    #[must_use]
    pub fn edition(&self) -> &str {
        &self.edition
    }

    /// Its name for people.
    #[must_use]
    pub fn title(&self, language: Language) -> &str {
        self.title.get(language)
    }

    /// What it was typed in from, and what is missing.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether its phases combine to one level, the lowest of them.
    #[must_use]
    pub const fn has_overall(&self) -> bool {
        self.has_overall
    }

    /// The levels of a component, lowest first. A framework whose phases combine has one component, `overall`.
    ///
    /// # Errors
    /// `assurance/unknown` if it has no such component.
    pub fn levels(&self, component: &str) -> Result<&[String], AssuranceError> {
        self.components
            .iter()
            .find(|c| c.id == component)
            .map(|c| c.levels.as_slice())
            .ok_or_else(|| unknown("component", component))
    }

    /// Where a level stands among those of its component, lowest 0.
    pub(super) fn rank(&self, component: &str, level: &str) -> Result<usize, AssuranceError> {
        let levels = self.levels(component)?;
        let rank = levels.iter().position(|l| l == level);
        rank.ok_or_else(|| unknown("level", level))
    }

    /// Its phases.
    #[must_use]
    pub fn phases(&self) -> &[Phase] {
        &self.phases
    }

    /// The phase of an id.
    #[must_use]
    pub fn phase(&self, id: &str) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.id == id)
    }

    /// Its threats.
    #[must_use]
    pub fn threats(&self) -> &[Threat] {
        &self.threats
    }

    /// Its controls.
    #[must_use]
    pub fn controls(&self) -> &[Control] {
        &self.controls
    }

    /// The control of an id.
    #[must_use]
    pub fn control(&self, id: &str) -> Option<&Control> {
        self.controls.iter().find(|control| control.id == id)
    }

    /// What a level of a phase needs; `None` if the framework does not say, which is never enough.
    pub(super) fn rule(&self, phase: &str, level: &str, entity: Entity) -> Option<&Expression> {
        self.rules
            .iter()
            .filter(|rule| rule.phase == phase && rule.level == level)
            .find(|rule| rule.entity.is_none_or(|of| of == entity))
            .map(|rule| &rule.require)
    }

    /// The controls whose text takes the one of an id over, directly or through others, and that one itself.
    pub(super) fn covering<'f>(&'f self, id: &'f str) -> BTreeSet<&'f str> {
        let mut covering = BTreeSet::from([id]);
        // At most one round for each control: every round but the last adds one.
        for _ in 0..self.controls.len() {
            let more: Vec<&str> = self
                .controls
                .iter()
                .filter(|control| {
                    !covering.contains(control.id.as_str())
                        && control
                            .includes
                            .iter()
                            .any(|i| covering.contains(i.as_str()))
                })
                .map(|control| control.id.as_str())
                .collect();
            if more.is_empty() {
                break;
            }
            covering.extend(more);
        }
        covering
    }

    /// The rows of the table of impacts (X.1254 table 2): id and name of each consequence of a failed authentication.
    pub fn impacts(&self, language: Language) -> impl Iterator<Item = (&str, &str)> {
        self.impact_rows
            .iter()
            .map(move |row| (row.id.as_str(), row.title.get(language)))
    }

    /// The level that a transaction needs: for each consequence the lowest level that answers for so great an impact, and
    /// of those the highest (X.1254 clause 4.5; EAA-06). Impacts are `notApplicable`, `minimum`, `moderate`,
    /// `substantial`, `high`. `None` if no level answers for it.
    ///
    /// # Errors
    /// `assurance/unknown` for a consequence or impact that the table does not have; `assurance/malformed` if one is named
    /// twice, or none at all: nothing follows from a risk assessment that was not made.
    pub fn level_for_impact(
        &self,
        impacts: &[(&str, &str)],
    ) -> Result<Option<&str>, AssuranceError> {
        if impacts.is_empty() {
            return Err(malformed("impacts", "at least one"));
        }
        once("impacts", impacts.iter().map(|(row, _)| *row))?;
        let mut needed = 0;
        for (row, impact) in impacts {
            let of_row = self.impact_rows.iter().find(|r| r.id == *row);
            let of_row = of_row.ok_or_else(|| unknown("consequence", row))?;
            let impact_at = self.impact_scale.iter().position(|i| i == impact);
            let impact_at = impact_at.ok_or_else(|| unknown("impact", impact))?;
            match of_row
                .highest
                .iter()
                .position(|highest| *highest >= impact_at)
            {
                Some(level) => needed = needed.max(level),
                None => return Ok(None),
            }
        }
        let levels = self.components.first().map(|c| c.levels.as_slice());
        Ok(levels.unwrap_or_default().get(needed).map(String::as_str))
    }
}

impl Expression {
    fn check(&self, framework: &Framework) -> Result<(), AssuranceError> {
        match self {
            Self::Control(id) => match framework.control(id) {
                Some(_) => Ok(()),
                None => Err(unknown("control", id)),
            },
            Self::RiskChosen(phase) => match framework.phase(phase) {
                Some(_) => Ok(()),
                None => Err(unknown("phase", phase)),
            },
            Self::All(of) | Self::Any(of) | Self::AtLeast(_, of) => {
                of.iter().try_for_each(|inner| inner.check(framework))
            }
        }
    }
}

fn expression(value: Option<&Value<'_>>, depth: usize) -> Result<Expression, AssuranceError> {
    const EXPECTED: &str = "one of control, all, any, atLeast, riskChosen";
    let wrong = || malformed("require", EXPECTED);
    let object = value.and_then(Value::as_object).ok_or_else(wrong)?;
    let mut members = object.iter();
    let (Some((name, value)), None) = (members.next(), members.next()) else {
        return Err(wrong());
    };
    if depth > 16 {
        return Err(malformed("require", "at most 16 levels"));
    }
    let several = |value: &Value<'_>| {
        let of = value.as_array().filter(|of| !of.is_empty());
        of.ok_or_else(wrong)?
            .iter()
            .map(|inner| expression(Some(inner), depth + 1))
            .collect::<Result<Vec<_>, _>>()
    };
    Ok(match (name, value) {
        ("control", Value::String(id)) => Expression::Control(id.to_string()),
        ("riskChosen", Value::String(phase)) => Expression::RiskChosen(phase.to_string()),
        ("all", value) => Expression::All(several(value)?),
        ("any", value) => Expression::Any(several(value)?),
        ("atLeast", Value::Object(inner)) => {
            let count = inner.get("count").and_then(Value::as_number);
            let count = count
                .and_then(json::Number::as_i64)
                .and_then(|count| usize::try_from(count).ok());
            let of = several(inner.get("of").unwrap_or(&Value::Null))?;
            match count {
                Some(count) if (1..=of.len()).contains(&count) => Expression::AtLeast(count, of),
                _ => {
                    return Err(malformed(
                        "require.atLeast.count",
                        "1 to the number of parts",
                    ));
                }
            }
        }
        _ => return Err(wrong()),
    })
}

fn string(object: &Object<'_>, member: &str) -> Result<String, AssuranceError> {
    object
        .get_str(member)
        .filter(|text| !text.is_empty())
        .map(ToOwned::to_owned)
        .ok_or_else(|| malformed(member, "a text"))
}

fn strings(object: &Object<'_>, member: &str) -> Result<Vec<String>, AssuranceError> {
    let values = object.get(member).and_then(Value::as_array);
    let values = values.ok_or_else(|| malformed(member, "an array of texts"))?;
    let text = |value: &Value<'_>| value.as_str().map(ToOwned::to_owned);
    values
        .iter()
        .map(|value| text(value).ok_or_else(|| malformed(member, "an array of texts")))
        .collect()
}

fn flag(object: &Object<'_>, member: &str) -> Result<bool, AssuranceError> {
    match object.get(member) {
        None => Ok(false),
        Some(value) => value
            .as_bool()
            .ok_or_else(|| malformed(member, "true or false")),
    }
}

fn each<T>(
    object: &Object<'_>,
    member: &str,
    read: impl Fn(&Object<'_>) -> Result<T, AssuranceError>,
) -> Result<Vec<T>, AssuranceError> {
    let values = object.get(member).map(Value::as_array);
    let values = match values {
        None => return Ok(Vec::new()),
        Some(values) => values.ok_or_else(|| malformed(member, "an array of objects"))?,
    };
    let one = |(i, value): (usize, &Value<'_>)| {
        let object = value
            .as_object()
            .ok_or_else(|| malformed(format!("{member}[{i}]"), "an object"))?;
        read(object).map_err(|error| match error {
            AssuranceError::Malformed { place, expected } => {
                malformed(format!("{member}[{i}].{place}"), expected)
            }
            other => other,
        })
    };
    values.iter().enumerate().map(one).collect()
}

fn once<'n>(
    place: &'static str,
    names: impl Iterator<Item = &'n str>,
) -> Result<(), AssuranceError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(malformed(place, "names that occur once"));
        }
    }
    Ok(())
}
