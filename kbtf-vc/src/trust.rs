use alloc::{
    borrow::ToOwned,
    collections::BTreeSet,
    format,
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::{
    Did, Timestamp,
    json::{Number, Object, Value},
};

use crate::{
    Credential, CredentialBuilder, Error, Evidence, FailureCode, NotChecked, Policy, Step, Trust,
    Verdict, Verification, Version, error::malformed, verdict::short, verify::Inputs,
    verify_credential,
};

/// The type of the credential that a register is signed as.
const REGISTRY_TYPE: &str = "TrustedIssuerRegistry";
/// The most entries that one register may have.
const MAX_ENTRIES: usize = 4096;

/// What a register says of one issuer: which types of credential it may issue, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedIssuer {
    did: Did,
    types: BTreeSet<String>,
    from: Option<Timestamp>,
    until: Timestamp,
}

impl TrustedIssuer {
    /// An issuer that may issue credentials of these types (`type` of W3C credentials, `vct` of SD-JWT VCs) until a time.
    #[must_use]
    pub fn new<'t>(did: Did, types: impl IntoIterator<Item = &'t str>, until: Timestamp) -> Self {
        Self {
            did,
            types: types.into_iter().map(ToOwned::to_owned).collect(),
            from: None,
            until,
        }
    }

    /// Says from when on it may.
    #[must_use]
    pub const fn from(mut self, time: Timestamp) -> Self {
        self.from = Some(time);
        self
    }

    /// Who it is.
    #[must_use]
    pub const fn did(&self) -> &Did {
        &self.did
    }

    /// Which types it may issue.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.types.iter().map(String::as_str)
    }

    fn to_object(&self) -> Object<'static> {
        let mut object = Object::new();
        object.insert("id", self.did.as_str().to_owned());
        let types: Vec<String> = self.types.iter().cloned().collect();
        object.insert("mayIssue", types);
        if let Some(from) = self.from {
            object.insert("from", from.to_string());
        }
        object.insert("until", self.until.to_string());
        object
    }

    fn from_object(object: &Object<'_>, place: &str) -> Result<Self, Error> {
        let wrong = |member, expected| malformed(&format!("{place}.{member}"), expected);
        let did = object.get_str("id").and_then(|id| Did::parse(id).ok());
        let types = object.get("mayIssue").and_then(Value::as_array);
        let types = types
            .filter(|types| !types.is_empty())
            .and_then(|types| {
                types
                    .iter()
                    .map(|t| t.as_str().map(ToOwned::to_owned))
                    .collect::<Option<BTreeSet<_>>>()
            })
            .ok_or_else(|| wrong("mayIssue", "an array of names of types"))?;
        let time = |member: &'static str| match object.get(member) {
            None => Ok(None),
            Some(value) => value
                .as_str()
                .and_then(|text| text.parse::<Timestamp>().ok())
                .map(Some)
                .ok_or_else(|| wrong(member, "a date and time with zone")),
        };
        if let Some((name, _)) = object
            .iter()
            .find(|(name, _)| !matches!(*name, "id" | "mayIssue" | "from" | "until"))
        {
            return Err(wrong(short(name), "no other member"));
        }
        Ok(Self {
            did: did.ok_or_else(|| wrong("id", "a DID"))?,
            types,
            from: time("from")?,
            until: time("until")?.ok_or_else(|| wrong("until", "a date and time with zone"))?,
        })
    }
}

/// A register of trusted issuers: who may issue what, until when. It is a VC 2.0 credential of type
/// `TrustedIssuerRegistry`, signed by whoever keeps it, with a number that grows with every edition.
///
/// ```
/// use kbtf_did::{Did, KeyType, SecretKey, Signer, SoftwareSigner, did_key};
/// use kbtf_vc::{
///     Evidence, Policy, ProofOptions, Trust, TrustRegistry, TrustedIssuer, issue_credential, verify_trust_registry,
/// };
///
/// let keeper = SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[3; 32])?);
/// let operator = did_key::from_public_key(keeper.public_key());
/// let (now, until) = ("2026-11-22T00:00:00Z".parse()?, "2026-12-22T00:00:00Z".parse()?);
/// let university = TrustedIssuer::new(Did::parse("did:web:university.example")?, ["GraduationCertificate"], until);
/// let unsigned = TrustRegistry::new(operator.clone(), 7, now, until, [university]).to_credential()?;
/// let options = ProofOptions::assertion(did_key::verification_method_id(&operator)?, now);
/// let text = issue_credential(unsigned, &options, &keeper)?.to_json();
///
/// let policy = Policy::new(Trust::issuers([operator]));
/// let registry = verify_trust_registry(text.as_bytes(), &Evidence::new(), &policy, now).into_verified().unwrap();
/// assert_eq!(registry.get().number(), 7);
/// let policy_for_credentials = Policy::new(Trust::registry(registry));
/// # Ok::<(), kbtf_vc::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustRegistry {
    operator: Did,
    number: u32,
    from: Timestamp,
    until: Timestamp,
    issuers: Vec<TrustedIssuer>,
}

impl TrustRegistry {
    /// A register, not signed yet.
    #[must_use]
    pub fn new(
        operator: Did,
        number: u32,
        from: Timestamp,
        until: Timestamp,
        issuers: impl IntoIterator<Item = TrustedIssuer>,
    ) -> Self {
        Self {
            operator,
            number,
            from,
            until,
            issuers: issuers.into_iter().collect(),
        }
    }

    /// The credential that the operator signs.
    ///
    /// # Errors
    /// `vc/malformed` if there are no issuers or too many, one may issue nothing, or the times are in the wrong order.
    pub fn to_credential(&self) -> Result<Credential<'static>, Error> {
        let issuers: Vec<_> = self.issuers.iter().map(TrustedIssuer::to_object).collect();
        let mut subject = Object::new();
        subject.insert("type", REGISTRY_TYPE);
        let number = Number::new(f64::from(self.number)).map_or(Value::Null, Value::Number);
        subject.insert("number", number);
        subject.insert("issuers", issuers);
        let credential = CredentialBuilder::new(Version::V2_0, self.operator.as_str())
            .credential_type(REGISTRY_TYPE)
            .valid_from(self.from)
            .valid_until(self.until)
            .subject(subject)
            .build()?;
        Self::from_credential(&credential)?;
        Ok(credential)
    }

    fn from_credential(credential: &Credential<'_>) -> Result<Self, Error> {
        if credential.version() != Version::V2_0
            || !credential.types().any(|name| name == REGISTRY_TYPE)
        {
            return Err(malformed("type", "TrustedIssuerRegistry in VC 2.0"));
        }
        let mut subjects = credential.subjects();
        let (Some(subject), None) = (subjects.next(), subjects.next()) else {
            return Err(malformed("credentialSubject", "one subject"));
        };
        let (Some(from), Some(until)) = (credential.valid_from(), credential.valid_until()) else {
            return Err(malformed("validUntil", "validFrom and validUntil"));
        };
        let number = subject
            .get("number")
            .and_then(Value::as_number)
            .and_then(Number::as_i64)
            .and_then(|number| u32::try_from(number).ok())
            .ok_or_else(|| malformed("credentialSubject.number", "a whole number"))?;
        let entries = subject.get("issuers").and_then(Value::as_array);
        let entries = entries
            .filter(|entries| (1..=MAX_ENTRIES).contains(&entries.len()))
            .ok_or_else(|| malformed("credentialSubject.issuers", "1 to 4096 entries"))?;
        let issuers = entries.iter().enumerate().map(|(i, entry)| {
            let place = format!("credentialSubject.issuers[{i}]");
            let entry = entry
                .as_object()
                .ok_or_else(|| malformed(&place, "an object"))?;
            TrustedIssuer::from_object(entry, &place)
        });
        Ok(Self {
            operator: Did::parse(credential.issuer())?,
            number,
            from,
            until,
            issuers: issuers.collect::<Result<_, _>>()?,
        })
    }

    /// Who keeps it.
    #[must_use]
    pub const fn operator(&self) -> &Did {
        &self.operator
    }

    /// Its number. Remember the highest you have seen, and take none that is lower: an old edition still verifies until
    /// it expires.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// Its entries.
    #[must_use]
    pub fn issuers(&self) -> &[TrustedIssuer] {
        &self.issuers
    }

    /// Whether an issuer may at this time issue what is of these types. Of the types of a W3C credential,
    /// `VerifiableCredential` counts for nothing; each of the others must be allowed.
    ///
    /// The time is that of verification, not the one that the credential says it was issued at: who may no longer issue
    /// could write any.
    fn allows(&self, issuer: &str, types: &[&str], now: Timestamp) -> bool {
        let mut entries = self
            .issuers
            .iter()
            .filter(|entry| entry.did.as_str() == issuer)
            .filter(|entry| entry.from.is_none_or(|from| from <= now) && now <= entry.until)
            .peekable();
        if entries.peek().is_none() {
            return false;
        }
        let allowed: BTreeSet<&str> = entries.flat_map(TrustedIssuer::types).collect();
        let mut own = types
            .iter()
            .filter(|t| **t != "VerifiableCredential")
            .peekable();
        own.peek().is_some() && own.all(|t| allowed.contains(t))
    }
}

/// Verifies a register of trusted issuers. The policy says whose registers count: its issuers are the operators.
pub fn verify_trust_registry(
    input: &[u8],
    evidence: &Evidence,
    policy: &Policy<'_>,
    now: Timestamp,
) -> Verification<TrustRegistry> {
    let verified = match verify_credential(input, evidence, policy, now).into_verified() {
        Ok(verified) => verified,
        Err(verdict) => return Verification::new(verdict, None),
    };
    let mut verdict = verified.verdict().clone();
    match TrustRegistry::from_credential(verified.get()) {
        Ok(registry) => Verification::new(verdict, Some(registry)),
        Err(error) => {
            verdict.fail(FailureCode::Malformed, error.to_string());
            Verification::new(verdict, None)
        }
    }
}

/// The step `trust`.
pub(crate) fn check(verdict: &mut Verdict, issuer: &str, types: &[&str], inputs: &Inputs<'_>) {
    let not_trusted = |verdict: &mut Verdict| {
        verdict.fail(
            FailureCode::IssuerNotTrusted,
            format!("issuer {:?}", short(issuer)),
        );
    };
    match &inputs.policy.trust {
        Trust::AnyIssuer => verdict.skip(Step::Trust, NotChecked::Waived),
        Trust::Issuers(issuers) => {
            if issuers.iter().any(|did| did.as_str() == issuer) {
                verdict.pass(Step::Trust);
            } else {
                not_trusted(verdict);
            }
        }
        Trust::Registry(registry) => {
            let registry = registry.get();
            let now = inputs.now;
            if now < registry.from || now > registry.until {
                verdict.fail(
                    FailureCode::RegistryExpired,
                    format!(
                        "from {}, until {}, now {now}",
                        registry.from, registry.until
                    ),
                );
            } else if !registry.issuers.iter().any(|e| e.did.as_str() == issuer) {
                not_trusted(verdict);
            } else if registry.allows(issuer, types, now) {
                verdict.pass(Step::Trust);
            } else {
                let names = types.iter().map(|t| short(t)).collect::<Vec<_>>();
                verdict.fail(
                    FailureCode::IssuerNotAuthorised,
                    format!("issuer {:?}, types {names:?}", short(issuer)),
                );
            }
        }
    }
}
