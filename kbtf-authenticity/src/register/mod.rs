//! The register of what was issued: public information of documents, and assets with owners, on any ledger (AUT-01, AUT-02,
//! AUT-04 to AUT-06, AUT-08).
//!
//! A record is made of operations, each signed by who may make it and each holding the hash of the entry before. What a
//! record is at any time is a pure fold over its entries: [`decide`] says what may follow, [`apply`] what it makes. A ledger
//! keeps texts in an order and says when they came ([`RecordLedger`]).
//!
//! * The issuer, by his DID, registers a document, registers new versions, revokes.
//! * An asset has an owner: a key of its own for each asset and owner, so that a ledger says nothing of who owns two things.
//!   Ownership passes in two steps: the owner offers, the other accepts or rejects; until then the owner can withdraw.
//! * Nothing of a document is written: commitments, names that the framework gives, times, names of chains and assets. What
//!   looks like personal data is refused; names in links and of types are short, and what they say is for who gives them to
//!   answer for.
//! * A commitment says nothing of who may register it: anybody can register a copy of another's. Who asks by a commitment is
//!   given all records with it, and says himself whose he trusts ([`Policy`](crate::Policy)).

mod fault;
mod ledger;
mod operation;
mod record;

pub use fault::RecordFault;
#[cfg(feature = "std")]
pub use ledger::MemoryRegister;
pub use ledger::{
    Found, Listing, MAX_PAGE, Page, RecordLedger, RecordSummary, Register, Submission,
};
pub use operation::{
    Link, Operation, Party, PublicInformation, RecordChange, RecordType, RegisterEntry,
    RevocationReason, SignedOperation,
};
pub use record::{Context, Event, Ownership, Record, RecordStatus, Version, apply, decide};
