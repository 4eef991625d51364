//! Requests and answers, barcodes, and the life of a credential.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod common;

use common::{Seeded, did_of, method_of, now, signer};
use kbtf_did::{KeyType, Signer, SoftwareSigner, Timestamp, json};
use kbtf_vc::{
    ClaimPath, Credential, DcqlQuery, Decision, Evidence, FailureCode, HeldCredential,
    HolderBinding, Policy, PresentationRequest, PresentationResponse, ProofOptions, Shown, Trust,
    Verified, answer_request,
    assurance::{BuiltIn, Framework, Requirement},
    compact::{self, FrameCollector, Frames, Freshness},
    credential_to_jwt, issue_credential,
    life_cycle::{
        Command, CredentialLife, Event, EventKind, LifeError, Proofs, Reason, Rules, Stage, apply,
        decide,
    },
    sd_jwt::SdJwtBuilder,
    select_for_request, verify_response,
};
use proptest::prelude::*;
use serde_json::json;

fn wallet() -> SoftwareSigner<'static> {
    signer(KeyType::P256, 2)
}

fn resident() -> HeldCredential {
    let ministry = signer(KeyType::P256, 1);
    let mut claims = json::Object::new();
    claims.insert("name", "홍길동");
    claims.insert("birth_date", "2001-03-01");
    claims.insert("age_over_19", true);
    claims.insert("postal", "04524");
    let path = |name| ClaimPath::names([name]).unwrap();
    let token = SdJwtBuilder::dc("urn:kbtf:resident", did_of(&ministry).as_str(), claims)
        .bound_to(wallet().public_key())
        .hide(path("name"))
        .hide(path("birth_date"))
        .hide(path("age_over_19"))
        .hide(path("postal"))
        .issue(&method_of(&ministry), &ministry, &mut Seeded(5))
        .unwrap();
    HeldCredential::parse(&token).unwrap()
}

fn degree(form: &str) -> HeldCredential {
    let university = signer(KeyType::Ed25519, 3);
    let text = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential", "Degree"],
        "issuer": did_of(&university).as_str(),
        "credentialSubject": {"id": did_of(&wallet()).as_str(), "degree": "공학사", "gpa": 4.5}
    })
    .to_string();
    let credential = Credential::parse(&text).unwrap();
    let method = method_of(&university);
    let text = match form {
        "ldp_vc" => issue_credential(
            credential,
            &ProofOptions::assertion(method, now()),
            &university,
        )
        .unwrap()
        .to_json(),
        "jwt_vc_json" => credential_to_jwt(&credential, &method, &university).unwrap(),
        _ => SdJwtBuilder::vc(credential)
            .unwrap()
            .bound_to(wallet().public_key())
            .hide(ClaimPath::names(["credentialSubject", "gpa"]).unwrap())
            .issue(&method, &university, &mut Seeded(6))
            .unwrap(),
    };
    HeldCredential::parse(&text).unwrap()
}

fn shop() -> SoftwareSigner<'static> {
    signer(KeyType::Ed25519, 8)
}

fn request(query: serde_json::Value) -> PresentationRequest {
    let query = DcqlQuery::parse(&query.to_string()).unwrap();
    PresentationRequest::new(&did_of(&shop()), "n-0S6", query).unwrap()
}

/// The request as a wallet gets it.
fn received(request: &PresentationRequest) -> Verified<PresentationRequest> {
    let signed = request.sign(&method_of(&shop()), &shop()).unwrap();
    let policy = Policy::new(Trust::AnyIssuer);
    let before = now().saturating_add_seconds(-60);
    PresentationRequest::verify(&signed, &Evidence::new(), &policy, before)
        .into_verified()
        .unwrap()
}

#[test]
fn only_the_verifier_asks_in_his_name() {
    let asked = request(json!({"credentials": [ask("r", json!([{"path": ["name"]}]))]}));
    let policy = Policy::new(Trust::AnyIssuer);
    let verify = |text: &str| {
        let found = PresentationRequest::verify(text, &Evidence::new(), &policy, now());
        found.verdict().failures().map(|f| f.code()).next()
    };
    let signed = asked.sign(&method_of(&shop()), &shop()).unwrap();
    assert_eq!(verify(&signed), None);
    let thief = signer(KeyType::Ed25519, 66);
    let refused = asked.sign(&method_of(&thief), &thief).unwrap_err();
    assert_eq!(refused.code(), "vc/not-the-signer");
    // Another address for the answer.
    let mut parts: Vec<String> = signed.split('.').map(Into::into).collect();
    let mut claims: serde_json::Value = serde_json::from_str(&asked.to_object().to_json()).unwrap();
    claims["response_mode"] = "direct_post".into();
    claims["response_uri"] = "https://evil.example/".into();
    parts[1] = kbtf_did::multibase::encode_base64url(claims.to_string().as_bytes())[1..].into();
    assert_eq!(
        verify(&parts.join(".")),
        Some(FailureCode::InvalidSignature)
    );
    let bare = asked.to_object().to_json();
    assert_eq!(verify(&bare), Some(FailureCode::MalformedToken));
    // A credential of the same signer is no request.
    let text = json!({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"],
        "issuer": did_of(&shop()).as_str(), "credentialSubject": {"a": 1}})
    .to_string();
    let other = Credential::parse(&text).unwrap();
    let other = credential_to_jwt(&other, &method_of(&shop()), &shop()).unwrap();
    assert_eq!(verify(&other), Some(FailureCode::WrongTokenType));
}

fn ask(id: &str, claims: serde_json::Value) -> serde_json::Value {
    json!({"id": id, "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:kbtf:resident"]}, "claims": claims})
}

fn ask_degree(form: &str) -> serde_json::Value {
    json!({"id": "degree", "format": form, "meta": {"type_values": [["VerifiableCredential", "Degree"]]},
        "claims": [{"path": ["credentialSubject", "degree"], "values": ["공학사"]}]})
}

fn answer(request: &PresentationRequest, held: &[HeldCredential]) -> Option<PresentationResponse> {
    let choices = select_for_request(request, held).unwrap()?;
    Some(
        answer_request(
            &received(request),
            held,
            &choices,
            &method_of(&wallet()),
            &wallet(),
            now(),
        )
        .unwrap(),
    )
}

fn check(
    response: &PresentationResponse,
    request: &PresentationRequest,
) -> (Decision, Vec<FailureCode>) {
    let policy = Policy::new(Trust::AnyIssuer);
    let binding = HolderBinding::SubjectIsHolder;
    let found = verify_response(
        response,
        request,
        &Evidence::new(),
        &policy,
        &binding,
        now(),
    );
    let codes = found
        .verdicts()
        .flat_map(|(_, v)| v.failures().map(|f| f.code()).collect::<Vec<_>>());
    (found.decision(), codes.collect())
}

/// What was not asked is not in the answer: the claims are looked for in everything that is sent, decoded.
#[test]
fn what_was_not_asked_is_not_sent() {
    let secrets = [
        ("name", "홍길동"),
        ("birth_date", "2001-03-01"),
        ("postal", "04524"),
    ];
    for asked in 0..8_u8 {
        let is_asked = |i: usize| asked >> i & 1 == 1;
        let mut claims = vec![json!({"path": ["age_over_19"]})];
        for (i, (name, _)) in secrets.iter().enumerate() {
            if is_asked(i) {
                claims.push(json!({"path": [name]}));
            }
        }
        let request = request(json!({"credentials": [ask("r", claims.into())]}));
        let response = answer(&request, &[degree("ldp_vc"), resident()]).unwrap();
        let sent = response.to_object().to_json();
        let mut seen = sent.clone();
        for part in sent.split(['.', '~', '"']) {
            if let Ok(bytes) = kbtf_did::multibase::decode(&format!("u{part}")) {
                seen.push_str(&String::from_utf8_lossy(&bytes));
            }
        }
        for (i, (name, secret)) in secrets.iter().enumerate() {
            assert_eq!(seen.contains(secret), is_asked(i), "{name}");
            assert_eq!(seen.contains(name), is_asked(i), "{name}");
        }
        assert!(!seen.contains("공학사"));
        assert_eq!(check(&response, &request), (Decision::Accepted, vec![]));
    }
    // Nothing asked of the claims: nothing disclosed.
    let request = request(json!({"credentials": [{"id": "r", "format": "dc+sd-jwt",
        "meta": {"vct_values": ["urn:kbtf:resident"]}}]}));
    let response = answer(&request, &[resident()]).unwrap();
    let token = response.to_object().to_json();
    assert_eq!(token.matches('~').count(), 1);
}

#[test]
fn every_format_is_asked_and_answered() {
    for form in ["ldp_vc", "jwt_vc_json", "vc+sd-jwt"] {
        let request = request(
            json!({"credentials": [ask_degree(form), ask("r", json!([{"path": ["name"]}]))]}),
        )
        .state("s1");
        let held = [resident(), degree(form)];
        let response = answer(&request, &held).unwrap();
        // Over the wire.
        let response = PresentationResponse::parse(&response.to_object().to_json()).unwrap();
        let request = PresentationRequest::parse(&request.to_object().to_json()).unwrap();
        assert_eq!(
            check(&response, &request),
            (Decision::Accepted, vec![]),
            "{form}"
        );
        let policy = Policy::new(Trust::AnyIssuer);
        let binding = HolderBinding::SubjectIsHolder;
        let shown = verify_response(
            &response,
            &request,
            &Evidence::new(),
            &policy,
            &binding,
            now(),
        )
        .into_verified()
        .unwrap();
        assert_eq!(shown.len(), 2);
        assert!(
            shown
                .iter()
                .any(|(id, s)| id == "r" && matches!(s.get(), Shown::SdJwt(_)))
        );
        // To another request of the same shop, or with another state, it is worth nothing.
        let did = did_of(&shop());
        let later = PresentationRequest::new(&did, "other", request.query().clone())
            .unwrap()
            .state("s1");
        assert_eq!(check(&response, &later).0, Decision::Refused);
        let stateless = PresentationRequest::new(&did, "n-0S6", request.query().clone()).unwrap();
        assert_eq!(check(&response, &stateless).0, Decision::Refused);
        // And one that was not held gets no answer.
        assert!(answer(&request, &held[..1]).is_none());
    }
}

/// The wallet's choice is not believed: each answer here is properly signed, and not what was asked for.
#[test]
fn answers_are_looked_at_again() {
    let adult = |values: serde_json::Value| {
        request(
            json!({"credentials": [ask("r", json!([{"path": ["age_over_19"], "values": values}]))]}),
        )
    };
    let response = answer(&adult(json!([true])), &[resident()]).unwrap();
    assert_eq!(
        check(&response, &adult(json!([true]))).0,
        Decision::Accepted
    );
    let not_met = (Decision::Refused, vec![FailureCode::QueryNotMet]);
    assert_eq!(check(&response, &adult(json!([false]))), not_met);
    let asked = |query| request(json!({"credentials": [query]}));
    let name = asked(ask("r", json!([{"path": ["name"]}])));
    assert_eq!(check(&response, &name), not_met);
    let mut other_kind = ask("r", json!([{"path": ["age_over_19"]}]));
    other_kind["meta"]["vct_values"] = json!(["urn:kbtf:licence"]);
    assert_eq!(check(&response, &asked(other_kind)), not_met);
    let mut other_issuer = ask("r", json!([{"path": ["age_over_19"]}]));
    other_issuer["trusted_authorities"] =
        json!([{"type": "did", "values": ["did:web:other.example"]}]);
    assert_eq!(check(&response, &asked(other_issuer)), not_met);
    // Under another id; one missing; one too many.
    let renamed = asked(ask("q", json!([{"path": ["age_over_19"]}])));
    assert_eq!(check(&response, &renamed).0, Decision::Refused);
    let two = request(
        json!({"credentials": [ask("r", json!([{"path": ["age_over_19"]}])), ask_degree("ldp_vc")]}),
    );
    assert_eq!(check(&response, &two).0, Decision::Refused);
    let text = response.to_object().to_json();
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let twice = value["vp_token"]["r"][0].clone();
    value["vp_token"]["r"].as_array_mut().unwrap().push(twice);
    let doubled = PresentationResponse::parse(&value.to_string()).unwrap();
    assert_eq!(check(&doubled, &adult(json!([true]))).0, Decision::Refused);
    // Nothing at all.
    let empty = PresentationResponse::parse(r#"{"vp_token":{}}"#).unwrap();
    assert_eq!(check(&empty, &adult(json!([true]))).0, Decision::Refused);
    // Not bound to the holder.
    let unbound = value["vp_token"]["r"][0].as_str().unwrap();
    let unbound = &unbound[..=unbound.rfind('~').unwrap()];
    let unbound =
        PresentationResponse::parse(&json!({"vp_token": {"r": [unbound]}}).to_string()).unwrap();
    assert_eq!(
        check(&unbound, &adult(json!([true]))),
        (Decision::Refused, vec![FailureCode::KeyBindingMissing])
    );
}

#[test]
fn sets_of_claims_and_credentials() {
    let with_sets = |claim_sets: serde_json::Value| {
        let mut query = ask(
            "r",
            json!([
                {"id": "a", "path": ["age_over_21"]}, {"id": "b", "path": ["age_over_19"]}, {"id": "c", "path": ["name"]}
            ]),
        );
        query["claim_sets"] = claim_sets;
        request(json!({"credentials": [query]}))
    };
    let chosen = |request: &PresentationRequest| {
        select_for_request(request, &[resident()])
            .unwrap()
            .map(|choices| {
                choices[0]
                    .paths
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
            })
    };
    assert_eq!(
        chosen(&with_sets(json!([["a"], ["b", "c"], ["b"]]))).unwrap(),
        ["age_over_19", "name"]
    );
    assert_eq!(chosen(&with_sets(json!([["a", "b"]]))), None);
    let sets = |sets: serde_json::Value| {
        request(
            json!({"credentials": [ask("r", json!([{"path": ["name"]}])), ask_degree("ldp_vc")],
            "credential_sets": sets}),
        )
    };
    let ids = |request: &PresentationRequest, held: &[HeldCredential]| {
        let choices = select_for_request(request, held).unwrap();
        choices.map(|c| c.into_iter().map(|c| c.query).collect::<Vec<_>>())
    };
    let either = sets(json!([{"options": [["degree"], ["r"]]}]));
    assert_eq!(ids(&either, &[resident()]).unwrap(), ["r"]);
    assert_eq!(
        ids(&either, &[resident(), degree("ldp_vc")]).unwrap(),
        ["degree"]
    );
    // What is only wished for is not shown.
    let wished = sets(json!([{"options": [["r"]]}, {"options": [["degree"]], "required": false}]));
    assert_eq!(
        ids(&wished, &[resident(), degree("ldp_vc")]).unwrap(),
        ["r"]
    );
    assert_eq!(ids(&wished, &[degree("ldp_vc")]), None);
}

#[test]
fn queries_that_are_not_in_order() {
    let good = ask("r", json!([{"id": "a", "path": ["name"]}]));
    let with = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut query = json!({"credentials": [good.clone()]});
        change(&mut query);
        DcqlQuery::parse(&query.to_string()).map(drop)
    };
    assert!(with(&|_| ()).is_ok());
    assert!(with(&|q| q["unknown"] = json!(1)).is_ok());
    for change in [
        &(|q: &mut serde_json::Value| q["credentials"] = json!([]))
            as &dyn Fn(&mut serde_json::Value),
        &|q| q["credentials"][0]["id"] = json!("a b"),
        &|q| q["credentials"][0]["id"] = json!(""),
        &|q| q["credentials"][0]["meta"] = json!({}),
        &|q| q["credentials"][0]["claims"] = json!([]),
        &|q| q["credentials"][0]["claims"][0]["path"] = json!([]),
        &|q| q["credentials"][0]["claims"][0]["path"] = json!([-1]),
        &|q| q["credentials"][0]["claims"][0]["path"] = json!([1.5]),
        &|q| q["credentials"][0]["claims"][0]["path"] = json!([true]),
        &|q| q["credentials"][0]["claims"][0]["values"] = json!([{}]),
        &|q| q["credentials"][0]["claim_sets"] = json!([["nobody"]]),
        &|q| q["credentials"][0]["multiple"] = json!("yes"),
        &|q| q["credential_sets"] = json!([{"options": [["nobody"]]}]),
        &|q| q["credential_sets"] = json!([{"options": []}]),
        &|q| {
            let again = q["credentials"][0].clone();
            q["credentials"].as_array_mut().unwrap().push(again);
        },
    ] {
        assert!(with(change).is_err());
    }
}

#[test]
fn requests_expire_and_say_what_level_they_expect() {
    let framework = Framework::built_in(BuiltIn::X1254Of2012).unwrap();
    let level = Requirement::overall(&framework, "LoA3").unwrap();
    let query = json!({"credentials": [ask("r", json!([{"path": ["name"]}]))]});
    let request = request(query).expires(now()).assurance(&framework, &level);
    let read = PresentationRequest::parse(&request.to_object().to_json()).unwrap();
    assert_eq!(read.expected_assurance(&framework), Some(level));
    let eidas = Framework::built_in(BuiltIn::Eidas2014).unwrap();
    assert_eq!(read.expected_assurance(&eidas), None);
    let held = [resident()];
    let choices = select_for_request(&read, &held).unwrap().unwrap();
    let late = answer_request(
        &received(&read),
        &held,
        &choices,
        &method_of(&wallet()),
        &wallet(),
        now(),
    );
    assert_eq!(late.unwrap_err().code(), "vc/malformed");
    for change in [
        json!({"client_id": "https://shop.example"}),
        json!({"response_type": "code"}),
        json!({"response_mode": "fragment"}),
        json!({"response_mode": "direct_post"}),
        json!({"response_mode": "direct_post", "response_uri": "http://shop.example"}),
        json!({"nonce": ""}),
        json!({"nonce": "a b"}),
    ] {
        let mut value: serde_json::Value =
            serde_json::from_str(&request.to_object().to_json()).unwrap();
        for (name, member) in change.as_object().unwrap() {
            value[name] = member.clone();
        }
        assert!(
            PresentationRequest::parse(&value.to_string()).is_err(),
            "{change}"
        );
    }
}

#[test]
fn barcodes_hold_every_form() {
    let shown = answer(
        &request(json!({"credentials": [ask("r", json!([{"path": ["name"]}]))]})),
        &[resident()],
    );
    let shown: serde_json::Value =
        serde_json::from_str(&shown.unwrap().to_object().to_json()).unwrap();
    let shown = shown["vp_token"]["r"][0].as_str().unwrap().to_string();
    let HeldCredential::SdJwt(held) = resident() else {
        panic!()
    };
    let HeldCredential::Jwt(jwt) = degree("jwt_vc_json") else {
        panic!()
    };
    let HeldCredential::LinkedData(json) = degree("ldp_vc") else {
        panic!()
    };
    for (document, freshness) in [
        (shown, Freshness::IfChallengeIsChecked),
        (held.to_text(), Freshness::NoReplayProtection),
        (jwt, Freshness::NoReplayProtection),
        (json.to_json(), Freshness::NoReplayProtection),
    ] {
        let text = compact::to_text(&document).unwrap();
        let scanned = compact::from_text(&text).unwrap();
        assert_eq!(scanned.document(), document);
        assert_eq!(scanned.freshness(), freshness);
        assert!(
            text.len() < document.len() * 6 / 5,
            "{} {}",
            text.len(),
            document.len()
        );
        println!(
            "{} characters: {} packed, {} as text",
            document.len(),
            compact::to_bytes(&document).unwrap().len(),
            text.len()
        );
    }
    assert_eq!(
        compact::to_text("no document").unwrap_err().code(),
        "compact/no-document"
    );
    assert_eq!(
        compact::from_text("KV2:00").unwrap_err().code(),
        "compact/wrong-prefix"
    );
    assert_eq!(
        compact::from_text("KV1:00").unwrap_err().code(),
        "compact/malformed"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    /// Lost, doubled and out of order: as long as enough frames come, the document does.
    #[test]
    fn frames_come_through(length in 1_usize..4000, piece in 16_usize..300, seed: u64, lost in 0_u64..90) {
        use rand_core::TryRng as _;
        let mut random = Seeded(seed);
        let filler: String = (0..length).map(|_| char::from(b'a' + (random.try_next_u32().unwrap() % 26) as u8)).collect();
        let document = format!(r#"{{"data":"{filler}"}}"#);
        let frames = Frames::new(&document, piece).unwrap();
        let mut collector = FrameCollector::new();
        let mut taken = 0;
        for _ in 0..20_000 {
            let random = random.try_next_u64().unwrap();
            if random % 100 < lost {
                continue;
            }
            // Any frame of the first four rounds, some of them again and again.
            let number = u32::try_from((random >> 32) % (4 * frames.pieces() as u64)).unwrap();
            taken += 1;
            if let Some(scanned) = collector.add(&frames.frame(number)).unwrap() {
                prop_assert_eq!(scanned.document(), &document);
                prop_assert!(taken >= frames.pieces());
                return Ok(());
            }
        }
        prop_assert!(false, "never came");
    }

    #[test]
    fn any_scanned_text_is_read_or_refused(text in "(KV1:|KVF1:)?[0-9A-Z $%*+./:-]{0,80}", bytes: Vec<u8>) {
        let _ = compact::from_text(&text);
        let _ = FrameCollector::new().add(&text);
        let _ = compact::from_bytes(&bytes);
    }
}

#[test]
fn frames_of_two_documents_do_not_mix() {
    let a = Frames::new(
        r#"{"a":"0123456789012345678901234567890123456789abcdefghijklmnop"}"#,
        16,
    )
    .unwrap();
    let b = Frames::new(
        r#"{"b":"0123456789012345678901234567890123456789abcdefghijklmnop"}"#,
        16,
    )
    .unwrap();
    let mut collector = FrameCollector::new();
    assert_eq!(collector.add(&a.frame(0)).unwrap(), None);
    assert_eq!(
        collector.add(&b.frame(1)).unwrap_err().code(),
        "compact/other-document"
    );
    assert_eq!(collector.progress(), (1, a.pieces()));
}

fn life(commands: &[Command], rules: &Rules) -> Result<CredentialLife, LifeError> {
    let mut life = CredentialLife::default();
    for command in commands {
        for event in decide(&life, command, "did:example:issuer", rules, now())? {
            apply(&mut life, &event);
        }
    }
    Ok(life)
}

fn in_days(days: i64) -> Timestamp {
    now().saturating_add_seconds(days * 86_400)
}

fn create() -> Command {
    Command::Create {
        id: "urn:uuid:1".into(),
        entity: "did:example:s".into(),
        valid_until: in_days(10),
    }
}

const ALL_PROOFS: Proofs = Proofs {
    possession: true,
    identity: true,
};

fn all_commands() -> [Command; 9] {
    [
        create(),
        Command::Lock,
        Command::Activate(ALL_PROOFS),
        Command::Suspend,
        Command::Resume,
        Command::Revoke(Reason::Compromised),
        Command::Expire,
        Command::Renew {
            until: in_days(20),
            proofs: ALL_PROOFS,
        },
        Command::Replace {
            by: "urn:uuid:2".into(),
            proofs: ALL_PROOFS,
        },
    ]
}

/// Every command from every stage, against a table that was written down from clause 6.2.
#[test]
fn transitions_are_those_of_the_table() {
    let activate = || Command::Activate(ALL_PROOFS);
    let rules = Rules::of_level(1).unwrap();
    // create, lock, activate, suspend, resume, revoke, expire, renew, replace
    let table: [(&[Command], &str); 7] = [
        (&[], "+--------"),
        (&[create()], "-++--+---"),
        (&[create(), Command::Lock], "--+--+---"),
        (&[create(), activate()], "---+-+-++"),
        (&[create(), activate(), Command::Suspend], "----++--+"),
        (&[create(), Command::Revoke(Reason::Requested)], "---------"),
        (
            &[
                create(),
                activate(),
                Command::Replace {
                    by: "urn:uuid:2".into(),
                    proofs: ALL_PROOFS,
                },
            ],
            "---------",
        ),
    ];
    for (way, row) in table {
        let life = life(way, &rules).unwrap();
        for (command, allowed) in all_commands().iter().zip(row.chars()) {
            let decided = decide(&life, command, "did:example:issuer", &rules, now());
            assert_eq!(
                decided.is_ok(),
                allowed == '+',
                "{command:?} from {:?}",
                life.stage()
            );
        }
    }
    // After the end, noted or not, only the end itself and a revocation.
    let active = life(&[create(), activate()], &rules).unwrap();
    for command in all_commands() {
        let decided = decide(&active, &command, "did:example:issuer", &rules, in_days(11));
        let allowed = matches!(command, Command::Revoke(_) | Command::Expire);
        assert_eq!(decided.is_ok(), allowed, "{command:?}");
        if matches!(command, Command::Renew { .. } | Command::Replace { .. }) {
            assert_eq!(decided.unwrap_err().code(), "life/ended");
        }
    }
    let mut expired = active.clone();
    for event in decide(
        &active,
        &Command::Expire,
        "did:example:issuer",
        &rules,
        in_days(11),
    )
    .unwrap()
    {
        apply(&mut expired, &event);
    }
    assert_eq!(expired.stage(), Some(Stage::Expired));
    for command in all_commands() {
        let decided = decide(
            &expired,
            &command,
            "did:example:issuer",
            &rules,
            in_days(12),
        );
        assert_eq!(
            decided.is_ok(),
            matches!(command, Command::Revoke(_)),
            "{command:?}"
        );
    }
}

#[test]
fn levels_ask_for_more() {
    let code =
        |level: u8, way: &[Command], command: &Command, at: Timestamp, within: Option<u32>| {
            let mut rules = Rules::of_level(level).unwrap();
            if let Some(within) = within {
                rules = rules.activate_within(within);
            }
            let life = life(way, &rules).unwrap();
            decide(&life, command, "did:example:issuer", &rules, at)
                .map_or_else(|e| e.code(), |_| "ok")
        };
    let none = Proofs::default();
    let possession = Proofs {
        possession: true,
        identity: false,
    };
    let activate = Command::Activate(none);
    assert_eq!(code(2, &[create()], &activate, now(), None), "ok");
    assert_eq!(
        code(3, &[create()], &activate, now(), None),
        "life/proof-missing"
    );
    assert_eq!(
        code(3, &[create()], &Command::Activate(possession), now(), None),
        "ok"
    );
    // At level 4 only from locked, and only in time.
    assert_eq!(
        code(
            4,
            &[create()],
            &Command::Activate(ALL_PROOFS),
            now(),
            Some(60)
        ),
        "life/not-allowed"
    );
    let locked = [create(), Command::Lock];
    let activate = Command::Activate(ALL_PROOFS);
    assert_eq!(
        code(4, &locked, &activate, now(), None),
        "life/activation-too-late"
    );
    assert_eq!(code(4, &locked, &activate, now(), Some(60)), "ok");
    assert_eq!(
        code(4, &locked, &activate, in_days(1), Some(60)),
        "life/activation-too-late"
    );
    let renew = |proofs| Command::Renew {
        until: in_days(20),
        proofs,
    };
    let active = [create(), Command::Activate(ALL_PROOFS)];
    assert_eq!(
        code(1, &active, &renew(none), now(), None),
        "life/proof-missing"
    );
    assert_eq!(code(2, &active, &renew(possession), now(), None), "ok");
    assert_eq!(
        code(3, &active, &renew(possession), now(), None),
        "life/proof-missing"
    );
    let earlier = Command::Renew {
        until: in_days(10),
        proofs: ALL_PROOFS,
    };
    assert_eq!(
        code(1, &active, &earlier, now(), None),
        "life/end-not-later"
    );
    assert_eq!(
        code(1, &active, &Command::Suspend, in_days(-1), None),
        "life/clock-went-back"
    );
    assert!(Rules::of_level(0).is_err() && Rules::of_level(5).is_err());
}

proptest! {
    /// Whatever is asked for and when: nothing leads back from an end, and the record alone gives the state.
    #[test]
    fn nothing_comes_back(asked in prop::collection::vec((0_usize..9, 0_i64..3), 0..30)) {
        let rules = Rules::of_level(1).unwrap();
        let mut life = CredentialLife::default();
        let mut record: Vec<Event> = Vec::new();
        let mut at = now();
        let mut was_final = None;
        for (command, days) in asked {
            at = at.saturating_add_seconds(days * 86_400);
            if let Ok(events) = decide(&life, &all_commands()[command], "did:example:issuer", &rules, at) {
                for event in events {
                    apply(&mut life, &event);
                    record.push(event);
                }
            }
            if let Some(stage) = was_final {
                prop_assert_eq!(life.stage(), Some(stage));
            }
            was_final = life.stage().filter(|stage| stage.is_revoked());
        }
        let mut again = CredentialLife::default();
        record.iter().for_each(|event| apply(&mut again, event));
        prop_assert_eq!(again, life);
        let created = record.iter().filter(|e| matches!(e.kind, EventKind::Created { .. })).count();
        prop_assert!(created <= 1);
    }
}
