//! What an operation changes: typed, and written as JSON.

use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
    vec::Vec,
};

use super::{LedgerName, OperationFault, OperationHash, bounds, broken};
use crate::{
    CryptoProvider, Error, KeyType, PublicKey, Timestamp, VerificationRelationship,
    json::{Object, Value},
};

/// A key that signs operations, with its text, by which signatures name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ControlKey {
    pub(super) key: PublicKey,
    pub(super) multikey: String,
}

impl ControlKey {
    pub(super) fn new(key: &PublicKey) -> Result<Self, Error> {
        // One way of signing each, and none that takes a verifier long.
        let fits = matches!(
            key.key_type(),
            KeyType::Ed25519 | KeyType::P256 | KeyType::P384 | KeyType::Secp256k1
        );
        if !fits {
            return Err(Error::WrongKeyUse {
                key_type: key.key_type(),
                operation: "control a did:kbtf",
            });
        }
        Ok(Self {
            multikey: key.to_multikey(),
            key: key.clone(),
        })
    }
}

/// The hash by which a key is committed to.
pub(super) fn commitment(
    multikey: &str,
    provider: &dyn CryptoProvider,
) -> Result<OperationHash, Error> {
    let mut input = b"did:kbtf/1 commitment\n".to_vec();
    input.extend_from_slice(multikey.as_bytes());
    provider.sha256(&input).map(OperationHash)
}

fn control_keys(threshold: usize, keys: &[&PublicKey]) -> Result<Vec<ControlKey>, Error> {
    let keys: Vec<ControlKey> = keys
        .iter()
        .map(|key| ControlKey::new(key))
        .collect::<Result<_, _>>()?;
    check_threshold(threshold, keys.len())?;
    Ok(keys)
}

pub(super) fn check_threshold(threshold: usize, keys: usize) -> Result<(), Error> {
    if (1..=keys).contains(&threshold) && keys <= bounds::CONTROLLERS {
        Ok(())
    } else {
        Err(broken(
            OperationFault::Malformed,
            "expected 1 to 16 keys and a threshold from 1 to their number",
        ))
    }
}

/// Who may change a DID: some keys and how many of them it takes (통제자). They are never keys of its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Controllers {
    pub(super) threshold: usize,
    pub(super) keys: Vec<ControlKey>,
    pub(super) next: Option<Commitments>,
}

impl Controllers {
    /// Some keys, Ed25519, P-256, P-384 or secp256k1, of which `threshold` must sign.
    ///
    /// # Errors
    /// `did/operation-malformed` unless there are 1 to 16 keys and the threshold is from 1 to their number;
    /// `did/wrong-key-use` for a key of another kind.
    pub fn new(threshold: usize, keys: &[&PublicKey]) -> Result<Self, Error> {
        Ok(Self {
            threshold,
            keys: control_keys(threshold, keys)?,
            next: None,
        })
    }

    /// Commits to the keys that may follow these, of which only the hashes are written (pre-rotation). From then on
    /// only they can rotate or deactivate, and whoever steals today's keys cannot.
    #[must_use]
    pub fn committed_to(mut self, next: Commitments) -> Self {
        self.next = Some(next);
        self
    }

    /// How many must sign.
    #[must_use]
    pub const fn threshold(&self) -> usize {
        self.threshold
    }

    /// The keys.
    pub fn keys(&self) -> impl Iterator<Item = &PublicKey> {
        self.keys.iter().map(|key| &key.key)
    }

    /// The keys that may follow.
    #[must_use]
    pub const fn next(&self) -> Option<&Commitments> {
        self.next.as_ref()
    }

    fn to_object(&self) -> Object<'static> {
        let mut object = threshold_and_keys(self.threshold, &self.keys);
        if let Some(next) = &self.next {
            let mut commitments = Object::new();
            commitments.insert("threshold", number(next.threshold));
            let hashes: Vec<String> = next.hashes.iter().map(OperationHash::to_string).collect();
            commitments.insert("hashes", hashes);
            object.insert("next", commitments);
        }
        object
    }
}

/// The next controllers as hashes: which keys, and how many of them at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitments {
    pub(super) threshold: usize,
    pub(super) hashes: Vec<OperationHash>,
}

impl Commitments {
    /// Commits to some keys, of which at least `threshold` will have to sign.
    ///
    /// # Errors
    /// As for [`Controllers::new`]; `did/provider`.
    pub fn new(
        threshold: usize,
        keys: &[&PublicKey],
        provider: &dyn CryptoProvider,
    ) -> Result<Self, Error> {
        let keys = control_keys(threshold, keys)?;
        let hashes = keys
            .iter()
            .map(|key| commitment(&key.multikey, provider))
            .collect::<Result<_, _>>()?;
        Ok(Self { threshold, hashes })
    }

    /// How many must sign at least.
    #[must_use]
    pub const fn threshold(&self) -> usize {
        self.threshold
    }

    /// The hashes of the keys.
    #[must_use]
    pub fn hashes(&self) -> &[OperationHash] {
        &self.hashes
    }
}

/// A key for the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    pub(super) id: String,
    pub(super) key: PublicKey,
    pub(super) multikey: String,
    pub(super) purposes: Vec<VerificationRelationship>,
    pub(super) expires: Option<Timestamp>,
}

impl NewKey {
    /// A key with the fragment of its id and what it is for.
    #[must_use]
    pub fn new(id: &str, key: &PublicKey, purposes: &[VerificationRelationship]) -> Self {
        Self {
            id: id.to_owned(),
            key: key.clone(),
            multikey: key.to_multikey(),
            purposes: purposes.to_vec(),
            expires: None,
        }
    }

    /// From when on the key counts no more.
    #[must_use]
    pub const fn expires(mut self, expires: Timestamp) -> Self {
        self.expires = Some(expires);
        self
    }

    /// The fragment of its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// What it is for.
    #[must_use]
    pub fn purposes(&self) -> &[VerificationRelationship] {
        &self.purposes
    }

    /// From when on it counts no more, apart from the DID's own end.
    #[must_use]
    pub const fn end(&self) -> Option<Timestamp> {
        self.expires
    }

    fn to_object(&self) -> Object<'static> {
        let mut object = Object::new();
        object.insert("id", self.id.clone());
        object.insert("key", self.multikey.clone());
        let purposes: Vec<&'static str> = self.purposes.iter().map(|p| p.as_str()).collect();
        object.insert("purposes", purposes);
        if let Some(expires) = self.expires {
            object.insert("expires", expires.to_string());
        }
        object
    }
}

/// A service for the document (DID-09).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewService {
    pub(super) id: String,
    pub(super) service_type: String,
    pub(super) endpoint: String,
}

impl NewService {
    /// A service with the fragment of its id, its type (a word) and its endpoint (a URI).
    #[must_use]
    pub fn new(id: &str, service_type: &str, endpoint: &str) -> Self {
        Self {
            id: id.to_owned(),
            service_type: service_type.to_owned(),
            endpoint: endpoint.to_owned(),
        }
    }

    /// The fragment of its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its type.
    #[must_use]
    pub fn service_type(&self) -> &str {
        &self.service_type
    }

    /// Its endpoint.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    fn to_object(&self) -> Object<'static> {
        let mut object = Object::new();
        object.insert("id", self.id.clone());
        object.insert("type", self.service_type.clone());
        object.insert("endpoint", self.endpoint.clone());
        object
    }
}

/// A part of the right to change that can be given away. A delegate never rotates, delegates, deactivates, or brings the
/// end nearer. What was given ends with the next rotation at the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// Adding keys to the document.
    AddKeys,
    /// Removing and revoking keys of the document.
    RetireKeys,
    /// Adding and removing services.
    Services,
    /// Changing the other names.
    AlsoKnownAs,
    /// Putting the time off at which the DID expires.
    Expire,
}

impl Scope {
    /// All scopes, in the order of this enumeration.
    pub const ALL: &'static [Self] = &[
        Self::AddKeys,
        Self::RetireKeys,
        Self::Services,
        Self::AlsoKnownAs,
        Self::Expire,
    ];

    /// The word in an operation.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AddKeys => "addKeys",
            Self::RetireKeys => "retireKeys",
            Self::Services => "services",
            Self::AlsoKnownAs => "alsoKnownAs",
            Self::Expire => "expire",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|scope| scope.as_str() == name)
    }
}

/// A part of the right to change, given to somebody for a time (위임).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelegationGrant {
    pub(super) id: String,
    pub(super) threshold: usize,
    pub(super) keys: Vec<ControlKey>,
    pub(super) scope: Vec<Scope>,
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
}

impl DelegationGrant {
    /// Gives a scope to keys of which `threshold` must sign, from a time on and until before another.
    ///
    /// # Errors
    /// As for [`Controllers::new`].
    pub fn new(
        id: &str,
        (threshold, keys): (usize, &[&PublicKey]),
        scope: &[Scope],
        (from, until): (Timestamp, Timestamp),
    ) -> Result<Self, Error> {
        Ok(Self {
            id: id.to_owned(),
            threshold,
            keys: control_keys(threshold, keys)?,
            scope: scope.to_vec(),
            from,
            until,
        })
    }

    /// The id by which operations name it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How many of its keys must sign.
    #[must_use]
    pub const fn threshold(&self) -> usize {
        self.threshold
    }

    /// The keys that it is given to.
    pub fn keys(&self) -> impl Iterator<Item = &PublicKey> {
        self.keys.iter().map(|key| &key.key)
    }

    /// What is given.
    #[must_use]
    pub fn scope(&self) -> &[Scope] {
        &self.scope
    }

    /// From when on it holds, and from when on it holds no more.
    #[must_use]
    pub const fn period(&self) -> (Timestamp, Timestamp) {
        (self.from, self.until)
    }

    /// Whether it holds at a time.
    #[must_use]
    pub fn is_in_force(&self, time: Timestamp) -> bool {
        self.from <= time && time < self.until
    }

    /// Whether this key is one of the delegate's.
    #[must_use]
    pub fn is_given_to(&self, key: &PublicKey) -> bool {
        self.keys.iter().any(|delegate| delegate.key == *key)
    }

    fn to_object(&self) -> Object<'static> {
        let mut object = threshold_and_keys(self.threshold, &self.keys);
        object.insert("id", self.id.clone());
        let scope: Vec<&'static str> = self.scope.iter().map(|scope| scope.as_str()).collect();
        object.insert("scope", scope);
        object.insert("from", self.from.to_string());
        object.insert("until", self.until.to_string());
        object
    }
}

/// The first operation: on which ledger, who may change the DID, and what its document holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creation {
    pub(super) ledger: LedgerName,
    pub(super) controllers: Controllers,
    pub(super) keys: Vec<NewKey>,
    pub(super) services: Vec<NewService>,
    pub(super) also_known_as: Vec<String>,
    pub(super) delegations: Vec<DelegationGrant>,
    pub(super) expires: Option<Timestamp>,
}

impl Creation {
    /// A DID on a ledger with its controllers and an empty document.
    #[must_use]
    pub fn new(ledger: &LedgerName, controllers: Controllers) -> Self {
        Self {
            ledger: ledger.clone(),
            controllers,
            keys: Vec::new(),
            services: Vec::new(),
            also_known_as: Vec::new(),
            delegations: Vec::new(),
            expires: None,
        }
    }

    /// One more key in the document.
    #[must_use]
    pub fn key(mut self, key: NewKey) -> Self {
        self.keys.push(key);
        self
    }

    /// One more service in the document.
    #[must_use]
    pub fn service(mut self, service: NewService) -> Self {
        self.services.push(service);
        self
    }

    /// One more other name: a URI.
    #[must_use]
    pub fn also_known_as(mut self, uri: &str) -> Self {
        self.also_known_as.push(uri.to_owned());
        self
    }

    /// Gives a part of the right to change away from the beginning on.
    #[must_use]
    pub fn delegation(mut self, grant: DelegationGrant) -> Self {
        self.delegations.push(grant);
        self
    }

    /// From when on the DID counts no more.
    #[must_use]
    pub const fn expires(mut self, expires: Timestamp) -> Self {
        self.expires = Some(expires);
        self
    }

    /// The ledger that it is for.
    #[must_use]
    pub const fn ledger(&self) -> &LedgerName {
        &self.ledger
    }

    /// Who may change the DID.
    #[must_use]
    pub const fn controllers(&self) -> &Controllers {
        &self.controllers
    }

    /// The keys of the document.
    #[must_use]
    pub fn keys(&self) -> &[NewKey] {
        &self.keys
    }

    /// The services of the document.
    #[must_use]
    pub fn services(&self) -> &[NewService] {
        &self.services
    }

    /// What is given away from the beginning on.
    #[must_use]
    pub fn delegations(&self) -> &[DelegationGrant] {
        &self.delegations
    }
}

/// A change of the document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Update {
    pub(super) remove: Vec<String>,
    pub(super) revoke: Vec<String>,
    pub(super) keys: Vec<NewKey>,
    pub(super) services: Vec<NewService>,
    pub(super) also_known_as: Option<Vec<String>>,
}

impl Update {
    /// No change yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the key or service of an id out of the document. The id is not given again.
    #[must_use]
    pub fn remove(mut self, id: &str) -> Self {
        self.remove.push(id.to_owned());
        self
    }

    /// Revokes the key of an id, which stays in the document and says since when.
    #[must_use]
    pub fn revoke(mut self, id: &str) -> Self {
        self.revoke.push(id.to_owned());
        self
    }

    /// One more key.
    #[must_use]
    pub fn key(mut self, key: NewKey) -> Self {
        self.keys.push(key);
        self
    }

    /// One more service.
    #[must_use]
    pub fn service(mut self, service: NewService) -> Self {
        self.services.push(service);
        self
    }

    /// Puts these other names in the place of those that there are.
    #[must_use]
    pub fn also_known_as(mut self, uris: &[&str]) -> Self {
        self.also_known_as = Some(uris.iter().map(|&uri| uri.to_owned()).collect());
        self
    }

    /// The ids of the keys and services that it takes away.
    #[must_use]
    pub fn removed(&self) -> &[String] {
        &self.remove
    }

    /// The ids of the keys that it revokes.
    #[must_use]
    pub fn revoked(&self) -> &[String] {
        &self.revoke
    }

    /// The keys that it adds.
    #[must_use]
    pub fn keys(&self) -> &[NewKey] {
        &self.keys
    }

    /// The services that it adds.
    #[must_use]
    pub fn services(&self) -> &[NewService] {
        &self.services
    }

    /// The other names that there are from then on, if it changes them.
    #[must_use]
    pub fn names(&self) -> Option<&[String]> {
        self.also_known_as.as_deref()
    }
}

/// What an operation changes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Makes the DID. Only the first operation does.
    Create(Creation),
    /// Puts other controllers in the place of those that there are.
    Rotate(Controllers),
    /// Changes the document.
    Update(Update),
    /// Gives parts of the right to change away, and takes them back by their ids.
    Delegate {
        /// What is given.
        grant: Vec<DelegationGrant>,
        /// What is taken back.
        withdraw: Vec<String>,
    },
    /// Says when the DID expires; never after it has expired. Where the next controllers were committed to, an end that is
    /// nearer than the one that was said is theirs to make, as [`Change::Deactivate`] is. A delegate can only put it off.
    Expire {
        /// From when on the DID counts no more.
        expires: Timestamp,
        /// The keys that were committed to, if it takes them.
        reveal: Vec<PublicKey>,
    },
    /// Ends the DID for ever. Where the next controllers were committed to, they are named here and sign.
    Deactivate(Vec<PublicKey>),
}

impl Change {
    /// Says when the DID expires, without revealing any key.
    #[must_use]
    pub const fn expire(expires: Timestamp) -> Self {
        Self::Expire {
            expires,
            reveal: Vec::new(),
        }
    }

    /// The word in an operation.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            Self::Rotate(_) => "rotate",
            Self::Update(_) => "update",
            Self::Delegate { .. } => "delegate",
            Self::Expire { .. } => "expire",
            Self::Deactivate(_) => "deactivate",
        }
    }

    /// The members of the operation that say what changes.
    pub(super) fn write(&self, object: &mut Object<'static>) {
        let mut list = |name: &'static str, values: Vec<Value<'static>>| {
            if !values.is_empty() {
                object.insert(name, Value::Array(values));
            }
        };
        let texts = |texts: &[String]| texts.iter().map(Value::from).collect();
        let keys = |keys: &[NewKey]| keys.iter().map(|k| k.to_object().into()).collect();
        let services =
            |services: &[NewService]| services.iter().map(|s| s.to_object().into()).collect();
        let grants =
            |grants: &[DelegationGrant]| grants.iter().map(|g| g.to_object().into()).collect();
        match self {
            Self::Create(creation) => {
                list("keys", keys(&creation.keys));
                list("services", services(&creation.services));
                list("alsoKnownAs", texts(&creation.also_known_as));
                list("grant", grants(&creation.delegations));
                object.insert("ledger", creation.ledger.to_string());
                object.insert("controllers", creation.controllers.to_object());
                if let Some(expires) = creation.expires {
                    object.insert("expires", expires.to_string());
                }
            }
            Self::Rotate(controllers) => {
                object.insert("controllers", controllers.to_object());
            }
            Self::Update(update) => {
                list("remove", texts(&update.remove));
                list("revoke", texts(&update.revoke));
                list("keys", keys(&update.keys));
                list("services", services(&update.services));
                if let Some(names) = &update.also_known_as {
                    object.insert("alsoKnownAs", names.clone());
                }
            }
            Self::Delegate { grant, withdraw } => {
                list("grant", grants(grant));
                list("withdraw", texts(withdraw));
            }
            Self::Expire { expires, reveal } => {
                list("reveal", multikeys(reveal));
                object.insert("expires", expires.to_string());
            }
            Self::Deactivate(reveal) => list("reveal", multikeys(reveal)),
        }
    }
}

fn multikeys(keys: &[PublicKey]) -> Vec<Value<'static>> {
    keys.iter()
        .map(|key| Value::from(key.to_multikey()))
        .collect()
}

fn threshold_and_keys(threshold: usize, keys: &[ControlKey]) -> Object<'static> {
    let mut object = Object::new();
    object.insert("threshold", number(threshold));
    let keys: Vec<String> = keys.iter().map(|key| key.multikey.clone()).collect();
    object.insert("keys", keys);
    object
}

/// A count, which is at most 16 where it is valid.
fn number(count: usize) -> Value<'static> {
    Value::from(u32::try_from(count).unwrap_or(u32::MAX))
}
