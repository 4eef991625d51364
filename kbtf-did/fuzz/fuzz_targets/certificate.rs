#![no_main]
//! Certificates of strangers: what is read is kept as it was, and none leads to itself.
use kbtf_did::{SOFTWARE, Timestamp, x509::{Certificate, TIME_STAMPING}};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(certificate) = Certificate::from_der(bytes) else {
        return;
    };
    assert_eq!(certificate.as_der(), bytes);
    let (from, _) = certificate.validity();
    let at = Timestamp::from_unix(from).expect("a time that a certificate can hold");
    let others = [certificate.clone()];
    assert!(certificate.verify(&others, &[], at, TIME_STAMPING, &SOFTWARE).is_err());
});
