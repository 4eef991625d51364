//! Evidence in one file, which somebody can verify in ten years without asking anybody.

use alloc::{
    borrow::ToOwned,
    boxed::Box,
    collections::BTreeMap,
    string::{String, ToString},
    vec::Vec,
};

use core::cell::{Cell, RefCell};

use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use kbtf_did::{
    CryptoProvider, Did, DidDocument, KeyMethods, Representation, ResolutionOptions,
    ResolvedDocument, Timestamp,
    did_kbtf::{History, LedgerEntry, OperationHash},
    json::{self, Limits, Object, Value},
};
use kbtf_history::{Commitment, CompleteHistory, Hash, InclusionProof};
use zeroize::Zeroizing;

use crate::{
    BatchProof, ByteDigest, Checked, Document, DocumentKey, Error, Header, IssuerDocuments, Policy,
    Presented, RecordEvidence, Redacted, StatusFault, Verdict, error::malformed, verify,
    verify::CLOCKS,
};

/// The longest bundle that is read, in bytes.
const MAX_BUNDLE: usize = 128 << 20;
/// The most issuers whose documents go with a bundle, and time stamps.
const MAX_PARTS: usize = 64;
/// The most entries of a record, and operations of an issuer.
const MAX_ENTRIES: usize = 8192;
const MAX_OPERATIONS: usize = 1024;

/// How the bytes of a document are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// As JSON ([`Document::from_json`]).
    Json,
    /// As a table ([`Document::from_csv`]).
    Table(Header),
    /// As XML ([`Document::from_xml`]).
    Xml,
    /// As bytes ([`ByteDigest`]).
    Bytes,
}

impl Content {
    const ALL: [Self; 5] = [
        Self::Json,
        Self::Table(Header::Named),
        Self::Table(Header::None),
        Self::Xml,
        Self::Bytes,
    ];

    /// The one with this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }

    /// Reads bytes in this way and commits to what they are.
    pub(crate) fn commit(
        self,
        media_type: &str,
        bytes: &[u8],
        key: &DocumentKey,
        provider: &dyn CryptoProvider,
    ) -> Result<Commitment, Error> {
        match self {
            Self::Json => Document::from_json(media_type, bytes)?.commit(key, provider),
            Self::Table(header) => {
                let table = Document::from_csv(bytes, header)?;
                match table.media_type() == media_type {
                    true => table.commit(key, provider),
                    false => Err(malformed("media type", "text/csv for a table")),
                }
            }
            Self::Xml => Document::from_xml(media_type, bytes)?.commit(key, provider),
            Self::Bytes => {
                let mut digest = ByteDigest::new(media_type, key, provider)?;
                digest.update(bytes)?;
                digest.commit()
            }
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Table(Header::Named) => "table",
            Self::Table(Header::None) => "table-without-header",
            Self::Xml => "xml",
            Self::Bytes => "bytes",
        }
    }
}

/// The document of a bundle.
#[derive(Clone)]
#[non_exhaustive]
pub enum Exhibit {
    /// All of it, with its key.
    Whole {
        /// Its media type.
        media_type: String,
        /// How its bytes are read.
        content: Content,
        /// Its bytes.
        bytes: Vec<u8>,
        /// Its key.
        key: Zeroizing<[u8; 32]>,
    },
    /// Some of it.
    Redacted(Box<Redacted>),
}

/// Says nothing of what it holds.
impl core::fmt::Debug for Exhibit {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Exhibit").finish_non_exhaustive()
    }
}

/// What is known of an issuer, to go with a bundle.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum IssuerEvidence {
    /// The operations of a `did:kbtf`, as its ledger has them. They prove themselves from the first on, but not that the last is the
    /// last, nor their times: a bundle may leave out that a key was revoked. What was signed before is taken because the log of
    /// the register has it, which takes nothing with a revoked key; without that log, or [knowing](BundleTrust::operations) the last
    /// operation, the issuer stays unproved.
    Operations(Did, Vec<LedgerEntry>),
    /// A document of a DID of another method. It proves nothing by itself: whoever checks must know its hash
    /// ([`BundleTrust::document`]).
    Document(Box<DidDocument>),
}

/// Documents of issuers that whoever checks a bundle vouches for: by the SHA-256 of their canonical form.
#[derive(Debug, Clone, Default)]
pub struct BundleTrust {
    documents: Vec<[u8; 32]>,
    operations: Vec<OperationHash>,
    #[cfg(feature = "time-stamp")]
    time_stamps: kbtf_history::time_stamp::TimeStampTrust,
}

impl BundleTrust {
    /// Nothing but what proves itself.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With a document, by the SHA-256 of its canonical JSON.
    #[must_use]
    pub fn document(mut self, sha256: [u8; 32]) -> Self {
        self.documents.push(sha256);
        self
    }

    /// With all operations of a `did:kbtf` up to this last one, by its hash.
    #[must_use]
    pub fn operations(mut self, last: OperationHash) -> Self {
        self.operations.push(last);
        self
    }

    /// With authorities whose time stamps count.
    #[cfg(feature = "time-stamp")]
    #[must_use]
    pub fn time_stamps(mut self, trust: kbtf_history::time_stamp::TimeStampTrust) -> Self {
        self.time_stamps = trust;
        self
    }
}

/// A document and all that shows that it was issued (AUT-03; media type `application/kbtf-evidence+json`): the entries of its record
/// with the proof that they were all at a checkpoint, what is known of the issuer, and time stamps.
///
/// What stands in it says nothing by itself: whoever checks brings the [`Policy`], which names the issuers, the keys of the log
/// and its witnesses, and the [`BundleTrust`]. Those he should keep as long as he may have to check.
#[derive(Debug, Clone)]
pub struct Bundle {
    exhibit: Exhibit,
    batch: Option<BatchProof>,
    record: RecordEvidence,
    issuers: Vec<IssuerEvidence>,
    time_stamps: Vec<Vec<u8>>,
}

impl Bundle {
    /// A document and what its register says of it.
    #[must_use]
    pub const fn new(exhibit: Exhibit, record: RecordEvidence) -> Self {
        Self {
            exhibit,
            batch: None,
            record,
            issuers: Vec::new(),
            time_stamps: Vec::new(),
        }
    }

    /// One of a batch.
    #[must_use]
    pub fn in_batch(mut self, proof: BatchProof) -> Self {
        self.batch = Some(proof);
        self
    }

    /// With what is known of an issuer.
    #[must_use]
    pub fn issuer(mut self, issuer: IssuerEvidence) -> Self {
        self.issuers.push(issuer);
        self
    }

    /// With a time stamp (RFC 3161) over [`Bundle::stamped`], as DER. A later one covers the earlier ones, and is to be had before the
    /// algorithm or certificate of those wears out. Each is verified as of its own time: that it was renewed in time is for the
    /// spans in which whoever checks trusts an authority to see to.
    #[must_use]
    pub fn time_stamp(mut self, token: Vec<u8>) -> Self {
        self.time_stamps.push(token);
        self
    }

    /// The document.
    #[must_use]
    pub const fn exhibit(&self) -> &Exhibit {
        &self.exhibit
    }

    /// What the register says.
    #[must_use]
    pub const fn record(&self) -> &RecordEvidence {
        &self.record
    }

    /// The SHA-256 that the next time stamp is over: `kbtf/evidence/v1`, a line feed, all but the time stamps in canonical
    /// JSON, and each time stamp so far with its length in 8 bytes before it.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn stamped(&self, provider: &dyn CryptoProvider) -> Result<[u8; 32], Error> {
        let text = self.to_object().to_canonical_without(&["timeStamps"]);
        stamped_over(&text, &self.time_stamps, provider)
    }

    /// Checks the bundle at a time.
    #[must_use]
    pub fn verify(
        &self,
        policy: &Policy,
        trust: &BundleTrust,
        at: Timestamp,
        provider: &dyn CryptoProvider,
    ) -> Checked {
        let documents = Bundled::new(&self.issuers, trust, provider);
        let commitment = self.exhibit.commitment(provider);
        let mut presented = match (&self.exhibit, &commitment) {
            (Exhibit::Redacted(redacted), _) => Presented::redacted(redacted),
            (_, Ok(commitment)) => Presented::whole(*commitment),
            // Of no document, whatever it is.
            (_, Err(_)) => Presented::whole(Commitment::from_bytes([0; 32])),
        };
        if let Some(batch) = &self.batch {
            presented = presented.in_batch(batch);
        }
        let mut checked = verify(&presented, &self.record, policy, &documents, at, provider);
        if let Err(error) = commitment {
            checked.integrity = Verdict::from(Err(error));
            checked.status = Verdict::Skipped;
            checked.version = None;
        }
        // Which keys the issuer had then is known by the log that took the entry, or by whoever checks.
        let is_logged = matches!(self.record, RecordEvidence::Proved(_)) && checked.as_of.is_some();
        let is_unproved = documents.used_unproved.get() && !is_logged;
        if is_unproved && checked.issuer == Verdict::Valid {
            checked.issuer = Verdict::Error(Error::Status {
                fault: StatusFault::IssuerUnproved,
            });
        }
        self.verify_time_stamps(trust, at, &mut checked, provider);
        checked
    }

    #[cfg(feature = "time-stamp")]
    fn verify_time_stamps(
        &self,
        trust: &BundleTrust,
        at: Timestamp,
        checked: &mut Checked,
        provider: &dyn CryptoProvider,
    ) {
        use kbtf_history::time_stamp::{Stamped, TimeStampToken};
        let (mut first, mut last): (Option<Timestamp>, Option<Timestamp>) = (None, None);
        if self.time_stamps.is_empty() {
            return;
        }
        let text = self.to_object().to_canonical_without(&["timeStamps"]);
        for (before, der) in self.time_stamps.iter().enumerate() {
            let earlier = self.time_stamps.get(..before).unwrap_or_default();
            let stamp = stamped_over(&text, earlier, provider).and_then(|digest| {
                let token = TimeStampToken::from_der(der)?;
                let stamped = Stamped::Sha256(&digest);
                Ok(token.verify(stamped, None, &trust.time_stamps, provider)?)
            });
            match stamp {
                Ok(stamp) if Self::is_in_order(&stamp, last, checked, at) => {
                    first.get_or_insert(stamp.time);
                    last = Some(stamp.time);
                }
                Ok(_) => {
                    checked.time_stamps = Verdict::Invalid(malformed(
                        "timeStamps",
                        "times in their order, after what is stamped and before now",
                    ));
                    return;
                }
                Err(error) => {
                    checked.time_stamps = Verdict::from(Err(error));
                    return;
                }
            }
        }
        if first.is_some() {
            checked.existed_by = first;
            checked.time_stamps = Verdict::Valid;
        }
    }

    /// After the one before it and all that it stamps, and not after now.
    #[cfg(feature = "time-stamp")]
    fn is_in_order(
        stamp: &kbtf_history::time_stamp::TimeStamp,
        last: Option<Timestamp>,
        checked: &Checked,
        at: Timestamp,
    ) -> bool {
        let latest = stamp.time.saturating_add_seconds(CLOCKS);
        let updated = checked
            .record
            .as_ref()
            .map(crate::register::Record::updated);
        last.is_none_or(|last| last <= stamp.time)
            && stamp.time <= at.saturating_add_seconds(CLOCKS)
            && updated.is_none_or(|updated| updated <= latest)
    }

    /// A build that cannot verify time stamps does not say that they hold.
    #[cfg(not(feature = "time-stamp"))]
    fn verify_time_stamps(
        &self,
        _: &BundleTrust,
        _: Timestamp,
        checked: &mut Checked,
        _: &dyn CryptoProvider,
    ) {
        if !self.time_stamps.is_empty() {
            checked.time_stamps = Verdict::Error(malformed(
                "timeStamps",
                "a build with the feature time-stamp",
            ));
        }
    }

    /// As text: canonical JSON.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.to_object().to_canonical()
    }

    fn to_object(&self) -> Object<'static> {
        let mut object = Object::new();
        if let Some(BatchProof(proof)) = &self.batch {
            let mut batch = Object::new();
            let path: Vec<Value<'static>> = proof
                .path
                .iter()
                .map(|hash| Value::from(hash.to_string()))
                .collect();
            batch.insert("path", path);
            batch.insert("place", proof.index.to_string());
            batch.insert("size", proof.tree_size.to_string());
            object.insert("batch", batch);
        }
        object.insert("document", self.exhibit.to_object());
        let issuers: Vec<Value<'static>> = self.issuers.iter().map(issuer_to_value).collect();
        object.insert("issuers", issuers);
        match &self.record {
            RecordEvidence::Proved(proved) => {
                object.insert("record", proved.to_text());
            }
            // That somebody was asked at a time is not evidence.
            RecordEvidence::Entries(entries) | RecordEvidence::Live { entries, .. } => {
                let entries: Vec<Value<'static>> = entries
                    .iter()
                    .map(|text| Value::from(text.clone()))
                    .collect();
                object.insert("entries", entries);
            }
        }
        let stamps: Vec<Value<'static>> = self
            .time_stamps
            .iter()
            .map(|token| Value::from(Base64::encode_string(token)))
            .collect();
        object.insert("timeStamps", stamps);
        object.insert("v", 1);
        object
    }

    /// Reads a bundle in its one form, of at most 128 MiB.
    ///
    /// # Errors
    /// `authenticity/malformed`; `json/…`; `did/…`, `history/…` for what is in it.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let limits = Limits::default().with_max_bytes(MAX_BUNDLE);
        let value = json::parse_with(text, limits)?;
        let object = value.as_object().ok_or(malformed("bundle", "an object"))?;
        let list = |name: &'static str| {
            let list = object.get(name).and_then(Value::as_array);
            list.filter(|list| list.len() <= MAX_PARTS)
                .ok_or(malformed(name, "a list of at most 64"))
        };
        let record = match object.get("entries") {
            None => {
                let proved = CompleteHistory::parse(string(object, "record")?)?;
                if proved.entries().len() > MAX_ENTRIES {
                    return Err(malformed("record", "at most 8192 entries"));
                }
                RecordEvidence::Proved(Box::new(proved))
            }
            Some(entries) => {
                let entries = entries.as_array();
                let entries = entries.filter(|entries| entries.len() <= MAX_ENTRIES);
                let entries = entries.ok_or(malformed("entries", "at most 8192"))?.iter();
                let texts = entries.map(|text| text.as_str().map(ToOwned::to_owned));
                let texts: Option<Vec<String>> = texts.collect();
                RecordEvidence::Entries(texts.ok_or(malformed("entries", "texts"))?)
            }
        };
        let batch = match object.get("batch") {
            None => None,
            Some(batch) => Some(read_batch(
                batch.as_object().ok_or(malformed("batch", "an object"))?,
            )?),
        };
        let document = object.get("document").and_then(Value::as_object);
        let issuers = list("issuers")?.iter().map(read_issuer);
        let stamps = list("timeStamps")?.iter().map(|token| {
            let token = token
                .as_str()
                .and_then(|token| Base64::decode_vec(token).ok());
            token.ok_or(malformed("timeStamps", "DER in base64"))
        });
        let read = Self {
            exhibit: Exhibit::of(document.ok_or(malformed("document", "an object"))?)?,
            batch,
            record,
            issuers: issuers.collect::<Result<_, _>>()?,
            time_stamps: stamps.collect::<Result<_, _>>()?,
        };
        match read.to_text() == text {
            true => Ok(read),
            false => Err(malformed(
                "bundle",
                "canonical JSON with the members of a bundle and no others",
            )),
        }
    }
}

/// What a time stamp is over, given all but the time stamps and those before it.
fn stamped_over(
    text: &str,
    earlier: &[Vec<u8>],
    provider: &dyn CryptoProvider,
) -> Result<[u8; 32], Error> {
    let tokens: Vec<(&[u8], [u8; 8])> = earlier
        .iter()
        .map(|token| (token.as_slice(), (token.len() as u64).to_be_bytes()))
        .collect();
    let mut parts: Vec<&[u8]> = Vec::from([&b"kbtf/evidence/v1\n"[..], text.as_bytes()]);
    for (token, length) in &tokens {
        parts.push(length);
        parts.push(token);
    }
    Ok(provider.sha256_parts(&parts)?)
}

impl Exhibit {
    fn commitment(&self, provider: &dyn CryptoProvider) -> Result<Commitment, Error> {
        let (media_type, content, bytes, key) = match self {
            Self::Redacted(redacted) => return redacted.commitment(provider),
            Self::Whole {
                media_type,
                content,
                bytes,
                key,
            } => (media_type, content, bytes, DocumentKey::from_bytes(**key)),
        };
        content.commit(media_type, bytes, &key, provider)
    }

    fn to_object(&self) -> Object<'static> {
        let mut object = Object::new();
        match self {
            Self::Redacted(redacted) => {
                object.insert("redacted", redacted.to_string());
            }
            Self::Whole {
                media_type,
                content,
                bytes,
                key,
            } => {
                object.insert("bytes", Base64::encode_string(bytes));
                object.insert("content", content.as_str());
                object.insert("key", Base64UrlUnpadded::encode_string(&**key));
                object.insert("mediaType", media_type.clone());
            }
        }
        object
    }

    fn of(object: &Object<'_>) -> Result<Self, Error> {
        if object.contains("redacted") {
            let redacted = string(object, "redacted")?.parse()?;
            return Ok(Self::Redacted(Box::new(redacted)));
        }
        let content = Content::from_name(string(object, "content")?);
        let mut key = Zeroizing::new([0; 32]);
        let length = Base64UrlUnpadded::decode(string(object, "key")?, key.as_mut())
            .map(<[u8]>::len)
            .ok();
        if length != Some(32) {
            return Err(malformed("document.key", "32 bytes in base64url"));
        }
        let bytes = Base64::decode_vec(string(object, "bytes")?)
            .map_err(|_| malformed("document.bytes", "base64 with padding"))?;
        Ok(Self::Whole {
            media_type: string(object, "mediaType")?.to_owned(),
            content: content.ok_or(malformed(
                "document.content",
                "json, table, table-without-header, xml or bytes",
            ))?,
            bytes,
            key,
        })
    }
}

fn string<'o>(object: &'o Object<'_>, name: &'static str) -> Result<&'o str, Error> {
    object.get_str(name).ok_or(malformed(name, "a string"))
}

fn read_batch(object: &Object<'_>) -> Result<BatchProof, Error> {
    let number = |name: &'static str| {
        let number = string(object, name)?.parse::<u64>();
        number.map_err(|_| malformed("batch", "whole numbers"))
    };
    let path = object.get("path").and_then(Value::as_array);
    let path = path.filter(|path| path.len() <= 64);
    let path: Option<Vec<Hash>> = path.and_then(|path| {
        let hashes = path.iter().map(|hash| hash.as_str()?.parse().ok());
        hashes.collect()
    });
    Ok(BatchProof(InclusionProof {
        index: number("place")?,
        tree_size: number("size")?,
        path: path.ok_or(malformed("batch.path", "at most 64 hashes"))?,
    }))
}

fn issuer_to_value(issuer: &IssuerEvidence) -> Value<'static> {
    let mut object = Object::new();
    match issuer {
        IssuerEvidence::Operations(did, entries) => {
            object.insert("did", did.as_str().to_owned());
            let entries: Vec<Value<'static>> = entries
                .iter()
                .map(|entry| {
                    let mut object = Object::new();
                    object.insert("operation", entry.operation().to_owned());
                    object.insert("time", entry.time().to_string());
                    object.into()
                })
                .collect();
            object.insert("operations", entries);
        }
        IssuerEvidence::Document(document) => {
            object.insert("document", canonical(document));
        }
    }
    object.into()
}

/// The canonical JSON of a document, which its hash is of.
fn canonical(document: &DidDocument) -> String {
    document.to_object(Representation::Json).to_canonical()
}

fn read_issuer(value: &Value<'_>) -> Result<IssuerEvidence, Error> {
    let object = value.as_object().ok_or(malformed("issuers", "objects"))?;
    if object.contains("document") {
        let document = DidDocument::parse(string(object, "document")?)?;
        return Ok(IssuerEvidence::Document(Box::new(document)));
    }
    let entries = object.get("operations").and_then(Value::as_array);
    let entries = entries.filter(|entries| entries.len() <= MAX_OPERATIONS);
    let entries = entries.ok_or(malformed(
        "issuers",
        "at most 1024 operations, or a document",
    ))?;
    let entries = entries.iter().map(|entry| {
        let entry = entry
            .as_object()
            .ok_or(malformed("issuers.operations", "objects"))?;
        let time = string(entry, "time")?.parse()?;
        Ok(LedgerEntry::new(time, string(entry, "operation")?.into()))
    });
    Ok(IssuerEvidence::Operations(
        Did::parse(string(object, "did")?)?,
        entries.collect::<Result<_, Error>>()?,
    ))
}

/// The documents that a bundle has, as far as they prove themselves or are vouched for. Each is looked into once, however many
/// entries are of one issuer.
struct Bundled<'b> {
    known: Vec<(&'b Did, Known)>,
    /// Versions of documents that were made already, by the place of the issuer and the number of the operation.
    versions: RefCell<BTreeMap<(usize, usize), Option<ResolvedDocument>>>,
    /// Whether something of an issuer was used that may not be all.
    used_unproved: Cell<bool>,
}

enum Known {
    /// By its operations; whether the last is vouched for.
    History(Box<History>, bool),
    Document(Box<ResolvedDocument>),
    Broken(Error),
}

impl<'b> Bundled<'b> {
    fn new(
        issuers: &'b [IssuerEvidence],
        trust: &BundleTrust,
        provider: &dyn CryptoProvider,
    ) -> Self {
        let known = issuers.iter().filter_map(|issuer| match issuer {
            IssuerEvidence::Operations(did, entries) => {
                let known = match History::replay(did, entries, provider) {
                    Ok(history) => {
                        let is_known = trust.operations.contains(&history.state().head());
                        Known::History(Box::new(history), is_known)
                    }
                    Err(error) => Known::Broken(error.into()),
                };
                Some((did, known))
            }
            IssuerEvidence::Document(document) => {
                let known = match provider.sha256(canonical(document).as_bytes()) {
                    Ok(hash) if trust.documents.contains(&hash) => {
                        let resolved = ResolvedDocument::active((**document).clone());
                        Known::Document(Box::new(resolved))
                    }
                    Ok(_) => return None,
                    Err(error) => Known::Broken(error.into()),
                };
                Some((document.id(), known))
            }
        });
        Self {
            known: known.collect(),
            versions: RefCell::default(),
            used_unproved: Cell::new(false),
        }
    }
}

impl IssuerDocuments for Bundled<'_> {
    fn document(&self, did: &Did, at: Timestamp) -> Result<Option<ResolvedDocument>, Error> {
        if let Some(found) = KeyMethods.document(did, at)? {
            return Ok(Some(found));
        }
        let place = self.known.iter().position(|(known, _)| *known == did);
        let found = place.and_then(|place| Some((place, &self.known.get(place)?.1)));
        match found {
            None => Ok(None),
            Some((_, Known::Document(resolved))) => Ok(Some((**resolved).clone())),
            Some((_, Known::Broken(error))) => Err(error.clone()),
            Some((place, Known::History(history, is_known))) => {
                self.used_unproved
                    .set(self.used_unproved.get() || !is_known);
                let is_before = |event: &kbtf_did::did_kbtf::Event| event.time() <= at;
                let number = history
                    .events()
                    .iter()
                    .filter(|event| is_before(event))
                    .count();
                let mut versions = self.versions.borrow_mut();
                let version = versions.entry((place, number)).or_insert_with(|| {
                    let options = ResolutionOptions::default().version_time(at);
                    history.resolve(&options).ok()
                });
                Ok(version.clone())
            }
        }
    }
}
