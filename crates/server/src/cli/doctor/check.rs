//! One check: what was looked at, what was found, and what to do.

use serde::Serialize;

/// What a check comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    /// As it should be.
    Ok,
    /// Could not be looked at.
    Unknown,
    /// May become a problem, or makes one worse.
    Warning,
    /// Keeps people from their exam now, or will when they come.
    Problem,
}

/// What people come to the doctor with; the manual has the same headings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    TooManyConnections,
    /// With what makes them slow.
    SlowResponses(&'static str),
    HighMemory,
}

/// A variable or setting to change, and a value that would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Change {
    pub(super) name: &'static str,
    pub(super) value: String,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) verdict: Verdict,
    /// The figure that was seen, in a sentence.
    pub(super) found: String,
    /// What to change.
    pub(super) change: Option<Change>,
    /// What to do, in sentences; None where nothing is to be done.
    pub(super) remedy: Option<String>,
    #[serde(skip)]
    pub(super) cases: Vec<Case>,
}

impl Check {
    fn new(name: &'static str, verdict: Verdict, found: impl Into<String>, remedy: Option<String>) -> Self {
        Self { name, verdict, found: found.into(), change: None, remedy, cases: Vec::new() }
    }

    pub(super) fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self::new(name, Verdict::Ok, found, None)
    }

    /// What could not be looked at, and why.
    pub(super) fn unknown(name: &'static str, why: impl std::fmt::Display) -> Self {
        Self::new(name, Verdict::Unknown, format!("could not be looked at: {why}"), None)
    }

    pub(super) fn warning(name: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(name, Verdict::Warning, found, Some(remedy.into()))
    }

    pub(super) fn problem(name: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(name, Verdict::Problem, found, Some(remedy.into()))
    }

    /// Which variable to change, and a value for it.
    pub(super) fn set(self, name: &'static str, value: impl ToString) -> Self {
        Self { change: Some(Change { name, value: value.to_string() }), ..self }
    }

    /// Which of the cases it is a reason for, one of them at a time.
    pub(super) fn case(mut self, case: Case) -> Self {
        self.cases.push(case);
        self
    }

    /// Whether something is to be done.
    pub(super) fn is_finding(&self) -> bool {
        self.verdict >= Verdict::Warning
    }
}
