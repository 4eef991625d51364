//! Who has asked about whom: no entry, no answer; everything that was asked is shown to the person; what a keeper of the log
//! might hide is seen.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{
    future::Future,
    pin::pin,
    sync::Mutex,
    task::{Context, Poll, Waker},
};

use kbtf_did::{
    KeyFormat, KeyType, SOFTWARE, SecretKey, Signer, SoftwareSigner, Timestamp, did_key,
};
use kbtf_history::{
    Actor, Asked, Commitment, CommitmentKey, CompleteHistory, Error, LegalBasis, LogEntry,
    ObjectId, Outcome, PseudonymKey, Purpose, Query, QueryEvent, QueryLog, TrustPolicy,
    commit_authority,
    note::{NoteKey, NoteKeyType},
    store::{LogStore, Looked, MemoryStore, QueryKeeper, StoreError, Unserved},
};
use proptest::prelude::*;

const ORIGIN: &str = "queries.example.go.kr/land";

fn signer() -> SoftwareSigner<'static> {
    SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[2; 32]).unwrap())
}

fn key() -> NoteKey {
    let key = signer().public_key().clone();
    NoteKey::new(ORIGIN, NoteKeyType::Ed25519, key, &SOFTWARE).unwrap()
}

fn policy() -> TrustPolicy {
    format!("log {}\nquorum none\n", key()).parse().unwrap()
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

fn subject(person: &str) -> ObjectId {
    let key = PseudonymKey::from_bytes([9; 32]);
    let name = key.pseudonym(person.as_bytes(), Purpose(1), &SOFTWARE);
    name.unwrap().into()
}

fn query(purpose: u16) -> Query {
    Query {
        actor: Commitment::from_bytes([u8::try_from(purpose).unwrap(); 32]),
        asked: Asked::Record(Commitment::from_bytes([3; 32])),
        purpose: Purpose(purpose),
        basis: LegalBasis::PublicTask,
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_795_000_000 + seconds).unwrap()
}

fn code<T>(result: Result<T, Error>) -> &'static str {
    match result {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    }
}

/// A disk on which each write may go wrong: before anything is written, or after.
#[derive(Default)]
struct Disk {
    kept: MemoryStore,
    next: Mutex<Vec<Option<Wrong>>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Wrong {
    Before,
    After,
}

impl Disk {
    fn then(&self, wrong: &[Option<Wrong>]) {
        *self.next.lock().unwrap() = wrong.iter().rev().copied().collect();
    }
}

impl LogStore for Disk {
    async fn entries(&self, from: u64, most: usize) -> Result<Vec<String>, StoreError> {
        self.kept.entries(from, most).await
    }
    async fn put_entries(&self, from: u64, texts: &[String]) -> Result<usize, StoreError> {
        let wrong = self.next.lock().unwrap().pop().flatten();
        let failed = Err(StoreError::Failed {
            reason: "full".to_owned(),
        });
        match wrong {
            Some(Wrong::Before) => failed,
            Some(Wrong::After) => self.kept.put_entries(from, texts).await.and(failed),
            None => self.kept.put_entries(from, texts).await,
        }
    }
    async fn checkpoint(&self) -> Result<Option<String>, StoreError> {
        self.kept.checkpoint().await
    }
    async fn swap_checkpoint(&self, expected: Option<&str>, new: &str) -> Result<(), StoreError> {
        self.kept.swap_checkpoint(expected, new).await
    }
}

fn create<S: LogStore>(store: S) -> QueryKeeper<'static, S> {
    block_on(QueryKeeper::create(store, key(), &signer(), &SOFTWARE)).unwrap()
}

fn open<S: LogStore>(store: S) -> QueryKeeper<'static, S> {
    block_on(QueryKeeper::open(store, key(), |_, _| true, &SOFTWARE)).unwrap()
}

fn serve<S: LogStore, T>(
    keeper: &mut QueryKeeper<'_, S>,
    about: ObjectId,
    question: QueryEvent,
    seconds: i64,
    looked: impl FnOnce() -> Looked<T>,
) -> Result<T, Unserved> {
    let entry = keeper.log().draft(about, question, at(seconds));
    block_on(keeper.serve(&entry, || at(seconds), || async { looked() }, forget))
}

/// Who vouches for everything need not keep what came of a question.
async fn forget(_: LogEntry) -> Result<(), StoreError> {
    Ok(())
}

fn intent(purpose: u16) -> QueryEvent {
    QueryEvent::Intent(query(purpose))
}

#[test]
fn a_citizen_sees_who_has_asked() {
    let store = MemoryStore::default();
    let mut keeper = create(&store);
    let (hong, kim) = (subject("홍길동"), subject("김철수"));
    for (i, person) in [hong, kim, hong, hong].into_iter().enumerate() {
        let i = u16::try_from(i).unwrap();
        let looked = || match i {
            2 => Looked::Denied,
            _ => Looked::Found("record", 1),
        };
        let answer = serve(&mut keeper, person, intent(i), i64::from(i), looked);
        match i {
            2 => assert_eq!(answer, Err(Unserved::Denied)),
            _ => assert_eq!(answer.unwrap(), "record"),
        }
    }
    // An investigation, hidden for a time, but counted.
    let (hidden, court) = (query(7), "did:web:court.example.go.kr");
    let (query_key, court_key) = (
        CommitmentKey::from_bytes([5; 32]),
        CommitmentKey::from_bytes([6; 32]),
    );
    let question = QueryEvent::Hidden {
        until: at(1_000_000),
        authority: commit_authority(court, (hong, 6), &court_key, &SOFTWARE).unwrap(),
        query: hidden.commit(hong, 6, &query_key, &SOFTWARE).unwrap(),
    };
    serve(&mut keeper, hong, question, 9, || Looked::Found((), 1)).unwrap();

    block_on(keeper.publish(&signer())).unwrap();
    let shown = keeper.prove(hong).unwrap();
    let shown = CompleteHistory::parse(&shown.to_text()).unwrap();
    let seen = shown
        .verify_queries(hong, ORIGIN, &policy(), &SOFTWARE)
        .unwrap();
    assert_eq!(seen.state().queries(), 4);
    assert!(seen.state().open().is_empty());
    assert_eq!(seen.entries().len(), 8);
    let outcomes: Vec<_> = seen
        .entries()
        .iter()
        .filter_map(|entry| match entry.event {
            QueryEvent::Outcome { outcome, .. } => Some(outcome),
            _ => None,
        })
        .collect();
    let served = Outcome::Served { records: 1 };
    assert_eq!(outcomes, [served, Outcome::Denied, served, served]);
    // Opened later, it is what was committed to, and nothing else is.
    let opened = |query: &Query, court: &str| {
        seen.entries()[6].open_hidden((query, &query_key), (court, &court_key), &SOFTWARE)
    };
    opened(&hidden, court).unwrap();
    assert_eq!(code(opened(&query(8), court)), "history/root-mismatch");
    assert_eq!(
        code(opened(&hidden, "did:web:other.example")),
        "history/root-mismatch"
    );
    assert_eq!(
        code(seen.entries()[5].open_hidden((&hidden, &query_key), (court, &court_key), &SOFTWARE)),
        "history/root-mismatch"
    );
    // Somebody about whom nobody has asked is shown that.
    let nobody = subject("아무도");
    let none = keeper.prove(nobody).unwrap();
    let none = none
        .verify_queries(nobody, ORIGIN, &policy(), &SOFTWARE)
        .unwrap();
    assert_eq!((none.entries().len(), none.state().queries()), (0, 0));
    // What is kept is the log.
    assert_eq!(open(&store).log().size(), 12);
    // No name, nor anything of it.
    let texts = keeper.log().entries();
    assert!(texts.iter().all(|text| !text.contains("홍길동")));
    // A history of queries is no history of an object.
    assert_eq!(
        code(shown.verify(hong, ORIGIN, &policy(), &SOFTWARE)),
        "history/malformed"
    );
    assert_eq!(
        code(shown.verify_queries(kim, ORIGIN, &policy(), &SOFTWARE)),
        "history/root-mismatch"
    );
}

/// Nobody learns from the log which records are one person's; who has the key is shown which was asked for.
#[test]
fn what_is_asked_for_is_committed_to() {
    let person = subject("홍길동");
    let object = ObjectId::from_bytes([3; 16]);
    let key = CommitmentKey::from_bytes([5; 32]);
    let asked = |object, size, place| Asked::record(object, size, place, &key, &SOFTWARE).unwrap();
    let record = asked(object, 42, (person, 0));
    let other = ObjectId::from_bytes([4; 16]);
    assert_eq!(record, asked(object, 42, (person, 0)));
    for another in [
        asked(other, 42, (person, 0)),
        asked(object, 43, (person, 0)),
        asked(object, u64::MAX, (person, 0)),
        asked(object, 42, (person, 1)),
        asked(object, 42, (other, 0)),
    ] {
        assert_ne!(another, record);
    }
    let mut log = QueryLog::new(ORIGIN, &SOFTWARE);
    let question = Query {
        asked: record,
        ..query(1)
    };
    let entry = log.draft(person, QueryEvent::Intent(question), at(0));
    let text = log.check(&entry).unwrap();
    log.follow(&text).unwrap();
    assert!(!text.contains(&object.to_string()), "{text}");
}

/// Who asks signs his question, hidden or not.
#[test]
fn who_has_asked_is_shown() {
    let officer = SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[3; 32]).unwrap());
    let did = did_key::from_public_key(officer.public_key());
    let method = did_key::verification_method_id(&did).unwrap();
    let document = did_key::resolve(&did, KeyFormat::Multikey).unwrap();
    let log = QueryLog::new(ORIGIN, &SOFTWARE);
    let person = subject("홍길동");
    let actor = Actor::new(ORIGIN, method, &officer);
    let named = |seed| {
        struct One(u8);
        impl rand_core::TryRng for One {
            type Error = std::convert::Infallible;
            fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
                Ok(self.0.into())
            }
            fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
                Ok(self.0.into())
            }
            fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Self::Error> {
                to.fill(self.0);
                Ok(())
            }
        }
        impl rand_core::TryCryptoRng for One {}
        actor.commit(person, 0, &mut One(seed)).unwrap()
    };
    let (commitment, key) = named(1);
    let question = Query {
        actor: commitment,
        ..query(1)
    };
    let entry = log.draft(person, QueryEvent::Intent(question), at(0));
    let by = actor.sign(vec![(&entry, key)]).unwrap().remove(0);
    by.verify(&entry, ORIGIN, &document, at(0), &SOFTWARE)
        .unwrap();
    let code_of = |result: Result<(), Error>| code(result);
    assert_eq!(
        code_of(by.verify(&entry, "other.example/log", &document, at(0), &SOFTWARE)),
        "history/false-signature"
    );
    let other = log.draft(person, intent(1), at(0));
    assert_eq!(
        code_of(by.verify(&other, ORIGIN, &document, at(0), &SOFTWARE)),
        "history/wrong-actor"
    );
    // Hidden: the entry names nobody, together with what it hides it does.
    let (commitment, key) = named(2);
    let hidden = Query {
        actor: commitment,
        ..query(2)
    };
    let court = "did:web:court.example.go.kr";
    let [query_key, court_key] = [4, 5].map(|fill| CommitmentKey::from_bytes([fill; 32]));
    let event = QueryEvent::Hidden {
        until: at(1000),
        authority: commit_authority(court, (person, 0), &court_key, &SOFTWARE).unwrap(),
        query: hidden.commit(person, 0, &query_key, &SOFTWARE).unwrap(),
    };
    let entry = log.draft(person, event, at(0));
    let opened = entry
        .open_hidden((&hidden, &query_key), (court, &court_key), &SOFTWARE)
        .unwrap();
    let by = actor.sign(vec![(&opened, key)]).unwrap().remove(0);
    by.verify(&opened, ORIGIN, &document, at(0), &SOFTWARE)
        .unwrap();
    assert_eq!(
        code_of(by.verify(&entry, ORIGIN, &document, at(0), &SOFTWARE)),
        "history/wrong-actor"
    );
}

#[test]
fn no_entry_no_answer() {
    let person = subject("홍길동");
    let (before, after) = (Some(Wrong::Before), Some(Wrong::After));
    for (wrong, is_answered, has_looked_at_it, kept) in [
        ([None, None], true, true, 3),
        ([before, None], false, false, 1),
        ([after, None], false, false, 2),
        ([None, before], false, true, 2),
        ([None, after], false, true, 3),
    ] {
        let disk = Disk::default();
        let mut keeper = create(&disk);
        disk.then(&wrong);
        let mut has_looked = false;
        let answer = serve(&mut keeper, person, intent(1), 0, || {
            has_looked = true;
            Looked::Found("record", 1)
        });
        assert_eq!(answer.is_ok(), is_answered);
        // Nobody looks before the question is on disk.
        assert_eq!(has_looked, has_looked_at_it);
        if let Err(unserved) = answer {
            let Unserved::NotRecorded(error) = unserved else {
                panic!("{unserved}");
            };
            assert_eq!(error.code(), "history/store-failed");
        }
        // Where something was written all the same, no other entry comes to stand at its place.
        let next = serve(&mut keeper, person, intent(2), 5, || Looked::Found((), 1));
        match wrong.contains(&after) {
            true => {
                let Err(Unserved::NotRecorded(error)) = next else {
                    panic!("another entry at its place");
                };
                assert_eq!(error.code(), "history/store-taken");
            }
            false => next.unwrap(),
        }
        // Opened again, the log is whole, and what was cut off is open.
        let mut again = open(&disk);
        let more = if wrong.contains(&after) { 0 } else { 2 };
        assert_eq!(again.log().size(), kept + more);
        let open: Vec<_> = again.log().open().collect();
        let is_open = !is_answered && wrong != [before, None] && wrong != [None, after];
        assert_eq!(open.len(), usize::from(is_open), "{wrong:?}");
        for (of, intent, since) in open {
            assert_eq!((of, intent, since), (person, 0, at(0)));
            block_on(again.close(of, intent, at(60), forget)).unwrap();
            assert_eq!(again.log().open().count(), 0);
            let twice = block_on(again.close(of, intent, at(60), forget));
            assert_eq!(code(twice), "history/no-such-intent");
        }
        serve(&mut again, person, intent(3), 70, || Looked::Found((), 1)).unwrap();
        assert!(block_on(again.publish(&signer())).is_ok());
        open_and_check(&disk);
    }
    // An outcome is no question.
    let mut keeper = create(MemoryStore::default());
    let outcome = QueryEvent::Outcome {
        intent: 0,
        outcome: Outcome::Denied,
    };
    let answer = serve(&mut keeper, person, outcome, 0, || Looked::Found((), 0));
    assert!(matches!(answer, Err(Unserved::NotRecorded(_))));
    assert_eq!(keeper.log().size(), 1);
}

fn open_and_check(disk: &Disk) {
    let again = open(disk);
    let texts = again.log().entries().iter().map(String::as_str);
    QueryLog::restore(ORIGIN, texts, &SOFTWARE).unwrap();
}

/// While one looks others ask; who drops his question half-way leaves it open.
#[test]
fn answers_that_take_their_time_hold_nobody_up() {
    let mut keeper = create(MemoryStore::default());
    let (hong, kim) = (subject("홍길동"), subject("김철수"));
    let first = keeper.log().draft(hong, intent(1), at(0));
    let ticket = block_on(keeper.ask(&first, at(0))).unwrap();
    serve(&mut keeper, kim, intent(2), 1, || Looked::Found((), 1)).unwrap();
    serve(&mut keeper, hong, intent(3), 1, || Looked::Found((), 1)).unwrap();
    // The same question again does not follow any more.
    assert_eq!(
        code(block_on(keeper.ask(&first, at(0)))),
        "history/not-next"
    );
    let answer = block_on(keeper.conclude(ticket, Looked::Found("late", 1), at(9), forget));
    assert_eq!(answer.unwrap(), "late");
    assert_eq!(keeper.log().open().count(), 0);

    let question = keeper.log().draft(hong, intent(4), at(10));
    {
        let never = keeper.serve(
            &question,
            || at(10),
            std::future::pending::<Looked<()>>,
            forget,
        );
        let mut never = pin!(never);
        let mut context = Context::from_waker(Waker::noop());
        assert!(never.as_mut().poll(&mut context).is_pending());
    }
    let open: Vec<_> = keeper.log().open().collect();
    assert_eq!(open, [(hong, question.sequence, at(10))]);
}

/// Two instances over one store, and the same question: whoever has recorded it answers it.
#[test]
fn one_question_is_answered_once() {
    let store = MemoryStore::default();
    let mut first = create(&store);
    let mut second = open(&store);
    let entry = first.log().draft(subject("홍길동"), intent(1), at(0));
    let ticket = block_on(first.ask(&entry, at(0))).unwrap();
    assert_eq!(
        code(block_on(second.ask(&entry, at(0)))),
        "history/store-taken"
    );
    // Nor does it see what came of it.
    let answer = block_on(first.conclude(ticket, Looked::Found("record", 1), at(1), forget));
    assert_eq!(answer.unwrap(), "record");
    let mut has_looked = false;
    let again = serve(&mut second, subject("홍길동"), intent(1), 0, || {
        has_looked = true;
        Looked::Found("record", 1)
    });
    assert!(matches!(again, Err(Unserved::NotRecorded(_))));
    assert!(!has_looked);
}

/// Whoever can write into the store and has no key: a forged outcome would hide that a question has none.
#[test]
fn an_outcome_that_nobody_vouches_for_is_not_taken_up() {
    let store = MemoryStore::default();
    let mut keeper = create(&store);
    let person = subject("홍길동");
    let question = keeper.log().draft(person, intent(1), at(0));
    let _ticket = block_on(keeper.ask(&question, at(0))).unwrap();
    let texts = keeper.log().entries().iter().map(String::as_str);
    let log = QueryLog::restore(ORIGIN, texts, &SOFTWARE).unwrap();
    let outcome = QueryEvent::Outcome {
        intent: 0,
        outcome: Outcome::Denied,
    };
    let forged = log.draft(person, outcome, at(1));
    let text = LogEntry::Query(forged).to_text();
    block_on(store.put_entries(keeper.log().size(), &[text])).unwrap();
    let known = LogEntry::Query(question);
    let opened = QueryKeeper::open(&store, key(), |_, entry| *entry == known, &SOFTWARE);
    assert_eq!(code(block_on(opened)), "history/unvouched");
}

/// What came of a question is given out before it is written, so that whoever keeps it can vouch for it; if he cannot keep
/// it, it is not written.
#[test]
fn what_came_of_a_question_is_vouched_for_by_who_kept_it() {
    let store = MemoryStore::default();
    let mut keeper = create(&store);
    let question = keeper.log().draft(subject("홍길동"), intent(1), at(0));
    let kept = Mutex::new(vec![LogEntry::Query(question)]);
    let keep = |entry| {
        kept.lock().unwrap().push(entry);
        async { Ok(()) }
    };
    let looked = || async { Looked::Found("record", 1) };
    let answer = block_on(keeper.serve(&question, || at(1), looked, keep));
    assert_eq!(answer.unwrap(), "record");
    drop(keeper);
    let known = kept.into_inner().unwrap();
    let opened = QueryKeeper::open(&store, key(), |_, entry| known.contains(entry), &SOFTWARE);
    let mut keeper = block_on(opened).unwrap();
    assert_eq!(keeper.log().open().count(), 0);

    let question = keeper.log().draft(subject("홍길동"), intent(1), at(2));
    let size = keeper.log().size();
    let full = |_| async {
        Err(StoreError::Failed {
            reason: "full".to_owned(),
        })
    };
    let answer = block_on(keeper.serve(&question, || at(2), looked, full));
    assert!(matches!(answer, Err(Unserved::NotRecorded(_))));
    assert_eq!(keeper.log().size(), size + 1);
    assert_eq!(keeper.log().open().count(), 1);
}

/// A question dated ahead could be hidden until long after its time, and none is answered under a time that is not now.
#[test]
fn a_question_is_asked_now() {
    let mut keeper = create(MemoryStore::default());
    let person = subject("홍길동");
    let mut asked = |event: QueryEvent, time: Timestamp| {
        let entry = keeper.log().draft(person, event, time);
        code(block_on(keeper.ask(&entry, at(0))))
    };
    let hidden = |until: &str| QueryEvent::Hidden {
        until: until.parse().unwrap(),
        authority: Commitment::from_bytes([8; 32]),
        query: Commitment::from_bytes([9; 32]),
    };
    let far = "9990-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(
        asked(hidden("9999-01-01T00:00:00Z"), far),
        "history/not-now"
    );
    assert_eq!(asked(intent(1), at(301)), "history/not-now");
    assert_eq!(asked(intent(1), at(-301)), "history/not-now");
    assert_eq!(asked(intent(1), at(-300)), "accepted");
    assert_eq!(asked(intent(1), at(300)), "accepted");
}

/// Somebody else is not shown to have asked a question that is hidden: what it hides is opened first.
#[test]
fn a_hidden_question_is_nobody_elses() {
    let person = subject("홍길동");
    let court = "did:web:court.example.go.kr";
    let [query_key, court_key, other_key] =
        [4, 5, 6].map(|fill| CommitmentKey::from_bytes([fill; 32]));
    let event = QueryEvent::Hidden {
        until: at(1000),
        authority: commit_authority(court, (person, 0), &court_key, &SOFTWARE).unwrap(),
        query: query(1).commit(person, 0, &query_key, &SOFTWARE).unwrap(),
    };
    let log = QueryLog::new(ORIGIN, &SOFTWARE);
    let entry = log.draft(person, event, at(0));
    let open = |query: &Query, key| {
        let opened = entry.open_hidden((query, key), (court, &court_key), &SOFTWARE);
        code(opened)
    };
    assert_eq!(open(&query(1), &query_key), "accepted");
    assert_eq!(open(&query(2), &query_key), "history/root-mismatch");
    assert_eq!(open(&query(1), &other_key), "history/root-mismatch");
}

#[test]
fn nothing_is_hidden_for_ever() {
    let log = QueryLog::new(ORIGIN, &SOFTWARE);
    let hidden = |until: &str| {
        let event = QueryEvent::Hidden {
            until: until.parse().unwrap(),
            authority: Commitment::from_bytes([8; 32]),
            query: Commitment::from_bytes([9; 32]),
        };
        code(log.check(&log.draft(subject("홍길동"), event, at(0))))
    };
    assert_eq!(hidden("2027-11-22T00:00:00Z"), "accepted");
    for until in [
        "9999-12-31T23:59:59Z",
        "2037-11-22T00:00:00Z",
        "2026-01-01T00:00:00Z",
    ] {
        assert_eq!(hidden(until), "history/hidden-span", "{until}");
    }
    assert_eq!(hidden("2027-11-22T00:00:00.5Z"), "history/hidden-span");
}

#[test]
fn what_a_keeper_leaves_out_is_seen() {
    let person = subject("홍길동");
    let mut keeper = create(MemoryStore::default());
    for i in 0..3 {
        serve(&mut keeper, person, intent(i), i.into(), || {
            Looked::Found((), 1)
        })
        .unwrap();
    }
    block_on(keeper.publish(&signer())).unwrap();
    let text = keeper.prove(person).unwrap().to_text();
    let with = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut entries = lines.split_off(1);
        change(&mut entries);
        lines.extend(entries);
        let text = lines.join("\n") + "\n";
        let shown = CompleteHistory::parse(&text).unwrap();
        code(shown.verify_queries(person, ORIGIN, &policy(), &SOFTWARE))
    };
    assert_eq!(with(&|_| {}), "accepted");
    assert_eq!(with(&|entries| entries.truncate(4)), "history/incomplete");
    assert_eq!(
        with(&|entries| drop(entries.drain(2..4))),
        "history/not-next"
    );
    assert_eq!(with(&|entries| entries.clear()), "history/incomplete");
    let other_purpose = |entries: &mut Vec<String>| {
        entries[2] = entries[2].replace(r#""purpose":1"#, r#""purpose":9"#);
    };
    assert_eq!(with(&other_purpose), "history/fork");
    // A monitor that follows the whole log.
    let texts: Vec<String> = keeper.log().entries().to_vec();
    let mut left_out = texts.clone();
    left_out.drain(5..7);
    let follow = |texts: &[String]| {
        code(QueryLog::restore(
            ORIGIN,
            texts.iter().map(String::as_str),
            &SOFTWARE,
        ))
    };
    assert_eq!(follow(&texts), "accepted");
    assert_eq!(follow(&left_out), "history/root-mismatch");
}

#[test]
fn entries_about_persons_have_one_form() {
    let mut log = QueryLog::new(ORIGIN, &SOFTWARE);
    let person = subject("홍길동");
    let meta = QueryEvent::Intent(Query {
        asked: Asked::Queries,
        ..query(2)
    });
    let served = QueryEvent::Outcome {
        intent: 0,
        outcome: Outcome::Served { records: 3 },
    };
    for event in [intent(1), served, meta] {
        let entry = log.draft(person, event, at(0));
        let text = log.check(&entry).unwrap();
        log.follow(&text).unwrap();
    }
    log.note_history(7, kbtf_history::Hash::from_bytes([1; 32]))
        .unwrap();
    log.seal().unwrap();
    for text in log.entries() {
        assert_eq!(LogEntry::parse(text).unwrap().to_text(), *text);
    }
    let [asked, served, ..] = log.entries() else {
        panic!("two entries");
    };
    let record = format!(r#""record":"{}""#, Commitment::from_bytes([3; 32]));
    for (text, from, to) in [
        (
            asked,
            r#""kind":"intent""#,
            r#""kind":"intent","name":"홍길동""#,
        ),
        (asked, r#""basis":"publicTask""#, r#""basis":"curiosity""#),
        (asked, r#""purpose":1"#, r#""purpose":65536"#),
        (asked, record.as_str(), r#""record":"홍길동""#),
        (asked, r#""subject":""#, r#""subject":"0"#),
        (served, r#""records":3"#, r#""records":"3""#),
        (served, r#""outcome":"served""#, r#""outcome":"perhaps""#),
        (served, r#""intent":0"#, r#""intent":0.5"#),
    ] {
        assert!(text.contains(from), "{from} in {text}");
        let other = text.replacen(from, to, 1);
        assert_eq!(
            code(LogEntry::parse(&other)),
            "history/malformed",
            "{other}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Many questions by many, the disk failing now and then, before it has written or after: whoever got an answer finds it
    /// in the complete history of the person, nothing is there that was not asked, and the log can always be opened.
    #[test]
    fn every_answer_has_its_entry(asked in prop::collection::vec((0..4_usize, 0..8_u8, 0..8_u8), 1..30)) {
        let persons = ["a", "b", "c", "d"].map(subject);
        let wrong = |n| match n {
            0 => Some(Wrong::Before),
            1 => Some(Wrong::After),
            _ => None,
        };
        let disk = Disk::default();
        let mut keeper = create(&disk);
        let (mut answered, mut recorded) = ([0_u32; 4], [0_u32; 4]);
        for (i, (of, first, second)) in asked.into_iter().enumerate() {
            let (first, second) = (wrong(first), wrong(second));
            disk.then(&[first, second]);
            let seconds = i64::try_from(i).unwrap();
            let answer = serve(&mut keeper, persons[of], intent(1), seconds, || Looked::Found((), 1));
            disk.then(&[]);
            prop_assert_eq!(answer.is_ok(), first.is_none() && second.is_none());
            answered[of] += u32::from(answer.is_ok());
            recorded[of] += u32::from(first != Some(Wrong::Before));
            if answer.is_err() {
                // As after a crash.
                keeper = open(&disk);
            }
        }
        block_on(keeper.publish(&signer())).unwrap();
        let keeper = open(&disk);
        for (of, person) in persons.iter().enumerate() {
            let shown = keeper.prove(*person).unwrap();
            let seen = shown.verify_queries(*person, ORIGIN, &policy(), &SOFTWARE).unwrap();
            prop_assert_eq!(seen.state().queries(), recorded[of]);
            let served = seen.entries().iter().filter(|entry| {
                matches!(entry.event, QueryEvent::Outcome { outcome: Outcome::Served { .. }, .. })
            });
            let served = u32::try_from(served.count()).unwrap();
            prop_assert!(served >= answered[of]);
            prop_assert_eq!(u32::try_from(seen.state().open().len()).unwrap(), recorded[of] - served);
        }
    }
}
