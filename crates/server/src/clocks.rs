//! Whether this server's clock agrees with its database's, and so with those of all servers of that database. A deadline that
//! one server sets is judged by another; while their clocks differ, none of them can be fair.

use crate::clock::ServerClock;
use crate::http::errors::{Error, Result};
use exam::time::{Clock, Timestamp};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use store::Store;
use tokio::time::{Instant, timeout};

/// How far the clocks may differ, in milliseconds.
const TOLERATED_MS: i64 = 250;

/// How large a step of both clocks is followed without asking, in milliseconds: what a time service corrects after a start. Nobody
/// loses more than that, and everybody would lose the exam if the server stood still.
const FOLLOWED_MS: i64 = 10_000;

/// How long the database's clock is waited for: what comes later says little, and the next comparison is due.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the last comparison found.
#[derive(Debug, Default)]
pub struct Clocks {
    /// How far the database's clock is ahead, in milliseconds; 0 while they agree.
    apart_ms: AtomicI64,
    /// Whether they have ever agreed, so that something may have been judged.
    agreed: AtomicBool,
    /// When the server's clock was last set.
    set_at: Mutex<Option<Instant>>,
}

impl Clocks {
    /// How far the database's clock is ahead of ours, in milliseconds, where that is more than can be tolerated.
    #[must_use]
    pub fn apart_ms(&self) -> Option<i64> {
        Some(self.apart_ms.load(Ordering::Relaxed)).filter(|apart| *apart != 0)
    }

    /// To be asked before anything is judged by the time.
    ///
    /// # Errors
    /// [`Error::ClocksApart`] while the clocks differ.
    pub fn check(&self) -> Result<()> {
        self.apart_ms().map_or(Ok(()), |_| Err(Error::ClocksApart))
    }

    /// To be asked before something that arrived at a moment is judged by the time it was given then.
    ///
    /// # Errors
    /// [`Error::ClocksApart`] while the clocks differ, and when the server's has been set since.
    pub fn check_since(&self, arrived: Instant) -> Result<()> {
        self.check()?;
        let set_at = *self.set_at.lock().unwrap_or_else(PoisonError::into_inner);
        if set_at.is_some_and(|set_at| arrived <= set_at) { Err(Error::ClocksApart) } else { Ok(()) }
    }

    /// Compares once. A database that does not answer changes nothing: without it, nothing is judged either.
    pub async fn compare(&self, store: &Store, clock: &dyn Clock) {
        let Some(apart) = measure(store, clock).await else { return };
        let told = self.apart_ms.swap(apart, Ordering::Relaxed);
        if apart == 0 {
            self.agreed.store(true, Ordering::Relaxed);
        }
        if apart != 0 && told == 0 {
            tracing::error!(
                ahead_ms = apart,
                "the database's clock is not this server's: saves, starts and submits are refused until they agree; \
                 set both by NTP, and restart this server if its machine was suspended or its clock was set"
            );
        }
        if apart == 0 && told != 0 {
            tracing::info!("the database's clock and this server's agree again");
        }
    }

    /// Lets the server's clock follow the system's where that agrees with the database's and the server's does not: after a
    /// small correction of both, or when nothing was ever judged by the server's. A large step while an exam may be on is
    /// not followed: it would take the time from everybody.
    pub async fn follow(&self, store: &Store, clock: &ServerClock, system: &dyn Clock) {
        let Some(apart) = self.apart_ms() else { return };
        if apart.abs() > FOLLOWED_MS && self.agreed.load(Ordering::Relaxed) {
            return;
        }
        if measure(store, system).await == Some(0) {
            clock.set(system.now());
            *self.set_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
            tracing::warn!(by_ms = apart, "the server's clock follows those of system and database");
            self.compare(store, clock).await;
        }
    }
}

/// How far the database's clock is ahead of `clock`; None when it has none, or does not answer.
async fn measure(store: &Store, clock: &dyn Clock) -> Option<i64> {
    let before = clock.now();
    match timeout(PATIENCE, store.database_time()).await {
        Ok(Ok(theirs)) => Some(apart(before, theirs?, clock.now())),
        Err(_) => {
            tracing::debug!("the database's clock does not answer");
            None
        }
        Ok(Err(error)) => {
            tracing::debug!(%error, "the database's clock cannot be read");
            None
        }
    }
}

/// How far `theirs`, which was read at some time from `before` to `after`, is ahead for certain; 0 within what is tolerated.
pub(crate) fn apart(before: Timestamp, theirs: Timestamp, after: Timestamp) -> i64 {
    let (ahead, behind) = (theirs.0.saturating_sub(after.0), before.0.saturating_sub(theirs.0));
    if ahead > TOLERATED_MS {
        ahead
    } else if behind > TOLERATED_MS {
        -behind
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_no_slow_answer_explains_is_a_difference() {
        let at = |before, theirs, after| apart(Timestamp(before), Timestamp(theirs), Timestamp(after));
        assert_eq!(at(1_000, 1_002, 1_005), 0);
        assert_eq!(at(1_000, 1_255, 1_005), 0, "a quarter of a second is tolerated");
        assert_eq!(at(1_000, 1_256, 1_005), 251);
        assert_eq!(at(1_000, 749, 1_005), -251);
        assert_eq!(at(1_000, 2_900, 3_000), 0, "an answer that took two seconds was read at any time of them");
    }

    #[test]
    fn nothing_is_judged_while_they_differ() {
        let clocks = Clocks::default();
        assert!(clocks.check().is_ok() && clocks.apart_ms().is_none());
        clocks.apart_ms.store(-300, Ordering::Relaxed);
        assert!(matches!(clocks.check(), Err(Error::ClocksApart)));
    }

    #[test]
    fn what_arrived_before_the_clock_was_set_is_not_judged_by_the_time_it_was_given() {
        let clocks = Clocks::default();
        let (before, set_at) = (Instant::now(), Instant::now());
        assert!(clocks.check_since(before).is_ok());
        *clocks.set_at.lock().expect("it is whole") = Some(set_at);
        assert!(matches!(clocks.check_since(before), Err(Error::ClocksApart)));
        assert!(clocks.check_since(set_at + Duration::from_millis(1)).is_ok());
    }
}
