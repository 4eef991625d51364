//! Cases of the place of an operation, and of who may change what.

use super::{
    Authentication, Case, Change, Creation, Made, NewKey, NewService, Operation, SOFTWARE, Scope,
    SignedOperation, Story, Update, Value, at, controllers, creation, entry, forge, give, grant,
    json, ledger, public, publics, refusal, said, sign, update,
};

/// The place of an operation in the chain.
pub(super) fn chains() -> Made<Vec<Case>> {
    let first = Story::usual()?;
    let second = first
        .clone()
        .then(update(Update::new().remove("files")), &[1, 2], "02-01")?;
    let third = second
        .clone()
        .then(update(Update::new().revoke("phone")), &[1, 2], "03-01")?;
    let did = first.did()?.as_str();
    let of = |story: &Story, at: usize| -> Made<String> {
        let entry = story
            .entries
            .get(at)
            .and_then(|e| e.get("operation"))
            .and_then(Value::as_str);
        entry
            .map(str::to_owned)
            .ok_or_else(|| "no such entry".into())
    };
    let input = |entries: Vec<Value>| json!({"did": did, "entries": entries});
    let fork = first.attempt(update(Update::new().revoke("issuing")), &[1, 2])?;
    let requirements = &["DID-10", "X-02"];
    let change = |text: &str, member: &str, value: Value| -> Made<String> {
        let object: Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
        let object = forge::without(&forge::with(&object, member, value), "signatures");
        let operation = said(SignedOperation::parse(&object.to_string()))?;
        Ok(sign(operation.operation(), &[1, 2])?.to_json())
    };
    let next = second.attempt(update(Update::new().revoke("phone")), &[1, 2])?;
    let other_ledger = did.replace("seoul-1", "busan-1");
    let other_did = Story::begin(
        Creation::new(&ledger()?, controllers(1, &[1])?),
        &[1],
        "01-01",
    )?;
    let mut bent: Value = serde_json::from_str(&of(&first, 0)?).map_err(|e| e.to_string())?;
    bent = forge::replace(&bent, "/controllers/threshold", json!(1));
    let entries = |texts: &[(&str, String)]| {
        input(texts.iter().map(|(time, text)| entry(time, text)).collect())
    };
    let (one, two, three) = (of(&first, 0)?, of(&second, 1)?, of(&third, 2)?);
    Ok(vec![
        refusal(
            "nothing",
            (
                "an identity of which nothing is on the ledger",
                "원장에 아무것도 없는 신원",
            ),
            requirements,
            input(vec![]),
            &["notCreated"],
        ),
        refusal(
            "replayed",
            (
                "an operation that was applied already",
                "이미 적용된 작업의 재전송",
            ),
            requirements,
            second.input_with("03-01", &two)?,
            &["replayed"],
        ),
        refusal(
            "created-twice",
            ("a second creation", "두 번째 생성"),
            requirements,
            second.input_with("03-01", &one)?,
            &["replayed"],
        ),
        refusal(
            "fork",
            (
                "another operation in a place that is taken",
                "이미 자리가 찬 순번의 다른 작업(포크)",
            ),
            requirements,
            second.input_with("03-01", &fork)?,
            &["fork"],
        ),
        refusal(
            "gap",
            (
                "an operation with others missing before it",
                "앞의 작업이 빠진 작업",
            ),
            requirements,
            entries(&[("01-01", one.clone()), ("03-01", three.clone())]),
            &["gap"],
        ),
        refusal(
            "headless",
            ("a history without its beginning", "시작이 없는 이력"),
            requirements,
            entries(&[("02-01", two.clone())]),
            &["foreign", "notCreated"],
        ),
        refusal(
            "reordered",
            ("operations in the wrong order", "순서가 뒤바뀐 작업"),
            requirements,
            entries(&[
                ("01-01", one.clone()),
                ("01-01", three.clone()),
                ("01-01", two.clone()),
            ]),
            &["reordered"],
        ),
        refusal(
            "link",
            (
                "an operation behind another predecessor",
                "다른 작업 뒤에 이어진 작업",
            ),
            requirements,
            second.input_with(
                "03-01",
                &change(&next, "previous", first.state()?.head().to_string().into())?,
            )?,
            &["brokenLink"],
        ),
        refusal(
            "time",
            (
                "a ledger whose time runs backwards",
                "시간이 거꾸로 흐르는 원장",
            ),
            requirements,
            second.input_with("01-31", &next)?,
            &["timeBackwards"],
        ),
        refusal(
            "bent",
            (
                "a first operation that was bent: it is that of another identity",
                "변조된 첫 작업(다른 신원의 작업이 됨)",
            ),
            requirements,
            entries(&[("01-01", bent.to_string())]),
            &["foreign"],
        ),
        refusal(
            "other-ledger",
            (
                "the operations of an identity on another ledger",
                "다른 원장에 있는 신원의 작업",
            ),
            requirements,
            json!({"did": other_ledger, "entries": first.entries}),
            &["foreign"],
        ),
        refusal(
            "other-did",
            ("an operation of another identity", "다른 신원의 작업"),
            requirements,
            first.input_with(
                "02-01",
                &other_did.attempt(
                    update(Update::new().also_known_as(&["https://a.kr/"])),
                    &[1, 2],
                )?,
            )?,
            &["foreign"],
        ),
    ])
}

/// Who may change what.
pub(super) fn authority() -> Made<Vec<Case>> {
    let first = Story::usual()?;
    let revoke = || update(Update::new().revoke("phone"));
    let try_it =
        |change: Change, seeds: &[u8]| first.input_with("02-01", &first.attempt(change, seeds)?);
    let requirements = &["DID-08", "DID-10"];
    let simple = Story::begin(
        Creation::new(&ledger()?, controllers(1, &[1])?).key(NewKey::new(
            "phone",
            &public(10)?,
            &[Authentication],
        )),
        &[1],
        "01-01",
    )?;
    let tampered = |pointer: &str, value: Value| -> Made<Value> {
        let text = first.attempt(
            update(Update::new().revoke("phone").key(NewKey::new(
                "more",
                &public(12)?,
                &[Authentication],
            ))),
            &[1, 2],
        )?;
        let object: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
        first.input_with(
            "02-01",
            &forge::replace(&object, pointer, value).to_string(),
        )
    };
    let unsigned = {
        let creation = said(Operation::create(creation()?))?;
        let one = sign(&creation, &[1])?;
        json!({"did": said(one.operation().did(&SOFTWARE))?.as_str(), "entries": [entry("01-01", &one.to_json())]})
    };
    let ended = first
        .clone()
        .then(Change::Deactivate(publics(&[4, 5])?), &[4, 5], "02-01")?;
    let expired = Story::begin(creation()?.expires(at("02-01")?), &[1, 2], "01-01")?;
    let rotated = first
        .clone()
        .then(Change::Rotate(controllers(2, &[4, 5])?), &[4, 5], "02-01")?;
    Ok(vec![
        refusal(
            "one-of-two",
            (
                "fewer signatures than the threshold",
                "임계값보다 적은 서명",
            ),
            requirements,
            try_it(revoke(), &[1])?,
            &["threshold"],
        ),
        refusal(
            "creation-one-of-two",
            (
                "a creation with fewer signatures than its threshold",
                "임계값보다 적은 서명의 생성",
            ),
            requirements,
            unsigned,
            &["threshold"],
        ),
        refusal(
            "stranger",
            ("the signatures of strangers", "권한 없는 키의 서명"),
            requirements,
            try_it(revoke(), &[66, 67])?,
            &["notAuthorised"],
        ),
        refusal(
            "stranger-beside",
            (
                "a stranger's signature beside enough others",
                "충분한 서명 옆의 권한 없는 서명",
            ),
            requirements,
            try_it(revoke(), &[1, 2, 66])?,
            &["notAuthorised"],
        ),
        refusal(
            "document-key",
            (
                "the key that signs in as a controller",
                "인증용 키로 서명한 변경",
            ),
            requirements,
            try_it(revoke(), &[10, 11])?,
            &["notAuthorised"],
        ),
        refusal(
            "tampered",
            (
                "an operation that was changed after it was signed",
                "서명 후 변조된 작업",
            ),
            requirements,
            tampered("/keys/0/key", public(66)?.to_multikey().into())?,
            &["signature"],
        ),
        refusal(
            "false-signature",
            ("a false signature", "거짓 서명"),
            requirements,
            tampered("/signatures/1/signature", "A".repeat(86).into())?,
            &["signature"],
        ),
        refusal(
            "swapped-signatures",
            (
                "the signature of one controller under the name of another",
                "다른 통제자 이름으로 된 서명",
            ),
            requirements,
            tampered("/signatures/0/key", public(3)?.to_multikey().into())?,
            &["signature"],
        ),
        refusal(
            "thief-rotates",
            (
                "a rotation by stolen keys to keys that were not committed to",
                "탈취한 키로 약속되지 않은 키로 교체",
            ),
            requirements,
            try_it(Change::Rotate(controllers(1, &[66])?), &[1, 2, 3])?,
            &["notCommitted"],
        ),
        refusal(
            "rotation-mixed",
            (
                "a rotation to a committed key and another",
                "약속된 키와 다른 키를 섞은 교체",
            ),
            requirements,
            try_it(Change::Rotate(controllers(2, &[4, 66])?), &[4, 66])?,
            &["notCommitted"],
        ),
        refusal(
            "rotation-lower",
            (
                "a rotation below the committed threshold",
                "약속된 임계값보다 낮은 교체",
            ),
            requirements,
            try_it(Change::Rotate(controllers(1, &[4, 5])?), &[4, 5])?,
            &["notCommitted"],
        ),
        refusal(
            "rotation-by-old",
            (
                "a rotation that only the old keys sign",
                "이전 키만 서명한 교체",
            ),
            requirements,
            try_it(Change::Rotate(controllers(2, &[4, 5])?), &[1, 2])?,
            &["notAuthorised"],
        ),
        refusal(
            "rotation-by-one",
            (
                "a rotation that too few new keys sign",
                "새 키의 서명이 모자란 교체",
            ),
            requirements,
            try_it(Change::Rotate(controllers(2, &[4, 5])?), &[4])?,
            &["threshold"],
        ),
        refusal(
            "after-rotation",
            (
                "the old controllers after a rotation",
                "교체 이후 이전 통제자의 변경",
            ),
            requirements,
            rotated.input_with("03-01", &rotated.attempt(revoke(), &[1, 2])?)?,
            &["notAuthorised"],
        ),
        refusal(
            "thief-ends",
            ("a deactivation by stolen keys", "탈취한 키로 폐지"),
            requirements,
            try_it(Change::Deactivate(Vec::new()), &[1, 2])?,
            &["notAuthorised"],
        ),
        refusal(
            "end-not-committed",
            (
                "a deactivation by keys that were not committed to",
                "약속되지 않은 키로 폐지",
            ),
            requirements,
            try_it(Change::Deactivate(publics(&[1, 2])?), &[1, 2])?,
            &["notCommitted"],
        ),
        refusal(
            "end-by-one",
            (
                "a deactivation that too few committed keys sign",
                "약속된 키의 서명이 모자란 폐지",
            ),
            requirements,
            try_it(Change::Deactivate(publics(&[4, 5])?), &[4])?,
            &["threshold"],
        ),
        refusal(
            "end-reveals",
            (
                "revealed keys where nothing was committed to",
                "약속이 없는데 키를 공개한 폐지",
            ),
            requirements,
            simple.input_with(
                "02-01",
                &simple.attempt(Change::Deactivate(publics(&[1])?), &[1])?,
            )?,
            &["notCommitted"],
        ),
        refusal(
            "after-end",
            ("an operation after deactivation", "폐지 이후의 작업"),
            requirements,
            ended.input_with(
                "03-01",
                &ended.attempt(
                    update(Update::new().also_known_as(&["https://a.kr/"])),
                    &[1, 2],
                )?,
            )?,
            &["deactivated"],
        ),
        refusal(
            "after-expiry",
            (
                "an update of an identity that has expired",
                "만료된 신원의 변경",
            ),
            requirements,
            expired.input_with("02-01", &expired.attempt(revoke(), &[1, 2])?)?,
            &["expired"],
        ),
        refusal(
            "extended-after-expiry",
            ("an extension after expiry", "만료 후의 연장"),
            requirements,
            expired.input_with(
                "02-01",
                &expired.attempt(Change::expire(at("12-01")?), &[1, 2])?,
            )?,
            &["expired"],
        ),
        refusal(
            "rotated-after-expiry",
            ("a rotation after expiry", "만료 후의 통제자 교체"),
            requirements,
            expired.input_with(
                "03-01",
                &expired.attempt(Change::Rotate(controllers(2, &[4, 5])?), &[4, 5])?,
            )?,
            &["expired"],
        ),
    ])
}

pub(super) fn delegations() -> Made<Vec<Case>> {
    let agency = Story::usual()?.then(
        give(grant(
            "agency",
            &[20],
            &[Scope::Services, Scope::AddKeys],
            "03-01",
            "06-01",
        )?),
        &[1, 2],
        "01-02",
    )?;
    let act = |change: Change, id: &str, seeds: &[u8], time: &str| -> Made<Value> {
        let operation = said(Operation::delegated(agency.state()?, id, change))?;
        agency.input_with(time, &sign(&operation, seeds)?.to_json())
    };
    let serve =
        || update(Update::new().service(NewService::new("new", "Files", "https://new.example/")));
    let withdrawn = agency.clone().then(
        Change::Delegate {
            grant: Vec::new(),
            withdraw: vec!["agency".into()],
        },
        &[1, 2],
        "03-02",
    )?;
    let late = said(Operation::delegated(withdrawn.state()?, "agency", serve()))?;
    let late = withdrawn.input_with("03-03", &sign(&late, &[20])?.to_json())?;
    let again = withdrawn.attempt(
        give(grant(
            "agency",
            &[20],
            &[Scope::Services],
            "03-01",
            "06-01",
        )?),
        &[1, 2],
    )?;
    let requirements = &["DID-11"];
    Ok(vec![
        refusal(
            "delegate-early",
            ("a delegate before its time", "위임 기간 전의 작업"),
            requirements,
            act(serve(), "agency", &[20], "02-28")?,
            &["delegation"],
        ),
        refusal(
            "delegate-late",
            (
                "a delegate at the end of its time",
                "위임이 끝난 순간의 작업",
            ),
            requirements,
            act(serve(), "agency", &[20], "06-01")?,
            &["delegation"],
        ),
        refusal(
            "delegate-unknown",
            ("a delegation that was never given", "주어진 적 없는 위임"),
            requirements,
            act(serve(), "other", &[20], "03-01")?,
            &["delegation"],
        ),
        refusal(
            "delegate-withdrawn",
            ("a delegation that was withdrawn", "철회된 위임"),
            requirements,
            late,
            &["delegation"],
        ),
        refusal(
            "delegate-stranger",
            ("another key than the delegate's", "수임자가 아닌 키의 서명"),
            requirements,
            act(serve(), "agency", &[21], "03-01")?,
            &["notAuthorised"],
        ),
        refusal(
            "delegate-unsigned",
            (
                "a delegated operation that nobody signed",
                "서명 없는 위임 작업",
            ),
            requirements,
            act(serve(), "agency", &[], "03-01")?,
            &["threshold"],
        ),
        refusal(
            "delegate-by-controllers",
            (
                "controllers under the name of a delegation",
                "위임 이름으로 서명한 통제자",
            ),
            requirements,
            act(serve(), "agency", &[1, 2], "03-01")?,
            &["notAuthorised"],
        ),
        refusal(
            "delegate-names",
            (
                "a delegate that changes names without being given that",
                "위임받지 않은 다른 이름 변경",
            ),
            requirements,
            act(
                update(Update::new().also_known_as(&["https://a.kr/"])),
                "agency",
                &[20],
                "03-01",
            )?,
            &["outOfScope"],
        ),
        refusal(
            "delegate-revokes",
            (
                "a delegate that revokes without being given that",
                "위임받지 않은 키 폐기",
            ),
            requirements,
            act(
                update(Update::new().revoke("phone")),
                "agency",
                &[20],
                "03-01",
            )?,
            &["outOfScope"],
        ),
        refusal(
            "delegate-removes-key",
            (
                "a delegate for services that removes a key",
                "서비스만 위임받은 수임자의 키 삭제",
            ),
            requirements,
            act(
                update(Update::new().remove("phone")),
                "agency",
                &[20],
                "03-01",
            )?,
            &["outOfScope"],
        ),
        refusal(
            "delegate-expires",
            (
                "a delegate that ends the identity without being given that",
                "위임받지 않은 만료 설정",
            ),
            requirements,
            act(Change::expire(at("12-01")?), "agency", &[20], "03-01")?,
            &["outOfScope"],
        ),
        refusal(
            "delegation-again",
            (
                "a delegation under a name that was used",
                "이미 사용된 이름의 위임",
            ),
            requirements,
            withdrawn.input_with("03-03", &again)?,
            &["idReused"],
        ),
        refusal(
            "delegation-withdrawn-twice",
            ("a withdrawal of what is not there", "없는 위임의 철회"),
            requirements,
            withdrawn.input_with(
                "03-03",
                &withdrawn.attempt(
                    Change::Delegate {
                        grant: Vec::new(),
                        withdraw: vec!["agency".into()],
                    },
                    &[1, 2],
                )?,
            )?,
            &["unknownId"],
        ),
    ])
}
