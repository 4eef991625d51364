//! The machine goes down at any moment.

use super::*;

/// The other process: writes, and says each size that it has published.
fn write_until_killed(folder: &Path) {
    let store = Files::new(folder);
    let mut keeper = begin(store);
    let mut random = Counted(u64::from(std::process::id()) << 32);
    let log = signer(1);
    loop {
        for _ in 0..3 {
            admit(&mut keeper, &mut random).unwrap();
        }
        let signed = block_on(keeper.publish(&log)).unwrap();
        let said = signed.unverified();
        println!("published {} {}", said.size(), said.root());
    }
}

const FOLDER: &str = "KBTF_HISTORY_TEST_FOLDER";

#[test]
fn nothing_that_was_given_out_is_lost_whenever_the_writer_is_killed() {
    if let Some(folder) = env::var_os(FOLDER) {
        return write_until_killed(Path::new(&folder));
    }
    let folder = folder("killed");
    let mut given_out: Vec<(u64, String)> = Vec::new();
    for round in 0..12_u64 {
        let mut writer = Command::new(env::current_exe().unwrap())
            .args(["--exact", "--nocapture"])
            .arg("killed::nothing_that_was_given_out_is_lost_whenever_the_writer_is_killed")
            .env(FOLDER, &folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(writer.stdout.take().unwrap());
        let lines = thread::spawn(move || output.lines().map_while(Result::ok).collect::<Vec<_>>());
        // Killed at another moment each time.
        thread::sleep(Duration::from_millis(60 + round * 13));
        writer.kill().unwrap();
        writer.wait().unwrap();
        for line in lines.join().unwrap() {
            // The last line may be cut off.
            let words: Vec<&str> = line.split(' ').collect();
            if let ["published", size, root] = words.as_slice()
                && root.len() == 44
            {
                given_out.push((size.parse().unwrap(), (*root).to_owned()));
            }
        }
        let store = Files::new(&folder);
        let keeper = begin(store);
        for (size, root) in &given_out {
            assert_eq!(keeper.log().root_at(*size).unwrap().to_string(), *root);
        }
    }
    assert!(given_out.len() > 12, "{} published", given_out.len());
    fs::remove_dir_all(&folder).unwrap();
}

/// What is handed in, a line each, for good before it is.
struct Journal(PathBuf);

impl Journal {
    fn open(folder: &Path) -> Self {
        Self(folder.join("journal"))
    }

    fn keep(&self, entry: &LogEntry) {
        let file = OpenOptions::new().create(true).append(true).open(&self.0);
        let mut file = file.unwrap();
        file.write_all(format!("{}\n", entry.to_text()).as_bytes())
            .unwrap();
        file.sync_data().unwrap();
    }

    fn known(&self) -> BTreeSet<String> {
        let text = fs::read_to_string(&self.0).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

/// The other process: answers, and says to whom.
fn answer_until_killed(folder: &Path) {
    let store = Files::new(folder);
    let (key, log) = (log_key(ORIGIN, 2), signer(2));
    let journal = Journal::open(folder);
    let known = journal.known();
    let vouch = |_, entry: &LogEntry| known.contains(&entry.to_text());
    let mut keeper = match block_on(store.checkpoint()).unwrap() {
        None => block_on(QueryKeeper::create(store, key, &log, &SOFTWARE)),
        Some(_) => block_on(QueryKeeper::open(store, key, vouch, &SOFTWARE)),
    }
    .unwrap();
    let process = u64::from(std::process::id());
    for i in 0_u64.. {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&process.to_be_bytes());
        bytes[8..].copy_from_slice(&(i / 3).to_be_bytes());
        let about = ObjectId::from_bytes(bytes);
        let entry = keeper.log().draft(about, question(), at(0));
        let looked = || async { Looked::Found(entry.sequence, 1) };
        journal.keep(&LogEntry::Query(entry));
        let keep = |outcome| {
            journal.keep(&outcome);
            async { Ok(()) }
        };
        let answer = block_on(keeper.serve(&entry, || at(1), looked, keep)).unwrap();
        // What nobody may have without an entry.
        println!("answered {about} {answer}");
        if i % 5 == 0 {
            block_on(keeper.publish(&log)).unwrap();
        }
    }
}

#[test]
fn every_answer_that_was_received_has_its_entry_whenever_the_writer_is_killed() {
    if let Some(folder) = env::var_os(FOLDER) {
        return answer_until_killed(Path::new(&folder));
    }
    let folder = folder("answers");
    let mut received: Vec<(ObjectId, u32)> = Vec::new();
    for round in 0..12_u64 {
        let mut writer = Command::new(env::current_exe().unwrap())
            .args(["--exact", "--nocapture"])
            .arg("killed::every_answer_that_was_received_has_its_entry_whenever_the_writer_is_killed")
            .env(FOLDER, &folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(writer.stdout.take().unwrap());
        let lines = thread::spawn(move || output.lines().map_while(Result::ok).collect::<Vec<_>>());
        thread::sleep(Duration::from_millis(60 + round * 13));
        writer.kill().unwrap();
        writer.wait().unwrap();
        for line in lines.join().unwrap() {
            let words: Vec<&str> = line.split(' ').collect();
            if let ["answered", about, sequence] = words.as_slice()
                && let (Ok(about), Ok(sequence)) = (about.parse(), sequence.parse())
            {
                received.push((about, sequence));
            }
        }
        let store = Files::new(&folder);
        let Ok(Some(_)) = block_on(store.checkpoint()) else {
            continue;
        };
        let key = log_key(ORIGIN, 2);
        let journal = Journal::open(&folder);
        let known = journal.known();
        let vouch = |_, entry: &LogEntry| known.contains(&entry.to_text());
        let opened = QueryKeeper::open(store, key.clone(), vouch, &SOFTWARE);
        let mut keeper = block_on(opened).unwrap();
        // Questions whose answer never left are closed.
        let open: Vec<_> = keeper.log().open().collect();
        assert!(open.len() <= 1, "{open:?}");
        for (about, intent, _) in open {
            let keep = |outcome| {
                journal.keep(&outcome);
                async { Ok(()) }
            };
            block_on(keeper.close(about, intent, at(60), keep)).unwrap();
        }
        block_on(keeper.publish(&signer(2))).unwrap();
        let policy: TrustPolicy = format!("log {key}\nquorum none\n").parse().unwrap();
        for (about, sequence) in &received {
            let shown = keeper.prove(*about).unwrap();
            let seen = shown
                .verify_queries(*about, ORIGIN, &policy, &SOFTWARE)
                .unwrap();
            let is_served = |entry: &&kbtf_history::QueryEntry| {
                matches!(
                    entry.event,
                    QueryEvent::Outcome { intent, outcome: Outcome::Served { .. } } if intent == *sequence
                )
            };
            assert_eq!(seen.entries().iter().filter(is_served).count(), 1);
        }
    }
    assert!(received.len() > 12, "{} answers", received.len());
    fs::remove_dir_all(&folder).unwrap();
}
