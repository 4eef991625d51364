use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use kbtf_did::json::{Number, Value};

use crate::{Error, error::malformed};

/// One step on the way to a claim.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathElement {
    /// The member of this name.
    Name(String),
    /// The element of an array at this place, counted from 0.
    Index(usize),
    /// Every element of an array; `null` in JSON.
    All,
}

/// The way to a claim, or to several: a claims path pointer (OpenID4VP 1.0 section 7). In JSON an array of strings,
/// numbers and nulls.
///
/// ```
/// use kbtf_vc::ClaimPath;
///
/// let path = ClaimPath::parse(&kbtf_did::json::parse(r#"["nationalities", null, "code"]"#)?)?;
/// assert_eq!(path.to_string(), "nationalities[*].code");
/// # Ok::<(), kbtf_vc::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimPath(Vec<PathElement>);

/// More steps than any document has levels.
const MAX_STEPS: usize = 64;

impl ClaimPath {
    /// A path of names alone.
    ///
    /// # Errors
    /// `vc/malformed` if it is empty or too long.
    pub fn names<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Self, Error> {
        Self::new(
            names
                .into_iter()
                .map(|name| PathElement::Name(name.to_owned())),
        )
    }

    /// A path of any steps.
    ///
    /// # Errors
    /// `vc/malformed` if it is empty or too long.
    pub fn new(elements: impl IntoIterator<Item = PathElement>) -> Result<Self, Error> {
        let elements: Vec<_> = elements.into_iter().take(MAX_STEPS + 1).collect();
        if elements.is_empty() || elements.len() > MAX_STEPS {
            return Err(malformed("path", "1 to 64 steps"));
        }
        Ok(Self(elements))
    }

    /// Reads a path from JSON.
    ///
    /// # Errors
    /// `vc/malformed` unless it is a non-empty array of strings, non-negative integers and nulls.
    pub fn parse(value: &Value<'_>) -> Result<Self, Error> {
        const EXPECTED: &str = "a non-empty array of strings, non-negative integers and nulls";
        let elements = value
            .as_array()
            .ok_or_else(|| malformed("path", EXPECTED))?;
        let element = |value: &Value<'_>| match value {
            Value::String(name) => Some(PathElement::Name(name.to_string())),
            Value::Number(number) => number
                .as_i64()
                .and_then(|index| usize::try_from(index).ok())
                .map(PathElement::Index),
            Value::Null => Some(PathElement::All),
            _ => None,
        };
        let elements: Option<Vec<_>> = elements.iter().map(element).collect();
        Self::new(elements.ok_or_else(|| malformed("path", EXPECTED))?)
    }

    /// The path as JSON.
    #[must_use]
    pub fn to_value(&self) -> Value<'static> {
        let element = |element: &PathElement| match element {
            PathElement::Name(name) => Value::from(name.clone()),
            PathElement::Index(index) => u32::try_from(*index)
                .ok()
                .and_then(|index| Number::new(f64::from(index)))
                .map_or(Value::Null, Value::Number),
            PathElement::All => Value::Null,
        };
        Value::Array(self.0.iter().map(element).collect())
    }

    /// The steps.
    #[must_use]
    pub fn elements(&self) -> &[PathElement] {
        &self.0
    }

    /// What the path leads to: nothing, one value, or, with [`PathElement::All`], several (section 7.1).
    ///
    /// # Errors
    /// `vc/malformed` where a step does not fit what it meets, such as a name on an array: the path was made for another
    /// kind of document.
    pub fn select<'v, 'a>(&self, from: &'v Value<'a>) -> Result<Vec<&'v Value<'a>>, Error> {
        let mut selected = alloc::vec![from];
        for element in &self.0 {
            let mut next = Vec::new();
            for value in selected {
                match (element, value) {
                    (PathElement::Name(name), Value::Object(object)) => {
                        next.extend(object.get(name));
                    }
                    (PathElement::Index(index), Value::Array(values)) => {
                        next.extend(values.get(*index));
                    }
                    (PathElement::All, Value::Array(values)) => next.extend(values),
                    _ => {
                        return Err(malformed(
                            &self.to_string(),
                            "names on objects, numbers and null on arrays",
                        ));
                    }
                }
            }
            selected = next;
        }
        Ok(selected)
    }
}

impl fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, element) in self.0.iter().enumerate() {
            match element {
                PathElement::Name(name) => {
                    let dot = if i == 0 { "" } else { "." };
                    let name = name.chars().filter(|c| !c.is_control());
                    write!(f, "{dot}{}", name.take(80).collect::<String>())?;
                }
                PathElement::Index(index) => write!(f, "[{index}]")?,
                PathElement::All => f.write_str("[*]")?,
            }
        }
        Ok(())
    }
}
