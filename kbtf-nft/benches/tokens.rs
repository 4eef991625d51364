//! What the rules of ERC-721 cost beside a bare hash map that holds whose a token is and how many somebody has.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::hint::black_box;

use hashbrown::HashMap;
use kbtf_nft::{
    Address, TokenId,
    erc721::{Call, Tokens},
};
use kbtf_rounds::Rounds;

const MANY: u64 = 100_000;
const ACCOUNTS: u64 = 1000;

fn account(number: u64) -> Address {
    let mut bytes = [1; 20];
    bytes[..8].copy_from_slice(&(number % ACCOUNTS).to_be_bytes());
    Address::from_bytes(bytes).unwrap()
}

/// Whose each token is, and how many each has.
#[derive(Default)]
struct Bare {
    owners: HashMap<[u8; 32], [u8; 20]>,
    balances: HashMap<[u8; 20], u64>,
}

impl Bare {
    fn mint(&mut self, token: u64) {
        let owner = *account(token).as_bytes();
        self.owners.insert(*TokenId::from(token).as_bytes(), owner);
        *self.balances.entry(owner).or_default() += 1;
    }

    fn transfer(&mut self, token: u64) {
        let (from, to) = (*account(token).as_bytes(), *account(token + 1).as_bytes());
        let owner = self
            .owners
            .get_mut(TokenId::from(token).as_bytes())
            .unwrap();
        assert_eq!(*owner, from);
        *owner = to;
        *self.balances.get_mut(&from).unwrap() -= 1;
        *self.balances.entry(to).or_default() += 1;
    }
}

fn mint(tokens: &mut Tokens<Address>, token: u64) {
    let to = account(token);
    let call = Call::Mint {
        to: Some(to),
        token: TokenId::from(token),
    };
    let event = tokens.decide(&to, &call).unwrap();
    tokens.apply(&event);
}

fn transfer(tokens: &mut Tokens<Address>, token: u64) {
    let (from, to) = (account(token), account(token + 1));
    let call = Call::TransferFrom {
        from: Some(from),
        to: Some(to),
        token: TokenId::from(token),
    };
    let event = tokens.decide(&from, &call).unwrap();
    tokens.apply(&event);
}

fn main() {
    let mut rounds = Rounds::new();
    rounds.floor("100 000 tokens in a bare map", || {
        let mut bare = Bare::default();
        (0..MANY).for_each(|token| bare.mint(token));
        black_box(bare.owners.len());
    });
    rounds.operation("100 000 tokens, minted", || {
        let mut tokens = Tokens::new();
        (0..MANY).for_each(|token| mint(&mut tokens, token));
        black_box(tokens.total_supply());
    });
    rounds.floor("the same, and each passed on", || {
        let mut bare = Bare::default();
        (0..MANY).for_each(|token| bare.mint(token));
        (0..MANY).for_each(|token| bare.transfer(token));
        black_box(bare.owners.len());
    });
    rounds.operation("100 000 tokens, minted and transferred", || {
        let mut tokens = Tokens::new();
        (0..MANY).for_each(|token| mint(&mut tokens, token));
        (0..MANY).for_each(|token| transfer(&mut tokens, token));
        black_box(tokens.total_supply());
    });
    rounds.run(15);
}
