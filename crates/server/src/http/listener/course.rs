//! What the connections of a server go by: whether it goes on, leaves the place to another process, or stops; and how many
//! requests there were.

use super::Limits;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

/// How far a server has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It serves.
    Serving,
    /// Another process serves on the same socket, since then: no new connections; each that is open is closed with its next
    /// answer, and an idle one before the grace is over.
    Leaving(Instant),
    /// No new connections; each that is open is closed with its answer, and an idle one at once.
    Stopping,
}

/// What connections go by.
#[derive(Debug, Clone)]
pub struct Course {
    stage: watch::Receiver<Stage>,
    requests: Arc<Requests>,
}

impl Course {
    /// The course of a server. Without the sender it stops.
    #[must_use]
    pub fn new(stage: watch::Receiver<Stage>, requests: Arc<Requests>) -> Self {
        Self { stage, requests }
    }

    /// Waits until no new connections are to be taken.
    pub async fn left(&mut self) {
        // A sender that is gone stops it as well.
        let _ = self.stage.wait_for(|stage| *stage > Stage::Serving).await;
    }

    /// Waits until what is idle is to be closed at once.
    pub(super) async fn stopped(&mut self) {
        let _ = self.stage.wait_for(|stage| *stage == Stage::Stopping).await;
    }

    /// Whether each connection is to be closed with its next answer.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        *self.stage.borrow() > Stage::Serving
    }

    /// Counts a request.
    pub(super) fn count(&self) {
        self.requests.add();
    }

    /// Waits until the connection is to be closed, idle as it is: at once when the server stops; when it leaves, in the second
    /// half of its grace, so that as many as possible are closed with an answer instead, which no client can mistake. `place` is its own
    /// share, from 0 up to 1, of the time over which they are spread, since those who come back all come at once otherwise.
    pub(super) async fn idle_over(&mut self, limits: &Limits, place: f64) {
        self.left().await;
        let Stage::Leaving(since) = *self.stage.borrow() else { return };
        let leave = since + limits.grace.mul_f64(FIRST_LEAVES + (LAST_LEAVES - FIRST_LEAVES) * place);
        tokio::select! {
            () = self.stopped() => {}
            () = tokio::time::sleep_until(leave) => {}
        }
    }
}

/// From which share of the grace to which idle connections are closed when the server leaves.
const FIRST_LEAVES: f64 = 0.5;
const LAST_LEAVES: f64 = 0.9;

/// How many requests there were, and how many there are to be before somebody is told.
#[derive(Debug, Default)]
pub struct Requests {
    count: AtomicU64,
    /// 0 for never.
    limit: u64,
    reached: Notify,
}

impl Requests {
    /// Counts from 0; tells after `limit`, None for never.
    #[must_use]
    pub fn until(limit: Option<u64>) -> Arc<Self> {
        Arc::new(Self { limit: limit.unwrap_or(0), ..Self::default() })
    }

    fn add(&self) {
        if self.count.fetch_add(1, Ordering::Relaxed) + 1 == self.limit {
            self.reached.notify_one();
        }
    }

    /// So many until now.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Waits until there were as many as there are to be.
    pub async fn reached(&self) {
        self.reached.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[test]
    fn it_is_told_once_that_there_were_so_many_requests() {
        let requests = Requests::until(Some(3));
        let told = |times: u32| {
            (0..times).for_each(|_| requests.add());
            requests.reached().now_or_never().is_some()
        };
        assert!(!told(2));
        assert!(told(1) && !told(5));
        assert_eq!(requests.count(), 8);
        let never = Requests::until(None);
        (0..10).for_each(|_| never.add());
        assert!(never.reached().now_or_never().is_none());
    }
}
