//! The fuzz targets: each parser that reads what a stranger has written.

use crate::{
    command::{Result, note, program},
    root,
};

/// The folders with fuzz targets, and the targets.
const TARGETS: [(&str, &[&str]); 3] = [
    (
        "kbtf-did",
        &["json", "did_url", "jwk", "multikey", "did_document"],
    ),
    ("kbtf-vc", &["credential", "presentation"]),
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
