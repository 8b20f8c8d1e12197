//! A report for people.

use super::{Decision, Latency, Report};
use std::collections::BTreeMap;
use std::fmt::{Display, Formatter, Result};

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let planned = &self.planned;
        writeln!(f, "Rehearsal of {} at {}", planned.exam, planned.url)?;
        writeln!(
            f,
            "  {} candidates arriving over {}, thinking {} about an answer, handing in after {} (seed {})",
            grouped(u64::try_from(planned.users).unwrap_or(u64::MAX)),
            seconds(planned.arrivals_s),
            seconds(planned.think_s),
            seconds(planned.duration_s),
            planned.seed
        )?;
        writeln!(
            f,
            "\n  {:<14}{:>11}{:>11}{:>11}{:>11}{:>11}{:>11}",
            "", "count", "p50", "p90", "p99", "p99.9", "max"
        )?;
        self.latencies.iter().try_for_each(|latency| row(f, latency))?;
        writeln!(f)?;
        line(f, "saves", &format!("{}, {:.1} a second", grouped(self.saves), self.saves_per_s))?;
        let operations = format!("{} sent, {} acknowledged", grouped(self.operations), grouped(self.acknowledged));
        line(f, "operations", &operations)?;
        if self.replayed > 0 {
            line(f, "", &format!("{} sent twice on purpose and acknowledged twice", grouped(self.replayed)))?;
        }
        counts(f, "rejected", &self.rejected)?;
        line(f, "attempts", &format!("{} started, {} handed in", grouped(self.started), grouped(self.handed_in)))?;
        line(f, "requests", &format!("{} in {}", grouped(self.requests), seconds(self.elapsed_s)))?;
        let statuses = self.statuses.iter().map(|(status, count)| (status.to_string(), *count)).collect();
        counts(f, "answers", &statuses)?;
        counts(f, "sent again", &self.retries)?;
        line(f, "late sends", &format!("{:.2} %", self.late_share * 100.0))?;
        counts(f, "unexpected", &self.unexpected)?;
        counts(f, "gave up", &self.gave_up)?;
        self.broken_promises.iter().take(10).try_for_each(|promise| line(f, "broken", promise))?;
        if let Some(verdict) = &self.verdict {
            writeln!(f, "\n{verdict}")?;
        }
        match &self.decision {
            Some(decision) => write!(f, "\n{decision}"),
            None => Ok(()),
        }
    }
}

impl Display for Decision {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        writeln!(f, "{}", if self.go { "GO" } else { "NO-GO" })?;
        self.reasons.iter().try_for_each(|reason| writeln!(f, "  - {reason}"))?;
        self.cautions.iter().try_for_each(|caution| writeln!(f, "  note: {caution}"))
    }
}

fn row(f: &mut Formatter<'_>, latency: &Latency) -> Result {
    write!(f, "  {:<14}{:>11}", latency.kind.name(), grouped(latency.count))?;
    for ms in [latency.p50_ms, latency.p90_ms, latency.p99_ms, latency.p999_ms, latency.max_ms] {
        write!(f, "{:>11}", millis(ms))?;
    }
    writeln!(f)
}

fn line(f: &mut Formatter<'_>, name: &str, text: &str) -> Result {
    writeln!(f, "  {name:<14}{text}")
}

fn counts(f: &mut Formatter<'_>, name: &str, counts: &BTreeMap<String, u64>) -> Result {
    if counts.is_empty() {
        return Ok(());
    }
    let all: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {}", grouped(*count))).collect();
    line(f, name, &all.join(", "))
}

/// 1234567 as 1,234,567.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn millis(ms: f64) -> String {
    match ms {
        ms if ms < 10.0 => format!("{ms:.2} ms"),
        ms if ms < 10_000.0 => format!("{ms:.0} ms"),
        ms => format!("{:.1} s", ms / 1_000.0),
    }
}

fn seconds(s: f64) -> String {
    if s == 0.0 {
        "0 s".into()
    } else if s < 10.0 {
        format!("{s:.1} s")
    } else if s < 600.0 {
        format!("{s:.0} s")
    } else {
        format!("{:.0} min", s / 60.0)
    }
}
