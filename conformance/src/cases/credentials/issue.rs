//! Credentials that the target signs.

use kbtf_did::KeyType;
use serde_json::{Value, json};

use super::{
    super::{
        accepted, case, checked, exchange,
        forge::{Person, with, without},
        made, refused, script, suite,
    },
    certificate, certificate_v1,
};
use crate::suite::{Check, Suite};

pub(in super::super) fn issue() -> Result<Suite, String> {
    let mut cases = Vec::new();
    let subject = "did:example:student";
    for (name, key_type) in [("ed25519", KeyType::Ed25519), ("p256", KeyType::P256)] {
        let person = Person::new(key_type, 0x21)?;
        for (version, document) in [
            ("v2", certificate(&person.did(), subject)),
            ("v1", certificate_v1(&person.did(), subject)),
        ] {
            let request = |document: &Value| {
                json!({
                    "credential": document.to_string(), "secretKey": person.secret(),
                    "verificationMethod": person.method(), "created": "2026-11-01T09:00:00Z"
                })
            };
            let mut steps = vec![exchange(
                "credential.issue",
                request(&document),
                checked(Check::SignedCredential),
            )];
            if let Some(first) = steps.first_mut() {
                first.bind.insert("signed".into(), "/credential".into());
            }
            steps.push(exchange(
                "credential.verify",
                json!({"credential": "${signed}", "policy": {"trustedIssuers": [person.did()]}}),
                accepted(),
            ));
            let mut issued = script(
                &format!("vc-issue-{name}-{version}"),
                (
                    &format!("A {key_type} key signs a credential that verifies here and there ({version})"),
                    &format!("{key_type} 키로 발급한 자격증명은 어디서나 검증된다 ({version})"),
                ),
                &["VC-01", "VC-02"],
                steps,
            )
            .features(&["issue", person.feature()]);
            if version == "v1" {
                issued = issued.features(&["vc-1.1"]);
            }
            cases.push(issued);
        }
    }
    let person = Person::new(KeyType::Ed25519, 0x21)?;
    let other = Person::new(KeyType::Ed25519, 0x22)?;
    let good = certificate(&person.did(), subject);
    let request = |document: &Value, method: String| {
        json!({
            "credential": document.to_string(), "secretKey": person.secret(),
            "verificationMethod": method, "created": "2026-11-01T09:00:00Z"
        })
    };
    let signed = person.sign(&good)?;
    let refusals: [(&str, &str, &str, Value, &[&str]); 5] = [
        (
            "foreign-issuer",
            "in another's name",
            "다른 발급자의 이름으로는 발급하지 않는다",
            request(&certificate(&other.did(), subject), person.method()),
            &["issuer"],
        ),
        (
            "foreign-key",
            "under another's verification method",
            "다른 사람의 검증 방법으로는 발급하지 않는다",
            request(&certificate(&other.did(), subject), other.method()),
            &["issuer"],
        ),
        (
            "signed",
            "what is already signed",
            "이미 서명된 문서에는 다시 서명하지 않는다",
            request(&signed, person.method()),
            &["structure"],
        ),
        (
            "no-subject",
            "a credential without subject",
            "주체가 없는 자격증명은 발급하지 않는다",
            request(&without(&good, "credentialSubject"), person.method()),
            &["structure"],
        ),
        (
            "mixed",
            "a credential of two versions",
            "두 버전이 섞인 자격증명은 발급하지 않는다",
            request(
                &with(&good, "issuanceDate", "2026-02-20T00:00:00Z".into()),
                person.method(),
            ),
            &["version"],
        ),
    ];
    cases.extend(refusals.into_iter().map(|(id, en, ko, input, reasons)| {
        case(
            &format!("vc-issue-refuse-{id}"),
            (
                &format!("Nothing is signed: {en}"),
                &format!("발급 거부: {ko}"),
            ),
            &["VC-01", "VC-02"],
            "credential.issue",
            input,
            refused(reasons),
        )
        .features(&["issue", "eddsa-jcs-2022"])
    }));
    cases.push(
        case(
            "vc-issue-ed25519-deterministic",
            (
                "Ed25519 signatures have one value: signing again gives the same proof",
                "Ed25519 서명은 결정적이며 같은 입력에는 같은 증명값이 나온다",
            ),
            &["VC-01"],
            "credential.issue",
            request(&good, person.method()),
            checked(Check::SignedCredential),
        )
        .features(&["issue", "eddsa-jcs-2022"]),
    );
    if let Some(last) = cases.last_mut() {
        // The proof value itself is compared through a second exchange: canonical form of what was made.
        let canonical = kbtf_did::json::parse(&signed.to_string())
            .map_err(|e| e.to_string())?
            .to_canonical();
        if let Some(first) = last.steps.first_mut() {
            first.bind.insert("signed".into(), "/credential".into());
        }
        last.steps.push(exchange(
            "json.canonicalize",
            json!({"text": "${signed}"}),
            made(json!({"canonical": canonical})),
        ));
    }
    Ok(suite(
        "vc/credential-issue",
        "vc",
        "Issuing credentials with Data Integrity (eddsa-jcs-2022, ecdsa-jcs-2019)",
        "Data Integrity 자격증명 발급 (eddsa-jcs-2022, ecdsa-jcs-2019)",
        cases,
    ))
}
