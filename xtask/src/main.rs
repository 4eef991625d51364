//! The project's own commands. `cargo xtask` lists them.

mod browser;
mod command;
mod dependencies;
mod fuzz;
mod node;
mod package;
mod peers;
mod wasm;

use std::{env, path::PathBuf, process::ExitCode};

use command::{Result, cargo, note, program};

const HELP: &str = "\
usage: cargo xtask COMMAND

  test      everything: format, lints, docs, Rust tests, conformance, WebAssembly, Node, browser, packages
  wasm      build the npm package @kbtf/sdk into target/npm-package
  bench     measure, beside the raw cost of the signatures
  fuzz      run each fuzz target for a minute (--seconds N for another time); needs a nightly toolchain
  msrv      check that code and dependencies keep to the stated Rust version
  package   pack every crate and build it from its package alone

environment:
  KBTF_VECTORS         folder of the published test vectors (docs/vectors.md says what belongs into it)
  KBTF_CHROMIUM        the Chromium to test with, if it is not found by itself
  KBTF_WASM_TOOLCHAIN  rustup or debian, to take one and not look for the other
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        ["test"] => test(),
        ["wasm"] => wasm::build().map(drop),
        ["bench", rest @ ..] => bench(rest),
        ["fuzz"] => fuzz::run(60),
        ["fuzz", "--seconds", seconds] => seconds
            .parse()
            .map_err(|_| format!("--seconds: expected a number, got {seconds:?}"))
            .and_then(fuzz::run),
        ["msrv"] => dependencies::msrv().map(drop),
        ["package"] => package::check(),
        _ => {
            print!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The project's root.
fn root() -> PathBuf {
    let xtask = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().map_or(xtask.clone(), PathBuf::from)
}

/// The conformance program as the tests have built it.
/// Where cargo puts what it builds.
fn built() -> PathBuf {
    let target =
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    root().join(target)
}

fn conformance_program() -> PathBuf {
    built().join("release/kbtf-conformance")
}

/// The crates that have features beside those that are on by default.
const WITH_MORE_FEATURES: [&str; 3] = ["kbtf-vc", "kbtf-history", "kbtf-authenticity"];

fn test() -> Result<()> {
    // What is missing is found out first, not after ten minutes.
    node::check()?;
    let chromium = browser::find()?;

    cargo(&["fmt", "--all", "--check"]).run("format")?;
    cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ])
    .run("lints")?;
    for name in WITH_MORE_FEATURES {
        cargo(&["clippy", "-p", name, "--all-targets", "--all-features"])
            .arguments(&["--quiet", "--", "-D", "warnings"])
            .run(&format!("lints of {name} with every feature"))?;
    }
    cargo(&["doc", "--workspace", "--no-deps", "--quiet"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .run("documentation")?;
    for name in WITH_MORE_FEATURES {
        cargo(&["doc", "-p", name, "--all-features", "--no-deps", "--quiet"])
            .env("RUSTDOCFLAGS", "-D warnings")
            .run(&format!("documentation of {name} with every feature"))?;
    }
    dependencies::check()?;
    dependencies::licences()?;
    let no_std = dependencies::no_std()?;
    let msrv = dependencies::msrv()?;

    let mut rust_tests = cargo(&["test", "--workspace", "--quiet", "--locked"]);
    let mut left_out = Vec::new();
    match published_vectors()? {
        Some(folder) => {
            note(&format!("published vectors: {}", folder.display()));
            rust_tests = rust_tests
                .env("KBTF_VECTORS", &folder.display().to_string())
                .arguments(&["--", "--include-ignored", "--skip", "openssl_"]);
        }
        None => left_out.push(
            "the published vectors were not found (set KBTF_VECTORS; docs/vectors.md says where they come from)",
        ),
    }
    rust_tests.run("Rust tests")?;
    for name in WITH_MORE_FEATURES {
        cargo(&["test", "-p", name, "--all-features", "--quiet", "--locked"])
            .run(&format!("{name} with every feature"))?;
    }
    cargo(&[
        "run",
        "--release",
        "--quiet",
        "-p",
        "kbtf-conformance",
        "--",
        "--out",
        "target/report",
    ])
    .run("conformance of the reference")?;
    cargo(&[
        "run",
        "--release",
        "--quiet",
        "-p",
        "kbtf-conformance",
        "--",
        "emit",
        "did-test-suite",
        "--write",
        "target/did-test-suite",
    ])
    .run("files for W3C's did-test-suite")?;

    peers::logs()?;
    let openssl = peers::openssl()?;
    let python = peers::python()?;
    let package = wasm::build()?;
    node::test(&package, &chromium)?;
    package::check()?;
    if !openssl {
        left_out.push("OpenSSL as a peer: no OpenSSL 3 could be had");
    }
    if !python {
        left_out.push("Python's cryptography as a peer: it could not be had");
    }
    if !no_std {
        left_out.push("that the rules crates do without std: no such target could be had");
    }
    if !msrv {
        left_out.push("that the crates compile with the stated Rust version: it could not be had");
    }
    for what in &left_out {
        note(&format!("LEFT OUT: {what}"));
    }
    note(match left_out.is_empty() {
        true => "all tests passed",
        false => "all tests passed that could be run here; what was left out stands above",
    });
    Ok(())
}

/// The folder of the published vectors. One that was named and is none is an error, never a reason to leave tests out.
fn published_vectors() -> Result<Option<PathBuf>> {
    let named = env::var_os("KBTF_VECTORS").map(PathBuf::from);
    let folder = named
        .clone()
        .unwrap_or_else(|| root().join("../shared/vectors"));
    let complete = ["jcs", "did-key", "vc-di-eddsa", "vc-di-ecdsa", "merkle"]
        .iter()
        .all(|set| folder.join(set).is_dir());
    match (folder.canonicalize(), named) {
        (Ok(folder), _) if complete => Ok(Some(folder)),
        (_, Some(named)) => Err(format!(
            "KBTF_VECTORS: {} does not hold the published vectors",
            named.display()
        )),
        (_, None) => Ok(None),
    }
}

fn bench(rest: &[&str]) -> Result<()> {
    cargo(&["bench", "--workspace", "--benches"])
        .arguments(rest)
        .run("benchmarks")?;
    let package = wasm::build()?;
    program("node")
        .arguments(&["kbtf-wasm/benches/node.mjs"])
        .env("KBTF_PACKAGE", &package.display().to_string())
        .run("benchmark of the npm package")
}
