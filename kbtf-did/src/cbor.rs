//! The part of CBOR (RFC 8949) that codes on paper and packed documents are in: whole numbers, doubles, texts, bytes, arrays,
//! maps, true, false, null. Written in the shortest form, and read in no other: no tags, no indefinite lengths, no floats but
//! doubles, nothing after the end. Maps keep their order; whether a name may come twice is for whoever reads one to say.
//!
//! ```
//! use kbtf_did::cbor::{Item, read, write};
//!
//! let item = Item::Map(vec![(Item::Unsigned(1), Item::Text("물".into()))]);
//! assert_eq!(write(&item), [0xa1, 0x01, 0x63, 0xeb, 0xac, 0xbc]);
//! assert_eq!(read(&write(&item)), Some(item));
//! // The same number in a longer form.
//! assert_eq!(read(&[0x18, 0x01]), None);
//! ```

use alloc::{borrow::ToOwned, string::String, vec::Vec};

/// One item.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Item {
    /// A whole number, 0 or more.
    Unsigned(u64),
    /// A whole number below 0: −1 − n.
    Negative(u64),
    /// Any other number.
    Float(f64),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Text.
    Text(String),
    /// Items.
    Array(Vec<Item>),
    /// Items with names, in their order.
    Map(Vec<(Item, Item)>),
    /// True or false.
    Bool(bool),
    /// Null.
    Null,
}

/// Whole numbers up to here are written as such; a double holds all of them exactly.
const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;
const MAX_DEPTH: usize = 64;

impl Item {
    /// A number: as a whole one, where it is one that a double holds exactly.
    #[must_use]
    pub fn number(value: f64) -> Self {
        let is_whole = value % 1.0 == 0.0 && value.abs() <= MAX_WHOLE;
        // A negative zero is no whole number that CBOR has.
        if !is_whole || (value == 0.0 && value.is_sign_negative()) {
            return Self::Float(value);
        }
        // In range, so the conversions are exact.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        if value < 0.0 {
            Self::Negative((-1.0 - value) as u64)
        } else {
            Self::Unsigned(value as u64)
        }
    }

    /// The number that it is; `None` if it is none, or in another form than the one that is written for it.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn as_f64(&self) -> Option<f64> {
        let value = match self {
            Self::Unsigned(n) => *n as f64,
            Self::Negative(n) => -1.0 - *n as f64,
            Self::Float(value) => *value,
            _ => return None,
        };
        // One form for one number, and none that would be rounded.
        (Self::number(value) == *self).then_some(value)
    }
}

/// The bytes of an item.
#[must_use]
pub fn write(item: &Item) -> Vec<u8> {
    let mut out = Vec::new();
    write_into(&mut out, item);
    out
}

fn head(out: &mut Vec<u8>, major: u8, value: u64) {
    let major = major << 5;
    match value {
        0..24 => out.push(major | u8::try_from(value).unwrap_or_default()),
        24..0x100 => {
            out.push(major | 24);
            out.push(u8::try_from(value).unwrap_or_default());
        }
        0x100..0x1_0000 => {
            out.push(major | 25);
            out.extend(u16::try_from(value).unwrap_or_default().to_be_bytes());
        }
        0x1_0000..0x1_0000_0000 => {
            out.push(major | 26);
            out.extend(u32::try_from(value).unwrap_or_default().to_be_bytes());
        }
        _ => {
            out.push(major | 27);
            out.extend(value.to_be_bytes());
        }
    }
}

fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn write_into(out: &mut Vec<u8>, item: &Item) {
    match item {
        Item::Unsigned(n) => head(out, 0, *n),
        Item::Negative(n) => head(out, 1, *n),
        Item::Bytes(bytes) => {
            head(out, 2, length(bytes.len()));
            out.extend(bytes);
        }
        Item::Text(text) => {
            head(out, 3, length(text.len()));
            out.extend(text.as_bytes());
        }
        Item::Array(items) => {
            head(out, 4, length(items.len()));
            for item in items {
                write_into(out, item);
            }
        }
        Item::Map(members) => {
            head(out, 5, length(members.len()));
            for (name, item) in members {
                write_into(out, name);
                write_into(out, item);
            }
        }
        Item::Bool(value) => out.push(0xf4 | u8::from(*value)),
        Item::Null => out.push(0xf6),
        Item::Float(value) => {
            out.push(0xfb);
            out.extend(value.to_be_bytes());
        }
    }
}

/// Reads one item that takes all bytes, in the one form of each and in at most 64 others.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Item> {
    let mut rest = bytes;
    let item = read_from(&mut rest, 0)?;
    rest.is_empty().then_some(item)
}

fn take<'b>(rest: &mut &'b [u8], count: usize) -> Option<&'b [u8]> {
    let (taken, after) = rest.split_at_checked(count)?;
    *rest = after;
    Some(taken)
}

/// The number in a head, in its shortest form.
fn argument(rest: &mut &[u8], low: u8) -> Option<u64> {
    let width = match low {
        0..24 => return Some(low.into()),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return None,
    };
    let bytes = take(rest, width)?;
    let value = bytes
        .iter()
        .fold(0, |value, byte| value << 8 | u64::from(*byte));
    let least = match width {
        1 => 24,
        2 => 0x100,
        4 => 0x1_0000,
        _ => 0x1_0000_0000,
    };
    (value >= least).then_some(value)
}

fn text(rest: &mut &[u8], low: u8) -> Option<String> {
    let length = usize::try_from(argument(rest, low)?).ok()?;
    let bytes = take(rest, length)?;
    core::str::from_utf8(bytes).ok().map(ToOwned::to_owned)
}

fn read_from(rest: &mut &[u8], depth: usize) -> Option<Item> {
    if depth > MAX_DEPTH {
        return None;
    }
    let (first, after) = rest.split_first()?;
    *rest = after;
    let (major, low) = (first >> 5, first & 0x1f);
    Some(match major {
        0 => Item::Unsigned(argument(rest, low)?),
        1 => Item::Negative(argument(rest, low)?),
        2 => {
            let length = usize::try_from(argument(rest, low)?).ok()?;
            Item::Bytes(take(rest, length)?.to_vec())
        }
        3 => Item::Text(text(rest, low)?),
        4 => {
            // Every item has a byte at least, so memory is not spent before it is there.
            let count = usize::try_from(argument(rest, low)?).ok()?;
            if count > rest.len() {
                return None;
            }
            let items = (0..count).map(|_| read_from(rest, depth + 1));
            Item::Array(items.collect::<Option<_>>()?)
        }
        5 => {
            let count = usize::try_from(argument(rest, low)?).ok()?;
            if count > rest.len() {
                return None;
            }
            let mut members = Vec::new();
            for _ in 0..count {
                let name = read_from(rest, depth + 1)?;
                members.push((name, read_from(rest, depth + 1)?));
            }
            Item::Map(members)
        }
        7 => match low {
            20 => Item::Bool(false),
            21 => Item::Bool(true),
            22 => Item::Null,
            27 => {
                let bytes = take(rest, 8)?.try_into().ok()?;
                Item::Float(f64::from_be_bytes(bytes))
            }
            _ => return None,
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    /// Of the examples of RFC 8949 appendix A.
    #[test]
    fn examples_of_the_standard() {
        let examples: [(Item, &[u8]); 12] = [
            (Item::Unsigned(0), &[0x00]),
            (Item::Unsigned(23), &[0x17]),
            (Item::Unsigned(24), &[0x18, 0x18]),
            (Item::Unsigned(1000), &[0x19, 0x03, 0xe8]),
            (Item::Unsigned(1_000_000), &[0x1a, 0x00, 0x0f, 0x42, 0x40]),
            (Item::Negative(9), &[0x29]),
            (Item::Negative(999), &[0x39, 0x03, 0xe7]),
            (
                Item::Float(1.1),
                &[0xfb, 0x3f, 0xf1, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a],
            ),
            (Item::Bytes(vec![1, 2, 3, 4]), &[0x44, 1, 2, 3, 4]),
            (Item::Text("水".into()), &[0x63, 0xe6, 0xb0, 0xb4]),
            (
                Item::Array(vec![Item::Unsigned(1), Item::Bool(true), Item::Null]),
                &[0x83, 0x01, 0xf5, 0xf6],
            ),
            (
                Item::Map(vec![(Item::Text("a".into()), Item::Text("A".into()))]),
                &[0xa1, 0x61, 0x61, 0x61, 0x41],
            ),
        ];
        for (item, bytes) in examples {
            assert_eq!(write(&item), bytes);
            assert_eq!(read(bytes), Some(item));
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for bytes in [
            &[0x18, 0x17][..],
            &[0x19, 0x00, 0x18],
            &[0x9f, 0xff],
            &[0xc0, 0x00],
            &[0xf9, 0x3c, 0x00],
            &[0xf7],
            &[0xa1, 0x00],
            &[0x00, 0x00],
            &[0x62, 0xff, 0xff],
            &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x81; 100],
            &[],
        ] {
            assert_eq!(read(bytes), None, "{bytes:x?}");
        }
    }

    proptest! {
        #[test]
        fn numbers_there_and_back(value: f64) {
            let item = Item::number(value);
            if value.is_finite() {
                prop_assert_eq!(item.as_f64(), Some(value));
                prop_assert_eq!(read(&write(&item)), Some(item));
            }
        }

        #[test]
        fn whole_numbers_there_and_back(value in -9_007_199_254_740_992_i64..=9_007_199_254_740_992) {
            #[allow(clippy::cast_precision_loss)]
            let value = value as f64;
            let item = Item::number(value);
            prop_assert!(!matches!(item, Item::Float(_)));
            prop_assert_eq!(item.as_f64(), Some(value));
        }

        #[test]
        fn what_is_read_is_what_would_be_written(bytes: Vec<u8>) {
            if let Some(item) = read(&bytes) {
                prop_assert_eq!(write(&item), bytes);
            }
        }
    }
}
