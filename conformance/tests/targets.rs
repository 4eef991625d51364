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

/// What the Node harness leaves to other judges: jsonld.js (`rdf.mjs`), a second reading in Python (`interop_open_did.py`), and
/// OpenSSL, which has made the time stamps.
const LEFT_TO_OTHERS: [&str; 4] = [
    "feature eddsa-rdfc-2022",
    "feature ecdsa-rdfc-2019",
    "feature open-did",
    "feature rfc3161",
];

fn assert_all_passed(run: &Run) {
    let (left, own): (Vec<_>, Vec<_>) = run.results.iter().partition(|result| {
        matches!(&result.outcome, Outcome::NotSupported { why } if LEFT_TO_OTHERS.contains(&why.as_str()))
    });
    for result in &own {
        assert_eq!(result.outcome, Outcome::Passed, "{}", result.case.id);
    }
    assert!(own.len() > 10 * left.len(), "{} left out", left.len());
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

/// Three cases; the second asks about the DID at which the harness goes wrong.
fn three_cases() -> (Vec<Suite>, String) {
    let mut suites = suite::embedded().unwrap();
    suites.retain(|s| s.suite == "did/identifiers");
    suites[0].cases.truncate(3);
    let second = &suites[0].cases[1].steps[0].input["didUrl"];
    let at = second.as_str().unwrap().to_owned();
    (suites, at)
}

fn misbehaving(mode: &str, at: &str) -> String {
    let harness = folder("tests/misbehaving-harness.mjs");
    format!("cmd:node '{}' {mode} '{at}'", harness.display())
}

#[test]
fn a_target_that_goes_wrong_costs_its_case_and_not_the_run() {
    for (mode, expected) in [
        (
            "crash",
            "ended without an answer; standard error ends: out of luck",
        ),
        ("hang", "no answer within 2 s"),
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
        // What hello lists must be there.
        ("unsupported", "unsupported: not today"),
        ("markup", "refused (syntax)"),
        ("long", "&&&…"),
    ] {
        let (suites, at) = three_cases();
        let start = Instant::now();
        let run = run(&misbehaving(mode, &at), Duration::from_secs(2), &suites).unwrap();
        assert!(start.elapsed() < Duration::from_secs(30), "{mode}");
        let outcomes: Vec<_> = run.results.iter().map(|r| &r.outcome).collect();
        match outcomes[..] {
            [
                Outcome::Passed,
                Outcome::Failed { got, .. },
                Outcome::Passed,
            ] => {
                assert!(got.contains(expected), "{mode}: {got}");
                assert!(got.len() < 10_000);
                assert!(!got.contains(['\u{1b}', '\u{202e}']), "{got:?}");
            }
            _ => panic!("{mode}: {outcomes:?}"),
        }
    }
}

/// A line too many is found with the answer it came behind, or, if it came late, with the next; never nowhere.
#[test]
fn a_target_that_writes_more_than_it_was_asked_fails() {
    let (suites, at) = three_cases();
    let run = run(&misbehaving("more", &at), Duration::from_secs(10), &suites).unwrap();
    assert!(run.counts().failed >= 1);
    for result in &run.results {
        if let Outcome::Failed { got, .. } = &result.outcome {
            let late = got.contains("does not have the id");
            assert!(
                late || got.contains("wrote more than it was asked"),
                "{got}"
            );
        }
    }
}

#[test]
fn a_target_that_is_another_after_a_restart_fails() {
    let (suites, at) = three_cases();
    let run = run(
        &misbehaving("changeling", &at),
        Duration::from_secs(10),
        &suites,
    )
    .unwrap();
    match &run.results[2].outcome {
        Outcome::Failed { got, .. } => assert!(got.contains("another hello"), "{got}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_a_target_calls_itself_cannot_forge_a_summary() {
    let (suites, _) = three_cases();
    let run = run(
        &misbehaving("shouting", ""),
        Duration::from_secs(10),
        &suites,
    )
    .unwrap();
    assert!(
        !run.hello.name.contains(['\n', '\u{1b}', '\u{202e}']),
        "{:?}",
        run.hello.name
    );
}

/// What the harness has started in turn must not outlive the run.
#[test]
#[cfg(unix)]
fn the_children_of_a_target_end_with_it() {
    let marker = format!("3{:05}", std::process::id() % 100_000);
    let (suites, _) = three_cases();
    let name = format!("cmd:sh -c 'sleep {marker} & cat >/dev/null'");
    assert!(run(&name, Duration::from_secs(1), &suites).is_err());
    let found = Command::new("sh")
        .args(["-c", &format!("ps -eo args | grep -c '^sleep {marker}$'")])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&found.stdout).trim(), "0");
}

#[test]
fn a_target_that_is_none_stops_the_run_with_a_reason() {
    let (suites, _) = three_cases();
    for (name, expected) in [
        ("cmd:/no/such/program", "cannot start"),
        ("cmd:", "expected a program"),
        ("cmd:node 'open", "a quote is left open"),
        ("mutant:none", "no mutant"),
        ("https://example.com/", "expected builtin"),
        ("http://127.0.0.1:1/", "HTTP"),
        (&misbehaving("old", ""), "protocol version 0, expected 1"),
        (&misbehaving("unwilling", ""), "hello was not accepted"),
    ] {
        let error = run(name, Duration::from_secs(10), &suites).unwrap_err();
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

    let part = program(&["--only", "vc-verify-ed25519", "--out", out_text]);
    assert_eq!(part.status.code(), Some(0));
    assert!(
        String::from_utf8(part.stdout)
            .unwrap()
            .contains("NOT THE WHOLE SUITE")
    );
    let report: Value =
        serde_json::from_str(&fs::read_to_string(out.join("report.json")).unwrap()).unwrap();
    assert_eq!(report["suite"]["selection"], "--only vc-verify-ed25519");
    let requirements = report["requirements"].as_array().unwrap();
    let vc_02 = requirements.iter().find(|r| r["id"] == "VC-02").unwrap();
    assert_eq!(vc_02["coverage"], "passedInPart");
    let vc_03 = requirements.iter().find(|r| r["id"] == "VC-03").unwrap();
    assert_eq!(vc_03["coverage"], "notRun");

    // The report of a run that could be made must not be taken for that of one that could not.
    let broken = program(&["--target", "cmd:/no/such/program", "--out", out_text]);
    assert_eq!(broken.status.code(), Some(2));
    assert!(!out.join("report.json").exists() && !out.join("report.html").exists());
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
