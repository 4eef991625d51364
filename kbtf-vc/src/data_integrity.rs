//! Data Integrity proofs with the JCS cryptosuites: `eddsa-jcs-2022` (vc-di-eddsa section 3.3) and
//! `ecdsa-jcs-2019` on P-256 (vc-di-ecdsa section 3.3). No JSON-LD engine: what is signed is the canonical
//! form (RFC 8785) of the document as it stands.

use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::{
    CryptoProvider, DidUrl, KeyType, SignatureAlgorithm, Timestamp, VerificationRelationship,
    json::{self, Object, Value},
    multibase, to_low_s,
};

use crate::{Error, error::malformed};

/// How a document is canonicalised, hashed and signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Cryptosuite {
    /// `eddsa-jcs-2022`: JCS, SHA-256, Ed25519.
    EddsaJcs2022,
    /// `ecdsa-jcs-2019` with a P-256 key: JCS, SHA-256, ECDSA.
    EcdsaJcs2019,
}

impl Cryptosuite {
    /// The name in the proof.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EddsaJcs2022 => "eddsa-jcs-2022",
            Self::EcdsaJcs2019 => "ecdsa-jcs-2019",
        }
    }

    /// The cryptosuite of a name in a proof.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::EddsaJcs2022, Self::EcdsaJcs2019]
            .into_iter()
            .find(|suite| suite.as_str() == name)
    }

    /// The cryptosuite that a key of this type signs with; `None` for a key that does not sign.
    #[must_use]
    pub const fn for_key(key_type: KeyType) -> Option<Self> {
        match key_type {
            KeyType::Ed25519 => Some(Self::EddsaJcs2022),
            KeyType::P256 => Some(Self::EcdsaJcs2019),
            _ => None,
        }
    }

    /// The type of key it takes.
    #[must_use]
    pub const fn key_type(self) -> KeyType {
        self.algorithm().key_type()
    }

    /// The algorithm of its signatures.
    #[must_use]
    pub const fn algorithm(self) -> SignatureAlgorithm {
        match self {
            Self::EddsaJcs2022 => SignatureAlgorithm::EdDsa,
            Self::EcdsaJcs2019 => SignatureAlgorithm::Es256,
        }
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
}

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
    canonical_document: String,
    canonical_proof_options: String,
    signing_input: [u8; 64],
}

impl<'a> PreparedProof<'a> {
    /// Prepares a proof over a document that has none yet.
    ///
    /// This is Data Integrity alone: who may sign what is checked by
    /// [`issue_credential`](crate::issue_credential) and [`issue_presentation`](crate::issue_presentation).
    ///
    /// # Errors
    /// `vc/already-signed`; `vc/too-large`; the errors of the provider.
    pub fn new(
        document: Object<'a>,
        options: &ProofOptions,
        suite: Cryptosuite,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, Error> {
        if document.contains("proof") {
            return Err(Error::AlreadySigned);
        }
        let proof = options.to_object(suite, document.get("@context"));
        let canonical_document = document.to_canonical();
        let canonical_proof_options = proof.to_canonical();
        // Nothing is signed that our own verifier would not even read. 256 bytes are left for the proof value.
        let limits = json::Limits::default();
        let length = canonical_document.len() + canonical_proof_options.len() + 256;
        if length > limits.max_bytes || document.depth() > limits.max_depth {
            return Err(Error::TooLarge);
        }
        let signing_input = signing_input(provider, &canonical_proof_options, &canonical_document)?;
        Ok(Self {
            document,
            proof,
            suite,
            canonical_document,
            canonical_proof_options,
            signing_input,
        })
    }

    /// The canonical form (RFC 8785) of the document.
    #[must_use]
    pub fn canonical_document(&self) -> &str {
        &self.canonical_document
    }

    /// The canonical form (RFC 8785) of the proof options.
    #[must_use]
    pub fn canonical_proof_options(&self) -> &str {
        &self.canonical_proof_options
    }

    /// What is signed: SHA-256 of the canonical proof options, then SHA-256 of the canonical document.
    #[must_use]
    pub const fn signing_input(&self) -> &[u8; 64] {
        &self.signing_input
    }

    /// Which algorithm signs it.
    #[must_use]
    pub const fn cryptosuite(&self) -> Cryptosuite {
        self.suite
    }

    /// Adds the signature (64 bytes, see [`kbtf_did::CryptoProvider`]); an ECDSA one is brought to its low-s form.
    ///
    /// The signature is not verified here: verify the result where the signer is not trusted.
    ///
    /// # Errors
    /// `vc/malformed` if it is not a signature of the cryptosuite at all.
    pub fn complete(self, signature: &[u8]) -> Result<Object<'a>, Error> {
        let signature = to_low_s(self.suite.key_type(), signature)
            .map_err(|_| malformed("proof.proofValue", "a signature of 64 bytes"))?;
        let (mut document, mut proof) = (self.document, self.proof);
        proof.insert("proofValue", multibase::encode_base58btc(&signature));
        document.insert("proof", proof);
        Ok(document)
    }
}

/// SHA-256 of the proof options, then SHA-256 of the document, as both suites concatenate them.
fn signing_input(
    provider: &dyn CryptoProvider,
    canonical_proof_options: &str,
    canonical_document: &str,
) -> Result<[u8; 64], Error> {
    let mut input = [0; 64];
    let (options, document) = input.split_at_mut(32);
    options.copy_from_slice(&provider.sha256(canonical_proof_options.as_bytes())?);
    document.copy_from_slice(&provider.sha256(canonical_document.as_bytes())?);
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
}

/// Why a proof cannot be used for verification at all.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ProofProblem {
    Missing,
    Several,
    Malformed(Error),
    Chained,
    ContextNotCovered,
}

impl<'v> ReceivedProof<'v> {
    /// Reads the only proof of a document.
    pub(crate) fn of(document: &'v Object<'v>) -> Result<Self, ProofProblem> {
        let proofs = document.get("proof").map(Value::as_set).unwrap_or_default();
        let object = match proofs {
            [] => return Err(ProofProblem::Missing),
            [Value::Object(object)] => object,
            [_] => {
                return Err(ProofProblem::Malformed(malformed("proof", "an object")));
            }
            _ => return Err(ProofProblem::Several),
        };
        if object.contains("previousProof") {
            return Err(ProofProblem::Chained);
        }
        // Verification replaces the document's contexts by those of the proof. Were more allowed in the
        // document, they would be under no signature.
        if let Some(context) = object.get("@context")
            && !same_contexts(context, document.get("@context"))
        {
            return Err(ProofProblem::ContextNotCovered);
        }
        Self::read(object).map_err(ProofProblem::Malformed)
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
        })
    }

    pub(crate) fn proof_type(&self) -> &'v str {
        self.proof_type
    }

    pub(crate) fn cryptosuite_name(&self) -> &'v str {
        self.cryptosuite
    }

    /// The signature, if it is 64 bytes in base58btc, the one form the suites have.
    pub(crate) fn signature(&self) -> Option<Vec<u8>> {
        // 64 bytes make at most 88 characters; anything longer is not worth decoding.
        if !self.proof_value.starts_with('z') || self.proof_value.len() > 89 {
            return None;
        }
        multibase::decode(self.proof_value)
            .ok()
            .filter(|bytes| bytes.len() == 64)
    }

    /// What the signature must be over.
    pub(crate) fn signing_input(
        &self,
        document: &Object<'_>,
        provider: &dyn CryptoProvider,
    ) -> Result<[u8; 64], Error> {
        signing_input(
            provider,
            &self.object.to_canonical_without(&["proofValue"]),
            &document.to_canonical_without(&["proof"]),
        )
    }
}
