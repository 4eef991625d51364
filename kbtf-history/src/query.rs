//! Who has asked about whom (HIS-03): entries of the log of queries, a second log with a key of its own.

use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
};

use kbtf_did::{
    CryptoProvider, Timestamp,
    json::{Object, Value},
};

use crate::{
    Commitment, CommitmentKey, Error, Hash, HistoryFault, ObjectId, Pseudonym, Purpose,
    commitment::QueryPart, entry::whole, error::malformed,
};

/// The longest for which a question may be hidden, in seconds: 10 years.
const MAX_HIDDEN: i64 = 10 * 366 * 86_400;

/// By what right somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LegalBasis {
    /// The person has agreed (Personal Information Protection Act, art. 15(1) no. 1).
    Consent,
    /// A law says so, or a duty under one (no. 2).
    Law,
    /// A public institution does what it is there for (no. 3).
    PublicTask,
    /// A contract with the person (no. 4).
    Contract,
    /// Life, body or property in danger (no. 5).
    VitalInterest,
    /// A legitimate interest that clearly outweighs (no. 6).
    LegitimateInterest,
    /// An investigation or a trial (art. 18(2) nos. 7, 8).
    Investigation,
}

impl LegalBasis {
    const ALL: [Self; 7] = [
        Self::Consent,
        Self::Law,
        Self::PublicTask,
        Self::Contract,
        Self::VitalInterest,
        Self::LegitimateInterest,
        Self::Investigation,
    ];

    /// The word for it in an entry.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Law => "law",
            Self::PublicTask => "publicTask",
            Self::Contract => "contract",
            Self::VitalInterest => "vitalInterest",
            Self::LegitimateInterest => "legitimateInterest",
            Self::Investigation => "investigation",
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asked {
    /// A record: a commitment to which, and to how long its log was ([`Asked::record`]). In the clear it would tell everybody
    /// for ever which objects are one person's.
    Record(Commitment),
    /// Who has asked about this person: reading the log of queries is a query too.
    Queries,
}

impl Asked {
    /// For the record of an object, its history as it stood at so many entries; in the question about a person that has this
    /// number. The key is kept with the record and destroyed with it.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn record(
        object: ObjectId,
        history_size: u64,
        (subject, sequence): (ObjectId, u32),
        key: &CommitmentKey,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, Error> {
        let mut value = object.as_bytes().to_vec();
        value.extend(history_size.to_be_bytes());
        key.commit_part(QueryPart::Record, subject, sequence, &value, provider)
            .map(Self::Record)
    }
}

/// A question: who asks what, to what end and by what right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query {
    /// Who asks: a commitment ([`Actor::commit`](crate::Actor::commit)), shown by an [`Attribution`](crate::Attribution).
    pub actor: Commitment,
    /// What.
    pub asked: Asked,
    /// To what end, by the institution's own numbers.
    pub purpose: Purpose,
    /// By what right.
    pub basis: LegalBasis,
}

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It was answered, with so many records.
    Served {
        /// How many.
        records: u32,
    },
    /// It was refused.
    Denied,
    /// Something went wrong before an answer.
    Failed,
}

/// An entry about one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueryEvent {
    /// Somebody is about to be answered.
    Intent(Query),
    /// The same, its content kept from the person until then, by whose order is committed to. That there was a query is not
    /// hidden: it has its number like all others.
    Hidden {
        /// Until when.
        until: Timestamp,
        /// By whose order.
        authority: Commitment,
        /// To what, the [`Query`] as [`Query::to_text`] writes it.
        query: Commitment,
    },
    /// What came of the question with this number.
    Outcome {
        /// The number of its intent.
        intent: u32,
        /// What came of it.
        outcome: Outcome,
    },
}

/// An entry of the log of queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryEntry {
    /// About whom: the first half of a pseudonym.
    pub subject: ObjectId,
    /// Its place among the entries about this person; the first is 0.
    pub sequence: u32,
    /// The hash of the entry before it among them.
    pub previous: Option<Hash>,
    /// What has happened.
    pub event: QueryEvent,
    /// When, in whole seconds.
    pub time: Timestamp,
    /// By how many seconds the clock had gone backwards since the entry before.
    pub set_back: u32,
}

impl From<Pseudonym> for ObjectId {
    /// The number under which entries about a person stand: the first 128 bits of his pseudonym.
    fn from(pseudonym: Pseudonym) -> Self {
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(pseudonym.as_bytes()) {
            *to = *from;
        }
        Self::from_bytes(bytes)
    }
}

impl Query {
    /// Its one form, for a commitment to it.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut object = Object::new();
        self.write(&mut object);
        object.to_canonical()
    }

    /// The commitment to all of it, for the question about a person that has this number, where it is to be hidden.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn commit(
        &self,
        subject: ObjectId,
        sequence: u32,
        key: &CommitmentKey,
        provider: &dyn CryptoProvider,
    ) -> Result<Commitment, Error> {
        let text = self.to_text();
        key.commit_part(
            QueryPart::Query,
            subject,
            sequence,
            text.as_bytes(),
            provider,
        )
    }

    fn write(&self, object: &mut Object<'static>) {
        object.insert("actor", self.actor.to_string());
        object.insert("basis", self.basis.as_str());
        object.insert("purpose", u32::from(self.purpose.0));
        if let Asked::Record(record) = self.asked {
            object.insert("record", record.to_string());
        }
    }

    fn read(object: &Object<'_>) -> Result<Self, Error> {
        let wrong = malformed("query", "actor, basis, purpose, and what is asked for");
        let text = |name: &str| object.get_str(name).ok_or(wrong.clone());
        let basis = text("basis")?;
        let basis = LegalBasis::ALL
            .into_iter()
            .find(|known| known.as_str() == basis);
        let purpose = u16::try_from(whole(object.get("purpose"), "query.purpose")?);
        let asked = match object.get("record") {
            None => Asked::Queries,
            Some(_) => Asked::Record(text("record")?.parse()?),
        };
        Ok(Self {
            actor: text("actor")?.parse()?,
            asked,
            purpose: Purpose(purpose.map_err(|_| wrong.clone())?),
            basis: basis.ok_or(wrong)?,
        })
    }
}

impl QueryEntry {
    /// Shows what was hidden: whether this question, and this authority's order, are what the entry holds.
    ///
    /// # Errors
    /// `history/root-mismatch` if they are not, or nothing was hidden; `did/provider`.
    pub fn open_hidden(
        &self,
        question: (&Query, &CommitmentKey),
        order: (&str, &CommitmentKey),
        provider: &dyn CryptoProvider,
    ) -> Result<OpenedQuery, Error> {
        let other = Error::RootMismatch {
            place: "hidden question",
        };
        let QueryEvent::Hidden {
            authority, query, ..
        } = &self.event
        else {
            return Err(other);
        };
        let (subject, sequence) = (self.subject, self.sequence);
        let asked = question.0.commit(subject, sequence, question.1, provider)?;
        let ordered = commit_authority(order.0, (subject, sequence), order.1, provider)?;
        match asked == *query && ordered == *authority {
            true => Ok(OpenedQuery {
                entry: *self,
                query: *question.0,
            }),
            false => Err(other),
        }
    }
}

/// A hidden question with what it was shown to hide: only [`QueryEntry::open_hidden`] makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenedQuery {
    entry: QueryEntry,
    query: Query,
}

impl OpenedQuery {
    /// The entry.
    #[must_use]
    pub const fn entry(&self) -> &QueryEntry {
        &self.entry
    }

    /// What it hides.
    #[must_use]
    pub const fn query(&self) -> &Query {
        &self.query
    }
}

/// The commitment to by whose order a question about a person, the one with this number, is hidden: such as the DID of a
/// court.
///
/// # Errors
/// `did/provider`.
pub fn commit_authority(
    authority: &str,
    (subject, sequence): (ObjectId, u32),
    key: &CommitmentKey,
    provider: &dyn CryptoProvider,
) -> Result<Commitment, Error> {
    let value = authority.as_bytes();
    key.commit_part(QueryPart::Authority, subject, sequence, value, provider)
}

pub(crate) fn write_query(object: &mut Object<'static>, entry: &QueryEntry) {
    let mut event = Object::new();
    match &entry.event {
        QueryEvent::Intent(query) => {
            event.insert("kind", "intent");
            query.write(&mut event);
        }
        QueryEvent::Hidden {
            until,
            authority,
            query,
        } => {
            event.insert("kind", "hidden");
            event.insert("authority", authority.to_string());
            event.insert("query", query.to_string());
            event.insert("until", until.to_string());
        }
        QueryEvent::Outcome { intent, outcome } => {
            event.insert("kind", "outcome");
            event.insert("intent", *intent);
            match outcome {
                Outcome::Served { records } => {
                    event.insert("outcome", "served");
                    event.insert("records", *records);
                }
                Outcome::Denied => {
                    event.insert("outcome", "denied");
                }
                Outcome::Failed => {
                    event.insert("outcome", "failed");
                }
            }
        }
    }
    object.insert("query", event);
    if let Some(previous) = &entry.previous {
        object.insert("previous", previous.to_string());
    }
    object.insert("sequence", entry.sequence);
    if entry.set_back > 0 {
        object.insert("setBack", entry.set_back);
    }
    object.insert("subject", entry.subject.to_string());
    object.insert("time", entry.time.to_string());
}

pub(crate) fn read_query(event: &Object<'_>) -> Result<QueryEvent, Error> {
    let wrong = malformed("query", "an intent, one that is hidden, or an outcome");
    let text = |name: &str| event.get_str(name).ok_or(wrong.clone());
    match text("kind")? {
        "intent" => Ok(QueryEvent::Intent(Query::read(event)?)),
        "hidden" => Ok(QueryEvent::Hidden {
            until: text("until")?
                .parse()
                .ok()
                .filter(|until: &Timestamp| Timestamp::from_unix(until.unix()) == Some(*until))
                .ok_or(wrong.clone())?,
            authority: text("authority")?.parse()?,
            query: text("query")?.parse()?,
        }),
        "outcome" => Ok(QueryEvent::Outcome {
            intent: whole(event.get("intent"), "query.intent")?,
            outcome: match text("outcome")? {
                "served" => Outcome::Served {
                    records: whole(event.get("records"), "query.records")?,
                },
                "denied" => Outcome::Denied,
                "failed" => Outcome::Failed,
                _ => return Err(wrong),
            },
        }),
        _ => Err(wrong),
    }
}

/// What the entries about one person come to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubjectState {
    last: Option<(u32, Hash, Timestamp)>,
    /// Questions of which nothing is said yet, and since when.
    open: BTreeMap<u32, Timestamp>,
    queries: u32,
}

impl SubjectState {
    /// How often somebody has asked, hidden or not.
    #[must_use]
    pub const fn queries(&self) -> u32 {
        self.queries
    }

    /// The numbers of the questions of which nothing is said yet, and since when: somebody was answered, or was not, and
    /// the log does not say.
    #[must_use]
    pub const fn open(&self) -> &BTreeMap<u32, Timestamp> {
        &self.open
    }

    /// The number and hash of the last entry.
    #[must_use]
    pub fn head(&self) -> Option<(u32, Hash)> {
        self.last.map(|(sequence, hash, _)| (sequence, hash))
    }

    /// The next entry about this person.
    #[must_use]
    pub fn next(&self, subject: ObjectId, event: QueryEvent, now: Timestamp) -> QueryEntry {
        let time = Timestamp::from_unix(now.unix()).unwrap_or(now);
        QueryEntry {
            subject,
            sequence: self.last.map_or(0, |(last, ..)| last.saturating_add(1)),
            previous: self.last.map(|(_, hash, _)| hash),
            event,
            time,
            set_back: self.set_back(time),
        }
    }

    fn set_back(&self, now: Timestamp) -> u32 {
        let before = self.last.map_or(now.unix(), |(.., time)| time.unix());
        u32::try_from(before.saturating_sub(now.unix()).max(0)).unwrap_or(u32::MAX)
    }

    /// Whether an entry follows.
    ///
    /// # Errors
    /// The [`HistoryFault`] by which it does not.
    pub fn check(&self, entry: &QueryEntry) -> Result<(), HistoryFault> {
        let expected = match self.last {
            None => Some(0),
            Some((last, ..)) => last.checked_add(1),
        };
        if Some(entry.sequence) != expected {
            return Err(HistoryFault::NotNext);
        }
        if entry.previous != self.last.map(|(_, hash, _)| hash) {
            return Err(HistoryFault::Fork);
        }
        if entry.set_back != self.set_back(entry.time) {
            return Err(HistoryFault::ClockHidden);
        }
        match entry.event {
            QueryEvent::Outcome { intent, .. } if !self.open.contains_key(&intent) => {
                Err(HistoryFault::NoSuchIntent)
            }
            QueryEvent::Hidden { until, .. } => {
                let last = entry.time.saturating_add_seconds(MAX_HIDDEN);
                let whole = Timestamp::from_unix(until.unix()) == Some(until);
                match whole && until > entry.time && until <= last {
                    true => Ok(()),
                    false => Err(HistoryFault::HiddenSpan),
                }
            }
            _ => Ok(()),
        }
    }

    /// Takes an entry that was checked.
    pub(crate) fn take(&mut self, entry: &QueryEntry, hash: Hash) {
        self.last = Some((entry.sequence, hash, entry.time));
        match entry.event {
            QueryEvent::Intent(_) | QueryEvent::Hidden { .. } => {
                self.queries = self.queries.saturating_add(1);
                self.open.insert(entry.sequence, entry.time);
            }
            QueryEvent::Outcome { intent, .. } => {
                self.open.remove(&intent);
            }
        }
    }
}

/// The members of an object that is an entry about a person.
pub(crate) fn read_query_entry(
    object: &Object<'_>,
    event: &Value<'_>,
    sequence: u32,
    previous: Option<Hash>,
    set_back: u32,
    time: Timestamp,
) -> Result<QueryEntry, Error> {
    let subject = object.get_str("subject");
    let event = event.as_object().ok_or(malformed("query", "an object"))?;
    Ok(QueryEntry {
        subject: subject.ok_or(malformed("subject", "a string"))?.parse()?,
        sequence,
        previous,
        event: read_query(event)?,
        time,
        set_back,
    })
}
