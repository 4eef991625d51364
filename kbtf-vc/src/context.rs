use alloc::{borrow::ToOwned, string::String};

use kbtf_did::json::Value;

use crate::{Version, verdict::quoted, version};

/// Contexts that are fixed texts which everyone knows, and the SHA-256 of each as its URL gives it out (VC Data Model 1.1
/// appendix B.1 and 2.0 appendix B.1, Data Integrity 1.0 section 2.4.1, DID Core appendix B.1). In JCS proofs they are
/// compared, never fetched.
const WELL_KNOWN: [(&str, Option<[u8; 32]>); 8] = [
    (
        version::CONTEXT_V1,
        Some(hex(
            "ab4ddd9a531758807a79a5b450510d61ae8d147eab966cc9a200c07095b0cdcc",
        )),
    ),
    (
        version::CONTEXT_V2,
        Some(hex(
            "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
        )),
    ),
    (
        "https://w3id.org/security/data-integrity/v1",
        Some(hex(
            "b5d829bd09aa7c42abc6efa0c8ed7635313b5487f37ccfce3ecd149ca9418554",
        )),
    ),
    (
        "https://w3id.org/security/data-integrity/v2",
        Some(hex(
            "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
        )),
    ),
    (
        "https://w3id.org/security/multikey/v1",
        Some(hex(
            "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597",
        )),
    ),
    ("https://w3id.org/security/suites/jws-2020/v1", None),
    (
        "https://w3id.org/security/suites/ed25519-2020/v1",
        Some(hex(
            "b9e1ab971fd8bf2c7553e0c4a9438e0b9450afde1ea1ca5b2492368b9f549588",
        )),
    ),
    (
        "https://www.w3.org/ns/did/v1",
        Some(hex(
            "4f3eae5568c9c5f036a082088f9e192019ee06faa78973c87ff91d5421b88dad",
        )),
    ),
];

pub(crate) fn is_well_known(url: &str) -> bool {
    WELL_KNOWN.iter().any(|(known, _)| *known == url)
}

pub(crate) fn hash_of(url: &str) -> Option<[u8; 32]> {
    WELL_KNOWN.iter().find(|(known, _)| *known == url)?.1
}

/// 32 bytes from 64 hexadecimal digits, when this crate is compiled.
#[allow(clippy::indexing_slicing)]
const fn hex(text: &str) -> [u8; 32] {
    const fn digit(byte: u8) -> u8 {
        match byte {
            b'0'..=b'9' => byte - b'0',
            _ => byte - b'a' + 10,
        }
    }
    let text = text.as_bytes();
    let mut bytes = [0; 32];
    let mut i = 0;
    while i < 32 {
        bytes[i] = digit(text[2 * i]) << 4 | digit(text[2 * i + 1]);
        i += 1;
    }
    bytes
}

/// The first context, in a member or anywhere inside it, that does not belong: one that is not `known`, one written
/// out in the document, or that of the other version of the data model.
pub(crate) fn foreign_context(
    name: &str,
    value: &Value<'_>,
    version: Version,
    known: &dyn Fn(&str) -> bool,
) -> Option<String> {
    if name == "@context" {
        return value
            .as_set()
            .iter()
            .find_map(|context| match context.as_str() {
                Some(url) if known(url) && url != version.other().context() => None,
                Some(url) => Some(quoted(url)),
                None => Some("a context that is not a URL".to_owned()),
            });
    }
    match value {
        Value::Object(object) => object
            .iter()
            .find_map(|(name, value)| foreign_context(name, value, version, known)),
        Value::Array(values) => values
            .iter()
            .find_map(|value| foreign_context("", value, version, known)),
        _ => None,
    }
}
