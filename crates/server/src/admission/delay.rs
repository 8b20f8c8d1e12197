//! How late things are: how long a task that is due waits for the processor, and an answer for its turn to be written.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// How often it is tried.
const EVERY: Duration = Duration::from_millis(10);

/// How late the runtime is.
#[derive(Debug, Default)]
pub struct Delay {
    /// Sum and number of what was seen since it was last taken, in microseconds.
    sum_us: AtomicU64,
    count: AtomicU64,
    /// The mean of the last look, for whoever wants to see it.
    shown_us: AtomicU64,
}

impl Delay {
    /// Tries again and again how late it is woken. Never ends by itself.
    pub async fn watch(&self) {
        let mut tick = interval(EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tick.tick().await;
        loop {
            let due = Instant::now() + EVERY;
            tick.reset_at(due);
            tick.tick().await;
            // A timer has the grain of a millisecond, by which it always comes late.
            let late = due.elapsed().saturating_sub(Duration::from_millis(1));
            let late = u64::try_from(late.as_micros()).unwrap_or(u64::MAX);
            self.sum_us.fetch_add(late, Ordering::Relaxed);
            self.count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How late it was on average since this was last asked. One that has not been woken since is at least as late as that.
    pub fn take(&self, since_last: Duration) -> Duration {
        let (sum, count) = (self.sum_us.swap(0, Ordering::Relaxed), self.count.swap(0, Ordering::Relaxed));
        let mean = sum.checked_div(count).map_or(since_last, Duration::from_micros);
        self.shown_us.store(u64::try_from(mean.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        mean
    }

    /// What was last taken.
    pub fn shown(&self) -> Duration {
        Duration::from_micros(self.shown_us.load(Ordering::Relaxed))
    }
}
