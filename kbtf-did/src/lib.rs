#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod algorithm;
mod did;
pub mod did_key;
mod document;
mod ecdsa_key;
mod error;
pub mod json;
mod jwk;
mod key;
pub mod multibase;
mod multikey;
mod provider;
#[cfg(feature = "rsa")]
mod rsa_key;
mod secret_key;
mod spki;
mod timestamp;
mod verification_method;

pub use algorithm::{KeyType, SignatureAlgorithm};
pub use did::{Did, DidUrl, MAX_DID_URL};
pub use document::{DidDocument, ResolvedDocument, VerificationRelationship};
pub use error::Error;
pub use key::PublicKey;
pub use provider::{
    CryptoProvider, SOFTWARE, Signer, SoftwareProvider, SoftwareSigner, is_low_s, to_low_s,
};
pub use secret_key::SecretKey;
pub use timestamp::Timestamp;
pub use verification_method::{KeyState, VerificationMethod};
