use std::fmt::Write as _;

use super::{Report, escape};
use crate::runner::{Counts, Outcome};

/// JUnit XML as build servers read it: a test suite for each of ours.
pub(super) fn render(report: &Report<'_>) -> String {
    let counts = report.run.counts();
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        xml,
        "<testsuites name=\"kbtf-conformance\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">",
        counts.total(),
        counts.failed,
        counts.not_supported
    );
    let mut names: Vec<&str> = report
        .run
        .results
        .iter()
        .map(|r| r.suite.as_str())
        .collect();
    names.dedup();
    for name in names {
        let results = || report.run.results.iter().filter(|r| r.suite == name);
        let counts = Counts::of(results());
        let _ = writeln!(
            xml,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">",
            escape(name),
            counts.total(),
            counts.failed,
            counts.not_supported
        );
        for result in results() {
            let _ = write!(
                xml,
                "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.6}\"",
                escape(name),
                escape(&result.case.id),
                result.milliseconds / 1000.0
            );
            match &result.outcome {
                Outcome::Passed => xml.push_str("/>\n"),
                Outcome::Failed {
                    step,
                    expected,
                    got,
                } => {
                    let _ = writeln!(
                        xml,
                        "><failure message=\"{}\">step {step}\nexpected: {}\ngot: {}</failure></testcase>",
                        escape(&result.case.title.en),
                        escape(expected),
                        escape(got)
                    );
                }
                Outcome::NotSupported { why } => {
                    let _ = writeln!(
                        xml,
                        "><skipped message=\"not supported: {}\"/></testcase>",
                        escape(why)
                    );
                }
            }
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}
