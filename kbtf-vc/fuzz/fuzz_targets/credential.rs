#![no_main]
//! No bytes that nobody signed are accepted, and every verdict names every step.
use kbtf_did::Timestamp;
use kbtf_vc::{Decision, Evidence, Policy, Step, Trust, verify_credential};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let now = Timestamp::from_unix(1_795_305_600).expect("in range");
    let policy = Policy::new(Trust::AnyIssuer).waive_status().waive_schema();
    let verification = verify_credential(bytes, &Evidence::new(), &policy, now);
    assert_eq!(verification.verdict().steps().len(), Step::ALL.len());
    let decision = verification.verdict().decision();
    let _ = verification.verdict().to_object().to_json();
    // Seeds may hold signed credentials; what is accepted must at least say so consistently.
    assert_eq!(verification.into_verified().is_ok(), decision == Decision::Accepted);
});
