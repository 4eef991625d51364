//! The VC API of W3C's Credentials Community Group over HTTP/1.1, as far as W3C's test suites drive an implementation by it:
//! issue and verify credentials, make and verify presentations. The suites run beside it, on the same machine: it listens
//! on the loopback interface alone, has one key, and trusts any issuer. It is no server for anybody else.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use getrandom::SysRng;
use kbtf_did::{
    CryptoProvider as _, DidUrl, KeyType, SOFTWARE, SecretKey, Signer as _, SoftwareSigner,
    Timestamp, did_key,
    json::{self, Object, Value as JsonValue},
};
use kbtf_vc::{
    ClaimPath, Credential, Decision, Evidence, FailureCode, HolderBinding, Policy, Presentation,
    PresentationPolicy, ProofOptions, Trust, Verdict, Version, credential_to_jwt,
    envelope_credential, issue_credential, issue_presentation, rdfc::Contexts,
    sd_jwt::SdJwtBuilder, verify_credential, verify_presentation,
};
use serde_json::{Value, json};

/// The longest request that is read.
const MAX_BODY: usize = 1 << 20;
const MAX_HEAD: u64 = 16 << 10;
const TIMEOUT: Duration = Duration::from_secs(10);

/// An issuer and verifier behind the VC API.
pub struct VcApi {
    signer: SoftwareSigner<'static>,
    method: DidUrl,
}

/// A refusal before anything was done: the status and what is wrong.
struct Refused(u16, String);

impl Refused {
    fn bad(detail: impl ToString) -> Self {
        Self(400, detail.to_string())
    }
}

impl VcApi {
    /// One with a key of its own, which it forgets when it ends.
    ///
    /// # Errors
    /// That there is no randomness, or no such key.
    pub fn new(key_type: KeyType) -> Result<Self, kbtf_did::Error> {
        let key = SecretKey::generate(key_type, &mut SysRng)?;
        let signer = SoftwareSigner::new(key);
        let did = did_key::from_public_key(signer.public_key());
        let method = did_key::verification_method_id(&did)?;
        Ok(Self { signer, method })
    }

    /// The DID that it issues as.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.method.did_str()
    }

    /// Listens on a port of the loopback interface; 0 takes a free one.
    ///
    /// # Errors
    /// That it cannot.
    pub fn listen(port: u16) -> std::io::Result<TcpListener> {
        TcpListener::bind((Ipv4Addr::LOCALHOST, port))
    }

    /// Answers requests until the process ends, each connection on a thread of its own.
    pub fn serve(&self, listener: &TcpListener) {
        thread::scope(|scope| {
            for stream in listener.incoming().flatten() {
                scope.spawn(move || {
                    // A client that goes away is no matter of ours.
                    let _ = self.connection(&stream);
                });
            }
        });
    }

    fn connection(&self, stream: &TcpStream) -> std::io::Result<()> {
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        let mut reader = BufReader::new(stream);
        loop {
            let (path, body, keep) = match read_request(&mut reader)? {
                None => return Ok(()),
                Some(Ok(request)) => request,
                Some(Err(Refused(status, detail))) => {
                    let answer = json!({"errors": [detail]});
                    return write_answer(stream, status, &answer, false);
                }
            };
            let (status, answer) = match self.answer(&path, &body) {
                Ok(answer) => answer,
                Err(Refused(status, detail)) => (status, json!({"errors": [detail]})),
            };
            write_answer(stream, status, &answer, keep)?;
            if !keep {
                return Ok(());
            }
        }
    }

    fn answer(&self, path: &str, body: &[u8]) -> Result<(u16, Value), Refused> {
        // The strict reader has the word on what JSON is; what is handed on is its text.
        let text = core::str::from_utf8(body).map_err(Refused::bad)?;
        kbtf_did::json::parse(text).map_err(Refused::bad)?;
        let body: Value = serde_json::from_str(text).map_err(Refused::bad)?;
        let member = |name: &str| {
            let value = body.get(name).filter(|v| v.is_object() || v.is_string());
            value.ok_or_else(|| Refused::bad(format!("{name}: expected a document")))
        };
        let options = body.get("options").cloned().unwrap_or_default();
        match path {
            "/credentials/issue" => self.issue(member("credential")?, &options),
            "/credentials/verify" => verify(member("verifiableCredential")?, &options),
            "/presentations/prove" => self.prove(member("presentation")?, &options),
            "/presentations/verify" => verify_shown(member("verifiablePresentation")?, &options),
            _ => Err(Refused(404, format!("no endpoint {path}"))),
        }
    }

    fn issue(&self, credential: &Value, options: &Value) -> Result<(u16, Value), Refused> {
        let text = credential.to_string();
        let credential = Credential::parse(&text).map_err(Refused::bad)?;
        let form = options.get("form").and_then(Value::as_str);
        let secured = match form.unwrap_or("dataIntegrity") {
            "dataIntegrity" => {
                let asked = options.get("cryptosuite").and_then(Value::as_str);
                let options = ProofOptions::assertion(self.method.clone(), now()?);
                let options = with_cryptosuite(options, asked, credential.as_object())?;
                let signed = issue_credential(credential, &options, &self.signer);
                signed.map_err(Refused::bad)?.to_json()
            }
            "jwt" => {
                let token = credential_to_jwt(&credential, &self.method, &self.signer);
                let token = token.map_err(Refused::bad)?;
                match credential.version() {
                    Version::V2_0 => enveloped(&token)?,
                    Version::V1_1 => Value::from(token).to_string(),
                }
            }
            "sdJwt" => {
                let mut builder = SdJwtBuilder::vc(credential).map_err(Refused::bad)?;
                let hide = options.get("hide").and_then(Value::as_array);
                for path in hide.into_iter().flatten() {
                    let path = path.to_string();
                    let path = kbtf_did::json::parse(&path).map_err(Refused::bad)?;
                    builder = builder.hide(ClaimPath::parse(&path).map_err(Refused::bad)?);
                }
                let token = builder.issue(&self.method, &self.signer, &mut SysRng);
                enveloped(&token.map_err(Refused::bad)?)?
            }
            other => return Err(Refused::bad(format!("options.form: {other:?}"))),
        };
        let secured: Value = serde_json::from_str(&secured).map_err(Refused::bad)?;
        Ok((201, json!({"verifiableCredential": secured})))
    }

    fn prove(&self, presentation: &Value, options: &Value) -> Result<(u16, Value), Refused> {
        let option = |name: &str| options.get(name).and_then(Value::as_str);
        let (Some(challenge), Some(domain)) = (option("challenge"), option("domain")) else {
            return Err(Refused::bad("options: expected challenge and domain"));
        };
        let text = presentation.to_string();
        let presentation = Presentation::parse(&text).map_err(Refused::bad)?;
        let asked = option("cryptosuite");
        let options = ProofOptions::authentication(self.method.clone(), now()?, challenge, domain);
        let options = options.map_err(Refused::bad)?;
        let options = with_cryptosuite(options, asked, presentation.as_object())?;
        let signed = issue_presentation(presentation, &options, &self.signer);
        let signed = signed.map_err(Refused::bad)?.to_json();
        let signed: Value = serde_json::from_str(&signed).map_err(Refused::bad)?;
        Ok((201, json!({"verifiablePresentation": signed})))
    }
}

fn enveloped(token: &str) -> Result<String, Refused> {
    Ok(envelope_credential(token).map_err(Refused::bad)?.to_json())
}

fn now() -> Result<Timestamp, Refused> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = seconds.ok().and_then(|d| i64::try_from(d.as_secs()).ok());
    let time = seconds.and_then(Timestamp::from_unix);
    time.ok_or_else(|| Refused(500, "the clock is out of order".into()))
}

/// The contexts that W3C's suites use in their examples, and what their URLs lead to, but for spaces.
const EXAMPLES: [(&str, &str); 2] = [
    (
        "https://www.w3.org/ns/credentials/examples/v2",
        r#"{"@context":{"@vocab":"https://www.w3.org/ns/credentials/examples#"}}"#,
    ),
    (
        "https://www.w3.org/ns/credentials/undefined-terms/v2",
        r#"{"@context":{"@vocab":"https://www.w3.org/ns/credentials/undefined-term#"}}"#,
    ),
];

/// The options for a cryptosuite that was asked for: one over RDF (`…-rdfc-…`), or none in particular.
fn with_cryptosuite(
    options: ProofOptions,
    asked: Option<&str>,
    document: &Object<'_>,
) -> Result<ProofOptions, Refused> {
    if !asked.is_some_and(|name| name.contains("-rdfc-")) {
        return Ok(options);
    }
    let mut contexts = Contexts::new();
    for (url, text) in EXAMPLES {
        contexts.add(url, text.as_bytes()).map_err(Refused::bad)?;
    }
    for list in context_lists(document) {
        contexts.accept(&list);
    }
    Ok(options.rdf(Arc::new(contexts)))
}

/// The contexts of a document and of the credentials in it. Suites put known ones together as they like, so each list is
/// taken here; a verifier that means it names those that it takes.
fn context_lists<'d>(document: &'d Object<'_>) -> Vec<Vec<&'d str>> {
    let credentials = document.get("verifiableCredential");
    let credentials = credentials
        .map(JsonValue::as_set)
        .unwrap_or_default()
        .iter();
    let documents = credentials
        .filter_map(JsonValue::as_object)
        .chain([document]);
    documents
        .filter_map(|document| document.get("@context"))
        .map(|list| list.as_set().iter().filter_map(JsonValue::as_str).collect())
        .collect()
}

/// What W3C's suites use: contexts of its examples, and signers that make high s as often as low.
fn policy(text: &str) -> Result<Policy<'static>, Refused> {
    let mut policy = Policy::new(Trust::AnyIssuer)
        .accept_high_s()
        .context("https://www.w3.org/2018/credentials/examples/v1");
    for (url, text) in EXAMPLES {
        let sha256 = SOFTWARE.sha256(text.as_bytes()).map_err(Refused::bad)?;
        let added = policy.context_document(url, text.as_bytes(), &sha256);
        policy = added.map_err(Refused::bad)?;
    }
    if let Ok(JsonValue::Object(document)) = json::parse(text) {
        for list in context_lists(&document) {
            policy = policy.context_list(&list);
        }
    }
    Ok(policy)
}

/// A document as the crate reads it: its JSON, or the token itself.
fn document(value: &Value) -> String {
    match value {
        Value::String(token) => token.clone(),
        object => object.to_string(),
    }
}

fn verify(credential: &Value, options: &Value) -> Result<(u16, Value), Refused> {
    let text = document(credential);
    let found = verify_credential(text.as_bytes(), &Evidence::new(), &policy(&text)?, now()?);
    Ok(report(
        found.verdict(),
        asked_otherwise(credential, options),
    ))
}

fn verify_shown(presentation: &Value, options: &Value) -> Result<(u16, Value), Refused> {
    let text = document(presentation);
    // The suites ask for no challenge and domain, so what the proof has is taken for what was asked; a verifier that means
    // it has asked.
    let option = |name: &str| {
        let own = presentation.get("proof").and_then(|proof| proof.get(name));
        let asked = options.get(name).or(own).and_then(Value::as_str);
        asked.ok_or_else(|| Refused::bad(format!("{name}: expected one in options or proof")))
    };
    let policy = PresentationPolicy::new(policy(&text)?, option("challenge")?, option("domain")?);
    let policy = policy
        .map_err(Refused::bad)?
        .holder_binding(HolderBinding::AnyHolder);
    let found = verify_presentation(text.as_bytes(), &Evidence::new(), &policy, now()?);
    Ok(report(
        found.verdict(),
        asked_otherwise(presentation, options),
    ))
}

/// What the request expects of every proof and does not find there (Data Integrity 1.0 section 4.4).
fn asked_otherwise(document: &Value, options: &Value) -> Vec<Value> {
    let proofs = match document.get("proof") {
        Some(Value::Array(proofs)) => proofs.as_slice(),
        Some(proof) => core::slice::from_ref(proof),
        None => &[],
    };
    let expected = [
        ("expectedProofPurpose", "proofPurpose"),
        ("challenge", "challenge"),
        ("domain", "domain"),
    ];
    expected
        .into_iter()
        .filter_map(|(option, member)| {
            let wanted = options.get(option)?;
            let is_there = |proof: &Value| proof.get(member) == Some(wanted);
            (!proofs.iter().all(is_there)).then(|| {
                json!({
                    "type": "https://w3id.org/security#PROOF_VERIFICATION_ERROR",
                    "title": "asked-otherwise",
                    "detail": format!("proof.{member}: expected {wanted}")
                })
            })
        })
        .collect()
}

fn report(verdict: &Verdict, otherwise: Vec<Value>) -> (u16, Value) {
    let mut problems = Vec::new();
    collect(verdict, &mut problems);
    let verified = otherwise.is_empty() && verdict.decision() == Decision::Accepted;
    problems.extend(otherwise);
    if !verified && problems.is_empty() {
        problems.push(json!({
            "type": FailureCode::KeyNotFound.problem_type(),
            "title": "undecided",
            "detail": format!("missing {:?}", verdict.needs())
        }));
    }
    let answer = json!({"verified": verified, "problemDetails": problems});
    (if verified { 200 } else { 400 }, answer)
}

fn collect(verdict: &Verdict, problems: &mut Vec<Value>) {
    for failure in verdict.failures() {
        problems.push(json!({
            "type": failure.code().problem_type(),
            "title": failure.code().as_str(),
            "detail": failure.detail()
        }));
    }
    for inner in verdict.credentials() {
        collect(inner, problems);
    }
}

/// A request: its path, its body, and whether the connection stays open.
type HttpRequest = (String, Vec<u8>, bool);

/// Reads a POST with a `content-length`. `None` at the end of the connection.
fn read_request(
    reader: &mut BufReader<&TcpStream>,
) -> std::io::Result<Option<Result<HttpRequest, Refused>>> {
    let mut head = reader.take(MAX_HEAD);
    let mut line = String::new();
    if head.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_ascii_whitespace();
    let (method, path) = (words.next().unwrap_or_default(), words.next());
    let path = path.unwrap_or_default().to_owned();
    let is_post = method == "POST";
    let (mut length, mut keep) = (None, true);
    loop {
        let mut line = String::new();
        if head.read_line(&mut line)? == 0 {
            return Ok(Some(Err(Refused(
                431,
                "the head of the request is too long".into(),
            ))));
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "content-length" if length.is_none() => length = value.trim().parse::<usize>().ok(),
            "content-length" | "transfer-encoding" => {
                return Ok(Some(Err(Refused(
                    411,
                    "one content-length is expected".into(),
                ))));
            }
            "connection" => keep = !value.trim().eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    if !is_post {
        return Ok(Some(Err(Refused(405, "POST is expected".into()))));
    }
    let Some(length) = length else {
        return Ok(Some(Err(Refused(
            411,
            "a content-length is expected".into(),
        ))));
    };
    if length > MAX_BODY {
        return Ok(Some(Err(Refused(413, "the body is too long".into()))));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Ok((path, body, keep))))
}

fn write_answer(
    mut stream: &TcpStream,
    status: u16,
    answer: &Value,
    keep: bool,
) -> std::io::Result<()> {
    let body = answer.to_string();
    let connection = if keep { "keep-alive" } else { "close" };
    let head = format!(
        "HTTP/1.1 {status} {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: {connection}\r\n\r\n",
        if status < 300 { "OK" } else { "Refused" },
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())
}
