//! Signed notes (C2SP signed-note v1.0.0): a text, an empty line, and the signatures, each with the name of its key.

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::{fmt, str::FromStr};

use base64ct::{Base64, Encoding as _};
use kbtf_did::{CryptoProvider, KeyType, PublicKey, Signer};

use crate::{Error, error::malformed};

/// The most bytes that a note may have.
pub const MAX_NOTE: usize = 1 << 20;
/// The most signatures of a note. (16 at least must be taken, by the specification.)
pub const MAX_SIGNATURES: usize = 64;

/// A text with signatures that nobody has verified.
///
/// ```
/// use kbtf_history::note::{Note, NoteKey};
///
/// let key: NoteKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW".parse()?;
/// let note = Note::parse(
///     "If you think cryptography is the answer to your problem,\n\
///      then you don't know what your problem is.\n\
///      \n\
///      — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
/// )?;
/// note.verify(&[&key], &kbtf_did::SOFTWARE)?;
/// assert!(note.text().starts_with("If you think"));
/// # Ok::<(), kbtf_history::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// A line of signature: who is said to have signed, and with what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    key_id: [u8; 4],
    bytes: Vec<u8>,
}

impl NoteSignature {
    /// The name of the key.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What follows the id of the key: for a [`NoteKeyType::Ed25519`] the 64 bytes of a signature, for a cosignature a
    /// time in front of them.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn parse(line: &str) -> Option<Self> {
        let (name, base64) = line.strip_prefix("— ")?.split_once(' ')?;
        let bytes = Base64::decode_vec(base64).ok()?;
        let (key_id, bytes) = bytes.split_first_chunk::<4>()?;
        // A signature of no bytes is one of nobody.
        (has_form_of_name(name) && !bytes.is_empty()).then(|| Self {
            name: name.to_owned(),
            key_id: *key_id,
            bytes: bytes.to_vec(),
        })
    }
}

impl fmt::Display for NoteSignature {
    /// The line, with its end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.key_id, self.bytes.as_slice()].concat();
        writeln!(f, "— {} {}", self.name, Base64::encode_string(&bytes))
    }
}

impl Note {
    /// A text to be signed.
    ///
    /// # Errors
    /// `history/malformed` if it does not end with a line feed, or has other characters for control.
    pub fn new(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_NOTE || has_control(text) || !text.ends_with('\n') {
            return Err(malformed(
                "note",
                "a text of at most 1 MiB that ends with a line feed, without other characters for control",
            ));
        }
        Ok(Self {
            text: text.to_owned(),
            signatures: Vec::new(),
        })
    }

    /// Reads a note. Nothing of it may be used before it has been verified.
    ///
    /// # Errors
    /// `history/malformed`.
    pub fn parse(note: &str) -> Result<Self, Error> {
        if note.len() > MAX_NOTE || has_control(note) {
            return Err(malformed(
                "note",
                "at most 1 MiB, without characters for control but line feeds",
            ));
        }
        // The last empty line parts the text and the signatures.
        let parts = note.rfind("\n\n").and_then(|at| {
            let (text, rest) = note.split_at_checked(at + 1)?;
            Some((text, rest.strip_prefix('\n')?.strip_suffix('\n')?))
        });
        let Some((text, lines)) = parts else {
            return Err(malformed(
                "note",
                "a text, an empty line, and lines of signatures, with a line feed at the end",
            ));
        };
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() == MAX_SIGNATURES {
                return Err(malformed("note", "at most 64 signatures"));
            }
            signatures.push(NoteSignature::parse(line).ok_or(malformed(
                "note",
                "an em dash, a space, the name of a key, a space and a signature in base64 on each line of signatures",
            ))?);
        }
        Ok(Self {
            text: text.to_owned(),
            signatures,
        })
    }

    /// The text, with the line feed at its end. Of a note that was read nobody knows who wrote it before it is verified.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, verified by nobody.
    #[must_use]
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds a signature of this key. One of the same key that stands there gives way to it.
    ///
    /// # Errors
    /// `history/malformed` for a name that a key cannot have or a 65th signature; `did/wrong-key-use` for another key than
    /// one of Ed25519; those of the signer.
    pub fn sign(&mut self, name: &str, signer: &dyn Signer) -> Result<(), Error> {
        let key = NoteKey::new(
            name,
            NoteKeyType::Ed25519,
            signer.public_key().clone(),
            signer.provider(),
        )?;
        let bytes = signer.sign(self.text.as_bytes())?;
        self.add(key.signature(bytes))
    }

    /// Adds a signature that was made elsewhere, such as the line that a witness gave. One of the same name and key id gives
    /// way to it.
    ///
    /// # Errors
    /// `history/malformed` if there are 64 already.
    pub fn add(&mut self, signature: NoteSignature) -> Result<(), Error> {
        self.signatures
            .retain(|there| there.name != signature.name || there.key_id != signature.key_id);
        if self.signatures.len() == MAX_SIGNATURES {
            return Err(malformed("note", "at most 64 signatures"));
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// Adds the lines of signatures that somebody gave, as a witness does in its answer. They take the place of none that are
    /// there: of a name and key that has signed already a line is left out. Nothing is verified, and a false signature in
    /// the name of a trusted key makes the note bad: [`Note::add_verified`] takes what is good.
    ///
    /// # Errors
    /// `history/malformed` if there is anything else in them; nothing is then added.
    pub fn add_lines(&mut self, lines: &str) -> Result<(), Error> {
        let with_them = format!("{}\n{lines}", self.text);
        let other = Self::parse(&with_them)?;
        if other.text != self.text {
            return Err(malformed(
                "signatures",
                "lines of signatures and nothing else",
            ));
        }
        let mut all = self.clone();
        for signature in other.signatures {
            let is_there = all
                .signatures
                .iter()
                .any(|there| there.name == signature.name && there.key_id == signature.key_id);
            if !is_there {
                all.add(signature)?;
            }
        }
        *self = all;
        Ok(())
    }

    /// Adds the lines of signatures that somebody gave, those of these keys, each verified; lines of other keys, and those with a
    /// time that none is, are left out (C2SP tlog-witness). Of several cosignatures of one key the first stays and, while there is
    /// room, the last: they say by when and until when it has seen the text. What does not verify goes.
    ///
    /// # Errors
    /// `history/malformed` if there is anything else in them; `history/unsigned` if none is left;
    /// `history/false-signature`; `did/provider`. Nothing is then added.
    pub fn add_verified(
        &mut self,
        lines: &str,
        keys: &[NoteKey],
        provider: &dyn CryptoProvider,
    ) -> Result<(), Error> {
        let other = Self::parse(&format!("{}\n{lines}", self.text))?;
        if other.text != self.text {
            return Err(malformed(
                "signatures",
                "lines of signatures and nothing else",
            ));
        }
        let mut all = self.clone();
        let mut is_any = false;
        for signature in other.signatures {
            let Some(key) = keys
                .iter()
                .find(|key| key.name == signature.name && key.id == signature.key_id)
            else {
                continue;
            };
            let time = key.verify(&self.text, &signature.bytes, provider)?;
            if is_time(time) {
                all.add_beside(key, time, signature, provider)?;
                is_any = true;
            }
        }
        if !is_any {
            return Err(Error::Unsigned {
                expected: "one of the keys that are asked for",
            });
        }
        *self = all;
        Ok(())
    }

    /// With what of its signatures these keys have given and nothing else; what does not verify goes.
    pub(crate) fn of_keys<'k>(
        &self,
        keys: impl IntoIterator<Item = &'k NoteKey>,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, Error> {
        let mut note = Self {
            text: self.text.clone(),
            signatures: Vec::new(),
        };
        for key in keys {
            for signature in &self.signatures {
                if key.name != signature.name || key.id != signature.key_id {
                    continue;
                }
                match key.verify(&self.text, &signature.bytes, provider) {
                    Ok(time) if is_time(time) => {
                        note.add_beside(key, time, signature.clone(), provider)?;
                    }
                    Ok(_) | Err(Error::FalseSignature { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(note)
    }

    /// Adds a signature of a key, verified, to what verifies of those that it has given.
    fn add_beside(
        &mut self,
        key: &NoteKey,
        time: u64,
        signature: NoteSignature,
        provider: &dyn CryptoProvider,
    ) -> Result<(), Error> {
        if self.signatures.contains(&signature) {
            return Ok(());
        }
        let (mut first, mut last) = ((time, signature.clone()), (time, signature));
        for there in &self.signatures {
            if there.name != key.name || there.key_id != key.id {
                continue;
            }
            let time = match key.verify(&self.text, &there.bytes, provider) {
                Ok(time) if is_time(time) => time,
                Ok(_) | Err(Error::FalseSignature { .. }) => continue,
                Err(error) => return Err(error),
            };
            if time < first.0 {
                first = (time, there.clone());
            }
            if time > last.0 {
                last = (time, there.clone());
            }
        }
        let has_both = first.0 != last.0;
        let of_key = |one: &NoteSignature| one.name == key.name && one.key_id == key.id;
        let is_new = !self.signatures.iter().any(of_key);
        if is_new && self.signatures.len() == MAX_SIGNATURES {
            // Another's first says more than somebody's last.
            let is_second = |(place, one): (usize, &NoteSignature)| {
                let before = self.signatures.iter().take(place);
                let of_one =
                    |other: &NoteSignature| other.name == one.name && other.key_id == one.key_id;
                before.clone().any(of_one).then_some(place)
            };
            if let Some(place) = self.signatures.iter().enumerate().find_map(is_second) {
                self.signatures.remove(place);
            }
        }
        self.add(first.1)?;
        if has_both && self.signatures.len() < MAX_SIGNATURES {
            self.signatures.push(last.1);
        }
        Ok(())
    }

    /// Checks the signatures of the keys that are trusted, of either type, and gives those of them that have signed. What
    /// other keys have signed is not looked at.
    ///
    /// # Errors
    /// `history/false-signature` if one of a trusted key does not verify, so that the whole note is bad;
    /// `history/unsigned` if no trusted key has signed; `did/provider`.
    pub fn verify<'k>(
        &self,
        keys: &[&'k NoteKey],
        provider: &dyn CryptoProvider,
    ) -> Result<Vec<&'k NoteKey>, Error> {
        let mut signed = Vec::new();
        for key in keys {
            if !signed.contains(key) && self.verify_one(key, provider)?.is_some() {
                signed.push(*key);
            }
        }
        match signed.is_empty() {
            true => Err(Error::Unsigned {
                expected: "a key that is trusted",
            }),
            false => Ok(signed),
        }
    }

    /// Whether a key has signed, and for cosignatures the first and the last time that it gives (else 0); `None` if it has not.
    pub(crate) fn verify_one(
        &self,
        key: &NoteKey,
        provider: &dyn CryptoProvider,
    ) -> Result<Option<(u64, u64)>, Error> {
        let mut of_key = self
            .signatures
            .iter()
            .filter(|signature| signature.name == key.name && signature.key_id == key.id);
        let Some(first) = of_key.next() else {
            return Ok(None);
        };
        let time = key.verify(&self.text, &first.bytes, provider)?;
        // One may have cosigned twice: each must be good, and those with a time that none is do not count.
        let mut times = is_time(time).then_some((time, time));
        for signature in of_key {
            let time = key.verify(&self.text, &signature.bytes, provider)?;
            if is_time(time) {
                let (first, last) = times.unwrap_or((time, time));
                times = Some((first.min(time), last.max(time)));
            }
        }
        Ok(times)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for signature in &self.signatures {
            write!(f, "{signature}")?;
        }
        Ok(())
    }
}

/// How a key signs a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoteKeyType {
    /// Ed25519 over the text, as logs sign (0x01).
    Ed25519,
    /// A cosignature: Ed25519 over the time and the text, as witnesses sign (0x04, C2SP tlog-cosignature).
    Cosignature,
}

impl NoteKeyType {
    const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 1,
            Self::Cosignature => 4,
        }
    }
}

/// A key that verifies notes, with its name: `example.org/log+a1b2c3d4+AQ…` as text.
///
/// The same key under another name, or signing in another way, is another key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteKey {
    name: String,
    key_type: NoteKeyType,
    key: PublicKey,
    id: [u8; 4],
}

impl NoteKey {
    /// A key under a name.
    ///
    /// # Errors
    /// `history/malformed` for a name that is empty or has a space or a plus; `did/wrong-key-use` for another key than one
    /// of Ed25519; `did/provider`.
    pub fn new(
        name: &str,
        key_type: NoteKeyType,
        key: PublicKey,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, Error> {
        if !is_name(name) {
            return Err(malformed(
                "key name",
                "1 to 255 bytes without spaces, plus or characters for control",
            ));
        }
        if key.key_type() != KeyType::Ed25519 {
            return Err(Error::Did(kbtf_did::Error::WrongKeyUse {
                key_type: key.key_type(),
                operation: "verify a note",
            }));
        }
        let hash =
            provider.sha256_parts(&[name.as_bytes(), b"\n", &[key_type.byte()], key.as_bytes()])?;
        let [a, b, c, d, ..] = hash;
        Ok(Self {
            name: name.to_owned(),
            key_type,
            key,
            id: [a, b, c, d],
        })
    }

    /// Its name. That of a log is the origin of its checkpoints.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it signs.
    #[must_use]
    pub const fn key_type(&self) -> NoteKeyType {
        self.key_type
    }

    /// The key itself.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// Itself, if it cosigns.
    pub(crate) fn cosigning(self) -> Result<Self, Error> {
        match self.key_type {
            NoteKeyType::Cosignature => Ok(self),
            NoteKeyType::Ed25519 => Err(malformed("witness", "a key of type 4")),
        }
    }

    pub(crate) fn signature(&self, bytes: Vec<u8>) -> NoteSignature {
        NoteSignature {
            name: self.name.clone(),
            key_id: self.id,
            bytes,
        }
    }

    /// The time of a cosignature, otherwise 0.
    fn verify(
        &self,
        text: &str,
        signature: &[u8],
        provider: &dyn CryptoProvider,
    ) -> Result<u64, Error> {
        let wrong = || Error::FalseSignature {
            name: self.name.chars().take(64).collect(),
        };
        let algorithm = kbtf_did::SignatureAlgorithm::EdDsa;
        let (time, message, signature) = match self.key_type {
            NoteKeyType::Ed25519 => (0, text.to_owned(), signature),
            NoteKeyType::Cosignature => {
                let (time, signature) = signature.split_first_chunk::<8>().ok_or_else(wrong)?;
                let time = u64::from_be_bytes(*time);
                if i64::try_from(time).is_err() {
                    return Err(wrong());
                }
                (time, cosigned_message(time, text), signature)
            }
        };
        match provider.verify(algorithm, &self.key, message.as_bytes(), signature) {
            Ok(()) => Ok(time),
            Err(kbtf_did::Error::InvalidSignature) => Err(wrong()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether so many seconds since 1970 are in a year that can be said.
fn is_time(time: u64) -> bool {
    let time = i64::try_from(time).ok();
    time.and_then(kbtf_did::Timestamp::from_unix).is_some()
}

/// What a witness signs (C2SP tlog-cosignature v1).
pub(crate) fn cosigned_message(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

impl fmt::Display for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&[self.key_type.byte()], self.key.as_bytes()].concat();
        let id = u32::from_be_bytes(self.id);
        write!(
            f,
            "{}+{id:08x}+{}",
            self.name,
            Base64::encode_string(&bytes)
        )
    }
}

impl FromStr for NoteKey {
    type Err = Error;

    /// Reads a key as C2SP writes it (vkey). Its id is computed in software, once.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = malformed(
            "key",
            "name+id+key: eight hexadecimal digits, and in base64 the byte 1 or 4 and an Ed25519 key",
        );
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong);
        };
        let bytes = Base64::decode_vec(key).map_err(|_| wrong.clone())?;
        let (key_type, key) = match bytes.split_first() {
            Some((1, key)) => (NoteKeyType::Ed25519, key),
            Some((4, key)) => (NoteKeyType::Cosignature, key),
            _ => return Err(wrong),
        };
        let key = PublicKey::from_bytes(KeyType::Ed25519, key)?;
        let key = Self::new(name, key_type, key, &kbtf_did::SOFTWARE)?;
        let computed = format!("{:08x}", u32::from_be_bytes(key.id));
        match computed == id {
            true => Ok(key),
            false => Err(malformed("key id", "the one computed from name and key")),
        }
    }
}

/// Bytes of a public key of ML-DSA-44, with its type in front.
const ML_DSA_44: usize = 1 + 1312;

/// Whether this is the key of a witness that cosigns with ML-DSA-44 (type 6), which is not verified here. Any other type, or
/// a key id that is not its own, is no such key but a mistake.
pub(crate) fn is_ml_dsa(text: &str) -> Result<bool, Error> {
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Ok(false);
    };
    let bytes = Base64::decode_vec(key).unwrap_or_default();
    if !is_name(name) || bytes.len() != ML_DSA_44 || bytes.first() != Some(&6) {
        return Ok(false);
    }
    let hash = kbtf_did::SOFTWARE.sha256_parts(&[name.as_bytes(), b"\n", &bytes])?;
    let [a, b, c, d, ..] = hash;
    Ok(format!("{:08x}", u32::from_be_bytes([a, b, c, d])) == id)
}

fn is_name(name: &str) -> bool {
    has_form_of_name(name) && name.len() <= 255
}

/// Signatures of others may have names of any length.
fn has_form_of_name(name: &str) -> bool {
    !name.is_empty()
        && !name
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

/// Characters below U+0020 but the line feed.
fn has_control(text: &str) -> bool {
    text.bytes().any(|byte| byte < b' ' && byte != b'\n')
}

/// A number as C2SP's formats write it: ASCII digits, no zero in front.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let plain =
        text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok())?
}

impl From<&Note> for String {
    fn from(note: &Note) -> Self {
        note.to_string()
    }
}
