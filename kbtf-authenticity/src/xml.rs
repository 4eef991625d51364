//! Documents in XML (AUT-08).

use alloc::{
    borrow::{Cow, ToOwned},
    collections::{BTreeMap, BTreeSet},
    string::String,
    vec::Vec,
};

use kbtf_did::json::{Object, Value};

use crate::{Document, Error, document::text_of};

/// The deepest nesting of elements: each takes two of the values that a document may have in each other.
const MAX_DEPTH: usize = 30;
/// The most elements, texts, comments and instructions.
const MAX_NODES: usize = 1 << 22;
/// The names of namespaces that two prefixes have without being declared (Namespaces in XML 1.0 section 3).
const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

impl Document<'static> {
    /// Reads XML 1.0 (fifth edition) in UTF-8 with namespaces and without a document type: there are no entities but the five that
    /// are always there.
    ///
    /// An element is an object with `name`, and where it has any, `attributes` and `children`: text as a string, an element, a
    /// comment as an object with `comment`, an instruction as one with `instruction` and `content`. At the top are `children`.
    /// Names stand with their prefixes, and declarations of namespaces among the attributes, as they are written: with another
    /// prefix it is another document. Text counts as readers are given it: spaces count, line ends are line feeds. The order of
    /// attributes, quotes, and how a character was written do not.
    ///
    /// # Errors
    /// `authenticity/xml` with the line; `authenticity/too-large`; `authenticity/malformed` if it is not UTF-8.
    ///
    /// ```
    /// use kbtf_authenticity::Document;
    ///
    /// let document = Document::from_xml("application/xml", b"<a x='1'>text<p:b xmlns:p='urn:n'/></a>")?;
    /// assert_eq!(
    ///     document.value().to_canonical(),
    ///     concat!(
    ///         r#"{"children":[{"attributes":{"x":"1"},"children":["text","#,
    ///         r#"{"attributes":{"xmlns:p":"urn:n"},"name":"p:b"}],"name":"a"}]}"#
    ///     )
    /// );
    /// # Ok::<(), kbtf_authenticity::Error>(())
    /// ```
    pub fn from_xml(media_type: &str, bytes: &[u8]) -> Result<Self, Error> {
        let text = text_of(bytes)?;
        let mut reader = Reader {
            all: text,
            rest: text,
            nodes: 0,
            scope: BTreeMap::new(),
            namespaces: BTreeMap::new(),
        };
        reader.declaration()?;
        let mut children = Vec::new();
        let mut has_element = false;
        loop {
            reader.skip_spaces();
            if reader.rest.is_empty() {
                break;
            }
            if let Some(value) = reader.comment_or_instruction()? {
                children.push(value);
            } else if has_element || !reader.rest.starts_with('<') {
                return Err(reader.expected("one element, and beside it comments and instructions"));
            } else {
                children.push(reader.element(0)?);
                has_element = true;
            }
        }
        if !has_element {
            return Err(reader.expected("an element"));
        }
        let mut whole = Object::new();
        whole.insert("children", children);
        Self::new(media_type, Value::Object(whole))
    }
}

struct Reader<'t> {
    all: &'t str,
    rest: &'t str,
    nodes: usize,
    /// What prefixes stand for, the innermost last; the prefix of names without one is empty.
    scope: BTreeMap<&'t str, Vec<usize>>,
    /// Numbers for the names of namespaces, so that long names are not compared again and again.
    namespaces: BTreeMap<String, usize>,
}

/// XML 1.0 section 2.2.
const fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

/// Whether all characters are such as XML has; printable ASCII, which most are, is seen by its bytes.
fn has_only_chars(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || text.chars().all(is_char)
}

/// XML 1.0 section 2.3, without the colon.
const fn starts_name(c: char) -> bool {
    matches!(c, 'A'..='Z' | 'a'..='z' | '_' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

const fn is_in_name(c: char) -> bool {
    starts_name(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// A name with its prefix, if it has one.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Name<'t> {
    whole: &'t str,
    prefix: &'t str,
    local: &'t str,
}

impl<'t> Reader<'t> {
    /// What was expected here. The line is counted once, when something is wrong.
    fn expected(&self, expected: &'static str) -> Error {
        let read = self.all.len().saturating_sub(self.rest.len());
        let before = self.all.as_bytes().get(..read).unwrap_or_default();
        Error::Xml {
            line: before.iter().filter(|byte| **byte == b'\n').count() + 1,
            expected,
        }
    }

    fn take(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn need(&mut self, token: &str, expected: &'static str) -> Result<(), Error> {
        match self.take(token) {
            true => Ok(()),
            false => Err(self.expected(expected)),
        }
    }

    fn skip_spaces(&mut self) -> bool {
        let rest = self.rest.trim_start_matches(is_space);
        let any = rest.len() < self.rest.len();
        self.rest = rest;
        any
    }

    /// What comes before a token, which is taken too.
    fn until(&mut self, token: &str, expected: &'static str) -> Result<&'t str, Error> {
        let (before, rest) = self
            .rest
            .split_once(token)
            .ok_or_else(|| self.expected(expected))?;
        if !has_only_chars(before) {
            return Err(self.expected("characters that XML has"));
        }
        self.rest = rest;
        Ok(before)
    }

    fn count(&mut self) -> Result<(), Error> {
        self.nodes += 1;
        match self.nodes <= MAX_NODES {
            true => Ok(()),
            false => Err(Error::TooLarge {
                place: "nodes",
                most: MAX_NODES as u64,
            }),
        }
    }

    /// The XML declaration, if there is one: version 1.0, UTF-8.
    fn declaration(&mut self) -> Result<(), Error> {
        let begins = self.rest.strip_prefix("<?xml");
        if !begins.is_some_and(|rest| rest.starts_with(is_space)) {
            return Ok(());
        }
        let expected = "version 1.0, encoding UTF-8 and standalone, in this order";
        self.take("<?xml");
        let mut last = 0;
        loop {
            let spaced = self.skip_spaces();
            if self.take("?>") {
                return match last > 0 {
                    true => Ok(()),
                    false => Err(self.expected(expected)),
                };
            }
            let (place, allowed): (u8, &[&str]) = match self.name(expected)?.whole {
                "version" => (1, &["1.0"]),
                "encoding" => (2, &["utf-8"]),
                "standalone" => (3, &["yes", "no"]),
                _ => return Err(self.expected(expected)),
            };
            self.equals()?;
            let value = self.quoted()?;
            let is_known = match place {
                2 => value.eq_ignore_ascii_case("utf-8"),
                _ => allowed.contains(&value),
            };
            if !spaced || place <= last || (last == 0 && place != 1) || !is_known {
                return Err(self.expected(expected));
            }
            last = place;
        }
    }

    fn equals(&mut self) -> Result<(), Error> {
        self.skip_spaces();
        self.need("=", "an equals sign")?;
        self.skip_spaces();
        Ok(())
    }

    /// What stands between quotes.
    fn quoted(&mut self) -> Result<&'t str, Error> {
        let quote = match self.rest.chars().next() {
            Some('"') => "\"",
            Some('\'') => "'",
            _ => return Err(self.expected("a quote")),
        };
        self.take(quote);
        self.until(quote, "the second quote")
    }

    fn part(&mut self, expected: &'static str) -> Result<&'t str, Error> {
        if !self.rest.starts_with(starts_name) {
            return Err(self.expected(expected));
        }
        let end = self.rest.find(|c| !is_in_name(c));
        let (name, rest) = self
            .rest
            .split_at_checked(end.unwrap_or(self.rest.len()))
            .unwrap_or((self.rest, ""));
        self.rest = rest;
        Ok(name)
    }

    fn name(&mut self, expected: &'static str) -> Result<Name<'t>, Error> {
        let start = self.rest;
        let first = self.part(expected)?;
        if !self.take(":") {
            return Ok(Name {
                whole: first,
                prefix: "",
                local: first,
            });
        }
        let local = self.part("a name after its prefix")?;
        let length = first.len() + 1 + local.len();
        Ok(Name {
            whole: start.get(..length).unwrap_or_default(),
            prefix: first,
            local,
        })
    }

    /// A comment or a processing instruction.
    fn comment_or_instruction(&mut self) -> Result<Option<Value<'static>>, Error> {
        let mut object = Object::new();
        if self.take("<!--") {
            let text = self.until("--", "the end of a comment")?;
            self.need(">", "no two hyphens in a comment")?;
            object.insert("comment", line_ends(text));
        } else if self.take("<?") {
            let target = self.part("the name of an instruction")?;
            if target.eq_ignore_ascii_case("xml") {
                return Err(self.expected("an XML declaration only at the beginning"));
            }
            let spaced = self.skip_spaces();
            let content = self.until("?>", "the end of an instruction")?;
            if !spaced && !content.is_empty() {
                return Err(self.expected("a space after the name of an instruction"));
            }
            object.insert("content", line_ends(content));
            object.insert("instruction", target.to_owned());
        } else {
            return Ok(None);
        }
        self.count()?;
        Ok(Some(object.into()))
    }

    // As deep as elements may be.
    fn element(&mut self, depth: usize) -> Result<Value<'static>, Error> {
        if depth == MAX_DEPTH {
            return Err(self.expected("elements in at most 29 others"));
        }
        self.count()?;
        if self.rest.starts_with("<!") {
            return Err(self.expected("no document type, and sections only in elements"));
        }
        self.need("<", "an element")?;
        let name = self.name("the name of an element")?;
        let mut object = Object::new();
        let (attributes, declared, is_empty) = self.attributes(name)?;
        object.insert("name", name.whole.to_owned());
        if !attributes.is_empty() {
            object.insert("attributes", Value::Object(attributes));
        }
        if !is_empty {
            let children = self.children(depth)?;
            let end = self.name("the end of the element")?;
            if end != name {
                return Err(self.expected("the end of the element that is open"));
            }
            self.skip_spaces();
            self.need(">", "the end of the tag")?;
            if !children.is_empty() {
                object.insert("children", children);
            }
        }
        for prefix in declared {
            if let Some(bound) = self.scope.get_mut(prefix) {
                bound.pop();
            }
        }
        Ok(object.into())
    }

    /// The attributes of an element up to the end of its tag, the prefixes that it declares, and whether it is empty.
    #[allow(clippy::type_complexity)]
    fn attributes(
        &mut self,
        element: Name<'t>,
    ) -> Result<(Object<'static>, Vec<&'t str>, bool), Error> {
        let mut members: Vec<(Cow<'static, str>, Value<'static>)> = Vec::new();
        let mut names: Vec<Name<'t>> = Vec::new();
        let mut declared = Vec::new();
        let is_empty = loop {
            let spaced = self.skip_spaces();
            if self.take(">") {
                break false;
            }
            if self.take("/>") {
                break true;
            }
            let name = self.name("an attribute, or the end of the tag")?;
            if !spaced {
                return Err(self.expected("a space before an attribute"));
            }
            self.equals()?;
            let raw = self.quoted()?;
            let value = self.resolve(raw, true)?;
            match (name.prefix, name.local) {
                ("", "xmlns") => declared.push(self.declare("", &value)?),
                ("xmlns", prefix) => declared.push(self.declare(prefix, &value)?),
                _ => names.push(name),
            }
            members.push((
                Cow::Owned(name.whole.to_owned()),
                Value::String(Cow::Owned(value)),
            ));
        };
        let attributes = Object::from_members(members)
            .ok_or_else(|| self.expected("each attribute once, and each prefix declared once"))?;
        self.bound(element.prefix)?;
        // The same by two prefixes is the same.
        let mut seen = BTreeSet::new();
        for name in names.iter().filter(|name| !name.prefix.is_empty()) {
            if !seen.insert((self.bound(name.prefix)?, name.local)) {
                return Err(self.expected("each attribute once, by whatever prefix"));
            }
        }
        Ok((attributes, declared, is_empty))
    }

    fn declare(&mut self, prefix: &'t str, namespace: &str) -> Result<&'t str, Error> {
        let is_allowed = match prefix {
            "xml" => namespace == XML,
            "xmlns" => false,
            "" => namespace != XML && namespace != XMLNS,
            _ => !namespace.is_empty() && namespace != XML && namespace != XMLNS,
        };
        if !is_allowed {
            return Err(self.expected("a namespace that this prefix may have"));
        }
        let next = self.namespaces.len();
        let number = match self.namespaces.get(namespace) {
            Some(number) => *number,
            None => *self.namespaces.entry(namespace.to_owned()).or_insert(next),
        };
        self.scope.entry(prefix).or_default().push(number);
        Ok(prefix)
    }

    /// The number of the namespace of a prefix; none of names without one.
    fn bound(&self, prefix: &str) -> Result<Option<usize>, Error> {
        let found = self.scope.get(prefix).and_then(|bound| bound.last());
        match (prefix, found) {
            (_, Some(number)) => Ok(Some(*number)),
            ("", None) => Ok(None),
            // Numbers begin at 0, and there are never so many.
            ("xml", None) => Ok(Some(usize::MAX)),
            _ => Err(self.expected("a prefix that is declared")),
        }
    }

    /// What stands in an element, up to and with the `</` of its end.
    fn children(&mut self, depth: usize) -> Result<Vec<Value<'static>>, Error> {
        let mut children: Vec<Value<'static>> = Vec::new();
        let mut text = String::new();
        loop {
            let end = self.rest.find('<');
            let (plain, rest) = end
                .and_then(|end| self.rest.split_at_checked(end))
                .ok_or_else(|| self.expected("the end of the element that is open"))?;
            if plain.contains("]]>") {
                return Err(self.expected("no ]]> in text"));
            }
            if !has_only_chars(plain) {
                return Err(self.expected("characters that XML has"));
            }
            text.push_str(&self.resolve(plain, false)?);
            self.rest = rest;
            if self.take("<![CDATA[") {
                text.push_str(&line_ends(self.until("]]>", "the end of a CDATA section")?));
                continue;
            }
            // Text that stands in several pieces beside each other is one.
            if !text.is_empty() {
                self.count()?;
                children.push(Value::from(core::mem::take(&mut text)));
            }
            if self.take("</") {
                return Ok(children);
            }
            match self.comment_or_instruction()? {
                Some(value) => children.push(value),
                None => children.push(self.element(depth.saturating_add(1))?),
            }
        }
    }

    /// Text with its line ends and references resolved (sections 2.11, 4.1, 4.6), in an attribute with its spaces (3.3.3).
    fn resolve(&self, raw: &str, in_attribute: bool) -> Result<String, Error> {
        // Most text is as it is written.
        if !raw.contains(['&', '<', '\r', '\n', '\t']) {
            return Ok(raw.to_owned());
        }
        if in_attribute && raw.contains('<') {
            return Err(self.expected("no < in an attribute"));
        }
        let plain = |text: &str| {
            let text = line_ends(text);
            match in_attribute {
                true => text.replace(['\t', '\n'], " "),
                false => text,
            }
        };
        let mut parts = raw.split('&');
        let mut resolved = plain(parts.next().unwrap_or_default());
        for part in parts {
            let expected = "amp, lt, gt, apos, quot or the number of a character";
            let (reference, rest) = part
                .split_once(';')
                .filter(|(reference, _)| reference.len() <= 16)
                .ok_or_else(|| self.expected(expected))?;
            let character = match reference {
                "amp" => Some('&'),
                "lt" => Some('<'),
                "gt" => Some('>'),
                "apos" => Some('\''),
                "quot" => Some('"'),
                _ => number(reference)
                    .and_then(char::from_u32)
                    .filter(|c| is_char(*c)),
            };
            resolved.push(character.ok_or_else(|| self.expected(expected))?);
            resolved.push_str(&plain(rest));
        }
        Ok(resolved)
    }
}

/// `#` and decimal digits, or `#x` and hexadecimal ones.
fn number(reference: &str) -> Option<u32> {
    let digits = reference.strip_prefix('#')?;
    let (digits, radix) = match digits.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (digits, 10),
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|b| char::from(b).is_digit(radix));
    is_number.then(|| u32::from_str_radix(digits, radix).ok())?
}

/// XML 1.0 section 2.11.
fn line_ends(text: &str) -> String {
    if !text.contains('\r') {
        return text.to_owned();
    }
    text.replace("\r\n", "\n").replace('\r', "\n")
}
