#![no_main]
//! Evidence from strangers: what is read is written again as it was, and nothing in it is believed.
use kbtf_authenticity::{Bundle, BundleTrust, Policy, Verdict, Word};
use kbtf_did::{SOFTWARE, did_kbtf::LedgerName};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(bundle) = Bundle::parse(text) {
        assert_eq!(bundle.to_text(), text);
        let policy = Policy::new(&LedgerName::parse("seoul-1").unwrap());
        let at = "2026-11-24T00:00:00Z".parse().unwrap();
        let checked = bundle.verify(&policy, &BundleTrust::new(), at, &SOFTWARE);
        assert!(checked.issuer != Verdict::Valid && checked.word() != Word::Authentic);
    }
});
