use alloc::{
    borrow::ToOwned,
    collections::BTreeMap,
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::{
    DidUrl, PublicKey, Signer, Timestamp,
    json::{Number, Object, Value},
};
use rand_core::TryCryptoRng;

use crate::{
    ClaimPath, Credential, DisclosureError, Error, PathElement, Version,
    error::malformed,
    issue::{check_did_key_of, check_document, check_signer},
    jws,
    sd_jwt::{Disclosure, DisclosureHash, Profile, SdJwt, is_never_hidden, is_reserved, unix},
    verdict::short,
};

/// What is to be hidden below one point of the claims.
#[derive(Debug, Clone, Default)]
struct Marks {
    hidden: bool,
    decoys: usize,
    below: BTreeMap<PathElement, Marks>,
}

impl Marks {
    /// Whether something here or below is hidden.
    fn hides(&self) -> bool {
        self.hidden || self.below.values().any(Self::hides)
    }
}

/// The most decoys in one place.
const MAX_DECOYS: usize = 256;

/// Builds an SD-JWT: claims, and which of them the holder may hide (RFC 9901 section 4; VC-04).
///
/// What is not hidden by the issuer is shown always. Hide what can do harm: each claim about a person on its own, and
/// elements of an array one by one. To hide a claim and, again, parts of it makes the disclosures recursive: the inner
/// ones are seen only by who sees the outer one.
#[derive(Debug, Clone)]
pub struct SdJwtBuilder<'a> {
    profile: Profile,
    issuer: String,
    claims: Object<'a>,
    marks: Marks,
    hash: DisclosureHash,
}

impl<'a> SdJwtBuilder<'a> {
    /// A credential of profile `dc+sd-jwt`: its kind, its issuer (a DID) and its claims.
    #[must_use]
    pub fn dc(vct: &str, issuer: &str, claims: Object<'a>) -> Self {
        let mut all = Object::new();
        all.insert("iss", issuer.to_owned());
        all.insert("vct", vct.to_owned());
        for (name, value) in claims.iter() {
            all.insert(name.to_owned(), value.clone());
        }
        Self::new(Profile::DigitalCredential, issuer, all)
    }

    /// A VC 2.0 credential in profile `vc+sd-jwt`.
    ///
    /// # Errors
    /// `vc/mixed-versions` for a credential of VC 1.1; `vc/already-signed` if it has a proof of its own; `vc/malformed` for
    /// contexts that no verifier of ours takes.
    pub fn vc(credential: Credential<'a>) -> Result<Self, Error> {
        if credential.version() != Version::V2_0 {
            return Err(Error::MixedVersions {
                place: "credential",
                version: credential.version().as_str(),
            });
        }
        if credential.is_signed() {
            return Err(Error::AlreadySigned);
        }
        check_document(&credential)?;
        let issuer = credential.issuer().to_owned();
        let claims = credential.into_object();
        Ok(Self::new(Profile::VerifiableCredential, &issuer, claims))
    }

    fn new(profile: Profile, issuer: &str, claims: Object<'a>) -> Self {
        Self {
            profile,
            issuer: issuer.to_owned(),
            claims,
            marks: Marks::default(),
            hash: DisclosureHash::Sha256,
        }
    }

    /// States when it was issued (`iat`).
    #[must_use]
    pub fn issued(self, time: Timestamp) -> Self {
        self.time("iat", time)
    }

    /// States from when on it counts (`nbf`).
    #[must_use]
    pub fn not_before(self, time: Timestamp) -> Self {
        self.time("nbf", time)
    }

    /// States from when on it counts no more (`exp`).
    #[must_use]
    pub fn expires(self, time: Timestamp) -> Self {
        self.time("exp", time)
    }

    fn time(mut self, claim: &'static str, time: Timestamp) -> Self {
        let seconds = Number::new(unix(time)).map_or(Value::Null, Value::Number);
        self.claims.insert(claim, seconds);
        self
    }

    /// Binds it to the holder's key (`cnf.jwk`): who shows it must sign with that key.
    #[must_use]
    pub fn bound_to(mut self, holder: &PublicKey) -> Self {
        let mut confirmation = Object::new();
        confirmation.insert("jwk", holder.to_jwk());
        self.claims.insert("cnf", confirmation);
        self
    }

    /// Refers to an entry of a Token Status List (`status`).
    #[must_use]
    pub fn status(mut self, list_url: &str, index: u32) -> Self {
        let mut entry = Object::new();
        let number = Number::new(f64::from(index)).map_or(Value::Null, Value::Number);
        entry.insert("idx", number);
        entry.insert("uri", list_url.to_owned());
        let mut status = Object::new();
        status.insert("status_list", entry);
        self.claims.insert("status", status);
        self
    }

    /// Hides the claim, or with [`PathElement::All`] each of the elements, at a path, so that the holder chooses whether
    /// to show it.
    #[must_use]
    pub fn hide(mut self, path: ClaimPath) -> Self {
        self.mark(path.elements()).hidden = true;
        self
    }

    /// Puts so many digests of nothing (at most 256) into the object or array at a path, among those of hidden claims, so
    /// that their number tells less. `None` is the top.
    #[must_use]
    pub fn decoys(mut self, path: Option<&ClaimPath>, count: usize) -> Self {
        let elements = path.map(ClaimPath::elements).unwrap_or_default();
        self.mark(elements).decoys = count.min(MAX_DECOYS);
        self
    }

    /// Hashes disclosures with another algorithm than SHA-256.
    #[must_use]
    pub const fn hash(mut self, hash: DisclosureHash) -> Self {
        self.hash = hash;
        self
    }

    fn mark(&mut self, elements: &[PathElement]) -> &mut Marks {
        let mut marks = &mut self.marks;
        for element in elements {
            marks = marks.below.entry(element.clone()).or_default();
        }
        marks
    }

    /// Signs it. The result has all disclosures and ends with a tilde; it goes to the holder and nobody else.
    ///
    /// Salts have 128 bits of `random`, which must be the system's.
    ///
    /// # Errors
    /// `vc/not-the-signer` if the issuer is not the DID of the verification method; `vc/malformed` for a path that leads
    /// nowhere; `vc/claim-name-taken` for a claim that must not be hidden or whose name is reserved; `did/randomness` if
    /// there is no randomness; those of the signer.
    pub fn issue<R: TryCryptoRng + ?Sized>(
        self,
        method: &DidUrl,
        signer: &dyn Signer,
        random: &mut R,
    ) -> Result<String, Error> {
        check_signer("issuer", &self.issuer, method)?;
        check_did_key_of(method, signer)?;
        for (name, mark) in &self.marks.below {
            if let PathElement::Name(name) = name
                && mark.hides()
                && is_never_hidden(Some(self.profile), name)
            {
                return Err(taken(name));
            }
        }
        let mut issuing = Issuing {
            hash: self.hash,
            signer,
            random,
            disclosures: Vec::new(),
        };
        let mut claims = issuing.object(self.claims.into_owned(), &self.marks, &mut Vec::new())?;
        claims.insert("_sd_alg", self.hash.as_str());
        let mut text = jws::sign(
            self.profile.as_str(),
            Some(method.as_str()),
            &claims,
            signer,
        )?;
        text.push('~');
        for disclosure in issuing.disclosures {
            text.push_str(disclosure.as_str());
            text.push('~');
        }
        // What our own reader would not take is not issued, such as a VC 2.0 credential of which too much is hidden.
        let read = SdJwt::parse_issued(&text)?;
        if self.profile == Profile::VerifiableCredential {
            read.into_credential()?;
        }
        Ok(text)
    }
}

struct Issuing<'s, R: ?Sized> {
    hash: DisclosureHash,
    signer: &'s dyn Signer,
    random: &'s mut R,
    disclosures: Vec<Disclosure>,
}

impl<R: TryCryptoRng + ?Sized> Issuing<'_, R> {
    fn value(
        &mut self,
        value: Value<'static>,
        marks: &Marks,
        path: &mut Vec<PathElement>,
    ) -> Result<Value<'static>, Error> {
        match value {
            Value::Object(object) => self.object(object, marks, path).map(Value::Object),
            Value::Array(values) => self.array(values, marks, path).map(Value::Array),
            other if marks.below.is_empty() && marks.decoys == 0 => Ok(other),
            _ => Err(nowhere(path)),
        }
    }

    fn object(
        &mut self,
        object: Object<'static>,
        marks: &Marks,
        path: &mut Vec<PathElement>,
    ) -> Result<Object<'static>, Error> {
        const NONE: &Marks = &Marks {
            hidden: false,
            decoys: 0,
            below: BTreeMap::new(),
        };
        for element in marks.below.keys() {
            let there = matches!(element, PathElement::Name(name) if object.contains(name));
            if !there {
                path.push(element.clone());
                return Err(nowhere(path));
            }
        }
        let mut kept = Object::new();
        let mut digests = Vec::new();
        for (name, value) in object.iter() {
            if is_reserved(name) {
                return Err(taken(name));
            }
            let element = PathElement::Name(name.to_owned());
            let marks = marks.below.get(&element).unwrap_or(NONE);
            path.push(element);
            let value = self.value(value.clone(), marks, path)?;
            path.pop();
            if marks.hidden {
                digests.push(self.disclose(Some(name), value)?);
            } else {
                kept.insert(name.to_owned(), value);
            }
        }
        for _ in 0..marks.decoys {
            digests.push(self.decoy()?);
        }
        if !digests.is_empty() {
            // Sorted, so that the order of the claims is not told.
            digests.sort_unstable();
            kept.insert("_sd", digests);
        }
        Ok(kept)
    }

    fn array(
        &mut self,
        values: Vec<Value<'static>>,
        marks: &Marks,
        path: &mut Vec<PathElement>,
    ) -> Result<Vec<Value<'static>>, Error> {
        for element in marks.below.keys() {
            let there = match element {
                PathElement::Index(index) => *index < values.len(),
                PathElement::All => true,
                PathElement::Name(_) => false,
            };
            if !there {
                path.push(element.clone());
                return Err(nowhere(path));
            }
        }
        let all = marks.below.get(&PathElement::All);
        let mut elements = Vec::with_capacity(values.len());
        for (i, value) in values.into_iter().enumerate() {
            let index = PathElement::Index(i);
            let (hidden, below) = match (marks.below.get(&index), all) {
                (Some(one), Some(all)) => (one.hidden || all.hidden, merged(one, all)),
                (Some(only), None) | (None, Some(only)) => (only.hidden, only.clone()),
                (None, None) => (false, Marks::default()),
            };
            path.push(index);
            let value = self.value(value, &below, path)?;
            path.pop();
            if hidden {
                elements.push(place(self.disclose(None, value)?));
            } else {
                elements.push(value);
            }
        }
        for _ in 0..marks.decoys {
            elements.push(place(self.decoy()?));
        }
        Ok(elements)
    }

    fn disclose(&mut self, name: Option<&str>, value: Value<'static>) -> Result<String, Error> {
        let disclosure = Disclosure::new(&self.salt()?, name, value);
        let digest = self
            .hash
            .digest(self.signer.provider(), disclosure.as_str())?;
        self.disclosures.push(disclosure);
        Ok(digest)
    }

    /// The digest of a text that nobody keeps.
    fn decoy(&mut self) -> Result<String, Error> {
        let salt = self.salt()?;
        self.hash.digest(self.signer.provider(), &salt)
    }

    fn salt(&mut self) -> Result<String, Error> {
        let mut salt = [0; 16];
        self.random
            .try_fill_bytes(&mut salt)
            .map_err(|_| Error::Did(kbtf_did::Error::Randomness))?;
        Ok(jws::encode(&salt))
    }
}

/// The place of a hidden element.
fn place(digest: String) -> Value<'static> {
    let mut place = Object::new();
    place.insert("...", digest);
    Value::Object(place)
}

fn merged(one: &Marks, other: &Marks) -> Marks {
    let mut marks = one.clone();
    marks.decoys = marks.decoys.max(other.decoys);
    for (element, theirs) in &other.below {
        let merged = match marks.below.get(element) {
            Some(ours) => {
                let mut merged = merged(ours, theirs);
                merged.hidden = ours.hidden || theirs.hidden;
                merged
            }
            None => theirs.clone(),
        };
        marks.below.insert(element.clone(), merged);
    }
    marks
}

fn taken(name: &str) -> Error {
    let name = short(name).to_owned();
    DisclosureError::NameTaken { name }.into()
}

fn nowhere(path: &[PathElement]) -> Error {
    let place = ClaimPath::new(path.iter().cloned());
    let place = place.map_or_else(|_| "path".to_string(), |path| path.to_string());
    malformed(&place, "a claim of the credential")
}
