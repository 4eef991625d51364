use std::fmt::Write as _;

use super::{Coverage, Report, escape};
use crate::runner::{CaseResult, Counts, Outcome};

/// The page. Both languages are in it; two radio buttons and style rules choose, so that no script is needed and
/// what is on the screen is what is printed.
pub(super) fn render(report: &Report<'_>) -> String {
    let mut page = String::with_capacity(256 * 1024);
    page.push_str(HEAD);
    header(&mut page, report);
    summary(&mut page, report);
    failures(&mut page, report);
    requirements(&mut page, report);
    cases(&mut page, report);
    page.push_str(FOOT);
    page
}

/// One text in both languages.
fn both(en: &str, ko: &str) -> String {
    format!(
        "<span class=\"ko\" lang=\"ko\">{}</span><span class=\"en\" lang=\"en\">{}</span>",
        escape(ko),
        escape(en)
    )
}

fn infrastructure(name: &str) -> String {
    match name {
        "did" => both("Decentralised identity (DID)", "분산 신원증명 (DID)"),
        "vc" => both(
            "Credentials and assurance (VC)",
            "자격증명과 보증 수준 (VC)",
        ),
        "nft" => both("Digital certificates (NFT)", "디지털 인증서 (NFT)"),
        "history" => both("Data history", "데이터 이력"),
        "authenticity" => both("Data authenticity", "데이터 진본성"),
        "ledger" => both("Ledger (BaaS)", "분산원장 (BaaS)"),
        "wallet" => both("Digital wallet", "전자지갑"),
        "pedigree" => both("Pedigree", "페디그리 사설 인증"),
        "certification" => both("Certification", "인증 절차"),
        "common" => both("Across all", "공통"),
        other => escape(other),
    }
}

fn header(page: &mut String, report: &Report<'_>) {
    let hello = &report.run.hello;
    let list = |items: &std::collections::BTreeSet<String>| {
        escape(&items.iter().cloned().collect::<Vec<_>>().join(", "))
    };
    let _ = write!(
        page,
        "<header><h1>{}</h1><dl>\
         <div><dt>{}</dt><dd>{} {}</dd></div>\
         <div><dt>{}</dt><dd><code>{}</code></dd></div>\
         <div><dt>{}</dt><dd>{}</dd></div>\
         <div><dt>{}</dt><dd>{}</dd></div>\
         <div><dt>{}</dt><dd>{}</dd></div>\
         <div><dt>{}</dt><dd>kbtf-conformance {}<br><code>SHA-256 {}</code></dd></div></dl></header>",
        both("K-BTF conformance report", "K-BTF 적합성 시험 성적서"),
        both("Implementation", "시험 대상"),
        escape(&hello.name),
        escape(&hello.version),
        both("Reached through", "연결 방식"),
        escape(report.target),
        both("Infrastructures declared", "선언한 공통 기반"),
        list(&hello.infrastructures),
        both("Features declared", "선언한 선택 기능"),
        list(&hello.features),
        both("Time of test", "시험 일시"),
        escape(report.started),
        both("Suite", "시험 도구"),
        env!("CARGO_PKG_VERSION"),
        escape(&crate::suite::digest(report.suites)),
    );
    if let Some(selection) = report.selection {
        let _ = write!(
            page,
            "<p class=\"verdict skip\">{}: <code>{}</code></p>",
            both("Not the whole suite", "전체 시험이 아님"),
            escape(selection)
        );
    }
}

fn bar(counts: Counts) -> String {
    let mut bar = String::from("<div class=\"bar\" role=\"img\">");
    for (class, count) in [
        ("pass", counts.passed),
        ("fail", counts.failed),
        ("skip", counts.not_supported),
    ] {
        if count > 0 {
            let _ = write!(bar, "<i class=\"{class}\" style=\"flex:{count}\"></i>");
        }
    }
    bar.push_str("</div>");
    bar
}

fn summary(page: &mut String, report: &Report<'_>) {
    let counts = report.run.counts();
    let (class, headline) = if counts.failed > 0 {
        (
            "fail",
            both(
                &format!("{} of {} cases failed", counts.failed, counts.total()),
                &format!("{}건 중 {}건 실패", counts.total(), counts.failed),
            ),
        )
    } else if counts.not_supported > 0 {
        (
            "skip",
            both(
                &format!(
                    "{} of {} cases passed, none failed, {} not supported",
                    counts.passed,
                    counts.total(),
                    counts.not_supported
                ),
                &format!(
                    "{}건 중 {}건 통과, 실패 없음, {}건 미지원",
                    counts.total(),
                    counts.passed,
                    counts.not_supported
                ),
            ),
        )
    } else {
        (
            "pass",
            both(
                &format!("All {} cases passed", counts.total()),
                &format!("전체 {}건 통과", counts.total()),
            ),
        )
    };
    let _ = write!(
        page,
        "<section><p class=\"verdict {class}\">{headline}</p><table class=\"summary\"><thead><tr>\
         <th>{}</th><th class=\"n\">{}</th><th class=\"n\">{}</th><th class=\"n\">{}</th><th class=\"w\"></th></tr></thead><tbody>",
        both("Infrastructure", "공통 기반"),
        both("Passed", "통과"),
        both("Failed", "실패"),
        both("Not supported", "미지원"),
    );
    for (name, results) in report.infrastructures() {
        let counts = Counts::of(results.into_iter());
        let _ = write!(
            page,
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"w\">{}</td></tr>",
            infrastructure(name),
            counts.passed,
            counts.failed,
            counts.not_supported,
            bar(counts),
        );
    }
    page.push_str("</tbody></table></section>");
}

fn failures(page: &mut String, report: &Report<'_>) {
    let failed: Vec<_> = report
        .run
        .results
        .iter()
        .filter(|r| matches!(r.outcome, Outcome::Failed { .. }))
        .collect();
    if failed.is_empty() {
        return;
    }
    let _ = write!(
        page,
        "<section><h2>{}</h2>",
        both("What failed", "실패한 항목")
    );
    for result in failed {
        let _ = write!(
            page,
            "<article class=\"failure\"><h3>{} <code>{}</code></h3>{}</article>",
            both(&result.case.title.en, &result.case.title.ko),
            escape(&result.case.id),
            outcome(result),
        );
    }
    page.push_str("</section>");
}

fn outcome(result: &CaseResult) -> String {
    match &result.outcome {
        Outcome::Passed => String::new(),
        Outcome::NotSupported { why } => {
            format!(
                "<p class=\"why\">{}: {}</p>",
                both("Not supported", "미지원"),
                escape(why)
            )
        }
        Outcome::Failed {
            step,
            expected,
            got,
        } => {
            let step = if result.case.steps.len() > 1 {
                format!("<dt>{}</dt><dd>{step}</dd>", both("Step", "단계"))
            } else {
                String::new()
            };
            format!(
                "<dl class=\"diff\">{step}<dt>{}</dt><dd>{}</dd><dt>{}</dt><dd>{}</dd></dl>",
                both("Expected", "기대"),
                escape(expected),
                both("Got", "결과"),
                escape(got)
            )
        }
    }
}

fn requirements(page: &mut String, report: &Report<'_>) {
    let _ = write!(
        page,
        "<section><h2>{}</h2><p class=\"note\">{}</p><table class=\"requirements\"><thead><tr><th>{}</th><th>{}</th><th class=\"n\">{}</th><th>{}</th></tr></thead><tbody>",
        both("By requirement", "요구사항별 결과"),
        both(
            "V test vector, P property test, B benchmark, I interoperation, C checklist item. Rows without cases are open: nothing is claimed of them.",
            "V 시험 벡터, P 속성 시험, B 성능 측정, I 상호운용, C 점검 항목. 시험이 없는 행은 미결이며, 그에 대해 아무것도 주장하지 않는다.",
        ),
        both("Id", "번호"),
        both("Requirement", "요구사항"),
        both("Cases", "시험 수"),
        both("Result", "결과"),
    );
    let mut last = "";
    for requirement in report.requirements {
        if requirement.infrastructure != last {
            last = &requirement.infrastructure;
            let _ = write!(
                page,
                "<tr class=\"group\"><th colspan=\"4\">{}</th></tr>",
                infrastructure(last)
            );
        }
        let (coverage, counts) = report.coverage(requirement);
        let (class, text) = match coverage {
            Coverage::Passed => ("pass", both("passed", "통과")),
            Coverage::PassedInPart => ("pass", both("passed in part", "일부 범위 통과")),
            Coverage::Failed => (
                "fail",
                both(
                    &format!("{} failed", counts.failed),
                    &format!("{}건 실패", counts.failed),
                ),
            ),
            Coverage::Partial => (
                "skip",
                both(
                    &format!("{} not supported", counts.not_supported),
                    &format!("{}건 미지원", counts.not_supported),
                ),
            ),
            Coverage::NotRun => ("open", both("not run", "시험하지 않음")),
            Coverage::NotCovered => ("open", both("not covered yet", "시험 미비")),
        };
        let open = match &requirement.open {
            Some(open) if counts.total() > 0 => format!(
                "<br><small>{}: {}</small>",
                both("not tested yet", "아직 시험하지 않음"),
                both(&open.en, &open.ko)
            ),
            _ => String::new(),
        };
        let _ = write!(
            page,
            "<tr><td><code>{}</code> <small>{}</small></td><td>{}{open}</td><td class=\"n\">{}</td><td><b class=\"tag {class}\">{text}</b></td></tr>",
            escape(&requirement.id),
            escape(&requirement.shown_by.concat()),
            both(&requirement.title.en, &requirement.title.ko),
            counts.total(),
        );
    }
    page.push_str("</tbody></table></section>");
}

fn cases(page: &mut String, report: &Report<'_>) {
    let _ = write!(
        page,
        "<section><h2>{}</h2>",
        both("All cases", "전체 시험 항목")
    );
    for (name, results) in report.infrastructures() {
        let _ = write!(
            page,
            "<h3>{}</h3><table class=\"cases\"><thead><tr><th></th><th>{}</th><th>{}</th></tr></thead><tbody>",
            infrastructure(name),
            both("Case", "시험 항목"),
            both("Requirements", "요구사항"),
        );
        for result in results {
            let (class, mark) = match result.outcome {
                Outcome::Passed => ("pass", "✓"),
                Outcome::Failed { .. } => ("fail", "✗"),
                Outcome::NotSupported { .. } => ("skip", "–"),
            };
            let _ = write!(
                page,
                "<tr><td class=\"mark {class}\">{mark}</td><td>{}<br><code>{}</code>{}</td><td><small>{}</small></td></tr>",
                both(&result.case.title.en, &result.case.title.ko),
                escape(&result.case.id),
                outcome(result),
                escape(&result.case.requirements.join(" ")),
            );
        }
        page.push_str("</tbody></table>");
    }
    page.push_str("</section>");
}

const HEAD: &str = r#"<!doctype html>
<html lang="ko">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>K-BTF 적합성 시험 성적서 · conformance report</title>
<style>
:root { color-scheme: light; --pass: #17733f; --fail: #b3261e; --skip: #8a5a00; --open: #667; --line: #d8dce3; --soft: #f5f6f9; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; font: 15px/1.55 system-ui, "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic", sans-serif; color: #1c2330; background: #fff; word-break: keep-all; overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; margin: .2rem 0 1rem; } h2 { font-size: 1.25rem; margin: 2.2rem 0 .6rem; border-bottom: 2px solid #1c2330; padding-bottom: .25rem; } h3 { font-size: 1rem; margin: 1.2rem 0 .4rem; }
code { font: .85em ui-monospace, SFMono-Regular, Menlo, monospace; color: #46506a; }
.switch { display: flex; gap: .4rem; justify-content: flex-end; }
.switch label { border: 1px solid var(--line); border-radius: 1rem; padding: .1rem .8rem; cursor: pointer; }
.switch input { position: absolute; opacity: 0; }
.switch input:checked + span { font-weight: 700; text-decoration: underline; }
.switch label:focus-within { outline: 2px solid #3056d3; }
body:has(#lang-ko:checked) .en, body:has(#lang-en:checked) .ko { display: none; }
header dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(24rem, 1fr)); gap: .3rem 1.5rem; background: var(--soft); border: 1px solid var(--line); padding: .8rem 1rem; margin: 0; }
header dl div { display: flex; gap: .6rem; } dt { color: #556; flex: 0 0 10.5rem; } dd { margin: 0; }
.verdict { font-size: 1.15rem; font-weight: 700; padding: .7rem 1rem; border-left: 6px solid; background: var(--soft); }
.verdict.pass { border-color: var(--pass); } .verdict.fail { border-color: var(--fail); color: var(--fail); } .verdict.skip { border-color: var(--skip); }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .3rem .5rem; border-bottom: 1px solid var(--line); } thead th { font-size: .85rem; color: #556; } .n { text-align: right; white-space: nowrap; } .w { width: 28%; vertical-align: middle; }
tr.group th { background: var(--soft); }
.bar { display: flex; height: .7rem; border-radius: .35rem; overflow: hidden; background: var(--line); } .bar .pass { background: var(--pass); } .bar .fail { background: var(--fail); } .bar .skip { background: #d9a441; }
.tag { white-space: nowrap; font-weight: 600; } .tag.pass, .mark.pass { color: var(--pass); } .tag.fail, .mark.fail { color: var(--fail); } .tag.skip, .mark.skip { color: var(--skip); } .tag.open { color: var(--open); font-weight: 400; }
.mark { font-weight: 700; width: 1.6rem; } .note, .why { color: #556; font-size: .9rem; margin: .2rem 0; } small { color: #667; }
.failure { border: 1px solid var(--line); border-left: 6px solid var(--fail); padding: .2rem 1rem .6rem; margin: .8rem 0; }
.diff { display: grid; grid-template-columns: 4.5rem 1fr; gap: .2rem .6rem; margin: .3rem 0; font-size: .9rem; } .diff dt { min-width: 0; } .diff dd { font-family: ui-monospace, Menlo, monospace; white-space: pre-wrap; }
footer { margin-top: 3rem; display: grid; grid-template-columns: 1fr 1fr 1fr; gap: 1.5rem; } footer div { border-top: 1px solid #1c2330; padding-top: .3rem; color: #556; }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } .switch { display: none; } tr, .failure, footer { break-inside: avoid; } thead { display: table-header-group; } h2 { break-after: avoid; } @page { margin: 15mm; size: A4; } * { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
</style>
</head>
<body>
<div class="switch" role="radiogroup" aria-label="언어 · language"><label><input type="radio" name="lang" id="lang-ko" checked><span>한국어</span></label><label><input type="radio" name="lang" id="lang-en"><span>English</span></label></div>
"#;

const FOOT: &str = r#"<footer><div><span class="ko" lang="ko">시험기관</span><span class="en" lang="en">Laboratory</span></div><div><span class="ko" lang="ko">서명</span><span class="en" lang="en">Signature</span></div><div><span class="ko" lang="ko">날짜</span><span class="en" lang="en">Date</span></div></footer>
</body>
</html>
"#;
