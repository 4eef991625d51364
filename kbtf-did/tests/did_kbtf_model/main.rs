//! `did:kbtf` against a slow obvious reference over random histories: forged, tampered with, replayed, shuffled.
//!
//! Most histories run with signatures that are hashes, through the provider trait, so that there can be many; some run
//! with real ones. The rules are the same code for both.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod reference;

use std::{collections::BTreeMap, sync::OnceLock};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use kbtf_did::{
    CryptoProvider, Did, Error, KeyType, PublicKey, ResolutionOptions, SOFTWARE, SecretKey,
    SignatureAlgorithm, Timestamp, VerificationRelationship,
    did_kbtf::{
        Change, Commitments, Context, Controllers, Creation, DelegationGrant, DidState, History,
        LedgerEntry, LedgerName, NewKey, NewService, Operation, Scope, SignedOperation, Update,
        apply, decide,
    },
};
use proptest::prelude::*;
use reference::{Reference, written};
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// Signatures that are hashes of key and message: good enough to tell who signed what.
struct Hashed;

fn hashed(key: &str, message: &[u8]) -> Vec<u8> {
    let half = SOFTWARE
        .sha256(&[key.as_bytes(), message].concat())
        .unwrap();
    [half, half].concat()
}

impl CryptoProvider for Hashed {
    fn sha256(&self, message: &[u8]) -> Result<[u8; 32], Error> {
        SOFTWARE.sha256(message)
    }
    fn sha384(&self, message: &[u8]) -> Result<[u8; 48], Error> {
        SOFTWARE.sha384(message)
    }
    fn sha512(&self, message: &[u8]) -> Result<[u8; 64], Error> {
        SOFTWARE.sha512(message)
    }
    fn verify(
        &self,
        _: SignatureAlgorithm,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Error> {
        match hashed(&key.to_multikey(), message) == signature {
            true => Ok(()),
            false => Err(Error::InvalidSignature),
        }
    }
    fn sign(&self, key: &SecretKey, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(hashed(&key.public_key().to_multikey(), message))
    }
    fn agree(&self, key: &SecretKey, with: &PublicKey) -> Result<Zeroizing<[u8; 32]>, Error> {
        SOFTWARE.agree(key, with)
    }
}

/// Everybody's keys: six who might control, four in documents, three of agencies.
fn keys() -> &'static [SecretKey] {
    static KEYS: OnceLock<Vec<SecretKey>> = OnceLock::new();
    KEYS.get_or_init(|| {
        (1..=13)
            .map(|seed| SecretKey::from_bytes(KeyType::Ed25519, &[seed; 32]).unwrap())
            .collect()
    })
}

fn key(i: u8) -> &'static SecretKey {
    &keys()[usize::from(i)]
}

fn named(multikey: &str) -> &'static SecretKey {
    static NAMES: OnceLock<BTreeMap<String, usize>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        keys()
            .iter()
            .enumerate()
            .map(|(i, k)| (k.public_key().to_multikey(), i))
            .collect()
    });
    &keys()[names[multikey]]
}

/// A subset of the six controllers, at least one.
fn some(bits: u8) -> Vec<&'static PublicKey> {
    let chosen: Vec<_> = (0..6)
        .filter(|i| bits >> i & 1 == 1)
        .map(|i| key(i).public_key())
        .collect();
    if chosen.is_empty() {
        vec![key(0).public_key()]
    } else {
        chosen
    }
}

fn controllers(keys: u8, threshold: u8, next: u8, next_threshold: u8) -> Controllers {
    let within = |threshold: u8, count: usize| usize::from(threshold) % count + 1;
    let keys = some(keys);
    let controllers = Controllers::new(within(threshold, keys.len()), &keys).unwrap();
    if next.is_multiple_of(64) {
        return controllers;
    }
    // Mostly keys that are not in use.
    let next: Vec<_> = some(next)
        .into_iter()
        .filter(|key| next >= 250 || !keys.contains(key))
        .collect();
    if next.is_empty() {
        return controllers;
    }
    let threshold = within(next_threshold, next.len());
    controllers.committed_to(Commitments::new(threshold, &next, &SOFTWARE).unwrap())
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_767_225_600 + seconds).unwrap()
}

fn ledger() -> LedgerName {
    LedgerName::parse("model").unwrap()
}

fn document_key(id: u8, which: u8, expires: Option<i64>) -> NewKey {
    use VerificationRelationship::{AssertionMethod, Authentication};
    // Now and then a controller's key, which may not be in a document.
    let which = if which.is_multiple_of(16) {
        which / 16 % 6
    } else {
        6 + which % 4
    };
    let key = NewKey::new(
        &format!("key-{}", id % 6),
        key(which).public_key(),
        &[Authentication, AssertionMethod],
    );
    match expires {
        Some(expires) => key.expires(at(expires)),
        None => key,
    }
}

fn service(id: u8) -> NewService {
    NewService::new(
        &format!("service-{}", id % 4),
        "Files",
        "https://files.example/",
    )
}

fn grant(id: u8, keys: u8, scope: u8, from: i64, length: i64) -> DelegationGrant {
    let all: Vec<_> = (10..13)
        .filter(|i| keys >> (i - 10) & 1 == 1)
        .map(|i| key(i).public_key())
        .collect();
    let agents = if all.is_empty() {
        vec![key(10).public_key()]
    } else {
        all
    };
    let scope: Vec<Scope> = Scope::ALL
        .iter()
        .copied()
        .enumerate()
        .filter(|(i, _)| scope >> i & 1 == 1)
        .map(|(_, s)| s)
        .collect();
    let scope = if scope.is_empty() {
        vec![Scope::Services]
    } else {
        scope
    };
    let threshold = usize::from(keys) % agents.len() + 1;
    DelegationGrant::new(
        &format!("agency-{}", id % 3),
        (threshold, &agents),
        &scope,
        (at(from), at(from + length)),
    )
    .unwrap()
}

/// One step: what is done, three free choices, and what is wrong with it.
type Step = (u8, u8, u8, u8, u8);

struct World<'p> {
    provider: &'p dyn CryptoProvider,
    state: Option<DidState>,
    entries: Vec<LedgerEntry>,
    accepted: Vec<LedgerEntry>,
    now: i64,
}

impl World<'_> {
    /// Three times out of four, those of some controllers who were committed to.
    fn likely(&self, state: &DidState, bits: u8) -> u8 {
        let Some(next) = state.controllers().next() else {
            return bits;
        };
        if bits.is_multiple_of(4) {
            return bits;
        }
        let text = |i: u8| key(i).public_key().to_multikey();
        (0..6)
            .filter(|i| {
                let preimage = format!("did:kbtf/1 commitment\n{}", text(*i));
                let hash = reference::multihash(preimage.as_bytes());
                next.hashes().iter().any(|h| h.to_string() == hash)
            })
            .map(|i| 1 << i)
            .sum()
    }

    fn change(&self, state: &DidState, (kind, a, b, c, _): Step) -> Change {
        let expires = (c % 3 == 0).then(|| self.now + i64::from(c) - 20);
        let id = |n: u8| {
            if n % 4 == 3 {
                format!("service-{}", n / 4 % 4)
            } else {
                format!("key-{}", n / 4 % 6)
            }
        };
        match kind % 12 {
            // Often to those who were committed to.
            0 | 1 => Change::Rotate(controllers(self.likely(state, a), b, c, a)),
            2 => Change::Delegate {
                grant: vec![grant(
                    a,
                    b,
                    c,
                    self.now + i64::from(a % 8) - 4,
                    i64::from(b) + 1,
                )],
                withdraw: vec![],
            },
            3 => Change::Delegate {
                grant: vec![],
                withdraw: vec![format!("agency-{}", a % 3)],
            },
            4 => {
                let reveals = state.controllers().next().is_some() == (c % 4 != 0) && c % 3 != 0;
                let reveal = some(self.likely(state, b));
                Change::Expire {
                    expires: at(self.now + i64::from(a) * 4 - 40),
                    reveal: match reveals && kind % 4 != 3 {
                        true => reveal.into_iter().cloned().collect(),
                        false => vec![],
                    },
                }
            }
            5 if c % 3 == 0 => {
                let next = state.controllers().next().is_some() != (a % 16 == 0);
                Change::Deactivate(if next {
                    some(self.likely(state, b)).into_iter().cloned().collect()
                } else {
                    vec![]
                })
            }
            _ => {
                let mut update = Update::new();
                if a & 1 == 1 {
                    update = update.key(document_key(b, c, expires));
                }
                if a & 2 == 2 {
                    update = update.service(service(b));
                }
                if a & 4 == 4 {
                    update = update.remove(&id(c));
                }
                if a & 8 == 8 {
                    update = update.revoke(&id(b));
                }
                if a & 16 == 16 {
                    update = update.also_known_as(
                        &["https://a.example/", "https://b.example/"][..usize::from(b % 3)],
                    );
                }
                if a & 31 == 0 {
                    update = update
                        .key(document_key(b, c, None))
                        .key(document_key(c, b, None));
                }
                Change::Update(update)
            }
        }
    }

    /// Whose signatures an operation takes, as far as one can tell.
    fn signers(&self, operation: &Operation, text: &Value) -> Vec<&'static SecretKey> {
        let names = |list: &Value| -> Vec<&'static SecretKey> {
            list.as_array()
                .into_iter()
                .flatten()
                .map(|k| named(k.as_str().unwrap()))
                .collect()
        };
        let Some(state) = &self.state else {
            return names(&text["controllers"]["keys"]);
        };
        if let Some(id) = text["delegation"].as_str() {
            let grant = state.delegations().find(|grant| grant.id() == id);
            return (10..13)
                .map(key)
                .filter(|k| grant.is_none_or(|g| g.is_given_to(k.public_key())))
                .collect();
        }
        match (operation.change(), state.controllers().next()) {
            (Change::Rotate(_), Some(_)) => names(&text["controllers"]["keys"]),
            (Change::Deactivate(_), Some(_)) => names(&text["reveal"]),
            (Change::Expire { reveal, .. }, Some(_)) if !reveal.is_empty() => {
                names(&text["reveal"])
            }
            _ => state
                .controllers()
                .keys()
                .map(|k| named(&k.to_multikey()))
                .collect(),
        }
    }

    /// The text of a step's operation; `None` if the crate makes no such operation.
    fn text(&self, step: Step) -> Option<String> {
        let (kind, a, b, c, twist) = step;
        let operation = match &self.state {
            None => {
                let mut creation = Creation::new(&ledger(), controllers(a, b, c, a));
                if a & 1 == 1 {
                    creation = creation.key(document_key(b, c, None));
                }
                if b & 1 == 1 {
                    creation = creation.service(service(c));
                }
                if c & 1 == 1 {
                    creation = creation.delegation(grant(a, b, c, self.now, 60));
                }
                if c & 6 == 6 {
                    creation = creation.expires(at(self.now + i64::from(b) - 10));
                }
                Operation::create(creation)
            }
            Some(state) => {
                let change = self.change(state, step);
                match kind % 4 == 3 && matches!(change, Change::Update(_) | Change::Expire { .. }) {
                    true => Operation::delegated(state, &format!("agency-{}", b % 3), change),
                    false => Operation::next(state, change),
                }
            }
        };
        let mut text: Value = serde_json::from_str(&operation.ok()?.unsigned().to_json()).unwrap();
        // What is wrong before it is signed.
        match twist {
            1 => text["sequence"] = json!(text["sequence"].as_u64()? + 1 + u64::from(a % 2)),
            2 => text["sequence"] = json!(text["sequence"].as_u64().filter(|s| *s > 2)? - 1),
            3 => text["previous"] = json!(reference::multihash(&[a, b, c])),
            4 if text.get("did").is_some() => {
                text["did"] = json!(format!(
                    "did:kbtf:{}:{}",
                    if a % 2 == 0 { "model" } else { "other" },
                    reference::multihash(&[a])
                ));
            }
            4 => text["ledger"] = json!("other"),
            // The operation after the last but one again: a fork.
            5 => {
                let before = self.accepted.get(self.accepted.len().checked_sub(2)?)?;
                let before = SignedOperation::parse(before.operation()).unwrap();
                text["sequence"] = json!(before.operation().sequence() + 1);
                text["previous"] = json!(before.operation().hash(&SOFTWARE).unwrap().to_string());
                if text["sequence"] == 2 && text.get("did").is_none() {
                    return None;
                }
            }
            _ => {}
        }
        let unsigned = SignedOperation::parse(&text.to_string()).ok()?;
        let mut signers = self.signers(unsigned.operation(), &text);
        // What is wrong with who signs.
        match twist {
            6 => drop(signers.pop()),
            7 => signers.push(key(a % 13)),
            8 => signers = vec![key(a % 13)],
            9 => signers.truncate(usize::from(a % 3)),
            _ => {}
        }
        let mut signed = unsigned;
        for signer in signers {
            let signature = self
                .provider
                .sign(signer, signed.operation().signing_input())
                .unwrap();
            // The same signer twice is no operation.
            let _ = signed.add_signature(signer.public_key(), &signature);
        }
        let mut text: Value = serde_json::from_str(&signed.to_json()).unwrap();
        // What is wrong after it was signed.
        let signatures = text
            .get("signatures")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        match twist {
            10 if signatures > 0 => {
                let mut bytes =
                    Base64UrlUnpadded::decode_vec(text["signatures"][0]["signature"].as_str()?)
                        .unwrap();
                bytes[usize::from(a % 64)] ^= 1 << (b % 8);
                text["signatures"][0]["signature"] =
                    json!(Base64UrlUnpadded::encode_string(&bytes));
            }
            11 => text["expires"]
                .is_string()
                .then(|| text["expires"] = json!(written(1_767_225_600 + self.now + 999)))?,
            12 => text["controllers"]["threshold"]
                .is_u64()
                .then(|| text["controllers"]["threshold"] = json!(1))?,
            13 if signatures > 1 => {
                let swapped = text["signatures"][1]["signature"].clone();
                text["signatures"][0]["signature"] = swapped;
            }
            // Only its looks change.
            14 => return Some(serde_json::to_string_pretty(&text).unwrap()),
            15 => text["signatures"].as_array_mut()?.reverse(),
            _ => {}
        }
        Some(text.to_string())
    }
}

/// Runs a history through the crate and through the reference, and gives how many operations were accepted.
fn run(steps: &[Step], provider: &dyn CryptoProvider) -> Result<usize, TestCaseError> {
    let verify = |multikey: &str, message: &[u8], signature: &str| {
        let key = PublicKey::from_multikey(multikey).unwrap();
        let signature = Base64UrlUnpadded::decode_vec(signature).unwrap();
        provider
            .verify(SignatureAlgorithm::EdDsa, &key, message, &signature)
            .is_ok()
    };
    let mut world = World {
        provider,
        state: None,
        entries: vec![],
        accepted: vec![],
        now: 1000,
    };
    let mut reference: Option<Reference<'_>> = None;
    let mut did: Option<Did> = None;
    for &step in steps {
        let (_, a, b, _, twist) = step;
        world.now += i64::from(a % 16);
        let mut now = world.now;
        let text = match twist {
            // An entry that was there before, accepted or not.
            16 if !world.entries.is_empty() => Some(
                world.entries[usize::from(b) % world.entries.len()]
                    .operation()
                    .to_owned(),
            ),
            _ => world.text(step),
        };
        if twist == 17 {
            now -= 1 + i64::from(b);
        }
        // The reference knows only operations of the right shape.
        let Some(text) = text else { continue };
        let Ok(signed) = SignedOperation::parse(&text) else {
            continue;
        };
        // Which DID is meant is decided by the first operation that there is.
        if did.is_none() {
            let Ok(first) = signed.operation().did(&SOFTWARE) else {
                continue;
            };
            if !matches!(signed.operation().change(), Change::Create(_)) {
                continue;
            }
            reference = Some(Reference::new(first.as_str(), "model", &verify));
            did = Some(first);
        }
        let entry = LedgerEntry::new(at(now), text.clone());
        let ledger = ledger();
        let context = Context::new(&ledger, entry.time()).provider(provider);
        let decided = match (&did, &world.state) {
            // Another first operation makes another DID.
            (Some(did), None) if signed.operation().did(&SOFTWARE).unwrap() != *did => continue,
            _ => decide(world.state.as_ref(), &signed, &context),
        };
        let expected = reference.as_mut().unwrap().take(&text, 1_767_225_600 + now);
        prop_assert_eq!(
            decided.as_ref().map(|_| ()).map_err(Error::code),
            expected,
            "{}",
            text
        );
        world.entries.push(entry.clone());
        if let Ok(event) = decided {
            let before = world.state.clone();
            apply(&mut world.state, &event);
            prop_assert_ne!(&before, &world.state);
            // An event follows once.
            let mut again = world.state.clone();
            apply(&mut again, &event);
            prop_assert_eq!(&again, &world.state);
            world.accepted.push(entry);
            let document = world.state.as_ref().unwrap().document();
            let ours: Value =
                serde_json::from_str(&document.unwrap().as_object().to_json()).unwrap();
            prop_assert_eq!(
                Some(sorted(ours)),
                reference.as_ref().unwrap().document().map(sorted)
            );
        }
    }
    // Whatever was done, by whomever: who was committed to can take over, unless the identity has ended.
    if let Some(state) = &world.state
        && state.controllers().next().is_some()
        && !state.is_deactivated()
        && state.expires().is_none_or(|end| at(world.now) < end)
    {
        let keys: Vec<&SecretKey> = (0..6)
            .filter(|i| world.likely(state, 255) >> i & 1 == 1)
            .map(key)
            .collect();
        let publics: Vec<&PublicKey> = keys.iter().map(|key| key.public_key()).collect();
        let all = Controllers::new(keys.len(), &publics).unwrap();
        let mut rotation = Operation::next(state, Change::Rotate(all))
            .unwrap()
            .unsigned();
        for key in keys {
            let signature = provider.sign(key, rotation.operation().signing_input());
            rotation
                .add_signature(key.public_key(), &signature.unwrap())
                .unwrap();
        }
        let ledger = ledger();
        let context = Context::new(&ledger, at(world.now)).provider(provider);
        let decided = decide(Some(state), &rotation, &context);
        prop_assert!(decided.is_ok(), "{:?}", decided);
    }
    let (Some(did), Some(state)) = (did, world.state) else {
        return Ok(0);
    };
    // A validating ledger holds what was accepted; an open one holds everything.
    let history = History::replay(&did, &world.accepted, provider).unwrap();
    prop_assert_eq!(history.state(), &state);
    let reference = reference.unwrap();
    let holds_back =
        |entry: &LedgerEntry| reference.holds_back(entry.operation(), entry.time().unix());
    match History::scan(&did, &world.entries, provider) {
        Ok((scanned, refused)) => {
            prop_assert!(!world.entries.iter().any(holds_back));
            prop_assert_eq!(scanned.state(), &state);
            prop_assert_eq!(refused.len() + world.accepted.len(), world.entries.len());
        }
        // The controllers did sign for a place that nothing leads to.
        Err(error) => {
            prop_assert_eq!(error.code(), "did/operation-gap");
            prop_assert!(world.entries.iter().any(holds_back));
        }
    }
    // Any time and any version is a prefix.
    for sequence in 1..=world.accepted.len() {
        let prefix = History::replay(&did, &world.accepted[..sequence], provider).unwrap();
        prop_assert_eq!(&history.state_at(sequence).unwrap(), prefix.state());
        let version = ResolutionOptions::default().version_id(&prefix.state().version_id());
        let resolved = history.resolve(&version).unwrap();
        prop_assert_eq!(&resolved.document, &prefix.state().document().unwrap());
        let last_of_its_time = world
            .accepted
            .get(sequence)
            .is_none_or(|next| next.time() > world.accepted[sequence - 1].time());
        if last_of_its_time {
            let by_time =
                ResolutionOptions::default().version_time(world.accepted[sequence - 1].time());
            prop_assert_eq!(history.resolve(&by_time).unwrap(), resolved);
        }
    }
    Ok(world.accepted.len())
}

/// Members in a fixed order, so that documents can be compared as texts of one form.
fn sorted(value: Value) -> String {
    serde_json_canonicalizer::to_string(&value).unwrap()
}

fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    // Two thirds of all steps have nothing wrong with them.
    let twist = prop_oneof![2 => Just(0_u8), 1 => 1..18_u8];
    proptest::collection::vec(
        (any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>(), twist),
        1..most,
    )
}

// A hundred thousand in two halves, so that two cores share them.
proptest! {
    #![proptest_config(ProptestConfig { cases: 50_000, ..ProptestConfig::default() })]

    #[test]
    fn random_histories_agree_with_the_reference(steps in steps(10)) {
        run(&steps, &Hashed)?;
    }

    #[test]
    fn so_do_others(steps in steps(10)) {
        run(&steps, &Hashed)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn so_they_do_with_real_signatures(steps in steps(10)) {
        run(&steps, &SOFTWARE)?;
    }

    #[test]
    fn and_long_ones(steps in steps(60)) {
        run(&steps, &Hashed)?;
    }

    /// A ledger that hands in the operations of a DID in another order is found out, or gives the same.
    #[test]
    fn shuffled_histories_are_refused_by_name(steps in steps(8), swap in any::<(u8, u8)>()) {
        let mut world = World { provider: &Hashed, state: None, entries: vec![], accepted: vec![], now: 1000 };
        for &(kind, a, b, c, _) in &steps {
            world.now += 1;
            let Some(text) = world.text((kind, a, b, c, 0)) else { continue };
            let signed = SignedOperation::parse(&text).unwrap();
            let ledger = ledger();
            if let Ok(event) = decide(world.state.as_ref(), &signed, &Context::new(&ledger, at(world.now)).provider(&Hashed)) {
                apply(&mut world.state, &event);
                // One time for all, so that only the order is wrong.
                world.accepted.push(LedgerEntry::new(at(world.now), text));
            }
        }
        let Some(state) = world.state else { return Ok(()) };
        let count = world.accepted.len();
        let (i, j) = (usize::from(swap.0) % count, usize::from(swap.1) % count);
        let mut shuffled = world.accepted.clone();
        shuffled.swap(i, j);
        let replayed = History::replay(state.did(), &shuffled, &Hashed);
        if i == j {
            let replayed = replayed.unwrap();
            prop_assert_eq!(replayed.state(), &state);
        } else {
            prop_assert_eq!(replayed.unwrap_err().code(), "did/operation-reordered");
        }
        // One that is left out, unless it is the last, is missed.
        let mut shorter = world.accepted.clone();
        shorter.remove(i);
        match History::replay(state.did(), &shorter, &Hashed) {
            Ok(_) => prop_assert_eq!(i + 1, count),
            Err(error) => prop_assert_eq!(error.code(), if i == 0 { "did/operation-not-created" } else { "did/operation-gap" }),
        }
    }
}

/// The generator is worth something only if much is accepted and every rule is met.
#[test]
fn the_histories_meet_every_rule() {
    use proptest::{strategy::ValueTree as _, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let (mut accepted, mut codes) = (0, BTreeMap::<&str, usize>::new());
    for _ in 0..6_000 {
        let steps = steps(12).new_tree(&mut runner).unwrap().current();
        let mut world = World {
            provider: &Hashed,
            state: None,
            entries: vec![],
            accepted: vec![],
            now: 1000,
        };
        for step in steps {
            world.now += i64::from(step.1 % 16);
            let text = match step.4 {
                16 if !world.entries.is_empty() => world.entries
                    [usize::from(step.2) % world.entries.len()]
                .operation()
                .to_owned(),
                _ => match world.text(step) {
                    Some(text) => text,
                    None => continue,
                },
            };
            let time = if step.4 == 17 {
                world.now - 200
            } else {
                world.now
            };
            let Ok(signed) = SignedOperation::parse(&text) else {
                continue;
            };
            let ledger = ledger();
            match decide(
                world.state.as_ref(),
                &signed,
                &Context::new(&ledger, at(time)).provider(&Hashed),
            ) {
                Ok(event) => {
                    apply(&mut world.state, &event);
                    world
                        .accepted
                        .push(LedgerEntry::new(at(time), text.clone()));
                    accepted += 1;
                }
                Err(error) => *codes.entry(error.code()).or_default() += 1,
            }
            world.entries.push(LedgerEntry::new(at(time), text));
        }
    }
    assert!(accepted > 10_000, "{accepted} {codes:?}");
    for code in [
        "did/operation-foreign",
        "did/operation-replayed",
        "did/operation-fork",
        "did/operation-gap",
        "did/operation-broken-link",
        "did/operation-time-backwards",
        "did/operation-deactivated",
        "did/operation-expired",
        "did/operation-not-authorised",
        "did/operation-invalid-signature",
        "did/operation-threshold-not-met",
        "did/operation-not-committed",
        "did/operation-key-reused",
        "did/operation-id-reused",
        "did/operation-unknown-id",
        "did/operation-out-of-scope",
        "did/operation-delegation-not-in-force",
        "did/operation-invalid-time",
    ] {
        assert!(
            codes.get(code).is_some_and(|n| *n >= 20),
            "{code}: {codes:?}"
        );
    }
}
