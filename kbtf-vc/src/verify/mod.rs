mod keys;
mod many;
mod signatures;

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
};

use kbtf_did::{
    Timestamp, VerificationRelationship,
    json::{Object, Value},
};

pub use many::verify_credentials;
pub(crate) use signatures::{Pending, Work};

use crate::{
    Credential, DisclosureError, Error, Evidence, FailureCode, HolderBinding, NotChecked, Policy,
    Presentation, PresentationPolicy, Step, Verdict, Verification, Version,
    assurance::step as assurance_step,
    context::foreign_context,
    data_integrity::ReceivedProof,
    received::{Received, ReceivedPresentation, Securing, TokenTimes},
    resource, schema, status, trust,
    verdict::short,
};
use keys::Signer;
use signatures::{Binding, check_proofs, check_securing, check_token, check_token_times};

/// Verifies a credential in any form (VC-01, VC-02): a pure function of its bytes, the evidence, the policy and the time.
///
/// JSON is read as a credential with Data Integrity proofs, or as an envelope with a token inside; other text as a token:
/// a VC 2.0 credential in a JWT or an SD-JWT (VC-JOSE-COSE), or a VC 1.1 credential in a JWT. What an SD-JWT does not
/// show is not in the document that comes back. An SD-JWT VC (`dc+sd-jwt`) is no W3C credential; for it there is
/// [`sd_jwt::verify_credential`](crate::sd_jwt::verify_credential).
///
/// All steps are looked at as far as the document can be read, and each reports the first thing that is wrong with it.
/// If evidence is missing, the verdict is undecided and names it as a [`Need`](crate::Need).
///
/// ```
/// use kbtf_vc::{Evidence, Policy, Trust, verify_credential};
///
/// let now = "2026-11-22T00:00:00Z".parse()?;
/// let verification = verify_credential(b"{}", &Evidence::new(), &Policy::new(Trust::AnyIssuer), now);
/// let verdict = verification.into_verified().unwrap_err();
/// assert_eq!(verdict.failures().next().unwrap().code().as_str(), "vc/malformed");
/// # Ok::<(), kbtf_did::Error>(())
/// ```
pub fn verify_credential<'a>(
    input: &'a [u8],
    evidence: &Evidence,
    policy: &Policy<'_>,
    now: Timestamp,
) -> Verification<Credential<'a>> {
    let inputs = Inputs::new(evidence, policy, now);
    match Received::read(input) {
        Ok(received) => {
            let mut work = Work::default();
            let mut verdict = credential_verdict(&received, &inputs, &mut work);
            work.settle(&mut verdict, policy.provider);
            Verification::new(verdict, Some(received.credential))
        }
        Err(error) => Verification::new(unreadable(&error), None),
    }
}

/// Verifies a presentation in any form and every credential inside (VC-03): signed by its holder, for this verifier,
/// in answer to this challenge.
///
/// The challenge is compared, not remembered: that each is given out once and accepted once is the caller's part.
pub fn verify_presentation<'a>(
    input: &'a [u8],
    evidence: &Evidence,
    policy: &PresentationPolicy<'_>,
    now: Timestamp,
) -> Verification<Presentation<'a>> {
    let inputs = Inputs::new(evidence, &policy.credentials, now);
    match ReceivedPresentation::read(input) {
        Ok(received) => {
            let verdict = presentation_verdict(&received, &inputs, policy);
            Verification::new(verdict, Some(received.presentation))
        }
        Err(error) => Verification::new(unreadable(&error), None),
    }
}

/// What a verification looks things up in.
#[derive(Clone, Copy)]
pub(crate) struct Inputs<'e> {
    pub(crate) evidence: &'e Evidence,
    pub(crate) policy: &'e Policy<'e>,
    pub(crate) now: Timestamp,
}

impl<'e> Inputs<'e> {
    pub(crate) const fn new(
        evidence: &'e Evidence,
        policy: &'e Policy<'_>,
        now: Timestamp,
    ) -> Self {
        Self {
            evidence,
            policy,
            now,
        }
    }
}

/// The verdict on a document that could not even be read.
pub(crate) fn unreadable(error: &Error) -> Verdict {
    let mut verdict = Verdict::new(NotChecked::EarlierFailure);
    let code = match error {
        Error::Json(_) => FailureCode::NotJson,
        Error::UnknownVersion => FailureCode::UnknownVersion,
        Error::MixedVersions { .. } => FailureCode::MixedVersions,
        Error::Token { .. } => FailureCode::MalformedToken,
        Error::WrongTokenType { .. } => FailureCode::WrongTokenType,
        Error::CriticalHeader { .. } => FailureCode::CriticalHeader,
        Error::ClaimsDisagree { .. } => FailureCode::ClaimsDisagree,
        Error::Disclosure(error) => match error {
            DisclosureError::Malformed { .. } => FailureCode::MalformedDisclosure,
            DisclosureError::Unknown { .. } => FailureCode::UnknownDisclosure,
            DisclosureError::Repeated { .. } => FailureCode::RepeatedDigest,
            DisclosureError::NameTaken { .. } => FailureCode::ClaimNameTaken,
            DisclosureError::UnsupportedHash { .. } => FailureCode::UnsupportedHash,
        },
        _ => FailureCode::Malformed,
    };
    verdict.fail(code, error.to_string());
    verdict
}

/// A verdict that accepts nothing yet: a step that nobody comes to speak of stays unchecked, and is never a pass.
pub(crate) fn undecided(applicable: impl Fn(&Step) -> bool) -> Verdict {
    let mut verdict = Verdict::new(NotChecked::Unsupported);
    for step in Step::ALL.into_iter().filter(|step| !applicable(step)) {
        verdict.skip(step, NotChecked::NotApplicable);
    }
    verdict
}

/// Everything about a credential but the arithmetic of its signatures, which is left in `work`.
pub(crate) fn credential_verdict<'e>(
    received: &Received<'_>,
    inputs: &Inputs<'e>,
    work: &mut Work<'e>,
) -> Verdict {
    let Received {
        credential,
        securing,
    } = received;
    let applicable = |step: &Step| !matches!(step, Step::Challenge | Step::Domain | Step::Holder);
    let mut verdict = undecided(applicable);
    check_form(&mut verdict, securing, credential.is_signed(), inputs);
    verdict.pass(Step::Version);
    check_credential_contents(&mut verdict, credential, inputs);
    if matches!(securing, Securing::Token { .. }) && credential.as_object().contains("status") {
        // A token may have its status as a claim, beside that of the credential: both must be good.
        let mut claim = Verdict::new(NotChecked::Absent);
        let object = credential.as_object();
        status::check_claim(&mut claim, object, credential.issuer(), inputs);
        if !verdict.take_bad(&claim, Step::Status) && !object.contains("credentialStatus") {
            verdict.take(&claim, Step::Status);
        }
        verdict.take_needs(claim);
    }
    let signer = check_securing(
        &mut verdict,
        credential.as_object(),
        securing,
        Some(credential.issuer()),
        VerificationRelationship::AssertionMethod,
        inputs,
        work,
    );
    signer.report(
        &mut verdict,
        credential.issuer(),
        Step::Issuer,
        FailureCode::IssuerNotController,
    );
    verdict
}

/// What a W3C credential says, whoever signed it: contexts, resources, validity, status, schema, trust, assurance.
fn check_credential_contents(
    verdict: &mut Verdict,
    credential: &Credential<'_>,
    inputs: &Inputs<'_>,
) {
    let object = credential.as_object();
    check_contexts(verdict, object, None, credential.version(), inputs.policy);
    resource::check(verdict, object, inputs);
    check_period(
        verdict,
        credential.valid_from(),
        credential.valid_until(),
        inputs,
    );
    status::check_entries(verdict, credential, inputs);
    schema::check_entries(verdict, credential, inputs);
    let types: alloc::vec::Vec<&str> = credential.types().collect();
    trust::check(verdict, credential.issuer(), &types, inputs);
    assurance_step::check(verdict, object, inputs);
}

/// That the policy takes documents in this form, and that a token has no second proof inside that nobody would look at.
fn check_form(verdict: &mut Verdict, securing: &Securing, has_proof: bool, inputs: &Inputs<'_>) {
    let form = securing.form();
    if !inputs.policy.accepts_form(form) {
        verdict.fail(FailureCode::FormNotAccepted, form.as_str());
    }
    if has_proof && !matches!(securing, Securing::DataIntegrity) {
        verdict.fail(
            FailureCode::Malformed,
            "proof: expected none in a document inside a token",
        );
    }
    verdict.pass(Step::Structure);
}

fn presentation_verdict(
    received: &ReceivedPresentation<'_>,
    inputs: &Inputs<'_>,
    policy: &PresentationPolicy<'_>,
) -> Verdict {
    let applicable = |step: &Step| {
        !matches!(
            step,
            Step::Issuer | Step::Status | Step::Schema | Step::Trust | Step::Assurance
        )
    };
    let presentation = &received.presentation;
    let mut verdict = undecided(applicable);
    let object = presentation.as_object();
    check_form(
        &mut verdict,
        &received.securing,
        presentation.is_signed(),
        inputs,
    );
    verdict.pass(Step::Version);
    check_contexts(
        &mut verdict,
        object,
        Some("verifiableCredential"),
        presentation.version(),
        &policy.credentials,
    );
    verdict.pass(Step::Validity);
    let purpose = VerificationRelationship::Authentication;
    let mut work = Work::default();
    let issuer_claim = match received.securing {
        Securing::Token { .. } => object.get_str("iss"),
        Securing::DataIntegrity => None,
    };
    let named = presentation.holder().or(issuer_claim);
    let signer = match &received.securing {
        Securing::DataIntegrity => {
            let proofs = ReceivedProof::all_of(object);
            let signer = check_proofs(
                &mut verdict,
                object,
                &proofs,
                named,
                purpose,
                inputs,
                &mut work,
            );
            match &proofs {
                Ok(proofs) => {
                    for binding in Binding::of_proofs(proofs) {
                        binding.check(&mut verdict, &policy.challenge, &policy.domain);
                    }
                }
                Err(_) => {
                    verdict.skip(Step::Challenge, NotChecked::EarlierFailure);
                    verdict.skip(Step::Domain, NotChecked::EarlierFailure);
                }
            }
            signer
        }
        Securing::Token { token, times, .. } => {
            Binding::of_claims(received.nonce.as_deref(), &received.audience).check(
                &mut verdict,
                &policy.challenge,
                &policy.domain,
            );
            check_age(&mut verdict, *times, inputs, policy);
            check_token(
                &mut verdict,
                token,
                *times,
                named,
                purpose,
                inputs,
                &mut work,
            )
        }
    };
    let presenter = Presenter {
        did: signer.did().to_owned(),
        keys: work
            .pending
            .iter()
            .map(|p| p.key.clone().into_owned())
            .collect(),
    };
    work.settle(&mut verdict, policy.credentials.provider);

    // Without the member, the holder is whoever signed.
    let holder = named.unwrap_or(signer.did());
    signer.report(
        &mut verdict,
        holder,
        Step::Holder,
        FailureCode::HolderNotController,
    );
    for (i, value) in presentation.credentials().enumerate() {
        let place = format!("verifiableCredential[{i}]");
        let inner = inner_verdict(&mut verdict, &place, value, &presenter, inputs, policy);
        verdict.push_credential(inner);
    }
    verdict
}

/// Who signed a presentation, and with which keys.
struct Presenter {
    did: String,
    keys: alloc::vec::Vec<kbtf_did::PublicKey>,
}

impl Presenter {
    /// Whether a credential is bound to nobody else's key: whoever the policy lets present it, a key that the issuer named
    /// (`cnf`) must be the presenter's.
    fn holds(&self, credential: &Object<'_>) -> bool {
        let Some(confirmation) = credential.get("cnf") else {
            return true;
        };
        let member = |name| confirmation.as_object().and_then(|cnf| cnf.get(name));
        match (member("jwk"), member("kid")) {
            (Some(Value::Object(jwk)), None) => {
                kbtf_did::PublicKey::from_jwk(jwk).is_ok_and(|key| self.keys.contains(&key))
            }
            (None, Some(Value::String(kid))) => {
                kid.split_once('#').is_some_and(|(did, _)| did == self.did)
            }
            _ => false,
        }
    }
}

/// The verdict on a credential inside a presentation, and on whether its subject may be whom the holder is.
fn inner_verdict(
    verdict: &mut Verdict,
    place: &str,
    value: &Value<'_>,
    presenter: &Presenter,
    inputs: &Inputs<'_>,
    policy: &PresentationPolicy<'_>,
) -> Verdict {
    let received = match Received::inside(value) {
        Ok(received) => received,
        Err(error) => return unreadable(&error),
    };
    let credential = &received.credential;
    let about_holder = || {
        credential
            .subjects()
            .all(|subject| subject.get_str("id") == Some(&presenter.did))
    };
    let may_differ = match &policy.holder_binding {
        HolderBinding::SubjectIsHolder => false,
        HolderBinding::AnyHolder => true,
        HolderBinding::Except(types) => credential.types().any(|t| types.contains(t)),
    };
    if !may_differ && !about_holder() {
        verdict.fail(
            FailureCode::HolderNotSubject,
            format!("{place}, presented by {:?}", presenter.did),
        );
    }
    let is_token = matches!(received.securing, Securing::Token { .. });
    if is_token && !presenter.holds(credential.as_object()) {
        verdict.fail(
            FailureCode::KeyBindingInvalid,
            format!("{place}.cnf: not the presenter's key"),
        );
    }
    let mut work = Work::default();
    let mut inner = credential_verdict(&received, inputs, &mut work);
    work.settle(&mut inner, policy.credentials.provider);
    inner
}

/// That what binds a token to its verifier was made lately.
fn check_age(
    verdict: &mut Verdict,
    times: TokenTimes,
    inputs: &Inputs<'_>,
    policy: &PresentationPolicy<'_>,
) {
    if let Some(issued) = times.issued
        && inputs.now > issued.saturating_add_seconds(policy.max_age)
    {
        verdict.fail(
            FailureCode::ProofExpired,
            format!("iat {issued}, now {}", inputs.now),
        );
    }
}

/// Every context, at the top or deeper, is a URL that the policy knows. One member at the top is skipped: the
/// credentials inside a presentation are left to their own verdicts.
fn check_contexts(
    verdict: &mut Verdict,
    document: &Object<'_>,
    skip: Option<&str>,
    version: Version,
    policy: &Policy<'_>,
) {
    let known = |url: &str| policy.knows_context(url);
    let unknown = document
        .iter()
        .filter(|(name, _)| skip != Some(name))
        .find_map(|(name, value)| foreign_context(name, value, version, &known));
    if let Some(context) = unknown {
        verdict.fail(FailureCode::UnknownContext, context);
    }
}

pub(crate) fn check_period(
    verdict: &mut Verdict,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    inputs: &Inputs<'_>,
) {
    let now = inputs.now;
    match (from, until) {
        (Some(from), _) if from > now.saturating_add_seconds(inputs.policy.clock_skew) => {
            verdict.fail(FailureCode::NotYetValid, format!("from {from}, now {now}"));
        }
        (_, Some(until)) if now > until => {
            verdict.fail(FailureCode::Expired, format!("until {until}, now {now}"));
        }
        _ => verdict.pass(Step::Validity),
    }
}

/// Checks an SD-JWT VC (`dc+sd-jwt`), whose claims stand at the top. `kind` is its `vct`.
pub(crate) fn digital_credential_verdict<'e>(
    claims: &Object<'static>,
    kind: &str,
    securing: &Securing,
    inputs: &Inputs<'e>,
    work: &mut Work<'e>,
) -> Verdict {
    let not_applicable = |step: &Step| {
        matches!(
            step,
            Step::Version | Step::Schema | Step::Challenge | Step::Domain | Step::Holder
        )
    };
    let mut verdict = undecided(|step| !not_applicable(step));
    check_form(&mut verdict, securing, false, inputs);
    let issuer = claims.get_str("iss").unwrap_or_default();
    if let Securing::Token { times, .. } = securing {
        // Here the times of the token are those of the credential.
        check_period(
            &mut verdict,
            times.not_before,
            times.expires.map(|at| at.saturating_add_seconds(-1)),
            inputs,
        );
    }
    let purpose = VerificationRelationship::AssertionMethod;
    let signer = check_securing(
        &mut verdict,
        claims,
        securing,
        Some(issuer),
        purpose,
        inputs,
        work,
    );
    let code = FailureCode::IssuerNotController;
    signer.report(&mut verdict, issuer, Step::Issuer, code);
    status::check_claim(&mut verdict, claims, issuer, inputs);
    trust::check(&mut verdict, issuer, &[kind], inputs);
    assurance_step::check(&mut verdict, claims, inputs);
    verdict
}

/// The verdict on a token that speaks for its signer alone, a status list or a request: signed with a key that the signer
/// lists for the purpose, and of this time.
pub(crate) fn own_token_verdict(
    token: &crate::jws::SignedToken,
    times: TokenTimes,
    signer: &str,
    purpose: VerificationRelationship,
    inputs: &Inputs<'_>,
) -> Verdict {
    let mut verdict = undecided(|step| {
        matches!(
            step,
            Step::Structure
                | Step::KeyState
                | Step::Relationship
                | Step::Issuer
                | Step::Signature
                | Step::Validity
        )
    });
    verdict.pass(Step::Structure);
    verdict.pass(Step::Validity);
    let mut work = Work::default();
    let found = check_token(
        &mut verdict,
        token,
        times,
        Some(signer),
        purpose,
        inputs,
        &mut work,
    );
    let code = FailureCode::IssuerNotController;
    found.report(&mut verdict, signer, Step::Issuer, code);
    work.settle(&mut verdict, inputs.policy.provider);
    verdict
}

/// What a key binding shows: who holds the credential, for whom, when (RFC 9901 section 7.3).
pub(crate) struct KeyBinding<'k, 'e> {
    pub(crate) nonce: Option<&'k str>,
    pub(crate) audience: Option<&'k str>,
    pub(crate) times: TokenTimes,
    pub(crate) pending: Option<Pending<'e>>,
}

impl<'e> KeyBinding<'_, 'e> {
    /// Says in the verdict of the credential what the key binding is worth.
    pub(crate) fn check(
        self,
        verdict: &mut Verdict,
        inputs: &Inputs<'_>,
        policy: &PresentationPolicy<'_>,
        work: &mut Work<'e>,
    ) {
        let binding = Binding {
            challenge: self.nonce,
            domains: self.audience.into_iter().collect(),
        };
        binding.check(verdict, &policy.challenge, &policy.domain);
        check_token_times(verdict, self.times, inputs);
        check_age(verdict, self.times, inputs, policy);
        work.pending.extend(self.pending);
    }
}

/// The holder's key when the issuer names it by its id: looked up as the key of a proof of control is.
pub(crate) fn holder_key<'e>(
    verdict: &mut Verdict,
    key_id: &str,
    inputs: &Inputs<'e>,
    work: &mut Work<'e>,
) -> Option<alloc::borrow::Cow<'e, kbtf_did::PublicKey>> {
    let Ok(id) = kbtf_did::DidUrl::parse(key_id) else {
        verdict.fail(
            FailureCode::KeyBindingInvalid,
            "cnf.kid: expected a DID URL",
        );
        return None;
    };
    let purpose = VerificationRelationship::Authentication;
    let mut own = Verdict::new(NotChecked::Absent);
    let method = keys::Method::Id(&id);
    let lookup = keys::find_key(&mut own, &method, purpose, inputs, &mut work.keys);
    lookup.listed.report(&mut own, key_id, purpose);
    // Whatever is wrong with the holder's key is wrong with the holder.
    let problem = own.failures().map(|f| f.code().as_str().to_string()).next();
    if let Some(problem) = problem {
        let detail: String = format!("{}: {problem}", short(key_id));
        verdict.fail(FailureCode::KeyBindingInvalid, detail);
    }
    let missing = !own.needs().is_empty();
    verdict.take_needs(own);
    if missing {
        verdict.skip(Step::Holder, NotChecked::MissingEvidence);
        return None;
    }
    match (lookup.signer, lookup.key) {
        (Signer::Confirmed(_), Ok(key)) => Some(key),
        _ => {
            let detail = format!("{}: not a key of that DID", short(key_id));
            verdict.fail(FailureCode::KeyBindingInvalid, detail);
            None
        }
    }
}
