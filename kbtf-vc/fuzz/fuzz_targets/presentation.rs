#![no_main]
//! No presentation is accepted for a challenge that does not stand in it.
use kbtf_did::Timestamp;
use kbtf_vc::{Evidence, Policy, PresentationPolicy, Trust, verify_presentation};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let now = Timestamp::from_unix(1_795_305_600).expect("in range");
    let policy = Policy::new(Trust::AnyIssuer).waive_status().waive_schema();
    let challenge = "a challenge that no seed answers";
    let policy = PresentationPolicy::new(policy, challenge, "fuzz.example").expect("not empty");
    let verification = verify_presentation(bytes, &Evidence::new(), &policy, now);
    assert!(!verification.is_accepted());
    let _ = verification.verdict().to_object().to_json();
});
