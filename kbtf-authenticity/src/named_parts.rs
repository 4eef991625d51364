//! Documents as parts with names (AUT-08), each committed to by itself: the pages of a PDF, the regions of an image.

use alloc::{
    borrow::ToOwned,
    collections::BTreeMap,
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::CryptoProvider;
use kbtf_history::{Commitment, CompactRange, Hash};

use crate::{
    DocumentKey, Error,
    document::{Form, check_media_type, commitment},
    error::malformed,
    leaf::{Way, hasher},
};

/// The most parts.
const MAX_PARTS: usize = 1 << 20;
/// The longest name, in bytes.
const MAX_NAME: usize = 256;

/// The hashes of the parts of a document, in their order: of one that was issued, to be registered by its commitment or kept
/// beside that to the bytes, and of one at hand, to be told which parts differ. They say nothing without the key but how many
/// parts there are and what they are called.
///
/// ```
/// use kbtf_authenticity::{DocumentKey, PartOutline};
/// use kbtf_did::SOFTWARE;
///
/// let key = DocumentKey::from_bytes([7; 32]);
/// let outline = |pages: &[&[u8]]| {
///     let mut outline = PartOutline::new("application/pdf")?;
///     for (page, number) in pages.iter().zip(1..) {
///         outline.add(&format!("page {number}"), page, &key, &SOFTWARE)?;
///     }
///     Ok::<_, kbtf_authenticity::Error>(outline)
/// };
/// let issued = outline(&[b"one", b"two", b"three"])?;
/// let registered = issued.commitment(&SOFTWARE)?;
/// let shown = outline(&[b"one", b"TWO", b"three"])?;
/// assert_ne!(shown.commitment(&SOFTWARE)?, registered);
/// assert_eq!(issued.differences(&registered, &shown, &SOFTWARE)?.changed, ["page 2"]);
/// # Ok::<(), kbtf_authenticity::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartOutline {
    media_type: String,
    parts: Vec<(String, Hash)>,
    names: BTreeMap<String, usize>,
}

impl PartOutline {
    /// Of a document of this media type, without parts yet.
    ///
    /// # Errors
    /// `authenticity/malformed` for a media type that is none.
    pub fn new(media_type: &str) -> Result<Self, Error> {
        check_media_type(media_type)?;
        Ok(Self {
            media_type: media_type.to_owned(),
            parts: Vec::new(),
            names: BTreeMap::new(),
        })
    }

    /// Adds the next part.
    ///
    /// # Errors
    /// `authenticity/malformed` for a name that is there already, is empty or has more than 256 bytes; `authenticity/too-large` for
    /// more than 2^20 parts; `did/provider`.
    pub fn add(
        &mut self,
        name: &str,
        bytes: &[u8],
        key: &DocumentKey,
        provider: &dyn CryptoProvider,
    ) -> Result<(), Error> {
        let salt = key.salt(&Way::part(name, provider)?, provider)?;
        let length = (name.len() as u64).to_be_bytes();
        let hash = provider.sha256_parts(&[&[0], &salt, &length, name.as_bytes(), bytes])?;
        self.push(name, Hash::from_bytes(hash))
    }

    fn push(&mut self, name: &str, hash: Hash) -> Result<(), Error> {
        if self.parts.len() == MAX_PARTS {
            return Err(Error::TooLarge {
                place: "parts",
                most: MAX_PARTS as u64,
            });
        }
        let is_name = (1..=MAX_NAME).contains(&name.len());
        if !is_name || self.names.contains_key(name) {
            return Err(malformed("part", "a name of its own of 1 to 256 bytes"));
        }
        self.names.insert(name.to_owned(), self.parts.len());
        self.parts.push((name.to_owned(), hash));
        Ok(())
    }

    /// One that was kept: the media type, and each part's name and hash in their order.
    ///
    /// # Errors
    /// As for [`PartOutline::new`] and [`PartOutline::add`].
    pub fn from_parts(media_type: &str, parts: Vec<(String, Hash)>) -> Result<Self, Error> {
        let mut outline = Self::new(media_type)?;
        for (name, hash) in parts {
            outline.push(&name, hash)?;
        }
        Ok(outline)
    }

    /// The media type of the document.
    #[must_use]
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// The names and hashes of the parts.
    #[must_use]
    pub fn parts(&self) -> &[(String, Hash)] {
        &self.parts
    }

    /// The commitment to the document as these parts in this order.
    ///
    /// # Errors
    /// `authenticity/malformed` without parts; `did/provider`.
    pub fn commitment(&self, provider: &dyn CryptoProvider) -> Result<Commitment, Error> {
        if self.parts.is_empty() {
            return Err(malformed("outline", "at least one part"));
        }
        let hasher = hasher(provider);
        let mut range = CompactRange::new();
        for (_, part) in &self.parts {
            range.append(*part, &hasher)?;
        }
        let root = range.root(&hasher)?;
        commitment(Form::Parts, &self.media_type, range.size(), &root, provider)
    }

    /// Which parts of another document differ from those that were issued, which this is the outline of; the other is outlined under
    /// the same key.
    ///
    /// # Errors
    /// `authenticity/other-document` if this is not the outline of what was committed to; `did/provider`.
    pub fn differences(
        &self,
        committed: &Commitment,
        other: &Self,
        provider: &dyn CryptoProvider,
    ) -> Result<PartDifferences, Error> {
        if self.commitment(provider)? != *committed {
            return Err(Error::OtherDocument);
        }
        let mut found = PartDifferences {
            other_type: self.media_type != other.media_type,
            ..PartDifferences::default()
        };
        let mut places: Vec<&usize> = Vec::new();
        for (name, hash) in &self.parts {
            let place = other.names.get(name);
            match place.and_then(|place| other.parts.get(*place)) {
                None => found.missing.push(name.to_string()),
                Some((_, theirs)) if theirs != hash => found.changed.push(name.to_string()),
                Some(_) => {}
            }
            places.extend(place);
        }
        let is_new = |(name, _): &&(String, Hash)| !self.names.contains_key(name);
        let added = other.parts.iter().filter(is_new);
        found.added = added.map(|(name, _)| name.to_string()).collect();
        found.other_order = !places.is_sorted();
        Ok(found)
    }
}

/// Which parts differ between two documents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PartDifferences {
    /// They have two media types.
    pub other_type: bool,
    /// Parts that are others, by name.
    pub changed: Vec<String>,
    /// Parts that only the one that was issued has.
    pub missing: Vec<String>,
    /// Parts that only the other has.
    pub added: Vec<String>,
    /// The parts that both have stand in another order.
    pub other_order: bool,
}

impl PartDifferences {
    /// Whether there are none.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}
