#![no_main]
//! Requests that a witness gets.
use kbtf_history::AddCheckpoint;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(request) = AddCheckpoint::parse(text) {
        assert_eq!(request.to_body(), text);
    }
});
