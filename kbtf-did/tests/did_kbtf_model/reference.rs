//! The rules of `did:kbtf`, slow and obvious: everything is worked out from the first operation on, again for every
//! operation, in plain JSON, with other libraries and none of the crate's code. Written from `docs/did-kbtf.md`.
//! It knows only operations of the right shape; the shape has tests of its own.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// An operation that was accepted, when, and its hash.
struct Accepted {
    operation: Value,
    time: i64,
    hash: String,
}

/// Whether a key signed a message: the key as Multikey, the message, the signature in base64url.
pub(crate) type Verify<'v> = &'v dyn Fn(&str, &[u8], &str) -> bool;

pub(crate) struct Reference<'v> {
    did: String,
    ledger: String,
    accepted: Vec<Accepted>,
    verify: Verify<'v>,
}

impl<'v> Reference<'v> {
    pub(crate) fn new(did: &str, ledger: &str, verify: Verify<'v>) -> Self {
        Self {
            did: did.into(),
            ledger: ledger.into(),
            accepted: Vec::new(),
            verify,
        }
    }

    /// Takes an operation, or says by which code it is refused.
    pub(crate) fn take(&mut self, text: &str, time: i64) -> Result<(), &'static str> {
        let operation: Value = serde_json::from_str(text).unwrap();
        let hash = multihash(&input(&operation));
        self.judge(&operation, &hash, time)?;
        self.accepted.push(Accepted {
            operation,
            time,
            hash,
        });
        Ok(())
    }

    fn judge(&self, operation: &Value, hash: &str, time: i64) -> Result<(), &'static str> {
        let kind = operation["operation"].as_str().unwrap();
        // Of this ledger and this DID.
        let did = match kind {
            "create" => format!("did:kbtf:{}:{hash}", operation["ledger"].as_str().unwrap()),
            _ => operation["did"].as_str().unwrap().to_owned(),
        };
        if did.split(':').nth(2) != Some(&self.ledger) {
            return Err("did/operation-foreign");
        }
        if !self.accepted.is_empty() && did != self.did {
            return Err("did/operation-foreign");
        }
        // Its place.
        if self.accepted.is_empty() {
            if kind != "create" {
                return Err("did/operation-not-created");
            }
        } else if kind == "create" {
            return Err("did/operation-replayed");
        } else {
            let sequence = usize::try_from(operation["sequence"].as_u64().unwrap()).unwrap();
            if sequence > self.accepted.len() + 1 {
                return Err("did/operation-gap");
            }
            let taken = self.accepted.get(sequence - 1);
            if taken.is_some_and(|taken| taken.hash == hash) {
                return Err("did/operation-replayed");
            }
            if operation["previous"] != json!(self.accepted[sequence - 2].hash) {
                return Err("did/operation-broken-link");
            }
            if taken.is_some() {
                return Err("did/operation-fork");
            }
        }
        if let Some(last) = self.accepted.last() {
            if time < last.time {
                return Err("did/operation-time-backwards");
            }
            if self.is_deactivated() {
                return Err("did/operation-deactivated");
            }
            if kind != "deactivate" && self.expires().is_some_and(|expires| time >= expires) {
                return Err("did/operation-expired");
            }
        }
        self.authorise(operation, time)?;
        self.check_change(operation, time)
    }

    /// Whether an operation that is refused for a gap says that something is held back: signed by the controllers that
    /// there are now, wherever it stands.
    pub(crate) fn holds_back(&self, text: &str, time: i64) -> bool {
        let operation: Value = serde_json::from_str(text).unwrap();
        operation["sequence"].as_u64() > u64::try_from(self.accepted.len() + 1).ok()
            && operation["did"] == json!(self.did)
            && !self.is_deactivated()
            && operation.get("delegation").is_none()
            && self.authorise(&operation, time).is_ok()
    }

    fn is_deactivated(&self) -> bool {
        self.accepted
            .iter()
            .any(|a| a.operation["operation"] == "deactivate")
    }

    /// The last that was said of when the DID expires.
    fn expires(&self) -> Option<i64> {
        let said = self
            .accepted
            .iter()
            .filter(|a| ["create", "expire"].contains(&a.operation["operation"].as_str().unwrap()));
        said.filter_map(|a| a.operation["expires"].as_str())
            .next_back()
            .map(seconds)
    }

    /// The last controllers that were named.
    fn controllers(&self) -> Option<&Value> {
        self.accepted
            .iter()
            .filter_map(|a| a.operation.get("controllers"))
            .next_back()
    }

    /// The delegation of an id, if it was given and not withdrawn.
    fn grant(&self, id: &Value) -> Option<&Value> {
        let mut found = None;
        for accepted in &self.accepted {
            let operation = &accepted.operation;
            if list(operation, "withdraw").contains(id) || operation["operation"] == "rotate" {
                found = None;
            }
            found = list(&accepted.operation, "grant")
                .iter()
                .find(|g| g["id"] == *id)
                .or(found);
        }
        found
    }

    /// The delegations that stand.
    fn grants(&self) -> Vec<Value> {
        let ever: BTreeSet<String> = self
            .accepted
            .iter()
            .flat_map(|a| list(&a.operation, "grant"))
            .map(|grant| grant["id"].as_str().unwrap().to_owned())
            .collect();
        ever.iter()
            .filter_map(|id| self.grant(&json!(id)).cloned())
            .collect()
    }

    /// The keys of the document, with when each was revoked.
    fn keys(&self) -> Vec<(Value, Option<i64>)> {
        let mut keys: Vec<(Value, Option<i64>)> = Vec::new();
        for accepted in &self.accepted {
            keys.retain(|(key, _)| !list(&accepted.operation, "remove").contains(&key["id"]));
            for (key, revoked) in &mut keys {
                if list(&accepted.operation, "revoke").contains(&key["id"]) {
                    *revoked = Some(accepted.time);
                }
            }
            keys.extend(
                list(&accepted.operation, "keys")
                    .iter()
                    .map(|key| (key.clone(), None)),
            );
        }
        keys
    }

    fn services(&self) -> Vec<Value> {
        let mut services: Vec<Value> = Vec::new();
        for accepted in &self.accepted {
            services
                .retain(|service| !list(&accepted.operation, "remove").contains(&service["id"]));
            services.extend(list(&accepted.operation, "services").to_vec());
        }
        services
    }

    /// Every id that the document ever had.
    fn ids(&self) -> BTreeSet<String> {
        let all = self.accepted.iter().flat_map(|a| {
            let keys = list(&a.operation, "keys").iter();
            keys.chain(list(&a.operation, "services"))
        });
        all.map(|entry| entry["id"].as_str().unwrap().to_owned())
            .collect()
    }

    fn authorise(&self, operation: &Value, time: i64) -> Result<(), &'static str> {
        let kind = operation["operation"].as_str().unwrap();
        let Some(current) = self.controllers() else {
            let first = &operation["controllers"];
            return self.signed_by(operation, &first["keys"], &first["threshold"]);
        };
        if let Some(id) = operation.get("delegation") {
            let grant = self.grant(id).filter(|grant| {
                seconds(grant["from"].as_str().unwrap()) <= time
                    && time < seconds(grant["until"].as_str().unwrap())
            });
            let grant = grant.ok_or("did/operation-delegation-not-in-force")?;
            let keys: Vec<Value> = self
                .keys()
                .into_iter()
                .map(|(key, _)| key["id"].clone())
                .collect();
            let services: Vec<Value> = self.services().iter().map(|s| s["id"].clone()).collect();
            let removes = |there: &[Value]| {
                list(operation, "remove")
                    .iter()
                    .any(|id| there.contains(id))
            };
            let (of_keys, of_services) = (removes(&keys), removes(&services));
            for (needed, scope) in [
                (!list(operation, "keys").is_empty(), "addKeys"),
                (
                    of_keys || !list(operation, "revoke").is_empty(),
                    "retireKeys",
                ),
                (
                    of_services || !list(operation, "services").is_empty(),
                    "services",
                ),
                (operation.get("alsoKnownAs").is_some(), "alsoKnownAs"),
                (kind == "expire", "expire"),
            ] {
                // Nobody ends somebody else's identity.
                let later = self.expires().is_some_and(|end| {
                    operation["expires"]
                        .as_str()
                        .is_some_and(|expires| seconds(expires) > end)
                });
                if kind == "expire" && !later {
                    return Err("did/operation-out-of-scope");
                }
                if needed && !list(grant, "scope").contains(&json!(scope)) {
                    return Err("did/operation-out-of-scope");
                }
            }
            return self.signed_by(operation, &grant["keys"], &grant["threshold"]);
        }
        let next = current.get("next");
        let committed = |key: &Value| is_committed(next.unwrap(), key);
        match (kind, next) {
            ("rotate", Some(next)) => {
                let new = &operation["controllers"];
                let enough = new["threshold"].as_u64() >= next["threshold"].as_u64();
                if !list(new, "keys").iter().all(committed) || !enough {
                    return Err("did/operation-not-committed");
                }
                self.signed_by(operation, &new["keys"], &new["threshold"])
            }
            ("deactivate", Some(next)) | ("expire", Some(next))
                if kind == "deactivate" || operation.get("reveal").is_some() =>
            {
                if !list(operation, "reveal").iter().all(committed) {
                    return Err("did/operation-not-committed");
                }
                let reveal = operation.get("reveal").cloned().unwrap_or(json!([]));
                self.signed_by(operation, &reveal, &next["threshold"])
            }
            ("expire", Some(_))
                if self
                    .expires()
                    .is_none_or(|end| seconds(operation["expires"].as_str().unwrap()) < end) =>
            {
                Err("did/operation-not-committed")
            }
            ("deactivate" | "expire", None) if operation.get("reveal").is_some() => {
                Err("did/operation-not-committed")
            }
            _ => self.signed_by(operation, &current["keys"], &current["threshold"]),
        }
    }

    fn signed_by(
        &self,
        operation: &Value,
        keys: &Value,
        threshold: &Value,
    ) -> Result<(), &'static str> {
        let keys = keys.as_array().unwrap();
        let signatures = list(operation, "signatures");
        if signatures.iter().any(|s| !keys.contains(&s["key"])) {
            return Err("did/operation-not-authorised");
        }
        if u64::try_from(signatures.len()).unwrap() < threshold.as_u64().unwrap() {
            return Err("did/operation-threshold-not-met");
        }
        let input = input(operation);
        let verifies = |s: &Value| {
            (self.verify)(
                s["key"].as_str().unwrap(),
                &input,
                s["signature"].as_str().unwrap(),
            )
        };
        match signatures.iter().all(verifies) {
            true => Ok(()),
            false => Err("did/operation-invalid-signature"),
        }
    }

    fn check_change(&self, operation: &Value, now: i64) -> Result<(), &'static str> {
        let kind = operation["operation"].as_str().unwrap();
        let future = |value: &Value| match value["expires"].as_str() {
            Some(time) if seconds(time) <= now => Err("did/operation-invalid-time"),
            _ => Ok(()),
        };
        let repeats =
            |values: Vec<&Value>| (1..values.len()).any(|i| values[..i].contains(&values[i]));
        let ids_of = |name: &str| -> Vec<Value> {
            list(operation, name)
                .iter()
                .map(|e| e["id"].clone())
                .collect()
        };
        if kind == "create" || kind == "expire" {
            future(operation)?;
        }
        // Who controls, or may control next, or is a delegate, has no key in the document.
        let standing: Vec<Value> = self
            .keys()
            .into_iter()
            .filter(|(key, _)| !list(operation, "remove").contains(&key["id"]))
            .map(|(key, _)| key["key"].clone())
            .collect();
        if let Some(new) = operation.get("controllers") {
            let keys = list(new, "keys");
            let next = new.get("next");
            if keys.iter().any(|key| standing.contains(key))
                || standing
                    .iter()
                    .chain(keys)
                    .any(|key| next.is_some_and(|next| is_committed(next, key)))
            {
                return Err("did/operation-key-reused");
            }
        }
        if kind == "update" {
            let keys: Vec<Value> = self
                .keys()
                .iter()
                .map(|(key, _)| key["id"].clone())
                .collect();
            let services: Vec<Value> = self.services().iter().map(|s| s["id"].clone()).collect();
            let valid: Vec<Value> = self
                .keys()
                .iter()
                .filter(|(_, revoked)| revoked.is_none())
                .map(|(key, _)| key["id"].clone())
                .collect();
            let (remove, revoke) = (list(operation, "remove"), list(operation, "revoke"));
            if repeats(remove.iter().chain(revoke).collect())
                || !remove
                    .iter()
                    .all(|id| keys.contains(id) || services.contains(id))
                || !revoke.iter().all(|id| valid.contains(id))
            {
                return Err("did/operation-unknown-id");
            }
        }
        if kind == "create" || kind == "update" {
            let controllers = if kind == "create" {
                &operation["controllers"]
            } else {
                self.controllers().unwrap()
            };
            let grants = self.grants();
            let delegates: Vec<&Value> = grants
                .iter()
                .chain(list(operation, "grant"))
                .flat_map(|grant| list(grant, "keys"))
                .collect();
            let mut standing = standing.clone();
            for key in list(operation, "keys") {
                future(key)?;
                let next = controllers.get("next");
                if list(controllers, "keys").contains(&key["key"])
                    || next.is_some_and(|next| is_committed(next, &key["key"]))
                    || delegates.contains(&&key["key"])
                    || standing.contains(&key["key"])
                {
                    return Err("did/operation-key-reused");
                }
                standing.push(key["key"].clone());
            }
            let (new_keys, new_services) = (ids_of("keys"), ids_of("services"));
            let used = self.ids();
            if repeats(new_keys.iter().chain(&new_services).collect())
                || new_keys
                    .iter()
                    .chain(&new_services)
                    .any(|id| used.contains(id.as_str().unwrap()))
                || repeats(list(operation, "alsoKnownAs").iter().collect())
            {
                return Err("did/operation-id-reused");
            }
        }
        if kind == "create" && repeats(ids_of("grant").iter().collect()) {
            return Err("did/operation-id-reused");
        }
        if kind == "delegate" {
            let withdraw = list(operation, "withdraw");
            if repeats(withdraw.iter().collect())
                || withdraw.iter().any(|id| self.grant(id).is_none())
            {
                return Err("did/operation-unknown-id");
            }
            if list(operation, "grant")
                .iter()
                .flat_map(|grant| list(grant, "keys"))
                .any(|key| standing.contains(key))
            {
                return Err("did/operation-key-reused");
            }
            let given: Vec<Value> = self
                .accepted
                .iter()
                .flat_map(|a| list(&a.operation, "grant"))
                .map(|g| g["id"].clone())
                .collect();
            let new = ids_of("grant");
            if repeats(new.iter().collect()) || new.iter().any(|id| given.contains(id)) {
                return Err("did/operation-id-reused");
            }
        }
        Ok(())
    }

    /// The DID document as plain JSON; arrays in the order in which things were added.
    pub(crate) fn document(&self) -> Option<Value> {
        self.accepted.first()?;
        let did = &self.did;
        let mut document = json!({"@context": ["https://www.w3.org/ns/did/v1"], "id": did});
        if self.is_deactivated() {
            return Some(document);
        }
        let names = self
            .accepted
            .iter()
            .filter_map(|a| a.operation.get("alsoKnownAs"))
            .next_back();
        if let Some(names) = names.filter(|names| names != &&json!([])) {
            document["alsoKnownAs"] = names.clone();
        }
        for (key, revoked) in self.keys() {
            let id = format!("{did}#{}", key["id"].as_str().unwrap());
            let mut method = json!({"id": id, "type": "Multikey", "controller": did, "publicKeyMultibase": key["key"]});
            let own = key["expires"].as_str().map(seconds);
            if let Some(expires) = own.into_iter().chain(self.expires()).min() {
                method["expires"] = json!(written(expires));
            }
            if let Some(revoked) = revoked {
                method["revoked"] = json!(written(revoked));
            }
            push(&mut document, "verificationMethod", method);
            for purpose in list(&key, "purposes") {
                push(&mut document, purpose.as_str().unwrap(), json!(id));
            }
        }
        if document.get("verificationMethod").is_some() {
            push(
                &mut document,
                "@context",
                json!("https://w3id.org/security/multikey/v1"),
            );
        }
        for service in self.services() {
            let id = format!("{did}#{}", service["id"].as_str().unwrap());
            push(
                &mut document,
                "service",
                json!({"id": id, "type": service["type"], "serviceEndpoint": service["endpoint"]}),
            );
        }
        Some(document)
    }
}

/// Whether a key is one of those that were committed to.
fn is_committed(next: &Value, key: &Value) -> bool {
    let mut preimage = b"did:kbtf/1 commitment\n".to_vec();
    preimage.extend(key.as_str().unwrap().bytes());
    list(next, "hashes").contains(&json!(multihash(&preimage)))
}

fn push(document: &mut Value, name: &str, value: Value) {
    if document.get(name).is_none() {
        document[name] = json!([]);
    }
    document[name].as_array_mut().unwrap().push(value);
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// What is hashed and signed.
fn input(operation: &Value) -> Vec<u8> {
    let mut unsigned = operation.clone();
    unsigned.as_object_mut().unwrap().remove("signatures");
    let mut input = b"did:kbtf/1 operation\n".to_vec();
    input.extend(serde_json_canonicalizer::to_vec(&unsigned).unwrap());
    input
}

/// SHA-256 as a multihash in base58btc, with long division.
pub(crate) fn multihash(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut number = vec![0x12, 0x20];
    number.extend(Sha256::digest(bytes));
    let mut digits = Vec::new();
    while number.iter().any(|&b| b != 0) {
        let mut remainder = 0_u32;
        for byte in &mut number {
            let value = remainder * 256 + u32::from(*byte);
            *byte = u8::try_from(value / 58).unwrap();
            remainder = value % 58;
        }
        digits.push(ALPHABET[remainder as usize]);
    }
    digits.push(b'z');
    digits.reverse();
    String::from_utf8(digits).unwrap()
}

/// All times of the model lie within one day: `2026-01-01T00:00:00Z` and so many seconds.
const DAY: i64 = 1_767_225_600;

pub(crate) fn written(time: i64) -> String {
    let second = time - DAY;
    format!(
        "2026-01-01T{:02}:{:02}:{:02}Z",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

fn seconds(text: &str) -> i64 {
    let part = |at: usize| text[at..at + 2].parse::<i64>().unwrap();
    DAY + part(11) * 3600 + part(14) * 60 + part(17)
}
