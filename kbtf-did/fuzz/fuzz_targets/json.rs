#![no_main]
//! Whatever is accepted has one canonical form, which is read back as the same value.
use kbtf_did::json;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = json::parse_bytes(bytes) else { return };
    let canonical = value.to_canonical();
    let again = json::parse(&canonical).expect("the canonical form is JSON");
    assert_eq!(again, value);
    assert_eq!(again.to_canonical(), canonical);
    assert_eq!(json::parse(&value.to_json()).expect("the written form is JSON").to_json(), value.to_json());
});
