#![no_main]
//! DER and PEM of a public key: what is accepted has one encoding of its own, and secrets never get through.
use kbtf_did::{KeyType, PublicKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(key) = PublicKey::from_spki_der(bytes) {
        let again = PublicKey::from_spki_der(&key.to_spki_der()).expect("own DER");
        assert_eq!(again, key);
        assert_eq!(PublicKey::from_pem(&key.to_pem()).expect("own PEM"), key);
    }
    if let Ok(key) = PublicKey::from_bytes(KeyType::Rsa, bytes) {
        assert_eq!(key.as_bytes(), bytes, "one DER for one key");
    }
    if let Ok(text) = core::str::from_utf8(bytes) {
        assert!(PublicKey::from_pem(text).is_err() || !text.contains("PRIVATE"));
        for &key_type in KeyType::ALL {
            if let Ok(key) = PublicKey::from_base58(key_type, text) {
                assert_eq!(key.to_base58(), text);
            }
        }
    }
});
