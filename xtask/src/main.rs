//! The project's own commands. `cargo xtask` lists them.

mod browser;
mod command;
mod dependencies;
mod fuzz;
mod node;
mod wasm;

use std::{env, path::PathBuf, process::ExitCode};

use command::{Result, cargo, note};

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
        ["msrv"] => dependencies::msrv(),
        ["package"] => package(),
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
    cargo(&["doc", "--workspace", "--no-deps", "--quiet"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .run("documentation")?;
    dependencies::check()?;
    dependencies::no_std()?;
    dependencies::msrv()?;

    let mut rust_tests = cargo(&["test", "--workspace", "--quiet"]);
    match published_vectors() {
        Some(folder) => {
            note(&format!("published vectors: {}", folder.display()));
            rust_tests = rust_tests
                .env("KBTF_VECTORS", &folder.display().to_string())
                .arguments(&["--", "--include-ignored"]);
        }
        None => note(
            "published vectors: NOT FOUND, their tests are left out. Set KBTF_VECTORS; docs/vectors.md says where they come from",
        ),
    }
    rust_tests.run("Rust tests")?;
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

    let package = wasm::build()?;
    node::test(&package, &chromium)?;
    self::package()?;
    note("all tests passed");
    Ok(())
}

fn published_vectors() -> Option<PathBuf> {
    let folder =
        env::var_os("KBTF_VECTORS").map_or_else(|| root().join("../shared/vectors"), PathBuf::from);
    let folder = folder.canonicalize().ok()?;
    folder.join("jcs").is_dir().then_some(folder)
}

fn bench(rest: &[&str]) -> Result<()> {
    cargo(&["bench", "--workspace", "--benches"])
        .arguments(rest)
        .run("benchmarks")
}

fn package() -> Result<()> {
    cargo(&[
        "package",
        "--workspace",
        "--exclude",
        "xtask",
        "--exclude",
        "kbtf-wasm",
        "--allow-dirty",
        "--quiet",
    ])
    .run("packages")
}
