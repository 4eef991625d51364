//! SD-JWT: what is asked is shown and nothing else, whatever the claims and whatever is hidden. The refusals stand in the
//! conformance suite; peers take and make these tokens in its interoperation tests.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod common;

use common::{Empty, Seeded, did_of, method_of, now, signer};
use kbtf_did::{
    KeyType, Signer,
    json::{self, Object, Value},
};
use kbtf_vc::{
    ClaimPath, Decision, Evidence, FailureCode, HolderBinding, Outcome, PathElement, Policy,
    PresentationPolicy, Step, Trust,
    sd_jwt::{self, DisclosureHash, SdJwt, SdJwtBuilder},
    verify_credential,
};
use proptest::prelude::*;

fn object(text: &str) -> Object<'static> {
    match json::parse(text).unwrap().into_owned() {
        Value::Object(object) => object,
        _ => panic!("not an object"),
    }
}

fn path(text: &str) -> ClaimPath {
    ClaimPath::parse(&json::parse(text).unwrap()).unwrap()
}

const RESIDENT: &str = r#"{"name":"홍길동","birth_date":"2001-03-01","age_over_19":true,
    "address":{"region":"서울특별시","street":"세종대로 1"},"nationalities":["KR","FR","DE"]}"#;

fn resident(hide: &[&str]) -> SdJwt {
    let ministry = signer(KeyType::P256, 1);
    let wallet = signer(KeyType::P256, 2);
    let mut builder =
        SdJwtBuilder::dc("urn:resident", did_of(&ministry).as_str(), object(RESIDENT))
            .bound_to(wallet.public_key());
    for place in hide {
        builder = builder.hide(path(place));
    }
    let token = builder
        .issue(&method_of(&ministry), &ministry, &mut Seeded(1))
        .unwrap();
    SdJwt::parse_issued(&token).unwrap()
}

#[test]
fn hidden_inside_hidden() {
    let all = resident(&[
        r#"["address"]"#,
        r#"["address","street"]"#,
        r#"["nationalities",null]"#,
        r#"["nationalities"]"#,
    ]);
    assert_eq!(
        all.claims()
            .get("nationalities")
            .unwrap()
            .as_array()
            .unwrap()
            .len(),
        3
    );
    assert_eq!(all.disclosures().count(), 6);
    // The street takes the address along, in which it stands, but not the other way round hidden things beside it.
    let street = all.select(&[path(r#"["address","street"]"#)]).unwrap();
    assert_eq!(street.disclosures().count(), 2);
    assert!(!street.claims().contains("nationalities"));
    let region = all.select(&[path(r#"["address","region"]"#)]).unwrap();
    let address = region.claims().get("address").unwrap().as_object().unwrap();
    assert!(address.contains("region") && !address.contains("street"));
    let second = all.select(&[path(r#"["nationalities",1]"#)]).unwrap();
    assert_eq!(
        second.claims().get("nationalities").unwrap().to_json(),
        r#"["FR"]"#
    );
    let none = all.select(&[]).unwrap();
    assert_eq!(none.disclosures().count(), 0);
    // What is not there cannot be believed to have been shown.
    assert_eq!(
        all.select(&[path(r#"["salary"]"#)]).unwrap_err().code(),
        "vc/malformed"
    );
    assert_eq!(
        none.select(&[path(r#"["address"]"#)]).unwrap_err().code(),
        "vc/malformed"
    );
}

#[test]
fn decoys_and_other_hashes() {
    let ministry = signer(KeyType::Ed25519, 1);
    for (hash, length) in [
        (DisclosureHash::Sha256, 43),
        (DisclosureHash::Sha384, 64),
        (DisclosureHash::Sha512, 86),
    ] {
        let token = SdJwtBuilder::dc("urn:x", did_of(&ministry).as_str(), object(RESIDENT))
            .hide(path(r#"["name"]"#))
            .hide(path(r#"["nationalities",0]"#))
            .decoys(None, 5)
            .decoys(Some(&path(r#"["nationalities"]"#)), 2)
            .hash(hash)
            .issue(&method_of(&ministry), &ministry, &mut Seeded(7))
            .unwrap();
        let payload = token.split('.').nth(1).unwrap();
        let payload = kbtf_did::multibase::decode(&format!("u{payload}")).unwrap();
        let payload = json::parse_bytes(&payload).unwrap();
        let payload = payload.as_object().unwrap();
        let digests = payload.get("_sd").unwrap().as_array().unwrap();
        assert_eq!(digests.len(), 6);
        let texts: Vec<&str> = digests.iter().map(|d| d.as_str().unwrap()).collect();
        assert!(texts.is_sorted() && texts.iter().all(|t| t.len() == length));
        assert_eq!(
            payload
                .get("nationalities")
                .unwrap()
                .as_array()
                .unwrap()
                .len(),
            5
        );
        let policy = Policy::new(Trust::AnyIssuer);
        let verified =
            sd_jwt::verify_credential(token.as_bytes(), &Evidence::new(), &policy, now());
        let shown = verified.into_verified().unwrap();
        let mut claims = shown.get().claims().clone();
        for ours in ["iss", "vct"] {
            claims.remove(ours);
        }
        // Members come back in another order.
        assert_eq!(claims.to_canonical(), object(RESIDENT).to_canonical());
    }
}

#[test]
fn what_must_be_seen_cannot_be_hidden_and_nothing_is_issued_without_randomness() {
    let ministry = signer(KeyType::P256, 1);
    let did = did_of(&ministry);
    let builder = || SdJwtBuilder::dc("urn:x", did.as_str(), object(RESIDENT));
    for (builder, code) in [
        (builder().hide(path(r#"["vct"]"#)), "vc/claim-name-taken"),
        (
            builder().expires(now()).hide(path(r#"["exp"]"#)),
            "vc/claim-name-taken",
        ),
        (builder().hide(path(r#"["nobody"]"#)), "vc/malformed"),
        (builder().hide(path(r#"["name",0]"#)), "vc/malformed"),
        (
            builder().hide(path(r#"["nationalities",3]"#)),
            "vc/malformed",
        ),
        (
            SdJwtBuilder::dc("urn:x", did.as_str(), object(r#"{"_sd":[]}"#)),
            "vc/claim-name-taken",
        ),
        (
            SdJwtBuilder::dc("urn:x", "did:example:other", object(RESIDENT)),
            "vc/not-the-signer",
        ),
    ] {
        let refused = builder.issue(&method_of(&ministry), &ministry, &mut Seeded(1));
        assert_eq!(refused.unwrap_err().code(), code);
    }
    let refused =
        builder()
            .hide(path(r#"["name"]"#))
            .issue(&method_of(&ministry), &ministry, &mut Empty);
    assert_eq!(refused.unwrap_err().code(), "did/randomness");
}

#[test]
fn shown_with_a_key_binding() {
    let all = resident(&[r#"["name"]"#, r#"["birth_date"]"#]);
    let wallet = signer(KeyType::P256, 2);
    let shown = all
        .select(&[path(r#"["name"]"#)])
        .unwrap()
        .present("nonce", "shop", now(), &wallet)
        .unwrap();
    let policy = |nonce, domain| {
        PresentationPolicy::new(Policy::new(Trust::AnyIssuer), nonce, domain).unwrap()
    };
    let verify = |text: &str, policy: &PresentationPolicy<'_>| {
        let verification =
            sd_jwt::verify_presentation(text.as_bytes(), &Evidence::new(), policy, now());
        match verification.into_verified() {
            Ok(verified) => Ok(verified.get().claims().to_json()),
            Err(verdict) => Err(verdict.failures().map(|f| f.code()).collect::<Vec<_>>()),
        }
    };
    let claims = verify(&shown, &policy("nonce", "shop")).unwrap();
    assert!(claims.contains("홍길동") && !claims.contains("2001"));
    assert_eq!(
        verify(&shown, &policy("other", "shop")),
        Err(vec![FailureCode::ChallengeMismatch])
    );
    assert_eq!(
        verify(&shown, &policy("nonce", "other")),
        Err(vec![FailureCode::DomainMismatch])
    );
    // Without the binding, and with fewer or more disclosures than it was made over.
    let bare = &shown[..=shown.rfind('~').unwrap()];
    assert_eq!(
        verify(bare, &policy("nonce", "shop")),
        Err(vec![FailureCode::KeyBindingMissing])
    );
    assert!(verify(bare, &policy("nonce", "shop").waive_key_binding()).is_ok());
    let binding = &shown[shown.rfind('~').unwrap() + 1..];
    for other in [all.to_text(), all.select(&[]).unwrap().to_text()] {
        let moved = format!("{other}{binding}");
        assert_eq!(
            verify(&moved, &policy("nonce", "shop").waive_key_binding()),
            Err(vec![FailureCode::SdHashMismatch])
        );
    }
    // A thief has the token, not the key.
    let thief = signer(KeyType::P256, 3);
    let refused = all.present("nonce", "shop", now(), &thief);
    assert_eq!(refused.unwrap_err().code(), "vc/not-the-signer");
    // A wallet does not keep what was shown to somebody.
    assert_eq!(
        SdJwt::parse_issued(&shown).unwrap_err().code(),
        "vc/malformed-token"
    );
    assert_eq!(
        verify_credential(
            shown.as_bytes(),
            &Evidence::new(),
            &Policy::new(Trust::AnyIssuer),
            now()
        )
        .verdict()
        .failures()
        .next()
        .unwrap()
        .code(),
        FailureCode::MalformedToken
    );
    // Days later.
    let later = "2026-11-24T00:00:00Z".parse().unwrap();
    let verification = sd_jwt::verify_presentation(
        shown.as_bytes(),
        &Evidence::new(),
        &policy("nonce", "shop"),
        later,
    );
    assert_eq!(
        verification.verdict().failures().next().unwrap().code(),
        FailureCode::ProofExpired
    );
    let _ = HolderBinding::AnyHolder;
}

/// Any JSON of a few levels.
fn any_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i32>().prop_map(Into::into),
        "[a-z가-힣]{0,6}".prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map("[a-e가-다]{1,2}", inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

/// All places in a value.
fn places(value: &Value<'_>, at: &mut Vec<PathElement>, into: &mut Vec<ClaimPath>) {
    if !at.is_empty() {
        into.push(ClaimPath::new(at.iter().cloned()).unwrap());
    }
    match value {
        Value::Object(object) => {
            for (name, value) in object.iter() {
                at.push(PathElement::Name(name.into()));
                places(value, at, into);
                at.pop();
            }
        }
        Value::Array(values) => {
            for (i, value) in values.iter().enumerate() {
                at.push(PathElement::Index(i));
                places(value, at, into);
                at.pop();
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    /// Whatever is hidden: all disclosures together give the claims back; of what is chosen, everything is there; a
    /// disclosure that no chosen claim needs is not in the text.
    #[test]
    fn shown_is_what_was_chosen(
        claims in prop::collection::btree_map("[a-e]{1,2}", any_value(), 1..5),
        hide in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        choose in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        seed: u64,
    ) {
        let text = serde_json::to_string(&claims).unwrap();
        let claims = object(&text);
        let root = Value::Object(claims.clone());
        let mut everywhere = Vec::new();
        places(&root, &mut Vec::new(), &mut everywhere);
        let issuer = signer(KeyType::Ed25519, 9);
        let mut builder = SdJwtBuilder::dc("urn:x", did_of(&issuer).as_str(), claims.clone());
        for at in &hide {
            builder = builder.hide(at.get(&everywhere).clone());
        }
        let token = builder.issue(&method_of(&issuer), &issuer, &mut Seeded(seed)).unwrap();
        let all = SdJwt::parse_issued(&token).unwrap();
        let mut back = all.claims().clone();
        back.remove("iss");
        back.remove("vct");
        prop_assert_eq!(back.to_canonical(), claims.to_canonical());

        let chosen: Vec<ClaimPath> = choose.iter().map(|at| at.get(&everywhere).clone()).collect();
        let shown = all.select(&chosen).unwrap();
        // By way of names alone: numbers shift when elements before are hidden.
        for path in &chosen {
            if path.elements().iter().all(|e| matches!(e, PathElement::Name(_))) {
                let there = path.select(&root).unwrap()[0].to_canonical();
                let seen = Value::Object(shown.claims().clone());
                prop_assert_eq!(path.select(&seen).unwrap()[0].to_canonical(), there);
            }
        }
        let text = shown.to_text();
        for (place, disclosure) in all.disclosures() {
            let is_shown = text.contains(disclosure.as_str());
            // Needed: on the way to a chosen claim, it itself, inside it, or opened for something of these.
            let near = |path: &ClaimPath| {
                path.elements().iter().zip(place.elements()).all(|(a, b)| a == b)
            };
            prop_assert_eq!(is_shown, chosen.iter().any(near), "{}", place);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[A-Za-z0-9_.~-]{0,200}") {
        let _ = SdJwt::parse(&text);
        let _ = verify_credential(text.as_bytes(), &Evidence::new(), &Policy::new(Trust::AnyIssuer), now());
    }
}

/// The tokens that RFC 9901 prints (sections 5.1 and 5.2, appendices A.1 to A.4), with the payloads that it says come out.
mod rfc_9901 {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    use kbtf_did::{CryptoProvider as _, PublicKey, SOFTWARE, SignatureAlgorithm};

    use super::*;

    struct Example {
        place: String,
        token: String,
        processed: Option<Object<'static>>,
    }

    fn member(object: &Object<'_>, name: &str) -> Object<'static> {
        object
            .get(name)
            .and_then(Value::as_object)
            .unwrap()
            .clone()
            .into_owned()
    }

    fn text(object: &Object<'_>, name: &str) -> String {
        object.get(name).and_then(Value::as_str).unwrap().to_owned()
    }

    fn examples() -> (PublicKey, Vec<Example>) {
        let file = object(include_str!("data/rfc9901.json"));
        let tokens = file.get("tokens").and_then(Value::as_array).unwrap();
        let examples = tokens.iter().map(|example| {
            let example = example.as_object().unwrap();
            Example {
                place: text(example, "place"),
                token: text(example, "token"),
                processed: example
                    .get("processed")
                    .map(|_| member(example, "processed")),
            }
        });
        let key = PublicKey::from_jwk(&member(&file, "issuerKey")).unwrap();
        (key, examples.collect())
    }

    fn example(place: &str) -> String {
        let (_, examples) = examples();
        let found = examples.into_iter().find(|example| example.place == place);
        found.unwrap().token
    }

    fn is_signed_by(jws: &str, key: &PublicKey) -> bool {
        let (message, signature) = jws.rsplit_once('.').unwrap();
        let signature = Base64UrlUnpadded::decode_vec(signature).unwrap();
        let algorithm = SignatureAlgorithm::Es256;
        SOFTWARE
            .verify(algorithm, key, message.as_bytes(), &signature)
            .is_ok()
    }

    #[test]
    fn payloads_signatures_and_bindings() {
        let (issuer, examples) = examples();
        assert_eq!(examples.len(), 7);
        for Example {
            place,
            token,
            processed,
        } in examples
        {
            let (jws, _) = token.split_once('~').unwrap();
            assert!(is_signed_by(jws, &issuer), "{place}");
            let read = SdJwt::parse(&token).unwrap();
            if let Some(expected) = processed {
                assert_eq!(
                    read.claims().to_canonical(),
                    expected.to_canonical(),
                    "{place}"
                );
            }
            let (shown, binding) = token.rsplit_once('~').unwrap();
            assert_eq!(read.has_key_binding(), !binding.is_empty(), "{place}");
            if read.has_key_binding() {
                let jwk = member(&member(read.claims(), "cnf"), "jwk");
                assert!(
                    is_signed_by(binding, &PublicKey::from_jwk(&jwk).unwrap()),
                    "{place}"
                );
                let payload = binding.split('.').nth(1).unwrap();
                let payload = Base64UrlUnpadded::decode_vec(payload).unwrap();
                let payload = object(core::str::from_utf8(&payload).unwrap());
                let hash = SOFTWARE.sha256(format!("{shown}~").as_bytes()).unwrap();
                let hash = Base64UrlUnpadded::encode_string(&hash);
                assert_eq!(text(&payload, "sd_hash"), hash, "{place}");
            }
        }
    }

    /// What appendix A.3 presents is what selecting those two claims of what it issues presents.
    #[test]
    fn selected_as_the_rfc_selects() {
        let issued = SdJwt::parse_issued(&example("appendix A.3, issued")).unwrap();
        let wanted = [
            path(r#"["age_equal_or_over","18"]"#),
            path(r#"["nationalities"]"#),
        ];
        let selected = issued.select(&wanted).unwrap().to_text();
        let presented = example("appendix A.3, presented");
        let (presented, _) = presented.rsplit_once('~').unwrap();
        let parts = |text: &str| {
            let mut parts: Vec<String> = text.split('~').map(str::to_owned).collect();
            parts.sort();
            parts
        };
        assert_eq!(parts(&selected), parts(&format!("{presented}~")));
    }

    /// The issuers of the RFC are https URLs and their tokens name no key, so nobody here can be shown to have issued them.
    #[test]
    fn refused_for_their_issuers() {
        let token = example("appendix A.3, presented");
        let policy = PresentationPolicy::new(
            Policy::new(Trust::AnyIssuer),
            "1234567890",
            "https://verifier.example.org",
        )
        .unwrap();
        let now = "2025-05-29T16:48:00Z".parse().unwrap();
        let shown = sd_jwt::verify_presentation(token.as_bytes(), &Evidence::new(), &policy, now);
        let verdict = shown.verdict();
        assert_eq!(verdict.decision(), Decision::Refused);
        let failed: Vec<_> = verdict
            .steps()
            .filter_map(|(step, outcome)| match outcome {
                Outcome::Failed(failure) => Some((step, failure.code())),
                _ => None,
            })
            .collect();
        assert_eq!(failed, [(Step::KeyState, FailureCode::KeyNotFound)]);
        // What the holder did is right.
        for step in [Step::Validity, Step::Challenge, Step::Domain, Step::Holder] {
            assert_eq!(*verdict.outcome(step), Outcome::Passed, "{step}");
        }
    }
}
