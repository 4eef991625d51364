//! `did:kbtf`: the shape of operations, what an attacker would try, the roles over a ledger, the life cycle.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{
    pin::pin,
    task::{Context as TaskContext, Poll, Waker},
};

use kbtf_did::{
    Did, Error, KeyType, Problem, PublicKey, ResolutionOptions, Resolver, Router, SOFTWARE,
    SecretKey, Signer, SoftwareSigner, Timestamp,
    VerificationRelationship::{AssertionMethod, Authentication, KeyAgreement},
    did_kbtf::{
        Change, Commitments, Context, Controllers, Creation, Delegate, DelegationGrant,
        Delegator as _, DidState, History, LedgerEntry, LedgerName, Ledgered, MemoryLedger, NewKey,
        NewService, Operation, OperationFault, OperationLedger, Registrar as _, Scope,
        SignedOperation, Submission, Update, apply, decide, ledger_of,
    },
    life_cycle::{self, LifeCycleState, Use},
};
use serde_json::{Value, json};

fn block_on<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut TaskContext::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

fn signer(seed: u8) -> SoftwareSigner<'static> {
    SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[seed; 32]).unwrap())
}

fn public(seed: u8) -> PublicKey {
    signer(seed).public_key().clone()
}

fn ledger() -> LedgerName {
    LedgerName::parse("seoul-1").unwrap()
}

fn time(text: &str) -> Timestamp {
    format!("2026-{text}T00:00:00Z").parse().unwrap()
}

fn code<T>(result: Result<T, Error>) -> &'static str {
    result.map(|_| ()).unwrap_err().code()
}

fn sign(operation: Operation, seeds: &[u8]) -> SignedOperation {
    let signers: Vec<_> = seeds.iter().map(|seed| signer(*seed)).collect();
    let signers: Vec<&dyn Signer> = signers.iter().map(|s| s as &dyn Signer).collect();
    operation.sign(&signers).unwrap()
}

/// Keys 1 to 3 control, two of which must sign; 4 to 6 follow; 10 signs in, 11 issues.
fn creation() -> Creation {
    let next = Commitments::new(2, &[&public(4), &public(5), &public(6)], &SOFTWARE).unwrap();
    let controllers = Controllers::new(2, &[&public(1), &public(2), &public(3)]).unwrap();
    Creation::new(&ledger(), controllers.committed_to(next))
        .key(NewKey::new("phone", &public(10), &[Authentication]))
        .key(NewKey::new("issuing", &public(11), &[AssertionMethod]).expires(time("12-31")))
        .service(NewService::new("files", "Files", "https://files.example/"))
}

fn created() -> DidState {
    let signed = sign(Operation::create(creation()).unwrap(), &[1, 2]);
    step(None, &signed, "01-01").unwrap()
}

fn step(state: Option<&DidState>, signed: &SignedOperation, at: &str) -> Result<DidState, Error> {
    let ledger = ledger();
    let event = decide(state, signed, &Context::new(&ledger, time(at)))?;
    let mut state = state.cloned();
    apply(&mut state, &event);
    Ok(state.unwrap())
}

fn next(state: &DidState, change: Change, seeds: &[u8], at: &str) -> Result<DidState, Error> {
    step(
        Some(state),
        &sign(Operation::next(state, change)?, seeds),
        at,
    )
}

#[test]
fn the_identifier_is_the_hash_of_the_first_operation() {
    let operation = Operation::create(creation()).unwrap();
    let did = operation.did(&SOFTWARE).unwrap();
    assert_eq!(
        did.as_str(),
        format!("did:kbtf:seoul-1:{}", operation.hash(&SOFTWARE).unwrap())
    );
    assert_eq!(ledger_of(&did).unwrap(), ledger());
    // Who signs, and in which order, is no part of it.
    for seeds in [[1, 2], [2, 1], [3, 2]] {
        let signed = sign(operation.clone(), &seeds);
        assert_eq!(signed.operation().did(&SOFTWARE).unwrap(), did);
        assert_eq!(SignedOperation::parse(&signed.to_json()).unwrap(), signed);
    }
    // Whatever else changes makes another.
    let other = creation().service(NewService::new("more", "Files", "https://files.example/"));
    assert_ne!(
        Operation::create(other).unwrap().did(&SOFTWARE).unwrap(),
        did
    );
    // A first operation that somebody has bent is that of another DID, and is found foreign.
    let mut bent: Value = serde_json::from_str(&sign(operation, &[1, 2]).to_json()).unwrap();
    bent["controllers"]["threshold"] = json!(1);
    let entry = LedgerEntry::new(time("01-01"), bent.to_string());
    assert_eq!(
        code(History::replay(&did, &[entry], &SOFTWARE)),
        "did/operation-foreign"
    );
    for bad in [
        "did:kbtf:zQm",
        "did:kbtf:Seoul:zQm",
        "did:kbtf:seoul-1:abc",
        "did:kbtf:seoul-1:zQm:x",
    ] {
        assert_eq!(
            code(ledger_of(&Did::parse(bad).unwrap())),
            "did/invalid-did"
        );
    }
    assert_eq!(
        code(ledger_of(&Did::parse("did:key:z6Mk").unwrap())),
        "did/method-not-supported"
    );
}

#[test]
fn an_operation_has_one_shape() {
    let state = created();
    let create = sign(Operation::create(creation()).unwrap(), &[1, 2]).to_json();
    let update = Change::Update(Update::new().remove("files"));
    let update = sign(Operation::next(&state, update).unwrap(), &[1, 2]).to_json();
    let grant = DelegationGrant::new(
        "agency",
        (1, &[&public(20)]),
        &[Scope::Services],
        (time("01-01"), time("02-01")),
    )
    .unwrap();
    let delegate = sign(
        Operation::next(
            &state,
            Change::Delegate {
                grant: vec![grant],
                withdraw: vec![],
            },
        )
        .unwrap(),
        &[1, 2],
    )
    .to_json();
    let x25519 = SecretKey::from_bytes(KeyType::X25519, &[1; 32])
        .unwrap()
        .public_key()
        .to_multikey();
    let secret = SecretKey::from_bytes(KeyType::Ed25519, &[1; 32])
        .unwrap()
        .to_multikey()
        .to_string();
    const MALFORMED: &str = "did/operation-malformed";
    for (text, pointer, value, expected) in [
        (&create, "/operation", json!("make"), MALFORMED),
        (&create, "/operation", json!(null), MALFORMED),
        (&create, "/note", json!("hello"), MALFORMED),
        (&create, "/did", json!(state.did().to_string()), MALFORMED),
        (&create, "/ledger", json!("Seoul"), MALFORMED),
        (&create, "/ledger", json!(""), MALFORMED),
        (&create, "/ledger", json!("a".repeat(33)), MALFORMED),
        (&create, "/controllers/threshold", json!(0), MALFORMED),
        (&create, "/controllers/threshold", json!(4), MALFORMED),
        (&create, "/controllers/threshold", json!(1.5), MALFORMED),
        (&create, "/controllers/threshold", json!("2"), MALFORMED),
        (&create, "/controllers/keys", json!([]), MALFORMED),
        (
            &create,
            "/controllers/keys/0",
            json!(public(2).to_multikey()),
            MALFORMED,
        ),
        (
            &create,
            "/controllers/keys/0",
            json!(x25519),
            "did/wrong-key-use",
        ),
        (
            &create,
            "/controllers/keys/0",
            json!(secret),
            "did/private-key-exposed",
        ),
        (
            &create,
            "/controllers/keys/0",
            json!("z6Mk"),
            "did/unsupported-key-type",
        ),
        (&create, "/controllers/next/threshold", json!(4), MALFORMED),
        (&create, "/controllers/next/hashes/0", json!("z"), MALFORMED),
        (
            &create,
            "/controllers/next/hashes/0",
            json!("QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"),
            MALFORMED,
        ),
        (&create, "/controllers/next/more", json!(1), MALFORMED),
        (&create, "/keys", json!([]), MALFORMED),
        (&create, "/keys/0/id", json!("#phone"), MALFORMED),
        (&create, "/keys/0/id", json!("a".repeat(65)), MALFORMED),
        (&create, "/keys/0/id", json!("휴대폰"), MALFORMED),
        (
            &create,
            "/keys/0/id",
            json!("010-1234-5678"),
            "did/personal-data",
        ),
        (
            &create,
            "/keys/0/id",
            json!("900101-1234567"),
            "did/personal-data",
        ),
        (&create, "/keys/0/purposes", json!([]), MALFORMED),
        (&create, "/keys/0/purposes", json!(["signing"]), MALFORMED),
        (
            &create,
            "/keys/0/purposes",
            json!(["authentication", "authentication"]),
            MALFORMED,
        ),
        (&create, "/keys/0/key", json!(x25519), "did/wrong-key-use"),
        (&create, "/keys/0/expires", json!("2027-01-01"), MALFORMED),
        // Another spelling of the same time would be another text for the same operation.
        (
            &create,
            "/keys/0/expires",
            json!("2027-01-01T09:00:00+09:00"),
            MALFORMED,
        ),
        (&create, "/expires", json!(5), MALFORMED),
        (
            &create,
            "/services/0/type",
            json!("Linked Domains"),
            MALFORMED,
        ),
        (&create, "/services/0/type", json!(""), MALFORMED),
        (&create, "/services/0/endpoint", json!("no uri"), MALFORMED),
        (
            &create,
            "/services/0/endpoint",
            json!("mailto:hong@example.kr"),
            "did/personal-data",
        ),
        (
            &create,
            "/services/0/endpoint",
            json!("tel:0212345678"),
            "did/personal-data",
        ),
        (
            &create,
            "/services/0/endpoint",
            json!("https://a.kr/홍길동"),
            MALFORMED,
        ),
        (
            &create,
            "/services/0/endpoint",
            json!("https://a.kr/%ED%99%8D"),
            "did/personal-data",
        ),
        (
            &create,
            "/services/0/endpoint",
            json!(format!("https://a.kr/{}", "a".repeat(512))),
            MALFORMED,
        ),
        (
            &create,
            "/services/0/description",
            json!("of Hong"),
            MALFORMED,
        ),
        (&create, "/alsoKnownAs", json!([]), MALFORMED),
        (
            &create,
            "/alsoKnownAs",
            json!(["acct:hong@example.kr"]),
            "did/personal-data",
        ),
        (&create, "/signatures", json!([]), MALFORMED),
        (&create, "/signatures/0/signature", json!("!!"), MALFORMED),
        (&create, "/signatures/0/more", json!(1), MALFORMED),
        (
            &create,
            "/signatures/1/key",
            json!(public(1).to_multikey()),
            MALFORMED,
        ),
        (&update, "/did", json!("did:key:z6Mk"), MALFORMED),
        (&update, "/did", json!("did:kbtf:x"), MALFORMED),
        (&update, "/sequence", json!(1), MALFORMED),
        (&update, "/sequence", json!(-2), MALFORMED),
        (&update, "/sequence", json!(2.5), MALFORMED),
        (&update, "/previous", json!(""), MALFORMED),
        (&update, "/remove", json!([]), MALFORMED),
        (&update, "/remove", json!("files"), MALFORMED),
        (&update, "/reveal", json!(["z"]), MALFORMED),
        (&update, "/delegation", json!(5), MALFORMED),
        // Only what can be delegated names a delegation.
        (&delegate, "/delegation", json!("agency"), MALFORMED),
        (
            &delegate,
            "/grant/0/scope",
            json!(["everything"]),
            MALFORMED,
        ),
        (&delegate, "/grant/0/scope", json!([]), MALFORMED),
        (&delegate, "/grant/0/threshold", json!(2), MALFORMED),
        (
            &delegate,
            "/grant/0/until",
            json!("2026-01-01T00:00:00Z"),
            "did/operation-invalid-time",
        ),
    ] {
        let mut changed: Value = serde_json::from_str(text).unwrap();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match changed.pointer_mut(parent).unwrap() {
            Value::Object(object) => drop(object.insert(name.into(), value.clone())),
            Value::Array(array) => array[name.parse::<usize>().unwrap()] = value.clone(),
            _ => panic!("{pointer}"),
        }
        // Who reads does not judge by a guard that gets better with time; who writes does.
        let result = SignedOperation::parse(&changed.to_string())
            .and_then(|signed| signed.operation().check_personal_data());
        assert_eq!(
            result.map_err(|e| e.code()),
            Err(expected),
            "{pointer} {value}"
        );
    }
    for text in [
        "[]",
        "{}",
        "",
        r#"{"operation":"update"}"#,
        &create.replacen('{', r#"{"operation":"create","#, 1),
    ] {
        assert!(SignedOperation::parse(text).is_err(), "{text:.60}");
    }
    let mut empty: Value = serde_json::from_str(&update).unwrap();
    empty.as_object_mut().unwrap().remove("remove");
    assert_eq!(code(SignedOperation::parse(&empty.to_string())), MALFORMED);
    // Too large, and too deep.
    assert!(SignedOperation::parse(&format!("{create}{}", " ".repeat(70_000))).is_err());
    assert_eq!(
        code(SignedOperation::parse(&format!(
            r#"{{"operation":{}1{}}}"#,
            "[".repeat(9),
            "]".repeat(9)
        ))),
        "json/too-deep"
    );
    // Looks do not matter.
    let pretty =
        serde_json::to_string_pretty(&serde_json::from_str::<Value>(&create).unwrap()).unwrap();
    assert_eq!(
        SignedOperation::parse(&pretty)
            .unwrap()
            .operation()
            .signing_input(),
        SignedOperation::parse(&create)
            .unwrap()
            .operation()
            .signing_input()
    );
}

#[test]
fn what_the_types_let_through_the_rules_of_shape_refuse() {
    let controllers = || Controllers::new(1, &[&public(1)]).unwrap();
    let phone = |id: &str| NewKey::new(id, &public(10), &[Authentication]);
    let x = SecretKey::from_bytes(KeyType::X25519, &[1; 32]).unwrap();
    for (creation, expected) in [
        (
            Creation::new(&ledger(), controllers()).key(phone("a b")),
            "did/operation-malformed",
        ),
        (
            Creation::new(&ledger(), controllers()).key(phone("hong@a.kr")),
            "did/operation-malformed",
        ),
        (
            Creation::new(&ledger(), controllers()).key(phone("01012345678")),
            "did/personal-data",
        ),
        (
            Creation::new(&ledger(), controllers()).key(NewKey::new(
                "k",
                x.public_key(),
                &[Authentication],
            )),
            "did/wrong-key-use",
        ),
        (
            Creation::new(&ledger(), controllers()).also_known_as("mailto:a@b.kr"),
            "did/personal-data",
        ),
    ] {
        assert_eq!(code(Operation::create(creation)), expected);
    }
    assert!(
        Operation::create(Creation::new(&ledger(), controllers()).key(NewKey::new(
            "k",
            x.public_key(),
            &[KeyAgreement]
        )))
        .is_ok()
    );
    assert_eq!(
        code(Controllers::new(0, &[&public(1)])),
        "did/operation-malformed"
    );
    assert_eq!(
        code(Controllers::new(2, &[&public(1)])),
        "did/operation-malformed"
    );
    assert_eq!(
        code(Controllers::new(1, &[x.public_key()])),
        "did/wrong-key-use"
    );
    let many: Vec<PublicKey> = (1..=17).map(public).collect();
    assert_eq!(
        code(Controllers::new(1, &many.iter().collect::<Vec<_>>())),
        "did/operation-malformed"
    );
    // Two of the same are one.
    let twice = Controllers::new(2, &[&public(1), &public(1)]).unwrap();
    assert_eq!(
        code(Operation::create(Creation::new(&ledger(), twice))),
        "did/operation-malformed"
    );
}

#[test]
fn who_has_stolen_todays_keys_cannot_take_the_identity_over() {
    let state = created();
    let thief = Controllers::new(1, &[&public(66)]).unwrap();
    // With all of today's keys, and his own.
    for seeds in [&[1, 2, 3][..], &[66], &[1, 2, 3, 66]] {
        let result = next(&state, Change::Rotate(thief.clone()), seeds, "02-01");
        assert_eq!(code(result), "did/operation-not-committed");
    }
    // He can change the document as long as nobody rotates; he cannot end it.
    let bad = NewKey::new("bad", &public(66), &[Authentication]);
    let changed = next(
        &state,
        Change::Update(Update::new().key(bad)),
        &[1, 2],
        "02-01",
    )
    .unwrap();
    assert_eq!(
        code(next(
            &changed,
            Change::Deactivate(vec![]),
            &[1, 2, 3],
            "02-02"
        )),
        "did/operation-not-authorised"
    );
    assert_eq!(
        code(next(
            &changed,
            Change::Deactivate(vec![public(1), public(2)]),
            &[1, 2],
            "02-02"
        )),
        "did/operation-not-committed"
    );
    // Nor have it end by its time, which nobody could undo; nor have somebody else do it.
    assert_eq!(
        code(next(
            &changed,
            Change::expire(time("02-03")),
            &[1, 2, 3],
            "02-02"
        )),
        "did/operation-not-committed"
    );
    assert_eq!(
        code(next(&changed, nearer("02-03"), &[1, 2], "02-02")),
        "did/operation-not-authorised"
    );
    let own = Change::Expire {
        expires: time("02-03"),
        reveal: vec![public(1), public(2)],
    };
    assert_eq!(
        code(next(&changed, own, &[1, 2], "02-02")),
        "did/operation-not-committed"
    );
    // Nor stop the rotation that he sees coming by putting its keys where no controller may be.
    for seed in [4, 5, 6] {
        let block = NewKey::new("block", &public(seed), &[Authentication]);
        assert_eq!(
            code(next(
                &changed,
                Change::Update(Update::new().key(block)),
                &[1, 2],
                "02-02"
            )),
            "did/operation-key-reused"
        );
    }
    // He can give everything away that can be given.
    let all = DelegationGrant::new(
        "mine",
        (1, &[&public(67)]),
        Scope::ALL,
        (time("02-02"), "9999-01-01T00:00:00Z".parse().unwrap()),
    );
    let give = Change::Delegate {
        grant: vec![all.unwrap()],
        withdraw: vec![],
    };
    let changed = next(&changed, give.clone(), &[1, 2], "02-02").unwrap();
    let by_him = |state: &DidState, change, at| {
        let operation = Operation::delegated(state, "mine", change).unwrap();
        step(Some(state), &sign(operation, &[67]), at)
    };
    let ending = next(&changed, nearer("06-01"), &[4, 5], "02-02").unwrap();
    for (state, end) in [(&changed, "02-03"), (&ending, "05-31"), (&ending, "06-01")] {
        assert_eq!(
            code(by_him(state, Change::expire(time(end)), "02-02")),
            "did/operation-out-of-scope"
        );
    }
    let longer = by_him(&ending, Change::expire(time("06-02")), "02-02").unwrap();
    assert_eq!(longer.expires(), Some(time("06-02")));
    // The owner puts in the next keys, who alone must sign, and throws out the bad one.
    let new = Controllers::new(2, &[&public(4), &public(5)]).unwrap();
    let lower = Controllers::new(1, &[&public(4), &public(5)]).unwrap();
    assert_eq!(
        code(next(&changed, Change::Rotate(lower), &[4, 5], "02-02")),
        "did/operation-not-committed"
    );
    assert_eq!(
        code(next(&changed, Change::Rotate(new.clone()), &[4], "02-02")),
        "did/operation-threshold-not-met"
    );
    assert_eq!(
        code(next(
            &changed,
            Change::Rotate(new.clone()),
            &[1, 2],
            "02-02"
        )),
        "did/operation-not-authorised"
    );
    let rotated = next(&changed, Change::Rotate(new), &[4, 5], "02-02").unwrap();
    // With the controllers goes what they gave away, and its name is not given again.
    let more = NewKey::new("more", &public(68), &[Authentication]);
    assert_eq!(
        code(by_him(
            &rotated,
            Change::Update(Update::new().key(more)),
            "02-03"
        )),
        "did/operation-delegation-not-in-force"
    );
    assert_eq!(
        code(next(&rotated, give, &[4, 5], "02-03")),
        "did/operation-id-reused"
    );
    assert_eq!(
        code(next(
            &rotated,
            Change::Update(Update::new().remove("files")),
            &[1, 2],
            "02-03"
        )),
        "did/operation-not-authorised"
    );
    let clean = next(
        &rotated,
        Change::Update(Update::new().remove("bad")),
        &[5, 4],
        "02-03",
    )
    .unwrap();
    assert_eq!(clean.document().unwrap().verification_methods().len(), 2);
    // This time nothing was committed to: the keys of the day decide, also on the end.
    assert_eq!(
        code(next(
            &clean,
            Change::Deactivate(vec![public(4), public(5)]),
            &[4, 5],
            "02-04"
        )),
        "did/operation-not-committed"
    );
    let ended = next(&clean, Change::Deactivate(vec![]), &[4, 5], "02-04").unwrap();
    assert!(ended.is_deactivated() && ended.document().unwrap().verification_methods().is_empty());
    assert_eq!(
        code(next(
            &ended,
            Change::Update(Update::new().also_known_as(&[])),
            &[4, 5],
            "02-05"
        )),
        "did/operation-deactivated"
    );
}

#[test]
fn the_right_to_change_is_apart_from_the_right_to_sign() {
    let state = created();
    // The key that signs in changes nothing.
    let update = Change::Update(Update::new().remove("files"));
    assert_eq!(
        code(next(&state, update.clone(), &[10, 11], "02-01")),
        "did/operation-not-authorised"
    );
    assert_eq!(
        code(next(&state, update.clone(), &[1, 2, 10], "02-01")),
        "did/operation-not-authorised"
    );
    // No key is both, whichever comes first.
    for key in [1, 2, 3] {
        let both = NewKey::new("both", &public(key), &[Authentication]);
        assert_eq!(
            code(next(
                &state,
                Change::Update(Update::new().key(both)),
                &[1, 2],
                "02-01"
            )),
            "did/operation-key-reused"
        );
    }
    let open = Creation::new(&ledger(), Controllers::new(1, &[&public(1)]).unwrap())
        .key(NewKey::new("phone", &public(10), &[Authentication]));
    let open = step(None, &sign(Operation::create(open).unwrap(), &[1]), "01-01").unwrap();
    let rotate = Change::Rotate(Controllers::new(1, &[&public(10)]).unwrap());
    assert_eq!(
        code(next(&open, rotate, &[1], "02-01")),
        "did/operation-key-reused"
    );
    // Nor who may control next, nor a delegate, whichever comes first; and a key stands in the document once, since one
    // that was revoked would be back under another id.
    let agency = |key: u8| {
        DelegationGrant::new(
            &format!("agency-{key}"),
            (1, &[&public(key)]),
            &[Scope::AddKeys],
            (time("01-01"), time("12-01")),
        )
        .unwrap()
    };
    let give = |key: u8| Change::Delegate {
        grant: vec![agency(key)],
        withdraw: vec![],
    };
    let add = |key: u8| {
        Change::Update(Update::new().key(NewKey::new("both", &public(key), &[Authentication])))
    };
    let committed = |keys: &[&PublicKey], next: &[&PublicKey]| {
        let next = Commitments::new(1, next, &SOFTWARE).unwrap();
        Controllers::new(1, keys).unwrap().committed_to(next)
    };
    let given = next(&state, give(20), &[1, 2], "02-01").unwrap();
    let revoked = Change::Update(Update::new().revoke("phone"));
    let revoked = next(&state, revoked, &[1, 2], "02-01").unwrap();
    for (state, change, seeds) in [
        (&state, add(4), &[1, 2][..]),
        (&state, add(10), &[1, 2]),
        (&revoked, add(10), &[1, 2]),
        (&state, give(10), &[1, 2]),
        (&given, add(20), &[1, 2]),
        (
            &open,
            Change::Rotate(committed(&[&public(1)], &[&public(2), &public(10)])),
            &[1],
        ),
        // A key that everybody has seen is no next key.
        (
            &open,
            Change::Rotate(committed(&[&public(1)], &[&public(1)])),
            &[1],
        ),
    ] {
        let result = next(state, change.clone(), seeds, "02-02");
        assert_eq!(code(result), "did/operation-key-reused", "{change:?}");
    }
    // What is removed is free.
    let moved =
        Update::new()
            .remove("phone")
            .key(NewKey::new("telephone", &public(10), &[Authentication]));
    assert!(next(&state, Change::Update(moved), &[1, 2], "02-02").is_ok());
    for creation in [
        Creation::new(&ledger(), committed(&[&public(1)], &[&public(1)])),
        Creation::new(&ledger(), committed(&[&public(1)], &[&public(10)])).key(NewKey::new(
            "phone",
            &public(10),
            &[Authentication],
        )),
        Creation::new(&ledger(), Controllers::new(1, &[&public(1)]).unwrap())
            .delegation(agency(10))
            .key(NewKey::new("phone", &public(10), &[Authentication])),
    ] {
        let signed = sign(Operation::create(creation).unwrap(), &[1]);
        assert_eq!(
            code(step(None, &signed, "01-01")),
            "did/operation-key-reused"
        );
    }
    // A false signature beside enough good ones spoils the operation.
    let mut signed = sign(Operation::next(&state, update).unwrap(), &[1, 2]);
    signed.add_signature(&public(3), &[7; 64]).unwrap();
    assert_eq!(
        code(step(Some(&state), &signed, "02-01")),
        "did/operation-invalid-signature"
    );
    assert_eq!(
        code(signed.add_signature(&public(3), &[7; 64])),
        "did/operation-malformed"
    );
}

#[test]
fn other_kinds_of_key_control_too_and_a_high_s_does_not() {
    for key_type in [KeyType::P256, KeyType::Secp256k1] {
        let signer = SoftwareSigner::new(SecretKey::from_bytes(key_type, &[1; 32]).unwrap());
        let creation = Creation::new(
            &ledger(),
            Controllers::new(1, &[signer.public_key()]).unwrap(),
        );
        let mut signed = Operation::create(creation)
            .unwrap()
            .sign(&[&signer])
            .unwrap();
        assert!(step(None, &signed, "01-01").is_ok());
        let mut text: Value = serde_json::from_str(&signed.to_json()).unwrap();
        text["signatures"][0]["signature"] = json!(
            "_".repeat(86)
                .replacen('_', "A", 1)
                .chars()
                .take(85)
                .chain(['w'])
                .collect::<String>()
        );
        let forged = SignedOperation::parse(&text.to_string()).unwrap();
        assert_eq!(
            code(step(None, &forged, "01-01")),
            "did/operation-invalid-signature"
        );
        assert_eq!(
            code(
                signed.add_signature(
                    &SecretKey::from_bytes(key_type, &[2; 32])
                        .unwrap()
                        .public_key()
                        .clone(),
                    &[0xff; 64]
                )
            ),
            "did/invalid-signature"
        );
    }
}

/// An end that takes the committed keys: 4 and 5 are shown.
fn nearer(at: &str) -> Change {
    Change::Expire {
        expires: time(at),
        reveal: vec![public(4), public(5)],
    }
}

#[test]
fn an_identity_expires_and_does_not_come_back() {
    let state = created();
    assert_eq!(
        code(next(&state, nearer("02-01"), &[4, 5], "02-01")),
        "did/operation-invalid-time"
    );
    let state = next(&state, nearer("06-01"), &[4, 5], "02-01").unwrap();
    let methods = state.document().unwrap();
    // The sooner of the two ends.
    assert!(
        methods
            .verification_methods()
            .iter()
            .all(|m| m.expires() == Some(time("06-01")))
    );
    let longer = next(&state, Change::expire(time("09-01")), &[1, 2], "05-31").unwrap();
    assert_eq!(longer.expires(), Some(time("09-01")));
    for change in [
        Change::expire(time("12-01")),
        Change::Update(Update::new().remove("files")),
    ] {
        assert_eq!(
            code(next(&longer, change, &[1, 2], "09-01")),
            "did/operation-expired"
        );
    }
    let rotate = Change::Rotate(Controllers::new(2, &[&public(4), &public(5)]).unwrap());
    assert_eq!(
        code(next(&longer, rotate, &[4, 5], "10-01")),
        "did/operation-expired"
    );
    assert!(
        next(
            &longer,
            Change::Deactivate(vec![public(4), public(6)]),
            &[4, 6],
            "10-01"
        )
        .is_ok()
    );
}

#[test]
fn ids_stand_for_one_thing_for_ever() {
    let state = created();
    let update = |update: Update| Change::Update(update);
    let state = next(
        &state,
        update(Update::new().remove("phone").revoke("issuing")),
        &[1, 2],
        "02-01",
    )
    .unwrap();
    let revoked = state.document().unwrap();
    assert_eq!(
        revoked.verification_methods()[0].revoked(),
        Some(time("02-01"))
    );
    for (change, expected) in [
        (
            Update::new().key(NewKey::new("phone", &public(12), &[Authentication])),
            "did/operation-id-reused",
        ),
        (
            Update::new().service(NewService::new("phone", "Files", "https://a.kr/")),
            "did/operation-id-reused",
        ),
        (
            Update::new().service(NewService::new("files", "Files", "https://a.kr/")),
            "did/operation-id-reused",
        ),
        (
            Update::new().remove("files").service(NewService::new(
                "files",
                "Files",
                "https://a.kr/",
            )),
            "did/operation-id-reused",
        ),
        (
            Update::new().also_known_as(&["https://a.kr/", "https://a.kr/"]),
            "did/operation-id-reused",
        ),
        (Update::new().remove("phone"), "did/operation-unknown-id"),
        (Update::new().revoke("issuing"), "did/operation-unknown-id"),
        (Update::new().revoke("files"), "did/operation-unknown-id"),
        (
            Update::new().remove("files").remove("files"),
            "did/operation-unknown-id",
        ),
        (
            Update::new().remove("issuing").revoke("issuing"),
            "did/operation-unknown-id",
        ),
        (
            Update::new()
                .key(NewKey::new("late", &public(12), &[Authentication]).expires(time("02-02"))),
            "did/operation-invalid-time",
        ),
    ] {
        assert_eq!(
            code(next(&state, update(change.clone()), &[1, 2], "02-02")),
            expected,
            "{change:?}"
        );
    }
}

#[test]
fn nothing_grows_without_bound() {
    let mut state = created();
    for round in 0..8 {
        let mut update = Update::new();
        for i in 0..10 {
            update = update.key(NewKey::new(
                &format!("k{round}-{i}"),
                &public(100 + 10 * round + i),
                &[
                    Authentication,
                    kbtf_did::VerificationRelationship::AssertionMethod,
                    kbtf_did::VerificationRelationship::CapabilityInvocation,
                    kbtf_did::VerificationRelationship::CapabilityDelegation,
                    kbtf_did::VerificationRelationship::KeyAgreement,
                ],
            ));
        }
        match next(&state, Change::Update(update), &[1, 2], "02-01") {
            Ok(after) => state = after,
            Err(error) => {
                assert_eq!((round, error.code()), (6, "did/operation-too-many"));
                break;
            }
        }
    }
    // Full to the brim, there is a document still.
    let services = |from: u32, count: u32| {
        (from..from + count).fold(Update::new(), |update, i| {
            update.service(NewService::new(&format!("s{i}"), "Files", "https://a.kr/"))
        })
    };
    let filled = next(&state, Change::Update(services(0, 31)), &[1, 2], "02-01").unwrap();
    assert_eq!(
        code(next(
            &filled,
            Change::Update(services(40, 1)),
            &[1, 2],
            "02-01"
        )),
        "did/operation-too-many"
    );
    assert!(filled.document().is_ok());
    // All of it goes in one operation.
    let all = filled.document().unwrap();
    let fragments = all
        .verification_methods()
        .iter()
        .map(|m| m.id().fragment().unwrap());
    let empty = fragments
        .map(str::to_owned)
        .chain((0..31).map(|i| format!("s{i}")))
        .fold(Update::new().remove("files"), |update, id| {
            update.remove(&id)
        });
    let empty = next(&filled, Change::Update(empty), &[1, 2], "02-01").unwrap();
    assert_eq!(empty.document().unwrap().verification_methods(), []);
    let grant = |i: u32| {
        DelegationGrant::new(
            &format!("g{i}"),
            (1, &[&public(20)]),
            &[Scope::Services],
            (time("01-01"), time("12-01")),
        )
        .unwrap()
    };
    let sixteen = Change::Delegate {
        grant: (0..16).map(grant).collect(),
        withdraw: vec![],
    };
    let state = next(&state, sixteen, &[1, 2], "02-01").unwrap();
    let more = |withdraw: Vec<String>| Change::Delegate {
        grant: vec![grant(16)],
        withdraw,
    };
    assert_eq!(
        code(next(&state, more(vec![]), &[1, 2], "02-01")),
        "did/operation-too-many"
    );
    assert!(next(&state, more(vec!["g0".into()]), &[1, 2], "02-01").is_ok());
}

/// An agency, key 20, may keep services and add keys from March to May.
fn with_agency() -> DidState {
    let grant = DelegationGrant::new(
        "agency",
        (1, &[&public(20)]),
        &[Scope::Services, Scope::AddKeys],
        (time("03-01"), time("06-01")),
    )
    .unwrap();
    next(
        &created(),
        Change::Delegate {
            grant: vec![grant],
            withdraw: vec![],
        },
        &[1, 2],
        "01-02",
    )
    .unwrap()
}

#[test]
fn a_delegate_stays_within_scope_and_time() {
    let state = with_agency();
    let act = |id: &str, update: Update, seeds: &[u8], at: &str| {
        let operation = Operation::delegated(&state, id, Change::Update(update))?;
        step(Some(&state), &sign(operation, seeds), at)
    };
    let service = || Update::new().service(NewService::new("new", "Files", "https://a.kr/"));
    assert!(act("agency", service(), &[20], "03-01").is_ok());
    for (id, update, seeds, at, expected) in [
        (
            "agency",
            service(),
            &[20][..],
            "02-28",
            "did/operation-delegation-not-in-force",
        ),
        (
            "agency",
            service(),
            &[20],
            "06-01",
            "did/operation-delegation-not-in-force",
        ),
        (
            "other",
            service(),
            &[20],
            "03-01",
            "did/operation-delegation-not-in-force",
        ),
        (
            "agency",
            service(),
            &[21],
            "03-01",
            "did/operation-not-authorised",
        ),
        (
            "agency",
            service(),
            &[],
            "03-01",
            "did/operation-threshold-not-met",
        ),
        // The controllers do not need to borrow, and do not.
        (
            "agency",
            service(),
            &[1, 2],
            "03-01",
            "did/operation-not-authorised",
        ),
        (
            "agency",
            service().also_known_as(&["https://a.kr/"]),
            &[20],
            "03-01",
            "did/operation-out-of-scope",
        ),
        (
            "agency",
            Update::new().revoke("phone"),
            &[20],
            "03-01",
            "did/operation-out-of-scope",
        ),
        // What is removed may be a key: then it is another scope.
        (
            "agency",
            Update::new().remove("phone"),
            &[20],
            "03-01",
            "did/operation-out-of-scope",
        ),
    ] {
        assert_eq!(
            code(act(id, update, seeds, at)),
            expected,
            "{id} {seeds:?} {at}"
        );
    }
    assert!(act("agency", Update::new().remove("files"), &[20], "03-01").is_ok());
    let expire = Operation::delegated(&state, "agency", Change::expire(time("12-01"))).unwrap();
    assert_eq!(
        code(step(Some(&state), &sign(expire, &[20]), "03-01")),
        "did/operation-out-of-scope"
    );
    // It cannot be given on, nor used for what decides on the identity.
    for change in [
        Change::Rotate(Controllers::new(1, &[&public(20)]).unwrap()),
        Change::Deactivate(vec![]),
        Change::Delegate {
            grant: vec![],
            withdraw: vec!["agency".into()],
        },
    ] {
        assert_eq!(
            code(Operation::delegated(&state, "agency", change)),
            "did/operation-malformed"
        );
    }
    // Taken back, it is gone, and its name with it.
    let back = next(
        &state,
        Change::Delegate {
            grant: vec![],
            withdraw: vec!["agency".into()],
        },
        &[1, 2],
        "03-02",
    )
    .unwrap();
    let late = Operation::delegated(&back, "agency", Change::Update(service())).unwrap();
    assert_eq!(
        code(step(Some(&back), &sign(late, &[20]), "03-03")),
        "did/operation-delegation-not-in-force"
    );
    let again = DelegationGrant::new(
        "agency",
        (1, &[&public(20)]),
        &[Scope::Services],
        (time("03-01"), time("06-01")),
    )
    .unwrap();
    assert_eq!(
        code(next(
            &back,
            Change::Delegate {
                grant: vec![again],
                withdraw: vec![]
            },
            &[1, 2],
            "03-03"
        )),
        "did/operation-id-reused"
    );
}

#[test]
fn the_three_roles_work_over_a_ledger() {
    let ledger_port = MemoryLedger::new(&ledger());
    let register = Ledgered::new(ledger_port.clone());
    let agency = Delegate::new(register.clone(), signer(20));
    let now = time("03-01");
    // A citizen hands the first operation to the agency, to which it gives something.
    let grant = DelegationGrant::new(
        "agency",
        (1, &[&public(20)]),
        &[Scope::AddKeys],
        (time("03-01"), time("06-01")),
    )
    .unwrap();
    let create = sign(
        Operation::create(creation().delegation(grant)).unwrap(),
        &[1, 2],
    );
    let did = create.operation().did(&SOFTWARE).unwrap();
    let resolve = |options: &ResolutionOptions| block_on(register.resolve(&did, options));
    assert_eq!(
        resolve(&ResolutionOptions::default())
            .unwrap_err()
            .problem(),
        Problem::NotFound
    );
    let plain = sign(Operation::create(creation()).unwrap(), &[1, 2]);
    assert_eq!(
        code(block_on(agency.register(&plain, now))),
        "did/operation-delegation-not-in-force"
    );
    assert_eq!(
        code(block_on(agency.register(&create, time("02-28")))),
        "did/operation-delegation-not-in-force"
    );
    let hash = block_on(agency.register(&create, now)).unwrap();
    assert_eq!(block_on(register.status(&hash)), Ok(Submission::Pending));
    // Handing it in again is the same.
    assert_eq!(block_on(agency.register(&create, now)), Ok(hash));
    assert_eq!(ledger_port.seal(now), Ok(1));
    assert_eq!(block_on(register.status(&hash)), Ok(Submission::Final(now)));
    assert_eq!(
        block_on(register.status(&plain.operation().hash(&SOFTWARE).unwrap())),
        Ok(Submission::Unknown)
    );
    let first = resolve(&ResolutionOptions::default()).unwrap();
    assert_eq!(
        (first.metadata.created, first.metadata.updated),
        (Some(now), None)
    );

    // The agency registers a telephone; a second change of another at the same time comes too late.
    let key = |id: &str, seed| {
        Change::Update(Update::new().key(NewKey::new(id, &public(seed), &[Authentication])))
    };
    let added = block_on(agency.act(&did, key("tablet", 12), now)).unwrap();
    let state = block_on(register.history(&did))
        .unwrap()
        .unwrap()
        .state()
        .clone();
    let own = sign(Operation::next(&state, key("watch", 13)).unwrap(), &[1, 2]);
    let own_hash = block_on(register.submit(&own, now)).unwrap();
    assert_eq!(ledger_port.seal(time("03-02")), Ok(1));
    assert_eq!(
        block_on(register.status(&added)),
        Ok(Submission::Final(time("03-02")))
    );
    let rejected = block_on(register.status(&own_hash)).unwrap();
    assert!(matches!(rejected, Submission::Rejected { code, .. } if code == "did/operation-fork"));
    // What could not follow is not even handed in.
    assert_eq!(
        code(block_on(register.submit(&own, now))),
        "did/operation-fork"
    );
    assert_eq!(
        code(block_on(agency.act(
            &did,
            Change::expire(time("09-01")),
            time("03-03")
        ))),
        "did/operation-out-of-scope"
    );
    assert_eq!(
        code(block_on(agency.act(&did, key("late", 14), time("06-01")))),
        "did/operation-delegation-not-in-force"
    );
    let stranger = Delegate::new(register.clone(), signer(21));
    assert_eq!(
        code(block_on(stranger.act(&did, key("bad", 14), time("03-03")))),
        "did/operation-delegation-not-in-force"
    );

    // Versions by id and by time, and which came next.
    let current = resolve(&ResolutionOptions::default()).unwrap();
    assert_eq!(current.document.verification_methods().len(), 3);
    assert_eq!(current.metadata.updated, Some(time("03-02")));
    let id = first.metadata.version_id.clone().unwrap();
    let old = resolve(&ResolutionOptions::default().version_id(&id)).unwrap();
    assert_eq!(old.document, first.document);
    assert_eq!(
        (old.metadata.next_update, &old.metadata.next_version_id),
        (Some(time("03-02")), &current.metadata.version_id)
    );
    let by_time = |at: &str| resolve(&ResolutionOptions::default().version_time(time(at)));
    assert_eq!(by_time("03-01").unwrap(), old);
    assert_eq!(by_time("12-31").unwrap(), current);
    assert_eq!(by_time("02-01").unwrap_err().problem(), Problem::NotFound);
    assert_eq!(
        resolve(&ResolutionOptions::default().version_id("1-zQm"))
            .unwrap_err()
            .problem(),
        Problem::NotFound
    );
    let both = ResolutionOptions::default()
        .version_id(&id)
        .version_time(now);
    assert_eq!(
        resolve(&both).unwrap_err().problem(),
        Problem::InvalidOptions
    );

    // Through a router, and never from another ledger.
    let router = Router::new().with("kbtf", register.clone());
    assert_eq!(
        block_on(router.resolve(&did, &ResolutionOptions::default())).unwrap(),
        current
    );
    let foreign = Did::parse(&did.as_str().replace("seoul-1", "busan-1")).unwrap();
    assert_eq!(
        block_on(router.resolve(&foreign, &ResolutionOptions::default()))
            .unwrap_err()
            .code(),
        "did/operation-foreign"
    );

    // A copy with false signatures, or none, does not keep the genuine operation away.
    let state = block_on(register.history(&did))
        .unwrap()
        .unwrap()
        .state()
        .clone();
    let genuine = sign(
        Operation::next(
            &state,
            Change::Update(Update::new().also_known_as(&["https://a.kr/"])),
        )
        .unwrap(),
        &[1, 2],
    );
    let mut false_one = genuine.operation().clone().unsigned();
    block_on(ledger_port.submit(&false_one)).unwrap();
    false_one.add_signature(&public(1), &[7; 64]).unwrap();
    block_on(ledger_port.submit(&false_one)).unwrap();
    let hash = block_on(register.submit(&genuine, time("07-03"))).unwrap();
    block_on(ledger_port.submit(&false_one)).unwrap();
    assert_eq!(ledger_port.seal(time("07-03")), Ok(1));
    assert_eq!(
        block_on(register.status(&hash)),
        Ok(Submission::Final(time("07-03")))
    );
    // What looks like personal data is not handed in, whoever made it.
    let state = block_on(register.history(&did))
        .unwrap()
        .unwrap()
        .state()
        .clone();
    let named = Operation::next(
        &state,
        Change::Update(Update::new().also_known_as(&["https://b.kr/"])),
    )
    .unwrap();
    let named = named
        .unsigned()
        .to_json()
        .replace("https://b.kr/", "https://b.kr/01012345678");
    let named = SignedOperation::parse(&named).unwrap().operation().clone();
    let named = sign(named, &[1, 2]);
    assert_eq!(
        code(block_on(register.submit(&named, time("07-03")))),
        "did/personal-data"
    );
    block_on(ledger_port.submit(&named)).unwrap();
    assert_eq!(ledger_port.seal(time("07-03")), Ok(0));
}

/// A ledger on which anybody writes anything, in which somebody holds something back.
struct OpenLedger(LedgerName, Vec<LedgerEntry>);

impl OperationLedger for OpenLedger {
    fn name(&self) -> &LedgerName {
        &self.0
    }
    async fn submit(&self, _: &SignedOperation) -> Result<(), Error> {
        Err(Error::Ledger {
            reason: "read only".into(),
        })
    }
    async fn status(&self, _: &kbtf_did::did_kbtf::OperationHash) -> Result<Submission, Error> {
        Ok(Submission::Unknown)
    }
    async fn entries(&self, _: &Did) -> Result<Vec<LedgerEntry>, Error> {
        Ok(self.1.clone())
    }
}

#[test]
fn on_an_open_ledger_noise_is_left_out_and_what_is_missing_is_missed() {
    let create = sign(Operation::create(creation()).unwrap(), &[1, 2]);
    let did = create.operation().did(&SOFTWARE).unwrap();
    let state = created();
    let update = |state: &DidState, id: &str, seeds: &[u8]| {
        sign(
            Operation::next(state, Change::Update(Update::new().remove(id))).unwrap(),
            seeds,
        )
    };
    let second = update(&state, "files", &[1, 2]);
    let after_second = step(Some(&state), &second, "02-01").unwrap();
    let third = update(&after_second, "phone", &[1, 2]);
    let forged = update(&state, "phone", &[66]);
    let entry = |at: &str, signed: &SignedOperation| LedgerEntry::new(time(at), signed.to_json());
    let noise = |at: &str| LedgerEntry::new(time(at), "hello".into());

    let open = |entries: Vec<LedgerEntry>| {
        let ledgered = Ledgered::new(OpenLedger(ledger(), entries)).open();
        block_on(ledgered.resolve(&did, &ResolutionOptions::default()))
    };
    let all = vec![
        noise("01-01"),
        entry("01-01", &create),
        entry("01-02", &forged),
        entry("02-01", &second),
        noise("02-02"),
        entry("03-01", &third),
        entry("03-02", &second),
    ];
    let resolved = open(all.clone()).unwrap();
    assert_eq!(resolved.document.verification_methods().len(), 1);
    let (history, refused) = History::scan(&did, &all, &SOFTWARE).unwrap();
    assert_eq!(history.events().len(), 3);
    let refused: Vec<_> = refused
        .iter()
        .map(|r| (r.position, r.error.code()))
        .collect();
    assert_eq!(
        refused,
        [
            (0, "json/syntax"),
            (2, "did/operation-not-authorised"),
            (4, "json/syntax"),
            (6, "did/operation-replayed")
        ]
    );
    // Strictly read, the first entry that does not belong ends it.
    assert_eq!(code(History::replay(&did, &all, &SOFTWARE)), "json/syntax");

    // The second is held back, as if the key had not been revoked; the third shows it.
    let held_back = vec![entry("01-01", &create), entry("03-01", &third)];
    assert_eq!(
        open(held_back.clone()).unwrap_err().code(),
        "did/operation-gap"
    );
    // Unsigned junk in its place does not hide that.
    let junk = Operation::next(&state, Change::Update(Update::new().remove("phone")))
        .unwrap()
        .unsigned();
    let hidden = vec![
        entry("01-01", &create),
        entry("03-01", &third),
        entry("03-02", &junk),
    ];
    assert_eq!(open(hidden).unwrap_err().code(), "did/operation-gap");
    // A gap that somebody else claims is noise.
    let mut claimed: Value = serde_json::from_str(&forged.to_json()).unwrap();
    claimed["sequence"] = json!(9);
    let claimed = LedgerEntry::new(time("02-01"), claimed.to_string());
    assert!(open(vec![entry("01-01", &create), claimed]).is_ok());
    // So is what the controllers of before claim, delegates, and whoever signs after the end: one text would make the
    // identity unreadable for ever.
    let gap = |operation: Operation, seeds: &[u8]| {
        let mut text: Value = serde_json::from_str(&operation.unsigned().to_json()).unwrap();
        text["sequence"] = json!(9_000_000_000_000_000_u64);
        let far = SignedOperation::parse(&text.to_string()).unwrap();
        // At a time at which the delegation holds.
        entry("04-01", &sign(far.operation().clone(), seeds))
    };
    let remove = || Change::Update(Update::new().remove("files"));
    let by_controllers = gap(Operation::next(&state, remove()).unwrap(), &[1, 2]);
    let given = with_agency();
    let grant = given.delegations().next().unwrap().clone();
    let give = Change::Delegate {
        grant: vec![grant],
        withdraw: vec![],
    };
    let give = sign(Operation::next(&state, give).unwrap(), &[1, 2]);
    let delegated = Operation::delegated(&given, "agency", remove()).unwrap();
    let by_delegate = gap(delegated, &[20]);
    let new = Controllers::new(2, &[&public(4), &public(5)]).unwrap();
    let rotate = sign(
        Operation::next(&state, Change::Rotate(new)).unwrap(),
        &[4, 5],
    );
    let end = Change::Deactivate(vec![public(4), public(5)]);
    let end = sign(Operation::next(&state, end).unwrap(), &[4, 5]);
    let created = entry("01-01", &create);
    let claim = vec![created.clone(), by_controllers.clone()];
    assert_eq!(open(claim.clone()).unwrap_err().code(), "did/operation-gap");
    for entries in [
        vec![
            created.clone(),
            by_controllers.clone(),
            entry("02-02", &rotate),
        ],
        vec![
            created.clone(),
            entry("02-01", &end),
            by_controllers.clone(),
        ],
        vec![created.clone(), entry("03-01", &give), by_delegate],
    ] {
        assert!(open(entries.clone()).is_ok(), "{entries:?}");
    }
    // The same controllers may claim a gap in another DID of theirs.
    let elsewhere = Creation::new(&ledger(), controllers_of_two()).service(NewService::new(
        "files",
        "Files",
        "https://a.kr/",
    ));
    let elsewhere = sign(Operation::create(elsewhere).unwrap(), &[1, 2]);
    let elsewhere = step(None, &elsewhere, "01-01").unwrap();
    let elsewhere = gap(Operation::next(&elsewhere, remove()).unwrap(), &[1, 2]);
    assert!(open(vec![elsewhere, created.clone()]).is_ok());
    // As long as it stands, nothing is read, but the way out is open.
    let stuck = Ledgered::new(OpenLedger(ledger(), claim)).open();
    for out in [&rotate, &end] {
        // As far as to the ledger, which here takes nothing.
        assert_eq!(
            code(block_on(stuck.submit(out, time("02-02")))),
            "did/ledger"
        );
    }
    // Out of order is not missing.
    let late = vec![
        entry("01-01", &create),
        entry("02-01", &third),
        entry("02-01", &second),
    ];
    let (history, refused) = History::scan(&did, &late, &SOFTWARE).unwrap();
    assert_eq!(
        (history.events().len(), refused[0].error.code()),
        (2, "did/operation-reordered")
    );
    assert_eq!(
        open(vec![noise("01-01")]).unwrap_err().problem(),
        Problem::NotFound
    );
    assert_eq!(
        code(History::replay(&did, &[], &SOFTWARE)),
        "did/operation-not-created"
    );
}

#[test]
fn every_fault_has_a_code_of_its_own() {
    let codes: std::collections::BTreeSet<_> =
        OperationFault::ALL.iter().map(|f| f.code()).collect();
    assert_eq!(codes.len(), OperationFault::ALL.len());
    assert!(codes.iter().all(|code| code.starts_with("did/operation-")));
}

#[test]
fn the_life_cycle_of_opendid_is_a_profile() {
    use LifeCycleState::{Activated, Deactivated, Revoked, Terminated};
    // The transitions of OpenDID's ledger, row by row.
    for (from, allowed) in [
        (Activated, &[Activated, Deactivated, Revoked][..]),
        (Deactivated, &[Activated, Deactivated, Revoked]),
        (Revoked, &[Revoked, Terminated]),
        (Terminated, &[Terminated]),
    ] {
        for to in LifeCycleState::ALL {
            assert_eq!(from.may_become(to), allowed.contains(&to), "{from} {to}");
        }
    }
    for (wanted, permitted) in [
        (Use::SignAnew, &[Activated][..]),
        (Use::Update, &[Activated]),
        (Use::Restore, &[Deactivated]),
        (Use::CheckPastSignature, &[Activated, Deactivated, Revoked]),
        (Use::Resolve, &[Activated, Deactivated, Revoked, Terminated]),
    ] {
        for state in LifeCycleState::ALL {
            assert_eq!(
                state.permits(wanted),
                permitted.contains(&state),
                "{wanted:?} {state}"
            );
        }
    }
    let ledger = ledger();
    let check = |state: &DidState, change: Change, seeds: &[u8], at: &str| {
        let signed = sign(Operation::next(state, change).unwrap(), seeds);
        let event = decide(Some(state), &signed, &Context::new(&ledger, time(at))).unwrap();
        life_cycle::check(state, &event)
    };
    let state = created();
    assert_eq!(LifeCycleState::of(&state, time("01-01")), Activated);
    let lost = Change::Update(Update::new().revoke("phone").remove("issuing"));
    assert_eq!(
        check(&state, lost.clone(), &[1, 2], "02-01"),
        Ok(Deactivated)
    );
    let state = next(&state, lost, &[1, 2], "02-01").unwrap();
    // Out of use, only what puts it into use again is an update.
    assert_eq!(
        code(check(
            &state,
            Change::Update(Update::new().remove("files")),
            &[1, 2],
            "02-02"
        )),
        "did/life-cycle"
    );
    let found = Change::Update(
        Update::new()
            .key(NewKey::new("new", &public(12), &[Authentication]).expires(time("04-01"))),
    );
    assert_eq!(
        check(&state, found.clone(), &[1, 2], "02-02"),
        Ok(Activated)
    );
    let state = next(&state, found, &[1, 2], "02-02").unwrap();
    assert_eq!(LifeCycleState::of(&state, time("04-01")), Deactivated);
    // The method would allow the end at once; the profile has it expire first.
    let end = Change::Deactivate(vec![public(4), public(5)]);
    assert_eq!(
        code(check(&state, end.clone(), &[4, 5], "02-03")),
        "did/life-cycle"
    );
    let state = next(&state, nearer("05-01"), &[4, 5], "02-03").unwrap();
    assert_eq!(LifeCycleState::of(&state, time("05-01")), Revoked);
    assert_eq!(check(&state, end.clone(), &[4, 5], "05-01"), Ok(Terminated));
    let state = next(&state, end, &[4, 5], "05-01").unwrap();
    assert_eq!(LifeCycleState::of(&state, time("05-02")), Terminated);
}

fn controllers_of_two() -> Controllers {
    Controllers::new(2, &[&public(1), &public(2), &public(3)]).unwrap()
}

/// An event is applied where it was decided, and nowhere else: not on another branch of the same length.
#[test]
fn an_event_follows_on_the_state_that_it_was_decided_for() {
    let first = created();
    let remove = |id: &str| Change::Update(Update::new().remove(id));
    let one = next(&first, remove("files"), &[1, 2], "02-01").unwrap();
    let other = next(&first, remove("phone"), &[1, 2], "02-01").unwrap();
    let signed = sign(Operation::next(&one, remove("issuing")).unwrap(), &[1, 2]);
    let ledger = ledger();
    let event = decide(Some(&one), &signed, &Context::new(&ledger, time("03-01"))).unwrap();
    let mut state = Some(other.clone());
    apply(&mut state, &event);
    assert_eq!(state, Some(other));
    let mut state = Some(one);
    apply(&mut state, &event);
    assert_eq!(state.unwrap().sequence(), 3);
}

/// Section 10 of the method's specification.
#[test]
fn the_example_of_the_specification_holds() {
    let next = Commitments::new(1, &[&public(4)], &SOFTWARE).unwrap();
    let controllers = Controllers::new(1, &[&public(1), &public(2)]).unwrap();
    let creation = Creation::new(&ledger(), controllers.committed_to(next)).key(NewKey::new(
        "phone",
        &public(10),
        &[Authentication],
    ));
    let signed = sign(Operation::create(creation).unwrap(), &[1]);
    let did = signed.operation().did(&SOFTWARE).unwrap();
    let specification = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/did-kbtf.md");
    let specification = std::fs::read_to_string(specification).unwrap();
    let (_, after) = specification.split_once("```json\n").unwrap();
    let (example, after) = after.split_once("```").unwrap();
    let example = SignedOperation::parse(example).unwrap();
    assert_eq!(example, signed, "{} {did}", signed.to_json());
    // What it says can be read from it: who inspects an operation before he signs it need not read JSON.
    let operation = example.operation();
    let Change::Create(creation) = operation.change() else {
        panic!("{operation:?}");
    };
    assert_eq!(creation.ledger(), &ledger());
    assert_eq!(creation.controllers().threshold(), 1);
    let [phone] = creation.keys() else {
        panic!("{creation:?}");
    };
    assert_eq!(
        (phone.id(), phone.key(), phone.end()),
        ("phone", &public(10), None)
    );
    assert_eq!(phone.purposes(), [Authentication]);
    assert!(creation.services().is_empty() && creation.delegations().is_empty());
    assert_eq!((operation.previous(), operation.delegation()), (None, None));
    assert_eq!(
        example.signers().collect::<Vec<_>>(),
        [public(1).to_multikey()]
    );
    assert!(after.contains(&format!("`{did}`")), "{did}");
    assert!(step(None, &example, "01-01").is_ok());
}
