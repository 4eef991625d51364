//! What cargo users get: every crate packed, unpacked elsewhere, and built from its package alone.

use std::fs;

use crate::{
    command::{Result, cargo, program},
    root,
};

/// The crates that are published, lowest first.
const CRATES: [&str; 6] = [
    "kbtf-did",
    "kbtf-vc",
    "kbtf-history",
    "kbtf-authenticity",
    "kbtf-nft",
    "kbtf-conformance",
];

/// Packs every crate and builds the packages. (Not with cargo's own check: it keeps the sources of an unpublished
/// version and takes them again after they have changed.)
pub(crate) fn check() -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let mut pack = cargo(&[
        "package",
        "--no-verify",
        "--allow-dirty",
        "--quiet",
        "--target-dir",
        "target",
    ]);
    for name in CRATES {
        pack = pack.arguments(&["-p", name]);
    }
    pack.run("packing")?;

    let folder = root().join("target/packaged");
    let io = |e: std::io::Error| format!("{}: {e}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(io)?;
    }
    fs::create_dir_all(&folder).map_err(io)?;
    let (mut members, mut patches) = (String::new(), String::new());
    for name in CRATES {
        let package = format!("../package/{name}-{version}.crate");
        program("tar")
            // With the time of now: in packages it is always the same, and cargo would see no change.
            .arguments(&["xzmf", &package])
            .folder(&folder)
            .run(&format!("unpacking {name}"))?;
        members.push_str(&format!("\"{name}-{version}\", "));
        patches.push_str(&format!("{name} = {{ path = \"{name}-{version}\" }}\n"));
    }
    let manifest = format!(
        "[workspace]\nresolver = \"3\"\nmembers = [{members}]\n\n[patch.crates-io]\n{patches}"
    );
    fs::write(folder.join("Cargo.toml"), manifest).map_err(io)?;
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).map_err(io)?;
    cargo(&[
        "build",
        "--quiet",
        "--workspace",
        "--target-dir",
        "../packaged-build",
    ])
    .folder(&folder)
    .run("building from the packages alone")
}
