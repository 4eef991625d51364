//! The tree against its definition: a recursive reading of RFC 9162 section 2.1, slow and obvious, judges the fast code.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::panic
)]

use std::{env, fs, path::PathBuf};

use kbtf_history::{
    CompactRange, ConsistencyProof, Error, Hash, InclusionProof, MemoryTree, Node, NodeSource as _,
    Plan, Prover, TreeHasher,
    tile::{self, TileId, Tiles},
};
use proptest::prelude::*;

const HASHER: TreeHasher<'static> = TreeHasher::SOFTWARE;

/// RFC 9162 section 2.1, as it is written there.
mod definition {
    use sha2::{Digest as _, Sha256};

    pub(super) type Hash = [u8; 32];

    fn split(n: usize) -> usize {
        // The largest power of two smaller than n.
        let mut k = 1;
        while 2 * k < n {
            k *= 2;
        }
        k
    }

    pub(super) fn leaf(d: &[u8]) -> Hash {
        Sha256::new()
            .chain_update([0])
            .chain_update(d)
            .finalize()
            .into()
    }

    fn node(left: Hash, right: Hash) -> Hash {
        let hash = Sha256::new().chain_update([1]);
        hash.chain_update(left)
            .chain_update(right)
            .finalize()
            .into()
    }

    pub(super) fn mth(d: &[Hash]) -> Hash {
        match d {
            [] => Sha256::digest([]).into(),
            [one] => *one,
            _ => {
                let k = split(d.len());
                node(mth(&d[..k]), mth(&d[k..]))
            }
        }
    }

    /// Section 2.1.3.1.
    pub(super) fn path(m: usize, d: &[Hash]) -> Vec<Hash> {
        if d.len() == 1 {
            return Vec::new();
        }
        let k = split(d.len());
        let (mut path, beside) = match m < k {
            true => (path(m, &d[..k]), mth(&d[k..])),
            false => (path(m - k, &d[k..]), mth(&d[..k])),
        };
        path.push(beside);
        path
    }

    /// Section 2.1.4.1.
    pub(super) fn proof(m: usize, d: &[Hash]) -> Vec<Hash> {
        match m {
            0 => Vec::new(),
            m => subproof(m, d, true),
        }
    }

    fn subproof(m: usize, d: &[Hash], known: bool) -> Vec<Hash> {
        if m == d.len() {
            return match known {
                true => Vec::new(),
                false => vec![mth(d)],
            };
        }
        let k = split(d.len());
        let (mut proof, beside) = match m <= k {
            true => (subproof(m, &d[..k], known), mth(&d[k..])),
            false => (subproof(m - k, &d[k..], false), mth(&d[..k])),
        };
        proof.push(beside);
        proof
    }
}

fn leaves(count: usize) -> Vec<definition::Hash> {
    (0..count)
        .map(|i| definition::leaf(&(i as u64).to_be_bytes()))
        .collect()
}

fn tree(leaves: &[definition::Hash]) -> MemoryTree {
    let mut tree = MemoryTree::new();
    for (i, leaf) in leaves.iter().enumerate() {
        let at = tree.append(Hash::from_bytes(*leaf), &HASHER).unwrap();
        assert_eq!(at, i as u64);
    }
    tree
}

fn hashes(path: Vec<definition::Hash>) -> Vec<Hash> {
    path.into_iter().map(Hash::from_bytes).collect()
}

#[test]
fn every_root_and_proof_of_small_trees_is_that_of_the_definition() {
    let leaves = leaves(70);
    let tree = tree(&leaves);
    let mut range = CompactRange::new();
    for size in 0..=leaves.len() {
        let all = &leaves[..size];
        let root = Hash::from_bytes(definition::mth(all));
        assert_eq!(tree.root_at(size as u64, &HASHER).unwrap(), root, "{size}");
        assert_eq!(range.size(), size as u64);
        assert_eq!(range.root(&HASHER).unwrap(), root, "{size}");
        for (m, leaf) in all.iter().enumerate() {
            let proof = tree
                .prove_inclusion(m as u64, size as u64, &HASHER)
                .unwrap();
            assert_eq!(proof.path, hashes(definition::path(m, all)), "{m} {size}");
            let leaf = Hash::from_bytes(*leaf);
            proof.verify(&leaf, &root, &HASHER).unwrap();
        }
        for m in 0..=size {
            let proof = tree
                .prove_consistency(m as u64, size as u64, &HASHER)
                .unwrap();
            assert_eq!(proof.path, hashes(definition::proof(m, all)), "{m} {size}");
            let old = Hash::from_bytes(definition::mth(&leaves[..m]));
            proof.verify(&old, &root, &HASHER).unwrap();
        }
        if let Some(leaf) = leaves.get(size) {
            range.append(Hash::from_bytes(*leaf), &HASHER).unwrap();
        }
    }
    assert_eq!(tree.to_compact_range(), {
        let whole: Vec<Hash> = Plan::root(70)
            .nodes()
            .iter()
            .map(|node| tree.node(*node).unwrap())
            .collect();
        CompactRange::from_parts(70, whole).unwrap()
    });
}

/// Any change to a proof, its positions, the entry or a root is refused.
#[test]
fn nothing_in_a_proof_is_left_to_choice() {
    let leaves = leaves(40);
    let tree = tree(&leaves);
    let root_of = |size: usize| Hash::from_bytes(definition::mth(&leaves[..size]));
    let flip = |hash: &Hash| {
        let mut bytes = *hash.as_bytes();
        bytes[7] ^= 0x10;
        Hash::from_bytes(bytes)
    };
    for size in 1..=40_u64 {
        let root = root_of(size as usize);
        for index in 0..size {
            let leaf = Hash::from_bytes(leaves[index as usize]);
            let proof = tree.prove_inclusion(index, size, &HASHER).unwrap();
            let refused = |proof: InclusionProof, leaf: &Hash, root: &Hash| {
                assert!(proof.verify(leaf, root, &HASHER).is_err(), "{index} {size}");
            };
            refused(proof.clone(), &flip(&leaf), &root);
            refused(proof.clone(), &leaf, &flip(&root));
            for i in 0..proof.path.len() {
                let mut other = proof.clone();
                other.path[i] = flip(&other.path[i]);
                refused(other, &leaf, &root);
                let mut other = proof.clone();
                other.path.remove(i);
                refused(other, &leaf, &root);
                let mut other = proof.clone();
                other.path.insert(i, root);
                refused(other, &leaf, &root);
            }
            for other_index in (0..size + 2).filter(|other| *other != index) {
                let mut other = proof.clone();
                other.index = other_index;
                refused(other, &leaf, &root);
            }
        }
        for old in 1..=size {
            let proof = tree.prove_consistency(old, size, &HASHER).unwrap();
            let old_root = root_of(old as usize);
            let refused = |proof: ConsistencyProof, old_root: &Hash, root: &Hash| {
                let verified = proof.verify(old_root, root, &HASHER);
                assert!(verified.is_err(), "{old} {size}");
            };
            refused(proof.clone(), &flip(&old_root), &root);
            refused(proof.clone(), &old_root, &flip(&root));
            for i in 0..proof.path.len() {
                let mut other = proof.clone();
                other.path[i] = flip(&other.path[i]);
                refused(other, &old_root, &root);
                let mut other = proof.clone();
                other.path.remove(i);
                refused(other, &old_root, &root);
            }
            let mut other = proof.clone();
            other.path.push(root);
            refused(other, &old_root, &root);
        }
    }
}

#[test]
fn from_nothing_every_tree_has_grown_with_an_empty_proof() {
    let root = Hash::from_bytes([9; 32]);
    let empty = HASHER.empty().unwrap();
    let proof = |old_size, new_size, path| ConsistencyProof {
        old_size,
        new_size,
        path,
    };
    proof(0, 5, vec![]).verify(&empty, &root, &HASHER).unwrap();
    proof(0, 0, vec![]).verify(&empty, &empty, &HASHER).unwrap();
    for (proof, old, new, code) in [
        (proof(0, 5, vec![root]), empty, root, "history/proof-length"),
        (proof(0, 5, vec![]), root, root, "history/root-mismatch"),
        (proof(0, 0, vec![]), empty, root, "history/root-mismatch"),
        (proof(0, 0, vec![]), root, empty, "history/root-mismatch"),
        (proof(5, 5, vec![root]), root, root, "history/proof-length"),
        (proof(5, 5, vec![]), empty, root, "history/root-mismatch"),
        (proof(6, 5, vec![]), root, root, "history/out-of-range"),
    ] {
        let error = proof.verify(&old, &new, &HASHER).unwrap_err();
        assert_eq!(error.code(), code, "{proof:?}");
    }
}

#[test]
fn positions_at_the_end_of_all_numbers() {
    let root = Hash::from_bytes([9; 32]);
    for (index, tree_size) in [
        (0, u64::MAX),
        (u64::MAX - 1, u64::MAX),
        (1 << 63, (1 << 63) + 1),
        (u64::MAX, u64::MAX),
        (0, 0),
    ] {
        let path = Plan::inclusion(index, tree_size).map(|plan| plan.nodes().len());
        let proof = InclusionProof {
            index,
            tree_size,
            path: vec![root; 64],
        };
        // Refused for its length, its place or its root, without a panic.
        assert!(proof.verify(&root, &root, &HASHER).is_err());
        assert_eq!(path.is_err(), index >= tree_size);
    }
    for old_size in [1, 1 << 62, 1 << 63, u64::MAX - 1] {
        Plan::consistency(old_size, u64::MAX).unwrap();
        let proof = ConsistencyProof {
            old_size,
            new_size: u64::MAX,
            path: vec![root; 64],
        };
        assert!(proof.verify(&root, &root, &HASHER).is_err());
    }
    let full = CompactRange::from_parts(u64::MAX, vec![root; 64]).unwrap();
    assert_eq!(
        full.clone().append(root, &HASHER).unwrap_err().code(),
        "history/out-of-range"
    );
    assert!(CompactRange::from_parts(6, vec![root; 3]).is_err());
}

#[test]
fn tiles_are_written_as_the_tree_grows_and_prove_the_same() {
    let leaves = leaves(70_000);
    let tree = tree(&leaves);
    // The example of the specification: 273 full and one partial tile of level 0, one and one of level 1, one of level 2.
    let all: Vec<TileId> = TileId::grown(0, 70_000).unwrap().collect();
    let of_level = |level, full| {
        let some = all
            .iter()
            .filter(|id| id.level() == level && id.is_full() == full);
        some.map(|id| id.width()).collect::<Vec<_>>()
    };
    assert_eq!(of_level(0, true).len(), 273);
    assert_eq!(of_level(0, false), [112]);
    assert_eq!(of_level(1, true).len(), 1);
    assert_eq!(of_level(1, false), [17]);
    assert_eq!(of_level(2, false), [1]);
    assert_eq!(TileId::grown(0, 256).unwrap().count(), 2);

    let mut tiles = Tiles::new(70_000);
    for id in &all {
        assert_eq!(id.to_string().parse::<TileId>().unwrap(), *id);
        tiles
            .add(*id, &tile::tile_bytes(*id, &tree).unwrap())
            .unwrap();
    }
    let root = tree.root(&HASHER).unwrap();
    assert_eq!(tiles.root_at(70_000, &HASHER).unwrap(), root);
    for index in (0..70_000).step_by(997) {
        let proof = Prover::prove_inclusion(&tiles, index, 70_000, &HASHER).unwrap();
        assert_eq!(proof, tree.prove_inclusion(index, 70_000, &HASHER).unwrap());
        let proof = Prover::prove_consistency(&tiles, index, 70_000, &HASHER).unwrap();
        assert_eq!(
            proof,
            tree.prove_consistency(index, 70_000, &HASHER).unwrap()
        );
    }
    // What grows later writes only what is new.
    let mut written: Vec<TileId> = Vec::new();
    for (old, new) in [
        (0, 1),
        (1, 255),
        (255, 256),
        (256, 257),
        (257, 66_000),
        (66_000, 70_000),
    ] {
        written.extend(TileId::grown(old, new).unwrap());
    }
    assert!(all.iter().all(|id| written.contains(id)));
    let full: Vec<_> = written.iter().filter(|id| id.is_full()).collect();
    let mut once = full.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), full.len(), "a full tile is written once");
    assert_eq!(
        tiles
            .node(Node {
                level: 0,
                index: 70_000
            })
            .unwrap_err(),
        Error::MissingNode {
            level: 0,
            index: 70_000
        }
    );
}

#[test]
fn names_of_tiles_are_one_for_each() {
    for name in [
        "tile/8/000",
        "tile/00/000",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/000",
        "tile/0/x001/067.p/0",
        "tile/0/x001/067.p/256",
        "tile/0/x001/067.p/01",
        "tile/0/x001/x067",
        "tile/0/001/067",
        "tile/0/",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/+01",
        "tile/-1/001",
        "tile/entries/001",
        "0/001",
    ] {
        assert!(name.parse::<TileId>().is_err(), "{name}");
    }
    let highest = TileId::new(0, u64::MAX >> 8, 256).unwrap();
    assert_eq!(highest.to_string().parse::<TileId>().unwrap(), highest);
    assert!(TileId::new(0, (u64::MAX >> 8) + 1, 256).is_err());
    assert_eq!(
        TileId::new(0, 1_234_067, 3).unwrap().entries_path(),
        "tile/entries/x001/x234/067.p/3"
    );
}

#[test]
fn bundles_of_entries() {
    let id = TileId::new(0, 0, 3).unwrap();
    let entries: [&[u8]; 3] = [b"one", b"", b"three"];
    let bytes = tile::bundle_bytes(entries).unwrap();
    assert_eq!(bytes, b"\x00\x03one\x00\x00\x00\x05three");
    assert_eq!(tile::read_bundle(id, &bytes).unwrap(), entries);
    for cut in 0..bytes.len() {
        assert!(tile::read_bundle(id, &bytes[..cut]).is_err());
    }
    assert!(tile::read_bundle(id, &[&bytes[..], &[0]].concat()).is_err());
    assert!(tile::read_bundle(id, &[&bytes[..], &[0, 0]].concat()).is_err());
    assert!(tile::bundle_bytes([vec![0; 65_536].as_slice()]).is_err());
    assert!(tile::bundle_bytes([b"".as_slice(); 257]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn proofs_of_larger_trees_are_those_of_the_definition(size in 1..3000_usize, a: u64, b: u64) {
        let leaves = leaves(size);
        let tree = tree(&leaves);
        let (index, old) = (a % size as u64, b % (size as u64 + 1));
        let proof = tree.prove_inclusion(index, size as u64, &HASHER).unwrap();
        prop_assert_eq!(proof.path, hashes(definition::path(index as usize, &leaves)));
        let proof = tree.prove_consistency(old, size as u64, &HASHER).unwrap();
        prop_assert_eq!(proof.path, hashes(definition::proof(old as usize, &leaves)));
    }
}

/// transparency-dev/merkle's probes: what must verify and what must not.
#[test]
#[ignore = "needs published vectors: set KBTF_VECTORS"]
fn published_inclusion_and_consistency_probes() {
    let mut counts = [0; 4];
    for file in files("inclusion") {
        let probe = json(&file);
        let verified = path(&probe).and_then(|path| {
            let proof = InclusionProof {
                index: probe["leafIdx"].as_u64().unwrap(),
                tree_size: probe["treeSize"].as_u64().unwrap(),
                path,
            };
            proof.verify(&hash(&probe["leafHash"])?, &root(&probe["root"]), &HASHER)
        });
        let refused = probe["wantErr"].as_bool().unwrap();
        assert_eq!(verified.is_err(), refused, "{}", file.display());
        counts[usize::from(refused)] += 1;
    }
    for file in files("consistency") {
        let probe = json(&file);
        let verified = path(&probe).and_then(|path| {
            let proof = ConsistencyProof {
                old_size: probe["size1"].as_u64().unwrap(),
                new_size: probe["size2"].as_u64().unwrap(),
                path,
            };
            proof.verify(&root(&probe["root1"]), &root(&probe["root2"]), &HASHER)
        });
        let mut refused = probe["wantErr"].as_bool().unwrap();
        if file.ends_with("additional/size1-is-zero-and-size2-is-not-zero.json") {
            // There a proof from nothing is "useless" and refused; C2SP's tlog-witness wants it taken.
            refused = false;
        }
        assert_eq!(verified.is_err(), refused, "{}", file.display());
        counts[2 + usize::from(refused)] += 1;
    }
    assert_eq!(counts, [6, 92, 7, 91]);
}

fn files(kind: &str) -> Vec<PathBuf> {
    let vectors = env::var_os("KBTF_VECTORS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors"),
        PathBuf::from,
    );
    let mut found = Vec::new();
    let mut folders = vec![vectors.join("merkle").join(kind)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => found.push(path),
            }
        }
    }
    found.sort();
    found
}

fn json(file: &PathBuf) -> serde_json::Value {
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

fn hash(value: &serde_json::Value) -> Result<Hash, Error> {
    value.as_str().unwrap_or_default().parse()
}

/// Some probes have words in the place of roots; what counts of them is which are equal.
fn root(value: &serde_json::Value) -> Hash {
    let words = |_| HASHER.leaf(value.as_str().unwrap().as_bytes()).unwrap();
    hash(value).unwrap_or_else(words)
}

fn path(probe: &serde_json::Value) -> Result<Vec<Hash>, Error> {
    let path = probe["proof"].as_array().cloned().unwrap_or_default();
    path.iter().map(hash).collect()
}
