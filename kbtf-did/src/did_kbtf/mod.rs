//! The method `did:kbtf`: identities on any ledger that keeps things in order.
//!
//! A `did:kbtf` is made of operations, each signed by who may change the identity, each holding the hash of the one
//! before. The identifier is the hash of the first, so that it proves its own beginning; the document at any time is a
//! pure fold over the operations that the ledger held by then. What a ledger must do is little: keep bytes in one order
//! and say when they came. `docs/did-kbtf.md` is the method's specification.
//!
//! * Who may change the identity (the *controllers*) is apart from who may sign in its name: no key is both (DID-08).
//! * A change needs as many controllers as the threshold says. The next controllers can be committed to by their hashes
//!   alone, so that whoever steals today's keys cannot take the identity over.
//! * An agency can be given a part of the right to change, for a time (the role Delegator, DID-11).
//! * Keys and the whole identity can expire; keys can be revoked; the identity can be deactivated for ever (DID-10).
//! * Nothing that is written can hold a payload or free text, and what looks like personal data is refused (DID-14).
//!
//! ```
//! use kbtf_did::did_kbtf::{Change, Controllers, Creation, History, LedgerEntry, LedgerName, NewKey, Operation, Update};
//! use kbtf_did::{KeyType, ResolutionOptions, SOFTWARE, SecretKey, Signer, SoftwareSigner, VerificationRelationship};
//!
//! # let key = |seed| SecretKey::from_bytes(KeyType::Ed25519, &[seed; 32]).map(SoftwareSigner::new);
//! let (controller, phone) = (key(1)?, key(2)?);
//! let ledger = LedgerName::parse("seoul-1")?;
//! let creation = Creation::new(&ledger, Controllers::new(1, &[controller.public_key()])?)
//!     .key(NewKey::new("phone", phone.public_key(), &[VerificationRelationship::Authentication]));
//! let create = Operation::create(creation)?.sign(&[&controller])?;
//! let did = create.operation().did(&SOFTWARE)?;
//!
//! // What the ledger holds, in its order and with its times.
//! let mut entries = vec![LedgerEntry::new("2026-01-01T00:00:00Z".parse()?, create.to_json())];
//! let history = History::replay(&did, &entries, &SOFTWARE)?;
//! let revoke = Operation::next(history.state(), Change::Update(Update::new().revoke("phone")))?.sign(&[&controller])?;
//! entries.push(LedgerEntry::new("2026-02-01T00:00:00Z".parse()?, revoke.to_json()));
//!
//! let history = History::replay(&did, &entries, &SOFTWARE)?;
//! let in_january = ResolutionOptions::default().version_time("2026-01-15T00:00:00Z".parse()?);
//! assert_eq!(history.resolve(&in_january).unwrap().document.verification_methods()[0].revoked(), None);
//! let now = history.resolve(&ResolutionOptions::default()).unwrap();
//! assert!(now.document.verification_methods()[0].revoked().is_some());
//! # Ok::<(), kbtf_did::Error>(())
//! ```

mod change;
mod decide;
mod fault;
mod hash;
mod history;
mod ledger;
mod operation;
mod read;
mod state;

pub use change::{
    Change, Commitments, Controllers, Creation, DelegationGrant, NewKey, NewService, Scope, Update,
};
pub use decide::{Context, Event, apply, decide};
pub use fault::OperationFault;
pub use hash::{LedgerName, OperationHash};
pub use history::{History, LedgerEntry, RefusedEntry};
#[cfg(feature = "std")]
pub use ledger::MemoryLedger;
pub use ledger::{Delegate, Delegator, Ledgered, OperationLedger, Registrar, Submission};
pub use operation::{Operation, SignedOperation};
pub use state::DidState;

use alloc::string::String;

use crate::{Did, Error, timestamp::excerpt};

/// The most of each thing in one identity.
pub(crate) mod bounds {
    /// Controllers, committed keys and signatures.
    pub(crate) const CONTROLLERS: usize = 16;
    /// Keys in the document.
    pub(crate) const KEYS: usize = 64;
    /// Services in the document.
    pub(crate) const SERVICES: usize = 32;
    /// Other names.
    pub(crate) const NAMES: usize = 16;
    /// Delegations that have not been withdrawn.
    pub(crate) const DELEGATIONS: usize = 16;
    /// Characters of a URI.
    pub(crate) const URI: usize = 512;
    /// Bytes of an operation.
    pub(crate) const OPERATION: usize = 32 * 1024;
}

/// The ledger that a `did:kbtf` says it lives on.
///
/// # Errors
/// `did/method-not-supported` for a DID of another method, `did/invalid-did` for one that is not
/// `did:kbtf:<ledger>:<hash>`.
pub fn ledger_of(did: &Did) -> Result<LedgerName, Error> {
    parts(did).map(|(ledger, _)| ledger)
}

/// The ledger and the hash of the first operation.
pub(crate) fn parts(did: &Did) -> Result<(LedgerName, OperationHash), Error> {
    if did.method() != "kbtf" {
        return Err(Error::MethodNotSupported {
            method: excerpt(did.method()),
        });
    }
    let invalid = || Error::InvalidDid {
        got: excerpt(did.as_str()),
    };
    let (ledger, hash) = did
        .method_specific_id()
        .split_once(':')
        .ok_or_else(invalid)?;
    let ledger = LedgerName::parse(ledger).map_err(|_| invalid())?;
    let hash = OperationHash::parse(hash).map_err(|_| invalid())?;
    Ok((ledger, hash))
}

/// The DID of a first operation.
pub(crate) fn did_of(ledger: &LedgerName, hash: OperationHash) -> Did {
    Did::from_parts("kbtf", &alloc::format!("{ledger}:{hash}"))
}

/// An error of an operation.
pub(crate) fn broken(fault: OperationFault, detail: &str) -> Error {
    let detail: String = match detail {
        "" => String::new(),
        _ => alloc::format!(": {detail}").chars().take(256).collect(),
    };
    Error::InvalidOperation { fault, detail }
}
