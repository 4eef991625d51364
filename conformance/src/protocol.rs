//! The messages of the harness protocol; `docs/harness-protocol.md` is their specification.

use std::collections::BTreeSet;

use kbtf_did::json;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of the protocol.
pub const VERSION: u32 = 1;

/// The longest message, in bytes.
pub const MAX_MESSAGE: usize = 4 << 20;

/// The classes of reasons for a refusal, in the order in which the first that applies is named.
pub const REASONS: [&str; 44] = [
    "syntax",
    "unsupported",
    "key",
    "structure",
    "version",
    "keyState",
    "relationship",
    "issuer",
    "signature",
    "validity",
    "status",
    "schema",
    "challenge",
    "domain",
    "holder",
    "trust",
    "assurance",
    // Identities: what is asked for, and what a `did:kbtf` operation breaks.
    "options",
    "notFound",
    "personalData",
    "foreign",
    "notCreated",
    "replayed",
    "gap",
    "reordered",
    "brokenLink",
    "fork",
    "timeBackwards",
    "deactivated",
    "expired",
    "delegation",
    "outOfScope",
    "notCommitted",
    "notAuthorised",
    "threshold",
    "unknownId",
    "time",
    "keyReused",
    "idReused",
    "tooMany",
    // Logs and histories.
    "proof",
    "quorum",
    "incomplete",
    "ended",
];

/// What the suite asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// To be repeated in the answer.
    pub id: u64,
    /// Which operation.
    pub operation: String,
    /// The time to use.
    pub now: String,
    /// 32 bytes in hex: the only source of randomness.
    pub seed: String,
    /// The operation's input.
    pub input: Value,
}

/// What a target decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Done, or accepted.
    Accepted,
    /// Refused.
    Refused,
    /// Neither: evidence is missing or something cannot be checked.
    Undecided,
}

impl Decision {
    /// The name in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Undecided => "undecided",
        }
    }
}

/// What a target answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A verdict.
    Verdict(Verdict),
    /// The target does not have this, and why.
    Unsupported(String),
    /// The harness itself failed.
    Error(String),
}

/// A verdict and what comes with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The decision.
    pub decision: Decision,
    /// For refusals: the class of the first reason.
    pub reason: Option<String>,
    /// For undecided verdicts: DIDs whose documents are missing.
    pub needs: Vec<String>,
    /// What an operation has made.
    pub value: Option<Value>,
    /// Only shown.
    pub detail: Option<String>,
}

impl Verdict {
    /// A verdict without anything beside it.
    #[must_use]
    pub const fn new(decision: Decision) -> Self {
        Self {
            decision,
            reason: None,
            needs: Vec::new(),
            value: None,
            detail: None,
        }
    }
}

/// A text that a target wrote, for a report or a terminal: cut, and without characters that would steer a terminal
/// or turn the direction of what is printed.
#[must_use]
pub fn shown(text: &str) -> String {
    const LONGEST: usize = 2000;
    let steers = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let mut shown: String = text
        .chars()
        .take(LONGEST)
        .map(|c| if steers(c) { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

impl Answer {
    /// Accepted, with a value.
    #[must_use]
    pub fn value(value: Value) -> Self {
        Self::Verdict(Verdict {
            value: Some(value),
            ..Verdict::new(Decision::Accepted)
        })
    }

    /// Refused, with a reason class and a detail.
    #[must_use]
    pub fn refused(reason: &str, detail: &str) -> Self {
        Self::Verdict(Verdict {
            reason: Some(reason.to_owned()),
            detail: Some(detail.to_owned()),
            ..Verdict::new(Decision::Refused)
        })
    }

    /// The answer as a message.
    #[must_use]
    pub fn to_message(&self, id: u64) -> Value {
        let mut message = serde_json::Map::new();
        message.insert("id".into(), id.into());
        match self {
            Self::Unsupported(why) => {
                message.insert("unsupported".into(), why.clone().into());
            }
            Self::Error(what) => {
                message.insert("error".into(), what.clone().into());
            }
            Self::Verdict(verdict) => {
                message.insert("verdict".into(), verdict.decision.as_str().into());
                if let Some(reason) = &verdict.reason {
                    message.insert("reason".into(), reason.clone().into());
                }
                if verdict.decision == Decision::Undecided {
                    message.insert("needs".into(), verdict.needs.clone().into());
                }
                if let Some(value) = &verdict.value {
                    message.insert("value".into(), value.clone());
                }
                if let Some(detail) = &verdict.detail {
                    message.insert("detail".into(), detail.clone().into());
                }
            }
        }
        Value::Object(message)
    }

    /// Reads a message that a target has written. A target is no friend: what is not exactly an answer to the
    /// request is none.
    ///
    /// # Errors
    /// What is wrong with it, as a text for the report.
    pub fn from_message(bytes: &[u8], id: u64) -> Result<Self, String> {
        if bytes.len() > MAX_MESSAGE {
            return Err(format!("answer longer than {MAX_MESSAGE} bytes"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| "answer is not UTF-8".to_owned())?;
        // The strict parser bounds depth and refuses duplicate members; serde_json then gives the value type
        // that the vectors use.
        let limits = json::Limits::default().with_max_bytes(MAX_MESSAGE);
        json::parse_with(text, limits).map_err(|e| format!("answer is not strict JSON: {e}"))?;
        let Ok(Value::Object(mut message)) = serde_json::from_str(text) else {
            return Err("answer is not a JSON object".into());
        };
        if message.get("id").and_then(Value::as_u64) != Some(id) {
            return Err(format!("answer does not have the id {id}"));
        }
        let kinds = ["verdict", "unsupported", "error"];
        let present = kinds.iter().filter(|k| message.contains_key(**k)).count();
        if present != 1 {
            return Err("answer has not exactly one of verdict, unsupported, error".into());
        }
        let text = |value: Option<Value>, name: &str| match value {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(shown(&text))),
            Some(_) => Err(format!("{name} is not a string")),
        };
        if let Some(why) = text(message.remove("unsupported"), "unsupported")? {
            return Ok(Self::Unsupported(why));
        }
        if let Some(what) = text(message.remove("error"), "error")? {
            return Ok(Self::Error(what));
        }
        let decision = match message.get("verdict").and_then(Value::as_str) {
            Some("accepted") => Decision::Accepted,
            Some("refused") => Decision::Refused,
            Some("undecided") => Decision::Undecided,
            _ => return Err("verdict is not accepted, refused or undecided".into()),
        };
        let reason = text(message.remove("reason"), "reason")?;
        match (decision, &reason) {
            (Decision::Refused, None) => return Err("refused without a reason".into()),
            (Decision::Refused, Some(reason)) if !REASONS.contains(&reason.as_str()) => {
                return Err(format!("{reason:?} is not a reason class"));
            }
            _ => {}
        }
        let needs: Vec<String> = match message.remove("needs") {
            None => Vec::new(),
            Some(needs) => serde_json::from_value(needs)
                .map_err(|_| "needs is not an array of strings".to_owned())?,
        };
        if needs.len() > 100 || needs.iter().any(|did| did.len() > 2048) {
            return Err("needs holds more than 100 DIDs, or one of over 2048 bytes".into());
        }
        Ok(Self::Verdict(Verdict {
            decision,
            reason,
            needs,
            value: message.remove("value"),
            detail: text(message.remove("detail"), "detail")?,
        }))
    }
}

/// What a target says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The name of the implementation.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The version of the protocol it speaks.
    pub protocol: u32,
    /// The infrastructures it has.
    pub infrastructures: BTreeSet<String>,
    /// The optional features it has.
    pub features: BTreeSet<String>,
}

impl Hello {
    /// Reads the value of the answer to `hello`.
    ///
    /// # Errors
    /// What is wrong with it, as a text for the report.
    pub fn from_answer(answer: Answer) -> Result<Self, String> {
        let Answer::Verdict(Verdict {
            decision: Decision::Accepted,
            value: Some(value),
            ..
        }) = answer
        else {
            return Err("hello was not accepted with a value".into());
        };
        let mut hello: Self =
            serde_json::from_value(value).map_err(|e| format!("answer to hello: {e}"))?;
        if hello.protocol != VERSION {
            return Err(format!(
                "protocol version {}, expected {VERSION}",
                hello.protocol
            ));
        }
        let short = |text: &String| shown(text).chars().take(100).collect::<String>();
        hello.name = short(&hello.name).replace('\n', " ");
        hello.version = short(&hello.version).replace('\n', " ");
        for names in [&mut hello.infrastructures, &mut hello.features] {
            *names = names.iter().take(100).map(short).collect();
        }
        Ok(hello)
    }
}
