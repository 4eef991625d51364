//! RDF Dataset Canonicalization, RDFC-1.0 (W3C Recommendation): names for blank nodes that depend on nothing but the
//! dataset, and the quads in order.

use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::CryptoProvider;

use super::{
    GraphHash,
    dataset::{Dataset, Node, Quad},
};
use crate::{Error, RdfError};

/// How much may be done to tell nodes apart that look alike: nodes, quads and names looked at. There are datasets made to
/// need more than any machine can do (section 7.1); such a one is refused.
const MAX_WORK: usize = 1 << 19;
/// How many nodes that look alike may lie on one way. Each has its place on the stack.
const MAX_DEPTH: usize = 64;
/// The most bytes of quads. Each of them repeats its subject, so a short document can have a long form.
const MAX_TEXT: usize = 1 << 23;

/// The canonical form of a dataset (section 4.4).
pub(super) fn canonical_form(
    dataset: &mut Dataset,
    hash: GraphHash,
    provider: &dyn CryptoProvider,
) -> Result<String, Error> {
    if dataset.written_length() > MAX_TEXT {
        return Err(RdfError::TooComplex.into());
    }
    dataset.make_set();
    let dataset = &*dataset;
    let mut work = Canonicalizer {
        dataset,
        hash,
        provider,
        mentions: mentions(dataset),
        first_degree: Vec::new(),
        canonical: Issuer::new("c14n"),
        work: 0,
    };
    let mut alike: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for node in 0..dataset.blanks() {
        let hash = work.hash_first_degree(node)?;
        // A blank node that no quad mentions is not in the dataset.
        if work
            .mentions
            .get(node as usize)
            .is_some_and(|quads| !quads.is_empty())
        {
            alike.entry(hash.clone()).or_default().push(node);
        }
        work.first_degree.push(hash);
    }
    alike.retain(|_, nodes| match nodes.as_slice() {
        [only] => {
            work.canonical.issue(*only);
            false
        }
        _ => true,
    });
    for nodes in alike.into_values() {
        work.name_alike(&nodes)?;
    }
    let mut lines: Vec<String> = Vec::with_capacity(dataset.quads().len());
    for quad in dataset.quads() {
        let mut line = String::with_capacity(160);
        dataset.write_quad(&mut line, quad, |out, node| work.canonical.write(out, node));
        lines.push(line);
    }
    lines.sort_unstable();
    Ok(lines.concat())
}

/// For each blank node the quads that mention it.
fn mentions(dataset: &Dataset) -> Vec<Vec<Quad>> {
    let mut mentions: Vec<Vec<Quad>> = Vec::new();
    mentions.resize_with(dataset.blanks() as usize, Vec::new);
    for quad in dataset.quads() {
        let mut seen: [Option<u32>; 3] = [None; 3];
        for (place, seen_here) in quad.places().into_iter().zip(0..) {
            if let (Some(Node::Blank(node)), _) = place
                && !seen.contains(&Some(node))
            {
                if let Some(own) = mentions.get_mut(node as usize) {
                    own.push(*quad);
                }
                if let Some(slot) = seen.get_mut(seen_here) {
                    *slot = Some(node);
                }
            }
        }
    }
    mentions
}

/// Gives out names, one after the other (section 4.5).
#[derive(Debug, Clone)]
struct Issuer {
    prefix: &'static str,
    numbers: BTreeMap<u32, usize>,
    order: Vec<u32>,
}

impl Issuer {
    const fn new(prefix: &'static str) -> Self {
        Self {
            prefix,
            numbers: BTreeMap::new(),
            order: Vec::new(),
        }
    }

    fn issue(&mut self, node: u32) {
        if !self.numbers.contains_key(&node) {
            self.numbers.insert(node, self.order.len());
            self.order.push(node);
        }
    }

    fn has(&self, node: u32) -> bool {
        self.numbers.contains_key(&node)
    }

    fn write(&self, out: &mut String, node: u32) {
        if let Some(number) = self.numbers.get(&node) {
            out.push_str(self.prefix);
            out.push_str(&number.to_string());
        }
    }
}

struct Canonicalizer<'d> {
    dataset: &'d Dataset,
    hash: GraphHash,
    provider: &'d dyn CryptoProvider,
    mentions: Vec<Vec<Quad>>,
    first_degree: Vec<String>,
    canonical: Issuer,
    work: usize,
}

impl Canonicalizer<'_> {
    fn digest(&self, text: &str) -> Result<String, Error> {
        let mut hex = String::with_capacity(96);
        let mut write = |bytes: &[u8]| {
            for byte in bytes {
                hex.extend(char::from_digit((byte >> 4).into(), 16));
                hex.extend(char::from_digit((byte & 15).into(), 16));
            }
        };
        match self.hash {
            GraphHash::Sha256 => write(&self.provider.sha256(text.as_bytes())?),
            GraphHash::Sha384 => write(&self.provider.sha384(text.as_bytes())?),
        }
        Ok(hex)
    }

    fn mentions_of(&self, node: u32) -> &[Quad] {
        self.mentions.get(node as usize).map_or(&[], Vec::as_slice)
    }

    /// Section 4.6.
    fn hash_first_degree(&self, node: u32) -> Result<String, Error> {
        let mut lines = Vec::new();
        for quad in self.mentions_of(node) {
            let mut line = String::with_capacity(160);
            self.dataset.write_quad(&mut line, quad, |out, other| {
                out.push(if other == node { 'a' } else { 'z' });
            });
            lines.push(line);
        }
        lines.sort_unstable();
        self.digest(&lines.concat())
    }

    /// Names nodes of one first-degree hash (section 4.4.3 step 5).
    fn name_alike(&mut self, nodes: &[u32]) -> Result<(), Error> {
        let mut paths = Vec::new();
        for node in nodes.iter().copied() {
            if !self.canonical.has(node) {
                let mut issuer = Issuer::new("b");
                issuer.issue(node);
                paths.push(self.hash_n_degree(node, issuer, 0)?);
            }
        }
        paths.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (_, issuer) in paths {
            for node in issuer.order {
                self.canonical.issue(node);
            }
        }
        Ok(())
    }

    /// Section 4.7.
    fn hash_related(
        &self,
        related: u32,
        quad: &Quad,
        issuer: &Issuer,
        place: char,
    ) -> Result<String, Error> {
        let mut input = String::from(place);
        if place != 'g' {
            input.push_str(self.dataset.text(quad.predicate));
        }
        if self.canonical.has(related) || issuer.has(related) {
            input.push_str("_:");
            let of = if self.canonical.has(related) {
                &self.canonical
            } else {
                issuer
            };
            of.write(&mut input, related);
        } else if let Some(hash) = self.first_degree.get(related as usize) {
            input.push_str(hash);
        }
        self.digest(&input)
    }

    fn count(&mut self, amount: usize) -> Result<(), Error> {
        self.work = self.work.saturating_add(amount).saturating_add(16);
        if self.work > MAX_WORK {
            return Err(RdfError::TooComplex.into());
        }
        Ok(())
    }

    /// Section 4.8.
    fn hash_n_degree(
        &mut self,
        node: u32,
        mut issuer: Issuer,
        depth: usize,
    ) -> Result<(String, Issuer), Error> {
        if depth > MAX_DEPTH {
            return Err(RdfError::TooComplex.into());
        }
        // The predicate of each quad is hashed, however long it is.
        let hashed = |quad: &Quad| 1 + self.dataset.text(quad.predicate).len() / 64;
        self.count(self.mentions_of(node).iter().map(hashed).sum())?;
        let mut groups: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for quad in self.mentions_of(node) {
            for (component, place) in quad.places() {
                if let Some(Node::Blank(related)) = component
                    && related != node
                {
                    let hash = self.hash_related(related, quad, &issuer, place)?;
                    groups.entry(hash).or_default().push(related);
                }
            }
        }
        let mut data = String::new();
        for (hash, mut group) in groups {
            data.push_str(&hash);
            let mut chosen: Option<(String, Issuer)> = None;
            group.sort_unstable();
            loop {
                if let Some(better) = self.path(&group, &issuer, chosen.as_ref(), depth)? {
                    chosen = Some(better);
                }
                if !next_permutation(&mut group) {
                    break;
                }
            }
            if let Some((path, of_path)) = chosen {
                data.push_str(&path);
                issuer = of_path;
            }
        }
        Ok((self.digest(&data)?, issuer))
    }

    /// The path of one order of nodes, if it is less than the one chosen so far.
    fn path(
        &mut self,
        order: &[u32],
        issuer: &Issuer,
        chosen: Option<&(String, Issuer)>,
        depth: usize,
    ) -> Result<Option<(String, Issuer)>, Error> {
        self.count(order.len() + issuer.order.len())?;
        let is_beaten = |path: &str| {
            chosen.is_some_and(|(best, _)| path.len() >= best.len() && path > best.as_str())
        };
        let mut issuer = issuer.clone();
        let mut path = String::new();
        let mut unnamed = Vec::new();
        for related in order.iter().copied() {
            path.push_str("_:");
            if self.canonical.has(related) {
                self.canonical.write(&mut path, related);
            } else {
                if !issuer.has(related) {
                    unnamed.push(related);
                    issuer.issue(related);
                }
                issuer.write(&mut path, related);
            }
            if is_beaten(&path) {
                return Ok(None);
            }
        }
        for related in unnamed {
            self.count(issuer.order.len())?;
            let (hash, of_result) = self.hash_n_degree(related, issuer.clone(), depth + 1)?;
            path.push_str("_:");
            issuer.issue(related);
            issuer.write(&mut path, related);
            path.push_str(&format!("<{hash}>"));
            issuer = of_result;
            if is_beaten(&path) {
                return Ok(None);
            }
        }
        let is_less = chosen.is_none_or(|(best, _)| path < *best);
        Ok(is_less.then_some((path, issuer)))
    }
}

/// The next order of a list in lexicographic order; false after the last.
fn next_permutation(list: &mut [u32]) -> bool {
    let descent = list
        .windows(2)
        .rposition(|pair| matches!(pair, [a, b] if a < b));
    let Some(at) = descent else {
        return false;
    };
    let (head, tail) = list.split_at_mut(at + 1);
    if let Some(pivot) = head.last_mut()
        && let Some(other) = tail.iter_mut().rev().find(|other| **other > *pivot)
    {
        core::mem::swap(pivot, other);
    }
    tail.reverse();
    true
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
mod tests {
    use std::{collections::HashMap, vec};

    use kbtf_did::{SOFTWARE, json};

    use super::*;
    use crate::rdfc::dataset::LiteralKind;

    /// Reads N-Quads as their canonical form writes them, but for the names of blank nodes and the order of lines. Enough
    /// for the datasets here, and no more.
    fn read(text: &str) -> Dataset {
        let mut dataset = Dataset::default();
        let mut blanks = HashMap::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let mut terms = vec![];
            let mut rest = line.trim();
            while rest != "." {
                let end = match rest.as_bytes()[0] {
                    b'<' => rest.find('>').unwrap() + 1,
                    b'_' => rest.find(' ').unwrap(),
                    _ => {
                        let bytes = rest.as_bytes();
                        let mut at = 1;
                        while bytes[at] != b'"' {
                            at += if bytes[at] == b'\\' { 2 } else { 1 };
                        }
                        at + 1 + rest[at + 1..].find([' ', '\t']).unwrap()
                    }
                };
                let term = &rest[..end];
                terms.push(match term.as_bytes()[0] {
                    b'_' => *blanks.entry(term).or_insert_with(|| dataset.blank()),
                    b'<' => Node::Text(dataset.iri(&term[1..term.len() - 1])),
                    _ => literal(&mut dataset, term),
                });
                rest = rest[end..].trim_start();
            }
            let Node::Text(predicate) = terms[1] else {
                panic!("{line}");
            };
            dataset.push(Quad {
                subject: terms[0],
                predicate,
                object: terms[2],
                graph: terms.get(3).copied(),
            });
        }
        dataset
    }

    fn literal(dataset: &mut Dataset, term: &str) -> Node {
        let end = term.rfind('"').unwrap();
        let mut lexical = String::new();
        let mut chars = term[1..end].chars();
        while let Some(c) = chars.next() {
            lexical.push(match c {
                '\\' => match chars.next().unwrap() {
                    't' => '\t',
                    'n' => '\n',
                    'r' => '\r',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'u' => {
                        let digits: String = chars.by_ref().take(4).collect();
                        char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).unwrap()
                    }
                    other => other,
                },
                other => other,
            });
        }
        let kind = match &term[end + 1..] {
            "" => LiteralKind::Type(crate::rdfc::XSD_STRING),
            rest if rest.starts_with('@') => LiteralKind::Language(&rest[1..]),
            rest => LiteralKind::Type(&rest[3..rest.len() - 1]),
        };
        Node::Text(dataset.literal(&lexical, kind))
    }

    /// Judged by rdf-canonize, of other authors: tests/data/datasets.mjs.
    #[test]
    fn datasets_have_the_canonical_form_that_another_implementation_gives_them() {
        let datasets = include_str!("../../tests/data/datasets.json");
        let datasets = json::parse(datasets).unwrap();
        assert_eq!(datasets.as_array().unwrap().len(), 60);
        for (i, case) in datasets.as_array().unwrap().iter().enumerate() {
            let case = case.as_object().unwrap();
            let hash = match case.get("sha384").unwrap().as_bool() {
                Some(true) => GraphHash::Sha384,
                _ => GraphHash::Sha256,
            };
            let mut dataset = read(case.get_str("input").unwrap());
            let canonical = canonical_form(&mut dataset, hash, &SOFTWARE).unwrap();
            assert_eq!(canonical, case.get_str("canonical").unwrap(), "dataset {i}");
        }
    }

    /// RDFC-1.0 section 7.1: every node of a clique looks like every other.
    #[test]
    fn a_dataset_made_to_take_for_ever_is_refused() {
        let mut text = String::new();
        for a in 0..12 {
            for b in (0..12).filter(|b| *b != a) {
                text.push_str(&format!("_:n{a} <urn:p> _:n{b} .\n"));
            }
        }
        let refused = canonical_form(&mut read(&text), GraphHash::Sha256, &SOFTWARE).unwrap_err();
        assert_eq!(refused.code(), "vc/graph-too-complex");
    }

    #[test]
    fn a_quad_said_twice_is_said_once() {
        let mut once = read("_:a <urn:p> _:b .\n");
        let mut twice = read("_:a <urn:p> _:b .\n_:a <urn:p> _:b .\n");
        let form =
            |dataset: &mut Dataset| canonical_form(dataset, GraphHash::Sha256, &SOFTWARE).unwrap();
        assert_eq!(form(&mut once), form(&mut twice));
    }
}
