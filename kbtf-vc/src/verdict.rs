use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use kbtf_did::{
    Did,
    json::{Object, Value},
};

use crate::{Credential, FailureCode, Presentation};

/// What verification looks at, in the order of its report. Each stands in every verdict exactly once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Step {
    /// JSON, the shape of the data model, known contexts, one readable proof.
    Structure,
    /// One version of the data model throughout.
    Version,
    /// The key of the proof is found, usable, and neither expired, revoked nor of a deactivated DID.
    KeyState,
    /// The proof's purpose is the one wanted and the controller lists the key for it.
    Relationship,
    /// The issuer controls the key.
    Issuer,
    /// The signature verifies.
    Signature,
    /// Document and proof are valid at the time of verification.
    Validity,
    /// Neither suspended nor revoked.
    Status,
    /// The claims keep the credential's schema.
    Schema,
    /// The proof answers the verifier's challenge.
    Challenge,
    /// The proof is meant for this verifier.
    Domain,
    /// The presenter is who the presentation and its credentials name.
    Holder,
    /// The issuer is one that the verifier trusts.
    Trust,
    /// The level of assurance (X.1254) is high enough.
    Assurance,
}

impl Step {
    /// All steps, in order.
    pub const ALL: [Self; 14] = [
        Self::Structure,
        Self::Version,
        Self::KeyState,
        Self::Relationship,
        Self::Issuer,
        Self::Signature,
        Self::Validity,
        Self::Status,
        Self::Schema,
        Self::Challenge,
        Self::Domain,
        Self::Holder,
        Self::Trust,
        Self::Assurance,
    ];

    /// The name in reports, which is also the reason class of a refusal: `structure`, `keyState`, …
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Structure => "structure",
            Self::Version => "version",
            Self::KeyState => "keyState",
            Self::Relationship => "relationship",
            Self::Issuer => "issuer",
            Self::Signature => "signature",
            Self::Validity => "validity",
            Self::Status => "status",
            Self::Schema => "schema",
            Self::Challenge => "challenge",
            Self::Domain => "domain",
            Self::Holder => "holder",
            Self::Trust => "trust",
            Self::Assurance => "assurance",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a step came out. A step that was not checked is never a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Checked and in order.
    Passed,
    /// Checked and not in order.
    Failed(Failure),
    /// Not checked, and why.
    NotChecked(NotChecked),
}

impl Outcome {
    /// 0 if a document may still be accepted, 1 if that is open, 2 if not.
    const fn badness(&self) -> u8 {
        match self {
            Self::Failed(_) => 2,
            Self::NotChecked(why) if !why.is_harmless() => 1,
            Self::NotChecked(_) | Self::Passed => 0,
        }
    }
}

/// Why a step failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    code: FailureCode,
    detail: String,
}

impl Failure {
    pub(crate) fn new(code: FailureCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }

    /// The stable code, with a message in Korean and English.
    #[must_use]
    pub const fn code(&self) -> FailureCode {
        self.code
    }

    /// The place, what was expected and what came, for a developer. Holds no secret; may be empty.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

/// Why a step was not checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum NotChecked {
    /// The document has nothing that this step would look at, and needs nothing.
    Absent,
    /// Documents of this kind have no such step.
    NotApplicable,
    /// The policy says not to.
    Waived,
    /// The policy asks nothing of this step.
    NotRequired,
    /// Evidence is missing; see the verdict's needs.
    MissingEvidence,
    /// The document asks for something that this version cannot check.
    Unsupported,
    /// An earlier step failed and left nothing to look at.
    EarlierFailure,
    /// The cryptographic provider could not do its work. Nothing follows for the document.
    ProviderFailed,
}

impl NotChecked {
    /// Whether a verdict may still accept: nothing was there to check, or the policy takes the responsibility.
    #[must_use]
    pub const fn is_harmless(self) -> bool {
        matches!(
            self,
            Self::Absent | Self::NotApplicable | Self::Waived | Self::NotRequired
        )
    }

    /// The name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::NotApplicable => "notApplicable",
            Self::Waived => "waived",
            Self::NotRequired => "notRequired",
            Self::MissingEvidence => "missingEvidence",
            Self::Unsupported => "unsupported",
            Self::EarlierFailure => "earlierFailure",
            Self::ProviderFailed => "providerFailed",
        }
    }
}

/// Evidence that verification lacks. The caller gets it in its own way, adds it, and verifies again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Need {
    /// The resolved DID document of this DID.
    DidDocument(Did),
    /// The status list of this URL, checked by [`verify_status_list`](crate::verify_status_list) not longer ago than
    /// it says itself.
    StatusList(String),
    /// The JSON Schema of this URL.
    Schema(String),
    /// The resource of this URL, whose digest the document states.
    Resource(String),
    /// What the ledger says of the credential of this id ([`OpenDidEvidence::add_status`](crate::open_did::OpenDidEvidence::add_status)).
    StatusRecord(String),
}

impl Need {
    /// What is needed, as a report writes it: `{type, did}`, `{type, url}` or `{type, id}`.
    #[must_use]
    pub fn to_object(&self) -> Object<'static> {
        let (name, member, value) = match self {
            Self::DidDocument(did) => ("didDocument", "did", did.as_str()),
            Self::StatusList(url) => ("statusList", "url", url.as_str()),
            Self::Schema(url) => ("schema", "url", url.as_str()),
            Self::Resource(url) => ("resource", "url", url.as_str()),
            Self::StatusRecord(id) => ("statusRecord", "id", id.as_str()),
        };
        let mut object = Object::new();
        object.insert("type", name);
        object.insert(member, value.to_owned());
        object
    }
}

/// What follows from all steps together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// Every step passed, or had nothing to check, or was waived by the policy.
    Accepted,
    /// Nothing failed, but something could not be checked. To be treated as refused until it can.
    Undecided,
    /// A step failed.
    Refused,
}

impl Decision {
    /// The name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Undecided => "undecided",
            Self::Refused => "refused",
        }
    }
}

/// The report of one verification: every step, and what evidence is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    outcomes: Vec<(Step, Outcome)>,
    needs: Vec<Need>,
    credentials: Vec<Verdict>,
}

impl Verdict {
    /// A verdict in which nothing has been looked at: `start` for every step.
    pub(crate) fn new(start: NotChecked) -> Self {
        Self {
            outcomes: Step::ALL
                .into_iter()
                .map(|step| (step, Outcome::NotChecked(start)))
                .collect(),
            needs: Vec::new(),
            credentials: Vec::new(),
        }
    }

    /// A failure stands, whatever comes after it.
    fn set(&mut self, step: Step, outcome: Outcome) {
        if let Some((_, slot)) = self.outcomes.iter_mut().find(|(s, _)| *s == step)
            && !matches!(slot, Outcome::Failed(_))
        {
            *slot = outcome;
        }
    }

    pub(crate) fn pass(&mut self, step: Step) {
        self.set(step, Outcome::Passed);
    }

    pub(crate) fn skip(&mut self, step: Step, why: NotChecked) {
        self.set(step, Outcome::NotChecked(why));
    }

    pub(crate) fn fail(&mut self, code: FailureCode, detail: impl Into<String>) {
        self.set(code.step(), Outcome::Failed(Failure::new(code, detail)));
    }

    pub(crate) fn need(&mut self, need: Need) {
        if !self.needs.contains(&need) {
            self.needs.push(need);
        }
    }

    /// Passes a step of which nobody has spoken yet.
    pub(crate) fn pass_unless_spoken(&mut self, step: Step) {
        if *self.outcome(step) == Outcome::NotChecked(NotChecked::Unsupported) {
            self.pass(step);
        }
    }

    /// Takes over what another verdict says of one step, if it is worse: so the report on several proofs is that on the
    /// worst of them, step by step.
    pub(crate) fn take_worse(&mut self, other: &Self, step: Step) {
        let theirs = other.outcome(step);
        if theirs.badness() > self.outcome(step).badness() {
            self.set(step, theirs.clone());
        }
    }

    /// Takes over what another verdict says of one step, if it keeps a document from being accepted.
    pub(crate) fn take_bad(&mut self, other: &Self, step: Step) -> bool {
        let theirs = other.outcome(step);
        let is_bad = theirs.badness() > 0;
        if is_bad {
            self.set(step, theirs.clone());
        }
        is_bad
    }

    /// Takes over what another verdict says of one step, unless this one has failed it.
    pub(crate) fn take(&mut self, other: &Self, step: Step) {
        self.set(step, other.outcome(step).clone());
    }

    /// Takes over what another verdict needs.
    pub(crate) fn take_needs(&mut self, other: Self) {
        for need in other.needs {
            self.need(need);
        }
    }

    pub(crate) fn push_credential(&mut self, verdict: Self) {
        self.credentials.push(verdict);
    }

    /// How a step came out.
    #[must_use]
    pub fn outcome(&self, step: Step) -> &Outcome {
        const NEVER: &Outcome = &Outcome::NotChecked(NotChecked::Unsupported);
        self.outcomes
            .iter()
            .find(|(s, _)| *s == step)
            .map_or(NEVER, |(_, outcome)| outcome)
    }

    /// All steps in order.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = (Step, &Outcome)> {
        self.outcomes.iter().map(|(step, outcome)| (*step, outcome))
    }

    /// The failures of this document itself, those of credentials inside a presentation aside.
    pub fn failures(&self) -> impl Iterator<Item = &Failure> {
        self.outcomes
            .iter()
            .filter_map(|(_, outcome)| match outcome {
                Outcome::Failed(failure) => Some(failure),
                _ => None,
            })
    }

    /// For a presentation, the verdict of each credential inside, in order.
    #[must_use]
    pub fn credentials(&self) -> &[Self] {
        &self.credentials
    }

    /// The evidence that is missing here and in the credentials inside, each named once.
    #[must_use]
    pub fn needs(&self) -> Vec<Need> {
        let mut needs = self.needs.clone();
        for need in self.credentials.iter().flat_map(Self::needs) {
            if !needs.contains(&need) {
                needs.push(need);
            }
        }
        needs
    }

    /// What follows: refused if any step here or in a credential inside failed, accepted only if every step
    /// passed or was harmlessly not checked.
    #[must_use]
    pub fn decision(&self) -> Decision {
        let own = self.outcomes.iter().map(|(_, outcome)| match outcome {
            Outcome::Passed => Decision::Accepted,
            Outcome::NotChecked(why) if why.is_harmless() => Decision::Accepted,
            Outcome::NotChecked(_) => Decision::Undecided,
            Outcome::Failed(_) => Decision::Refused,
        });
        let inner = self.credentials.iter().map(Self::decision);
        own.chain(inner).max().unwrap_or(Decision::Undecided)
    }

    /// The verdict as JSON, the same in reports, in the harness protocol and in the WebAssembly package:
    /// `{decision, steps: [{step, outcome, code?, detail?, problemType?, why?}], needs: [{type, did | url}], credentials: […]}`.
    #[must_use]
    pub fn to_object(&self) -> Object<'static> {
        let mut object = Object::new();
        object.insert("decision", self.decision().as_str());
        let steps = self
            .steps()
            .map(|(step, outcome)| step_object(step, outcome));
        object.insert("steps", steps.collect::<Vec<_>>());
        let needs = self.needs().into_iter().map(|need| need.to_object());
        object.insert("needs", needs.collect::<Vec<_>>());
        if !self.credentials.is_empty() {
            let inner = self.credentials.iter().map(Self::to_object);
            object.insert("credentials", inner.collect::<Vec<_>>());
        }
        object
    }
}

fn step_object(step: Step, outcome: &Outcome) -> Object<'static> {
    let mut object = Object::new();
    object.insert("step", step.as_str());
    let name: Value<'static> = match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed(_) => "failed",
        Outcome::NotChecked(_) => "notChecked",
    }
    .into();
    object.insert("outcome", name);
    match outcome {
        Outcome::Passed => {}
        Outcome::Failed(failure) => {
            object.insert("code", failure.code.as_str());
            object.insert("problemType", failure.code.problem_type());
            if !failure.detail.is_empty() {
                object.insert("detail", failure.detail.to_string());
            }
        }
        Outcome::NotChecked(why) => {
            object.insert("why", why.as_str());
        }
    }
    object
}

/// A document that verification has accepted. Only verification makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified<T> {
    document: T,
    verdict: Verdict,
}

impl<T> Verified<T> {
    /// The document.
    #[must_use]
    pub const fn get(&self) -> &T {
        &self.document
    }

    /// The document itself. From here on the type no longer says that it was verified.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.document
    }

    /// The report: which steps passed and which had nothing to check.
    #[must_use]
    pub const fn verdict(&self) -> &Verdict {
        &self.verdict
    }
}

impl<T> Verified<T> {
    pub(crate) const fn new(document: T, verdict: Verdict) -> Self {
        Self { document, verdict }
    }
}

impl Verified<Presentation<'_>> {
    /// The credentials inside, each verified with its own verdict, in order: those that stand there as objects, and those
    /// in envelopes, opened.
    #[must_use]
    pub fn credentials(&self) -> Vec<Verified<Credential<'static>>> {
        self.document
            .credentials()
            .zip(self.verdict.credentials())
            .filter(|(_, verdict)| verdict.decision() == Decision::Accepted)
            .filter_map(|(value, verdict)| {
                let opened = crate::received::Received::inside(value).ok()?;
                Some(Verified::new(
                    opened.credential.into_owned(),
                    verdict.clone(),
                ))
            })
            .collect()
    }
}

/// What verification gives: a verdict, and the document behind it if the verdict accepts.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a verification that nobody reads accepts nothing"]
pub struct Verification<T> {
    verdict: Verdict,
    document: Option<T>,
}

impl<T> Verification<T> {
    pub(crate) const fn new(verdict: Verdict, document: Option<T>) -> Self {
        Self { verdict, document }
    }

    /// Verdict and document apart, for a verification that has more to look at.
    pub(crate) fn into_parts(self) -> (Verdict, Option<T>) {
        (self.verdict, self.document)
    }

    /// The report.
    #[must_use]
    pub const fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// Whether the document is accepted.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.document.is_some() && self.verdict.decision() == Decision::Accepted
    }

    /// The verified document, or the verdict that says why there is none.
    ///
    /// # Errors
    /// The verdict, if its decision is anything but accepted.
    pub fn into_verified(self) -> Result<Verified<T>, Verdict> {
        match (self.verdict.decision(), self.document) {
            (Decision::Accepted, Some(document)) => Ok(Verified {
                document,
                verdict: self.verdict,
            }),
            _ => Err(self.verdict),
        }
    }
}

/// A text from the document for a message: cut, and with nothing in it that would steer a terminal.
pub(crate) fn quoted(text: &str) -> String {
    format!("{:?}", short(text))
}

/// At most 128 bytes of something from the document, cut on a character boundary.
pub(crate) fn short(text: &str) -> &str {
    let mut end = text.len().min(128);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}
