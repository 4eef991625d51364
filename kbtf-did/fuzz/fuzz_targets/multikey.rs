#![no_main]
//! A Multikey that is accepted has one text in base58btc.
use kbtf_did::{PublicKey, SecretKey, multibase};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(bytes) = multibase::decode(text) {
        let again = if text.starts_with('z') { multibase::encode_base58btc(&bytes) } else { multibase::encode_base64url(&bytes) };
        assert_eq!(again, text);
    }
    if let Ok(key) = PublicKey::from_multikey(text) {
        assert_eq!(PublicKey::from_multikey(&key.to_multikey()).expect("own Multikey"), key);
    }
    if let Ok(key) = SecretKey::from_multikey(text) {
        assert!(PublicKey::from_multikey(text).is_err());
        let _ = key.to_jwk();
    }
});
