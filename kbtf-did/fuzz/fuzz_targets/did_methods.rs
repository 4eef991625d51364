#![no_main]
//! did:jwk resolves to the key it names; did:web gives a plain https URL; what a server gives is checked.
use kbtf_did::{Did, did_jwk, did_web};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &[u8])| {
    let (id, body) = input;
    if let Ok(did) = Did::parse(&format!("did:jwk:{id}")) {
        if let (Ok(key), Ok(document)) = (did_jwk::public_key(&did), did_jwk::resolve(&did)) {
            assert_eq!(document.verification_methods()[0].public_key(), Ok(&key));
        }
    }
    if let Ok(did) = Did::parse(&format!("did:web:{id}")) {
        if let Ok(url) = did_web::url(&did) {
            let (host, path) = url.strip_prefix("https://").expect("https").split_once('/').expect("a path");
            assert!(!host.contains(['@', '%', '\\', '?', '#']) && !path.contains(['?', '#', '\\']));
            assert!(path.split('/').all(|s| !s.is_empty() && s != "." && s != ".."));
        }
        if let Ok(document) = did_web::check(&did, body) {
            assert_eq!(document.id(), &did);
        }
    }
});
