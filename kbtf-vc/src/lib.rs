#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;
#[cfg(any(test, feature = "rdfc"))]
extern crate std;

pub mod age;
pub mod assurance;
#[cfg(feature = "bbs")]
pub mod bbs;
pub mod compact;
mod context;
mod credential;
mod data_integrity;
mod dcql;
mod deflate;
mod error;
mod failure;
mod form;
mod issue;
mod jws;
mod jwt;
pub mod life_cycle;
pub mod open_did;
mod path;
mod policy;
mod presentation;
#[cfg(feature = "rdfc")]
pub mod rdfc;
mod received;
mod request;
mod resource;
mod schema;
pub mod sd_jwt;
mod status;
mod trust;
mod verdict;
mod verify;
mod version;

pub use credential::{Credential, CredentialBuilder};
pub use data_integrity::{Cryptosuite, MAX_PROOFS, PreparedProof, ProofOptions};
pub use dcql::{Choice, ClaimQuery, CredentialFormat, CredentialQuery, DcqlQuery, Held};
pub use error::{DisclosureError, Error, RdfError};
pub use failure::{FailureCode, Language};
pub use form::{Form, Unlinkability};
pub use issue::{
    add_proof, issue_credential, issue_presentation, prepare_credential, prepare_presentation,
};
pub use jwt::{
    PresentationToken, credential_to_jwt, envelope_credential, envelope_presentation,
    presentation_to_jwt,
};
pub use path::{ClaimPath, PathElement};
pub use policy::{Evidence, HolderBinding, Policy, PresentationPolicy, Trust};
pub use presentation::{MAX_CREDENTIALS, Presentation};
pub use request::{
    HeldCredential, PresentationRequest, PresentationResponse, ResponseVerification, Shown,
    answer_request, select_for_request, verify_response,
};
pub use schema::{Schema, SchemaMismatch};
pub use status::{
    IndexAllocator, MAX_LIST_BYTES, MIN_ENTRIES, StatusBits, StatusList, StatusPurpose,
    TokenStatusList, verify_status_list,
};
pub use trust::{TrustRegistry, TrustedIssuer, verify_trust_registry};
pub use verdict::{
    Decision, Failure, Need, NotChecked, Outcome, Step, Verdict, Verification, Verified,
};
pub use verify::{verify_credential, verify_credentials, verify_presentation};
pub use version::{CONTEXT_V1, CONTEXT_V2, Version};
