//! Cases of `did:kbtf`: what a history makes of an identity, and every way in which one does not hold.

mod attacks;

use kbtf_did::{
    Did, KeyType, PublicKey, SOFTWARE, Signer, SoftwareSigner, Timestamp,
    VerificationRelationship::{AssertionMethod, Authentication},
    did_kbtf::{
        Change, Commitments, Context, Controllers, Creation, DelegationGrant, DidState, LedgerName,
        NewKey, NewService, Operation, Scope, SignedOperation, Update, apply, decide,
    },
};
use serde_json::{Value, json};

use super::{case, forge, made, refused, script, suite};
use crate::{
    cases::exchange,
    suite::{Case, Suite},
};

type Made<T> = Result<T, String>;

fn said<T>(result: Result<T, kbtf_did::Error>) -> Made<T> {
    result.map_err(|e| e.to_string())
}

fn at(text: &str) -> Made<Timestamp> {
    said(format!("2026-{text}T00:00:00Z").parse())
}

fn ledger() -> Made<LedgerName> {
    said(LedgerName::parse("seoul-1"))
}

fn signer(key_type: KeyType, seed: u8) -> Made<SoftwareSigner<'static>> {
    super::key(key_type, seed).map(SoftwareSigner::new)
}

fn public(seed: u8) -> Made<PublicKey> {
    Ok(super::key(KeyType::Ed25519, seed)?.public_key().clone())
}

fn secret(seed: u8) -> Made<String> {
    Ok(super::key(KeyType::Ed25519, seed)?
        .to_multikey()
        .to_string())
}

fn publics(seeds: &[u8]) -> Made<Vec<PublicKey>> {
    seeds.iter().map(|seed| public(*seed)).collect()
}

fn controllers(threshold: usize, seeds: &[u8]) -> Made<Controllers> {
    let keys = publics(seeds)?;
    said(Controllers::new(
        threshold,
        &keys.iter().collect::<Vec<_>>(),
    ))
}

/// Keys 1 to 3 control, two of which must sign; 4 to 6 may follow; 10 signs in, 11 issues.
fn creation() -> Made<Creation> {
    let next = publics(&[4, 5, 6])?;
    let next = said(Commitments::new(
        2,
        &next.iter().collect::<Vec<_>>(),
        &SOFTWARE,
    ))?;
    let creation = Creation::new(&ledger()?, controllers(2, &[1, 2, 3])?.committed_to(next))
        .key(NewKey::new("phone", &public(10)?, &[Authentication]))
        .key(NewKey::new("issuing", &public(11)?, &[AssertionMethod]).expires(at("12-31")?))
        .service(NewService::new("files", "Files", "https://files.example/"));
    Ok(creation)
}

fn sign(operation: &Operation, seeds: &[u8]) -> Made<SignedOperation> {
    let signers: Vec<_> = seeds
        .iter()
        .map(|seed| signer(KeyType::Ed25519, *seed))
        .collect::<Made<_>>()?;
    let signers: Vec<&dyn Signer> = signers.iter().map(|s| s as &dyn Signer).collect();
    said(operation.clone().sign(&signers))
}

/// A history while it is being written.
#[derive(Clone)]
struct Story {
    entries: Vec<Value>,
    state: Option<DidState>,
}

fn entry(time: &str, operation: &str) -> Value {
    json!({"time": format!("2026-{time}T00:00:00Z"), "operation": operation})
}

impl Story {
    fn begin(creation: Creation, seeds: &[u8], time: &str) -> Made<Self> {
        let story = Self {
            entries: Vec::new(),
            state: None,
        };
        story.with(&sign(&said(Operation::create(creation))?, seeds)?, time)
    }

    /// The usual one.
    fn usual() -> Made<Self> {
        Self::begin(creation()?, &[1, 2], "01-01")
    }

    fn state(&self) -> Made<&DidState> {
        self.state.as_ref().ok_or_else(|| "not begun".into())
    }

    fn did(&self) -> Made<&Did> {
        self.state().map(DidState::did)
    }

    /// An operation that follows.
    fn with(mut self, signed: &SignedOperation, time: &str) -> Made<Self> {
        let ledger = ledger()?;
        let event = said(decide(
            self.state.as_ref(),
            signed,
            &Context::new(&ledger, at(time)?),
        ))?;
        apply(&mut self.state, &event);
        self.entries.push(entry(time, &signed.to_json()));
        Ok(self)
    }

    fn then(self, change: Change, seeds: &[u8], time: &str) -> Made<Self> {
        let operation = said(Operation::next(self.state()?, change))?;
        self.with(&sign(&operation, seeds)?, time)
    }

    /// The text of an operation that need not follow.
    fn attempt(&self, change: Change, seeds: &[u8]) -> Made<String> {
        let operation = said(Operation::next(self.state()?, change))?;
        Ok(sign(&operation, seeds)?.to_json())
    }

    fn input(&self) -> Made<Value> {
        Ok(json!({"did": self.did()?.as_str(), "entries": self.entries}))
    }

    /// The same, and one more entry.
    fn input_with(&self, time: &str, text: &str) -> Made<Value> {
        let mut entries = self.entries.clone();
        entries.push(entry(time, text));
        Ok(json!({"did": self.did()?.as_str(), "entries": entries}))
    }

    /// What the history makes.
    fn value(&self, state: &str) -> Made<Value> {
        let own = self.state()?;
        let document: Value = serde_json::from_str(&said(own.document())?.as_object().to_json())
            .map_err(|e| e.to_string())?;
        let mut metadata =
            json!({"versionId": own.version_id(), "created": own.created().to_string()});
        if own.sequence() > 1 {
            forge::set(&mut metadata, "updated", own.updated().to_string().into());
        }
        if let Some(expires) = own.expires() {
            forge::set(&mut metadata, "expires", expires.to_string().into());
        }
        if own.is_deactivated() {
            forge::set(&mut metadata, "deactivated", true.into());
        }
        Ok(json!({"document": document, "metadata": metadata, "state": state}))
    }
}

const NOW: &str = "2026-11-22T00:00:00Z";

pub(super) fn suite_of_kbtf() -> Made<Suite> {
    let mut cases = lives()?;
    cases.extend(versions()?);
    cases.extend(makers()?);
    cases.extend(chains()?);
    cases.extend(authority()?);
    cases.extend(delegations()?);
    cases.extend(contents()?);
    cases.extend(shapes()?);
    cases.extend(open_ledgers()?);
    cases.extend(attacks::cases()?);
    Ok(suite(
        "did/kbtf",
        "did",
        "The method did:kbtf: the whole life of an identity on any ledger",
        "did:kbtf 메서드: 모든 원장에서의 분산신원 전체 생애주기",
        cases
            .into_iter()
            .map(|case| case.features(&["did-kbtf"]))
            .collect(),
    ))
}

fn accepted(
    id: &str,
    (en, ko): (&str, &str),
    requirements: &[&str],
    input: Value,
    value: Value,
) -> Case {
    let titles = (&*format!("did:kbtf: {en}"), &*format!("did:kbtf: {ko}"));
    case(
        &format!("did-kbtf-{id}"),
        titles,
        requirements,
        "did.resolve",
        input,
        made(value),
    )
}

fn refusal(
    id: &str,
    (en, ko): (&str, &str),
    requirements: &[&str],
    input: Value,
    reasons: &[&str],
) -> Case {
    let titles = (
        &*format!("did:kbtf refuses {en}"),
        &*format!("did:kbtf 거부: {ko}"),
    );
    case(
        &format!("did-kbtf-refuse-{id}"),
        titles,
        requirements,
        "did.resolve",
        input,
        refused(reasons),
    )
}

/// An end that keys which were committed to are shown for.
fn end_by(expires: Timestamp, reveal: &[u8]) -> Made<Change> {
    Ok(Change::Expire {
        expires,
        reveal: publics(reveal)?,
    })
}

fn update(update: Update) -> Change {
    Change::Update(update)
}

fn grant(
    id: &str,
    seeds: &[u8],
    scope: &[Scope],
    from: &str,
    until: &str,
) -> Made<DelegationGrant> {
    let keys = publics(seeds)?;
    let keys: Vec<&PublicKey> = keys.iter().collect();
    said(DelegationGrant::new(
        id,
        (1, &keys),
        scope,
        (at(from)?, at(until)?),
    ))
}

fn give(grant: DelegationGrant) -> Change {
    Change::Delegate {
        grant: vec![grant],
        withdraw: Vec::new(),
    }
}

/// Whole lives, each a step further.
fn lives() -> Made<Vec<Case>> {
    let all = &["DID-01", "DID-02", "DID-10", "DID-11"];
    let created = Story::usual()?;
    let updated = created.clone().then(
        update(
            Update::new()
                .revoke("phone")
                .remove("files")
                .key(NewKey::new(
                    "tablet",
                    &public(12)?,
                    &[Authentication, AssertionMethod],
                ))
                .also_known_as(&["https://www.example.kr/"]),
        ),
        &[3, 1],
        "02-01",
    )?;
    let rotated =
        created
            .clone()
            .then(Change::Rotate(controllers(2, &[4, 6])?), &[4, 6], "02-01")?;
    let after_rotation =
        rotated
            .clone()
            .then(update(Update::new().remove("phone")), &[6, 4], "02-02")?;
    let agency = created.clone().then(
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
    let operation = said(Operation::delegated(
        agency.state()?,
        "agency",
        update(Update::new().remove("files").key(NewKey::new(
            "card",
            &public(13)?,
            &[Authentication],
        ))),
    ))?;
    let delegated = agency.clone().with(&sign(&operation, &[20])?, "03-01")?;
    let withdrawn = agency.clone().then(
        Change::Delegate {
            grant: Vec::new(),
            withdraw: vec!["agency".into()],
        },
        &[1, 2],
        "03-02",
    )?;
    let expiring = created
        .clone()
        .then(end_by(at("12-24")?, &[4, 5])?, &[4, 5], "02-01")?;
    let longer = expiring.clone().then(
        Change::expire(said("2027-12-24T00:00:00Z".parse())?),
        &[1, 2],
        "12-23",
    )?;
    let ended = created
        .clone()
        .then(Change::Deactivate(publics(&[5, 6])?), &[5, 6], "02-01")?;
    let lost = created.clone().then(
        update(Update::new().revoke("phone").revoke("issuing")),
        &[1, 2],
        "02-01",
    )?;
    let found = lost.clone().then(
        update(Update::new().key(NewKey::new("new", &public(12)?, &[Authentication]))),
        &[1, 2],
        "02-02",
    )?;
    let mut spaced = created.entries.clone();
    if let Some(text) = spaced.first_mut().and_then(|e| e.get_mut("operation")) {
        let value: Value =
            serde_json::from_str(text.as_str().unwrap_or_default()).map_err(|e| e.to_string())?;
        *text = serde_json::to_string_pretty(&value)
            .map_err(|e| e.to_string())?
            .into();
    }
    let simple = Story::begin(
        Creation::new(&ledger()?, controllers(1, &[1])?),
        &[1],
        "01-01",
    )?;
    let simple_end = simple
        .clone()
        .then(Change::Deactivate(Vec::new()), &[1], "01-02")?;
    let with_expiry = Story::begin(creation()?.expires(at("03-01")?), &[1, 2], "01-01")?;
    let mut cases = vec![
        accepted(
            "created",
            ("a creation makes a document", "생성하면 문서가 만들어진다"),
            all,
            created.input()?,
            created.value("ACTIVATED")?,
        ),
        accepted(
            "spelled",
            (
                "white space and order do not matter",
                "공백과 멤버 순서는 상관없다",
            ),
            all,
            json!({"did": created.did()?.as_str(), "entries": spaced}),
            created.value("ACTIVATED")?,
        ),
        accepted(
            "empty",
            (
                "an identity may have no keys",
                "키가 없는 신원도 있을 수 있다",
            ),
            all,
            simple.input()?,
            simple.value("DEACTIVATED")?,
        ),
        accepted(
            "updated",
            (
                "keys are added, revoked and removed",
                "키를 추가·폐기·삭제한다",
            ),
            all,
            updated.input()?,
            updated.value("ACTIVATED")?,
        ),
        accepted(
            "rotated",
            (
                "the keys that were committed to take over",
                "미리 약속한 키가 통제권을 이어받는다",
            ),
            &["DID-08", "DID-10"],
            rotated.input()?,
            rotated.value("ACTIVATED")?,
        ),
        accepted(
            "after-rotation",
            (
                "the new controllers change the document",
                "새 통제자가 문서를 변경한다",
            ),
            &["DID-08", "DID-10"],
            after_rotation.input()?,
            after_rotation.value("ACTIVATED")?,
        ),
        accepted(
            "delegated",
            (
                "an agency registers a key for a citizen",
                "기관이 이용자를 대신해 키를 등록한다",
            ),
            &["DID-11"],
            delegated.input()?,
            delegated.value("ACTIVATED")?,
        ),
        accepted(
            "withdrawn",
            ("a delegation is withdrawn", "위임을 철회한다"),
            &["DID-11"],
            withdrawn.input()?,
            withdrawn.value("ACTIVATED")?,
        ),
        accepted(
            "expiring",
            (
                "an identity that will expire says so in every key",
                "만료 예정인 신원은 모든 키에 만료일을 표시한다",
            ),
            &["DID-10"],
            expiring.input()?,
            expiring.value("ACTIVATED")?,
        ),
        accepted(
            "extended",
            (
                "an identity is extended before it expires",
                "만료 전에 기간을 연장한다",
            ),
            &["DID-10"],
            longer.input()?,
            longer.value("ACTIVATED")?,
        ),
        accepted(
            "expired",
            (
                "an identity that has expired is REVOKED",
                "만료된 신원은 REVOKED 상태이다",
            ),
            &["DID-10"],
            with_expiry.input()?,
            with_expiry.value("REVOKED")?,
        ),
        accepted(
            "ended",
            (
                "a deactivated identity has nothing left",
                "폐지된 신원에는 아무것도 남지 않는다",
            ),
            &["DID-10"],
            ended.input()?,
            ended.value("TERMINATED")?,
        ),
        accepted(
            "ended-simply",
            (
                "without commitments the controllers of the day deactivate",
                "약속된 키가 없으면 현재 통제자가 폐지한다",
            ),
            &["DID-10"],
            simple_end.input()?,
            simple_end.value("TERMINATED")?,
        ),
        accepted(
            "lost",
            (
                "an identity without a key in force is DEACTIVATED",
                "유효한 키가 없는 신원은 DEACTIVATED 상태이다",
            ),
            &["DID-10"],
            lost.input()?,
            lost.value("DEACTIVATED")?,
        ),
        accepted(
            "restored",
            (
                "with a key in force it is ACTIVATED again",
                "유효한 키가 생기면 다시 ACTIVATED 상태가 된다",
            ),
            &["DID-10"],
            found.input()?,
            found.value("ACTIVATED")?,
        ),
    ];
    for (key_type, name, feature) in [
        (KeyType::P256, "p256", "ecdsa-jcs-2019"),
        (KeyType::Secp256k1, "secp256k1", "secp256k1"),
    ] {
        let controller = signer(key_type, 1)?;
        let creation = Creation::new(
            &ledger()?,
            said(Controllers::new(1, &[controller.public_key()]))?,
        );
        let signed = said(said(Operation::create(creation))?.sign(&[&controller]))?;
        let story = Story {
            entries: Vec::new(),
            state: None,
        }
        .with(&signed, "01-01")?;
        let titles = (
            &*format!("a controller has a {key_type} key"),
            &*format!("통제자가 {key_type} 키를 쓴다"),
        );
        cases.push(
            accepted(
                &format!("controller-{name}"),
                titles,
                &["DID-05", "DID-06"],
                story.input()?,
                story.value("DEACTIVATED")?,
            )
            .features(&[feature]),
        );
        // From r and s anyone makes r and n − s.
        let mut text: Value = serde_json::from_str(&signed.to_json()).map_err(|e| e.to_string())?;
        let signature = said(controller.sign(signed.operation().signing_input()))?;
        let high = match key_type {
            KeyType::P256 => forge::flip_s(&signature)?,
            _ => super::kinds::flip_k1(&signature)?,
        };
        let high = kbtf_did::multibase::encode_base64url(&high).split_off(1);
        text = forge::replace(&text, "/signatures/0/signature", high.into());
        let input =
            json!({"did": story.did()?.as_str(), "entries": [entry("01-01", &text.to_string())]});
        let titles = (
            &*format!("the other form of an ECDSA signature on {key_type}"),
            &*format!("{key_type} ECDSA 서명의 다른 형태"),
        );
        cases.push(
            refusal(
                &format!("high-s-{name}"),
                titles,
                &["DID-05", "DID-06"],
                input,
                &["signature"],
            )
            .features(&[feature]),
        );
    }
    Ok(cases)
}

fn versions() -> Made<Vec<Case>> {
    let first = Story::usual()?;
    let second = first
        .clone()
        .then(update(Update::new().remove("files")), &[1, 2], "02-01")?;
    let third = second
        .clone()
        .then(Change::Deactivate(publics(&[4, 5])?), &[4, 5], "03-01")?;
    let ask = |more: &[(&str, &str)]| -> Made<Value> {
        let mut input = third.input()?;
        for (name, value) in more {
            forge::set(&mut input, name, (*value).into());
        }
        Ok(input)
    };
    let before = |story: &Story, next: &Story| -> Made<Value> {
        let mut value = story.value("TERMINATED")?;
        if let Some(metadata) = value.get_mut("metadata") {
            forge::set(metadata, "nextVersionId", next.state()?.version_id().into());
            forge::set(
                metadata,
                "nextUpdate",
                next.state()?.updated().to_string().into(),
            );
        }
        Ok(value)
    };
    let id = first.state()?.version_id();
    let unknown = id.replacen('1', "2", 1);
    let requirements = &["DID-10"];
    Ok(vec![
        accepted(
            "version-id",
            ("a version by its id", "버전 id로 조회"),
            requirements,
            ask(&[("versionId", &id)])?,
            before(&first, &second)?,
        ),
        accepted(
            "version-time",
            ("a version by time", "시각으로 버전 조회"),
            requirements,
            ask(&[("versionTime", "2026-02-15T00:00:00Z")])?,
            before(&second, &third)?,
        ),
        accepted(
            "version-moment",
            (
                "a version at the moment in which it began",
                "버전이 시작된 바로 그 시각으로 조회",
            ),
            requirements,
            ask(&[("versionTime", "2026-02-01T09:00:00+09:00")])?,
            before(&second, &third)?,
        ),
        accepted(
            "version-last",
            ("the last version by time", "마지막 버전을 시각으로 조회"),
            requirements,
            ask(&[("versionTime", NOW)])?,
            third.value("TERMINATED")?,
        ),
        refusal(
            "version-unknown",
            ("a version that does not exist", "없는 버전"),
            requirements,
            ask(&[("versionId", &unknown)])?,
            &["notFound"],
        ),
        refusal(
            "version-before",
            ("a time before the first", "생성 이전의 시각"),
            requirements,
            ask(&[("versionTime", "2025-12-31T23:59:59Z")])?,
            &["notFound"],
        ),
        refusal(
            "version-both",
            ("id and time at once", "버전 id와 시각을 동시에 지정"),
            requirements,
            ask(&[("versionId", &id), ("versionTime", NOW)])?,
            &["options"],
        ),
    ])
}

/// What a target makes itself, with the only signatures that there can be.
fn makers() -> Made<Vec<Case>> {
    let create = said(Operation::create(creation()?))?;
    let first = Story::usual()?;
    let change = said(Operation::next(
        first.state()?,
        update(Update::new().revoke("phone")),
    ))?;
    let second = first.clone().with(&sign(&change, &[2, 3])?, "02-01")?;
    let unsigned = |operation: &Operation| operation.clone().unsigned().to_json();
    let hash = |operation: &Operation| said(operation.hash(&SOFTWARE)).map(|hash| hash.to_string());
    let did = first.did()?.as_str();
    let step = |operation: &Operation, seeds: &[u8], name: &str| -> Made<_> {
        let secrets: Vec<String> = seeds
            .iter()
            .map(|seed| secret(*seed))
            .collect::<Made<_>>()?;
        let value = json!({"did": did, "hash": hash(operation)?});
        let mut exchange = exchange(
            "did.operation-sign",
            json!({"operation": unsigned(operation), "secretKeys": secrets}),
            made(value),
        );
        exchange.bind = [(name.to_owned(), "/operation".to_owned())].into();
        Ok(exchange)
    };
    let entries = json!([
        {"time": "2026-01-01T00:00:00Z", "operation": "${create}"},
        {"time": "2026-02-01T00:00:00Z", "operation": "${revoke}"}
    ]);
    let resolve = exchange(
        "did.resolve",
        json!({"did": did, "entries": entries}),
        made(second.value("ACTIVATED")?),
    );
    let titles = (
        "did:kbtf: what a target signs is what everybody takes",
        "did:kbtf: 대상이 서명한 작업을 그대로 받아들인다",
    );
    let life = script(
        "did-kbtf-life",
        titles,
        &["DID-10", "DID-11"],
        vec![
            step(&create, &[1, 2], "create")?,
            step(&change, &[2, 3], "revoke")?,
            resolve,
        ],
    );
    Ok(vec![life.features(&["issue"])])
}

/// The place of an operation in the chain.
fn chains() -> Made<Vec<Case>> {
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
fn authority() -> Made<Vec<Case>> {
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

fn delegations() -> Made<Vec<Case>> {
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

/// What may stand in a document.
fn contents() -> Made<Vec<Case>> {
    let first = Story::usual()?;
    let removed = first.clone().then(
        update(Update::new().remove("phone").revoke("issuing")),
        &[1, 2],
        "02-01",
    )?;
    let try_it = |story: &Story, change: Update| {
        story.input_with("03-01", &story.attempt(update(change), &[1, 2])?)
    };
    let new_key = |id: &str, seed: u8| -> Made<NewKey> {
        Ok(NewKey::new(id, &public(seed)?, &[Authentication]))
    };
    let service = |id: &str| NewService::new(id, "Files", "https://a.example/");
    let open = Story::begin(
        Creation::new(&ledger()?, controllers(1, &[1])?).key(new_key("phone", 10)?),
        &[1],
        "01-01",
    )?;
    let reused = open.input_with(
        "02-01",
        &open.attempt(Change::Rotate(controllers(1, &[10])?), &[1])?,
    )?;
    let born = |creation: Creation, seeds: &[u8]| -> Made<Value> {
        let signed = sign(&said(Operation::create(creation))?, seeds)?;
        Ok(
            json!({"did": said(signed.operation().did(&SOFTWARE))?.as_str(), "entries": [entry("01-01", &signed.to_json())]}),
        )
    };
    let many = (0..63_u8).try_fold(Update::new(), |update, i| -> Made<Update> {
        Ok(update.key(new_key(&format!("k{i}"), 100 + i)?))
    })?;
    let requirements = &["DID-02", "DID-08", "DID-10"];
    Ok(vec![
        refusal(
            "id-taken",
            ("an id that is taken", "이미 쓰이는 id"),
            requirements,
            try_it(&first, Update::new().key(new_key("phone", 12)?))?,
            &["idReused"],
        ),
        refusal(
            "id-taken-by-service",
            ("a key under the id of a service", "서비스의 id를 쓴 키"),
            requirements,
            try_it(&first, Update::new().key(new_key("files", 12)?))?,
            &["idReused"],
        ),
        refusal(
            "id-again",
            ("an id that was removed", "삭제된 id의 재사용"),
            requirements,
            try_it(&removed, Update::new().key(new_key("phone", 12)?))?,
            &["idReused"],
        ),
        refusal(
            "id-replaced",
            (
                "an id that the same operation removes",
                "같은 작업에서 삭제한 id의 재사용",
            ),
            requirements,
            try_it(
                &first,
                Update::new().remove("files").service(service("files")),
            )?,
            &["idReused"],
        ),
        refusal(
            "id-twice",
            ("an id twice in one operation", "한 작업에 두 번 나온 id"),
            requirements,
            try_it(
                &first,
                Update::new()
                    .key(new_key("new", 12)?)
                    .service(service("new")),
            )?,
            &["idReused"],
        ),
        refusal(
            "name-twice",
            ("another name twice", "두 번 나온 다른 이름"),
            requirements,
            try_it(
                &first,
                Update::new().also_known_as(&["https://a.kr/", "https://a.kr/"]),
            )?,
            &["idReused"],
        ),
        refusal(
            "remove-unknown",
            ("a removal of what is not there", "없는 것의 삭제"),
            requirements,
            try_it(&removed, Update::new().remove("phone"))?,
            &["unknownId"],
        ),
        refusal(
            "revoke-twice",
            ("a second revocation", "두 번째 폐기"),
            requirements,
            try_it(&removed, Update::new().revoke("issuing"))?,
            &["unknownId"],
        ),
        refusal(
            "revoke-service",
            ("a revocation of a service", "서비스의 폐기"),
            requirements,
            try_it(&first, Update::new().revoke("files"))?,
            &["unknownId"],
        ),
        refusal(
            "remove-and-revoke",
            (
                "a key removed and revoked at once",
                "삭제와 폐기를 동시에 한 키",
            ),
            requirements,
            try_it(&first, Update::new().remove("phone").revoke("phone"))?,
            &["unknownId"],
        ),
        refusal(
            "controller-in-document",
            (
                "a controller's key in the document",
                "문서에 들어간 통제자의 키",
            ),
            requirements,
            try_it(&first, Update::new().key(new_key("new", 1)?))?,
            &["keyReused"],
        ),
        refusal(
            "controller-in-creation",
            (
                "a controller's key in the first document",
                "첫 문서에 들어간 통제자의 키",
            ),
            requirements,
            born(
                Creation::new(&ledger()?, controllers(1, &[1])?).key(new_key("phone", 1)?),
                &[1],
            )?,
            &["keyReused"],
        ),
        refusal(
            "document-key-controls",
            (
                "a key of the document as a controller",
                "통제자가 된 문서의 키",
            ),
            requirements,
            reused,
            &["keyReused"],
        ),
        refusal(
            "key-expired",
            (
                "a key that has expired when it comes",
                "등록 시점에 이미 만료된 키",
            ),
            requirements,
            try_it(
                &first,
                Update::new().key(new_key("new", 12)?.expires(at("03-01")?)),
            )?,
            &["time"],
        ),
        refusal(
            "expires-past",
            ("an end in the past", "과거의 만료일"),
            requirements,
            first.input_with(
                "03-01",
                &first.attempt(end_by(at("02-01")?, &[4, 5])?, &[4, 5])?,
            )?,
            &["time"],
        ),
        refusal(
            "created-expired",
            ("a creation that has expired", "이미 만료된 생성"),
            requirements,
            born(
                Creation::new(&ledger()?, controllers(1, &[1])?).expires(at("01-01")?),
                &[1],
            )?,
            &["time"],
        ),
        refusal(
            "too-many-keys",
            ("more than 64 keys", "64개를 넘는 키"),
            requirements,
            try_it(&first, many)?,
            &["tooMany"],
        ),
    ])
}

/// The shape of operations, looked at where a target would sign.
fn shapes() -> Made<Vec<Case>> {
    let operation = said(Operation::create(creation()?))?;
    let text = operation.unsigned().to_json();
    let create: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let state = Story::usual()?;
    let change = said(Operation::next(
        state.state()?,
        update(Update::new().remove("files")),
    ))?;
    let change: Value =
        serde_json::from_str(&change.unsigned().to_json()).map_err(|e| e.to_string())?;
    let delegate = said(Operation::next(
        state.state()?,
        give(grant(
            "agency",
            &[20],
            &[Scope::Services],
            "03-01",
            "06-01",
        )?),
    ))?;
    let delegate: Value =
        serde_json::from_str(&delegate.unsigned().to_json()).map_err(|e| e.to_string())?;
    let secrets = json!([secret(1)?]);
    let x25519 = super::key(KeyType::X25519, 1)?.public_key().to_multikey();
    let mut cases = Vec::new();
    let mut bad = |id: &str, en: &str, ko: &str, text: String, reasons: &[&str]| {
        let titles = (
            &*format!("did:kbtf refuses to sign {en}"),
            &*format!("did:kbtf 서명 거부: {ko}"),
        );
        let input = json!({"operation": text, "secretKeys": secrets});
        cases.push(
            case(
                &format!("did-kbtf-sign-refuse-{id}"),
                titles,
                &["DID-10", "DID-14"],
                "did.operation-sign",
                input,
                refused(reasons),
            )
            .features(&["issue"]),
        );
    };
    let put = |object: &Value, pointer: &str, value: Value| {
        forge::replace(object, pointer, value).to_string()
    };
    let add =
        |object: &Value, name: &str, value: Value| forge::with(object, name, value).to_string();
    bad(
        "unknown-member",
        "a member that operations have not",
        "작업에 없는 멤버",
        add(&create, "note", "hello".into()),
        &["structure"],
    );
    bad(
        "unknown-operation",
        "an operation that there is not",
        "없는 종류의 작업",
        add(&create, "operation", "transfer".into()),
        &["structure"],
    );
    bad(
        "duplicate",
        "a member that occurs twice",
        "두 번 나온 멤버",
        text.replacen('{', r#"{"ledger":"busan-1","#, 1),
        &["structure"],
    );
    bad(
        "ledger",
        "a ledger's name in capitals",
        "대문자가 있는 원장 이름",
        add(&create, "ledger", "Seoul".into()),
        &["structure"],
    );
    bad(
        "threshold-zero",
        "a threshold of 0",
        "임계값 0",
        put(&create, "/controllers/threshold", json!(0)),
        &["structure"],
    );
    bad(
        "threshold-high",
        "a threshold above the number of keys",
        "키의 수보다 큰 임계값",
        put(&create, "/controllers/threshold", json!(4)),
        &["structure"],
    );
    bad(
        "threshold-fraction",
        "a threshold of one and a half",
        "정수가 아닌 임계값",
        put(&create, "/controllers/threshold", json!(1.5)),
        &["structure"],
    );
    bad(
        "controller-twice",
        "the same controller twice",
        "두 번 나온 통제자",
        put(
            &create,
            "/controllers/keys/1",
            public(1)?.to_multikey().into(),
        ),
        &["structure"],
    );
    bad(
        "controller-x25519",
        "a controller that cannot sign",
        "서명할 수 없는 통제자",
        put(&create, "/controllers/keys/1", x25519.into()),
        &["structure", "key", "unsupported"],
    );
    bad(
        "empty-array",
        "an empty array",
        "빈 배열",
        add(&create, "keys", json!([])),
        &["structure"],
    );
    bad(
        "no-purpose",
        "a key for no purpose",
        "용도가 없는 키",
        put(&create, "/keys/0/purposes", json!([])),
        &["structure"],
    );
    bad(
        "unknown-purpose",
        "a key for a purpose that there is not",
        "없는 용도의 키",
        put(&create, "/keys/0/purposes", json!(["signing"])),
        &["structure"],
    );
    bad(
        "time-zone",
        "a time in another spelling",
        "다른 표기의 시각",
        add(&create, "expires", "2027-01-01T09:00:00+09:00".into()),
        &["structure"],
    );
    bad(
        "id",
        "an id with a sharp",
        "#이 들어간 id",
        put(&create, "/keys/0/id", "#phone".into()),
        &["structure"],
    );
    bad(
        "type",
        "a service type of two words",
        "두 낱말로 된 서비스 유형",
        put(&create, "/services/0/type", "Linked Domains".into()),
        &["structure"],
    );
    bad(
        "endpoint",
        "an endpoint that is no URI",
        "URI가 아닌 서비스 주소",
        put(&create, "/services/0/endpoint", "here".into()),
        &["structure"],
    );
    bad(
        "description",
        "a service with a description",
        "설명이 붙은 서비스",
        put(
            &create,
            "/services/0",
            json!({"id": "files", "type": "Files", "endpoint": "https://a.kr/", "description": "of Hong"}),
        ),
        &["structure"],
    );
    bad(
        "secret-key",
        "a secret key in a public place",
        "공개 자리에 들어간 비밀키",
        put(&create, "/keys/0/key", secret(10)?.into()),
        &["key"],
    );
    bad(
        "small-order",
        "a key of small order",
        "위수가 작은 키",
        put(
            &create,
            "/keys/0/key",
            forge::multikey([0xed, 1], &[0; 32]).into(),
        ),
        &["key"],
    );
    bad(
        "phone",
        "a telephone number as an id",
        "전화번호 id",
        put(&create, "/keys/0/id", "010-1234-5678".into()),
        &["personalData"],
    );
    bad(
        "resident",
        "a resident number in a URL",
        "주소에 들어간 주민등록번호",
        put(
            &create,
            "/services/0/endpoint",
            "https://a.kr/900101-1234567".into(),
        ),
        &["personalData"],
    );
    bad(
        "mail",
        "an e-mail address",
        "전자우편주소",
        put(
            &create,
            "/services/0/endpoint",
            "mailto:hong@example.kr".into(),
        ),
        &["personalData"],
    );
    bad(
        "name",
        "a name in Korean in a URL",
        "주소에 들어간 한글 이름",
        put(
            &create,
            "/services/0/endpoint",
            "https://a.kr/%ED%99%8D%EA%B8%B8%EB%8F%99".into(),
        ),
        &["personalData"],
    );
    bad(
        "sequence-one",
        "a second operation in the first place",
        "첫 자리에 놓인 후속 작업",
        add(&change, "sequence", json!(1)),
        &["structure"],
    );
    bad(
        "previous",
        "a previous that is no hash",
        "해시가 아닌 이전 값",
        add(&change, "previous", "none".into()),
        &["structure"],
    );
    bad(
        "nothing",
        "an update that changes nothing",
        "아무것도 바꾸지 않는 변경",
        forge::without(&change, "remove").to_string(),
        &["structure"],
    );
    bad(
        "delegated-delegation",
        "a delegation by a delegate",
        "수임자의 재위임",
        add(&delegate, "delegation", "agency".into()),
        &["structure"],
    );
    bad(
        "scope",
        "a scope that there is not",
        "없는 위임 범위",
        put(&delegate, "/grant/0/scope", json!(["everything"])),
        &["structure"],
    );
    bad(
        "period",
        "a delegation that ends before it begins",
        "시작 전에 끝나는 위임",
        put(&delegate, "/grant/0/until", "2026-02-01T00:00:00Z".into()),
        &["time", "structure"],
    );
    Ok(cases)
}

/// Ledgers on which anybody writes anything.
fn open_ledgers() -> Made<Vec<Case>> {
    let first = Story::usual()?;
    let second = first
        .clone()
        .then(update(Update::new().remove("files")), &[1, 2], "02-01")?;
    let third = second
        .clone()
        .then(update(Update::new().revoke("phone")), &[1, 2], "03-01")?;
    let did = first.did()?.as_str();
    let text = |story: &Story, at: usize| story.entries.get(at).cloned().ok_or("no such entry");
    let forged = entry(
        "01-15",
        &first.attempt(update(Update::new().revoke("phone")), &[66, 67])?,
    );
    let noise = entry("01-20", "hello");
    let open = |entries: Vec<Value>| json!({"did": did, "entries": entries, "open": true});
    let (one, two, three) = (text(&third, 0)?, text(&third, 1)?, text(&third, 2)?);
    let junk = said(Operation::next(
        first.state()?,
        update(Update::new().remove("phone")),
    ))?;
    let junk = entry("03-02", &junk.unsigned().to_json());
    let requirements = &["DID-10", "X-02"];
    Ok(vec![
        accepted(
            "open-noise",
            (
                "on an open ledger noise is left out",
                "개방형 원장에서는 잡음을 걸러 낸다",
            ),
            requirements,
            open(vec![
                noise.clone(),
                one.clone(),
                forged.clone(),
                two.clone(),
                two.clone(),
                three.clone(),
            ]),
            third.value("ACTIVATED")?,
        ),
        refusal(
            "open-held-back",
            (
                "an open ledger from which something is held back",
                "작업 하나를 숨긴 개방형 원장",
            ),
            requirements,
            open(vec![one.clone(), three.clone()]),
            &["gap"],
        ),
        refusal(
            "open-hidden",
            (
                "an open ledger on which junk hides what is held back",
                "쓰레기 작업으로 누락을 감춘 개방형 원장",
            ),
            requirements,
            open(vec![one.clone(), three, junk]),
            &["gap"],
        ),
        refusal(
            "open-only-noise",
            (
                "an open ledger with nothing but noise",
                "잡음뿐인 개방형 원장",
            ),
            requirements,
            open(vec![noise.clone()]),
            &["notCreated"],
        ),
        refusal(
            "strict-noise",
            (
                "noise on a ledger that should have none",
                "잡음이 없어야 할 원장의 잡음",
            ),
            requirements,
            json!({"did": did, "entries": [one.clone(), noise]}),
            &["structure"],
        ),
        refusal(
            "strict-forged",
            (
                "a forged operation on a ledger that should have none",
                "위조 작업이 없어야 할 원장의 위조 작업",
            ),
            requirements,
            json!({"did": did, "entries": [one, forged]}),
            &["notAuthorised"],
        ),
    ])
}
