//! Where every history stands: a sparse Merkle tree from the object to the number and hash of its last entry. A log says what
//! is in it, never that this is all there is of an object; with the root of this map on the log it does.

use alloc::{sync::Arc, vec::Vec};

use kbtf_did::CryptoProvider;

use crate::{Error, Hash, ObjectId};

/// The last entry of a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its number.
    pub sequence: u32,
    /// Its hash.
    pub entry: Hash,
}

/// Objects and the last entries of their histories, under one root.
///
/// A part of the map with one object is that object's leaf, however deep it lies, so proofs have about as many hashes as a
/// tree of all objects has levels. Leaves, nodes and the empty part are hashed apart from each other and from those of the log.
///
/// ```
/// use kbtf_did::SOFTWARE;
/// use kbtf_history::{Hash, Head, HeadMap, ObjectId};
///
/// let (parcel, other) = (ObjectId::from_bytes([7; 16]), ObjectId::from_bytes([8; 16]));
/// let mut map = HeadMap::new();
/// let head = Head { sequence: 3, entry: Hash::from_bytes([1; 32]) };
/// map.set(parcel, head, &SOFTWARE)?;
/// let root = map.root();
/// assert_eq!(map.prove(parcel).verify(parcel, &root, &SOFTWARE)?, Some(head));
/// assert_eq!(map.prove(other).verify(other, &root, &SOFTWARE)?, None, "proved not to be there");
/// # Ok::<(), kbtf_history::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct HeadMap {
    root: Part,
    len: u64,
}

#[derive(Debug, Clone, Default)]
enum Part {
    #[default]
    Empty,
    Leaf(Leaf, Hash),
    Node(Arc<[Part; 2]>, Hash),
}

/// An object and where its history stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Leaf {
    object: ObjectId,
    head: Head,
}

const EMPTY: Hash = Hash::from_bytes([0; 32]);
/// Bits of an object's id.
const DEPTH: usize = 128;

impl Leaf {
    fn hash(&self, provider: &dyn CryptoProvider) -> Result<Hash, Error> {
        let hash = provider.sha256_parts(&[
            &[2],
            self.object.as_bytes(),
            &self.head.sequence.to_be_bytes(),
            self.head.entry.as_bytes(),
        ])?;
        Ok(Hash::from_bytes(hash))
    }
}

fn node(left: &Hash, right: &Hash, provider: &dyn CryptoProvider) -> Result<Hash, Error> {
    let hash = provider.sha256_parts(&[&[3], left.as_bytes(), right.as_bytes()])?;
    Ok(Hash::from_bytes(hash))
}

/// The bit of an id by which a level divides: 0 is left.
fn bit(object: ObjectId, depth: usize) -> usize {
    let byte = object
        .as_bytes()
        .get(depth / 8)
        .copied()
        .unwrap_or_default();
    usize::from(byte >> (7 - depth % 8) & 1)
}

impl Part {
    const fn hash(&self) -> &Hash {
        match self {
            Self::Empty => &EMPTY,
            Self::Leaf(_, hash) | Self::Node(_, hash) => hash,
        }
    }

    /// This part with a leaf set, made anew along the way, so that an error leaves the old one whole.
    fn with(
        &self,
        leaf: Leaf,
        hash: Hash,
        depth: usize,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, Error> {
        match self {
            Self::Empty => Ok(Self::Leaf(leaf, hash)),
            Self::Leaf(there, _) if there.object == leaf.object => Ok(Self::Leaf(leaf, hash)),
            // Two ids that differ do so within their bits.
            Self::Leaf(there, there_hash) => {
                let mut children = [Self::Empty, Self::Empty];
                if let Some(child) = children.get_mut(bit(there.object, depth)) {
                    *child = Self::Leaf(*there, *there_hash);
                }
                Self::of(children, leaf, hash, depth, provider)
            }
            Self::Node(children, _) => Self::of((**children).clone(), leaf, hash, depth, provider),
        }
    }

    fn of(
        mut children: [Self; 2],
        leaf: Leaf,
        hash: Hash,
        depth: usize,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, Error> {
        if let Some(child) = children.get_mut(bit(leaf.object, depth)) {
            *child = child.with(leaf, hash, depth + 1, provider)?;
        }
        let [left, right] = &children;
        let own = node(left.hash(), right.hash(), provider)?;
        Ok(Self::Node(Arc::new(children), own))
    }
}

impl HeadMap {
    /// The map without objects.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            root: Part::Empty,
            len: 0,
        }
    }

    /// How many objects it has.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether it has none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Its root; 32 zeros if it is empty.
    #[must_use]
    pub const fn root(&self) -> Hash {
        *self.root.hash()
    }

    /// Where the history of an object stands.
    #[must_use]
    pub fn get(&self, object: ObjectId) -> Option<Head> {
        let mut part = &self.root;
        let mut depth = 0;
        loop {
            match part {
                Part::Empty => return None,
                Part::Leaf(leaf, _) => return (leaf.object == object).then_some(leaf.head),
                Part::Node(children, _) => part = children.get(bit(object, depth))?,
            }
            depth += 1;
        }
    }

    /// Notes where the history of an object stands.
    ///
    /// # Errors
    /// `did/provider`; the map is then as it was.
    pub fn set(
        &mut self,
        object: ObjectId,
        head: Head,
        provider: &dyn CryptoProvider,
    ) -> Result<(), Error> {
        let is_new = self.get(object).is_none();
        let leaf = Leaf { object, head };
        self.root = self.root.with(leaf, leaf.hash(provider)?, 0, provider)?;
        self.len += u64::from(is_new);
        Ok(())
    }

    /// The proof of where the history of an object stands, or that it has none.
    #[must_use]
    pub fn prove(&self, object: ObjectId) -> HeadProof {
        let mut siblings = Vec::new();
        let mut part = &self.root;
        loop {
            match part {
                Part::Empty => return HeadProof::new(siblings, None),
                Part::Leaf(leaf, _) => return HeadProof::new(siblings, Some(*leaf)),
                Part::Node(children, _) => {
                    let [left, right] = &**children;
                    let (own, other) = match bit(object, siblings.len()) {
                        0 => (left, right),
                        _ => (right, left),
                    };
                    siblings.push(*other.hash());
                    part = own;
                }
            }
        }
    }
}

/// Where the history of an object stands, or that there is none, under the root of a [`HeadMap`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadProof {
    /// From the root down.
    siblings: Vec<Hash>,
    /// What lies where the object would: its own leaf, that of another, or nothing.
    found: Option<(ObjectId, Head)>,
}

impl HeadProof {
    fn new(siblings: Vec<Hash>, found: Option<Leaf>) -> Self {
        Self {
            siblings,
            found: found.map(|leaf| (leaf.object, leaf.head)),
        }
    }

    /// One that was read: the hashes beside the way from the root down, and the object and head that lie at its end, if
    /// anything does.
    ///
    /// # Errors
    /// `history/proof-length` for more than 128 hashes.
    pub fn from_parts(siblings: Vec<Hash>, found: Option<(ObjectId, Head)>) -> Result<Self, Error> {
        match siblings.len() <= DEPTH {
            true => Ok(Self { siblings, found }),
            false => Err(Error::ProofLength {
                expected: DEPTH,
                got: siblings.len(),
            }),
        }
    }

    /// The hashes beside the way, from the root down.
    #[must_use]
    pub fn siblings(&self) -> &[Hash] {
        &self.siblings
    }

    /// The object and head at its end.
    #[must_use]
    pub const fn found(&self) -> Option<(ObjectId, Head)> {
        self.found
    }

    /// Where the history of an object stands under this root; `None` if it is proved that there is none.
    ///
    /// # Errors
    /// `history/root-mismatch` if the proof leads to another root, or to a leaf that would not lie there; `did/provider`.
    pub fn verify(
        &self,
        object: ObjectId,
        root: &Hash,
        provider: &dyn CryptoProvider,
    ) -> Result<Option<Head>, Error> {
        let mismatch = Error::RootMismatch { place: "head map" };
        let mut hash = match self.found {
            None => EMPTY,
            Some((found, head)) => {
                // Another's leaf shows that ours is not there only if it lies where ours would.
                let on_the_way = |depth: usize| bit(found, depth) == bit(object, depth);
                if !(0..self.siblings.len()).all(on_the_way) {
                    return Err(mismatch);
                }
                Leaf {
                    object: found,
                    head,
                }
                .hash(provider)?
            }
        };
        for (depth, sibling) in self.siblings.iter().enumerate().rev() {
            hash = match bit(object, depth) {
                0 => node(&hash, sibling, provider)?,
                _ => node(sibling, &hash, provider)?,
            };
        }
        if hash != *root {
            return Err(mismatch);
        }
        Ok(self
            .found
            .and_then(|(found, head)| (found == object).then_some(head)))
    }
}
