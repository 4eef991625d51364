//! Targets in other processes: programs and servers, well-behaved and not. Needs Node 20 or later on the path.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use kbtf_conformance::{
    runner::{self, Outcome, Run},
    suite::{self, Suite},
    target,
};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_kbtf-conformance");

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn node_harness() -> String {
    format!("node '{}'", folder("harnesses/node/harness.mjs").display())
}

fn run(name: &str, timeout: Duration, suites: &[Suite]) -> Result<Run, String> {
    let mut target = target::from_name(name, timeout).map_err(|e| e.to_string())?;
    runner::run(target.as_mut(), suites, |_, _, _| {}).map_err(|e| e.to_string())
}

fn assert_all_passed(run: &Run) {
    for result in &run.results {
        assert_eq!(result.outcome, Outcome::Passed, "{}", result.case.id);
    }
    assert!(!run.results.is_empty());
}

/// The judge that nobody here wrote: Web Crypto, in a harness made from the protocol document alone.
#[test]
fn the_node_harness_passes_over_standard_input_and_output() {
    let suites = suite::embedded().unwrap();
    let name = format!("cmd:{}", node_harness());
    let run = run(&name, Duration::from_secs(30), &suites).unwrap();
    assert_eq!(run.hello.name, "kbtf-harness-node");
    assert_all_passed(&run);
}

#[test]
fn the_node_harness_passes_over_http() {
    let mut server = Server::start();
    let suites = suite::embedded().unwrap();
    let run = run(&server.url, Duration::from_secs(30), &suites).unwrap();
    assert_all_passed(&run);
    server.stop();
    // And what is not there is an error of the run, not of the cases.
    let error = self::run(&server.url, Duration::from_secs(5), &suites).unwrap_err();
    assert!(error.starts_with("target: HTTP"), "{error}");
}

struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start() -> Self {
        let mut child = Command::new("node")
            .arg(folder("harnesses/node/harness.mjs"))
            .args(["--http", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node 20 or later on the path");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line.trim().strip_prefix("listening ").unwrap().to_owned();
        Self { child, url }
    }

    fn stop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_reference_as_a_program_answers_as_it_does_in_process() {
    let suites = suite::embedded().unwrap();
    let name = format!("cmd:'{PROGRAM}' harness");
    assert_all_passed(&run(&name, Duration::from_secs(30), &suites).unwrap());
}

/// Three cases around the fault: the target is at fault in the second and is asked again for the third.
fn three_cases() -> Vec<Suite> {
    let mut suites = suite::embedded().unwrap();
    suites.retain(|s| s.suite == "did/identifiers");
    suites[0].cases.truncate(3);
    suites
}

#[test]
fn a_target_that_goes_wrong_costs_its_case_and_not_the_run() {
    let harness = folder("tests/misbehaving-harness.mjs");
    for (mode, expected) in [
        (
            "crash",
            "ended without an answer; standard error ends: out of luck",
        ),
        ("hang", "no answer within 1 s"),
        ("flood", "writes without end"),
        ("nonsense", "not strict JSON"),
        ("array", "not a JSON object"),
        ("duplicate", "not strict JSON"),
        ("wrong-id", "does not have the id"),
        ("no-verdict", "not exactly one of"),
        ("both", "not exactly one of"),
        ("unknown-reason", "is not a reason class"),
        ("no-reason", "refused without a reason"),
        ("deep", "not strict JSON"),
        ("latin1", "not UTF-8"),
        ("error", "harness error: I am not well"),
        ("markup", "refused (syntax)"),
        ("more", "wrote more than it was asked"),
    ] {
        let name = format!("cmd:node '{}' {mode}", harness.display());
        let start = Instant::now();
        let run = run(&name, Duration::from_secs(1), &three_cases()).unwrap();
        assert!(start.elapsed() < Duration::from_secs(20), "{mode}");
        assert_eq!(run.results.len(), 3, "{mode}");
        for result in &run.results {
            match &result.outcome {
                Outcome::Failed { got, .. } => assert!(got.contains(expected), "{mode}: {got}"),
                other => panic!("{mode}: {other:?}"),
            }
        }
    }
}

#[test]
fn what_a_target_says_it_has_not_is_not_supported() {
    let harness = folder("tests/misbehaving-harness.mjs");
    let name = format!("cmd:node '{}' unsupported", harness.display());
    let run = run(&name, Duration::from_secs(10), &three_cases()).unwrap();
    for result in &run.results {
        let why = "not today".to_owned();
        assert_eq!(result.outcome, Outcome::NotSupported { why });
    }
}

#[test]
fn a_target_that_is_none_stops_the_run_with_a_reason() {
    let harness = folder("tests/misbehaving-harness.mjs");
    let old = format!("cmd:node '{}' old", harness.display());
    for (name, expected) in [
        ("cmd:/no/such/program", "cannot start"),
        ("cmd:", "expected a program"),
        ("cmd:node 'open", "a quote is left open"),
        ("mutant:none", "no mutant"),
        ("https://example.com/", "expected builtin"),
        ("http://127.0.0.1:1/", "HTTP"),
        (&old, "protocol version 0, expected 1"),
    ] {
        let error = run(name, Duration::from_secs(10), &three_cases()).unwrap_err();
        assert!(error.contains(expected), "{name}: {error}");
    }
}

fn program(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}

#[test]
fn the_exit_status_tells_and_the_reports_are_written() {
    let out = env::temp_dir().join(format!("kbtf-conformance-test-{}", std::process::id()));
    let out_text = out.to_str().unwrap();
    let good = program(&["--out", out_text, "--quiet"]);
    assert_eq!(good.status.code(), Some(0));
    let report: Value =
        serde_json::from_str(&fs::read_to_string(out.join("report.json")).unwrap()).unwrap();
    assert_eq!(report["summary"]["failed"], 0);
    assert!(out.join("report.html").exists() && out.join("report.xml").exists());

    let bad = program(&["run", "--target", "mutant:any-issuer", "--out", out_text]);
    assert_eq!(bad.status.code(), Some(1));
    let text = String::from_utf8(bad.stdout).unwrap();
    assert!(text.contains("failed  vc-verify-refuse-issuer-spoofed"));
    let html = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(html.contains("vc-verify-refuse-issuer-spoofed"));
    fs::remove_dir_all(&out).unwrap();

    for arguments in [
        &["--target", "nobody"][..],
        &["dance"],
        &["--only", "no-such-case"],
        &["--timeout", "soon"],
        &["--vectors", "/no/such/folder"],
        &["vectors"],
    ] {
        let wrong = program(arguments);
        assert_eq!(wrong.status.code(), Some(2), "{arguments:?}");
        let text = String::from_utf8(wrong.stderr).unwrap();
        assert!(text.starts_with("error: conformance/"), "{text}");
    }
    assert!(
        String::from_utf8(program(&["--help"]).stdout)
            .unwrap()
            .contains("--target")
    );
    let listed = program(&["list", "--only", "vp-life"]);
    assert!(String::from_utf8(listed.stdout).unwrap().contains("VC-03"));
}
