#![no_main]
//! Anchor files of strangers: what is read is written again as it was, and says nothing that nobody has said to believe.
use kbtf_did::SOFTWARE;
use kbtf_history::{
    Checkpoint, TreeHasher,
    anchor::{AnchorPolicy, AnchorProof, Verdict},
    lookup::HistoryLink,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let origin = "history.example.go.kr/land";
    let checkpoint = Checkpoint::new(origin, 0, TreeHasher::SOFTWARE.empty().expect("a hash")).expect("a checkpoint");
    // Of this checkpoint, so that everything behind is looked at.
    let digest = *AnchorProof::new(&checkpoint, &SOFTWARE).expect("a hash").digest();
    let whole = [&AnchorProof::of_digest(digest).to_bytes(), bytes].concat();
    for file in [bytes, &whole] {
        let Ok(proof) = AnchorProof::from_bytes(file) else { continue };
        assert_eq!(proof.to_bytes(), file);
        let Ok(said) = proof.verify(&checkpoint, &[], &AnchorPolicy::default(), &SOFTWARE) else { continue };
        assert!(said.iter().all(|one| !matches!(one.verdict, Verdict::Final { .. })));
    }
    if let Ok(text) = core::str::from_utf8(bytes)
        && let Ok(link) = HistoryLink::parse(text, &[origin])
        && text.starts_with("https://")
    {
        assert_eq!(link.to_string(), text);
    }
});
