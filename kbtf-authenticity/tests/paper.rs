//! Codes on paper: sizes, an independent reader of COSE (coset), what an attacker would print instead, parts, numbers that are
//! looked up, and what is said of copies.
#![cfg(feature = "register")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod world;

use coset::{CborSerializable as _, CoseSign1};
use kbtf_authenticity::{
    Content, Document, DocumentKey, Error, Word,
    paper::{
        Attached, CheckNumber, CopyAnswer, CopyEvidence as _, CopyScore, DotPattern, Enrolment,
        FieldValue, GrayImage, LookupKey, MAX_PARTS, PaperCode, PaperIssuers, PaperLookup,
        PaperPolicy, PaperSeen, PartCollector, Profile, SecondFactor, SignedPaper, split,
    },
    register::{PublicInformation, RecordChange, RevocationReason},
    verify,
};
use kbtf_did::{
    CryptoProvider as _, DidDocument, KeyFormat, KeyMethods, KeyType, ResolvedDocument, SOFTWARE,
    SecretKey, Signer as _, SoftwareSigner, Timestamp, base45,
    cbor::{self, Item},
    did_key,
};
use kbtf_history::ObjectId;
use proptest::prelude::*;
use world::*;

fn code<T>(result: Result<T, Error>) -> &'static str {
    result.err().map_or("accepted", |error| error.code())
}

fn document_of(signer: &SoftwareSigner<'_>) -> DidDocument {
    did_key::resolve(&did(signer), KeyFormat::Multikey).unwrap()
}

fn resolved(document: DidDocument) -> ResolvedDocument {
    ResolvedDocument::active(document)
}

fn issuers(signers: &[&SoftwareSigner<'_>]) -> PaperIssuers {
    signers.iter().fold(PaperIssuers::new(), |issuers, signer| {
        issuers
            .with(&resolved(document_of(signer)), &SOFTWARE)
            .unwrap()
    })
}

fn check(paper: &SignedPaper, issuers: &PaperIssuers, now: Timestamp) -> Result<PaperSeen, Error> {
    paper.verify(issuers, &PaperPolicy::default(), now, &SOFTWARE)
}

fn short() -> PaperCode {
    PaperCode::new(commitment(1), day(0), 90).check_number(CheckNumber::from_bytes([9; 10]))
}

fn sign(code: &PaperCode, signer: &SoftwareSigner<'_>, profile: Profile) -> SignedPaper {
    code.sign(&method(signer), signer, profile).unwrap()
}

/// The sizes that stand in the documentation.
#[test]
fn codes_have_the_sizes_that_are_stated() {
    let text = |text: &str| FieldValue::Text(text.into());
    for seed in [2, 3] {
        let issuer = signer(seed);
        let paper = sign(&short(), &issuer, Profile::Short);
        assert_eq!((paper.as_bytes().len(), paper.to_text().len()), (150, 229));
        let certificate = short()
            .record_type("certificate.graduation".parse().unwrap())
            .document_key(&DocumentKey::from_bytes([7; 32]))
            .field("성명", text("홍길동"))
            .field("생년월일", text("1990-01-01"))
            .field("학과", text("컴퓨터공학과"))
            .field("학위", text("공학사"))
            .field("졸업일", text("2026-02-20"))
            .field("학점", FieldValue::Whole(135))
            .field("수석", FieldValue::Flag(false));
        let paper = sign(&certificate, &issuer, Profile::Long);
        assert_eq!(paper.as_bytes().len(), 333);
        assert_eq!(
            code(certificate.sign(&method(&issuer), &issuer, Profile::Short)),
            "authenticity/paper-too-long"
        );
        let seen = check(
            &SignedPaper::parse(&paper.to_text()).unwrap(),
            &issuers(&[&issuer]),
            day(1),
        )
        .unwrap();
        assert_eq!(seen.fields().len(), 7);
        assert_eq!(
            seen.record_type().unwrap().as_str(),
            "certificate.graduation"
        );
        assert_eq!(seen.method(), &method(&issuer));
        assert_eq!((seen.issued(), seen.until()), (day(0), day(90)));
    }
}

/// Another library reads the same code and verifies the same signature over the same bytes.
#[test]
fn another_library_reads_codes_as_cose() {
    for seed in [2, 3] {
        let issuer = signer(seed);
        let paper = sign(
            &short().field("a", FieldValue::Whole(-300)),
            &issuer,
            Profile::Long,
        );
        let cose = CoseSign1::from_slice(paper.as_bytes()).unwrap();
        let algorithm = match seed {
            2 => coset::iana::Algorithm::EdDSA,
            _ => coset::iana::Algorithm::ES256,
        };
        let expected = coset::RegisteredLabelWithPrivate::Assigned(algorithm);
        assert_eq!(cose.protected.header.alg, Some(expected));
        let id = SOFTWARE
            .sha256(method(&issuer).as_str().as_bytes())
            .unwrap();
        assert_eq!(cose.protected.header.key_id, id[..8]);
        let algorithm = issuer.public_key().key_type().signature_algorithms()[0];
        cose.verify_signature(b"kbtf/paper/v1", |signature, message| {
            SOFTWARE.verify(algorithm, issuer.public_key(), message, signature)
        })
        .unwrap();
        let claims = coset::cwt::ClaimsSet::from_slice(cose.payload.as_ref().unwrap()).unwrap();
        assert_eq!(
            claims.issued_at,
            Some(coset::cwt::Timestamp::WholeSeconds(day(0).unix()))
        );
        assert_eq!(
            claims.expiration_time,
            Some(coset::cwt::Timestamp::WholeSeconds(day(90).unix()))
        );
        assert_eq!(claims.rest.len(), 1);
        // And what that library writes is read here.
        assert_eq!(
            SignedPaper::from_bytes(&cose.to_vec().unwrap()).unwrap(),
            paper
        );
    }
}

#[test]
fn no_byte_can_be_changed() {
    let issuer = signer(2);
    let known = issuers(&[&issuer]);
    let paper = sign(&short(), &issuer, Profile::Short);
    for at in 0..paper.as_bytes().len() {
        for change in [1, 0x80] {
            let mut bytes = paper.as_bytes().to_vec();
            bytes[at] ^= change;
            let read =
                SignedPaper::from_bytes(&bytes).and_then(|paper| check(&paper, &known, day(1)));
            assert!(read.is_err(), "byte {at}");
        }
        assert!(SignedPaper::from_bytes(&paper.as_bytes()[..at]).is_err());
    }
    let mut longer = paper.as_bytes().to_vec();
    longer.push(0);
    assert!(SignedPaper::from_bytes(&longer).is_err());
    for text in [
        "",
        "KD1:",
        "KV1:AB",
        "KD1:abc",
        &paper.to_text().to_lowercase(),
        &"KD1:0".repeat(20_000),
    ] {
        assert_eq!(
            code(SignedPaper::parse(text)),
            "authenticity/paper-malformed",
            "{text:.20}"
        );
    }
}

#[test]
fn what_others_sign_and_what_is_over_is_refused_by_name() {
    let (issuer, other) = (signer(2), signer(4));
    let known = issuers(&[&issuer]);
    let paper = sign(&short(), &issuer, Profile::Short);
    assert_eq!(code(check(&paper, &known, day(1))), "accepted");
    let at = |paper: &SignedPaper, now| code(check(paper, &known, now));
    assert_eq!(at(&paper, day(90)), "authenticity/paper-window-over");
    assert_eq!(at(&paper, day(-1)), "authenticity/paper-from-the-future");
    let years = sign(
        &PaperCode::new(commitment(1), day(0), 3650),
        &issuer,
        Profile::Short,
    );
    assert_eq!(at(&years, day(1)), "authenticity/paper-window-too-long");
    let long_policy = PaperPolicy::most_days(3650);
    assert_eq!(
        code(years.verify(&known, &long_policy, day(1), &SOFTWARE)),
        "accepted"
    );
    assert_eq!(
        at(&sign(&short(), &other, Profile::Short), day(1)),
        "authenticity/paper-unknown-key"
    );
    // Signed by another under the issuer's name.
    let forged = short()
        .sign(&method(&issuer), &other, Profile::Short)
        .unwrap();
    assert_eq!(at(&forged, day(1)), "authenticity/paper-false-signature");
    // The algorithm of another kind of key.
    let mixed = short()
        .sign(&method(&issuer), &signer(3), Profile::Short)
        .unwrap();
    assert_eq!(at(&mixed, day(1)), "authenticity/paper-false-signature");

    // The key's end.
    let text = document_of(&issuer).to_representation(kbtf_did::Representation::Json);
    let with = |member: &str, time: Timestamp| {
        let changed = text.replace(
            "\"type\":\"Multikey\"",
            &format!("\"{member}\":\"{time}\",\"type\":\"Multikey\""),
        );
        assert_ne!(changed, text);
        PaperIssuers::new()
            .with(&resolved(DidDocument::parse(&changed).unwrap()), &SOFTWARE)
            .unwrap()
    };
    let key_over = "authenticity/paper-key-not-in-force";
    for (what, issuers, expected) in [
        ("revoked since", with("revoked", day(5)), key_over),
        ("revoked before", with("revoked", day(-5)), key_over),
        ("revoked later", with("revoked", day(50)), "accepted"),
        (
            "expired since, as planned",
            with("expires", day(5)),
            "accepted",
        ),
        ("expired before", with("expires", day(-5)), key_over),
    ] {
        assert_eq!(code(check(&paper, &issuers, day(10))), expected, "{what}");
    }
    // What is known anew takes the place of what was known.
    let refreshed = |document: DidDocument| {
        issuers(&[&issuer])
            .with(&resolved(document), &SOFTWARE)
            .unwrap()
    };
    let revoked = text.replace(
        "\"type\":\"Multikey\"",
        "\"revoked\":\"2020-01-01T00:00:00Z\",\"type\":\"Multikey\"",
    );
    let revoked = refreshed(DidDocument::parse(&revoked).unwrap());
    assert_eq!(code(check(&paper, &revoked, day(10))), key_over);
    let deactivated = ResolvedDocument::deactivated(document_of(&issuer));
    let gone = issuers(&[&issuer]).with(&deactivated, &SOFTWARE).unwrap();
    assert_eq!(
        code(check(&paper, &gone, day(10))),
        "authenticity/paper-unknown-key"
    );
    // Trusted for other kinds of documents, or not told of which kind this is.
    let kinds = ["library.card".parse().unwrap()];
    let library = PaperIssuers::new()
        .with_types(&resolved(document_of(&issuer)), &kinds, &SOFTWARE)
        .unwrap();
    let of_kind = |kind: &str| {
        sign(
            &short().record_type(kind.parse().unwrap()),
            &issuer,
            Profile::Long,
        )
    };
    assert_eq!(
        code(check(&of_kind("library.card"), &library, day(1))),
        "accepted"
    );
    for paper in [&paper, &of_kind("certificate.graduation")] {
        assert_eq!(
            code(check(paper, &library, day(1))),
            "authenticity/paper-not-for-this-kind"
        );
    }
    // A key for other things.
    let listed = text.replace("\"assertionMethod\"", "\"otherRelationship\"");
    let other_use = PaperIssuers::new()
        .with(&resolved(DidDocument::parse(&listed).unwrap()), &SOFTWARE)
        .unwrap();
    assert_eq!(
        code(check(&paper, &other_use, day(1))),
        "authenticity/paper-unknown-key"
    );
}

/// Signs a payload as it is, without asking what it is.
fn signed_payload(
    payload: &[u8],
    unprotected: Item,
    context: &[u8],
    signer: &SoftwareSigner<'_>,
) -> Vec<u8> {
    let id = SOFTWARE.sha256(method(signer).as_str().as_bytes()).unwrap()[..8].to_vec();
    let protected = cbor::write(&Item::Map(vec![
        (Item::Unsigned(1), Item::Negative(7)),
        (Item::Unsigned(4), Item::Bytes(id)),
    ]));
    let message = cbor::write(&Item::Array(vec![
        Item::Text("Signature1".into()),
        Item::Bytes(protected.clone()),
        Item::Bytes(context.to_vec()),
        Item::Bytes(payload.to_vec()),
    ]));
    cbor::write(&Item::Array(vec![
        Item::Bytes(protected),
        unprotected,
        Item::Bytes(payload.to_vec()),
        Item::Bytes(signer.sign(&message).unwrap()),
    ]))
}

/// What an issuer's own software, or one that was tricked, might sign.
#[test]
fn what_is_signed_is_read_strictly() {
    let issuer = signer(2);
    let known = issuers(&[&issuer]);
    let number = |n: u64| Item::Unsigned(n);
    let claims = |of: Vec<(Item, Item)>| {
        cbor::write(&Item::Map(vec![
            (number(4), number(u64::try_from(day(90).unix()).unwrap())),
            (number(6), number(u64::try_from(day(0).unix()).unwrap())),
            (Item::Negative(65_536), Item::Map(of)),
        ]))
    };
    let own = || (number(1), Item::Bytes(vec![1; 32]));
    let field = |name: &str, value: Item| {
        vec![
            own(),
            (number(4), Item::Map(vec![(Item::Text(name.into()), value)])),
        ]
    };
    let result = |payload: &[u8], context: &[u8]| {
        let bytes = signed_payload(payload, Item::Map(vec![]), context, &issuer);
        code(SignedPaper::from_bytes(&bytes).and_then(|paper| check(&paper, &known, day(1))))
    };
    let context = b"kbtf/paper/v1".as_slice();
    assert_eq!(result(&claims(vec![own()]), context), "accepted");
    assert_eq!(
        result(&claims(vec![own()]), b""),
        "authenticity/paper-false-signature",
        "another message of the key"
    );
    let text = |text: &str| Item::Text(text.into());
    for (what, payload) in [
        ("nothing", claims(vec![])),
        ("no commitment", claims(vec![(number(2), text("deed"))])),
        (
            "a short one",
            claims(vec![(number(1), Item::Bytes(vec![1; 31]))]),
        ),
        ("two", claims(vec![own(), own()])),
        (
            "another order",
            claims(vec![(number(2), text("deed")), own()]),
        ),
        (
            "a member that nobody knows",
            claims(vec![own(), (number(9), Item::Null)]),
        ),
        (
            "no fields",
            claims(vec![own(), (number(4), Item::Map(vec![]))]),
        ),
        (
            "a field twice",
            claims(vec![
                own(),
                (
                    number(4),
                    Item::Map(vec![(text("a"), text("1")), (text("a"), text("2"))]),
                ),
            ]),
        ),
        (
            "writing that turns round",
            claims(field("a", text("1\u{202e}0001"))),
        ),
        (
            "a name that turns round",
            claims(field("a\u{2066}", text("1"))),
        ),
        ("a line break", claims(field("a", text("1\n2")))),
        ("what nobody sees", claims(field("a", text("1\u{200b}")))),
        ("a filler", claims(field("a", text("1\u{3164}")))),
        ("another filler", claims(field("a", text("1\u{ffa0}1")))),
        ("a soft hyphen", claims(field("a", text("1\u{ad}1")))),
        ("a tag", claims(field("a", text("1\u{e0041}")))),
        ("a variation", claims(field("a", text("가\u{fe0f}")))),
        ("a blank that is none", claims(field("a", text("1\u{a0}1")))),
        ("a blank of braille", claims(field("a", text("1\u{2800}")))),
        ("a combining mark", claims(field("a", text("a\u{338}")))),
        (
            "a syllable in its parts",
            claims(field("a", text("\u{1100}\u{1161}"))),
        ),
        ("a blank at the end", claims(field("a", text("a ")))),
        ("two blanks", claims(field("a", text("a  b")))),
        ("blanks alone", claims(field(" ", text("a")))),
        ("private use", claims(field("a", text("\u{e000}")))),
        ("an empty text", claims(field("a", text("")))),
        ("an empty name", claims(field("", text("1")))),
        ("a long text", claims(field("a", text(&"a".repeat(257))))),
        (
            "a number that is too great",
            claims(field("a", number(u64::MAX))),
        ),
        ("a double", claims(field("a", Item::Float(1.5)))),
        (
            "a document without its key",
            claims(vec![
                own(),
                (
                    number(6),
                    Item::Array(vec![text("a/b"), text("bytes"), Item::Bytes(vec![])]),
                ),
            ]),
        ),
        (
            "a document of no kind",
            claims(vec![
                own(),
                (number(5), Item::Bytes(vec![1; 32])),
                (
                    number(6),
                    Item::Array(vec![text("a/b"), text("pdf"), Item::Bytes(vec![])]),
                ),
            ]),
        ),
        (
            "a claim more",
            cbor::write(&Item::Map(vec![(number(1), text("did:a:b"))])),
        ),
        ("no map", cbor::write(&Item::Null)),
        ("nothing at all", vec![]),
    ] {
        let got = result(&payload, context);
        assert_eq!(got, "authenticity/paper-malformed", "{what}");
    }
    assert_eq!(
        result(
            &claims(vec![own(), (number(2), text("no.900101-1234567"))]),
            context
        ),
        "did/personal-data"
    );
    let other = claims(vec![
        own(),
        (number(5), Item::Bytes(vec![7; 32])),
        (
            number(6),
            Item::Array(vec![
                text("application/pdf"),
                text("bytes"),
                Item::Bytes(vec![1]),
            ]),
        ),
    ]);
    assert_eq!(result(&other, context), "authenticity/other-document");
    // A window that ends before it begins, and an algorithm that nobody here has.
    let turned = cbor::write(&Item::Map(vec![
        (number(4), number(u64::try_from(day(0).unix()).unwrap())),
        (
            number(6),
            number(u64::try_from(day(0).unix()).unwrap() + 60),
        ),
        (Item::Negative(65_536), Item::Map(vec![own()])),
    ]));
    let bytes = signed_payload(&turned, Item::Map(vec![]), context, &issuer);
    let read = SignedPaper::from_bytes(&bytes).and_then(|paper| check(&paper, &known, day(0)));
    assert_eq!(code(read), "authenticity/paper-empty-window");
    let bytes = signed_payload(&claims(vec![own()]), Item::Map(vec![]), context, &issuer);
    let mut other = bytes.clone();
    let place = other
        .windows(3)
        .position(|window| window == [0xa2, 1, 0x27])
        .unwrap();
    other[place + 2] = 0x28;
    assert_eq!(
        code(SignedPaper::from_bytes(&other)),
        "authenticity/paper-malformed"
    );
    // What would be read as another time is not printed.
    let early = PaperCode::new(commitment(1), at("1969-01-01T00:00:00Z"), 90);
    assert_eq!(
        code(early.sign(&method(&issuer), &issuer, Profile::Short)),
        "authenticity/paper-malformed"
    );
    // Nothing of it is in a log.
    let printed = format!(
        "{:?} {:?}",
        sign(&short(), &issuer, Profile::Short),
        PartCollector::new()
    );
    assert_eq!(printed, "SignedPaper { .. } PartCollector { .. }");
    // Something that is not signed beside what is.
    let bytes = signed_payload(
        &claims(vec![own()]),
        Item::Map(vec![(number(4), Item::Bytes(vec![]))]),
        context,
        &issuer,
    );
    assert_eq!(
        code(SignedPaper::from_bytes(&bytes)),
        "authenticity/paper-malformed"
    );
}

fn with_document(length: usize) -> (PaperCode, Vec<u8>) {
    let key = DocumentKey::from_bytes([7; 32]);
    let bytes = format!(
        r#"{{"name":"홍길동","text":"{}"}}"#,
        "가나다라".repeat(length / 12)
    )
    .into_bytes();
    let document = Document::from_json("application/json", &bytes).unwrap();
    let commitment = document.commit(&key, &SOFTWARE).unwrap();
    let attached = Attached {
        media_type: "application/json".into(),
        content: Content::Json,
        bytes: bytes.clone(),
    };
    (
        PaperCode::new(commitment, day(0), 90).attach(attached, &key),
        bytes,
    )
}

#[test]
fn a_whole_document_goes_in_parts() {
    let issuer = signer(2);
    let known = issuers(&[&issuer]);
    let (code_, bytes) = with_document(1500);
    let paper = sign(&code_, &issuer, Profile::Parts);
    let parts = split(&paper, 600, &SOFTWARE).unwrap();
    assert_eq!(parts.len(), 3, "{}", paper.as_bytes().len());
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
        let mut collector = PartCollector::new();
        for (n, part) in order.iter().enumerate() {
            assert_eq!(collector.progress().0, n);
            let got = collector.add(&parts[*part], &SOFTWARE).unwrap();
            if n < 2 {
                assert_eq!(got, None);
                assert_eq!(
                    collector.add(&parts[*part], &SOFTWARE).unwrap(),
                    None,
                    "read twice"
                );
            } else {
                let seen = check(&got.unwrap(), &known, day(1)).unwrap();
                assert_eq!(seen.attached().unwrap().bytes, bytes);
            }
        }
        assert_eq!(collector.progress(), (0, 0));
    }
    // Parts of another code, or of the same in other pieces, change nothing.
    let (other, _) = with_document(1600);
    let others = split(&sign(&other, &issuer, Profile::Parts), 600, &SOFTWARE).unwrap();
    let finer = split(&paper, 500, &SOFTWARE).unwrap();
    let mut collector = PartCollector::new();
    collector.add(&parts[0], &SOFTWARE).unwrap();
    for wrong in [&others[1], &finer[1]] {
        assert_eq!(
            code(collector.add(wrong, &SOFTWARE)),
            "authenticity/paper-other-code"
        );
    }
    // A piece that somebody has changed in its place.
    let change = |text: &str, at: usize| {
        let bytes = base45::decode(&text[5..]).unwrap();
        let Some(Item::Array(mut items)) = cbor::read(&bytes) else {
            panic!()
        };
        let Item::Bytes(piece) = &mut items[3] else {
            panic!()
        };
        piece[at] ^= 1;
        format!("KDP1:{}", base45::encode(&cbor::write(&Item::Array(items))))
    };
    collector.add(&parts[1], &SOFTWARE).unwrap();
    assert_eq!(
        code(collector.add(&change(&parts[1], 9), &SOFTWARE)),
        "authenticity/paper-other-code"
    );
    assert_eq!(
        code(collector.add(&change(&parts[2], 9), &SOFTWARE)),
        "authenticity/paper-other-code"
    );
    assert_eq!(collector.progress(), (0, 0), "forgotten");
    for nonsense in ["KDP1:", "KDP1:AB", "hello", "KDP1:abc"] {
        assert_eq!(
            code(collector.add(nonsense, &SOFTWARE)),
            "authenticity/paper-malformed"
        );
    }
    let (huge, _) = with_document(18_900);
    let huge = sign(&huge, &issuer, Profile::Parts);
    assert_eq!(split(&huge, 1200, &SOFTWARE).unwrap().len(), MAX_PARTS);
    assert_eq!(
        code(split(&huge, 600, &SOFTWARE)),
        "authenticity/paper-too-long"
    );
    let (too_long, _) = with_document(19_300);
    assert_eq!(
        code(too_long.sign(&method(&issuer), &issuer, Profile::Parts)),
        "authenticity/paper-too-long"
    );
}

/// From the paper to the register: the paper says who and what, the register whether it counts still.
#[test]
fn a_paper_leads_to_its_record() {
    let (world, issuer, thief) = (World::new(), signer(2), signer(4));
    let public = PublicInformation::new(commitment(1)).until(day(365));
    let id = world
        .write(&registration(&issuer, public.clone()), day(0))
        .unwrap();
    // Another's copy of the commitment under another name.
    let copy = world.write(&registration(&thief, public), day(0)).unwrap();
    let seen = check(
        &sign(&short(), &issuer, Profile::Short),
        &issuers(&[&issuer]),
        day(1),
    )
    .unwrap();
    let found = wait(world.register.by_commitment(seen.commitment(), 0, 10)).unwrap();
    let genuine: Vec<ObjectId> = found
        .records
        .iter()
        .filter(|(_, record)| {
            let record = record.as_ref().unwrap();
            seen.is_issued_by(record) == kbtf_authenticity::Verdict::Valid
        })
        .map(|(id, _)| *id)
        .collect();
    assert_eq!((found.records.len(), genuine), (2, vec![id]));
    let policy = world.policy(&[&issuer]);
    let word = |id, now| {
        let evidence = world.live(id, now);
        verify(
            &seen.presented(),
            &evidence,
            &policy,
            &KeyMethods,
            now,
            &SOFTWARE,
        )
        .word()
    };
    assert_eq!(word(id, day(1)), Word::Authentic);
    assert_eq!(word(copy, day(1)), Word::CertificateCheckFailed);
    let revoke = world.next(
        id,
        by_issuer(&issuer),
        RecordChange::Revoke(RevocationReason::Error),
    );
    world.write(&revoke.sign(&issuer).unwrap(), day(2)).unwrap();
    assert_eq!(word(id, day(2)), Word::CertificateCheckFailed);
}

#[test]
fn numbers_are_looked_up_with_what_is_printed_beside_them() {
    let key = LookupKey::from_bytes([3; 32]);
    let number = CheckNumber::from_bytes([1; 10]);
    let right = || SecondFactor::parse("ABCD-EFGH-K").unwrap();
    let wrong = || SecondFactor::parse("0000-0000-Y").unwrap();
    let record = ObjectId::from_bytes([9; 16]);
    let mut lookup =
        PaperLookup::new(number, &right(), record, day(0), 90, &key, &SOFTWARE).unwrap();
    let text = lookup.to_text();
    assert!(
        !text.contains("ABCD"),
        "what is kept says nothing of the factor"
    );
    assert_eq!(PaperLookup::parse(&text).unwrap(), lookup);
    let mut open =
        |factor: &SecondFactor, now: Timestamp| code(lookup.open(factor, now, &key, &SOFTWARE));
    let no = "authenticity/paper-no-such";
    assert_eq!(open(&right(), day(89)), "accepted");
    assert_eq!(open(&right(), day(90)), no, "the window is over");
    let minute = |n: i64| day(1).saturating_add_seconds(60 * n);
    for n in 0..5 {
        assert_eq!(open(&wrong(), minute(n)), no);
    }
    // Now even the right one waits, and a wrong one does not make it wait longer for ever.
    assert_eq!(open(&right(), minute(5)), no);
    assert_eq!(open(&wrong(), minute(70)), no);
    assert_eq!(open(&right(), minute(71)), no);
    assert_eq!(open(&right(), minute(131)), "accepted");
    assert_eq!(open(&wrong(), minute(132)), no);
    assert_eq!(open(&right(), minute(132)), "accepted");
    assert_eq!(lookup.failures(), 0);
    let other = LookupKey::from_bytes([4; 32]);
    assert_eq!(code(lookup.open(&right(), day(2), &other, &SOFTWARE)), no);
    assert_eq!(PaperLookup::parse(&lookup.to_text()).unwrap(), lookup);
    for changed in [
        "",
        &text[1..],
        &format!("{text} "),
        &text.replace(' ', "  "),
    ] {
        assert!(PaperLookup::parse(changed).is_err());
    }
    // Any single wrong character, and any two neighbours exchanged, are found.
    let printed: Vec<char> = number.to_string().replace('-', "").chars().collect();
    for at in 0..printed.len() {
        for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
            .chars()
            .filter(|c| *c != printed[at])
        {
            let mut typed = printed.clone();
            typed[at] = other;
            assert!(
                typed
                    .iter()
                    .collect::<String>()
                    .parse::<CheckNumber>()
                    .is_err()
            );
        }
        let mut typed = printed.clone();
        if at + 1 < typed.len() && typed[at] != typed[at + 1] {
            typed.swap(at, at + 1);
            assert!(
                typed
                    .iter()
                    .collect::<String>()
                    .parse::<CheckNumber>()
                    .is_err()
            );
        }
    }
}

#[test]
fn of_copies_only_a_suspicion_is_said() {
    let pattern = DotPattern::new(64).unwrap();
    let secret = [5; 32];
    let print = pattern.generate(&secret, &SOFTWARE).unwrap();
    assert_eq!(
        pattern.score(&secret, &print, &SOFTWARE).unwrap(),
        CopyScore(1000)
    );
    assert!(pattern.score(&[6; 32], &print, &SOFTWARE).unwrap() < CopyScore(10));
    let shade = GrayImage::new(64, vec![128; 64 * 64]).unwrap();
    assert_eq!(
        pattern.score(&secret, &shade, &SOFTWARE).unwrap(),
        CopyScore(0)
    );
    let negative =
        GrayImage::new(64, print.pixels().iter().map(|pixel| 255 - pixel).collect()).unwrap();
    assert_eq!(
        pattern.score(&secret, &negative, &SOFTWARE).unwrap(),
        CopyScore(0)
    );
    let other_shape = GrayImage::new(65, vec![0; 65 * 64]).unwrap();
    assert_eq!(
        code(pattern.score(&secret, &other_shape, &SOFTWARE)),
        "authenticity/malformed"
    );
    assert!(GrayImage::new(0, vec![]).is_err() && GrayImage::new(3, vec![0; 4]).is_err());
    // Enrolled for a pattern of another size it says nothing of this one.
    let large = DotPattern::new(65).unwrap();
    let many: Vec<CopyScore> = (0..100).map(CopyScore).collect();
    let other = Enrolment::of(&large, &many, 0).unwrap();
    assert_eq!(
        code(pattern.judge(&secret, &print, &other, &SOFTWARE)),
        "authenticity/malformed"
    );
    assert!(DotPattern::new(31).is_err() && DotPattern::new(257).is_err());

    let scores: Vec<CopyScore> = (0..100).map(|n| CopyScore(500 + n)).collect();
    assert!(Enrolment::of(&pattern, &scores[..29], 10).is_err());
    let enrolment = Enrolment::of(&pattern, &scores, 50).unwrap();
    assert_eq!(enrolment.threshold(), CopyScore(505));
    assert_eq!(
        pattern
            .judge(&secret, &print, &enrolment, &SOFTWARE)
            .unwrap(),
        CopyAnswer::NothingSeen
    );
    assert_eq!(
        pattern
            .judge(&secret, &shade, &enrolment, &SOFTWARE)
            .unwrap(),
        CopyAnswer::Suspect
    );

    let times = [day(5), day(0), day(1), day(2)];
    assert!(PaperLookup::is_looked_up_too_often(&times, 2, 3 * 86_400));
    assert!(!PaperLookup::is_looked_up_too_often(&times, 3, 3 * 86_400));
    assert!(!PaperLookup::is_looked_up_too_often(&[], 0, 10));
}

proptest! {
    #[test]
    fn any_bytes_are_refused_or_read(bytes: Vec<u8>, text in "(KD1:|KDP1:)?[0-9A-Z $%*+./:-]{0,80}") {
        if let Ok(paper) = SignedPaper::from_bytes(&bytes) {
            prop_assert_eq!(paper.as_bytes(), bytes);
        }
        if let Ok(paper) = SignedPaper::parse(&text) {
            prop_assert_eq!(paper.to_text(), text.clone());
        }
        let _ = PartCollector::new().add(&text, &SOFTWARE);
    }

    #[test]
    fn fields_come_back(
        text in "[가-힣a-z0-9]{1,20}( [가-힣a-z0-9]{1,9}){0,2}", number: i64, flag: bool, name in "[가-힣a-z]{1,10}"
    ) {
        let signer = SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[2; 32]).unwrap());
        let code = short()
            .field(&name, FieldValue::Text(text.clone()))
            .field("1", FieldValue::Whole(number))
            .field("2", FieldValue::Flag(flag));
        let paper = code.sign(&method(&signer), &signer, Profile::Long).unwrap();
        let seen = check(&SignedPaper::parse(&paper.to_text()).unwrap(), &issuers(&[&signer]), day(1)).unwrap();
        let expected = [
            (name, FieldValue::Text(text)),
            ("1".into(), FieldValue::Whole(number)),
            ("2".into(), FieldValue::Flag(flag)),
        ];
        prop_assert_eq!(seen.fields(), &expected);
    }
}
