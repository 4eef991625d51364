//! Node and the tests that run in it: the npm package in Node and in a browser, the schema of the vectors, types.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    built,
    command::{Result, cargo, program},
    conformance_program, published_vectors, root,
};

/// Whether Node is there and new enough.
pub(crate) fn check() -> Result<()> {
    let missing = "Node 20.19 or later with npm is missing: https://nodejs.org/";
    let version = program("node").arguments(&["--version"]).output();
    let numbers = version.as_deref().and_then(|version| {
        let mut parts = version.strip_prefix('v')?.split('.').map(str::parse::<u32>);
        Some((parts.next()?.ok()?, parts.next()?.ok()?))
    });
    let npm = program("npm").arguments(&["--version"]).output();
    match (numbers, npm) {
        (Some(numbers), Some(_)) if numbers >= (20, 19) => Ok(()),
        (Some((major, minor)), _) if (major, minor) < (20, 19) => {
            Err(format!("Node {major}.{minor} is too old. {missing}"))
        }
        _ => Err(missing.into()),
    }
}

/// Runs the tests on the package as users get it: packed, and installed from the pack.
pub(crate) fn test(package: &Path, chromium: &str) -> Result<()> {
    let folder = root().join("target/npm-tests");
    let io = |e: std::io::Error| format!("{}: {e}", folder.display());
    let _ = fs::remove_dir_all(folder.join("node_modules/@kbtf"));
    fs::create_dir_all(&folder).map_err(io)?;
    for source in ["kbtf-wasm/tests", "conformance/tests"] {
        for entry in fs::read_dir(root().join(source)).map_err(io)? {
            let path = entry.map_err(io)?.path();
            let is_test = |e: &str| ["mjs", "html", "ts", "json"].contains(&e);
            if path
                .extension()
                .and_then(|e| e.to_str())
                .is_some_and(is_test)
            {
                let name = path.file_name().unwrap_or_default();
                fs::copy(&path, folder.join(name)).map_err(io)?;
            }
        }
    }
    let quiet = [
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-package-lock",
        "--loglevel=error",
    ];
    program("npm")
        .arguments(&["install"])
        .arguments(&quiet)
        .folder(&folder)
        .run("npm packages for tests")?;
    let tarball = pack(package, &folder)?;
    program("npm")
        .arguments(&["install", "--no-save"])
        .arguments(&quiet)
        .arguments(&[&format!("./{tarball}")])
        .folder(&folder)
        .run("the package as users install it")?;
    program("node")
        .arguments(&[
            "node_modules/typescript/bin/tsc",
            "--project",
            "tsconfig.json",
        ])
        .folder(&folder)
        .run("types")?;
    cargo(&[
        "build",
        "--quiet",
        "-p",
        "kbtf-vc",
        "--features",
        "rdfc",
        "--example",
        "canonical_form",
    ])
    .run("the example canonical_form")?;
    let canonical_form = built().join("debug/examples/canonical_form");
    let mut tests = program("node")
        .arguments(&["--test", "--test-reporter=spec"])
        .arguments(&[
            "vectors-schema.mjs",
            "did-test-suite.mjs",
            "interop.mjs",
            "interop-credentials.mjs",
            "rdf.mjs",
            "node.test.mjs",
            "browser.test.mjs",
        ])
        .folder(&folder)
        .env("KBTF_ROOT", &root().display().to_string())
        .env(
            "KBTF_CONFORMANCE",
            &conformance_program().display().to_string(),
        )
        .env("KBTF_CANONICAL_FORM", &canonical_form.display().to_string())
        .env("KBTF_CHROMIUM", chromium);
    if let Some(vectors) = published_vectors()? {
        tests = tests.env("KBTF_VECTORS", &vectors.display().to_string());
    }
    tests.run("Node and browser tests")
}

fn pack(package: &Path, folder: &Path) -> Result<String> {
    let destination = folder.display().to_string();
    let printed = program("npm")
        .arguments(&[
            "pack",
            "--json",
            "--loglevel=error",
            "--pack-destination",
            &destination,
        ])
        .folder(package)
        .output()
        .ok_or("npm pack failed")?;
    serde_json::from_str::<serde_json::Value>(&printed)
        .ok()
        .and_then(|packs| {
            Some(
                packs
                    .as_array()?
                    .first()?
                    .get("filename")?
                    .as_str()?
                    .to_owned(),
            )
        })
        .map(|name| {
            PathBuf::from(name)
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned()
        })
        .ok_or_else(|| format!("npm pack said: {printed}"))
}
