//! Several proofs on one document; credentials and presentations in tokens and envelopes.

use kbtf_did::KeyType;
use serde_json::{Value, json};

use super::{
    accepted, case,
    credentials::{by_id, certificate, certificate_v1, document},
    forge::{Person, base64url, replace, set, with, without},
    refused, suite, undecided,
};
use crate::suite::{Case, Expect, Suite};

const V2: &str = "https://www.w3.org/ns/credentials/v2";
const CHALLENGE: &str = "1f44d55f-f161-4938-a659-f8026467f126";
const DOMAIN: &str = "verifier.example";
const ED: &str = "eddsa-jcs-2022";
/// 2026-11-22T00:00:00Z, the time of the suites.
pub(super) const NOW_SECONDS: i64 = 1_795_305_600;

pub(super) fn suite_of_tokens() -> Result<Suite, String> {
    let mut cases = sets_and_chains()?;
    cases.extend(good_tokens()?);
    cases.extend(false_tokens()?);
    cases.extend(old_tokens()?);
    cases.extend(presentations()?);
    cases.extend(envelopes()?);
    Ok(suite(
        "vc/tokens",
        "vc",
        "Sets and chains of proofs; credentials and presentations in JSON Web Tokens and envelopes",
        "증명 집합과 증명 체인, JSON 웹 토큰과 봉투(envelope)에 담긴 자격증명과 제시문",
        cases,
    ))
}

fn credential_case(
    id: &str,
    titles: (&str, &str),
    credential: &str,
    expect: Expect,
    features: &[&str],
) -> Case {
    case(
        id,
        titles,
        &["VC-01", "VC-02"],
        "credential.verify",
        json!({"credential": credential}),
        expect,
    )
    .features(features)
}

fn sets_and_chains() -> Result<Vec<Case>, String> {
    let issuer = Person::new(KeyType::Ed25519, 0x21)?;
    let notary = Person::new(KeyType::P256, 0x22)?;
    let good = certificate(&issuer.did(), "did:example:student");
    let proof_of = |signed: &Value| signed.get("proof").cloned().unwrap_or_default();
    let first_options = with(&issuer.options(&good), "id", "urn:proof:1".into());
    let first = proof_of(&issuer.sign_with(&good, first_options)?);
    let second = proof_of(&notary.sign(&good)?);
    let upon = with(&good, "proof", json!([first]));
    let chain_options = with(
        &notary.options(&good),
        "previousProof",
        "urn:proof:1".into(),
    );
    let chained = proof_of(&notary.sign_with(&upon, chain_options.clone())?);
    let listed = with(&chain_options, "previousProof", json!(["urn:proof:1"]));
    let listed = proof_of(&notary.sign_with(&upon, listed)?);
    let not_upon = proof_of(&notary.sign_with(&good, chain_options.clone())?);
    let empty = with(&chain_options, "previousProof", json!([]));
    let empty = proof_of(&notary.sign_with(&good, empty)?);
    let named_twice = with(
        &chain_options,
        "previousProof",
        json!(["urn:proof:1", "urn:proof:1"]),
    );
    let upon_twice = with(&good, "proof", json!([first, first]));
    let named_twice = proof_of(&notary.sign_with(&upon_twice, named_twice)?);
    let redone = {
        let options = with(&issuer.options(&good), "id", "urn:proof:1".into());
        let options = with(&options, "created", "2026-11-02T09:00:00Z".into());
        proof_of(&issuer.sign_with(&good, options)?)
    };
    let named = with(
        &with(&notary.options(&good), "id", "urn:proof:1".into()),
        "nonce",
        "2".into(),
    );
    let same_name = proof_of(&notary.sign_with(&good, named)?);
    let bad_name = with(&notary.options(&good), "id", "no URL".into());
    let bad_name = proof_of(&notary.sign_with(&good, bad_name)?);
    let stranger = Person::new(KeyType::Ed25519, 0x66)?;
    let strangers = proof_of(&stranger.sign(&good)?);
    let wrong_purpose = with(
        &notary.options(&good),
        "proofPurpose",
        "authentication".into(),
    );
    let wrong_purpose = proof_of(&notary.sign_with(&good, wrong_purpose)?);
    let expired = with(
        &notary.options(&good),
        "expires",
        "2026-11-10T00:00:00Z".into(),
    );
    let expired = proof_of(&notary.sign_with(&good, expired)?);
    let nobody = with(&second, "verificationMethod", "did:example:notary#1".into());
    let tampered = with(&second, "created", "2026-11-02T09:00:00Z".into());
    let many: Vec<Value> = core::iter::repeat_n(first.clone(), 9)
        .enumerate()
        .map(|(i, proof)| with(&proof, "id", format!("urn:proof:{i}").into()))
        .collect();
    let table: Vec<(&str, &str, &str, Value, Expect)> = vec![
        (
            "set",
            "Issuer and notary sign one document",
            "발급자와 공증인이 함께 서명한 문서",
            json!([first, second]),
            accepted(),
        ),
        (
            "set-other-order",
            "The notary's proof stands first",
            "공증인의 증명이 먼저 오는 경우",
            json!([second, first]),
            accepted(),
        ),
        (
            "chain",
            "The notary signs upon the issuer's proof",
            "발급자의 증명 위에 공증인이 서명한 체인",
            json!([first, chained]),
            accepted(),
        ),
        (
            "chain-listed",
            "The same, with the previous proof in a list",
            "이전 증명을 목록으로 적은 체인",
            json!([first, listed]),
            accepted(),
        ),
        (
            "set-stranger",
            "A stranger's proof beside the issuer's harms nothing",
            "제삼자의 참 증명은 해가 되지 않는다",
            json!([first, strangers]),
            accepted(),
        ),
        (
            "refuse-set-tampered-last",
            "The second proof of a set is false",
            "집합의 두 번째 증명이 거짓",
            json!([first, tampered]),
            refused(&["signature"]),
        ),
        (
            "refuse-set-tampered-first",
            "The first proof of a set is false",
            "집합의 첫 번째 증명이 거짓",
            json!([tampered, first]),
            refused(&["signature"]),
        ),
        (
            "refuse-set-without-issuer",
            "All proofs are true, none is the issuer's",
            "모두 참이지만 발급자의 증명이 없음",
            json!([second, strangers]),
            refused(&["issuer"]),
        ),
        (
            "refuse-set-wrong-purpose",
            "One proof of a set is for another purpose",
            "집합의 한 증명이 다른 목적",
            json!([first, wrong_purpose]),
            refused(&["relationship"]),
        ),
        (
            "refuse-set-expired",
            "One proof of a set has expired",
            "집합의 한 증명이 만료됨",
            json!([first, expired]),
            refused(&["validity"]),
        ),
        (
            "refuse-set-nine",
            "Nine proofs",
            "아홉 개의 증명",
            many.into(),
            refused(&["structure"]),
        ),
        (
            "refuse-chain-head-missing",
            "A chain whose first proof is gone",
            "첫 증명이 사라진 체인",
            json!([chained]),
            refused(&["structure"]),
        ),
        (
            "refuse-chain-reversed",
            "A chain whose first proof stands last",
            "첫 증명이 뒤에 오는 체인",
            json!([chained, first]),
            refused(&["structure"]),
        ),
        (
            "refuse-chain-head-exchanged",
            "The first proof of a chain was made anew",
            "체인의 첫 증명을 새로 만든 경우",
            json!([redone, chained]),
            refused(&["signature"]),
        ),
        (
            "refuse-chain-not-upon",
            "A proof that says it is made upon another and is not",
            "앞선 증명 위에 만들었다고 거짓으로 적은 증명",
            json!([first, not_upon]),
            refused(&["signature"]),
        ),
        (
            "refuse-chain-named-twice",
            "A proof that names one before it twice",
            "앞선 증명을 두 번 적은 증명",
            json!([first, named_twice]),
            refused(&["structure"]),
        ),
        (
            "refuse-chain-upon-nothing",
            "A proof upon an empty list",
            "빈 목록을 이전 증명으로 적은 증명",
            json!([first, empty]),
            refused(&["structure"]),
        ),
        (
            "refuse-set-one-name",
            "Two proofs of one name",
            "이름이 같은 두 증명",
            json!([first, same_name]),
            refused(&["structure"]),
        ),
        (
            "refuse-set-name-no-url",
            "A proof whose name is no URL",
            "이름이 URL이 아닌 증명",
            json!([first, bad_name]),
            refused(&["structure"]),
        ),
        (
            "undecided-set-unknown-key",
            "One proof is by a key that nobody has shown yet",
            "한 증명의 키를 아직 알 수 없음",
            json!([nobody, first]),
            undecided(Some(&["did:example:notary"])),
        ),
        (
            "undecided-set-unknown-key-last",
            "The same in the other order",
            "같은 경우, 순서만 다름",
            json!([first, nobody]),
            undecided(Some(&["did:example:notary"])),
        ),
    ];
    Ok(table
        .into_iter()
        .map(|(id, en, ko, proofs, expect)| {
            let text = with(&good, "proof", proofs).to_string();
            let features = [ED, "ecdsa-jcs-2019", "proof-sets"];
            credential_case(
                &format!("vc-proofs-{id}"),
                (en, ko),
                &text,
                expect,
                &features,
            )
        })
        .collect())
}

fn good_tokens() -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for (name, key_type, feature) in [
        ("ed25519", KeyType::Ed25519, ED),
        ("p256", KeyType::P256, "ecdsa-jcs-2019"),
        ("secp256k1", KeyType::Secp256k1, "secp256k1"),
    ] {
        let person = Person::new(key_type, 0x21)?;
        let payload = certificate(&person.did(), "did:example:student");
        let token = person.token(&person.header("vc+jwt"), &payload)?;
        cases.push(credential_case(
            &format!("vc-token-{name}"),
            (
                &format!("A VC 2.0 credential in a token, signed with {name}"),
                &format!("{name}(으)로 서명한 토큰 속의 VC 2.0 자격증명"),
            ),
            &token,
            accepted(),
            &["jose", feature],
        ));
    }
    let person = Person::new(KeyType::Ed25519, 0x21)?;
    let payload = certificate(&person.did(), "did:example:student");
    let header = person.header("vc+jwt");
    let with_claims = {
        let mut payload = payload.clone();
        set(&mut payload, "iss", person.did().into());
        set(&mut payload, "sub", "did:example:student".into());
        set(&mut payload, "iat", (NOW_SECONDS - 100).into());
        set(&mut payload, "exp", (NOW_SECONDS + 100).into());
        payload
    };
    let own = "did:example:university";
    let own_payload = certificate(own, "did:example:student");
    let own_token = |kid: Option<&str>| {
        let header = match kid {
            Some(kid) => with(&header, "kid", kid.into()),
            None => without(&header, "kid"),
        };
        person.token(&header, &own_payload)
    };
    for (id, en, ko, token) in [
        (
            "long-type",
            "typ with application/ before it",
            "typ 앞에 application/이 붙은 토큰",
            person.token(&with(&header, "typ", "application/vc+jwt".into()), &payload)?,
        ),
        (
            "content-type",
            "The content type of the document",
            "문서의 콘텐츠 유형을 적은 토큰",
            person.token(&with(&header, "cty", "vc".into()), &payload)?,
        ),
        (
            "claims",
            "Registered claims that agree with the document",
            "문서와 일치하는 등록 클레임",
            person.token(&header, &with_claims)?,
        ),
        (
            "new-name-of-eddsa",
            "EdDSA by its newer name",
            "EdDSA의 새 이름",
            person.token(&with(&header, "alg", "Ed25519".into()), &payload)?,
        ),
        (
            "without-kid",
            "No kid: a did:key has one key",
            "kid가 없어도 did:key의 키는 하나",
            person.token(&without(&header, "kid"), &payload)?,
        ),
        (
            "foreign-key-in-header",
            "A key in the header is not looked at",
            "헤더에 든 다른 키는 무시한다",
            person.token(
                &with(&header, "jwk", Person::new(KeyType::Ed25519, 0x66)?.jwk()?),
                &payload,
            )?,
        ),
        (
            "line-end",
            "A line end behind the token",
            "토큰 뒤의 줄바꿈",
            format!("{}\n", person.token(&header, &payload)?),
        ),
    ] {
        cases.push(credential_case(
            &format!("vc-token-{id}"),
            (en, ko),
            &token,
            accepted(),
            &["jose", ED],
        ));
    }
    for (id, en, ko, kid, expect) in [
        (
            "kid-relative",
            "kid as a fragment of the issuer's DID",
            "발급자 DID의 프래그먼트로 적은 kid",
            Some("#key-1"),
            accepted(),
        ),
        (
            "kid-none-one-key",
            "No kid, and one key that fits",
            "kid가 없고 맞는 키가 하나",
            None,
            accepted(),
        ),
        (
            "refuse-kid-unknown",
            "kid of no key",
            "없는 키를 가리키는 kid",
            Some("did:example:university#key-2"),
            refused(&["keyState"]),
        ),
    ] {
        let input = json!({
            "credential": own_token(kid)?,
            "documents": by_id(&document(own, own, &person.multikey(), &["assertionMethod"])),
        });
        cases.push(
            case(
                &format!("vc-token-{id}"),
                (en, ko),
                &["VC-02"],
                "credential.verify",
                input,
                expect,
            )
            .features(&["jose", ED]),
        );
    }
    let other = Person::new(KeyType::Ed25519, 0x24)?;
    let mut two = document(own, own, &person.multikey(), &["assertionMethod"]);
    if let Some(methods) = two
        .get_mut("verificationMethod")
        .and_then(Value::as_array_mut)
    {
        methods.push(json!({"id": format!("{own}#key-2"), "type": "Multikey", "controller": own, "publicKeyMultibase": other.multikey()}));
    }
    set(
        &mut two,
        "assertionMethod",
        json!([format!("{own}#key-1"), format!("{own}#key-2")]),
    );
    let input = json!({"credential": own_token(None)?, "documents": by_id(&two)});
    cases.push(
        case(
            "vc-token-refuse-kid-none-two-keys",
            (
                "No kid, and two keys that fit: which was meant is not guessed",
                "kid가 없고 맞는 키가 둘: 추측하지 않는다",
            ),
            &["VC-02"],
            "credential.verify",
            input,
            refused(&["keyState"]),
        )
        .features(&["jose", ED]),
    );
    let only_login = json!({
        "credential": own_token(Some("did:example:university#key-1"))?,
        "documents": by_id(&document(own, own, &person.multikey(), &["authentication"])),
    });
    cases.push(
        case(
            "vc-token-refuse-key-of-login",
            (
                "A token signed with a key for authentication alone",
                "인증 전용 키로 서명한 토큰",
            ),
            &["VC-02"],
            "credential.verify",
            only_login,
            refused(&["relationship"]),
        )
        .features(&["jose", ED]),
    );
    cases.push(credential_case(
        "vc-token-undecided-document",
        (
            "The issuer's document is missing",
            "발급자의 DID 문서가 없음",
        ),
        &own_token(Some("did:example:university#key-1"))?,
        undecided(Some(&[own])),
        &["jose", ED],
    ));
    Ok(cases)
}

fn false_tokens() -> Result<Vec<Case>, String> {
    let person = Person::new(KeyType::Ed25519, 0x21)?;
    let ec = Person::new(KeyType::P256, 0x21)?;
    let thief = Person::new(KeyType::Ed25519, 0x66)?;
    let payload = certificate(&person.did(), "did:example:student");
    let header = person.header("vc+jwt");
    let good = person.token(&header, &payload)?;
    let parts: Vec<&str> = good.split('.').collect();
    let [head, body, signature] = parts.as_slice() else {
        return Err("a token has three parts".into());
    };
    let changed_body = base64url(with(&payload, "id", "urn:uuid:2".into()).to_string());
    let head_of = |changed: &Value| base64url(changed.to_string());
    let with_header =
        |name: &str, value: Value| person.token(&with(&header, name, value), &payload);
    let with_claim = |name: &str, value: Value| person.token(&header, &with(&payload, name, value));
    let signed_inside = person.sign(&payload)?;
    let ec_payload = certificate(&ec.did(), "did:example:student");
    let v1 = certificate_v1(&person.did(), "did:example:student");
    let table: Vec<(&str, &str, &str, String, &[&str])> = vec![
        (
            "payload-changed",
            "The payload was changed",
            "내용이 변경된 토큰",
            format!("{head}.{changed_body}.{signature}"),
            &["signature"],
        ),
        (
            "header-changed",
            "The header was changed",
            "헤더가 변경된 토큰",
            format!(
                "{}.{body}.{signature}",
                head_of(&with(&header, "x", "y".into()))
            ),
            &["signature"],
        ),
        (
            "alg-none",
            "alg none, without a signature",
            "alg이 none이고 서명이 없음",
            format!("{}.{body}.", head_of(&with(&header, "alg", "none".into()))),
            &["signature", "structure"],
        ),
        (
            "alg-none-signature-kept",
            "alg none over a true signature",
            "참 서명에 alg none",
            format!(
                "{}.{body}.{signature}",
                head_of(&with(&header, "alg", "none".into()))
            ),
            &["signature"],
        ),
        (
            "alg-hmac",
            "A public key taken for a secret",
            "공개키를 비밀키로 쓰게 하는 HS256",
            with_header("alg", "HS256".into())?,
            &["signature"],
        ),
        (
            "alg-missing",
            "No alg",
            "alg이 없음",
            person.token(&without(&header, "alg"), &payload)?,
            &["signature", "structure"],
        ),
        (
            "alg-no-text",
            "alg is a number",
            "alg이 숫자",
            with_header("alg", 1.into())?,
            &["structure"],
        ),
        (
            "alg-of-other-key",
            "ES256 with an Ed25519 key",
            "Ed25519 키에 ES256",
            with_header("alg", "ES256".into())?,
            &["signature"],
        ),
        (
            "alg-of-other-key-p256",
            "EdDSA with a P-256 key",
            "P-256 키에 EdDSA",
            ec.token(
                &with(&ec.header("vc+jwt"), "alg", "EdDSA".into()),
                &ec_payload,
            )?,
            &["signature"],
        ),
        (
            "crit",
            "A critical extension",
            "반드시 이해해야 하는 확장",
            with_header("crit", json!(["exp"]))?,
            &["structure"],
        ),
        (
            "crit-empty",
            "An empty list of critical extensions",
            "빈 crit 목록",
            with_header("crit", json!([]))?,
            &["structure"],
        ),
        (
            "b64",
            "An unencoded payload is announced",
            "b64 헤더",
            with_header("b64", false.into())?,
            &["structure"],
        ),
        (
            "type-of-presentation",
            "A presentation's type on a credential",
            "제시문 유형의 자격증명 토큰",
            person.token(&person.header("vp+jwt"), &payload)?,
            &["structure"],
        ),
        (
            "type-of-key-binding",
            "A key binding's type on a credential",
            "키 바인딩 유형의 자격증명 토큰",
            person.token(&person.header("kb+jwt"), &payload)?,
            &["structure"],
        ),
        (
            "type-missing",
            "A VC 2.0 credential without a type of token",
            "typ이 없는 VC 2.0 토큰",
            person.token(&without(&header, "typ"), &payload)?,
            &["structure"],
        ),
        (
            "content-type-other",
            "The content is said to be something else",
            "다른 콘텐츠 유형",
            with_header("cty", "vp".into())?,
            &["structure"],
        ),
        (
            "version",
            "A VC 1.1 credential in a token of VC 2.0",
            "VC 2.0 토큰 속의 VC 1.1 자격증명",
            person.token(&header, &v1)?,
            &["version", "structure"],
        ),
        (
            "iss-other",
            "iss is another than the issuer",
            "iss가 발급자와 다름",
            with_claim("iss", thief.did().into())?,
            &["structure"],
        ),
        (
            "sub-other",
            "sub is another than the subject",
            "sub가 주체와 다름",
            with_claim("sub", "did:example:other".into())?,
            &["structure"],
        ),
        (
            "jti-other",
            "jti is another than the id",
            "jti가 id와 다름",
            with_claim("jti", "urn:uuid:9".into())?,
            &["structure"],
        ),
        (
            "proof-inside",
            "A proof inside a token, which nobody would look at",
            "토큰 안에 남은 증명",
            person.token(&header, &signed_inside)?,
            &["structure"],
        ),
        (
            "issuer-spoofed",
            "Signed by a thief in the issuer's name",
            "발급자를 사칭한 도둑의 서명",
            thief.token(&thief.header("vc+jwt"), &payload)?,
            &["issuer"],
        ),
        (
            "kid-spoofed",
            "Signed by a thief with the issuer's kid",
            "발급자의 kid를 쓴 도둑의 서명",
            thief.token(&header, &payload)?,
            &["signature"],
        ),
        (
            "kid-with-query",
            "kid with a query",
            "질의가 붙은 kid",
            with_header(
                "kid",
                format!("{}?v=1#{}", person.did(), person.multikey()).into(),
            )?,
            &["keyState"],
        ),
        (
            "kid-no-did",
            "kid is no DID",
            "DID가 아닌 kid",
            with_header("kid", "key-1".into())?,
            &["keyState"],
        ),
        (
            "expired",
            "The token has expired",
            "만료된 토큰",
            with_claim("exp", NOW_SECONDS.into())?,
            &["validity"],
        ),
        (
            "not-yet",
            "The token is not valid yet",
            "아직 유효하지 않은 토큰",
            with_claim("nbf", (NOW_SECONDS + 61).into())?,
            &["validity"],
        ),
        (
            "from-future",
            "The token is from the future",
            "미래에서 온 토큰",
            with_claim("iat", (NOW_SECONDS + 61).into())?,
            &["validity"],
        ),
        (
            "exp-no-number",
            "exp is a text",
            "exp가 문자열",
            with_claim("exp", "2027".into())?,
            &["structure"],
        ),
        (
            "exp-fraction",
            "exp has a fraction",
            "exp에 소수",
            with_claim("exp", json!(1_900_000_000.5))?,
            &["structure"],
        ),
        (
            "credential-expired",
            "The credential inside has expired, the token has not",
            "토큰은 유효하나 속의 자격증명이 만료됨",
            person.token(
                &header,
                &with(&payload, "validUntil", "2026-11-21T00:00:00Z".into()),
            )?,
            &["validity"],
        ),
        (
            "two-parts",
            "Two parts",
            "두 부분뿐인 토큰",
            format!("{head}.{body}"),
            &["structure"],
        ),
        (
            "four-parts",
            "Four parts",
            "네 부분인 토큰",
            format!("{good}.{signature}"),
            &["structure"],
        ),
        (
            "padded",
            "Padding",
            "패딩이 있는 토큰",
            format!("{good}="),
            &["structure"],
        ),
        (
            "loose-bits",
            "Loose bits at the end of the signature",
            "서명 끝의 남는 비트",
            loosen(&good),
            &["structure"],
        ),
        (
            "blank-inside",
            "White space inside",
            "토큰 중간의 공백",
            format!("{head}. {body}.{signature}"),
            &["structure"],
        ),
        (
            "header-twice",
            "A header with alg twice",
            "헤더에 alg이 두 번",
            person.token_of(
                &format!(
                    r#"{{"alg":"none","alg":"EdDSA","typ":"vc+jwt","kid":"{}"}}"#,
                    person.method()
                ),
                &payload.to_string(),
            )?,
            &["structure"],
        ),
        (
            "issuer-twice",
            "A payload with issuer twice",
            "내용에 issuer가 두 번",
            person.token_of(
                &header.to_string(),
                &format!(
                    "{},\"issuer\":\"{}\"}}",
                    payload.to_string().trim_end_matches('}'),
                    person.did()
                ),
            )?,
            &["structure"],
        ),
        (
            "payload-array",
            "A payload that is an array",
            "배열인 내용",
            person.token_of(&header.to_string(), "[]")?,
            &["structure"],
        ),
        (
            "context-unknown",
            "An unknown context inside",
            "모르는 컨텍스트",
            person.token(
                &header,
                &with(
                    &payload,
                    "@context",
                    json!([V2, "https://example.org/unknown"]),
                ),
            )?,
            &["structure"],
        ),
        (
            "untrusted",
            "An issuer that is not trusted",
            "신뢰하지 않는 발급자",
            good.clone(),
            &["trust"],
        ),
    ];
    Ok(table
        .into_iter()
        .map(|(id, en, ko, token, reasons)| {
            let mut input = json!({"credential": token});
            if id == "untrusted" {
                set(
                    &mut input,
                    "policy",
                    json!({"trustedIssuers": [thief.did()]}),
                );
            }
            case(
                &format!("vc-token-refuse-{id}"),
                (en, ko),
                &["VC-02"],
                "credential.verify",
                input,
                refused(reasons),
            )
            .features(&["jose", ED, "ecdsa-jcs-2019"])
        })
        .collect())
}

/// The token with its last character exchanged for the next one, which decodes to the same bytes for a loose reader: the
/// last of 86 characters holds four bits of the signature and two that are zero.
fn loosen(token: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = token.to_owned();
    let next = text
        .pop()
        .and_then(|last| ALPHABET.find(last))
        .and_then(|at| ALPHABET.chars().nth(at + 1));
    text.extend(next);
    text
}

fn old_tokens() -> Result<Vec<Case>, String> {
    let person = Person::new(KeyType::Ed25519, 0x21)?;
    let vc = certificate_v1(&person.did(), "did:example:student");
    let header = person.header("JWT");
    let bare = {
        let mut vc = vc.clone();
        for member in ["id", "issuer", "issuanceDate", "expirationDate"] {
            vc = without(&vc, member);
        }
        let subject = without(vc.get("credentialSubject").unwrap_or(&Value::Null), "id");
        with(&vc, "credentialSubject", subject)
    };
    let claims = json!({
        "iss": person.did(), "sub": "did:example:student", "jti": "urn:uuid:1",
        "nbf": NOW_SECONDS - 1000, "exp": NOW_SECONDS + 1000, "vc": bare
    });
    let both = json!({"iss": person.did(), "vc": vc});
    let v2 = certificate(&person.did(), "did:example:student");
    let accept: Vec<(&str, &str, &str, String)> = vec![
        (
            "claims",
            "A VC 1.1 credential whose members stand in claims",
            "항목이 클레임에 있는 VC 1.1 토큰",
            person.token(&header, &claims)?,
        ),
        (
            "members",
            "A VC 1.1 credential whose members stand in vc",
            "항목이 vc 안에 있는 VC 1.1 토큰",
            person.token(&header, &both)?,
        ),
        (
            "without-type",
            "Without a type of token",
            "typ이 없는 VC 1.1 토큰",
            person.token(&without(&header, "typ"), &claims)?,
        ),
    ];
    let claim = |name: &str, value: Value| person.token(&header, &with(&claims, name, value));
    let refuse: Vec<(&str, &str, &str, String, &[&str])> = vec![
        (
            "iss-differs",
            "iss and vc.issuer differ",
            "iss와 vc.issuer가 다름",
            person.token(&header, &with(&both, "iss", "did:example:other".into()))?,
            &["structure"],
        ),
        (
            "exp-differs",
            "exp and vc.expirationDate differ",
            "exp와 vc.expirationDate가 다름",
            person.token(&header, &with(&both, "exp", (NOW_SECONDS + 5).into()))?,
            &["structure"],
        ),
        (
            "nbf-differs",
            "nbf and vc.issuanceDate differ",
            "nbf와 vc.issuanceDate가 다름",
            person.token(&header, &with(&both, "nbf", (NOW_SECONDS - 5).into()))?,
            &["structure"],
        ),
        (
            "sub-differs",
            "sub and the subject differ",
            "sub와 주체가 다름",
            person.token(&header, &with(&both, "sub", "did:example:other".into()))?,
            &["structure"],
        ),
        (
            "jti-differs",
            "jti and vc.id differ",
            "jti와 vc.id가 다름",
            person.token(&header, &with(&both, "jti", "urn:uuid:7".into()))?,
            &["structure"],
        ),
        (
            "expired",
            "exp is over",
            "exp가 지남",
            claim("exp", NOW_SECONDS.into())?,
            &["validity"],
        ),
        (
            "no-nbf",
            "No time of issuance anywhere",
            "발급 시각이 없음",
            person.token(&header, &without(&claims, "nbf"))?,
            &["structure"],
        ),
        (
            "no-vc",
            "No vc",
            "vc가 없음",
            person.token(&header, &without(&claims, "vc"))?,
            &["structure"],
        ),
        (
            "vc-text",
            "vc is a text",
            "vc가 문자열",
            claim("vc", bare.to_string().into())?,
            &["structure"],
        ),
        (
            "version",
            "A VC 2.0 credential in vc",
            "vc 안의 VC 2.0 자격증명",
            person.token(&header, &json!({"iss": person.did(), "vc": v2}))?,
            &["version", "structure"],
        ),
        (
            "status-beside-vc",
            "A claim status beside vc",
            "vc 옆의 status 클레임",
            claim(
                "status",
                json!({"status_list": {"idx": 1, "uri": "https://e.org/1"}}),
            )?,
            &["structure"],
        ),
        (
            "type-new",
            "The type of token of VC 2.0",
            "VC 2.0의 토큰 유형",
            person.token(&person.header("vc+jwt"), &claims)?,
            &["structure"],
        ),
        (
            "issuer-spoofed",
            "Another signs in the issuer's name",
            "다른 사람이 발급자 이름으로 서명",
            Person::new(KeyType::Ed25519, 0x66)?.token(&header, &claims)?,
            &["signature"],
        ),
    ];
    let features = ["jose", ED, "vc-1.1"];
    let mut cases: Vec<Case> = accept
        .into_iter()
        .map(|(id, en, ko, token)| {
            credential_case(
                &format!("vc-old-token-{id}"),
                (en, ko),
                &token,
                accepted(),
                &features,
            )
        })
        .collect();
    cases.extend(refuse.into_iter().map(|(id, en, ko, token, reasons)| {
        let id = format!("vc-old-token-refuse-{id}");
        credential_case(&id, (en, ko), &token, refused(reasons), &features)
    }));
    Ok(cases)
}

fn envelope(type_name: &str, media_type: &str, token: &str) -> Value {
    json!({"@context": V2, "id": format!("data:application/{media_type},{token}"), "type": type_name})
}

fn presentations() -> Result<Vec<Case>, String> {
    let issuer = Person::new(KeyType::Ed25519, 0x31)?;
    let holder = Person::new(KeyType::Ed25519, 0x32)?;
    let thief = Person::new(KeyType::Ed25519, 0x66)?;
    let credential = certificate(&issuer.did(), &holder.did());
    let token = issuer.token(&issuer.header("vc+jwt"), &credential)?;
    let inside = envelope("EnvelopedVerifiableCredential", "vc+jwt", &token);
    let proved = issuer.sign(&credential)?;
    let presentation = |holder: &str, inside: &Value| {
        json!({
            "@context": [V2], "type": ["VerifiablePresentation"], "holder": holder, "verifiableCredential": inside,
            "iss": holder, "aud": DOMAIN, "nonce": CHALLENGE, "iat": NOW_SECONDS - 10
        })
    };
    let payload = presentation(&holder.did(), &json!([inside, proved]));
    let header = holder.header("vp+jwt");
    let good = holder.token(&header, &payload)?;
    let changed = |name: &str, value: Value| holder.token(&header, &with(&payload, name, value));
    let stolen = presentation(&thief.did(), &json!([inside]));
    let broken = envelope(
        "EnvelopedVerifiableCredential",
        "vc+jwt",
        &format!("{token}A"),
    );
    let foreign_token = thief.token(&thief.header("vc+jwt"), &credential)?;
    let foreign = envelope("EnvelopedVerifiableCredential", "vc+jwt", &foreign_token);
    let bound_to = |who: &Person| -> Result<Value, String> {
        let bound = with(&credential, "cnf", json!({"jwk": who.jwk()?}));
        let token = issuer.token(&issuer.header("vc+jwt"), &bound)?;
        Ok(envelope("EnvelopedVerifiableCredential", "vc+jwt", &token))
    };
    let v1 = certificate_v1(&issuer.did(), &holder.did());
    let v1_token = issuer.token(
        &issuer.header("JWT"),
        &json!({"iss": issuer.did(), "vc": v1}),
    )?;
    let vp = json!({"@context": ["https://www.w3.org/2018/credentials/v1"], "type": ["VerifiablePresentation"], "verifiableCredential": [v1_token]});
    let old = json!({"iss": holder.did(), "aud": [DOMAIN], "nonce": CHALLENGE, "vp": vp});
    let v2_text = with(&vp, "verifiableCredential", json!([token]));
    let table: Vec<(&str, &str, &str, String, Expect)> = vec![
        (
            "good",
            "A presentation in a token, with a credential in an envelope and one with a proof",
            "봉투 속 자격증명과 증명이 있는 자격증명을 담은 토큰 제시문",
            good.clone(),
            accepted(),
        ),
        (
            "enveloped",
            "The same in an envelope",
            "같은 제시문을 봉투에 담은 경우",
            envelope("EnvelopedVerifiablePresentation", "vp+jwt", &good).to_string(),
            accepted(),
        ),
        (
            "old",
            "A presentation of VC 1.1 with a token inside",
            "토큰 자격증명을 담은 VC 1.1 제시문",
            holder.token(&holder.header("JWT"), &old)?,
            accepted(),
        ),
        (
            "refuse-replayed",
            "Another challenge",
            "다른 챌린지",
            changed("nonce", "old".into())?,
            refused(&["challenge"]),
        ),
        (
            "refuse-no-nonce",
            "No challenge",
            "챌린지 없음",
            holder.token(&header, &without(&payload, "nonce"))?,
            refused(&["challenge"]),
        ),
        (
            "refuse-other-verifier",
            "For another verifier",
            "다른 검증자용",
            changed("aud", "other.example".into())?,
            refused(&["domain"]),
        ),
        (
            "refuse-two-verifiers",
            "For two verifiers, of whom one could replay it",
            "두 검증자용(재사용 가능)",
            changed("aud", json!([DOMAIN, "other.example"]))?,
            refused(&["domain"]),
        ),
        (
            "refuse-no-verifier",
            "For nobody",
            "대상이 없음",
            holder.token(&header, &without(&payload, "aud"))?,
            refused(&["domain"]),
        ),
        (
            "refuse-old",
            "Made eleven minutes ago",
            "11분 전에 만든 제시문",
            changed("iat", (NOW_SECONDS - 660).into())?,
            refused(&["validity"]),
        ),
        (
            "refuse-stolen",
            "A thief shows somebody's credential",
            "도둑이 남의 자격증명을 제시",
            thief.token(&thief.header("vp+jwt"), &stolen)?,
            refused(&["holder"]),
        ),
        (
            "refuse-holder-spoofed",
            "A thief signs in the holder's name",
            "도둑이 소유자 이름으로 서명",
            thief.token(&thief.header("vp+jwt"), &payload)?,
            refused(&["holder", "structure"]),
        ),
        (
            "refuse-kid-spoofed",
            "A thief signs with the holder's kid",
            "도둑이 소유자의 kid로 서명",
            thief.token(&header, &payload)?,
            refused(&["signature"]),
        ),
        (
            "refuse-type-of-credential",
            "A credential's type on a presentation",
            "자격증명 유형의 제시문 토큰",
            holder.token(&holder.header("vc+jwt"), &payload)?,
            refused(&["structure"]),
        ),
        (
            "refuse-credential-as-presentation",
            "A credential in the place of a presentation",
            "제시문 자리에 자격증명",
            token.clone(),
            refused(&["structure"]),
        ),
        (
            "refuse-inside-broken",
            "The token inside was changed",
            "속의 토큰이 변경됨",
            changed("verifiableCredential", json!([broken]))?,
            refused(&["structure", "signature"]),
        ),
        (
            "refuse-inside-foreign",
            "The credential inside is signed by a thief",
            "속의 자격증명을 도둑이 서명",
            changed("verifiableCredential", json!([foreign]))?,
            refused(&["issuer"]),
        ),
        (
            "refuse-inside-bare",
            "A token without envelope in a presentation of VC 2.0",
            "VC 2.0 제시문 속의 봉투 없는 토큰",
            changed("verifiableCredential", json!([token]))?,
            refused(&["structure"]),
        ),
        (
            "refuse-inside-newer",
            "A token of VC 2.0 in a presentation of VC 1.1",
            "VC 1.1 제시문 속의 VC 2.0 토큰",
            holder.token(&holder.header("JWT"), &with(&old, "vp", v2_text))?,
            refused(&["version", "structure"]),
        ),
        (
            "iss-without-holder",
            "The holder as iss alone",
            "holder 없이 iss만 적은 제시문",
            holder.token(&header, &without(&payload, "holder"))?,
            accepted(),
        ),
        (
            "refuse-iss-other-without-holder",
            "Another as iss, and no holder",
            "holder 없이 다른 사람을 iss로 적음",
            holder.token(
                &header,
                &with(&without(&payload, "holder"), "iss", thief.did().into()),
            )?,
            refused(&["holder"]),
        ),
        (
            "bound",
            "A credential bound to the presenter's key",
            "제시자의 키에 묶인 자격증명",
            changed("verifiableCredential", json!([bound_to(&holder)?]))?,
            accepted(),
        ),
        (
            "refuse-bound-to-other-key",
            "A credential about the presenter, bound to another key",
            "다른 키에 묶인 자격증명",
            changed("verifiableCredential", json!([bound_to(&thief)?]))?,
            refused(&["holder"]),
        ),
        (
            "refuse-unsigned-inside",
            "A credential without any proof inside",
            "증명이 없는 자격증명이 들어 있음",
            changed("verifiableCredential", json!([credential]))?,
            refused(&["structure"]),
        ),
    ];
    Ok(table
        .into_iter()
        .map(|(id, en, ko, text, expect)| {
            let features: &[&str] = if id.contains("old") || id.contains("newer") {
                &["jose", ED, "presentation", "vc-1.1"]
            } else {
                &["jose", ED, "presentation"]
            };
            let input = json!({"presentation": text, "challenge": CHALLENGE, "domain": DOMAIN});
            case(
                &format!("vp-token-{id}"),
                (en, ko),
                &["VC-03"],
                "presentation.verify",
                input,
                expect,
            )
            .features(features)
        })
        .collect())
}

fn envelopes() -> Result<Vec<Case>, String> {
    let person = Person::new(KeyType::Ed25519, 0x21)?;
    let payload = certificate(&person.did(), "did:example:student");
    let token = person.token(&person.header("vc+jwt"), &payload)?;
    let good = envelope("EnvelopedVerifiableCredential", "vc+jwt", &token);
    let id = |text: String| with(&good, "id", text.into());
    let table: Vec<(&str, &str, &str, Value, Expect)> = vec![
        (
            "good",
            "A credential in an envelope",
            "봉투에 담긴 자격증명",
            good.clone(),
            accepted(),
        ),
        (
            "refuse-more",
            "An envelope with a member that nothing covers",
            "보호되지 않는 항목이 붙은 봉투",
            with(&good, "issuer", "did:example:other".into()),
            refused(&["structure"]),
        ),
        (
            "refuse-two-types",
            "An envelope of two types",
            "유형이 둘인 봉투",
            with(
                &good,
                "type",
                json!(["EnvelopedVerifiableCredential", "VerifiableCredential"]),
            ),
            refused(&["structure"]),
        ),
        (
            "refuse-old-context",
            "An envelope in VC 1.1",
            "VC 1.1 컨텍스트의 봉투",
            with(
                &good,
                "@context",
                "https://www.w3.org/2018/credentials/v1".into(),
            ),
            refused(&["structure", "version"]),
        ),
        (
            "refuse-base64",
            "A data URL in base64",
            "base64 data URL",
            id(format!("data:application/vc+jwt;base64,{token}")),
            refused(&["structure"]),
        ),
        (
            "refuse-other-media-type",
            "Another media type",
            "다른 미디어 유형",
            id(format!("data:application/vp+jwt,{token}")),
            refused(&["structure"]),
        ),
        (
            "refuse-link",
            "A link in the place of the token",
            "토큰 대신 링크",
            id("https://example.org/credential".into()),
            refused(&["structure"]),
        ),
        (
            "refuse-signature",
            "The token inside was changed",
            "속의 토큰이 변경됨",
            id(format!(
                "data:application/vc+jwt,{}",
                replace(
                    &json!({"t": token}),
                    "/t",
                    json!(token.replacen('.', ".e", 1))
                )
                .get("t")
                .and_then(Value::as_str)
                .unwrap_or_default()
            )),
            refused(&["structure", "signature"]),
        ),
    ];
    Ok(table
        .into_iter()
        .map(|(id, en, ko, document, expect)| {
            let id = format!("vc-envelope-{id}");
            credential_case(&id, (en, ko), &document.to_string(), expect, &["jose", ED])
        })
        .collect())
}
