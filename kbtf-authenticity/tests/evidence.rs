//! Verification: each of the three questions by itself, the word for a citizen, what an attacker shows instead; and bundles
//! that are verified without asking anybody, with time stamps by OpenSSL.
#![cfg(feature = "time-stamp")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod world;

use std::{env, fs, path::PathBuf, process::Command};

use kbtf_authenticity::{
    Batch, Bundle, BundleTrust, ByteDigest, Checked, Content, Document, DocumentKey, Exhibit,
    Header, IssuerEvidence, Policy, Positions, Presented, RecordEvidence, Step, TrustedIssuer,
    Word,
    register::{Operation, PublicInformation, RecordChange, RecordLedger as _, RevocationReason},
    verify,
};
use kbtf_did::{
    DidDocument, KeyMethods, KeyType, SOFTWARE, SecretKey, Signer as _, SoftwareSigner, Timestamp,
    VerificationRelationship,
    did_kbtf::{
        Change, Controllers, Creation, History, LedgerEntry, LedgerName, NewKey,
        Operation as DidOperation, Update,
    },
};
use kbtf_history::{
    Commitment,
    time_stamp::{TimeStampRequest, TimeStampToken, TimeStampTrust},
};
use world::*;
use zeroize::Zeroizing;

const TEXT: &str = r#"{"name":"홍길동","degree":"공학사","number":"900101-1234567"}"#;

fn key() -> DocumentKey {
    DocumentKey::from_bytes([7; 32])
}

fn document(text: &'static str) -> Document<'static> {
    Document::from_json("application/json", text.as_bytes()).unwrap()
}

fn commit(text: &'static str) -> Commitment {
    document(text).commit(&key(), &SOFTWARE).unwrap()
}

fn verdicts(checked: &Checked) -> [(&'static str, Option<&'static str>); 3] {
    let of = |verdict: &kbtf_authenticity::Verdict| (verdict.as_str(), verdict.code());
    [
        of(&checked.integrity),
        of(&checked.status),
        of(&checked.issuer),
    ]
}

const VALID: (&str, Option<&str>) = ("valid", None);
const SKIPPED: (&str, Option<&str>) = ("skipped", None);

fn check(
    presented: &Presented<'_>,
    evidence: &RecordEvidence,
    policy: &Policy,
    now: Timestamp,
) -> Checked {
    verify(presented, evidence, policy, &KeyMethods, now, &SOFTWARE)
}

#[test]
fn three_questions_have_three_answers() {
    let (world, issuer) = (World::new(), signer(2));
    let public = PublicInformation::new(commit(TEXT))
        .from(day(0))
        .until(day(90));
    let id = world.write(&registration(&issuer, public), day(0)).unwrap();
    world.publish(day(1));
    let policy = world.policy(&[&issuer]);
    let whole = Presented::whole(commit(TEXT));
    let proved = world.proved(id);

    let good = check(&whole, &proved, &policy, day(1));
    assert_eq!(verdicts(&good), [VALID, VALID, VALID]);
    assert_eq!(
        (good.word(), good.as_of, good.version),
        (Word::Authentic, Some(day(1)), Some(0))
    );
    assert_eq!(good.word().korean(), "진본");
    let live = check(&whole, &world.live(id, day(1)), &policy, day(1));
    assert_eq!(live.word(), Word::Authentic);

    // Integrity.
    let altered = Presented::whole(commit(
        r#"{"name":"홍길동","degree":"공학박사","number":"900101-1234567"}"#,
    ));
    let checked = check(&altered, &proved, &policy, day(1));
    assert_eq!(
        verdicts(&checked),
        [
            ("invalid", Some("authenticity/other-document")),
            SKIPPED,
            VALID
        ]
    );
    assert_eq!(checked.word(), Word::Altered);

    // Issuer: not trusted, or not for this.
    let nobody = world.policy(&[&signer(4)]);
    let checked = check(&whole, &proved, &nobody, day(1));
    assert_eq!(
        verdicts(&checked),
        [
            VALID,
            VALID,
            ("invalid", Some("authenticity/issuer-not-trusted"))
        ]
    );
    assert_eq!(checked.word(), Word::CertificateCheckFailed);
    let for_deeds = TrustedIssuer::new(did(&issuer)).of("deed".parse().unwrap());
    let deeds = Policy::new(&name())
        .log(ORIGIN, world.trust())
        .issuer(for_deeds);
    assert_eq!(
        check(&whole, &proved, &deeds, day(1)).word(),
        Word::CertificateCheckFailed
    );

    // Status: not known, too old, from the future, before and after it is valid.
    let entries = RecordEvidence::Entries(world.live(id, day(1)).entries().to_vec());
    let checked = check(&whole, &entries, &policy, day(1));
    assert_eq!(verdicts(&checked), [VALID, SKIPPED, VALID]);
    assert_eq!(
        checked.word(),
        Word::Unverified,
        "what was not asked is not valid"
    );
    let checked = check(&whole, &proved, &policy, day(3));
    assert_eq!(
        verdicts(&checked)[1],
        ("error", Some("authenticity/status-too-old"))
    );
    assert_eq!(checked.word(), Word::Unverified);
    let then = policy.clone().as_of_checkpoint();
    let checked = check(&whole, &proved, &then, day(3000));
    assert_eq!(
        (checked.word(), checked.as_of),
        (Word::Authentic, Some(day(1)))
    );
    let checked = check(&whole, &proved, &policy, day(0));
    assert_eq!(
        verdicts(&checked)[1],
        ("invalid", Some("authenticity/from-the-future"))
    );
    let checked = check(&whole, &proved, &policy, day(-1));
    assert_eq!(
        verdicts(&checked),
        [
            SKIPPED,
            SKIPPED,
            ("invalid", Some("authenticity/from-the-future"))
        ]
    );
    let months = policy.clone().fresh_within(86_400 * 365);
    let checked = check(&whole, &proved, &months, day(90));
    assert_eq!(
        verdicts(&checked)[1],
        ("invalid", Some("authenticity/expired"))
    );

    // A log that nobody trusts says nothing.
    let no_log = Policy::new(&name()).issuer(TrustedIssuer::new(did(&issuer)));
    assert_eq!(
        check(&whole, &proved, &no_log, day(1)).word(),
        Word::Unverified
    );
    let other_origin = Policy::new(&name())
        .issuer(TrustedIssuer::new(did(&issuer)))
        .log("register.example/other", world.trust());
    let checked = check(&whole, &proved, &other_origin, day(1));
    assert_eq!(
        verdicts(&checked)[1],
        ("invalid", Some("history/other-log"))
    );
    let checked = check(&altered, &proved, &other_origin, day(1));
    assert_eq!(
        verdicts(&checked)[1],
        SKIPPED,
        "of another document it is not asked"
    );
    // Another register.
    let elsewhere = Policy::new(&LedgerName::parse("busan-1").unwrap())
        .issuer(TrustedIssuer::new(did(&issuer)));
    let checked = check(&whole, &proved, &elsewhere, day(1));
    assert_eq!(
        verdicts(&checked),
        [
            SKIPPED,
            SKIPPED,
            ("invalid", Some("authenticity/record-other-register"))
        ]
    );
    let nothing = RecordEvidence::Entries(vec![]);
    assert_eq!(
        verdicts(&check(&whole, &nothing, &policy, day(1))),
        [
            SKIPPED,
            ("invalid", Some("authenticity/no-record")),
            SKIPPED
        ]
    );
}

/// What is said to be all of an earlier time has nothing of a later one; and without witnesses nobody says what time it was.
#[test]
fn evidence_is_not_older_than_what_is_in_it() {
    let (world, issuer) = (World::new(), signer(2));
    let public = PublicInformation::new(commit(TEXT)).until(day(10));
    let id = world.write(&registration(&issuer, public), day(5)).unwrap();
    world.publish(day(1));
    let policy = world.policy(&[&issuer]).fresh_within(86_400 * 365);
    let whole = Presented::whole(commit(TEXT));
    let later = ("invalid", Some("authenticity/from-the-future"));
    let proved = world.proved(id);
    let checked = check(&whole, &proved, &policy, day(6));
    assert_eq!(verdicts(&checked), [VALID, later, VALID]);
    let live = RecordEvidence::Live {
        entries: world.live(id, day(5)).entries().to_vec(),
        at: day(4),
    };
    assert_eq!(verdicts(&check(&whole, &live, &policy, day(6)))[1], later);

    let trust = world.trust_without_witnesses();
    let unwitnessed = Policy::new(&name())
        .log(ORIGIN, trust)
        .issuer(TrustedIssuer::new(did(&issuer)))
        .as_of_checkpoint();
    assert_eq!(
        check(&whole, &proved, &unwitnessed, day(6)).word(),
        Word::Authentic
    );
    let expired = check(&whole, &proved, &unwitnessed, day(5000));
    assert_eq!(
        verdicts(&expired)[1],
        ("invalid", Some("authenticity/expired"))
    );
}

#[test]
fn old_revoked_and_retired_documents_do_not_count() {
    let (world, issuer, owner) = (World::new(), signer(2), signer(10));
    let policy = world.policy(&[&issuer]);
    let public = |text| PublicInformation::new(commit(text));
    let new = r#"{"name":"홍길동","degree":"공학석사"}"#;
    let id = world
        .write(
            &registration_of(&issuer, public(TEXT), Some(&owner)),
            day(0),
        )
        .unwrap();
    let update = world.next(id, by_issuer(&issuer), RecordChange::Update(public(new)));
    world.write(&update.sign(&issuer).unwrap(), day(1)).unwrap();
    world.publish(day(1));
    let before_revocation = world.proved(id);
    let old = check(
        &Presented::whole(commit(TEXT)),
        &before_revocation,
        &policy,
        day(1),
    );
    assert_eq!(
        verdicts(&old),
        [VALID, ("invalid", Some("authenticity/superseded")), VALID]
    );
    assert_eq!(
        (old.word(), old.version),
        (Word::CertificateCheckFailed, Some(0))
    );
    let newest = Presented::whole(commit(new));
    assert_eq!(
        check(&newest, &before_revocation, &policy, day(1)).word(),
        Word::Authentic
    );

    let revoke = world.next(
        id,
        by_issuer(&issuer),
        RecordChange::Revoke(RevocationReason::Error),
    );
    world.write(&revoke.sign(&issuer).unwrap(), day(2)).unwrap();
    world.publish(day(2));
    let checked = check(&newest, &world.proved(id), &policy, day(2));
    assert_eq!(
        verdicts(&checked)[1],
        ("invalid", Some("authenticity/revoked"))
    );

    // An attacker leaves the revocation out, or shows the proof from before.
    let RecordEvidence::Proved(full) = world.proved(id) else {
        panic!("proved");
    };
    let text = full.to_text();
    let shortened = text.trim_end().rsplit_once('\n').unwrap().0.to_owned() + "\n";
    let shortened = kbtf_history::CompleteHistory::parse(&shortened).unwrap();
    let shortened = RecordEvidence::Proved(Box::new(shortened));
    let checked = check(&newest, &shortened, &policy, day(2));
    assert_eq!(
        verdicts(&checked)[1],
        ("invalid", Some("history/incomplete"))
    );
    let stale = check(&newest, &before_revocation, &policy, day(3));
    assert_eq!(stale.word(), Word::Unverified);

    let other = r#"{"asset":1}"#;
    let id = world
        .write(
            &registration_of(&issuer, public(other), Some(&owner)),
            day(2),
        )
        .unwrap();
    let retire = world.next(id, by_owner(&owner), RecordChange::Retire);
    world.write(&retire.sign(&owner).unwrap(), day(3)).unwrap();
    let checked = check(
        &Presented::whole(commit(other)),
        &world.live(id, day(3)),
        &policy,
        day(3),
    );
    assert_eq!(
        verdicts(&checked)[1],
        ("invalid", Some("authenticity/retired"))
    );
}

#[test]
fn parts_and_batches_are_checked_alike() {
    let (world, issuer) = (World::new(), signer(2));
    let policy = world.policy(&[&issuer]);
    let mut batch = Batch::new(&SOFTWARE);
    for n in 0..5_u8 {
        batch
            .add(&if n == 3 { commit(TEXT) } else { commitment(n) })
            .unwrap();
    }
    let public = PublicInformation::new(batch.commit().unwrap());
    let id = world.write(&registration(&issuer, public), day(0)).unwrap();
    let proof = batch.prove(3).unwrap();
    let shown = |steps: &[Step<'_>]| steps == [Step::Member("degree")];
    let redacted = document(TEXT)
        .redact(&key(), shown, Positions::Hidden, &SOFTWARE)
        .unwrap();
    let presented = Presented::redacted(&redacted).in_batch(&proof);
    let checked = check(&presented, &world.live(id, day(0)), &policy, day(0));
    assert_eq!(checked.word(), Word::Authentic);
    assert_eq!(
        checked.seen.unwrap().value().to_canonical(),
        r#"{"degree":"공학사"}"#
    );
    // In another place, or not in a batch, it is another document.
    let elsewhere = batch.prove(2).unwrap();
    for presented in [
        Presented::redacted(&redacted),
        Presented::redacted(&redacted).in_batch(&elsewhere),
    ] {
        assert_eq!(
            check(&presented, &world.live(id, day(0)), &policy, day(0)).word(),
            Word::Altered
        );
    }
}

/// An issuer on a ledger, whose key is rotated after it has signed.
struct Institution {
    did: kbtf_did::Did,
    method: kbtf_did::DidUrl,
    signer: SoftwareSigner<'static>,
    entries: Vec<LedgerEntry>,
}

fn institution() -> Institution {
    let key =
        |seed| SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[seed; 32]).unwrap());
    let (controller, signer) = (key(60), key(61));
    let ledger = LedgerName::parse("seoul-1").unwrap();
    let purposes = [VerificationRelationship::AssertionMethod];
    let creation = Creation::new(
        &ledger,
        Controllers::new(1, &[controller.public_key()]).unwrap(),
    )
    .key(NewKey::new("seal", signer.public_key(), &purposes));
    let create = DidOperation::create(creation)
        .unwrap()
        .sign(&[&controller])
        .unwrap();
    let did = create.operation().did(&SOFTWARE).unwrap();
    let mut entries = vec![LedgerEntry::new(day(-10), create.to_json())];
    let history = History::replay(&did, &entries, &SOFTWARE).unwrap();
    let revoke = Change::Update(Update::new().revoke("seal"));
    let revoke = DidOperation::next(history.state(), revoke)
        .unwrap()
        .sign(&[&controller])
        .unwrap();
    entries.push(LedgerEntry::new(day(5), revoke.to_json()));
    Institution {
        method: format!("{did}#seal").parse_url(),
        did,
        signer,
        entries,
    }
}

trait ParseUrl {
    fn parse_url(&self) -> kbtf_did::DidUrl;
}

impl ParseUrl for String {
    fn parse_url(&self) -> kbtf_did::DidUrl {
        kbtf_did::DidUrl::parse(self).unwrap()
    }
}

/// Writes into the register as a ledger that resolves this institution.
struct Known<'i>(&'i Institution);

impl kbtf_authenticity::IssuerDocuments for Known<'_> {
    fn document(
        &self,
        did: &kbtf_did::Did,
        at: Timestamp,
    ) -> Result<Option<kbtf_did::ResolvedDocument>, kbtf_authenticity::Error> {
        if *did != self.0.did {
            return Ok(None);
        }
        let history = History::replay(did, &self.0.entries, &SOFTWARE)?;
        let options = kbtf_did::ResolutionOptions::default().version_time(at);
        Ok(history.resolve(&options).ok())
    }
}

fn issued(
    world: &World,
    institution: &Institution,
    commitment: Commitment,
    now: Timestamp,
) -> kbtf_history::ObjectId {
    let kind = "certificate.graduation".parse().unwrap();
    let public = PublicInformation::new(commitment);
    let signed = Operation::register(&name(), institution.method.clone(), kind, public, None)
        .unwrap()
        .sign(&institution.signer)
        .unwrap();
    wait(world.ledger.submit(&signed)).unwrap();
    assert_eq!(world.ledger.seal(now, &Known(institution)).unwrap(), 1);
    signed.operation().record(&SOFTWARE).unwrap()
}

fn whole(text: &str) -> Exhibit {
    Exhibit::Whole {
        media_type: "application/json".into(),
        content: Content::Json,
        bytes: text.as_bytes().to_vec(),
        key: Zeroizing::new([7; 32]),
    }
}

/// OpenSSL's time-stamping authority, in a folder of its own.
struct Authority(PathBuf);

impl Authority {
    fn new() -> Self {
        let path = env::temp_dir().join(format!("kbtf-evidence-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        let authority = Self(path);
        fs::write(
            authority.0.join("ext"),
            "basicConstraints = critical, CA:FALSE\nkeyUsage = critical, digitalSignature\n\
             extendedKeyUsage = critical, timeStamping\nsubjectKeyIdentifier = hash\n",
        )
        .unwrap();
        authority.openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out tsa.key");
        authority.openssl("req -new -key tsa.key -subj /C=KR/O=Example/CN=tsa -out tsa.csr");
        authority
            .openssl("x509 -req -in tsa.csr -signkey tsa.key -days 1 -extfile ext -out tsa.pem");
        authority.openssl("x509 -in tsa.pem -outform DER -out tsa.der");
        fs::write(
            authority.0.join("tsa.cnf"),
            "[tsa]\ndefault_tsa = it\n[it]\nserial = serial\nsigner_cert = tsa.pem\nsigner_key = tsa.key\n\
             signer_digest = sha256\ndefault_policy = 1.2.410.200004.1\ndigests = sha256\ness_cert_id_alg = sha256\n",
        )
        .unwrap();
        authority
    }

    fn openssl(&self, command: &str) {
        let output = Command::new("openssl")
            .args(command.split_whitespace())
            .current_dir(&self.0)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn trust(&self) -> TimeStampTrust {
        let certificate = fs::read(self.0.join("tsa.der")).unwrap();
        let (from, until) = (at("2000-01-01T00:00:00Z"), at("2100-01-01T00:00:00Z"));
        TimeStampTrust::new()
            .trust(&certificate, from, until)
            .unwrap()
    }

    fn stamp(&self, digest: [u8; 32]) -> Vec<u8> {
        fs::write(
            self.0.join("request.tsq"),
            TimeStampRequest::sha256(digest).to_der(),
        )
        .unwrap();
        self.openssl("ts -reply -config tsa.cnf -queryfile request.tsq -out reply.tsr");
        let reply = fs::read(self.0.join("reply.tsr")).unwrap();
        TimeStampToken::from_response(&reply)
            .unwrap()
            .as_der()
            .to_vec()
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Ten years later, without a network: the key that signed is revoked long since, and the log may be gone.
#[test]
#[ignore = "needs OpenSSL 3"]
fn openssl_a_bundle_is_verified_in_ten_years() {
    let (world, institution, authority) = (World::new(), institution(), Authority::new());
    let id = issued(&world, &institution, commit(TEXT), day(0));
    world.publish(day(0));
    let bundle = Bundle::new(whole(TEXT), world.proved(id)).issuer(IssuerEvidence::Operations(
        institution.did.clone(),
        institution.entries.clone(),
    ));
    let policy = Policy::new(&name())
        .log(ORIGIN, world.trust())
        .issuer(TrustedIssuer::new(institution.did.clone()))
        .as_of_checkpoint();
    let later = at("2036-12-01T00:00:00Z");
    let bare = bundle.verify(&policy, &BundleTrust::new(), later, &SOFTWARE);
    assert_eq!(
        (bare.word(), bare.existed_by),
        (Word::Authentic, None),
        "{bare:?}"
    );

    // Stamped, and stamped again over the first.
    let first = authority.stamp(bundle.stamped(&SOFTWARE).unwrap());
    let once = bundle.clone().time_stamp(first.clone());
    let second = authority.stamp(once.stamped(&SOFTWARE).unwrap());
    let twice = once.clone().time_stamp(second.clone());
    let text = twice.to_text();
    let read = Bundle::parse(&text).unwrap();
    let trust = BundleTrust::new().time_stamps(authority.trust());
    let checked = read.verify(&policy, &trust, later, &SOFTWARE);
    assert_eq!(checked.word(), Word::Authentic, "{checked:?}");
    assert!(checked.existed_by.is_some());

    // A stamp of nobody whom anybody trusts, of other content, or in another place.
    let word =
        |bundle: &Bundle, trust: &BundleTrust| bundle.verify(&policy, trust, later, &SOFTWARE);
    let untrusted = word(&twice, &BundleTrust::new());
    assert_eq!(untrusted.word(), Word::CertificateCheckFailed);
    assert_eq!(untrusted.existed_by, None);
    let swapped = bundle.clone().time_stamp(second).time_stamp(first.clone());
    assert_eq!(
        word(&swapped, &trust).time_stamps.code(),
        Some("history/time-stamp-other-data")
    );
    let broken = once.clone().time_stamp(vec![1, 2, 3]);
    let checked = word(&broken, &trust);
    assert_eq!(
        (checked.word(), checked.existed_by),
        (Word::CertificateCheckFailed, None)
    );
    let nonsense = bundle.clone().time_stamp(vec![1, 2, 3]);
    assert_eq!(word(&nonsense, &trust).word(), Word::CertificateCheckFailed);
    let altered = TEXT.replace("공학사", "공학박사");
    let altered = Bundle::new(whole(&altered), world.proved(id))
        .issuer(IssuerEvidence::Operations(
            institution.did.clone(),
            institution.entries.clone(),
        ))
        .time_stamp(first);
    let checked = word(&altered, &trust);
    assert_eq!(checked.word(), Word::Altered);
    assert_eq!(checked.time_stamps.as_str(), "invalid");
    // Before it was stamped.
    let early = twice.verify(&policy, &trust, at("2026-11-01T00:00:00Z"), &SOFTWARE);
    assert_eq!(early.time_stamps.as_str(), "invalid");

    // Any other text is another bundle or none.
    for changed in [
        text.replace("\"v\":1}", "\"v\":2}"),
        text.replacen("{\"document\"", "{ \"document\"", 1),
        text.replacen("\"content\":\"json\"", "\"content\":\"yaml\"", 1),
        text.replacen("\"timeStamps\":[\"", "\"timeStamps\":[\"=", 1),
        text.replacen("{\"document\"", "{\"a\":1,\"document\"", 1),
    ] {
        assert_ne!(changed, text);
        assert!(Bundle::parse(&changed).is_err());
    }
    // One byte of the document.
    let other = text.replacen("\"content\":\"json\"", "\"content\":\"bytes\"", 1);
    assert_eq!(
        word(&Bundle::parse(&other).unwrap(), &trust).word(),
        Word::Altered
    );
}

#[test]
fn what_a_bundle_says_of_issuers_is_not_believed() {
    let (world, institution) = (World::new(), institution());
    let id = issued(&world, &institution, commit(TEXT), day(0));
    world.publish(day(0));
    let policy = Policy::new(&name())
        .log(ORIGIN, world.trust())
        .issuer(TrustedIssuer::new(institution.did.clone()));
    let check = |bundle: &Bundle, trust: &BundleTrust| {
        let checked = bundle.verify(&policy, trust, day(0), &SOFTWARE);
        (checked.issuer.code(), checked.word())
    };
    let bundle = Bundle::new(whole(TEXT), world.proved(id));
    let failed = Word::CertificateCheckFailed;
    let unknown = (Some("authenticity/issuer-not-found"), Word::Unverified);
    assert_eq!(
        check(&bundle, &BundleTrust::new()),
        unknown,
        "without the issuer"
    );
    let resolve = |institution: &Institution| {
        let history = History::replay(&institution.did, &institution.entries, &SOFTWARE).unwrap();
        let options = kbtf_did::ResolutionOptions::default().version_time(day(0));
        history.resolve(&options).unwrap().document
    };
    // A document proves nothing, unless its hash is known.
    let given = resolve(&institution);
    let with = bundle
        .clone()
        .issuer(IssuerEvidence::Document(Box::new(given.clone())));
    assert_eq!(check(&with, &BundleTrust::new()), unknown);
    let canonical = given
        .to_object(kbtf_did::Representation::Json)
        .to_canonical();
    let digest = kbtf_did::CryptoProvider::sha256(&SOFTWARE, canonical.as_bytes()).unwrap();
    let pinned = BundleTrust::new().document(digest);
    assert_eq!(check(&with, &pinned), (None, Word::Authentic));
    let read = Bundle::parse(&with.to_text()).unwrap();
    assert_eq!(check(&read, &pinned), (None, Word::Authentic));
    let other = canonical.replace("seal", "SEAL");
    let other = IssuerEvidence::Document(Box::new(DidDocument::parse(&other).unwrap()));
    assert_eq!(check(&bundle.clone().issuer(other), &pinned), unknown);
    // Operations of another DID, cut, or turned round.
    let operations = |entries: Vec<LedgerEntry>| {
        bundle
            .clone()
            .issuer(IssuerEvidence::Operations(institution.did.clone(), entries))
    };
    assert_eq!(check(&operations(vec![]), &BundleTrust::new()).1, failed);
    let mut reversed = institution.entries.clone();
    reversed.reverse();
    assert_eq!(check(&operations(reversed), &BundleTrust::new()).1, failed);
    assert_eq!(
        check(
            &operations(institution.entries.clone()),
            &BundleTrust::new()
        ),
        (None, Word::Authentic)
    );
    // Where no log vouches for what it has taken, operations that may not be all prove nothing.
    let entries = RecordEvidence::Entries(world.proved(id).entries().to_vec());
    let unlogged = Bundle::new(whole(TEXT), entries).issuer(IssuerEvidence::Operations(
        institution.did.clone(),
        institution.entries.clone(),
    ));
    let unproved = (Some("authenticity/issuer-unproved"), Word::Unverified);
    assert_eq!(check(&unlogged, &BundleTrust::new()), unproved);
    let history = History::replay(&institution.did, &institution.entries, &SOFTWARE).unwrap();
    let known = BundleTrust::new().operations(history.state().head());
    assert_eq!(check(&unlogged, &known), (None, Word::Unverified));
    // Cut before the revocation, they are not those that are known.
    let cut = institution.entries[..1].to_vec();
    let entries = RecordEvidence::Entries(world.proved(id).entries().to_vec());
    let cut = Bundle::new(whole(TEXT), entries)
        .issuer(IssuerEvidence::Operations(institution.did.clone(), cut));
    assert_eq!(check(&cut, &known), unproved);
    // Written after its key was revoked: no ledger takes it.
    let kind = "deed".parse().unwrap();
    let late =
        Operation::register(&name(), institution.method.clone(), kind, public(9), None).unwrap();
    wait(
        world
            .ledger
            .submit(&late.sign(&institution.signer).unwrap()),
    )
    .unwrap();
    assert_eq!(world.ledger.seal(day(6), &Known(&institution)).unwrap(), 0);
}

/// A bundle that was made to be long: each issuer is looked into once, and there are bounds.
#[test]
fn long_bundles_are_bounded() {
    let (world, institution) = (World::new(), institution());
    let id = issued(&world, &institution, commit(TEXT), day(0));
    world.publish(day(0));
    let text = world.proved(id).entries()[0].clone();
    let many = RecordEvidence::Entries(vec![String::new(); 8193]);
    assert!(Bundle::parse(&Bundle::new(whole(TEXT), many).to_text()).is_err());
    let few = RecordEvidence::Entries(vec![text]);
    let entries = vec![institution.entries[0].clone(); 1025];
    let bundle = Bundle::new(whole(TEXT), few)
        .issuer(IssuerEvidence::Operations(institution.did.clone(), entries));
    assert!(Bundle::parse(&bundle.to_text()).is_err());
    // A document that cannot be read is another, whatever was registered.
    let zeros = world
        .write(
            &registration(
                &signer(2),
                PublicInformation::new(Commitment::from_bytes([0; 32])),
            ),
            day(0),
        )
        .unwrap();
    let bundle = Bundle::new(whole("{"), world.live(zeros, day(0)));
    let policy = world.policy(&[&signer(2)]);
    let checked = bundle.verify(&policy, &BundleTrust::new(), day(0), &SOFTWARE);
    assert_eq!((checked.word(), checked.version), (Word::Altered, None));
}

#[test]
fn bundles_hold_documents_of_any_format() {
    let (world, issuer) = (World::new(), signer(2));
    let other_issuer = signer(4);
    let policy = world.policy(&[&issuer, &other_issuer]);
    let csv = "이름,금액\r\n홍길동,100\r\n".as_bytes();
    let pdf = b"%PDF-1.7 and so on".as_slice();
    let key = key();
    let bytes = {
        let mut digest = ByteDigest::new("application/pdf", &key, &SOFTWARE).unwrap();
        digest.update(pdf).unwrap();
        digest.commit().unwrap()
    };
    let table = |header| {
        Document::from_csv(csv, header)
            .unwrap()
            .commit(&key, &SOFTWARE)
            .unwrap()
    };
    for (media_type, content, bytes, commitment) in [
        ("application/pdf", Content::Bytes, pdf, bytes),
        (
            "text/csv",
            Content::Table(Header::Named),
            csv,
            table(Header::Named),
        ),
        (
            "text/csv",
            Content::Table(Header::None),
            csv,
            table(Header::None),
        ),
        (
            "application/json",
            Content::Json,
            TEXT.as_bytes(),
            commit(TEXT),
        ),
    ] {
        let public = PublicInformation::new(commitment);
        let id = world.write(&registration(&issuer, public), day(0)).unwrap();
        world.publish(day(0));
        let exhibit = |bytes: &[u8]| Exhibit::Whole {
            media_type: media_type.into(),
            content,
            bytes: bytes.to_vec(),
            key: Zeroizing::new([7; 32]),
        };
        let word = |bytes: &[u8]| {
            let text = Bundle::new(exhibit(bytes), world.proved(id)).to_text();
            let read = Bundle::parse(&text).unwrap();
            read.verify(&policy, &BundleTrust::new(), day(0), &SOFTWARE)
                .word()
        };
        assert_eq!(word(bytes), Word::Authentic);
        let mut changed = bytes.to_vec();
        changed[12] ^= 1;
        assert_eq!(word(&changed), Word::Altered, "{content:?}");
        assert_eq!(word(b""), Word::Altered, "{content:?}");
    }
    let shown = |steps: &[Step<'_>]| steps == [Step::Member("degree")];
    let redacted = document(TEXT)
        .redact(&key, shown, Positions::Hidden, &SOFTWARE)
        .unwrap();
    let id = world
        .write(
            &registration(&other_issuer, PublicInformation::new(commit(TEXT))),
            day(0),
        )
        .unwrap();
    world.publish(day(0));
    let bundle = Bundle::new(Exhibit::Redacted(Box::new(redacted)), world.proved(id));
    let text = bundle.to_text();
    assert!(!text.contains("900101"));
    let checked =
        Bundle::parse(&text)
            .unwrap()
            .verify(&policy, &BundleTrust::new(), day(0), &SOFTWARE);
    assert_eq!(checked.word(), Word::Authentic);
    assert!(checked.seen.is_some());
}
