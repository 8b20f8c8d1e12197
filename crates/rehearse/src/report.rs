//! What came of a rehearsal: figures, and whether the installation is ready.

mod reasons;
mod rules;
mod shown;

pub(crate) use shown::grouped;

pub use rules::{Decision, Rules};

use crate::measure::Measure;
use crate::plan::{Plan, Sessions, Think};
use crate::progress::Progress;
use crate::verify::Verdict;
use hdrhistogram::Histogram;
use serde::Serialize;
use std::collections::BTreeMap;

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Signing up or in.
    SignIn,
    /// Starting an attempt.
    Start,
    /// The page of the attempt.
    Page,
    /// Taking the pen.
    Pen,
    /// The other questions of the page.
    Questions,
    /// Saving answers.
    Save,
    /// Loading the attempt again.
    Resume,
    /// Handing in.
    Submit,
    /// Looking at the result.
    Result,
}

impl Kind {
    /// All of them, in the order of a sitting.
    pub const ALL: [Self; 9] = [
        Self::SignIn,
        Self::Start,
        Self::Page,
        Self::Pen,
        Self::Questions,
        Self::Save,
        Self::Resume,
        Self::Submit,
        Self::Result,
    ];

    /// In words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign in",
            Self::Start => "start",
            Self::Page => "page",
            Self::Pen => "take the pen",
            Self::Questions => "questions",
            Self::Save => "save",
            Self::Resume => "resume",
            Self::Submit => "hand in",
            Self::Result => "result",
        }
    }
}

/// How long requests of a kind took, in milliseconds, from the moment they were meant to be sent to their answer: what had to
/// be sent again took from the first time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Latency {
    /// The kind.
    pub kind: Kind,
    /// How many.
    pub count: u64,
    /// Half took at most this.
    pub p50_ms: f64,
    /// 90 % took at most this.
    pub p90_ms: f64,
    /// 99 % took at most this.
    pub p99_ms: f64,
    /// 99.9 % took at most this.
    pub p999_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

impl Latency {
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a run are far below 2^53")]
    fn of(kind: Kind, histogram: &Histogram<u64>) -> Self {
        let ms = |micros: u64| micros as f64 / 1_000.0;
        let at = |quantile| ms(histogram.value_at_quantile(quantile));
        Self {
            kind,
            count: histogram.len(),
            p50_ms: at(0.5),
            p90_ms: at(0.9),
            p99_ms: at(0.99),
            p999_ms: at(0.999),
            max_ms: ms(histogram.max()),
        }
    }
}

/// What was planned.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Planned {
    /// The server.
    pub url: String,
    /// The exam.
    pub exam: String,
    /// How many candidates.
    pub users: usize,
    /// Whether their sessions were prepared.
    pub prepared_sessions: bool,
    /// The mean think time in seconds.
    pub think_s: f64,
    /// When everybody hands in, in seconds.
    pub duration_s: f64,
    /// Over how many seconds they arrive.
    pub arrivals_s: f64,
    /// Operations per save.
    pub batch: usize,
    /// The share of answers that are changed.
    pub re_answer: f64,
    /// The share of saves that are sent twice.
    pub replay: f64,
    /// The share of saves followed by a reload.
    pub resume: f64,
    /// Whether what a browser shows is asked for as well.
    pub pages: bool,
    /// Whether pens are taken.
    pub pens: bool,
    /// The seed of all chance.
    pub seed: u64,
}

impl From<&Plan> for Planned {
    fn from(plan: &Plan) -> Self {
        let think = match plan.think {
            Think::Zero => 0.0,
            Think::Mean(mean) => mean.as_secs_f64(),
        };
        Self {
            url: plan.url.to_string(),
            exam: plan.exam.clone(),
            users: plan.users,
            prepared_sessions: matches!(plan.sessions, Sessions::Prepared(_)),
            think_s: think,
            duration_s: plan.duration.as_secs_f64(),
            arrivals_s: plan.arrivals.as_secs_f64(),
            batch: plan.batch,
            re_answer: plan.re_answer,
            replay: plan.replay,
            resume: plan.resume,
            pages: plan.pages.is_some(),
            pens: plan.pens,
            seed: plan.seed,
        }
    }
}

/// What came of a rehearsal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// What was planned.
    pub planned: Planned,
    /// How long it took, in seconds.
    pub elapsed_s: f64,
    /// Candidates who arrived.
    pub arrived: u64,
    /// Why candidates left before their time, with how many did.
    pub gave_up: BTreeMap<String, u64>,
    /// Attempts that were started, or found open.
    pub started: u64,
    /// Attempts for which there is a receipt.
    pub handed_in: u64,
    /// Operations that were sent.
    pub operations: u64,
    /// Operations that were acknowledged, each counted once.
    pub acknowledged: u64,
    /// Operations that were acknowledged once more when they were sent once more on purpose.
    pub replayed: u64,
    /// Operations that were rejected, by code.
    pub rejected: BTreeMap<String, u64>,
    /// Saves that were answered.
    pub saves: u64,
    /// Saves a second, over the whole run.
    pub saves_per_s: f64,
    /// Saves answered in each second of the run.
    pub saves_by_second: Vec<u64>,
    /// How long requests took.
    pub latencies: Vec<Latency>,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Requests, each counted once however often it was sent.
    pub requests: u64,
    /// Why requests were sent again: no connection, or a code of the server.
    pub retries: BTreeMap<String, u64>,
    /// Requests that were sent more than twice.
    pub sent_thrice: u64,
    /// Answers that a healthy server does not give, by code.
    pub unexpected: BTreeMap<String, u64>,
    /// How often the server was seen to break a promise while the run went on.
    pub broken: u64,
    /// The first of them in words.
    pub broken_promises: Vec<String>,
    /// Requests that left late because the rehearsal itself was too slow.
    pub late_sends: u64,
    /// Their share of all.
    pub late_share: f64,
    /// Why the ledger could not be written.
    pub ledger_problem: Option<String>,
    /// What the ledger says against the database, when it was asked.
    pub verdict: Option<Verdict>,
    /// Whether to go, when it was judged.
    pub decision: Option<Decision>,
}

impl Report {
    #[expect(clippy::cast_precision_loss, reason = "counts of a run are far below 2^53")]
    pub(crate) fn of(plan: &Plan, measure: &Measure, progress: &Progress, ledger_problem: Option<String>) -> Self {
        let total = measure.total();
        let elapsed_s = measure.began.elapsed().as_secs_f64();
        let latencies = Kind::ALL.iter().zip(&total.latencies).filter(|(_, histogram)| !histogram.is_empty());
        Self {
            planned: plan.into(),
            elapsed_s,
            arrived: progress.standing().arrived,
            gave_up: total.gave_up,
            started: total.started,
            handed_in: total.receipts,
            operations: total.operations,
            acknowledged: total.acknowledged,
            replayed: total.replayed,
            rejected: total.rejected,
            saves: total.saves,
            saves_per_s: if elapsed_s > 0.0 { total.saves as f64 / elapsed_s } else { 0.0 },
            saves_by_second: total.saves_by_second,
            latencies: latencies.map(|(kind, histogram)| Latency::of(*kind, histogram)).collect(),
            statuses: total.statuses,
            requests: total.sends,
            retries: total.retries,
            sent_thrice: total.sent_thrice,
            unexpected: total.unexpected,
            broken: total.broken_count,
            broken_promises: total.broken,
            late_sends: total.late_sends,
            late_share: if total.sends > 0 { total.late_sends as f64 / total.sends as f64 } else { 0.0 },
            ledger_problem,
            verdict: None,
            decision: None,
        }
    }

    /// How long requests of a kind took; None when there were none.
    #[must_use]
    pub fn latency(&self, kind: Kind) -> Option<&Latency> {
        self.latencies.iter().find(|latency| latency.kind == kind)
    }

    /// The report with what a verification found.
    #[must_use]
    pub fn verified(self, verdict: Verdict) -> Self {
        Self { verdict: Some(verdict), ..self }
    }

    /// The report with a decision.
    #[must_use]
    pub fn judged(self, rules: &Rules) -> Self {
        let decision = Some(rules.judge(&self));
        Self { decision, ..self }
    }
}
