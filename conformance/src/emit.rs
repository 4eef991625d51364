//! Files in the form that W3C's did-test-suite takes (`packages/did-core-test-server`): what this SDK makes of DIDs, written
//! down, so that the suite's own code can judge it. The suite is that of DID Core 1.0: errors are words, and a deactivated
//! DID has a document.

use std::{fs, path::Path, task};

use kbtf_did::{
    Did, DidDocument, DidUrl, KeyMethods, KeyType, Representation, Resolution, ResolutionOptions,
    Resolver, Router, SOFTWARE, SecretKey, Signer, SoftwareSigner, Timestamp,
    VerificationRelationship::{AssertionMethod, Authentication, KeyAgreement},
    dereference::{self, DereferenceOptions, Dereferenced},
    did_jwk,
    did_kbtf::{
        Change, Controllers, Creation, LedgerName, Ledgered, MemoryLedger, NewKey, NewService,
        Operation, OperationLedger, Update,
    },
    did_key,
};
use serde_json::{Map, Value, json};

use crate::Error;

const IMPLEMENTER: &str = "K-BTF SDK";

fn fault(reason: impl ToString) -> Error {
    Error::Vectors {
        place: "did-test-suite".into(),
        reason: reason.to_string(),
    }
}

/// Writes the files into a folder, and gives their names: `did-….json` for the suites did-identifier,
/// did-core-properties, did-production and did-consumption, `resolver-….json` for did-resolution, `dereferencer-….json` for
/// did-url-dereferencing. Each is to be named in the `default.js` of its suites.
///
/// # Errors
/// `conformance/io`.
pub fn did_test_suite(folder: &Path) -> Result<Vec<String>, Error> {
    let world = World::new()?;
    let mut names = Vec::new();
    let files = [
        ("did-kbtf-sdk-key.json", world.key_method()?),
        ("did-kbtf-sdk-jwk.json", world.jwk_method()?),
        ("did-kbtf-sdk-kbtf.json", world.kbtf_method()?),
        ("resolver-kbtf-sdk.json", world.resolver()?),
        ("dereferencer-kbtf-sdk.json", world.dereferencer()?),
    ];
    let io = |path: &Path| {
        let path = path.display().to_string();
        move |error: std::io::Error| Error::Io {
            path,
            reason: error.to_string(),
        }
    };
    fs::create_dir_all(folder).map_err(io(folder))?;
    for (name, value) in files {
        let path = folder.join(name);
        let text = serde_json::to_string_pretty(&value).map_err(fault)?;
        fs::write(&path, text + "\n").map_err(io(&path))?;
        names.push(path.display().to_string());
    }
    Ok(names)
}

/// A future of a resolver that waits for nothing.
fn now<T>(future: impl Future<Output = T>) -> Result<T, Error> {
    let mut context = task::Context::from_waker(task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        task::Poll::Ready(value) => Ok(value),
        task::Poll::Pending => Err(fault("a resolver that waits")),
    }
}

fn time(text: &str) -> Result<Timestamp, Error> {
    text.parse().map_err(|error: kbtf_did::Error| fault(error))
}

fn signer(key_type: KeyType, seed: u8) -> Result<SoftwareSigner<'static>, Error> {
    SecretKey::from_bytes(key_type, &[seed; 32])
        .map(SoftwareSigner::new)
        .map_err(fault)
}

/// A few identities, one of them with a past and one deactivated, and a router that knows them.
struct World {
    router: Router,
    keys: Vec<Did>,
    jwks: Vec<Did>,
    active: Did,
    ended: Did,
    /// One that was never handed to the ledger.
    unknown: Did,
}

impl World {
    fn new() -> Result<Self, Error> {
        let held = [
            KeyType::Ed25519,
            KeyType::P256,
            KeyType::Secp256k1,
            KeyType::X25519,
        ];
        let publics = held
            .into_iter()
            .map(|key_type| signer(key_type, 1).map(|s| s.public_key().clone()))
            .collect::<Result<Vec<_>, _>>()?;
        let name = LedgerName::parse("w3c").map_err(fault)?;
        let ledger = MemoryLedger::new(&name);
        let controller = signer(KeyType::Ed25519, 2)?;
        let begin = |seed: u8| -> Result<Creation, Error> {
            let key = |key_type, seed| signer(key_type, seed).map(|s| s.public_key().clone());
            let controllers = Controllers::new(1, &[controller.public_key()]).map_err(fault)?;
            Ok(Creation::new(&name, controllers)
                .key(NewKey::new(
                    "phone",
                    &key(KeyType::Ed25519, seed)?,
                    &[Authentication, AssertionMethod],
                ))
                .key(NewKey::new(
                    "card",
                    &key(KeyType::P256, seed)?,
                    &[AssertionMethod],
                ))
                .key(NewKey::new(
                    "sealing",
                    &key(KeyType::X25519, seed)?,
                    &[KeyAgreement],
                ))
                .service(NewService::new(
                    "files",
                    "LinkedDomains",
                    "https://files.example/pub/",
                ))
                .also_known_as("https://www.example.com/"))
        };
        let mut dids = Vec::new();
        let second = |i: u8| match i {
            0 => Change::Update(Update::new().revoke("card")),
            _ => Change::Deactivate(Vec::new()),
        };
        for i in 0..2 {
            let create = Operation::create(begin(10 + i)?)
                .and_then(|o| o.sign(&[&controller]))
                .map_err(fault)?;
            let did = create.operation().did(&SOFTWARE).map_err(fault)?;
            let submit = |signed| now(ledger.submit(signed))?.map_err(fault);
            submit(&create)?;
            ledger.seal(time("2026-01-01T00:00:00Z")?).map_err(fault)?;
            let history = now(Ledgered::new(ledger.clone()).history(&did))?.map_err(fault)?;
            let history = history.ok_or_else(|| fault("no history"))?;
            let next =
                Operation::next(history.state(), second(i)).and_then(|o| o.sign(&[&controller]));
            submit(&next.map_err(fault)?)?;
            ledger.seal(time("2026-02-01T00:00:00Z")?).map_err(fault)?;
            dids.push(did);
        }
        let ended = dids.pop().ok_or_else(|| fault("none"))?;
        let active = dids.pop().ok_or_else(|| fault("none"))?;
        let unknown = Operation::create(begin(99)?).and_then(|o| o.did(&SOFTWARE));
        let router = Router::new()
            .with("key", KeyMethods)
            .with("jwk", KeyMethods)
            .with("kbtf", Ledgered::new(ledger));
        Ok(Self {
            router,
            keys: publics.iter().map(did_key::from_public_key).collect(),
            jwks: publics.iter().map(did_jwk::from_public_key).collect(),
            active,
            ended,
            unknown: unknown.map_err(fault)?,
        })
    }

    fn resolve(&self, did: &Did, options: &ResolutionOptions) -> Result<Resolution, Error> {
        now(self.router.resolve(did, options))
    }

    fn key_method(&self) -> Result<Value, Error> {
        self.method("did:key", &self.keys, Value::Object(Map::new()))
    }

    fn jwk_method(&self) -> Result<Value, Error> {
        self.method("did:jwk", &self.jwks, Value::Object(Map::new()))
    }

    fn kbtf_method(&self) -> Result<Value, Error> {
        let did = self.active.as_str();
        let parameters = json!({
            "service": format!("{did}?service=files"),
            "relativeRef": format!("{did}?service=files&relativeRef=%2Fpub%2Fa.pdf"),
            "versionId": format!("{did}?versionId=1-zQm"),
            "versionTime": format!("{did}?versionTime=2026-01-01T00:00:00Z"),
        });
        self.method("did:kbtf", std::slice::from_ref(&self.active), parameters)
    }

    /// The file of a method: for each DID the data model, and each representation with what belongs to it.
    fn method(&self, method: &str, dids: &[Did], parameters: Value) -> Result<Value, Error> {
        let representations = [Representation::Json, Representation::JsonLd];
        let types: Vec<&str> = representations.iter().map(|r| r.media_type()).collect();
        let names: Vec<&str> = dids.iter().map(Did::as_str).collect();
        let mut file = json!({
            "didMethod": method,
            "implementation": "kbtf-did",
            "implementer": IMPLEMENTER,
            "supportedContentTypes": types,
            "dids": names,
            "didParameters": parameters,
        });
        for did in dids {
            let resolved = self
                .resolve(did, &ResolutionOptions::default())?
                .map_err(fault)?;
            let mut properties = object(resolved.document.as_object())?;
            let context = properties.shift_remove("@context").unwrap_or_default();
            let metadata = object(&resolved.metadata.to_object())?;
            let mut entry = json!({"didDocumentDataModel": {"properties": properties}});
            for representation in representations {
                let (entries, text) = match representation {
                    Representation::JsonLd => (
                        json!({"@context": context}),
                        resolved.document.to_representation(representation),
                    ),
                    Representation::Json => {
                        (json!({}), Value::Object(properties.clone()).to_string())
                    }
                };
                // What is written as plain JSON is what this SDK reads as such.
                DidDocument::parse_as(&text, representation).map_err(fault)?;
                set(
                    &mut entry,
                    representation.media_type(),
                    json!({
                        "didDocumentDataModel": {"representationSpecificEntries": entries},
                        "representation": text,
                        "didDocumentMetadata": metadata,
                        "didResolutionMetadata": {"contentType": representation.media_type()},
                    }),
                );
            }
            set(&mut file, did.as_str(), entry);
        }
        Ok(file)
    }

    fn resolver(&self) -> Result<Value, Error> {
        let none = ResolutionOptions::default();
        let (mut executions, mut outcomes) = (Vec::new(), Outcomes::default());
        for did in self.keys.iter().chain(&self.jwks).chain([&self.active]) {
            outcomes.add("defaultOutcome", executions.len());
            let resolved = self.resolve(did, &none)?.map_err(fault)?;
            executions.push(execution(
                "resolve",
                json!({"did": did.as_str(), "resolutionOptions": {}}),
                json!({
                    "didResolutionMetadata": {},
                    "didDocument": object(resolved.document.as_object())?,
                    "didDocumentMetadata": object(&resolved.metadata.to_object())?,
                }),
            ));
            for representation in [Representation::Json, Representation::JsonLd] {
                outcomes.add("defaultOutcome", executions.len());
                let media_type = representation.media_type();
                executions.push(execution(
                    "resolveRepresentation",
                    json!({"did": did.as_str(), "resolutionOptions": {"accept": media_type}}),
                    json!({
                        "didResolutionMetadata": {"contentType": media_type},
                        "didDocumentStream": resolved.document.to_representation(representation),
                        "didDocumentMetadata": object(&resolved.metadata.to_object())?,
                    }),
                ));
            }
        }
        outcomes.add("deactivatedOutcome", executions.len());
        let ended = self.resolve(&self.ended, &none)?.map_err(fault)?;
        executions.push(execution(
            "resolve",
            json!({"did": self.ended.as_str(), "resolutionOptions": {}}),
            json!({
                "didResolutionMetadata": {},
                "didDocument": object(ended.document.as_object())?,
                "didDocumentMetadata": object(&ended.metadata.to_object())?,
            }),
        ));
        for (text, outcome) in [
            ("did:kbtf_:1", "invalidDidErrorOutcome"),
            (self.unknown.as_str(), "notFoundErrorOutcome"),
            ("did:example:1", "methodNotSupportedErrorOutcome"),
        ] {
            let resolution = match Did::parse(text) {
                Ok(did) => self.resolve(&did, &none)?,
                Err(error) => Err(error.into()),
            };
            let error = resolution.err().ok_or_else(|| fault("no error"))?;
            outcomes.add(outcome, executions.len());
            executions.push(execution(
                "resolve",
                json!({"did": text, "resolutionOptions": {}}),
                json!({
                    "didResolutionMetadata": {"error": error.problem().keyword()},
                    "didDocument": null,
                    "didDocumentMetadata": {},
                }),
            ));
        }
        Ok(json!({
            "implementation": "kbtf-did",
            "implementer": IMPLEMENTER,
            "didMethod": "did:kbtf",
            "expectedOutcomes": outcomes.finish(&["defaultOutcome", "invalidDidErrorOutcome", "notFoundErrorOutcome", "representationNotSupportedErrorOutcome", "deactivatedOutcome"]),
            "executions": executions,
        }))
    }

    fn dereferencer(&self) -> Result<Value, Error> {
        let did = self.active.as_str();
        let (mut executions, mut outcomes) = (Vec::new(), Outcomes::default());
        let media_type = Representation::JsonLd.media_type();
        for (url, urls, outcome) in [
            (did.to_owned(), false, "defaultOutcome"),
            (format!("{did}#phone"), false, "defaultOutcome"),
            (format!("{did}#files"), false, "defaultOutcome"),
            (format!("{did}?service=files"), true, "defaultOutcome"),
            (
                format!("{did}?service=files&relativeRef=a.pdf"),
                true,
                "defaultOutcome",
            ),
            (
                format!("{did}?versionTime=2026-01-15T00:00:00Z"),
                false,
                "defaultOutcome",
            ),
            (format!("{did}#none"), false, "notFoundErrorOutcome"),
            ("did:kbtf_:1".to_owned(), false, "invalidDidUrlErrorOutcome"),
        ] {
            let options = match urls {
                true => DereferenceOptions::default().uri_list(),
                false => DereferenceOptions::default(),
            };
            let accept = if urls { "text/uri-list" } else { media_type };
            let found = match DidUrl::parse(&url) {
                Ok(url) => now(dereference::dereference(&self.router, &url, &options))?,
                Err(error) => Err(error.into()),
            };
            let mut content_metadata = Map::new();
            let (metadata, stream) = match found {
                Ok(Dereferenced::Document(resolved)) => {
                    content_metadata = object(&resolved.metadata.to_object())?;
                    let text = resolved.document.to_representation(Representation::JsonLd);
                    (json!({"contentType": accept}), text)
                }
                Ok(Dereferenced::Resource(part)) => {
                    (json!({"contentType": accept}), part.to_json())
                }
                Ok(Dereferenced::Urls(urls)) => (json!({"contentType": accept}), urls.join("\r\n")),
                Ok(_) => return Err(fault("neither document, part nor addresses")),
                Err(error) => (json!({"error": error.problem().keyword()}), String::new()),
            };
            outcomes.add(outcome, executions.len());
            executions.push(execution(
                "dereference",
                json!({"didUrl": url, "dereferenceOptions": {"accept": accept}}),
                json!({
                    "dereferencingMetadata": metadata,
                    "contentStream": stream,
                    "contentMetadata": content_metadata,
                }),
            ));
        }
        Ok(json!({
            "implementation": "kbtf-did",
            "implementer": IMPLEMENTER,
            "didMethod": "did:kbtf",
            "expectedOutcomes": outcomes.finish(&["defaultOutcome", "invalidDidUrlErrorOutcome", "notFoundErrorOutcome"]),
            "executions": executions,
        }))
    }
}

/// Which executions have which outcome.
#[derive(Default)]
struct Outcomes(Vec<(&'static str, usize)>);

impl Outcomes {
    fn add(&mut self, outcome: &'static str, execution: usize) {
        self.0.push((outcome, execution));
    }

    fn finish(self, usual: &[&str]) -> Value {
        let mut outcomes = Map::new();
        for name in usual {
            outcomes.insert((*name).to_owned(), json!([]));
        }
        for (name, execution) in self.0 {
            let list = outcomes.entry(name).or_insert_with(|| json!([]));
            if let Value::Array(list) = list {
                list.push(execution.into());
            }
        }
        Value::Object(outcomes)
    }
}

fn execution(function: &str, input: Value, output: Value) -> Value {
    json!({"function": function, "input": input, "output": output})
}

fn set(object: &mut Value, name: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.into(), value);
    }
}

fn object(object: &kbtf_did::json::Object<'_>) -> Result<Map<String, Value>, Error> {
    serde_json::from_str(&object.to_json()).map_err(fault)
}
