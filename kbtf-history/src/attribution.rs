use alloc::{collections::BTreeSet, format, string::String, vec::Vec};

use kbtf_did::{
    CryptoProvider, DidDocument, DidUrl, KeyState, Signer, Timestamp, VerificationRelationship,
    is_low_s,
};
use rand_core::TryCryptoRng;

use crate::{
    Commitment, CommitmentKey, Error, Hash, InclusionProof, LogEntry, MemoryTree, ObjectEntry,
    ObjectId, OpenedQuery, QueryEntry, QueryEvent, TreeHasher, error::malformed,
};

/// An entry that names, by a commitment, who is responsible for it.
pub trait Attributed {
    /// In which chain it stands, and at which place.
    fn place(&self) -> (ObjectId, u32);

    /// The commitment; `None` for one that names nobody.
    fn actor(&self) -> Option<Commitment>;

    /// Its text on the log.
    fn text(&self) -> String;
}

impl Attributed for ObjectEntry {
    fn place(&self) -> (ObjectId, u32) {
        (self.object, self.sequence)
    }

    fn actor(&self) -> Option<Commitment> {
        Some(self.actor)
    }

    fn text(&self) -> String {
        LogEntry::Object(self.clone()).to_text()
    }
}

/// A question names who asks; an outcome nobody, and one that is hidden nobody before it is opened.
impl Attributed for QueryEntry {
    fn place(&self) -> (ObjectId, u32) {
        (self.subject, self.sequence)
    }

    fn actor(&self) -> Option<Commitment> {
        match &self.event {
            QueryEvent::Intent(query) => Some(query.actor),
            QueryEvent::Hidden { .. } | QueryEvent::Outcome { .. } => None,
        }
    }

    fn text(&self) -> String {
        LogEntry::Query(*self).to_text()
    }
}

/// A hidden question names who asks by what it hides.
impl Attributed for OpenedQuery {
    fn place(&self) -> (ObjectId, u32) {
        self.entry().place()
    }

    fn actor(&self) -> Option<Commitment> {
        Some(self.query().actor)
    }

    fn text(&self) -> String {
        self.entry().text()
    }
}

/// Who is responsible for an entry (HIS-06): the DID URL of a key, its signature, and the key of the commitment by which
/// the entry names it.
///
/// It is kept off the log, beside the record, so that the log holds no person's DID; whoever asks who did it is shown it. A
/// log of histories takes no entry without one. It is for one log, and of the entries that were signed with it, it shows
/// nothing to whoever has not their keys.
pub struct Attribution {
    method: DidUrl,
    key: CommitmentKey,
    signature: Vec<u8>,
    /// The place of the entry among those that were signed together.
    batch: InclusionProof,
}

/// Someone who writes entries of a log, with the key that signs them.
pub struct Actor<'s> {
    origin: String,
    method: DidUrl,
    signer: &'s dyn Signer,
}

impl<'s> Actor<'s> {
    /// The controller of this key, for the log with this origin.
    #[must_use]
    pub fn new(origin: &str, method: DidUrl, signer: &'s dyn Signer) -> Self {
        Self {
            origin: origin.into(),
            method,
            signer,
        }
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
    pub fn sign<E: Attributed>(
        &self,
        entries: Vec<(&E, CommitmentKey)>,
    ) -> Result<Vec<Attribution>, Error> {
        let provider = self.signer.provider();
        let hasher = TreeHasher::new(provider);
        let mut batch = MemoryTree::new();
        for (entry, key) in &entries {
            let method = self.method.as_str();
            let (object, sequence) = entry.place();
            let named = key.commit_actor(object, sequence, method, provider)?;
            if Some(named) != entry.actor() {
                return Err(Error::WrongActor);
            }
            batch.append(leaf_of(*entry, key, provider)?, &hasher)?;
        }
        if entries.is_empty() {
            return Err(malformed("entries", "at least one"));
        }
        let message = message(&self.origin, batch.size(), &batch.root(&hasher)?);
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

    /// Whether the controller of this document, as it was at this time, is responsible for the entry of the log with this
    /// origin. The time is that by
    /// which the entry is known to have been there, such as that of a witness; its own time is only what its writer says.
    ///
    /// # Errors
    /// `history/wrong-actor` if the entry names another, the document is another's or does not list the key under
    /// `assertionMethod`; `history/key-not-in-force`; `history/false-signature`; `did/…` for a key that cannot be used.
    pub fn verify(
        &self,
        entry: &dyn Attributed,
        origin: &str,
        document: &DidDocument,
        at: Timestamp,
        provider: &dyn CryptoProvider,
    ) -> Result<(), Error> {
        self.verify_among(entry, origin, document, at, provider, &mut BTreeSet::new())
    }

    /// Without his DID: errors end up in files that nobody erases.
    fn false_signature() -> Error {
        Error::FalseSignature {
            name: "the actor".into(),
        }
    }

    /// As [`Attribution::verify`], for one of many: a signature that was verified already over the same is not verified again.
    pub(crate) fn verify_among(
        &self,
        entry: &dyn Attributed,
        origin: &str,
        document: &DidDocument,
        at: Timestamp,
        provider: &dyn CryptoProvider,
        verified: &mut BTreeSet<Vec<u8>>,
    ) -> Result<(), Error> {
        let (object, sequence) = entry.place();
        let method = self.method.as_str();
        let named = self.key.commit_actor(object, sequence, method, provider)?;
        let listed = document.is_listed(&self.method, VerificationRelationship::AssertionMethod);
        if Some(named) != entry.actor() || *document.id() != self.method.did() || !listed {
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
        let leaf = leaf_of(entry, &self.key, provider)?;
        let root = self.batch.root(&leaf, &hasher)?;
        let message = message(origin, self.batch.tree_size, &root);
        // By this key, this signature, over this: each with its length.
        let mut check = Vec::new();
        for part in [key.as_bytes(), &self.signature, message.as_bytes()] {
            check.extend((part.len() as u64).to_be_bytes());
            check.extend(part);
        }
        if verified.contains(&check) {
            return Ok(());
        }
        // One signature has one form.
        if !is_low_s(key.key_type(), &self.signature) {
            return Err(Self::false_signature());
        }
        let algorithms = key.key_type().signature_algorithms();
        let found = algorithms
            .first()
            .map(|algorithm| provider.verify(*algorithm, key, message.as_bytes(), &self.signature));
        match found {
            Some(Ok(())) => {
                verified.insert(check);
                Ok(())
            }
            Some(Err(kbtf_did::Error::InvalidSignature)) | None => Err(Self::false_signature()),
            Some(Err(error)) => Err(error.into()),
        }
    }
}

/// The leaf of an entry in the tree of those that are signed together: blinded by its own key. Were it the leaf of the log,
/// one attribution would show who has written the entries beside it, even after their keys are destroyed.
fn leaf_of(
    entry: &dyn Attributed,
    key: &CommitmentKey,
    provider: &dyn CryptoProvider,
) -> Result<Hash, Error> {
    let (object, sequence) = entry.place();
    let blinded = key.commit_entry(object, sequence, &entry.text(), provider)?;
    TreeHasher::new(provider).leaf(blinded.as_bytes())
}

/// What is signed: the tree of the entries that are signed together, and for which log. No checkpoint has such a second line.
fn message(origin: &str, size: u64, root: &Hash) -> String {
    format!("kbtf/attribution/v1\norigin {origin}\n{size}\n{root}\n")
}
