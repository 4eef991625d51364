//! Cases of presentations: bound to the holder, the verifier and the moment.

use kbtf_did::KeyType;
use serde_json::{Value, json};

use super::{
    accepted, case, checked,
    credentials::{by_id, certificate, document},
    exchange,
    forge::{Person, replace, set, with, without},
    refused, script, suite, undecided,
};
use crate::suite::{Case, Check, Suite};

const V2: &str = "https://www.w3.org/ns/credentials/v2";
const CHALLENGE: &str = "1f44d55f-f161-4938-a659-f8026467f126";
const DOMAIN: &str = "verifier.example";

struct Cast {
    issuer: Person,
    holder: Person,
}

impl Cast {
    fn presentation(&self, credentials: &Value) -> Value {
        json!({
            "@context": [V2],
            "type": ["VerifiablePresentation"],
            "holder": self.holder.did(),
            "verifiableCredential": credentials
        })
    }

    fn options(&self, document: &Value) -> Value {
        let mut options = self.holder.options(document);
        set(&mut options, "proofPurpose", "authentication".into());
        set(&mut options, "challenge", CHALLENGE.into());
        set(&mut options, "domain", DOMAIN.into());
        options
    }

    fn sign(&self, presentation: &Value) -> Result<Value, String> {
        self.holder
            .sign_with(presentation, self.options(presentation))
    }

    fn credential(&self, subject: &str) -> Result<Value, String> {
        self.issuer.sign(&certificate(&self.issuer.did(), subject))
    }
}

fn input(presentation: &Value) -> Value {
    json!({"presentation": presentation.to_string(), "challenge": CHALLENGE, "domain": DOMAIN})
}

pub(super) fn verify() -> Result<Suite, String> {
    let cast = Cast {
        issuer: Person::new(KeyType::Ed25519, 0x31)?,
        holder: Person::new(KeyType::Ed25519, 0x32)?,
    };
    let mut cases = accepted_cases(&cast)?;
    cases.extend(refused_cases(&cast)?);
    cases.push(life_of_a_credential(&cast)?);
    for case in &mut cases {
        case.features
            .extend(["presentation".to_owned(), "eddsa-jcs-2022".to_owned()]);
    }
    Ok(suite_of(cases))
}

fn suite_of(cases: Vec<Case>) -> Suite {
    suite(
        "vc/presentation",
        "vc",
        "Presentations: by the holder, for this verifier, now",
        "자격증명 제시: 소유자가, 이 검증자에게, 지금",
        cases,
    )
}

fn accepted_cases(cast: &Cast) -> Result<Vec<Case>, String> {
    let holder = cast.holder.did();
    let credential = cast.credential(&holder)?;
    let other = Person::new(KeyType::Ed25519, 0x33)?;
    let second = other.sign(&certificate(&other.did(), &holder))?;
    let one = cast.presentation(&json!([credential]));
    let two = cast.sign(&cast.presentation(&json!([credential, second])))?;
    let single = cast.sign(&cast.presentation(&credential))?;
    let unnamed = cast.sign(&without(&one, "holder"))?;
    let signed = cast.sign(&one)?;
    let domain_list = cast
        .holder
        .sign_with(&one, with(&cast.options(&one), "domain", json!([DOMAIN])))?;
    let for_child =
        cast.sign(&cast.presentation(&json!([cast.credential("did:example:child")?])))?;
    let mut any_holder = input(&for_child);
    set(&mut any_holder, "policy", json!({"holderBinding": "any"}));
    let did = "did:example:holder";
    let by_document = {
        let credential = cast.credential(did)?;
        let presentation = with(
            &cast.presentation(&json!([credential])),
            "holder",
            did.into(),
        );
        let options = with(
            &cast.options(&presentation),
            "verificationMethod",
            format!("{did}#key-1").into(),
        );
        cast.holder.sign_with(&presentation, options)?
    };
    let mut with_document = input(&by_document);
    let holder_document = document(did, did, &cast.holder.multikey(), &["authentication"]);
    set(&mut with_document, "documents", by_id(&holder_document));
    let accept = |id: &str, en: &str, ko: &str, input: Value| {
        case(
            &format!("vp-verify-{id}"),
            (en, ko),
            &["VC-03"],
            "presentation.verify",
            input,
            accepted(),
        )
    };
    Ok(vec![
        accept(
            "one",
            "One credential",
            "자격증명 하나를 제시",
            input(&signed),
        ),
        accept(
            "two",
            "Credentials of two issuers",
            "두 발급자의 자격증명을 함께 제시",
            input(&two),
        ),
        accept(
            "single",
            "One credential, not in a list",
            "목록이 아닌 자격증명 하나",
            input(&single),
        ),
        accept(
            "holder-unnamed",
            "Without the member holder, who signed is the holder",
            "holder가 없으면 서명자가 소유자이다",
            input(&unnamed),
        ),
        accept(
            "domain-list",
            "The domain alone in a list",
            "목록에 혼자 있는 도메인",
            input(&domain_list),
        ),
        accept(
            "any-holder",
            "For another, where the verifier allows it",
            "검증자가 허용한 대리 제시",
            any_holder,
        ),
        accept(
            "holder-document",
            "The holder's key in a DID document",
            "DID 문서에 있는 소유자의 키",
            with_document,
        ),
        case(
            "vp-verify-undecided-document",
            (
                "Without the holder's DID document there is no verdict",
                "소유자의 DID 문서가 없으면 판정을 보류한다",
            ),
            &["VC-03"],
            "presentation.verify",
            input(&by_document),
            undecided(Some(&[did])),
        ),
    ])
}

fn refused_cases(cast: &Cast) -> Result<Vec<Case>, String> {
    let holder = cast.holder.did();
    let thief = Person::new(KeyType::Ed25519, 0x66)?;
    let credential = cast.credential(&holder)?;
    let good = cast.presentation(&json!([credential]));
    let signed = cast.sign(&good)?;
    let options = cast.options(&good);
    let sign = |options: Value| cast.holder.sign_with(&good, options).map(|p| input(&p));
    let sign_credentials = |credentials: Value| {
        cast.sign(&cast.presentation(&credentials))
            .map(|p| input(&p))
    };
    let asked = |name: &str, value: &str| {
        let mut input = input(&signed);
        set(&mut input, name, value.into());
        input
    };
    // The thief has seen the victim's credential and presents it as his own.
    let stolen = {
        let mine = with(&good, "holder", thief.did().into());
        let options = with(
            &cast.options(&mine),
            "verificationMethod",
            thief.method().into(),
        );
        thief.sign_with(&mine, options)?
    };
    let in_victims_name = {
        let options = with(&options, "verificationMethod", thief.method().into());
        thief.sign_with(&good, options)?
    };
    let under_victims_key = thief.sign_with(&good, options.clone())?;
    let stolen_credential = cast.credential("did:example:victim")?;
    let bearer = {
        let certificate = certificate(&cast.issuer.did(), &holder);
        let claims = certificate
            .get("credentialSubject")
            .cloned()
            .unwrap_or_default();
        cast.issuer.sign(&with(
            &certificate,
            "credentialSubject",
            without(&claims, "id"),
        ))?
    };
    let shared = {
        let certificate = certificate(&cast.issuer.did(), &holder);
        cast.issuer.sign(&with(
            &certificate,
            "credentialSubject",
            json!([{"id": holder, "a": 1}, {"id": "did:example:victim", "a": 2}]),
        ))?
    };
    let tampered = replace(&credential, "/credentialSubject/성명", "임 꺽정".into());
    let spoofed = thief.sign(&certificate(&cast.issuer.did(), &holder))?;
    let expired = cast.issuer.sign(&with(
        &certificate(&cast.issuer.did(), &holder),
        "validUntil",
        "2026-06-01T00:00:00Z".into(),
    ))?;
    let unsigned = certificate(&cast.issuer.did(), &holder);
    let swapped = replace(
        &signed,
        "/verifiableCredential/0",
        cast.credential("did:example:victim")?,
    );
    let appended = replace(
        &signed,
        "/verifiableCredential",
        json!([credential, credential]),
    );
    let did = "did:example:holder";
    let by_document = |purposes: &[&str], deactivated: bool| -> Result<Value, String> {
        let presentation = with(
            &cast.presentation(&json!([cast.credential(did)?])),
            "holder",
            did.into(),
        );
        let options = with(
            &cast.options(&presentation),
            "verificationMethod",
            format!("{did}#key-1").into(),
        );
        let mut input = input(&cast.holder.sign_with(&presentation, options)?);
        set(
            &mut input,
            "documents",
            by_id(&document(did, did, &cast.holder.multikey(), purposes)),
        );
        if deactivated {
            set(&mut input, "deactivated", json!([did]));
        }
        Ok(input)
    };
    let mut untrusted = input(&signed);
    set(
        &mut untrusted,
        "policy",
        json!({"trustedIssuers": ["did:example:ministry"]}),
    );
    let credential_as_presentation =
        json!({"presentation": credential.to_string(), "challenge": CHALLENGE, "domain": DOMAIN});
    let table: Vec<(&str, &str, &str, Value, &[&str])> = vec![
        (
            "replayed",
            "A presentation made for an earlier challenge",
            "이전 챌린지에 대한 제시를 다시 보냈다",
            asked("challenge", "6a1676b8-new"),
            &["challenge"],
        ),
        (
            "challenge-missing",
            "No challenge in the proof",
            "증명에 챌린지가 없다",
            sign(without(&options, "challenge"))?,
            &["challenge"],
        ),
        (
            "challenge-case",
            "The challenge in capitals",
            "대소문자가 다른 챌린지",
            sign(with(&options, "challenge", CHALLENGE.to_uppercase().into()))?,
            &["challenge"],
        ),
        (
            "challenge-added",
            "The right challenge is written in after signing",
            "서명 후 챌린지를 고쳐 적었다",
            {
                let replayed = cast
                    .holder
                    .sign_with(&good, with(&options, "challenge", "old".into()))?;
                input(&replace(&replayed, "/proof/challenge", CHALLENGE.into()))
            },
            &["signature"],
        ),
        (
            "challenge-list",
            "Challenges in a list",
            "목록으로 적은 챌린지",
            sign(with(&options, "challenge", json!([CHALLENGE, "old"])))?,
            &["structure", "challenge"],
        ),
        (
            "wrong-domain",
            "A presentation made for another verifier",
            "다른 검증자를 위한 제시",
            asked("domain", "other.example"),
            &["domain"],
        ),
        (
            "domain-missing",
            "No domain in the proof",
            "증명에 도메인이 없다",
            sign(without(&options, "domain"))?,
            &["domain"],
        ),
        (
            "domain-two",
            "A proof for two verifiers, one of which could replay it to the other",
            "두 검증자를 위한 증명(한쪽이 다른 쪽에 재사용 가능)",
            sign(with(&options, "domain", json!([DOMAIN, "other.example"])))?,
            &["domain"],
        ),
        (
            "domain-suffix",
            "A domain that only ends like ours",
            "끝부분만 같은 도메인",
            sign(with(&options, "domain", format!("evil-{DOMAIN}").into()))?,
            &["domain"],
        ),
        (
            "stolen",
            "A thief presents the credential of another",
            "남의 자격증명을 자기 이름으로 제시했다",
            input(&stolen),
            &["holder"],
        ),
        (
            "holder-spoofed",
            "The holder is the victim, the key the thief's",
            "소유자와 서명 키의 주인이 다르다",
            input(&in_victims_name),
            &["holder"],
        ),
        (
            "holder-spoofed-any-holder",
            "Where anyone may present, the holder must still be who signs",
            "대리 제시를 허용해도 소유자는 서명자여야 한다",
            {
                let mut input = input(&in_victims_name);
                set(&mut input, "policy", json!({"holderBinding": "any"}));
                input
            },
            &["holder"],
        ),
        (
            "method-spoofed",
            "The thief signs under the victim's verification method",
            "피해자의 검증 방법 이름으로 서명했다",
            input(&under_victims_key),
            &["signature"],
        ),
        (
            "one-stolen",
            "One stolen credential among own ones",
            "자기 자격증명 사이에 섞인 남의 자격증명",
            sign_credentials(json!([credential, stolen_credential]))?,
            &["holder"],
        ),
        (
            "bearer",
            "A credential without subject id",
            "주체 식별자가 없는 자격증명",
            sign_credentials(json!([bearer]))?,
            &["holder"],
        ),
        (
            "shared",
            "A credential about the holder and somebody else",
            "다른 주체가 함께 적힌 자격증명",
            sign_credentials(json!([shared]))?,
            &["holder"],
        ),
        (
            "credential-swapped",
            "A credential is exchanged after signing",
            "서명 후 자격증명을 바꿔 넣었다",
            input(&swapped),
            &["signature"],
        ),
        (
            "credential-appended",
            "A credential is added after signing",
            "서명 후 자격증명을 추가했다",
            input(&appended),
            &["signature"],
        ),
        (
            "inner-tampered",
            "A credential inside is tampered with",
            "안에 든 자격증명이 변조되었다",
            sign_credentials(json!([credential, tampered]))?,
            &["signature"],
        ),
        (
            "inner-spoofed",
            "A credential inside is spoofed",
            "안에 든 자격증명의 발급자가 위조되었다",
            sign_credentials(json!([spoofed]))?,
            &["issuer"],
        ),
        (
            "inner-expired",
            "A credential inside has expired",
            "안에 든 자격증명이 만료되었다",
            sign_credentials(json!([expired]))?,
            &["validity"],
        ),
        (
            "inner-unsigned",
            "A credential inside is not signed",
            "안에 든 자격증명에 서명이 없다",
            sign_credentials(json!([unsigned]))?,
            &["structure"],
        ),
        (
            "inner-untrusted",
            "A credential inside is of an issuer nobody trusts",
            "신뢰하지 않는 발급자의 자격증명이 들어 있다",
            untrusted,
            &["trust"],
        ),
        (
            "inner-text",
            "A credential inside is a text",
            "안에 든 자격증명이 문자열이다",
            sign_credentials(json!(["eyJhbGciOiJub25lIn0.e30."]))?,
            &["structure"],
        ),
        (
            "none",
            "No credential at all",
            "자격증명이 하나도 없다",
            sign_credentials(json!([]))?,
            &["structure"],
        ),
        (
            "too-many",
            "65 credentials",
            "65개의 자격증명",
            sign_credentials(vec![credential.clone(); 65].into())?,
            &["structure"],
        ),
        (
            "unsigned",
            "Not signed",
            "제시에 서명이 없다",
            input(&good),
            &["structure"],
        ),
        (
            "purpose-assertion",
            "Signed as an assertion",
            "발급 목적으로 서명된 제시",
            sign(with(&options, "proofPurpose", "assertionMethod".into()))?,
            &["relationship"],
        ),
        (
            "expired",
            "The proof has expired",
            "만료된 제시",
            sign(with(&options, "expires", "2026-11-21T23:59:59Z".into()))?,
            &["validity"],
        ),
        (
            "from-future",
            "The proof was made tomorrow",
            "내일 만들어졌다고 적힌 제시",
            sign(with(&options, "created", "2026-11-23T00:00:00Z".into()))?,
            &["validity"],
        ),
        (
            "not-for-authentication",
            "The holder's key is listed for assertions only",
            "인증 용도로 등록되지 않은 소유자의 키",
            by_document(&["assertionMethod"], false)?,
            &["relationship"],
        ),
        (
            "holder-deactivated",
            "The holder's DID is deactivated",
            "비활성화된 소유자 DID",
            by_document(&["authentication"], true)?,
            &["keyState"],
        ),
        (
            "holder-no-url",
            "A holder that is no URL",
            "URL이 아닌 소유자",
            {
                let presentation = with(&good, "holder", "홍길동".into());
                let options = cast.options(&presentation);
                input(&cast.holder.sign_with(&presentation, options)?)
            },
            &["structure"],
        ),
        (
            "a-credential",
            "A credential handed in as a presentation",
            "제시 자리에 낸 자격증명",
            credential_as_presentation,
            &["structure"],
        ),
        (
            "unknown-context",
            "A context that the verifier does not know",
            "검증자가 모르는 컨텍스트",
            {
                let presentation = with(&good, "@context", json!([V2, "https://evil.example/v1"]));
                input(
                    &cast
                        .holder
                        .sign_with(&presentation, cast.options(&presentation))?,
                )
            },
            &["structure"],
        ),
    ];
    Ok(table
        .into_iter()
        .map(|(id, en, ko, input, reasons)| {
            // The holder's `authentication` method is what DID-08 asks for.
            let requirements = match id {
                "not-for-authentication" => &["VC-03", "DID-08"][..],
                _ => &["VC-03"],
            };
            case(
                &format!("vp-verify-refuse-{id}"),
                (en, ko),
                requirements,
                "presentation.verify",
                input,
                refused(reasons),
            )
        })
        .collect())
}

/// Issue, present, verify; the same presentation a second time, for a new challenge, is refused.
fn life_of_a_credential(cast: &Cast) -> Result<Case, String> {
    let holder = cast.holder.did();
    let mut issue = exchange(
        "credential.issue",
        json!({
            "credential": certificate(&cast.issuer.did(), &holder).to_string(), "secretKey": cast.issuer.secret(),
            "verificationMethod": cast.issuer.method(), "created": "2026-11-01T09:00:00Z"
        }),
        checked(Check::SignedCredential),
    );
    issue.bind.insert("credential".into(), "/credential".into());
    let present = |verifier: &str| {
        json!({
            "credentials": ["${credential}"], "holder": holder, "secretKey": cast.holder.secret(),
            "verificationMethod": cast.holder.method(), "created": "2026-11-21T09:00:00Z",
            "challenge": CHALLENGE, "domain": verifier
        })
    };
    let mut presented = exchange(
        "presentation.issue",
        present(DOMAIN),
        checked(Check::SignedPresentation),
    );
    presented
        .bind
        .insert("presentation".into(), "/presentation".into());
    let thief = Person::new(KeyType::Ed25519, 0x66)?;
    let mut by_thief = present(DOMAIN);
    set(&mut by_thief, "verificationMethod", thief.method().into());
    set(&mut by_thief, "secretKey", thief.secret().into());
    let verify = |challenge: &str, domain: &str| {
        json!({
            "presentation": "${presentation}", "challenge": challenge, "domain": domain,
            "policy": {"trustedIssuers": [cast.issuer.did()]}
        })
    };
    Ok(script(
        "vp-life",
        (
            "A credential is issued, presented and verified; shown again it is refused",
            "자격증명을 발급·제시·검증하고, 같은 제시를 다시 보내면 거부한다",
        ),
        &["VC-02", "VC-03"],
        vec![
            issue,
            exchange("presentation.issue", by_thief, refused(&["holder"])),
            presented,
            exchange("presentation.verify", verify(CHALLENGE, DOMAIN), accepted()),
            exchange(
                "presentation.verify",
                verify("second session", DOMAIN),
                refused(&["challenge"]),
            ),
            exchange(
                "presentation.verify",
                verify(CHALLENGE, "other.example"),
                refused(&["domain"]),
            ),
        ],
    )
    .features(&["issue"]))
}
