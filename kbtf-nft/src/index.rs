//! Whose tokens are which, in pages, and what has happened to an account (NFT-03, NFT-13): beside the contract, made of its events, by
//! whoever reads them from a ledger. Contracts themselves list nothing, since that costs every transfer.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

use hashbrown::HashMap;

use crate::{
    Error, TokenId,
    erc721::{Account, Event},
    error::malformed,
};

/// Where an event stands on a ledger: in which block, and at which place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The height of the block.
    pub height: u64,
    /// The place in it.
    pub place: u32,
}

/// The most tokens or entries of one page.
pub const MAX_PAGE: usize = 1000;

/// An event and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<A> {
    /// Where.
    pub at: Position,
    /// What has happened.
    pub event: Event<A>,
}

/// An index over the events of one contract.
///
/// ```
/// use kbtf_nft::TokenId;
/// use kbtf_nft::erc721::Event;
/// use kbtf_nft::index::{Index, Position};
///
/// let mut index = Index::new();
/// let minted = |token| Event::Transfer { from: None, to: Some("hong"), token: TokenId::from(token) };
/// index.take(Position { height: 1, place: 0 }, minted(7))?;
/// index.take(Position { height: 2, place: 0 }, minted(8))?;
/// assert_eq!(index.tokens_of(&"hong", None, 10), [TokenId::from(7), TokenId::from(8)]);
///
/// // The chain is reorganised: the second block never was.
/// index.remove_from(2);
/// assert_eq!(index.tokens_of(&"hong", None, 10), [TokenId::from(7)]);
/// assert_eq!(index.log_of(&"hong", 0, 10).len(), 1);
/// # Ok::<(), kbtf_nft::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Index<A> {
    owners: BTreeMap<TokenId, A>,
    owned: HashMap<A, BTreeSet<TokenId>>,
    log: Vec<Entry<A>>,
    by_account: HashMap<A, Vec<usize>>,
}

impl<A> Default for Index<A> {
    fn default() -> Self {
        Self {
            owners: BTreeMap::new(),
            owned: HashMap::default(),
            log: Vec::new(),
            by_account: HashMap::default(),
        }
    }
}

impl<A: Account> Index<A> {
    /// Of no events.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next event.
    ///
    /// # Errors
    /// `nft/malformed` if it does not stand after the last one, or does not follow on what is known: a transfer from somebody whose the
    /// token is not. The index is then as it was: events are missing.
    pub fn take(&mut self, at: Position, event: Event<A>) -> Result<(), Error> {
        if self.log.last().is_some_and(|last| last.at >= at) {
            return Err(malformed("event", "one after the last that was taken"));
        }
        if let Event::Transfer { from, to, token } = &event {
            if self.owners.get(token) != from.as_ref() || (from.is_none() && to.is_none()) {
                return Err(malformed(
                    "event",
                    "a transfer from the owner that is known",
                ));
            }
            self.pass(*token, from.as_ref(), to.as_ref());
        }
        let place = self.log.len();
        for account in accounts(&event) {
            self.by_account
                .entry(account.clone())
                .or_default()
                .push(place);
        }
        self.log.push(Entry { at, event });
        Ok(())
    }

    fn pass(&mut self, token: TokenId, from: Option<&A>, to: Option<&A>) {
        if let Some(from) = from
            && let Some(tokens) = self.owned.get_mut(from)
        {
            tokens.remove(&token);
            if tokens.is_empty() {
                self.owned.remove(from);
            }
        }
        match to {
            None => drop(self.owners.remove(&token)),
            Some(to) => {
                self.owners.insert(token, to.clone());
                self.owned.entry(to.clone()).or_default().insert(token);
            }
        }
    }

    /// Takes back all events of this block and those above: they are not on the chain any more. Gives how many they were.
    pub fn remove_from(&mut self, height: u64) -> usize {
        let mut count = 0;
        while self.log.last().is_some_and(|last| last.at.height >= height) {
            let Some(entry) = self.log.pop() else {
                break;
            };
            count += 1;
            for account in accounts(&entry.event) {
                if let Some(places) = self.by_account.get_mut(account) {
                    places.pop();
                    if places.is_empty() {
                        self.by_account.remove(account);
                    }
                }
            }
            if let Event::Transfer { from, to, token } = &entry.event {
                self.pass(*token, to.as_ref(), from.as_ref());
            }
        }
        count
    }

    /// Where the last event stands, after which reading goes on.
    #[must_use]
    pub fn last(&self) -> Option<Position> {
        self.log.last().map(|entry| entry.at)
    }

    /// How many tokens there are.
    #[must_use]
    pub fn total_supply(&self) -> usize {
        self.owners.len()
    }

    /// Some of all tokens, by their numbers: those after this one, so many, and at most [`MAX_PAGE`].
    #[must_use]
    pub fn tokens(&self, after: Option<TokenId>, limit: usize) -> Vec<TokenId> {
        let tokens = self.owners.keys().copied();
        match after {
            None => tokens.take(limit.min(MAX_PAGE)).collect(),
            Some(after) => {
                let above = (
                    core::ops::Bound::Excluded(after),
                    core::ops::Bound::Unbounded,
                );
                let tokens = self.owners.range(above).map(|(token, _)| *token);
                tokens.take(limit.min(MAX_PAGE)).collect()
            }
        }
    }

    /// Some of the tokens of an owner, as [`Index::tokens`].
    #[must_use]
    pub fn tokens_of(&self, owner: &A, after: Option<TokenId>, limit: usize) -> Vec<TokenId> {
        let Some(tokens) = self.owned.get(owner) else {
            return Vec::new();
        };
        let from = after.map_or(core::ops::Bound::Unbounded, core::ops::Bound::Excluded);
        tokens
            .range((from, core::ops::Bound::Unbounded))
            .take(limit.min(MAX_PAGE))
            .copied()
            .collect()
    }

    /// Some of what has happened to an account: from this place of its own log on, so many, and at most [`MAX_PAGE`].
    #[must_use]
    pub fn log_of(&self, account: &A, from: usize, limit: usize) -> Vec<&Entry<A>> {
        let places = self.by_account.get(account).map(Vec::as_slice);
        places
            .unwrap_or_default()
            .iter()
            .skip(from)
            .take(limit.min(MAX_PAGE))
            .filter_map(|place| self.log.get(*place))
            .collect()
    }
}

/// Whom an event is about, each once.
fn accounts<A: PartialEq>(event: &Event<A>) -> impl Iterator<Item = &A> {
    let (one, two) = match event {
        Event::Transfer { from, to, .. } => (from.as_ref(), to.as_ref()),
        Event::Approval {
            owner, approved, ..
        } => (Some(owner), approved.as_ref()),
        Event::ApprovalForAll {
            owner, operator, ..
        } => (Some(owner), Some(operator)),
    };
    one.into_iter().chain(two.filter(|two| one != Some(*two)))
}
