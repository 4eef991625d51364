//! Cases of what may stand in a document, and of the shape of operations.

use super::{
    Authentication, Case, Change, Creation, KeyType, Made, NewKey, NewService, Operation, SOFTWARE,
    Scope, Story, Update, Value, at, case, controllers, creation, end_by, entry, forge, give,
    grant, json, ledger, public, refusal, refused, said, secret, sign, update,
};

/// What may stand in a document.
pub(super) fn contents() -> Made<Vec<Case>> {
    let first = Story::usual()?;
    let removed = first.clone().then(
        update(Update::new().remove("phone").revoke("issuing")),
        &[1, 2],
        "02-01",
    )?;
    let try_it = |story: &Story, change: Update| {
        story.input_with("03-01", &story.attempt(update(change), &[1, 2])?)
    };
    let new_key = |id: &str, seed: u8| -> Made<NewKey> {
        Ok(NewKey::new(id, &public(seed)?, &[Authentication]))
    };
    let service = |id: &str| NewService::new(id, "Files", "https://a.example/");
    let open = Story::begin(
        Creation::new(&ledger()?, controllers(1, &[1])?).key(new_key("phone", 10)?),
        &[1],
        "01-01",
    )?;
    let reused = open.input_with(
        "02-01",
        &open.attempt(Change::Rotate(controllers(1, &[10])?), &[1])?,
    )?;
    let born = |creation: Creation, seeds: &[u8]| -> Made<Value> {
        let signed = sign(&said(Operation::create(creation))?, seeds)?;
        Ok(
            json!({"did": said(signed.operation().did(&SOFTWARE))?.as_str(), "entries": [entry("01-01", &signed.to_json())]}),
        )
    };
    let many = (0..63_u8).try_fold(Update::new(), |update, i| -> Made<Update> {
        Ok(update.key(new_key(&format!("k{i}"), 100 + i)?))
    })?;
    let requirements = &["DID-02", "DID-08", "DID-10"];
    Ok(vec![
        refusal(
            "id-taken",
            ("an id that is taken", "이미 쓰이는 id"),
            requirements,
            try_it(&first, Update::new().key(new_key("phone", 12)?))?,
            &["idReused"],
        ),
        refusal(
            "id-taken-by-service",
            ("a key under the id of a service", "서비스의 id를 쓴 키"),
            requirements,
            try_it(&first, Update::new().key(new_key("files", 12)?))?,
            &["idReused"],
        ),
        refusal(
            "id-again",
            ("an id that was removed", "삭제된 id의 재사용"),
            requirements,
            try_it(&removed, Update::new().key(new_key("phone", 12)?))?,
            &["idReused"],
        ),
        refusal(
            "id-replaced",
            (
                "an id that the same operation removes",
                "같은 작업에서 삭제한 id의 재사용",
            ),
            requirements,
            try_it(
                &first,
                Update::new().remove("files").service(service("files")),
            )?,
            &["idReused"],
        ),
        refusal(
            "id-twice",
            ("an id twice in one operation", "한 작업에 두 번 나온 id"),
            requirements,
            try_it(
                &first,
                Update::new()
                    .key(new_key("new", 12)?)
                    .service(service("new")),
            )?,
            &["idReused"],
        ),
        refusal(
            "name-twice",
            ("another name twice", "두 번 나온 다른 이름"),
            requirements,
            try_it(
                &first,
                Update::new().also_known_as(&["https://a.kr/", "https://a.kr/"]),
            )?,
            &["idReused"],
        ),
        refusal(
            "remove-unknown",
            ("a removal of what is not there", "없는 것의 삭제"),
            requirements,
            try_it(&removed, Update::new().remove("phone"))?,
            &["unknownId"],
        ),
        refusal(
            "revoke-twice",
            ("a second revocation", "두 번째 폐기"),
            requirements,
            try_it(&removed, Update::new().revoke("issuing"))?,
            &["unknownId"],
        ),
        refusal(
            "revoke-service",
            ("a revocation of a service", "서비스의 폐기"),
            requirements,
            try_it(&first, Update::new().revoke("files"))?,
            &["unknownId"],
        ),
        refusal(
            "remove-and-revoke",
            (
                "a key removed and revoked at once",
                "삭제와 폐기를 동시에 한 키",
            ),
            requirements,
            try_it(&first, Update::new().remove("phone").revoke("phone"))?,
            &["unknownId"],
        ),
        refusal(
            "controller-in-document",
            (
                "a controller's key in the document",
                "문서에 들어간 통제자의 키",
            ),
            requirements,
            try_it(&first, Update::new().key(new_key("new", 1)?))?,
            &["keyReused"],
        ),
        refusal(
            "controller-in-creation",
            (
                "a controller's key in the first document",
                "첫 문서에 들어간 통제자의 키",
            ),
            requirements,
            born(
                Creation::new(&ledger()?, controllers(1, &[1])?).key(new_key("phone", 1)?),
                &[1],
            )?,
            &["keyReused"],
        ),
        refusal(
            "document-key-controls",
            (
                "a key of the document as a controller",
                "통제자가 된 문서의 키",
            ),
            requirements,
            reused,
            &["keyReused"],
        ),
        refusal(
            "key-expired",
            (
                "a key that has expired when it comes",
                "등록 시점에 이미 만료된 키",
            ),
            requirements,
            try_it(
                &first,
                Update::new().key(new_key("new", 12)?.expires(at("03-01")?)),
            )?,
            &["time"],
        ),
        refusal(
            "expires-past",
            ("an end in the past", "과거의 만료일"),
            requirements,
            first.input_with(
                "03-01",
                &first.attempt(end_by(at("02-01")?, &[4, 5])?, &[4, 5])?,
            )?,
            &["time"],
        ),
        refusal(
            "created-expired",
            ("a creation that has expired", "이미 만료된 생성"),
            requirements,
            born(
                Creation::new(&ledger()?, controllers(1, &[1])?).expires(at("01-01")?),
                &[1],
            )?,
            &["time"],
        ),
        refusal(
            "too-many-keys",
            ("more than 64 keys", "64개를 넘는 키"),
            requirements,
            try_it(&first, many)?,
            &["tooMany"],
        ),
    ])
}

/// The shape of operations, looked at where a target would sign.
pub(super) fn shapes() -> Made<Vec<Case>> {
    let operation = said(Operation::create(creation()?))?;
    let text = operation.unsigned().to_json();
    let create: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let state = Story::usual()?;
    let change = said(Operation::next(
        state.state()?,
        update(Update::new().remove("files")),
    ))?;
    let change: Value =
        serde_json::from_str(&change.unsigned().to_json()).map_err(|e| e.to_string())?;
    let delegate = said(Operation::next(
        state.state()?,
        give(grant(
            "agency",
            &[20],
            &[Scope::Services],
            "03-01",
            "06-01",
        )?),
    ))?;
    let delegate: Value =
        serde_json::from_str(&delegate.unsigned().to_json()).map_err(|e| e.to_string())?;
    let secrets = json!([secret(1)?]);
    let x25519 = super::super::key(KeyType::X25519, 1)?
        .public_key()
        .to_multikey();
    let mut cases = Vec::new();
    let mut bad = |id: &str, en: &str, ko: &str, text: String, reasons: &[&str]| {
        let titles = (
            &*format!("did:kbtf refuses to sign {en}"),
            &*format!("did:kbtf 서명 거부: {ko}"),
        );
        let input = json!({"operation": text, "secretKeys": secrets});
        cases.push(
            case(
                &format!("did-kbtf-sign-refuse-{id}"),
                titles,
                &["DID-10", "DID-14"],
                "did.operation-sign",
                input,
                refused(reasons),
            )
            .features(&["issue"]),
        );
    };
    let put = |object: &Value, pointer: &str, value: Value| {
        forge::replace(object, pointer, value).to_string()
    };
    let add =
        |object: &Value, name: &str, value: Value| forge::with(object, name, value).to_string();
    bad(
        "unknown-member",
        "a member that operations have not",
        "작업에 없는 멤버",
        add(&create, "note", "hello".into()),
        &["structure"],
    );
    bad(
        "unknown-operation",
        "an operation that there is not",
        "없는 종류의 작업",
        add(&create, "operation", "transfer".into()),
        &["structure"],
    );
    bad(
        "duplicate",
        "a member that occurs twice",
        "두 번 나온 멤버",
        text.replacen('{', r#"{"ledger":"busan-1","#, 1),
        &["structure"],
    );
    bad(
        "ledger",
        "a ledger's name in capitals",
        "대문자가 있는 원장 이름",
        add(&create, "ledger", "Seoul".into()),
        &["structure"],
    );
    bad(
        "threshold-zero",
        "a threshold of 0",
        "임계값 0",
        put(&create, "/controllers/threshold", json!(0)),
        &["structure"],
    );
    bad(
        "threshold-high",
        "a threshold above the number of keys",
        "키의 수보다 큰 임계값",
        put(&create, "/controllers/threshold", json!(4)),
        &["structure"],
    );
    bad(
        "threshold-fraction",
        "a threshold of one and a half",
        "정수가 아닌 임계값",
        put(&create, "/controllers/threshold", json!(1.5)),
        &["structure"],
    );
    bad(
        "controller-twice",
        "the same controller twice",
        "두 번 나온 통제자",
        put(
            &create,
            "/controllers/keys/1",
            public(1)?.to_multikey().into(),
        ),
        &["structure"],
    );
    bad(
        "controller-x25519",
        "a controller that cannot sign",
        "서명할 수 없는 통제자",
        put(&create, "/controllers/keys/1", x25519.into()),
        &["structure", "key", "unsupported"],
    );
    bad(
        "empty-array",
        "an empty array",
        "빈 배열",
        add(&create, "keys", json!([])),
        &["structure"],
    );
    bad(
        "no-purpose",
        "a key for no purpose",
        "용도가 없는 키",
        put(&create, "/keys/0/purposes", json!([])),
        &["structure"],
    );
    bad(
        "unknown-purpose",
        "a key for a purpose that there is not",
        "없는 용도의 키",
        put(&create, "/keys/0/purposes", json!(["signing"])),
        &["structure"],
    );
    bad(
        "time-zone",
        "a time in another spelling",
        "다른 표기의 시각",
        add(&create, "expires", "2027-01-01T09:00:00+09:00".into()),
        &["structure"],
    );
    bad(
        "id",
        "an id with a sharp",
        "#이 들어간 id",
        put(&create, "/keys/0/id", "#phone".into()),
        &["structure"],
    );
    bad(
        "type",
        "a service type of two words",
        "두 낱말로 된 서비스 유형",
        put(&create, "/services/0/type", "Linked Domains".into()),
        &["structure"],
    );
    bad(
        "endpoint",
        "an endpoint that is no URI",
        "URI가 아닌 서비스 주소",
        put(&create, "/services/0/endpoint", "here".into()),
        &["structure"],
    );
    bad(
        "description",
        "a service with a description",
        "설명이 붙은 서비스",
        put(
            &create,
            "/services/0",
            json!({"id": "files", "type": "Files", "endpoint": "https://a.kr/", "description": "of Hong"}),
        ),
        &["structure"],
    );
    bad(
        "secret-key",
        "a secret key in a public place",
        "공개 자리에 들어간 비밀키",
        put(&create, "/keys/0/key", secret(10)?.into()),
        &["key"],
    );
    bad(
        "small-order",
        "a key of small order",
        "위수가 작은 키",
        put(
            &create,
            "/keys/0/key",
            forge::multikey([0xed, 1], &[0; 32]).into(),
        ),
        &["key"],
    );
    bad(
        "phone",
        "a telephone number as an id",
        "전화번호 id",
        put(&create, "/keys/0/id", "010-1234-5678".into()),
        &["personalData"],
    );
    bad(
        "resident",
        "a resident number in a URL",
        "주소에 들어간 주민등록번호",
        put(
            &create,
            "/services/0/endpoint",
            "https://a.kr/900101-1234567".into(),
        ),
        &["personalData"],
    );
    bad(
        "mail",
        "an e-mail address",
        "전자우편주소",
        put(
            &create,
            "/services/0/endpoint",
            "mailto:hong@example.kr".into(),
        ),
        &["personalData"],
    );
    bad(
        "name",
        "a name in Korean in a URL",
        "주소에 들어간 한글 이름",
        put(
            &create,
            "/services/0/endpoint",
            "https://a.kr/%ED%99%8D%EA%B8%B8%EB%8F%99".into(),
        ),
        &["personalData"],
    );
    bad(
        "sequence-one",
        "a second operation in the first place",
        "첫 자리에 놓인 후속 작업",
        add(&change, "sequence", json!(1)),
        &["structure"],
    );
    bad(
        "previous",
        "a previous that is no hash",
        "해시가 아닌 이전 값",
        add(&change, "previous", "none".into()),
        &["structure"],
    );
    bad(
        "nothing",
        "an update that changes nothing",
        "아무것도 바꾸지 않는 변경",
        forge::without(&change, "remove").to_string(),
        &["structure"],
    );
    bad(
        "delegated-delegation",
        "a delegation by a delegate",
        "수임자의 재위임",
        add(&delegate, "delegation", "agency".into()),
        &["structure"],
    );
    bad(
        "scope",
        "a scope that there is not",
        "없는 위임 범위",
        put(&delegate, "/grant/0/scope", json!(["everything"])),
        &["structure"],
    );
    bad(
        "period",
        "a delegation that ends before it begins",
        "시작 전에 끝나는 위임",
        put(&delegate, "/grant/0/until", "2026-02-01T00:00:00Z".into()),
        &["time", "structure"],
    );
    Ok(cases)
}
