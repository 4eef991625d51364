use alloc::{
    borrow::ToOwned,
    boxed::Box,
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    string::{String, ToString},
    vec::Vec,
};

#[cfg(feature = "rdfc")]
use alloc::sync::Arc;
use kbtf_did::{CryptoProvider, Did, ResolvedDocument, SOFTWARE, SignatureAlgorithm};

#[cfg(feature = "rdfc")]
use crate::rdfc::Contexts;
use crate::{
    Cryptosuite, Error, Form, Schema, StatusList, TrustRegistry, Verdict, Verification, Verified,
    assurance::AssurancePolicy, context, data_integrity::Transform,
};

/// Whose credentials count. There is no default: a verifier says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Only those of these issuers.
    Issuers(BTreeSet<Did>),
    /// Only those that a signed register allows: who may issue what, and until when.
    Registry(Box<Verified<TrustRegistry>>),
    /// Anyone's: the caller decides on the issuer itself. The step `trust` is then reported as waived.
    AnyIssuer,
}

impl Trust {
    /// Trusts these issuers only.
    #[must_use]
    pub fn issuers(issuers: impl IntoIterator<Item = Did>) -> Self {
        Self::Issuers(issuers.into_iter().collect())
    }

    /// Trusts whom a register names, for what it names.
    #[must_use]
    pub fn registry(registry: Verified<TrustRegistry>) -> Self {
        Self::Registry(Box::new(registry))
    }
}

/// What a verifier asks of a credential. Everything not said is strict.
#[derive(Clone)]
pub struct Policy<'p> {
    pub(crate) provider: &'p dyn CryptoProvider,
    pub(crate) trust: Trust,
    pub(crate) contexts: BTreeMap<String, Option<[u8; 32]>>,
    #[cfg(feature = "rdfc")]
    pub(crate) rdf: Arc<Contexts>,
    pub(crate) forms: Option<BTreeSet<Form>>,
    pub(crate) status_issuers: BTreeSet<Did>,
    pub(crate) assurance: Option<AssurancePolicy>,
    pub(crate) require_resources: bool,
    pub(crate) status_max_age: i64,
    pub(crate) clock_skew: i64,
    pub(crate) accept_high_s: bool,
    pub(crate) waive_status: bool,
    pub(crate) waive_schema: bool,
}

impl<'p> Policy<'p> {
    /// The strict policy: software cryptography, only the well-known contexts, 60 seconds of clock skew.
    #[must_use]
    pub fn new(trust: Trust) -> Self {
        Self {
            provider: &SOFTWARE,
            trust,
            contexts: BTreeMap::new(),
            #[cfg(feature = "rdfc")]
            rdf: Arc::clone(Contexts::embedded()),
            forms: None,
            status_issuers: BTreeSet::new(),
            assurance: None,
            require_resources: false,
            status_max_age: 86_400,
            clock_skew: 60,
            accept_high_s: false,
            waive_status: false,
            waive_schema: false,
        }
    }

    /// Trusts others.
    #[must_use]
    pub fn trust(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }

    /// Uses another cryptographic provider.
    #[must_use]
    pub fn provider(mut self, provider: &'p dyn CryptoProvider) -> Self {
        self.provider = provider;
        self
    }

    /// Also knows this context. In a JCS proof the URL stands for itself; add one only if you know what its terms mean.
    #[must_use]
    pub fn context(mut self, url: &str) -> Self {
        self.contexts.entry(url.to_owned()).or_insert(None);
        self
    }

    /// Also knows this context, by the bytes that its URL leads to and their SHA-256 as it was published. A document that
    /// states the digest of its context (`relatedResource`) is held to it; proofs over RDF (feature `rdfc`) are made of what
    /// it says, and are refused if it is no JSON-LD context.
    ///
    /// # Errors
    /// `vc/wrong-context` if the bytes have another hash, or the URL is known already with another; those of the provider.
    pub fn context_document(
        mut self,
        url: &str,
        bytes: &[u8],
        sha256: &[u8; 32],
    ) -> Result<Self, Error> {
        let known = context::hash_of(url).or(self.contexts.get(url).copied().flatten());
        if self.provider.sha256(bytes)? != *sha256 || known.is_some_and(|known| known != *sha256) {
            return Err(Error::WrongContext {
                url: url.to_owned(),
            });
        }
        self.contexts.insert(url.to_owned(), Some(*sha256));
        #[cfg(feature = "rdfc")]
        {
            // One that cannot be used is as good as none: a proof that needs it says so.
            let _ = Arc::make_mut(&mut self.rdf).add(url, bytes);
        }
        Ok(self)
    }

    /// Also takes documents that are signed over RDF and have these contexts, in this order and no others. The contexts of a
    /// document are under no signature there: were any list of known contexts taken, another could give its members other names
    /// that mean the same (Data Integrity 1.0 section 4.6). Each must be known by its bytes
    /// ([`Policy::context_document`]). Those of VC 2.0 and VC 1.1 are taken alone, and that of VC 1.1 with one of Data Integrity
    /// or Ed25519 signatures of 2020 after it. Who accepts two lists takes a document for one of either: see
    /// [`Contexts::accept`].
    #[cfg(feature = "rdfc")]
    #[must_use]
    pub fn context_list(mut self, list: &[&str]) -> Self {
        Arc::make_mut(&mut self.rdf).accept(list);
        self
    }

    /// Takes only documents that are secured in these ways; all otherwise.
    #[must_use]
    pub fn forms(mut self, forms: impl IntoIterator<Item = Form>) -> Self {
        self.forms = Some(forms.into_iter().collect());
        self
    }

    /// Also takes status lists of this issuer, for credentials of any. Otherwise a list counts only for credentials of the
    /// issuer that signed it.
    #[must_use]
    pub fn status_issuer(mut self, issuer: Did) -> Self {
        self.status_issuers.insert(issuer);
        self
    }

    /// How many seconds a status list counts after it was checked; a day if not said. One that says less of itself counts
    /// that much.
    #[must_use]
    pub fn status_max_age(mut self, seconds: u32) -> Self {
        self.status_max_age = i64::from(seconds);
        self
    }

    /// Asks for a level of assurance (EAA-08).
    #[must_use]
    pub fn assurance(mut self, assurance: AssurancePolicy) -> Self {
        self.assurance = Some(assurance);
        self
    }

    /// Wants to see every resource whose digest a document states. Otherwise those are checked that are at hand.
    #[must_use]
    pub const fn require_resources(mut self) -> Self {
        self.require_resources = true;
        self
    }

    /// How many seconds the signer's clock may be ahead of ours (0 to 300). It never lengthens an expiry.
    #[must_use]
    pub fn clock_skew(mut self, seconds: u16) -> Self {
        self.clock_skew = i64::from(seconds.min(300));
        self
    }

    /// Accepts ECDSA signatures with high s too. W3C's suite allows them, and signers such as Web Crypto make
    /// them half of the time; K-BTF has one form for one signature and so refuses them unless told otherwise.
    #[must_use]
    pub fn accept_high_s(mut self) -> Self {
        self.accept_high_s = true;
        self
    }

    /// Accepts a credential without looking at its `credentialStatus`. The step is reported as waived.
    #[must_use]
    pub fn waive_status(mut self) -> Self {
        self.waive_status = true;
        self
    }

    /// Accepts a credential without looking at its `credentialSchema`. The step is reported as waived.
    #[must_use]
    pub fn waive_schema(mut self) -> Self {
        self.waive_schema = true;
        self
    }

    /// The same for the list that a credential's status is looked up in: whose list counts is decided there.
    pub(crate) fn for_status_lists(mut self) -> Self {
        self.trust = Trust::AnyIssuer;
        self.assurance = None;
        self.forms = None;
        self.waive_schema = true;
        self
    }

    /// How a proof of this cryptosuite is read.
    pub(crate) fn transform(
        &self,
        suite: Cryptosuite,
        algorithm: SignatureAlgorithm,
    ) -> Transform<'_> {
        #[cfg(feature = "rdfc")]
        if suite.is_rdf() {
            return Transform::rdf(algorithm, &self.rdf);
        }
        let _ = suite;
        Transform::json(algorithm)
    }

    pub(crate) fn knows_context(&self, url: &str) -> bool {
        context::is_well_known(url) || self.contexts.contains_key(url)
    }

    /// The SHA-256 of what a context's URL leads to, if it is known.
    pub(crate) fn context_hash(&self, url: &str) -> Option<[u8; 32]> {
        context::hash_of(url).or(self.contexts.get(url).copied().flatten())
    }

    pub(crate) fn accepts_form(&self, form: Form) -> bool {
        self.forms
            .as_ref()
            .is_none_or(|forms| forms.contains(&form))
    }
}

/// Who may present a credential.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum HolderBinding {
    /// Only its subject: every subject of every credential is the presenter.
    #[default]
    SubjectIsHolder,
    /// Anyone that holds it, such as a parent for a child; the caller decides whether that is right here.
    AnyHolder,
    /// Only its subject, but for credentials of these types, which are about others: a certificate of family relations,
    /// a power of attorney.
    Except(BTreeSet<String>),
}

/// What a verifier asks of a presentation: a policy for the credentials inside, and the binding to itself.
#[derive(Clone)]
pub struct PresentationPolicy<'p> {
    pub(crate) credentials: Policy<'p>,
    pub(crate) challenge: String,
    pub(crate) domain: String,
    pub(crate) holder_binding: HolderBinding,
    pub(crate) key_binding_required: bool,
    pub(crate) max_age: i64,
}

impl<'p> PresentationPolicy<'p> {
    /// A policy for one exchange: the challenge that was given out for it, never used before and not to be
    /// guessed, and the domain that this verifier is known by.
    ///
    /// # Errors
    /// `vc/empty-binding` if challenge or domain is empty.
    pub fn new(credentials: Policy<'p>, challenge: &str, domain: &str) -> Result<Self, Error> {
        for (member, text) in [("challenge", challenge), ("domain", domain)] {
            if text.is_empty() {
                return Err(Error::EmptyBinding { member });
            }
        }
        Ok(Self {
            credentials,
            challenge: challenge.to_owned(),
            domain: domain.to_owned(),
            holder_binding: HolderBinding::default(),
            key_binding_required: true,
            max_age: 600,
        })
    }

    /// Says who may present.
    #[must_use]
    pub fn holder_binding(mut self, binding: HolderBinding) -> Self {
        self.holder_binding = binding;
        self
    }

    /// Takes an SD-JWT also from who does not show that it is his: a bearer's credential, like a cinema ticket. The steps
    /// `challenge`, `domain` and `holder` are then waived for one without a key binding.
    #[must_use]
    pub const fn waive_key_binding(mut self) -> Self {
        self.key_binding_required = false;
        self
    }

    /// How many seconds ago a token that answers the challenge may have been made; 600 if not said. A key binding must say
    /// when it was made, a presentation in a JWT may; without it the challenge alone tells that it is fresh.
    #[must_use]
    pub fn max_age(mut self, seconds: u32) -> Self {
        self.max_age = i64::from(seconds);
        self
    }
}

/// What the caller has fetched: evidence that verification may look things up in.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    documents: BTreeMap<String, ResolvedDocument>,
    status_lists: BTreeMap<String, Result<Verified<StatusList>, Verdict>>,
    schemas: BTreeMap<String, Schema>,
    resources: BTreeMap<String, Vec<u8>>,
}

impl Evidence {
    /// No evidence. Enough for `did:key` and `did:jwk`, which are their own evidence.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            documents: BTreeMap::new(),
            status_lists: BTreeMap::new(),
            schemas: BTreeMap::new(),
            resources: BTreeMap::new(),
        }
    }

    /// Adds the document that resolving a DID has given. The caller vouches for how it was resolved.
    ///
    /// The DID that was asked for and the one that the document is about must be the same: whoever answers for one
    /// DID must not speak for another. A document for a `did:key` or `did:jwk` is not used: such a DID speaks for itself.
    ///
    /// # Errors
    /// `vc/wrong-document` if the document is about another DID; `vc/conflicting-documents` if a different one is
    /// there already. The evidence is then as it was.
    pub fn add_document(&mut self, asked: &Did, resolved: ResolvedDocument) -> Result<(), Error> {
        let did = resolved.document.id();
        if did != asked {
            return Err(Error::WrongDocument {
                asked: asked.as_str().to_owned(),
                got: did.as_str().to_owned(),
            });
        }
        match self.documents.entry(asked.as_str().to_owned()) {
            Entry::Vacant(entry) => {
                entry.insert(resolved);
            }
            Entry::Occupied(entry) if *entry.get() == resolved => {}
            Entry::Occupied(entry) => {
                return Err(Error::ConflictingDocuments {
                    did: entry.key().clone(),
                });
            }
        }
        Ok(())
    }

    /// Adds what [`verify_status_list`](crate::verify_status_list) has found out about the list of a URL, be it good or
    /// not: a credential that refers to a list that does not verify is refused. A later answer takes the place of an
    /// earlier one, since lists change.
    pub fn add_status_list(&mut self, url: &str, verification: Verification<StatusList>) {
        self.status_lists
            .insert(url.to_owned(), verification.into_verified());
    }

    /// Adds the JSON Schema that a URL leads to.
    ///
    /// # Errors
    /// Those of [`Schema::parse`]. The evidence is then as it was.
    pub fn add_schema(&mut self, url: &str, text: &str) -> Result<(), Error> {
        self.schemas.insert(url.to_owned(), Schema::parse(text)?);
        Ok(())
    }

    /// Adds the bytes that a URL leads to, whose digest a document states.
    pub fn add_resource(&mut self, url: &str, bytes: impl Into<Vec<u8>>) {
        self.resources.insert(url.to_string(), bytes.into());
    }

    pub(crate) fn get(&self, did: &str) -> Option<&ResolvedDocument> {
        self.documents.get(did)
    }

    pub(crate) fn status_list(&self, url: &str) -> Option<&Result<Verified<StatusList>, Verdict>> {
        self.status_lists.get(url)
    }

    pub(crate) fn schema(&self, url: &str) -> Option<&Schema> {
        self.schemas.get(url)
    }

    pub(crate) fn resource(&self, url: &str) -> Option<&[u8]> {
        self.resources.get(url).map(Vec::as_slice)
    }
}
