//! Documents with a structure, and what is committed to of them.

use alloc::{
    borrow::ToOwned,
    collections::BTreeSet,
    string::{String, ToString as _},
    vec::Vec,
};

use kbtf_did::{
    CryptoProvider,
    json::{self, Limits, Value},
};
use kbtf_history::{Commitment, Hash};

use crate::{
    DocumentKey, Error, Redacted, Step,
    error::malformed,
    leaf::{Walk, filling, hasher},
    perfect_tree::{MAX_LEVELS, PerfectTree},
    redacted::ShownLeaf,
};

/// The longest text of a document with a structure, in bytes. What is longer is committed to as bytes
/// ([`ByteDigest`](crate::ByteDigest)).
pub const MAX_DOCUMENT: usize = 64 << 20;
/// The deepest nesting.
const MAX_DEPTH: usize = 64;
/// The most bytes of ways and values that are shown.
const MAX_SHOWN: usize = 16 << 20;
/// The most places that are told.
const MAX_PLACES: usize = 1000;
/// The longest media type, in bytes.
const MAX_MEDIA_TYPE: usize = 127;

/// A document with a structure: objects, arrays, strings, numbers, true, false and null, whatever it was written in.
///
/// ```
/// use kbtf_authenticity::{Document, DocumentKey};
/// use kbtf_did::SOFTWARE;
///
/// let key = DocumentKey::from_bytes([7; 32]);
/// let json = |text: &'static str| Document::from_json("application/json", text.as_bytes());
/// let issued = json(r#"{"name": "홍길동", "amount": 100}"#)?;
/// let registered = issued.commit(&key, &SOFTWARE)?;
///
/// // The order of members and the spaces between them say nothing; everything else does.
/// let same = json(r#"{"amount":100,"name":"홍길동"}"#)?;
/// assert_eq!(same.commit(&key, &SOFTWARE)?, registered);
/// let changed = json(r#"{"amount":"100","name":"홍길동"}"#)?;
/// assert_ne!(changed.commit(&key, &SOFTWARE)?, registered);
/// # Ok::<(), kbtf_authenticity::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Document<'d> {
    media_type: String,
    value: Value<'d>,
}

/// Prints nothing of it.
impl core::fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Document").finish_non_exhaustive()
    }
}

/// Which of the three forms a commitment is to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Form {
    Structure = 1,
    Bytes = 2,
    Parts = 3,
}

/// The commitment to a tree of leaves of something of this type.
pub(crate) fn commitment(
    form: Form,
    media_type: &str,
    leaves: u64,
    root: &Hash,
    provider: &dyn CryptoProvider,
) -> Result<Commitment, Error> {
    let parts: [&[u8]; 6] = [
        b"kbtf/document/v1\n",
        &[form as u8],
        &(media_type.len() as u64).to_be_bytes(),
        media_type.as_bytes(),
        &leaves.to_be_bytes(),
        root.as_bytes(),
    ];
    Ok(Commitment::from_bytes(provider.sha256_parts(&parts)?))
}

/// A type and a subtype in small letters, without parameters (RFC 6838 section 4.2).
pub(crate) fn check_media_type(media_type: &str) -> Result<(), Error> {
    let is_name = |name: &str| {
        let inside = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$&-^_.+".contains(&byte)
        };
        name.bytes().all(inside)
            && name
                .bytes()
                .next()
                .is_some_and(|first| first.is_ascii_alphanumeric())
    };
    let names = media_type.split_once('/');
    let is_type = names.is_some_and(|(name, sub)| is_name(name) && is_name(sub));
    match is_type && media_type.len() <= MAX_MEDIA_TYPE {
        true => Ok(()),
        false => Err(malformed(
            "media type",
            "a type and a subtype in small letters, without parameters",
        )),
    }
}

impl<'d> Document<'d> {
    /// A value of this media type.
    ///
    /// # Errors
    /// `authenticity/malformed` for a media type that is none, or a value with more than 64 others around one in it.
    pub fn new(media_type: &str, value: Value<'d>) -> Result<Self, Error> {
        check_media_type(media_type)?;
        if value.depth() > MAX_DEPTH {
            return Err(malformed("document", "values in at most 64 others"));
        }
        Ok(Self {
            media_type: media_type.to_owned(),
            value,
        })
    }

    /// Reads JSON on which all readers agree: no member twice, no number that a double does not hold.
    ///
    /// # Errors
    /// `json/…`; as for [`Document::new`].
    pub fn from_json(media_type: &str, bytes: &'d [u8]) -> Result<Self, Error> {
        let limits = Limits::default().with_max_bytes(MAX_DOCUMENT);
        let text =
            core::str::from_utf8(bytes).map_err(|_| malformed("document", "text in UTF-8"))?;
        Self::new(media_type, json::parse_with(text, limits)?)
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// What it says.
    #[must_use]
    pub const fn value(&self) -> &Value<'d> {
        &self.value
    }

    /// The commitment to it: what is registered. It says nothing to those without the key, not even to one who tries all that
    /// the document could say (AUT-01).
    ///
    /// # Errors
    /// `authenticity/too-large` for more than 2^24 leaves; `did/provider`.
    pub fn commit(
        &self,
        key: &DocumentKey,
        provider: &dyn CryptoProvider,
    ) -> Result<Commitment, Error> {
        self.outline(key, provider)?.commitment(provider)
    }

    /// Whether it is what was committed to.
    ///
    /// # Errors
    /// `authenticity/other-document` if not; as for [`Document::commit`].
    pub fn verify(
        &self,
        key: &DocumentKey,
        committed: &Commitment,
        provider: &dyn CryptoProvider,
    ) -> Result<(), Error> {
        match self.commit(key, provider)? == *committed {
            true => Ok(()),
            false => Err(Error::OtherDocument),
        }
    }

    /// The hashes of its leaves: with them it can be told later what differs. They say no more than the commitment.
    ///
    /// # Errors
    /// As for [`Document::commit`].
    pub fn outline(
        &self,
        key: &DocumentKey,
        provider: &dyn CryptoProvider,
    ) -> Result<Outline, Error> {
        let mut leaves = Vec::new();
        Walk::over(&self.value, key, provider, &mut |found| {
            leaves.push(found.hash(key, provider)?);
            check_count(leaves.len())
        })?;
        let full = leaves.len().next_power_of_two();
        for number in 0..(full - leaves.len()) as u64 {
            leaves.push(filling(key, number, provider)?);
        }
        // The places that leaves have in the tree say nothing of those in the document.
        leaves.sort_unstable();
        Ok(Outline {
            media_type: self.media_type.clone(),
            leaves,
        })
    }

    /// What differs from the document that was issued, of which this is the outline; this one is taken under the same key.
    ///
    /// # Errors
    /// `authenticity/other-document` if it is not the outline of what was committed to; as for [`Document::commit`].
    pub fn differences(
        &self,
        key: &DocumentKey,
        committed: &Commitment,
        outline: &Outline,
        provider: &dyn CryptoProvider,
    ) -> Result<Differences, Error> {
        if outline.commitment(provider)? != *committed {
            return Err(Error::OtherDocument);
        }
        let issued: BTreeSet<&Hash> = outline.leaves.iter().collect();
        let (mut matched, mut count, mut others) = (0_usize, 0_usize, 0_usize);
        let mut places: Vec<String> = Vec::new();
        let mut length = 0_usize;
        Walk::over(&self.value, key, provider, &mut |found| {
            count += 1;
            check_count(count)?;
            if issued.contains(&found.hash(key, provider)?) {
                matched += 1;
                return Ok(());
            }
            others += 1;
            let pointer_length = found.steps.iter().map(|(step, _)| step.length()).sum();
            let is_room =
                places.len() < MAX_PLACES && length.saturating_add(pointer_length) <= MAX_DOCUMENT;
            if !is_room {
                return Ok(());
            }
            let place = pointer(&found.steps());
            // An item whose content is another has another place too only if it has one.
            let is_told = matches!(found.value, crate::LeafValue::Position(_))
                && places.last().is_some_and(|last| last.starts_with(&place));
            if !is_told {
                length = length.saturating_add(place.len());
                places.push(place);
            }
            Ok(())
        })?;
        // What fills the tree up is in no document.
        let mut fillings = 0_usize;
        while fillings < outline.leaves.len()
            && issued.contains(&filling(key, fillings as u64, provider)?)
        {
            fillings += 1;
        }
        Ok(Differences {
            other_type: self.media_type != outline.media_type,
            missing: outline.leaves.len().saturating_sub(matched + fillings),
            others,
            places,
        })
    }

    /// Shows some of it: the leaves for which `show` says so, by the way to them. Their items' places in arrays are shown only
    /// if `positions` says so; without them nobody learns how many there were before or between them, nor in which order they
    /// stood.
    ///
    /// # Errors
    /// `authenticity/malformed` if nothing is shown; `authenticity/too-large` for more than 16 MiB of ways and values, or
    /// 2^17 of them; as for [`Document::commit`].
    pub fn redact(
        &self,
        key: &DocumentKey,
        show: impl Fn(&[Step<'_>]) -> bool,
        positions: Positions,
        provider: &dyn CryptoProvider,
    ) -> Result<Redacted, Error> {
        let outline = self.outline(key, provider)?;
        let tree = PerfectTree::new(outline.leaves, &hasher(provider))?;
        let mut shown = Vec::new();
        let mut left = MAX_SHOWN;
        // An item's place comes behind what is in it: it is shown where something of that is.
        let mut last_shown: Vec<Step<'_>> = Vec::new();
        Walk::over(&self.value, key, provider, &mut |found| {
            let steps = found.steps();
            let is_shown = match found.value {
                crate::LeafValue::Position(_) => {
                    positions == Positions::Shown && last_shown.starts_with(&steps)
                }
                _ => show(&steps),
            };
            if !is_shown {
                return Ok(());
            }
            let mut length: usize = steps.iter().map(Step::length).sum();
            if let crate::LeafValue::String(text) = &found.value {
                length = length.saturating_add(text.len());
            }
            // Beside that each leaf has about 128 bytes.
            left = left
                .checked_sub(length.saturating_add(128))
                .ok_or(Error::TooLarge {
                    place: "what is shown",
                    most: MAX_SHOWN as u64,
                })?;
            let place = tree.leaves().binary_search(&found.hash(key, provider)?);
            let place = place.map_err(|_| malformed("document", "each leaf in its tree"))?;
            let salt = key.salt(&found.way, provider)?;
            let path = found.segments();
            let value = found.value.clone();
            shown.push(ShownLeaf::new(place as u64, salt, path, value));
            if !matches!(found.value, crate::LeafValue::Position(_)) {
                last_shown = steps;
            }
            Ok(())
        })?;
        Redacted::new(&self.media_type, &tree, shown)
    }
}

/// The text of a document, without a byte order mark.
pub(crate) fn text_of(bytes: &[u8]) -> Result<&str, Error> {
    if bytes.len() > MAX_DOCUMENT {
        return Err(Error::TooLarge {
            place: "document",
            most: MAX_DOCUMENT as u64,
        });
    }
    let text = core::str::from_utf8(bytes).map_err(|_| malformed("document", "text in UTF-8"))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

impl Step<'_> {
    /// In text, escapes aside.
    fn length(&self) -> usize {
        match self {
            Self::Member(name) => name.len().saturating_add(3),
            Self::Item(_) => 27,
        }
    }
}

fn check_count(leaves: usize) -> Result<(), Error> {
    let most = 1_usize << MAX_LEVELS;
    match leaves <= most {
        true => Ok(()),
        false => Err(Error::TooLarge {
            place: "leaves",
            most: most as u64,
        }),
    }
}

/// A JSON Pointer (RFC 6901).
pub(crate) fn pointer(steps: &[Step<'_>]) -> String {
    let mut pointer = String::new();
    for step in steps {
        pointer.push('/');
        match step {
            Step::Member(name) => push_name(&mut pointer, name),
            Step::Item(index) => pointer.push_str(&index.to_string()),
        }
    }
    pointer
}

pub(crate) fn push_name(pointer: &mut String, name: &str) {
    for letter in name.chars() {
        match letter {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// Whether the places of shown items in their arrays are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Positions {
    /// They are: the first shown item may be the third.
    Shown,
    /// They are not, nor is the order of those that are shown.
    Hidden,
}

/// The hashes of the leaves of a document, sorted. Public or not as the issuer likes: without the key they say nothing but
/// how large the document is, to within a factor of two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    media_type: String,
    leaves: Vec<Hash>,
}

impl Outline {
    /// One that was kept.
    ///
    /// # Errors
    /// `authenticity/malformed` unless the leaves are sorted, each once, and their number is a power of two, 2^24 at most.
    pub fn from_parts(media_type: &str, leaves: Vec<Hash>) -> Result<Self, Error> {
        check_media_type(media_type)?;
        check_count(leaves.len())?;
        let in_order = leaves.is_sorted_by(|one, next| one < next);
        match leaves.len().is_power_of_two() && in_order {
            true => Ok(Self {
                media_type: media_type.to_owned(),
                leaves,
            }),
            false => Err(malformed(
                "outline",
                "hashes in order, each once, as many as a power of two",
            )),
        }
    }

    /// The media type of the document.
    #[must_use]
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// The hashes, sorted.
    #[must_use]
    pub fn leaves(&self) -> &[Hash] {
        &self.leaves
    }

    /// The commitment to the document that this is an outline of.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn commitment(&self, provider: &dyn CryptoProvider) -> Result<Commitment, Error> {
        let hasher = hasher(provider);
        let mut range = kbtf_history::CompactRange::new();
        for leaf in &self.leaves {
            range.append(*leaf, &hasher)?;
        }
        let root = range.root(&hasher)?;
        let leaves = self.leaves.len() as u64;
        commitment(Form::Structure, &self.media_type, leaves, &root, provider)
    }
}

/// What differs between a document and the one that was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differences {
    /// It has another media type.
    pub other_type: bool,
    /// What stands in this one and not in the one that was issued, or stands there with another value, as JSON Pointers; the
    /// first 1000. Where an item was put in or taken out all behind it are others.
    pub places: Vec<String>,
    /// How many there are in all, the places of items in arrays counted beside what is in them.
    pub others: usize,
    /// How many of the one that was issued are not in this one, counted in the same way; what was changed is among them. What
    /// they were, and where, nobody can tell from hashes.
    pub missing: usize,
}

impl Differences {
    /// Whether there are none.
    #[must_use]
    pub fn is_none(&self) -> bool {
        !self.other_type && self.others == 0 && self.missing == 0
    }
}
