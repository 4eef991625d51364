//! Proof of control: what shows it, what does not, and that a request is answered once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use kbtf_did::{
    Did, DidDocument, DidUrl, Error, KeyType, NewMethod, ResolvedDocument, SOFTWARE, SecretKey,
    Signer as _, SoftwareSigner, Timestamp, VerificationRelationship,
    control::{ControlRequest, ControlResponse, OpenChallenges},
    did_key,
};
use proptest::prelude::*;

struct Counter(u8);
impl rand_core::TryRng for Counter {
    type Error = std::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(0)
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(0)
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        self.0 += 1;
        out.fill(self.0);
        Ok(())
    }
}
impl rand_core::TryCryptoRng for Counter {}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    time("2026-11-24T09:00:00Z")
}

fn request() -> ControlRequest {
    ControlRequest::new("minwon.go.kr", now(), 120, &mut Counter(0)).unwrap()
}

fn signer(key_type: KeyType, seed: u8) -> SoftwareSigner<'static> {
    SoftwareSigner::new(SecretKey::from_bytes(key_type, &[seed; 32]).unwrap())
}

fn url(text: &str) -> DidUrl {
    DidUrl::parse(text).unwrap()
}

/// A citizen with a key for signing in, one for credentials, and one that has been revoked.
fn citizen() -> ResolvedDocument {
    use VerificationRelationship::{AssertionMethod, Authentication, KeyAgreement};
    let did = Did::parse("did:example:citizen").unwrap();
    let key = |key_type, seed| signer(key_type, seed).public_key().clone();
    let document = DidDocument::builder(&did)
        .method(NewMethod::new("in", &key(KeyType::Ed25519, 1)).purposes(&[Authentication]))
        .method(NewMethod::new("p256", &key(KeyType::P256, 1)).purposes(&[Authentication]))
        .method(NewMethod::new("k1", &key(KeyType::Secp256k1, 1)).purposes(&[Authentication]))
        .method(NewMethod::new("vc", &key(KeyType::Ed25519, 2)).purposes(&[AssertionMethod]))
        .method(
            NewMethod::new("lost", &key(KeyType::Ed25519, 3))
                .purposes(&[Authentication])
                .revoked(now()),
        )
        .method(
            NewMethod::new("old", &key(KeyType::Ed25519, 4))
                .purposes(&[Authentication])
                .expires(now()),
        )
        .method(
            NewMethod::new("foreign", &key(KeyType::Ed25519, 5))
                .purposes(&[Authentication])
                .controller(&Did::parse("did:example:other").unwrap()),
        )
        .method(NewMethod::new("x", &key(KeyType::X25519, 6)).purposes(&[KeyAgreement]))
        .build()
        .unwrap();
    ResolvedDocument::active(document)
}

fn code<T>(result: Result<T, Error>) -> &'static str {
    result.map(|_| ()).unwrap_err().code()
}

#[test]
fn a_key_for_authentication_shows_control_and_no_other_does() {
    let (request, document) = (request(), citizen());
    for (method, key, expected) in [
        ("in", signer(KeyType::Ed25519, 1), None),
        ("p256", signer(KeyType::P256, 1), None),
        ("k1", signer(KeyType::Secp256k1, 1), None),
        (
            "in",
            signer(KeyType::Ed25519, 2),
            Some("did/control-invalid-signature"),
        ),
        (
            "vc",
            signer(KeyType::Ed25519, 2),
            Some("did/control-not-listed"),
        ),
        (
            "lost",
            signer(KeyType::Ed25519, 3),
            Some("did/control-key-not-in-force"),
        ),
        (
            "old",
            signer(KeyType::Ed25519, 4),
            Some("did/control-key-not-in-force"),
        ),
        (
            "foreign",
            signer(KeyType::Ed25519, 5),
            Some("did/control-foreign-controller"),
        ),
        (
            "none",
            signer(KeyType::Ed25519, 1),
            Some("did/control-no-such-method"),
        ),
        (
            "x",
            signer(KeyType::Ed25519, 6),
            Some("did/control-not-listed"),
        ),
    ] {
        let method = url(&format!("did:example:citizen#{method}"));
        let response = request.answer(&method, &key).unwrap();
        let result = request.check(&response, &document, now(), &SOFTWARE);
        assert_eq!(result.as_ref().err().map(Error::code), expected, "{method}");
        if let Ok(shown) = result {
            assert_eq!(
                (shown.did(), shown.method()),
                (document.document.id(), &method)
            );
            assert_eq!(shown.domain(), "minwon.go.kr");
        }
    }
}

#[test]
fn an_answer_is_for_one_request_one_method_and_one_document() {
    let (request, document) = (request(), citizen());
    let (method, key) = (url("did:example:citizen#in"), signer(KeyType::Ed25519, 1));
    let response = request.answer(&method, &key).unwrap();
    let check =
        |request: &ControlRequest,
         response: &ControlResponse,
         document: &ResolvedDocument,
         at: Timestamp| { request.check(response, document, at, &SOFTWARE) };
    assert!(check(&request, &response, &document, now()).is_ok());
    // The end itself is past.
    assert!(check(&request, &response, &document, time("2026-11-24T09:01:59Z")).is_ok());
    assert_eq!(
        code(check(&request, &response, &document, request.expires())),
        "did/control-expired"
    );

    let mut random = Counter(0);
    let same_nonce = |domain: &str, seconds| {
        let mut random = Counter(0);
        ControlRequest::new(domain, now(), seconds, &mut random).unwrap()
    };
    for other in [
        same_nonce("minwon.go.kr.evil.kr", 120),
        same_nonce("minwon.go.kr", 121),
        same_nonce("minwon.go.kr", 120)
            .answer_to("https://minwon.go.kr/in")
            .unwrap(),
    ] {
        assert_eq!(
            code(check(&other, &response, &document, now())),
            "did/control-invalid-signature"
        );
    }
    let _ = ControlRequest::new("a.kr", now(), 1, &mut random);
    let next = ControlRequest::new("minwon.go.kr", now(), 120, &mut random).unwrap();
    assert_eq!(
        code(check(&next, &response, &document, now())),
        "did/control-unknown-challenge"
    );

    let deactivated = ResolvedDocument::deactivated(document.document.clone());
    assert_eq!(
        code(check(&request, &response, &deactivated, now())),
        "did/control-deactivated"
    );
    let other = did_key::resolve(
        &did_key::from_public_key(key.public_key()),
        did_key::KeyFormat::Multikey,
    )
    .unwrap();
    let other = ResolvedDocument::active(other);
    assert_eq!(
        code(check(&request, &response, &other, now())),
        "did/control-wrong-document"
    );
    // A signature by the same key under another method's name.
    let renamed = ControlResponse::new(
        *request.nonce(),
        url("did:example:citizen#p256"),
        key.sign(&request.signing_input(&method)).unwrap(),
    )
    .unwrap();
    assert_eq!(
        code(check(&request, &renamed, &document, now())),
        "did/control-invalid-signature"
    );
    // What a credential's proof signs, 64 bytes of hashes, is never what this signs.
    assert!(
        request
            .signing_input(&method)
            .starts_with(b"kbtf control/1\n")
    );
}

#[test]
fn the_other_half_of_s_is_another_signature() {
    let (request, document) = (request(), citizen());
    for (fragment, key_type) in [("p256", KeyType::P256), ("k1", KeyType::Secp256k1)] {
        let method = url(&format!("did:example:citizen#{fragment}"));
        let signature = signer(key_type, 1)
            .sign(&request.signing_input(&method))
            .unwrap();
        let (r, s) = signature.split_at(32);
        let order: [u8; 32] = match key_type {
            KeyType::P256 => [
                0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63,
                0x25, 0x51,
            ],
            _ => [
                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                0xff, 0xfe, 0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c,
                0xd0, 0x36, 0x41, 0x41,
            ],
        };
        let mut high = [0; 32];
        let mut borrow = 0_i16;
        for i in (0..32).rev() {
            let difference = i16::from(order[i]) - i16::from(s[i]) - borrow;
            borrow = i16::from(difference < 0);
            high[i] = difference.rem_euclid(256).try_into().unwrap();
        }
        let response = ControlResponse::new(*request.nonce(), method, [r, &high].concat()).unwrap();
        assert_eq!(
            code(request.check(&response, &document, now(), &SOFTWARE)),
            "did/control-invalid-signature"
        );
    }
}

#[test]
fn a_request_is_answered_once_and_false_answers_do_not_close_it() {
    let (request, document) = (request(), citizen());
    let method = url("did:example:citizen#in");
    let good = request
        .answer(&method, &signer(KeyType::Ed25519, 1))
        .unwrap();
    let bad = request
        .answer(&method, &signer(KeyType::Ed25519, 2))
        .unwrap();
    let mut open = OpenChallenges::new(2);
    assert_eq!(
        code(open.redeem(&good, &document, now(), &SOFTWARE)),
        "did/control-unknown-challenge"
    );
    open.add(&request, now()).unwrap();
    assert_eq!(code(open.add(&request, now())), "did/randomness");
    assert_eq!(
        code(open.redeem(&bad, &document, now(), &SOFTWARE)),
        "did/control-invalid-signature"
    );
    assert!(open.redeem(&good, &document, now(), &SOFTWARE).is_ok());
    assert_eq!(
        code(open.redeem(&good, &document, now(), &SOFTWARE)),
        "did/control-unknown-challenge"
    );

    // Full is full: nobody's open request makes room for another, but those that have ended do.
    let mut random = Counter(10);
    for _ in 0..2 {
        let next = ControlRequest::new("a.kr", now(), 60, &mut random).unwrap();
        open.add(&next, now()).unwrap();
    }
    let late = ControlRequest::new("a.kr", now(), 600, &mut random).unwrap();
    assert_eq!(code(open.add(&late, now())), "did/provider");
    assert_eq!(open.len(), 2);
    open.add(&late, time("2026-11-24T09:01:00Z")).unwrap();
    assert_eq!(open.len(), 1);
}

#[test]
fn payloads_are_small_and_have_one_encoding() {
    let request = request();
    assert_eq!(request.to_bytes().len(), 36);
    assert_eq!(request.to_link().len(), 71);
    let ed = signer(KeyType::Ed25519, 1);
    let did = did_key::from_public_key(ed.public_key());
    let response = request
        .answer(&did_key::verification_method_id(&did).unwrap(), &ed)
        .unwrap();
    assert_eq!(response.to_bytes().len(), 190);
    assert_eq!(response.to_link().len(), 278);
    // A QR code of version 13 holds 331 bytes at level M, one of version 4 holds 62, of version 5 holds 84.
    assert!(response.to_link().len() < 331 && request.to_link().len() < 84);

    let good = request
        .clone()
        .answer_to("https://minwon.go.kr/in?x=1")
        .unwrap()
        .to_bytes();
    let read = ControlRequest::from_bytes(&good).unwrap();
    assert_eq!(read.answer_address(), Some("https://minwon.go.kr/in?x=1"));
    let change = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    for bad in [
        vec![],
        good[..good.len() - 1].to_vec(),
        [&good[..], &[0]].concat(),
        change(0, 2),
        change(17, 0xff), // the year 36 812
        change(22, 11),   // a shorter domain
        change(23, b'M'),
        change(23, 0xff),
        change(36, b'x'),
    ] {
        assert_eq!(
            code(ControlRequest::from_bytes(&bad)),
            "did/control-malformed",
            "{bad:?}"
        );
    }
    for link in [
        request.to_link().replace("kbtf://", "https://"),
        format!("{}=", request.to_link()),
        request.to_link().replace("request", "response"),
        format!("kbtf://control?request={}", "A".repeat(5000)),
    ] {
        assert_eq!(
            code(ControlRequest::from_link(&link)),
            "did/control-malformed"
        );
    }
}

#[test]
fn an_answer_goes_to_the_domain_that_the_holder_sees() {
    for address in [
        "https://minwon.go.kr.evil.kr/in",
        "https://minwon.go.kr@evil.kr/in",
        "https://minwon.go.kr:8443/in",
        "https://evil.kr/https://minwon.go.kr/in",
        "https://minwon.go.kr\\.evil.kr/",
        "https://minwon.go.kr#@evil.kr/",
        "http://minwon.go.kr/in",
        "https://MINWON.go.kr/in",
        "https://minwon.go.kr",
        "https://minwon.go.kr/ in",
        "",
    ] {
        assert_eq!(
            code(request().answer_to(address)),
            "did/control-malformed",
            "{address}"
        );
    }
    let mut random = Counter(0);
    for domain in [
        "",
        "Minwon.go.kr",
        "minwon..kr",
        "-a.kr",
        "a.kr:443",
        "a.kr:0",
        "a.kr:080",
        "a.kr/x",
        "a.kr:80:80",
        "민원.kr",
        "a b.kr",
        &"a".repeat(101),
    ] {
        assert_eq!(
            code(ControlRequest::new(domain, now(), 60, &mut random)),
            "did/control-malformed",
            "{domain}"
        );
    }
    assert!(
        ControlRequest::new("a.kr:8443", now(), 60, &mut random)
            .unwrap()
            .answer_to("https://a.kr:8443/?x")
            .is_ok()
    );
    for method in [
        "did:example:a",
        "did:example:a#",
        "did:example:a?x=1#k",
        "did:example:a/p#k",
    ] {
        assert!(ControlResponse::new([0; 16], url(method), vec![0; 64]).is_err());
    }
    for size in [0, 63, 513] {
        assert!(ControlResponse::new([0; 16], url("did:a:b#c"), vec![0; size]).is_err());
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_to_one_request_or_response_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..120), first in 0..4_u8, domain in "[a-z]{1,5}[.]kr") {
        let mut bytes = bytes;
        if let Some(byte) = bytes.first_mut() { *byte = first; }
        if bytes.len() > 40 {
            // Something that comes closer to a request.
            bytes[17..20].fill(0);
            bytes[22] = u8::try_from(domain.len()).unwrap();
            bytes.splice(23.., domain.bytes().chain([0]));
        }
        if let Ok(request) = ControlRequest::from_bytes(&bytes) {
            prop_assert_eq!(request.to_bytes(), bytes.clone());
            prop_assert_eq!(ControlRequest::from_link(&request.to_link()).unwrap(), request);
        }
        if let Ok(response) = ControlResponse::from_bytes(&bytes) {
            prop_assert_eq!(response.to_bytes(), bytes);
        }
    }
}
