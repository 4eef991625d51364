use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
    string::String,
    vec::Vec,
};

use super::{
    Change, Controllers, Creation, DelegationGrant, Event, NewKey, NewService, OperationHash,
    Update,
};
use crate::{Did, DidDocument, Error, NewMethod, Timestamp, VerificationRelationship};

/// What all operations so far have made of a DID.
///
/// Made by [`apply`](super::apply) alone, from events that [`decide`](super::decide) has allowed.
#[derive(Debug, Clone, PartialEq)]
pub struct DidState {
    did: Did,
    /// The hashes of all operations, in order.
    pub(super) hashes: Vec<OperationHash>,
    pub(super) controllers: Controllers,
    pub(super) keys: Vec<Key>,
    pub(super) services: Vec<NewService>,
    pub(super) also_known_as: Vec<String>,
    pub(super) delegations: BTreeMap<String, DelegationGrant>,
    /// Every id that was ever given, those of delegations apart.
    pub(super) ids: BTreeSet<String>,
    pub(super) delegation_ids: BTreeSet<String>,
    created: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) expires: Option<Timestamp>,
    pub(super) deactivated: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key {
    pub(super) key: NewKey,
    pub(super) revoked: Option<Timestamp>,
}

impl DidState {
    /// The DID.
    #[must_use]
    pub const fn did(&self) -> &Did {
        &self.did
    }

    /// How many operations there were: the sequence number of the last.
    #[must_use]
    pub const fn sequence(&self) -> usize {
        self.hashes.len()
    }

    /// The hash of the last operation.
    #[must_use]
    pub fn head(&self) -> OperationHash {
        // There is always a first.
        self.hashes
            .last()
            .copied()
            .unwrap_or(OperationHash([0; 32]))
    }

    /// The version: the sequence number of the last operation, a hyphen, and its hash.
    #[must_use]
    pub fn version_id(&self) -> String {
        format!("{}-{}", self.sequence(), self.head())
    }

    /// Who may change the DID.
    #[must_use]
    pub const fn controllers(&self) -> &Controllers {
        &self.controllers
    }

    /// What has been given away and not been taken back, in force or not.
    pub fn delegations(&self) -> impl Iterator<Item = &DelegationGrant> {
        self.delegations.values()
    }

    /// When the first operation came.
    #[must_use]
    pub const fn created(&self) -> Timestamp {
        self.created
    }

    /// When the last operation came.
    #[must_use]
    pub const fn updated(&self) -> Timestamp {
        self.updated
    }

    /// From when on the DID counts no more.
    #[must_use]
    pub const fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    /// Whether the DID has been deactivated.
    #[must_use]
    pub const fn is_deactivated(&self) -> bool {
        self.deactivated
    }

    /// Whether some key of the document counts at a time: one that signs, since a key for agreement alone proves nothing.
    #[must_use]
    pub fn has_key_in_force(&self, now: Timestamp) -> bool {
        let has_ended = |time: Option<Timestamp>| time.is_some_and(|time| now >= time);
        !self.deactivated
            && !has_ended(self.expires)
            && self.keys.iter().any(|key| {
                let signs = |purpose: &VerificationRelationship| {
                    *purpose != VerificationRelationship::KeyAgreement
                };
                key.key.purposes.iter().any(signs)
                    && !has_ended(key.revoked)
                    && !has_ended(key.key.expires)
            })
    }

    /// The DID document. Each key expires at its own time or that of the DID, whichever comes first; a deactivated DID
    /// has no keys and services.
    ///
    /// # Errors
    /// None that a state which [`apply`](super::apply) has made can give; a property test says so.
    pub fn document(&self) -> Result<DidDocument, Error> {
        let mut builder = DidDocument::builder(&self.did);
        if self.deactivated {
            return builder.build();
        }
        for name in &self.also_known_as {
            builder = builder.also_known_as(name);
        }
        for Key { key, revoked } in &self.keys {
            let mut method = NewMethod::new(&key.id, &key.key).purposes(&key.purposes);
            let expires = key.expires.into_iter().chain(self.expires).min();
            if let Some(expires) = expires {
                method = method.expires(expires);
            }
            if let Some(revoked) = revoked {
                method = method.revoked(*revoked);
            }
            builder = builder.method(method);
        }
        for service in &self.services {
            builder = builder.service(&service.id, &service.service_type, &service.endpoint);
        }
        builder.build()
    }

    pub(super) fn created_by(event: &Event, creation: &Creation) -> Self {
        let mut state = Self {
            did: event.did().clone(),
            hashes: alloc::vec![event.hash()],
            controllers: creation.controllers.clone(),
            keys: Vec::new(),
            services: Vec::new(),
            also_known_as: creation.also_known_as.clone(),
            delegations: BTreeMap::new(),
            ids: BTreeSet::new(),
            delegation_ids: BTreeSet::new(),
            created: event.time(),
            updated: event.time(),
            expires: creation.expires,
            deactivated: false,
        };
        state.add(&creation.keys, &creation.services);
        state.grant(&creation.delegations);
        state
    }

    pub(super) fn follow(&mut self, event: &Event) {
        self.hashes.push(event.hash());
        self.updated = event.time();
        match event.change() {
            // Only the first operation creates; `decide` sees to it.
            Change::Create(_) => {}
            Change::Rotate(controllers) => {
                self.controllers = controllers.clone();
                // What the controllers before gave away, they may have given away because their keys were stolen.
                self.delegations.clear();
            }
            Change::Update(update) => self.update(update, event.time()),
            Change::Delegate { grant, withdraw } => {
                for id in withdraw {
                    self.delegations.remove(id);
                }
                self.grant(grant);
            }
            Change::Expire { expires, .. } => self.expires = Some(*expires),
            Change::Deactivate(_) => {
                self.deactivated = true;
                self.keys.clear();
                self.services.clear();
                self.also_known_as.clear();
                self.delegations.clear();
            }
        }
    }

    fn update(&mut self, update: &Update, time: Timestamp) {
        self.keys.retain(|key| !update.remove.contains(&key.key.id));
        self.services
            .retain(|service| !update.remove.contains(&service.id));
        for key in &mut self.keys {
            if update.revoke.contains(&key.key.id) {
                key.revoked = Some(time);
            }
        }
        if let Some(names) = &update.also_known_as {
            self.also_known_as.clone_from(names);
        }
        self.add(&update.keys, &update.services);
    }

    fn add(&mut self, keys: &[NewKey], services: &[NewService]) {
        for key in keys {
            self.ids.insert(key.id.clone());
            self.keys.push(Key {
                key: key.clone(),
                revoked: None,
            });
        }
        for service in services {
            self.ids.insert(service.id.clone());
            self.services.push(service.clone());
        }
    }

    fn grant(&mut self, grants: &[DelegationGrant]) {
        for grant in grants {
            self.delegation_ids.insert(grant.id.clone());
            self.delegations.insert(grant.id.clone(), grant.clone());
        }
    }
}
