//! The command line of the conformance suite.

use std::{
    ffi::OsString,
    io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _},
    path::PathBuf,
    process::ExitCode,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use kbtf_conformance::{
    Error, cases, emit,
    protocol::{Answer, MAX_MESSAGE, Request},
    report::{self, Report},
    requirements,
    runner::{self, CaseResult, Outcome, Run},
    suite::{self, Suite},
    target::{self, mutant, reference::Reference},
    vc_api::VcApi,
};
use kbtf_did::KeyType;

const HELP: &str = "\
kbtf-conformance: tests an implementation of the K-BTF trust framework

usage: kbtf-conformance [run] [options]      run the suite (the default)
       kbtf-conformance list [options]       list the cases
       kbtf-conformance mutants              list the broken references that test the suite itself
       kbtf-conformance harness              be a harness: the reference over standard input and output
       kbtf-conformance vectors --write DIR  write the vectors as the generator makes them
       kbtf-conformance serve vc-api [--port N] [--key KIND]
                                             issue and verify over W3C's VC API on the loopback interface, for W3C's suites
       kbtf-conformance emit did-test-suite --write DIR
                                             write what W3C's did-test-suite takes of this SDK

options:
  --target TARGET    builtin (default), cmd:PROGRAM ARGS…, http://…, mutant:NAME
  --vectors DIR      cases from a folder instead of the built-in ones
  --only TEXT        only cases whose id begins with TEXT; may be given several times
  --out DIR          where report.json, report.xml and report.html go (default: report)
  --timeout SECONDS  how long an answer may take (default: 10)
  --quiet            no progress, only the summary
  --port N           where to listen (default: a free port, which is printed)
  --key KIND         ed25519 (default) or p256: the kind of key that credentials are issued with

exit status: 0 something passed and nothing failed, 1 a case failed or none passed, 2 the run could not be made
";

struct Options {
    command: String,
    /// What is to be emitted.
    what: Option<String>,
    target: String,
    vectors: Option<PathBuf>,
    write: Option<PathBuf>,
    only: Vec<String>,
    out: PathBuf,
    timeout: Duration,
    quiet: bool,
    port: u16,
    key: String,
}

fn main() -> ExitCode {
    let interrupted = || {
        target::end_all();
        std::process::exit(130);
    };
    if let Err(error) = ctrlc::set_handler(interrupted) {
        eprintln!("an interrupt will leave targets running: {error}");
    }
    match options().and_then(|options| match options.command.as_str() {
        "run" => run(&options),
        "list" => list(&options),
        "mutants" => {
            for mutant in mutant::MUTANTS {
                println!(
                    "{:28} caught by {}",
                    mutant.name,
                    mutant.caught_by.join(" ")
                );
            }
            Ok(ExitCode::SUCCESS)
        }
        "harness" => harness(),
        "vectors" => write_vectors(&options),
        "emit" => emit(&options),
        "serve" => serve(&options),
        "help" => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        other => Err(usage(format!("no command {other:?}"))),
    }) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {}: {error}", error.code());
            ExitCode::from(2)
        }
    }
}

/// Serves the VC API until it is stopped. The first line on standard output says where, and as whom.
fn serve(options: &Options) -> Result<ExitCode, Error> {
    if options.what.as_deref() != Some("vc-api") {
        return Err(usage("serve: expected vc-api".into()));
    }
    let key_type = match options.key.as_str() {
        "ed25519" => KeyType::Ed25519,
        "p256" => KeyType::P256,
        other => {
            return Err(usage(format!(
                "--key: expected ed25519 or p256, got {other:?}"
            )));
        }
    };
    let api = VcApi::new(key_type).map_err(|e| usage(e.to_string()))?;
    let listener = VcApi::listen(options.port).map_err(|e| usage(e.to_string()))?;
    let address = listener.local_addr().map_err(|e| usage(e.to_string()))?;
    println!("http://{address} {}", api.issuer());
    api.serve(&listener);
    Ok(ExitCode::SUCCESS)
}

const fn usage(reason: String) -> Error {
    Error::Usage { reason }
}

fn options() -> Result<Options, Error> {
    use lexopt::prelude::{Long, Short, Value};
    let mut options = Options {
        command: "run".into(),
        what: None,
        target: "builtin".into(),
        vectors: None,
        write: None,
        only: Vec::new(),
        out: "report".into(),
        timeout: Duration::from_secs(10),
        quiet: false,
        port: 0,
        key: "ed25519".into(),
    };
    let fault = |error: lexopt::Error| usage(error.to_string());
    let text = |value: OsString| {
        value
            .into_string()
            .map_err(|value| usage(format!("{} is not UTF-8", value.display())))
    };
    let mut parser = lexopt::Parser::from_env();
    let mut commanded = false;
    while let Some(argument) = parser.next().map_err(fault)? {
        match argument {
            Long("target") => options.target = text(parser.value().map_err(fault)?)?,
            Long("vectors") => options.vectors = Some(parser.value().map_err(fault)?.into()),
            Long("write") => options.write = Some(parser.value().map_err(fault)?.into()),
            Long("only") => options.only.push(text(parser.value().map_err(fault)?)?),
            Long("out") => options.out = parser.value().map_err(fault)?.into(),
            Long("timeout") => {
                let seconds = text(parser.value().map_err(fault)?)?;
                options.timeout = seconds
                    .parse()
                    .ok()
                    .filter(|s| (0.01..=3600.0).contains(s))
                    .map(Duration::from_secs_f64)
                    .ok_or_else(|| {
                        usage(format!("--timeout: expected seconds, got {seconds:?}"))
                    })?;
            }
            Long("quiet") => options.quiet = true,
            Long("key") => options.key = text(parser.value().map_err(fault)?)?,
            Long("port") => {
                let port = text(parser.value().map_err(fault)?)?;
                options.port = port
                    .parse()
                    .map_err(|_| usage(format!("--port: expected 0 to 65535, got {port:?}")))?;
            }
            Long("help") | Short('h') => options.command = "help".into(),
            Value(command) if !commanded => {
                options.command = text(command)?;
                commanded = true;
            }
            Value(what)
                if matches!(options.command.as_str(), "emit" | "serve")
                    && options.what.is_none() =>
            {
                options.what = Some(text(what)?);
            }
            other => return Err(fault(other.unexpected())),
        }
    }
    Ok(options)
}

/// All cases there are, and those of them that are to be run.
fn suites(options: &Options) -> Result<(Vec<Suite>, Vec<Suite>), Error> {
    let all = match &options.vectors {
        Some(folder) => suite::load(folder)?,
        None => suite::embedded()?,
    };
    let mut chosen = all.clone();
    if !options.only.is_empty() {
        for suite in &mut chosen {
            suite
                .cases
                .retain(|case| options.only.iter().any(|start| case.id.starts_with(start)));
        }
        chosen.retain(|suite| !suite.cases.is_empty());
    }
    if chosen.is_empty() {
        return Err(usage("there is no such case".into()));
    }
    Ok((all, chosen))
}

/// What was chosen to be run, if that is not the whole built-in suite.
fn selection(options: &Options) -> Option<String> {
    let vectors = options.vectors.iter();
    let vectors = vectors.map(|folder| format!("--vectors {}", folder.display()));
    let only = options.only.iter().map(|start| format!("--only {start}"));
    let words: Vec<String> = vectors.chain(only).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn run(options: &Options) -> Result<ExitCode, Error> {
    let (all, chosen) = suites(options)?;
    let selection = selection(options);
    report::clear(&options.out)?;
    let catalogue = requirements::catalogue()?;
    let started = now();
    let mut target = target::from_name(&options.target, options.timeout)?;
    let mut progress = Progress::new(options.quiet);
    let run = runner::run(target.as_mut(), &chosen, |done, total, result| {
        progress.show(done, total, result);
    })?;
    progress.end();
    let report = Report {
        run: &run,
        requirements: &catalogue,
        suites: &all,
        selection: selection.as_deref(),
        target: &options.target,
        started: &started,
    };
    report.write(&options.out)?;
    summary(&run, options);
    if let Some(selection) = selection {
        println!("NOT THE WHOLE SUITE: {selection}");
    }
    let counts = run.counts();
    Ok(if counts.failed > 0 || counts.passed == 0 {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}

fn now() -> String {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(0));
    kbtf_did::Timestamp::from_unix(seconds).map_or_else(String::new, |time| time.to_string())
}

fn summary(run: &Run, options: &Options) {
    let counts = run.counts();
    println!("{} {}", run.hello.name, run.hello.version);
    for result in &run.results {
        if let Outcome::Failed {
            step,
            expected,
            got,
        } = &result.outcome
        {
            println!("\nfailed  {} (step {step})", result.case.id);
            println!(
                "        {} · {}",
                result.case.title.en, result.case.title.ko
            );
            println!("        expected  {expected}");
            println!(
                "        got       {}",
                got.replace('\n', "\n                  ")
            );
        }
    }
    println!(
        "\n{} cases: {} passed, {} failed, {} not supported",
        counts.total(),
        counts.passed,
        counts.failed,
        counts.not_supported
    );
    println!("report: {}", options.out.join("report.html").display());
}

/// A progress bar, on a terminal only.
struct Progress {
    shown: bool,
    failed: usize,
}

impl Progress {
    fn new(quiet: bool) -> Self {
        Self {
            shown: !quiet && io::stderr().is_terminal(),
            failed: 0,
        }
    }

    fn show(&mut self, done: usize, total: usize, result: &CaseResult) {
        if matches!(result.outcome, Outcome::Failed { .. }) {
            self.failed += 1;
        }
        if !self.shown {
            return;
        }
        const WIDTH: usize = 30;
        let filled = WIDTH * done / total.max(1);
        let bar = "█".repeat(filled) + &"░".repeat(WIDTH - filled);
        let id: String = result.case.id.chars().take(40).collect();
        eprint!(
            "\r\x1b[2K{bar} {done}/{total}  {} failed  {id}",
            self.failed
        );
        let _ = io::stderr().flush();
    }

    fn end(&self) {
        if self.shown {
            eprint!("\r\x1b[2K");
        }
    }
}

/// Prints a line; a reader that has had enough, such as `head`, ends the program without a complaint.
fn say(line: &str) -> Result<(), Error> {
    writeln!(io::stdout(), "{line}").map_err(|error| {
        if error.kind() == io::ErrorKind::BrokenPipe {
            std::process::exit(0);
        }
        Error::Io {
            path: "standard output".into(),
            reason: error.to_string(),
        }
    })
}

fn list(options: &Options) -> Result<ExitCode, Error> {
    for suite in suites(options)?.1 {
        say(&format!(
            "\n{}  {} · {}",
            suite.suite, suite.title.en, suite.title.ko
        ))?;
        for case in &suite.cases {
            let requirements = case.requirements.join(" ");
            say(&format!(
                "  {:45} {requirements:16} {}",
                case.id, case.title.en
            ))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn write_vectors(options: &Options) -> Result<ExitCode, Error> {
    let folder = options
        .write
        .as_ref()
        .ok_or_else(|| usage("vectors: expected --write DIR".into()))?;
    for (path, suite) in cases::all()? {
        let path = folder.join(path);
        let io = |error: io::Error| Error::Io {
            path: path.display().to_string(),
            reason: error.to_string(),
        };
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(io)?;
        }
        std::fs::write(&path, suite.to_text()).map_err(io)?;
        println!("{:4} cases  {}", suite.cases.len(), path.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// What other suites take of this SDK.
fn emit(options: &Options) -> Result<ExitCode, Error> {
    match (options.what.as_deref(), &options.write) {
        (Some("did-test-suite"), Some(folder)) => {
            for name in emit::did_test_suite(folder)? {
                say(&name)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        _ => Err(usage(
            "emit: expected did-test-suite and --write DIR".into(),
        )),
    }
}

/// The reference as a harness: also an example of how little one is.
fn harness() -> Result<ExitCode, Error> {
    let io = |error: io::Error| Error::Io {
        path: "standard input or output".into(),
        reason: error.to_string(),
    };
    let mut input = io::stdin().lock();
    let mut output = io::stdout().lock();
    loop {
        let mut line = Vec::new();
        let limit = MAX_MESSAGE as u64 + 1;
        if input
            .by_ref()
            .take(limit)
            .read_until(b'\n', &mut line)
            .map_err(io)?
            == 0
        {
            return Ok(ExitCode::SUCCESS);
        }
        let (id, answer) = match serde_json::from_slice::<Request>(&line) {
            Ok(request) if request.operation == "bye" => return Ok(ExitCode::SUCCESS),
            Ok(request) => (request.id, Reference::default().answer(&request)),
            Err(error) => (0, Answer::Error(format!("request: {error}"))),
        };
        let message = answer.to_message(id).to_string();
        writeln!(output, "{message}").map_err(io)?;
        output.flush().map_err(io)?;
    }
}
