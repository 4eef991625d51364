//! Cases of keys beside Ed25519 and P-256, of their encodings, and of bare signatures.

use kbtf_did::{CryptoProvider as _, KeyType, PublicKey, SOFTWARE, SecretKey, multibase};
use serde_json::{Value, json};

use super::{
    Refusals, case, forge, key, made,
    made_elsewhere::{
        self, ES384, ES384_OTHER_S, MESSAGE, P384_PEM, PKCS1_SHA1, PS256, PSS_SALT_20, RS256,
        RSA_1024_PEM, RSA_PEM,
    },
    suite, to_text,
};
use crate::suite::{Case, Suite};

/// A kind of key: the name in ids, a key, the feature, the requirement.
type Kind = (&'static str, PublicKey, &'static str, &'static str);

fn kinds() -> Result<Vec<Kind>, String> {
    let held = |key_type| key(key_type, 0x21).map(|key| key.public_key().clone());
    let fixed = |pem| PublicKey::from_pem(pem).map_err(|e| e.to_string());
    Ok(vec![
        (
            "ed25519",
            held(KeyType::Ed25519)?,
            "eddsa-jcs-2022",
            "DID-04",
        ),
        ("p256", held(KeyType::P256)?, "ecdsa-jcs-2019", "DID-06"),
        (
            "secp256k1",
            held(KeyType::Secp256k1)?,
            "secp256k1",
            "DID-05",
        ),
        ("x25519", held(KeyType::X25519)?, "x25519", "DID-07"),
        ("p384", fixed(P384_PEM)?, "p384", "DID-06"),
        ("rsa", fixed(RSA_PEM)?, "rsa", "DID-03"),
    ])
}

fn jwk(key: &PublicKey) -> Result<Value, String> {
    serde_json::from_str(&key.to_jwk().to_json()).map_err(|e| e.to_string())
}

pub(super) fn suite_of_kinds() -> Result<Suite, String> {
    let mut cases = Vec::new();
    for (name, key, feature, requirement) in kinds()? {
        let kind = key.key_type().to_string();
        let thumbprint = key.jwk_thumbprint(&SOFTWARE).map_err(|e| e.to_string())?;
        let value = json!({"keyType": kind, "multikey": key.to_multikey(), "jwk": jwk(&key)?});
        let mut full = value.clone();
        forge::set(&mut full, "pem", key.to_pem().into());
        forge::set(&mut full, "thumbprint", thumbprint.into());
        let read = |format: &str, text: String, value: &Value, encodings: &[&str]| {
            let mut input = json!({"format": format, "key": text});
            if format == "base58" {
                forge::set(&mut input, "keyType", kind.clone().into());
            }
            let case = case(
                &format!("did-kind-{name}-{format}"),
                (
                    &format!("A {kind} key as {format}"),
                    &format!("{format} 형식의 {kind} 키"),
                ),
                &[requirement],
                "key.read",
                input,
                made(value.clone()),
            );
            case.features(&[feature]).features(encodings)
        };
        cases.push(read("multikey", key.to_multikey(), &value, &[]));
        cases.push(read("jwk", jwk(&key)?.to_string(), &value, &[]));
        cases.push(read("pem", key.to_pem(), &full, &["key-encodings"]));
        if name != "rsa" {
            cases.push(read("base58", key.to_base58(), &full, &["key-encodings"]));
        }
    }
    cases.extend(other_spellings()?);
    cases.extend(bad_encodings()?);
    cases.extend(bad_jwks()?);
    cases.extend(signatures()?);
    Ok(suite(
        "did/kinds-of-keys",
        "did",
        "All kinds of keys, their encodings and bare signatures (RFC 7517, RFC 7638, RFC 5280, RFC 7468, RFC 8812)",
        "모든 종류의 키와 인코딩, 서명 (RFC 7517, RFC 7638, RFC 5280, RFC 7468, RFC 8812)",
        cases,
    ))
}

/// PEM that other software writes: with CR LF, with a compressed point, as RSAPublicKey.
fn other_spellings() -> Result<Vec<Case>, String> {
    let ec = key(KeyType::P256, 0x21)?.public_key().clone();
    let rsa = PublicKey::from_pem(RSA_PEM).map_err(|e| e.to_string())?;
    let compressed = {
        let mut der = ec.to_spki_der();
        let header = der.len().saturating_sub(65);
        der.truncate(header);
        // Two lengths shrink by the 32 bytes of y: that of the whole and that of the bit string.
        for at in [1, header.saturating_sub(2)] {
            if let Some(length) = der.get_mut(at) {
                *length -= 32;
            }
        }
        der.extend_from_slice(ec.as_bytes());
        pem("PUBLIC KEY", &der)
    };
    let spellings = [
        (
            "crlf",
            "with CR LF",
            "CR LF 줄바꿈",
            ec.to_pem().replace('\n', "\r\n"),
            &ec,
            "ecdsa-jcs-2019",
            "DID-06",
        ),
        (
            "compressed",
            "with a compressed point",
            "압축 점",
            compressed,
            &ec,
            "ecdsa-jcs-2019",
            "DID-06",
        ),
        (
            "rsa-pkcs1",
            "as RSAPublicKey",
            "RSAPublicKey 형식",
            pem("RSA PUBLIC KEY", rsa.as_bytes()),
            &rsa,
            "rsa",
            "DID-03",
        ),
    ];
    Ok(spellings
        .into_iter()
        .map(|(id, en, ko, text, key, feature, requirement)| {
            case(
                &format!("did-kind-pem-{id}"),
                (&format!("A key as PEM {en}"), &format!("PEM 키: {ko}")),
                &[requirement],
                "key.read",
                json!({"format": "pem", "key": text}),
                made(json!({"multikey": key.to_multikey(), "pem": key.to_pem()})),
            )
            .features(&[feature, "key-encodings"])
        })
        .collect())
}

/// PEM of any bytes, lines of 64.
fn pem(label: &str, der: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut base64 = String::new();
    for chunk in der.chunks(3) {
        let bytes = chunk.iter().chain(&[0, 0]).take(3);
        let number = bytes.fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        for i in 0..4 {
            let digit = usize::try_from(number >> (18 - 6 * i) & 63).unwrap_or_default();
            let letter = ALPHABET.get(digit).copied().unwrap_or(b'=');
            base64.push(char::from(if i > chunk.len() { b'=' } else { letter }));
        }
    }
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

fn bad_encodings() -> Result<Vec<Case>, String> {
    let ec = key(KeyType::P256, 0x21)?.public_key().clone();
    let k1 = key(KeyType::Secp256k1, 0x21)?.public_key().clone();
    let ed = key(KeyType::Ed25519, 0x21)?.public_key().clone();
    let good = ed.to_pem();
    let der = ed.to_spki_der();
    let parts = |at: usize| der.split_at_checked(at).unwrap_or_default();
    let with_null = [
        &[0x30, 0x2c, 0x30, 0x07][..],
        parts(9).0.get(4..).unwrap_or_default(),
        &[5, 0],
        parts(9).1,
    ]
    .concat();
    let base58 = |bytes: &[u8]| multibase::encode_base58btc(bytes).split_off(1);
    let x_only = |key: &PublicKey| base58(key.as_bytes().get(1..).unwrap_or_default());
    let pem_input = |text: String| json!({"format": "pem", "key": text});
    let base58_input = |kind: KeyType, text: String| json!({"format": "base58", "key": text, "keyType": kind.to_string()});
    let pems = Refusals {
        id: "did-kind-pem",
        en: "A PEM key is refused",
        ko: "PEM 키 거부",
        operation: "key.read",
        requirements: &["DID-03", "DID-04"],
        features: &["eddsa-jcs-2022", "key-encodings"],
    };
    let mut cases = pems.cases(vec![
        (
            "private",
            "that says it is private",
            "개인키 라벨",
            pem_input(good.replace("PUBLIC", "PRIVATE")),
            &["key"][..],
        ),
        (
            "second",
            "behind another",
            "다른 키 뒤에 이어진 키",
            pem_input(format!("{good}{good}")),
            &["key"],
        ),
        (
            "label",
            "with the label of a certificate",
            "인증서 라벨",
            pem_input(good.replace("PUBLIC KEY", "CERTIFICATE")),
            &["key"],
        ),
        (
            "pkcs1-label",
            "with the label of RSA",
            "RSA 라벨",
            pem_input(good.replace("PUBLIC KEY", "RSA PUBLIC KEY")),
            &["key"],
        ),
        (
            "no-end",
            "without an end",
            "끝 표시가 없음",
            pem_input(good.replace("-----END PUBLIC KEY-----\n", "")),
            &["key"],
        ),
        (
            "blank",
            "with a blank inside",
            "중간에 공백",
            pem_input(good.replace("MCow", "MC ow")),
            &["key"],
        ),
        (
            "parameters",
            "with algorithm parameters (RFC 8410 has none)",
            "알고리즘 파라미터 포함(RFC 8410에는 없음)",
            pem_input(pem("PUBLIC KEY", &with_null)),
            &["key"],
        ),
        (
            "behind",
            "with a byte behind the DER",
            "DER 뒤의 여분 바이트",
            pem_input(pem("PUBLIC KEY", &[&der[..], &[0]].concat())),
            &["key"],
        ),
        (
            "long-length",
            "with a length in BER",
            "BER 길이 표기",
            pem_input(pem(
                "PUBLIC KEY",
                &[&[0x30, 0x81, 0x2a][..], parts(2).1].concat(),
            )),
            &["key"],
        ),
        (
            "small-order",
            "of small order",
            "위수가 작은 키",
            pem_input(pem("PUBLIC KEY", &[parts(12).0, &[1], &[0; 31]].concat())),
            &["key"],
        ),
        (
            "empty",
            "of no text",
            "빈 텍스트",
            pem_input(String::new()),
            &["key"],
        ),
    ]);
    let base58s = Refusals {
        id: "did-kind-base58",
        en: "A base58 key is refused",
        ko: "base58 키 거부",
        operation: "key.read",
        requirements: &["DID-06"],
        features: &["ecdsa-jcs-2019", "key-encodings"],
    };
    cases.extend(base58s.cases(vec![
        (
            "p256-x",
            "an x-coordinate of P-256 alone, which two points have",
            "두 점이 공유하는 P-256 x좌표만 있음",
            base58_input(KeyType::P256, x_only(&ec)),
            &["key"][..],
        ),
        (
            "p256-uncompressed",
            "an uncompressed point",
            "압축하지 않은 점",
            base58_input(KeyType::P256, base58(&[&[4][..], &[1; 64]].concat())),
            &["key"],
        ),
        (
            "p256-alphabet",
            "with a letter that base58 has not",
            "base58에 없는 문자",
            base58_input(KeyType::P256, "0OIl".into()),
            &["key"],
        ),
        (
            "p256-multibase",
            "with a multibase prefix",
            "multibase 접두어 포함",
            base58_input(KeyType::P256, format!("z{}", ec.to_base58())),
            &["key"],
        ),
    ]));
    let k1s = Refusals {
        id: "did-kind-secp256k1",
        en: "A secp256k1 key is refused",
        ko: "secp256k1 키 거부",
        operation: "key.read",
        requirements: &["DID-05"],
        features: &["secp256k1", "key-encodings"],
    };
    cases.extend(k1s.cases(vec![
        (
            "x",
            "an x-coordinate alone",
            "x좌표만 있음",
            base58_input(KeyType::Secp256k1, x_only(&k1)),
            &["key"][..],
        ),
        (
            "other-curve",
            "a point of P-256",
            "P-256의 점",
            base58_input(KeyType::Secp256k1, ec.to_base58()),
            &["key"],
        ),
        (
            "tag",
            "with the tag of an identity",
            "항등원 태그",
            base58_input(KeyType::Secp256k1, base58(&[0; 33])),
            &["key"],
        ),
    ]));
    Ok(cases)
}

fn bad_jwks() -> Result<Vec<Case>, String> {
    let k1 = jwk(key(KeyType::Secp256k1, 0x21)?.public_key())?;
    let x = jwk(key(KeyType::X25519, 0x21)?.public_key())?;
    let p384 = jwk(&PublicKey::from_pem(P384_PEM).map_err(|e| e.to_string())?)?;
    let rsa = jwk(&PublicKey::from_pem(RSA_PEM).map_err(|e| e.to_string())?)?;
    let with = |object: &Value, name: &str, value: Value| json!({"format": "jwk", "key": forge::with(object, name, value).to_string()});
    let low_x = |byte: &str| with(&x, "x", format!("{byte}{}", "A".repeat(41)).into());
    let mut cases = Vec::new();
    for (feature, requirement, table) in [
        (
            "secp256k1",
            "DID-05",
            vec![
                (
                    "secp256k1-alg",
                    "secp256k1 for another algorithm",
                    "다른 알고리즘용 secp256k1",
                    with(&k1, "alg", "ES256".into()),
                    &["key"][..],
                ),
                (
                    "secp256k1-crv",
                    "a point of secp256k1 said to be one of P-256",
                    "P-256이라고 주장하는 secp256k1 점",
                    with(&k1, "crv", "P-256".into()),
                    &["key", "unsupported"],
                ),
                (
                    "secp256k1-okp",
                    "secp256k1 as OKP",
                    "OKP로 표기한 secp256k1",
                    with(&k1, "kty", "OKP".into()),
                    &["unsupported", "key"],
                ),
            ],
        ),
        (
            "p384",
            "DID-06",
            vec![
                (
                    "p384-short",
                    "P-384 with coordinates of 32 bytes",
                    "32바이트 좌표의 P-384",
                    with(&k1, "crv", "P-384".into()),
                    &["key"],
                ),
                (
                    "p384-alg",
                    "P-384 for another algorithm",
                    "다른 알고리즘용 P-384",
                    with(&p384, "alg", "ES256".into()),
                    &["key"],
                ),
                (
                    "p384-secret",
                    "P-384 with its private part",
                    "비밀 부분이 포함된 P-384",
                    with(&p384, "d", "AAAA".into()),
                    &["key"],
                ),
            ],
        ),
        (
            "x25519",
            "DID-07",
            vec![
                (
                    "x25519-use",
                    "X25519 for signatures",
                    "서명용이라고 주장하는 X25519",
                    with(&x, "use", "sig".into()),
                    &["key"],
                ),
                (
                    "x25519-key-ops",
                    "X25519 that verifies",
                    "검증용이라고 주장하는 X25519",
                    with(&x, "key_ops", json!(["verify"])),
                    &["key"],
                ),
                (
                    "x25519-zero",
                    "X25519 of small order (0)",
                    "위수가 작은 X25519 (0)",
                    low_x("AA"),
                    &["key"],
                ),
                (
                    "x25519-one",
                    "X25519 of small order (1)",
                    "위수가 작은 X25519 (1)",
                    low_x("AQ"),
                    &["key"],
                ),
                (
                    "x25519-high",
                    "X25519 not below the prime",
                    "소수보다 작지 않은 X25519",
                    with(
                        &x,
                        "x",
                        "_____________________________________________w"
                            .chars()
                            .skip(2)
                            .collect::<String>()
                            .into(),
                    ),
                    &["key"],
                ),
            ],
        ),
        (
            "rsa",
            "DID-03",
            vec![
                (
                    "rsa-exponent",
                    "RSA with the exponent 3",
                    "지수가 3인 RSA",
                    with(&rsa, "e", "Aw".into()),
                    &["key"],
                ),
                (
                    "rsa-even",
                    "RSA with an even exponent",
                    "지수가 짝수인 RSA",
                    with(&rsa, "e", "AQAC".into()),
                    &["key"],
                ),
                (
                    "rsa-zero",
                    "RSA whose exponent has a leading zero",
                    "지수 앞에 0이 붙은 RSA",
                    with(&rsa, "e", "AAEAAQ".into()),
                    &["key"],
                ),
                (
                    "rsa-no-n",
                    "RSA without a modulus",
                    "모듈러스가 없는 RSA",
                    json!({"format": "jwk", "key": forge::without(&rsa, "n").to_string()}),
                    &["key"],
                ),
                (
                    "rsa-prime",
                    "RSA with a prime factor",
                    "소인수가 포함된 RSA",
                    with(&rsa, "p", "AAAA".into()),
                    &["key"],
                ),
                (
                    "rsa-alg",
                    "RSA for encryption",
                    "암호화용 RSA",
                    with(&rsa, "alg", "RSA-OAEP".into()),
                    &["key"],
                ),
            ],
        ),
    ] {
        let refusals = Refusals {
            id: "did-kind-jwk",
            en: "A JWK is refused",
            ko: "JWK 거부",
            operation: "key.read",
            requirements: &[requirement],
            features: &[feature],
        };
        cases.extend(refusals.cases(table));
    }
    let short = Refusals {
        id: "did-kind-pem",
        en: "A PEM key is refused",
        ko: "PEM 키 거부",
        operation: "key.read",
        requirements: &["DID-03"],
        features: &["rsa", "key-encodings"],
    };
    cases.extend(short.cases(vec![(
        "rsa-1024",
        "RSA of 1024 bits",
        "1024비트 RSA",
        json!({"format": "pem", "key": RSA_1024_PEM}),
        &["key"],
    )]));
    Ok(cases)
}

fn signatures() -> Result<Vec<Case>, String> {
    let message = "K-BTF 분산신원".as_bytes();
    let signed = |key: &SecretKey| SOFTWARE.sign(key, message).map_err(|e| e.to_string());
    let (ed, ec, k1) = (
        key(KeyType::Ed25519, 0x21)?,
        key(KeyType::P256, 0x21)?,
        key(KeyType::Secp256k1, 0x21)?,
    );
    let (rsa, p384) = (made_elsewhere::RSA_PEM, made_elsewhere::P384_PEM);
    let fixed = |pem: &str| {
        PublicKey::from_pem(pem)
            .map(|key| key.to_multikey())
            .map_err(|e| e.to_string())
    };
    let (rsa, p384) = (fixed(rsa)?, fixed(p384)?);
    let multikey = |key: &SecretKey| key.public_key().to_multikey();
    let high = forge::flip_s(&signed(&ec)?)?;
    let high_k1 = flip_k1(&signed(&k1)?)?;
    let mut cases = Vec::new();
    // Id, algorithm, key, signature, titles, accepted, feature, requirement.
    for (id, algorithm, key, signature, (en, ko), good, feature, requirement) in [
        (
            "ed25519",
            "EdDSA",
            multikey(&ed),
            to_text(&signed(&ed)?),
            ("verifies", "검증됨"),
            true,
            "eddsa-jcs-2022",
            "DID-04",
        ),
        (
            "p256",
            "ES256",
            multikey(&ec),
            to_text(&signed(&ec)?),
            ("verifies", "검증됨"),
            true,
            "ecdsa-jcs-2019",
            "DID-06",
        ),
        (
            "p256-high",
            "ES256",
            multikey(&ec),
            to_text(&high),
            (
                "with the upper s verifies, as FIPS 186-5 has it",
                "s가 위쪽 절반이어도 FIPS 186-5대로 검증됨",
            ),
            true,
            "ecdsa-jcs-2019",
            "DID-06",
        ),
        (
            "secp256k1",
            "ES256K",
            multikey(&k1),
            to_text(&signed(&k1)?),
            ("verifies", "검증됨"),
            true,
            "secp256k1",
            "DID-05",
        ),
        (
            "secp256k1-high",
            "ES256K",
            multikey(&k1),
            to_text(&high_k1),
            ("with the upper s is refused", "s가 위쪽 절반이면 거부"),
            false,
            "secp256k1",
            "DID-05",
        ),
        (
            "secp256k1-other",
            "ES256K",
            multikey(&k1),
            to_text(&signed(&key_of_another()?)?),
            ("of another key is refused", "다른 키의 서명은 거부"),
            false,
            "secp256k1",
            "DID-05",
        ),
        (
            "secp256k1-zero",
            "ES256K",
            multikey(&k1),
            "00".repeat(64),
            ("of zeros is refused", "0으로 된 서명은 거부"),
            false,
            "secp256k1",
            "DID-05",
        ),
        (
            "secp256k1-short",
            "ES256K",
            multikey(&k1),
            "11".repeat(63),
            ("of 63 bytes is refused", "63바이트 서명은 거부"),
            false,
            "secp256k1",
            "DID-05",
        ),
        (
            "p384",
            "ES384",
            p384.clone(),
            ES384.into(),
            ("verifies", "검증됨"),
            true,
            "p384",
            "DID-06",
        ),
        (
            "p384-other-s",
            "ES384",
            p384.clone(),
            ES384_OTHER_S.into(),
            ("with the other s verifies", "다른 쪽 s여도 검증됨"),
            true,
            "p384",
            "DID-06",
        ),
        (
            "p384-swapped",
            "ES384",
            p384,
            swapped(ES384),
            ("with r and s swapped is refused", "r과 s가 바뀌면 거부"),
            false,
            "p384",
            "DID-06",
        ),
        (
            "rs256",
            "RS256",
            rsa.clone(),
            RS256.into(),
            ("verifies", "검증됨"),
            true,
            "rsa",
            "DID-03",
        ),
        (
            "ps256",
            "PS256",
            rsa.clone(),
            PS256.into(),
            ("verifies", "검증됨"),
            true,
            "rsa",
            "DID-03",
        ),
        (
            "ps256-as-rs256",
            "RS256",
            rsa.clone(),
            PS256.into(),
            (
                "in PSS is refused as PKCS #1",
                "PSS 서명을 PKCS #1로 검증하면 거부",
            ),
            false,
            "rsa",
            "DID-03",
        ),
        (
            "rs256-as-ps256",
            "PS256",
            rsa.clone(),
            RS256.into(),
            (
                "in PKCS #1 is refused as PSS",
                "PKCS #1 서명을 PSS로 검증하면 거부",
            ),
            false,
            "rsa",
            "DID-03",
        ),
        (
            "ps256-salt",
            "PS256",
            rsa.clone(),
            PSS_SALT_20.into(),
            (
                "with a salt of 20 bytes is refused",
                "솔트가 20바이트이면 거부",
            ),
            false,
            "rsa",
            "DID-03",
        ),
        (
            "rs256-sha1",
            "RS256",
            rsa.clone(),
            PKCS1_SHA1.into(),
            ("with SHA-1 is refused", "SHA-1 서명은 거부"),
            false,
            "rsa",
            "DID-03",
        ),
        (
            "rs256-short",
            "RS256",
            rsa,
            RS256.chars().skip(2).collect(),
            ("of 255 bytes is refused", "255바이트 서명은 거부"),
            false,
            "rsa",
            "DID-03",
        ),
    ] {
        let expect = if good {
            made(json!({}))
        } else {
            super::refused(&["signature"])
        };
        let input =
            json!({"key": key, "algorithm": algorithm, "message": MESSAGE, "signature": signature});
        let titles = (
            &*format!("A signature in {algorithm} {en}"),
            &*format!("{algorithm} 서명: {ko}"),
        );
        let verify = case(
            &format!("did-signature-{id}"),
            titles,
            &[requirement],
            "key.verify",
            input,
            expect,
        );
        cases.push(verify.features(&[feature, "key-verify"]));
    }
    let input = json!({"key": multikey(&ed), "algorithm": "ES256K", "message": MESSAGE, "signature": to_text(&signed(&ed)?)});
    let titles = (
        "A signature in an algorithm that the key is not for is refused",
        "키와 맞지 않는 알고리즘의 서명은 거부",
    );
    let wrong = case(
        "did-signature-wrong-algorithm",
        titles,
        &["DID-04"],
        "key.verify",
        input,
        super::refused(&["key", "signature"]),
    );
    cases.push(wrong.features(&["secp256k1", "key-verify"]));
    Ok(cases)
}

fn key_of_another() -> Result<SecretKey, String> {
    key(KeyType::Secp256k1, 0x22)
}

/// r and s in each other's place.
fn swapped(hex: &str) -> String {
    let (r, s) = hex.split_at(hex.len() / 2);
    format!("{s}{r}")
}

/// The other form of an ECDSA signature on secp256k1: (r, n − s).
pub(super) fn flip_k1(signature: &[u8]) -> Result<Vec<u8>, String> {
    use k256::elliptic_curve::PrimeField as _;
    let (r, s) = signature.split_at_checked(32).ok_or("not a signature")?;
    let s: [u8; 32] = s.try_into().map_err(|_| "not a signature")?;
    let s = Option::<k256::Scalar>::from(k256::Scalar::from_repr(s.into())).ok_or("s too big")?;
    let mut flipped = r.to_vec();
    flipped.extend_from_slice(&(-s).to_repr());
    Ok(flipped)
}
