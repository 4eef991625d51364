#![no_main]
//! A JWK that is accepted names a key that its own JWK names again; private members never get through.
use kbtf_did::{PublicKey, SecretKey, json};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(json::Value::Object(jwk)) = json::parse(text) {
        if let Ok(key) = PublicKey::from_jwk(&jwk) {
            assert!(!jwk.contains("d"));
            assert_eq!(PublicKey::from_jwk(&key.to_jwk()).expect("own JWK"), key);
        }
    }
    let _ = SecretKey::from_jwk(text);
});
