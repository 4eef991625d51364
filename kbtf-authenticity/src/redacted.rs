//! Some of a document, shown by its holder, with the proof that it was in it.

use alloc::{
    borrow::{Cow, ToOwned},
    collections::{BTreeMap, BTreeSet},
    string::{String, ToString as _},
    vec::Vec,
};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use kbtf_did::{
    CryptoProvider,
    json::{self, Limits, Object, Value},
};
use kbtf_history::{Commitment, Hash};

use crate::{
    Error, LeafValue, Segment,
    document::{Form, MAX_DOCUMENT, check_media_type, commitment, push_name},
    error::malformed,
    leaf::{ItemTag, Way, hasher},
    perfect_tree::{MAX_LEVELS, Nodes, PerfectTree, beside, climb},
};

/// A leaf that is shown.
#[derive(Clone, PartialEq)]
pub struct ShownLeaf {
    /// Its place in the tree, which says nothing of that in the document.
    place: u64,
    salt: [u8; 32],
    path: Vec<Segment>,
    value: LeafValue<'static>,
}

/// Says nothing of what it holds.
impl core::fmt::Debug for ShownLeaf {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ShownLeaf").finish_non_exhaustive()
    }
}

impl ShownLeaf {
    pub(crate) fn new(
        place: u64,
        salt: [u8; 32],
        path: Vec<Segment>,
        value: LeafValue<'_>,
    ) -> Self {
        Self {
            place,
            salt,
            path,
            value: value.into_owned(),
        }
    }

    /// The way to it.
    #[must_use]
    pub fn path(&self) -> &[Segment] {
        &self.path
    }

    /// What stands there; for [`LeafValue::Position`] the place of the item that the way leads to.
    #[must_use]
    pub const fn value(&self) -> &LeafValue<'static> {
        &self.value
    }

    fn hash(&self, provider: &dyn CryptoProvider) -> Result<Hash, Error> {
        let is_position = matches!(self.value, LeafValue::Position(_));
        let way = Way::along(&self.path, is_position, provider)?;
        self.value.hash(&self.salt, &way, provider)
    }
}

/// Some leaves of a document with the proof that they are in what was committed to. Of the others nothing is in it but
/// hashes of many together, and how many there are to within a factor of two.
///
/// As text it is canonical JSON, of media type `application/kbtf-redacted+json`.
///
/// ```
/// use kbtf_authenticity::{Document, DocumentKey, Positions, Redacted, Step};
/// use kbtf_did::SOFTWARE;
///
/// let key = DocumentKey::from_bytes([7; 32]);
/// let text = r#"{"name": "홍길동", "number": "900101-1234567", "degree": "이학사"}"#;
/// let issued = Document::from_json("application/json", text.as_bytes())?;
/// let registered = issued.commit(&key, &SOFTWARE)?;
///
/// let show = |way: &[Step<'_>]| matches!(way, [Step::Member("name" | "degree")]);
/// let shown = issued.redact(&key, show, Positions::Hidden, &SOFTWARE)?;
/// let received: Redacted = shown.to_string().parse()?;
/// let seen = received.verify(&registered, &SOFTWARE)?;
/// assert_eq!(seen.value().to_canonical(), r#"{"degree":"이학사","name":"홍길동"}"#);
/// # Ok::<(), kbtf_authenticity::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Redacted {
    media_type: String,
    /// The tree has 2 to this power leaves.
    levels: u32,
    /// In the order of their places.
    shown: Vec<ShownLeaf>,
    proof: Vec<Hash>,
}

/// Says nothing of what it holds.
impl core::fmt::Debug for Redacted {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Redacted").finish_non_exhaustive()
    }
}

impl Redacted {
    pub(crate) fn new(
        media_type: &str,
        tree: &PerfectTree,
        mut shown: Vec<ShownLeaf>,
    ) -> Result<Self, Error> {
        if shown.is_empty() {
            return Err(nothing());
        }
        shown.sort_by_key(|leaf| leaf.place);
        let places: BTreeSet<u64> = shown.iter().map(|leaf| leaf.place).collect();
        Ok(Self {
            media_type: media_type.to_owned(),
            levels: tree.leaves().len().trailing_zeros(),
            proof: tree.prove(&places)?,
            shown,
        })
    }

    /// The media type of the whole document.
    #[must_use]
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// What it shows, if it is what it says: see [`Redacted::verify`].
    #[must_use]
    pub fn unverified(&self) -> &[ShownLeaf] {
        &self.shown
    }

    fn climb(&self, provider: &dyn CryptoProvider) -> Result<Nodes, Error> {
        let mut leaves = BTreeMap::new();
        for leaf in &self.shown {
            leaves.insert(leaf.place, leaf.hash(provider)?);
        }
        climb(&leaves, self.levels, &self.proof, &hasher(provider))
    }

    /// The commitment to the document that it says it is of. Whether anybody has issued that is another question.
    ///
    /// # Errors
    /// `authenticity/malformed` for a proof of another size; `did/provider`.
    pub fn commitment(&self, provider: &dyn CryptoProvider) -> Result<Commitment, Error> {
        let nodes = self.climb(provider)?;
        let root = nodes.get(&(self.levels, 0)).ok_or(Error::OtherDocument)?;
        let leaves = 1_u64 << self.levels;
        commitment(Form::Structure, &self.media_type, leaves, root, provider)
    }

    /// Whether all that it shows was in the document that was committed to; gives it as one value, with what is known of the order
    /// in its arrays. There may always be more than is shown.
    ///
    /// # Errors
    /// `authenticity/other-document` if not; `authenticity/contradiction`; `authenticity/malformed` for a proof of another size;
    /// `did/provider`.
    pub fn verify(
        &self,
        committed: &Commitment,
        provider: &dyn CryptoProvider,
    ) -> Result<Seen, Error> {
        if self.commitment(provider)? != *committed {
            return Err(Error::OtherDocument);
        }
        assemble(&self.shown)
    }

    /// Hides more of it, without the document's key: what `keep` does not want.
    ///
    /// # Errors
    /// `authenticity/malformed` if nothing is left; as for [`Redacted::verify`].
    pub fn hide(
        &self,
        keep: impl Fn(&ShownLeaf) -> bool,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, Error> {
        let nodes = self.climb(provider)?;
        let mut shown: Vec<ShownLeaf> =
            self.shown.iter().filter(|one| keep(one)).cloned().collect();
        // The place of an item of which nothing is shown any more would only say that it is there.
        let is_position = |leaf: &ShownLeaf| matches!(leaf.value, LeafValue::Position(_));
        let mut items = BTreeSet::new();
        for leaf in shown.iter().filter(|leaf| !is_position(leaf)) {
            for (length, segment) in (1..).zip(&leaf.path) {
                if matches!(segment, Segment::Item(_)) {
                    items.insert(leaf.path.get(..length).unwrap_or_default());
                }
            }
        }
        let has_item = |leaf: &ShownLeaf| items.contains(leaf.path.as_slice());
        let stays: Vec<bool> = shown
            .iter()
            .map(|leaf| !is_position(leaf) || has_item(leaf))
            .collect();
        let mut stays = stays.into_iter();
        shown.retain(|_| stays.next().unwrap_or_default());
        if shown.is_empty() {
            return Err(nothing());
        }
        let places = shown.iter().map(|leaf| leaf.place).collect();
        let node = |level, index| nodes.get(&(level, index)).copied();
        Ok(Self {
            media_type: self.media_type.clone(),
            levels: self.levels,
            proof: beside(&places, self.levels, node)?,
            shown,
        })
    }
}

const fn nothing() -> Error {
    malformed("redacted", "something that is shown")
}

/// What was shown of a document and was in it. Only [`Redacted::verify`] makes it.
#[derive(Clone, PartialEq)]
pub struct Seen {
    value: Value<'static>,
    arrays: Vec<SeenArray>,
}

/// Prints nothing of it.
impl core::fmt::Debug for Seen {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Seen").finish_non_exhaustive()
    }
}

/// An array of which something was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenArray {
    /// Where it is in [`Seen::value`], as a JSON Pointer.
    pub pointer: String,
    /// The places that the items had in the document, in order, if all are shown. `None` says that the order of the items means
    /// nothing: the holder has not shown it, and could show them in many.
    pub places: Option<Vec<u64>>,
}

impl Seen {
    /// What was shown, as one value. An array in it has the shown items one after the other, whatever was between them, and in
    /// an order that means something only if [`Seen::arrays`] says so.
    #[must_use]
    pub const fn value(&self) -> &Value<'static> {
        &self.value
    }

    /// What is known of each array, those around others first.
    #[must_use]
    pub fn arrays(&self) -> &[SeenArray] {
        &self.arrays
    }

    /// Whether the order of all items is that of the document.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        self.arrays.iter().all(|array| array.places.is_some())
    }
}

/// What stands at a place of the document, as far as it is shown.
enum Part<'l> {
    Leaf(&'l LeafValue<'static>),
    Object(BTreeMap<&'l str, Option<Part<'l>>>),
    Array(BTreeMap<ItemTag, Item<'l>>),
}

#[derive(Default)]
struct Item<'l> {
    part: Option<Part<'l>>,
    place: Option<u64>,
}

/// Puts the leaves together again. Of a document that was taken apart here no two contradict each other; of what an issuer
/// has made by other means they may.
fn assemble(shown: &[ShownLeaf]) -> Result<Seen, Error> {
    let mut whole: Option<Part<'_>> = None;
    for leaf in shown {
        let contradiction = || Error::Contradiction {
            place: pointer(&leaf.path),
        };
        let is_position = matches!(leaf.value, LeafValue::Position(_));
        let mut slot = &mut whole;
        let mut segments = leaf.path.iter();
        let last = match is_position {
            true => Some(segments.next_back().ok_or_else(contradiction)?),
            false => None,
        };
        for segment in segments {
            slot = match segment {
                Segment::Member(name) => {
                    match slot.get_or_insert_with(|| Part::Object(BTreeMap::new())) {
                        Part::Object(members) => members.entry(name).or_default(),
                        _ => return Err(contradiction()),
                    }
                }
                Segment::Item(tag) => &mut item(slot, *tag).ok_or_else(contradiction)?.part,
            };
        }
        match (last, &leaf.value) {
            (Some(Segment::Item(tag)), LeafValue::Position(place)) => {
                let item = item(slot, *tag).ok_or_else(contradiction)?;
                if item.place.replace(*place).is_some() {
                    return Err(contradiction());
                }
            }
            (None, value) => {
                if slot.replace(Part::Leaf(value)).is_some() {
                    return Err(contradiction());
                }
            }
            _ => return Err(contradiction()),
        }
    }
    let whole = whole.ok_or(nothing())?;
    let mut arrays = Arrays {
        seen: Vec::new(),
        room: MAX_DOCUMENT,
    };
    let value = value(whole, &mut String::new(), &mut arrays)?;
    Ok(Seen {
        value,
        arrays: arrays.seen,
    })
}

/// The item of an array with this tag; `None` if there is something else than an array.
fn item<'s, 'l>(slot: &'s mut Option<Part<'l>>, tag: ItemTag) -> Option<&'s mut Item<'l>> {
    match slot.get_or_insert_with(|| Part::Array(BTreeMap::new())) {
        Part::Array(items) => Some(items.entry(tag).or_default()),
        _ => None,
    }
}

/// The arrays that were seen, and for how many bytes of pointers there is room.
struct Arrays {
    seen: Vec<SeenArray>,
    room: usize,
}

impl Arrays {
    fn push(&mut self, at: &str, places: Option<Vec<u64>>) -> Result<(), Error> {
        let room = self.room.checked_sub(at.len());
        self.room = room.ok_or(Error::TooLarge {
            place: "ways to arrays",
            most: MAX_DOCUMENT as u64,
        })?;
        self.seen.push(SeenArray {
            pointer: at.to_owned(),
            places,
        });
        Ok(())
    }
}

/// What a part comes to; `at` leads to it.
fn value(part: Part<'_>, at: &mut String, arrays: &mut Arrays) -> Result<Value<'static>, Error> {
    let length = at.len();
    match part {
        Part::Leaf(leaf) => Ok(leaf_value(leaf)),
        Part::Object(members) => {
            let mut object = Vec::with_capacity(members.len());
            for (name, part) in members {
                at.push('/');
                push_name(at, name);
                object.push((Cow::Owned(name.to_owned()), some(part, at, arrays)?));
                at.truncate(length);
            }
            // The names are those of a map.
            let object = Object::from_members(object).ok_or_else(nothing)?;
            Ok(Value::Object(object))
        }
        Part::Array(items) => {
            let mut items: Vec<Item<'_>> = items.into_values().collect();
            let mut places: Vec<u64> = items.iter().filter_map(|item| item.place).collect();
            places.sort_unstable();
            // Also where not all places are shown.
            if !places.is_sorted_by(|one, next| one < next) {
                return Err(Error::Contradiction { place: at.clone() });
            }
            let places = (places.len() == items.len()).then_some(places);
            if places.is_some() {
                items.sort_by_key(|item| item.place);
            }
            arrays.push(at, places)?;
            let mut values = Vec::with_capacity(items.len());
            for (index, item) in items.into_iter().enumerate() {
                at.push('/');
                at.push_str(&index.to_string());
                values.push(some(item.part, at, arrays)?);
                at.truncate(length);
            }
            Ok(Value::Array(values))
        }
    }
}

/// A place is shown only together with what stands there.
fn some(
    part: Option<Part<'_>>,
    at: &mut String,
    arrays: &mut Arrays,
) -> Result<Value<'static>, Error> {
    match part {
        Some(part) => value(part, at, arrays),
        None => Err(Error::Contradiction { place: at.clone() }),
    }
}

fn leaf_value(leaf: &LeafValue<'static>) -> Value<'static> {
    match leaf {
        // A position is nowhere by itself.
        LeafValue::Null | LeafValue::Position(_) => Value::Null,
        LeafValue::Bool(value) => Value::Bool(*value),
        LeafValue::Number(number) => Value::Number(*number),
        LeafValue::String(text) => Value::String(text.clone()),
        LeafValue::EmptyArray => Value::Array(Vec::new()),
        LeafValue::EmptyObject => Value::Object(Object::new()),
    }
}

fn pointer(path: &[Segment]) -> String {
    let mut pointer = String::new();
    for segment in path {
        pointer.push('/');
        match segment {
            Segment::Member(name) => push_name(&mut pointer, name),
            Segment::Item(_) => pointer.push('-'),
        }
    }
    pointer
}

impl core::fmt::Display for Redacted {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let count = |number: u64| {
            // At most 2^24.
            u32::try_from(number).map_or(Value::Null, Value::from)
        };
        let shown = self.shown.iter().map(|leaf| {
            let mut object = Object::new();
            let path = leaf.path.iter().map(|segment| match segment {
                Segment::Member(name) => Value::from(name.clone()),
                Segment::Item(tag) => {
                    let tag = Base64UrlUnpadded::encode_string(tag.as_bytes());
                    Value::Array(alloc::vec![Value::from(tag)])
                }
            });
            object.insert("at", count(leaf.place));
            object.insert("path", Value::Array(path.collect()));
            object.insert("salt", Base64UrlUnpadded::encode_string(&leaf.salt));
            match &leaf.value {
                LeafValue::Position(place) => object.insert("position", count(*place)),
                other => object.insert("value", leaf_value(other)),
            };
            Value::Object(object)
        });
        let proof = self.proof.iter().map(|hash| Value::from(hash.to_string()));
        let mut object = Object::new();
        object.insert("leaves", count(1 << self.levels));
        object.insert("proof", Value::Array(proof.collect()));
        object.insert("shown", Value::Array(shown.collect()));
        object.insert("type", self.media_type.clone());
        object.insert("v", 1);
        f.write_str(&object.to_canonical())
    }
}

/// The deepest way to a leaf that is read.
const MAX_PATH: usize = 128;

impl core::str::FromStr for Redacted {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || {
            malformed(
                "redacted",
                "canonical JSON with leaves, proof, shown and type",
            )
        };
        let limits = Limits::default().with_max_bytes(2 * MAX_DOCUMENT);
        let value = json::parse_with(text, limits)?;
        let object = value.as_object().ok_or_else(wrong)?;
        let media_type = object.get_str("type").ok_or_else(wrong)?;
        check_media_type(media_type)?;
        let number = |value: Option<&Value<'_>>| {
            let number = value?.as_number()?.as_i64()?;
            u64::try_from(number).ok()
        };
        let leaves = number(object.get("leaves")).ok_or_else(wrong)?;
        let levels = leaves.trailing_zeros();
        if !leaves.is_power_of_two() || levels > MAX_LEVELS {
            return Err(malformed("redacted.leaves", "a power of two, 2^24 at most"));
        }
        let array = |name| object.get(name).and_then(Value::as_array);
        let mut proof = Vec::new();
        for hash in array("proof").ok_or_else(wrong)? {
            proof.push(hash.as_str().ok_or_else(wrong)?.parse()?);
        }
        let mut shown: Vec<ShownLeaf> = Vec::new();
        for leaf in array("shown").ok_or_else(wrong)? {
            let leaf = leaf.as_object().ok_or_else(wrong)?;
            let place = number(leaf.get("at")).ok_or_else(wrong)?;
            if shown.last().is_some_and(|last| last.place >= place) {
                return Err(malformed("redacted.shown", "leaves in order, each once"));
            }
            let mut salt = [0; 32];
            let salt_text = leaf.get_str("salt").ok_or_else(wrong)?;
            decode(salt_text, &mut salt).ok_or_else(wrong)?;
            let path = leaf.get("path").and_then(Value::as_array);
            let path = path.filter(|path| path.len() <= MAX_PATH);
            let path = path.ok_or_else(wrong)?.iter().map(read_segment);
            let value = match (leaf.get("value"), leaf.get("position")) {
                (Some(value), None) => read_value(value),
                (None, place @ Some(_)) => number(place).map(LeafValue::Position),
                _ => None,
            };
            shown.push(ShownLeaf {
                place,
                salt,
                path: path.collect::<Option<_>>().ok_or_else(wrong)?,
                value: value.ok_or_else(wrong)?,
            });
        }
        let read = Self {
            media_type: media_type.to_owned(),
            levels,
            shown,
            proof,
        };
        // One form; nothing beside it.
        match read.to_string() == text && !read.shown.is_empty() {
            true => Ok(read),
            false => Err(wrong()),
        }
    }
}

/// Exactly as many bytes.
fn decode(text: &str, to: &mut [u8]) -> Option<()> {
    let length = to.len();
    let decoded = Base64UrlUnpadded::decode(text, to).ok()?;
    (decoded.len() == length).then_some(())
}

fn read_segment(segment: &Value<'_>) -> Option<Segment> {
    match segment {
        Value::String(name) => Some(Segment::Member(name.clone().into_owned())),
        Value::Array(tag) => {
            let [Value::String(tag)] = tag.as_slice() else {
                return None;
            };
            let mut bytes = [0; 16];
            decode(tag, &mut bytes)?;
            Some(Segment::Item(ItemTag::from_bytes(bytes)))
        }
        _ => None,
    }
}

fn read_value(value: &Value<'_>) -> Option<LeafValue<'static>> {
    Some(match value {
        Value::Null => LeafValue::Null,
        Value::Bool(value) => LeafValue::Bool(*value),
        Value::Number(number) => LeafValue::Number(*number),
        Value::String(text) => LeafValue::String(Cow::Owned(text.clone().into_owned())),
        Value::Array(items) if items.is_empty() => LeafValue::EmptyArray,
        Value::Object(object) if object.is_empty() => LeafValue::EmptyObject,
        _ => return None,
    })
}
