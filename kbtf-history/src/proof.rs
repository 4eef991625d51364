//! Proofs over hashes of entries (RFC 9162 sections 2.1.3 and 2.1.4). What a proof must have is counted before anything is
//! hashed, so nothing can stand in it that is not used.

use alloc::vec::Vec;

use crate::{Error, Hash, TreeHasher};

/// That an entry stands at a place of a tree (RFC 9162 section 2.1.3).
///
/// ```
/// use kbtf_history::{MemoryTree, TreeHasher};
///
/// let hasher = TreeHasher::SOFTWARE;
/// let mut tree = MemoryTree::new();
/// for entry in [b"one", b"two", b"six"] {
///     tree.append(hasher.leaf(entry)?, &hasher)?;
/// }
/// let root = tree.root(&hasher)?;
/// let proof = tree.prove_inclusion(1, 3, &hasher)?;
/// proof.verify(&hasher.leaf(b"two")?, &root, &hasher)?;
///
/// let refused = proof.verify(&hasher.leaf(b"ten")?, &root, &hasher);
/// assert_eq!(refused.unwrap_err().code(), "history/root-mismatch");
/// # Ok::<(), kbtf_history::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionProof {
    /// The place of the entry; the first is 0.
    pub index: u64,
    /// How many entries the tree has.
    pub tree_size: u64,
    /// The hashes beside the way up, from the entry's neighbour on.
    pub path: Vec<Hash>,
}

impl InclusionProof {
    /// The root of the tree in which an entry with this hash stands there.
    ///
    /// # Errors
    /// `history/out-of-range` if the tree has no such place, `history/proof-length`; `did/provider`.
    pub fn root(&self, leaf: &Hash, hasher: &TreeHasher<'_>) -> Result<Hash, Error> {
        if self.index >= self.tree_size {
            return Err(Error::OutOfRange {
                place: "index",
                bound: self.tree_size,
                got: self.index,
            });
        }
        let inner = inner_length(self.index, self.tree_size);
        let border = self.index.checked_shr(inner).unwrap_or(0);
        let (below, right) = split(&self.path, 0, inner, border.count_ones())?;
        let node = climb_inner(*leaf, below, self.index, hasher)?;
        climb_border(node, right, hasher)
    }

    /// Whether an entry with this hash stands at this place of the tree with this root.
    ///
    /// # Errors
    /// `history/root-mismatch` if not; as for [`InclusionProof::root`].
    pub fn verify(&self, leaf: &Hash, root: &Hash, hasher: &TreeHasher<'_>) -> Result<(), Error> {
        match self.root(leaf, hasher)? == *root {
            true => Ok(()),
            false => Err(Error::RootMismatch { place: "root" }),
        }
    }
}

/// That a tree has grown out of an earlier one by entries at its end (RFC 9162 section 2.1.4).
///
/// From nothing every tree has grown: with an old size of 0 the proof is empty and the old root that of the empty tree.
///
/// ```
/// use kbtf_history::{MemoryTree, TreeHasher};
///
/// let hasher = TreeHasher::SOFTWARE;
/// let mut tree = MemoryTree::new();
/// tree.append(hasher.leaf(b"one")?, &hasher)?;
/// let old = tree.root(&hasher)?;
/// tree.append(hasher.leaf(b"two")?, &hasher)?;
/// let new = tree.root(&hasher)?;
/// tree.prove_consistency(1, 2, &hasher)?.verify(&old, &new, &hasher)?;
/// # Ok::<(), kbtf_history::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsistencyProof {
    /// How many entries the earlier tree had.
    pub old_size: u64,
    /// How many the later one has.
    pub new_size: u64,
    /// The hashes that both trees are made of, and those of the later one.
    pub path: Vec<Hash>,
}

impl ConsistencyProof {
    /// Whether the tree with the new root begins with that of the old root.
    ///
    /// # Errors
    /// `history/root-mismatch` if not; `history/out-of-range` if the old tree is the larger one, `history/proof-length`;
    /// `did/provider`.
    pub fn verify(&self, old: &Hash, new: &Hash, hasher: &TreeHasher<'_>) -> Result<(), Error> {
        if self.old_size > self.new_size {
            return Err(Error::OutOfRange {
                place: "old size",
                bound: self.new_size.saturating_add(1),
                got: self.old_size,
            });
        }
        if self.old_size == self.new_size || self.old_size == 0 {
            split(&self.path, 0, 0, 0)?;
            let (place, expected) = match self.old_size {
                0 => ("old root", hasher.empty()?),
                _ => ("new root", *new),
            };
            if *old != expected {
                return Err(Error::RootMismatch { place });
            }
            // Of two empty trees the other root is to be looked at too.
            return match self.new_size == 0 && *new != expected {
                true => Err(Error::RootMismatch { place: "new root" }),
                false => Ok(()),
            };
        }
        // The largest whole part at the end of the old tree, from which the way up starts.
        let level = self.old_size.trailing_zeros();
        let index = (self.old_size - 1) >> level;
        let inner = inner_length(self.old_size - 1, self.new_size).saturating_sub(level);
        let border = index.checked_shr(inner).unwrap_or(0);
        // If the old tree is that part, its hash is known.
        let start_is_old = self.old_size.is_power_of_two();
        let (below, right) = split(
            &self.path,
            usize::from(!start_is_old),
            inner,
            border.count_ones(),
        )?;
        let start = match (start_is_old, self.path.first()) {
            (false, Some(first)) => *first,
            _ => *old,
        };
        let mut node = start;
        for (i, beside) in below.iter().enumerate() {
            if index >> i & 1 == 1 {
                node = hasher.node(beside, &node)?;
            }
        }
        if climb_border(node, right, hasher)? != *old {
            return Err(Error::RootMismatch { place: "old root" });
        }
        let node = climb_inner(start, below, index, hasher)?;
        match climb_border(node, right, hasher)? == *new {
            true => Ok(()),
            false => Err(Error::RootMismatch { place: "new root" }),
        }
    }
}

/// How far up the way of an entry and that of the last one are two.
fn inner_length(index: u64, size: u64) -> u32 {
    u64::BITS - (index ^ size.saturating_sub(1)).leading_zeros()
}

/// The two parts of a path after its first hashes, if it is as long as it must be.
fn split(
    path: &[Hash],
    first: usize,
    inner: u32,
    border: u32,
) -> Result<(&[Hash], &[Hash]), Error> {
    // Each at most 64.
    let [inner, border] = [inner, border].map(|count| usize::try_from(count).unwrap_or(usize::MAX));
    let expected = first.saturating_add(inner).saturating_add(border);
    if path.len() != expected {
        return Err(Error::ProofLength {
            expected,
            got: path.len(),
        });
    }
    let (_, rest) = path.split_at_checked(first).unwrap_or_default();
    Ok(rest.split_at_checked(inner).unwrap_or_default())
}

/// Up to where the way meets that of the last entry: the neighbours are left or right, by the bits of the index.
fn climb_inner(
    mut node: Hash,
    beside: &[Hash],
    index: u64,
    hasher: &TreeHasher<'_>,
) -> Result<Hash, Error> {
    for (i, beside) in beside.iter().enumerate() {
        node = match index >> i & 1 {
            0 => hasher.node(&node, beside)?,
            _ => hasher.node(beside, &node)?,
        };
    }
    Ok(node)
}

/// From there on along the right edge: all neighbours are left.
fn climb_border(mut node: Hash, beside: &[Hash], hasher: &TreeHasher<'_>) -> Result<Hash, Error> {
    for beside in beside {
        node = hasher.node(beside, &node)?;
    }
    Ok(node)
}
