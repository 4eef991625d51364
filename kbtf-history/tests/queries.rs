//! Who has asked about whom: no entry, no answer; everything that was asked is shown to the person; what a keeper of the log
//! might hide is seen.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::cell::RefCell;

use kbtf_did::{KeyType, SOFTWARE, SecretKey, Signer, SoftwareSigner, Timestamp};
use kbtf_history::{
    Asked, Checkpoint, Commitment, CommitmentKey, CompleteHistory, Error, Field, LegalBasis,
    LogEntry, Looked, ObjectId, Outcome, PseudonymKey, Purpose, Query, QueryEvent, QueryLog,
    SignedCheckpoint, TrustPolicy, Unserved,
    note::{NoteKey, NoteKeyType},
};
use proptest::prelude::*;

const ORIGIN: &str = "queries.example.go.kr/land";

fn signer() -> SoftwareSigner<'static> {
    SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[2; 32]).unwrap())
}

fn policy() -> TrustPolicy {
    let key = signer().public_key().clone();
    let key = NoteKey::new(ORIGIN, NoteKeyType::Ed25519, key, &SOFTWARE).unwrap();
    format!("log {key}\nquorum none\n").parse().unwrap()
}

fn subject(person: &str) -> ObjectId {
    let key = PseudonymKey::from_bytes([9; 32]);
    let name = key.pseudonym(person.as_bytes(), Purpose(1), &SOFTWARE);
    name.unwrap().into()
}

fn query(purpose: u16) -> Query {
    Query {
        actor: Commitment::from_bytes([u8::try_from(purpose).unwrap(); 32]),
        asked: Asked::Record {
            object: ObjectId::from_bytes([3; 16]),
            history_size: 42,
        },
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

fn checkpoint(log: &mut QueryLog<'_>) -> SignedCheckpoint {
    log.seal().unwrap();
    let checkpoint = Checkpoint::new(ORIGIN, log.size(), log.root().unwrap()).unwrap();
    checkpoint.sign(&signer()).unwrap()
}

/// A disk that takes so many writes and then no more.
struct Disk {
    texts: RefCell<Vec<String>>,
    takes: usize,
}

impl Disk {
    fn new(takes: usize) -> Self {
        Self {
            texts: RefCell::default(),
            takes,
        }
    }

    fn store(&self, text: &str) -> Result<(), &'static str> {
        let mut texts = self.texts.borrow_mut();
        if texts.len() == self.takes {
            return Err("full");
        }
        texts.push(text.to_owned());
        Ok(())
    }
}

#[test]
fn a_citizen_sees_who_has_asked() {
    let mut log = QueryLog::new(&SOFTWARE);
    let disk = Disk::new(100);
    let (hong, kim) = (subject("홍길동"), subject("김철수"));
    for (i, person) in [hong, kim, hong, hong].into_iter().enumerate() {
        let i = u16::try_from(i).unwrap();
        let question = QueryEvent::Intent(query(i));
        let store = |text: &str| disk.store(text);
        let looked = || match i {
            2 => Looked::Denied,
            _ => Looked::Found("record", 1),
        };
        let answer = log.serve(person, question, || at(i64::from(i)), store, looked);
        match i {
            2 => assert!(matches!(answer, Err(Unserved::Denied))),
            _ => assert_eq!(answer.unwrap(), "record"),
        }
    }
    // An investigation, hidden for a time, but counted.
    let hidden = query(7);
    let key = CommitmentKey::from_bytes([5; 32]);
    let committed = key
        .commit(hong, 6, Field(0), hidden.to_text().as_bytes(), &SOFTWARE)
        .unwrap();
    let question = QueryEvent::Hidden {
        until: at(1_000_000),
        authority: Commitment::from_bytes([8; 32]),
        query: committed,
    };
    let store = |text: &str| disk.store(text);
    log.serve(hong, question, || at(9), store, || Looked::Found((), 1))
        .unwrap();

    let signed = checkpoint(&mut log);
    let shown = log.prove(hong, signed).unwrap();
    let shown = CompleteHistory::parse(&shown.to_text()).unwrap();
    let seen = shown.verify_queries(hong, &policy(), &SOFTWARE).unwrap();
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
    // Opened later, it is what was committed to.
    assert_eq!(
        key.commit(hong, 6, Field(0), hidden.to_text().as_bytes(), &SOFTWARE)
            .unwrap(),
        committed
    );
    // Somebody about whom nobody has asked is shown that.
    let nobody = subject("아무도");
    let signed = checkpoint(&mut log);
    let none = log.prove(nobody, signed).unwrap();
    let none = none.verify_queries(nobody, &policy(), &SOFTWARE).unwrap();
    assert_eq!((none.entries().len(), none.state().queries()), (0, 0));
    // What is on disk is the log.
    let texts = disk.texts.borrow();
    let again = QueryLog::restore(texts.iter().map(String::as_str), &SOFTWARE).unwrap();
    assert_eq!(again.size(), 10);
    // No name, nor anything of it.
    assert!(texts.iter().all(|text| !text.contains("홍길동")));
    // A history of queries is no history of an object.
    assert_eq!(
        code(shown.verify(hong, &policy(), &SOFTWARE)),
        "history/malformed"
    );
    assert_eq!(
        code(shown.verify_queries(kim, &policy(), &SOFTWARE)),
        "history/root-mismatch"
    );
}

#[test]
fn no_entry_no_answer() {
    let person = subject("홍길동");
    for takes in 0..3 {
        let mut log = QueryLog::new(&SOFTWARE);
        let disk = Disk::new(takes);
        let mut has_looked = false;
        let looked = || {
            has_looked = true;
            Looked::Found("record", 1)
        };
        let store = |text: &str| disk.store(text);
        let answer = log.serve(
            person,
            QueryEvent::Intent(query(1)),
            || at(0),
            store,
            looked,
        );
        assert_eq!(answer.is_ok(), takes == 2);
        if takes < 2 {
            assert!(matches!(answer, Err(Unserved::NotRecorded("full"))));
        }
        // Nobody looks before the question is on disk.
        assert_eq!(has_looked, takes > 0);
        assert_eq!(log.size(), disk.texts.borrow().len() as u64);
        // After a crash in between the question is open, whoever restores the log sees it, and closes it.
        let texts = disk.texts.borrow().clone();
        let mut again = QueryLog::restore(texts.iter().map(String::as_str), &SOFTWARE).unwrap();
        let open: Vec<_> = again.open().collect();
        assert_eq!(open.len(), usize::from(takes == 1));
        for (of, intent, since) in open {
            assert_eq!((of, intent, since), (person, 0, at(0)));
            again
                .close(of, intent, at(60), |_| Ok::<(), ()>(()))
                .unwrap();
            assert_eq!(again.open().count(), 0);
            let twice = again.close(of, intent, at(60), |_| Ok::<(), ()>(()));
            let Err(Unserved::Invalid(error)) = twice else {
                panic!("closed twice");
            };
            assert_eq!(error.code(), "history/no-such-intent");
        }
    }
    // An outcome is no question.
    let mut log = QueryLog::new(&SOFTWARE);
    let outcome = QueryEvent::Outcome {
        intent: 0,
        outcome: Outcome::Denied,
    };
    let answer = log.serve(
        person,
        outcome,
        || at(0),
        |_| Ok::<(), ()>(()),
        || Looked::Found((), 0),
    );
    assert!(matches!(answer, Err(Unserved::Invalid(_))));
    assert_eq!(log.size(), 0);
}

#[test]
fn what_a_keeper_leaves_out_is_seen() {
    let mut log = QueryLog::new(&SOFTWARE);
    let person = subject("홍길동");
    for i in 0..3 {
        let question = QueryEvent::Intent(query(i));
        log.serve(
            person,
            question,
            || at(i.into()),
            |_| Ok::<(), ()>(()),
            || Looked::Found((), 1),
        )
        .unwrap();
    }
    let signed = checkpoint(&mut log);
    let text = log.prove(person, signed).unwrap().to_text();
    let with = |change: &dyn Fn(&mut Vec<serde_json::Value>)| {
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        change(value["entries"].as_array_mut().unwrap());
        let text = kbtf_did::json::parse(&value.to_string())
            .unwrap()
            .to_canonical();
        let shown = CompleteHistory::parse(&text).unwrap();
        code(shown.verify_queries(person, &policy(), &SOFTWARE))
    };
    assert_eq!(with(&|_| {}), "accepted");
    assert_eq!(with(&|entries| entries.truncate(4)), "history/incomplete");
    assert_eq!(
        with(&|entries| drop(entries.drain(2..4))),
        "history/not-next"
    );
    assert_eq!(with(&|entries| entries.clear()), "history/incomplete");
    let other_purpose = |entries: &mut Vec<serde_json::Value>| {
        let text = entries[2]
            .as_str()
            .unwrap()
            .replace(r#""purpose":1"#, r#""purpose":9"#);
        entries[2] = text.into();
    };
    assert_eq!(with(&other_purpose), "history/fork");
    // A monitor that follows the whole log.
    let texts: Vec<String> = log.entries().to_vec();
    let mut left_out = texts.clone();
    left_out.drain(4..6);
    let follow = |texts: &[String]| {
        code(QueryLog::restore(
            texts.iter().map(String::as_str),
            &SOFTWARE,
        ))
    };
    assert_eq!(follow(&texts), "accepted");
    assert_eq!(follow(&left_out), "history/root-mismatch");
}

#[test]
fn entries_about_persons_have_one_form() {
    let mut log = QueryLog::new(&SOFTWARE);
    let person = subject("홍길동");
    let question = QueryEvent::Intent(query(1));
    let meta = QueryEvent::Intent(Query {
        asked: Asked::Queries,
        ..query(2)
    });
    for question in [question, meta] {
        log.serve(
            person,
            question,
            || at(0),
            |_| Ok::<(), ()>(()),
            || Looked::Found((), 3),
        )
        .unwrap();
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
    for (text, from, to) in [
        (
            asked,
            r#""kind":"intent""#,
            r#""kind":"intent","name":"홍길동""#,
        ),
        (asked, r#""basis":"publicTask""#, r#""basis":"curiosity""#),
        (asked, r#""purpose":1"#, r#""purpose":65536"#),
        (asked, r#""historySize":42,"#, ""),
        (asked, r#""historySize":42"#, r#""historySize":-1"#),
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

    /// Many questions by many, the disk failing now and then: whoever got an answer finds it in the complete history of the
    /// person, and nothing is there that was not asked.
    #[test]
    fn every_answer_has_its_entry(asked in prop::collection::vec((0..4_usize, any::<bool>(), any::<bool>()), 1..30)) {
        let persons = ["a", "b", "c", "d"].map(subject);
        let mut log = QueryLog::new(&SOFTWARE);
        let mut disk: Vec<String> = Vec::new();
        let (mut answered, mut recorded) = ([0_u32; 4], [0_u32; 4]);
        for (i, (of, intent_fails, outcome_fails)) in asked.into_iter().enumerate() {
            let mut writes = 0;
            let store = |text: &str| {
                writes += 1;
                match (writes, intent_fails, outcome_fails) {
                    (1, true, _) | (2, _, true) => Err(()),
                    _ => {
                        disk.push(text.to_owned());
                        Ok(())
                    }
                }
            };
            let question = QueryEvent::Intent(query(1));
            let now = || at(i64::try_from(i).unwrap());
            let answer = log.serve(persons[of], question, now, store, || Looked::Found((), 1));
            prop_assert_eq!(answer.is_ok(), !intent_fails && !outcome_fails);
            answered[of] += u32::from(answer.is_ok());
            recorded[of] += u32::from(!intent_fails);
        }
        // From what is on disk alone, as after a crash.
        let mut log = QueryLog::restore(disk.iter().map(String::as_str), &SOFTWARE).unwrap();
        let signed = checkpoint(&mut log);
        for (of, person) in persons.iter().enumerate() {
            let shown = log.prove(*person, signed.clone()).unwrap();
            let seen = shown.verify_queries(*person, &policy(), &SOFTWARE).unwrap();
            prop_assert_eq!(seen.state().queries(), recorded[of]);
            let served = seen.entries().iter().filter(|entry| {
                matches!(entry.event, QueryEvent::Outcome { outcome: Outcome::Served { .. }, .. })
            });
            prop_assert_eq!(u32::try_from(served.count()).unwrap(), answered[of]);
            prop_assert_eq!(
                u32::try_from(seen.state().open().len()).unwrap(),
                recorded[of] - answered[of]
            );
        }
    }
}
