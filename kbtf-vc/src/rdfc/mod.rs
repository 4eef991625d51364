//! What is signed by the cryptosuites `eddsa-rdfc-2022` and `ecdsa-rdfc-2019` (feature `rdfc`): not the text of a document
//! but the statements it makes, as an RDF dataset in canonical form (JSON-LD 1.1, RDFC-1.0).
//!
//! RDF leaves much of a JSON document open: members may have other names that mean the same, move to another place, or be
//! dropped because no context knows them, and the signature still verifies. Whoever reads the JSON, as every verifier
//! does, would read something else than was signed. So a document is taken only as the contexts write it (compacted, as
//! VC Data Model 2.0 section 6.1 asks), only if the signature covers every member of it, and only with a list of contexts
//! that its reader has accepted; anything else is refused by name. What stays open: the order of values in a set, one value
//! with or without an array around it, and `1` for `1.0`.
//!
//! ```
//! use kbtf_did::{SOFTWARE, json};
//! use kbtf_vc::rdfc::{Contexts, GraphHash, canonical_form};
//!
//! let text = r#"{"@context": "https://www.w3.org/ns/credentials/v2", "id": "did:example:a", "name": "홍길동"}"#;
//! let document = json::parse(text)?;
//! let document = document.as_object().unwrap();
//! let canonical = canonical_form(document, &[], &Contexts::new(), GraphHash::Sha256, &SOFTWARE)?;
//! assert_eq!(canonical, "<did:example:a> <https://schema.org/name> \"홍길동\" .\n");
//! # Ok::<(), kbtf_vc::Error>(())
//! ```

mod canonical;
mod context;
mod dataset;
mod statements;

use alloc::string::String;

use kbtf_did::{CryptoProvider, json::Object};

pub use context::Contexts;
pub(crate) use context::embedded_bytes;

use crate::Error;

const XSD_STRING: &str = "http://www.w3.org/2001/XMLSchema#string";

/// The hash by which blank nodes are told apart: that of the signature's curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum GraphHash {
    /// SHA-256, for all keys but P-384.
    Sha256,
    /// SHA-384, for P-384 (vc-di-ecdsa section 3.2.3).
    Sha384,
}

/// The canonical form (RDFC-1.0) of the statements that a JSON-LD document makes, without the named top-level members:
/// lines of N-Quads.
///
/// # Errors
/// `vc/unknown-context` for a context that is not at hand, `vc/unknown-context-list` for contexts that are not accepted
/// together ([`Contexts::accept`]); `vc/not-covered` for a member that would not be in the result;
/// `vc/not-compacted` for one that is written otherwise than the contexts write it; `vc/unusable-context`;
/// `vc/graph-too-complex` if nodes cannot be told apart in reasonable time; those of the provider.
pub fn canonical_form(
    document: &Object<'_>,
    leave_out: &[&str],
    contexts: &Contexts,
    hash: GraphHash,
    provider: &dyn CryptoProvider,
) -> Result<String, Error> {
    let mut dataset = statements::of_document(document, leave_out, contexts)?;
    canonical::canonical_form(&mut dataset, hash, provider)
}
