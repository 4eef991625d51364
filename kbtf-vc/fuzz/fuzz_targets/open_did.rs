#![no_main]
//! Documents, credentials and presentations of OpenDID: any text is read or refused, and nothing is accepted without a key.
use kbtf_did::{Did, Timestamp};
use kbtf_vc::{
    HolderBinding, Policy, Trust,
    open_did::{OpenDidEvidence, OpenDidPolicy, WhiteSpace, verify_credential, verify_presentation},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let now = Timestamp::from_unix(1_795_305_600).expect("in range");
    let policy = OpenDidPolicy::new(Policy::new(Trust::AnyIssuer).waive_status().waive_schema());
    let policy = policy.white_space(WhiteSpace::Removed);
    let none = OpenDidEvidence::new();
    assert!(!verify_credential(text.as_bytes(), &none, &policy, now).is_accepted());
    let any = HolderBinding::AnyHolder;
    assert!(!verify_presentation(text.as_bytes(), &none, &policy, "n", &any, now).is_accepted());
    let (document, credential) = text.split_once('\n').unwrap_or((text, "{}"));
    let mut evidence = OpenDidEvidence::new();
    let _ = evidence.add_document(&Did::parse("did:omn:school").expect("a DID"), document);
    let _ = verify_credential(credential.as_bytes(), &evidence, &policy, now);
});
