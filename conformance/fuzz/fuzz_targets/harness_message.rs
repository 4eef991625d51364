#![no_main]
//! What a target writes, and what a suite asks: read or refused, never a panic.
use kbtf_conformance::{
    protocol::{Answer, Hello, Request},
    target::reference::Reference,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(answer) = Answer::from_message(bytes, 7) {
        let again = Answer::from_message(answer.to_message(7).to_string().as_bytes(), 7);
        assert!(again.is_ok());
        let _ = Hello::from_answer(answer);
    }
    if let Ok(request) = serde_json::from_slice::<Request>(bytes) {
        let answer = Reference::default().answer(&request);
        assert!(Answer::from_message(answer.to_message(7).to_string().as_bytes(), 7).is_ok());
    }
});
