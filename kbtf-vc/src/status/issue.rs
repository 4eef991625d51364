use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::{
    DidUrl, Signer, Timestamp,
    json::{Number, Object, Value},
};
use rand_core::TryCryptoRng;

use super::{MAX_LIST_BYTES, MIN_ENTRIES, StatusPurpose, status};
use crate::{
    Credential, CredentialBuilder, Error, Version, deflate, issue::check_signer, jws, sd_jwt::unix,
};

/// A list of small numbers, one for each credential, as an issuer keeps it. All are 0 to begin with.
///
/// ```
/// use kbtf_vc::{StatusBits, StatusPurpose};
///
/// let mut revoked = StatusBits::new(131_072, 1)?;
/// revoked.set(94_567, 1)?;
/// assert_eq!(revoked.get(94_567), Some(1));
/// # Ok::<(), kbtf_vc::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusBits {
    /// Index 0 in the most significant bits of the first byte.
    bytes: Vec<u8>,
    size: u8,
}

impl StatusBits {
    /// So many entries of so many bits: 1, 2, 4 or 8.
    ///
    /// # Errors
    /// `vc/malformed-status` for another size, or more than [`MAX_LIST_BYTES`] in all. The number is rounded up to
    /// whole bytes.
    pub fn new(entries: usize, size: u8) -> Result<Self, Error> {
        let bits = entries.checked_mul(usize::from(size));
        let bytes = bits.map(|bits| bits.div_ceil(8));
        match bytes {
            Some(bytes) if bytes <= MAX_LIST_BYTES => {
                Self::from_most_significant(alloc::vec![0; bytes], size)
            }
            _ => Err(status("entries", "at most 2^27 bits in all")),
        }
    }

    pub(super) fn from_most_significant(bytes: Vec<u8>, size: u8) -> Result<Self, Error> {
        if !matches!(size, 1 | 2 | 4 | 8) {
            return Err(status("size", "1, 2, 4 or 8 bits"));
        }
        Ok(Self { bytes, size })
    }

    pub(super) fn from_least_significant(mut bytes: Vec<u8>, size: u8) -> Result<Self, Error> {
        turn(&mut bytes, size);
        Self::from_most_significant(bytes, size)
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len() * 8 / usize::from(self.size)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// How many bits an entry has.
    #[must_use]
    pub const fn size(&self) -> u8 {
        self.size
    }

    const fn mask(&self) -> u8 {
        match self.size {
            8 => 0xff,
            size => (1 << size) - 1,
        }
    }

    /// Which byte an entry is in, and by how much it is shifted there.
    fn place(&self, index: usize) -> Option<(usize, u32)> {
        let bit = index.checked_mul(usize::from(self.size))?;
        let within = u32::try_from(bit % 8).ok()?;
        Some((bit / 8, 8 - u32::from(self.size) - within))
    }

    /// The number at an index; `None` beyond the end.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<u8> {
        let (byte, shift) = self.place(index)?;
        Some((self.bytes.get(byte)? >> shift) & self.mask())
    }

    /// Sets the number at an index.
    ///
    /// # Errors
    /// `vc/malformed-status` beyond the end, or for a number that does not fit. The list is then as it was.
    pub fn set(&mut self, index: usize, value: u8) -> Result<(), Error> {
        let mask = self.mask();
        if value > mask {
            return Err(status("value", "a number that fits the entry"));
        }
        let place = self.place(index);
        let slot = place.and_then(|(byte, shift)| Some((self.bytes.get_mut(byte)?, shift)));
        let (byte, shift) = slot.ok_or_else(|| status("index", "an entry of the list"))?;
        *byte = *byte & !(mask << shift) | value << shift;
        Ok(())
    }

    /// The credential of a Bitstring Status List, to be signed by the issuer of the credentials (Bitstring Status List 1.0
    /// section 2.2). `url` is where it will be found. Publish a new one before this one ends.
    ///
    /// # Errors
    /// `vc/malformed-status` with fewer than [`MIN_ENTRIES`] entries.
    pub fn to_credential(
        &self,
        url: &str,
        issuer: &str,
        purpose: StatusPurpose,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Credential<'static>, Error> {
        if self.len() < MIN_ENTRIES {
            return Err(status("entries", "at least 131072"));
        }
        let mut list = String::from("u");
        list.push_str(&jws::encode(&deflate::gzip(&self.bytes)));
        let mut subject = Object::new();
        subject.insert("id", alloc::format!("{url}#list"));
        subject.insert("type", "BitstringStatusList");
        subject.insert("statusPurpose", purpose.as_str());
        if self.size != 1 {
            subject.insert("statusSize", number(u32::from(self.size)));
        }
        subject.insert("encodedList", list);
        CredentialBuilder::new(Version::V2_0, issuer)
            .credential_type("BitstringStatusListCredential")
            .member("id", url.to_owned())
            .valid_from(from)
            .valid_until(until)
            .subject(subject)
            .build()
    }

    /// What goes into a credential as its `credentialStatus`: the entry at an index of the list at a URL.
    ///
    /// # Errors
    /// `vc/malformed-status` beyond the end.
    pub fn entry(
        &self,
        url: &str,
        purpose: StatusPurpose,
        index: usize,
    ) -> Result<Object<'static>, Error> {
        if index >= self.len() {
            return Err(status("index", "an entry of the list"));
        }
        let mut entry = Object::new();
        entry.insert("id", alloc::format!("{url}#{index}"));
        entry.insert("type", "BitstringStatusListEntry");
        entry.insert("statusPurpose", purpose.as_str());
        if self.size != 1 {
            entry.insert("statusSize", number(u32::from(self.size)));
        }
        entry.insert("statusListIndex", index.to_string());
        entry.insert("statusListCredential", url.to_owned());
        Ok(entry)
    }
}

fn number(value: u32) -> Value<'static> {
    Number::new(f64::from(value)).map_or(Value::Null, Value::Number)
}

/// Turns the entries within each byte around: from one bit order to the other.
fn turn(bytes: &mut [u8], size: u8) {
    for byte in bytes {
        *byte = match size {
            1 => byte.reverse_bits(),
            2 => (*byte >> 6) | ((*byte >> 2) & 0b1100) | ((*byte << 2) & 0b11_0000) | (*byte << 6),
            4 => byte.rotate_left(4),
            _ => *byte,
        };
    }
}

/// A Token Status List (draft-ietf-oauth-status-list): the same numbers in a signed token, for SD-JWT VCs. 0 is valid, 1
/// invalid for good, 2 suspended.
#[derive(Debug, Clone)]
pub struct TokenStatusList<'b> {
    bits: &'b StatusBits,
    url: String,
    issued: Timestamp,
    expires: Option<Timestamp>,
    ttl: Option<u32>,
}

impl<'b> TokenStatusList<'b> {
    /// A list that will be found at a URL.
    #[must_use]
    pub fn new(bits: &'b StatusBits, url: &str, issued: Timestamp) -> Self {
        Self {
            bits,
            url: url.to_owned(),
            issued,
            expires: None,
            ttl: None,
        }
    }

    /// From when on it counts no more.
    #[must_use]
    pub const fn expires(mut self, time: Timestamp) -> Self {
        self.expires = Some(time);
        self
    }

    /// How many seconds a copy may be kept.
    #[must_use]
    pub const fn ttl(mut self, seconds: u32) -> Self {
        self.ttl = Some(seconds);
        self
    }

    /// Signs it as the issuer of the credentials.
    ///
    /// # Errors
    /// `vc/malformed` for the id of a key that no verifier of ours takes; those of the signer.
    pub fn issue(&self, method: &DidUrl, signer: &dyn Signer) -> Result<String, Error> {
        let issuer = method.did_str();
        check_signer("iss", issuer, method)?;
        let mut bytes = self.bits.bytes.clone();
        turn(&mut bytes, self.bits.size);
        let mut list = Object::new();
        list.insert("bits", number(u32::from(self.bits.size)));
        list.insert("lst", jws::encode(&deflate::deflate_zlib(&bytes)));
        let time = |time| Number::new(unix(time)).map_or(Value::Null, Value::Number);
        let mut claims = Object::new();
        claims.insert("iss", issuer.to_owned());
        claims.insert("sub", self.url.clone());
        claims.insert("iat", time(self.issued));
        if let Some(expires) = self.expires {
            claims.insert("exp", time(expires));
        }
        if let Some(ttl) = self.ttl {
            claims.insert("ttl", number(ttl));
        }
        claims.insert("status_list", list);
        jws::sign("statuslist+jwt", Some(method.as_str()), &claims, signer)
    }
}

/// Draws indexes at random, each once. An index that can be guessed, or that two credentials share, tells on people.
#[derive(Debug, Clone)]
pub struct IndexAllocator {
    used: StatusBits,
    entries: usize,
    free: usize,
}

impl IndexAllocator {
    /// For a list of so many entries.
    ///
    /// # Errors
    /// `vc/malformed-status` for more than fit in a list.
    pub fn new(entries: usize) -> Result<Self, Error> {
        Ok(Self {
            used: StatusBits::new(entries, 1)?,
            entries,
            free: entries,
        })
    }

    /// Marks an index as used, when the state is read back.
    ///
    /// # Errors
    /// `vc/malformed-status` beyond the end.
    pub fn mark_used(&mut self, index: usize) -> Result<(), Error> {
        if self.used.get(index) == Some(0) {
            self.free = self.free.saturating_sub(1);
        }
        self.used.set(index, 1)
    }

    /// How many indexes are left. Begin a new list while there are many: the last ones of a list are easily guessed.
    #[must_use]
    pub const fn free(&self) -> usize {
        self.free
    }

    /// An index that was never given out before.
    ///
    /// # Errors
    /// `vc/malformed-status` when three quarters are used: begin a new list. `did/randomness` if there is none.
    pub fn draw<R: TryCryptoRng + ?Sized>(&mut self, random: &mut R) -> Result<usize, Error> {
        let entries = self.entries;
        if self.free <= entries / 4 {
            return Err(status("index", "a list of which a quarter is free"));
        }
        // Each try hits a free one with a chance of a quarter at least; 2^-103 is the chance of 250 misses.
        for _ in 0..250 {
            let draw = random
                .try_next_u64()
                .map_err(|_| Error::Did(kbtf_did::Error::Randomness))?;
            // The remainder of 64 random bits by at most 2^27: no index is likelier than another by more than 2^-37.
            let entries = u64::try_from(entries).unwrap_or(u64::MAX).max(1);
            let index = usize::try_from(draw % entries).unwrap_or_default();
            if self.used.get(index) == Some(0) {
                self.mark_used(index)?;
                return Ok(index);
            }
        }
        Err(Error::Did(kbtf_did::Error::Randomness))
    }
}
