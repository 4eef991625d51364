//! What a keeper takes, gives out and opens again.

use super::*;

#[test]
fn many_entries_are_taken_at_once_or_none() {
    let store = MemoryStore::default();
    let mut random = Counted(0);
    let mut keeper = create(&store);
    let (.., document) = officer();
    let created: Vec<_> = (0..5).map(|_| creation(&mut random)).collect();
    let admissions: Vec<_> = created
        .iter()
        .map(|(entry, by)| Admission {
            entry,
            by,
            document: &document,
        })
        .collect();
    // One of them twice: nothing is written.
    let mut twice = admissions.clone();
    twice.push(twice[0]);
    let refused = block_on(keeper.admit_many(&twice, at(0))).unwrap_err();
    assert_eq!(refused.code(), "history/not-next");
    assert_eq!(block_on(store.entries(0, 10)).unwrap().len(), 1);
    // What follows on an entry of the same batch is taken.
    let (first, _) = &created[0];
    let hash = kbtf_history::TreeHasher::SOFTWARE
        .leaf(LogEntry::Object(first.clone()).to_text().as_bytes())
        .unwrap();
    let state = kbtf_history::ObjectState::follow(None, first, hash).unwrap();
    let (officer, method, _) = officer();
    let actor = Actor::new(ORIGIN, method, &officer);
    let (named, key) = actor.commit(first.object, 1, &mut random).unwrap();
    let entry = next_entry(Some(&state), first.object, Event::Delete, named, at(0));
    let by = actor.sign(vec![(&entry, key)]).unwrap().remove(0);
    let mut all = admissions;
    all.push(Admission {
        entry: &entry,
        by: &by,
        document: &document,
    });
    assert_eq!(block_on(keeper.admit_many(&all, at(0))).unwrap(), 1);
    assert_eq!(keeper.log().size(), 7);
    assert_eq!(open(&store).log().size(), 7);
    assert_eq!(block_on(keeper.admit_many(&[], at(0))).unwrap(), 7);
    // Dated after now.
    let late = creation(&mut random);
    let early = block_on(keeper.admit(&late.0, &late.1, &document, at(-600)));
    assert_eq!(early.unwrap_err().code(), "history/from-the-future");
}

#[test]
fn files_that_were_meddled_with_are_not_opened() {
    let folder = folder("meddled");
    let (mut random, log) = (Counted(0), signer(1));
    let store = Files::new(&folder);
    let mut keeper = create(&store);
    for _ in 0..3 {
        admit(&mut keeper, &mut random).unwrap();
    }
    block_on(keeper.publish(&log)).unwrap();
    let published = keeper.log().size();
    admit(&mut keeper, &mut random).unwrap();
    let open = |key, vouch: bool| match block_on(Keeper::open(&store, key, |_, _| vouch, &SOFTWARE))
    {
        Ok(keeper) => format!("opened with {}", keeper.log().size()),
        Err(error) => error.code().to_owned(),
    };
    let key = || log_key(ORIGIN, 1);
    assert_eq!(open(key(), true), "opened with 6");
    assert_eq!(
        open(log_key("other.example/log", 1), true),
        "history/other-log"
    );
    assert_eq!(open(log_key(ORIGIN, 2), true), "history/unsigned");
    // An entry behind the checkpoint that somebody has put there.
    assert_eq!(open(key(), false), "history/unvouched");
    let entries = folder.join("entries");
    let whole = fs::read(&entries).unwrap();
    let checkpoint = fs::read_to_string(folder.join("checkpoint")).unwrap();
    // Cut short by the last entry, which no checkpoint covers: whoever has given a receipt for it sees that it is gone.
    fs::write(&entries, &whole[..whole.len() - 5]).unwrap();
    assert_eq!(open(key(), false), format!("opened with {published}"));
    // By one more: what the checkpoint is about is not all there.
    let last = whole.len() - (12 + keeper.log().entries()[5].len()) - 5;
    fs::write(&entries, &whole[..last]).unwrap();
    assert_eq!(open(key(), true), "history/root-mismatch");
    // No checkpoint any more.
    fs::write(&entries, &whole).unwrap();
    fs::remove_file(folder.join("checkpoint")).unwrap();
    assert_eq!(open(key(), true), "history/malformed");
    // Another log altogether, written properly, with a checkpoint that another key has signed, or with the old one.
    fs::remove_file(&entries).unwrap();
    let mut other = Counted(1_000_000);
    let forged = MemoryStore::default();
    let mut forger = block_on(Keeper::create(
        &forged,
        log_key(ORIGIN, 9),
        &signer(9),
        &SOFTWARE,
    ))
    .unwrap();
    for _ in 0..3 {
        admit(&mut forger, &mut other).unwrap();
    }
    let signed = block_on(forger.publish(&signer(9))).unwrap();
    block_on(store.put_entries(0, forger.log().entries())).unwrap();
    fs::write(folder.join("checkpoint"), signed.to_string()).unwrap();
    assert_eq!(open(key(), true), "history/unsigned");
    fs::write(folder.join("checkpoint"), checkpoint).unwrap();
    assert_eq!(open(key(), true), "history/root-mismatch");
    fs::remove_dir_all(&folder).unwrap();
}

/// An old copy of the whole store is whole: only somebody who has seen more can tell.
#[test]
fn a_log_that_was_set_back_does_not_continue_what_a_witness_has() {
    let (mut random, log) = (Counted(0), signer(1));
    let store = MemoryStore::default();
    let mut keeper = create(&store);
    admit(&mut keeper, &mut random).unwrap();
    let first = block_on(keeper.publish(&log)).unwrap();
    let old = MemoryStore::default();
    block_on(old.put_entries(0, keeper.log().entries())).unwrap();
    block_on(old.swap_checkpoint(None, &first.to_string())).unwrap();
    admit(&mut keeper, &mut random).unwrap();
    let second = block_on(keeper.publish(&log)).unwrap();

    let set_back = open(&old);
    set_back.continues(first.unverified()).unwrap();
    let seen = set_back.continues(second.unverified());
    assert_eq!(seen.unwrap_err().code(), "history/root-mismatch");
    keeper.continues(first.unverified()).unwrap();
    // Another signs nothing of it.
    admit(&mut keeper, &mut random).unwrap();
    let other = block_on(keeper.publish(&signer(2)));
    assert_eq!(other.unwrap_err().code(), "history/unsigned");
}

fn cosigned_by(witness: &Witness<'_>) -> LogKeys {
    let keys = LogKeys::from(log_key(ORIGIN, 1));
    keys.witness(witness.key().unwrap()).unwrap()
}

/// Proofs are there between two checkpoints too, under the first; and with the cosignatures of witnesses.
#[test]
fn proofs_are_given_under_the_last_checkpoint_and_its_cosignatures() {
    let (mut random, log) = (Counted(0), signer(1));
    let store = MemoryStore::default();
    let house = signer(5);
    let witness = Witness::new("witness.example", &house, vec![log_key(ORIGIN, 1)]).unwrap();
    let keys = cosigned_by(&witness);
    let mut keeper = block_on(Keeper::create(&store, keys.clone(), &log, &SOFTWARE)).unwrap();
    let (entry, by) = creation(&mut random);
    let (.., document) = officer();
    block_on(keeper.admit(&entry, &by, &document, at(0))).unwrap();
    let signed = block_on(keeper.publish(&log)).unwrap();
    let request = AddCheckpoint {
        old_size: 0,
        path: Vec::new(),
        checkpoint: signed,
    };
    let (_, lines) = witness.add_checkpoint(&request, None, at(9)).unwrap();
    block_on(keeper.cosigned(&lines)).unwrap();
    let (later, _) = creation(&mut random);
    admit(&mut keeper, &mut random).unwrap();

    let key = witness.key().unwrap();
    let policy: TrustPolicy = format!("log {}\nwitness w {key}\nquorum w\n", log_key(ORIGIN, 1))
        .parse()
        .unwrap();
    let opened = Keeper::open(&store, keys, |_, _| true, &SOFTWARE);
    for keeper in [&keeper, &block_on(opened).unwrap()] {
        let shown = keeper.prove(entry.object).unwrap();
        let history = shown
            .verify(entry.object, ORIGIN, &policy, &SOFTWARE)
            .unwrap();
        assert_eq!(history.entries(), std::slice::from_ref(&entry));
        assert_eq!(history.checkpoint().seen_by(), Some(at(9)));
        let none = keeper.prove(later.object).unwrap();
        let none = none
            .verify(later.object, ORIGIN, &policy, &SOFTWARE)
            .unwrap();
        assert!(none.state().is_none());
    }
}

/// What witnesses answer is anybody's until it is verified: nothing of it may take the log's own signature away, or that of
/// another witness, or fill the checkpoint.
#[test]
fn what_comes_in_the_name_of_witnesses_is_verified_before_it_is_kept() {
    use base64ct::{Base64, Encoding as _};

    let store = MemoryStore::default();
    let house = signer(5);
    let witness = Witness::new("w.example", &house, vec![log_key(ORIGIN, 1)]).unwrap();
    let keys = cosigned_by(&witness);
    let log = signer(1);
    let created = Keeper::create(&store, keys.clone(), &log, &SOFTWARE);
    let mut keeper = block_on(created).unwrap();
    let again = || block_on(Keeper::open(&store, keys.clone(), |_, _| true, &SOFTWARE)).unwrap();
    let cosign = |signed: &SignedCheckpoint, time| {
        let request = AddCheckpoint {
            old_size: 0,
            path: Vec::new(),
            checkpoint: signed.clone(),
        };
        witness.add_checkpoint(&request, None, time).unwrap().1
    };
    let honest = cosign(keeper.checkpoint(), at(5));
    let stranger = format!("— w.example {}\n", Base64::encode_string(&[7; 2432]));
    let code = |result: Result<(), Error>| result.unwrap_err().code();
    // A line of a witness's length in the name, and under the id, of the log.
    let own = keeper.checkpoint().to_string();
    let (name, signature) = own.lines().last().unwrap().rsplit_once(' ').unwrap();
    let id = Base64::decode_vec(signature).unwrap()[..4].to_vec();
    let of_72 = Base64::encode_string(&[id, vec![0; 72]].concat());
    let before = keeper.checkpoint().clone();
    let log_line = format!("{name} {of_72}\n");
    assert_eq!(
        code(block_on(keeper.cosigned(&log_line))),
        "history/unsigned"
    );
    // The log's own key is that of no witness.
    let as_witness = keys.clone().witness(log_key(ORIGIN, 1));
    assert_eq!(as_witness.unwrap_err().code(), "history/malformed");
    // Strangers, as many as there is room for.
    let strangers: String = (0..63)
        .map(|i| format!("— x{i} {}\n", Base64::encode_string(&[i; 76])))
        .collect();
    assert_eq!(
        code(block_on(keeper.cosigned(&strangers))),
        "history/unsigned"
    );
    // The witness's, changed.
    let (name, signature) = honest.trim_end().rsplit_once(' ').unwrap();
    let mut bytes = Base64::decode_vec(signature).unwrap();
    bytes[40] ^= 1;
    let changed = format!("{name} {}\n", Base64::encode_string(&bytes));
    for _ in 0..2 {
        assert_eq!(
            code(block_on(keeper.cosigned(&changed))),
            "history/false-signature"
        );
        assert_eq!(
            *keeper.checkpoint(),
            before,
            "nothing of what is refused stays"
        );
        assert_eq!(*again().checkpoint(), before);
        // A good one is taken out of an answer with a line of a key that nobody knows (C2SP tlog-witness), of ML-DSA perhaps, and
        // is then not displaced.
        let both = format!("{stranger}{honest}");
        if block_on(keeper.cosigned(&both)).is_ok() {
            break;
        }
    }
    let cosigned = keeper.checkpoint().clone();
    assert_ne!(cosigned, before);
    assert!(block_on(keeper.cosigned(&changed)).is_err());
    assert!(block_on(keeper.cosigned(&log_line)).is_err());
    assert_eq!(*keeper.checkpoint(), cosigned);
    // The same again changes nothing, in the store neither.
    let stored = block_on(store.checkpoint()).unwrap();
    block_on(keeper.cosigned(&honest)).unwrap();
    assert_eq!(block_on(store.checkpoint()).unwrap(), stored);
    // A later answer of the same witness, for the same, is another line: the earlier one says when it was there first.
    block_on(keeper.cosigned(&cosign(&before, at(60)))).unwrap();
    let key = witness.key().unwrap();
    let policy: TrustPolicy = format!("log {}\nwitness w {key}\nquorum w\n", log_key(ORIGIN, 1))
        .parse()
        .unwrap();
    let seen = policy.verify(keeper.checkpoint(), &SOFTWARE).unwrap();
    assert_eq!(seen.seen_by(), Some(at(5)));
    // Honest and late: for the checkpoint before.
    admit(&mut keeper, &mut Counted(0)).unwrap();
    block_on(keeper.publish(&signer(1))).unwrap();
    assert_eq!(
        code(block_on(keeper.cosigned(&honest))),
        "history/false-signature"
    );
    trusted(again().checkpoint());
}

/// A line of a witness over a text, at any time at all.
fn line(witness: &NoteKey, signer: &SoftwareSigner<'_>, text: &str, time: u64) -> String {
    use base64ct::{Base64, Encoding as _};

    let signed = signer.sign(format!("cosignature/v1\ntime {time}\n{text}").as_bytes());
    let key = witness.to_string();
    let id = u32::from_str_radix(key.split('+').nth(1).unwrap(), 16).unwrap();
    let bytes = [&id.to_be_bytes()[..], &time.to_be_bytes(), &signed.unwrap()].concat();
    format!("— {} {}\n", witness.name(), Base64::encode_string(&bytes))
}

fn witness_key(name: &str, seed: u8) -> NoteKey {
    let key = signer(seed).public_key().clone();
    NoteKey::new(name, NoteKeyType::Cosignature, key, &SOFTWARE).unwrap()
}

/// A time that none is neither stands for the last nor takes the first away.
#[test]
fn a_cosignature_at_no_time_is_none() {
    let witness = witness_key("w.example", 5);
    let keys = LogKeys::from(log_key(ORIGIN, 1)).witness(witness.clone());
    let store = MemoryStore::default();
    let log = signer(1);
    let created = Keeper::create(&store, keys.unwrap(), &log, &SOFTWARE);
    let mut keeper = block_on(created).unwrap();
    let text = keeper.checkpoint().unverified().to_text();
    let at_time = |time| line(&witness, &signer(5), &text, time);
    block_on(keeper.cosigned(&at_time(1_795_000_000))).unwrap();
    let never = block_on(keeper.cosigned(&at_time(i64::MAX.unsigned_abs())));
    assert_eq!(never.unwrap_err().code(), "history/unsigned");
    // Nor where somebody else has put it below.
    let both = keeper.checkpoint().to_string() + &at_time(i64::MAX.unsigned_abs());
    let policy: TrustPolicy = format!(
        "log {}\nwitness w {witness}\nquorum w\n",
        log_key(ORIGIN, 1)
    )
    .parse()
    .unwrap();
    for signed in [
        keeper.checkpoint(),
        &SignedCheckpoint::parse(&both).unwrap(),
    ] {
        let seen = policy.verify(signed, &SOFTWARE).unwrap();
        assert_eq!(seen.seen_by(), Some(at(0)));
    }
}

/// As many witnesses as there is room for: none is kept out by what others have cosigned twice.
#[test]
fn every_witness_finds_room() {
    let witnesses: Vec<NoteKey> = (100..163)
        .map(|seed| witness_key(&format!("w{seed}.example"), seed))
        .collect();
    let mut keys = witnesses.iter().cloned();
    let keys = keys.try_fold(LogKeys::from(log_key(ORIGIN, 1)), LogKeys::witness);
    let store = MemoryStore::default();
    let log = signer(1);
    let created = Keeper::create(&store, keys.unwrap(), &log, &SOFTWARE);
    let mut keeper = block_on(created).unwrap();
    let text = keeper.checkpoint().unverified().to_text();
    for (witness, seed) in witnesses.iter().zip(100..) {
        for time in [1_795_000_000, 1_795_000_600] {
            block_on(keeper.cosigned(&line(witness, &signer(seed), &text, time))).unwrap();
        }
    }
    let signatures = keeper.checkpoint().note().signatures().iter();
    let names: BTreeSet<&str> = signatures.map(|one| one.name()).collect();
    assert_eq!(names.len(), 64);
    trusted(keeper.checkpoint());
}

/// Whoever can write into the store, and has no key: a false line in the name of a witness would make all that is given out bad.
#[test]
fn what_stands_below_the_stored_checkpoint_is_verified_when_it_is_opened() {
    let witness = witness_key("w.example", 5);
    let keys = LogKeys::from(log_key(ORIGIN, 1)).witness(witness.clone());
    let keys = keys.unwrap();
    let store = MemoryStore::default();
    let log = signer(1);
    let created = Keeper::create(&store, keys.clone(), &log, &SOFTWARE);
    let mut keeper = block_on(created).unwrap();
    let text = keeper.checkpoint().unverified().to_text();
    let own = keeper.checkpoint().clone();
    block_on(keeper.cosigned(&line(&witness, &signer(5), &text, 1_795_000_000))).unwrap();
    let good = keeper.checkpoint().clone();
    let stored = good.to_string();
    let forged = line(&witness, &signer(6), &text, 1_795_000_001);
    let with_forged = stored.clone() + &forged;
    block_on(store.swap_checkpoint(Some(&stored), &with_forged)).unwrap();
    let opened = Keeper::open(&store, keys, |_, _| false, &SOFTWARE);
    let mut keeper = block_on(opened).unwrap();
    assert_eq!(*keeper.checkpoint(), good);
    // Those of witnesses that it does not know it leaves out.
    assert_eq!(*open(&store).checkpoint(), own);
    // It goes on from there.
    admit(&mut keeper, &mut Counted(0)).unwrap();
    let signed = block_on(keeper.publish(&signer(1))).unwrap();
    trusted(&signed);
    assert_eq!(
        block_on(store.checkpoint()).unwrap(),
        Some(signed.to_string())
    );
}

/// A store that fails after it has put entries, or does not swap the checkpoint, once.
#[derive(Default)]
struct Unreliable {
    kept: MemoryStore,
    fails_after: Mutex<bool>,
    does_not_swap: Mutex<bool>,
}

fn once(flag: &Mutex<bool>) -> Result<(), StoreError> {
    match std::mem::take(&mut *flag.lock().unwrap()) {
        true => Err(StoreError::Failed {
            reason: "gone".to_owned(),
        }),
        false => Ok(()),
    }
}

impl LogStore for Unreliable {
    async fn entries(&self, from: u64, most: usize) -> Result<Vec<String>, StoreError> {
        self.kept.entries(from, most).await
    }
    async fn put_entries(&self, from: u64, texts: &[String]) -> Result<usize, StoreError> {
        let put = self.kept.put_entries(from, texts).await?;
        once(&self.fails_after).map(|()| put)
    }
    async fn checkpoint(&self) -> Result<Option<String>, StoreError> {
        self.kept.checkpoint().await
    }
    async fn swap_checkpoint(&self, expected: Option<&str>, new: &str) -> Result<(), StoreError> {
        once(&self.does_not_swap)?;
        self.kept.swap_checkpoint(expected, new).await
    }
}

/// Whoever keeps what he hands in before he does so can vouch for it, whatever the write has said.
#[test]
fn a_write_that_failed_and_has_written_is_vouched_for_by_who_handed_it_in() {
    let store = Unreliable::default();
    let mut keeper = create(&store);
    let (entry, by) = creation(&mut Counted(0));
    let (.., document) = officer();
    *store.fails_after.lock().unwrap() = true;
    let failed = block_on(keeper.admit(&entry, &by, &document, at(0)));
    assert_eq!(failed.unwrap_err().code(), "history/store-failed");
    drop(keeper);
    let handed_in = LogEntry::Object(entry.clone());
    let vouching = |vouch: bool| {
        block_on(Keeper::open(
            &store,
            log_key(ORIGIN, 1),
            |_, one| vouch && *one == handed_in,
            &SOFTWARE,
        ))
        .map(|keeper| keeper.log().size())
    };
    assert_eq!(vouching(false).unwrap_err().code(), "history/unvouched");
    assert_eq!(vouching(true).unwrap(), 2);
}

/// The last checkpoint stays provable when the next one could not be put in its place, as after a crash between the two.
#[test]
fn proofs_go_on_under_the_last_checkpoint_when_the_next_is_not_kept() {
    let store = Unreliable::default();
    let (mut random, log) = (Counted(0), signer(1));
    let mut keeper = create(&store);
    let (entry, by) = creation(&mut random);
    let (.., document) = officer();
    block_on(keeper.admit(&entry, &by, &document, at(0))).unwrap();
    block_on(keeper.publish(&log)).unwrap();
    for round in 0..40 {
        admit(&mut keeper, &mut random).unwrap();
        // With another's key nothing is written at all.
        let size = keeper.log().size();
        let other = block_on(keeper.publish(&signer(2)));
        assert_eq!(other.unwrap_err().code(), "history/unsigned");
        assert_eq!(keeper.log().size(), size);
        *store.does_not_swap.lock().unwrap() = true;
        assert!(block_on(keeper.publish(&log)).is_err());
        for keeper in [&keeper, &open(&store)] {
            let shown = keeper.prove(entry.object).unwrap();
            shown
                .verify(entry.object, ORIGIN, &policy(), &SOFTWARE)
                .unwrap_or_else(|error| panic!("{round}: {error}"));
        }
    }
    // It works again.
    let signed = block_on(keeper.publish(&log)).unwrap();
    assert_eq!(signed.unverified().size(), keeper.log().size());
    keeper.prove(entry.object).unwrap();
}

/// Whoever can write into the store and has no key: a note of the other log that nobody vouches for would be signed, and the
/// true one refused for ever.
#[test]
fn what_nobody_vouches_for_is_not_taken_up() {
    let store = MemoryStore::default();
    let keeper = create(&store);
    let size = keeper.log().size();
    let root = Hash::from_bytes([9; 32]);
    let forged = LogEntry::Queries {
        size: (1 << 53) - 1,
        root,
    };
    block_on(store.put_entries(size, &[forged.to_text()])).unwrap();
    let opened = |vouch: bool| {
        let vouch = |index, entry: &LogEntry| {
            assert_eq!((index, entry), (1, &forged));
            vouch
        };
        block_on(Keeper::open(&store, log_key(ORIGIN, 1), vouch, &SOFTWARE)).err()
    };
    assert_eq!(opened(false).unwrap().code(), "history/unvouched");
    assert!(opened(true).is_none());
}

/// Where all histories stand is said once; again and again it would push out what proofs are made of.
#[test]
fn seals_that_nobody_vouches_for_are_taken_up_once() {
    let store = MemoryStore::default();
    let mut keeper = create(&store);
    admit(&mut keeper, &mut Counted(0)).unwrap();
    block_on(keeper.publish(&signer(1))).unwrap();
    let last = LogEntry::parse(keeper.log().entries().last().unwrap()).unwrap();
    let LogEntry::Heads { root, .. } = last else {
        panic!("sealed");
    };
    let size = keeper.log().size();
    let again = LogEntry::Heads { size, root };
    block_on(store.put_entries(size, &[again.to_text()])).unwrap();
    let opened = Keeper::open(&store, log_key(ORIGIN, 1), |_, _| false, &SOFTWARE);
    assert_eq!(block_on(opened).err().unwrap().code(), "history/unvouched");
}
