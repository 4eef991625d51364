//! What verifying and issuing cost beside the bare signature, and what reading and canonicalising cost beside the
//! usual crates.
//!
//! Quote the ratios; the times are this machine's at this moment.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_precision_loss
)]

use std::hint::black_box;

use ed25519_dalek::Signer as _;
use kbtf_did::{
    Did, DidDocument, DidUrl, KeyType, ResolvedDocument, SecretKey, Signer as _, SoftwareSigner,
    did_key, json,
};
use kbtf_rounds::Rounds;
use kbtf_vc::{
    ClaimPath, Credential, Evidence, Policy, ProofOptions, Trust, credential_to_jwt,
    issue_credential,
    sd_jwt::{self, SdJwtBuilder},
    verify_credential, verify_credentials,
};
use p256::ecdsa::signature::Verifier as _;

fn certificate(issuer: &str) -> String {
    format!(
        r#"{{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"urn:uuid:6a1676b8-b51f-11ed-937b-d76685a20ff5","type":["VerifiableCredential"],"name":"졸업증명서","description":"한국대학교가 발급한 학사 학위 졸업증명서","issuer":{{"id":"{issuer}","name":"한국대학교"}},"validFrom":"2026-02-20T00:00:00+09:00","validUntil":"2036-02-20T00:00:00+09:00","credentialSubject":{{"id":"did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2","성명":"홍길동","생년월일":"2001-03-01","학번":"2020-12345","학과":"컴퓨터공학과","학위":{{"종류":"공학사","취득일":"2026-02-20","학점평균":4.12,"만점":4.5,"이수학점":130}},"복수전공":["경영학","수학"],"우등졸업":true,"비고":null}}}}"#
    )
}

/// Bytes that count up, in the place of random ones.
struct Counting(u8);

impl rand_core::TryRng for Counting {
    type Error = core::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        self.0 += 1;
        Ok(self.0.into())
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        self.0 += 1;
        Ok(self.0.into())
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        self.0 += 1;
        bytes.fill(self.0);
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Counting {}

fn main() {
    let now = "2026-11-22T00:00:00Z".parse().unwrap();
    let secret = [7; 32];
    let ed = SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &secret).unwrap());
    let ec = SoftwareSigner::new(SecretKey::from_bytes(KeyType::P256, &secret).unwrap());
    let issue = |signer: &SoftwareSigner<'_>, text: &str, method: DidUrl| {
        let options = ProofOptions::assertion(method, now);
        issue_credential(Credential::parse(text).unwrap(), &options, signer)
            .unwrap()
            .to_json()
    };
    let key_did = |signer: &SoftwareSigner<'_>| did_key::from_public_key(signer.public_key());
    let method = |did: &Did| did_key::verification_method_id(did).unwrap();

    let unsigned = certificate(key_did(&ed).as_str());
    let by_key = issue(&ed, &unsigned, method(&key_did(&ed)));
    let by_key_ec = issue(
        &ec,
        &certificate(key_did(&ec).as_str()),
        method(&key_did(&ec)),
    );
    let did = Did::parse("did:example:university").unwrap();
    let document = DidDocument::parse(&format!(
        r##"{{"@context":"https://www.w3.org/ns/did/v1","id":"{did}","assertionMethod":[{{"id":"#1","type":"Multikey","controller":"{did}","publicKeyMultibase":"{}"}}]}}"##,
        ed.public_key().to_multikey()
    ))
    .unwrap();
    let mut evidence = Evidence::new();
    evidence
        .add_document(&did, ResolvedDocument::active(document))
        .unwrap();
    let by_document = issue(
        &ed,
        &certificate(did.as_str()),
        DidUrl::parse("did:example:university#1").unwrap(),
    );
    let none = Evidence::new();
    let policy = Policy::new(Trust::AnyIssuer);
    let verify = |text: &str, evidence: &Evidence| {
        let verification = verify_credential(text.as_bytes(), evidence, &policy, now);
        assert!(verification.is_accepted(), "{:?}", verification.verdict());
        black_box(&verification);
    };

    // The floors: the libraries alone, keys and signatures decoded, 64 bytes.
    let message = [42; 64];
    let raw_key = ed25519_dalek::SigningKey::from_bytes(&secret);
    let raw_verifying = raw_key.verifying_key();
    let raw_signature = raw_key.sign(&message);
    let raw_ec = p256::ecdsa::SigningKey::from_slice(&secret).unwrap();
    let raw_ec_verifying = *raw_ec.verifying_key();
    let raw_ec_signature: p256::ecdsa::Signature = raw_ec.sign(&message);
    let parsed = json::parse(&by_key).unwrap();
    let parsed_serde: serde_json::Value = serde_json::from_str(&by_key).unwrap();
    let options = ProofOptions::assertion(method(&key_did(&ed)), now);

    let by_token = credential_to_jwt(
        &Credential::parse(&unsigned).unwrap(),
        &method(&key_did(&ed)),
        &ed,
    )
    .unwrap();
    let mut builder = SdJwtBuilder::vc(Credential::parse(&unsigned).unwrap()).unwrap();
    for name in ["성명", "생년월일", "학번", "학과", "학위"] {
        builder = builder.hide(ClaimPath::names(["credentialSubject", name]).unwrap());
    }
    let by_sd_jwt = builder
        .issue(&method(&key_did(&ed)), &ed, &mut Counting(0))
        .unwrap();

    println!("credential of {} bytes", by_key.len());
    let mut rounds = Rounds::new();
    rounds.floor("Ed25519 verify_strict, bare", || {
        raw_verifying
            .verify_strict(black_box(&message), &raw_signature)
            .unwrap();
    });
    rounds.operation("verify eddsa-jcs-2022 from bytes, did:key", || {
        verify(&by_key, &none);
    });
    rounds.operation(
        "verify eddsa-jcs-2022 from bytes, key in a document",
        || {
            verify(&by_document, &evidence);
        },
    );
    rounds.operation("verify a JWT from bytes, did:key", || {
        verify(&by_token, &none);
    });
    rounds.operation("verify an SD-JWT of 5 disclosures, did:key", || {
        let verification = sd_jwt::verify_credential(by_sd_jwt.as_bytes(), &none, &policy, now);
        assert!(verification.is_accepted());
        black_box(&verification);
    });
    rounds.floor("Ed25519 sign, bare", || {
        black_box(raw_key.sign(black_box(&message)));
    });
    rounds.operation("issue eddsa-jcs-2022 from bytes to bytes", || {
        let credential = Credential::parse(&unsigned).unwrap();
        black_box(
            issue_credential(credential, &options, &ed)
                .unwrap()
                .to_json(),
        );
    });
    rounds.operation("issue a JWT from bytes to bytes", || {
        let credential = Credential::parse(&unsigned).unwrap();
        black_box(credential_to_jwt(&credential, &method(&key_did(&ed)), &ed).unwrap());
    });
    rounds.floor("P-256 verify, bare", || {
        raw_ec_verifying
            .verify(black_box(&message), &raw_ec_signature)
            .unwrap();
    });
    rounds.operation("verify ecdsa-jcs-2019 from bytes, did:key", || {
        verify(&by_key_ec, &none);
    });
    rounds.floor("serde_json: parse", || {
        black_box(serde_json::from_str::<serde_json::Value>(&by_key).unwrap());
    });
    rounds.operation("parse, strict", || {
        black_box(json::parse(&by_key).unwrap());
    });
    rounds.floor("serde_json_canonicalizer: canonical form", || {
        black_box(serde_json_canonicalizer::to_vec(&parsed_serde).unwrap());
    });
    rounds.operation("canonical form", || {
        black_box(parsed.to_canonical());
    });
    rounds.run(2000);
    #[cfg(feature = "rdfc")]
    rdf(&unsigned);

    // Many at once: each operation has the work of so many of its floor inside.
    let texts: Vec<String> = (0..512)
        .map(|i| {
            let unsigned = unsigned.replace("2020-12345", &format!("2020-{i:05}"));
            issue(&ed, &unsigned, method(&key_did(&ed)))
        })
        .collect();
    let bytes: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
    let mut rounds = Rounds::new();
    rounds.floor("Ed25519 verify_strict, bare", || {
        raw_verifying
            .verify_strict(black_box(&message), &raw_signature)
            .unwrap();
    });
    // What two threads can be worth on this machine at this time.
    #[cfg(feature = "parallel")]
    {
        let bare = |count: usize| {
            for _ in 0..count {
                raw_verifying
                    .verify_strict(black_box(&message), &raw_signature)
                    .unwrap();
            }
        };
        rounds.operation_of("bare on two threads, 254, each", 254.0, move || {
            std::thread::scope(|scope| {
                scope.spawn(move || bare(127));
                bare(127);
            });
        });
    }
    for (name, count) in [
        ("verify 8 of one issuer, each", 8),
        ("verify 16 of one issuer, each", 16),
        ("verify 64 of one issuer, each", 64),
        // With the feature `parallel`, the last that takes one thread, and its double, which takes two.
        ("verify 127 of one issuer, each", 127),
        ("verify 254 of one issuer, each", 254),
        ("verify 256 of one issuer, each", 256),
        ("verify 512 of one issuer, each", 512),
    ] {
        let some = &bytes[..count];
        let policy = &policy;
        let none = &none;
        rounds.operation_of(name, count as f64, move || {
            let verified = verify_credentials(some, none, policy, now);
            assert!(verified.iter().all(kbtf_vc::Verification::is_accepted));
        });
    }
    rounds.run(60);
}

/// The same certificate, without its `null`, signed by what it says as RDF.
#[cfg(feature = "rdfc")]
fn rdf(unsigned: &str) {
    use kbtf_did::{CryptoProvider as _, SOFTWARE};
    use kbtf_vc::rdfc::{Contexts, GraphHash, canonical_form};

    const SCHOOL: &str = "https://school.example/context/v1";
    const WORDS: &str = r#"{"@context":{"@vocab":"https://school.example/ns#"}}"#;

    let now = "2026-11-22T00:00:00Z".parse().unwrap();
    let signer = SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[7; 32]).unwrap());
    let did = did_key::from_public_key(signer.public_key());
    let context = format!(r#""https://www.w3.org/ns/credentials/v2","{SCHOOL}""#);
    let unsigned = unsigned
        .replace(r#""https://www.w3.org/ns/credentials/v2""#, &context)
        .replace(r#","비고":null"#, "");
    let mut contexts = Contexts::new();
    contexts.add(SCHOOL, WORDS.as_bytes()).unwrap();
    contexts.accept(&[kbtf_vc::CONTEXT_V2, SCHOOL]);
    let shared = std::sync::Arc::new(contexts.clone());
    let method = did_key::verification_method_id(&did).unwrap();
    let options = ProofOptions::assertion(method, now).rdf(shared);
    let issue = || {
        let credential = Credential::parse(&unsigned).unwrap();
        issue_credential(credential, &options, &signer)
            .unwrap()
            .to_json()
    };
    let signed = issue();
    let sha256 = SOFTWARE.sha256(WORDS.as_bytes()).unwrap();
    let policy = Policy::new(Trust::AnyIssuer)
        .context_document(SCHOOL, WORDS.as_bytes(), &sha256)
        .unwrap()
        .context_list(&[kbtf_vc::CONTEXT_V2, SCHOOL]);
    let none = Evidence::new();
    let parsed = json::parse(&signed).unwrap();
    let object = parsed.as_object().unwrap();
    let form = |contexts: &Contexts| {
        canonical_form(object, &["proof"], contexts, GraphHash::Sha256, &SOFTWARE).unwrap()
    };
    println!(
        "\n{} quads, {} bytes of N-Quads",
        form(&contexts).lines().count(),
        form(&contexts).len()
    );

    let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    let message = [42; 64];
    let signature = key.sign(&message);
    let verifying = key.verifying_key();
    let mut rounds = Rounds::new();
    rounds.floor("Ed25519 verify_strict, bare", || {
        verifying
            .verify_strict(black_box(&message), &signature)
            .unwrap();
    });
    rounds.operation("verify eddsa-rdfc-2022 from bytes, did:key", || {
        let verification = verify_credential(signed.as_bytes(), &none, &policy, now);
        assert!(verification.is_accepted(), "{:?}", verification.verdict());
    });
    rounds.operation("canonical form of the document as RDF", || {
        black_box(form(&contexts));
    });
    rounds.floor("Ed25519 sign, bare", || {
        black_box(key.sign(black_box(&message)));
    });
    rounds.operation("issue eddsa-rdfc-2022 from bytes to bytes", || {
        black_box(issue());
    });
    rounds.run(1000);
}
