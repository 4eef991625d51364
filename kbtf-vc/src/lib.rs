#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod context;
mod credential;
mod data_integrity;
mod error;
mod failure;
mod issue;
mod policy;
mod presentation;
mod verdict;
mod verify;
mod version;

pub use credential::{Credential, CredentialBuilder};
pub use data_integrity::{Cryptosuite, PreparedProof, ProofOptions};
pub use error::Error;
pub use failure::{FailureCode, Language};
pub use issue::{issue_credential, issue_presentation, prepare_credential, prepare_presentation};
pub use policy::{Evidence, HolderBinding, Policy, PresentationPolicy, Trust};
pub use presentation::{MAX_CREDENTIALS, Presentation};
pub use verdict::{
    Decision, Failure, Need, NotChecked, Outcome, Step, Verdict, Verification, Verified,
};
pub use verify::{verify_credential, verify_presentation};
pub use version::{CONTEXT_V1, CONTEXT_V2, Version};
