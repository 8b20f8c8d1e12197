//! The one place that asks the operating system for the time.

use exam::time::{Clock, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// The system's clock, whatever is done to it: for commands, which are short.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is handed")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The clock of a server: the system's time when it started, and what has gone by since. Whoever sets the system's clock
/// while an exam is sat neither takes time from anybody nor gives it.
#[derive(Debug, Clone)]
pub struct ServerClock {
    /// The time at `since`, in milliseconds.
    start_ms: Arc<AtomicI64>,
    since: Instant,
}

impl ServerClock {
    /// A clock that starts now.
    #[must_use]
    pub fn start() -> Self {
        Self::at(SystemClock.now(), Instant::now())
    }

    fn at(start: Timestamp, since: Instant) -> Self {
        Self { start_ms: Arc::new(AtomicI64::new(start.0)), since }
    }

    /// Goes by another time from now on: only while nothing is judged by this clock.
    pub fn set(&self, now: Timestamp) {
        self.start_ms.store(now.before(self.since.elapsed()).0, Ordering::Relaxed);
    }

    /// How far `system` is ahead of this clock, in milliseconds; negative when it is behind.
    #[must_use]
    pub fn behind(&self, system: &dyn Clock) -> i64 {
        system.now().0.saturating_sub(self.now().0)
    }
}

impl Clock for ServerClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.start_ms.load(Ordering::Relaxed)).after(self.since.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[derive(Debug)]
    struct Fixed(Timestamp);

    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            self.0
        }
    }

    #[test]
    fn a_server_goes_by_what_has_gone_by_and_sees_that_the_systems_clock_was_set() {
        let began = Instant::now().checked_sub(Duration::from_secs(90)).expect("this machine runs longer");
        let clock = ServerClock::at(Timestamp(1_000_000), began);
        let now = clock.now();
        assert!((1_090_000..1_100_000).contains(&now.0), "{now:?}, whatever the system's clock says");
        let set_to = |at| clock.behind(&Fixed(at));
        assert!((6_000..=7_000).contains(&set_to(now.after(Duration::from_secs(7)))));
        assert!((-8_000..=-7_000).contains(&set_to(now.before(Duration::from_secs(7)))));
        clock.set(Timestamp(5_000_000));
        assert!((5_000_000..5_010_000).contains(&clock.clone().now().0), "all copies go by it");
    }
}
