#![no_main]
//! Barcodes: any text or bytes are read or refused, and what is read packs to the same document again.
use kbtf_vc::compact::{self, FrameCollector};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(scanned) = compact::from_bytes(bytes) {
        if let Ok(packed) = compact::to_bytes(scanned.document()) {
            let again = compact::from_bytes(&packed).expect("our own packing");
            assert_eq!(again, scanned);
        }
    }
    if let Ok(text) = core::str::from_utf8(bytes) {
        let _ = compact::from_text(text);
        let mut collector = FrameCollector::new();
        for frame in text.split('\n') {
            let _ = collector.add(frame);
        }
        if let Ok(packed) = compact::to_text(text) {
            let again = compact::from_text(&packed).expect("our own packing");
            let _ = again.document();
        }
    }
});
