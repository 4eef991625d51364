//! Resolvers, the router, and what a DID URL points to.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{
    collections::BTreeMap,
    pin::pin,
    sync::Mutex,
    task::{Context, Poll, Waker},
};

use kbtf_did::{
    Did, DidDocument, DidUrl, DocumentMetadata, Fetch, Fetched, KeyMethods, Problem,
    Representation, Resolution, ResolutionOptions, ResolvedDocument, Resolver, Router,
    UniversalResolver, VerificationRelationship, WebResolver,
    dereference::{self, DereferenceOptions, Dereferenced, within},
    read_result, resolution,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const KEY: &str = "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";

fn block_on<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

fn did(text: &str) -> Did {
    Did::parse(text).unwrap()
}

fn problem(resolution: Resolution) -> Problem {
    resolution.unwrap_err().problem()
}

fn serde(object: &kbtf_did::json::Object<'_>) -> Value {
    serde_json::from_str(&object.to_json()).unwrap()
}

/// A network of a few pages, which notes what was asked for.
#[derive(Default)]
struct Pages(BTreeMap<&'static str, (u16, String)>, Mutex<Vec<String>>);

impl Fetch for Pages {
    async fn get(&self, url: &str, _: &str) -> Result<Fetched, String> {
        self.1.lock().unwrap().push(url.to_owned());
        let (status, body) = self.0.get(url).ok_or("no such host")?;
        Ok(Fetched {
            status: *status,
            body: body.clone().into_bytes(),
        })
    }
}

fn page(url: &'static str, status: u16, body: &str) -> Pages {
    Pages(
        BTreeMap::from([(url, (status, body.to_owned()))]),
        Mutex::default(),
    )
}

const ALICE: &str = r#"{"@context":"https://www.w3.org/ns/did/v1","id":"did:web:a.kr:alice"}"#;

#[test]
fn did_web_is_fetched_and_checked() {
    let alice = did("did:web:a.kr:alice");
    let resolve = |status, body: &str, options: &ResolutionOptions| {
        block_on(
            WebResolver::new(page("https://a.kr/alice/did.json", status, body))
                .resolve(&alice, options),
        )
    };
    let none = ResolutionOptions::default();
    assert_eq!(resolve(200, ALICE, &none).unwrap().document.id(), &alice);
    for (status, body, expected) in [
        (404, "", Problem::NotFound),
        (410, "", Problem::NotFound),
        (500, ALICE, Problem::InternalError),
        // A page that is shown instead is no document, nor is a redirect that was not followed.
        (301, ALICE, Problem::InternalError),
        (200, "<html>", Problem::InvalidDidDocument),
        (
            200,
            &ALICE.replace("alice", "bob"),
            Problem::InvalidDidDocument,
        ),
    ] {
        assert_eq!(
            problem(resolve(status, body, &none)),
            expected,
            "{status} {body}"
        );
    }
    let versioned = none.clone().version_id("1");
    assert_eq!(
        problem(resolve(200, ALICE, &versioned)),
        Problem::FeatureNotSupported
    );
    let elsewhere = WebResolver::new(Pages::default());
    let asked = |text: &str| problem(block_on(elsewhere.resolve(&did(text), &none)));
    assert_eq!(asked("did:web:127.0.0.1"), Problem::InvalidDid);
    assert_eq!(asked(KEY), Problem::MethodNotSupported);
}

#[test]
fn key_methods_have_no_versions_and_say_what_is_wrong_with_a_key() {
    let resolve =
        |text: &str, options: &ResolutionOptions| KeyMethods.resolve_now(&did(text), options);
    let none = ResolutionOptions::default();
    assert!(resolve(KEY, &none).is_ok());
    assert_eq!(
        problem(resolve(KEY, &none.clone().version_id("1"))),
        Problem::FeatureNotSupported
    );
    let both = none
        .clone()
        .version_id("1")
        .version_time("2026-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(problem(resolve(KEY, &both)), Problem::InvalidOptions);
    assert_eq!(problem(resolve("did:key:zzz", &none)), Problem::InvalidDid);
    assert_eq!(problem(resolve("did:jwk:W10", &none)), Problem::InvalidDid);
    assert_eq!(problem(resolve("did:jwk:ew", &none)), Problem::InvalidDid);
    assert_eq!(
        problem(resolve("did:web:a.kr", &none)),
        Problem::MethodNotSupported
    );
    let error = resolve("did:jwk:ew", &none).unwrap_err();
    assert_eq!(error.code(), "json/syntax");
    let object = serde(&error.to_object());
    assert_eq!(
        (object["type"].as_str(), object["title"].as_str()),
        (
            Some("https://www.w3.org/ns/did#INVALID_DID"),
            Some("invalidDid")
        )
    );
}

/// What the Universal Resolver answers, errors in both spellings included.
#[test]
fn other_methods_come_through_a_universal_resolver() {
    let ion = did("did:ion:EiA?".trim_end_matches('?'));
    let result = json!({
        "didDocument": {"@context": ["https://www.w3.org/ns/did/v1"], "id": ion.as_str()},
        "didResolutionMetadata": {"contentType": "application/did+ld+json", "duration": 12},
        "didDocumentMetadata": {"created": "2026-01-01T00:00:00Z", "versionId": "7", "canonicalId": "did:ion:long", "equivalentId": ["did:ion:long"], "method": {}}
    });
    let resolved = read_result(&ion, result.to_string().as_bytes()).unwrap();
    assert_eq!(resolved.metadata.version_id.as_deref(), Some("7"));
    assert_eq!(resolved.metadata.canonical_id, Some(did("did:ion:long")));
    let metadata = serde(&resolved.metadata.to_object());
    assert_eq!(
        DocumentMetadata::from_object(
            kbtf_did::json::parse(&metadata.to_string())
                .unwrap()
                .as_object()
                .unwrap()
        ),
        Ok(resolved.metadata)
    );

    let with = |pointer: &str, value: Value| {
        let mut result = result.clone();
        *result.pointer_mut(pointer).unwrap() = value;
        read_result(&ion, result.to_string().as_bytes())
    };
    for (pointer, value, expected) in [
        (
            "/didResolutionMetadata",
            json!({"error": "notFound"}),
            Problem::NotFound,
        ),
        (
            "/didResolutionMetadata",
            json!({"error": {"type": "https://www.w3.org/ns/did#INVALID_DID"}}),
            Problem::InvalidDid,
        ),
        (
            "/didResolutionMetadata",
            json!({"error": "somethingElse"}),
            Problem::InternalError,
        ),
        (
            "/didResolutionMetadata",
            json!({"error": 5}),
            Problem::InternalError,
        ),
        ("/didDocument", json!(null), Problem::InvalidDidDocument),
        (
            "/didDocument/id",
            json!("did:ion:other"),
            Problem::InvalidDidDocument,
        ),
        (
            "/didDocumentMetadata/created",
            json!("yesterday"),
            Problem::InvalidDidDocument,
        ),
        // Whoever misreads this takes a dead DID for a live one.
        (
            "/didDocumentMetadata",
            json!({"deactivated": "true"}),
            Problem::InvalidDidDocument,
        ),
        (
            "/didDocumentMetadata/canonicalId",
            json!("did:web:evil.kr"),
            Problem::InvalidDidDocument,
        ),
        (
            "/didDocumentMetadata/canonicalId",
            json!("no did"),
            Problem::InvalidDidDocument,
        ),
    ] {
        assert_eq!(
            problem(with(pointer, value.clone())),
            expected,
            "{pointer} {value}"
        );
    }
    let mut dead = result.clone();
    dead["didDocument"] = json!(null);
    dead["didDocumentMetadata"] = json!({"deactivated": true});
    let dead = read_result(&ion, dead.to_string().as_bytes()).unwrap();
    assert!(dead.is_deactivated() && dead.document.verification_methods().is_empty());
    assert!(read_result(&ion, b"[]").is_err() && read_result(&ion, b"\xff").is_err());

    let base = "https://resolver.example/1.0/identifiers/";
    let ask = |status, body: &str| {
        let pages = page(
            "https://resolver.example/1.0/identifiers/did:ion:EiA",
            status,
            body,
        );
        block_on(UniversalResolver::new(pages, base).resolve(&ion, &ResolutionOptions::default()))
    };
    assert!(ask(200, &result.to_string()).is_ok());
    assert_eq!(problem(ask(404, "<html>")), Problem::NotFound);
    assert_eq!(problem(ask(502, "bad gateway")), Problem::InternalError);
    assert_eq!(problem(ask(200, "<html>")), Problem::InvalidDidDocument);
    assert_eq!(
        problem(ask(
            404,
            r#"{"didResolutionMetadata":{"error":"invalidDid"}}"#
        )),
        Problem::InvalidDid
    );
    let mut null = result.clone();
    null["didResolutionMetadata"]["error"] = json!(null);
    assert!(ask(200, &null.to_string()).is_ok());
    // A resolver that gives the last version whatever is asked is not believed.
    let versions = |metadata: Value, options: ResolutionOptions| {
        let mut answer = result.clone();
        answer["didDocumentMetadata"] = metadata;
        let resolver = UniversalResolver::new(Pages::default(), base);
        let url = Box::leak(resolver.url(&ion, &options).into_boxed_str());
        let pages = page(url, 200, &answer.to_string());
        block_on(UniversalResolver::new(pages, base).resolve(&ion, &options))
    };
    let first = || ResolutionOptions::default().version_id("1");
    assert!(versions(json!({"versionId": "1"}), first()).is_ok());
    for metadata in [json!({"versionId": "2"}), json!({})] {
        assert_eq!(
            problem(versions(metadata, first())),
            Problem::FeatureNotSupported
        );
    }
    let in_march =
        || ResolutionOptions::default().version_time("2026-03-01T00:00:00Z".parse().unwrap());
    let (created, later) = ("2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z");
    assert!(versions(json!({"created": created}), in_march()).is_ok());
    for metadata in [json!({"created": created, "updated": later}), json!({})] {
        assert_eq!(
            problem(versions(metadata, in_march())),
            Problem::FeatureNotSupported
        );
    }
    let resolver = UniversalResolver::new(Pages::default(), base);
    let options = ResolutionOptions::default().version_id("a b&c=d#e");
    assert_eq!(
        resolver.url(&did("did:web:a.kr%3A1"), &options),
        "https://resolver.example/1.0/identifiers/did:web:a.kr%253A1?versionId=a%20b%26c%3Dd%23e"
    );
    assert_eq!(
        problem(block_on(resolver.resolve(&ion, &options))),
        Problem::InternalError
    );
}

/// A resolver that answers with somebody else's document, whatever is asked.
struct Liar;
impl Resolver for Liar {
    async fn resolve(&self, _: &Did, _: &ResolutionOptions) -> Resolution {
        Ok(ResolvedDocument::active(
            DidDocument::builder(&did("did:example:liar"))
                .build()
                .unwrap(),
        ))
    }
}

#[test]
fn a_router_sends_each_method_to_its_resolver_and_checks_the_answer() {
    let router = Router::new()
        .with("key", KeyMethods)
        .with(
            "web",
            WebResolver::new(page("https://a.kr/alice/did.json", 200, ALICE)),
        )
        .with("example", Liar);
    let resolve = |text: &str| block_on(router.resolve(&did(text), &ResolutionOptions::default()));
    assert!(resolve(KEY).is_ok() && resolve("did:web:a.kr:alice").is_ok());
    assert_eq!(problem(resolve("did:ion:1")), Problem::MethodNotSupported);
    assert_eq!(
        problem(resolve("did:example:honest")),
        Problem::InvalidDidDocument
    );
    assert!(resolve("did:example:liar").is_ok());
    let router = router.others(Liar);
    let others = block_on(router.resolve(&did("did:ion:1"), &ResolutionOptions::default()));
    assert_eq!(problem(others), Problem::InvalidDidDocument);
    assert!(router.resolves("ion") && format!("{router:?}").contains("web"));
}

#[test]
fn results_are_written_as_the_standard_has_them() {
    let resolution = KeyMethods.resolve_now(&did(KEY), &ResolutionOptions::default());
    let object = serde(&resolution::to_object(&resolution, Representation::JsonLd));
    assert_eq!(
        object["didResolutionMetadata"],
        json!({"contentType": "application/did+ld+json"})
    );
    assert_eq!(object["didDocument"]["id"], KEY);
    assert_eq!(object["didDocumentMetadata"], json!({}));
    let dead = Ok(ResolvedDocument::deactivated(resolution.unwrap().document));
    let object = serde(&resolution::to_object(&dead, Representation::Json));
    assert_eq!(
        (&object["didDocument"], &object["didDocumentMetadata"]),
        (&json!(null), &json!({"deactivated": true}))
    );
    let missing = KeyMethods.resolve_now(&did("did:web:a.kr"), &ResolutionOptions::default());
    let object = serde(&resolution::to_object(&missing, Representation::Json));
    assert_eq!(
        object["didResolutionMetadata"]["error"]["type"],
        "https://www.w3.org/ns/did#METHOD_NOT_SUPPORTED"
    );
    for problem in [
        Problem::InvalidDid,
        Problem::NotFound,
        Problem::RepresentationNotSupported,
        Problem::InternalError,
        Problem::FeatureNotSupported,
    ] {
        assert_eq!(Problem::from_name(problem.url()), Some(problem));
        assert_eq!(Problem::from_name(problem.keyword()), Some(problem));
        assert!((400..600).contains(&problem.http_status()));
    }
}

fn document() -> ResolvedDocument {
    let text = json!({
        "@context": ["https://www.w3.org/ns/did/v1"], "id": "did:example:1",
        "verificationMethod": [{"id": "#key", "type": "Multikey", "controller": "did:example:1", "publicKeyMultibase": &KEY[8..]}],
        "authentication": ["#key", {"id": "did:example:1#own", "type": "Multikey", "controller": "did:example:1", "publicKeyMultibase": &KEY[8..]}],
        "service": [
            {"id": "#files", "type": "Files", "serviceEndpoint": "https://files.example/pub/a?x=1"},
            {"id": "did:example:1#hub", "type": ["Hub", "Files"], "serviceEndpoint": ["https://hub.example", {"uri": "https://no.example/"}]},
            {"id": "#object", "type": "Object", "serviceEndpoint": {"uri": "https://no.example/"}},
            {"id": "#marked", "type": "Marked", "serviceEndpoint": "https://marked.example/#here"}
        ]
    });
    ResolvedDocument::active(DidDocument::parse(&text.to_string()).unwrap())
}

fn point(text: &str, options: &DereferenceOptions) -> Result<Dereferenced, Problem> {
    within(&DidUrl::parse(text).unwrap(), document(), options).map_err(|error| error.problem())
}

fn urls(text: &str) -> Result<Vec<String>, Problem> {
    point(text, &DereferenceOptions::default().uri_list()).map(|found| match found {
        Dereferenced::Urls(urls) => urls,
        other => panic!("{other:?}"),
    })
}

#[test]
fn fragments_are_parts_of_the_document() {
    let plain = DereferenceOptions::default();
    let part = |text: &str, options: &DereferenceOptions| {
        point(text, options).map(|found| match found {
            Dereferenced::Resource(object) => serde(&object),
            other => panic!("{other:?}"),
        })
    };
    let key = part("did:example:1#key", &plain).unwrap();
    assert_eq!(
        (key["id"].as_str(), key["type"].as_str()),
        (Some("did:example:1#key"), Some("Multikey"))
    );
    assert_eq!(key["@context"], json!(["https://www.w3.org/ns/did/v1"]));
    assert_eq!(
        part("did:example:1#own", &plain).unwrap()["id"],
        "did:example:1#own"
    );
    assert_eq!(
        part("did:example:1#files", &plain).unwrap()["type"],
        "Files"
    );
    assert_eq!(part("did:example:1#none", &plain), Err(Problem::NotFound));
    assert_eq!(part("did:example:1#", &plain), Err(Problem::NotFound));
    let sign_in = plain
        .clone()
        .for_purpose(VerificationRelationship::Authentication);
    assert!(
        part("did:example:1#key", &sign_in).is_ok() && part("did:example:1#own", &sign_in).is_ok()
    );
    assert_eq!(
        part("did:example:1#files", &sign_in),
        Err(Problem::InvalidVerificationMethod)
    );
    assert_eq!(
        part("did:example:1", &sign_in),
        Err(Problem::InvalidVerificationMethod)
    );
    let issue = plain
        .clone()
        .for_purpose(VerificationRelationship::AssertionMethod);
    assert_eq!(
        part("did:example:1#key", &issue),
        Err(Problem::InvalidRelationshipForVerificationMethod)
    );
    // Of a deactivated DID there are no parts, and of another there is nothing.
    let url = DidUrl::parse("did:example:1#key").unwrap();
    let dead = ResolvedDocument::deactivated(document().document);
    assert_eq!(
        within(&url, dead, &plain).unwrap_err().problem(),
        Problem::NotFound
    );
    let other = DidUrl::parse("did:example:2#key").unwrap();
    assert_eq!(
        within(&other, document(), &plain).unwrap_err().problem(),
        Problem::InvalidDidDocument
    );
}

#[test]
fn services_are_addresses_or_a_document_cut_down_to_them() {
    assert_eq!(
        urls("did:example:1?service=files").unwrap(),
        ["https://files.example/pub/a?x=1"]
    );
    assert_eq!(
        urls("did:example:1?service=%23files"),
        Err(Problem::NotFound)
    );
    assert_eq!(
        urls("did:example:1?service=did:example:1%23hub").unwrap(),
        ["https://hub.example"]
    );
    assert_eq!(
        urls("did:example:1?serviceType=Files").unwrap(),
        ["https://files.example/pub/a?x=1", "https://hub.example"]
    );
    assert_eq!(
        urls("did:example:1?serviceType=Files&service=hub").unwrap(),
        ["https://hub.example"]
    );
    assert_eq!(
        urls("did:example:1?service=hub&serviceType=Object"),
        Err(Problem::NotFound)
    );
    assert_eq!(urls("did:example:1?service=object"), Err(Problem::NotFound));
    assert_eq!(
        urls("did:example:1?service=files#page").unwrap(),
        ["https://files.example/pub/a?x=1#page"]
    );
    assert_eq!(
        urls("did:example:1?service=marked#page"),
        Err(Problem::InvalidDidUrl)
    );
    assert_eq!(
        urls("did:example:1"),
        Err(Problem::RepresentationNotSupported)
    );
    let cut = point(
        "did:example:1?serviceType=Hub",
        &DereferenceOptions::default(),
    )
    .unwrap();
    let Dereferenced::Document(cut) = cut else {
        panic!("{cut:?}")
    };
    assert_eq!(
        (
            cut.document.services("Hub").count(),
            cut.document.services("Object").count()
        ),
        (1, 0)
    );
    assert_eq!(cut.document.verification_methods().len(), 2);
}

/// RFC 3986 section 5, as far as it stays where the service is.
#[test]
fn relative_references_stay_on_the_host() {
    let relative = |reference: &str| {
        urls(&format!(
            "did:example:1?service=files&relativeRef={reference}"
        ))
    };
    for (reference, expected) in [
        ("b", "https://files.example/pub/b"),
        ("b%2Fc", "https://files.example/pub/b/c"),
        ("%2Fb%2Fc", "https://files.example/b/c"),
        ("%2Fb%3Fy%3D2", "https://files.example/b?y=2"),
        ("%3Fy", "https://files.example/pub/a?y"),
        ("b;c", "https://files.example/pub/b;c"),
        ("...", "https://files.example/pub/..."),
        ("b%2520c", "https://files.example/pub/b%20c"),
    ] {
        assert_eq!(
            relative(reference).as_deref(),
            Ok(&[expected.to_owned()][..]),
            "{reference}"
        );
    }
    assert_eq!(
        urls("did:example:1?service=hub&relativeRef=b").unwrap(),
        ["https://hub.example/b"]
    );
    for reference in [
        "%2F%2Fevil.example%2Fb",
        "https:%2F%2Fevil.example",
        "javascript:alert",
        "..%2Fb",
        "b%2F..%2F..%2Fc",
        "%2F.%2Fb",
        "%252e%252e%2Fb",
        "%2E%2e%2Fb",
        // Servers undo escapes, or leave out what is behind a semicolon.
        "x%252f..%252f..%252fsecret",
        "%252e%252e%252fb",
        "%255c..",
        "b%2500",
        "b%252541",
        "..%3B%2Fb",
        "..%3Bx%2Fb",
        "%5C%5Cevil.example",
        "%2F%5Cevil.example",
        "b%23c",
        "b%20c",
        "b%0D%0Ac",
        "%ED%99%8D",
        "%FF",
        "",
    ] {
        assert_eq!(
            relative(reference),
            Err(Problem::InvalidDidUrl),
            "{reference}"
        );
    }
}

#[test]
fn queries_that_are_not_understood_are_refused() {
    let plain = DereferenceOptions::default();
    for (text, expected) in [
        (
            "did:example:1?service=files&service=hub",
            Problem::InvalidDidUrl,
        ),
        ("did:example:1?service", Problem::InvalidDidUrl),
        ("did:example:1?service=", Problem::InvalidDidUrl),
        ("did:example:1?service=files&", Problem::InvalidDidUrl),
        ("did:example:1?relativeRef=b", Problem::InvalidDidUrl),
        (
            "did:example:1?service=files&relativeRef=b",
            Problem::RepresentationNotSupported,
        ),
        ("did:example:1?hl=zQm", Problem::FeatureNotSupported),
        ("did:example:1?Service=files", Problem::FeatureNotSupported),
        ("did:example:1/path", Problem::NotFound),
        ("did:example:1/path?service=files", Problem::NotFound),
    ] {
        assert_eq!(point(text, &plain), Err(expected), "{text}");
    }
    assert!(point("did:example:1?", &plain).is_ok());
    let options = |text: &str| dereference::resolution_options(&DidUrl::parse(text).unwrap());
    let at = options("did:example:1?versionTime=2026-01-01T00:00:00Z#key").unwrap();
    assert_eq!(
        at.version_time,
        Some("2026-01-01T00:00:00Z".parse().unwrap())
    );
    assert_eq!(
        options("did:example:1?versionId=1-zQm")
            .unwrap()
            .version_id
            .as_deref(),
        Some("1-zQm")
    );
    for bad in [
        "versionTime=2026",
        "versionTime=2026-01-01T00:00:00Z&versionId=1",
    ] {
        assert_eq!(
            options(&format!("did:example:1?{bad}"))
                .unwrap_err()
                .problem(),
            Problem::InvalidOptions
        );
    }
    // A version of a method that has none is not silently another.
    let url = DidUrl::parse(&format!("{KEY}?versionId=1#{}", &KEY[8..])).unwrap();
    let found = block_on(dereference::dereference(&KeyMethods, &url, &plain));
    assert_eq!(found.unwrap_err().problem(), Problem::FeatureNotSupported);
    let url = DidUrl::parse(&format!("{KEY}#{}", &KEY[8..])).unwrap();
    let found = block_on(dereference::dereference(&KeyMethods, &url, &plain));
    let object = serde(&dereference::to_object(&found));
    assert_eq!(object["contentStream"]["publicKeyMultibase"], KEY[8..]);
    let missing = within(
        &DidUrl::parse("did:example:1#none").unwrap(),
        document(),
        &plain,
    );
    let object = serde(&dereference::to_object(&missing));
    assert_eq!(
        object["dereferencingMetadata"]["error"]["title"],
        "notFound"
    );
}

proptest! {
    #[test]
    fn any_did_url_points_to_something_or_nothing(text in "did:example:1(/[a-z]{0,2})?([?](service|serviceType|relativeRef|versionId|x)=[a-zA-Z%0-9]{0,8}(&(service|relativeRef)=[a-z%2F.]{0,9})?)?(#[a-z]{0,5})?", list in any::<bool>()) {
        let Ok(url) = DidUrl::parse(&text) else { return Ok(()) };
        let options = if list { DereferenceOptions::default().uri_list() } else { DereferenceOptions::default() };
        if let Ok(Dereferenced::Urls(urls)) = within(&url, document(), &options) {
            for url in urls {
                prop_assert!(["https://files.example/", "https://hub.example", "https://marked.example/"].iter().any(|start| url.starts_with(start)), "{}", url);
            }
        }
    }
}
