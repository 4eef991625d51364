//! ssi, of Spruce.

use chrono::{DateTime, Utc};
use ssi::{
    claims::{
        data_integrity::{self, DataIntegrity},
        jws::JwsSlice,
        vc::v2::JsonCredential,
        vc_jose_cose::JoseVc,
    },
    dids::{DIDKey, VerificationMethodDIDResolver},
    json_ld::iref::IriBuf,
    jwk::{Base64urlUInt, OctetParams, Params},
    prelude::{
        AnyMethod, AnySuite, CryptographicSuite as _, DIDResolver as _, JWK, JwsPayload as _,
        ProofOptions, SingleSecretSigner, VerificationParameters,
    },
    verification_methods::{LocalSigner, ProofPurpose},
    xsd::DateTimeStamp,
};

use crate::{
    certificate::{CREATED, Issuer, Kind, NOW, Outcome, SEED, Verifier},
    ready::ready,
};

type Resolver = VerificationMethodDIDResolver<DIDKey, AnyMethod>;

pub(crate) struct Spruce {
    jwk: JWK,
    signer: LocalSigner<SingleSecretSigner<JWK>>,
    method: IriBuf,
    created: DateTimeStamp,
    /// With the contexts that the library bundles.
    parameters: VerificationParameters<Resolver>,
}

impl Spruce {
    pub(crate) fn new(method: &str) -> Outcome<Self> {
        let public_key = ed25519_dalek::SigningKey::from_bytes(&SEED).verifying_key();
        let mut jwk = JWK::from(Params::OKP(OctetParams {
            curve: "Ed25519".to_owned(),
            public_key: Base64urlUInt(public_key.to_bytes().to_vec()),
            private_key: Some(Base64urlUInt(SEED.to_vec())),
        }));
        jwk.key_id = Some(method.to_owned());
        let now: DateTime<Utc> = NOW.parse()?;
        Ok(Self {
            signer: SingleSecretSigner::new(jwk.clone()).into_local(),
            jwk,
            method: IriBuf::new(method.to_owned())?,
            created: CREATED.parse().map_err(|_| "not a time")?,
            parameters: VerificationParameters::from_resolver(DIDKey.into_vm_resolver())
                .with_date_time(now),
        })
    }

    pub(crate) fn issuers(&self) -> Vec<Issuer<'_>> {
        vec![
            Issuer::new(Kind::Rdfc, "ssi eddsa-rdfc-2022", |text| {
                let credential: JsonCredential = serde_json::from_str(text)?;
                let options = ProofOptions::new(
                    self.created.into(),
                    self.method.clone().into(),
                    ProofPurpose::Assertion,
                    Default::default(),
                );
                let resolver = &self.parameters.resolver;
                let signed =
                    AnySuite::EdDsaRdfc2022.sign(credential, resolver, &self.signer, options);
                Ok(serde_json::to_string(&ready(signed)?)?)
            }),
            Issuer::new(Kind::Jwt, "ssi VC-JWT", |text| {
                let credential: JsonCredential = serde_json::from_str(text)?;
                Ok(ready(JoseVc(credential).sign(&self.jwk))?.into_string())
            }),
        ]
    }

    pub(crate) fn verifiers(&self) -> Vec<Verifier<'_>> {
        vec![
            Verifier::new(Kind::Rdfc, "ssi eddsa-rdfc-2022", |bytes| {
                let signed: DataIntegrity<JsonCredential, AnySuite> =
                    data_integrity::from_json_slice(bytes)?;
                ready(signed.verify(&self.parameters))??;
                Ok(())
            }),
            Verifier::new(Kind::Jwt, "ssi VC-JWT", |bytes| {
                let token = JwsSlice::new(bytes).map_err(|_| "not a token")?;
                let credential = JoseVc::decode_any(token)?;
                ready(credential.verify(&self.parameters))??;
                Ok(())
            }),
            Verifier::new(Kind::Jwt, "ssi JWS alone", |bytes| {
                let token = JwsSlice::new(bytes).map_err(|_| "not a token")?;
                ready(token.verify(&self.parameters))??;
                Ok(())
            }),
        ]
    }
}
