#![no_main]
//! Time-stamp tokens of strangers: refused, or for the data that they are for.
use kbtf_did::{SOFTWARE, Timestamp};
use kbtf_history::time_stamp::{Stamped, TimeStampToken, TimeStampTrust};
use libfuzzer_sys::fuzz_target;

const ROOT: &[u8] = include_bytes!("../../tests/data/root.der");

fuzz_target!(|bytes: &[u8]| {
    let from = Timestamp::from_unix(0).expect("a time");
    let until = Timestamp::from_unix(4_000_000_000).expect("a time");
    let trust = TimeStampTrust::new().trust(ROOT, from, until).expect("a certificate");
    for token in [TimeStampToken::from_der(bytes), TimeStampToken::from_response(bytes)] {
        let Ok(token) = token else { continue };
        assert!(token.verify(Stamped::Data(b"never stamped"), None, &trust, &SOFTWARE).is_err());
        let _ = token.verify(Stamped::Data(b"the state of a log"), None, &trust, &SOFTWARE);
    }
});
