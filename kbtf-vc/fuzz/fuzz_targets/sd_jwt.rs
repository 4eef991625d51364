#![no_main]
//! No SD-JWT that nobody signed is accepted; what is read can be selected from and read again.
use kbtf_did::Timestamp;
use kbtf_vc::{Evidence, Policy, PresentationPolicy, Trust, sd_jwt};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let now = Timestamp::from_unix(1_795_305_600).expect("in range");
    if let Ok(parsed) = sd_jwt::SdJwt::parse(text) {
        let none = parsed.select(&[]).expect("nothing is always there");
        assert_eq!(none.disclosures().count(), 0);
        for (path, _) in parsed.disclosures() {
            let one = parsed.select(core::slice::from_ref(&path)).expect("it is there");
            assert!(one.disclosures().any(|(shown, _)| shown == path || path.elements().len() > 1));
        }
    }
    let policy = Policy::new(Trust::AnyIssuer).waive_status();
    let policy = PresentationPolicy::new(policy, "a challenge that no seed answers", "fuzz.example").expect("not empty");
    let verification = sd_jwt::verify_presentation(text.as_bytes(), &Evidence::new(), &policy, now);
    assert!(!verification.is_accepted());
});
