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
    protocol::Decision,
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
fn at_least_as_much_must_be_refused_as_accepted() {
    let suites = suite::embedded().unwrap();
    let steps = || suites.iter().flat_map(|s| &s.cases).flat_map(|c| &c.steps);
    let count = |verdict| steps().filter(|s| s.expect.verdict == verdict).count();
    assert!(count(Decision::Refused) >= count(Decision::Accepted));
    for case in suites.iter().flat_map(|s| &s.cases) {
        let korean = |c: char| ('가'..='힣').contains(&c);
        assert!(
            case.title
                .ko
                .chars()
                .any(|c| korean(c) || c.is_ascii_uppercase())
        );
    }
}

/// A file of vectors that would prove nothing, or claim what it does not test, is refused as a whole.
#[test]
fn vectors_that_would_prove_nothing_are_refused() {
    let folder = std::env::temp_dir().join(format!("kbtf-vectors-{}", std::process::id()));
    let mut all = cases::all().unwrap().into_iter();
    let (_, good) = all
        .find(|(path, _)| *path == "did/canonical-json.json")
        .unwrap();
    let broken = |change: &dyn Fn(&mut Suite)| {
        let mut suite = good.clone();
        change(&mut suite);
        fs::create_dir_all(folder.join("did")).unwrap();
        fs::write(folder.join("did/x.json"), suite.to_text()).unwrap();
        suite::load(&folder).map(|_| ()).map_err(|e| e.code())
    };
    assert_eq!(broken(&|_| {}), Ok(()));
    for change in [
        &(|s: &mut Suite| s.cases.clear()) as &dyn Fn(&mut Suite),
        &|s| s.cases[0].steps.clear(),
        &|s| s.cases[0].requirements.clear(),
        &|s| s.cases[0].requirements.push("NOPE-1".into()),
        &|s| s.cases[1].id = s.cases[0].id.clone(),
        &|s| s.cases[0].steps[0].expect.reason.push("syntax".into()),
        &|s| s.cases.last_mut().unwrap().steps[0].expect.reason = vec!["whatever".into()],
        &|s| s.cases.last_mut().unwrap().steps[0].expect.reason.clear(),
    ] {
        assert_eq!(broken(change), Err("conformance/vectors"));
    }
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(
        suite::load(&folder).map(|_| ()).unwrap_err().code(),
        "conformance/io"
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
        suites: &suites,
        selection: None,
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
        assert!(!mutant.caught_by.is_empty());
        for case in mutant.caught_by {
            assert!(
                failed.contains(case),
                "mutant {} is not caught by {case} but by {failed:?}",
                mutant.name
            );
        }
    }
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
                        "infrastructures": ["did", "vc"], "features": ["eddsa-jcs-2022"]
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
        let listed = result.case.features.iter().all(|f| f == "eddsa-jcs-2022");
        assert_eq!(
            result.outcome == Outcome::Passed,
            listed,
            "{}",
            result.case.id
        );
    }
}
