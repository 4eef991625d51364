//! One writer for both forms: they differ only in the order of members.

use alloc::{string::String, vec::Vec};

use super::value::{Number, Object, Value};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// As in the document.
    Document,
    /// By UTF-16 code units (RFC 8785 section 3.2.3).
    Canonical,
}

pub(super) fn value(value: &Value<'_>, order: Order) -> String {
    let mut out = String::new();
    write_value(&mut out, value, order);
    out
}

pub(super) fn object(object: &Object<'_>, leave_out: &[&str], order: Order) -> String {
    let mut out = String::with_capacity(256);
    write_object(&mut out, object, leave_out, order);
    out
}

fn write_value(out: &mut String, value: &Value<'_>, order: Order) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(out, *number),
        Value::String(string) => write_string(out, string),
        Value::Array(elements) => {
            out.push('[');
            for (i, element) in elements.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_value(out, element, order);
            }
            out.push(']');
        }
        Value::Object(object) => write_object(out, object, &[], order),
    }
}

fn write_object(out: &mut String, object: &Object<'_>, leave_out: &[&str], order: Order) {
    let write_members =
        |out: &mut String, members: &mut dyn Iterator<Item = (&str, &Value<'_>)>| {
            let mut first = true;
            for (name, value) in members {
                if leave_out.contains(&name) {
                    continue;
                }
                if !first {
                    out.push(',');
                }
                first = false;
                write_string(out, name);
                out.push(':');
                write_value(out, value, order);
            }
        };
    out.push('{');
    let in_order = order == Order::Document
        || object
            .iter()
            .zip(object.iter().skip(1))
            .all(|((a, _), (b, _))| utf16_order(a, b).is_lt());
    if in_order {
        write_members(out, &mut object.iter());
    } else {
        let mut members: Vec<(&str, &Value<'_>)> = object.iter().collect();
        members.sort_unstable_by(|(a, _), (b, _)| utf16_order(a, b));
        write_members(out, &mut members.into_iter());
    }
    out.push('}');
}

/// Compares by UTF-16 code units. UTF-8 bytes give the same order except where a supplementary character
/// (a surrogate pair, D800–DFFF) meets one of U+E000–U+FFFF.
fn utf16_order(a: &str, b: &str) -> core::cmp::Ordering {
    if a.is_ascii() || b.is_ascii() {
        a.as_bytes().cmp(b.as_bytes())
    } else {
        a.encode_utf16().cmp(b.encode_utf16())
    }
}

fn write_number(out: &mut String, number: Number) {
    // ECMAScript's Number::toString (RFC 8785 section 3.2.2.3); −0 becomes "0".
    out.push_str(ryu_js::Buffer::new().format_finite(number.as_f64()));
}

/// Minimal escapes: two-character ones where JSON has them, `\u00xx` for other controls
/// (RFC 8785 section 3.2.2.2).
fn write_string(out: &mut String, string: &str) {
    out.push('"');
    let mut rest = string;
    while let Some(at) = rest
        .bytes()
        .position(|b| b < 0x20 || b == b'"' || b == b'\\')
    {
        // `at` is the place of an ASCII byte, so both cuts are on character boundaries.
        let (plain, tail) = rest.split_at(at);
        out.push_str(plain);
        let mut tail = tail.chars();
        match tail.next() {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\u{8}') => out.push_str("\\b"),
            Some('\t') => out.push_str("\\t"),
            Some('\n') => out.push_str("\\n"),
            Some('\u{c}') => out.push_str("\\f"),
            Some('\r') => out.push_str("\\r"),
            Some(control) => {
                out.push_str("\\u00");
                for nibble in [u32::from(control) >> 4, u32::from(control) & 0xf] {
                    out.push(char::from_digit(nibble, 16).unwrap_or('0'));
                }
            }
            None => {}
        }
        rest = tail.as_str();
    }
    out.push_str(rest);
    out.push('"');
}
