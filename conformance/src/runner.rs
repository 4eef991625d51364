//! Runs cases against a target, one after another, and keeps what came of each.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    Error,
    judge::{Judgement, judge},
    protocol::{self, Hello, Request, shown},
    suite::{Case, Suite},
    target::{self, Target},
};

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every step as expected.
    Passed,
    /// A step not as expected.
    Failed {
        /// The step, from 1; 0 if the target was at fault between steps.
        step: usize,
        /// What was expected.
        expected: String,
        /// What came.
        got: String,
    },
    /// The target does not have what the case needs.
    NotSupported {
        /// What is missing.
        why: String,
    },
}

/// A case and what came of it.
#[derive(Debug, Clone)]
pub struct CaseResult {
    /// The infrastructure of its suite.
    pub infrastructure: String,
    /// The name of its suite.
    pub suite: String,
    /// The case.
    pub case: Case,
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took, in milliseconds.
    pub milliseconds: f64,
}

/// A whole run.
#[derive(Debug, Clone)]
pub struct Run {
    /// What the target says of itself.
    pub hello: Hello,
    /// The cases in order.
    pub results: Vec<CaseResult>,
}

impl Run {
    /// How many cases passed, failed, and were not supported.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts::of(self.results.iter())
    }
}

/// How many cases passed, failed, and were not supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// As expected.
    pub passed: usize,
    /// Not as expected.
    pub failed: usize,
    /// Not supported by the target.
    pub not_supported: usize,
}

impl Counts {
    /// Counts some results.
    pub fn of<'r>(results: impl Iterator<Item = &'r CaseResult>) -> Self {
        results.fold(Self::default(), |mut counts, result| {
            match result.outcome {
                Outcome::Passed => counts.passed += 1,
                Outcome::Failed { .. } => counts.failed += 1,
                Outcome::NotSupported { .. } => counts.not_supported += 1,
            }
            counts
        })
    }

    /// All of them.
    #[must_use]
    pub const fn total(self) -> usize {
        self.passed + self.failed + self.not_supported
    }
}

/// How long after the last case a target may still write something that it was not asked.
const LAST_WAIT: Duration = Duration::from_millis(100);

/// Runs the cases of some suites. `progress` is told after each case: how many are done, of how many, and the result.
///
/// # Errors
/// `conformance/target` if the target does not say hello.
pub fn run(
    target: &mut dyn Target,
    suites: &[Suite],
    mut progress: impl FnMut(usize, usize, &CaseResult),
) -> Result<Run, Error> {
    let mut ids = 0..;
    let mut next_id = move || ids.next().unwrap_or_default();
    let hello_request = Request {
        id: next_id(),
        operation: "hello".into(),
        now: "2026-01-01T00:00:00Z".into(),
        seed: seed("hello"),
        input: json!({"protocol": protocol::VERSION, "suite": env!("CARGO_PKG_VERSION")}),
    };
    let hello = target::hello(target, &hello_request)?;
    let total = suites.iter().map(|suite| suite.cases.len()).sum();
    let mut results: Vec<CaseResult> = Vec::with_capacity(total);
    for suite in suites {
        for case in &suite.cases {
            let start = Instant::now();
            let outcome = match missing(&hello, suite, case) {
                Some(why) => Outcome::NotSupported { why },
                None => run_case(target, suite, case, &mut next_id),
            };
            let milliseconds = start.elapsed().as_secs_f64() * 1000.0;
            results.push(CaseResult {
                infrastructure: suite.infrastructure.clone(),
                suite: suite.suite.clone(),
                case: case.clone(),
                outcome,
                milliseconds,
            });
            if let Some(last) = results.last() {
                progress(results.len(), total, last);
            }
        }
    }
    // What is written after the last answer is the fault of the last case that was run.
    let was_run = |r: &&mut CaseResult| !matches!(r.outcome, Outcome::NotSupported { .. });
    if let (Some(violation), Some(last)) = (
        target.violation(LAST_WAIT),
        results.iter_mut().rev().find(was_run),
    ) {
        blame(last, violation);
    }
    target.stop();
    Ok(Run { hello, results })
}

fn blame(result: &mut CaseResult, violation: String) {
    if result.outcome == Outcome::Passed {
        result.outcome = Outcome::Failed {
            step: 0,
            expected: "one answer for each request".into(),
            got: violation,
        };
    }
}

fn missing(hello: &Hello, suite: &Suite, case: &Case) -> Option<String> {
    if !hello.infrastructures.contains(&suite.infrastructure) {
        return Some(format!("infrastructure {}", suite.infrastructure));
    }
    let feature = case
        .features
        .iter()
        .find(|f| !hello.features.contains(*f))?;
    Some(format!("feature {feature}"))
}

fn run_case(
    target: &mut dyn Target,
    suite: &Suite,
    case: &Case,
    next_id: &mut impl FnMut() -> u64,
) -> Outcome {
    let mut bound: BTreeMap<String, Value> = BTreeMap::new();
    for (i, exchange) in case.steps.iter().enumerate() {
        let request = Request {
            id: next_id(),
            operation: exchange.operation.clone(),
            now: exchange.now.as_ref().unwrap_or(&suite.now).clone(),
            seed: seed(&case.id),
            input: substitute(&exchange.input, &bound),
        };
        let answer = target.call(&request);
        match judge(exchange, &request, &answer) {
            Judgement::Passed => {}
            Judgement::Failed { expected, got } => {
                return Outcome::Failed {
                    step: i + 1,
                    expected,
                    got,
                };
            }
        }
        if let Ok(protocol::Answer::Verdict(verdict)) = answer {
            let value = verdict.value.unwrap_or_default();
            for (name, pointer) in &exchange.bind {
                let Some(part) = value.pointer(pointer).cloned() else {
                    return Outcome::Failed {
                        step: i + 1,
                        expected: format!("a value with {pointer}"),
                        got: shown(&value.to_string()),
                    };
                };
                bound.insert(name.clone(), part);
            }
        }
    }
    Outcome::Passed
}

/// The seed of a case: the same in every run, different for each case.
fn seed(case: &str) -> String {
    let digest = Sha256::new_with_prefix("kbtf-conformance seed/1\n").chain_update(case);
    digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The input with every string `${name}` replaced by what is bound to the name.
fn substitute(input: &Value, bound: &BTreeMap<String, Value>) -> Value {
    match input {
        Value::String(text) => text
            .strip_prefix("${")
            .and_then(|rest| rest.strip_suffix('}'))
            .and_then(|name| bound.get(name))
            .unwrap_or(input)
            .clone(),
        Value::Array(values) => values.iter().map(|v| substitute(v, bound)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), substitute(value, bound)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}
