#![no_main]
//! Any text and any document is looked at; a number that is known to be personal is found wherever it is put.
use kbtf_did::{DidDocument, personal_data};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = personal_data::find(text);
    let _ = personal_data::check_text("x", text);
    if let Ok(document) = DidDocument::parse(text) {
        let _ = personal_data::check_document(&document);
    }
    // Behind a slash the number begins a word of its own.
    assert!(personal_data::find(&format!("{text}/010-1234-5678")).is_some());
});
