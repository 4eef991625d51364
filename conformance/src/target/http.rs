use std::time::Duration;

use super::Target;
use crate::protocol::{Answer, MAX_MESSAGE, Request};

/// A server that speaks the protocol over HTTP POST.
pub struct HttpTarget {
    url: String,
    agent: ureq::Agent,
}

impl HttpTarget {
    /// The server at a URL, with a limit on the time of each exchange.
    #[must_use]
    pub fn new(url: &str, timeout: Duration) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(timeout))
            .max_redirects(0)
            // The target is the one that was named, not what the environment puts before it.
            .proxy(None)
            .build();
        Self {
            url: url.to_owned(),
            agent: config.into(),
        }
    }
}

impl Target for HttpTarget {
    fn call(&mut self, request: &Request) -> Result<Answer, String> {
        let body = serde_json::to_vec(request).map_err(|e| e.to_string())?;
        let response = self
            .agent
            .post(&self.url)
            .header("content-type", "application/json")
            .send(&body[..])
            .map_err(|e| format!("HTTP: {e}"))?;
        if response.status() != 200 {
            return Err(format!("HTTP status {}, expected 200", response.status()));
        }
        let answer = response
            .into_body()
            .into_with_config()
            .limit(MAX_MESSAGE as u64 + 1)
            .read_to_vec()
            .map_err(|e| format!("HTTP: {e}"))?;
        Answer::from_message(&answer, request.id)
    }

    fn stop(&mut self) {
        let bye = r#"{"id":0,"operation":"bye","now":"1970-01-01T00:00:00Z","seed":"","input":{}}"#;
        let _ = self
            .agent
            .post(&self.url)
            .header("content-type", "application/json")
            .send(bye);
    }
}
