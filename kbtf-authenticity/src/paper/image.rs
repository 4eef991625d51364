//! Codes as pictures: QR Code (ISO/IEC 18004), PDF417 (ISO/IEC 15438) and Data Matrix (ISO/IEC 16022), as PNG and SVG, and back
//! from a scan or photograph. By the libraries `rxing` and `png` (feature `image`).
//!
//! ```
//! use kbtf_authenticity::paper::image::{Carrier, Symbol, read_png};
//!
//! let symbol = Symbol::new("KD1:HELLO", Carrier::QrCode)?;
//! let png = symbol.to_png(4)?;
//! assert_eq!(read_png(&png)?, ["KD1:HELLO"]);
//! assert!(symbol.to_svg(0.4).starts_with("<svg"));
//! # Ok::<(), kbtf_authenticity::Error>(())
//! ```

use std::{
    collections::{BTreeSet, HashSet},
    panic::{AssertUnwindSafe, catch_unwind},
};

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use rxing::{BarcodeFormat, DecodeHints, EncodeHints, MultiFormatWriter, Writer as _, helpers};

use super::{CODE_PREFIX, GrayImage, MAX_PIXELS, PARTS_PREFIX};
use crate::{Error, error::malformed};

/// The most pixels of an image in which codes are looked for: a page of A4 at 400 dpi.
const MAX_SEARCHED: usize = 1 << 24;
/// The longest text of a symbol.
const MAX_TEXT: usize = 4296;

/// Which symbol a code is printed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Carrier {
    /// QR Code, error correction M (15 %): what every telephone reads.
    QrCode,
    /// PDF417, error correction level 4: long and low, for the foot of a page.
    Pdf417,
    /// Data Matrix ECC 200: smallest.
    DataMatrix,
}

impl Carrier {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::QrCode, Self::Pdf417, Self::DataMatrix];

    const fn format(self) -> BarcodeFormat {
        match self {
            Self::QrCode => BarcodeFormat::QR_CODE,
            Self::Pdf417 => BarcodeFormat::PDF_417,
            Self::DataMatrix => BarcodeFormat::DATA_MATRIX,
        }
    }

    /// Its quiet zone, in modules.
    const fn margin(self) -> usize {
        match self {
            Self::QrCode => 4,
            Self::Pdf417 | Self::DataMatrix => 2,
        }
    }
}

/// A symbol: black and white modules, with the white zone around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    width: usize,
    /// Line by line; true is black.
    modules: Vec<bool>,
}

impl Symbol {
    /// The symbol of a text, the smallest that holds it.
    ///
    /// # Errors
    /// `authenticity/malformed` for a text that the carrier does not hold.
    pub fn new(text: &str, carrier: Carrier) -> Result<Self, Error> {
        if text.is_empty() || text.len() > MAX_TEXT || !text.is_ascii() {
            return Err(malformed("text", "1 to 4296 characters of ASCII"));
        }
        let level = match carrier {
            Carrier::QrCode => Some("M"),
            Carrier::Pdf417 => Some("4"),
            Carrier::DataMatrix => None,
        };
        let hints = EncodeHints {
            ErrorCorrection: level.map(ToString::to_string),
            Margin: Some("0".to_string()),
            ..EncodeHints::default()
        };
        let encode = || MultiFormatWriter.encode_with_hints(text, &carrier.format(), 0, 0, &hints);
        let matrix = calm(encode)
            .and_then(Result::ok)
            .ok_or(malformed("text", "no more than the symbol holds"))?;
        let margin = carrier.margin();
        let (inner, height) = (matrix.width() as usize, matrix.height() as usize);
        let width = inner + 2 * margin;
        let mut modules = alloc::vec![false; width * (height + 2 * margin)];
        for (y, line) in modules
            .chunks_exact_mut(width)
            .skip(margin)
            .take(height)
            .enumerate()
        {
            for (x, module) in line.iter_mut().skip(margin).take(inner).enumerate() {
                let at = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
                *module = matrix.get(at(x), at(y));
            }
        }
        Ok(Self { width, modules })
    }

    /// How many modules wide it is, white zone included.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// How many modules high it is, white zone included.
    #[must_use]
    pub fn height(&self) -> usize {
        self.modules.len().checked_div(self.width).unwrap_or(0)
    }

    /// As an image, each module so many pixels wide and high.
    ///
    /// # Errors
    /// `authenticity/malformed` for more than 2^26 pixels, or none.
    pub fn to_image(&self, scale: usize) -> Result<GrayImage, Error> {
        let width = self.width.saturating_mul(scale);
        let count = width.saturating_mul(self.height().saturating_mul(scale));
        if count == 0 || count > MAX_PIXELS {
            return Err(malformed("scale", "an image of 1 to 2^26 pixels"));
        }
        let mut pixels = Vec::with_capacity(count);
        for line in self.modules.chunks_exact(self.width) {
            let shade = |module: &bool| if *module { 0_u8 } else { 255 };
            let wide: Vec<u8> = line
                .iter()
                .flat_map(|module| core::iter::repeat_n(shade(module), scale))
                .collect();
            for _ in 0..scale {
                pixels.extend_from_slice(&wide);
            }
        }
        GrayImage::new(width, pixels)
    }

    /// As PNG (ISO/IEC 15948), each module so many pixels wide and high.
    ///
    /// # Errors
    /// As for [`Symbol::to_image`].
    pub fn to_png(&self, scale: usize) -> Result<Vec<u8>, Error> {
        write_png(&self.to_image(scale)?)
    }

    /// As SVG, each module so many millimetres wide and high.
    #[must_use]
    pub fn to_svg(&self, millimetres: f64) -> String {
        let (width, height) = (self.width, self.height());
        let mut path = String::new();
        for (y, line) in self.modules.chunks_exact(width.max(1)).enumerate() {
            let mut x = 0;
            for run in line.chunk_by(|one, next| one == next) {
                if run.first() == Some(&true) {
                    path.push_str(&format!("M{x} {y}h{}v1h-{}z", run.len(), run.len()));
                }
                x += run.len();
            }
        }
        #[allow(clippy::cast_precision_loss)]
        let size = |modules: usize| modules as f64 * millimetres;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}mm\" height=\"{}mm\" viewBox=\"0 0 {width} {height}\" \
             shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{width}v{height}H0z\"/><path d=\"{path}\"/></svg>",
            size(width),
            size(height),
        )
    }
}

/// What a library gives that may panic on an image that somebody has made for it.
fn calm<T>(run: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(run)).ok()
}

/// An image as PNG.
///
/// # Errors
/// `authenticity/malformed` for an image that PNG does not hold.
pub fn write_png(image: &GrayImage) -> Result<Vec<u8>, Error> {
    let wrong = || malformed("image", "one that PNG holds");
    let size = |n: usize| u32::try_from(n).map_err(|_| wrong());
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size(image.width())?, size(image.height())?);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(image.pixels()));
    written.map_err(|_| wrong())?;
    Ok(bytes)
}

/// Reads a PNG, of 2^26 pixels at most, as shades of gray.
///
/// # Errors
/// `authenticity/malformed`.
pub fn from_png(bytes: &[u8]) -> Result<GrayImage, Error> {
    let wrong = || malformed("image", "a PNG of at most 2^26 pixels");
    let limits = png::Limits {
        bytes: 4 * MAX_PIXELS,
    };
    let mut decoder = png::Decoder::new_with_limits(std::io::Cursor::new(bytes), limits);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|_| wrong())?;
    let (width, height) = reader.info().size();
    let pixels = (width as usize).checked_mul(height as usize);
    if pixels.is_none_or(|pixels| pixels > MAX_PIXELS) {
        return Err(wrong());
    }
    let size = reader.output_buffer_size().ok_or_else(wrong)?;
    let mut buffer = alloc::vec![0; size];
    let info = reader.next_frame(&mut buffer).map_err(|_| wrong())?;
    let samples = info.color_type.samples();
    let used = buffer.get(..info.buffer_size()).ok_or_else(wrong)?;
    let gray = used.chunks_exact(samples).map(|pixel| match pixel {
        [gray] => *gray,
        [gray, alpha] => over_white(*gray, *alpha),
        [red, green, blue] => luma(*red, *green, *blue),
        [red, green, blue, alpha] => over_white(luma(*red, *green, *blue), *alpha),
        _ => 255,
    });
    GrayImage::new(width as usize, gray.collect())
}

/// ITU-R BT.601, in 256ths.
fn luma(red: u8, green: u8, blue: u8) -> u8 {
    let sum = 77 * u32::from(red) + 150 * u32::from(green) + 29 * u32::from(blue);
    u8::try_from(sum / 256).unwrap_or(255)
}

fn over_white(shade: u8, alpha: u8) -> u8 {
    let (shade, alpha) = (u32::from(shade), u32::from(alpha));
    u8::try_from((shade * alpha + 255 * (255 - alpha)) / 255).unwrap_or(255)
}

/// The parts of an image, to be added to a [`PartOutline`](crate::PartOutline): `size`, and its squares of so many pixels a side by
/// the place of their upper left corner, `0,0` and so on, at the right and at the bottom less than squares. Each is its pixels as shades
/// of gray: compressed otherwise it is the same, brightened or scaled it is another.
///
/// # Errors
/// `authenticity/malformed` for squares without pixels, or so small that there are more than 2^20.
pub fn image_parts(image: &GrayImage, side: usize) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let (width, height) = (image.width(), image.height());
    let columns = width.checked_div(side).unwrap_or(usize::MAX);
    let rows = height.checked_div(side).unwrap_or(usize::MAX);
    let count = columns
        .saturating_add(1)
        .saturating_mul(rows.saturating_add(1));
    if count >= 1 << 20 {
        return Err(malformed("side", "squares of pixels, fewer than 2^20"));
    }
    let mut parts = alloc::vec![("size".to_string(), format!("{width}x{height}").into_bytes())];
    for y in (0..height).step_by(side) {
        for x in (0..width).step_by(side) {
            let lines = image.pixels().chunks_exact(width).skip(y).take(side);
            let square = lines.flat_map(|line| line.iter().skip(x).take(side).copied());
            parts.push((format!("{x},{y}"), square.collect()));
        }
    }
    Ok(parts)
}

/// The codes of papers, and parts of such, that are to be seen in an image: their texts, each once, sorted. What else is
/// to be seen is passed over. Nothing is verified.
///
/// Of images of more than 2^24 pixels nothing is read. Somebody can make one in which looking takes minutes: those of strangers are
/// read in a thread or worker that is stopped. Where panics abort, as in builds for WebAssembly, one of the library
/// does too.
#[must_use]
pub fn read_image(image: &GrayImage) -> Vec<String> {
    if image.pixels().len() > MAX_SEARCHED {
        return Vec::new();
    }
    let (Ok(width), Ok(height)) = (u32::try_from(image.width()), u32::try_from(image.height()))
    else {
        return Vec::new();
    };
    let mut texts = BTreeSet::new();
    let mut note = |text: &str| {
        if text.starts_with(CODE_PREFIX) || text.starts_with(PARTS_PREFIX) {
            texts.insert(text.to_string());
        }
    };
    for carrier in Carrier::ALL {
        let mut hints = DecodeHints {
            PossibleFormats: Some(HashSet::from([carrier.format()])),
            TryHarder: Some(true),
            ..DecodeHints::default()
        };
        let all = calm(|| {
            let pixels = image.pixels().to_vec();
            helpers::detect_multiple_in_luma_with_hints(pixels, width, height, &mut hints)
        });
        if let Some(Ok(found)) = all {
            found.iter().for_each(|found| note(found.getText()));
        }
    }
    texts.into_iter().collect()
}

/// As [`read_image`], from a PNG.
///
/// # Errors
/// As for [`from_png`].
pub fn read_png(bytes: &[u8]) -> Result<Vec<String>, Error> {
    Ok(read_image(&from_png(bytes)?))
}
