#![no_main]
//! Requests, queries and answers: any text is read or refused, what is read is written and read again, and nothing is
//! accepted that nobody signed.
use kbtf_did::{Did, Timestamp};
use kbtf_vc::{DcqlQuery, Evidence, HolderBinding, Policy, PresentationRequest, PresentationResponse, Trust, Decision, verify_response};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let now = Timestamp::from_unix(1_795_305_600).expect("in range");
    let policy = Policy::new(Trust::AnyIssuer);
    assert!(!PresentationRequest::verify(text, &Evidence::new(), &policy, now).is_accepted());
    if let Ok(request) = PresentationRequest::parse(text) {
        assert_eq!(PresentationRequest::parse(&request.to_object().to_json()).as_ref(), Ok(&request));
    }
    let (query, answer) = text.split_once('\n').unwrap_or((text, "{}"));
    if let (Ok(query), Ok(answer)) = (DcqlQuery::parse(query), PresentationResponse::parse(answer)) {
        let did = Did::parse("did:example:verifier").expect("a DID");
        let request = PresentationRequest::new(&did, "nonce", query).expect("a nonce");
        let found = verify_response(&answer, &request, &Evidence::new(), &policy, &HolderBinding::AnyHolder, now);
        // With sets of which none is required, nothing is an answer; but nothing is shown by it.
        if found.decision() == Decision::Accepted {
            assert!(found.into_verified().is_ok_and(|shown| shown.is_empty()));
        }
    }
});
