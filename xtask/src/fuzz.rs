//! The fuzz targets: each parser that reads what a stranger has written.

use std::fs;

use serde_json::{Value, json};

use crate::{
    command::{Result, note, program},
    root,
};

/// The folders with fuzz targets, and the targets.
const TARGETS: [(&str, &[&str]); 6] = [
    (
        "kbtf-did",
        &[
            "json",
            "did_url",
            "jwk",
            "multikey",
            "did_document",
            "spki",
            "did_methods",
            "kbtf_operation",
            "control",
            "personal_data",
            "dereference",
            "certificate",
        ],
    ),
    (
        "kbtf-vc",
        &[
            "credential",
            "presentation",
            "sd_jwt",
            "evidence",
            "request",
            "compact",
            "rdf",
            "open_did",
        ],
    ),
    (
        "kbtf-history",
        &[
            "note",
            "logged_proof",
            "add_checkpoint",
            "trust_policy",
            "time_stamp",
            "anchor",
            "tile",
            "proof",
            "entry",
        ],
    ),
    (
        "kbtf-authenticity",
        &[
            "redacted", "document", "register", "bundle", "paper", "image",
        ],
    ),
    ("kbtf-nft", &["names"]),
    ("conformance", &["harness_message"]),
];

/// Runs every target for some seconds.
pub(crate) fn run(seconds: u32) -> Result<()> {
    if program("cargo")
        .arguments(&["fuzz", "--version"])
        .output()
        .is_none()
    {
        return Err("cargo-fuzz is missing: cargo install cargo-fuzz --locked".into());
    }
    seed_corpora()?;
    let limit = format!("-max_total_time={seconds}");
    for (folder, targets) in TARGETS {
        for target in targets {
            program("cargo")
                .without_env("RUSTUP_TOOLCHAIN")
                .without_env("CARGO")
                .without_env("RUSTC")
                .arguments(&[
                    "+nightly",
                    "fuzz",
                    "run",
                    target,
                    "--",
                    &limit,
                    "-print_final_stats=1",
                    "-verbosity=0",
                ])
                .folder(&root().join(folder))
                .run(&format!("fuzzing {folder} {target}"))?;
        }
    }
    note("no findings");
    Ok(())
}

/// Begins each corpus with what the conformance vectors hold: a fuzzer that starts from a signed credential gets
/// further than one that has to invent it.
fn seed_corpora() -> Result<()> {
    let vectors = root().join("conformance/vectors");
    for file in [
        "authenticity/documents",
        "authenticity/evidence",
        "authenticity/paper",
        "authenticity/registers",
        "did/canonical-json",
        "did/control",
        "did/did-urls",
        "did/documents",
        "did/identifiers",
        "did/kbtf",
        "did/keys",
        "did/kinds-of-keys",
        "did/methods",
        "vc/credential-verify",
        "vc/evidence",
        "vc/open-did",
        "vc/presentation",
        "vc/rdf",
        "vc/sd-jwt",
        "vc/tokens",
    ] {
        let path = vectors.join(format!("{file}.json"));
        let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let suite: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
        let cases = suite
            .get("cases")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        for case in cases {
            let id = case.get("id").and_then(Value::as_str).unwrap_or_default();
            let steps = case
                .get("steps")
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            for (i, step) in steps.enumerate() {
                seed(&format!("{id}-{i}"), step)?;
            }
        }
    }
    for (target, file) in [
        ("kbtf-history/fuzz/corpus/time_stamp", "token.der"),
        ("kbtf-history/fuzz/corpus/time_stamp", "response.der"),
        ("kbtf-did/fuzz/corpus/certificate", "root.der"),
    ] {
        let corpus = root().join(target);
        let io = |e: std::io::Error| format!("{}: {e}", corpus.display());
        fs::create_dir_all(&corpus).map_err(io)?;
        let kept = root().join("kbtf-history/tests/data").join(file);
        fs::copy(kept, corpus.join(file)).map_err(io)?;
    }
    Ok(())
}

fn seed(name: &str, step: &Value) -> Result<()> {
    let input = step.get("input").cloned().unwrap_or_default();
    let member = |name: &str| input.get(name).and_then(Value::as_str).map(str::to_owned);
    let request = json!({
        "id": 7, "operation": step.get("operation"), "now": "2026-11-22T00:00:00Z", "seed": "", "input": input
    });
    let mut seeds = vec![("conformance", "harness_message", request.to_string())];
    for (input, folder, target) in [
        ("text", "kbtf-did", "json"),
        ("redacted", "kbtf-authenticity", "redacted"),
        ("bundle", "kbtf-authenticity", "bundle"),
        ("didUrl", "kbtf-did", "did_url"),
        ("did", "kbtf-did", "did_url"),
        ("key", "kbtf-did", "jwk"),
        ("key", "kbtf-did", "multikey"),
        ("key", "kbtf-did", "spki"),
        ("document", "kbtf-did", "did_document"),
        ("document", "kbtf-did", "personal_data"),
        ("operation", "kbtf-did", "kbtf_operation"),
        ("credential", "kbtf-did", "json"),
        ("credential", "kbtf-vc", "credential"),
        ("credential", "kbtf-vc", "compact"),
        ("credential", "kbtf-vc", "sd_jwt"),
        ("presentation", "kbtf-vc", "presentation"),
        ("credential", "kbtf-vc", "open_did"),
        ("presentation", "kbtf-vc", "open_did"),
    ] {
        seeds.extend(member(input).map(|text| (folder, target, text)));
    }
    let contexts = input.pointer("/policy/contextDocuments");
    let contexts = contexts.and_then(Value::as_object).into_iter().flatten();
    for ((url, context), credential) in contexts.zip(member("credential")) {
        let document = credential.replace(url.as_str(), "https://x.example/c");
        let context = context.as_str().unwrap_or_default();
        seeds.push(("kbtf-vc", "rdf", format!("{context}\n{document}")));
    }
    for (list, target) in [("texts", "paper"), ("entries", "register")] {
        let texts = input
            .get(list)
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let texts: Vec<&str> = texts.filter_map(Value::as_str).collect();
        if !texts.is_empty() {
            let text = texts.join("\n");
            seeds.push(("kbtf-authenticity", target, text));
        }
    }
    let entries = input.get("entries").and_then(Value::as_array);
    let operations = entries.map(|entries| {
        let texts = entries
            .iter()
            .filter_map(|e| e.get("operation")?.as_str())
            .map(|text| text.replace('\n', " "));
        texts.collect::<Vec<_>>().join("\n")
    });
    seeds.extend(operations.map(|text| ("kbtf-did", "kbtf_operation", text)));
    let documents = input.get("documents").and_then(Value::as_array);
    let document = documents.and_then(|d| d.first()?.as_str());
    seeds.extend(document.map(|text| ("kbtf-did", "did_document", text.to_owned())));
    for member in ["statusLists", "schemas"] {
        let fetched = input.get(member).and_then(Value::as_object);
        let texts = fetched.into_iter().flatten();
        let texts = texts.filter_map(|(_, text)| text.as_str().map(str::to_owned));
        seeds.extend(texts.map(|text| ("kbtf-vc", "evidence", text)));
    }
    let registry = input.pointer("/policy/registry/text");
    let registry = registry.and_then(Value::as_str).map(str::to_owned);
    seeds.extend(registry.map(|text| ("kbtf-vc", "evidence", text)));
    for (folder, target, text) in seeds {
        // A huge seed only slows the fuzzer down.
        if text.len() <= 16 * 1024 {
            let corpus = root().join(folder).join("fuzz/corpus").join(target);
            let io = |e: std::io::Error| format!("{}: {e}", corpus.display());
            fs::create_dir_all(&corpus).map_err(io)?;
            fs::write(corpus.join(name), text).map_err(io)?;
        }
    }
    Ok(())
}
