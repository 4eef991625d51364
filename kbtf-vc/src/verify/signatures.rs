//! Proofs and tokens: everything about them that needs no arithmetic is checked here; what needs it is put aside, so that
//! one document and many go the same way.

use alloc::{
    borrow::{Cow, ToOwned},
    format,
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::{
    CryptoProvider, Did, DidUrl, Error as DidError, KeyType, PublicKey, SignatureAlgorithm,
    SignatureCheck, Timestamp, VerificationRelationship, is_low_s, json::Object,
};

use super::{
    Inputs,
    keys::{KeyCache, Listed, Method, Signer, find_key},
};
use crate::{
    Cryptosuite, Error, FailureCode, NotChecked, Policy, RdfError, Step, Verdict,
    data_integrity::{Forms, ProofProblem, ReceivedProof},
    jws::{self, SignedToken},
    received::{Securing, TokenTimes},
    verdict::{quoted, short},
};

/// A signature that has still to be verified, and what it decides.
pub(crate) struct Pending<'e> {
    pub(crate) algorithm: SignatureAlgorithm,
    pub(crate) key: Cow<'e, PublicKey>,
    pub(crate) message: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    /// What is said if it does not verify. The step of this code passes if it does.
    pub(crate) failure: FailureCode,
}

impl Pending<'_> {
    pub(crate) fn check(&self) -> SignatureCheck<'_> {
        SignatureCheck {
            algorithm: self.algorithm,
            key: &self.key,
            message: &self.message,
            signature: &self.signature,
        }
    }

    /// Says in the verdict how it came out.
    pub(crate) fn settle(&self, verdict: &mut Verdict, result: &Result<(), DidError>) {
        let step = self.failure.step();
        match result {
            // Several signatures may decide one step: what another has left undone is not made good by this one.
            Ok(()) => verdict.pass_unless_spoken(step),
            Err(DidError::InvalidSignature) => verdict.fail(self.failure, ""),
            // Neither a good nor a bad signature: the module is out of order.
            Err(_) => verdict.skip(step, NotChecked::ProviderFailed),
        }
    }
}

/// What verification puts aside and what it keeps between documents.
#[derive(Default)]
pub(crate) struct Work<'e> {
    pub(crate) pending: Vec<Pending<'e>>,
    /// Only where there are many documents: for one it would be work for nothing.
    pub(crate) keys: Option<KeyCache>,
    /// The canonical forms of the document at hand.
    pub(crate) forms: Forms,
}

impl Work<'_> {
    /// Verifies what was put aside, one after the other.
    pub(crate) fn settle(&mut self, verdict: &mut Verdict, provider: &dyn CryptoProvider) {
        for pending in self.pending.drain(..) {
            let check = pending.check();
            let result =
                provider.verify(check.algorithm, check.key, check.message, check.signature);
            pending.settle(verdict, &result);
        }
    }
}

/// Checks whatever secures a document. `named` is who it says has signed it, if it says so.
pub(super) fn check_securing<'e>(
    verdict: &mut Verdict,
    document: &Object<'_>,
    securing: &Securing,
    named: Option<&str>,
    purpose: VerificationRelationship,
    inputs: &Inputs<'e>,
    work: &mut Work<'e>,
) -> Signer {
    match securing {
        Securing::DataIntegrity => {
            let proofs = ReceivedProof::all_of(document);
            check_proofs(verdict, document, &proofs, named, purpose, inputs, work)
        }
        Securing::Token { token, times, .. } => {
            check_token(verdict, token, *times, named, purpose, inputs, work)
        }
    }
}

/// Checks the proofs of a document: key state, relationship, signature and the proof's own times. All must be good. Who
/// signed is whom the document names, if one of them did.
pub(super) fn check_proofs<'e>(
    verdict: &mut Verdict,
    document: &Object<'_>,
    proofs: &Result<Vec<ReceivedProof<'_>>, ProofProblem>,
    named: Option<&str>,
    purpose: VerificationRelationship,
    inputs: &Inputs<'e>,
    work: &mut Work<'e>,
) -> Signer {
    const OF_PROOF: [Step; 5] = [
        Step::Structure,
        Step::KeyState,
        Step::Relationship,
        Step::Signature,
        Step::Validity,
    ];
    let proofs = match proofs {
        Ok(proofs) => proofs,
        Err(problem) => {
            let (code, detail) = match problem {
                ProofProblem::Missing => (FailureCode::MissingProof, "proof".to_owned()),
                ProofProblem::TooMany => (FailureCode::TooManyProofs, "proof".to_owned()),
                ProofProblem::BrokenChain => (FailureCode::BrokenChain, "proof".to_owned()),
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
    work.forms = Forms::default();
    if let [only] = proofs.as_slice() {
        return check_proof(verdict, document, only, purpose, inputs, work);
    }
    let mut signers = Vec::new();
    let mut worst = Verdict::new(NotChecked::Absent);
    for proof in proofs {
        let mut own = Verdict::new(NotChecked::Absent);
        signers.push(check_proof(
            &mut own, document, proof, purpose, inputs, work,
        ));
        for step in OF_PROOF {
            worst.take_worse(&own, step);
        }
        verdict.take_needs(own);
    }
    for step in OF_PROOF {
        if !verdict.take_bad(&worst, step) && matches!(step, Step::KeyState | Step::Relationship) {
            verdict.pass(step);
        }
    }
    let at = signers.iter().position(|s| named == Some(s.did()));
    match (at, named) {
        (Some(at), _) => signers.swap_remove(at),
        // A document that names nobody and several that sign it: whose it is cannot be told.
        (None, None) => Signer::Nobody,
        (None, Some(_)) => signers.pop().unwrap_or(Signer::Nobody),
    }
}

fn check_proof<'e>(
    verdict: &mut Verdict,
    document: &Object<'_>,
    proof: &ReceivedProof<'_>,
    purpose: VerificationRelationship,
    inputs: &Inputs<'e>,
    work: &mut Work<'e>,
) -> Signer {
    let policy = inputs.policy;
    check_proof_times(verdict, proof, policy, inputs.now);
    // The form of the signature needs no key, so it is looked at whether or not the key is at hand.
    let signature = check_signature_form(verdict, proof, policy);

    let method_id = DidUrl::parse(proof.verification_method)
        .ok()
        .filter(is_key_id);
    let Some(method_id) = method_id else {
        verdict.fail(
            FailureCode::KeyNotFound,
            "proof.verificationMethod: expected a DID with a fragment, without path and query",
        );
        let why = NotChecked::EarlierFailure;
        check_purpose(verdict, proof, purpose, Listed::Unknown(why));
        if signature.is_some() {
            verdict.skip(Step::Signature, NotChecked::EarlierFailure);
        }
        return Signer::Nobody;
    };
    let method = Method::Id(&method_id);
    let lookup = find_key(verdict, &method, purpose, inputs, &mut work.keys);
    check_purpose(verdict, proof, purpose, lookup.listed);
    match (signature, lookup.key) {
        (Some(signature), Ok(key)) => {
            prepare_signature(verdict, proof, document, signature, key, policy, work);
        }
        (Some(_), Err(why)) => verdict.skip(Step::Signature, why),
        // Its form has failed the step already.
        (None, _) => {}
    }
    lookup.signer
}

/// Whether a DID URL can be the id of a key: a DID with a fragment and nothing else.
fn is_key_id(id: &DidUrl) -> bool {
    id.path().is_empty() && id.query().is_none() && id.fragment().is_some_and(|f| !f.is_empty())
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
    listed.report(verdict, proof.verification_method, purpose);
}

/// A signature in the form of its cryptosuite.
struct Signature {
    suite: Cryptosuite,
    bytes: Vec<u8>,
}

/// The kind of ECDSA key that a signature of this length belongs to, if it may belong to any.
const fn curve_of_length(length: usize) -> KeyType {
    match length {
        96 => KeyType::P384,
        _ => KeyType::P256,
    }
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
    let Some(bytes) = proof.signature(suite) else {
        verdict.fail(
            FailureCode::MalformedSignature,
            "proof.proofValue: expected 64 bytes (with P-384 96) in base58btc (z…)",
        );
        return None;
    };
    let curve = curve_of_length(bytes.len());
    let is_ecdsa = suite.algorithm(curve).is_some();
    if is_ecdsa && !policy.accept_high_s && !is_low_s(curve, &bytes) {
        verdict.fail(FailureCode::HighS, "proof.proofValue");
        return None;
    }
    Some(Signature { suite, bytes })
}

/// Puts a signature aside, if key and cryptosuite go together.
fn prepare_signature<'e>(
    verdict: &mut Verdict,
    proof: &ReceivedProof<'_>,
    document: &Object<'_>,
    signature: Signature,
    key: Cow<'e, PublicKey>,
    policy: &Policy<'_>,
    work: &mut Work<'e>,
) {
    let Some(algorithm) = signature.suite.algorithm(key.key_type()) else {
        return verdict.fail(
            FailureCode::KeyTypeMismatch,
            format!("{} with a {} key", signature.suite.as_str(), key.key_type()),
        );
    };
    let transform = policy.transform(signature.suite, algorithm);
    match proof.signing_input(document, &transform, &mut work.forms, policy.provider) {
        Ok(message) => work.pending.push(Pending {
            algorithm,
            key,
            message,
            signature: signature.bytes,
            failure: FailureCode::InvalidSignature,
        }),
        Err(Error::Did(_)) => verdict.skip(Step::Signature, NotChecked::ProviderFailed),
        Err(error) => {
            let code = match &error {
                Error::Rdf(RdfError::UnknownContext { .. }) => FailureCode::UnknownContext,
                Error::Rdf(RdfError::UnknownContextList { .. }) => FailureCode::UnknownContextList,
                Error::Rdf(RdfError::UnusableContext { .. }) => FailureCode::UnusableContext,
                Error::Rdf(RdfError::NotCovered { .. }) => FailureCode::NotCovered,
                Error::Rdf(RdfError::NotCompacted { .. }) => FailureCode::NotCompacted,
                Error::Rdf(RdfError::TooComplex) => FailureCode::GraphTooComplex,
                _ => FailureCode::Malformed,
            };
            verdict.fail(code, error.to_string());
            verdict.skip(Step::Signature, NotChecked::EarlierFailure);
        }
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

/// The times of a token itself: those of the credential inside are looked at apart.
pub(super) fn check_token_times(verdict: &mut Verdict, times: TokenTimes, inputs: &Inputs<'_>) {
    let latest = inputs.now.saturating_add_seconds(inputs.policy.clock_skew);
    let now = inputs.now;
    for (claim, time) in [("iat", times.issued), ("nbf", times.not_before)] {
        if let Some(time) = time
            && time > latest
        {
            let detail = format!("{claim} {time}, now {now}");
            verdict.fail(FailureCode::ProofFromFuture, detail);
        }
    }
    if let Some(expires) = times.expires
        && now >= expires
    {
        verdict.fail(
            FailureCode::ProofExpired,
            format!("exp {expires}, now {now}"),
        );
    }
}

/// Checks the signature of a token by the rule of this framework: the signer is a DID, `kid` the DID URL of the key (or
/// its fragment, or missing where the DID has only one key that fits), and the key is listed for the purpose.
pub(super) fn check_token<'e>(
    verdict: &mut Verdict,
    token: &SignedToken,
    times: TokenTimes,
    named: Option<&str>,
    purpose: VerificationRelationship,
    inputs: &Inputs<'e>,
    work: &mut Work<'e>,
) -> Signer {
    check_token_times(verdict, times, inputs);
    let nobody = |verdict: &mut Verdict, detail: &str| {
        verdict.fail(FailureCode::KeyNotFound, detail);
        verdict.skip(Step::Relationship, NotChecked::EarlierFailure);
        verdict.skip(Step::Signature, NotChecked::EarlierFailure);
        Signer::Nobody
    };
    let Some(algorithm) = jws::algorithm(&token.algorithm_name) else {
        verdict.fail(
            FailureCode::UnsupportedAlgorithm,
            quoted(&token.algorithm_name),
        );
        verdict.skip(Step::KeyState, NotChecked::EarlierFailure);
        verdict.skip(Step::Relationship, NotChecked::EarlierFailure);
        return Signer::Nobody;
    };
    let did = named.and_then(|named| Did::parse(named).ok());
    let method_id = match (token.key_id.as_deref(), &did) {
        (Some(kid), Some(did)) if kid.starts_with('#') => DidUrl::parse_relative(kid, did).ok(),
        (Some(kid), _) => DidUrl::parse(kid).ok(),
        (None, _) => None,
    };
    let method = match (&method_id, &token.key_id, &did) {
        (Some(id), ..) if is_key_id(id) => Method::Id(id),
        (None, None, Some(did)) => Method::OnlyOneFor(did, algorithm),
        (None, None, None) => {
            return nobody(verdict, "header.kid: expected the DID URL of the key");
        }
        _ => {
            return nobody(
                verdict,
                "header.kid: expected a DID with a fragment, without path and query",
            );
        }
    };
    let lookup = find_key(verdict, &method, purpose, inputs, &mut work.keys);
    let place = token.key_id.as_deref().or(named).unwrap_or_default();
    lookup.listed.report(verdict, place, purpose);
    match lookup.key {
        Err(why) => verdict.skip(Step::Signature, why),
        Ok(key) if key.key_type() != algorithm.key_type() => verdict.fail(
            FailureCode::KeyTypeMismatch,
            format!("{algorithm} with a {} key", key.key_type()),
        ),
        Ok(key) => work.pending.push(Pending {
            algorithm,
            key,
            message: token.signed.clone().into_bytes(),
            signature: token.signature.clone(),
            failure: FailureCode::InvalidSignature,
        }),
    }
    lookup.signer
}

/// What binds a showing to its verifier: as proofs say it, or as the claims of a token do.
pub(super) struct Binding<'b> {
    pub(super) challenge: Option<&'b str>,
    pub(super) domains: Vec<&'b str>,
}

impl<'b> Binding<'b> {
    /// That of each proof of a document.
    pub(super) fn of_proofs(proofs: &[ReceivedProof<'b>]) -> Vec<Self> {
        proofs
            .iter()
            .map(|proof| Self {
                challenge: proof.challenge,
                domains: proof.domain.iter().filter_map(|d| d.as_str()).collect(),
            })
            .collect()
    }

    pub(super) fn of_claims(nonce: Option<&'b str>, audience: &'b [String]) -> Self {
        Self {
            challenge: nonce,
            domains: audience.iter().map(String::as_str).collect(),
        }
    }

    /// Challenge and domain must be there and be exactly those of this exchange.
    pub(super) fn check(&self, verdict: &mut Verdict, challenge: &str, domain: &str) {
        if self.challenge == Some(challenge) {
            verdict.pass(Step::Challenge);
        } else {
            // The expected challenge is not repeated: it may not be the presenter's to know.
            let got = self.challenge.map_or("none", short);
            verdict.fail(FailureCode::ChallengeMismatch, format!("got {got:?}"));
        }
        // A proof for several verifiers could be replayed by one of them to another.
        match self.domains.as_slice() {
            [only] if *only == domain => verdict.pass(Step::Domain),
            _ => verdict.fail(
                FailureCode::DomainMismatch,
                format!("expected {domain:?} alone"),
            ),
        }
    }
}
