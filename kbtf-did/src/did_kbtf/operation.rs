use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};

use base64ct::{Base64UrlUnpadded, Encoding as _};

use super::{
    Change, Creation, DelegationGrant, DidState, LedgerName, NewKey, NewService, OperationFault,
    OperationHash, bounds, broken, change::ControlKey, read,
};
use crate::{
    CryptoProvider, Did, Error, KeyType, PublicKey, Signer, is_low_s,
    json::{self, Limits, Object, Value},
    personal_data::check_text,
};

/// What comes before the canonical form where an operation is hashed or signed: no other text of this framework begins
/// so, and none of another does by chance.
const PREFIX: &str = "did:kbtf/1 operation\n";

/// Of which DID an operation is, in which place, and after which one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) did: Did,
    pub(super) sequence: usize,
    pub(super) previous: OperationHash,
}

/// An operation of a `did:kbtf`, not signed yet. It has been read by the same code that reads everybody's operations,
/// so it has the shape of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    pub(super) change: Change,
    pub(super) link: Option<Link>,
    pub(super) delegation: Option<String>,
    object: Object<'static>,
    /// What is hashed and signed.
    input: String,
}

impl Operation {
    /// The operation that makes a DID.
    ///
    /// # Errors
    /// `did/operation-malformed` with the place, `did/personal-data`, `did/operation-invalid-time`.
    pub fn create(creation: Creation) -> Result<Self, Error> {
        let mut object = Object::new();
        object.insert("operation", "create");
        Change::Create(creation).write(&mut object);
        Self::made(object)
    }

    /// The operation that follows on a state, made by the controllers.
    ///
    /// # Errors
    /// As for [`Operation::create`]; that the change can be made is seen by [`decide`](super::decide).
    pub fn next(state: &DidState, change: Change) -> Result<Self, Error> {
        Self::following(state, &change, None)
    }

    /// The operation that follows on a state, made by a delegate: which delegation is named by its id.
    ///
    /// # Errors
    /// As for [`Operation::next`]; also for a change that cannot be delegated.
    pub fn delegated(state: &DidState, delegation: &str, change: Change) -> Result<Self, Error> {
        Self::following(state, &change, Some(delegation))
    }

    fn following(
        state: &DidState,
        change: &Change,
        delegation: Option<&str>,
    ) -> Result<Self, Error> {
        let mut object = Object::new();
        object.insert("operation", change.as_str());
        object.insert("did", state.did().to_string());
        let sequence = u32::try_from(state.sequence() + 1)
            .map_err(|_| broken(OperationFault::TooMany, "operations"))?;
        object.insert("sequence", sequence);
        object.insert("previous", state.head().to_string());
        if let Some(delegation) = delegation {
            object.insert("delegation", delegation.to_owned());
        }
        change.write(&mut object);
        Self::made(object)
    }

    /// What is made here holds no personal data.
    fn made(object: Object<'static>) -> Result<Self, Error> {
        let operation = Self::of(object)?;
        operation.check_personal_data()?;
        Ok(operation)
    }

    /// Whether no id, type, URI or name in it looks like personal data (DID-14). Whoever makes an operation, or takes one
    /// for a ledger, asks this first. Whoever reads a history does not: a guard gets better with time, and histories must
    /// read the same for ever.
    ///
    /// # Errors
    /// `did/personal-data` with the place.
    pub fn check_personal_data(&self) -> Result<(), Error> {
        let document = |keys: &[NewKey], services: &[NewService], names: &[String]| {
            for (i, key) in keys.iter().enumerate() {
                check_text(&format!("keys[{i}].id"), &key.id)?;
            }
            for (i, service) in services.iter().enumerate() {
                check_text(&format!("services[{i}].id"), &service.id)?;
                check_text(&format!("services[{i}].type"), &service.service_type)?;
                check_text(&format!("services[{i}].endpoint"), &service.endpoint)?;
            }
            for (i, name) in names.iter().enumerate() {
                check_text(&format!("alsoKnownAs[{i}]"), name)?;
            }
            Ok(())
        };
        let grants = |grants: &[DelegationGrant]| {
            let mut ids = grants.iter().enumerate();
            ids.try_for_each(|(i, grant)| check_text(&format!("grant[{i}].id"), &grant.id))
        };
        match &self.change {
            Change::Create(c) => {
                document(&c.keys, &c.services, &c.also_known_as)?;
                grants(&c.delegations)
            }
            Change::Update(u) => document(
                &u.keys,
                &u.services,
                u.also_known_as.as_deref().unwrap_or_default(),
            ),
            Change::Delegate { grant, .. } => grants(grant),
            // Only ids that were given before, keys, hashes and times.
            Change::Rotate(_) | Change::Expire { .. } | Change::Deactivate(_) => Ok(()),
        }
    }

    fn of(object: Object<'static>) -> Result<Self, Error> {
        let read::Body {
            change,
            link,
            delegation,
        } = read::body(&object)?;
        let input = format!("{PREFIX}{}", object.to_canonical());
        if input.len() - PREFIX.len() > bounds::OPERATION {
            return Err(broken(
                OperationFault::Malformed,
                "expected at most 32 KiB without signatures",
            ));
        }
        Ok(Self {
            change,
            link,
            delegation,
            object,
            input,
        })
    }

    /// What it changes.
    #[must_use]
    pub const fn change(&self) -> &Change {
        &self.change
    }

    /// The bytes that are signed: `did:kbtf/1 operation`, a line feed, and the canonical form (RFC 8785) of the operation
    /// without its signatures. Their SHA-256 is the operation's hash.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        self.input.as_bytes()
    }

    /// The hash, by which the next operation names this one.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn hash(&self, provider: &dyn CryptoProvider) -> Result<OperationHash, Error> {
        provider.sha256(self.input.as_bytes()).map(OperationHash)
    }

    /// The DID that it is of. For the first operation that is its ledger and its hash.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn did(&self, provider: &dyn CryptoProvider) -> Result<Did, Error> {
        match (&self.link, &self.change) {
            (Some(link), _) => Ok(link.did.clone()),
            (None, Change::Create(creation)) => {
                Ok(super::did_of(&creation.ledger, self.hash(provider)?))
            }
            (None, _) => Err(broken(OperationFault::Malformed, "")),
        }
    }

    /// The place of the operation, from 1.
    #[must_use]
    pub fn sequence(&self) -> usize {
        self.link.as_ref().map_or(1, |link| link.sequence)
    }

    /// The hash of the operation before; none of the first.
    #[must_use]
    pub fn previous(&self) -> Option<OperationHash> {
        self.link.as_ref().map(|link| link.previous)
    }

    /// The delegation by which it is made, if the controllers do not make it.
    #[must_use]
    pub fn delegation(&self) -> Option<&str> {
        self.delegation.as_deref()
    }

    /// The ledger that it is for; `None` only if its DID is none, which reading excludes.
    #[must_use]
    pub fn ledger(&self) -> Option<LedgerName> {
        match (&self.link, &self.change) {
            (Some(link), _) => super::ledger_of(&link.did).ok(),
            (None, Change::Create(creation)) => Some(creation.ledger.clone()),
            (None, _) => None,
        }
    }

    /// The operation with the signatures of some signers. Who signs elsewhere, or later, or only when all others have,
    /// adds to [`Operation::unsigned`] instead.
    ///
    /// # Errors
    /// Those of [`Signer::sign`] and of [`SignedOperation::add_signature`].
    pub fn sign(self, signers: &[&dyn Signer]) -> Result<SignedOperation, Error> {
        let mut signed = self.unsigned();
        for signer in signers {
            let signature = signer.sign(signed.operation.signing_input())?;
            signed.add_signature(signer.public_key(), &signature)?;
        }
        Ok(signed)
    }

    /// The operation without signatures yet, for controllers who sign one after another, each in his own place.
    #[must_use]
    pub const fn unsigned(self) -> SignedOperation {
        SignedOperation {
            operation: self,
            signatures: Vec::new(),
        }
    }
}

/// A signature on an operation and the key that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OperationSignature {
    pub(super) multikey: String,
    pub(super) signature: Vec<u8>,
}

/// An operation with signatures, none of them verified yet: what a ledger is given and what it gives back.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedOperation {
    pub(super) operation: Operation,
    pub(super) signatures: Vec<OperationSignature>,
}

impl SignedOperation {
    /// Reads an operation from JSON text. White space and the order of members do not matter; the hash is that of the
    /// canonical form.
    ///
    /// # Errors
    /// A JSON error, `did/operation-malformed` with the place, `did/operation-invalid-time`, and the errors of
    /// [`PublicKey::from_multikey`]. Not `did/personal-data`: see [`Operation::check_personal_data`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        // Twice the bound: the text may have white space, and signatures of sixteen controllers.
        let limits = Limits::default()
            .with_max_bytes(2 * bounds::OPERATION)
            .with_max_depth(8);
        let Value::Object(mut object) = json::parse_with(text, limits)? else {
            return Err(broken(OperationFault::Malformed, "expected a JSON object"));
        };
        let mut signatures = Vec::new();
        if let Some(value) = object.remove("signatures") {
            let entries = value
                .as_array()
                .filter(|entries| (1..=bounds::CONTROLLERS).contains(&entries.len()))
                .ok_or_else(|| malformed_signature("an array of 1 to 16 signatures"))?;
            for entry in entries {
                let signature = signature(entry)?;
                check_new(&signatures, &signature.multikey)?;
                signatures.push(signature);
            }
        }
        Ok(Self {
            operation: Operation::of(object.into_owned())?,
            signatures,
        })
    }

    /// The operation.
    #[must_use]
    pub const fn operation(&self) -> &Operation {
        &self.operation
    }

    /// Who has signed, as Multikey texts; what a ledger gives may be any text here.
    pub fn signers(&self) -> impl Iterator<Item = &str> {
        self.signatures.iter().map(|s| s.multikey.as_str())
    }

    /// Adds a signature over [`Operation::signing_input`].
    ///
    /// # Errors
    /// `did/operation-malformed` if the key has signed already or there are sixteen signatures; `did/wrong-key-use` for a
    /// key that cannot control; `did/invalid-signature` for a signature of another length than its kind of key makes, or an
    /// ECDSA signature with high s, since a second form of it would be valid too.
    pub fn add_signature(&mut self, key: &PublicKey, signature: &[u8]) -> Result<(), Error> {
        let multikey = ControlKey::new(key)?.multikey;
        let length = match key.key_type() {
            KeyType::P384 => 96,
            _ => 64,
        };
        if signature.len() != length || !is_low_s(key.key_type(), signature) {
            return Err(Error::InvalidSignature);
        }
        check_new(&self.signatures, &multikey)?;
        self.signatures.push(OperationSignature {
            multikey,
            signature: signature.to_vec(),
        });
        Ok(())
    }

    /// The operation as JSON text, for the ledger.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut object = self.operation.object.clone();
        if !self.signatures.is_empty() {
            let signatures: Vec<Object<'static>> = self
                .signatures
                .iter()
                .map(|signature| {
                    let mut object = Object::new();
                    object.insert("key", signature.multikey.clone());
                    let text = Base64UrlUnpadded::encode_string(&signature.signature);
                    object.insert("signature", text);
                    object
                })
                .collect();
            object.insert("signatures", signatures);
        }
        object.to_canonical()
    }
}

fn malformed_signature(expected: &str) -> Error {
    broken(
        OperationFault::Malformed,
        &format!("signatures: expected {expected}"),
    )
}

fn check_new(signatures: &[OperationSignature], multikey: &str) -> Result<(), Error> {
    if signatures.len() >= bounds::CONTROLLERS {
        return Err(malformed_signature("at most 16"));
    }
    match signatures.iter().any(|s| s.multikey == multikey) {
        // Counted twice, one controller would be two.
        true => Err(malformed_signature("one signature of each key")),
        false => Ok(()),
    }
}

fn signature(entry: &Value<'_>) -> Result<OperationSignature, Error> {
    let expected = || malformed_signature("objects of key (Multikey) and signature (base64url)");
    let object = entry
        .as_object()
        .filter(|object| object.len() == 2)
        .ok_or_else(expected)?;
    let multikey = object
        .get_str("key")
        .filter(|text| text.len() <= 128 && text.is_ascii())
        .ok_or_else(expected)?;
    let signature = object
        .get_str("signature")
        .filter(|text| text.len() <= 128)
        .and_then(|text| Base64UrlUnpadded::decode_vec(text).ok())
        .ok_or_else(expected)?;
    Ok(OperationSignature {
        multikey: multikey.to_owned(),
        signature,
    })
}
