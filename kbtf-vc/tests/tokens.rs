//! Tokens, envelopes, sets and chains of proofs, and many credentials at once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod common;

use common::{Seeded, did_of, method_of, now, signer};
use kbtf_did::{KeyType, json, json::Value};
use kbtf_vc::{
    ClaimPath, Credential, Decision, Evidence, FailureCode, Form, HolderBinding, Need, Policy,
    Presentation, PresentationPolicy, PresentationToken, ProofOptions, Trust, Verdict, Version,
    add_proof, credential_to_jwt, envelope_credential, envelope_presentation, issue_credential,
    issue_presentation, presentation_to_jwt, sd_jwt::SdJwtBuilder, verify_credential,
    verify_credentials, verify_presentation,
};
use proptest::prelude::*;

fn credential(version: Version, issuer: &str, subject: &str) -> Credential<'static> {
    let (context, times) = match version {
        Version::V2_0 => (
            "https://www.w3.org/ns/credentials/v2",
            r#""validFrom":"2026-01-01T00:00:00Z","validUntil":"2027-01-01T00:00:00Z""#,
        ),
        Version::V1_1 => (
            "https://www.w3.org/2018/credentials/v1",
            r#""issuanceDate":"2026-01-01T00:00:00Z","expirationDate":"2027-01-01T00:00:00Z""#,
        ),
    };
    let text = format!(
        r#"{{"@context":["{context}"],"id":"urn:uuid:1","type":["VerifiableCredential"],"issuer":"{issuer}",{times},
        "credentialSubject":{{"id":"{subject}","degree":"공학사","gpa":4.5}}}}"#
    );
    Credential::parse(&text).unwrap().into_owned()
}

fn verdict(text: &str) -> Verdict {
    let policy = Policy::new(Trust::AnyIssuer);
    verify_credential(text.as_bytes(), &Evidence::new(), &policy, now())
        .verdict()
        .clone()
}

fn codes(verdict: &Verdict) -> Vec<FailureCode> {
    verdict.failures().map(|f| f.code()).collect()
}

const KINDS: [KeyType; 3] = [KeyType::Ed25519, KeyType::P256, KeyType::Secp256k1];

#[test]
fn every_version_and_algorithm() {
    for key_type in KINDS {
        for version in [Version::V1_1, Version::V2_0] {
            let signer = signer(key_type, 1);
            let original = credential(version, did_of(&signer).as_str(), "did:example:s");
            let token = credential_to_jwt(&original, &method_of(&signer), &signer).unwrap();
            let policy = Policy::new(Trust::AnyIssuer);
            let verification =
                verify_credential(token.as_bytes(), &Evidence::new(), &policy, now());
            let verified = verification.into_verified().unwrap();
            // Nothing is lost on the way through claims.
            assert_eq!(
                verified.get().as_object().to_canonical(),
                original.as_object().to_canonical()
            );
            // In an envelope it is the same.
            let enveloped = envelope_credential(&token).unwrap().to_json();
            let expected = match version {
                Version::V2_0 => Decision::Accepted,
                Version::V1_1 => Decision::Accepted,
            };
            assert_eq!(verdict(&enveloped).decision(), expected);
            // Any one character of the token changed.
            for at in (0..token.len()).step_by(token.len() / 40) {
                let mut bytes = token.clone().into_bytes();
                bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
                let changed = String::from_utf8(bytes).unwrap();
                assert_ne!(verdict(&changed).decision(), Decision::Accepted, "{at}");
            }
        }
    }
}

#[test]
fn presentations_of_every_kind() {
    let issuer = signer(KeyType::P256, 1);
    let holder = signer(KeyType::Ed25519, 2);
    let (issuer_did, holder_did) = (did_of(&issuer), did_of(&holder));
    let subject = holder_did.as_str();
    let v2 = credential(Version::V2_0, issuer_did.as_str(), subject);
    let token = credential_to_jwt(&v2, &method_of(&issuer), &issuer).unwrap();
    let sd = SdJwtBuilder::vc(v2.clone())
        .unwrap()
        .hide(ClaimPath::names(["credentialSubject", "gpa"]).unwrap())
        .issue(&method_of(&issuer), &issuer, &mut Seeded(1))
        .unwrap();
    let sd = kbtf_vc::sd_jwt::SdJwt::parse_issued(&sd)
        .unwrap()
        .select(&[])
        .unwrap()
        .to_text();
    let options = ProofOptions::assertion(method_of(&issuer), now());
    let proved = issue_credential(v2, &options, &issuer).unwrap();
    let inside = vec![
        Value::Object(envelope_credential(&token).unwrap()),
        Value::Object(envelope_credential(&sd).unwrap()),
        Value::Object(proved.into_object()),
    ];
    let presentation = Presentation::of_secured(Version::V2_0, &holder_did, inside).unwrap();
    let binding = PresentationToken::new("nonce", "shop", now()).unwrap();
    let as_token =
        presentation_to_jwt(&presentation, &binding, &method_of(&holder), &holder).unwrap();
    let options = ProofOptions::authentication(method_of(&holder), now(), "nonce", "shop").unwrap();
    let as_json = issue_presentation(presentation, &options, &holder)
        .unwrap()
        .to_json();

    let v1 = credential(Version::V1_1, issuer_did.as_str(), subject);
    let v1 = credential_to_jwt(&v1, &method_of(&issuer), &issuer).unwrap();
    let old = Presentation::of_secured(Version::V1_1, &holder_did, vec![v1.into()]).unwrap();
    let old = presentation_to_jwt(&old, &binding, &method_of(&holder), &holder).unwrap();
    let enveloped = envelope_presentation(&as_token).unwrap().to_json();

    for (text, credentials) in [(&as_token, 3), (&as_json, 3), (&old, 1), (&enveloped, 3)] {
        let verify = |nonce: &str, domain: &str| {
            let policy = PresentationPolicy::new(
                Policy::new(Trust::issuers([issuer_did.clone()])),
                nonce,
                domain,
            )
            .unwrap();
            verify_presentation(text.as_bytes(), &Evidence::new(), &policy, now())
        };
        let verified = verify("nonce", "shop").into_verified().unwrap();
        assert_eq!(verified.credentials().len(), credentials);
        if let [_, shown, _] = verified.credentials().as_slice() {
            assert!(!shown.get().to_json().contains("gpa"));
        }
        assert_eq!(
            codes(verify("old", "shop").verdict()),
            [FailureCode::ChallengeMismatch]
        );
        assert_eq!(
            codes(verify("nonce", "other").verdict()),
            [FailureCode::DomainMismatch]
        );
    }
    // Shown by another.
    let thief = signer(KeyType::Ed25519, 3);
    let stolen = Presentation::of_secured(
        Version::V2_0,
        &did_of(&thief),
        vec![Value::Object(envelope_credential(&token).unwrap())],
    )
    .unwrap();
    let stolen = presentation_to_jwt(&stolen, &binding, &method_of(&thief), &thief).unwrap();
    let policy = PresentationPolicy::new(Policy::new(Trust::AnyIssuer), "nonce", "shop").unwrap();
    let check = |policy: &PresentationPolicy<'_>| {
        let verification = verify_presentation(stolen.as_bytes(), &Evidence::new(), policy, now());
        codes(verification.verdict())
    };
    assert_eq!(check(&policy), [FailureCode::HolderNotSubject]);
    let excepted = |name: &str| {
        let types = [name.to_string()].into();
        policy.clone().holder_binding(HolderBinding::Except(types))
    };
    assert_eq!(
        check(&excepted("PowerOfAttorney")),
        [FailureCode::HolderNotSubject]
    );
    assert_eq!(check(&excepted("VerifiableCredential")), []);
}

#[test]
fn forms_can_be_left_out() {
    let signer = signer(KeyType::Ed25519, 1);
    let original = credential(Version::V2_0, did_of(&signer).as_str(), "did:example:s");
    let token = credential_to_jwt(&original, &method_of(&signer), &signer).unwrap();
    let policy = Policy::new(Trust::AnyIssuer).forms([Form::DataIntegrity, Form::SdJwt]);
    let verification = verify_credential(token.as_bytes(), &Evidence::new(), &policy, now());
    assert_eq!(
        codes(verification.verdict()),
        [FailureCode::FormNotAccepted]
    );
}

#[test]
fn sets_and_chains() {
    let issuer = signer(KeyType::Ed25519, 1);
    let notary = signer(KeyType::P256, 2);
    let original = credential(Version::V2_0, did_of(&issuer).as_str(), "did:example:s");
    let options = ProofOptions::assertion(method_of(&issuer), now()).id("urn:proof:1");
    let one = issue_credential(original, &options, &issuer).unwrap();
    let options = ProofOptions::assertion(method_of(&notary), now());
    let set = add_proof(one.clone(), &options, &notary).unwrap();
    assert_eq!(verdict(&set.to_json()).decision(), Decision::Accepted);
    let upon = options
        .clone()
        .previous_proof("urn:proof:1")
        .id("urn:proof:2");
    let chain = add_proof(one.clone(), &upon, &notary).unwrap();
    assert_eq!(verdict(&chain.to_json()).decision(), Decision::Accepted);
    let nowhere = options.clone().previous_proof("urn:proof:3");
    assert_eq!(
        add_proof(one.clone(), &nowhere, &notary)
            .unwrap_err()
            .code(),
        "vc/malformed"
    );
    assert_eq!(
        add_proof(one.clone(), &options.clone().id("urn:proof:1"), &notary)
            .unwrap_err()
            .code(),
        "vc/malformed"
    );

    let proofs = |credential: &Credential<'_>| -> Vec<serde_json::Value> {
        let value: serde_json::Value = serde_json::from_str(&credential.to_json()).unwrap();
        value["proof"].as_array().unwrap().clone()
    };
    let with = |proofs: &[serde_json::Value]| {
        let mut value: serde_json::Value = serde_json::from_str(&one.to_json()).unwrap();
        value["proof"] = proofs.into();
        verdict(&value.to_string())
    };
    let [first, second] = proofs(&chain).try_into().unwrap();
    // The proof that the chain is made upon is gone, stands after it, was exchanged, or has its name twice.
    assert_eq!(
        codes(&with(std::slice::from_ref(&second))),
        [FailureCode::BrokenChain]
    );
    assert_eq!(
        codes(&with(&[second.clone(), first.clone()])),
        [FailureCode::BrokenChain]
    );
    let mut other = first.clone();
    other["created"] = "2026-11-21T00:00:00Z".into();
    assert_eq!(
        codes(&with(&[other, second.clone()])),
        [FailureCode::InvalidSignature]
    );
    assert_eq!(
        codes(&with(&[first.clone(), first.clone()])),
        [FailureCode::BrokenChain]
    );
    // One false proof among true ones, in either place.
    let [set_first, set_second] = proofs(&set).try_into().unwrap();
    let mut false_one = set_second.clone();
    false_one["created"] = "2026-11-21T00:00:00Z".into();
    for order in [[&set_first, &false_one], [&false_one, &set_first]] {
        let order = order.map(Clone::clone);
        assert_eq!(codes(&with(&order)), [FailureCode::InvalidSignature]);
    }
    // All are true, but none is the issuer's.
    assert_eq!(
        codes(&with(&[set_second.clone(), set_second.clone()])),
        [FailureCode::IssuerNotController]
    );
    // One whose key cannot be seen yet does not pass on the other's account.
    let mut unseen = set_second.clone();
    unseen["verificationMethod"] = "did:example:notary#1".into();
    for order in [[&set_first, &unseen], [&unseen, &set_first]] {
        let verdict = with(&order.map(Clone::clone));
        assert_eq!(verdict.decision(), Decision::Undecided);
        let did = kbtf_did::Did::parse("did:example:notary").unwrap();
        assert_eq!(verdict.needs(), [Need::DidDocument(did)]);
    }
    let many = vec![set_first; 9];
    assert_eq!(codes(&with(&many)), [FailureCode::TooManyProofs]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    /// Many at once have the verdicts of each alone, whatever is wrong with some of them.
    #[test]
    fn many_are_as_each(damage in prop::collection::vec((0_usize..7, any::<prop::sample::Index>()), 0..150)) {
        let signers = [signer(KeyType::Ed25519, 1), signer(KeyType::Ed25519, 2), signer(KeyType::P256, 3)];
        let good: Vec<String> = signers.iter().map(|signer| {
            let original = credential(Version::V2_0, did_of(signer).as_str(), "did:example:s");
            let options = ProofOptions::assertion(method_of(signer), now());
            issue_credential(original, &options, signer).unwrap().to_json()
        }).collect();
        let token = credential_to_jwt(
            &credential(Version::V2_0, did_of(&signers[0]).as_str(), "did:example:t"),
            &method_of(&signers[0]), &signers[0]).unwrap();
        let texts: Vec<String> = damage.iter().map(|(kind, at)| match kind {
            0..=2 => good[0].clone(),
            3 => good[*kind - 2].clone(),
            4 => token.clone(),
            5 => good[0].replace("4.5", "4.6"),
            _ => {
                let mut bytes = good[at.index(3)].clone().into_bytes();
                let at = at.index(bytes.len());
                bytes[at] ^= 1;
                String::from_utf8_lossy(&bytes).into_owned()
            }
        }).collect();
        let inputs: Vec<&[u8]> = texts.iter().map(|t| t.as_bytes()).collect();
        let policy = Policy::new(Trust::issuers([did_of(&signers[0]), did_of(&signers[2])]));
        let many = verify_credentials(&inputs, &Evidence::new(), &policy, now());
        prop_assert_eq!(many.len(), inputs.len());
        for (input, verification) in inputs.iter().zip(&many) {
            let alone = verify_credential(input, &Evidence::new(), &policy, now());
            prop_assert_eq!(alone.verdict(), verification.verdict());
        }
    }
}

#[test]
fn any_json_is_an_envelope_or_not() {
    let envelope = |id: &str, more: &str| {
        format!(
            r#"{{"@context":"https://www.w3.org/ns/credentials/v2","type":"EnvelopedVerifiableCredential","id":"{id}"{more}}}"#
        )
    };
    for text in [
        envelope(
            "data:application/vc+jwt,a.b.c",
            r#","issuer":"did:example:a""#,
        ),
        envelope("data:application/vc+jwt;base64,a.b.c", ""),
        envelope("data:application/vp+jwt,a.b.c", ""),
        envelope("data:application/vc+sd-jwt,a.b.c", ""),
        envelope("data:application/vc+jwt,a.b.c~", ""),
        envelope("https://example.com/", ""),
    ] {
        assert_eq!(codes(&verdict(&text)), [FailureCode::Malformed], "{text}");
        assert!(json::parse(&text).is_ok());
    }
}

/// What an attacker found: one name of a previous proof a thousand times would copy that proof a thousand times.
#[test]
fn a_previous_proof_is_named_once() {
    let issuer = signer(KeyType::Ed25519, 1);
    let original = credential(Version::V2_0, did_of(&issuer).as_str(), "did:example:s");
    let options = ProofOptions::assertion(method_of(&issuer), now()).id("urn:proof:1");
    let one = issue_credential(original, &options, &issuer).unwrap();
    let twice = ProofOptions::assertion(method_of(&issuer), now())
        .previous_proof("urn:proof:1")
        .previous_proof("urn:proof:1");
    assert_eq!(
        add_proof(one.clone(), &twice, &issuer).unwrap_err().code(),
        "vc/malformed"
    );
    let mut value: serde_json::Value = serde_json::from_str(&one.to_json()).unwrap();
    let first = value["proof"].clone();
    let mut second = first.clone();
    second["id"] = "urn:proof:2".into();
    second["previousProof"] = vec!["urn:proof:1"; 2000].into();
    value["proof"] = vec![first, second].into();
    assert_eq!(
        codes(&verdict(&value.to_string())),
        [FailureCode::BrokenChain]
    );
}

/// A verifier takes the key binding off what it was shown, and shows the rest as its own: in an envelope, to somebody who lets
/// anybody present.
#[test]
fn a_credential_bound_to_a_key_is_presented_with_that_key() {
    use kbtf_did::Signer as _;
    let issuer = signer(KeyType::P256, 1);
    let holder = signer(KeyType::Ed25519, 2);
    let thief = signer(KeyType::Ed25519, 3);
    let bound = SdJwtBuilder::vc(credential(
        Version::V2_0,
        did_of(&issuer).as_str(),
        did_of(&holder).as_str(),
    ))
    .unwrap()
    .bound_to(holder.public_key())
    .issue(&method_of(&issuer), &issuer, &mut Seeded(1))
    .unwrap();
    let present = |who: &kbtf_did::SoftwareSigner<'_>| {
        let inside = vec![Value::Object(envelope_credential(&bound).unwrap())];
        let presentation = Presentation::of_secured(Version::V2_0, &did_of(who), inside).unwrap();
        let binding = PresentationToken::new("nonce", "shop", now()).unwrap();
        let text = presentation_to_jwt(&presentation, &binding, &method_of(who), who).unwrap();
        let policy = PresentationPolicy::new(Policy::new(Trust::AnyIssuer), "nonce", "shop")
            .unwrap()
            .holder_binding(HolderBinding::AnyHolder);
        let verification = verify_presentation(text.as_bytes(), &Evidence::new(), &policy, now());
        codes(verification.verdict())
    };
    assert_eq!(present(&holder), []);
    assert_eq!(present(&thief), [FailureCode::KeyBindingInvalid]);
}

/// A presentation without `holder` is its signer's, and `iss` says who that is.
#[test]
fn the_issuer_of_a_presentation_is_its_holder() {
    let issuer = signer(KeyType::P256, 1);
    let holder = signer(KeyType::Ed25519, 2);
    let token = credential_to_jwt(
        &credential(
            Version::V2_0,
            did_of(&issuer).as_str(),
            did_of(&holder).as_str(),
        ),
        &method_of(&issuer),
        &issuer,
    )
    .unwrap();
    let sign = |iss: &str| {
        use kbtf_did::Signer as _;
        let encode =
            |text: String| kbtf_did::multibase::encode_base64url(text.as_bytes())[1..].to_string();
        let header = serde_json::json!({"alg": "EdDSA", "typ": "vp+jwt", "kid": method_of(&holder).as_str()});
        let inside: serde_json::Value =
            serde_json::from_str(&envelope_credential(&token).unwrap().to_json()).unwrap();
        let payload = serde_json::json!({"@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiablePresentation"], "verifiableCredential": [inside], "iss": iss, "aud": "shop", "nonce": "nonce"});
        let signed = format!(
            "{}.{}",
            encode(header.to_string()),
            encode(payload.to_string())
        );
        let signature = holder.sign(signed.as_bytes()).unwrap();
        format!(
            "{signed}.{}",
            &kbtf_did::multibase::encode_base64url(&signature)[1..]
        )
    };
    let check = |iss: &str| {
        let policy =
            PresentationPolicy::new(Policy::new(Trust::AnyIssuer), "nonce", "shop").unwrap();
        let text = sign(iss);
        let verification = verify_presentation(text.as_bytes(), &Evidence::new(), &policy, now());
        codes(verification.verdict())
    };
    assert_eq!(check(did_of(&holder).as_str()), []);
    assert_eq!(
        check("did:web:victim.example"),
        [FailureCode::HolderNotController]
    );
}
