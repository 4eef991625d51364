//! Time-stamp tokens (RFC 3161, RFC 5816): that a hash was there at a time, said by an authority that keeps no log and sees
//! nothing but the hash.
//!
//! A token is checked at the time that it states, against a list of authorities of its own ([`TimeStampTrust`]): whoever may
//! say what time it is need not be anybody who may issue anything, and what an authority has stamped stays stamped when its
//! certificate has run out. DER only; one signer; the signer's certificate bound by ESSCertIDv2 (RFC 5816; the
//! older form, with SHA-1 alone, is refused); SHA-1 nowhere.

use alloc::{
    borrow::ToOwned,
    boxed::Box,
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};

use der::{
    Decode as _, Encode as _, Header, Length, Reader as _, SliceReader, Tag, TagNumber,
    Tagged as _,
    asn1::{AnyRef, IntRef, ObjectIdentifier, OctetStringRef},
};
use kbtf_did::{
    CryptoProvider, HashAlgorithm, PublicKey, Timestamp,
    x509::{Certificate, CertificateAlgorithm, CertificateFault, TIME_STAMPING},
};

use crate::{Error, Hash};

/// The longest token or response that is read, in bytes.
pub const MAX_TOKEN: usize = 64 * 1024;
/// The most certificates, attributes and the like of one token.
const MAX_PARTS: usize = 32;

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
/// The older form, which names the certificate by SHA-1.
const SIGNING_CERTIFICATE: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");

const CONTEXT_0: Tag = constructed(0);
const CONTEXT_1: Tag = constructed(1);

const fn constructed(number: u32) -> Tag {
    Tag::ContextSpecific {
        constructed: true,
        number: TagNumber(number),
    }
}

const fn primitive(number: u32) -> Tag {
    Tag::ContextSpecific {
        constructed: false,
        number: TagNumber(number),
    }
}

/// Why a time stamp is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum TimeStampFault {
    /// Not the DER of one token with one signer, or of one response.
    #[error(
        "expected the DER of a time-stamp token (RFC 3161) with one signer, of at most 64 KiB: {0}"
    )]
    Malformed(
        /// What is wrong.
        &'static str,
    ),
    /// The authority has refused.
    #[error("the authority has not granted a time stamp: status {0}")]
    NotGranted(
        /// Its status (RFC 3161 section 2.4.2).
        u32,
    ),
    /// Another hash than that of the data.
    #[error("the token is for other data")]
    OtherData,
    /// Another nonce than was asked for.
    #[error("the token is the answer to another request")]
    OtherNonce,
    /// A policy that is not among those that are accepted.
    #[error("the token is under a policy that is not accepted")]
    Policy,
    /// What the signature is over, or the certificate that the signer is bound to, is not what the token holds.
    #[error("the signer's attributes are not those of this token")]
    Attributes,
    /// The certificate of the signer is not at hand.
    #[error("the certificate of the signer is not at hand")]
    NoCertificate,
    /// The signature is false.
    #[error("the signature of the time stamp does not verify")]
    Signature,
    /// An algorithm that is not accepted.
    #[error("the token uses an algorithm that is not accepted")]
    Algorithm,
    /// The authority is trusted for other times only, or its certificate is not to be trusted any more since before.
    #[error("the authority is not trusted for the time that it states")]
    NotTrustedThen,
}

impl TimeStampFault {
    /// The stable code, such as `history/time-stamp-other-data`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed(_) => "history/time-stamp-malformed",
            Self::NotGranted(_) => "history/time-stamp-not-granted",
            Self::OtherData => "history/time-stamp-other-data",
            Self::OtherNonce => "history/time-stamp-other-nonce",
            Self::Policy => "history/time-stamp-policy",
            Self::Attributes => "history/time-stamp-attributes",
            Self::NoCertificate => "history/time-stamp-no-certificate",
            Self::Signature => "history/time-stamp-signature",
            Self::Algorithm => "history/time-stamp-algorithm",
            Self::NotTrustedThen => "history/time-stamp-not-trusted-then",
        }
    }
}

const fn malformed(what: &'static str) -> TimeStampFault {
    TimeStampFault::Malformed(what)
}

/// Which authorities may say what time it is: the list of certificates that lead to them, each for a span of time, and what
/// is no longer trusted.
#[derive(Debug, Clone, Default)]
pub struct TimeStampTrust {
    trusted: Vec<Certificate>,
    spans: Vec<(Timestamp, Timestamp)>,
    others: Vec<Certificate>,
    /// By the DER of the key.
    distrusted: BTreeMap<Vec<u8>, Timestamp>,
    policies: Vec<String>,
}

impl TimeStampTrust {
    /// Nobody.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With a certificate whose authority, or whoever it has certified for time-stamping, is trusted for times in that span.
    ///
    /// # Errors
    /// Those of [`Certificate::from_der`].
    pub fn trust(
        mut self,
        certificate: &[u8],
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Self, Error> {
        self.trusted.push(Certificate::from_der(certificate)?);
        self.spans.push((from, until));
        Ok(self)
    }

    /// With a certificate that is at hand but trusted for nothing: of an authority whose tokens do not bring it along, or of one
    /// in between.
    ///
    /// # Errors
    /// Those of [`Certificate::from_der`].
    pub fn with_certificate(mut self, certificate: &[u8]) -> Result<Self, Error> {
        self.others.push(Certificate::from_der(certificate)?);
        Ok(self)
    }

    /// Without what was stamped from a time on under a key, a signer's or that of a certificate over it: it was revoked then. By
    /// the key ([`Certificate::public_key`]), not by the certificate: that has as many forms as its signature, and may be renewed.
    ///
    /// Whoever has stolen a key can state any time: distrust it from long before.
    #[must_use]
    pub fn distrust(mut self, key: &PublicKey, since: Timestamp) -> Self {
        let key = key.to_spki_der();
        let earliest = self.distrusted.get(&key).copied();
        let since = earliest.map_or(since, |earlier| earlier.min(since));
        self.distrusted.insert(key, since);
        self
    }

    /// Whether nobody is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.trusted.is_empty()
    }

    /// With a policy that is accepted, as an object identifier; without any, every policy is.
    #[must_use]
    pub fn policy(mut self, policy: &str) -> Self {
        self.policies.push(policy.to_owned());
        self
    }
}

/// What was stamped.
#[derive(Debug, Clone, Copy)]
pub enum Stamped<'a> {
    /// The data; the token says with which hash.
    Data(&'a [u8]),
    /// Their SHA-256.
    Sha256(&'a [u8; 32]),
}

/// A verified time stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeStamp {
    /// The time that the authority states.
    pub time: Timestamp,
    /// By how much it may be wrong, in microseconds, if it says so.
    pub accuracy: Option<u64>,
    /// The policy, as an object identifier.
    pub policy: String,
    /// The key that has signed it.
    pub signer: PublicKey,
}

/// A time-stamp token that was read, and of which nothing is known yet.
///
/// ```
/// use kbtf_history::time_stamp::{TimeStampRequest, TimeStampToken};
///
/// // What goes to the authority, in a way of the caller's own (RFC 3161 section 3.4: POST, application/timestamp-query).
/// let request = TimeStampRequest::sha256([7; 32]).nonce(42);
/// assert_eq!(request.to_der().first(), Some(&0x30));
/// // What comes back is checked, whatever it is.
/// let refused = TimeStampToken::from_response(b"nothing").unwrap_err();
/// assert_eq!(refused.code(), "history/time-stamp-malformed");
/// ```
#[derive(Clone)]
pub struct TimeStampToken {
    der: Box<[u8]>,
    info: TstInfo,
    content: Box<[u8]>,
    certificates: Vec<Box<[u8]>>,
    signer: SignerInfo,
}

impl core::fmt::Debug for TimeStampToken {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("TimeStampToken").finish_non_exhaustive()
    }
}

impl PartialEq for TimeStampToken {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for TimeStampToken {}

/// TSTInfo (RFC 3161 section 2.4.2).
#[derive(Debug, Clone)]
struct TstInfo {
    policy: String,
    hash: HashAlgorithm,
    digest: Vec<u8>,
    time: Timestamp,
    accuracy: Option<u64>,
    nonce: Option<Vec<u8>>,
    authority: Option<Vec<u8>>,
}

/// SignerInfo (RFC 5652 section 5.3).
#[derive(Debug, Clone)]
struct SignerInfo {
    id: SignerId,
    hash: HashAlgorithm,
    algorithm: CertificateAlgorithm,
    signature: Vec<u8>,
    /// The signed attributes as they are signed: with the tag of a SET OF.
    signed: Vec<u8>,
    message_digest: Vec<u8>,
    certificate: CertificateId,
}

#[derive(Debug, Clone)]
enum SignerId {
    IssuerAndSerial(Vec<u8>, Vec<u8>),
    SubjectKey(Vec<u8>),
}

/// ESSCertIDv2 (RFC 5035 section 4).
#[derive(Debug, Clone)]
struct CertificateId {
    hash: HashAlgorithm,
    digest: Vec<u8>,
    serial: Option<Vec<u8>>,
}

/// Reads the members of a SEQUENCE, SET or constructed value one after the other.
struct Members<'a>(SliceReader<'a>);

type Read<T> = Result<T, TimeStampFault>;

fn der_error<T>(_: T) -> TimeStampFault {
    malformed("DER")
}

impl<'a> Members<'a> {
    fn of(bytes: &'a [u8]) -> Read<Self> {
        SliceReader::new(bytes).map(Self).map_err(der_error)
    }

    fn is_empty(&self) -> bool {
        self.0.is_finished()
    }

    fn next_is(&self, tag: Tag) -> bool {
        // A copy looks ahead.
        AnyRef::decode(&mut self.0.clone()).is_ok_and(|any| any.tag() == tag)
    }

    fn any(&mut self) -> Read<AnyRef<'a>> {
        AnyRef::decode(&mut self.0).map_err(der_error)
    }

    /// One value with its tag and length.
    fn whole(&mut self) -> Read<&'a [u8]> {
        self.0.tlv_bytes().map_err(der_error)
    }

    fn tagged(&mut self, tag: Tag) -> Read<&'a [u8]> {
        let any = self.any()?;
        match any.tag() == tag {
            true => Ok(any.value()),
            false => Err(malformed("another kind of member was expected")),
        }
    }

    fn optional(&mut self, tag: Tag) -> Read<Option<&'a [u8]>> {
        if !self.next_is(tag) {
            return Ok(None);
        }
        self.tagged(tag).map(Some)
    }

    fn sequence(&mut self) -> Read<Self> {
        Self::of(self.tagged(Tag::Sequence)?)
    }

    fn oid(&mut self) -> Read<ObjectIdentifier> {
        ObjectIdentifier::decode(&mut self.0).map_err(der_error)
    }

    fn octets(&mut self) -> Read<&'a [u8]> {
        let octets = <&OctetStringRef>::decode(&mut self.0).map_err(der_error)?;
        Ok(octets.as_bytes())
    }

    fn integer(&mut self) -> Read<&'a [u8]> {
        IntRef::decode(&mut self.0)
            .map(|integer| integer.as_bytes())
            .map_err(der_error)
    }

    fn number(&mut self) -> Read<u32> {
        u32::decode(&mut self.0).map_err(der_error)
    }

    fn hash(&mut self) -> Read<HashAlgorithm> {
        let mut identifier = self.sequence()?;
        let oid = identifier.oid()?;
        // NULL or nothing (RFC 5754 section 2).
        if !identifier.is_empty() && identifier.whole()? != [5, 0] {
            return Err(TimeStampFault::Algorithm);
        }
        identifier.end()?;
        match oid.to_string().as_str() {
            "2.16.840.1.101.3.4.2.1" => Ok(HashAlgorithm::Sha256),
            "2.16.840.1.101.3.4.2.2" => Ok(HashAlgorithm::Sha384),
            "2.16.840.1.101.3.4.2.3" => Ok(HashAlgorithm::Sha512),
            _ => Err(TimeStampFault::Algorithm),
        }
    }

    fn end(self) -> Read<()> {
        match self.0.is_finished() {
            true => Ok(()),
            false => Err(malformed("more members than there should be")),
        }
    }
}

impl TimeStampToken {
    /// Reads a token: a ContentInfo with SignedData over a TSTInfo.
    ///
    /// # Errors
    /// `history/time-stamp-malformed`, `history/time-stamp-algorithm`.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        Ok(read_token(der)?)
    }

    /// Reads an authority's response and gives its token.
    ///
    /// # Errors
    /// `history/time-stamp-not-granted` with its status; those of [`TimeStampToken::from_der`].
    pub fn from_response(der: &[u8]) -> Result<Self, Error> {
        if der.len() > MAX_TOKEN {
            return Err(malformed("at most 64 KiB").into());
        }
        let mut outer = Members::of(der)?;
        let mut response = outer.sequence()?;
        outer.end()?;
        let mut status = response.sequence()?;
        match status.number()? {
            // Granted, or granted with changes that are checked like everything else.
            0 | 1 => {}
            other => return Err(TimeStampFault::NotGranted(other).into()),
        }
        let token = response.whole()?;
        response.end()?;
        Ok(read_token(token)?)
    }

    /// Its DER.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// The time that it states, whoever has signed it.
    #[must_use]
    pub const fn unverified_time(&self) -> Timestamp {
        self.info.time
    }

    /// Checks that an authority of the list has stamped these data, and when. With a nonce, that it was for one request.
    ///
    /// # Errors
    /// The [`TimeStampFault`]; the [`CertificateFault`] of the signer's certificate, at the time that the token states;
    /// `did/provider`.
    pub fn verify(
        &self,
        stamped: Stamped<'_>,
        nonce: Option<u64>,
        trust: &TimeStampTrust,
        provider: &dyn CryptoProvider,
    ) -> Result<TimeStamp, Error> {
        let info = &self.info;
        let is_for = match stamped {
            Stamped::Data(data) => info.hash.digest(data, provider)? == info.digest,
            Stamped::Sha256(digest) => {
                info.hash == HashAlgorithm::Sha256 && info.digest == digest.as_slice()
            }
        };
        if !is_for {
            return Err(TimeStampFault::OtherData.into());
        }
        if nonce.is_some_and(|nonce| info.nonce.as_deref() != Some(unsigned(nonce).as_slice())) {
            return Err(TimeStampFault::OtherNonce.into());
        }
        if !trust.policies.is_empty() && !trust.policies.contains(&info.policy) {
            return Err(TimeStampFault::Policy.into());
        }
        let signer = &self.signer;
        if signer.hash.digest(&self.content, provider)? != signer.message_digest {
            return Err(TimeStampFault::Attributes.into());
        }
        let brought = self.brought();
        // Several may have the name of the signer's; the one that he is bound to is meant.
        let at_hand = brought.iter().chain(&trust.others).chain(&trust.trusted);
        let mut bound = Err(TimeStampFault::NoCertificate);
        for certificate in at_hand.filter(|certificate| signer.id.is(certificate)) {
            bound = match self.is_bound_to(certificate, provider)? {
                true => Ok(certificate),
                false => Err(TimeStampFault::Attributes),
            };
            if bound.is_ok() {
                break;
            }
        }
        let certificate = bound?;
        let all: Vec<Certificate> = brought.iter().chain(&trust.others).cloned().collect();
        if !certificate.names_lead_to(&all, &trust.trusted) {
            return Err(kbtf_did::Error::from(CertificateFault::Untrusted).into());
        }
        signer
            .algorithm
            .verify(
                certificate.public_key(),
                &signer.signed,
                &signer.signature,
                provider,
            )
            .map_err(|error| match error {
                kbtf_did::Error::InvalidSignature => TimeStampFault::Signature.into(),
                kbtf_did::Error::WrongKeyUse { .. } => TimeStampFault::Algorithm.into(),
                other => Error::from(other),
            })?;
        // No way leads over a key that is distrusted by then, the signer's own included.
        let is_distrusted = |certificate: &Certificate| {
            let since = trust
                .distrusted
                .get(&certificate.public_key().to_spki_der());
            since.is_some_and(|since| info.time >= *since)
        };
        if is_distrusted(certificate) {
            return Err(TimeStampFault::NotTrustedThen.into());
        }
        let others: Vec<Certificate> = all
            .iter()
            .filter(|other| !is_distrusted(other))
            .cloned()
            .collect();
        // One way to a trusted certificate is enough, if that one is trusted for the time.
        let spans = trust.trusted.iter().zip(&trust.spans);
        let trusted: Vec<Certificate> = spans
            .filter(|(one, (from, until))| {
                (*from..=*until).contains(&info.time) && !is_distrusted(one)
            })
            .map(|(one, _)| one.clone())
            .collect();
        let way = |others: &[Certificate], trusted: &[Certificate]| {
            certificate.verify(others, trusted, info.time, TIME_STAMPING, provider)
        };
        let is_all = others.len() == all.len() && trusted.len() == trust.trusted.len();
        match way(&others, &trusted) {
            Ok(_) => {}
            // There would be one without the dates.
            Err(_) if !is_all && way(&all, &trust.trusted).is_ok() => {
                return Err(TimeStampFault::NotTrustedThen.into());
            }
            Err(error) => return Err(error.into()),
        }
        Ok(TimeStamp {
            time: info.time,
            accuracy: info.accuracy,
            policy: info.policy.clone(),
            signer: certificate.public_key().clone(),
        })
    }

    /// The certificates that came with it. Others than the signer's may be of kinds that are not read here; they lead nowhere
    /// then.
    fn brought(&self) -> Vec<Certificate> {
        self.certificates
            .iter()
            .filter_map(|der| Certificate::from_der(der).ok())
            .collect()
    }

    /// Whether it can be of somebody on the list, by the names in the certificates alone.
    pub(crate) fn may_be_of(&self, trust: &TimeStampTrust) -> bool {
        let all: Vec<Certificate> = self
            .brought()
            .into_iter()
            .chain(trust.others.clone())
            .collect();
        let at_hand = all.iter().chain(&trust.trusted);
        at_hand
            .filter(|certificate| self.signer.id.is(certificate))
            .any(|certificate| certificate.names_lead_to(&all, &trust.trusted))
    }

    /// Whether the certificate is the one that the signer has bound himself to (RFC 5816), and that of the authority that
    /// the token names.
    fn is_bound_to(
        &self,
        certificate: &Certificate,
        provider: &dyn CryptoProvider,
    ) -> Result<bool, Error> {
        let id = &self.signer.certificate;
        let is_bound = id.hash.digest(certificate.as_der(), provider)? == id.digest
            && id
                .serial
                .as_deref()
                .is_none_or(|serial| serial == certificate.serial());
        let is_named = self
            .info
            .authority
            .as_ref()
            .is_none_or(|name| *name == certificate.subject_der());
        Ok(is_bound && is_named)
    }
}

impl SignerId {
    fn is(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerAndSerial(issuer, serial) => {
                *issuer == certificate.issuer_der() && serial == certificate.serial()
            }
            Self::SubjectKey(id) => certificate.subject_key_identifier() == Some(id),
        }
    }
}

fn read_token(der: &[u8]) -> Read<TimeStampToken> {
    if der.len() > MAX_TOKEN {
        return Err(malformed("at most 64 KiB"));
    }
    let mut outer = Members::of(der)?;
    let mut content_info = outer.sequence()?;
    outer.end()?;
    if content_info.oid()? != SIGNED_DATA {
        return Err(malformed("signed data"));
    }
    let mut explicit = Members::of(content_info.tagged(CONTEXT_0)?)?;
    content_info.end()?;
    let mut data = explicit.sequence()?;
    explicit.end()?;
    // Version 3, since what is inside is no plain data (RFC 5652 section 5.1).
    if data.number()? != 3 {
        return Err(malformed("signed data of version 3"));
    }
    let hashes = data.tagged(Tag::Set)?;
    let mut inside = data.sequence()?;
    if inside.oid()? != TST_INFO {
        return Err(malformed("a TSTInfo inside"));
    }
    let mut explicit = Members::of(inside.tagged(CONTEXT_0)?)?;
    let content = explicit.octets()?;
    explicit.end()?;
    inside.end()?;
    let mut certificates = Vec::new();
    if let Some(set) = data.optional(CONTEXT_0)? {
        let mut set = Members::of(set)?;
        while !set.is_empty() {
            if certificates.len() == MAX_PARTS {
                return Err(malformed("at most 32 certificates"));
            }
            certificates.push(Box::from(set.whole()?));
        }
    }
    // Revocation is not taken from the one whom it would concern.
    data.optional(CONTEXT_1)?;
    let mut signers = Members::of(data.tagged(Tag::Set)?)?;
    data.end()?;
    let signer = read_signer(signers.sequence()?)?;
    signers.end()?;
    let mut hashes = Members::of(hashes)?;
    let mut is_listed = false;
    let mut count = 0;
    while !hashes.is_empty() {
        count += 1;
        if count > MAX_PARTS {
            return Err(malformed("at most 32 hashes"));
        }
        is_listed |= hashes.hash()? == signer.hash;
    }
    if !is_listed {
        return Err(malformed("the hash of the signer among the hashes"));
    }
    Ok(TimeStampToken {
        der: der.into(),
        info: read_info(content)?,
        content: content.into(),
        certificates,
        signer,
    })
}

fn read_signer(mut signer: Members<'_>) -> Read<SignerInfo> {
    let version = signer.number()?;
    let id = match signer.optional(primitive(0))? {
        Some(id) if version == 3 => SignerId::SubjectKey(id.to_vec()),
        None if version == 1 => {
            let mut id = signer.sequence()?;
            let issuer = id.whole()?.to_vec();
            let serial = id.integer()?.to_vec();
            id.end()?;
            SignerId::IssuerAndSerial(issuer, serial)
        }
        _ => return Err(malformed("a signer of version 1 or 3, named accordingly")),
    };
    let hash = signer.hash()?;
    let attributes = signer
        .optional(CONTEXT_0)?
        .ok_or(malformed("signed attributes"))?;
    let mut named = signer.sequence()?;
    let oid = named.oid()?.to_string();
    let parameters = match named.is_empty() {
        true => None,
        false => Some(named.whole()?),
    };
    named.end()?;
    let algorithm = CertificateAlgorithm::from_oid(&oid, parameters, Some(hash))
        .map_err(|_| TimeStampFault::Algorithm)?;
    let agrees = match algorithm {
        CertificateAlgorithm::Ecdsa(with) | CertificateAlgorithm::Rsa(with) => with == hash,
        // RFC 8419 section 3.1.
        CertificateAlgorithm::Ed25519 => hash == HashAlgorithm::Sha512,
        _ => false,
    };
    if !agrees {
        return Err(TimeStampFault::Algorithm);
    }
    let signature = signer.octets()?.to_vec();
    // Unsigned attributes are anybody's: they are not looked at.
    signer.optional(CONTEXT_1)?;
    signer.end()?;
    let (message_digest, certificate) = read_attributes(attributes)?;
    // What is signed is a SET OF (RFC 5652 section 5.4).
    let length = Length::try_from(attributes.len()).map_err(der_error)?;
    let mut signed = Header::new(Tag::Set, length).to_der().map_err(der_error)?;
    signed.extend_from_slice(attributes);
    Ok(SignerInfo {
        id,
        hash,
        algorithm,
        signature,
        signed,
        message_digest,
        certificate,
    })
}

fn read_attributes(attributes: &[u8]) -> Read<(Vec<u8>, CertificateId)> {
    let mut attributes = Members::of(attributes)?;
    let mut seen: Vec<ObjectIdentifier> = Vec::new();
    let (mut content_type, mut digest, mut certificate) = (None, None, None);
    let mut is_by_sha1 = false;
    while !attributes.is_empty() {
        let mut attribute = attributes.sequence()?;
        let oid = attribute.oid()?;
        if seen.contains(&oid) || seen.len() == MAX_PARTS {
            return Err(malformed("each attribute once, at most 32"));
        }
        seen.push(oid);
        let mut values = Members::of(attribute.tagged(Tag::Set)?)?;
        attribute.end()?;
        match oid {
            CONTENT_TYPE => content_type = Some(values.oid()?),
            MESSAGE_DIGEST => digest = Some(values.octets()?.to_vec()),
            SIGNING_CERTIFICATE_V2 => certificate = Some(read_certificate_id(values.sequence()?)?),
            other => {
                is_by_sha1 |= other == SIGNING_CERTIFICATE;
                continue;
            }
        }
        values.end()?;
    }
    match (content_type, digest, certificate) {
        (Some(TST_INFO), Some(digest), Some(certificate)) => Ok((digest, certificate)),
        (Some(TST_INFO), Some(_), None) if is_by_sha1 => Err(TimeStampFault::Algorithm),
        _ => Err(malformed(
            "the attributes content type, message digest and signing certificate of version 2",
        )),
    }
}

fn read_certificate_id(mut signing: Members<'_>) -> Read<CertificateId> {
    let mut list = signing.sequence()?;
    // Policies, which say nothing here.
    signing.optional(Tag::Sequence)?;
    signing.end()?;
    // The first is the signer's; those behind it only lead to it.
    let mut id = list.sequence()?;
    let hash = match id.next_is(Tag::Sequence) {
        true => id.hash()?,
        false => HashAlgorithm::Sha256,
    };
    let digest = id.octets()?.to_vec();
    let serial = match id.optional(Tag::Sequence)? {
        None => None,
        Some(issuer_serial) => {
            let mut issuer_serial = Members::of(issuer_serial)?;
            issuer_serial.sequence()?;
            let serial = issuer_serial.integer()?.to_vec();
            issuer_serial.end()?;
            Some(serial)
        }
    };
    id.end()?;
    Ok(CertificateId {
        hash,
        digest,
        serial,
    })
}

fn read_info(content: &[u8]) -> Read<TstInfo> {
    let mut outer = Members::of(content)?;
    let mut info = outer.sequence()?;
    outer.end()?;
    if info.number()? != 1 {
        return Err(malformed("a TSTInfo of version 1"));
    }
    let policy = info.oid()?.to_string();
    let mut imprint = info.sequence()?;
    let hash = imprint.hash()?;
    let digest = imprint.octets()?.to_vec();
    imprint.end()?;
    if digest.len() != hash.length() {
        return Err(malformed("a hash of its length"));
    }
    info.integer()?;
    let time = read_time(info.tagged(Tag::GeneralizedTime)?)?;
    let accuracy = match info.optional(Tag::Sequence)? {
        None => None,
        Some(accuracy) => Some(read_accuracy(Members::of(accuracy)?)?),
    };
    // Ordering: TRUE or left out.
    if info
        .optional(Tag::Boolean)?
        .is_some_and(|ordering| ordering != [0xff])
    {
        return Err(malformed("an ordering that is true, or none"));
    }
    let nonce = match info.next_is(Tag::Integer) {
        true => Some(info.integer()?.to_vec()),
        false => None,
    };
    let authority = match info.optional(CONTEXT_0)? {
        None => None,
        // GeneralName: only the name of a directory can be held against a certificate's.
        Some(name) => {
            let mut explicit = Members::of(name)?;
            let name = explicit.tagged(constructed(4))?;
            explicit.end()?;
            Some(name.to_vec())
        }
    };
    if let Some(extensions) = info.optional(CONTEXT_1)? {
        let mut extensions = Members::of(extensions)?;
        while !extensions.is_empty() {
            let mut extension = extensions.sequence()?;
            extension.oid()?;
            if extension.optional(Tag::Boolean)?.is_some() {
                return Err(malformed("no critical extension"));
            }
            extension.octets()?;
            extension.end()?;
        }
    }
    info.end()?;
    Ok(TstInfo {
        policy,
        hash,
        digest,
        time,
        accuracy,
        nonce,
        authority,
    })
}

/// Seconds, thousandths and millionths of one.
fn read_accuracy(mut accuracy: Members<'_>) -> Read<u64> {
    let seconds = match accuracy.next_is(Tag::Integer) {
        true => accuracy.number()?,
        false => 0,
    };
    let mut fraction = |number| -> Read<u32> {
        let Some(bytes) = accuracy.optional(primitive(number))? else {
            return Ok(0);
        };
        let value = match *bytes {
            [low] if low < 0x80 => u32::from(low),
            [0, low] if low >= 0x80 => u32::from(low),
            [high, low] if (1..0x80).contains(&high) => u32::from(high) << 8 | u32::from(low),
            _ => 0,
        };
        match (1..=999).contains(&value) {
            true => Ok(value),
            false => Err(malformed("an accuracy from 1 to 999")),
        }
    };
    let (millis, micros) = (fraction(0)?, fraction(1)?);
    accuracy.end()?;
    Ok(u64::from(seconds) * 1_000_000 + u64::from(millis) * 1000 + u64::from(micros))
}

/// `YYYYMMDDhhmmss[.f…]Z`, a fraction without zeros at its end (RFC 3161 section 2.4.2).
fn read_time(value: &[u8]) -> Read<Timestamp> {
    const EXPECTED: TimeStampFault = malformed("a time in UTC");
    let text = core::str::from_utf8(value).map_err(|_| EXPECTED)?;
    let (whole, rest) = text.split_at_checked(14).ok_or(EXPECTED)?;
    let fraction = rest.strip_suffix('Z').ok_or(EXPECTED)?;
    let is_fraction = fraction.is_empty()
        || fraction
            .strip_prefix('.')
            .is_some_and(|digits| !digits.is_empty() && !digits.ends_with('0'));
    if !is_fraction || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(EXPECTED);
    }
    let part = |from: usize, to: usize| whole.get(from..to).unwrap_or_default();
    let (date, time) = (
        format!("{}-{}-{}", part(0, 4), part(4, 6), part(6, 8)),
        format!("{}:{}:{}", part(8, 10), part(10, 12), part(12, 14)),
    );
    format!("{date}T{time}{fraction}Z")
        .parse()
        .map_err(|_| EXPECTED)
}

/// A number as the bytes of a DER INTEGER.
fn unsigned(number: u64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let mut digits: Vec<u8> = bytes
        .iter()
        .copied()
        .skip_while(|byte| *byte == 0)
        .collect();
    if digits.first().is_none_or(|first| *first >= 0x80) {
        digits.insert(0, 0);
    }
    digits
}

/// A request to an authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeStampRequest {
    digest: [u8; 32],
    nonce: Option<u64>,
}

impl TimeStampRequest {
    /// For a SHA-256.
    #[must_use]
    pub const fn sha256(digest: [u8; 32]) -> Self {
        Self {
            digest,
            nonce: None,
        }
    }

    /// For a hash of the log.
    #[must_use]
    pub const fn hash(hash: &Hash) -> Self {
        Self::sha256(*hash.as_bytes())
    }

    /// With a random number that the token must repeat, so that it is no older than the request.
    #[must_use]
    pub const fn nonce(mut self, nonce: u64) -> Self {
        self.nonce = Some(nonce);
        self
    }

    /// The DER of a TimeStampReq, which asks for the certificates too.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        // AlgorithmIdentifier of SHA-256, without parameters (RFC 5754 section 2).
        const SHA256: [u8; 13] = [
            0x30, 11, 0x06, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
        ];
        let mut imprint = SHA256.to_vec();
        imprint.extend(tlv(0x04, &self.digest));
        let mut request = tlv(0x02, &[1]);
        request.extend(tlv(0x30, &imprint));
        if let Some(nonce) = self.nonce {
            request.extend(tlv(0x02, &unsigned(nonce)));
        }
        request.extend(tlv(0x01, &[0xff]));
        tlv(0x30, &request)
    }
}

/// A value shorter than 128 bytes with its tag and length.
fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(value.len().saturating_add(2));
    bytes.push(tag);
    bytes.push(u8::try_from(value.len()).unwrap_or_default() & 0x7f);
    bytes.extend_from_slice(value);
    bytes
}
