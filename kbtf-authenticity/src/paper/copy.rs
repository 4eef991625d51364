//! What can be said of copies (AUT-07): a suspicion, never that there is none.
//!
//! Patterns that lose something each time they are printed and scanned tell a plain copy from a first print while nobody works
//! against them. Whoever reconstructs the pattern before he prints it, by a threshold or by a trained model, gets past them
//! (arXiv 2110.02176): the error rates of the reference here are measured on generated noise, with such an attacker among
//! them, by `cargo run --release -p kbtf-authenticity --example copy_rates`.

use alloc::{format, string::String, vec::Vec};

use kbtf_did::{CryptoProvider, hmac_sha256};

use crate::{Error, error::malformed};

/// The most pixels of an image.
pub const MAX_PIXELS: usize = 64 << 20;

/// An image in shades of gray, line by line from the top: 0 is black, 255 white.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrayImage {
    width: usize,
    pixels: Vec<u8>,
}

impl GrayImage {
    /// One with these pixels.
    ///
    /// # Errors
    /// `authenticity/malformed` if they are no whole lines, none, or more than 2^26.
    pub fn new(width: usize, pixels: Vec<u8>) -> Result<Self, Error> {
        let is_whole = width > 0 && !pixels.is_empty() && pixels.len().is_multiple_of(width);
        match is_whole && pixels.len() <= MAX_PIXELS {
            true => Ok(Self { width, pixels }),
            false => Err(malformed("image", "whole lines, at most 2^26 pixels")),
        }
    }

    /// How many pixels a line has.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// How many lines there are.
    #[must_use]
    pub fn height(&self) -> usize {
        self.pixels.len().checked_div(self.width).unwrap_or(0)
    }

    /// The pixels.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

/// How alike a scan and what should have been printed are, in thousandths: 1000 is the same, 0 has nothing to do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CopyScore(pub u16);

/// What is said of a scan. There is no answer that says it is a first print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CopyAnswer {
    /// It is less alike than first prints were on the same printers and scanners.
    Suspect,
    /// It is as alike. It may be a first print, or a copy by somebody who took trouble.
    NothingSeen,
}

/// A pattern that is printed on a paper and that copying harms.
pub trait CopyEvidence {
    /// Which pattern and measure this is, with its version: scores of two are not compared.
    fn model(&self) -> String;

    /// The pattern of a paper, made from a secret that the issuer keeps.
    ///
    /// # Errors
    /// `did/provider`.
    fn generate(
        &self,
        secret: &[u8; 32],
        provider: &dyn CryptoProvider,
    ) -> Result<GrayImage, Error>;

    /// How alike a scan of it is: the pattern alone, upright, as many pixels as the pattern in each direction or a multiple.
    ///
    /// # Errors
    /// `authenticity/malformed` for a scan of another shape; `did/provider`.
    fn score(
        &self,
        secret: &[u8; 32],
        scan: &GrayImage,
        provider: &dyn CryptoProvider,
    ) -> Result<CopyScore, Error>;

    /// What is said of a scan, with a threshold that was enrolled for the printers and scanners in use.
    ///
    /// # Errors
    /// As for [`CopyEvidence::score`]; `authenticity/malformed` if it was enrolled for another model.
    fn judge(
        &self,
        secret: &[u8; 32],
        scan: &GrayImage,
        enrolment: &Enrolment,
        provider: &dyn CryptoProvider,
    ) -> Result<CopyAnswer, Error> {
        if enrolment.model != self.model() {
            return Err(malformed("enrolment", "one for this model"));
        }
        match self.score(secret, scan, provider)? < enrolment.threshold {
            true => Ok(CopyAnswer::Suspect),
            false => Ok(CopyAnswer::NothingSeen),
        }
    }
}

/// Below which score a scan is suspect, from those of first prints on the printers and scanners in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    model: String,
    threshold: CopyScore,
}

impl Enrolment {
    /// The threshold below which at most so many thousandths of the first prints lie that were measured.
    ///
    /// # Errors
    /// `authenticity/malformed` for fewer than 30 scores, from which nothing follows.
    pub fn of(
        evidence: &dyn CopyEvidence,
        scores: &[CopyScore],
        false_alarms: u16,
    ) -> Result<Self, Error> {
        if scores.len() < 30 {
            return Err(malformed("enrolment", "at least 30 scores of first prints"));
        }
        let mut sorted = scores.to_vec();
        sorted.sort_unstable();
        let below = sorted
            .len()
            .saturating_mul(usize::from(false_alarms.min(1000)))
            / 1000;
        let threshold = sorted.get(below).or(sorted.last()).copied();
        Ok(Self {
            model: evidence.model(),
            threshold: threshold.unwrap_or(CopyScore(1000)),
        })
    }

    /// The threshold.
    #[must_use]
    pub const fn threshold(&self) -> CopyScore {
        self.threshold
    }
}

/// The reference: a square of black and white dots, half of each, by HMAC-SHA-256 from the secret; the measure is the square of the
/// correlation between what was to be printed and the scan, the middle of each dot counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DotPattern {
    side: usize,
}

impl DotPattern {
    /// A square with so many dots a side, 32 to 256.
    ///
    /// # Errors
    /// `authenticity/malformed` for another number.
    pub fn new(side: usize) -> Result<Self, Error> {
        match (32..=256).contains(&side) {
            true => Ok(Self { side }),
            false => Err(malformed("pattern", "32 to 256 dots a side")),
        }
    }

    fn dots(self, secret: &[u8; 32], provider: &dyn CryptoProvider) -> Result<Vec<bool>, Error> {
        let count = self.side * self.side;
        let mut dots = Vec::with_capacity(count + 256);
        let mut block = 0_u32;
        while dots.len() < count {
            let parts: [&[u8]; 2] = [b"kbtf/dots/v1\n", &block.to_be_bytes()];
            for byte in hmac_sha256(secret, &parts, provider)? {
                dots.extend((0..8).map(|bit| byte >> bit & 1 == 1));
            }
            block = block.saturating_add(1);
        }
        dots.truncate(count);
        Ok(dots)
    }
}

impl CopyEvidence for DotPattern {
    fn model(&self) -> String {
        format!("kbtf/dots/v1/{}", self.side)
    }

    fn generate(
        &self,
        secret: &[u8; 32],
        provider: &dyn CryptoProvider,
    ) -> Result<GrayImage, Error> {
        let dots = self.dots(secret, provider)?;
        let pixels = dots.iter().map(|dot| if *dot { 255 } else { 0 }).collect();
        GrayImage::new(self.side, pixels)
    }

    fn score(
        &self,
        secret: &[u8; 32],
        scan: &GrayImage,
        provider: &dyn CryptoProvider,
    ) -> Result<CopyScore, Error> {
        let scale = scan.width / self.side;
        let is_shape = scale > 0 && scan.width == scale * self.side && scan.height() == scan.width;
        if !is_shape {
            return Err(malformed("scan", "the pattern, or a multiple of it, alone"));
        }
        let dots = self.dots(secret, provider)?;
        // Sums of integers: at most 2^16 dots of 8 bits.
        let (mut sum, mut squares, mut sum_lit, mut lit) = (0_i64, 0_i64, 0_i64, 0_i64);
        for (at, dot) in dots.iter().enumerate() {
            let (x, y) = (at % self.side, at / self.side);
            let (x, y) = (x * scale + scale / 2, y * scale + scale / 2);
            let value = scan.pixels.get(y * scan.width + x).copied();
            let value = i64::from(value.unwrap_or_default());
            sum += value;
            squares += value * value;
            if *dot {
                sum_lit += value;
                lit += 1;
            }
        }
        let count = i64::try_from(dots.len()).unwrap_or(1);
        let covariance = i128::from(count * sum_lit - sum * lit);
        let variances =
            i128::from(count * squares - sum * sum) * i128::from(count * lit - lit * lit);
        // A scan of one shade, or the opposite of the pattern, has nothing to do with it.
        if variances == 0 || covariance <= 0 {
            return Ok(CopyScore(0));
        }
        let score = covariance * covariance * 1000 / variances;
        Ok(CopyScore(u16::try_from(score).unwrap_or(1000).min(1000)))
    }
}
