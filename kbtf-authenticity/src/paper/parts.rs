//! A code that is printed as several.

use alloc::{collections::BTreeMap, format, string::String, vec::Vec};

use kbtf_did::{
    CryptoProvider, base45,
    cbor::{self, Item},
};

use super::{PaperFault, SignedPaper};
use crate::Error;

/// What the text of a part begins with.
pub const PARTS_PREFIX: &str = "KDP1:";
/// The most parts.
pub const MAX_PARTS: usize = 16;
/// The fewest and most bytes of the code in a part.
const MIN_PIECE: usize = 64;
pub(crate) const MAX_PIECE: usize = 1200;

/// The code in parts with so many bytes of it each, from 64 to 1200; the last may have fewer. Each is a text for one symbol.
///
/// # Errors
/// `authenticity/paper-too-long` for more than 16 parts; `did/provider`.
pub fn split(
    paper: &SignedPaper,
    piece: usize,
    provider: &dyn CryptoProvider,
) -> Result<Vec<String>, Error> {
    let piece = piece.clamp(MIN_PIECE, MAX_PIECE);
    let bytes = paper.as_bytes();
    let count = bytes.len().div_ceil(piece);
    if count > MAX_PARTS {
        return Err(PaperFault::TooLong {
            got: bytes.len(),
            most: piece * MAX_PARTS,
        }
        .into());
    }
    let id = id_of(bytes, provider)?;
    let number = |n: usize| Item::Unsigned(n as u64);
    let part = |(i, slice): (usize, &[u8])| {
        let part = Item::Array(alloc::vec![
            Item::Bytes(id.to_vec()),
            number(count),
            number(i),
            Item::Bytes(slice.to_vec()),
        ]);
        format!("{PARTS_PREFIX}{}", base45::encode(&cbor::write(&part)))
    };
    Ok(bytes.chunks(piece).enumerate().map(part).collect())
}

/// 8 bytes of the hash of the whole, in each part: so that no two codes are mixed.
fn id_of(bytes: &[u8], provider: &dyn CryptoProvider) -> Result<[u8; 8], Error> {
    let hash = provider.sha256(bytes)?;
    let (id, _) = hash.split_first_chunk().unwrap_or((&[0; 8], &[]));
    Ok(*id)
}

/// Takes parts, in any order and as often as they are read, until the code is there.
#[derive(Clone, Default)]
pub struct PartCollector {
    of: Option<([u8; 8], usize)>,
    pieces: BTreeMap<usize, Vec<u8>>,
}

/// Says nothing of what it holds.
impl core::fmt::Debug for PartCollector {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("PartCollector").finish_non_exhaustive()
    }
}

impl PartCollector {
    /// None so far.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many parts are there, and how many there are to be; 0 before the first.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        (self.pieces.len(), self.of.map_or(0, |(_, count)| count))
    }

    /// Takes the text of a symbol: a part, or a whole code. Gives the code once it is whole; after that it begins anew.
    ///
    /// # Errors
    /// `authenticity/paper-malformed`; `authenticity/paper-other-code` for a part of another code, which changes nothing, and for
    /// parts that do not come to the code that they say, which are then forgotten.
    pub fn add(
        &mut self,
        text: &str,
        provider: &dyn CryptoProvider,
    ) -> Result<Option<SignedPaper>, Error> {
        let Some(body) = text.strip_prefix(PARTS_PREFIX) else {
            return SignedPaper::parse(text).map(Some);
        };
        let wrong = || Error::from(PaperFault::Malformed("a part of a code"));
        if body.len() > 2 * (MAX_PIECE + 32) {
            return Err(wrong());
        }
        let part = base45::decode(body).and_then(|bytes| cbor::read(&bytes));
        let Some(Item::Array(part)) = part else {
            return Err(wrong());
        };
        let [
            Item::Bytes(id),
            Item::Unsigned(count),
            Item::Unsigned(number),
            Item::Bytes(piece),
        ] = part.as_slice()
        else {
            return Err(wrong());
        };
        let id: [u8; 8] = id.as_slice().try_into().map_err(|_| wrong())?;
        let (count, number) = match (usize::try_from(*count), usize::try_from(*number)) {
            (Ok(count), Ok(number)) if number < count && count <= MAX_PARTS => (count, number),
            _ => return Err(wrong()),
        };
        if piece.is_empty() || piece.len() > MAX_PIECE {
            return Err(wrong());
        }
        if *self.of.get_or_insert((id, count)) != (id, count) {
            return Err(PaperFault::OtherCode.into());
        }
        let known = self.pieces.entry(number).or_insert_with(|| piece.clone());
        if known != piece {
            return Err(PaperFault::OtherCode.into());
        }
        if self.pieces.len() < count {
            return Ok(None);
        }
        let bytes: Vec<u8> = core::mem::take(self)
            .pieces
            .into_values()
            .flatten()
            .collect();
        match id_of(&bytes, provider)? == id {
            true => SignedPaper::from_bytes(&bytes).map(Some),
            false => Err(PaperFault::OtherCode.into()),
        }
    }
}
