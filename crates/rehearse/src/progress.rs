//! How a run stands, and how it is ended before its time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;

/// What all candidates listen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Go on.
    Go,
    /// Hand in now.
    HandIn,
    /// Leave everything as it is.
    Stop,
}

/// A run as it is seen, and ended, from outside.
#[derive(Debug)]
pub struct Progress {
    signal: watch::Sender<Signal>,
    pub(crate) arrived: AtomicU64,
    pub(crate) sitting: AtomicU64,
    pub(crate) left: AtomicU64,
    pub(crate) saves: AtomicU64,
    pub(crate) acknowledged: AtomicU64,
    pub(crate) handed_in: AtomicU64,
    pub(crate) retries: AtomicU64,
    pub(crate) errors: AtomicU64,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// Candidates who have arrived.
    pub arrived: u64,
    /// Candidates who have an open paper before them.
    pub sitting: u64,
    /// Candidates who are through, or have given up.
    pub left: u64,
    /// Saves that were answered.
    pub saves: u64,
    /// Operations that were acknowledged.
    pub acknowledged: u64,
    /// Papers handed in.
    pub handed_in: u64,
    /// Requests that had to be sent again.
    pub retries: u64,
    /// Answers that a healthy server does not give.
    pub errors: u64,
}

impl Progress {
    /// A run that has not begun.
    #[must_use]
    pub fn new() -> Arc<Self> {
        let zero = AtomicU64::default;
        Arc::new(Self {
            signal: watch::Sender::new(Signal::Go),
            arrived: zero(),
            sitting: zero(),
            left: zero(),
            saves: zero(),
            acknowledged: zero(),
            handed_in: zero(),
            retries: zero(),
            errors: zero(),
        })
    }

    /// Rings the bell: everybody hands in now, whatever the plan's duration.
    pub fn hand_in(&self) {
        self.signal.send_if_modified(|signal| {
            let was_going = *signal == Signal::Go;
            if was_going {
                *signal = Signal::HandIn;
            }
            was_going
        });
    }

    /// Ends the run at once. Attempts stay as they are; what is under way is not waited for.
    pub fn stop(&self) {
        self.signal.send_replace(Signal::Stop);
    }

    /// How the run stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Standing {
            arrived: read(&self.arrived),
            sitting: read(&self.sitting),
            left: read(&self.left),
            saves: read(&self.saves),
            acknowledged: read(&self.acknowledged),
            handed_in: read(&self.handed_in),
            retries: read(&self.retries),
            errors: read(&self.errors),
        }
    }

    pub(crate) fn listen(&self) -> watch::Receiver<Signal> {
        self.signal.subscribe()
    }
}

/// Adds to a counter that is only ever looked at.
pub(crate) fn add(counter: &AtomicU64, count: u64) {
    counter.fetch_add(count, Ordering::Relaxed);
}
