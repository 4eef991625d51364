//! Documents, registers, assets, evidence and paper: what an issuer, a citizen, a thief and a forger might do.

use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use kbtf_authenticity::{
    Batch, Bundle, Content, Document, DocumentKey, Exhibit, Positions, RecordEvidence, Step as Way,
    paper::{Attached, CheckNumber, FieldValue, PaperCode, Profile, SignedPaper, split},
    register::{
        MemoryRegister, Operation, Party, PublicInformation, Record, RecordChange,
        RecordLedger as _, RevocationReason, SignedOperation,
    },
};
use kbtf_did::{
    DidUrl, KeyFormat, KeyMethods, KeyType, SOFTWARE, SecretKey, Signer as _, SoftwareSigner,
    Timestamp, base45,
    cbor::{self, Item},
    did_kbtf::LedgerName,
    did_key,
};
use kbtf_history::{
    AddCheckpoint, Commitment, Witness,
    note::{NoteKey, NoteKeyType},
};
use serde_json::{Value, json};

use super::{Row, case, checked, made, refused, rows, suite, with};
use crate::suite::{Case, Check, Expect, Suite};

const ORIGIN: &str = "register.example/documents";
const NAME: &str = "seoul-1";
const KEY: [u8; 32] = [7; 32];

type Made<T> = Result<T, String>;

fn text<T, E: ToString>(result: Result<T, E>) -> Made<T> {
    result.map_err(|e| e.to_string())
}

fn signer(seed: u8) -> Made<SoftwareSigner<'static>> {
    let kind = match seed % 2 {
        0 => KeyType::P256,
        _ => KeyType::Ed25519,
    };
    let key = text(SecretKey::from_bytes(kind, &[seed; 32]))?;
    Ok(SoftwareSigner::new(key))
}

fn did(seed: u8) -> Made<String> {
    Ok(did_key::from_public_key(signer(seed)?.public_key())
        .as_str()
        .to_owned())
}

fn method(seed: u8) -> Made<DidUrl> {
    let did = did_key::from_public_key(signer(seed)?.public_key());
    let document = text(did_key::resolve(&did, KeyFormat::Multikey))?;
    let method = document.verification_methods().first();
    Ok(method.ok_or("a method")?.id().clone())
}

fn owner(seed: u8) -> Made<Party> {
    Ok(Party::Owner(signer(seed)?.public_key().clone()))
}

/// So many seconds after the time of the suites.
fn at(seconds: i64) -> Made<Timestamp> {
    Timestamp::from_unix(1_795_305_600 + seconds).ok_or_else(|| "a time".into())
}

/// Every suite of data authenticity.
pub(super) fn all() -> Made<Vec<(&'static str, Suite)>> {
    Ok(vec![
        ("authenticity/documents.json", documents()?),
        ("authenticity/registers.json", registers()?),
        ("authenticity/evidence.json", evidence()?),
        ("authenticity/paper.json", paper()?),
        ("authenticity/runs.json", runs()?),
    ])
}

fn key_text() -> String {
    Base64UrlUnpadded::encode_string(&KEY)
}

fn document_input(content: &str, media_type: &str, bytes: &[u8]) -> Value {
    json!({
        "content": content, "mediaType": media_type, "bytes": Base64::encode_string(bytes), "key": key_text(),
    })
}

fn json_document(text_: &str) -> Made<Document<'_>> {
    text(Document::from_json("application/json", text_.as_bytes()))
}

const ISSUED: &str = r#"{"amount":100,"paid":true,"note":null,"items":["a","b"],"empty":{}}"#;

fn documents() -> Made<Suite> {
    let commitment = |content: Content, media_type: &str, bytes: &[u8]| -> Made<Expect> {
        let exhibit = match content {
            Content::Json => text(Document::from_json(media_type, bytes))?,
            Content::Xml => text(Document::from_xml(media_type, bytes))?,
            Content::Table(header) => text(Document::from_csv(bytes, header))?,
            _ => {
                let key = DocumentKey::from_bytes(KEY);
                let mut digest = text(kbtf_authenticity::ByteDigest::new(
                    media_type, &key, &SOFTWARE,
                ))?;
                text(digest.update(bytes))?;
                return Ok(made(
                    json!({"commitment": text(digest.commit())?.to_string()}),
                ));
            }
        };
        let key = DocumentKey::from_bytes(KEY);
        let commitment = text(exhibit.commit(&key, &SOFTWARE))?;
        Ok(made(json!({"commitment": commitment.to_string()})))
    };
    let json = |text: &str| commitment(Content::Json, "application/json", text.as_bytes());
    let mut table: Vec<Row> = Vec::new();
    let mut accept = |name: &str, en, ko, content: &str, media_type: &str, bytes: &[u8], expect| {
        table.push((
            format!("accept-{name}"),
            en,
            ko,
            document_input(content, media_type, bytes),
            expect,
        ));
    };
    accept(
        "issued",
        "The document that was issued",
        "발급된 문서",
        "json",
        "application/json",
        ISSUED.as_bytes(),
        json(ISSUED)?,
    );
    let same = r#" { "items" : ["a", "b"], "paid":true, "amount":1e2, "empty":{},"note":null} "#;
    accept(
        "written-otherwise",
        "Order of members, spaces, and how a number is written say nothing",
        "멤버 순서, 공백, 숫자 표기는 의미 없음",
        "json",
        "application/json",
        same.as_bytes(),
        json(ISSUED)?,
    );
    // What OpenAttestation v2 or v3 take for the same: each has another commitment.
    for (name, en, ko, changed) in [
        (
            "number-as-text",
            "A number is not the same as text",
            "숫자와 문자열은 다름",
            ISSUED.replace("100", "\"100\""),
        ),
        (
            "true-as-text",
            "True is not the same as text",
            "참과 문자열은 다름",
            ISSUED.replace("true", "\"true\""),
        ),
        (
            "null-as-text",
            "Null is not the same as text",
            "null과 문자열은 다름",
            ISSUED.replace("null", "\"null\""),
        ),
        (
            "null-left-out",
            "Null is not the same as nothing",
            "null과 없음은 다름",
            ISSUED.replace("\"note\":null,", ""),
        ),
        (
            "empty-array-more",
            "An empty array more is another document",
            "빈 배열이 추가되면 다른 문서",
            ISSUED.replace("{}}", "{},\"more\":[]}"),
        ),
        (
            "empty-array-for-object",
            "An empty array is not an empty object",
            "빈 배열과 빈 객체는 다름",
            ISSUED.replace("{}}", "[]}"),
        ),
        (
            "array-as-object",
            "An array is not an object with its numbers",
            "배열과 번호를 이름으로 하는 객체는 다름",
            ISSUED.replace("[\"a\",\"b\"]", "{\"0\":\"a\",\"1\":\"b\"}"),
        ),
        (
            "turned-round",
            "The order of items counts",
            "항목 순서가 의미 있음",
            ISSUED.replace("\"a\",\"b\"", "\"b\",\"a\""),
        ),
        (
            "item-in-array",
            "An item in an array of its own is another",
            "항목을 배열로 감싸면 다름",
            ISSUED.replace("\"b\"", "[\"b\"]"),
        ),
        (
            "unicode-as-given",
            "Text counts as it is given, not normalised",
            "문자열은 정규화하지 않고 그대로",
            ISSUED.replace("\"a\"", "\"\u{1100}\u{1161}\""),
        ),
    ] {
        accept(
            name,
            en,
            ko,
            "json",
            "application/json",
            changed.as_bytes(),
            json(&changed)?,
        );
    }
    accept(
        "other-type",
        "The media type counts",
        "미디어 유형이 의미 있음",
        "json",
        "application/ld+json",
        ISSUED.as_bytes(),
        commitment(Content::Json, "application/ld+json", ISSUED.as_bytes())?,
    );
    accept(
        "scalar",
        "A document that is one text",
        "문자열 하나로 된 문서",
        "json",
        "application/json",
        "\"가\"".as_bytes(),
        json("\"가\"")?,
    );
    let csv = "이름,금액\r\n\"홍, 길동\",100\r\n".as_bytes();
    let named = kbtf_authenticity::Header::Named;
    let unnamed = kbtf_authenticity::Header::None;
    accept(
        "table",
        "A table with a header",
        "머리글이 있는 표",
        "table",
        "text/csv",
        csv,
        commitment(Content::Table(named), "text/csv", csv)?,
    );
    accept(
        "table-without-header",
        "A table without one",
        "머리글이 없는 표",
        "table-without-header",
        "text/csv",
        csv,
        commitment(Content::Table(unnamed), "text/csv", csv)?,
    );
    let lf = "이름,금액\n\"홍, 길동\",100".as_bytes();
    accept(
        "table-lf",
        "Lines that end with LF, the last one with none, say the same",
        "LF로 끝나는 줄과 끝맺음 없는 마지막 줄도 같은 표",
        "table",
        "text/csv",
        lf,
        commitment(Content::Table(named), "text/csv", csv)?,
    );
    let xml = "<?xml version='1.0'?><p:a xmlns:p='urn:n' x='1'>가<b/><!--c--></p:a>".as_bytes();
    accept(
        "xml",
        "XML with namespaces",
        "이름공간이 있는 XML",
        "xml",
        "application/xml",
        xml,
        commitment(Content::Xml, "application/xml", xml)?,
    );
    let other_xml =
        "<p:a x=\"&#49;\"\n xmlns:p=\"urn:n\" >&#xAC00;<b></b><!--c--></p:a>".as_bytes();
    accept(
        "xml-written-otherwise",
        "Quotes, references and the order of attributes say nothing",
        "인용부호, 참조, 속성 순서는 의미 없음",
        "xml",
        "application/xml",
        other_xml,
        commitment(Content::Xml, "application/xml", xml)?,
    );
    for (name, length) in [
        ("empty", 0),
        ("short", 20),
        ("block", 65_536),
        ("block-and-one", 65_537),
    ] {
        let bytes: Vec<u8> = (0..length).map(|n: u32| (n % 251) as u8).collect();
        accept(
            &format!("bytes-{name}"),
            "Bytes in blocks",
            "블록 단위의 바이트",
            "bytes",
            "application/pdf",
            &bytes,
            commitment(Content::Bytes, "application/pdf", &bytes)?,
        );
    }
    for (name, en, ko, content, media_type, bytes) in [
        (
            "member-twice",
            "A member twice could be read in two ways",
            "같은 멤버가 두 번이면 두 가지로 읽힐 수 있음",
            "json",
            "application/json",
            &br#"{"a":1,"a":2}"#[..],
        ),
        (
            "great-number",
            "A number that a double does not hold",
            "배정도로 표현할 수 없는 숫자",
            "json",
            "application/json",
            b"9007199254740993",
        ),
        (
            "not-utf-8",
            "Text that is not UTF-8",
            "UTF-8이 아닌 텍스트",
            "json",
            "application/json",
            b"\"\xff\"",
        ),
        (
            "nothing",
            "No text at all",
            "빈 텍스트",
            "json",
            "application/json",
            b"",
        ),
        (
            "media-type",
            "A media type with parameters",
            "매개변수가 있는 미디어 유형",
            "json",
            "application/json; charset=utf-8",
            b"1",
        ),
        (
            "uneven-rows",
            "A row with fewer cells",
            "칸 수가 다른 행",
            "table",
            "text/csv",
            b"a,b\nc\n",
        ),
        (
            "quote-in-cell",
            "A quote in a cell without quotes",
            "인용부호로 묶지 않은 칸의 인용부호",
            "table",
            "text/csv",
            b"a\nb\"c\n",
        ),
        (
            "column-twice",
            "Two columns with one name",
            "같은 이름의 열",
            "table",
            "text/csv",
            b"a,a\nb,c\n",
        ),
        (
            "mixed-lines",
            "A table whose lines end in two ways",
            "줄바꿈이 섞인 표",
            "table",
            "text/csv",
            b"a,b\r\nc,d\n",
        ),
        (
            "table-type",
            "A table of another media type",
            "다른 미디어 유형의 표",
            "table",
            "text/plain",
            b"a,b\nc,d\n",
        ),
        (
            "doctype",
            "XML with a document type: entities could make two texts of one",
            "문서 유형이 있는 XML: 실체로 두 문서가 될 수 있음",
            "xml",
            "application/xml",
            b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        ),
        (
            "undeclared-prefix",
            "A prefix that is not declared",
            "선언되지 않은 접두어",
            "xml",
            "application/xml",
            b"<p:a/>",
        ),
        (
            "attribute-twice",
            "An attribute twice, by two prefixes",
            "두 접두어로 같은 속성이 두 번",
            "xml",
            "application/xml",
            b"<a xmlns:p='u' xmlns:q='u' p:x='1' q:x='2'/>",
        ),
        (
            "two-elements",
            "Two elements at the top",
            "최상위 요소가 둘",
            "xml",
            "application/xml",
            b"<a/><b/>",
        ),
        (
            "xml-1-1",
            "Another version of XML",
            "XML의 다른 버전",
            "xml",
            "application/xml",
            b"<?xml version='1.1'?><a/>",
        ),
    ] {
        table.push((
            format!("refuse-{name}"),
            en,
            ko,
            document_input(content, media_type, bytes),
            refused(&["syntax"]),
        ));
    }
    let mut cases = rows(
        "document.commit",
        "aut-document",
        &["AUT-01", "AUT-08"],
        "documents",
        table,
    );
    cases.extend(shown()?);
    Ok(suite(
        "authenticity/documents",
        "authenticity",
        "Commitments to documents of any format, and what is shown of them",
        "모든 형식의 문서에 대한 약속값과 선택적 공개",
        cases,
    ))
}

fn shown() -> Made<Vec<Case>> {
    let key = DocumentKey::from_bytes(KEY);
    let whole = r#"{"name":"홍길동","number":"900101-1234567","courses":[{"name":"국어","grade":"A"},{"name":"영어","grade":"B"}]}"#;
    let document = json_document(whole)?;
    let commitment = text(document.commit(&key, &SOFTWARE))?;
    let redact = |show: &dyn Fn(&[Way<'_>]) -> bool, positions| -> Made<Value> {
        let redacted = text(document.redact(&key, show, positions, &SOFTWARE))?;
        Ok(json!({"redacted": redacted.to_string(), "commitment": commitment.to_string()}))
    };
    let without_number = |way: &[Way<'_>]| !way.contains(&Way::Member("number"));
    let good = redact(&without_number, Positions::Shown)?;
    let unordered = redact(
        &|way: &[Way<'_>]| way.contains(&Way::Member("grade")),
        Positions::Hidden,
    )?;
    let name_only = redact(
        &|way: &[Way<'_>]| way == [Way::Member("name")],
        Positions::Hidden,
    )?;
    let seen = |value: &str, ordered: bool| made(json!({"value": value, "ordered": ordered}));
    let mut table: Vec<Row> = vec![
        (
            "accept-without-number".into(),
            "All but the resident number is shown",
            "주민등록번호만 가림",
            good.clone(),
            seen(
                r#"{"courses":[{"grade":"A","name":"국어"},{"grade":"B","name":"영어"}],"name":"홍길동"}"#,
                true,
            ),
        ),
        (
            "accept-name-only".into(),
            "One value is shown",
            "값 하나만 공개",
            name_only.clone(),
            seen(r#"{"name":"홍길동"}"#, true),
        ),
        (
            "refuse-other-document".into(),
            "Of another document",
            "다른 문서의 것",
            with(
                &good,
                "commitment",
                json!(text(json_document(ISSUED)?.commit(&key, &SOFTWARE))?.to_string()),
            ),
            refused(&["proof"]),
        ),
    ];
    let redacted = |value: &Value| {
        value
            .get("redacted")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let change = |value: &Value, change: &dyn Fn(&mut Value)| -> Made<Value> {
        let mut parsed: Value = text(serde_json::from_str(&redacted(value)))?;
        change(&mut parsed);
        // The members stay in their order, and there are no numbers but whole ones.
        Ok(with(value, "redacted", json!(canonical(&parsed))))
    };
    let shown_at = |value: &mut Value, place: usize, member: &str, to: Value| {
        if let Some(leaf) = value.pointer_mut(&format!("/shown/{place}"))
            && let Some(members) = leaf.as_object_mut()
        {
            members.insert(member.into(), to);
        }
    };
    let refusals: Vec<(&str, &str, &str, Value, &[&str])> = vec![
        (
            "value",
            "A value was changed",
            "값이 바뀜",
            change(&name_only, &|v| shown_at(v, 0, "value", json!("홍길순")))?,
            &["proof"],
        ),
        (
            "value-type",
            "A text made a number",
            "문자열을 숫자로 바꿈",
            change(&name_only, &|v| shown_at(v, 0, "value", json!(1)))?,
            &["proof"],
        ),
        (
            "name",
            "A value under another name",
            "다른 이름 아래의 값",
            change(&name_only, &|v| shown_at(v, 0, "path", json!(["father"])))?,
            &["proof"],
        ),
        (
            "salt",
            "Another salt",
            "다른 솔트",
            change(&name_only, &|v| shown_at(v, 0, "salt", json!(key_text())))?,
            &["proof"],
        ),
        (
            "type",
            "Another media type",
            "다른 미디어 유형",
            change(&name_only, &|v| {
                v["type"] = json!("application/xml");
            })?,
            &["proof"],
        ),
        (
            "leaves",
            "Another number of leaves",
            "다른 잎 수",
            change(&name_only, &|v| {
                v["leaves"] = json!(32);
            })?,
            &["proof", "syntax"],
        ),
        (
            "proof-short",
            "A hash of the proof is missing",
            "증명의 해시가 없음",
            change(&name_only, &|v| {
                if let Some(p) = v["proof"].as_array_mut() {
                    p.pop();
                }
            })?,
            &["syntax", "proof"],
        ),
        (
            "proof-long",
            "A hash too many",
            "증명의 해시가 더 있음",
            change(&name_only, &|v| {
                if let Some(p) = v["proof"].as_array_mut() {
                    let last = p.last().cloned().unwrap_or_default();
                    p.push(last);
                }
            })?,
            &["syntax", "proof"],
        ),
        (
            "nothing",
            "Nothing is shown",
            "아무것도 공개하지 않음",
            change(&name_only, &|v| {
                v["shown"] = json!([]);
            })?,
            &["syntax"],
        ),
        (
            "twice",
            "One leaf twice",
            "같은 잎이 두 번",
            change(&name_only, &|v| {
                let leaf = v.pointer("/shown/0").cloned();
                v["shown"] = json!([leaf, leaf]);
            })?,
            &["syntax", "structure"],
        ),
        (
            "member-more",
            "A member that nobody knows",
            "알 수 없는 멤버",
            change(&name_only, &|v| {
                v["more"] = json!(1);
            })?,
            &["syntax"],
        ),
        (
            "not-canonical",
            "With a space: two texts for one thing",
            "공백: 하나에 두 텍스트",
            with(
                &name_only,
                "redacted",
                json!(redacted(&name_only).replacen('{', "{ ", 1)),
            ),
            &["syntax"],
        ),
        (
            "no-json",
            "No JSON",
            "JSON이 아님",
            with(&name_only, "redacted", json!("hello")),
            &["syntax"],
        ),
    ];
    table.extend(refusals.into_iter().map(|(name, en, ko, input, reasons)| {
        (format!("refuse-{name}"), en, ko, input, refused(reasons))
    }));
    let mut cases = rows(
        "document.shown",
        "aut-shown",
        &["AUT-03"],
        "documents",
        table,
    );
    // Of items without their places the order means nothing: only that it is said.
    let expect = made(json!({"ordered": false}));
    let row = vec![(
        "accept-order-not-known".to_owned(),
        "Without their places the order of items is not known",
        "위치를 공개하지 않으면 순서를 알 수 없음",
        unordered,
        expect,
    )];
    cases.extend(rows(
        "document.shown",
        "aut-shown",
        &["AUT-03"],
        "documents",
        row,
    ));
    Ok(cases)
}

/// Canonical JSON of a value that has only whole numbers.
fn canonical(value: &Value) -> String {
    let read = kbtf_did::json::parse(&value.to_string()).map(kbtf_did::json::Value::into_owned);
    read.map(|value| value.to_canonical()).unwrap_or_default()
}

fn public(byte: u8) -> PublicInformation {
    PublicInformation::new(Commitment::from_bytes([byte; 32]))
}

fn name() -> Made<LedgerName> {
    text(LedgerName::parse(NAME))
}

fn registration(
    seed: u8,
    public: PublicInformation,
    first_owner: Option<u8>,
) -> Made<SignedOperation> {
    let owner = match first_owner {
        None => None,
        Some(seed) => Some(signer(seed)?.public_key().clone()),
    };
    let kind = text("certificate.graduation".parse())?;
    let operation = text(Operation::register(
        &name()?,
        method(seed)?,
        kind,
        public,
        owner.as_ref(),
    ))?;
    text(operation.sign(&signer(seed)?))
}

/// A record by its entries, made one after the other.
#[derive(Clone)]
struct Chain {
    entries: Vec<String>,
    record: Option<Record>,
}

impl Chain {
    fn new(signed: SignedOperation, seconds: i64) -> Made<Self> {
        let mut chain = Self {
            entries: Vec::new(),
            record: None,
        };
        chain.take(signed, seconds)?;
        Ok(chain)
    }

    /// Takes what follows.
    fn take(&mut self, signed: SignedOperation, seconds: i64) -> Made<()> {
        use kbtf_authenticity::register::{Context, apply, decide};
        let name = name()?;
        let issuer = match signed.operation().by() {
            Party::Issuer(method) => KeyMethods
                .resolve_now(&method.did(), &kbtf_did::ResolutionOptions::default())
                .ok(),
            Party::Owner(_) => None,
        };
        let mut context = Context::new(&name, at(seconds)?);
        if let Some(issuer) = &issuer {
            context = context.issuer(issuer);
        }
        let event = text(decide(self.record.as_ref(), &signed, &context))?;
        apply(&mut self.record, &event);
        self.entries.push(event.entry().to_text());
        Ok(())
    }

    fn record(&self) -> Made<&Record> {
        self.record.as_ref().ok_or_else(|| "a record".into())
    }

    fn next(&self, by: Party, change: RecordChange, seed: u8) -> Made<SignedOperation> {
        let operation = text(Operation::next(self.record()?, by, change))?;
        text(operation.sign(&signer(seed)?))
    }

    fn act(&mut self, by: Party, change: RecordChange, seed: u8, seconds: i64) -> Made<()> {
        let signed = self.next(by, change, seed)?;
        self.take(signed, seconds)
    }

    fn input(&self) -> Value {
        json!({"register": NAME, "entries": self.entries})
    }

    /// With an entry that does not follow.
    fn with(&self, signed: SignedOperation, seconds: i64) -> Made<Value> {
        let mut entries = self.entries.clone();
        entries.push(signed.at(at(seconds)?).to_text());
        Ok(json!({"register": NAME, "entries": entries}))
    }
}

#[allow(clippy::too_many_lines)]
fn registers() -> Made<Suite> {
    let issuer = || method(1).map(Party::Issuer);
    let update = |byte| RecordChange::Update(public(byte));
    let plain = Chain::new(registration(1, public(1), None)?, 0)?;
    let asset = Chain::new(registration(1, public(1), Some(3))?, 0)?;
    let offer = |to: u8, until: i64| -> Made<RecordChange> {
        Ok(RecordChange::Offer {
            to: signer(to)?.public_key().clone(),
            until: at(until)?,
        })
    };
    let state = |chain: &Chain| -> Made<Expect> {
        let record = chain.record()?;
        Ok(made(json!({
            "record": record.id().to_string(), "issuer": record.issuer().as_str(), "versions": record.versions().len(),
            "head": record.head().to_string(), "owner": record.ownership().map(|o| o.owner.to_multikey()),
            "status": match record.status() {
                kbtf_authenticity::register::RecordStatus::Active => "active",
                kbtf_authenticity::register::RecordStatus::Revoked { .. } => "revoked",
                kbtf_authenticity::register::RecordStatus::Retired { .. } => "retired",
            },
        })))
    };
    let mut updated = plain.clone();
    updated.act(issuer()?, update(2), 1, 10)?;
    let mut revoked = updated.clone();
    revoked.act(
        issuer()?,
        RecordChange::Revoke(RevocationReason::Fraud),
        1,
        20,
    )?;
    let mut offered = asset.clone();
    offered.act(owner(3)?, offer(4, 100)?, 3, 10)?;
    let mut passed = offered.clone();
    passed.act(owner(4)?, RecordChange::Accept, 4, 20)?;
    let mut rejected = offered.clone();
    rejected.act(owner(4)?, RecordChange::Reject, 4, 20)?;
    let mut withdrawn = offered.clone();
    withdrawn.act(owner(3)?, RecordChange::Withdraw, 3, 20)?;
    let mut again = offered.clone();
    again.act(owner(3)?, offer(5, 300)?, 3, 150)?;
    let mut retired = passed.clone();
    retired.act(owner(4)?, RecordChange::Retire, 4, 30)?;
    let linked =
        public(1)
            .from(at(0)?)
            .until(at(1000)?)
            .link(kbtf_authenticity::register::Link::Asset(text(
                "eip155:1/erc721:0x06012c8cf97bead5deae237070f9587f8e7a266d/771769".parse(),
            )?));
    let linked = Chain::new(registration(2, linked, None)?, 0)?;
    let mut table: Vec<Row> = Vec::new();
    for (name, en, ko, chain) in [
        (
            "registered",
            "A document is registered",
            "문서가 등록됨",
            &plain,
        ),
        (
            "p-256",
            "By an issuer with a P-256 key, with validity and a link to a token on another chain",
            "P-256 키의 발급기관, 유효기간과 다른 체인의 토큰 연결",
            &linked,
        ),
        (
            "updated",
            "A new version takes the place of the old one",
            "새 버전이 이전 버전을 대신함",
            &updated,
        ),
        ("revoked", "Revoked", "폐기됨", &revoked),
        (
            "minted",
            "An asset with an owner",
            "소유자가 있는 자산",
            &asset,
        ),
        (
            "offered",
            "Offered, it belongs to its owner still",
            "제안 중에는 여전히 소유자의 것",
            &offered,
        ),
        (
            "passed",
            "Accepted, it belongs to the other",
            "수락하면 상대방의 것",
            &passed,
        ),
        (
            "rejected",
            "Rejected, it stays",
            "거절하면 그대로",
            &rejected,
        ),
        (
            "withdrawn",
            "Withdrawn, it stays",
            "철회하면 그대로",
            &withdrawn,
        ),
        (
            "offered-again",
            "An offer that is over stands in nobody's way",
            "끝난 제안은 다시 제안하는 데 지장 없음",
            &again,
        ),
        (
            "retired",
            "Given up, nobody owns it",
            "소멸되면 소유자 없음",
            &retired,
        ),
    ] {
        table.push((
            format!("accept-{name}"),
            en,
            ko,
            chain.input(),
            state(chain)?,
        ));
    }
    let sign = |operation: Operation, seed| -> Made<SignedOperation> {
        text(operation.sign(&signer(seed)?))
    };
    let elsewhere = text(Operation::register(
        &text(LedgerName::parse("busan-1"))?,
        method(1)?,
        text("deed".parse())?,
        public(1),
        None,
    ))?;
    let never = public(1).from(at(10)?).until(at(10)?);
    let unsigned = text(Operation::next(plain.record()?, issuer()?, update(2)))?;
    let first = plain.next(issuer()?, update(2), 1)?;
    let other_first = plain.next(issuer()?, update(3), 1)?;
    let mut forked = plain.clone();
    forked.take(other_first, 10)?;
    let mut followed = updated.clone();
    followed.act(issuer()?, update(4), 1, 20)?;
    let entry_of =
        |chain: &Chain, place: usize| chain.entries.get(place).cloned().unwrap_or_default();
    let list = |entries: Vec<String>| json!({"register": NAME, "entries": entries});
    let one = |signed: SignedOperation, seconds: i64| -> Made<Value> {
        Ok(list(vec![signed.at(at(seconds)?).to_text()]))
    };
    let broken = |from: &str, to: &str| list(vec![entry_of(&plain, 0).replacen(from, to, 1)]);
    let refusals: Vec<(&str, &str, &str, Value, &[&str])> = vec![
        (
            "other-register",
            "For another register",
            "다른 등록부의 것",
            one(sign(elsewhere, 1)?, 0)?,
            &["foreign"],
        ),
        (
            "not-registered",
            "Something before the registration",
            "등록 전의 것",
            list(vec![entry_of(&updated, 1)]),
            &["notCreated"],
        ),
        (
            "twice",
            "Registered twice",
            "두 번 등록",
            plain.with(registration(1, public(1), None)?, 10)?,
            &["replayed"],
        ),
        (
            "other-record",
            "An entry of another record",
            "다른 기록의 항목",
            list(vec![entry_of(&asset, 0), entry_of(&updated, 1)]),
            &["foreign"],
        ),
        (
            "gap",
            "An entry was left out",
            "항목이 빠짐",
            list(vec![entry_of(&followed, 0), entry_of(&followed, 2)]),
            &["gap"],
        ),
        (
            "replayed",
            "An entry twice",
            "항목이 두 번",
            list(vec![
                entry_of(&updated, 0),
                entry_of(&updated, 1),
                entry_of(&updated, 1),
            ]),
            &["gap"],
        ),
        (
            "fork",
            "It follows on another entry: two histories",
            "다른 항목에 이어짐: 두 개의 이력",
            list(vec![
                entry_of(&forked, 0),
                entry_of(&forked, 1),
                entry_of(&followed, 2),
            ]),
            &["brokenLink"],
        ),
        (
            "time-backwards",
            "The ledger's time goes backwards",
            "원장의 시간이 거꾸로 감",
            plain.with(first.clone(), -10)?,
            &["timeBackwards"],
        ),
        (
            "after-revocation",
            "After revocation",
            "폐기 이후",
            revoked.with(revoked.next(issuer()?, update(5), 1)?, 30)?,
            &["ended"],
        ),
        (
            "after-retirement",
            "After it was given up",
            "소멸 이후",
            retired.with(retired.next(issuer()?, update(5), 1)?, 40)?,
            &["ended"],
        ),
        (
            "other-issuer",
            "Another issuer updates",
            "다른 발급기관이 갱신",
            plain.with(plain.next(method(2).map(Party::Issuer)?, update(2), 2)?, 10)?,
            &["notAuthorised"],
        ),
        (
            "owner-updates",
            "The owner updates",
            "소유자가 갱신",
            asset.with(asset.next(owner(3)?, update(2), 3)?, 10)?,
            &["notAuthorised"],
        ),
        (
            "issuer-offers",
            "The issuer offers what is another's",
            "발급기관이 남의 것을 제안",
            asset.with(asset.next(issuer()?, offer(4, 100)?, 1)?, 10)?,
            &["notAuthorised"],
        ),
        (
            "no-asset",
            "What has no owner is offered",
            "소유자가 없는 것을 제안",
            plain.with(plain.next(owner(3)?, offer(4, 100)?, 3)?, 10)?,
            &["notAuthorised"],
        ),
        (
            "thief-offers",
            "Somebody else offers it",
            "다른 사람이 제안",
            asset.with(asset.next(owner(4)?, offer(5, 100)?, 4)?, 10)?,
            &["notAuthorised"],
        ),
        (
            "accept-nothing",
            "What is not offered is accepted",
            "제안되지 않은 것을 수락",
            asset.with(asset.next(owner(4)?, RecordChange::Accept, 4)?, 10)?,
            &["notAuthorised"],
        ),
        (
            "accept-by-another",
            "Another accepts",
            "다른 사람이 수락",
            offered.with(offered.next(owner(5)?, RecordChange::Accept, 5)?, 20)?,
            &["notAuthorised"],
        ),
        (
            "accept-late",
            "Accepted when the offer is over",
            "제안이 끝난 뒤 수락",
            offered.with(offered.next(owner(4)?, RecordChange::Accept, 4)?, 100)?,
            &["expired"],
        ),
        (
            "accept-withdrawn",
            "Accepted after it was withdrawn",
            "철회 후 수락",
            withdrawn.with(withdrawn.next(owner(4)?, RecordChange::Accept, 4)?, 30)?,
            &["notAuthorised"],
        ),
        (
            "old-owner",
            "He who gave it away offers it once more",
            "넘겨준 사람이 다시 제안",
            passed.with(passed.next(owner(3)?, offer(5, 100)?, 3)?, 30)?,
            &["notAuthorised"],
        ),
        (
            "offer-twice",
            "Offered to two",
            "두 사람에게 제안",
            offered.with(offered.next(owner(3)?, offer(5, 100)?, 3)?, 20)?,
            &["structure"],
        ),
        (
            "offer-to-self",
            "Offered to himself",
            "자신에게 제안",
            asset.with(asset.next(owner(3)?, offer(3, 100)?, 3)?, 10)?,
            &["structure"],
        ),
        (
            "offer-past",
            "Offered until a time that is past",
            "지난 시각까지 제안",
            asset.with(asset.next(owner(3)?, offer(4, 10)?, 3)?, 10)?,
            &["structure"],
        ),
        (
            "commitment-again",
            "An old version put back",
            "옛 버전을 되돌림",
            updated.with(updated.next(issuer()?, update(1), 1)?, 20)?,
            &["replayed"],
        ),
        (
            "never-valid",
            "Its validity ends when it begins",
            "시작과 동시에 끝나는 유효기간",
            one(registration(1, never, None)?, 0)?,
            &["structure"],
        ),
        (
            "false-signature",
            "Signed by another",
            "다른 사람의 서명",
            plain.with(sign(unsigned.clone(), 2)?, 10)?,
            &["signature"],
        ),
        (
            "owner-false-signature",
            "The owner's key and another's signature",
            "소유자의 키와 다른 사람의 서명",
            asset.with(asset.next(owner(3)?, offer(4, 100)?, 4)?, 10)?,
            &["signature"],
        ),
        (
            "no-signature",
            "Without a signature",
            "서명이 없음",
            plain.with(unsigned.signed(Vec::new()), 10)?,
            &["signature"],
        ),
        (
            "changed-commitment",
            "The commitment was changed after it was signed",
            "서명 후 약속값이 바뀜",
            broken(
                &Commitment::from_bytes([1; 32]).to_string(),
                &Commitment::from_bytes([2; 32]).to_string(),
            ),
            &["signature"],
        ),
        (
            "changed-type",
            "The type was changed",
            "유형이 바뀜",
            broken("certificate.graduation", "certificate.birth"),
            &["signature"],
        ),
        (
            "resident-number",
            "A type that holds a resident number",
            "주민등록번호가 든 유형",
            broken("certificate.graduation", "c.900101-1234567"),
            &["personalData"],
        ),
        (
            "free-text",
            "A type that is free text",
            "자유로운 글로 된 유형",
            broken("certificate.graduation", "Hong Gildong"),
            &["syntax"],
        ),
        (
            "member-more",
            "A member that nobody knows",
            "알 수 없는 멤버",
            broken("\"v\":1}", "\"v\":1,\"w\":1}"),
            &["syntax"],
        ),
        (
            "not-canonical",
            "With a space: two texts for one entry",
            "공백: 한 항목에 두 텍스트",
            broken("{", "{ "),
            &["syntax"],
        ),
        (
            "fraction",
            "A time that is not in whole seconds",
            "초 단위가 아닌 시각",
            broken("Z\",\"v\":1}", ".5Z\",\"v\":1}"),
            &["syntax"],
        ),
    ];
    table.extend(refusals.into_iter().map(|(name, en, ko, input, reasons)| {
        (format!("refuse-{name}"), en, ko, input, refused(reasons))
    }));
    let cases = rows(
        "register.follow",
        "aut-register",
        &["AUT-01", "AUT-04", "AUT-05"],
        "register",
        table,
    );
    Ok(suite(
        "authenticity/registers",
        "authenticity",
        "Registers: what follows on what",
        "등록부: 무엇이 무엇에 이어질 수 있는가",
        cases,
    ))
}

/// Waits for what does not wait.
fn ready<T>(future: impl Future<Output = T>) -> Made<T> {
    use std::{
        pin::pin,
        task::{Context, Poll, Waker},
    };
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Ok(value),
        Poll::Pending => Err("something waits".into()),
    }
}

fn evidence() -> Made<Suite> {
    let key = DocumentKey::from_bytes(KEY);
    let log = SoftwareSigner::new(text(SecretKey::from_bytes(KeyType::Ed25519, &[0x4c; 32]))?);
    let note_key = text(NoteKey::new(
        ORIGIN,
        NoteKeyType::Ed25519,
        log.public_key().clone(),
        &SOFTWARE,
    ))?;
    let ledger = MemoryRegister::new(&name()?, ORIGIN);
    let write = |signed: &SignedOperation, seconds: i64| -> Made<()> {
        text(ready(ledger.submit(signed))?)?;
        match text(ledger.seal(at(seconds)?, &KeyMethods))? {
            1 => Ok(()),
            _ => Err("not taken".into()),
        }
    };
    let witness_signer =
        SoftwareSigner::new(text(SecretKey::from_bytes(KeyType::Ed25519, &[0x57; 32]))?);
    let witness = text(Witness::new(
        "witness.example",
        &witness_signer,
        vec![note_key.clone()],
    ))?;
    let witness_key = text(witness.key())?;
    let publish = |seconds: i64| -> Made<()> {
        let checkpoint = text(text(ledger.checkpoint())?.sign(&log))?;
        let request = AddCheckpoint {
            old_size: 0,
            path: Vec::new(),
            checkpoint: checkpoint.clone(),
        };
        let (_, line) = text(witness.add_checkpoint(&request, None, at(seconds)?))?;
        text(ledger.publish(text(checkpoint.cosigned(&line))?))
    };
    let prove = |id| -> Made<RecordEvidence> {
        let proof = text(ready(ledger.prove(id))?)?;
        Ok(RecordEvidence::Proved(Box::new(proof.ok_or("a proof")?)))
    };
    let commitment = text(json_document(ISSUED)?.commit(&key, &SOFTWARE))?;
    let first = registration(1, PublicInformation::new(commitment).until(at(1000)?), None)?;
    let id = text(first.operation().record(&SOFTWARE))?;
    write(&first, -100)?;
    publish(-95)?;
    let whole = |bytes: &str| Exhibit::Whole {
        media_type: "application/json".into(),
        content: Content::Json,
        bytes: bytes.as_bytes().to_vec(),
        key: key.to_bytes(),
    };
    let input = |bundle: &Bundle| {
        json!({
            "bundle": bundle.to_text(), "register": NAME, "origin": ORIGIN, "policy": format!("log {note_key}
witness w {}
quorum w
", witness_key),
            "issuers": [did(1).unwrap_or_default()],
        })
    };
    let expect = |integrity: &str, status: &str, issuer: &str, word: &str| {
        made(json!({"integrity": integrity, "status": status, "issuer": issuer, "word": word}))
    };
    let authentic = || expect("valid", "valid", "valid", "authentic");
    let active = prove(id)?;
    let good = input(&Bundle::new(whole(ISSUED), active.clone()));
    let show = |way: &[Way<'_>]| way == [Way::Member("amount")];
    let redacted = text(json_document(ISSUED)?.redact(&key, show, Positions::Hidden, &SOFTWARE))?;
    let part = Exhibit::Redacted(Box::new(redacted));
    let entries = RecordEvidence::Entries(active.entries().to_vec());

    // A thief registers a copy of the commitment.
    let copied = registration(3, PublicInformation::new(commitment), None)?;
    write(&copied, -90)?;
    let mut batch = Batch::new(&SOFTWARE);
    for byte in 0..5 {
        let one = if byte == 3 {
            commitment
        } else {
            Commitment::from_bytes([byte; 32])
        };
        text(batch.add(&one))?;
    }
    let many = registration(1, PublicInformation::new(text(batch.commit())?), None)?;
    write(&many, -80)?;
    let (copy_id, many_id) = (
        text(copied.operation().record(&SOFTWARE))?,
        text(many.operation().record(&SOFTWARE))?,
    );
    publish(-70)?;
    let (copy, batched) = (prove(copy_id)?, prove(many_id)?);

    // Then it is revoked.
    let mut chain = Chain::new(first, -100)?;
    let revoke = chain.next(
        method(1).map(Party::Issuer)?,
        RecordChange::Revoke(RevocationReason::Error),
        1,
    )?;
    write(&revoke, -50)?;
    chain.take(revoke, -50)?;
    publish(-40)?;
    let revoked = prove(id)?;
    let text_of = |value: &Value| {
        value
            .get("bundle")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let replaced = |value: &Value, from: &str, to: &str| {
        with(value, "bundle", json!(text_of(value).replacen(from, to, 1)))
    };
    let revoked_input = input(&Bundle::new(whole(ISSUED), revoked.clone()));
    // The same without the entry of the revocation.
    let last = revoked.entries().last().cloned().unwrap_or_default();
    let in_json = Value::from(format!("{last}\n")).to_string();
    let without = replaced(&revoked_input, in_json.trim_matches('"'), "");

    let other = ISSUED.replace("100", "\"100\"");
    let mut table: Vec<Row> = vec![
        (
            "accept-whole".into(),
            "A document, its record and the proof that this is all of it",
            "문서와 기록, 그것이 전부라는 증명",
            good.clone(),
            authentic(),
        ),
        (
            "accept-part".into(),
            "Some of a document",
            "문서의 일부",
            input(&Bundle::new(part, active.clone())),
            authentic(),
        ),
        (
            "accept-batch".into(),
            "One of many that were registered at once",
            "한꺼번에 등록된 것 중 하나",
            input(&Bundle::new(whole(ISSUED), batched.clone()).in_batch(text(batch.prove(3))?)),
            authentic(),
        ),
        (
            "altered".into(),
            "A number made a text",
            "숫자를 문자열로 바꾼 문서",
            input(&Bundle::new(whole(&other), active.clone())),
            expect("invalid", "skipped", "valid", "altered"),
        ),
        (
            "batch-place".into(),
            "The proof of another place in the batch",
            "묶음에서 다른 위치의 증명",
            input(&Bundle::new(whole(ISSUED), batched.clone()).in_batch(text(batch.prove(2))?)),
            expect("invalid", "skipped", "valid", "altered"),
        ),
        (
            "batch-without-proof".into(),
            "One of a batch without its proof",
            "증명이 없는 묶음의 문서",
            input(&Bundle::new(whole(ISSUED), batched)),
            expect("invalid", "skipped", "valid", "altered"),
        ),
        (
            "revoked".into(),
            "A document that was revoked",
            "폐기된 문서",
            revoked_input.clone(),
            expect("valid", "invalid", "valid", "certificateCheckFailed"),
        ),
        (
            "revocation-left-out".into(),
            "The entry of the revocation left out",
            "폐기 항목을 뺌",
            without,
            expect("valid", "invalid", "valid", "certificateCheckFailed"),
        ),
        (
            "fresh".into(),
            "The proof is fresh enough",
            "충분히 최신인 증명",
            with(&good, "freshWithin", json!(1000)),
            authentic(),
        ),
        (
            "no-entries".into(),
            "No entries at all",
            "항목이 없음",
            input(&Bundle::new(
                whole(ISSUED),
                RecordEvidence::Entries(Vec::new()),
            )),
            expect("skipped", "invalid", "skipped", "certificateCheckFailed"),
        ),
        (
            "altered-of-other-log".into(),
            "An altered document and a log that is not trusted: it is altered, and nothing is said of its status",
            "변조된 문서와 신뢰하지 않는 로그: 변조로 판단하고 상태는 판단하지 않음",
            with(
                &input(&Bundle::new(whole(&other), active.clone())),
                "origin",
                json!("register.example/other"),
            ),
            expect("invalid", "skipped", "valid", "altered"),
        ),
        (
            "time-stamp-of-nobody".into(),
            "With a time stamp that is none",
            "타임스탬프가 아닌 것이 붙음",
            input(&Bundle::new(whole(ISSUED), active.clone()).time_stamp(vec![1, 2, 3])),
            made(json!({"integrity": "valid", "status": "valid", "issuer": "valid"})),
        ),
        (
            "stale".into(),
            "The proof from before the revocation, where it must be fresh",
            "최신이어야 하는데 폐기 전의 증명",
            with(&good, "freshWithin", json!(10)),
            expect("valid", "error", "valid", "unverified"),
        ),
        (
            "copied".into(),
            "A copy that somebody else has registered",
            "다른 사람이 등록한 사본",
            input(&Bundle::new(whole(ISSUED), copy)),
            expect("valid", "valid", "invalid", "certificateCheckFailed"),
        ),
        (
            "no-issuer".into(),
            "Nobody is trusted",
            "신뢰하는 발급기관이 없음",
            with(&good, "issuers", json!([])),
            expect("valid", "valid", "invalid", "certificateCheckFailed"),
        ),
        (
            "entries-only".into(),
            "Entries of which nobody says that they are all",
            "전부라는 증명이 없는 항목",
            input(&Bundle::new(whole(ISSUED), entries)),
            expect("valid", "skipped", "valid", "unverified"),
        ),
        (
            "other-log-key".into(),
            "A log that is not trusted",
            "신뢰하지 않는 로그",
            with(
                &good,
                "policy",
                json!(format!(
                    "log {}\nquorum none\n",
                    text(NoteKey::new(
                        ORIGIN,
                        NoteKeyType::Ed25519,
                        signer(5)?.public_key().clone(),
                        &SOFTWARE
                    ))?
                )),
            ),
            expect("valid", "invalid", "valid", "certificateCheckFailed"),
        ),
        (
            "other-register".into(),
            "Another register",
            "다른 등록부",
            with(&good, "register", json!("busan-1")),
            expect("skipped", "skipped", "invalid", "certificateCheckFailed"),
        ),
    ];
    table.push((
        "refuse-member-more".into(),
        "A member that nobody knows",
        "알 수 없는 멤버",
        replaced(&good, "\"v\":1}", "\"v\":1,\"w\":1}"),
        refused(&["syntax"]),
    ));
    table.push((
        "refuse-no-json".into(),
        "No JSON",
        "JSON이 아님",
        with(&good, "bundle", json!("{")),
        refused(&["syntax"]),
    ));
    table.push((
        "refuse-not-canonical".into(),
        "With a space",
        "공백이 있음",
        replaced(&good, "{", "{ "),
        refused(&["syntax"]),
    ));
    let mut cases = rows(
        "evidence.verify",
        "aut-evidence",
        &["AUT-03"],
        "register",
        table,
    );
    let unwitnessed = with(
        &good,
        "policy",
        json!(format!("log {note_key}\nquorum none\n")),
    );
    let expired = expect("valid", "invalid", "valid", "certificateCheckFailed");
    cases.push(
        case(
            "aut-evidence-nobody-says-when",
            (
                "Without witnesses nobody says when the checkpoint was, and a validity is asked for now",
                "증인이 없으면 체크포인트의 시점을 알 수 없으므로 유효기간은 현재로 판단",
            ),
            &["AUT-03"],
            "evidence.verify",
            unwitnessed,
            expired,
        )
        .features(&["register"])
        .at("2036-11-22T00:00:00Z"),
    );
    cases.push(
        case(
            "aut-evidence-as-of-checkpoint",
            (
                "Years later the answer is for the time of the checkpoint",
                "여러 해 뒤에는 체크포인트 시점에 대한 답",
            ),
            &["AUT-03"],
            "evidence.verify",
            good,
            authentic(),
        )
        .features(&["register"])
        .at("2036-11-22T00:00:00Z"),
    );
    Ok(suite(
        "authenticity/evidence",
        "authenticity",
        "Evidence in one file: three questions, one word",
        "한 파일의 증거: 세 가지 물음과 한마디 답",
        cases,
    ))
}

fn paper() -> Made<Suite> {
    let sign = |code: &PaperCode, profile| -> Made<SignedPaper> {
        text(code.sign(&method(1)?, &signer(1)?, profile))
    };
    let base = || -> Made<PaperCode> {
        Ok(
            PaperCode::new(Commitment::from_bytes([1; 32]), at(-86_400)?, 90)
                .check_number(CheckNumber::from_bytes([9; 10])),
        )
    };
    let certificate = base()?
        .record_type(text("certificate.graduation".parse())?)
        .field("성명", FieldValue::Text("홍길동".into()))
        .field("학점", FieldValue::Whole(-135))
        .field("수석", FieldValue::Flag(false));
    let input = |texts: Vec<String>| -> Made<Value> {
        Ok(json!({"texts": texts, "issuers": [did(1)?, did(2)?]}))
    };
    let of = |paper: &SignedPaper| input(vec![paper.to_text()]);
    let short = sign(&base()?, Profile::Short)?;
    let long = sign(&certificate, Profile::Long)?;
    let p256 = text(certificate.sign(&method(2)?, &signer(2)?, Profile::Long))?;
    let bytes = br#"{"name":"hong"}"#.to_vec();
    let key = DocumentKey::from_bytes(KEY);
    let document = text(Document::from_json("application/json", &bytes))?;
    let attached = Attached {
        media_type: "application/json".into(),
        content: Content::Json,
        bytes: bytes.clone(),
    };
    let commitment = text(document.commit(&key, &SOFTWARE))?;
    let whole = PaperCode::new(commitment, at(-86_400)?, 90).attach(attached.clone(), &key);
    let whole = sign(&whole, Profile::Parts)?;
    let parts = text(split(&whole, 100, &SOFTWARE))?;
    let wrong_document = sign(&base()?.attach(attached, &key), Profile::Parts)?;
    let mut turned = parts.clone();
    turned.reverse();
    let mut missing = parts.clone();
    missing.pop();
    let other_parts = text(split(&whole, 90, &SOFTWARE))?;
    let mut mixed = missing.clone();
    mixed.extend(other_parts.last().cloned());
    let flipped = |paper: &SignedPaper, place: usize| {
        let mut bytes = paper.as_bytes().to_vec();
        if let Some(byte) = bytes.get_mut(place) {
            *byte ^= 1;
        }
        format!("KD1:{}", base45::encode(&bytes))
    };
    // What an issuer's software might be tricked into signing.
    let raw = |fields: Vec<(&str, Item)>,
               context: &[u8],
               unprotected: Vec<(Item, Item)>|
     -> Made<String> {
        let unsigned = |n: i64| Item::Unsigned(n.unsigned_abs());
        let of = vec![
            (Item::Unsigned(1), Item::Bytes(vec![1; 32])),
            (
                Item::Unsigned(4),
                Item::Map(
                    fields
                        .into_iter()
                        .map(|(name, value)| (Item::Text(name.into()), value))
                        .collect(),
                ),
            ),
        ];
        let payload = cbor::write(&Item::Map(vec![
            (Item::Unsigned(4), unsigned(at(86_400)?.unix())),
            (Item::Unsigned(6), unsigned(at(-86_400)?.unix())),
            (Item::Negative(65_536), Item::Map(of)),
        ]));
        use kbtf_did::CryptoProvider as _;
        let id = text(SOFTWARE.sha256(method(1)?.as_str().as_bytes()))?;
        let protected = cbor::write(&Item::Map(vec![
            (Item::Unsigned(1), Item::Negative(7)),
            (
                Item::Unsigned(4),
                Item::Bytes(id.iter().take(8).copied().collect()),
            ),
        ]));
        let message = cbor::write(&Item::Array(vec![
            Item::Text("Signature1".into()),
            Item::Bytes(protected.clone()),
            Item::Bytes(context.to_vec()),
            Item::Bytes(payload.clone()),
        ]));
        let signature = text(signer(1)?.sign(&message))?;
        let bytes = cbor::write(&Item::Array(vec![
            Item::Bytes(protected),
            Item::Map(unprotected),
            Item::Bytes(payload),
            Item::Bytes(signature),
        ]));
        Ok(format!("KD1:{}", base45::encode(&bytes)))
    };
    let context = b"kbtf/paper/v1".as_slice();
    let field = |value: &str| vec![("name", Item::Text(value.into()))];
    let seen = json!({
        "issuer": did(1)?, "commitment": Commitment::from_bytes([1; 32]).to_string(), "issued": at(-86_400)?.to_string(),
        "until": at(89 * 86_400)?.to_string(), "checkNumber": CheckNumber::from_bytes([9; 10]).to_string(),
    });
    let fields = json!({"성명": "홍길동", "학점": "-135", "수석": false});
    let with_document =
        json!({"document": Base64::encode_string(&bytes), "commitment": commitment.to_string()});
    let mut table: Vec<Row> = vec![
        (
            "accept-short".into(),
            "A code of 150 bytes",
            "150바이트 코드",
            of(&short)?,
            made(seen.clone()),
        ),
        (
            "accept-fields".into(),
            "A code with what is printed",
            "인쇄된 내용이 든 코드",
            of(&long)?,
            made(with(
                &with(&seen, "fields", fields.clone()),
                "type",
                json!("certificate.graduation"),
            )),
        ),
        (
            "accept-p-256".into(),
            "Signed with P-256",
            "P-256 서명",
            of(&p256)?,
            made(json!({"issuer": did(2)?, "fields": fields})),
        ),
        (
            "accept-parts".into(),
            "A whole document in parts",
            "여러 코드로 나눈 문서 전체",
            input(parts.clone())?,
            made(with_document.clone()),
        ),
        (
            "accept-parts-turned".into(),
            "In another order",
            "다른 순서",
            input(turned)?,
            made(with_document),
        ),
        (
            "accept-library".into(),
            "A field that was signed by other software",
            "다른 소프트웨어가 서명한 필드",
            input(vec![raw(field("홍길동"), context, vec![])?])?,
            made(json!({"fields": {"name": "홍길동"}})),
        ),
    ];
    let years = sign(
        &PaperCode::new(Commitment::from_bytes([1; 32]), at(-86_400)?, 3650),
        Profile::Short,
    )?;
    let over = sign(
        &PaperCode::new(Commitment::from_bytes([1; 32]), at(-90 * 86_400)?, 90),
        Profile::Short,
    )?;
    let future = sign(
        &PaperCode::new(Commitment::from_bytes([1; 32]), at(86_400)?, 90),
        Profile::Short,
    )?;
    let turned_window = sign(
        &PaperCode::new(Commitment::from_bytes([1; 32]), at(100)?, 0),
        Profile::Short,
    )?;
    let stranger = text(base()?.sign(&method(3)?, &signer(3)?, Profile::Short))?;
    let forged = text(base()?.sign(&method(1)?, &signer(3)?, Profile::Short))?;
    let last = short.as_bytes().len() - 1;
    let refusals: Vec<(&str, &str, &str, Value, &[&str])> = vec![
        (
            "changed",
            "A byte of what is signed was changed",
            "서명된 내용의 한 바이트가 바뀜",
            input(vec![flipped(&short, 60)])?,
            &["signature"],
        ),
        (
            "signature",
            "A byte of the signature was changed",
            "서명의 한 바이트가 바뀜",
            input(vec![flipped(&short, last)])?,
            &["signature"],
        ),
        (
            "stranger",
            "By somebody whom nobody trusts",
            "신뢰하지 않는 사람의 것",
            of(&stranger)?,
            &["trust"],
        ),
        (
            "forged",
            "Signed by another under the issuer's name",
            "발급기관의 이름으로 다른 사람이 서명",
            of(&forged)?,
            &["signature"],
        ),
        (
            "window-over",
            "The time in which it can be checked is over",
            "확인 기간이 지남",
            of(&over)?,
            &["expired"],
        ),
        (
            "window-long",
            "It can be checked for longer than 90 days",
            "90일보다 긴 확인 기간",
            of(&years)?,
            &["time"],
        ),
        (
            "future",
            "Dated after now",
            "발급일이 나중",
            of(&future)?,
            &["time"],
        ),
        (
            "window-turned",
            "Its window ends when it is issued",
            "발급과 동시에 끝나는 확인 기간",
            of(&turned_window)?,
            &["time"],
        ),
        (
            "other-message",
            "Another COSE message of the issuer's key",
            "발급기관 키의 다른 COSE 메시지",
            input(vec![raw(field("a"), b"", vec![])?])?,
            &["signature"],
        ),
        (
            "unsigned-header",
            "With something beside it that is not signed",
            "서명되지 않은 헤더",
            input(vec![raw(
                field("a"),
                context,
                vec![(Item::Unsigned(4), Item::Bytes(vec![]))],
            )?])?,
            &["syntax"],
        ),
        (
            "turned-text",
            "Text that turns the direction of writing",
            "쓰기 방향을 바꾸는 글자",
            input(vec![raw(field("1\u{202e}0001"), context, vec![])?])?,
            &["syntax"],
        ),
        (
            "hidden-text",
            "Text with what nobody sees",
            "보이지 않는 글자",
            input(vec![raw(field("1\u{200b}1"), context, vec![])?])?,
            &["syntax"],
        ),
        (
            "field-twice",
            "A field twice",
            "같은 필드가 두 번",
            input(vec![raw(
                vec![("a", Item::Bool(true)), ("a", Item::Bool(false))],
                context,
                vec![],
            )?])?,
            &["syntax"],
        ),
        (
            "other-document",
            "With a document that is another",
            "다른 문서가 든 코드",
            of(&wrong_document)?,
            &["proof"],
        ),
        (
            "part-missing",
            "A part is missing",
            "일부 코드가 없음",
            input(missing)?,
            &["incomplete"],
        ),
        (
            "parts-mixed",
            "Parts of two splittings",
            "서로 다르게 나눈 코드가 섞임",
            input(mixed)?,
            &["foreign"],
        ),
        (
            "prefix",
            "Another kind of code",
            "다른 종류의 코드",
            input(vec![short.to_text().replacen("KD1", "HC1", 1)])?,
            &["syntax"],
        ),
        (
            "small-letters",
            "In small letters, which base45 has not",
            "base45에 없는 소문자",
            input(vec![format!(
                "KD1:{}",
                base45::encode(short.as_bytes()).to_lowercase()
            )])?,
            &["syntax"],
        ),
        (
            "nothing",
            "Nothing",
            "빈 코드",
            input(vec!["KD1:".into()])?,
            &["syntax"],
        ),
    ];
    table.extend(refusals.into_iter().map(|(name, en, ko, input, reasons)| {
        (format!("refuse-{name}"), en, ko, input, refused(reasons))
    }));
    let mut cases = rows("paper.read", "aut-paper", &["AUT-07"], "paper", table);
    let number = |kind: &str, typed: &str| json!({"kind": kind, "text": typed});
    let read = |number: &str| made(json!({"number": number}));
    let printed = CheckNumber::from_bytes([7; 10]).to_string();
    let numbers: Vec<Row> = vec![
        (
            "accept-check".into(),
            "As it is printed",
            "인쇄된 그대로",
            number("check", &printed),
            read(&printed),
        ),
        (
            "accept-typed".into(),
            "As it is typed: small letters, blanks, O for 0, I for 1",
            "입력한 대로: 소문자, 공백, 0 대신 O, 1 대신 I",
            number("check", "ow3g eir7 0w3g elr7 4"),
            read(&printed),
        ),
        (
            "accept-second".into(),
            "The second factor",
            "두 번째 확인값",
            number("second", "abcd-efgh-k"),
            read("ABCD-EFGH-K"),
        ),
        (
            "refuse-one-wrong".into(),
            "One character is wrong",
            "한 글자가 틀림",
            number("check", &printed.replacen('3', "4", 1)),
            refused(&["syntax"]),
        ),
        (
            "refuse-exchanged".into(),
            "Two neighbours were exchanged",
            "이웃한 두 글자가 바뀜",
            number("check", &printed.replacen("W3", "3W", 1)),
            refused(&["syntax"]),
        ),
        (
            "refuse-short".into(),
            "Too short",
            "너무 짧음",
            number("check", "0W3G-E1R7"),
            refused(&["syntax"]),
        ),
        (
            "refuse-letter".into(),
            "A letter that is in none",
            "쓰이지 않는 글자",
            number("check", &printed.replacen('W', "U", 1)),
            refused(&["syntax"]),
        ),
    ];
    cases.extend(rows(
        "number.read",
        "aut-number",
        &["AUT-07"],
        "paper",
        numbers,
    ));
    Ok(suite(
        "authenticity/paper",
        "authenticity",
        "Codes and numbers on paper",
        "종이 문서의 코드와 문서확인번호",
        cases,
    ))
}

fn runs() -> Made<Suite> {
    let secret = |seed: u8| -> Made<String> {
        let kind = if seed.is_multiple_of(2) {
            KeyType::P256
        } else {
            KeyType::Ed25519
        };
        Ok(text(SecretKey::from_bytes(kind, &[seed; 32]))?
            .to_multikey()
            .to_string())
    };
    let parties = json!({
        "university": secret(1)?, "office": secret(2)?, "hong": secret(3)?, "kim": secret(4)?, "lee": secret(5)?,
    });
    let time = |seconds: i64| -> Made<String> { Ok(at(seconds)?.to_string()) };
    let degree = r#"{"name":"홍길동","degree":"공학사","number":"900101-1234567"}"#;
    let master = r#"{"name":"홍길동","degree":"공학석사","number":"900101-1234567"}"#;
    let secrets = ["홍길동", "900101-1234567", "공학사", "공학석사"];
    let run = |id: &str,
               titles: (&str, &str),
               requirements: &[&str],
               steps: Vec<(Value, Value)>|
     -> Case {
        let (steps, results): (Vec<Value>, Vec<Value>) = steps.into_iter().unzip();
        let input = json!({"parties": parties, "trusted": ["university"], "secrets": secrets, "steps": steps});
        let expect = Expect {
            value: Some(json!({"results": results})),
            ..checked(Check::NothingPersonal)
        };
        case(id, titles, requirements, "authenticity.run", input, expect)
            .features(&["authenticity-run"])
    };
    let step = |command: &str, record: &str, more: Value| {
        let mut step = json!({"command": command, "record": record});
        if let (Some(members), Value::Object(more)) = (step.as_object_mut(), more) {
            members.extend(more);
        }
        step
    };
    let report = |integrity: &str, status: &str, issuer: &str, word: &str| json!({"integrity": integrity, "status": status, "issuer": issuer, "word": word});
    let authentic = || report("valid", "valid", "valid", "authentic");
    let register = |by: &str, document: &str, seconds: i64| -> Made<Value> {
        Ok(step(
            "register",
            "degree",
            json!({"by": by, "at": time(seconds)?, "type": "certificate.degree", "document": document}),
        ))
    };
    let check = |document: &str, seconds: i64| -> Made<Value> {
        Ok(step(
            "check",
            "degree",
            json!({"document": document, "at": time(seconds)?}),
        ))
    };
    let act = |command: &str, by: &str, seconds: i64| -> Made<Value> {
        Ok(step(
            command,
            "land",
            json!({"by": by, "at": time(seconds)?}),
        ))
    };
    let offer = |by: &str, to: &str, until: i64, seconds: i64| -> Made<Value> {
        Ok(step(
            "offer",
            "land",
            json!({"by": by, "to": to, "until": time(until)?, "at": time(seconds)?}),
        ))
    };
    let mint = |owner: &str| -> Made<Value> {
        Ok(step(
            "register",
            "land",
            json!({"by": "university", "at": time(0)?, "type": "asset.land", "document": r#"{"parcel":7}"#, "owner": owner}),
        ))
    };
    let query = |owner: Value, status: &str, versions: u32| {
        json!({
            "issuer": "university", "type": "asset.land", "versions": versions, "status": status, "owner": owner,
        })
    };
    let land = || step("query", "land", json!({}));
    let spaced = degree.replace(",", ", ");
    let as_text = r#"{"name":"홍길동","degree":["공학사"],"number":"900101-1234567"}"#;
    let mut list = Vec::new();
    for n in 0..7 {
        let owner = if n % 2 == 0 { "hong" } else { "kim" };
        let name = format!("asset{n}");
        let made = step(
            "register",
            &name,
            json!({"by": "university", "at": time(n)?, "type": "asset.art", "document": format!("{{\"n\":{n}}}"), "owner": owner}),
        );
        list.push((made, json!("ok")));
    }
    list.push((
        json!({"command": "list", "size": 3}),
        json!([
            ["asset0", "asset1", "asset2"],
            ["asset3", "asset4", "asset5"],
            ["asset6"]
        ]),
    ));
    list.push((
        json!({"command": "list", "size": 10, "owner": "kim"}),
        json!([["asset1", "asset3", "asset5"]]),
    ));
    list.push((
        json!({"command": "find", "document": "{\"n\": 4}"}),
        json!(["asset4"]),
    ));
    list.push((
        json!({"command": "find", "document": "{\"n\": \"4\"}"}),
        json!([]),
    ));
    let cases = vec![
        run(
            "aut-run-issued",
            (
                "What was issued is authentic, however it is written; anything else is altered",
                "발급된 문서는 표기가 달라도 진본, 그 밖에는 변조",
            ),
            &["AUT-01", "AUT-03"],
            vec![
                (register("university", degree, 0)?, json!("ok")),
                (check(degree, 10)?, authentic()),
                (check(&spaced, 10)?, authentic()),
                (
                    check(master, 10)?,
                    report("invalid", "skipped", "valid", "altered"),
                ),
                (
                    check(as_text, 10)?,
                    report("invalid", "skipped", "valid", "altered"),
                ),
                (
                    check("{}", 10)?,
                    report("invalid", "skipped", "valid", "altered"),
                ),
                (register("university", degree, 20)?, json!("exists")),
            ],
        ),
        run(
            "aut-run-updated",
            (
                "A new version takes the place of the old one",
                "새 버전이 옛 버전을 대신함",
            ),
            &["AUT-03", "AUT-04"],
            vec![
                (register("university", degree, 0)?, json!("ok")),
                (
                    step(
                        "update",
                        "degree",
                        json!({"by": "university", "at": time(10)?, "document": master}),
                    ),
                    json!("ok"),
                ),
                (check(master, 20)?, authentic()),
                (
                    check(degree, 20)?,
                    report("valid", "invalid", "valid", "certificateCheckFailed"),
                ),
                (
                    step(
                        "update",
                        "degree",
                        json!({"by": "office", "at": time(20)?, "document": degree}),
                    ),
                    json!("notIssuer"),
                ),
                (
                    step(
                        "update",
                        "none",
                        json!({"by": "office", "at": time(20)?, "document": degree}),
                    ),
                    json!("unknown"),
                ),
            ],
        ),
        run(
            "aut-run-revoked",
            (
                "What was revoked counts no more, and changes no more",
                "폐기된 문서는 효력이 없고 더 바뀌지 않음",
            ),
            &["AUT-03"],
            vec![
                (register("university", degree, 0)?, json!("ok")),
                (
                    step("revoke", "degree", json!({"by": "hong", "at": time(10)?})),
                    json!("notIssuer"),
                ),
                (check(degree, 10)?, authentic()),
                (
                    step(
                        "revoke",
                        "degree",
                        json!({"by": "university", "at": time(10)?}),
                    ),
                    json!("ok"),
                ),
                (
                    check(degree, 20)?,
                    report("valid", "invalid", "valid", "certificateCheckFailed"),
                ),
                (
                    step(
                        "update",
                        "degree",
                        json!({"by": "university", "at": time(20)?, "document": master}),
                    ),
                    json!("ended"),
                ),
            ],
        ),
        run(
            "aut-run-expired",
            (
                "Valid until a time, that second not counted",
                "유효기간의 끝(그 초는 제외)",
            ),
            &["AUT-03"],
            vec![
                (
                    step(
                        "register",
                        "degree",
                        json!({"by": "university", "at": time(0)?, "type": "certificate.degree", "document": degree, "until": time(100)?}),
                    ),
                    json!("ok"),
                ),
                (check(degree, 99)?, authentic()),
                (
                    check(degree, 100)?,
                    report("valid", "invalid", "valid", "certificateCheckFailed"),
                ),
            ],
        ),
        run(
            "aut-run-stranger",
            (
                "What a stranger has registered is not authentic",
                "모르는 사람이 등록한 것은 진본이 아님",
            ),
            &["AUT-03"],
            vec![
                (register("lee", degree, 0)?, json!("ok")),
                (
                    check(degree, 10)?,
                    report("valid", "valid", "invalid", "certificateCheckFailed"),
                ),
            ],
        ),
        run(
            "aut-run-shown",
            (
                "Some of it is hidden, and the rest still proves",
                "일부를 가려도 나머지는 증명됨",
            ),
            &["AUT-03"],
            vec![
                (
                    register(
                        "university",
                        r#"{"school":{"name":"A","year":1990},"open":true,"grades":[{"course":"x","name":"홍길동"},{"name":"홍길동"},{"course":"y"}],"name":"홍길동","number":"900101-1234567"}"#,
                        0,
                    )?,
                    json!("ok"),
                ),
                (
                    step(
                        "show",
                        "degree",
                        json!({"at": time(10)?, "hide": ["name", "number"]}),
                    ),
                    {
                        let value = authentic();
                        with(
                            &value,
                            "document",
                            json!({"school": {"year": 1990}, "open": true, "grades": [{"course": "x"}, {"course": "y"}]}),
                        )
                    },
                ),
            ],
        ),
        run(
            "aut-run-transfer",
            (
                "An asset passes from hand to hand in two steps",
                "자산은 두 단계로 이전됨",
            ),
            &["AUT-04", "AUT-05"],
            vec![
                (mint("hong")?, json!("ok")),
                (land(), query(json!("hong"), "active", 1)),
                (offer("kim", "lee", 100, 10)?, json!("notOwner")),
                (offer("hong", "kim", 100, 10)?, json!("ok")),
                (offer("hong", "lee", 100, 10)?, json!("offered")),
                (land(), query(json!("hong"), "active", 1)),
                (act("accept", "lee", 20)?, json!("notOffered")),
                (act("accept", "kim", 20)?, json!("ok")),
                (land(), query(json!("kim"), "active", 1)),
                (offer("hong", "lee", 100, 30)?, json!("notOwner")),
                (act("retire", "kim", 40)?, json!("ok")),
                (land(), query(Value::Null, "retired", 1)),
                (offer("kim", "lee", 100, 50)?, json!("ended")),
            ],
        ),
        run(
            "aut-run-offers",
            (
                "Offers are withdrawn, rejected, and end",
                "제안의 철회, 거절, 만료",
            ),
            &["AUT-05"],
            vec![
                (mint("hong")?, json!("ok")),
                (offer("hong", "hong", 100, 10)?, json!("impossible")),
                (offer("hong", "kim", 10, 10)?, json!("impossible")),
                (act("withdraw", "hong", 10)?, json!("notOffered")),
                (offer("hong", "kim", 100, 10)?, json!("ok")),
                (act("withdraw", "kim", 10)?, json!("notOwner")),
                (act("withdraw", "hong", 20)?, json!("ok")),
                (act("accept", "kim", 20)?, json!("notOffered")),
                (offer("hong", "kim", 100, 20)?, json!("ok")),
                (act("reject", "kim", 30)?, json!("ok")),
                (act("accept", "kim", 30)?, json!("notOffered")),
                (offer("hong", "kim", 100, 30)?, json!("ok")),
                (act("accept", "kim", 100)?, json!("over")),
                (offer("hong", "lee", 200, 100)?, json!("ok")),
                (act("accept", "kim", 110)?, json!("notOffered")),
                (act("accept", "lee", 110)?, json!("ok")),
                (land(), query(json!("lee"), "active", 1)),
            ],
        ),
        run(
            "aut-run-no-asset",
            (
                "A document without an owner belongs to nobody",
                "소유자가 없는 문서는 이전되지 않음",
            ),
            &["AUT-05"],
            vec![
                (
                    step(
                        "register",
                        "land",
                        json!({"by": "university", "at": time(0)?, "type": "asset.land", "document": "{}"}),
                    ),
                    json!("ok"),
                ),
                (offer("hong", "kim", 100, 10)?, json!("noAsset")),
                (act("retire", "university", 10)?, json!("noAsset")),
                (step("query", "none", json!({})), json!("unknown")),
            ],
        ),
        run(
            "aut-run-lists",
            (
                "All of a list, in pages; and records by their document",
                "목록 전체를 쪽 단위로, 문서로 기록 찾기",
            ),
            &["AUT-02", "AUT-06"],
            list,
        ),
    ];
    Ok(suite(
        "authenticity/runs",
        "authenticity",
        "Whatever the formats: registering, checking, showing, passing on",
        "형식과 무관하게: 등록, 확인, 일부 공개, 이전",
        cases,
    ))
}
