use alloc::{
    borrow::{Cow, ToOwned},
    string::String,
    vec::Vec,
};

/// The largest integer that every I-JSON reader holds exactly: 2^53 − 1 (RFC 7493 section 2.2).
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// A JSON value that borrows its strings from the text it was parsed from.
///
/// [`Value::into_owned`] cuts that tie.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A finite IEEE 754 double.
    Number(Number),
    /// A string of Unicode scalar values.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Value<'a>>),
    /// An object; no two members share a name.
    Object(Object<'a>),
}

/// A finite IEEE 754 double, the only number that JSON readers agree on (RFC 7493 section 2.2).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number(f64);

impl Number {
    /// A number from a double; `None` for NaN and the infinities, which JSON cannot say.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self(value))
    }

    /// The value as a double.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.0
    }

    /// The value as an integer, if it is one within ±(2^53 − 1).
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "integral and within 2^53 on this path"
    )]
    pub fn as_i64(self) -> Option<i64> {
        (truncated(self.0) == self.0 && self.0.abs() <= MAX_SAFE_INTEGER).then_some(self.0 as i64)
    }
}

// `f64::trunc` needs std; for |x| <= 2^53 a round trip through i64 is the same thing.
#[expect(
    clippy::cast_possible_truncation,
    reason = "saturating; the caller compares and bounds"
)]
#[expect(
    clippy::cast_precision_loss,
    reason = "exact within 2^53, refused outside"
)]
fn truncated(value: f64) -> f64 {
    (value as i64) as f64
}

impl From<i32> for Number {
    fn from(value: i32) -> Self {
        Self(value.into())
    }
}

impl From<u32> for Number {
    fn from(value: u32) -> Self {
        Self(value.into())
    }
}

/// A JSON object: members in the order of the document, names unique.
///
/// Equality ignores the order, as JSON does.
#[derive(Debug, Clone, Default)]
pub struct Object<'a> {
    members: Vec<(Cow<'a, str>, Value<'a>)>,
}

impl<'a> Object<'a> {
    /// An object without members.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            members: Vec::new(),
        }
    }

    // The parser has already refused duplicates.
    pub(super) fn from_unique(members: Vec<(Cow<'a, str>, Value<'a>)>) -> Self {
        Self { members }
    }

    /// An object of these members, in their order; `None` if two have one name. For many members: one by one, each
    /// [`insert`](Self::insert) looks through all before it.
    ///
    /// ```
    /// use kbtf_did::json::Object;
    ///
    /// assert!(Object::from_members(vec![("a".into(), 1.into()), ("b".into(), 2.into())]).is_some());
    /// assert!(Object::from_members(vec![("a".into(), 1.into()), ("a".into(), 2.into())]).is_none());
    /// ```
    #[must_use]
    pub fn from_members(members: Vec<(Cow<'a, str>, Value<'a>)>) -> Option<Self> {
        super::parse::duplicate(&members)
            .is_none()
            .then_some(Self { members })
    }

    /// The value of a member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.members.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// Whether a member of this name exists, `null` included.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The string value of a member; `None` if it is absent or not a string.
    #[must_use]
    pub fn get_str(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// Sets a member: an existing one keeps its place, a new one goes last. Returns the value it replaces.
    pub fn insert(
        &mut self,
        name: impl Into<Cow<'a, str>>,
        value: impl Into<Value<'a>>,
    ) -> Option<Value<'a>> {
        let (name, value) = (name.into(), value.into());
        if let Some((_, old)) = self.members.iter_mut().find(|(n, _)| *n == name) {
            return Some(core::mem::replace(old, value));
        }
        self.members.push((name, value));
        None
    }

    /// Sets a member that goes first if there is none of this name.
    pub(crate) fn insert_first(&mut self, name: &'static str, value: impl Into<Value<'a>>) {
        if self.contains(name) {
            self.insert(name, value);
        } else {
            self.members.insert(0, (name.into(), value.into()));
        }
    }

    /// Takes a member out.
    pub fn remove(&mut self, name: &str) -> Option<Value<'a>> {
        let at = self.members.iter().position(|(n, _)| n == name)?;
        Some(self.members.remove(at).1)
    }

    /// The members in document order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value<'a>)> {
        self.members.iter().map(|(n, v)| (n.as_ref(), v))
    }

    /// How many members there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// How deep arrays and objects are nested, this object included: 1 for `{}`.
    #[must_use]
    pub fn depth(&self) -> usize {
        1 + self
            .iter()
            .map(|(_, value)| value.depth())
            .max()
            .unwrap_or(0)
    }

    /// The same object, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> Object<'static> {
        Object {
            members: self
                .members
                .into_iter()
                .map(|(n, v)| (Cow::Owned(n.into_owned()), v.into_owned()))
                .collect(),
        }
    }

    /// The object as compact JSON text in document order.
    #[must_use]
    pub fn to_json(&self) -> String {
        super::write::object(self, &[], super::write::Order::Document)
    }

    /// The canonical form (RFC 8785).
    #[must_use]
    pub fn to_canonical(&self) -> String {
        super::write::object(self, &[], super::write::Order::Canonical)
    }

    /// The canonical form (RFC 8785) of the object as it would be without the named top-level members.
    ///
    /// This is what Data Integrity hashes: a document without its `proof`, proof options without their
    /// `proofValue`. Nothing is copied to leave them out.
    #[must_use]
    pub fn to_canonical_without(&self, leave_out: &[&str]) -> String {
        super::write::object(self, leave_out, super::write::Order::Canonical)
    }
}

impl PartialEq for Object<'_> {
    fn eq(&self, other: &Self) -> bool {
        if self.len() != other.len() {
            return false;
        }
        if self.len() <= 24 {
            return self.iter().all(|(n, v)| other.get(n) == Some(v));
        }
        // Equal values have one canonical form, and making it costs no square of the number of members.
        self.to_canonical() == other.to_canonical()
    }
}

impl<'a, N: Into<Cow<'a, str>>, V: Into<Value<'a>>> FromIterator<(N, V)> for Object<'a> {
    /// Later members replace earlier ones of the same name.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(members: I) -> Self {
        let mut object = Self::new();
        for (name, value) in members {
            object.insert(name, value);
        }
        object
    }
}

impl<'a> Value<'a> {
    /// The string, if this is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(s) => Some(s),
            _ => None,
        }
    }

    /// The number, if this is one.
    #[must_use]
    pub fn as_number(&self) -> Option<Number> {
        match self {
            Self::Number(n) => Some(*n),
            _ => None,
        }
    }

    /// The truth value, if this is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// The elements, if this is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value<'a>]> {
        match self {
            Self::Array(a) => Some(a),
            _ => None,
        }
    }

    /// The object, if this is one.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Self::Object(o) => Some(o),
            _ => None,
        }
    }

    /// The elements of an array, or the value itself as the only element: how JSON-LD documents write sets.
    #[must_use]
    pub fn as_set(&self) -> &[Value<'a>] {
        match self {
            Self::Array(a) => a,
            other => core::slice::from_ref(other),
        }
    }

    /// How deep arrays and objects are nested: 0 for a plain value, 1 for `[]`.
    #[must_use]
    pub fn depth(&self) -> usize {
        match self {
            Self::Array(values) => 1 + values.iter().map(Value::depth).max().unwrap_or(0),
            Self::Object(object) => object.depth(),
            _ => 0,
        }
    }

    /// What kind of value this is, for messages: `null`, `boolean`, `number`, `string`, `array`, `object`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    /// The same value, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(b) => Value::Bool(b),
            Self::Number(n) => Value::Number(n),
            Self::String(s) => Value::String(Cow::Owned(s.into_owned())),
            Self::Array(a) => Value::Array(a.into_iter().map(Value::into_owned).collect()),
            Self::Object(o) => Value::Object(o.into_owned()),
        }
    }

    /// The value as compact JSON text, members in document order.
    #[must_use]
    pub fn to_json(&self) -> String {
        super::write::value(self, super::write::Order::Document)
    }

    /// The canonical form (RFC 8785).
    #[must_use]
    pub fn to_canonical(&self) -> String {
        super::write::value(self, super::write::Order::Canonical)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::String(Cow::Borrowed(value))
    }
}

impl From<String> for Value<'_> {
    fn from(value: String) -> Self {
        Self::String(Cow::Owned(value))
    }
}

impl From<&String> for Value<'_> {
    fn from(value: &String) -> Self {
        Self::String(Cow::Owned(value.to_owned()))
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Number> for Value<'_> {
    fn from(value: Number) -> Self {
        Self::Number(value)
    }
}

impl From<i32> for Value<'_> {
    fn from(value: i32) -> Self {
        Self::Number(value.into())
    }
}

impl From<u32> for Value<'_> {
    fn from(value: u32) -> Self {
        Self::Number(value.into())
    }
}

impl<'a> From<Object<'a>> for Value<'a> {
    fn from(value: Object<'a>) -> Self {
        Self::Object(value)
    }
}

impl<'a, T: Into<Value<'a>>> From<Vec<T>> for Value<'a> {
    fn from(values: Vec<T>) -> Self {
        Self::Array(values.into_iter().map(Into::into).collect())
    }
}
