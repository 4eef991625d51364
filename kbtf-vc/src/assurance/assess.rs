use alloc::{
    borrow::ToOwned,
    collections::{BTreeMap, BTreeSet},
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::Timestamp;

use super::{Framework, framework::Expression};

/// Who is to be assured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    /// A person.
    Person,
    /// A device, a program, an organisation: X.1254's non-person entity.
    NonPerson,
}

/// What an assessor found about a control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlOutcome {
    /// It is met.
    Met,
    /// It is not met.
    NotMet,
    /// Its condition does not hold, and why. Counts only for controls that have one.
    NotApplicable(String),
}

/// What was found about one control, by whom and for how long (EAA-09).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlEvidence {
    control: String,
    outcome: ControlOutcome,
    assessor: String,
    assessed_at: Timestamp,
    valid_until: Option<Timestamp>,
    digest: Option<[u8; 32]>,
}

impl ControlEvidence {
    /// A control that is met.
    #[must_use]
    pub fn met(control: &str, assessor: &str, at: Timestamp) -> Self {
        Self::new(control, ControlOutcome::Met, assessor, at)
    }

    /// Any outcome.
    #[must_use]
    pub fn new(control: &str, outcome: ControlOutcome, assessor: &str, at: Timestamp) -> Self {
        Self {
            control: control.to_owned(),
            outcome,
            assessor: assessor.to_owned(),
            assessed_at: at,
            valid_until: None,
            digest: None,
        }
    }

    /// Says until when it holds. Without an end it holds until something later is found.
    #[must_use]
    pub const fn valid_until(mut self, time: Timestamp) -> Self {
        self.valid_until = Some(time);
        self
    }

    /// The SHA-256 of the report or record that it rests on.
    #[must_use]
    pub const fn digest(mut self, sha256: [u8; 32]) -> Self {
        self.digest = Some(sha256);
        self
    }

    /// Which control.
    #[must_use]
    pub fn control(&self) -> &str {
        &self.control
    }

    /// Who found it.
    #[must_use]
    pub fn assessor(&self) -> &str {
        &self.assessor
    }

    /// The SHA-256 of what it rests on.
    #[must_use]
    pub const fn record(&self) -> Option<&[u8; 32]> {
        self.digest.as_ref()
    }

    fn counts_at(&self, now: Timestamp) -> bool {
        self.assessed_at <= now && self.valid_until.is_none_or(|until| now <= until)
    }
}

/// How a risk assessment treats a threat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Treatment {
    /// By these controls, out of those that the framework names against the threat.
    Controls(BTreeSet<String>),
    /// Not at all, because it does not concern this system; with the reason.
    NotApplicable(String),
}

/// Which controls a phase needs here (X.1254 clause 8.3.2, note a of table 9: the controls of the authentication phase
/// are chosen by risk assessment). Every threat of the phase must be treated; one against which a level demands a control
/// anyway may be left to that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskAssessment {
    phase: String,
    treatments: BTreeMap<String, Treatment>,
    valid_until: Option<Timestamp>,
}

impl RiskAssessment {
    /// A risk assessment that treats no threat yet.
    #[must_use]
    pub fn new(phase: &str) -> Self {
        Self {
            phase: phase.to_owned(),
            treatments: BTreeMap::new(),
            valid_until: None,
        }
    }

    /// Treats a threat by controls.
    #[must_use]
    pub fn treat<'c>(mut self, threat: &str, controls: impl IntoIterator<Item = &'c str>) -> Self {
        let controls = controls.into_iter().map(ToOwned::to_owned).collect();
        self.treatments
            .insert(threat.to_owned(), Treatment::Controls(controls));
        self
    }

    /// Says that a threat does not concern this system, and why.
    #[must_use]
    pub fn not_applicable(mut self, threat: &str, reason: &str) -> Self {
        let treatment = Treatment::NotApplicable(reason.to_owned());
        self.treatments.insert(threat.to_owned(), treatment);
        self
    }

    /// Says until when it holds.
    #[must_use]
    pub const fn valid_until(mut self, time: Timestamp) -> Self {
        self.valid_until = Some(time);
        self
    }

    /// The controls that it has chosen; `None` if it is not complete.
    fn chosen(&self, framework: &Framework) -> Option<BTreeSet<&str>> {
        let mut chosen = BTreeSet::new();
        for threat in framework
            .threats()
            .iter()
            .filter(|t| t.phase() == self.phase)
        {
            match self.treatments.get(threat.id())? {
                Treatment::NotApplicable(reason) if !reason.trim().is_empty() => {}
                Treatment::NotApplicable(_) => return None,
                Treatment::Controls(controls) => {
                    let known = |c: &String| threat.controls().any(|known| known == c);
                    if controls.is_empty() || !controls.iter().all(known) {
                        return None;
                    }
                    chosen.extend(controls.iter().map(String::as_str));
                }
            }
        }
        Some(chosen)
    }
}

/// The level of one phase, and what the next one lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhaseAssessment {
    phase: String,
    component: String,
    rank: Option<usize>,
    level: Option<String>,
    next: Option<String>,
    missing: Vec<String>,
}

impl PhaseAssessment {
    /// The phase.
    #[must_use]
    pub fn phase(&self) -> &str {
        &self.phase
    }

    /// Its level; `None` if not even the lowest is reached.
    #[must_use]
    pub fn level(&self) -> Option<&str> {
        self.level.as_deref()
    }

    /// The next level, if there is one.
    #[must_use]
    pub fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }

    /// The controls that the next level lacks: those that it names and nobody has found met. Under a choice, all that
    /// stand to choose. `riskAssessment` stands for one that is missing, expired or not complete.
    #[must_use]
    pub fn missing(&self) -> &[String] {
        &self.missing
    }
}

/// The levels that follow from evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    phases: Vec<PhaseAssessment>,
    has_overall: bool,
}

impl Assessment {
    /// What was found for a phase.
    #[must_use]
    pub fn phase(&self, id: &str) -> Option<&PhaseAssessment> {
        self.phases.iter().find(|phase| phase.phase == id)
    }

    /// All phases of the framework.
    #[must_use]
    pub fn phases(&self) -> &[PhaseAssessment] {
        &self.phases
    }

    /// The level over all phases of a component: the lowest of them (EAA-02). `None` if one has none, or the framework
    /// does not combine them.
    #[must_use]
    pub fn overall(&self, component: &str) -> Option<&str> {
        if !self.has_overall {
            return None;
        }
        let mut lowest: Option<&PhaseAssessment> = None;
        for phase in self.phases.iter().filter(|p| p.component == component) {
            let rank = phase.rank?;
            if lowest.is_none_or(|lowest| lowest.rank.is_some_and(|l| rank < l)) {
                lowest = Some(phase);
            }
        }
        lowest.and_then(PhaseAssessment::level)
    }
}

/// Evidence as the rules see it.
struct Facts<'f> {
    framework: &'f Framework,
    /// The latest that was found about each control; of two at one time, the worse.
    found: BTreeMap<&'f str, (&'f ControlOutcome, Timestamp)>,
    chosen: BTreeMap<&'f str, BTreeSet<&'f str>>,
}

impl Facts<'_> {
    fn is_met(&self, id: &str) -> bool {
        if let Some((outcome, _)) = self.found.get(id) {
            return match outcome {
                ControlOutcome::Met => true,
                ControlOutcome::NotMet => false,
                ControlOutcome::NotApplicable(reason) => {
                    !reason.trim().is_empty()
                        && self
                            .framework
                            .control(id)
                            .is_some_and(super::Control::is_conditional)
                }
            };
        }
        // A control that takes this one over, as #5 of enrolment does with #4.
        self.framework
            .covering(id)
            .iter()
            .any(|covering| matches!(self.found.get(covering), Some((ControlOutcome::Met, _))))
    }

    fn holds(&self, expression: &Expression) -> bool {
        match expression {
            Expression::Control(id) => self.is_met(id),
            Expression::All(of) => of.iter().all(|inner| self.holds(inner)),
            Expression::Any(of) => of.iter().any(|inner| self.holds(inner)),
            Expression::AtLeast(count, of) => {
                of.iter().filter(|inner| self.holds(inner)).count() >= *count
            }
            Expression::RiskChosen(phase) => self
                .chosen
                .get(phase.as_str())
                .is_some_and(|chosen| chosen.iter().all(|id| self.is_met(id))),
        }
    }

    fn missing(&self, expression: &Expression, into: &mut BTreeSet<String>) {
        if self.holds(expression) {
            return;
        }
        match expression {
            Expression::Control(id) => {
                into.insert(id.clone());
            }
            Expression::All(of) | Expression::Any(of) | Expression::AtLeast(_, of) => {
                for inner in of {
                    self.missing(inner, into);
                }
            }
            Expression::RiskChosen(phase) => match self.chosen.get(phase.as_str()) {
                None => {
                    into.insert("riskAssessment".to_string());
                }
                Some(chosen) => {
                    let missing = chosen.iter().filter(|id| !self.is_met(id));
                    into.extend(missing.map(|id| (*id).to_owned()));
                }
            },
        }
    }
}

/// What level follows from evidence: for each phase the highest of which the rules of it and of all below it hold with
/// evidence that counts now (EAA-03 to EAA-05). More evidence that controls are met never lowers a level, and no expiry
/// raises one.
#[must_use]
pub fn assess(
    framework: &Framework,
    entity: Entity,
    evidence: &[ControlEvidence],
    risks: &[RiskAssessment],
    now: Timestamp,
) -> Assessment {
    let mut found: BTreeMap<&str, (&ControlOutcome, Timestamp)> = BTreeMap::new();
    for item in evidence.iter().filter(|item| item.counts_at(now)) {
        let is_later = found.get(item.control()).is_none_or(|(outcome, at)| {
            (item.assessed_at, badness(&item.outcome)) > (*at, badness(outcome))
        });
        if is_later {
            found.insert(item.control(), (&item.outcome, item.assessed_at));
        }
    }
    let mut chosen: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for risk in risks {
        let counts = risk.valid_until.is_none_or(|until| now <= until);
        if counts && let Some(of_phase) = risk.chosen(framework) {
            // Two assessments of one phase: what either asks for.
            chosen.entry(&risk.phase).or_default().extend(of_phase);
        }
    }
    let facts = Facts {
        framework,
        found,
        chosen,
    };
    let phases = framework.phases().iter().map(|phase| {
        let levels = framework.levels(phase.component()).unwrap_or_default();
        let rules = levels
            .iter()
            .map(|level| framework.rule(phase.id(), level, entity));
        let reached = rules
            .take_while(|rule| rule.is_some_and(|rule| facts.holds(rule)))
            .count();
        let next = levels.get(reached);
        let mut missing = BTreeSet::new();
        if let Some(rule) = next.and_then(|level| framework.rule(phase.id(), level, entity)) {
            facts.missing(rule, &mut missing);
        }
        let rank = reached.checked_sub(1);
        PhaseAssessment {
            phase: phase.id().to_owned(),
            component: phase.component().to_owned(),
            rank,
            level: rank.and_then(|rank| levels.get(rank)).cloned(),
            next: next.cloned(),
            missing: missing.into_iter().collect(),
        }
    });
    Assessment {
        phases: phases.collect(),
        has_overall: framework.has_overall(),
    }
}

const fn badness(outcome: &ControlOutcome) -> u8 {
    match outcome {
        ControlOutcome::Met => 0,
        ControlOutcome::NotApplicable(_) => 1,
        ControlOutcome::NotMet => 2,
    }
}
