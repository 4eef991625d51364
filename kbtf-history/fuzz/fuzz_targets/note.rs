#![no_main]
//! Notes, checkpoints and keys of strangers: what is read is written again as it was.
use kbtf_history::{
    SignedCheckpoint,
    note::{Note, NoteKey},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(note) = Note::parse(text) {
        assert_eq!(note.to_string(), text);
    }
    if let Ok(signed) = SignedCheckpoint::parse(text) {
        assert_eq!(signed.to_string(), text);
        assert_eq!(signed.unverified().to_text(), signed.note().text());
    }
    if let Ok(key) = text.parse::<NoteKey>() {
        assert_eq!(key.to_string(), text);
    }
});
