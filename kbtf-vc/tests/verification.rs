//! Verification: what is accepted, what each attack is refused for, and that nothing unchecked passes.
//! The conformance suite holds the longer list of cases; here stand those that need a hand on the pieces.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
};

use kbtf_did::{
    CryptoProvider, Did, DidDocument, DidUrl, Error as DidError, KeyType, PublicKey,
    ResolvedDocument, SOFTWARE, SecretKey, SignatureAlgorithm, Signer, SoftwareSigner, Timestamp,
    did_key,
};
use kbtf_vc::{
    Credential, Decision, Error, Evidence, FailureCode, HolderBinding, Language, Need, NotChecked,
    Outcome, Policy, Presentation, PresentationPolicy, ProofOptions, Step, Trust, Verdict, Version,
    issue_credential, issue_presentation, prepare_credential, verify_credential,
    verify_presentation,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use zeroize::Zeroizing;

fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

fn signer(key_type: KeyType, seed: u8) -> SoftwareSigner<'static> {
    SoftwareSigner::new(SecretKey::from_bytes(key_type, &[seed; 32]).unwrap())
}

fn did_of(signer: &dyn Signer) -> Did {
    did_key::from_public_key(signer.public_key())
}

fn unsigned(issuer: &str, subject: &str) -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2027-01-01T00:00:00Z",
        "credentialSubject": {"id": subject, "이름": "홍 길동", "score": 4.5, "ok": true, "list": [1, null, ""]}
    })
}

fn sign(document: &Value, signer: &dyn Signer) -> String {
    let did = did_of(signer);
    let options = ProofOptions::assertion(did_key::verification_method_id(&did).unwrap(), now());
    let text = document.to_string();
    issue_credential(Credential::parse(&text).unwrap(), &options, signer)
        .unwrap()
        .to_json()
}

fn verdict(text: &str, policy: &Policy<'_>) -> Verdict {
    match verify_credential(text.as_bytes(), &Evidence::new(), policy, now()).into_verified() {
        Ok(verified) => verified.verdict().clone(),
        Err(verdict) => verdict,
    }
}

fn codes(verdict: &Verdict) -> Vec<FailureCode> {
    verdict.failures().map(kbtf_vc::Failure::code).collect()
}

fn evidence_of(did: &Did, resolved: ResolvedDocument) -> Evidence {
    let mut evidence = Evidence::new();
    evidence.add_document(did, resolved).unwrap();
    evidence
}

#[test]
fn what_is_issued_is_accepted_in_both_versions_with_both_keys() {
    for key_type in [KeyType::Ed25519, KeyType::P256] {
        let signer = signer(key_type, 1);
        let issuer = did_of(&signer);
        let mut document = unsigned(issuer.as_str(), "did:example:s");
        for version in [Version::V2_0, Version::V1_1] {
            if version == Version::V1_1 {
                let members = document.as_object_mut().unwrap();
                members["@context"] = json!(["https://www.w3.org/2018/credentials/v1"]);
                let from = members.remove("validFrom").unwrap();
                let until = members.remove("validUntil").unwrap();
                members.insert("issuanceDate".into(), from);
                members.insert("expirationDate".into(), until);
            }
            let signed = sign(&document, &signer);
            let policy = Policy::new(Trust::issuers([issuer.clone()]));
            let verified = verify_credential(signed.as_bytes(), &Evidence::new(), &policy, now())
                .into_verified()
                .unwrap();
            assert_eq!(verified.get().version(), version);
            let passed = [
                Step::Structure,
                Step::Version,
                Step::KeyState,
                Step::Relationship,
                Step::Issuer,
                Step::Signature,
                Step::Validity,
                Step::Trust,
            ];
            for (step, outcome) in verified.verdict().steps() {
                assert_eq!(
                    *outcome == Outcome::Passed,
                    passed.contains(&step),
                    "{step}"
                );
            }
        }
    }
}

#[test]
fn an_unread_or_forgotten_step_never_passes() {
    // A status and a schema that this version cannot check leave the verdict undecided, unless waived.
    let signer = signer(KeyType::Ed25519, 1);
    let mut document = unsigned(did_of(&signer).as_str(), "did:example:s");
    document["credentialStatus"] =
        json!({"type": "StatusList2021Entry", "id": "https://example.com/1#2"});
    document["credentialSchema"] =
        json!({"type": "JsonSchemaCredential", "id": "https://example.com/s"});
    let signed = sign(&document, &signer);
    let strict = Policy::new(Trust::AnyIssuer);
    let undecided = verdict(&signed, &strict);
    assert_eq!(undecided.decision(), Decision::Undecided);
    assert_eq!(
        *undecided.outcome(Step::Status),
        Outcome::NotChecked(NotChecked::Unsupported)
    );
    assert!(
        verify_credential(signed.as_bytes(), &Evidence::new(), &strict, now())
            .into_verified()
            .is_err()
    );
    let half = verdict(&signed, &strict.clone().waive_status());
    assert_eq!(half.decision(), Decision::Undecided);
    let waived = verdict(&signed, &strict.waive_status().waive_schema());
    assert_eq!(waived.decision(), Decision::Accepted);
    assert_eq!(
        *waived.outcome(Step::Status),
        Outcome::NotChecked(NotChecked::Waived)
    );
}

#[test]
fn missing_documents_are_needs_and_the_verdict_waits() {
    let signer = signer(KeyType::P256, 3);
    let did = Did::parse("did:example:ministry").unwrap();
    let method = DidUrl::parse("did:example:ministry#k").unwrap();
    let text = unsigned(did.as_str(), "did:example:s").to_string();
    let options = ProofOptions::assertion(method, now());
    let signed = issue_credential(Credential::parse(&text).unwrap(), &options, &signer)
        .unwrap()
        .to_json();
    let policy = Policy::new(Trust::issuers([did.clone()]));

    let first = verdict(&signed, &policy);
    assert_eq!(first.decision(), Decision::Undecided);
    assert_eq!(first.needs(), [Need::DidDocument(did.clone())]);
    for step in [
        Step::KeyState,
        Step::Relationship,
        Step::Issuer,
        Step::Signature,
    ] {
        assert_eq!(
            *first.outcome(step),
            Outcome::NotChecked(NotChecked::MissingEvidence),
            "{step}"
        );
    }
    let document = |controller: &str, relationship: &str| {
        DidDocument::parse(
            &json!({
                "@context": "https://www.w3.org/ns/did/v1", "id": did.as_str(),
                "verificationMethod": [{"id": "#k", "type": "Multikey", "controller": controller,
                    "publicKeyMultibase": signer.public_key().to_multikey()}],
                relationship: ["#k"]
            })
            .to_string(),
        )
        .unwrap()
    };
    let with = |resolved: ResolvedDocument| {
        let evidence = evidence_of(&did, resolved);
        match verify_credential(signed.as_bytes(), &evidence, &policy, now()).into_verified() {
            Ok(verified) => verified.verdict().clone(),
            Err(verdict) => verdict,
        }
    };
    let good = document(did.as_str(), "assertionMethod");
    assert_eq!(
        with(ResolvedDocument::active(good.clone())).decision(),
        Decision::Accepted
    );
    assert_eq!(
        codes(&with(ResolvedDocument::deactivated(good))),
        [FailureCode::DidDeactivated]
    );
    let wrong_purpose = document(did.as_str(), "authentication");
    assert_eq!(
        codes(&with(ResolvedDocument::active(wrong_purpose))),
        [FailureCode::RelationshipNotListed]
    );
    let foreign = document("did:example:someone-else", "assertionMethod");
    assert_eq!(
        codes(&with(ResolvedDocument::active(foreign))),
        [FailureCode::IssuerNotController]
    );
}

#[test]
fn a_document_handed_in_for_a_did_key_changes_nothing() {
    let honest = signer(KeyType::Ed25519, 1);
    let thief = signer(KeyType::Ed25519, 2);
    let victim = did_of(&honest);
    // The thief signs with his key under the victim's verification method id...
    let text = unsigned(victim.as_str(), "did:example:s").to_string();
    let method = did_key::verification_method_id(&victim).unwrap();
    let options = ProofOptions::assertion(method.clone(), now());
    let forged = prepare_credential(
        Credential::parse(&text).unwrap(),
        &options,
        KeyType::Ed25519,
        &SOFTWARE,
    )
    .unwrap();
    let signature = thief.sign(forged.signing_input()).unwrap();
    let forged = forged.complete(&signature).unwrap().to_json();
    // ...and hands in a "document" of the victim's did:key with his own key in it.
    let document = DidDocument::parse(
        &json!({
            "@context": "https://www.w3.org/ns/did/v1", "id": victim.as_str(),
            "assertionMethod": [{"id": method.as_str(), "type": "Multikey", "controller": victim.as_str(),
                "publicKeyMultibase": thief.public_key().to_multikey()}]
        })
        .to_string(),
    )
    .unwrap();
    let evidence = evidence_of(&victim, ResolvedDocument::active(document));
    let policy = Policy::new(Trust::AnyIssuer);
    let verdict = verify_credential(forged.as_bytes(), &evidence, &policy, now())
        .into_verified()
        .unwrap_err();
    assert_eq!(codes(&verdict), [FailureCode::InvalidSignature]);
}

/// Whoever answers for one DID must not speak for another, nor take back what was said of it.
#[test]
fn evidence_is_filed_under_the_did_that_was_asked_for() {
    let (victim, thief) = (
        Did::parse("did:example:a").unwrap(),
        Did::parse("did:example:b").unwrap(),
    );
    let document = |did: &Did, extra: &str| {
        let text =
            json!({"@context": "https://www.w3.org/ns/did/v1", "id": did.as_str(), "x": extra});
        DidDocument::parse(&text.to_string()).unwrap()
    };
    let forged = ResolvedDocument::active(document(&victim, "forged"));
    let refused = Evidence::new().add_document(&thief, forged.clone());
    assert_eq!(refused.unwrap_err().code(), "vc/wrong-document");
    let gone = ResolvedDocument::deactivated(document(&victim, "true"));
    let mut evidence = evidence_of(&victim, gone.clone());
    evidence.add_document(&victim, gone).unwrap();
    for other in [forged, ResolvedDocument::active(document(&victim, "true"))] {
        let refused = evidence.add_document(&victim, other);
        assert_eq!(refused.unwrap_err().code(), "vc/conflicting-documents");
    }
}

/// Two different numbers must not have one signature.
#[test]
fn a_number_that_rounds_to_the_signed_one_is_refused() {
    let signer = signer(KeyType::Ed25519, 1);
    for (signed, changed) in [
        ("90071992547409920", "90071992547409927.0"),
        ("90071992547409920", "90071992547409927e0"),
        ("9007199254740992", "9007199254740993"),
        ("9007199254740992", "9007199254740993.0"),
        ("9007199254740992", "9007199254740992.9"),
        ("0.1", "0.10000000000000001"),
        ("5e-324", "3e-324"),
        ("1.7976931348623157e308", "1.7976931348623158e308"),
        ("1", &format!("0.{}1e655360", "0".repeat(65_535))),
        ("1", &format!("1{}e-1000000", "0".repeat(100_000))),
    ] {
        let mut text = unsigned(did_of(&signer).as_str(), "did:example:s").to_string();
        text = text.replace("4.5", signed).replace("[1,", "[0,");
        let method = did_key::verification_method_id(&did_of(&signer)).unwrap();
        let options = ProofOptions::assertion(method, now());
        let good = issue_credential(Credential::parse(&text).unwrap(), &options, &signer)
            .unwrap()
            .to_json();
        let policy = Policy::new(Trust::AnyIssuer);
        assert_eq!(verdict(&good, &policy).decision(), Decision::Accepted);
        let written = json_number(signed);
        let bad = good.replacen(&format!(":{written},"), &format!(":{changed},"), 1);
        assert_ne!(bad, good, "{signed}");
        assert_eq!(
            codes(&verdict(&bad, &policy)),
            [FailureCode::NotJson],
            "{changed}"
        );
    }
}

fn json_number(text: &str) -> String {
    kbtf_did::json::parse(text).unwrap().to_json()
}

/// What a stranger writes is read in time and memory that grow with its length, not with its square.
#[test]
fn large_hostile_documents_are_answered() {
    let members = |reverse: bool| {
        let mut names: Vec<usize> = (0..40_000).collect();
        if reverse {
            names.reverse();
        }
        let members: Vec<_> = names.iter().map(|i| format!("\"{i:x}\":1")).collect();
        format!(
            "[\"https://www.w3.org/ns/credentials/v2\",{{{}}}]",
            members.join(",")
        )
    };
    let contexts = format!(
        r#"{{"@context":{},"type":"VerifiableCredential","issuer":"did:a:b","credentialSubject":{{"a":1}},"proof":{{"@context":{}}}}}"#,
        members(false),
        members(true)
    );
    let resources: Vec<_> = (0..15_000)
        .map(|i| format!(r#"{{"id":"a:{i}","digestSRI":"x"}}"#))
        .collect();
    let resources = format!(
        r#"{{"@context":["https://www.w3.org/ns/credentials/v2"],"type":"VerifiableCredential","issuer":"did:a:b","credentialSubject":{{"a":1}},"relatedResource":[{}]}}"#,
        resources.join(",")
    );
    let policy = Policy::new(Trust::AnyIssuer);
    for text in [contexts, resources] {
        assert!(text.len() < 1 << 20);
        assert_eq!(verdict(&text, &policy).decision(), Decision::Refused);
    }
    let keyword = format!(
        r#"{{"@context":["https://www.w3.org/ns/credentials/v2"],"@{}\u001b[31m":1}}"#,
        "a".repeat(100_000)
    );
    let refused = verdict(&keyword, &policy);
    let detail = refused.failures().next().unwrap().detail();
    assert!(detail.len() < 300 && !detail.contains('\u{1b}'));
}

#[test]
fn a_verified_presentation_gives_verified_credentials() {
    let issuer = signer(KeyType::P256, 1);
    let holder = signer(KeyType::Ed25519, 2);
    let holder_did = did_of(&holder);
    let credential = sign(
        &unsigned(did_of(&issuer).as_str(), holder_did.as_str()),
        &issuer,
    );
    let presentation = Presentation::new(
        Version::V2_0,
        &holder_did,
        vec![Credential::parse(&credential).unwrap()],
    )
    .unwrap();
    let method = did_key::verification_method_id(&holder_did).unwrap();
    let options = ProofOptions::authentication(method, now(), "c", "d").unwrap();
    let text = issue_presentation(presentation, &options, &holder)
        .unwrap()
        .to_json();
    let policy = PresentationPolicy::new(Policy::new(Trust::AnyIssuer), "c", "d").unwrap();
    let verified = verify_presentation(text.as_bytes(), &Evidence::new(), &policy, now())
        .into_verified()
        .unwrap();
    let credentials = verified.credentials();
    assert_eq!(credentials.len(), 1);
    assert_eq!(credentials[0].get().issuer(), did_of(&issuer).as_str());
    assert_eq!(credentials[0].verdict().decision(), Decision::Accepted);
}

#[test]
fn a_key_id_with_path_or_query_or_without_fragment_is_nobodys() {
    let signer = signer(KeyType::Ed25519, 3);
    let did = Did::parse("did:example:ministry").unwrap();
    for id in [
        "did:example:ministry",
        "did:example:ministry?v=1#k",
        "did:example:ministry/p#k",
        "did:example:ministry#",
    ] {
        let text = unsigned(did.as_str(), "did:example:s").to_string();
        let options = ProofOptions::assertion(DidUrl::parse(id).unwrap(), now());
        let refused = issue_credential(Credential::parse(&text).unwrap(), &options, &signer);
        assert_eq!(refused.unwrap_err().code(), "vc/malformed", "{id}");
        // A forger signs all the same, and has a document that holds just this id.
        let prepared = kbtf_vc::PreparedProof::new(
            Credential::parse(&text).unwrap().into_object(),
            &options,
            kbtf_vc::Cryptosuite::EddsaJcs2022,
            KeyType::Ed25519,
            &SOFTWARE,
        )
        .unwrap();
        let signature = signer.sign(prepared.signing_input()).unwrap();
        let forged = prepared.complete(&signature).unwrap().to_json();
        let policy = Policy::new(Trust::AnyIssuer);
        assert_eq!(
            codes(&verdict(&forged, &policy)),
            [FailureCode::KeyNotFound],
            "{id}"
        );
        if id.contains('#') && !id.ends_with('#') {
            let document = json!({"@context": "https://www.w3.org/ns/did/v1", "id": did.as_str(),
                "assertionMethod": [{"id": id, "type": "Multikey", "controller": did.as_str(),
                    "publicKeyMultibase": signer.public_key().to_multikey()}]});
            let document = DidDocument::parse(&document.to_string()).unwrap();
            let evidence = evidence_of(&did, ResolvedDocument::active(document));
            let verification = verify_credential(forged.as_bytes(), &evidence, &policy, now());
            assert_eq!(
                codes(verification.verdict()),
                [FailureCode::KeyNotFound],
                "{id}"
            );
        }
    }
}

/// The proof's contexts are hashed as the document's: an array of one and a text would be hashed differently.
#[test]
fn the_contexts_of_proof_and_document_are_of_one_shape() {
    let signer = signer(KeyType::Ed25519, 1);
    let signed = sign(
        &unsigned(did_of(&signer).as_str(), "did:example:s"),
        &signer,
    );
    let mut document: Value = serde_json::from_str(&signed).unwrap();
    document["proof"]["@context"] = json!("https://www.w3.org/ns/credentials/v2");
    let refused = verdict(&document.to_string(), &Policy::new(Trust::AnyIssuer));
    assert_eq!(codes(&refused), [FailureCode::ContextNotCovered]);
}

#[test]
fn what_every_verifier_refuses_is_not_signed() {
    let signer = signer(KeyType::Ed25519, 1);
    let did = did_of(&signer);
    let options = ProofOptions::assertion(did_key::verification_method_id(&did).unwrap(), now());
    let code = |document: &Value| {
        let text = document.to_string();
        issue_credential(Credential::parse(&text).unwrap(), &options, &signer)
            .map(|_| ())
            .unwrap_err()
            .code()
    };
    let good = unsigned(did.as_str(), "did:example:s");
    let mut inline = good.clone();
    inline["@context"]
        .as_array_mut()
        .unwrap()
        .push(json!({"a": "https://example.com/"}));
    assert_eq!(code(&inline), "vc/malformed");
    let mut nested = good.clone();
    nested["credentialSubject"]["@context"] = json!("https://www.w3.org/2018/credentials/v1");
    assert_eq!(code(&nested), "vc/malformed");
    let mut deep = good;
    let mut value = json!(1);
    for _ in 0..61 {
        value = json!([value]);
    }
    deep["credentialSubject"]["deep"] = value;
    assert_eq!(code(&deep), "vc/too-large");
}

#[test]
fn issuing_refuses_what_could_not_verify() {
    let one = signer(KeyType::Ed25519, 1);
    let two = signer(KeyType::Ed25519, 2);
    let method = did_key::verification_method_id(&did_of(&one)).unwrap();
    let options = ProofOptions::assertion(method.clone(), now());
    let text = unsigned(did_of(&one).as_str(), "did:example:s").to_string();
    let foreign = unsigned(did_of(&two).as_str(), "did:example:s").to_string();
    let issue = |text: &str, options: &ProofOptions, signer: &dyn Signer| {
        issue_credential(Credential::parse(text).unwrap(), options, signer).map(|c| c.to_json())
    };
    assert_eq!(
        issue(&foreign, &options, &one).unwrap_err().code(),
        "vc/not-the-signer"
    );
    assert_eq!(
        issue(&text, &options, &two).unwrap_err().code(),
        "vc/not-the-signer"
    );
    let signed = issue(&text, &options, &one).unwrap();
    assert_eq!(
        issue(&signed, &options, &one).unwrap_err().code(),
        "vc/already-signed"
    );
    let wrong = ProofOptions::authentication(method.clone(), now(), "c", "d").unwrap();
    assert_eq!(
        issue(&text, &wrong, &one).unwrap_err().code(),
        "vc/malformed"
    );
    for (challenge, domain) in [("", "d"), ("c", "")] {
        assert_eq!(
            ProofOptions::authentication(method.clone(), now(), challenge, domain)
                .unwrap_err()
                .code(),
            "vc/empty-binding"
        );
        let policy = Policy::new(Trust::AnyIssuer);
        assert!(PresentationPolicy::new(policy, challenge, domain).is_err());
    }
    // A signature of the wrong shape from a signer at a distance.
    let prepared = prepare_credential(
        Credential::parse(&text).unwrap(),
        &options,
        KeyType::Ed25519,
        &SOFTWARE,
    )
    .unwrap();
    assert!(matches!(
        prepared.complete(&[0; 63]),
        Err(Error::Malformed { .. })
    ));
}

#[test]
fn presentations_bind_holder_verifier_and_every_credential() {
    let issuer = signer(KeyType::P256, 1);
    let holder = signer(KeyType::Ed25519, 2);
    let holder_did = did_of(&holder);
    let credential = sign(
        &unsigned(did_of(&issuer).as_str(), holder_did.as_str()),
        &issuer,
    );
    let stolen = sign(
        &unsigned(did_of(&issuer).as_str(), "did:example:victim"),
        &issuer,
    );
    let present = |credentials: &[&str]| {
        let credentials = credentials
            .iter()
            .map(|c| Credential::parse(c).unwrap())
            .collect();
        let presentation = Presentation::new(Version::V2_0, &holder_did, credentials).unwrap();
        let method = did_key::verification_method_id(&holder_did).unwrap();
        let options =
            ProofOptions::authentication(method, now(), "nonce-1", "verifier.example").unwrap();
        issue_presentation(presentation, &options, &holder)
            .unwrap()
            .to_json()
    };
    let policy = |challenge, domain| {
        PresentationPolicy::new(
            Policy::new(Trust::issuers([did_of(&issuer)])),
            challenge,
            domain,
        )
        .unwrap()
    };
    let check = |text: &str, policy: &PresentationPolicy<'_>| match verify_presentation(
        text.as_bytes(),
        &Evidence::new(),
        policy,
        now(),
    )
    .into_verified()
    {
        Ok(verified) => verified.verdict().clone(),
        Err(verdict) => verdict,
    };
    let good = present(&[&credential, &credential]);
    let here = policy("nonce-1", "verifier.example");
    let accepted = check(&good, &here);
    assert_eq!(accepted.decision(), Decision::Accepted);
    assert_eq!(accepted.credentials().len(), 2);

    assert_eq!(
        codes(&check(&good, &policy("nonce-2", "verifier.example"))),
        [FailureCode::ChallengeMismatch]
    );
    assert_eq!(
        codes(&check(&good, &policy("nonce-1", "other.example"))),
        [FailureCode::DomainMismatch]
    );
    // One stolen credential among good ones.
    let mixed = present(&[&credential, &stolen]);
    assert_eq!(
        codes(&check(&mixed, &here)),
        [FailureCode::HolderNotSubject]
    );
    let any_holder = policy("nonce-1", "verifier.example").holder_binding(HolderBinding::AnyHolder);
    assert_eq!(check(&mixed, &any_holder).decision(), Decision::Accepted);
    // A credential inside that does not verify refuses the whole.
    let tampered = credential.replace("홍 길동", "홍길동");
    let verdict = check(&present(&[&credential, &tampered]), &here);
    assert_eq!(codes(&verdict), []);
    assert_eq!(verdict.decision(), Decision::Refused);
    assert_eq!(
        codes(&verdict.credentials()[1]),
        [FailureCode::InvalidSignature]
    );
}

/// A provider that counts and can be made to fail: hashing, signing and verifying all go through it (X-04).
struct Counting {
    hashes: AtomicUsize,
    verifications: AtomicUsize,
    signatures: AtomicUsize,
    broken: bool,
}

impl Counting {
    const fn new(broken: bool) -> Self {
        Self {
            hashes: AtomicUsize::new(0),
            verifications: AtomicUsize::new(0),
            signatures: AtomicUsize::new(0),
            broken,
        }
    }

    fn guard(&self) -> Result<(), DidError> {
        if self.broken {
            return Err(DidError::Provider {
                reason: "self-test failed",
            });
        }
        Ok(())
    }
}

impl CryptoProvider for Counting {
    fn sha256(&self, message: &[u8]) -> Result<[u8; 32], DidError> {
        self.guard()?;
        self.hashes.fetch_add(1, Ordering::Relaxed);
        SOFTWARE.sha256(message)
    }
    fn sha384(&self, message: &[u8]) -> Result<[u8; 48], DidError> {
        self.guard()?;
        self.hashes.fetch_add(1, Ordering::Relaxed);
        SOFTWARE.sha384(message)
    }
    fn sha512(&self, message: &[u8]) -> Result<[u8; 64], DidError> {
        self.guard()?;
        self.hashes.fetch_add(1, Ordering::Relaxed);
        SOFTWARE.sha512(message)
    }
    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), DidError> {
        self.guard()?;
        self.verifications.fetch_add(1, Ordering::Relaxed);
        SOFTWARE.verify(algorithm, key, message, signature)
    }
    fn sign(&self, key: &SecretKey, message: &[u8]) -> Result<Vec<u8>, DidError> {
        self.guard()?;
        self.signatures.fetch_add(1, Ordering::Relaxed);
        SOFTWARE.sign(key, message)
    }
    fn agree(&self, key: &SecretKey, with: &PublicKey) -> Result<Zeroizing<[u8; 32]>, DidError> {
        self.guard()?;
        SOFTWARE.agree(key, with)
    }
}

#[test]
fn all_cryptography_goes_through_the_provider() {
    let counting = Counting::new(false);
    let key = SecretKey::from_bytes(KeyType::Ed25519, &[1; 32]).unwrap();
    let signer = SoftwareSigner::with_provider(key, &counting);
    let signed = sign(
        &unsigned(did_of(&signer).as_str(), "did:example:s"),
        &signer,
    );
    let count = |c: &AtomicUsize| c.load(Ordering::Relaxed);
    assert_eq!(
        (count(&counting.hashes), count(&counting.signatures)),
        (2, 1)
    );
    let policy = Policy::new(Trust::AnyIssuer).provider(&counting);
    assert_eq!(verdict(&signed, &policy).decision(), Decision::Accepted);
    assert_eq!(
        (count(&counting.hashes), count(&counting.verifications)),
        (4, 1)
    );

    let broken = Counting::new(true);
    let policy = Policy::new(Trust::AnyIssuer).provider(&broken);
    let out_of_order = verdict(&signed, &policy);
    assert_eq!(out_of_order.decision(), Decision::Undecided);
    assert_eq!(
        *out_of_order.outcome(Step::Signature),
        Outcome::NotChecked(NotChecked::ProviderFailed)
    );
}

#[test]
fn failure_codes_are_distinct_and_speak_both_languages() {
    let codes: BTreeSet<_> = FailureCode::ALL.iter().map(|c| c.as_str()).collect();
    assert_eq!(codes.len(), FailureCode::ALL.len());
    for code in FailureCode::ALL {
        assert!(code.as_str().starts_with("vc/"));
        assert!(code.problem_type().starts_with("https://"));
        let korean = code.message(Language::Korean);
        assert!(
            korean.chars().any(|c| ('가'..='힣').contains(&c)),
            "{korean}"
        );
        assert!(code.message(Language::English).is_ascii());
    }
}

#[test]
fn the_verdict_as_json_names_every_step() {
    let object = verdict("{}", &Policy::new(Trust::AnyIssuer)).to_object();
    let value: Value = serde_json::from_str(&object.to_json()).unwrap();
    assert_eq!(value["decision"], "refused");
    let steps: Vec<_> = value["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["step"].as_str().unwrap())
        .collect();
    assert_eq!(steps, Step::ALL.map(Step::as_str));
    assert_eq!(value["steps"][0]["code"], "vc/malformed");
    assert_eq!(value["steps"][5]["why"], "earlierFailure");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Any change of a byte is refused, or leaves the very same JSON value behind (white space, escapes).
    #[test]
    fn any_changed_byte_is_refused(position in any::<prop::sample::Index>(), byte in any::<u8>(), insert in any::<bool>(), p256 in any::<bool>()) {
        let signer = signer(if p256 { KeyType::P256 } else { KeyType::Ed25519 }, 9);
        let good = sign(&unsigned(did_of(&signer).as_str(), "did:example:s"), &signer);
        let mut bytes = good.clone().into_bytes();
        let at = position.index(bytes.len());
        if insert { bytes.insert(at, byte) } else { bytes[at] = byte }
        let policy = Policy::new(Trust::AnyIssuer);
        let verification = verify_credential(&bytes, &Evidence::new(), &policy, now());
        if verification.is_accepted() {
            let changed: Value = serde_json::from_slice(&bytes).unwrap();
            prop_assert_eq!(changed, serde_json::from_str::<Value>(&good).unwrap());
        }
    }

    /// Removing any member of the document or its proof is refused.
    #[test]
    fn any_removed_member_is_refused(index in any::<prop::sample::Index>(), in_proof in any::<bool>()) {
        let signer = signer(KeyType::Ed25519, 9);
        let good = sign(&unsigned(did_of(&signer).as_str(), "did:example:s"), &signer);
        let mut document: Value = serde_json::from_str(&good).unwrap();
        let object = if in_proof { &mut document["proof"] } else { &mut document };
        let object = object.as_object_mut().unwrap();
        let name = object.keys().nth(index.index(object.len())).unwrap().clone();
        object.remove(&name);
        let policy = Policy::new(Trust::AnyIssuer);
        prop_assert_eq!(verdict(&document.to_string(), &policy).decision(), Decision::Refused, "{}", name);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..96)) {
        let policy = Policy::new(Trust::AnyIssuer);
        let _ = verify_credential(&bytes, &Evidence::new(), &policy, now());
        let policy = PresentationPolicy::new(policy, "c", "d").unwrap();
        let _ = verify_presentation(&bytes, &Evidence::new(), &policy, now());
    }
}
