//! Whether the database answers, looked at seldom, however many ask: a probe that is open to everybody must not cost a connection
//! each time.

use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// For how long what was seen is taken for true.
const FRESH: Duration = Duration::from_millis(250);

/// What was seen last, and when.
#[derive(Debug, Default)]
pub(super) struct Looked(Mutex<Option<(Instant, bool)>>);

impl Looked {
    /// What was seen a moment ago, or what `look` sees now. Whoever asks meanwhile waits for the same.
    pub(super) async fn unless_fresh(&self, look: impl Future<Output = bool>) -> bool {
        let mut last = self.0.lock().await;
        if let Some((at, answered)) = *last
            && at.elapsed() < FRESH
        {
            return answered;
        }
        let answered = look.await;
        // From its end on: who waited for it while it hung must not hang one after the other.
        *last = Some((Instant::now(), answered));
        answered
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn a_crowd_looks_once_and_a_database_that_has_gone_is_seen_soon() {
        let (looked, looks) = (Looked::default(), AtomicUsize::new(0));
        let look = async |answers: bool| {
            looks.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            answers
        };
        let crowd = join_all((0..100).map(|_| looked.unless_fresh(look(true)))).await;
        assert!(crowd.into_iter().all(|answers| answers));
        assert_eq!(looks.load(Ordering::Relaxed), 1);
        let long_ago = Instant::now().checked_sub(FRESH).expect("the machine has been on for longer");
        *looked.0.lock().await = Some((long_ago, true));
        assert!(!looked.unless_fresh(look(false)).await, "it is looked again");
        assert_eq!(looks.load(Ordering::Relaxed), 2);
    }
}
