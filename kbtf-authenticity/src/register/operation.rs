//! What is written into a register: operations, each signed by whoever may make it.

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::{fmt, str::FromStr};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use kbtf_did::{
    CryptoProvider, DidUrl, KeyType, PublicKey, Signer, Timestamp,
    caip::{AssetId, ChainId},
    did_kbtf::LedgerName,
    is_low_s,
    json::{self, Limits, Object, Value},
    personal_data, to_low_s,
};
use kbtf_history::{Commitment, Hash, ObjectId, TreeHasher};

use super::{Record, RecordFault};
use crate::{Error, error::malformed};

/// The most bytes of an operation with its signature and time.
pub(crate) const MAX_ENTRY: usize = 16 * 1024;
/// The most links of a record.
const MAX_LINKS: usize = 16;
/// The longest type, in bytes.
const MAX_TYPE: usize = 64;

/// What kind of document or asset a record is of, by a name that the framework gives to all of a kind, such as
/// `certificate.graduation`: small letters, digits, hyphens and full stops, a letter first, 64 bytes at most. It says nothing of
/// one document, and what looks like personal data is refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordType(String);

impl RecordType {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RecordType {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let inside = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
        let is_name = text.len() <= MAX_TYPE
            && text.bytes().all(inside)
            && text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        if !is_name {
            return Err(malformed(
                "type",
                "a name of 1 to 64 small letters, digits, hyphens and full stops, a letter first",
            ));
        }
        personal_data::check_text("type", text)?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a record has to do with something else: on another chain or in another register (AUT-08).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Link {
    /// A kind of asset or one of them on a chain (CAIP-19), such as the certificate NFT of the same document.
    Asset(AssetId),
    /// A record of the register on a chain (CAIP-2), as it was with this last entry.
    Record {
        /// The chain.
        chain: ChainId,
        /// The record there.
        record: ObjectId,
        /// The hash of its entry.
        entry: Hash,
    },
}

/// What is public of a version of a document: nothing that it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicInformation {
    /// The commitment to the document ([`Document::commit`](crate::Document::commit),
    /// [`ByteDigest`](crate::ByteDigest), [`Batch`](crate::Batch)).
    pub commitment: Commitment,
    /// From when on it is valid; from the beginning if nothing is said.
    pub from: Option<Timestamp>,
    /// Until when it is valid, that second not counted; for ever if nothing is said.
    pub until: Option<Timestamp>,
    /// What it has to do with elsewhere.
    pub links: Vec<Link>,
}

impl PublicInformation {
    /// A commitment, valid for ever, without links.
    #[must_use]
    pub const fn new(commitment: Commitment) -> Self {
        Self {
            commitment,
            from: None,
            until: None,
            links: Vec::new(),
        }
    }

    /// Valid from this time on.
    #[must_use]
    pub const fn from(mut self, from: Timestamp) -> Self {
        self.from = Some(from);
        self
    }

    /// Valid until this time.
    #[must_use]
    pub const fn until(mut self, until: Timestamp) -> Self {
        self.until = Some(until);
        self
    }

    /// With a link.
    #[must_use]
    pub fn link(mut self, link: Link) -> Self {
        self.links.push(link);
        self
    }

    /// Whether it is valid at a time.
    #[must_use]
    pub fn is_valid_at(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

/// Why a record was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RevocationReason {
    /// It was issued by mistake.
    Error,
    /// Another document has taken its place.
    Superseded,
    /// What it attests is no more.
    Ceased,
    /// It was obtained by fraud.
    Fraud,
    /// A court or authority has ordered it.
    Ordered,
}

impl RevocationReason {
    const ALL: [Self; 5] = [
        Self::Error,
        Self::Superseded,
        Self::Ceased,
        Self::Fraud,
        Self::Ordered,
    ];

    /// The word for it in an operation.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Superseded => "superseded",
            Self::Ceased => "ceased",
            Self::Fraud => "fraud",
            Self::Ordered => "ordered",
        }
    }
}

/// What an operation does.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordChange {
    /// The issuer registers a document (AUT-01), or with an owner mints an asset (AUT-04).
    Register {
        /// Of what kind it is.
        record_type: RecordType,
        /// What is public of it.
        public: PublicInformation,
        /// The key of its first owner: one of its own for each asset, so that nobody can tell whose two assets are.
        owner: Option<PublicKey>,
    },
    /// The issuer registers a new version, which takes the place of the one before.
    Update(PublicInformation),
    /// The issuer revokes it, for good.
    Revoke(RevocationReason),
    /// The owner offers the asset to somebody, until a time (AUT-05).
    Offer {
        /// The key that he who takes it will own it by, a new one.
        to: PublicKey,
        /// Until when he may accept, that second not counted.
        until: Timestamp,
    },
    /// The owner takes the offer back.
    Withdraw,
    /// He to whom it is offered takes it.
    Accept,
    /// He to whom it is offered does not want it.
    Reject,
    /// The owner gives it up, for good, and nobody owns it any more.
    Retire,
}

impl RecordChange {
    /// The word for its kind.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Register { .. } => "register",
            Self::Update(_) => "update",
            Self::Revoke(_) => "revoke",
            Self::Offer { .. } => "offer",
            Self::Withdraw => "withdraw",
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Retire => "retire",
        }
    }
}

/// Who makes an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Party {
    /// The issuer, by a key of his DID document that is listed under `assertionMethod`.
    Issuer(DidUrl),
    /// An owner, or one who is to become it, by the key itself.
    Owner(PublicKey),
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Issuer(method) => f.write_str(method.as_str()),
            Self::Owner(key) => f.write_str(&key.to_multikey()),
        }
    }
}

/// The place of an operation after the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) record: ObjectId,
    pub(super) sequence: u32,
    pub(super) previous: Hash,
}

/// An operation on a record, without signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    pub(super) register: LedgerName,
    pub(super) place: Option<Place>,
    pub(super) by: Party,
    pub(super) change: RecordChange,
}

impl Operation {
    /// The first operation of a record: the registration of a document or asset.
    ///
    /// # Errors
    /// `authenticity/malformed` for an owner's key that cannot sign here, more than 16 links, or times that are not whole seconds.
    pub fn register(
        register: &LedgerName,
        issuer: DidUrl,
        record_type: RecordType,
        public: PublicInformation,
        owner: Option<&PublicKey>,
    ) -> Result<Self, Error> {
        Self {
            register: register.clone(),
            place: None,
            by: Party::Issuer(issuer),
            change: RecordChange::Register {
                record_type,
                public,
                owner: owner.cloned(),
            },
        }
        .checked()
    }

    /// The next operation on a record.
    ///
    /// # Errors
    /// As for [`Operation::register`], and for a registration, which is no next operation.
    pub fn next(record: &Record, by: Party, change: RecordChange) -> Result<Self, Error> {
        if matches!(change, RecordChange::Register { .. }) {
            return Err(malformed(
                "change",
                "a change of what is registered already",
            ));
        }
        Self {
            register: record.register().clone(),
            place: Some(Place {
                record: record.id(),
                sequence: record.sequence().saturating_add(1),
                previous: *record.head(),
            }),
            by,
            change,
        }
        .checked()
    }

    /// What reading would refuse is not made either.
    fn checked(self) -> Result<Self, Error> {
        let text = self.to_text();
        let read = Self::parse(&text)?;
        match read == self {
            true => Ok(self),
            false => Err(malformed("operation", "times in whole seconds")),
        }
    }

    /// The register that it is for.
    #[must_use]
    pub const fn register_name(&self) -> &LedgerName {
        &self.register
    }

    /// Who makes it.
    #[must_use]
    pub const fn by(&self) -> &Party {
        &self.by
    }

    /// What it does.
    #[must_use]
    pub const fn change(&self) -> &RecordChange {
        &self.change
    }

    /// Its number on its record; the first is 0.
    #[must_use]
    pub fn sequence(&self) -> u32 {
        self.place.map_or(0, |place| place.sequence)
    }

    /// Which record it is on: for the first operation the first 16 bytes of the SHA-256 of what is signed, so that nobody can
    /// take the number of another's record.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn record(&self, provider: &dyn CryptoProvider) -> Result<ObjectId, Error> {
        match self.place {
            Some(place) => Ok(place.record),
            None => {
                let hash = provider.sha256(&self.signing_input())?;
                let (id, _) = hash.split_first_chunk::<16>().unwrap_or((&[0; 16], &[]));
                Ok(ObjectId::from_bytes(*id))
            }
        }
    }

    /// What is signed: `kbtf/record/v1`, a line feed and the operation in canonical JSON.
    #[must_use]
    pub fn signing_input(&self) -> Vec<u8> {
        format!("kbtf/record/v1\n{}", self.to_text()).into_bytes()
    }

    /// The operation with the signature of this signer.
    ///
    /// # Errors
    /// Those of the signer.
    pub fn sign(self, signer: &dyn Signer) -> Result<SignedOperation, Error> {
        let signature = signer.sign(&self.signing_input())?;
        let signature = to_low_s(signer.public_key().key_type(), &signature)?;
        Ok(SignedOperation {
            operation: self,
            signature,
        })
    }

    /// With a signature that was made elsewhere.
    #[must_use]
    pub const fn signed(self, signature: Vec<u8>) -> SignedOperation {
        SignedOperation {
            operation: self,
            signature,
        }
    }

    fn to_object(&self) -> Object<'static> {
        let mut object = Object::new();
        object.insert("by", self.by.to_string());
        object.insert("change", change_to_object(&self.change));
        if let Some(place) = &self.place {
            object.insert("previous", place.previous.to_string());
            object.insert("record", place.record.to_string());
        }
        object.insert("register", self.register.to_string());
        object.insert("sequence", self.sequence());
        object.insert("v", 1);
        object
    }

    fn to_text(&self) -> String {
        self.to_object().to_canonical()
    }

    fn parse(text: &str) -> Result<Self, Error> {
        let value = json::parse(text)?;
        Self::of(
            value
                .as_object()
                .ok_or(malformed("operation", "an object"))?,
        )
    }

    fn of(object: &Object<'_>) -> Result<Self, Error> {
        let register = LedgerName::parse(text(object, "register")?)
            .map_err(|_| malformed("register", "the name of a register"))?;
        let place = match (object.get("record"), object.get("previous")) {
            (None, None) => None,
            _ => Some(Place {
                record: text(object, "record")?.parse()?,
                previous: text(object, "previous")?.parse()?,
                sequence: whole(object, "sequence")?,
            }),
        };
        let change = object.get("change").and_then(Value::as_object);
        let change = read_change(change.ok_or(malformed("change", "an object"))?)?;
        let is_first = matches!(change, RecordChange::Register { .. });
        if is_first != place.is_none() {
            return Err(malformed(
                "operation",
                "record and previous in all but a registration",
            ));
        }
        Ok(Self {
            register,
            place,
            by: read_party(text(object, "by")?)?,
            change,
        })
    }
}

/// An operation with its signature: what a register is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedOperation {
    pub(super) operation: Operation,
    pub(super) signature: Vec<u8>,
}

impl SignedOperation {
    /// Reads one in its one form: canonical JSON, 16 KiB at most.
    ///
    /// # Errors
    /// `authenticity/malformed`; `json/…`; `did/…` for names, keys and times; `did/personal-data` for what has no place on a
    /// ledger.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let (signed, time) = read(text)?;
        match time.is_none() && signed.to_text() == text {
            true => Ok(signed),
            false => Err(malformed("operation", FORM)),
        }
    }

    /// Its one form.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.write(None)
    }

    fn write(&self, time: Option<Timestamp>) -> String {
        let mut object = Object::new();
        object.insert("operation", self.operation.to_object());
        let signature = Base64UrlUnpadded::encode_string(&self.signature);
        object.insert("signature", signature);
        if let Some(time) = time {
            object.insert("time", time.to_string());
        }
        object.insert("v", 1);
        object.to_canonical()
    }

    /// The operation.
    #[must_use]
    pub const fn operation(&self) -> &Operation {
        &self.operation
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// As it stands in the register, written at a time.
    #[must_use]
    pub fn at(self, time: Timestamp) -> RegisterEntry {
        RegisterEntry {
            signed: self,
            time: Timestamp::from_unix(time.unix()).unwrap_or(time),
        }
    }

    /// Whether the signature is that of this key.
    pub(super) fn verify(
        &self,
        key: &PublicKey,
        provider: &dyn CryptoProvider,
    ) -> Result<(), Error> {
        let wrong = Error::Record {
            fault: RecordFault::FalseSignature,
        };
        // One signature has one form.
        let algorithms = key.key_type().signature_algorithms();
        let algorithm = algorithms
            .first()
            .filter(|_| is_low_s(key.key_type(), &self.signature));
        let algorithm = *algorithm.ok_or(wrong.clone())?;
        let message = self.operation.signing_input();
        match provider.verify(algorithm, key, &message, &self.signature) {
            Ok(()) => Ok(()),
            Err(kbtf_did::Error::InvalidSignature) => Err(wrong),
            Err(error) => Err(error.into()),
        }
    }
}

/// An entry of a register: a signed operation and the time at which the ledger took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterEntry {
    pub(super) signed: SignedOperation,
    pub(super) time: Timestamp,
}

impl RegisterEntry {
    /// Reads one in its one form.
    ///
    /// # Errors
    /// As for [`SignedOperation::parse`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let (signed, time) = read(text)?;
        let entry = Self {
            signed,
            time: time.ok_or(malformed("time", "the time of the entry"))?,
        };
        match entry.to_text() == text {
            true => Ok(entry),
            false => Err(malformed("operation", FORM)),
        }
    }

    /// Its one form.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.signed.write(Some(self.time))
    }

    /// The operation and its signature.
    #[must_use]
    pub const fn signed(&self) -> &SignedOperation {
        &self.signed
    }

    /// When the ledger took it.
    #[must_use]
    pub const fn time(&self) -> Timestamp {
        self.time
    }

    /// Its hash, which the next entry of its record follows on: that of an entry of a log (RFC 9162 section 2.1.1).
    ///
    /// # Errors
    /// `did/provider`.
    pub fn hash(&self, provider: &dyn CryptoProvider) -> Result<Hash, Error> {
        Ok(TreeHasher::new(provider).leaf(self.to_text().as_bytes())?)
    }
}

const FORM: &str = "canonical JSON with the members of an operation and no others";

fn read(entry: &str) -> Result<(SignedOperation, Option<Timestamp>), Error> {
    let limits = Limits::default()
        .with_max_bytes(MAX_ENTRY)
        .with_max_depth(8);
    let value = json::parse_with(entry, limits)?;
    let object = value.as_object().ok_or(malformed("entry", "an object"))?;
    let operation = object.get("operation").and_then(Value::as_object);
    let operation = Operation::of(operation.ok_or(malformed("operation", "an object"))?)?;
    let signature = Base64UrlUnpadded::decode_vec(text(object, "signature")?)
        .map_err(|_| malformed("signature", "base64url without padding"))?;
    let time = match object.get("time") {
        None => None,
        Some(_) => Some(read_time(object, "time")?),
    };
    Ok((
        SignedOperation {
            operation,
            signature,
        },
        time,
    ))
}

fn text<'o>(object: &'o Object<'_>, name: &'static str) -> Result<&'o str, Error> {
    object.get_str(name).ok_or(malformed(name, "a string"))
}

fn whole(object: &Object<'_>, name: &'static str) -> Result<u32, Error> {
    let number = object.get(name).and_then(Value::as_number);
    let number = number.and_then(|number| u32::try_from(number.as_i64()?).ok());
    number.ok_or(malformed(name, "a whole number of 32 bits"))
}

fn read_time(object: &Object<'_>, name: &'static str) -> Result<Timestamp, Error> {
    let time: Timestamp = text(object, name)?.parse()?;
    match Timestamp::from_unix(time.unix()) == Some(time) {
        true => Ok(time),
        false => Err(malformed(name, "whole seconds")),
    }
}

fn optional_time(object: &Object<'_>, name: &'static str) -> Result<Option<Timestamp>, Error> {
    match object.get(name) {
        None => Ok(None),
        Some(_) => read_time(object, name).map(Some),
    }
}

fn read_party(by: &str) -> Result<Party, Error> {
    if by.starts_with("did:") {
        let method = DidUrl::parse(by)?;
        let is_method = method.fragment().is_some_and(|f| !f.is_empty())
            && method.query().is_none()
            && method.path().is_empty();
        if !is_method {
            return Err(malformed("by", "the DID URL of a key"));
        }
        if let Some(found) = personal_data::find(by) {
            return Err(kbtf_did::Error::PersonalData {
                place: "by".into(),
                found,
            }
            .into());
        }
        return Ok(Party::Issuer(method));
    }
    Ok(Party::Owner(read_key(by)?))
}

/// A key that signs in one form.
fn read_key(text: &str) -> Result<PublicKey, Error> {
    let key = PublicKey::from_multikey(text)?;
    match key.key_type() {
        KeyType::Ed25519 | KeyType::P256 | KeyType::P384 | KeyType::Secp256k1 => Ok(key),
        _ => Err(malformed(
            "key",
            "a key of Ed25519, P-256, P-384 or secp256k1",
        )),
    }
}

fn public_to_object(object: &mut Object<'static>, public: &PublicInformation) {
    object.insert("commitment", public.commitment.to_string());
    if let Some(from) = public.from {
        object.insert("from", from.to_string());
    }
    if !public.links.is_empty() {
        let links: Vec<Value<'static>> = public.links.iter().map(link_to_value).collect();
        object.insert("links", links);
    }
    if let Some(until) = public.until {
        object.insert("until", until.to_string());
    }
}

fn link_to_value(link: &Link) -> Value<'static> {
    match link {
        Link::Asset(asset) => Value::from(asset.to_string()),
        Link::Record {
            chain,
            record,
            entry,
        } => {
            let mut object = Object::new();
            object.insert("chain", chain.to_string());
            object.insert("entry", entry.to_string());
            object.insert("record", record.to_string());
            object.into()
        }
    }
}

fn read_link(value: &Value<'_>) -> Result<Link, Error> {
    if let Some(asset) = value.as_str() {
        personal_data::check_text("links", asset)?;
        return Ok(Link::Asset(asset.parse()?));
    }
    let object = value.as_object().ok_or(malformed(
        "links",
        "an asset (CAIP-19), or chain, record and entry",
    ))?;
    let chain = text(object, "chain")?;
    personal_data::check_text("links", chain)?;
    Ok(Link::Record {
        chain: chain.parse()?,
        record: text(object, "record")?.parse()?,
        entry: text(object, "entry")?.parse()?,
    })
}

fn read_public(object: &Object<'_>) -> Result<PublicInformation, Error> {
    let links = match object.get("links") {
        None => Vec::new(),
        Some(links) => {
            let links = links.as_array().filter(|links| links.len() <= MAX_LINKS);
            let links = links.ok_or(malformed("links", "a list of at most 16"))?;
            links.iter().map(read_link).collect::<Result<_, _>>()?
        }
    };
    Ok(PublicInformation {
        commitment: text(object, "commitment")?.parse()?,
        from: optional_time(object, "from")?,
        until: optional_time(object, "until")?,
        links,
    })
}

fn change_to_object(change: &RecordChange) -> Object<'static> {
    let mut object = Object::new();
    object.insert("kind", change.as_str());
    match change {
        RecordChange::Register {
            record_type,
            public,
            owner,
        } => {
            public_to_object(&mut object, public);
            object.insert("type", record_type.to_string());
            if let Some(owner) = owner {
                object.insert("owner", owner.to_multikey());
            }
        }
        RecordChange::Update(public) => public_to_object(&mut object, public),
        RecordChange::Revoke(reason) => {
            object.insert("reason", reason.as_str());
        }
        RecordChange::Offer { to, until } => {
            object.insert("to", to.to_multikey());
            object.insert("until", until.to_string());
        }
        RecordChange::Withdraw
        | RecordChange::Accept
        | RecordChange::Reject
        | RecordChange::Retire => {}
    }
    object
}

fn read_change(object: &Object<'_>) -> Result<RecordChange, Error> {
    match text(object, "kind")? {
        "register" => Ok(RecordChange::Register {
            record_type: text(object, "type")?.parse()?,
            public: read_public(object)?,
            owner: match object.get("owner") {
                None => None,
                Some(_) => Some(read_key(text(object, "owner")?)?),
            },
        }),
        "update" => Ok(RecordChange::Update(read_public(object)?)),
        "revoke" => {
            let reason = text(object, "reason")?;
            let reason = RevocationReason::ALL
                .into_iter()
                .find(|known| known.as_str() == reason);
            Ok(RecordChange::Revoke(reason.ok_or(malformed(
                "reason",
                "error, superseded, ceased, fraud or ordered",
            ))?))
        }
        "offer" => Ok(RecordChange::Offer {
            to: read_key(text(object, "to")?)?,
            until: read_time(object, "until")?,
        }),
        "withdraw" => Ok(RecordChange::Withdraw),
        "accept" => Ok(RecordChange::Accept),
        "reject" => Ok(RecordChange::Reject),
        "retire" => Ok(RecordChange::Retire),
        _ => Err(malformed(
            "kind",
            "register, update, revoke, offer, withdraw, accept, reject or retire",
        )),
    }
}
