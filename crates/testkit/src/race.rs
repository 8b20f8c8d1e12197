//! Many at once.

use crate::TestStore;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;
use store::Store;

/// Runs a body so many times at once, every other time as a second process has the database; the results in order of number.
///
/// The bodies take turns in one task, while what they ask of the database runs beside each other.
pub async fn race<T>(t: &TestStore, racers: usize, body: impl AsyncFn(usize, &Store) -> T) -> Vec<T> {
    let other = t.second_process().await;
    let results = {
        let started = (0..racers).map(|number| Some(Box::pin(body(number, if number % 2 == 0 { t } else { &other }))));
        let mut running: Vec<_> = started.collect();
        let mut results: Vec<Option<T>> = running.iter().map(|_| None).collect();
        poll_fn(|context| {
            for (racer, result) in running.iter_mut().zip(&mut results) {
                if let Some(Poll::Ready(done)) = racer.as_mut().map(|racer| racer.as_mut().poll(context)) {
                    *result = Some(done);
                    *racer = None;
                }
            }
            if running.iter().all(Option::is_none) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        results
    };
    other.close().await;
    results.into_iter().flatten().collect()
}

/// Waits until something is so.
///
/// # Panics
/// When it is not within ten seconds.
pub async fn wait_for(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..2_000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("waited in vain until {what}");
}
