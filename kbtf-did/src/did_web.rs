//! The method `did:web`: the document lies on a web server (W3C CCG did:web). Without I/O: [`url`] says what to fetch,
//! [`check`] whether what came is the document.
//!
//! A `did:web` is worth what its domain is worth. Whoever controls the server or its name today is the controller
//! today, there is no history, and who asks for the document is seen by the server.

use alloc::{borrow::ToOwned, format, string::String, vec::Vec};

use crate::{Did, DidDocument, Error, Representation, document::invalid, json, timestamp::excerpt};

/// The largest document that is read, in bytes.
pub const MAX_DOCUMENT: usize = 256 * 1024;

/// The URL at which the document of a `did:web` lies: `https` always, the port if the identifier has one.
///
/// Refused are IP addresses, as the method asks (whatever their notation), and `localhost`; names of one label and
/// private zones are not known here, so a server that resolves on behalf of others should not be able to reach its own
/// network. Path segments that would climb (`.`, `..`) or that hide a slash are refused too.
///
/// # Errors
/// `did/method-not-supported` for a DID of another method, `did/invalid-did-web` with what was expected.
///
/// ```
/// use kbtf_did::{Did, did_web};
///
/// let url = |did| did_web::url(&Did::parse(did)?);
/// assert_eq!(url("did:web:w3c-ccg.github.io")?, "https://w3c-ccg.github.io/.well-known/did.json");
/// assert_eq!(url("did:web:example.com%3A3000:user:alice")?, "https://example.com:3000/user/alice/did.json");
/// assert_eq!(url("did:web:127.0.0.1").unwrap_err().code(), "did/invalid-did-web");
/// # Ok::<(), kbtf_did::Error>(())
/// ```
pub fn url(did: &Did) -> Result<String, Error> {
    if did.method() != "web" {
        return Err(Error::MethodNotSupported {
            method: excerpt(did.method()),
        });
    }
    let wrong = |expected| Err(Error::InvalidDidWeb { expected });
    let mut segments = did.method_specific_id().split(':');
    let host = segments.next().unwrap_or_default();
    let (name, port) = match host.split_once("%3A").or_else(|| host.split_once("%3a")) {
        None => (host, None),
        Some((name, port)) => (name, Some(port)),
    };
    if !is_domain_name(name) {
        return wrong(
            "a domain name: no IP address, no localhost, no escapes but %3A before a port",
        );
    }
    if let Some(port) = port {
        // "0" and leading zeros would be a second name for the same place.
        let number: Option<u16> = port.parse().ok();
        if number.is_none_or(|n| n == 0) || port.starts_with(['0', '+']) {
            return wrong("a port from 1 to 65535 without leading zeros");
        }
    }
    let mut url = format!("https://{}", name.to_ascii_lowercase());
    if let Some(port) = port {
        url.push(':');
        url.push_str(port);
    }
    let path: Vec<&str> = segments.collect();
    if path.is_empty() {
        url.push_str("/.well-known");
    }
    for segment in path {
        if !is_safe_segment(segment) {
            return wrong("path segments that are not empty, . or .., and hide no slash");
        }
        url.push('/');
        url.push_str(segment);
    }
    url.push_str("/did.json");
    Ok(url)
}

/// Checks what a server gave for a `did:web`: a DID document, in JSON-LD or plain JSON, whose id is this DID.
///
/// # Errors
/// `did/method-not-supported`, a JSON error, `did/invalid-document`; `did/wrong-document` if it is about another DID.
pub fn check(did: &Did, body: &[u8]) -> Result<DidDocument, Error> {
    // An identifier that has no URL has no document either.
    url(did)?;
    let text = core::str::from_utf8(body)
        .ok()
        .filter(|text| text.len() <= MAX_DOCUMENT)
        .ok_or_else(|| invalid("document", "UTF-8 text of at most 256 KiB"))?;
    let value = json::parse(text)?;
    let representation = value
        .as_object()
        .map_or(Representation::JsonLd, Representation::of);
    let document = DidDocument::from_value_as(value, representation)?;
    if document.id() == did {
        Ok(document)
    } else {
        Err(Error::WrongDocument {
            asked: did.as_str().to_owned(),
            got: document.id().as_str().to_owned(),
        })
    }
}

/// Labels of letters, digits and hyphens, none of them empty. Browsers take a name whose last label is a number, in
/// whatever notation, for an IPv4 address (WHATWG URL section 3.5).
fn is_domain_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|b| b.is_ascii_digit())
        || last
            .get(..2)
            .is_some_and(|start| start.eq_ignore_ascii_case("0x"));
    name.len() <= 253
        && name.split('.').all(is_label)
        && !is_number
        && !last.eq_ignore_ascii_case("localhost")
}

/// `did_length` has seen to it that only `idchar` and escapes are here.
fn is_safe_segment(segment: &str) -> bool {
    let plain = segment.replace("%2e", ".").replace("%2E", ".");
    let hidden = ["%2f", "%5c", "%00", "%23", "%3f"];
    let lower = segment.to_ascii_lowercase();
    !plain.is_empty()
        && plain != "."
        && plain != ".."
        && !hidden.iter().any(|escape| lower.contains(escape))
}
