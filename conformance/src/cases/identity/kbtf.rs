//! Cases of `did:kbtf`: what a history makes of an identity, and every way in which one does not hold.

mod attacks;
mod authority;
mod contents;

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
    cases.extend(authority::chains()?);
    cases.extend(authority::authority()?);
    cases.extend(authority::delegations()?);
    cases.extend(contents::contents()?);
    cases.extend(contents::shapes()?);
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
