//! Cases of keys, their encodings, and `did:key`.

use kbtf_did::KeyType;
use serde_json::{Value, json};

use super::{
    case, checked, forge,
    forge::{Person, multikey, with, without},
    made, refused, suite,
};
use crate::suite::{Case, Check, Suite};

pub(super) fn suite_of_keys() -> Result<Suite, String> {
    let mut cases = Vec::new();
    for (name, key_type, requirement) in [
        ("ed25519", KeyType::Ed25519, "DID-04"),
        ("p256", KeyType::P256, "DID-06"),
    ] {
        let person = Person::new(key_type, 0x11)?;
        let key_name = key_type.to_string();
        let value = made(json!({
            "keyType": key_name, "multikey": person.multikey(), "jwk": person.jwk()?
        }));
        let inputs = [
            ("multikey", person.multikey()),
            ("jwk", person.jwk()?.to_string()),
        ];
        for (format, key) in inputs {
            cases.push(
                case(
                    &format!("did-key-{name}-{format}"),
                    (
                        &format!("A {key_name} key as {format}"),
                        &format!("{format} 형식의 {key_name} 키"),
                    ),
                    &[requirement],
                    "key.read",
                    json!({"format": format, "key": key}),
                    value.clone(),
                )
                .features(&[person.feature()]),
            );
        }
        let did = person.did();
        cases.push(
            case(
                &format!("did-resolve-{name}"),
                (
                    &format!("did:key of a {key_name} key resolves to its document"),
                    &format!("{key_name} 키의 did:key를 조회하면 그 문서가 나온다"),
                ),
                &["DID-01", "DID-02", "DID-10", requirement],
                "did.resolve",
                json!({"did": did}),
                checked(Check::DidKeyDocument),
            )
            .features(&[person.feature()]),
        );
    }
    cases.extend(bad_keys()?);
    cases.extend(bad_did_keys()?);
    Ok(suite(
        "did/keys",
        "did",
        "Keys, their encodings and did:key (RFC 8032, FIPS 186-5, RFC 7517, Controlled Identifiers 1.0)",
        "키와 인코딩, did:key (RFC 8032, FIPS 186-5, RFC 7517, Controlled Identifiers 1.0)",
        cases,
    ))
}

/// y = 2 is no point of the curve; the encodings of 0 and 1 are points of small order.
fn little_endian(low: u8, high: u8, middle: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = low;
    bytes[31] = high;
    bytes
}

/// Id, titles, format, key, reasons.
type BadKey<'k> = (&'k str, &'k str, &'k str, &'k str, String, &'k [&'k str]);

fn bad_keys() -> Result<Vec<Case>, String> {
    const ED25519: [u8; 2] = [0xed, 0x01];
    const P256: [u8; 2] = [0x80, 0x24];
    let ed = Person::new(KeyType::Ed25519, 0x11)?;
    let ec = Person::new(KeyType::P256, 0x11)?;
    let (ed_jwk, ec_jwk) = (ed.jwk()?, ec.jwk()?);
    let other_y = Person::new(KeyType::P256, 0x12)?.jwk()?;
    let compact_point = {
        let mut bytes = kbtf_did::multibase::decode(&ec.multikey()).map_err(|e| e.to_string())?;
        if let Some(tag) = bytes.get_mut(2) {
            *tag = 5;
        }
        kbtf_did::multibase::encode_base58btc(&bytes)
    };
    let text = |value: &Value| value.to_string();
    let padded = format!(
        "{}=",
        ed_jwk.get("x").and_then(Value::as_str).unwrap_or_default()
    );
    let cases: Vec<BadKey<'_>> = vec![
        (
            "identity",
            "of small order (the identity)",
            "위수가 작은 키(항등원)",
            "multikey",
            multikey(ED25519, &little_endian(1, 0, 0)),
            &["key"],
        ),
        (
            "order-4",
            "of small order (order 4)",
            "위수가 작은 키(위수 4)",
            "multikey",
            multikey(ED25519, &[0; 32]),
            &["key"],
        ),
        (
            "order-2",
            "of small order (order 2)",
            "위수가 작은 키(위수 2)",
            "multikey",
            multikey(ED25519, &little_endian(0xec, 0x7f, 0xff)),
            &["key"],
        ),
        (
            "non-canonical",
            "whose y is not below the prime",
            "y가 소수보다 작지 않은 키",
            "multikey",
            multikey(ED25519, &little_endian(0xee, 0x7f, 0xff)),
            &["key"],
        ),
        (
            "no-point",
            "that is no point of the curve",
            "곡선 위의 점이 아닌 키",
            "multikey",
            multikey(ED25519, &little_endian(2, 0, 0)),
            &["key"],
        ),
        (
            "short",
            "of 31 bytes",
            "31바이트 키",
            "multikey",
            multikey(ED25519, &[9; 31]),
            &["key"],
        ),
        (
            "long",
            "of 33 bytes",
            "33바이트 키",
            "multikey",
            multikey(ED25519, &[9; 33]),
            &["key"],
        ),
        (
            "p256-x-only",
            "on P-256 of an x-coordinate alone",
            "x좌표만 있는 P-256 키",
            "multikey",
            multikey(P256, &[9; 32]),
            &["key"],
        ),
        (
            "p256-identity",
            "on P-256 at infinity",
            "무한원점인 P-256 키",
            "multikey",
            multikey(P256, &[0]),
            &["key"],
        ),
        (
            "p256-compact",
            "on P-256 in the compact form (tag 5)",
            "compact 형식(태그 5)의 P-256 키",
            "multikey",
            compact_point,
            &["key"],
        ),
        (
            "p256-big-x",
            "on P-256 whose x is not below the prime",
            "x가 소수보다 작지 않은 P-256 키",
            "multikey",
            multikey(P256, &{
                let mut b = [0xff; 33];
                b[0] = 2;
                b
            }),
            &["key"],
        ),
        (
            "prefix",
            "in a multibase other than z or u",
            "z나 u가 아닌 멀티베이스의 키",
            "multikey",
            ed.multikey().replacen('z', "f", 1),
            &["key"],
        ),
        (
            "alphabet",
            "with a letter that base58 has not",
            "base58에 없는 글자가 있는 키",
            "multikey",
            ed.multikey().replace('k', "0"),
            &["key"],
        ),
        (
            "secret",
            "that is a secret",
            "비밀키를 공개한 키",
            "multikey",
            ed.secret(),
            &["key"],
        ),
        (
            "unknown-kind",
            "of a kind that nobody has assigned",
            "할당되지 않은 종류의 키",
            "multikey",
            multikey([0x80, 0x7f], &[9; 32]),
            &["unsupported"],
        ),
        (
            "header-not-minimal",
            "whose header is spelt with a byte too many",
            "머리 부분을 길게 적은 키",
            "multikey",
            multikey([0xed, 0x81], &[&[0][..], &[9; 32]].concat()),
            &["key", "unsupported"],
        ),
        (
            "p256-no-point",
            "on P-256 whose x belongs to no point",
            "곡선 위의 점이 없는 x를 가진 P-256 키",
            "multikey",
            p256_no_point()?,
            &["key"],
        ),
        (
            "non-canonical-large-order",
            "whose y is not below the prime, though the point is a good one",
            "점은 올바르나 y가 소수보다 작지 않은 키",
            "multikey",
            multikey(ED25519, &forge::non_canonical_point()?),
            &["key"],
        ),
        (
            "jwk-kty-crv",
            "as JWK whose kty and crv belong to two kinds",
            "kty와 crv가 서로 맞지 않는 JWK",
            "jwk",
            text(&with(&ed_jwk, "crv", "P-256".into())),
            &["unsupported", "key"],
        ),
        (
            "jwk-key-ops-sign",
            "as public JWK that may only sign",
            "서명만 허용된 공개 JWK",
            "jwk",
            text(&with(&ed_jwk, "key_ops", json!(["sign"]))),
            &["key"],
        ),
        (
            "jwk-private",
            "as JWK with its private part",
            "비밀 부분이 들어 있는 JWK",
            "jwk",
            text(&with(
                &ed_jwk,
                "d",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAU".into(),
            )),
            &["key"],
        ),
        (
            "jwk-padded",
            "as JWK with padded base64url",
            "패딩이 붙은 base64url JWK",
            "jwk",
            text(&with(&ed_jwk, "x", padded.into())),
            &["key"],
        ),
        (
            "jwk-no-y",
            "as EC JWK without y",
            "y가 없는 EC JWK",
            "jwk",
            text(&without(&ec_jwk, "y")),
            &["key"],
        ),
        (
            "jwk-wrong-y",
            "as EC JWK with the y of another key",
            "다른 키의 y를 가진 EC JWK",
            "jwk",
            text(&with(
                &ec_jwk,
                "y",
                other_y.get("y").cloned().unwrap_or_default(),
            )),
            &["key"],
        ),
        (
            "jwk-alg",
            "as JWK for another algorithm",
            "다른 알고리즘용 JWK",
            "jwk",
            text(&with(&ec_jwk, "alg", "ES384".into())),
            &["key"],
        ),
        (
            "jwk-use",
            "as JWK for encryption",
            "암호화용 JWK",
            "jwk",
            text(&with(&ed_jwk, "use", "enc".into())),
            &["key"],
        ),
        (
            "jwk-key-ops",
            "as JWK that must not verify",
            "검증에 쓸 수 없는 JWK",
            "jwk",
            text(&with(&ed_jwk, "key_ops", json!(["encrypt"]))),
            &["key"],
        ),
        (
            "jwk-duplicate",
            "as JWK with x twice",
            "x가 두 번 나오는 JWK",
            "jwk",
            text(&ed_jwk).replacen('{', r#"{"x":"AAAA","#, 1),
            &["key", "syntax"],
        ),
        (
            "jwk-no-crv",
            "as JWK without curve",
            "곡선이 없는 JWK",
            "jwk",
            text(&without(&ed_jwk, "crv")),
            &["key"],
        ),
        (
            "jwk-symmetric",
            "as symmetric JWK",
            "대칭키 JWK",
            "jwk",
            r#"{"kty":"oct","k":"AAAA"}"#.into(),
            &["key", "unsupported"],
        ),
        (
            "jwk-unknown-kind",
            "as JWK of a kind that nobody has registered",
            "등록되지 않은 종류의 JWK",
            "jwk",
            r#"{"kty":"XYZ","x":"AAAA"}"#.into(),
            &["unsupported", "key"],
        ),
    ];
    Ok(cases
        .into_iter()
        .map(|(id, en, ko, format, key, reasons)| {
            // A target without the curve cannot be asked about its keys.
            let is_p256 =
                id.starts_with("p256") || matches!(id, "jwk-no-y" | "jwk-wrong-y" | "jwk-alg");
            let (requirement, feature) = if is_p256 {
                ("DID-06", "ecdsa-jcs-2019")
            } else {
                ("DID-04", "eddsa-jcs-2022")
            };
            let refused = case(
                &format!("did-key-refuse-{id}"),
                (&format!("A key {en} is refused"), &format!("거부: {ko}")),
                &[requirement],
                "key.read",
                json!({"format": format, "key": key}),
                refused(reasons),
            );
            refused.features(&[feature])
        })
        .collect())
}

/// The Multikey of an x-coordinate that no point of P-256 has.
fn p256_no_point() -> Result<String, String> {
    (1..=u8::MAX)
        .map(|x| {
            let mut compressed = [0; 33];
            compressed[0] = 2;
            compressed[32] = x;
            compressed
        })
        .find(|compressed| p256::ecdsa::VerifyingKey::from_sec1_bytes(compressed).is_err())
        .map(|compressed| multikey([0x80, 0x24], &compressed))
        .ok_or_else(|| "every x is that of a point".into())
}

fn bad_did_keys() -> Result<Vec<Case>, String> {
    let ed = Person::new(KeyType::Ed25519, 0x11)?;
    let identity = multikey([0xed, 0x01], &little_endian(1, 0, 0));
    let base64 = kbtf_did::multibase::decode(&ed.multikey())
        .map(|bytes| kbtf_did::multibase::encode_base64url(&bytes))
        .map_err(|e| e.to_string())?;
    let mut cases: Vec<Case> = [
        (
            "other-method",
            "another method",
            "다른 메서드",
            "did:example:1".to_owned(),
            &["unsupported"][..],
        ),
        (
            "not-a-did",
            "no DID",
            "DID가 아닌 값",
            ed.multikey(),
            &["syntax"],
        ),
        ("url", "a DID URL", "DID URL", ed.method(), &["syntax"]),
        (
            "small-order",
            "a key of small order",
            "위수가 작은 키",
            format!("did:key:{identity}"),
            &["key"],
        ),
        (
            "base64url",
            "a key in base64url, which did:key does not have",
            "did:key에 없는 base64url 형식의 키",
            format!("did:key:{base64}"),
            &["key", "syntax", "unsupported"],
        ),
        (
            "unknown-kind",
            "a kind of key that nobody has assigned",
            "할당되지 않은 종류의 키",
            format!("did:key:{}", multikey([0x80, 0x7f], &[9; 32])),
            &["unsupported"],
        ),
    ]
    .into_iter()
    .map(|(id, en, ko, did, reasons)| {
        case(
            &format!("did-resolve-refuse-{id}"),
            (
                &format!("Resolving did:key refuses {en}"),
                &format!("did:key 조회 거부: {ko}"),
            ),
            &["DID-04"],
            "did.resolve",
            json!({"did": did}),
            refused(reasons),
        )
    })
    .collect();
    cases.push(
        case(
            "did-key-jwk-respelled",
            (
                "A JWK with blanks and another order is the same key",
                "공백과 순서가 다른 JWK도 같은 키이다",
            ),
            &["DID-04"],
            "key.read",
            json!({"format": "jwk", "key": forge::compact(&ed.jwk()?).replace(',', " ,\n")}),
            made(json!({"multikey": ed.multikey()})),
        )
        .features(&[ed.feature()]),
    );
    Ok(cases)
}
