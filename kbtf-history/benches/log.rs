//! The log beside a bare build: one array for each level, filled with sha2 itself and nothing else. Sizes from a thousand
//! entries to a million; `KBTF_BENCH_LARGE=1` adds ten millions (1.3 GB).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation
)]

use std::hint::black_box;

use kbtf_history::{CompactRange, Hash, MemoryTree, TreeHasher};
use kbtf_rounds::Rounds;
use sha2::{Digest as _, Sha256};

const HASHER: TreeHasher<'static> = TreeHasher::SOFTWARE;
/// Appends of one sample.
const APPENDS: usize = 1000;

type Bytes = [u8; 32];

/// No checks, no abstraction: what any log of this shape must do.
#[derive(Default)]
struct Bare {
    levels: Vec<Vec<Bytes>>,
}

fn bare_leaf(entry: &[u8]) -> Bytes {
    let hash = Sha256::new().chain_update([0]);
    hash.chain_update(entry).finalize().into()
}

fn bare_node(left: &Bytes, right: &Bytes) -> Bytes {
    let mut message = [1; 65];
    message[1..33].copy_from_slice(left);
    message[33..].copy_from_slice(right);
    Sha256::digest(message).into()
}

impl Bare {
    fn append(&mut self, leaf: Bytes) {
        let mut node = leaf;
        let mut level = 0;
        loop {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            self.levels[level].push(node);
            let len = self.levels[level].len();
            if len % 2 == 1 {
                return;
            }
            node = bare_node(&self.levels[level][len - 2], &self.levels[level][len - 1]);
            level += 1;
        }
    }

    /// The path of an entry in the whole tree.
    fn prove(&self, mut index: usize) -> Vec<Bytes> {
        let mut path = Vec::with_capacity(64);
        let mut size = self.levels[0].len();
        let mut level = 0;
        // What stands at the right edge of a level and is no whole part.
        let mut edge: Option<Bytes> = None;
        while size + usize::from(edge.is_some()) > 1 {
            let beside = index ^ 1;
            if beside < size {
                path.push(self.levels[level][beside]);
            } else if beside == size
                && let Some(edge) = edge
            {
                path.push(edge);
            }
            edge = match (size % 2, edge) {
                (0, edge) => edge,
                (_, None) => Some(self.levels[level][size - 1]),
                (_, Some(right)) => Some(bare_node(&self.levels[level][size - 1], &right)),
            };
            index /= 2;
            size /= 2;
            level += 1;
        }
        path
    }
}

fn bare_verify(leaf: &Bytes, index: u64, size: u64, path: &[Hash], root: &Bytes) -> bool {
    let (mut index, mut last) = (index, size - 1);
    let mut node = *leaf;
    for beside in path {
        let beside = beside.as_bytes();
        if index & 1 == 1 || index == last {
            node = bare_node(beside, &node);
            while index & 1 == 0 && index != 0 {
                index >>= 1;
                last >>= 1;
            }
        } else {
            node = bare_node(&node, beside);
        }
        index >>= 1;
        last >>= 1;
    }
    node == *root
}

fn main() {
    let mut sizes = vec![1_000_u64, 10_000, 100_000, 1_000_000];
    if std::env::var_os("KBTF_BENCH_LARGE").is_some() {
        sizes.push(10_000_000);
    }
    let entry = [7_u8; 200];
    for size in sizes {
        println!("\n{size} entries of 200 bytes");
        let mut bare = Bare::default();
        let mut tree = MemoryTree::new();
        for i in 0..size {
            let leaf = bare_leaf(&i.to_be_bytes());
            bare.append(leaf);
            tree.append(Hash::from_bytes(leaf), &HASHER).unwrap();
        }
        let mut range: CompactRange = tree.to_compact_range();
        let root = tree.root(&HASHER).unwrap();
        let index = size / 3 * 2 + 1;
        let leaf = bare_leaf(&index.to_be_bytes());
        let proof = tree.prove_inclusion(index, size, &HASHER).unwrap();
        let consistency = tree.prove_consistency(index, size, &HASHER).unwrap();
        let old_root = kbtf_history::Prover::root_at(&tree, index, &HASHER).unwrap();
        let bare_path: Vec<Hash> = bare
            .prove(index as usize)
            .into_iter()
            .map(Hash::from_bytes)
            .collect();
        assert_eq!(bare_path, proof.path);
        println!("proof of {} hashes", proof.path.len());
        let (bare_tree, grown) = (&bare, std::cell::RefCell::new(Bare::default()));
        // Trees that grow are copies, so that proofs are about the size that is stated.
        grown.borrow_mut().levels.clone_from(&bare.levels);
        let mut own = tree.clone();
        let mut rounds = Rounds::new();
        rounds.floor("bare: append 1000 entries", || {
            for _ in 0..APPENDS {
                grown.borrow_mut().append(bare_leaf(black_box(&entry)));
            }
        });
        rounds.operation("append 1000 entries, tree in memory", || {
            for _ in 0..APPENDS {
                let leaf = HASHER.leaf(black_box(&entry)).unwrap();
                own.append(leaf, &HASHER).unwrap();
            }
        });
        rounds.operation("append 1000 entries, compact range", || {
            for _ in 0..APPENDS {
                let leaf = HASHER.leaf(black_box(&entry)).unwrap();
                range.append(leaf, &HASHER).unwrap();
            }
        });
        rounds.floor("bare: prove", || {
            black_box(bare_tree.prove(black_box(index as usize)));
        });
        rounds.operation("prove inclusion", || {
            black_box(
                tree.prove_inclusion(black_box(index), size, &HASHER)
                    .unwrap(),
            );
        });
        rounds.operation("prove consistency", || {
            black_box(
                tree.prove_consistency(black_box(index), size, &HASHER)
                    .unwrap(),
            );
        });
        rounds.floor("bare: verify", || {
            assert!(bare_verify(
                &leaf,
                index,
                size,
                black_box(&proof.path),
                root.as_bytes()
            ));
        });
        rounds.operation("verify inclusion", || {
            proof
                .verify(black_box(&Hash::from_bytes(leaf)), &root, &HASHER)
                .unwrap();
        });
        rounds.operation("verify consistency", || {
            consistency
                .verify(black_box(&old_root), &root, &HASHER)
                .unwrap();
        });
        rounds.run(300);
    }
}
