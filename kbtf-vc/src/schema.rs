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
            // Deeper down they would change what a reference means.
            if depth > 0 && matches!(keyword, "$id" | "$schema") {
                return Err(unusable(keyword, "this keyword at the top only"));
            }
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

    fn hold(
        &self,
        schema: &Value<'_>,
        value: &Value<'_>,
        depth: usize,
        work: &mut usize,
    ) -> Result<(), SchemaMismatch> {
        if depth > MAX_DEPTH * 2 {
            return Err(SchemaMismatch::undecided());
        }
        let object = match schema {
            Value::Object(object) => object,
            Value::Bool(true) => return Ok(()),
            _ => return Err(SchemaMismatch::new("false")),
        };
        for (keyword, wanted) in object.iter() {
            charge(work, 1)?;
            let keeps = match (keyword, value) {
                ("$ref", _) => {
                    if let Some(schema) = wanted.as_str().and_then(|at| self.at(at)) {
                        self.hold(schema, value, depth + 1, work)?;
                    }
                    true
                }
                ("type", _) => {
                    let is = |name: &Value<'_>| name.as_str().is_some_and(|n| is_of_type(value, n));
                    wanted.as_set().iter().any(is)
                }
                ("enum", _) => {
                    let mut same = false;
                    for one in wanted.as_array().unwrap_or_default() {
                        same |= equal(one, value, work)?;
                    }
                    same
                }
                ("const", _) => equal(wanted, value, work)?,
                ("if", _) => {
                    let branch = match self.fits(wanted, value, depth, work)? {
                        true => "then",
                        false => "else",
                    };
                    if let Some(schema) = object.get(branch) {
                        self.hold(schema, value, depth + 1, work)?;
                    }
                    true
                }
                ("not", _) => !self.fits(wanted, value, depth, work)?,
                ("allOf", _) => {
                    for schema in wanted.as_array().unwrap_or_default() {
                        self.hold(schema, value, depth + 1, work)?;
                    }
                    true
                }
                ("anyOf" | "oneOf", _) => {
                    let mut fitting = 0;
                    for schema in wanted.as_array().unwrap_or_default() {
                        fitting += usize::from(self.fits(schema, value, depth, work)?);
                    }
                    fitting == 1 || (fitting > 1 && keyword == "anyOf")
                }
                (_, Value::Object(members)) => {
                    self.keyword_of_object(keyword, wanted, object, members, depth, work)?
                }
                (_, Value::Array(values)) => {
                    self.keyword_of_array(keyword, wanted, object, values, depth, work)?
                }
                ("minLength" | "maxLength", Value::String(text)) => {
                    charge(work, text.len() / 8)?;
                    within(text.chars().count(), keyword, wanted)
                }
                (
                    "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum",
                    Value::Number(number),
                ) => is_within(number.as_f64(), keyword, wanted),
                // A keyword about values of another type says nothing of this one.
                _ => true,
            };
            if !keeps {
                return Err(SchemaMismatch::new(keyword));
            }
        }
        Ok(())
    }

    /// Whether a value fits, where the answer is not the end. What could not be decided is the end all the same: under
    /// `not` or `if` it would otherwise count as kept.
    fn fits(
        &self,
        schema: &Value<'_>,
        value: &Value<'_>,
        depth: usize,
        work: &mut usize,
    ) -> Result<bool, SchemaMismatch> {
        match self.hold(schema, value, depth + 1, work) {
            Ok(()) => Ok(true),
            Err(mismatch) if mismatch.is_undecided() => Err(mismatch),
            Err(_) => Ok(false),
        }
    }

    fn keyword_of_object(
        &self,
        keyword: &str,
        wanted: &Value<'_>,
        schema: &Object<'_>,
        members: &Object<'_>,
        depth: usize,
        work: &mut usize,
    ) -> Result<bool, SchemaMismatch> {
        // A member is looked for among all of them.
        let search = members.len() / 8;
        match keyword {
            "properties" => {
                for (name, schema) in wanted.as_object().into_iter().flat_map(Object::iter) {
                    charge(work, search)?;
                    if let Some(member) = members.get(name) {
                        self.hold(schema, member, depth + 1, work)
                            .map_err(|e| e.within(name))?;
                    }
                }
            }
            "additionalProperties" => {
                let named = schema.get("properties").and_then(Value::as_object);
                for (name, member) in members.iter() {
                    charge(work, named.map_or(0, |named| named.len() / 8))?;
                    if !named.is_some_and(|named| named.contains(name)) {
                        self.hold(wanted, member, depth + 1, work)
                            .map_err(|e| e.within(name))?;
                    }
                }
            }
            "propertyNames" => {
                for (name, _) in members.iter() {
                    self.hold(wanted, &Value::from(name.to_owned()), depth + 1, work)
                        .map_err(|e| e.within(name))?;
                }
            }
            "required" => {
                for name in wanted.as_set().iter().filter_map(Value::as_str) {
                    charge(work, search)?;
                    if !members.contains(name) {
                        return Err(SchemaMismatch::new(keyword).within(name));
                    }
                }
            }
            "dependentRequired" => {
                for (if_there, names) in wanted.as_object().into_iter().flat_map(Object::iter) {
                    charge(work, search)?;
                    for name in names.as_set().iter().filter_map(Value::as_str) {
                        charge(work, search)?;
                        if members.contains(if_there) && !members.contains(name) {
                            return Err(SchemaMismatch::new(keyword).within(name));
                        }
                    }
                }
            }
            "minProperties" | "maxProperties" => return Ok(within(members.len(), keyword, wanted)),
            _ => {}
        }
        Ok(true)
    }

    fn keyword_of_array(
        &self,
        keyword: &str,
        wanted: &Value<'_>,
        schema: &Object<'_>,
        values: &[Value<'_>],
        depth: usize,
        work: &mut usize,
    ) -> Result<bool, SchemaMismatch> {
        match keyword {
            "prefixItems" => {
                let schemas = wanted.as_array().unwrap_or_default();
                for (i, (schema, value)) in schemas.iter().zip(values).enumerate() {
                    self.hold(schema, value, depth + 1, work)
                        .map_err(|e| e.within(&i.to_string()))?;
                }
            }
            "items" => {
                let before = schema.get("prefixItems").and_then(Value::as_array);
                let before = before.unwrap_or_default().len();
                for (i, value) in values.iter().enumerate().skip(before) {
                    self.hold(wanted, value, depth + 1, work)
                        .map_err(|e| e.within(&i.to_string()))?;
                }
            }
            "contains" => {
                for value in values {
                    if self.fits(wanted, value, depth, work)? {
                        return Ok(true);
                    }
                }
                return Ok(false);
            }
            "minItems" | "maxItems" => return Ok(within(values.len(), keyword, wanted)),
            "uniqueItems" if wanted.as_bool() == Some(true) => {
                let mut texts = Vec::with_capacity(values.len());
                for value in values {
                    let text = value.to_canonical();
                    charge(work, 1 + text.len() / 8)?;
                    texts.push(text);
                }
                texts.sort_unstable();
                return Ok(!texts.iter().zip(texts.iter().skip(1)).any(|(a, b)| a == b));
            }
            _ => {}
        }
        Ok(true)
    }
}

/// Takes so much off the work that is left.
fn charge(work: &mut usize, cost: usize) -> Result<(), SchemaMismatch> {
    *work = work
        .checked_sub(cost)
        .ok_or_else(SchemaMismatch::undecided)?;
    Ok(())
}

/// Where a value does not fit a schema, and what the schema wants there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaMismatch {
    place: String,
    expected: String,
}

impl SchemaMismatch {
    /// What a mismatch says when deciding it would take too long.
    const UNDECIDED: &'static str = "less work to decide";

    fn new(keyword: &str) -> Self {
        Self {
            place: String::new(),
            expected: format!("what the keyword {:?} says", short(keyword)),
        }
    }

    fn undecided() -> Self {
        Self {
            place: String::new(),
            expected: Self::UNDECIDED.to_owned(),
        }
    }

    fn is_undecided(&self) -> bool {
        self.expected == Self::UNDECIDED
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

/// Whether two are one value, whatever the order of members.
fn equal(a: &Value<'_>, b: &Value<'_>, work: &mut usize) -> Result<bool, SchemaMismatch> {
    if a.kind() != b.kind() {
        return Ok(false);
    }
    let (a, b) = (a.to_canonical(), b.to_canonical());
    charge(work, 1 + a.len() / 8 + b.len() / 8)?;
    Ok(a == b)
}

fn is_within(number: f64, keyword: &str, wanted: &Value<'_>) -> bool {
    wanted.as_number().is_some_and(|wanted| {
        let wanted = wanted.as_f64();
        match keyword {
            "minimum" => number >= wanted,
            "maximum" => number <= wanted,
            "exclusiveMinimum" => number > wanted,
            _ => number < wanted,
        }
    })
}

/// Whether a length keeps a keyword that begins with `min` or `max`.
fn within(length: usize, keyword: &str, wanted: &Value<'_>) -> bool {
    count(wanted).is_some_and(|wanted| match keyword.starts_with("min") {
        true => length >= wanted,
        false => length <= wanted,
    })
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
