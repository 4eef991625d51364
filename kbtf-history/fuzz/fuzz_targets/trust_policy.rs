#![no_main]
//! Trust policies.
use kbtf_history::TrustPolicy;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(policy) = text.parse::<TrustPolicy>() {
        let _ = policy.witnesses().count();
    }
});
