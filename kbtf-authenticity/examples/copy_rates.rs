//! What the reference of [`CopyEvidence`] finds and misses, on generated noise of printing and scanning: first prints, copies by a
//! photocopier, and copies by somebody who makes black and white of a scan before he prints it again.
//!
//! `cargo run --release -p kbtf-authenticity --example copy_rates`
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss
)]

use kbtf_authenticity::paper::{
    CopyAnswer, CopyEvidence, CopyScore, DotPattern, Enrolment, GrayImage,
};
use kbtf_did::SOFTWARE;

const SIDE: usize = 64;
/// Pixels of the scan to a dot: a dot of 1/300 inch, scanned at 1200 dpi.
const SCALE: usize = 4;
const PAPERS: u64 = 300;

/// Random numbers, the same each time.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1_u64 << 31) as f64
    }

    /// About normal, of deviation 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

/// Prints an image of the scan's resolution and scans it: ink spreads, dots fail or bleed, optics blur, the sensor adds noise.
fn print_and_scan(image: &GrayImage, ink: f64, noise: &mut Noise) -> GrayImage {
    let width = image.width();
    let (shift_x, shift_y) = (noise.next() * 0.8, noise.next() * 0.8);
    let values: Vec<f64> = image
        .pixels()
        .iter()
        .map(|pixel| f64::from(*pixel))
        .collect();
    // Each dot on its own, as the paper takes the ink.
    let dots = width.div_ceil(SCALE) + 2;
    let uneven: Vec<f64> = (0..dots * dots).map(|_| noise.normal() * 38.0).collect();
    let radius = ink.ceil() as i32 + 1;
    let mut pixels = Vec::with_capacity(values.len());
    for y in 0..width {
        for x in 0..width {
            let (mut sum, mut weight) = (0.0, 0.0);
            for dy in -radius..=radius {
                for dx in -radius..=radius {
                    let at = |place: usize, by: i32| {
                        (place as i32 + by).clamp(0, width as i32 - 1) as usize
                    };
                    let (fx, fy) = (f64::from(dx) + shift_x, f64::from(dy) + shift_y);
                    let w = (-(fx * fx + fy * fy) / (2.0 * ink * ink)).exp();
                    sum += values[at(y, dy) * width + at(x, dx)] * w;
                    weight += w;
                }
            }
            let paper = uneven[y / SCALE * dots + x / SCALE];
            // Ink spreads: what is half lit comes out darker.
            let value =
                (sum / weight / 255.0).powf(1.3) * 215.0 + 20.0 + paper + noise.normal() * 9.0;
            pixels.push(value.clamp(0.0, 255.0) as u8);
        }
    }
    GrayImage::new(width, pixels).unwrap()
}

fn enlarge(image: &GrayImage) -> GrayImage {
    let mut pixels = Vec::new();
    for line in image.pixels().chunks(image.width()) {
        let wide: Vec<u8> = line
            .iter()
            .flat_map(|pixel| std::iter::repeat_n(*pixel, SCALE))
            .collect();
        (0..SCALE).for_each(|_| pixels.extend_from_slice(&wide));
    }
    GrayImage::new(image.width() * SCALE, pixels).unwrap()
}

/// Makes black and white of a scan, dot by dot: by the mean of each, less some of those beside it, which is what blur has put in.
fn reconstruct(scan: &GrayImage, less: f64) -> GrayImage {
    let mut dots = Vec::new();
    for y in 0..SIDE {
        for x in 0..SIDE {
            let mut sum = 0_u32;
            for dy in 0..SCALE {
                for dx in 0..SCALE {
                    sum +=
                        u32::from(scan.pixels()[(y * SCALE + dy) * scan.width() + x * SCALE + dx]);
                }
            }
            dots.push(f64::from(sum) / (SCALE * SCALE) as f64);
        }
    }
    let at = |x: usize, y: usize| dots[y.min(SIDE - 1) * SIDE + x.min(SIDE - 1)];
    let sharpened = |place: usize| {
        let (x, y) = (place % SIDE, place / SIDE);
        let beside =
            at(x.saturating_sub(1), y) + at(x + 1, y) + at(x, y.saturating_sub(1)) + at(x, y + 1);
        dots[place] - less * beside
    };
    let dots: Vec<f64> = (0..SIDE * SIDE).map(sharpened).collect();
    let mut sorted = dots.clone();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted[sorted.len() / 2];
    let pixels = dots
        .iter()
        .map(|dot| if *dot > middle { 255 } else { 0 })
        .collect();
    GrayImage::new(SIDE, pixels).unwrap()
}

fn main() {
    let pattern = DotPattern::new(SIDE).unwrap();
    let mut noise = Noise(20_261_124);
    let mut scores: [Vec<CopyScore>; 5] = Default::default();
    let [first, copied, rebuilt, sharpened, perfect] = &mut scores;
    for paper in 0..2 * PAPERS {
        let mut secret = [0; 32];
        secret[..8].copy_from_slice(&paper.to_be_bytes());
        let original = enlarge(&pattern.generate(&secret, &SOFTWARE).unwrap());
        // Printers and scanners are not all alike.
        let mut ink = || 1.6 + noise.next() * 0.8;
        let (one, two, three) = (ink(), ink(), ink());
        let scan = print_and_scan(&original, one, &mut noise);
        let score = |image: &GrayImage| pattern.score(&secret, image, &SOFTWARE).unwrap();
        first.push(score(&scan));
        copied.push(score(&print_and_scan(&scan, two, &mut noise)));
        let mut again =
            |dots: GrayImage| score(&print_and_scan(&enlarge(&dots), three, &mut noise));
        rebuilt.push(again(reconstruct(&scan, 0.0)));
        // The best that a filter of this kind can do.
        let tries = [0.1, 0.2, 0.3].into_iter();
        sharpened.extend(tries.map(|less| again(reconstruct(&scan, less))).max());
        // Who gets every dot right, as trained models come near to, prints a first print.
        perfect.push(again(pattern.generate(&secret, &SOFTWARE).unwrap()));
    }
    // The threshold from one half, the rates from the other.
    let (enrolled, tested) = first.split_at(PAPERS as usize);
    let median = |scores: &[CopyScore]| {
        let mut sorted = scores.to_vec();
        sorted.sort_unstable();
        sorted[sorted.len() / 2].0
    };
    println!(
        "{SIDE} x {SIDE} dots, {PAPERS} papers to set the threshold and {PAPERS} to test\n\
         median score: first prints {}, copies {}, black and white again {}, sharpened first {}\n\n\
         {:>12} {:>10} {:>14} {:>14} {:>16} {:>12} {:>16}",
        median(tested),
        median(&copied[PAPERS as usize..]),
        median(&rebuilt[PAPERS as usize..]),
        median(&sharpened[PAPERS as usize..]),
        "allowed",
        "threshold",
        "false alarms",
        "copies missed",
        "black and white",
        "sharpened",
        "every dot right"
    );
    for allowed in [0, 10, 50] {
        let enrolment = Enrolment::of(&pattern, enrolled, allowed).unwrap();
        let share = |scores: &[CopyScore], answer: CopyAnswer| {
            let is = |score: &&CopyScore| {
                (**score < enrolment.threshold()) == (answer == CopyAnswer::Suspect)
            };
            scores.iter().filter(is).count() as f64 / scores.len() as f64 * 100.0
        };
        println!(
            "{:>10.1} % {:>10} {:>12.1} % {:>12.1} % {:>14.1} % {:>10.1} % {:>14.1} %",
            f64::from(allowed) / 10.0,
            enrolment.threshold().0,
            share(tested, CopyAnswer::Suspect),
            share(&copied[PAPERS as usize..], CopyAnswer::NothingSeen),
            share(&rebuilt[PAPERS as usize..], CopyAnswer::NothingSeen),
            share(&sharpened[PAPERS as usize..], CopyAnswer::NothingSeen),
            share(&perfect[PAPERS as usize..], CopyAnswer::NothingSeen),
        );
    }
}
