//! ERC-721: what a call does, and what it is refused for (NFT-01).
//!
//! Refusals have the names of ERC-6093 and come in the order in which OpenZeppelin's contracts (5.x) look at things. A call
//! that is refused makes no event and changes nothing; what one that is not changes is told whole by its events, so that the state is
//! a fold over them.

use alloc::vec::Vec;
use core::{fmt, hash::Hash};

use hashbrown::{HashMap, HashSet};

use crate::TokenId;

/// What accounts are: an [`Address`](crate::Address), or whatever a ledger knows its users by.
pub trait Account: Clone + Eq + Hash + fmt::Debug {}

impl<A: Clone + Eq + Hash + fmt::Debug> Account for A {}

/// The interfaces that a contract says it has (ERC-165).
pub mod interface {
    /// ERC-165 itself.
    pub const ERC165: [u8; 4] = [0x01, 0xff, 0xc9, 0xa7];
    /// ERC-721.
    pub const ERC721: [u8; 4] = [0x80, 0xac, 0x58, 0xcd];
    /// Its metadata extension.
    pub const ERC721_METADATA: [u8; 4] = [0x5b, 0x5e, 0x13, 0x9f];
    /// Its enumeration extension.
    pub const ERC721_ENUMERABLE: [u8; 4] = [0x78, 0x0e, 0x9d, 0x63];
    /// ERC-4906, changes of metadata.
    pub const METADATA_UPDATE: [u8; 4] = [0x49, 0x06, 0x49, 0x06];
    /// ERC-5192, tokens that stay with their owner.
    pub const SOULBOUND: [u8; 4] = [0xb4, 0x5a, 0x3c, 0x0e];
    /// ERC-5484, who may burn.
    pub const BURN_AUTH: [u8; 4] = [0x04, 0x89, 0xb5, 0x6f];
    /// ERC-6454, whether a token can pass on.
    pub const TRANSFERABLE: [u8; 4] = [0x91, 0xa6, 0x26, 0x2f];
    /// The one that nothing has (ERC-165).
    pub const NONE: [u8; 4] = [0xff; 4];
}

/// What the receiver of a safe transfer answers. The state is already the new one when it is asked, and the old one again if
/// it refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receiver {
    /// It is no contract, and is not asked.
    NoContract,
    /// It takes the token.
    Takes,
    /// It gives another answer than it should, none, or has no such function.
    DoesNotKnow,
    /// It fails with this data, which goes on unchanged.
    Fails(Vec<u8>),
}

/// A call of a contract, by whoever sends it. Nobody, the address of zeros, is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Call<A> {
    /// `approve`: somebody may transfer one token; nobody any more.
    Approve {
        /// Who.
        to: Option<A>,
        /// Which token.
        token: TokenId,
    },
    /// `setApprovalForAll`: somebody may do with all tokens of the sender as he does, or no more.
    SetApprovalForAll {
        /// Who.
        operator: Option<A>,
        /// Whether he may.
        approved: bool,
    },
    /// `transferFrom`.
    TransferFrom {
        /// Whose it is said to be.
        from: Option<A>,
        /// Whose it will be.
        to: Option<A>,
        /// Which token.
        token: TokenId,
    },
    /// `safeTransferFrom`: the same, and the receiver is asked if it is a contract.
    SafeTransferFrom {
        /// Whose it is said to be.
        from: Option<A>,
        /// Whose it will be.
        to: Option<A>,
        /// Which token.
        token: TokenId,
        /// What the receiver answers.
        receiver: Receiver,
    },
    /// `mint`: who may is not said by ERC-721.
    Mint {
        /// Whose it will be.
        to: Option<A>,
        /// Which token.
        token: TokenId,
    },
    /// `safeMint`: the same, and the receiver is asked if it is a contract.
    SafeMint {
        /// Whose it will be.
        to: Option<A>,
        /// Which token.
        token: TokenId,
        /// What the receiver answers.
        receiver: Receiver,
    },
    /// `burn`, by whoever may transfer it.
    Burn {
        /// Which token.
        token: TokenId,
    },
}

/// What has happened, as the standard's events tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<A> {
    /// `Transfer`: from nobody if it was minted, to nobody if it was burnt. The approval of the token is over, without an event.
    Transfer {
        /// Whose it was.
        from: Option<A>,
        /// Whose it is.
        to: Option<A>,
        /// Which token.
        token: TokenId,
    },
    /// `Approval`.
    Approval {
        /// Whose the token is.
        owner: A,
        /// Who may transfer it.
        approved: Option<A>,
        /// Which token.
        token: TokenId,
    },
    /// `ApprovalForAll`.
    ApprovalForAll {
        /// Whose tokens.
        owner: A,
        /// Who may.
        operator: A,
        /// Whether he may.
        approved: bool,
    },
}

/// Why a call is refused, by the names of ERC-6093.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal<A: fmt::Debug> {
    /// `ERC721InvalidOwner`: nobody owns nothing.
    #[error("ERC721InvalidOwner({0:?})")]
    InvalidOwner(Option<A>),
    /// `ERC721NonexistentToken`: there is no such token.
    #[error("ERC721NonexistentToken({0})")]
    NonexistentToken(TokenId),
    /// `ERC721IncorrectOwner`: it is not his from whom it is to be transferred.
    #[error("ERC721IncorrectOwner({from:?}, {token}, {owner:?})")]
    IncorrectOwner {
        /// Whose it was said to be.
        from: Option<A>,
        /// Which token.
        token: TokenId,
        /// Whose it is.
        owner: A,
    },
    /// `ERC721InvalidSender`: minted, though it is there.
    #[error("ERC721InvalidSender({0:?})")]
    InvalidSender(Option<A>),
    /// `ERC721InvalidReceiver`: to nobody, or to a contract that does not know tokens.
    #[error("ERC721InvalidReceiver({0:?})")]
    InvalidReceiver(Option<A>),
    /// `ERC721InsufficientApproval`: he may not.
    #[error("ERC721InsufficientApproval({operator:?}, {token})")]
    InsufficientApproval {
        /// Who.
        operator: A,
        /// Which token.
        token: TokenId,
    },
    /// `ERC721InvalidApprover`: he may not let others.
    #[error("ERC721InvalidApprover({0:?})")]
    InvalidApprover(A),
    /// `ERC721InvalidOperator`: nobody may do all.
    #[error("ERC721InvalidOperator({0:?})")]
    InvalidOperator(Option<A>),
    /// What the receiver has failed with.
    #[error("the receiver has failed")]
    Receiver(Vec<u8>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Token<A> {
    owner: A,
    approved: Option<A>,
}

/// The tokens of a contract, whose they are and who may transfer them.
#[derive(Debug, Clone)]
pub struct Tokens<A> {
    tokens: HashMap<TokenId, Token<A>>,
    balances: HashMap<A, u64>,
    operators: HashSet<(A, A)>,
}

impl<A> Default for Tokens<A> {
    fn default() -> Self {
        Self {
            tokens: HashMap::default(),
            balances: HashMap::default(),
            operators: HashSet::default(),
        }
    }
}

impl<A: Account> Tokens<A> {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many tokens there are.
    #[must_use]
    pub fn total_supply(&self) -> u64 {
        self.tokens.len() as u64
    }

    /// `balanceOf`: how many somebody owns.
    ///
    /// # Errors
    /// [`Refusal::InvalidOwner`] of nobody.
    pub fn balance_of(&self, owner: Option<&A>) -> Result<u64, Refusal<A>> {
        let owner = owner.ok_or(Refusal::InvalidOwner(None))?;
        Ok(self.balances.get(owner).copied().unwrap_or_default())
    }

    fn token(&self, token: TokenId) -> Result<&Token<A>, Refusal<A>> {
        self.tokens
            .get(&token)
            .ok_or(Refusal::NonexistentToken(token))
    }

    /// `ownerOf`: whose a token is.
    ///
    /// # Errors
    /// [`Refusal::NonexistentToken`].
    pub fn owner_of(&self, token: TokenId) -> Result<&A, Refusal<A>> {
        self.token(token).map(|found| &found.owner)
    }

    /// `getApproved`: who may transfer this token.
    ///
    /// # Errors
    /// [`Refusal::NonexistentToken`].
    pub fn get_approved(&self, token: TokenId) -> Result<Option<&A>, Refusal<A>> {
        self.token(token).map(|found| found.approved.as_ref())
    }

    /// `isApprovedForAll`: whether somebody may do with all of another's tokens as he does.
    #[must_use]
    pub fn is_approved_for_all(&self, owner: &A, operator: &A) -> bool {
        // Most contracts have none, and then nothing is copied to look.
        !self.operators.is_empty() && self.operators.contains(&(owner.clone(), operator.clone()))
    }

    /// What a call does, or why it is refused. Nothing is changed: that [`Tokens::apply`] does.
    ///
    /// # Errors
    /// The first [`Refusal`] that applies.
    ///
    /// ```
    /// use kbtf_nft::TokenId;
    /// use kbtf_nft::erc721::{Call, Refusal, Tokens};
    ///
    /// let mut tokens = Tokens::new();
    /// let event = tokens.decide(&"office", &Call::Mint { to: Some("hong"), token: TokenId::from(7) })?;
    /// tokens.apply(&event);
    ///
    /// // He who may transfer one token may not let others do so.
    /// let approve = |to| Call::Approve { to: Some(to), token: TokenId::from(7) };
    /// let event = tokens.decide(&"hong", &approve("kim"))?;
    /// tokens.apply(&event);
    /// assert_eq!(tokens.decide(&"kim", &approve("lee")), Err(Refusal::InvalidApprover("kim")));
    ///
    /// let event = tokens.decide(&"kim", &Call::TransferFrom { from: Some("hong"), to: Some("lee"), token: TokenId::from(7) })?;
    /// tokens.apply(&event);
    /// assert_eq!(tokens.owner_of(TokenId::from(7))?, &"lee");
    /// assert_eq!(tokens.get_approved(TokenId::from(7))?, None);
    /// # Ok::<(), Refusal<&str>>(())
    /// ```
    pub fn decide(&self, sender: &A, call: &Call<A>) -> Result<Event<A>, Refusal<A>> {
        match call {
            Call::Approve { to, token } => {
                let owner = &self.token(*token)?.owner;
                if owner != sender && !self.is_approved_for_all(owner, sender) {
                    return Err(Refusal::InvalidApprover(sender.clone()));
                }
                Ok(Event::Approval {
                    owner: owner.clone(),
                    approved: to.clone(),
                    token: *token,
                })
            }
            Call::SetApprovalForAll { operator, approved } => Ok(Event::ApprovalForAll {
                owner: sender.clone(),
                operator: operator.clone().ok_or(Refusal::InvalidOperator(None))?,
                approved: *approved,
            }),
            Call::TransferFrom { from, to, token } => self.transfer(sender, from, to, *token),
            Call::SafeTransferFrom {
                from,
                to,
                token,
                receiver,
            } => asked(self.transfer(sender, from, to, *token)?, to, receiver),
            Call::Mint { to, token } => self.mint(to, *token),
            Call::SafeMint {
                to,
                token,
                receiver,
            } => asked(self.mint(to, *token)?, to, receiver),
            Call::Burn { token } => Ok(Event::Transfer {
                from: Some(self.authorised(sender, *token)?.clone()),
                to: None,
                token: *token,
            }),
        }
    }

    /// The owner of a token that this account may transfer.
    fn authorised(&self, sender: &A, token: TokenId) -> Result<&A, Refusal<A>> {
        let found = self.token(token)?;
        let may = found.owner == *sender
            || found.approved.as_ref() == Some(sender)
            || self.is_approved_for_all(&found.owner, sender);
        match may {
            true => Ok(&found.owner),
            false => Err(Refusal::InsufficientApproval {
                operator: sender.clone(),
                token,
            }),
        }
    }

    fn transfer(
        &self,
        sender: &A,
        from: &Option<A>,
        to: &Option<A>,
        token: TokenId,
    ) -> Result<Event<A>, Refusal<A>> {
        let to = to.clone().ok_or(Refusal::InvalidReceiver(None))?;
        let owner = self.authorised(sender, token)?;
        if from.as_ref() != Some(owner) {
            return Err(Refusal::IncorrectOwner {
                from: from.clone(),
                token,
                owner: owner.clone(),
            });
        }
        Ok(Event::Transfer {
            from: from.clone(),
            to: Some(to),
            token,
        })
    }

    fn mint(&self, to: &Option<A>, token: TokenId) -> Result<Event<A>, Refusal<A>> {
        let to = to.clone().ok_or(Refusal::InvalidReceiver(None))?;
        match self.tokens.contains_key(&token) {
            true => Err(Refusal::InvalidSender(None)),
            false => Ok(Event::Transfer {
                from: None,
                to: Some(to),
                token,
            }),
        }
    }

    /// Takes what has happened. An event that [`Tokens::decide`] did not make for this state, such as a transfer of what is not
    /// there, leaves it as sound as it was.
    pub fn apply(&mut self, event: &Event<A>) {
        match event {
            Event::Approval {
                approved, token, ..
            } => {
                if let Some(found) = self.tokens.get_mut(token) {
                    found.approved.clone_from(approved);
                }
            }
            Event::ApprovalForAll {
                owner,
                operator,
                approved,
            } => {
                let pair = (owner.clone(), operator.clone());
                match approved {
                    true => drop(self.operators.insert(pair)),
                    false => drop(self.operators.remove(&pair)),
                }
            }
            Event::Transfer { to, token, .. } => self.pass(to.as_ref(), *token),
        }
    }

    fn pass(&mut self, to: Option<&A>, token: TokenId) {
        let Some(to) = to else {
            if let Some(burnt) = self.tokens.remove(&token) {
                self.lose(&burnt.owner);
            }
            return;
        };
        let now = Token {
            owner: to.clone(),
            approved: None,
        };
        let before = self.tokens.insert(token, now);
        if let Some(before) = before {
            // To himself it changes nothing but the approval.
            if before.owner == *to {
                return;
            }
            self.lose(&before.owner);
        }
        match self.balances.get_mut(to) {
            Some(balance) => *balance += 1,
            None => drop(self.balances.insert(to.clone(), 1)),
        }
    }

    fn lose(&mut self, owner: &A) {
        if let Some(balance) = self.balances.get_mut(owner) {
            *balance = balance.saturating_sub(1);
            if *balance == 0 {
                self.balances.remove(owner);
            }
        }
    }
}

/// What a transfer comes to when the receiver has answered.
fn asked<A: Account>(
    event: Event<A>,
    to: &Option<A>,
    receiver: &Receiver,
) -> Result<Event<A>, Refusal<A>> {
    match receiver {
        Receiver::NoContract | Receiver::Takes => Ok(event),
        Receiver::DoesNotKnow => Err(Refusal::InvalidReceiver(to.clone())),
        Receiver::Fails(data) => Err(Refusal::Receiver(data.clone())),
    }
}
