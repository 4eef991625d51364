//! Credentials signed by what they say as RDF, and the ways to change one without changing that.

use kbtf_did::KeyType;
use kbtf_vc::rdfc::Contexts;
use serde_json::{Value, json};

use super::{
    accepted, case, checked,
    forge::{Person, set, with, without},
    refused, suite,
};
use crate::suite::{Case, Check, Expect, Suite};

const V1: &str = "https://www.w3.org/2018/credentials/v1";
const V2: &str = "https://www.w3.org/ns/credentials/v2";
const DATA_INTEGRITY: &str = "https://w3id.org/security/data-integrity/v2";
const SCHOOL: &str = "https://school.example/context/v1";
const NAMES: &str = "https://names.example/context/v1";
const ED: &str = "eddsa-rdfc-2022";
const EC: &str = "ecdsa-rdfc-2019";

/// A context with what contexts of credentials use, and some names that an attacker would like.
fn school() -> Value {
    json!({"@context": {
        "@version": 1.1,
        "school": "https://school.example/ns#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "degree": "school:degree",
        "grades": {"@id": "school:grades", "@container": "@list"},
        "title": {"@id": "school:title", "@container": "@language"},
        "points": {"@id": "school:points", "@type": "xsd:integer"},
        "average": "school:average",
        "enrolled": {"@id": "school:enrolled", "@type": "xsd:date"},
        "place": {"@id": "school:place", "@type": "@id"},
        "related": {"@id": "school:related", "@type": "@id"},
        "level": {"@id": "school:level", "@type": "@vocab", "@context": {"bachelor": "school:bachelor"}},
        "record": {"@id": "school:record", "@type": "@json"},
        "motto": {"@id": "school:motto", "@language": "ko"},
        "nothing": null,
        "turned": {"@reverse": "school:turned"},
        "Graduation": {"@id": "school:Graduation", "@context": {
            "@protected": true,
            "honour": "school:honour"
        }},
        "Student": {"@id": "school:Student", "@context": {"number": "school:studentNumber"}}
    }})
}

/// A context of somebody else, with names that an attacker would like.
fn names() -> Value {
    json!({"@context": {
        "@version": 1.1,
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "ends": {"@id": "https://www.w3.org/2018/credentials#validUntil", "@type": "xsd:dateTime"},
        "state": {"@id": "https://www.w3.org/2018/credentials#credentialStatus", "@type": "@id"}
    }})
}

fn contexts() -> Result<Contexts, String> {
    let mut contexts = Contexts::new();
    let added = contexts.add(SCHOOL, school().to_string().as_bytes());
    added.map_err(|e| e.to_string())?;
    contexts.accept(&[V2, SCHOOL]);
    contexts.accept(&[V1, DATA_INTEGRITY, SCHOOL]);
    Ok(contexts)
}

/// What the verifier knows, and what of it together.
fn policy() -> Value {
    json!({
        "contextDocuments": {SCHOOL: school().to_string(), NAMES: names().to_string()},
        "contextLists": [[V2, SCHOOL], [V1, DATA_INTEGRITY, SCHOOL]],
    })
}

fn certificate(issuer: &str) -> Value {
    json!({
        "@context": [V2, SCHOOL],
        "id": "https://school.example/certificates/1",
        "type": ["VerifiableCredential", "Graduation"],
        "issuer": {"id": issuer, "name": "한국대학교"},
        "validFrom": "2026-02-20T00:00:00+09:00",
        "validUntil": "2036-02-20T00:00:00+09:00",
        "credentialSubject": {
            "id": "did:example:student",
            "type": "Student",
            "number": "2020-1234",
            "degree": "공학사",
            "grades": [4.5, 4, "A", ["P", "F"]],
            "title": {"ko": "졸업", "en": ["Graduation", "Degree"]},
            "points": 130,
            "average": [0.25, 4.5, true],
            "enrolled": "2020-03-02",
            "place": ["https://school.example/seoul", {"id": "https://school.example/busan", "name": "부산 \"캠퍼스\""}],
            "level": "bachelor",
            "record": {"ⓑ": [1, null, {"a": 0.1}], "a": "x"},
            "motto": "진리\n자유"
        }
    })
}

struct Maker {
    issuer: Person,
    contexts: Contexts,
}

impl Maker {
    fn sign(&self, document: &Value) -> Result<Value, String> {
        self.issuer
            .sign_rdf(document, self.issuer.rdf_options(), &self.contexts)
    }
}

fn input(credential: &Value) -> Value {
    json!({"credential": credential.to_string(), "policy": policy()})
}

fn verify(id: &str, titles: (&str, &str), credential: &Value, expect: Expect) -> Case {
    let id = match expect.reason.is_empty() {
        true => format!("vc-rdf-{id}"),
        false => format!("vc-rdf-refuse-{id}"),
    };
    case(
        &id,
        titles,
        &["VC-01", "VC-02"],
        "credential.verify",
        input(credential),
        expect,
    )
    .features(&[ED])
}

pub(super) fn suite_of_rdf() -> Result<Suite, String> {
    let maker = Maker {
        issuer: Person::new(KeyType::Ed25519, 0x61)?,
        contexts: contexts()?,
    };
    let mut cases = good(&maker)?;
    cases.extend(changed(&maker)?);
    cases.extend(uncovered(&maker)?);
    cases.extend(elsewhere(&maker)?);
    cases.extend(of_contexts(&maker)?);
    cases.extend(issued(&maker)?);
    cases.extend(shown(&maker)?);
    Ok(suite(
        "vc/rdf",
        "vc",
        "Credentials signed by what they say as RDF: eddsa-rdfc-2022 and ecdsa-rdfc-2019",
        "RDF로 나타낸 내용에 서명한 자격증명: eddsa-rdfc-2022와 ecdsa-rdfc-2019",
        cases,
    ))
}

fn good(maker: &Maker) -> Result<Vec<Case>, String> {
    let issuer = maker.issuer.did();
    let plain = certificate(&issuer);
    let signed = maker.sign(&plain)?;
    let mut shuffled = signed.clone();
    for name in ["type", "/credentialSubject/average"] {
        let list = match name.strip_prefix('/') {
            Some(_) => shuffled.pointer_mut(name),
            None => shuffled.get_mut(name),
        };
        if let Some(list) = list.and_then(Value::as_array_mut) {
            list.reverse();
        }
    }
    let old = json!({
        "@context": [V1, DATA_INTEGRITY, SCHOOL],
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "issuanceDate": "2026-02-20T00:00:00Z",
        "credentialSubject": {"id": "did:example:student", "degree": "공학사"}
    });
    let alike = with(
        &plain,
        "credentialSubject",
        json!([
            {"id": "did:example:a", "related": [{"related": {}}, {"related": {}}, {}]},
            {"related": [{"related": {"degree": "같음"}}, {"related": {"degree": "같음"}}]},
            {"grades": [[], ["x"], []]}
        ]),
    );
    let numbers = with(
        &plain,
        "credentialSubject",
        json!({"average": [0, -1, 1e20, 1e21, 0.1, -2.5e-7, 123_456_789_012.5, 9_007_199_254_740_991_i64]}),
    );
    let other = Person::new(KeyType::P256, 0x62)?;
    let of_other = other.sign_rdf(
        &certificate(&other.did()),
        other.rdf_options(),
        &maker.contexts,
    )?;
    let listed = with(&signed, "proof", json!([signed.get("proof")]));
    let options = with(
        &maker.issuer.rdf_options(),
        "id",
        "https://school.example/proofs/1".into(),
    );
    let first = maker.issuer.sign_rdf(&plain, options, &maker.contexts)?;
    let upon = with(
        &plain,
        "proof",
        json!([first.get("proof").cloned().unwrap_or_default()]),
    );
    let options = with(
        &other.rdf_options(),
        "previousProof",
        "https://school.example/proofs/1".into(),
    );
    let second = other.sign_rdf(&upon, options, &maker.contexts)?;
    let chain = with(
        &plain,
        "proof",
        json!([first.get("proof"), second.get("proof")]),
    );
    let unchained = with(
        &chain,
        "proof",
        json!([
            first
                .get("proof")
                .map(|proof| with(proof, "created", "2026-11-01T09:00:01Z".into())),
            second.get("proof")
        ]),
    );
    Ok(vec![
        verify(
            "graduation",
            (
                "A certificate with lists, languages, types and JSON inside",
                "목록, 언어, 자료형과 JSON을 담은 졸업증명서",
            ),
            &signed,
            accepted(),
        ),
        verify(
            "reordered",
            (
                "Values of sets and types in another order",
                "집합의 값과 type의 순서가 바뀐 문서",
            ),
            &shuffled,
            accepted(),
        ),
        verify(
            "old",
            ("VC 1.1", "VC 1.1 자격증명"),
            &maker.sign(&old)?,
            accepted(),
        )
        .features(&["vc-1.1"]),
        verify(
            "alike",
            ("Nodes that look alike", "서로 닮은 노드가 있는 문서"),
            &maker.sign(&alike)?,
            accepted(),
        ),
        verify(
            "numbers",
            (
                "Numbers at the edges of integers and doubles",
                "정수와 실수의 경계에 있는 숫자",
            ),
            &maker.sign(&numbers)?,
            accepted(),
        ),
        verify(
            "p256",
            ("ECDSA with P-256", "P-256 ECDSA 서명"),
            &of_other,
            accepted(),
        )
        .features(&[EC]),
        verify(
            "listed",
            ("The only proof in an array", "배열에 담긴 하나의 증명"),
            &listed,
            accepted(),
        ),
        verify(
            "chain",
            (
                "A second proof upon the first",
                "첫 증명 위에 만든 둘째 증명",
            ),
            &chain,
            accepted(),
        )
        .features(&[EC, "proof-sets"]),
        verify(
            "chain-broken",
            (
                "The proof that another is made upon was changed",
                "증명 체인에서 앞선 증명이 바뀜",
            ),
            &unchained,
            refused(&["signature"]),
        )
        .features(&[EC, "proof-sets"]),
    ])
}

/// What the signature covers.
fn changed(maker: &Maker) -> Result<Vec<Case>, String> {
    let signed = maker.sign(&certificate(&maker.issuer.did()))?;
    let mut cases = Vec::new();
    for (id, en, ko, from, to) in [
        (
            "text",
            "A text was changed",
            "글자가 바뀜",
            "공학사",
            "공학석사",
        ),
        (
            "list-order",
            "A list in another order",
            "목록의 순서가 바뀜",
            "4.5,4,",
            "4,4.5,",
        ),
        (
            "list-nested",
            "A list inside of a list made flat",
            "목록 안의 목록이 풀림",
            "[\"P\",\"F\"]",
            "\"P\",\"F\"",
        ),
        (
            "language",
            "A text in another language",
            "언어 표시가 바뀜",
            "\"ko\":\"졸업\"",
            "\"ja\":\"졸업\"",
        ),
        (
            "number",
            "A number was changed",
            "숫자가 바뀜",
            "0.25",
            "0.26",
        ),
        (
            "number-as-text",
            "A number made a text",
            "숫자가 글자로 바뀜",
            "[0.25,",
            "[\"0.25\",",
        ),
        (
            "type",
            "Another type of the subject",
            "주체의 종류가 바뀜",
            "\"type\":\"Student\"",
            "\"type\":[\"Student\",\"Graduation\"]",
        ),
        (
            "json",
            "JSON inside was changed",
            "안에 담긴 JSON이 바뀜",
            "\"a\":0.1",
            "\"a\":0.2",
        ),
        (
            "id",
            "Another subject",
            "주체가 바뀜",
            "did:example:student",
            "did:example:stranger",
        ),
        (
            "until",
            "A longer validity",
            "유효 기간이 늘어남",
            "2036-02",
            "2046-02",
        ),
        (
            "created",
            "The time of the proof was changed",
            "증명의 생성 시각이 바뀜",
            "2026-11-01T09:00:00Z",
            "2026-11-01T09:00:01Z",
        ),
        (
            "white-space",
            "White space inside of a text",
            "글자 안의 공백이 바뀜",
            "부산 ",
            "부산  ",
        ),
    ] {
        cases.push(verify(
            &format!("{id}-changed"),
            (en, ko),
            &replaced(&signed, from, to)?,
            refused(&["signature"]),
        ));
    }
    let jcs = maker.issuer.sign(&certificate(&maker.issuer.did()))?;
    let renamed = replaced(&jcs, "eddsa-jcs-2022", ED)?;
    let renamed = replace(&renamed, "proof", |proof| {
        *proof = without(proof, "@context");
    });
    cases.push(verify(
        "jcs-renamed",
        (
            "A signature over JSON under the name of one over RDF",
            "JSON 서명을 RDF 서명으로 바꿔 부름",
        ),
        &renamed,
        refused(&["signature"]),
    ));
    let renamed = replaced(&signed, ED, "eddsa-jcs-2022")?;
    cases.push(
        verify(
            "renamed-jcs",
            (
                "A signature over RDF under the name of one over JSON",
                "RDF 서명을 JSON 서명으로 바꿔 부름",
            ),
            &renamed,
            refused(&["signature"]),
        )
        .features(&["eddsa-jcs-2022"]),
    );
    Ok(cases)
}

fn replaced(document: &Value, from: &str, to: &str) -> Result<Value, String> {
    let text = document.to_string();
    if text.matches(from).count() != 1 {
        return Err(format!("{from} is not there once"));
    }
    serde_json::from_str(&text.replace(from, to)).map_err(|e| e.to_string())
}

/// What makes no statement, so that a signature over RDF does not cover it.
fn uncovered(maker: &Maker) -> Result<Vec<Case>, String> {
    let signed = maker.sign(&certificate(&maker.issuer.did()))?;
    let subject = |name: &str, value: Value| {
        replace(&signed, "credentialSubject", |subject| {
            set(subject, name, value)
        })
    };
    let nested = replace(&signed, "issuer", |issuer| {
        set(issuer, "accreditedBy", "did:example:ministry".into())
    });
    let of_proof = replace(&signed, "proof", |proof| set(proof, "note", "x".into()));
    let refuse = || refused(&["structure"]);
    Ok(vec![
        verify(
            "unknown-member",
            (
                "A member that no context knows",
                "어떤 컨텍스트도 모르는 항목이 덧붙음",
            ),
            &subject("honours", "summa cum laude".into()),
            refuse(),
        ),
        verify(
            "unknown-of-issuer",
            (
                "A member of the issuer that no context knows",
                "컨텍스트가 모르는 항목이 발급자에 덧붙음",
            ),
            &nested,
            refuse(),
        ),
        verify(
            "unknown-of-proof",
            (
                "A member of the proof that no context knows",
                "컨텍스트가 모르는 항목이 증명에 덧붙음",
            ),
            &of_proof,
            refuse(),
        ),
        verify(
            "member-of-nothing",
            (
                "A member that a context says means nothing",
                "컨텍스트가 뜻이 없다고 정한 항목이 덧붙음",
            ),
            &subject("nothing", "x".into()),
            refuse(),
        ),
        verify(
            "null",
            ("A member that is null", "값이 null인 항목이 덧붙음"),
            &subject("name", Value::Null),
            refuse(),
        ),
        verify(
            "nothing-in-set",
            ("A member without a value", "값이 없는 항목이 덧붙음"),
            &subject("name", json!([])),
            refuse(),
        ),
        verify(
            "twice",
            ("A value twice", "같은 값을 두 번 적음"),
            &subject("degree", json!(["공학사", "공학사"])),
            refuse(),
        ),
        verify(
            "relative",
            (
                "A reference that is not absolute, beside the signed ones",
                "절대 주소가 아닌 참조가 덧붙음",
            ),
            &subject("related", "students/2".into()),
            refuse(),
        ),
        verify(
            "index",
            (
                "An index, which RDF leaves out",
                "RDF에 남지 않는 @index가 덧붙음",
            ),
            &subject("@index", "x".into()),
            refuse(),
        ),
        verify(
            "keyword-like",
            ("A name like a keyword's", "키워드처럼 보이는 이름"),
            &subject("@honours", "x".into()),
            refuse(),
        ),
        verify(
            "direction",
            (
                "A direction of a text, which some leave out",
                "구현마다 다르게 다루는 글 방향",
            ),
            &subject(
                "average",
                json!({"@value": "x", "@language": "ko", "@direction": "rtl"}),
            ),
            refuse(),
        ),
        verify(
            "array-in-set",
            ("An array inside of an array", "배열 안의 배열"),
            &subject("degree", json!([["공학사"]])),
            refuse(),
        ),
        verify(
            "blank",
            (
                "A reference by a label that is none of this document's",
                "문서 밖에서는 뜻이 없는 이름표로 참조",
            ),
            &subject("related", "_:b0".into()),
            refuse(),
        ),
    ])
}

/// What is said as it was signed, but where nobody looks for it.
fn elsewhere(maker: &Maker) -> Result<Vec<Case>, String> {
    let mut document = certificate(&maker.issuer.did());
    set(&mut document, "validUntil", "2026-11-01T00:00:00Z".into());
    set(
        &mut document,
        "credentialStatus",
        json!({"id": "https://school.example/status#7", "type": "school:Status"}),
    );
    let signed = maker.sign(&document)?;
    let refuse = || refused(&["structure"]);
    let renamed =
        |from: &str, to: &str| replaced(&signed, &format!("\"{from}\":"), &format!("\"{to}\":"));
    // The verifier takes the other context too, so that both names are about.
    let named_otherwise = |id: &str, titles, from: &str, to: &str| -> Result<Case, String> {
        let changed = with(&renamed(from, to)?, "@context", json!([V2, SCHOOL, NAMES]));
        let mut case = verify(id, titles, &changed, refuse());
        let lists = json!([[V2, SCHOOL], [V2, SCHOOL, NAMES]]);
        for step in &mut case.steps {
            if let Some(policy) = step.input.get_mut("policy") {
                set(policy, "contextLists", lists.clone());
            }
        }
        Ok(case)
    };
    let until = "https://www.w3.org/2018/credentials#validUntil";
    let status = "https://www.w3.org/2018/credentials#credentialStatus";
    let typed = replaced(
        &signed,
        "\"Graduation\"]",
        "\"https://school.example/ns#Graduation\"]",
    )?;
    let value = replaced(
        &signed,
        "\"points\":130",
        "\"points\":{\"@value\":\"130\",\"@type\":\"xsd:integer\"}",
    )?;
    Ok(vec![
        verify(
            "expired",
            ("Past its end", "유효 기간이 지남"),
            &signed,
            refused(&["validity"]),
        ),
        named_otherwise(
            "until-renamed",
            (
                "The end of validity under another name, by another context",
                "유효 기간의 끝을 다른 컨텍스트의 다른 이름으로 적음",
            ),
            "validUntil",
            "ends",
        )?,
        verify(
            "until-as-iri",
            (
                "The end of validity under its IRI",
                "유효 기간의 끝을 IRI로 적음",
            ),
            &replaced(
                &signed,
                "\"validUntil\":\"2026-11-01T00:00:00Z\"",
                &format!(
                    "\"{until}\":{{\"@value\":\"2026-11-01T00:00:00Z\",\"@type\":\"xsd:dateTime\"}}"
                ),
            )?,
            refuse(),
        ),
        named_otherwise(
            "status-renamed",
            (
                "The status under another name, by another context",
                "상태를 다른 컨텍스트의 다른 이름으로 적음",
            ),
            "credentialStatus",
            "state",
        )?,
        verify(
            "status-as-iri",
            ("The status under its IRI", "상태를 IRI로 적음"),
            &renamed("credentialStatus", status)?,
            refuse(),
        ),
        verify(
            "claim-as-iri",
            ("A claim under its IRI", "주장을 IRI로 적음"),
            &renamed("degree", "https://school.example/ns#degree")?,
            refuse(),
        ),
        verify(
            "claim-by-prefix",
            (
                "A claim by a prefix, though there is a term",
                "용어가 있는데 접두어로 적은 주장",
            ),
            &renamed("degree", "school:degree")?,
            refuse(),
        ),
        verify(
            "type-as-iri",
            ("A type by its IRI", "종류를 IRI로 적음"),
            &typed,
            refuse(),
        ),
        verify(
            "value-written-out",
            (
                "A value with the type that its term has",
                "용어의 자료형을 값에 다시 적음",
            ),
            &value,
            refuse(),
        ),
        verify(
            "number-as-its-text",
            (
                "A number as the text that RDF makes of it",
                "숫자를 RDF가 만드는 글자로 적음",
            ),
            &replaced(&signed, "\"points\":130", "\"points\":\"130\"")?,
            refuse(),
        ),
        verify(
            "reference-as-object",
            (
                "An id in an object where the id would do",
                "id만 적으면 될 곳에 객체로 적음",
            ),
            &replaced(
                &signed,
                "\"https://school.example/seoul\"",
                "{\"id\":\"https://school.example/seoul\"}",
            )?,
            refuse(),
        ),
        verify(
            "language-in-capitals",
            ("A language in capitals", "언어 표시를 대문자로 적음"),
            &replaced(&signed, "\"ko\":\"졸업\"", "\"KO\":\"졸업\"")?,
            refuse(),
        ),
        verify(
            "claims-moved",
            (
                "A claim of the subject moved to the issuer, who is the same",
                "주체의 주장을 같은 사람인 발급자 자리로 옮김",
            ),
            &claims_moved(maker)?,
            refuse(),
        ),
        verify(
            "id-as-keyword",
            ("The id of the subject under @id", "주체의 id를 @id로 적음"),
            &replaced(
                &signed,
                "\"id\":\"did:example:student\"",
                "\"@id\":\"did:example:student\"",
            )?,
            refuse(),
        ),
    ])
}

/// Somebody says something of himself, and it is moved from the subject to the issuer.
fn claims_moved(maker: &Maker) -> Result<Value, String> {
    let issuer = maker.issuer.did();
    let mut document = certificate(&issuer);
    set(&mut document, "issuer", issuer.clone().into());
    replace_in(&mut document, "credentialSubject", |subject| {
        set(subject, "id", issuer.clone().into());
    });
    let signed = maker.sign(&document)?;
    let motto = document.pointer("/credentialSubject/motto").cloned();
    let moved = replace(&signed, "credentialSubject", |subject| {
        *subject = without(subject, "motto");
    });
    Ok(with(
        &moved,
        "issuer",
        json!({"id": issuer, "motto": motto}),
    ))
}

/// Changes something inside a member.
fn replace_in(document: &mut Value, name: &str, change: impl FnOnce(&mut Value)) {
    if let Some(member) = document.get_mut(name) {
        change(member);
    }
}

/// The document with something inside a member changed.
fn replace(document: &Value, name: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut changed = document.clone();
    replace_in(&mut changed, name, change);
    changed
}

fn of_contexts(maker: &Maker) -> Result<Vec<Case>, String> {
    let signed = maker.sign(&certificate(&maker.issuer.did()))?;
    let with_context = |text: &str| json!({"credential": signed.to_string(), "policy": {"contextDocuments": {SCHOOL: text}, "contextLists": [[V2, SCHOOL]]}});
    let mut other = school();
    replace_in(&mut other, "@context", |context| {
        set(
            context,
            "degree",
            "https://school.example/ns#refused".into(),
        );
    });
    let redefines = json!({"@context": {"issuer": "https://school.example/ns#issuer", "VerifiableCredential": "https://school.example/ns#VC"}});
    let refuse = |id: &str, titles, input: Value, reasons: &[&str]| {
        case(
            &format!("vc-rdf-refuse-{id}"),
            titles,
            &["VC-01", "VC-02"],
            "credential.verify",
            input,
            refused(reasons),
        )
        .features(&[ED])
    };
    let mut cases = vec![
        refuse(
            "context-by-name",
            (
                "A context that is known by its name alone",
                "이름만 알고 내용은 모르는 컨텍스트",
            ),
            json!({"credential": signed.to_string(), "policy": {"contexts": [SCHOOL]}}),
            &["structure"],
        ),
        refuse(
            "context-not-known",
            ("A context that is not known", "알지 못하는 컨텍스트"),
            json!({"credential": signed.to_string()}),
            &["structure"],
        ),
        refuse(
            "context-means-other",
            (
                "A context in which a term means something else",
                "용어의 뜻이 다른 컨텍스트",
            ),
            with_context(&other.to_string()),
            &["signature"],
        ),
        refuse(
            "context-redefines",
            (
                "A context that gives protected terms another meaning",
                "보호된 용어의 뜻을 바꾸는 컨텍스트",
            ),
            with_context(&redefines.to_string()),
            &["structure"],
        ),
        refuse(
            "context-no-json",
            ("A context that is not JSON-LD", "JSON-LD가 아닌 컨텍스트"),
            with_context("{}"),
            &["structure"],
        ),
    ];
    for (id, titles, list) in [
        (
            "context-added",
            (
                "A context that the verifier knows was added",
                "검증자가 아는 다른 컨텍스트가 덧붙음",
            ),
            json!([V2, SCHOOL, NAMES]),
        ),
        (
            "context-twice",
            ("A context twice", "같은 컨텍스트를 두 번 적음"),
            json!([V2, SCHOOL, SCHOOL]),
        ),
        (
            "context-order",
            ("Contexts in another order", "컨텍스트의 순서가 바뀜"),
            json!([V2, NAMES, SCHOOL]),
        ),
    ] {
        cases.push(verify(
            id,
            titles,
            &with(&signed, "@context", list),
            refused(&["structure"]),
        ));
    }
    let nested = replace(&signed, "credentialSubject", |subject| {
        set(subject, "@context", SCHOOL.into());
    });
    cases.push(verify(
        "context-inside",
        (
            "A context inside, which changes nothing",
            "아무것도 바꾸지 않는 컨텍스트를 안에 적음",
        ),
        &nested,
        refused(&["structure"]),
    ));
    let dropped = with(&signed, "@context", json!([V2]));
    cases.push(verify(
        "context-left-out",
        (
            "The signer's context was taken out",
            "서명자의 컨텍스트를 뺌",
        ),
        &dropped,
        refused(&["structure"]),
    ));
    let of_proof = replace(&signed, "proof", |proof| {
        set(proof, "@context", json!([V2]))
    });
    cases.push(verify(
        "context-of-proof",
        (
            "The proof has a context of its own",
            "증명이 따로 컨텍스트를 가짐",
        ),
        &of_proof,
        refused(&["structure"]),
    ));
    let many = vec![json!({"related": [{}, {}]}); 12];
    let many = json!([{"related": many}, {"related": many}]);
    let alike = with(&signed, "credentialSubject", many);
    cases.push(verify(
        "made-to-last",
        (
            "Nodes alike enough to keep a verifier busy for ever",
            "검증자를 끝없이 붙잡아 두려는 문서",
        ),
        &alike,
        refused(&["structure"]),
    ));
    Ok(cases)
}

fn issued(maker: &Maker) -> Result<Vec<Case>, String> {
    let unsigned = certificate(&maker.issuer.did());
    let signed = maker.sign(&unsigned)?;
    let proof_value = signed.pointer("/proof/proofValue").and_then(Value::as_str);
    let input = |credential: &Value| {
        json!({
            "credential": credential.to_string(),
            "secretKey": maker.issuer.secret(),
            "verificationMethod": maker.issuer.method(),
            "created": "2026-11-01T09:00:00Z",
            "cryptosuite": ED,
            "contextDocuments": {SCHOOL: school().to_string()},
        })
    };
    let issue = |id: &str, titles, credential: &Value, expect| {
        case(
            id,
            titles,
            &["VC-01", "VC-02"],
            "credential.issue",
            input(credential),
            expect,
        )
        .features(&[ED, "issue"])
    };
    let unknown = replace(&unsigned, "credentialSubject", |subject| {
        set(subject, "honours", "summa cum laude".into());
    });
    let inside = replace(&unsigned, "credentialSubject", |subject| {
        set(
            subject,
            "related",
            "https://school.example/certificates/1".into(),
        );
    });
    let renamed = replaced(
        &unsigned,
        "\"degree\":",
        "\"https://school.example/ns#degree\":",
    )?;
    Ok(vec![
        issue(
            "vc-rdf-issue",
            (
                "A certificate is signed by what it says",
                "RDF로 나타낸 내용에 서명하여 발급",
            ),
            &unsigned,
            Expect {
                proof_value: proof_value.map(Into::into),
                ..checked(Check::SignedCredential)
            },
        ),
        issue(
            "vc-rdf-issue-refuse-uncovered",
            (
                "What no context knows is not signed",
                "컨텍스트가 모르는 항목에는 서명하지 않음",
            ),
            &unknown,
            refused(&["structure"]),
        ),
        issue(
            "vc-rdf-issue-refuse-id-inside",
            (
                "What refers to itself inside is not signed: statements do not say which node is the document",
                "안에서 자기 자신을 가리키는 문서에는 서명하지 않음: 어느 노드가 문서인지 RDF에 남지 않음",
            ),
            &inside,
            refused(&["structure"]),
        ),
        issue(
            "vc-rdf-issue-refuse-written-out",
            (
                "What is written otherwise than the contexts write it is not signed",
                "컨텍스트와 다르게 적은 항목에는 서명하지 않음",
            ),
            &renamed,
            refused(&["structure"]),
        ),
    ])
}

fn shown(maker: &Maker) -> Result<Vec<Case>, String> {
    let holder = Person::new(KeyType::Ed25519, 0x63)?;
    let mut credential = certificate(&maker.issuer.did());
    replace_in(&mut credential, "credentialSubject", |subject| {
        set(subject, "id", holder.did().into())
    });
    let credential = maker.sign(&credential)?;
    let presentation = json!({
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "holder": holder.did(),
        "verifiableCredential": [credential]
    });
    let mut options = with(
        &holder.rdf_options(),
        "proofPurpose",
        "authentication".into(),
    );
    set(&mut options, "challenge", "c-1".into());
    set(&mut options, "domain", "shop.example".into());
    let shown = holder.sign_rdf(&presentation, options, &maker.contexts)?;
    let input = |presentation: &Value, challenge: &str| {
        json!({
            "presentation": presentation.to_string(), "challenge": challenge, "domain": "shop.example",
            "policy": policy(),
        })
    };
    let verify = |id: &str, titles, presentation: &Value, challenge: &str, expect| {
        case(
            id,
            titles,
            &["VC-03"],
            "presentation.verify",
            input(presentation, challenge),
            expect,
        )
        .features(&[ED, "presentation"])
    };
    let other = replaced(&shown, "공학사", "공학석사")?;
    let uncovered = with(&shown, "purpose", "x".into());
    Ok(vec![
        verify(
            "vc-rdf-presentation",
            ("A certificate is shown", "졸업증명서를 제시함"),
            &shown,
            "c-1",
            accepted(),
        ),
        verify(
            "vc-rdf-presentation-refuse-challenge",
            ("The answer to another challenge", "다른 챌린지에 대한 응답"),
            &shown,
            "c-2",
            refused(&["challenge"]),
        ),
        verify(
            "vc-rdf-presentation-refuse-changed",
            (
                "The certificate inside was changed",
                "안에 든 졸업증명서가 바뀜",
            ),
            &other,
            "c-1",
            refused(&["signature"]),
        ),
        verify(
            "vc-rdf-presentation-refuse-unknown-member",
            (
                "A member that no context knows",
                "어떤 컨텍스트도 모르는 항목이 덧붙음",
            ),
            &uncovered,
            "c-1",
            refused(&["structure"]),
        ),
    ])
}
