//! Whose key signed: the key of a verification method, its state, and whether it may be used for this.

use alloc::{
    borrow::{Cow, ToOwned},
    collections::BTreeMap,
    format,
    string::{String, ToString},
};

use kbtf_did::{
    Did, DidUrl, KeyState, PublicKey, ResolvedDocument, SignatureAlgorithm,
    VerificationRelationship, did_jwk, did_key,
};

use super::Inputs;
use crate::{FailureCode, Need, NotChecked, Step, Verdict, verdict::short};

/// Keys of `did:key` that were decoded before, for many documents of one issuer.
pub(crate) type KeyCache = BTreeMap<String, PublicKey>;

/// Whose key signed, as far as it can be told.
pub(super) enum Signer {
    /// The DID's own document says that the key is its.
    Confirmed(String),
    /// The id of the key claims this DID; its document could not be asked.
    Claimed(String, NotChecked),
    /// The document of one DID holds the key, but names another as its controller.
    Foreign(String),
    /// There is no proof that names a key.
    Nobody,
}

impl Signer {
    /// The DID that the id of the key begins with; empty if there is none.
    pub(super) fn did(&self) -> &str {
        match self {
            Self::Confirmed(did) | Self::Claimed(did, _) | Self::Foreign(did) => did,
            Self::Nobody => "",
        }
    }

    /// Reports whether who a document names (its issuer or holder) is who signed.
    pub(super) fn report(&self, verdict: &mut Verdict, named: &str, step: Step, code: FailureCode) {
        match self {
            Self::Nobody => verdict.skip(step, NotChecked::EarlierFailure),
            Self::Confirmed(did) if did == named => verdict.pass(step),
            Self::Claimed(did, why) if did == named => verdict.skip(step, *why),
            Self::Foreign(did) if did == named => verdict.fail(
                code,
                format!("the document of {did:?} names another controller of the key"),
            ),
            Self::Confirmed(did) | Self::Claimed(did, _) | Self::Foreign(did) => {
                verdict.fail(code, format!("named {:?}, signed by {did:?}", short(named)));
            }
        }
    }
}

/// Whether the controller lists the key for the purpose.
pub(super) enum Listed {
    Yes,
    No,
    Unknown(NotChecked),
}

impl Listed {
    /// Reports it, if the purpose is the right one to begin with.
    pub(super) fn report(
        self,
        verdict: &mut Verdict,
        method: &str,
        purpose: VerificationRelationship,
    ) {
        match self {
            Self::Yes => verdict.pass(Step::Relationship),
            Self::No => verdict.fail(
                FailureCode::RelationshipNotListed,
                format!("{} for {:?}", short(method), purpose.as_str()),
            ),
            Self::Unknown(why) => verdict.skip(Step::Relationship, why),
        }
    }
}

pub(super) struct KeyLookup<'e> {
    pub(super) key: Result<Cow<'e, PublicKey>, NotChecked>,
    pub(super) listed: Listed,
    pub(super) signer: Signer,
}

impl KeyLookup<'_> {
    const fn unknown(why: NotChecked, signer: Signer) -> Self {
        Self {
            key: Err(why),
            listed: Listed::Unknown(why),
            signer,
        }
    }
}

/// Which key a proof or token means.
pub(super) enum Method<'m> {
    /// The one of this id.
    Id(&'m DidUrl),
    /// The only one that this DID lists for the purpose and that signs in this algorithm.
    OnlyOneFor(&'m Did, SignatureAlgorithm),
}

impl Method<'_> {
    fn did(&self) -> Did {
        match self {
            Self::Id(id) => id.did(),
            Self::OnlyOneFor(did, _) => (*did).clone(),
        }
    }
}

/// Finds the key of a proof, and says in the verdict what state it is in.
///
/// The key belongs to the DID that its id begins with, if the method in that DID's document names the same DID
/// as `controller` (Controlled Identifiers section 3.3).
pub(super) fn find_key<'e>(
    verdict: &mut Verdict,
    method: &Method<'_>,
    purpose: VerificationRelationship,
    inputs: &Inputs<'e>,
    cache: &mut Option<KeyCache>,
) -> KeyLookup<'e> {
    let did = method.did();
    match did.method() {
        "key" => of_did_key(verdict, &did, method, cache),
        "jwk" => match did_jwk::resolve(&did) {
            Ok(document) => {
                let resolved = ResolvedDocument::active(document);
                let lookup = in_document(verdict, &did, method, purpose, inputs, &resolved);
                KeyLookup {
                    key: lookup.key.map(|key| Cow::Owned(key.into_owned())),
                    listed: lookup.listed,
                    signer: lookup.signer,
                }
            }
            Err(error) => unusable(verdict, &did, &error),
        },
        _ => match inputs.evidence.get(did.as_str()) {
            Some(resolved) => in_document(verdict, &did, method, purpose, inputs, resolved),
            None => {
                let why = NotChecked::MissingEvidence;
                let signer = Signer::Claimed(did.as_str().to_owned(), why);
                verdict.need(Need::DidDocument(did));
                verdict.skip(Step::KeyState, why);
                KeyLookup::unknown(why, signer)
            }
        },
    }
}

/// A DID that should speak for itself and does not.
fn unusable<'e>(verdict: &mut Verdict, did: &Did, error: &kbtf_did::Error) -> KeyLookup<'e> {
    verdict.fail(FailureCode::KeyUnusable, error.to_string());
    let why = NotChecked::EarlierFailure;
    KeyLookup::unknown(why, Signer::Claimed(did.as_str().to_owned(), why))
}

fn of_did_key<'e>(
    verdict: &mut Verdict,
    did: &Did,
    method: &Method<'_>,
    cache: &mut Option<KeyCache>,
) -> KeyLookup<'e> {
    let known = cache.as_ref().and_then(|cache| cache.get(did.as_str()));
    let key = match known {
        Some(key) => key.clone(),
        None => match did_key::public_key(did) {
            Ok(key) => {
                if let Some(cache) = cache {
                    cache.insert(did.as_str().to_owned(), key.clone());
                }
                key
            }
            Err(error) => return unusable(verdict, did, &error),
        },
    };
    let is_the_key = match method {
        Method::Id(id) => {
            id.path().is_empty()
                && id.query().is_none()
                && id.fragment() == Some(did.method_specific_id())
        }
        Method::OnlyOneFor(_, algorithm) => algorithm.key_type() == key.key_type(),
    };
    let owner = did.as_str().to_owned();
    if !is_the_key || !key.key_type().is_for_signatures() {
        // Such as the derived X25519 key, which signs nothing.
        let place = match method {
            Method::Id(id) => id.as_str().to_owned(),
            Method::OnlyOneFor(did, algorithm) => format!("{did} for {algorithm}"),
        };
        verdict.fail(FailureCode::KeyNotFound, place);
        return KeyLookup::unknown(NotChecked::EarlierFailure, Signer::Confirmed(owner));
    }
    verdict.pass(Step::KeyState);
    KeyLookup {
        key: Ok(Cow::Owned(key)),
        listed: Listed::Yes,
        signer: Signer::Confirmed(owner),
    }
}

fn in_document<'d>(
    verdict: &mut Verdict,
    did: &Did,
    wanted: &Method<'_>,
    purpose: VerificationRelationship,
    inputs: &Inputs<'_>,
    resolved: &'d ResolvedDocument,
) -> KeyLookup<'d> {
    let owner = did.as_str().to_owned();
    let document = &resolved.document;
    let found = match wanted {
        Method::Id(id) => document
            .verification_method(id)
            .ok_or(id.as_str().to_owned()),
        Method::OnlyOneFor(_, algorithm) => {
            let listed = document.listed_for(purpose);
            let listed = listed.filter_map(|id| document.verification_method(id));
            let mut fitting = listed.filter(|method| {
                method
                    .public_key()
                    .is_ok_and(|key| key.key_type() == algorithm.key_type())
            });
            match (fitting.next(), fitting.next()) {
                (Some(only), None) => Ok(only),
                (None, _) => Err(format!("no key of {did} for {algorithm}")),
                (Some(_), Some(_)) => Err(format!("several keys of {did} for {algorithm}, no kid")),
            }
        }
    };
    let method = match found {
        Ok(method) => method,
        Err(place) => {
            verdict.fail(FailureCode::KeyNotFound, place);
            let why = NotChecked::EarlierFailure;
            return KeyLookup::unknown(why, Signer::Claimed(owner, why));
        }
    };
    let method_id = method.id();
    let listed = if document.is_listed(method_id, purpose) {
        Listed::Yes
    } else {
        Listed::No
    };
    let signer = if *method.controller() == *did {
        Signer::Confirmed(owner)
    } else {
        Signer::Foreign(owner)
    };
    match (resolved.is_deactivated(), method.state_at(inputs.now)) {
        (true, _) => verdict.fail(FailureCode::DidDeactivated, did.as_str()),
        (_, KeyState::Expired(at)) => {
            verdict.fail(FailureCode::KeyExpired, format!("{method_id} at {at}"));
        }
        (_, KeyState::Revoked(at)) => {
            verdict.fail(FailureCode::KeyRevoked, format!("{method_id} at {at}"));
        }
        (false, KeyState::Active) => verdict.pass(Step::KeyState),
    }
    let key = match method.public_key() {
        Ok(key) => Ok(Cow::Borrowed(key)),
        Err(error) => {
            verdict.fail(FailureCode::KeyUnusable, format!("{method_id}: {error}"));
            Err(NotChecked::EarlierFailure)
        }
    };
    KeyLookup {
        key,
        listed,
        signer,
    }
}
