//! The index against a slow one: all events from the first, looked through again for every question; and blocks that are taken back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::collections::BTreeMap;

use kbtf_nft::{
    TokenId,
    erc721::{Call, Event, Tokens},
    index::{Index, Position},
};
use proptest::prelude::*;

type Name = &'static str;

const NAMES: [Name; 3] = ["hong", "kim", "lee"];

fn id(number: u64) -> TokenId {
    TokenId::from(number)
}

fn calls() -> impl Strategy<Value = Vec<(Name, Call<Name>, u64)>> {
    let name = || prop::sample::select(NAMES.to_vec());
    let token = || (0_u64..6).prop_map(id);
    let call = prop_oneof![
        4 => (name(), token()).prop_map(|(to, token)| Call::Mint { to: Some(to), token }),
        6 => (name(), token()).prop_map(|(to, token)| Call::TransferFrom { from: None, to: Some(to), token }),
        1 => (name(), token()).prop_map(|(to, token)| Call::Approve { to: Some(to), token }),
        1 => (name(), any::<bool>()).prop_map(|(operator, approved)| Call::SetApprovalForAll { operator: Some(operator), approved }),
        1 => token().prop_map(|token| Call::Burn { token }),
    ];
    prop::collection::vec((name(), call, 0_u64..2), 1..60)
}

/// All answers, by looking through everything.
fn check(index: &Index<Name>, events: &[(Position, Event<Name>)]) -> Result<(), TestCaseError> {
    let mut owners: BTreeMap<TokenId, Name> = BTreeMap::new();
    for (_, event) in events {
        match event {
            Event::Transfer {
                to: Some(to),
                token,
                ..
            } => drop(owners.insert(*token, *to)),
            Event::Transfer {
                to: None, token, ..
            } => drop(owners.remove(token)),
            _ => {}
        }
    }
    prop_assert_eq!(index.total_supply(), owners.len());
    prop_assert_eq!(index.last(), events.last().map(|(at, _)| *at));
    let all: Vec<TokenId> = owners.keys().copied().collect();
    prop_assert_eq!(index.tokens(None, usize::MAX), all.clone());
    for name in NAMES {
        let own: Vec<TokenId> = owners
            .iter()
            .filter(|(_, owner)| **owner == name)
            .map(|(token, _)| *token)
            .collect();
        // In pages of two.
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = index.tokens_of(&name, after, 2);
            after = page.last().copied();
            if page.is_empty() {
                break;
            }
            seen.extend(page);
        }
        prop_assert_eq!(seen, own);
        let about = |event: &Event<Name>| match event {
            Event::Transfer { from, to, .. } => *from == Some(name) || *to == Some(name),
            Event::Approval {
                owner, approved, ..
            } => *owner == name || *approved == Some(name),
            Event::ApprovalForAll {
                owner, operator, ..
            } => *owner == name || *operator == name,
        };
        let expected: Vec<Position> = events
            .iter()
            .filter(|(_, event)| about(event))
            .map(|(at, _)| *at)
            .collect();
        let found: Vec<Position> = index
            .log_of(&name, 0, 1000)
            .iter()
            .map(|entry| entry.at)
            .collect();
        prop_assert_eq!(&found, &expected);
        let rest: Vec<Position> = index
            .log_of(&name, 1, 1)
            .iter()
            .map(|entry| entry.at)
            .collect();
        prop_assert_eq!(
            rest,
            expected.get(1).copied().into_iter().collect::<Vec<_>>()
        );
    }
    Ok(())
}

proptest! {
    #[test]
    fn the_index_says_what_the_events_say(calls in calls(), back in 0_u64..40) {
        let (mut tokens, mut index, mut events) = (Tokens::new(), Index::new(), Vec::new());
        let (mut height, mut place) = (0, 0);
        for (sender, call, later) in calls {
            height += later;
            place = if later > 0 { 0 } else { place + 1 };
            let owner = match &call {
                Call::TransferFrom { token, .. } | Call::Burn { token } | Call::Approve { token, .. } => tokens.owner_of(*token).ok().copied(),
                _ => None,
            };
            let call = match call {
                Call::TransferFrom { to, token, .. } => Call::TransferFrom { from: owner, to, token },
                call => call,
            };
            if let Ok(event) = tokens.decide(&owner.unwrap_or(sender), &call) {
                tokens.apply(&event);
                let at = Position { height, place };
                index.take(at, event.clone()).unwrap();
                events.push((at, event));
            }
        }
        check(&index, &events)?;
        // Blocks are taken back, and others come in their place.
        let kept: Vec<_> = events.iter().filter(|(at, _)| at.height < back).cloned().collect();
        prop_assert_eq!(index.remove_from(back), events.len() - kept.len());
        check(&index, &kept)?;
        for (at, event) in &events[kept.len()..] {
            index.take(*at, event.clone()).unwrap();
        }
        check(&index, &events)?;
    }
}

#[test]
fn events_that_are_missing_are_noticed() {
    let mut index = Index::new();
    let at = |height, place| Position { height, place };
    let transfer = |from, to| Event::Transfer {
        from,
        to,
        token: id(1),
    };
    assert!(
        index
            .take(at(1, 0), transfer(Some("hong"), Some("kim")))
            .is_err()
    );
    index.take(at(1, 0), transfer(None, Some("hong"))).unwrap();
    for (position, event) in [
        (at(1, 0), transfer(Some("hong"), Some("kim"))),
        (at(0, 9), transfer(Some("hong"), Some("kim"))),
        (at(2, 0), transfer(Some("kim"), Some("lee"))),
        (at(2, 0), transfer(None, Some("lee"))),
        (at(2, 0), transfer(None, None)),
    ] {
        assert_eq!(
            index.take(position, event).unwrap_err().code(),
            "nft/malformed"
        );
    }
    assert_eq!(index.last(), Some(at(1, 0)));
    assert_eq!(index.tokens(Some(id(1)), 10), []);
    assert_eq!(index.tokens(Some(id(0)), 10), [id(1)]);
    // To himself and back again: one entry, and the token stays.
    index
        .take(at(3, 0), transfer(Some("hong"), Some("hong")))
        .unwrap();
    assert_eq!(index.log_of(&"hong", 0, 10).len(), 2);
    index.remove_from(3);
    assert_eq!(index.tokens_of(&"hong", None, 10), [id(1)]);
}
