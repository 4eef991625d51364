//! Whether a document is the one that was issued: integrity, status, issuer, each for itself (AUT-03).

use alloc::{boxed::Box, string::String, vec::Vec};

use kbtf_did::{
    CryptoProvider, Did, KeyMethods, ResolutionOptions, ResolvedDocument, Timestamp,
    did_kbtf::LedgerName,
};
use kbtf_history::{Commitment, CompleteHistory, TrustPolicy};

use crate::{
    BatchProof, Error, Redacted, Seen,
    register::{Context, Party, Record, RecordStatus, RecordType, RegisterEntry, apply, decide},
};

/// By how many seconds clocks may differ.
pub(crate) const CLOCKS: i64 = 300;

/// What is found of one of the three questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is as it should be.
    Valid,
    /// It is not, and why.
    Invalid(Error),
    /// It could not be found out, and why.
    Error(Error),
    /// It was not asked, or could not be before another question had its answer.
    Skipped,
}

impl Verdict {
    /// The word for it in reports: `valid`, `invalid`, `error`, `skipped`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid(_) => "invalid",
            Self::Error(_) => "error",
            Self::Skipped => "skipped",
        }
    }

    /// The stable code of what is wrong.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Invalid(error) | Self::Error(error) => Some(error.code()),
            Self::Valid | Self::Skipped => None,
        }
    }

    /// What is wrong by itself is invalid; what kept from finding out is an error.
    fn of(error: Error) -> Self {
        let is_failure = matches!(
            error,
            Error::Did(
                kbtf_did::Error::Provider { .. }
                    | kbtf_did::Error::Ledger { .. }
                    | kbtf_did::Error::Randomness
                    // By a build that has not this kind of key.
                    | kbtf_did::Error::UnsupportedKeyType { .. }
            ) | Error::Status {
                fault: StatusFault::TooOld
                    | StatusFault::IssuerNotFound
                    | StatusFault::IssuerUnproved
            } | Error::History(kbtf_history::Error::Did(kbtf_did::Error::Provider { .. }))
        );
        match is_failure {
            true => Self::Error(error),
            false => Self::Invalid(error),
        }
    }
}

impl From<Result<(), Error>> for Verdict {
    fn from(result: Result<(), Error>) -> Self {
        result.map_or_else(Self::of, |()| Self::Valid)
    }
}

/// Why a document that was issued does not count, or cannot be said to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum StatusFault {
    /// A later version has taken its place.
    #[error("a later version has taken the place of the document")]
    Superseded,
    /// Its issuer has revoked it.
    #[error("the issuer has revoked the document")]
    Revoked,
    /// Its owner has given it up.
    #[error("the owner has given the asset up")]
    Retired,
    /// It is valid only later.
    #[error("the document is not valid yet")]
    NotYetValid,
    /// It is no more valid.
    #[error("the document is valid no more")]
    Expired,
    /// How it stands is known only for a time too long ago.
    #[error("what is known of the status is too old")]
    TooOld,
    /// An entry is dated after now.
    #[error("an entry of the register is dated after now")]
    FromTheFuture,
    /// Nobody whom the policy trusts has issued it.
    #[error("the issuer is not one that is trusted for documents of this kind")]
    NotTrusted,
    /// There is no record.
    #[error("there is no record of the document")]
    NoRecord,
    /// Nothing is at hand that says which keys the issuer had.
    #[error("the document of the issuer is not at hand")]
    IssuerNotFound,
    /// What is at hand of the issuer may not be all of it.
    #[error("what is at hand of the issuer may leave out that a key was revoked")]
    IssuerUnproved,
}

impl StatusFault {
    /// The stable code, such as `authenticity/revoked`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Superseded => "authenticity/superseded",
            Self::Revoked => "authenticity/revoked",
            Self::Retired => "authenticity/retired",
            Self::NotYetValid => "authenticity/not-yet-valid",
            Self::Expired => "authenticity/expired",
            Self::TooOld => "authenticity/status-too-old",
            Self::FromTheFuture => "authenticity/from-the-future",
            Self::NotTrusted => "authenticity/issuer-not-trusted",
            Self::NoRecord => "authenticity/no-record",
            Self::IssuerNotFound => "authenticity/issuer-not-found",
            Self::IssuerUnproved => "authenticity/issuer-unproved",
        }
    }

    /// The same for a citizen, in Korean.
    #[must_use]
    pub const fn korean(self) -> &'static str {
        match self {
            Self::Superseded => "이후에 새로 발급된 문서가 있습니다.",
            Self::Revoked => "발급기관이 폐기한 문서입니다.",
            Self::Retired => "소유자가 소멸시킨 자산입니다.",
            Self::NotYetValid => "아직 유효기간이 시작되지 않은 문서입니다.",
            Self::Expired => "유효기간이 지난 문서입니다.",
            Self::TooOld => "상태 정보가 오래되어 현재 상태를 확인할 수 없습니다.",
            Self::FromTheFuture => "등록 시각이 현재보다 나중으로 되어 있습니다.",
            Self::NotTrusted => "이 종류의 문서에 대해 신뢰하는 발급기관이 아닙니다.",
            Self::NoRecord => "등록된 문서가 아닙니다.",
            Self::IssuerNotFound => "발급기관의 신원 정보를 확인할 수 없습니다.",
            Self::IssuerUnproved => "발급기관의 키가 폐기되었는지 확인할 수 없습니다.",
        }
    }
}

/// The four words of the Korean practice of time stamps (GTSA), for whoever shows a document to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Word {
    /// 진본: it is the one that was issued, by whom it says, and it counts.
    Authentic,
    /// 변조: it is not what was issued.
    Altered,
    /// 인증서 검증 실패: it may be what was issued, but its issuer, status or time stamp does not hold.
    CertificateCheckFailed,
    /// 미검증: something could not be found out.
    Unverified,
}

impl Word {
    /// In English.
    #[must_use]
    pub const fn english(self) -> &'static str {
        match self {
            Self::Authentic => "authentic",
            Self::Altered => "altered",
            Self::CertificateCheckFailed => "certificate check failed",
            Self::Unverified => "unverified",
        }
    }

    /// In Korean.
    #[must_use]
    pub const fn korean(self) -> &'static str {
        match self {
            Self::Authentic => "진본",
            Self::Altered => "변조",
            Self::CertificateCheckFailed => "인증서 검증 실패",
            Self::Unverified => "미검증",
        }
    }

    /// Of the verdicts: what is wrong before what could not be found out, and valid only if all are.
    #[must_use]
    pub fn of(integrity: &Verdict, others: &[&Verdict]) -> Self {
        let is_invalid = |verdict: &Verdict| matches!(verdict, Verdict::Invalid(_));
        if is_invalid(integrity) {
            return Self::Altered;
        }
        if others.iter().any(|other| is_invalid(other)) {
            return Self::CertificateCheckFailed;
        }
        let is_valid = |verdict: &Verdict| *verdict == Verdict::Valid;
        match is_valid(integrity) && others.iter().all(|other| is_valid(other)) {
            true => Self::Authentic,
            false => Self::Unverified,
        }
    }
}

/// Where documents of issuers come from, as they were at a time.
pub trait IssuerDocuments {
    /// What a DID resolved to at a time; `None` if it leads nowhere.
    ///
    /// # Errors
    /// Why it cannot be said.
    fn document(&self, did: &Did, at: Timestamp) -> Result<Option<ResolvedDocument>, Error>;
}

impl<T: IssuerDocuments + ?Sized> IssuerDocuments for &T {
    fn document(&self, did: &Did, at: Timestamp) -> Result<Option<ResolvedDocument>, Error> {
        (**self).document(did, at)
    }
}

/// Those whose identifier holds their key.
impl IssuerDocuments for KeyMethods {
    fn document(&self, did: &Did, _: Timestamp) -> Result<Option<ResolvedDocument>, Error> {
        Ok(self.resolve_now(did, &ResolutionOptions::default()).ok())
    }
}

/// What is handed in to be checked.
#[derive(Clone, Copy)]
pub struct Presented<'d> {
    what: What<'d>,
    batch: Option<&'d BatchProof>,
}

#[derive(Clone, Copy)]
enum What<'d> {
    Commitment(Commitment),
    Redacted(&'d Redacted),
}

impl<'d> Presented<'d> {
    /// A whole document, by the commitment to it that was made from it just now: [`Document::commit`](crate::Document::commit),
    /// [`ByteDigest::commit`](crate::ByteDigest::commit).
    #[must_use]
    pub const fn whole(commitment: Commitment) -> Self {
        Self {
            what: What::Commitment(commitment),
            batch: None,
        }
    }

    /// Some of a document.
    #[must_use]
    pub const fn redacted(redacted: &'d Redacted) -> Self {
        Self {
            what: What::Redacted(redacted),
            batch: None,
        }
    }

    /// One of a batch, with the proof of its place.
    #[must_use]
    pub const fn in_batch(mut self, proof: &'d BatchProof) -> Self {
        self.batch = Some(proof);
        self
    }

    /// The commitment to what is presented, and what is to be seen of it.
    fn open(&self, provider: &dyn CryptoProvider) -> Result<(Commitment, Option<Seen>), Error> {
        let (own, seen) = match self.what {
            What::Commitment(commitment) => (commitment, None),
            What::Redacted(redacted) => {
                let commitment = redacted.commitment(provider)?;
                (commitment, Some(redacted.verify(&commitment, provider)?))
            }
        };
        match self.batch {
            None => Ok((own, seen)),
            Some(proof) => Ok((proof.commitment(&own, provider)?, seen)),
        }
    }
}

/// What a register says of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordEvidence {
    /// All entries, as a ledger that is trusted has given them at this time.
    Live {
        /// The entries.
        entries: Vec<String>,
        /// When it was asked.
        at: Timestamp,
    },
    /// All entries, with the proof that there were no others at a checkpoint.
    Proved(Box<CompleteHistory>),
    /// Entries, of which nobody says that they are all: how the record stands is not known.
    Entries(Vec<String>),
}

impl RecordEvidence {
    /// The texts of the entries.
    #[must_use]
    pub fn entries(&self) -> &[String] {
        match self {
            Self::Live { entries, .. } | Self::Entries(entries) => entries,
            Self::Proved(proved) => proved.entries(),
        }
    }
}

/// An issuer that is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedIssuer {
    did: Did,
    types: Vec<RecordType>,
}

impl TrustedIssuer {
    /// For documents of all kinds.
    #[must_use]
    pub const fn new(did: Did) -> Self {
        Self {
            did,
            types: Vec::new(),
        }
    }

    /// For documents of this kind, and no others but those that are named in the same way.
    #[must_use]
    pub fn of(mut self, record_type: RecordType) -> Self {
        self.types.push(record_type);
        self
    }

    /// Whose DID it is.
    #[must_use]
    pub const fn did(&self) -> &Did {
        &self.did
    }
}

/// What whoever checks relies on.
#[derive(Debug, Clone)]
pub struct Policy {
    register: LedgerName,
    issuers: Vec<TrustedIssuer>,
    log: Option<(String, TrustPolicy)>,
    fresh_within: Option<i64>,
}

impl Policy {
    /// This register, and nobody in it yet. How a record stands must be known for the last day.
    #[must_use]
    pub fn new(register: &LedgerName) -> Self {
        Self {
            register: register.clone(),
            issuers: Vec::new(),
            log: None,
            fresh_within: Some(86_400),
        }
    }

    /// With an issuer.
    #[must_use]
    pub fn issuer(mut self, issuer: TrustedIssuer) -> Self {
        self.issuers.push(issuer);
        self
    }

    /// With the log of the register, by its origin, and who must have signed its checkpoints.
    #[must_use]
    pub fn log(mut self, origin: &str, trust: TrustPolicy) -> Self {
        self.log = Some((origin.into(), trust));
        self
    }

    /// How a record stands must be known for a time so many seconds ago at most.
    #[must_use]
    pub const fn fresh_within(mut self, seconds: i64) -> Self {
        self.fresh_within = Some(seconds);
        self
    }

    /// However old the checkpoint is: the answer is for the time at which witnesses have seen it, which stands in
    /// [`Checked::as_of`]. For a court that asks how things stood then. Without witnesses nobody says what time that was, and a
    /// validity is asked for the time of the check.
    #[must_use]
    pub const fn as_of_checkpoint(mut self) -> Self {
        self.fresh_within = None;
        self
    }

    fn trusts(&self, did: &Did, record_type: &RecordType) -> bool {
        self.issuers.iter().any(|issuer| {
            issuer.did == *did && (issuer.types.is_empty() || issuer.types.contains(record_type))
        })
    }
}

/// What came of checking a document.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Checked {
    /// Whether it is what was committed to.
    pub integrity: Verdict,
    /// Whether what was issued counts.
    pub status: Verdict,
    /// Whether whoever is trusted has issued it.
    pub issuer: Verdict,
    /// Whether the time stamps of an evidence bundle hold: the first error, skipped without any.
    pub time_stamps: Verdict,
    /// The record, if its entries follow on each other.
    pub record: Option<Record>,
    /// Which version of it the document is, by the number of its entry.
    pub version: Option<u32>,
    /// For which time the status is known.
    pub as_of: Option<Timestamp>,
    /// By when all of this was there, by the time stamps.
    pub existed_by: Option<Timestamp>,
    /// What is to be seen of a redacted document.
    pub seen: Option<Seen>,
}

impl Checked {
    /// The one word for a citizen. Time stamps count where there are any.
    #[must_use]
    pub fn word(&self) -> Word {
        let stamps = (self.time_stamps != Verdict::Skipped).then_some(&self.time_stamps);
        let others: Vec<&Verdict> = [&self.status, &self.issuer]
            .into_iter()
            .chain(stamps)
            .collect();
        Word::of(&self.integrity, &others)
    }
}

fn status(fault: StatusFault) -> Error {
    Error::Status { fault }
}

/// Checks a document against what a register says, at a time. Nothing else is asked: all of it works without a network.
///
/// Each of the three questions has its own answer. Where the entries do not follow on each other, or are not those of an issuer
/// who could have written them, nothing is said of integrity and status, because there is nothing to compare with.
#[must_use]
pub fn verify(
    presented: &Presented<'_>,
    evidence: &RecordEvidence,
    policy: &Policy,
    documents: &dyn IssuerDocuments,
    at: Timestamp,
    provider: &dyn CryptoProvider,
) -> Checked {
    let mut checked = Checked {
        integrity: Verdict::Skipped,
        status: Verdict::Skipped,
        issuer: Verdict::Skipped,
        time_stamps: Verdict::Skipped,
        record: None,
        version: None,
        as_of: None,
        existed_by: None,
        seen: None,
    };
    let record = match fold(evidence.entries(), policy, documents, at, provider) {
        Ok(record) => record,
        Err(
            error @ Error::Status {
                fault: StatusFault::NoRecord,
            },
        ) => {
            checked.status = Verdict::of(error);
            return checked;
        }
        Err(error) => {
            checked.issuer = Verdict::of(error);
            return checked;
        }
    };
    checked.issuer = match policy.trusts(record.issuer(), record.record_type()) {
        true => Verdict::Valid,
        false => Verdict::Invalid(status(StatusFault::NotTrusted)),
    };
    let mut is_last = false;
    checked.integrity = match presented.open(provider) {
        Err(error) => Verdict::of(error),
        Ok((commitment, seen)) => match record.find(&commitment) {
            None => Verdict::Invalid(Error::OtherDocument),
            Some((version, last)) => {
                is_last = last;
                checked.version = Some(version.sequence);
                checked.seen = seen;
                Verdict::Valid
            }
        },
    };
    match as_of(evidence, &record, policy, at, provider) {
        // Of another document it is not asked how it stands.
        Err(verdict) if checked.integrity == Verdict::Valid => checked.status = verdict,
        Err(_) => {}
        Ok((known, is_witnessed)) => {
            checked.as_of = Some(known);
            // What is asked for the time of a checkpoint is answered for it, if witnesses say what time that is.
            let then = match policy.fresh_within {
                None if is_witnessed => known,
                _ => at,
            };
            checked.status = match checked.integrity {
                Verdict::Valid => status_of(&record, is_last, then),
                _ => Verdict::Skipped,
            };
        }
    }
    checked.record = Some(record);
    checked
}

fn status_of(record: &Record, is_last: bool, at: Timestamp) -> Verdict {
    let public = record.version().map(|version| &version.public);
    let fault = match record.status() {
        RecordStatus::Revoked { .. } => Some(StatusFault::Revoked),
        RecordStatus::Retired { .. } => Some(StatusFault::Retired),
        RecordStatus::Active if !is_last => Some(StatusFault::Superseded),
        RecordStatus::Active => match public {
            Some(public) if public.from.is_some_and(|from| at < from) => {
                Some(StatusFault::NotYetValid)
            }
            Some(public) if public.until.is_some_and(|until| until <= at) => {
                Some(StatusFault::Expired)
            }
            _ => None,
        },
    };
    fault.map_or(Verdict::Valid, |fault| Verdict::Invalid(status(fault)))
}

/// For which time the status is known, and whether witnesses say so.
fn as_of(
    evidence: &RecordEvidence,
    record: &Record,
    policy: &Policy,
    at: Timestamp,
    provider: &dyn CryptoProvider,
) -> Result<(Timestamp, bool), Verdict> {
    let mut is_witnessed = false;
    let known = match evidence {
        RecordEvidence::Entries(_) => return Err(Verdict::Skipped),
        RecordEvidence::Live { at, .. } => Some(*at),
        RecordEvidence::Proved(proved) => {
            let Some((origin, trust)) = &policy.log else {
                return Err(Verdict::Skipped);
            };
            let trusted = proved.verify_chain(record.id(), origin, trust, provider);
            let trusted = trusted.map_err(|error| Verdict::of(error.into()))?;
            // Without witnesses nobody says when; the entries themselves were there before.
            is_witnessed = trusted.seen_at().is_some();
            match (trusted.seen_at(), policy.fresh_within) {
                (None, None) => Some(record.updated()),
                (seen, _) => seen,
            }
        }
    };
    let too_old = Err(Verdict::Error(status(StatusFault::TooOld)));
    match (known, policy.fresh_within) {
        (None, _) => too_old,
        (Some(known), _) if known > at.saturating_add_seconds(CLOCKS) => {
            Err(Verdict::Invalid(status(StatusFault::FromTheFuture)))
        }
        // What is said to be all of an earlier time has nothing of a later one.
        (Some(known), _) if record.updated() > known.saturating_add_seconds(CLOCKS) => {
            Err(Verdict::Invalid(status(StatusFault::FromTheFuture)))
        }
        (Some(known), Some(seconds)) if known.saturating_add_seconds(seconds) < at => too_old,
        (Some(known), _) => Ok((known, is_witnessed)),
    }
}

/// What the entries come to.
fn fold(
    entries: &[String],
    policy: &Policy,
    documents: &dyn IssuerDocuments,
    at: Timestamp,
    provider: &dyn CryptoProvider,
) -> Result<Record, Error> {
    let mut record = None;
    for text in entries {
        let entry = RegisterEntry::parse(text)?;
        if entry.time() > at.saturating_add_seconds(CLOCKS) {
            return Err(status(StatusFault::FromTheFuture));
        }
        let issuer = match entry.signed().operation().by() {
            Party::Issuer(method) => {
                let issuer = documents.document(&method.did(), entry.time())?;
                Some(issuer.ok_or(status(StatusFault::IssuerNotFound))?)
            }
            Party::Owner(_) => None,
        };
        let mut context = Context::new(&policy.register, entry.time()).provider(provider);
        if let Some(issuer) = &issuer {
            context = context.issuer(issuer);
        }
        let event = decide(record.as_ref(), entry.signed(), &context)?;
        apply(&mut record, &event);
    }
    record.ok_or(status(StatusFault::NoRecord))
}
