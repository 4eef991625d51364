//! Levels of assurance (X.1254) and the life of a credential.

use serde_json::{Value, json};

use super::{
    NOW, case,
    forge::{set, with, without},
    made, refused, suite,
};
use crate::suite::{Case, Suite};

pub(super) fn suite_of_assurance() -> Result<Suite, String> {
    let mut cases = levels()?;
    cases.extend(impacts());
    cases.extend(lives());
    Ok(suite(
        "vc/assurance",
        "vc",
        "Levels of assurance of X.1254 (2012), the level that an impact asks for, and the life of a credential",
        "X.1254(2012)의 보증 수준, 영향에 따라 요구되는 수준, 크리덴셜의 수명주기",
        cases,
    ))
}

/// The rules of table 5 and 7, written down here once more: what each level needs, those below aside.
const ENROLMENT: [&[&str]; 4] = [
    &["enrol-1", "enrol-3"],
    &["enrol-1", "enrol-4"],
    &["enrol-1", "enrol-5"],
    &["enrol-1", "enrol-2", "enrol-6"],
];
const MANAGEMENT: [&[&str]; 4] = [
    &[
        "cm-1", "cm-5", "cm-6", "cm-9", "cm-12", "cm-16", "cm-17", "cm-20",
    ],
    &[
        "cm-1", "cm-5", "cm-7", "cm-9", "cm-13", "cm-16", "cm-17", "cm-20",
    ],
    &[
        "cm-2", "cm-5", "cm-7", "cm-10", "cm-14", "cm-16", "cm-18", "cm-21",
    ],
    &[
        "cm-2", "cm-3", "cm-4", "cm-5", "cm-8", "cm-11", "cm-15", "cm-16", "cm-19", "cm-21",
    ],
];

fn met<'c>(controls: impl IntoIterator<Item = &'c str>) -> Vec<Value> {
    controls
        .into_iter()
        .map(|control| json!({"control": control, "outcome": "met", "at": "2026-11-01T00:00:00Z"}))
        .collect()
}

/// Everything that levels 1 to `upto` need, and the controls that risk has chosen.
fn up_to(level: usize) -> Vec<Value> {
    let mut controls: Vec<&str> = Vec::new();
    for table in [ENROLMENT, MANAGEMENT] {
        for needed in table.iter().take(level) {
            controls.extend(*needed);
        }
    }
    if level >= 3 {
        controls.push("auth-1");
    }
    controls.extend([
        "auth-2", "auth-6", "auth-7", "auth-10", "auth-13", "auth-16", "auth-19", "auth-20",
    ]);
    controls.sort_unstable();
    controls.dedup();
    met(controls)
}

/// A treatment of every threat of table 9.
fn risks() -> Value {
    json!({
        "general": "no control but several factors is named against it",
        "onlineGuessing": ["auth-2"],
        "offlineGuessing": ["auth-6"],
        "credentialDuplication": ["auth-7"],
        "phishing": ["auth-10"],
        "eavesdropping": ["auth-13"],
        "replay": ["auth-13"],
        "sessionHijacking": ["auth-16"],
        "manInTheMiddle": ["auth-10", "auth-16"],
        "credentialTheft": ["auth-19"],
        "spoofingAndMasquerading": ["auth-20"]
    })
}

fn assess(entity: &str, evidence: &[Value], risks: Option<Value>) -> Value {
    let mut input = json!({"framework": "itu-t-x1254", "edition": "2012", "entity": entity, "evidence": evidence});
    if let Some(risks) = risks {
        set(&mut input, "risks", risks);
    }
    input
}

fn answer(levels: [Option<&str>; 3], overall: Option<&str>) -> Value {
    let [enrolment, management, authentication] = levels;
    json!({
        "phases": {"enrolment": enrolment, "credentialManagement": management, "authentication": authentication},
        "overall": overall
    })
}

fn levels() -> Result<Vec<Case>, String> {
    let names = ["LoA1", "LoA2", "LoA3", "LoA4"];
    let threats = known_threats()?;
    let risks = {
        // Of the threats that the data has, the ones named here; one that is missing here would be a slip of this file.
        let given = risks();
        let missing = threats.iter().find(|t| given.get(t.as_str()).is_none());
        if let Some(missing) = missing {
            return Err(format!("no treatment of {missing}"));
        }
        given
    };
    let mut cases = Vec::new();
    let mut add = |id: &str, en: &str, ko: &str, requirement: &str, input: Value, value: Value| {
        let id = format!("vc-assurance-{id}");
        let case = case(
            &id,
            (en, ko),
            &[requirement],
            "assurance.assess",
            input,
            made(value),
        );
        cases.push(case.features(&["assurance"]));
    };
    for (i, level) in names.iter().enumerate() {
        // Through levels 1 and 2 authentication asks for the same.
        let authentication = if i < 2 { "LoA2" } else { "LoA4" };
        add(
            &format!("all-of-level-{}", i + 1),
            &format!("Everything that {level} needs"),
            &format!("{level}에 필요한 모든 통제"),
            "EAA-02",
            assess("person", &up_to(i + 1), Some(risks.clone())),
            answer(
                [Some(level), Some(level), Some(authentication)],
                Some(level),
            ),
        );
    }
    let all = up_to(4);
    let but = |control: &str| -> Vec<Value> {
        all.iter()
            .filter(|e| e.get("control").and_then(Value::as_str) != Some(control))
            .cloned()
            .collect()
    };
    let plus = |item: Value| [all.clone(), vec![item]].concat();
    let item = |control: &str, outcome: &str| json!({"control": control, "outcome": outcome, "at": "2026-11-02T00:00:00Z"});
    let full = |enrolment, management, authentication, overall| {
        answer([enrolment, management, authentication], overall)
    };
    let (l1, l2, l3, l4) = (Some("LoA1"), Some("LoA2"), Some("LoA3"), Some("LoA4"));
    let person = |evidence: &[Value]| assess("person", evidence, Some(risks.clone()));
    add(
        "nothing",
        "Nothing is known",
        "아무것도 확인되지 않음",
        "EAA-02",
        assess("person", &[], None),
        full(None, None, None, None),
    );
    add(
        "person-not-in-person",
        "A person who did not appear in person",
        "대면하지 않은 사람",
        "EAA-03",
        person(&but("enrol-2")),
        full(l3, l4, l4, l3),
    );
    add(
        "device-not-in-person",
        "A device need not appear in person",
        "비인격 개체는 대면이 필요 없음",
        "EAA-03",
        assess("nonPerson", &but("enrol-2"), Some(risks.clone())),
        full(l4, l4, l4, l4),
    );
    add(
        "no-policy",
        "The policy of proofing is not kept",
        "신원 검증 정책을 지키지 않음",
        "EAA-03",
        person(&but("enrol-1")),
        full(None, l4, l4, None),
    );
    add(
        "included",
        "A control that takes others over stands for them",
        "다른 통제를 포함하는 통제",
        "EAA-03",
        person(&met(["enrol-1", "enrol-5"])),
        full(l3, None, None, None),
    );
    add(
        "one-level-left-out",
        "What the level below needs is not met",
        "아래 수준의 통제가 빠짐",
        "EAA-04",
        person(&{
            // Neither #7 nor #8, which takes it over.
            let mut evidence = but("cm-7");
            evidence.retain(|e| e.get("control").and_then(Value::as_str) != Some("cm-8"));
            evidence
        }),
        full(l4, l1, l4, l1),
    );
    add(
        "hardware-missing",
        "No hardware",
        "하드웨어가 없음",
        "EAA-04",
        person(&but("cm-3")),
        full(l4, l3, l4, l3),
    );
    add(
        "not-met",
        "A control that was found not met later",
        "나중에 충족되지 않음이 확인된 통제",
        "EAA-04",
        person(&plus(item("cm-16", "notMet"))),
        full(l4, None, l4, None),
    );
    add(
        "not-met-at-one-time",
        "Of two findings at one time the worse counts",
        "같은 시각의 두 판정 중 나쁜 쪽",
        "EAA-04",
        person(&plus(with(
            &item("cm-16", "notMet"),
            "at",
            "2026-11-01T00:00:00Z".into(),
        ))),
        full(l4, None, l4, None),
    );
    add(
        "met-again",
        "Met, not met, and met again",
        "충족, 미충족, 다시 충족",
        "EAA-04",
        person(
            &[
                plus(item("cm-16", "notMet")),
                vec![with(
                    &item("cm-16", "met"),
                    "at",
                    "2026-11-03T00:00:00Z".into(),
                )],
            ]
            .concat(),
        ),
        full(l4, l4, l4, l4),
    );
    add(
        "not-applicable",
        "A condition that does not hold here",
        "조건이 해당되지 않는 통제",
        "EAA-04",
        person(
            &[
                but("cm-5"),
                vec![with(
                    &item("cm-5", "notApplicable"),
                    "reason",
                    "software only".into(),
                )],
            ]
            .concat(),
        ),
        full(l4, l4, l4, l4),
    );
    add(
        "not-applicable-no-reason",
        "The same without a reason",
        "사유가 없는 경우",
        "EAA-04",
        person(
            &[
                but("cm-5"),
                vec![with(&item("cm-5", "notApplicable"), "reason", " ".into())],
            ]
            .concat(),
        ),
        full(l4, None, l4, None),
    );
    add(
        "not-applicable-unconditional",
        "A control without a condition is always applicable",
        "조건이 없는 통제는 언제나 해당됨",
        "EAA-04",
        person(
            &[
                but("cm-16"),
                vec![with(
                    &item("cm-16", "notApplicable"),
                    "reason",
                    "why".into(),
                )],
            ]
            .concat(),
        ),
        full(l4, None, l4, None),
    );
    let expiring = |until: &str| {
        [
            but("cm-16"),
            vec![with(&item("cm-16", "met"), "until", until.into())],
        ]
        .concat()
    };
    add(
        "until-now",
        "Evidence that counts until this moment",
        "지금까지 유효한 증거",
        "EAA-04",
        person(&expiring(NOW)),
        full(l4, l4, l4, l4),
    );
    add(
        "expired",
        "Evidence that has expired",
        "만료된 증거",
        "EAA-04",
        person(&expiring("2026-11-21T23:59:59Z")),
        full(l4, None, l4, None),
    );
    add(
        "from-future",
        "Evidence of tomorrow",
        "내일의 증거",
        "EAA-04",
        person(
            &[
                but("cm-16"),
                vec![with(
                    &item("cm-16", "met"),
                    "at",
                    "2026-11-23T00:00:00Z".into(),
                )],
            ]
            .concat(),
        ),
        full(l4, None, l4, None),
    );
    add(
        "one-factor",
        "One factor only",
        "단일 인증요소",
        "EAA-05",
        person(&but("auth-1")),
        full(l4, l4, l2, l2),
    );
    add(
        "no-risk-assessment",
        "No risk assessment",
        "위험 평가가 없음",
        "EAA-05",
        assess("person", &all, None),
        full(l4, l4, None, None),
    );
    add(
        "threat-forgotten",
        "A threat was forgotten",
        "빠뜨린 위협",
        "EAA-05",
        assess("person", &all, Some(without(&risks, "phishing"))),
        full(l4, l4, None, None),
    );
    add(
        "threat-wrong-control",
        "A control that does nothing against the threat",
        "위협에 맞지 않는 통제",
        "EAA-05",
        assess(
            "person",
            &all,
            Some(with(&risks, "phishing", json!(["auth-2"]))),
        ),
        full(l4, l4, None, None),
    );
    add(
        "threat-no-control",
        "No control and no reason",
        "통제도 사유도 없음",
        "EAA-05",
        assess("person", &all, Some(with(&risks, "phishing", json!([])))),
        full(l4, l4, None, None),
    );
    add(
        "threat-blank-reason",
        "A blank reason",
        "빈 사유",
        "EAA-05",
        assess("person", &all, Some(with(&risks, "phishing", "  ".into()))),
        full(l4, l4, None, None),
    );
    add(
        "threat-not-applicable",
        "A threat that does not concern the system",
        "해당되지 않는 위협",
        "EAA-05",
        assess(
            "person",
            &all,
            Some(with(&risks, "phishing", "no mail is read here".into())),
        ),
        full(l4, l4, l4, l4),
    );
    add(
        "chosen-not-met",
        "A chosen control is not met",
        "선택한 통제가 충족되지 않음",
        "EAA-05",
        person(&but("auth-19")),
        full(l4, l4, None, None),
    );
    Ok(cases)
}

/// The threats of the authentication phase in the data.
fn known_threats() -> Result<Vec<String>, String> {
    use kbtf_vc::assurance::{BuiltIn, Framework};
    let framework = Framework::built_in(BuiltIn::X1254Of2012).map_err(|e| e.to_string())?;
    let of_phase = framework
        .threats()
        .iter()
        .filter(|t| t.phase() == "authentication");
    Ok(of_phase.map(|t| t.id().to_owned()).collect())
}

fn impacts() -> Vec<Case> {
    let input =
        |impacts: Value| json!({"framework": "itu-t-x1254", "edition": "2012", "impacts": impacts});
    let mut cases = Vec::new();
    let mut add = |id: &str, en: &str, ko: &str, impacts: Value, level: Option<&str>| {
        let id = format!("vc-assurance-impact-{id}");
        let expect = match level {
            Some(level) => made(json!({"level": level})),
            None => refused(&["structure"]),
        };
        let case = case(
            &id,
            (en, ko),
            &["EAA-06"],
            "assurance.impact",
            input(impacts),
            expect,
        );
        cases.push(case.features(&["assurance"]));
    };
    // Table 2, the cells at which the level changes.
    for (row, impact, level) in [
        ("inconvenience", "minimum", "LoA1"),
        ("financialLoss", "moderate", "LoA2"),
        ("harmToInterests", "minimum", "LoA2"),
        ("harmToInterests", "moderate", "LoA3"),
        ("harmToInterests", "substantial", "LoA4"),
        ("unauthorisedRelease", "minimum", "LoA2"),
        ("unauthorisedRelease", "substantial", "LoA3"),
        ("personalSafety", "minimum", "LoA3"),
        ("personalSafety", "substantial", "LoA4"),
        ("violations", "moderate", "LoA3"),
        ("violations", "high", "LoA4"),
        ("violations", "notApplicable", "LoA1"),
    ] {
        let id = format!(
            "{}-{}",
            row.to_ascii_lowercase(),
            impact.to_ascii_lowercase()
        );
        add(
            &id,
            &format!("{row}: {impact}"),
            &format!("{row} 영향이 {impact}"),
            json!({row: impact}),
            Some(level),
        );
    }
    add(
        "highest",
        "The highest over all consequences",
        "모든 결과 중 가장 높은 수준",
        json!({"inconvenience": "moderate", "personalSafety": "minimum", "violations": "minimum"}),
        Some("LoA3"),
    );
    add(
        "refuse-none",
        "Nothing was assessed",
        "평가한 것이 없음",
        json!({}),
        None,
    );
    add(
        "refuse-row",
        "A consequence that the table does not have",
        "표에 없는 결과",
        json!({"weather": "high"}),
        None,
    );
    add(
        "refuse-impact",
        "An impact that the table does not have",
        "표에 없는 영향",
        json!({"violations": "terrible"}),
        None,
    );
    cases
}

fn lives() -> Vec<Case> {
    const END: &str = "2026-12-01T00:00:00Z";
    let at = |command: &str| json!({"at": "2026-11-22T00:00:00Z", "command": command});
    let create = with(&at("create"), "validUntil", END.into());
    let sure = |command: Value| {
        with(
            &with(&command, "possession", true.into()),
            "identity",
            true.into(),
        )
    };
    let activate = sure(at("activate"));
    let renew = with(&sure(at("renew")), "until", "2026-12-09T00:00:00Z".into());
    let replace = sure(at("replace"));
    let late = |command: &Value| with(command, "at", "2026-12-01T00:00:01Z".into());
    type Row<'r> = (
        &'r str,
        &'r str,
        &'r str,
        Value,
        Vec<Value>,
        &'r [&'r str],
        Option<&'r str>,
    );
    let one = json!(1);
    let table: Vec<Row<'_>> = vec![
        (
            "active",
            "Created, locked, activated",
            "생성, 잠금, 활성화",
            one.clone(),
            vec![create.clone(), at("lock"), activate.clone()],
            &["ok", "ok", "ok"],
            Some("active"),
        ),
        (
            "resumed",
            "Suspended and resumed",
            "정지와 재개",
            one.clone(),
            vec![
                create.clone(),
                activate.clone(),
                at("suspend"),
                at("resume"),
            ],
            &["ok"; 4],
            Some("active"),
        ),
        (
            "never-created",
            "Nothing was created",
            "생성되지 않음",
            one.clone(),
            vec![
                at("lock"),
                activate.clone(),
                at("revoke"),
                at("expire"),
                renew.clone(),
            ],
            &["not-allowed"; 5],
            None,
        ),
        (
            "twice-created",
            "Created twice",
            "두 번 생성",
            one.clone(),
            vec![create.clone(), create.clone()],
            &["ok", "not-allowed"],
            Some("created"),
        ),
        (
            "created-ended",
            "Created with an end in the past",
            "이미 지난 기한으로 생성",
            one.clone(),
            vec![with(&create, "validUntil", "2026-11-21T00:00:00Z".into())],
            &["end-not-later"],
            None,
        ),
        (
            "not-active",
            "What is not active cannot be suspended, renewed, replaced",
            "활성 전에는 정지·갱신·교체 불가",
            one.clone(),
            vec![
                create.clone(),
                at("suspend"),
                at("resume"),
                renew.clone(),
                replace.clone(),
            ],
            &[
                "ok",
                "not-allowed",
                "not-allowed",
                "not-allowed",
                "not-allowed",
            ],
            Some("created"),
        ),
        (
            "suspended-not-renewed",
            "What is suspended is not renewed",
            "정지 중에는 갱신 불가",
            one.clone(),
            vec![
                create.clone(),
                activate.clone(),
                at("suspend"),
                renew.clone(),
                at("suspend"),
            ],
            &["ok", "ok", "ok", "not-allowed", "not-allowed"],
            Some("suspended"),
        ),
        (
            "revoked-is-final",
            "Nothing leads back from revoked",
            "폐기는 되돌릴 수 없음",
            one.clone(),
            vec![
                create.clone(),
                activate.clone(),
                at("revoke"),
                at("resume"),
                activate.clone(),
                renew.clone(),
                replace.clone(),
                at("revoke"),
                late(&at("expire")),
            ],
            &[
                "ok",
                "ok",
                "ok",
                "not-allowed",
                "not-allowed",
                "not-allowed",
                "not-allowed",
                "not-allowed",
                "not-allowed",
            ],
            Some("revoked"),
        ),
        (
            "replaced-is-final",
            "Nothing leads back from replaced",
            "교체는 되돌릴 수 없음",
            one.clone(),
            vec![
                create.clone(),
                activate.clone(),
                at("suspend"),
                replace.clone(),
                at("resume"),
                at("revoke"),
            ],
            &["ok", "ok", "ok", "ok", "not-allowed", "not-allowed"],
            Some("replaced"),
        ),
        (
            "no-renewal-after-end",
            "Nothing is renewed or replaced after its end",
            "만료 후에는 갱신·교체 불가",
            one.clone(),
            vec![
                create.clone(),
                activate.clone(),
                late(&renew),
                late(&replace),
                late(&at("suspend")),
            ],
            &["ok", "ok", "ended", "ended", "ended"],
            Some("active"),
        ),
        (
            "expired",
            "Expired, and then revoked",
            "만료 후 폐기",
            one.clone(),
            vec![
                create.clone(),
                activate.clone(),
                at("expire"),
                late(&at("expire")),
                late(&at("expire")),
                late(&renew),
                late(&at("revoke")),
            ],
            &[
                "ok",
                "ok",
                "not-allowed",
                "ok",
                "not-allowed",
                "ended",
                "ok",
            ],
            Some("revoked"),
        ),
        (
            "last-second",
            "Renewed at the last second",
            "마지막 순간의 갱신",
            one.clone(),
            vec![
                create.clone(),
                activate.clone(),
                with(&renew, "at", END.into()),
            ],
            &["ok"; 3],
            Some("active"),
        ),
        (
            "renewed-not-later",
            "A renewal to no later end",
            "기한이 늘지 않는 갱신",
            one.clone(),
            vec![
                create.clone(),
                activate.clone(),
                with(&renew, "until", END.into()),
            ],
            &["ok", "ok", "end-not-later"],
            Some("active"),
        ),
        (
            "no-possession",
            "Renewed without showing the credential",
            "소지 증명 없는 갱신",
            one.clone(),
            vec![
                create.clone(),
                activate.clone(),
                without(&renew, "possession"),
                without(&replace, "possession"),
            ],
            &["ok", "ok", "proof-missing", "proof-missing"],
            Some("active"),
        ),
        (
            "level-2-no-identity",
            "Level 2 asks for no new proofing",
            "LoA2는 재신원확인이 필요 없음",
            json!(2),
            vec![
                create.clone(),
                activate.clone(),
                without(&renew, "identity"),
            ],
            &["ok"; 3],
            Some("active"),
        ),
        (
            "level-3-no-identity",
            "Level 3 asks for it",
            "LoA3는 재신원확인이 필요함",
            json!(3),
            vec![
                create.clone(),
                activate.clone(),
                without(&renew, "identity"),
            ],
            &["ok", "ok", "proof-missing"],
            Some("active"),
        ),
        (
            "level-3-activation",
            "Level 3: activated by who shows that he has it",
            "LoA3: 소지 증명 후 활성화",
            json!(3),
            vec![
                create.clone(),
                without(&activate, "possession"),
                activate.clone(),
            ],
            &["ok", "proof-missing", "ok"],
            Some("active"),
        ),
        (
            "level-4-from-locked",
            "Level 4: only from locked, and only in a time that is set",
            "LoA4: 잠금 상태에서, 정해진 시간 안에만",
            json!(4),
            vec![
                create.clone(),
                activate.clone(),
                at("lock"),
                activate.clone(),
            ],
            &["ok", "not-allowed", "ok", "activation-too-late"],
            Some("locked"),
        ),
        (
            "clock-went-back",
            "The clock went back",
            "시계가 뒤로 감",
            one,
            vec![
                create.clone(),
                activate.clone(),
                with(&at("suspend"), "at", "2026-11-21T23:59:59Z".into()),
                at("suspend"),
            ],
            &["ok", "ok", "clock-went-back", "ok"],
            Some("suspended"),
        ),
    ];
    let mut cases: Vec<Case> = table
        .into_iter()
        .map(|(id, en, ko, level, steps, results, stage)| {
            let input = json!({"level": level, "steps": steps});
            let value = json!({"results": results, "stage": stage});
            case(
                &format!("vc-life-{id}"),
                (en, ko),
                &["EAA-10", "VC-06"],
                "life-cycle.run",
                input,
                made(value),
            )
            .features(&["life-cycle"])
        })
        .collect();
    let locked = vec![create.clone(), at("lock")];
    for (id, en, ko, at, results, stage) in [
        (
            "level-4-in-time",
            "Level 4: activated in time",
            "LoA4: 정해진 시간 안의 활성화",
            "2026-11-22T00:01:00Z",
            "ok",
            "active",
        ),
        (
            "level-4-too-late",
            "Level 4: activated a second too late",
            "LoA4: 1초 늦은 활성화",
            "2026-11-22T00:01:01Z",
            "activation-too-late",
            "locked",
        ),
    ] {
        let steps = [locked.clone(), vec![with(&activate, "at", at.into())]].concat();
        let input = json!({"level": 4, "activateWithin": 60, "steps": steps});
        let value = json!({"results": ["ok", "ok", results], "stage": stage});
        let id = format!("vc-life-{id}");
        cases.push(
            case(
                &id,
                (en, ko),
                &["EAA-10"],
                "life-cycle.run",
                input,
                made(value),
            )
            .features(&["life-cycle"]),
        );
    }
    let steps = vec![create, activate, renew];
    let value = json!({"results": ["ok", "ok", "ok"], "stage": "active", "validUntil": "2026-12-09T00:00:00Z"});
    cases.push(
        case(
            "vc-life-renewed",
            ("Renewed: the end is later", "갱신: 기한이 늘어남"),
            &["EAA-10", "VC-06"],
            "life-cycle.run",
            json!({"level": 3, "steps": steps}),
            made(value),
        )
        .features(&["life-cycle"]),
    );
    cases
}
