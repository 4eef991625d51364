//! The register: what may follow on what, against a slow model; every refusal by name; what an attacker would try; lists.
#![cfg(feature = "register")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod world;

use std::collections::BTreeSet;

use kbtf_authenticity::{
    Error,
    register::{
        Context, Link, Listing, Operation, Party, PublicInformation, Record, RecordChange,
        RecordFault, RecordLedger as _, RecordStatus, RegisterEntry, RevocationReason,
        SignedOperation, Submission, apply, decide,
    },
};
use kbtf_did::{
    DidDocument, KeyMethods, ResolutionOptions, ResolvedDocument, SOFTWARE, Signer as _,
    SoftwareSigner, Timestamp,
};
use kbtf_history::ObjectId;
use proptest::prelude::*;
use world::*;

fn code<T>(result: Result<T, Error>) -> &'static str {
    result.err().map_or("accepted", |error| error.code())
}

/// What the DID of a signer resolves to.
fn resolved(signer: &SoftwareSigner<'_>) -> ResolvedDocument {
    KeyMethods
        .resolve_now(&did(signer), &ResolutionOptions::default())
        .unwrap()
}

/// Decides with the issuer's document as it is.
fn decide_on(
    record: Option<&Record>,
    signed: &SignedOperation,
    issuer: &SoftwareSigner<'_>,
    now: Timestamp,
) -> Result<(), Error> {
    let issuer = resolved(issuer);
    let name = name();
    let context = Context::new(&name, now).issuer(&issuer);
    decide(record, signed, &context).map(|_| ())
}

#[test]
fn a_document_is_registered_updated_and_revoked() {
    let (world, issuer) = (World::new(), signer(2));
    let link: Link = Link::Asset(
        "eip155:1/erc721:0x06012c8cf97bead5deae237070f9587f8e7a266d/771769"
            .parse()
            .unwrap(),
    );
    let first = public(1).from(day(0)).until(day(90)).link(link.clone());
    let id = world.write(&registration(&issuer, first), day(0)).unwrap();
    let record = world.record(id);
    assert_eq!(record.issuer(), &did(&issuer));
    assert!(record.is_valid_at(day(1)) && !record.is_valid_at(day(90)));
    assert_eq!(record.version().unwrap().public.links, [link]);

    let update = world.next(id, by_issuer(&issuer), RecordChange::Update(public(2)));
    world.write(&update.sign(&issuer).unwrap(), day(2)).unwrap();
    let record = world.record(id);
    assert_eq!(record.versions().len(), 2);
    let (old, is_last) = record.find(&commitment(1)).unwrap();
    assert!(!is_last && old.registered == day(0));

    // By its number, by any commitment, in a list.
    for byte in [1, 2] {
        let found = wait(world.register.by_commitment(&commitment(byte), 0, 10)).unwrap();
        assert_eq!(found.records, [(id, Ok(record.clone()))]);
        assert_eq!(found.next, None);
        let issued = wait(world.register.issued(&commitment(byte), &did(&issuer))).unwrap();
        assert_eq!(issued, std::slice::from_ref(&record));
    }
    let none = wait(world.register.by_commitment(&commitment(3), 0, 10)).unwrap();
    assert_eq!(none.records, []);
    assert_eq!(
        wait(world.register.record(ObjectId::from_bytes([9; 16]))).unwrap(),
        None
    );

    let revoke = world.next(
        id,
        by_issuer(&issuer),
        RecordChange::Revoke(RevocationReason::Fraud),
    );
    let revoke = revoke.sign(&issuer).unwrap();
    world.write(&revoke, day(3)).unwrap();
    let status = RecordStatus::Revoked {
        reason: RevocationReason::Fraud,
        at: day(3),
    };
    assert_eq!(world.record(id).status(), status);
    let summary = &wait(world.register.list(&Listing::All, 0, 10))
        .unwrap()
        .records[0];
    assert!(!summary.is_active && summary.commitment == commitment(2));
}

#[test]
fn an_asset_passes_from_hand_to_hand_in_two_steps() {
    let (world, issuer) = (World::new(), signer(2));
    let (first, second, third) = (signer(10), signer(11), signer(12));
    let id = world
        .write(&registration_of(&issuer, public(1), Some(&first)), day(0))
        .unwrap();
    let offer = |to: &SoftwareSigner<'_>, until| RecordChange::Offer {
        to: to.public_key().clone(),
        until,
    };
    let act = |by: &SoftwareSigner<'_>, change, now| {
        let signed = world.next(id, by_owner(by), change).sign(by).unwrap();
        world.write(&signed, now).map(|_| ())
    };
    // Offered and withdrawn, offered and rejected, offered and accepted.
    act(&first, offer(&second, day(10)), day(1)).unwrap();
    assert_eq!(
        code(act(&third, RecordChange::Accept, day(1))),
        "authenticity/record-not-offered"
    );
    act(&first, RecordChange::Withdraw, day(1)).unwrap();
    assert_eq!(
        code(act(&second, RecordChange::Accept, day(1))),
        "authenticity/record-not-offered"
    );
    act(&first, offer(&second, day(10)), day(1)).unwrap();
    act(&second, RecordChange::Reject, day(1)).unwrap();
    act(&first, offer(&second, day(10)), day(1)).unwrap();
    assert_eq!(
        code(act(&first, offer(&third, day(10)), day(1))),
        "authenticity/record-already-offered"
    );
    act(&second, RecordChange::Accept, day(2)).unwrap();
    let record = world.record(id);
    let ownership = record.ownership().unwrap();
    assert_eq!(&ownership.owner, second.public_key());
    assert_eq!(
        (ownership.since, ownership.offered.as_ref()),
        (day(2), None)
    );
    assert_eq!(
        code(act(&first, offer(&third, day(10)), day(3))),
        "authenticity/record-not-the-owner"
    );

    // An offer that is over is no offer, and another may be made.
    act(&second, offer(&third, day(5)), day(3)).unwrap();
    assert_eq!(
        code(act(&third, RecordChange::Accept, day(5))),
        "authenticity/record-offer-over"
    );
    act(&second, offer(&third, day(9)), day(5)).unwrap();
    act(&third, RecordChange::Accept, day(6)).unwrap();
    let of = |owner: &SoftwareSigner<'_>| {
        let listing = Listing::Owner(owner.public_key().clone());
        wait(world.register.list(&listing, 0, 10))
            .unwrap()
            .records
            .len()
    };
    assert_eq!((of(&first), of(&second), of(&third)), (0, 0, 1));

    // The history tells all of it.
    let entries = wait(world.ledger.entries(id)).unwrap();
    let kinds: Vec<&str> = entries
        .iter()
        .map(|entry| {
            let signed = SignedOperation::parse(entry.operation()).unwrap();
            signed.operation().change().as_str()
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "register", "offer", "withdraw", "offer", "reject", "offer", "accept", "offer",
            "offer", "accept"
        ]
    );
    act(&third, RecordChange::Retire, day(7)).unwrap();
    assert_eq!(world.record(id).ownership(), None);
    assert_eq!(of(&third), 0);
}

/// Every refusal there is, each by something that an attacker or a mistake would bring about.
#[test]
fn every_refusal_has_its_case() {
    let (world, issuer, owner, other) = (World::new(), signer(2), signer(10), signer(11));
    let id = world
        .write(&registration_of(&issuer, public(1), Some(&owner)), day(5))
        .unwrap();
    let plain = world
        .write(&registration(&issuer, public(8)), day(5))
        .unwrap();
    let (record, plain) = (world.record(id), world.record(plain));
    let next = |record: &Record, by: Party, change| Operation::next(record, by, change).unwrap();
    let mut seen = BTreeSet::new();
    let mut refused =
        |what: &str, record: Option<&Record>, signed: SignedOperation, now, fault: RecordFault| {
            let got = decide_on(record, &signed, &issuer, now);
            assert_eq!(code(got), fault.code(), "{what}");
            seen.insert(fault);
        };
    let update = |byte| RecordChange::Update(public(byte));
    let now = day(6);

    let elsewhere = kbtf_did::did_kbtf::LedgerName::parse("busan-1").unwrap();
    let kind = "certificate.graduation".parse().unwrap();
    let foreign = Operation::register(&elsewhere, method(&issuer), kind, public(3), None).unwrap();
    refused(
        "elsewhere",
        None,
        foreign.sign(&issuer).unwrap(),
        now,
        RecordFault::OtherRegister,
    );
    let signed = next(&plain, by_issuer(&issuer), update(3))
        .sign(&issuer)
        .unwrap();
    refused(
        "on another record",
        Some(&record),
        signed.clone(),
        now,
        RecordFault::OtherRecord,
    );
    refused(
        "before the first",
        None,
        signed,
        now,
        RecordFault::NotRegistered,
    );
    let again = registration_of(&issuer, public(1), Some(&owner));
    refused(
        "twice",
        Some(&record),
        again,
        now,
        RecordFault::AlreadyThere,
    );

    // Written for another state of the record.
    let mut later = Some(record.clone());
    let issuer_document = resolved(&issuer);
    let own_name = name();
    let context = Context::new(&own_name, now).issuer(&issuer_document);
    let first = next(&record, by_issuer(&issuer), update(3))
        .sign(&issuer)
        .unwrap();
    let second = next(&record, by_issuer(&issuer), update(4))
        .sign(&issuer)
        .unwrap();
    apply(
        &mut later,
        &decide(Some(&record), &first, &context).unwrap(),
    );
    refused(
        "replayed",
        later.as_ref(),
        first.clone(),
        now,
        RecordFault::NotNext,
    );
    let third = next(later.as_ref().unwrap(), by_issuer(&issuer), update(5))
        .sign(&issuer)
        .unwrap();
    refused(
        "left out",
        Some(&record),
        third.clone(),
        now,
        RecordFault::NotNext,
    );
    let mut forked = Some(record.clone());
    apply(
        &mut forked,
        &decide(Some(&record), &second, &context).unwrap(),
    );
    refused("forked", forked.as_ref(), third, now, RecordFault::Fork);
    refused(
        "backwards",
        Some(&record),
        first.clone(),
        day(4),
        RecordFault::TimeBackwards,
    );

    // By whom it is not.
    let signed = next(&record, by_issuer(&other), update(3))
        .sign(&other)
        .unwrap();
    refused(
        "another issuer",
        Some(&record),
        signed,
        now,
        RecordFault::NotTheIssuer,
    );
    let signed = next(&record, by_owner(&owner), update(3))
        .sign(&owner)
        .unwrap();
    refused(
        "the owner updates",
        Some(&record),
        signed,
        now,
        RecordFault::NotTheIssuer,
    );
    let signed = next(
        &record,
        by_owner(&owner),
        RecordChange::Revoke(RevocationReason::Error),
    )
    .sign(&owner)
    .unwrap();
    refused(
        "the owner revokes",
        Some(&record),
        signed,
        now,
        RecordFault::NotTheIssuer,
    );
    let offer = RecordChange::Offer {
        to: other.public_key().clone(),
        until: day(9),
    };
    let signed = next(&record, by_issuer(&issuer), offer.clone())
        .sign(&issuer)
        .unwrap();
    refused(
        "the issuer offers",
        Some(&record),
        signed,
        now,
        RecordFault::NotTheOwner,
    );
    let signed = next(&record, by_issuer(&issuer), RecordChange::Retire)
        .sign(&issuer)
        .unwrap();
    refused(
        "the issuer retires",
        Some(&record),
        signed,
        now,
        RecordFault::NotTheOwner,
    );
    let signed = next(&plain, by_owner(&owner), offer.clone())
        .sign(&owner)
        .unwrap();
    refused("no asset", Some(&plain), signed, now, RecordFault::NoAsset);
    let signed = next(&record, by_owner(&owner), RecordChange::Accept)
        .sign(&owner)
        .unwrap();
    refused(
        "nothing is offered",
        Some(&record),
        signed,
        now,
        RecordFault::NotOffered,
    );
    let signed = next(&record, by_owner(&owner), RecordChange::Withdraw)
        .sign(&owner)
        .unwrap();
    refused(
        "nothing to withdraw",
        Some(&record),
        signed,
        now,
        RecordFault::NotOffered,
    );

    let mut offered = Some(record.clone());
    let signed = next(&record, by_owner(&owner), offer.clone())
        .sign(&owner)
        .unwrap();
    apply(
        &mut offered,
        &decide(Some(&record), &signed, &context).unwrap(),
    );
    let offered = offered.unwrap();
    let signed = next(&offered, by_owner(&owner), offer.clone())
        .sign(&owner)
        .unwrap();
    refused(
        "twice",
        Some(&offered),
        signed,
        now,
        RecordFault::AlreadyOffered,
    );
    let signed = next(&offered, by_owner(&other), RecordChange::Accept)
        .sign(&other)
        .unwrap();
    refused(
        "too late",
        Some(&offered),
        signed,
        day(9),
        RecordFault::OfferOver,
    );
    let signed = next(&offered, by_owner(&owner), RecordChange::Accept)
        .sign(&owner)
        .unwrap();
    refused(
        "the owner accepts",
        Some(&offered),
        signed,
        now,
        RecordFault::NotOffered,
    );
    let to_self = RecordChange::Offer {
        to: owner.public_key().clone(),
        until: day(9),
    };
    let signed = next(&record, by_owner(&owner), to_self)
        .sign(&owner)
        .unwrap();
    refused(
        "to himself",
        Some(&record),
        signed,
        now,
        RecordFault::NoOffer,
    );
    let past = RecordChange::Offer {
        to: other.public_key().clone(),
        until: now,
    };
    let signed = next(&record, by_owner(&owner), past).sign(&owner).unwrap();
    refused(
        "until now",
        Some(&record),
        signed,
        now,
        RecordFault::NoOffer,
    );

    let signed = next(&record, by_issuer(&issuer), update(1))
        .sign(&issuer)
        .unwrap();
    refused(
        "an old version",
        Some(&record),
        signed,
        now,
        RecordFault::CommitmentUsed,
    );
    let never = public(3).from(day(9)).until(day(9));
    let signed = next(
        &record,
        by_issuer(&issuer),
        RecordChange::Update(never.clone()),
    )
    .sign(&issuer)
    .unwrap();
    refused(
        "never valid",
        Some(&record),
        signed,
        now,
        RecordFault::Validity,
    );
    refused(
        "never valid",
        None,
        registration(&issuer, never),
        now,
        RecordFault::Validity,
    );

    // Signatures.
    let unsigned = next(&record, by_issuer(&issuer), update(3));
    let by_another = unsigned.clone().sign(&other).unwrap();
    refused(
        "another's",
        Some(&record),
        by_another,
        now,
        RecordFault::FalseSignature,
    );
    refused(
        "none",
        Some(&record),
        unsigned.clone().signed(vec![]),
        now,
        RecordFault::FalseSignature,
    );
    let moved = unsigned.signed(first.signature().to_vec());
    let got = decide_on(Some(&record), &moved, &issuer, now);
    assert_eq!(
        code(got),
        "accepted",
        "the same operation has the same signature"
    );
    let swapped = next(&record, by_issuer(&issuer), update(7)).signed(first.signature().to_vec());
    refused(
        "of another operation",
        Some(&record),
        swapped,
        now,
        RecordFault::FalseSignature,
    );
    let bad_owner = next(&record, by_owner(&owner), offer).sign(&other).unwrap();
    refused(
        "not the owner's",
        Some(&record),
        bad_owner,
        now,
        RecordFault::FalseSignature,
    );

    // The end of it.
    let mut ended = Some(record.clone());
    let signed = next(
        &record,
        by_issuer(&issuer),
        RecordChange::Revoke(RevocationReason::Ordered),
    )
    .sign(&issuer)
    .unwrap();
    apply(
        &mut ended,
        &decide(Some(&record), &signed, &context).unwrap(),
    );
    let ended = ended.unwrap();
    let signed = next(&ended, by_issuer(&issuer), update(3))
        .sign(&issuer)
        .unwrap();
    refused(
        "after revocation",
        Some(&ended),
        signed,
        now,
        RecordFault::Ended,
    );
    let signed = next(&ended, by_owner(&owner), RecordChange::Retire)
        .sign(&owner)
        .unwrap();
    refused(
        "after revocation",
        Some(&ended),
        signed,
        now,
        RecordFault::Ended,
    );

    // The issuer's document.
    let signed = next(&record, by_issuer(&issuer), update(3))
        .sign(&issuer)
        .unwrap();
    let with = |document: Option<ResolvedDocument>| {
        let name = name();
        let mut context = Context::new(&name, now);
        if let Some(document) = &document {
            context = context.issuer(document);
        }
        code(decide(Some(&record), &signed, &context))
    };
    assert_eq!(with(None), RecordFault::IssuerUnknown.code());
    assert_eq!(
        with(Some(resolved(&other))),
        RecordFault::IssuerUnknown.code()
    );
    let deactivated = ResolvedDocument::deactivated(resolved(&issuer).document);
    assert_eq!(with(Some(deactivated)), RecordFault::IssuerUnknown.code());
    let text = resolved(&issuer)
        .document
        .to_representation(kbtf_did::Representation::Json);
    for (what, changed) in [
        (
            "not for statements",
            text.replace("\"assertionMethod\"", "\"otherRelationship\""),
        ),
        (
            "revoked",
            text.replace(
                "\"type\":\"Multikey\"",
                "\"revoked\":\"2020-01-01T00:00:00Z\",\"type\":\"Multikey\"",
            ),
        ),
        (
            "expired",
            text.replace(
                "\"type\":\"Multikey\"",
                "\"expires\":\"2020-01-01T00:00:00Z\",\"type\":\"Multikey\"",
            ),
        ),
    ] {
        assert_ne!(changed, text, "{what}");
        let document = ResolvedDocument::active(DidDocument::parse(&changed).unwrap());
        assert_eq!(
            with(Some(document)),
            RecordFault::KeyNotInForce.code(),
            "{what}"
        );
    }
    seen.extend([
        RecordFault::IssuerUnknown,
        RecordFault::KeyNotInForce,
        RecordFault::TooManyVersions,
    ]);
    assert_eq!(seen.len(), RecordFault::ALL.len());
    assert_eq!(seen, BTreeSet::from(RecordFault::ALL));
}

#[test]
fn a_record_has_as_many_versions_as_it_may() {
    let issuer = signer(2);
    let document = resolved(&issuer);
    let name = name();
    let context = Context::new(&name, day(0)).issuer(&document);
    let of = |n: u32| {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&n.to_be_bytes());
        PublicInformation::new(kbtf_history::Commitment::from_bytes(bytes))
    };
    let mut record = None;
    let first = registration(&issuer, of(0));
    apply(&mut record, &decide(None, &first, &context).unwrap());
    for n in 1..=4096 {
        let before = record.clone().unwrap();
        let next =
            Operation::next(&before, by_issuer(&issuer), RecordChange::Update(of(n))).unwrap();
        // What is asked of the change comes before the signature, so none is needed to be told.
        if n == 4096 {
            let got = decide(Some(&before), &next.signed(vec![]), &context);
            assert_eq!(code(got), RecordFault::TooManyVersions.code());
            return;
        }
        apply(
            &mut record,
            &decide(Some(&before), &next.sign(&issuer).unwrap(), &context).unwrap(),
        );
    }
}

/// One entry has one text.
#[test]
fn texts_are_read_in_one_form() {
    let issuer = signer(3);
    let signed = registration_of(&issuer, public(1).until(day(9)), Some(&signer(10)));
    let text = signed.to_text();
    assert_eq!(SignedOperation::parse(&text).unwrap(), signed);
    let entry = signed.clone().at(day(1));
    assert_eq!(RegisterEntry::parse(&entry.to_text()).unwrap(), entry);
    assert!(
        RegisterEntry::parse(&text).is_err() && SignedOperation::parse(&entry.to_text()).is_err()
    );
    for changed in [
        text.replace("{\"operation\"", "{ \"operation\""),
        text.replace("\"v\":1}", "\"v\":2}"),
        text.replace("\"v\":1}", "\"w\":1}"),
        text.replacen("\"sequence\":0", "\"sequence\":1", 1),
        text.replacen("\"register\"", "\"update\"", 1),
        text.replace("certificate.graduation", "Certificate"),
        text.replace("certificate.graduation", "a b"),
        text.replace("certificate.graduation", "c.900101-1234567"),
        text.replace("certificate.graduation", "p.010-1234-5678"),
        text.replace("\"until\":\"", "\"until\":\"2"),
        text.replace("Z\"}", ".5Z\"}"),
        format!("{text} "),
        "{}".into(),
        "[]".into(),
        String::new(),
    ] {
        assert_ne!(changed, text);
        assert!(SignedOperation::parse(&changed).is_err(), "{changed}");
    }
    // A second form of an ECDSA signature is none.
    let high = {
        let order: [u8; 32] = [
            0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
            0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63,
            0x25, 0x51,
        ];
        let mut signature = signed.signature().to_vec();
        let mut borrow = 0_i32;
        for i in (0..32).rev() {
            let difference = i32::from(order[i]) - i32::from(signature[32 + i]) - borrow;
            borrow = i32::from(difference < 0);
            signature[32 + i] = u8::try_from(difference.rem_euclid(256)).unwrap();
        }
        signed.operation().clone().signed(signature)
    };
    assert_eq!(code(decide_on(None, &signed, &issuer, day(1))), "accepted");
    assert_eq!(
        code(decide_on(None, &high, &issuer, day(1))),
        RecordFault::FalseSignature.code()
    );
}

/// A copy of another's commitment is another record, of another issuer; and nobody takes the number of another's record.
#[test]
fn a_copy_is_seen_for_what_it_is() {
    let (world, issuer, thief) = (World::new(), signer(2), signer(4));
    let stolen = world
        .write(&registration(&thief, public(1)), day(0))
        .unwrap();
    let genuine = world
        .write(&registration(&issuer, public(1)), day(1))
        .unwrap();
    assert_ne!(stolen, genuine);
    let found = wait(world.register.by_commitment(&commitment(1), 0, 10)).unwrap();
    let issuer_of =
        |(_, record): &(ObjectId, Result<Record, Error>)| record.as_ref().unwrap().issuer().clone();
    let issuers: Vec<_> = found.records.iter().map(issuer_of).collect();
    assert_eq!(issuers, [did(&thief), did(&issuer)]);
}

#[test]
fn a_ledger_that_anybody_writes_on_is_read_with_care() {
    let (world, issuer, thief, owner) = (World::new(), signer(2), signer(4), signer(10));
    let first = registration_of(&issuer, public(1), Some(&owner));
    let id = world.write(&first, day(0)).unwrap();
    let record = world.record(id);
    let revoke = RecordChange::Revoke(RevocationReason::Error);
    let forged = Operation::next(&record, by_issuer(&issuer), revoke.clone()).unwrap();
    let forged = forged.sign(&thief).unwrap().to_text();
    world.ledger.write_anything(id, &forged, day(1)).unwrap();
    world.ledger.write_anything(id, "nonsense", day(1)).unwrap();
    assert_eq!(
        code(wait(world.register.record(id))),
        RecordFault::FalseSignature.code()
    );
    let open = world.register.open();
    assert_eq!(wait(open.record(id)).unwrap().unwrap(), record);
    // An owner writes an offer: the time is the ledger's, and does not keep the issuer's revocation out.
    let offer = RecordChange::Offer {
        to: thief.public_key().clone(),
        until: at("9999-01-01T00:00:00Z"),
    };
    let offer = Operation::next(&record, by_owner(&owner), offer)
        .unwrap()
        .sign(&owner)
        .unwrap();
    // A text with a time of its own is none.
    let dated = offer.clone().at(at("9998-01-01T00:00:00Z")).to_text();
    world.ledger.write_anything(id, &dated, day(2)).unwrap();
    world
        .ledger
        .write_anything(id, &offer.to_text(), day(2))
        .unwrap();
    let record = wait(open.record(id)).unwrap().unwrap();
    assert_eq!((record.sequence(), record.updated()), (1, day(2)));
    let revoke = Operation::next(&record, by_issuer(&issuer), revoke)
        .unwrap()
        .sign(&issuer)
        .unwrap();
    world
        .ledger
        .write_anything(id, &revoke.to_text(), day(3))
        .unwrap();
    let record = wait(open.record(id)).unwrap().unwrap();
    assert!(matches!(record.status(), RecordStatus::Revoked { .. }));
    // What is given to those who verify is what follows, and nothing else.
    let evidence = wait(open.evidence(id, day(3))).unwrap();
    assert_eq!(evidence.entries().len(), 3);
}

/// Issuers of a method without versions, whose document changes.
#[derive(Clone)]
struct Changing(std::sync::Arc<std::sync::Mutex<Option<DidDocument>>>);

impl Changing {
    fn new(document: &str) -> Self {
        let changing = Self(std::sync::Arc::default());
        changing.set(Some(document));
        changing
    }

    fn set(&self, document: Option<&str>) {
        let document = document.map(|document| DidDocument::parse(document).unwrap());
        *self.0.lock().unwrap() = document;
    }
}

impl kbtf_did::Resolver for Changing {
    async fn resolve(
        &self,
        did: &kbtf_did::Did,
        options: &ResolutionOptions,
    ) -> kbtf_did::Resolution {
        if did.method() == "key" {
            return KeyMethods.resolve_now(did, options);
        }
        options.check_unversioned(did)?;
        match self.0.lock().unwrap().clone() {
            Some(document) => Ok(ResolvedDocument::active(document)),
            None => Err(kbtf_did::ResolutionError::not_found(did.as_str())),
        }
    }
}

impl kbtf_authenticity::IssuerDocuments for Changing {
    fn document(&self, _: &kbtf_did::Did, _: Timestamp) -> Result<Option<ResolvedDocument>, Error> {
        Ok(self.0.lock().unwrap().clone().map(ResolvedDocument::active))
    }
}

/// Of an issuer whose document has no versions a revocation is never forgotten because its key is gone.
#[test]
fn a_key_that_is_gone_takes_no_revocation_with_it() {
    use kbtf_authenticity::register::Register;
    let (one, two) = (signer(2), signer(4));
    let document = |keys: &[(&str, &SoftwareSigner<'_>)]| {
        let methods: Vec<String> = keys
            .iter()
            .map(|(name, key)| {
                format!(
                    r##"{{"id":"did:web:office.example#{name}","type":"Multikey","controller":"did:web:office.example","publicKeyMultibase":"{}"}}"##,
                    key.public_key().to_multikey()
                )
            })
            .collect();
        format!(
            r#"{{"@context":["https://www.w3.org/ns/did/v1","https://w3id.org/security/multikey/v1"],"id":"did:web:office.example","assertionMethod":[{}]}}"#,
            methods.join(",")
        )
    };
    let both = document(&[("k1", &one), ("k2", &two)]);
    let resolver = Changing::new(&both);
    let ledger = kbtf_authenticity::register::MemoryRegister::new(&name(), ORIGIN);
    let register = Register::new(ledger.clone(), resolver.clone());
    let url =
        |name: &str| kbtf_did::DidUrl::parse(&format!("did:web:office.example#{name}")).unwrap();
    let write = |signed: &SignedOperation, now| {
        let id = wait(register.submit(signed, now)).unwrap();
        assert_eq!(ledger.seal(now, &resolver).unwrap(), 1);
        id
    };
    let first =
        Operation::register(&name(), url("k1"), "deed".parse().unwrap(), public(1), None).unwrap();
    let id = write(&first.sign(&one).unwrap(), day(0));
    let record = wait(register.record(id)).unwrap().unwrap();
    let revoke = RecordChange::Revoke(RevocationReason::Fraud);
    let revoke = Operation::next(&record, Party::Issuer(url("k2")), revoke).unwrap();
    write(&revoke.sign(&two).unwrap(), day(1));
    assert_ne!(
        wait(register.record(id)).unwrap().unwrap().status(),
        RecordStatus::Active
    );

    resolver.set(Some(&document(&[("k1", &one)])));
    assert_eq!(
        code(wait(register.record(id))),
        RecordFault::KeyNotInForce.code()
    );
    resolver.set(None);
    assert_eq!(code(wait(register.record(id))), "did/ledger");
    // With the old key still in it, said to be revoked later, all is well.
    let kept = both.replacen(
        "\"controller\"",
        "\"revoked\":\"2030-01-01T00:00:00Z\",\"controller\"",
        2,
    );
    resolver.set(Some(&kept));
    assert_ne!(
        wait(register.record(id)).unwrap().unwrap().status(),
        RecordStatus::Active
    );
    // On a ledger that anybody writes on, such issuers have no records.
    assert_eq!(wait(register.clone().open().record(id)).unwrap(), None);

    // What is wrong with a copy says nothing of the others, and does not hide them.
    let genuine = registration(&one, public(1));
    let genuine_id = wait(register.submit(&genuine, day(2))).unwrap();
    assert_eq!(ledger.seal(day(2), &KeyMethods).unwrap(), 1);
    resolver.set(None);
    let found = wait(register.by_commitment(&commitment(1), 0, 10)).unwrap();
    assert_eq!(found.records.len(), 2);
    assert!(found.records[0].1.is_err() && found.records[1].1.is_ok());
    let issued = wait(register.issued(&commitment(1), &did(&one))).unwrap();
    assert_eq!(issued[0].id(), genuine_id);
}

/// Somebody writes the same in other letters, with the signature of another: the genuine one is taken all the same.
#[test]
fn a_twin_keeps_nothing_out() {
    let (world, issuer) = (World::new(), signer(2));
    let of = |asset: &str| public(1).link(Link::Asset(asset.parse().unwrap()));
    let genuine = registration(&issuer, of("eip155:1/erc721:0xab/1"));
    let twin = registration(&issuer, of("eip155:1/erc721:0xAB/1"));
    let twin = twin
        .operation()
        .clone()
        .signed(genuine.signature().to_vec());
    assert_ne!(twin, genuine);
    wait(world.ledger.submit(&twin)).unwrap();
    wait(world.ledger.submit(&genuine)).unwrap();
    assert_eq!(world.ledger.seal(day(0), &KeyMethods).unwrap(), 1);
    assert_eq!(
        wait(world.ledger.status(&genuine)).unwrap(),
        Submission::Final(day(0))
    );
}

/// What could not be found out is not refused for good.
#[test]
fn an_issuer_who_cannot_be_reached_is_tried_again() {
    struct Down;
    impl kbtf_authenticity::IssuerDocuments for Down {
        fn document(
            &self,
            _: &kbtf_did::Did,
            _: Timestamp,
        ) -> Result<Option<ResolvedDocument>, Error> {
            let reason = "down".into();
            Err(kbtf_did::Error::Ledger { reason }.into())
        }
    }
    let (world, issuer) = (World::new(), signer(2));
    let signed = registration(&issuer, public(1));
    wait(world.ledger.submit(&signed)).unwrap();
    assert_eq!(world.ledger.seal(day(0), &Down).unwrap(), 0);
    assert_eq!(
        wait(world.ledger.status(&signed)).unwrap(),
        Submission::Pending
    );
    assert_eq!(world.ledger.seal(day(1), &KeyMethods).unwrap(), 1);
}

/// An asset that passes on while somebody turns pages hides no other.
#[test]
fn pages_do_not_move() {
    let (world, issuer, one, two) = (World::new(), signer(2), signer(10), signer(12));
    let ids: Vec<ObjectId> = (0..6)
        .map(|byte| {
            world
                .write(&registration_of(&issuer, public(byte), Some(&one)), day(0))
                .unwrap()
        })
        .collect();
    let listing = Listing::Owner(one.public_key().clone());
    let page = wait(world.register.list(&listing, 0, 2)).unwrap();
    let offer = RecordChange::Offer {
        to: two.public_key().clone(),
        until: day(9),
    };
    let offer = world
        .next(ids[0], by_owner(&one), offer)
        .sign(&one)
        .unwrap();
    world.write(&offer, day(1)).unwrap();
    let accept = world
        .next(ids[0], by_owner(&two), RecordChange::Accept)
        .sign(&two)
        .unwrap();
    world.write(&accept, day(1)).unwrap();
    let rest = wait(world.register.list(&listing, page.next.unwrap(), 10)).unwrap();
    let seen: Vec<ObjectId> = page
        .records
        .iter()
        .chain(&rest.records)
        .map(|record| record.id)
        .collect();
    assert_eq!(seen, ids);
}

#[test]
fn what_is_handed_in_is_final_once() {
    let (world, issuer) = (World::new(), signer(2));
    let signed = registration(&issuer, public(1));
    assert_eq!(
        wait(world.ledger.status(&signed)).unwrap(),
        Submission::Unknown
    );
    wait(world.register.submit(&signed, day(0))).unwrap();
    wait(world.ledger.submit(&signed)).unwrap();
    assert_eq!(
        wait(world.ledger.status(&signed)).unwrap(),
        Submission::Pending
    );
    assert_eq!(world.ledger.seal(day(0), &KeyMethods).unwrap(), 1);
    assert_eq!(
        wait(world.ledger.status(&signed)).unwrap(),
        Submission::Final(day(0))
    );
    wait(world.ledger.submit(&signed)).unwrap();
    assert_eq!(world.ledger.seal(day(1), &KeyMethods).unwrap(), 0);
    // Two who write at once: one is taken, the other is told.
    let record = world.record(signed.operation().record(&SOFTWARE).unwrap());
    let next = |byte| {
        let change = RecordChange::Update(public(byte));
        Operation::next(&record, by_issuer(&issuer), change)
            .unwrap()
            .sign(&issuer)
            .unwrap()
    };
    let (one, two) = (next(2), next(3));
    wait(world.register.submit(&one, day(2))).unwrap();
    wait(world.register.submit(&two, day(2))).unwrap();
    assert_eq!(world.ledger.seal(day(2), &KeyMethods).unwrap(), 1);
    let Submission::Rejected { code, .. } = wait(world.ledger.status(&two)).unwrap() else {
        panic!("both were taken");
    };
    assert_eq!(code, RecordFault::NotNext.code());
}

#[test]
fn lists_come_in_pages() {
    let (world, one, two) = (World::new(), signer(2), signer(4));
    let mut all = Vec::new();
    for byte in 0..25 {
        let issuer = if byte % 3 == 0 { &one } else { &two };
        all.push(
            world
                .write(&registration(issuer, public(byte)), day(0))
                .unwrap(),
        );
    }
    let mut seen = Vec::new();
    let mut from = Some(0);
    while let Some(at) = from {
        let page = wait(world.register.list(&Listing::All, at, 10)).unwrap();
        assert!(page.records.len() <= 10);
        seen.extend(page.records.iter().map(|record| record.id));
        from = page.next;
    }
    assert_eq!(seen, all);
    let count = |listing| {
        wait(world.register.list(&listing, 0, 1000))
            .unwrap()
            .records
            .len()
    };
    assert_eq!(count(Listing::Issuer(did(&one))), 9);
    assert_eq!(
        count(Listing::Type("certificate.graduation".parse().unwrap())),
        25
    );
    assert_eq!(count(Listing::Type("deed".parse().unwrap())), 0);
    assert_eq!(
        wait(world.register.list(&Listing::All, u64::MAX, 10))
            .unwrap()
            .records,
        []
    );
    assert_eq!(
        wait(world.register.list(&Listing::All, 0, 0))
            .unwrap()
            .records
            .len(),
        1
    );
}

/// What a slow model holds of one record.
#[derive(Debug, Clone)]
struct Model {
    used: Vec<u8>,
    ended: bool,
    owner: Option<u8>,
    offered: Option<(u8, i64)>,
}

#[derive(Debug, Clone, Copy)]
enum Act {
    Update(u8),
    Revoke,
    Offer(u8, i64),
    Withdraw,
    Accept,
    Reject,
    Retire,
}

impl Model {
    /// Whether it may be done, said once more and otherwise than in the code: by what each party can do in each state.
    fn does(&mut self, by: u8, act: Act, now: i64) -> bool {
        if self.ended {
            return false;
        }
        let is_issuer = by == 0;
        let is_owner = self.owner == Some(by);
        match act {
            Act::Update(byte) if is_issuer && !self.used.contains(&byte) => self.used.push(byte),
            Act::Revoke if is_issuer => self.ended = true,
            Act::Retire if is_owner => {
                self.ended = true;
                self.owner = None;
            }
            Act::Offer(to, until)
                if is_owner
                    && to != by
                    && until > now
                    && self.offered.is_none_or(|(_, end)| end <= now) =>
            {
                self.offered = Some((to, until));
            }
            Act::Withdraw if is_owner && self.offered.is_some() => self.offered = None,
            Act::Reject if self.offered.is_some_and(|(to, _)| to == by) => self.offered = None,
            Act::Accept
                if self
                    .offered
                    .is_some_and(|(to, until)| to == by && now < until) =>
            {
                self.owner = Some(by);
                self.offered = None;
            }
            _ => return false,
        }
        true
    }
}

fn acts() -> impl Strategy<Value = Vec<(u8, Act, i64)>> {
    let act = prop_oneof![
        (0_u8..6).prop_map(Act::Update),
        Just(Act::Revoke),
        (1_u8..4, 0_i64..30).prop_map(|(to, until)| Act::Offer(to, until)),
        (1_u8..4, 10_i64..60).prop_map(|(to, until)| Act::Offer(to, until)),
        Just(Act::Withdraw),
        Just(Act::Accept),
        Just(Act::Accept),
        Just(Act::Reject),
        Just(Act::Retire),
    ];
    prop::collection::vec((0_u8..4, act, 0_i64..3), 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever is tried, the code and the model agree on what is taken, on who owns it and on whether it is over; and what
    /// is not taken changes nothing.
    #[test]
    fn records_do_as_the_model(acts in acts(), is_asset: bool) {
        let issuer = signer(2);
        // Even seeds, so that keys are Ed25519 and quick.
        let owners: Vec<_> = (0..4).map(|n| signer(20 + 2 * n)).collect();
        let document = resolved(&issuer);
        let name = name();
        let mut record = None;
        let first = registration_of(&issuer, public(0), is_asset.then(|| &owners[1]));
        apply(&mut record, &decide(None, &first, &Context::new(&name, day(0)).issuer(&document)).unwrap());
        let mut model = Model { used: vec![0], ended: false, owner: is_asset.then_some(1), offered: None };
        let mut now = 0;
        for (by, act, later) in acts {
            now += later;
            let key = |n: u8| owners[usize::from(n)].public_key().clone();
            let change = match act {
                Act::Update(byte) => RecordChange::Update(public(byte)),
                Act::Revoke => RecordChange::Revoke(RevocationReason::Error),
                Act::Offer(to, until) => RecordChange::Offer { to: key(to), until: day(until) },
                Act::Withdraw => RecordChange::Withdraw,
                Act::Accept => RecordChange::Accept,
                Act::Reject => RecordChange::Reject,
                Act::Retire => RecordChange::Retire,
            };
            let (party, signer) = match by {
                0 => (by_issuer(&issuer), &issuer),
                owner => (by_owner(&owners[usize::from(owner)]), &owners[usize::from(owner)]),
            };
            let before = record.clone().unwrap();
            let signed = Operation::next(&before, party, change).unwrap().sign(signer).unwrap();
            let context = Context::new(&name, day(now)).issuer(&document);
            let decided = decide(Some(&before), &signed, &context);
            prop_assert_eq!(decided.is_ok(), model.does(by, act, now), "{:?} by {} at {}", act, by, now);
            match decided {
                Ok(event) => apply(&mut record, &event),
                Err(Error::Record { .. }) => {}
                Err(other) => prop_assert!(false, "{other}"),
            }
            let after = record.as_ref().unwrap();
            prop_assert_eq!(after.status() != RecordStatus::Active, model.ended);
            let owner = after.ownership().map(|ownership| ownership.owner.clone());
            prop_assert_eq!(owner, model.owner.map(key));
            prop_assert_eq!(after.versions().len(), model.used.len());
        }
    }

    /// Whatever text comes, it is read or refused, and what is read is written the same.
    #[test]
    fn any_text_is_refused_or_read(text in ".{0,200}") {
        if let Ok(read) = SignedOperation::parse(&text) {
            prop_assert_eq!(read.to_text(), text);
        }
    }
}
