//! The rules: whether an operation may follow on a state. Pure; what it allows is an event.

use alloc::{format, string::String, vec::Vec};

use super::{
    Change, Commitments, Controllers, Creation, DelegationGrant, DidState, LedgerName, NewKey,
    OperationFault, OperationHash, Scope, SignedOperation, Update, bounds, broken,
    change::{ControlKey, commitment},
    operation::Link,
};
use crate::{CryptoProvider, Did, Error, PublicKey, SOFTWARE, Timestamp, is_low_s};

/// What the rules need to know besides the state and the operation.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    ledger: &'c LedgerName,
    time: Timestamp,
    provider: &'c dyn CryptoProvider,
}

impl<'c> Context<'c> {
    /// On this ledger, at this time of the ledger's.
    #[must_use]
    pub fn new(ledger: &'c LedgerName, time: Timestamp) -> Self {
        Self {
            ledger,
            time,
            provider: &SOFTWARE,
        }
    }

    /// With a provider of one's own (X-04).
    #[must_use]
    pub fn provider(mut self, provider: &'c dyn CryptoProvider) -> Self {
        self.provider = provider;
        self
    }
}

/// An operation that was allowed: what happened, when, to which DID. Only [`decide`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    did: Did,
    sequence: usize,
    hash: OperationHash,
    /// The hash of the operation before; none before the first.
    previous: Option<OperationHash>,
    time: Timestamp,
    change: Change,
    /// The keys that signed, as Multikey: who is responsible.
    signers: Vec<String>,
    delegation: Option<String>,
}

impl Event {
    /// The DID.
    #[must_use]
    pub const fn did(&self) -> &Did {
        &self.did
    }

    /// The place of the operation, from 1.
    #[must_use]
    pub const fn sequence(&self) -> usize {
        self.sequence
    }

    /// The hash of the operation.
    #[must_use]
    pub const fn hash(&self) -> OperationHash {
        self.hash
    }

    /// The version that it made: sequence number, hyphen, hash.
    #[must_use]
    pub fn version_id(&self) -> String {
        format!("{}-{}", self.sequence, self.hash)
    }

    /// The ledger's time of it.
    #[must_use]
    pub const fn time(&self) -> Timestamp {
        self.time
    }

    /// What changed.
    #[must_use]
    pub const fn change(&self) -> &Change {
        &self.change
    }

    /// Who signed, as Multikey texts: these at least. A copy with fewer signatures, as long as they are enough, is the same
    /// operation.
    pub fn signers(&self) -> impl Iterator<Item = &str> {
        self.signers.iter().map(String::as_str)
    }

    /// The delegation by which it was made, if it was not made by the controllers.
    #[must_use]
    pub fn delegation(&self) -> Option<&str> {
        self.delegation.as_deref()
    }
}

/// Whether an operation may follow on a state (`None` before the first). Nothing is changed.
///
/// # Errors
/// An [`OperationFault`] by name, the first that applies in the order of `docs/did-kbtf.md` section 4: shape and DID,
/// place in the chain, time, life, signatures, and then what the change itself asks for. `did/provider`.
///
/// ```
/// # use kbtf_did::did_kbtf::{Context, Controllers, Creation, LedgerName, Operation, OperationFault, apply, decide};
/// # use kbtf_did::{Error, KeyType, SecretKey, Signer, SoftwareSigner};
/// # let controller = SecretKey::from_bytes(KeyType::Ed25519, &[1; 32]).map(SoftwareSigner::new)?;
/// # let ledger = LedgerName::parse("seoul-1")?;
/// let creation = Creation::new(&ledger, Controllers::new(1, &[controller.public_key()])?);
/// let signed = Operation::create(creation)?.sign(&[&controller])?;
/// let context = Context::new(&ledger, "2026-01-01T00:00:00Z".parse()?);
///
/// let mut state = None;
/// apply(&mut state, &decide(None, &signed, &context)?);
/// let again = decide(state.as_ref(), &signed, &context).unwrap_err();
/// assert_eq!(again.code(), OperationFault::Replayed.code());
/// # Ok::<(), Error>(())
/// ```
pub fn decide(
    state: Option<&DidState>,
    signed: &SignedOperation,
    context: &Context<'_>,
) -> Result<Event, Error> {
    let operation = &signed.operation;
    let hash = operation.hash(context.provider)?;
    let did = operation.did(context.provider)?;
    if operation.ledger().as_ref() != Some(context.ledger) {
        return Err(broken(
            OperationFault::Foreign,
            &format!("expected one for the ledger {}", context.ledger),
        ));
    }
    if let Some(state) = state
        && did != *state.did()
    {
        return Err(broken(OperationFault::Foreign, ""));
    }
    let sequence = match (state, &operation.link) {
        (None, None) => 1,
        (None, Some(_)) => return Err(broken(OperationFault::NotCreated, "")),
        // The same DID is the same first operation.
        (Some(_), None) => return Err(broken(OperationFault::Replayed, "")),
        (Some(state), Some(link)) => place(state, link, hash)?,
    };
    if let Some(state) = state {
        if context.time < state.updated {
            return Err(broken(
                OperationFault::TimeBackwards,
                &format!("{} after {}", context.time, state.updated),
            ));
        }
        if state.deactivated {
            return Err(broken(OperationFault::Deactivated, ""));
        }
        let expired = state.expires.is_some_and(|expires| context.time >= expires);
        if expired && !matches!(operation.change, Change::Deactivate(_)) {
            return Err(broken(OperationFault::Expired, ""));
        }
    }
    authorise(state, signed, context)?;
    check_change(state, &operation.change, context)?;
    Ok(Event {
        did,
        sequence,
        hash,
        previous: state.map(DidState::head),
        time: context.time,
        change: operation.change.clone(),
        signers: signed
            .signatures
            .iter()
            .map(|s| s.multikey.clone())
            .collect(),
        delegation: operation.delegation.clone(),
    })
}

/// The state after an event. An event that does not follow on the state, which [`decide`] did not make for it, changes
/// nothing.
pub fn apply(state: &mut Option<DidState>, event: &Event) {
    match (state, &event.change) {
        (state @ None, Change::Create(creation)) => {
            *state = Some(DidState::created_by(event, creation));
        }
        // The same predecessor is the same DID and the same place.
        (Some(state), _) if event.previous == Some(state.head()) => state.follow(event),
        _ => {}
    }
}

/// Where the operation stands in the chain.
fn place(state: &DidState, link: &Link, hash: OperationHash) -> Result<usize, Error> {
    let before = link.sequence.saturating_sub(1);
    if link.sequence > state.sequence() + 1 {
        return Err(broken(
            OperationFault::Gap,
            &format!(
                "expected operation {}, got {}",
                state.sequence() + 1,
                link.sequence
            ),
        ));
    }
    let standing = state.hashes.get(before);
    if standing == Some(&hash) {
        return Err(broken(OperationFault::Replayed, ""));
    }
    // `before` is at least 1: the first operation has no link.
    let links = state.hashes.get(before.saturating_sub(1)) == Some(&link.previous);
    match (links, standing) {
        (true, None) => Ok(link.sequence),
        (true, Some(_)) => Err(broken(OperationFault::Fork, "")),
        (false, _) => Err(broken(OperationFault::BrokenLink, "")),
    }
}

/// Whose signatures it takes, and how many of them.
fn authorise(
    state: Option<&DidState>,
    signed: &SignedOperation,
    context: &Context<'_>,
) -> Result<(), Error> {
    let operation = &signed.operation;
    let Some(state) = state else {
        let Change::Create(Creation { controllers, .. }) = &operation.change else {
            return Err(broken(OperationFault::NotCreated, ""));
        };
        return verify(
            signed,
            &controllers.keys,
            controllers.threshold,
            context.provider,
        );
    };
    let current = &state.controllers;
    if let Some(id) = &operation.delegation {
        let grant = state
            .delegations
            .get(id)
            .filter(|grant| grant.is_in_force(context.time))
            .ok_or_else(|| broken(OperationFault::DelegationNotInForce, ""))?;
        check_scope(state, grant, &operation.change)?;
        return verify(signed, &grant.keys, grant.threshold, context.provider);
    }
    match (&current.next, &operation.change) {
        // What cannot be undone takes the keys that were committed to, which nobody has seen before.
        (Some(next), Change::Rotate(controllers)) => {
            check_committed(next, &controllers.keys, context.provider)?;
            if controllers.threshold < next.threshold {
                return Err(broken(
                    OperationFault::NotCommitted,
                    &format!("expected a threshold of at least {}", next.threshold),
                ));
            }
            verify(
                signed,
                &controllers.keys,
                controllers.threshold,
                context.provider,
            )
        }
        (Some(next), Change::Deactivate(reveal)) => {
            verify_revealed(signed, next, reveal, context.provider)
        }
        (Some(next), Change::Expire { reveal, .. }) if !reveal.is_empty() => {
            verify_revealed(signed, next, reveal, context.provider)
        }
        // An end that is near enough is as good as none at all, and nothing follows on it.
        (Some(_), Change::Expire { expires, .. })
            if state.expires.is_none_or(|end| *expires < end) =>
        {
            Err(broken(
                OperationFault::NotCommitted,
                "to bring the end nearer takes the keys that were committed to",
            ))
        }
        (None, Change::Deactivate(reveal) | Change::Expire { reveal, .. })
            if !reveal.is_empty() =>
        {
            Err(broken(
                OperationFault::NotCommitted,
                "no next controllers were committed to",
            ))
        }
        _ => verify(signed, &current.keys, current.threshold, context.provider),
    }
}

/// What cannot be undone, by keys that were committed to and are shown now.
fn verify_revealed(
    signed: &SignedOperation,
    next: &Commitments,
    reveal: &[PublicKey],
    provider: &dyn CryptoProvider,
) -> Result<(), Error> {
    let keys: Vec<ControlKey> = reveal
        .iter()
        .map(ControlKey::new)
        .collect::<Result<_, _>>()?;
    check_committed(next, &keys, provider)?;
    verify(signed, &keys, next.threshold, provider)
}

fn check_committed(
    next: &Commitments,
    keys: &[ControlKey],
    provider: &dyn CryptoProvider,
) -> Result<(), Error> {
    for key in keys {
        if !next.hashes.contains(&commitment(&key.multikey, provider)?) {
            return Err(broken(OperationFault::NotCommitted, ""));
        }
    }
    Ok(())
}

/// Every signature counts: one too many, or one that is false, and the operation is not what its signers meant.
fn verify(
    signed: &SignedOperation,
    keys: &[ControlKey],
    threshold: usize,
    provider: &dyn CryptoProvider,
) -> Result<(), Error> {
    let mut found = Vec::with_capacity(signed.signatures.len());
    for signature in &signed.signatures {
        // The texts are compared, so that no key of a stranger is ever decoded.
        let key = keys
            .iter()
            .find(|key| key.multikey == signature.multikey)
            .ok_or_else(|| broken(OperationFault::NotAuthorised, ""))?;
        found.push((&key.key, &signature.signature));
    }
    if found.len() < threshold {
        return Err(broken(
            OperationFault::ThresholdNotMet,
            &format!("expected {threshold}, got {}", found.len()),
        ));
    }
    let input = signed.operation.signing_input();
    for (key, signature) in found {
        let [algorithm, ..] = key.key_type().signature_algorithms() else {
            return Err(broken(OperationFault::NotAuthorised, ""));
        };
        let verified = match is_low_s(key.key_type(), signature) {
            true => provider.verify(*algorithm, key, input, signature),
            false => Err(Error::InvalidSignature),
        };
        verified.map_err(|error| match error {
            Error::InvalidSignature => broken(OperationFault::InvalidSignature, ""),
            other => other,
        })?;
    }
    Ok(())
}

/// Whether an operation, wherever it stands, is signed by whom it takes in a state.
pub(super) fn is_authorised(
    state: &DidState,
    signed: &SignedOperation,
    context: &Context<'_>,
) -> Result<bool, Error> {
    match authorise(Some(state), signed, context) {
        Ok(()) => Ok(true),
        Err(error @ Error::Provider { .. }) => Err(error),
        Err(_) => Ok(false),
    }
}

/// What a delegate needs to be given for a change. Reading lets no other change name a delegation.
pub(super) fn scope_of(state: &DidState, change: &Change) -> Result<Vec<Scope>, Error> {
    let update = match change {
        Change::Update(update) => update,
        Change::Expire { .. } => return Ok(alloc::vec![Scope::Expire]),
        _ => return Err(broken(OperationFault::OutOfScope, "")),
    };
    let is_key = |id: &String| state.keys.iter().any(|key| key.key.id == *id);
    let is_service = |id: &String| state.services.iter().any(|service| service.id == *id);
    let needed = [
        (Scope::AddKeys, !update.keys.is_empty()),
        (
            Scope::RetireKeys,
            update.remove.iter().any(is_key) || !update.revoke.is_empty(),
        ),
        (
            Scope::Services,
            update.remove.iter().any(is_service) || !update.services.is_empty(),
        ),
        (Scope::AlsoKnownAs, update.also_known_as.is_some()),
    ];
    let needed = needed.into_iter().filter(|(_, is_needed)| *is_needed);
    Ok(needed.map(|(scope, _)| scope).collect())
}

fn check_scope(state: &DidState, grant: &DelegationGrant, change: &Change) -> Result<(), Error> {
    let needed = scope_of(state, change)?;
    if let Change::Expire { expires, .. } = change
        && state.expires.is_none_or(|end| *expires <= end)
    {
        return Err(broken(
            OperationFault::OutOfScope,
            "a delegate can only put the end off",
        ));
    }
    match needed.iter().find(|scope| !grant.scope.contains(scope)) {
        None => Ok(()),
        Some(scope) => Err(broken(
            OperationFault::OutOfScope,
            &format!("{} was not delegated", scope.as_str()),
        )),
    }
}

/// What the change itself asks for.
fn check_change(
    state: Option<&DidState>,
    change: &Change,
    context: &Context<'_>,
) -> Result<(), Error> {
    match (state, change) {
        (None, Change::Create(creation)) => {
            check_future(creation.expires, context.time)?;
            check_commitments(&creation.controllers, &[], context.provider)?;
            let delegates = creation.delegations.iter();
            check_keys(
                &creation.keys,
                &[],
                &creation.controllers,
                delegates,
                context,
            )?;
            let ids = creation.keys.iter().map(|key| &key.id);
            check_ids(ids.chain(creation.services.iter().map(|s| &s.id)), |_| {
                false
            })?;
            check_distinct_names(&creation.also_known_as)?;
            check_ids(creation.delegations.iter().map(|grant| &grant.id), |_| {
                false
            })
        }
        (Some(state), Change::Rotate(controllers)) => {
            let document: Vec<&NewKey> = state.keys.iter().map(|key| &key.key).collect();
            check_apart(&controllers.keys, &document)?;
            check_commitments(controllers, &document, context.provider)
        }
        (Some(state), Change::Update(update)) => check_update(state, update, context),
        (Some(state), Change::Delegate { grant, withdraw }) => {
            check_ids(withdraw.iter(), |id| !state.delegations.contains_key(id))
                .map_err(|_| broken(OperationFault::UnknownId, ""))?;
            let document: Vec<&NewKey> = state.keys.iter().map(|key| &key.key).collect();
            for grant in grant {
                check_apart(&grant.keys, &document)?;
            }
            check_ids(grant.iter().map(|g| &g.id), |id| {
                state.delegation_ids.contains(id)
            })?;
            check_count(
                state.delegations.len() + grant.len() - withdraw.len(),
                bounds::DELEGATIONS,
            )
        }
        (Some(_), Change::Expire { expires, .. }) => check_future(Some(*expires), context.time),
        (Some(_), Change::Deactivate(_)) => Ok(()),
        _ => Err(broken(OperationFault::NotCreated, "")),
    }
}

fn check_update(state: &DidState, update: &Update, context: &Context<'_>) -> Result<(), Error> {
    let is_key = |id: &String| state.keys.iter().any(|k| k.key.id == *id);
    let is_service = |id: &String| state.services.iter().any(|s| s.id == *id);
    let unknown = || broken(OperationFault::UnknownId, "");
    // Each id once, and of something that is there. What is removed is not revoked as well.
    check_ids(update.remove.iter().chain(&update.revoke), |_| false).map_err(|_| unknown())?;
    let revocable = |id: &String| {
        state
            .keys
            .iter()
            .any(|k| k.key.id == *id && k.revoked.is_none())
    };
    if !update.remove.iter().all(|id| is_key(id) || is_service(id))
        || !update.revoke.iter().all(revocable)
    {
        return Err(unknown());
    }
    let stay = state
        .keys
        .iter()
        .map(|key| &key.key)
        .filter(|key| !update.remove.contains(&key.id));
    let stay: Vec<&NewKey> = stay.collect();
    let delegates = state.delegations.values();
    check_keys(&update.keys, &stay, &state.controllers, delegates, context)?;
    let added = update.keys.iter().map(|key| &key.id);
    check_ids(added.chain(update.services.iter().map(|s| &s.id)), |id| {
        state.ids.contains(id)
    })?;
    if let Some(names) = &update.also_known_as {
        check_distinct_names(names)?;
    }
    check_count(stay.len() + update.keys.len(), bounds::KEYS)?;
    let removed_services = update.remove.iter().filter(|id| is_service(id)).count();
    check_count(
        state.services.len() + update.services.len() - removed_services,
        bounds::SERVICES,
    )
}

/// New keys of the document: none that controls, may control next, or is a delegate's; and none that stands there already,
/// for a key that was revoked would be back under another id.
fn check_keys<'g>(
    keys: &[NewKey],
    stay: &[&NewKey],
    controllers: &Controllers,
    delegations: impl Iterator<Item = &'g DelegationGrant>,
    context: &Context<'_>,
) -> Result<(), Error> {
    let delegates: Vec<&ControlKey> = delegations.flat_map(|grant| &grant.keys).collect();
    let mut seen: Vec<&str> = stay.iter().map(|key| key.multikey.as_str()).collect();
    for key in keys {
        check_future(key.expires, context.time)?;
        let is_next = match &controllers.next {
            Some(next) => next
                .hashes
                .contains(&commitment(&key.multikey, context.provider)?),
            None => false,
        };
        let controls = |c: &ControlKey| c.multikey == key.multikey;
        if is_next
            || controllers.keys.iter().any(controls)
            || delegates.iter().any(|c| controls(c))
            || seen.contains(&key.multikey.as_str())
        {
            return Err(broken(
                OperationFault::KeyReused,
                &format!("the key {}", key.id),
            ));
        }
        seen.push(&key.multikey);
    }
    Ok(())
}

/// Whether no key of some who change is in the document.
fn check_apart(keys: &[ControlKey], document: &[&NewKey]) -> Result<(), Error> {
    let in_document = |key: &ControlKey| document.iter().any(|k| k.multikey == key.multikey);
    match keys.iter().any(in_document) {
        true => Err(broken(OperationFault::KeyReused, "")),
        false => Ok(()),
    }
}

/// Whether what is committed to are keys that nobody has seen: not those of the controllers themselves, nor any of the
/// document, which would stop the rotation.
fn check_commitments(
    controllers: &Controllers,
    document: &[&NewKey],
    provider: &dyn CryptoProvider,
) -> Result<(), Error> {
    let Some(next) = &controllers.next else {
        return Ok(());
    };
    let own = controllers.keys.iter().map(|key| key.multikey.as_str());
    for multikey in own.chain(document.iter().map(|key| key.multikey.as_str())) {
        if next.hashes.contains(&commitment(multikey, provider)?) {
            return Err(broken(
                OperationFault::KeyReused,
                "a commitment to a key that is in use",
            ));
        }
    }
    Ok(())
}

fn check_future(time: Option<Timestamp>, now: Timestamp) -> Result<(), Error> {
    match time {
        Some(time) if time <= now => Err(broken(
            OperationFault::InvalidTime,
            &format!("expected a time after {now}"),
        )),
        _ => Ok(()),
    }
}

/// Each id once, and none that was given before.
fn check_ids<'i>(
    ids: impl Iterator<Item = &'i String>,
    was_given: impl Fn(&String) -> bool,
) -> Result<(), Error> {
    let mut seen: Vec<&String> = Vec::new();
    for id in ids {
        if seen.contains(&id) || was_given(id) {
            return Err(broken(OperationFault::IdReused, ""));
        }
        seen.push(id);
    }
    Ok(())
}

fn check_distinct_names(names: &[String]) -> Result<(), Error> {
    check_ids(names.iter(), |_| false)
}

fn check_count(count: usize, most: usize) -> Result<(), Error> {
    match count <= most {
        true => Ok(()),
        false => Err(broken(
            OperationFault::TooMany,
            &format!("expected at most {most}"),
        )),
    }
}
