//! Whether something fails again and again, of which nobody is told who does not try it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// What has failed for less is not said to fail: a database may be away for a moment.
const LASTS: Duration = Duration::from_secs(10);
/// What nobody has tried for longer may have been mended since, which only another try shows.
const FRESH: Duration = Duration::from_secs(30);

/// One that failed by itself, or another, is nothing that lasts.
const TIMES: u32 = 3;

/// Since when it has failed without a success in between.
#[derive(Debug, Default)]
pub(crate) struct Failing(Mutex<Option<Since>>);

#[derive(Debug, Clone, Copy)]
struct Since {
    first: Instant,
    last: Instant,
    times: u32,
}

impl Failing {
    /// It was done.
    pub(crate) fn succeeded(&self) {
        *self.state() = None;
    }

    /// It was tried and could not be done.
    pub(crate) fn failed(&self, now: Instant) {
        let mut state = self.state();
        *state = match *state {
            Some(since) if now - since.last <= FRESH => {
                Some(Since { last: now, times: since.times.saturating_add(1), ..since })
            }
            _ => Some(Since { first: now, last: now, times: 1 }),
        };
    }

    /// Whether it has failed for some time, and of late.
    pub(crate) fn lasts(&self, now: Instant) -> bool {
        self.state()
            .is_some_and(|Since { first, last, times }| times >= TIMES && last - first >= LASTS && now - last <= FRESH)
    }

    fn state(&self) -> MutexGuard<'_, Option<Since>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_for_some_time_fails_until_it_succeeds_or_nobody_tries() {
        let (starts, noon) = (Failing::default(), Instant::now());
        let at = |seconds| noon + Duration::from_secs(seconds);
        starts.failed(at(0));
        starts.failed(at(10));
        assert!(!starts.lasts(at(10)), "two people with a moment's trouble each");
        starts.failed(at(11));
        assert!(starts.lasts(at(11)));
        starts.succeeded();
        assert!(!starts.lasts(at(11)));
        for seconds in [12, 13, 22] {
            starts.failed(at(seconds));
        }
        assert!(starts.lasts(at(52)));
        assert!(!starts.lasts(at(53)), "it may have been mended");
        starts.failed(at(53));
        assert!(!starts.lasts(at(53)), "that is a beginning");
    }
}
