//! affinidi-data-integrity.

use affinidi_data_integrity::{
    DataIntegrityError, DataIntegrityProof, DidKeyResolver, SignOptions, VerifyOptions,
    crypto_suites::CryptoSuite, signer::Signer,
};
use affinidi_secrets_resolver::secrets::{KeyType, Secret};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::Value;

use crate::{
    certificate::{CONTEXTS, CREATED, Issuer, Kind, Outcome, SEED, Verifier},
    ready::ready,
};

/// A key that is kept as it is used; [`Secret`] makes it from the seed for every signature.
struct Kept {
    key: SigningKey,
    method: String,
}

#[async_trait]
impl Signer for Kept {
    fn key_type(&self) -> KeyType {
        KeyType::Ed25519
    }

    fn verification_method(&self) -> &str {
        &self.method
    }

    async fn sign(&self, data: &[u8]) -> Result<Vec<u8>, DataIntegrityError> {
        Ok(self.key.sign(data).to_bytes().to_vec())
    }
}

pub(crate) struct Affinidi {
    secret: Secret,
    kept: Kept,
    created: DateTime<Utc>,
}

impl Affinidi {
    pub(crate) fn new(method: &str) -> Outcome<Self> {
        Ok(Self {
            secret: Secret::generate_ed25519(Some(method), Some(&SEED)),
            kept: Kept {
                key: SigningKey::from_bytes(&SEED),
                method: method.to_owned(),
            },
            created: CREATED.parse()?,
        })
    }

    fn issue(&self, text: &str, signer: &dyn Signer, suite: CryptoSuite) -> Outcome<String> {
        let mut document: Value = serde_json::from_str(text)?;
        let mut options = SignOptions::new()
            .with_created(self.created)
            .with_cryptosuite(suite);
        // With RDFC the library takes the contexts over from the document; with JCS, where the specification asks for
        // the same, the caller has to.
        if suite == CryptoSuite::EddsaJcs2022 {
            options = options.with_context(CONTEXTS.map(ToOwned::to_owned).to_vec());
        }
        let proof = ready(DataIntegrityProof::sign(&document, signer, options))?;
        document["proof"] = serde_json::to_value(proof)?;
        Ok(document.to_string())
    }

    pub(crate) fn issuers(&self) -> Vec<Issuer<'_>> {
        vec![
            Issuer::new(Kind::Jcs, "affinidi eddsa-jcs-2022", |text| {
                self.issue(text, &self.secret, CryptoSuite::EddsaJcs2022)
            }),
            Issuer::new(Kind::Jcs, "affinidi eddsa-jcs-2022, key kept", |text| {
                self.issue(text, &self.kept, CryptoSuite::EddsaJcs2022)
            }),
            Issuer::new(Kind::Rdfc, "affinidi eddsa-rdfc-2022", |text| {
                self.issue(text, &self.secret, CryptoSuite::EddsaRdfc2022)
            }),
        ]
    }

    pub(crate) fn verifiers(&self) -> Vec<Verifier<'_>> {
        // One function for both: the suite is found in the proof.
        vec![
            Verifier::new(Kind::Jcs, "affinidi eddsa-jcs-2022", verify),
            Verifier::new(Kind::Rdfc, "affinidi eddsa-rdfc-2022", verify),
        ]
    }
}

fn verify(bytes: &[u8]) -> Outcome<()> {
    let mut document: Value = serde_json::from_slice(bytes)?;
    let proof = document
        .as_object_mut()
        .and_then(|members| members.remove("proof"))
        .ok_or("no proof")?;
    let proof: DataIntegrityProof = serde_json::from_value(proof)?;
    Ok(ready(proof.verify(
        &document,
        &DidKeyResolver,
        VerifyOptions::new(),
    ))?)
}
