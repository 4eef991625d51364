//! Cases of proof of control.

use kbtf_did::{
    DidUrl, KeyType, NewMethod, SecretKey, SoftwareSigner,
    VerificationRelationship::{AssertionMethod, Authentication, KeyAgreement},
    control::{ControlRequest, ControlResponse},
    did_key,
};
use serde_json::{Value, json};

use super::{Refusals, case, forge, key, made, refused, script, suite};
use crate::{
    cases::exchange,
    suite::{Case, Suite},
};

const NOW: &str = "2026-11-22T00:00:00Z";
const NONCE: &str = "000102030405060708090a0b0c0d0e0f";

fn said<T>(result: Result<T, kbtf_did::Error>) -> Result<T, String> {
    result.map_err(|e| e.to_string())
}

struct Nonce(u8);
impl rand_core::TryRng for Nonce {
    type Error = std::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(0)
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(0)
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        for (byte, value) in out.iter_mut().zip(self.0..) {
            *byte = value;
        }
        Ok(())
    }
}
impl rand_core::TryCryptoRng for Nonce {}

fn request(domain: &str, first: u8) -> Result<ControlRequest, String> {
    said(ControlRequest::new(
        domain,
        said(NOW.parse())?,
        120,
        &mut Nonce(first),
    ))
}

fn signer(key_type: KeyType, seed: u8) -> Result<SoftwareSigner<'static>, String> {
    key(key_type, seed).map(SoftwareSigner::new)
}

fn citizen() -> Result<Value, String> {
    let did = said(kbtf_did::Did::parse("did:example:citizen"))?;
    let other = said(kbtf_did::Did::parse("did:example:other"))?;
    let public = |key_type, seed| -> Result<kbtf_did::PublicKey, String> {
        Ok(key(key_type, seed)?.public_key().clone())
    };
    let ed = |seed| public(KeyType::Ed25519, seed);
    let now = said(NOW.parse())?;
    let document = kbtf_did::DidDocument::builder(&did)
        .method(NewMethod::new("in", &ed(0x51)?).purposes(&[Authentication]))
        .method(NewMethod::new("p256", &public(KeyType::P256, 0x51)?).purposes(&[Authentication]))
        .method(
            NewMethod::new("k1", &public(KeyType::Secp256k1, 0x51)?).purposes(&[Authentication]),
        )
        .method(NewMethod::new("vc", &ed(0x52)?).purposes(&[AssertionMethod]))
        .method(
            NewMethod::new("lost", &ed(0x53)?)
                .purposes(&[Authentication])
                .revoked(now),
        )
        .method(
            NewMethod::new("old", &ed(0x54)?)
                .purposes(&[Authentication])
                .expires(now),
        )
        .method(
            NewMethod::new("foreign", &ed(0x55)?)
                .purposes(&[Authentication])
                .controller(&other),
        )
        .method(NewMethod::new("x", &public(KeyType::X25519, 0x56)?).purposes(&[KeyAgreement]));
    serde_json::from_str(&said(document.build())?.as_object().to_json()).map_err(|e| e.to_string())
}

fn answer(
    request: &ControlRequest,
    fragment: &str,
    signer: &SoftwareSigner<'_>,
) -> Result<ControlResponse, String> {
    let method = said(DidUrl::parse(&format!("did:example:citizen#{fragment}")))?;
    said(request.answer(&method, signer))
}

pub(super) fn suite_of_control() -> Result<Suite, String> {
    let mut cases = payloads()?;
    cases.extend(checks()?);
    Ok(suite(
        "did/control",
        "did",
        "Proof of control by QR code and link",
        "QR 코드와 링크를 이용한 소유 증명",
        cases
            .into_iter()
            .map(|case| case.features(&["control"]))
            .collect(),
    ))
}

fn payloads() -> Result<Vec<Case>, String> {
    let plain = request("minwon.go.kr", 0)?;
    let addressed = said(plain.clone().answer_to("https://minwon.go.kr/in?x=1"))?;
    let ported = said(request("bank.kr:8443", 0)?.answer_to("https://bank.kr:8443/in"))?;
    let make =
        |id: &str, (en, ko): (&str, &str), domain: &str, address: Option<&str>, link: String| {
            let mut input = json!({"domain": domain, "seconds": 120, "nonce": NONCE});
            if let Some(address) = address {
                forge::set(&mut input, "answerTo", address.into());
            }
            case(
                &format!("did-control-request-{id}"),
                (
                    &format!("A request for proof of control {en}"),
                    &format!("소유 증명 요청: {ko}"),
                ),
                &["DID-08", "DID-12"],
                "control.request",
                input,
                made(json!({"link": link})),
            )
        };
    let mut cases = vec![
        make(
            "plain",
            ("is made byte for byte", "정해진 바이트대로 만들어진다"),
            "minwon.go.kr",
            None,
            plain.to_link(),
        ),
        make(
            "addressed",
            ("says where the answer goes", "응답을 보낼 주소를 담는다"),
            "minwon.go.kr",
            Some("https://minwon.go.kr/in?x=1"),
            addressed.to_link(),
        ),
        make(
            "ported",
            ("is for a host with a port", "포트가 있는 호스트"),
            "bank.kr:8443",
            Some("https://bank.kr:8443/in"),
            ported.to_link(),
        ),
    ];
    let ask = |domain: &str, address: Value| json!({"domain": domain, "seconds": 120, "nonce": NONCE, "answerTo": address});
    let refusals = Refusals {
        id: "did-control-request",
        en: "A request for proof of control is refused",
        ko: "소유 증명 요청 거부",
        operation: "control.request",
        requirements: &["DID-12"],
        features: &[],
    };
    cases.extend(refusals.cases(vec![
        (
            "domain-case",
            "for a domain in capitals",
            "대문자 도메인",
            ask("Minwon.go.kr", Value::Null),
            &["structure"][..],
        ),
        (
            "domain-empty",
            "for no domain",
            "빈 도메인",
            ask("", Value::Null),
            &["structure"],
        ),
        (
            "domain-path",
            "for a domain with a path",
            "경로가 붙은 도메인",
            ask("minwon.go.kr/in", Value::Null),
            &["structure"],
        ),
        (
            "domain-port",
            "for the usual port written out",
            "기본 포트를 적은 도메인",
            ask("minwon.go.kr:443", Value::Null),
            &["structure"],
        ),
        (
            "address-elsewhere",
            "that sends the answer elsewhere",
            "다른 곳으로 보내는 응답 주소",
            ask("minwon.go.kr", "https://minwon.go.kr.evil.kr/in".into()),
            &["structure"],
        ),
        (
            "address-user",
            "that sends the answer elsewhere behind a user name",
            "사용자 이름으로 속인 응답 주소",
            ask("minwon.go.kr", "https://minwon.go.kr@evil.kr/in".into()),
            &["structure"],
        ),
        (
            "address-port",
            "that sends the answer to another port",
            "다른 포트로 보내는 응답 주소",
            ask("minwon.go.kr", "https://minwon.go.kr:8443/in".into()),
            &["structure"],
        ),
        (
            "address-http",
            "that sends the answer in the clear",
            "암호화하지 않는 응답 주소",
            ask("minwon.go.kr", "http://minwon.go.kr/in".into()),
            &["structure"],
        ),
        (
            "address-fragment",
            "whose address ends in a fragment",
            "프래그먼트로 끝나는 응답 주소",
            ask("minwon.go.kr", "https://minwon.go.kr/#a".into()),
            &["structure"],
        ),
    ]));

    // A wallet that knows the key alone: its answer is the only one there is.
    let ed = key(KeyType::Ed25519, 0x51)?;
    let did = did_key::from_public_key(ed.public_key());
    let method = said(did_key::verification_method_id(&did))?;
    let secret = ed.to_multikey().to_string();
    let signer = SoftwareSigner::new(ed);
    let response = said(addressed.answer(&method, &signer))?;
    let input = |link: &str| json!({"request": link, "secretKey": secret, "verificationMethod": method.as_str()});
    let document: Value = serde_json::from_str(
        &said(did_key::resolve(&did, did_key::KeyFormat::Multikey))?
            .as_object()
            .to_json(),
    )
    .map_err(|e| e.to_string())?;
    let value = json!({"link": response.to_link(), "domain": "minwon.go.kr", "answerTo": "https://minwon.go.kr/in?x=1"});
    let mut first = exchange(
        "control.request",
        json!({"domain": "minwon.go.kr", "seconds": 120, "nonce": NONCE, "answerTo": "https://minwon.go.kr/in?x=1"}),
        made(json!({})),
    );
    first.bind = [("request".to_owned(), "/link".to_owned())].into();
    let mut second = exchange("control.answer", input("${request}"), made(value));
    second.bind = [("response".to_owned(), "/link".to_owned())].into();
    let third = exchange(
        "control.check",
        json!({"request": "${request}", "response": "${response}", "document": document.to_string()}),
        made(json!({"did": did.as_str()})),
    );
    let titles = (
        "A verifier asks, a wallet answers, the verifier knows",
        "검증자가 요청하고 지갑이 응답하면 검증자가 확인한다",
    );
    cases.push(script(
        "did-control-life",
        titles,
        &["DID-08", "DID-12"],
        vec![first, second, third],
    ));
    let refusals = Refusals {
        id: "did-control-answer",
        en: "A wallet does not answer",
        ko: "지갑의 응답 거부",
        operation: "control.answer",
        requirements: &["DID-12"],
        features: &[],
    };
    let bent = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = addressed.to_bytes();
        change(&mut bytes);
        let text = kbtf_did::multibase::encode_base64url(&bytes);
        input(&format!(
            "kbtf://control?request={}",
            text.trim_start_matches('u')
        ))
    };
    cases.extend(refusals.cases(vec![
        (
            "longer",
            "a request with a byte behind it",
            "뒤에 바이트가 더 있는 요청",
            bent(&|bytes| bytes.push(0)),
            &["structure"][..],
        ),
        (
            "shorter",
            "a request that was cut",
            "잘린 요청",
            bent(&|bytes| bytes.truncate(bytes.len().saturating_sub(1))),
            &["structure"],
        ),
        (
            "version",
            "a request of another version",
            "다른 버전의 요청",
            bent(&|bytes| set(bytes, 0, 9)),
            &["structure"],
        ),
        (
            "elsewhere",
            "a request whose address is not of its domain",
            "도메인과 주소가 다른 요청",
            bent(&|bytes| set(bytes, 23, b'x')),
            &["structure"],
        ),
        (
            "link",
            "another kind of link",
            "다른 종류의 링크",
            input(&plain.to_link().replace("kbtf:", "https:")),
            &["structure"],
        ),
        (
            "padded",
            "a link with padding",
            "패딩이 붙은 링크",
            input(&format!("{}=", plain.to_link())),
            &["structure"],
        ),
    ]));
    Ok(cases)
}

fn set(bytes: &mut [u8], at: usize, value: u8) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte = value;
    }
}

fn checks() -> Result<Vec<Case>, String> {
    let (ours, document) = (request("minwon.go.kr", 0)?, citizen()?);
    let requirements = &["DID-08", "DID-12"];
    let check = |response: &ControlResponse| json!({"request": ours.to_link(), "response": response.to_link(), "document": document.to_string()});
    let mut cases = Vec::new();
    for (fragment, key_type, feature) in [
        ("in", KeyType::Ed25519, "eddsa-jcs-2022"),
        ("p256", KeyType::P256, "ecdsa-jcs-2019"),
        ("k1", KeyType::Secp256k1, "secp256k1"),
    ] {
        let response = answer(&ours, fragment, &signer(key_type, 0x51)?)?;
        let titles = (
            &*format!("A {key_type} key for authentication shows control"),
            &*format!("인증용 {key_type} 키로 소유를 증명한다"),
        );
        let value = made(json!({"did": "did:example:citizen"}));
        cases.push(
            case(
                &format!("did-control-check-{fragment}"),
                titles,
                requirements,
                "control.check",
                check(&response),
                value,
            )
            .features(&[feature]),
        );
    }
    let ed = signer(KeyType::Ed25519, 0x51)?;
    let good = answer(&ours, "in", &ed)?;
    let by = |fragment: &str, seed: u8| -> Result<Value, String> {
        Ok(check(&answer(
            &ours,
            fragment,
            &signer(KeyType::Ed25519, seed)?,
        )?))
    };
    let of = |request: ControlRequest| -> Result<Value, String> {
        let response = answer(&request, "in", &ed)?;
        // The nonce of the one, the signature over the other.
        let response = said(ControlResponse::new(
            *ours.nonce(),
            response.method().clone(),
            signature_of(&response)?,
        ))?;
        Ok(check(&response))
    };
    let raw = |signature: Vec<u8>, fragment: &str| -> Result<Value, String> {
        let method = said(DidUrl::parse(&format!("did:example:citizen#{fragment}")))?;
        Ok(check(&said(ControlResponse::new(
            *ours.nonce(),
            method,
            signature,
        ))?))
    };
    let p256: SecretKey = key(KeyType::P256, 0x51)?;
    let p256 = SoftwareSigner::new(p256);
    let high = signature_of(&answer(&ours, "p256", &p256)?)?;
    let high = forge::flip_s(&high)?;
    let refusals = Refusals {
        id: "did-control-check",
        en: "Control is not shown",
        ko: "소유 증명 실패",
        operation: "control.check",
        requirements,
        features: &["eddsa-jcs-2022"],
    };
    cases.extend(refusals.cases(vec![
            (
                "other-request",
                "by the answer to another request",
                "다른 요청에 대한 응답",
                check(&answer(&request("minwon.go.kr", 7)?, "in", &ed)?),
                &["challenge"][..],
            ),
            (
                "other-domain",
                "by an answer for another domain",
                "다른 도메인에 대한 응답",
                of(request("evil.kr", 0)?)?,
                &["signature"],
            ),
            (
                "other-end",
                "by an answer to a request of another end",
                "만료 시각이 다른 요청에 대한 응답",
                of(said(ControlRequest::new(
                    "minwon.go.kr",
                    said(NOW.parse())?,
                    121,
                    &mut Nonce(0),
                ))?)?,
                &["signature"],
            ),
            (
                "other-address",
                "by an answer to a request with another address",
                "응답 주소가 다른 요청에 대한 응답",
                of(said(
                    request("minwon.go.kr", 0)?.answer_to("https://minwon.go.kr/x"),
                )?)?,
                &["signature"],
            ),
            (
                "other-key",
                "by another key",
                "다른 키의 서명",
                by("in", 0x52)?,
                &["signature"],
            ),
            (
                "other-method",
                "under the name of another method",
                "다른 검증 방법의 이름",
                raw(signature_of(&good)?, "p256")?,
                &["signature"],
            ),
            (
                "not-listed",
                "by a key for credentials",
                "증명서 발급용 키",
                by("vc", 0x52)?,
                &["relationship"],
            ),
            (
                "agreement",
                "by a key that agrees on secrets",
                "키 합의용 키",
                by("x", 0x56)?,
                &["relationship"],
            ),
            (
                "revoked",
                "by a revoked key",
                "폐기된 키",
                by("lost", 0x53)?,
                &["keyState"],
            ),
            (
                "expired-key",
                "by an expired key",
                "만료된 키",
                by("old", 0x54)?,
                &["keyState"],
            ),
            (
                "foreign",
                "by a key that somebody else controls",
                "다른 사람이 통제하는 키",
                by("foreign", 0x55)?,
                &["issuer"],
            ),
            (
                "none",
                "by a method that is not there",
                "없는 검증 방법",
                by("none", 0x51)?,
                &["keyState"],
            ),
            (
                "deactivated",
                "by a deactivated DID",
                "폐지된 DID",
                forge::with(&check(&good), "deactivated", json!(true)),
                &["keyState"],
            ),
            (
                "other-document",
                "with the document of another DID",
                "다른 DID의 문서",
                forge::with(
                    &check(&good),
                    "document",
                    forge::with(
                        &json!({"@context": "https://www.w3.org/ns/did/v1"}),
                        "id",
                        "did:example:other".into(),
                    )
                    .to_string()
                    .into(),
                ),
                &["keyState"],
            ),
            (
                "zeros",
                "by zeros",
                "0으로 된 서명",
                raw(vec![0; 64], "in")?,
                &["signature"],
            ),
            (
                "no-response",
                "by no response",
                "응답이 아닌 값",
                forge::with(&check(&good), "response", ours.to_link().into()),
                &["structure"],
            ),
        ]));
    let high = case(
        "did-control-check-refuse-high-s",
        (
            "Control is not shown: by the other form of an ECDSA signature",
            "소유 증명 실패: ECDSA 서명의 다른 형태",
        ),
        requirements,
        "control.check",
        raw(high, "p256")?,
        refused(&["signature"]),
    );
    cases.push(high.features(&["ecdsa-jcs-2019"]));
    for (id, now, (en, ko), expect) in [
        (
            "last-second",
            "2026-11-22T00:01:59Z",
            (
                "A request holds until its end",
                "요청은 만료 직전까지 유효하다",
            ),
            made(json!({"did": "did:example:citizen"})),
        ),
        (
            "refuse-ended",
            "2026-11-22T00:02:00Z",
            (
                "Control is not shown: at the end of the request",
                "소유 증명 실패: 요청의 만료 시각",
            ),
            refused(&["validity"]),
        ),
    ] {
        cases.push(
            case(
                &format!("did-control-check-{id}"),
                (en, ko),
                requirements,
                "control.check",
                check(&good),
                expect,
            )
            .features(&["eddsa-jcs-2022"])
            .at(now),
        );
    }
    Ok(cases)
}

/// The signature in a response: what stands behind its last length.
fn signature_of(response: &ControlResponse) -> Result<Vec<u8>, String> {
    let bytes = response.to_bytes();
    let start = 1 + 16 + 2 + response.method().as_str().len() + 2;
    bytes
        .get(start..)
        .map(<[u8]>::to_vec)
        .ok_or_else(|| "no signature".into())
}
