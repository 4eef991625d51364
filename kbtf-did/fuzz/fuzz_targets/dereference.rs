#![no_main]
//! Whatever a DID URL says, an address stays on the host of its service.
use kbtf_did::dereference::{DereferenceOptions, Dereferenced, resolution_options, within};
use kbtf_did::{DidDocument, DidUrl, ResolvedDocument};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(url) = DidUrl::parse(&format!("did:example:1{text}")) else { return };
    let _ = resolution_options(&url);
    let document = DidDocument::parse(r##"{"@context":"https://www.w3.org/ns/did/v1","id":"did:example:1","service":[{"id":"#s","type":"S","serviceEndpoint":"https://host.example/a/b?c"}]}"##).expect("fixed");
    let resolved = ResolvedDocument::active(document);
    let _ = within(&url, resolved.clone(), &DereferenceOptions::default());
    if let Ok(Dereferenced::Urls(urls)) = within(&url, resolved, &DereferenceOptions::default().uri_list()) {
        for url in urls {
            let rest = url.strip_prefix("https://host.example/").expect("stays on the host");
            let path = rest.split(['?', '#']).next().unwrap_or_default();
            assert!(path.split('/').all(|s| s != ".."));
        }
    }
});
