//! Data Integrity proofs with the JCS cryptosuites: `eddsa-jcs-2022` (vc-di-eddsa section 3.3) and
//! `ecdsa-jcs-2019` on P-256 and P-384 (vc-di-ecdsa section 3.3), alone, in sets and in chains. No JSON-LD engine: what is
//! signed is the canonical form (RFC 8785) of the document as it stands. With feature `rdfc` also `eddsa-rdfc-2022` and
//! `ecdsa-rdfc-2019` (section 3.2 of each), which sign what the document says as RDF.

#[cfg(feature = "rdfc")]
use alloc::sync::Arc;
use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
    vec,
    vec::Vec,
};

use kbtf_did::{
    CryptoProvider, DidUrl, Error as DidError, KeyType, SignatureAlgorithm, Timestamp,
    VerificationRelationship,
    json::{self, Object, Value},
    multibase, to_low_s,
};

#[cfg(feature = "rdfc")]
use crate::rdfc::{Contexts, GraphHash, canonical_form};
use crate::{Error, credential::is_url, error::malformed};

/// How a document is canonicalised, hashed and signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Cryptosuite {
    /// `eddsa-jcs-2022`: JCS, SHA-256, Ed25519.
    EddsaJcs2022,
    /// `ecdsa-jcs-2019`: JCS and ECDSA; SHA-256 with a P-256 key, SHA-384 with a P-384 key.
    EcdsaJcs2019,
    /// `eddsa-rdfc-2022`: RDFC-1.0, SHA-256, Ed25519.
    #[cfg(feature = "rdfc")]
    EddsaRdfc2022,
    /// `ecdsa-rdfc-2019`: RDFC-1.0 and ECDSA; SHA-256 with a P-256 key, SHA-384 with a P-384 key.
    #[cfg(feature = "rdfc")]
    EcdsaRdfc2019,
}

impl Cryptosuite {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::EddsaJcs2022,
        Self::EcdsaJcs2019,
        #[cfg(feature = "rdfc")]
        Self::EddsaRdfc2022,
        #[cfg(feature = "rdfc")]
        Self::EcdsaRdfc2019,
    ];

    /// The name in the proof.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EddsaJcs2022 => "eddsa-jcs-2022",
            Self::EcdsaJcs2019 => "ecdsa-jcs-2019",
            #[cfg(feature = "rdfc")]
            Self::EddsaRdfc2022 => "eddsa-rdfc-2022",
            #[cfg(feature = "rdfc")]
            Self::EcdsaRdfc2019 => "ecdsa-rdfc-2019",
        }
    }

    /// The cryptosuite of a name in a proof.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|suite| suite.as_str() == name)
    }

    /// The cryptosuite with JCS that a key of this type signs with; `None` for a key that signs in none.
    #[must_use]
    pub const fn for_key(key_type: KeyType) -> Option<Self> {
        match key_type {
            KeyType::Ed25519 => Some(Self::EddsaJcs2022),
            KeyType::P256 | KeyType::P384 => Some(Self::EcdsaJcs2019),
            _ => None,
        }
    }

    /// The cryptosuite with RDF that a key of this type signs with; `None` for a key that signs in none.
    #[cfg(feature = "rdfc")]
    #[must_use]
    pub const fn rdf_for_key(key_type: KeyType) -> Option<Self> {
        match key_type {
            KeyType::Ed25519 => Some(Self::EddsaRdfc2022),
            KeyType::P256 | KeyType::P384 => Some(Self::EcdsaRdfc2019),
            _ => None,
        }
    }

    /// The algorithm of its signatures with a key of this type; `None` for a key that it does not take.
    #[must_use]
    pub const fn algorithm(self, key_type: KeyType) -> Option<SignatureAlgorithm> {
        match (self.is_ecdsa(), key_type) {
            (false, KeyType::Ed25519) => Some(SignatureAlgorithm::EdDsa),
            (true, KeyType::P256) => Some(SignatureAlgorithm::Es256),
            (true, KeyType::P384) => Some(SignatureAlgorithm::Es384),
            _ => None,
        }
    }

    const fn is_ecdsa(self) -> bool {
        match self {
            Self::EddsaJcs2022 => false,
            Self::EcdsaJcs2019 => true,
            #[cfg(feature = "rdfc")]
            Self::EddsaRdfc2022 => false,
            #[cfg(feature = "rdfc")]
            Self::EcdsaRdfc2019 => true,
        }
    }

    /// Whether it signs what the document says as RDF.
    #[cfg(feature = "rdfc")]
    pub(crate) const fn is_rdf(self) -> bool {
        matches!(self, Self::EddsaRdfc2022 | Self::EcdsaRdfc2019)
    }

    /// The lengths that its signatures may have, in bytes.
    const fn signature_lengths(self) -> &'static [usize] {
        if self.is_ecdsa() { &[64, 96] } else { &[64] }
    }
}

/// The options of a proof that the signer chooses (Data Integrity 1.0 section 2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofOptions {
    verification_method: DidUrl,
    purpose: VerificationRelationship,
    created: Option<Timestamp>,
    expires: Option<Timestamp>,
    challenge: Option<String>,
    domain: Option<String>,
    id: Option<String>,
    previous: Vec<String>,
    #[cfg(feature = "rdfc")]
    rdf: Option<SharedContexts>,
}

/// The contexts that a proof over RDF is made with.
#[cfg(feature = "rdfc")]
#[derive(Debug, Clone)]
struct SharedContexts(Arc<Contexts>);

#[cfg(feature = "rdfc")]
impl PartialEq for SharedContexts {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

#[cfg(feature = "rdfc")]
impl Eq for SharedContexts {}

impl ProofOptions {
    /// Options for signing a credential: purpose `assertionMethod`, made at a time.
    #[must_use]
    pub fn assertion(verification_method: DidUrl, created: Timestamp) -> Self {
        Self {
            verification_method,
            purpose: VerificationRelationship::AssertionMethod,
            created: Some(created),
            expires: None,
            challenge: None,
            domain: None,
            id: None,
            previous: Vec::new(),
            #[cfg(feature = "rdfc")]
            rdf: None,
        }
    }

    /// Options for signing a presentation: purpose `authentication`, made at a time for the verifier that
    /// gave the challenge and is known by the domain (VC-03).
    ///
    /// # Errors
    /// `vc/empty-binding` if challenge or domain is empty.
    pub fn authentication(
        verification_method: DidUrl,
        created: Timestamp,
        challenge: &str,
        domain: &str,
    ) -> Result<Self, Error> {
        for (member, text) in [("challenge", challenge), ("domain", domain)] {
            if text.is_empty() {
                return Err(Error::EmptyBinding { member });
            }
        }
        Ok(Self {
            purpose: VerificationRelationship::Authentication,
            challenge: Some(challenge.to_owned()),
            domain: Some(domain.to_owned()),
            ..Self::assertion(verification_method, created)
        })
    }

    /// From when on the proof counts no more.
    #[must_use]
    pub fn expires(mut self, expires: Timestamp) -> Self {
        self.expires = Some(expires);
        self
    }

    /// Names the proof, so that another can be made upon it.
    #[must_use]
    pub fn id(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    /// Makes the proof upon one that the document has already, named by its id: a chain (Data Integrity 1.0 section
    /// 2.1.2). The new signature covers that proof too. Several may be named.
    #[must_use]
    pub fn previous_proof(mut self, id: &str) -> Self {
        self.previous.push(id.to_owned());
        self
    }

    /// Signs what the document says as RDF (`eddsa-rdfc-2022`, `ecdsa-rdfc-2019`), not its JSON, with these contexts. For
    /// verifiers that ask for it: it is slower, and leaves more of the document open.
    #[cfg(feature = "rdfc")]
    #[must_use]
    pub fn rdf(mut self, contexts: Arc<Contexts>) -> Self {
        self.rdf = Some(SharedContexts(contexts));
        self
    }

    /// The cryptosuite that a key of this type signs with under these options.
    pub(crate) fn suite_for(&self, key_type: KeyType) -> Option<Cryptosuite> {
        #[cfg(feature = "rdfc")]
        if self.rdf.is_some() {
            return Cryptosuite::rdf_for_key(key_type);
        }
        Cryptosuite::for_key(key_type)
    }

    fn transform(&self, suite: Cryptosuite, algorithm: SignatureAlgorithm) -> Transform<'_> {
        #[cfg(feature = "rdfc")]
        if suite.is_rdf() {
            let own = self.rdf.as_ref().map(|own| &own.0);
            let contexts = own.unwrap_or(Contexts::embedded());
            return Transform::rdf(algorithm, contexts);
        }
        let _ = suite;
        Transform::json(algorithm)
    }

    /// The verification method that will verify the proof.
    #[must_use]
    pub const fn verification_method(&self) -> &DidUrl {
        &self.verification_method
    }

    /// What the proof is for.
    #[must_use]
    pub const fn purpose(&self) -> VerificationRelationship {
        self.purpose
    }

    fn to_object<'a>(&self, suite: Cryptosuite, context: Option<&Value<'a>>) -> Object<'a> {
        let mut proof = Object::new();
        if let Some(id) = &self.id {
            proof.insert("id", id);
        }
        proof.insert("type", "DataIntegrityProof");
        proof.insert("cryptosuite", suite.as_str());
        if let Some(created) = self.created {
            proof.insert("created", created.to_string());
        }
        if let Some(expires) = self.expires {
            proof.insert("expires", expires.to_string());
        }
        proof.insert("verificationMethod", self.verification_method.to_string());
        proof.insert("proofPurpose", self.purpose.as_str());
        if let Some(challenge) = &self.challenge {
            proof.insert("challenge", challenge);
        }
        if let Some(domain) = &self.domain {
            proof.insert("domain", domain);
        }
        match self.previous.as_slice() {
            [] => None,
            [only] => proof.insert("previousProof", only),
            several => proof.insert("previousProof", several.to_vec()),
        };
        if let Some(context) = context {
            proof.insert("@context", context.clone());
        }
        proof
    }
}

/// A proof that lacks only its signature. For signers that are not at hand: hardware, a remote module, a person.
///
/// The intermediates that the published test vectors state can be read off it.
#[derive(Debug, Clone)]
pub struct PreparedProof<'a> {
    document: Object<'a>,
    proof: Object<'a>,
    suite: Cryptosuite,
    key_type: KeyType,
    canonical_document: String,
    canonical_proof_options: String,
    signing_input: Vec<u8>,
}

impl<'a> PreparedProof<'a> {
    /// Prepares a proof over a document that has none yet, for a key of this type.
    ///
    /// This is Data Integrity alone: who may sign what is checked by
    /// [`issue_credential`](crate::issue_credential) and [`issue_presentation`](crate::issue_presentation).
    ///
    /// # Errors
    /// `vc/already-signed`; `vc/too-large`; `did/wrong-key-use` for a key that the cryptosuite does not take; the errors
    /// of the provider.
    pub fn new(
        document: Object<'a>,
        options: &ProofOptions,
        suite: Cryptosuite,
        key_type: KeyType,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, Error> {
        if document.contains("proof") {
            return Err(Error::AlreadySigned);
        }
        Self::adding(document, options, suite, key_type, provider)
    }

    /// Prepares one more proof over a document that may have some: into the set of its proofs, or upon those that the
    /// options name as previous.
    ///
    /// # Errors
    /// As for [`PreparedProof::new`], but for `vc/already-signed`; `vc/malformed` if a previous proof is not in the
    /// document, the id is taken, or there are [`MAX_PROOFS`] already.
    pub fn adding(
        document: Object<'a>,
        options: &ProofOptions,
        suite: Cryptosuite,
        key_type: KeyType,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, Error> {
        let algorithm = suite.algorithm(key_type).ok_or(DidError::WrongKeyUse {
            key_type,
            operation: "sign in this cryptosuite",
        })?;
        let proofs = document.get("proof").map(Value::as_set).unwrap_or_default();
        if proofs.len() >= MAX_PROOFS {
            return Err(malformed("proof", "at most 8 proofs"));
        }
        if options.id.is_some() && named(proofs, options.id.as_deref()).is_some() {
            return Err(malformed("proof.id", "an id that no other proof has"));
        }
        let mut proof = options.to_object(suite, document.get("@context"));
        let previous = previous_proofs(proofs, proof.get("previousProof"));
        let previous = previous
            .ok_or_else(|| malformed("proof.previousProof", "ids of proofs of the document"))?;
        let transform = options.transform(suite, algorithm);
        let canonical_document = transform.document(&document, previous, provider)?;
        let canonical_proof_options = transform.proof(&proof, &document, provider)?;
        if transform.rdf.is_some() {
            // Here the context belongs to what is signed, but not to the proof as it is sent.
            proof.remove("@context");
        }
        // Nothing is signed that our own verifier would not even read. 256 bytes are left for the proof value.
        let limits = json::Limits::default();
        let kept = document
            .get("proof")
            .map_or(0, |proofs| proofs.to_json().len());
        let length = canonical_document.len() + kept + canonical_proof_options.len() + 256;
        if length > limits.max_bytes || document.depth() > limits.max_depth {
            return Err(Error::TooLarge);
        }
        let signing_input = signing_input(
            provider,
            algorithm,
            &canonical_proof_options,
            &canonical_document,
        )?;
        Ok(Self {
            document,
            proof,
            suite,
            key_type,
            canonical_document,
            canonical_proof_options,
            signing_input,
        })
    }

    /// The canonical form (RFC 8785; with RDF lines of N-Quads) of the document, with the proofs that this one is made
    /// upon.
    #[must_use]
    pub fn canonical_document(&self) -> &str {
        &self.canonical_document
    }

    /// The canonical form (RFC 8785; with RDF lines of N-Quads) of the proof options.
    #[must_use]
    pub fn canonical_proof_options(&self) -> &str {
        &self.canonical_proof_options
    }

    /// What is signed: the hash of the canonical proof options, then the hash of the canonical document; SHA-256, with a
    /// P-384 key SHA-384.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        &self.signing_input
    }

    /// Which cryptosuite it is of.
    #[must_use]
    pub const fn cryptosuite(&self) -> Cryptosuite {
        self.suite
    }

    /// Adds the signature (see [`kbtf_did::CryptoProvider`]); an ECDSA one is brought to its low-s form.
    ///
    /// The signature is not verified here: verify the result where the signer is not trusted.
    ///
    /// # Errors
    /// `vc/malformed` if it is not a signature of the cryptosuite at all.
    pub fn complete(self, signature: &[u8]) -> Result<Object<'a>, Error> {
        let signature = to_low_s(self.key_type, signature)
            .map_err(|_| malformed("proof.proofValue", "a signature of the key's length"))?;
        let (mut document, mut proof) = (self.document, self.proof);
        proof.insert("proofValue", multibase::encode_base58btc(&signature));
        match document.remove("proof") {
            None => document.insert("proof", proof),
            Some(Value::Array(mut proofs)) => {
                proofs.push(proof.into());
                document.insert("proof", Value::Array(proofs))
            }
            Some(only) => document.insert("proof", Value::Array(vec![only, proof.into()])),
        };
        Ok(document)
    }
}

/// The most proofs that one document may have.
pub const MAX_PROOFS: usize = 8;

/// The proof of an id.
fn named<'v, 'a>(proofs: &'v [Value<'a>], id: Option<&str>) -> Option<&'v Value<'a>> {
    let of_id = |proof: &&Value<'_>| proof.as_object().and_then(|p| p.get_str("id")) == id;
    proofs.iter().find(of_id)
}

/// The proofs that a `previousProof` names, in its order; `None` if it names one that is not there, or nothing.
fn previous_proofs<'v, 'a>(
    proofs: &'v [Value<'a>],
    names: Option<&Value<'_>>,
) -> Option<Vec<&'v Value<'a>>> {
    let Some(names) = names else {
        return Some(Vec::new());
    };
    let names = names.as_set();
    // Each names a proof of the document, once: so there are no more than those, and no more is copied than there is.
    let again = |(i, name): (usize, &Value<'_>)| {
        let before = names.get(..i).unwrap_or_default();
        before.iter().any(|other| other.as_str() == name.as_str())
    };
    if names.is_empty() || names.len() > MAX_PROOFS || names.iter().enumerate().any(again) {
        return None;
    }
    names
        .iter()
        .map(|name| name.as_str().and_then(|name| named(proofs, Some(name))))
        .collect()
}

/// Nothing is signed as RDF without feature `rdfc`, so there are no contexts to do it with.
#[cfg(not(feature = "rdfc"))]
#[derive(Debug)]
pub(crate) enum Contexts {}

/// How documents and proof options become the text that is hashed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Transform<'c> {
    algorithm: SignatureAlgorithm,
    /// What their terms mean, if it is what they say that is signed, not their JSON.
    rdf: Option<&'c Contexts>,
}

impl<'c> Transform<'c> {
    pub(crate) const fn json(algorithm: SignatureAlgorithm) -> Self {
        Self {
            algorithm,
            rdf: None,
        }
    }

    #[cfg(feature = "rdfc")]
    pub(crate) const fn rdf(algorithm: SignatureAlgorithm, contexts: &'c Contexts) -> Self {
        Self {
            algorithm,
            rdf: Some(contexts),
        }
    }

    /// The canonical form of a document without its proofs, but with those that another is made upon.
    fn document(
        &self,
        document: &Object<'_>,
        proofs: Vec<&Value<'_>>,
        provider: &dyn CryptoProvider,
    ) -> Result<String, Error> {
        if proofs.is_empty() {
            return self.canonical(document, &["proof"], provider);
        }
        let mut document = document.clone();
        let proofs = proofs.into_iter().cloned().collect();
        document.insert("proof", Value::Array(proofs));
        self.canonical(&document, &[], provider)
    }

    /// The canonical form of the options of a proof of a document.
    fn proof(
        &self,
        proof: &Object<'_>,
        document: &Object<'_>,
        provider: &dyn CryptoProvider,
    ) -> Result<String, Error> {
        if self.rdf.is_some()
            && !proof.contains("@context")
            && let Some(context) = document.get("@context")
        {
            let mut proof = proof.clone();
            proof.insert("@context", context.clone());
            return self.canonical(&proof, &["proofValue"], provider);
        }
        self.canonical(proof, &["proofValue"], provider)
    }

    fn canonical(
        &self,
        object: &Object<'_>,
        leave_out: &[&str],
        provider: &dyn CryptoProvider,
    ) -> Result<String, Error> {
        match self.rdf {
            None => Ok(object.to_canonical_without(leave_out)),
            #[cfg(feature = "rdfc")]
            Some(contexts) => {
                let hash = match self.algorithm {
                    SignatureAlgorithm::Es384 => GraphHash::Sha384,
                    _ => GraphHash::Sha256,
                };
                canonical_form(object, leave_out, contexts, hash, provider)
            }
            #[cfg(not(feature = "rdfc"))]
            Some(none) => {
                let _ = provider;
                match *none {}
            }
        }
    }
}

/// The hash of the proof options, then the hash of the document, as both suites concatenate them.
fn signing_input(
    provider: &dyn CryptoProvider,
    algorithm: SignatureAlgorithm,
    canonical_proof_options: &str,
    canonical_document: &str,
) -> Result<Vec<u8>, Error> {
    let mut input = Vec::with_capacity(96);
    for text in [canonical_proof_options, canonical_document] {
        if algorithm == SignatureAlgorithm::Es384 {
            input.extend(provider.sha384(text.as_bytes())?);
        } else {
            input.extend(provider.sha256(text.as_bytes())?);
        }
    }
    Ok(input)
}

/// Whether two arrays of contexts are the same URLs in the same order. One written out as an object is accepted
/// nowhere, so it is not compared either; a text is no array of one, since it would be hashed as another value.
fn same_contexts(proof: &Value<'_>, document: Option<&Value<'_>>) -> bool {
    let (Some(proof), Some(document)) = (proof.as_array(), document.and_then(Value::as_array))
    else {
        return false;
    };
    proof.len() == document.len()
        && proof.iter().zip(document).all(|(ours, theirs)| {
            matches!((ours.as_str(), theirs.as_str()), (Some(a), Some(b)) if a == b)
        })
}

/// The proof of a received document, read but not verified.
#[derive(Debug)]
pub(crate) struct ReceivedProof<'v> {
    object: &'v Object<'v>,
    pub(crate) verification_method: &'v str,
    pub(crate) purpose: &'v str,
    pub(crate) created: Option<Timestamp>,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) challenge: Option<&'v str>,
    pub(crate) domain: &'v [Value<'v>],
    proof_value: &'v str,
    cryptosuite: &'v str,
    proof_type: &'v str,
    /// The proofs that this one is made upon.
    previous: Vec<&'v Value<'v>>,
}

/// Why a proof cannot be used for verification at all.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ProofProblem {
    Missing,
    TooMany,
    Malformed(Error),
    /// A chain that names a proof which is not there, itself, or one of two with one name.
    BrokenChain,
    ContextNotCovered,
}

impl<'v> ReceivedProof<'v> {
    /// Reads all proofs of a document.
    pub(crate) fn all_of(document: &'v Object<'v>) -> Result<Vec<Self>, ProofProblem> {
        let proofs = document.get("proof").map(Value::as_set).unwrap_or_default();
        if proofs.is_empty() {
            return Err(ProofProblem::Missing);
        }
        if proofs.len() > MAX_PROOFS {
            return Err(ProofProblem::TooMany);
        }
        if let [_, _, ..] = proofs {
            check_names(proofs)?;
        }
        let read = |(i, proof): (usize, &'v Value<'v>)| {
            let Value::Object(object) = proof else {
                return Err(ProofProblem::Malformed(malformed("proof", "an object")));
            };
            // Verification replaces the document's contexts by those of the proof. Were more allowed in the
            // document, they would be under no signature.
            if let Some(context) = object.get("@context")
                && !same_contexts(context, document.get("@context"))
            {
                return Err(ProofProblem::ContextNotCovered);
            }
            // Only proofs that stand before it: so no proof can be made upon itself, however many stand between.
            let before = proofs.get(..i).unwrap_or_default();
            let previous = previous_proofs(before, object.get("previousProof"))
                .ok_or(ProofProblem::BrokenChain)?;
            let mut proof = Self::read(object).map_err(ProofProblem::Malformed)?;
            proof.previous = previous;
            Ok(proof)
        };
        proofs.iter().enumerate().map(read).collect()
    }

    fn read(object: &'v Object<'v>) -> Result<Self, Error> {
        let text = |member: &'static str, place: &'static str| {
            object
                .get_str(member)
                .ok_or_else(|| malformed(place, "a string"))
        };
        let time = |member: &'static str, place: &'static str| match object.get(member) {
            None => Ok(None),
            Some(value) => value
                .as_str()
                .and_then(|text| text.parse().ok())
                .map(Some)
                .ok_or_else(|| malformed(place, "a date and time with zone (dateTimeStamp)")),
        };
        let challenge = match object.get("challenge") {
            None => None,
            Some(value) => Some(
                value
                    .as_str()
                    .ok_or_else(|| malformed("proof.challenge", "a string"))?,
            ),
        };
        let domain = object.get("domain").map(Value::as_set).unwrap_or_default();
        if !domain.iter().all(|d| d.as_str().is_some()) {
            return Err(malformed("proof.domain", "a string or strings"));
        }
        Ok(Self {
            object,
            verification_method: text("verificationMethod", "proof.verificationMethod")?,
            purpose: text("proofPurpose", "proof.proofPurpose")?,
            created: time("created", "proof.created")?,
            expires: time("expires", "proof.expires")?,
            challenge,
            domain,
            proof_value: text("proofValue", "proof.proofValue")?,
            cryptosuite: object.get_str("cryptosuite").unwrap_or_default(),
            proof_type: text("type", "proof.type")?,
            previous: Vec::new(),
        })
    }

    pub(crate) fn proof_type(&self) -> &'v str {
        self.proof_type
    }

    pub(crate) fn cryptosuite_name(&self) -> &'v str {
        self.cryptosuite
    }

    /// The signature, if it is of a length that the suite's have, in base58btc, the one form they have.
    pub(crate) fn signature(&self, suite: Cryptosuite) -> Option<Vec<u8>> {
        // 96 bytes make at most 132 characters; anything longer is not worth decoding.
        if !self.proof_value.starts_with('z') || self.proof_value.len() > 133 {
            return None;
        }
        multibase::decode(self.proof_value)
            .ok()
            .filter(|bytes| suite.signature_lengths().contains(&bytes.len()))
    }

    /// What the signature must be over. The form of the document without proofs is made once for all that need it.
    pub(crate) fn signing_input(
        &self,
        document: &Object<'_>,
        transform: &Transform<'_>,
        forms: &mut Forms,
        provider: &dyn CryptoProvider,
    ) -> Result<Vec<u8>, Error> {
        if transform.rdf.is_some() && self.object.contains("@context") {
            // In RDF it would make no statement: there or not, the signature is the same.
            return Err(malformed("proof.@context", "none in a proof over RDF"));
        }
        let own;
        let form = if self.previous.is_empty() {
            forms.of(document, transform, provider)?
        } else {
            own = transform.document(document, self.previous.clone(), provider)?;
            &own
        };
        let options = transform.proof(self.object, document, provider)?;
        signing_input(provider, transform.algorithm, &options, form)
    }
}

/// The canonical forms of one document without its proofs: over JSON, and over RDF by the hash for it.
#[derive(Debug, Default)]
pub(crate) struct Forms(Vec<((bool, bool), Result<String, Error>)>);

impl Forms {
    fn of(
        &mut self,
        document: &Object<'_>,
        transform: &Transform<'_>,
        provider: &dyn CryptoProvider,
    ) -> Result<&str, Error> {
        let is_rdf = transform.rdf.is_some();
        let kind = (
            is_rdf,
            is_rdf && transform.algorithm == SignatureAlgorithm::Es384,
        );
        let at = self.0.iter().position(|(known, _)| *known == kind);
        let at = at.unwrap_or_else(|| {
            let form = transform.document(document, Vec::new(), provider);
            self.0.push((kind, form));
            self.0.len().saturating_sub(1)
        });
        match self.0.get(at) {
            Some((_, Ok(form))) => Ok(form),
            Some((_, Err(error))) => Err(error.clone()),
            None => Err(Error::TooLarge),
        }
    }
}

/// That no two proofs have one id.
fn check_names(proofs: &[Value<'_>]) -> Result<(), ProofProblem> {
    let id = |proof: &Value<'_>| match proof.as_object().and_then(|p| p.get("id")) {
        None => Ok(None),
        Some(id) => match id.as_str() {
            Some(id) if is_url(id) => Ok(Some(id.to_owned())),
            _ => Err(ProofProblem::Malformed(malformed("proof.id", "a URL"))),
        },
    };
    let mut ids: Vec<String> = Vec::new();
    for proof in proofs {
        if let Some(id) = id(proof)? {
            if ids.contains(&id) {
                return Err(ProofProblem::BrokenChain);
            }
            ids.push(id);
        }
    }
    Ok(())
}
