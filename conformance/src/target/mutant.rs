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
    /// Takes what an operation refuses for this reason for accepted.
    Overlooks(&'static str, &'static str),
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
            Fault::Overlooks(operation, reason) => match reference.answer(request) {
                Answer::Verdict(v)
                    if request.operation == operation && v.reason.as_deref() == Some(reason) =>
                {
                    Answer::value(json!({}))
                }
                other => other,
            },
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

const fn overlooks(
    name: &'static str,
    (operation, reason): (&'static str, &'static str),
    caught_by: &'static [&'static str],
) -> Mutant {
    Mutant {
        name,
        caught_by,
        fault: Fault::Overlooks(operation, reason),
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
        "rdf-drops-members",
        &[FailureCode::NotCovered],
        &[
            "vc-rdf-refuse-unknown-member",
            "vc-rdf-refuse-null",
            "vc-rdf-refuse-twice",
            "vc-rdf-refuse-array-in-set",
            "vc-rdf-refuse-unknown-of-proof",
        ],
    ),
    forgives(
        "rdf-any-name",
        &[FailureCode::NotCompacted],
        &[
            "vc-rdf-refuse-claim-as-iri",
            "vc-rdf-refuse-type-as-iri",
            "vc-rdf-refuse-until-renamed",
            "vc-rdf-refuse-id-as-keyword",
            "vc-rdf-refuse-number-as-its-text",
            "vc-rdf-refuse-claims-moved",
            "vc-rdf-refuse-context-inside",
        ],
    ),
    forgives(
        "rdf-any-list",
        &[FailureCode::UnknownContextList],
        &[
            "vc-rdf-refuse-context-added",
            "vc-rdf-refuse-context-twice",
            "vc-rdf-refuse-context-order",
        ],
    ),
    forgives(
        "rdf-any-context",
        &[FailureCode::UnusableContext],
        &["vc-rdf-refuse-context-redefines"],
    ),
    forgives(
        "rdf-unbounded",
        &[FailureCode::GraphTooComplex],
        &["vc-rdf-refuse-made-to-last"],
    ),
    hears(
        "rdf-signs-less",
        drop_unknown_claim,
        &["vc-rdf-issue-refuse-uncovered"],
    ),
    hears(
        "rdf-as-json",
        |r| drop_input(r, "cryptosuite"),
        &["vc-rdf-issue"],
    ),
    forgives(
        "open-did-any-number-of-signatures",
        &[FailureCode::MalformedSignature],
        &[
            "vc-open-did-refuse-signature-missing",
            "vc-open-did-refuse-signature-over",
            "vc-open-did-refuse-no-signatures",
            "vc-open-did-refuse-no-proof-value",
        ],
    ),
    forgives(
        "open-did-any-claim",
        &[FailureCode::InvalidSignature],
        &[
            "vc-open-did-refuse-claim-of-another",
            "vc-open-did-refuse-presentation-claim-added",
            "vc-open-did-refuse-white-space-changed",
        ],
    ),
    forgives(
        "open-did-revoked",
        &[FailureCode::Revoked, FailureCode::Suspended],
        &["vc-open-did-refuse-revoked", "vc-open-did-refuse-inactive"],
    ),
    forgives(
        "open-did-any-nonce",
        &[FailureCode::ChallengeMismatch],
        &["vc-open-did-refuse-presentation-nonce"],
    ),
    forgives(
        "open-did-any-holder",
        &[
            FailureCode::HolderNotController,
            FailureCode::HolderNotSubject,
        ],
        &[
            "vc-open-did-refuse-presentation-by-another",
            "vc-open-did-refuse-presentation-of-another",
        ],
    ),
    hears(
        "open-did-removes-spaces",
        |r| {
            if r.operation == "open-did.verify" {
                set_input(r, "policy", json!({"whiteSpace": "removed"}));
            }
        },
        &[
            "vc-open-did-credential",
            "vc-open-did-refuse-white-space-removed",
        ],
    ),
    hears(
        "open-did-any-version",
        any_version,
        &["vc-open-did-document-of-other-version"],
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
        "proofs-without-end",
        &[FailureCode::TooManyProofs],
        &["vc-proofs-refuse-set-nine"],
    ),
    forgives(
        "loose-chains",
        &[FailureCode::BrokenChain],
        &[
            "vc-proofs-refuse-chain-head-missing",
            "vc-proofs-refuse-chain-reversed",
            "vc-proofs-refuse-chain-upon-nothing",
            "vc-proofs-refuse-set-one-name",
        ],
    ),
    forgives(
        "any-token",
        &[FailureCode::MalformedToken],
        &[
            "vc-token-refuse-two-parts",
            "vc-token-refuse-four-parts",
            "vc-token-refuse-padded",
            "vc-token-refuse-loose-bits",
            "vc-token-refuse-b64",
            "vc-token-refuse-exp-fraction",
            "vc-old-token-refuse-vc-text",
            "vc-sd-jwt-refuse-no-tilde",
            "vc-sd-jwt-refuse-key-binding-uninvited",
            "vc-sd-jwt-refuse-binding-no-iat",
            "vc-sd-jwt-refuse-binding-no-hash",
            "vc-sd-jwt-refuse-no-vct",
        ],
    ),
    forgives(
        "any-type-of-token",
        &[FailureCode::WrongTokenType],
        &[
            "vc-token-refuse-type-of-presentation",
            "vc-token-refuse-type-of-key-binding",
            "vc-token-refuse-type-missing",
            "vc-token-refuse-content-type-other",
            "vp-token-refuse-type-of-credential",
            "vp-token-refuse-credential-as-presentation",
            "vc-sd-jwt-refuse-type-other",
            "vc-sd-jwt-refuse-binding-type",
        ],
    ),
    forgives(
        "any-extension",
        &[FailureCode::CriticalHeader],
        &[
            "vc-token-refuse-crit",
            "vc-token-refuse-crit-empty",
            "vc-sd-jwt-refuse-binding-crit",
        ],
    ),
    forgives(
        "claims-may-disagree",
        &[FailureCode::ClaimsDisagree],
        &[
            "vc-token-refuse-iss-other",
            "vc-token-refuse-sub-other",
            "vc-token-refuse-jti-other",
            "vc-old-token-refuse-exp-differs",
            "vc-old-token-refuse-nbf-differs",
        ],
    ),
    forgives(
        "any-algorithm",
        &[FailureCode::UnsupportedAlgorithm],
        &[
            "vc-token-refuse-alg-hmac",
            "vc-token-refuse-alg-none-signature-kept",
        ],
    ),
    forgives(
        "any-disclosure-form",
        &[FailureCode::MalformedDisclosure],
        &[
            "vc-sd-jwt-refuse-member-as-element",
            "vc-sd-jwt-refuse-element-as-member",
            "vc-sd-jwt-refuse-disclosure-four",
            "vc-sd-jwt-refuse-disclosure-one",
            "vc-sd-jwt-refuse-disclosure-object",
            "vc-sd-jwt-refuse-disclosure-padded",
            "vc-sd-jwt-refuse-sd-text",
            "vc-sd-jwt-refuse-sd-numbers",
            "vc-sd-jwt-refuse-sd-alg-inside",
            "vc-sd-jwt-refuse-dots-in-object",
            "vc-sd-jwt-refuse-dots-beside",
        ],
    ),
    forgives(
        "unsigned-disclosures",
        &[FailureCode::UnknownDisclosure],
        &[
            "vc-sd-jwt-refuse-disclosure-forged",
            "vc-sd-jwt-refuse-disclosure-unsigned",
            "vc-sd-jwt-refuse-disclosure-inner-alone",
        ],
    ),
    forgives(
        "digests-again",
        &[FailureCode::RepeatedDigest],
        &[
            "vc-sd-jwt-refuse-disclosure-twice",
            "vc-sd-jwt-refuse-digest-two-places",
            "vc-sd-jwt-refuse-digest-decoy-twice",
            "vc-sd-jwt-refuse-digest-in-disclosure-too",
        ],
    ),
    forgives(
        "any-claim-name",
        &[FailureCode::ClaimNameTaken],
        &[
            "vc-sd-jwt-refuse-name-taken",
            "vc-sd-jwt-refuse-name-twice",
            "vc-sd-jwt-refuse-name-sd",
            "vc-sd-jwt-refuse-name-dots",
            "vc-sd-jwt-refuse-hidden-exp",
            "vc-sd-jwt-refuse-hidden-vct",
            "vc-sd-jwt-vc-refuse-issuer-hidden",
            "vc-sd-jwt-vc-refuse-status-hidden",
        ],
    ),
    forgives(
        "any-disclosure-hash",
        &[FailureCode::UnsupportedHash],
        &[
            "vc-sd-jwt-refuse-sd-alg-unknown",
            "vc-sd-jwt-refuse-sd-alg-no-text",
        ],
    ),
    forgives(
        "bearers",
        &[FailureCode::KeyBindingMissing],
        &["vc-sd-jwt-refuse-binding-missing"],
    ),
    forgives(
        "any-holder-key",
        &[FailureCode::KeyBindingInvalid],
        &[
            "vc-sd-jwt-refuse-binding-of-thief",
            "vc-sd-jwt-refuse-binding-own-jwk",
            "vc-sd-jwt-refuse-binding-no-cnf",
            "vc-sd-jwt-refuse-binding-strange-cnf",
            "vc-sd-jwt-refuse-binding-alg-none",
            "vc-sd-jwt-refuse-binding-alg-other",
        ],
    ),
    forgives(
        "any-choice-of-disclosures",
        &[FailureCode::SdHashMismatch],
        &[
            "vc-sd-jwt-refuse-binding-more-shown",
            "vc-sd-jwt-refuse-binding-less-shown",
            "vc-sd-jwt-refuse-binding-wrong-hash",
        ],
    ),
    forgives(
        "revoked-is-good",
        &[FailureCode::Revoked],
        &[
            "vc-status-refuse-revoked",
            "vc-token-status-refuse-revoked",
            "vc-token-status-refuse-revoked-eight-bits",
        ],
    ),
    forgives(
        "suspended-is-good",
        &[FailureCode::Suspended],
        &[
            "vc-status-refuse-suspended",
            "vc-token-status-refuse-suspended",
        ],
    ),
    forgives(
        "undefined-is-good",
        &[FailureCode::UnknownStatus],
        &["vc-token-status-refuse-undefined"],
    ),
    forgives(
        "any-status-reference",
        &[FailureCode::MalformedStatus],
        &[
            "vc-status-refuse-index-negative",
            "vc-status-refuse-index-zeros",
            "vc-status-refuse-index-number",
            "vc-status-refuse-index-missing",
            "vc-token-status-refuse-index-text",
            "vc-token-status-refuse-status-text",
        ],
    ),
    forgives(
        "any-list",
        &[FailureCode::StatusListInvalid],
        &[
            "vc-status-refuse-list-tampered",
            "vc-status-refuse-list-unsigned",
            "vc-status-refuse-list-spoofed",
            "vc-status-refuse-list-expired",
            "vc-status-refuse-list-of-other-address",
            "vc-status-refuse-list-small",
            "vc-status-refuse-list-cut",
            "vc-token-status-refuse-expired",
            "vc-token-status-refuse-spoofed",
            "vc-token-status-refuse-type",
        ],
    ),
    forgives(
        "anybodys-list",
        &[FailureCode::StatusListForeign],
        &[
            "vc-status-refuse-list-foreign",
            "vc-status-refuse-list-other-purpose",
            "vc-status-refuse-size-differs",
            "vc-token-status-refuse-foreign",
        ],
    ),
    forgives(
        "beyond-the-list",
        &[FailureCode::StatusIndexOutOfRange],
        &[
            "vc-status-refuse-index-beyond",
            "vc-token-status-refuse-index-beyond",
        ],
    ),
    forgives(
        "any-contents",
        &[FailureCode::SchemaMismatch],
        &[
            "vc-schema-refuse-const",
            "vc-schema-refuse-enum",
            "vc-schema-refuse-maximum",
            "vc-schema-refuse-type",
            "vc-schema-refuse-integer",
            "vc-schema-refuse-too-few",
            "vc-schema-refuse-required",
            "vc-schema-refuse-additional",
        ],
    ),
    forgives(
        "any-schema",
        &[FailureCode::SchemaChanged],
        &["vc-schema-refuse-exchanged"],
    ),
    forgives(
        "registered-for-anything",
        &[FailureCode::IssuerNotAuthorised],
        &[
            "vc-registry-refuse-other-type",
            "vc-registry-refuse-no-type",
            "vc-registry-refuse-over",
            "vc-registry-refuse-not-yet",
        ],
    ),
    overlooks(
        "any-query",
        ("dcql.select", "structure"),
        &[
            "vc-dcql-refuse-empty",
            "vc-dcql-refuse-id-twice",
            "vc-dcql-refuse-no-meta",
            "vc-dcql-refuse-path-negative",
            "vc-dcql-refuse-set-unknown",
            "vc-dcql-refuse-values-object",
        ],
    ),
    overlooks(
        "any-barcode",
        ("compact.read", "syntax"),
        &[
            "vc-compact-refuse-cut",
            "vc-compact-refuse-longer",
            "vc-compact-refuse-above-range",
            "vc-compact-refuse-frames-mixed",
        ],
    ),
    overlooks(
        "any-impact",
        ("assurance.impact", "structure"),
        &[
            "vc-assurance-impact-refuse-none",
            "vc-assurance-impact-refuse-row",
        ],
    ),
    hears(
        "expiry-forgotten",
        |request| {
            each_evidence(request, |item| {
                item.remove("until");
            })
        },
        &["vc-assurance-expired"],
    ),
    hears(
        "not-met-forgotten",
        |request| {
            each_evidence(request, |item| {
                item.insert("outcome".into(), "met".into());
            })
        },
        &[
            "vc-assurance-not-met",
            "vc-assurance-not-applicable-unconditional",
        ],
    ),
    hears(
        "everybody-a-device",
        |request| {
            if request.operation == "assurance.assess" {
                set_input(request, "entity", "nonPerson".into());
            }
        },
        &["vc-assurance-person-not-in-person"],
    ),
    hears(
        "always-level-1",
        |request| {
            if request.operation == "life-cycle.run" {
                set_input(request, "level", 1.into());
            }
        },
        &["vc-life-level-3-no-identity", "vc-life-level-4-from-locked"],
    ),
    hears(
        "shows-everything",
        |request| {
            if request.operation == "dcql.select" {
                let query = request.input.get("query").and_then(Value::as_str);
                let query = query.map(|q| q.replace("\"values\"", "\"ignored\""));
                if let Some(query) = query {
                    set_input(request, "query", query.into());
                }
            }
        },
        &["vc-dcql-value-other", "vc-dcql-value-other-type"],
    ),
    hears(
        "no-status-lists",
        |request| drop_input(request, "statusLists"),
        &["vc-status-valid", "vc-token-status-valid"],
    ),
    hears(
        "no-schemas",
        |request| drop_input(request, "schemas"),
        &["vc-schema-kept"],
    ),
    hears(
        "bearers-everywhere",
        |request| {
            drop_input(request, "challenge");
            drop_input(request, "domain");
            cut_binding(request);
        },
        &[
            "vc-sd-jwt-refuse-binding-missing",
            "vc-sd-jwt-refuse-binding-replayed",
        ],
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
    // Identities: checks that are left out.
    overlooks(
        "kbtf-foreign",
        ("did.resolve", "foreign"),
        &["did-kbtf-refuse-other-did", "did-kbtf-refuse-bent"],
    ),
    overlooks(
        "kbtf-replays",
        ("did.resolve", "replayed"),
        &["did-kbtf-refuse-replayed"],
    ),
    overlooks(
        "kbtf-gaps",
        ("did.resolve", "gap"),
        &["did-kbtf-refuse-gap", "did-kbtf-refuse-open-held-back"],
    ),
    overlooks(
        "kbtf-any-order",
        ("did.resolve", "reordered"),
        &["did-kbtf-refuse-reordered"],
    ),
    overlooks(
        "kbtf-links",
        ("did.resolve", "brokenLink"),
        &["did-kbtf-refuse-link"],
    ),
    overlooks(
        "kbtf-forks",
        ("did.resolve", "fork"),
        &["did-kbtf-refuse-fork"],
    ),
    overlooks(
        "kbtf-time",
        ("did.resolve", "timeBackwards"),
        &["did-kbtf-refuse-time"],
    ),
    overlooks(
        "kbtf-undead",
        ("did.resolve", "deactivated"),
        &["did-kbtf-refuse-after-end"],
    ),
    overlooks(
        "kbtf-unexpiring",
        ("did.resolve", "expired"),
        &["did-kbtf-refuse-extended-after-expiry"],
    ),
    overlooks(
        "kbtf-any-delegation",
        ("did.resolve", "delegation"),
        &["did-kbtf-refuse-delegate-late"],
    ),
    overlooks(
        "kbtf-any-scope",
        ("did.resolve", "outOfScope"),
        &["did-kbtf-refuse-delegate-removes-key"],
    ),
    overlooks(
        "kbtf-no-pre-rotation",
        ("did.resolve", "notCommitted"),
        &[
            "did-kbtf-refuse-thief-rotates",
            "did-kbtf-refuse-rotation-lower",
        ],
    ),
    overlooks(
        "kbtf-any-signer",
        ("did.resolve", "notAuthorised"),
        &[
            "did-kbtf-refuse-document-key",
            "did-kbtf-refuse-stranger-beside",
        ],
    ),
    overlooks(
        "kbtf-any-threshold",
        ("did.resolve", "threshold"),
        &["did-kbtf-refuse-one-of-two"],
    ),
    overlooks(
        "kbtf-any-signature",
        ("did.resolve", "signature"),
        &["did-kbtf-refuse-tampered"],
    ),
    overlooks(
        "kbtf-any-id",
        ("did.resolve", "idReused"),
        &["did-kbtf-refuse-id-again"],
    ),
    overlooks(
        "kbtf-unknown-ids",
        ("did.resolve", "unknownId"),
        &["did-kbtf-refuse-revoke-twice"],
    ),
    overlooks(
        "kbtf-key-reuse",
        ("did.resolve", "keyReused"),
        &[
            "did-kbtf-refuse-controller-in-document",
            "did-kbtf-refuse-document-key-controls",
        ],
    ),
    overlooks(
        "kbtf-past-times",
        ("did.resolve", "time"),
        &["did-kbtf-refuse-expires-past"],
    ),
    overlooks(
        "kbtf-unbounded",
        ("did.resolve", "tooMany"),
        &["did-kbtf-refuse-too-many-keys"],
    ),
    overlooks(
        "any-version",
        ("did.resolve", "notFound"),
        &["did-kbtf-refuse-version-unknown"],
    ),
    overlooks(
        "any-options",
        ("did.resolve", "options"),
        &[
            "did-kbtf-refuse-version-both",
            "did-resolve-refuse-version-both",
        ],
    ),
    overlooks(
        "others-documents",
        ("did.resolve", "structure"),
        &["did-web-resolve-refuse-other"],
    ),
    overlooks(
        "signs-personal-data",
        ("did.operation-sign", "personalData"),
        &["did-kbtf-sign-refuse-resident"],
    ),
    overlooks(
        "signs-any-shape",
        ("did.operation-sign", "structure"),
        &["did-kbtf-sign-refuse-unknown-member"],
    ),
    overlooks(
        "no-guard",
        ("personal-data.check", "personalData"),
        &["did-personal-data-refuse-resident"],
    ),
    overlooks(
        "any-document",
        ("did.document-read", "structure"),
        &["did-document-refuse-secret-multikey"],
    ),
    overlooks(
        "any-place",
        ("did.web-url", "syntax"),
        &["did-web-url-refuse-ipv4"],
    ),
    overlooks(
        "any-reference",
        ("did.dereference", "syntax"),
        &["did-deref-refuse-relative-host"],
    ),
    overlooks(
        "any-purpose-of-part",
        ("did.dereference", "relationship"),
        &["did-deref-refuse-purpose"],
    ),
    overlooks(
        "control-any-challenge",
        ("control.check", "challenge"),
        &["did-control-check-refuse-other-request"],
    ),
    overlooks(
        "control-unending",
        ("control.check", "validity"),
        &["did-control-check-refuse-ended"],
    ),
    overlooks(
        "control-any-key",
        ("control.check", "keyState"),
        &["did-control-check-refuse-revoked"],
    ),
    overlooks(
        "control-any-relationship",
        ("control.check", "relationship"),
        &["did-control-check-refuse-not-listed"],
    ),
    overlooks(
        "control-any-controller",
        ("control.check", "issuer"),
        &["did-control-check-refuse-foreign"],
    ),
    overlooks(
        "control-any-signature",
        ("control.check", "signature"),
        &["did-control-check-refuse-other-domain"],
    ),
    overlooks(
        "control-answers-anywhere",
        ("control.request", "structure"),
        &["did-control-request-refuse-address-user"],
    ),
    overlooks(
        "bare-signatures",
        ("key.verify", "signature"),
        &["did-signature-rs256-sha1"],
    ),
    // Identities: another reading, another answer.
    hears("kbtf-cut-short", cut_short, &["did-kbtf-updated"]),
    hears(
        "kbtf-no-versions",
        |r| drop_input(r, "versionId"),
        &["did-kbtf-version-id"],
    ),
    hears(
        "kbtf-always-open",
        |r| set_input(r, "open", json!(true)),
        &["did-kbtf-refuse-strict-forged"],
    ),
    hears(
        "kbtf-never-open",
        |r| drop_input(r, "open"),
        &["did-kbtf-open-noise"],
    ),
    hears(
        "compresses-x",
        compress_x,
        &["did-kind-base58-refuse-p256-x"],
    ),
    hears(
        "guard-reads-literally",
        unescape_nothing,
        &["did-personal-data-refuse-resident-escaped"],
    ),
    says(
        "high-s-of-ledgers",
        lower_s,
        &["did-signature-secp256k1-high"],
    ),
    says("either-rsa", either_rsa, &["did-signature-ps256-as-rs256"]),
    says(
        "silent-about-legacy",
        silent,
        &["did-document-type-k1-2019-hex"],
    ),
    says("appends-references", appends, &["did-deref-relative-root"]),
    says(
        "thumbprint-of-text",
        other_thumbprint,
        &["did-kind-ed25519-pem"],
    ),
    // Logs and histories.
    says(
        "log-takes-more-hashes",
        without_last_hash,
        &[
            "history-inclusion-refuse-hash-too-many",
            "history-inclusion-refuse-root-as-proof",
            "history-consistency-refuse-hash-too-many",
        ],
    ),
    says(
        "log-from-nothing-refused",
        from_nothing,
        &["history-consistency-accept-0-to-5"],
    ),
    hears(
        "log-same-size-same-tree",
        same_size,
        &["history-consistency-refuse-fork"],
    ),
    hears(
        "log-one-witness-is-enough",
        |request| replace_input(request, "policy", "group all 2", "group all 1"),
        &[
            "history-checkpoint-refuse-one-witness",
            "history-checkpoint-refuse-one-twice",
        ],
    ),
    says(
        "log-seen-when-anybody-says",
        last_cosignature,
        &["history-checkpoint-accept-quorum-and-rogue"],
    ),
    overlooks(
        "log-false-cosignature",
        ("log.checkpoint", "signature"),
        &["history-checkpoint-refuse-false-beside-good"],
    ),
    overlooks(
        "witness-cosigns-forks",
        ("log.cosign", "fork"),
        &["history-witness-refuse-fork"],
    ),
    hears(
        "witness-forgets",
        |request| {
            remove_input(request, "lastSize");
            remove_input(request, "lastRoot");
        },
        &["history-witness-refuse-set-back"],
    ),
    overlooks(
        "history-not-all",
        ("history.verify", "incomplete"),
        &[
            "history-complete-refuse-last-left-out",
            "history-complete-refuse-stale",
            "history-queries-refuse-last-left-out",
        ],
    ),
    overlooks(
        "history-of-any-log-and-object",
        ("history.verify", "foreign"),
        &[
            "history-complete-refuse-other-origin",
            "history-complete-refuse-entries-of-another",
        ],
    ),
    overlooks(
        "history-clock-not-looked-at",
        ("history.follow", "timeBackwards"),
        &[
            "history-follow-refuse-clock-hidden",
            "history-follow-refuse-clock-invented",
        ],
    ),
    overlooks(
        "history-erased-comes-back",
        ("history.follow", "replayed"),
        &["history-follow-refuse-resurrected"],
    ),
    overlooks(
        "history-goes-on-after-its-end",
        ("history.follow", "ended"),
        &[
            "history-follow-refuse-after-deletion",
            "history-follow-refuse-after-erasure",
        ],
    ),
    overlooks(
        "history-other-log-set-back",
        ("history.follow", "fork"),
        &[
            "history-follow-refuse-queries-set-back",
            "history-follow-refuse-queries-forked",
        ],
    ),
    hears(
        "attribution-for-any-log",
        |request| set_input(request, "origin", "history.example/land".into()),
        &["history-actor-refuse-other-log"],
    ),
    says(
        "ledger-has-names",
        |request, answer| on_ledger(request, answer, "홍길동"),
        &["history-run-personal-data", "history-run-erase"],
    ),
    says(
        "ledger-has-plain-hashes",
        // The SHA-256 of the name, in base64.
        |request, answer| on_ledger(request, answer, PLAIN_HASH),
        &["history-run-personal-data"],
    ),
    says(
        "questions-not-recorded",
        |_, answer| said(answer, "\"count\":3", "\"count\":0"),
        &["history-run-queries"],
    ),
    hears(
        "questions-about-everybody",
        |request| replace_steps(request, "성춘향", "홍길동"),
        &["history-run-queries-of-others"],
    ),
    hears(
        "erasure-is-deletion",
        |request| replace_steps(request, "\"command\":\"erase\"", "\"command\":\"delete\""),
        &["history-run-erase", "history-run-erase-member"],
    ),
    says(
        "tampering-not-seen",
        |_, answer| said(answer, "damaged", "intact"),
        &[
            "history-run-tampered-change",
            "history-run-tampered-last",
            "history-run-tampered-drop",
            "history-run-tampered-drop-last",
            "history-run-tampered-drop-first",
            "history-run-tampered-swap",
            "history-run-tampered-insert",
        ],
    ),
    hears(
        "comparison-trims",
        |request| replace_steps(request, "홍길동 ", "홍길동"),
        &["history-run-nearly-the-same"],
    ),
    says(
        "comparison-takes-the-first",
        |_, answer| said(answer, "\"since\":2", "\"since\":0"),
        &["history-run-back-and-forth"],
    ),
    says(
        "damage-is-shown",
        |_, answer| said(answer, "\"damaged\",\"damaged\"", "{},{}"),
        &["history-run-tampered-shown"],
    ),
    says(
        "clock-since-the-latest",
        |_, answer| {
            said(
                answer,
                "\"at\":\"2026-11-21T23:59:30Z\"",
                "\"setBack\":30,\"at\":\"2026-11-21T23:59:30Z\"",
            )
        },
        &["history-run-clock-twice"],
    ),
    says(
        "ledger-not-shown",
        |_, answer| {
            with_value(answer, |value| {
                if let Some(ledger) = value.get_mut("ledger") {
                    *ledger = json!([]);
                }
            })
        },
        &["history-run-personal-data"],
    ),
    says(
        "comparison-without-time",
        |_, answer| said(answer, "superseded", "current"),
        &["history-run-superseded"],
    ),
    says(
        "sensors-without-bounds",
        |_, answer| said(answer, "impossible", "ok"),
        &["history-run-sensors-impossible"],
    ),
    says(
        "history-without-actors",
        |_, answer| said(answer, "\"by\":\"did:key:", "\"by\":\"did:web:"),
        &["history-run-life", "history-run-queries"],
    ),
    says(
        "clock-forgotten",
        |_, answer| said(answer, "setBack", "set"),
        &["history-run-clock"],
    ),
    overlooks(
        "time-stamp-at-any-time",
        ("time-stamp.verify", "validity"),
        &[
            "history-time-stamp-refuse-early",
            "history-time-stamp-refuse-late",
        ],
    ),
    overlooks(
        "time-stamp-of-any-certificate",
        ("time-stamp.verify", "relationship"),
        &[
            "history-time-stamp-refuse-web",
            "history-time-stamp-refuse-two-uses",
        ],
    ),
    hears(
        "time-stamp-trusted-for-ever",
        trusted_for_ever,
        &[
            "history-time-stamp-refuse-no-longer-trusted",
            "history-time-stamp-refuse-not-yet-trusted",
        ],
    ),
    hears(
        "time-stamp-of-any-request",
        |request| remove_input(request, "nonce"),
        &[
            "history-time-stamp-refuse-other-nonce",
            "history-time-stamp-refuse-no-nonce",
        ],
    ),
    overlooks(
        "link-leads-anywhere",
        ("history.link", "foreign"),
        &["history-link-refuse-unknown-log"],
    ),
    // Data authenticity.
    overlooks(
        "aut-proof-of-parts-not-looked-at",
        ("document.shown", "proof"),
        &[
            "aut-shown-refuse-value",
            "aut-shown-refuse-value-type",
            "aut-shown-refuse-name",
            "aut-shown-refuse-other-document",
        ],
    ),
    overlooks(
        "aut-any-form-is-read",
        ("document.commit", "syntax"),
        &[
            "aut-document-refuse-doctype",
            "aut-document-refuse-member-twice",
            "aut-document-refuse-quote-in-cell",
        ],
    ),
    overlooks(
        "aut-signature-not-looked-at",
        ("register.follow", "signature"),
        &[
            "aut-register-refuse-false-signature",
            "aut-register-refuse-owner-false-signature",
            "aut-register-refuse-changed-commitment",
        ],
    ),
    overlooks(
        "aut-anybody-may",
        ("register.follow", "notAuthorised"),
        &[
            "aut-register-refuse-other-issuer",
            "aut-register-refuse-thief-offers",
            "aut-register-refuse-accept-by-another",
            "aut-register-refuse-old-owner",
        ],
    ),
    overlooks(
        "aut-goes-on-after-its-end",
        ("register.follow", "ended"),
        &[
            "aut-register-refuse-after-revocation",
            "aut-register-refuse-after-retirement",
        ],
    ),
    overlooks(
        "aut-offers-never-end",
        ("register.follow", "expired"),
        &["aut-register-refuse-accept-late"],
    ),
    overlooks(
        "aut-fork-not-looked-at",
        ("register.follow", "brokenLink"),
        &["aut-register-refuse-fork"],
    ),
    overlooks(
        "aut-gap-not-looked-at",
        ("register.follow", "gap"),
        &["aut-register-refuse-gap", "aut-register-refuse-replayed"],
    ),
    overlooks(
        "aut-old-version-comes-back",
        ("register.follow", "replayed"),
        &[
            "aut-register-refuse-commitment-again",
            "aut-register-refuse-twice",
        ],
    ),
    overlooks(
        "aut-ledger-goes-backwards",
        ("register.follow", "timeBackwards"),
        &["aut-register-refuse-time-backwards"],
    ),
    overlooks(
        "aut-of-any-register",
        ("register.follow", "foreign"),
        &[
            "aut-register-refuse-other-register",
            "aut-register-refuse-other-record",
        ],
    ),
    overlooks(
        "aut-personal-data-on-the-ledger",
        ("register.follow", "personalData"),
        &["aut-register-refuse-resident-number"],
    ),
    overlooks(
        "aut-offered-to-many",
        ("register.follow", "structure"),
        &[
            "aut-register-refuse-offer-twice",
            "aut-register-refuse-offer-to-self",
        ],
    ),
    overlooks(
        "aut-paper-signature-not-looked-at",
        ("paper.read", "signature"),
        &[
            "aut-paper-refuse-changed",
            "aut-paper-refuse-forged",
            "aut-paper-refuse-other-message",
        ],
    ),
    overlooks(
        "aut-paper-of-anybody",
        ("paper.read", "trust"),
        &["aut-paper-refuse-stranger"],
    ),
    overlooks(
        "aut-paper-never-over",
        ("paper.read", "expired"),
        &["aut-paper-refuse-window-over"],
    ),
    overlooks(
        "aut-paper-for-ever",
        ("paper.read", "time"),
        &["aut-paper-refuse-window-long", "aut-paper-refuse-future"],
    ),
    overlooks(
        "aut-paper-document-not-compared",
        ("paper.read", "proof"),
        &["aut-paper-refuse-other-document"],
    ),
    overlooks(
        "aut-paper-parts-mixed",
        ("paper.read", "foreign"),
        &["aut-paper-refuse-parts-mixed"],
    ),
    overlooks(
        "aut-paper-parts-missing",
        ("paper.read", "incomplete"),
        &["aut-paper-refuse-part-missing"],
    ),
    overlooks(
        "aut-paper-misleads",
        ("paper.read", "syntax"),
        &[
            "aut-paper-refuse-turned-text",
            "aut-paper-refuse-hidden-text",
            "aut-paper-refuse-field-twice",
            "aut-paper-refuse-unsigned-header",
        ],
    ),
    overlooks(
        "aut-check-character-not-looked-at",
        ("number.read", "syntax"),
        &["aut-number-refuse-one-wrong", "aut-number-refuse-exchanged"],
    ),
    says(
        "aut-unasked-is-valid",
        evidence_skipped_is_valid,
        &["aut-evidence-entries-only"],
    ),
    says(
        "aut-error-is-valid",
        evidence_error_is_valid,
        &["aut-evidence-stale"],
    ),
    says(
        "aut-revoked-counts",
        status_is_valid,
        &[
            "aut-evidence-revoked",
            "aut-evidence-revocation-left-out",
            "aut-run-revoked",
        ],
    ),
    says(
        "aut-any-issuer",
        issuer_is_valid,
        &[
            "aut-evidence-copied",
            "aut-evidence-no-issuer",
            "aut-run-stranger",
        ],
    ),
    says(
        "aut-altered-is-authentic",
        integrity_is_valid,
        &[
            "aut-evidence-altered",
            "aut-evidence-batch-place",
            "aut-run-issued",
        ],
    ),
    says(
        "aut-second-page-like-the-first",
        first_page_again,
        &["aut-run-lists"],
    ),
    says(
        "aut-name-on-the-ledger",
        document_on_the_ledger,
        &["aut-run-shown"],
    ),
    hears(
        "aut-order-of-items-not-looked-at",
        sorted_items,
        &["aut-document-accept-turned-round"],
    ),
    hears(
        "aut-texts-and-numbers-alike",
        numbers_as_text,
        &["aut-document-accept-issued"],
    ),
    hears(
        "aut-empty-ones-left-out",
        without_empty,
        &[
            "aut-document-accept-issued",
            "aut-document-accept-empty-array-more",
        ],
    ),
    hears(
        "aut-nulls-left-out",
        without_nulls,
        &["aut-document-accept-issued"],
    ),
    hears(
        "aut-media-type-not-looked-at",
        one_media_type,
        &["aut-document-accept-other-type"],
    ),
    hears(
        "aut-text-is-normalised",
        normalised,
        &["aut-document-accept-unicode-as-given"],
    ),
    hears(
        "aut-revocations-not-heard",
        no_revocations,
        &["aut-run-revoked"],
    ),
    hears("aut-validity-not-heard", no_until, &["aut-run-expired"]),
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

/// Changes every piece of evidence of a level of assurance.
fn each_evidence(request: &mut Request, change: fn(&mut serde_json::Map<String, Value>)) {
    let evidence = request.input.get_mut("evidence");
    let items = evidence.and_then(Value::as_array_mut);
    for item in items.into_iter().flatten() {
        if let Some(item) = item.as_object_mut() {
            change(item);
        }
    }
}

/// Leaves the key binding of an SD-JWT out.
fn cut_binding(request: &mut Request) {
    if request.operation != "sd-jwt.verify" {
        return;
    }
    let text = request.input.get("credential").and_then(Value::as_str);
    let end = text.and_then(|text| text.rfind('~'));
    if let Some(shown) = text.zip(end).and_then(|(text, end)| text.get(..=end)) {
        let shown = shown.to_owned();
        set_input(request, "credential", shown.into());
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

fn set_input(request: &mut Request, name: &str, value: Value) {
    if let Some(input) = request.input.as_object_mut() {
        input.insert(name.into(), value);
    }
}

/// Stops before the last operation.
fn cut_short(request: &mut Request) {
    if let Some(Value::Array(entries)) = request.input.get_mut("entries")
        && entries.len() > 1
    {
        entries.pop();
    }
}

/// Takes an x-coordinate for the point above the axis.
fn compress_x(request: &mut Request) {
    let base58 = request.input.get("format") == Some(&json!("base58"));
    let text = request.input.get("key").and_then(Value::as_str);
    let bytes = text.and_then(|text| kbtf_did::multibase::decode(&format!("z{text}")).ok());
    if let (true, Some(bytes)) = (base58, bytes.filter(|bytes| bytes.len() == 32)) {
        for tag in [2, 3] {
            let point = [&[tag][..], &bytes].concat();
            if kbtf_did::PublicKey::from_bytes(KeyType::P256, &point).is_ok() {
                let text = kbtf_did::multibase::encode_base58btc(&point).split_off(1);
                return set_input(request, "key", text.into());
            }
        }
    }
}

/// Reads escapes as what they are written with.
fn unescape_nothing(request: &mut Request) {
    if request.operation == "personal-data.check"
        && let Some(Value::String(text)) = request.input.get_mut("document")
    {
        *text = text.replace('%', "x");
    }
}

fn asked_again(request: &Request, change: impl FnOnce(&mut Request)) -> Answer {
    let mut again = request.clone();
    change(&mut again);
    Reference::default().answer(&again)
}

/// Takes the lower form of a signature for the one that came.
fn lower_s(request: &Request, answer: Answer) -> Answer {
    let text = request.input.get("signature").and_then(Value::as_str);
    if request.operation != "key.verify" || request.input.get("algorithm") != Some(&json!("ES256K"))
    {
        return answer;
    }
    let digits: Option<Vec<u32>> = text.map(|t| t.chars().filter_map(|c| c.to_digit(16)).collect());
    let bytes: Vec<u8> = digits
        .unwrap_or_default()
        .chunks_exact(2)
        .filter_map(|pair| match pair {
            [high, low] => u8::try_from(high << 4 | low).ok(),
            _ => None,
        })
        .collect();
    match kbtf_did::to_low_s(KeyType::Secp256k1, &bytes) {
        Ok(low) => {
            let hex: String = low.iter().map(|b| format!("{b:02x}")).collect();
            asked_again(request, |r| set_input(r, "signature", hex.into()))
        }
        Err(_) => answer,
    }
}

/// Tries both ways of RSA.
fn either_rsa(request: &Request, answer: Answer) -> Answer {
    let other = match request.input.get("algorithm").and_then(Value::as_str) {
        Some("RS256") => "PS256",
        Some("PS256") => "RS256",
        _ => return answer,
    };
    match asked_again(request, |r| set_input(r, "algorithm", other.into())) {
        Answer::Verdict(v) if v.decision == Decision::Accepted => Answer::Verdict(v),
        _ => answer,
    }
}

fn silent(_: &Request, answer: Answer) -> Answer {
    with_value(answer, |value| {
        if let Some(warnings) = value.get_mut("warnings") {
            *warnings = json!([]);
        }
    })
}

/// Puts a reference behind the address, as an example of the standard has it, instead of resolving it.
fn appends(request: &Request, answer: Answer) -> Answer {
    let url = request
        .input
        .get("didUrl")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let Some((_, reference)) = url.split_once("relativeRef=") else {
        return answer;
    };
    let reference = reference
        .replace("%2F", "/")
        .replace("%3F", "?")
        .replace("%3D", "=");
    with_value(answer, |value| {
        if let Some(urls) = value.get_mut("urls") {
            *urls = json!([format!("https://files.example/pub/a{reference}")]);
        }
    })
}

fn other_thumbprint(_: &Request, answer: Answer) -> Answer {
    with_value(answer, |value| {
        if let Some(thumbprint) = value.get_mut("thumbprint") {
            *thumbprint = json!("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        }
    })
}

fn with_value(answer: Answer, change: impl FnOnce(&mut Value)) -> Answer {
    match answer {
        Answer::Verdict(mut verdict) => {
            if let Some(value) = &mut verdict.value {
                change(value);
            }
            Answer::Verdict(verdict)
        }
        other => other,
    }
}

/// What JSON-LD does with a member that no context knows.
fn drop_unknown_claim(request: &mut Request) {
    let text = request.input.get("credential").and_then(Value::as_str);
    if let Some(text) = text {
        let known = text.replace(",\"honours\":\"summa cum laude\"", "");
        set_input(request, "credential", json!(known));
    }
}

/// Whatever version of a DID document is there is taken for the one that was asked for.
fn any_version(request: &mut Request) {
    if let Some(documents) = request
        .input
        .get_mut("documents")
        .and_then(Value::as_object_mut)
    {
        for document in documents.values_mut() {
            let text = document.as_str().unwrap_or_default();
            *document = text
                .replace("\"versionId\":\"2\"", "\"versionId\":\"1\"")
                .into();
        }
    }
}

/// The SHA-256 of a name, in base64.
const PLAIN_HASH: &str = "nGubGxYn8xIOBzDG0s+nEED9A3R73idV6LXk2/K+4mI=";

/// A proof that leads nowhere is tried without its last hash.
fn without_last_hash(request: &Request, answer: Answer) -> Answer {
    let has_path = matches!(
        request.operation.as_str(),
        "log.inclusion" | "log.consistency"
    );
    match &answer {
        Answer::Verdict(v) if has_path && v.decision == Decision::Refused => {
            asked_again(request, |again| {
                let path = again.input.get_mut("path").and_then(Value::as_array_mut);
                path.map(Vec::pop);
            })
        }
        _ => answer,
    }
}

fn from_nothing(request: &Request, answer: Answer) -> Answer {
    let size = |name: &str| request.input.get(name).and_then(Value::as_str);
    match (size("oldSize"), size("newSize")) {
        (Some("0"), Some(new)) if new != "0" => Answer::refused("proof", "from nothing"),
        _ => answer,
    }
}

fn same_size(request: &mut Request) {
    let input = &request.input;
    if request.operation == "log.consistency" && input.get("oldSize") == input.get("newSize") {
        let old = input.get("oldRoot").cloned().unwrap_or_default();
        set_input(request, "newRoot", old);
    }
}

/// The time of whoever has cosigned last in the note.
fn last_cosignature(request: &Request, answer: Answer) -> Answer {
    let text = request.input.get("checkpoint").and_then(Value::as_str);
    let has_rogue = text.is_some_and(|text| text.contains("witness4.example"));
    with_value(answer, |value| {
        if let (true, Some(seen)) = (has_rogue, value.get_mut("seenBy")) {
            *seen = json!("2026-11-23T01:00:00Z");
        }
    })
}

fn on_ledger(request: &Request, answer: Answer, text: &str) -> Answer {
    if request.operation != "history.run" {
        return answer;
    }
    with_value(answer, |value| {
        if let Some(ledger) = value.get_mut("ledger").and_then(Value::as_array_mut) {
            ledger.push(json!({"note": text}).to_string().into());
        }
    })
}

/// The answer to a script with a text in its results replaced.
fn said(answer: Answer, from: &str, to: &str) -> Answer {
    with_value(answer, |value| {
        if let Some(results) = value.get_mut("results") {
            let text = results.to_string().replace(from, to);
            *results = serde_json::from_str(&text).unwrap_or_default();
        }
    })
}

fn replace_steps(request: &mut Request, from: &str, to: &str) {
    if request.operation == "history.run" {
        let steps = request.input.get("steps").cloned().unwrap_or_default();
        let text = steps.to_string().replace(from, to);
        set_input(
            request,
            "steps",
            serde_json::from_str(&text).unwrap_or_default(),
        );
    }
}

fn replace_input(request: &mut Request, name: &str, from: &str, to: &str) {
    if let Some(text) = request.input.get(name).and_then(Value::as_str) {
        let text = text.replace(from, to);
        set_input(request, name, text.into());
    }
}

fn remove_input(request: &mut Request, name: &str) {
    if let Some(input) = request.input.as_object_mut() {
        input.remove(name);
    }
}

fn trusted_for_ever(request: &mut Request) {
    let trusted = request
        .input
        .get_mut("trusted")
        .and_then(Value::as_array_mut);
    for one in trusted
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut)
    {
        one.insert("from".into(), "2000-01-01T00:00:00Z".into());
        one.insert("until".into(), "2100-01-01T00:00:00Z".into());
    }
}

/// Changes the JSON document of a commitment.
fn document(request: &mut Request, change: impl FnOnce(String) -> String) {
    use base64ct::{Base64, Encoding as _};
    if request.operation != "document.commit"
        || request.input.get("content") != Some(&json!("json"))
    {
        return;
    }
    let bytes = request.input.get("bytes").and_then(Value::as_str);
    let text = bytes
        .and_then(|bytes| Base64::decode_vec(bytes).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    if let (Some(text), Some(members)) = (text, request.input.as_object_mut()) {
        let changed = Base64::encode_string(change(text).as_bytes());
        members.insert("bytes".into(), changed.into());
    }
}

fn numbers_as_text(request: &mut Request) {
    document(request, |text| text.replace("100", "\"100\""));
}

fn sorted_items(request: &mut Request) {
    document(request, |text| text.replace(r#""b","a""#, r#""a","b""#));
}

fn without_empty(request: &mut Request) {
    document(request, |text| {
        text.replace(r#","empty":{}"#, "")
            .replace(r#","more":[]"#, "")
    });
}

fn without_nulls(request: &mut Request) {
    document(request, |text| text.replace(r#""note":null,"#, ""));
}

fn normalised(request: &mut Request) {
    document(request, |text| text.replace("\u{1100}\u{1161}", "가"));
}

fn one_media_type(request: &mut Request) {
    if let Some(members) = request.input.as_object_mut()
        && request.operation == "document.commit"
    {
        members.insert("mediaType".into(), "application/json".into());
    }
}

/// Leaves commands of a run out.
fn steps(request: &mut Request, change: impl Fn(&mut Value)) {
    if request.operation == "authenticity.run"
        && let Some(steps) = request.input.get_mut("steps").and_then(Value::as_array_mut)
    {
        steps.iter_mut().for_each(change);
    }
}

/// Of a revocation it only takes notice.
fn no_revocations(request: &mut Request) {
    steps(request, |step| {
        let is_own = step.get("by") == Some(&json!("university"));
        if step.get("command") == Some(&json!("revoke")) && is_own {
            *step = json!({"command": "update", "record": step.get("record"), "by": "university", "at": step.get("at"),
                "document": r#"{"name":"홍길동","degree":"공학사","number":"900101-1234567"}"#});
        }
    });
}

fn no_until(request: &mut Request) {
    steps(request, |step| {
        if let Some(members) = step.as_object_mut()
            && members.get("command") == Some(&json!("register"))
        {
            members.remove("until");
        }
    });
}

/// Changes every report of three questions.
fn reports(answer: Answer, change: &dyn Fn(&mut serde_json::Map<String, Value>)) -> Answer {
    fn walk(value: &mut Value, change: &dyn Fn(&mut serde_json::Map<String, Value>)) {
        match value {
            Value::Object(members) if members.contains_key("integrity") => change(members),
            Value::Object(members) => members.values_mut().for_each(|value| walk(value, change)),
            Value::Array(items) => items.iter_mut().for_each(|value| walk(value, change)),
            _ => {}
        }
    }
    match answer {
        Answer::Verdict(mut verdict) => {
            if let Some(value) = &mut verdict.value {
                walk(value, change);
            }
            Answer::Verdict(verdict)
        }
        other => other,
    }
}

fn say(members: &mut serde_json::Map<String, Value>, name: &str, from: Option<&str>) {
    let is_it = from.is_none_or(|from| members.get(name) == Some(&json!(from)));
    if is_it {
        members.insert(name.into(), "valid".into());
    }
    let all = ["integrity", "status", "issuer"];
    if all
        .iter()
        .all(|name| members.get(*name) == Some(&json!("valid")))
    {
        members.insert("word".into(), "authentic".into());
    }
}

fn evidence_skipped_is_valid(_: &Request, answer: Answer) -> Answer {
    reports(answer, &|members| say(members, "status", Some("skipped")))
}

fn evidence_error_is_valid(_: &Request, answer: Answer) -> Answer {
    reports(answer, &|members| say(members, "status", Some("error")))
}

fn status_is_valid(_: &Request, answer: Answer) -> Answer {
    reports(answer, &|members| say(members, "status", Some("invalid")))
}

fn issuer_is_valid(_: &Request, answer: Answer) -> Answer {
    reports(answer, &|members| say(members, "issuer", None))
}

fn integrity_is_valid(_: &Request, answer: Answer) -> Answer {
    reports(answer, &|members| {
        say(members, "integrity", None);
        say(members, "status", Some("skipped"));
    })
}

/// Of a list the first page comes again and again.
fn first_page_again(request: &Request, answer: Answer) -> Answer {
    run_value(request, answer, &|value| {
        let results = value.get_mut("results").and_then(Value::as_array_mut);
        for result in results.into_iter().flatten() {
            if let Some([first, rest @ ..]) = result.as_array_mut().map(Vec::as_mut_slice)
                && first.is_array()
            {
                rest.iter_mut().for_each(|page| *page = first.clone());
            }
        }
    })
}

/// What is registered stands on the ledger in base64.
fn document_on_the_ledger(request: &Request, answer: Answer) -> Answer {
    use base64ct::{Base64, Encoding as _};
    let document = request.input.pointer("/steps/0/document");
    let document = document.and_then(Value::as_str).unwrap_or_default();
    let text = Value::from(Base64::encode_string(document.as_bytes()));
    run_value(request, answer, &|value| {
        let ledger = value.get_mut("ledger").and_then(Value::as_array_mut);
        ledger
            .into_iter()
            .for_each(|ledger| ledger.push(text.clone()));
    })
}

fn run_value(request: &Request, answer: Answer, change: &dyn Fn(&mut Value)) -> Answer {
    match answer {
        Answer::Verdict(mut verdict) if request.operation == "authenticity.run" => {
            if let Some(value) = &mut verdict.value {
                change(value);
            }
            Answer::Verdict(verdict)
        }
        other => other,
    }
}
