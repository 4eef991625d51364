#![no_main]
//! What a scanner reads: codes, parts, numbers. What is read is written again as it was, and proves nothing.
use kbtf_authenticity::paper::{
    CheckNumber, PaperIssuers, PaperLookup, PaperPolicy, PartCollector, SecondFactor, SignedPaper,
};
use kbtf_did::SOFTWARE;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(paper) = SignedPaper::from_bytes(bytes) {
        assert_eq!(paper.as_bytes(), bytes);
        assert_eq!(SignedPaper::parse(&paper.to_text()).as_ref(), Ok(&paper));
        let at = "2026-11-24T00:00:00Z".parse().unwrap();
        assert!(paper.verify(&PaperIssuers::new(), &PaperPolicy::default(), at, &SOFTWARE).is_err());
    }
    let Ok(text) = core::str::from_utf8(bytes) else { return };
    let mut collector = PartCollector::new();
    for line in text.lines() {
        let _ = collector.add(line, &SOFTWARE);
    }
    if let Ok(number) = text.parse::<CheckNumber>() {
        assert_eq!(number.to_string().parse::<CheckNumber>().unwrap(), number);
    }
    if let Ok(factor) = SecondFactor::parse(text) {
        assert!(SecondFactor::parse(&factor.to_text()).is_ok());
    }
    if let Ok(lookup) = PaperLookup::parse(text) {
        assert_eq!(lookup.to_text(), text);
    }
});
