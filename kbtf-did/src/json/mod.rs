//! Strict JSON (RFC 8259 within I-JSON, RFC 7493) and its one canonical form (JCS, RFC 8785).
//!
//! A signature over JSON is only as good as the agreement on what the JSON says. This parser refuses
//! everything on which two readers could disagree: duplicate member names, numbers that do not survive
//! the trip through an IEEE 754 double, lone surrogates, text after the value. What it accepts, it borrows
//! from the input, so verifying a document builds one tree and no copies.
//!
//! ```
//! use kbtf_did::json;
//!
//! let value = json::parse(r#"{"b": 4.50, "a": "\u20ac"}"#)?;
//! assert_eq!(value.to_canonical(), r#"{"a":"€","b":4.5}"#);
//! assert_eq!(json::parse(r#"{"a":1,"a":2}"#).unwrap_err().code(), "json/duplicate-member");
//! # Ok::<(), json::Error>(())
//! ```

mod parse;
mod value;
mod write;

pub use parse::{Error, ErrorKind, Limits, parse, parse_bytes, parse_with};
pub use value::{Number, Object, Value};
