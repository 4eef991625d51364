use alloc::{borrow::ToOwned, string::String};

use kbtf_did::json::Value;

use crate::{Version, verdict::quoted};

/// The first context, in a member or anywhere inside it, that does not belong: one that is not `known`, one written
/// out in the document, or that of the other version of the data model.
pub(crate) fn foreign_context(
    name: &str,
    value: &Value<'_>,
    version: Version,
    known: &dyn Fn(&str) -> bool,
) -> Option<String> {
    if name == "@context" {
        return value
            .as_set()
            .iter()
            .find_map(|context| match context.as_str() {
                Some(url) if known(url) && url != version.other().context() => None,
                Some(url) => Some(quoted(url)),
                None => Some("a context that is not a URL".to_owned()),
            });
    }
    match value {
        Value::Object(object) => object
            .iter()
            .find_map(|(name, value)| foreign_context(name, value, version, known)),
        Value::Array(values) => values
            .iter()
            .find_map(|value| foreign_context("", value, version, known)),
        _ => None,
    }
}
