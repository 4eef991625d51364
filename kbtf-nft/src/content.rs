//! What a token points to, by its content (NFT-11): the content identifiers (CID) of IPFS, made here and compared, without a node.
//!
//! One file has many CIDs, by how it is cut into blocks: so the profile stands beside it. The profiles are those of IPIP-0499.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::{fmt, str::FromStr};

use kbtf_did::{CryptoProvider, multibase};

use crate::{Error, error::malformed};

/// How files are cut into blocks (IPIP-0499).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Profile {
    /// `unixfs-v1-2025`: CIDv1, blocks of 1 MiB as they are, 1024 to a node. A file of at most 1 MiB is one block, whose hash is its
    /// SHA-256.
    UnixfsV1,
    /// `unixfs-v0-2015`: CIDv0, blocks of 256 KiB in nodes, 174 to a node.
    UnixfsV0,
}

impl Profile {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnixfsV1 => "unixfs-v1-2025",
            Self::UnixfsV0 => "unixfs-v0-2015",
        }
    }

    const fn block(self) -> usize {
        match self {
            Self::UnixfsV1 => 1 << 20,
            Self::UnixfsV0 => 1 << 18,
        }
    }

    const fn width(self) -> usize {
        match self {
            Self::UnixfsV1 => 1024,
            Self::UnixfsV0 => 174,
        }
    }
}

impl FromStr for Profile {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        [Self::UnixfsV1, Self::UnixfsV0]
            .into_iter()
            .find(|profile| profile.as_str() == text)
            .ok_or(malformed("profile", "unixfs-v1-2025 or unixfs-v0-2015"))
    }
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Codec {
    Raw = 0x55,
    DagPb = 0x70,
}

/// A content identifier of a file: of version 1 with SHA-256 as text in base32, or of version 0.
///
/// ```
/// use kbtf_did::SOFTWARE;
/// use kbtf_nft::content::{Cid, FileDigest, Profile};
///
/// let mut digest = FileDigest::new(Profile::UnixfsV1, &SOFTWARE);
/// digest.update(b"hello ")?;
/// digest.update(b"world")?;
/// let cid = digest.finish()?;
/// assert_eq!(cid.to_string(), "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
/// assert_eq!(cid.to_string().parse::<Cid>()?, cid);
/// # Ok::<(), kbtf_nft::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cid {
    /// `None` of version 0, which is always a node.
    codec: Option<Codec>,
    hash: [u8; 32],
}

/// RFC 4648, in small letters and without padding.
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// A hash by SHA-256 of 32 bytes (multihash).
const SHA256: [u8; 2] = [0x12, 0x20];

impl Cid {
    /// The SHA-256 of the block at its root.
    #[must_use]
    pub const fn sha256(&self) -> &[u8; 32] {
        &self.hash
    }

    /// Whether the block at its root is the file itself, so that its hash is that of the file.
    #[must_use]
    pub fn is_raw(&self) -> bool {
        self.codec == Some(Codec::Raw)
    }

    fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(36);
        if let Some(codec) = self.codec {
            bytes.extend([1, codec as u8]);
        }
        bytes.extend(SHA256);
        bytes.extend(self.hash);
        bytes
    }
}

impl fmt::Display for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.to_bytes();
        if self.codec.is_none() {
            // Without the letter that says in which base.
            let text = multibase::encode_base58btc(&bytes);
            return f.write_str(text.get(1..).unwrap_or_default());
        }
        let mut text = String::from("b");
        for chunk in bytes.chunks(5) {
            let mut five = [0; 8];
            five.iter_mut()
                .skip(3)
                .zip(chunk)
                .for_each(|(to, from)| *to = *from);
            let value = u64::from_be_bytes(five);
            for i in 0..(chunk.len() * 8).div_ceil(5) {
                let digit = usize::try_from(value >> (35 - 5 * i) & 31).unwrap_or_default();
                text.push(char::from(BASE32.get(digit).copied().unwrap_or(b'a')));
            }
        }
        f.write_str(&text)
    }
}

impl fmt::Debug for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Cid {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = malformed(
            "cid",
            "a CID of version 1 in base32, of raw bytes or dag-pb, or of version 0, with SHA-256",
        );
        // 36 bytes are 58 letters, 34 are 46.
        let bytes = match text.len() {
            59 => base32(text.strip_prefix('b').ok_or(wrong.clone())?),
            46 => multibase::decode(&alloc::format!("z{text}")).ok(),
            _ => None,
        };
        let bytes = bytes.ok_or(wrong.clone())?;
        let (codec, rest) = match bytes.as_slice() {
            [1, 0x55, rest @ ..] => (Some(Codec::Raw), rest),
            [1, 0x70, rest @ ..] => (Some(Codec::DagPb), rest),
            rest => (None, rest),
        };
        let hash = rest
            .strip_prefix(&SHA256)
            .and_then(|hash| hash.try_into().ok());
        let cid = Self {
            codec,
            hash: hash.ok_or(wrong.clone())?,
        };
        // One text for one CID.
        match cid.to_string() == text {
            true => Ok(cid),
            false => Err(wrong),
        }
    }
}

fn base32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut value, mut bits) = (0_u32, 0);
    for letter in text.bytes() {
        let digit = BASE32.iter().position(|known| *known == letter)?;
        value = (value << 5 | u32::try_from(digit).ok()?) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(value >> bits & 0xff).ok()?);
        }
    }
    Some(bytes)
}

/// A link to a block below.
#[derive(Debug, Clone, Copy)]
struct Link {
    cid: Cid,
    /// How many bytes of the file are in it and below.
    file: u64,
    /// How many bytes it and all blocks below it have.
    total: u64,
}

/// Makes the CID of a file from its bytes as they come, in memory that grows only with the logarithm of its length.
pub struct FileDigest<'p> {
    profile: Profile,
    provider: &'p dyn CryptoProvider,
    rest: Vec<u8>,
    /// Links that have no node yet, level by level.
    levels: Vec<Vec<Link>>,
    has_failed: bool,
}

/// More levels than any file has: 174 to the power of 8 blocks.
const MAX_LEVELS: usize = 8;

impl<'p> FileDigest<'p> {
    /// Of nothing so far.
    #[must_use]
    pub const fn new(profile: Profile, provider: &'p dyn CryptoProvider) -> Self {
        Self {
            profile,
            provider,
            rest: Vec::new(),
            levels: Vec::new(),
            has_failed: false,
        }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// `did/provider`; after an error there is no CID any more.
    pub fn update(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.check()?;
        let mut left = bytes;
        while !left.is_empty() {
            // A block is made when it is known that another follows, or at the end.
            if self.rest.len() == self.profile.block() {
                let block = core::mem::take(&mut self.rest);
                let leaf = self.leaf(&block);
                self.add(leaf)?;
            }
            let room = self.profile.block().saturating_sub(self.rest.len());
            let (now, later) = left.split_at_checked(room).unwrap_or((left, &[]));
            self.rest.extend_from_slice(now);
            left = later;
        }
        Ok(())
    }

    const fn check(&self) -> Result<(), Error> {
        match self.has_failed {
            true => Err(malformed("digest", "no use after an error")),
            false => Ok(()),
        }
    }

    fn add(&mut self, link: Result<Link, Error>) -> Result<(), Error> {
        let added = link.and_then(|link| self.push(link, 0));
        self.has_failed |= added.is_err();
        added
    }

    /// Adds a link at a level; where a node is full, it becomes a link of the next one.
    fn push(&mut self, link: Link, level: usize) -> Result<(), Error> {
        let (mut link, mut level) = (link, level);
        loop {
            if level == MAX_LEVELS {
                return Err(malformed("file", "fewer blocks"));
            }
            while self.levels.len() <= level {
                self.levels.push(Vec::new());
            }
            let Some(links) = self.levels.get_mut(level) else {
                return Err(malformed("file", "fewer blocks"));
            };
            // As with blocks: a node is made when another link follows.
            if links.len() < self.profile.width() {
                links.push(link);
                return Ok(());
            }
            let full = core::mem::replace(links, Vec::from([link]));
            link = self.node(&full)?;
            level += 1;
        }
    }

    fn leaf(&self, block: &[u8]) -> Result<Link, Error> {
        let file = block.len() as u64;
        match self.profile {
            Profile::UnixfsV1 => Ok(Link {
                cid: Cid {
                    codec: Some(Codec::Raw),
                    hash: self.provider.sha256(block)?,
                },
                file,
                total: file,
            }),
            Profile::UnixfsV0 => {
                let mut data = Vec::with_capacity(block.len() + 32);
                field(&mut data, 1, 2);
                if !block.is_empty() {
                    bytes_field(&mut data, 2, block);
                }
                field(&mut data, 3, file);
                let mut node = Vec::with_capacity(data.len() + 8);
                bytes_field(&mut node, 1, &data);
                self.hashed(&node, file, 0)
            }
        }
    }

    /// A node of dag-pb with the metadata of a file (UnixFS).
    fn node(&self, links: &[Link]) -> Result<Link, Error> {
        let sum = |of: fn(&Link) -> u64| links.iter().map(of).fold(0_u64, u64::saturating_add);
        let file = sum(|link| link.file);
        let mut node = Vec::new();
        for link in links {
            let mut one = Vec::new();
            bytes_field(&mut one, 1, &link.cid.to_bytes());
            bytes_field(&mut one, 2, &[]);
            field(&mut one, 3, link.total);
            bytes_field(&mut node, 2, &one);
        }
        let mut data = Vec::new();
        field(&mut data, 1, 2);
        field(&mut data, 3, file);
        links.iter().for_each(|link| field(&mut data, 4, link.file));
        bytes_field(&mut node, 1, &data);
        self.hashed(&node, file, sum(|link| link.total))
    }

    fn hashed(&self, node: &[u8], file: u64, below: u64) -> Result<Link, Error> {
        let codec = match self.profile {
            Profile::UnixfsV1 => Some(Codec::DagPb),
            Profile::UnixfsV0 => None,
        };
        Ok(Link {
            cid: Cid {
                codec,
                hash: self.provider.sha256(node)?,
            },
            file,
            total: below.saturating_add(node.len() as u64),
        })
    }

    /// The CID of what came.
    ///
    /// # Errors
    /// As for [`FileDigest::update`].
    pub fn finish(mut self) -> Result<Cid, Error> {
        self.check()?;
        let block = core::mem::take(&mut self.rest);
        let leaf = self.leaf(&block)?;
        if self.levels.is_empty() {
            return Ok(leaf.cid);
        }
        self.push(leaf, 0)?;
        let mut level = 0;
        loop {
            let links = self.levels.get_mut(level).map(core::mem::take);
            let links = links.unwrap_or_default();
            let is_top = level + 1 >= self.levels.len();
            match links.as_slice() {
                [root] if is_top && level > 0 => return Ok(root.cid),
                [] if is_top => return Err(malformed("file", "blocks")),
                [] => {}
                links => {
                    let node = self.node(links)?;
                    if is_top {
                        return Ok(node.cid);
                    }
                    self.push(node, level + 1)?;
                }
            }
            level += 1;
        }
    }

    /// Whether what came is what a CID of this profile says.
    ///
    /// # Errors
    /// `nft/other-content` if not; as for [`FileDigest::update`].
    pub fn verify(self, cid: &Cid) -> Result<(), Error> {
        match self.finish()? == *cid {
            true => Ok(()),
            false => Err(Error::OtherContent),
        }
    }
}

/// A number of a message of Protocol Buffers.
fn field(out: &mut Vec<u8>, number: u8, value: u64) {
    out.push(number << 3);
    varint(out, value);
}

fn bytes_field(out: &mut Vec<u8>, number: u8, bytes: &[u8]) {
    out.push(number << 3 | 2);
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn varint(out: &mut Vec<u8>, value: u64) {
    let mut rest = value;
    while rest >= 0x80 {
        out.push(u8::try_from(rest & 0x7f).unwrap_or_default() | 0x80);
        rest >>= 7;
    }
    out.push(u8::try_from(rest).unwrap_or_default());
}
