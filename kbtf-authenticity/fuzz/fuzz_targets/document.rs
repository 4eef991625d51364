#![no_main]
//! Documents of strangers: whatever is read has a commitment, and what is shown of it holds.
use kbtf_authenticity::{Document, DocumentKey, Header, Positions, Step};
use kbtf_did::SOFTWARE;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let key = DocumentKey::from_bytes([7; 32]);
    let read = [
        Document::from_json("application/json", bytes),
        Document::from_csv(bytes, Header::None),
        Document::from_csv(bytes, Header::Named),
        Document::from_xml("application/xml", bytes),
    ];
    for document in read.into_iter().flatten() {
        let committed = document.commit(&key, &SOFTWARE).expect("few leaves");
        let show = |way: &[Step<'_>]| way.len() % 2 == 1;
        if let Ok(shown) = document.redact(&key, show, Positions::Shown, &SOFTWARE) {
            assert!(shown.verify(&committed, &SOFTWARE).is_ok());
        }
        let outline = document.outline(&key, &SOFTWARE).expect("few leaves");
        let same = document.differences(&key, &committed, &outline, &SOFTWARE).expect("few leaves");
        assert!(same.is_none());
    }
});
