//! An RDF dataset, its terms written as N-Quads write them (RDF 1.1 N-Quads, canonical form of RDFC-1.0 section 5).

use alloc::{string::String, vec::Vec};
use core::{hash::BuildHasher as _, ops::Range};
use std::{collections::HashMap, hash::RandomState};

/// A subject, object or graph name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Node {
    /// A blank node, by its number.
    Blank(u32),
    /// An IRI or literal: where it stands, written out.
    Text(Span),
}

/// Where a term stands in the text of the dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Span {
    start: usize,
    end: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quad {
    pub(super) subject: Node,
    pub(super) predicate: Span,
    pub(super) object: Node,
    pub(super) graph: Option<Node>,
}

impl Quad {
    /// The places where a blank node may stand, with the letters that RDFC-1.0 section 4.7 gives them.
    pub(super) fn places(&self) -> [(Option<Node>, char); 3] {
        [
            (Some(self.subject), 's'),
            (Some(self.object), 'o'),
            (self.graph, 'g'),
        ]
    }
}

/// Quads, and the text of the terms in them.
#[derive(Debug, Default)]
pub(super) struct Dataset {
    text: String,
    quads: Vec<Quad>,
    blanks: u32,
    /// Where texts stand, by their hash: each stands once, so that two terms are one if they stand at one place.
    known: HashMap<u64, Vec<Span>>,
    hashing: RandomState,
}

impl Dataset {
    pub(super) fn quads(&self) -> &[Quad] {
        &self.quads
    }

    pub(super) const fn blanks(&self) -> u32 {
        self.blanks
    }

    pub(super) fn blank(&mut self) -> Node {
        self.blanks += 1;
        Node::Blank(self.blanks - 1)
    }

    pub(super) fn iri(&mut self, iri: &str) -> Span {
        self.write(|text| write_iri(text, iri))
    }

    /// A literal: its lexical form, and its datatype or language. A plain string has neither.
    pub(super) fn literal(&mut self, lexical: &str, kind: LiteralKind<'_>) -> Span {
        self.write(|text| {
            text.push('"');
            write_escaped(text, lexical);
            text.push('"');
            match kind {
                LiteralKind::Type(datatype) if datatype != super::XSD_STRING => {
                    text.push_str("^^");
                    write_iri(text, datatype);
                }
                LiteralKind::Type(_) => {}
                LiteralKind::Language(tag) => {
                    text.push('@');
                    text.push_str(tag);
                }
            }
        })
    }

    fn write(&mut self, write: impl FnOnce(&mut String)) -> Span {
        let start = self.text.len();
        write(&mut self.text);
        let end = self.text.len();
        let new = self.text.get(start..end).unwrap_or_default();
        let alike = self.known.entry(self.hashing.hash_one(new)).or_default();
        let there = alike
            .iter()
            .find(|span| self.text.get(span.start..span.end) == Some(new))
            .copied();
        match there {
            Some(span) => {
                self.text.truncate(start);
                span
            }
            None => {
                let span = Span { start, end };
                alike.push(span);
                span
            }
        }
    }

    pub(super) fn push(&mut self, quad: Quad) {
        self.quads.push(quad);
    }

    pub(super) fn text(&self, span: Span) -> &str {
        let Range { start, end } = span.start..span.end;
        self.text.get(start..end).unwrap_or_default()
    }

    /// Leaves each quad once: a dataset is a set.
    pub(super) fn make_set(&mut self) {
        let node = |node: Node| match node {
            Node::Blank(number) => (Some(number), 0),
            Node::Text(span) => (None, span.start),
        };
        let key = |quad: &Quad| {
            (
                node(quad.subject),
                quad.predicate.start,
                node(quad.object),
                quad.graph.map(node),
            )
        };
        self.quads.sort_unstable_by_key(key);
        self.quads.dedup_by_key(|quad| key(quad));
    }

    /// About how many bytes all quads have, written out.
    pub(super) fn written_length(&self) -> usize {
        let node = |node: Node| match node {
            Node::Blank(_) => 12,
            Node::Text(span) => span.end - span.start,
        };
        self.quads
            .iter()
            .map(|quad| {
                let graph = quad.graph.map_or(0, node);
                node(quad.subject) + quad.predicate.end - quad.predicate.start
                    + node(quad.object)
                    + graph
                    + 5
            })
            .fold(0, usize::saturating_add)
    }

    /// One line of N-Quads, blank nodes named as the caller says.
    pub(super) fn write_quad(
        &self,
        out: &mut String,
        quad: &Quad,
        mut name: impl FnMut(&mut String, u32),
    ) {
        let mut write = |out: &mut String, node: Node| {
            match node {
                Node::Blank(number) => {
                    out.push_str("_:");
                    name(out, number);
                }
                Node::Text(span) => out.push_str(self.text(span)),
            }
            out.push(' ');
        };
        write(out, quad.subject);
        out.push_str(self.text(quad.predicate));
        out.push(' ');
        write(out, quad.object);
        if let Some(graph) = quad.graph {
            write(out, graph);
        }
        out.push_str(".\n");
    }
}

pub(super) enum LiteralKind<'k> {
    Type(&'k str),
    Language(&'k str),
}

fn write_iri(text: &mut String, iri: &str) {
    text.push('<');
    text.push_str(iri);
    text.push('>');
}

/// A string as canonical N-Quads write it: escapes only where there must be some.
fn write_escaped(out: &mut String, text: &str) {
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0c => "\\f",
            0..0x20 | 0x7f => "",
            _ => continue,
        };
        out.push_str(text.get(plain..at).unwrap_or_default());
        plain = at + 1;
        if escape.is_empty() {
            let digit =
                |nibble: u8| char::from_digit(nibble.into(), 16).map(|c| c.to_ascii_uppercase());
            out.push_str("\\u00");
            out.extend(digit(byte >> 4));
            out.extend(digit(byte & 15));
        } else {
            out.push_str(escape);
        }
    }
    out.push_str(text.get(plain..).unwrap_or_default());
}
