//! Many documents under one root, so that one entry registers all of them.

use kbtf_did::CryptoProvider;
use kbtf_history::{Commitment, Hash, InclusionProof, MemoryTree};

use crate::{Error, leaf::hasher};

/// The most documents in a batch.
pub const MAX_BATCH: u64 = 1 << 20;

/// Commitments to documents, in the order in which they came, as the leaves of one tree (RFC 9162 section 2.1.1).
///
/// What is registered is the batch: it is updated and revoked as a whole. A document that may have to be revoked by itself, as
/// most have, is registered by itself.
///
/// ```
/// use kbtf_authenticity::Batch;
/// use kbtf_did::SOFTWARE;
/// use kbtf_history::Commitment;
///
/// let diplomas: Vec<Commitment> = (0..100).map(|i| Commitment::from_bytes([i; 32])).collect();
/// let mut batch = Batch::new(&SOFTWARE);
/// for diploma in &diplomas {
///     batch.add(diploma)?;
/// }
/// let registered = batch.commit()?;
/// let proof = batch.prove(42)?;
/// proof.verify(&diplomas[42], &registered, &SOFTWARE)?;
/// assert!(proof.verify(&diplomas[43], &registered, &SOFTWARE).is_err());
/// # Ok::<(), kbtf_authenticity::Error>(())
/// ```
pub struct Batch<'p> {
    tree: MemoryTree,
    provider: &'p dyn CryptoProvider,
}

/// Where a document stands in a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchProof(pub(crate) InclusionProof);

fn leaf(document: &Commitment, provider: &dyn CryptoProvider) -> Result<Hash, Error> {
    Ok(hasher(provider).leaf(document.as_bytes())?)
}

/// A batch is committed to with its number of documents, and is no document.
fn commitment(
    documents: u64,
    root: &Hash,
    provider: &dyn CryptoProvider,
) -> Result<Commitment, Error> {
    let parts: [&[u8]; 3] = [
        b"kbtf/batch/v1\n",
        &documents.to_be_bytes(),
        root.as_bytes(),
    ];
    Ok(Commitment::from_bytes(provider.sha256_parts(&parts)?))
}

impl<'p> Batch<'p> {
    /// Without documents.
    #[must_use]
    pub fn new(provider: &'p dyn CryptoProvider) -> Self {
        Self {
            tree: MemoryTree::new(),
            provider,
        }
    }

    /// How many documents there are.
    #[must_use]
    pub fn documents(&self) -> u64 {
        self.tree.size()
    }

    /// Adds a document by its commitment and gives its place.
    ///
    /// # Errors
    /// `authenticity/too-large` for more than 2^20; `did/provider`.
    pub fn add(&mut self, document: &Commitment) -> Result<u64, Error> {
        if self.documents() == MAX_BATCH {
            return Err(Error::TooLarge {
                place: "batch",
                most: MAX_BATCH,
            });
        }
        let leaf = leaf(document, self.provider)?;
        Ok(self.tree.append(leaf, &hasher(self.provider))?)
    }

    /// The commitment to all of them: what is registered.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn commit(&self) -> Result<Commitment, Error> {
        let root = self.tree.root(&hasher(self.provider))?;
        commitment(self.documents(), &root, self.provider)
    }

    /// The proof for the document at a place, which goes with it. It names no other document.
    ///
    /// # Errors
    /// `history/out-of-range` if there is none; `did/provider`.
    pub fn prove(&self, place: u64) -> Result<BatchProof, Error> {
        let proof = self
            .tree
            .prove_inclusion(place, self.documents(), &hasher(self.provider))?;
        Ok(BatchProof(proof))
    }
}

impl BatchProof {
    /// One that was kept.
    #[must_use]
    pub const fn new(proof: InclusionProof) -> Self {
        Self(proof)
    }

    /// Its place, the size of the batch, and the hashes beside the way up.
    #[must_use]
    pub const fn inclusion(&self) -> &InclusionProof {
        &self.0
    }

    /// Whether a document is in the batch that was committed to.
    ///
    /// # Errors
    /// `authenticity/other-document` if not; `history/out-of-range`, `history/proof-length`; `did/provider`.
    pub fn verify(
        &self,
        document: &Commitment,
        committed: &Commitment,
        provider: &dyn CryptoProvider,
    ) -> Result<(), Error> {
        match self.commitment(document, provider)? == *committed {
            true => Ok(()),
            false => Err(Error::OtherDocument),
        }
    }

    /// The commitment to the batch that a document is in, if this is the proof of it.
    ///
    /// # Errors
    /// `history/out-of-range`, `history/proof-length`; `did/provider`.
    pub fn commitment(
        &self,
        document: &Commitment,
        provider: &dyn CryptoProvider,
    ) -> Result<Commitment, Error> {
        let root = self.0.root(&leaf(document, provider)?, &hasher(provider))?;
        commitment(self.0.tree_size, &root, provider)
    }
}
