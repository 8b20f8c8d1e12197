//! The checks, attempt by attempt.

mod ends;
mod marks;

use super::starts::{self, Seen};
use super::{Promise, Verdict, VerifyError, Violation};
use crate::ledger::{Identity, Ledger, Operation as Sent, Sitting};
use exam::answer::{Answers, Operation, Response, fold};
use exam::attempt::Verdict as Judgement;
use exam::id::ExamVersionId;
use exam::time::Timestamp;
use marks::Marks;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::{Attempt, LoggedOperation, PublishedExam, Store};
use tokio::sync::Mutex;
use tokio::task::JoinSet;

/// How many attempts are checked beside each other.
const AT_ONCE: usize = 4;

pub(super) async fn verify(store: &Store, ledger: Ledger, now: Timestamp) -> Result<Verdict, VerifyError> {
    let mut verdict = Verdict { attempts: count(ledger.sittings.len()), ..Verdict::default() };
    if !ledger.complete {
        verdict.notes.push(
            "The ledger was not closed, so lines may be missing at its end: whether anything counts that was not sent, was \
             handed in by nobody, or is an attempt too many after somebody's last one, was not checked."
                .into(),
        );
    }
    let operations = ledger.sittings.iter().flat_map(|sitting| sitting.operations.values());
    for sent in operations {
        verdict.operations += 1;
        verdict.acknowledged += u64::from(sent.acknowledged);
    }
    let checking =
        Arc::new(Checking { store: store.clone(), ledger, now, next: AtomicUsize::new(0), exams: Mutex::default() });
    let mut checkers = JoinSet::new();
    for _ in 0..AT_ONCE {
        checkers.spawn(Arc::clone(&checking).check());
    }
    let mut found = Vec::new();
    for checked in checkers.join_all().await {
        found.extend(checked?);
    }
    // In the order of the ledger, however they were shared out.
    found.sort_unstable_by_key(|attempt| attempt.place);
    // Some may be lost; when all are, it is another database.
    if !found.is_empty() && found.iter().all(Found::is_missing) {
        return Err(VerifyError::Elsewhere(found.len()));
    }
    if verdict.acknowledged == 0 {
        verdict.notes.push("Nothing was acknowledged in this ledger: it shows nothing.".into());
    }
    let mut seen = HashMap::new();
    for attempt in found {
        verdict.ended += u64::from(attempt.has_ended);
        verdict.violations.extend(attempt.violations);
        seen.extend(attempt.seen.map(|seen| (attempt.place, seen)));
    }
    verdict.violations.extend(starts::check(store, &checking.ledger, &seen).await?);
    Ok(verdict)
}

/// What came of one attempt.
struct Found {
    place: usize,
    has_ended: bool,
    /// None of one that is not in the database.
    seen: Option<Seen>,
    violations: Vec<Violation>,
}

/// What is said of an attempt that is not there.
const MISSING: &str = "it is not in the database";

impl Found {
    /// Of an attempt of which something cannot be read any more: whatever was promised of it is not kept. The others can be.
    fn unreadable(place: usize, sitting: &Sitting, what: &str, reason: &str) -> Self {
        let unreadable = Violation {
            promise: Promise::AcknowledgedIsKept,
            attempt: sitting.attempt.clone(),
            writer: None,
            seq: None,
            what: format!("the stored {what} cannot be read: {reason}"),
        };
        Self { place, has_ended: false, seen: None, violations: vec![unreadable] }
    }

    fn is_missing(&self) -> bool {
        self.violations.iter().any(|violation| violation.what == MISSING)
    }
}

/// What several tasks check together.
struct Checking {
    store: Store,
    ledger: Ledger,
    now: Timestamp,
    next: AtomicUsize,
    /// Published versions, each loaded once.
    exams: Mutex<HashMap<ExamVersionId, Option<Arc<PublishedExam>>>>,
}

impl Checking {
    /// Checks attempts until none is left.
    async fn check(self: Arc<Self>) -> Result<Vec<Found>, store::Error> {
        let mut found = Vec::new();
        loop {
            let place = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(sitting) = self.ledger.sittings.get(place) else { return Ok(found) };
            found.push(match self.check_one(place, sitting).await {
                Err(store::Error::Unreadable { what, reason }) => Found::unreadable(place, sitting, &what, &reason),
                checked => checked?,
            });
        }
    }

    /// An open attempt may end while it is read, in between two statements: then what was found is looked for once more.
    async fn check_one(&self, place: usize, sitting: &Sitting) -> Result<Found, store::Error> {
        let found = self.look_at(place, sitting).await?;
        if found.has_ended || found.violations.is_empty() { Ok(found) } else { self.look_at(place, sitting).await }
    }

    async fn look_at(&self, place: usize, sitting: &Sitting) -> Result<Found, store::Error> {
        let store = &self.store;
        let Some(attempt) = store.find_attempt_for_staff(&sitting.attempt).await? else {
            let missing = Violation {
                promise: Promise::AcknowledgedIsKept,
                attempt: sitting.attempt.clone(),
                writer: None,
                seq: None,
                what: MISSING.into(),
            };
            return Ok(Found { place, has_ended: false, seen: None, violations: vec![missing] });
        };
        let log = store.operation_log(attempt.id).await?;
        let exam = self.exam(attempt.exam_version).await?;
        let marks = Marks::find(store, &attempt).await?;
        let checked = Checked::new(sitting, &attempt, &log);
        let mut violations = checked.operations(self.ledger.complete);
        violations.extend(checked.pens());
        violations.extend(checked.receipts(self.ledger.complete));
        violations.extend(checked.overdue(self.now, ends::sweep_takes(count(self.ledger.sittings.len()))));
        violations.extend(checked.grades(exam.as_deref(), &marks));
        Ok(Found { place, has_ended: attempt.state.is_finished(), seen: Some(Seen::of(&attempt)), violations })
    }

    async fn exam(&self, id: ExamVersionId) -> Result<Option<Arc<PublishedExam>>, store::Error> {
        let mut exams = self.exams.lock().await;
        if let Some(exam) = exams.get(&id) {
            return Ok(exam.clone());
        }
        let exam = self.store.load_published(id).await?.map(Arc::new);
        exams.insert(id, exam.clone());
        Ok(exam)
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// One attempt in the ledger and in the database.
struct Checked<'a> {
    sitting: &'a Sitting,
    attempt: &'a Attempt,
    log: BTreeMap<Identity, &'a LoggedOperation>,
    /// The fold of what counts.
    answers: Answers,
}

impl<'a> Checked<'a> {
    fn new(sitting: &'a Sitting, attempt: &'a Attempt, log: &'a [LoggedOperation]) -> Self {
        let identity = |operation: &Operation| Identity { writer: operation.writer, seq: operation.seq };
        Self {
            sitting,
            attempt,
            log: log.iter().map(|logged| (identity(&logged.operation), logged)).collect(),
            answers: fold(log.iter().filter(|logged| counts(logged)).map(|logged| logged.operation.clone())),
        }
    }

    fn violation(&self, promise: Promise, operation: Option<Identity>, what: impl Into<String>) -> Violation {
        Violation {
            promise,
            attempt: self.sitting.attempt.clone(),
            writer: operation.map(|identity| identity.writer),
            seq: operation.map(|identity| identity.seq),
            what: what.into(),
        }
    }

    /// Every operation in the ledger against the log, and every one in the log against the ledger.
    fn operations(&self, ledger_is_complete: bool) -> Vec<Violation> {
        let mut found = Vec::new();
        for (identity, sent) in &self.sitting.operations {
            let logged = self.log.get(identity).copied();
            let mut tell = |promise, what: String| found.push(self.violation(promise, Some(*identity), what));
            if sent.acknowledged {
                if let Some(what) = not_kept(sent, logged) {
                    tell(Promise::AcknowledgedIsKept, what);
                }
                if sent.sent_after_receipt {
                    tell(Promise::ReceiptIsFinal, "it was first sent after the receipt and acknowledged".into());
                }
            }
            match sent.rejected.as_deref() {
                // A closed save may have held operations that had been taken before.
                None | Some("closed") => {}
                Some(code) if sent.acknowledged => {
                    tell(Promise::AcknowledgedIsKept, format!("it was acknowledged and also rejected as {code}"));
                }
                Some(code) if logged.is_some_and(counts) => {
                    tell(Promise::NothingElseCounts, format!("it was rejected as {code} and counts"));
                }
                Some(code @ ("late" | "superseded")) if logged.is_none() => {
                    tell(Promise::AcknowledgedIsKept, format!("it was rejected as {code} and is not kept as evidence"));
                }
                Some(_) => {}
            }
            if sent.sent_after_receipt && logged.is_some_and(counts) && !sent.acknowledged {
                tell(Promise::ReceiptIsFinal, "it was first sent after the receipt and counts".into());
            }
            // Which of two requests under way at once came first cannot be told; this one left when the pen had been given.
            if let Some(pen) = sent.overtaken_by.filter(|_| logged.is_some_and(counts)) {
                tell(Promise::NothingElseCounts, format!("it counts, and writer {pen} had the pen before it was sent"));
            }
        }
        found.extend(self.received_late());
        if ledger_is_complete {
            found.extend(self.surplus());
        }
        found.extend(self.overtaken());
        found
    }

    /// What counts although the server had received it after the deadline. Both times are those of the server, which decided by
    /// them; a deadline never changes.
    fn received_late(&self) -> Vec<Violation> {
        let Some(deadline) = self.attempt.deadline else { return Vec::new() };
        let late = self.log.iter().filter(|(_, logged)| counts(logged) && logged.received_at > deadline);
        late.map(|(identity, logged)| {
            let after = logged.received_at.0.saturating_sub(deadline.0);
            let what = format!("it counts and was received {after} ms after the deadline");
            self.violation(Promise::NothingElseCounts, Some(*identity), what)
        })
        .collect()
    }

    /// Numbers that the server gave to writers: each once, and none that the attempt does not know of.
    fn pens(&self) -> Vec<Violation> {
        let about =
            |writer, what| Violation { writer: Some(writer), ..self.violation(Promise::NothingElseCounts, None, what) };
        let mut found = Vec::new();
        let (mut given, mut twice) = (BTreeSet::new(), BTreeSet::new());
        for pen in &self.sitting.pens {
            if !given.insert(*pen) && twice.insert(*pen) {
                found.push(about(*pen, "it was given out twice".to_owned()));
            }
        }
        let (latest, known) = (self.sitting.latest_pen, self.attempt.pen_holder);
        if known < latest {
            found.push(about(latest, format!("it was given out, and the attempt knows of writers up to {known}")));
        }
        found
    }

    /// What counts in the log and was not sent, or was sent otherwise.
    fn surplus(&self) -> Vec<Violation> {
        let ours = self.log.iter().filter(|(identity, logged)| {
            counts(logged) && self.sitting.before.is_none_or(|before| **identity > before)
        });
        ours.filter_map(|(identity, logged)| {
            let what = match self.sitting.operations.get(identity) {
                None => "it counts and was never sent".to_owned(),
                // An acknowledged one is told of already.
                Some(sent) if sent.acknowledged => return None,
                Some(sent) => format!("it counts and {}", differs(sent, logged)?),
            };
            Some(self.violation(Promise::NothingElseCounts, Some(*identity), what))
        })
        .collect()
    }

    /// Questions whose answer is older than the latest acknowledged one.
    fn overtaken(&self) -> Vec<Violation> {
        let mut latest: BTreeMap<usize, Identity> = BTreeMap::new();
        for (identity, logged) in self.log.iter().filter(|(_, logged)| counts(logged)) {
            // In order of identity, so the last one stays.
            latest.insert(logged.operation.question, *identity);
        }
        let mut acknowledged: BTreeMap<usize, Identity> = BTreeMap::new();
        for (identity, sent) in self.sitting.operations.iter().filter(|(_, sent)| sent.acknowledged) {
            acknowledged.insert(sent.question, *identity);
        }
        let older = acknowledged.into_iter().filter(|(question, sent)| latest.get(question).is_none_or(|l| l < sent));
        older
            .map(|(question, sent)| {
                let what = match latest.get(&question) {
                    Some(kept) => {
                        format!("question {question} has the older answer {} of writer {}", kept.seq, kept.writer)
                    }
                    None => format!("question {question} has no answer that counts"),
                };
                self.violation(Promise::LatestWins, Some(sent), what)
            })
            .collect()
    }
}

fn counts(logged: &LoggedOperation) -> bool {
    logged.verdict == Judgement::Counted
}

/// Why an acknowledged operation is not kept; None when it is.
fn not_kept(sent: &Sent, logged: Option<&LoggedOperation>) -> Option<String> {
    match logged {
        None => Some("it was acknowledged and is not in the log".into()),
        Some(logged) if !counts(logged) => {
            Some(format!("it was acknowledged and the log has it as {}", logged.verdict.name()))
        }
        Some(logged) => differs(sent, logged).map(|how| format!("it was acknowledged and {how}")),
    }
}

fn differs(sent: &Sent, logged: &LoggedOperation) -> Option<String> {
    let Operation { question, response, .. } = &logged.operation;
    if sent.question != *question {
        return Some(format!("the log has question {question} for question {}", sent.question));
    }
    let kept = response.as_ref().map_or_else(|| "null".to_owned(), Response::canonical);
    (kept != *sent.response).then(|| "the log has another response".to_owned())
}
