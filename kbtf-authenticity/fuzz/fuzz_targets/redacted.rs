#![no_main]
//! What strangers show: what is read is written again as it was, and proves nothing.
use kbtf_authenticity::Redacted;
use kbtf_did::SOFTWARE;
use kbtf_history::Commitment;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(redacted) = text.parse::<Redacted>() {
        assert_eq!(redacted.to_string(), text);
        let other = Commitment::from_bytes([7; 32]);
        assert!(redacted.verify(&other, &SOFTWARE).is_err());
        let _ = redacted.hide(|leaf| leaf.path().len() % 2 == 0, &SOFTWARE);
    }
});
