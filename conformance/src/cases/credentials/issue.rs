//! Credentials that the target signs.

use kbtf_did::KeyType;
use serde_json::{Value, json};

use super::{
    super::{
        accepted, case, checked, exchange,
        forge::{Person, set, with, without},
        refused, script, suite,
    },
    certificate, certificate_v1,
};
use crate::suite::{Check, Expect, Suite};

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
    let refusals: [(&str, &str, &str, Value, &[&str]); 7] = [
        (
            "method-without-fragment",
            "under an id that names no key",
            "키를 가리키지 않는 검증 방법으로는 발급하지 않는다",
            request(&good, person.did()),
            &["issuer", "structure", "syntax"],
        ),
        (
            "method-of-nobody",
            "under a key of the did:key that it does not have",
            "did:key에 없는 키로는 발급하지 않는다",
            request(&good, format!("{}#key-1", person.did())),
            &["issuer", "structure"],
        ),
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
    let proof_value = |signed: &Value| {
        signed
            .pointer("/proof/proofValue")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let deterministic = Expect {
        proof_value: proof_value(&signed),
        ..checked(Check::SignedCredential)
    };
    let again = || {
        let input = request(&good, person.method());
        exchange("credential.issue", input, deterministic.clone())
    };
    cases.push(
        script(
            "vc-issue-ed25519-deterministic",
            (
                "Ed25519 signatures have one value, however often one signs",
                "Ed25519 서명은 몇 번을 해도 값이 하나이다",
            ),
            &["VC-01"],
            vec![again(), again()],
        )
        .features(&["issue", "eddsa-jcs-2022"]),
    );
    // A credential for which the deterministic nonce of RFC 6979 gives a signature with high s.
    let ec = Person::new(KeyType::P256, 0x21)?;
    let mut high = certificate(&ec.did(), subject);
    for i in 0..64 {
        set(&mut high, "id", format!("urn:example:{i}").into());
        if ec.signs_high(&high, &ec.options(&high))? {
            break;
        }
    }
    cases.push(
        case(
            "vc-issue-p256-low-s",
            (
                "A P-256 signature is brought to its low form before it is given out",
                "P-256 서명은 내주기 전에 low-s 형태로 바꾼다",
            ),
            &["VC-01"],
            "credential.issue",
            json!({
                "credential": high.to_string(), "secretKey": ec.secret(),
                "verificationMethod": ec.method(), "created": "2026-11-01T09:00:00Z"
            }),
            checked(Check::SignedCredential),
        )
        .features(&["issue", "ecdsa-jcs-2019"])
        .flag("profile"),
    );
    Ok(suite(
        "vc/credential-issue",
        "vc",
        "Issuing credentials with Data Integrity (eddsa-jcs-2022, ecdsa-jcs-2019)",
        "Data Integrity 자격증명 발급 (eddsa-jcs-2022, ecdsa-jcs-2019)",
        cases,
    ))
}
