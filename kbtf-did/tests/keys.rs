//! Keys: one encoding each, and nothing weak or secret where a public key belongs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use curve25519_dalek::{Scalar, constants::EIGHT_TORSION, montgomery::MontgomeryPoint};
use kbtf_did::{
    CryptoProvider as _, Did, KeyType, PublicKey, SOFTWARE, SecretKey, SignatureAlgorithm,
    Signer as _, SoftwareSigner, did_key, is_low_s, json, multibase, to_low_s,
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
        (r#"{"kty":"EC","crv":"secp256k1","x":"AAAA","y":"AAAA"}"#.into(), "did/invalid-jwk"),
        (r#"{"kty":"EC","crv":"P-384","x":"igrFmi0whuihKnj9R3Om1SoMph72wUGeFaBbzG2vzns","y":"efsX5b10x8yjyrj4ny3pGfLcY7Xby1KzgqOdqnsrJIM"}"#.into(), "did/invalid-jwk"),
        // A point of P-256 said to be one of secp256k1.
        (format!("{{{}}}", EC.replace("P-256", "secp256k1")), "did/invalid-key"),
        (format!(r#"{{{},"alg":"ES256"}}"#, EC.replace("P-256", "secp256k1")), "did/invalid-jwk"),
        (r#"{"kty":"EC","crv":"P-521","x":"AAAA","y":"AAAA"}"#.into(), "did/unsupported-key-type"),
        (r#"{"kty":"OKP","crv":"Ed448","x":"AAAA"}"#.into(), "did/unsupported-key-type"),
        (r#"{"kty":"RSA","n":"AAAA","e":"AQAB"}"#.into(), "did/invalid-jwk"),
        (r#"{"kty":"RSA","n":"gAAB","e":"AQAB"}"#.into(), "did/rsa-key-size"),
        (r#"{"kty":"RSA","n":"gAAB"}"#.into(), "did/invalid-jwk"),
        (r#"{"kty":"RSA","n":"gAAB","e":"AQAB","p":"AQAB"}"#.into(), "did/private-key-exposed"),
        (r#"{"kty":"RSA","n":"gAAB","e":"AQAB","alg":"RSA-OAEP"}"#.into(), "did/invalid-jwk"),
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
    for bytes in [[0; 32], [0xff; 32]] {
        let error = SecretKey::from_bytes(KeyType::Secp256k1, &bytes).map(|_| ());
        assert_eq!(error.unwrap_err().code(), "did/invalid-key");
    }
    for key_type in [KeyType::P384, KeyType::Rsa] {
        let error = SecretKey::from_bytes(key_type, &[1; 32]).map(|_| ());
        assert_eq!(error.unwrap_err().code(), "did/wrong-key-use");
    }
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

/// An RSA modulus of so many bits; nobody needs to know its factors to be refused.
fn rsa_jwk(bits: usize, exponent: &str, last: u8) -> String {
    use base64ct::Encoding as _;
    let mut modulus = vec![0xff; bits.div_ceil(8)];
    modulus[0] >>= (8 - bits % 8) % 8;
    *modulus.last_mut().unwrap() = last;
    let n = base64ct::Base64UrlUnpadded::encode_string(&modulus);
    format!(r#"{{"kty":"RSA","n":"{n}","e":"{exponent}"}}"#)
}

#[test]
fn rsa_keys_have_bounded_sizes_and_a_safe_exponent() {
    for (bits, exponent, last, expected) in [
        (2048, "AQAB", 0xff, None),
        (4096, "AQAB", 0xff, None),
        (3072, "AQAD", 0xff, None),
        (2047, "AQAB", 0xff, Some("did/rsa-key-size")),
        (1024, "AQAB", 0xff, Some("did/rsa-key-size")),
        (4097, "AQAB", 0xff, Some("did/rsa-key-size")),
        (2048, "AQAB", 0xfe, Some("did/invalid-key")), // even modulus
        (2048, "Aw", 0xff, Some("did/invalid-key")),   // e = 3
        (2048, "AQAA", 0xff, Some("did/invalid-key")), // even exponent
        (2048, "AQ", 0xff, Some("did/invalid-key")),   // e = 1
        (2048, "AAEAAQ", 0xff, Some("did/invalid-jwk")), // leading zero
        (2048, "_____________w", 0xff, Some("did/invalid-key")), // 10 bytes
        (8200, "AQAB", 0xff, Some("did/invalid-jwk")),
    ] {
        let result = from_jwk(&rsa_jwk(bits, exponent, last));
        assert_eq!(
            result.as_ref().err().map(kbtf_did::Error::code),
            expected,
            "{bits} {exponent}"
        );
        let Ok(key) = result else { continue };
        assert_eq!(PublicKey::from_multikey(&key.to_multikey()).unwrap(), key);
        assert_eq!(PublicKey::from_pem(&key.to_pem()).unwrap(), key);
        assert_eq!(PublicKey::from_jwk(&key.to_jwk()).unwrap(), key);
    }
    // DER has one form: a longer length, a padded number or a byte behind it is another text for the same key.
    let key = from_jwk(&rsa_jwk(2048, "AQAB", 0xff)).unwrap();
    let der = key.as_bytes().to_vec();
    let mut behind = der.clone();
    behind.push(0);
    assert_eq!(
        code(PublicKey::from_bytes(KeyType::Rsa, &behind)),
        "did/invalid-key"
    );
    assert_eq!(
        code(PublicKey::from_bytes(KeyType::Rsa, &der[..der.len() - 1])),
        "did/invalid-key"
    );
    assert_eq!(
        code(PublicKey::from_bytes(KeyType::Rsa, &[])),
        "did/invalid-key"
    );
}

/// The keys of RFC 8410 section 10.1 and of OpenSSL's usual output, each with one thing changed.
#[test]
fn spki_is_der_with_the_parameters_of_the_standard() {
    let ed = SecretKey::from_bytes(KeyType::Ed25519, &[1; 32]).unwrap();
    let ec = SecretKey::from_bytes(KeyType::P256, &[1; 32]).unwrap();
    let (ed, ec) = (ed.public_key(), ec.public_key());
    let der = ed.to_spki_der();
    assert_eq!(
        der[..12],
        [
            0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00
        ]
    );
    let compressed = {
        let mut der = ec.to_spki_der();
        let point = der.len() - 65;
        der.truncate(point);
        der.extend_from_slice(ec.as_bytes());
        der[1] -= 32;
        der[point - 2] -= 32;
        der
    };
    assert_eq!(&PublicKey::from_spki_der(&compressed).unwrap(), ec);

    let changed = |der: &[u8], at: usize, byte: u8| {
        let mut der = der.to_vec();
        der[at] = byte;
        der
    };
    let with_null = [
        &[0x30, 0x2c, 0x30, 0x07][..],
        &der[4..9],
        &[5, 0],
        &der[9..],
    ]
    .concat();
    let long_length = [&[0x30, 0x81, 0x2a][..], &der[2..]].concat();
    let behind = [&der[..], &[0]].concat();
    for (bad, expected) in [
        (with_null, "did/invalid-spki"),
        (long_length, "did/invalid-spki"),
        (behind, "did/invalid-spki"),
        (der[..43].to_vec(), "did/invalid-spki"),
        (vec![], "did/invalid-spki"),
        (vec![0x30; 5000], "did/invalid-spki"),
        // One unused bit in the bit string.
        (changed(&der, 11, 1), "did/invalid-spki"),
        // Ed448.
        (changed(&der, 8, 0x71), "did/unsupported-key-type"),
        // Another curve, and the hybrid form of a point.
        (
            changed(&ec.to_spki_der(), 22, 8),
            "did/unsupported-key-type",
        ),
        (changed(&ec.to_spki_der(), 26, 6), "did/wrong-key-length"),
    ] {
        assert_eq!(code(PublicKey::from_spki_der(&bad)), expected, "{bad:02x?}");
    }
    let pem = ed.to_pem();
    for (bad, expected) in [
        (pem.replace("PUBLIC", "PRIVATE"), "did/private-key-exposed"),
        (
            format!("{pem}-----BEGIN EC PRIVATE KEY-----\n"),
            "did/private-key-exposed",
        ),
        (pem.replace("PUBLIC KEY", "CERTIFICATE"), "did/invalid-spki"),
        (
            pem.replace("PUBLIC KEY", "RSA PUBLIC KEY"),
            "did/invalid-key",
        ),
        (
            pem.replace("-----END PUBLIC KEY-----", ""),
            "did/invalid-spki",
        ),
        (pem.replace("MCow", "MCo w"), "did/invalid-spki"),
        (format!("{pem}{pem}"), "did/invalid-spki"),
        (String::new(), "did/invalid-spki"),
        ("-".repeat(5000), "did/invalid-spki"),
    ] {
        assert_eq!(code(PublicKey::from_pem(&bad)), expected, "{bad}");
    }
    // Windows writes CR LF; the key is the same.
    assert_eq!(
        &PublicKey::from_pem(&pem.replace('\n', "\r\n")).unwrap(),
        ed
    );
}

#[test]
fn an_x_coordinate_alone_is_told_apart_from_a_wrong_length() {
    for key_type in [KeyType::P256, KeyType::Secp256k1] {
        let key = SecretKey::from_bytes(key_type, &[1; 32]).unwrap();
        let point = key.public_key().as_bytes();
        let base58 = |bytes: &[u8]| multibase::encode_base58btc(bytes)[1..].to_owned();
        assert_eq!(
            &PublicKey::from_base58(key_type, &base58(point)).unwrap(),
            key.public_key()
        );
        assert_eq!(key.public_key().to_base58(), base58(point));
        let error = PublicKey::from_base58(key_type, &base58(&point[1..])).unwrap_err();
        assert_eq!(error.code(), "did/x-coordinate-only");
        assert!(error.to_string().contains("two points"), "{error}");
        for wrong in [&point[2..], &[point, &[0]].concat()] {
            assert_eq!(
                code(PublicKey::from_base58(key_type, &base58(wrong))),
                "did/wrong-key-length"
            );
        }
        // The uncompressed point is no Multikey and no base58 key.
        assert_eq!(
            code(PublicKey::from_base58(key_type, &base58(&[4; 65]))),
            "did/wrong-key-length"
        );
    }
    // Ed25519 and X25519 keys are their 32 bytes; the source's "33" is a slip.
    let ed = SecretKey::from_bytes(KeyType::Ed25519, &[1; 32]).unwrap();
    let text = ed.public_key().to_base58();
    assert_eq!(
        &PublicKey::from_base58(KeyType::Ed25519, &text).unwrap(),
        ed.public_key()
    );
    assert_eq!(
        code(PublicKey::from_base58(KeyType::Ed25519, "0OIl")),
        "did/invalid-multibase"
    );
}

#[test]
fn a_key_does_what_its_kind_is_for_and_nothing_else() {
    let key = |key_type| SecretKey::from_bytes(key_type, &[7; 32]).unwrap();
    let (ed, k1, x) = (
        key(KeyType::Ed25519),
        key(KeyType::Secp256k1),
        key(KeyType::X25519),
    );
    assert_eq!(
        SOFTWARE.sign(&x, b"m").unwrap_err().code(),
        "did/wrong-key-use"
    );
    for (mine, theirs) in [(&ed, &x), (&x, &ed), (&k1, &k1)] {
        let error = SOFTWARE.agree(mine, theirs.public_key()).map(|_| ());
        assert_eq!(error.unwrap_err().code(), "did/wrong-key-use");
    }
    let y = SecretKey::from_bytes(KeyType::X25519, &[8; 32]).unwrap();
    assert_eq!(
        SOFTWARE.agree(&x, y.public_key()).unwrap(),
        SOFTWARE.agree(&y, x.public_key()).unwrap()
    );
    // An algorithm of another kind is refused before any arithmetic.
    let signature = SOFTWARE.sign(&ed, b"m").unwrap();
    for algorithm in [
        SignatureAlgorithm::Es256,
        SignatureAlgorithm::Rs256,
        SignatureAlgorithm::Es256K,
    ] {
        let error = SOFTWARE.verify(algorithm, ed.public_key(), b"m", &signature);
        assert_eq!(error.unwrap_err().code(), "did/wrong-key-use");
    }
    for &key_type in KeyType::ALL {
        for algorithm in key_type.signature_algorithms() {
            assert_eq!(algorithm.key_type(), key_type);
        }
        assert_eq!(
            key_type.is_for_signatures(),
            !key_type.signature_algorithms().is_empty()
        );
    }
}

fn is_signing(key_type: &KeyType) -> bool {
    matches!(
        key_type,
        KeyType::Ed25519 | KeyType::P256 | KeyType::Secp256k1
    )
}

fn held_types() -> impl Strategy<Value = KeyType> {
    prop::sample::select(vec![
        KeyType::Ed25519,
        KeyType::P256,
        KeyType::Secp256k1,
        KeyType::X25519,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn keys_survive_every_encoding(seed in any::<[u8; 32]>(), key_type in held_types()) {
        let Ok(secret) = SecretKey::from_bytes(key_type, &seed) else { return Ok(()) };
        let key = secret.public_key();
        prop_assert_eq!(&PublicKey::from_multikey(&key.to_multikey()).unwrap(), key);
        let base64 = multibase::encode_base64url(&multibase::decode(&key.to_multikey()).unwrap());
        prop_assert_eq!(&PublicKey::from_multikey(&base64).unwrap(), key);
        prop_assert_eq!(&PublicKey::from_jwk(&key.to_jwk()).unwrap(), key);
        prop_assert_eq!(&PublicKey::from_base58(key_type, &key.to_base58()).unwrap(), key);
        prop_assert_eq!(&PublicKey::from_spki_der(&key.to_spki_der()).unwrap(), key);
        prop_assert_eq!(&PublicKey::from_pem(&key.to_pem()).unwrap(), key);
        prop_assert_eq!(&did_key::public_key(&did_key::from_public_key(key)).unwrap(), key);
        for copy in [SecretKey::from_multikey(&secret.to_multikey()), SecretKey::from_jwk(&secret.to_jwk())] {
            prop_assert_eq!(*copy.unwrap().to_bytes(), seed);
        }
    }

    #[test]
    fn what_is_signed_verifies_and_nothing_else(seed in any::<[u8; 32]>(), key_type in held_types().prop_filter("signs", is_signing), bit in 0..512_usize) {
        let Ok(secret) = SecretKey::from_bytes(key_type, &seed) else { return Ok(()) };
        let signer = SoftwareSigner::new(secret);
        let key = signer.public_key();
        let algorithm = key_type.signature_algorithms()[0];
        let mut signature = signer.sign(b"message").unwrap();
        prop_assert!(is_low_s(key_type, &signature));
        prop_assert_eq!(&to_low_s(key_type, &signature).unwrap(), &signature);
        prop_assert!(SOFTWARE.verify(algorithm, key, b"message", &signature).is_ok());
        prop_assert!(SOFTWARE.verify(algorithm, key, b"massage", &signature).is_err());
        prop_assert!(SOFTWARE.verify(algorithm, key, b"message", &signature[..63]).is_err());
        signature[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(SOFTWARE.verify(algorithm, key, b"message", &signature).is_err());
    }

    #[test]
    fn arbitrary_texts_never_panic(text in "z?[1-9A-Za-z]{0,60}", json_text in r#"\{("(kty|crv|x|y|d|n|e|alg)":("(OKP|EC|RSA|Ed25519|P-256|[A-Za-z0-9_-]{43})"|null),?){0,5}\}"#, der in proptest::collection::vec(any::<u8>(), 0..100)) {
        let _ = PublicKey::from_multikey(&text);
        let _ = SecretKey::from_multikey(&text);
        let _ = SecretKey::from_jwk(&json_text);
        let _ = PublicKey::from_spki_der(&der);
        let _ = PublicKey::from_bytes(KeyType::Rsa, &der);
        if let Ok(json::Value::Object(jwk)) = json::parse(&json_text) {
            let _ = PublicKey::from_jwk(&jwk);
        }
    }
}
