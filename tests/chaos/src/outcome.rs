//! What a scenario found.

use crate::{Doing, Result};
use rehearse::report::Report;
use rehearse::verify::{Promise, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};
use std::path::Path;
use std::time::Duration;

/// How many findings are told in words.
const TOLD: usize = 20;

/// Times of one kind, in milliseconds.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Times {
    /// How many.
    pub count: usize,
    /// 99 % took at most this.
    pub p99_ms: u64,
    /// The longest.
    pub max_ms: u64,
    #[serde(skip)]
    all: Vec<u64>,
}

impl Times {
    /// Adds one.
    pub fn add(&mut self, time: Duration) {
        self.all.push(u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
        self.all.sort_unstable();
        self.count = self.all.len();
        self.max_ms = self.all.last().copied().unwrap_or_default();
        // The smallest value that at least 99 % do not exceed.
        self.p99_ms = self.all[(self.count * 99).div_ceil(100).saturating_sub(1)];
    }
}

/// The outcome of one scenario.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Outcome {
    /// Which.
    pub scenario: String,
    /// On what.
    pub engine: String,
    /// What repeats it.
    pub seed: u64,
    /// A protection that was switched off.
    pub control: Option<String>,
    /// The faults, with how often each happened.
    pub faults: BTreeMap<String, u64>,
    /// Attempts that were looked up in the database.
    pub attempts: u64,
    /// Of these, those that had ended.
    pub ended: u64,
    /// Acknowledged operations that were looked up in the database.
    pub acknowledged: u64,
    /// Acknowledged operations that are not there, not counted, or not what was sent.
    pub lost: u64,
    /// Attempts that were not graded exactly once and rightly.
    pub wrong_grades: u64,
    /// Other promises that were not kept.
    pub other_violations: u64,
    /// Answers that a healthy server does not give, by code.
    pub unexpected: BTreeMap<String, u64>,
    /// Requests that were sent again, by reason.
    pub retries: BTreeMap<String, u64>,
    /// From the start of the process to ready.
    pub ready: Times,
    /// From when the fault was over (the process started, the database ready) to the first acknowledged save.
    pub first_save: Times,
    /// Whatever else was counted.
    pub counts: BTreeMap<String, u64>,
    /// The first findings in words.
    pub findings: Vec<String>,
    /// How many findings there are.
    pub finding_count: u64,
    /// How long it took.
    pub seconds: u64,
}

impl Outcome {
    /// Nothing found yet.
    #[must_use]
    pub fn new(scenario: &str, engine: &str, seed: u64) -> Self {
        Self { scenario: scenario.to_owned(), engine: engine.to_owned(), seed, ..Self::default() }
    }

    /// A fault was made.
    pub fn fault(&mut self, name: &str) {
        *self.faults.entry(name.to_owned()).or_default() += 1;
    }

    /// Something is not as promised.
    pub fn find(&mut self, what: impl Display) {
        self.finding_count += 1;
        if self.findings.len() < TOLD {
            self.findings.push(what.to_string());
        }
    }

    /// What a ledger says against the database.
    pub fn add_verdict(&mut self, verdict: &Verdict) {
        self.attempts += verdict.attempts;
        self.ended += verdict.ended;
        self.acknowledged += verdict.acknowledged;
        for violation in &verdict.violations {
            match violation.promise {
                Promise::AcknowledgedIsKept | Promise::LatestWins => self.lost += 1,
                Promise::GradedOnce => self.wrong_grades += 1,
                Promise::ReceiptIsFinal | Promise::NothingElseCounts | Promise::EndedInTime | Promise::StartedOnce => {
                    self.other_violations += 1
                }
            }
            let operation = match (violation.writer, violation.seq) {
                (Some(writer), Some(seq)) => format!(", operation {writer}/{seq}"),
                _ => String::new(),
            };
            self.find(format!(
                "{}: attempt {}{operation}: {}",
                violation.promise.name(),
                violation.attempt,
                violation.what
            ));
        }
        for note in &verdict.notes {
            self.find(format!("not checked: {note}"));
        }
    }

    /// What virtual candidates met with.
    pub fn add_report(&mut self, report: &Report) {
        for (code, count) in &report.unexpected {
            *self.unexpected.entry(code.clone()).or_default() += count;
            self.find(format!("{count} answers {code}, which a healthy server does not give"));
        }
        for (reason, count) in &report.retries {
            *self.retries.entry(reason.clone()).or_default() += count;
        }
        for (reason, count) in &report.gave_up {
            self.find(format!("{count} candidates gave up: {reason}"));
        }
        for broken in &report.broken_promises {
            self.find(format!("seen by a candidate: {broken}"));
        }
        if let Some(problem) = &report.ledger_problem {
            self.find(format!("the ledger cannot be written: {problem}"));
        }
    }

    /// Counts the most connections that the server was seen with; none at all means that nobody looked.
    pub fn expect_connections(&mut self, most: u32, limit: u32) {
        self.counts.insert("most connections".into(), most.into());
        if most == 0 || most > limit {
            self.find(format!("the server had {most} connections at most, with DB_POOL_MAX={limit}"));
        }
    }

    /// Holds recovery times against a limit.
    pub fn expect_back_within(&mut self, limit: Duration) {
        let limit = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        if self.first_save.max_ms > limit {
            let (max, count) = (self.first_save.max_ms, self.first_save.count);
            self.find(format!("the longest of {count} recoveries took {max} ms, more than {limit} ms"));
        }
    }

    /// A run in which nothing was promised shows nothing.
    pub fn expect_work(&mut self) {
        if self.acknowledged == 0 {
            self.find("nothing was acknowledged: the run shows nothing");
        }
    }

    /// Whether everything was as promised.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.finding_count == 0
    }

    /// Writes it as JSON.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self).doing("writing the outcome as JSON")?;
        std::fs::write(path, text + "\n").doing(format!("writing {}", path.display()))
    }
}

fn list(map: &BTreeMap<String, u64>) -> String {
    if map.is_empty() {
        return "none".into();
    }
    map.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}

impl Display for Outcome {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        for finding in &self.findings {
            writeln!(f, "  found: {finding}")?;
        }
        let more = self.finding_count - self.findings.len() as u64;
        if more > 0 {
            writeln!(f, "  and {more} more")?;
        }
        write!(f, "chaos {} {}", self.scenario, self.engine)?;
        if let Some(control) = &self.control {
            write!(f, " with {control}")?;
        }
        write!(
            f,
            ": {} acknowledged, {} lost, {} wrong grades, {} other violations, unexpected {}; {} attempts, {} ended; faults: {}",
            self.acknowledged,
            self.lost,
            self.wrong_grades,
            self.other_violations,
            list(&self.unexpected),
            self.attempts,
            self.ended,
            list(&self.faults)
        )?;
        for (name, times) in [("ready", &self.ready), ("first save", &self.first_save)] {
            if times.count > 0 {
                write!(f, "; {name} p99 {} ms, max {} ms", times.p99_ms, times.max_ms)?;
            }
        }
        if !self.counts.is_empty() {
            write!(f, "; {}", list(&self.counts))?;
        }
        let verdict = if self.is_clean() { "PASS" } else { "FAIL" };
        write!(f, "; seed {}, {} s: {verdict}", self.seed, self.seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_99th_percentile_is_not_the_maximum_of_many() {
        let mut times = Times::default();
        (1..=200).for_each(|ms| times.add(Duration::from_millis(ms)));
        assert_eq!((times.count, times.p99_ms, times.max_ms), (200, 198, 200));
    }

    #[test]
    fn one_finding_is_enough_to_fail_and_all_are_counted() {
        let mut outcome = Outcome::new("kill", "sqlite", 1);
        assert!(outcome.is_clean() && outcome.to_string().ends_with("PASS"));
        outcome.expect_work();
        (0..30).for_each(|number| outcome.find(number));
        assert!(outcome.to_string().contains("and 11 more") && outcome.to_string().ends_with("FAIL"));
    }
}
