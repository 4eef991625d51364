#![no_main]
//! A payload that is accepted has one encoding.
use kbtf_did::control::{ControlRequest, ControlResponse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = ControlRequest::from_bytes(bytes) {
        assert_eq!(request.to_bytes(), bytes);
        assert_eq!(ControlRequest::from_link(&request.to_link()).expect("own link"), request);
        if let Some(address) = request.answer_address() {
            assert!(address.starts_with(&format!("https://{}", request.domain())));
        }
    }
    if let Ok(response) = ControlResponse::from_bytes(bytes) {
        assert_eq!(response.to_bytes(), bytes);
    }
});
