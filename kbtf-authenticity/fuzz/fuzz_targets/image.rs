#![no_main]
//! Pictures from strangers: what is found in one is the text of a code.
use kbtf_authenticity::paper::image::read_png;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for text in read_png(bytes).unwrap_or_default() {
        assert!(text.starts_with("KD1:") || text.starts_with("KDP1:"));
    }
});
