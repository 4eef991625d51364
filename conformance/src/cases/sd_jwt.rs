//! SD-JWT (RFC 9901) in the profiles `dc+sd-jwt` and `vc+sd-jwt`, with and without key binding.

use kbtf_did::{CryptoProvider as _, KeyType, SOFTWARE};
use serde_json::{Value, json};

use super::{
    accepted, case,
    credentials::certificate,
    forge::{Person, base64url, set, with, without},
    made, refused, suite,
    tokens::NOW_SECONDS,
    undecided,
};
use crate::suite::{Case, Expect, Suite};

const ED: &str = "eddsa-jcs-2022";
const CHALLENGE: &str = "1f44d55f-f161-4938-a659-f8026467f126";
const DOMAIN: &str = "did:web:verifier.example";

/// A disclosure of a member, and its digest.
fn member(salt: &str, name: &str, value: &Value) -> Result<(String, String), String> {
    disclosure(&json!([salt, name, value]))
}

fn disclosure(parts: &Value) -> Result<(String, String), String> {
    let text = base64url(parts.to_string());
    let digest = digest(&text)?;
    Ok((text, digest))
}

fn digest(text: &str) -> Result<String, String> {
    let hash = SOFTWARE
        .sha256(text.as_bytes())
        .map_err(|e| e.to_string())?;
    Ok(base64url(hash))
}

struct Cast {
    issuer: Person,
    holder: Person,
    name: (String, String),
    birth: (String, String),
    korean: (String, String),
}

impl Cast {
    fn new() -> Result<Self, String> {
        Ok(Self {
            issuer: Person::new(KeyType::Ed25519, 0x41)?,
            holder: Person::new(KeyType::Ed25519, 0x42)?,
            name: member("2GLC42sKQveCfGfryNRN9w", "name", &"홍길동".into())?,
            birth: member("eluV5Og3gSNII8EYnsxA_A", "birth_date", &"2001-03-01".into())?,
            korean: disclosure(&json!(["6Ij7tM-a5iVPGboS5tmvVA", "KR"]))?,
        })
    }

    fn payload(&self) -> Result<Value, String> {
        Ok(json!({
            "iss": self.issuer.did(),
            "iat": NOW_SECONDS - 86_400,
            "exp": NOW_SECONDS + 86_400,
            "vct": "urn:kbtf:resident",
            "cnf": {"jwk": self.holder.jwk()?},
            "nationalities": [{"...": self.korean.1}, "FR"],
            "_sd": [self.birth.1, self.name.1, digest("a decoy")?],
            "_sd_alg": "sha-256"
        }))
    }

    /// The token of a payload with disclosures, ending with a tilde.
    fn token(&self, payload: &Value, disclosures: &[&str]) -> Result<String, String> {
        let mut text = self
            .issuer
            .token(&self.issuer.header("dc+sd-jwt"), payload)?;
        for disclosure in disclosures {
            text.push('~');
            text.push_str(disclosure);
        }
        text.push('~');
        Ok(text)
    }

    /// The claims of an ordinary key binding.
    fn binding(shown: &str) -> Result<Value, String> {
        Ok(
            json!({"iat": NOW_SECONDS - 10, "aud": DOMAIN, "nonce": CHALLENGE, "sd_hash": digest(shown)?}),
        )
    }

    fn bound(&self, shown: &str) -> Result<String, String> {
        self.bound_with(shown, &Self::binding(shown)?)
    }

    fn bound_with(&self, shown: &str, claims: &Value) -> Result<String, String> {
        let header = without(&self.holder.header("kb+jwt"), "kid");
        Ok(format!("{shown}{}", self.holder.token(&header, claims)?))
    }
}

pub(super) fn suite_of_sd_jwts() -> Result<Suite, String> {
    let cast = Cast::new()?;
    let mut cases = shown(&cast)?;
    cases.extend(disclosures(&cast)?);
    cases.extend(bindings(&cast)?);
    cases.extend(verifiable(&cast)?);
    Ok(suite(
        "vc/sd-jwt",
        "vc",
        "SD-JWT (RFC 9901): showing claims one by one, and every way to show what was not signed or is not one's own",
        "SD-JWT(RFC 9901): 항목별 선택 공개와, 서명되지 않았거나 자기 것이 아닌 것을 보이려는 모든 시도",
        cases,
    ))
}

fn issued_case(id: &str, titles: (&str, &str), token: &str, expect: Expect) -> Case {
    let input = json!({"credential": token});
    case(
        &format!("vc-sd-jwt-{id}"),
        titles,
        &["VC-04"],
        "sd-jwt.verify",
        input,
        expect,
    )
    .features(&["sd-jwt", ED])
}

fn shown_case(id: &str, titles: (&str, &str), token: &str, expect: Expect) -> Case {
    let input = json!({"credential": token, "challenge": CHALLENGE, "domain": DOMAIN});
    case(
        &format!("vc-sd-jwt-{id}"),
        titles,
        &["VC-03", "VC-04"],
        "sd-jwt.verify",
        input,
        expect,
    )
    .features(&["sd-jwt", ED])
}

/// The claims that everybody sees.
fn plain(payload: &Value) -> Value {
    let claims = without(&without(payload, "_sd"), "_sd_alg");
    with(&claims, "nationalities", json!(["FR"]))
}

fn shown(cast: &Cast) -> Result<Vec<Case>, String> {
    let payload = cast.payload()?;
    let plain = plain(&payload);
    let all = [&*cast.name.0, &*cast.birth.0, &*cast.korean.0];
    let everything = {
        let claims = with(&plain, "name", "홍길동".into());
        let claims = with(&claims, "birth_date", "2001-03-01".into());
        with(&claims, "nationalities", json!(["KR", "FR"]))
    };
    let one = with(&plain, "name", "홍길동".into());
    let value = |claims: &Value| made(json!({"claims": claims}));
    // A disclosure inside a disclosure.
    let street = member("AJx-095VPrpTtN4QMOqROA", "street", &"세종대로 1".into())?;
    let address = member(
        "Pc33JM2LchcU_lHggv_ufQ",
        "address",
        &json!({"region": "서울", "_sd": [street.1]}),
    )?;
    let nested = with(&payload, "_sd", json!([address.1]));
    let nested_plain = with(&plain, "address", json!({"region": "서울"}));
    let nested_all = with(
        &plain,
        "address",
        json!({"region": "서울", "street": "세종대로 1"}),
    );
    let no_algorithm = without(&payload, "_sd_alg");
    let sha512 = {
        let text = cast.name.0.as_bytes();
        let hash = SOFTWARE.sha512(text).map_err(|e| e.to_string())?;
        let payload = with(&payload, "_sd", json!([base64url(hash)]));
        with(
            &without(&payload, "nationalities"),
            "_sd_alg",
            "sha-512".into(),
        )
    };
    let escaped = disclosure_text("[ \"salt\" , \"name\" , \"\\ud64d\" ]")?;
    let spelled = with(&payload, "_sd", json!([escaped.1]));
    let mut cases = vec![
        issued_case(
            "issued",
            (
                "As it was issued, with all disclosures",
                "모든 공개 항목이 있는 발급 상태",
            ),
            &cast.token(&payload, &all)?,
            value(&everything),
        ),
        issued_case(
            "issued-none",
            (
                "Nothing disclosed: decoys and hidden claims go away",
                "아무것도 공개하지 않음",
            ),
            &cast.token(&payload, &[])?,
            value(&plain),
        ),
        issued_case(
            "issued-one",
            ("One disclosed", "하나만 공개"),
            &cast.token(&payload, &[&cast.name.0])?,
            value(&one),
        ),
        issued_case(
            "nested",
            (
                "A disclosure inside a disclosure",
                "공개 항목 속의 공개 항목",
            ),
            &cast.token(&nested, &[&address.0, &street.0])?,
            value(&nested_all),
        ),
        issued_case(
            "nested-other-order",
            ("The inner one first", "안쪽 항목이 먼저"),
            &cast.token(&nested, &[&street.0, &address.0])?,
            value(&nested_all),
        ),
        issued_case(
            "nested-outer",
            ("Only the outer one", "바깥 항목만"),
            &cast.token(&nested, &[&address.0])?,
            value(&nested_plain),
        ),
        issued_case(
            "no-algorithm",
            ("Without _sd_alg it is SHA-256", "_sd_alg이 없으면 SHA-256"),
            &cast.token(&no_algorithm, &[&cast.name.0])?,
            value(&one),
        ),
        issued_case(
            "sha-512",
            ("SHA-512", "SHA-512"),
            &cast.token(&sha512, &[&cast.name.0])?,
            value(&without(&one, "nationalities")),
        ),
        issued_case(
            "spelled",
            (
                "A disclosure with white space and escapes: the text is hashed, not the value",
                "공백과 이스케이프가 있는 공개 항목: 값이 아니라 글자를 해시한다",
            ),
            &cast.token(&spelled, &[&escaped.0])?,
            value(&with(&plain, "name", "홍".into())),
        ),
    ];
    let bound = cast.bound(&cast.token(&payload, &[&cast.name.0])?)?;
    cases.push(shown_case(
        "shown",
        (
            "Shown to a verifier with a key binding",
            "키 바인딩과 함께 검증자에게 제시",
        ),
        &bound,
        value(&one),
    ));
    let unbound = cast.token(&payload, &[&cast.name.0])?;
    let input = json!({"credential": unbound, "challenge": CHALLENGE, "domain": DOMAIN, "policy": {"keyBinding": "optional"}});
    cases.push(
        case(
            "vc-sd-jwt-shown-unbound",
            (
                "A bearer's credential, where the verifier takes one",
                "검증자가 허용한 무기명 제시",
            ),
            &["VC-04"],
            "sd-jwt.verify",
            input,
            value(&one),
        )
        .features(&["sd-jwt", ED]),
    );
    Ok(cases)
}

fn disclosure_text(text: &str) -> Result<(String, String), String> {
    let text = base64url(text);
    let digest = digest(&text)?;
    Ok((text, digest))
}

fn disclosures(cast: &Cast) -> Result<Vec<Case>, String> {
    let payload = cast.payload()?;
    let name = &*cast.name.0;
    let forged = member("2GLC42sKQveCfGfryNRN9w", "name", &"임꺽정".into())?;
    let with_digest = |parts: &Value| -> Result<String, String> {
        let (text, digest) = disclosure(parts)?;
        cast.token(&with(&payload, "_sd", json!([digest])), &[&text])
    };
    let in_array = |parts: &Value| -> Result<String, String> {
        let (text, digest) = disclosure(parts)?;
        cast.token(
            &with(&payload, "nationalities", json!([{"...": digest}])),
            &[&text],
        )
    };
    let sd = |value: Value| cast.token(&with(&payload, "_sd", value), &[]);
    let claim = |name: &str, value: Value| cast.token(&with(&payload, name, value), &[]);
    let two_places = {
        let payload = with(&payload, "other", json!({"_sd": [cast.name.1]}));
        cast.token(&payload, &[name])?
    };
    let decoy_twice = {
        let decoy = digest("a decoy")?;
        sd(json!([decoy, decoy]))?
    };
    let itself_elsewhere = {
        // A disclosure that holds the digest of another, which stands in the payload too.
        let (text, outer) = member("salt", "address", &json!({"_sd": [cast.name.1]}))?;
        cast.token(
            &with(&payload, "_sd", json!([outer, cast.name.1])),
            &[&text, name],
        )?
    };
    let expired_hidden = {
        let (text, digest) = member("salt", "exp", &(NOW_SECONDS + 9).into())?;
        cast.token(
            &without(&with(&payload, "_sd", json!([digest])), "exp"),
            &[&text],
        )?
    };
    let vct_hidden = {
        let (text, digest) = member("salt", "vct", &"urn:kbtf:resident".into())?;
        cast.token(
            &without(&with(&payload, "_sd", json!([digest])), "vct"),
            &[&text],
        )?
    };
    let good = cast.token(&payload, &[name])?;
    let changed = {
        let mut parts: Vec<&str> = good.split('.').collect();
        let body = base64url(with(&payload, "vct", "urn:kbtf:licence".into()).to_string());
        if let Some(slot) = parts.get_mut(1) {
            *slot = &body;
        }
        parts.join(".")
    };
    let thief = Person::new(KeyType::Ed25519, 0x66)?;
    let spoofed = format!(
        "{}~{name}~",
        thief.token(&thief.header("dc+sd-jwt"), &payload)?
    );
    let other_type = format!(
        "{}~{name}~",
        cast.issuer.token(&cast.issuer.header("JWT"), &payload)?
    );
    let table: Vec<(&str, &str, &str, String, &[&str])> = vec![
        (
            "disclosure-forged",
            "A disclosure with another value",
            "값을 바꾼 공개 항목",
            cast.token(&payload, &[&forged.0])?,
            &["structure"],
        ),
        (
            "disclosure-unsigned",
            "A disclosure of a claim that was never signed",
            "서명된 적 없는 공개 항목",
            cast.token(&payload, &[name, &member("salt", "admin", &true.into())?.0])?,
            &["structure"],
        ),
        (
            "disclosure-twice",
            "One disclosure twice",
            "같은 공개 항목이 두 번",
            cast.token(&payload, &[name, name])?,
            &["structure"],
        ),
        (
            "disclosure-inner-alone",
            "An inner disclosure without the one it stands in",
            "바깥 항목 없는 안쪽 항목",
            {
                let street = member("salt", "street", &"x".into())?;
                let (_, outer) = member("salt", "address", &json!({"_sd": [street.1]}))?;
                cast.token(&with(&payload, "_sd", json!([outer])), &[&street.0])?
            },
            &["structure"],
        ),
        (
            "digest-two-places",
            "One digest in two places",
            "같은 해시가 두 곳에",
            two_places,
            &["structure"],
        ),
        (
            "digest-decoy-twice",
            "A decoy twice",
            "같은 미끼 해시가 두 번",
            decoy_twice,
            &["structure"],
        ),
        (
            "digest-in-disclosure-too",
            "One digest in the payload and in a disclosure",
            "같은 해시가 내용과 공개 항목에",
            itself_elsewhere,
            &["structure"],
        ),
        (
            "name-taken",
            "A disclosed name that is there already",
            "이미 있는 이름을 공개",
            {
                let (text, digest) = member("salt", "nationalities", &"x".into())?;
                cast.token(&with(&payload, "_sd", json!([digest])), &[&text])?
            },
            &["structure"],
        ),
        (
            "name-twice",
            "Two disclosures of one name",
            "이름이 같은 두 공개 항목",
            {
                let (a, da) = member("1", "name", &"가".into())?;
                let (b, db) = member("2", "name", &"나".into())?;
                cast.token(&with(&payload, "_sd", json!([da, db])), &[&a, &b])?
            },
            &["structure"],
        ),
        (
            "name-sd",
            "A disclosed claim named _sd",
            "_sd라는 이름의 공개 항목",
            with_digest(&json!(["salt", "_sd", []]))?,
            &["structure"],
        ),
        (
            "name-dots",
            "A disclosed claim named ...",
            "...이라는 이름의 공개 항목",
            with_digest(&json!(["salt", "...", "x"]))?,
            &["structure"],
        ),
        (
            "hidden-exp",
            "The end was hidden and is shown",
            "만료 시각을 숨겼다 공개",
            expired_hidden,
            &["structure"],
        ),
        (
            "hidden-vct",
            "The kind was hidden and is shown",
            "종류(vct)를 숨겼다 공개",
            vct_hidden,
            &["structure"],
        ),
        (
            "member-as-element",
            "An element's disclosure in the place of a member",
            "배열 요소 형식을 항목 자리에",
            with_digest(&json!(["salt", "KR"]))?,
            &["structure"],
        ),
        (
            "element-as-member",
            "A member's disclosure in the place of an element",
            "항목 형식을 배열 요소 자리에",
            in_array(&json!(["salt", "name", "KR"]))?,
            &["structure"],
        ),
        (
            "disclosure-four",
            "A disclosure of four",
            "네 개짜리 공개 항목",
            with_digest(&json!(["salt", "name", "x", 1]))?,
            &["structure"],
        ),
        (
            "disclosure-one",
            "A disclosure of one",
            "하나짜리 공개 항목",
            with_digest(&json!(["salt"]))?,
            &["structure"],
        ),
        (
            "disclosure-object",
            "A disclosure that is an object",
            "객체인 공개 항목",
            with_digest(&json!({"name": "x"}))?,
            &["structure"],
        ),
        (
            "disclosure-name-number",
            "A disclosure whose name is a number",
            "이름이 숫자인 공개 항목",
            with_digest(&json!(["salt", 1, "x"]))?,
            &["structure"],
        ),
        (
            "disclosure-salt-number",
            "A disclosure whose salt is a number",
            "솔트가 숫자인 공개 항목",
            with_digest(&json!([1, "name", "x"]))?,
            &["structure"],
        ),
        (
            "disclosure-padded",
            "A disclosure with padding",
            "패딩이 있는 공개 항목",
            cast.token(&payload, &[&format!("{name}=")])?,
            &["structure"],
        ),
        (
            "disclosure-empty",
            "An empty disclosure",
            "빈 공개 항목",
            cast.token(&payload, &[""])?,
            &["structure"],
        ),
        (
            "sd-text",
            "_sd is a text",
            "_sd가 문자열",
            sd("x".into())?,
            &["structure"],
        ),
        (
            "sd-numbers",
            "_sd holds a number",
            "_sd에 숫자",
            sd(json!([1]))?,
            &["structure"],
        ),
        (
            "sd-alg-unknown",
            "An unknown hash algorithm",
            "모르는 해시 알고리즘",
            claim("_sd_alg", "sha-1".into())?,
            &["structure"],
        ),
        (
            "sd-alg-no-text",
            "A hash algorithm that is a number",
            "숫자인 해시 알고리즘",
            claim("_sd_alg", 256.into())?,
            &["structure"],
        ),
        (
            "sd-alg-inside",
            "_sd_alg deeper down",
            "깊은 곳의 _sd_alg",
            claim("address", json!({"_sd_alg": "sha-256"}))?,
            &["structure"],
        ),
        (
            "dots-in-object",
            "... as a member",
            "객체의 ... 항목",
            claim("address", json!({"...": "x"}))?,
            &["structure"],
        ),
        (
            "dots-beside",
            "... with another member beside it",
            "... 옆에 다른 항목",
            claim("nationalities", json!([{"...": "x", "y": 1}]))?,
            &["structure"],
        ),
        (
            "dots-number",
            "... that is a number",
            "숫자인 ...",
            claim("nationalities", json!([{"...": 1}]))?,
            &["structure"],
        ),
        (
            "payload-changed",
            "The payload was changed",
            "내용이 변경됨",
            changed,
            &["signature"],
        ),
        (
            "issuer-spoofed",
            "Signed by a thief in the issuer's name",
            "발급자를 사칭한 서명",
            spoofed,
            &["issuer"],
        ),
        (
            "type-other",
            "Another type of token",
            "다른 토큰 유형",
            other_type,
            &["structure"],
        ),
        (
            "no-vct",
            "No kind",
            "종류(vct)가 없음",
            cast.token(&without(&payload, "vct"), &[])?,
            &["structure"],
        ),
        (
            "no-iss",
            "No issuer",
            "발급자(iss)가 없음",
            cast.token(&without(&payload, "iss"), &[])?,
            &["structure"],
        ),
        (
            "expired",
            "It has expired",
            "만료됨",
            claim("exp", NOW_SECONDS.into())?,
            &["validity"],
        ),
        (
            "not-yet",
            "It is not valid yet",
            "아직 유효하지 않음",
            claim("nbf", (NOW_SECONDS + 61).into())?,
            &["validity"],
        ),
        (
            "no-tilde",
            "No tilde at all",
            "물결표가 없음",
            cast.issuer
                .token(&cast.issuer.header("dc+sd-jwt"), &payload)?,
            &["structure"],
        ),
        (
            "key-binding-uninvited",
            "A key binding on what an issuer sends",
            "발급물에 키 바인딩이 붙음",
            cast.bound(&good)?,
            &["structure"],
        ),
    ];
    Ok(table
        .into_iter()
        .map(|(id, en, ko, token, reasons)| {
            issued_case(&format!("refuse-{id}"), (en, ko), &token, refused(reasons))
        })
        .collect())
}

fn bindings(cast: &Cast) -> Result<Vec<Case>, String> {
    let payload = cast.payload()?;
    let shown = cast.token(&payload, &[&cast.name.0])?;
    let claims = Cast::binding(&shown)?;
    let with_claim =
        |name: &str, value: Value| cast.bound_with(&shown, &with(&claims, name, value));
    let without_claim = |name: &str| cast.bound_with(&shown, &without(&claims, name));
    let header = without(&cast.holder.header("kb+jwt"), "kid");
    let with_header = |name: &str, value: Value| -> Result<String, String> {
        Ok(format!(
            "{shown}{}",
            cast.holder.token(&with(&header, name, value), &claims)?
        ))
    };
    let thief = Person::new(KeyType::Ed25519, 0x66)?;
    let thiefs = format!("{shown}{}", thief.token(&header, &claims)?);
    let thiefs_jwk = format!(
        "{shown}{}",
        thief.token(&with(&header, "jwk", thief.jwk()?), &claims)?
    );
    let good = cast.bound(&shown)?;
    let binding = good.rsplit('~').next().unwrap_or_default().to_owned();
    let more = format!(
        "{}{binding}",
        cast.token(&payload, &[&cast.name.0, &cast.birth.0])?
    );
    let fewer = format!("{}{binding}", cast.token(&payload, &[])?);
    let no_confirmation = {
        let shown = cast.token(&without(&payload, "cnf"), &[&cast.name.0])?;
        cast.bound(&shown)?
    };
    let strange_confirmation = {
        let shown = cast.token(&with(&payload, "cnf", json!({"x5t": "x"})), &[&cast.name.0])?;
        cast.bound(&shown)?
    };
    let table: Vec<(&str, &str, &str, String, &[&str])> = vec![
        (
            "binding-missing",
            "No key binding",
            "키 바인딩이 없음",
            shown.clone(),
            &["holder"],
        ),
        (
            "binding-of-thief",
            "A key binding by another key",
            "다른 키의 키 바인딩",
            thiefs,
            &["holder"],
        ),
        (
            "binding-own-jwk",
            "A thief brings his own key in the header",
            "도둑이 헤더에 자기 키를 넣음",
            thiefs_jwk,
            &["holder"],
        ),
        (
            "binding-more-shown",
            "More is shown than the holder signed",
            "서명한 것보다 더 공개",
            more,
            &["holder"],
        ),
        (
            "binding-less-shown",
            "Less is shown than the holder signed",
            "서명한 것보다 덜 공개",
            fewer,
            &["holder"],
        ),
        (
            "binding-no-cnf",
            "The issuer has bound it to nobody",
            "발급자가 키에 묶지 않음",
            no_confirmation,
            &["holder"],
        ),
        (
            "binding-strange-cnf",
            "The issuer has bound it in an unknown way",
            "알 수 없는 방식으로 묶음",
            strange_confirmation,
            &["holder"],
        ),
        (
            "binding-replayed",
            "Another challenge",
            "다른 챌린지",
            with_claim("nonce", "old".into())?,
            &["challenge"],
        ),
        (
            "binding-other-verifier",
            "For another verifier",
            "다른 검증자용",
            with_claim("aud", "did:web:other.example".into())?,
            &["domain"],
        ),
        (
            "binding-two-verifiers",
            "For several verifiers",
            "여러 검증자용",
            with_claim("aud", json!([DOMAIN]))?,
            &["structure", "domain"],
        ),
        (
            "binding-old",
            "Made eleven minutes ago",
            "11분 전에 만듦",
            with_claim("iat", (NOW_SECONDS - 660).into())?,
            &["validity"],
        ),
        (
            "binding-from-future",
            "Made in the future",
            "미래에 만듦",
            with_claim("iat", (NOW_SECONDS + 61).into())?,
            &["validity"],
        ),
        (
            "binding-no-iat",
            "Without time",
            "시각이 없음",
            without_claim("iat")?,
            &["structure"],
        ),
        (
            "binding-no-nonce",
            "Without challenge",
            "챌린지가 없음",
            without_claim("nonce")?,
            &["structure", "challenge"],
        ),
        (
            "binding-no-aud",
            "Without verifier",
            "검증자가 없음",
            without_claim("aud")?,
            &["structure", "domain"],
        ),
        (
            "binding-no-hash",
            "Without hash",
            "sd_hash가 없음",
            without_claim("sd_hash")?,
            &["structure"],
        ),
        (
            "binding-wrong-hash",
            "A hash of something else",
            "다른 것의 해시",
            with_claim("sd_hash", digest("x")?.into())?,
            &["holder"],
        ),
        (
            "binding-type",
            "Another type of token",
            "다른 토큰 유형",
            with_header("typ", "JWT".into())?,
            &["structure"],
        ),
        (
            "binding-alg-none",
            "alg none",
            "서명 알고리즘이 none",
            with_header("alg", "none".into())?,
            &["holder", "structure"],
        ),
        (
            "binding-alg-other",
            "An algorithm of another kind of key",
            "다른 종류 키의 알고리즘",
            with_header("alg", "ES256".into())?,
            &["holder"],
        ),
        (
            "binding-crit",
            "A critical extension",
            "반드시 이해해야 하는 확장",
            with_header("crit", json!(["x"]))?,
            &["structure"],
        ),
    ];
    Ok(table
        .into_iter()
        .map(|(id, en, ko, token, reasons)| {
            shown_case(&format!("refuse-{id}"), (en, ko), &token, refused(reasons))
        })
        .collect())
}

/// VC 2.0 credentials as SD-JWT.
fn verifiable(cast: &Cast) -> Result<Vec<Case>, String> {
    let mut payload = certificate(&cast.issuer.did(), &cast.holder.did());
    let (text, hidden) = member("salt", "성명", &"홍 길동".into())?;
    if let Some(subject) = payload.get_mut("credentialSubject") {
        *subject = without(subject, "성명");
        set(subject, "_sd", json!([hidden]));
    }
    set(&mut payload, "cnf", json!({"jwk": cast.holder.jwk()?}));
    let sign = |payload: &Value, disclosures: &[&str]| -> Result<String, String> {
        let mut token = cast
            .issuer
            .token(&cast.issuer.header("vc+sd-jwt"), payload)?;
        for disclosure in disclosures {
            token.push('~');
            token.push_str(disclosure);
        }
        token.push('~');
        Ok(token)
    };
    let good = sign(&payload, &[&text])?;
    let issuer_hidden = {
        let (text, digest) = member("salt", "issuer", &cast.issuer.did().into())?;
        sign(
            &without(&with(&payload, "_sd", json!([digest])), "issuer"),
            &[&text],
        )?
    };
    let status_hidden = {
        let entry = json!({"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "1", "statusListCredential": "https://e.org/1"});
        let (text, digest) = member("salt", "credentialStatus", &entry)?;
        sign(&with(&payload, "_sd", json!([digest])), &[&text])?
    };
    let type_hidden = {
        let (text, digest) = disclosure(&json!(["salt", "Degree"]))?;
        let types = json!(["VerifiableCredential", {"...": digest}]);
        sign(&with(&payload, "type", types), &[&text])?
    };
    let status_element_hidden = {
        let entry = json!({"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "1", "statusListCredential": "https://e.org/1"});
        let (_, digest) = disclosure(&json!(["salt", entry]))?;
        sign(
            &with(&payload, "credentialStatus", json!([{"...": digest}])),
            &[],
        )?
    };
    let second_status_hidden = {
        let entry = json!({"type": "BitstringStatusListEntry", "statusPurpose": "refresh", "statusListIndex": "1", "statusListCredential": "https://e.org/1"});
        let hidden = with(&entry, "statusPurpose", "revocation".into());
        let (_, digest) = disclosure(&json!(["salt", hidden]))?;
        sign(
            &with(
                &payload,
                "credentialStatus",
                json!([entry, {"...": digest}]),
            ),
            &[],
        )?
    };
    let status_claim = json!({"status_list": {"idx": 1, "uri": "https://e.org/1"}});
    let with_claim = sign(&with(&payload, "status", status_claim), &[&text])?;
    let expired = sign(
        &with(&payload, "validUntil", "2026-11-21T00:00:00Z".into()),
        &[&text],
    )?;
    let mut cases = vec![
        issued_case(
            "vc",
            (
                "A VC 2.0 credential as SD-JWT",
                "SD-JWT로 된 VC 2.0 자격증명",
            ),
            &good,
            accepted(),
        ),
        shown_case(
            "vc-shown",
            (
                "The same, shown with a key binding",
                "키 바인딩과 함께 제시",
            ),
            &cast.bound(&good)?,
            accepted(),
        ),
        issued_case(
            "vc-refuse-issuer-hidden",
            ("The issuer was hidden and is shown", "발급자를 숨겼다 공개"),
            &issuer_hidden,
            refused(&["structure"]),
        ),
        issued_case(
            "vc-refuse-status-hidden",
            ("The status was hidden and is shown", "상태를 숨겼다 공개"),
            &status_hidden,
            refused(&["structure"]),
        ),
        issued_case(
            "vc-refuse-type-element-hidden",
            (
                "One of the types was hidden and is shown",
                "종류 중 하나를 숨겼다 공개",
            ),
            &type_hidden,
            refused(&["structure"]),
        ),
        issued_case(
            "vc-refuse-second-status-hidden",
            (
                "The second of two states is withheld",
                "두 상태 항목 중 하나를 숨김",
            ),
            &second_status_hidden,
            refused(&["structure"]),
        ),
        issued_case(
            "vc-refuse-status-element-hidden",
            ("The only status is withheld", "유일한 상태 항목을 숨김"),
            &status_element_hidden,
            refused(&["structure"]),
        ),
        issued_case(
            "vc-undecided-status-claim",
            (
                "A status claim whose list is not at hand",
                "목록이 없는 status 클레임",
            ),
            &with_claim,
            undecided(None),
        ),
        issued_case(
            "vc-refuse-expired",
            ("It has expired", "만료됨"),
            &expired,
            refused(&["validity"]),
        ),
    ];
    let inside = json!({"@context": "https://www.w3.org/ns/credentials/v2", "type": "EnvelopedVerifiableCredential",
        "id": format!("data:application/vc+sd-jwt,{good}")});
    let bound = json!({"@context": "https://www.w3.org/ns/credentials/v2", "type": "EnvelopedVerifiableCredential",
        "id": format!("data:application/vc+sd-jwt,{}", cast.bound(&good)?)});
    for (id, en, ko, credential, expect) in [
        (
            "bare",
            "As a credential by itself",
            "자격증명 자체로",
            good.clone(),
            accepted(),
        ),
        (
            "envelope",
            "In an envelope",
            "봉투에 담아",
            inside.to_string(),
            accepted(),
        ),
        (
            "refuse-envelope-bound",
            "In an envelope, with a key binding for somebody else",
            "다른 곳에 쓴 키 바인딩이 붙은 봉투",
            bound.to_string(),
            refused(&["structure"]),
        ),
    ] {
        cases.push(
            case(
                &format!("vc-sd-jwt-vc-{id}"),
                (en, ko),
                &["VC-01", "VC-04"],
                "credential.verify",
                json!({"credential": credential}),
                expect,
            )
            .features(&["sd-jwt", "jose", ED]),
        );
    }
    Ok(cases)
}
