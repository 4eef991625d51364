#![no_main]
//! What stands in a register: what is read is written again as it was, and none of it follows on anything.
use kbtf_authenticity::register::{Context, RegisterEntry, SignedOperation, decide};
use kbtf_did::did_kbtf::LedgerName;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(entry) = RegisterEntry::parse(text) {
        assert_eq!(entry.to_text(), text);
    }
    if let Ok(signed) = SignedOperation::parse(text) {
        assert_eq!(signed.to_text(), text);
        let name = LedgerName::parse("seoul-1").unwrap();
        let context = Context::new(&name, "2026-11-24T00:00:00Z".parse().unwrap());
        assert!(decide(None, &signed, &context).is_err());
    }
});
