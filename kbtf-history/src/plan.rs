//! What a proof is made of, as data: which nodes, before any of them is at hand. A store that must fetch them fetches
//! them all at once.

use alloc::vec::Vec;

use crate::{ConsistencyProof, Error, Hash, InclusionProof, TreeHasher};

/// A whole part of a tree: the 2^level entries from index · 2^level on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// Its level; 0 are the entries.
    pub level: u8,
    /// Its place in the level.
    pub index: u64,
}

/// What has the hashes of nodes: a tree in memory, a set of tiles.
pub trait NodeSource {
    /// The hash of a node.
    ///
    /// # Errors
    /// `history/missing-node` if it is not at hand; those of what holds it.
    fn node(&self, node: Node) -> Result<Hash, Error>;
}

/// The nodes from which the root of a tree, or a proof about it, is made.
///
/// ```
/// use kbtf_history::{MemoryTree, Plan, TreeHasher};
///
/// let hasher = TreeHasher::SOFTWARE;
/// let mut tree = MemoryTree::new();
/// for entry in 0..7_u8 {
///     tree.append(hasher.leaf(&[entry])?, &hasher)?;
/// }
/// // To be fetched from wherever the nodes lie.
/// let plan = Plan::inclusion(2, 7)?;
/// assert_eq!(plan.nodes().len(), 4);
/// assert_eq!(plan.path(&tree, &hasher)?, tree.prove_inclusion(2, 7, &hasher)?.path);
/// # Ok::<(), kbtf_history::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    nodes: Vec<Node>,
    /// From which node on, and how many: they are hashed into one, which is no whole part of the tree.
    fold: (usize, usize),
}

impl Plan {
    /// For the root of a tree of so many entries.
    #[must_use]
    pub fn root(size: u64) -> Self {
        let mut nodes = Vec::new();
        whole_parts(0, size, &mut nodes);
        let fold = (0, nodes.len());
        Self { nodes, fold }
    }

    /// For the proof that an entry stands in a tree.
    ///
    /// # Errors
    /// `history/out-of-range` if the tree has no such place.
    pub fn inclusion(index: u64, tree_size: u64) -> Result<Self, Error> {
        if index >= tree_size {
            return Err(Error::OutOfRange {
                place: "index",
                bound: tree_size,
                got: index,
            });
        }
        let mut plan = Self::empty();
        plan.way_up(0, index, tree_size);
        Ok(plan)
    }

    /// For the proof that a tree has grown out of an earlier one.
    ///
    /// # Errors
    /// `history/out-of-range` if the earlier one is the larger one.
    pub fn consistency(old_size: u64, new_size: u64) -> Result<Self, Error> {
        if old_size > new_size {
            return Err(Error::OutOfRange {
                place: "old size",
                bound: new_size.saturating_add(1),
                got: old_size,
            });
        }
        let mut plan = Self::empty();
        if old_size == 0 || old_size == new_size {
            return Ok(plan);
        }
        let level = old_size.trailing_zeros();
        let index = (old_size - 1) >> level;
        if !old_size.is_power_of_two() {
            plan.push(level, index);
        }
        plan.way_up(level, index, new_size);
        Ok(plan)
    }

    fn empty() -> Self {
        Self {
            nodes: Vec::new(),
            fold: (0, 0),
        }
    }

    /// The nodes to be had, each once.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The hashes of the path, from where the nodes are.
    ///
    /// # Errors
    /// Those of the source; `did/provider`.
    pub fn path<S: NodeSource + ?Sized>(
        &self,
        source: &S,
        hasher: &TreeHasher<'_>,
    ) -> Result<Vec<Hash>, Error> {
        let (from, count) = self.fold;
        let mut path = Vec::with_capacity(self.nodes.len());
        let mut folded: Option<Hash> = None;
        // From the right, as the nodes that become one are hashed.
        for (i, node) in self.nodes.iter().enumerate().rev() {
            let hash = source.node(*node)?;
            if !(from..from.saturating_add(count)).contains(&i) {
                path.push(hash);
                continue;
            }
            let all = match &folded {
                Some(right) => hasher.node(&hash, right)?,
                None => hash,
            };
            folded = Some(all);
            if i == from {
                path.extend(folded);
            }
        }
        path.reverse();
        Ok(path)
    }

    /// The hashes beside the way from a node up to the root of a tree of so many entries.
    fn way_up(&mut self, level: u32, index: u64, size: u64) {
        let last = size.saturating_sub(1) >> level;
        let inner = u64::BITS - (index ^ last).leading_zeros();
        for i in 0..inner {
            let beside = (index >> i) ^ 1;
            // Where the two ways part the last entry is on the right, in a part that may not be whole.
            if i + 1 == inner {
                let start = beside << (level + i);
                let from = self.nodes.len();
                if beside > index >> i {
                    whole_parts(start, size, &mut self.nodes);
                    self.fold = (from, self.nodes.len() - from);
                    continue;
                }
            }
            self.push(level + i, beside);
        }
        let mut i = inner;
        while let Some(rest @ 1..) = index.checked_shr(i) {
            if rest & 1 == 1 {
                self.push(level + i, rest - 1);
            }
            i += 1;
        }
    }

    fn push(&mut self, level: u32, index: u64) {
        self.nodes.push(Node {
            // At most 64.
            level: u8::try_from(level).unwrap_or(u8::MAX),
            index,
        });
    }
}

/// The whole parts of which the entries from start to end are made, from the left; the start is a multiple of a power
/// of two that is not below their number.
fn whole_parts(start: u64, end: u64, nodes: &mut Vec<Node>) {
    let mut at = start;
    while at < end {
        let level = u64::BITS - 1 - (end - at).leading_zeros();
        nodes.push(Node {
            level: u8::try_from(level).unwrap_or(u8::MAX),
            index: at >> level,
        });
        at += 1 << level;
    }
}

/// Makes proofs from nodes.
pub trait Prover: NodeSource {
    /// The root of the tree of the first entries, so many of them.
    ///
    /// # Errors
    /// `history/missing-node`; those of the source; `did/provider`.
    fn root_at(&self, size: u64, hasher: &TreeHasher<'_>) -> Result<Hash, Error> {
        match Plan::root(size).path(self, hasher)?.first() {
            Some(root) => Ok(*root),
            None => hasher.empty(),
        }
    }

    /// That an entry stands in the tree of the first entries, so many of them.
    ///
    /// # Errors
    /// `history/out-of-range`; as for [`Prover::root_at`].
    fn prove_inclusion(
        &self,
        index: u64,
        tree_size: u64,
        hasher: &TreeHasher<'_>,
    ) -> Result<InclusionProof, Error> {
        let path = Plan::inclusion(index, tree_size)?.path(self, hasher)?;
        Ok(InclusionProof {
            index,
            tree_size,
            path,
        })
    }

    /// That the tree of so many entries has grown out of that of fewer.
    ///
    /// # Errors
    /// `history/out-of-range`; as for [`Prover::root_at`].
    fn prove_consistency(
        &self,
        old_size: u64,
        new_size: u64,
        hasher: &TreeHasher<'_>,
    ) -> Result<ConsistencyProof, Error> {
        let path = Plan::consistency(old_size, new_size)?.path(self, hasher)?;
        Ok(ConsistencyProof {
            old_size,
            new_size,
            path,
        })
    }
}

impl<S: NodeSource + ?Sized> Prover for S {}
