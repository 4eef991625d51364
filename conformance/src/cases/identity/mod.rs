//! Cases of identities: all kinds of keys, documents, methods, `did:kbtf`, proof of control, the personal-data guard.

mod control;
mod did_urls;
mod documents;
mod kbtf;
mod kinds;
mod made_elsewhere;
mod methods;

use super::{Suite, case, forge, made, refused, script, suite};
use crate::suite::Case;

/// The suites, each with the path of its file.
pub(super) fn all() -> Result<Vec<(&'static str, Suite)>, String> {
    Ok(vec![
        ("did/kinds-of-keys.json", kinds::suite_of_kinds()?),
        ("did/documents.json", documents::suite_of_documents()?),
        ("did/methods.json", methods::suite_of_methods()?),
        ("did/did-urls.json", did_urls::suite_of_did_urls()),
        ("did/kbtf.json", kbtf::suite_of_kbtf()?),
        ("did/control.json", control::suite_of_control()?),
    ])
}

fn to_text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A key pair of the suite, from one byte.
fn key(key_type: kbtf_did::KeyType, seed: u8) -> Result<kbtf_did::SecretKey, String> {
    kbtf_did::SecretKey::from_bytes(key_type, &[seed; 32]).map_err(|e| e.to_string())
}

/// A table of one-step cases that must be refused: the id's end, titles, input, reasons.
struct Refusals<'r> {
    id: &'r str,
    en: &'r str,
    ko: &'r str,
    operation: &'r str,
    requirements: &'r [&'r str],
    features: &'r [&'r str],
}

type Refusal<'r> = (&'r str, &'r str, &'r str, serde_json::Value, &'r [&'r str]);

impl Refusals<'_> {
    fn cases(&self, table: Vec<Refusal<'_>>) -> Vec<Case> {
        let one = |(id, en, ko, input, reasons): Refusal<'_>| {
            let titles = (
                &*format!("{}: {en}", self.en),
                &*format!("{}: {ko}", self.ko),
            );
            let id = format!("{}-refuse-{id}", self.id);
            case(
                &id,
                titles,
                self.requirements,
                self.operation,
                input,
                refused(reasons),
            )
            .features(self.features)
        };
        table.into_iter().map(one).collect()
    }
}
