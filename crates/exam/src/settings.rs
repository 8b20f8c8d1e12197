//! The settings of an exam: what an author chooses, and what a published version keeps for ever.

use crate::grade::GradingPolicy;
use crate::release::ReleasePolicy;
use crate::time::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::time::Duration;

/// The numbers of questions a practice offers, as far as its pool can fill them.
pub const PRACTICE_COUNTS: [usize; 5] = [10, 20, 30, 50, 65];

/// Whether an exam is fixed for everybody or shaped by the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Fixed number of questions, usually timed, with a pass mark.
    Exam,
    /// The person chooses how many questions.
    Practice,
}

impl Mode {
    /// The name used in files, tables and the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exam => "exam",
            Self::Practice => "practice",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Exam, Self::Practice].into_iter().find(|mode| mode.name() == name)
    }
}

/// A percentage in hundredths, so that pass lines compare exactly; a plain number in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(pub i64);

impl Percent {
    /// From a number between 0 and 100, rounded to hundredths; None outside it.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
    pub fn from_f64(percent: f64) -> Option<Self> {
        (0.0..=100.0).contains(&percent).then(|| Self((percent * 100.0).round() as i64))
    }

    /// As a number, for JSON and pages.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "at most 10,000")]
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 100.0
    }
}

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_f64().fmt(f)
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 100 == 0 { serializer.serialize_i64(self.0 / 100) } else { serializer.serialize_f64(self.as_f64()) }
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let percent = f64::deserialize(deserializer)?;
        Self::from_f64(percent).ok_or_else(|| serde::de::Error::custom("a percentage is between 0 and 100"))
    }
}

/// How an exam is sat, graded and shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Fixed or shaped by the person.
    pub mode: Mode,
    /// How long an attempt may take, in seconds; None is untimed.
    pub time_limit_s: Option<u32>,
    /// What it takes to pass; None gives no verdict.
    pub pass: Option<Percent>,
    /// How many attempts a person has; None is unlimited.
    pub attempts: Option<u32>,
    /// No attempt starts before this.
    pub opens_at: Option<Timestamp>,
    /// No attempt starts or goes on after this.
    pub closes_at: Option<Timestamp>,
    /// Whether each paper has its own order of questions.
    pub shuffle_questions: bool,
    /// Whether each paper has its own order of options. Items to be put in order are always shuffled.
    pub shuffle_options: bool,
    /// How answers earn marks.
    pub grading: GradingPolicy,
    /// What candidates see of the result, and when.
    pub release: ReleasePolicy,
}

impl Settings {
    /// An untimed exam of the given mode that shuffles everything and shows everything at submit.
    #[must_use]
    pub fn new(mode: Mode) -> Self {
        Self {
            mode,
            time_limit_s: None,
            pass: None,
            attempts: None,
            opens_at: None,
            closes_at: None,
            shuffle_questions: true,
            shuffle_options: true,
            grading: GradingPolicy::default(),
            release: ReleasePolicy::default(),
        }
    }

    /// The deadline of an attempt that starts now: the time limit, cut off by the close of the exam.
    #[must_use]
    pub fn deadline(&self, now: Timestamp) -> Option<Timestamp> {
        let limit = self.time_limit_s.map(|seconds| now.after(Duration::from_secs(u64::from(seconds))));
        match (limit, self.closes_at) {
            (Some(limit), Some(close)) => Some(limit.min(close)),
            (limit, close) => limit.or(close),
        }
    }

    /// The numbers of questions a person may choose from, given how many the pool holds; empty for a fixed exam.
    #[must_use]
    pub fn question_counts(&self, available: usize) -> Vec<usize> {
        match self.mode {
            Mode::Exam => Vec::new(),
            Mode::Practice => {
                let fitting: Vec<usize> = PRACTICE_COUNTS.into_iter().filter(|count| *count <= available).collect();
                // A bank of seven questions is still worth practising.
                if fitting.is_empty() { vec![available] } else { fitting }
            }
        }
    }
}
