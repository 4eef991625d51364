//! What a forger has: keys of his own, every freedom over the text, and the arithmetic of malleable signatures.

use curve25519_dalek::{edwards::CompressedEdwardsY, scalar::Scalar};
use kbtf_did::{
    CryptoProvider as _, KeyType, SOFTWARE, SecretKey, did_key,
    json::{self, Object},
    multibase,
};
use kbtf_vc::rdfc::{Contexts, GraphHash, canonical_form};
use p256::{ecdsa::signature::Signer as _, elliptic_curve::PrimeField as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};

/// Somebody with a key and the `did:key` of it.
pub(super) struct Person {
    key: SecretKey,
}

impl Person {
    /// A person whose key is made of one byte.
    pub(super) fn new(key_type: KeyType, seed: u8) -> Result<Self, String> {
        let key = SecretKey::from_bytes(key_type, &[seed; 32]).map_err(|e| e.to_string())?;
        Ok(Self { key })
    }

    pub(super) fn did(&self) -> String {
        did_key::from_public_key(self.key.public_key()).to_string()
    }

    /// The id of the verification method in the document of the `did:key`.
    pub(super) fn method(&self) -> String {
        format!("{}#{}", self.did(), self.multikey())
    }

    pub(super) fn multikey(&self) -> String {
        self.key.public_key().to_multikey()
    }

    pub(super) fn jwk(&self) -> Result<Value, String> {
        let jwk = self.key.public_key().to_jwk().to_json();
        serde_json::from_str(&jwk).map_err(|e| e.to_string())
    }

    pub(super) fn secret(&self) -> String {
        self.key.to_multikey().to_string()
    }

    pub(super) fn suite(&self) -> &'static str {
        match self.key.key_type() {
            KeyType::P256 => "ecdsa-jcs-2019",
            _ => "eddsa-jcs-2022",
        }
    }

    /// The feature that a target must list to take this person's signatures.
    pub(super) fn feature(&self) -> &'static str {
        self.suite()
    }

    /// The options of an ordinary proof of this person.
    pub(super) fn options(&self, document: &Value) -> Value {
        json!({
            "type": "DataIntegrityProof",
            "cryptosuite": self.suite(),
            "created": "2026-11-01T09:00:00Z",
            "verificationMethod": self.method(),
            "proofPurpose": "assertionMethod",
            "@context": document.get("@context"),
        })
    }

    /// A token with any header and payload whatever, given as texts.
    pub(super) fn token_of(&self, header: &str, payload: &str) -> Result<String, String> {
        let signed = format!("{}.{}", base64url(header), base64url(payload));
        let signature = SOFTWARE.sign(&self.key, signed.as_bytes());
        let signature = signature.map_err(|e| e.to_string())?;
        Ok(format!("{signed}.{}", base64url(&signature)))
    }

    /// A token with any header and payload.
    pub(super) fn token(&self, header: &Value, payload: &Value) -> Result<String, String> {
        self.token_of(&header.to_string(), &payload.to_string())
    }

    /// The header of an ordinary token of this person.
    pub(super) fn header(&self, typ: &str) -> Value {
        let algorithm = match self.key.key_type() {
            KeyType::P256 => "ES256",
            KeyType::Secp256k1 => "ES256K",
            _ => "EdDSA",
        };
        json!({"alg": algorithm, "typ": typ, "kid": self.method()})
    }

    /// The document with an ordinary proof.
    pub(super) fn sign(&self, document: &Value) -> Result<Value, String> {
        self.sign_with(document, self.options(document))
    }

    /// The document with a proof of any options whatever.
    pub(super) fn sign_with(&self, document: &Value, options: Value) -> Result<Value, String> {
        let signature = self.signature(document, &options)?;
        Ok(attach(document, options, &signature))
    }

    /// The raw signature over a document and proof options, as the JCS suites make it.
    pub(super) fn signature(&self, document: &Value, options: &Value) -> Result<Vec<u8>, String> {
        SOFTWARE
            .sign(&self.key, &signing_input(document, options)?)
            .map_err(|e| e.to_string())
    }
}

/// Base64url without padding.
pub(super) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    let text = multibase::encode_base64url(bytes.as_ref());
    text.strip_prefix('u').unwrap_or_default().to_owned()
}

/// Puts a signature of any bytes into the proof and the proof into the document.
pub(super) fn attach(document: &Value, options: Value, signature: &[u8]) -> Value {
    attach_text(document, options, &multibase::encode_base58btc(signature))
}

/// Puts a proof value of any text into the proof and the proof into the document.
pub(super) fn attach_text(document: &Value, options: Value, proof_value: &str) -> Value {
    let mut signed = document.clone();
    let mut proof = options;
    set(&mut proof, "proofValue", proof_value.into());
    set(&mut signed, "proof", proof);
    signed
}

/// Sets a member of an object.
pub(super) fn set(object: &mut Value, name: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.into(), value);
    }
}

/// The object with a member set.
pub(super) fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut changed = object.clone();
    set(&mut changed, name, value);
    changed
}

/// The object without a member.
pub(super) fn without(object: &Value, name: &str) -> Value {
    let mut changed = object.clone();
    if let Some(members) = changed.as_object_mut() {
        members.shift_remove(name);
    }
    changed
}

/// The value with what a JSON Pointer names replaced.
pub(super) fn replace(value: &Value, pointer: &str, new: Value) -> Value {
    let mut changed = value.clone();
    if let Some(place) = changed.pointer_mut(pointer) {
        *place = new;
    }
    changed
}

/// The other form of an ECDSA signature on P-256: (r, n − s).
pub(super) fn flip_s(signature: &[u8]) -> Result<Vec<u8>, String> {
    let (r, s) = signature
        .split_at_checked(32)
        .ok_or("not a P-256 signature")?;
    let s: [u8; 32] = s.try_into().map_err(|_| "not a P-256 signature")?;
    let s = Option::<p256::Scalar>::from(p256::Scalar::from_repr(s.into())).ok_or("s too big")?;
    let mut flipped = r.to_vec();
    flipped.extend_from_slice(&(-s).to_repr());
    Ok(flipped)
}

/// The order of the Ed25519 group, little-endian (RFC 8032 section 5.1).
const ED25519_ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// An Ed25519 signature with S + L in place of S: the same number to a reader that does not look.
pub(super) fn add_order(signature: &[u8]) -> Result<Vec<u8>, String> {
    let (r, s) = signature
        .split_at_checked(32)
        .ok_or("not an Ed25519 signature")?;
    let mut sum = r.to_vec();
    let mut carry = 0_u16;
    for (a, b) in s.iter().zip(ED25519_ORDER) {
        let digit = u16::from(*a) + u16::from(b) + carry;
        let [low, high] = digit.to_le_bytes();
        sum.push(low);
        carry = u16::from(high);
    }
    Ok(sum)
}

/// A signature that the small-order key "identity" accepts for every message: R the identity, S zero.
pub(super) fn universal_signature() -> Vec<u8> {
    let mut signature = vec![0; 64];
    if let Some(first) = signature.first_mut() {
        *first = 1;
    }
    signature
}

/// The Multikey of bytes that need not be a key.
pub(super) fn multikey(header: [u8; 2], bytes: &[u8]) -> String {
    let mut all = header.to_vec();
    all.extend_from_slice(bytes);
    multibase::encode_base58btc(&all)
}

/// The object as a canonical text, for documents in which the order of members is not the point.
pub(super) fn compact(value: &Value) -> String {
    match json::parse(&value.to_string()) {
        Ok(json::Value::Object(object)) => Object::to_json(&object),
        _ => value.to_string(),
    }
}

/// 32 bytes for a y that is not below the field prime, of a point of large order: y + p for one of the few y below 19.
pub(super) fn non_canonical_point() -> Result<[u8; 32], String> {
    (2..19_u8)
        .find_map(|y| {
            let mut canonical = [0; 32];
            canonical[0] = y;
            let point = CompressedEdwardsY(canonical).decompress()?;
            let mut bytes = [0xff; 32];
            bytes[0] = 0xed + y;
            bytes[31] = 0x7f;
            (!point.is_small_order()).then_some(bytes)
        })
        .ok_or_else(|| "no such point".into())
}

impl Person {
    /// A signature whose R is the identity and whose S fits it: S = k·a. The equation without cofactor holds; only a
    /// look at R itself tells that it is none.
    pub(super) fn small_order_r(
        &self,
        document: &Value,
        options: &Value,
    ) -> Result<Vec<u8>, String> {
        let mut r = [0; 32];
        r[0] = 1;
        let seed = self.key.to_bytes();
        let expanded: [u8; 64] = Sha512::digest(*seed).into();
        let (secret, _) = expanded.split_at(32);
        let mut secret: [u8; 32] = secret.try_into().map_err(|_| "not 32 bytes")?;
        secret[0] &= 0xf8;
        secret[31] = (secret[31] & 0x7f) | 0x40;
        let k = Sha512::new()
            .chain_update(r)
            .chain_update(self.key.public_key().as_bytes())
            .chain_update(signing_input(document, options)?);
        let k = Scalar::from_bytes_mod_order_wide(&k.finalize().into());
        let s = k * Scalar::from_bytes_mod_order(secret);
        Ok([r, s.to_bytes()].concat())
    }

    /// Whether the P-256 signature, before anyone brings it to low s, is one with high s.
    pub(super) fn signs_high(&self, document: &Value, options: &Value) -> Result<bool, String> {
        let key = p256::ecdsa::SigningKey::from_slice(self.key.to_bytes().as_ref())
            .map_err(|e| e.to_string())?;
        let signature: p256::ecdsa::Signature = key.sign(&signing_input(document, options)?);
        Ok(!kbtf_did::is_low_s(KeyType::P256, &signature.to_bytes()))
    }
}

/// What the JCS suites sign.
fn signing_input(document: &Value, options: &Value) -> Result<Vec<u8>, String> {
    let mut input = Vec::new();
    for part in [options, document] {
        let text = part.to_string();
        let canonical = json::parse(&text)
            .map_err(|e| e.to_string())?
            .to_canonical();
        let hash = SOFTWARE.sha256(canonical.as_bytes());
        input.extend(hash.map_err(|e| e.to_string())?);
    }
    Ok(input)
}

impl Person {
    /// The options of an ordinary proof over RDF.
    pub(super) fn rdf_options(&self) -> Value {
        json!({
            "type": "DataIntegrityProof",
            "cryptosuite": self.suite().replace("-jcs-", "-rdfc-"),
            "created": "2026-11-01T09:00:00Z",
            "verificationMethod": self.method(),
            "proofPurpose": "assertionMethod",
        })
    }

    /// The document with a proof over what it says as RDF. A proof that it has already is under the signature too.
    pub(super) fn sign_rdf(
        &self,
        document: &Value,
        options: Value,
        contexts: &Contexts,
    ) -> Result<Value, String> {
        let with_context = with(
            &options,
            "@context",
            document.get("@context").cloned().unwrap_or_default(),
        );
        let mut input = Vec::new();
        for part in [&with_context, document] {
            let text = part.to_string();
            let part = json::parse(&text).map_err(|e| e.to_string())?;
            let part = part.as_object().ok_or("not an object")?;
            let canonical = canonical_form(part, &[], contexts, GraphHash::Sha256, &SOFTWARE);
            let canonical = canonical.map_err(|e| e.to_string())?;
            let hash = SOFTWARE.sha256(canonical.as_bytes());
            input.extend(hash.map_err(|e| e.to_string())?);
        }
        let signature = SOFTWARE
            .sign(&self.key, &input)
            .map_err(|e| e.to_string())?;
        Ok(attach(document, options, &signature))
    }
}

impl Person {
    /// The raw signature over a text.
    pub(super) fn sign_text(&self, text: &str) -> Result<Vec<u8>, String> {
        SOFTWARE
            .sign(&self.key, text.as_bytes())
            .map_err(|e| e.to_string())
    }

    /// The public key in base58btc without a word of what kind it is.
    pub(super) fn bare_key(&self) -> String {
        format!("z{}", self.key.public_key().to_base58())
    }
}

/// Base64 without padding, as multibase.
pub(super) fn multibase_m(bytes: &[u8]) -> String {
    let text = base64url(bytes);
    format!("m{}", text.replace('-', "+").replace('_', "/"))
}
