#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod checkpoint;
mod compact_range;
mod error;
mod hash;
mod logged;
mod memory_tree;
pub mod note;
mod plan;
mod proof;
pub mod tile;
mod trust_policy;
mod witness;

pub use checkpoint::{Checkpoint, SignedCheckpoint};
pub use compact_range::CompactRange;
pub use error::Error;
pub use hash::{Hash, TreeHasher};
pub use logged::LoggedProof;
pub use memory_tree::MemoryTree;
pub use plan::{Node, NodeSource, Plan, Prover};
pub use proof::{ConsistencyProof, InclusionProof};
pub use trust_policy::{TrustPolicy, TrustedCheckpoint};
pub use witness::{AddCheckpoint, Observed, Witness, WitnessRefusal};
