//! Content identifiers, equal to those of npm's ipfs-unixfs-importer 17 with the same profile (`hello world` is the example that
//! IPIP-0499 publishes).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation
)]

use kbtf_did::SOFTWARE;
use kbtf_nft::content::{Cid, FileDigest, Profile};
use proptest::prelude::*;

/// A file of so many bytes, as it was given to the importer.
fn file(length: usize) -> Vec<u8> {
    match length {
        11 => b"hello world".to_vec(),
        _ => (0..length)
            .map(|i| {
                (i.wrapping_mul(31)
                    .wrapping_add((i >> 8) * 7)
                    .wrapping_add(i >> 16)
                    & 255) as u8
            })
            .collect(),
    }
}

fn cid(profile: Profile, bytes: &[u8], piece: usize) -> Cid {
    let mut digest = FileDigest::new(profile, &SOFTWARE);
    for piece in bytes.chunks(piece) {
        digest.update(piece).unwrap();
    }
    digest.finish().unwrap()
}

const EXPECTED: [(&str, usize, &str); 26] = [
    (
        "unixfs-v1-2025",
        0,
        "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
    ),
    (
        "unixfs-v1-2025",
        1,
        "bafkreidogqfzz75tpkmjzjke425xqcrmpcib2p5tg44hnbirumdbpl5adu",
    ),
    (
        "unixfs-v1-2025",
        11,
        "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
    ),
    (
        "unixfs-v1-2025",
        262143,
        "bafkreic6qomxptxdayqjbwulj7qcdynjjglwzdlw75rws3un3ngwfr7kw4",
    ),
    (
        "unixfs-v1-2025",
        262144,
        "bafkreig6febf2je4comsmuz7bfvdv6uj2ombaa4lfmvojmj7ta3aju4z3i",
    ),
    (
        "unixfs-v1-2025",
        262145,
        "bafkreigpbkxvricw2an7crh7eouwd7kzosq3bpsj5j353h4febzxdxjrfa",
    ),
    (
        "unixfs-v1-2025",
        1048575,
        "bafkreiaulkhq5honzrywwanbglh26re3dvfclfdspjgrko5krulgbraie4",
    ),
    (
        "unixfs-v1-2025",
        1048576,
        "bafkreiekn66be3bseimndmqudmqtw4f24zeplklu4aj43jy4nyz6hca2r4",
    ),
    (
        "unixfs-v1-2025",
        1048577,
        "bafybeih3t7bqnxym7lzhctvehj4qvtxacxpei4muryk2lhldrvravdusui",
    ),
    (
        "unixfs-v1-2025",
        5242880,
        "bafybeidq7bzeliqzo6lhand6p2sc6i4kzzbqvn42jqua26gxc4wwkukzv4",
    ),
    (
        "unixfs-v1-2025",
        45613056,
        "bafybeign4q47d4ytfv5l3mljjx4qgrpgqyfkkpp4z4tlbiw5gxpoyumez4",
    ),
    (
        "unixfs-v1-2025",
        45613057,
        "bafybeibgzf4vxjcktvxkuvtsjxcnwar44wfjsv4qrzk7ae4jrncb5cwai4",
    ),
    (
        "unixfs-v1-2025",
        10485760,
        "bafybeibgp3jiphvk6tryto5vpr2vy5c732nuyyjvgvq4ovwasaznrofq6u",
    ),
    (
        "unixfs-v0-2015",
        0,
        "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH",
    ),
    (
        "unixfs-v0-2015",
        1,
        "QmS9JArPwa55ePgDnyg6TzX24mYTS1b1vLqWNebyVotKxQ",
    ),
    (
        "unixfs-v0-2015",
        11,
        "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD",
    ),
    (
        "unixfs-v0-2015",
        262143,
        "QmXpYqQvaZfN2nprP1nZ5pBHcD8yiqQsKhFHw8PnmRMeU7",
    ),
    (
        "unixfs-v0-2015",
        262144,
        "QmcpCHX3Z6p66WSh66APrP9Te8Z2shwmj3jKzX4hoDGJXR",
    ),
    (
        "unixfs-v0-2015",
        262145,
        "Qme42pnZncpSoksku578ejMLu1yragBxKo3xMNw7VGr6AL",
    ),
    (
        "unixfs-v0-2015",
        1048575,
        "Qmcn2UcXxz3EWitYJWH2nwvsveFTXzdKPZumSn2VeQfCUE",
    ),
    (
        "unixfs-v0-2015",
        1048576,
        "Qmbo8cQ14rsWkib4YbZWAp88jWKVfjZ7bAArfxybkXpD1B",
    ),
    (
        "unixfs-v0-2015",
        1048577,
        "QmNU8EP9i85NBuXz1avcBdgspobZ3pQfd8itgR1iFn3kCP",
    ),
    (
        "unixfs-v0-2015",
        5242880,
        "QmQtmqD24M93pTBS3Ac6FA2voVbcQeSLCxiGC9EpuYesRN",
    ),
    (
        "unixfs-v0-2015",
        45613056,
        "QmUkFazcvEeks2AwSQUrNRVqHsxxnuiA9h7YYjsJxuWUQW",
    ),
    (
        "unixfs-v0-2015",
        45613057,
        "QmUqGdDPq1voq8A1rVEjLenLcsFoPhwCnwCrsoimnFBRpZ",
    ),
    (
        "unixfs-v0-2015",
        10485760,
        "QmR9Vcx18wWbS2AYLgjeT36jrDpFE7XJcDiwkxyziJe8dV",
    ),
];

#[test]
fn equal_to_the_importer() {
    for (profile, length, expected) in EXPECTED {
        let profile: Profile = profile.parse().unwrap();
        let bytes = file(length);
        for piece in [1 << 22, 100_003] {
            assert_eq!(
                cid(profile, &bytes, piece).to_string(),
                expected,
                "{profile:?} {length}"
            );
        }
        assert_eq!(expected.parse::<Cid>().unwrap().to_string(), expected);
    }
}

#[test]
fn a_small_file_is_its_own_block() {
    let found = cid(Profile::UnixfsV1, b"a", 1);
    assert!(found.is_raw());
    let hash = kbtf_did::CryptoProvider::sha256(&SOFTWARE, b"a").unwrap();
    assert_eq!(*found.sha256(), hash);
    let mut digest = FileDigest::new(Profile::UnixfsV1, &SOFTWARE);
    digest.update(b"b").unwrap();
    assert_eq!(
        digest.verify(&found).unwrap_err().code(),
        "nft/other-content"
    );
    // The same file by the other profile is another CID.
    assert_ne!(cid(Profile::UnixfsV0, b"a", 1), found);
    assert!("unixfs-v2".parse::<Profile>().is_err());
}

#[test]
fn other_texts_are_none() {
    let good = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
    for text in [
        "",
        "b",
        "Qm",
        "bafkrei",
        &good.to_uppercase(),
        &good[1..],
        &good.replace("bafk", "zafk"),
        &format!("{good}a"),
        // Bits behind the last byte.
        &good.replace("n5e", "n5f"),
        &good.replace('3', "1"),
        // Another codec (dag-cbor), another hash.
        "bafyreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
        "bafkrgifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
        "QmFile",
        "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyf0",
    ] {
        assert!(text.parse::<Cid>().is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_a_cid_or_none(text in "(b[a-z2-7]{58}|Qm[1-9A-HJ-NP-Za-km-z]{44}|.{0,60})") {
        if let Ok(cid) = text.parse::<Cid>() {
            prop_assert_eq!(cid.to_string(), text);
        }
    }
}
