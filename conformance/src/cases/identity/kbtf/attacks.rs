//! Cases of thieves, delegates and strangers, and of what readers could read in two ways.

use super::{
    AssertionMethod, Authentication, Case, Change, Commitments, Controllers, Creation,
    DelegationGrant, KeyType, Made, NewKey, Operation, SOFTWARE, Scope, SignedOperation, Signer,
    Story, Update, Value, accepted, at, controllers, creation, end_by, entry, forge, give, grant,
    json, ledger, public, publics, refusal, said, sign, signer, update,
};
use kbtf_did::VerificationRelationship::KeyAgreement;

pub(super) fn cases() -> Made<Vec<Case>> {
    let mut cases = thieves()?;
    cases.extend(one_use()?);
    cases.extend(delegates()?);
    cases.extend(claims()?);
    cases.extend(readings()?);
    cases.extend(more_lives()?);
    Ok(cases)
}

fn key(id: &str, seed: u8) -> Made<NewKey> {
    Ok(NewKey::new(id, &public(seed)?, &[Authentication]))
}

fn committed(keys: &[u8], next: &[u8]) -> Made<Controllers> {
    let next = publics(next)?;
    let next = Commitments::new(1, &next.iter().collect::<Vec<_>>(), &SOFTWARE);
    Ok(controllers(1, keys)?.committed_to(said(next)?))
}

fn simple() -> Made<Creation> {
    Ok(Creation::new(&ledger()?, controllers(1, &[1])?))
}

/// A history of one creation that nobody has looked at.
fn born(creation: Creation, seeds: &[u8]) -> Made<Value> {
    let signed = sign(&said(Operation::create(creation))?, seeds)?;
    let did = said(signed.operation().did(&SOFTWARE))?;
    Ok(json!({"did": did.as_str(), "entries": [entry("01-01", &signed.to_json())]}))
}

/// The text of an operation with something else in it, signed again.
fn altered(text: &str, pointer: &str, value: Value, seeds: &[u8]) -> Made<String> {
    let text: Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let text = forge::replace(&text, pointer, value).to_string();
    let operation = said(SignedOperation::parse(&text))?.operation().clone();
    Ok(sign(&operation, seeds)?.to_json())
}

fn by_delegate(story: &Story, id: &str, change: Change, seeds: &[u8]) -> Made<SignedOperation> {
    sign(
        &said(Operation::delegated(story.state()?, id, change))?,
        seeds,
    )
}

/// Who has stolen the keys of today.
fn thieves() -> Made<Vec<Case>> {
    let requirements = &["DID-08", "DID-10"];
    let first = Story::usual()?;
    let ending = first
        .clone()
        .then(end_by(at("12-24")?, &[4, 5])?, &[4, 5], "02-01")?;
    let sooner = ending
        .clone()
        .then(end_by(at("12-01")?, &[5, 6])?, &[5, 6], "02-02")?;
    let open = Story::begin(simple()?.expires(at("12-01")?), &[1], "01-01")?;
    let open_sooner = open
        .clone()
        .then(Change::expire(at("11-30")?), &[1], "02-01")?;
    let given = first.clone().then(
        give(grant("mine", &[66], &[Scope::AddKeys], "01-01", "12-31")?),
        &[1, 2],
        "02-01",
    )?;
    let rotated = given
        .clone()
        .then(Change::Rotate(controllers(2, &[4, 5])?), &[4, 5], "02-02")?;
    let late = by_delegate(
        &rotated,
        "mine",
        update(Update::new().key(key("bad", 67)?)),
        &[66],
    )?;
    let attempt = |story: &Story, change: Change, seeds: &[u8]| -> Made<Value> {
        story.input_with("02-03", &story.attempt(change, seeds)?)
    };
    Ok(vec![
        accepted(
            "ended-sooner",
            (
                "committed keys bring the end nearer",
                "미리 약속한 키가 만료일을 앞당긴다",
            ),
            requirements,
            sooner.input()?,
            sooner.value("ACTIVATED")?,
        ),
        accepted(
            "ended-sooner-open",
            (
                "without commitments the controllers bring the end nearer",
                "약속한 키가 없으면 통제자가 만료일을 앞당긴다",
            ),
            requirements,
            open_sooner.input()?,
            open_sooner.value("DEACTIVATED")?,
        ),
        refusal(
            "stolen-end",
            (
                "an end that a thief of today's keys sets",
                "현재 키를 훔친 자의 만료 설정",
            ),
            requirements,
            attempt(&first, Change::expire(at("02-04")?), &[1, 2, 3])?,
            &["notCommitted"],
        ),
        refusal(
            "stolen-end-nearer",
            (
                "an end that a thief brings nearer",
                "현재 키를 훔친 자의 만료일 단축",
            ),
            requirements,
            attempt(&ending, Change::expire(at("02-04")?), &[1, 2, 3])?,
            &["notCommitted"],
        ),
        refusal(
            "stolen-end-own",
            (
                "an end for which a thief shows his own keys",
                "자기 키를 내보인 만료 설정",
            ),
            requirements,
            attempt(&first, end_by(at("02-04")?, &[1, 2])?, &[1, 2])?,
            &["notCommitted"],
        ),
        refusal(
            "stolen-end-shown",
            (
                "an end for which committed keys are shown that do not sign",
                "약속한 키를 내보이기만 한 만료 설정",
            ),
            requirements,
            attempt(&first, end_by(at("02-04")?, &[4, 5])?, &[1, 2])?,
            &["notAuthorised"],
        ),
        refusal(
            "end-shown-for-nothing",
            (
                "keys shown where none were committed to",
                "약속 없이 내보인 키",
            ),
            requirements,
            attempt(&open, end_by(at("02-04")?, &[4])?, &[1])?,
            &["notCommitted"],
        ),
        refusal(
            "delegation-after-rotation",
            (
                "a delegation by controllers who were rotated out",
                "교체된 통제자가 준 위임",
            ),
            requirements,
            rotated.input_with("02-03", &late.to_json())?,
            &["delegation"],
        ),
        refusal(
            "rotation-blocked",
            (
                "a next key in the document, which would stop the rotation",
                "교체를 막으려고 문서에 넣은 차기 키",
            ),
            requirements,
            attempt(&first, update(Update::new().key(key("block", 4)?)), &[1, 2])?,
            &["keyReused"],
        ),
    ])
}

/// A key has one use.
fn one_use() -> Made<Vec<Case>> {
    let requirements = &["DID-08"];
    let open = Story::begin(simple()?.key(key("phone", 10)?), &[1], "01-01")?;
    let revoked = open
        .clone()
        .then(update(Update::new().revoke("phone")), &[1], "02-01")?;
    let moved = open.clone().then(
        update(Update::new().remove("phone").key(key("telephone", 10)?)),
        &[1],
        "02-01",
    )?;
    let agency = |seed: u8| grant("agency", &[seed], &[Scope::Services], "01-01", "12-01");
    let given = open.clone().then(give(agency(20)?), &[1], "02-01")?;
    let withdrawn = given.clone().then(
        Change::Delegate {
            grant: Vec::new(),
            withdraw: vec!["agency".into()],
        },
        &[1],
        "02-02",
    )?;
    let freed = withdrawn.clone().then(
        update(Update::new().key(key("was-agency", 20)?)),
        &[1],
        "02-03",
    )?;
    let attempt = |story: &Story, change: Change| -> Made<Value> {
        story.input_with("02-03", &story.attempt(change, &[1])?)
    };
    let mut cases = vec![
        accepted(
            "key-moved",
            (
                "a key that is removed may stand under another id",
                "삭제한 키는 다른 id로 둘 수 있다",
            ),
            requirements,
            moved.input()?,
            moved.value("ACTIVATED")?,
        ),
        accepted(
            "key-freed",
            (
                "the key of a delegation that was withdrawn is free",
                "철회된 위임의 키는 다시 쓸 수 있다",
            ),
            requirements,
            freed.input()?,
            freed.value("ACTIVATED")?,
        ),
    ];
    for (id, (en, ko), input) in [
        (
            "key-twice",
            ("a key that stands in the document", "이미 문서에 있는 키"),
            attempt(&open, update(Update::new().key(key("again", 10)?)))?,
        ),
        (
            "key-back",
            ("a revoked key under another id", "다른 id로 돌아온 폐기 키"),
            attempt(&revoked, update(Update::new().key(key("again", 10)?)))?,
        ),
        (
            "key-twice-new",
            ("a new key under two ids", "두 id로 추가된 키"),
            attempt(
                &open,
                update(Update::new().key(key("a", 12)?).key(key("b", 12)?)),
            )?,
        ),
        (
            "delegate-in-document",
            (
                "a delegate's key in the document",
                "문서에 들어간 수임자 키",
            ),
            attempt(&given, update(Update::new().key(key("agency", 20)?)))?,
        ),
        (
            "document-key-delegate",
            (
                "a key of the document as a delegate's",
                "수임자 키로 쓴 문서 키",
            ),
            attempt(&open, give(agency(10)?))?,
        ),
        (
            "committed-document-key",
            (
                "a commitment to a key of the document",
                "문서 키를 차기 키로 약속",
            ),
            attempt(&open, Change::Rotate(committed(&[1], &[2, 10])?))?,
        ),
        (
            "committed-own",
            (
                "a commitment to a controller's own key",
                "통제자 자신의 키를 차기 키로 약속",
            ),
            born(Creation::new(&ledger()?, committed(&[1], &[1])?), &[1])?,
        ),
        (
            "created-committed",
            (
                "a creation with a committed key in the document",
                "약속한 키가 문서에 든 생성",
            ),
            born(
                Creation::new(&ledger()?, committed(&[1], &[2])?).key(key("next", 2)?),
                &[1],
            )?,
        ),
        (
            "created-delegate",
            (
                "a creation with a delegate's key in the document",
                "수임자 키가 문서에 든 생성",
            ),
            born(
                simple()?.delegation(agency(10)?).key(key("agency", 10)?),
                &[1],
            )?,
        ),
    ] {
        cases.push(refusal(id, (en, ko), requirements, input, &["keyReused"]));
    }
    Ok(cases)
}

/// What delegates may and may not, beyond their words.
fn delegates() -> Made<Vec<Case>> {
    let requirements = &["DID-11"];
    let born_with = creation()?
        .expires(at("12-20")?)
        .delegation(said(DelegationGrant::new(
            "office",
            (2, &[&public(20)?, &public(21)?, &public(22)?]),
            &[Scope::RetireKeys, Scope::AlsoKnownAs, Scope::Expire],
            (at("01-01")?, at("12-01")?),
        ))?);
    let office = Story::begin(born_with, &[1, 2], "01-01")?;
    let act =
        |story: &Story, change: Change, seeds: &[u8]| by_delegate(story, "office", change, seeds);
    let retire = || update(Update::new().revoke("phone").remove("issuing"));
    let retired = office
        .clone()
        .with(&act(&office, retire(), &[20, 22])?, "02-01")?;
    let named = office.clone().with(
        &act(
            &office,
            update(Update::new().also_known_as(&["https://a.example/"])),
            &[20, 21],
        )?,
        "02-01",
    )?;
    let extended = office.clone().with(
        &act(&office, Change::expire(at("12-30")?), &[21, 22])?,
        "02-01",
    )?;
    let attempt = |change: Change, seeds: &[u8]| -> Made<Value> {
        office.input_with("02-01", &act(&office, change, seeds)?.to_json())
    };
    let mut cases = Vec::new();
    for (id, (en, ko), story, word) in [
        (
            "delegate-retires",
            (
                "two of three delegates retire keys",
                "수임자 셋 중 둘이 키를 폐기·삭제한다",
            ),
            &retired,
            "DEACTIVATED",
        ),
        (
            "delegate-names",
            ("delegates change names", "수임자가 다른 이름을 바꾼다"),
            &named,
            "ACTIVATED",
        ),
        (
            "delegate-extends",
            ("delegates put the end off", "수임자가 만료일을 늦춘다"),
            &extended,
            "ACTIVATED",
        ),
    ] {
        cases.push(accepted(
            id,
            (en, ko),
            requirements,
            story.input()?,
            story.value(word)?,
        ));
    }
    for (id, (en, ko), input, reason) in [
        (
            "delegate-alone",
            (
                "one delegate where it takes two",
                "둘이 필요한데 혼자 서명한 수임자",
            ),
            attempt(retire(), &[20])?,
            "threshold",
        ),
        (
            "delegate-removes-nothing",
            (
                "a delegate that removes what is not there",
                "없는 것을 삭제하는 수임자",
            ),
            attempt(update(Update::new().remove("nothing")), &[20, 21])?,
            "unknownId",
        ),
        (
            "delegate-ends",
            (
                "a delegate that brings the end nearer",
                "만료일을 앞당기는 수임자",
            ),
            attempt(Change::expire(at("02-02")?), &[20, 21])?,
            "outOfScope",
        ),
        (
            "delegate-same-end",
            (
                "a delegate that says the same end again",
                "같은 만료일을 다시 정하는 수임자",
            ),
            attempt(Change::expire(at("12-20")?), &[20, 21])?,
            "outOfScope",
        ),
    ] {
        cases.push(refusal(id, (en, ko), requirements, input, &[reason]));
    }
    Ok(cases)
}

/// Claims that something is missing, on ledgers on which anybody writes.
fn claims() -> Made<Vec<Case>> {
    let requirements = &["DID-10", "X-02"];
    let first = Story::usual()?;
    let did = first.did()?.as_str();
    let open = |story: &Story, more: &[Value]| {
        let mut entries = story.entries.clone();
        entries.extend_from_slice(more);
        json!({"did": did, "entries": entries, "open": true})
    };
    let remove = || update(Update::new().remove("files"));
    let far =
        |text: &str, seeds: &[u8]| altered(text, "/sequence", json!(9_000_000_000_000_i64), seeds);
    let claim = entry("01-02", &far(&first.attempt(remove(), &[1, 2])?, &[1, 2])?);
    let rotated = first
        .clone()
        .then(Change::Rotate(controllers(2, &[4, 5])?), &[4, 5], "02-01")?;
    let ended = first
        .clone()
        .then(Change::Deactivate(publics(&[4, 5])?), &[4, 5], "02-01")?;
    let given = first.clone().then(
        give(grant(
            "agency",
            &[20],
            &[Scope::Services],
            "01-01",
            "12-01",
        )?),
        &[1, 2],
        "01-02",
    )?;
    let delegated = by_delegate(&given, "agency", remove(), &[20])?.to_json();
    let delegated = entry("01-03", &far(&delegated, &[20])?);
    Ok(vec![
        refusal(
            "open-claimed",
            (
                "an open ledger on which the controllers say that something is missing",
                "통제자가 누락을 주장하는 개방형 원장",
            ),
            requirements,
            open(&first, std::slice::from_ref(&claim)),
            &["gap"],
        ),
        accepted(
            "open-claimed-before-rotation",
            (
                "what controllers of before claim is noise",
                "교체된 통제자의 누락 주장은 잡음이다",
            ),
            requirements,
            open(&rotated, std::slice::from_ref(&claim)),
            rotated.value("ACTIVATED")?,
        ),
        accepted(
            "open-claimed-after-end",
            (
                "nobody makes a deactivated identity unreadable",
                "누구도 종료된 신원을 읽지 못하게 할 수 없다",
            ),
            requirements,
            open(&ended, &[claim]),
            ended.value("TERMINATED")?,
        ),
        accepted(
            "open-claimed-by-delegate",
            (
                "what a delegate claims is noise",
                "수임자의 누락 주장은 잡음이다",
            ),
            requirements,
            open(&given, &[delegated]),
            given.value("ACTIVATED")?,
        ),
    ])
}

/// What readers could read in two ways.
fn readings() -> Made<Vec<Case>> {
    let requirements = &["DID-10", "X-02"];
    let first = Story::usual()?;
    let second = first
        .clone()
        .then(update(Update::new().remove("files")), &[1, 2], "02-01")?;
    let third = second
        .clone()
        .then(update(Update::new().revoke("phone")), &[1, 2], "02-01")?;
    let text = |story: &Story, at: usize| -> Made<Value> {
        story
            .entries
            .get(at)
            .cloned()
            .ok_or_else(|| "no such entry".into())
    };
    // Another second operation, after which the third does not come.
    let other = update(Update::new().revoke("issuing"));
    let other = altered(
        &first.attempt(other, &[1, 2])?,
        "/previous",
        "zQmPUdmizWQxEXwto2HbFzpBVAo1AdLA62Wi4zTHUhcCR6b".into(),
        &[1, 2],
    )?;
    let did = first.did()?.as_str();
    let strict = |entries: Vec<Value>| json!({"did": did, "entries": entries});
    let attempt = |text: &str| first.input_with("02-01", text);
    let signed = first.attempt(update(Update::new().remove("files")), &[1, 2])?;
    let unsigned = |signatures: Option<Value>| -> Made<String> {
        let value: Value = serde_json::from_str(&signed).map_err(|e| e.to_string())?;
        Ok(match signatures {
            Some(signatures) => forge::replace(&value, "/signatures", signatures),
            None => forge::without(&value, "signatures"),
        }
        .to_string())
    };
    let many = |count: usize| {
        update((0..count).fold(Update::new(), |update, i| update.remove(&format!("no{i}"))))
    };
    let ending = first.attempt(Change::Deactivate(publics(&[4, 5])?), &[4, 5])?;
    let shown = public(4)?.to_multikey();
    let ending: Value = serde_json::from_str(&ending).map_err(|e| e.to_string())?;
    let twice = forge::replace(&ending, "/reveal", json!([shown, shown]));
    let far = altered(&signed, "/sequence", json!(9_000_000_000_000_i64), &[1, 2])?;
    let guarded = creation()?.also_known_as("https://a.kr/0");
    let guarded = sign(&said(Operation::create(guarded))?, &[1, 2])?.to_json();
    let guarded = altered(
        &guarded,
        "/alsoKnownAs/0",
        "https://a.kr/01012345678".into(),
        &[1, 2],
    )?;
    let guarded = Story {
        entries: Vec::new(),
        state: None,
    }
    .with(&said(SignedOperation::parse(&guarded))?, "01-01")?;
    // Addresses and times at the edges of what there is.
    let address = |uri: &str| -> Made<Value> {
        let service = kbtf_did::did_kbtf::NewService::new("new", "Files", "https://a.kr/");
        let text = first.attempt(update(Update::new().service(service)), &[1, 2])?;
        let text: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
        attempt(&forge::replace(&text, "/services/0/endpoint", uri.into()).to_string())
    };
    let mut cases = Vec::new();
    for (id, uri) in [
        ("port-letters", "https://a:b/"),
        ("two-ports", "https://a:80:80/"),
        ("user", "https://a@b/"),
        ("brackets", "https://[::1]/"),
        ("path-brackets", "https://a.kr/[x]"),
        ("no-host", "https:///a"),
        ("no-path", "a:"),
        ("two-fragments", "https://a.kr/#a#b"),
        ("half-escape", "https://a.kr/%2"),
        ("line", "https://a.kr/\n"),
    ] {
        cases.push(refusal(
            &format!("address-{id}"),
            (&format!("the address {uri:?}"), &format!("주소 {uri:?}")),
            requirements,
            address(uri)?,
            &["structure"],
        ));
    }
    for (id, until) in [
        ("year-0", "0000-06-01T00:00:00Z"),
        ("offset", "2026-12-01T00:00:00+09:00"),
        ("zeros", "2026-12-01T00:00:00.10Z"),
        ("leap-second", "2026-12-31T23:59:60Z"),
        ("long-fraction", "2026-12-01T00:00:00.1234567891Z"),
    ] {
        let text = first.attempt(Change::expire(at("12-01")?), &[1, 2])?;
        let text: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
        cases.push(refusal(
            &format!("time-{id}"),
            (&format!("the time {until}"), &format!("시각 {until}")),
            requirements,
            attempt(&forge::replace(&text, "/expires", until.into()).to_string())?,
            &["structure"],
        ));
    }
    cases.extend([
        accepted(
            "same-time",
            ("two operations at one time", "같은 시각의 두 작업"),
            requirements,
            third.input()?,
            third.value("ACTIVATED")?,
        ),
        accepted(
            "reads-what-is-there",
            (
                "who reads does not judge by a guard that gets better with time",
                "읽는 쪽은 개인정보 검사로 이력을 바꾸지 않는다",
            ),
            &["DID-10", "DID-14"],
            guarded.input()?,
            guarded.value("ACTIVATED")?,
        ),
    ]);
    for (id, (en, ko), input, reason) in [
        (
            "missing-behind-fork",
            (
                "a missing operation that another in its place does not make up for",
                "다른 작업으로 메울 수 없는 누락",
            ),
            strict(vec![
                text(&third, 0)?,
                text(&third, 2)?,
                entry("02-01", &other),
            ]),
            "gap",
        ),
        (
            "far-away",
            ("a place beyond all places", "터무니없이 먼 자리"),
            attempt(&far)?,
            "gap",
        ),
        (
            "unsigned",
            (
                "an operation that nobody has signed",
                "아무도 서명하지 않은 작업",
            ),
            attempt(&unsigned(None)?)?,
            "threshold",
        ),
        (
            "signed-by-a-word",
            (
                "a signature by a key that is a word",
                "키가 아닌 낱말의 서명",
            ),
            attempt(&unsigned(Some(
                json!([{"key": "hello", "signature": "AAAA"}]),
            ))?)?,
            "notAuthorised",
        ),
        (
            "revealed-twice",
            ("a revealed key twice", "두 번 내보인 키"),
            attempt(&twice.to_string())?,
            "structure",
        ),
        (
            "removes-many",
            (
                "a removal of 96 things that are not there",
                "없는 것 96개의 삭제",
            ),
            attempt(&first.attempt(many(96), &[1, 2])?)?,
            "unknownId",
        ),
    ] {
        cases.push(refusal(id, (en, ko), requirements, input, &[reason]));
    }
    Ok(cases)
}

/// Lives that go on.
fn more_lives() -> Made<Vec<Case>> {
    let requirements = &["DID-02", "DID-08", "DID-10"];
    let first = Story::begin(
        Creation::new(&ledger()?, committed(&[1], &[2])?)
            .key(key("phone", 10)?)
            .also_known_as("https://a.example/"),
        &[1],
        "01-01",
    )?;
    let twice = first
        .clone()
        .then(Change::Rotate(committed(&[2], &[3])?), &[2], "02-01")?
        .then(Change::Rotate(controllers(1, &[3])?), &[3], "02-02")?;
    let open = Story::begin(simple()?, &[1], "01-01")?;
    let handed = open
        .clone()
        .then(Change::Rotate(controllers(1, &[2])?), &[1], "02-01")?;
    let nameless = first
        .clone()
        .then(update(Update::new().also_known_as(&[])), &[1], "02-01")?;
    let over = Story::begin(simple()?.expires(at("02-01")?), &[1], "01-01")?.then(
        Change::Deactivate(Vec::new()),
        &[1],
        "03-01",
    )?;
    let x25519 = signer(KeyType::X25519, 30).map(|s| Signer::public_key(&s).clone())?;
    let agreement = NewKey::new("box", &x25519, &[KeyAgreement]);
    let boxed = Story::begin(simple()?.key(agreement), &[1], "01-01")?;
    let secp256k1 = signer(KeyType::Secp256k1, 31)?;
    let both = NewKey::new(
        "coin",
        Signer::public_key(&secp256k1),
        &[Authentication, AssertionMethod],
    );
    let large = boxed
        .clone()
        .then(update(Update::new().key(both)), &[1], "02-01")?;
    let mut cases = Vec::new();
    for (id, (en, ko), story, word) in [
        (
            "rotated-twice",
            ("controllers are rotated again", "통제자를 다시 교체한다"),
            &twice,
            "ACTIVATED",
        ),
        (
            "handed-over",
            (
                "without commitments the controllers choose who follows",
                "약속한 키가 없으면 통제자가 다음 통제자를 정한다",
            ),
            &handed,
            "DEACTIVATED",
        ),
        (
            "nameless",
            ("other names are taken away", "다른 이름을 모두 없앤다"),
            &nameless,
            "ACTIVATED",
        ),
        (
            "over",
            (
                "an identity that has expired is deactivated",
                "만료된 신원을 종료한다",
            ),
            &over,
            "TERMINATED",
        ),
        (
            "agreement",
            (
                "a key for agreement alone proves nothing",
                "키 합의용 키만으로는 아무것도 증명하지 못한다",
            ),
            &boxed,
            "DEACTIVATED",
        ),
        (
            "secp256k1",
            (
                "other kinds of key stand in documents",
                "다른 종류의 키도 문서에 둘 수 있다",
            ),
            &large,
            "ACTIVATED",
        ),
    ] {
        cases.push(accepted(
            id,
            (en, ko),
            requirements,
            story.input()?,
            story.value(word)?,
        ));
    }
    Ok(cases)
}
