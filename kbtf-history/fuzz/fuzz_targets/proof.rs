#![no_main]
//! Proofs with any positions: verified or refused, and never more hashes than a proof has.
use kbtf_history::{ConsistencyProof, Hash, InclusionProof, Plan, TreeHasher};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u64, u64, Vec<[u8; 32]>, [u8; 32], [u8; 32])| {
    let (a, b, path, one, two) = input;
    let path: Vec<Hash> = path.into_iter().map(Hash::from_bytes).collect();
    let (one, two) = (Hash::from_bytes(one), Hash::from_bytes(two));
    let hasher = TreeHasher::SOFTWARE;
    let inclusion = InclusionProof { index: a, tree_size: b, path: path.clone() };
    if inclusion.root(&one, &hasher).is_ok() {
        let plan = Plan::inclusion(a, b).expect("a place of the tree");
        assert!(path.len() <= plan.nodes().len() && path.len() <= 64);
    }
    let consistency = ConsistencyProof { old_size: a, new_size: b, path };
    if consistency.verify(&one, &two, &hasher).is_ok() {
        Plan::consistency(a, b).expect("sizes in order");
    }
    let _ = Plan::root(a);
});
