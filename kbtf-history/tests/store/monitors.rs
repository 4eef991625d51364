//! What whoever follows a log sees.

use super::*;

#[test]
fn a_monitor_sees_what_a_keeper_does() {
    let (mut random, log) = (Counted(0), signer(1));
    let store = MemoryStore::default();
    let mut keeper = create(&store);
    admit(&mut keeper, &mut random).unwrap();
    let first = trusted(&block_on(keeper.publish(&log)).unwrap());
    admit(&mut keeper, &mut random).unwrap();
    let second = trusted(&block_on(keeper.publish(&log)).unwrap());
    let texts = keeper.log().entries().to_vec();
    let texts = || texts.iter().map(String::as_str);
    let followed = || {
        let mut monitor = Monitor::of_histories(ORIGIN, &SOFTWARE);
        monitor.follow(&first, texts().take(3)).unwrap();
        monitor
    };
    let mut good = followed();
    good.follow(&second, texts().skip(3)).unwrap();
    assert_eq!((good.size(), good.entries().len()), (5, 5));
    good.follow(&second, []).unwrap();
    let code = |found: Result<(), Finding>| found.unwrap_err().code();
    // An earlier state, honest, is an old one; a false one a fork.
    assert_eq!(code(good.follow(&first, [])), "history/monitor-old");
    let false_root = Hash::from_bytes([7; 32]);
    let false_state = Checkpoint::new(ORIGIN, 3, false_root).unwrap();
    let false_state = trusted(&false_state.sign(&log).unwrap());
    assert_eq!(code(good.follow(&false_state, [])), "history/monitor-fork");
    // A connection that breaks off is taken up where it broke.
    let mut broken = followed();
    assert_eq!(
        code(broken.follow(&second, texts().skip(3).take(1))),
        "history/monitor-missing"
    );
    broken.follow(&second, texts().skip(4)).unwrap();
    // Entries left out, too many, and what is none.
    assert_eq!(
        code(followed().follow(&second, texts().skip(4))),
        "history/monitor-missing"
    );
    let last_twice = texts().skip(4).chain(texts().skip(4));
    assert_eq!(
        code(followed().follow(&second, last_twice)),
        "history/monitor-other-entries"
    );
    assert_eq!(
        code(followed().follow(&second, texts().skip(3).chain(["x"]))),
        "history/monitor-other-entries"
    );
    assert_eq!(
        code(followed().follow(&second, ["{}", "{}"])),
        "history/monitor-other-entries"
    );
    // They are not held against the log: from somewhere else they come as they should.
    let mut recovered = followed();
    recovered.follow(&second, ["{}"]).unwrap_err();
    recovered.follow(&second, texts().skip(4)).unwrap_err();
    assert_eq!(recovered.size(), 3);
    recovered.follow(&second, texts().skip(3)).unwrap();
    // What does not follow and is signed is.
    let mut tree = MemoryTree::new();
    for text in texts().take(3).chain(["{}"]) {
        let leaf = TreeHasher::SOFTWARE.leaf(text.as_bytes()).unwrap();
        tree.append(leaf, &TreeHasher::SOFTWARE).unwrap();
    }
    let root = tree.root(&TreeHasher::SOFTWARE).unwrap();
    let signed = Checkpoint::new(ORIGIN, 4, root)
        .unwrap()
        .sign(&log)
        .unwrap();
    assert_eq!(
        code(followed().follow(&trusted(&signed), ["{}"])),
        "history/malformed"
    );
    // Another tree of the same size, under the same name and key.
    let other = MemoryStore::default();
    let mut forked = create(&other);
    admit(&mut forked, &mut random).unwrap();
    let fork = trusted(&block_on(forked.publish(&log)).unwrap());
    assert_eq!(code(followed().follow(&fork, [])), "history/monitor-fork");
    admit(&mut forked, &mut random).unwrap();
    let fork = trusted(&block_on(forked.publish(&log)).unwrap());
    let theirs = forked.log().entries().to_vec();
    let theirs = theirs.iter().map(String::as_str).skip(3);
    assert_eq!(
        code(followed().follow(&fork, theirs)),
        "history/monitor-other-entries"
    );
    // A log without a word on where its histories stand.
    let mut unsealed = kbtf_history::HistoryLog::new(ORIGIN, &SOFTWARE);
    for text in texts().take(2) {
        unsealed.follow(text).unwrap();
    }
    let checkpoint = Checkpoint::new(ORIGIN, 2, unsealed.root().unwrap()).unwrap();
    let unsealed = trusted(&checkpoint.sign(&log).unwrap());
    let mut monitor = Monitor::of_histories(ORIGIN, &SOFTWARE);
    assert_eq!(
        code(monitor.follow(&unsealed, texts().take(2))),
        "history/monitor-not-sealed"
    );
    // Of another name, and of the other kind.
    let mut elsewhere = Monitor::of_histories("other.example/log", &SOFTWARE);
    assert_eq!(
        code(elsewhere.follow(&first, [])),
        "history/monitor-other-log"
    );
    let mut other_kind = Monitor::of_queries(ORIGIN, &SOFTWARE);
    assert_eq!(
        code(other_kind.follow(&first, texts().take(3))),
        "history/malformed"
    );
}

/// What comes in parts, and an older checkpoint in between.
#[test]
fn a_monitor_judges_what_a_checkpoint_is_about_and_nothing_behind_it() {
    let mut random = Counted(0);
    let mut log = HistoryLog::new(ORIGIN, &SOFTWARE);
    let write = |log: &mut HistoryLog<'_>, random: &mut Counted| {
        let (entry, _) = creation(random);
        let text = LogEntry::Object(entry).to_text();
        log.follow(&text).unwrap();
    };
    let signed = |log: &HistoryLog<'_>, size| {
        let root = log.root_at(size).unwrap();
        let checkpoint = Checkpoint::new(ORIGIN, size, root).unwrap();
        trusted(&checkpoint.sign(&signer(1)).unwrap())
    };
    for count in [3, 4] {
        for _ in 0..count {
            write(&mut log, &mut random);
        }
        log.seal().unwrap();
    }
    let (four, nine, unsealed) = (signed(&log, 4), signed(&log, 9), signed(&log, 2));
    let texts: Vec<&str> = log.entries().iter().map(String::as_str).collect();
    let code = |found: Result<(), Finding>| found.unwrap_err().code();
    let half_way = || {
        let mut monitor = Monitor::of_histories(ORIGIN, &SOFTWARE);
        let six = texts[..6].iter().copied();
        assert_eq!(code(monitor.follow(&nine, six)), "history/monitor-missing");
        assert_eq!(monitor.entries(), [""; 0], "nothing is signed yet");
        monitor
    };
    // An honest log is accused of nothing.
    let mut monitor = half_way();
    monitor.follow(&four, []).unwrap();
    assert_eq!(monitor.entries(), &texts[..4]);
    monitor.follow(&nine, texts[6..].iter().copied()).unwrap();
    assert_eq!(monitor.entries(), texts);
    // One that signs what is not sealed is.
    assert_eq!(
        code(half_way().follow(&unsealed, [])),
        "history/monitor-not-sealed"
    );
    // What is handed over beyond a checkpoint is not taken for signed.
    let mut forged = HistoryLog::restore(ORIGIN, texts[..6].iter().copied(), &SOFTWARE).unwrap();
    write(&mut forged, &mut Counted(1 << 40));
    let behind = forged.entries()[6].as_str();
    let mut monitor = half_way();
    assert_eq!(
        code(monitor.follow(&four, [behind])),
        "history/monitor-other-entries"
    );
}

/// A log whose checkpoints a witness sees at their time.
fn seen(log: &HistoryLog<'_>, time: Timestamp) -> TrustedCheckpoint {
    let house = signer(5);
    let witness = Witness::new("witness.example", &house, vec![log_key(ORIGIN, 1)]).unwrap();
    let checkpoint = Checkpoint::new(ORIGIN, log.size(), log.root().unwrap());
    let signed = checkpoint.unwrap().sign(&signer(1)).unwrap();
    let request = AddCheckpoint {
        old_size: 0,
        path: Vec::new(),
        checkpoint: signed.clone(),
    };
    let (_, lines) = witness.add_checkpoint(&request, None, time).unwrap();
    let key = witness.key().unwrap();
    let policy: TrustPolicy = format!("log {}\nwitness w {key}\nquorum w\n", log_key(ORIGIN, 1))
        .parse()
        .unwrap();
    policy
        .verify(&signed.cosigned(&lines).unwrap(), &SOFTWARE)
        .unwrap()
}

#[test]
fn what_is_dated_back_or_forward_is_seen_by_what_witnesses_have_seen() {
    let mut random = Counted(0);
    let mut log = HistoryLog::new(ORIGIN, &SOFTWARE);
    let mut write = |log: &mut HistoryLog<'_>, time: i64| {
        let (entry, _) = creation(&mut random);
        let entry = ObjectEntry {
            time: at(time),
            ..entry
        };
        let text = LogEntry::Object(entry).to_text();
        log.follow(&text).unwrap();
    };
    write(&mut log, 0);
    log.seal().unwrap();
    let first = seen(&log, at(1000));
    // In time; a little before, as clocks differ; a day back; a day ahead.
    for time in [1500, 800, -86_400, 86_400] {
        write(&mut log, time);
    }
    log.seal().unwrap();
    let second = seen(&log, at(2000));
    let mut monitor = Monitor::of_histories(ORIGIN, &SOFTWARE);
    let texts: Vec<&str> = log.entries().iter().map(String::as_str).collect();
    monitor.follow(&first, texts[..2].iter().copied()).unwrap();
    monitor.follow(&second, texts[2..].iter().copied()).unwrap();
    let found: Vec<_> = monitor
        .misdated()
        .iter()
        .map(|one| (one.index, one.not_before, one.not_after))
        .collect();
    let expected = [(4, Some(at(1000)), None), (5, None, Some(at(2000)))];
    assert_eq!(found, expected);
    // The same where the connection has broken off before the first checkpoint.
    let mut monitor = Monitor::of_histories(ORIGIN, &SOFTWARE);
    let missing = monitor.follow(&second, texts[..5].iter().copied());
    assert_eq!(missing.unwrap_err().code(), "history/monitor-missing");
    assert!(monitor.misdated().is_empty());
    monitor.follow(&first, []).unwrap();
    monitor.follow(&second, texts[5..].iter().copied()).unwrap();
    assert_eq!(monitor.misdated().len(), 2);
    assert_eq!(monitor.misdated()[0].not_before, Some(at(1000)));
}

#[test]
fn neither_of_the_two_logs_is_set_back_alone() {
    let queries = "history.example.go.kr/land/queries";
    let store = MemoryStore::default();
    let histories_keys = || LogKeys::from(log_key(ORIGIN, 1)).counterpart(queries);
    let of_histories = signer(1);
    let new_keeper = |store| Keeper::create(store, histories_keys(), &of_histories, &SOFTWARE);
    let mut keeper = block_on(new_keeper(&store)).unwrap();
    let other_store = MemoryStore::default();
    let (key, log) = (log_key(queries, 2), signer(2));
    let queries_keys = LogKeys::from(key.clone()).counterpart(ORIGIN);
    let created = QueryKeeper::create(&other_store, queries_keys, &log, &SOFTWARE);
    let mut other = block_on(created).unwrap();
    let ask = |other: &mut QueryKeeper<'_, _>, seconds| {
        let entry = other.log().draft(subject(), question(), at(seconds));
        let looked = || async { Looked::Found((), 1) };
        let keep = |_| async { Ok(()) };
        block_on(other.serve(&entry, || at(seconds), looked, keep)).unwrap();
        block_on(other.publish(&log)).unwrap()
    };
    let early = ask(&mut other, 1);
    let late = ask(&mut other, 2);
    // What is noted is verified, under keys that are trusted for that log.
    let policy: TrustPolicy = format!("log {}\nlog {key}\nquorum none\n", log_key(ORIGIN, 1))
        .parse()
        .unwrap();
    let trusted = |signed: &SignedCheckpoint| policy.verify(signed, &SOFTWARE).unwrap();
    let signed = |size, root| {
        let checkpoint = Checkpoint::new(queries, size, root).unwrap();
        trusted(&checkpoint.sign(&log).unwrap())
    };
    block_on(keeper.note_queries(&trusted(&late))).unwrap();
    let set_back = block_on(keeper.note_queries(&trusted(&early)));
    assert_eq!(set_back.unwrap_err().code(), "history/counterpart-set-back");
    let size = late.unverified().size();
    let other_root = *early.unverified().root();
    let forked = block_on(keeper.note_queries(&signed(size, other_root)));
    assert_eq!(forked.unwrap_err().code(), "history/counterpart-set-back");
    // Nothing has one root.
    let fresh_store = MemoryStore::default();
    let mut fresh = block_on(new_keeper(&fresh_store)).unwrap();
    let refused = block_on(fresh.note_queries(&signed(0, other_root))).unwrap_err();
    assert_eq!(refused.code(), "history/counterpart-set-back");
    // More than an entry can say.
    for size in [1 << 53, (1 << 53) + 1, u64::MAX] {
        let refused = block_on(keeper.note_queries(&signed(size, other_root)));
        assert_eq!(refused.unwrap_err().code(), "history/malformed");
    }
    let history = block_on(keeper.publish(&signer(1))).unwrap();
    block_on(other.note_history(&trusted(&history))).unwrap();
    // A log is not its own counterpart.
    let itself = block_on(keeper.note_queries(&trusted(&history)));
    assert_eq!(itself.unwrap_err().code(), "history/other-log");
    // Nor is any other log, although it is trusted for something else.
    let third = log_key("other.example/log", 2);
    let unrelated: TrustPolicy = format!("log {third}\nquorum none\n").parse().unwrap();
    let checkpoint = Checkpoint::new("other.example/log", 1_000_000, other_root).unwrap();
    let unrelated = unrelated.verify(&checkpoint.sign(&log).unwrap(), &SOFTWARE);
    let noted = block_on(keeper.note_queries(&unrelated.unwrap()));
    assert_eq!(noted.unwrap_err().code(), "history/other-log");
    // A keeper that was told of no counterpart notes none.
    let mut alone = create(MemoryStore::default());
    let noted = block_on(alone.note_queries(&trusted(&late)));
    assert_eq!(noted.unwrap_err().code(), "history/other-log");
    block_on(other.publish(&log)).unwrap();
    assert_eq!(open(&store).log().size(), 3);

    // A monitor that follows both.
    let mut histories = Monitor::of_histories(ORIGIN, &SOFTWARE);
    let trusted = policy.verify(keeper.checkpoint(), &SOFTWARE).unwrap();
    let texts = keeper.log().entries().iter().map(String::as_str);
    histories.follow(&trusted, texts).unwrap();
    let mut queries_seen = Monitor::of_queries(queries, &SOFTWARE);
    let trusted = policy.verify(other.checkpoint(), &SOFTWARE).unwrap();
    let texts = other.log().entries().iter().map(String::as_str);
    queries_seen.follow(&trusted, texts).unwrap();
    histories.check_against(&queries_seen).unwrap();
    queries_seen.check_against(&histories).unwrap();
    // A log of queries that was written anew, with one question less.
    let new_store = MemoryStore::default();
    let mut new = block_on(QueryKeeper::create(&new_store, key, &log, &SOFTWARE)).unwrap();
    for i in 0..4 {
        ask(&mut new, 2 + i);
    }
    let mut rewritten = Monitor::of_queries(queries, &SOFTWARE);
    let trusted = policy.verify(new.checkpoint(), &SOFTWARE).unwrap();
    let texts = new.log().entries().iter().map(String::as_str);
    rewritten.follow(&trusted, texts).unwrap();
    let found = histories.check_against(&rewritten).unwrap_err();
    assert_eq!(found.code(), "history/monitor-other-counterpart");
}

/// What nobody has signed neither hides a question without an outcome nor speaks against another log.
#[test]
fn entries_ahead_of_a_checkpoint_say_nothing() {
    let signed = |log: &QueryLog<'_>| {
        let checkpoint = Checkpoint::new(ORIGIN, log.size(), log.root().unwrap());
        trusted(&checkpoint.unwrap().sign(&signer(1)).unwrap())
    };
    let ask = |log: &mut QueryLog<'_>, about: ObjectId| {
        let text = log.check(&log.draft(about, question(), at(0))).unwrap();
        log.follow(&text).unwrap();
    };
    let mut log = QueryLog::new(ORIGIN, &SOFTWARE);
    ask(&mut log, subject());
    log.seal().unwrap();
    let first = signed(&log);
    let beginning = log.entries().to_vec();
    let mut monitor = Monitor::of_queries(ORIGIN, &SOFTWARE);
    monitor
        .follow(&first, beginning.iter().map(String::as_str))
        .unwrap();
    for other in 7..10 {
        ask(&mut log, ObjectId::from_bytes([other; 16]));
    }
    log.seal().unwrap();
    let second = signed(&log);
    // A history log has noted a state on the way.
    let mut histories = HistoryLog::new("history.example.go.kr/other", &SOFTWARE);
    histories.note_queries(3, log.root_at(3).unwrap()).unwrap();
    histories.seal().unwrap();
    let key = log_key("history.example.go.kr/other", 1);
    let policy: TrustPolicy = format!("log {key}\nquorum none\n").parse().unwrap();
    let checkpoint = Checkpoint::new(key.name(), histories.size(), histories.root().unwrap());
    let noting = policy.verify(&checkpoint.unwrap().sign(&signer(1)).unwrap(), &SOFTWARE);
    let mut other = Monitor::of_histories(key.name(), &SOFTWARE);
    let texts = histories.entries().iter().map(String::as_str);
    other.follow(&noting.unwrap(), texts).unwrap();

    let texts = beginning.iter().map(String::as_str);
    let mut forged = QueryLog::restore(ORIGIN, texts, &SOFTWARE).unwrap();
    let outcome = QueryEvent::Outcome {
        intent: 0,
        outcome: Outcome::Failed,
    };
    let text = forged
        .check(&forged.draft(subject(), outcome, at(2)))
        .unwrap();
    forged.follow(&text).unwrap();
    let missing = monitor.follow(&second, [text.as_str()]);
    assert_eq!(missing.unwrap_err().code(), "history/monitor-missing");
    assert_eq!(monitor.overdue(at(1000), 60), [(subject(), 0, at(0))]);
    other.check_against(&monitor).unwrap();
}

#[test]
fn a_monitor_sees_questions_without_an_outcome() {
    let mut log = QueryLog::new(ORIGIN, &SOFTWARE);
    // The machine goes down after the question is on disk. Another is dated in a hundred years.
    for time in [0, 3_000_000_000] {
        let entry = log.draft(subject(), question(), at(time));
        let text = log.check(&entry).unwrap();
        log.follow(&text).unwrap();
    }
    log.seal().unwrap();
    let checkpoint = Checkpoint::new(ORIGIN, log.size(), log.root().unwrap());
    let signed = trusted(&checkpoint.unwrap().sign(&signer(1)).unwrap());
    let mut monitor = Monitor::of_queries(ORIGIN, &SOFTWARE);
    let texts = log.entries().iter().map(String::as_str);
    monitor.follow(&signed, texts).unwrap();
    let ahead = (subject(), 1, at(3_000_000_000));
    assert_eq!(monitor.overdue(at(10), 60), [ahead]);
    assert_eq!(monitor.overdue(at(100), 60), [(subject(), 0, at(0)), ahead]);
}
