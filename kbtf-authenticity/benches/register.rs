//! What the register, evidence and paper cost beside the signatures that they have (AUT-09).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

#[path = "../tests/world/mod.rs"]
mod world;

use std::hint::black_box;

use kbtf_authenticity::{
    Bundle, BundleTrust, Content, Document, DocumentKey, Exhibit,
    paper::{CheckNumber, PaperCode, PaperIssuers, PaperPolicy, Profile, SignedPaper},
    register::{
        Context, Operation, PublicInformation, RecordChange, RecordLedger as _, apply, decide,
    },
};
use kbtf_did::{
    CryptoProvider as _, KeyMethods, ResolutionOptions, SOFTWARE, SignatureAlgorithm, Signer as _,
};
use kbtf_rounds::Rounds;
use world::*;

const TEXT: &str = r#"{"name":"홍길동","degree":"공학사","number":"900101-1234567"}"#;

fn main() {
    let issuer = signer(2);
    let signature = issuer.sign(TEXT.as_bytes()).unwrap();
    let verify_bare = || {
        let key = issuer.public_key();
        let verified = SOFTWARE.verify(SignatureAlgorithm::EdDsa, key, TEXT.as_bytes(), &signature);
        verified.unwrap();
    };
    let resolved = KeyMethods
        .resolve_now(&did(&issuer), &ResolutionOptions::default())
        .unwrap();
    let first = registration(&issuer, public(1));
    let first_text = first.to_text();
    let name = name();
    let context = Context::new(&name, day(0)).issuer(&resolved);
    let mut record = None;
    apply(&mut record, &decide(None, &first, &context).unwrap());
    let update = RecordChange::Update(public(2));
    let update = Operation::next(record.as_ref().unwrap(), by_issuer(&issuer), update)
        .unwrap()
        .sign(&issuer)
        .unwrap();

    let world = World::new();
    let key = DocumentKey::from_bytes([7; 32]);
    let document = Document::from_json("application/json", TEXT.as_bytes()).unwrap();
    let public = PublicInformation::new(document.commit(&key, &SOFTWARE).unwrap());
    let id = world.write(&registration(&issuer, public), day(0)).unwrap();
    world.publish(day(0));
    let exhibit = Exhibit::Whole {
        media_type: "application/json".into(),
        content: Content::Json,
        bytes: TEXT.as_bytes().to_vec(),
        key: key.to_bytes(),
    };
    let bundle = Bundle::new(exhibit, world.proved(id)).to_text();
    let policy = world.policy(&[&issuer]);
    let code =
        PaperCode::new(commitment(1), day(0), 90).check_number(CheckNumber::from_bytes([9; 10]));
    let paper = code
        .sign(&method(&issuer), &issuer, Profile::Short)
        .unwrap()
        .to_text();
    let issuers = PaperIssuers::new().with(&resolved, &SOFTWARE).unwrap();

    let mut rounds = Rounds::new();
    rounds.floor("one signature, verified", verify_bare);
    rounds.operation("a registration, read and decided on", || {
        let signed = kbtf_authenticity::register::SignedOperation::parse(&first_text).unwrap();
        black_box(decide(None, &signed, &context).unwrap());
    });
    rounds.operation("an update, decided on", || {
        black_box(decide(record.as_ref(), &update, &context).unwrap());
    });
    rounds.operation("a code on paper, read and verified", || {
        let paper = SignedPaper::parse(&paper).unwrap();
        black_box(
            paper
                .verify(&issuers, &PaperPolicy::default(), day(1), &SOFTWARE)
                .unwrap(),
        );
    });
    // The issuer's, the log's and the witness's.
    rounds.floor("three signatures, verified", || {
        (0..3).for_each(|_| verify_bare());
    });
    rounds.operation("an evidence bundle, read and verified", || {
        let bundle = Bundle::parse(&bundle).unwrap();
        let checked = bundle.verify(&policy, &BundleTrust::new(), day(0), &SOFTWARE);
        assert_eq!(checked.word().english(), "authentic");
    });
    rounds.run(101);

    // A block of a thousand registrations, from hand-in to final.
    let many: Vec<_> = (0..1000_u32)
        .map(|n| {
            let mut bytes = [0; 32];
            bytes[..4].copy_from_slice(&n.to_be_bytes());
            let public = PublicInformation::new(kbtf_history::Commitment::from_bytes(bytes));
            registration(&issuer, public)
        })
        .collect();
    let mut rounds = Rounds::new();
    rounds.floor("a thousand signatures, verified", || {
        (0..1000).for_each(|_| verify_bare());
    });
    rounds.operation(
        "a thousand registrations in a block, with where all stand",
        || {
            let world = World::new();
            for signed in &many {
                wait(world.ledger.submit(signed)).unwrap();
            }
            assert_eq!(world.ledger.seal(day(0), &KeyMethods).unwrap(), 1000);
        },
    );
    rounds.run(9);
}
