//! The judge: whether an answer is the expected one.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    protocol::{Answer, Decision, Request, Verdict, shown},
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
        // A case is run only if the target has said that it has everything the case needs.
        Ok(Answer::Unsupported(why)) => return failed(format!("unsupported: {why}")),
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
        Some(check) => match made_well(expect, check, request, verdict) {
            Ok(()) => Judgement::Passed,
            Err(what) => failed(shown(&what)),
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

/// Whether a value has everything that is wanted. Objects may have more members; arrays and the rest are equal. What is shown
/// of a credential is equal too: more than was disclosed is as wrong as less.
fn contains(value: &Value, wanted: &Value) -> bool {
    let exact = |name: &str| matches!(name, "claims");
    match (value, wanted) {
        (Value::Object(value), Value::Object(wanted)) => wanted.iter().all(|(name, wanted)| {
            value.get(name).is_some_and(|v| {
                if exact(name) {
                    v == wanted
                } else {
                    contains(v, wanted)
                }
            })
        }),
        (value, wanted) => value == wanted,
    }
}

/// Checks something that the target has made: that it is what was asked, no more and no less, and that the
/// reference accepts it.
fn made_well(
    expect: &Expect,
    check: Check,
    request: &Request,
    verdict: &Verdict,
) -> Result<(), String> {
    let input = &request.input;
    let value = verdict.value.as_ref().unwrap_or(&Value::Null);
    let (name, verification) = match check {
        Check::DidKeyDocument => return did_key_document(input, value),
        Check::NothingPersonal => return nothing_personal(input, value),
        Check::SignedCredential => {
            let made = text(value, "credential")?;
            let contexts = read(&made)?.get("@context").cloned();
            (
                "credential",
                json!({"credential": made, "policy": {
                    "contexts": contexts,
                    "contextLists": [contexts],
                    "contextDocuments": input.get("contextDocuments").cloned().unwrap_or(json!({})),
                }}),
            )
        }
        Check::SignedPresentation => {
            let (challenge, domain) = (input.get("challenge"), input.get("domain"));
            let made = text(value, "presentation")?;
            (
                "presentation",
                json!({"presentation": made, "challenge": challenge, "domain": domain}),
            )
        }
    };
    let mut made = read(&text(value, name)?)?;
    let mut proof = made
        .as_object_mut()
        .and_then(|members| members.remove("proof"))
        .unwrap_or_default();
    let unsigned = if check == Check::SignedCredential {
        read(&text(input, "credential")?)?
    } else {
        let credentials = input.get("credentials").and_then(Value::as_array);
        let credentials = credentials
            .into_iter()
            .flatten()
            .map(|c| read(c.as_str().unwrap_or_default()))
            .collect::<Result<Vec<_>, _>>()?;
        json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiablePresentation"],
            "holder": input.get("holder"),
            "verifiableCredential": credentials,
        })
    };
    if made != unsigned {
        return Err(format!(
            "the signed {name} is not, but for its proof, what was to be signed"
        ));
    }
    let proof_value = proof
        .as_object_mut()
        .and_then(|members| members.remove("proofValue"));
    let method = input
        .get("verificationMethod")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let (purpose, suite) = (
        if check == Check::SignedCredential {
            "assertionMethod"
        } else {
            "authentication"
        },
        if method.starts_with("did:key:zDn") {
            "ecdsa-jcs-2019"
        } else {
            "eddsa-jcs-2022"
        },
    );
    let asked = input.get("cryptosuite").and_then(Value::as_str);
    let suite = asked.unwrap_or(suite);
    let mut options = json!({
        "type": "DataIntegrityProof", "cryptosuite": suite, "created": input.get("created"),
        "verificationMethod": method, "proofPurpose": purpose, "@context": unsigned.get("@context"),
    });
    if let (true, Some(options)) = (suite.contains("-rdfc-"), options.as_object_mut()) {
        // The context is under such a signature, but not in the proof.
        options.remove("@context");
    }
    if let (Check::SignedPresentation, Some(options)) = (check, options.as_object_mut()) {
        for name in ["challenge", "domain"] {
            options.insert(name.into(), input.get(name).cloned().unwrap_or_default());
        }
    }
    if proof != options {
        return Err(format!("proof options {proof}, expected {options}"));
    }
    if let Some(wanted) = &expect.proof_value
        && proof_value.as_ref().and_then(Value::as_str) != Some(wanted)
    {
        return Err(format!(
            "proofValue {}, expected {wanted}",
            proof_value.unwrap_or_default()
        ));
    }
    let request = Request {
        operation: format!("{name}.verify"),
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

fn text(value: &Value, name: &str) -> Result<String, String> {
    value
        .get(name)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| format!("no text {name:?} in the value"))
}

fn read(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|e| format!("what was made is not JSON: {e}"))
}

/// The document of a `did:key`: the key itself as a Multikey, listed alone for what a signing key is for. Contexts
/// and key agreement are the target's affair.
fn did_key_document(input: &Value, value: &Value) -> Result<(), String> {
    let did = text(input, "did")?;
    let key = did.trim_start_matches("did:key:");
    let id = format!("{did}#{key}");
    let document = value.get("document").ok_or("no document in the value")?;
    let method = json!({
        "id": id, "type": "Multikey", "controller": did, "publicKeyMultibase": key
    });
    let methods = document.get("verificationMethod").and_then(Value::as_array);
    if document.get("id") != Some(&did.clone().into())
        || !methods.is_some_and(|methods| methods.contains(&method))
    {
        return Err(format!("no document of {did} with the method {method}"));
    }
    for relationship in [
        "authentication",
        "assertionMethod",
        "capabilityInvocation",
        "capabilityDelegation",
    ] {
        if document.get(relationship) != Some(&json!([id])) {
            return Err(format!("{relationship} does not hold {id} alone"));
        }
    }
    Ok(())
}

/// What was written to a ledger is on every node, for ever.
fn nothing_personal(input: &Value, value: &Value) -> Result<(), String> {
    let ledger = value.get("ledger").and_then(Value::as_array);
    let ledger = ledger.ok_or("no ledger in the value")?;
    let texts = ledger
        .iter()
        .map(|text| text.as_str().ok_or("a ledger of texts"));
    let ledger: Vec<&str> = texts.collect::<Result<_, _>>()?;
    if ledger.is_empty() {
        return Err("an empty ledger".into());
    }
    let secrets = input.get("secrets").and_then(Value::as_array);
    for secret in secrets.into_iter().flatten().filter_map(Value::as_str) {
        for form in forms(secret) {
            if ledger.iter().any(|text| text.contains(&form)) {
                return Err(format!("{form:?} is on the ledger"));
            }
        }
    }
    Ok(())
}

/// How a text shows itself: as it is, escaped in JSON, in hexadecimal digits, in base64 at any place, and as its plain hash,
/// which whoever can guess it can make.
fn forms(secret: &str) -> Vec<String> {
    use base64ct::Encoding as _;
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let escaped: String = secret
        .encode_utf16()
        .map(|unit| format!("\\u{unit:04x}"))
        .collect();
    let mut forms = vec![secret.to_owned(), escaped];
    let hash = Sha256::digest(secret.as_bytes());
    for bytes in [secret.as_bytes(), &hash] {
        forms.push(hex(bytes));
        forms.push(hex(bytes).to_uppercase());
        // Of three bytes each place in a group is tried; what its neighbours change is left out.
        for shift in 0..3_usize {
            let padded = [&vec![0; shift], bytes].concat();
            let text = base64ct::Base64Unpadded::encode_string(&padded);
            let from = (shift * 8).div_ceil(6);
            let to = padded.len() * 8 / 6;
            if let Some(part) = text.get(from..to) {
                forms.push(part.to_owned());
                forms.push(part.replace('+', "-").replace('/', "_"));
            }
        }
    }
    forms
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
        Some(Check::DidKeyDocument) => text.push_str(", the document of the did:key"),
        Some(Check::NothingPersonal) => text.push_str(", nothing personal on the ledger"),
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
        text.push_str(&shown(&format!(", needs {}", verdict.needs.join(", "))));
    }
    if let Some(value) = &verdict.value {
        text.push_str(&format!(", value {}", shown(&value.to_string())));
    }
    if let Some(detail) = &verdict.detail {
        text.push_str(&format!(": {detail}"));
    }
    text
}
