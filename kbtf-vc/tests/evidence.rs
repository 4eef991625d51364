//! Status lists, schemas, registers of trusted issuers and levels of assurance.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod common;

use std::collections::BTreeSet;

use common::{Seeded, did_of, method_of, now, signer};
use kbtf_did::{Did, KeyType, SoftwareSigner, Timestamp};
use kbtf_vc::{
    Credential, Decision, Evidence, FailureCode, IndexAllocator, Need, Policy, ProofOptions,
    Schema, StatusBits, StatusPurpose, TokenStatusList, Trust, TrustRegistry, TrustedIssuer,
    Verdict,
    assurance::{
        AssurancePolicy, AssuranceStatement, BuiltIn, Comparison, ControlEvidence, ControlOutcome,
        Entity, Framework, Mapping, Requirement, RiskAssessment, assess,
    },
    issue_credential, sd_jwt,
    sd_jwt::SdJwtBuilder,
    verify_credential, verify_status_list, verify_trust_registry,
};
use proptest::prelude::*;
use serde_json::json;

const URL: &str = "https://example.go.kr/status/3";

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn issue(signer: &SoftwareSigner<'_>, members: &serde_json::Value) -> String {
    let mut document = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential", "Resident"],
        "issuer": did_of(signer).as_str(),
        "credentialSubject": {"id": "did:example:s", "age": 25}
    });
    for (name, value) in members.as_object().unwrap() {
        document[name] = value.clone();
    }
    let text = document.to_string();
    let options = ProofOptions::assertion(method_of(signer), now());
    issue_credential(Credential::parse(&text).unwrap(), &options, signer)
        .unwrap()
        .to_json()
}

fn check(text: &str, evidence: &Evidence, policy: &Policy<'_>) -> Verdict {
    verify_credential(text.as_bytes(), evidence, policy, now())
        .verdict()
        .clone()
}

fn codes(verdict: &Verdict) -> Vec<FailureCode> {
    verdict.failures().map(|f| f.code()).collect()
}

fn list(signer: &SoftwareSigner<'_>, bits: &StatusBits, purpose: StatusPurpose) -> String {
    let until = time("2026-12-01T00:00:00Z");
    let credential = bits
        .to_credential(URL, did_of(signer).as_str(), purpose, now(), until)
        .unwrap();
    let options = ProofOptions::assertion(method_of(signer), now());
    issue_credential(credential, &options, signer)
        .unwrap()
        .to_json()
}

#[test]
fn bitstring_status() {
    let issuer = signer(KeyType::Ed25519, 1);
    let mut bits = StatusBits::new(131_072, 1).unwrap();
    let entry = bits.entry(URL, StatusPurpose::Revocation, 94_567).unwrap();
    let entry: serde_json::Value = serde_json::from_str(&entry.to_json()).unwrap();
    let credential = issue(&issuer, &json!({"credentialStatus": entry}));
    let policy = Policy::new(Trust::AnyIssuer);
    let none = check(&credential, &Evidence::new(), &policy);
    assert_eq!(none.decision(), Decision::Undecided);
    assert_eq!(none.needs(), [Need::StatusList(URL.into())]);

    let with = |list: &str, policy: &Policy<'_>| {
        let mut evidence = Evidence::new();
        let found = verify_status_list(list.as_bytes(), URL, &evidence, policy, now());
        evidence.add_status_list(URL, found);
        check(&credential, &evidence, policy)
    };
    let clean = list(&issuer, &bits, StatusPurpose::Revocation);
    assert_eq!(with(&clean, &policy).decision(), Decision::Accepted);
    assert!(
        clean.len() < 1000,
        "an empty list is small: {}",
        clean.len()
    );
    // The neighbours are somebody else's.
    bits.set(94_566, 1).unwrap();
    bits.set(94_568, 1).unwrap();
    let neighbours = list(&issuer, &bits, StatusPurpose::Revocation);
    assert_eq!(with(&neighbours, &policy).decision(), Decision::Accepted);
    bits.set(94_567, 1).unwrap();
    let revoked = list(&issuer, &bits, StatusPurpose::Revocation);
    assert_eq!(codes(&with(&revoked, &policy)), [FailureCode::Revoked]);
    // A clean list of somebody else, of another purpose, or changed on the way.
    let stranger = signer(KeyType::Ed25519, 2);
    let bits = StatusBits::new(131_072, 1).unwrap();
    let foreign = list(&stranger, &bits, StatusPurpose::Revocation);
    assert_eq!(
        codes(&with(&foreign, &policy)),
        [FailureCode::StatusListForeign]
    );
    let delegated = policy.clone().status_issuer(did_of(&stranger));
    assert_eq!(with(&foreign, &delegated).decision(), Decision::Accepted);
    let other = list(&issuer, &bits, StatusPurpose::Suspension);
    assert_eq!(
        codes(&with(&other, &policy)),
        [FailureCode::StatusListForeign]
    );
    let changed = revoked.replace("2026-12-01", "2026-12-02");
    assert_eq!(
        codes(&with(&changed, &policy)),
        [FailureCode::StatusListInvalid]
    );
    // A fresh one is wanted when the list has ended; an old verification does not count later.
    let mut evidence = Evidence::new();
    let found = verify_status_list(clean.as_bytes(), URL, &evidence, &policy, now());
    evidence.add_status_list(URL, found);
    let later = time("2026-12-02T00:00:00Z");
    let verdict = verify_credential(credential.as_bytes(), &evidence, &policy, later);
    assert_eq!(verdict.verdict().needs(), [Need::StatusList(URL.into())]);
    // The list of another address.
    let found = verify_status_list(
        clean.as_bytes(),
        "https://e.org/4",
        &evidence,
        &policy,
        now(),
    );
    assert!(!found.is_accepted());
}

#[test]
fn token_status() {
    let issuer = signer(KeyType::P256, 1);
    let mut claims = kbtf_did::json::Object::new();
    claims.insert("name", "홍길동");
    let credential = SdJwtBuilder::dc("urn:resident", did_of(&issuer).as_str(), claims)
        .status(URL, 7)
        .issue(&method_of(&issuer), &issuer, &mut Seeded(1))
        .unwrap();
    for size in [1, 2, 4, 8] {
        for value in 0..(1_u8 << size.min(2)) {
            let mut bits = StatusBits::new(1000, size).unwrap();
            bits.set(6, 1).unwrap();
            bits.set(8, 1).unwrap();
            bits.set(7, value).unwrap();
            let token = TokenStatusList::new(&bits, URL, now())
                .ttl(3600)
                .expires(time("2026-12-01T00:00:00Z"))
                .issue(&method_of(&issuer), &issuer)
                .unwrap();
            let policy = Policy::new(Trust::AnyIssuer);
            let mut evidence = Evidence::new();
            let found = verify_status_list(token.as_bytes(), URL, &evidence, &policy, now());
            let found_again = found.clone().into_verified().unwrap();
            assert_eq!(found_again.get().get(7), Some(value));
            assert_eq!(
                found_again.get().until(),
                Some(time("2026-11-22T01:00:00Z"))
            );
            evidence.add_status_list(URL, found);
            let verdict =
                sd_jwt::verify_credential(credential.as_bytes(), &evidence, &policy, now());
            let expected: &[FailureCode] = match value {
                0 => &[],
                1 => &[FailureCode::Revoked],
                2 => &[FailureCode::Suspended],
                _ => &[FailureCode::UnknownStatus],
            };
            assert_eq!(codes(verdict.verdict()), expected, "{size} {value}");
        }
    }
}

/// The example of the Token Status List draft (section 4.1): bits of 16 statuses, one bit each.
#[test]
fn the_example_of_the_draft() {
    let issuer = signer(KeyType::P256, 1);
    let statuses = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1];
    let mut bits = StatusBits::new(16, 1).unwrap();
    for (i, status) in statuses.into_iter().enumerate() {
        bits.set(i, status).unwrap();
    }
    let token = TokenStatusList::new(&bits, URL, now())
        .issue(&method_of(&issuer), &issuer)
        .unwrap();
    let payload = token.split('.').nth(1).unwrap();
    let payload = kbtf_did::multibase::decode(&format!("u{payload}")).unwrap();
    let payload: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    // 0xB9 0xA3, packed as in the draft.
    assert_eq!(
        payload["status_list"],
        json!({"bits": 1, "lst": "eNrbuRgAAhcBXQ"})
    );
}

#[test]
fn indexes_are_drawn_once() {
    let mut allocator = IndexAllocator::new(1024).unwrap();
    let mut seen = BTreeSet::new();
    let mut random = Seeded(3);
    while let Ok(index) = allocator.draw(&mut random) {
        assert!(index < 1024 && seen.insert(index));
    }
    assert_eq!(seen.len(), 768);
    assert_eq!(allocator.free(), 256);
}

#[test]
fn schemas() {
    let issuer = signer(KeyType::Ed25519, 1);
    let text = r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":
        {"credentialSubject":{"type":"object","required":["age"],"properties":{"age":{"type":"integer","minimum":19}}}}}"#;
    let digest = <sha2::Sha256 as sha2::Digest>::digest(text.as_bytes());
    let mut hash = vec![0x12, 0x20];
    hash.extend(digest);
    let hash = kbtf_did::multibase::encode_base64url(&hash);
    let url = "https://example.go.kr/schema";
    let of = |schema: serde_json::Value, age: serde_json::Value| {
        let members = json!({"credentialSchema": schema, "credentialSubject": {"age": age}});
        issue(&issuer, &members)
    };
    let good = of(
        json!({"id": url, "type": "JsonSchema", "digestMultibase": hash}),
        25.into(),
    );
    let policy = Policy::new(Trust::AnyIssuer);
    let undecided = check(&good, &Evidence::new(), &policy);
    assert_eq!(undecided.needs(), [Need::Schema(url.into())]);
    let mut evidence = Evidence::new();
    evidence.add_schema(url, text).unwrap();
    assert_eq!(
        check(&good, &evidence, &policy).decision(),
        Decision::Accepted
    );
    for age in [json!(18), json!(25.5), json!("25"), json!(null)] {
        let bad = of(json!({"id": url, "type": "JsonSchema"}), age);
        assert_eq!(
            codes(&check(&bad, &evidence, &policy)),
            [FailureCode::SchemaMismatch]
        );
    }
    let mut exchanged = Evidence::new();
    exchanged.add_schema(url, "{}").unwrap();
    assert_eq!(
        codes(&check(&good, &exchanged, &policy)),
        [FailureCode::SchemaChanged]
    );
    let other = of(
        json!({"id": url, "type": "JsonSchemaCredential"}),
        25.into(),
    );
    assert_eq!(
        check(&other, &evidence, &policy).decision(),
        Decision::Undecided
    );
}

#[test]
fn a_schema_cannot_be_made_to_work_without_end() {
    // Each level asks for the one below twice.
    let mut defs = serde_json::Map::new();
    defs.insert("d0".into(), json!({"type": "string"}));
    for i in 1..60 {
        let below = json!({"$ref": format!("#/$defs/d{}", i - 1)});
        defs.insert(format!("d{i}"), json!({"anyOf": [below, below]}));
    }
    let schema = json!({"$defs": defs, "$ref": "#/$defs/d59"}).to_string();
    let schema = Schema::parse(&schema).unwrap();
    let value = kbtf_did::json::parse("1").unwrap();
    assert!(schema.validate(&value).is_err());
    let itself = Schema::parse(r##"{"$ref": "#"}"##).unwrap();
    assert!(itself.validate(&value).is_err());
}

#[test]
fn related_resources() {
    let issuer = signer(KeyType::Ed25519, 1);
    let context = "https://www.w3.org/ns/credentials/v2";
    let of = |url: &str, digest: &str| {
        issue(
            &issuer,
            &json!({"relatedResource": [{"id": url, "digestSRI": digest}]}),
        )
    };
    let right = "sha256-WZVc7WaX1h4D8rJVb+vlMIqxaEKEb1tYbX8fet7JJzQ=";
    let policy = Policy::new(Trust::AnyIssuer);
    // The context's hash is known; this one is made up.
    let wrong = of(
        context,
        "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    );
    assert_eq!(
        codes(&check(&wrong, &Evidence::new(), &policy)),
        [FailureCode::ResourceChanged]
    );
    let unreadable = of(context, &right.replace("sha256", "md5"));
    assert_eq!(
        codes(&check(&unreadable, &Evidence::new(), &policy)),
        [FailureCode::Malformed]
    );
    let known = of(
        context,
        "sha256-WZVc7WaX1h4D8rJVb+vlMIqxaEKEb1tYbX8fet7JJzQ=",
    );
    assert_eq!(
        check(&known, &Evidence::new(), &policy).decision(),
        Decision::Accepted
    );
    let image = of(
        "https://e.org/i",
        "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
    );
    let verdict = check(&image, &Evidence::new(), &policy);
    assert_eq!(verdict.decision(), Decision::Accepted);
    let strict = policy.clone().require_resources();
    let verdict = check(&image, &Evidence::new(), &strict);
    assert_eq!(verdict.needs(), [Need::Resource("https://e.org/i".into())]);
    let mut evidence = Evidence::new();
    evidence.add_resource("https://e.org/i", *b"abc");
    assert_eq!(
        check(&image, &evidence, &strict).decision(),
        Decision::Accepted
    );
    evidence.add_resource("https://e.org/i", *b"abd");
    assert_eq!(
        codes(&check(&image, &evidence, &policy)),
        [FailureCode::ResourceChanged]
    );
    // A context by its bytes.
    let sha = <sha2::Sha256 as sha2::Digest>::digest(b"{}").into();
    assert!(
        policy
            .clone()
            .context_document("https://e.org/c", b"{}", &sha)
            .is_ok()
    );
    assert!(
        policy
            .clone()
            .context_document("https://e.org/c", b"{ }", &sha)
            .is_err()
    );
    assert!(policy.context_document(context, b"{}", &sha).is_err());
}

#[test]
fn registers_of_issuers() {
    let operator = signer(KeyType::Ed25519, 9);
    let issuer = signer(KeyType::Ed25519, 1);
    let (from, until) = (time("2026-11-01T00:00:00Z"), time("2026-12-01T00:00:00Z"));
    let sign = |registry: &TrustRegistry| {
        let options = ProofOptions::assertion(method_of(&operator), now());
        let credential = registry.to_credential().unwrap();
        issue_credential(credential, &options, &operator)
            .unwrap()
            .to_json()
    };
    let trust = Policy::new(Trust::issuers([did_of(&operator)]));
    let verify = |text: &str| {
        verify_trust_registry(text.as_bytes(), &Evidence::new(), &trust, now()).into_verified()
    };
    let with = |entry: TrustedIssuer| {
        let registry = TrustRegistry::new(did_of(&operator), 1, from, until, [entry]);
        Policy::new(Trust::registry(verify(&sign(&registry)).unwrap()))
    };
    let credential = issue(&issuer, &json!({}));
    let entry = |did: Did, name: &str, until| TrustedIssuer::new(did, [name], until);
    let none = Evidence::new();
    let good = with(entry(did_of(&issuer), "Resident", until));
    assert_eq!(
        check(&credential, &none, &good).decision(),
        Decision::Accepted
    );
    for (policy, code) in [
        (
            with(entry(did_of(&operator), "Resident", until)),
            FailureCode::IssuerNotTrusted,
        ),
        (
            with(entry(did_of(&issuer), "Degree", until)),
            FailureCode::IssuerNotAuthorised,
        ),
        (
            with(entry(did_of(&issuer), "VerifiableCredential", until)),
            FailureCode::IssuerNotAuthorised,
        ),
        (
            with(entry(did_of(&issuer), "Resident", from)),
            FailureCode::IssuerNotAuthorised,
        ),
        (
            with(entry(did_of(&issuer), "Resident", until).from(until)),
            FailureCode::IssuerNotAuthorised,
        ),
    ] {
        assert_eq!(codes(&check(&credential, &none, &policy)), [code]);
    }
    let later = time("2026-12-01T00:00:01Z");
    let verdict = verify_credential(credential.as_bytes(), &none, &good, later);
    assert_eq!(codes(verdict.verdict()), [FailureCode::RegistryExpired]);
    // One that somebody else signs is none.
    let registry = TrustRegistry::new(
        did_of(&operator),
        1,
        from,
        until,
        [entry(did_of(&issuer), "R", until)],
    );
    let text = sign(&registry).replace("\"R\"", "\"Q\"");
    assert!(verify(&text).is_err());
}

fn x1254() -> Framework {
    Framework::built_in(BuiltIn::X1254Of2012).unwrap()
}

#[test]
fn frameworks_and_mappings_are_in_order() {
    let all = [
        BuiltIn::X1254Of2012,
        BuiltIn::X1254Of2020,
        BuiltIn::Nist800_63_3,
        BuiltIn::Eidas2014,
    ]
    .map(|which| Framework::built_in(which).unwrap());
    let numbers = all.iter().map(|f| f.controls().len()).collect::<Vec<_>>();
    assert_eq!(numbers[0], 48);
    assert_eq!(numbers[1], 0);
    assert!(!all[2].has_overall());
    for mapping in Mapping::built_in().unwrap() {
        let fits = all
            .iter()
            .any(|a| all.iter().any(|b| mapping.check(a, b).is_ok()));
        assert!(fits, "{}", mapping.id());
    }
    let there = Mapping::built_in().unwrap();
    // There and back is never higher.
    let (to_x, to_eidas) = (&there[0], &there[1]);
    for level in ["low", "substantial", "high"] {
        let back = to_x.apply(level).and_then(|l| to_eidas.apply(l)).unwrap();
        let rank = |l: &str| {
            all[3]
                .levels("overall")
                .unwrap()
                .iter()
                .position(|x| x == l)
        };
        assert!(rank(back) <= rank(level));
    }
    let falling = r#"{"id":"f","from":{"framework":"eidas","edition":"2014","component":"overall"},
        "to":{"framework":"itu-t-x1254","edition":"2012","component":"overall"},"authority":"-","kind":"local",
        "pairs":[["low","LoA3"],["high","LoA2"]]}"#;
    let falling = Mapping::parse(falling).unwrap();
    assert_eq!(
        falling.check(&all[3], &all[0]).unwrap_err().code(),
        "assurance/malformed"
    );
}

/// Table 2 of X.1254, every cell.
#[test]
fn impacts() {
    let framework = x1254();
    let level = |row: &str, impact: &str| {
        framework
            .level_for_impact(&[(row, impact)])
            .unwrap()
            .unwrap()
            .to_string()
    };
    for (row, levels) in [
        ("inconvenience", ["LoA1", "LoA2", "LoA3", "LoA4"]),
        ("financialLoss", ["LoA1", "LoA2", "LoA3", "LoA4"]),
        ("harmToInterests", ["LoA2", "LoA3", "LoA4", "LoA4"]),
        ("unauthorisedRelease", ["LoA2", "LoA2", "LoA3", "LoA4"]),
        ("personalSafety", ["LoA3", "LoA3", "LoA4", "LoA4"]),
        ("violations", ["LoA2", "LoA3", "LoA3", "LoA4"]),
    ] {
        for (impact, expected) in ["minimum", "moderate", "substantial", "high"]
            .iter()
            .zip(levels)
        {
            assert_eq!(level(row, impact), expected, "{row} {impact}");
        }
        assert_eq!(level(row, "notApplicable"), "LoA1");
    }
    assert!(framework.level_for_impact(&[]).is_err());
    assert!(framework.level_for_impact(&[("weather", "high")]).is_err());
    assert!(
        framework
            .level_for_impact(&[("violations", "high"), ("violations", "minimum")])
            .is_err()
    );
}

fn met(ids: &[&str]) -> Vec<ControlEvidence> {
    ids.iter()
        .map(|id| ControlEvidence::met(id, "did:web:auditor.example", now()))
        .collect()
}

fn risks(framework: &Framework) -> RiskAssessment {
    framework
        .threats()
        .iter()
        .filter(|threat| threat.phase() == "authentication")
        .fold(
            RiskAssessment::new("authentication"),
            |risks, threat| match threat.controls().next() {
                Some(control) if threat.id() != "general" => risks.treat(threat.id(), [control]),
                _ => risks.not_applicable(threat.id(), "no general threats are treated here"),
            },
        )
}

#[test]
fn levels_of_phases() {
    let framework = x1254();
    let all: Vec<&str> = framework.controls().iter().map(|c| c.id()).collect();
    let full = assess(
        &framework,
        Entity::Person,
        &met(&all),
        &[risks(&framework)],
        now(),
    );
    assert_eq!(full.overall("overall"), Some("LoA4"));
    // In person is for persons; a device has no person.
    let without: Vec<&str> = all.iter().copied().filter(|c| *c != "enrol-2").collect();
    let level = |entity| {
        let assessment = assess(
            &framework,
            entity,
            &met(&without),
            &[risks(&framework)],
            now(),
        );
        assessment
            .phase("enrolment")
            .unwrap()
            .level()
            .map(ToString::to_string)
    };
    assert_eq!(level(Entity::Person).as_deref(), Some("LoA3"));
    assert_eq!(level(Entity::NonPerson).as_deref(), Some("LoA4"));
    // Without a risk assessment the authentication phase has no level, and so nothing has.
    let no_risks = assess(&framework, Entity::Person, &met(&all), &[], now());
    assert_eq!(no_risks.overall("overall"), None);
    assert_eq!(
        no_risks.phase("authentication").unwrap().missing(),
        ["riskAssessment"]
    );
    // One without more than a threat.
    let partial = [RiskAssessment::new("authentication").treat("onlineGuessing", ["auth-2"])];
    assert_eq!(
        assess(&framework, Entity::Person, &met(&all), &partial, now()).overall("overall"),
        None
    );
    // Controls that the table does not name against the threat, and an excuse without a reason.
    for wrong in [
        risks(&framework).treat("phishing", ["auth-2"]),
        risks(&framework).treat("phishing", []),
        risks(&framework).not_applicable("phishing", " "),
        risks(&framework).valid_until(time("2026-11-21T00:00:00Z")),
    ] {
        let assessment = assess(&framework, Entity::Person, &met(&all), &[wrong], now());
        assert_eq!(assessment.overall("overall"), None);
    }
    // Multi-factor from level 3.
    let single: Vec<&str> = all.iter().copied().filter(|c| *c != "auth-1").collect();
    let assessment = assess(
        &framework,
        Entity::Person,
        &met(&single),
        &[risks(&framework)],
        now(),
    );
    assert_eq!(
        assessment.phase("authentication").unwrap().level(),
        Some("LoA2")
    );
    assert_eq!(
        assessment.phase("authentication").unwrap().missing(),
        ["auth-1"]
    );
    assert_eq!(assessment.overall("overall"), Some("LoA2"));
    // Expired evidence counts for nothing; of two findings the later one; a condition only where there is one.
    let mut evidence = met(&all);
    evidence.push(ControlEvidence::new(
        "cm-16",
        ControlOutcome::NotMet,
        "a",
        now(),
    ));
    let assessment = assess(
        &framework,
        Entity::Person,
        &evidence,
        &[risks(&framework)],
        now(),
    );
    assert_eq!(
        assessment.phase("credentialManagement").unwrap().level(),
        None
    );
    let not_applicable = |control: &str| {
        let outcome = ControlOutcome::NotApplicable("software only".into());
        let mut evidence: Vec<_> = met(&all)
            .into_iter()
            .filter(|e| e.control() != control)
            .collect();
        evidence.push(ControlEvidence::new(control, outcome, "a", now()));
        let assessment = assess(
            &framework,
            Entity::Person,
            &evidence,
            &[risks(&framework)],
            now(),
        );
        assessment
            .phase("credentialManagement")
            .unwrap()
            .level()
            .map(ToString::to_string)
    };
    assert_eq!(not_applicable("cm-5").as_deref(), Some("LoA4"));
    assert_eq!(not_applicable("cm-16"), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    /// More evidence never lowers, less or expired evidence never raises; overall is never above a phase.
    #[test]
    fn evidence_only_helps(have in prop::collection::vec(any::<bool>(), 48), more in 0_usize..48, days in 0_i64..3) {
        let framework = x1254();
        let all: Vec<&str> = framework.controls().iter().map(|c| c.id()).collect();
        let some: Vec<&str> = all.iter().zip(&have).filter(|(_, have)| **have).map(|(c, _)| *c).collect();
        let ranks = |evidence: &[ControlEvidence], now| {
            let assessment = assess(&framework, Entity::Person, evidence, &[risks(&framework)], now);
            let rank = |level: Option<&str>| level.map(|l| framework.levels("overall").unwrap().iter().position(|x| x == l));
            let phases: Vec<_> = assessment.phases().iter().map(|p| rank(p.level())).collect();
            (phases, rank(assessment.overall("overall")))
        };
        let (before, overall) = ranks(&met(&some), now());
        prop_assert_eq!(overall, before.iter().min().copied().unwrap());
        let mut with_more = met(&some);
        with_more.extend(met(&[all[more]]));
        let (after, _) = ranks(&with_more, now());
        prop_assert!(before.iter().zip(&after).all(|(a, b)| a <= b));
        let expiring: Vec<_> = met(&some).into_iter().enumerate()
            .map(|(i, e)| if i % 2 == 0 { e.valid_until(time("2026-11-23T00:00:00Z")) } else { e }).collect();
        let later = now().saturating_add_seconds(days * 86_400);
        let (expired, _) = ranks(&expiring, later);
        prop_assert!(before.iter().zip(&expired).all(|(a, b)| a >= b));
    }
}

#[test]
fn a_level_is_asked_for() {
    let issuer = signer(KeyType::Ed25519, 1);
    let framework = x1254();
    let state = |levels: &[(&str, &str)]| {
        let statement = AssuranceStatement::new(&framework, levels.iter().copied()).unwrap();
        let entry: serde_json::Value =
            serde_json::from_str(&statement.to_object().to_json()).unwrap();
        issue(&issuer, &json!({"evidence": [entry]}))
    };
    let ask = |level: &str| {
        AssurancePolicy::new(
            framework.clone(),
            Requirement::overall(&framework, level).unwrap(),
        )
    };
    let with = |text: &str, assurance: AssurancePolicy| {
        codes(&check(
            text,
            &Evidence::new(),
            &Policy::new(Trust::AnyIssuer).assurance(assurance),
        ))
    };
    let high = state(&[("enrolment", "LoA4"), ("credentialManagement", "LoA3")]);
    let session = |level: &str, of: &str| ask(level).session("authentication", of).unwrap();
    assert_eq!(with(&high, session("LoA3", "LoA4")), []);
    assert_eq!(
        with(&high, session("LoA4", "LoA4")),
        [FailureCode::AssuranceTooLow]
    );
    assert_eq!(
        with(&high, session("LoA3", "LoA2")),
        [FailureCode::AssuranceTooLow]
    );
    // Nobody knows how the session was authenticated, and a credential cannot say.
    assert_eq!(with(&high, ask("LoA1")), [FailureCode::AssuranceUnknown]);
    let boasts = state(&[
        ("enrolment", "LoA4"),
        ("credentialManagement", "LoA3"),
        ("authentication", "LoA4"),
    ]);
    assert_eq!(with(&boasts, ask("LoA1")), [FailureCode::AssuranceUnknown]);
    assert_eq!(
        with(&boasts, session("LoA3", "LoA1")),
        [FailureCode::AssuranceTooLow]
    );
    let half = state(&[("enrolment", "LoA4")]);
    assert_eq!(
        with(&half, session("LoA1", "LoA4")),
        [FailureCode::AssuranceUnknown]
    );
    assert_eq!(
        with(&issue(&issuer, &json!({})), session("LoA1", "LoA4")),
        [FailureCode::AssuranceUnknown]
    );
    // One phase alone, and other comparisons.
    let enrolment = Requirement::phase(&framework, "enrolment", "LoA4").unwrap();
    let only = |r: Requirement| AssurancePolicy::new(framework.clone(), r);
    assert_eq!(with(&half, only(enrolment.clone())), []);
    assert_eq!(
        with(
            &half,
            only(enrolment.clone().comparison(Comparison::Better))
        ),
        [FailureCode::AssuranceTooLow]
    );
    let at_most = Requirement::phase(&framework, "enrolment", "LoA3")
        .unwrap()
        .comparison(Comparison::Maximum);
    assert_eq!(with(&half, only(at_most)), [FailureCode::AssuranceTooLow]);
    // Another framework: unknown, unless the relying party takes a mapping, which rounds down.
    let eidas = Framework::built_in(BuiltIn::Eidas2014).unwrap();
    let statement = AssuranceStatement::new(
        &eidas,
        [
            ("enrolment", "high"),
            ("meansManagement", "high"),
            ("managementAndOrganisation", "substantial"),
        ],
    )
    .unwrap();
    let entry: serde_json::Value = serde_json::from_str(&statement.to_object().to_json()).unwrap();
    let foreign = issue(&issuer, &json!({"evidence": [entry]}));
    assert_eq!(
        with(&foreign, session("LoA2", "LoA4")),
        [FailureCode::AssuranceUnknown]
    );
    let mapping = || Mapping::built_in().unwrap().remove(0);
    let mapped = |level| {
        session(level, "LoA4")
            .accept_mapped(eidas.clone(), mapping())
            .unwrap()
    };
    assert_eq!(with(&foreign, mapped("LoA3")), []);
    assert_eq!(
        with(&foreign, mapped("LoA4")),
        [FailureCode::AssuranceTooLow]
    );
    // Expired.
    let old = AssuranceStatement::new(&framework, [("enrolment", "LoA4")])
        .unwrap()
        .expires(time("2026-11-21T00:00:00Z"));
    let entry: serde_json::Value = serde_json::from_str(&old.to_object().to_json()).unwrap();
    let old = issue(&issuer, &json!({"evidence": [entry]}));
    assert_eq!(with(&old, only(enrolment)), [FailureCode::AssuranceUnknown]);
}

/// The status of a token may stand in a claim, where `credentialStatus` is not looked for.
#[test]
fn a_status_claim_counts_in_every_token() {
    let issuer = signer(KeyType::P256, 1);
    let text = json!({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"],
        "issuer": did_of(&issuer).as_str(), "credentialSubject": {"a": 1}})
    .to_string();
    let token = SdJwtBuilder::vc(Credential::parse(&text).unwrap())
        .unwrap()
        .status(URL, 7)
        .issue(&method_of(&issuer), &issuer, &mut Seeded(1))
        .unwrap();
    let policy = Policy::new(Trust::AnyIssuer);
    let verdict = check(&token, &Evidence::new(), &policy);
    assert_eq!(verdict.needs(), [Need::StatusList(URL.into())]);
    for (value, expected) in [(0, vec![]), (1, vec![FailureCode::Revoked])] {
        let mut bits = StatusBits::new(100, 1).unwrap();
        bits.set(7, value).unwrap();
        let list = TokenStatusList::new(&bits, URL, now())
            .issue(&method_of(&issuer), &issuer)
            .unwrap();
        let mut evidence = Evidence::new();
        let found = verify_status_list(list.as_bytes(), URL, &evidence, &policy, now());
        evidence.add_status_list(URL, found);
        assert_eq!(codes(&check(&token, &evidence, &policy)), expected);
    }
}

/// What must be seen is seen whole: an element of it cannot be hidden either, and an empty list of states is none.
#[test]
fn parts_of_what_must_be_seen_cannot_be_hidden() {
    let issuer = signer(KeyType::P256, 1);
    let document = |status: serde_json::Value| {
        json!({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential", "Resident"],
            "issuer": did_of(&issuer).as_str(), "credentialSubject": {"a": 1}, "credentialStatus": status})
        .to_string()
    };
    let bits = StatusBits::new(131_072, 1).unwrap();
    let entry = bits
        .entry(URL, StatusPurpose::Revocation, 1)
        .unwrap()
        .to_json();
    let text = document(json!([
        serde_json::from_str::<serde_json::Value>(&entry).unwrap()
    ]));
    for path in [
        r#"["credentialStatus",0]"#,
        r#"["type",1]"#,
        r#"["credentialStatus",0,"statusPurpose"]"#,
    ] {
        let path = kbtf_vc::ClaimPath::parse(&kbtf_did::json::parse(path).unwrap()).unwrap();
        let refused = SdJwtBuilder::vc(Credential::parse(&text).unwrap())
            .unwrap()
            .hide(path)
            .issue(&method_of(&issuer), &issuer, &mut Seeded(1));
        assert_eq!(refused.unwrap_err().code(), "vc/claim-name-taken");
    }
    assert_eq!(
        Credential::parse(&document(json!([]))).unwrap_err().code(),
        "vc/malformed"
    );
}

/// What costs too much to decide is not decided, under `not` and `if` as little as anywhere.
#[test]
fn a_schema_that_asks_too_much_keeps_nothing() {
    let numbers = format!("[{}]", vec!["1"; 250_000].join(","));
    let limits = kbtf_did::json::Limits::default();
    let value = kbtf_did::json::parse_with(&numbers, limits).unwrap();
    for text in [
        r#"{"not": {"items": {"type": "integer", "minimum": 1}}}"#,
        r#"{"if": {"items": {"type": "integer", "minimum": 1}}, "then": false}"#,
        r#"{"anyOf": [{"items": {"type": "integer", "minimum": 1}}, true]}"#,
        r#"{"oneOf": [{"items": {"type": "integer", "minimum": 1}}, true]}"#,
    ] {
        let schema = Schema::parse(text).unwrap();
        assert_eq!(
            schema.validate(&value).unwrap_err().expected(),
            "less work to decide",
            "{text}"
        );
    }
    // A base that a reference would be resolved against, deeper down.
    let moved = r##"{"$defs": {"a": {"$id": "https://e.org/a", "$ref": "#/$defs/b"}, "b": true}}"##;
    assert_eq!(
        Schema::parse(moved).unwrap_err().code(),
        "vc/unusable-schema"
    );
}

/// A list counts no longer than what secures it, and no longer than the policy lets it without being looked at again.
#[test]
fn a_list_ends_with_what_secures_it() {
    let issuer = signer(KeyType::Ed25519, 1);
    let bits = StatusBits::new(131_072, 1).unwrap();
    let entry = bits
        .entry(URL, StatusPurpose::Revocation, 3)
        .unwrap()
        .to_json();
    let entry: serde_json::Value = serde_json::from_str(&entry).unwrap();
    let credential = issue(&issuer, &json!({"credentialStatus": entry}));
    let list = bits
        .to_credential(
            URL,
            did_of(&issuer).as_str(),
            StatusPurpose::Revocation,
            now(),
            time("2027-12-01T00:00:00Z"),
        )
        .unwrap();
    let options =
        ProofOptions::assertion(method_of(&issuer), now()).expires(time("2026-11-22T06:00:00Z"));
    let short = issue_credential(list.clone(), &options, &issuer)
        .unwrap()
        .to_json();
    let options = ProofOptions::assertion(method_of(&issuer), now());
    let long = issue_credential(list, &options, &issuer).unwrap().to_json();
    let decision = |list: &str, at: &str, max_age: u32| {
        let policy = Policy::new(Trust::AnyIssuer).status_max_age(max_age);
        let mut evidence = Evidence::new();
        let found = verify_status_list(list.as_bytes(), URL, &evidence, &policy, now());
        evidence.add_status_list(URL, found);
        verify_credential(credential.as_bytes(), &evidence, &policy, time(at))
            .verdict()
            .decision()
    };
    assert_eq!(
        decision(&short, "2026-11-22T05:59:59Z", 86_400),
        Decision::Accepted
    );
    assert_eq!(
        decision(&short, "2026-11-22T06:00:00Z", 86_400),
        Decision::Undecided
    );
    assert_eq!(
        decision(&long, "2026-11-23T00:00:00Z", 86_400),
        Decision::Accepted
    );
    assert_eq!(
        decision(&long, "2026-11-23T00:00:01Z", 86_400),
        Decision::Undecided
    );
    assert_eq!(
        decision(&long, "2026-11-24T00:00:00Z", 900_000),
        Decision::Accepted
    );
}

#[test]
fn no_index_beyond_the_entries_is_drawn() {
    let mut allocator = IndexAllocator::new(9).unwrap();
    let mut random = Seeded(1);
    while let Ok(index) = allocator.draw(&mut random) {
        assert!(index < 9);
    }
}
