//! What a document is taken apart into: one leaf for each value in it, blinded by a salt of its own.

use alloc::{borrow::Cow, string::String, vec::Vec};

use kbtf_did::{
    CryptoProvider, hmac_sha256,
    json::{Number, Object, Value},
    random_key,
};
use kbtf_history::{Hash, TreeHasher};
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use crate::{Error, error::malformed};

/// The key of one document. It goes where the whole document goes, and nowhere else: whoever has it can try what the hidden
/// values are. What is shown of a document has the salts of what is shown, never this.
pub struct DocumentKey(Zeroizing<[u8; 32]>);

impl DocumentKey {
    /// A new key.
    ///
    /// # Errors
    /// `did/randomness`.
    pub fn generate<R: TryCryptoRng + ?Sized>(random: &mut R) -> Result<Self, Error> {
        Ok(Self(random_key(random)?))
    }

    /// One that came with a document.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Its bytes, which go with the document.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.clone()
    }

    /// The salt of what stands at a place.
    pub(crate) fn salt(
        &self,
        path: &[u8],
        provider: &dyn CryptoProvider,
    ) -> Result<[u8; 32], Error> {
        Ok(hmac_sha256(&self.0, &[b"kbtf/salt/v1\n", path], provider)?)
    }

    /// What an item of an array goes by in the place of its number.
    fn tag(
        &self,
        array: &[u8],
        index: u64,
        provider: &dyn CryptoProvider,
    ) -> Result<ItemTag, Error> {
        let index = index.to_be_bytes();
        let parts: [&[u8]; 3] = [b"kbtf/item/v1\n", &index, array];
        let [tag @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
            hmac_sha256(&self.0, &parts, provider)?;
        Ok(ItemTag(tag))
    }
}

/// What an item of an array goes by: it says nothing of its place, nor of how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemTag([u8; 16]);

impl ItemTag {
    pub(crate) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// A step from a value into it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// The member of an object with this name.
    Member(String),
    /// The item of an array with this tag.
    Item(ItemTag),
}

const MEMBER: u8 = 1;
const ITEM: u8 = 2;
/// The place of the item that is named before it.
const POSITION: u8 = 3;
/// Not in the document: fills the tree up.
const FILLING: u8 = 4;

/// What stands in a leaf.
#[derive(Debug, Clone, PartialEq)]
pub enum LeafValue<'a> {
    /// Null.
    Null,
    /// True or false.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(Cow<'a, str>),
    /// An array without items.
    EmptyArray,
    /// An object without members.
    EmptyObject,
    /// The place of an item in its array; the first is 0.
    Position(u64),
}

impl LeafValue<'_> {
    /// A byte for its type, and the value.
    fn parts(&self) -> (u8, Cow<'_, [u8]>) {
        let none = Cow::Borrowed(&[][..]);
        match self {
            Self::Null => (0, none),
            Self::Bool(value) => (1, Cow::Owned(alloc::vec![u8::from(*value)])),
            // The one form that a number has (RFC 8785).
            Self::Number(number) => {
                let text = Value::Number(*number).to_canonical();
                (2, Cow::Owned(text.into_bytes()))
            }
            Self::String(text) => (3, Cow::Borrowed(text.as_bytes())),
            Self::EmptyArray => (4, none),
            Self::EmptyObject => (5, none),
            Self::Position(place) => (6, Cow::Owned(place.to_be_bytes().to_vec())),
        }
    }

    /// The hash of a leaf with this salt, at this place: each part with its length, so that none runs into another.
    pub(crate) fn hash(
        &self,
        salt: &[u8; 32],
        path: &[u8],
        provider: &dyn CryptoProvider,
    ) -> Result<Hash, Error> {
        let (kind, value) = self.parts();
        let parts: [&[u8]; 7] = [
            // The prefix of leaves (RFC 9162 section 2.1.1).
            &[0],
            salt,
            &(path.len() as u64).to_be_bytes(),
            path,
            &[kind],
            &(value.len() as u64).to_be_bytes(),
            &value,
        ];
        Ok(Hash::from_bytes(provider.sha256_parts(&parts)?))
    }

    pub(crate) fn into_owned(self) -> LeafValue<'static> {
        match self {
            Self::Null => LeafValue::Null,
            Self::Bool(value) => LeafValue::Bool(value),
            Self::Number(number) => LeafValue::Number(number),
            Self::String(text) => LeafValue::String(Cow::Owned(text.into_owned())),
            Self::EmptyArray => LeafValue::EmptyArray,
            Self::EmptyObject => LeafValue::EmptyObject,
            Self::Position(place) => LeafValue::Position(place),
        }
    }
}

/// The hash of what fills a tree up to a power of two.
pub(crate) fn filling(
    key: &DocumentKey,
    number: u64,
    provider: &dyn CryptoProvider,
) -> Result<Hash, Error> {
    let mut path = alloc::vec![FILLING];
    path.extend(number.to_be_bytes());
    let salt = key.salt(&path, provider)?;
    LeafValue::Null.hash(&salt, &path, provider)
}

/// The bytes of a path: each segment with its kind and length.
pub(crate) fn path_bytes(path: &[Segment], is_position: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    for segment in path {
        push(&mut bytes, segment);
    }
    if is_position {
        bytes.push(POSITION);
    }
    bytes
}

fn push(bytes: &mut Vec<u8>, segment: &Segment) {
    match segment {
        Segment::Member(name) => push_member(bytes, name),
        Segment::Item(tag) => push_item(bytes, *tag),
    }
}

fn push_member(bytes: &mut Vec<u8>, name: &str) {
    bytes.push(MEMBER);
    bytes.extend((name.len() as u64).to_be_bytes());
    bytes.extend(name.as_bytes());
}

fn push_item(bytes: &mut Vec<u8>, tag: ItemTag) {
    bytes.push(ITEM);
    bytes.extend(tag.0);
}

/// A step as the document has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step<'a> {
    /// The member of an object with this name.
    Member(&'a str),
    /// The item of an array at this place; the first is 0.
    Item(usize),
}

/// A leaf of a document that is at hand.
pub(crate) struct Found<'d, 'p> {
    /// The way to it, as the document has it.
    pub(crate) steps: &'p [Step<'d>],
    /// The same, with the tags of items.
    pub(crate) path: &'p [u8],
    pub(crate) value: LeafValue<'d>,
}

/// Goes through all leaves of a value, in the order of the document.
pub(crate) struct Walk<'d, 'k> {
    key: &'k DocumentKey,
    provider: &'k dyn CryptoProvider,
    steps: Vec<Step<'d>>,
    path: Vec<u8>,
}

type See<'s, 'd> = &'s mut dyn FnMut(&Found<'d, '_>) -> Result<(), Error>;

impl<'d, 'k> Walk<'d, 'k> {
    pub(crate) fn over(
        value: &'d Value<'_>,
        key: &'k DocumentKey,
        provider: &'k dyn CryptoProvider,
        see: See<'_, 'd>,
    ) -> Result<(), Error> {
        let mut walk = Self {
            key,
            provider,
            steps: Vec::new(),
            path: Vec::new(),
        };
        walk.value(value, see)
    }

    // As deep as the reader of the document lets it be.
    fn value(&mut self, value: &'d Value<'_>, see: See<'_, 'd>) -> Result<(), Error> {
        match value {
            Value::Null => self.leaf(LeafValue::Null, see),
            Value::Bool(value) => self.leaf(LeafValue::Bool(*value), see),
            Value::Number(number) => self.leaf(LeafValue::Number(*number), see),
            Value::String(text) => self.leaf(LeafValue::String(Cow::Borrowed(text)), see),
            Value::Array(items) => self.array(items, see),
            Value::Object(object) => self.object(object, see),
        }
    }

    fn leaf(&self, value: LeafValue<'d>, see: See<'_, 'd>) -> Result<(), Error> {
        see(&Found {
            steps: &self.steps,
            path: &self.path,
            value,
        })
    }

    fn object(&mut self, object: &'d Object<'_>, see: See<'_, 'd>) -> Result<(), Error> {
        if object.is_empty() {
            return self.leaf(LeafValue::EmptyObject, see);
        }
        let length = self.path.len();
        for (name, value) in object.iter() {
            self.steps.push(Step::Member(name));
            push_member(&mut self.path, name);
            self.value(value, see)?;
            self.path.truncate(length);
            self.steps.pop();
        }
        Ok(())
    }

    fn array(&mut self, items: &'d [Value<'_>], see: See<'_, 'd>) -> Result<(), Error> {
        if items.is_empty() {
            return self.leaf(LeafValue::EmptyArray, see);
        }
        let length = self.path.len();
        for (index, value) in items.iter().enumerate() {
            let place = index as u64;
            let tag = self.key.tag(&self.path, place, self.provider)?;
            self.steps.push(Step::Item(index));
            push_item(&mut self.path, tag);
            self.value(value, see)?;
            self.path.push(POSITION);
            self.leaf(LeafValue::Position(place), see)?;
            self.path.truncate(length);
            self.steps.pop();
        }
        Ok(())
    }
}

/// A path that was made here, as segments; whether it is that of a position.
pub(crate) fn segments(path: &[u8]) -> Result<(Vec<Segment>, bool), Error> {
    let wrong = || malformed("path", "segments, each with its kind and length");
    let mut segments = Vec::new();
    let mut rest = path;
    while let Some((kind, after)) = rest.split_first() {
        match *kind {
            MEMBER => {
                let (length, after) = after.split_first_chunk().ok_or_else(wrong)?;
                let length = usize::try_from(u64::from_be_bytes(*length)).map_err(|_| wrong())?;
                let (name, after) = after.split_at_checked(length).ok_or_else(wrong)?;
                let name = core::str::from_utf8(name).map_err(|_| wrong())?;
                segments.push(Segment::Member(name.into()));
                rest = after;
            }
            ITEM => {
                let (tag, after) = after.split_first_chunk().ok_or_else(wrong)?;
                segments.push(Segment::Item(ItemTag(*tag)));
                rest = after;
            }
            POSITION if after.is_empty() => return Ok((segments, true)),
            _ => return Err(wrong()),
        }
    }
    Ok((segments, false))
}

/// A tree's hasher over the same provider.
pub(crate) const fn hasher(provider: &dyn CryptoProvider) -> TreeHasher<'_> {
    TreeHasher::new(provider)
}
