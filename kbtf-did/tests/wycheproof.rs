//! Project Wycheproof, a judge that nobody here wrote: every verdict must agree.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use kbtf_did::{
    CryptoProvider as _, KeyType, PublicKey, SOFTWARE, SecretKey, SignatureAlgorithm, is_low_s,
    json,
};

/// serde_json reads the group's JWK, our strict parser reads what it writes.
fn from_jwk(kty: &str, crv: &str, members: &[(&str, &[u8])]) -> PublicKey {
    use base64ct::Encoding as _;
    let mut jwk = json::Object::new();
    jwk.insert("kty", kty);
    jwk.insert("crv", crv);
    for (name, bytes) in members {
        jwk.insert(*name, base64ct::Base64UrlUnpadded::encode_string(bytes));
    }
    PublicKey::from_jwk(&jwk).unwrap()
}

#[test]
fn ed25519_agrees_with_wycheproof() {
    use wycheproof::eddsa::{TestName, TestSet};
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let mut count = 0;
    for group in &set.test_groups {
        let key = PublicKey::from_bytes(KeyType::Ed25519, &group.key.pk).unwrap();
        assert_eq!(from_jwk("OKP", "Ed25519", &[("x", &group.key.pk)]), key);
        for test in &group.tests {
            let verified = SOFTWARE
                .verify(SignatureAlgorithm::EdDsa, &key, &test.msg, &test.sig)
                .is_ok();
            assert_eq!(verified, !test.result.must_fail(), "case {}", test.tc_id);
            count += 1;
        }
    }
    assert_eq!(count, set.number_of_tests);
    assert!(count >= 150);
}

/// One curve: every verdict is shared; how many signatures have a high s and verify all the same is returned.
fn ecdsa(
    set: wycheproof::ecdsa::TestName,
    algorithm: SignatureAlgorithm,
    at_least: usize,
) -> usize {
    let set = wycheproof::ecdsa::TestSet::load(set).unwrap();
    let key_type = algorithm.key_type();
    let size = key_type.public_key_length().unwrap() - 1;
    let (mut count, mut high_s) = (0, 0);
    for group in &set.test_groups {
        let point: &[u8] = &group.key.key;
        let (x, y) = (&point[1..=size], &point[1 + size..]);
        let key = from_jwk("EC", &key_type.to_string(), &[("x", x), ("y", y)]);
        assert_eq!(
            PublicKey::from_multikey(&key.to_multikey()).unwrap(),
            key,
            "the compressed form is the same key"
        );
        // Their DER is our DER.
        assert_eq!(PublicKey::from_spki_der(&group.der).unwrap(), key);
        assert_eq!(key.to_spki_der(), group.der.to_vec());
        for test in &group.tests {
            let verified = SOFTWARE
                .verify(algorithm, &key, &test.msg, &test.sig)
                .is_ok();
            let is_high = !is_low_s(key_type, &test.sig);
            // RFC 8812 leaves the half of s open; here secp256k1 has one form, as its ledgers ask.
            let one_form = is_high && key_type == KeyType::Secp256k1;
            let expected = !(test.result.must_fail() || one_form);
            assert_eq!(verified, expected, "case {}", test.tc_id);
            high_s += usize::from(verified && is_high);
            count += 1;
        }
    }
    assert_eq!(count, set.number_of_tests);
    assert!(count >= at_least);
    high_s
}

#[test]
fn ecdsa_in_its_fixed_length_form_agrees_with_wycheproof() {
    use wycheproof::ecdsa::TestName::{
        EcdsaSecp256k1Sha256P1363, EcdsaSecp256r1Sha256P1363, EcdsaSecp384r1Sha384P1363,
    };
    // FIPS 186-5 accepts both halves of s; a profile that wants one form asks `is_low_s`.
    assert!(ecdsa(EcdsaSecp256r1Sha256P1363, SignatureAlgorithm::Es256, 260) > 0);
    assert!(ecdsa(EcdsaSecp384r1Sha384P1363, SignatureAlgorithm::Es384, 250) > 0);
    assert_eq!(
        ecdsa(EcdsaSecp256k1Sha256P1363, SignatureAlgorithm::Es256K, 250),
        0
    );
}

/// The set that asks for low s, as ledgers do: their DER signatures in our fixed-length form.
#[test]
fn secp256k1_with_low_s_agrees_with_wycheproof() {
    use wycheproof::ecdsa::{TestName, TestSet};
    let set = TestSet::load(TestName::EcdsaSecp256k1Sha256Bitcoin).unwrap();
    let (mut agreed, mut other_encoding) = (0, 0);
    for group in &set.test_groups {
        let key = PublicKey::from_spki_der(&group.der).unwrap();
        for test in &group.tests {
            let Ok(signature) = k256::ecdsa::Signature::from_der(&test.sig) else {
                assert!(test.result.must_fail(), "case {}", test.tc_id);
                other_encoding += 1;
                continue;
            };
            let verified = SOFTWARE
                .verify(
                    SignatureAlgorithm::Es256K,
                    &key,
                    &test.msg,
                    &signature.to_bytes(),
                )
                .is_ok();
            assert_eq!(verified, !test.result.must_fail(), "case {}", test.tc_id);
            agreed += 1;
        }
    }
    assert_eq!(agreed + other_encoding, set.number_of_tests);
    assert!(agreed >= 150, "{agreed}");
}

#[test]
fn rsa_pkcs1_agrees_with_wycheproof() {
    use wycheproof::rsa_pkcs1_verify::{self, TestFlag::SmallPublicKey, TestName, TestSet};
    let (mut count, mut small_exponent) = (0, 0);
    for name in [
        TestName::Rsa2048Sha256,
        TestName::Rsa3072Sha256,
        TestName::Rsa4096Sha256,
    ] {
        for group in &TestSet::load(name).unwrap().test_groups {
            let key = match PublicKey::from_spki_der(&group.der) {
                Ok(key) => key,
                Err(error) => {
                    // An exponent of 3, which FIPS 186-5 no longer has.
                    let small = |t: &rsa_pkcs1_verify::Test| t.flags.contains(&SmallPublicKey);
                    assert!(group.tests.iter().all(small), "{error}");
                    small_exponent += group.tests.len();
                    continue;
                }
            };
            assert_eq!(key.to_spki_der(), group.der.to_vec());
            assert_eq!(key.as_bytes(), &group.asn_key[..]);
            for test in &group.tests {
                let verified = SOFTWARE
                    .verify(SignatureAlgorithm::Rs256, &key, &test.msg, &test.sig)
                    .is_ok();
                // "Acceptable" are signatures over a digest without the NULL that RFC 8017 section 9.2 asks for.
                let expected = test.result == wycheproof::TestResult::Valid;
                assert_eq!(verified, expected, "{name:?} case {}", test.tc_id);
                count += 1;
            }
        }
    }
    assert!(
        count >= 700 && small_exponent > 0,
        "{count} {small_exponent}"
    );
    for group in &TestSet::load(TestName::Rsa8192Sha256).unwrap().test_groups {
        let error = PublicKey::from_spki_der(&group.der).unwrap_err();
        assert_eq!(error.code(), "did/rsa-key-size");
    }
}

#[test]
fn rsa_pss_agrees_with_wycheproof() {
    use wycheproof::rsa_pss_verify::{TestFlag, TestName, TestSet};
    let (mut count, mut other_salt) = (0, 0);
    for (name, fits) in [
        (TestName::RsaPss2048Sha256Mgf1SaltLen32, true),
        (TestName::RsaPss3072Sha256Mgf1SaltLen32, true),
        (TestName::RsaPss4096Sha256Mgf1SaltLen32, true),
        // A salt of no bytes is a valid signature elsewhere, but not PS256.
        (TestName::RsaPss2048Sha256Mgf1SaltLen0, false),
    ] {
        for group in &TestSet::load(name).unwrap().test_groups {
            let key = PublicKey::from_spki_der(&group.der).unwrap();
            for test in &group.tests {
                let verified = SOFTWARE
                    .verify(SignatureAlgorithm::Ps256, &key, &test.msg, &test.sig)
                    .is_ok();
                if fits {
                    assert_eq!(
                        verified,
                        !test.result.must_fail(),
                        "{name:?} case {}",
                        test.tc_id
                    );
                    count += 1;
                } else if !test.result.must_fail() {
                    assert!(!verified, "{name:?} case {}", test.tc_id);
                    other_salt += 1;
                }
                // One way is never taken for the other, nor missed where it is the right one.
                let is_pkcs1 = test.flags.contains(&TestFlag::WrongPrimitive);
                let as_pkcs1 =
                    SOFTWARE.verify(SignatureAlgorithm::Rs256, &key, &test.msg, &test.sig);
                assert_eq!(as_pkcs1.is_ok(), is_pkcs1, "{name:?} case {}", test.tc_id);
            }
        }
    }
    assert!(count >= 250 && other_salt > 0, "{count} {other_salt}");
}

#[test]
fn x25519_agrees_with_wycheproof() {
    use wycheproof::xdh::{TestFlag, TestName, TestSet};
    let set = TestSet::load(TestName::X25519).unwrap();
    let (mut agreed, mut refused) = (0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let secret = SecretKey::from_bytes(KeyType::X25519, &test.private_key).unwrap();
        let shared = PublicKey::from_bytes(KeyType::X25519, &test.public_key)
            .and_then(|public| SOFTWARE.agree(&secret, &public));
        match shared {
            Ok(shared) => {
                assert_eq!(shared[..], test.shared_secret[..], "case {}", test.tc_id);
                assert!(!test.flags.contains(&TestFlag::ZeroSharedSecret));
                agreed += 1;
            }
            Err(error) => {
                // RFC 7748 takes keys that are not canonical or of small order; here they are no keys.
                assert_eq!(
                    test.result,
                    wycheproof::TestResult::Acceptable,
                    "{} {error}",
                    test.tc_id
                );
                refused += 1;
            }
        }
    }
    assert_eq!(agreed + refused, set.number_of_tests);
    assert!(agreed >= 450 && refused > 0, "{agreed} {refused}");
}

/// Signatures as certificates hold them: the DER of r and s, and hashes other than the curve's usual one.
#[cfg(feature = "x509")]
#[test]
fn ecdsa_in_certificates_agrees_with_wycheproof() {
    use kbtf_did::{HashAlgorithm, x509::CertificateAlgorithm};
    use wycheproof::ecdsa::{TestName, TestSet};
    let mut count = 0;
    for (name, hash) in [
        (TestName::EcdsaSecp256r1Sha256, HashAlgorithm::Sha256),
        (TestName::EcdsaSecp256r1Sha512, HashAlgorithm::Sha512),
        (TestName::EcdsaSecp384r1Sha256, HashAlgorithm::Sha256),
        (TestName::EcdsaSecp384r1Sha384, HashAlgorithm::Sha384),
        (TestName::EcdsaSecp384r1Sha512, HashAlgorithm::Sha512),
    ] {
        for group in &TestSet::load(name).unwrap().test_groups {
            let key = PublicKey::from_spki_der(&group.der).unwrap();
            for test in &group.tests {
                let verified = CertificateAlgorithm::Ecdsa(hash)
                    .verify(&key, &test.msg, &test.sig, &SOFTWARE)
                    .is_ok();
                let expected = test.result == wycheproof::TestResult::Valid;
                assert_eq!(verified, expected, "{name:?} case {}", test.tc_id);
                count += 1;
            }
        }
    }
    assert!(count >= 2000, "{count}");
}

#[cfg(feature = "x509")]
#[test]
fn rsa_in_certificates_agrees_with_wycheproof() {
    use kbtf_did::{HashAlgorithm, x509::CertificateAlgorithm};
    use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
    let mut count = 0;
    for (name, hash) in [
        (TestName::Rsa2048Sha256, HashAlgorithm::Sha256),
        (TestName::Rsa2048Sha384, HashAlgorithm::Sha384),
        (TestName::Rsa2048Sha512, HashAlgorithm::Sha512),
        (TestName::Rsa3072Sha384, HashAlgorithm::Sha384),
        (TestName::Rsa4096Sha512, HashAlgorithm::Sha512),
    ] {
        for group in &TestSet::load(name).unwrap().test_groups {
            // Those with an exponent of 3 are no keys here.
            let Ok(key) = PublicKey::from_spki_der(&group.der) else {
                continue;
            };
            for test in &group.tests {
                let verified = CertificateAlgorithm::Rsa(hash)
                    .verify(&key, &test.msg, &test.sig, &SOFTWARE)
                    .is_ok();
                let expected = test.result == wycheproof::TestResult::Valid;
                assert_eq!(verified, expected, "{name:?} case {}", test.tc_id);
                count += 1;
            }
        }
    }
    assert!(count >= 1000, "{count}");
}

/// What kinds of key and hash do not go together.
#[cfg(feature = "x509")]
#[test]
fn a_signature_over_a_hash_is_of_the_key_and_hash_that_are_named() {
    use kbtf_did::{Error, HashAlgorithm, PrehashScheme, x509::CertificateAlgorithm};
    let keys: Vec<PublicKey> = [KeyType::Ed25519, KeyType::P256, KeyType::Secp256k1]
        .map(|kind| {
            SecretKey::from_bytes(kind, &[7; 32])
                .unwrap()
                .public_key()
                .clone()
        })
        .into();
    for key in &keys {
        let is_p256 = key.key_type() == KeyType::P256;
        for length in [0, 20, 31, 32, 48, 64, 65] {
            let got =
                SOFTWARE.verify_prehash(PrehashScheme::Ecdsa, key, &vec![1; length], &[1; 64]);
            match got {
                Err(Error::InvalidSignature) => {}
                Err(Error::WrongKeyUse { .. }) => assert!(!is_p256),
                other => panic!("{other:?}"),
            }
        }
        let rsa = PrehashScheme::RsaPkcs1(HashAlgorithm::Sha256);
        let got = SOFTWARE.verify_prehash(rsa, key, &[1; 32], &[1; 256]);
        assert!(matches!(got, Err(Error::WrongKeyUse { .. })), "{got:?}");
    }
    let named =
        |oid, parameters, hash| CertificateAlgorithm::from_oid(oid, parameters, hash).is_ok();
    let null: &[u8] = &[5, 0];
    assert!(named("1.2.840.113549.1.1.11", Some(null), None));
    assert!(named("1.2.840.10045.4.3.2", None, None));
    assert!(
        !named("1.2.840.10045.4.3.2", Some(null), None),
        "ECDSA has no parameters"
    );
    assert!(!named("1.3.101.112", Some(null), None), "nor has Ed25519");
    assert!(
        !named("1.2.840.113549.1.1.1", Some(null), None),
        "RSA with no hash"
    );
    assert!(!named("1.2.840.113549.1.1.5", Some(null), None), "SHA-1");
    assert!(
        !named("1.2.840.113549.1.1.10", None, None),
        "PSS is not read"
    );
}
