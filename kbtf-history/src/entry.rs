//! What stands on a log: the types here can hold numbers, times, hashes, commitments and words of a fixed list, and nothing
//! else, so that no personal data can reach it (HIS-01, X-02).

use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::{fmt, str::FromStr};

use kbtf_did::{
    Timestamp,
    json::{self, Number, Object, Value},
};
use rand_core::TryCryptoRng;

use crate::{
    Commitment, Error, Field, Hash, QueryEntry, Reading,
    error::malformed,
    query::{read_query_entry, write_query},
};

/// The most bytes of an entry as it stands on the log.
pub const MAX_ENTRY: usize = crate::tile::MAX_ENTRY;
/// The most members, references or readings of one entry.
pub(crate) const MAX_PARTS: usize = 256;

/// The history number of a datum or item (이력번호): 128 random bits, 32 hexadecimal digits as text. It says nothing of what
/// it stands for, unless somebody makes it of something that does: [`ObjectId::from_bytes`] takes what was generated once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId([u8; 16]);

impl ObjectId {
    /// A new one.
    ///
    /// # Errors
    /// `did/randomness`.
    pub fn generate<R: TryCryptoRng + ?Sized>(random: &mut R) -> Result<Self, Error> {
        let mut bytes = [0; 16];
        random
            .try_fill_bytes(&mut bytes)
            .map_err(|_| kbtf_did::Error::Randomness)?;
        // A source that gives nothing but zeros gives no number.
        match bytes == [0; 16] {
            true => Err(kbtf_did::Error::Randomness.into()),
            false => Ok(Self(bytes)),
        }
    }

    /// The one with these bytes, which were random when it was made.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for ObjectId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let number = u128::from_str_radix(text, 16).ok();
        let id = number.map(|number| Self(number.to_be_bytes()));
        // One text for one number: no sign, no capitals, all digits.
        id.filter(|id| id.to_string() == text)
            .ok_or(malformed("object", "32 hexadecimal digits, small letters"))
    }
}

/// Why data was erased, which is all that a log says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ErasureReason {
    /// The person wanted it (Personal Information Protection Act, art. 36).
    Requested,
    /// The time for which it may be kept is over (art. 21).
    RetentionEnded,
    /// The purpose is reached (art. 21).
    PurposeReached,
    /// A court or authority has ordered it.
    Ordered,
    /// It should never have been there.
    Unlawful,
}

impl ErasureReason {
    const ALL: [Self; 5] = [
        Self::Requested,
        Self::RetentionEnded,
        Self::PurposeReached,
        Self::Ordered,
        Self::Unlawful,
    ];

    /// The word for it in an entry.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::RetentionEnded => "retentionEnded",
            Self::PurposeReached => "purposeReached",
            Self::Ordered => "ordered",
            Self::Unlawful => "unlawful",
        }
    }
}

/// An entry about the same item in another log: of another institution, on another chain (HIS-07).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// The SHA-256 of the other log's origin.
    pub log: Hash,
    /// The history number there.
    pub object: ObjectId,
    /// Which entry of that history.
    pub sequence: u32,
    /// Its hash.
    pub entry: Hash,
}

/// What has happened to an object.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// It has come to be, with these members.
    Create(BTreeMap<Field, Commitment>),
    /// These members have new values.
    Change(BTreeMap<Field, Commitment>),
    /// It is no more; what it was may still be looked up.
    Delete,
    /// Values and keys were destroyed.
    Erase {
        /// Of these members, or of all if there are none; then nothing follows any more.
        fields: BTreeSet<Field>,
        /// Why.
        reason: ErasureReason,
    },
    /// It was measured on the way (HIS-08).
    Measure(Vec<Reading>),
    /// It is told of elsewhere (HIS-07).
    Refer(Vec<Reference>),
}

impl Event {
    /// The word for its kind in an entry.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            Self::Change(_) => "change",
            Self::Delete => "delete",
            Self::Erase { .. } => "erase",
            Self::Measure(_) => "measure",
            Self::Refer(_) => "refer",
        }
    }
}

/// An entry of the history of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectEntry {
    /// Whose history it is.
    pub object: ObjectId,
    /// Its place in that history; the first is 0.
    pub sequence: u32,
    /// The hash of the entry before it in that history.
    pub previous: Option<Hash>,
    /// What has happened.
    pub event: Event,
    /// Who is responsible: a commitment to the DID URL of the key that signs ([`Attribution`](crate::Attribution)).
    pub actor: Commitment,
    /// When, by the clock of whoever wrote it, in whole seconds.
    pub time: Timestamp,
    /// By how many seconds that clock had gone backwards since the entry before; 0 if it had not.
    pub set_back: u32,
}

/// An entry of a log.
#[derive(Debug, Clone, PartialEq)]
pub enum LogEntry {
    /// Of the history of an object.
    Object(ObjectEntry),
    /// Where all histories stand: the root of the map of their last entries, over all entries before this one.
    Heads {
        /// How many entries there are before this one.
        size: u64,
        /// The root of the map ([`HeadMap`](crate::HeadMap)).
        root: Hash,
    },
    /// Where the entries about all persons stand, on a log of queries: the root of the map of their last ones, over all
    /// entries before this one. Another kind than that of histories, so that neither log can speak for the other.
    Subjects {
        /// How many entries there are before this one.
        size: u64,
        /// The root of the map.
        root: Hash,
    },
    /// Where the log of queries stands, on that of histories.
    Queries {
        /// How many entries it has.
        size: u64,
        /// Their root.
        root: Hash,
    },
    /// Where the log of histories stands, on that of queries.
    History {
        /// How many entries it has.
        size: u64,
        /// Their root.
        root: Hash,
    },
    /// That somebody has asked about a person, or what came of it.
    Query(QueryEntry),
}

impl LogEntry {
    /// Its one form: canonical JSON (RFC 8785). The hash of the entry is over these bytes.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut object = Object::new();
        object.insert("v", 1);
        match self {
            Self::Object(entry) => write_entry(&mut object, entry),
            Self::Heads { size, root } => {
                object.insert("heads", tree_head(*size, root));
            }
            Self::Subjects { size, root } => {
                object.insert("subjects", tree_head(*size, root));
            }
            Self::Queries { size, root } => {
                object.insert("queries", tree_head(*size, root));
            }
            Self::History { size, root } => {
                object.insert("history", tree_head(*size, root));
            }
            Self::Query(entry) => write_query(&mut object, entry),
        }
        object.to_canonical()
    }

    /// Reads an entry in its one form.
    ///
    /// # Errors
    /// `history/malformed` for anything else, and for more than 64 KiB.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_ENTRY {
            return Err(malformed("entry", "at most 65535 bytes"));
        }
        let value = json::parse(text).map_err(|_| malformed("entry", "JSON"))?;
        let object = value.as_object().ok_or(malformed("entry", "an object"))?;
        let read = read_entry(object)?;
        // Whatever is not written in the one form, or not read at all, comes out otherwise.
        match read.to_text() == text {
            true => Ok(read),
            false => Err(malformed(
                "entry",
                "canonical JSON with the members of an entry and no others",
            )),
        }
    }
}

fn tree_head(size: u64, root: &Hash) -> Object<'static> {
    let mut object = Object::new();
    object.insert("root", root.to_string());
    object.insert("size", number(size));
    object
}

/// A number of entries. There are never more than JSON can say.
#[expect(
    clippy::cast_precision_loss,
    reason = "below 2^53, or refused when read"
)]
pub(crate) fn number(size: u64) -> Value<'static> {
    Number::new(size as f64).map_or(Value::Null, Value::from)
}

/// A number of entries that was read.
pub(crate) fn size(value: Option<&Value<'_>>) -> Option<u64> {
    u64::try_from(value?.as_number()?.as_i64()?).ok()
}

fn write_entry(object: &mut Object<'static>, entry: &ObjectEntry) {
    object.insert("actor", entry.actor.to_string());
    object.insert("event", write_event(&entry.event));
    object.insert("object", entry.object.to_string());
    if let Some(previous) = &entry.previous {
        object.insert("previous", previous.to_string());
    }
    object.insert("sequence", entry.sequence);
    if entry.set_back > 0 {
        object.insert("setBack", entry.set_back);
    }
    object.insert("time", entry.time.to_string());
}

fn write_event(event: &Event) -> Object<'static> {
    let mut object = Object::new();
    object.insert("kind", event.kind());
    match event {
        Event::Create(fields) | Event::Change(fields) => {
            let mut all = Object::new();
            for (Field(number), commitment) in fields {
                all.insert(format!("{number}"), commitment.to_string());
            }
            object.insert("fields", all);
        }
        Event::Delete => {}
        Event::Erase { fields, reason } => {
            let fields: Vec<Value<'static>> = fields
                .iter()
                .map(|Field(number)| u32::from(*number).into())
                .collect();
            object.insert("fields", fields);
            object.insert("reason", reason.as_str());
        }
        Event::Measure(readings) => {
            let readings: Vec<Value<'static>> =
                readings.iter().map(|r| r.to_object().into()).collect();
            object.insert("readings", readings);
        }
        Event::Refer(references) => {
            let references: Vec<Value<'static>> = references
                .iter()
                .map(|reference| {
                    let mut object = Object::new();
                    object.insert("entry", reference.entry.to_string());
                    object.insert("log", reference.log.to_string());
                    object.insert("object", reference.object.to_string());
                    object.insert("sequence", reference.sequence);
                    object.into()
                })
                .collect();
            object.insert("references", references);
        }
    }
    object
}

fn read_entry(object: &Object<'_>) -> Result<LogEntry, Error> {
    let head = |name: &str| {
        let head = object.get(name)?.as_object()?;
        let size = size(head.get("size"))?;
        let root = head.get_str("root")?.parse::<Hash>().ok()?;
        Some((size, root))
    };
    if let Some((size, root)) = head("heads") {
        return Ok(LogEntry::Heads { size, root });
    }
    if let Some((size, root)) = head("subjects") {
        return Ok(LogEntry::Subjects { size, root });
    }
    if let Some((size, root)) = head("queries") {
        return Ok(LogEntry::Queries { size, root });
    }
    if let Some((size, root)) = head("history") {
        return Ok(LogEntry::History { size, root });
    }
    let text = |name: &'static str| {
        object
            .get_str(name)
            .ok_or(malformed(name, "a string that says it"))
    };
    let time: Timestamp = text("time")?
        .parse()
        .map_err(|_| malformed("time", "a time"))?;
    if Timestamp::from_unix(time.unix()) != Some(time) {
        return Err(malformed("time", "whole seconds"));
    }
    let sequence = whole(object.get("sequence"), "sequence")?;
    let previous = match object.get("previous") {
        None => None,
        Some(_) => Some(text("previous")?.parse()?),
    };
    let set_back = match object.get("setBack") {
        None => 0,
        some => whole(some, "setBack")?,
    };
    if let Some(query) = object.get("query") {
        let read = read_query_entry(object, query, sequence, previous, set_back, time)?;
        return Ok(LogEntry::Query(read));
    }
    let event = object.get("event").and_then(Value::as_object);
    Ok(LogEntry::Object(ObjectEntry {
        object: text("object")?.parse()?,
        sequence,
        previous,
        event: read_event(event.ok_or(malformed("event", "an object"))?)?,
        actor: text("actor")?.parse()?,
        time,
        set_back,
    }))
}

/// A whole number of 32 bits.
pub(crate) fn whole(value: Option<&Value<'_>>, place: &'static str) -> Result<u32, Error> {
    value
        .and_then(Value::as_number)
        .and_then(Number::as_i64)
        .and_then(|number| u32::try_from(number).ok())
        .ok_or(malformed(place, "a whole number of 32 bits"))
}

fn read_event(event: &Object<'_>) -> Result<Event, Error> {
    let list = |name: &'static str| {
        let list = event.get(name).and_then(Value::as_array);
        list.filter(|list| list.len() <= MAX_PARTS)
            .ok_or(malformed("event", "a list of at most 256"))
    };
    match event.get_str("kind").unwrap_or_default() {
        "create" => Ok(Event::Create(read_fields(event)?)),
        "change" => Ok(Event::Change(read_fields(event)?)),
        "delete" => Ok(Event::Delete),
        "erase" => {
            let reason = event.get_str("reason");
            let reason = ErasureReason::ALL
                .into_iter()
                .find(|known| Some(known.as_str()) == reason);
            let fields = list("fields")?.iter().map(|field| {
                let number = whole(Some(field), "event.fields")?;
                let number = u16::try_from(number);
                number
                    .map(Field)
                    .map_err(|_| malformed("event.fields", "numbers of 16 bits"))
            });
            Ok(Event::Erase {
                fields: fields.collect::<Result<_, _>>()?,
                reason: reason.ok_or(malformed("event.reason", "a reason for erasure"))?,
            })
        }
        "measure" => {
            let readings = list("readings")?.iter().map(Reading::read);
            Ok(Event::Measure(readings.collect::<Result<_, _>>()?))
        }
        "refer" => {
            let references = list("references")?.iter().map(|reference| {
                let reference = reference
                    .as_object()
                    .ok_or(malformed("event.references", "objects"))?;
                let text = |name: &'static str| {
                    let text = reference.get_str(name);
                    text.ok_or(malformed(
                        "event.references",
                        "log, object, sequence, entry",
                    ))
                };
                Ok(Reference {
                    log: text("log")?.parse()?,
                    object: text("object")?.parse()?,
                    sequence: whole(reference.get("sequence"), "event.references.sequence")?,
                    entry: text("entry")?.parse()?,
                })
            });
            Ok(Event::Refer(references.collect::<Result<_, Error>>()?))
        }
        _ => Err(malformed(
            "event.kind",
            "create, change, delete, erase, measure or refer",
        )),
    }
}

fn read_fields(event: &Object<'_>) -> Result<BTreeMap<Field, Commitment>, Error> {
    let fields = event.get("fields").and_then(Value::as_object);
    let fields = fields
        .filter(|fields| fields.len() <= MAX_PARTS)
        .ok_or(malformed("event.fields", "at most 256 members"))?;
    let mut read = BTreeMap::new();
    for (name, commitment) in fields.iter() {
        let number = name.parse::<u16>();
        let field = number.map_err(|_| malformed("event.fields", "numbers of 16 bits as names"))?;
        let commitment = commitment
            .as_str()
            .ok_or(malformed("event.fields", "commitments"))?;
        read.insert(Field(field), commitment.parse()?);
    }
    Ok(read)
}
