use alloc::{borrow::ToOwned, format, string::String, vec::Vec};

use kbtf_did::{CryptoProvider, Signer};

use crate::{
    Error, Hash,
    error::malformed,
    note::{Note, NoteKey, decimal},
};

/// The state of a log: who it is, how many entries it has and the root of their tree (C2SP tlog-checkpoint v1.0.0).
///
/// ```
/// use kbtf_did::{KeyType, SecretKey, SoftwareSigner};
/// use kbtf_history::{Checkpoint, SignedCheckpoint, TreeHasher};
///
/// let log = SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[7; 32])?);
/// let checkpoint = Checkpoint::new("history.example.go.kr/land", 0, TreeHasher::SOFTWARE.empty()?)?;
/// let signed = checkpoint.sign(&log)?;
/// assert_eq!(SignedCheckpoint::parse(&signed.to_string())?, signed);
/// # Ok::<(), kbtf_history::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Hash,
    extensions: Vec<String>,
}

impl Checkpoint {
    /// The state of the log with this origin: a name that no other log has, by rule a URL without scheme.
    ///
    /// # Errors
    /// `history/malformed` for an origin that is empty, longer than 255 bytes or not one line.
    pub fn new(origin: &str, size: u64, root: Hash) -> Result<Self, Error> {
        if origin.is_empty() || origin.len() > 255 || origin.chars().any(char::is_control) {
            return Err(malformed("checkpoint.origin", "one line of 1 to 255 bytes"));
        }
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
            extensions: Vec::new(),
        })
    }

    /// Reads the text of a note.
    ///
    /// # Errors
    /// `history/malformed`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let body = text
            .strip_suffix('\n')
            .ok_or(malformed("checkpoint", "a line feed at the end"))?;
        let mut lines = body.split('\n');
        let origin = lines.next().unwrap_or_default();
        let size = lines.next().and_then(decimal).ok_or(malformed(
            "checkpoint.size",
            "a decimal number without zeros in front",
        ))?;
        let root = lines
            .next()
            .ok_or(malformed("checkpoint.root", "a hash in base64"))?
            .parse()?;
        let mut checkpoint = Self::new(origin, size, root)?;
        for line in lines {
            if line.is_empty() {
                return Err(malformed("checkpoint", "no empty line"));
            }
            checkpoint.extensions.push(line.to_owned());
        }
        Ok(checkpoint)
    }

    /// Which log it is.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many entries it has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root of their tree.
    #[must_use]
    pub const fn root(&self) -> &Hash {
        &self.root
    }

    /// Further lines, which mean nothing here. The specification advises against them, since nobody can check them.
    #[must_use]
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }

    /// The text that is signed.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, self.root);
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// Signs it as the log, under the name that is its origin.
    ///
    /// # Errors
    /// `history/malformed` for an origin that no key can have as its name; as for [`Note::sign`].
    pub fn sign(&self, log: &dyn Signer) -> Result<SignedCheckpoint, Error> {
        let mut note = Note::new(&self.to_text())?;
        note.sign(&self.origin, log)?;
        Ok(SignedCheckpoint {
            checkpoint: self.clone(),
            note,
        })
    }
}

/// A checkpoint with signatures that nobody has verified; a [`TrustPolicy`](crate::TrustPolicy) verifies them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

impl SignedCheckpoint {
    /// Reads a signed note whose text is a checkpoint.
    ///
    /// # Errors
    /// `history/malformed`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let note = Note::parse(text)?;
        Ok(Self {
            checkpoint: Checkpoint::parse(note.text())?,
            note,
        })
    }

    /// What it says, verified by nobody.
    #[must_use]
    pub const fn unverified(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note with the signatures.
    #[must_use]
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// The same with the lines of signatures that a witness has given.
    ///
    /// # Errors
    /// As for [`Note::add_lines`].
    pub fn cosigned(mut self, lines: &str) -> Result<Self, Error> {
        self.note.add_lines(lines)?;
        Ok(self)
    }

    /// The same with the signatures of the log and of these witnesses that verify, and no others.
    pub(crate) fn signed_by(
        &self,
        log: &NoteKey,
        witnesses: &[NoteKey],
        provider: &dyn CryptoProvider,
    ) -> Result<Self, Error> {
        let keys = core::iter::once(log).chain(witnesses);
        Ok(Self {
            checkpoint: self.checkpoint.clone(),
            note: self.note.of_keys(keys, provider)?,
        })
    }

    /// The same with the lines that witnesses with these keys have given, each verified.
    ///
    /// # Errors
    /// As for [`Note::add_verified`].
    pub fn cosigned_by(
        mut self,
        lines: &str,
        witnesses: &[NoteKey],
        provider: &dyn CryptoProvider,
    ) -> Result<Self, Error> {
        self.note.add_verified(lines, witnesses, provider)?;
        Ok(self)
    }
}

impl core::fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.note.fmt(f)
    }
}
