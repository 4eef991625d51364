//! kbtf-vc.

use std::{hint::black_box, sync::Arc};

use kbtf_did::{
    CryptoProvider as _, DidUrl, KeyType, SOFTWARE, SecretKey, Signer as _, SoftwareSigner,
    Timestamp, did_key,
};
use kbtf_vc::{
    Credential, Evidence, Policy, ProofOptions, Trust, credential_to_jwt, issue_credential,
    rdfc::Contexts, verify_credential,
};

use crate::certificate::{
    CREATED, Issuer, Kind, NOW, Outcome, SEED, VOCABULARY, VOCABULARY_TEXT, Verifier,
};

pub(crate) struct Kbtf {
    signer: SoftwareSigner<'static>,
    method: DidUrl,
    jcs: ProofOptions,
    rdfc: ProofOptions,
    policy: Policy<'static>,
    evidence: Evidence,
    now: Timestamp,
}

impl Kbtf {
    pub(crate) fn new() -> Outcome<Self> {
        let signer = SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &SEED)?);
        let did = did_key::from_public_key(signer.public_key());
        let method = did_key::verification_method_id(&did)?;
        let bytes = VOCABULARY_TEXT.as_bytes();
        let hash = SOFTWARE.sha256(bytes)?;
        let list = [kbtf_vc::CONTEXT_V2, VOCABULARY];
        let policy = Policy::new(Trust::AnyIssuer)
            .context_document(VOCABULARY, bytes, &hash)?
            .context_list(&list);
        let mut contexts = Contexts::new();
        contexts.add(VOCABULARY, bytes)?;
        contexts.accept(&list);
        let options = ProofOptions::assertion(method.clone(), CREATED.parse()?);
        Ok(Self {
            rdfc: options.clone().rdf(Arc::new(contexts)),
            jcs: options,
            signer,
            method,
            policy,
            evidence: Evidence::new(),
            now: NOW.parse()?,
        })
    }

    /// The URL of the issuer's key.
    pub(crate) fn method(&self) -> &str {
        self.method.as_str()
    }

    pub(crate) fn issuers(&self) -> Vec<Issuer<'_>> {
        let prove = |text: &str, options| -> Outcome<String> {
            let credential = Credential::parse(text)?;
            Ok(issue_credential(credential, options, &self.signer)?.to_json())
        };
        vec![
            Issuer::new(Kind::Jcs, "kbtf-vc eddsa-jcs-2022", move |text| {
                prove(text, &self.jcs)
            }),
            Issuer::new(Kind::Rdfc, "kbtf-vc eddsa-rdfc-2022", move |text| {
                prove(text, &self.rdfc)
            }),
            Issuer::new(Kind::Jwt, "kbtf-vc VC-JWT", |text| {
                let credential = Credential::parse(text)?;
                Ok(credential_to_jwt(&credential, &self.method, &self.signer)?)
            }),
        ]
    }

    pub(crate) fn verifiers(&self) -> Vec<Verifier<'_>> {
        // One function for all of them: the form is found in the bytes.
        let verify = |bytes: &[u8]| {
            let verification = verify_credential(bytes, &self.evidence, &self.policy, self.now);
            match black_box(&verification).is_accepted() {
                true => Ok(()),
                false => Err(format!("{:?}", verification.verdict()).into()),
            }
        };
        vec![
            Verifier::new(Kind::Jcs, "kbtf-vc eddsa-jcs-2022", verify),
            Verifier::new(Kind::Rdfc, "kbtf-vc eddsa-rdfc-2022", verify),
            Verifier::new(Kind::Jwt, "kbtf-vc VC-JWT", verify),
        ]
    }
}
