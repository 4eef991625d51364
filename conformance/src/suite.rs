//! Test cases as data: what stands in the files under `vectors/`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{
    Error,
    protocol::{Decision, REASONS},
    requirements,
};

/// A text in both languages of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// English.
    pub en: String,
    /// 한국어
    pub ko: String,
}

/// A file of cases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// Where the JSON Schema of these files stands.
    #[serde(rename = "$schema")]
    pub schema: String,
    /// The name, such as `vc/credential-verify`.
    pub suite: String,
    /// The infrastructure under test: `did`, `vc`, …
    pub infrastructure: String,
    /// What the suite is about.
    pub title: Text,
    /// The time that a case uses if it says no other.
    pub now: String,
    /// The cases.
    pub cases: Vec<Case>,
}

/// One case: a single exchange, or a script of several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The stable name, such as `vc-verify-issuer-spoofed`.
    pub id: String,
    /// What the case shows.
    pub title: Text,
    /// The requirements it is evidence for.
    pub requirements: Vec<String>,
    /// Features that the target must list for the case to apply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// Remarks: `profile` marks a rule of K-BTF that is stricter than the W3C standard.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// The exchanges, one or several.
    pub steps: Vec<Exchange>,
}

/// One request and what is expected of the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The operation of the harness protocol.
    pub operation: String,
    /// Another time than the suite's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
    /// The input; a string `${name}` stands for a value that an earlier step has bound.
    pub input: Value,
    /// What must come.
    pub expect: Expect,
    /// Names for parts of the answer's value, each as a JSON Pointer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub bind: BTreeMap<String, String>,
}

/// What must come. What is absent is not compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The verdict.
    pub verdict: Decision,
    /// For refusals: the reason classes of which one must be given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reason: Vec<String>,
    /// For undecided verdicts: the DIDs whose documents must be asked for, in any order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<Vec<String>>,
    /// Members that the value must have; objects may have more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// What the proof value of something signed must be, where the signature has one value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof_value: Option<String>,
    /// A check that the judge makes with the reference implementation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
}

/// A check of what the target has made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Check {
    /// The value's `document` is that of the input's `did:key`.
    DidKeyDocument,
    /// Nothing of the input's `secrets` is in the value's `ledger`: not as it is, in base64 or hexadecimal digits, nor as its
    /// plain hash.
    NothingPersonal,
    /// The value's `credential` is the input's credential with the proof options that were asked for and a
    /// signature that the reference accepts.
    SignedCredential,
    /// The value's `presentation` is that of the input's holder and credentials, with the proof options that were
    /// asked for and a signature that the reference accepts.
    SignedPresentation,
}

/// The suites that are built in.
const EMBEDDED: [&str; 28] = [
    include_str!("../vectors/authenticity/documents.json"),
    include_str!("../vectors/authenticity/evidence.json"),
    include_str!("../vectors/authenticity/paper.json"),
    include_str!("../vectors/authenticity/registers.json"),
    include_str!("../vectors/authenticity/runs.json"),
    include_str!("../vectors/did/canonical-json.json"),
    include_str!("../vectors/did/control.json"),
    include_str!("../vectors/did/did-urls.json"),
    include_str!("../vectors/did/documents.json"),
    include_str!("../vectors/did/identifiers.json"),
    include_str!("../vectors/did/kbtf.json"),
    include_str!("../vectors/did/keys.json"),
    include_str!("../vectors/did/kinds-of-keys.json"),
    include_str!("../vectors/did/methods.json"),
    include_str!("../vectors/history/histories.json"),
    include_str!("../vectors/history/logs.json"),
    include_str!("../vectors/history/runs.json"),
    include_str!("../vectors/history/time-stamps.json"),
    include_str!("../vectors/vc/assurance.json"),
    include_str!("../vectors/vc/credential-issue.json"),
    include_str!("../vectors/vc/credential-verify.json"),
    include_str!("../vectors/vc/evidence.json"),
    include_str!("../vectors/vc/exchange.json"),
    include_str!("../vectors/vc/open-did.json"),
    include_str!("../vectors/vc/presentation.json"),
    include_str!("../vectors/vc/rdf.json"),
    include_str!("../vectors/vc/sd-jwt.json"),
    include_str!("../vectors/vc/tokens.json"),
];

/// The suites that are built in.
///
/// # Errors
/// `conformance/vectors` if one is not well formed, which the tests exclude.
pub fn embedded() -> Result<Vec<Suite>, Error> {
    let suites: Vec<Suite> = EMBEDDED
        .iter()
        .map(|text| parse(text, "built in"))
        .collect::<Result<_, _>>()?;
    check(&suites)?;
    Ok(suites)
}

/// Whether cases can be run and counted: there are some, each has steps, an id of its own, requirements that the
/// catalogue has, and for a refusal reason classes that exist.
fn check(suites: &[Suite]) -> Result<(), Error> {
    let known: BTreeSet<String> = requirements::catalogue()?
        .into_iter()
        .map(|requirement| requirement.id)
        .collect();
    let mut ids = BTreeSet::new();
    for suite in suites {
        let fault = |case: &str, reason: &str| {
            Err(Error::Vectors {
                place: format!("{} {case}", suite.suite),
                reason: reason.into(),
            })
        };
        if suite.cases.is_empty() {
            return fault("", "no cases");
        }
        for case in &suite.cases {
            if !ids.insert(&case.id) {
                return fault(&case.id, "the id occurs twice");
            }
            if case.steps.is_empty() {
                return fault(&case.id, "no steps");
            }
            if case.requirements.is_empty() || !case.requirements.iter().all(|r| known.contains(r))
            {
                return fault(&case.id, "a requirement that the catalogue does not have");
            }
            for step in &case.steps {
                let expect = &step.expect;
                let exist = expect.reason.iter().all(|r| REASONS.contains(&r.as_str()));
                if !exist || (expect.verdict == Decision::Refused) == expect.reason.is_empty() {
                    return fault(&case.id, "a refusal, and nothing else, has reason classes");
                }
            }
        }
    }
    if ids.is_empty() {
        return Err(Error::Vectors {
            place: "all".into(),
            reason: "no suites".into(),
        });
    }
    Ok(())
}

/// What identifies some suites: SHA-256 over their texts, in hex.
#[must_use]
pub fn digest(suites: &[Suite]) -> String {
    let digest = suites
        .iter()
        .fold(Sha256::new(), |hash, suite| {
            hash.chain_update(suite.to_text())
        })
        .finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The suites of a folder: every `*.json` one level down, in order of name.
///
/// # Errors
/// `conformance/io` and `conformance/vectors`, with the file.
pub fn load(folder: &Path) -> Result<Vec<Suite>, Error> {
    let io = |path: &Path| {
        let path = path.display().to_string();
        move |source: std::io::Error| Error::Io {
            path: path.clone(),
            reason: source.to_string(),
        }
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(io(folder))? {
        let infrastructure = entry.map_err(io(folder))?.path();
        if infrastructure.is_dir() {
            for entry in fs::read_dir(&infrastructure).map_err(io(&infrastructure))? {
                files.push(entry.map_err(io(&infrastructure))?.path());
            }
        }
    }
    files.retain(|file| file.extension().is_some_and(|e| e == "json"));
    files.sort();
    let suites: Vec<Suite> = files
        .iter()
        .map(|file| {
            let text = fs::read_to_string(file).map_err(io(file))?;
            parse(&text, &file.display().to_string())
        })
        .collect::<Result<_, _>>()?;
    check(&suites)?;
    Ok(suites)
}

fn parse(text: &str, place: &str) -> Result<Suite, Error> {
    serde_json::from_str(text).map_err(|error| Error::Vectors {
        place: place.to_owned(),
        reason: error.to_string(),
    })
}

impl Suite {
    /// The suite as the text of its file.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}
