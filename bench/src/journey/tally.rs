//! What a journey has shown: how long each action took, what failed, and what nobody has answered yet.

use super::face::Action;
use hdrhistogram::Histogram;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// An action that takes longer is too slow.
const TOO_SLOW: Duration = Duration::from_secs(2);

/// The figures of all users.
#[derive(Debug)]
pub(super) struct Tally {
    /// Microseconds by action.
    latencies: Vec<Histogram<u64>>,
    failed: BTreeMap<String, u64>,
    /// Since when each user waits, where one does.
    waiting: Vec<Option<Instant>>,
    pub(super) sittings: u64,
    pub(super) requests: u64,
    pub(super) received: u64,
    pub(super) reconnected: u64,
}

impl Tally {
    pub(super) fn new(users: usize) -> Self {
        Self {
            latencies: Action::ALL.iter().map(|_| histogram()).collect(),
            failed: BTreeMap::new(),
            waiting: vec![None; users],
            sittings: 0,
            requests: 0,
            received: 0,
            reconnected: 0,
        }
    }

    pub(super) fn waits(&mut self, user: usize) {
        self.waiting[user] = Some(Instant::now());
    }

    /// A user's action is over.
    pub(super) fn is_over(&mut self, user: usize, action: Action, failed: Option<&str>) {
        let Some(since) = self.waiting[user].take() else { return };
        match failed {
            None => record(&mut self.latencies[action as usize], since.elapsed()),
            Some(reason) => *self.failed.entry(reason.to_owned()).or_default() += 1,
        }
    }

    /// The figures, in which those who still wait count as answered now: they waited for so long at least.
    pub(super) fn report(&self) -> Map<String, Value> {
        let mut all = histogram();
        let mut actions = Map::new();
        for (action, latencies) in Action::ALL.iter().zip(&self.latencies) {
            if !latencies.is_empty() {
                actions.insert(action.name().into(), shown(latencies));
            }
            // Fails only where a value does not fit, and this one grows.
            let _ = all.add(latencies);
        }
        let answered = all.len();
        let waited: Vec<Duration> = self.waiting.iter().flatten().map(Instant::elapsed).collect();
        waited.iter().for_each(|waited| record(&mut all, *waited));
        let failed: u64 = self.failed.values().sum();
        let too_slow = waited.iter().filter(|waited| **waited > TOO_SLOW).count();
        let oldest = waited.iter().max().copied().unwrap_or_default().as_secs_f64();
        let share = failed as f64 / ((answered + failed).max(1)) as f64;
        let p99 = all.value_at_quantile(0.99) as f64 / 1e3;
        let figures = [
            ("sittings", json!(self.sittings)),
            ("requests", json!(self.requests)),
            ("received_mb", json!(self.received as f64 / 1e6)),
            ("reconnected", json!(self.reconnected)),
            ("actions", Value::Object(actions)),
            ("all", shown(&all)),
            ("failed", json!(failed)),
            ("failed_share", json!(share)),
            ("reasons", json!(self.failed)),
            ("unanswered", json!({"count": waited.len(), "over_2_s": too_slow, "oldest_s": oldest})),
            ("holds", json!(share <= 0.01 && p99 <= TOO_SLOW.as_secs_f64() * 1e3)),
        ];
        figures.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

fn histogram() -> Histogram<u64> {
    // Three digits; a histogram grows as far as its values need.
    Histogram::new(3).unwrap_or_else(|_| unreachable!("3 digits are allowed"))
}

fn record(latencies: &mut Histogram<u64>, took: Duration) {
    // Fails only where memory does.
    let _ = latencies.record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1));
}

fn shown(latencies: &Histogram<u64>) -> Value {
    let at = |share| latencies.value_at_quantile(share) as f64 / 1e3;
    json!({"count": latencies.len(), "p50_ms": at(0.5), "p95_ms": at(0.95), "p99_ms": at(0.99), "max_ms": latencies.max() as f64 / 1e3})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_answers_nobody_does_not_hold() {
        let mut tally = Tally::new(2);
        tally.waits(0);
        tally.is_over(0, Action::Answer, None);
        assert_eq!(tally.report()["holds"], true);
        tally.waiting[1] = Instant::now().checked_sub(Duration::from_secs(9));
        let report = tally.report();
        assert_eq!((&report["holds"], &report["unanswered"]["over_2_s"]), (&json!(false), &json!(1)));
    }

    #[test]
    fn one_failure_in_a_hundred_is_borne_and_two_are_not() {
        let mut tally = Tally::new(1);
        let mut act = |failed| {
            tally.waits(0);
            tally.is_over(0, Action::Answer, failed);
            tally.report()["holds"] == true
        };
        (0..99).for_each(|_| assert!(act(None)));
        assert!(act(Some("status_500")));
        assert!(!act(Some("status_500")));
    }
}
