#![no_main]
//! Whatever is accepted is kept as it is and is made of its parts.
use kbtf_did::{Did, DidUrl, did_key};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(url) = DidUrl::parse(text) {
        assert_eq!(url.as_str(), text);
        assert_eq!(url.did().as_str(), url.did_str());
        let query = url.query().map(|q| format!("?{q}")).unwrap_or_default();
        let fragment = url.fragment().map(|f| format!("#{f}")).unwrap_or_default();
        assert_eq!(format!("{}{}{query}{fragment}", url.did(), url.path()), text);
    }
    if let Ok(did) = Did::parse(text) {
        assert_eq!(format!("did:{}:{}", did.method(), did.method_specific_id()), text);
        if let Ok(key) = did_key::public_key(&did) {
            assert_eq!(did_key::from_public_key(&key), did, "one text for one key");
        }
    }
});
