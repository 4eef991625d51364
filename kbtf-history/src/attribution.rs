use alloc::{format, string::String, vec::Vec};

use kbtf_did::{
    CryptoProvider, DidDocument, DidUrl, KeyState, Signer, Timestamp, VerificationRelationship,
};
use rand_core::TryCryptoRng;

use crate::{
    Commitment, CommitmentKey, Error, Hash, InclusionProof, LogEntry, MemoryTree, ObjectEntry,
    ObjectId, TreeHasher, error::malformed,
};

/// Who is responsible for an entry (HIS-06): the DID URL of a key, its signature, and the key of the commitment by which
/// the entry names it.
///
/// It is kept off the log, beside the record, so that the log holds no person's DID; whoever asks who did it is shown it. A
/// log takes no entry without one.
pub struct Attribution {
    method: DidUrl,
    key: CommitmentKey,
    signature: Vec<u8>,
    /// The place of the entry among those that were signed together.
    batch: InclusionProof,
}

/// Someone who writes entries, with the key that signs them.
pub struct Actor<'s> {
    method: DidUrl,
    signer: &'s dyn Signer,
}

impl<'s> Actor<'s> {
    /// The controller of this key.
    #[must_use]
    pub const fn new(method: DidUrl, signer: &'s dyn Signer) -> Self {
        Self { method, signer }
    }

    /// The commitment that the entry with this number is to name him by, and its key.
    ///
    /// # Errors
    /// `did/randomness`, `did/provider`.
    pub fn commit<R: TryCryptoRng + ?Sized>(
        &self,
        object: ObjectId,
        sequence: u32,
        random: &mut R,
    ) -> Result<(Commitment, CommitmentKey), Error> {
        let key = CommitmentKey::generate(random)?;
        let provider = self.signer.provider();
        let commitment = key.commit_actor(object, sequence, self.method.as_str(), provider)?;
        Ok((commitment, key))
    }

    /// Signs entries, one or many with one signature, each with the key of its commitment.
    ///
    /// # Errors
    /// `history/wrong-actor` if an entry names somebody else; `history/malformed` for no entries; those of the signer.
    pub fn sign(
        &self,
        entries: Vec<(&ObjectEntry, CommitmentKey)>,
    ) -> Result<Vec<Attribution>, Error> {
        let provider = self.signer.provider();
        let hasher = TreeHasher::new(provider);
        let mut batch = MemoryTree::new();
        for (entry, key) in &entries {
            let method = self.method.as_str();
            let named = key.commit_actor(entry.object, entry.sequence, method, provider)?;
            if named != entry.actor {
                return Err(Error::WrongActor);
            }
            batch.append(leaf_of(entry, &hasher)?, &hasher)?;
        }
        if entries.is_empty() {
            return Err(malformed("entries", "at least one"));
        }
        let message = message(batch.size(), &batch.root(&hasher)?);
        let signature = self.signer.sign(message.as_bytes())?;
        let proof = |index| batch.prove_inclusion(index, batch.size(), &hasher);
        entries
            .into_iter()
            .zip(0..)
            .map(|((_, key), index)| {
                Ok(Attribution {
                    method: self.method.clone(),
                    key,
                    signature: signature.clone(),
                    batch: proof(index)?,
                })
            })
            .collect()
    }
}

impl Attribution {
    /// One that was kept: the DID URL of the key, the key of the commitment, the signature, and the place of the entry
    /// among those that were signed together.
    #[must_use]
    pub const fn from_parts(
        method: DidUrl,
        key: CommitmentKey,
        signature: Vec<u8>,
        batch: InclusionProof,
    ) -> Self {
        Self {
            method,
            key,
            signature,
            batch,
        }
    }

    /// Whose key it is.
    #[must_use]
    pub const fn method(&self) -> &DidUrl {
        &self.method
    }

    /// The key of the commitment, to be kept off the log.
    #[must_use]
    pub const fn key(&self) -> &CommitmentKey {
        &self.key
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The place of the entry among those that were signed together.
    #[must_use]
    pub const fn batch(&self) -> &InclusionProof {
        &self.batch
    }

    /// Whether the controller of this document, as it was at this time, is responsible for the entry. The time is that by
    /// which the entry is known to have been there, such as that of a witness; its own time is only what its writer says.
    ///
    /// # Errors
    /// `history/wrong-actor` if the entry names another, the document is another's or does not list the key under
    /// `assertionMethod`; `history/key-not-in-force`; `history/false-signature`; `did/…` for a key that cannot be used.
    pub fn verify(
        &self,
        entry: &ObjectEntry,
        document: &DidDocument,
        at: Timestamp,
        provider: &dyn CryptoProvider,
    ) -> Result<(), Error> {
        let named =
            self.key
                .commit_actor(entry.object, entry.sequence, self.method.as_str(), provider)?;
        let listed = document.is_listed(&self.method, VerificationRelationship::AssertionMethod);
        if named != entry.actor || *document.id() != self.method.did() || !listed {
            return Err(Error::WrongActor);
        }
        let method = document.verification_method(&self.method);
        let method = method
            .filter(|method| method.controller() == document.id())
            .ok_or(Error::WrongActor)?;
        if method.state_at(at) != KeyState::Active {
            return Err(Error::KeyNotInForce);
        }
        let key = method.public_key().map_err(Clone::clone)?;
        let hasher = TreeHasher::new(provider);
        let root = self.batch.root(&leaf_of(entry, &hasher)?, &hasher)?;
        let message = message(self.batch.tree_size, &root);
        let algorithms = key.key_type().signature_algorithms();
        let verified = algorithms
            .first()
            .map(|algorithm| provider.verify(*algorithm, key, message.as_bytes(), &self.signature));
        match verified {
            Some(Ok(())) => Ok(()),
            Some(Err(kbtf_did::Error::InvalidSignature)) | None => Err(Error::FalseSignature {
                name: self.method.as_str().chars().take(64).collect(),
            }),
            Some(Err(error)) => Err(error.into()),
        }
    }
}

fn leaf_of(entry: &ObjectEntry, hasher: &TreeHasher<'_>) -> Result<Hash, Error> {
    hasher.leaf(LogEntry::Object(entry.clone()).to_text().as_bytes())
}

/// What is signed: the tree of the entries that are signed together.
fn message(size: u64, root: &Hash) -> String {
    format!("kbtf/attribution/v1\n{size}\n{root}\n")
}
