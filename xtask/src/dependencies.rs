//! What the crates depend on: counted, and kept free of what has no place in them.

use serde_json::Value;

use crate::command::{Result, cargo, note};

/// The rules crates, which do no I/O, and the most packages each may pull in.
const RULES_CRATES: [(&str, usize); 2] = [("kbtf-did", 60), ("kbtf-vc", 60)];

/// Packages that have no place under the rules crates: runtimes, network, TLS, C code, and what the project bans.
const FORBIDDEN: [&str; 17] = [
    "tokio",
    "async-std",
    "smol",
    "hyper",
    "reqwest",
    "ureq",
    "rustls",
    "native-tls",
    "openssl",
    "openssl-sys",
    "ring",
    "aws-lc-sys",
    "cc",
    "rsa",
    "sharks",
    "serde_json",
    "wasm-bindgen",
];

/// Checks the dependency trees of the rules crates.
pub(crate) fn check() -> Result<()> {
    for (name, most) in RULES_CRATES {
        // With std, p256 also brings getrandom, which nothing here calls; without, not even that is there.
        for (features, also_forbidden) in [
            ("--all-features", ""),
            ("--no-default-features", "getrandom"),
        ] {
            let packages = packages_under(name, features)?;
            let bad = |p: &&String| FORBIDDEN.contains(&p.as_str()) || *p == also_forbidden;
            if let Some(bad) = packages.iter().find(bad) {
                return Err(format!(
                    "{name} {features} depends on {bad}, which has no place there"
                ));
            }
            if packages.len() > most {
                return Err(format!(
                    "{name} pulls in {} packages, at most {most}",
                    packages.len()
                ));
            }
            note(&format!("{name} {features}: {} packages", packages.len()));
        }
    }
    Ok(())
}

fn packages_under(name: &str, features: &str) -> Result<Vec<String>> {
    let tree = [
        "tree",
        "-p",
        name,
        "-e",
        "normal",
        "--prefix",
        "none",
        "--no-dedupe",
        features,
    ];
    let tree = cargo(&tree)
        .output()
        .ok_or_else(|| format!("cargo tree -p {name} failed"))?;
    let mut packages: Vec<String> = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    packages.sort_unstable();
    packages.dedup();
    Ok(packages)
}

/// Checks the stated Rust version: every dependency of the shipped crates says it can do with it (and clippy's
/// `incompatible_msrv`, which is denied, says the same of our own code).
pub(crate) fn msrv() -> Result<()> {
    let text = cargo(&["metadata", "--format-version", "1", "--locked"])
        .output()
        .ok_or("cargo metadata failed (is Cargo.lock up to date?)")?;
    let metadata: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let version_of = |package: &Value| {
        package
            .get("rust_version")
            .and_then(Value::as_str)
            .map(version)
    };
    let packages: Vec<&Value> = metadata
        .get("packages")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .collect();
    let name_of = |package: &Value| {
        package
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let stated = packages
        .iter()
        .find(|p| name_of(p) == "kbtf-did")
        .and_then(|p| version_of(p))
        .ok_or("kbtf-did states no rust-version")?;
    // Tools of ours may need a newer compiler; what users compile may not.
    let mut shipped = String::new();
    for name in ["kbtf-did", "kbtf-vc", "kbtf-conformance", "kbtf-wasm"] {
        let tree = [
            "tree",
            "-p",
            name,
            "-e",
            "normal,build",
            "--prefix",
            "none",
            "--no-dedupe",
        ];
        shipped.push_str(&cargo(&tree).output().ok_or("cargo tree failed")?);
        shipped.push('\n');
    }
    let too_new: Vec<String> = packages
        .iter()
        .filter(|p| version_of(p).is_some_and(|v| v > stated))
        .map(|p| name_of(p))
        .filter(|name| {
            shipped
                .lines()
                .any(|l| l.split_whitespace().next() == Some(name))
        })
        .collect();
    if !too_new.is_empty() {
        return Err(format!(
            "need a newer Rust than stated: {}",
            too_new.join(", ")
        ));
    }
    note(&format!(
        "Rust {}.{} suffices for every shipped dependency",
        stated.0, stated.1
    ));
    Ok(())
}

fn version(text: &str) -> (u32, u32) {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}
