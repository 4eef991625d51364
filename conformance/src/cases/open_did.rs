//! Credentials and presentations of OpenDID: one signature for each claim.

use kbtf_did::KeyType;
use serde_json::{Value, json};

use super::{
    case,
    forge::{Person, set, with, without},
    made, refused, suite, undecided,
};
use crate::suite::{Case, Expect, Suite};

const ISSUER: &str = "did:omn:school";
const HOLDER: &str = "did:omn:student";
const NONCE: &str = "z5gjVzQnYBjmTNz4WeoHdWf";
const ID: &str = "7a656c59-d21f-4771-a0f9-6e12c275a906";

fn claim(code: &str, caption: &str, value: &str) -> Value {
    json!({
        "code": format!("kr.school.v1.{code}"), "caption": caption, "value": value,
        "type": "text", "format": "plain", "hideValue": false
    })
}

fn certificate() -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": ID,
        "type": ["VerifiableCredential", "CertificateVC"],
        "issuer": {"id": ISSUER, "name": "한국 대학교"},
        "issuanceDate": "2026-02-20T00:00:00Z",
        "validFrom": "2026-02-20T00:00:00Z",
        "validUntil": "2036-02-20T00:00:00Z",
        "encoding": "UTF-8",
        "formatVersion": "1.0",
        "language": "ko",
        "evidence": [{
            "type": "DocumentVerification", "verifier": ISSUER, "evidenceDocument": "Register",
            "subjectPresence": "Physical", "documentPresence": "Physical", "attribute": {"licenseNumber": "1234567890"}
        }],
        "credentialSchema": {"id": "https://school.example/schema?name=certificate", "type": "OsdSchemaCredential"},
        "credentialSubject": {"id": HOLDER, "claims": [
            claim("name", "성명", "홍 길동"),
            claim("degree", "학위", "공학사 \"우등\""),
            claim("year", "취득 연도", "2026"),
        ]}
    })
}

/// The text that is signed: written here by another way than in the crate, since the order of members is that of
/// `serde_json` maps that were sorted before.
fn text(value: &Value, spaces: bool) -> String {
    fn sorted(value: &Value) -> Value {
        match value {
            Value::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                members.sort_by_key(|(name, _)| *name);
                let members = members.into_iter().map(|(n, v)| (n.clone(), sorted(v)));
                Value::Object(members.collect())
            }
            Value::Array(values) => values.iter().map(sorted).collect(),
            other => other.clone(),
        }
    }
    let text = sorted(value).to_string();
    match spaces {
        true => text,
        false => text.replace(' ', ""),
    }
}

struct Signer {
    person: Person,
    kind: &'static str,
    method: String,
}

impl Signer {
    fn new(key_type: KeyType, seed: u8, did: &str) -> Result<Self, String> {
        Ok(Self {
            person: Person::new(key_type, seed)?,
            kind: match key_type {
                KeyType::Secp256k1 => "Secp256k1",
                _ => "Secp256r1",
            },
            method: format!("{did}?versionId=1#assert"),
        })
    }

    fn options(&self) -> Value {
        json!({
            "type": format!("{}Signature2018", self.kind),
            "created": "2026-02-20T00:00:00Z",
            "verificationMethod": self.method,
            "proofPurpose": "assertionMethod",
        })
    }

    /// 65 bytes in base64, as OpenDID writes them; the first would tell how to recover the key.
    fn signature(&self, text: &str) -> Result<String, String> {
        let signature = self.person.sign_text(text)?;
        Ok(super::forge::multibase_m(
            &[&[31], signature.as_slice()].concat(),
        ))
    }

    fn document(&self, did: &str) -> Result<Value, String> {
        Ok(json!({
            "@context": ["https://www.w3.org/ns/did/v1"],
            "id": did,
            "controller": "did:omn:tas",
            "created": "2026-01-01T00:00:00Z", "updated": "2026-01-01T00:00:00Z", "versionId": "1", "deactivated": false,
            "verificationMethod": [{
                "id": "assert", "type": format!("{}VerificationKey2018", self.kind), "controller": did,
                "publicKeyMultibase": self.person.bare_key(), "authType": 1, "status": "VALID"
            }],
            "assertionMethod": ["assert"], "authentication": ["assert"]
        }))
    }

    /// A credential with all signatures.
    fn sign(&self, credential: &Value, spaces: bool) -> Result<Value, String> {
        self.sign_with(credential, self.options(), spaces)
    }

    fn sign_with(&self, credential: &Value, options: Value, spaces: bool) -> Result<Value, String> {
        let unsigned = with(credential, "proof", options.clone());
        let mut options = options;
        set(
            &mut options,
            "proofValue",
            self.signature(&text(&unsigned, spaces))?.into(),
        );
        let mut list = Vec::new();
        for claim in claims(credential) {
            let one = with_claims(&unsigned, vec![claim]);
            list.push(self.signature(&text(&one, spaces))?);
        }
        set(&mut options, "proofValueList", json!(list));
        Ok(with(credential, "proof", options))
    }

    /// A presentation of credentials.
    fn show(&self, credentials: &[Value]) -> Result<Value, String> {
        let mut options = self.options();
        let presentation = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "id": "a4b1e5c6-2a4e-4f57-9d3f-0c3f6a1f0001",
            "type": ["VerifiablePresentation"],
            "holder": HOLDER,
            "validFrom": "2026-11-21T23:59:00Z",
            "validUntil": "2026-11-22T00:10:00Z",
            "verifierNonce": NONCE,
            "verifiableCredential": credentials,
            "proof": options.clone()
        });
        let signature = self.signature(&text(&presentation, true))?;
        set(&mut options, "proofValue", signature.into());
        Ok(with(&presentation, "proof", options))
    }
}

fn claims(credential: &Value) -> Vec<Value> {
    let claims = credential
        .pointer("/credentialSubject/claims")
        .and_then(Value::as_array);
    claims.cloned().unwrap_or_default()
}

fn with_claims(credential: &Value, claims: Vec<Value>) -> Value {
    let mut credential = credential.clone();
    if let Some(subject) = credential.get_mut("credentialSubject") {
        set(subject, "claims", claims.into());
    }
    credential
}

/// The credential with the claims at these places, and their signatures.
fn shown(credential: &Value, places: &[usize]) -> Value {
    let all = claims(credential);
    let list = credential
        .pointer("/proof/proofValueList")
        .and_then(Value::as_array);
    let list = list.cloned().unwrap_or_default();
    let at = |from: &[Value]| -> Vec<Value> {
        places
            .iter()
            .filter_map(|i| from.get(*i).cloned())
            .collect()
    };
    let mut shown = with_claims(credential, at(&all));
    if let Some(proof) = shown.get_mut("proof") {
        let listed = without(proof, "proofValue");
        *proof = with(&listed, "proofValueList", at(&list).into());
    }
    shown
}

struct World {
    issuer: Signer,
    holder: Signer,
    documents: Value,
}

impl World {
    fn new() -> Result<Self, String> {
        let issuer = Signer::new(KeyType::P256, 0x71, ISSUER)?;
        let holder = Signer::new(KeyType::P256, 0x72, HOLDER)?;
        let documents = json!({
            ISSUER: issuer.document(ISSUER)?.to_string(), HOLDER: holder.document(HOLDER)?.to_string()
        });
        Ok(Self {
            issuer,
            holder,
            documents,
        })
    }

    fn input(&self, name: &str, value: &Value) -> Value {
        let mut input = json!({
            name: value.to_string(), "documents": self.documents, "statuses": {ID: "active"}
        });
        if name == "presentation" {
            set(&mut input, "verifierNonce", NONCE.into());
        }
        input
    }
}

fn verify(id: &str, titles: (&str, &str), input: Value, expect: Expect) -> Case {
    let id = match expect.reason.is_empty() {
        true => format!("vc-open-did-{id}"),
        false => format!("vc-open-did-refuse-{id}"),
    };
    case(&id, titles, &["VC-04"], "open-did.verify", input, expect).features(&["open-did"])
}

pub(super) fn suite_of_open_did() -> Result<Suite, String> {
    let world = World::new()?;
    let mut cases = credentials(&world)?;
    cases.extend(of_the_ledger(&world)?);
    cases.extend(presentations(&world)?);
    Ok(suite(
        "vc/open-did",
        "vc",
        "Credentials and presentations of OpenDID, verified only",
        "OpenDID의 자격증명과 제시문(검증만)",
        cases,
    ))
}

fn all_claims() -> Value {
    json!([{"kr.school.v1.name": "홍 길동", "kr.school.v1.degree": "공학사 \"우등\"", "kr.school.v1.year": "2026"}])
}

fn credentials(world: &World) -> Result<Vec<Case>, String> {
    let unsigned = certificate();
    let signed = world.issuer.sign(&unsigned, true)?;
    let some = shown(&signed, &[2, 0]);
    let structure = || refused(&["structure"]);
    let signature = || refused(&["signature"]);
    let replaced = |document: &Value, from: &str, to: &str| -> Result<Value, String> {
        let text = document.to_string();
        if !text.contains(from) {
            return Err(format!("{from} is not there"));
        }
        serde_json::from_str(&text.replacen(from, to, 1)).map_err(|e| e.to_string())
    };
    let of_list = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut changed = some.clone();
        let list = changed
            .pointer_mut("/proof/proofValueList")
            .and_then(Value::as_array_mut);
        if let Some(list) = list {
            change(list);
        }
        changed
    };
    let removed = world.issuer.sign(&unsigned, false)?;
    let without_spaces = |credential: &Value| {
        let mut input = world.input("credential", credential);
        set(&mut input, "policy", json!({"whiteSpace": "removed"}));
        input
    };
    let other = world
        .issuer
        .sign(&with(&unsigned, "id", "another".into()), true)?;
    let mixed = {
        let mut claims = claims(&some);
        claims.extend(self::claims(&other).into_iter().skip(1).take(1));
        let mut mixed = with_claims(&some, claims);
        let borrowed = other.pointer("/proof/proofValueList/1").cloned();
        let list = mixed
            .pointer_mut("/proof/proofValueList")
            .and_then(Value::as_array_mut);
        if let Some(list) = list {
            list.extend(borrowed);
        }
        mixed
    };
    let options = world.issuer.options();
    let authentication = world.issuer.sign_with(
        &unsigned,
        with(&options, "proofPurpose", "authentication".into()),
        true,
    )?;
    let future = world.issuer.sign_with(
        &unsigned,
        with(&options, "created", "2026-11-22T00:02:00Z".into()),
        true,
    )?;
    let of_holder = world.holder.sign(&unsigned, true)?;
    let with_null = world
        .issuer
        .sign(&with(&unsigned, "note", Value::Null), true)?;
    let with_number = world
        .issuer
        .sign(&with(&unsigned, "score", json!(4.5)), true)?;
    let koblitz = Signer::new(KeyType::Secp256k1, 0x73, ISSUER)?;
    let of_koblitz = json!({
        "credential": koblitz.sign(&unsigned, true)?.to_string(), "statuses": {ID: "active"},
        "documents": {ISSUER: koblitz.document(ISSUER)?.to_string()}
    });
    let input = |credential: &Value| world.input("credential", credential);
    Ok(vec![
        verify(
            "credential",
            (
                "A credential with all its claims",
                "모든 항목을 가진 자격증명",
            ),
            input(&signed),
            made(json!({"claims": all_claims()})),
        ),
        verify(
            "some-claims",
            (
                "Some of the claims, in another order",
                "일부 항목만, 다른 순서로",
            ),
            input(&some),
            made(
                json!({"claims": [{"kr.school.v1.year": "2026", "kr.school.v1.name": "홍 길동"}]}),
            ),
        ),
        verify(
            "secp256k1",
            ("Signed with secp256k1", "secp256k1 서명"),
            of_koblitz,
            made(json!({"claims": all_claims()})),
        )
        .features(&["secp256k1"]),
        verify(
            "white-space-removed",
            (
                "Signed without the spaces, by the written rule",
                "문서 규칙대로 공백을 없애고 서명",
            ),
            without_spaces(&removed),
            made(json!({"claims": all_claims()})),
        ),
        verify(
            "white-space-removed",
            (
                "Signed without the spaces, which the verifier has not said that he takes",
                "검증자가 받지 않는 공백 제거 서명",
            ),
            input(&removed),
            signature(),
        ),
        verify(
            "white-space-kept",
            (
                "Signed with the spaces, where the verifier expects none",
                "공백 제거를 기대하는데 공백째 서명",
            ),
            without_spaces(&signed),
            signature(),
        ),
        verify(
            "white-space-in-name",
            (
                "A space in the name of a member, which would be under no signature",
                "서명되지 않는 공백을 항목 이름에 넣음",
            ),
            without_spaces(&replaced(
                &removed,
                "\"credentialSchema\"",
                "\"credential Schema\"",
            )?),
            refused(&["structure"]),
        ),
        verify(
            "white-space-in-id",
            (
                "A space in the id of the credential, which would be under no signature",
                "서명되지 않는 공백을 자격증명 id에 넣음",
            ),
            without_spaces(&replaced(&removed, "7a656c59-", "7a656c59 -")?),
            refused(&["structure"]),
        ),
        verify(
            "key-not-valid",
            (
                "The document says of the key that it is not valid",
                "DID 문서에서 유효하지 않다고 한 키",
            ),
            {
                let mut input = input(&signed);
                let documents = input.get_mut("documents").and_then(Value::as_object_mut);
                for text in documents.into_iter().flat_map(|all| all.values_mut()) {
                    let other = text.as_str().unwrap_or_default();
                    *text = other
                        .replace("\"status\":\"VALID\"", "\"status\":\"REVOKED\"")
                        .into();
                }
                input
            },
            refused(&["keyState"]),
        ),
        verify(
            "white-space-changed",
            ("A space taken out of a claim", "항목에서 공백을 뺌"),
            input(&replaced(&signed, "홍 길동", "홍길동")?),
            signature(),
        ),
        verify(
            "claim-changed",
            ("A claim was changed", "항목의 값이 바뀜"),
            input(&replaced(&some, "\"2026\"", "\"2025\"")?),
            signature(),
        ),
        verify(
            "issuer-name-changed",
            (
                "What is around the claims was changed",
                "항목 밖의 내용이 바뀜",
            ),
            input(&replaced(&some, "한국 대학교", "한국대학교")?),
            signature(),
        ),
        verify(
            "signatures-swapped",
            (
                "The signatures of two claims were swapped",
                "두 항목의 서명을 바꿔치기함",
            ),
            input(&of_list(&|list| list.reverse())),
            signature(),
        ),
        verify(
            "signature-missing",
            ("A claim without a signature", "서명이 없는 항목"),
            input(&of_list(&|list| {
                list.pop();
            })),
            signature(),
        ),
        verify(
            "signature-over",
            ("A signature without a claim", "항목이 없는 서명"),
            input(&of_list(&|list| list.extend(list.clone()))),
            signature(),
        ),
        verify(
            "no-signatures",
            ("An empty list of signatures", "서명 목록이 비어 있음"),
            input(&of_list(&|list| list.clear())),
            signature(),
        ),
        verify(
            "no-proof-value",
            ("No signature at all", "서명값이 없음"),
            input(&replace_proof(&signed, |proof| {
                without(&without(proof, "proofValue"), "proofValueList")
            })),
            signature(),
        ),
        verify(
            "claim-of-another",
            (
                "A claim of another credential of the issuer",
                "같은 발급자의 다른 자격증명에서 가져온 항목",
            ),
            input(&mixed),
            signature(),
        ),
        verify(
            "whole-changed-list-good",
            (
                "The signature over all claims is another's",
                "전체 서명만 다른 문서의 것",
            ),
            input(&replace_proof(&signed, |proof| {
                with(
                    proof,
                    "proofValue",
                    other
                        .pointer("/proof/proofValue")
                        .cloned()
                        .unwrap_or_default(),
                )
            })),
            signature(),
        ),
        verify(
            "claim-twice",
            ("One claim twice", "같은 항목이 두 번"),
            input(&shown(&signed, &[0, 0])),
            structure(),
        ),
        verify(
            "no-claims",
            ("No claims", "항목이 없음"),
            input(&shown(&signed, &[])),
            structure(),
        ),
        verify(
            "null",
            (
                "A member that is null, which is under no signature",
                "서명되지 않는 null 항목",
            ),
            input(&with_null),
            structure(),
        ),
        verify(
            "number",
            ("A number that would be rounded", "반올림될 숫자"),
            input(&with_number),
            structure(),
        ),
        verify(
            "context-other",
            ("Another context", "다른 컨텍스트"),
            input(&with(
                &signed,
                "@context",
                json!(["https://www.w3.org/2018/credentials/v1"]),
            )),
            structure(),
        ),
        verify(
            "purpose",
            ("Signed for another purpose", "다른 목적의 서명"),
            input(&authentication),
            refused(&["relationship"]),
        ),
        verify(
            "from-future",
            ("Signed in the future", "미래에 만든 서명"),
            input(&future),
            refused(&["validity"]),
        ),
        verify(
            "signed-by-another",
            ("Signed with another's key", "다른 사람의 키로 서명"),
            input(&of_holder),
            refused(&["issuer"]),
        ),
        verify(
            "proof-type",
            ("A type of proof of W3C", "다른 종류의 증명"),
            input(&replaced(
                &signed,
                "Secp256r1Signature2018",
                "DataIntegrityProof",
            )?),
            signature(),
        ),
        verify(
            "expired",
            ("Past its end", "유효 기간이 지남"),
            input(&world.issuer.sign(
                &with(&unsigned, "validUntil", "2026-11-21T00:00:00Z".into()),
                true,
            )?),
            refused(&["validity"]),
        ),
    ])
}

fn replace_proof(credential: &Value, change: impl Fn(&Value) -> Value) -> Value {
    let proof = credential.get("proof").cloned().unwrap_or_default();
    with(credential, "proof", change(&proof))
}

fn of_the_ledger(world: &World) -> Result<Vec<Case>, String> {
    let signed = world.issuer.sign(&certificate(), true)?;
    let good = world.input("credential", &signed);
    let document = |change: &dyn Fn(&Value) -> Value| -> Result<Value, String> {
        let document = change(&world.issuer.document(ISSUER)?);
        Ok(with(
            &good,
            "documents",
            json!({ISSUER: document.to_string()}),
        ))
    };
    let status = |status: &str| with(&good, "statuses", json!({ID: status}));
    let unlisted = document(&|document| with(document, "assertionMethod", json!(["other"])))?;
    let deactivated = document(&|document| with(document, "deactivated", true.into()))?;
    let later = document(&|document| with(document, "versionId", "2".into()))?;
    let foreign = document(&|document| {
        let mut document = document.clone();
        if let Some(method) = document.pointer_mut("/verificationMethod/0") {
            set(method, "controller", "did:omn:other".into());
        }
        document
    })?;
    let trusted = |issuer: &str| with(&good, "policy", json!({"trustedIssuers": [issuer]}));
    let state = || refused(&["keyState"]);
    Ok(vec![
        verify(
            "revoked",
            ("Revoked on the ledger", "원장에서 폐기됨"),
            status("revoked"),
            refused(&["status"]),
        ),
        verify(
            "inactive",
            ("Suspended on the ledger", "원장에서 정지됨"),
            status("inactive"),
            refused(&["status"]),
        ),
        verify(
            "status-unknown",
            ("The ledger was not asked", "원장에 묻지 않음"),
            without(&good, "statuses"),
            undecided(None),
        ),
        verify(
            "document-unknown",
            (
                "The issuer's DID document is not at hand",
                "발급자의 DID 문서가 없음",
            ),
            without(&good, "documents"),
            undecided(Some(&[ISSUER])),
        ),
        verify(
            "document-of-other-version",
            (
                "Only another version of the DID document is at hand",
                "다른 버전의 DID 문서만 있음",
            ),
            later,
            undecided(Some(&[ISSUER])),
        ),
        verify(
            "document-of-foreign-key",
            ("A key that another controls", "다른 이가 관리하는 키"),
            foreign,
            undecided(Some(&[ISSUER])),
        ),
        verify(
            "not-listed",
            (
                "A key that is not listed for assertions",
                "발급용으로 등록되지 않은 키",
            ),
            unlisted,
            refused(&["relationship"]),
        ),
        verify(
            "deactivated",
            (
                "The issuer's DID is deactivated",
                "발급자의 DID가 비활성화됨",
            ),
            deactivated,
            state(),
        ),
        verify(
            "trusted",
            ("An issuer that is trusted", "신뢰하는 발급자"),
            trusted(ISSUER),
            made(json!({"claims": all_claims()})),
        ),
        verify(
            "untrusted",
            ("An issuer that is not trusted", "신뢰하지 않는 발급자"),
            trusted("did:omn:other"),
            refused(&["trust"]),
        ),
    ])
}

fn presentations(world: &World) -> Result<Vec<Case>, String> {
    let signed = world.issuer.sign(&certificate(), true)?;
    let part = shown(&signed, &[1]);
    let good = world.holder.show(std::slice::from_ref(&part))?;
    let input = |presentation: &Value| world.input("presentation", presentation);
    let stranger = {
        let credential = certificate();
        let mut subject = credential
            .get("credentialSubject")
            .cloned()
            .unwrap_or_default();
        set(&mut subject, "id", "did:omn:other".into());
        let signed = world
            .issuer
            .sign(&with(&credential, "credentialSubject", subject), true)?;
        world.holder.show(&[signed])?
    };
    let by_issuer = world.issuer.show(std::slice::from_ref(&part))?;
    let text = good.to_string();
    let changed: Value =
        serde_json::from_str(&text.replace("공학사", "공학석사")).map_err(|e| e.to_string())?;
    let more = {
        // Another claim added by who has seen the whole credential: under the issuer's signature, not under the holder's.
        let mut more = good.clone();
        if let Some(list) = more.get_mut("verifiableCredential") {
            *list = json!([shown(&signed, &[1, 0])]);
        }
        more
    };
    let proofs = with(
        &without(&good, "proof"),
        "proofs",
        json!([good.get("proof")]),
    );
    Ok(vec![
        verify(
            "presentation",
            ("One claim is shown", "한 항목만 제시"),
            input(&good),
            made(json!({"claims": [{"kr.school.v1.degree": "공학사 \"우등\""}]})),
        ),
        verify(
            "presentation-nonce",
            ("The answer to another nonce", "다른 nonce에 대한 응답"),
            with(&input(&good), "verifierNonce", "zOther".into()),
            refused(&["challenge"]),
        ),
        verify(
            "presentation-without-nonce",
            ("No nonce", "nonce가 없음"),
            input(&without(&good, "verifierNonce")),
            refused(&["challenge", "signature"]),
        ),
        verify(
            "presentation-claim-changed",
            ("The claim was changed", "항목이 바뀜"),
            input(&changed),
            refused(&["signature"]),
        ),
        verify(
            "presentation-claim-added",
            (
                "A claim that the holder did not show",
                "소유자가 보이지 않은 항목을 덧붙임",
            ),
            input(&more),
            refused(&["signature"]),
        ),
        verify(
            "presentation-by-another",
            (
                "Shown by another than its holder",
                "소유자가 아닌 이가 제시",
            ),
            input(&by_issuer),
            refused(&["holder"]),
        ),
        verify(
            "presentation-of-another",
            ("A credential about somebody else", "다른 사람의 자격증명"),
            input(&stranger),
            refused(&["holder"]),
        ),
        verify(
            "presentation-late",
            (
                "Past the end of the presentation",
                "제시문의 유효 기간이 지남",
            ),
            input(&good),
            refused(&["validity"]),
        )
        .at("2026-11-22T00:11:00Z"),
        verify(
            "presentation-proofs",
            ("Several proofs, which are not read", "읽지 않는 여러 증명"),
            input(&proofs),
            refused(&["signature"]),
        ),
    ])
}
