//! SD-JWT: credentials whose claims are shown one by one (RFC 9901; VC-04).
//!
//! Two profiles are read and written. `dc+sd-jwt` is the SD-JWT VC of the IETF (draft-ietf-oauth-sd-jwt-vc), whose claims
//! stand at the top and whose kind is `vct`. `vc+sd-jwt` is a VC 2.0 credential (VC-JOSE-COSE section 3.2). In both, by
//! the rule of this framework, the issuer is a DID, `kid` is the DID URL of its key, and that key is listed under
//! `assertionMethod`.
//!
//! Hidden claims are hidden by salted hashes. That is selective disclosure, not a zero-knowledge proof: whoever sees two
//! showings of one credential sees that they are of one credential, see [`Unlinkability`](crate::Unlinkability).
//!
//! ```
//! use kbtf_did::{KeyType, SecretKey, Signer, SoftwareSigner, did_key, json::Object};
//! use kbtf_vc::{ClaimPath, Evidence, Policy, PresentationPolicy, Trust, sd_jwt::{self, SdJwt, SdJwtBuilder}};
//! # struct Counter(u8);
//! # impl rand_core::TryRng for Counter {
//! #     type Error = core::convert::Infallible;
//! #     fn try_next_u32(&mut self) -> Result<u32, Self::Error> { self.0 += 1; Ok(self.0.into()) }
//! #     fn try_next_u64(&mut self) -> Result<u64, Self::Error> { self.0 += 1; Ok(self.0.into()) }
//! #     fn try_fill_bytes(&mut self, d: &mut [u8]) -> Result<(), Self::Error> { self.0 += 1; d.fill(self.0); Ok(()) }
//! # }
//! # impl rand_core::TryCryptoRng for Counter {}
//! # let mut system_random = Counter(0);
//!
//! // The ministry issues a credential whose claims can be shown one by one, for the key of a wallet.
//! let ministry = SoftwareSigner::new(SecretKey::from_bytes(KeyType::P256, &[1; 32])?);
//! let wallet = SoftwareSigner::new(SecretKey::from_bytes(KeyType::P256, &[2; 32])?);
//! let issuer = did_key::from_public_key(ministry.public_key());
//! let now = "2026-11-22T09:00:00+09:00".parse()?;
//! let mut claims = Object::new();
//! claims.insert("name", "홍길동");
//! claims.insert("birth_date", "2001-03-01");
//! claims.insert("age_over_19", true);
//! let token = SdJwtBuilder::dc("https://example.go.kr/credentials/resident", issuer.as_str(), claims)
//!     .issued(now)
//!     .bound_to(wallet.public_key())
//!     .hide(ClaimPath::names(["name"])?)
//!     .hide(ClaimPath::names(["birth_date"])?)
//!     .hide(ClaimPath::names(["age_over_19"])?)
//!     .issue(&did_key::verification_method_id(&issuer)?, &ministry, &mut system_random)?;
//!
//! // The wallet shows one of them to a shop.
//! let held = SdJwt::parse(&token)?;
//! let shown = held
//!     .select(&[ClaimPath::names(["age_over_19"])?])?
//!     .present("n-0S6_WzA2Mj", "did:web:shop.example", now, &wallet)?;
//!
//! // The shop sees that one and no other.
//! let policy = PresentationPolicy::new(Policy::new(Trust::issuers([issuer])), "n-0S6_WzA2Mj", "did:web:shop.example")?;
//! let verified = sd_jwt::verify_presentation(shown.as_bytes(), &Evidence::new(), &policy, now).into_verified().unwrap();
//! let claims = verified.get().claims();
//! assert_eq!(claims.get("age_over_19").and_then(|v| v.as_bool()), Some(true));
//! assert!(!claims.contains("birth_date"));
//! # Ok::<(), kbtf_vc::Error>(())
//! ```

mod disclosure;
mod issue;
mod verify;

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::{
    CryptoProvider, SOFTWARE, Signer, Timestamp,
    json::{Limits, Number, Object, Value},
};

pub use disclosure::{Disclosure, DisclosureHash};
pub use issue::SdJwtBuilder;
pub use verify::{SdJwtCredential, verify_credential, verify_presentation};

use crate::{
    ClaimPath, Credential, Error, Form, PathElement,
    error::{malformed, token, wrong_type},
    jws::{self, Jws},
    received::{Received, Securing, TokenTimes, agrees_with_claims, check_version_2},
};
use disclosure::{Disclosed, disclose, is_reserved};

/// The most disclosures that one token may have.
pub const MAX_DISCLOSURES: usize = 1024;

/// What kind of credential an SD-JWT is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// `dc+sd-jwt`: the claims at the top, `vct` for their kind.
    DigitalCredential,
    /// `vc+sd-jwt`: a VC 2.0 credential.
    VerifiableCredential,
}

impl Profile {
    /// The `typ` of the token; in OpenID4VP also the name of the format.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DigitalCredential => "dc+sd-jwt",
            Self::VerifiableCredential => "vc+sd-jwt",
        }
    }
}

/// Claims that a holder must not be able to hide, in any profile: what they say decides whether the credential counts.
const NEVER_HIDDEN: [&str; 6] = ["iss", "nbf", "exp", "cnf", "status", "_sd_alg"];
/// Those of an SD-JWT VC besides (section 2.2.2.2).
const NEVER_HIDDEN_DC: [&str; 2] = ["vct", "vct#integrity"];
/// Those of a VC 2.0 credential besides (VC-JOSE-COSE section 3.2.1), its times for the same reason.
const NEVER_HIDDEN_VC: [&str; 9] = [
    "@context",
    "type",
    "issuer",
    "validFrom",
    "validUntil",
    "credentialStatus",
    "credentialSchema",
    "relatedResource",
    "termsOfUse",
];

/// Whether a holder must always show the member of this name at the top, and everything in it.
fn is_never_hidden(profile: Option<Profile>, name: &str) -> bool {
    let own: &[&str] = match profile {
        Some(Profile::DigitalCredential) => &NEVER_HIDDEN_DC,
        Some(Profile::VerifiableCredential) => &NEVER_HIDDEN_VC,
        None => &[],
    };
    NEVER_HIDDEN.contains(&name) || own.contains(&name)
}

/// An SD-JWT in compact form, taken apart: what an issuer gave a wallet, or a wallet shows a verifier. Nobody has verified
/// it, but its disclosures fit its payload.
#[derive(Debug, Clone)]
pub struct SdJwt {
    jws: Jws,
    issuer_signed: String,
    disclosures: Vec<Disclosure>,
    key_binding: Option<String>,
    hash: DisclosureHash,
    places: Vec<disclosure::Place>,
    claims: Object<'static>,
    profile: Option<Profile>,
}

impl SdJwt {
    /// Reads a token, with or without a key binding at its end, and puts the disclosures into the payload. Hashing is done
    /// in software; see [`SdJwt::parse_with`].
    ///
    /// # Errors
    /// `vc/malformed-token`, `vc/critical-header`; `vc/malformed-disclosure`,
    /// `vc/unknown-disclosure`, `vc/repeated-digest`, `vc/claim-name-taken`, `vc/unsupported-hash`; a JSON error.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::parse_with(text, &SOFTWARE)
    }

    /// As [`SdJwt::parse`], hashing through another provider.
    ///
    /// # Errors
    /// As for [`SdJwt::parse`], and those of the provider.
    pub fn parse_with(text: &str, provider: &dyn CryptoProvider) -> Result<Self, Error> {
        if text.len() > Limits::default().max_bytes {
            return Err(token("token", "at most 1 MiB"));
        }
        let mut parts = text.split('~');
        let issuer_signed = parts.next().unwrap_or_default();
        let mut parts: Vec<&str> = parts.collect();
        // Without a key binding the text ends with a tilde, so that the last part is empty.
        let key_binding = parts
            .pop()
            .ok_or_else(|| token("token", "a tilde after the issuer-signed part"))?;
        if parts.len() > MAX_DISCLOSURES {
            return Err(token("token", "at most 1024 disclosures"));
        }
        let disclosures = parts.iter().enumerate();
        let disclosures: Vec<_> = disclosures
            .map(|(i, text)| Disclosure::parse(text, i))
            .collect::<Result<_, _>>()?;
        let jws = Jws::parse(issuer_signed)?;
        let profile = [Profile::DigitalCredential, Profile::VerifiableCredential]
            .into_iter()
            .find(|profile| jws.token_type() == Some(profile.as_str()));
        let payload = jws.claims()?;
        let hash = DisclosureHash::of(&payload)?;
        // Shown or not: a place for a disclosure in such a member is one where something could be withheld.
        for (name, value) in payload.iter() {
            if is_never_hidden(profile, name) && has_places(value) {
                let name = name.to_owned();
                return Err(crate::DisclosureError::NameTaken { name }.into());
            }
        }
        let Disclosed { claims, places } = disclose(payload, &disclosures, provider)?;
        for place in &places {
            if let [PathElement::Name(name)] = place.path.as_slice()
                && is_never_hidden(profile, name)
            {
                let name = name.clone();
                return Err(crate::DisclosureError::NameTaken { name }.into());
            }
        }
        Ok(Self {
            issuer_signed: issuer_signed.to_owned(),
            jws,
            disclosures,
            key_binding: (!key_binding.is_empty()).then(|| key_binding.to_owned()),
            hash,
            places,
            claims,
            profile,
        })
    }

    /// Reads what an issuer has sent to a wallet: a token without a key binding. One with it was shown by somebody else
    /// and is not to be kept (RFC 9901 section 7.2).
    ///
    /// # Errors
    /// As for [`SdJwt::parse`]; `vc/malformed-token` if there is a key binding.
    pub fn parse_issued(text: &str) -> Result<Self, Error> {
        let parsed = Self::parse(text)?;
        if parsed.key_binding.is_some() {
            return Err(token("token", "no key binding in what an issuer sends"));
        }
        Ok(parsed)
    }

    /// Which kind of credential it is; `None` for an SD-JWT of another use, which can be read and is verified by nothing
    /// here.
    #[must_use]
    pub const fn profile(&self) -> Option<Profile> {
        self.profile
    }

    /// The claims with all disclosures put in; nobody has verified them.
    #[must_use]
    pub const fn claims(&self) -> &Object<'static> {
        &self.claims
    }

    /// The disclosures, each with the path to what it discloses.
    pub fn disclosures(&self) -> impl Iterator<Item = (ClaimPath, &Disclosure)> {
        self.places
            .iter()
            .zip(&self.disclosures)
            .filter_map(|(place, d)| Some((ClaimPath::new(place.path.iter().cloned()).ok()?, d)))
    }

    /// Whether a key binding stands at the end.
    #[must_use]
    pub const fn has_key_binding(&self) -> bool {
        self.key_binding.is_some()
    }

    /// The same credential with only those disclosures that the claims at these paths need: what is not asked for is not
    /// in the result. A path to a claim takes everything inside it along; what it stands in is opened, but shows nothing
    /// else.
    ///
    /// # Errors
    /// `vc/malformed` if a path leads nowhere, so that nobody believes to have shown what he has not.
    pub fn select(&self, paths: &[ClaimPath]) -> Result<Self, Error> {
        let root = Value::Object(self.claims.clone());
        let mut wanted = alloc::vec![false; self.disclosures.len()];
        for path in paths {
            if path.select(&root)?.is_empty() {
                return Err(malformed(&path.to_string(), "a claim of the credential"));
            }
            for (number, place) in self.places.iter().enumerate() {
                // On the way to the claim, the claim itself, or inside it.
                if agree(path.elements(), &place.path) {
                    let mut next = Some(number);
                    while let Some(number) = next {
                        if let Some(slot) = wanted.get_mut(number) {
                            *slot = true;
                        }
                        next = self.places.get(number).and_then(|place| place.inside);
                    }
                }
            }
        }
        let chosen = self.disclosures.iter().zip(wanted);
        let chosen = chosen.filter(|(_, wanted)| *wanted);
        let mut text = format!("{}~", self.issuer_signed);
        for (disclosure, _) in chosen {
            text.push_str(disclosure.as_str());
            text.push('~');
        }
        Self::parse(&text)
    }

    /// The token without a key binding, ending with a tilde.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{}~", self.issuer_signed);
        for disclosure in &self.disclosures {
            text.push_str(disclosure.as_str());
            text.push('~');
        }
        text
    }

    /// Shows the credential to one verifier: the holder's key signs the verifier's nonce and name, the time, and a hash
    /// over exactly these disclosures (RFC 9901 section 4.3).
    ///
    /// # Errors
    /// `vc/empty-binding` if nonce or audience is empty; `vc/not-the-signer` if the issuer has bound the credential to
    /// another key; those of the signer.
    pub fn present(
        &self,
        nonce: &str,
        audience: &str,
        now: Timestamp,
        holder: &dyn Signer,
    ) -> Result<String, Error> {
        for (member, text) in [("nonce", nonce), ("aud", audience)] {
            if text.is_empty() {
                return Err(Error::EmptyBinding { member });
            }
        }
        if let Some(Value::Object(jwk)) = self.confirmation().and_then(|cnf| cnf.get("jwk")) {
            let bound = kbtf_did::PublicKey::from_jwk(jwk)?;
            if bound != *holder.public_key() {
                return Err(Error::NotTheSigner {
                    place: "cnf.jwk",
                    expected: bound.to_multikey(),
                });
            }
        }
        let mut text = self.to_text();
        let mut claims = Object::new();
        let seconds = Number::new(unix(now)).map_or(Value::Null, Value::Number);
        claims.insert("iat", seconds);
        claims.insert("aud", audience.to_string());
        claims.insert("nonce", nonce.to_string());
        claims.insert("sd_hash", self.hash.digest(holder.provider(), &text)?);
        text.push_str(&jws::sign("kb+jwt", None, &claims, holder)?);
        Ok(text)
    }

    /// The key that the issuer bound the credential to (RFC 7800).
    fn confirmation(&self) -> Option<&Object<'static>> {
        self.claims.get("cnf").and_then(Value::as_object)
    }

    /// The VC 2.0 credential inside, for a place where no key binding belongs.
    pub(crate) fn into_credential(self) -> Result<Received<'static>, Error> {
        if self.key_binding.is_some() {
            return Err(token("token", "no key binding on a credential by itself"));
        }
        if self.profile != Some(Profile::VerifiableCredential) {
            return Err(wrong_type("vc+sd-jwt", self.jws.token_type()));
        }
        let (credential, securing) = self.into_parts()?;
        Ok(Received {
            credential,
            securing,
        })
    }

    fn into_parts(self) -> Result<(Credential<'static>, Securing), Error> {
        let times = TokenTimes::of(&self.claims)?;
        let credential = Credential::from_object(self.claims)?;
        check_version_2(credential.version())?;
        agrees_with_claims(credential.as_object(), credential.issuer(), "issuer")?;
        Ok((
            credential,
            Securing::Token {
                form: Form::SdJwt,
                token: self.jws.into_signed(),
                times,
            },
        ))
    }
}

/// Whether a value has places for disclosures, anywhere inside.
fn has_places(value: &Value<'_>) -> bool {
    match value {
        Value::Object(object) => object
            .iter()
            .any(|(name, value)| is_reserved(name) || has_places(value)),
        Value::Array(values) => values.iter().any(has_places),
        _ => false,
    }
}

/// Seconds since 1970. All that a [`Timestamp`] holds fits a double exactly.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn unix(time: Timestamp) -> f64 {
    time.unix() as f64
}

/// Whether one path leads through, to, or into the other.
fn agree(path: &[PathElement], place: &[PathElement]) -> bool {
    path.iter().zip(place).all(|(wanted, there)| match wanted {
        PathElement::All => matches!(there, PathElement::Index(_)),
        other => other == there,
    })
}
