use alloc::{
    borrow::{Cow, ToOwned},
    collections::{BTreeMap, BTreeSet},
    format,
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::{
    CryptoProvider,
    json::{self, Limits, Object, Value},
};

use crate::{ClaimPath, DisclosureError, Error, PathElement, jws, verdict::short};

/// The hash algorithms of disclosures, by their names in IANA's registry of named information.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum DisclosureHash {
    /// `sha-256`, the one that all must know.
    #[default]
    Sha256,
    /// `sha-384`
    Sha384,
    /// `sha-512`
    Sha512,
}

impl DisclosureHash {
    /// The name in `_sd_alg`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha-256",
            Self::Sha384 => "sha-384",
            Self::Sha512 => "sha-512",
        }
    }

    /// The algorithm that a payload names; SHA-256 if it names none (RFC 9901 section 4.1.1).
    pub(super) fn of(payload: &Object<'_>) -> Result<Self, Error> {
        let name = match payload.get("_sd_alg") {
            None => return Ok(Self::Sha256),
            Some(value) => value.as_str().unwrap_or_default(),
        };
        [Self::Sha256, Self::Sha384, Self::Sha512]
            .into_iter()
            .find(|hash| hash.as_str() == name)
            .ok_or_else(|| {
                let got = short(name).to_owned();
                DisclosureError::UnsupportedHash { got }.into()
            })
    }

    /// The digest of an ASCII text, in base64url.
    pub(super) fn digest(self, provider: &dyn CryptoProvider, text: &str) -> Result<String, Error> {
        let bytes = text.as_bytes();
        Ok(match self {
            Self::Sha256 => jws::encode(&provider.sha256(bytes)?),
            Self::Sha384 => jws::encode(&provider.sha384(bytes)?),
            Self::Sha512 => jws::encode(&provider.sha512(bytes)?),
        })
    }
}

/// One disclosure: a salt, for a member its name, and a value, which may hold places for further disclosures (RFC 9901
/// section 4.2).
#[derive(Debug, Clone, PartialEq)]
pub struct Disclosure {
    encoded: String,
    name: Option<String>,
    value: Value<'static>,
}

impl Disclosure {
    pub(super) fn parse(encoded: &str, number: usize) -> Result<Self, Error> {
        let malformed = |expected| DisclosureError::Malformed {
            place: format!("disclosure {number}"),
            expected,
        };
        let bytes = jws::decode(encoded).ok_or(malformed("base64url without padding"))?;
        let value = json::parse_bytes(&bytes)?.into_owned();
        let Value::Array(parts) = value else {
            return Err(malformed("an array").into());
        };
        let mut parts = parts.into_iter();
        let (salt, second, third) = (parts.next(), parts.next(), parts.next());
        let (name, value) = match (salt, second, third, parts.next()) {
            (Some(Value::String(_)), Some(Value::String(name)), Some(value), None) => {
                (Some(name.into_owned()), value)
            }
            (Some(Value::String(_)), Some(value), None, None) => (None, value),
            _ => return Err(malformed("[salt, name, value] or [salt, value]").into()),
        };
        Ok(Self {
            encoded: encoded.to_owned(),
            name,
            value,
        })
    }

    pub(super) fn new(salt: &str, name: Option<&str>, value: Value<'static>) -> Self {
        let mut parts = alloc::vec![Value::from(salt.to_owned())];
        parts.extend(name.map(|name| Value::from(name.to_owned())));
        parts.push(value.clone());
        Self {
            encoded: jws::encode(Value::Array(parts).to_json().as_bytes()),
            name: name.map(ToOwned::to_owned),
            value,
        }
    }

    /// The disclosure as it stands in the token.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.encoded
    }

    /// The name of the member that it discloses; `None` for an element of an array.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The value that it discloses, with the places of further disclosures as they stand.
    #[must_use]
    pub const fn value(&self) -> &Value<'static> {
        &self.value
    }
}

/// Claims with their disclosures put in.
pub(super) struct Disclosed {
    pub(super) claims: Object<'static>,
    /// Where each disclosure, by its number, has gone, and which one it stands in.
    pub(super) places: Vec<Place>,
}

/// Where a disclosure belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) path: Vec<PathElement>,
    pub(super) inside: Option<usize>,
}

struct Walk<'d> {
    by_digest: BTreeMap<String, (usize, &'d Disclosure)>,
    seen: Vec<String>,
    places: Vec<Option<Place>>,
}

/// Puts disclosures where their digests stand (RFC 9901 section 7.1, steps 3 to 5). Digests that nothing refers to are
/// decoys or claims that are not shown, and go away; everything else that does not fit is an error.
pub(super) fn disclose(
    mut payload: Object<'static>,
    disclosures: &[Disclosure],
    provider: &dyn CryptoProvider,
) -> Result<Disclosed, Error> {
    let hash = DisclosureHash::of(&payload)?;
    payload.remove("_sd_alg");
    let mut by_digest = BTreeMap::new();
    for (i, disclosure) in disclosures.iter().enumerate() {
        let digest = hash.digest(provider, disclosure.as_str())?;
        if by_digest.insert(digest.clone(), (i, disclosure)).is_some() {
            return Err(DisclosureError::Repeated { digest }.into());
        }
    }
    let mut walk = Walk {
        by_digest,
        seen: Vec::new(),
        places: alloc::vec![None; disclosures.len()],
    };
    let claims = walk.object(payload, &mut Vec::new(), None)?;
    // One sort in place of a search for each digest: a token may have many thousands.
    walk.seen.sort_unstable();
    let twice = walk.seen.iter().zip(walk.seen.iter().skip(1));
    if let Some((digest, _)) = twice.into_iter().find(|(a, b)| a == b) {
        let digest = short(digest).to_owned();
        return Err(DisclosureError::Repeated { digest }.into());
    }
    let places = walk.places.into_iter().enumerate();
    let places = places.map(|(number, place)| {
        place.ok_or_else(|| Error::from(DisclosureError::Unknown { number }))
    });
    Ok(Disclosed {
        claims,
        places: places.collect::<Result<_, _>>()?,
    })
}

/// Names that a claim cannot have: they are the places of disclosures.
pub(super) fn is_reserved(name: &str) -> bool {
    matches!(name, "_sd" | "..." | "_sd_alg")
}

impl Walk<'_> {
    fn value(
        &mut self,
        value: Value<'static>,
        path: &mut Vec<PathElement>,
        inside: Option<usize>,
    ) -> Result<Value<'static>, Error> {
        // Disclosures inside disclosures can go deeper than any one text that was read.
        if path.len() > Limits::default().max_depth {
            return Err(Error::TooLarge);
        }
        match value {
            Value::Object(object) => self.object(object, path, inside).map(Value::Object),
            Value::Array(values) => self.array(values, path, inside).map(Value::Array),
            other => Ok(other),
        }
    }

    fn object(
        &mut self,
        mut object: Object<'static>,
        path: &mut Vec<PathElement>,
        inside: Option<usize>,
    ) -> Result<Object<'static>, Error> {
        let digests = object.remove("_sd");
        let mut claims: Vec<(Cow<'static, str>, Value<'static>)> = Vec::with_capacity(object.len());
        for (name, value) in object.iter() {
            if is_reserved(name) {
                return Err(malformed(
                    path,
                    "_sd_alg only at the top, ... only in arrays",
                ));
            }
            path.push(PathElement::Name(name.to_owned()));
            let value = self.value(value.clone(), path, inside)?;
            path.pop();
            claims.push((name.to_owned().into(), value));
        }
        let unique = |claims| {
            // Names were unique before, and each disclosed one was looked for.
            Object::from_members(claims).ok_or_else(|| malformed(&[], "unique names"))
        };
        let Some(digests) = digests else {
            return unique(claims);
        };
        let mut names: BTreeSet<String> = claims.iter().map(|(n, _)| n.to_string()).collect();
        let Value::Array(digests) = digests else {
            return Err(malformed(path, "_sd to be an array of digests"));
        };
        for digest in &digests {
            let digest = digest
                .as_str()
                .ok_or_else(|| malformed(path, "_sd to be an array of digests"))?;
            let Some((number, disclosure)) = self.take(digest) else {
                continue;
            };
            let name = disclosure
                .name()
                .ok_or_else(|| malformed(path, "a disclosure with a name"))?
                .to_owned();
            if is_reserved(&name) || !names.insert(name.clone()) {
                let name = short(&name).to_owned();
                return Err(DisclosureError::NameTaken { name }.into());
            }
            path.push(PathElement::Name(name.clone()));
            let value = self.disclosed(number, disclosure, path, inside)?;
            path.pop();
            claims.push((name.into(), value));
        }
        unique(claims)
    }

    fn array(
        &mut self,
        values: Vec<Value<'static>>,
        path: &mut Vec<PathElement>,
        inside: Option<usize>,
    ) -> Result<Vec<Value<'static>>, Error> {
        let mut elements = Vec::with_capacity(values.len());
        for value in values {
            path.push(PathElement::Index(elements.len()));
            match value.as_object().and_then(|object| object.get("...")) {
                None => elements.push(self.value(value, path, inside)?),
                Some(digest) => {
                    let digest = digest
                        .as_str()
                        .filter(|_| value.as_object().is_some_and(|object| object.len() == 1))
                        .ok_or_else(|| malformed(path, "{\"...\": digest} and nothing else"))?;
                    if let Some((number, disclosure)) = self.take(digest) {
                        if disclosure.name().is_some() {
                            return Err(malformed(path, "a disclosure without a name"));
                        }
                        elements.push(self.disclosed(number, disclosure, path, inside)?);
                    }
                }
            }
            path.pop();
        }
        Ok(elements)
    }

    fn take(&mut self, digest: &str) -> Option<(usize, Disclosure)> {
        self.seen.push(digest.to_owned());
        let (number, disclosure) = self.by_digest.get(digest)?;
        // Met once already: the digest will be found to occur twice. Not followed, so that nothing grows.
        if self.places.get(*number).is_some_and(Option::is_some) {
            return None;
        }
        Some((*number, (*disclosure).clone()))
    }

    fn disclosed(
        &mut self,
        number: usize,
        disclosure: Disclosure,
        path: &mut Vec<PathElement>,
        inside: Option<usize>,
    ) -> Result<Value<'static>, Error> {
        if let Some(slot) = self.places.get_mut(number) {
            *slot = Some(Place {
                path: path.clone(),
                inside,
            });
        }
        self.value(disclosure.value, path, Some(number))
    }
}

fn malformed(path: &[PathElement], expected: &'static str) -> Error {
    let place = ClaimPath::new(path.iter().cloned());
    let place = place.map_or_else(|_| "claims".to_owned(), |path| path.to_string());
    DisclosureError::Malformed { place, expected }.into()
}
