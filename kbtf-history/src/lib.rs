#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod anchor;
mod attribution;
mod checkpoint;
mod commitment;
mod compact_range;
mod complete_history;
mod entry;
mod error;
mod hash;
mod head_map;
mod history_log;
mod logged;
pub mod lookup;
mod memory_tree;
mod monitor;
pub mod note;
mod object_state;
mod plan;
mod proof;
mod query;
mod query_log;
mod reading;
#[cfg(feature = "sealed")]
pub mod sealed;
mod sealed_states;
pub mod store;
pub mod tile;
#[cfg(feature = "time-stamp")]
pub mod time_stamp;
mod trust_policy;
mod witness;

pub use attribution::{Actor, Attributed, Attribution};
pub use checkpoint::{Checkpoint, SignedCheckpoint};
pub use commitment::{Commitment, CommitmentKey, Field, Pseudonym, PseudonymKey, Purpose};
pub use compact_range::CompactRange;
pub use complete_history::{
    Comparison, CompleteHistory, Standing, VerifiedHistory, VerifiedQueries,
};
pub use entry::{ErasureReason, Event, LogEntry, MAX_ENTRY, ObjectEntry, ObjectId, Reference};
pub use error::Error;
pub use hash::{Hash, TreeHasher};
pub use head_map::{Head, HeadMap, HeadProof};
pub use history_log::HistoryLog;
pub use logged::LoggedProof;
pub use memory_tree::MemoryTree;
pub use monitor::{Finding, Monitor};
pub use object_state::{FieldState, HistoryFault, ObjectState, ObjectStatus, next_entry};
pub use plan::{Node, NodeSource, Plan, Prover};
pub use proof::{ConsistencyProof, InclusionProof};
pub use query::{
    Asked, LegalBasis, OpenedQuery, Outcome, Query, QueryEntry, QueryEvent, SubjectState,
    commit_authority,
};
pub use query_log::QueryLog;
pub use reading::{Measured, Reading};
pub use trust_policy::{TrustPolicy, TrustedCheckpoint};
pub use witness::{AddCheckpoint, Observed, Witness, WitnessRefusal};
