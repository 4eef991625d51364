//! Other people's software as judges: OpenSSL as a program, Python's `cryptography` in an environment of its own.

use crate::{
    command::{Result, apt_install, cargo, program},
    conformance_program, root,
};

/// The one version of `cryptography` that the tests are written for.
const CRYPTOGRAPHY: &str = "cryptography==50.0.2";

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
        .run("OpenSSL in the place of our cryptography")
        .map(|()| true)
}

/// Runs the tests against Python's `cryptography`; `false` where there is no Python or it cannot be installed.
pub(crate) fn python() -> Result<bool> {
    let folder = root().join("target/python");
    let python = folder.join("bin/python");
    let is_ready = || {
        let import = ["-c", "import cryptography; print(cryptography.__version__)"];
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
        ];
        let _ = program(&python)
            .arguments(&install)
            .run("Python's cryptography");
    }
    if !is_ready() {
        return Ok(false);
    }
    let ours = conformance_program();
    program(&python)
        .arguments(&["conformance/tests/interop.py", &ours.display().to_string()])
        .run("keys and signatures both ways with Python's cryptography")
        .map(|()| true)
}
