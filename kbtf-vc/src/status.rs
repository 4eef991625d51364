//! Status lists: whether a credential is suspended or revoked, without telling whose it is (VC-06).
//!
//! Two kinds, with everything about them the other way round: Bitstring Status List 1.0 (W3C; gzip, index 0 is the most
//! significant bit, carried by a credential) and Token Status List (IETF; zlib, index 0 is the least significant bit,
//! carried by a token). Both are lists of small numbers, one for each credential; an index tells nothing about a person as
//! long as it was drawn at random and never used twice.

mod issue;

use alloc::{
    borrow::ToOwned,
    collections::BTreeSet,
    format,
    string::{String, ToString},
};

use kbtf_did::{
    Timestamp, VerificationRelationship,
    json::{Number, Object, Value},
};

pub use issue::{IndexAllocator, StatusBits, TokenStatusList};

use crate::{
    Credential, Error, Evidence, FailureCode, Need, NotChecked, Policy, Step, Verdict,
    Verification, deflate,
    error::{token, wrong_type},
    jws::{self, Jws},
    received::{Received, TokenTimes},
    verdict::short,
    verify::{Inputs, Work, credential_verdict, own_token_verdict, unreadable},
};

/// The most bytes that a list may have when it is unpacked: 2^27 entries of one bit.
pub const MAX_LIST_BYTES: usize = 1 << 24;
/// The fewest entries of a Bitstring Status List: among fewer, an entry would tell too much (section 6.1).
pub const MIN_ENTRIES: usize = 131_072;

/// What an entry of a status list is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum StatusPurpose {
    /// `revocation`: for good.
    Revocation,
    /// `suspension`: for now.
    Suspension,
    /// `refresh`: a newer credential can be had. Takes nothing from this one.
    Refresh,
    /// `message`: what the number means is said in the entry.
    Message,
}

impl StatusPurpose {
    /// The name in `statusPurpose`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Revocation => "revocation",
            Self::Suspension => "suspension",
            Self::Refresh => "refresh",
            Self::Message => "message",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [
            Self::Revocation,
            Self::Suspension,
            Self::Refresh,
            Self::Message,
        ]
        .into_iter()
        .find(|purpose| purpose.as_str() == name)
    }
}

/// Which of the two kinds a list is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Bitstring { purposes: BTreeSet<StatusPurpose> },
    Token,
}

/// A status list that can be asked. Made by [`verify_status_list`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusList {
    kind: Kind,
    issuer: String,
    url: String,
    bits: StatusBits,
    until: Option<Timestamp>,
    checked_at: Timestamp,
}

impl StatusList {
    /// Who signed it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The URL it was fetched from.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// When a fresh one is to be fetched, as the list says itself.
    #[must_use]
    pub const fn until(&self) -> Option<Timestamp> {
        self.until
    }

    /// The number at an index; `None` beyond the end. For a token status list 0 is valid, 1 invalid, 2 suspended; for a
    /// bitstring of size 1, 1 means what its purpose says.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<u8> {
        self.bits.get(index)
    }
}

/// Verifies a status list that was fetched from a URL: its signature, its issuer's key, its times, its form. What comes
/// out goes into the [`Evidence`] for the credentials that refer to it. Who may sign the list for which credential is
/// looked at there.
///
/// A Bitstring Status List is read in every form that a credential has. Trust, schema and assurance of the policy are not
/// asked for a list.
pub fn verify_status_list(
    input: &[u8],
    url: &str,
    evidence: &Evidence,
    policy: &Policy<'_>,
    now: Timestamp,
) -> Verification<StatusList> {
    let policy = policy.clone().for_status_lists();
    let inputs = Inputs::new(evidence, &policy, now);
    let token = crate::received::text_of_token(input)
        .filter(|text| !text.contains('~'))
        .and_then(|text| Jws::parse(text).ok())
        .filter(|jws| jws.token_type() == Some("statuslist+jwt"));
    match token {
        Some(jws) => verify_token(jws, url, &inputs),
        None => verify_bitstring(input, url, &inputs),
    }
}

fn verify_bitstring(input: &[u8], url: &str, inputs: &Inputs<'_>) -> Verification<StatusList> {
    let received = match Received::read(input) {
        Ok(received) => received,
        Err(error) => return Verification::new(unreadable(&error), None),
    };
    let mut work = Work::default();
    let mut verdict = credential_verdict(&received, inputs, &mut work);
    work.settle(&mut verdict, inputs.policy.provider);
    match read_bitstring(&received.credential, url, inputs.now) {
        Ok(mut list) => {
            // What secures the list may end before the list does.
            for end in received.ends() {
                list.until = Some(list.until.map_or(end, |until| until.min(end)));
            }
            Verification::new(verdict, Some(list))
        }
        Err(error) => {
            verdict.fail(FailureCode::Malformed, error.to_string());
            Verification::new(verdict, None)
        }
    }
}

const fn status(place: &'static str, expected: &'static str) -> Error {
    Error::Status { place, expected }
}

fn read_bitstring(
    credential: &Credential<'_>,
    url: &str,
    now: Timestamp,
) -> Result<StatusList, Error> {
    if !credential
        .types()
        .any(|name| name == "BitstringStatusListCredential")
    {
        return Err(status("type", "BitstringStatusListCredential"));
    }
    // A list that says which one it is must be the one that was asked for.
    if credential
        .as_object()
        .get_str("id")
        .is_some_and(|id| id != url)
    {
        return Err(status("id", "the URL that the list was asked for at"));
    }
    let mut subjects = credential.subjects();
    let (Some(subject), None) = (subjects.next(), subjects.next()) else {
        return Err(status("credentialSubject", "one subject"));
    };
    if subject.get_str("type") != Some("BitstringStatusList") {
        return Err(status("credentialSubject.type", "BitstringStatusList"));
    }
    let purposes = subject
        .get("statusPurpose")
        .map(Value::as_set)
        .unwrap_or_default();
    let purposes: BTreeSet<_> = purposes
        .iter()
        .filter_map(|purpose| StatusPurpose::from_name(purpose.as_str()?))
        .collect();
    let size = match subject.get("statusSize") {
        None => 1,
        Some(size) => size
            .as_number()
            .and_then(Number::as_i64)
            .and_then(|size| u8::try_from(size).ok())
            .ok_or_else(|| status("statusSize", "1, 2, 4 or 8"))?,
    };
    let list = subject
        .get_str("encodedList")
        .and_then(|list| list.strip_prefix('u'))
        .and_then(jws::decode)
        .and_then(|bytes| deflate::gunzip(&bytes, MAX_LIST_BYTES))
        .ok_or_else(|| status("encodedList", "gzip in multibase base64url, at most 16 MiB"))?;
    let bits = StatusBits::from_most_significant(list, size)?;
    if bits.len() < MIN_ENTRIES {
        return Err(status("encodedList", "at least 131072 entries"));
    }
    let ttl = match subject.get("ttl") {
        None => None,
        // In milliseconds.
        Some(ttl) => Some(
            ttl.as_number()
                .and_then(Number::as_i64)
                .filter(|ttl| *ttl >= 0)
                .ok_or_else(|| status("ttl", "milliseconds"))?
                / 1000,
        ),
    };
    Ok(StatusList {
        kind: Kind::Bitstring { purposes },
        issuer: credential.issuer().to_owned(),
        url: url.to_owned(),
        bits,
        until: earlier(credential.valid_until(), ttl, now),
        checked_at: now,
    })
}

/// Until when a list may be asked: its own end, or its time to live from now on.
fn earlier(until: Option<Timestamp>, ttl: Option<i64>, now: Timestamp) -> Option<Timestamp> {
    let fresh_until = ttl.map(|ttl| now.saturating_add_seconds(ttl));
    match (until, fresh_until) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn verify_token(jws: Jws, url: &str, inputs: &Inputs<'_>) -> Verification<StatusList> {
    let read = read_token(jws, url, inputs.now);
    let (issuer, list, signed, times) = match read {
        Ok(read) => read,
        Err(error) => return Verification::new(unreadable(&error), None),
    };
    let purpose = VerificationRelationship::AssertionMethod;
    let verdict = own_token_verdict(&signed, times, &issuer, purpose, inputs);
    Verification::new(verdict, Some(list))
}

/// Reads a status list token (draft-ietf-oauth-status-list section 5.1).
fn read_token(
    jws: Jws,
    url: &str,
    now: Timestamp,
) -> Result<(String, StatusList, jws::SignedToken, TokenTimes), Error> {
    let typ = jws.token_type();
    if typ != Some("statuslist+jwt") {
        return Err(wrong_type("statuslist+jwt", typ));
    }
    let claims = jws.claims()?;
    let times = TokenTimes::of(&claims)?;
    if times.issued.is_none() {
        return Err(token("iat", "the time of the list"));
    }
    if claims.get_str("sub") != Some(url) {
        return Err(token("sub", "the URL that the list was asked for at"));
    }
    let inner = claims.get("status_list").and_then(Value::as_object);
    let inner = inner.ok_or_else(|| token("status_list", "an object"))?;
    let size = inner.get("bits").and_then(Value::as_number);
    let size = size
        .and_then(Number::as_i64)
        .and_then(|size| u8::try_from(size).ok())
        .ok_or_else(|| token("status_list.bits", "1, 2, 4 or 8"))?;
    let list = inner
        .get_str("lst")
        .and_then(jws::decode)
        .and_then(|bytes| deflate::inflate_zlib(&bytes, MAX_LIST_BYTES))
        .ok_or_else(|| token("status_list.lst", "zlib in base64url, at most 16 MiB"))?;
    let ttl = match claims.get("ttl") {
        None => None,
        Some(ttl) => Some(
            ttl.as_number()
                .and_then(Number::as_i64)
                .filter(|ttl| *ttl > 0)
                .ok_or_else(|| token("ttl", "seconds"))?,
        ),
    };
    let key_did = jws
        .header("kid")
        .and_then(|kid| kid.split_once('#'))
        .map(|(did, _)| did)
        .filter(|did| !did.is_empty());
    let issuer = claims
        .get_str("iss")
        .or(key_did)
        .ok_or_else(|| token("iss", "the issuer, a DID"))?
        .to_owned();
    let list = StatusList {
        kind: Kind::Token,
        issuer: issuer.clone(),
        url: url.to_owned(),
        bits: StatusBits::from_least_significant(list, size)?,
        until: earlier(times.expires, ttl, now),
        checked_at: now,
    };
    Ok((issuer, list, jws.into_signed(), times))
}

/// The step `status` of a W3C credential: every entry of `credentialStatus`.
pub(crate) fn check_entries(
    verdict: &mut Verdict,
    credential: &Credential<'_>,
    inputs: &Inputs<'_>,
) {
    let entries = credential.as_object().get("credentialStatus");
    let Some(entries) = entries else {
        verdict.skip(Step::Status, NotChecked::Absent);
        return;
    };
    if inputs.policy.waive_status {
        verdict.skip(Step::Status, NotChecked::Waived);
        return;
    }
    let mut worst = Verdict::new(NotChecked::Absent);
    for (i, entry) in entries.as_set().iter().enumerate() {
        let mut own = Verdict::new(NotChecked::Absent);
        match entry.as_object() {
            Some(entry) => check_entry(&mut own, entry, i, credential.issuer(), inputs),
            None => own.fail(
                FailureCode::MalformedStatus,
                format!("credentialStatus[{i}]"),
            ),
        }
        worst.take_worse(&own, Step::Status);
        worst.take_needs(own);
    }
    if !verdict.take_bad(&worst, Step::Status) {
        verdict.pass(Step::Status);
    }
    verdict.take_needs(worst);
}

fn check_entry(
    verdict: &mut Verdict,
    entry: &Object<'_>,
    i: usize,
    issuer: &str,
    inputs: &Inputs<'_>,
) {
    let types = entry.get("type").map(Value::as_set).unwrap_or_default();
    if !matches!(types, [only] if only.as_str() == Some("BitstringStatusListEntry")) {
        verdict.skip(Step::Status, NotChecked::Unsupported);
        return;
    }
    let malformed = |verdict: &mut Verdict, member: &str| {
        let place = format!("credentialStatus[{i}].{member}");
        verdict.fail(FailureCode::MalformedStatus, place);
    };
    let Some(purpose) = entry.get_str("statusPurpose") else {
        return malformed(verdict, "statusPurpose");
    };
    let Some(purpose) = StatusPurpose::from_name(purpose) else {
        verdict.skip(Step::Status, NotChecked::Unsupported);
        return;
    };
    // A text of digits; no sign, no leading zero, so that one index has one text.
    let index = entry
        .get_str("statusListIndex")
        .filter(|text| text.bytes().all(|b| b.is_ascii_digit()))
        .filter(|text| *text == "0" || !text.starts_with('0'))
        .and_then(|text| text.parse::<usize>().ok());
    let Some(index) = index else {
        return malformed(verdict, "statusListIndex");
    };
    let size = match entry.get("statusSize") {
        None => Some(1),
        Some(size) => size.as_number().and_then(Number::as_i64),
    };
    let Some(url) = entry.get_str("statusListCredential") else {
        return malformed(verdict, "statusListCredential");
    };
    let Some(list) = find(verdict, url, issuer, inputs) else {
        return;
    };
    let fits = matches!(&list.kind, Kind::Bitstring { purposes } if purposes.contains(&purpose));
    if !fits || size != Some(i64::from(list.bits.size())) {
        let detail = format!("{:?}: purpose {}", short(url), purpose.as_str());
        return verdict.fail(FailureCode::StatusListForeign, detail);
    }
    let Some(value) = list.get(index) else {
        return verdict.fail(FailureCode::StatusIndexOutOfRange, format!("index {index}"));
    };
    match (purpose, value) {
        (_, 0) | (StatusPurpose::Refresh, _) => verdict.pass(Step::Status),
        (StatusPurpose::Revocation, _) => verdict.fail(FailureCode::Revoked, ""),
        (StatusPurpose::Suspension, _) => verdict.fail(FailureCode::Suspended, ""),
        // What the message says, a program cannot weigh.
        (StatusPurpose::Message, _) => verdict.skip(Step::Status, NotChecked::Unsupported),
    }
}

/// The step `status` of an SD-JWT VC: its claim `status` (draft-ietf-oauth-status-list section 6.2).
pub(crate) fn check_claim(
    verdict: &mut Verdict,
    claims: &Object<'_>,
    issuer: &str,
    inputs: &Inputs<'_>,
) {
    let Some(claim) = claims.get("status") else {
        verdict.skip(Step::Status, NotChecked::Absent);
        return;
    };
    if inputs.policy.waive_status {
        verdict.skip(Step::Status, NotChecked::Waived);
        return;
    }
    let Some(claim) = claim.as_object() else {
        return verdict.fail(FailureCode::MalformedStatus, "status");
    };
    let reference = match claim.get("status_list").map(Value::as_object) {
        Some(Some(reference)) if claim.len() == 1 => reference,
        Some(None) => return verdict.fail(FailureCode::MalformedStatus, "status.status_list"),
        // Another mechanism, alone or beside.
        _ => {
            verdict.skip(Step::Status, NotChecked::Unsupported);
            return;
        }
    };
    let index = reference
        .get("idx")
        .and_then(Value::as_number)
        .and_then(Number::as_i64)
        .and_then(|index| usize::try_from(index).ok());
    let (Some(index), Some(url)) = (index, reference.get_str("uri")) else {
        return verdict.fail(FailureCode::MalformedStatus, "status.status_list");
    };
    let Some(list) = find(verdict, url, issuer, inputs) else {
        return;
    };
    if list.kind != Kind::Token {
        return verdict.fail(FailureCode::StatusListForeign, "no token status list");
    }
    match list.get(index) {
        None => verdict.fail(FailureCode::StatusIndexOutOfRange, format!("index {index}")),
        Some(0) => verdict.pass(Step::Status),
        Some(1) => verdict.fail(FailureCode::Revoked, ""),
        Some(2) => verdict.fail(FailureCode::Suspended, ""),
        Some(other) => verdict.fail(FailureCode::UnknownStatus, format!("value {other}")),
    }
}

/// The list of a URL, if it is there, verified, fresh, and signed by who may.
fn find<'e>(
    verdict: &mut Verdict,
    url: &str,
    issuer: &str,
    inputs: &Inputs<'e>,
) -> Option<&'e StatusList> {
    let missing = |verdict: &mut Verdict| {
        verdict.need(Need::StatusList(url.to_owned()));
        verdict.skip(Step::Status, NotChecked::MissingEvidence);
    };
    let list = match inputs.evidence.status_list(url) {
        None => {
            missing(verdict);
            return None;
        }
        Some(Err(found)) => {
            let needs = found.needs();
            if found.failures().next().is_none() && !needs.is_empty() {
                // Not a bad list, but one that could not be judged yet.
                for need in needs {
                    verdict.need(need);
                }
                verdict.skip(Step::Status, NotChecked::MissingEvidence);
            } else {
                let code = found.failures().next().map(|f| f.code().as_str());
                let detail = format!("{:?}: {}", short(url), code.unwrap_or("undecided"));
                verdict.fail(FailureCode::StatusListInvalid, detail);
            }
            return None;
        }
        Some(Ok(list)) => list.get(),
    };
    if list.url != url {
        let detail = format!("{:?}: fetched from {:?}", short(url), short(&list.url));
        verdict.fail(FailureCode::StatusListForeign, detail);
        return None;
    }
    // Stale, or checked at a later time than the one that is asked about now.
    let latest = inputs.now.saturating_add_seconds(inputs.policy.clock_skew);
    let oldest = inputs
        .now
        .saturating_add_seconds(-inputs.policy.status_max_age);
    if list.until.is_some_and(|until| inputs.now > until)
        || list.checked_at > latest
        || list.checked_at < oldest
    {
        missing(verdict);
        return None;
    }
    let may_sign = list.issuer == issuer
        || inputs
            .policy
            .status_issuers
            .iter()
            .any(|did| did.as_str() == list.issuer);
    if !may_sign {
        let detail = format!(
            "signed by {:?}, not {:?}",
            short(&list.issuer),
            short(issuer)
        );
        verdict.fail(FailureCode::StatusListForeign, detail);
        return None;
    }
    Some(list)
}
