//! Running other programs, and saying so.

use std::{path::Path, process::Command, time::Instant};

/// What went wrong, in words for whoever ran the command.
pub(crate) type Result<T> = std::result::Result<T, String>;

/// A program to run from the project's root.
pub(crate) struct Program(Command);

/// A program.
pub(crate) fn program(name: impl AsRef<std::ffi::OsStr>) -> Program {
    let mut command = Command::new(name);
    command.current_dir(crate::root());
    Program(command)
}

/// Cargo, the one that runs us.
pub(crate) fn cargo(arguments: &[&str]) -> Program {
    program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())).arguments(arguments)
}

impl Program {
    pub(crate) fn arguments(mut self, arguments: &[&str]) -> Self {
        self.0.args(arguments);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    pub(crate) fn without_env(mut self, name: &str) -> Self {
        self.0.env_remove(name);
        self
    }

    pub(crate) fn folder(mut self, folder: &Path) -> Self {
        self.0.current_dir(folder);
        self
    }

    /// Runs it under a headline, its output shown; an exit status other than 0 is an error.
    pub(crate) fn run(mut self, what: &str) -> Result<()> {
        println!("\n== {what}");
        let start = Instant::now();
        let status = self
            .0
            .status()
            .map_err(|e| format!("{what}: cannot start {:?}: {e}", self.0.get_program()))?;
        if !status.success() {
            return Err(format!("{what}: failed ({status})"));
        }
        println!("   {what}: {:.1} s", start.elapsed().as_secs_f32());
        Ok(())
    }

    /// Runs it silently and gives what it printed; `None` if it cannot be started or fails.
    pub(crate) fn output(mut self) -> Option<String> {
        let output = self.0.output().ok()?;
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

/// Says something between the steps.
pub(crate) fn note(text: &str) {
    println!("\n-- {text}");
}

/// Installs Debian packages where that is possible (as root, with apt-get); else says how.
pub(crate) fn apt_install(what: &str, packages: &[&str]) -> Result<()> {
    let by_hand = format!(
        "{what} is missing. Install it, on Debian: apt-get install {}",
        packages.join(" ")
    );
    let is_root = program("id").arguments(&["-u"]).output().as_deref() == Some("0");
    if !is_root
        || program("apt-get")
            .arguments(&["--version"])
            .output()
            .is_none()
    {
        return Err(by_hand);
    }
    note(&format!(
        "{what} is missing: installing {}",
        packages.join(" ")
    ));
    let apt = || program("apt-get").env("DEBIAN_FRONTEND", "noninteractive");
    apt().arguments(&["update", "-qq"]).run("package lists")?;
    apt()
        .arguments(&["install", "-y", "-qq", "--no-install-recommends"])
        .arguments(packages)
        .run("installation")
        .map_err(|_| by_hand)
}
