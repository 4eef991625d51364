//! The life cycle of OpenDID as a profile over `did:kbtf`: four states, which may follow on which, and what each permits
//! (DID-10, EAA-10 where it touches identifiers).
//!
//! | state | a `did:kbtf` is in it while | 한국어 |
//! | --- | --- | --- |
//! | ACTIVATED | some key of its document is in force | 활성 |
//! | DEACTIVATED | it has no key in force, but could be given one again: a lost telephone | 비활성 |
//! | REVOKED | it has expired: nothing new is signed, what was signed before can still be checked | 폐기 |
//! | TERMINATED | it has been deactivated for ever | 말소 |
//!
//! | permitted | ACTIVATED | DEACTIVATED | REVOKED | TERMINATED |
//! | --- | --- | --- | --- | --- |
//! | authenticate, issue, present | yes | no | no | no |
//! | update the document | yes | no | no | no |
//! | restore (a key in force again) | no | yes | no | no |
//! | check what was signed before | yes | yes | yes | no |
//! | resolve | yes | yes | yes | yes |
//!
//! The words and transitions are those of OpenDID's ledger (2025); its documents say what TERMINATED and REVOKED permit,
//! its servers who may update and restore. That nothing new is signed in DEACTIVATED is this profile's reading: its
//! issuers and verifiers do not look. The method itself is more liberal than the profile: it lets an active DID be
//! deactivated at once, where the profile has it expire first.

use core::fmt;

use crate::{
    Error, Timestamp,
    did_kbtf::{DidState, Event, apply},
};

/// A state of the life cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LifeCycleState {
    /// In use.
    Activated,
    /// Out of use until it is restored.
    Deactivated,
    /// Out of use for ever; what was signed before can be checked.
    Revoked,
    /// Of no use for anything.
    Terminated,
}

/// What somebody wants of a DID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Use {
    /// Showing control, issuing a credential, presenting one: anything that signs anew.
    SignAnew,
    /// Changing the document.
    Update,
    /// Putting a DID that is out of use into use again.
    Restore,
    /// Checking a signature that was made while the DID was in use.
    CheckPastSignature,
    /// Reading the document.
    Resolve,
}

impl LifeCycleState {
    /// All states, in the order of a life.
    pub const ALL: [Self; 4] = [
        Self::Activated,
        Self::Deactivated,
        Self::Revoked,
        Self::Terminated,
    ];

    /// The word of OpenDID.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Activated => "ACTIVATED",
            Self::Deactivated => "DEACTIVATED",
            Self::Revoked => "REVOKED",
            Self::Terminated => "TERMINATED",
        }
    }

    /// The state of a `did:kbtf` at a time.
    #[must_use]
    pub fn of(state: &DidState, now: Timestamp) -> Self {
        if state.is_deactivated() {
            Self::Terminated
        } else if state.expires().is_some_and(|expires| now >= expires) {
            Self::Revoked
        } else if state.has_key_in_force(now) {
            Self::Activated
        } else {
            Self::Deactivated
        }
    }

    /// Whether a state may follow on this one. A state may always stay.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (
                Self::Activated | Self::Deactivated,
                Self::Activated | Self::Deactivated | Self::Revoked
            ) | (Self::Revoked, Self::Revoked | Self::Terminated)
                | (Self::Terminated, Self::Terminated)
        )
    }

    /// Whether a use is permitted in this state.
    #[must_use]
    pub const fn permits(self, wanted: Use) -> bool {
        match wanted {
            Use::SignAnew | Use::Update => matches!(self, Self::Activated),
            Use::Restore => matches!(self, Self::Deactivated),
            Use::CheckPastSignature => !matches!(self, Self::Terminated),
            Use::Resolve => true,
        }
    }
}

impl fmt::Display for LifeCycleState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether an event, which the method allows, is also allowed by the profile: from the state at the event's time to the
/// state after it. In DEACTIVATED only what restores is.
///
/// # Errors
/// `did/life-cycle`.
pub fn check(state: &DidState, event: &Event) -> Result<LifeCycleState, Error> {
    let before = LifeCycleState::of(state, event.time());
    let mut after = Some(state.clone());
    apply(&mut after, event);
    let after = after.map_or(before, |state| LifeCycleState::of(&state, event.time()));
    let changes_document = matches!(event.change(), crate::did_kbtf::Change::Update(_));
    let is_permitted = !changes_document
        || before.permits(Use::Update)
        || (before.permits(Use::Restore) && after == LifeCycleState::Activated);
    if before.may_become(after) && is_permitted {
        Ok(after)
    } else {
        Err(Error::LifeCycle {
            from: before,
            to: after,
        })
    }
}
