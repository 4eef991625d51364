//! The step `assurance` of verification.

use alloc::{
    borrow::ToOwned,
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::{
    Timestamp,
    json::{Object, Value},
};

use super::{Answer, AssuranceError, AssuranceStatement, Framework, Mapping, Requirement, unknown};
use crate::{FailureCode, NotChecked, Step, Verdict, verify::Inputs};

/// What a relying party asks of the level of assurance, and what it knows itself of the session.
///
/// A credential states the levels of its phases of the past, enrolment and the keeping of the credential. The level of
/// the authentication itself comes about now, and no credential can state it: what it says about that is not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssurancePolicy {
    framework: Framework,
    requirement: Requirement,
    session: BTreeMap<String, String>,
    mappings: Vec<(Framework, Mapping)>,
}

impl AssurancePolicy {
    /// Asks for levels of a framework.
    #[must_use]
    pub const fn new(framework: Framework, requirement: Requirement) -> Self {
        Self {
            framework,
            requirement,
            session: BTreeMap::new(),
            mappings: Vec::new(),
        }
    }

    /// States the level that the authentication of this session has, as the relying party has seen to it or been told
    /// by an attestation that it believes.
    ///
    /// # Errors
    /// `assurance/unknown` for a phase that is not of the session, or a level it does not have.
    pub fn session(mut self, phase: &str, level: &str) -> Result<Self, AssuranceError> {
        let of = self.framework.phase(phase).filter(|of| of.is_of_session());
        let of = of.ok_or_else(|| unknown("phase of the session", phase))?;
        self.framework.rank(of.component(), level)?;
        self.session.insert(phase.to_owned(), level.to_owned());
        Ok(self)
    }

    /// Also takes overall levels of another framework, through a mapping to this one.
    ///
    /// # Errors
    /// Those of [`Mapping::check`].
    pub fn accept_mapped(
        mut self,
        from: Framework,
        mapping: Mapping,
    ) -> Result<Self, AssuranceError> {
        mapping.check(&from, &self.framework)?;
        self.mappings.push((from, mapping));
        Ok(self)
    }

    /// What a statement and the session come to, and whether that is what is asked for.
    #[must_use]
    pub fn answer(&self, statement: Option<&AssuranceStatement>, now: Timestamp) -> Answer {
        let counts = |s: &&AssuranceStatement| s.expires.is_none_or(|until| now <= until);
        let statement = statement.filter(counts);
        let mut phases = self.session.clone();
        let mut overall = None;
        let mut mapped_by = None;
        if let Some(statement) = statement {
            if is_of(statement, &self.framework) {
                phases.extend(past(statement, &self.framework));
            } else if let Some((from, mapping)) = self
                .mappings
                .iter()
                .find(|(from, _)| is_of(statement, from))
            {
                // Levels of the session are of this framework: only a statement that needs none of the other can be
                // carried over whole. So the phases of the past are taken, and the session's are compared here.
                let past = past(statement, from).collect();
                if let Some(level) = lowest(from, &mapping.from().component, &past, false)
                    && let Some(mapped) = mapping.apply(&level)
                {
                    mapped_by = Some(mapping.id().to_owned());
                    for phase in self.framework.phases() {
                        if phase.component() == mapping.to().component && !phase.is_of_session() {
                            phases.insert(phase.id().to_owned(), mapped.to_owned());
                        }
                    }
                }
            }
        }
        if self.framework.has_overall() {
            overall = lowest(&self.framework, "overall", &phases, true);
        }
        let is_met = self.is_met(&phases, overall.as_deref());
        Answer {
            phases,
            overall,
            mapped_by,
            is_met,
        }
    }

    fn is_met(&self, phases: &BTreeMap<String, String>, overall: Option<&str>) -> Option<bool> {
        let holds = |component: &str, reached: &str, asked: &str| {
            let reached = self.framework.rank(component, reached).ok()?;
            let asked = self.framework.rank(component, asked).ok()?;
            Some(self.requirement.comparison.holds(reached, asked))
        };
        let mut met = true;
        if let Some((component, asked)) = &self.requirement.component {
            met &= holds(component, overall?, asked)?;
        }
        for (phase, asked) in &self.requirement.phases {
            let component = self.framework.phase(phase)?.component();
            met &= holds(component, phases.get(phase)?, asked)?;
        }
        Some(met)
    }
}

fn is_of(statement: &AssuranceStatement, framework: &Framework) -> bool {
    statement.framework == framework.id() && statement.edition == framework.edition()
}

/// The levels of a statement that a credential can state: of phases that are not of the session.
fn past<'s>(
    statement: &'s AssuranceStatement,
    framework: &'s Framework,
) -> impl Iterator<Item = (String, String)> + 's {
    statement
        .phases
        .iter()
        .filter(|(phase, level)| {
            framework.phase(phase).is_some_and(|phase| {
                !phase.is_of_session() && framework.rank(phase.component(), level).is_ok()
            })
        })
        .map(|(phase, level)| (phase.clone(), level.clone()))
}

/// The lowest level over all phases of a component, or over those of the past; `None` if one has none.
fn lowest(
    framework: &Framework,
    component: &str,
    phases: &BTreeMap<String, String>,
    with_session: bool,
) -> Option<String> {
    let mut lowest = None;
    for phase in framework.phases() {
        if phase.component() != component || (phase.is_of_session() && !with_session) {
            continue;
        }
        let rank = framework.rank(component, phases.get(phase.id())?).ok()?;
        lowest = Some(lowest.map_or(rank, |lowest: usize| lowest.min(rank)));
    }
    framework.levels(component).ok()?.get(lowest?).cloned()
}

/// The step `assurance`: what the document's evidence states, against what the policy asks.
pub(crate) fn check(verdict: &mut Verdict, document: &Object<'_>, inputs: &Inputs<'_>) {
    let Some(policy) = &inputs.policy.assurance else {
        verdict.skip(Step::Assurance, NotChecked::NotRequired);
        return;
    };
    let entries = document
        .get("evidence")
        .map(Value::as_set)
        .unwrap_or_default();
    let mut statements = entries
        .iter()
        .filter_map(Value::as_object)
        .filter(|entry| AssuranceStatement::is(entry))
        .map(AssuranceStatement::from_object);
    let statement = match (statements.next(), statements.next()) {
        (None, _) => None,
        (Some(Ok(only)), None) => Some(only),
        (Some(Err(error)), None) => {
            return verdict.fail(FailureCode::AssuranceUnknown, error.to_string());
        }
        (Some(_), Some(_)) => {
            let detail = "evidence: expected one AssuranceStatement";
            return verdict.fail(FailureCode::AssuranceUnknown, detail);
        }
    };
    let answer = policy.answer(statement.as_ref(), inputs.now);
    match answer.is_met() {
        Some(true) => verdict.pass(Step::Assurance),
        Some(false) => {
            let detail = format!("reached {:?} {:?}", answer.overall(), answer.phases);
            verdict.fail(FailureCode::AssuranceTooLow, detail);
        }
        None => {
            let detail = format!("known {:?}", answer.phases);
            verdict.fail(FailureCode::AssuranceUnknown, detail);
        }
    }
}
