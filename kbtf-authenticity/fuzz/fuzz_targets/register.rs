#![no_main]
//! What stands in a register, line by line: what is read is written again as it was, and what follows is followed.
use kbtf_authenticity::register::{Context, Party, RegisterEntry, SignedOperation, apply, decide};
use kbtf_did::{KeyMethods, ResolutionOptions, did_kbtf::LedgerName};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let name = LedgerName::parse("seoul-1").unwrap();
    let mut record = None;
    for line in text.lines() {
        if let Ok(signed) = SignedOperation::parse(line) {
            assert_eq!(signed.to_text(), line);
        }
        let Ok(entry) = RegisterEntry::parse(line) else { continue };
        assert_eq!(entry.to_text(), line);
        let issuer = match entry.signed().operation().by() {
            Party::Issuer(method) => {
                KeyMethods.resolve_now(&method.did(), &ResolutionOptions::default()).ok()
            }
            Party::Owner(_) => None,
        };
        let mut context = Context::new(&name, entry.time());
        if let Some(issuer) = &issuer {
            context = context.issuer(issuer);
        }
        if let Ok(event) = decide(record.as_ref(), entry.signed(), &context) {
            apply(&mut record, &event);
            assert_eq!(record.as_ref().unwrap().head(), event.hash());
        }
    }
});
