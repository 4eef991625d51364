//! Queries for credentials and barcodes.

use kbtf_vc::compact::{self, Frames};
use serde_json::{Value, json};

use super::{
    case,
    credentials::certificate,
    forge::{base64url, set, with},
    made, refused, suite,
};
use crate::suite::{Case, Suite};

pub(super) fn suite_of_exchange() -> Result<Suite, String> {
    let mut cases = queries();
    cases.extend(broken_queries());
    cases.extend(barcodes()?);
    Ok(suite(
        "vc/exchange",
        "vc",
        "Asking for credentials (DCQL) and reading them from barcodes",
        "자격증명 요청(DCQL)과 바코드 판독",
        cases,
    ))
}

fn resident() -> Value {
    json!({"format": "dc+sd-jwt", "types": ["urn:kbtf:resident"], "issuer": "did:web:ministry.example", "claims": {
        "name": "홍길동", "age_over_19": true, "level": 3, "address": {"region": "서울", "street": "세종대로 1"}, "nationalities": ["KR", "FR"],
        "degrees": [{"type": "공학사", "year": 2020}, {"type": "이학석사", "year": 2022}]
    }})
}

fn degree() -> Value {
    json!({"format": "ldp_vc", "types": ["VerifiableCredential", "Degree"], "issuer": "did:web:university.example", "claims": {
        "type": ["VerifiableCredential", "Degree"], "credentialSubject": {"degree": "공학사"}
    }})
}

fn ask(claims: Option<Value>) -> Value {
    let mut query =
        json!({"id": "r", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:kbtf:resident"]}});
    if let Some(claims) = claims {
        set(&mut query, "claims", claims);
    }
    query
}

fn ask_degree() -> Value {
    json!({"id": "d", "format": "ldp_vc", "meta": {"type_values": [["VerifiableCredential", "Degree"]]}})
}

fn select(query: &Value, held: &[Value]) -> Value {
    json!({"query": query.to_string(), "held": held})
}

fn queries() -> Vec<Case> {
    let both = [degree(), resident()];
    let only = |claims: Value| json!({"credentials": [ask(Some(claims))]});
    let path = |path: Value| only(json!([{"path": path}]));
    let r = |paths: Value| json!([{"query": "r", "held": 1, "paths": paths}]);
    let d = json!({"query": "d", "held": 0, "paths": []});
    let with_sets =
        |sets: Value| json!({"credentials": [ask(None), ask_degree()], "credential_sets": sets});
    let claims = json!([{"id": "a", "path": ["age_over_21"]}, {"id": "b", "path": ["age_over_19"]}, {"id": "c", "path": ["name"]}]);
    let claim_sets = |sets: Value| json!({"credentials": [with(&ask(Some(claims.clone())), "claim_sets", sets)]});
    let values = |values: Value| only(json!([{"path": ["level"], "values": values}]));
    let authority = |kind: &str, who: &str| json!({"credentials": [with(&ask(None), "trusted_authorities", json!([{"type": kind, "values": [who]}]))]});
    let types = |sets: Value| json!({"credentials": [with(&ask_degree(), "meta", json!({"type_values": sets}))]});
    let none = Value::Null;
    let table: Vec<(&str, &str, &str, Value, Value)> = vec![
        (
            "no-claims",
            "No claims are asked for: none is disclosed",
            "항목을 요청하지 않으면 아무것도 공개하지 않음",
            json!({"credentials": [ask(None)]}),
            r(json!([])),
        ),
        (
            "one",
            "One claim",
            "항목 하나",
            path(json!(["age_over_19"])),
            r(json!([["age_over_19"]])),
        ),
        (
            "two",
            "Two claims",
            "항목 둘",
            only(json!([{"path": ["name"]}, {"path": ["age_over_19"]}])),
            r(json!([["name"], ["age_over_19"]])),
        ),
        (
            "one-missing",
            "One of two is not there",
            "둘 중 하나가 없음",
            only(json!([{"path": ["name"]}, {"path": ["salary"]}])),
            none.clone(),
        ),
        (
            "nested",
            "A claim inside another",
            "안쪽 항목",
            path(json!(["address", "region"])),
            r(json!([["address", "region"]])),
        ),
        (
            "element",
            "An element",
            "배열의 요소",
            path(json!(["nationalities", 1])),
            r(json!([["nationalities", 1]])),
        ),
        (
            "element-missing",
            "An element beyond the end",
            "범위를 벗어난 요소",
            path(json!(["nationalities", 2])),
            none.clone(),
        ),
        (
            "all-elements",
            "All elements",
            "모든 요소",
            path(json!(["degrees", null, "type"])),
            r(json!([["degrees", null, "type"]])),
        ),
        (
            "name-on-array",
            "A name on an array",
            "배열에 이름",
            path(json!(["nationalities", "KR"])),
            none.clone(),
        ),
        (
            "number-on-object",
            "A number on an object",
            "객체에 번호",
            path(json!(["address", 0])),
            none.clone(),
        ),
        (
            "all-on-object",
            "All elements of an object",
            "객체의 모든 요소",
            path(json!(["address", null])),
            none.clone(),
        ),
        (
            "value",
            "A value that is there",
            "값이 일치",
            values(json!([3])),
            r(json!([["level"]])),
        ),
        (
            "value-one-of",
            "One of several values",
            "여러 값 중 하나",
            values(json!([4, 3])),
            r(json!([["level"]])),
        ),
        (
            "value-other",
            "Another value",
            "다른 값",
            values(json!([4])),
            none.clone(),
        ),
        (
            "value-other-type",
            "The number as a text",
            "문자열로 적은 숫자",
            values(json!(["3"])),
            none.clone(),
        ),
        (
            "value-of-elements",
            "A value of some element",
            "요소 중 하나의 값",
            only(json!([{"path": ["degrees", null, "type"], "values": ["이학석사"]}])),
            r(json!([["degrees", null, "type"]])),
        ),
        (
            "claim-sets-first",
            "The first set of claims that is there",
            "충족되는 첫 항목 집합",
            claim_sets(json!([["a", "c"], ["b"], ["c"]])),
            r(json!([["age_over_19"]])),
        ),
        (
            "claim-sets-order",
            "In the order of the set",
            "집합에 적힌 순서",
            claim_sets(json!([["c", "b"]])),
            r(json!([["name"], ["age_over_19"]])),
        ),
        (
            "claim-sets-none",
            "No set of claims is there",
            "충족되는 집합이 없음",
            claim_sets(json!([["a"], ["a", "b"]])),
            none.clone(),
        ),
        (
            "other-kind",
            "Another kind",
            "다른 종류",
            json!({"credentials": [with(&ask(None), "meta", json!({"vct_values": ["urn:kbtf:licence"]}))]}),
            none.clone(),
        ),
        (
            "one-of-kinds",
            "One of two kinds",
            "두 종류 중 하나",
            json!({"credentials": [with(&ask(None), "meta", json!({"vct_values": ["urn:kbtf:licence", "urn:kbtf:resident"]}))]}),
            r(json!([])),
        ),
        (
            "other-format",
            "The same in another format",
            "다른 형식",
            json!({"credentials": [with(&ask_degree(), "format", "jwt_vc_json".into())]}),
            none.clone(),
        ),
        (
            "unknown-format",
            "An unknown format",
            "모르는 형식",
            json!({"credentials": [with(&with(&ask(None), "format", "mso_mdoc".into()), "meta", json!({"doctype_value": "x"}))]}),
            none.clone(),
        ),
        (
            "types",
            "All types of one alternative",
            "한 대안의 모든 유형",
            types(json!([["Diploma"], ["Degree"]])),
            json!([d]),
        ),
        (
            "types-missing",
            "One type of the alternative is missing",
            "대안의 유형 하나가 없음",
            types(json!([["Degree", "Diploma"]])),
            none.clone(),
        ),
        (
            "authority",
            "Of a named issuer",
            "지정한 발급자",
            authority("did", "did:web:ministry.example"),
            r(json!([])),
        ),
        (
            "authority-other",
            "Of another issuer",
            "다른 발급자",
            authority("did", "did:web:other.example"),
            none.clone(),
        ),
        (
            "authority-unknown",
            "Of an authority of an unknown kind",
            "모르는 종류의 신뢰 기관",
            authority("aki", "x"),
            none.clone(),
        ),
        (
            "both",
            "Two credentials",
            "자격증명 둘",
            json!({"credentials": [ask(None), ask_degree()]}),
            json!([{"query": "r", "held": 1, "paths": []}, d]),
        ),
        (
            "set-first",
            "The first option that can be met",
            "충족되는 첫 선택지",
            with_sets(json!([{"options": [["d"], ["r"]]}])),
            json!([d]),
        ),
        (
            "set-together",
            "An option of two",
            "둘을 함께 요구하는 선택지",
            with_sets(json!([{"options": [["r", "d"], ["r"]]}])),
            json!([{"query": "r", "held": 1, "paths": []}, d]),
        ),
        (
            "set-wished",
            "What is only wished for is not shown",
            "필수가 아닌 것은 보이지 않음",
            with_sets(json!([{"options": [["r"]]}, {"options": [["d"]], "required": false}])),
            r(json!([])),
        ),
        (
            "set-shared",
            "One credential for two sets is shown once",
            "두 집합에 쓰이는 자격증명은 한 번만",
            with_sets(json!([{"options": [["r"]]}, {"options": [["r"]]}])),
            r(json!([])),
        ),
        (
            "unknown-members",
            "Members that are not known are left alone",
            "모르는 항목은 무시",
            json!({"credentials": [with(&ask(None), "x", 1.into())], "y": 2}),
            r(json!([])),
        ),
    ];
    let mut cases: Vec<Case> = table
        .into_iter()
        .map(|(id, en, ko, query, choices)| {
            let value = made(json!({"choices": choices}));
            case(
                &format!("vc-dcql-{id}"),
                (en, ko),
                &["VC-04"],
                "dcql.select",
                select(&query, &both),
                value,
            )
            .features(&["dcql"])
        })
        .collect();
    let twice = [resident(), resident()];
    let value = made(json!({"choices": [{"query": "r", "held": 0, "paths": []}]}));
    let input = select(&json!({"credentials": [ask(None)]}), &twice);
    cases.push(
        case(
            "vc-dcql-first-held",
            ("Of two that would do, the first", "둘 다 맞으면 첫 번째"),
            &["VC-04"],
            "dcql.select",
            input,
            value,
        )
        .features(&["dcql"]),
    );
    let input = select(
        &json!({"credentials": [ask(None), ask_degree()]}),
        &[resident()],
    );
    cases.push(
        case(
            "vc-dcql-half",
            (
                "Half of what is asked for: nothing is shown",
                "요청의 일부만 있으면 아무것도 보이지 않음",
            ),
            &["VC-04"],
            "dcql.select",
            input,
            made(json!({"choices": null})),
        )
        .features(&["dcql"]),
    );
    cases
}

fn broken_queries() -> Vec<Case> {
    let good = || ask(Some(json!([{"id": "a", "path": ["name"]}])));
    let one = |query: Value| json!({"credentials": [query]});
    let claim = |name: &str, value: Value| {
        one(with(
            &good(),
            "claims",
            json!([with(&json!({"path": ["name"]}), name, value)]),
        ))
    };
    let set = |set: Value| json!({"credentials": [good()], "credential_sets": [set]});
    let table: Vec<(&str, &str, &str, Value)> = vec![
        (
            "no-credentials",
            "Nothing is asked for",
            "요청이 없음",
            json!({}),
        ),
        (
            "empty",
            "An empty list",
            "빈 목록",
            json!({"credentials": []}),
        ),
        (
            "id-blank",
            "An id with a blank",
            "공백이 든 id",
            one(with(&good(), "id", "a b".into())),
        ),
        (
            "id-empty",
            "An empty id",
            "빈 id",
            one(with(&good(), "id", "".into())),
        ),
        (
            "id-twice",
            "Two of one id",
            "id가 같은 둘",
            json!({"credentials": [good(), good()]}),
        ),
        (
            "claim-id-twice",
            "Two claims of one id",
            "id가 같은 두 항목",
            one(with(
                &good(),
                "claims",
                json!([{"id": "a", "path": ["x"]}, {"id": "a", "path": ["y"]}]),
            )),
        ),
        (
            "no-meta",
            "No meta",
            "meta가 없음",
            one(json!({"id": "r", "format": "dc+sd-jwt"})),
        ),
        (
            "no-vct",
            "No kinds",
            "vct_values가 없음",
            one(with(&good(), "meta", json!({}))),
        ),
        (
            "types-flat",
            "Types that are not in sets",
            "집합이 아닌 유형",
            one(with(
                &ask_degree(),
                "meta",
                json!({"type_values": ["Degree"]}),
            )),
        ),
        (
            "claims-empty",
            "An empty list of claims",
            "빈 항목 목록",
            one(with(&good(), "claims", json!([]))),
        ),
        (
            "path-empty",
            "An empty path",
            "빈 경로",
            claim("path", json!([])),
        ),
        (
            "path-negative",
            "A negative number in a path",
            "경로의 음수",
            claim("path", json!([-1])),
        ),
        (
            "path-fraction",
            "A fraction in a path",
            "경로의 소수",
            claim("path", json!([0.5])),
        ),
        (
            "path-boolean",
            "A boolean in a path",
            "경로의 불리언",
            claim("path", json!([true])),
        ),
        (
            "path-text",
            "A path that is a text",
            "문자열 경로",
            claim("path", "name".into()),
        ),
        (
            "values-empty",
            "No values",
            "빈 값 목록",
            claim("values", json!([])),
        ),
        (
            "values-object",
            "An object as a value",
            "객체 값",
            claim("values", json!([{}])),
        ),
        (
            "claim-set-unknown",
            "A set of claims that names none",
            "없는 항목을 가리키는 집합",
            one(with(&good(), "claim_sets", json!([["z"]]))),
        ),
        (
            "set-unknown",
            "A set of credentials that names none",
            "없는 자격증명을 가리키는 집합",
            set(json!({"options": [["z"]]})),
        ),
        (
            "set-no-options",
            "A set without options",
            "선택지가 없는 집합",
            set(json!({"options": []})),
        ),
        (
            "required-text",
            "required as a text",
            "문자열 required",
            set(json!({"options": [["r"]], "required": "yes"})),
        ),
        (
            "multiple-text",
            "multiple as a text",
            "문자열 multiple",
            one(with(&good(), "multiple", "yes".into())),
        ),
    ];
    table
        .into_iter()
        .map(|(id, en, ko, query)| {
            let input = select(&query, &[resident()]);
            case(
                &format!("vc-dcql-refuse-{id}"),
                (en, ko),
                &["VC-04"],
                "dcql.select",
                input,
                refused(&["structure"]),
            )
            .features(&["dcql"])
        })
        .collect()
}

fn barcodes() -> Result<Vec<Case>, String> {
    let packed = |document: &str| compact::to_text(document).map_err(|e| e.to_string());
    let json_document = certificate("did:example:university", "did:example:student").to_string();
    let presentation = json!({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"], "number": -0.5, "whole": -24, "big": 9_007_199_254_740_992_i64}).to_string();
    let part = |value: Value| base64url(value.to_string());
    let jws = |payload: Value| {
        format!(
            "{}.{}.{}",
            part(json!({"alg": "EdDSA"})),
            part(payload),
            base64url([7; 64])
        )
    };
    let credential = jws(json!({"iss": "did:example:a"}));
    let shown = jws(json!({"vp": {}}));
    let disclosure = part(json!(["salt", "name", "홍길동"]));
    let sd = format!("{credential}~{disclosure}~");
    let bound = format!("{sd}{}", jws(json!({"nonce": "n"})));
    let mut cases = Vec::new();
    let mut add = |id: &str, en: &str, ko: &str, input: Value, expect| {
        let id = format!("vc-compact-{id}");
        cases.push(
            case(&id, (en, ko), &["VC-07"], "compact.read", input, expect).features(&["compact"]),
        );
    };
    for (id, en, ko, document, answers) in [
        (
            "json",
            "A JSON credential",
            "JSON 자격증명",
            &json_document,
            false,
        ),
        (
            "json-presentation",
            "A JSON presentation",
            "JSON 제시문",
            &presentation,
            true,
        ),
        (
            "jwt",
            "A credential in a JWT",
            "JWT 자격증명",
            &credential,
            false,
        ),
        (
            "jwt-presentation",
            "A presentation in a JWT",
            "JWT 제시문",
            &shown,
            true,
        ),
        ("sd-jwt", "An SD-JWT", "SD-JWT 자격증명", &sd, false),
        (
            "sd-jwt-bound",
            "An SD-JWT with a key binding",
            "키 바인딩이 있는 SD-JWT",
            &bound,
            true,
        ),
    ] {
        let value = json!({"document": document, "answersChallenge": answers});
        add(id, en, ko, json!({"text": packed(document)?}), made(value));
    }
    let good = packed(&sd)?;
    let cut = good.get(..good.len() - 3).unwrap_or_default();
    for (id, en, ko, text) in [
        (
            "prefix",
            "Another prefix",
            "다른 접두어",
            good.replacen("KV1:", "KV2:", 1),
        ),
        (
            "lower-case",
            "Lower case",
            "소문자",
            good.to_ascii_lowercase(),
        ),
        ("cut", "The end is missing", "끝이 잘림", cut.to_owned()),
        (
            "longer",
            "Something behind it",
            "뒤에 무언가 붙음",
            format!("{good}000"),
        ),
        (
            "above-range",
            "Three characters above the range of base45",
            "base45 범위를 벗어난 문자",
            "KV1::::".into(),
        ),
        (
            "one-character",
            "One character left over",
            "남는 한 글자",
            "KV1:0".into(),
        ),
        ("nothing", "Nothing", "빈 내용", "KV1:".into()),
    ] {
        add(
            &format!("refuse-{id}"),
            en,
            ko,
            json!({"text": text}),
            refused(&["syntax"]),
        );
    }
    let frames = Frames::new(&json_document, 48).map_err(|e| e.to_string())?;
    let count = u32::try_from(frames.pieces()).map_err(|e| e.to_string())?;
    let some = |numbers: &mut dyn Iterator<Item = u32>| -> Vec<String> {
        numbers.map(|n| frames.frame(n)).collect()
    };
    let whole = made(json!({"document": json_document, "answersChallenge": false}));
    add(
        "frames",
        "All frames in order",
        "순서대로 모든 프레임",
        json!({"frames": some(&mut (0..count))}),
        whole.clone(),
    );
    add(
        "frames-backwards",
        "Backwards, each twice",
        "거꾸로, 두 번씩",
        json!({"frames": some(&mut (0..count).rev().flat_map(|n| [n, n]))}),
        whole.clone(),
    );
    add(
        "frames-lost",
        "Every other one lost, sums in their place",
        "절반을 놓치고 합 프레임으로 채움",
        json!({"frames": some(&mut (0..5 * count).filter(|n| n % 2 == 1))}),
        whole.clone(),
    );
    add(
        "frames-sums-only",
        "Sums alone",
        "합 프레임만",
        json!({"frames": some(&mut (count..5 * count))}),
        whole,
    );
    add(
        "frames-missing",
        "One is missing",
        "하나가 모자람",
        json!({"frames": some(&mut (1..count))}),
        made(json!({"missing": 1})),
    );
    add(
        "frames-again",
        "One again and again",
        "같은 프레임만 반복",
        json!({"frames": vec![frames.frame(0); 9]}),
        made(json!({"missing": count - 1})),
    );
    let other = Frames::new(&presentation, 16).map_err(|e| e.to_string())?;
    add(
        "refuse-frames-mixed",
        "Frames of two documents",
        "두 문서의 프레임이 섞임",
        json!({"frames": [frames.frame(0), other.frame(1)]}),
        refused(&["syntax"]),
    );
    add(
        "refuse-frame-text",
        "A whole text among frames",
        "프레임 사이의 온전한 문서",
        json!({"frames": [frames.frame(0), good]}),
        refused(&["syntax"]),
    );
    Ok(cases)
}
