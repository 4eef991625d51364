//! History numbers as people type them and links as codes hold them: rendered as a QR code by one library and read from its
//! image by another.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use kbtf_history::{
    Error, ObjectId,
    lookup::{HistoryLink, HistoryNumber},
};
use proptest::prelude::*;

const LAND: &str = "history.example.go.kr/land";
const DRUGS: &str = "history.example.go.kr/drugs";

fn code<T>(result: Result<T, Error>) -> &'static str {
    result.err().map_or("accepted", |error| error.code())
}

fn object(fill: u8) -> ObjectId {
    ObjectId::from_bytes([fill; 16])
}

/// Every wrong character, and every two neighbours exchanged, of some numbers.
#[test]
fn a_slip_of_the_pen_is_found() {
    let alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for fill in [0x00, 0x01, 0x5a, 0xa7, 0xff] {
        let text = HistoryNumber::from(object(fill))
            .to_string()
            .replace('-', "");
        let characters: Vec<char> = text.chars().collect();
        assert_eq!(characters.len(), 27);
        let reads_as = |characters: &[char]| {
            let text: String = characters.iter().collect();
            text.parse::<HistoryNumber>()
                .ok()
                .map(|number| number.object())
        };
        for place in 0..27 {
            for other in alphabet.chars() {
                let mut wrong = characters.clone();
                wrong[place] = other;
                // What is read as another is the same number: O for 0, I and L for 1.
                if let Some(read) = reads_as(&wrong) {
                    assert_eq!(read, object(fill), "{wrong:?}");
                    assert!(wrong == characters || "IOL".contains(other), "{wrong:?}");
                }
            }
            if place < 26 && characters[place] != characters[place + 1] {
                let mut turned = characters.clone();
                turned.swap(place, place + 1);
                assert_eq!(reads_as(&turned), None, "{turned:?}");
            }
        }
    }
}

#[test]
fn what_is_no_number_is_refused() {
    let good = HistoryNumber::from(object(0x5a)).to_string();
    assert_eq!(code(good.parse::<HistoryNumber>()), "accepted");
    for wrong in [
        String::new(),
        "-".repeat(54),
        good[..good.len() - 1].to_owned(),
        format!("{good}0"),
        good.replace('-', "--------"),
        good.replace('-', "_"),
        format!("8{}", &good[1..]),
        "가".repeat(9),
    ] {
        assert_eq!(
            code(wrong.parse::<HistoryNumber>()),
            "history/malformed",
            "{wrong}"
        );
    }
}

#[test]
fn a_link_leads_to_logs_that_are_known_and_nowhere_else() {
    let known = [LAND, DRUGS];
    let link = HistoryLink::new(DRUGS, object(7)).unwrap();
    let text = link.to_string();
    let read = HistoryLink::parse(&text, &known).unwrap();
    assert_eq!((read.origin(), read.object()), (DRUGS, object(7)));
    // A bare number, as it is printed beside the code, is one of the first log.
    let number = HistoryNumber::from(object(7)).to_string();
    let bare = HistoryLink::parse(&number, &known).unwrap();
    assert_eq!(bare.origin(), LAND);
    assert_eq!(code(HistoryLink::parse(&number, &[])), "history/other-log");
    assert_eq!(
        code(HistoryLink::parse(&text, &[LAND])),
        "history/other-log"
    );
    for wrong in [
        text.replace("https", "http"),
        text.replace("https://", "https://user@"),
        text.replace("/drugs/", "/drugs/../land/"),
        text.replace("/drugs/", "/land//"),
        text.replace("/objects/", "/object/"),
        text.replace("kr/", "kr:443/"),
        text.replace("history.", "HISTORY."),
        text.replace("/objects/", "/objects/objects/"),
        text.to_lowercase(),
        format!("{text}?a=b"),
        format!("{text}#a"),
        format!("{text}/"),
        format!(" {text}"),
        "https://".to_owned(),
        "x".repeat(513),
    ] {
        let refused = code(HistoryLink::parse(&wrong, &known));
        assert!(
            ["history/malformed", "history/other-log"].contains(&refused),
            "{wrong}: {refused}"
        );
    }
    for origin in [
        "",
        "https://a.example",
        "a b",
        "a/",
        "/a",
        "a//b",
        "a/../b",
        "..",
    ] {
        assert_eq!(
            code(HistoryLink::new(origin, object(7))),
            "history/malformed",
            "{origin}"
        );
    }
}

/// From a code to the number, as a scanner in a shop does it.
#[test]
fn a_code_on_an_item_is_scanned() {
    let link = HistoryLink::new(LAND, object(0xa7)).unwrap();
    let code = qrcode::QrCode::new(link.to_string()).unwrap();
    let (modules, width) = (code.to_colors(), code.width());
    // Four pixels for each module, and a quiet zone of four modules.
    let (scale, quiet) = (4, 4);
    let size = (width + 2 * quiet) * scale;
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(size, size, |x, y| {
        let (x, y) = (
            (x / scale).wrapping_sub(quiet),
            (y / scale).wrapping_sub(quiet),
        );
        let is_dark = x < width && y < width && modules[y * width + x] == qrcode::Color::Dark;
        if is_dark { 0 } else { 255 }
    });
    let grids = image.detect_grids();
    let [grid] = grids.as_slice() else {
        panic!("one code");
    };
    let (_, text) = grid.decode().unwrap();
    assert_eq!(HistoryLink::parse(&text, &[LAND]).unwrap(), link);
}

proptest! {
    #[test]
    fn every_number_is_read_as_it_was_written(bytes in any::<[u8; 16]>()) {
        let object = ObjectId::from_bytes(bytes);
        let text = HistoryNumber::from(object).to_string();
        prop_assert_eq!(text.parse::<HistoryNumber>().unwrap().object(), object);
        prop_assert_eq!(text.to_lowercase().parse::<HistoryNumber>().unwrap().object(), object);
    }
}
