//! What the crates depend on: counted, and kept free of what has no place in them.

use serde_json::Value;

use crate::command::{Result, cargo, note, program};

/// The rules crates, which do no I/O, the widest features that are held to the rules, and the most packages each may pull
/// in. The experimental `bbs` of kbtf-vc brings in a library for research, with a tree of its own.
const RULES_CRATES: [(&str, &str, usize); 5] = [
    ("kbtf-did", "--all-features", 60),
    ("kbtf-vc", "--features=parallel,rdfc", 60),
    // AES-GCM, behind `sealed`, is nine of them.
    ("kbtf-history", "--all-features", 70),
    // Pictures, behind `image`, take libraries of their own.
    ("kbtf-authenticity", "--features=time-stamp", 60),
    ("kbtf-nft", "--all-features", 60),
];

/// Packages that have no place under the rules crates: runtimes, network, TLS, C code, and what the project bans.
const FORBIDDEN: [&str; 16] = [
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
    "sharks",
    "serde_json",
    "wasm-bindgen",
];

/// Checks the dependency trees of the rules crates.
pub(crate) fn check() -> Result<()> {
    for (name, widest, most) in RULES_CRATES {
        // With std, p256 also brings getrandom, which nothing here calls; without, not even that is there.
        for (features, also_forbidden) in [(widest, ""), ("--no-default-features", "getrandom")] {
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

/// Licences that may be shipped; deny.toml says the same to cargo-deny, which also knows advisories.
const LICENCES: [&str; 9] = [
    "MIT",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "0BSD",
];

/// Checks that every package in the lock file can be had under a permissive licence.
pub(crate) fn licences() -> Result<()> {
    let text = cargo(&["metadata", "--format-version", "1", "--locked"])
        .output()
        .ok_or("cargo metadata failed (is Cargo.lock up to date?)")?;
    let metadata: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let packages = metadata.get("packages").and_then(Value::as_array);
    let mut count = 0;
    for package in packages.into_iter().flatten() {
        let member = |name| {
            package
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let licence = member("license").replace('/', " OR ");
        // One alternative suffices, all of whose parts are allowed. Brackets occur only around alternatives.
        let fits = licence.split(" AND ").all(|part| {
            part.split(" OR ")
                .map(|name| name.trim_matches(['(', ')', ' ']))
                .any(|name| LICENCES.contains(&name.trim_end_matches(" WITH LLVM-exception")))
        });
        if !fits {
            return Err(format!("{}: licence {licence:?}", member("name")));
        }
        count += 1;
    }
    note(&format!("{count} packages, all under permissive licences"));
    Ok(())
}

/// Checks that the rules crates do without std: a target that has none compiles them. `false` if there is no such
/// target to be had.
pub(crate) fn no_std() -> Result<bool> {
    const TARGET: &str = "thumbv7em-none-eabi";
    let has_target = || {
        let libdir = ["--print", "target-libdir", "--target", TARGET];
        let rustc = program("rustc").arguments(&libdir).output();
        rustc.is_some_and(|folder| std::path::Path::new(&folder).is_dir())
    };
    if !has_target() {
        let _ = program("rustup")
            .arguments(&["target", "add", TARGET])
            .run("adding a target without std");
    }
    if !has_target() {
        return Ok(false);
    }
    let check = [
        "check",
        "--quiet",
        "--no-default-features",
        "--target",
        TARGET,
    ];
    let crates = RULES_CRATES.iter().flat_map(|(name, ..)| ["-p", *name]);
    cargo(&check)
        .arguments(&crates.collect::<Vec<_>>())
        .run("compiling without std")
        .map(|()| true)
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

/// Checks the stated Rust version: every dependency of the shipped crates says it can do with it, and the crates
/// compile with it. Where rustup cannot get that version, clippy's `incompatible_msrv`, which is denied, has to
/// do for our own code; the answer is then `false`.
pub(crate) fn msrv() -> Result<bool> {
    let (major, minor) = stated_version()?;
    let toolchain = format!("{major}.{minor}");
    let rustup = || {
        program("rustup")
            .without_env("RUSTUP_TOOLCHAIN")
            .without_env("CARGO")
            .without_env("RUSTC")
    };
    let is_there = || {
        let version = ["run", &toolchain, "rustc", "--version"];
        rustup().arguments(&version).output().is_some()
    };
    if !is_there() {
        let install = ["toolchain", "install", &toolchain, "--profile", "minimal"];
        let _ = rustup()
            .arguments(&install)
            .run(&format!("getting Rust {toolchain}"));
    }
    if !is_there() {
        return Ok(false);
    }
    let check = ["run", &toolchain, "cargo", "check", "--quiet", "--locked"];
    let crates = [
        "-p",
        "kbtf-did",
        "-p",
        "kbtf-vc",
        "-p",
        "kbtf-history",
        "-p",
        "kbtf-authenticity",
        "-p",
        "kbtf-nft",
        "-p",
        "kbtf-conformance",
    ];
    rustup()
        .arguments(&check)
        .arguments(&["--target-dir", "target/msrv"])
        .arguments(&crates)
        .run(&format!("compiling with Rust {toolchain}"))
        .map(|()| true)
}

/// The stated version, once every shipped dependency is found to state no newer one.
fn stated_version() -> Result<(u32, u32)> {
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
    for name in [
        "kbtf-did",
        "kbtf-vc",
        "kbtf-history",
        "kbtf-authenticity",
        "kbtf-nft",
        "kbtf-conformance",
        "kbtf-wasm",
    ] {
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
    Ok(stated)
}

fn version(text: &str) -> (u32, u32) {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}
