//! Documents as parts: which page of a PDF and which region of an image differs.
#![cfg(all(feature = "pdf", feature = "image"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::fmt::Write as _;

use kbtf_authenticity::{
    DocumentKey, Error, PartDifferences, PartOutline,
    paper::{GrayImage, image::image_parts},
    pdf_parts,
};
use kbtf_did::SOFTWARE;
use proptest::prelude::*;

fn outline(media_type: &str, parts: &[(String, Vec<u8>)]) -> PartOutline {
    let key = DocumentKey::from_bytes([7; 32]);
    let mut outline = PartOutline::new(media_type).unwrap();
    for (name, bytes) in parts {
        outline.add(name, bytes, &key, &SOFTWARE).unwrap();
    }
    outline
}

fn code<T>(result: Result<T, Error>) -> &'static str {
    result.err().map_or("accepted", |error| error.code())
}

/// A PDF with a page for each text, written by hand: objects 1 catalog, 2 pages, 3 font, then a page and its content each.
fn pdf(texts: &[&str], title: &str) -> Vec<u8> {
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        format!(
            "<</Type/Pages/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>/Count {}/Kids[{}]>>",
            texts.len(),
            (0..texts.len())
                .map(|n| format!("{} 0 R ", 4 + 2 * n))
                .collect::<String>()
        ),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    for (n, text) in texts.iter().enumerate() {
        objects.push(format!(
            "<</Type/Page/Parent 2 0 R/Contents {} 0 R>>",
            5 + 2 * n
        ));
        let content = format!("BT /F 12 Tf 72 720 Td ({text}) Tj ET");
        objects.push(format!(
            "<</Length {}>>stream\n{content}\nendstream",
            content.len()
        ));
    }
    objects.push(format!("<</Title({title})>>"));
    let mut text = "%PDF-1.7\n".to_owned();
    let mut places = Vec::new();
    for (n, object) in objects.iter().enumerate() {
        places.push(text.len());
        writeln!(text, "{} 0 obj{object}endobj", n + 1).unwrap();
    }
    let start = text.len();
    write!(text, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).unwrap();
    for place in places {
        writeln!(text, "{place:010} 00000 n ").unwrap();
    }
    let size = objects.len() + 1;
    write!(
        text,
        "trailer<</Size {size}/Root 1 0 R/Info {} 0 R>>\nstartxref\n{start}\n%%EOF",
        size - 1
    )
    .unwrap();
    text.into_bytes()
}

fn differences(one: &[u8], two: &[u8]) -> PartDifferences {
    let of = |bytes: &[u8]| outline("application/pdf", &pdf_parts(bytes).unwrap());
    let (issued, shown) = (of(one), of(two));
    let registered = issued.commitment(&SOFTWARE).unwrap();
    issued.differences(&registered, &shown, &SOFTWARE).unwrap()
}

#[test]
fn the_page_that_differs_is_told() {
    let issued = pdf(&["one", "two", "three"], "certificate");
    let parts = pdf_parts(&issued).unwrap();
    let names: Vec<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["page 1", "page 2", "page 3", "catalog", "information"]
    );
    assert!(differences(&issued, &issued).is_none());
    assert_eq!(
        differences(&issued, &pdf(&["one", "TWO", "three"], "certificate")).changed,
        ["page 2"]
    );
    assert_eq!(
        differences(&issued, &pdf(&["one", "two", "three"], "other")).changed,
        ["information"]
    );
    let shorter = differences(&issued, &pdf(&["one", "two"], "certificate"));
    assert_eq!(
        (shorter.missing, shorter.changed),
        (vec!["page 3".to_owned()], vec![])
    );
    let longer = differences(
        &issued,
        &pdf(&["one", "two", "three", "four"], "certificate"),
    );
    assert_eq!(longer.added, ["page 4"]);

    // Written again by another program, compressed and with other numbers, it shows the same.
    let mut again = lopdf::Document::load_mem(&issued).unwrap();
    again.compress();
    again.renumber_objects_with(100);
    let mut bytes = Vec::new();
    again.save_to(&mut bytes).unwrap();
    assert_ne!(bytes, issued);
    assert!(differences(&issued, &bytes).is_none());
    // What all pages have from above is in each.
    let text = String::from_utf8(issued.clone()).unwrap();
    let other_font = text.replace("Helvetica", "Times-Rom").into_bytes();
    assert_eq!(
        differences(&issued, &other_font).changed,
        ["page 1", "page 2", "page 3"]
    );
    let other_size = text.replace("[0 0 595 842]", "[0 0 595 841]").into_bytes();
    assert_eq!(differences(&issued, &other_size).changed.len(), 3);
    // What is done when it is opened belongs to the document.
    let script = text
        .replace(
            "/Pages 2 0 R>>",
            "/Pages 2 0 R/OpenAction<</S/JavaScript>>>>",
        )
        .into_bytes();
    assert_eq!(differences(&issued, &script).changed, ["catalog"]);
}

#[test]
fn files_that_are_no_pdf_or_never_end_are_refused() {
    for bytes in [&b""[..], b"%PDF-1.7", b"GIF89a", &[0; 1000]] {
        assert_eq!(code(pdf_parts(bytes)), "authenticity/malformed");
    }
    let whole = pdf(&["one"], "t");
    // The library mends what is cut where it can; what is read then still has parts with names of their own.
    for cut in 0..whole.len() {
        if let Ok(parts) = pdf_parts(&whole[..cut]) {
            assert!(!outline("application/pdf", &parts).parts().is_empty());
        }
    }
    // Objects in each other without end: by direct nesting, and by references in a ring.
    let text = String::from_utf8(whole).unwrap();
    let deep = text.replace(
        "/Subtype/Type1",
        &format!("/A {}{}", "[".repeat(90), "]".repeat(90)),
    );
    assert!(pdf_parts(deep.as_bytes()).is_err());
    let ring = text.replace("/Subtype/Type1", "/Next 3 0 R/Back 4 0 R");
    assert!(pdf_parts(ring.as_bytes()).is_ok());
    assert_eq!(
        code(pdf_parts(&vec![b' '; (64 << 20) + 1])),
        "authenticity/too-large"
    );
}

#[test]
fn the_region_that_differs_is_told() {
    let pixels: Vec<u8> = (0..100 * 70_u32).map(|n| (n * 7 % 251) as u8).collect();
    let of = |pixels: Vec<u8>, width| {
        outline(
            "image/png",
            &image_parts(&GrayImage::new(width, pixels).unwrap(), 32).unwrap(),
        )
    };
    let issued = of(pixels.clone(), 100);
    assert_eq!(issued.parts().len(), 1 + 4 * 3);
    let registered = issued.commitment(&SOFTWARE).unwrap();
    for (x, y, region) in [
        (0, 0, "0,0"),
        (31, 31, "0,0"),
        (32, 31, "32,0"),
        (99, 69, "96,64"),
        (50, 40, "32,32"),
    ] {
        let mut changed = pixels.clone();
        changed[y * 100 + x] ^= 1;
        let found = issued
            .differences(&registered, &of(changed, 100), &SOFTWARE)
            .unwrap();
        assert_eq!(found.changed, [region]);
    }
    let other = of(pixels, 70);
    assert!(
        issued
            .differences(&registered, &other, &SOFTWARE)
            .unwrap()
            .changed
            .contains(&"size".to_owned())
    );
    let image = GrayImage::new(100, vec![0; 100]).unwrap();
    assert!(image_parts(&image, 0).is_err() && image_parts(&image, usize::MAX).is_ok());
    assert!(image_parts(&GrayImage::new(2000, vec![0; 2000 * 2000]).unwrap(), 1).is_err());
}

#[test]
fn an_outline_is_held_against_what_was_committed_to() {
    let part = |name: &str| (name.to_owned(), name.as_bytes().to_vec());
    let of = |names: &[&str]| {
        outline(
            "a/b",
            &names.iter().map(|name| part(name)).collect::<Vec<_>>(),
        )
    };
    let issued = of(&["a", "b"]);
    let registered = issued.commitment(&SOFTWARE).unwrap();
    let turned = of(&["b", "a"]);
    assert_ne!(turned.commitment(&SOFTWARE).unwrap(), registered);
    assert!(
        issued
            .differences(&registered, &turned, &SOFTWARE)
            .unwrap()
            .other_order
    );
    assert_eq!(
        code(turned.differences(&registered, &issued, &SOFTWARE)),
        "authenticity/other-document"
    );
    let read = PartOutline::from_parts(issued.media_type(), issued.parts().to_vec()).unwrap();
    assert_eq!(read, issued);
    let typed = outline("a/c", &[part("a"), part("b")]);
    assert!(
        issued
            .differences(&registered, &typed, &SOFTWARE)
            .unwrap()
            .other_type
    );
    // What stands in the name is not what stands in the part.
    assert_ne!(
        outline("a/b", &[("a".into(), b"bc".to_vec())])
            .commitment(&SOFTWARE)
            .unwrap(),
        outline("a/b", &[("ab".into(), b"c".to_vec())])
            .commitment(&SOFTWARE)
            .unwrap()
    );
    let key = DocumentKey::from_bytes([7; 32]);
    let mut twice = of(&["a"]);
    assert_eq!(
        code(twice.add("a", b"", &key, &SOFTWARE)),
        "authenticity/malformed"
    );
    assert_eq!(
        code(twice.add("", b"", &key, &SOFTWARE)),
        "authenticity/malformed"
    );
    assert_eq!(
        code(PartOutline::new("a/b").unwrap().commitment(&SOFTWARE)),
        "authenticity/malformed"
    );
}

proptest! {
    /// Any letter of what is shown on a page that is another is told, as of that page and no other.
    #[test]
    fn a_changed_letter_is_told_as_of_its_page(page in 0_usize..3, at in 0_usize..5, letter in "[a-z]") {
        let texts = ["aaaaa", "bbbbb", "ccccc"];
        let mut changed = texts.map(str::to_owned);
        changed[page].replace_range(at..=at, &letter);
        let found = differences(&pdf(&texts, "t"), &pdf(&[&changed[0], &changed[1], &changed[2]], "t"));
        let expected: Vec<String> = match changed[page] == texts[page] {
            true => Vec::new(),
            false => vec![format!("page {}", page + 1)],
        };
        prop_assert_eq!(found, PartDifferences { changed: expected, ..PartDifferences::default() });
    }
}
