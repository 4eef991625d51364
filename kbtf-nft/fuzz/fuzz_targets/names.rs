#![no_main]
//! Names and data of strangers: what is read is written again as it was.
use kbtf_nft::{Address, TokenId, abi, content::Cid};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(refusal) = abi::read_refusal(bytes) {
        assert_eq!(abi::refusal_data(&refusal), bytes);
    }
    let (words, rest) = bytes.as_chunks::<32>();
    let log = abi::Log { topics: words.to_vec(), data: rest.to_vec() };
    if let Some(event) = abi::read_log(&log) {
        assert_eq!(abi::log(&event), log);
    }
    let Ok(text) = core::str::from_utf8(bytes) else { return };
    if let Ok(cid) = text.parse::<Cid>() {
        assert_eq!(cid.to_string(), text);
    }
    if let Ok(token) = text.parse::<TokenId>() {
        assert_eq!(token.to_string(), text);
    }
    if let Ok(address) = text.parse::<Address>() {
        assert_eq!(address.to_string(), text.to_ascii_lowercase());
    }
});
