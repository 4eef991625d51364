//! The npm package: the module compiled, its JavaScript generated, everything put together in `target/npm-package`.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use wasm_bindgen_cli_support::Bindgen;

use crate::{
    command::{Program, Result, apt_install, cargo, note, program},
    root,
};

const TARGET: &str = "wasm32-unknown-unknown";
const FOLDER: &str = "target";

/// Builds the package and gives its folder.
pub(crate) fn build() -> Result<PathBuf> {
    let build = [
        "build",
        "--profile",
        "wasm",
        "--package",
        "kbtf-wasm",
        "--target",
        TARGET,
        "--quiet",
        "--locked",
    ];
    toolchain()?
        .arguments(&build)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", &flags())
        // Where the module is looked for, wherever the environment would have put it.
        .env("CARGO_TARGET_DIR", FOLDER)
        .run("WebAssembly module")?;
    let module = root().join(format!("{FOLDER}/{TARGET}/wasm/kbtf_wasm.wasm"));
    let package = root().join("target/npm-package");
    assemble(&module, &package).map_err(|e| format!("npm package: {e}"))?;
    note(&format!("npm package: {}", package.display()));
    Ok(package)
}

/// Compiler flags. RustCrypto takes 64-bit words on this target unless told otherwise, though WebAssembly has no
/// 128-bit product: smaller and, for Ed25519, no slower with 32. Paths are cut off so that every machine makes the same module.
fn flags() -> String {
    let home = env::var("CARGO_HOME")
        .or_else(|_| env::var("HOME").map(|home| format!("{home}/.cargo")))
        .unwrap_or_default();
    let root = root().display().to_string();
    let mut flags = String::from("--cfg cpubits=\"32\" --cfg sha2_backend_soft=\"compact\"");
    for (from, to) in [(home.as_str(), "/cargo"), (root.as_str(), "/kbtf")] {
        // A path with a space cannot be said in this variable; then it stays in.
        if !from.is_empty() && !from.contains(' ') {
            flags.push_str(&format!(" --remap-path-prefix={from}={to}"));
        }
    }
    flags
}

/// A cargo that can compile for WebAssembly: that of rustup with its target, added if it is missing, or Debian's,
/// which builds the standard library from source. This is the one place that knows of both.
fn toolchain() -> Result<Program> {
    let wanted = env::var("KBTF_WASM_TOOLCHAIN").ok();
    if wanted.as_deref() != Some("debian") {
        if rustup_has_target() {
            return Ok(cargo(&[]));
        }
        let _ = program("rustup")
            .arguments(&["target", "add", TARGET])
            .run("adding the WebAssembly target");
        if rustup_has_target() {
            return Ok(cargo(&[]));
        }
        if wanted.is_some() {
            return Err(format!(
                "rustup cannot add the target: rustup target add {TARGET}"
            ));
        }
    }
    note("the WebAssembly target of rustup is not to be had: taking Debian's toolchain");
    let library = Path::new("/usr/lib/rustlib/src/rust/library/std");
    if !Path::new("/usr/bin/rustc").exists() || !library_of_debian(library) || linker().is_none() {
        apt_install(
            &format!("A Rust toolchain for {TARGET} (or: rustup target add {TARGET})"),
            &["rustc-web", "cargo-web", "rust-web-src", "lld"],
        )?;
    }
    let linker = linker().ok_or("no wasm-ld: apt-get install lld")?;
    Ok(program("/usr/bin/cargo")
        .without_env("RUSTUP_TOOLCHAIN")
        .without_env("CARGO")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTDOC", "/usr/bin/rustdoc")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", &linker)
        .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort"))
}

fn rustup_has_target() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    program(rustc)
        .arguments(&["--print", "target-libdir", "--target", TARGET])
        .output()
        .is_some_and(|folder| Path::new(&folder).is_dir())
}

fn library_of_debian(default: &Path) -> bool {
    let sysroot = program("/usr/bin/rustc")
        .arguments(&["--print", "sysroot"])
        .output()
        .unwrap_or_default();
    default.exists()
        || Path::new(&sysroot)
            .join("lib/rustlib/src/rust/library/std")
            .exists()
}

fn linker() -> Option<String> {
    ["wasm-ld", "wasm-ld-19", "wasm-ld-16", "wasm-ld-14"]
        .into_iter()
        .find(|name| program(name).arguments(&["--version"]).output().is_some())
        .map(str::to_owned)
}

fn assemble(module: &Path, package: &Path) -> std::result::Result<(), Box<dyn std::error::Error>> {
    if package.exists() {
        fs::remove_dir_all(package)?;
    }
    fs::create_dir_all(package)?;
    Bindgen::new()
        .input_path(module)
        .web(true)?
        .typescript(false)
        .out_name("kbtf")
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(package)?;
    let source = root().join("kbtf-wasm/npm");
    for entry in fs::read_dir(source)? {
        let path = entry?.path();
        fs::copy(&path, package.join(path.file_name().unwrap_or_default()))?;
    }
    finish(package)
}

/// What follows from the module's bytes: the base64 copy and the integrity value. Made by Node, which has both.
fn finish(package: &Path) -> std::result::Result<(), Box<dyn std::error::Error>> {
    const SCRIPT: &str = "
        const { readFileSync, writeFileSync } = require('node:fs');
        const { createHash } = require('node:crypto');
        const module = readFileSync('kbtf_bg.wasm');
        const integrity = `sha384-${createHash('sha384').update(module).digest('base64')}`;
        writeFileSync('inline-wasm.js', `export default '${module.toString('base64')}';\\n`);
        writeFileSync('integrity.json', `${JSON.stringify({ 'kbtf_bg.wasm': integrity }, null, 2)}\\n`);
        const { gzipSync, brotliCompressSync } = require('node:zlib');
        const js = Buffer.concat(['kbtf.js', 'api.js', 'exports.js', 'index.js'].map((f) => readFileSync(f)));
        const size = (b) => `${b.length} B, gzip ${gzipSync(b, { level: 9 }).length}, brotli ${brotliCompressSync(b).length}`;
        console.log(`wasm ${size(module)}\\njs   ${size(js)}`);
    ";
    program("node")
        .arguments(&["-e", SCRIPT])
        .folder(package)
        .run("base64 copy, integrity, size")?;
    Ok(())
}
