//! Go or no-go.

use super::{Kind, Report, reasons};
use serde::Serialize;
use std::time::Duration;

/// What an installation has to reach. Whatever they say, a broken promise or an error of the server is a no-go.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// 99 % of saves must be answered within this.
    pub save_p99: Duration,
    /// 99 % of starts must be answered within this; None does not ask.
    pub start_p99: Option<Duration>,
    /// At most this share of requests may have to be sent again.
    pub retried: f64,
}

impl Default for Rules {
    fn default() -> Self {
        Self { save_p99: Duration::from_millis(500), start_p99: None, retried: 0.01 }
    }
}

/// A share of late sends above which the rehearsal's own machine was too slow to say much.
const LATE_SHARE: f64 = 0.001;

/// By how many seconds a rehearsal may end before its time without having been cut short.
const CUT_SHORT_S: f64 = 1.0;

/// Whether to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Whether everything asked for was reached.
    pub go: bool,
    /// Why not, a sentence each.
    pub reasons: Vec<String>,
    /// What to keep in mind all the same, a sentence each.
    pub cautions: Vec<String>,
}

impl Rules {
    /// Judges a report.
    #[must_use]
    pub fn judge(&self, report: &Report) -> Decision {
        let users = u64::try_from(report.planned.users).unwrap_or(u64::MAX);
        let mut reasons = Vec::new();
        let mut cautions = Vec::new();
        if let Some(verdict) = &report.verdict {
            if !verdict.is_clean() {
                reasons
                    .push(format!("The database breaks {} of the promises in the ledger.", verdict.violations.len()));
            }
            cautions.extend(verdict.notes.iter().cloned());
        }
        if report.broken > 0 {
            reasons.push(format!("The server was seen to break its promises {} times.", report.broken));
        }
        for (code, count) in &report.unexpected {
            reasons.push(reasons::unexpected(code, *count));
        }
        for (reason, count) in &report.gave_up {
            reasons.push(reasons::gave_up(reason, *count, users));
        }
        if report.acknowledged == 0 {
            reasons.push("No answer was saved.".into());
        }
        let mut within = |kind: Kind, limit: Duration| {
            let limit_ms = limit.as_secs_f64() * 1_000.0;
            if let Some(latency) = report.latency(kind).filter(|latency| latency.p99_ms > limit_ms) {
                let p99 = latency.p99_ms;
                reasons.push(format!(
                    "99 % of \"{}\" took up to {p99:.0} ms, not {limit_ms:.0} ms: see whether processor or disk of the server \
                     were busy, and take more of them or fewer candidates.",
                    kind.name()
                ));
            }
        };
        within(Kind::Save, self.save_p99);
        if let Some(limit) = self.start_p99 {
            within(Kind::Start, limit);
        }
        let retries: u64 = report.retries.values().sum();
        if share(retries, report.requests) > self.retried {
            reasons.push(format!(
                "{retries} times a request had to be sent again, {:.1} % of {}; {:.1} % is tolerated. See in the server's log what \
                 it refused, and whether something between cuts connections.",
                share(retries, report.requests) * 100.0,
                report.requests,
                self.retried * 100.0
            ));
        }
        if let Some(problem) = &report.ledger_problem {
            reasons.push(format!("The ledger could not be written: {problem}."));
        }
        if report.elapsed_s + CUT_SHORT_S < report.planned.duration_s {
            cautions.push(format!(
                "It was ended after {:.0} of {:.0} seconds: it says nothing of what would have come.",
                report.elapsed_s, report.planned.duration_s
            ));
        }
        if report.late_share > LATE_SHARE {
            cautions.push(format!(
                "{:.1} % of requests left late: the machine of the rehearsal was too busy. Rehearse from another one.",
                report.late_share * 100.0
            ));
        }
        let rejected: u64 = report.rejected.values().sum();
        if rejected > 0 {
            cautions.push(format!(
                "{rejected} operations were rejected as the rules of the exam ask: too late, or closed."
            ));
        }
        Decision { go: reasons.is_empty(), reasons, cautions }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a run are far below 2^53")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
