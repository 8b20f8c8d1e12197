//! What a lane counts of its work, read by others while it goes on.

use super::job::Job;
use crate::figures::{COMMIT_BOUNDS_MS, Commits};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counts of one lane or of all of them.
#[derive(Debug, Default)]
pub(super) struct Tally {
    count: AtomicU64,
    jobs: AtomicU64,
    took_us: AtomicU64,
    by_duration: [AtomicU64; COMMIT_BOUNDS_MS.len() + 1],
}

impl Tally {
    /// Counts a transaction that has been committed.
    pub(super) fn add(&self, jobs: &[Job], took: Duration) {
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let class = COMMIT_BOUNDS_MS.iter().position(|bound| ms < *bound).unwrap_or(COMMIT_BOUNDS_MS.len());
        self.count.fetch_add(1, Ordering::Relaxed);
        self.jobs.fetch_add(u64::try_from(jobs.len()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.took_us.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.by_duration[class].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> Commits {
        Commits {
            count: self.count.load(Ordering::Relaxed),
            jobs: self.jobs.load(Ordering::Relaxed),
            took: Duration::from_micros(self.took_us.load(Ordering::Relaxed)),
            by_duration: std::array::from_fn(|class| self.by_duration[class].load(Ordering::Relaxed)),
        }
    }
}
