use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use base64ct::{Base64, Encoding as _};
use kbtf_did::CryptoProvider;

use crate::{
    Error, InclusionProof, SignedCheckpoint, TreeHasher, TrustPolicy, TrustedCheckpoint,
    error::malformed, note::decimal,
};

/// The first line of the format.
const HEADER: &str = "c2sp.org/tlog-proof@v1";
const MAX_EXTRA: usize = 1 << 16;

/// That an entry is in a log, to be verified without asking anybody: its place, the proof, and the checkpoint with the
/// signatures of the log and its witnesses (C2SP tlog-proof).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedProof {
    /// The proof of its place in the tree of the checkpoint.
    pub inclusion: InclusionProof,
    /// The checkpoint.
    pub checkpoint: SignedCheckpoint,
    /// Bytes that go along and that nothing vouches for.
    pub extra: Option<Vec<u8>>,
}

impl LoggedProof {
    /// Reads a proof.
    ///
    /// # Errors
    /// `history/malformed`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = malformed(
            "proof",
            "c2sp.org/tlog-proof@v1, the index, at most 64 hashes, an empty line and a checkpoint",
        );
        let (head, checkpoint) = text.split_once("\n\n").ok_or(wrong.clone())?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(wrong);
        }
        let extra = match lines.next_if(|line| line.starts_with("extra ")) {
            Some(line) => {
                let base64 = line.strip_prefix("extra ").unwrap_or_default();
                let bytes = Base64::decode_vec(base64).ok();
                let bytes = bytes.filter(|bytes| bytes.len() <= MAX_EXTRA);
                Some(bytes.ok_or(malformed("proof.extra", "at most 64 KiB in base64"))?)
            }
            None => None,
        };
        let index = lines
            .next()
            .and_then(|line| decimal(line.strip_prefix("index ")?))
            .ok_or(wrong.clone())?;
        let mut path = Vec::new();
        for line in lines {
            if path.len() == 64 {
                return Err(wrong);
            }
            path.push(line.parse()?);
        }
        let checkpoint = SignedCheckpoint::parse(checkpoint)?;
        Ok(Self {
            inclusion: InclusionProof {
                index,
                tree_size: checkpoint.unverified().size(),
                path,
            },
            checkpoint,
            extra,
        })
    }

    /// Whether this entry is in a log that the policy trusts, seen by its quorum. Gives the checkpoint, and with it when
    /// witnesses have seen it.
    ///
    /// # Errors
    /// As for [`TrustPolicy::verify`] and [`InclusionProof::verify`]; `history/malformed` if the proof is for another size
    /// than that of the checkpoint.
    pub fn verify(
        &self,
        entry: &[u8],
        policy: &TrustPolicy,
        provider: &dyn CryptoProvider,
    ) -> Result<TrustedCheckpoint, Error> {
        let leaf = TreeHasher::new(provider).leaf(entry)?;
        self.verify_leaf(&leaf, policy, provider)
    }

    /// As [`LoggedProof::verify`], for an entry of which only the hash is left.
    ///
    /// # Errors
    /// As there.
    pub fn verify_leaf(
        &self,
        leaf: &crate::Hash,
        policy: &TrustPolicy,
        provider: &dyn CryptoProvider,
    ) -> Result<TrustedCheckpoint, Error> {
        let trusted = policy.verify(&self.checkpoint, provider)?;
        let checkpoint = trusted.checkpoint();
        if self.inclusion.tree_size != checkpoint.size() {
            return Err(malformed("proof", "the size of the checkpoint"));
        }
        self.inclusion
            .verify(leaf, checkpoint.root(), &TreeHasher::new(provider))?;
        Ok(trusted)
    }
}

impl core::fmt::Display for LoggedProof {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", Base64::encode_string(extra))?;
        }
        writeln!(f, "index {}", self.inclusion.index)?;
        for hash in &self.inclusion.path {
            writeln!(f, "{hash}")?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

impl From<&LoggedProof> for String {
    fn from(proof: &LoggedProof) -> Self {
        proof.to_string()
    }
}
