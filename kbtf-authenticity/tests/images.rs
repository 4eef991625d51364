//! Codes as pictures: printed, scanned with turning, blur, noise and uneven light, and read again; with other libraries as
//! judges of the symbols: rqrr reads QR codes, `datamatrix` decodes Data Matrix, and both make some that are read here.
#![cfg(feature = "image")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss
)]

mod world;

use kbtf_authenticity::{
    Content, Document, DocumentKey,
    paper::{
        Attached, CheckNumber, FieldValue, GrayImage, PaperCode, PaperIssuers, PaperPolicy,
        PartCollector, Profile, SignedPaper,
        image::{Carrier, Symbol, from_png, read_image, read_png, write_png},
        split,
    },
};
use kbtf_did::{KeyFormat, SOFTWARE, did_key};
use world::*;

/// Random numbers for noise, the same each time.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    /// About normal, with this deviation.
    fn normal(&mut self, deviation: f64) -> f64 {
        let sum: f64 = (0..12)
            .map(|_| (self.next() % 10_000) as f64 / 10_000.0)
            .sum();
        (sum - 6.0) * deviation
    }
}

/// A page with an image on it, printed and scanned: turned by so many degrees, blurred, lit unevenly, with noise.
fn scan(image: &GrayImage, degrees: f64, seed: u64) -> GrayImage {
    let (width, height) = (image.width() + 120, image.height() + 120);
    let (sin, cos) = degrees.to_radians().sin_cos();
    let mut noise = Noise(seed);
    let at = |x: f64, y: f64| -> f64 {
        let (x, y) = (x - 60.0, y - 60.0);
        let inside =
            x >= 0.0 && y >= 0.0 && (x as usize) < image.width() && (y as usize) < image.height();
        match inside {
            true => f64::from(image.pixels()[y as usize * image.width() + x as usize]),
            false => 255.0,
        }
    };
    let mut pixels = Vec::with_capacity(width * height);
    for line in 0..height {
        for column in 0..width {
            let (dx, dy) = (
                column as f64 - width as f64 / 2.0,
                line as f64 - height as f64 / 2.0,
            );
            let x = dx * cos - dy * sin + width as f64 / 2.0;
            let y = dx * sin + dy * cos + height as f64 / 2.0;
            // Blurred by the mean of nine places, half a pixel apart.
            let mut sum = 0.0;
            for i in -1..=1 {
                for j in -1..=1 {
                    sum += at(x + f64::from(i) * 0.7, y + f64::from(j) * 0.7);
                }
            }
            let light = 0.75 + 0.2 * column as f64 / width as f64;
            let value = (sum / 9.0 * 0.8 + 25.0) * light + noise.normal(12.0);
            pixels.push(value.clamp(0.0, 255.0) as u8);
        }
    }
    GrayImage::new(width, pixels).unwrap()
}

fn certificate() -> SignedPaper {
    let issuer = signer(2);
    PaperCode::new(commitment(1), day(0), 90)
        .check_number(CheckNumber::from_bytes([9; 10]))
        .field("성명", FieldValue::Text("홍길동".into()))
        .sign(&method(&issuer), &issuer, Profile::Long)
        .unwrap()
}

#[test]
fn a_printed_code_is_read_and_verified() {
    let paper = certificate();
    let issuers = PaperIssuers::new()
        .with(
            &kbtf_did::ResolvedDocument::active(
                did_key::resolve(&did(&signer(2)), KeyFormat::Multikey).unwrap(),
            ),
            &SOFTWARE,
        )
        .unwrap();
    for (carrier, scale) in [
        (Carrier::QrCode, 6),
        (Carrier::DataMatrix, 6),
        (Carrier::Pdf417, 4),
    ] {
        let symbol = Symbol::new(&paper.to_text(), carrier).unwrap();
        for (seed, degrees) in [(1, 0.0), (2, 1.5), (3, -2.0)] {
            // Readers of PDF417 go along its rows: they bear less.
            let degrees = match carrier {
                Carrier::Pdf417 => degrees / 2.0,
                _ => degrees,
            };
            let scanned = scan(&symbol.to_image(scale).unwrap(), degrees, seed);
            let png = write_png(&scanned).unwrap();
            let texts = read_png(&png).unwrap();
            assert_eq!(texts, [paper.to_text()], "{carrier:?} at {degrees} degrees");
            let seen = SignedPaper::parse(&texts[0])
                .unwrap()
                .verify(&issuers, &PaperPolicy::default(), day(1), &SOFTWARE)
                .unwrap();
            assert_eq!(seen.fields()[0].1, FieldValue::Text("홍길동".into()));
        }
    }
}

/// The three codes at the foot of a page, scanned as one image.
#[test]
fn the_parts_on_one_page_are_all_read() {
    let key = DocumentKey::from_bytes([7; 32]);
    let bytes = format!(r#"{{"text":"{}"}}"#, "가나다라".repeat(90)).into_bytes();
    let document = Document::from_json("application/json", &bytes).unwrap();
    let attached = Attached {
        media_type: "application/json".into(),
        content: Content::Json,
        bytes: bytes.clone(),
    };
    let issuer = signer(2);
    let paper = PaperCode::new(document.commit(&key, &SOFTWARE).unwrap(), day(0), 90)
        .attach(attached, &key)
        .sign(&method(&issuer), &issuer, Profile::Parts)
        .unwrap();
    let parts = split(&paper, 460, &SOFTWARE).unwrap();
    assert_eq!(parts.len(), 3);
    let images: Vec<GrayImage> = parts
        .iter()
        .map(|part| {
            Symbol::new(part, Carrier::QrCode)
                .unwrap()
                .to_image(4)
                .unwrap()
        })
        .collect();
    let width: usize = images.iter().map(|image| image.width() + 40).sum();
    let height = images.iter().map(GrayImage::height).max().unwrap();
    let mut page = vec![255; width * height];
    let mut left = 0;
    for image in &images {
        for (y, line) in image.pixels().chunks(image.width()).enumerate() {
            page[y * width + left..][..image.width()].copy_from_slice(line);
        }
        left += image.width() + 40;
    }
    let page = scan(&GrayImage::new(width, page).unwrap(), 0.5, 7);
    let mut collector = PartCollector::new();
    let mut whole = None;
    for text in read_image(&page) {
        whole = collector.add(&text, &SOFTWARE).unwrap().or(whole);
    }
    assert_eq!(whole.unwrap(), paper);
}

fn rqrr_reads(image: &GrayImage) -> String {
    let mut prepared =
        rqrr::PreparedImage::prepare_from_greyscale(image.width(), image.height(), |x, y| {
            image.pixels()[y * image.width() + x]
        });
    let grids = prepared.detect_grids();
    grids[0].decode().unwrap().1
}

#[test]
fn other_libraries_read_the_same() {
    let text = certificate().to_text();
    let qr = Symbol::new(&text, Carrier::QrCode).unwrap();
    assert_eq!(rqrr_reads(&qr.to_image(6).unwrap()), text);
    // The size that the alphanumeric mode with error correction M has: version 8 holds 221 letters, 9 holds 262.
    assert_eq!(qr.width(), 17 + 4 * 9 + 8);
    // Those of the table in the README: 229 and 504 letters.
    for (letters, version) in [(229, 9), (504, 14)] {
        let code = "A".repeat(letters);
        let symbol = Symbol::new(&code, Carrier::QrCode).unwrap();
        assert_eq!(symbol.width(), 17 + 4 * version + 8, "{letters}");
    }
    let short = "KD1:".to_owned() + &"A".repeat(217);
    assert_eq!(
        Symbol::new(&short, Carrier::QrCode).unwrap().width(),
        17 + 4 * 8 + 8
    );

    let matrix = Symbol::new(&text, Carrier::DataMatrix).unwrap();
    let image = matrix.to_image(1).unwrap();
    let inner = matrix.width() - 4;
    let bits: Vec<bool> = image
        .pixels()
        .chunks(matrix.width())
        .skip(2)
        .take(inner)
        .flat_map(|line| line[2..][..inner].iter().map(|pixel| *pixel == 0))
        .collect();
    let decoded = datamatrix::DataMatrix::decode(&bits, inner).unwrap();
    assert_eq!(decoded, text.as_bytes());

    // What they make is read here.
    let theirs = qrcode::QrCode::new(&text).unwrap();
    let (width, modules) = (theirs.width(), theirs.to_colors());
    let mut pixels = vec![255; (width + 8) * (width + 8)];
    for (at, module) in modules.iter().enumerate() {
        if *module == qrcode::Color::Dark {
            pixels[(at / width + 4) * (width + 8) + at % width + 4] = 0;
        }
    }
    assert_eq!(
        read_image(&enlarge(&pixels, width + 8, 5)),
        std::slice::from_ref(&text)
    );
    let theirs =
        datamatrix::DataMatrix::encode(text.as_bytes(), datamatrix::SymbolList::default()).unwrap();
    let bitmap = theirs.bitmap();
    let (width, height) = (bitmap.width(), bitmap.height());
    let mut pixels = vec![255; (width + 4) * (height + 4)];
    for (x, y) in bitmap.pixels() {
        pixels[(y + 2) * (width + 4) + x + 2] = 0;
    }
    assert_eq!(read_image(&enlarge(&pixels, width + 4, 5)), [text]);
}

fn enlarge(pixels: &[u8], width: usize, scale: usize) -> GrayImage {
    let mut large = Vec::new();
    for line in pixels.chunks(width) {
        let wide: Vec<u8> = line
            .iter()
            .flat_map(|pixel| std::iter::repeat_n(*pixel, scale))
            .collect();
        (0..scale).for_each(|_| large.extend_from_slice(&wide));
    }
    GrayImage::new(width * scale, large).unwrap()
}

#[test]
fn pictures_are_read_with_care() {
    let symbol = Symbol::new("KD1:HELLO", Carrier::QrCode).unwrap();
    let image = symbol.to_image(3).unwrap();
    assert_eq!(from_png(&write_png(&image).unwrap()).unwrap(), image);
    let svg = symbol.to_svg(0.5);
    assert!(svg.contains(&format!("width=\"{}mm\"", symbol.width() as f64 / 2.0)));
    // As many black modules in the SVG as there are.
    let black: usize = svg
        .split('h')
        .filter_map(|part| part.split_once('v')?.0.parse::<usize>().ok())
        .sum();
    let expected = image.pixels().iter().filter(|pixel| **pixel == 0).count() / 9;
    assert_eq!(
        black - symbol.width(),
        expected,
        "the white ground is one run more"
    );
    // Other codes are passed over, and whatever is no picture is refused.
    let other = Symbol::new("HTTPS://EVIL.EXAMPLE", Carrier::QrCode).unwrap();
    assert_eq!(
        read_image(&other.to_image(4).unwrap()),
        Vec::<String>::new()
    );
    for bytes in [&b""[..], b"\x89PNG\r\n\x1a\n", b"GIF89a", &[0; 100]] {
        assert_eq!(
            from_png(bytes).unwrap_err().code(),
            "authenticity/malformed"
        );
    }
    let png = write_png(&image).unwrap();
    for cut in 0..png.len() {
        // Cut behind the last pixel it may still be read, and never as something else.
        let read = read_png(&png[..cut]).unwrap_or_default();
        assert!(read.is_empty() || read == ["KD1:HELLO"], "{cut}");
    }
    for text in ["", "가", &"A".repeat(4297)] {
        assert_eq!(
            Symbol::new(text, Carrier::QrCode).unwrap_err().code(),
            "authenticity/malformed"
        );
    }
    assert!(Symbol::new(&"A".repeat(4000), Carrier::DataMatrix).is_err());
    assert!(symbol.to_image(0).is_err() && symbol.to_png(1_000_000).is_err());
    // A bomb: small, and as an image of 10^10 pixels.
    let mut bomb = Vec::new();
    let mut encoder = png::Encoder::new(&mut bomb, 100_000, 100_000);
    encoder.set_color(png::ColorType::Grayscale);
    drop(encoder.write_header().unwrap());
    assert_eq!(
        from_png(&bomb).unwrap_err().code(),
        "authenticity/malformed"
    );
    // Noise is no code.
    let mut noise = Noise(1);
    let pixels = (0..200 * 200).map(|_| (noise.next() % 256) as u8).collect();
    assert_eq!(
        read_image(&GrayImage::new(200, pixels).unwrap()),
        Vec::<String>::new()
    );
}
