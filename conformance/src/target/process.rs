use std::{
    collections::VecDeque,
    io::{BufRead as _, BufReader, Read, Write as _},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel},
    },
    thread,
    time::Duration,
};

use super::Target;
use crate::{
    Error,
    protocol::{Answer, MAX_MESSAGE, Request, shown},
};

/// A program that speaks the protocol over its standard input and output.
///
/// Reading, writing and listening to its complaints are done by threads, so that a program that does not read,
/// does not write or writes without end holds up nothing. After any fault it is killed and started again.
pub struct ProcessTarget {
    program: String,
    arguments: Vec<String>,
    timeout: Duration,
    running: Option<Running>,
    /// What was asked and answered first; a program that is started again must say the same.
    hello: Option<(Request, Answer)>,
}

/// The groups of the programs that are running.
static GROUPS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// Ends a program and everything that it has started.
fn kill_group(leader: u32) {
    #[cfg(unix)]
    let _ = Command::new("kill")
        .args(["-KILL", "--", &format!("-{leader}")])
        .stderr(Stdio::null())
        .status();
    if let Ok(mut groups) = GROUPS.lock() {
        groups.retain(|group| *group != leader);
    }
}

/// Ends all programs that are running. For a run that is broken off: they have groups of their own, which a
/// terminal's interrupt does not reach.
pub fn end_all() {
    let groups = GROUPS.lock().map(|groups| groups.clone());
    groups.unwrap_or_default().into_iter().for_each(kill_group);
}

struct Running {
    child: Child,
    requests: Sender<Vec<u8>>,
    lines: Receiver<Line>,
    complaints: Arc<Mutex<VecDeque<u8>>>,
}

enum Line {
    Text(Vec<u8>),
    TooLong,
}

/// How many unread lines a program may be ahead before it has to wait.
const LINES_AHEAD: usize = 16;
/// How long after an answer a line too many is still found to belong to it.
const SURPLUS_WAIT: Duration = Duration::from_millis(3);
/// How much of the end of standard error is kept for the report.
const COMPLAINTS: usize = 2000;

impl ProcessTarget {
    /// A program and its arguments, separated by spaces; `"…"` and `'…'` hold spaces together. No shell is involved.
    ///
    /// # Errors
    /// `conformance/usage` if there is no program or a quote is left open.
    pub fn new(command: &str, timeout: Duration) -> Result<Self, Error> {
        let mut words = split(command)
            .ok_or_else(|| Error::Usage {
                reason: format!("--target cmd: a quote is left open in {command:?}"),
            })?
            .into_iter();
        let program = words.next().ok_or_else(|| Error::Usage {
            reason: "--target cmd: expected a program".into(),
        })?;
        Ok(Self {
            program,
            arguments: words.collect(),
            timeout,
            running: None,
            hello: None,
        })
    }

    fn start(&self) -> Result<Running, String> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // A group of its own, so that what the program starts in turn can be ended with it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command
            .spawn()
            .map_err(|e| format!("cannot start {:?}: {e}", self.program))?;
        if let Ok(mut groups) = GROUPS.lock() {
            groups.push(child.id());
        }
        let (requests, to_write) = channel::<Vec<u8>>();
        let (read, lines) = sync_channel(LINES_AHEAD);
        let complaints = Arc::new(Mutex::new(VecDeque::new()));
        if let Some(mut input) = child.stdin.take() {
            thread::spawn(move || {
                for line in to_write {
                    if input.write_all(&line).and_then(|()| input.flush()).is_err() {
                        return;
                    }
                }
            });
        }
        if let Some(output) = child.stdout.take() {
            thread::spawn(move || read_lines(BufReader::new(output), &read));
        }
        if let Some(errors) = child.stderr.take() {
            let complaints = Arc::clone(&complaints);
            thread::spawn(move || keep_tail(errors, &complaints));
        }
        Ok(Running {
            child,
            requests,
            lines,
            complaints,
        })
    }

    /// Ends the program, whatever it is doing, and gives the end of what it complained about.
    fn kill(&mut self) -> String {
        let Some(mut running) = self.running.take() else {
            return String::new();
        };
        drop(running.requests);
        kill_group(running.child.id());
        let _ = running.child.kill();
        let _ = running.child.wait();
        let complaints = running
            .complaints
            .lock()
            .map(|tail| tail.iter().copied().collect::<Vec<u8>>())
            .unwrap_or_default();
        let text = String::from_utf8_lossy(&complaints).trim().to_owned();
        if text.is_empty() {
            text
        } else {
            format!("; standard error ends: {}", shown(&text))
        }
    }

    fn fail(&mut self, what: &str) -> String {
        // Give a dying program a moment to say why on standard error.
        thread::sleep(Duration::from_millis(20));
        let complaints = self.kill();
        format!("{what}{complaints}")
    }
}

impl ProcessTarget {
    fn exchange(&mut self, request: &Request) -> Result<Answer, String> {
        if let Some(surplus) = self.violation(Duration::ZERO) {
            return Err(format!("after the answer before, {surplus}"));
        }
        let Some(running) = &self.running else {
            return Err("the program is not running".into());
        };
        let mut line = serde_json::to_vec(request).map_err(|e| e.to_string())?;
        line.push(b'\n');
        if running.requests.send(line).is_err() {
            return Err(self.fail("the program does not read its input"));
        }
        let answer = match running.lines.recv_timeout(self.timeout) {
            Ok(Line::Text(line)) => Answer::from_message(&line, request.id),
            Ok(Line::TooLong) => Err("the program writes without end".into()),
            Err(RecvTimeoutError::Timeout) => {
                Err(format!("no answer within {} s", self.timeout.as_secs_f32()))
            }
            Err(RecvTimeoutError::Disconnected) => {
                Err("the program ended without an answer".into())
            }
        };
        match answer {
            Err(what) => Err(self.fail(&what)),
            Ok(answer) => self.violation(SURPLUS_WAIT).map_or(Ok(answer), Err),
        }
    }
}

impl Target for ProcessTarget {
    fn call(&mut self, request: &Request) -> Result<Answer, String> {
        if self.running.is_none() {
            self.running = Some(self.start()?);
            if let Some((hello, before)) = self.hello.clone()
                && self.exchange(&hello)? != before
            {
                return Err(self.fail("started again, the program says another hello"));
            }
        }
        let answer = self.exchange(request)?;
        if self.hello.is_none() {
            self.hello = Some((request.clone(), answer.clone()));
        }
        Ok(answer)
    }

    fn violation(&mut self, wait: Duration) -> Option<String> {
        let what = match self.running.as_ref()?.lines.recv_timeout(wait) {
            Ok(_) => "the program wrote more than it was asked",
            Err(RecvTimeoutError::Disconnected) => "the program ended by itself",
            Err(RecvTimeoutError::Timeout) => return None,
        };
        Some(self.fail(what))
    }

    fn stop(&mut self) {
        if let Some(running) = &mut self.running {
            let bye =
                br#"{"id":0,"operation":"bye","now":"1970-01-01T00:00:00Z","seed":"","input":{}}"#;
            let mut line = bye.to_vec();
            line.push(b'\n');
            let _ = running.requests.send(line);
            // Until it has closed its output; it is not reaped before its group has been ended.
            while running
                .lines
                .recv_timeout(Duration::from_millis(500))
                .is_ok()
            {}
        }
        self.kill();
    }
}

impl Drop for ProcessTarget {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Sends each line on. A line beyond the limit ends the reading: its rest might never end.
fn read_lines(mut output: impl std::io::BufRead, lines: &SyncSender<Line>) {
    loop {
        let mut line = Vec::new();
        let limit = MAX_MESSAGE as u64 + 1;
        match output.by_ref().take(limit).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) if line.len() > MAX_MESSAGE => {
                let _ = lines.send(Line::TooLong);
                return;
            }
            Ok(_) => {}
        }
        while line.last().is_some_and(|b| matches!(b, b'\n' | b'\r')) {
            line.pop();
        }
        if lines.send(Line::Text(line)).is_err() {
            return;
        }
    }
}

fn keep_tail(mut errors: impl Read, tail: &Mutex<VecDeque<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok(count) = errors.read(&mut buffer) {
        if count == 0 {
            return;
        }
        let Ok(mut tail) = tail.lock() else { return };
        tail.extend(buffer.iter().take(count));
        let excess = tail.len().saturating_sub(COMPLAINTS);
        tail.drain(..excess);
    }
}

/// Words of a command line; `None` if a quote is left open.
fn split(command: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in command.chars() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn quotes_hold_words_together() {
        let words = |text| split(text).unwrap();
        assert_eq!(
            words("node harness.mjs --x"),
            ["node", "harness.mjs", "--x"]
        );
        assert_eq!(
            words(r#"  "my program" 'a "b"' c""d  "#),
            ["my program", r#"a "b""#, "cd"]
        );
        assert_eq!(words(r#"x """#), ["x", ""]);
        assert_eq!(split("a 'b"), None);
        assert!(words(" ").is_empty());
    }
}
