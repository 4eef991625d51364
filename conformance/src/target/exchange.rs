//! Operations on levels of assurance, the life of a credential, queries and barcodes, of the built-in reference.

use kbtf_did::{Timestamp, json};
use kbtf_vc::{
    CredentialFormat, DcqlQuery, Held,
    assurance::{
        BuiltIn, ControlEvidence, ControlOutcome, Entity, Framework, RiskAssessment, assess,
    },
    compact::{self, FrameCollector, Freshness},
    life_cycle::{Command, CredentialLife, Proofs, Reason, Rules, apply, decide},
};
use serde_json::{Value, json};

use super::reference::Input;
use crate::protocol::Answer;

fn framework(input: Input<'_>) -> Result<Framework, String> {
    match (input.text("framework")?, input.text("edition")?) {
        ("itu-t-x1254", "2012") => {
            Framework::built_in(BuiltIn::X1254Of2012).map_err(|e| e.to_string())
        }
        (other, edition) => Err(format!("input.framework: {other:?} {edition:?}")),
    }
}

fn time(value: Option<&Value>) -> Result<Option<Timestamp>, String> {
    match value {
        None => Ok(None),
        Some(value) => value
            .as_str()
            .and_then(|text| text.parse().ok())
            .map(Some)
            .ok_or_else(|| "input: expected a dateTimeStamp".into()),
    }
}

fn required_time(object: &Value, name: &str) -> Result<Timestamp, String> {
    time(object.get(name))?.ok_or_else(|| format!("input: expected {name}"))
}

pub(super) fn assurance_assess(input: Input<'_>, now: Timestamp) -> Result<Answer, String> {
    let framework = framework(input)?;
    let entity = match input.text("entity")? {
        "person" => Entity::Person,
        "nonPerson" => Entity::NonPerson,
        other => return Err(format!("input.entity: {other:?}")),
    };
    let found = input.value("evidence").and_then(Value::as_array);
    let found = found.ok_or("input.evidence: expected an array")?;
    let mut evidence = Vec::new();
    for item in found {
        let text = |name: &str| item.get(name).and_then(Value::as_str);
        let outcome = match text("outcome") {
            Some("met") => ControlOutcome::Met,
            Some("notMet") => ControlOutcome::NotMet,
            Some("notApplicable") => {
                ControlOutcome::NotApplicable(text("reason").unwrap_or_default().into())
            }
            _ => return Err("input.evidence.outcome".into()),
        };
        let control = text("control").ok_or("input.evidence.control")?;
        let at = required_time(item, "at")?;
        let mut one = ControlEvidence::new(control, outcome, "the suite", at);
        if let Some(until) = time(item.get("until"))? {
            one = one.valid_until(until);
        }
        evidence.push(one);
    }
    let risks = input
        .value("risks")
        .and_then(Value::as_object)
        .map(|risks| {
            let assessment = RiskAssessment::new("authentication");
            risks
                .iter()
                .fold(assessment, |assessment, (threat, treated)| match treated {
                    Value::String(reason) => assessment.not_applicable(threat, reason),
                    other => {
                        let controls = other.as_array().into_iter().flatten();
                        assessment.treat(threat, controls.filter_map(Value::as_str))
                    }
                })
        });
    let risks: Vec<RiskAssessment> = risks.into_iter().collect();
    let found = assess(&framework, entity, &evidence, &risks, now);
    let mut phases = serde_json::Map::new();
    for phase in found.phases() {
        phases.insert(phase.phase().into(), phase.level().into());
    }
    Ok(Answer::value(
        json!({"phases": phases, "overall": found.overall("overall")}),
    ))
}

pub(super) fn assurance_impact(input: Input<'_>) -> Result<Answer, String> {
    let framework = framework(input)?;
    let impacts = input.value("impacts").and_then(Value::as_object);
    let impacts = impacts.ok_or("input.impacts: expected an object")?;
    let impacts: Vec<(&str, &str)> = impacts
        .iter()
        .map(|(row, impact)| (row.as_str(), impact.as_str().unwrap_or_default()))
        .collect();
    Ok(match framework.level_for_impact(&impacts) {
        Ok(level) => Answer::value(json!({"level": level})),
        Err(error) => Answer::refused("structure", &error.to_string()),
    })
}

pub(super) fn life_cycle_run(input: Input<'_>) -> Result<Answer, String> {
    let number = |name: &str| input.value(name).and_then(Value::as_u64);
    let level = number("level").and_then(|level| u8::try_from(level).ok());
    let mut rules = Rules::of_level(level.unwrap_or_default()).map_err(|e| e.to_string())?;
    if let Some(seconds) = number("activateWithin").and_then(|s| u32::try_from(s).ok()) {
        rules = rules.activate_within(seconds);
    }
    let steps = input.value("steps").and_then(Value::as_array);
    let mut life = CredentialLife::default();
    let mut results = Vec::new();
    for step in steps.ok_or("input.steps: expected an array")? {
        let flag = |name: &str| step.get(name).and_then(Value::as_bool).unwrap_or(false);
        let proofs = Proofs {
            possession: flag("possession"),
            identity: flag("identity"),
        };
        let command = match step.get("command").and_then(Value::as_str) {
            Some("create") => Command::Create {
                id: "urn:uuid:1".into(),
                entity: "did:example:entity".into(),
                valid_until: required_time(step, "validUntil")?,
            },
            Some("lock") => Command::Lock,
            Some("activate") => Command::Activate(proofs),
            Some("suspend") => Command::Suspend,
            Some("resume") => Command::Resume,
            Some("revoke") => Command::Revoke(Reason::Requested),
            Some("expire") => Command::Expire,
            Some("renew") => Command::Renew {
                until: required_time(step, "until")?,
                proofs,
            },
            Some("replace") => Command::Replace {
                by: "urn:uuid:2".into(),
                proofs,
            },
            other => return Err(format!("input.steps.command: {other:?}")),
        };
        let at = required_time(step, "at")?;
        match decide(&life, &command, "did:example:issuer", &rules, at) {
            Ok(events) => {
                events.iter().for_each(|event| apply(&mut life, event));
                results.push("ok");
            }
            Err(error) => results.push(error.code().trim_start_matches("life/")),
        }
    }
    let stage = life.stage().map(|stage| stage.as_str());
    let until = life.valid_until().map(|until| until.to_string());
    Ok(Answer::value(
        json!({"results": results, "stage": stage, "validUntil": until}),
    ))
}

pub(super) fn dcql_select(input: Input<'_>) -> Result<Answer, String> {
    let query = match DcqlQuery::parse(input.text("query")?) {
        Ok(query) => query,
        Err(error) => return Ok(Answer::refused("structure", &error.to_string())),
    };
    let held = input.value("held").and_then(Value::as_array);
    let held = held.ok_or("input.held: expected an array")?;
    let mut parsed = Vec::new();
    for one in held {
        let format = match one.get("format").and_then(Value::as_str) {
            Some("dc+sd-jwt") => CredentialFormat::DcSdJwt,
            Some("vc+sd-jwt") => CredentialFormat::VcSdJwt,
            Some("jwt_vc_json") => CredentialFormat::JwtVcJson,
            Some("ldp_vc") => CredentialFormat::LdpVc,
            other => return Err(format!("input.held.format: {other:?}")),
        };
        let types = one.get("types").and_then(Value::as_array);
        let types: Vec<&str> = types
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let issuer = one
            .get("issuer")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let claims = one.get("claims").map(Value::to_string).unwrap_or_default();
        let claims = json::parse(&claims)
            .map_err(|e| e.to_string())?
            .into_owned();
        parsed.push((format, types, issuer, claims));
    }
    let views: Vec<Held<'_>> = parsed
        .iter()
        .map(|(format, types, issuer, claims)| Held {
            format: *format,
            types,
            issuer,
            claims,
        })
        .collect();
    let choices = query.select(&views).map(|choices| {
        let choice = |choice: &kbtf_vc::Choice| {
            let paths: Vec<Value> = choice
                .paths
                .iter()
                .filter_map(|path| serde_json::from_str(&path.to_value().to_json()).ok())
                .collect();
            json!({"query": choice.query, "held": choice.held, "paths": paths})
        };
        choices.iter().map(choice).collect::<Vec<_>>()
    });
    Ok(Answer::value(json!({"choices": choices})))
}

pub(super) fn compact_read(input: Input<'_>) -> Result<Answer, String> {
    let refused = |error: &compact::CompactError| Answer::refused("syntax", &error.to_string());
    let scanned = match (input.optional("text"), input.texts("frames")?) {
        (Some(text), None) => match compact::from_text(text) {
            Ok(scanned) => scanned,
            Err(error) => return Ok(refused(&error)),
        },
        (None, Some(frames)) => {
            let mut collector = FrameCollector::new();
            let mut scanned = None;
            for frame in frames {
                match collector.add(frame) {
                    Ok(Some(whole)) => {
                        scanned = Some(whole);
                        break;
                    }
                    Ok(None) => {}
                    Err(error) => return Ok(refused(&error)),
                }
            }
            let (have, needed) = collector.progress();
            match scanned {
                Some(scanned) => scanned,
                None => return Ok(Answer::value(json!({"missing": needed - have}))),
            }
        }
        _ => return Err("input: expected text or frames".into()),
    };
    Ok(Answer::value(json!({
        "document": scanned.document(),
        "answersChallenge": scanned.freshness() == Freshness::IfChallengeIsChecked,
    })))
}
