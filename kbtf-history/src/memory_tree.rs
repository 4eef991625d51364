use alloc::vec::Vec;

use crate::{CompactRange, Error, Hash, Node, NodeSource, Prover, TreeHasher};

/// A tree in memory: the hashes of all its whole parts, two for each entry. It proves at once, about itself and about any
/// earlier tree.
#[derive(Debug, Clone, Default)]
pub struct MemoryTree {
    levels: Vec<Vec<Hash>>,
}

impl MemoryTree {
    /// The tree without entries.
    #[must_use]
    pub const fn new() -> Self {
        Self { levels: Vec::new() }
    }

    /// How many entries it has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |level| level.len() as u64)
    }

    /// Adds an entry by its hash, and gives its place.
    ///
    /// # Errors
    /// `did/provider`; the tree is then as it was.
    pub fn append(&mut self, leaf: Hash, hasher: &TreeHasher<'_>) -> Result<u64, Error> {
        let index = self.size();
        let mut place = index;
        let mut node = leaf;
        let mut made = Ok(());
        // Each level gets the part that has become whole, until one waits for its neighbour.
        let mut level = 0;
        loop {
            match self.levels.get_mut(level) {
                Some(hashes) => hashes.push(node),
                None => self.levels.push(alloc::vec![node]),
            }
            level += 1;
            if place & 1 == 0 {
                break;
            }
            let Some([.., left, right]) = self.levels.get(level - 1).map(Vec::as_slice) else {
                break;
            };
            match hasher.node(left, right) {
                Ok(whole) => node = whole,
                Err(error) => {
                    made = Err(error);
                    break;
                }
            }
            place >>= 1;
        }
        if let Err(error) = made {
            for hashes in self.levels.iter_mut().take(level) {
                hashes.pop();
            }
            self.levels.retain(|hashes| !hashes.is_empty());
            return Err(error);
        }
        Ok(index)
    }

    /// The root of the whole tree.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn root(&self, hasher: &TreeHasher<'_>) -> Result<Hash, Error> {
        self.root_at(self.size(), hasher)
    }

    /// That an entry stands in the tree of the first entries, so many of them.
    ///
    /// # Errors
    /// `history/out-of-range`, `history/missing-node` if the tree is smaller; `did/provider`.
    pub fn prove_inclusion(
        &self,
        index: u64,
        tree_size: u64,
        hasher: &TreeHasher<'_>,
    ) -> Result<crate::InclusionProof, Error> {
        Prover::prove_inclusion(self, index, tree_size, hasher)
    }

    /// That the tree of so many entries has grown out of that of fewer.
    ///
    /// # Errors
    /// As for [`MemoryTree::prove_inclusion`].
    pub fn prove_consistency(
        &self,
        old_size: u64,
        new_size: u64,
        hasher: &TreeHasher<'_>,
    ) -> Result<crate::ConsistencyProof, Error> {
        Prover::prove_consistency(self, old_size, new_size, hasher)
    }

    /// What is needed to add entries without the rest of the tree.
    #[must_use]
    pub fn to_compact_range(&self) -> CompactRange {
        let size = self.size();
        let mut nodes = Vec::new();
        for (level, hashes) in self.levels.iter().enumerate().rev() {
            if size >> level & 1 == 1 {
                nodes.extend(hashes.last());
            }
        }
        CompactRange::from_whole_parts(size, nodes)
    }
}

impl NodeSource for MemoryTree {
    fn node(&self, node: Node) -> Result<Hash, Error> {
        let level = self.levels.get(usize::from(node.level));
        let place = usize::try_from(node.index).ok();
        level
            .and_then(|level| level.get(place?).copied())
            .ok_or(Error::MissingNode {
                level: node.level,
                index: node.index,
            })
    }
}
