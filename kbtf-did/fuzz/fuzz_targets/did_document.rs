#![no_main]
//! A document that is accepted is kept whole, and everything it lists can be asked for.
use kbtf_did::{DidDocument, Timestamp, VerificationRelationship};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(document) = DidDocument::parse(text) else { return };
    let again = DidDocument::parse(&document.as_object().to_json()).expect("what was accepted");
    assert_eq!(again, document);
    let now = Timestamp::from_unix(0).expect("in range");
    for method in document.verification_methods() {
        assert_eq!(document.verification_method(method.id()), Some(method));
        let _ = (method.state_at(now), method.public_key().is_ok());
    }
    for id in document.listed_for(VerificationRelationship::AssertionMethod) {
        assert!(document.is_listed(id, VerificationRelationship::AssertionMethod));
    }
});
