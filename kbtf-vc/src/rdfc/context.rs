//! Contexts of JSON-LD 1.1 (JSON-LD 1.1 Processing Algorithms and API, section 4): what the terms of a document mean.
//!
//! A context is worked out once for each one that it follows upon, and kept. What contexts of credentials do not use is
//! refused where a document would need it: `@import`, `@base`, `@direction`, `@reverse`, `@nest`, property-valued
//! indexes, and maps by index, id or type.

use alloc::{
    borrow::{Cow, ToOwned},
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};
use core::sync::atomic::{AtomicU64, Ordering};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{LazyLock, PoisonError, RwLock},
};

use kbtf_did::json::{self, Object, Value};

use crate::{
    RdfError, context,
    verdict::{quoted, short},
};

/// The contexts whose bytes come with this crate.
const EMBEDDED: [(&str, &str); 6] = [
    (
        crate::CONTEXT_V1,
        include_str!("contexts/credentials-v1.jsonld"),
    ),
    (
        crate::CONTEXT_V2,
        include_str!("contexts/credentials-v2.jsonld"),
    ),
    (
        "https://w3id.org/security/data-integrity/v1",
        include_str!("contexts/data-integrity-v1.jsonld"),
    ),
    (
        "https://w3id.org/security/data-integrity/v2",
        include_str!("contexts/data-integrity-v2.jsonld"),
    ),
    (
        "https://w3id.org/security/suites/ed25519-2020/v1",
        include_str!("contexts/ed25519-2020-v1.jsonld"),
    ),
    (
        "https://www.w3.org/ns/did/v1",
        include_str!("contexts/did-v1.jsonld"),
    ),
];

/// What the URL of an embedded context leads to.
pub(crate) fn embedded_bytes(url: &str) -> Option<&'static [u8]> {
    let found = EMBEDDED.iter().find(|(known, _)| *known == url);
    found.map(|(_, text)| text.as_bytes())
}

/// Lists of them that documents have at their top, accepted without being asked for.
const EMBEDDED_LISTS: [&[&str]; 5] = [
    &[crate::CONTEXT_V1],
    &[crate::CONTEXT_V2],
    &[
        crate::CONTEXT_V1,
        "https://w3id.org/security/data-integrity/v1",
    ],
    &[
        crate::CONTEXT_V1,
        "https://w3id.org/security/data-integrity/v2",
    ],
    &[
        crate::CONTEXT_V1,
        "https://w3id.org/security/suites/ed25519-2020/v1",
    ],
];

/// How many contexts are kept worked out, and of how many terms all together.
const MAX_KEPT: usize = 256;
const MAX_KEPT_TERMS: usize = 1 << 16;
/// How many terms the contexts of one document may have, each counted as often as the document changes to it, whether it is
/// kept or must be worked out: the same document has the same verdict each time.
const MAX_TERMS: usize = 1 << 20;
/// How many contexts a list may have.
const MAX_LIST: usize = 16;
/// How deep context documents may refer to each other.
const MAX_REFERENCES: usize = 8;

/// The contexts that documents may use, by the bytes that their URLs lead to, in which lists (Data Integrity 1.0 sections
/// 2.4.1 and 4.6), and what has been worked out from them. Nothing is ever fetched.
///
/// The contexts of a document are under no signature over RDF, so which ones it may have is for its reader to say. Were
/// any list of known contexts taken, somebody could put one in the place of another, or add one, and give members other
/// names that mean the same; the signature would still verify.
///
/// Share one: what it has worked out is kept for the next document.
#[derive(Debug)]
pub struct Contexts {
    documents: BTreeMap<String, Arc<Local>>,
    lists: BTreeSet<Vec<String>>,
    kept: RwLock<HashMap<Key, Arc<Context>>>,
}

/// What a worked-out context depends on: the one before it, the local one, and how they were put together.
type Key = (u64, u64, Mode);

/// How a local context is put upon an active one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Mode {
    /// That of a property may replace protected terms.
    pub(super) override_protected: bool,
    /// That of a type holds for its own node alone.
    pub(super) propagate: bool,
}

impl Mode {
    /// A context in the document.
    pub(super) const PLAIN: Self = Self {
        override_protected: false,
        propagate: true,
    };
    /// The context that a property has.
    pub(super) const OF_PROPERTY: Self = Self {
        override_protected: true,
        propagate: true,
    };
    /// The context that a type has.
    pub(super) const OF_TYPE: Self = Self {
        override_protected: false,
        propagate: false,
    };
}

/// A local context as it is written.
#[derive(Debug)]
pub(super) struct Local {
    id: u64,
    value: Value<'static>,
}

impl Local {
    fn new(value: Value<'static>) -> Arc<Self> {
        Arc::new(Self {
            id: next_id(),
            value,
        })
    }
}

fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// An active context: what every term means at one place of a document.
#[derive(Debug, Clone, Default)]
pub(super) struct Context {
    /// 0 is the one without terms.
    id: u64,
    terms: HashMap<Arc<str>, Arc<Term>>,
    pub(super) vocab: Option<Arc<str>>,
    pub(super) language: Option<Arc<str>>,
    /// What holds again inside, if this one does not propagate.
    pub(super) previous: Option<Arc<Context>>,
    /// The names of each IRI or keyword.
    named: HashMap<Arc<str>, Names>,
    /// The beginnings for which prefixes stand.
    prefixes: Vec<Arc<str>>,
}

/// The terms that one IRI has.
#[derive(Debug, Clone, Default)]
struct Names {
    count: usize,
    /// The one that compaction takes for a property: one with a type or a container before one without, then the
    /// shortest, then the least.
    of_property: Option<(bool, Arc<str>)>,
    /// The one that it takes for a type or a word of the vocabulary: one without before one with them.
    of_type: Option<(bool, Arc<str>)>,
}

impl Names {
    fn add(&mut self, name: &Arc<str>, term: &Term) {
        self.count += 1;
        let is_typed = term.coercion != Coercion::No || term.container != Container::default();
        let better = |rank: bool, there: &Option<(bool, Arc<str>)>| {
            there.as_ref().is_none_or(|(there_rank, there)| {
                (!rank, name.len(), name) < (!there_rank, there.len(), there)
            })
        };
        if better(is_typed, &self.of_property) {
            self.of_property = Some((is_typed, Arc::clone(name)));
        }
        if better(!is_typed, &self.of_type) {
            self.of_type = Some((!is_typed, Arc::clone(name)));
        }
    }
}

/// A term definition.
#[derive(Debug)]
pub(super) struct Term {
    /// An IRI or a keyword; none if the term is said to mean nothing.
    pub(super) iri: Option<Arc<str>>,
    pub(super) coercion: Coercion,
    pub(super) container: Container,
    pub(super) context: Option<Arc<Local>>,
    /// Other than that of the context: a language, or none.
    pub(super) language: Option<Option<Arc<str>>>,
    /// What of the definition this crate does not follow.
    pub(super) unsupported: Option<&'static str>,
    prefix: bool,
    protected: bool,
}

/// What the values of a term are taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Coercion {
    No,
    Id,
    Vocab,
    Json,
    None,
    Type(Arc<str>),
}

/// How several values of a term are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Container {
    pub(super) list: bool,
    pub(super) graph: bool,
    pub(super) language: bool,
    set: bool,
}

impl Term {
    /// Whether two definitions are the same but for their protection.
    fn says_the_same(&self, other: &Self) -> bool {
        let local = |term: &Self| term.context.as_ref().map(Arc::clone);
        let same_local = match (local(self), local(other)) {
            (None, None) => true,
            (Some(a), Some(b)) => a.id == b.id || a.value == b.value,
            _ => false,
        };
        self.iri == other.iri
            && self.coercion == other.coercion
            && self.container == other.container
            && self.language == other.language
            && self.unsupported == other.unsupported
            && self.prefix == other.prefix
            && same_local
    }
}

impl Context {
    pub(super) fn term(&self, name: &str) -> Option<&Arc<Term>> {
        self.terms.get(name)
    }

    /// How many terms have this IRI, or are another name of this keyword.
    pub(super) fn names(&self, iri: &str) -> usize {
        self.named.get(iri).map_or(0, |names| names.count)
    }

    /// The one term that a property with this IRI has.
    pub(super) fn property_name(&self, iri: &str) -> Option<&str> {
        let (_, name) = self.named.get(iri)?.of_property.as_ref()?;
        Some(name)
    }

    /// The one term that a type, or a word of the vocabulary, with this IRI has.
    pub(super) fn type_name(&self, iri: &str) -> Option<&str> {
        let (_, name) = self.named.get(iri)?.of_type.as_ref()?;
        Some(name)
    }

    /// How many prefixes could stand for the beginning of this IRI.
    pub(super) fn prefixes_of(&self, iri: &str) -> usize {
        let is_it = |start: &&Arc<str>| iri.len() > start.len() && iri.starts_with(&***start);
        self.prefixes.iter().filter(is_it).count()
    }

    fn finish(mut self) -> Arc<Self> {
        self.id = next_id();
        self.named.clear();
        self.prefixes.clear();
        for (name, term) in &self.terms {
            if let Some(iri) = &term.iri {
                let names = self.named.entry(Arc::clone(iri)).or_default();
                names.add(name, term);
                if term.prefix {
                    self.prefixes.push(Arc::clone(iri));
                }
            }
        }
        Arc::new(self)
    }

    /// What a name means as a keyword: itself, or what it is an alias of.
    pub(super) fn keyword<'n>(&'n self, name: &'n str) -> Option<&'n str> {
        if is_keyword(name) {
            return Some(name);
        }
        let iri = self.terms.get(name)?.iri.as_deref()?;
        is_keyword(iri).then_some(iri)
    }

    /// The IRI of a compact IRI whose prefix is a term.
    pub(super) fn of_compact(&self, text: &str) -> Option<String> {
        let (prefix, suffix) = text.split_once(':')?;
        if suffix.starts_with("//") {
            return None;
        }
        let term = self.terms.get(prefix).filter(|term| term.prefix)?;
        Some([term.iri.as_deref()?, suffix].concat())
    }
}

/// The keywords of JSON-LD 1.1 section 1.7.
pub(super) fn is_keyword(name: &str) -> bool {
    matches!(
        name,
        "@base"
            | "@container"
            | "@context"
            | "@default"
            | "@direction"
            | "@embed"
            | "@explicit"
            | "@graph"
            | "@id"
            | "@import"
            | "@included"
            | "@index"
            | "@json"
            | "@language"
            | "@list"
            | "@nest"
            | "@none"
            | "@omitDefault"
            | "@prefix"
            | "@preserve"
            | "@propagate"
            | "@protected"
            | "@requireAll"
            | "@reverse"
            | "@set"
            | "@type"
            | "@value"
            | "@version"
            | "@vocab"
    )
}

/// `@` and letters: reserved for keywords to come.
pub(super) fn looks_like_keyword(name: &str) -> bool {
    name.strip_prefix('@')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphabetic()))
}

/// Whether a text is an absolute IRI that may stand in N-Quads: a scheme, and none of the characters that no IRI has.
pub(super) fn is_iri(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else {
        return false;
    };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        && !text.chars().any(|c| {
            c <= ' '
                || matches!(
                    c,
                    '<' | '>' | '"' | '{' | '}' | '|' | '^' | '`' | '\\' | '\u{7f}'
                )
        })
}

/// Whether a tag is written as tags are by convention (RFC 5646 section 2.1.1): small letters, but `Hant` for a script and
/// `KR` for a region. In RDF all ways to write it are one, so one is taken.
pub(super) fn is_conventional(tag: &str) -> bool {
    let mut single = false;
    tag.split('-').enumerate().all(|(i, part)| {
        let conventional = match part.len() {
            2 if i > 0 && !single => part.to_ascii_uppercase(),
            4 if i > 0 && !single => {
                let (first, rest) = part.split_at_checked(1).unwrap_or_default();
                [first.to_ascii_uppercase(), rest.to_ascii_lowercase()].concat()
            }
            _ => part.to_ascii_lowercase(),
        };
        single |= part.len() == 1;
        conventional == part
    })
}

/// A language tag in its normal form, if it is well formed (JSON-LD 1.1 section 9.10: small letters).
pub(super) fn language_tag(tag: &str) -> Option<Arc<str>> {
    let mut parts = tag.split('-');
    let first = parts.next()?;
    let fits = |part: &str| (1..=8).contains(&part.len());
    let is_tag = fits(first)
        && first.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|part| fits(part) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    is_tag.then(|| tag.to_ascii_lowercase().into())
}

impl Default for Contexts {
    fn default() -> Self {
        Self::new()
    }
}

impl Clone for Contexts {
    fn clone(&self) -> Self {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        Self {
            documents: self.documents.clone(),
            lists: self.lists.clone(),
            kept: RwLock::new(kept.clone()),
        }
    }
}

impl Contexts {
    /// The contexts that come with this crate: those of VC 1.1 and 2.0, Data Integrity 1 and 2, Ed25519 signatures of 2020
    /// and DIDs 1.
    #[must_use]
    pub fn new() -> Self {
        Self::embedded().as_ref().clone()
    }

    /// The same, one for all that need no others.
    pub(crate) fn embedded() -> &'static Arc<Self> {
        static EMBEDDED_ONLY: LazyLock<Arc<Contexts>> = LazyLock::new(|| {
            let mut documents = BTreeMap::new();
            for (url, text) in EMBEDDED {
                // They parse: a test holds each to its hash and reads it.
                if let Ok(local) = read(url, text.as_bytes()) {
                    documents.insert(url.to_owned(), local);
                }
            }
            let lists = EMBEDDED_LISTS.iter();
            Arc::new(Contexts {
                documents,
                lists: lists.map(|list| owned(list)).collect(),
                kept: RwLock::default(),
            })
        });
        &EMBEDDED_ONLY
    }

    /// Also knows the context of a URL, by its bytes. Whoever calls knows their hash: see
    /// [`Policy::context_document`](crate::Policy::context_document).
    ///
    /// # Errors
    /// `vc/unusable-context` if they are no JSON-LD context, or the URL has another already.
    pub fn add(&mut self, url: &str, bytes: &[u8]) -> Result<(), RdfError> {
        let local = read(url, bytes)?;
        match self.documents.get(url) {
            Some(known) if known.value != local.value => Err(unusable(url, "is known with others")),
            Some(_) => Ok(()),
            None => {
                self.documents.insert(url.to_owned(), local);
                Ok(())
            }
        }
    }

    /// Also takes documents that have these contexts, in this order and no others, as their `@context`. Those that come with
    /// this crate are taken alone, and that of VC 1.1 with one of those for signatures after it.
    ///
    /// Who accepts two lists takes a document for one of either: a list in which the same IRIs have other names or types gives the
    /// members of a document other names and forms, and the signature does not see it. Accept two editions of one context only
    /// if that does no harm.
    ///
    /// ```
    /// use kbtf_vc::rdfc::Contexts;
    ///
    /// let school = "https://school.example/context/v1";
    /// let mut contexts = Contexts::new();
    /// contexts.add(school, br#"{"@context": {"@vocab": "https://school.example/ns#"}}"#)?;
    /// contexts.accept(&["https://www.w3.org/ns/credentials/v2", school]);
    /// # Ok::<(), kbtf_vc::RdfError>(())
    /// ```
    pub fn accept(&mut self, list: &[&str]) {
        self.lists.insert(owned(list));
    }

    fn check_list(&self, value: &Value<'_>) -> Result<Vec<Arc<Local>>, RdfError> {
        let mut urls = Vec::new();
        let mut locals = Vec::new();
        for context in value.as_set().iter().take(MAX_LIST + 1) {
            let Some(url) = context.as_str() else {
                return Err(unusable("@context", "is not a URL"));
            };
            locals.push(self.document(url)?);
            urls.push(url.to_owned());
        }
        match self.lists.contains(&urls) {
            true => Ok(locals),
            false => Err(RdfError::UnknownContextList {
                list: quoted(&urls.join(" ")),
            }),
        }
    }

    fn document(&self, url: &str) -> Result<Arc<Local>, RdfError> {
        let known = self.documents.get(url);
        known.cloned().ok_or_else(|| RdfError::UnknownContext {
            url: if context::is_well_known(url) {
                url.to_owned()
            } else {
                quoted(url)
            },
        })
    }
}

fn owned(list: &[&str]) -> Vec<String> {
    list.iter().map(|url| (*url).to_owned()).collect()
}

fn read(url: &str, bytes: &[u8]) -> Result<Arc<Local>, RdfError> {
    match json::parse_bytes(bytes) {
        Ok(Value::Object(mut object)) => match object.remove("@context") {
            Some(context) => Ok(Local::new(context.into_owned())),
            None => Err(unusable(url, "has no @context")),
        },
        _ => Err(unusable(url, "is no JSON object")),
    }
}

fn unusable(place: &str, problem: &'static str) -> RdfError {
    RdfError::UnusableContext {
        place: short(place).to_string(),
        problem,
    }
}

/// Works contexts out for one document.
pub(super) struct Worker<'c> {
    contexts: &'c Contexts,
    terms: usize,
}

impl<'c> Worker<'c> {
    pub(super) const fn new(contexts: &'c Contexts) -> Self {
        Self { contexts, terms: 0 }
    }

    /// The active context after a `@context` of the document: URLs only.
    pub(super) fn of_document(
        &mut self,
        active: &Arc<Context>,
        value: &Value<'_>,
    ) -> Result<Arc<Context>, RdfError> {
        let mut active = Arc::clone(active);
        for local in self.contexts.check_list(value)? {
            active = self.upon(&active, &local, Mode::PLAIN, 0)?;
            self.count(&active)?;
        }
        Ok(active)
    }

    fn count(&mut self, active: &Context) -> Result<(), RdfError> {
        self.terms = self.terms.saturating_add(active.terms.len() + 16);
        match self.terms > MAX_TERMS {
            true => Err(RdfError::TooComplex),
            false => Ok(()),
        }
    }

    /// The context of a property or type, upon the active one.
    pub(super) fn scoped(
        &mut self,
        active: &Arc<Context>,
        local: &Arc<Local>,
        mode: Mode,
    ) -> Result<Arc<Context>, RdfError> {
        let inside = self.upon(active, local, mode, 0)?;
        self.count(&inside)?;
        Ok(inside)
    }

    fn upon(
        &mut self,
        active: &Arc<Context>,
        local: &Arc<Local>,
        mode: Mode,
        references: usize,
    ) -> Result<Arc<Context>, RdfError> {
        let key = (active.id, local.id, mode);
        {
            let kept = self.contexts.kept.read();
            let kept = kept.unwrap_or_else(PoisonError::into_inner);
            if let Some(found) = kept.get(&key) {
                return Ok(Arc::clone(found));
            }
        }
        if references > MAX_REFERENCES {
            return Err(RdfError::TooComplex);
        }
        let result = self.process(active, &local.value, mode, references)?;
        let kept = self.contexts.kept.write();
        let mut kept = kept.unwrap_or_else(PoisonError::into_inner);
        let terms = kept.values().map(|context| context.terms.len());
        let terms = terms.fold(result.terms.len(), usize::saturating_add);
        if kept.len() >= MAX_KEPT || terms > MAX_KEPT_TERMS {
            kept.clear();
        }
        // One that would fill it alone is worked out each time.
        if result.terms.len() <= MAX_KEPT_TERMS / 4 {
            kept.insert(key, Arc::clone(&result));
        }
        Ok(result)
    }

    /// Context processing (section 4.1.2).
    fn process(
        &mut self,
        active: &Arc<Context>,
        local: &Value<'static>,
        mode: Mode,
        references: usize,
    ) -> Result<Arc<Context>, RdfError> {
        let mut result = Context::clone(active);
        let propagate = match local
            .as_object()
            .and_then(|object| object.get("@propagate"))
        {
            None => mode.propagate,
            Some(Value::Bool(propagate)) => *propagate,
            Some(_) => return Err(unusable("@propagate", "is not true or false")),
        };
        if !propagate && result.previous.is_none() {
            result.previous = Some(Arc::clone(active));
        }
        for context in local.as_set() {
            match context {
                // After it, what holds inside of the node is read differently by different implementations.
                Value::Null if !propagate => {
                    return Err(unusable(
                        "null",
                        "is not supported in the context of a type",
                    ));
                }
                Value::Null => {
                    let is_protected = |term: &Arc<Term>| term.protected;
                    if !mode.override_protected && result.terms.values().any(is_protected) {
                        return Err(unusable("null", "would take away protected terms"));
                    }
                    result = Context::default();
                }
                Value::String(url) => {
                    let local = self.contexts.document(url)?;
                    let active = result.finish();
                    let next = self.upon(&active, &local, Mode::PLAIN, references + 1)?;
                    result = Context::clone(&next);
                }
                Value::Object(object) => define_all(&mut result, object, mode)?,
                _ => return Err(unusable("@context", "is not an object, a URL or null")),
            }
        }
        Ok(result.finish())
    }
}

/// All definitions of one context.
fn define_all(result: &mut Context, local: &Object<'static>, mode: Mode) -> Result<(), RdfError> {
    for (name, value) in local.iter().filter(|(name, _)| name.starts_with('@')) {
        match (name, value) {
            ("@version", Value::Number(version)) if version.as_f64() == 1.1 => {}
            ("@protected", Value::Bool(_)) | ("@propagate", _) | ("@type", _) => {}
            ("@vocab", Value::Null) => result.vocab = None,
            ("@vocab", Value::String(vocab)) => {
                let vocab = expand(result, vocab, None)?.filter(|iri| is_iri(iri));
                let vocab = vocab.ok_or_else(|| unusable("@vocab", "is not an IRI"))?;
                result.vocab = Some(vocab.into());
            }
            ("@language", Value::Null) => result.language = None,
            ("@language", Value::String(tag)) => {
                let tag = language_tag(tag);
                result.language = Some(tag.ok_or_else(|| unusable("@language", "is no tag"))?);
            }
            ("@direction", Value::Null) => {}
            // A name like a keyword's that is none: ignored, as the standard has it; used, it is not covered.
            _ if !is_keyword(name) => {}
            _ => {
                return Err(unusable(
                    name,
                    "is not supported here, or has a wrong value",
                ));
            }
        }
    }
    let mut local = Defining {
        local,
        values: local.iter().collect(),
        defined: HashMap::new(),
        protected: local.get("@protected").and_then(Value::as_bool) == Some(true),
        override_protected: mode.override_protected,
    };
    let all = local.local;
    for (name, _) in all.iter() {
        let is_of_the_context = is_keyword(name) && name != "@type";
        if !is_of_the_context {
            define(result, name, &mut local)?;
        }
    }
    Ok(())
}

/// The context whose terms are being defined.
struct Defining<'l> {
    local: &'l Object<'static>,
    values: HashMap<&'l str, &'l Value<'static>>,
    /// Whether the definition of a term is done (true) or under way (false).
    defined: HashMap<&'l str, bool>,
    protected: bool,
    override_protected: bool,
}

/// Create term definition (section 4.2.2).
fn define<'l>(
    result: &mut Context,
    name: &'l str,
    local: &mut Defining<'l>,
) -> Result<(), RdfError> {
    match local.defined.get(name) {
        Some(true) => return Ok(()),
        Some(false) => return Err(unusable(name, "is defined by itself")),
        None => {}
    }
    local.defined.insert(name, false);
    let Some(value) = local.values.get(name).copied() else {
        return Ok(());
    };
    if name.is_empty() || (looks_like_keyword(name) && name != "@type") {
        local.defined.insert(name, true);
        return match name {
            "" => Err(unusable(name, "is no term")),
            _ => Ok(()),
        };
    }
    static EMPTY: Object<'static> = Object::new();
    let (id, definition) = match value {
        Value::Null => (Some(&Value::Null), &EMPTY),
        Value::String(_) => (Some(value), &EMPTY),
        Value::Object(definition) => {
            let id = definition.get("@id").or(definition.get("@reverse"));
            (id, definition)
        }
        _ => return Err(unusable(name, "is not defined by a string or an object")),
    };
    let is_simple = matches!(value, Value::String(_));
    check_members(name, definition)?;
    let protected = match definition.get("@protected") {
        None => local.protected,
        Some(Value::Bool(protected)) => *protected,
        Some(_) => return Err(unusable(name, "has a @protected that is not true or false")),
    };
    if name == "@type" {
        // Only that several types are always written as an array: nothing that changes what is signed.
        local.defined.insert(name, true);
        return match definition.get("@id") {
            None => Ok(()),
            Some(_) => Err(unusable(name, "is a keyword")),
        };
    }
    let previous = result.terms.remove(name);
    let coercion = coercion(result, name, definition, local)?;
    let iri = match meaning(result, name, id, local)? {
        Meaning::Iri(iri) => Some(iri),
        Meaning::Nothing => None,
        Meaning::Ignored => {
            local.defined.insert(name, true);
            return Ok(());
        }
    };
    let plain_name = !name.contains([':', '/']);
    let prefix = match definition.get("@prefix") {
        None => {
            let ends = |iri: &str| iri.ends_with([':', '/', '?', '#', '[', ']', '@']);
            is_simple && plain_name && iri.as_deref().is_some_and(ends)
        }
        Some(Value::Bool(prefix)) if plain_name => *prefix,
        Some(_) => return Err(unusable(name, "has a @prefix that it cannot have")),
    };
    let (container, unsupported_container) = container(name, definition)?;
    let language = match definition.get("@language") {
        None => None,
        Some(Value::Null) => Some(None),
        Some(Value::String(tag)) => {
            let tag = language_tag(tag);
            Some(Some(tag.ok_or_else(|| {
                unusable(name, "has a @language that is no tag")
            })?))
        }
        Some(_) => return Err(unusable(name, "has a @language that is no tag")),
    };
    let unsupported = ["@reverse", "@nest", "@index", "@direction"]
        .into_iter()
        .find(|member| definition.get(member).is_some_and(|v| *v != Value::Null))
        .or(unsupported_container);
    let mut term = Arc::new(Term {
        iri: iri.map(Into::into),
        // A language is for strings that no type has claimed.
        language: language.filter(|_| coercion == Coercion::No),
        coercion,
        container,
        context: definition.get("@context").cloned().map(Local::new),
        unsupported,
        prefix,
        protected,
    });
    if let Some(previous) = previous
        && previous.protected
        && !local.override_protected
    {
        if !previous.says_the_same(&term) {
            return Err(unusable(
                name,
                "is protected and means something else already",
            ));
        }
        term = previous;
    }
    result.terms.insert(name.into(), term);
    local.defined.insert(name, true);
    Ok(())
}

/// That a definition has no members but those that definitions have.
fn check_members(name: &str, definition: &Object<'_>) -> Result<(), RdfError> {
    const MEMBERS: [&str; 11] = [
        "@id",
        "@type",
        "@container",
        "@context",
        "@language",
        "@protected",
        "@prefix",
        "@reverse",
        "@nest",
        "@index",
        "@direction",
    ];
    if definition
        .iter()
        .any(|(member, _)| !MEMBERS.contains(&member))
    {
        return Err(unusable(name, "has a definition with unknown members"));
    }
    Ok(())
}

fn coercion<'l>(
    result: &mut Context,
    name: &str,
    definition: &'l Object<'static>,
    local: &mut Defining<'l>,
) -> Result<Coercion, RdfError> {
    let wrong = || unusable(name, "has a @type that is no type");
    let Some(value) = definition.get("@type") else {
        return Ok(Coercion::No);
    };
    let text = value.as_str().ok_or_else(wrong)?;
    Ok(match text {
        "@id" => Coercion::Id,
        "@vocab" => Coercion::Vocab,
        "@json" => Coercion::Json,
        "@none" => Coercion::None,
        _ => {
            let iri = expand(result, text, Some(local))?.filter(|iri| is_iri(iri));
            Coercion::Type(iri.ok_or_else(wrong)?.into())
        }
    })
}

enum Meaning {
    Iri(String),
    Nothing,
    Ignored,
}

/// What a term stands for.
fn meaning<'l>(
    result: &mut Context,
    name: &'l str,
    id: Option<&'l Value<'static>>,
    local: &mut Defining<'l>,
) -> Result<Meaning, RdfError> {
    match id {
        Some(Value::Null) => return Ok(Meaning::Nothing),
        Some(Value::String(id)) if id != name => {
            if looks_like_keyword(id) && !is_keyword(id) {
                return Ok(Meaning::Ignored);
            }
            let iri = expand(result, id, Some(local))?;
            let iri = iri.filter(|iri| iri != "@context" && (is_keyword(iri) || is_iri(iri)));
            let iri = iri.ok_or_else(|| unusable(name, "has an @id that is no IRI"))?;
            let has_colon = name.trim_matches(':').contains(':');
            if has_colon || name.contains('/') {
                // Such a name must mean what it would without a definition.
                local.defined.insert(name, true);
                if expand(result, name, Some(local))?.as_deref() != Some(&iri) {
                    return Err(unusable(name, "looks like an IRI and means another"));
                }
            }
            return Ok(Meaning::Iri(iri));
        }
        Some(Value::String(_)) | None => {}
        Some(_) => return Err(unusable(name, "has an @id that is no IRI")),
    }
    let iri = if let Some((prefix, suffix)) = name.split_once(':').filter(|(p, _)| !p.is_empty()) {
        define_first(result, prefix, local)?;
        match result.terms.get(prefix).and_then(|term| term.iri.clone()) {
            Some(iri) => Some([&*iri, suffix].concat()),
            None => Some(name.to_owned()),
        }
    } else {
        result.vocab.as_deref().map(|vocab| [vocab, name].concat())
    };
    match iri.filter(|iri| is_iri(iri)) {
        Some(iri) => Ok(Meaning::Iri(iri)),
        None => Err(unusable(name, "stands for nothing")),
    }
}

fn container(
    name: &str,
    definition: &Object<'_>,
) -> Result<(Container, Option<&'static str>), RdfError> {
    let mut container = Container::default();
    let mut unsupported = None;
    let values = definition.get("@container").map(Value::as_set);
    for value in values.unwrap_or_default() {
        match value.as_str() {
            Some("@set") => container.set = true,
            Some("@list") => container.list = true,
            Some("@graph") => container.graph = true,
            Some("@language") => container.language = true,
            Some("@id" | "@index" | "@type") => unsupported = Some("@container"),
            _ => return Err(unusable(name, "has a @container that is none")),
        }
    }
    let kinds = [container.list, container.graph, container.language];
    if kinds.iter().filter(|kind| **kind).count() > 1 || (container.list && container.set) {
        return Err(unusable(name, "has a @container that is several"));
    }
    Ok((container, unsupported))
}

/// Defines a term that another is written with, if the same context defines it.
fn define_first<'l>(
    result: &mut Context,
    name: &str,
    local: &mut Defining<'l>,
) -> Result<(), RdfError> {
    match local.values.get_key_value(name) {
        Some((own, _)) if local.defined.get(own) != Some(&true) => {
            let own = *own;
            define(result, own, local)
        }
        _ => Ok(()),
    }
}

/// IRI expansion (section 5.2.2) as contexts need it: relative to the vocabulary.
fn expand<'l>(
    result: &mut Context,
    text: &str,
    mut local: Option<&mut Defining<'l>>,
) -> Result<Option<String>, RdfError> {
    if is_keyword(text) {
        return Ok(Some(text.to_owned()));
    }
    if looks_like_keyword(text) {
        return Ok(None);
    }
    if let Some(local) = local.as_deref_mut() {
        define_first(result, text, local)?;
    }
    if let Some(term) = result.terms.get(text) {
        return Ok(term.iri.as_deref().map(ToOwned::to_owned));
    }
    if let Some((prefix, suffix)) = text.split_once(':').filter(|(p, _)| !p.is_empty()) {
        if prefix == "_" || suffix.starts_with("//") {
            return Ok(Some(text.to_owned()));
        }
        if let Some(local) = local {
            define_first(result, prefix, local)?;
        }
        return Ok(Some(
            result
                .of_compact(text)
                .map_or(Cow::Borrowed(text), Cow::Owned)
                .into_owned(),
        ));
    }
    let vocab = result.vocab.as_deref();
    Ok(Some(vocab.map_or_else(
        || text.to_owned(),
        |vocab| format!("{vocab}{text}"),
    )))
}
