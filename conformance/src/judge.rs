//! The judge: whether an answer is the expected one.

use serde_json::{Value, json};

use crate::{
    protocol::{Answer, Decision, Request, Verdict},
    suite::{Check, Exchange, Expect},
    target::reference::Reference,
};

/// What the judge says of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// As expected.
    Passed,
    /// Not as expected: what was, and what came.
    Failed {
        /// What was expected.
        expected: String,
        /// What came.
        got: String,
    },
    /// The target does not have this.
    NotSupported(String),
}

/// Judges an answer to a request of an exchange.
#[must_use]
pub fn judge(exchange: &Exchange, request: &Request, answer: &Result<Answer, String>) -> Judgement {
    let expect = &exchange.expect;
    let failed = |got: String| Judgement::Failed {
        expected: describe(expect),
        got,
    };
    let verdict = match answer {
        Ok(Answer::Verdict(verdict)) => verdict,
        Ok(Answer::Unsupported(why)) => return Judgement::NotSupported(why.clone()),
        Ok(Answer::Error(what)) => return failed(format!("harness error: {what}")),
        Err(what) => return failed(what.clone()),
    };
    let fits = verdict.decision == expect.verdict
        && reason_fits(expect, verdict)
        && needs_fit(expect, verdict)
        && expect
            .value
            .as_ref()
            .is_none_or(|wanted| verdict.value.as_ref().is_some_and(|v| contains(v, wanted)));
    if !fits {
        return failed(describe_verdict(verdict));
    }
    match expect.check {
        None => Judgement::Passed,
        Some(check) => match made_well(check, request, verdict) {
            Ok(()) => Judgement::Passed,
            Err(what) => failed(what),
        },
    }
}

fn reason_fits(expect: &Expect, verdict: &Verdict) -> bool {
    expect.verdict != Decision::Refused
        || verdict
            .reason
            .as_ref()
            .is_some_and(|reason| expect.reason.contains(reason))
}

fn needs_fit(expect: &Expect, verdict: &Verdict) -> bool {
    expect.needs.as_ref().is_none_or(|wanted| {
        let (mut wanted, mut got) = (wanted.clone(), verdict.needs.clone());
        wanted.sort();
        got.sort();
        wanted == got
    })
}

/// Whether a value has everything that is wanted. Objects may have more members; arrays and the rest are equal.
fn contains(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Object(value), Value::Object(wanted)) => wanted
            .iter()
            .all(|(name, wanted)| value.get(name).is_some_and(|v| contains(v, wanted))),
        (value, wanted) => value == wanted,
    }
}

/// Checks something that the target has signed: it holds what was asked, and the reference accepts it.
fn made_well(check: Check, request: &Request, verdict: &Verdict) -> Result<(), String> {
    let text = |value: Option<&Value>, name: &str| {
        value
            .and_then(|v| v.get(name))
            .and_then(Value::as_str)
            .map(str::to_owned)
            .ok_or_else(|| format!("no text {name:?} in the value"))
    };
    let read = |text: &str| -> Result<Value, String> {
        serde_json::from_str(text).map_err(|e| format!("what was made is not JSON: {e}"))
    };
    let input = &request.input;
    let (operation, verification) = match check {
        Check::SignedCredential => {
            let made = text(verdict.value.as_ref(), "credential")?;
            let mut without_proof = read(&made)?;
            if let Some(members) = without_proof.as_object_mut() {
                members.remove("proof");
            }
            if without_proof != read(&text(Some(input), "credential")?)? {
                return Err(
                    "the signed credential says something else than the unsigned one".into(),
                );
            }
            let contexts = without_proof.get("@context").cloned();
            (
                "credential.verify",
                json!({"credential": made, "policy": {"contexts": contexts}}),
            )
        }
        Check::SignedPresentation => {
            let made = text(verdict.value.as_ref(), "presentation")?;
            let presented = read(&made)?;
            let asked: Vec<Value> = input
                .get("credentials")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .map(|c| read(c.as_str().unwrap_or_default()))
                .collect::<Result<_, _>>()?;
            if presented.get("verifiableCredential") != Some(&Value::Array(asked)) {
                return Err("the presentation does not carry the credentials as they are".into());
            }
            let (challenge, domain) = (input.get("challenge"), input.get("domain"));
            (
                "presentation.verify",
                json!({"presentation": made, "challenge": challenge, "domain": domain}),
            )
        }
    };
    let request = Request {
        operation: operation.into(),
        input: verification,
        ..request.clone()
    };
    match Reference::default().answer(&request) {
        Answer::Verdict(verdict) if verdict.decision == Decision::Accepted => Ok(()),
        Answer::Verdict(verdict) => Err(format!(
            "the reference does not accept what was made: {}",
            describe_verdict(&verdict)
        )),
        Answer::Unsupported(what) | Answer::Error(what) => Err(what),
    }
}

fn describe(expect: &Expect) -> String {
    let mut text = expect.verdict.as_str().to_owned();
    if !expect.reason.is_empty() {
        text.push_str(&format!(" ({})", expect.reason.join(" or ")));
    }
    if let Some(needs) = &expect.needs {
        text.push_str(&format!(", needs {}", needs.join(", ")));
    }
    if let Some(value) = &expect.value {
        text.push_str(&format!(", value with {value}"));
    }
    match expect.check {
        Some(Check::SignedCredential) => {
            text.push_str(", a signed credential that the reference accepts");
        }
        Some(Check::SignedPresentation) => {
            text.push_str(", a signed presentation that the reference accepts");
        }
        None => {}
    }
    text
}

fn describe_verdict(verdict: &Verdict) -> String {
    let mut text = verdict.decision.as_str().to_owned();
    if let Some(reason) = &verdict.reason {
        text.push_str(&format!(" ({reason})"));
    }
    if !verdict.needs.is_empty() {
        text.push_str(&format!(", needs {}", verdict.needs.join(", ")));
    }
    if let Some(value) = &verdict.value {
        let value: String = value.to_string().chars().take(2000).collect();
        text.push_str(&format!(", value {value}"));
    }
    if let Some(detail) = &verdict.detail {
        text.push_str(&format!(": {detail}"));
    }
    text
}
