//! Keys: one encoding each, and nothing weak or secret where a public key belongs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use curve25519_dalek::{Scalar, constants::EIGHT_TORSION, montgomery::MontgomeryPoint};
use kbtf_did::{
    CryptoProvider as _, Did, KeyType, PublicKey, SOFTWARE, SecretKey, Signer as _, SoftwareSigner,
    did_key, is_low_s, json, multibase,
};
use proptest::prelude::*;

fn code(result: Result<PublicKey, kbtf_did::Error>) -> &'static str {
    result.unwrap_err().code()
}

fn from_jwk(text: &str) -> Result<PublicKey, kbtf_did::Error> {
    PublicKey::from_jwk(json::parse(text).unwrap().as_object().unwrap())
}

#[test]
fn every_small_order_ed25519_point_is_refused() {
    for point in EIGHT_TORSION {
        let bytes = point.compress().to_bytes();
        assert_eq!(
            code(PublicKey::from_bytes(KeyType::Ed25519, &bytes)),
            "did/small-order-key"
        );
    }
}

#[test]
fn non_canonical_ed25519_encodings_are_refused() {
    // y and y + p are the same number; only y < p is an encoding. Both signs, all 19 values.
    for low in 0xed..=0xff_u8 {
        for high in [0x7f, 0xff] {
            let mut bytes = [0xff; 32];
            bytes[0] = low;
            bytes[31] = high;
            assert_eq!(
                code(PublicKey::from_bytes(KeyType::Ed25519, &bytes)),
                "did/invalid-key"
            );
            assert_eq!(
                code(PublicKey::from_bytes(KeyType::X25519, &bytes)),
                "did/invalid-key"
            );
        }
    }
    // Not on the curve.
    let mut bytes = [0; 32];
    bytes[0] = 2;
    assert_eq!(
        code(PublicKey::from_bytes(KeyType::Ed25519, &bytes)),
        "did/invalid-key"
    );
}

/// Judge: curve25519-dalek multiplies each suspect by 8 and finds the identity.
#[test]
fn small_order_x25519_keys_are_refused() {
    let mut found = 0;
    let candidates = EIGHT_TORSION
        .iter()
        .map(|p| p.to_montgomery())
        // Points of the twist have no Edwards form; −1 is their point of order 4.
        .chain([MontgomeryPoint({
            let mut b = [0xff; 32];
            b[0] = 0xec;
            b[31] = 0x7f;
            b
        })]);
    for point in candidates {
        assert_eq!((point * Scalar::from(8_u8)).to_bytes(), [0; 32]);
        assert_eq!(
            code(PublicKey::from_bytes(KeyType::X25519, point.as_bytes())),
            "did/small-order-key"
        );
        found += 1;
    }
    assert_eq!(found, 9);
    let mut one = [0; 32];
    one[0] = 1;
    assert_eq!(
        code(PublicKey::from_bytes(KeyType::X25519, &one)),
        "did/small-order-key"
    );
}

#[test]
fn p256_keys_have_one_encoding() {
    let key =
        PublicKey::from_multikey("zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP").unwrap();
    let bytes = key.as_bytes();
    // A bare x-coordinate is ambiguous (DID-06), and the identity, hybrid and uncompressed forms do not fit.
    assert_eq!(
        code(PublicKey::from_bytes(KeyType::P256, &bytes[1..])),
        "did/wrong-key-length"
    );
    assert_eq!(
        code(PublicKey::from_bytes(KeyType::P256, &[0])),
        "did/wrong-key-length"
    );
    for tag in [0, 1, 4, 5, 6, 7, 0xff] {
        let mut other = bytes.to_vec();
        other[0] = tag;
        assert_eq!(
            code(PublicKey::from_bytes(KeyType::P256, &other)),
            "did/invalid-key"
        );
    }
    // x not below the field prime.
    let mut big = [0xff; 33];
    big[0] = 2;
    assert_eq!(
        code(PublicKey::from_bytes(KeyType::P256, &big)),
        "did/invalid-key"
    );
}

#[test]
fn jwk_that_is_incomplete_or_contradicts_itself_is_refused() {
    const ED: &str =
        r#""kty":"OKP","crv":"Ed25519","x":"_eT7oDCtAC98L31MMx9J0T-w7HR-zuvsY08f9MvKne8""#;
    const EC: &str = r#""kty":"EC","crv":"P-256","x":"igrFmi0whuihKnj9R3Om1SoMph72wUGeFaBbzG2vzns","y":"efsX5b10x8yjyrj4ny3pGfLcY7Xby1KzgqOdqnsrJIM""#;
    for good in [
        format!("{{{ED}}}"),
        format!("{{{EC}}}"),
        format!(r#"{{{ED},"alg":"EdDSA","use":"sig","key_ops":["verify"],"kid":"1","x5t":"?"}}"#),
        format!(r#"{{{ED},"alg":"Ed25519"}}"#),
        format!(r#"{{{EC},"alg":"ES256"}}"#),
        r#"{"kty":"OKP","crv":"X25519","x":"jRIz3oriXDNZmnb35XQb7K1UIlz3ae1ao1YSqLeBXHs","use":"enc","alg":"ECDH-ES"}"#.into(),
    ] {
        from_jwk(&good).unwrap();
    }
    for (bad, expected) in [
        (r"{}".to_string(), "did/invalid-jwk"),
        (format!(r#"{{{ED},"d":"AAAA"}}"#), "did/private-key-exposed"),
        (format!(r#"{{{EC},"d":null}}"#), "did/private-key-exposed"),
        (format!(r#"{{{ED},"k":"AAAA"}}"#), "did/private-key-exposed"),
        (format!(r#"{{{ED},"alg":"ES256"}}"#), "did/invalid-jwk"),
        (format!(r#"{{{ED},"alg":5}}"#), "did/invalid-jwk"),
        (format!(r#"{{{EC},"alg":"EdDSA"}}"#), "did/invalid-jwk"),
        (format!(r#"{{{EC},"alg":"ES384"}}"#), "did/invalid-jwk"),
        (format!(r#"{{{ED},"use":"enc"}}"#), "did/invalid-jwk"),
        (format!(r#"{{{ED},"use":["sig"]}}"#), "did/invalid-jwk"),
        (format!(r#"{{{ED},"key_ops":[]}}"#), "did/invalid-jwk"),
        (format!(r#"{{{ED},"key_ops":"verify"}}"#), "did/invalid-jwk"),
        (format!(r#"{{{ED},"key_ops":["encrypt"]}}"#), "did/invalid-jwk"),
        (format!(r#"{{{ED},"key_ops":["sign"]}}"#), "did/invalid-jwk"),
        (format!(r#"{{{ED},"key_ops":["verify","verify"]}}"#), "did/invalid-jwk"),
        (format!(r#"{{{ED},"key_ops":["verify",5]}}"#), "did/invalid-jwk"),
        (format!(r#"{{{ED},"y":"AAAA"}}"#), "did/invalid-jwk"),
        (r#"{"kty":"OKP","crv":"Ed25519"}"#.into(), "did/invalid-jwk"),
        (r#"{"kty":"OKP","crv":"Ed25519","x":"_eT7oDCtAC98L31MMx9J0T-w7HR-zuvsY08f9MvKne8="}"#.into(), "did/invalid-jwk"),
        (r#"{"kty":"OKP","crv":"Ed25519","x":"_eT7oDCtAC98L31MMx9J0T-w7HR-zuvsY08f9MvKne9"}"#.into(), "did/invalid-jwk"),
        (r#"{"kty":"OKP","crv":"Ed25519","x":"/eT7oDCtAC98L31MMx9J0T+w7HR+zuvsY08f9MvKne8"}"#.into(), "did/invalid-jwk"),
        (r#"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#.into(), "did/invalid-jwk"),
        (r#"{"kty":"OKP","crv":"Ed25519","x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#.into(), "did/small-order-key"),
        (r#"{"kty":"EC","crv":"P-256","x":"igrFmi0whuihKnj9R3Om1SoMph72wUGeFaBbzG2vzns"}"#.into(), "did/invalid-jwk"),
        (r#"{"kty":"EC","crv":"P-256","x":"igrFmi0whuihKnj9R3Om1SoMph72wUGeFaBbzG2vzns","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#.into(), "did/invalid-key"),
        (r#"{"kty":"OKP","crv":"P-256","x":"AAAA"}"#.into(), "did/unsupported-key-type"),
        (r#"{"kty":"EC","crv":"secp256k1","x":"AAAA","y":"AAAA"}"#.into(), "did/unsupported-key-type"),
        (r#"{"kty":"RSA","n":"AAAA","e":"AQAB"}"#.into(), "did/unsupported-key-type"),
        (r#"{"kty":"oct"}"#.into(), "did/unsupported-key-type"),
    ] {
        assert_eq!(code(from_jwk(&bad)), expected, "{bad}");
    }
}

#[test]
fn a_secret_where_a_public_key_belongs_is_named() {
    let secret = SecretKey::from_bytes(KeyType::Ed25519, &[1; 32]).unwrap();
    assert_eq!(
        code(PublicKey::from_multikey(&secret.to_multikey())),
        "did/private-key-exposed"
    );
    let public = secret.public_key().to_multikey();
    assert!(SecretKey::from_multikey(&public).is_err());
}

#[test]
fn a_private_jwk_whose_halves_disagree_is_refused() {
    let one = SecretKey::from_bytes(KeyType::P256, &[1; 32]).unwrap();
    let two = SecretKey::from_bytes(KeyType::P256, &[2; 32]).unwrap();
    let one = one.to_jwk();
    let two = two.to_jwk();
    let (public, _) = one.split_once(r#","d""#).unwrap();
    let (_, d) = two.split_once(r#","d""#).unwrap();
    let mixed = format!(r#"{public},"d"{d}"#);
    assert_eq!(
        SecretKey::from_jwk(&mixed).map(|_| ()).unwrap_err().code(),
        "did/invalid-jwk"
    );
    assert!(SecretKey::from_jwk(&one).is_ok());
}

#[test]
fn an_escaped_secret_is_refused_since_it_could_not_be_wiped() {
    let jwk = SecretKey::from_bytes(KeyType::P256, &[1; 32])
        .unwrap()
        .to_jwk();
    let (public, d) = jwk.split_once(r#","d":""#).unwrap();
    let escaped = format!(
        r#"{public},"d":"\u{:04x}{}"#,
        u32::from(d.as_bytes()[0]),
        &d[1..]
    );
    let error = SecretKey::from_jwk(&escaped).map(|_| ()).unwrap_err();
    assert_eq!(error.code(), "did/invalid-jwk");
}

#[test]
fn errors_hold_no_pasted_secret() {
    let secret = SecretKey::from_bytes(KeyType::Ed25519, &[1; 32])
        .unwrap()
        .to_multikey();
    for error in [
        Did::parse(&secret).unwrap_err(),
        kbtf_did::DidUrl::parse(&secret).unwrap_err(),
    ] {
        assert!(!format!("{error} {error:?}").contains(&secret[..12]));
    }
    // Every multicodec that is kept for private keys is known as one, of whatever kind.
    for low in 0x80..=0xff_u8 {
        let text = multibase::encode_base58btc(&[&[low, 0x26][..], &[7; 32]].concat());
        assert_eq!(
            code(PublicKey::from_multikey(&text)),
            "did/private-key-exposed"
        );
    }
}

#[test]
fn scalars_out_of_range_are_refused() {
    for bytes in [[0; 32], [0xff; 32]] {
        let error = SecretKey::from_bytes(KeyType::P256, &bytes)
            .map(|_| ())
            .unwrap_err();
        assert_eq!(error.code(), "did/invalid-key");
    }
    assert!(SecretKey::from_bytes(KeyType::Ed25519, &[0; 31]).is_err());
    assert!(SecretKey::from_bytes(KeyType::X25519, &[1; 32]).is_err());
}

#[test]
fn did_key_has_one_form() {
    for (did, expected) in [
        ("did:web:example.com", "did/method-not-supported"),
        ("did:key:u7QGv", "did/invalid-multibase"),
        ("did:key:zzz0", "did/invalid-multibase"),
        ("did:key:z", "did/unsupported-key-type"),
        // The key of another length behind a good header.
        ("did:key:z6Mk", "did/unsupported-key-type"),
    ] {
        assert_eq!(
            code(did_key::public_key(&Did::parse(did).unwrap())),
            expected,
            "{did}"
        );
    }
    let mut long = vec![0xed, 0x01];
    long.extend([9; 33]);
    let did = Did::parse(&format!("did:key:{}", multibase::encode_base58btc(&long))).unwrap();
    assert_eq!(code(did_key::public_key(&did)), "did/wrong-key-length");
}

#[test]
fn generated_keys_come_from_the_source_that_was_handed_in() {
    struct Fixed(Vec<[u8; 32]>);
    impl rand_core::TryRng for Fixed {
        type Error = std::fmt::Error;
        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            Err(std::fmt::Error)
        }
        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            Err(std::fmt::Error)
        }
        fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
            out.copy_from_slice(&self.0.pop().ok_or(std::fmt::Error)?);
            Ok(())
        }
    }
    impl rand_core::TryCryptoRng for Fixed {}

    let key = SecretKey::generate(KeyType::Ed25519, &mut Fixed(vec![[5; 32]])).unwrap();
    assert_eq!(*key.to_bytes(), [5; 32]);
    // An out-of-range candidate is drawn again; a source that fails gives an error and no key.
    let mut source = Fixed(vec![[6; 32], [0xff; 32]]);
    let key = SecretKey::generate(KeyType::P256, &mut source).unwrap();
    assert_eq!(*key.to_bytes(), [6; 32]);
    let error = SecretKey::generate(KeyType::P256, &mut source).map(|_| ());
    assert_eq!(error.unwrap_err().code(), "did/randomness");
    let mut broken = Fixed(vec![[0xff; 32]; 100]);
    assert!(SecretKey::generate(KeyType::P256, &mut broken).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn keys_survive_every_encoding(seed in any::<[u8; 32]>(), p256 in any::<bool>()) {
        let key_type = if p256 { KeyType::P256 } else { KeyType::Ed25519 };
        let Ok(secret) = SecretKey::from_bytes(key_type, &seed) else { return Ok(()) };
        let key = secret.public_key();
        prop_assert_eq!(&PublicKey::from_multikey(&key.to_multikey()).unwrap(), key);
        let base64 = multibase::encode_base64url(&multibase::decode(&key.to_multikey()).unwrap());
        prop_assert_eq!(&PublicKey::from_multikey(&base64).unwrap(), key);
        prop_assert_eq!(&PublicKey::from_jwk(&key.to_jwk()).unwrap(), key);
        prop_assert_eq!(&did_key::public_key(&did_key::from_public_key(key)).unwrap(), key);
        for copy in [SecretKey::from_multikey(&secret.to_multikey()), SecretKey::from_jwk(&secret.to_jwk())] {
            prop_assert_eq!(*copy.unwrap().to_bytes(), seed);
        }
    }

    #[test]
    fn what_is_signed_verifies_and_nothing_else(seed in any::<[u8; 32]>(), p256 in any::<bool>(), bit in 0..512_usize) {
        let key_type = if p256 { KeyType::P256 } else { KeyType::Ed25519 };
        let Ok(secret) = SecretKey::from_bytes(key_type, &seed) else { return Ok(()) };
        let signer = SoftwareSigner::new(secret);
        let key = signer.public_key();
        let mut signature = signer.sign(b"message").unwrap();
        prop_assert!(is_low_s(key_type, &signature));
        prop_assert!(SOFTWARE.verify(key, b"message", &signature).is_ok());
        prop_assert!(SOFTWARE.verify(key, b"massage", &signature).is_err());
        prop_assert!(SOFTWARE.verify(key, b"message", &signature[..63]).is_err());
        signature[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(SOFTWARE.verify(key, b"message", &signature).is_err());
    }

    #[test]
    fn arbitrary_texts_never_panic(text in "z?[1-9A-Za-z]{0,60}", json_text in r#"\{("(kty|crv|x|y|d|alg)":("(OKP|EC|Ed25519|P-256|[A-Za-z0-9_-]{43})"|null),?){0,5}\}"#) {
        let _ = PublicKey::from_multikey(&text);
        let _ = SecretKey::from_multikey(&text);
        let _ = SecretKey::from_jwk(&json_text);
        if let Ok(json::Value::Object(jwk)) = json::parse(&json_text) {
            let _ = PublicKey::from_jwk(&jwk);
        }
    }
}
