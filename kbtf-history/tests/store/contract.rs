//! Any store passes the same tests, and one that is broken does not.

use super::*;

#[test]
fn a_store_in_memory_and_one_in_files_pass_the_same_tests() {
    for (test, result) in block_on(check_store(Arc::<MemoryStore>::default, Arc::clone)) {
        assert_eq!(result, Ok(()), "{test}");
    }
    let folder = folder("check");
    let count = Mutex::new(0);
    let fresh = || {
        let mut count = count.lock().unwrap();
        *count += 1;
        Files::new(&folder.join(count.to_string()))
    };
    for (test, result) in block_on(check_store(fresh, Files::clone)) {
        assert_eq!(result, Ok(()), "{test}");
    }
    fs::remove_dir_all(&folder).unwrap();
}

/// Stores that are broken in one way each, and the test that says so.
#[test]
fn the_tests_of_stores_find_what_is_wrong() {
    #[derive(Clone)]
    struct Broken(Arc<MemoryStore>, &'static str);

    /// Lets others go first.
    async fn wait() {
        let mut has_waited = false;
        std::future::poll_fn(|_| match std::mem::replace(&mut has_waited, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
    }

    impl LogStore for Broken {
        async fn entries(&self, from: u64, most: usize) -> Result<Vec<String>, StoreError> {
            let mut texts = self.0.entries(from, most).await?;
            match self.1 {
                "trims" => texts = texts.iter().map(|text| text.trim().to_owned()).collect(),
                "turns" => texts.reverse(),
                "sorts" => {
                    // As a database does whose keys are decimal texts.
                    let mut all: Vec<_> = (0_u64..)
                        .zip(self.0.entries(0, usize::MAX).await?)
                        .map(|(i, text)| (i.to_string(), text))
                        .filter(|(i, _)| *i >= from.to_string())
                        .collect();
                    all.sort();
                    texts = all.into_iter().map(|(_, text)| text).take(most).collect();
                }
                _ => {}
            }
            Ok(texts)
        }
        async fn put_entries(&self, from: u64, texts: &[String]) -> Result<usize, StoreError> {
            if self.1 == "races" {
                // Looks, and writes later.
                let is_free = self.0.entries(from, 1).await?.is_empty();
                wait().await;
                if is_free {
                    let _ = self.0.put_entries(from, texts).await;
                    return Ok(texts.len());
                }
            }
            if self.1 == "counts" {
                // How many are new is looked up before, not told by the write itself.
                let there = self.0.entries(from, texts.len()).await?.len();
                wait().await;
                self.0.put_entries(from, texts).await?;
                return Ok(texts.len() - there);
            }
            match self.0.put_entries(from, texts).await {
                Err(StoreError::Taken { .. }) if self.1 == "takes" => Ok(0),
                Err(StoreError::Taken { index }) if self.1 == "first" && index > from => Ok(0),
                Err(StoreError::Gap { next }) if self.1 == "fills" => {
                    self.0.put_entries(next, texts).await
                }
                Err(StoreError::Taken { index }) if self.1 == "half" => {
                    let rest = texts.get(1..).unwrap_or_default();
                    self.0.put_entries(index + 1, rest).await?;
                    Err(StoreError::Taken { index })
                }
                other => other,
            }
        }
        async fn checkpoint(&self) -> Result<Option<String>, StoreError> {
            self.0.checkpoint().await
        }
        async fn swap_checkpoint(
            &self,
            expected: Option<&str>,
            new: &str,
        ) -> Result<(), StoreError> {
            let there = self.0.checkpoint().await?;
            match self.1 {
                "swaps" => return self.0.swap_checkpoint(there.as_deref(), new).await,
                "races" if there.as_deref() == expected => {
                    wait().await;
                    let now = self.0.checkpoint().await?;
                    return self.0.swap_checkpoint(now.as_deref(), new).await;
                }
                _ => {}
            }
            self.0.swap_checkpoint(expected, new).await
        }
    }
    let whole: fn(&Broken) -> Broken = Broken::clone;
    let forgets: fn(&Broken) -> Broken = |store| Broken(Arc::default(), store.1);
    let mut found = BTreeSet::new();
    for (fault, again, test) in [
        ("trims", whole, "any text is kept as it is"),
        ("turns", whole, "what was put is read, whole and in order"),
        (
            "sorts",
            whole,
            "thousands of entries are read in their order",
        ),
        ("takes", whole, "another text at a place is refused"),
        ("first", whole, "another text at a place is refused"),
        ("fills", whole, "a gap is refused"),
        ("half", whole, "a refusal puts nothing"),
        (
            "swaps",
            whole,
            "a checkpoint is swapped for the expected one alone",
        ),
        ("races", whole, "of two that write at once one wins"),
        (
            "counts",
            whole,
            "of two that write the same at once one is the first",
        ),
        (
            "forgets",
            forgets,
            "what was kept is there when it is opened again",
        ),
    ] {
        let fresh = || Broken(Arc::default(), fault);
        let results = block_on(check_store(fresh, again));
        let (_, result) = results.iter().find(|(name, _)| *name == test).unwrap();
        assert!(result.is_err(), "{fault}");
        found.insert(test);
    }
    assert_eq!(found.len(), 10);
}

#[test]
fn two_writers_make_one_log() {
    let store = MemoryStore::default();
    let (mut random, log) = (Counted(0), signer(1));
    let mut first = create(&store);
    let mut second = open(&store);
    admit(&mut first, &mut random).unwrap();
    // The second has not seen it: his entry would stand at the same place.
    let late = admit(&mut second, &mut random).unwrap_err();
    assert_eq!(late.code(), "history/store-taken");
    assert_eq!(second.log().size(), 1);
    let signed = block_on(first.publish(&log)).unwrap();
    // Nothing new leaves nothing to do.
    assert_eq!(block_on(first.publish(&log)).unwrap(), signed);
    let mut second = open(&store);
    assert_eq!(*second.checkpoint(), signed);
    admit(&mut second, &mut random).unwrap();
    block_on(second.publish(&log)).unwrap();
    // The first would put his checkpoint over a later one.
    let late = admit(&mut first, &mut random).unwrap_err();
    assert_eq!(late.code(), "history/store-taken");
    assert_eq!(open(&store).log().size(), 5);
    // Nor is there a second log in one store.
    let again = Keeper::create(&store, log_key(ORIGIN, 1), &log, &SOFTWARE);
    assert_eq!(
        block_on(again).err().map(|error| error.code()),
        Some("history/store-changed")
    );
}
