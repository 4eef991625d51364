//! Related resources and other things that a document names by URL and digest (VC Data Model 2.0 section 5.3).

use alloc::{format, vec::Vec};

use base64ct::{Base64, Encoding as _};
use kbtf_did::{
    CryptoProvider,
    json::{Object, Value},
    multibase,
};

use crate::{FailureCode, Need, NotChecked, Step, Verdict, verdict::short, verify::Inputs};

/// How a digest and the bytes at hand go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Match {
    Yes,
    No,
    /// The digest is in no form or hash that is read here.
    Unreadable,
    ProviderFailed,
}

/// A digest as a document states it.
enum Digest {
    Sha256(Vec<u8>),
    Sha384(Vec<u8>),
    Sha512(Vec<u8>),
}

/// `digestSRI` is `sha256-`, `sha384-` or `sha512-` and base64 (Subresource Integrity); `digestMultibase` is a multihash.
fn read_digest(object: &Object<'_>) -> Option<Vec<Digest>> {
    let sri = object.get("digestSRI").map(|value| {
        let (name, hash) = value.as_str()?.split_once('-')?;
        let hash = Base64::decode_vec(hash).ok()?;
        match name {
            "sha256" => Some(Digest::Sha256(hash)),
            "sha384" => Some(Digest::Sha384(hash)),
            "sha512" => Some(Digest::Sha512(hash)),
            _ => None,
        }
    });
    let multihash = object.get("digestMultibase").map(|value| {
        let bytes = multibase::decode(value.as_str()?).ok()?;
        match bytes.as_slice() {
            [0x12, 0x20, hash @ ..] => Some(Digest::Sha256(hash.to_vec())),
            [0x20, 0x30, hash @ ..] => Some(Digest::Sha384(hash.to_vec())),
            [0x13, 0x40, hash @ ..] => Some(Digest::Sha512(hash.to_vec())),
            _ => None,
        }
    });
    [sri, multihash].into_iter().flatten().collect()
}

/// Compares bytes with every digest that an object states for them.
pub(crate) fn matches(object: &Object<'_>, bytes: &[u8], provider: &dyn CryptoProvider) -> Match {
    let Some(digests) = read_digest(object) else {
        return Match::Unreadable;
    };
    for digest in digests {
        let same = match digest {
            Digest::Sha256(hash) => provider.sha256(bytes).map(|h| h.as_slice() == hash),
            Digest::Sha384(hash) => provider.sha384(bytes).map(|h| h.as_slice() == hash),
            Digest::Sha512(hash) => provider.sha512(bytes).map(|h| h.as_slice() == hash),
        };
        match same {
            Ok(true) => {}
            Ok(false) => return Match::No,
            Err(_) => return Match::ProviderFailed,
        }
    }
    Match::Yes
}

/// Checks the resources that a document states digests of: contexts against their known hashes, others against the bytes
/// at hand. What is not at hand is asked for only if the policy wants to see it.
pub(crate) fn check(verdict: &mut Verdict, document: &Object<'_>, inputs: &Inputs<'_>) {
    let entries = document
        .get("relatedResource")
        .map(Value::as_set)
        .unwrap_or_default();
    for (i, entry) in entries.iter().filter_map(Value::as_object).enumerate() {
        let url = entry.get_str("id").unwrap_or_default();
        // Of a well-known context only the SHA-256 is kept, so other digests of it cannot be compared.
        let known = inputs.policy.context_hash(url);
        let by_hash = known.and_then(|hash| {
            let Some(stated) = read_digest(entry) else {
                return Some(Match::Unreadable);
            };
            let same = |digest: &Digest| match digest {
                Digest::Sha256(stated) => Some(stated.as_slice() == hash),
                _ => None,
            };
            if stated.iter().any(|digest| same(digest) == Some(false)) {
                return Some(Match::No);
            }
            let all = stated.iter().all(|digest| same(digest) == Some(true));
            all.then_some(Match::Yes)
        });
        let bytes = inputs.evidence.resource(url);
        #[cfg(feature = "rdfc")]
        let bytes = bytes.or(crate::rdfc::embedded_bytes(url));
        let found = if let Some(bytes) = bytes {
            matches(entry, bytes, inputs.policy.provider)
        } else if let Some(found) = by_hash {
            found
        } else {
            if inputs.policy.require_resources {
                verdict.need(Need::Resource(url.into()));
                verdict.skip(Step::Structure, NotChecked::MissingEvidence);
            }
            continue;
        };
        let place = format!("relatedResource[{i}]: {:?}", short(url));
        match found {
            Match::Yes => {}
            Match::No => verdict.fail(FailureCode::ResourceChanged, place),
            Match::Unreadable => verdict.fail(FailureCode::Malformed, place),
            Match::ProviderFailed => verdict.skip(Step::Structure, NotChecked::ProviderFailed),
        }
    }
}
