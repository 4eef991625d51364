//! Asking for credentials and answering: the messages of OpenID4VP 1.0, without a transport (VC-03, VC-04).
//!
//! A verifier makes and signs a [`PresentationRequest`]; a wallet verifies it and answers with [`answer_request`], which shows what was asked
//! for and nothing else; the verifier checks the [`PresentationResponse`] with [`verify_response`], which believes
//! nothing of the wallet's choice.

use alloc::{
    borrow::ToOwned,
    collections::{BTreeMap, BTreeSet},
    format,
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::{
    Did, DidUrl, Signer, Timestamp, VerificationRelationship,
    json::{self, Number, Object, Value},
};

use crate::{
    Choice, ClaimPath, Credential, CredentialFormat, CredentialQuery, DcqlQuery, Decision, Error,
    Evidence, FailureCode, Form, Held, HolderBinding, Policy, Presentation, PresentationPolicy,
    PresentationToken, ProofOptions, Verdict, Verification, Verified,
    assurance::{AssuranceStatement, Framework, Requirement},
    credential::is_url,
    dcql::is_answer,
    error::{malformed, wrong_type},
    issue::{check_did_key_of, check_signer},
    issue_presentation,
    jws::{self, Jws},
    presentation_to_jwt,
    received::{Received, Securing, TokenTimes, numeric_date},
    sd_jwt::{self, Profile, SdJwt, SdJwtCredential, unix},
    verify::{Inputs, own_token_verdict, unreadable},
    verify_presentation,
};

/// The type of the token that a signed request is.
const REQUEST_TYPE: &str = "oauth-authz-req+jwt";
/// The prefix of a `client_id` that is a DID (OpenID4VP 1.0 section 5.9.3).
const DID_PREFIX: &str = "decentralized_identifier:";
/// The most presentations in one answer.
const MAX_PRESENTATIONS: usize = 64;
/// The most bytes of an answer: several credentials of a megabyte would be no answer for a phone.
const MAX_RESPONSE: usize = 4 << 20;

/// What a verifier sends to a wallet.
///
/// ```
/// use kbtf_did::Did;
/// use kbtf_vc::{DcqlQuery, PresentationRequest};
///
/// let query = DcqlQuery::parse(r#"{"credentials": [{"id": "adult", "format": "dc+sd-jwt",
///   "meta": {"vct_values": ["urn:kbtf:resident"]}, "claims": [{"path": ["age_over_19"]}]}]}"#)?;
/// let request = PresentationRequest::new(&Did::parse("did:web:shop.example")?, "n-0S6_WzA2Mj", query)?;
/// assert_eq!(request.client_id(), "decentralized_identifier:did:web:shop.example");
/// # Ok::<(), kbtf_vc::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PresentationRequest {
    client_id: String,
    nonce: String,
    query: DcqlQuery,
    state: Option<String>,
    response_uri: Option<String>,
    expires: Option<Timestamp>,
    assurance: Option<Object<'static>>,
}

impl PresentationRequest {
    /// A request of the verifier with this DID. The nonce was never used before and cannot be guessed.
    ///
    /// # Errors
    /// `vc/malformed` if the nonce is empty or has characters other than those of base64url.
    pub fn new(verifier: &Did, nonce: &str, query: DcqlQuery) -> Result<Self, Error> {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if nonce.is_empty() || !nonce.bytes().all(is_plain) {
            return Err(malformed("nonce", "letters, digits, - and _"));
        }
        Ok(Self {
            client_id: format!("{DID_PREFIX}{verifier}"),
            nonce: nonce.to_owned(),
            query,
            state: None,
            response_uri: None,
            expires: None,
            assurance: None,
        })
    }

    /// A text that comes back with the answer.
    #[must_use]
    pub fn state(mut self, state: &str) -> Self {
        self.state = Some(state.to_owned());
        self
    }

    /// Where the answer goes (`direct_post`); without it the answer is shown, such as in a barcode.
    ///
    /// # Errors
    /// `vc/malformed` unless it is an https URL.
    pub fn response_uri(mut self, url: &str) -> Result<Self, Error> {
        if !url.starts_with("https://") || !is_url(url) {
            return Err(malformed("response_uri", "an https URL"));
        }
        self.response_uri = Some(url.to_owned());
        Ok(self)
    }

    /// From when on a wallet does not answer any more.
    #[must_use]
    pub const fn expires(mut self, time: Timestamp) -> Self {
        self.expires = Some(time);
        self
    }

    /// Says which level of assurance is expected (EAA-08), as `kbtf_loa`: for the wallet to know. What counts is the
    /// policy that the answer is verified by.
    #[must_use]
    pub fn assurance(mut self, framework: &Framework, requirement: &Requirement) -> Self {
        self.assurance = Some(requirement.to_object(framework));
        self
    }

    /// Signs it as the verifier: a token of type `oauth-authz-req+jwt` (RFC 9101, OpenID4VP 1.0 section 5.9.3), with a key that
    /// the verifier's DID lists under `authentication`. A wallet answers no other.
    ///
    /// # Errors
    /// `vc/not-the-signer` if the verifier is not the DID of the verification method; those of the signer.
    pub fn sign(&self, method: &DidUrl, signer: &dyn Signer) -> Result<String, Error> {
        check_signer("client_id", self.verifier(), method)?;
        check_did_key_of(method, signer)?;
        let mut claims = self.to_object();
        claims.insert("aud", "https://self-issued.me/v2");
        jws::sign(REQUEST_TYPE, Some(method.as_str()), &claims, signer)
    }

    /// Verifies a signed request, for a wallet: whose DID it names has signed it, so that nobody can pass a verifier's
    /// nonce off as his own and have the answer sent elsewhere.
    pub fn verify(
        text: &str,
        evidence: &Evidence,
        policy: &Policy<'_>,
        now: Timestamp,
    ) -> Verification<Self> {
        let read = Jws::parse(text.trim_ascii_end()).and_then(|jws| {
            if jws.token_type() != Some(REQUEST_TYPE) {
                return Err(wrong_type(REQUEST_TYPE, jws.token_type()));
            }
            let claims = jws.claims()?;
            let times = TokenTimes::of(&claims)?;
            Ok((Self::from_object(&claims)?, jws.into_signed(), times))
        });
        match read {
            Ok((request, signed, times)) => {
                let inputs = Inputs::new(evidence, policy, now);
                let did = request.verifier();
                let purpose = VerificationRelationship::Authentication;
                let verdict = own_token_verdict(&signed, times, did, purpose, &inputs);
                Verification::new(verdict, Some(request))
            }
            Err(error) => Verification::new(unreadable(&error), None),
        }
    }

    /// The DID of the verifier.
    #[must_use]
    pub fn verifier(&self) -> &str {
        self.client_id.strip_prefix(DID_PREFIX).unwrap_or_default()
    }

    /// Reads a request that nobody has signed, as the verifier keeps it.
    ///
    /// # Errors
    /// A JSON error; `vc/malformed` with the place, for a `client_id` that is no DID, a response type or mode that is not
    /// known here, or a query that cannot be read.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match json::parse(text)? {
            Value::Object(object) => Self::from_object(&object),
            _ => Err(malformed("request", "an object")),
        }
    }

    fn from_object(object: &Object<'_>) -> Result<Self, Error> {
        let text = |member: &'static str| {
            object
                .get_str(member)
                .ok_or_else(|| malformed(member, "a text"))
        };
        let client_id = text("client_id")?;
        let did = client_id
            .strip_prefix(DID_PREFIX)
            .and_then(|did| Did::parse(did).ok())
            .ok_or_else(|| malformed("client_id", "decentralized_identifier: and a DID"))?;
        if text("response_type")? != "vp_token" {
            return Err(malformed("response_type", "vp_token"));
        }
        let query = object.get("dcql_query").and_then(Value::as_object);
        let query = query.ok_or_else(|| malformed("dcql_query", "an object"))?;
        let mut request = Self::new(&did, text("nonce")?, DcqlQuery::from_object(query)?)?;
        match text("response_mode")? {
            "direct_post" => request = request.response_uri(text("response_uri")?)?,
            "qr" if !object.contains("response_uri") => {}
            _ => return Err(malformed("response_mode", "direct_post, or qr")),
        }
        if object.contains("state") {
            request = request.state(text("state")?);
        }
        request.expires = numeric_date(object, "exp")?;
        request.assurance = match object.get("kbtf_loa") {
            None => None,
            Some(Value::Object(asked)) => Some(asked.clone().into_owned()),
            Some(_) => return Err(malformed("kbtf_loa", "an object")),
        };
        Ok(request)
    }

    /// The request as JSON.
    #[must_use]
    pub fn to_object(&self) -> Object<'static> {
        let mut object = Object::new();
        object.insert("response_type", "vp_token");
        object.insert("client_id", self.client_id.clone());
        match &self.response_uri {
            Some(url) => {
                object.insert("response_mode", "direct_post");
                object.insert("response_uri", url.clone());
            }
            None => {
                object.insert("response_mode", "qr");
            }
        }
        object.insert("nonce", self.nonce.clone());
        if let Some(state) = &self.state {
            object.insert("state", state.clone());
        }
        if let Some(expires) = self.expires {
            let seconds = Number::new(unix(expires)).map_or(Value::Null, Value::Number);
            object.insert("exp", seconds);
        }
        object.insert("dcql_query", self.query.as_object().clone());
        if let Some(assurance) = &self.assurance {
            object.insert("kbtf_loa", assurance.clone());
        }
        object
    }

    /// Who asks: what the answer is bound to.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The nonce that the answer must have.
    #[must_use]
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// What is asked for.
    #[must_use]
    pub const fn query(&self) -> &DcqlQuery {
        &self.query
    }

    /// Where the answer goes, if not shown.
    #[must_use]
    pub fn answer_address(&self) -> Option<&str> {
        self.response_uri.as_deref()
    }

    /// The level of assurance that is expected, as a [`Requirement`] of this framework; `None` if none is stated, or one
    /// of another framework.
    #[must_use]
    pub fn expected_assurance(&self, framework: &Framework) -> Option<Requirement> {
        Requirement::from_object(framework, self.assurance.as_ref()?).ok()
    }
}

/// A credential as a wallet keeps it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum HeldCredential {
    /// An SD-JWT of either profile, with all disclosures.
    SdJwt(SdJwt),
    /// A W3C credential as JWT.
    Jwt(String),
    /// A W3C credential with Data Integrity proofs.
    LinkedData(Credential<'static>),
}

impl HeldCredential {
    /// Reads a credential as an issuer has given it, in any form.
    ///
    /// # Errors
    /// Those of reading it. Verify it before you keep it.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.trim_start().starts_with('{') {
            return Ok(Self::LinkedData(Credential::parse(text)?.into_owned()));
        }
        if text.contains('~') {
            return Ok(Self::SdJwt(SdJwt::parse_issued(text)?));
        }
        Received::read(text.as_bytes())?;
        Ok(Self::Jwt(text.to_owned()))
    }

    fn look(&self) -> Result<Look, Error> {
        Ok(match self {
            Self::SdJwt(token) => {
                let claims = token.claims();
                match token.profile() {
                    Some(Profile::DigitalCredential) => Look {
                        format: CredentialFormat::DcSdJwt,
                        types: claims
                            .get_str("vct")
                            .map(ToOwned::to_owned)
                            .into_iter()
                            .collect(),
                        issuer: claims.get_str("iss").unwrap_or_default().to_owned(),
                        claims: Value::Object(claims.clone()),
                    },
                    _ => {
                        let credential = Credential::from_value(Value::Object(claims.clone()))?;
                        Look::of(CredentialFormat::VcSdJwt, &credential)
                    }
                }
            }
            Self::Jwt(text) => {
                let received = Received::read(text.as_bytes())?;
                Look::of(CredentialFormat::JwtVcJson, &received.credential)
            }
            Self::LinkedData(credential) => Look::of(CredentialFormat::LdpVc, credential),
        })
    }
}

/// A credential as a query looks at it, owned.
struct Look {
    format: CredentialFormat,
    types: Vec<String>,
    issuer: String,
    claims: Value<'static>,
}

impl Look {
    fn of(format: CredentialFormat, credential: &Credential<'_>) -> Self {
        Self {
            format,
            types: credential.types().map(ToOwned::to_owned).collect(),
            issuer: credential.issuer().to_owned(),
            claims: Value::Object(credential.as_object().clone().into_owned()),
        }
    }

    fn with<T>(&self, f: impl FnOnce(&Held<'_>) -> T) -> T {
        let types: Vec<&str> = self.types.iter().map(String::as_str).collect();
        f(&Held {
            format: self.format,
            types: &types,
            issuer: &self.issuer,
            claims: &self.claims,
        })
    }
}

/// What a wallet would show for a request: for each query the credential and the claims. `None` if it cannot answer.
///
/// # Errors
/// Those of reading a held credential.
pub fn select_for_request(
    request: &PresentationRequest,
    held: &[HeldCredential],
) -> Result<Option<Vec<Choice>>, Error> {
    let looks: Vec<Look> = held
        .iter()
        .map(HeldCredential::look)
        .collect::<Result<_, _>>()?;
    let types: Vec<Vec<&str>> = looks
        .iter()
        .map(|look| look.types.iter().map(String::as_str).collect())
        .collect();
    let views: Vec<Held<'_>> = looks
        .iter()
        .zip(&types)
        .map(|(look, types)| Held {
            format: look.format,
            types,
            issuer: &look.issuer,
            claims: &look.claims,
        })
        .collect();
    Ok(request.query.select(&views))
}

/// Answers a request with what the holder has agreed to: the choices of [`select_for_request`], or others out of
/// [`DcqlQuery::candidates`]. The request is one that [`PresentationRequest::verify`] has accepted.
///
/// Of a credential in SD-JWT the claims that were asked for are disclosed and no others. In other formats a credential
/// is shown whole or not at all: tell the holder before.
///
/// # Errors
/// `vc/malformed` if the request has expired, a choice is of no held credential, or its paths lead nowhere;
/// `vc/not-the-signer`; those of the signer.
pub fn answer_request(
    request: &Verified<PresentationRequest>,
    held: &[HeldCredential],
    choices: &[Choice],
    method: &DidUrl,
    holder: &dyn Signer,
    now: Timestamp,
) -> Result<PresentationResponse, Error> {
    let request = request.get();
    if request.expires.is_some_and(|at| now >= at) {
        return Err(malformed("exp", "a request that has not expired"));
    }
    let mut presentations: BTreeMap<String, Vec<Value<'static>>> = BTreeMap::new();
    for choice in choices {
        if request.query.credential(&choice.query).is_none() {
            return Err(malformed(&choice.query, "an id of the query"));
        }
        let credential = held.get(choice.held);
        let credential = credential.ok_or_else(|| malformed("held", "a held credential"))?;
        let shown = show(request, credential, &choice.paths, method, holder, now)?;
        presentations
            .entry(choice.query.clone())
            .or_default()
            .push(shown);
    }
    let ids: BTreeSet<&str> = presentations.keys().map(String::as_str).collect();
    request.query.check_answered(&ids)?;
    Ok(PresentationResponse {
        presentations,
        state: request.state.clone(),
        assurance: None,
    })
}

fn show(
    request: &PresentationRequest,
    credential: &HeldCredential,
    paths: &[ClaimPath],
    method: &DidUrl,
    holder: &dyn Signer,
    now: Timestamp,
) -> Result<Value<'static>, Error> {
    let (nonce, audience) = (request.nonce(), request.client_id());
    match credential {
        HeldCredential::SdJwt(token) => {
            let shown = token.select(paths)?;
            Ok(shown.present(nonce, audience, now, holder)?.into())
        }
        HeldCredential::Jwt(text) => {
            let version = Received::read(text.as_bytes())?.credential.version();
            let inside = match version {
                crate::Version::V1_1 => Value::from(text.clone()),
                crate::Version::V2_0 => Value::Object(crate::envelope_credential(text)?),
            };
            let presentation =
                Presentation::of_secured(version, &method.did(), alloc::vec![inside])?;
            let binding = PresentationToken::new(nonce, audience, now)?;
            Ok(presentation_to_jwt(&presentation, &binding, method, holder)?.into())
        }
        HeldCredential::LinkedData(credential) => {
            let presentation = Presentation::new(
                credential.version(),
                &method.did(),
                alloc::vec![credential.clone()],
            )?;
            let options = ProofOptions::authentication(method.clone(), now, nonce, audience)?;
            let signed = issue_presentation(presentation, &options, holder)?;
            Ok(Value::Object(signed.into_object()))
        }
    }
}

/// What a wallet sends back: for each query the presentations that answer it.
#[derive(Debug, Clone, PartialEq)]
pub struct PresentationResponse {
    presentations: BTreeMap<String, Vec<Value<'static>>>,
    state: Option<String>,
    assurance: Option<AssuranceStatement>,
}

impl PresentationResponse {
    /// States the level of assurance that the wallet believes to have reached (EAA-08). Not signed: for the verifier to
    /// know, not to rely on.
    #[must_use]
    pub fn assurance(mut self, statement: AssuranceStatement) -> Self {
        self.assurance = Some(statement);
        self
    }

    /// Reads an answer.
    ///
    /// # Errors
    /// A JSON error; `vc/malformed` with the place.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let limits = json::Limits::default().with_max_bytes(MAX_RESPONSE);
        let Value::Object(object) = json::parse_with(text, limits)?.into_owned() else {
            return Err(malformed("response", "an object"));
        };
        let token = object.get("vp_token").and_then(Value::as_object);
        let token = token.ok_or_else(|| malformed("vp_token", "an object"))?;
        let mut presentations = BTreeMap::new();
        let mut count = 0;
        for (id, values) in token.iter() {
            let fits = |v: &Value<'_>| matches!(v, Value::String(_) | Value::Object(_));
            let values = values
                .as_array()
                .filter(|values| !values.is_empty() && values.iter().all(fits))
                .ok_or_else(|| malformed("vp_token", "arrays of texts and objects"))?;
            count += values.len();
            presentations.insert(id.to_owned(), values.to_vec());
        }
        if count > MAX_PRESENTATIONS {
            return Err(malformed("vp_token", "at most 64 presentations"));
        }
        Ok(Self {
            presentations,
            state: match object.get("state") {
                None => None,
                Some(Value::String(state)) => Some(state.to_string()),
                Some(_) => return Err(malformed("state", "a text")),
            },
            assurance: match object.get("kbtf_loa").map(Value::as_object) {
                None => None,
                Some(stated) => stated
                    .and_then(|stated| AssuranceStatement::from_object(stated).ok())
                    .map(Some)
                    .ok_or_else(|| malformed("kbtf_loa", "an AssuranceStatement"))?,
            },
        })
    }

    /// The answer as JSON.
    #[must_use]
    pub fn to_object(&self) -> Object<'static> {
        let mut token = Object::new();
        for (id, values) in &self.presentations {
            token.insert(id.clone(), Value::Array(values.clone()));
        }
        let mut object = Object::new();
        object.insert("vp_token", token);
        if let Some(state) = &self.state {
            object.insert("state", state.clone());
        }
        if let Some(assurance) = &self.assurance {
            object.insert("kbtf_loa", assurance.to_object());
        }
        object
    }

    /// The level that the wallet states; see [`PresentationResponse::assurance`].
    #[must_use]
    pub const fn stated_assurance(&self) -> Option<&AssuranceStatement> {
        self.assurance.as_ref()
    }
}

/// What one presentation of an answer shows.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Shown {
    /// An SD-JWT.
    SdJwt(SdJwtCredential),
    /// A presentation with a W3C credential.
    Presentation(Presentation<'static>),
}

/// What verifying an answer has found.
#[derive(Debug, Clone)]
#[must_use = "an answer that nobody looks at is not accepted"]
pub struct ResponseVerification {
    items: Vec<(String, Verification<Shown>)>,
    problem: Option<Error>,
}

impl ResponseVerification {
    /// What is wrong with the answer as a whole: another state, an id that was not asked for, something that is missing.
    #[must_use]
    pub const fn problem(&self) -> Option<&Error> {
        self.problem.as_ref()
    }

    /// The verdict on each presentation, with the id of the query it answers.
    pub fn verdicts(&self) -> impl Iterator<Item = (&str, &Verdict)> {
        self.items.iter().map(|(id, v)| (id.as_str(), v.verdict()))
    }

    /// What follows from all together.
    #[must_use]
    pub fn decision(&self) -> Decision {
        if self.problem.is_some() {
            return Decision::Refused;
        }
        let decisions = self.items.iter().map(|(_, v)| v.verdict().decision());
        decisions.max().unwrap_or(Decision::Refused)
    }

    /// What is shown, if all of it is accepted.
    ///
    /// # Errors
    /// This itself, if not.
    pub fn into_verified(self) -> Result<Vec<(String, Verified<Shown>)>, Self> {
        if self.decision() != Decision::Accepted {
            return Err(self);
        }
        let verified = self.items.iter().map(|(id, verification)| {
            let verified = verification.clone().into_verified().ok()?;
            Some((id.clone(), verified))
        });
        verified.collect::<Option<_>>().ok_or(self)
    }
}

/// Verifies an answer to a request: every presentation by itself, in the format, of the kind, with the claims and values
/// that were asked for, bound to this request; and all of them together against the query (OpenID4VP 1.0 section 8.6).
///
/// The policy says what a credential needs; nonce and verifier come from the request. That each request is answered
/// once is the caller's part.
pub fn verify_response(
    response: &PresentationResponse,
    request: &PresentationRequest,
    evidence: &Evidence,
    policy: &Policy<'_>,
    holder_binding: &HolderBinding,
    now: Timestamp,
) -> ResponseVerification {
    let ids: BTreeSet<&str> = response.presentations.keys().map(String::as_str).collect();
    let mut problem = request.query.check_answered(&ids).err();
    if response.state != request.state {
        problem = Some(malformed("state", "the state of the request"));
    }
    let mut items = Vec::new();
    for (id, values) in &response.presentations {
        let Some(query) = request.query.credential(id) else {
            continue;
        };
        if values.len() > 1 && !query.allows_multiple() {
            problem = Some(malformed(id, "one presentation"));
        }
        let binding = PresentationPolicy::new(policy.clone(), &request.nonce, &request.client_id);
        let binding = match binding {
            Ok(binding) => binding.holder_binding(holder_binding.clone()),
            Err(error) => {
                problem = Some(error);
                continue;
            }
        };
        let binding = if query.requires_holder_binding() {
            binding
        } else {
            binding.waive_key_binding()
        };
        for value in values {
            items.push((
                id.clone(),
                verify_item(value, query, evidence, &binding, now),
            ));
        }
    }
    ResponseVerification { items, problem }
}

fn verify_item(
    value: &Value<'static>,
    query: &CredentialQuery,
    evidence: &Evidence,
    policy: &PresentationPolicy<'_>,
    now: Timestamp,
) -> Verification<Shown> {
    let (mut verdict, shown, look) = match value {
        Value::String(text) if text.contains('~') => {
            let found = sd_jwt::verify_presentation(text.as_bytes(), evidence, policy, now);
            let (verdict, shown) = found.into_parts();
            let look = shown.as_ref().map(look_at_sd_jwt);
            (verdict, shown.map(Shown::SdJwt), look)
        }
        value => {
            let text = match value {
                Value::String(text) => text.to_string(),
                other => other.to_json(),
            };
            let found = verify_presentation(text.as_bytes(), evidence, policy, now);
            let (verdict, shown) = found.into_parts();
            let shown = shown.map(Presentation::into_owned);
            let look = shown.as_ref().and_then(look_at_presentation);
            (verdict, shown.map(Shown::Presentation), look)
        }
    };
    if shown.is_some() {
        let fits = look.is_some_and(|look| look.with(|held| is_answer(query, held)));
        if !fits {
            verdict.fail(FailureCode::QueryNotMet, query.id());
        }
    }
    Verification::new(verdict, shown)
}

fn look_at_sd_jwt(shown: &SdJwtCredential) -> Look {
    match shown.credential() {
        Some(credential) => Look::of(CredentialFormat::VcSdJwt, credential),
        None => Look {
            format: CredentialFormat::DcSdJwt,
            types: shown.vct().map(ToOwned::to_owned).into_iter().collect(),
            issuer: shown.issuer().to_owned(),
            claims: Value::Object(shown.claims().clone()),
        },
    }
}

/// The only credential of a presentation.
fn look_at_presentation(presentation: &Presentation<'static>) -> Option<Look> {
    let mut credentials = presentation.credentials();
    let (Some(only), None) = (credentials.next(), credentials.next()) else {
        return None;
    };
    let received = Received::inside(only).ok()?;
    let format = match received.securing {
        Securing::DataIntegrity => CredentialFormat::LdpVc,
        Securing::Token {
            form: Form::SdJwt, ..
        } => CredentialFormat::VcSdJwt,
        Securing::Token { .. } => CredentialFormat::JwtVcJson,
    };
    Some(Look::of(format, &received.credential))
}
