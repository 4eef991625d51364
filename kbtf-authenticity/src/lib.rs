#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

mod batch;
#[cfg(feature = "register")]
mod bundle;
mod bytes;
mod document;
mod error;
mod leaf;
mod named_parts;
#[cfg(feature = "register")]
pub mod paper;
#[cfg(feature = "pdf")]
mod pdf;
mod perfect_tree;
mod redacted;
#[cfg(feature = "register")]
pub mod register;
mod table;
#[cfg(feature = "register")]
mod verify;
mod xml;

pub use batch::{Batch, BatchProof, MAX_BATCH};
#[cfg(feature = "register")]
pub use bundle::{Bundle, BundleTrust, Content, Exhibit, IssuerEvidence};
pub use bytes::{BLOCK, ByteDifferences, ByteDigest, ByteOutline};
pub use document::{Differences, Document, MAX_DOCUMENT, Outline, Positions};
pub use error::Error;
pub use leaf::{DocumentKey, ItemTag, LeafValue, Segment, Step};
pub use named_parts::{PartDifferences, PartOutline};
#[cfg(feature = "pdf")]
pub use pdf::pdf_parts;
pub use redacted::{Redacted, Seen, SeenArray, ShownLeaf};
pub use table::Header;
#[cfg(feature = "register")]
pub use verify::{
    Checked, IssuerDocuments, Policy, Presented, RecordEvidence, StatusFault, TrustedIssuer,
    Verdict, Word, verify,
};
