//! What became of the people who came.

use super::person::Step;
use hdrhistogram::Histogram;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::time::Duration;
use tokio::time::Instant;

/// A refusal that takes longer is too slow.
const REFUSED_WITHIN: Duration = Duration::from_millis(50);
/// Somebody who came later than meant, by the generator's own doing, came late.
const LATE: Duration = Duration::from_millis(10);

/// What somebody with a number was told.
#[derive(Debug, Clone, Copy)]
struct Turn {
    number: u64,
    sent: Instant,
    told: Instant,
    is_let_in: bool,
}

/// The figures of all people.
#[derive(Debug)]
pub(super) struct Tally {
    /// Microseconds from asking to the whole page, by step, of those who were let in.
    pages: Vec<Histogram<u64>>,
    /// The same of those who were not, a connection where one had to be made included.
    refusals: Histogram<u64>,
    refused_slowly: u64,
    refused_by_status: BTreeMap<String, u64>,
    turns: Vec<Turn>,
    gave_up: BTreeMap<String, u64>,
    broken: BTreeMap<String, u64>,
    came: u64,
    came_late: u64,
    still_wait: u64,
    /// Milliseconds from coming to the paper.
    in_after: Histogram<u64>,
    last_in: Option<Instant>,
}

/// Up to an hour.
fn histogram() -> Histogram<u64> {
    Histogram::new_with_max(3_600_000_000, 3).expect("three digits of an hour are a histogram")
}

fn record(histogram: &mut Histogram<u64>, took: Duration) {
    histogram.saturating_record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
}

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            pages: Step::ALL.iter().map(|_| histogram()).collect(),
            refusals: histogram(),
            refused_slowly: 0,
            refused_by_status: BTreeMap::new(),
            turns: Vec::new(),
            gave_up: BTreeMap::new(),
            broken: BTreeMap::new(),
            came: 0,
            came_late: 0,
            still_wait: 0,
            in_after: histogram(),
            last_in: None,
        }
    }

    pub(super) fn arrived(&mut self, late: Duration) {
        self.came += 1;
        self.came_late += u64::from(late > LATE);
    }

    pub(super) fn let_in(&mut self, step: Step, sent: Instant, told: Instant, number: Option<u64>) {
        record(&mut self.pages[step as usize], told - sent);
        self.turn(number, sent, told, true);
    }

    pub(super) fn has_to_wait(&mut self, sent: Instant, told: Instant, number: Option<u64>) {
        self.refused("waiting_room", told - sent);
        self.turn(number, sent, told, false);
    }

    pub(super) fn was_refused(&mut self, status: u16, sent: Instant, told: Instant) {
        self.refused(&format!("status_{status}"), told - sent);
    }

    fn refused(&mut self, how: &str, took: Duration) {
        record(&mut self.refusals, took);
        self.refused_slowly += u64::from(took > REFUSED_WITHIN);
        *self.refused_by_status.entry(how.to_owned()).or_default() += 1;
    }

    fn turn(&mut self, number: Option<u64>, sent: Instant, told: Instant, is_let_in: bool) {
        self.turns.extend(number.map(|number| Turn { number, sent, told, is_let_in }));
    }

    pub(super) fn gave_up(&mut self, step: Step, reason: &str) {
        *self.gave_up.entry(format!("{}_{reason}", step.name())).or_default() += 1;
    }

    pub(super) fn broke(&mut self, error: &io::Error) {
        *self.broken.entry(format!("{:?}", error.kind())).or_default() += 1;
    }

    pub(super) fn still_waits(&mut self) {
        self.still_wait += 1;
    }

    pub(super) fn is_in(&mut self, came: Instant, now: Instant) {
        record(&mut self.in_after, now - came);
        self.last_in = Some(now);
    }

    /// The figures; people came until `end`.
    pub(super) fn report(&mut self, end: Instant) -> Map<String, Value> {
        let pages: Map<String, Value> = Step::ALL
            .iter()
            .zip(&self.pages)
            .filter(|(_, pages)| !pages.is_empty())
            .map(|(step, pages)| (step.name().to_owned(), shown(pages)))
            .collect();
        let waited: HashSet<u64> = self.turns.iter().filter(|turn| !turn.is_let_in).map(|turn| turn.number).collect();
        let order = overtaken(&mut self.turns);
        let mut report = Map::new();
        report.insert("in".into(), json!(self.in_after.len()));
        report.insert("still_waiting".into(), json!(self.still_wait));
        report.insert("gave_up".into(), json!(self.gave_up));
        report.insert("connections_broken".into(), json!(self.broken));
        report.insert("came_late_share".into(), json!(self.came_late as f64 / self.came.max(1) as f64));
        report.insert("waited".into(), json!(waited.len()));
        report.insert("refused".into(), json!(self.refused_by_status));
        report.insert("refusal".into(), shown(&self.refusals));
        report.insert("refused_slower_than_50_ms".into(), json!(self.refused_slowly));
        report.insert("overtaken".into(), json!(order.people));
        report.insert("overtaken_for_at_most_s".into(), json!(order.longest.as_secs_f64()));
        report.insert("page".into(), Value::Object(pages));
        report.insert("in_after".into(), shown(&self.in_after));
        let last = self.last_in.map(|last| last.saturating_duration_since(end).as_secs_f64());
        report.insert("last_in_s_after_the_last_came".into(), json!(last));
        report
    }
}

/// Those who were told to wait although somebody with a higher number was in already.
#[derive(Debug, Default, PartialEq, Eq)]
struct Order {
    people: usize,
    /// From when one of them was told so first until the same one was let in; to the end for who was not.
    longest: Duration,
}

/// Looks for people who were told to wait although somebody with a higher number had been let in, and knew it, before they asked. Who did
/// not ask meanwhile, since the page had told a later time, has been overtaken by nobody; and who has been let in once is not before the
/// door any more.
fn overtaken(turns: &mut [Turn]) -> Order {
    turns.sort_unstable_by_key(|turn| turn.sent);
    let mut let_in: HashMap<u64, Instant> = HashMap::new();
    for turn in turns.iter().filter(|turn| turn.is_let_in) {
        let_in.entry(turn.number).or_insert(turn.told);
    }
    let last = turns.iter().map(|turn| turn.told).max();
    let mut in_order: Vec<(Instant, u64)> = let_in.iter().map(|(number, told)| (*told, *number)).collect();
    in_order.sort_unstable();
    let mut before = in_order.into_iter().peekable();
    let (mut highest, mut people, mut longest) = (0, HashSet::new(), Duration::ZERO);
    for turn in turns.iter() {
        while let Some((_, number)) = before.next_if(|(told, _)| *told < turn.sent) {
            highest = highest.max(number);
        }
        let own = let_in.get(&turn.number).copied();
        let is_before_the_door = !turn.is_let_in && own.is_none_or(|own| turn.told < own);
        if is_before_the_door && highest > turn.number && people.insert(turn.number) {
            let until = own.or(last).unwrap_or(turn.told);
            longest = longest.max(until.saturating_duration_since(turn.told));
        }
    }
    Order { people: people.len(), longest }
}

fn shown(times: &Histogram<u64>) -> Value {
    let ms = |micros: u64| micros as f64 / 1e3;
    json!({
        "count": times.len(),
        "p50_ms": ms(times.value_at_quantile(0.5)),
        "p99_ms": ms(times.value_at_quantile(0.99)),
        "p999_ms": ms(times.value_at_quantile(0.999)),
        "max_ms": ms(times.max()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asked_and_had_to_wait_while_a_later_one_was_in_was_overtaken() {
        let begun = Instant::now();
        let at = |ms: u64| begun + Duration::from_millis(ms);
        let turn = |number, sent, told, is_let_in| Turn { number, sent: at(sent), told: at(told), is_let_in };
        let in_order = [turn(1, 0, 1, false), turn(2, 1, 2, false), turn(1, 10, 12, true), turn(2, 11, 13, true)];
        assert_eq!(overtaken(&mut in_order.to_vec()), Order::default());
        // 1 did not ask until 2 was in; then it was let in.
        let late = [turn(1, 0, 1, false), turn(2, 1, 2, false), turn(2, 10, 11, true), turn(1, 20, 21, true)];
        assert_eq!(overtaken(&mut late.to_vec()), Order::default());
        // 1 asked when 2 was in, and had to wait again.
        let unfair = [turn(2, 10, 11, true), turn(1, 20, 21, false), turn(1, 520, 521, true), turn(1, 0, 1, false)];
        let found = overtaken(&mut unfair.to_vec());
        assert_eq!(found, Order { people: 1, longest: Duration::from_millis(500) });
        // What happens to 1 when it is in has nothing to do with the order.
        let inside = [turn(1, 0, 1, true), turn(2, 2, 3, true), turn(1, 20, 21, false), turn(1, 30, 31, true)];
        assert_eq!(overtaken(&mut inside.to_vec()), Order::default());
        // They asked at the same moment.
        let close = [turn(2, 10, 12, true), turn(1, 11, 13, false), turn(1, 30, 31, true)];
        assert_eq!(overtaken(&mut close.to_vec()), Order::default());
    }
}
