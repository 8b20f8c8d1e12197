//! Time in tests.

use exam::time::{Clock, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// The moment at which tests begin: noon of 23 November 2026, UTC.
pub const NOON: Timestamp = Timestamp(1_795_435_200_000);

/// The moment so many minutes after (before, when negative) [`NOON`].
#[must_use]
pub fn minutes_after_noon(minutes: i64) -> Timestamp {
    Timestamp(NOON.0 + minutes * 60_000)
}

/// A clock that stands still until it is set. Clones show the same time.
#[derive(Debug, Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// A clock that shows noon.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(NOON.0)))
    }

    /// Sets the time, forwards or backwards.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.0, Ordering::SeqCst);
    }

    /// Moves the time forwards.
    pub fn advance(&self, by: Duration) {
        self.set(self.now().after(by));
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_shows_noon_and_moves_when_told() {
        let clock = TestClock::new();
        assert_eq!(clock.now().to_string(), "2026-11-23T12:00:00.000Z");
        clock.clone().advance(Duration::from_millis(90_500));
        assert_eq!(clock.now().to_string(), "2026-11-23T12:01:30.500Z");
        clock.set(minutes_after_noon(-1));
        assert_eq!(clock.now().to_string(), "2026-11-23T11:59:00.000Z");
    }
}
