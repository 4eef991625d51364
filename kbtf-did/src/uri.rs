//! URIs as RFC 3986 writes them, as far as it takes to tell one from other text.

use alloc::{string::String, vec::Vec};

/// A scheme, a colon, and more, in the characters of RFC 3986 appendix A: ASCII only, escapes whole, one `#`, brackets in
/// the authority alone.
pub(crate) fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    let (hierarchy, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (authority, path) = match hierarchy.strip_prefix("//") {
        Some(after) => after.split_at(after.find(['/', '?']).unwrap_or(after.len())),
        None => ("", hierarchy),
    };
    is_scheme
        && !rest.is_empty()
        && is_made_of(authority, b":@[]")
        && is_made_of(path, b":@/?")
        && is_made_of(fragment, b":@/?")
}

/// The URIs that an operation of a `did:kbtf` may hold, by the grammar of `docs/did-kbtf.md` section 3: those of RFC 3986
/// without user information and IP literals. All of them are URIs to [`is_uri`]. This never changes: a history must read
/// the same for ever.
#[cfg(feature = "did-kbtf")]
pub(crate) fn is_plain_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (hierarchy, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (is_host, path) = match hierarchy.strip_prefix("//") {
        None => (!hierarchy.is_empty(), hierarchy),
        Some(after) => {
            let (authority, path) = after.split_at(after.find('/').unwrap_or(after.len()));
            let (host, port) = authority.split_once(':').unwrap_or((authority, "0"));
            let is_host = !host.is_empty()
                && host
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
                && (1..=5).contains(&port.len())
                && port.bytes().all(|b| b.is_ascii_digit());
            (is_host, path)
        }
    };
    is_host
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        && is_made_of(path, b":@/")
        && is_made_of(query, b":@/?")
        && is_made_of(fragment, b":@/?")
}

/// `unreserved`, `sub-delims`, whole escapes, and some more.
fn is_made_of(text: &str, extra: &[u8]) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let mut hex = || bytes.next().is_some_and(|b| b.is_ascii_hexdigit());
            if !(hex() && hex()) {
                return false;
            }
        } else if !(byte.is_ascii_alphanumeric()
            || b"-._~!$&'()*+,;=".contains(&byte)
            || extra.contains(&byte))
        {
            return false;
        }
    }
    true
}

/// The bytes of a text with its percent-escapes undone once; what is no escape stays.
pub(crate) fn unescaped(text: &str) -> Vec<u8> {
    let hex = |b: &u8| {
        char::from(*b)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        bytes.push(*first);
        if let (b'%', [high, low, after @ ..]) = (first, tail)
            && let (Some(high), Some(low)) = (hex(high), hex(low))
        {
            bytes.pop();
            bytes.push(high << 4 | low);
            rest = after;
        }
    }
    bytes
}

/// A text with its percent-escapes undone; `None` if one is not whole or the result is not UTF-8.
pub(crate) fn percent_decoded(text: &str) -> Option<String> {
    is_escaped_well(text).then(|| String::from_utf8(unescaped(text)).ok())?
}

fn is_escaped_well(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        let digits = after.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_have_the_characters_of_the_standard() {
        for good in [
            "https://a.kr/",
            "https://a.kr",
            "https://[::1]:8443/a?b#c",
            "https://user@a.kr/%EA%B0%80",
            "did:example:1#key",
            "urn:uuid:6a1676b8-b51f-11ed-937b-d76685a20ff5",
            "a:b",
            "mailto:a@b.kr",
        ] {
            assert!(is_uri(good), "{good}");
        }
        for bad in [
            "",
            "a",
            ":b",
            "a:",
            "1a:b",
            "a b:c",
            "https://a.kr/ b",
            "https://a.kr/가",
            "a:b#c#d",
            "a:b%",
            "a:b%g0",
            "a:<b>",
            "a:\"b\"",
            "a:{b}",
            "a:b|c",
            "a:b\\c",
            "a:b^c",
            "a:b`c",
            "https://a.kr/[b]",
            "a:b\n",
        ] {
            assert!(!is_uri(bad), "{bad:?}");
        }
        assert_eq!(percent_decoded("a%20b").as_deref(), Some("a b"));
        for bad in ["%", "%2", "%zz", "%ff"] {
            assert_eq!(percent_decoded(bad), None);
        }
    }

    // What a ledger holds of an identity can be put into its document.
    #[cfg(feature = "did-kbtf")]
    proptest::proptest! {
        #[test]
        fn what_operations_hold_are_uris(
            text in "[a:/?#@%1.]{0,12}|(a|did|https):(//)?[a-z.]{0,3}(:[0-9]{0,6})?(/[a-z%2F:@]{0,5})?([?][a/?]{0,3})?(#[a/?]{0,3})?",
        ) {
            proptest::prop_assert!(!is_plain_uri(&text) || is_uri(&text), "{}", text);
        }
    }
}
