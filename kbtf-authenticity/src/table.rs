//! Tables: text with commas (RFC 4180).

use alloc::{borrow::Cow, string::String, vec::Vec};

use kbtf_did::json::{Object, Value};

use crate::{
    Document, Error,
    document::{MAX_DOCUMENT, text_of},
};

/// Whether the first line of a table names the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    /// It does: each row is an object, and the names stand beside the rows in their order.
    Named,
    /// It does not: each row is an array.
    None,
}

/// The most cells.
const MAX_CELLS: usize = 1 << 22;
/// The most bytes that the names of columns take, once for each row.
const MAX_NAMES: usize = 4 * MAX_DOCUMENT;

impl<'d> Document<'d> {
    /// Reads a table in the form of RFC 4180, in UTF-8: cells between commas, those with commas, quotes or line breaks in
    /// double quotes, quotes in them doubled; lines that all end with CR LF or all with LF, the last too or not; as many cells in
    /// each. A cell is text: `1.0` is not `1`, and an empty one is there. A byte order mark at the beginning is left out. Media
    /// type `text/csv`.
    ///
    /// The document is an object with `rows`, and with a header also `columns`.
    ///
    /// # Errors
    /// `authenticity/table` with the line; `authenticity/too-large` for more than 64 MiB, 2^22 cells, or 256 MiB of names in all rows;
    /// `authenticity/malformed` if it is not UTF-8.
    ///
    /// ```
    /// use kbtf_authenticity::{Document, Header};
    ///
    /// let table = Document::from_csv("이름,금액\r\n\"홍, 길동\",100\r\n".as_bytes(), Header::Named)?;
    /// assert_eq!(
    ///     table.value().to_canonical(),
    ///     r#"{"columns":["이름","금액"],"rows":[{"금액":"100","이름":"홍, 길동"}]}"#
    /// );
    /// # Ok::<(), kbtf_authenticity::Error>(())
    /// ```
    pub fn from_csv(bytes: &'d [u8], header: Header) -> Result<Self, Error> {
        let text = text_of(bytes)?;
        let mut lines = Lines {
            rest: text,
            line: 1,
            ending: None,
            cells: 0,
        };
        let mut rows = Vec::new();
        while let Some((line, row)) = lines.next_row()? {
            rows.push((line, row));
        }
        let width = rows.first().map(|(_, row)| row.len());
        let other = rows.iter().find(|(_, row)| Some(row.len()) != width);
        if let Some((line, _)) = other {
            return Err(table(*line, "as many cells as in the first line"));
        }
        let mut rows = rows.into_iter();
        let mut whole = Vec::new();
        let rows = match header {
            Header::None => rows
                .map(|(_, row)| Value::Array(row.into_iter().map(Value::String).collect()))
                .collect(),
            Header::Named => {
                let (_, names) = rows.next().ok_or(table(1, "the names of the columns"))?;
                // They stand in each row.
                let length: usize = names.iter().map(|name| name.len()).sum();
                if length.saturating_mul(rows.len()) > MAX_NAMES {
                    return Err(Error::TooLarge {
                        place: "names of columns in all rows",
                        most: MAX_NAMES as u64,
                    });
                }
                let named = |(_, row): Row<'d>| {
                    let members = names
                        .iter()
                        .cloned()
                        .zip(row.into_iter().map(Value::String));
                    let object = Object::from_members(members.collect());
                    object.map(Value::Object).ok_or(table(1, "each name once"))
                };
                // Without a row too.
                named((1, names.clone()))?;
                let rows: Vec<Value<'d>> = rows.map(named).collect::<Result<_, _>>()?;
                let names = names.into_iter().map(Value::String).collect();
                whole.push((Cow::Borrowed("columns"), Value::Array(names)));
                rows
            }
        };
        whole.push((Cow::Borrowed("rows"), Value::Array(rows)));
        let whole = whole
            .into_iter()
            .fold(Object::new(), |mut object, (name, value)| {
                object.insert(name, value);
                object
            });
        Self::new("text/csv", Value::Object(whole))
    }
}

const fn table(line: usize, expected: &'static str) -> Error {
    Error::Table { line, expected }
}

/// The line on which it begins, and its cells.
type Row<'d> = (usize, Vec<Cow<'d, str>>);

struct Lines<'d> {
    rest: &'d str,
    line: usize,
    /// How the first line ends: all end so.
    ending: Option<&'static str>,
    cells: usize,
}

/// What comes behind a cell.
enum After {
    Cell,
    Line,
    End,
}

impl<'d> Lines<'d> {
    fn next_row(&mut self) -> Result<Option<Row<'d>>, Error> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let begins = self.line;
        let mut row = Vec::new();
        loop {
            self.cells += 1;
            if self.cells > MAX_CELLS {
                return Err(Error::TooLarge {
                    place: "cells",
                    most: MAX_CELLS as u64,
                });
            }
            row.push(self.cell()?);
            match self.after()? {
                After::Cell => {}
                After::Line | After::End => return Ok(Some((begins, row))),
            }
        }
    }

    fn cell(&mut self) -> Result<Cow<'d, str>, Error> {
        match self.rest.strip_prefix('"') {
            Some(inside) => self.quoted(inside),
            None => {
                let end = self.rest.find([',', '\n', '\r', '"']);
                let (cell, rest) = match end {
                    Some(end) => self.rest.split_at(end),
                    None => (self.rest, ""),
                };
                if rest.starts_with('"') {
                    return Err(table(self.line, "quotes around the whole cell"));
                }
                self.rest = rest;
                Ok(Cow::Borrowed(cell))
            }
        }
    }

    fn quoted(&mut self, mut inside: &'d str) -> Result<Cow<'d, str>, Error> {
        let mut cell: Option<String> = None;
        loop {
            let (part, rest) = inside
                .split_once('"')
                .ok_or(table(self.line, "a quote at the end of the cell"))?;
            self.line += part.matches('\n').count();
            match rest.strip_prefix('"') {
                None => {
                    self.rest = rest;
                    return Ok(match cell {
                        None => Cow::Borrowed(part),
                        Some(before) => Cow::Owned(before + part),
                    });
                }
                Some(rest) => {
                    let cell = cell.get_or_insert_default();
                    cell.push_str(part);
                    cell.push('"');
                    inside = rest;
                }
            }
        }
    }

    fn after(&mut self) -> Result<After, Error> {
        if self.rest.is_empty() {
            return Ok(After::End);
        }
        if let Some(rest) = self.rest.strip_prefix(',') {
            self.rest = rest;
            return Ok(After::Cell);
        }
        let endings = ["\r\n", "\n"];
        let found = endings
            .into_iter()
            .find(|ending| self.rest.starts_with(ending));
        let found = found.filter(|found| *self.ending.get_or_insert(found) == *found);
        let found = found.ok_or(table(
            self.line,
            "a comma, or the end of the line as all lines end",
        ))?;
        self.rest = self.rest.get(found.len()..).unwrap_or_default();
        self.line += 1;
        Ok(After::Line)
    }
}
