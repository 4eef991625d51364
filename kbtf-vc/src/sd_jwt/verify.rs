use alloc::{
    borrow::{Cow, ToOwned},
    string::String,
};

use kbtf_did::{
    PublicKey, Timestamp,
    json::{Object, Value},
};

use crate::{
    Credential, Error, Evidence, FailureCode, Form, NotChecked, Policy, PresentationPolicy, Step,
    Verdict, Verification,
    error::{token, wrong_type},
    jws::{self, Jws},
    received::{Received, Securing, TokenTimes},
    sd_jwt::{Profile, SdJwt},
    verdict::quoted,
    verify::{
        Inputs, KeyBinding, Pending, Work, credential_verdict, digital_credential_verdict,
        holder_key, undecided, unreadable,
    },
};

/// What an SD-JWT shows.
#[derive(Debug, Clone, PartialEq)]
pub struct SdJwtCredential {
    profile: Profile,
    claims: Object<'static>,
    credential: Option<Credential<'static>>,
}

impl SdJwtCredential {
    /// Which kind of credential it is.
    #[must_use]
    pub const fn profile(&self) -> Profile {
        self.profile
    }

    /// What is shown: the claims that everybody sees and those that were disclosed. What is hidden is not there.
    #[must_use]
    pub const fn claims(&self) -> &Object<'static> {
        &self.claims
    }

    /// The same as a VC 2.0 credential, if it is one.
    #[must_use]
    pub const fn credential(&self) -> Option<&Credential<'static>> {
        self.credential.as_ref()
    }

    /// Who issued it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        match &self.credential {
            Some(credential) => credential.issuer(),
            None => self.claims.get_str("iss").unwrap_or_default(),
        }
    }

    /// The kind of an SD-JWT VC (`vct`); a VC 2.0 credential has types instead.
    #[must_use]
    pub fn vct(&self) -> Option<&str> {
        self.claims.get_str("vct")
    }
}

/// Verifies an SD-JWT of either profile as an issuer gave it out: without a key binding (RFC 9901 section 7.1).
///
/// A wallet does this on receipt. To a verifier somebody shows a credential with
/// [`verify_presentation`]; a credential that was given without, shows nobody.
pub fn verify_credential(
    input: &[u8],
    evidence: &Evidence,
    policy: &Policy<'_>,
    now: Timestamp,
) -> Verification<SdJwtCredential> {
    let inputs = Inputs::new(evidence, policy, now);
    let parsed = read(input, &inputs).and_then(|parsed| {
        if parsed.has_key_binding() {
            return Err(token("token", "no key binding on a credential by itself"));
        }
        parts(parsed)
    });
    let parts = match parsed {
        Ok(parts) => parts,
        Err(error) => return Verification::new(unreadable(&error), None),
    };
    let mut work = Work::default();
    let mut verdict = parts.verdict(&inputs, &mut work);
    work.settle(&mut verdict, policy.provider);
    Verification::new(verdict, Some(parts.into_shown()))
}

/// Verifies an SD-JWT of either profile as a holder shows it: with a key binding by the key that the issuer bound it to, for
/// this verifier, in answer to this challenge, over exactly what is shown (RFC 9901 section 7.3; VC-03, VC-04).
///
/// The verdict is one for all: the steps of a credential, and those that a presentation has besides. Whether a key binding
/// is needed is the policy's to say, never the token's.
pub fn verify_presentation(
    input: &[u8],
    evidence: &Evidence,
    policy: &PresentationPolicy<'_>,
    now: Timestamp,
) -> Verification<SdJwtCredential> {
    let inputs = Inputs::new(evidence, &policy.credentials, now);
    let parsed = read(input, &inputs).and_then(|parsed| {
        let binding = match &parsed.key_binding {
            Some(text) => Some(read_binding(text)?),
            None => None,
        };
        let shown = parsed
            .hash
            .digest(policy.credentials.provider, &parsed.to_text())?;
        Ok((binding, shown, parts(parsed)?))
    });
    let (binding, shown, parts) = match parsed {
        Ok(read) => read,
        Err(error) => return Verification::new(unreadable(&error), None),
    };
    let mut work = Work::default();
    let mut verdict = undecided(|_| true);
    let own = parts.verdict(&inputs, &mut work);
    for step in Step::ALL {
        if !matches!(step, Step::Challenge | Step::Domain | Step::Holder) {
            verdict.take(&own, step);
        }
    }
    verdict.take_needs(own);
    match binding {
        None if policy.key_binding_required => {
            verdict.fail(FailureCode::KeyBindingMissing, "expected one at the end");
            verdict.skip(Step::Challenge, NotChecked::EarlierFailure);
            verdict.skip(Step::Domain, NotChecked::EarlierFailure);
        }
        None => {
            for step in [Step::Holder, Step::Challenge, Step::Domain] {
                verdict.skip(step, NotChecked::Waived);
            }
        }
        Some(binding) => {
            let pending = binding.holder(&mut verdict, &parts.claims, &inputs, &mut work);
            if binding.sd_hash != shown {
                verdict.fail(FailureCode::SdHashMismatch, "sd_hash");
            }
            let key_binding = KeyBinding {
                nonce: Some(&binding.nonce),
                audience: Some(&binding.audience),
                times: binding.times,
                pending,
            };
            key_binding.check(&mut verdict, &inputs, policy, &mut work);
        }
    }
    work.settle(&mut verdict, policy.credentials.provider);
    Verification::new(verdict, Some(parts.into_shown()))
}

fn read(input: &[u8], inputs: &Inputs<'_>) -> Result<SdJwt, Error> {
    let text = core::str::from_utf8(input).map_err(|_| token("token", "ASCII text"))?;
    SdJwt::parse_with(text.trim_ascii_end(), inputs.policy.provider)
}

/// A token taken apart, ready to be checked.
struct Parts {
    profile: Profile,
    claims: Object<'static>,
    kind: Kind,
}

enum Kind {
    Verifiable(Received<'static>),
    Digital { vct: String, securing: Securing },
}

fn parts(parsed: SdJwt) -> Result<Parts, Error> {
    let typ = || wrong_type("dc+sd-jwt or vc+sd-jwt", parsed.jws.token_type());
    let profile = parsed.profile.ok_or_else(typ)?;
    let claims = parsed.claims.clone();
    let kind = match profile {
        Profile::VerifiableCredential => {
            let (credential, securing) = parsed.into_parts()?;
            Kind::Verifiable(Received {
                credential,
                securing,
            })
        }
        Profile::DigitalCredential => {
            let vct = claims.get_str("vct").filter(|vct| !vct.is_empty());
            let vct = vct.ok_or_else(|| token("vct", "the kind of the credential"))?;
            if claims.get_str("iss").is_none() {
                return Err(token("iss", "the issuer, a DID"));
            }
            let times = TokenTimes::of(&claims)?;
            let token = parsed.jws.into_signed();
            Kind::Digital {
                vct: vct.to_owned(),
                securing: Securing::Token {
                    form: Form::SdJwt,
                    token,
                    times,
                },
            }
        }
    };
    Ok(Parts {
        profile,
        claims,
        kind,
    })
}

impl Parts {
    fn verdict<'e>(&self, inputs: &Inputs<'e>, work: &mut Work<'e>) -> Verdict {
        match &self.kind {
            Kind::Verifiable(received) => credential_verdict(received, inputs, work),
            Kind::Digital { vct, securing } => {
                digital_credential_verdict(&self.claims, vct, securing, inputs, work)
            }
        }
    }

    fn into_shown(self) -> SdJwtCredential {
        SdJwtCredential {
            profile: self.profile,
            claims: self.claims,
            credential: match self.kind {
                Kind::Verifiable(received) => Some(received.credential),
                Kind::Digital { .. } => None,
            },
        }
    }
}

/// A key binding, read but not verified.
struct Binding {
    algorithm_name: String,
    signed: String,
    signature: alloc::vec::Vec<u8>,
    nonce: String,
    audience: String,
    sd_hash: String,
    times: TokenTimes,
}

/// Reads a key binding: all four of its claims must be there (RFC 9901 section 4.3).
fn read_binding(text: &str) -> Result<Binding, Error> {
    let jws = Jws::parse(text)?;
    if jws.token_type() != Some("kb+jwt") {
        return Err(wrong_type("kb+jwt", jws.token_type()));
    }
    let claims = jws.claims()?;
    let text = |member: &'static str| {
        claims
            .get_str(member)
            .map(ToOwned::to_owned)
            .ok_or_else(|| token(member, "a string in the key binding"))
    };
    let times = TokenTimes::of(&claims)?;
    if times.issued.is_none() {
        return Err(token("iat", "the time of the key binding"));
    }
    let (nonce, audience, sd_hash) = (text("nonce")?, text("aud")?, text("sd_hash")?);
    let token = jws.into_signed();
    Ok(Binding {
        nonce,
        audience,
        sd_hash,
        times,
        algorithm_name: token.algorithm_name,
        signed: token.signed,
        signature: token.signature,
    })
}

impl Binding {
    /// Finds the key that the issuer bound the credential to, and puts the signature aside.
    fn holder<'e>(
        &self,
        verdict: &mut Verdict,
        claims: &Object<'static>,
        inputs: &Inputs<'e>,
        work: &mut Work<'e>,
    ) -> Option<Pending<'e>> {
        let confirmation = claims.get("cnf").and_then(Value::as_object);
        let member = |name| confirmation.and_then(|cnf| cnf.get(name));
        let key: Cow<'e, PublicKey> = match (member("jwk"), member("kid")) {
            (Some(Value::Object(jwk)), None) => match PublicKey::from_jwk(jwk) {
                Ok(key) => Cow::Owned(key),
                Err(error) => {
                    let detail = alloc::format!("cnf.jwk: {error}");
                    verdict.fail(FailureCode::KeyBindingInvalid, detail);
                    return None;
                }
            },
            (None, Some(Value::String(id))) => holder_key(verdict, id, inputs, work)?,
            _ => {
                let detail = "cnf: expected jwk or kid, signed by the issuer";
                verdict.fail(FailureCode::KeyBindingInvalid, detail);
                return None;
            }
        };
        let algorithm = jws::algorithm(&self.algorithm_name)
            .filter(|algorithm| algorithm.key_type() == key.key_type());
        let Some(algorithm) = algorithm else {
            let detail = quoted(&self.algorithm_name);
            verdict.fail(FailureCode::KeyBindingInvalid, detail);
            return None;
        };
        Some(Pending {
            algorithm,
            key,
            message: self.signed.clone().into_bytes(),
            signature: self.signature.clone(),
            failure: FailureCode::KeyBindingInvalid,
        })
    }
}
