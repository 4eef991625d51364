//! The browser of the browser tests.

use std::{env, path::Path};

use crate::command::{Result, apt_install, program};

const NAMES: [&str; 6] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/usr/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// A Chromium; installed if it is missing and that is possible.
pub(crate) fn find() -> Result<String> {
    if let Some(path) = env::var_os("KBTF_CHROMIUM") {
        let path = path
            .into_string()
            .map_err(|_| "KBTF_CHROMIUM is not UTF-8")?;
        return match Path::new(&path).exists() {
            true => Ok(path),
            false => Err(format!("KBTF_CHROMIUM: there is no {path}")),
        };
    }
    if let Some(found) = installed() {
        return Ok(found);
    }
    apt_install("Chromium (for the browser tests)", &["chromium"])?;
    installed().ok_or_else(|| "Chromium is missing. Set KBTF_CHROMIUM to its path".into())
}

fn installed() -> Option<String> {
    NAMES.into_iter().find_map(|name| {
        if Path::new(name).is_absolute() {
            return Path::new(name).exists().then(|| name.to_owned());
        }
        program("which").arguments(&[name]).output()
    })
}
