#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod batch;
mod bytes;
mod document;
mod error;
mod leaf;
mod perfect_tree;
mod redacted;
mod table;

pub use batch::{Batch, BatchProof, MAX_BATCH};
pub use bytes::{BLOCK, ByteDifferences, ByteDigest, ByteOutline};
pub use document::{Differences, Document, MAX_DOCUMENT, Outline, Positions};
pub use error::Error;
pub use leaf::{DocumentKey, ItemTag, LeafValue, Segment, Step};
pub use redacted::{Redacted, Seen, SeenArray, ShownLeaf};
pub use table::Header;
