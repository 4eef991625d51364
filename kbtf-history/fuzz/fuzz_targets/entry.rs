#![no_main]
//! Entries and complete histories of strangers: what is read is written again as it was.
use kbtf_did::SOFTWARE;
use kbtf_history::{CompleteHistory, HistoryLog, LogEntry, ObjectId, QueryLog, TrustPolicy};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(entry) = LogEntry::parse(text) {
        assert_eq!(entry.to_text(), text);
    }
    if let Ok(history) = CompleteHistory::parse(text) {
        assert_eq!(history.to_text(), text);
        let policy: TrustPolicy = "quorum none".parse().expect("a policy");
        let object = ObjectId::from_bytes([7; 16]);
        assert!(history.verify(object, "log.example", &policy, &SOFTWARE).is_err());
    }
    let _ = HistoryLog::restore("log.example", text.split('\n'), &SOFTWARE);
    let _ = QueryLog::restore("log.example", text.split('\n'), &SOFTWARE);
});
