//! Documents on paper (AUT-07): a signed code that is printed on one and checked without a network, a number by which it is
//! looked up, pictures of codes, and what can be said of copies.
//!
//! A code says what was issued; it does not stick to the paper. Whoever photographs a code can print it again, on the same
//! words or on others: so whoever checks compares what the code says ([`PaperSeen::fields`]) with what he reads. That a paper
//! is the first print and not a copy no code shows: [`CopyEvidence`] can raise a suspicion and never take one away.

mod check_number;
mod code;
mod copy;
#[cfg(feature = "image")]
pub mod image;
mod parts;

pub use check_number::{CheckNumber, LookupKey, PaperLookup, SecondFactor};
pub use code::{
    Attached, CODE_PREFIX, FieldValue, PaperCode, PaperFault, PaperIssuers, PaperPolicy, PaperSeen,
    Profile, SignedPaper,
};
pub use copy::{CopyAnswer, CopyEvidence, CopyScore, DotPattern, Enrolment, GrayImage, MAX_PIXELS};
pub use parts::{MAX_PARTS, PARTS_PREFIX, PartCollector, split};
