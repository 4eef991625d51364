use alloc::{
    borrow::{Cow, ToOwned},
    format,
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::{
    CryptoProvider, DidUrl, Error as DidError, KeyState, PublicKey, Timestamp,
    VerificationRelationship, did_key, is_low_s,
    json::{self, Object, Value},
};

use crate::{
    Credential, Cryptosuite, Error, Evidence, FailureCode, HolderBinding, Need, NotChecked, Policy,
    Presentation, PresentationPolicy, Step, Trust, Verdict, Verification, Version,
    context::foreign_context,
    data_integrity::{ProofProblem, ReceivedProof},
    verdict::{quoted, short},
};

/// Verifies a credential (VC-01, VC-02): a pure function of its bytes, the evidence, the policy and the time.
///
/// All steps are looked at as far as the document can be read, and each reports the first thing that is wrong with it.
/// If a DID document is missing, the verdict is undecided and names it as a [`Need`].
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
    let parsed = json::parse_bytes(input)
        .map_err(Error::Json)
        .and_then(Credential::from_value);
    match parsed {
        Ok(credential) => {
            let verdict = credential_verdict(&credential, evidence, policy, now);
            Verification::new(verdict, Some(credential))
        }
        Err(error) => Verification::new(unreadable(&error), None),
    }
}

/// Verifies a presentation and every credential inside (VC-03): signed by its holder, for this verifier,
/// in answer to this challenge.
///
/// The challenge is compared, not remembered: that each is given out once and accepted once is the caller's part.
pub fn verify_presentation<'a>(
    input: &'a [u8],
    evidence: &Evidence,
    policy: &PresentationPolicy<'_>,
    now: Timestamp,
) -> Verification<Presentation<'a>> {
    let parsed = json::parse_bytes(input)
        .map_err(Error::Json)
        .and_then(|value| match value {
            Value::Object(object) => Presentation::from_object(object),
            _ => Err(crate::error::malformed("presentation", "a JSON object")),
        });
    match parsed {
        Ok(presentation) => {
            let verdict = presentation_verdict(&presentation, evidence, policy, now);
            Verification::new(verdict, Some(presentation))
        }
        Err(error) => Verification::new(unreadable(&error), None),
    }
}

/// The verdict on a document that could not even be read.
fn unreadable(error: &Error) -> Verdict {
    let mut verdict = Verdict::new(NotChecked::EarlierFailure);
    let code = match error {
        Error::Json(_) => FailureCode::NotJson,
        Error::UnknownVersion => FailureCode::UnknownVersion,
        Error::MixedVersions { .. } => FailureCode::MixedVersions,
        _ => FailureCode::Malformed,
    };
    verdict.fail(code, error.to_string());
    verdict
}

/// A verdict that accepts nothing yet: a step that nobody comes to speak of stays unchecked, and is never a pass.
fn undecided(applicable: impl Fn(&Step) -> bool) -> Verdict {
    let mut verdict = Verdict::new(NotChecked::Unsupported);
    for step in Step::ALL.into_iter().filter(|step| !applicable(step)) {
        verdict.skip(step, NotChecked::NotApplicable);
    }
    verdict
}

fn credential_verdict(
    credential: &Credential<'_>,
    evidence: &Evidence,
    policy: &Policy<'_>,
    now: Timestamp,
) -> Verdict {
    let applicable = |step: &Step| !matches!(step, Step::Challenge | Step::Domain | Step::Holder);
    let mut verdict = undecided(applicable);
    let object = credential.as_object();
    verdict.pass(Step::Structure);
    verdict.pass(Step::Version);
    check_contexts(&mut verdict, object, None, credential.version(), policy);

    check_period(
        &mut verdict,
        credential.valid_from(),
        credential.valid_until(),
        policy,
        now,
    );
    let purpose = VerificationRelationship::AssertionMethod;
    let proof = ReceivedProof::of(object);
    let signer = check_proof(&mut verdict, object, &proof, purpose, evidence, policy, now);
    signer.report(
        &mut verdict,
        credential.issuer(),
        Step::Issuer,
        FailureCode::IssuerNotController,
    );
    for (step, member, waived) in [
        (Step::Status, "credentialStatus", policy.waive_status),
        (Step::Schema, "credentialSchema", policy.waive_schema),
    ] {
        let why = match (object.contains(member), waived) {
            (false, _) => NotChecked::Absent,
            (true, true) => NotChecked::Waived,
            (true, false) => NotChecked::Unsupported,
        };
        verdict.skip(step, why);
    }
    match &policy.trust {
        Trust::AnyIssuer => verdict.skip(Step::Trust, NotChecked::Waived),
        Trust::Issuers(issuers) => {
            if issuers
                .iter()
                .any(|did| did.as_str() == credential.issuer())
            {
                verdict.pass(Step::Trust);
            } else {
                verdict.fail(
                    FailureCode::IssuerNotTrusted,
                    format!("issuer {:?}", short(credential.issuer())),
                );
            }
        }
    }
    verdict.skip(Step::Assurance, NotChecked::NotRequired);
    verdict
}

fn presentation_verdict(
    presentation: &Presentation<'_>,
    evidence: &Evidence,
    policy: &PresentationPolicy<'_>,
    now: Timestamp,
) -> Verdict {
    let applicable = |step: &Step| {
        !matches!(
            step,
            Step::Issuer | Step::Status | Step::Schema | Step::Trust | Step::Assurance
        )
    };
    let mut verdict = undecided(applicable);
    let object = presentation.as_object();
    verdict.pass(Step::Structure);
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
    let proof = ReceivedProof::of(object);
    let signer = check_proof(
        &mut verdict,
        object,
        &proof,
        purpose,
        evidence,
        &policy.credentials,
        now,
    );
    check_binding(&mut verdict, &proof, policy);

    // Without the member, the holder is whoever signed.
    let holder = presentation.holder().unwrap_or(signer.did());
    signer.report(
        &mut verdict,
        holder,
        Step::Holder,
        FailureCode::HolderNotController,
    );
    for (i, value) in presentation.credentials().enumerate() {
        let inner = match Credential::from_value(value.clone()) {
            Ok(credential) => {
                let about_holder = || {
                    credential
                        .subjects()
                        .all(|subject| subject.get_str("id") == Some(signer.did()))
                };
                if policy.holder_binding == HolderBinding::SubjectIsHolder && !about_holder() {
                    verdict.fail(
                        FailureCode::HolderNotSubject,
                        format!("verifiableCredential[{i}], presented by {:?}", signer.did()),
                    );
                }
                credential_verdict(&credential, evidence, &policy.credentials, now)
            }
            Err(error) => unreadable(&error),
        };
        verdict.push_credential(inner);
    }
    verdict
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

fn check_period(
    verdict: &mut Verdict,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    policy: &Policy<'_>,
    now: Timestamp,
) {
    match (from, until) {
        (Some(from), _) if from > now.saturating_add_seconds(policy.clock_skew) => {
            verdict.fail(FailureCode::NotYetValid, format!("from {from}, now {now}"));
        }
        (_, Some(until)) if now > until => {
            verdict.fail(FailureCode::Expired, format!("until {until}, now {now}"));
        }
        _ => verdict.pass(Step::Validity),
    }
}

/// Whose key signed, as far as it can be told.
enum Signer {
    /// The DID's own document says that the key is its.
    Confirmed(String),
    /// The id of the key claims this DID; its document could not be asked.
    Claimed(String, NotChecked),
    /// The document of one DID holds the key, but names another as its controller.
    Foreign(String),
    /// There is no proof that names a key.
    Nobody,
}

impl Signer {
    /// The DID that the id of the key begins with; empty if there is none.
    fn did(&self) -> &str {
        match self {
            Self::Confirmed(did) | Self::Claimed(did, _) | Self::Foreign(did) => did,
            Self::Nobody => "",
        }
    }

    /// Reports whether who a document names (its issuer or holder) is who signed.
    fn report(&self, verdict: &mut Verdict, named: &str, step: Step, code: FailureCode) {
        match self {
            Self::Nobody => verdict.skip(step, NotChecked::EarlierFailure),
            Self::Confirmed(did) if did == named => verdict.pass(step),
            Self::Claimed(did, why) if did == named => verdict.skip(step, *why),
            Self::Foreign(did) if did == named => verdict.fail(
                code,
                format!("the document of {did:?} names another controller of the key"),
            ),
            Self::Confirmed(did) | Self::Claimed(did, _) | Self::Foreign(did) => {
                verdict.fail(code, format!("named {:?}, signed by {did:?}", short(named)));
            }
        }
    }
}

/// Checks the proof of a document: key state, relationship, signature and the proof's own times.
fn check_proof(
    verdict: &mut Verdict,
    document: &Object<'_>,
    proof: &Result<ReceivedProof<'_>, ProofProblem>,
    purpose: VerificationRelationship,
    evidence: &Evidence,
    policy: &Policy<'_>,
    now: Timestamp,
) -> Signer {
    let proof = match proof {
        Ok(proof) => proof,
        Err(problem) => {
            let (code, detail) = match problem {
                ProofProblem::Missing => (FailureCode::MissingProof, "proof".to_owned()),
                ProofProblem::Several => (FailureCode::SeveralProofs, "proof".to_owned()),
                ProofProblem::Chained => {
                    (FailureCode::SeveralProofs, "proof.previousProof".to_owned())
                }
                ProofProblem::ContextNotCovered => (
                    FailureCode::ContextNotCovered,
                    "proof.@context differs from @context".to_owned(),
                ),
                ProofProblem::Malformed(error) => (FailureCode::Malformed, error.to_string()),
            };
            verdict.fail(code, detail);
            for step in [Step::KeyState, Step::Relationship, Step::Signature] {
                verdict.skip(step, NotChecked::EarlierFailure);
            }
            return Signer::Nobody;
        }
    };
    check_proof_times(verdict, proof, policy, now);
    // The form of the signature needs no key, so it is looked at whether or not the key is at hand.
    let signature = check_signature_form(verdict, proof, policy);

    let method_id = DidUrl::parse(proof.verification_method)
        .ok()
        .filter(|id| id.path().is_empty() && id.query().is_none())
        .filter(|id| id.fragment().is_some_and(|f| !f.is_empty()));
    let Some(method_id) = method_id else {
        verdict.fail(
            FailureCode::KeyNotFound,
            "proof.verificationMethod: expected a DID with a fragment, without path and query",
        );
        check_purpose(
            verdict,
            proof,
            purpose,
            Listed::Unknown(NotChecked::EarlierFailure),
        );
        if signature.is_some() {
            verdict.skip(Step::Signature, NotChecked::EarlierFailure);
        }
        return Signer::Nobody;
    };
    let lookup = find_key(verdict, &method_id, purpose, evidence, now);
    check_purpose(verdict, proof, purpose, lookup.listed);
    match (signature, lookup.key) {
        (Some(signature), Ok(key)) => {
            check_signature(verdict, proof, document, &signature, &key, policy);
        }
        (Some(_), Err(why)) => verdict.skip(Step::Signature, why),
        // Its form has failed the step already.
        (None, _) => {}
    }
    lookup.signer
}

/// Whether the controller lists the key for the purpose.
enum Listed {
    Yes,
    No,
    Unknown(NotChecked),
}

struct KeyLookup<'e> {
    key: Result<Cow<'e, PublicKey>, NotChecked>,
    listed: Listed,
    signer: Signer,
}

/// Finds the key of a proof, and says in the verdict what state it is in.
///
/// The key belongs to the DID that its id begins with, if the method in that DID's document names the same DID
/// as `controller` (Controlled Identifiers section 3.3).
fn find_key<'e>(
    verdict: &mut Verdict,
    method_id: &DidUrl,
    purpose: VerificationRelationship,
    evidence: &'e Evidence,
    now: Timestamp,
) -> KeyLookup<'e> {
    let did = method_id.did();
    let owner = did.as_str().to_owned();
    let unknown = |why, signer| KeyLookup {
        key: Err(why),
        listed: Listed::Unknown(why),
        signer,
    };
    if did.method() == "key" {
        return match did_key::public_key(&did) {
            Ok(key) => {
                let is_the_key = method_id.path().is_empty()
                    && method_id.query().is_none()
                    && method_id.fragment() == Some(did.method_specific_id())
                    && Cryptosuite::for_key(key.key_type()).is_some();
                if !is_the_key {
                    // Such as the derived X25519 key, which signs nothing.
                    verdict.fail(FailureCode::KeyNotFound, method_id.as_str());
                    return unknown(NotChecked::EarlierFailure, Signer::Confirmed(owner));
                }
                verdict.pass(Step::KeyState);
                KeyLookup {
                    key: Ok(Cow::Owned(key)),
                    listed: Listed::Yes,
                    signer: Signer::Confirmed(owner),
                }
            }
            Err(error) => {
                verdict.fail(FailureCode::KeyUnusable, error.to_string());
                let why = NotChecked::EarlierFailure;
                unknown(why, Signer::Claimed(owner, why))
            }
        };
    }
    let Some(resolved) = evidence.get(did.as_str()) else {
        verdict.need(Need::DidDocument(did));
        verdict.skip(Step::KeyState, NotChecked::MissingEvidence);
        let why = NotChecked::MissingEvidence;
        return unknown(why, Signer::Claimed(owner, why));
    };
    let Some(method) = resolved.document.verification_method(method_id) else {
        verdict.fail(FailureCode::KeyNotFound, method_id.as_str());
        let why = NotChecked::EarlierFailure;
        return unknown(why, Signer::Claimed(owner, why));
    };
    let listed = if resolved.document.is_listed(method_id, purpose) {
        Listed::Yes
    } else {
        Listed::No
    };
    let signer = if *method.controller() == did {
        Signer::Confirmed(owner)
    } else {
        Signer::Foreign(owner)
    };
    match (resolved.is_deactivated(), method.state_at(now)) {
        (true, _) => verdict.fail(FailureCode::DidDeactivated, did.as_str()),
        (_, KeyState::Expired(at)) => {
            verdict.fail(FailureCode::KeyExpired, format!("{method_id} at {at}"));
        }
        (_, KeyState::Revoked(at)) => {
            verdict.fail(FailureCode::KeyRevoked, format!("{method_id} at {at}"));
        }
        (false, KeyState::Active) => verdict.pass(Step::KeyState),
    }
    let key = match method.public_key() {
        Ok(key) => Ok(Cow::Borrowed(key)),
        Err(error) => {
            verdict.fail(FailureCode::KeyUnusable, format!("{method_id}: {error}"));
            Err(NotChecked::EarlierFailure)
        }
    };
    KeyLookup {
        key,
        listed,
        signer,
    }
}

fn check_purpose(
    verdict: &mut Verdict,
    proof: &ReceivedProof<'_>,
    purpose: VerificationRelationship,
    listed: Listed,
) {
    if proof.purpose != purpose.as_str() {
        verdict.fail(
            FailureCode::PurposeMismatch,
            format!(
                "expected {:?}, got {:?}",
                purpose.as_str(),
                short(proof.purpose)
            ),
        );
        return;
    }
    match listed {
        Listed::Yes => verdict.pass(Step::Relationship),
        Listed::No => verdict.fail(
            FailureCode::RelationshipNotListed,
            format!(
                "{} for {:?}",
                short(proof.verification_method),
                purpose.as_str()
            ),
        ),
        Listed::Unknown(why) => verdict.skip(Step::Relationship, why),
    }
}

/// A signature in the form of its cryptosuite.
struct Signature {
    suite: Cryptosuite,
    bytes: Vec<u8>,
}

/// Checks everything about the signature for which the key is not needed.
fn check_signature_form(
    verdict: &mut Verdict,
    proof: &ReceivedProof<'_>,
    policy: &Policy<'_>,
) -> Option<Signature> {
    if proof.proof_type() != "DataIntegrityProof" {
        let got = quoted(proof.proof_type());
        verdict.fail(FailureCode::UnsupportedProofType, got);
        return None;
    }
    let Some(suite) = Cryptosuite::from_name(proof.cryptosuite_name()) else {
        let got = quoted(proof.cryptosuite_name());
        verdict.fail(FailureCode::UnsupportedCryptosuite, got);
        return None;
    };
    let Some(bytes) = proof.signature() else {
        verdict.fail(
            FailureCode::MalformedSignature,
            "proof.proofValue: expected 64 bytes in base58btc (z…)",
        );
        return None;
    };
    if !policy.accept_high_s && !is_low_s(suite.key_type(), &bytes) {
        verdict.fail(FailureCode::HighS, "proof.proofValue");
        return None;
    }
    Some(Signature { suite, bytes })
}

fn check_signature(
    verdict: &mut Verdict,
    proof: &ReceivedProof<'_>,
    document: &Object<'_>,
    signature: &Signature,
    key: &PublicKey,
    policy: &Policy<'_>,
) {
    if signature.suite.key_type() != key.key_type() {
        return verdict.fail(
            FailureCode::KeyTypeMismatch,
            format!("{} with a {} key", signature.suite.as_str(), key.key_type()),
        );
    }
    let provider: &dyn CryptoProvider = policy.provider;
    let verified = proof.signing_input(document, provider).and_then(|input| {
        let algorithm = signature.suite.algorithm();
        Ok(provider.verify(algorithm, key, &input, &signature.bytes)?)
    });
    match verified {
        Ok(()) => verdict.pass(Step::Signature),
        Err(Error::Did(DidError::InvalidSignature)) => {
            verdict.fail(FailureCode::InvalidSignature, "");
        }
        // Neither a good nor a bad signature: the module is out of order.
        Err(_) => verdict.skip(Step::Signature, NotChecked::ProviderFailed),
    }
}

fn check_proof_times(
    verdict: &mut Verdict,
    proof: &ReceivedProof<'_>,
    policy: &Policy<'_>,
    now: Timestamp,
) {
    if let Some(created) = proof.created
        && created > now.saturating_add_seconds(policy.clock_skew)
    {
        verdict.fail(
            FailureCode::ProofFromFuture,
            format!("created {created}, now {now}"),
        );
    }
    if let Some(expires) = proof.expires
        && now >= expires
    {
        verdict.fail(
            FailureCode::ProofExpired,
            format!("expires {expires}, now {now}"),
        );
    }
}

/// Challenge and domain must be there and be exactly those of this exchange.
fn check_binding(
    verdict: &mut Verdict,
    proof: &Result<ReceivedProof<'_>, ProofProblem>,
    policy: &PresentationPolicy<'_>,
) {
    let Ok(proof) = proof else {
        verdict.skip(Step::Challenge, NotChecked::EarlierFailure);
        verdict.skip(Step::Domain, NotChecked::EarlierFailure);
        return;
    };
    if proof.challenge == Some(policy.challenge.as_str()) {
        verdict.pass(Step::Challenge);
    } else {
        // The expected challenge is not repeated: it may not be the presenter's to know.
        let got = proof.challenge.map_or("none", short);
        verdict.fail(FailureCode::ChallengeMismatch, format!("got {got:?}"));
    }
    // A proof for several verifiers could be replayed by one of them to another.
    match proof.domain {
        [only] if only.as_str() == Some(&policy.domain) => verdict.pass(Step::Domain),
        _ => verdict.fail(
            FailureCode::DomainMismatch,
            format!("expected {:?} alone", policy.domain),
        ),
    }
}
