//! Documents that do not fit in one code, as a series of frames: the first ones are its pieces in order, and then as many
//! more as anybody wants to show, each a sum (exclusive or) of some of the pieces. Any frames that are as many as there are
//! pieces, and now and then one or two more, give the document, whatever was missed and in whatever order.

use alloc::{borrow::ToOwned, collections::BTreeMap, string::String, vec, vec::Vec};

use kbtf_did::{
    CryptoProvider, SOFTWARE,
    cbor::{Item, read, write},
};

use super::{CompactError, MAX_DOCUMENT, Scanned, from_bytes, prefixed, to_bytes, unprefixed};

const PREFIX: &str = "KVF1:";
/// The most pieces of a document.
pub const MAX_FRAMES: usize = 256;
/// The shortest and longest piece.
const PIECE: core::ops::RangeInclusive<usize> = 16..=2048;

/// Which pieces a frame is the sum of: bit i for piece i.
type Mask = [u64; 4];

/// A document cut into frames, to be shown one after the other, again and again.
///
/// ```
/// use kbtf_vc::compact::{FrameCollector, Frames};
///
/// let document = format!(r#"{{"data":"{}"}}"#, "0123456789abcdefXYZ".repeat(3));
/// let frames = Frames::new(&document, 20)?;
/// let mut collector = FrameCollector::new();
/// let mut scanned = None;
/// // Every third frame is missed.
/// for i in (0..).filter(|i| i % 3 != 0) {
///     if let Some(done) = collector.add(&frames.frame(i))? {
///         scanned = Some(done);
///         break;
///     }
/// }
/// assert_eq!(scanned.unwrap().document(), document);
/// # Ok::<(), kbtf_vc::compact::CompactError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Frames {
    id: [u8; 8],
    length: usize,
    pieces: Vec<Vec<u8>>,
}

impl Frames {
    /// Packs a document and cuts it into pieces of so many bytes (16 to 2048). A frame has some thirty characters more
    /// than one and a half times its bytes.
    ///
    /// # Errors
    /// As for [`to_bytes`]; `compact/too-long` if there would be more than [`MAX_FRAMES`] pieces.
    pub fn new(document: &str, piece: usize) -> Result<Self, CompactError> {
        let bytes = to_bytes(document)?;
        let piece = piece.clamp(*PIECE.start(), *PIECE.end());
        let count = bytes.len().div_ceil(piece).max(1);
        if count > MAX_FRAMES {
            return Err(CompactError::TooLong);
        }
        // All of one length: the last is filled up with zeros, which the length takes off again.
        let piece = bytes.len().div_ceil(count);
        let mut pieces: Vec<Vec<u8>> = bytes.chunks(piece).map(ToOwned::to_owned).collect();
        for last in &mut pieces {
            last.resize(piece, 0);
        }
        Ok(Self {
            id: id_of(&bytes)?,
            length: bytes.len(),
            pieces,
        })
    }

    /// How many pieces there are: the first so many frames are enough if none is missed.
    #[must_use]
    pub fn pieces(&self) -> usize {
        self.pieces.len()
    }

    /// The frame of a number. Show 0, 1, 2, … and go on beyond [`Frames::pieces`] as long as it takes.
    #[must_use]
    pub fn frame(&self, number: u32) -> String {
        let mask = mask_of(&self.id, number, self.pieces.len());
        let mut data = vec![0; self.pieces.first().map_or(0, Vec::len)];
        for (i, piece) in self.pieces.iter().enumerate() {
            if bit(&mask, i) {
                add(&mut data, piece);
            }
        }
        let unsigned = |n: usize| Item::Unsigned(u64::try_from(n).unwrap_or_default());
        let frame = Item::Array(vec![
            Item::Bytes(self.id.to_vec()),
            unsigned(self.length),
            unsigned(self.pieces.len()),
            Item::Unsigned(number.into()),
            Item::Bytes(data),
        ]);
        prefixed(PREFIX, &write(&frame))
    }
}

/// Collects the frames of one document, in any order. The first frame says which document it is: if it was a stray one, the
/// others are refused as of another document, and a new collector must be begun. That no frame lies, nothing but the
/// signature of the document tells.
#[derive(Debug, Clone, Default)]
pub struct FrameCollector {
    document: Option<Document>,
    /// Sums of pieces, none of which has the lowest piece of another: by that lowest piece.
    sums: BTreeMap<usize, (Mask, Vec<u8>)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Document {
    id: [u8; 8],
    length: usize,
    count: usize,
    piece: usize,
}

impl FrameCollector {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How much is there: pieces, or sums as good as pieces, and how many are needed.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        let needed = self.document.as_ref().map_or(0, |document| document.count);
        (self.sums.len(), needed)
    }

    /// Takes a frame. The document, when it is whole; a frame that was there already changes nothing.
    ///
    /// # Errors
    /// `compact/wrong-prefix`, `compact/malformed`: not a frame, it is left out. `compact/other-document`: begin anew with
    /// another collector. If all frames are there and do not give the document that they claim to be of, the collector
    /// is empty again.
    pub fn add(&mut self, text: &str) -> Result<Option<Scanned>, CompactError> {
        let malformed = CompactError::Malformed { place: "frame" };
        let bytes = unprefixed(PREFIX, text)?;
        let Some(Item::Array(parts)) = read(&bytes) else {
            return Err(malformed);
        };
        let [
            Item::Bytes(id),
            Item::Unsigned(length),
            Item::Unsigned(count),
            Item::Unsigned(number),
            Item::Bytes(data),
        ] = parts.as_slice()
        else {
            return Err(malformed);
        };
        let document = Document {
            id: id.as_slice().try_into().map_err(|_| malformed.clone())?,
            length: usize::try_from(*length).map_err(|_| malformed.clone())?,
            count: usize::try_from(*count).map_err(|_| malformed.clone())?,
            piece: data.len(),
        };
        let fits = (1..=MAX_FRAMES).contains(&document.count)
            && document.piece <= *PIECE.end()
            && document.length <= MAX_DOCUMENT
            && document.length.div_ceil(document.count) == document.piece
            && document.length.div_ceil(document.piece.max(1)) == document.count;
        let number = u32::try_from(*number).map_err(|_| malformed.clone())?;
        if !fits {
            return Err(malformed);
        }
        match &self.document {
            Some(known) if *known != document => return Err(CompactError::OtherDocument),
            _ => {}
        }
        let mask = mask_of(&document.id, number, document.count);
        self.document = Some(document.clone());
        self.reduce(mask, data.clone());
        if self.sums.len() < document.count {
            return Ok(None);
        }
        let bytes = self.solve(&document);
        if id_of(&bytes)? != document.id {
            *self = Self::new();
            return Err(CompactError::Malformed { place: "frames" });
        }
        from_bytes(&bytes).map(Some)
    }

    /// Takes the known sums out of a new one, and keeps what is left.
    fn reduce(&mut self, mut mask: Mask, mut data: Vec<u8>) {
        while let Some(lowest) = lowest(&mask) {
            match self.sums.get(&lowest) {
                Some((known_mask, known)) => {
                    for (word, other) in mask.iter_mut().zip(known_mask) {
                        *word ^= other;
                    }
                    add(&mut data, known);
                }
                None => {
                    self.sums.insert(lowest, (mask, data));
                    return;
                }
            }
        }
    }

    /// The pieces in order: from the last, each sum loses the pieces after its lowest.
    fn solve(&self, document: &Document) -> Vec<u8> {
        let mut pieces: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
        for (at, (mask, data)) in self.sums.iter().rev() {
            let mut piece = data.clone();
            for (other, known) in &pieces {
                if bit(mask, *other) {
                    add(&mut piece, known);
                }
            }
            pieces.insert(*at, piece);
        }
        let mut bytes: Vec<u8> = pieces.into_values().flatten().collect();
        bytes.truncate(document.length);
        bytes
    }
}

fn id_of(bytes: &[u8]) -> Result<[u8; 8], CompactError> {
    // Not for security: the document is verified by its signature.
    let hash = SOFTWARE.sha256(bytes);
    let hash = hash.map_err(|_| CompactError::Malformed { place: "frames" })?;
    let [a, b, c, d, e, f, g, h, ..] = hash;
    Ok([a, b, c, d, e, f, g, h])
}

/// The pieces of frame `number` of `count`: one for the first frames; then those whose bits are set in SHA-256 of the
/// document's id and the number, the first bit being the lowest of the first byte, and one if none is.
fn mask_of(id: &[u8; 8], number: u32, count: usize) -> Mask {
    let mut mask = [0; 4];
    let at = usize::try_from(number).unwrap_or(usize::MAX);
    if at < count {
        set(&mut mask, at);
        return mask;
    }
    let mut seed = id.to_vec();
    seed.extend(number.to_be_bytes());
    let hash = SOFTWARE.sha256(&seed).unwrap_or_default();
    for (word, bytes) in mask.iter_mut().zip(hash.chunks_exact(8)) {
        *word = bytes
            .iter()
            .rev()
            .fold(0, |word, byte| word << 8 | u64::from(*byte));
    }
    for i in count..MAX_FRAMES {
        clear(&mut mask, i);
    }
    if lowest(&mask).is_none() {
        set(&mut mask, at % count.max(1));
    }
    mask
}

fn set(mask: &mut Mask, at: usize) {
    if let Some(word) = mask.get_mut(at / 64) {
        *word |= 1 << (at % 64);
    }
}

fn clear(mask: &mut Mask, at: usize) {
    if let Some(word) = mask.get_mut(at / 64) {
        *word &= !(1 << (at % 64));
    }
}

fn bit(mask: &Mask, at: usize) -> bool {
    mask.get(at / 64)
        .is_some_and(|word| word >> (at % 64) & 1 == 1)
}

fn lowest(mask: &Mask) -> Option<usize> {
    let at = mask.iter().position(|word| *word != 0)?;
    let bits = mask.get(at)?.trailing_zeros();
    Some(at * 64 + usize::try_from(bits).ok()?)
}

fn add(to: &mut [u8], from: &[u8]) {
    for (a, b) in to.iter_mut().zip(from) {
        *a ^= b;
    }
}
