use alloc::vec::Vec;

use crate::{Error, HeadMap};

/// How many are kept.
const KEPT: usize = 16;

/// Where all chains of a log stood when it was sealed, the last few times, each with the size of the log then: there may be
/// a checkpoint of any of them. The one that is in force stays, however many came after it.
#[derive(Default)]
pub(crate) struct SealedStates {
    states: Vec<(u64, HeadMap)>,
    in_force: Option<u64>,
}

impl SealedStates {
    pub(crate) const fn new() -> Self {
        Self {
            states: Vec::new(),
            in_force: None,
        }
    }

    pub(crate) fn push(&mut self, size: u64, heads: HeadMap) {
        if self.states.len() == KEPT {
            let of_force = |(at, _): &(u64, HeadMap)| Some(*at) == self.in_force;
            let oldest = self.states.iter().position(|state| !of_force(state));
            self.states.remove(oldest.unwrap_or(0));
        }
        self.states.push((size, heads));
    }

    /// That of this size is the one that checkpoints are of, until another is.
    pub(crate) const fn put_in_force(&mut self, size: u64) {
        self.in_force = Some(size);
    }

    /// Whether the log was sealed when it had so many entries, and not since.
    pub(crate) fn is_last(&self, size: u64) -> bool {
        self.states.last().is_some_and(|(at, _)| *at == size)
    }

    pub(crate) fn at(&self, size: u64) -> Result<&(u64, HeadMap), Error> {
        let found = self.states.iter().find(|(at, _)| *at == size);
        found.ok_or(Error::NotSealed)
    }
}
