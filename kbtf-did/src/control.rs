//! Proof of control (소유 증명; DID-08, DID-12): a verifier shows a request, as a QR code or a link; a wallet answers with a
//! signature of a key that its DID document lists under `authentication`. Whoever may change the DID plays no part.
//!
//! Both are small binary payloads, so that they fit into QR codes a telephone reads at arm's length. All numbers are
//! big-endian, and each value has one encoding.
//!
//! | request | bytes | | response | bytes |
//! | --- | --- | --- | --- | --- |
//! | `0x01` | 1 | | `0x02` | 1 |
//! | nonce | 16 | | nonce of the request | 16 |
//! | end, in seconds since 1970 | 5 | | length of the method's id | 2 |
//! | length of the domain | 1 | | id of the verification method | 1 to 1024 |
//! | domain, such as `bank.kr` or `bank.kr:8443` | 1 to 100 | | length of the signature | 2 |
//! | length of the answer address | 1 | | signature | 64 to 512 |
//! | answer address, an `https` URL of the domain, or none | 0 to 200 | | | |
//!
//! The signature is over `kbtf control/1`, a line feed, the bytes of the request, and the id of the method. As a link the
//! payload stands in base64url behind `kbtf://control?request=` or `kbtf://control?response=`. A request for `minwon.go.kr`
//! without answer address has 36 bytes, a link of 71 characters; the response of a `did:key` with Ed25519 has 190
//! bytes, a link of 278 characters.
//!
//! What this does not prevent: somebody else's request, shown to the holder by an attacker who wants his own session
//! confirmed. The wallet shows the domain; the holder must know that he is there.

use alloc::{
    borrow::ToOwned,
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use rand_core::TryCryptoRng;

use crate::{
    CryptoProvider, Did, DidUrl, Error, KeyState, ResolvedDocument, Signer, Timestamp,
    VerificationRelationship, is_low_s,
};

const REQUEST: u8 = 1;
const RESPONSE: u8 = 2;
const PREFIX: &[u8] = b"kbtf control/1\n";
const REQUEST_LINK: &str = "kbtf://control?request=";
const RESPONSE_LINK: &str = "kbtf://control?response=";
const MAX_DOMAIN: usize = 100;
const MAX_ADDRESS: usize = 200;
const MAX_METHOD: usize = 1024;
const MAX_SIGNATURE: usize = 512;

/// The random part of a request: what makes it one of a kind.
pub type Nonce = [u8; 16];

/// Why control was not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ControlFault {
    /// Not the bytes of a request or response.
    Malformed,
    /// No request of this nonce is open: never made, already answered, or forgotten.
    UnknownChallenge,
    /// The request has ended.
    Expired,
    /// The document is not that of the DID that answered.
    WrongDocument,
    /// The DID is deactivated.
    Deactivated,
    /// The document has no such verification method.
    NoSuchMethod,
    /// The document does not list the method under `authentication`.
    NotListed,
    /// Somebody else controls the method.
    ForeignController,
    /// The key has expired or was revoked.
    KeyNotInForce,
    /// The key cannot be used, or does not sign.
    KeyUnusable,
    /// The signature does not verify.
    InvalidSignature,
}

impl ControlFault {
    /// The stable code, such as `did/control-expired`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "did/control-malformed",
            Self::UnknownChallenge => "did/control-unknown-challenge",
            Self::Expired => "did/control-expired",
            Self::WrongDocument => "did/control-wrong-document",
            Self::Deactivated => "did/control-deactivated",
            Self::NoSuchMethod => "did/control-no-such-method",
            Self::NotListed => "did/control-not-listed",
            Self::ForeignController => "did/control-foreign-controller",
            Self::KeyNotInForce => "did/control-key-not-in-force",
            Self::KeyUnusable => "did/control-key-unusable",
            Self::InvalidSignature => "did/control-invalid-signature",
        }
    }
}

impl fmt::Display for ControlFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "expected the bytes of a request or response",
            Self::UnknownChallenge => "no request of this nonce is open",
            Self::Expired => "the request has ended",
            Self::WrongDocument => "the document is not that of the DID that answered",
            Self::Deactivated => "the DID is deactivated",
            Self::NoSuchMethod => "the document has no such verification method",
            Self::NotListed => "the method is not listed under authentication",
            Self::ForeignController => "the method has another controller than the DID",
            Self::KeyNotInForce => "the key has expired or was revoked",
            Self::KeyUnusable => "the key cannot be used",
            Self::InvalidSignature => "the signature does not verify",
        })
    }
}

const fn fault(reason: ControlFault) -> Error {
    Error::ControlNotShown { reason }
}

/// What a verifier asks: that somebody sign this, for this domain, until this time.
///
/// ```
/// use kbtf_did::{
///     Did, KeyMethods, KeyType, ResolutionOptions, SOFTWARE, SecretKey, Signer, SoftwareSigner, did_key,
///     control::{ControlRequest, ControlResponse, OpenChallenges},
/// };
/// # struct Rng(u8);
/// # impl rand_core::TryRng for Rng {
/// #     type Error = core::convert::Infallible;
/// #     fn try_next_u32(&mut self) -> Result<u32, Self::Error> { Ok(7) }
/// #     fn try_next_u64(&mut self) -> Result<u64, Self::Error> { Ok(7) }
/// #     fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> { self.0 += 1; out.fill(self.0); Ok(()) }
/// # }
/// # impl rand_core::TryCryptoRng for Rng {}
/// # let mut random = Rng(0);
/// let now = "2026-11-24T09:00:00Z".parse()?;
/// // The verifier shows this as a QR code.
/// let mut open = OpenChallenges::new(1000);
/// let request = ControlRequest::new("minwon.go.kr", now, 120, &mut random)?;
/// open.add(&request, now)?;
/// let shown = request.to_link();
///
/// // The wallet reads it, shows the domain, and answers.
/// let signer = SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[7; 32])?);
/// let did = did_key::from_public_key(signer.public_key());
/// let read = ControlRequest::from_link(&shown)?;
/// assert_eq!(read.domain(), "minwon.go.kr");
/// let answer = read.answer(&did_key::verification_method_id(&did)?, &signer)?.to_link();
///
/// // The verifier resolves the DID of the answer and checks.
/// let response = ControlResponse::from_link(&answer)?;
/// let document = KeyMethods.resolve_now(&response.method().did(), &ResolutionOptions::default()).unwrap();
/// let shown = open.redeem(&response, &document, now, &SOFTWARE)?;
/// assert_eq!(shown.did(), &did);
/// // Once, and never again.
/// assert_eq!(open.redeem(&response, &document, now, &SOFTWARE).unwrap_err().code(), "did/control-unknown-challenge");
/// # Ok::<(), kbtf_did::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlRequest {
    nonce: Nonce,
    expires: Timestamp,
    domain: String,
    answer_to: Option<String>,
}

impl ControlRequest {
    /// A request for a domain, good for so many seconds from now on, with a nonce from a cryptographic random source.
    ///
    /// # Errors
    /// `did/control-malformed` for a domain that is not a host name in lower case, with a port if need be;
    /// `did/randomness`.
    pub fn new<R: TryCryptoRng + ?Sized>(
        domain: &str,
        now: Timestamp,
        seconds: u32,
        random: &mut R,
    ) -> Result<Self, Error> {
        let mut nonce = [0; 16];
        random
            .try_fill_bytes(&mut nonce)
            .map_err(|_| Error::Randomness)?;
        let end = now.saturating_add_seconds(i64::from(seconds)).unix();
        let expires = Timestamp::from_unix(end).filter(|end| end.unix() >= 0);
        let expires = expires.ok_or(fault(ControlFault::Malformed))?;
        if !is_domain(domain) {
            return Err(fault(ControlFault::Malformed));
        }
        Ok(Self {
            nonce,
            expires,
            domain: domain.to_owned(),
            answer_to: None,
        })
    }

    /// The same request, to be answered at an address: an `https` URL of the domain.
    ///
    /// # Errors
    /// `did/control-malformed` for an address elsewhere: an answer must not go to somebody who only shows the request.
    pub fn answer_to(mut self, address: &str) -> Result<Self, Error> {
        if !is_address_of(address, &self.domain) {
            return Err(fault(ControlFault::Malformed));
        }
        self.answer_to = Some(address.to_owned());
        Ok(self)
    }

    /// The nonce.
    #[must_use]
    pub const fn nonce(&self) -> &Nonce {
        &self.nonce
    }

    /// Whom the answer is for: what a wallet shows to its holder.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// From when on the request counts no more.
    #[must_use]
    pub const fn expires(&self) -> Timestamp {
        self.expires
    }

    /// Where the answer goes, if the request says so.
    #[must_use]
    pub fn answer_address(&self) -> Option<&str> {
        self.answer_to.as_deref()
    }

    /// The payload, of at most 324 bytes; see the table of this module.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let address = self.answer_to.as_deref().unwrap_or_default();
        let mut bytes = Vec::with_capacity(24 + self.domain.len() + address.len());
        bytes.push(REQUEST);
        bytes.extend_from_slice(&self.nonce);
        // From 1970 to 9999, so that the three highest bytes are zero.
        bytes.extend(self.expires.unix().to_be_bytes().into_iter().skip(3));
        for text in [self.domain.as_str(), address] {
            bytes.push(u8::try_from(text.len()).unwrap_or_default());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes
    }

    /// Reads a payload.
    ///
    /// # Errors
    /// `did/control-malformed`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::read(bytes).ok_or(fault(ControlFault::Malformed))
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&[REQUEST])?;
        let (nonce, rest) = rest.split_first_chunk::<16>()?;
        let (end, rest) = rest.split_first_chunk::<5>()?;
        let end = end.iter().fold(0_i64, |sum, &b| sum << 8 | i64::from(b));
        let (domain, rest) = short_text(rest)?;
        let (address, rest) = short_text(rest)?;
        let answer_to = match address {
            "" => None,
            address if is_address_of(address, domain) => Some(address.to_owned()),
            _ => return None,
        };
        let request = Self {
            nonce: *nonce,
            expires: Timestamp::from_unix(end)?,
            domain: Some(domain).filter(|domain| is_domain(domain))?.to_owned(),
            answer_to,
        };
        rest.is_empty().then_some(request)
    }

    /// The payload as a link.
    #[must_use]
    pub fn to_link(&self) -> String {
        link(REQUEST_LINK, &self.to_bytes())
    }

    /// Reads a link.
    ///
    /// # Errors
    /// `did/control-malformed`.
    pub fn from_link(text: &str) -> Result<Self, Error> {
        Self::from_bytes(&payload(text, REQUEST_LINK)?)
    }

    /// The bytes that are signed with a verification method.
    #[must_use]
    pub fn signing_input(&self, method: &DidUrl) -> Vec<u8> {
        [PREFIX, &self.to_bytes(), method.as_str().as_bytes()].concat()
    }

    /// Answers with a verification method and its key.
    ///
    /// # Errors
    /// Those of [`Signer::sign`] and [`ControlResponse::new`].
    pub fn answer(&self, method: &DidUrl, signer: &dyn Signer) -> Result<ControlResponse, Error> {
        let signature = signer.sign(&self.signing_input(method))?;
        ControlResponse::new(self.nonce, method.clone(), signature)
    }

    /// Whether a response shows control of the DID that it names: the pure check. It says nothing of whether the request
    /// has been answered before; [`OpenChallenges`] does.
    ///
    /// # Errors
    /// A [`ControlFault`] by name; `did/provider`.
    pub fn check(
        &self,
        response: &ControlResponse,
        resolved: &ResolvedDocument,
        now: Timestamp,
        provider: &dyn CryptoProvider,
    ) -> Result<ControlShown, Error> {
        let refuse = |reason| Err(fault(reason));
        if response.nonce != self.nonce {
            return refuse(ControlFault::UnknownChallenge);
        }
        if now >= self.expires {
            return refuse(ControlFault::Expired);
        }
        let method = &response.method;
        let (did, document) = (method.did(), &resolved.document);
        if did != *document.id() {
            return refuse(ControlFault::WrongDocument);
        }
        if resolved.is_deactivated() {
            return refuse(ControlFault::Deactivated);
        }
        let Some(found) = document.verification_method(method) else {
            return refuse(ControlFault::NoSuchMethod);
        };
        if !document.is_listed(method, VerificationRelationship::Authentication) {
            return refuse(ControlFault::NotListed);
        }
        if *found.controller() != did {
            return refuse(ControlFault::ForeignController);
        }
        if found.state_at(now) != KeyState::Active {
            return refuse(ControlFault::KeyNotInForce);
        }
        let Ok(key) = found.public_key() else {
            return refuse(ControlFault::KeyUnusable);
        };
        let [algorithm, ..] = key.key_type().signature_algorithms() else {
            return refuse(ControlFault::KeyUnusable);
        };
        let input = self.signing_input(method);
        if !is_low_s(key.key_type(), &response.signature) {
            return refuse(ControlFault::InvalidSignature);
        }
        provider
            .verify(*algorithm, key, &input, &response.signature)
            .map_err(|error| match error {
                Error::InvalidSignature => fault(ControlFault::InvalidSignature),
                other => other,
            })?;
        Ok(ControlShown {
            did,
            method: method.clone(),
            domain: self.domain.clone(),
        })
    }
}

/// What a wallet answers: which request, with which method, and the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlResponse {
    nonce: Nonce,
    method: DidUrl,
    signature: Vec<u8>,
}

impl ControlResponse {
    /// A response from its parts, for a wallet whose key signs elsewhere.
    ///
    /// # Errors
    /// `did/control-malformed` unless the method is a DID with a fragment and nothing else, of at most 1024 bytes, and
    /// the signature has 64 to 512 bytes.
    pub fn new(nonce: Nonce, method: DidUrl, signature: Vec<u8>) -> Result<Self, Error> {
        let is_plain = method.path().is_empty()
            && method.query().is_none()
            && method.fragment().is_some_and(|f| !f.is_empty())
            && method.as_str().len() <= MAX_METHOD;
        if is_plain && (64..=MAX_SIGNATURE).contains(&signature.len()) {
            Ok(Self {
                nonce,
                method,
                signature,
            })
        } else {
            Err(fault(ControlFault::Malformed))
        }
    }

    /// The nonce of the request that this answers.
    #[must_use]
    pub const fn nonce(&self) -> &Nonce {
        &self.nonce
    }

    /// The verification method: whose DID to resolve.
    #[must_use]
    pub const fn method(&self) -> &DidUrl {
        &self.method
    }

    /// The payload; see the table of this module.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(21 + self.method.as_str().len() + self.signature.len());
        bytes.push(RESPONSE);
        bytes.extend_from_slice(&self.nonce);
        for part in [self.method.as_str().as_bytes(), &self.signature] {
            let length = u16::try_from(part.len()).unwrap_or_default();
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }

    /// Reads a payload.
    ///
    /// # Errors
    /// `did/control-malformed`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let read = || {
            let rest = bytes.strip_prefix(&[RESPONSE])?;
            let (nonce, rest) = rest.split_first_chunk::<16>()?;
            let (method, rest) = long_part(rest)?;
            let (signature, rest) = long_part(rest)?;
            let method = DidUrl::parse(core::str::from_utf8(method).ok()?).ok()?;
            rest.is_empty().then_some((*nonce, method, signature))
        };
        let (nonce, method, signature) = read().ok_or(fault(ControlFault::Malformed))?;
        Self::new(nonce, method, signature.to_vec())
    }

    /// The payload as a link.
    #[must_use]
    pub fn to_link(&self) -> String {
        link(RESPONSE_LINK, &self.to_bytes())
    }

    /// Reads a link.
    ///
    /// # Errors
    /// `did/control-malformed`.
    pub fn from_link(text: &str) -> Result<Self, Error> {
        Self::from_bytes(&payload(text, RESPONSE_LINK)?)
    }
}

/// That somebody has shown control of a DID. Only a check makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlShown {
    did: Did,
    method: DidUrl,
    domain: String,
}

impl ControlShown {
    /// Whose control.
    #[must_use]
    pub const fn did(&self) -> &Did {
        &self.did
    }

    /// With which method.
    #[must_use]
    pub const fn method(&self) -> &DidUrl {
        &self.method
    }

    /// To whom.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }
}

/// The requests of a verifier that are still open, in memory: each is answered once. A verifier of several machines
/// keeps them in a store of its own that gives a request out once, and calls [`ControlRequest::check`].
// No `Clone`: a copy would let a request be answered twice.
#[derive(Debug)]
pub struct OpenChallenges {
    open: BTreeMap<Nonce, ControlRequest>,
    most: usize,
}

impl OpenChallenges {
    /// Holds at most so many requests.
    #[must_use]
    pub const fn new(most: usize) -> Self {
        Self {
            open: BTreeMap::new(),
            most,
        }
    }

    /// Remembers a request. If there is no room, those that have ended by now are forgotten.
    ///
    /// # Errors
    /// `did/provider` if as many as may be are open; none that is open is forgotten for a new one, or a flood of
    /// requests would end everybody else's. `did/randomness` if the nonce has been used: the source repeats itself.
    pub fn add(&mut self, request: &ControlRequest, now: Timestamp) -> Result<(), Error> {
        // All of them are looked at only when there is no room, so that a request costs the same however many are open.
        if self.open.len() >= self.most {
            self.open.retain(|_, open| now < open.expires);
        }
        if self.open.contains_key(&request.nonce) {
            return Err(Error::Randomness);
        }
        if self.open.len() >= self.most {
            return Err(Error::Provider {
                reason: "too many requests for proof of control are open; try again later",
            });
        }
        self.open.insert(request.nonce, request.clone());
        Ok(())
    }

    /// The request of a nonce, if it is open.
    #[must_use]
    pub fn get(&self, nonce: &Nonce) -> Option<&ControlRequest> {
        self.open.get(nonce)
    }

    /// How many are open.
    #[must_use]
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether none is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Checks a response and closes its request if control is shown. A response that does not show it leaves the
    /// request open, so that nobody can close somebody else's.
    ///
    /// # Errors
    /// As for [`ControlRequest::check`].
    pub fn redeem(
        &mut self,
        response: &ControlResponse,
        resolved: &ResolvedDocument,
        now: Timestamp,
        provider: &dyn CryptoProvider,
    ) -> Result<ControlShown, Error> {
        let request = self
            .open
            .get(&response.nonce)
            .ok_or(fault(ControlFault::UnknownChallenge))?;
        let shown = request.check(response, resolved, now, provider)?;
        self.open.remove(&response.nonce);
        Ok(shown)
    }
}

fn link(prefix: &str, bytes: &[u8]) -> String {
    format!("{prefix}{}", Base64UrlUnpadded::encode_string(bytes))
}

fn payload(text: &str, prefix: &str) -> Result<Vec<u8>, Error> {
    text.strip_prefix(prefix)
        .filter(|text| text.len() <= 4096)
        .and_then(|text| Base64UrlUnpadded::decode_vec(text).ok())
        .ok_or(fault(ControlFault::Malformed))
}

fn short_text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (text, rest) = rest.split_at_checked(usize::from(*length))?;
    Some((core::str::from_utf8(text).ok()?, rest))
}

fn long_part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

/// A host name in lower case, and a port where it is not the usual one.
fn is_domain(text: &str) -> bool {
    let (host, port) = match text.split_once(':') {
        None => (text, None),
        Some((host, port)) => (host, Some(port)),
    };
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let is_port = |port: &str| {
        port.parse::<u16>()
            .is_ok_and(|number| number.to_string() == port && number != 0 && number != 443)
    };
    text.len() <= MAX_DOMAIN && host.split('.').all(is_label) && port.is_none_or(is_port)
}

/// An `https` URL whose authority is exactly the domain: no user name before it, nothing that a reader of URLs would
/// take for the end of it.
fn is_address_of(address: &str, domain: &str) -> bool {
    let rest = address
        .strip_prefix("https://")
        .and_then(|rest| rest.strip_prefix(domain));
    address.len() <= MAX_ADDRESS
        && address.bytes().all(|b| {
            b.is_ascii_graphic()
                && !matches!(
                    b,
                    b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b'#'
                )
        })
        && rest.is_some_and(|rest| rest.starts_with(['/', '?']))
}
