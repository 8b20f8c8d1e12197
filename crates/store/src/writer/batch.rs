//! One transaction of the writer: attempts locked, operations judged and appended, attempts ended. Its statements are the same
//! few, whatever the number of jobs.

use super::forms;
use super::job::{End, Ended, Job, Outcome, Written};
use super::meter::Meter;
use super::saves::{Incoming, Saves};
use crate::attempts::Ending;
use crate::db::{LogSize, Tx};
use crate::{Controls, Result};
use exam::answer::{Answers, Operation, Response, digest, fold};
use exam::attempt::{AttemptState, Verdict};
use exam::grade::Grade;
use exam::id::{AccountId, AttemptId};
use exam::practice::Checked;
use exam::record::{LoggedOperation, Record};
use exam::time::Timestamp;
use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// An attempt under the transaction's lock.
pub(crate) struct Held {
    pub(crate) id: AttemptId,
    pub(crate) account: AccountId,
    pub(crate) state: AttemptState,
    pub(crate) deadline: Option<Timestamp>,
    pub(crate) pen_holder: i64,
    /// The questions whose answers stay as they are.
    pub(crate) checked: Checked,
}

/// An operation to be appended.
pub(crate) struct Append {
    pub(crate) attempt: AttemptId,
    pub(crate) writer: i64,
    pub(crate) seq: i64,
    pub(crate) question: usize,
    /// In its canonical text.
    pub(crate) response: Option<String>,
    pub(crate) verdict: Verdict,
    pub(crate) received_at: Timestamp,
}

/// What identifies an operation.
pub(crate) type Identity = (AttemptId, i64, i64);
/// What is compared when an identity comes again: question and canonical response.
pub(crate) type Content = (usize, Option<String>);
/// What the log has under an identity, and the verdict.
pub(crate) type Known = HashMap<Identity, (Content, Verdict)>;
/// The whole history of attempts, in order of arrival; or why one cannot be read, which must not concern the others.
pub(crate) type Logs = HashMap<AttemptId, Result<Vec<LoggedOperation>>>;
/// By how much a transaction has made logs longer.
pub(super) type Grown = HashMap<AttemptId, LogSize>;

/// What an operation is compared by.
pub(crate) fn content(operation: &Operation) -> Content {
    (operation.question, operation.response.as_ref().map(Response::canonical))
}

/// Does all jobs in a transaction, which then only waits for its commit: what comes of each, by how much logs grow, and of which
/// attempts only some operations were new.
pub(super) async fn prepare(
    mut tx: Tx,
    jobs: &mut [Job],
    meter: &mut Meter,
    forms_elsewhere: &BTreeSet<AttemptId>,
    controls: Controls,
) -> Result<(Tx, Vec<Outcome>, Grown, BTreeSet<AttemptId>)> {
    let attempts: BTreeSet<AttemptId> = jobs.iter().map(Job::attempt).collect();
    // Also for those that will change nothing: the lock makes their commit wait for the standby.
    let held = tx.hold_attempts(&attempts, !controls.has_no_fence()).await?;
    // What was not given is held by another process, or is not there.
    let missing: BTreeSet<AttemptId> = attempts.into_iter().filter(|id| !held.contains_key(id)).collect();
    let elsewhere = if missing.is_empty() { BTreeSet::new() } else { tx.existing_attempts(&missing).await? };
    let saved = || jobs.iter().filter(|job| !job.is_end()).filter_map(|job| held.get(&job.attempt()));
    meter.measure(&mut tx, saved().map(|held| held.id)).await?;

    let mut outcomes: Vec<Option<Outcome>> = jobs.iter().map(|_| None).collect();
    let (grown, repeated) = (Grown::new(), BTreeSet::new());
    let mut saves = Saves { held: &held, meter, grown, repeated, forms_elsewhere, controls };
    let numbered = jobs.iter().enumerate().filter_map(|(place, job)| match job {
        Job::Save(save) => Some(Incoming {
            place,
            attempt: save.attempt,
            account: save.account,
            operations: &save.operations,
            received_at: save.arrival.at,
            is_evidence: save.is_evidence,
            is_overtaken: false,
        }),
        _ => None,
    });
    saves.write(&mut tx, numbered, &mut outcomes).await?;
    // After the numbered ones: a form takes the next number of its writer, above all that its page has used.
    forms::write(&mut tx, jobs, &mut saves, &mut outcomes).await?;
    let (grown, repeated) = (saves.grown, saves.repeated);

    end(&mut tx, jobs, &held, meter, &mut outcomes).await?;
    // What found no attempt to belong to.
    let outcomes = outcomes.into_iter().zip(jobs.iter()).map(|(outcome, job)| match outcome {
        Some(outcome) => outcome,
        None if elsewhere.contains(&job.attempt()) => Outcome::Postponed,
        None if job.is_end() => Outcome::Ended(Ended::Before),
        None => Outcome::Saved(Written::Nobodys),
    });
    Ok((tx, outcomes.collect(), grown, repeated))
}

/// How much of logs one transaction folds, grades and seals, by [`Meter::weight`]: the largest attempt there may be, or many
/// ordinary ones.
const SEALED: usize = 16 * 1024 * 1024;

/// Ends attempts: folds and grades what was saved, and seals the history. What is too much for one transaction is deferred.
async fn end(
    tx: &mut Tx,
    jobs: &[Job],
    held: &HashMap<AttemptId, Held>,
    meter: &mut Meter,
    outcomes: &mut [Option<Outcome>],
) -> Result<()> {
    let opened = || jobs.iter().filter(|job| job.is_end()).filter_map(|job| held.get(&job.attempt()));
    let opened = || opened().filter(|held| held.state == AttemptState::Open);
    meter.measure(tx, opened().map(|held| held.id)).await?;
    let mut sealed = 0_usize;
    let mut deferred = BTreeSet::new();
    let mut due = HashMap::new();
    let mut again = Vec::new();
    for (place, job) in jobs.iter().enumerate() {
        let Job::End(end) = job else { continue };
        let Some(held) = held.get(&end.attempt) else { continue };
        // No attempt ends before its deadline, but by the person's own word.
        let too_early =
            end.state == AttemptState::Expired && held.deadline.is_none_or(|deadline| end.ended_at < deadline);
        outcomes[place] = Some(Outcome::Ended(match held.state {
            AttemptState::Open if too_early => Ended::NotDue,
            AttemptState::Open if deferred.contains(&end.attempt) => {
                outcomes[place] = Some(Outcome::Deferred);
                continue;
            }
            AttemptState::Open if !due.contains_key(&end.attempt) => {
                let more = sealed.saturating_add(meter.weight(end.attempt));
                if more > SEALED && !due.is_empty() {
                    deferred.insert(end.attempt);
                    outcomes[place] = Some(Outcome::Deferred);
                } else {
                    sealed = more;
                    due.insert(end.attempt, (place, end));
                }
                continue;
            }
            AttemptState::Open => {
                again.push((place, end.attempt));
                continue;
            }
            _ => Ended::Before,
        }));
    }
    if due.is_empty() {
        return Ok(());
    }
    let mut logs = tx.logs(&due.keys().copied().collect()).await?;
    let mut endings = Vec::with_capacity(due.len());
    let mut not_graded = HashMap::new();
    for (attempt, (place, end)) in due {
        let log = logs.remove(&attempt).unwrap_or(Ok(Vec::new()));
        outcomes[place] = Some(Outcome::Ended(match ending(end, log) {
            Ok(ending) => {
                let (answered, digest) = (ending.answered, ending.digest.clone());
                endings.push(ending);
                Ended::Now { answered, digest }
            }
            Err(reason) => {
                not_graded.insert(attempt, reason.clone());
                Ended::NotGraded(reason)
            }
        }));
    }
    // A second submit of the same batch is told what came of the first.
    for (place, attempt) in again {
        let ended = not_graded.get(&attempt).map_or(Ended::Before, |reason| Ended::NotGraded(reason.clone()));
        outcomes[place] = Some(Outcome::Ended(ended));
    }
    if endings.is_empty() { Ok(()) } else { tx.end_attempts(endings).await }
}

/// What is written of the end of an attempt; or why its answers cannot be read, graded or sealed.
fn ending<'a>(end: &'a End, log: Result<Vec<LoggedOperation>>) -> std::result::Result<Ending<'a>, String> {
    let operations = log.map_err(|error| error.to_string())?;
    let counted = operations.iter().filter(|logged| logged.verdict == Verdict::Counted);
    let answers = fold(counted.map(|logged| logged.operation.clone()));
    let grade = mark(&end.grade, &answers).map_err(|_| "marking its answers panicked")?;
    let digest = digest(&end.public_id, &answers);
    let answered = i64::try_from(answers.len()).unwrap_or(i64::MAX);
    let record =
        Record { paper: end.paper.clone(), operations }.pack().ok_or("its history is too large to be sealed")?;
    Ok(Ending { end, answered, digest, record, grade })
}

/// Grades, and keeps a defect in the grading of one attempt from the others.
fn mark(grade: &(dyn Fn(&Answers) -> Grade + Send + Sync), answers: &Answers) -> std::thread::Result<Grade> {
    catch_unwind(AssertUnwindSafe(|| grade(answers)))
}
