//! The built-in reference: the crates of this project behind the operations of the protocol.

use std::sync::Arc;

use kbtf_did::{
    CryptoProvider as _, Did, DidDocument, DidUrl, Error as DidError, ResolvedDocument, SOFTWARE,
    SecretKey, SoftwareSigner, Timestamp, json,
};
use kbtf_vc::{
    Credential, Decision, Error as VcError, Evidence, FailureCode, HolderBinding, Need, Outcome,
    Policy, Presentation, PresentationPolicy, ProofOptions, Step, Trust, Verdict, Version,
    issue_credential, issue_presentation,
    open_did::{
        self, OpenDidCredential, OpenDidEvidence, OpenDidPolicy, OpenDidStatus, WhiteSpace,
    },
    rdfc::Contexts,
    sd_jwt, verify_credential, verify_presentation, verify_status_list, verify_trust_registry,
};
use serde_json::{Value, json};

use super::{Target, authenticity, exchange, history, identity};
use crate::protocol::{self, Answer, Request};

/// The reference. The two members are for mutants only and are off in the reference itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reference {
    /// Failures that this target does not see.
    pub(super) forgiven: &'static [FailureCode],
    /// Whether what is not failed passes, decided or not.
    pub(super) takes_undecided_for_accepted: bool,
}

impl Target for Reference {
    fn call(&mut self, request: &Request) -> Result<Answer, String> {
        Ok(self.answer(request))
    }
}

impl Reference {
    /// The answer to a request.
    #[must_use]
    pub fn answer(&self, request: &Request) -> Answer {
        let Ok(now) = request.now.parse::<Timestamp>() else {
            return Answer::Error("now: expected a dateTimeStamp".into());
        };
        let input = Input(&request.input);
        let answer = match request.operation.as_str() {
            "hello" => Ok(hello()),
            "bye" => Ok(Answer::value(json!({}))),
            "json.canonicalize" => canonicalize(input),
            "did.parse" => did_parse(input),
            "did.resolve" => identity::did_resolve(input, now),
            "did.web-url" => identity::did_web_url(input),
            "did.dereference" => identity::did_dereference(input),
            "did.operation-sign" => identity::operation_sign(input),
            "did.document-read" => identity::document_read(input),
            "personal-data.check" => identity::personal_data_check(input),
            "control.request" => identity::control_request(input, now),
            "control.answer" => identity::control_answer(input),
            "control.check" => identity::control_check(input, now),
            "key.read" => identity::key_read(input),
            "key.verify" => identity::key_verify(input),
            "credential.issue" => credential_issue(input),
            "credential.verify" => self.credential_verify(input, now),
            "assurance.assess" => exchange::assurance_assess(input, now),
            "assurance.impact" => exchange::assurance_impact(input),
            "life-cycle.run" => exchange::life_cycle_run(input),
            "dcql.select" => exchange::dcql_select(input),
            "compact.read" => exchange::compact_read(input),
            "open-did.verify" => self.open_did_verify(input, now),
            "sd-jwt.verify" => self.sd_jwt_verify(input, now),
            "presentation.issue" => presentation_issue(input),
            "presentation.verify" => self.presentation_verify(input, now),
            "log.inclusion" => history::log_inclusion(input),
            "log.consistency" => history::log_consistency(input),
            "log.checkpoint" => history::log_checkpoint(input),
            "log.proof" => history::log_proof(input),
            "log.cosign" => history::log_cosign(input, now),
            "history.run" => history::history_run(input, request),
            "history.verify" => history::history_verify(input),
            "history.follow" => history::history_follow(input),
            "history.attribution" => history::history_attribution(input, now),
            "history.link" => history::history_link(input),
            "authenticity.run" => authenticity::authenticity_run(input, request),
            "document.commit" => authenticity::document_commit(input),
            "document.shown" => authenticity::document_shown(input),
            "register.follow" => authenticity::register_follow(input),
            "evidence.verify" => authenticity::evidence_verify(input, now),
            "paper.read" => authenticity::paper_read(input, now),
            "number.read" => authenticity::number_read(input),
            "time-stamp.verify" => history::time_stamp_verify(input),
            other => Ok(Answer::Unsupported(format!("operation {other:?}"))),
        };
        answer.unwrap_or_else(Answer::Error)
    }

    fn credential_verify(&self, input: Input<'_>, now: Timestamp) -> Result<Answer, String> {
        let text = input.text("credential")?;
        let Looked {
            evidence,
            unusable,
            policy,
        } = looked(input, now)?;
        let verification = verify_credential(text.as_bytes(), &evidence, &policy, now);
        Ok(self.report(verification.verdict(), &unusable))
    }

    fn sd_jwt_verify(&self, input: Input<'_>, now: Timestamp) -> Result<Answer, String> {
        let text = input.text("credential")?.as_bytes();
        let Looked {
            evidence,
            unusable,
            policy,
        } = looked(input, now)?;
        let verification = match (input.optional("challenge"), input.optional("domain")) {
            (None, None) => sd_jwt::verify_credential(text, &evidence, &policy, now),
            (Some(challenge), Some(domain)) => {
                let policy = PresentationPolicy::new(policy, challenge, domain);
                let mut policy = policy.map_err(|e| e.to_string())?;
                match input.policy_text("keyBinding") {
                    None => {}
                    Some("optional") => policy = policy.waive_key_binding(),
                    Some(other) => return Err(format!("keyBinding {other:?}")),
                }
                sd_jwt::verify_presentation(text, &evidence, &policy, now)
            }
            _ => return Err("input: expected challenge and domain, or neither".into()),
        };
        let answer = self.report(verification.verdict(), &unusable);
        match verification.into_verified() {
            Ok(verified) => Ok(Answer::value(
                json!({"claims": to_serde(verified.get().claims())?}),
            )),
            Err(_) => Ok(answer),
        }
    }

    fn presentation_verify(&self, input: Input<'_>, now: Timestamp) -> Result<Answer, String> {
        let text = input.text("presentation")?;
        let binding = match input.policy_text("holderBinding") {
            None | Some("subject") => HolderBinding::SubjectIsHolder,
            Some("any") => HolderBinding::AnyHolder,
            Some(other) => return Err(format!("holderBinding {other:?}")),
        };
        let Looked {
            evidence,
            unusable,
            policy,
        } = looked(input, now)?;
        let policy =
            PresentationPolicy::new(policy, input.text("challenge")?, input.text("domain")?)
                .map_err(|e| e.to_string())?
                .holder_binding(binding);
        let verification = verify_presentation(text.as_bytes(), &evidence, &policy, now);
        Ok(self.report(verification.verdict(), &unusable))
    }

    fn open_did_verify(&self, input: Input<'_>, now: Timestamp) -> Result<Answer, String> {
        let mut evidence = OpenDidEvidence::new();
        let documents = object_of_texts(input.value("documents"), "documents")?;
        for (did, text) in documents {
            let did = Did::parse(did).map_err(|e| e.to_string())?;
            // One that cannot be read is one that is not there.
            let _ = evidence.add_document(&did, text);
        }
        for (id, status) in object_of_texts(input.value("statuses"), "statuses")? {
            evidence.add_status(
                id,
                match status {
                    "active" => OpenDidStatus::Active,
                    "inactive" => OpenDidStatus::Inactive,
                    "revoked" => OpenDidStatus::Revoked,
                    other => return Err(format!("input.statuses: {other:?}")),
                },
            );
        }
        let policy = OpenDidPolicy::new(policy(input)?.waive_schema());
        let policy = match input.policy_text("whiteSpace") {
            None | Some("kept") => policy,
            Some("removed") => policy.white_space(WhiteSpace::Removed),
            Some(other) => return Err(format!("input.policy.whiteSpace: {other:?}")),
        };
        let claims = |credential: &OpenDidCredential| -> Value {
            let claims = credential.claims().iter();
            claims
                .map(|claim| (claim.code().to_owned(), Value::from(claim.value())))
                .collect()
        };
        let (answer, shown) = match (input.optional("credential"), input.optional("presentation")) {
            (Some(text), None) => {
                let found = open_did::verify_credential(text.as_bytes(), &evidence, &policy, now);
                let answer = self.report(found.verdict(), &[]);
                let shown = found.into_verified().ok();
                (
                    answer,
                    shown.map(|verified| json!([claims(verified.get())])),
                )
            }
            (None, Some(text)) => {
                let nonce = input.text("verifierNonce")?;
                let binding = HolderBinding::SubjectIsHolder;
                let text = text.as_bytes();
                let found =
                    open_did::verify_presentation(text, &evidence, &policy, nonce, &binding, now);
                let answer = self.report(found.verdict(), &[]);
                let shown = found.into_verified().ok();
                (
                    answer,
                    shown.map(|verified| verified.get().credentials().iter().map(claims).collect()),
                )
            }
            _ => return Err("input: expected a credential or a presentation".into()),
        };
        Ok(match shown {
            Some(claims) => Answer::value(json!({"claims": claims})),
            None => answer,
        })
    }

    fn report(&self, verdict: &Verdict, unusable: &[String]) -> Answer {
        let mut failures = Vec::new();
        collect_failures(verdict, &mut failures);
        let unusable = verdict.needs().into_iter().find_map(|need| match need {
            Need::DidDocument(did) if unusable.iter().any(|u| u == did.as_str()) => Some(did),
            _ => None,
        });
        if let Some(did) = unusable {
            let detail = format!("what was handed in for {did} is not its document");
            let before = |(code, _): &(FailureCode, String)| code.step() < Step::KeyState;
            if !failures.first().is_some_and(before) {
                return Answer::refused(Step::KeyState.as_str(), &detail);
            }
        }
        failures.retain(|(code, _)| !self.forgiven.contains(code));
        if let Some((code, detail)) = failures.first() {
            return Answer::refused(code.step().as_str(), &format!("{code} {detail}"));
        }
        // Forgiven failures leave steps behind that were never reached; a target with such a fault has not
        // missed them.
        let forgave = verdict.decision() == Decision::Refused;
        if forgave || self.takes_undecided_for_accepted || verdict.decision() == Decision::Accepted
        {
            return Answer::Verdict(protocol::Verdict::new(protocol::Decision::Accepted));
        }
        let needs = verdict.needs().into_iter().filter_map(|need| match need {
            Need::DidDocument(did) => Some(did.as_str().to_owned()),
            _ => None,
        });
        Answer::Verdict(protocol::Verdict {
            needs: needs.collect(),
            ..protocol::Verdict::new(protocol::Decision::Undecided)
        })
    }
}

fn collect_failures(verdict: &Verdict, failures: &mut Vec<(FailureCode, String)>) {
    failures.extend(verdict.steps().filter_map(|(_, outcome)| match outcome {
        Outcome::Failed(failure) => Some((failure.code(), failure.detail().to_owned())),
        _ => None,
    }));
    for inner in verdict.credentials() {
        collect_failures(inner, failures);
    }
}

/// The input of an operation. A missing or misshapen member is the suite's fault, not the target's.
#[derive(Clone, Copy)]
pub(super) struct Input<'r>(&'r Value);

impl<'r> Input<'r> {
    pub(super) fn value(self, name: &str) -> Option<&'r Value> {
        self.0.get(name)
    }

    /// A text that may be absent.
    pub(super) fn optional(self, name: &str) -> Option<&'r str> {
        self.0.get(name)?.as_str()
    }

    pub(super) fn text(self, name: &str) -> Result<&'r str, String> {
        self.0
            .get(name)
            .and_then(Value::as_str)
            .ok_or_else(|| format!("input.{name}: expected a string"))
    }

    pub(super) fn texts(self, name: &str) -> Result<Option<Vec<&'r str>>, String> {
        texts(self.0.get(name)).ok_or_else(|| format!("input.{name}: expected an array of strings"))
    }

    fn policy_texts(self, name: &str) -> Result<Option<Vec<&'r str>>, String> {
        texts(self.0.get("policy").and_then(|p| p.get(name)))
            .ok_or_else(|| format!("input.policy.{name}: expected an array of strings"))
    }

    fn policy_text(self, name: &str) -> Option<&'r str> {
        self.0.get("policy")?.get(name)?.as_str()
    }
}

/// `Some(None)` if absent, `None` if not an array of strings.
#[expect(clippy::option_option, reason = "absent and misshapen are two things")]
fn texts(value: Option<&Value>) -> Option<Option<Vec<&str>>> {
    match value {
        None | Some(Value::Null) => Some(None),
        Some(Value::Array(texts)) => texts
            .iter()
            .map(Value::as_str)
            .collect::<Option<_>>()
            .map(Some),
        Some(_) => None,
    }
}

fn hello() -> Answer {
    Answer::value(json!({
        "name": "K-BTF SDK reference",
        "version": env!("CARGO_PKG_VERSION"),
        "protocol": protocol::VERSION,
        "infrastructures": ["did", "vc", "history", "authenticity"],
        "features": [
            "eddsa-jcs-2022", "ecdsa-jcs-2019", "vc-1.1", "issue", "presentation",
            "secp256k1", "p384", "x25519", "rsa", "key-encodings", "key-verify", "did-documents", "did-jwk", "did-web",
            "did-url", "did-kbtf", "personal-data", "control",
            "proof-sets", "jose", "sd-jwt", "status-lists", "json-schema", "trust-registry",
            "assurance", "life-cycle", "dcql", "compact", "open-did", "eddsa-rdfc-2022", "ecdsa-rdfc-2019",
            "history-run", "history-proof", "history-link", "tlog", "rfc3161",
            "authenticity-run", "documents", "register", "paper",
        ],
    }))
}

fn canonicalize(input: Input<'_>) -> Result<Answer, String> {
    Ok(match json::parse(input.text("text")?) {
        Ok(value) => Answer::value(json!({"canonical": value.to_canonical()})),
        Err(error) => Answer::refused("syntax", &format!("{} {error}", error.code())),
    })
}

fn did_parse(input: Input<'_>) -> Result<Answer, String> {
    Ok(match DidUrl::parse(input.text("didUrl")?) {
        Ok(url) => Answer::value(json!({
            "did": url.did_str(),
            "method": url.did().method(),
            "path": url.path(),
            "query": url.query(),
            "fragment": url.fragment(),
        })),
        Err(error) => Answer::refused("syntax", &error.to_string()),
    })
}

pub(super) fn to_serde(object: &json::Object<'_>) -> Result<Value, String> {
    serde_json::from_str(&object.to_json()).map_err(|e| e.to_string())
}

fn policy(input: Input<'_>) -> Result<Policy<'static>, String> {
    let trust = match input.policy_texts("trustedIssuers")? {
        None => Trust::AnyIssuer,
        Some(issuers) => {
            // A name that is no DID is the name of no issuer that a key could speak for.
            Trust::issuers(issuers.into_iter().filter_map(|did| Did::parse(did).ok()))
        }
    };
    let contexts = input.policy_texts("contexts")?.unwrap_or_default();
    let mut policy = contexts
        .into_iter()
        .fold(Policy::new(trust), Policy::context);
    let documents = input
        .value("policy")
        .and_then(|policy| policy.get("contextDocuments"));
    for (url, text) in object_of_texts(documents, "policy.contextDocuments")? {
        // The caller of a real verifier knows the hash from elsewhere; here the text is all there is.
        let sha256 = SOFTWARE.sha256(text.as_bytes());
        let sha256 = sha256.map_err(|e| e.to_string())?;
        let added = policy.context_document(url, text.as_bytes(), &sha256);
        policy = added.map_err(|e| e.to_string())?;
    }
    let lists = input
        .value("policy")
        .and_then(|policy| policy.get("contextLists"));
    for list in lists.and_then(Value::as_array).into_iter().flatten() {
        let urls = list.as_array().into_iter().flatten().map(Value::as_str);
        let urls = urls.collect::<Option<Vec<_>>>();
        policy = policy.context_list(&urls.ok_or("policy.contextLists: expected lists of URLs")?);
    }
    Ok(policy)
}

/// What a verification looks things up in, and by what rules.
struct Looked {
    evidence: Evidence,
    unusable: Vec<String>,
    policy: Policy<'static>,
}

fn looked(input: Input<'_>, now: Timestamp) -> Result<Looked, String> {
    let Resolved {
        mut evidence,
        unusable,
    } = resolved(input)?;
    let mut policy = policy(input)?;
    for (url, text) in object_of_texts(input.value("statusLists"), "statusLists")? {
        let found = verify_status_list(text.as_bytes(), url, &evidence, &policy, now);
        evidence.add_status_list(url, found);
    }
    for (url, text) in object_of_texts(input.value("schemas"), "schemas")? {
        // One that cannot be used is one that is not there.
        let _ = evidence.add_schema(url, text);
    }
    if let Some(registry) = input.value("policy").and_then(|p| p.get("registry")) {
        let text = registry.get("text").and_then(Value::as_str);
        let text = text.ok_or("input.policy.registry.text: expected a string")?;
        let operators = texts(registry.get("operators")).flatten();
        let operators = operators.ok_or("input.policy.registry.operators: expected strings")?;
        let operators = operators.into_iter().filter_map(|did| Did::parse(did).ok());
        let trust = Policy::new(Trust::issuers(operators));
        let found = verify_trust_registry(text.as_bytes(), &evidence, &trust, now);
        policy = policy.trust(match found.into_verified() {
            Ok(registry) => Trust::registry(registry),
            Err(_) => Trust::issuers([]),
        });
    }
    Ok(Looked {
        evidence,
        unusable,
        policy,
    })
}

fn object_of_texts<'i>(
    value: Option<&'i Value>,
    name: &str,
) -> Result<Vec<(&'i str, &'i str)>, String> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    let object = value.as_object();
    let object = object.ok_or_else(|| format!("input.{name}: expected an object"))?;
    object
        .iter()
        .map(|(key, text)| Some((key.as_str(), text.as_str()?)))
        .collect::<Option<_>>()
        .ok_or_else(|| format!("input.{name}: expected strings in the object"))
}

/// What the caller has resolved.
struct Resolved {
    evidence: Evidence,
    /// DIDs for which something was handed in that is not their document.
    unusable: Vec<String>,
}

fn resolved(input: Input<'_>) -> Result<Resolved, String> {
    let deactivated = input.texts("deactivated")?.unwrap_or_default();
    let (mut evidence, mut unusable) = (Evidence::new(), Vec::new());
    let documents = match input.0.get("documents") {
        None | Some(Value::Null) => None,
        Some(Value::Object(documents)) => Some(documents),
        Some(_) => return Err("input.documents: expected an object".into()),
    };
    for (did, text) in documents.into_iter().flatten() {
        let text = text
            .as_str()
            .ok_or("input.documents: expected strings in the object")?;
        let resolved = Did::parse(did).and_then(|did| Ok((did, DidDocument::parse(text)?)));
        let added = match resolved {
            Ok((asked, document)) => {
                let resolved = if deactivated.contains(&asked.as_str()) {
                    ResolvedDocument::deactivated(document)
                } else {
                    ResolvedDocument::active(document)
                };
                evidence.add_document(&asked, resolved)
            }
            Err(error) => Err(error.into()),
        };
        if added.is_err() {
            unusable.push(did.clone());
        }
    }
    Ok(Resolved { evidence, unusable })
}

struct Signing {
    signer: SoftwareSigner<'static>,
    method: DidUrl,
    created: Timestamp,
}

fn signing(input: Input<'_>) -> Result<Signing, String> {
    let key = SecretKey::from_multikey(input.text("secretKey")?).map_err(|e| e.to_string())?;
    Ok(Signing {
        signer: SoftwareSigner::new(key),
        method: DidUrl::parse(input.text("verificationMethod")?).map_err(|e| e.to_string())?,
        created: input
            .text("created")?
            .parse()
            .map_err(|e: DidError| e.to_string())?,
    })
}

fn vc_refusal(error: &VcError) -> Answer {
    let reason = match error {
        VcError::NotTheSigner {
            place: "holder", ..
        } => "holder",
        VcError::NotTheSigner { .. } => "issuer",
        VcError::UnknownVersion | VcError::MixedVersions { .. } => "version",
        _ => "structure",
    };
    Answer::refused(reason, &format!("{} {error}", error.code()))
}

fn credential_issue(input: Input<'_>) -> Result<Answer, String> {
    let Signing {
        signer,
        method,
        created,
    } = signing(input)?;
    let mut contexts = Contexts::new();
    let documents = input.value("contextDocuments");
    for (url, text) in object_of_texts(documents, "contextDocuments")? {
        let added = contexts.add(url, text.as_bytes());
        added.map_err(|e| e.to_string())?;
    }
    let issued = Credential::parse(input.text("credential")?).and_then(|credential| {
        // Who issues has chosen the contexts.
        let own = credential.as_object().get("@context");
        let own = own.map(|list| list.as_set().iter().filter_map(|url| url.as_str()));
        contexts.accept(&own.into_iter().flatten().collect::<Vec<_>>());
        let mut options = ProofOptions::assertion(method, created);
        if input
            .optional("cryptosuite")
            .is_some_and(|suite| suite.contains("-rdfc-"))
        {
            options = options.rdf(Arc::new(contexts));
        }
        issue_credential(credential, &options, &signer)
    });
    Ok(match issued {
        Ok(credential) => Answer::value(json!({"credential": credential.to_json()})),
        Err(error) => vc_refusal(&error),
    })
}

fn presentation_issue(input: Input<'_>) -> Result<Answer, String> {
    let Signing {
        signer,
        method,
        created,
    } = signing(input)?;
    let holder = Did::parse(input.text("holder")?).map_err(|e| e.to_string())?;
    let (challenge, domain) = (input.text("challenge")?, input.text("domain")?);
    let credentials = input.texts("credentials")?.unwrap_or_default();
    let issued = credentials
        .into_iter()
        .map(Credential::parse)
        .collect::<Result<Vec<_>, _>>()
        .and_then(|credentials| Presentation::new(Version::V2_0, &holder, credentials))
        .and_then(|presentation| {
            let options = ProofOptions::authentication(method, created, challenge, domain)?;
            issue_presentation(presentation, &options, &signer)
        });
    Ok(match issued {
        Ok(presentation) => Answer::value(json!({"presentation": presentation.to_json()})),
        Err(error) => vc_refusal(&error),
    })
}
