//! The reference, broken on purpose in one way each: the test of the suite itself. Every mutant must be caught,
//! and by the case that is there for it.

use kbtf_did::{KeyType, json::Value as Json};
use kbtf_vc::{Evidence, FailureCode, Policy, PresentationPolicy, Trust, verify_presentation};
use serde_json::{Value, json};

use super::{Target, reference::Reference};
use crate::protocol::{self, Answer, Decision, Request};

/// A way to be broken.
#[derive(Debug, Clone, Copy)]
pub struct Mutant {
    /// The name for `--target mutant:…`.
    pub name: &'static str,
    /// The cases, each of which must catch it.
    pub caught_by: &'static [&'static str],
    fault: Fault,
}

#[derive(Debug, Clone, Copy)]
enum Fault {
    /// Takes what has failed in these ways, and in no other, for accepted.
    Forgives(&'static [FailureCode]),
    /// Takes what is undecided for accepted.
    TakesUndecided,
    /// Hears something else than was asked.
    Hears(fn(&mut Request)),
    /// Answers something else than the reference.
    Says(fn(&Request, Answer) -> Answer),
}

impl Mutant {
    /// The broken target.
    #[must_use]
    pub fn target(self) -> impl Target + 'static {
        MutantTarget(self.fault)
    }
}

struct MutantTarget(Fault);

impl Target for MutantTarget {
    fn call(&mut self, request: &Request) -> Result<Answer, String> {
        if request.operation == "hello" {
            return Ok(Reference::default().answer(request));
        }
        let mut reference = Reference::default();
        Ok(match self.0 {
            Fault::Forgives(codes) => {
                reference.forgiven = codes;
                reference.answer(request)
            }
            Fault::TakesUndecided => {
                reference.takes_undecided_for_accepted = true;
                reference.answer(request)
            }
            Fault::Hears(change) => {
                let mut heard = request.clone();
                change(&mut heard);
                reference.answer(&heard)
            }
            Fault::Says(change) => change(request, reference.answer(request)),
        })
    }
}

/// The mutant of a name.
#[must_use]
pub fn find(name: &str) -> Option<Mutant> {
    MUTANTS.iter().copied().find(|mutant| mutant.name == name)
}

const fn forgives(
    name: &'static str,
    codes: &'static [FailureCode],
    caught_by: &'static [&'static str],
) -> Mutant {
    Mutant {
        name,
        caught_by,
        fault: Fault::Forgives(codes),
    }
}

const fn hears(
    name: &'static str,
    change: fn(&mut Request),
    caught_by: &'static [&'static str],
) -> Mutant {
    Mutant {
        name,
        caught_by,
        fault: Fault::Hears(change),
    }
}

const fn says(
    name: &'static str,
    change: fn(&Request, Answer) -> Answer,
    caught_by: &'static [&'static str],
) -> Mutant {
    Mutant {
        name,
        caught_by,
        fault: Fault::Says(change),
    }
}

/// All mutants. The list grows with the suite.
pub const MUTANTS: &[Mutant] = &[
    // Checks of verification that are left out.
    forgives(
        "any-issuer",
        &[FailureCode::IssuerNotController],
        &[
            "vc-verify-refuse-issuer-spoofed",
            "vc-verify-refuse-foreign-controller",
        ],
    ),
    forgives(
        "any-relationship",
        &[FailureCode::RelationshipNotListed],
        &["vc-verify-refuse-not-listed"],
    ),
    forgives(
        "any-purpose",
        &[FailureCode::PurposeMismatch],
        &["vc-verify-refuse-purpose-authentication"],
    ),
    forgives(
        "any-signature",
        &[FailureCode::InvalidSignature],
        &["vc-verify-refuse-claim-changed"],
    ),
    forgives(
        "any-signature-text",
        &[
            FailureCode::MalformedSignature,
            FailureCode::InvalidSignature,
        ],
        &["vc-verify-refuse-value-empty"],
    ),
    forgives(
        "any-proof-type",
        &[FailureCode::UnsupportedProofType],
        &["vc-verify-refuse-proof-type-old"],
    ),
    forgives(
        "any-cryptosuite",
        &[FailureCode::UnsupportedCryptosuite],
        &["vc-verify-refuse-cryptosuite-unknown"],
    ),
    forgives(
        "any-key-type",
        &[FailureCode::KeyTypeMismatch],
        &["vc-verify-refuse-key-of-other-cryptosuite"],
    ),
    forgives(
        "high-s",
        &[FailureCode::HighS],
        &["vc-verify-refuse-p256-high-s"],
    ),
    forgives(
        "revoked-keys",
        &[FailureCode::KeyRevoked],
        &["vc-verify-refuse-key-revoked"],
    ),
    forgives(
        "expired-keys",
        &[FailureCode::KeyExpired],
        &["vc-verify-refuse-key-expired"],
    ),
    forgives(
        "deactivated-dids",
        &[FailureCode::DidDeactivated],
        &["vc-verify-refuse-did-deactivated"],
    ),
    forgives(
        "missing-keys",
        &[FailureCode::KeyNotFound],
        &["vc-verify-refuse-key-not-found"],
    ),
    forgives(
        "weak-keys",
        &[FailureCode::KeyUnusable],
        &["vc-verify-refuse-key-small-order"],
    ),
    forgives(
        "expired",
        &[FailureCode::Expired],
        &["vc-verify-refuse-expired"],
    ),
    forgives(
        "not-yet-valid",
        &[FailureCode::NotYetValid],
        &["vc-verify-refuse-not-yet-valid-signed-early"],
    ),
    forgives(
        "expired-proofs",
        &[FailureCode::ProofExpired],
        &["vc-verify-refuse-proof-expired"],
    ),
    forgives(
        "proofs-from-future",
        &[FailureCode::ProofFromFuture],
        &["vc-verify-refuse-proof-from-future"],
    ),
    forgives(
        "any-trust",
        &[FailureCode::IssuerNotTrusted],
        &["vc-verify-refuse-untrusted"],
    ),
    forgives(
        "unknown-contexts",
        &[FailureCode::UnknownContext],
        &["vc-verify-refuse-context-unknown"],
    ),
    forgives(
        "uncovered-contexts",
        &[FailureCode::ContextNotCovered],
        &[
            "vc-verify-refuse-context-added",
            "vc-verify-refuse-context-of-proof-differs",
        ],
    ),
    forgives(
        "mixed-versions",
        &[FailureCode::MixedVersions],
        &["vc-verify-refuse-version-both-contexts"],
    ),
    forgives(
        "unknown-versions",
        &[FailureCode::UnknownVersion],
        &["vc-verify-refuse-version-unknown"],
    ),
    forgives(
        "unsigned",
        &[FailureCode::MissingProof],
        &["vc-verify-refuse-proof-missing"],
    ),
    forgives(
        "several-proofs",
        &[FailureCode::SeveralProofs],
        &["vc-verify-refuse-proofs-two"],
    ),
    forgives(
        "any-shape",
        &[FailureCode::Malformed],
        &["vc-verify-refuse-no-subject"],
    ),
    forgives(
        "any-challenge",
        &[FailureCode::ChallengeMismatch],
        &["vp-verify-refuse-replayed"],
    ),
    forgives(
        "any-domain",
        &[FailureCode::DomainMismatch],
        &["vp-verify-refuse-wrong-domain"],
    ),
    forgives(
        "any-holder",
        &[FailureCode::HolderNotController],
        &["vp-verify-refuse-holder-spoofed-any-holder"],
    ),
    forgives(
        "any-subject",
        &[FailureCode::HolderNotSubject],
        &["vp-verify-refuse-stolen"],
    ),
    Mutant {
        name: "undecided-is-accepted",
        caught_by: &["vc-verify-undecided-status", "vc-verify-undecided-document"],
        fault: Fault::TakesUndecided,
    },
    // Another reading of the text.
    hears(
        "last-duplicate-wins",
        |r| each_text(r, last_duplicate_wins),
        &["vc-verify-refuse-duplicate-member-before"],
    ),
    hears(
        "integers-rounded",
        |r| each_text(r, through_doubles),
        &["vc-verify-refuse-integer-inexact-signed"],
    ),
    hears(
        "first-proof-only",
        |r| change_proof(r, first_proof),
        &["vc-verify-refuse-proofs-two"],
    ),
    hears(
        "last-proof-only",
        |r| change_proof(r, last_proof),
        &["vc-verify-refuse-proofs-two-false-first"],
    ),
    hears(
        "s-reduced",
        |r| change_proof(r, reduce_s),
        &["vc-verify-refuse-ed25519-s-plus-order"],
    ),
    hears(
        "base64-signatures",
        |r| change_proof(r, to_base58),
        &["vc-verify-refuse-value-base64"],
    ),
    hears(
        "own-clock",
        |r| r.now = "2026-11-22T00:00:00Z".into(),
        &["vc-verify-refuse-expired"],
    ),
    hears(
        "no-policy",
        |r| drop_input(r, "policy"),
        &["vc-verify-custom-context"],
    ),
    hears(
        "no-evidence",
        |r| drop_input(r, "documents"),
        &["vc-verify-document-multikey"],
    ),
    // Another answer.
    says(
        "inner-credentials-unread",
        inner_unread,
        &["vp-verify-refuse-inner-tampered"],
    ),
    says(
        "one-domain-of-several",
        any_listed_domain,
        &["vp-verify-refuse-domain-two"],
    ),
    says(
        "accepts-everything",
        |_, _| Answer::Verdict(protocol::Verdict::new(Decision::Accepted)),
        &["vc-verify-refuse-claim-changed"],
    ),
    says(
        "refuses-everything",
        |_, _| Answer::refused("structure", ""),
        &["vc-verify-ed25519-v2"],
    ),
    says(
        "one-reason-for-all",
        one_reason,
        &["vc-verify-refuse-issuer-spoofed"],
    ),
    says(
        "needs-unnamed",
        unnamed_needs,
        &["vc-verify-undecided-document"],
    ),
    says(
        "sorted-by-code-point",
        sorted_by_code_point,
        &["did-json-order-utf16"],
    ),
    says(
        "numbers-of-serde",
        |r, a| {
            canonical_as(r, a, |text| {
                serde_json::from_str::<Value>(text)
                    .ok()
                    .map(|v| v.to_string())
            })
        },
        &["did-json-number-large"],
    ),
    says(
        "text-unchanged",
        |r, a| canonical_as(r, a, |text| Some(text.to_owned())),
        &["did-json-escapes"],
    ),
    says(
        "spaces-removed",
        |r, a| canonical_as(r, a, without_spaces),
        &["did-json-whitespace"],
    ),
    says(
        "jwk-with-secret",
        lenient_key,
        &["did-key-refuse-jwk-private"],
    ),
    says(
        "method-in-capitals",
        lenient_did,
        &["did-url-refuse-method-case"],
    ),
    says(
        "signs-in-any-name",
        signs_anything,
        &["vc-issue-refuse-foreign-issuer"],
    ),
    says(
        "signs-something-else",
        signs_something_else,
        &["vc-issue-ed25519-v2", "vp-life"],
    ),
    says("relabels-after-signing", relabels, &["vc-issue-p256-v2"]),
];

/// Changes the text under test.
fn each_text(request: &mut Request, change: fn(&str) -> Option<String>) {
    for name in ["credential", "presentation"] {
        if let Some(Value::String(text)) = request.input.get_mut(name)
            && let Some(changed) = change(text)
        {
            *text = changed;
        }
    }
}

/// Duplicate members as most parsers read them.
fn last_duplicate_wins(text: &str) -> Option<String> {
    serde_json::from_str::<Value>(text)
        .ok()
        .map(|v| v.to_string())
}

/// Numbers as JavaScript reads them.
fn through_doubles(text: &str) -> Option<String> {
    fn read(value: Value) -> Value {
        match value {
            Value::Number(n) => n.as_f64().map_or(Value::Null, |f| {
                kbtf_did::json::Number::new(f)
                    .and_then(|n| serde_json::from_str(&Json::from(n).to_canonical()).ok())
                    .unwrap_or_default()
            }),
            Value::Array(values) => values.into_iter().map(read).collect(),
            Value::Object(members) => members
                .into_iter()
                .map(|(n, v)| (n, read(v)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            other => other,
        }
    }
    serde_json::from_str::<Value>(text)
        .ok()
        .map(|value| read(value).to_string())
}

/// White space inside strings does not count, as one Korean stack has it.
fn without_spaces(text: &str) -> Option<String> {
    let canonical = kbtf_did::json::parse(text).ok()?.to_canonical();
    Some(canonical.replace(' ', ""))
}

fn change_proof(request: &mut Request, change: fn(&mut Value)) {
    for name in ["credential", "presentation"] {
        let Some(Value::String(text)) = request.input.get_mut(name) else {
            continue;
        };
        if let Ok(mut document) = serde_json::from_str::<Value>(text)
            && let Some(proof) = document.get_mut("proof")
        {
            change(proof);
            *text = document.to_string();
        }
    }
}

fn first_proof(proof: &mut Value) {
    if let Some(first) = proof.as_array().and_then(|p| p.first()).cloned() {
        *proof = first;
    }
}

fn last_proof(proof: &mut Value) {
    if let Some(last) = proof.as_array().and_then(|p| p.last()).cloned() {
        *proof = last;
    }
}

fn change_signature(proof: &mut Value, change: impl Fn(Vec<u8>) -> Option<Vec<u8>>) {
    let changed = proof
        .get("proofValue")
        .and_then(Value::as_str)
        .and_then(|text| kbtf_did::multibase::decode(text).ok())
        .and_then(change);
    if let (Some(members), Some(signature)) = (proof.as_object_mut(), changed) {
        let text = kbtf_did::multibase::encode_base58btc(&signature);
        members.insert("proofValue".into(), text.into());
    }
}

/// Takes S modulo the order, as early libraries did: subtracts it once where S is too large.
fn reduce_s(proof: &mut Value) {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    change_signature(proof, |mut signature| {
        let (_, s) = signature.split_at_mut_checked(32)?;
        if s.iter().rev().lt(ORDER.iter().rev()) {
            return None;
        }
        let mut borrow = 0_i16;
        for (digit, order) in s.iter_mut().zip(ORDER) {
            let difference = i16::from(*digit) - i16::from(order) - borrow;
            borrow = i16::from(difference < 0);
            let [low, _] = difference.to_le_bytes();
            *digit = low;
        }
        Some(signature)
    });
}

fn to_base58(proof: &mut Value) {
    change_signature(proof, Some);
}

fn drop_input(request: &mut Request, name: &str) {
    if let Some(input) = request.input.as_object_mut() {
        input.remove(name);
    }
}

fn is_verification(request: &Request) -> bool {
    request.operation.ends_with(".verify")
}

fn one_reason(request: &Request, answer: Answer) -> Answer {
    match answer {
        Answer::Verdict(v) if v.decision == Decision::Refused && is_verification(request) => {
            Answer::refused("signature", "")
        }
        other => other,
    }
}

/// Verifies the presentation but not what is in it: what the reference refused for its own sake stays refused.
fn inner_unread(request: &Request, answer: Answer) -> Answer {
    let Some(text) = request.input.get("presentation").and_then(Value::as_str) else {
        return answer;
    };
    let Ok(policy) = PresentationPolicy::new(
        Policy::new(Trust::AnyIssuer),
        request
            .input
            .get("challenge")
            .and_then(Value::as_str)
            .unwrap_or("-"),
        request
            .input
            .get("domain")
            .and_then(Value::as_str)
            .unwrap_or("-"),
    ) else {
        return answer;
    };
    let Ok(now) = request.now.parse() else {
        return answer;
    };
    let verification = verify_presentation(text.as_bytes(), &Evidence::new(), &policy, now);
    let verdict = verification.verdict();
    let own_failure = verdict.failures().next().is_some();
    if request.operation == "presentation.verify" && !own_failure && verdict.needs().is_empty() {
        return Answer::Verdict(protocol::Verdict::new(Decision::Accepted));
    }
    answer
}

/// Is content if its domain is one of those in the proof.
fn any_listed_domain(request: &Request, answer: Answer) -> Answer {
    let text = request.input.get("presentation").and_then(Value::as_str);
    let presentation: Option<Value> = text.and_then(|text| serde_json::from_str(text).ok());
    let listed = presentation
        .as_ref()
        .and_then(|p| p.pointer("/proof/domain")?.as_array());
    let ours = request.input.get("domain").unwrap_or(&Value::Null);
    match answer {
        Answer::Verdict(v)
            if v.reason.as_deref() == Some("domain")
                && listed.is_some_and(|domains| domains.contains(ours)) =>
        {
            Answer::Verdict(protocol::Verdict::new(Decision::Accepted))
        }
        other => other,
    }
}

fn unnamed_needs(_: &Request, answer: Answer) -> Answer {
    match answer {
        Answer::Verdict(mut verdict) => {
            verdict.needs.clear();
            Answer::Verdict(verdict)
        }
        other => other,
    }
}

fn canonical_as(request: &Request, answer: Answer, write: fn(&str) -> Option<String>) -> Answer {
    let text = request.input.get("text").and_then(Value::as_str);
    match (request.operation.as_str(), text.and_then(write), &answer) {
        ("json.canonicalize", Some(canonical), Answer::Verdict(v))
            if v.decision == Decision::Accepted =>
        {
            Answer::value(json!({"canonical": canonical}))
        }
        _ => answer,
    }
}

fn sorted_by_code_point(request: &Request, answer: Answer) -> Answer {
    fn sort(value: &Value) -> Value {
        match value {
            Value::Object(members) => {
                let sorted: std::collections::BTreeMap<_, _> =
                    members.iter().map(|(n, v)| (n.clone(), sort(v))).collect();
                sorted.into_iter().collect::<serde_json::Map<_, _>>().into()
            }
            Value::Array(values) => values.iter().map(sort).collect(),
            other => other.clone(),
        }
    }
    canonical_as(request, answer, |text| {
        serde_json::from_str::<Value>(text)
            .ok()
            .map(|value| sort(&value).to_string())
    })
}

fn lenient_key(_: &Request, answer: Answer) -> Answer {
    match answer {
        Answer::Verdict(v)
            if v.detail
                .as_ref()
                .is_some_and(|d| d.starts_with("did/private-key-exposed")) =>
        {
            let key = kbtf_did::SecretKey::from_bytes(KeyType::Ed25519, &[0x11; 32]);
            let multikey = key
                .map(|k| k.public_key().to_multikey())
                .unwrap_or_default();
            Answer::value(json!({"keyType": "Ed25519", "multikey": multikey}))
        }
        other => other,
    }
}

fn lenient_did(request: &Request, answer: Answer) -> Answer {
    let text = request.input.get("didUrl").and_then(Value::as_str);
    match text {
        Some(text) if request.operation == "did.parse" => {
            let mut lower = request.clone();
            lower.input = json!({"didUrl": text.to_lowercase()});
            match Reference::default().answer(&lower) {
                Answer::Verdict(v) if v.decision == Decision::Accepted => Answer::Verdict(v),
                _ => answer,
            }
        }
        _ => answer,
    }
}

fn signs_anything(request: &Request, answer: Answer) -> Answer {
    match answer {
        Answer::Verdict(v)
            if request.operation == "credential.issue" && v.decision == Decision::Refused =>
        {
            Answer::value(json!({"credential": "{}"}))
        }
        other => other,
    }
}

/// Signs, properly, another text than the one that was asked for.
fn signs_something_else(request: &Request, answer: Answer) -> Answer {
    let mut other = request.clone();
    let mut changed = false;
    for text in other
        .input
        .get_mut("credential")
        .into_iter()
        .filter(|_| request.operation == "credential.issue")
    {
        if let Value::String(text) = text {
            *text = text.replace("4.5", "4.4");
            changed = true;
        }
    }
    if request.operation == "presentation.issue"
        && let Some(Value::Array(credentials)) = other.input.get_mut("credentials")
    {
        let again = credentials.first().cloned();
        credentials.extend(again);
        changed = true;
    }
    if changed {
        Reference::default().answer(&other)
    } else {
        answer
    }
}

/// Gives the credential back with another purpose than was signed.
fn relabels(request: &Request, answer: Answer) -> Answer {
    match answer {
        Answer::Verdict(verdict) if request.operation == "credential.issue" => {
            let mut verdict = verdict;
            if let Some(Value::String(text)) =
                verdict.value.as_mut().and_then(|v| v.get_mut("credential"))
            {
                *text = text.replace("assertionMethod", "authentication");
            }
            Answer::Verdict(verdict)
        }
        other => other,
    }
}
