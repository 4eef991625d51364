#![no_main]
//! Status lists, schemas, registers, frameworks, mappings: any text is read or refused.
use kbtf_did::{Timestamp, json};
use kbtf_vc::{Evidence, Policy, Schema, Trust, assurance::{Framework, Mapping}, verify_status_list, verify_trust_registry};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let now = Timestamp::from_unix(1_795_305_600).expect("in range");
    let policy = Policy::new(Trust::AnyIssuer);
    let _ = verify_status_list(text.as_bytes(), "https://e.org/1", &Evidence::new(), &policy, now);
    let _ = verify_trust_registry(text.as_bytes(), &Evidence::new(), &policy, now);
    let _ = Framework::parse(text);
    let _ = Mapping::parse(text);
    if let Some((schema, value)) = text.split_once('\n')
        && let (Ok(schema), Ok(value)) = (Schema::parse(schema), json::parse(value))
    {
        let _ = schema.validate(&value);
    }
});
