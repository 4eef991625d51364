//! The suite tests itself: its vectors are what the generator makes, its cases hang together, the reference
//! passes, and every mutant is caught by the case that is there for it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{collections::BTreeSet, fs, path::Path};

use kbtf_conformance::{
    cases,
    protocol::{Decision, REASONS},
    report::{Coverage, Report},
    requirements, runner,
    runner::{Outcome, Run},
    suite::{self, Suite},
    target::{Target, mutant, reference::Reference},
};

fn run(target: &mut dyn Target, suites: &[Suite]) -> Run {
    runner::run(target, suites, |_, _, _| {}).unwrap()
}

fn failed(run: &Run) -> Vec<&str> {
    run.results
        .iter()
        .filter(|r| matches!(r.outcome, Outcome::Failed { .. }))
        .map(|r| r.case.id.as_str())
        .collect()
}

#[test]
fn the_vectors_are_what_the_generator_makes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let made = cases::all().unwrap();
    for (path, suite) in &made {
        let committed = fs::read_to_string(folder.join(path)).unwrap();
        assert!(
            committed == suite.to_text(),
            "{path} differs: run `kbtf-conformance vectors --write conformance/vectors`"
        );
    }
    let made: Vec<Suite> = made.into_iter().map(|(_, suite)| suite).collect();
    assert_eq!(suite::embedded().unwrap(), made);
    assert_eq!(suite::load(&folder).unwrap(), made);
}

#[test]
fn cases_hang_together() {
    let known: BTreeSet<String> = requirements::catalogue()
        .unwrap()
        .into_iter()
        .map(|r| r.id)
        .collect();
    let mut ids = BTreeSet::new();
    let (mut accepted, mut refused) = (0, 0);
    for suite in suite::embedded().unwrap() {
        for case in suite.cases {
            assert!(ids.insert(case.id.clone()), "{} occurs twice", case.id);
            assert!(!case.requirements.is_empty() && !case.steps.is_empty());
            for requirement in &case.requirements {
                assert!(known.contains(requirement), "{}: {requirement}", case.id);
            }
            assert!(
                case.title
                    .ko
                    .chars()
                    .any(|c| ('가'..='힣').contains(&c) || c.is_ascii_uppercase())
            );
            for step in &case.steps {
                let expect = &step.expect;
                let refuses = expect.verdict == Decision::Refused;
                assert_eq!(refuses, !expect.reason.is_empty(), "{}", case.id);
                assert!(expect.reason.iter().all(|r| REASONS.contains(&r.as_str())));
                accepted += usize::from(expect.verdict == Decision::Accepted);
                refused += usize::from(refuses);
            }
        }
    }
    assert!(
        refused >= accepted,
        "{refused} refusals, {accepted} acceptances"
    );
}

#[test]
fn the_reference_passes_and_the_report_says_what_is_open() {
    let suites = suite::embedded().unwrap();
    let run = run(&mut Reference::default(), &suites);
    assert_eq!(failed(&run), [""; 0]);
    assert_eq!(run.counts().not_supported, 0);

    let catalogue = requirements::catalogue().unwrap();
    let report = Report {
        run: &run,
        requirements: &catalogue,
        target: "builtin",
        started: "2026-11-22T00:00:00Z",
    };
    let coverage = |id: &str| {
        let requirement = catalogue.iter().find(|r| r.id == id).unwrap();
        report.coverage(requirement).0
    };
    assert_eq!(coverage("VC-03"), Coverage::Passed);
    assert_eq!(coverage("DID-10"), Coverage::PassedInPart);
    assert_eq!(coverage("OPS-08"), Coverage::NotCovered);
    let json = report.to_json();
    assert_eq!(json["summary"]["passed"], run.results.len());
    assert_eq!(
        json["requirements"].as_array().unwrap().len(),
        catalogue.len()
    );
    let html = report.to_html();
    for text in [
        "적합성 시험 성적서",
        "conformance report",
        "시험 미비",
        "not covered yet",
    ] {
        assert!(html.contains(text), "{text}");
    }
    assert!(
        !html.contains("http://") && !html.contains("src="),
        "self-contained"
    );
    assert!(report.to_junit().contains("failures=\"0\""));
}

#[test]
fn a_run_repeats() {
    let suites = suite::embedded().unwrap();
    let outcomes = || -> Vec<_> {
        run(&mut Reference::default(), &suites)
            .results
            .into_iter()
            .map(|r| (r.case.id, r.outcome))
            .collect()
    };
    assert_eq!(outcomes(), outcomes());
}

#[test]
fn every_mutant_is_caught_by_the_case_that_is_there_for_it() {
    let suites = suite::embedded().unwrap();
    let mut names = BTreeSet::new();
    for mutant in mutant::MUTANTS {
        assert!(names.insert(mutant.name), "{} occurs twice", mutant.name);
        let run = run(&mut mutant.target(), &suites);
        let failed = failed(&run);
        assert!(
            failed.contains(&mutant.caught_by),
            "mutant {} is not caught by {} but by {failed:?}",
            mutant.name,
            mutant.caught_by
        );
    }
    assert!(names.len() >= 50);
}

#[test]
fn what_a_target_does_not_list_is_not_supported_and_never_passed() {
    struct Half(Reference);
    impl Target for Half {
        fn call(
            &mut self,
            request: &kbtf_conformance::protocol::Request,
        ) -> Result<kbtf_conformance::protocol::Answer, String> {
            if request.operation == "hello" {
                return Ok(kbtf_conformance::protocol::Answer::value(
                    serde_json::json!({
                        "name": "half", "version": "1", "protocol": 1,
                        "infrastructures": ["vc"], "features": ["eddsa-jcs-2022"]
                    }),
                ));
            }
            assert_ne!(request.operation, "credential.issue");
            self.0.call(request)
        }
    }
    let suites = suite::embedded().unwrap();
    let run = run(&mut Half(Reference::default()), &suites);
    assert_eq!(failed(&run), [""; 0]);
    for result in &run.results {
        let listed = result.infrastructure == "vc"
            && result.case.features.iter().all(|f| f == "eddsa-jcs-2022");
        assert_eq!(
            result.outcome == Outcome::Passed,
            listed,
            "{}",
            result.case.id
        );
    }
}
