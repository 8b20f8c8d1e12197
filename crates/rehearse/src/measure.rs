//! What a run measures, kept apart by threads as far as possible and put together at the end.

use crate::progress::{Progress, add};
use crate::report::Kind;
use hdrhistogram::Histogram;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A send is late when the rehearsal itself, not the server, held it up for longer.
const LATE: Duration = Duration::from_millis(10);

/// How many parts: more than threads, so that candidates seldom wait for each other.
const PARTS: usize = 8;

/// The figures of a run.
#[derive(Debug)]
pub(crate) struct Measure {
    pub(crate) began: Instant,
    parts: Vec<Mutex<Part>>,
    progress: Arc<Progress>,
}

/// Figures of some of the candidates, and in the end of all.
#[derive(Debug)]
pub(crate) struct Part {
    /// Microseconds from when a request was meant to be sent to its answer.
    pub(crate) latencies: Vec<Histogram<u64>>,
    /// Answers by status.
    pub(crate) statuses: BTreeMap<u16, u64>,
    /// Reasons for which a request was sent again.
    pub(crate) retries: BTreeMap<String, u64>,
    /// Requests that were sent more than twice.
    pub(crate) sent_thrice: u64,
    /// Answers that a healthy server does not give, by code.
    pub(crate) unexpected: BTreeMap<String, u64>,
    /// Promises that the server was seen to break, in words.
    pub(crate) broken: Vec<String>,
    pub(crate) broken_count: u64,
    /// Rejected operations by code.
    pub(crate) rejected: BTreeMap<String, u64>,
    /// Why candidates left before their time.
    pub(crate) gave_up: BTreeMap<String, u64>,
    pub(crate) sends: u64,
    pub(crate) late_sends: u64,
    pub(crate) operations: u64,
    pub(crate) acknowledged: u64,
    pub(crate) replayed: u64,
    pub(crate) saves: u64,
    pub(crate) started: u64,
    pub(crate) receipts: u64,
    /// Answered saves by second of the run.
    pub(crate) saves_by_second: Vec<u64>,
}

/// How many broken promises are told in words.
const BROKEN_MAX: usize = 50;

impl Part {
    fn new() -> Self {
        // Three digits; a histogram grows as far as its values need.
        let histogram = || Histogram::new(3).unwrap_or_else(|_| unreachable!("3 digits are allowed"));
        Self {
            latencies: Kind::ALL.iter().map(|_| histogram()).collect(),
            statuses: BTreeMap::new(),
            retries: BTreeMap::new(),
            sent_thrice: 0,
            unexpected: BTreeMap::new(),
            broken: Vec::new(),
            broken_count: 0,
            rejected: BTreeMap::new(),
            gave_up: BTreeMap::new(),
            sends: 0,
            late_sends: 0,
            operations: 0,
            acknowledged: 0,
            replayed: 0,
            saves: 0,
            started: 0,
            receipts: 0,
            saves_by_second: Vec::new(),
        }
    }

    fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.latencies.iter_mut().zip(&other.latencies) {
            // Fails only where a value does not fit, and these grow.
            let _ = mine.add(theirs);
        }
        let sum = |mine: &mut BTreeMap<String, u64>, theirs: &BTreeMap<String, u64>| {
            theirs.iter().for_each(|(name, count)| *mine.entry(name.clone()).or_default() += count);
        };
        sum(&mut self.retries, &other.retries);
        sum(&mut self.unexpected, &other.unexpected);
        sum(&mut self.rejected, &other.rejected);
        sum(&mut self.gave_up, &other.gave_up);
        other.statuses.iter().for_each(|(status, count)| *self.statuses.entry(*status).or_default() += count);
        self.broken.extend(other.broken.iter().cloned());
        self.broken_count += other.broken_count;
        self.sent_thrice += other.sent_thrice;
        self.sends += other.sends;
        self.late_sends += other.late_sends;
        self.operations += other.operations;
        self.acknowledged += other.acknowledged;
        self.replayed += other.replayed;
        self.saves += other.saves;
        self.started += other.started;
        self.receipts += other.receipts;
        if self.saves_by_second.len() < other.saves_by_second.len() {
            self.saves_by_second.resize(other.saves_by_second.len(), 0);
        }
        self.saves_by_second.iter_mut().zip(&other.saves_by_second).for_each(|(mine, theirs)| *mine += theirs);
    }
}

impl Measure {
    pub(crate) fn new(progress: Arc<Progress>) -> Self {
        let parts = (0..PARTS).map(|_| Mutex::new(Part::new())).collect();
        Self { began: Instant::now(), parts, progress }
    }

    /// The figures that a candidate adds to.
    pub(crate) fn part<T>(&self, candidate: usize, change: impl FnOnce(&mut Part) -> T) -> T {
        // A panic cannot leave a count half-changed.
        change(&mut self.parts[candidate % PARTS].lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A request leaves. `meant` is when it was meant to, `free` since when the candidate could have sent it.
    pub(crate) fn leaves(&self, candidate: usize, meant: Instant, free: Instant) {
        let is_late = meant.max(free).elapsed() > LATE;
        self.part(candidate, |part| {
            part.sends += 1;
            part.late_sends += u64::from(is_late);
        });
    }

    /// A request is answered, in the end.
    pub(crate) fn answered(&self, candidate: usize, kind: Kind, meant: Instant) {
        self.part(candidate, |part| record(part, kind, meant));
    }

    /// A save is answered, in the end. `meant` holds when each save that went into it was meant to leave.
    pub(crate) fn saved(&self, candidate: usize, meant: impl Iterator<Item = Instant>) {
        let second = usize::try_from(self.began.elapsed().as_secs()).unwrap_or(usize::MAX);
        add(&self.progress.saves, 1);
        self.part(candidate, |part| {
            meant.for_each(|meant| record(part, Kind::Save, meant));
            part.saves += 1;
            // A run of more than a day has no need of its seconds.
            if second < 100_000 {
                if part.saves_by_second.len() <= second {
                    part.saves_by_second.resize(second + 1, 0);
                }
                part.saves_by_second[second] += 1;
            }
        });
    }

    pub(crate) fn status(&self, candidate: usize, status: u16) {
        self.part(candidate, |part| *part.statuses.entry(status).or_default() += 1);
    }

    /// A request is to be sent again; `times` it has been until now.
    pub(crate) fn retry(&self, candidate: usize, reason: &str, times: u64) {
        add(&self.progress.retries, 1);
        self.part(candidate, |part| {
            count(&mut part.retries, reason);
            part.sent_thrice += u64::from(times == 2);
        });
    }

    pub(crate) fn unexpected(&self, candidate: usize, code: &str) {
        add(&self.progress.errors, 1);
        self.part(candidate, |part| count(&mut part.unexpected, code));
    }

    /// The server was seen to break a promise.
    pub(crate) fn broken(&self, candidate: usize, what: String) {
        add(&self.progress.errors, 1);
        self.part(candidate, |part| {
            part.broken_count += 1;
            if part.broken.len() < BROKEN_MAX {
                part.broken.push(what);
            }
        });
    }

    /// Everything together.
    pub(crate) fn total(&self) -> Part {
        let mut total = Part::new();
        for part in &self.parts {
            total.add(&part.lock().unwrap_or_else(PoisonError::into_inner));
        }
        total
    }
}

fn record(part: &mut Part, kind: Kind, meant: Instant) {
    let micros = u64::try_from(meant.elapsed().as_micros()).unwrap_or(u64::MAX);
    // Only recording one by one lets a histogram grow; it fails where memory does.
    let _ = part.latencies[kind as usize].record(micros.max(1));
}

pub(crate) fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    match counts.get_mut(name) {
        Some(count) => *count += 1,
        None => {
            counts.insert(name.to_owned(), 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ago(seconds: u64) -> Instant {
        Instant::now().checked_sub(Duration::from_secs(seconds)).expect("this machine has been up for as long")
    }

    #[test]
    fn long_and_short_answers_are_told_apart() {
        let measure = Measure::new(Progress::new());
        for (candidate, seconds) in [(0, 0), (1, 1), (2, 60)] {
            measure.answered(candidate, Kind::Start, ago(seconds));
            measure.saved(candidate, std::iter::once(ago(seconds)));
        }
        let total = measure.total();
        let seconds = |micros: u64| micros / 999_000;
        for kind in [Kind::Start, Kind::Save] {
            let histogram = &total.latencies[kind as usize];
            let (median, longest) = (histogram.value_at_quantile(0.5), histogram.max());
            assert_eq!((histogram.len(), seconds(median), seconds(longest)), (3, 1, 60), "{kind:?}");
        }
        assert_eq!((total.saves, &total.saves_by_second[..]), (3, &[3][..]));
    }

    #[test]
    fn a_send_is_late_when_the_rehearsal_held_it_up_and_not_when_the_server_did() {
        let measure = Measure::new(Progress::new());
        measure.leaves(0, ago(1), Instant::now());
        measure.leaves(0, ago(1), ago(1));
        let total = measure.total();
        assert_eq!((total.sends, total.late_sends), (2, 1));
    }
}
