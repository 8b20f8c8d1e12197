//! Everything that was checked, as text and as JSON.

use super::check::{Case, Check, Verdict};
use serde::Serialize;
use std::fmt::Write as _;

/// The checks of one subject.
#[derive(Debug, Serialize)]
pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) checks: Vec<Check>,
}

/// One of the cases of the manual, and the checks that found it.
#[derive(Debug, Serialize)]
struct Found {
    name: &'static str,
    is_found: bool,
    /// Names of checks; of slow responses, what makes them slow.
    reasons: Vec<&'static str>,
}

/// All checks.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    verdict: Verdict,
    parts: Vec<Part>,
    cases: Vec<Found>,
}

/// How wide the widest verdict is.
const VERDICT_WIDTH: usize = 7;

impl Report {
    pub(super) fn new(parts: Vec<Part>) -> Self {
        let checks = || parts.iter().flat_map(|part| &part.checks);
        let worst = checks().map(|check| check.verdict).filter(|verdict| *verdict != Verdict::Unknown).max();
        let mut cases = ["Too many connections", "Slow responses", "High memory usage"].map(|name| Found {
            name,
            is_found: false,
            reasons: Vec::new(),
        });
        let findings = checks().filter(|check| check.is_finding());
        for (check, case) in findings.flat_map(|check| check.cases.iter().map(move |case| (check, case))) {
            let (at, reason) = match case {
                Case::TooManyConnections => (0, check.name),
                Case::SlowResponses(reason) => (1, *reason),
                Case::HighMemory => (2, check.name),
            };
            cases[at].is_found = true;
            if !cases[at].reasons.contains(&reason) {
                cases[at].reasons.push(reason);
            }
        }
        Self { verdict: worst.unwrap_or(Verdict::Ok), parts, cases: cases.into() }
    }

    pub(super) fn has_problem(&self) -> bool {
        self.verdict == Verdict::Problem
    }

    pub(super) fn json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for part in &self.parts {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{}", part.name);
            for check in &part.checks {
                write_check(&mut text, check);
            }
            text.push('\n');
        }
        for case in &self.cases {
            let found = if case.is_found { format!("found ({})", case.reasons.join(", ")) } else { "not found".into() };
            let _ = writeln!(text, "{}: {found}", case.name);
        }
        let count =
            |verdict| self.parts.iter().flat_map(|part| &part.checks).filter(|check| check.verdict == verdict).count();
        let _ = writeln!(
            text,
            "\nok: {}, not to be looked at: {}, warnings: {}, problems: {}",
            count(Verdict::Ok),
            count(Verdict::Unknown),
            count(Verdict::Warning),
            count(Verdict::Problem)
        );
        text
    }
}

fn write_check(text: &mut String, check: &Check) {
    let verdict = match check.verdict {
        Verdict::Ok => "ok",
        Verdict::Unknown => "unknown",
        Verdict::Warning => "warning",
        Verdict::Problem => "PROBLEM",
    };
    // Writing to a String cannot fail.
    let _ = writeln!(text, "  {verdict:VERDICT_WIDTH$}  {}: {}", check.name, check.found);
    let change = check.change.as_ref().map(|change| format!("{}={}", change.name, change.value));
    let advice: Vec<String> = change.into_iter().chain(check.remedy.clone()).collect();
    if !advice.is_empty() {
        let _ = writeln!(text, "  {:VERDICT_WIDTH$}  -> {}", "", advice.join("   "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(checks: Vec<Check>) -> Report {
        Report::new(vec![Part { name: "Machine", checks }])
    }

    #[test]
    fn a_report_has_every_check_with_its_figure_and_what_to_change() {
        let files = Check::warning("open files", "1024 may be open", "In the unit.").set("LimitNOFILE", 1_048_576);
        let text = report(vec![Check::ok("clock", "0 ms apart"), files, Check::unknown("disk", "no folder")]).text();
        let expected = "Machine\n  ok       clock: 0 ms apart\n  warning  open files: 1024 may be open\n           \
            -> LimitNOFILE=1048576   In the unit.\n  unknown  disk: could not be looked at: no folder\n\n";
        assert!(text.starts_with(expected), "{text}");
        assert!(text.ends_with("ok: 1, not to be looked at: 1, warnings: 1, problems: 0\n"), "{text}");
    }

    #[test]
    fn the_cases_of_the_manual_are_found_by_checks_that_are_not_ok() {
        let slow = |check: Check, cause| check.case(Case::SlowResponses(cause));
        let report = report(vec![
            Check::ok("pool", "").case(Case::TooManyConnections),
            slow(Check::warning("disk", "", ""), "commit time"),
            slow(Check::problem("commits", "", ""), "commit time"),
            slow(Check::unknown("metrics", ""), "processor"),
        ]);
        assert!(report.has_problem());
        let text = report.text();
        assert!(text.contains("Too many connections: not found\nSlow responses: found (commit time)\n"), "{text}");
        assert!(text.contains("High memory usage: not found\n"), "{text}");
        assert!(report.json().expect("it is JSON").contains("\"verdict\": \"problem\""));
    }

    #[test]
    fn what_could_not_be_looked_at_is_no_problem() {
        assert!(!report(vec![Check::unknown("server", "it is not running")]).has_problem());
        assert!(!report(vec![Check::warning("sign-up", "", "")]).has_problem());
    }
}
