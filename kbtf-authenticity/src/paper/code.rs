//! The signed code: a CBOR Web Token (RFC 8392) in COSE_Sign1 (RFC 9052), as base45 (RFC 9285).

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString as _},
    vec::Vec,
};

use kbtf_did::{
    CryptoProvider, DidUrl, KeyType, PublicKey, ResolvedDocument, Signer, Timestamp,
    VerificationRelationship, base45,
    cbor::{self, Item},
    is_low_s, to_low_s,
};
use kbtf_history::Commitment;
use zeroize::Zeroizing;

use super::{CheckNumber, parts};
use crate::{
    Content, DocumentKey, Error, Verdict, error::malformed, register::RecordType, verify::CLOCKS,
};

/// What the text of a code begins with.
pub const CODE_PREFIX: &str = "KD1:";
/// What is signed with the code, so that no other COSE message is one (RFC 9052 section 4.3).
const CONTEXT: &[u8] = b"kbtf/paper/v1";
/// The private claim that says what the paper is of (RFC 8392 section 9.1).
const DOCUMENT: u64 = 65_536;
/// The most fields, and the most bytes of a name and a text.
const MAX_FIELDS: usize = 32;
const MAX_NAME: usize = 32;
const MAX_TEXT: usize = 256;
/// The most bytes of a code, in all its parts.
pub(crate) const MAX_CODE: usize = parts::MAX_PARTS * parts::MAX_PIECE;

/// Why a code is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum PaperFault {
    /// Not the text or bytes of a code.
    #[error("expected a code of a paper: {0}")]
    Malformed(
        /// What is wrong.
        &'static str,
    ),
    /// Longer than its profile allows.
    #[error("the code has {got} bytes, more than the {most} of its profile")]
    TooLong {
        /// How many it has.
        got: usize,
        /// How many it may have.
        most: usize,
    },
    /// Nobody who is trusted has a key with this name.
    #[error("no issuer that is trusted has this key")]
    UnknownKey,
    /// The issuer is not trusted for documents of this kind, or the code does not say of which kind it is.
    #[error("the issuer is not trusted for documents of this kind")]
    NotForThisKind,
    /// The key was not in force when the code was made, or was revoked since.
    #[error("the key was not in force when the code was made, or is revoked")]
    KeyNotInForce,
    /// The signature is false.
    #[error("the signature is false")]
    FalseSignature,
    /// It was issued after now.
    #[error("the paper is dated after now")]
    FromTheFuture,
    /// It was issued when its window was over, or just then.
    #[error("the window of the paper ends before it begins")]
    EmptyWindow,
    /// Its window is over.
    #[error("the time in which the paper can be checked is over")]
    WindowOver,
    /// Its window is longer than whoever checks allows.
    #[error("the paper can be checked for longer than is allowed")]
    WindowTooLong,
    /// Parts of two codes, or of one that was split in two ways.
    #[error("a part of another code")]
    OtherCode,
    /// No paper with this number and second factor can be looked up now.
    #[error("no paper with this number and second factor can be looked up now")]
    NoSuchPaper,
}

impl PaperFault {
    /// The stable code, such as `authenticity/paper-window-over`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed(_) => "authenticity/paper-malformed",
            Self::TooLong { .. } => "authenticity/paper-too-long",
            Self::UnknownKey => "authenticity/paper-unknown-key",
            Self::NotForThisKind => "authenticity/paper-not-for-this-kind",
            Self::KeyNotInForce => "authenticity/paper-key-not-in-force",
            Self::FalseSignature => "authenticity/paper-false-signature",
            Self::FromTheFuture => "authenticity/paper-from-the-future",
            Self::EmptyWindow => "authenticity/paper-empty-window",
            Self::WindowOver => "authenticity/paper-window-over",
            Self::WindowTooLong => "authenticity/paper-window-too-long",
            Self::OtherCode => "authenticity/paper-other-code",
            Self::NoSuchPaper => "authenticity/paper-no-such",
        }
    }

    /// The same for a citizen, in Korean.
    #[must_use]
    pub const fn korean(self) -> &'static str {
        match self {
            Self::Malformed(_) => "문서 확인 코드가 아니거나 손상되었습니다.",
            Self::TooLong { .. } => "코드가 허용된 크기보다 큽니다.",
            Self::UnknownKey => "신뢰하는 발급기관의 코드가 아닙니다.",
            Self::NotForThisKind => "이 종류의 문서에 대해 신뢰하는 발급기관이 아닙니다.",
            Self::KeyNotInForce => "발급 당시 유효하지 않았거나 폐기된 키로 서명되었습니다.",
            Self::FalseSignature => "서명이 올바르지 않습니다.",
            Self::FromTheFuture => "발급일이 현재보다 나중으로 되어 있습니다.",
            Self::EmptyWindow => "문서 확인 기간이 발급 전에 끝납니다.",
            Self::WindowOver => "문서 확인 기간이 지났습니다.",
            Self::WindowTooLong => "문서 확인 기간이 허용된 기간보다 깁니다.",
            Self::OtherCode => "다른 문서의 코드가 섞여 있습니다.",
            Self::NoSuchPaper => "입력하신 내용과 일치하는 문서가 없거나 확인 기간이 지났습니다.",
        }
    }
}

impl From<PaperFault> for Error {
    fn from(fault: PaperFault) -> Self {
        Self::Paper { fault }
    }
}

fn wrong(expected: &'static str) -> Error {
    PaperFault::Malformed(expected).into()
}

/// A value that is printed and signed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldValue {
    /// Text, of characters that are seen and have one form: no controls, nothing that is invisible or turns the direction of writing,
    /// no combining marks, no blanks at its ends.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// Yes or no.
    Flag(bool),
}

/// How many bytes a code may have: as many as can be read from paper at the size at which it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// 150: the commitment, the window, and a check number; a QR code of version 9 with error correction M.
    Short,
    /// 500: with fields, or the key of the document.
    Long,
    /// In parts, up to 16: with the document itself.
    Parts,
}

impl Profile {
    /// How many bytes.
    #[must_use]
    pub const fn most(self) -> usize {
        match self {
            Self::Short => 150,
            Self::Long => 500,
            Self::Parts => MAX_CODE,
        }
    }
}

/// A document that goes whole into the codes on its paper.
#[derive(Clone, PartialEq, Eq)]
pub struct Attached {
    /// Its media type.
    pub media_type: String,
    /// How its bytes are read.
    pub content: Content,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Says nothing of what it holds.
impl core::fmt::Debug for Attached {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Attached").finish_non_exhaustive()
    }
}

/// What a code says: of which document a paper is, by its commitment, for how long it can be checked, and what is printed on it.
///
/// ```
/// use kbtf_authenticity::paper::{FieldValue, PaperCode, PaperIssuers, PaperPolicy, Profile, SignedPaper};
/// use kbtf_did::{KeyMethods, KeyType, ResolutionOptions, SOFTWARE, SecretKey, Signer, SoftwareSigner, did_key};
/// use kbtf_history::Commitment;
///
/// let signer = SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[7; 32])?);
/// let did = did_key::from_public_key(signer.public_key());
/// let issuer = KeyMethods.resolve_now(&did, &ResolutionOptions::default()).unwrap();
/// let method = issuer.document.verification_methods()[0].id().clone();
///
/// let code = PaperCode::new(Commitment::from_bytes([1; 32]), "2026-11-24T00:00:00Z".parse()?, 90)
///     .field("성명", FieldValue::Text("홍길동".into()));
/// let text = code.sign(&method, &signer, Profile::Long)?.to_text();
///
/// let issuers = PaperIssuers::new().with(&issuer, &SOFTWARE)?;
/// let seen = SignedPaper::parse(&text)?
///     .verify(&issuers, &PaperPolicy::default(), "2026-12-01T00:00:00Z".parse()?, &SOFTWARE)?;
/// assert_eq!(seen.fields()[0], ("성명".into(), FieldValue::Text("홍길동".into())));
/// # Ok::<(), kbtf_authenticity::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PaperCode {
    commitment: Commitment,
    issued: Timestamp,
    until: Timestamp,
    record_type: Option<RecordType>,
    check_number: Option<CheckNumber>,
    fields: Vec<(String, FieldValue)>,
    key: Option<Zeroizing<[u8; 32]>>,
    attached: Option<Attached>,
}

/// Says nothing of what it holds.
impl core::fmt::Debug for PaperCode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("PaperCode").finish_non_exhaustive()
    }
}

impl PaperCode {
    /// For a document, printed at a time, to be checked for so many days.
    #[must_use]
    pub fn new(commitment: Commitment, issued: Timestamp, days: u16) -> Self {
        let issued = Timestamp::from_unix(issued.unix()).unwrap_or(issued);
        Self {
            commitment,
            issued,
            until: issued.saturating_add_seconds(i64::from(days) * 86_400),
            record_type: None,
            check_number: None,
            fields: Vec::new(),
            key: None,
            attached: None,
        }
    }

    /// Of what kind it is.
    #[must_use]
    pub fn record_type(mut self, record_type: RecordType) -> Self {
        self.record_type = Some(record_type);
        self
    }

    /// The number that is printed on it.
    #[must_use]
    pub const fn check_number(mut self, number: CheckNumber) -> Self {
        self.check_number = Some(number);
        self
    }

    /// With something that is printed on it, by its name there.
    #[must_use]
    pub fn field(mut self, name: &str, value: FieldValue) -> Self {
        self.fields.push((name.to_owned(), value));
        self
    }

    /// With the key of the document: whoever has the paper can compare a file with it, and who has only the commitment cannot.
    #[must_use]
    pub fn document_key(mut self, key: &DocumentKey) -> Self {
        self.key = Some(key.to_bytes());
        self
    }

    /// With the document itself and its key.
    #[must_use]
    pub fn attach(mut self, document: Attached, key: &DocumentKey) -> Self {
        self.attached = Some(document);
        self.document_key(key)
    }

    /// Signs it with the key of a method of the issuer's DID document.
    ///
    /// # Errors
    /// `authenticity/paper-too-long`; `authenticity/paper-malformed` for what would not be read; those of the signer.
    pub fn sign(
        &self,
        method: &DidUrl,
        signer: &dyn Signer,
        profile: Profile,
    ) -> Result<SignedPaper, Error> {
        let provider = signer.provider();
        let key_type = signer.public_key().key_type();
        let protected = cbor::write(&Item::Map(alloc::vec![
            (Item::Unsigned(1), algorithm(key_type)?),
            (
                Item::Unsigned(4),
                Item::Bytes(key_id(method, provider)?.to_vec()),
            ),
        ]));
        let payload = self.write();
        let signature = signer.sign(&to_be_signed(&protected, &payload))?;
        let signature = to_low_s(key_type, &signature)?;
        let bytes = cbor::write(&Item::Array(alloc::vec![
            Item::Bytes(protected),
            Item::Map(Vec::new()),
            Item::Bytes(payload),
            Item::Bytes(signature),
        ]));
        if bytes.len() > profile.most() {
            return Err(PaperFault::TooLong {
                got: bytes.len(),
                most: profile.most(),
            }
            .into());
        }
        // What reading would refuse, or understand otherwise, is not printed either.
        let paper = SignedPaper::from_bytes(&bytes)?;
        match paper.code == *self {
            true => Ok(paper),
            false => Err(wrong("times after 1970")),
        }
    }

    fn write(&self) -> Vec<u8> {
        let unsigned = |time: Timestamp| Item::Unsigned(u64::try_from(time.unix()).unwrap_or(0));
        let mut of = Vec::from([(
            Item::Unsigned(1),
            Item::Bytes(self.commitment.as_bytes().to_vec()),
        )]);
        if let Some(record_type) = &self.record_type {
            of.push((Item::Unsigned(2), Item::Text(record_type.to_string())));
        }
        if let Some(number) = &self.check_number {
            of.push((Item::Unsigned(3), Item::Bytes(number.as_bytes().to_vec())));
        }
        if !self.fields.is_empty() {
            let fields = self.fields.iter().map(|(name, value)| {
                let value = match value {
                    FieldValue::Text(text) => Item::Text(text.clone()),
                    FieldValue::Whole(number) => whole(*number),
                    FieldValue::Flag(flag) => Item::Bool(*flag),
                };
                (Item::Text(name.clone()), value)
            });
            of.push((Item::Unsigned(4), Item::Map(fields.collect())));
        }
        if let Some(key) = &self.key {
            of.push((Item::Unsigned(5), Item::Bytes(key.to_vec())));
        }
        if let Some(attached) = &self.attached {
            let document = Item::Array(alloc::vec![
                Item::Text(attached.media_type.clone()),
                Item::Text(attached.content.as_str().to_owned()),
                Item::Bytes(attached.bytes.clone()),
            ]);
            of.push((Item::Unsigned(6), document));
        }
        // In the order of their bytes (RFC 8949 section 4.2.1).
        cbor::write(&Item::Map(alloc::vec![
            (Item::Unsigned(4), unsigned(self.until)),
            (Item::Unsigned(6), unsigned(self.issued)),
            (Item::Negative(DOCUMENT), Item::Map(of)),
        ]))
    }

    fn read(payload: &[u8]) -> Result<Self, Error> {
        let claims = cbor::read(payload).ok_or(wrong("CBOR in its payload"))?;
        let claims = map(&claims)?;
        let [
            (Item::Unsigned(4), until),
            (Item::Unsigned(6), issued),
            (Item::Negative(DOCUMENT), of),
        ] = claims
        else {
            return Err(wrong("the claims exp, iat and -65537"));
        };
        let mut code = Self {
            commitment: Commitment::from_bytes([0; 32]),
            issued: time(issued)?,
            until: time(until)?,
            record_type: None,
            check_number: None,
            fields: Vec::new(),
            key: None,
            attached: None,
        };
        let mut has_commitment = false;
        for (name, value) in map(of)? {
            match (name, value) {
                (Item::Unsigned(1), Item::Bytes(bytes)) => {
                    code.commitment = Commitment::from_bytes(array(bytes)?);
                    has_commitment = true;
                }
                (Item::Unsigned(2), Item::Text(text)) => code.record_type = Some(text.parse()?),
                (Item::Unsigned(3), Item::Bytes(bytes)) => {
                    code.check_number = Some(CheckNumber::from_bytes(array(bytes)?));
                }
                (Item::Unsigned(4), Item::Map(fields)) => code.fields = read_fields(fields)?,
                (Item::Unsigned(5), Item::Bytes(bytes)) => {
                    code.key = Some(Zeroizing::new(array(bytes)?));
                }
                (Item::Unsigned(6), Item::Array(parts)) => {
                    code.attached = Some(read_attached(parts)?);
                }
                _ => return Err(wrong("the members that it has, and no others")),
            }
        }
        // Twice, in another order, or empty, it is written otherwise.
        match has_commitment && code.write() == payload {
            true => Ok(code),
            false => Err(wrong("a commitment, and its one form")),
        }
    }
}

fn whole(number: i64) -> Item {
    match u64::try_from(number) {
        Ok(number) => Item::Unsigned(number),
        Err(_) => Item::Negative(number.unsigned_abs().saturating_sub(1)),
    }
}

fn map(item: &Item) -> Result<&[(Item, Item)], Error> {
    match item {
        Item::Map(members) => Ok(members),
        _ => Err(wrong("maps")),
    }
}

fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Error> {
    bytes
        .try_into()
        .map_err(|_| wrong("values of their length"))
}

fn time(item: &Item) -> Result<Timestamp, Error> {
    let seconds = match item {
        Item::Unsigned(seconds) => i64::try_from(*seconds).ok(),
        _ => None,
    };
    seconds
        .and_then(Timestamp::from_unix)
        .ok_or(wrong("times in seconds"))
}

/// Whether a text reads as it stands: only characters that are seen, each by itself, and that have one form. A list of what is
/// allowed, since what Unicode has grows: ASCII; letters of Latin, Greek and Cyrillic writing that need no second character; Hangul in
/// syllables; kana; ideographs; punctuation, currencies, and the signs for units and numbers that Korean documents have.
fn is_plain(text: &str) -> bool {
    let is_seen = |c: char| {
        matches!(c, ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{24f}' | '\u{384}'..='\u{482}'
            | '\u{48a}'..='\u{52f}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{20a0}'..='\u{20bf}'
            | '\u{2103}' | '\u{2116}' | '\u{2160}'..='\u{217f}' | '\u{2190}'..='\u{2193}' | '\u{2460}'..='\u{24ff}'
            | '\u{25a0}'..='\u{25ff}' | '\u{3001}'..='\u{3029}' | '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{30ff}'
            | '\u{3131}'..='\u{3163}' | '\u{3165}'..='\u{318e}' | '\u{3200}'..='\u{33ff}' | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}' | '가'..='힣' | '\u{ff01}'..='\u{ff9f}' | '\u{ffe0}'..='\u{ffe6}')
    };
    !text.is_empty()
        && text.chars().all(is_seen)
        // Blanks that nobody counts.
        && text.trim() == text
        && !text.contains("  ")
}

fn read_fields(members: &[(Item, Item)]) -> Result<Vec<(String, FieldValue)>, Error> {
    if members.len() > MAX_FIELDS {
        return Err(wrong("at most 32 fields"));
    }
    let mut fields: Vec<(String, FieldValue)> = Vec::new();
    for (name, value) in members {
        let Item::Text(name) = name else {
            return Err(wrong("names of fields"));
        };
        if name.len() > MAX_NAME || !is_plain(name) {
            return Err(wrong("names of fields of 1 to 32 bytes, plain text"));
        }
        if fields.iter().any(|(known, _)| known == name) {
            return Err(wrong("each field once"));
        }
        let value = match value {
            Item::Text(text) if text.len() <= MAX_TEXT && is_plain(text) => {
                FieldValue::Text(text.clone())
            }
            Item::Bool(flag) => FieldValue::Flag(*flag),
            Item::Unsigned(number) => {
                FieldValue::Whole(i64::try_from(*number).map_err(|_| wrong("numbers of 64 bits"))?)
            }
            Item::Negative(number) => {
                let number = i64::try_from(*number).map_err(|_| wrong("numbers of 64 bits"))?;
                FieldValue::Whole(-1 - number)
            }
            _ => {
                return Err(wrong(
                    "fields that are plain text of 1 to 256 bytes, numbers or flags",
                ));
            }
        };
        fields.push((name.clone(), value));
    }
    Ok(fields)
}

fn read_attached(parts: &[Item]) -> Result<Attached, Error> {
    let [
        Item::Text(media_type),
        Item::Text(content),
        Item::Bytes(bytes),
    ] = parts
    else {
        return Err(wrong("a media type, a content and bytes"));
    };
    Ok(Attached {
        media_type: media_type.clone(),
        content: Content::from_name(content).ok_or(wrong("a content that is known"))?,
        bytes: bytes.clone(),
    })
}

/// The number of an algorithm (RFC 9053 section 2, RFC 8812 section 3).
fn algorithm(key_type: KeyType) -> Result<Item, Error> {
    match key_type {
        KeyType::Ed25519 => Ok(Item::Negative(7)),
        KeyType::P256 => Ok(Item::Negative(6)),
        KeyType::P384 => Ok(Item::Negative(34)),
        KeyType::Secp256k1 => Ok(Item::Negative(46)),
        _ => Err(malformed("key", "Ed25519, P-256, P-384 or secp256k1")),
    }
}

/// What a key is known by: 8 bytes of the SHA-256 of the DID URL of its method. Two with the same are both tried.
fn key_id(method: &DidUrl, provider: &dyn CryptoProvider) -> Result<[u8; 8], Error> {
    let hash = provider.sha256(method.as_str().as_bytes())?;
    let (id, _) = hash.split_first_chunk().unwrap_or((&[0; 8], &[]));
    Ok(*id)
}

/// The Sig_structure (RFC 9052 section 4.4).
fn to_be_signed(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    cbor::write(&Item::Array(alloc::vec![
        Item::Text("Signature1".into()),
        Item::Bytes(protected.to_vec()),
        Item::Bytes(CONTEXT.to_vec()),
        Item::Bytes(payload.to_vec()),
    ]))
}

/// A code with its signature, not verified yet.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedPaper {
    bytes: Vec<u8>,
    key_id: [u8; 8],
    /// The algorithm is the number −1 − this.
    algorithm: u64,
    protected: Vec<u8>,
    payload: Vec<u8>,
    signature: Vec<u8>,
    code: PaperCode,
}

/// Says nothing of what it holds.
impl core::fmt::Debug for SignedPaper {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SignedPaper").finish_non_exhaustive()
    }
}

impl SignedPaper {
    /// Reads the text of a code.
    ///
    /// # Errors
    /// `authenticity/paper-malformed`; `did/…` for the type.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let body = text.strip_prefix(CODE_PREFIX).ok_or(wrong("KD1:"))?;
        if body.len() > MAX_CODE / 2 * 3 + 2 {
            return Err(wrong("less"));
        }
        Self::from_bytes(&base45::decode(body).ok_or(wrong("base45"))?)
    }

    /// Reads the bytes of a code.
    ///
    /// # Errors
    /// As for [`SignedPaper::parse`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_CODE {
            return Err(wrong("less"));
        }
        let shape = wrong("COSE_Sign1 with an algorithm and a key");
        let item = cbor::read(bytes).ok_or(wrong("CBOR"))?;
        let Item::Array(parts) = item else {
            return Err(shape);
        };
        let [
            Item::Bytes(protected),
            Item::Map(unprotected),
            Item::Bytes(payload),
            Item::Bytes(signature),
        ] = parts.as_slice()
        else {
            return Err(shape);
        };
        let header = cbor::read(protected).ok_or(shape.clone())?;
        let [
            (Item::Unsigned(1), Item::Negative(algorithm)),
            (Item::Unsigned(4), Item::Bytes(id)),
        ] = map(&header)?
        else {
            return Err(shape);
        };
        if ![6, 7, 34, 46].contains(algorithm) {
            return Err(wrong("EdDSA, ES256, ES384 or ES256K"));
        }
        if !unprotected.is_empty() {
            return Err(wrong("nothing that is not signed"));
        }
        Ok(Self {
            code: PaperCode::read(payload)?,
            bytes: bytes.to_vec(),
            key_id: array(id)?,
            algorithm: *algorithm,
            protected: protected.clone(),
            payload: payload.clone(),
            signature: signature.clone(),
        })
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its text, of letters that the alphanumeric mode of a QR code has.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{CODE_PREFIX}{}", base45::encode(&self.bytes))
    }

    /// What it says, whoever has signed it.
    #[must_use]
    pub const fn unverified(&self) -> &PaperCode {
        &self.code
    }

    /// Whether an issuer who is trusted has signed it and its window is open.
    ///
    /// # Errors
    /// A [`PaperFault`]; `did/provider`; `authenticity/other-document` if the document in it is not what it commits to.
    pub fn verify(
        &self,
        issuers: &PaperIssuers,
        policy: &PaperPolicy,
        at: Timestamp,
        provider: &dyn CryptoProvider,
    ) -> Result<PaperSeen, Error> {
        let method = self.signer(issuers, at, provider)?;
        let code = &self.code;
        if code.issued > at.saturating_add_seconds(CLOCKS) {
            return Err(PaperFault::FromTheFuture.into());
        }
        let window = code.until.unix().saturating_sub(code.issued.unix());
        if window <= 0 {
            return Err(PaperFault::EmptyWindow.into());
        }
        if window > i64::from(policy.most_days) * 86_400 {
            return Err(PaperFault::WindowTooLong.into());
        }
        if at >= code.until {
            return Err(PaperFault::WindowOver.into());
        }
        code.check_attached(provider)?;
        Ok(PaperSeen {
            method,
            code: code.clone(),
        })
    }

    /// The method whose key has signed it.
    fn signer(
        &self,
        issuers: &PaperIssuers,
        at: Timestamp,
        provider: &dyn CryptoProvider,
    ) -> Result<DidUrl, Error> {
        let mut found = Err(PaperFault::UnknownKey.into());
        for known in &issuers.keys {
            if known.id != self.key_id {
                continue;
            }
            // A stolen key can be given any date, so one that is revoked says nothing any more.
            let was_in_force = known.expires.is_none_or(|end| self.code.issued < end)
                && known.revoked.is_none_or(|since| at < since);
            let message = to_be_signed(&self.protected, &self.payload);
            let is_algorithm =
                algorithm(known.key.key_type()).ok() == Some(Item::Negative(self.algorithm));
            let algorithms = known.key.key_type().signature_algorithms();
            let is_one_form = is_low_s(known.key.key_type(), &self.signature);
            let verified = match algorithms.first() {
                Some(algorithm) if is_algorithm && is_one_form => {
                    provider.verify(*algorithm, &known.key, &message, &self.signature)
                }
                _ => Err(kbtf_did::Error::InvalidSignature),
            };
            let kind = self.code.record_type.as_ref();
            let is_for_kind =
                known.types.is_empty() || kind.is_some_and(|kind| known.types.contains(kind));
            match verified {
                Ok(()) if !is_for_kind => found = Err(PaperFault::NotForThisKind.into()),
                Ok(()) if was_in_force => return Ok(known.method.clone()),
                Ok(()) => found = Err(PaperFault::KeyNotInForce.into()),
                Err(kbtf_did::Error::InvalidSignature) => {
                    found = Err(PaperFault::FalseSignature.into());
                }
                Err(error) => return Err(error.into()),
            }
        }
        found
    }
}

impl PaperCode {
    fn check_attached(&self, provider: &dyn CryptoProvider) -> Result<(), Error> {
        let Some(attached) = &self.attached else {
            return Ok(());
        };
        let key = self.key.as_ref().ok_or(wrong("the key of its document"))?;
        let key = DocumentKey::from_bytes(**key);
        let commitment =
            attached
                .content
                .commit(&attached.media_type, &attached.bytes, &key, provider)?;
        match commitment == self.commitment {
            true => Ok(()),
            false => Err(Error::OtherDocument),
        }
    }
}

/// The keys of issuers whose papers count: from their DID documents, as they are kept where papers are checked.
#[derive(Debug, Clone, Default)]
pub struct PaperIssuers {
    keys: Vec<KnownKey>,
}

#[derive(Debug, Clone)]
struct KnownKey {
    id: [u8; 8],
    method: DidUrl,
    key: PublicKey,
    expires: Option<Timestamp>,
    revoked: Option<Timestamp>,
    /// For documents of these kinds; of all if there are none.
    types: Vec<RecordType>,
}

impl PaperIssuers {
    /// Nobody.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With the keys by which the subject of this DID makes statements (`assertionMethod`), for documents of all kinds. What was known
    /// of the same DID before is forgotten; one that is deactivated has no keys. What a DID resolves to is to be fetched now and then: the
    /// more seldom, the later a revoked key is known to be.
    ///
    /// # Errors
    /// `did/provider`; `did/…` for a key that cannot be used. Nothing is then known of this DID.
    pub fn with(
        self,
        issuer: &ResolvedDocument,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, Error> {
        self.with_types(issuer, &[], provider)
    }

    /// As [`PaperIssuers::with`], for documents of these kinds: a code must say of which kind its document is.
    ///
    /// # Errors
    /// As there.
    pub fn with_types(
        mut self,
        issuer: &ResolvedDocument,
        types: &[RecordType],
        provider: &dyn CryptoProvider,
    ) -> Result<Self, Error> {
        let document = &issuer.document;
        self.keys
            .retain(|known| known.method.did_str() != document.id().as_str());
        if issuer.is_deactivated() {
            return Ok(self);
        }
        for method in document.verification_methods() {
            let listed = document.is_listed(method.id(), VerificationRelationship::AssertionMethod);
            if !listed || method.controller() != document.id() {
                continue;
            }
            self.keys.push(KnownKey {
                id: key_id(method.id(), provider)?,
                method: method.id().clone(),
                key: method.public_key().map_err(Clone::clone)?.clone(),
                expires: method.expires(),
                revoked: method.revoked(),
                types: types.to_vec(),
            });
        }
        Ok(self)
    }
}

/// What whoever checks papers allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaperPolicy {
    most_days: u16,
}

impl PaperPolicy {
    /// Papers that can be checked for so many days at most.
    #[must_use]
    pub const fn most_days(days: u16) -> Self {
        Self { most_days: days }
    }
}

/// 90 days, as government documents in Korea have.
impl Default for PaperPolicy {
    fn default() -> Self {
        Self::most_days(90)
    }
}

/// What a code says that was verified. Only [`SignedPaper::verify`] makes it.
///
/// It says that the issuer has issued this, not that it counts still: for that its record is asked for, by the commitment
/// ([`PaperSeen::presented`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperSeen {
    method: DidUrl,
    code: PaperCode,
}

impl PaperSeen {
    /// The key that has signed it; its DID is the issuer.
    #[must_use]
    pub const fn method(&self) -> &DidUrl {
        &self.method
    }

    /// The commitment to the document.
    #[must_use]
    pub const fn commitment(&self) -> &Commitment {
        &self.code.commitment
    }

    /// To be checked against the register: the document by its commitment. What is printed must be compared by eye.
    #[must_use]
    pub const fn presented(&self) -> crate::Presented<'static> {
        crate::Presented::whole(self.code.commitment)
    }

    /// When it was printed.
    #[must_use]
    pub const fn issued(&self) -> Timestamp {
        self.code.issued
    }

    /// Until when it can be checked, that second not counted.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        self.code.until
    }

    /// Of what kind it is, if it says so.
    #[must_use]
    pub const fn record_type(&self) -> Option<&RecordType> {
        self.code.record_type.as_ref()
    }

    /// The number that must be printed on it, if it says so.
    #[must_use]
    pub const fn check_number(&self) -> Option<CheckNumber> {
        self.code.check_number
    }

    /// What must be printed on it.
    #[must_use]
    pub fn fields(&self) -> &[(String, FieldValue)] {
        &self.code.fields
    }

    /// The key of the document, if it is in the code.
    #[must_use]
    pub fn document_key(&self) -> Option<DocumentKey> {
        self.code
            .key
            .as_ref()
            .map(|key| DocumentKey::from_bytes(**key))
    }

    /// The document itself, if it is in the code: it is what was committed to.
    #[must_use]
    pub const fn attached(&self) -> Option<&Attached> {
        self.code.attached.as_ref()
    }

    /// The verdict on the issuer where the record says who has issued the document: the same DID must have signed the paper, and for
    /// the same kind of document.
    #[must_use]
    pub fn is_issued_by(&self, record: &crate::register::Record) -> Verdict {
        let is_kind = self
            .record_type()
            .is_none_or(|kind| kind == record.record_type());
        match self.method.did() == *record.issuer() && is_kind {
            true => Verdict::Valid,
            false => Verdict::Invalid(PaperFault::UnknownKey.into()),
        }
    }
}
