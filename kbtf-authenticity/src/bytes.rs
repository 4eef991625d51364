//! Documents of any kind as bytes: a PDF, an image, a file of a gigabyte, block by block in memory that does not grow.

use alloc::{borrow::ToOwned, string::String, vec::Vec};
use core::ops::Range;

use kbtf_did::CryptoProvider;
use kbtf_history::{Commitment, CompactRange, Hash};

use crate::{
    DocumentKey, Error,
    document::{Form, check_media_type, commitment},
    error::malformed,
    leaf::{Way, hasher},
};

/// How many bytes are a block; the last one may be shorter.
pub const BLOCK: usize = 64 * 1024;
/// The most blocks: 64 GiB.
const MAX_BLOCKS: u64 = 1 << 20;

/// Commits to bytes as they come.
///
/// ```
/// use kbtf_authenticity::{ByteDigest, DocumentKey};
/// use kbtf_did::SOFTWARE;
///
/// let key = DocumentKey::from_bytes([7; 32]);
/// let mut digest = ByteDigest::new("application/pdf", &key, &SOFTWARE)?;
/// for part in [&b"%PDF-1.7 "[..], b"..."] {
///     digest.update(part)?;
///     // For whoever waits.
///     let _ = digest.length();
/// }
/// let registered = digest.commit()?;
///
/// let mut again = ByteDigest::new("application/pdf", &key, &SOFTWARE)?;
/// again.update(b"%PDF-1.7 ...")?;
/// assert_eq!(again.commit()?, registered);
/// # Ok::<(), kbtf_authenticity::Error>(())
/// ```
pub struct ByteDigest<'k> {
    media_type: String,
    key: &'k DocumentKey,
    provider: &'k dyn CryptoProvider,
    /// What came and is no whole block yet.
    rest: Vec<u8>,
    length: u64,
    blocks: CompactRange,
    /// Something went wrong: bytes are missing.
    has_failed: bool,
}

impl<'k> ByteDigest<'k> {
    /// Of nothing so far, of this media type.
    ///
    /// # Errors
    /// `authenticity/malformed` for a media type that is none.
    pub fn new(
        media_type: &str,
        key: &'k DocumentKey,
        provider: &'k dyn CryptoProvider,
    ) -> Result<Self, Error> {
        check_media_type(media_type)?;
        Ok(Self {
            media_type: media_type.to_owned(),
            key,
            provider,
            rest: Vec::new(),
            length: 0,
            blocks: CompactRange::new(),
            has_failed: false,
        })
    }

    /// How many bytes have come.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// Takes the next bytes, as many as there are.
    ///
    /// # Errors
    /// `authenticity/too-large` for more than 64 GiB; `did/provider`. After an error nothing is committed to any more.
    pub fn update(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.each_block(bytes, |_| {})
    }

    fn each_block(&mut self, bytes: &[u8], see: impl FnMut(Hash)) -> Result<(), Error> {
        self.check_whole()?;
        let taken = self.take(bytes, see);
        self.has_failed |= taken.is_err();
        taken
    }

    const fn check_whole(&self) -> Result<(), Error> {
        match self.has_failed {
            true => Err(malformed("digest", "no use after an error")),
            false => Ok(()),
        }
    }

    fn take(&mut self, bytes: &[u8], mut see: impl FnMut(Hash)) -> Result<(), Error> {
        let mut left = bytes;
        self.length = self.length.saturating_add(bytes.len() as u64);
        if !self.rest.is_empty() {
            let missing = BLOCK.saturating_sub(self.rest.len()).min(left.len());
            let (now, later) = left.split_at_checked(missing).unwrap_or((left, &[]));
            self.rest.extend_from_slice(now);
            left = later;
            if self.rest.len() < BLOCK {
                return Ok(());
            }
            let block = core::mem::take(&mut self.rest);
            see(self.block(&block)?);
        }
        let mut blocks = left.chunks_exact(BLOCK);
        for block in &mut blocks {
            see(self.block(block)?);
        }
        self.rest.extend_from_slice(blocks.remainder());
        Ok(())
    }

    fn block(&mut self, block: &[u8]) -> Result<Hash, Error> {
        let index = self.blocks.size();
        if index == MAX_BLOCKS {
            return Err(Error::TooLarge {
                place: "blocks",
                most: MAX_BLOCKS,
            });
        }
        let hash = block_hash(self.key, index, block, self.provider)?;
        self.blocks.append(hash, &hasher(self.provider))?;
        Ok(hash)
    }

    /// The commitment to what came. Nothing is one block without bytes.
    ///
    /// # Errors
    /// As for [`ByteDigest::update`].
    pub fn commit(mut self) -> Result<Commitment, Error> {
        self.last_block()?;
        self.commitment()
    }

    fn last_block(&mut self) -> Result<Option<Hash>, Error> {
        self.check_whole()?;
        if self.rest.is_empty() && self.blocks.size() > 0 {
            return Ok(None);
        }
        let rest = core::mem::take(&mut self.rest);
        self.block(&rest).map(Some)
    }

    fn commitment(&self) -> Result<Commitment, Error> {
        let root = self.blocks.root(&hasher(self.provider))?;
        let blocks = self.blocks.size();
        commitment(Form::Bytes, &self.media_type, blocks, &root, self.provider)
    }
}

fn block_hash(
    key: &DocumentKey,
    number: u64,
    block: &[u8],
    provider: &dyn CryptoProvider,
) -> Result<Hash, Error> {
    let salt = key.salt(&Way::block(number, provider)?, provider)?;
    let hash = provider.sha256_parts(&[&[0], &salt, block])?;
    Ok(Hash::from_bytes(hash))
}

/// The hashes of the blocks of a document: with them it can be told later where one differs. They say no more than the
/// commitment, but how long the document is, to the block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByteOutline {
    media_type: String,
    blocks: Vec<Hash>,
}

impl ByteOutline {
    /// Of bytes that are at hand.
    ///
    /// # Errors
    /// As for [`ByteDigest::new`] and [`ByteDigest::update`].
    pub fn of(
        media_type: &str,
        bytes: &[u8],
        key: &DocumentKey,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, Error> {
        let mut digest = ByteDigest::new(media_type, key, provider)?;
        let mut blocks = Vec::new();
        digest.each_block(bytes, |hash| blocks.push(hash))?;
        blocks.extend(digest.last_block()?);
        Ok(Self {
            media_type: media_type.to_owned(),
            blocks,
        })
    }

    /// One that was kept.
    ///
    /// # Errors
    /// `authenticity/malformed` for no blocks, or more than 2^20.
    pub fn from_parts(media_type: &str, blocks: Vec<Hash>) -> Result<Self, Error> {
        check_media_type(media_type)?;
        match (1..=MAX_BLOCKS).contains(&(blocks.len() as u64)) {
            true => Ok(Self {
                media_type: media_type.to_owned(),
                blocks,
            }),
            false => Err(malformed("outline", "1 to 2^20 blocks")),
        }
    }

    /// The hashes of the blocks.
    #[must_use]
    pub fn blocks(&self) -> &[Hash] {
        &self.blocks
    }

    /// The commitment to the document that this is an outline of.
    ///
    /// # Errors
    /// `did/provider`.
    pub fn commitment(&self, provider: &dyn CryptoProvider) -> Result<Commitment, Error> {
        let hasher = hasher(provider);
        let mut range = CompactRange::new();
        for block in &self.blocks {
            range.append(*block, &hasher)?;
        }
        let root = range.root(&hasher)?;
        commitment(Form::Bytes, &self.media_type, range.size(), &root, provider)
    }

    /// The media type of the document.
    #[must_use]
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// Where another document differs from the one that was issued, whose outline this is; the other is outlined under the same
    /// key.
    ///
    /// # Errors
    /// `authenticity/other-document` if this is not the outline of what was committed to; `did/provider`.
    pub fn differences(
        &self,
        committed: &Commitment,
        other: &Self,
        provider: &dyn CryptoProvider,
    ) -> Result<ByteDifferences, Error> {
        if self.commitment(provider)? != *committed {
            return Err(Error::OtherDocument);
        }
        let mut ranges: Vec<Range<u64>> = Vec::new();
        for index in 0..self.blocks.len().max(other.blocks.len()) {
            if self.blocks.get(index) == other.blocks.get(index) {
                continue;
            }
            let from = (index as u64).saturating_mul(BLOCK as u64);
            let to = from.saturating_add(BLOCK as u64);
            match ranges.last_mut() {
                Some(last) if last.end == from => last.end = to,
                _ => ranges.push(from..to),
            }
        }
        Ok(ByteDifferences {
            other_type: self.media_type != other.media_type,
            ranges,
        })
    }
}

/// What differs between two documents that are bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByteDifferences {
    /// They have two media types.
    pub other_type: bool,
    /// Bytes, by whole blocks, in order; what one has beyond the end of the other too.
    pub ranges: Vec<Range<u64>>,
}

impl ByteDifferences {
    /// Whether there are none.
    #[must_use]
    pub fn is_none(&self) -> bool {
        !self.other_type && self.ranges.is_empty()
    }
}
