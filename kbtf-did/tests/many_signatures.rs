//! Many signatures at once have the verdicts of each alone. The judge is `verify`, and behind it Wycheproof.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use curve25519_dalek::{EdwardsPoint, Scalar, constants::EIGHT_TORSION};
use kbtf_did::{
    CryptoProvider as _, KeyType, PublicKey, SOFTWARE, SecretKey, SignatureAlgorithm,
    SignatureCheck,
};
use proptest::prelude::*;
use sha2::{Digest as _, Sha512};

/// What was signed by whom, owned.
type Signed = (PublicKey, Vec<u8>, Vec<u8>);

fn checks(signed: &[Signed]) -> Vec<SignatureCheck<'_>> {
    signed
        .iter()
        .map(|(key, message, signature)| SignatureCheck {
            algorithm: key.key_type().signature_algorithms()[0],
            key,
            message,
            signature,
        })
        .collect()
}

fn same_verdicts(signed: &[Signed]) -> usize {
    let checks = checks(signed);
    let many = SOFTWARE.verify_many(&checks);
    for (i, (check, many)) in checks.iter().zip(&many).enumerate() {
        let alone = SOFTWARE.verify(check.algorithm, check.key, check.message, check.signature);
        assert_eq!(*many, alone, "check {i}");
    }
    many.iter().filter(|result| result.is_ok()).count()
}

fn secret(seed: u8) -> SecretKey {
    SecretKey::from_bytes(KeyType::Ed25519, &[seed; 32]).unwrap()
}

#[test]
fn wycheproof_many_at_once() {
    use wycheproof::eddsa::{TestName, TestSet};
    let set = TestSet::load(TestName::Ed25519).unwrap();
    for group in &set.test_groups {
        let key = PublicKey::from_bytes(KeyType::Ed25519, &group.key.pk).unwrap();
        let mut signed = Vec::new();
        // As often as it takes for the tables to be used.
        while signed.len() < 64 {
            for test in &group.tests {
                signed.push((key.clone(), test.msg.to_vec(), test.sig.to_vec()));
            }
        }
        same_verdicts(&signed);
    }
}

/// A signature whose equation holds up to a point of small order: R = r·B + T with T of order 8, 4 or 2. Its maker holds
/// the key. Two of them with opposite T pass the usual batch verification; none passes here.
#[test]
fn parts_of_small_order_do_not_cancel() {
    let a = Scalar::from_bytes_mod_order([5; 32]);
    let key_point = EdwardsPoint::mul_base(&a).compress();
    let key = PublicKey::from_bytes(KeyType::Ed25519, key_point.as_bytes()).unwrap();
    let sign = |i: u64, torsion: &EdwardsPoint| {
        let r = Scalar::from(1_000_003 + i);
        let point = (EdwardsPoint::mul_base(&r) + torsion).compress();
        let message = i.to_le_bytes().to_vec();
        let k = Sha512::new()
            .chain_update(point.as_bytes())
            .chain_update(key_point.as_bytes())
            .chain_update(&message)
            .finalize();
        let k = Scalar::from_bytes_mod_order_wide(&k.into());
        let s = r + k * a;
        let signature = [*point.as_bytes(), *s.as_bytes()].concat();
        (key.clone(), message, signature)
    };
    let mut signed: Vec<Signed> = (0..40).map(|i| sign(i, &EIGHT_TORSION[0])).collect();
    assert_eq!(same_verdicts(&signed), 40);
    for (i, torsion) in EIGHT_TORSION.iter().enumerate() {
        signed.push(sign(100 + i as u64, torsion));
        signed.push(sign(200 + i as u64, &-torsion));
    }
    // The pair of the identity is good; the seven others are not.
    assert_eq!(same_verdicts(&signed), 42);
    // A key of two parts, one of them of small order, and the same games with it.
    for torsion in &EIGHT_TORSION[1..] {
        let point = (EdwardsPoint::mul_base(&a) + torsion).compress();
        let mixed = PublicKey::from_bytes(KeyType::Ed25519, point.as_bytes()).unwrap();
        // Whoever holds a makes signatures for it that hold as often as k·T is the identity.
        let signed: Vec<Signed> = (0..64_u64)
            .map(|i| {
                let r = Scalar::from(1_000_003 + i);
                let big_r = EdwardsPoint::mul_base(&r).compress();
                let message = i.to_le_bytes().to_vec();
                let k = Sha512::new()
                    .chain_update(big_r.as_bytes())
                    .chain_update(point.as_bytes())
                    .chain_update(&message)
                    .finalize();
                let s = r + Scalar::from_bytes_mod_order_wide(&k.into()) * a;
                let signature = [*big_r.as_bytes(), *s.as_bytes()].concat();
                (mixed.clone(), message, signature)
            })
            .collect();
        let good = same_verdicts(&signed);
        assert!(0 < good && good < 64, "{good}");
    }
}

#[test]
fn r_of_small_order_is_refused() {
    let a = Scalar::from_bytes_mod_order([5; 32]);
    let key_point = EdwardsPoint::mul_base(&a).compress();
    let key = PublicKey::from_bytes(KeyType::Ed25519, key_point.as_bytes()).unwrap();
    // R the identity, so that s = k·a holds the equation.
    let r = EdwardsPoint::mul_base(&Scalar::ZERO).compress();
    let signed: Vec<Signed> = (0..40_u64)
        .map(|i| {
            let message = i.to_le_bytes().to_vec();
            let k = Sha512::new()
                .chain_update(r.as_bytes())
                .chain_update(key_point.as_bytes())
                .chain_update(&message)
                .finalize();
            let s = Scalar::from_bytes_mod_order_wide(&k.into()) * a;
            (
                key.clone(),
                message,
                [*r.as_bytes(), *s.as_bytes()].concat(),
            )
        })
        .collect();
    assert_eq!(same_verdicts(&signed), 0);
}

#[test]
fn none_and_wrong_algorithms() {
    assert!(SOFTWARE.verify_many(&[]).is_empty());
    let key = secret(1).public_key().clone();
    let check = SignatureCheck {
        algorithm: SignatureAlgorithm::Es256,
        key: &key,
        message: b"",
        signature: &[0; 64],
    };
    let results = SOFTWARE.verify_many(&[check; 50]);
    assert!(
        results
            .iter()
            .all(|r| r.as_ref().is_err_and(|e| e.code() == "did/wrong-key-use"))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// Several keys of two kinds, and damage to some of the signatures.
    #[test]
    fn mixed(who in prop::collection::vec((0_u8..3, any::<u8>(), 0_usize..90, any::<bool>()), 0..200)) {
        let keys = [
            secret(1),
            secret(2),
            SecretKey::from_bytes(KeyType::P256, &[3; 32]).unwrap(),
        ];
        let signed: Vec<Signed> = who
            .iter()
            .map(|(key, message, at, damage)| {
                // P-256 is slow, so there is little of it.
                let key = &keys[if *key == 2 && message % 8 != 0 { 0 } else { usize::from(*key) }];
                let mut signature = SOFTWARE.sign(key, &[*message]).unwrap();
                if *damage {
                    match signature.get_mut(*at) {
                        Some(byte) => *byte ^= 1 << (message % 8),
                        None => signature.truncate(*at % 64),
                    }
                }
                (key.public_key().clone(), vec![*message], signature)
            })
            .collect();
        let good = same_verdicts(&signed);
        prop_assert_eq!(good, who.iter().filter(|(_, _, _, damage)| !damage).count());
    }
}
