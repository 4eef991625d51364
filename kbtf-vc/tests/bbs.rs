//! BBS against the fixtures of the IETF draft, which the pinned library carries in its package, byte for byte those of
//! decentralized-identity/bbs-signature. Cargo says where the package lies.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{env, fs, path::PathBuf, process::Command};

use kbtf_vc::bbs::{BbsError, BbsPublicKey, BbsScheme as _, BbsSecretKey, BbsSuite, Zkryptium};
use serde_json::Value;

fn fixtures() -> PathBuf {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--all-features",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|p| p["name"] == "zkryptium").unwrap();
    let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap());
    manifest.parent().unwrap().join("fixture_data/fixture_data")
}

fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    let byte = |i| u8::from_str_radix(&text[i..i + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

const SUITES: [(BbsSuite, &str); 2] = [
    (BbsSuite::Bls12381Sha256, "bls12-381-sha-256"),
    (BbsSuite::Bls12381Shake256, "bls12-381-shake-256"),
];

fn cases(suite: &str, kind: &str) -> Vec<Value> {
    let folder = fixtures().join(suite).join(kind);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    files.sort();
    files
        .iter()
        .map(|file| serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap())
        .collect()
}

fn messages(value: &Value) -> Vec<Vec<u8>> {
    value.as_array().unwrap().iter().map(hex).collect()
}

#[test]
fn signatures_of_the_draft() {
    for (suite, folder) in SUITES {
        let scheme = Zkryptium::new(suite);
        let (mut good, mut bad) = (0, 0);
        for case in cases(folder, "signature") {
            let pair = &case["signerKeyPair"];
            let public = BbsPublicKey::from_bytes(&hex(&pair["publicKey"])).unwrap();
            let secret: [u8; 32] = hex(&pair["secretKey"]).try_into().unwrap();
            let secret = BbsSecretKey::from_bytes(&secret).unwrap();
            let (header, signature) = (hex(&case["header"]), hex(&case["signature"]));
            let messages = messages(&case["messages"]);
            let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
            let valid = case["result"]["valid"].as_bool().unwrap();
            let verified = scheme.verify(&public, &signature, &header, &messages);
            assert_eq!(verified.is_ok(), valid, "{}", case["caseName"]);
            if valid {
                assert_eq!(scheme.public_key(&secret).unwrap(), public);
                let ours = scheme.sign(&secret, &header, &messages).unwrap();
                assert_eq!(ours.to_vec(), signature, "{}", case["caseName"]);
                good += 1;
            } else {
                bad += 1;
            }
        }
        assert!(good >= 3 && bad >= 7, "{good} {bad}");
    }
}

#[test]
fn proofs_of_the_draft() {
    for (suite, folder) in SUITES {
        let scheme = Zkryptium::new(suite);
        let (mut good, mut bad) = (0, 0);
        for case in cases(folder, "proof") {
            let public = BbsPublicKey::from_bytes(&hex(&case["signerPublicKey"])).unwrap();
            let messages = messages(&case["messages"]);
            let places = case["disclosedIndexes"].as_array().unwrap();
            let places: Vec<usize> = places
                .iter()
                .map(|place| usize::try_from(place.as_u64().unwrap()).unwrap())
                .collect();
            let shown: Vec<(usize, &[u8])> = places
                .iter()
                .map(|place| (*place, messages[*place].as_slice()))
                .collect();
            let proof = hex(&case["proof"]);
            let (header, nonce) = (hex(&case["header"]), hex(&case["presentationHeader"]));
            let verified = scheme.verify_proof(&public, &proof, &header, &nonce, &shown);
            let valid = case["result"]["valid"].as_bool().unwrap();
            assert_eq!(verified.is_ok(), valid, "{}", case["caseName"]);
            if valid {
                good += 1;
                // Cut at any place, or with something behind it.
                for end in [0, 1, 47, 240, 271, proof.len() - 32, proof.len() - 1] {
                    let cut = scheme.verify_proof(&public, &proof[..end], &header, &nonce, &shown);
                    assert!(cut.is_err(), "{end}");
                }
                let longer = [proof.clone(), vec![0]].concat();
                let longer = scheme.verify_proof(&public, &longer, &header, &nonce, &shown);
                assert_eq!(longer, Err(BbsError::InvalidProof));
            } else {
                bad += 1;
            }
        }
        assert!(good >= 5 && bad >= 8, "{good} {bad}");
    }
}

#[test]
fn what_is_hidden_is_not_in_the_proof_and_two_proofs_share_nothing() {
    let scheme = Zkryptium::new(BbsSuite::Bls12381Sha256);
    let secret = BbsSecretKey::from_bytes(&[7; 32]).unwrap();
    let public = scheme.public_key(&secret).unwrap();
    let messages: [&[u8]; 3] = [b"name=...", b"birth_date=2001-03-01", b"age_over_19=true"];
    let signature = scheme.sign(&secret, b"h", &messages).unwrap();
    let prove = |nonce: &[u8], shown: &[usize]| {
        scheme
            .prove(&public, &signature, b"h", nonce, &messages, shown)
            .unwrap()
    };
    let (one, two) = (prove(b"1", &[2]), prove(b"2", &[2]));
    // The sizes are those of the draft: 272 bytes and 32 for each hidden message.
    assert_eq!(one.len(), 272 + 2 * 32);
    for (a, b) in one.chunks(16).zip(two.chunks(16)) {
        assert_ne!(a, b);
    }
    let check = |proof: &[u8], nonce: &[u8], shown: &[(usize, &[u8])]| {
        scheme.verify_proof(&public, proof, b"h", nonce, shown)
    };
    assert_eq!(check(&one, b"1", &[(2, b"age_over_19=true")]), Ok(()));
    assert_eq!(
        check(&one, b"2", &[(2, b"age_over_19=true")]),
        Err(BbsError::InvalidProof)
    );
    assert_eq!(
        check(&one, b"1", &[(2, b"age_over_19=yes!")]),
        Err(BbsError::InvalidProof)
    );
    assert_eq!(
        check(&one, b"1", &[(1, b"age_over_19=true")]),
        Err(BbsError::InvalidProof)
    );
    let twice: [(usize, &[u8]); 2] = [(2, b"age_over_19=true"), (2, b"age_over_19=true")];
    assert_eq!(check(&one, b"1", &twice), Err(BbsError::InvalidMessages));
    assert_eq!(
        check(&one, b"1", &[(3, b"age_over_19=true")]),
        Err(BbsError::InvalidMessages)
    );
    let unsigned: [&[u8]; 3] = [b"name=...", b"birth_date=2011-03-01", b"age_over_19=true"];
    let refused = scheme.prove(&public, &signature, b"h", b"1", &unsigned, &[2]);
    assert_eq!(refused, Err(BbsError::InvalidSignature));
    let refused = scheme.prove(&public, &signature, b"h", b"1", &messages, &[2, 1]);
    assert_eq!(refused, Err(BbsError::InvalidMessages));
}

#[test]
fn keys_that_are_none() {
    assert!(BbsSecretKey::from_bytes(&[0; 32]).is_err());
    assert!(BbsSecretKey::from_bytes(&[0xff; 32]).is_err());
    let mut identity = [0; 96];
    identity[0] = 0xc0;
    assert_eq!(
        BbsPublicKey::from_bytes(&identity),
        Err(BbsError::InvalidKey)
    );
    for bytes in [&[][..], &[0; 95], &[0; 96], &[0xff; 96], &[0x80; 97]] {
        assert_eq!(BbsPublicKey::from_bytes(bytes), Err(BbsError::InvalidKey));
    }
}
