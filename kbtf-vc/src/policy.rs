use alloc::{
    borrow::ToOwned,
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    string::String,
};

use kbtf_did::{CryptoProvider, Did, ResolvedDocument, SOFTWARE};

use crate::{Error, version};

/// Contexts that are fixed texts which everyone knows. In JCS proofs they are compared, never fetched.
const WELL_KNOWN_CONTEXTS: [&str; 8] = [
    version::CONTEXT_V1,
    version::CONTEXT_V2,
    "https://w3id.org/security/data-integrity/v1",
    "https://w3id.org/security/data-integrity/v2",
    "https://w3id.org/security/multikey/v1",
    "https://w3id.org/security/suites/jws-2020/v1",
    "https://w3id.org/security/suites/ed25519-2020/v1",
    "https://www.w3.org/ns/did/v1",
];

/// Whose credentials count. There is no default: a verifier says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Only those of these issuers.
    Issuers(BTreeSet<Did>),
    /// Anyone's: the caller decides on the issuer itself. The step `trust` is then reported as waived.
    AnyIssuer,
}

impl Trust {
    /// Trusts these issuers only.
    #[must_use]
    pub fn issuers(issuers: impl IntoIterator<Item = Did>) -> Self {
        Self::Issuers(issuers.into_iter().collect())
    }
}

/// What a verifier asks of a credential. Everything not said is strict.
#[derive(Clone)]
pub struct Policy<'p> {
    pub(crate) provider: &'p dyn CryptoProvider,
    pub(crate) trust: Trust,
    pub(crate) contexts: BTreeSet<String>,
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
            contexts: BTreeSet::new(),
            clock_skew: 60,
            accept_high_s: false,
            waive_status: false,
            waive_schema: false,
        }
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
        self.contexts.insert(url.to_owned());
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

    pub(crate) fn knows_context(&self, url: &str) -> bool {
        WELL_KNOWN_CONTEXTS.contains(&url) || self.contexts.contains(url)
    }
}

/// Who may present a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum HolderBinding {
    /// Only its subject: every subject of every credential is the presenter.
    #[default]
    SubjectIsHolder,
    /// Anyone that holds it, such as a parent for a child; the caller decides whether that is right here.
    AnyHolder,
}

/// What a verifier asks of a presentation: a policy for the credentials inside, and the binding to itself.
#[derive(Clone)]
pub struct PresentationPolicy<'p> {
    pub(crate) credentials: Policy<'p>,
    pub(crate) challenge: String,
    pub(crate) domain: String,
    pub(crate) holder_binding: HolderBinding,
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
        })
    }

    /// Says who may present.
    #[must_use]
    pub const fn holder_binding(mut self, binding: HolderBinding) -> Self {
        self.holder_binding = binding;
        self
    }
}

/// What the caller has fetched: evidence that verification may look things up in.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    documents: BTreeMap<String, ResolvedDocument>,
}

impl Evidence {
    /// No evidence. Enough for `did:key`, which is its own evidence.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            documents: BTreeMap::new(),
        }
    }

    /// Adds the document that resolving a DID has given. The caller vouches for how it was resolved.
    ///
    /// The DID that was asked for and the one that the document is about must be the same: whoever answers for one
    /// DID must not speak for another. A document for a `did:key` is not used: such a DID speaks for itself.
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

    pub(crate) fn get(&self, did: &str) -> Option<&ResolvedDocument> {
        self.documents.get(did)
    }
}
