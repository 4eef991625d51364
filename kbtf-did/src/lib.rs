#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

mod algorithm;
pub mod base45;
pub mod caip;
pub mod cbor;
pub mod control;
pub mod dereference;
mod did;
pub mod did_jwk;
#[cfg(feature = "did-kbtf")]
pub mod did_kbtf;
pub mod did_key;
pub mod did_web;
mod document;
mod document_builder;
mod ecdsa_key;
mod ed25519_many;
mod error;
pub mod json;
mod jwk;
mod key;
mod key_material;
mod keyed_hash;
#[cfg(feature = "did-kbtf")]
pub mod life_cycle;
pub mod multibase;
mod multikey;
pub mod personal_data;
mod profile_warning;
mod provider;
pub mod resolution;
mod resolvers;
#[cfg(feature = "rsa")]
mod rsa_key;
mod secret_key;
mod spki;
mod timestamp;
mod uri;
mod verification_method;
#[cfg(feature = "x509")]
pub mod x509;

pub use algorithm::{KeyType, SignatureAlgorithm};
pub use control::ControlFault;
pub use did::{Did, DidUrl, MAX_DID_URL};
pub use document::{DidDocument, Representation, VerificationRelationship};
pub use document_builder::{DidDocumentBuilder, KeyFormat, NewMethod};
pub use error::Error;
pub use key::PublicKey;
pub use keyed_hash::{hmac_sha256, random_key};
pub use profile_warning::{LegacyForm, ProfileWarning};
pub use provider::{
    CryptoProvider, HashAlgorithm, PrehashScheme, SOFTWARE, SignatureCheck, Signer,
    SoftwareProvider, SoftwareSigner, is_low_s, to_low_s,
};
pub use resolution::{
    DocumentMetadata, KeyMethods, Problem, Resolution, ResolutionError, ResolutionOptions,
    ResolvedDocument, Resolver,
};
pub use resolvers::{Fetch, Fetched, Router, UniversalResolver, WebResolver, read_result};
pub use secret_key::SecretKey;
pub use timestamp::Timestamp;
pub use verification_method::{KeyState, VerificationMethod};
