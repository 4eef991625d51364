//! ERC-721: the cases of OpenZeppelin's own tests that are missed most often, selectors and topics by Keccak itself, and a slow
//! model over lists beside the fast code.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use kbtf_nft::{
    Address, TokenId, abi,
    erc721::{Call, Event, Receiver, Refusal, Tokens},
};
use proptest::prelude::*;
use sha3::{Digest as _, Keccak256};

fn account(n: u8) -> Address {
    let mut bytes = [0; 20];
    bytes[19] = n;
    Address::from_bytes(bytes).unwrap()
}

fn id(n: u64) -> TokenId {
    TokenId::from(n)
}

/// Calls and takes what happens.
fn act(
    tokens: &mut Tokens<Address>,
    sender: u8,
    call: Call<Address>,
) -> Result<Event<Address>, Refusal<Address>> {
    let event = tokens.decide(&account(sender), &call)?;
    tokens.apply(&event);
    Ok(event)
}

fn mint(to: u8, token: u64) -> Call<Address> {
    Call::Mint {
        to: Some(account(to)),
        token: id(token),
    }
}

fn transfer(from: u8, to: u8, token: u64) -> Call<Address> {
    Call::TransferFrom {
        from: Some(account(from)),
        to: Some(account(to)),
        token: id(token),
    }
}

fn approve(to: Option<u8>, token: u64) -> Call<Address> {
    Call::Approve {
        to: to.map(account),
        token: id(token),
    }
}

fn all(operator: u8, approved: bool) -> Call<Address> {
    Call::SetApprovalForAll {
        operator: Some(account(operator)),
        approved,
    }
}

#[test]
fn who_may_transfer() {
    let mut tokens = Tokens::new();
    act(&mut tokens, 1, mint(1, 7)).unwrap();
    let refused = |operator: u8| {
        Err(Refusal::InsufficientApproval {
            operator: account(operator),
            token: id(7),
        })
    };
    assert_eq!(act(&mut tokens, 2, transfer(1, 2, 7)), refused(2));
    act(&mut tokens, 1, approve(Some(2), 7)).unwrap();
    // The approved account may transfer, and may not let others.
    assert_eq!(
        act(&mut tokens, 2, approve(Some(3), 7)),
        Err(Refusal::InvalidApprover(account(2)))
    );
    let event = act(&mut tokens, 2, transfer(1, 3, 7)).unwrap();
    assert_eq!(
        event,
        Event::Transfer {
            from: Some(account(1)),
            to: Some(account(3)),
            token: id(7)
        }
    );
    // The approval is over without an event of its own; the old owner's operators have no say.
    assert_eq!(tokens.get_approved(id(7)), Ok(None));
    act(&mut tokens, 1, all(4, true)).unwrap();
    assert_eq!(act(&mut tokens, 4, transfer(3, 4, 7)), refused(4));
    // An operator may let others; to set again tells again.
    act(&mut tokens, 3, all(4, true)).unwrap();
    act(&mut tokens, 3, all(4, true)).unwrap();
    act(&mut tokens, 4, approve(Some(5), 7)).unwrap();
    act(&mut tokens, 3, all(4, false)).unwrap();
    assert_eq!(act(&mut tokens, 4, transfer(3, 4, 7)), refused(4));
    act(&mut tokens, 5, transfer(3, 5, 7)).unwrap();
    assert_eq!(tokens.balance_of(Some(&account(5))), Ok(1));
    assert_eq!(tokens.balance_of(Some(&account(3))), Ok(0));
}

#[test]
fn refusals_come_in_their_order() {
    let mut tokens = Tokens::new();
    act(&mut tokens, 1, mint(1, 7)).unwrap();
    let to_nobody = Call::TransferFrom {
        from: Some(account(2)),
        to: None,
        token: id(9),
    };
    assert_eq!(
        act(&mut tokens, 3, to_nobody),
        Err(Refusal::InvalidReceiver(None))
    );
    assert_eq!(
        act(&mut tokens, 3, transfer(2, 3, 9)),
        Err(Refusal::NonexistentToken(id(9)))
    );
    let not_his = Err(Refusal::InsufficientApproval {
        operator: account(3),
        token: id(7),
    });
    assert_eq!(act(&mut tokens, 3, transfer(2, 3, 7)), not_his);
    let wrong = Refusal::IncorrectOwner {
        from: Some(account(2)),
        token: id(7),
        owner: account(1),
    };
    assert_eq!(act(&mut tokens, 1, transfer(2, 3, 7)), Err(wrong));
    let from_nobody = Call::TransferFrom {
        from: None,
        to: Some(account(3)),
        token: id(7),
    };
    let wrong = Refusal::IncorrectOwner {
        from: None,
        token: id(7),
        owner: account(1),
    };
    assert_eq!(act(&mut tokens, 1, from_nobody), Err(wrong));
    assert_eq!(
        act(&mut tokens, 2, mint(2, 7)),
        Err(Refusal::InvalidSender(None))
    );
    let to_nobody = Call::Mint {
        to: None,
        token: id(7),
    };
    assert_eq!(
        act(&mut tokens, 2, to_nobody),
        Err(Refusal::InvalidReceiver(None))
    );
    assert_eq!(
        act(&mut tokens, 2, approve(None, 9)),
        Err(Refusal::NonexistentToken(id(9)))
    );
    let nobody = Call::SetApprovalForAll {
        operator: None,
        approved: true,
    };
    assert_eq!(
        act(&mut tokens, 2, nobody),
        Err(Refusal::InvalidOperator(None))
    );
    assert_eq!(
        act(&mut tokens, 2, Call::Burn { token: id(9) }),
        Err(Refusal::NonexistentToken(id(9)))
    );
    assert_eq!(tokens.balance_of(None), Err(Refusal::InvalidOwner(None)));
}

#[test]
fn burnt_tokens_are_gone_and_may_come_again() {
    let mut tokens = Tokens::new();
    act(&mut tokens, 1, mint(1, 7)).unwrap();
    act(&mut tokens, 1, approve(Some(2), 7)).unwrap();
    let event = act(&mut tokens, 2, Call::Burn { token: id(7) }).unwrap();
    assert_eq!(
        event,
        Event::Transfer {
            from: Some(account(1)),
            to: None,
            token: id(7)
        }
    );
    assert_eq!(
        tokens.owner_of(id(7)),
        Err(Refusal::NonexistentToken(id(7)))
    );
    assert_eq!(tokens.total_supply(), 0);
    act(&mut tokens, 1, mint(3, 7)).unwrap();
    assert_eq!(tokens.get_approved(id(7)), Ok(None));
    // To himself: his it stays, and the approval is over.
    act(&mut tokens, 3, approve(Some(2), 7)).unwrap();
    act(&mut tokens, 2, transfer(3, 3, 7)).unwrap();
    assert_eq!(tokens.balance_of(Some(&account(3))), Ok(1));
    assert_eq!(tokens.get_approved(id(7)), Ok(None));
    // Himself he may approve, and make his own operator.
    act(&mut tokens, 3, approve(Some(3), 7)).unwrap();
    act(&mut tokens, 3, all(3, true)).unwrap();
    let largest = Call::Mint {
        to: Some(account(1)),
        token: TokenId::MAX,
    };
    act(&mut tokens, 1, largest).unwrap();
    assert_eq!(tokens.owner_of(TokenId::MAX), Ok(&account(1)));
}

#[test]
fn receivers_are_asked() {
    let mut tokens = Tokens::new();
    act(&mut tokens, 1, mint(1, 7)).unwrap();
    let safe = |receiver| Call::SafeTransferFrom {
        from: Some(account(1)),
        to: Some(account(9)),
        token: id(7),
        receiver,
    };
    assert_eq!(
        act(&mut tokens, 1, safe(Receiver::DoesNotKnow)),
        Err(Refusal::InvalidReceiver(Some(account(9))))
    );
    let own = vec![1, 2, 3, 4];
    assert_eq!(
        act(&mut tokens, 1, safe(Receiver::Fails(own.clone()))),
        Err(Refusal::Receiver(own.clone()))
    );
    assert_eq!(abi::refusal_data(&Refusal::Receiver(own.clone())), own);
    assert_eq!(tokens.owner_of(id(7)), Ok(&account(1)));
    // Who may not is told so before anybody is asked.
    let stranger = tokens.decide(&account(2), &safe(Receiver::Fails(own)));
    assert!(matches!(
        stranger,
        Err(Refusal::InsufficientApproval { .. })
    ));
    act(&mut tokens, 1, safe(Receiver::Takes)).unwrap();
    let safe_mint = |receiver| Call::SafeMint {
        to: Some(account(9)),
        token: id(8),
        receiver,
    };
    assert!(act(&mut tokens, 1, safe_mint(Receiver::DoesNotKnow)).is_err());
    act(&mut tokens, 1, safe_mint(Receiver::NoContract)).unwrap();
    assert_eq!(tokens.balance_of(Some(&account(9))), Ok(2));
}

/// By Keccak over what the standards write.
#[test]
fn selectors_and_topics_are_those_of_the_standards() {
    let hash = |text: &str| Keccak256::digest(text.as_bytes()).to_vec();
    let (one, two) = (account(1), account(2));
    for (text, refusal) in [
        ("ERC721InvalidOwner(address)", Refusal::InvalidOwner(None)),
        (
            "ERC721NonexistentToken(uint256)",
            Refusal::NonexistentToken(TokenId::MAX),
        ),
        (
            "ERC721IncorrectOwner(address,uint256,address)",
            Refusal::IncorrectOwner {
                from: None,
                token: id(1),
                owner: two,
            },
        ),
        ("ERC721InvalidSender(address)", Refusal::InvalidSender(None)),
        (
            "ERC721InvalidReceiver(address)",
            Refusal::InvalidReceiver(Some(one)),
        ),
        (
            "ERC721InsufficientApproval(address,uint256)",
            Refusal::InsufficientApproval {
                operator: one,
                token: id(2),
            },
        ),
        (
            "ERC721InvalidApprover(address)",
            Refusal::InvalidApprover(two),
        ),
        (
            "ERC721InvalidOperator(address)",
            Refusal::InvalidOperator(None),
        ),
    ] {
        let data = abi::refusal_data(&refusal);
        assert_eq!(data[..4], hash(text)[..4], "{text}");
        assert_eq!(abi::read_refusal(&data), Some(refusal), "{text}");
        assert_eq!(abi::read_refusal(&data[..data.len() - 1]), None);
    }
    let transfer = Event::Transfer {
        from: None,
        to: Some(one),
        token: id(1),
    };
    let approval = Event::Approval {
        owner: one,
        approved: None,
        token: id(1),
    };
    let for_all = Event::ApprovalForAll {
        owner: one,
        operator: two,
        approved: true,
    };
    for (text, event) in [
        ("Transfer(address,address,uint256)", transfer),
        ("Approval(address,address,uint256)", approval),
        ("ApprovalForAll(address,address,bool)", for_all),
    ] {
        let log = abi::log(&event);
        assert_eq!(log.topics[0].to_vec(), hash(text), "{text}");
        assert_eq!(abi::read_log(&log), Some(event));
    }
    // ERC-165: the exclusive or of the functions' selectors.
    let interface = |functions: &[&str]| {
        let mut id = [0; 4];
        for function in functions {
            id.iter_mut()
                .zip(hash(function))
                .for_each(|(to, byte)| *to ^= byte);
        }
        id
    };
    use kbtf_nft::erc721::interface as known;
    assert_eq!(interface(&["supportsInterface(bytes4)"]), known::ERC165);
    let erc721 = [
        "balanceOf(address)",
        "ownerOf(uint256)",
        "approve(address,uint256)",
        "getApproved(uint256)",
        "setApprovalForAll(address,bool)",
        "isApprovedForAll(address,address)",
        "transferFrom(address,address,uint256)",
        "safeTransferFrom(address,address,uint256)",
        "safeTransferFrom(address,address,uint256,bytes)",
    ];
    assert_eq!(interface(&erc721), known::ERC721);
    assert_eq!(
        interface(&["name()", "symbol()", "tokenURI(uint256)"]),
        known::ERC721_METADATA
    );
    let enumerable = [
        "totalSupply()",
        "tokenOfOwnerByIndex(address,uint256)",
        "tokenByIndex(uint256)",
    ];
    assert_eq!(interface(&enumerable), known::ERC721_ENUMERABLE);
    assert_eq!(interface(&["locked(uint256)"]), known::SOULBOUND);
    assert_eq!(interface(&["burnAuth(uint256)"]), known::BURN_AUTH);
    assert_eq!(
        interface(&["isTransferable(uint256,address,address)"]),
        known::TRANSFERABLE
    );
}

/// The same rules over lists, as plainly as can be.
#[derive(Default)]
struct Model {
    tokens: Vec<(TokenId, Address, Option<Address>)>,
    operators: Vec<(Address, Address)>,
}

impl Model {
    fn call(
        &mut self,
        sender: Address,
        call: &Call<Address>,
    ) -> Result<Event<Address>, Refusal<Address>> {
        let find = |tokens: &[(TokenId, Address, Option<Address>)], token: TokenId| {
            tokens
                .iter()
                .position(|(known, ..)| *known == token)
                .ok_or(Refusal::NonexistentToken(token))
        };
        match call {
            Call::Approve { to, token } => {
                let at = find(&self.tokens, *token)?;
                let owner = self.tokens[at].1;
                if owner != sender && !self.operators.contains(&(owner, sender)) {
                    return Err(Refusal::InvalidApprover(sender));
                }
                self.tokens[at].2 = *to;
                Ok(Event::Approval {
                    owner,
                    approved: *to,
                    token: *token,
                })
            }
            Call::SetApprovalForAll { operator: None, .. } => Err(Refusal::InvalidOperator(None)),
            Call::SetApprovalForAll {
                operator: Some(operator),
                approved,
            } => {
                self.operators.retain(|pair| *pair != (sender, *operator));
                if *approved {
                    self.operators.push((sender, *operator));
                }
                Ok(Event::ApprovalForAll {
                    owner: sender,
                    operator: *operator,
                    approved: *approved,
                })
            }
            Call::Mint { to: None, .. } | Call::TransferFrom { to: None, .. } => {
                Err(Refusal::InvalidReceiver(None))
            }
            Call::Mint {
                to: Some(to),
                token,
            } => {
                if find(&self.tokens, *token).is_ok() {
                    return Err(Refusal::InvalidSender(None));
                }
                self.tokens.push((*token, *to, None));
                Ok(Event::Transfer {
                    from: None,
                    to: Some(*to),
                    token: *token,
                })
            }
            Call::TransferFrom { token, .. } | Call::Burn { token } => {
                let at = find(&self.tokens, *token)?;
                let (_, owner, approved) = self.tokens[at];
                let may = owner == sender
                    || approved == Some(sender)
                    || self.operators.contains(&(owner, sender));
                if !may {
                    return Err(Refusal::InsufficientApproval {
                        operator: sender,
                        token: *token,
                    });
                }
                if let Call::TransferFrom {
                    from, to: Some(to), ..
                } = call
                {
                    if *from != Some(owner) {
                        return Err(Refusal::IncorrectOwner {
                            from: *from,
                            token: *token,
                            owner,
                        });
                    }
                    self.tokens[at] = (*token, *to, None);
                    return Ok(Event::Transfer {
                        from: Some(owner),
                        to: Some(*to),
                        token: *token,
                    });
                }
                self.tokens.remove(at);
                Ok(Event::Transfer {
                    from: Some(owner),
                    to: None,
                    token: *token,
                })
            }
            other => panic!("{other:?}"),
        }
    }
}

fn calls() -> impl Strategy<Value = Vec<(u8, Call<Address>)>> {
    let somebody = || prop_oneof![9 => (1_u8..5).prop_map(|n| Some(account(n))), 1 => Just(None)];
    let token = || (0_u64..4).prop_map(id);
    let call = prop_oneof![
        3 => (somebody(), token()).prop_map(|(to, token)| Call::Mint { to, token }),
        4 => (somebody(), somebody(), token()).prop_map(|(from, to, token)| Call::TransferFrom { from, to, token }),
        3 => (somebody(), token()).prop_map(|(to, token)| Call::Approve { to, token }),
        2 => (somebody(), any::<bool>()).prop_map(|(operator, approved)| Call::SetApprovalForAll { operator, approved }),
        1 => token().prop_map(|token| Call::Burn { token }),
    ];
    prop::collection::vec((1_u8..5, call), 1..80)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn tokens_do_as_the_model(calls in calls()) {
        let (mut tokens, mut model) = (Tokens::new(), Model::default());
        for (sender, call) in calls {
            // Half of the senders are owners, so that much succeeds.
            let token = match call {
                Call::TransferFrom { token, .. } | Call::Approve { token, .. } | Call::Burn { token } => Some(token),
                _ => None,
            };
            let owner = token.and_then(|token| tokens.owner_of(token).ok().copied());
            let sender = owner.filter(|_| sender % 2 == 0).unwrap_or(account(sender));
            let call = match (call, owner) {
                (Call::TransferFrom { to, token, .. }, Some(owner)) if sender == owner => Call::TransferFrom { from: Some(owner), to, token },
                (call, _) => call,
            };
            let decided = tokens.decide(&sender, &call);
            prop_assert_eq!(&decided, &model.call(sender, &call), "{:?}", call);
            if let Ok(event) = decided {
                tokens.apply(&event);
                prop_assert_eq!(abi::read_log(&abi::log(&event)), Some(event));
            }
            prop_assert_eq!(tokens.total_supply(), model.tokens.len() as u64);
            for n in 0..4 {
                let found = model.tokens.iter().find(|(known, ..)| *known == id(n));
                prop_assert_eq!(tokens.owner_of(id(n)).ok(), found.map(|(_, owner, _)| owner));
                let approved = found.map(|(.., approved)| approved.as_ref());
                prop_assert_eq!(tokens.get_approved(id(n)).ok(), approved);
            }
            for n in 1..5 {
                let owner = account(n);
                let count = model.tokens.iter().filter(|(_, known, _)| *known == owner).count() as u64;
                prop_assert_eq!(tokens.balance_of(Some(&owner)), Ok(count));
                for m in 1..5 {
                    let is_operator = model.operators.contains(&(owner, account(m)));
                    prop_assert_eq!(tokens.is_approved_for_all(&owner, &account(m)), is_operator);
                }
            }
        }
    }

    #[test]
    fn numbers_there_and_back(bytes: [u8; 32], text in "[0-9]{1,80}") {
        let token = TokenId::from_bytes(bytes);
        prop_assert_eq!(token.to_string().parse::<TokenId>(), Ok(token));
        if let Ok(token) = text.parse::<TokenId>() {
            prop_assert_eq!(token.to_string(), text);
        }
    }

    #[test]
    fn any_data_is_read_or_none(data: Vec<u8>, text in "0x[0-9a-fA-F+]{38,42}") {
        if let Some(refusal) = abi::read_refusal(&data) {
            prop_assert_eq!(abi::refusal_data(&refusal), data);
        }
        if let Ok(address) = text.parse::<Address>() {
            prop_assert_eq!(address.to_string(), text.to_ascii_lowercase());
        }
    }
}
