//! From JSON-LD to RDF in one pass (JSON-LD 1.1 Processing Algorithms and API, sections 5.1, 7.2 and 8), strictly: a
//! member that makes no statement, or that is not written as its context writes it, is an error.

use alloc::{
    borrow::{Cow, ToOwned},
    collections::BTreeSet,
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};
use std::collections::HashMap;

use kbtf_did::json::{Number, Object, Value};

use super::{
    XSD_STRING,
    context::{
        Coercion, Context, Contexts, Mode, Term, Worker, is_conventional, is_iri, is_keyword,
        language_tag, looks_like_keyword,
    },
    dataset::{Dataset, LiteralKind, Node, Quad, Span},
};
use crate::RdfError;

const RDF_TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
const RDF_FIRST: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#first";
const RDF_REST: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#rest";
const RDF_NIL: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#nil";
const RDF_JSON: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON";
/// What lists are made of. Written out it would be another form of a list.
const LISTS: [&str; 3] = [RDF_FIRST, RDF_REST, RDF_NIL];
const XSD_BOOLEAN: &str = "http://www.w3.org/2001/XMLSchema#boolean";
const XSD_INTEGER: &str = "http://www.w3.org/2001/XMLSchema#integer";
const XSD_DOUBLE: &str = "http://www.w3.org/2001/XMLSchema#double";

const VERIFIABLE_CREDENTIAL: &str = "https://www.w3.org/2018/credentials#verifiableCredential";
const PROOF: &str = "https://w3id.org/security#proof";

const DESCRIBED: &str = "expected what stands at several places to be described at one, as the subject, the issuer or the holder";

/// What verifiers look for by name. Under another name that means the same, a signed member would go unseen: a status
/// that is not looked up, an end that is not kept.
const NAMES: [(&str, &str); 17] = [
    (
        "https://www.w3.org/2018/credentials#credentialSchema",
        "credentialSchema",
    ),
    (
        "https://www.w3.org/2018/credentials#credentialStatus",
        "credentialStatus",
    ),
    (
        "https://www.w3.org/2018/credentials#credentialSubject",
        "credentialSubject",
    ),
    ("https://www.w3.org/2018/credentials#evidence", "evidence"),
    (
        "https://www.w3.org/2018/credentials#expirationDate",
        "expirationDate",
    ),
    ("https://www.w3.org/2018/credentials#holder", "holder"),
    (
        "https://www.w3.org/2018/credentials#issuanceDate",
        "issuanceDate",
    ),
    ("https://www.w3.org/2018/credentials#issuer", "issuer"),
    (
        "https://www.w3.org/2018/credentials#relatedResource",
        "relatedResource",
    ),
    (
        "https://www.w3.org/2018/credentials#termsOfUse",
        "termsOfUse",
    ),
    ("https://www.w3.org/2018/credentials#validFrom", "validFrom"),
    (
        "https://www.w3.org/2018/credentials#validUntil",
        "validUntil",
    ),
    (
        "https://www.w3.org/2018/credentials#verifiableCredential",
        "verifiableCredential",
    ),
    ("https://w3id.org/security#proof", "proof"),
    ("https://w3id.org/security#expiration", "expires"),
    ("https://www.iana.org/assignments/jwt#cnf", "cnf"),
    ("https://w3id.org/security#previousProof", "previousProof"),
];

/// The statements of a document.
pub(super) fn of_document(
    document: &Object<'_>,
    leave_out: &[&str],
    contexts: &Contexts,
) -> Result<Dataset, RdfError> {
    let mut writer = Writer {
        dataset: Dataset::default(),
        worker: Worker::new(contexts),
        path: Vec::new(),
        leave_out,
        root: None,
        mentions: HashMap::new(),
    };
    let active = Arc::new(Context::default());
    let place = Place {
        active: &active,
        term: None,
        graph: None,
        rank: Rank::Any,
        wants_object: false,
        has_contexts: false,
    };
    writer.node(document, place, true)?;
    writer.check_described()?;
    if writer.dataset.quads().is_empty() {
        return Err(writer.not_covered("expected a document that says something"));
    }
    Ok(writer.dataset)
}

struct Writer<'d, 'c> {
    dataset: Dataset,
    worker: Worker<'c>,
    path: Vec<Step<'d>>,
    /// Members of the document itself that are looked at elsewhere.
    leave_out: &'d [&'d str],
    /// The id of the document in the graph at hand.
    root: Option<&'d str>,
    /// Where things that have IRIs stand, in each graph.
    mentions: HashMap<(Option<Node>, String), Mentions>,
}

/// How often one thing stands in a document, and where something is said of it. In RDF it would be the same said at any of
/// these places, so one of them is taken.
#[derive(Default)]
struct Mentions {
    count: usize,
    /// Where it is described, and the place for messages.
    described: Option<(Rank, String)>,
    /// The best of the other places.
    bare: Option<Rank>,
}

/// Of several places of one thing, that of the higher rank is where it is described.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Any,
    Holder,
    Issuer,
    Subject,
}

impl Rank {
    fn of(predicate: &str) -> Self {
        match predicate {
            "https://www.w3.org/2018/credentials#credentialSubject" => Self::Subject,
            "https://www.w3.org/2018/credentials#issuer" => Self::Issuer,
            "https://www.w3.org/2018/credentials#holder" => Self::Holder,
            _ => Self::Any,
        }
    }
}

/// A step on the way to a value, for messages.
enum Step<'d> {
    Name(&'d str),
    Index(usize),
}

/// Where in the document a value stands.
#[derive(Clone, Copy)]
struct Place<'p> {
    active: &'p Arc<Context>,
    /// The term whose value it is.
    term: Option<&'p Term>,
    graph: Option<Node>,
    /// That of the member, if it is one of the document itself.
    rank: Rank,
    /// Whether the data model wants an object even where an id would do.
    wants_object: bool,
    /// Whether it is a credential in a presentation, or a proof that another is made upon: these have contexts of their
    /// own.
    has_contexts: bool,
}

/// The members of an object that are keywords or aliases of them.
#[derive(Default)]
struct Keywords<'d> {
    value: Option<&'d Value<'d>>,
    language: Option<&'d Value<'d>>,
    id: Option<&'d Value<'d>>,
    types: Option<&'d Value<'d>>,
    /// The context that types are read in: the one before their own.
    before_types: Arc<Context>,
}

impl<'d> Writer<'d, '_> {
    fn place(&self) -> String {
        let mut place = String::new();
        for step in &self.path {
            match step {
                Step::Name(name) => {
                    if !place.is_empty() {
                        place.push('.');
                    }
                    place.extend(
                        name.chars()
                            .take(60)
                            .map(|c| if c.is_control() { '\u{fffd}' } else { c }),
                    );
                }
                Step::Index(index) => place.push_str(&format!("[{index}]")),
            }
            if place.len() > 300 {
                place.push('…');
                break;
            }
        }
        if place.is_empty() {
            place.push_str("document");
        }
        place
    }

    fn not_covered(&self, expected: &'static str) -> RdfError {
        RdfError::NotCovered {
            place: self.place(),
            expected,
        }
    }

    fn not_compacted(&self, expected: &'static str) -> RdfError {
        RdfError::NotCompacted {
            place: self.place(),
            expected,
        }
    }

    fn at<T>(
        &mut self,
        step: Step<'d>,
        then: impl FnOnce(&mut Self) -> Result<T, RdfError>,
    ) -> Result<T, RdfError> {
        self.path.push(step);
        let result = then(self)?;
        self.path.pop();
        Ok(result)
    }

    /// Writes what an object says as a node, and gives the node. The root of a graph is its one document.
    fn node(
        &mut self,
        object: &'d Object<'d>,
        place: Place<'_>,
        is_root: bool,
    ) -> Result<Node, RdfError> {
        let has_own = self.path.is_empty() || (is_root && place.has_contexts);
        if !has_own && object.contains("@context") {
            return Err(self.not_compacted("expected contexts at the top alone"));
        }
        let (active, keywords) = self.enter(object, place)?;
        if keywords.value.is_some() || keywords.language.is_some() {
            return Err(self.not_covered("expected an object that is about something"));
        }
        let is_reference = keywords.id.is_some() && object.len() == 1;
        let is_coerced = place
            .term
            .is_some_and(|term| matches!(term.coercion, Coercion::Id | Coercion::Vocab));
        if is_reference && is_coerced && !place.wants_object && !is_root {
            return Err(self.not_compacted("expected the id by itself"));
        }
        let subject = match keywords.id {
            None => self.dataset.blank(),
            Some(id) => {
                let says_more = object.len() > 1;
                self.at(Step::Name("id"), |w| {
                    w.subject(&active, id, place, is_root, says_more)
                })?
            }
        };
        if let Some(types) = keywords.types {
            self.at(Step::Name("type"), |w| {
                w.types(&keywords.before_types, subject, types, place.graph)
            })?;
        }
        for (name, value) in object.iter() {
            let is_left_out = self.path.is_empty() && self.leave_out.contains(&name);
            if is_left_out || name == "@context" || active.keyword(name).is_some() {
                continue;
            }
            self.at(Step::Name(name), |w| {
                let place = Place {
                    active: &active,
                    term: None,
                    graph: place.graph,
                    rank: Rank::Any,
                    wants_object: false,
                    has_contexts: false,
                };
                w.property(subject, name, value, place, is_root)
            })?;
        }
        Ok(subject)
    }

    fn subject(
        &mut self,
        active: &Context,
        id: &'d Value<'d>,
        place: Place<'_>,
        is_root: bool,
        says_more: bool,
    ) -> Result<Node, RdfError> {
        let id = id.as_str().filter(|id| is_iri(id) && !id.starts_with("_:"));
        let id = id.ok_or_else(|| self.not_covered("expected an absolute IRI"))?;
        self.check_not_compact(active, id)?;
        if is_root {
            self.root = Some(id);
        } else {
            self.mention(id, place, says_more)?;
        }
        Ok(Node::Text(self.dataset.iri(id)))
    }

    /// Notes that a thing stands here, described or by its IRI alone.
    fn mention(&mut self, iri: &str, place: Place<'_>, described: bool) -> Result<(), RdfError> {
        if self.root == Some(iri) {
            // Statements do not say which node is the document: it is the one that none of them leads to. Were it told of
            // inside, another could be taken for it.
            return Err(self.not_compacted("expected the id of the document at its top alone"));
        }
        if LISTS.contains(&iri) {
            return Err(self.not_compacted("expected a list, not what lists are made of"));
        }
        let here = described.then(|| self.place());
        let key = (place.graph, iri.to_owned());
        let mentions = self.mentions.entry(key).or_default();
        mentions.count += 1;
        match here {
            None => mentions.bare = mentions.bare.max(Some(place.rank)),
            Some(_) if mentions.described.is_some() => return Err(self.not_compacted(DESCRIBED)),
            Some(here) => mentions.described = Some((place.rank, here)),
        }
        Ok(())
    }

    /// That each thing is described where it must be, if it stands at several places.
    fn check_described(&self) -> Result<(), RdfError> {
        for mentions in self.mentions.values().filter(|m| m.count > 1) {
            if let Some((rank, place)) = &mentions.described
                && (*rank == Rank::Any || mentions.bare >= Some(*rank))
            {
                return Err(RdfError::NotCompacted {
                    place: place.clone(),
                    expected: DESCRIBED,
                });
            }
        }
        Ok(())
    }

    fn types(
        &mut self,
        active: &Context,
        subject: Node,
        types: &'d Value<'d>,
        graph: Option<Node>,
    ) -> Result<(), RdfError> {
        if types.as_set().is_empty() {
            return Err(self.not_covered("expected at least one type"));
        }
        let predicate = self.dataset.iri(RDF_TYPE);
        let mut said = BTreeSet::new();
        for name in types.as_set() {
            let iri = self.vocabulary_iri(active, name, true)?;
            let object = Node::Text(self.dataset.iri(&iri));
            self.check_once(&mut said, object)?;
            self.say(subject, predicate, object, graph);
        }
        Ok(())
    }

    /// The context that holds inside an object, and its keywords (section 5.1.2 steps 7 to 11).
    fn enter(
        &mut self,
        object: &'d Object<'d>,
        place: Place<'_>,
    ) -> Result<(Arc<Context>, Keywords<'d>), RdfError> {
        let mut active = Arc::clone(place.active);
        if let Some(previous) = &place.active.previous {
            let keyword = |name| place.active.keyword(name);
            let is_value = object
                .iter()
                .any(|(name, _)| keyword(name) == Some("@value"));
            let is_reference =
                object.len() == 1 && object.iter().any(|(n, _)| keyword(n) == Some("@id"));
            if !is_value && !is_reference {
                active = Arc::clone(previous);
            }
        }
        if let Some(local) = place.term.and_then(|term| term.context.as_ref()) {
            active = self.worker.scoped(&active, local, Mode::OF_PROPERTY)?;
        }
        if let Some(context) = object.get("@context") {
            active = self.worker.of_document(&active, context)?;
        }
        let mut types = object
            .iter()
            .filter(|(name, _)| active.keyword(name) == Some("@type"));
        let before = Arc::clone(&active);
        if let (Some((_, types)), None) = (types.next(), types.next()) {
            let mut names: Vec<&str> = types.as_set().iter().filter_map(Value::as_str).collect();
            names.sort_unstable();
            for name in names {
                if let Some(local) = before.term(name).and_then(|term| term.context.as_ref()) {
                    active = self.worker.scoped(&active, local, Mode::OF_TYPE)?;
                }
            }
        }
        let mut keywords = self.keywords(object, &active)?;
        keywords.before_types = before;
        Ok((active, keywords))
    }

    fn keywords(
        &mut self,
        object: &'d Object<'d>,
        active: &Context,
    ) -> Result<Keywords<'d>, RdfError> {
        let mut found = Keywords::default();
        for (name, value) in object.iter() {
            let slot = match active.keyword(name) {
                None | Some("@context") => continue,
                Some("@value") => &mut found.value,
                Some("@language") => &mut found.language,
                Some("@id") => &mut found.id,
                Some("@type") => &mut found.types,
                Some(_) => {
                    self.path.push(Step::Name(name));
                    return Err(
                        self.not_covered("expected none of the keywords that are not signed here")
                    );
                }
            };
            if slot.replace(value).is_some() {
                self.path.push(Step::Name(name));
                return Err(self.not_compacted("expected one name for a keyword"));
            }
        }
        // An alias is how the context writes the keyword; of two nobody could say which.
        for (name, _) in object.iter() {
            let aliases = match active.keyword(name) {
                Some(keyword) if name != "@context" => active.names(keyword),
                _ => continue,
            };
            if aliases > usize::from(!is_keyword(name)) {
                self.path.push(Step::Name(name));
                return Err(self
                    .not_compacted("expected the one name that the contexts have for a keyword"));
            }
        }
        Ok(found)
    }

    /// Writes what a member says of a subject.
    fn property(
        &mut self,
        subject: Node,
        name: &'d str,
        value: &'d Value<'d>,
        place: Place<'_>,
        of_document: bool,
    ) -> Result<(), RdfError> {
        let active = place.active;
        let term = active.term(name);
        let iri: Cow<'_, str> = match (term, &active.vocab) {
            (Some(term), _) => match &term.iri {
                Some(iri) => Cow::Borrowed(&**iri),
                None => return Err(self.not_covered("expected a term that means something")),
            },
            (None, _) if looks_like_keyword(name) => {
                return Err(self.not_covered("expected a term of the contexts"));
            }
            (None, _) if name.contains(':') => Cow::Owned(self.written_out(active, name)?),
            (None, Some(vocab)) => Cow::Owned([vocab, name].concat()),
            (None, None) => return Err(self.not_covered("expected a term of the contexts")),
        };
        if !is_iri(&iri) {
            return Err(self.not_covered("expected a term that stands for an absolute IRI"));
        }
        let meant = NAMES.iter().find(|(known, _)| *known == iri);
        if iri == RDF_TYPE
            || LISTS.contains(&&*iri)
            || meant.is_some_and(|(_, known)| *known != name)
            || active.property_name(&iri) != term.map(|_| name)
        {
            return Err(self.not_compacted("expected the name that the contexts have for this"));
        }
        if term.is_some_and(|term| term.unsupported.is_some()) {
            return Err(self.not_covered(
                "expected no term with @reverse, @nest, @index, @direction or a map",
            ));
        }
        let predicate = self.dataset.iri(&iri);
        let rank = Rank::of(&iri);
        let place = Place {
            term: term.map(|term| &**term),
            rank: if of_document { rank } else { Rank::Any },
            wants_object: rank == Rank::Subject,
            has_contexts: of_document && matches!(&*iri, VERIFIABLE_CREDENTIAL | PROOF),
            ..place
        };
        let container = term.map(|term| term.container).unwrap_or_default();
        if term.is_some_and(|term| term.coercion == Coercion::Json) {
            let canonical = value.to_canonical();
            let literal = self
                .dataset
                .literal(&canonical, LiteralKind::Type(RDF_JSON));
            self.say(subject, predicate, Node::Text(literal), place.graph);
            return Ok(());
        }
        match value {
            Value::Object(languages) if container.language => {
                self.by_language(subject, predicate, languages, place.graph)
            }
            _ if container.language => Err(self.not_compacted("expected texts by their languages")),
            _ if container.list => {
                let list = self.list(value, place)?;
                self.say(subject, predicate, list, place.graph);
                Ok(())
            }
            Value::Array(values) => {
                if values.is_empty() {
                    return Err(self.not_covered("expected at least one value"));
                }
                let mut said = BTreeSet::new();
                for (i, value) in values.iter().enumerate() {
                    self.at(Step::Index(i), |w| {
                        let object = w.member(subject, predicate, value, place)?;
                        w.check_once(&mut said, object)
                    })?;
                }
                Ok(())
            }
            one => self.member(subject, predicate, one, place).map(|_| ()),
        }
    }

    /// Writes one value of a property.
    fn member(
        &mut self,
        subject: Node,
        predicate: Span,
        value: &'d Value<'d>,
        place: Place<'_>,
    ) -> Result<Node, RdfError> {
        let object = if place.term.is_some_and(|term| term.container.graph) {
            let Value::Object(object) = value else {
                return Err(self.not_covered("expected an object: a graph of its own"));
            };
            let graph = self.dataset.blank();
            let before = self.dataset.quads().len();
            let inside = Place {
                graph: Some(graph),
                ..place
            };
            let outer = self.root.take();
            self.node(object, inside, true)?;
            self.root = outer;
            if self.dataset.quads().len() == before {
                return Err(self.not_covered("expected an object that says something"));
            }
            graph
        } else {
            self.value(value, place)?
        };
        self.say(subject, predicate, object, place.graph);
        Ok(object)
    }

    /// That a value has not been said already: said twice, it is signed once.
    fn check_once(&self, said: &mut BTreeSet<String>, object: Node) -> Result<(), RdfError> {
        match object {
            Node::Text(span) if !said.insert(self.dataset.text(span).to_owned()) => {
                Err(self.not_covered("expected each value once"))
            }
            _ => Ok(()),
        }
    }

    /// Writes a value, and gives the node or literal that it is.
    fn value(&mut self, value: &'d Value<'d>, place: Place<'_>) -> Result<Node, RdfError> {
        let active = match place.term.and_then(|term| term.context.as_ref()) {
            Some(local) if !matches!(value, Value::Object(_)) => {
                Cow::Owned(self.worker.scoped(place.active, local, Mode::OF_PROPERTY)?)
            }
            _ => Cow::Borrowed(place.active),
        };
        let coercion = place.term.map_or(&Coercion::No, |term| &term.coercion);
        let datatype = match coercion {
            Coercion::Type(datatype) => Some(&**datatype),
            _ => None,
        };
        match (value, coercion) {
            (Value::Object(object), _) => {
                if object
                    .iter()
                    .any(|(name, _)| place.active.keyword(name) == Some("@value"))
                {
                    return self.value_object(object, place);
                }
                self.node(object, place, false)
            }
            (Value::String(_), _) if place.wants_object => {
                Err(self.not_compacted("expected an object"))
            }
            (Value::String(id), Coercion::Id) => {
                if !is_iri(id) || id.starts_with("_:") {
                    return Err(self.not_covered("expected an absolute IRI"));
                }
                self.check_not_compact(&active, id)?;
                self.mention(id, place, false)?;
                Ok(Node::Text(self.dataset.iri(id)))
            }
            (Value::String(_), Coercion::Vocab) => {
                let iri = self.vocabulary_iri(&active, value, false)?;
                self.mention(&iri, place, false)?;
                Ok(Node::Text(self.dataset.iri(&iri)))
            }
            (_, Coercion::Type(datatype)) if **datatype == *RDF_JSON => {
                Err(self.not_compacted("expected a term of the type @json"))
            }
            (Value::String(text), Coercion::Type(datatype))
                if is_native_type(datatype) && is_native(text) =>
            {
                Err(self.not_compacted("expected a number or truth value, not a text of it"))
            }
            (Value::Bool(_) | Value::Number(_), Coercion::Type(datatype))
                if !is_native_type(datatype) =>
            {
                Err(self.not_compacted("expected a text: the term is of a type of texts"))
            }
            (Value::String(text), _) => {
                let language = match place.term.and_then(|term| term.language.as_ref()) {
                    Some(own) => own.as_deref(),
                    None => active.language.as_deref(),
                };
                let kind = match (datatype, language) {
                    (Some(datatype), _) => LiteralKind::Type(datatype),
                    (None, Some(tag)) => LiteralKind::Language(tag),
                    (None, None) => LiteralKind::Type(XSD_STRING),
                };
                Ok(Node::Text(self.dataset.literal(text, kind)))
            }
            (Value::Bool(truth), _) => {
                let text = if *truth { "true" } else { "false" };
                let kind = LiteralKind::Type(datatype.unwrap_or(XSD_BOOLEAN));
                Ok(Node::Text(self.dataset.literal(text, kind)))
            }
            (Value::Number(number), _) => self.number(*number, datatype),
            (Value::Null, _) => Err(self.not_covered("expected a value, not null")),
            (Value::Array(_), _) => Err(self.not_covered("expected no array in an array")),
        }
    }

    /// A number as a literal (section 8.6 steps 4 to 8).
    fn number(&mut self, number: Number, datatype: Option<&str>) -> Result<Node, RdfError> {
        let value = number.as_f64();
        if value == 0.0 && value.is_sign_negative() {
            return Err(self.not_compacted("expected 0, not -0"));
        }
        let is_integer = number.as_i64().is_some() || (value.abs() >= 9.0e15 && value.abs() < 1e21);
        let (text, kind) = if is_integer && datatype != Some(XSD_DOUBLE) {
            // Adding zero makes −0 into 0.
            (format!("{:.0}", value + 0.0), XSD_INTEGER)
        } else {
            let text = canonical_double(value);
            // Digits that the canonical form has no room for would be under no signature.
            if text.parse() != Ok(value) {
                return Err(self.not_covered("expected a number of at most 16 digits"));
            }
            (text, XSD_DOUBLE)
        };
        let kind = LiteralKind::Type(datatype.unwrap_or(kind));
        Ok(Node::Text(self.dataset.literal(&text, kind)))
    }

    fn value_object(&mut self, object: &'d Object<'d>, place: Place<'_>) -> Result<Node, RdfError> {
        let (active, keywords) = self.enter(object, Place { ..place })?;
        let others = object
            .iter()
            .any(|(name, _)| active.keyword(name).is_none());
        let Some(value) = keywords.value.filter(|_| !others && keywords.id.is_none()) else {
            return Err(self.not_covered("expected nothing but a value and its language or type"));
        };
        let term_type = match place.term.map(|term| &term.coercion) {
            Some(Coercion::Type(datatype)) => Some(&**datatype),
            _ => None,
        };
        // The language that a plain text would have here.
        let plain_language = match place.term.and_then(|term| term.language.as_ref()) {
            Some(own) => own.as_deref(),
            None => active.language.as_deref(),
        };
        let is_plain = place
            .term
            .is_none_or(|term| matches!(term.coercion, Coercion::No | Coercion::None));
        match (value, keywords.language, keywords.types) {
            (Value::String(text), Some(tag), None) => {
                let tag = self.language(tag.as_str())?;
                if is_plain && plain_language == Some(&*tag) {
                    return Err(
                        self.not_compacted("expected a plain value: the term has this language")
                    );
                }
                Ok(Node::Text(
                    self.dataset.literal(text, LiteralKind::Language(&tag)),
                ))
            }
            (_, None, Some(Value::String(name))) if name == "@json" => {
                let canonical = value.to_canonical();
                Ok(Node::Text(
                    self.dataset
                        .literal(&canonical, LiteralKind::Type(RDF_JSON)),
                ))
            }
            (Value::String(text), None, Some(name)) => {
                let datatype = self.vocabulary_iri(&keywords.before_types, name, true)?;
                if datatype == RDF_JSON {
                    return Err(self.not_compacted("expected JSON under the type @json"));
                }
                // What a plain value would say is not said in another way.
                let of_plain = match (&*datatype, term_type) {
                    (own, Some(of_term)) => own == of_term,
                    (XSD_STRING, None) => is_plain && plain_language.is_none(),
                    (XSD_BOOLEAN, None) => matches!(&**text, "true" | "false"),
                    (XSD_INTEGER, None) => is_integer(text),
                    (XSD_DOUBLE, None) => is_double(text),
                    _ => false,
                };
                if of_plain {
                    return Err(self.not_compacted("expected a plain value, which has this type"));
                }
                let kind = LiteralKind::Type(&datatype);
                Ok(Node::Text(self.dataset.literal(text, kind)))
            }
            (Value::Null, ..) => Err(self.not_covered("expected a value, not null")),
            _ => {
                Err(self
                    .not_compacted("expected a text with a language or a type, or a plain value"))
            }
        }
    }

    /// A language tag in the form of RDF, written as it is by convention.
    fn language(&self, tag: Option<&str>) -> Result<Arc<str>, RdfError> {
        let found = tag.and_then(language_tag);
        let found = found.ok_or_else(|| self.not_covered("expected a language tag"))?;
        match tag.is_some_and(is_conventional) {
            true => Ok(found),
            false => {
                Err(self.not_compacted("expected the language as it is written by convention"))
            }
        }
    }

    fn by_language(
        &mut self,
        subject: Node,
        predicate: Span,
        languages: &'d Object<'d>,
        graph: Option<Node>,
    ) -> Result<(), RdfError> {
        if languages.is_empty() {
            return Err(self.not_covered("expected at least one language"));
        }
        let mut said = BTreeSet::new();
        for (name, texts) in languages.iter() {
            self.at(Step::Name(name), |w| {
                let tag = w.language(Some(name))?;
                if texts.as_set().is_empty() {
                    return Err(w.not_covered("expected at least one text"));
                }
                for text in texts.as_set() {
                    let text = text.as_str();
                    let text = text.ok_or_else(|| w.not_covered("expected a text"))?;
                    let literal = w.dataset.literal(text, LiteralKind::Language(&tag));
                    w.check_once(&mut said, Node::Text(literal))?;
                    w.say(subject, predicate, Node::Text(literal), graph);
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Writes a list, and gives its head (section 8.7).
    fn list(&mut self, value: &'d Value<'d>, place: Place<'_>) -> Result<Node, RdfError> {
        let first = self.dataset.iri(RDF_FIRST);
        let rest = self.dataset.iri(RDF_REST);
        let mut items = Vec::new();
        for (i, item) in value.as_set().iter().enumerate() {
            items.push(self.at(Step::Index(i), |w| match item {
                Value::Array(_) => w.list(item, place),
                _ => w.value(item, place),
            })?);
        }
        let mut head = Node::Text(self.dataset.iri(RDF_NIL));
        for item in items.into_iter().rev() {
            let cell = self.dataset.blank();
            self.say(cell, first, item, place.graph);
            self.say(cell, rest, head, place.graph);
            head = cell;
        }
        Ok(head)
    }

    fn say(&mut self, subject: Node, predicate: Span, object: Node, graph: Option<Node>) {
        self.dataset.push(Quad {
            subject,
            predicate,
            object,
            graph,
        });
    }

    /// The IRI of a type, or of a word of the vocabulary.
    fn vocabulary_iri(
        &self,
        active: &Context,
        value: &Value<'_>,
        is_type: bool,
    ) -> Result<String, RdfError> {
        let Some(text) = value.as_str() else {
            return Err(self.not_covered("expected a string"));
        };
        let iri = match (active.term(text), &active.vocab) {
            (Some(term), _) => {
                let iri = term.iri.as_deref();
                if iri.is_some_and(|iri| active.type_name(iri) != Some(text)) {
                    return Err(
                        self.not_compacted("expected the term that compaction has for this")
                    );
                }
                iri.map(ToOwned::to_owned)
            }
            (None, _) if text.contains(':') => Some(self.written_out(active, text)?),
            (None, Some(vocab)) => {
                let iri = [vocab, text].concat();
                if active.names(&iri) > 0 {
                    return Err(
                        self.not_compacted("expected the term that the contexts have for this")
                    );
                }
                Some(iri)
            }
            (None, None) => None,
        };
        let iri = iri.filter(|iri| is_iri(iri) && !iri.starts_with("_:"));
        iri.ok_or_else(|| {
            self.not_covered(if is_type {
                "expected a type of the contexts, or an absolute IRI"
            } else {
                "expected a term of the contexts, or an absolute IRI"
            })
        })
    }

    /// What an IRI, in full or by a prefix, stands for. It has one form that is taken, that of compaction: the term for it,
    /// a word of the vocabulary, by a prefix, in full.
    fn written_out(&self, active: &Context, text: &str) -> Result<String, RdfError> {
        let by_prefix = active.of_compact(text);
        let iri = by_prefix.as_deref().unwrap_or(text);
        let vocab = active.vocab.as_deref();
        if active.names(iri) > 0 || vocab.is_some_and(|vocab| iri.starts_with(vocab)) {
            return Err(self.not_compacted("expected the term that the contexts have for this"));
        }
        if active.prefixes_of(iri) != usize::from(by_prefix.is_some()) {
            return Err(
                self.not_compacted("expected the IRI by the one prefix that the contexts have")
            );
        }
        Ok(iri.to_owned())
    }

    /// That an IRI does not turn into another by a prefix that the contexts define.
    fn check_not_compact(&self, active: &Context, iri: &str) -> Result<(), RdfError> {
        match active.of_compact(iri) {
            None => Ok(()),
            Some(_) => Err(self.not_compacted("expected an IRI in full, not by a prefix")),
        }
    }
}

/// A double as XML Schema writes it (JSON-LD 1.1 Processing Algorithms and API section 8.6): one digit, a point, at most
/// 15 more.
fn canonical_double(value: f64) -> String {
    let text = format!("{value:.15E}");
    let (digits, exponent) = text.split_once('E').unwrap_or((&text, "0"));
    let digits = digits.trim_end_matches('0');
    let zero = if digits.ends_with('.') { "0" } else { "" };
    [digits, zero, "E", exponent].concat().to_string()
}

/// Types of XML Schema whose values are numbers or truth values in JSON.
fn is_native_type(datatype: &str) -> bool {
    // Some contexts of credentials have it with https.
    let name = datatype
        .strip_prefix("http")
        .map(|rest| rest.strip_prefix('s').unwrap_or(rest))
        .and_then(|rest| rest.strip_prefix("://www.w3.org/2001/XMLSchema#"));
    name.is_some_and(|name| {
        matches!(
            name,
            "boolean"
                | "decimal"
                | "integer"
                | "double"
                | "float"
                | "long"
                | "int"
                | "short"
                | "byte"
                | "nonNegativeInteger"
                | "positiveInteger"
                | "nonPositiveInteger"
                | "negativeInteger"
                | "unsignedLong"
                | "unsignedInt"
                | "unsignedShort"
                | "unsignedByte"
        )
    })
}

/// Whether a number or truth value would be written so in RDF.
fn is_native(text: &str) -> bool {
    matches!(text, "true" | "false") || is_integer(text) || is_double(text)
}

/// A whole number as RDF has it from JSON.
fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'))
}

/// A double as RDF has it from JSON.
fn is_double(text: &str) -> bool {
    text.contains('E')
        && text
            .parse::<f64>()
            .is_ok_and(|value| value.is_finite() && canonical_double(value) == text)
}
