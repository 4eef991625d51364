//! Credentials and presentations small enough for a barcode or a radio tag (VC-07).
//!
//! A document is packed as CBOR (RFC 8949), deflated (RFC 1950), and for a QR code written in base45 (RFC 9285), which is
//! what the alphanumeric mode of QR codes holds best: `KV1:` and the text. What does not fit in one code is shown as a
//! series of frames, `KVF1:`, in any order, with losses: see [`Frames`]. For NFC and Bluetooth take the bytes as they are.
//!
//! Nothing is lost: a token comes out letter for letter, a JSON document with the same members and values in the same
//! order. And nothing is verified: what comes out is read and verified as if it had come over a network.
//!
//! ```
//! use kbtf_vc::compact::{Freshness, from_text, to_text};
//!
//! let document = r#"{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"]}"#;
//! let text = to_text(document)?;
//! assert!(text.starts_with("KV1:"));
//! let scanned = from_text(&text)?;
//! assert_eq!(scanned.document(), document);
//! // A credential alone can be photographed and shown again by anybody.
//! assert_eq!(scanned.freshness(), Freshness::NoReplayProtection);
//! # Ok::<(), kbtf_vc::compact::CompactError>(())
//! ```

mod frames;

use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use kbtf_did::{
    base45,
    cbor::{Item, read, write},
    json::{self, Object, Value},
};

pub use frames::{FrameCollector, Frames, MAX_FRAMES};

use crate::{deflate, jws};

/// The most bytes of a document, unpacked: those of a JSON document that is read anywhere here.
pub const MAX_DOCUMENT: usize = 1 << 20;

/// What is wrong with a compact form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompactError {
    /// The document to be packed is neither strict JSON nor a token.
    #[error("document: expected a JSON object, a JWT or an SD-JWT")]
    NoDocument,
    /// Too long, packed or unpacked.
    #[error("the document is too long")]
    TooLong,
    /// The text does not begin with the prefix of its kind.
    #[error("expected {expected}")]
    WrongPrefix {
        /// The prefix.
        expected: &'static str,
    },
    /// Not in the form that this crate writes: base45, zlib, CBOR.
    #[error("{place}: not the form that a packed document has")]
    Malformed {
        /// Which layer.
        place: &'static str,
    },
    /// A frame of another document than those before it.
    #[error("a frame of another document")]
    OtherDocument,
}

impl CompactError {
    /// The stable code, such as `compact/malformed`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoDocument => "compact/no-document",
            Self::TooLong => "compact/too-long",
            Self::WrongPrefix { .. } => "compact/wrong-prefix",
            Self::Malformed { .. } => "compact/malformed",
            Self::OtherDocument => "compact/other-document",
        }
    }
}

/// Whether what was scanned can be known to be shown now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Freshness {
    /// A credential alone: a copy is as good as the original. Where that matters, ask for a presentation.
    NoReplayProtection,
    /// A presentation: fresh if, and only if, it is verified with a challenge that was given out for it.
    IfChallengeIsChecked,
}

/// A document that came out of a barcode. Nobody has verified it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    document: String,
    freshness: Freshness,
}

impl Scanned {
    /// The document: JSON, or a token.
    #[must_use]
    pub fn document(&self) -> &str {
        &self.document
    }

    /// Whether it can be known to be shown now. Read off the document itself.
    #[must_use]
    pub const fn freshness(&self) -> Freshness {
        self.freshness
    }
}

const JSON: u8 = 0;
const JWT: u8 = 1;
const SD_JWT: u8 = 2;

/// Packs a document: a JSON object, a JWT or an SD-JWT with or without key binding.
///
/// # Errors
/// `compact/no-document`, `compact/too-long`.
pub fn to_bytes(document: &str) -> Result<Vec<u8>, CompactError> {
    let document = document.trim();
    if document.len() > MAX_DOCUMENT {
        return Err(CompactError::TooLong);
    }
    let item = if document.starts_with('{') {
        let value = json::parse(document).map_err(|_| CompactError::NoDocument)?;
        Item::Array(alloc::vec![Item::Unsigned(JSON.into()), from_json(&value)])
    } else {
        from_token(document).ok_or(CompactError::NoDocument)?
    };
    Ok(deflate::deflate_zlib(&write(&item)))
}

/// Unpacks a document.
///
/// # Errors
/// `compact/malformed`.
pub fn from_bytes(bytes: &[u8]) -> Result<Scanned, CompactError> {
    let malformed = |place| CompactError::Malformed { place };
    let packed = deflate::inflate_zlib(bytes, MAX_DOCUMENT).ok_or(malformed("zlib"))?;
    let item = read(&packed).ok_or(malformed("CBOR"))?;
    let Item::Array(parts) = item else {
        return Err(malformed("document"));
    };
    let scanned = match parts.as_slice() {
        [Item::Unsigned(0), item] => {
            let value = to_json(item).ok_or(malformed("document"))?;
            let Value::Object(object) = &value else {
                return Err(malformed("document"));
            };
            Scanned {
                freshness: freshness_of(object),
                document: value.to_json(),
            }
        }
        [Item::Unsigned(1), jws] => {
            let document = to_jws(jws).ok_or(malformed("document"))?;
            Scanned {
                freshness: freshness_of_token(&document),
                document,
            }
        }
        [Item::Unsigned(2), issued, Item::Array(disclosures), binding] => {
            let mut text = to_jws(issued).ok_or(malformed("document"))?;
            text.push('~');
            for disclosure in disclosures {
                let Item::Bytes(bytes) = disclosure else {
                    return Err(malformed("document"));
                };
                text.push_str(&jws::encode(bytes));
                text.push('~');
            }
            let freshness = match binding {
                Item::Null => Freshness::NoReplayProtection,
                binding => {
                    text.push_str(&to_jws(binding).ok_or(malformed("document"))?);
                    Freshness::IfChallengeIsChecked
                }
            };
            Scanned {
                document: text,
                freshness,
            }
        }
        _ => return Err(malformed("document")),
    };
    // The bound was on the packed form; text is longer.
    if scanned.document.len() > 2 * MAX_DOCUMENT {
        return Err(CompactError::TooLong);
    }
    Ok(scanned)
}

/// Packs a document as the text of one QR code.
///
/// # Errors
/// As for [`to_bytes`].
pub fn to_text(document: &str) -> Result<String, CompactError> {
    Ok(prefixed(PREFIX, &to_bytes(document)?))
}

/// Unpacks the text of one QR code.
///
/// # Errors
/// `compact/wrong-prefix`, `compact/malformed`.
pub fn from_text(text: &str) -> Result<Scanned, CompactError> {
    from_bytes(&unprefixed(PREFIX, text)?)
}

const PREFIX: &str = "KV1:";

fn prefixed(prefix: &str, bytes: &[u8]) -> String {
    let mut text = prefix.to_string();
    text.push_str(&base45::encode(bytes));
    text
}

fn unprefixed(prefix: &'static str, text: &str) -> Result<Vec<u8>, CompactError> {
    let body = text.strip_prefix(prefix);
    let body = body.ok_or(CompactError::WrongPrefix { expected: prefix })?;
    if body.len() > 2 * MAX_DOCUMENT {
        return Err(CompactError::TooLong);
    }
    base45::decode(body).ok_or(CompactError::Malformed { place: "base45" })
}

/// A presentation says of itself that it is one; whether it is fresh, verification tells.
fn freshness_of(object: &Object<'_>) -> Freshness {
    let types = object.get("type").map(Value::as_set).unwrap_or_default();
    let is_presentation = types.iter().filter_map(Value::as_str).any(|name| {
        matches!(
            name,
            "VerifiablePresentation" | "EnvelopedVerifiablePresentation"
        )
    });
    if is_presentation {
        Freshness::IfChallengeIsChecked
    } else {
        Freshness::NoReplayProtection
    }
}

fn freshness_of_token(text: &str) -> Freshness {
    let claims = jws::Jws::parse(text).and_then(|jws| jws.claims());
    match claims {
        Ok(claims) if claims.contains("vp") => Freshness::IfChallengeIsChecked,
        Ok(claims) => freshness_of(&claims),
        Err(_) => Freshness::NoReplayProtection,
    }
}

fn from_json(value: &Value<'_>) -> Item {
    match value {
        Value::Null => Item::Null,
        Value::Bool(value) => Item::Bool(*value),
        Value::Number(number) => Item::number(number.as_f64()),
        Value::String(text) => Item::Text(text.to_string()),
        Value::Array(values) => Item::Array(values.iter().map(from_json).collect()),
        Value::Object(object) => Item::Map(
            object
                .iter()
                .map(|(name, value)| (Item::Text(name.to_string()), from_json(value)))
                .collect(),
        ),
    }
}

fn to_json(item: &Item) -> Option<Value<'static>> {
    Some(match item {
        Item::Null => Value::Null,
        Item::Bool(value) => Value::Bool(*value),
        Item::Unsigned(_) | Item::Negative(_) | Item::Float(_) => {
            Value::Number(json::Number::new(item.as_f64()?)?)
        }
        Item::Text(text) => Value::from(text.clone()),
        Item::Array(items) => Value::Array(items.iter().map(to_json).collect::<Option<_>>()?),
        Item::Map(members) => {
            let members = members.iter();
            let members = members.map(|(name, item)| match name {
                Item::Text(name) => Some((name.clone().into(), to_json(item)?)),
                _ => None,
            });
            // One member for one name, as in any document here.
            Value::Object(Object::from_members(members.collect::<Option<_>>()?)?)
        }
        _ => return None,
    })
}

/// The three parts of a JWS as bytes; what is signed is the text, which one text only has for these bytes.
fn from_jws(text: &str) -> Option<Item> {
    let parts: Option<Vec<Item>> = text
        .split('.')
        .map(|part| jws::decode(part).map(Item::Bytes))
        .collect();
    parts.filter(|parts| parts.len() == 3).map(Item::Array)
}

fn to_jws(item: &Item) -> Option<String> {
    let Item::Array(parts) = item else {
        return None;
    };
    let [
        Item::Bytes(header),
        Item::Bytes(payload),
        Item::Bytes(signature),
    ] = parts.as_slice()
    else {
        return None;
    };
    Some(
        [header, payload, signature]
            .map(|part| jws::encode(part))
            .join("."),
    )
}

fn from_token(text: &str) -> Option<Item> {
    if !text.contains('~') {
        return Some(Item::Array(alloc::vec![
            Item::Unsigned(JWT.into()),
            from_jws(text)?
        ]));
    }
    let mut parts = text.split('~');
    let issued = from_jws(parts.next()?)?;
    let mut parts: Vec<&str> = parts.collect();
    let binding = match parts.pop()? {
        "" => Item::Null,
        binding => from_jws(binding)?,
    };
    let disclosures = parts.iter().map(|part| jws::decode(part).map(Item::Bytes));
    let disclosures = disclosures.collect::<Option<Vec<_>>>()?;
    Some(Item::Array(alloc::vec![
        Item::Unsigned(SD_JWT.into()),
        issued,
        Item::Array(disclosures),
        binding
    ]))
}
