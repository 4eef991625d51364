//! The operations on identities behind the protocol: keys, documents, methods, `did:kbtf`, proof of control.

use kbtf_did::{
    CryptoProvider as _, Did, DidDocument, DidUrl, Error, KeyType, Problem, PublicKey,
    Representation, ResolutionError, ResolutionOptions, ResolvedDocument, SOFTWARE, SecretKey,
    SignatureAlgorithm, Signer, SoftwareSigner, Timestamp, VerificationRelationship,
    control::{ControlRequest, ControlResponse},
    dereference::{self, DereferenceOptions, Dereferenced},
    did_jwk,
    did_kbtf::{History, LedgerEntry, OperationFault, SignedOperation},
    did_key::{self, KeyFormat},
    did_web, json,
    life_cycle::LifeCycleState,
    personal_data,
};
use serde_json::{Value, json};

use super::reference::{Input, to_serde};
use crate::protocol::Answer;

/// The reason class of an error of `kbtf-did`.
pub(super) fn reason(error: &Error) -> &'static str {
    match error {
        Error::InvalidDid { .. } | Error::InvalidDidUrl { .. } | Error::InvalidDidWeb { .. } => {
            "syntax"
        }
        Error::MethodNotSupported { .. } | Error::UnsupportedKeyType { .. } => "unsupported",
        Error::Json(_) | Error::InvalidDocument { .. } | Error::WrongDocument { .. } => "structure",
        Error::PersonalData { .. } => "personalData",
        Error::InvalidSignature => "signature",
        Error::InvalidOperation { fault, .. } => fault_reason(*fault),
        Error::ControlNotShown { reason } => match reason.code() {
            "did/control-malformed" => "structure",
            "did/control-unknown-challenge" => "challenge",
            "did/control-expired" => "validity",
            "did/control-not-listed" => "relationship",
            "did/control-foreign-controller" => "issuer",
            "did/control-invalid-signature" => "signature",
            _ => "keyState",
        },
        _ => "key",
    }
}

const fn fault_reason(fault: OperationFault) -> &'static str {
    match fault {
        OperationFault::Malformed => "structure",
        OperationFault::Foreign => "foreign",
        OperationFault::NotCreated => "notCreated",
        OperationFault::Replayed => "replayed",
        OperationFault::Fork => "fork",
        OperationFault::Gap => "gap",
        OperationFault::Reordered => "reordered",
        OperationFault::BrokenLink => "brokenLink",
        OperationFault::TimeBackwards => "timeBackwards",
        OperationFault::Deactivated => "deactivated",
        OperationFault::Expired => "expired",
        OperationFault::NotAuthorised => "notAuthorised",
        OperationFault::InvalidSignature => "signature",
        OperationFault::ThresholdNotMet => "threshold",
        OperationFault::NotCommitted => "notCommitted",
        OperationFault::KeyReused => "keyReused",
        OperationFault::IdReused => "idReused",
        OperationFault::UnknownId => "unknownId",
        OperationFault::OutOfScope => "outOfScope",
        OperationFault::DelegationNotInForce => "delegation",
        OperationFault::InvalidTime => "time",
        _ => "tooMany",
    }
}

/// The same where a key is read: what is no JSON is no key.
fn key_refused(error: &Error) -> Answer {
    match error {
        Error::Json(_) => Answer::refused("key", &format!("{} {error}", error.code())),
        _ => refused(error),
    }
}

pub(super) fn refused(error: &Error) -> Answer {
    Answer::refused(reason(error), &format!("{} {error}", error.code()))
}

fn resolution_refused(error: &ResolutionError) -> Answer {
    let reason = match error.problem() {
        Problem::NotFound => "notFound",
        Problem::InvalidOptions => "options",
        Problem::MethodNotSupported
        | Problem::FeatureNotSupported
        | Problem::RepresentationNotSupported => "unsupported",
        Problem::InvalidVerificationMethod => "keyState",
        Problem::InvalidRelationshipForVerificationMethod => "relationship",
        _ => "syntax",
    };
    Answer::refused(reason, &error.to_string())
}

/// What a step gives: an answer that refuses counts as an end like any other.
type Step<T> = Result<T, Box<Answer>>;

fn parsed<T>(result: Result<T, Error>) -> Step<T> {
    result.map_err(|error| Box::new(refused(&error)))
}

fn ended(step: Step<Answer>) -> Result<Answer, String> {
    Ok(step.unwrap_or_else(|answer| *answer))
}

fn hex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    digits
        .filter(|digits| digits.len() % 2 == 0)
        .and_then(|digits| {
            let pairs = digits.chunks_exact(2).map(|pair| match pair {
                [high, low] => u8::try_from(high << 4 | low).ok(),
                _ => None,
            });
            pairs.collect()
        })
        .ok_or_else(|| format!("{text:?} is not hex"))
}

fn time(input: Input<'_>, name: &str) -> Result<Timestamp, String> {
    let text = input.text(name)?;
    text.parse().map_err(|e: Error| format!("{name}: {e}"))
}

pub(super) fn key_read(input: Input<'_>) -> Result<Answer, String> {
    let text = input.text("key")?;
    let key = match input.text("format")? {
        "multikey" => PublicKey::from_multikey(text),
        "pem" => PublicKey::from_pem(text),
        "base58" => {
            let name = input.text("keyType")?;
            let key_type = KeyType::ALL.iter().copied().find(|t| t.to_string() == name);
            PublicKey::from_base58(key_type.ok_or_else(|| format!("keyType {name:?}"))?, text)
        }
        "jwk" => json::parse(text)
            .map_err(Into::into)
            .and_then(|value| match value {
                json::Value::Object(jwk) => PublicKey::from_jwk(&jwk),
                _ => Err(Error::InvalidJwk {
                    member: "kty",
                    expected: "a JSON object",
                }),
            }),
        other => return Err(format!("input.format {other:?}")),
    };
    let key = match key {
        Ok(key) => key,
        Err(error) => return Ok(key_refused(&error)),
    };
    let thumbprint = key.jwk_thumbprint(&SOFTWARE).map_err(|e| e.to_string())?;
    Ok(Answer::value(json!({
        "keyType": key.key_type().to_string(),
        "multikey": key.to_multikey(),
        "jwk": to_serde(&key.to_jwk())?,
        "pem": key.to_pem(),
        "thumbprint": thumbprint,
    })))
}

pub(super) fn key_verify(input: Input<'_>) -> Result<Answer, String> {
    let name = input.text("algorithm")?;
    let algorithm = KeyType::ALL
        .iter()
        .flat_map(|key_type| key_type.signature_algorithms())
        .find(|algorithm: &&SignatureAlgorithm| algorithm.as_str() == name)
        .ok_or_else(|| format!("algorithm {name:?}"))?;
    let (message, signature) = (hex(input.text("message")?)?, hex(input.text("signature")?)?);
    let verified = PublicKey::from_multikey(input.text("key")?)
        .and_then(|key| SOFTWARE.verify(*algorithm, &key, &message, &signature));
    Ok(match verified {
        Ok(()) => Answer::value(json!({})),
        Err(error) => refused(&error),
    })
}

pub(super) fn did_web_url(input: Input<'_>) -> Result<Answer, String> {
    let url = Did::parse(input.text("did")?).and_then(|did| did_web::url(&did));
    Ok(match url {
        Ok(url) => Answer::value(json!({"url": url})),
        Err(error) => refused(&error),
    })
}

pub(super) fn did_resolve(input: Input<'_>, now: Timestamp) -> Result<Answer, String> {
    let did = match Did::parse(input.text("did")?) {
        Ok(did) => did,
        Err(error) => return Ok(refused(&error)),
    };
    let mut options = ResolutionOptions::default();
    if let Some(id) = input.optional("versionId") {
        options = options.version_id(id);
    }
    if input.optional("versionTime").is_some() {
        options = options.version_time(time(input, "versionTime")?);
    }
    let resolved = match did.method() {
        "kbtf" => return kbtf(&did, input, &options, now),
        "web" => did_web::check(&did, input.text("body")?.as_bytes())
            .map(ResolvedDocument::active)
            .map_err(|error| refused(&error)),
        method => {
            if let Err(error) = options.check_unversioned(&did) {
                return Ok(resolution_refused(&error));
            }
            match method {
                "jwk" => did_jwk::resolve(&did),
                _ => did_key::resolve(&did, KeyFormat::Multikey),
            }
            .map(ResolvedDocument::active)
            .map_err(|error| key_refused(&error))
        }
    };
    match resolved {
        Ok(resolved) => Ok(Answer::value(json!({
            "document": to_serde(resolved.document.as_object())?
        }))),
        Err(answer) => Ok(answer),
    }
}

fn entries(input: Input<'_>) -> Result<Vec<LedgerEntry>, String> {
    let expected = "input.entries: expected an array of time and operation";
    let entries = input.value("entries").and_then(Value::as_array);
    let entry = |entry: &Value| {
        let time = entry.get("time")?.as_str()?.parse().ok()?;
        let operation = entry.get("operation")?.as_str()?.to_owned();
        Some(LedgerEntry::new(time, operation))
    };
    entries
        .and_then(|entries| entries.iter().map(entry).collect())
        .ok_or_else(|| expected.to_owned())
}

fn kbtf(
    did: &Did,
    input: Input<'_>,
    options: &ResolutionOptions,
    now: Timestamp,
) -> Result<Answer, String> {
    let entries = entries(input)?;
    let history = match input.value("open") == Some(&Value::Bool(true)) {
        true => History::scan(did, &entries, &SOFTWARE).map(|(history, _)| history),
        false => History::replay(did, &entries, &SOFTWARE),
    };
    let history = match history {
        Ok(history) => history,
        Err(error) => return Ok(refused(&error)),
    };
    let resolved = match history.resolve(options) {
        Ok(resolved) => resolved,
        Err(error) => return Ok(resolution_refused(&error)),
    };
    Ok(Answer::value(json!({
        "document": to_serde(resolved.document.as_object())?,
        "metadata": to_serde(&resolved.metadata.to_object())?,
        "state": LifeCycleState::of(history.state(), now).as_str(),
    })))
}

pub(super) fn operation_sign(input: Input<'_>) -> Result<Answer, String> {
    let secrets = input.texts("secretKeys")?.unwrap_or_default();
    let signers: Vec<SoftwareSigner<'static>> = secrets
        .into_iter()
        .map(|text| SecretKey::from_multikey(text).map(SoftwareSigner::new))
        .collect::<Result<_, _>>()
        .map_err(|e| e.to_string())?;
    let signers: Vec<&dyn Signer> = signers.iter().map(|s| s as &dyn Signer).collect();
    let text = input.text("operation")?;
    ended((|| {
        let unsigned = parsed(SignedOperation::parse(text))?;
        parsed(unsigned.operation().check_personal_data())?;
        let signed = parsed(unsigned.operation().clone().sign(&signers))?;
        let hash = parsed(signed.operation().hash(&SOFTWARE))?.to_string();
        let did = parsed(signed.operation().did(&SOFTWARE))?.to_string();
        Ok(Answer::value(
            json!({"operation": signed.to_json(), "hash": hash, "did": did}),
        ))
    })())
}

fn document(input: Input<'_>) -> Result<Step<DidDocument>, String> {
    let representation = match input.optional("representation") {
        None => Representation::JsonLd,
        Some(media_type) => Representation::from_media_type(media_type)
            .ok_or_else(|| format!("representation {media_type:?}"))?,
    };
    let text = input.text("document")?;
    Ok(
        DidDocument::parse_as(text, representation).map_err(|error| {
            let detail = format!("{} {error}", error.code());
            Box::new(Answer::refused("structure", &detail))
        }),
    )
}

pub(super) fn document_read(input: Input<'_>) -> Result<Answer, String> {
    let document = match document(input)? {
        Ok(document) => document,
        Err(answer) => return Ok(*answer),
    };
    let methods: Vec<Value> = document
        .verification_methods()
        .iter()
        .map(|method| {
            let key = method.public_key().ok();
            json!({
                "id": method.id().as_str(),
                "keyType": key.map(|key| key.key_type().to_string()),
                "multikey": key.map(PublicKey::to_multikey),
            })
        })
        .collect();
    let mut warnings: Vec<&str> = document.warnings().iter().map(|w| w.code()).collect();
    warnings.sort_unstable();
    warnings.dedup();
    Ok(Answer::value(
        json!({"id": document.id().as_str(), "methods": methods, "warnings": warnings}),
    ))
}

pub(super) fn did_dereference(input: Input<'_>) -> Result<Answer, String> {
    let url = match DidUrl::parse(input.text("didUrl")?) {
        Ok(url) => url,
        Err(error) => return Ok(refused(&error)),
    };
    let mut options = DereferenceOptions::default();
    match input.optional("accept") {
        None | Some("document") => {}
        Some("urls") => options = options.uri_list(),
        Some(other) => return Err(format!("accept {other:?}")),
    }
    if let Some(purpose) = input.optional("purpose") {
        let purpose = VerificationRelationship::from_name(purpose)
            .ok_or_else(|| format!("purpose {purpose:?}"))?;
        options = options.for_purpose(purpose);
    }
    let document = match document(input)? {
        Ok(document) => document,
        Err(answer) => return Ok(*answer),
    };
    Ok(
        match dereference::within(&url, ResolvedDocument::active(document), &options) {
            Ok(Dereferenced::Document(resolved)) => Answer::value(json!({
                "document": to_serde(resolved.document.as_object())?
            })),
            Ok(Dereferenced::Resource(object)) => {
                Answer::value(json!({"resource": to_serde(&object)?}))
            }
            Ok(Dereferenced::Urls(urls)) => Answer::value(json!({"urls": urls})),
            Ok(_) => Answer::Error("neither document, resource nor addresses".into()),
            Err(error) => resolution_refused(&error),
        },
    )
}

pub(super) fn personal_data_check(input: Input<'_>) -> Result<Answer, String> {
    Ok(match document(input)? {
        Err(answer) => *answer,
        Ok(document) => match personal_data::check_document(&document) {
            Ok(()) => Answer::value(json!({})),
            Err(error) => refused(&error),
        },
    })
}

/// The suite chooses the nonce, so that it knows the request.
struct Given(Vec<u8>);

impl rand_core::TryRng for Given {
    type Error = std::fmt::Error;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Err(std::fmt::Error)
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Err(std::fmt::Error)
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        if out.len() != self.0.len() {
            return Err(std::fmt::Error);
        }
        out.copy_from_slice(&self.0);
        Ok(())
    }
}
impl rand_core::TryCryptoRng for Given {}

pub(super) fn control_request(input: Input<'_>, now: Timestamp) -> Result<Answer, String> {
    let mut nonce = Given(hex(input.text("nonce")?)?);
    let seconds = input.value("seconds").and_then(Value::as_u64);
    let seconds = seconds.and_then(|seconds| u32::try_from(seconds).ok());
    let seconds = seconds.ok_or("input.seconds: expected a number")?;
    let domain = input.text("domain")?;
    ended((|| {
        let mut request = parsed(ControlRequest::new(domain, now, seconds, &mut nonce))?;
        if let Some(address) = input.optional("answerTo") {
            request = parsed(request.answer_to(address))?;
        }
        Ok(Answer::value(json!({"link": request.to_link()})))
    })())
}

pub(super) fn control_answer(input: Input<'_>) -> Result<Answer, String> {
    let key = SecretKey::from_multikey(input.text("secretKey")?).map_err(|e| e.to_string())?;
    let signer = SoftwareSigner::new(key);
    let (request, method) = (input.text("request")?, input.text("verificationMethod")?);
    ended((|| {
        let request = parsed(ControlRequest::from_link(request))?;
        let method = parsed(DidUrl::parse(method))?;
        let response = parsed(request.answer(&method, &signer))?;
        Ok(Answer::value(json!({
            "link": response.to_link(), "domain": request.domain(), "answerTo": request.answer_address()
        })))
    })())
}

pub(super) fn control_check(input: Input<'_>, now: Timestamp) -> Result<Answer, String> {
    let document = match document(input)? {
        Ok(document) => document,
        Err(answer) => return Ok(*answer),
    };
    let resolved = match input.value("deactivated") == Some(&Value::Bool(true)) {
        true => ResolvedDocument::deactivated(document),
        false => ResolvedDocument::active(document),
    };
    let (request, response) = (input.text("request")?, input.text("response")?);
    ended((|| {
        let request = parsed(ControlRequest::from_link(request))?;
        let response = parsed(ControlResponse::from_link(response))?;
        let shown = parsed(request.check(&response, &resolved, now, &SOFTWARE))?;
        Ok(Answer::value(json!({"did": shown.did().as_str()})))
    })())
}
