//! Operations on documents, registers, assets, evidence and paper, of the built-in reference.

use std::collections::BTreeMap;

use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use kbtf_authenticity::{
    Bundle, BundleTrust, ByteDigest, Checked, Document, DocumentKey, Error, Header, Policy,
    Positions, Presented, RecordEvidence, Redacted, Step as Way, TrustedIssuer, Word,
    paper::{
        CheckNumber, FieldValue, PaperFault, PaperIssuers, PaperPolicy, PartCollector, SecondFactor,
    },
    register::{
        Context, Operation, Party, PublicInformation, Record, RecordChange, RecordFault,
        RecordStatus, RegisterEntry, RevocationReason, apply, decide,
    },
    verify,
};
use kbtf_did::{
    Did, KeyMethods, ResolutionOptions, ResolvedDocument, SOFTWARE, SecretKey, Signer as _,
    SoftwareSigner, Timestamp, did_kbtf::LedgerName, did_key,
};
use kbtf_history::{Commitment, lookup::HistoryNumber};
use serde_json::{Value, json};

use super::reference::Input;
use crate::protocol::{Answer, Request};

/// The class of what is wrong.
fn class(error: &Error) -> &'static str {
    match error {
        Error::Malformed { .. }
        | Error::Table { .. }
        | Error::Xml { .. }
        | Error::Json(_)
        | Error::TooLarge { .. } => "syntax",
        Error::OtherDocument => "proof",
        Error::Contradiction { .. } => "structure",
        Error::Record { fault } => match fault {
            RecordFault::OtherRegister | RecordFault::OtherRecord => "foreign",
            RecordFault::NotRegistered => "notCreated",
            RecordFault::AlreadyThere | RecordFault::CommitmentUsed => "replayed",
            RecordFault::NotNext => "gap",
            RecordFault::Fork => "brokenLink",
            RecordFault::TimeBackwards => "timeBackwards",
            RecordFault::Ended => "ended",
            RecordFault::NotTheIssuer
            | RecordFault::NotTheOwner
            | RecordFault::NotOffered
            | RecordFault::NoAsset => "notAuthorised",
            RecordFault::IssuerUnknown => "issuer",
            RecordFault::KeyNotInForce => "keyState",
            RecordFault::OfferOver => "expired",
            RecordFault::TooManyVersions => "tooMany",
            RecordFault::FalseSignature => "signature",
            _ => "structure",
        },
        Error::Paper { fault } => match fault {
            PaperFault::UnknownKey | PaperFault::NotForThisKind => "trust",
            PaperFault::KeyNotInForce => "keyState",
            PaperFault::FalseSignature => "signature",
            PaperFault::FromTheFuture | PaperFault::WindowTooLong | PaperFault::EmptyWindow => {
                "time"
            }
            PaperFault::WindowOver => "expired",
            PaperFault::OtherCode => "foreign",
            _ => "syntax",
        },
        Error::Did(kbtf_did::Error::PersonalData { .. }) => "personalData",
        Error::History(kbtf_history::Error::RootMismatch { .. }) => "proof",
        Error::Did(_) | Error::History(_) => "syntax",
        _ => "structure",
    }
}

fn refused(error: &Error) -> Answer {
    Answer::refused(class(error), &format!("{} {error}", error.code()))
}

fn answer(found: Result<Value, Error>) -> Answer {
    match found {
        Ok(value) => Answer::value(value),
        Err(error) => refused(&error),
    }
}

fn base64(input: Input<'_>, name: &str) -> Result<Vec<u8>, String> {
    Base64::decode_vec(input.text(name)?).map_err(|_| format!("input.{name}: expected base64"))
}

fn document_key(input: Input<'_>) -> Result<DocumentKey, String> {
    let bytes = Base64UrlUnpadded::decode_vec(input.text("key")?).ok();
    let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    bytes
        .map(DocumentKey::from_bytes)
        .ok_or_else(|| "input.key: expected 32 bytes in base64url".into())
}

pub(super) fn document_commit(input: Input<'_>) -> Result<Answer, String> {
    let bytes = base64(input, "bytes")?;
    let (key, media_type) = (document_key(input)?, input.text("mediaType")?);
    let content = input.text("content")?;
    if content.starts_with("table") && media_type != "text/csv" {
        return Ok(Answer::refused(
            "syntax",
            "the media type of a table is text/csv",
        ));
    }
    let found = match content {
        "json" => Document::from_json(media_type, &bytes).and_then(|d| d.commit(&key, &SOFTWARE)),
        "table" => {
            Document::from_csv(&bytes, Header::Named).and_then(|d| d.commit(&key, &SOFTWARE))
        }
        "table-without-header" => {
            Document::from_csv(&bytes, Header::None).and_then(|d| d.commit(&key, &SOFTWARE))
        }
        "xml" => Document::from_xml(media_type, &bytes).and_then(|d| d.commit(&key, &SOFTWARE)),
        "bytes" => ByteDigest::new(media_type, &key, &SOFTWARE).and_then(|mut digest| {
            digest.update(&bytes)?;
            digest.commit()
        }),
        other => return Err(format!("input.content: {other:?}")),
    };
    Ok(answer(found.map(
        |commitment| json!({"commitment": commitment.to_string()}),
    )))
}

fn seen(redacted: &str, commitment: &str) -> Result<Value, Error> {
    let redacted: Redacted = redacted.parse()?;
    let seen = redacted.verify(&commitment.parse::<Commitment>()?, &SOFTWARE)?;
    Ok(json!({"value": seen.value().to_canonical(), "ordered": seen.is_ordered()}))
}

pub(super) fn document_shown(input: Input<'_>) -> Result<Answer, String> {
    let (redacted, commitment) = (input.text("redacted")?, input.text("commitment")?);
    Ok(answer(seen(redacted, commitment)))
}

fn resolved(did: &Did) -> Option<ResolvedDocument> {
    KeyMethods
        .resolve_now(did, &ResolutionOptions::default())
        .ok()
}

/// The record that entries come to. Issuers are `did:key`s.
fn follow(register: &LedgerName, entries: &[&str]) -> Result<Option<Record>, Error> {
    let mut record = None;
    for text in entries {
        let entry = RegisterEntry::parse(text)?;
        let issuer = match entry.signed().operation().by() {
            Party::Issuer(method) => resolved(&method.did()),
            Party::Owner(_) => None,
        };
        let mut context = Context::new(register, entry.time());
        if let Some(issuer) = &issuer {
            context = context.issuer(issuer);
        }
        let event = decide(record.as_ref(), entry.signed(), &context)?;
        apply(&mut record, &event);
    }
    Ok(record)
}

fn status(record: &Record) -> &'static str {
    match record.status() {
        RecordStatus::Active => "active",
        RecordStatus::Revoked { .. } => "revoked",
        RecordStatus::Retired { .. } => "retired",
    }
}

pub(super) fn register_follow(input: Input<'_>) -> Result<Answer, String> {
    let register = LedgerName::parse(input.text("register")?).map_err(|e| e.to_string())?;
    let entries = input.texts("entries")?.unwrap_or_default();
    let record = match follow(&register, &entries) {
        Ok(record) => record.ok_or("input.entries: expected some")?,
        Err(error) => return Ok(refused(&error)),
    };
    let owner = record.ownership().map(|o| o.owner.to_multikey());
    let version = record.version().map(|v| v.public.commitment.to_string());
    Ok(Answer::value(json!({
        "record": record.id().to_string(), "issuer": record.issuer().as_str(), "type": record.record_type().as_str(),
        "versions": record.versions().len(), "commitment": version, "status": status(&record), "owner": owner,
        "head": record.head().to_string(),
    })))
}

const fn word(word: Word) -> &'static str {
    match word {
        Word::Authentic => "authentic",
        Word::Altered => "altered",
        Word::CertificateCheckFailed => "certificateCheckFailed",
        Word::Unverified => "unverified",
    }
}

fn report(checked: &Checked) -> Value {
    json!({
        "integrity": checked.integrity.as_str(), "status": checked.status.as_str(), "issuer": checked.issuer.as_str(),
        "word": word(checked.word()),
    })
}

pub(super) fn evidence_verify(input: Input<'_>, now: Timestamp) -> Result<Answer, String> {
    let register = LedgerName::parse(input.text("register")?).map_err(|e| e.to_string())?;
    let mut policy = Policy::new(&register);
    for issuer in input.texts("issuers")?.unwrap_or_default() {
        let did = Did::parse(issuer).map_err(|e| e.to_string())?;
        policy = policy.issuer(TrustedIssuer::new(did));
    }
    if let Some(origin) = input.optional("origin") {
        let trust = input.text("policy")?.parse();
        policy = policy.log(
            origin,
            trust.map_err(|e: kbtf_history::Error| e.to_string())?,
        );
    }
    match input.value("freshWithin").map(Value::as_i64) {
        None => policy = policy.as_of_checkpoint(),
        Some(Some(seconds)) => policy = policy.fresh_within(seconds),
        Some(None) => return Err("input.freshWithin: expected seconds".into()),
    }
    Ok(match Bundle::parse(input.text("bundle")?) {
        Err(error) => Answer::refused("syntax", &format!("{} {error}", error.code())),
        Ok(bundle) => Answer::value(report(&bundle.verify(
            &policy,
            &BundleTrust::new(),
            now,
            &SOFTWARE,
        ))),
    })
}

pub(super) fn paper_read(input: Input<'_>, now: Timestamp) -> Result<Answer, String> {
    let mut issuers = PaperIssuers::new();
    for issuer in input.texts("issuers")?.unwrap_or_default() {
        let did = Did::parse(issuer).map_err(|e| e.to_string())?;
        let issuer = resolved(&did).ok_or("input.issuers: expected a did:key")?;
        issuers = issuers
            .with(&issuer, &SOFTWARE)
            .map_err(|e| e.to_string())?;
    }
    let texts = input.texts("texts")?.unwrap_or_default();
    let mut collector = PartCollector::new();
    let mut paper = None;
    for text in texts {
        match collector.add(text, &SOFTWARE) {
            Ok(whole) => paper = whole.or(paper),
            Err(error) => return Ok(refused(&error)),
        }
    }
    let Some(paper) = paper else {
        return Ok(Answer::refused("incomplete", "parts are missing"));
    };
    let seen = match paper.verify(&issuers, &PaperPolicy::default(), now, &SOFTWARE) {
        Ok(seen) => seen,
        Err(error) => return Ok(refused(&error)),
    };
    let mut fields = serde_json::Map::new();
    for (name, value) in seen.fields() {
        let value = match value {
            FieldValue::Text(text) => json!(text),
            FieldValue::Whole(number) => json!(number.to_string()),
            FieldValue::Flag(flag) => json!(flag),
            _ => Value::Null,
        };
        fields.insert(name.clone(), value);
    }
    let attached = seen.attached().map(|a| Base64::encode_string(&a.bytes));
    Ok(Answer::value(json!({
        "issuer": seen.method().did().as_str(), "commitment": seen.commitment().to_string(),
        "issued": seen.issued().to_string(), "until": seen.until().to_string(),
        "type": seen.record_type().map(|t| t.as_str().to_owned()),
        "checkNumber": seen.check_number().map(|n| n.to_string()), "fields": fields, "document": attached,
    })))
}

pub(super) fn number_read(input: Input<'_>) -> Result<Answer, String> {
    let text = input.text("text")?;
    let read = match input.text("kind")? {
        "check" => text.parse::<CheckNumber>().map(|n| n.to_string()),
        "second" => SecondFactor::parse(text).map(|f| f.to_text().to_string()),
        "history" => text
            .parse::<HistoryNumber>()
            .map(|n| n.to_string())
            .map_err(Error::from),
        other => return Err(format!("input.kind: {other:?}")),
    };
    Ok(answer(read.map(|number| json!({"number": number}))))
}

/// A system that is told what to do in words that know nothing of its formats.
struct System {
    register: LedgerName,
    parties: BTreeMap<String, SoftwareSigner<'static>>,
    trusted: Vec<String>,
    records: BTreeMap<String, Kept>,
    /// The names of records, in the order in which they came.
    order: Vec<String>,
    /// What was shown to others.
    shown: Vec<String>,
    keys: u32,
}

struct Kept {
    entries: Vec<String>,
    /// The document of each version, its key and its commitment.
    versions: Vec<(String, [u8; 32], Commitment)>,
}

fn text<'s>(step: &'s Value, name: &str) -> Result<&'s str, String> {
    step.get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| format!("steps: expected {name}"))
}

fn time(step: &Value, name: &str) -> Result<Timestamp, String> {
    text(step, name)?
        .parse()
        .map_err(|_| format!("steps.{name}: a time"))
}

fn until(step: &Value) -> Result<Option<Timestamp>, String> {
    match step.get("until") {
        None => Ok(None),
        Some(_) => time(step, "until").map(Some),
    }
}

fn commit(document: &str, key: [u8; 32]) -> Result<Commitment, String> {
    let document = Document::from_json("application/json", document.as_bytes());
    let commitment = document.and_then(|d| d.commit(&DocumentKey::from_bytes(key), &SOFTWARE));
    commitment.map_err(|e| e.to_string())
}

pub(super) fn authenticity_run(input: Input<'_>, request: &Request) -> Result<Answer, String> {
    let mut system = System {
        register: LedgerName::parse("seoul-1").map_err(|e| e.to_string())?,
        parties: BTreeMap::new(),
        trusted: Vec::new(),
        records: BTreeMap::new(),
        order: Vec::new(),
        shown: Vec::new(),
        keys: 0,
    };
    let parties = input.value("parties").and_then(Value::as_object);
    for (name, secret) in parties.into_iter().flatten() {
        let secret = secret.as_str().unwrap_or_default();
        let key = SecretKey::from_multikey(secret).map_err(|e| e.to_string())?;
        system
            .parties
            .insert(name.clone(), SoftwareSigner::new(key));
    }
    for name in input.texts("trusted")?.unwrap_or_default() {
        system.trusted.push(name.to_owned());
    }
    let steps = input.value("steps").and_then(Value::as_array);
    let mut results = Vec::new();
    for step in steps.into_iter().flatten() {
        results.push(system.step(step, &request.seed)?);
    }
    let entries = system.records.values().flat_map(|kept| &kept.entries);
    let ledger: Vec<&String> = entries.chain(&system.shown).collect();
    Ok(Answer::value(json!({"results": results, "ledger": ledger})))
}

/// Why an operation is not taken, in the words of the protocol.
fn not_taken(error: &Error) -> Result<Value, String> {
    let word = match error {
        Error::Record { fault } => match fault {
            RecordFault::Ended => "ended",
            RecordFault::NotTheIssuer => "notIssuer",
            RecordFault::NoAsset => "noAsset",
            RecordFault::NotTheOwner => "notOwner",
            RecordFault::NotOffered => "notOffered",
            RecordFault::AlreadyOffered => "offered",
            RecordFault::OfferOver => "over",
            RecordFault::NoOffer => "impossible",
            other => return Err(other.to_string()),
        },
        other => return Err(other.to_string()),
    };
    Ok(word.into())
}

impl System {
    fn signer(&self, name: &str) -> Result<&SoftwareSigner<'static>, String> {
        self.parties
            .get(name)
            .ok_or_else(|| format!("no party {name}"))
    }

    fn did(&self, name: &str) -> Result<Did, String> {
        Ok(did_key::from_public_key(self.signer(name)?.public_key()))
    }

    /// The next key of a document, from the seed of the request.
    fn key(&mut self, seed: &str) -> [u8; 32] {
        use sha2::{Digest as _, Sha256};
        self.keys += 1;
        Sha256::digest(format!("{seed} {}", self.keys)).into()
    }

    fn issuer(&self, name: &str) -> Result<Party, String> {
        let document = resolved(&self.did(name)?).ok_or("a did:key")?.document;
        let method = document.verification_methods().first();
        Ok(Party::Issuer(method.ok_or("a method")?.id().clone()))
    }

    fn name_of(&self, record: &Record) -> Option<String> {
        let owner = &record.ownership()?.owner;
        let is_owner = |(_, signer): &(&String, &SoftwareSigner<'_>)| signer.public_key() == owner;
        self.parties
            .iter()
            .find(is_owner)
            .map(|(name, _)| name.clone())
    }

    fn record(&self, name: &str) -> Result<Option<Record>, String> {
        let Some(kept) = self.records.get(name) else {
            return Ok(None);
        };
        let entries: Vec<&str> = kept.entries.iter().map(String::as_str).collect();
        follow(&self.register, &entries).map_err(|e| e.to_string())
    }

    fn step(&mut self, step: &Value, seed: &str) -> Result<Value, String> {
        match text(step, "command")? {
            "list" => return self.list(step),
            "find" => return self.find(step),
            _ => {}
        }
        let name = text(step, "record")?;
        let record = self.record(name)?;
        match (text(step, "command")?, record) {
            ("register", None) => self.register(step, name, seed),
            ("register", Some(_)) => Ok("exists".into()),
            (_, None) => Ok("unknown".into()),
            ("query", Some(record)) => self.query(&record),
            ("check", Some(_)) => self.check(step, name),
            ("show", Some(_)) => self.show(step, name),
            (command, Some(record)) => self.act(command, step, name, &record, seed),
        }
    }

    fn register(&mut self, step: &Value, name: &str, seed: &str) -> Result<Value, String> {
        let by = text(step, "by")?;
        let key = self.key(seed);
        let document = text(step, "document")?;
        let commitment = commit(document, key)?;
        let mut public = PublicInformation::new(commitment);
        public.until = until(step)?;
        let owner = match step.get("owner").and_then(Value::as_str) {
            None => None,
            Some(owner) => Some(self.signer(owner)?.public_key()),
        };
        let Party::Issuer(method) = self.issuer(by)? else {
            return Err("an issuer".into());
        };
        let kind = text(step, "type")?
            .parse()
            .map_err(|e: Error| e.to_string())?;
        let operation = Operation::register(&self.register, method, kind, public, owner);
        let signed =
            operation.and_then(|o| o.sign(self.signer(by).map_err(|_| Error::OtherDocument)?));
        let entry = signed.map_err(|e| e.to_string())?.at(time(step, "at")?);
        let entry = entry.to_text();
        follow(&self.register, &[&entry]).map_err(|e| e.to_string())?;
        let kept = Kept {
            entries: vec![entry],
            versions: vec![(document.to_owned(), key, commitment)],
        };
        self.records.insert(name.to_owned(), kept);
        self.order.push(name.to_owned());
        Ok("ok".into())
    }

    fn act(
        &mut self,
        command: &str,
        step: &Value,
        name: &str,
        record: &Record,
        seed: &str,
    ) -> Result<Value, String> {
        let by = text(step, "by")?;
        let mut version = None;
        let (party, change) = match command {
            "update" => {
                let key = self.key(seed);
                let document = text(step, "document")?;
                let commitment = commit(document, key)?;
                version = Some((document.to_owned(), key, commitment));
                let mut public = PublicInformation::new(commitment);
                public.until = until(step)?;
                (self.issuer(by)?, RecordChange::Update(public))
            }
            "revoke" => (
                self.issuer(by)?,
                RecordChange::Revoke(RevocationReason::Error),
            ),
            owner => {
                let change = match owner {
                    "offer" => RecordChange::Offer {
                        to: self.signer(text(step, "to")?)?.public_key().clone(),
                        until: time(step, "until")?,
                    },
                    "withdraw" => RecordChange::Withdraw,
                    "accept" => RecordChange::Accept,
                    "reject" => RecordChange::Reject,
                    "retire" => RecordChange::Retire,
                    other => return Err(format!("command {other:?}")),
                };
                let key = self.signer(by)?.public_key().clone();
                (Party::Owner(key), change)
            }
        };
        let operation = Operation::next(record, party, change).map_err(|e| e.to_string())?;
        let signed = operation
            .sign(self.signer(by)?)
            .map_err(|e| e.to_string())?;
        let entry = signed.at(time(step, "at")?).to_text();
        let kept = self.records.get_mut(name).ok_or("a record")?;
        let mut entries: Vec<&str> = kept.entries.iter().map(String::as_str).collect();
        entries.push(&entry);
        if let Err(error) = follow(&self.register, &entries) {
            return not_taken(&error);
        }
        kept.entries.push(entry);
        kept.versions.extend(version);
        Ok("ok".into())
    }

    fn query(&self, record: &Record) -> Result<Value, String> {
        let is_issuer = |name: &&String| {
            self.did(name.as_str())
                .is_ok_and(|did| did == *record.issuer())
        };
        let issuer = self.parties.keys().find(is_issuer);
        Ok(json!({
            "issuer": issuer, "type": record.record_type().as_str(), "versions": record.versions().len(),
            "status": status(record), "owner": self.name_of(record),
        }))
    }

    fn policy(&self) -> Result<Policy, String> {
        self.trusted
            .iter()
            .try_fold(Policy::new(&self.register), |policy, name| {
                Ok(policy.issuer(TrustedIssuer::new(self.did(name)?)))
            })
    }

    /// How something that is presented is found, of the version that it fits best.
    fn verdicts(
        &self,
        kept: &Kept,
        presented: impl Fn(&(String, [u8; 32], Commitment)) -> Result<Checked, String>,
    ) -> Result<Value, String> {
        let mut last = None;
        for version in kept.versions.iter().rev() {
            let checked = presented(version)?;
            if checked.integrity.as_str() == "valid" {
                return Ok(report(&checked));
            }
            last.get_or_insert(checked);
        }
        last.map(|checked| report(&checked))
            .ok_or_else(|| "a version".into())
    }

    fn check(&self, step: &Value, name: &str) -> Result<Value, String> {
        let kept = self.records.get(name).ok_or("a record")?;
        let (document, at, policy) = (text(step, "document")?, time(step, "at")?, self.policy()?);
        let evidence = RecordEvidence::Live {
            entries: kept.entries.clone(),
            at,
        };
        self.verdicts(kept, |(_, key, _)| {
            let presented = Presented::whole(commit(document, *key)?);
            Ok(verify(
                &presented,
                &evidence,
                &policy,
                &KeyMethods,
                at,
                &SOFTWARE,
            ))
        })
    }

    /// The holder hides members of the last version; what he shows is then checked.
    fn show(&mut self, step: &Value, name: &str) -> Result<Value, String> {
        let kept = self.records.get(name).ok_or("a record")?;
        let (at, policy) = (time(step, "at")?, self.policy()?);
        let hidden = step.get("hide").and_then(Value::as_array);
        let hidden: Vec<&str> = hidden
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let (document, key, _) = kept.versions.last().ok_or("a version")?;
        let document = Document::from_json("application/json", document.as_bytes());
        let is_shown = |way: &[Way<'_>]| {
            !way.iter()
                .any(|step| matches!(step, Way::Member(name) if hidden.contains(name)))
        };
        let key = DocumentKey::from_bytes(*key);
        let redacted = document.and_then(|d| d.redact(&key, is_shown, Positions::Shown, &SOFTWARE));
        let text = redacted.map_err(|e| e.to_string())?.to_string();
        let redacted: Redacted = text.parse().map_err(|e: Error| e.to_string())?;
        let evidence = RecordEvidence::Live {
            entries: kept.entries.clone(),
            at,
        };
        let presented = Presented::redacted(&redacted);
        let checked = verify(&presented, &evidence, &policy, &KeyMethods, at, &SOFTWARE);
        let mut value = report(&checked);
        let seen = checked.seen.map(|seen| seen.value().to_canonical());
        let seen: Option<Value> = seen.and_then(|seen| serde_json::from_str(&seen).ok());
        if let Some(members) = value.as_object_mut() {
            members.insert("document".into(), seen.unwrap_or_default());
        }
        self.shown.push(text);
        Ok(value)
    }

    fn find(&self, step: &Value) -> Result<Value, String> {
        let document = text(step, "document")?;
        let mut found = Vec::new();
        for (name, kept) in &self.records {
            for (_, key, commitment) in &kept.versions {
                if commit(document, *key)? == *commitment {
                    found.push(name);
                    break;
                }
            }
        }
        Ok(json!(found))
    }

    fn list(&self, step: &Value) -> Result<Value, String> {
        let size = step.get("size").and_then(Value::as_u64).unwrap_or(1);
        let size = usize::try_from(size.max(1)).unwrap_or(usize::MAX);
        let owner = step.get("owner").and_then(Value::as_str);
        let mut names = Vec::new();
        for name in &self.order {
            let record = self.record(name)?.ok_or("a record")?;
            if owner.is_none() || self.name_of(&record).as_deref() == owner {
                names.push(name);
            }
        }
        let pages: Vec<&[&String]> = names.chunks(size).collect();
        Ok(json!(pages))
    }
}
