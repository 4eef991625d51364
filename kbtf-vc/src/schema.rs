use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::json::{self, Object, Value};

use crate::{
    Credential, Error, FailureCode, Need, NotChecked, Step, Verdict,
    resource::{self, Match},
    verdict::short,
    verify::Inputs,
};

/// How often a reference may lead to another, and how deep a schema may be.
const MAX_DEPTH: usize = 64;
/// How many parts of schemas may be held against parts of documents, in all: `anyOf` and references can multiply.
const MAX_WORK: usize = 200_000;

/// A JSON Schema (draft 2020-12) of the keywords that say something about a document's shape.
///
/// Known are `type`, `enum`, `const`; `properties`, `required`, `additionalProperties`, `propertyNames`,
/// `minProperties`, `maxProperties`, `dependentRequired`; `items`, `prefixItems`, `contains`, `minItems`, `maxItems`, `uniqueItems`;
/// `minLength`, `maxLength`; `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`; `allOf`, `anyOf`, `oneOf`,
/// `not`, `if`, `then`, `else`; `$ref` within the schema, `$defs`; and those that only describe: `$schema`, `$id`,
/// `$comment`, `title`, `description`, `default`, `examples`, `format`, `deprecated`, `readOnly`, `writeOnly`. A schema
/// with any other keyword, such as `pattern`, is refused: what is not understood must not count as kept.
///
/// ```
/// use kbtf_vc::Schema;
///
/// let schema = Schema::parse(r#"{"type": "object", "required": ["degree"]}"#)?;
/// let value = kbtf_did::json::parse(r#"{"degree": "공학사"}"#)?;
/// assert!(schema.validate(&value).is_ok());
/// assert_eq!(Schema::parse(r#"{"pattern": "^a"}"#).unwrap_err().code(), "vc/unusable-schema");
/// # Ok::<(), kbtf_vc::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    root: Value<'static>,
    text: String,
}

/// Keywords that only describe.
const DESCRIPTIONS: [&str; 12] = [
    "$schema",
    "$id",
    "$comment",
    "title",
    "description",
    "default",
    "examples",
    "format",
    "deprecated",
    "readOnly",
    "writeOnly",
    "$defs",
];

fn unusable(place: &str, expected: &'static str) -> Error {
    Error::Schema {
        place: short(place).to_owned(),
        expected,
    }
}

impl Schema {
    /// Reads a schema.
    ///
    /// # Errors
    /// A JSON error; `vc/unusable-schema` for a keyword that is not known here or has the wrong shape, another draft, or a
    /// reference that leads nowhere.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let root = json::parse(text)?.into_owned();
        let schema = Self {
            root,
            text: text.to_owned(),
        };
        if let Some(draft) = schema.root.as_object().and_then(|root| root.get("$schema"))
            && draft.as_str() != Some("https://json-schema.org/draft/2020-12/schema")
        {
            return Err(unusable("$schema", "draft 2020-12"));
        }
        schema.check(&schema.root, 0)?;
        Ok(schema)
    }

    /// Holds a value against the schema.
    ///
    /// # Errors
    /// Where it does not fit, as a path of names and numbers, and what the schema wants there.
    pub fn validate(&self, value: &Value<'_>) -> Result<(), SchemaMismatch> {
        let mut work = MAX_WORK;
        self.hold(&self.root, value, 0, &mut work)
    }

    fn check(&self, schema: &Value<'_>, depth: usize) -> Result<(), Error> {
        let object = match schema {
            Value::Bool(_) => return Ok(()),
            Value::Object(object) if depth <= MAX_DEPTH => object,
            _ => return Err(unusable("schema", "an object or a boolean, not too deep")),
        };
        let count = |value: &Value<'_>| {
            value
                .as_number()
                .and_then(json::Number::as_i64)
                .is_some_and(|count| count >= 0)
        };
        let all_of = |value: &Value<'_>, inner: &dyn Fn(&Value<'_>) -> bool| {
            value
                .as_array()
                .is_some_and(|values| values.iter().all(inner))
        };
        let is_name = |value: &Value<'_>| value.as_str().is_some();
        for (keyword, value) in object.iter() {
            let fits = match keyword {
                "$defs" | "properties" => {
                    let Value::Object(inner) = value else {
                        return Err(unusable(keyword, "an object of schemas"));
                    };
                    for (_, inner) in inner.iter() {
                        self.check(inner, depth + 1)?;
                    }
                    true
                }
                "additionalProperties"
                | "propertyNames"
                | "items"
                | "contains"
                | "not"
                | "if"
                | "then"
                | "else" => {
                    self.check(value, depth + 1)?;
                    true
                }
                "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
                    let values = value.as_array().unwrap_or_default();
                    for inner in values {
                        self.check(inner, depth + 1)?;
                    }
                    !values.is_empty()
                }
                "type" => value.as_set().iter().all(|name| {
                    matches!(
                        name.as_str(),
                        Some(
                            "null"
                                | "boolean"
                                | "object"
                                | "array"
                                | "number"
                                | "string"
                                | "integer"
                        )
                    )
                }),
                "enum" => value.as_array().is_some(),
                "const" => true,
                "required" => all_of(value, &is_name),
                "dependentRequired" => value
                    .as_object()
                    .is_some_and(|inner| inner.iter().all(|(_, names)| all_of(names, &is_name))),
                "minProperties" | "maxProperties" | "minItems" | "maxItems" | "minLength"
                | "maxLength" => count(value),
                "uniqueItems" => value.as_bool().is_some(),
                "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => {
                    value.as_number().is_some()
                }
                "$ref" => value.as_str().and_then(|at| self.at(at)).is_some(),
                other if DESCRIPTIONS.contains(&other) => true,
                _ => return Err(unusable(keyword, "a keyword that is known here")),
            };
            if !fits {
                return Err(unusable(keyword, "a value of the keyword's shape"));
            }
        }
        Ok(())
    }

    /// The part of the schema that a reference within it leads to: `#` or `#/$defs/name`.
    fn at(&self, reference: &str) -> Option<&Value<'static>> {
        if reference == "#" {
            return Some(&self.root);
        }
        let name = reference.strip_prefix("#/$defs/")?;
        if name.contains(['/', '~', '%']) {
            return None;
        }
        self.root.as_object()?.get("$defs")?.as_object()?.get(name)
    }

    #[allow(clippy::too_many_lines)]
    fn hold(
        &self,
        schema: &Value<'_>,
        value: &Value<'_>,
        depth: usize,
        work: &mut usize,
    ) -> Result<(), SchemaMismatch> {
        // Fails closed: what costs too much to decide is not kept.
        *work = work.saturating_sub(1);
        if *work == 0 || depth > MAX_DEPTH * 2 {
            return Err(SchemaMismatch::new("schema", "less work to decide"));
        }
        let object = match schema {
            Value::Object(object) => object,
            Value::Bool(true) => return Ok(()),
            _ => return Err(SchemaMismatch::new("", "nothing here")),
        };
        let mut inner =
            |schema: &Value<'_>, value: &Value<'_>| self.hold(schema, value, depth + 1, work);
        for (keyword, wanted) in object.iter() {
            let wrong = |expected: String| Err(SchemaMismatch::new("", expected));
            match (keyword, value) {
                ("$ref", _) => {
                    if let Some(schema) = wanted.as_str().and_then(|at| self.at(at)) {
                        inner(schema, value)?;
                    }
                }
                ("type", _) => {
                    let is = |name: &Value<'_>| name.as_str().is_some_and(|n| is_of_type(value, n));
                    if !wanted.as_set().iter().any(is) {
                        return wrong(format!("type {}", wanted.to_json()));
                    }
                }
                ("enum", _) => {
                    let same = |one: &Value<'_>| equal(one, value);
                    if !wanted.as_array().unwrap_or_default().iter().any(same) {
                        return wrong(format!("one of {}", wanted.to_json()));
                    }
                }
                ("const", _) if !equal(wanted, value) => {
                    return wrong(format!("the value {}", wanted.to_json()));
                }
                ("allOf", _) => {
                    for schema in wanted.as_array().unwrap_or_default() {
                        inner(schema, value)?;
                    }
                }
                ("anyOf", _) => {
                    let mut schemas = wanted.as_array().unwrap_or_default().iter();
                    if !schemas.any(|schema| inner(schema, value).is_ok()) {
                        return wrong("one of anyOf to fit".to_owned());
                    }
                }
                ("oneOf", _) => {
                    let schemas = wanted.as_array().unwrap_or_default().iter();
                    if schemas
                        .filter(|schema| inner(schema, value).is_ok())
                        .count()
                        != 1
                    {
                        return wrong("exactly one of oneOf to fit".to_owned());
                    }
                }
                ("not", _) if inner(wanted, value).is_ok() => {
                    return wrong("what `not` excludes to be absent".to_owned());
                }
                ("if", _) => {
                    let branch = if inner(wanted, value).is_ok() {
                        "then"
                    } else {
                        "else"
                    };
                    if let Some(schema) = object.get(branch) {
                        inner(schema, value)?;
                    }
                }
                ("properties", Value::Object(members)) => {
                    for (name, schema) in wanted.as_object().into_iter().flat_map(Object::iter) {
                        if let Some(member) = members.get(name) {
                            inner(schema, member).map_err(|e| e.within(name))?;
                        }
                    }
                }
                ("additionalProperties", Value::Object(members)) => {
                    let named = object.get("properties").and_then(Value::as_object);
                    for (name, member) in members.iter() {
                        if !named.is_some_and(|named| named.contains(name)) {
                            inner(wanted, member).map_err(|e| e.within(name))?;
                        }
                    }
                }
                ("propertyNames", Value::Object(members)) => {
                    for (name, _) in members.iter() {
                        inner(wanted, &Value::from(name.to_owned())).map_err(|e| e.within(name))?;
                    }
                }
                ("required", Value::Object(members)) => {
                    for name in wanted.as_set().iter().filter_map(Value::as_str) {
                        if !members.contains(name) {
                            return Err(SchemaMismatch::new("", "to be there").within(name));
                        }
                    }
                }
                ("dependentRequired", Value::Object(members)) => {
                    for (if_there, names) in wanted.as_object().into_iter().flat_map(Object::iter) {
                        for name in names.as_set().iter().filter_map(Value::as_str) {
                            if members.contains(if_there) && !members.contains(name) {
                                return Err(SchemaMismatch::new("", "to be there").within(name));
                            }
                        }
                    }
                }
                ("minProperties", Value::Object(members)) if below(members.len(), wanted) => {
                    return wrong(format!("at least {} members", wanted.to_json()));
                }
                ("maxProperties", Value::Object(members)) if above(members.len(), wanted) => {
                    return wrong(format!("at most {} members", wanted.to_json()));
                }
                ("prefixItems", Value::Array(values)) => {
                    let schemas = wanted.as_array().unwrap_or_default();
                    for (i, (schema, value)) in schemas.iter().zip(values).enumerate() {
                        inner(schema, value).map_err(|e| e.within(&i.to_string()))?;
                    }
                }
                ("items", Value::Array(values)) => {
                    let before = object.get("prefixItems").and_then(Value::as_array);
                    let before = before.unwrap_or_default().len();
                    for (i, value) in values.iter().enumerate().skip(before) {
                        inner(wanted, value).map_err(|e| e.within(&i.to_string()))?;
                    }
                }
                ("contains", Value::Array(values))
                    if !values.iter().any(|value| inner(wanted, value).is_ok()) =>
                {
                    return wrong("an element that `contains` describes".to_owned());
                }
                ("minItems", Value::Array(values)) if below(values.len(), wanted) => {
                    return wrong(format!("at least {} elements", wanted.to_json()));
                }
                ("maxItems", Value::Array(values)) if above(values.len(), wanted) => {
                    return wrong(format!("at most {} elements", wanted.to_json()));
                }
                ("uniqueItems", Value::Array(values)) if wanted.as_bool() == Some(true) => {
                    let mut texts: Vec<String> = values.iter().map(Value::to_canonical).collect();
                    texts.sort_unstable();
                    if texts.iter().zip(texts.iter().skip(1)).any(|(a, b)| a == b) {
                        return wrong("elements that are all different".to_owned());
                    }
                }
                ("minLength", Value::String(text)) if below(text.chars().count(), wanted) => {
                    return wrong(format!("at least {} characters", wanted.to_json()));
                }
                ("maxLength", Value::String(text)) if above(text.chars().count(), wanted) => {
                    return wrong(format!("at most {} characters", wanted.to_json()));
                }
                ("minimum", Value::Number(n)) if !bounds(wanted, |w| n.as_f64() >= w) => {
                    return wrong(format!("at least {}", wanted.to_json()));
                }
                ("maximum", Value::Number(n)) if !bounds(wanted, |w| n.as_f64() <= w) => {
                    return wrong(format!("at most {}", wanted.to_json()));
                }
                ("exclusiveMinimum", Value::Number(n)) if !bounds(wanted, |w| n.as_f64() > w) => {
                    return wrong(format!("more than {}", wanted.to_json()));
                }
                ("exclusiveMaximum", Value::Number(n)) if !bounds(wanted, |w| n.as_f64() < w) => {
                    return wrong(format!("less than {}", wanted.to_json()));
                }
                // A keyword about values of another type says nothing of this one.
                _ => {}
            }
        }
        Ok(())
    }
}

/// Where a value does not fit a schema, and what the schema wants there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaMismatch {
    place: String,
    expected: String,
}

impl SchemaMismatch {
    fn new(place: &str, expected: impl Into<String>) -> Self {
        Self {
            place: place.to_owned(),
            expected: expected.into(),
        }
    }

    fn within(mut self, name: &str) -> Self {
        let name = short(name);
        self.place = format!("/{name}{}", self.place);
        self
    }

    /// Where, such as `/credentialSubject/degree`.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What the schema wants there.
    #[must_use]
    pub fn expected(&self) -> &str {
        &self.expected
    }
}

impl core::fmt::Display for SchemaMismatch {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}: expected {}", self.place, short(&self.expected))
    }
}

fn is_of_type(value: &Value<'_>, name: &str) -> bool {
    match (name, value) {
        ("null", Value::Null)
        | ("boolean", Value::Bool(_))
        | ("object", Value::Object(_))
        | ("array", Value::Array(_))
        | ("number", Value::Number(_))
        | ("string", Value::String(_)) => true,
        // 1.0 is an integer too.
        ("integer", Value::Number(number)) => number.as_f64() % 1.0 == 0.0,
        _ => false,
    }
}

/// One value, whatever the order of its members.
fn equal(a: &Value<'_>, b: &Value<'_>) -> bool {
    a.kind() == b.kind() && a.to_canonical() == b.to_canonical()
}

fn bounds(wanted: &Value<'_>, holds: impl Fn(f64) -> bool) -> bool {
    wanted
        .as_number()
        .is_some_and(|wanted| holds(wanted.as_f64()))
}

fn below(length: usize, wanted: &Value<'_>) -> bool {
    count(wanted).is_none_or(|least| length < least)
}

fn above(length: usize, wanted: &Value<'_>) -> bool {
    count(wanted).is_none_or(|most| length > most)
}

fn count(value: &Value<'_>) -> Option<usize> {
    usize::try_from(value.as_number()?.as_i64()?).ok()
}

/// The step `schema`: every entry of `credentialSchema` (VC JSON Schema 1.0, type `JsonSchema`).
pub(crate) fn check_entries(
    verdict: &mut Verdict,
    credential: &Credential<'_>,
    inputs: &Inputs<'_>,
) {
    let object = credential.as_object();
    let Some(entries) = object.get("credentialSchema") else {
        verdict.skip(Step::Schema, NotChecked::Absent);
        return;
    };
    if inputs.policy.waive_schema {
        verdict.skip(Step::Schema, NotChecked::Waived);
        return;
    }
    let mut worst = Verdict::new(NotChecked::Absent);
    for entry in entries.as_set().iter().filter_map(Value::as_object) {
        let mut own = Verdict::new(NotChecked::Absent);
        check_entry(&mut own, entry, object, inputs);
        worst.take_worse(&own, Step::Schema);
        worst.take_needs(own);
    }
    if !verdict.take_bad(&worst, Step::Schema) {
        verdict.pass(Step::Schema);
    }
    verdict.take_needs(worst);
}

fn check_entry(
    verdict: &mut Verdict,
    entry: &Object<'_>,
    document: &Object<'_>,
    inputs: &Inputs<'_>,
) {
    let types = entry.get("type").map(Value::as_set).unwrap_or_default();
    if !matches!(types, [only] if only.as_str() == Some("JsonSchema")) {
        verdict.skip(Step::Schema, NotChecked::Unsupported);
        return;
    }
    let url = entry.get_str("id").unwrap_or_default();
    let Some(schema) = inputs.evidence.schema(url) else {
        verdict.need(Need::Schema(url.to_owned()));
        verdict.skip(Step::Schema, NotChecked::MissingEvidence);
        return;
    };
    match resource::matches(entry, schema.text.as_bytes(), inputs.policy.provider) {
        Match::Yes => {}
        Match::No => return verdict.fail(FailureCode::SchemaChanged, format!("{:?}", short(url))),
        Match::Unreadable => {
            let detail = format!("{:?}: digest", short(url));
            return verdict.fail(FailureCode::SchemaChanged, detail);
        }
        Match::ProviderFailed => return verdict.skip(Step::Schema, NotChecked::ProviderFailed),
    }
    // The schema is of the credential, not of what secures it.
    let mut unsecured = document.clone();
    unsecured.remove("proof");
    match schema.validate(&Value::Object(unsecured)) {
        Ok(()) => verdict.pass(Step::Schema),
        Err(mismatch) => verdict.fail(FailureCode::SchemaMismatch, mismatch.to_string()),
    }
}
