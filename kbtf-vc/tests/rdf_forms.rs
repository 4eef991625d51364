//! Changes of a document that leave its statements as they are: RDF does not see them, so the signature still verifies, and
//! whoever reads the JSON reads something else. Each is refused for its form.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{fmt::Write as _, sync::Arc};

use kbtf_did::{
    CryptoProvider as _, Did, KeyType, SOFTWARE, SecretKey, Signer as _, SoftwareSigner, did_key,
    json,
};
use kbtf_vc::{
    CONTEXT_V2, Credential, Decision, Evidence, FailureCode, Policy, ProofOptions, Trust, Verdict,
    issue_credential,
    rdfc::{Contexts, GraphHash, canonical_form},
    verify_credential, verify_credentials,
};

const NOW: &str = "2026-11-22T00:00:00Z";
const SCHOOL: &str = "https://school.example/context/v1";
const OTHER: &str = "https://other.example/context/v1";
const STUDENT: &str = "https://school.example/students/1";

const SCHOOL_DOCUMENT: &str = r#"{"@context": {
  "@version": 1.1, "@protected": true,
  "school": "https://school.example/ns#",
  "deep": "https://school.example/ns#deep/",
  "xsd": "http://www.w3.org/2001/XMLSchema#",
  "degree": "school:degree",
  "over19": {"@id": "school:over19", "@type": "xsd:boolean"},
  "age": {"@id": "school:age", "@type": "xsd:integer"},
  "weight": {"@id": "school:weight", "@type": "xsd:double"},
  "room": {"@id": "school:room", "@type": "xsd:token"},
  "restriction": "school:restriction",
  "grades": {"@id": "school:grades", "@container": "@list"},
  "title": {"@id": "school:title", "@container": "@language"},
  "ko": {"@id": "school:ko", "@language": "ko"},
  "ratio": "school:ratio",
  "of": {"@id": "school:of", "@type": "@id"},
  "knows": {"@id": "school:knows", "@type": "@id"},
  "level": {"@id": "school:level", "@type": "@vocab"},
  "bachelor": "school:bachelor",
  "twin": "school:twin", "double": "school:twin",
  "Criteria": {"@id": "school:Criteria", "@context": {"inner": "school:inner"}},
  "criteria": {"@id": "school:Criteria", "@type": "@id"},
  "claims": {"@id": "school:claims", "@container": "@graph"},
  "raw": {"@id": "school:raw", "@type": "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON"},
  "count": {"@id": "school:count", "@type": "https://www.w3.org/2001/XMLSchema#positiveInteger"},
  "own": {"@id": "school:own", "@type": "@id", "@context": {"ref": "@id"}}
}}"#;
/// Of another publisher, known to the verifier too: no term of it clashes with one of the school.
const OTHER_DOCUMENT: &str = r#"{"@context": {"@version": 1.1, "@protected": true,
  "restrictedTo": "https://school.example/ns#restriction", "uid": "@id", "kind": "@type",
  "made": {"@id": "http://purl.org/dc/terms/created", "@type": "http://www.w3.org/2001/XMLSchema#dateTime"},
  "hash": {"@id": "https://www.w3.org/2018/credentials#digestSRI", "@type": "https://www.w3.org/2018/credentials#sriString"}}}"#;

fn policy() -> Policy<'static> {
    let documents = [(SCHOOL, SCHOOL_DOCUMENT), (OTHER, OTHER_DOCUMENT)];
    let policy =
        documents
            .into_iter()
            .fold(Policy::new(Trust::AnyIssuer), |policy, (url, text)| {
                let sha256 = SOFTWARE.sha256(text.as_bytes()).unwrap();
                policy
                    .context_document(url, text.as_bytes(), &sha256)
                    .unwrap()
            });
    policy.context_list(&[CONTEXT_V2, SCHOOL]).waive_status()
}

fn contexts() -> Contexts {
    let mut contexts = Contexts::new();
    contexts.add(SCHOOL, SCHOOL_DOCUMENT.as_bytes()).unwrap();
    contexts.add(OTHER, OTHER_DOCUMENT.as_bytes()).unwrap();
    contexts.accept(&[CONTEXT_V2, SCHOOL]);
    contexts
}

fn signer() -> SoftwareSigner<'static> {
    SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[7; 32]).unwrap())
}

fn issuer() -> Did {
    did_key::from_public_key(signer().public_key())
}

fn sign(list: &str, subject: &str, members: &str, created: &str) -> Result<String, kbtf_vc::Error> {
    let did = issuer();
    let text = format!(
        r#"{{"@context":[{list}],"id":"https://school.example/1","type":["VerifiableCredential"],"issuer":"{did}"{members},"credentialSubject":{subject}}}"#
    );
    let method = did_key::verification_method_id(&did)?;
    let options = ProofOptions::assertion(method, created.parse()?).rdf(Arc::new(contexts()));
    Ok(issue_credential(Credential::parse(&text)?, &options, &signer())?.to_json())
}

fn signed(subject: &str, members: &str) -> String {
    sign(
        &format!(r#""{CONTEXT_V2}","{SCHOOL}""#),
        subject,
        members,
        NOW,
    )
    .unwrap()
}

fn verdict(text: &str) -> Verdict {
    let now = NOW.parse().unwrap();
    verify_credential(text.as_bytes(), &Evidence::new(), &policy(), now)
        .verdict()
        .clone()
}

fn code(verdict: &Verdict) -> Option<FailureCode> {
    verdict.failures().next().map(|failure| failure.code())
}

fn refused(original: &str, changes: &[(&str, &str)], expected: FailureCode) {
    assert_eq!(
        verdict(original).decision(),
        Decision::Accepted,
        "{original}"
    );
    let mut changed = original.to_owned();
    for (from, to) in changes {
        assert_eq!(changed.matches(from).count(), 1, "{from} in {changed}");
        changed = changed.replace(from, to);
    }
    let verdict = verdict(&changed);
    assert_eq!(code(&verdict), Some(expected), "{changes:?}: {verdict:?}");
    assert_eq!(verdict.decision(), Decision::Refused);
}

fn not_compacted(original: &str, from: &str, to: &str) {
    refused(original, &[(from, to)], FailureCode::NotCompacted);
}

#[test]
fn a_value_has_one_form() {
    let text = signed(
        &format!(
            r#"{{"id":"{STUDENT}","over19":false,"age":17,"weight":2.5,"room":"17","ratio":17,"degree":false,"restriction":"x"}}"#
        ),
        "",
    );
    for (from, to) in [
        // "false" is true in many languages.
        (r#""over19":false"#, r#""over19":"false""#),
        (r#""age":17"#, r#""age":"17""#),
        (r#""weight":2.5"#, r#""weight":"2.5E0""#),
        (r#""room":"17""#, r#""room":17"#),
        (
            r#""ratio":17"#,
            r#""ratio":{"@value":"17","type":"xsd:integer"}"#,
        ),
        (
            r#""ratio":17"#,
            r#""ratio":{"@value":17,"type":"xsd:integer"}"#,
        ),
        (
            r#""degree":false"#,
            r#""degree":{"@value":"false","type":"xsd:boolean"}"#,
        ),
        (
            r#""restriction":"x""#,
            r#""restriction":{"@value":"x","type":"xsd:string"}"#,
        ),
        (
            r#""age":17"#,
            r#""age":{"@value":"17","type":"xsd:integer"}"#,
        ),
    ] {
        not_compacted(&text, from, to);
    }
    let text = signed(
        &format!(
            r#"{{"id":"{STUDENT}","of":"https://a.example/","level":"bachelor","title":{{"ko":"졸업","en-US":"Graduation","zh-Hant":"畢業"}},"ko":"홍","deep:x":"y","ratio":{{"@value":"1","type":"xsd:byte"}},"degree":{{"@value":"x","@language":"en-GB"}}}}"#
        )
        .replace(r#""deep:x":"y","#, ""),
        "",
    );
    for (from, to) in [
        (
            r#""of":"https://a.example/""#,
            r#""of":{"id":"https://a.example/"}"#,
        ),
        (
            r#""level":"bachelor""#,
            r#""level":{"id":"https://school.example/ns#bachelor"}"#,
        ),
        (r#""ko":"졸업""#, r#""KO":"졸업""#),
        (r#""en-US":"#, r#""en-us":"#),
        (r#""zh-Hant":"#, r#""zh-hant":"#),
        (r#""@language":"en-GB""#, r#""@language":"en-gb""#),
        (r#""ko":"홍""#, r#""ko":{"@value":"홍","@language":"ko"}"#),
        (r#""type":"xsd:byte""#, r#""@type":"xsd:byte""#),
    ] {
        not_compacted(&text, from, to);
    }
    let text = signed(
        &format!(r#"{{"id":"{STUDENT}","title":{{"ko":"졸업"}}}}"#),
        "",
    );
    let values = r#""title":[{"@value":"졸업","@language":"ko"}]"#;
    not_compacted(&text, r#""title":{"ko":"졸업"}"#, values);
}

/// Of several names that contexts have for one thing one is taken, that of compaction, even from the signer.
#[test]
fn of_several_names_one_is_taken() {
    let subject =
        format!(r#"{{"id":"{STUDENT}","twin":"x","criteria":{{"type":"Criteria","degree":"y"}}}}"#);
    let text = signed(&subject, "");
    not_compacted(&text, r#""twin":"#, r#""double":"#);
    not_compacted(&text, r#""criteria":"#, r#""Criteria":"#);
    not_compacted(&text, r#""type":"Criteria""#, r#""type":"criteria""#);
    let list = format!(r#""{CONTEXT_V2}","{SCHOOL}""#);
    for member in [
        r#""double":"x""#,
        r#""deep:x":"y""#,
        r#""school:deep/x":"y""#,
    ] {
        let subject = format!(r#"{{"id":"{STUDENT}",{member}}}"#);
        let error = sign(&list, &subject, "", NOW).unwrap_err();
        assert_eq!(error.code(), "vc/not-compacted", "{member}");
    }
}

/// The contexts of a document are under no signature. So the verifier says which it may have, together and in which order.
#[test]
fn contexts_are_those_that_the_verifier_accepts_together() {
    let text = signed(&format!(r#"{{"id":"{STUDENT}","restriction":"x"}}"#), "");
    let top = format!(r#""{SCHOOL}"]"#);
    let with = |url: &str| format!(r#""{SCHOOL}","{url}"]"#);
    let list = FailureCode::UnknownContextList;
    refused(
        &text,
        &[
            (&top, &with(OTHER)),
            (r#""restriction":"#, r#""restrictedTo":"#),
        ],
        list,
    );
    for url in [OTHER, "https://www.w3.org/ns/did/v1", SCHOOL] {
        refused(&text, &[(&top, &with(url))], list);
    }
    refused(
        &text,
        &[(&format!(r#","{SCHOOL}""#), "")],
        FailureCode::NotCovered,
    );
    let nested = |url: &str| format!(r#""@context":"{url}","restriction":"#);
    for url in [OTHER, SCHOOL, CONTEXT_V2] {
        refused(
            &text,
            &[(r#""restriction":"#, &nested(url))],
            FailureCode::NotCompacted,
        );
    }
    // Of embedded contexts alone: what a verifier looks for by name, by another.
    let sri = "sha384-S57yQDg1MTzF56Oi9DbSQ14u7jBy0RDdx0YbeV7shwhCS88G8SCXeFq82PafhCrW";
    let schema = format!(
        r#","credentialSchema":{{"id":"https://s.example/schema","type":"JsonSchema","digestSRI":"{sri}"}}"#
    );
    let subject = format!(r#"{{"id":"{STUDENT}","name":"x"}}"#);
    let v2 = format!(r#""{CONTEXT_V2}""#);
    let text = sign(&v2, &subject, &schema, "2026-12-24T00:00:00Z").unwrap();
    let mut evidence = Evidence::new();
    evidence
        .add_schema(
            "https://s.example/schema",
            r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object"}"#,
        )
        .unwrap();
    let verify = |text: &str| {
        let now = NOW.parse().unwrap();
        let verification = verify_credential(text.as_bytes(), &evidence, &policy(), now);
        let codes = verification.verdict().failures().map(|f| f.code());
        codes.collect::<Vec<_>>()
    };
    let own = verify(&text);
    assert!(
        own.contains(&FailureCode::ProofFromFuture) && own.contains(&FailureCode::SchemaChanged)
    );
    let changed = text
        .replace(&format!("[{v2}]"), &format!(r#"[{v2},"{OTHER}"]"#))
        .replace(r#""created":"#, r#""made":"#)
        .replace(r#""digestSRI":"#, r#""hash":"#);
    assert!(verify(&changed).contains(&list));
}

/// Statements about a thing that stands at several places could be written at any of them.
#[test]
fn a_thing_is_described_at_one_place() {
    let me = issuer();
    let friend = "https://school.example/students/2";
    let bare = format!(r#""issuer":"{me}""#);
    let described = |member: &str| format!(r#""issuer":{{"id":"{me}",{member}}}"#);
    let text = signed(
        &format!(r#"{{"id":"{me}","degree":"driver","restriction":"not at night"}}"#),
        "",
    );
    let restriction = r#""restriction":"not at night""#;
    let without = format!(",{restriction}");
    let form = FailureCode::NotCompacted;
    refused(
        &text,
        &[(&without, ""), (&bare, &described(restriction))],
        form,
    );
    refused(&text, &[(&bare, &described(restriction))], form);
    let all = format!(r#""degree":"driver",{restriction}"#);
    refused(
        &text,
        &[(&format!(",{all}"), ""), (&bare, &described(&all))],
        form,
    );

    let text = signed(
        &format!(
            r#"{{"id":"{STUDENT}","degree":"driver",{restriction},"knows":{{"id":"{friend}","knows":"{STUDENT}"}}}}"#
        ),
        "",
    );
    let moved = format!(r#""knows":{{"id":"{STUDENT}",{restriction}}}"#);
    refused(
        &text,
        &[
            (&format!("{restriction},"), ""),
            (&format!(r#""knows":"{STUDENT}""#), &moved),
        ],
        form,
    );
    let text = signed(
        &format!(
            r#"[{{"id":"{STUDENT}","knows":"{friend}"}},{{"id":"{friend}","degree":"x","over19":false}}]"#
        ),
        "",
    );
    let moved = format!(r#""knows":{{"id":"{friend}","over19":false}}"#);
    refused(
        &text,
        &[
            (r#","over19":false"#, ""),
            (&format!(r#""knows":"{friend}""#), &moved),
        ],
        form,
    );
    // Nor does anybody sign such a document.
    let sri = "sha384-S57yQDg1MTzF56Oi9DbSQ14u7jBy0RDdx0YbeV7shwhCS88G8SCXeFq82PafhCrW";
    let schema = r#""id":"https://s.example/schema""#;
    let twice = format!(
        r#","credentialSchema":{{{schema},"type":"JsonSchema"}},"relatedResource":[{{{schema},"digestSRI":"{sri}"}}]"#
    );
    let list = format!(r#""{CONTEXT_V2}","{SCHOOL}""#);
    for (subject, members) in [
        (
            format!(r#"{{"id":"{STUDENT}","degree":"x"}}"#),
            twice.as_str(),
        ),
        (
            format!(
                r#"{{"id":"{STUDENT}","knows":[{{"id":"{friend}","degree":"x"}}],"of":"{friend}"}}"#
            ),
            "",
        ),
    ] {
        let error = sign(&list, &subject, members, NOW).unwrap_err();
        assert_eq!(error.code(), "vc/not-compacted", "{subject}");
    }
}

/// Statements do not say which node is the document, so none may lead to it.
#[test]
fn no_other_node_can_be_taken_for_the_document() {
    let v2 = format!(r#""{CONTEXT_V2}""#);
    let list = format!(r#"{v2},"{SCHOOL}""#);
    let did = issuer();
    // A renewal that has the old certificate inside, which refers back to the new one: the old could be put on top.
    let old = format!(
        r#"{{"id":"https://school.example/0","type":["VerifiableCredential"],"issuer":"{did}","credentialSubject":{{"id":"{STUDENT}","name":"doctor"}},"evidence":{{"id":"https://school.example/1","type":["VerifiableCredential"]}}}}"#
    );
    let subject = format!(r#"{{"id":"{STUDENT}","name":"none"}}"#);
    for (list, subject, members) in [
        (&v2, subject.as_str(), format!(r#","evidence":{old}"#)),
        (
            &list,
            r#"{"id":"urn:s","of":"https://school.example/1"}"#,
            String::new(),
        ),
        (
            &list,
            r#"{"id":"urn:s","knows":{"id":"https://school.example/1","degree":"x"}}"#,
            String::new(),
        ),
        // Nor of a graph inside.
        (
            &list,
            r#"{"id":"urn:s","claims":{"id":"urn:a","knows":{"id":"urn:b","degree":"x","knows":"urn:a"}}}"#,
            String::new(),
        ),
    ] {
        let error = sign(list, subject, &members, NOW).unwrap_err();
        assert_eq!(error.code(), "vc/not-compacted", "{error}");
    }
    let text = signed(r#"{"id":"urn:s","claims":{"id":"urn:a","degree":"x"}}"#, "");
    let inside = format!(r#""claims":{{"@context":[{list}],"#);
    not_compacted(&text, r#""claims":{"#, &inside);
}

/// What lists and JSON inside are made of in RDF is not written out.
#[test]
fn lists_and_json_have_one_form() {
    let rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
    let text = signed(
        &format!(
            r#"{{"id":"{STUDENT}","grades":[[1,2],[],3],"ratio":{{"@value":{{"b":1}},"type":"@json"}},"count":3,"age":0}}"#
        ),
        "",
    );
    let cell = format!(
        r#"{{"{rdf}first":1,"{rdf}rest":{{"{rdf}first":2,"{rdf}rest":{{"id":"{rdf}nil"}}}}}}"#
    );
    not_compacted(&text, "[1,2]", &cell);
    not_compacted(&text, "[],3", &format!(r#"{{"id":"{rdf}nil"}},3"#));
    let written = format!(r#"{{"@value":"{{\"b\":1}}","type":"{rdf}JSON"}}"#);
    not_compacted(&text, r#"{"@value":{"b":1},"type":"@json"}"#, &written);
    not_compacted(&text, r#""count":3"#, r#""count":"3""#);
    not_compacted(&text, r#""age":0"#, r#""age":-0"#);
    let list = format!(r#""{CONTEXT_V2}","{SCHOOL}""#);
    let raw = sign(&list, &format!(r#"{{"id":"{STUDENT}","raw":17}}"#), "", NOW);
    assert_eq!(raw.unwrap_err().code(), "vc/not-compacted");
}

#[test]
fn objects_stand_where_objects_belong_and_ids_where_ids_do() {
    let text = signed(&format!(r#"{{"id":"{STUDENT}","own":"urn:z"}}"#), "");
    not_compacted(&text, r#""own":"urn:z""#, r#""own":{"ref":"urn:z"}"#);
    not_compacted(&text, r#""own":"urn:z""#, r#""own":{"id":"urn:z"}"#);
    // A credential inside, whose subject is an id alone.
    let inside = r#","evidence":{"id":"urn:e","type":["VerifiableCredential"],"issuer":"urn:i","credentialSubject":{"id":"urn:z"}}"#;
    let text = signed(&format!(r#"{{"id":"{STUDENT}","degree":"x"}}"#), inside);
    not_compacted(
        &text,
        r#""credentialSubject":{"id":"urn:z"}"#,
        r#""credentialSubject":"urn:z""#,
    );
    // A proof has no contexts of its own in RDF: with them the signature would be the same.
    let list = format!(r#""@context":["{CONTEXT_V2}","{SCHOOL}"],"type":"DataIntegrityProof""#);
    refused(
        &text,
        &[(r#""type":"DataIntegrityProof""#, &list)],
        FailureCode::Malformed,
    );
}

/// The same bytes have the same verdict, whatever was verified before.
#[test]
fn what_was_worked_out_before_changes_no_verdict() {
    let text = signed(&format!(r#"{{"id":"{STUDENT}","degree":"x"}}"#), "");
    let many = format!(r#","{SCHOOL}""#).repeat(100);
    let many = text.replace(&format!(r#","{SCHOOL}""#), &many);
    let policy = policy();
    let now = NOW.parse().unwrap();
    let all = [many.as_bytes(), many.as_bytes(), text.as_bytes()];
    for _ in 0..3 {
        let verified = verify_credentials(&all, &Evidence::new(), &policy, now);
        let codes: Vec<_> = verified.iter().map(|v| code(v.verdict())).collect();
        let list = Some(FailureCode::UnknownContextList);
        assert_eq!(codes, [list, list, None]);
    }
}

/// The bytes of embedded contexts are at hand, so any digest of them that a document states is compared.
#[test]
fn a_wrong_digest_of_an_embedded_context_is_seen() {
    use base64ct::{Base64, Encoding as _};
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/rdfc/contexts/credentials-v2.jsonld"
    );
    let right = SOFTWARE.sha384(&std::fs::read(path).unwrap()).unwrap();
    let mut wrong = right;
    wrong[0] ^= 1;
    let subject = format!(r#"{{"id":"{STUDENT}","degree":"x"}}"#);
    for (digest, expected) in [(right, None), (wrong, Some(FailureCode::ResourceChanged))] {
        let resource = format!(
            r#","relatedResource":[{{"id":"{CONTEXT_V2}","digestSRI":"sha384-{}"}}]"#,
            Base64::encode_string(&digest)
        );
        assert_eq!(code(&verdict(&signed(&subject, &resource))), expected);
    }
}

fn form(contexts: &Contexts, text: &str) -> Result<usize, &'static str> {
    let document = json::parse(text).unwrap();
    let document = document.as_object().unwrap();
    canonical_form(document, &[], contexts, GraphHash::Sha256, &SOFTWARE)
        .map(|form| form.len())
        .map_err(|error| error.code())
}

/// Documents that anybody can send: each is read or refused with little memory, little stack and little time.
#[test]
fn what_a_short_document_can_cost_is_bounded() {
    let mut contexts = Contexts::new();
    let list = r#"{"@context":{"p":"urn:p","l":{"@id":"urn:l","@container":"@list"}}}"#;
    contexts.add("urn:c", list.as_bytes()).unwrap();
    contexts.accept(&["urn:c"]);
    // Each quad repeats its long subject.
    let mut numbers = String::from("0");
    for i in 1..20_000 {
        write!(numbers, ",{i}").unwrap();
    }
    let long = format!(
        r#"{{"@context":"urn:c","@id":"urn:{}","p":[{numbers}]}}"#,
        "a".repeat(100_000)
    );
    assert_eq!(form(&contexts, &long), Err("vc/graph-too-complex"));
    // A list of equal values is a chain of nodes that look alike. The stack is that of a thread.
    let alike = |count: usize| {
        format!(
            r#"{{"@context":"urn:c","l":[{}]}}"#,
            vec!["1"; count].join(",")
        )
    };
    assert!(form(&contexts, &alike(40)).is_ok());
    let threads = std::thread::scope(|scope| {
        let run = || form(&contexts, &alike(20_000));
        scope.spawn(run).join().unwrap()
    });
    assert_eq!(threads, Err("vc/graph-too-complex"));
    // Two hubs of many nodes without a name: names given on the way are copied again and again.
    let hub = format!(r#"{{"p":[{}]}}"#, vec!["{}"; 50_000].join(","));
    let hubs = format!(r#"{{"@context":"urn:c","p":[{hub},{hub}]}}"#);
    assert_eq!(form(&contexts, &hubs), Err("vc/graph-too-complex"));
    // Statements about a long id in no order: they are not compared by their texts.
    let shuffled: Vec<String> = (0..20_000_u64)
        .map(|i| (i * 7919 % 20_011).to_string())
        .collect();
    let long = format!(
        r#"{{"@context":"urn:c","@id":"urn:{}","p":[{}]}}"#,
        "a".repeat(400_000),
        shuffled.join(",")
    );
    assert_eq!(form(&contexts, &long), Err("vc/graph-too-complex"));
    // Alike nodes by a long predicate, which is hashed again and again.
    let name = format!("urn:{}", "p".repeat(300_000));
    let some = format!(r#"{{"{name}":[{}]}}"#, ["{}"; 8].join(","));
    let twice = format!(r#"{{"@context":"urn:c","p":[{some},{some}]}}"#);
    assert_eq!(form(&contexts, &twice), Err("vc/graph-too-complex"));
    // A context of many terms, each looked up.
    let mut terms = String::from(r#"{"@context":{"x":"urn:x#""#);
    for i in 0..20_000 {
        write!(terms, r#","t{i}":"x:t{i}""#).unwrap();
    }
    terms.push_str("}}");
    contexts.add("urn:many", terms.as_bytes()).unwrap();
    contexts.accept(&["urn:many"]);
    assert!(form(&contexts, r#"{"@context":"urn:many","t7":"x","t8":"y"}"#).is_ok());
}
