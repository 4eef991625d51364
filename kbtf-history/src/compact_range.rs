use alloc::vec::Vec;

use crate::{Error, Hash, TreeHasher, error::malformed};

/// As much of a tree as it takes to add entries and to know the root: the whole parts it is made of, at most 64 hashes.
///
/// A log that keeps its tree elsewhere (in tiles, on a chain) needs no more in memory.
///
/// ```
/// use kbtf_history::{CompactRange, TreeHasher};
///
/// let hasher = TreeHasher::SOFTWARE;
/// let mut range = CompactRange::new();
/// for entry in [b"one", b"two", b"six"] {
///     range.append(hasher.leaf(entry)?, &hasher)?;
/// }
/// assert_eq!(range.size(), 3);
/// // Stored and read again.
/// let again = CompactRange::from_parts(3, range.parts().to_vec())?;
/// assert_eq!(again.root(&hasher)?, range.root(&hasher)?);
/// # Ok::<(), kbtf_history::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompactRange {
    size: u64,
    /// From the largest, which is on the left, to the smallest.
    parts: Vec<Hash>,
}

impl CompactRange {
    /// That of the tree without entries.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            size: 0,
            parts: Vec::new(),
        }
    }

    /// One that was stored: the hashes of the whole parts of a tree of so many entries, from the left. Whether they are
    /// those of the right tree shows its root.
    ///
    /// # Errors
    /// `history/malformed` if the number of parts is not that of the ones in the size.
    pub fn from_parts(size: u64, parts: Vec<Hash>) -> Result<Self, Error> {
        // At most 64.
        if u64::from(size.count_ones()) != parts.len() as u64 {
            return Err(malformed(
                "compact range",
                "a hash for each bit that is set in the size",
            ));
        }
        Ok(Self { size, parts })
    }

    pub(crate) const fn from_whole_parts(size: u64, parts: Vec<Hash>) -> Self {
        Self { size, parts }
    }

    /// How many entries the tree has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The hashes of the whole parts, from the left.
    #[must_use]
    pub fn parts(&self) -> &[Hash] {
        &self.parts
    }

    /// Adds an entry by its hash, and gives its place.
    ///
    /// # Errors
    /// `history/out-of-range` after 2^64 − 1 entries; `did/provider`. The range is then as it was.
    pub fn append(&mut self, leaf: Hash, hasher: &TreeHasher<'_>) -> Result<u64, Error> {
        let index = self.size;
        let Some(size) = index.checked_add(1) else {
            return Err(Error::OutOfRange {
                place: "index",
                bound: u64::MAX,
                got: index,
            });
        };
        // As many parts at the end as there are ones at the end of the size become one with the entry.
        let joined = index.trailing_ones();
        let mut node = leaf;
        for left in self.parts.iter().rev().take(joined as usize) {
            node = hasher.node(left, &node)?;
        }
        let kept = self.parts.len().saturating_sub(joined as usize);
        self.parts.truncate(kept);
        self.parts.push(node);
        self.size = size;
        Ok(index)
    }

    /// The root of the tree.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn root(&self, hasher: &TreeHasher<'_>) -> Result<Hash, Error> {
        let mut parts = self.parts.iter().rev();
        let Some(last) = parts.next() else {
            return hasher.empty();
        };
        parts.try_fold(*last, |right, left| hasher.node(left, &right))
    }
}
