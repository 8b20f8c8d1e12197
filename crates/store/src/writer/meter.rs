//! How much the logs of attempts hold, so that nobody fills the disk with changes of mind: an attempt whose log could no longer
//! be read, graded and sealed would never end.

use crate::Result;
use crate::db::{LogSize, Tx};
use exam::id::AttemptId;
use std::collections::{BTreeSet, HashMap};

/// How many attempts are remembered; of the others the log is measured again.
const REMEMBERED: usize = 200_000;

/// What an operation weighs beside its response, in bytes: an attempt with as many as there may be is one transaction's work.
const OPERATION: usize = 256;

/// What is known of the sizes of logs. Other processes may append too, so that a log may be larger than what is remembered of it;
/// one that is half full is measured each time.
#[derive(Debug)]
pub(super) struct Meter {
    max: LogSize,
    sizes: HashMap<AttemptId, LogSize>,
}

impl Meter {
    pub(super) fn new(max: LogSize) -> Self {
        Self { max, sizes: HashMap::new() }
    }

    /// Measures the logs of attempts that are not remembered.
    pub(super) async fn measure(&mut self, tx: &mut Tx, attempts: impl Iterator<Item = AttemptId>) -> Result<()> {
        let attempts: BTreeSet<AttemptId> = attempts.collect();
        if self.sizes.len() + attempts.len() > REMEMBERED {
            self.sizes.clear();
        }
        let is_known = |id: &AttemptId| self.sizes.get(id).is_some_and(|size| !self.is_half_full(*size));
        let unknown: BTreeSet<AttemptId> = attempts.into_iter().filter(|id| !is_known(id)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let mut measured = tx.log_sizes(&unknown).await?;
        for id in unknown {
            let size = self.sizes.entry(id).or_default();
            // What was sealed since is no longer in the log, but has filled it.
            *size = size.largest(measured.remove(&id).unwrap_or_default());
        }
        Ok(())
    }

    fn is_half_full(&self, size: LogSize) -> bool {
        size.operations > self.max.operations / 2 || size.bytes > self.max.bytes / 2
    }

    /// What it takes to read the log of an attempt, in bytes, as far as it is known: its responses, and each operation for itself.
    pub(super) fn weight(&self, attempt: AttemptId) -> usize {
        let weight = |size: &LogSize| size.bytes.saturating_add(size.operations.saturating_mul(OPERATION));
        self.sizes.get(&attempt).map_or(0, weight)
    }

    /// Whether an attempt can take more, beside what this transaction has appended already.
    pub(super) fn has_room(&self, attempt: AttemptId, grown: &HashMap<AttemptId, LogSize>, more: LogSize) -> bool {
        let parts = [self.sizes.get(&attempt), grown.get(&attempt), Some(&more)];
        let sum = parts.into_iter().flatten().fold(LogSize::default(), |sum, part| sum.plus(*part));
        sum.operations <= self.max.operations && sum.bytes <= self.max.bytes
    }

    /// Remembers what was committed; where some of it was there before, the log is measured again when it is next asked for.
    pub(super) fn add(&mut self, grown: &HashMap<AttemptId, LogSize>, repeated: &BTreeSet<AttemptId>) {
        for attempt in repeated {
            self.sizes.remove(attempt);
        }
        for (attempt, more) in grown {
            if let Some(size) = self.sizes.get_mut(attempt) {
                *size = size.plus(*more);
            }
        }
    }
}

impl LogSize {
    fn largest(self, other: Self) -> Self {
        Self { operations: self.operations.max(other.operations), bytes: self.bytes.max(other.bytes) }
    }

    pub(super) fn plus(self, more: Self) -> Self {
        Self {
            operations: self.operations.saturating_add(more.operations),
            bytes: self.bytes.saturating_add(more.bytes),
        }
    }
}
