//! The published test vectors of W3C for the cryptosuites, every intermediate byte for byte, read from the folder named by `KBTF_VECTORS`. docs/vectors.md names the upstream repository and commit of each.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{env, fs, path::PathBuf};

use kbtf_did::{
    CryptoProvider as _, DidUrl, PublicKey, SOFTWARE, SecretKey, Signer as _, SoftwareSigner,
    is_low_s, json, to_low_s,
};
use kbtf_vc::{
    Cryptosuite, Decision, Evidence, FailureCode, Outcome, Policy, PreparedProof, ProofOptions,
    Step, Trust, verify_credential,
};

fn read(path: &str) -> String {
    let root = env::var_os("KBTF_VECTORS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors"),
        PathBuf::from,
    );
    fs::read_to_string(root.join(path)).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

struct Set {
    folder: &'static str,
    suffix: &'static str,
    unsigned: &'static str,
    keys: &'static str,
    /// Where the private key is, if keys of this kind sign here.
    secret_member: Option<&'static str>,
    suite: Cryptosuite,
}

const SETS: &[Set] = &[
    Set {
        folder: "vc-di-eddsa/eddsa-jcs-2022",
        suffix: "JCS",
        unsigned: "vc-di-eddsa/unsigned.json",
        keys: "vc-di-eddsa/keyPair.json",
        secret_member: Some("privateKeyMultibase"),
        suite: Cryptosuite::EddsaJcs2022,
    },
    Set {
        folder: "vc-di-ecdsa/ecdsa-jcs-2019-p256",
        suffix: "JCSECDSAP256",
        unsigned: "vc-di-ecdsa/unsigned.json",
        keys: "vc-di-ecdsa/p256KeyPair.json",
        secret_member: Some("secretKeyMultibase"),
        suite: Cryptosuite::EcdsaJcs2019,
    },
    Set {
        folder: "vc-di-ecdsa/ecdsa-jcs-2019-p384",
        suffix: "JCSECDSAP384",
        unsigned: "vc-di-ecdsa/unsigned.json",
        keys: "vc-di-ecdsa/p384KeyPair.json",
        secret_member: None,
        suite: Cryptosuite::EcdsaJcs2019,
    },
    #[cfg(feature = "rdfc")]
    Set {
        folder: "vc-di-eddsa/eddsa-rdfc-2022",
        suffix: "DataInt",
        unsigned: "vc-di-eddsa/unsigned.json",
        keys: "vc-di-eddsa/keyPair.json",
        secret_member: Some("privateKeyMultibase"),
        suite: Cryptosuite::EddsaRdfc2022,
    },
    #[cfg(feature = "rdfc")]
    Set {
        folder: "vc-di-ecdsa/ecdsa-rdfc-2019-p256",
        suffix: "ECDSAP256",
        unsigned: "vc-di-ecdsa/unsigned.json",
        keys: "vc-di-ecdsa/p256KeyPair.json",
        secret_member: Some("secretKeyMultibase"),
        suite: Cryptosuite::EcdsaRdfc2019,
    },
    #[cfg(feature = "rdfc")]
    Set {
        folder: "vc-di-ecdsa/ecdsa-rdfc-2019-p384",
        suffix: "ECDSAP384",
        unsigned: "vc-di-ecdsa/unsigned.json",
        keys: "vc-di-ecdsa/p384KeyPair.json",
        secret_member: None,
        suite: Cryptosuite::EcdsaRdfc2019,
    },
];

const EXAMPLES: &str = "https://www.w3.org/ns/credentials/examples/v2";
/// What that URL leads to, but for spaces.
const EXAMPLES_DOCUMENT: &str =
    r#"{"@context":{"@vocab":"https://www.w3.org/ns/credentials/examples#"}}"#;

#[cfg(feature = "rdfc")]
fn with_contexts(options: ProofOptions) -> ProofOptions {
    let mut contexts = kbtf_vc::rdfc::Contexts::new();
    contexts
        .add(EXAMPLES, EXAMPLES_DOCUMENT.as_bytes())
        .unwrap();
    for list in LISTS {
        contexts.accept(list);
    }
    options.rdf(contexts.into())
}

#[cfg(not(feature = "rdfc"))]
fn with_contexts(options: ProofOptions) -> ProofOptions {
    options
}

fn policy() -> Policy<'static> {
    let sha256 = SOFTWARE.sha256(EXAMPLES_DOCUMENT.as_bytes()).unwrap();
    let policy = Policy::new(Trust::AnyIssuer)
        .context_document(EXAMPLES, EXAMPLES_DOCUMENT.as_bytes(), &sha256)
        .unwrap()
        .accept_high_s();
    #[cfg(feature = "rdfc")]
    let policy = LISTS
        .into_iter()
        .fold(policy, |policy, list| policy.context_list(list));
    policy
}

/// The contexts that the published documents have together.
#[cfg(feature = "rdfc")]
const LISTS: [&[&str]; 1] = [&[kbtf_vc::CONTEXT_V2, EXAMPLES]];

#[test]
#[ignore = "needs published vectors: set KBTF_VECTORS"]
fn every_intermediate_is_reproduced() {
    for set in SETS {
        let file = |name: &str, ending: &str| {
            read(&format!("{}/{name}{}.{ending}", set.folder, set.suffix))
        };
        let keys: serde_json::Value = serde_json::from_str(&read(set.keys)).unwrap();
        let key = PublicKey::from_multikey(keys["publicKeyMultibase"].as_str().unwrap()).unwrap();
        let algorithm = set.suite.algorithm(key.key_type()).unwrap();

        let config: serde_json::Value = serde_json::from_str(&file("proofConfig", "json")).unwrap();
        let method = DidUrl::parse(config["verificationMethod"].as_str().unwrap()).unwrap();
        let created = config["created"].as_str().unwrap().parse().unwrap();
        let options = with_contexts(ProofOptions::assertion(method, created));

        let unsigned = read(set.unsigned);
        let json::Value::Object(document) = json::parse(&unsigned).unwrap() else {
            panic!("not an object");
        };
        let prepared =
            PreparedProof::new(document, &options, set.suite, key.key_type(), &SOFTWARE).unwrap();
        assert_eq!(prepared.canonical_document(), file("canonDoc", "txt"));
        assert_eq!(
            prepared.canonical_proof_options(),
            file("proofCanon", "txt")
        );
        let input = prepared.signing_input().to_vec();
        let (of_options, of_document) = input.split_at(input.len() / 2);
        assert_eq!(hex(of_options), file("proofHash", "txt"));
        assert_eq!(hex(of_document), file("docHash", "txt"));
        assert_eq!(hex(&input), file("combinedHash", "txt"));

        let signature = match set.secret_member {
            Some(member) => {
                let secret = SecretKey::from_multikey(keys[member].as_str().unwrap()).unwrap();
                SoftwareSigner::new(secret).sign(&input).unwrap()
            }
            None => kbtf_did::multibase::decode(&file("sigBTC58", "txt")).unwrap(),
        };
        let published = kbtf_did::multibase::decode(&file("sigBTC58", "txt")).unwrap();
        assert_eq!(hex(&published), file("sigHex", "txt"));
        SOFTWARE
            .verify(algorithm, &key, &input, &published)
            .unwrap();
        assert_eq!(
            to_low_s(key.key_type(), &signature).unwrap(),
            to_low_s(key.key_type(), &published).unwrap()
        );
        let signed = prepared.complete(&signature).unwrap();
        if !is_low_s(key.key_type(), &published) {
            // Some are in the form that we do not write.
            continue;
        }
        let proof_value = signed.get("proof").unwrap().as_object().unwrap();
        assert_eq!(
            proof_value.get_str("proofValue").unwrap(),
            file("sigBTC58", "txt")
        );
        let published = file("signed", "json");
        let published = json::parse(&published).unwrap();
        assert_eq!(&signed, published.as_object().unwrap());
    }
}

/// The signature of the published documents verifies; as credentials they are refused all the same, since
/// their issuer, an https URL, is nobody that the did:key which signed could speak for.
#[test]
#[ignore = "needs published vectors: set KBTF_VECTORS"]
fn published_credentials_fail_at_the_issuer_and_nowhere_else() {
    for set in SETS {
        only_the_issuer_fails(&format!("{}/signed{}.json", set.folder, set.suffix));
    }
}

/// Sets of proofs, and chains of them.
#[cfg(feature = "rdfc")]
#[test]
#[ignore = "needs published vectors: set KBTF_VECTORS"]
fn published_sets_and_chains_fail_at_the_issuer_and_nowhere_else() {
    for name in ["Set1", "Set2", "Chain1", "Chain2"] {
        only_the_issuer_fails(&format!(
            "vc-di-eddsa/proof-set-chain/signedProof{name}.json"
        ));
    }
}

fn only_the_issuer_fails(path: &str) {
    let signed = read(path);
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let verification = verify_credential(signed.as_bytes(), &Evidence::new(), &policy(), now);
    let verdict = verification.into_verified().unwrap_err();
    assert_eq!(verdict.decision(), Decision::Refused, "{path}");
    for (step, outcome) in verdict.steps() {
        match outcome {
            Outcome::Passed => {}
            Outcome::NotChecked(why) => assert!(why.is_harmless(), "{path}: {step}"),
            Outcome::Failed(failure) => {
                assert_eq!(
                    failure.code(),
                    FailureCode::IssuerNotController,
                    "{path}: {failure:?}"
                );
            }
        }
    }
    assert_eq!(*verdict.outcome(Step::Signature), Outcome::Passed, "{path}");
}
