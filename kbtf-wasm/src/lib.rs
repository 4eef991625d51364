//! The WebAssembly module behind the npm package `@kbtf/sdk`.
//!
//! Everything structured crosses the border as JSON text; `npm/api.js` turns it into typed values and errors.
//! An error is thrown as the text `{"code", "message"}`.

use kbtf_did::{
    Did, DidDocument, DidUrl, KeyType, ResolvedDocument, SecretKey, Signer as _, SoftwareSigner,
    did_key::{self, KeyFormat},
    json::{self, Object, Value},
};
use kbtf_vc::{
    Credential, Error, Evidence, Policy, ProofOptions, Trust, issue_credential, verify_credential,
};
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

/// A private key. Wiped when freed.
#[wasm_bindgen(js_name = RawKey)]
pub struct RawKey {
    signer: SoftwareSigner<'static>,
}

#[wasm_bindgen(js_class = RawKey)]
impl RawKey {
    /// A key from 32 bytes; see [`SecretKey::from_bytes`].
    ///
    /// # Errors
    /// As there.
    #[wasm_bindgen(js_name = fromBytes)]
    pub fn from_bytes(key_type: &str, bytes: Vec<u8>) -> Result<RawKey, String> {
        // The copy that came across the border.
        let bytes = Zeroizing::new(bytes);
        let key_type = match key_type {
            "Ed25519" => KeyType::Ed25519,
            "P-256" => KeyType::P256,
            _ => {
                return Err(argument("keyType: expected \"Ed25519\" or \"P-256\""));
            }
        };
        SecretKey::from_bytes(key_type, &bytes)
            .map(Self::of)
            .map_err(|e| thrown(&e.into()))
    }

    /// A key from its `secretKeyMultibase`.
    ///
    /// # Errors
    /// As for [`SecretKey::from_multikey`].
    #[wasm_bindgen(js_name = fromMultikey)]
    pub fn from_multikey(text: String) -> Result<RawKey, String> {
        let text = Zeroizing::new(text);
        SecretKey::from_multikey(&text)
            .map(Self::of)
            .map_err(|e| thrown(&e.into()))
    }

    /// The key as `publicKeyMultibase`.
    #[wasm_bindgen(js_name = publicKeyMultibase)]
    #[must_use]
    pub fn public_key_multibase(&self) -> String {
        self.signer.public_key().to_multikey()
    }

    /// The `did:key` of the key.
    #[must_use]
    pub fn did(&self) -> String {
        did_key::from_public_key(self.signer.public_key()).to_string()
    }

    fn of(key: SecretKey) -> Self {
        Self {
            signer: SoftwareSigner::new(key),
        }
    }
}

/// Verifies a credential. Gives `{"verdict", "credential"?}`, the credential only if it is accepted.
///
/// `options`: `{"trustedIssuers": […] | "any", "documents"?, "deactivated"?, "contexts"?, "acceptHighS"?,
/// "waiveStatus"?, "waiveSchema"?}`.
///
/// # Errors
/// If the options are none or a DID document is none. What is wrong with the credential is in the verdict.
#[wasm_bindgen(js_name = verifyCredential)]
pub fn verify(credential: &[u8], options: &str, now: &str) -> Result<String, String> {
    let options = Options::parse(options)?;
    let now = now
        .parse()
        .map_err(|e: kbtf_did::Error| thrown(&e.into()))?;
    let (policy, evidence) = (options.policy()?, options.evidence()?);
    let verification = verify_credential(credential, &evidence, &policy, now);
    let mut result = Object::new();
    result.insert("verdict", verification.verdict().to_object());
    if let Ok(verified) = verification.into_verified() {
        result.insert("credential", verified.get().as_object().clone());
    }
    Ok(result.to_json())
}

/// Resolves a `did:key` to its document, as JSON.
///
/// # Errors
/// As for [`did_key::resolve`].
#[wasm_bindgen(js_name = resolveDidKey)]
pub fn resolve_did_key(did: &str) -> Result<String, String> {
    Did::parse(did)
        .and_then(|did| did_key::resolve(&did, KeyFormat::Multikey))
        .map(|document| document.as_object().to_json())
        .map_err(|e| thrown(&e.into()))
}

/// Signs a credential and gives it back as JSON. The verification method may be empty: then it is that of the
/// key's `did:key`.
///
/// # Errors
/// As for [`issue_credential`].
#[wasm_bindgen(js_name = issueCredential)]
pub fn issue(
    credential: &str,
    key: &RawKey,
    verification_method: &str,
    created: &str,
) -> Result<String, String> {
    let issued = || -> Result<String, Error> {
        let method = if verification_method.is_empty() {
            did_key::verification_method_id(&did_key::from_public_key(key.signer.public_key()))?
        } else {
            DidUrl::parse(verification_method)?
        };
        let options = ProofOptions::assertion(method, created.parse()?);
        let credential = Credential::parse(credential)?;
        Ok(issue_credential(credential, &options, &key.signer)?.to_json())
    };
    issued().map_err(|e| thrown(&e))
}

/// The text that is thrown for an error.
fn thrown(error: &Error) -> String {
    thrown_as(error.code(), &error.to_string())
}

fn argument(message: &str) -> String {
    thrown_as("wasm/argument", message)
}

fn thrown_as(code: &'static str, message: &str) -> String {
    let mut object = Object::new();
    object.insert("code", code);
    object.insert("message", message);
    object.to_json()
}

struct Options<'o>(Object<'o>);

impl<'o> Options<'o> {
    fn parse(text: &'o str) -> Result<Self, String> {
        const KNOWN: [&str; 7] = [
            "trustedIssuers",
            "documents",
            "deactivated",
            "contexts",
            "acceptHighS",
            "waiveStatus",
            "waiveSchema",
        ];
        let Ok(Value::Object(object)) = json::parse(text) else {
            return Err(argument("options: expected an object"));
        };
        // A misspelt option must not be a forgotten one.
        if let Some((name, _)) = object.iter().find(|(name, _)| !KNOWN.contains(name)) {
            return Err(argument(&format!("options: there is no option {name:?}")));
        }
        Ok(Self(object))
    }

    fn texts(&self, name: &str) -> Result<Vec<&str>, String> {
        let Some(value) = self.0.get(name) else {
            return Ok(Vec::new());
        };
        value
            .as_array()
            .and_then(|texts| texts.iter().map(Value::as_str).collect())
            .ok_or_else(|| argument(&format!("options.{name}: expected an array of strings")))
    }

    fn flag(&self, name: &str) -> Result<bool, String> {
        match self.0.get(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(argument(&format!("options.{name}: expected a boolean"))),
        }
    }

    fn policy(&self) -> Result<Policy<'static>, String> {
        let trust = match self.0.get("trustedIssuers") {
            Some(Value::String(any)) if any == "any" => Trust::AnyIssuer,
            Some(Value::Array(_)) => {
                let issuers: Result<Vec<_>, _> = self
                    .texts("trustedIssuers")?
                    .into_iter()
                    .map(Did::parse)
                    .collect();
                Trust::issuers(issuers.map_err(|e| thrown(&e.into()))?)
            }
            _ => {
                return Err(argument(
                    "options.trustedIssuers: expected an array of DIDs, or \"any\" if you decide on the issuer yourself",
                ));
            }
        };
        let mut policy = self
            .texts("contexts")?
            .into_iter()
            .fold(Policy::new(trust), Policy::context);
        if self.flag("acceptHighS")? {
            policy = policy.accept_high_s();
        }
        if self.flag("waiveStatus")? {
            policy = policy.waive_status();
        }
        if self.flag("waiveSchema")? {
            policy = policy.waive_schema();
        }
        Ok(policy)
    }

    fn evidence(&self) -> Result<Evidence, String> {
        const EXPECTED: &str = "options.documents: expected an object of DIDs and texts";
        let deactivated = self.texts("deactivated")?;
        let mut evidence = Evidence::new();
        let documents = match self.0.get("documents") {
            None => return Ok(evidence),
            Some(documents) => documents.as_object().ok_or_else(|| argument(EXPECTED))?,
        };
        for (asked, text) in documents.iter() {
            let text = text.as_str().ok_or_else(|| argument(EXPECTED))?;
            let mut add = || -> Result<(), Error> {
                let asked = Did::parse(asked)?;
                let document = DidDocument::parse(text)?;
                let resolved = if deactivated.contains(&asked.as_str()) {
                    ResolvedDocument::deactivated(document)
                } else {
                    ResolvedDocument::active(document)
                };
                evidence.add_document(&asked, resolved)
            };
            add().map_err(|e| thrown(&e))?;
        }
        Ok(evidence)
    }
}
