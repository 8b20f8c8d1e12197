//! Starts: each made one attempt, and persons of the ledger have none from the time of the rehearsal that it does not explain.

use super::{Promise, Violation};
use crate::ledger::{Ledger, Part};
use exam::id::{AccountId, AttemptId, ExamId};
use exam::time::Timestamp;
use std::collections::{BTreeMap, HashMap, HashSet};
use store::{Attempt, StartRow, Store};

/// How many attempts are read at once.
const PAGE: usize = 1_000;

/// Somebody in an exam.
type Person = (AccountId, ExamId);

/// What the database says of the start of an attempt in the ledger.
pub(super) struct Seen {
    id: AttemptId,
    person: Person,
    started_at: Timestamp,
    submitted_at: Option<Timestamp>,
}

impl Seen {
    pub(super) fn of(attempt: &Attempt) -> Self {
        Self {
            id: attempt.id,
            person: (attempt.account, attempt.exam_id),
            started_at: attempt.started_at,
            submitted_at: attempt.submitted_at,
        }
    }
}

/// Checks the starts of a ledger, whose attempts were `seen` by their places in it.
pub(super) async fn check(
    store: &Store,
    ledger: &Ledger,
    seen: &HashMap<usize, Seen>,
) -> Result<Vec<Violation>, store::Error> {
    let mut found = given_twice(ledger, seen);
    found.extend(unexplained(store, ledger, seen).await?);
    Ok(found)
}

/// Starts under one key that were given different attempts. Runs with one seed use the same keys, perhaps as other persons or in
/// another exam.
fn given_twice(ledger: &Ledger, seen: &HashMap<usize, Seen>) -> Vec<Violation> {
    let persons: HashMap<&str, Person> =
        seen.iter().map(|(place, seen)| (ledger.sittings[*place].attempt.as_str(), seen.person)).collect();
    let mut first: HashMap<(&str, Person), &str> = HashMap::new();
    let mut found = Vec::new();
    for (key, given) in ledger.parts.iter().flat_map(|part| &part.starts) {
        for attempt in given.iter().map(|given| given.attempt.as_str()) {
            let Some(person) = persons.get(attempt) else { continue };
            let before = *first.entry((key, *person)).or_insert(attempt);
            if before != attempt {
                let what =
                    format!("it was given to the start with the key {key}, which had been given attempt {before}");
                found.push(violation(attempt, what));
            }
        }
    }
    found
}

/// The attempts of a person that surely were made during one run: from the first on, as rows are numbered in the order in which
/// they are made, whatever clocks do.
struct Span<'a> {
    part: &'a Part,
    first: AttemptId,
    last: Last,
    /// Whether the run wrote down its starts: one whose answer did not come explains the attempt of its key.
    is_recorded: bool,
}

/// The end of a [`Span`].
enum Last {
    /// The last attempt that the ledger names. Its person may have made later ones that are not in the ledger.
    Attempt(AttemptId),
    /// What the server was last seen to do in the run. Later ones may be of another rehearsal.
    Moment(Timestamp),
}

impl Span<'_> {
    fn covers(&self, row: &StartRow) -> bool {
        let is_before_end = match self.last {
            Last::Attempt(last) => row.id <= last,
            Last::Moment(last) => row.started_at <= last,
        };
        self.first <= row.id && is_before_end
    }

    fn explains(&self, row: &StartRow) -> bool {
        let Some(key) = &row.idempotency_key else { return false };
        // An attempt that was over when its start was answered is not named by a run that did not write down starts.
        !self.is_recorded || self.part.starts.get(key).is_some_and(Vec::is_empty)
    }
}

/// The spans of everybody in one part of a ledger.
fn spans<'a>(ledger: &'a Ledger, part: &'a Part, seen: &HashMap<usize, Seen>) -> HashMap<Person, Span<'a>> {
    let given: HashMap<&str, bool> =
        part.starts.values().flatten().map(|given| (given.attempt.as_str(), given.is_new)).collect();
    let (mut began, mut ended) = (None::<AttemptId>, None::<Timestamp>);
    let mut persons: HashMap<Person, (AttemptId, AttemptId, bool)> = HashMap::new();
    for (place, seen) in part.attempts.iter().filter_map(|place| Some((place, seen.get(place)?))) {
        let is_new = given.get(ledger.sittings[*place].attempt.as_str());
        if is_new == Some(&true) {
            began = Some(began.map_or(seen.id, |began| began.min(seen.id)));
        }
        let submitted_at = seen.submitted_at.filter(|_| part.handed_in.contains(place));
        ended = ended.max(Some(seen.started_at)).max(submitted_at);
        let (first, last, is_recorded) = persons.entry(seen.person).or_insert((seen.id, seen.id, true));
        (*first, *last) = ((*first).min(seen.id), (*last).max(seen.id));
        *is_recorded &= is_new.is_some();
    }
    let span = |(first, last, is_recorded): (AttemptId, AttemptId, bool)| Span {
        part,
        // Whatever was made after the run's first attempt was made during it.
        first: began.filter(|_| is_recorded).map_or(first, |began| began.min(first)),
        last: match ended {
            // When lines are missing, so may be those of later starts.
            Some(ended) if is_recorded && ledger.complete => Last::Moment(ended),
            _ => Last::Attempt(last),
        },
        is_recorded,
    };
    persons.into_iter().map(|(person, known)| (person, span(known))).collect()
}

/// Attempts that were made during the rehearsal and that no start of the ledger explains.
async fn unexplained(
    store: &Store,
    ledger: &Ledger,
    seen: &HashMap<usize, Seen>,
) -> Result<Vec<Violation>, store::Error> {
    let mut persons: HashMap<Person, Vec<Span<'_>>> = HashMap::new();
    let mut exams: BTreeMap<ExamId, AttemptId> = BTreeMap::new();
    for (person, span) in ledger.parts.iter().flat_map(|part| spans(ledger, part, seen)) {
        let first = exams.entry(person.1).or_insert(span.first);
        *first = (*first).min(span.first);
        persons.entry(person).or_default().push(span);
    }
    let given = ledger.parts.iter().flat_map(|part| part.starts.values().flatten());
    let named: HashSet<&str> = given
        .map(|given| given.attempt.as_str())
        .chain(ledger.sittings.iter().map(|sitting| sitting.attempt.as_str()))
        .collect();
    let mut found = Vec::new();
    for (exam, mut from) in exams {
        loop {
            let rows = store.list_starts(exam, from, PAGE).await?;
            for row in rows.iter().filter(|row| !named.contains(row.public_id.as_str())) {
                let spans = persons.get(&(row.account, exam)).map(Vec::as_slice).unwrap_or_default();
                if spans.iter().any(|span| span.covers(row) && !span.explains(row)) {
                    let what =
                        "it was made while its person sat this rehearsal, and no start of the ledger explains it";
                    found.push(violation(&row.public_id, what.into()));
                }
            }
            match rows.last() {
                Some(last) if rows.len() == PAGE => from = AttemptId(last.id.0.saturating_add(1)),
                _ => break,
            }
        }
    }
    Ok(found)
}

fn violation(attempt: &str, what: String) -> Violation {
    Violation { promise: Promise::StartedOnce, attempt: attempt.to_owned(), writer: None, seq: None, what }
}
