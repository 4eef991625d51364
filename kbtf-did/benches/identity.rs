//! What resolving, reading and folding cost beside the bare arithmetic inside, and beside a peer that only parses.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::hint::black_box;

use ed25519_dalek::Signer as _;
use kbtf_did::{
    Did, DidDocument, KeyType, NewMethod, ResolutionOptions, ResolvedDocument, SOFTWARE, SecretKey,
    Signer as _, SoftwareSigner, Timestamp, VerificationRelationship,
    control::ControlRequest,
    did_kbtf::{
        Change, Controllers, Creation, History, LedgerEntry, LedgerName, NewKey, NewService,
        Operation, SignedOperation, Update,
    },
    did_key, json, personal_data,
};
use kbtf_rounds::Rounds;

struct Zeros;
impl rand_core::TryRng for Zeros {
    type Error = std::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(0)
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(0)
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        out.fill(0);
        Ok(())
    }
}
impl rand_core::TryCryptoRng for Zeros {}

fn signer(key_type: KeyType, seed: u8) -> SoftwareSigner<'static> {
    SoftwareSigner::new(SecretKey::from_bytes(key_type, &[seed; 32]).unwrap())
}

/// A history of so many operations: a creation, and updates that give and take a service.
fn history(operations: usize) -> (Did, Vec<LedgerEntry>) {
    let (controller, phone) = (signer(KeyType::Ed25519, 1), signer(KeyType::Ed25519, 2));
    let ledger = LedgerName::parse("bench").unwrap();
    let creation = Creation::new(
        &ledger,
        Controllers::new(1, &[controller.public_key()]).unwrap(),
    )
    .key(NewKey::new(
        "phone",
        phone.public_key(),
        &[VerificationRelationship::Authentication],
    ));
    let create = Operation::create(creation)
        .unwrap()
        .sign(&[&controller])
        .unwrap();
    let did = create.operation().did(&SOFTWARE).unwrap();
    let time = |second: usize| {
        Timestamp::from_unix(1_767_225_600 + i64::try_from(second).unwrap()).unwrap()
    };
    let mut entries = vec![LedgerEntry::new(time(0), create.to_json())];
    let context_ledger = ledger.clone();
    let mut state = None;
    let decide =
        |state: &mut Option<kbtf_did::did_kbtf::DidState>, signed: &SignedOperation, second| {
            let context = kbtf_did::did_kbtf::Context::new(&context_ledger, time(second));
            let event = kbtf_did::did_kbtf::decide(state.as_ref(), signed, &context).unwrap();
            kbtf_did::did_kbtf::apply(state, &event);
        };
    decide(&mut state, &create, 0);
    for i in 1..operations {
        let mut update = Update::new().service(NewService::new(
            &format!("s{i}"),
            "Files",
            "https://files.example/",
        ));
        if i > 1 {
            update = update.remove(&format!("s{}", i - 1));
        }
        let operation = Operation::next(state.as_ref().unwrap(), Change::Update(update)).unwrap();
        let signed = operation.sign(&[&controller]).unwrap();
        decide(&mut state, &signed, i);
        entries.push(LedgerEntry::new(time(i), signed.to_json()));
    }
    (did, entries)
}

fn main() {
    let (ed, ec) = (signer(KeyType::Ed25519, 7), signer(KeyType::P256, 7));
    let by_ed = did_key::from_public_key(ed.public_key());
    let by_ec = did_key::from_public_key(ec.public_key());
    let (ed_bytes, ec_bytes) = (
        ed.public_key().as_bytes().to_vec(),
        ec.public_key().as_bytes().to_vec(),
    );
    let ed_bytes: [u8; 32] = ed_bytes.try_into().unwrap();
    let raw_key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    let raw_public = raw_key.verifying_key();

    use VerificationRelationship::{AssertionMethod, Authentication};
    let agency = Did::parse("did:web:agency.go.kr").unwrap();
    let mut builder = DidDocument::builder(&agency);
    for i in 0..4_u8 {
        let key = signer(KeyType::Ed25519, i + 1);
        builder = builder
            .method(
                NewMethod::new(&format!("key-{i}"), key.public_key())
                    .purposes(&[AssertionMethod, Authentication]),
            )
            .service(
                &format!("service-{i}"),
                "LinkedDomains",
                "https://www.agency.go.kr/",
            );
    }
    let document = builder.build().unwrap();
    let text = document.as_object().to_json();
    let keys: Vec<[u8; 32]> = document
        .verification_methods()
        .iter()
        .map(|m| m.public_key().unwrap().as_bytes().try_into().unwrap())
        .collect();

    let (did, entries) = history(1000);
    let message = SignedOperation::parse(entries[1].operation()).unwrap();
    let message = message.operation().signing_input().to_vec();
    let signature = raw_key.sign(&message);
    let folded = History::replay(&did, &entries, &SOFTWARE).unwrap();

    let now = "2026-11-24T09:00:00Z".parse().unwrap();
    let request = ControlRequest::new("minwon.go.kr", now, 60, &mut Zeros).unwrap();
    let method = did_key::verification_method_id(&by_ed).unwrap();
    let response = request.answer(&method, &ed).unwrap();
    let resolved =
        ResolvedDocument::active(did_key::resolve(&by_ed, did_key::KeyFormat::Multikey).unwrap());

    println!(
        "document of {} bytes with 4 keys, operations of {} bytes signed",
        text.len(),
        message.len()
    );
    let mut rounds = Rounds::new();
    rounds.floor("Ed25519: decode the point, bare", || {
        black_box(ed25519_dalek::VerifyingKey::from_bytes(black_box(&ed_bytes)).unwrap());
    });
    rounds.operation("did:key with Ed25519: the key", || {
        black_box(did_key::public_key(black_box(&by_ed)).unwrap());
    });
    rounds.operation(
        "did:key with Ed25519: the document, X25519 included",
        || {
            black_box(did_key::resolve(black_box(&by_ed), did_key::KeyFormat::Multikey).unwrap());
        },
    );
    rounds.floor("P-256: decode the point, bare", || {
        black_box(p256::ecdsa::VerifyingKey::from_sec1_bytes(black_box(&ec_bytes)).unwrap());
    });
    rounds.operation("did:key with P-256: the document", || {
        black_box(did_key::resolve(black_box(&by_ec), did_key::KeyFormat::Multikey).unwrap());
    });
    rounds.floor("four Ed25519 points decoded, bare", || {
        for key in &keys {
            black_box(ed25519_dalek::VerifyingKey::from_bytes(black_box(key)).unwrap());
        }
    });
    rounds.operation("parse a document: JSON, rules, four keys", || {
        black_box(DidDocument::parse(black_box(&text)).unwrap());
    });
    rounds.operation("personal-data guard over it", || {
        personal_data::check_document(black_box(&document)).unwrap();
    });
    rounds.floor("serde_json: parse the document, nothing else", || {
        black_box(serde_json::from_str::<serde_json::Value>(black_box(&text)).unwrap());
    });
    rounds.operation("parse, strict", || {
        black_box(json::parse(black_box(&text)).unwrap());
    });
    rounds.floor("Ed25519 verify_strict, bare", || {
        raw_public
            .verify_strict(black_box(&message), &signature)
            .unwrap();
    });
    rounds.operation("proof of control, document at hand", || {
        black_box(request.check(&response, &resolved, now, &SOFTWARE).unwrap());
    });
    rounds.operation_of(
        "did:kbtf: fold 1000 operations from their texts",
        1000.0,
        || {
            black_box(History::replay(&did, black_box(&entries), &SOFTWARE).unwrap());
        },
    );
    rounds.operation("did:kbtf: resolve the last version", || {
        black_box(folded.resolve(&ResolutionOptions::default()).unwrap());
    });
    rounds.run(200);
}
