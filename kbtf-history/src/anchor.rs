//! Anchors: what somebody else, who does not answer to the keeper of a log, says of a checkpoint: a chain in whose block it
//! stands, a time-stamping authority, a witness.
//!
//! A proof is a file of OpenTimestamps: from the SHA-256 of the checkpoint's text a few operations lead to what somebody
//! attests. One file holds the attestations of many; one that is still to come is pending, and takes the place of nothing
//! when it has come; a kind that is not known here is kept as it is and says nothing. Blocks are not fetched here: the caller
//! says what stands in them ([`HeaderSource`]).

use alloc::{borrow::ToOwned, collections::BTreeMap, string::String, vec::Vec};

use kbtf_did::{CryptoProvider, Timestamp};

use crate::{
    Checkpoint, Error, SignedCheckpoint,
    error::malformed,
    note::{Note, NoteKey},
};

/// The CAIP-2 name of Bitcoin.
pub const BITCOIN: &str = "bip122:000000000019d6689c085ae165831e93";

/// What a file begins with: its name, and version 1.
const MAGIC: &[u8] = b"\x00OpenTimestamps\x00\x00Proof\x00\xbf\x89\xe2\xe8\x84\xe8\x92\x94\x01";
/// The longest file, message, payload and address of a calendar, in bytes. All but the first are those of other readers.
const MAX_FILE: usize = 1 << 20;
const MAX_MESSAGE: usize = 4096;
const MAX_PAYLOAD: usize = 8192;
const MAX_URI: usize = 1000;
/// The most operations one after the other, and altogether with the attestations.
const MAX_DEPTH: usize = 256;
const MAX_ITEMS: usize = 4096;
/// The most tokens that are verified, of those that lead to somebody who is believed by the names in them; whatever comes
/// behind them is unknown. A cosignature costs one signature, and only under the name of a witness that is believed.
#[cfg(feature = "time-stamp")]
const MAX_TOKENS: usize = 64;

const SHA256: u8 = 0x08;
const APPEND: u8 = 0xf0;
const PREPEND: u8 = 0xf1;
/// Operations without an argument that are kept: SHA-1, RIPEMD-160, Keccak-256, reversal, hexadecimal digits.
const OTHERS: [u8; 5] = [0x02, 0x03, 0x67, 0xf2, 0xf3];
const FORK: u8 = 0xff;
const ATTESTATION: u8 = 0x00;

type Tag = [u8; 8];
const PENDING: Tag = [0x83, 0xdf, 0xe3, 0x0d, 0x2e, 0xf9, 0x0c, 0x8e];
const BITCOIN_BLOCK: Tag = [0x05, 0x88, 0x96, 0x0d, 0x73, 0xd7, 0x19, 0x01];
/// Of our own: the first eight bytes of the SHA-256 of `kbtf/anchor/caip2`, `…/rfc3161` and `…/tlog-cosignature`.
const CHAIN: Tag = [0x93, 0x7c, 0x38, 0xcc, 0x7b, 0xb4, 0x50, 0xa0];
const TIME_STAMP: Tag = [0xba, 0xfc, 0x72, 0x6e, 0x39, 0x23, 0x4f, 0xdb];
const COSIGNATURE: Tag = [0x81, 0x22, 0x41, 0xe0, 0x7e, 0x74, 0xda, 0xd5];

/// What somebody says of the message to which the operations have led.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Attestation {
    /// That he will; there is a calendar at this address.
    Pending {
        /// The address.
        uri: String,
    },
    /// That it is the root of the transactions of a block of Bitcoin.
    Bitcoin {
        /// The height of the block.
        height: u64,
    },
    /// That it stands in a block of a chain.
    Chain {
        /// The chain, by its CAIP-2 name, such as `eip155:1`.
        chain: String,
        /// The number of the block.
        block: u64,
        /// Where in the block, in the chain's own terms, such as the hash of a transaction.
        place: Vec<u8>,
    },
    /// A time-stamp token (RFC 3161) for it; its DER.
    TimeStamp {
        /// The DER.
        token: Vec<u8>,
    },
    /// A cosignature of the checkpoint by a witness (C2SP tlog-cosignature), as a line of a note.
    Cosignature {
        /// The line, with its end.
        line: String,
    },
    /// Something that is not known here.
    Unknown {
        /// Of which kind.
        tag: [u8; 8],
        /// What it holds.
        payload: Vec<u8>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Append,
    Prepend,
    Sha256,
    /// One that is kept, and leads nowhere here.
    Other(u8),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Item {
    Says(Attestation),
    Then(Kind, Vec<u8>, Vec<Item>),
}

/// A way from a checkpoint to attestations of it.
///
/// ```
/// use kbtf_did::SOFTWARE;
/// use kbtf_history::{Checkpoint, TreeHasher, anchor::{AnchorPolicy, AnchorProof, Attestation, Verdict}};
///
/// let checkpoint = Checkpoint::new("history.example.go.kr/land", 0, TreeHasher::SOFTWARE.empty()?)?;
/// let mut proof = AnchorProof::new(&checkpoint, &SOFTWARE)?;
/// proof.attest(&[], Attestation::Pending { uri: "https://calendar.example".into() })?;
/// let read = AnchorProof::from_bytes(&proof.to_bytes())?;
/// let said = read.verify(&checkpoint, &[], &AnchorPolicy::default(), &SOFTWARE)?;
/// assert!(matches!(said[0].verdict, Verdict::Unconfirmed(_)));
/// # Ok::<(), kbtf_history::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchorProof {
    digest: [u8; 32],
    items: Vec<Item>,
}

/// An operation on the way from a checkpoint to what is attested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// These bytes are put behind.
    Append(Vec<u8>),
    /// These bytes are put in front.
    Prepend(Vec<u8>),
    /// SHA-256.
    Sha256,
}

/// What a chain says of a place in a block, by the word of the caller's own node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// What stands there: for [`BITCOIN`] the root of the block's transactions, in the order of its bytes there.
    pub value: Vec<u8>,
    /// The time of the block.
    pub time: Timestamp,
    /// How many blocks there are from this one on, itself counted.
    pub confirmations: u64,
}

/// Where in a chain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Locator {
    /// The chain, by its CAIP-2 name.
    pub chain: String,
    /// The number of the block.
    pub block: u64,
    /// Where in the block; empty for what the block says of itself.
    pub place: Vec<u8>,
}

/// Whoever knows what stands in a chain. Evidence that was fetched before serves as well as a node:
/// `&[(Locator, Header)]` is one.
pub trait HeaderSource {
    /// What stands there; `None` if it is not known.
    fn header(&self, at: &Locator) -> Option<Header>;
}

impl HeaderSource for [(Locator, Header)] {
    fn header(&self, at: &Locator) -> Option<Header> {
        self.iter()
            .find(|(locator, _)| locator == at)
            .map(|(_, header)| header.clone())
    }
}

impl<const N: usize> HeaderSource for [(Locator, Header); N] {
    fn header(&self, at: &Locator) -> Option<Header> {
        self.as_slice().header(at)
    }
}

/// Whom to believe, and when it is final. Nobody is, by default.
#[derive(Debug, Clone, Default)]
pub struct AnchorPolicy {
    finality: BTreeMap<String, u64>,
    witnesses: Vec<NoteKey>,
    #[cfg(feature = "time-stamp")]
    time_stamps: crate::time_stamp::TimeStampTrust,
}

impl AnchorPolicy {
    /// With a chain, by its CAIP-2 name, whose blocks are final once there are so many from theirs on, itself counted.
    #[must_use]
    pub fn chain(mut self, chain: &str, confirmations: u64) -> Self {
        self.finality.insert(chain.to_owned(), confirmations.max(1));
        self
    }

    /// With a witness.
    ///
    /// # Errors
    /// `history/malformed` for a key that signs as logs do.
    pub fn witness(mut self, key: NoteKey) -> Result<Self, Error> {
        self.witnesses.push(key.cosigning()?);
        Ok(self)
    }

    /// With time-stamping authorities.
    #[cfg(feature = "time-stamp")]
    #[must_use]
    pub fn time_stamps(mut self, trust: crate::time_stamp::TimeStampTrust) -> Self {
        self.time_stamps = trust;
        self
    }
}

/// What an attestation comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The checkpoint was there at this time, and that can no longer change.
    Final {
        /// When: that of the block, of the token, of the witness.
        time: Timestamp,
    },
    /// Not yet, or not as far as is known here.
    Unconfirmed(Need),
    /// Of a kind, a chain, a witness or an operation that is not known here or not believed.
    Unknown,
    /// It is false.
    Invalid(Error),
}

/// What is needed before an attestation is final.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// To ask the calendar at this address. It stands in the file, which anybody may have written: ask only calendars that you
    /// know.
    Calendar {
        /// The address.
        uri: String,
    },
    /// What stands there.
    Header(Locator),
    /// More blocks.
    Confirmations {
        /// How many there are.
        have: u64,
        /// How many there must be.
        need: u64,
    },
}

/// An attestation and what it comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchored {
    /// What is said.
    pub attestation: Attestation,
    /// What it comes to.
    pub verdict: Verdict,
}

/// Something that anchors checkpoints: a chain, an authority, a witness, each reached in its own way.
pub trait Anchor: Send + Sync {
    /// Its name: a chain's in CAIP-2, `rfc3161:` with an authority's, `c2sp:` with a witness's.
    fn id(&self) -> String;

    /// Hands a checkpoint in. The same again is the same: it may be tried until it succeeds. What comes back is a proof, often
    /// with nothing but pending attestations.
    fn submit(
        &self,
        checkpoint: &SignedCheckpoint,
    ) -> impl Future<Output = Result<AnchorProof, AnchorError>> + Send;

    /// Asks what has come of pending attestations; gives what is to be [merged](AnchorProof::merge), or `None` if there is
    /// nothing new.
    fn upgrade(
        &self,
        pending: &AnchorProof,
    ) -> impl Future<Output = Result<Option<AnchorProof>, AnchorError>> + Send;
}

/// Why an anchor could not be reached, or has refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnchorError {
    /// It cannot be reached now; later it may be.
    #[error("the anchor cannot be reached: {reason}")]
    Unavailable {
        /// Why.
        reason: String,
    },
    /// It does not take this.
    #[error("the anchor has refused: {reason}")]
    Refused {
        /// Why.
        reason: String,
    },
    /// What it gave is no proof.
    #[error(transparent)]
    Invalid(#[from] Error),
}

impl AnchorProof {
    /// One of a checkpoint that nobody has attested yet.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn new(checkpoint: &Checkpoint, provider: &dyn CryptoProvider) -> Result<Self, Error> {
        Ok(Self::of_digest(
            provider.sha256(checkpoint.to_text().as_bytes())?,
        ))
    }

    /// One of what has this SHA-256.
    #[must_use]
    pub const fn of_digest(digest: [u8; 32]) -> Self {
        Self {
            digest,
            items: Vec::new(),
        }
    }

    /// The SHA-256 of what is anchored.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// Adds an attestation of what these operations lead to.
    ///
    /// # Errors
    /// `history/malformed` for more than other readers take: 256 operations, 4096 bytes behind or in front, 8192 of an
    /// attestation, 1000 of an address.
    pub fn attest(&mut self, way: &[Operation], attestation: Attestation) -> Result<(), Error> {
        if way.len() > MAX_DEPTH || encode(&attestation).1.len() > MAX_PAYLOAD {
            return Err(malformed("anchor", "at most 256 operations and 8192 bytes"));
        }
        let mut with = self.clone();
        let mut items = &mut with.items;
        for operation in way {
            let (kind, argument): (Kind, &[u8]) = match operation {
                Operation::Append(bytes) => (Kind::Append, bytes),
                Operation::Prepend(bytes) => (Kind::Prepend, bytes),
                Operation::Sha256 => (Kind::Sha256, &[]),
            };
            items = into(items, kind, argument).ok_or(malformed("anchor", "an operation"))?;
        }
        let says = Item::Says(attestation);
        if !items.contains(&says) {
            items.push(says);
        }
        // What cannot be read again is not kept.
        Self::from_bytes(&with.to_bytes())?;
        *self = with;
        Ok(())
    }

    /// Takes over what another proof of the same has, in the place of nothing.
    ///
    /// # Errors
    /// `history/malformed` if it is of something else, or both together are more than one file holds.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        if self.digest != other.digest {
            return Err(malformed("anchor", "a proof of the same checkpoint"));
        }
        if other.items.is_empty() {
            return Ok(());
        }
        let mut with = self.clone();
        merge(&mut with.items, &other.items);
        Self::from_bytes(&with.to_bytes())?;
        *self = with;
        Ok(())
    }

    /// The bytes of an OpenTimestamps file; none that can be read as long as there is no attestation.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.push(SHA256);
        bytes.extend(self.digest);
        write(&self.items, &mut bytes);
        bytes
    }

    /// Reads an OpenTimestamps file about a SHA-256, with one attestation or more.
    ///
    /// # Errors
    /// `history/malformed`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        const EXPECTED: &str =
            "an OpenTimestamps file of version 1 about a SHA-256, of at most 1 MiB";
        let wrong = || malformed("anchor", EXPECTED);
        let rest = bytes
            .strip_prefix(MAGIC)
            .filter(|_| bytes.len() <= MAX_FILE);
        let rest = rest.and_then(|rest| rest.strip_prefix(&[SHA256]));
        let (digest, rest) = rest
            .and_then(<[u8]>::split_first_chunk::<32>)
            .ok_or_else(wrong)?;
        let mut reader = Reader {
            rest,
            items: MAX_ITEMS,
        };
        let items = reader.items(0).ok_or_else(wrong)?;
        match reader.rest.is_empty() {
            true => Ok(Self {
                digest: *digest,
                items,
            }),
            false => Err(wrong()),
        }
    }

    /// What each attestation says of a checkpoint, and what it comes to.
    ///
    /// # Errors
    /// `history/root-mismatch` if the proof is of another checkpoint; `did/provider`.
    pub fn verify<H: HeaderSource + ?Sized>(
        &self,
        checkpoint: &Checkpoint,
        headers: &H,
        policy: &AnchorPolicy,
        provider: &dyn CryptoProvider,
    ) -> Result<Vec<Anchored>, Error> {
        let text = checkpoint.to_text();
        if provider.sha256(text.as_bytes())? != self.digest {
            return Err(Error::RootMismatch { place: "anchor" });
        }
        let mut check = Check {
            #[cfg(feature = "time-stamp")]
            tokens: MAX_TOKENS,
            digest: &self.digest,
            text: &text,
            headers,
            policy,
            provider,
        };
        let mut all = Vec::new();
        check.items(&self.items, Some(self.digest.to_vec()), &mut all)?;
        Ok(all)
    }

    /// The earliest time at which the checkpoint was there, by what is final; `None` if nothing is. It is the word of any one
    /// that the policy believes, so of the least honest of them: for more, ask for several in
    /// [`AnchorProof::verify`], or for a quorum of witnesses.
    ///
    /// # Errors
    /// As for [`AnchorProof::verify`].
    pub fn anchored_at<H: HeaderSource + ?Sized>(
        &self,
        checkpoint: &Checkpoint,
        headers: &H,
        policy: &AnchorPolicy,
        provider: &dyn CryptoProvider,
    ) -> Result<Option<Timestamp>, Error> {
        let all = self.verify(checkpoint, headers, policy, provider)?;
        let times = all.iter().filter_map(|anchored| match anchored.verdict {
            Verdict::Final { time } => Some(time),
            _ => None,
        });
        Ok(times.min())
    }
}

/// The items behind an operation, which is added if it is not there.
fn into<'i>(items: &'i mut Vec<Item>, kind: Kind, argument: &[u8]) -> Option<&'i mut Vec<Item>> {
    let is_it = |item: &Item| matches!(item, Item::Then(k, a, _) if *k == kind && a == argument);
    let place = match items.iter().position(is_it) {
        Some(place) => place,
        None => {
            items.push(Item::Then(kind, argument.to_vec(), Vec::new()));
            items.len().saturating_sub(1)
        }
    };
    match items.get_mut(place) {
        Some(Item::Then(.., behind)) => Some(behind),
        _ => None,
    }
}

fn merge(items: &mut Vec<Item>, others: &[Item]) {
    for other in others {
        match other {
            Item::Says(_) if items.contains(other) => {}
            Item::Says(_) => items.push(other.clone()),
            Item::Then(kind, argument, behind) => {
                if let Some(items) = into(items, *kind, argument) {
                    merge(items, behind);
                }
            }
        }
    }
}

struct Check<'c, H: ?Sized> {
    /// How many tokens may still be verified.
    #[cfg(feature = "time-stamp")]
    tokens: usize,
    digest: &'c [u8; 32],
    text: &'c str,
    headers: &'c H,
    policy: &'c AnchorPolicy,
    provider: &'c dyn CryptoProvider,
}

impl<H: HeaderSource + ?Sized> Check<'_, H> {
    /// A message that is `None` is one that is not known.
    fn items(
        &mut self,
        items: &[Item],
        message: Option<Vec<u8>>,
        all: &mut Vec<Anchored>,
    ) -> Result<(), Error> {
        for item in items {
            match item {
                Item::Says(attestation) => {
                    let verdict = match &message {
                        Some(message) => self.attestation(attestation, message)?,
                        None => Verdict::Unknown,
                    };
                    all.push(Anchored {
                        attestation: attestation.clone(),
                        verdict,
                    });
                }
                Item::Then(kind, argument, behind) => {
                    let next = match (&message, kind) {
                        (None, _) | (_, Kind::Other(_)) => None,
                        (Some(message), Kind::Append) => {
                            Some([message.as_slice(), argument].concat())
                        }
                        (Some(message), Kind::Prepend) => {
                            Some([argument, message.as_slice()].concat())
                        }
                        (Some(message), Kind::Sha256) => {
                            Some(self.provider.sha256(message)?.to_vec())
                        }
                    };
                    let next = next.filter(|message| message.len() <= MAX_MESSAGE);
                    self.items(behind, next, all)?;
                }
            }
        }
        Ok(())
    }

    fn attestation(&mut self, attestation: &Attestation, message: &[u8]) -> Result<Verdict, Error> {
        Ok(match attestation {
            Attestation::Pending { uri } => {
                Verdict::Unconfirmed(Need::Calendar { uri: uri.clone() })
            }
            Attestation::Bitcoin { height } => self.block(
                Locator {
                    chain: BITCOIN.to_owned(),
                    block: *height,
                    place: Vec::new(),
                },
                message,
            ),
            Attestation::Chain {
                chain,
                block,
                place,
            } => self.block(
                Locator {
                    chain: chain.clone(),
                    block: *block,
                    place: place.clone(),
                },
                message,
            ),
            Attestation::TimeStamp { token } => self.token(token, message)?,
            Attestation::Cosignature { line } => self.cosignature(line, message)?,
            Attestation::Unknown { .. } => Verdict::Unknown,
        })
    }

    fn block(&self, at: Locator, message: &[u8]) -> Verdict {
        let Some(need) = self.policy.finality.get(&at.chain).copied() else {
            return Verdict::Unknown;
        };
        let Some(header) = self.headers.header(&at) else {
            return Verdict::Unconfirmed(Need::Header(at));
        };
        if header.value != message {
            return Verdict::Invalid(Error::RootMismatch { place: "block" });
        }
        let have = header.confirmations;
        match have >= need {
            true => Verdict::Final { time: header.time },
            false => Verdict::Unconfirmed(Need::Confirmations { have, need }),
        }
    }

    #[cfg(feature = "time-stamp")]
    fn token(&mut self, token: &[u8], message: &[u8]) -> Result<Verdict, Error> {
        use crate::time_stamp::TimeStampFault as Fault;
        use crate::time_stamp::{Stamped, TimeStampToken};
        use kbtf_did::x509::CertificateFault::Untrusted;

        let trust = &self.policy.time_stamps;
        // Nobody is believed: there is nothing to look at.
        if trust.is_empty() {
            return Ok(Verdict::Unknown);
        }
        let token = match TimeStampToken::from_der(token) {
            Ok(token) if !token.may_be_of(trust) => return Ok(Verdict::Unknown),
            Ok(token) => token,
            Err(Error::TimeStamp(Fault::Algorithm)) => return Ok(Verdict::Unknown),
            Err(error) => return Ok(Verdict::Invalid(error)),
        };
        let Some(left) = self.tokens.checked_sub(1) else {
            return Ok(Verdict::Unknown);
        };
        self.tokens = left;
        let stamped = match message.try_into() {
            Ok(digest) => Stamped::Sha256(digest),
            Err(_) => Stamped::Data(message),
        };
        match token.verify(stamped, None, trust, self.provider) {
            Ok(stamp) => Ok(Verdict::Final { time: stamp.time }),
            // Of somebody who is not believed, or by an algorithm that is not known here: it may be good for all that.
            Err(
                Error::Did(kbtf_did::Error::Certificate(Untrusted))
                | Error::TimeStamp(
                    Fault::NoCertificate | Fault::NotTrustedThen | Fault::Policy | Fault::Algorithm,
                ),
            ) => Ok(Verdict::Unknown),
            Err(Error::Did(error @ kbtf_did::Error::Provider { .. })) => Err(error.into()),
            Err(error) => Ok(Verdict::Invalid(error)),
        }
    }

    #[cfg(not(feature = "time-stamp"))]
    fn token(&mut self, _: &[u8], _: &[u8]) -> Result<Verdict, Error> {
        Ok(Verdict::Unknown)
    }

    /// A cosignature is over the checkpoint itself, so no operation may stand before it.
    fn cosignature(&self, line: &str, message: &[u8]) -> Result<Verdict, Error> {
        if message != self.digest {
            return Ok(Verdict::Invalid(malformed(
                "cosignature",
                "no operation before it",
            )));
        }
        let mut note = Note::new(self.text)?;
        if let Err(error) = note.add_lines(line) {
            return Ok(Verdict::Invalid(error));
        }
        for key in &self.policy.witnesses {
            let time = match note.verify_one(key, self.provider) {
                Ok(Some((first, _))) => first,
                Ok(None) => continue,
                Err(Error::Did(error)) => return Err(error.into()),
                Err(error) => return Ok(Verdict::Invalid(error)),
            };
            let time = i64::try_from(time).ok().and_then(Timestamp::from_unix);
            return Ok(match time {
                Some(time) => Verdict::Final { time },
                None => Verdict::Unknown,
            });
        }
        Ok(Verdict::Unknown)
    }
}

fn write(items: &[Item], bytes: &mut Vec<u8>) {
    for (i, item) in items.iter().enumerate() {
        if i.saturating_add(1) < items.len() {
            bytes.push(FORK);
        }
        match item {
            Item::Says(attestation) => {
                let (tag, payload) = encode(attestation);
                bytes.push(ATTESTATION);
                bytes.extend(tag);
                write_bytes(&payload, bytes);
            }
            Item::Then(kind, argument, behind) => {
                match kind {
                    Kind::Append => bytes.push(APPEND),
                    Kind::Prepend => bytes.push(PREPEND),
                    Kind::Sha256 => bytes.push(SHA256),
                    Kind::Other(code) => bytes.push(*code),
                }
                if matches!(kind, Kind::Append | Kind::Prepend) {
                    write_bytes(argument, bytes);
                }
                write(behind, bytes);
            }
        }
    }
}

fn encode(attestation: &Attestation) -> (Tag, Vec<u8>) {
    let mut payload = Vec::new();
    let tag = match attestation {
        Attestation::Pending { uri } => {
            write_bytes(uri.as_bytes(), &mut payload);
            PENDING
        }
        Attestation::Bitcoin { height } => {
            write_number(*height, &mut payload);
            BITCOIN_BLOCK
        }
        Attestation::Chain {
            chain,
            block,
            place,
        } => {
            write_bytes(chain.as_bytes(), &mut payload);
            write_number(*block, &mut payload);
            write_bytes(place, &mut payload);
            CHAIN
        }
        Attestation::TimeStamp { token } => {
            payload.extend(token);
            TIME_STAMP
        }
        Attestation::Cosignature { line } => {
            payload.extend(line.as_bytes());
            COSIGNATURE
        }
        Attestation::Unknown { tag, payload: kept } => {
            payload.extend(kept);
            *tag
        }
    };
    (tag, payload)
}

/// An attestation of a known kind must be whole; all others are kept.
fn decode(tag: Tag, payload: &[u8]) -> Option<Attestation> {
    let mut reader = Reader {
        rest: payload,
        items: 0,
    };
    let attestation = match tag {
        PENDING => {
            let uri = core::str::from_utf8(reader.bytes(MAX_URI)?).ok()?;
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/:".contains(&byte);
            uri.bytes().all(allowed).then(|| Attestation::Pending {
                uri: uri.to_owned(),
            })?
        }
        BITCOIN_BLOCK => Attestation::Bitcoin {
            height: reader.number()?,
        },
        CHAIN => {
            let chain = core::str::from_utf8(reader.bytes(41)?).ok()?;
            is_caip2(chain).then_some(())?;
            Attestation::Chain {
                chain: chain.to_owned(),
                block: reader.number()?,
                place: reader.bytes(MAX_MESSAGE)?.to_vec(),
            }
        }
        TIME_STAMP => Attestation::TimeStamp {
            token: reader.take(payload.len())?.to_vec(),
        },
        COSIGNATURE => Attestation::Cosignature {
            line: core::str::from_utf8(reader.take(payload.len())?)
                .ok()?
                .to_owned(),
        },
        tag => Attestation::Unknown {
            tag,
            payload: reader.take(payload.len())?.to_vec(),
        },
    };
    reader.rest.is_empty().then_some(attestation)
}

/// `namespace:reference`: 3 to 8 and 1 to 32 characters of CAIP-2's.
fn is_caip2(name: &str) -> bool {
    let Some((namespace, reference)) = name.split_once(':') else {
        return false;
    };
    let small = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let any = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (3..=8).contains(&namespace.len())
        && namespace.bytes().all(small)
        && (1..=32).contains(&reference.len())
        && reference.bytes().all(any)
}

fn write_number(mut number: u64, bytes: &mut Vec<u8>) {
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

fn write_bytes(value: &[u8], bytes: &mut Vec<u8>) {
    write_number(value.len() as u64, bytes);
    bytes.extend(value);
}

struct Reader<'a> {
    rest: &'a [u8],
    /// How many items may still come.
    items: usize,
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    /// Seven bits in each byte, the lowest first; one text for one number.
    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            // The tenth byte has one bit.
            if shift == 63 && bits > 1 {
                return None;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return (byte != 0 || shift == 0).then_some(number);
            }
        }
        None
    }

    fn bytes(&mut self, most: usize) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok();
        self.take(length.filter(|length| *length <= most)?)
    }

    fn items(&mut self, depth: usize) -> Option<Vec<Item>> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut items = Vec::new();
        loop {
            let first = self.byte()?;
            let is_last = first != FORK;
            let code = match is_last {
                true => first,
                false => self.byte()?,
            };
            self.items = self.items.checked_sub(1)?;
            items.push(self.item(code, depth)?);
            if is_last {
                return Some(items);
            }
        }
    }

    fn item(&mut self, code: u8, depth: usize) -> Option<Item> {
        let next = depth.saturating_add(1);
        match code {
            ATTESTATION => {
                let tag = self.take(8)?.try_into().ok()?;
                let payload = self.bytes(MAX_PAYLOAD)?;
                decode(tag, payload).map(Item::Says)
            }
            APPEND | PREPEND => {
                let argument = self.bytes(MAX_MESSAGE)?;
                let kind = match code {
                    APPEND => Kind::Append,
                    _ => Kind::Prepend,
                };
                // Other readers have no operation that does nothing.
                let argument = Some(argument).filter(|argument| !argument.is_empty())?;
                Some(Item::Then(kind, argument.to_vec(), self.items(next)?))
            }
            SHA256 => Some(Item::Then(Kind::Sha256, Vec::new(), self.items(next)?)),
            other if OTHERS.contains(&other) => Some(Item::Then(
                Kind::Other(other),
                Vec::new(),
                self.items(next)?,
            )),
            _ => None,
        }
    }
}
