//! Other people's software as judges: OpenSSL as a program, Python's `cryptography` and `sd-jwt` in an environment of their
//! own.

use crate::{
    command::{Result, apt_install, cargo, program},
    conformance_program, root,
};

/// The one version of `cryptography` that the tests are written for.
const CRYPTOGRAPHY: &str = "cryptography==50.0.2";
/// The same of `sd-jwt`, by the authors of RFC 9901.
const SD_JWT: &str = "sd-jwt==0.10.4";

/// Runs the tests against OpenSSL 3; `false` where there is none.
pub(crate) fn openssl() -> Result<bool> {
    let version = || program("openssl").arguments(&["version"]).output();
    if version().is_none() {
        let _ = apt_install("OpenSSL", &["openssl"]);
    }
    if !version().is_some_and(|version| version.starts_with("OpenSSL 3")) {
        return Ok(false);
    }
    let test = ["test", "--quiet", "--locked", "-p", "kbtf-did"];
    cargo(&test)
        .arguments(&["--test", "provider", "--", "--ignored"])
        .run("OpenSSL in the place of our cryptography")?;
    let test = ["test", "--quiet", "--locked", "-p", "kbtf-history"];
    cargo(&test)
        .arguments(&["--test", "time_stamps", "--", "--ignored"])
        .run("time stamps of OpenSSL")?;
    let test = ["test", "--quiet", "--locked", "-p", "kbtf-authenticity"];
    cargo(&test)
        .arguments(&["--test", "evidence", "--", "--ignored"])
        .run("evidence with time stamps of OpenSSL")
        .map(|()| true)
}

/// Compares kbtf-history with other transparency logs over many random trees.
pub(crate) fn logs() -> Result<()> {
    let run = ["run", "--release", "--quiet", "--locked"];
    cargo(&run)
        .arguments(&["--manifest-path", "kbtf-history/peers/Cargo.toml"])
        .arguments(&["--target-dir", "target/peers", "--", "agree", "200000"])
        .run("logs alike with tlog_tiles and ct-merkle, anchors with opentimestamps")
}

/// Runs the tests against Python's `cryptography` and `sd-jwt`; `false` where there is no Python or it cannot be installed.
pub(crate) fn python() -> Result<bool> {
    let folder = root().join("target/python");
    let python = folder.join("bin/python");
    let is_ready = || {
        let import = [
            "-c",
            "import cryptography, sd_jwt.issuer; print(cryptography.__version__)",
        ];
        let version = program(&python).arguments(&import).output();
        version.is_some_and(|version| CRYPTOGRAPHY.ends_with(&format!("=={version}")))
    };
    if !is_ready() {
        let environment = folder.display().to_string();
        let make = || {
            let venv = ["-m", "venv", &environment];
            program("python3").arguments(&venv).output().is_some()
        };
        if !make() {
            let _ = apt_install("Python", &["python3", "python3-venv"]);
            make();
        }
        let install = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-input",
            CRYPTOGRAPHY,
            SD_JWT,
        ];
        let _ = program(&python)
            .arguments(&install)
            .run("Python's cryptography and sd-jwt");
    }
    if !is_ready() {
        return Ok(false);
    }
    let ours = conformance_program().display().to_string();
    for (test, what) in [
        (
            "conformance/tests/interop.py",
            "keys and signatures both ways with Python's cryptography",
        ),
        (
            "conformance/tests/interop_sd_jwt.py",
            "SD-JWTs of Python's sd-jwt",
        ),
        (
            "conformance/tests/interop_open_did.py",
            "credentials in the way of OpenDID, made with Python",
        ),
    ] {
        program(&python).arguments(&[test, &ours]).run(what)?;
    }
    Ok(true)
}
