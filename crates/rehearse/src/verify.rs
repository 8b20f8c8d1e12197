//! Holding a ledger against the database: was every promise kept?

mod checks;
mod starts;

use crate::ledger;
use exam::time::Timestamp;
use serde::Serialize;
use std::path::Path;
use store::Store;

/// What a verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Attempts in the ledger.
    pub attempts: u64,
    /// Attempts of them that have ended.
    pub ended: u64,
    /// Operations in the ledger.
    pub operations: u64,
    /// Operations of them that were acknowledged.
    pub acknowledged: u64,
    /// Every promise that was not kept.
    pub violations: Vec<Violation>,
    /// What could not be checked, a sentence each.
    pub notes: Vec<String>,
}

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Which promise.
    pub promise: Promise,
    /// The attempt's public id.
    pub attempt: String,
    /// The writer, where it is about one or about an operation.
    pub writer: Option<i64>,
    /// The number of the operation, where it is about one.
    pub seq: Option<i64>,
    /// What is wrong.
    pub what: String,
}

/// A promise of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Promise {
    /// An acknowledged operation is in the log, counts, and is what was sent.
    AcknowledgedIsKept,
    /// Nothing that is first sent after the receipt counts, and the receipt is about all that was acknowledged before.
    ReceiptIsFinal,
    /// An attempt that has ended has one grade, which is right; an open one has none.
    GradedOnce,
    /// Nothing counts that was not sent, was rejected, came after the deadline, or came from a writer that had been overtaken;
    /// and no number of a writer was given out twice, under which two tabs would count.
    NothingElseCounts,
    /// The latest acknowledged operation of a question is its answer.
    LatestWins,
    /// An attempt whose time has run out is ended.
    EndedInTime,
    /// A start, however often it is sent, makes one attempt.
    StartedOnce,
}

impl Promise {
    /// In words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AcknowledgedIsKept => "what is acknowledged is kept",
            Self::ReceiptIsFinal => "the receipt is final",
            Self::GradedOnce => "graded once and rightly",
            Self::NothingElseCounts => "nothing else counts",
            Self::LatestWins => "the latest answer wins",
            Self::EndedInTime => "what is overdue is ended",
            Self::StartedOnce => "one start makes one attempt",
        }
    }
}

/// Why nothing can be said.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The ledger.
    #[error("the ledger cannot be read: {0}")]
    Ledger(#[from] ledger::ReadError),
    /// None of its attempts is in the database.
    #[error(
        "none of the {0} attempts of this ledger is in this database; set DATABASE_URL or DATA_DIR as they are set for the server \
         that was rehearsed"
    )]
    Elsewhere(usize),
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Verdict {
    /// Whether every promise was kept.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }
}

/// Checks everything a ledger says against the database of the server that said it. `now` is the server's time: what is overdue
/// by it should have ended.
///
/// # Errors
/// When the ledger or the database cannot be read.
pub async fn verify(store: &Store, ledger: &Path, now: Timestamp) -> Result<Verdict, VerifyError> {
    checks::verify(store, ledger::read(ledger)?, now).await
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use crate::report::grouped;
        if self.attempts == 0 {
            return write!(f, "The ledger names no attempt: there is nothing to look up.");
        }
        let (attempts, acknowledged) = (grouped(self.attempts), grouped(self.acknowledged));
        write!(f, "{acknowledged} acknowledged operations of {attempts} attempts were looked up in the database: ")?;
        if self.is_clean() {
            return write!(f, "every promise was kept.");
        }
        write!(f, "{} promises were not kept.", self.violations.len())?;
        for violation in self.violations.iter().take(20) {
            write!(f, "\n  {}: attempt {}", violation.promise.name(), violation.attempt)?;
            match (violation.writer, violation.seq) {
                (Some(writer), Some(seq)) => write!(f, ", operation {seq} of writer {writer}")?,
                (Some(writer), None) => write!(f, ", writer {writer}")?,
                _ => {}
            }
            write!(f, ": {}", violation.what)?;
        }
        match self.violations.len().checked_sub(20) {
            Some(more) if more > 0 => write!(f, "\n  and {more} more"),
            _ => Ok(()),
        }
    }
}
