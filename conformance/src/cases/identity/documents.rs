//! Cases of DID documents: what is read, what is reported, what is refused; and the personal-data guard.

use kbtf_did::{KeyType, PublicKey, multibase};
use serde_json::{Value, json};

use super::{Refusals, case, forge, key, made, suite, to_text};
use crate::suite::{Case, Suite};

const DID: &str = "did:example:1";

fn public(key_type: KeyType) -> Result<PublicKey, String> {
    key(key_type, 0x41).map(|key| key.public_key().clone())
}

fn base() -> Result<Value, String> {
    Ok(json!({
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": DID,
        "controller": ["did:example:1", "did:example:2"],
        "alsoKnownAs": ["https://www.example.kr/"],
        "verificationMethod": [{"id": "#key-1", "type": "Multikey", "controller": DID, "publicKeyMultibase": public(KeyType::Ed25519)?.to_multikey(), "expires": "2030-01-01T00:00:00Z"}],
        "authentication": ["#key-1", {"id": "did:example:1#own", "type": "Multikey", "controller": DID, "publicKeyMultibase": public(KeyType::Ed25519)?.to_multikey()}],
        "assertionMethod": ["did:example:1#key-1"],
        "service": [{"id": "#files", "type": ["Files", "LinkedDomains"], "serviceEndpoint": "https://files.example/"}],
        "unknown": {"kept": [1, 2.5, true]}
    }))
}

pub(super) fn suite_of_documents() -> Result<Suite, String> {
    let mut cases = readings()?;
    cases.extend(legacy_types()?);
    cases.extend(broken()?);
    cases.extend(personal_data()?);
    Ok(suite(
        "did/documents",
        "did",
        "DID documents of today and of yesterday (DID Core 1.0, Controlled Identifiers 1.0), and what may not reach a ledger",
        "현재와 과거의 DID 문서(DID Core 1.0, Controlled Identifiers 1.0)와 원장에 올릴 수 없는 것",
        cases,
    ))
}

fn read(
    id: &str,
    (en, ko): (&str, &str),
    requirements: &[&str],
    input: Value,
    methods: Value,
    warnings: &[&str],
) -> Case {
    let titles = (&*format!("A document {en}"), &*format!("DID 문서: {ko}"));
    let value = json!({"id": DID, "methods": methods, "warnings": warnings});
    case(
        &format!("did-document-{id}"),
        titles,
        requirements,
        "did.document-read",
        input,
        made(value),
    )
    .features(&["did-documents"])
}

fn input(document: &Value) -> Value {
    json!({"document": document.to_string()})
}

fn readings() -> Result<Vec<Case>, String> {
    let base = base()?;
    let multikey = public(KeyType::Ed25519)?.to_multikey();
    let key =
        |id: &str| json!({"id": format!("{DID}#{id}"), "keyType": "Ed25519", "multikey": multikey});
    let plain = forge::without(&base, "@context");
    let both = json!([key("key-1"), key("own")]);
    let of = &["DID-01", "DID-02", "DID-08", "DID-09"][..];
    let unusable = forge::replace(
        &base,
        "/verificationMethod/0",
        json!({"id": "#key-1", "type": "SomeKey2031", "controller": DID, "publicKeySome": "?"}),
    );
    let no_key = json!({"id": format!("{DID}#key-1"), "keyType": null, "multikey": null});
    let two_members = forge::replace(
        &base,
        "/verificationMethod/0",
        json!({"id": "#key-1", "type": "Multikey", "controller": DID, "publicKeyMultibase": multikey, "publicKeyBase58": "1"}),
    );
    let array = {
        let mut document = forge::without(&base, "verificationMethod");
        forge::set(
            &mut document,
            "publicKey",
            base.get("verificationMethod").cloned().unwrap_or_default(),
        );
        document
    };
    let objects = forge::with(&base, "authentication", json!([{"publicKey": "#key-1"}]));
    let objects_by_id = forge::with(
        &base,
        "authentication",
        json!([{"id": "did:example:1#key-1"}]),
    );
    let query = forge::with(
        &forge::replace(
            &base,
            "/verificationMethod/0/id",
            "did:example:1?versionId=2#key-1".into(),
        ),
        "authentication",
        json!([]),
    );
    Ok(vec![
        read(
            "whole",
            ("is read whole", "전체를 읽는다"),
            of,
            input(&base),
            both.clone(),
            &[],
        ),
        read(
            "v1-1",
            ("of the context of DID 1.1 is read", "DID 1.1 컨텍스트"),
            of,
            input(&forge::with(
                &base,
                "@context",
                "https://www.w3.org/ns/did/v1.1".into(),
            )),
            both.clone(),
            &[],
        ),
        read(
            "cid",
            (
                "of the context of Controlled Identifiers is read",
                "Controlled Identifiers 컨텍스트",
            ),
            of,
            input(&forge::with(
                &base,
                "@context",
                json!(["https://www.w3.org/ns/cid/v1"]),
            )),
            both.clone(),
            &[],
        ),
        read(
            "minimal",
            (
                "needs no more than context and id",
                "컨텍스트와 id만으로 충분하다",
            ),
            of,
            input(&json!({"@context": "https://www.w3.org/ns/did/v1", "id": DID})),
            json!([]),
            &[],
        ),
        read(
            "json",
            (
                "in plain JSON needs no context",
                "일반 JSON이면 컨텍스트가 없어도 된다",
            ),
            of,
            json!({"document": plain.to_string(), "representation": "application/did+json"}),
            both.clone(),
            &["did/legacy-missing-context"],
        ),
        read(
            "unknown-type",
            (
                "with a key of an unknown type is read, the key unusable",
                "알 수 없는 유형의 키는 쓸 수 없는 키로 읽는다",
            ),
            of,
            input(&unusable),
            json!([no_key, key("own")]),
            &[],
        ),
        read(
            "two-keys",
            (
                "with two keys in one method is read, the key unusable",
                "한 검증 방법에 키가 둘이면 쓸 수 없는 키로 읽는다",
            ),
            of,
            input(&two_members),
            json!([no_key, key("own")]),
            &[],
        ),
        read(
            "public-key-array",
            (
                "from before DID Core, with publicKey, is read and reported",
                "DID Core 이전의 publicKey 배열을 읽고 알린다",
            ),
            of,
            input(&array),
            both,
            &["did/legacy-public-key-array"],
        ),
        read(
            "reference-object",
            (
                "with a reference as an object is read and reported",
                "객체로 된 참조를 읽고 알린다",
            ),
            of,
            input(&objects),
            json!([key("key-1")]),
            &["did/legacy-reference-object"],
        ),
        read(
            "reference-object-id",
            (
                "with a reference as an object of an id is read and reported",
                "id 객체로 된 참조를 읽고 알린다",
            ),
            of,
            input(&objects_by_id),
            json!([key("key-1")]),
            &["did/legacy-reference-object"],
        ),
        read(
            "query",
            (
                "with a query in a key's id is read and reported",
                "키 id에 질의가 있는 문서를 읽고 알린다",
            ),
            of,
            input(&query),
            json!([{"id": "did:example:1?versionId=2#key-1", "keyType": "Ed25519", "multikey": multikey}]),
            &["did/legacy-query-before-fragment"],
        ),
    ])
}

/// Id, type, member, key material, the key or none, warnings, feature, requirement.
type LegacyKey<'k> = (
    &'k str,
    &'k str,
    &'k str,
    Value,
    Option<&'k PublicKey>,
    &'k [&'k str],
    &'k str,
    &'k str,
);

fn legacy_types() -> Result<Vec<Case>, String> {
    const TYPE: &str = "did/legacy-verification-method-type";
    const BASE58: &str = "did/legacy-base58-key";
    const HEX: &str = "did/legacy-hex-key";
    const PEM: &str = "did/legacy-pem-key";
    const RAW: &str = "did/legacy-headerless-multibase-key";
    let (ed, x) = (public(KeyType::Ed25519)?, public(KeyType::X25519)?);
    let (p256, k1) = (public(KeyType::P256)?, public(KeyType::Secp256k1)?);
    let rsa = PublicKey::from_pem(super::made_elsewhere::RSA_PEM).map_err(|e| e.to_string())?;
    let p384 = PublicKey::from_pem(super::made_elsewhere::P384_PEM).map_err(|e| e.to_string())?;
    let jwk = |key: &PublicKey| -> Result<Value, String> {
        serde_json::from_str(&key.to_jwk().to_json()).map_err(|e| e.to_string())
    };
    let hex = |key: &PublicKey| to_text(key.as_bytes());
    let base64url = |key: &PublicKey| multibase::encode_base64url(key.as_bytes());
    let table: Vec<LegacyKey<'_>> = vec![
        (
            "json-web-key",
            "JsonWebKey",
            "publicKeyJwk",
            jwk(&ed)?,
            Some(&ed),
            &[],
            "eddsa-jcs-2022",
            "DID-04",
        ),
        (
            "jwk-2020",
            "JsonWebKey2020",
            "publicKeyJwk",
            jwk(&p256)?,
            Some(&p256),
            &[TYPE],
            "ecdsa-jcs-2019",
            "DID-06",
        ),
        (
            "jws-2020",
            "JwsVerificationKey2020",
            "publicKeyJwk",
            jwk(&k1)?,
            Some(&k1),
            &[TYPE],
            "secp256k1",
            "DID-05",
        ),
        (
            "ed-2018",
            "Ed25519VerificationKey2018",
            "publicKeyBase58",
            ed.to_base58().into(),
            Some(&ed),
            &[BASE58, TYPE],
            "eddsa-jcs-2022",
            "DID-04",
        ),
        (
            "ed-2020",
            "Ed25519VerificationKey2020",
            "publicKeyMultibase",
            ed.to_multikey().into(),
            Some(&ed),
            &[TYPE],
            "eddsa-jcs-2022",
            "DID-04",
        ),
        (
            "ed-2020-base58",
            "Ed25519VerificationKey2020",
            "publicKeyBase58",
            ed.to_base58().into(),
            None,
            &[TYPE],
            "eddsa-jcs-2022",
            "DID-04",
        ),
        (
            "ed-2018-x",
            "Ed25519VerificationKey2018",
            "publicKeyJwk",
            jwk(&x)?,
            None,
            &[TYPE],
            "x25519",
            "DID-07",
        ),
        (
            "x-2019",
            "X25519KeyAgreementKey2019",
            "publicKeyBase58",
            x.to_base58().into(),
            Some(&x),
            &[BASE58, TYPE],
            "x25519",
            "DID-07",
        ),
        (
            "x-2020",
            "X25519KeyAgreementKey2020",
            "publicKeyMultibase",
            x.to_multikey().into(),
            Some(&x),
            &[TYPE],
            "x25519",
            "DID-07",
        ),
        (
            "k1-2019-base58",
            "EcdsaSecp256k1VerificationKey2019",
            "publicKeyBase58",
            k1.to_base58().into(),
            Some(&k1),
            &[BASE58, TYPE],
            "secp256k1",
            "DID-05",
        ),
        (
            "k1-2019-jwk",
            "EcdsaSecp256k1VerificationKey2019",
            "publicKeyJwk",
            jwk(&k1)?,
            Some(&k1),
            &[TYPE],
            "secp256k1",
            "DID-05",
        ),
        (
            "k1-2019-hex",
            "EcdsaSecp256k1VerificationKey2019",
            "publicKeyHex",
            hex(&k1).into(),
            Some(&k1),
            &[HEX, TYPE],
            "secp256k1",
            "DID-05",
        ),
        (
            "k1-2019-p256",
            "EcdsaSecp256k1VerificationKey2019",
            "publicKeyBase58",
            p256.to_base58().into(),
            None,
            &[TYPE],
            "secp256k1",
            "DID-05",
        ),
        (
            "k1-2018-base58",
            "Secp256k1VerificationKey2018",
            "publicKeyBase58",
            k1.to_base58().into(),
            Some(&k1),
            &[BASE58, TYPE],
            "secp256k1",
            "DID-05",
        ),
        (
            "k1-2018-hex",
            "Secp256k1VerificationKey2018",
            "publicKeyHex",
            format!("0x{}", hex(&k1).to_uppercase()).into(),
            Some(&k1),
            &[HEX, TYPE],
            "secp256k1",
            "DID-05",
        ),
        (
            "k1-2016-pem",
            "EcdsaKoblitzSignature2016",
            "publicKeyPem",
            k1.to_pem().into(),
            Some(&k1),
            &[PEM, TYPE],
            "secp256k1",
            "DID-05",
        ),
        (
            "p256-2018-raw",
            "Secp256r1VerificationKey2018",
            "publicKeyMultibase",
            format!("f{}", hex(&p256)).into(),
            Some(&p256),
            &[RAW, TYPE],
            "ecdsa-jcs-2019",
            "DID-06",
        ),
        (
            "p256-2018-raw-z",
            "Secp256r1VerificationKey2018",
            "publicKeyMultibase",
            multibase::encode_base58btc(p256.as_bytes()).into(),
            Some(&p256),
            &[RAW, TYPE],
            "ecdsa-jcs-2019",
            "DID-06",
        ),
        (
            "p256-2018-raw-u",
            "Secp256r1VerificationKey2018",
            "publicKeyMultibase",
            base64url(&p256).into(),
            Some(&p256),
            &[RAW, TYPE],
            "ecdsa-jcs-2019",
            "DID-06",
        ),
        (
            "p256-2018-raw-m",
            "Secp256r1VerificationKey2018",
            "publicKeyMultibase",
            base64url(&p256)
                .replacen('u', "m", 1)
                .replace('-', "+")
                .replace('_', "/")
                .into(),
            Some(&p256),
            &[RAW, TYPE],
            "ecdsa-jcs-2019",
            "DID-06",
        ),
        (
            "p256-2019",
            "EcdsaSecp256r1VerificationKey2019",
            "publicKeyMultibase",
            p256.to_multikey().into(),
            Some(&p256),
            &[TYPE],
            "ecdsa-jcs-2019",
            "DID-06",
        ),
        (
            "p256-2021",
            "P256Key2021",
            "publicKeyBase58",
            p256.to_base58().into(),
            Some(&p256),
            &[BASE58, TYPE],
            "ecdsa-jcs-2019",
            "DID-06",
        ),
        (
            "p256-2021-x",
            "P256Key2021",
            "publicKeyBase58",
            multibase::encode_base58btc(p256.as_bytes().get(1..).unwrap_or_default())
                .split_off(1)
                .into(),
            None,
            &[TYPE],
            "ecdsa-jcs-2019",
            "DID-06",
        ),
        (
            "p384-2021",
            "P384Key2021",
            "publicKeyMultibase",
            p384.to_multikey().into(),
            Some(&p384),
            &[TYPE],
            "p384",
            "DID-06",
        ),
        (
            "rsa-2018-pem",
            "RsaVerificationKey2018",
            "publicKeyPem",
            rsa.to_pem().into(),
            Some(&rsa),
            &[PEM, TYPE],
            "rsa",
            "DID-03",
        ),
        (
            "rsa-2018-jwk",
            "RsaVerificationKey2018",
            "publicKeyJwk",
            jwk(&rsa)?,
            Some(&rsa),
            &[TYPE],
            "rsa",
            "DID-03",
        ),
        (
            "rsa-2018-ed",
            "RsaVerificationKey2018",
            "publicKeyPem",
            ed.to_pem().into(),
            None,
            &[TYPE],
            "rsa",
            "DID-03",
        ),
        (
            "multikey-base58",
            "Multikey",
            "publicKeyBase58",
            ed.to_base58().into(),
            None,
            &[],
            "eddsa-jcs-2022",
            "DID-04",
        ),
    ];
    Ok(table
        .into_iter()
        .map(|(id, name, member, material, key, warnings, feature, requirement)| {
            let mut method = json!({"id": "#1", "type": name, "controller": DID});
            forge::set(&mut method, member, material);
            let document = json!({"@context": "https://www.w3.org/ns/did/v1", "id": DID, "verificationMethod": [method]});
            let methods = json!([{"id": format!("{DID}#1"), "keyType": key.map(|k| k.key_type().to_string()), "multikey": key.map(PublicKey::to_multikey)}]);
            let (en, ko) = match key {
                Some(_) => (format!("with {name} in {member} is read"), format!("{member}에 담긴 {name} 키를 읽는다")),
                None => (format!("with {name} and an unfit {member} is read, the key unusable"), format!("{name}에 맞지 않는 {member}는 쓸 수 없는 키로 읽는다")),
            };
            read(&format!("type-{id}"), (&en, &ko), &["DID-02", requirement], input(&document), methods, warnings).features(&[feature])
        })
        .collect())
}

fn broken() -> Result<Vec<Case>, String> {
    let base = base()?;
    let secret = key(KeyType::Ed25519, 0x41)?.to_multikey().to_string();
    let put = |pointer: &str, value: Value| input(&forge::replace(&base, pointer, value));
    let with = |name: &str, value: Value| input(&forge::with(&base, name, value));
    let method = |more: Value| {
        let mut method = json!({"id": "#3", "type": "Multikey", "controller": DID});
        for (name, value) in more.as_object().into_iter().flatten() {
            forge::set(&mut method, name, value.clone());
        }
        with("capabilityInvocation", json!([method]))
    };
    let many: Vec<Value> = (0..512).map(|i| json!(format!("#{i}"))).collect();
    let refusals = Refusals {
        id: "did-document",
        en: "A DID document is refused",
        ko: "DID 문서 거부",
        operation: "did.document-read",
        requirements: &["DID-01", "DID-02", "DID-08", "DID-09"],
        features: &["did-documents"],
    };
    Ok(refusals.cases(vec![
        ("no-context", "without a context", "컨텍스트가 없음", input(&forge::without(&base, "@context")), &["structure"][..]),
        ("context", "of another context", "다른 컨텍스트", with("@context", json!(["https://example.com/"])), &["structure"]),
        ("context-order", "whose context comes second", "컨텍스트가 두 번째에 있음", with("@context", json!(["https://example.com/", "https://www.w3.org/ns/did/v1"])), &["structure"]),
        ("no-id", "without an id", "id가 없음", input(&forge::without(&base, "id")), &["structure"]),
        ("id", "whose id is no DID", "id가 DID가 아님", with("id", "example".into()), &["structure"]),
        ("id-url", "whose id is a DID URL", "id가 DID URL임", with("id", "did:example:1#a".into()), &["structure"]),
        ("ids", "with two ids", "id가 둘임", with("id", json!([DID, DID])), &["structure"]),
        ("controller", "whose controller is no DID", "통제자가 DID가 아님", with("controller", json!(["did:example:1", "me"])), &["structure"]),
        ("names", "with another name that is no URI", "다른 이름이 URI가 아님", with("alsoKnownAs", json!(["me"])), &["structure"]),
        ("method-no-controller", "with a method without controller", "통제자가 없는 검증 방법", input(&json!({"@context": "https://www.w3.org/ns/did/v1", "id": DID, "verificationMethod": [{"id": "#1", "type": "Multikey", "publicKeyMultibase": "z"}]})), &["structure"]),
        ("method-id", "with a method whose id has no fragment", "id에 프래그먼트가 없는 검증 방법", put("/verificationMethod/0/id", DID.into()), &["structure"]),
        ("method-type", "with a method of two types", "유형이 둘인 검증 방법", put("/verificationMethod/0/type", json!(["Multikey", "JsonWebKey"])), &["structure"]),
        ("method-twice", "with two methods of one id", "id가 같은 검증 방법 둘", put("/authentication/1/id", "#key-1".into()), &["structure"]),
        ("reference-twice", "with one reference twice", "두 번 나온 참조", with("assertionMethod", json!(["#key-1", "did:example:1#key-1"])), &["structure"]),
        ("not-array", "with a relationship that is no array", "배열이 아닌 관계", with("assertionMethod", "#key-1".into()), &["structure"]),
        ("expires", "with an expiry without zone", "시간대 없는 만료 시각", put("/verificationMethod/0/expires", "2030-01-01T00:00:00".into()), &["structure"]),
        ("service-endpoint", "with a service without endpoint", "주소가 없는 서비스", with("service", json!([{"id": "#s", "type": "A"}])), &["structure"]),
        ("service-type", "with a service without type", "유형이 없는 서비스", with("service", json!([{"id": "#s", "serviceEndpoint": "https://a.kr/"}])), &["structure"]),
        ("service-as-method", "with a service under the id of a verification method", "검증 방식의 id를 쓴 서비스", with("service", json!([{"id": "#key-1", "type": "A", "serviceEndpoint": "https://a.kr/"}])), &["structure"]),
        ("service-twice", "with two services of one id", "id가 같은 서비스 둘", with("service", json!([{"id": "#s", "type": "A", "serviceEndpoint": "https://a.kr/"}, {"id": "did:example:1#s", "type": "B", "serviceEndpoint": "https://b.kr/"}])), &["structure"]),
        ("too-many", "with more than 512 entries", "항목이 512개를 넘음", with("keyAgreement", json!(many)), &["structure"]),
        ("duplicate", "with a member twice", "두 번 나온 멤버", json!({"document": base.to_string().replacen('{', r#"{"id":"did:example:2","#, 1)}), &["structure"]),
        ("secret-member", "with a secret member", "비밀키 멤버", method(json!({"publicKeyMultibase": "z", "privateKeyHex": "00"})), &["structure"]),
        ("secret-multikey", "with a secret Multikey", "비밀키 Multikey", method(json!({"publicKeyMultibase": secret})), &["structure"]),
        ("secret-jwk", "with a private JWK in a method of another type", "다른 유형의 검증 방법에 담긴 비밀 JWK", method(json!({"type": "SomeKey2031", "publicKeyJwk": {"kty": "OKP", "d": "AA"}})), &["structure"]),
        ("secret-jwk-array", "with a private JWK in an array", "배열 속의 비밀 JWK", method(json!({"publicKeyJwk": [{"kty": "OKP", "d": "AA"}]})), &["structure"]),
        ("secret-pem", "with a private key in PEM", "PEM 개인키", method(json!({"type": "RsaVerificationKey2018", "publicKeyPem": "-----BEGIN RSA PRIVATE KEY-----\nAA==\n-----END RSA PRIVATE KEY-----\n"})), &["structure"]),
    ]))
}

fn personal_data() -> Result<Vec<Case>, String> {
    let base = forge::without(&base()?, "unknown");
    let resident = with_check_digit("900101123456", 11);
    let foreigner = with_check_digit("900101512345", 13);
    let (front, back) = resident.split_at(6);
    let endpoint = |text: &str| {
        input(&forge::replace(
            &base,
            "/service/0/serviceEndpoint",
            text.into(),
        ))
    };
    let with = |name: &str, value: Value| input(&forge::with(&base, name, value));
    let pem = public(KeyType::Secp256k1)?.to_pem();
    let keys = json!([{"id": "#2", "type": "Secp256k1VerificationKey2018", "controller": DID, "publicKeyPem": pem}]);
    let mut cases = Vec::new();
    for (id, (en, ko), input) in [
        (
            "ordinary",
            ("an ordinary document", "보통의 문서"),
            input(&base),
        ),
        (
            "pem",
            ("a key in PEM, whose text has blanks", "공백이 있는 PEM 키"),
            with("capabilityInvocation", keys),
        ),
        (
            "numbers",
            ("numbers that are no one's", "누구의 번호도 아닌 숫자"),
            endpoint("https://www.example.kr:8443/2026/11/24/1234567890123/report-20261124103000"),
        ),
        (
            "uuid",
            (
                "a UUID that begins like a telephone number",
                "전화번호처럼 시작하는 UUID",
            ),
            endpoint("urn:uuid:01012345-6789-4123-8901-234567890123"),
        ),
        (
            "hash",
            ("a hash that holds many digits", "숫자가 많은 해시"),
            endpoint("urn:sha256:01012345678901234567890101123456789012345678901234567890123456ab"),
        ),
        (
            "at",
            ("an at sign that is no address", "주소가 아닌 @ 기호"),
            endpoint("https://www.example.kr/@kbtf/sdk"),
        ),
        (
            "routing",
            (
                "a service with an object as endpoint",
                "객체로 된 서비스 주소",
            ),
            input(&forge::replace(
                &base,
                "/service/0/serviceEndpoint",
                json!([{"uri": "https://a.kr/", "accept": ["didcomm/v2"], "routingKeys": ["did:example:2#k"]}]),
            )),
        ),
    ] {
        let titles = (
            &*format!("The guard passes {en}"),
            &*format!("개인정보 검사 통과: {ko}"),
        );
        cases.push(
            case(
                &format!("did-personal-data-{id}"),
                titles,
                &["DID-14", "X-03"],
                "personal-data.check",
                input,
                made(json!({})),
            )
            .features(&["personal-data"]),
        );
    }
    let refusals = Refusals {
        id: "did-personal-data",
        en: "The guard refuses",
        ko: "개인정보 검사 거부",
        operation: "personal-data.check",
        requirements: &["DID-14", "X-03"],
        features: &["personal-data"],
    };
    let escaped: String = resident.chars().map(|c| format!("%3{c}")).collect();
    let spread: String = resident.chars().map(|c| format!("{c}-")).collect();
    cases.extend(refusals.cases(vec![
        (
            "resident",
            "a resident number",
            "주민등록번호",
            endpoint(&format!("https://a.kr/{front}-{back}")),
            &["personalData"][..],
        ),
        (
            "resident-bare",
            "a resident number without a hyphen",
            "하이픈 없는 주민등록번호",
            endpoint(&format!("https://a.kr/?n={resident}")),
            &["personalData"],
        ),
        (
            "resident-path",
            "a resident number in two segments",
            "경로 두 구간에 나뉜 주민등록번호",
            endpoint(&format!("https://a.kr/{front}/{back}")),
            &["personalData"],
        ),
        (
            "resident-escaped",
            "a resident number behind escapes",
            "이스케이프로 감춘 주민등록번호",
            endpoint(&format!("https://a.kr/{escaped}")),
            &["personalData"],
        ),
        (
            "resident-twice-escaped",
            "a resident number behind two escapes",
            "두 번 이스케이프한 주민등록번호",
            endpoint(&format!("https://a.kr/{front}%252D{back}")),
            &["personalData"],
        ),
        (
            "resident-spread",
            "a resident number with a hyphen after every digit",
            "숫자마다 하이픈을 넣은 주민등록번호",
            endpoint(&format!("https://a.kr/{spread}")),
            &["personalData"],
        ),
        (
            "resident-new",
            "a resident number of after 2020, without check digit",
            "2020년 이후의 검증번호 없는 주민등록번호",
            endpoint("https://a.kr/2110053123456"),
            &["personalData"],
        ),
        (
            "resident-written",
            "what is written as a resident number",
            "주민등록번호 형식의 번호",
            endpoint("https://a.kr/900101-1234560"),
            &["personalData"],
        ),
        (
            "foreigner",
            "a foreigner's number",
            "외국인등록번호",
            endpoint(&format!("https://a.kr/{foreigner}")),
            &["personalData"],
        ),
        (
            "passport",
            "a passport number",
            "여권번호",
            endpoint("https://a.kr/M12345678"),
            &["personalData"],
        ),
        (
            "passport-new",
            "a passport number of today",
            "신형 여권번호",
            endpoint("https://a.kr/m123a4567"),
            &["personalData"],
        ),
        (
            "licence",
            "the number of a driver's licence",
            "운전면허번호",
            endpoint("https://a.kr/11-20-123456-78"),
            &["personalData"],
        ),
        (
            "mobile",
            "a mobile telephone number",
            "휴대전화번호",
            endpoint("https://a.kr/010-1234-5678"),
            &["personalData"],
        ),
        (
            "mobile-bare",
            "a mobile telephone number without hyphens",
            "하이픈 없는 휴대전화번호",
            endpoint("https://a.kr/01012345678"),
            &["personalData"],
        ),
        (
            "mobile-abroad",
            "a mobile telephone number with the country's code",
            "국가번호가 붙은 휴대전화번호",
            endpoint("https://a.kr/?t=%2B82-10-1234-5678"),
            &["personalData"],
        ),
        (
            "tel",
            "any telephone number under tel:",
            "tel: 전화번호",
            endpoint("tel:0212345678"),
            &["personalData"],
        ),
        (
            "mail",
            "an e-mail address",
            "전자우편주소",
            endpoint("mailto:hong@example.kr"),
            &["personalData"],
        ),
        (
            "mail-user",
            "a user name in a URL",
            "주소 속의 사용자 이름",
            endpoint("https://hong@example.kr/"),
            &["personalData"],
        ),
        (
            "mail-escaped",
            "an e-mail address behind an escape",
            "이스케이프로 감춘 전자우편주소",
            endpoint("https://a.kr/hong%40example.kr"),
            &["personalData"],
        ),
        (
            "name-escaped",
            "a Korean name behind escapes",
            "이스케이프로 감춘 한글 이름",
            endpoint("https://a.kr/%ED%99%8D%EA%B8%B8%EB%8F%99"),
            &["personalData"],
        ),
        (
            "member",
            "a text in a member that documents have not",
            "문서에 없는 멤버의 글",
            with("nickname", "hong".into()),
            &["personalData"],
        ),
        (
            "member-name",
            "an e-mail address as the name of a member",
            "멤버 이름으로 쓴 전자우편주소",
            with("hong@example.kr", json!(true)),
            &["personalData"],
        ),
        (
            "number",
            "a telephone number as a number",
            "숫자 값으로 적은 전화번호",
            with("n", json!(1_012_345_678)),
            &["personalData"],
        ),
        (
            "deep",
            "a telephone number deep inside",
            "깊은 곳의 전화번호",
            with("x", json!({"y": [{"z": "010-1234-5678"}]})),
            &["personalData"],
        ),
        (
            "service-id",
            "a telephone number as an id",
            "id로 쓴 전화번호",
            input(&forge::replace(
                &base,
                "/service/0/id",
                "#010-1234-5678".into(),
            )),
            &["personalData"],
        ),
        (
            "service-type",
            "a Korean word as a type",
            "유형으로 쓴 한글",
            input(&forge::replace(&base, "/service/0/type", "홍길동".into())),
            &["personalData"],
        ),
        (
            "comment",
            "a sentence",
            "문장",
            with("comment", "call me".into()),
            &["personalData"],
        ),
        (
            "not-a-document",
            "what is no document",
            "문서가 아닌 것",
            input(&json!({"id": "x"})),
            &["structure"],
        ),
    ]));
    Ok(cases)
}

/// A number whose 13th digit is the check digit of the other twelve.
fn with_check_digit(first: &str, from: u32) -> String {
    let digits = first.chars().filter_map(|c| c.to_digit(10));
    let weights = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];
    let sum: u32 = digits
        .zip(weights)
        .map(|(digit, weight)| digit * weight)
        .sum();
    format!("{first}{}", (from - sum % 11) % 10)
}
