//! OpenDID, a Korean open-source stack: its credentials and presentations, verified only (VC-04, profile).
//!
//! A credential of OpenDID has the contexts of W3C and little else of it: claims stand in an array, and beside the
//! signature over all there is one for each claim, so that the holder can show some and leave the others out. Every
//! showing has the issuer's signatures, so showings can be linked ([`Form::OpenDid`]), and a
//! presentation is bound to the verifier's nonce but not to the verifier: who is shown one can show it to another that has
//! given out the same nonce. Nothing is issued in this form.
//!
//! What is signed is the document with the members of objects sorted and without white space between them. The written
//! rule of OpenDID takes the white space inside of texts away too, so that "홍 길동" and "홍길동" have one signature; its
//! programs do not. Which one an issuer keeps is for the verifier to say ([`WhiteSpace`]); the default is that of the
//! programs, in which nothing can be changed. With the written rule spaces are taken in the texts of captions, values, names, titles and
//! descriptions alone, so that nothing else changes under it. Nowhere else in this crate is there such a rule. Numbers that those programs
//! would round, `null`, which they drop, and control characters, which they write in different ways, are refused.
//!
//! Differences to W3C that are read here and nowhere else: ids of keys are bare names, `did:omn:a?versionId=1#assert` names
//! a key of one version of a DID document, and signatures have a byte in front from which the key could be recovered.

use alloc::{
    borrow::ToOwned,
    collections::{BTreeMap, BTreeSet},
    format,
    string::{String, ToString},
    vec::Vec,
};

use base64ct::{Base64Unpadded, Encoding as _};
use kbtf_did::{
    CryptoProvider, Did, Error as DidError, KeyType, PublicKey, SignatureAlgorithm, Timestamp,
    is_low_s,
    json::{self, Object, Value},
    multibase,
};

use crate::{
    CONTEXT_V2, Error, FailureCode, Form, HolderBinding, Need, NotChecked, Policy, Step, Verdict,
    Verification,
    error::malformed,
    trust,
    verdict::{quoted, short},
    verify::{Inputs, check_period, undecided, unreadable},
};

/// The most claims of one credential, and the most credentials of one presentation.
pub const MAX_CLAIMS: usize = 128;
const MAX_CREDENTIALS: usize = 16;

/// What of white space inside of texts is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum WhiteSpace {
    /// All of it, as the programs of OpenDID do.
    #[default]
    Kept,
    /// None of it, as the written rule has it: spaces in every claim may then be others than the issuer signed.
    Removed,
}

/// What a verifier asks: the policy for credentials, and how texts were signed.
#[derive(Clone)]
pub struct OpenDidPolicy<'p> {
    policy: Policy<'p>,
    white_space: WhiteSpace,
}

impl<'p> OpenDidPolicy<'p> {
    /// A policy. Of [`Policy`] it keeps the trust in issuers, the cryptographic provider, the clock skew, the forms and what
    /// is waived; OpenDID has neither status lists nor JSON Schemas, so whoever does not ask the ledger waives the status,
    /// and a credential with a schema needs [`Policy::waive_schema`].
    #[must_use]
    pub fn new(policy: Policy<'p>) -> Self {
        Self {
            policy,
            white_space: WhiteSpace::default(),
        }
    }

    /// Says what of white space was signed.
    #[must_use]
    pub const fn white_space(mut self, white_space: WhiteSpace) -> Self {
        self.white_space = white_space;
        self
    }
}

/// The state of a credential on the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenDidStatus {
    /// In force.
    Active,
    /// Out of force for a time.
    Inactive,
    /// Out of force for ever.
    Revoked,
}

/// What the caller has got from the ledger.
#[derive(Debug, Clone, Default)]
pub struct OpenDidEvidence {
    documents: BTreeMap<(String, String), Keys>,
    statuses: BTreeMap<String, OpenDidStatus>,
}

/// What a version of a DID document says of keys.
#[derive(Debug, Clone, PartialEq)]
struct Keys {
    deactivated: bool,
    /// Each with whether it is in force.
    methods: Vec<(String, PublicKey, bool)>,
    assertion: Vec<String>,
}

impl OpenDidEvidence {
    /// No evidence.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            documents: BTreeMap::new(),
            statuses: BTreeMap::new(),
        }
    }

    /// Adds a version of a DID document, as the ledger gives it. The caller vouches for that: the document's own proofs are
    /// not looked at.
    ///
    /// # Errors
    /// `vc/malformed` if it is not such a document, `vc/wrong-document` if it is about another DID than was asked for,
    /// `vc/conflicting-documents` if another text of that version is there already.
    pub fn add_document(&mut self, asked: &Did, text: &str) -> Result<(), Error> {
        let document = json::parse(text)?;
        let document = document.as_object();
        let document = document.ok_or_else(|| malformed("document", "an object"))?;
        let text = |name: &'static str| {
            let text = document.get_str(name);
            text.ok_or_else(|| malformed(name, "a string"))
        };
        let (id, version) = (text("id")?, text("versionId")?);
        if id != asked.as_str() {
            return Err(Error::WrongDocument {
                asked: asked.as_str().to_owned(),
                got: short(id).to_owned(),
            });
        }
        let keys = Keys::read(document, id)?;
        let key = (id.to_owned(), version.to_owned());
        match self.documents.get(&key) {
            Some(known) if *known != keys => {
                Err(Error::ConflictingDocuments { did: id.to_owned() })
            }
            _ => {
                self.documents.insert(key, keys);
                Ok(())
            }
        }
    }

    /// Adds what the ledger says of the credential of an id.
    pub fn add_status(&mut self, credential: &str, status: OpenDidStatus) {
        self.statuses.insert(credential.to_owned(), status);
    }
}

impl Keys {
    fn read(document: &Object<'_>, did: &str) -> Result<Self, Error> {
        let mut methods: Vec<(String, PublicKey, bool)> = Vec::new();
        let listed = document.get("verificationMethod").and_then(Value::as_array);
        for method in listed.unwrap_or_default() {
            let text = |name: &str| method.as_object().and_then(|method| method.get_str(name));
            let id = text("id").filter(|id| !id.is_empty() && !id.contains(['#', '?', '/']));
            let id = id.ok_or_else(|| malformed("verificationMethod.id", "a bare name"))?;
            if methods.iter().any(|(other, ..)| other == id) {
                return Err(malformed("verificationMethod.id", "names that differ"));
            }
            if text("controller") != Some(did) {
                return Err(malformed(
                    "verificationMethod.controller",
                    "the DID of the document",
                ));
            }
            let kind = match text("type") {
                Some("Secp256r1VerificationKey2018") => KeyType::P256,
                Some("Secp256k1VerificationKey2018") => KeyType::Secp256k1,
                // A key of a kind that is not read here verifies nothing here.
                Some(_) => continue,
                None => return Err(malformed("verificationMethod.type", "a string")),
            };
            let bytes = text("publicKeyMultibase")
                .and_then(decode)
                .filter(|bytes| bytes.len() == 33);
            let bytes = bytes
                .ok_or_else(|| malformed("publicKeyMultibase", "33 bytes, a compressed point"))?;
            // Whatever else a status says, it is not that the key is valid.
            let in_force = method
                .as_object()
                .and_then(|method| method.get("status"))
                .is_none_or(|status| status.as_str() == Some("VALID"));
            methods.push((
                id.to_owned(),
                PublicKey::from_bytes(kind, &bytes)?,
                in_force,
            ));
        }
        let names = document
            .get("assertionMethod")
            .map(Value::as_set)
            .unwrap_or_default();
        let names = names
            .iter()
            .map(|name| name.as_str().map(ToOwned::to_owned));
        let assertion = names.collect::<Option<_>>();
        let deactivated = match document.get("deactivated") {
            None | Some(Value::Bool(false)) => false,
            Some(Value::Bool(true)) => true,
            Some(_) => return Err(malformed("deactivated", "true or false")),
        };
        Ok(Self {
            deactivated,
            methods,
            assertion: assertion.ok_or_else(|| malformed("assertionMethod", "names of keys"))?,
        })
    }
}

/// Multibase as OpenDID writes it: base64 without padding (`m`) beside what the standard's documents use.
fn decode(text: &str) -> Option<Vec<u8>> {
    // A key or signature has at most 65 bytes, 130 digits in base16.
    if text.len() > 140 {
        return None;
    }
    match text.strip_prefix('m') {
        Some(base64) => Base64Unpadded::decode_vec(base64).ok(),
        None => multibase::decode(text).ok(),
    }
}

/// A claim of a credential.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenDidClaim {
    object: Object<'static>,
}

impl OpenDidClaim {
    /// What the claim is, such as `org.opendid.v1.name`.
    #[must_use]
    pub fn code(&self) -> &str {
        self.object.get_str("code").unwrap_or_default()
    }

    /// What it is called for people.
    #[must_use]
    pub fn caption(&self) -> &str {
        self.object.get_str("caption").unwrap_or_default()
    }

    /// Its value. Under [`WhiteSpace::Removed`] the spaces in it are under no signature.
    #[must_use]
    pub fn value(&self) -> &str {
        self.object.get_str("value").unwrap_or_default()
    }

    /// All of it: `type`, `format`, `hideValue`, `i18n` and the like.
    #[must_use]
    pub const fn as_object(&self) -> &Object<'static> {
        &self.object
    }
}

/// A credential of OpenDID, with the claims that are shown.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenDidCredential {
    object: Object<'static>,
    claims: Vec<OpenDidClaim>,
    issued: Timestamp,
    from: Timestamp,
    until: Timestamp,
}

impl OpenDidCredential {
    fn read(value: &Value<'_>) -> Result<Self, Error> {
        let object = value.as_object();
        let object = object.ok_or_else(|| malformed("credential", "an object"))?;
        check_context(object)?;
        for name in ["id", "encoding", "formatVersion", "language"] {
            if object.get_str(name).is_none() {
                return Err(malformed(name, "a string"));
            }
        }
        let types = object
            .get("type")
            .and_then(Value::as_array)
            .unwrap_or_default();
        if types.is_empty() || types.iter().any(|name| name.as_str().is_none()) {
            return Err(malformed("type", "an array of strings"));
        }
        let member = |outer: &str, name: &str| {
            object
                .get(outer)
                .and_then(Value::as_object)
                .and_then(|outer| outer.get_str(name))
        };
        if member("issuer", "id").is_none_or(|did| Did::parse(did).is_err()) {
            return Err(malformed("issuer.id", "a DID"));
        }
        if member("credentialSubject", "id").is_none_or(|did| Did::parse(did).is_err()) {
            return Err(malformed("credentialSubject.id", "a DID"));
        }
        let subject = object.get("credentialSubject").and_then(Value::as_object);
        let claims = subject.and_then(|subject| subject.get("claims")?.as_array());
        let claims = claims.unwrap_or_default();
        if claims.is_empty() || claims.len() > MAX_CLAIMS {
            return Err(malformed("credentialSubject.claims", "1 to 128 claims"));
        }
        let mut codes = BTreeSet::new();
        let mut read = Vec::with_capacity(claims.len());
        for claim in claims {
            let claim = claim.as_object();
            let claim = claim.ok_or_else(|| malformed("credentialSubject.claims", "objects"))?;
            for name in ["code", "caption", "value"] {
                if claim.get_str(name).is_none() {
                    return Err(malformed(
                        "credentialSubject.claims",
                        "code, caption and value as strings",
                    ));
                }
            }
            if !codes.insert(claim.get_str("code")) {
                return Err(malformed("credentialSubject.claims", "codes that differ"));
            }
            read.push(OpenDidClaim {
                object: claim.clone().into_owned(),
            });
        }
        Ok(Self {
            claims: read,
            issued: time(object, "issuanceDate")?,
            from: time(object, "validFrom")?,
            until: time(object, "validUntil")?,
            object: object.clone().into_owned(),
        })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.object.get_str("id").unwrap_or_default()
    }

    /// The DID of the issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.inner("issuer")
    }

    /// The DID of whom it is about.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.inner("credentialSubject")
    }

    fn inner(&self, name: &str) -> &str {
        let object = self.object.get(name).and_then(Value::as_object);
        object
            .and_then(|object| object.get_str("id"))
            .unwrap_or_default()
    }

    /// Its types, such as `CertificateVC`.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        let types = self.object.get("type").map(Value::as_set);
        types.unwrap_or_default().iter().filter_map(Value::as_str)
    }

    /// When it was issued.
    #[must_use]
    pub const fn issued(&self) -> Timestamp {
        self.issued
    }

    /// The claims that are shown, each under a signature of the issuer.
    #[must_use]
    pub fn claims(&self) -> &[OpenDidClaim] {
        &self.claims
    }

    /// The value of the claim of a code, if it is shown.
    #[must_use]
    pub fn claim(&self, code: &str) -> Option<&str> {
        let claim = self.claims.iter().find(|claim| claim.code() == code);
        claim.map(OpenDidClaim::value)
    }

    /// All of it.
    #[must_use]
    pub const fn as_object(&self) -> &Object<'static> {
        &self.object
    }
}

/// A presentation of OpenDID.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenDidPresentation {
    holder: String,
    credentials: Vec<OpenDidCredential>,
}

impl OpenDidPresentation {
    /// The DID of who shows the credentials.
    #[must_use]
    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// The credentials, each with the claims that are shown.
    #[must_use]
    pub fn credentials(&self) -> &[OpenDidCredential] {
        &self.credentials
    }
}

fn check_context(object: &Object<'_>) -> Result<(), Error> {
    let contexts = object.get("@context").and_then(Value::as_array);
    match contexts {
        Some([only]) if only.as_str() == Some(CONTEXT_V2) => Ok(()),
        _ => Err(malformed("@context", "the context of VC 2.0, and no other")),
    }
}

fn time(object: &Object<'_>, name: &str) -> Result<Timestamp, Error> {
    let time = object.get_str(name).and_then(|text| text.parse().ok());
    time.ok_or_else(|| malformed(name, "a date and time with zone"))
}

/// Verifies a credential of OpenDID as its holder has it, or as a presentation shows it: a pure function of its bytes, the
/// evidence, the policy and the time.
///
/// With `proofValue` the signature over all claims counts, with `proofValueList` one for each claim that is there; with
/// both, both. A claim without a signature, or a signature without a claim, refuses the credential.
///
/// ```
/// use kbtf_vc::{Decision, Policy, Trust, open_did::{OpenDidEvidence, OpenDidPolicy, verify_credential}};
///
/// let policy = OpenDidPolicy::new(Policy::new(Trust::AnyIssuer));
/// let now = "2026-11-22T00:00:00Z".parse()?;
/// let verification = verify_credential(b"{}", &OpenDidEvidence::new(), &policy, now);
/// assert_eq!(verification.verdict().decision(), Decision::Refused);
/// # Ok::<(), kbtf_did::Error>(())
/// ```
pub fn verify_credential(
    input: &[u8],
    evidence: &OpenDidEvidence,
    policy: &OpenDidPolicy<'_>,
    now: Timestamp,
) -> Verification<OpenDidCredential> {
    let read = json::parse_bytes(input)
        .map_err(Error::from)
        .and_then(|value| OpenDidCredential::read(&value));
    match read {
        Ok(credential) => {
            let verdict = Verifier {
                evidence,
                policy,
                now,
            }
            .credential(&credential);
            Verification::new(verdict, Some(credential))
        }
        Err(error) => Verification::new(unreadable(&error), None),
    }
}

/// Verifies a presentation of OpenDID and every credential inside: signed by its holder, in answer to this nonce. The step
/// `domain` is reported as not applicable: such a presentation is not bound to a verifier.
///
/// The nonce is compared, not remembered: that each is given out once and accepted once is the caller's part.
pub fn verify_presentation(
    input: &[u8],
    evidence: &OpenDidEvidence,
    policy: &OpenDidPolicy<'_>,
    verifier_nonce: &str,
    holder_binding: &HolderBinding,
    now: Timestamp,
) -> Verification<OpenDidPresentation> {
    let verifier = Verifier {
        evidence,
        policy,
        now,
    };
    let read = json::parse_bytes(input)
        .map_err(Error::from)
        .and_then(|value| {
            let object = value.as_object();
            let object = object.ok_or_else(|| malformed("presentation", "an object"))?;
            let presentation = read_presentation(object)?;
            let verdict =
                verifier.presentation(object, &presentation, verifier_nonce, holder_binding)?;
            Ok((verdict, presentation))
        });
    match read {
        Ok((verdict, presentation)) => Verification::new(verdict, Some(presentation)),
        Err(error) => Verification::new(unreadable(&error), None),
    }
}

fn read_presentation(object: &Object<'_>) -> Result<OpenDidPresentation, Error> {
    check_context(object)?;
    let types = object.get("type").map(Value::as_set).unwrap_or_default();
    if !types
        .iter()
        .any(|name| name.as_str() == Some("VerifiablePresentation"))
    {
        return Err(malformed("type", "VerifiablePresentation among them"));
    }
    let holder = object
        .get_str("holder")
        .filter(|did| Did::parse(did).is_ok());
    let holder = holder.ok_or_else(|| malformed("holder", "a DID"))?;
    let credentials = object.get("verifiableCredential").and_then(Value::as_array);
    let credentials = credentials.unwrap_or_default();
    if credentials.is_empty() || credentials.len() > MAX_CREDENTIALS {
        return Err(malformed("verifiableCredential", "1 to 16 credentials"));
    }
    Ok(OpenDidPresentation {
        holder: holder.to_owned(),
        credentials: credentials
            .iter()
            .map(OpenDidCredential::read)
            .collect::<Result<_, _>>()?,
    })
}

struct Verifier<'e> {
    evidence: &'e OpenDidEvidence,
    policy: &'e OpenDidPolicy<'e>,
    now: Timestamp,
}

/// A proof whose key was found, or was not, as the verdict says.
struct Proof<'v> {
    object: &'v Object<'v>,
    key: Option<(SignatureAlgorithm, &'v PublicKey)>,
}

impl<'e> Verifier<'e> {
    fn credential(&self, credential: &OpenDidCredential) -> Verdict {
        let policy = &self.policy.policy;
        let applicable =
            |step: &Step| !matches!(step, Step::Challenge | Step::Domain | Step::Holder);
        let mut verdict = undecided(applicable);
        if !policy.accepts_form(Form::OpenDid) {
            verdict.fail(FailureCode::FormNotAccepted, Form::OpenDid.as_str());
        }
        verdict.pass(Step::Structure);
        verdict.pass(Step::Version);
        let inputs_evidence = crate::Evidence::new();
        let inputs = Inputs::new(&inputs_evidence, policy, self.now);
        check_period(
            &mut verdict,
            Some(credential.from),
            Some(credential.until),
            &inputs,
        );
        self.status(&mut verdict, credential);
        match (
            credential.object.contains("credentialSchema"),
            policy.waive_schema,
        ) {
            (false, _) => verdict.skip(Step::Schema, NotChecked::Absent),
            (true, true) => verdict.skip(Step::Schema, NotChecked::Waived),
            (true, false) => verdict.skip(Step::Schema, NotChecked::Unsupported),
        }
        let types: Vec<&str> = credential.types().collect();
        trust::check(&mut verdict, credential.issuer(), &types, &inputs);
        let why = match policy.assurance {
            None => NotChecked::NotRequired,
            Some(_) => NotChecked::Unsupported,
        };
        verdict.skip(Step::Assurance, why);
        let proof = self.proof(
            &mut verdict,
            &credential.object,
            credential.issuer(),
            Step::Issuer,
        );
        if let Some(proof) = proof {
            self.signatures(&mut verdict, credential, &proof);
        }
        verdict
    }

    fn status(&self, verdict: &mut Verdict, credential: &OpenDidCredential) {
        match self.evidence.statuses.get(credential.id()) {
            Some(OpenDidStatus::Active) => verdict.pass(Step::Status),
            Some(OpenDidStatus::Inactive) => verdict.fail(FailureCode::Suspended, "on the ledger"),
            Some(OpenDidStatus::Revoked) => verdict.fail(FailureCode::Revoked, "on the ledger"),
            None if self.policy.policy.waive_status => {
                verdict.skip(Step::Status, NotChecked::Waived)
            }
            None => {
                verdict.skip(Step::Status, NotChecked::MissingEvidence);
                verdict.need(Need::StatusRecord(credential.id().to_owned()));
            }
        }
    }

    /// Reads a proof and finds its key: kind, time, purpose, signer, state of the key.
    fn proof<'v>(
        &'v self,
        verdict: &mut Verdict,
        document: &'v Object<'v>,
        signer: &str,
        of_signer: Step,
    ) -> Option<Proof<'v>> {
        let open = |verdict: &mut Verdict, why| {
            for step in [
                Step::KeyState,
                Step::Relationship,
                Step::Signature,
                of_signer,
            ] {
                verdict.skip(step, why);
            }
        };
        let Some(object) = document.get("proof").and_then(Value::as_object) else {
            let code = match document.contains("proofs") || document.contains("proof") {
                true => FailureCode::UnsupportedProofType,
                false => FailureCode::MissingProof,
            };
            verdict.fail(code, "proof: expected one, as an object");
            open(verdict, NotChecked::EarlierFailure);
            return None;
        };
        let kind = object.get_str("type").unwrap_or_default();
        let (algorithm, key_type) = match kind {
            "Secp256r1Signature2018" => (SignatureAlgorithm::Es256, KeyType::P256),
            "Secp256k1Signature2018" => (SignatureAlgorithm::Es256K, KeyType::Secp256k1),
            _ => {
                verdict.fail(FailureCode::UnsupportedProofType, quoted(kind));
                open(verdict, NotChecked::EarlierFailure);
                return None;
            }
        };
        match object.get_str("created").map(str::parse::<Timestamp>) {
            Some(Ok(created)) => {
                if created
                    > self
                        .now
                        .saturating_add_seconds(self.policy.policy.clock_skew)
                {
                    verdict.fail(
                        FailureCode::ProofFromFuture,
                        format!("created {created}, now {}", self.now),
                    );
                }
            }
            _ => verdict.fail(
                FailureCode::Malformed,
                "proof.created: expected a date and time with zone",
            ),
        }
        if object.get_str("proofPurpose") != Some("assertionMethod") {
            verdict.fail(FailureCode::PurposeMismatch, "expected \"assertionMethod\"");
        }
        verdict.skip(Step::Signature, NotChecked::EarlierFailure);
        let key = self.key(verdict, object, signer, of_signer, key_type);
        Some(Proof {
            object,
            key: key.map(|key| (algorithm, key)),
        })
    }

    fn key(
        &self,
        verdict: &mut Verdict,
        proof: &Object<'_>,
        signer: &str,
        of_signer: Step,
        key_type: KeyType,
    ) -> Option<&PublicKey> {
        // did:omn:issuer?versionId=1#assert
        let method = proof.get_str("verificationMethod").unwrap_or_default();
        let parts = method.split_once("?versionId=").and_then(|(did, rest)| {
            let (version, name) = rest.split_once('#')?;
            Some((Did::parse(did).ok()?, version, name))
        });
        let Some((did, version, name)) = parts else {
            verdict.fail(
                FailureCode::KeyNotFound,
                "proof.verificationMethod: expected did:…?versionId=…#…",
            );
            return None;
        };
        if did.as_str() == signer {
            verdict.pass(of_signer);
        } else {
            let code = match of_signer {
                Step::Holder => FailureCode::HolderNotController,
                _ => FailureCode::IssuerNotController,
            };
            verdict.fail(
                code,
                format!("{:?} signed for {:?}", short(did.as_str()), short(signer)),
            );
        }
        let key = (did.as_str().to_owned(), version.to_owned());
        let Some(keys) = self.evidence.documents.get(&key) else {
            for step in [Step::KeyState, Step::Relationship, Step::Signature] {
                verdict.skip(step, NotChecked::MissingEvidence);
            }
            verdict.need(Need::DidDocument(did));
            return None;
        };
        // Once deactivated in any version, a DID is so for good.
        let mut versions = self.evidence.documents.iter();
        if versions.any(|((of, _), keys)| of == did.as_str() && keys.deactivated) {
            verdict.fail(FailureCode::DidDeactivated, quoted(did.as_str()));
        }
        if keys.assertion.iter().any(|listed| listed == name) {
            verdict.pass(Step::Relationship);
        } else {
            verdict.fail(
                FailureCode::RelationshipNotListed,
                format!("{} for \"assertionMethod\"", quoted(method)),
            );
        }
        let key = keys.methods.iter().find(|(id, ..)| id == name);
        if key.is_some_and(|(.., in_force)| !in_force) {
            verdict.fail(FailureCode::KeyRevoked, quoted(method));
            return None;
        }
        match key.map(|(_, key, _)| key) {
            Some(key) if key.key_type() == key_type => {
                verdict.pass(Step::KeyState);
                Some(key)
            }
            Some(key) => {
                verdict.pass(Step::KeyState);
                verdict.fail(
                    FailureCode::KeyTypeMismatch,
                    format!("a {} key", key.key_type()),
                );
                None
            }
            None => {
                verdict.fail(FailureCode::KeyNotFound, quoted(method));
                None
            }
        }
    }

    /// The signature over all claims, and that over each.
    fn signatures(&self, verdict: &mut Verdict, credential: &OpenDidCredential, proof: &Proof<'_>) {
        let (whole, each) = (
            proof.object.get("proofValue"),
            proof.object.get("proofValueList"),
        );
        let each = match each {
            None => None,
            Some(Value::Array(list)) if list.len() == credential.claims.len() => Some(list),
            Some(_) => {
                verdict.fail(
                    FailureCode::MalformedSignature,
                    "proof.proofValueList: expected one for each claim, and no more",
                );
                return;
            }
        };
        if whole.is_none() && each.is_none() {
            verdict.fail(
                FailureCode::MalformedSignature,
                "proof: expected proofValue or proofValueList",
            );
            return;
        }
        let parts = match Parts::of(&credential.object, self.policy.white_space) {
            Ok(parts) => parts,
            Err(expected) => return verdict.fail(FailureCode::Malformed, expected),
        };
        if let Some(value) = whole
            && !self.verifies(verdict, value, &parts.with(&parts.claims.join(",")), proof)
        {
            return;
        }
        for (value, claim) in each.into_iter().flatten().zip(&parts.claims) {
            if !self.verifies(verdict, value, &parts.with(claim), proof) {
                return;
            }
        }
        if proof.key.is_some() {
            verdict.pass(Step::Signature);
        }
    }

    /// Whether a signature is good, as far as its key is at hand.
    fn verifies(
        &self,
        verdict: &mut Verdict,
        value: &Value<'_>,
        message: &str,
        proof: &Proof<'_>,
    ) -> bool {
        let bytes = value.as_str().and_then(decode);
        // 27 to 34, from which the key could be recovered. Which of them it is makes no difference here.
        let signature = bytes.as_deref().and_then(|bytes| match bytes {
            [27..=34, signature @ ..] if signature.len() == 64 => Some(signature),
            _ => None,
        });
        let Some(signature) = signature else {
            verdict.fail(
                FailureCode::MalformedSignature,
                "proof: expected 65 bytes in multibase",
            );
            return false;
        };
        let Some((algorithm, key)) = proof.key else {
            return true;
        };
        let policy = &self.policy.policy;
        if !policy.accept_high_s && !is_low_s(key.key_type(), signature) {
            verdict.fail(FailureCode::HighS, "proof");
            return false;
        }
        let provider: &dyn CryptoProvider = policy.provider;
        match provider.verify(algorithm, key, message.as_bytes(), signature) {
            Ok(()) => true,
            Err(DidError::InvalidSignature) => {
                verdict.fail(FailureCode::InvalidSignature, "");
                false
            }
            Err(_) => {
                verdict.skip(Step::Signature, NotChecked::ProviderFailed);
                false
            }
        }
    }

    fn presentation(
        &self,
        object: &Object<'_>,
        presentation: &OpenDidPresentation,
        verifier_nonce: &str,
        holder_binding: &HolderBinding,
    ) -> Result<Verdict, Error> {
        if verifier_nonce.is_empty() {
            return Err(Error::EmptyBinding {
                member: "verifierNonce",
            });
        }
        let applicable = |step: &Step| {
            !matches!(
                step,
                Step::Issuer
                    | Step::Status
                    | Step::Schema
                    | Step::Domain
                    | Step::Trust
                    | Step::Assurance
            )
        };
        let mut verdict = undecided(applicable);
        let policy = &self.policy.policy;
        if !policy.accepts_form(Form::OpenDid) {
            verdict.fail(FailureCode::FormNotAccepted, Form::OpenDid.as_str());
        }
        verdict.pass(Step::Structure);
        verdict.pass(Step::Version);
        let inputs_evidence = crate::Evidence::new();
        let inputs = Inputs::new(&inputs_evidence, policy, self.now);
        let (from, until) = (time(object, "validFrom")?, time(object, "validUntil")?);
        check_period(&mut verdict, Some(from), Some(until), &inputs);
        match object.get_str("verifierNonce") {
            Some(nonce) if nonce == verifier_nonce => verdict.pass(Step::Challenge),
            _ => verdict.fail(FailureCode::ChallengeMismatch, "verifierNonce"),
        }
        if let Some(proof) = self.proof(&mut verdict, object, &presentation.holder, Step::Holder) {
            match signed_text(object, self.policy.white_space) {
                Err(expected) => verdict.fail(FailureCode::Malformed, expected),
                Ok(text) => {
                    let value = proof.object.get("proofValue").unwrap_or(&Value::Null);
                    if self.verifies(&mut verdict, value, &text, &proof) && proof.key.is_some() {
                        verdict.pass(Step::Signature);
                    }
                }
            }
        }
        for (i, credential) in presentation.credentials.iter().enumerate() {
            let may_differ = match holder_binding {
                HolderBinding::SubjectIsHolder => false,
                HolderBinding::AnyHolder => true,
                HolderBinding::Except(types) => credential.types().any(|name| types.contains(name)),
            };
            if !may_differ && credential.subject() != presentation.holder {
                verdict.fail(
                    FailureCode::HolderNotSubject,
                    format!("verifiableCredential[{i}]"),
                );
            }
            let inner = self.credential(credential);
            verdict.push_credential(inner);
        }
        Ok(verdict)
    }
}

/// The signed text of a credential, with a hole where the claims are.
struct Parts {
    before: String,
    claims: Vec<String>,
    after: String,
}

impl Parts {
    fn of(credential: &Object<'_>, white_space: WhiteSpace) -> Result<Self, &'static str> {
        let mut writer = Writer {
            text: String::new(),
            white_space,
            hole: None,
        };
        writer.object(credential, Level::Credential)?;
        let subject = credential
            .get("credentialSubject")
            .and_then(Value::as_object);
        let claims = subject.and_then(|subject| subject.get("claims")?.as_array());
        let mut texts = Vec::new();
        for claim in claims.unwrap_or_default() {
            let mut of_claim = Writer {
                text: String::new(),
                white_space,
                hole: None,
            };
            of_claim.value(claim, Level::Inside, false)?;
            texts.push(of_claim.text);
        }
        let (before, after) = writer.text.split_at(writer.hole.unwrap_or_default());
        Ok(Self {
            before: before.to_owned(),
            claims: texts,
            after: after.to_owned(),
        })
    }

    fn with(&self, claims: &str) -> String {
        [&self.before, "[", claims, "]", &self.after].concat()
    }
}

/// The signed text of a presentation: all of it but the value of its proof.
fn signed_text(presentation: &Object<'_>, white_space: WhiteSpace) -> Result<String, &'static str> {
    let mut writer = Writer {
        text: String::new(),
        white_space,
        hole: None,
    };
    writer.object(presentation, Level::Presentation)?;
    Ok(writer.text)
}

/// Where in a document an object stands.
#[derive(Clone, Copy, PartialEq)]
enum Level {
    Credential,
    Subject,
    ProofOfCredential,
    Presentation,
    ProofOfPresentation,
    Inside,
}

impl Level {
    fn of_member(self, name: &str) -> Self {
        match (self, name) {
            (Self::Credential, "credentialSubject") => Self::Subject,
            (Self::Credential, "proof") => Self::ProofOfCredential,
            (Self::Presentation, "proof") => Self::ProofOfPresentation,
            _ => Self::Inside,
        }
    }

    fn is_signed(self, name: &str) -> bool {
        !matches!(
            (self, name),
            (Self::ProofOfCredential, "proofValue" | "proofValueList")
                | (Self::ProofOfPresentation, "proofValue")
        )
    }
}

/// Whether the texts of a member are for people to read, so that spaces belong into them.
fn is_for_people(name: &str) -> bool {
    matches!(name, "caption" | "value" | "name" | "title" | "description")
}

/// Writes JSON as OpenDID signs it: members sorted, no white space, what its programs do not write alike refused.
struct Writer {
    text: String,
    white_space: WhiteSpace,
    /// Where the claims would stand.
    hole: Option<usize>,
}

impl Writer {
    fn object(&mut self, object: &Object<'_>, level: Level) -> Result<(), &'static str> {
        let mut members: Vec<(&str, &Value<'_>)> = object
            .iter()
            .filter(|(name, _)| level.is_signed(name))
            .collect();
        members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
        self.text.push('{');
        for (i, (name, value)) in members.into_iter().enumerate() {
            if i > 0 {
                self.text.push(',');
            }
            self.string(name, false)?;
            self.text.push(':');
            if level == Level::Subject && name == "claims" {
                self.hole = Some(self.text.len());
            } else {
                self.value(value, level.of_member(name), is_for_people(name))?;
            }
        }
        self.text.push('}');
        Ok(())
    }

    fn value(
        &mut self,
        value: &Value<'_>,
        level: Level,
        for_people: bool,
    ) -> Result<(), &'static str> {
        match value {
            Value::Object(object) => self.object(object, level)?,
            Value::Array(values) => {
                self.text.push('[');
                for (i, value) in values.iter().enumerate() {
                    if i > 0 {
                        self.text.push(',');
                    }
                    match value {
                        Value::String(_) | Value::Object(_) => {
                            self.value(value, Level::Inside, for_people)?;
                        }
                        _ => return Err("expected only texts and objects in arrays"),
                    }
                }
                self.text.push(']');
            }
            Value::String(text) => self.string(text, for_people)?,
            Value::Bool(true) => self.text.push_str("true"),
            Value::Bool(false) => self.text.push_str("false"),
            Value::Number(number) => {
                let whole = number
                    .as_i64()
                    .and_then(|number| i32::try_from(number).ok());
                let whole = whole.ok_or("expected whole numbers of 32 bits")?;
                self.text.push_str(&whole.to_string());
            }
            Value::Null => return Err("expected no null, which would be under no signature"),
        }
        Ok(())
    }

    fn string(&mut self, text: &str, for_people: bool) -> Result<(), &'static str> {
        self.text.push('"');
        for c in text.chars() {
            match c {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                '\u{8}' => self.text.push_str("\\b"),
                '\u{c}' => self.text.push_str("\\f"),
                '\0'..' ' | '\u{2028}' | '\u{2029}' => {
                    return Err("expected no characters that are not written alike everywhere");
                }
                ' ' if self.white_space == WhiteSpace::Removed => {
                    if !for_people {
                        return Err(
                            "expected spaces, which are not signed, in texts for people alone",
                        );
                    }
                }
                c => self.text.push(c),
            }
        }
        self.text.push('"');
        Ok(())
    }
}
