//! Reports: JSON for machines, JUnit XML for build servers, one HTML page for people.

mod html;
mod junit;

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Value, json};

use crate::{
    Error,
    requirements::Requirement,
    runner::{CaseResult, Counts, Outcome, Run},
    suite::{self, Suite},
};

/// What a report is made of.
#[derive(Debug)]
pub struct Report<'r> {
    /// The run.
    pub run: &'r Run,
    /// The catalogue that it traces to.
    pub requirements: &'r [Requirement],
    /// All cases there are, run or not.
    pub suites: &'r [Suite],
    /// What was run, if it was not the whole built-in suite.
    pub selection: Option<&'r str>,
    /// The target as it was named on the command line.
    pub target: &'r str,
    /// When the run began, as a `dateTimeStamp`.
    pub started: &'r str,
}

/// How far a requirement is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Coverage {
    /// All its cases passed, and they cover it.
    Passed,
    /// All its cases passed, and they cover a part of it.
    PassedInPart,
    /// A case failed.
    Failed,
    /// None failed, but some or all are not supported by the target.
    Partial,
    /// There are cases for it, but none was run.
    NotRun,
    /// There is no case for it yet.
    NotCovered,
}

impl Coverage {
    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::PassedInPart => "passedInPart",
            Self::Failed => "failed",
            Self::Partial => "partial",
            Self::NotRun => "notRun",
            Self::NotCovered => "notCovered",
        }
    }
}

impl Report<'_> {
    /// How far a requirement is shown, and by how many cases.
    #[must_use]
    pub fn coverage(&self, requirement: &Requirement) -> (Coverage, Counts) {
        let cases = self
            .run
            .results
            .iter()
            .filter(|r| r.case.requirements.contains(&requirement.id));
        let counts = Counts::of(cases);
        let planned = self
            .suites
            .iter()
            .flat_map(|suite| &suite.cases)
            .filter(|case| case.requirements.contains(&requirement.id))
            .count();
        let whole = requirement.open.is_none() && counts.total() >= planned;
        let coverage = match counts {
            Counts { failed: 1.., .. } => Coverage::Failed,
            Counts {
                not_supported: 1.., ..
            } => Coverage::Partial,
            Counts { passed: 1.., .. } if !whole => Coverage::PassedInPart,
            Counts { passed: 1.., .. } => Coverage::Passed,
            _ if planned > 0 => Coverage::NotRun,
            _ => Coverage::NotCovered,
        };
        (coverage, counts)
    }

    /// The results by infrastructure, in order of their first case.
    fn infrastructures(&self) -> Vec<(&str, Vec<&CaseResult>)> {
        let mut groups: Vec<(&str, Vec<&CaseResult>)> = Vec::new();
        for result in &self.run.results {
            match groups
                .iter_mut()
                .find(|(name, _)| *name == result.infrastructure)
            {
                Some((_, results)) => results.push(result),
                None => groups.push((&result.infrastructure, vec![result])),
            }
        }
        groups
    }

    /// The report as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let counts = self.run.counts();
        let cases: Vec<Value> = self.run.results.iter().map(case_json).collect();
        let requirements: Vec<Value> = self
            .requirements
            .iter()
            .map(|requirement| {
                let (coverage, counts) = self.coverage(requirement);
                json!({
                    "id": requirement.id,
                    "infrastructure": requirement.infrastructure,
                    "title": requirement.title,
                    "shownBy": requirement.shown_by,
                    "coverage": coverage.as_str(),
                    "open": requirement.open,
                    "cases": counts_json(counts),
                })
            })
            .collect();
        let infrastructures: BTreeMap<&str, Value> = self
            .infrastructures()
            .into_iter()
            .map(|(name, results)| (name, counts_json(Counts::of(results.into_iter()))))
            .collect();
        json!({
            "format": "kbtf-conformance-report/1",
            "suite": {
                "name": "kbtf-conformance",
                "version": env!("CARGO_PKG_VERSION"),
                "sha256": suite::digest(self.suites),
                "selection": self.selection,
            },
            "target": {
                "address": self.target,
                "name": self.run.hello.name,
                "version": self.run.hello.version,
                "infrastructures": self.run.hello.infrastructures,
                "features": self.run.hello.features,
            },
            "started": self.started,
            "summary": counts_json(counts),
            "infrastructures": infrastructures,
            "requirements": requirements,
            "cases": cases,
        })
    }

    /// The report as JUnit XML.
    #[must_use]
    pub fn to_junit(&self) -> String {
        junit::render(self)
    }

    /// The report as one HTML page, Korean and English, that needs nothing else.
    #[must_use]
    pub fn to_html(&self) -> String {
        html::render(self)
    }

    /// Writes `report.json`, `report.xml` and `report.html` into a folder, which is made if it is missing.
    ///
    /// # Errors
    /// `conformance/io`, with the path.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        fs::create_dir_all(folder).map_err(|e| io(folder, &e))?;
        let mut json = serde_json::to_string_pretty(&self.to_json()).unwrap_or_default();
        json.push('\n');
        let texts = [json, self.to_junit(), self.to_html()];
        for (name, text) in FILES.into_iter().zip(texts) {
            // Whole or not at all: a report that was cut off must not look like one.
            let (path, draft) = (folder.join(name), folder.join(format!(".{name}.draft")));
            fs::write(&draft, text).map_err(|e| io(&draft, &e))?;
            fs::rename(&draft, &path).map_err(|e| io(&path, &e))?;
        }
        Ok(())
    }
}

const FILES: [&str; 3] = ["report.json", "report.xml", "report.html"];

fn io(path: &Path, error: &std::io::Error) -> Error {
    Error::Io {
        path: path.display().to_string(),
        reason: error.to_string(),
    }
}

/// Takes the reports of an earlier run out of a folder, so that they are not taken for those of one that fails.
///
/// # Errors
/// `conformance/io`, with the path.
pub fn clear(folder: &Path) -> Result<(), Error> {
    for name in FILES {
        let path = folder.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(io(&path, &error));
            }
            _ => {}
        }
    }
    Ok(())
}

fn counts_json(counts: Counts) -> Value {
    json!({
        "total": counts.total(),
        "passed": counts.passed,
        "failed": counts.failed,
        "notSupported": counts.not_supported,
    })
}

fn case_json(result: &CaseResult) -> Value {
    let mut case = json!({
        "id": result.case.id,
        "suite": result.suite,
        "infrastructure": result.infrastructure,
        "title": result.case.title,
        "requirements": result.case.requirements,
        "flags": result.case.flags,
        "milliseconds": (result.milliseconds * 1000.0).round() / 1000.0,
    });
    let outcome = match &result.outcome {
        Outcome::Passed => json!({"outcome": "passed"}),
        Outcome::Failed {
            step,
            expected,
            got,
        } => json!({"outcome": "failed", "step": step, "expected": expected, "got": got}),
        Outcome::NotSupported { why } => json!({"outcome": "notSupported", "why": why}),
    };
    if let (Some(case), Value::Object(outcome)) = (case.as_object_mut(), outcome) {
        case.extend(outcome);
    }
    case
}

/// Text for XML and HTML: markup characters escaped, characters that XML 1.0 cannot hold replaced.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_that_a_target_says_becomes_markup() {
        assert_eq!(
            escape("<script>alert('x')</script> & \"\u{0}\u{1b}\u{ffff}"),
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;\u{fffd}\u{fffd}\u{fffd}"
        );
    }
}
