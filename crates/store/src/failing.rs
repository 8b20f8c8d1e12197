//! Whether something fails again and again, of which nobody is told who does not try it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// What has failed for less is not said to fail: a database may be away for a moment.
const LASTS: Duration = Duration::from_secs(10);
/// What nobody has tried for longer may have been mended since, which only another try shows.
const FRESH: Duration = Duration::from_secs(30);

/// When it failed first, of those times without a success in between, and last.
#[derive(Debug, Default)]
pub(crate) struct Failing(Mutex<Option<(Instant, Instant)>>);

impl Failing {
    pub(crate) fn note(&self, has_failed: bool, now: Instant) {
        let mut failing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *failing = has_failed.then(|| match *failing {
            Some((first, last)) if now - last <= FRESH => (first, now),
            _ => (now, now),
        });
    }

    /// Whether it has done so for some time, and of late.
    pub(crate) fn lasts(&self, now: Instant) -> bool {
        let failing = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failing.is_some_and(|(first, last)| last - first >= LASTS && now - last <= FRESH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_for_some_time_fails_until_it_succeeds_or_nobody_tries() {
        let (starts, noon) = (Failing::default(), Instant::now());
        let at = |seconds| noon + Duration::from_secs(seconds);
        starts.note(true, at(0));
        assert!(!starts.lasts(at(10)), "once is no time");
        starts.note(true, at(10));
        assert!(starts.lasts(at(10)));
        starts.note(false, at(11));
        assert!(!starts.lasts(at(11)));
        starts.note(true, at(12));
        starts.note(true, at(22));
        assert!(starts.lasts(at(52)));
        assert!(!starts.lasts(at(53)), "it may have been mended");
        starts.note(true, at(53));
        assert!(!starts.lasts(at(53)), "that is a beginning");
    }
}
