//! The Digital Credentials Query Language of OpenID4VP 1.0 (section 6): what a verifier asks for, and what of what a wallet
//! holds answers it.

use alloc::{
    borrow::ToOwned,
    collections::BTreeSet,
    format,
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::json::{self, Object, Value};

use crate::{ClaimPath, Error, error::malformed};

/// The most credentials, claims or sets that one query may name in one place.
const MAX_PARTS: usize = 64;

/// The format of a credential in a query (OpenID4VP 1.0 appendix B).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CredentialFormat {
    /// `dc+sd-jwt`: an SD-JWT VC.
    DcSdJwt,
    /// `vc+sd-jwt`: a VC 2.0 credential as SD-JWT. Not registered by OpenID4VP; by the rule of this framework it is asked
    /// for by `type_values`, as the other W3C formats are.
    VcSdJwt,
    /// `jwt_vc_json`: a W3C credential as JWT.
    JwtVcJson,
    /// `ldp_vc`: a W3C credential with Data Integrity proofs.
    LdpVc,
}

impl CredentialFormat {
    /// The name in a query.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DcSdJwt => "dc+sd-jwt",
            Self::VcSdJwt => "vc+sd-jwt",
            Self::JwtVcJson => "jwt_vc_json",
            Self::LdpVc => "ldp_vc",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::DcSdJwt, Self::VcSdJwt, Self::JwtVcJson, Self::LdpVc]
            .into_iter()
            .find(|format| format.as_str() == name)
    }
}

/// What a verifier asks for.
///
/// ```
/// use kbtf_vc::DcqlQuery;
///
/// let query = DcqlQuery::parse(r#"{"credentials": [{
///   "id": "adult", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:kbtf:resident"]},
///   "claims": [{"path": ["age_over_19"], "values": [true]}]
/// }]}"#)?;
/// assert_eq!(query.credentials().len(), 1);
/// # Ok::<(), kbtf_vc::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DcqlQuery {
    credentials: Vec<CredentialQuery>,
    sets: Vec<CredentialSet>,
    object: Object<'static>,
}

/// What a verifier asks of one credential.
#[derive(Debug, Clone, PartialEq)]
pub struct CredentialQuery {
    id: String,
    /// `None` for a format that is not known here: nothing answers it.
    format: Option<CredentialFormat>,
    multiple: bool,
    /// For each alternative all types that must be there.
    types: Vec<BTreeSet<String>>,
    authorities: Option<BTreeSet<String>>,
    holder_binding: bool,
    claims: Option<Vec<ClaimQuery>>,
    claim_sets: Option<Vec<Vec<String>>>,
}

/// What a verifier asks of one claim.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimQuery {
    id: Option<String>,
    path: ClaimPath,
    values: Option<Vec<Value<'static>>>,
}

#[derive(Debug, Clone, PartialEq)]
struct CredentialSet {
    options: Vec<Vec<String>>,
    required: bool,
}

impl ClaimQuery {
    /// Where the claim is.
    #[must_use]
    pub const fn path(&self) -> &ClaimPath {
        &self.path
    }

    /// Whether a document has the claim, with one of the values if any are named. A step that does not fit what it meets
    /// is no match (section 7.1: the wallet aborts for this credential).
    fn is_in(&self, claims: &Value<'_>) -> bool {
        let Ok(found) = self.path.select(claims) else {
            return false;
        };
        match &self.values {
            None => !found.is_empty(),
            Some(values) => found.iter().any(|found| {
                let same = |value: &Value<'_>| {
                    value.kind() == found.kind() && value.to_canonical() == found.to_canonical()
                };
                values.iter().any(same)
            }),
        }
    }
}

impl CredentialQuery {
    /// The id that the answer is filed under.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// In which format it is wanted; `None` if that is one that is not known here.
    #[must_use]
    pub const fn format(&self) -> Option<CredentialFormat> {
        self.format
    }

    /// Whether the holder must show that the credential is his.
    #[must_use]
    pub const fn requires_holder_binding(&self) -> bool {
        self.holder_binding
    }

    /// Whether several credentials may answer.
    #[must_use]
    pub const fn allows_multiple(&self) -> bool {
        self.multiple
    }

    fn fits_kind(&self, held: &Held<'_>) -> bool {
        let mut types: BTreeSet<&str> = held.types.iter().copied().collect();
        // `type_values` are expanded IRIs. Without a JSON-LD engine only the type that every credential has is expanded;
        // others are compared as they stand in the credential.
        if types.contains("VerifiableCredential") {
            types.insert("https://www.w3.org/2018/credentials#VerifiableCredential");
        }
        self.format == Some(held.format)
            && self
                .types
                .iter()
                .any(|all| all.iter().all(|t| types.contains(t.as_str())))
            && self.authorities.as_ref().is_none_or(|authorities| {
                // The one kind of authority that is known here is the issuer's DID.
                authorities.contains(held.issuer)
            })
    }

    /// Which claims to show of a credential that answers this (section 6.4.1): none if no claims are asked for; all of
    /// them; or the first of the sets that is there whole. `None` if it does not answer.
    fn paths_for(&self, held: &Held<'_>) -> Option<Vec<ClaimPath>> {
        if !self.fits_kind(held) {
            return None;
        }
        let Some(claims) = &self.claims else {
            return Some(Vec::new());
        };
        let all_there = |claims: &[&ClaimQuery]| {
            let there = claims.iter().all(|claim| claim.is_in(held.claims));
            there.then(|| claims.iter().map(|claim| claim.path.clone()).collect())
        };
        match &self.claim_sets {
            None => all_there(&claims.iter().collect::<Vec<_>>()),
            Some(sets) => sets.iter().find_map(|set| {
                let named = |id: &String| claims.iter().find(|c| c.id.as_ref() == Some(id));
                all_there(&set.iter().map(named).collect::<Option<Vec<_>>>()?)
            }),
        }
    }
}

/// A credential that a wallet holds, as a query looks at it.
#[derive(Debug, Clone, Copy)]
pub struct Held<'h> {
    /// Its format.
    pub format: CredentialFormat,
    /// Its `vct`, or its types.
    pub types: &'h [&'h str],
    /// Who issued it.
    pub issuer: &'h str,
    /// All its claims, hidden ones put in: for a W3C credential the document.
    pub claims: &'h Value<'h>,
}

/// One credential chosen to answer a query, and what is to be shown of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The id of the credential query.
    pub query: String,
    /// Which of the held credentials.
    pub held: usize,
    /// The claims to be shown; empty if none are asked for. In a format without selective disclosure everything is seen all
    /// the same, so a wallet tells its holder.
    pub paths: Vec<ClaimPath>,
}

impl DcqlQuery {
    /// Reads a query. Members that are not known are left alone, as the standard wants; those that are must be in order.
    ///
    /// # Errors
    /// A JSON error; `vc/malformed` with the place.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match json::parse(text)? {
            Value::Object(object) => Self::from_object(&object),
            _ => Err(malformed("dcql_query", "an object")),
        }
    }

    /// Reads a query from an object.
    ///
    /// # Errors
    /// As for [`DcqlQuery::parse`].
    pub fn from_object(object: &Object<'_>) -> Result<Self, Error> {
        let credentials = parts(object, "credentials", "credentials")?;
        let credentials = credentials.ok_or_else(|| malformed("credentials", "an array"))?;
        let credentials: Vec<_> = credentials
            .iter()
            .enumerate()
            .map(|(i, query)| credential_query(query, &format!("credentials[{i}]")))
            .collect::<Result<_, _>>()?;
        once("credentials.id", credentials.iter().map(|c| c.id.as_str()))?;
        let known = |id: &String| credentials.iter().any(|c| c.id == *id);
        let sets = parts(object, "credential_sets", "credential_sets")?;
        let sets = sets.unwrap_or_default().iter().enumerate().map(|(i, set)| {
            let place = format!("credential_sets[{i}]");
            let set = set
                .as_object()
                .ok_or_else(|| malformed(&place, "an object"))?;
            let options = parts(set, "options", &place)?;
            let options = options.ok_or_else(|| malformed(&place, "options"))?;
            let option = |option: &Value<'_>| {
                let ids = names(option).filter(|ids| !ids.is_empty() && ids.iter().all(known));
                ids.ok_or_else(|| malformed(&format!("{place}.options"), "ids of credentials"))
            };
            Ok(CredentialSet {
                options: options.iter().map(option).collect::<Result<_, Error>>()?,
                required: boolean(set, "required", true, &place)?,
            })
        });
        Ok(Self {
            sets: sets.collect::<Result<_, Error>>()?,
            credentials,
            object: object.clone().into_owned(),
        })
    }

    /// The query as it was read.
    #[must_use]
    pub const fn as_object(&self) -> &Object<'static> {
        &self.object
    }

    /// What is asked of each credential.
    #[must_use]
    pub fn credentials(&self) -> &[CredentialQuery] {
        &self.credentials
    }

    /// The credential query of an id.
    #[must_use]
    pub fn credential(&self, id: &str) -> Option<&CredentialQuery> {
        self.credentials.iter().find(|query| query.id == id)
    }

    /// Every credential that would answer each query, for a wallet that lets its holder choose.
    #[must_use]
    pub fn candidates(&self, held: &[Held<'_>]) -> Vec<Choice> {
        let mut candidates = Vec::new();
        for query in &self.credentials {
            for (i, one) in held.iter().enumerate() {
                if let Some(paths) = query.paths_for(one) {
                    candidates.push(Choice {
                        query: query.id.clone(),
                        held: i,
                        paths,
                    });
                }
            }
        }
        candidates
    }

    /// What answers the whole query (section 6.4.2): without sets every credential that is asked for; with sets the first
    /// option of each required set that can be met, and nothing of the others, which a verifier would merely like. `None`
    /// if something that is required cannot be met: then nothing is shown at all.
    ///
    /// Of several credentials that would do, the first that is held is taken.
    #[must_use]
    pub fn select(&self, held: &[Held<'_>]) -> Option<Vec<Choice>> {
        let candidates = self.candidates(held);
        let first = |id: &String| {
            candidates
                .iter()
                .find(|choice| choice.query == *id)
                .cloned()
        };
        if self.sets.is_empty() {
            return self
                .credentials
                .iter()
                .map(|query| first(&query.id))
                .collect();
        }
        let mut chosen: Vec<Choice> = Vec::new();
        for set in self.sets.iter().filter(|set| set.required) {
            let option = set
                .options
                .iter()
                .find_map(|option| option.iter().map(first).collect::<Option<Vec<_>>>())?;
            for choice in option {
                if !chosen.contains(&choice) {
                    chosen.push(choice);
                }
            }
        }
        Some(chosen)
    }

    /// Whether a set of answers, each by the id of its credential query, is what was asked for: nothing that was not, and
    /// of what is required everything.
    ///
    /// # Errors
    /// `vc/malformed` with the id that is too many, or what is missing.
    pub fn check_answered(&self, ids: &BTreeSet<&str>) -> Result<(), Error> {
        if let Some(id) = ids.iter().find(|id| self.credential(id).is_none()) {
            return Err(malformed(id, "an id of the query"));
        }
        let there = |id: &String| ids.contains(id.as_str());
        if self.sets.is_empty() {
            return match self.credentials.iter().find(|query| !there(&query.id)) {
                Some(query) => Err(malformed(&query.id, "an answer to every credential")),
                None => Ok(()),
            };
        }
        let unmet = self.sets.iter().position(|set| {
            set.required && !set.options.iter().any(|option| option.iter().all(there))
        });
        match unmet {
            Some(i) => Err(malformed(
                &format!("credential_sets[{i}]"),
                "an answer to one of its options",
            )),
            None => Ok(()),
        }
    }
}

/// Whether what is shown answers a credential query, for the verifier: the same rules that the wallet chose by. The
/// wallet's choice is not believed.
pub(crate) fn is_answer(query: &CredentialQuery, shown: &Held<'_>) -> bool {
    query.paths_for(shown).is_some()
}

fn credential_query(value: &Value<'_>, place: &str) -> Result<CredentialQuery, Error> {
    let wrong = |member: &str, expected| malformed(&format!("{place}.{member}"), expected);
    let object = value
        .as_object()
        .ok_or_else(|| malformed(place, "an object"))?;
    let id = object.get_str("id").filter(|id| is_id(id));
    let id = id.ok_or_else(|| wrong("id", "letters, digits, _ and -"))?;
    let format = object.get_str("format");
    let format = format.ok_or_else(|| wrong("format", "a text"))?;
    let format = CredentialFormat::from_name(format);
    let meta = object.get("meta").and_then(Value::as_object);
    let meta = meta.ok_or_else(|| wrong("meta", "an object"))?;
    let types = match format {
        Some(CredentialFormat::DcSdJwt) => {
            let values = meta.get("vct_values").and_then(names);
            let values = values.filter(|values| !values.is_empty());
            let values = values.ok_or_else(|| wrong("meta.vct_values", "an array of texts"))?;
            values
                .into_iter()
                .map(|vct| BTreeSet::from([vct]))
                .collect()
        }
        Some(_) => {
            let values = meta.get("type_values").and_then(Value::as_array);
            let values = values.filter(|values| !values.is_empty());
            let values = values.and_then(|values| {
                let set = |value: &Value<'_>| {
                    let set = names(value)?;
                    (!set.is_empty()).then(|| set.into_iter().collect())
                };
                values.iter().map(set).collect::<Option<Vec<_>>>()
            });
            values.ok_or_else(|| wrong("meta.type_values", "an array of arrays of texts"))?
        }
        None => Vec::new(),
    };
    let claims = match parts(object, "claims", place)? {
        None => None,
        Some(claims) => Some(
            claims
                .iter()
                .enumerate()
                .map(|(i, claim)| claim_query(claim, &format!("{place}.claims[{i}]")))
                .collect::<Result<Vec<_>, _>>()?,
        ),
    };
    let ids = claims.iter().flatten().filter_map(|c| c.id.as_deref());
    once("claims.id", ids)?;
    let claim_sets = match parts(object, "claim_sets", place)? {
        None => None,
        Some(sets) => {
            let known = |id: &String| {
                let mut ids = claims.iter().flatten().filter_map(|c| c.id.as_ref());
                ids.any(|known| known == id)
            };
            let set = |set: &Value<'_>| {
                let set = names(set).filter(|set| !set.is_empty() && set.iter().all(known));
                set.ok_or_else(|| wrong("claim_sets", "arrays of ids of claims"))
            };
            Some(sets.iter().map(set).collect::<Result<Vec<_>, _>>()?)
        }
    };
    let authorities = match parts(object, "trusted_authorities", place)? {
        None => None,
        Some(authorities) => {
            let mut dids = BTreeSet::new();
            for authority in authorities {
                let authority = authority.as_object();
                let kind = authority.and_then(|a| a.get_str("type"));
                let values = authority.and_then(|a| a.get("values")).and_then(names);
                let (Some(kind), Some(values)) = (kind, values) else {
                    return Err(wrong("trusted_authorities", "type and values"));
                };
                // Of the kinds of the standard (aki, etsi_tl, openid_federation) none says anything about a DID.
                if kind == "did" {
                    dids.extend(values);
                }
            }
            Some(dids)
        }
    };
    Ok(CredentialQuery {
        id: id.to_owned(),
        format,
        multiple: boolean(object, "multiple", false, place)?,
        types,
        authorities,
        holder_binding: boolean(object, "require_cryptographic_holder_binding", true, place)?,
        claims,
        claim_sets,
    })
}

fn claim_query(value: &Value<'_>, place: &str) -> Result<ClaimQuery, Error> {
    let object = value
        .as_object()
        .ok_or_else(|| malformed(place, "an object"))?;
    let id = match object.get("id") {
        None => None,
        Some(id) => Some(
            id.as_str()
                .filter(|id| is_id(id))
                .ok_or_else(|| malformed(&format!("{place}.id"), "letters, digits, _ and -"))?
                .to_string(),
        ),
    };
    let path = object.get("path");
    let path = path.ok_or_else(|| malformed(&format!("{place}.path"), "a path"))?;
    let values = match parts(object, "values", place)? {
        None => None,
        Some(values) => {
            let is_plain =
                |v: &Value<'_>| matches!(v, Value::String(_) | Value::Number(_) | Value::Bool(_));
            if !values.iter().all(is_plain) {
                return Err(malformed(
                    &format!("{place}.values"),
                    "strings, numbers and booleans",
                ));
            }
            Some(values.iter().map(|v| v.clone().into_owned()).collect())
        }
    };
    Ok(ClaimQuery {
        id,
        path: ClaimPath::parse(path)?,
        values,
    })
}

fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 128
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

/// A non-empty array of a member, or nothing if the member is not there.
fn parts<'v, 'a>(
    object: &'v Object<'a>,
    member: &str,
    place: &str,
) -> Result<Option<&'v [Value<'a>]>, Error> {
    match object.get(member) {
        None => Ok(None),
        Some(value) => value
            .as_array()
            .filter(|values| (1..=MAX_PARTS).contains(&values.len()))
            .map(Some)
            .ok_or_else(|| malformed(&format!("{place}.{member}"), "an array of 1 to 64")),
    }
}

fn names(value: &Value<'_>) -> Option<Vec<String>> {
    let values = value.as_array().filter(|v| v.len() <= MAX_PARTS)?;
    values
        .iter()
        .map(|v| v.as_str().map(ToOwned::to_owned))
        .collect()
}

fn boolean(object: &Object<'_>, member: &str, otherwise: bool, place: &str) -> Result<bool, Error> {
    match object.get(member) {
        None => Ok(otherwise),
        Some(value) => value
            .as_bool()
            .ok_or_else(|| malformed(&format!("{place}.{member}"), "true or false")),
    }
}

fn once<'n>(place: &str, names: impl Iterator<Item = &'n str>) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(malformed(place, "ids that occur once"));
        }
    }
    Ok(())
}
