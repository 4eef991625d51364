//! Documents in XML.

use alloc::{
    borrow::{Cow, ToOwned},
    format,
    string::{String, ToString as _},
    vec::Vec,
};

use kbtf_did::json::{Object, Value};
use roxmltree::{Node, NodeType, ParsingOptions};

use crate::{Document, Error, document::MAX_DOCUMENT, error::malformed};

/// The deepest nesting of elements.
const MAX_DEPTH: usize = 40;
/// The most nodes.
const MAX_NODES: u32 = 1 << 22;

impl Document<'static> {
    /// Reads XML 1.0 in UTF-8. An element is an object with `name`, and where it has any, `namespace`, `attributes` (by
    /// their names, those with a namespace as `{namespace}name`) and `children`: text as a string, an element, a comment as
    /// an object with `comment`, an instruction as one with `instruction` and `content`. Text counts as it is given, spaces and line
    /// breaks too; prefixes, the order of attributes, and how a character was written do not. At the top are `children`.
    ///
    /// # Errors
    /// `authenticity/xml`, for a document type in particular: there are no entities that could make one text two;
    /// `authenticity/too-large`; `authenticity/malformed` if it is not UTF-8 or nested too deeply.
    ///
    /// ```
    /// use kbtf_authenticity::Document;
    ///
    /// let document = Document::from_xml("application/xml", b"<a x='1'>text<b xmlns='urn:n'/></a>")?;
    /// assert_eq!(
    ///     document.value().to_canonical(),
    ///     concat!(
    ///         r#"{"children":[{"attributes":{"x":"1"},"children":["text","#,
    ///         r#"{"name":"b","namespace":"urn:n"}],"name":"a"}]}"#
    ///     )
    /// );
    /// # Ok::<(), kbtf_authenticity::Error>(())
    /// ```
    pub fn from_xml(media_type: &str, bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_DOCUMENT {
            return Err(Error::TooLarge {
                place: "document",
                most: MAX_DOCUMENT as u64,
            });
        }
        let text =
            core::str::from_utf8(bytes).map_err(|_| malformed("document", "text in UTF-8"))?;
        let options = ParsingOptions {
            allow_dtd: false,
            nodes_limit: MAX_NODES,
            ..ParsingOptions::default()
        };
        let document =
            roxmltree::Document::parse_with_options(text, options).map_err(|error| Error::Xml {
                reason: error.to_string(),
            })?;
        let mut whole = Object::new();
        whole.insert("children", children(document.root(), 0)?);
        Self::new(media_type, Value::Object(whole))
    }
}

/// What stands in a node; text that stands in several pieces beside each other is one.
fn children(node: Node<'_, '_>, depth: usize) -> Result<Value<'static>, Error> {
    let mut values: Vec<Value<'static>> = Vec::new();
    for child in node.children() {
        let text = || child.text().unwrap_or_default().to_owned();
        let value = match child.node_type() {
            NodeType::Root => continue,
            NodeType::Element => element(child, depth)?,
            NodeType::Text => match values.last_mut() {
                Some(Value::String(before)) => {
                    before.to_mut().push_str(&text());
                    continue;
                }
                _ => Value::String(Cow::Owned(text())),
            },
            NodeType::Comment => one("comment", text()),
            NodeType::PI => {
                let instruction = child.pi();
                let target = instruction.map(|instruction| instruction.target.to_owned());
                let content = instruction.and_then(|instruction| instruction.value);
                let mut object = Object::new();
                object.insert("instruction", target.unwrap_or_default());
                object.insert("content", content.unwrap_or_default().to_owned());
                Value::Object(object)
            }
        };
        values.push(value);
    }
    Ok(Value::Array(values))
}

fn one(name: &'static str, value: String) -> Value<'static> {
    let mut object = Object::new();
    object.insert(name, value);
    Value::Object(object)
}

fn element(node: Node<'_, '_>, depth: usize) -> Result<Value<'static>, Error> {
    if depth == MAX_DEPTH {
        return Err(malformed("document", "elements in at most 40 others"));
    }
    let mut object = Object::new();
    object.insert("name", node.tag_name().name().to_owned());
    if let Some(namespace) = node.tag_name().namespace() {
        object.insert("namespace", namespace.to_owned());
    }
    if node.attributes().len() > 0 {
        let attributes = node.attributes().map(|attribute| {
            let name = match attribute.namespace() {
                Some(namespace) => format!("{{{namespace}}}{}", attribute.name()),
                None => attribute.name().to_owned(),
            };
            let value = Value::String(Cow::Owned(attribute.value().to_owned()));
            (Cow::Owned(name), value)
        });
        // The reader has refused those that are there twice; a name with a brace is none in XML.
        let attributes = Object::from_members(attributes.collect());
        let attributes = attributes.ok_or(malformed("document", "each attribute once"))?;
        object.insert("attributes", Value::Object(attributes));
    }
    if node.has_children() {
        object.insert("children", children(node, depth.saturating_add(1))?);
    }
    Ok(Value::Object(object))
}
