//! Makes the vectors: every signed, forged or broken document under `vectors/` is written by this code, so that
//! anyone can see how, and `kbtf-conformance vectors --write` makes the same bytes again.

mod assurance;
mod authenticity;
mod credentials;
mod evidence;
mod exchange;
mod forge;
mod history;
mod identifiers;
mod identity;
mod keys;
mod open_did;
mod presentations;
mod rdf;
mod sd_jwt;
mod tokens;

use serde_json::Value;

use crate::{
    Error,
    protocol::Decision,
    suite::{Case, Check, Exchange, Expect, Suite, Text},
};

/// The time of all suites.
const NOW: &str = "2026-11-22T00:00:00Z";

/// All suites, each with the path of its file under `vectors/`.
///
/// # Errors
/// `conformance/vectors` if a document cannot be made, which the tests exclude.
pub fn all() -> Result<Vec<(&'static str, Suite)>, Error> {
    let vectors = |reason: String| Error::Vectors {
        place: "generator".into(),
        reason,
    };
    let mut all = vec![
        ("did/canonical-json.json", identifiers::canonical_json()),
        ("did/identifiers.json", identifiers::identifiers()),
        ("did/keys.json", keys::suite_of_keys().map_err(vectors)?),
        (
            "vc/credential-issue.json",
            credentials::issue().map_err(vectors)?,
        ),
        (
            "vc/credential-verify.json",
            credentials::verify().map_err(vectors)?,
        ),
        (
            "vc/assurance.json",
            assurance::suite_of_assurance().map_err(vectors)?,
        ),
        (
            "vc/exchange.json",
            exchange::suite_of_exchange().map_err(vectors)?,
        ),
        (
            "vc/open-did.json",
            open_did::suite_of_open_did().map_err(vectors)?,
        ),
        ("vc/rdf.json", rdf::suite_of_rdf().map_err(vectors)?),
        (
            "vc/tokens.json",
            tokens::suite_of_tokens().map_err(vectors)?,
        ),
        (
            "vc/sd-jwt.json",
            sd_jwt::suite_of_sd_jwts().map_err(vectors)?,
        ),
        (
            "vc/evidence.json",
            evidence::suite_of_evidence().map_err(vectors)?,
        ),
        (
            "vc/presentation.json",
            presentations::verify().map_err(vectors)?,
        ),
    ];
    all.extend(identity::all().map_err(vectors)?);
    all.extend(history::all().map_err(vectors)?);
    all.extend(authenticity::all().map_err(vectors)?);
    all.sort_by_key(|(path, _)| *path);
    Ok(all)
}

fn suite(name: &str, infrastructure: &str, en: &str, ko: &str, cases: Vec<Case>) -> Suite {
    Suite {
        schema: "../schema.json".into(),
        suite: name.into(),
        infrastructure: infrastructure.into(),
        title: text(en, ko),
        now: NOW.into(),
        cases,
    }
}

fn text(en: &str, ko: &str) -> Text {
    Text {
        en: en.into(),
        ko: ko.into(),
    }
}

/// The end of a case's name, its titles, its input and what is expected.
type Row = (String, &'static str, &'static str, Value, Expect);

/// A case for each row, all of one operation.
fn rows(
    operation: &str,
    prefix: &str,
    requirements: &[&str],
    feature: &str,
    rows: Vec<Row>,
) -> Vec<Case> {
    rows.into_iter()
        .map(|(name, en, ko, input, expect)| {
            let id = format!("{prefix}-{name}");
            case(&id, (en, ko), requirements, operation, input, expect).features(&[feature])
        })
        .collect()
}

/// An object with a member set.
fn with(value: &Value, name: &str, to: Value) -> Value {
    let mut value = value.clone();
    if let Some(members) = value.as_object_mut() {
        members.insert(name.into(), to);
    }
    value
}

/// A case of one exchange.
fn case(
    id: &str,
    (en, ko): (&str, &str),
    requirements: &[&str],
    operation: &str,
    input: Value,
    expect: Expect,
) -> Case {
    script(
        id,
        (en, ko),
        requirements,
        vec![exchange(operation, input, expect)],
    )
}

fn script(id: &str, (en, ko): (&str, &str), requirements: &[&str], steps: Vec<Exchange>) -> Case {
    Case {
        id: id.into(),
        title: text(en, ko),
        requirements: requirements.iter().map(|&r| r.to_owned()).collect(),
        features: Vec::new(),
        flags: Vec::new(),
        steps,
    }
}

fn exchange(operation: &str, input: Value, expect: Expect) -> Exchange {
    Exchange {
        operation: operation.into(),
        now: None,
        input,
        expect,
        bind: std::collections::BTreeMap::new(),
    }
}

impl Case {
    fn features(mut self, features: &[&str]) -> Self {
        self.features.extend(features.iter().map(|&f| f.to_owned()));
        self
    }

    fn flag(mut self, flag: &str) -> Self {
        self.flags.push(flag.into());
        self
    }

    /// Another time for all steps.
    fn at(mut self, now: &str) -> Self {
        for step in &mut self.steps {
            step.now = Some(now.into());
        }
        self
    }
}

const fn verdict(verdict: Decision) -> Expect {
    Expect {
        verdict,
        reason: Vec::new(),
        needs: None,
        value: None,
        proof_value: None,
        check: None,
    }
}

const fn accepted() -> Expect {
    verdict(Decision::Accepted)
}

fn made(value: Value) -> Expect {
    Expect {
        value: Some(value),
        ..accepted()
    }
}

fn checked(check: Check) -> Expect {
    Expect {
        check: Some(check),
        ..accepted()
    }
}

fn refused(reasons: &[&str]) -> Expect {
    Expect {
        reason: reasons.iter().map(|&r| r.to_owned()).collect(),
        ..verdict(Decision::Refused)
    }
}

fn undecided(needs: Option<&[&str]>) -> Expect {
    Expect {
        needs: needs.map(|needs| needs.iter().map(|&n| n.to_owned()).collect()),
        ..verdict(Decision::Undecided)
    }
}
