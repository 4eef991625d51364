use alloc::{borrow::Cow, string::String, vec::Vec};
use core::fmt;

use super::value::{Number, Object, Value};

/// Bounds on what is parsed. Both are checked before memory is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Longest input in bytes. Default: 1 MiB.
    pub max_bytes: usize,
    /// Deepest nesting of arrays and objects. Default: 64.
    pub max_depth: usize,
    /// Whether numbers may lose digits on their way into a double. Default: no. Two texts that differ in the lost
    /// digits have one canonical form, and so one signature.
    pub accept_rounding: bool,
}

impl Limits {
    /// Limits with another bound on the input, in bytes.
    #[must_use]
    pub const fn with_max_bytes(mut self, max_bytes: usize) -> Self {
        self.max_bytes = max_bytes;
        self
    }

    /// Limits with another bound on nesting. Values above 128 are taken as 128, so that a parse cannot
    /// exhaust the stack.
    #[must_use]
    pub const fn with_max_depth(mut self, max_depth: usize) -> Self {
        self.max_depth = if max_depth > 128 { 128 } else { max_depth };
        self
    }
}

impl Limits {
    /// Limits under which numbers may lose digits, as RFC 8785 itself allows. Not for what is signed.
    #[must_use]
    pub const fn with_rounding(mut self) -> Self {
        self.accept_rounding = true;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 1 << 20,
            max_depth: 64,
            accept_rounding: false,
        }
    }
}

/// Where and why a text is not JSON that all readers understand alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    offset: usize,
    member: Option<String>,
}

/// What was wrong with the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Not the grammar of RFC 8259, or text after the value.
    Syntax,
    /// Not UTF-8.
    InvalidUtf8,
    /// Two members of one object share a name (RFC 7493 section 2.3).
    DuplicateMember,
    /// A `\u` escape of half a surrogate pair (RFC 7493 section 2.1).
    LoneSurrogate,
    /// A number that loses digits on its way through a double (RFC 7493 section 2.2): it is not, as a decimal,
    /// the number that RFC 8785 writes for the double it reads as. `4.50` and `1E2` are; `9007199254740993`,
    /// `0.10000000000000001`, `1e309` and `1e-400` are not. Nor is a text of more than 1024 bytes.
    InexactNumber,
    /// Nested deeper than [`Limits::max_depth`].
    TooDeep,
    /// Longer than [`Limits::max_bytes`].
    TooLong,
}

impl Error {
    /// What was wrong.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The byte of the input at which it was found, from 0.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The stable code, such as `json/duplicate-member`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.kind {
            ErrorKind::Syntax => "json/syntax",
            ErrorKind::InvalidUtf8 => "json/invalid-utf8",
            ErrorKind::DuplicateMember => "json/duplicate-member",
            ErrorKind::LoneSurrogate => "json/lone-surrogate",
            ErrorKind::InexactNumber => "json/inexact-number",
            ErrorKind::TooDeep => "json/too-deep",
            ErrorKind::TooLong => "json/too-long",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            ErrorKind::Syntax => "not valid JSON",
            ErrorKind::InvalidUtf8 => "not UTF-8",
            ErrorKind::DuplicateMember => "a member name occurs twice in one object",
            ErrorKind::LoneSurrogate => "an escape gives half a surrogate pair",
            ErrorKind::InexactNumber => "a number cannot be held exactly in a double",
            ErrorKind::TooDeep => "nested too deeply",
            ErrorKind::TooLong => "longer than allowed",
        };
        write!(f, "{what} at byte {}", self.offset)?;
        match &self.member {
            Some(member) => write!(f, " (member {member:?})"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for Error {}

/// Parses one JSON text within the default [`Limits`].
///
/// # Errors
/// See [`ErrorKind`]; nothing of a text with an error is returned.
pub fn parse(text: &str) -> Result<Value<'_>, Error> {
    parse_with(text, Limits::default())
}

/// Parses one JSON text from bytes, which must be UTF-8 without a byte order mark, within the default [`Limits`].
///
/// # Errors
/// See [`ErrorKind`].
pub fn parse_bytes(bytes: &[u8]) -> Result<Value<'_>, Error> {
    if bytes.len() > Limits::default().max_bytes {
        return Err(Error::at(ErrorKind::TooLong, Limits::default().max_bytes));
    }
    let text = core::str::from_utf8(bytes)
        .map_err(|e| Error::at(ErrorKind::InvalidUtf8, e.valid_up_to()))?;
    parse(text)
}

/// Parses one JSON text within given limits.
///
/// # Errors
/// See [`ErrorKind`].
pub fn parse_with(text: &str, limits: Limits) -> Result<Value<'_>, Error> {
    if text.len() > limits.max_bytes {
        return Err(Error::at(ErrorKind::TooLong, limits.max_bytes));
    }
    let mut parser = Parser {
        text,
        at: 0,
        depth_left: limits.max_depth.min(128),
        accept_rounding: limits.accept_rounding,
    };
    parser.skip_whitespace();
    let value = parser.value()?;
    parser.skip_whitespace();
    match parser.peek() {
        None => Ok(value),
        Some(_) => Err(parser.error(ErrorKind::Syntax)),
    }
}

impl Error {
    const fn at(kind: ErrorKind, offset: usize) -> Self {
        Self {
            kind,
            offset,
            member: None,
        }
    }
}

/// The longest number text, in bytes. The exact decimal of a double has at most 767 significant digits.
const MAX_NUMBER: usize = 1024;

struct Parser<'a> {
    text: &'a str,
    /// Always on a character boundary.
    at: usize,
    depth_left: usize,
    accept_rounding: bool,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The text from `from` to here; empty if that were not a range on character boundaries.
    fn since(&self, from: usize) -> &'a str {
        self.text.get(from..self.at).unwrap_or_default()
    }

    const fn error(&self, kind: ErrorKind) -> Error {
        Error::at(kind, self.at)
    }

    fn skip_whitespace(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Error> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(self.error(ErrorKind::Syntax))
        }
    }

    fn literal(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, Error> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with(word) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.error(ErrorKind::Syntax))
        }
    }

    fn value(&mut self) -> Result<Value<'a>, Error> {
        match self.peek() {
            Some(b'"') => self.string().map(Value::String),
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            Some(b't') => self.literal("true", Value::Bool(true)),
            Some(b'f') => self.literal("false", Value::Bool(false)),
            Some(b'n') => self.literal("null", Value::Null),
            _ => Err(self.error(ErrorKind::Syntax)),
        }
    }

    fn nested(
        &mut self,
        inner: fn(&mut Self) -> Result<Value<'a>, Error>,
    ) -> Result<Value<'a>, Error> {
        self.depth_left = self
            .depth_left
            .checked_sub(1)
            .ok_or_else(|| self.error(ErrorKind::TooDeep))?;
        self.at += 1; // the bracket that the caller saw
        self.skip_whitespace();
        let value = inner(self)?;
        self.depth_left += 1;
        Ok(value)
    }

    fn array(&mut self) -> Result<Value<'a>, Error> {
        let mut elements = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(elements));
        }
        loop {
            elements.push(self.value()?);
            self.skip_whitespace();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.error(ErrorKind::Syntax)),
            }
            self.skip_whitespace();
        }
        self.at += 1;
        Ok(Value::Array(elements))
    }

    fn object(&mut self) -> Result<Value<'a>, Error> {
        let start = self.at;
        let mut members: Vec<(Cow<'a, str>, Value<'a>)> = Vec::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(Object::new()));
        }
        loop {
            let name = self.string()?;
            self.skip_whitespace();
            self.expect(b':')?;
            self.skip_whitespace();
            let value = self.value()?;
            members.push((name, value));
            self.skip_whitespace();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.error(ErrorKind::Syntax)),
            }
            self.skip_whitespace();
        }
        self.at += 1;
        if let Some(name) = duplicate(&members) {
            return Err(Error {
                kind: ErrorKind::DuplicateMember,
                offset: start,
                member: Some(name.chars().take(64).collect()),
            });
        }
        Ok(Value::Object(Object::from_unique(members)))
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Error> {
        self.expect(b'"')?;
        let start = self.at;
        self.skip_plain();
        if self.peek() == Some(b'"') {
            let plain = self.since(start);
            self.at += 1;
            return Ok(Cow::Borrowed(plain));
        }
        let mut owned = String::from(self.since(start));
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(owned));
                }
                Some(b'\\') => {
                    self.at += 1;
                    owned.push(self.escape()?);
                }
                // A control character or the end of the text.
                _ => return Err(self.error(ErrorKind::Syntax)),
            }
            let start = self.at;
            self.skip_plain();
            owned.push_str(self.since(start));
        }
    }

    /// Up to the next quote, backslash or control character. Stops only at ASCII bytes.
    fn skip_plain(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest
            .iter()
            .position(|&b| b < 0x20 || b == b'"' || b == b'\\')
            .unwrap_or(rest.len());
    }

    fn escape(&mut self) -> Result<char, Error> {
        let letter = self.peek().ok_or_else(|| self.error(ErrorKind::Syntax))?;
        let plain = match letter {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.at += 1;
                return self.unicode_escape();
            }
            _ => return Err(self.error(ErrorKind::Syntax)),
        };
        self.at += 1;
        Ok(plain)
    }

    fn unicode_escape(&mut self) -> Result<char, Error> {
        let start = self.at;
        let lone = Error::at(ErrorKind::LoneSurrogate, start);
        let unit = self.hex4()?;
        let scalar = match unit {
            0xd800..=0xdbff => {
                if self.peek() != Some(b'\\') {
                    return Err(lone);
                }
                self.at += 1;
                if self.peek() != Some(b'u') {
                    return Err(lone);
                }
                self.at += 1;
                let low = self.hex4()?;
                if !(0xdc00..=0xdfff).contains(&low) {
                    return Err(lone);
                }
                0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
            }
            other => other,
        };
        // Refuses a low surrogate that stands alone.
        char::from_u32(scalar).ok_or(lone)
    }

    fn hex4(&mut self) -> Result<u32, Error> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self
                .peek()
                .and_then(|b| char::from(b).to_digit(16))
                .ok_or_else(|| self.error(ErrorKind::Syntax))?;
            unit = unit << 4 | digit;
            self.at += 1;
        }
        Ok(unit)
    }

    fn number(&mut self) -> Result<Number, Error> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.skip_digits(),
            _ => return Err(self.error(ErrorKind::Syntax)),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.some_digits()?;
        }
        let text = self.since(start);
        // Longer ones say nothing more, and the standard library reads the exponent of some of them wrongly.
        if text.len() > MAX_NUMBER {
            return Err(Error::at(ErrorKind::InexactNumber, start));
        }
        let number = text.parse().ok().and_then(Number::new);
        number
            .filter(|number| self.accept_rounding || survives(text, number.as_f64()))
            .ok_or_else(|| Error::at(ErrorKind::InexactNumber, start))
    }

    fn skip_digits(&mut self) {
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
    }

    fn some_digits(&mut self) -> Result<(), Error> {
        let start = self.at;
        self.skip_digits();
        if self.at == start {
            return Err(self.error(ErrorKind::Syntax));
        }
        Ok(())
    }
}

/// Whether a number text is, as a decimal, what RFC 8785 writes for the double it reads as.
fn survives(text: &str, value: f64) -> bool {
    let decimal = Decimal::of(text);
    // A normal double keeps any 15 digits, so most numbers need no second look.
    if decimal.digits().count() <= 15
        && decimal.exponent.unsigned_abs() <= 400
        && value.abs() >= f64::MIN_POSITIVE
    {
        return true;
    }
    let mut buffer = ryu_js::Buffer::new();
    decimal == Decimal::of(buffer.format_finite(value))
}

/// A number text as a decimal: digits and a power of ten, the sign left out, zeros at either end counted away.
struct Decimal<'t> {
    mantissa: &'t str,
    leading_zeros: usize,
    significant: usize,
    /// The power of ten of the last significant digit; 0 for zero.
    exponent: i64,
}

impl<'t> Decimal<'t> {
    fn of(text: &'t str) -> Self {
        let text = text.trim_start_matches('-');
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let digits = || mantissa.bytes().filter(u8::is_ascii_digit);
        let all = digits().count();
        let leading_zeros = digits().take_while(|&d| d == b'0').count();
        let trailing_zeros = digits().rev().take_while(|&d| d == b'0').count();
        let significant = all.saturating_sub(leading_zeros + trailing_zeros);
        let fraction = mantissa
            .split_once('.')
            .map_or(0, |(_, fraction)| fraction.len());
        let places = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let exponent = if significant == 0 {
            0
        } else {
            exponent
                .parse::<i64>()
                .unwrap_or(i64::MAX)
                .saturating_sub(places(fraction))
                .saturating_add(places(trailing_zeros))
        };
        Self {
            mantissa,
            leading_zeros,
            significant,
            exponent,
        }
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        self.mantissa
            .bytes()
            .filter(u8::is_ascii_digit)
            .skip(self.leading_zeros)
            .take(self.significant)
    }
}

impl PartialEq for Decimal<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.exponent == other.exponent && self.digits().eq(other.digits())
    }
}

/// A name that occurs twice. Few members are compared pairwise; many are sorted first, so that an object of
/// 10^5 members cannot cost 10^10 comparisons.
pub(super) fn duplicate<'m>(members: &'m [(Cow<'_, str>, Value<'_>)]) -> Option<&'m str> {
    if members.len() <= 24 {
        let mut rest = members;
        while let Some(((name, _), tail)) = rest.split_first() {
            if tail.iter().any(|(other, _)| other == name) {
                return Some(name);
            }
            rest = tail;
        }
        return None;
    }
    let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_ref()).collect();
    names.sort_unstable();
    names
        .iter()
        .zip(names.iter().skip(1))
        .find(|(a, b)| a == b)
        .map(|(a, _)| *a)
}
