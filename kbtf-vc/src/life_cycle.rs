//! The life of a credential as its issuer leads it: states and what may follow what (X.1254 clause 6.2; VC-06, EAA-09,
//! EAA-10).
//!
//! Pure rules: [`decide`] says which events a command leads to, or why not; [`apply`] takes an event into the state. Events
//! are what is kept: they are the records of a credential's life that clause 6.2.7 asks for, who, what and when, and hold
//! no personal data.
//!
//! ```text
//! created ──► locked ──► active ◄──► suspended
//!     └──────────────────►  │ ▲
//!                           │ └ renewed (before the end, by who shows that he has it)
//!  any of them ──► revoked, expired;   active, suspended ──► replaced;   expired ──► revoked
//! ```
//!
//! Nothing leads back from revoked and replaced, and nothing is renewed or replaced after its end: what has ended is
//! issued anew, with a new enrolment. (Clause 6.2.6 could be read to let a replacement follow a revocation; controls #17 to
//! #19 ask for proof of a credential that is still good, so here a replacement is one step that revokes the old.)
//!
//! ```
//! use kbtf_vc::life_cycle::{Command, CredentialLife, Proofs, Rules, Stage, apply, decide};
//!
//! let rules = Rules::of_level(2)?;
//! let (now, until) = ("2026-11-22T00:00:00Z".parse()?, "2027-11-22T00:00:00Z".parse()?);
//! let create = Command::Create { id: "urn:uuid:1".into(), entity: "did:example:student".into(), valid_until: until };
//! let mut life = CredentialLife::default();
//! for command in [create, Command::Activate(Proofs::default()), Command::Suspend] {
//!     for event in decide(&life, &command, "did:example:university", &rules, now)? {
//!         apply(&mut life, &event);
//!     }
//! }
//! assert_eq!(life.stage(), Some(Stage::Suspended));
//! let refused = decide(&life, &Command::Renew { until, proofs: Proofs::default() }, "did:example:university", &rules, now);
//! assert_eq!(refused.unwrap_err().code(), "life/not-allowed");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use alloc::{borrow::ToOwned, string::String, vec::Vec};
use core::fmt;

use kbtf_did::Timestamp;

/// Where a credential is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Made, and not yet in its entity's hands.
    Created,
    /// Made and locked until its entity unlocks it.
    Locked,
    /// In use.
    Active,
    /// Out of use for a time.
    Suspended,
    /// Out of use for good.
    Revoked,
    /// Its time is over.
    Expired,
    /// Out of use for good, because another has taken its place.
    Replaced,
}

impl Stage {
    /// All stages.
    pub const ALL: [Self; 7] = [
        Self::Created,
        Self::Locked,
        Self::Active,
        Self::Suspended,
        Self::Revoked,
        Self::Expired,
        Self::Replaced,
    ];

    /// The name in records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Locked => "locked",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Replaced => "replaced",
        }
    }

    /// Whether a verifier may accept the credential, and what its status list says if not: revoked for good, suspended
    /// for a time. A credential that is not active yet is suspended to the world.
    #[must_use]
    pub const fn is_revoked(self) -> bool {
        matches!(self, Self::Revoked | Self::Replaced)
    }

    /// See [`Stage::is_revoked`].
    #[must_use]
    pub const fn is_suspended(self) -> bool {
        matches!(self, Self::Created | Self::Locked | Self::Suspended)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a level of assurance asks of the steps (X.1254 table 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    level: u8,
    activate_within: Option<i64>,
}

impl Rules {
    /// The rules of level 1 to 4 of X.1254 (2012).
    ///
    /// # Errors
    /// `life/unknown-level` for another.
    pub const fn of_level(level: u8) -> Result<Self, LifeError> {
        if level < 1 || level > 4 {
            return Err(LifeError::UnknownLevel { level });
        }
        Ok(Self {
            level,
            activate_within: None,
        })
    }

    /// How many seconds after its creation a credential can be activated (control #11; asked for at level 4, where
    /// without it nothing is activated).
    #[must_use]
    pub fn activate_within(mut self, seconds: u32) -> Self {
        self.activate_within = Some(i64::from(seconds));
        self
    }
}

/// What the entity has shown, as the issuer has seen to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Proofs {
    /// That it has the credential (controls #10, #17).
    pub possession: bool,
    /// Who it is, anew (control #18).
    pub identity: bool,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// Makes it.
    Create {
        /// Its id.
        id: String,
        /// For whom: a DID or a pseudonym, never a name.
        entity: String,
        /// The last moment at which it is valid.
        valid_until: Timestamp,
    },
    /// Locks it until its entity unlocks it (control #4; at level 4 before activation).
    Lock,
    /// Puts it in use.
    Activate(Proofs),
    /// Takes it out of use for a time.
    Suspend,
    /// Puts it in use again.
    Resume,
    /// Takes it out of use for good.
    Revoke(Reason),
    /// Notes that its time is over.
    Expire,
    /// Gives it a later end.
    Renew {
        /// The new end.
        until: Timestamp,
        /// What the entity has shown.
        proofs: Proofs,
    },
    /// Puts another in its place.
    Replace {
        /// The id of the other.
        by: String,
        /// What the entity has shown.
        proofs: Proofs,
    },
}

/// Why a credential is revoked (clause 6.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Lost, stolen or known to others.
    Compromised,
    /// Its time is over.
    Expired,
    /// What it was issued on holds no more.
    BasisGone,
    /// It was used for what it must not be used for.
    Misused,
    /// The entity has asked for it.
    Requested,
}

/// What has happened. The record of a life is the list of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// By whom: the DID of the issuer's agent.
    pub actor: String,
    /// When.
    pub at: Timestamp,
}

/// See [`Event`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// It was made.
    Created {
        /// Its id.
        id: String,
        /// For whom.
        entity: String,
        /// The last moment at which it is valid.
        valid_until: Timestamp,
    },
    /// It was locked.
    Locked,
    /// It was put in use.
    Activated,
    /// It was taken out of use for a time.
    Suspended,
    /// It was put in use again.
    Resumed,
    /// It was taken out of use for good.
    Revoked(Reason),
    /// Its time was over.
    Expired,
    /// It got a later end.
    Renewed {
        /// The new end.
        until: Timestamp,
    },
    /// Another took its place.
    Replaced {
        /// The id of the other.
        by: String,
    },
}

/// The state of one credential: what follows from its events.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CredentialLife {
    record: Option<Record>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Record {
    id: String,
    entity: String,
    stage: Stage,
    created_at: Timestamp,
    valid_until: Timestamp,
    last: Timestamp,
}

impl CredentialLife {
    /// Where it is; `None` before it was made.
    #[must_use]
    pub fn stage(&self) -> Option<Stage> {
        self.record.as_ref().map(|record| record.stage)
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.record.as_ref().map(|record| record.id.as_str())
    }

    /// For whom it was made.
    #[must_use]
    pub fn entity(&self) -> Option<&str> {
        self.record.as_ref().map(|record| record.entity.as_str())
    }

    /// The last moment at which it is valid.
    #[must_use]
    pub fn valid_until(&self) -> Option<Timestamp> {
        self.record.as_ref().map(|record| record.valid_until)
    }
}

/// Why a command is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LifeError {
    /// Not from this stage.
    #[error("not from stage {}", stage.map_or("none", Stage::as_str))]
    NotAllowed {
        /// Where the credential is.
        stage: Option<Stage>,
    },
    /// Its time is over.
    #[error("the credential ended at {until}")]
    Ended {
        /// When.
        until: Timestamp,
    },
    /// The level of assurance asks for a proof that was not given.
    #[error("the level of assurance asks for proof of {what}")]
    ProofMissing {
        /// Of what.
        what: &'static str,
    },
    /// The time to activate it is over, or was never said.
    #[error("not activated in the time that the rules allow")]
    ActivationTooLate,
    /// The new end is not later, or already over.
    #[error("expected an end after {until}")]
    EndNotLater {
        /// The end that it has.
        until: Timestamp,
    },
    /// The clock went back behind the last event.
    #[error("expected a time not before {last}")]
    ClockWentBack {
        /// The last event.
        last: Timestamp,
    },
    /// No level of X.1254 (2012).
    #[error("expected level 1 to 4, got {level}")]
    UnknownLevel {
        /// What came.
        level: u8,
    },
    /// An id, entity or actor that is empty or too long.
    #[error("{member}: expected 1 to 512 characters")]
    BadName {
        /// Which.
        member: &'static str,
    },
}

impl LifeError {
    /// The stable code, such as `life/not-allowed`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAllowed { .. } => "life/not-allowed",
            Self::Ended { .. } => "life/ended",
            Self::ProofMissing { .. } => "life/proof-missing",
            Self::ActivationTooLate => "life/activation-too-late",
            Self::EndNotLater { .. } => "life/end-not-later",
            Self::ClockWentBack { .. } => "life/clock-went-back",
            Self::UnknownLevel { .. } => "life/unknown-level",
            Self::BadName { .. } => "life/bad-name",
        }
    }
}

fn check_name(member: &'static str, name: &str) -> Result<(), LifeError> {
    if name.is_empty() || name.len() > 512 {
        return Err(LifeError::BadName { member });
    }
    Ok(())
}

/// What a command leads to. Nothing is changed: apply the events, and keep them.
///
/// # Errors
/// See [`LifeError`].
pub fn decide(
    life: &CredentialLife,
    command: &Command,
    actor: &str,
    rules: &Rules,
    now: Timestamp,
) -> Result<Vec<Event>, LifeError> {
    check_name("actor", actor)?;
    let kind = match (&life.record, command) {
        (
            None,
            Command::Create {
                id,
                entity,
                valid_until,
            },
        ) => {
            check_name("id", id)?;
            check_name("entity", entity)?;
            if *valid_until < now {
                return Err(LifeError::EndNotLater { until: now });
            }
            EventKind::Created {
                id: id.clone(),
                entity: entity.clone(),
                valid_until: *valid_until,
            }
        }
        (None, _) => return Err(LifeError::NotAllowed { stage: None }),
        (Some(record), command) => decide_living(record, command, rules, now)?,
    };
    Ok(alloc::vec![Event {
        kind,
        actor: actor.to_owned(),
        at: now,
    }])
}

fn decide_living(
    record: &Record,
    command: &Command,
    rules: &Rules,
    now: Timestamp,
) -> Result<EventKind, LifeError> {
    let stage = record.stage;
    let not_allowed = LifeError::NotAllowed { stage: Some(stage) };
    if now < record.last {
        return Err(LifeError::ClockWentBack { last: record.last });
    }
    let has_ended = now > record.valid_until;
    let is_final = matches!(stage, Stage::Revoked | Stage::Replaced);
    match command {
        // These two are allowed after the end; the others are not, whether or not somebody has noted it.
        Command::Revoke(reason) if !is_final => return Ok(EventKind::Revoked(*reason)),
        Command::Expire if has_ended && !is_final && stage != Stage::Expired => {
            return Ok(EventKind::Expired);
        }
        Command::Revoke(_) | Command::Expire | Command::Create { .. } => return Err(not_allowed),
        _ => {}
    }
    if has_ended || stage == Stage::Expired {
        return Err(LifeError::Ended {
            until: record.valid_until,
        });
    }
    let asks = |what, from_level, given: bool| {
        if rules.level >= from_level && !given {
            return Err(LifeError::ProofMissing { what });
        }
        Ok(())
    };
    Ok(match (command, stage) {
        (Command::Lock, Stage::Created) => EventKind::Locked,
        (Command::Activate(proofs), Stage::Created | Stage::Locked) => {
            if rules.level == 4 && stage != Stage::Locked {
                return Err(not_allowed);
            }
            asks("possession", 3, proofs.possession)?;
            let in_time = match rules.activate_within {
                Some(seconds) => now <= record.created_at.saturating_add_seconds(seconds),
                None => rules.level < 4,
            };
            if !in_time {
                return Err(LifeError::ActivationTooLate);
            }
            EventKind::Activated
        }
        (Command::Suspend, Stage::Active) => EventKind::Suspended,
        (Command::Resume, Stage::Suspended) => EventKind::Resumed,
        (Command::Renew { until, proofs }, Stage::Active) => {
            asks("possession", 1, proofs.possession)?;
            asks("identity", 3, proofs.identity)?;
            if *until <= record.valid_until {
                return Err(LifeError::EndNotLater {
                    until: record.valid_until,
                });
            }
            EventKind::Renewed { until: *until }
        }
        (Command::Replace { by, proofs }, Stage::Active | Stage::Suspended) => {
            check_name("by", by)?;
            asks("possession", 1, proofs.possession)?;
            asks("identity", 3, proofs.identity)?;
            if *by == record.id {
                return Err(LifeError::BadName { member: "by" });
            }
            EventKind::Replaced { by: by.clone() }
        }
        _ => return Err(not_allowed),
    })
}

/// Takes an event into the state. Events that [`decide`] has not made for this state lead to no good state, and to no
/// panic.
pub fn apply(life: &mut CredentialLife, event: &Event) {
    if let EventKind::Created {
        id,
        entity,
        valid_until,
    } = &event.kind
    {
        life.record = Some(Record {
            id: id.clone(),
            entity: entity.clone(),
            stage: Stage::Created,
            created_at: event.at,
            valid_until: *valid_until,
            last: event.at,
        });
        return;
    }
    let Some(record) = &mut life.record else {
        return;
    };
    record.last = event.at;
    match &event.kind {
        EventKind::Created { .. } => {}
        EventKind::Locked => record.stage = Stage::Locked,
        EventKind::Activated | EventKind::Resumed => record.stage = Stage::Active,
        EventKind::Suspended => record.stage = Stage::Suspended,
        EventKind::Revoked(_) => record.stage = Stage::Revoked,
        EventKind::Expired => record.stage = Stage::Expired,
        EventKind::Renewed { until } => record.valid_until = *until,
        EventKind::Replaced { .. } => record.stage = Stage::Replaced,
    }
}
