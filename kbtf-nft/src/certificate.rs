//! Certificates: tokens with terms (NFT-03 to NFT-06). Who may issue and burn them, whether they can pass on, for how long they
//! count, and that they are suspended or revoked.
//!
//! A certificate is a token of ERC-721, with the views of ERC-5192 (`locked`), ERC-5484 (`burnAuth`) and ERC-6454
//! (`isTransferable`). Whether it *counts* is apart from whether it *is there*: one that is revoked is still its owner's.
//!
//! As in [`erc721`](crate::erc721), [`Certificates::decide`] says what a call does or why it is refused, and changes nothing; its events
//! tell all that changes, in the order in which they happen.

use alloc::vec::Vec;
use core::fmt;

use hashbrown::{HashMap, HashSet};
use kbtf_did::Timestamp;

use crate::{
    TokenId,
    erc721::{Account, Call, Event, Receiver, Refusal, Tokens},
};

/// Who may burn a certificate (ERC-5484), fixed when it is issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BurnAuth {
    /// Its issuer: 0.
    IssuerOnly,
    /// Its owner, himself: 1.
    OwnerOnly,
    /// Either: 2.
    Both,
    /// Nobody: 3.
    Neither,
}

impl BurnAuth {
    /// The number of the standard.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::IssuerOnly => 0,
            Self::OwnerOnly => 1,
            Self::Both => 2,
            Self::Neither => 3,
        }
    }
}

/// What is fixed when a certificate is issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Who may burn it.
    pub burn_auth: BurnAuth,
    /// From when on it counts; from the beginning if nothing is said.
    pub from: Option<Timestamp>,
    /// Until when it counts, that second not counted; for ever if nothing is said.
    pub until: Option<Timestamp>,
}

impl Terms {
    /// For ever.
    #[must_use]
    pub const fn new(burn_auth: BurnAuth) -> Self {
        Self {
            burn_auth,
            from: None,
            until: None,
        }
    }
}

/// What an issuer has said of a certificate since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Nothing.
    Issued,
    /// It does not count for now.
    Suspended,
    /// It counts no more, for good.
    Revoked,
}

/// Whether a certificate counts at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Validity {
    /// It does.
    Valid,
    /// Only later.
    NotYetValid,
    /// No more.
    Expired,
    /// It is suspended.
    Suspended,
    /// It is revoked.
    Revoked,
}

/// A certificate that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate<A> {
    /// Who has issued it.
    pub issuer: A,
    /// When.
    pub issued: Timestamp,
    /// Its terms.
    pub terms: Terms,
    /// Whether it can pass on, if the contract lets its certificates.
    pub tradable: bool,
    /// What its issuer has said since.
    pub standing: Standing,
}

impl<A> Certificate<A> {
    /// Whether it counts at a time.
    #[must_use]
    pub fn validity(&self, at: Timestamp) -> Validity {
        match self.standing {
            Standing::Revoked => Validity::Revoked,
            Standing::Suspended => Validity::Suspended,
            Standing::Issued if self.terms.from.is_some_and(|from| at < from) => {
                Validity::NotYetValid
            }
            Standing::Issued if self.terms.until.is_some_and(|until| until <= at) => {
                Validity::Expired
            }
            Standing::Issued => Validity::Valid,
        }
    }
}

/// What is fixed when a contract is deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whether its certificates can pass on (tradability); may be switched later.
    pub tradable: bool,
    /// How many there may be at once.
    pub max_supply: Option<u64>,
    /// Whether the number of one that was burnt may be issued again.
    pub reissue: bool,
}

/// A call of a contract of certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateCall<A> {
    /// One of ERC-721's; of `Mint` and `SafeMint`, which say no terms, none is taken.
    Token(Call<A>),
    /// An issuer issues a certificate.
    Issue {
        /// Whose it will be.
        to: Option<A>,
        /// Which number.
        token: TokenId,
        /// Its terms.
        terms: Terms,
        /// Whether it can pass on.
        tradable: bool,
        /// What the receiver answers.
        receiver: Receiver,
    },
    /// Its issuer, or the administrator, suspends a certificate.
    Suspend(TokenId),
    /// He lets it count again.
    Resume(TokenId),
    /// He revokes it, for good.
    Revoke(TokenId),
    /// He says whether a certificate can pass on.
    SetTokenTradable {
        /// Which.
        token: TokenId,
        /// Whether it can.
        tradable: bool,
    },
    /// The administrator says whether any can.
    SetTradable(bool),
    /// The administrator lets somebody issue, or no more.
    SetIssuer {
        /// Who.
        account: A,
        /// Whether he may.
        may: bool,
    },
    /// The administrator stops everything that changes tokens, or lets it go on.
    SetPaused(bool),
    /// The administrator names who is to take his place.
    OfferAdministration(Option<A>),
    /// Who was named takes it.
    AcceptAdministration,
}

/// What has happened to a contract of certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateEvent<A> {
    /// An event of ERC-721.
    Token(Event<A>),
    /// `Issued` (ERC-5484), beside the transfer from nobody.
    Issued {
        /// By whom.
        issuer: A,
        /// To whom.
        to: A,
        /// Which.
        token: TokenId,
        /// Its terms.
        terms: Terms,
        /// When.
        at: Timestamp,
    },
    /// `Locked` or `Unlocked` (ERC-5192): whether the certificate itself can pass on.
    Lock {
        /// Which.
        token: TokenId,
        /// Whether it is locked.
        locked: bool,
    },
    /// Its issuer has said something of it.
    Standing {
        /// Of which.
        token: TokenId,
        /// What.
        standing: Standing,
    },
    /// Whether any certificate can pass on.
    Tradable(bool),
    /// Who may issue.
    Issuer {
        /// Who.
        account: A,
        /// Whether he may.
        may: bool,
    },
    /// `Paused` or `Unpaused`.
    Paused(bool),
    /// Who is to become the administrator.
    AdministrationOffered(Option<A>),
    /// Who has become it.
    Administrator(A),
}

/// Why a call of a contract of certificates is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateRefusal<A: fmt::Debug> {
    /// By the rules of ERC-721.
    #[error(transparent)]
    Token(#[from] Refusal<A>),
    /// `EnforcedPause`.
    #[error("EnforcedPause()")]
    Paused,
    /// Only an issuer issues, and only whoever has issued one, or the administrator, says something of it.
    #[error("NotTheIssuer({0:?})")]
    NotTheIssuer(A),
    /// Only the administrator does this.
    #[error("NotTheAdministrator({0:?})")]
    NotTheAdministrator(A),
    /// It cannot pass on: by its contract, by itself, or because it does not count.
    #[error("TokenLocked({0})")]
    Locked(TokenId),
    /// By its terms this account may not burn it.
    #[error("BurnNotAllowed({account:?}, {token})")]
    BurnNotAllowed {
        /// Who.
        account: A,
        /// Which.
        token: TokenId,
    },
    /// There are as many as there may be.
    #[error("SupplyExhausted({0})")]
    SupplyExhausted(u64),
    /// The number was burnt, and is not issued again.
    #[error("TokenBurnt({0})")]
    Burnt(TokenId),
    /// Its validity ends before it begins.
    #[error("EmptyValidity()")]
    EmptyValidity,
    /// Issued without terms, as ERC-721's `mint` would.
    #[error("TermsMissing()")]
    TermsMissing,
    /// It is revoked, which is for good, or stands as it is said to.
    #[error("StandingUnchanged({0})")]
    StandingUnchanged(TokenId),
}

type Refused<A> = CertificateRefusal<A>;

/// A contract of certificates.
#[derive(Debug, Clone)]
pub struct Certificates<A> {
    settings: Settings,
    administrator: A,
    offered: Option<A>,
    issuers: HashSet<A>,
    paused: bool,
    tokens: Tokens<A>,
    certificates: HashMap<TokenId, Certificate<A>>,
    burnt: HashSet<TokenId>,
}

impl<A: Account> Certificates<A> {
    /// A contract without certificates and issuers.
    #[must_use]
    pub fn new(administrator: A, settings: Settings) -> Self {
        Self {
            settings,
            administrator,
            offered: None,
            issuers: HashSet::default(),
            paused: false,
            tokens: Tokens::new(),
            certificates: HashMap::default(),
            burnt: HashSet::default(),
        }
    }

    /// Its tokens, with the views of ERC-721.
    #[must_use]
    pub const fn tokens(&self) -> &Tokens<A> {
        &self.tokens
    }

    /// Its settings as they stand.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Who administers it.
    #[must_use]
    pub const fn administrator(&self) -> &A {
        &self.administrator
    }

    /// Whether somebody may issue (NFT-05).
    #[must_use]
    pub fn is_issuer(&self, account: &A) -> bool {
        self.issuers.contains(account)
    }

    /// A certificate: who has issued it, its terms, how it stands (NFT-05).
    ///
    /// # Errors
    /// [`Refusal::NonexistentToken`].
    pub fn certificate(&self, token: TokenId) -> Result<&Certificate<A>, Refusal<A>> {
        self.certificates
            .get(&token)
            .ok_or(Refusal::NonexistentToken(token))
    }

    /// `locked` (ERC-5192): whether it cannot pass on, whatever the time.
    ///
    /// # Errors
    /// [`Refusal::NonexistentToken`].
    pub fn locked(&self, token: TokenId) -> Result<bool, Refusal<A>> {
        let certificate = self.certificate(token)?;
        Ok(!self.settings.tradable
            || !certificate.tradable
            || certificate.standing != Standing::Issued)
    }

    /// `burnAuth` (ERC-5484).
    ///
    /// # Errors
    /// [`Refusal::NonexistentToken`].
    pub fn burn_auth(&self, token: TokenId) -> Result<BurnAuth, Refusal<A>> {
        Ok(self.certificate(token)?.terms.burn_auth)
    }

    /// `isTransferable` (ERC-6454): whether it can pass from one to another at a time. Issuing and burning are not asked about:
    /// from nobody or to nobody, but not both, it is as the contract says of its certificates in general.
    #[must_use]
    pub fn is_transferable(
        &self,
        token: TokenId,
        from: Option<&A>,
        to: Option<&A>,
        at: Timestamp,
    ) -> bool {
        match (from, to) {
            (None, None) => self.settings.tradable && !self.paused,
            (None, Some(_)) | (Some(_), None) => !self.paused,
            (Some(_), Some(_)) => !self.paused && self.check_lock(token, at).is_ok(),
        }
    }

    fn check_lock(&self, token: TokenId, at: Timestamp) -> Result<(), Refused<A>> {
        let certificate = self.certificate(token)?;
        match self.locked(token)? || certificate.validity(at) != Validity::Valid {
            true => Err(CertificateRefusal::Locked(token)),
            false => Ok(()),
        }
    }

    /// What a call does at a time, or why it is refused. Nothing is changed.
    ///
    /// # Errors
    /// The first [`CertificateRefusal`] that applies: that it is paused, who may, the rules of ERC-721, and then those of certificates.
    pub fn decide(
        &self,
        sender: &A,
        call: &CertificateCall<A>,
        at: Timestamp,
    ) -> Result<Vec<CertificateEvent<A>>, CertificateRefusal<A>> {
        let one = |event| Ok(Vec::from([event]));
        match call {
            CertificateCall::Token(call) => self
                .token_call(sender, call, at)
                .map(|event| Vec::from([event])),
            CertificateCall::Issue {
                to,
                token,
                terms,
                tradable,
                receiver,
            } => self.issue(sender, to, *token, terms, *tradable, receiver, at),
            CertificateCall::Suspend(token) => {
                one(self.says(sender, *token, Standing::Issued, Standing::Suspended)?)
            }
            CertificateCall::Resume(token) => {
                one(self.says(sender, *token, Standing::Suspended, Standing::Issued)?)
            }
            CertificateCall::Revoke(token) => {
                let before = self.certificate(*token)?.standing;
                one(self.says(sender, *token, before, Standing::Revoked)?)
            }
            CertificateCall::SetTokenTradable { token, tradable } => {
                self.speaks_for(sender, *token)?;
                one(CertificateEvent::Lock {
                    token: *token,
                    locked: !tradable,
                })
            }
            CertificateCall::SetTradable(tradable) => {
                self.administers(sender)?;
                one(CertificateEvent::Tradable(*tradable))
            }
            CertificateCall::SetIssuer { account, may } => {
                self.administers(sender)?;
                one(CertificateEvent::Issuer {
                    account: account.clone(),
                    may: *may,
                })
            }
            CertificateCall::SetPaused(paused) => {
                self.administers(sender)?;
                one(CertificateEvent::Paused(*paused))
            }
            CertificateCall::OfferAdministration(to) => {
                self.administers(sender)?;
                one(CertificateEvent::AdministrationOffered(to.clone()))
            }
            CertificateCall::AcceptAdministration => match self.offered.as_ref() == Some(sender) {
                true => one(CertificateEvent::Administrator(sender.clone())),
                false => Err(CertificateRefusal::NotTheAdministrator(sender.clone())),
            },
        }
    }

    fn administers(&self, sender: &A) -> Result<(), Refused<A>> {
        match self.administrator == *sender {
            true => Ok(()),
            false => Err(CertificateRefusal::NotTheAdministrator(sender.clone())),
        }
    }

    /// Whether somebody may say something of a certificate: whoever has issued it and may still issue, or the administrator.
    fn speaks_for(&self, sender: &A, token: TokenId) -> Result<&Certificate<A>, Refused<A>> {
        let certificate = self.certificate(token)?;
        let is_issuer = certificate.issuer == *sender && self.is_issuer(sender);
        match is_issuer || self.administrator == *sender {
            true => Ok(certificate),
            false => Err(CertificateRefusal::NotTheIssuer(sender.clone())),
        }
    }

    fn says(
        &self,
        sender: &A,
        token: TokenId,
        from: Standing,
        to: Standing,
    ) -> Result<CertificateEvent<A>, Refused<A>> {
        let standing = self.speaks_for(sender, token)?.standing;
        match standing == from && standing != to && standing != Standing::Revoked {
            true => Ok(CertificateEvent::Standing {
                token,
                standing: to,
            }),
            false => Err(CertificateRefusal::StandingUnchanged(token)),
        }
    }

    fn token_call(
        &self,
        sender: &A,
        call: &Call<A>,
        at: Timestamp,
    ) -> Result<CertificateEvent<A>, Refused<A>> {
        match call {
            Call::Mint { .. } | Call::SafeMint { .. } => Err(CertificateRefusal::TermsMissing),
            Call::Approve { .. } | Call::SetApprovalForAll { .. } => {
                Ok(CertificateEvent::Token(self.tokens.decide(sender, call)?))
            }
            Call::TransferFrom { token, .. } | Call::SafeTransferFrom { token, .. } => {
                self.check_pause()?;
                let event = self.tokens.decide(sender, call)?;
                self.check_lock(*token, at)?;
                Ok(CertificateEvent::Token(event))
            }
            Call::Burn { token } => {
                self.check_pause()?;
                let owner = self.tokens.owner_of(*token)?;
                let certificate = self.certificate(*token)?;
                let (is_owner, is_issuer) = (
                    owner == sender,
                    certificate.issuer == *sender && self.is_issuer(sender),
                );
                let may = match certificate.terms.burn_auth {
                    BurnAuth::IssuerOnly => is_issuer,
                    BurnAuth::OwnerOnly => is_owner,
                    BurnAuth::Both => is_owner || is_issuer,
                    BurnAuth::Neither => false,
                };
                match may {
                    true => Ok(CertificateEvent::Token(Event::Transfer {
                        from: Some(owner.clone()),
                        to: None,
                        token: *token,
                    })),
                    false => Err(CertificateRefusal::BurnNotAllowed {
                        account: sender.clone(),
                        token: *token,
                    }),
                }
            }
        }
    }

    const fn check_pause(&self) -> Result<(), Refused<A>> {
        match self.paused {
            true => Err(CertificateRefusal::Paused),
            false => Ok(()),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "those of the call")]
    fn issue(
        &self,
        sender: &A,
        to: &Option<A>,
        token: TokenId,
        terms: &Terms,
        tradable: bool,
        receiver: &Receiver,
        at: Timestamp,
    ) -> Result<Vec<CertificateEvent<A>>, Refused<A>> {
        self.check_pause()?;
        if !self.is_issuer(sender) {
            return Err(CertificateRefusal::NotTheIssuer(sender.clone()));
        }
        let call = Call::SafeMint {
            to: to.clone(),
            token,
            receiver: receiver.clone(),
        };
        let transfer = self.tokens.decide(sender, &call)?;
        if !self.settings.reissue && self.burnt.contains(&token) {
            return Err(CertificateRefusal::Burnt(token));
        }
        if let Some(most) = self.settings.max_supply
            && self.tokens.total_supply() >= most
        {
            return Err(CertificateRefusal::SupplyExhausted(most));
        }
        if let (Some(from), Some(until)) = (terms.from, terms.until)
            && until <= from
        {
            return Err(CertificateRefusal::EmptyValidity);
        }
        let to = to.clone().ok_or(Refusal::InvalidReceiver(None))?;
        Ok(Vec::from([
            CertificateEvent::Token(transfer),
            CertificateEvent::Issued {
                issuer: sender.clone(),
                to,
                token,
                terms: terms.clone(),
                at,
            },
            CertificateEvent::Lock {
                token,
                locked: !tradable,
            },
        ]))
    }

    /// Takes what has happened.
    pub fn apply(&mut self, event: &CertificateEvent<A>) {
        match event {
            CertificateEvent::Token(event) => {
                if let Event::Transfer {
                    to: None, token, ..
                } = event
                    && self.certificates.remove(token).is_some()
                {
                    self.burnt.insert(*token);
                }
                self.tokens.apply(event);
            }
            CertificateEvent::Issued {
                issuer,
                token,
                terms,
                at,
                ..
            } => {
                self.burnt.remove(token);
                let certificate = Certificate {
                    issuer: issuer.clone(),
                    issued: *at,
                    terms: terms.clone(),
                    tradable: false,
                    standing: Standing::Issued,
                };
                self.certificates.insert(*token, certificate);
            }
            CertificateEvent::Lock { token, locked } => {
                if let Some(certificate) = self.certificates.get_mut(token) {
                    certificate.tradable = !locked;
                }
            }
            CertificateEvent::Standing { token, standing } => {
                if let Some(certificate) = self.certificates.get_mut(token) {
                    certificate.standing = *standing;
                }
            }
            CertificateEvent::Tradable(tradable) => self.settings.tradable = *tradable,
            CertificateEvent::Issuer { account, may } => match may {
                true => drop(self.issuers.insert(account.clone())),
                false => drop(self.issuers.remove(account)),
            },
            CertificateEvent::Paused(paused) => self.paused = *paused,
            CertificateEvent::AdministrationOffered(to) => self.offered.clone_from(to),
            CertificateEvent::Administrator(account) => {
                self.administrator = account.clone();
                self.offered = None;
            }
        }
    }
}
