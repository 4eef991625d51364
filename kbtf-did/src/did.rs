use alloc::{borrow::ToOwned, string::String};
use core::fmt;

use crate::{Error, timestamp::excerpt};

/// Longest DID or DID URL that is read, in bytes.
pub const MAX_DID_URL: usize = 2048;

/// A decentralised identifier (분산 식별자), such as `did:key:z6Mk…` (DID Core 1.0 section 3.1, DID-01).
///
/// A value of this type has the syntax of the standard: `did:`, a method name of lower-case letters and
/// digits, `:`, and a method-specific id. Comparison is byte for byte, as the standard asks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Did {
    text: String,
    /// Where the method-specific id begins.
    id_start: usize,
}

impl Did {
    /// Reads a DID.
    ///
    /// # Errors
    /// `did/invalid-did` if the text does not have the syntax of DID Core section 3.1 or is longer than [`MAX_DID_URL`].
    ///
    /// ```
    /// use kbtf_did::Did;
    ///
    /// let did = Did::parse("did:example:kr:123%20abc")?;
    /// assert_eq!((did.method(), did.method_specific_id()), ("example", "kr:123%20abc"));
    /// assert_eq!(Did::parse("did:Example:1").unwrap_err().code(), "did/invalid-did");
    /// # Ok::<(), kbtf_did::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, Error> {
        did_length(text)
            .filter(|(_, end)| *end == text.len())
            .map(|(id_start, _)| Self {
                text: text.to_owned(),
                id_start,
            })
            .ok_or_else(|| Error::InvalidDid { got: shown(text) })
    }

    /// A DID from parts that are known to have the syntax.
    pub(crate) fn from_parts(method: &str, id: &str) -> Self {
        Self {
            text: alloc::format!("did:{method}:{id}"),
            id_start: "did:".len() + method.len() + 1,
        }
    }

    /// The whole DID.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The method name, such as `key`.
    #[must_use]
    pub fn method(&self) -> &str {
        self.text
            .get(4..self.id_start.saturating_sub(1))
            .unwrap_or_default()
    }

    /// What follows the method name.
    #[must_use]
    pub fn method_specific_id(&self) -> &str {
        self.text.get(self.id_start..).unwrap_or_default()
    }
}

/// A DID URL: a DID with optional path, query and fragment (DID Core 1.0 section 3.2).
///
/// Two DID URLs are equal when their texts are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DidUrl {
    text: String,
    id_start: usize,
    did_end: usize,
    path_end: usize,
    /// Where the query ends; equal to `path_end` if there is none.
    query_end: usize,
}

impl DidUrl {
    /// Reads a DID URL; it must begin with a DID, so a relative reference such as `#key-1` is refused.
    ///
    /// # Errors
    /// `did/invalid-did-url` if the text does not have the syntax of DID Core section 3.2 or is longer than [`MAX_DID_URL`].
    ///
    /// ```
    /// use kbtf_did::DidUrl;
    ///
    /// let url = DidUrl::parse("did:example:123/path?versionId=1#key-1")?;
    /// assert_eq!(url.did().as_str(), "did:example:123");
    /// assert_eq!(url.path(), "/path");
    /// assert_eq!(url.query(), Some("versionId=1"));
    /// assert_eq!(url.fragment(), Some("key-1"));
    /// # Ok::<(), kbtf_did::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::read(text).ok_or_else(|| Error::InvalidDidUrl { got: shown(text) })
    }

    fn read(text: &str) -> Option<Self> {
        let (id_start, did_end) = did_length(text)?;
        let scan = |from: usize, stops: &[u8], extra: &[u8]| -> Option<usize> {
            let part = text.as_bytes().get(from..)?;
            let length = part
                .iter()
                .position(|b| stops.contains(b))
                .unwrap_or(part.len());
            let part = part.get(..length)?;
            only_pchars(part, extra).then_some(from + length)
        };
        let path_end = match text.as_bytes().get(did_end) {
            Some(b'/') => scan(did_end, b"?#", b"/")?,
            _ => did_end,
        };
        let query_end = match text.as_bytes().get(path_end) {
            Some(b'?') => scan(path_end + 1, b"#", b"/?")?,
            _ => path_end,
        };
        let end = match text.as_bytes().get(query_end) {
            Some(b'#') => scan(query_end + 1, b"", b"/?")?,
            _ => query_end,
        };
        (end == text.len()).then(|| Self {
            text: text.to_owned(),
            id_start,
            did_end,
            path_end,
            query_end,
        })
    }

    /// Reads a DID URL, or a relative one against a base DID: `#key-1` in the document of `did:example:1`
    /// means `did:example:1#key-1` (DID Core section 3.2.2).
    ///
    /// # Errors
    /// `did/invalid-did-url`, as for [`DidUrl::parse`].
    pub fn parse_relative(text: &str, base: &Did) -> Result<Self, Error> {
        if text.starts_with(['#', '?', '/']) {
            let mut absolute = base.as_str().to_owned();
            absolute.push_str(text);
            Self::parse(&absolute)
        } else {
            Self::parse(text)
        }
    }

    /// The whole DID URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The DID at the start.
    #[must_use]
    pub fn did(&self) -> Did {
        Did {
            text: self.did_str().to_owned(),
            id_start: self.id_start,
        }
    }

    /// The text of the DID at the start.
    #[must_use]
    pub fn did_str(&self) -> &str {
        self.text.get(..self.did_end).unwrap_or_default()
    }

    /// The path with its leading `/`; empty if there is none.
    #[must_use]
    pub fn path(&self) -> &str {
        self.text
            .get(self.did_end..self.path_end)
            .unwrap_or_default()
    }

    /// The query without `?`; `None` if there is none.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.text
            .get(self.path_end..self.query_end)?
            .strip_prefix('?')
    }

    /// The fragment without `#`; `None` if there is none.
    #[must_use]
    pub fn fragment(&self) -> Option<&str> {
        self.text.get(self.query_end..)?.strip_prefix('#')
    }
}

impl From<Did> for DidUrl {
    fn from(did: Did) -> Self {
        let end = did.text.len();
        Self {
            text: did.text,
            id_start: did.id_start,
            did_end: end,
            path_end: end,
            query_end: end,
        }
    }
}

macro_rules! text_type {
    ($type:ty) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.text)
            }
        }

        impl core::str::FromStr for $type {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                Self::parse(text)
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.text
            }
        }
    };
}

text_type!(Did);
text_type!(DidUrl);

/// The beginning of a wrong text for a message, if it at least meant to be a DID. What did not could be anything,
/// a pasted secret key included.
fn shown(text: &str) -> String {
    if text.starts_with("did:") {
        excerpt(text)
    } else {
        String::from("a text that does not begin with did:")
    }
}

/// Where the method-specific id of a leading DID begins and where it ends.
///
/// `did = "did:" method-name ":" method-specific-id`, where the id is colon-separated runs of `idchar`
/// of which only the last must not be empty.
fn did_length(text: &str) -> Option<(usize, usize)> {
    if text.len() > MAX_DID_URL {
        return None;
    }
    let after_scheme = text.strip_prefix("did:")?;
    let (method, rest) = after_scheme.split_once(':')?;
    if method.is_empty()
        || !method
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    {
        return None;
    }
    let length = rest
        .bytes()
        .position(|b| matches!(b, b'/' | b'?' | b'#'))
        .unwrap_or(rest.len());
    let id = rest.as_bytes().get(..length)?;
    if id.is_empty()
        || id.ends_with(b":")
        || !valid_chars(id, |b| is_unreserved(b) && b != b'~' || b == b':')
    {
        return None;
    }
    let id_start = "did:".len() + method.len() + 1;
    Some((id_start, id_start + length))
}

/// `unreserved` of RFC 3986.
const fn is_unreserved(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~')
}

/// `pchar` of RFC 3986 and what is allowed beside it.
fn only_pchars(bytes: &[u8], extra: &[u8]) -> bool {
    valid_chars(bytes, |b| {
        is_unreserved(b) || b"!$&'()*+,;=:@".contains(&b) || extra.contains(&b)
    })
}

/// Whether every byte is allowed or part of a `%XX` escape.
fn valid_chars(bytes: &[u8], allowed: impl Fn(u8) -> bool) -> bool {
    let mut bytes = bytes.iter();
    while let Some(&b) = bytes.next() {
        if b == b'%' {
            let hex = |b: Option<&u8>| b.is_some_and(u8::is_ascii_hexdigit);
            if !hex(bytes.next()) || !hex(bytes.next()) {
                return false;
            }
        } else if !allowed(b) {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_grammar_of_did_core_is_kept() {
        for good in [
            "did:example:123456789abcdefghi",
            "did:a:b",
            "did:0:1",
            "did:web:example.com%3A3000:user",
            "did:example::a",
            "did:example:-._",
        ] {
            assert_eq!(Did::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "did",
            "did:",
            "did:example",
            "did:example:",
            "did::abc",
            "DID:example:abc",
            "did:exAmple:abc",
            "did:ex_a:abc",
            "did:example:a:",
            "did:example:a b",
            "did:example:a~b",
            "did:example:%",
            "did:example:%2",
            "did:example:%zz",
            "did:example:é",
            "did:example:abc#key",
            "did:example:abc?x",
            "did:example:abc/x",
            " did:example:abc",
            "did:example:abc\n",
        ] {
            assert!(Did::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Did::parse(&alloc::format!("did:a:{}", "b".repeat(MAX_DID_URL))).is_err());
    }

    #[test]
    fn parts_of_a_did_url() {
        let parts = |text: &str| {
            let url = DidUrl::parse(text).unwrap();
            (
                String::from(url.path()),
                url.query().map(String::from),
                url.fragment().map(String::from),
            )
        };
        let some = |s: &str| Some(String::from(s));
        assert_eq!(parts("did:a:b"), ("".into(), None, None));
        assert_eq!(parts("did:a:b#"), ("".into(), None, some("")));
        assert_eq!(parts("did:a:b?"), ("".into(), some(""), None));
        assert_eq!(
            parts("did:a:b/p/q?r=/?#s?/"),
            ("/p/q".into(), some("r=/?"), some("s?/"))
        );
        assert_eq!(parts("did:a:b?q#f"), ("".into(), some("q"), some("f")));
        for bad in [
            "#key",
            "did:a:b##",
            "did:a:b#a#b",
            "did:a:b/ ",
            "did:a:b?[",
            "did:a:b#%g0",
        ] {
            assert!(DidUrl::parse(bad).is_err(), "{bad:?}");
        }
        let base = Did::parse("did:a:b").unwrap();
        assert_eq!(
            DidUrl::parse_relative("#key", &base).unwrap().as_str(),
            "did:a:b#key"
        );
        assert!(DidUrl::parse_relative("key", &base).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_what_is_read_is_kept(text in "(did:[a-z0-9]{0,3}:?)?[a-z0-9:._~%/?#A-F-]{0,24}") {
            if let Ok(url) = DidUrl::parse(&text) {
                prop_assert_eq!(url.as_str(), &text);
                prop_assert!(Did::parse(url.did_str()).is_ok());
                let rebuilt = alloc::format!("{}{}{}{}", url.did(), url.path(),
                    url.query().map(|q| alloc::format!("?{q}")).unwrap_or_default(),
                    url.fragment().map(|f| alloc::format!("#{f}")).unwrap_or_default());
                prop_assert_eq!(rebuilt, text);
            }
        }
    }
}
