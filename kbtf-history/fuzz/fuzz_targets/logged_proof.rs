#![no_main]
//! Offline proofs of strangers.
use kbtf_did::SOFTWARE;
use kbtf_history::{LoggedProof, TrustPolicy};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(proof) = LoggedProof::parse(text) {
        assert_eq!(proof.to_string(), text);
        let policy: TrustPolicy = "quorum none".parse().expect("a policy");
        assert!(proof.verify(b"entry", &policy, &SOFTWARE).is_err());
    }
});
