//! Tiles (C2SP tlog-tiles): the tree cut into files of at most 256 hashes that never change once they are full, so that a
//! log can be served by anything that serves files, and everybody makes the proofs that they need.

use alloc::{borrow::ToOwned, collections::BTreeMap, format, string::String, vec::Vec};
use core::{fmt, str::FromStr};

use crate::{Error, Hash, Node, NodeSource, Plan, TreeHasher, error::malformed, note::decimal};

/// Hashes in a full tile.
const FULL: u64 = 256;
/// Levels of the tree in one level of tiles.
const HEIGHT: u8 = 8;
/// The most bytes of an entry, since its length is written in two.
pub const MAX_ENTRY: usize = 65_535;

/// Which tile: `tile/0/x001/x234/067.p/12` as text.
///
/// ```
/// use kbtf_history::tile::TileId;
///
/// let id: TileId = "tile/0/x001/x234/067.p/12".parse()?;
/// assert_eq!((id.level(), id.index(), id.width()), (0, 1_234_067, 12));
/// assert_eq!(id.to_string(), "tile/0/x001/x234/067.p/12");
/// assert!("tile/0/x000/067".parse::<TileId>().is_err(), "one name for one tile");
/// # Ok::<(), kbtf_history::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    level: u8,
    index: u64,
    width: u16,
}

impl TileId {
    /// The tile at a place of a level, of so many hashes.
    ///
    /// # Errors
    /// `history/malformed` for a level above 7 or a width that is not 1 to 256; `history/out-of-range` if it lies beyond
    /// 2^64 entries.
    pub fn new(level: u8, index: u64, width: u16) -> Result<Self, Error> {
        // Eight levels of 256 are all that 2^64 entries have.
        if level >= 64 / HEIGHT || width == 0 || u64::from(width) > FULL {
            return Err(malformed(
                "tile",
                "a level of 0 to 7 and a width of 1 to 256",
            ));
        }
        // All but the topmost level, which has one tile: 2^64 entries have no more.
        let bound = u64::MAX.checked_shr(u32::from(HEIGHT * (level + 1)));
        let bound = bound.unwrap_or(0);
        if index > bound {
            return Err(Error::OutOfRange {
                place: "tile",
                bound: bound.saturating_add(1),
                got: index,
            });
        }
        Ok(Self {
            level,
            index,
            width,
        })
    }

    /// Its level; the hashes of level 0 are those of entries.
    #[must_use]
    pub const fn level(&self) -> u8 {
        self.level
    }

    /// Its place in the level.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes it has, 1 to 256.
    #[must_use]
    pub const fn width(&self) -> u16 {
        self.width
    }

    /// Whether it is full, so that it never changes.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.width as u64 == FULL
    }

    /// Where the entries of this tile of level 0 lie: `tile/entries/x001/x234/067.p/12`.
    #[must_use]
    pub fn entries_path(&self) -> String {
        format!("tile/entries/{}", Place(*self))
    }

    /// The tile in which a tree of so many entries has a node; `None` if it has no such node.
    #[must_use]
    pub fn of_node(node: Node, tree_size: u64) -> Option<Self> {
        let level = node.level / HEIGHT;
        let within = node.level % HEIGHT;
        // The hashes of the tile's own level below the node.
        let first = node.index.checked_mul(1 << within)?;
        let end = first.checked_add(1 << within)?;
        let all = tree_size
            .checked_shr(u32::from(level * HEIGHT))
            .unwrap_or(0);
        if end > all {
            return None;
        }
        let index = first / FULL;
        let width = (all - index * FULL).min(FULL);
        Self::new(level, index, u16::try_from(width).ok()?).ok()
    }

    /// The tiles that a log has to write when its tree has grown, full ones and those that are not yet.
    ///
    /// # Errors
    /// `history/out-of-range` if the old tree is the larger one.
    pub fn grown(old_size: u64, new_size: u64) -> Result<impl Iterator<Item = Self>, Error> {
        if old_size > new_size {
            return Err(Error::OutOfRange {
                place: "old size",
                bound: new_size.saturating_add(1),
                got: old_size,
            });
        }
        // One after the other: a size that somebody claims costs nothing before he shows it.
        let tiles = (0..64 / HEIGHT).flat_map(move |level| {
            let shift = u32::from(level * HEIGHT);
            let (old, new) = (old_size >> shift, new_size >> shift);
            let indices = match old == new {
                true => 0..0,
                false => old / FULL..new.div_ceil(FULL),
            };
            indices.filter_map(move |index| {
                let width = (new - index * FULL).min(FULL);
                Self::new(level, index, u16::try_from(width).ok()?).ok()
            })
        });
        Ok(tiles)
    }

    /// The nodes of the tree that are its hashes, from the left.
    pub fn nodes(&self) -> impl Iterator<Item = Node> {
        let (level, first) = (self.level * HEIGHT, self.index.saturating_mul(FULL));
        (0..u64::from(self.width)).map(move |i| Node {
            level,
            index: first.saturating_add(i),
        })
    }
}

/// The index in groups of three digits, and the width of a tile that is not full.
struct Place(TileId);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TileId { index, width, .. } = self.0;
        let mut groups = [0; 7];
        let mut rest = index;
        let mut count = 0;
        for group in &mut groups {
            *group = rest % 1000;
            rest /= 1000;
            count += 1;
            if rest == 0 {
                break;
            }
        }
        for (i, group) in groups.iter().take(count).enumerate().rev() {
            match i {
                0 => write!(f, "{group:03}")?,
                _ => write!(f, "x{group:03}/")?,
            }
        }
        match self.0.is_full() {
            true => Ok(()),
            false => write!(f, ".p/{width}"),
        }
    }
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/{}", self.level, Place(*self))
    }
}

impl FromStr for TileId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = malformed(
            "tile",
            "tile/L/N or tile/L/N.p/W as C2SP tlog-tiles writes it",
        );
        let (level, place) = text
            .strip_prefix("tile/")
            .and_then(|rest| rest.split_once('/'))
            .ok_or(wrong.clone())?;
        let (index, width) = match place.split_once(".p/") {
            Some((index, width)) => (index, decimal(width).filter(|width| *width < FULL)),
            None => (place, Some(FULL)),
        };
        let mut number = 0_u64;
        let mut groups = index.split('/').peekable();
        while let Some(group) = groups.next() {
            let digits = match groups.peek() {
                Some(_) => group.strip_prefix('x'),
                None => Some(group),
            };
            let digits = digits
                .filter(|digits| digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit()))
                .and_then(|digits| digits.parse::<u64>().ok())
                .ok_or(wrong.clone())?;
            number = number
                .checked_mul(1000)
                .and_then(|number| number.checked_add(digits))
                .ok_or(wrong.clone())?;
        }
        let level = decimal(level).and_then(|level| u8::try_from(level).ok());
        let width = width.and_then(|width| u16::try_from(width).ok());
        let (Some(level), Some(width)) = (level, width) else {
            return Err(wrong);
        };
        let id = Self::new(level, number, width)?;
        // Zeros in front would be another name for the same tile.
        match format!("{id}") == text {
            true => Ok(id),
            false => Err(wrong),
        }
    }
}

/// The bytes of a tile: its hashes, one after the other.
///
/// # Errors
/// Those of the source.
pub fn tile_bytes<S: NodeSource + ?Sized>(id: TileId, source: &S) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::with_capacity(usize::from(id.width) * 32);
    for node in id.nodes() {
        bytes.extend_from_slice(source.node(node)?.as_bytes());
    }
    Ok(bytes)
}

/// Tiles of one tree that were fetched, from which proofs are made.
///
/// Nothing vouches for a tile. A proof made of false ones does not verify, and that is how they are found: make the root of
/// the checkpoint from them ([`Prover::root_at`](crate::Prover::root_at)), or a proof of inclusion, and compare.
///
/// ```
/// use kbtf_history::{MemoryTree, Plan, Prover, TreeHasher, tile::{Tiles, tile_bytes}};
///
/// let hasher = TreeHasher::SOFTWARE;
/// let mut log = MemoryTree::new();
/// for entry in 0..1000_u32 {
///     log.append(hasher.leaf(&entry.to_be_bytes())?, &hasher)?;
/// }
/// // A client that knows the checkpoint fetches what it needs, and no more.
/// let mut tiles = Tiles::new(log.size());
/// for id in tiles.needed(&Plan::inclusion(300, 1000)?) {
///     tiles.add(id, &tile_bytes(id, &log)?)?;
/// }
/// let proof = Prover::prove_inclusion(&tiles, 300, 1000, &hasher)?;
/// proof.verify(&hasher.leaf(&300_u32.to_be_bytes())?, &log.root(&hasher)?, &hasher)?;
/// # Ok::<(), kbtf_history::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Tiles<'p> {
    tree_size: u64,
    tiles: BTreeMap<TileId, Vec<Hash>>,
    hasher: TreeHasher<'p>,
}

impl Tiles<'static> {
    /// None yet, of a tree of so many entries.
    #[must_use]
    pub fn new(tree_size: u64) -> Self {
        Self::with_hasher(tree_size, TreeHasher::SOFTWARE)
    }
}

impl<'p> Tiles<'p> {
    /// As [`Tiles::new`], hashing with this.
    #[must_use]
    pub fn with_hasher(tree_size: u64, hasher: TreeHasher<'p>) -> Self {
        Self {
            tree_size,
            tiles: BTreeMap::new(),
            hasher,
        }
    }

    /// The tiles that are not here and that a plan needs, each once.
    #[must_use]
    pub fn needed(&self, plan: &Plan) -> Vec<TileId> {
        let mut needed: Vec<TileId> = plan
            .nodes()
            .iter()
            .filter_map(|node| TileId::of_node(*node, self.tree_size))
            .filter(|id| self.tile(*id).is_none())
            .collect();
        needed.sort_unstable();
        needed.dedup();
        needed
    }

    /// A tile, or the full one that has taken the place of one that was not full.
    fn tile(&self, id: TileId) -> Option<&[Hash]> {
        let full = TileId { width: 256, ..id };
        let tile = self.tiles.get(&id).or_else(|| self.tiles.get(&full));
        tile.map(Vec::as_slice)
    }

    /// Takes the bytes of a tile.
    ///
    /// # Errors
    /// `history/malformed` if they are not as many as it has hashes.
    pub fn add(&mut self, id: TileId, bytes: &[u8]) -> Result<(), Error> {
        if bytes.len() != usize::from(id.width) * 32 {
            return Err(malformed("tile", "32 bytes for each hash"));
        }
        let hashes = bytes
            .chunks(32)
            .filter_map(|bytes| Some(Hash::from_bytes(bytes.try_into().ok()?)))
            .collect();
        self.tiles.insert(id, hashes);
        Ok(())
    }
}

impl NodeSource for Tiles<'_> {
    fn node(&self, node: Node) -> Result<Hash, Error> {
        let missing = || Error::MissingNode {
            level: node.level,
            index: node.index,
        };
        let id = TileId::of_node(node, self.tree_size).ok_or_else(missing)?;
        let tile = self.tile(id).ok_or_else(missing)?;
        let count = 1_u64 << (node.level % HEIGHT);
        let first = node.index.saturating_mul(count) % FULL;
        let [first, count] = [first, count].map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        let hashes = tile
            .get(first..first.saturating_add(count))
            .ok_or_else(missing)?;
        let mut level = hashes.to_owned();
        while level.len() > 1 {
            level = level
                .chunks(2)
                .map(|pair| match pair {
                    [left, right] => self.hasher.node(left, right),
                    _ => Err(missing()),
                })
                .collect::<Result<_, _>>()?;
        }
        level.first().copied().ok_or_else(missing)
    }
}

/// Entries as tiles of level 0 have them beside them: each with its length in two bytes in front.
///
/// # Errors
/// `history/malformed` for an entry of more than 65535 bytes or more than 256 of them.
pub fn bundle_bytes<'e>(entries: impl IntoIterator<Item = &'e [u8]>) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    for (i, entry) in entries.into_iter().enumerate() {
        let length = u16::try_from(entry.len())
            .ok()
            .filter(|_| (i as u64) < FULL)
            .ok_or(malformed("entries", "at most 256 of at most 65535 bytes"))?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Ok(bytes)
}

/// Reads the entries that belong to a tile of level 0. Whether they are those of the tree show their hashes.
///
/// # Errors
/// `history/malformed` if they are not as many as the tile has hashes, or something is left over.
pub fn read_bundle(id: TileId, bytes: &[u8]) -> Result<Vec<&[u8]>, Error> {
    let wrong = malformed(
        "entries",
        "as many as the tile has hashes, each with its length in two bytes",
    );
    let mut entries = Vec::with_capacity(usize::from(id.width));
    let mut rest = bytes;
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, after) = after.split_at_checked(length).ok_or(wrong.clone())?;
        if entries.len() == usize::from(id.width) {
            return Err(wrong);
        }
        entries.push(entry);
        rest = after;
    }
    match rest.is_empty() && entries.len() == usize::from(id.width) {
        true => Ok(entries),
        false => Err(wrong),
    }
}
