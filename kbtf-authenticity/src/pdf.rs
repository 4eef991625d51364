//! The pages of a PDF, by the library `lopdf` (feature `pdf`): to tell which of them differ.
//!
//! It tells where, not whether: that a PDF is the one that was issued is shown by its bytes ([`ByteDigest`](crate::ByteDigest)) or
//! by the commitment to all of its parts.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use alloc::{format, string::String, vec::Vec};

use lopdf::{Dictionary, Document, Object, ObjectId};

use crate::{Error, document::MAX_DOCUMENT, error::malformed};

/// The most pages, objects of a page, and bytes of all parts.
const MAX_PAGES: usize = 10_000;
const MAX_OBJECTS: usize = 1 << 20;
const MAX_BYTES: usize = 256 << 20;
/// The deepest nesting of objects in each other.
const MAX_DEPTH: usize = 64;
/// What a page has from those above it (ISO 32000-1 table 30).
const INHERITED: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];

/// The parts of a PDF, to be added to a [`PartOutline`](crate::PartOutline): `page 1` and so on, each with all that it shows and
/// needs for that, uncompressed; `catalog`, which is all else that belongs to the document, and `information`. Compressed
/// otherwise or with its objects in another order, a page is the same.
///
/// # Errors
/// `authenticity/malformed` for what is no PDF that can be read, or an encrypted one; `authenticity/too-large` for more than 64 MiB,
/// 10 000 pages or 256 MiB uncompressed.
pub fn pdf_parts(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Error> {
    if bytes.len() > MAX_DOCUMENT {
        return Err(Error::TooLarge {
            place: "document",
            most: MAX_DOCUMENT as u64,
        });
    }
    // The library may panic on a file that somebody has made for it.
    catch_unwind(AssertUnwindSafe(|| read(bytes))).unwrap_or(Err(wrong()))
}

const fn wrong() -> Error {
    malformed("document", "a PDF that is not encrypted")
}

fn read(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let document = Document::load_mem(bytes).map_err(|_| wrong())?;
    if document.is_encrypted() || document.was_encrypted() {
        return Err(wrong());
    }
    let pages: Vec<ObjectId> = document.page_iter().take(MAX_PAGES + 1).collect();
    if pages.len() > MAX_PAGES {
        return Err(Error::TooLarge {
            place: "pages",
            most: MAX_PAGES as u64,
        });
    }
    let numbers: BTreeMap<ObjectId, usize> = pages.iter().copied().zip(1..).collect();
    let mut left = MAX_BYTES;
    let mut parts = Vec::new();
    let mut write = |name: String, object: &Object| {
        let mut writer = Writer {
            document: &document,
            pages: &numbers,
            seen: BTreeMap::new(),
            out: Vec::new(),
            left: &mut left,
        };
        writer.object(object, 0)?;
        let bytes = writer.out;
        parts.push((name, bytes));
        Ok::<(), Error>(())
    };
    for (page, number) in pages.iter().zip(1..) {
        let page = whole_page(&document, *page)?;
        write(format!("page {number}"), &Object::Dictionary(page))?;
    }
    let mut catalog = document.catalog().map_err(|_| wrong())?.clone();
    catalog.remove(b"Pages");
    write("catalog".into(), &Object::Dictionary(catalog))?;
    let none = Object::Null;
    write(
        "information".into(),
        document.trailer.get(b"Info").unwrap_or(&none),
    )?;
    Ok(parts)
}

/// A page with what it has from above, and without the way up.
fn whole_page(document: &Document, id: ObjectId) -> Result<Dictionary, Error> {
    let mut page = document.get_dictionary(id).map_err(|_| wrong())?.clone();
    let mut above = page.remove(b"Parent");
    for _ in 0..MAX_DEPTH {
        let Some(Object::Reference(id)) = above else {
            break;
        };
        let parent = document.get_dictionary(id).map_err(|_| wrong())?;
        for name in INHERITED {
            if let (false, Ok(value)) = (page.has(name), parent.get(name)) {
                page.set(name, value.clone());
            }
        }
        above = parent.get(b"Parent").ok().cloned();
    }
    Ok(page)
}

struct Writer<'d> {
    document: &'d Document,
    pages: &'d BTreeMap<ObjectId, usize>,
    /// Objects that stand in this part already, by the order in which they came.
    seen: BTreeMap<ObjectId, usize>,
    out: Vec<u8>,
    left: &'d mut usize,
}

impl Writer<'_> {
    /// A kind, how long, and what.
    fn put(&mut self, kind: u8, bytes: &[u8]) -> Result<(), Error> {
        *self.left =
            self.left
                .checked_sub(bytes.len().saturating_add(9))
                .ok_or(Error::TooLarge {
                    place: "pages",
                    most: MAX_BYTES as u64,
                })?;
        self.out.push(kind);
        self.out.extend((bytes.len() as u64).to_be_bytes());
        self.out.extend(bytes);
        Ok(())
    }

    fn number(&mut self, kind: u8, number: usize) -> Result<(), Error> {
        self.put(kind, &(number as u64).to_be_bytes())
    }

    // As deep as objects may be.
    fn object(&mut self, object: &Object, depth: usize) -> Result<(), Error> {
        if depth == MAX_DEPTH {
            return Err(wrong());
        }
        let deeper = depth.saturating_add(1);
        match object {
            Object::Null => self.put(0, &[]),
            Object::Boolean(value) => self.put(1, &[u8::from(*value)]),
            Object::Integer(value) => self.put(2, &value.to_be_bytes()),
            Object::Real(value) => self.put(3, &value.to_be_bytes()),
            Object::Name(name) => self.put(4, name),
            Object::String(text, _) => self.put(5, text),
            Object::Array(items) => {
                self.number(6, items.len())?;
                items.iter().try_for_each(|item| self.object(item, deeper))
            }
            Object::Dictionary(dictionary) => self.dictionary(dictionary, &[], deeper),
            Object::Stream(stream) => {
                // How it is compressed says nothing of what it shows.
                let left = *self.left;
                let plain = stream.decompressed_content_with_limit(left);
                let (content, left_out): (&[u8], &[&[u8]]) = match &plain {
                    Ok(plain) => (plain, &[b"Length", b"Filter", b"DecodeParms"]),
                    Err(_) => (&stream.content, &[b"Length"]),
                };
                self.put(8, content)?;
                self.dictionary(&stream.dict, left_out, deeper)
            }
            Object::Reference(id) => self.reference(*id, deeper),
        }
    }

    fn dictionary(
        &mut self,
        dictionary: &Dictionary,
        left_out: &[&[u8]],
        depth: usize,
    ) -> Result<(), Error> {
        let mut members: Vec<(&Vec<u8>, &Object)> = dictionary
            .iter()
            .filter(|(name, _)| !left_out.contains(&name.as_slice()))
            .collect();
        members.sort_by_key(|(name, _)| *name);
        self.number(7, members.len())?;
        members.into_iter().try_for_each(|(name, value)| {
            self.put(4, name)?;
            self.object(value, depth)
        })
    }

    fn reference(&mut self, id: ObjectId, depth: usize) -> Result<(), Error> {
        if let Some(page) = self.pages.get(&id) {
            return self.number(9, *page);
        }
        if let Some(place) = self.seen.get(&id) {
            return self.number(10, *place);
        }
        if self.seen.len() == MAX_OBJECTS {
            return Err(Error::TooLarge {
                place: "objects",
                most: MAX_OBJECTS as u64,
            });
        }
        self.seen.insert(id, self.seen.len());
        match self.document.objects.get(&id) {
            // What is not there is null (ISO 32000-1 section 7.3.10).
            None => self.put(0, &[]),
            Some(object) => self.object(object, depth),
        }
    }
}
