//! What can be tested: the reference in this process, a program, a server, or a reference broken on purpose.

mod authenticity;
mod exchange;
mod history;
mod http;
mod identity;
pub mod mutant;
mod process;
pub mod reference;

use std::time::Duration;

pub use http::HttpTarget;
pub use process::{ProcessTarget, end_all};

use crate::{
    Error,
    protocol::{Answer, Hello, Request},
};

/// An implementation under test.
pub trait Target {
    /// Asks one thing. Whatever the target does, this returns within the time limit.
    ///
    /// # Errors
    /// What the target did instead of answering, as a text for the report.
    fn call(&mut self, request: &Request) -> Result<Answer, String>;

    /// Whether the target has written more than it was asked since the last call, or does so within a time, and what.
    fn violation(&mut self, wait: Duration) -> Option<String> {
        let _ = wait;
        None
    }

    /// Says good-bye and stops what was started.
    fn stop(&mut self) {}
}

/// Makes a target from its name on the command line.
///
/// # Errors
/// `conformance/usage` for a name that is none.
pub fn from_name(name: &str, timeout: Duration) -> Result<Box<dyn Target>, Error> {
    let usage = |reason: String| Error::Usage { reason };
    if name == "builtin" {
        Ok(Box::new(reference::Reference::default()))
    } else if let Some(command) = name.strip_prefix("cmd:") {
        Ok(Box::new(ProcessTarget::new(command, timeout)?))
    } else if let Some(mutant) = name.strip_prefix("mutant:") {
        let mutant = mutant::find(mutant)
            .ok_or_else(|| usage(format!("no mutant {mutant:?}; `mutants` lists them")))?;
        Ok(Box::new(mutant.target()))
    } else if name.starts_with("http://") {
        Ok(Box::new(HttpTarget::new(name, timeout)))
    } else {
        Err(usage(format!(
            "--target: expected builtin, cmd:…, http://… or mutant:…, got {name:?}"
        )))
    }
}

/// Says hello to a target.
///
/// # Errors
/// `conformance/target` if it does not answer as it should.
pub fn hello(target: &mut dyn Target, request: &Request) -> Result<Hello, Error> {
    target
        .call(request)
        .and_then(Hello::from_answer)
        .map_err(|reason| Error::Target { reason })
}
