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

use crate::Error;

/// The key of one document, in one version. It goes where the whole document goes, and nowhere else: whoever has it can try
/// what the hidden values are. What is shown of a document has the salts of what is shown, never this.
///
/// Each version that is issued must have a new key: under one key the salts of two versions are the same, and what was shown of
/// one lets others try what is hidden in the other.
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

    /// The salt of what stands at the end of a way.
    pub(crate) fn salt(&self, way: &Way, provider: &dyn CryptoProvider) -> Result<[u8; 32], Error> {
        Ok(hmac_sha256(
            &self.0,
            &[b"kbtf/salt/v1\n", &way.0],
            provider,
        )?)
    }

    /// What an item of an array goes by in the place of its number.
    pub(crate) fn tag(
        &self,
        array: &Way,
        place: u64,
        provider: &dyn CryptoProvider,
    ) -> Result<ItemTag, Error> {
        let place = place.to_be_bytes();
        let parts: [&[u8]; 3] = [b"kbtf/item/v1\n", &place, &array.0];
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

/// The way to a value, hashed step by step: however long names are, each is hashed once for all that is behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Way([u8; 32]);

const MEMBER: u8 = 0x11;
const ITEM: u8 = 0x12;
/// The place of the item that the way leads to.
const POSITION: u8 = 0x13;
/// Not in the document: fills the tree up.
const FILLING: u8 = 0x14;
/// Of a document that is bytes.
const BLOCK: u8 = 0x15;
const PART: u8 = 0x16;

impl Way {
    /// To the whole.
    pub(crate) const WHOLE: Self = Self([0; 32]);

    fn step(self, kind: u8, step: &[u8], provider: &dyn CryptoProvider) -> Result<Self, Error> {
        Ok(Self(provider.sha256_parts(&[&[kind], &self.0, step])?))
    }

    pub(crate) fn member(self, name: &str, provider: &dyn CryptoProvider) -> Result<Self, Error> {
        self.step(MEMBER, name.as_bytes(), provider)
    }

    pub(crate) fn item(self, tag: ItemTag, provider: &dyn CryptoProvider) -> Result<Self, Error> {
        self.step(ITEM, &tag.0, provider)
    }

    pub(crate) fn position(self, provider: &dyn CryptoProvider) -> Result<Self, Error> {
        self.step(POSITION, &[], provider)
    }

    pub(crate) fn block(number: u64, provider: &dyn CryptoProvider) -> Result<Self, Error> {
        Self::WHOLE.step(BLOCK, &number.to_be_bytes(), provider)
    }

    /// To a part of a document that is parts with names.
    pub(crate) fn part(name: &str, provider: &dyn CryptoProvider) -> Result<Self, Error> {
        Self::WHOLE.step(PART, name.as_bytes(), provider)
    }

    /// Along segments; to the place of the last one's item if it is asked for.
    pub(crate) fn along(
        path: &[Segment],
        is_position: bool,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, Error> {
        let mut way = Self::WHOLE;
        for segment in path {
            way = match segment {
                Segment::Member(name) => way.member(name, provider)?,
                Segment::Item(tag) => way.item(*tag, provider)?,
            };
        }
        match is_position {
            true => way.position(provider),
            false => Ok(way),
        }
    }
}

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

    /// The hash of a leaf with this salt, at the end of this way: what has no fixed length is at the end.
    pub(crate) fn hash(
        &self,
        salt: &[u8; 32],
        way: &Way,
        provider: &dyn CryptoProvider,
    ) -> Result<Hash, Error> {
        let (kind, value) = self.parts();
        // The prefix of leaves is that of RFC 9162 section 2.1.1.
        let parts: [&[u8]; 5] = [&[0], salt, &way.0, &[kind], &value];
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
    let way = Way::WHOLE.step(FILLING, &number.to_be_bytes(), provider)?;
    LeafValue::Null.hash(&key.salt(&way, provider)?, &way, provider)
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
    /// The steps to it, as the document has them, and the tag of each that is an item.
    pub(crate) steps: &'p [(Step<'d>, Option<ItemTag>)],
    pub(crate) way: Way,
    pub(crate) value: LeafValue<'d>,
}

impl<'d> Found<'d, '_> {
    pub(crate) fn hash(
        &self,
        key: &DocumentKey,
        provider: &dyn CryptoProvider,
    ) -> Result<Hash, Error> {
        let salt = key.salt(&self.way, provider)?;
        self.value.hash(&salt, &self.way, provider)
    }

    pub(crate) fn steps(&self) -> Vec<Step<'d>> {
        self.steps.iter().map(|(step, _)| *step).collect()
    }

    pub(crate) fn segments(&self) -> Vec<Segment> {
        let segment = |(step, tag): &(Step<'d>, Option<ItemTag>)| match (step, tag) {
            (Step::Member(name), _) => Segment::Member((*name).into()),
            (Step::Item(_), tag) => Segment::Item(tag.unwrap_or(ItemTag([0; 16]))),
        };
        self.steps.iter().map(segment).collect()
    }
}

/// Goes through all leaves of a value, in the order of the document.
pub(crate) struct Walk<'d, 'k> {
    key: &'k DocumentKey,
    provider: &'k dyn CryptoProvider,
    steps: Vec<(Step<'d>, Option<ItemTag>)>,
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
        };
        walk.value(value, Way::WHOLE, see)
    }

    // As deep as a document may be.
    fn value(&mut self, value: &'d Value<'_>, way: Way, see: See<'_, 'd>) -> Result<(), Error> {
        let leaf = match value {
            Value::Null => LeafValue::Null,
            Value::Bool(value) => LeafValue::Bool(*value),
            Value::Number(number) => LeafValue::Number(*number),
            Value::String(text) => LeafValue::String(Cow::Borrowed(text)),
            Value::Array(items) if items.is_empty() => LeafValue::EmptyArray,
            Value::Object(object) if object.is_empty() => LeafValue::EmptyObject,
            Value::Array(items) => return self.array(items, way, see),
            Value::Object(object) => return self.object(object, way, see),
        };
        self.leaf(leaf, way, see)
    }

    fn leaf(&self, value: LeafValue<'d>, way: Way, see: See<'_, 'd>) -> Result<(), Error> {
        see(&Found {
            steps: &self.steps,
            way,
            value,
        })
    }

    fn object(&mut self, object: &'d Object<'_>, way: Way, see: See<'_, 'd>) -> Result<(), Error> {
        for (name, value) in object.iter() {
            self.steps.push((Step::Member(name), None));
            self.value(value, way.member(name, self.provider)?, see)?;
            self.steps.pop();
        }
        Ok(())
    }

    fn array(&mut self, items: &'d [Value<'_>], way: Way, see: See<'_, 'd>) -> Result<(), Error> {
        for (index, value) in items.iter().enumerate() {
            let place = index as u64;
            let tag = self.key.tag(&way, place, self.provider)?;
            let item = way.item(tag, self.provider)?;
            self.steps.push((Step::Item(index), Some(tag)));
            self.value(value, item, see)?;
            let position = item.position(self.provider)?;
            self.leaf(LeafValue::Position(place), position, see)?;
            self.steps.pop();
        }
        Ok(())
    }
}

/// A tree's hasher over the same provider.
pub(crate) const fn hasher(provider: &dyn CryptoProvider) -> TreeHasher<'_> {
    TreeHasher::new(provider)
}
