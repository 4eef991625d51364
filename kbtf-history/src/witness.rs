//! A witness of logs (C2SP tlog-witness): it cosigns what a log says if that continues what it has cosigned before.
//!
//! The rules are here. Whoever runs a witness keeps one [`Observed`] for each log and must put the new one in the place of
//! the old one, if that is still there, in one step and on disk, before the cosignature leaves the house.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::{CryptoProvider, Signer, Timestamp};

use crate::{
    Checkpoint, ConsistencyProof, Error, Hash, SignedCheckpoint, TreeHasher,
    error::malformed,
    note::{NoteKey, NoteKeyType, cosigned_message, decimal},
};

/// What a log asks a witness: to follow it from a size to a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the log believes the witness to have cosigned last.
    pub old_size: u64,
    /// The hashes of the proof of consistency from there.
    pub path: Vec<Hash>,
    /// What the log says.
    pub checkpoint: SignedCheckpoint,
}

impl AddCheckpoint {
    /// Reads the body of a request `add-checkpoint`.
    ///
    /// # Errors
    /// `history/malformed`.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let wrong = malformed(
            "add-checkpoint",
            "old and a size, at most 63 hashes, an empty line and a checkpoint",
        );
        let (head, checkpoint) = body.split_once("\n\n").ok_or(wrong.clone())?;
        let mut lines = head.split('\n');
        let old_size = lines
            .next()
            .and_then(|line| decimal(line.strip_prefix("old ")?))
            .ok_or(wrong.clone())?;
        let mut path = Vec::new();
        for line in lines {
            if path.len() == 63 {
                return Err(wrong);
            }
            path.push(line.parse()?);
        }
        Ok(Self {
            old_size,
            path,
            checkpoint: SignedCheckpoint::parse(checkpoint)?,
        })
    }

    /// The body of the request.
    #[must_use]
    pub fn to_body(&self) -> String {
        let mut body = format!("old {}\n", self.old_size);
        for hash in &self.path {
            body.push_str(&format!("{hash}\n"));
        }
        body.push('\n');
        body.push_str(&self.checkpoint.to_string());
        body
    }
}

/// The last state of a log that a witness has cosigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observed {
    /// How many entries it had.
    pub size: u64,
    /// Their root.
    pub root: Hash,
}

/// Why a witness does not cosign, with the HTTP status for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessRefusal {
    /// The log is not one of those followed (404).
    #[error("the log is not known")]
    UnknownLog,
    /// No key that is known for the log has signed (403).
    #[error("expected a signature of a known key of the log")]
    Unsigned,
    /// The old size is larger than that of the checkpoint (400).
    #[error("the old size is larger than that of the checkpoint")]
    Backwards,
    /// Another size was cosigned last (409, with that size in the body).
    #[error("the size that was cosigned last is {size}")]
    Stale {
        /// It.
        size: u64,
    },
    /// The same size with another root (409): the log has two trees.
    #[error("the log has shown another root for this size")]
    Fork,
    /// The proof of consistency does not verify (422): the log has rewritten what was cosigned.
    #[error("the checkpoint is not shown to continue what was cosigned last")]
    NotConsistent,
}

impl WitnessRefusal {
    /// The stable code, such as `history/witness-fork`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownLog => "history/witness-unknown-log",
            Self::Unsigned => "history/witness-unsigned",
            Self::Backwards => "history/witness-backwards",
            Self::Stale { .. } => "history/witness-stale",
            Self::Fork => "history/witness-fork",
            Self::NotConsistent => "history/witness-not-consistent",
        }
    }

    /// The HTTP status of the answer.
    #[must_use]
    pub const fn http_status(&self) -> u16 {
        match self {
            Self::UnknownLog => 404,
            Self::Unsigned => 403,
            Self::Backwards => 400,
            Self::Stale { .. } | Self::Fork => 409,
            Self::NotConsistent => 422,
        }
    }
}

/// A witness: its name, and the logs that it follows by their keys.
pub struct Witness<'s> {
    name: String,
    signer: &'s dyn Signer,
    logs: Vec<NoteKey>,
}

impl<'s> Witness<'s> {
    /// A witness with this name and this key, which it has for nothing else.
    ///
    /// # Errors
    /// As for [`NoteKey::new`]; `history/malformed` for a log whose key is that of a witness.
    pub fn new(name: &str, signer: &'s dyn Signer, logs: Vec<NoteKey>) -> Result<Self, Error> {
        let key = NoteKey::new(
            name,
            NoteKeyType::Cosignature,
            signer.public_key().clone(),
            signer.provider(),
        )?;
        if logs
            .iter()
            .any(|log| log.key_type() != NoteKeyType::Ed25519)
        {
            return Err(malformed("log", "keys of type 1"));
        }
        Ok(Self {
            name: key.name().to_string(),
            signer,
            logs,
        })
    }

    /// Its key, for those who trust it.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn key(&self) -> Result<NoteKey, Error> {
        NoteKey::new(
            &self.name,
            NoteKeyType::Cosignature,
            self.signer.public_key().clone(),
            self.signer.provider(),
        )
    }

    /// Decides on a request, given what was cosigned last for the log with that origin, if anything was. Gives what is to be
    /// stored in its place, and then the line to answer with.
    ///
    /// # Errors
    /// The [`WitnessRefusal`]; those of the signer.
    pub fn add_checkpoint(
        &self,
        request: &AddCheckpoint,
        last: Option<Observed>,
        now: Timestamp,
    ) -> Result<(Observed, String), Error> {
        let provider = self.signer.provider();
        let checkpoint = request.checkpoint.unverified();
        self.is_signed(&request.checkpoint, provider)?;
        if request.old_size > checkpoint.size() {
            return Err(WitnessRefusal::Backwards.into());
        }
        let hasher = TreeHasher::new(provider);
        let last = match last {
            Some(last) => last,
            None => Observed {
                size: 0,
                root: hasher.empty()?,
            },
        };
        if request.old_size != last.size {
            return Err(WitnessRefusal::Stale { size: last.size }.into());
        }
        if last.size == checkpoint.size() && last.root != *checkpoint.root() {
            return Err(WitnessRefusal::Fork.into());
        }
        let proof = ConsistencyProof {
            old_size: request.old_size,
            new_size: checkpoint.size(),
            path: request.path.clone(),
        };
        match proof.verify(&last.root, checkpoint.root(), &hasher) {
            Ok(()) => {}
            Err(error @ Error::Did(_)) => return Err(error),
            Err(_) => return Err(WitnessRefusal::NotConsistent.into()),
        }
        let observed = Observed {
            size: checkpoint.size(),
            root: *checkpoint.root(),
        };
        Ok((observed, self.cosign(checkpoint, now)?))
    }

    fn is_signed(
        &self,
        signed: &SignedCheckpoint,
        provider: &dyn CryptoProvider,
    ) -> Result<(), Error> {
        let origin = signed.unverified().origin();
        let keys: Vec<&NoteKey> = self
            .logs
            .iter()
            .filter(|key| key.name() == origin)
            .collect();
        if keys.is_empty() {
            return Err(WitnessRefusal::UnknownLog.into());
        }
        match signed.note().verify(&keys, provider) {
            Ok(_) => Ok(()),
            Err(error @ Error::Did(_)) => Err(error),
            Err(_) => Err(WitnessRefusal::Unsigned.into()),
        }
    }

    fn cosign(&self, checkpoint: &Checkpoint, now: Timestamp) -> Result<String, Error> {
        let time = u64::try_from(now.unix())
            .map_err(|_| malformed("now", "a time after 1970-01-01T00:00:00Z"))?;
        let message = cosigned_message(time, &checkpoint.to_text());
        let signature = self.signer.sign(message.as_bytes())?;
        let bytes = [&time.to_be_bytes(), signature.as_slice()].concat();
        Ok(self.key()?.signature(bytes).to_string())
    }
}
