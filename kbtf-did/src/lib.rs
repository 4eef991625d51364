#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod did;
pub mod did_key;
mod document;
mod error;
pub mod json;
mod jwk;
mod key;
pub mod multibase;
mod multikey;
mod provider;
mod secret_key;
mod timestamp;
mod verification_method;

pub use did::{Did, DidUrl, MAX_DID_URL};
pub use document::{DidDocument, ResolvedDocument, VerificationRelationship};
pub use error::Error;
pub use key::{KeyType, PublicKey};
pub use provider::{
    CryptoProvider, SOFTWARE, Signer, SoftwareProvider, SoftwareSigner, is_low_s, to_low_s,
};
pub use secret_key::SecretKey;
pub use timestamp::Timestamp;
pub use verification_method::{KeyState, VerificationMethod};
