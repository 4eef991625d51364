#![no_main]
//! Any text is an operation or none; one that is, is written back as the same, and deciding on it never panics.
use kbtf_did::did_kbtf::{Context, History, LedgerEntry, SignedOperation, decide};
use kbtf_did::{ResolutionOptions, SOFTWARE, Timestamp};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let entries: Vec<&str> = text.split('\n').collect();
    for text in &entries {
        let Ok(signed) = SignedOperation::parse(text) else { continue };
        let again = SignedOperation::parse(&signed.to_json()).expect("own text");
        assert_eq!(again, signed);
        assert_eq!(again.operation().signing_input(), signed.operation().signing_input());
        let ledger = signed.operation().ledger().expect("every operation has a ledger");
        let time = Timestamp::from_unix(1_800_000_000).expect("in range");
        let _ = decide(None, &signed, &Context::new(&ledger, time));
        let did = signed.operation().did(&SOFTWARE).expect("a DID");
        let entries: Vec<LedgerEntry> = entries.iter().map(|text| LedgerEntry::new(time, (*text).to_owned())).collect();
        if let Ok((history, _)) = History::scan(&did, &entries, &SOFTWARE) {
            history.resolve(&ResolutionOptions::default()).expect("what was accepted has a document");
        }
    }
});
