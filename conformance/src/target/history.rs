//! Operations on logs, histories, time stamps and anchors, of the built-in reference.

use std::collections::{BTreeMap, BTreeSet};

use kbtf_did::{
    DidUrl, KeyFormat, SOFTWARE, SecretKey, Signer as _, SoftwareSigner, Timestamp, did_key,
};
use kbtf_history::{
    Actor, AddCheckpoint, Attribution, Checkpoint, CommitmentKey, Comparison, CompleteHistory,
    ConsistencyProof, ErasureReason, Error, Event, Field, Hash, HistoryFault, HistoryLog,
    InclusionProof, LegalBasis, LogEntry, LoggedProof, Measured, ObjectId, ObjectStatus, Observed,
    Outcome, PseudonymKey, Purpose, Query, QueryEvent, QueryLog, Reading, Reference,
    SignedCheckpoint, Standing, TreeHasher, TrustPolicy, Witness, WitnessRefusal,
    lookup::HistoryLink,
    note::{NoteKey, NoteKeyType},
    time_stamp::{Stamped, TimeStampFault, TimeStampToken, TimeStampTrust},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::reference::Input;
use crate::protocol::{Answer, Request};

const HASHER: TreeHasher<'static> = TreeHasher::SOFTWARE;

/// The class of what is wrong.
fn class(error: &Error) -> &'static str {
    match error {
        Error::Malformed { .. } | Error::TooLong { .. } => "syntax",
        Error::OutOfRange { .. }
        | Error::ProofLength { .. }
        | Error::RootMismatch { .. }
        | Error::MissingNode { .. } => "proof",
        Error::Unsigned { .. } | Error::FalseSignature { .. } => "signature",
        Error::NoQuorum => "quorum",
        Error::OtherLog => "foreign",
        Error::WrongActor => "issuer",
        Error::KeyNotInForce => "keyState",
        Error::Incomplete { .. } | Error::NotSealed => "incomplete",
        Error::Witness(refusal) => match refusal {
            WitnessRefusal::UnknownLog => "foreign",
            WitnessRefusal::Unsigned => "signature",
            WitnessRefusal::Backwards => "syntax",
            WitnessRefusal::Stale { .. } => "gap",
            WitnessRefusal::Fork => "fork",
            _ => "proof",
        },
        Error::Fault(fault) => match fault {
            HistoryFault::OtherObject => "foreign",
            HistoryFault::NotFirst => "notCreated",
            HistoryFault::AlreadyThere | HistoryFault::CommitmentUsed => "replayed",
            HistoryFault::NotNext => "gap",
            HistoryFault::Fork => "brokenLink",
            HistoryFault::ClockHidden => "timeBackwards",
            HistoryFault::Deleted | HistoryFault::Erased => "ended",
            HistoryFault::CounterpartSetBack => "fork",
            HistoryFault::FromTheFuture | HistoryFault::HiddenSpan => "time",
            HistoryFault::NoSuchIntent | HistoryFault::UnknownField => "unknownId",
            _ => "structure",
        },
        Error::TimeStamp(fault) => match fault {
            TimeStampFault::OtherData => "proof",
            TimeStampFault::OtherNonce => "challenge",
            TimeStampFault::Policy
            | TimeStampFault::NoCertificate
            | TimeStampFault::NotTrustedThen => "trust",
            TimeStampFault::Attributes | TimeStampFault::Signature => "signature",
            TimeStampFault::Algorithm => "unsupported",
            _ => "syntax",
        },
        Error::Did(kbtf_did::Error::Certificate(fault)) => match fault {
            kbtf_did::x509::CertificateFault::NotValid => "validity",
            kbtf_did::x509::CertificateFault::Usage => "relationship",
            _ => "trust",
        },
        Error::Did(_) => "key",
        _ => "structure",
    }
}

fn refused(error: &Error) -> Answer {
    Answer::refused(class(error), &format!("{} {error}", error.code()))
}

/// What an operation found, as an answer.
fn answer(found: Result<Value, Error>) -> Answer {
    match found {
        Ok(value) => Answer::value(value),
        Err(error) => refused(&error),
    }
}

fn bytes(value: Option<&Value>, name: &str) -> Result<Vec<u8>, String> {
    use base64ct::Encoding as _;
    value
        .and_then(Value::as_str)
        .and_then(|text| base64ct::Base64::decode_vec(text).ok())
        .ok_or_else(|| format!("input.{name}: expected base64"))
}

fn number(input: Input<'_>, name: &str) -> Result<u64, String> {
    // As a text, since JSON's numbers end before those of a log.
    let text = input.text(name)?;
    let number: Option<u64> = text.parse().ok();
    number
        .filter(|number| number.to_string() == text)
        .ok_or_else(|| format!("input.{name}: expected a number as text"))
}

/// Hashes as a target gets them: what is none is refused, not an error of the suite.
fn hashes(texts: Option<Vec<&str>>) -> Result<Vec<Hash>, Error> {
    texts
        .unwrap_or_default()
        .into_iter()
        .map(str::parse)
        .collect()
}

pub(super) fn log_inclusion(input: Input<'_>) -> Result<Answer, String> {
    let (index, tree_size) = (number(input, "index")?, number(input, "size")?);
    let (leaf, root) = (input.text("leaf")?, input.text("root")?);
    let path = input.texts("path")?;
    let verify = || {
        let proof = InclusionProof {
            index,
            tree_size,
            path: hashes(path)?,
        };
        proof.verify(&leaf.parse()?, &root.parse()?, &HASHER)?;
        Ok(json!({}))
    };
    Ok(answer(verify()))
}

pub(super) fn log_consistency(input: Input<'_>) -> Result<Answer, String> {
    let (old_size, new_size) = (number(input, "oldSize")?, number(input, "newSize")?);
    let (old, new) = (input.text("oldRoot")?, input.text("newRoot")?);
    let path = input.texts("path")?;
    let verify = || {
        let proof = ConsistencyProof {
            old_size,
            new_size,
            path: hashes(path)?,
        };
        proof.verify(&old.parse()?, &new.parse()?, &HASHER)?;
        Ok(json!({}))
    };
    Ok(answer(verify()))
}

fn policy(input: Input<'_>) -> Result<TrustPolicy, String> {
    let policy = input.text("policy")?;
    policy.parse().map_err(|e: Error| format!("policy: {e}"))
}

pub(super) fn log_checkpoint(input: Input<'_>) -> Result<Answer, String> {
    let (text, policy) = (input.text("checkpoint")?, policy(input)?);
    let verify = || {
        let signed = SignedCheckpoint::parse(text)?;
        let trusted = policy.verify(&signed, &SOFTWARE)?;
        let checkpoint = trusted.checkpoint();
        Ok(json!({
            "origin": checkpoint.origin(), "size": checkpoint.size().to_string(),
            "root": checkpoint.root().to_string(),
            "seenBy": trusted.seen_by().map(|time| time.to_string()),
        }))
    };
    Ok(answer(verify()))
}

pub(super) fn log_proof(input: Input<'_>) -> Result<Answer, String> {
    let (text, policy) = (input.text("proof")?, policy(input)?);
    let entry = bytes(input.value("entry"), "entry")?;
    let verify = || {
        let trusted = LoggedProof::parse(text)?.verify(&entry, &policy, &SOFTWARE)?;
        Ok(json!({"size": trusted.checkpoint().size().to_string()}))
    };
    Ok(answer(verify()))
}

pub(super) fn log_cosign(input: Input<'_>, now: Timestamp) -> Result<Answer, String> {
    let key = SecretKey::from_multikey(input.text("secretKey")?).map_err(|e| e.to_string())?;
    let signer = SoftwareSigner::new(key);
    let logs = input.texts("logs")?.unwrap_or_default();
    let logs: Result<Vec<NoteKey>, Error> = logs.into_iter().map(str::parse).collect();
    let logs = logs.map_err(|e| e.to_string())?;
    let witness = Witness::new(input.text("name")?, &signer, logs).map_err(|e| e.to_string())?;
    let last = match input.optional("lastSize") {
        None => None,
        Some(_) => Some(Observed {
            size: number(input, "lastSize")?,
            root: input
                .text("lastRoot")?
                .parse()
                .map_err(|e: Error| e.to_string())?,
        }),
    };
    let body = input.text("body")?;
    let cosign = || {
        let request = AddCheckpoint::parse(body)?;
        let (observed, line) = witness.add_checkpoint(&request, last, now)?;
        Ok(json!({"line": line, "size": observed.size.to_string()}))
    };
    Ok(answer(cosign()))
}

pub(super) fn history_verify(input: Input<'_>) -> Result<Answer, String> {
    let (text, policy) = (input.text("history")?, policy(input)?);
    let (object, origin) = (input.text("object")?, input.text("origin")?);
    let of_queries = input.value("queries").and_then(Value::as_bool) == Some(true);
    let verify = || {
        let object: ObjectId = object.parse()?;
        let history = CompleteHistory::parse(text)?;
        if of_queries {
            let seen = history.verify_queries(object, origin, &policy, &SOFTWARE)?;
            return Ok(json!({
                "entries": seen.entries().len(), "queries": seen.state().queries(),
                "open": seen.state().open().len(),
            }));
        }
        let history = history.verify(object, origin, &policy, &SOFTWARE)?;
        let status = history
            .state()
            .map_or("none", |state| status(state.status()));
        Ok(json!({"entries": history.entries().len(), "status": status}))
    };
    Ok(answer(verify()))
}

const fn status(status: ObjectStatus) -> &'static str {
    match status {
        ObjectStatus::Active => "active",
        ObjectStatus::Deleted => "deleted",
        ObjectStatus::Erased => "erased",
    }
}

pub(super) fn history_follow(input: Input<'_>) -> Result<Answer, String> {
    let entries = input.texts("entries")?.unwrap_or_default();
    let is_queries = match input.text("kind")? {
        "histories" => false,
        "queries" => true,
        other => return Err(format!("input.kind: {other:?}")),
    };
    let origin = input.text("origin")?;
    let follow = || match is_queries {
        true => {
            QueryLog::restore(origin, entries.iter().copied(), &SOFTWARE).and_then(|log| log.root())
        }
        false => HistoryLog::restore(origin, entries.iter().copied(), &SOFTWARE)
            .and_then(|log| log.root()),
    };
    Ok(answer(
        follow().map(|root| json!({"root": root.to_string()})),
    ))
}

pub(super) fn history_attribution(input: Input<'_>, now: Timestamp) -> Result<Answer, String> {
    let (entry, origin) = (input.text("entry")?, input.text("origin")?);
    let method = DidUrl::parse(input.text("method")?).map_err(|e| e.to_string())?;
    let key: [u8; 32] = bytes(input.value("key"), "key")?
        .try_into()
        .map_err(|_| "input.key: expected 32 bytes")?;
    let signature = bytes(input.value("signature"), "signature")?;
    let (index, tree_size) = (number(input, "index")?, number(input, "count")?);
    let path = input.texts("path")?;
    let document = did_key::resolve(&method.did(), KeyFormat::Multikey);
    let document = document.map_err(|e| e.to_string())?;
    let verify = || {
        let batch = InclusionProof {
            index,
            tree_size,
            path: hashes(path)?,
        };
        let by = Attribution::from_parts(method, CommitmentKey::from_bytes(key), signature, batch);
        match LogEntry::parse(entry)? {
            LogEntry::Object(entry) => by.verify(&entry, origin, &document, now, &SOFTWARE),
            LogEntry::Query(entry) => by.verify(&entry, origin, &document, now, &SOFTWARE),
            _ => Err(Error::WrongActor),
        }
    };
    Ok(answer(verify().map(|()| json!({}))))
}

pub(super) fn history_link(input: Input<'_>) -> Result<Answer, String> {
    let text = input.text("text")?;
    let known = input.texts("logs")?.unwrap_or_default();
    Ok(answer(HistoryLink::parse(text, &known).map(
        |link| json!({"origin": link.origin(), "object": link.object().to_string()}),
    )))
}

pub(super) fn time_stamp_verify(input: Input<'_>) -> Result<Answer, String> {
    let token = bytes(input.value("token"), "token")?;
    let data = bytes(input.value("data"), "data")?;
    let mut trust = TimeStampTrust::new();
    let trusted = input.value("trusted").and_then(Value::as_array);
    for one in trusted.into_iter().flatten() {
        let time = |name: &str| {
            let text = one.get(name).and_then(Value::as_str).unwrap_or_default();
            text.parse::<Timestamp>().map_err(|e| e.to_string())
        };
        let certificate = bytes(one.get("certificate"), "trusted.certificate")?;
        trust = trust
            .trust(&certificate, time("from")?, time("until")?)
            .map_err(|e| e.to_string())?;
    }
    for policy in input.texts("policies")?.unwrap_or_default() {
        trust = trust.policy(policy);
    }
    let nonce = input.optional("nonce").map(str::parse).transpose();
    let nonce = nonce.map_err(|_| "input.nonce: expected a number as text")?;
    let is_response = input.value("response").and_then(Value::as_bool) == Some(true);
    let verify = || {
        let token = match is_response {
            true => TimeStampToken::from_response(&token)?,
            false => TimeStampToken::from_der(&token)?,
        };
        let stamp = token.verify(Stamped::Data(&data), nonce, &trust, &SOFTWARE)?;
        Ok(json!({"time": stamp.time.to_string(), "policy": stamp.policy}))
    };
    Ok(answer(verify()))
}

/// Numbers made of the seed of the case.
struct Seeded {
    seed: String,
    count: u64,
}

impl rand_core::TryRng for Seeded {
    type Error = core::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        rand_core::utils::next_word_via_fill(self)
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        rand_core::utils::next_word_via_fill(self)
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in to.chunks_mut(32) {
            self.count += 1;
            let hash = Sha256::new_with_prefix(&self.seed).chain_update(self.count.to_be_bytes());
            for (to, from) in chunk.iter_mut().zip(hash.finalize()) {
                *to = from;
            }
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Seeded {}

/// A log and what is kept off it.
struct Kept {
    log: HistoryLog<'static>,
    /// What is called what.
    objects: BTreeMap<String, ObjectId>,
    fields: Vec<String>,
    keys: BTreeMap<(ObjectId, u32, Field), CommitmentKey>,
    attributions: BTreeMap<(ObjectId, u32), Attribution>,
    /// What somebody did to the copies that auditors are shown.
    tampered: BTreeMap<ObjectId, (usize, String)>,
}

/// A history system that is asked for a script of commands.
struct System {
    random: Seeded,
    actors: BTreeMap<String, SoftwareSigner<'static>>,
    logs: BTreeMap<String, Kept>,
    queries: QueryLog<'static>,
    /// Who has asked: off the log.
    askers: BTreeMap<(ObjectId, u32), String>,
    pseudonyms: PseudonymKey,
}

const QUERIES: &str = "history.example/queries";

type Step = Result<Value, String>;

pub(super) fn history_run(input: Input<'_>, request: &Request) -> Result<Answer, String> {
    let mut system = System {
        random: Seeded {
            seed: request.seed.clone(),
            count: 0,
        },
        actors: BTreeMap::new(),
        logs: BTreeMap::new(),
        queries: QueryLog::new(QUERIES, &SOFTWARE),
        askers: BTreeMap::new(),
        pseudonyms: PseudonymKey::from_bytes([7; 32]),
    };
    let actors = input.value("actors").and_then(Value::as_object);
    for (name, secret) in actors.into_iter().flatten() {
        let secret = secret.as_str().unwrap_or_default();
        let key = SecretKey::from_multikey(secret).map_err(|e| e.to_string())?;
        system.actors.insert(name.clone(), SoftwareSigner::new(key));
    }
    let steps = input.value("steps").and_then(Value::as_array);
    let mut results = Vec::new();
    for step in steps.into_iter().flatten() {
        results.push(system.step(step)?);
    }
    let mut ledger: Vec<String> = Vec::new();
    for kept in system.logs.values_mut() {
        kept.log.seal().map_err(|e| e.to_string())?;
        ledger.extend(kept.log.entries().iter().cloned());
    }
    ledger.extend(system.queries.entries().iter().cloned());
    Ok(Answer::value(json!({"results": results, "ledger": ledger})))
}

fn origin(log: &str) -> String {
    format!("history.example/{log}")
}

fn text<'s>(step: &'s Value, name: &str) -> Result<&'s str, String> {
    step.get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| format!("steps: expected {name}"))
}

fn time(step: &Value) -> Result<Timestamp, String> {
    text(step, "at")?
        .parse()
        .map_err(|_| "steps.at: a time".into())
}

fn signer() -> Result<SoftwareSigner<'static>, String> {
    let key = SecretKey::from_bytes(kbtf_did::KeyType::Ed25519, &[0x4c; 32]);
    Ok(SoftwareSigner::new(key.map_err(|e| e.to_string())?))
}

/// Why an entry of an object that is there is not taken, in the words of the protocol.
fn not_taken(error: &Error) -> Step {
    let word = match error {
        Error::Fault(HistoryFault::UnknownField) => "unknownMember",
        Error::Fault(HistoryFault::NoParts) => "empty",
        Error::Malformed { .. } => "impossible",
        other => return Err(other.to_string()),
    };
    Ok(word.into())
}

impl Kept {
    fn new(log: &str) -> Self {
        Self {
            log: HistoryLog::new(&origin(log), &SOFTWARE),
            objects: BTreeMap::new(),
            fields: Vec::new(),
            keys: BTreeMap::new(),
            attributions: BTreeMap::new(),
            tampered: BTreeMap::new(),
        }
    }

    fn field(&mut self, name: &str) -> Field {
        let place = self.fields.iter().position(|known| known == name);
        let place = place.unwrap_or_else(|| {
            self.fields.push(name.to_owned());
            self.fields.len() - 1
        });
        Field(u16::try_from(place).unwrap_or(u16::MAX))
    }

    fn names<'f>(&self, fields: impl IntoIterator<Item = &'f Field>) -> Vec<&str> {
        let mut names: Vec<&str> = fields
            .into_iter()
            .filter_map(|Field(place)| self.fields.get(usize::from(*place)))
            .map(String::as_str)
            .collect();
        names.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
        names
    }

    /// All of an object as it is given to auditors, with what was done to the copy.
    fn shown(&mut self, object: ObjectId) -> Result<Result<CompleteHistory, Error>, String> {
        self.log.seal().map_err(|e| e.to_string())?;
        let root = self.log.root().map_err(|e| e.to_string())?;
        let keeper = signer()?;
        let checkpoint = Checkpoint::new(self.log.origin(), self.log.size(), root);
        let signed = checkpoint.and_then(|checkpoint| checkpoint.sign(&keeper));
        let complete = signed.and_then(|signed| self.log.prove(object, signed));
        let text = complete.map_err(|e| e.to_string())?.to_text();
        let Some((place, how)) = self.tampered.get(&object) else {
            return Ok(CompleteHistory::parse(&text));
        };
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut entries = lines.split_off(1);
        tamper(&mut entries, *place, how)?;
        lines.extend(entries);
        Ok(CompleteHistory::parse(&(lines.join("\n") + "\n")))
    }
}

/// What somebody does to a store behind the back of whatever keeps it.
fn tamper(entries: &mut Vec<String>, place: usize, how: &str) -> Result<(), String> {
    let entry = entries.get(place).cloned().ok_or("steps.entry: none")?;
    match how {
        "drop" => drop(entries.remove(place)),
        "insert" => entries.insert(place, entry),
        "swap" if place + 1 < entries.len() => entries.swap(place, place + 1),
        "change" => {
            let Ok(LogEntry::Object(mut changed)) = LogEntry::parse(&entry) else {
                return Err("an entry of an object".into());
            };
            changed.time = changed.time.saturating_add_seconds(1);
            if let Some(entry) = entries.get_mut(place) {
                *entry = LogEntry::Object(changed).to_text();
            }
        }
        other => return Err(format!("steps.how: {other:?}")),
    }
    Ok(())
}

impl System {
    fn step(&mut self, step: &Value) -> Step {
        let name = step.get("log").and_then(Value::as_str).unwrap_or("main");
        if !self.logs.contains_key(name) {
            self.logs.insert(name.to_owned(), Kept::new(name));
        }
        let command = text(step, "command")?;
        match command {
            "ask" => return self.ask(step),
            "asked" => return self.asked(step),
            "refer" => return self.refer(name, step),
            _ => {}
        }
        let alias = text(step, "object")?;
        let Some(kept) = self.logs.get_mut(name) else {
            return Err("steps.log".into());
        };
        let known = kept.objects.get(alias).copied();
        match command {
            "create" | "change" => {
                let members = step.get("members").and_then(Value::as_object);
                self.write(name, alias, step, |kept, random, object, sequence| {
                    let mut fields = BTreeMap::new();
                    for (member, value) in members.into_iter().flatten() {
                        let field = kept.field(member);
                        let value = value.as_str().unwrap_or_default().as_bytes();
                        let key = CommitmentKey::generate(random)?;
                        let commitment = key.commit(object, sequence, field, value, &SOFTWARE)?;
                        kept.keys.insert((object, sequence, field), key);
                        fields.insert(field, commitment);
                    }
                    Ok(match command {
                        "create" => Event::Create(fields),
                        _ => Event::Change(fields),
                    })
                })
            }
            "delete" => self.write(name, alias, step, |_, _, _, _| Ok(Event::Delete)),
            "erase" => {
                let members = step.get("members").and_then(Value::as_array);
                let members: Vec<&str> = members
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                let fields: BTreeSet<Field> = members.iter().map(|m| kept.field(m)).collect();
                let reason = match text(step, "reason")? {
                    "requested" => ErasureReason::Requested,
                    "retentionEnded" => ErasureReason::RetentionEnded,
                    "ordered" => ErasureReason::Ordered,
                    other => return Err(format!("steps.reason: {other:?}")),
                };
                let erased = fields.clone();
                let done = self.write(name, alias, step, |_, _, _, _| {
                    Ok(Event::Erase { fields, reason })
                })?;
                if let (Some(kept), Some(object), "ok") = (
                    self.logs.get_mut(name),
                    known,
                    done.as_str().unwrap_or_default(),
                ) {
                    kept.keys.retain(|(of, _, field), _| {
                        *of != object || !(erased.is_empty() || erased.contains(field))
                    });
                }
                Ok(done)
            }
            "measure" => {
                let readings = step.get("readings").and_then(Value::as_array);
                let at = time(step)?;
                self.write(name, alias, step, |_, _, _, _| {
                    let readings = readings.into_iter().flatten().map(|one| reading(one, at));
                    Ok(Event::Measure(readings.collect::<Result<_, _>>()?))
                })
            }
            "show" => self.show(name, known),
            "compare" => self.compare(name, known, step),
            "tamper" => {
                let entry = step
                    .get("entry")
                    .and_then(Value::as_u64)
                    .unwrap_or_default();
                let entry = usize::try_from(entry).map_err(|e| e.to_string())?;
                let object = known.ok_or("steps.object: none")?;
                let how = text(step, "how")?.to_owned();
                kept.tampered.insert(object, (entry, how));
                Ok("done".into())
            }
            "verify" => {
                let object = known.ok_or("steps.object: none")?;
                let verified = self.verified(name, object)?;
                Ok(match verified {
                    Ok(_) => "intact".into(),
                    Err(_) => "damaged".into(),
                })
            }
            other => Err(format!("steps.command: {other:?}")),
        }
    }

    fn verified(
        &mut self,
        name: &str,
        object: ObjectId,
    ) -> Result<Result<kbtf_history::VerifiedHistory, Error>, String> {
        let kept = self.logs.get_mut(name).ok_or("steps.log")?;
        let key = NoteKey::new(
            kept.log.origin(),
            NoteKeyType::Ed25519,
            signer()?.public_key().clone(),
            &SOFTWARE,
        );
        let policy = format!("log {}\nquorum none\n", key.map_err(|e| e.to_string())?);
        let policy: TrustPolicy = policy.parse().map_err(|e: Error| e.to_string())?;
        let origin = kept.log.origin().to_owned();
        let shown = kept.shown(object)?;
        Ok(shown.and_then(|shown| shown.verify(object, &origin, &policy, &SOFTWARE)))
    }

    /// Writes an entry, signed by its actor.
    fn write(
        &mut self,
        name: &str,
        alias: &str,
        step: &Value,
        event: impl FnOnce(&mut Kept, &mut Seeded, ObjectId, u32) -> Result<Event, Error>,
    ) -> Step {
        let at = time(step)?;
        let signer = self
            .actors
            .get(text(step, "by")?)
            .ok_or("steps.by: no actor")?;
        let kept = self.logs.get_mut(name).ok_or("steps.log")?;
        let known = kept.objects.get(alias).copied();
        let command = text(step, "command")?;
        // First whether it is there, then what it has come to, then what is brought.
        let status = known
            .and_then(|object| kept.log.state(object))
            .map(kbtf_history::ObjectState::status);
        match (command, status) {
            (_, Some(ObjectStatus::Erased)) => return Ok("erased".into()),
            ("create", Some(_)) => return Ok("exists".into()),
            ("create", None) | ("erase", Some(ObjectStatus::Deleted)) => {}
            (_, None) => return Ok("unknown".into()),
            (_, Some(ObjectStatus::Deleted)) => return Ok("deleted".into()),
            _ => {}
        }
        let object = match known {
            Some(object) => object,
            None => ObjectId::generate(&mut self.random).map_err(|e| e.to_string())?,
        };
        let sequence = kept.log.state(object).map_or(0, |s| s.sequence() + 1);
        let event = match event(kept, &mut self.random, object, sequence) {
            Ok(event) => event,
            Err(error) => return not_taken(&error),
        };
        let did = did_key::from_public_key(signer.public_key());
        let method = did_key::verification_method_id(&did).map_err(|e| e.to_string())?;
        let document = did_key::resolve(&did, KeyFormat::Multikey).map_err(|e| e.to_string())?;
        let actor = Actor::new(kept.log.origin(), method, signer);
        let named = actor.commit(object, sequence, &mut self.random);
        let (named, key) = named.map_err(|e| e.to_string())?;
        let entry = kept.log.draft(object, event, named, at);
        let signed: Result<Vec<Attribution>, Error> = actor.sign(vec![(&entry, key)]);
        let by = signed.map_err(|e| e.to_string())?.remove(0);
        if let Err(error) = kept.log.admit(&entry, &by, &document, at) {
            return not_taken(&error);
        }
        kept.objects.insert(alias.to_owned(), object);
        kept.attributions.insert((object, sequence), by);
        Ok("ok".into())
    }

    fn show(&mut self, name: &str, known: Option<ObjectId>) -> Step {
        let Some(object) = known else {
            return Ok(json!({"status": "none", "entries": []}));
        };
        let Ok(history) = self.verified(name, object)? else {
            return Ok("damaged".into());
        };
        let kept = self.logs.get(name).ok_or("steps.log")?;
        let mut entries = Vec::new();
        for entry in history.entries() {
            let by = kept.attributions.get(&(object, entry.sequence));
            let by = by.map(|by| by.method().did().to_string());
            let mut shown = json!({
                "event": entry.event.kind(), "at": entry.time.to_string(), "by": by,
            });
            let mut note = |name: &str, value: Value| {
                if let Some(members) = shown.as_object_mut() {
                    members.insert(name.into(), value);
                }
            };
            if entry.set_back > 0 {
                note("setBack", entry.set_back.into());
            }
            if let Event::Measure(readings) = &entry.event {
                note("readings", readings.iter().map(shown_reading).collect());
            }
            if let Event::Refer(references) = &entry.event {
                let of = |reference: &Reference| self.referred(reference);
                note("refersTo", references.iter().map(of).collect());
            }
            entries.push(shown);
        }
        let status = history
            .state()
            .map_or("none", |state| status(state.status()));
        Ok(json!({"status": status, "entries": entries}))
    }

    /// Where a reference leads, if it is what stands there.
    fn referred(&self, reference: &Reference) -> Value {
        for (name, kept) in &self.logs {
            let log = name_of(kept.log.origin());
            let found = kept
                .objects
                .iter()
                .find(|(_, object)| **object == reference.object);
            let (true, Some((alias, object))) = (log == reference.log, found) else {
                continue;
            };
            let there = kept.log.entries().iter().any(|text| {
                matches!(LogEntry::parse(text), Ok(LogEntry::Object(entry))
                    if entry.object == *object && entry.sequence == reference.sequence)
                    && HASHER.leaf(text.as_bytes()).ok() == Some(reference.entry)
            });
            if there {
                return json!({"log": name, "object": alias, "entry": reference.sequence});
            }
        }
        Value::Null
    }

    fn refer(&mut self, name: &str, step: &Value) -> Step {
        let to = step.get("to").cloned().unwrap_or_default();
        let (to_log, to_object) = (text(&to, "log")?, text(&to, "object")?);
        let found = self.logs.get(to_log).and_then(|kept| {
            let object = *kept.objects.get(to_object)?;
            let state = kept.log.state(object)?;
            Some(Reference {
                log: name_of(kept.log.origin()),
                object,
                sequence: state.sequence(),
                entry: *state.head(),
            })
        });
        let Some(reference) = found else {
            return Ok("unknown".into());
        };
        self.write(name, text(step, "object")?, step, |_, _, _, _| {
            Ok(Event::Refer(vec![reference]))
        })
    }

    fn compare(&mut self, name: &str, known: Option<ObjectId>, step: &Value) -> Step {
        let object = match known {
            Some(object) => object,
            // Nobody knows it: that is proved of a number that was never used.
            None => ObjectId::generate(&mut self.random).map_err(|e| e.to_string())?,
        };
        let Ok(history) = self.verified(name, object)? else {
            return Ok("damaged".into());
        };
        let members = step.get("members").and_then(Value::as_object);
        let kept = self.logs.get_mut(name).ok_or("steps.log")?;
        let mut data: BTreeMap<Field, &[u8]> = BTreeMap::new();
        for (member, value) in members.into_iter().flatten() {
            let field = kept.field(member);
            data.insert(field, value.as_str().unwrap_or_default().as_bytes());
        }
        let keys = |sequence, field| kept.keys.get(&(object, sequence, field));
        let compared = history.compare(&data, keys, &SOFTWARE);
        Ok(match compared.map_err(|e| e.to_string())? {
            Comparison::Same { since, standing } => json!({
                "verdict": "same", "since": since,
                "standing": match standing {
                    Standing::Current => "current",
                    Standing::Superseded => "superseded",
                    Standing::Deleted => "deleted",
                    Standing::Undecided => "undecided",
                },
            }),
            Comparison::Differs {
                from,
                fields,
                erased,
                // The system has the keys of all that is not erased.
                undecided: _,
            } => json!({
                "verdict": "differs", "from": from, "members": kept.names(&fields),
                "erased": kept.names(&erased),
            }),
            Comparison::NeverRecorded => json!({"verdict": "neverRecorded"}),
            Comparison::Erased => json!({"verdict": "erased"}),
            Comparison::Undecided(fields) => {
                json!({"verdict": "undecided", "members": kept.names(&fields)})
            }
        })
    }

    fn subject(&self, step: &Value) -> Result<ObjectId, String> {
        let person = text(step, "about")?.as_bytes();
        let name = self.pseudonyms.pseudonym(person, Purpose(0), &SOFTWARE);
        Ok(name.map_err(|e| e.to_string())?.into())
    }

    fn ask(&mut self, step: &Value) -> Step {
        let (subject, at) = (self.subject(step)?, time(step)?);
        let asker = text(step, "by")?;
        let signer = self.actors.get(asker).ok_or("steps.by: no actor")?;
        let did = did_key::from_public_key(signer.public_key());
        let method = did_key::verification_method_id(&did).map_err(|e| e.to_string())?;
        let document = did_key::resolve(&did, KeyFormat::Multikey).map_err(|e| e.to_string())?;
        let actor = Actor::new(QUERIES, method, signer);
        let number = self.queries.subject(subject).and_then(|s| s.head());
        let number = number.map_or(0, |(last, _)| last + 1);
        let named = actor.commit(subject, number, &mut self.random);
        let (named, key) = named.map_err(|e| e.to_string())?;
        let purpose = step.get("purpose").and_then(Value::as_u64);
        let purpose = purpose.and_then(|p| u16::try_from(p).ok());
        let query = Query {
            actor: named,
            asked: kbtf_history::Asked::Queries,
            purpose: Purpose(purpose.ok_or("steps.purpose: a number")?),
            basis: LegalBasis::PublicTask,
        };
        let denied = step.get("denied").and_then(Value::as_bool) == Some(true);
        let question = self.queries.draft(subject, QueryEvent::Intent(query), at);
        let by = actor
            .sign(vec![(&question, key)])
            .map_err(|e| e.to_string())?;
        let verified = by
            .first()
            .ok_or("no attribution")?
            .verify(&question, QUERIES, &document, at, &SOFTWARE);
        verified.map_err(|e| e.to_string())?;
        // No entry, no answer: first the question, then the outcome, then the word.
        self.record(&question)?;
        let outcome = match denied {
            true => Outcome::Denied,
            false => Outcome::Served { records: 1 },
        };
        let event = QueryEvent::Outcome {
            intent: number,
            outcome,
        };
        let outcome = self.queries.draft(subject, event, at);
        self.record(&outcome)?;
        self.askers.insert((subject, number), did.to_string());
        Ok(if denied { "denied" } else { "served" }.into())
    }

    fn record(&mut self, entry: &kbtf_history::QueryEntry) -> Result<(), String> {
        let text = self.queries.check(entry).map_err(|e| e.to_string())?;
        self.queries.follow(&text).map_err(|e| e.to_string())?;
        Ok(())
    }

    fn asked(&mut self, step: &Value) -> Step {
        let subject = self.subject(step)?;
        self.queries.seal().map_err(|e| e.to_string())?;
        let root = self.queries.root().map_err(|e| e.to_string())?;
        let keeper = signer()?;
        let checkpoint = Checkpoint::new(QUERIES, self.queries.size(), root);
        let signed = checkpoint.and_then(|checkpoint| checkpoint.sign(&keeper));
        let shown = signed.and_then(|signed| self.queries.prove(subject, signed));
        let key = NoteKey::new(
            QUERIES,
            NoteKeyType::Ed25519,
            signer()?.public_key().clone(),
            &SOFTWARE,
        );
        let policy = format!("log {}\nquorum none\n", key.map_err(|e| e.to_string())?);
        let policy: TrustPolicy = policy.parse().map_err(|e: Error| e.to_string())?;
        let seen =
            shown.and_then(|shown| shown.verify_queries(subject, QUERIES, &policy, &SOFTWARE));
        let seen = seen.map_err(|e| e.to_string())?;
        let outcome = |intent: u32| {
            seen.entries().iter().find_map(|entry| match entry.event {
                QueryEvent::Outcome {
                    intent: of,
                    outcome,
                } if of == intent => Some(match outcome {
                    Outcome::Served { .. } => "served",
                    Outcome::Denied => "denied",
                    Outcome::Failed => "failed",
                }),
                _ => None,
            })
        };
        let mut questions = Vec::new();
        for entry in seen.entries() {
            if let QueryEvent::Intent(query) = &entry.event {
                questions.push(json!({
                    "at": entry.time.to_string(), "purpose": query.purpose.0,
                    "by": self.askers.get(&(subject, entry.sequence)),
                    "outcome": outcome(entry.sequence),
                }));
            }
        }
        Ok(json!({"count": seen.state().queries(), "questions": questions}))
    }
}

/// How a reference names a log.
fn name_of(origin: &str) -> Hash {
    Hash::from_bytes(Sha256::digest(origin.as_bytes()).into())
}

/// A reading in the units of the protocol: thousandths.
fn reading(one: &Value, at: Timestamp) -> Result<Reading, Error> {
    let whole = |name: &str| {
        one.get(name)
            .and_then(Value::as_i64)
            .and_then(|n| i32::try_from(n).ok())
            .ok_or(Error::Malformed {
                place: "reading",
                expected: "whole numbers",
            })
    };
    let positive = |name: &str| {
        u32::try_from(whole(name)?).map_err(|_| Error::Malformed {
            place: "reading",
            expected: "a number from 0 on",
        })
    };
    let measured = if one.get("milliCelsius").is_some() {
        Measured::Temperature {
            milli_celsius: whole("milliCelsius")?,
        }
    } else if one.get("humidityPerMille").is_some() {
        Measured::Humidity {
            per_mille: positive("humidityPerMille")?,
        }
    } else {
        Measured::Position {
            latitude_e7: whole("latitudeE7")?,
            longitude_e7: whole("longitudeE7")?,
            within_metres: positive("withinMetres")?,
        }
    };
    Reading::new(at, measured)
}

fn shown_reading(reading: &Reading) -> Value {
    match reading.measured() {
        Measured::Temperature { milli_celsius } => json!({"milliCelsius": milli_celsius}),
        Measured::Humidity { per_mille } => json!({"humidityPerMille": per_mille}),
        Measured::Position {
            latitude_e7,
            longitude_e7,
            within_metres,
        } => json!({
            "latitudeE7": latitude_e7, "longitudeE7": longitude_e7, "withinMetres": within_metres,
        }),
        _ => Value::Null,
    }
}
