//! The tree over the leaves of one document (RFC 9162 section 2.1.1), filled up to a power of two, and proofs of many leaves
//! at once.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

use kbtf_history::{Hash, TreeHasher};

use crate::{Error, error::malformed};

/// How many levels there are above the leaves, at most.
pub(crate) const MAX_LEVELS: u32 = 24;

/// All nodes, level by level, from the leaves up.
pub(crate) struct PerfectTree {
    levels: Vec<Vec<Hash>>,
}

impl PerfectTree {
    /// Over leaves whose number is a power of two.
    pub(crate) fn new(leaves: Vec<Hash>, hasher: &TreeHasher<'_>) -> Result<Self, Error> {
        let mut levels = alloc::vec![leaves];
        while let Some(last) = levels.last()
            && last.len() > 1
        {
            let mut above = Vec::with_capacity(last.len() / 2);
            for pair in last.chunks(2) {
                if let [left, right] = pair {
                    above.push(hasher.node(left, right)?);
                }
            }
            levels.push(above);
        }
        Ok(Self { levels })
    }

    pub(crate) fn leaves(&self) -> &[Hash] {
        self.levels.first().map_or(&[], Vec::as_slice)
    }

    /// The nodes beside the ways up from these leaves that cannot be computed from them: level by level from the leaves up,
    /// each from the left.
    pub(crate) fn prove(&self, shown: &BTreeSet<u64>) -> Result<Vec<Hash>, Error> {
        let node = |level: u32, index: u64| {
            let level = usize::try_from(level).ok()?;
            let index = usize::try_from(index).ok()?;
            self.levels.get(level)?.get(index).copied()
        };
        let levels = u32::try_from(self.levels.len().saturating_sub(1)).unwrap_or(u32::MAX);
        beside(shown, levels, node)
    }
}

/// See [`PerfectTree::prove`], over any nodes that are at hand.
pub(crate) fn beside(
    shown: &BTreeSet<u64>,
    levels: u32,
    node: impl Fn(u32, u64) -> Option<Hash>,
) -> Result<Vec<Hash>, Error> {
    let mut proof = Vec::new();
    let mut known = shown.clone();
    for level in 0..levels {
        let mut above = BTreeSet::new();
        for index in &known {
            let other = index ^ 1;
            if !known.contains(&other) {
                proof.push(node(level, other).ok_or(malformed("proof", "every node beside"))?);
            }
            above.insert(index >> 1);
        }
        known = above;
    }
    Ok(proof)
}

/// A node's level and its place there.
pub(crate) type Nodes = BTreeMap<(u32, u64), Hash>;

/// All nodes that leaves and the nodes beside their ways lead to, the root among them, at `(levels, 0)`.
pub(crate) fn climb(
    shown: &BTreeMap<u64, Hash>,
    levels: u32,
    proof: &[Hash],
    hasher: &TreeHasher<'_>,
) -> Result<Nodes, Error> {
    let wrong = || malformed("proof", "as many nodes as the ways up need");
    let size = 1_u64.checked_shl(levels).unwrap_or(0);
    if shown.is_empty() || shown.keys().any(|index| *index >= size) {
        return Err(malformed("proof", "leaves of the tree"));
    }
    let mut nodes = Nodes::new();
    let mut proof = proof.iter();
    let mut known = shown.clone();
    for level in 0..levels {
        let mut above = BTreeMap::new();
        for (index, hash) in &known {
            nodes.insert((level, *index), *hash);
            let other = match known.get(&(index ^ 1)) {
                // Its parent comes with the left one.
                Some(_) if index & 1 == 1 => continue,
                Some(other) => *other,
                None => {
                    let other = *proof.next().ok_or_else(wrong)?;
                    nodes.insert((level, index ^ 1), other);
                    other
                }
            };
            let parent = match index & 1 {
                0 => hasher.node(hash, &other)?,
                _ => hasher.node(&other, hash)?,
            };
            above.insert(index >> 1, parent);
        }
        known = above;
    }
    if proof.next().is_some() {
        return Err(wrong());
    }
    nodes.extend(
        known
            .into_iter()
            .map(|(index, hash)| ((levels, index), hash)),
    );
    Ok(nodes)
}
