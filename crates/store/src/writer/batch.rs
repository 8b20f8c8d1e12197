//! One transaction of the writer: attempts locked, operations judged and appended, attempts ended. Its statements are the same
//! few, whatever the number of jobs.

use super::job::{Ended, Job, Outcome};
use crate::answers::{FormAnswer, Rejection, SaveOutcome, Saved};
use crate::attempts::Ending;
use crate::db::{Db, Tx};
use crate::{Controls, Result};
use exam::answer::{Answers, Operation, Response, digest, fold};
use exam::attempt::{AttemptState, Verdict, judge};
use exam::grade::Grade;
use exam::id::{AccountId, AttemptId};
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
/// What the log has under an identity: question and canonical response, and the verdict.
pub(crate) type Known = HashMap<Identity, ((usize, Option<String>), Verdict)>;
/// The whole history of attempts, in order of arrival.
pub(crate) type Logs = HashMap<AttemptId, Vec<LoggedOperation>>;

/// How far a page's numbers may run ahead of the log: more than a person can change answers while none arrives, and too little
/// for a forged form to use the numbers up.
const MOST_UNDER_WAY: i64 = 10_000;

/// Does all jobs in one transaction that only waits for its commit.
pub(super) async fn prepare(db: &Db, jobs: &mut [Job], controls: Controls) -> Result<(Tx, Vec<Outcome>)> {
    let mut tx = db.begin().await?;
    let attempts: BTreeSet<AttemptId> = jobs.iter().map(Job::attempt).collect();
    let held = tx.hold_attempts(&attempts, !controls.has_no_fence()).await?;
    // What was not given is held by another process, or is not there.
    let missing: BTreeSet<AttemptId> = attempts.into_iter().filter(|id| !held.contains_key(id)).collect();
    let elsewhere = if missing.is_empty() { BTreeSet::new() } else { tx.existing_attempts(&missing).await? };
    // Replays of what an ended attempt holds are told from evidence by its whole history.
    let ended: BTreeSet<AttemptId> = jobs
        .iter()
        .filter(|job| !job.is_end())
        .filter_map(|job| held.get(&job.attempt()).filter(|held| held.state.is_finished()).map(|held| held.id))
        .collect();
    let logs = if ended.is_empty() { Logs::new() } else { tx.logs(&ended).await? };

    let mut outcomes: Vec<Option<Outcome>> = jobs.iter().map(|_| None).collect();
    let saves = jobs.iter().enumerate().filter_map(|(place, job)| match job {
        Job::Save(save) => Some((place, save.attempt, save.account, save.operations.as_slice(), save.received_at)),
        _ => None,
    });
    save(&mut tx, saves, &held, &logs, controls, &mut outcomes).await?;

    // After the numbered ones: a form takes the next number of its writer, above all that its page has used.
    number_forms(&mut tx, jobs, &held, &logs).await?;
    let forms: Vec<_> = jobs
        .iter()
        .enumerate()
        .filter_map(|(place, job)| match job {
            Job::Form(form) => {
                let (writer, seq) = form.numbered?;
                let FormAnswer { question, response, .. } = &form.answer;
                let operation = Operation { writer, seq, question: *question, response: response.clone() };
                Some((place, form.attempt, form.account, [operation], form.received_at))
            }
            _ => None,
        })
        .collect();
    let forms = forms
        .iter()
        .map(|(place, attempt, account, operation, at)| (*place, *attempt, *account, operation.as_slice(), *at));
    save(&mut tx, forms, &held, &logs, controls, &mut outcomes).await?;

    end(&mut tx, jobs, &held, &mut outcomes).await?;
    // What found no attempt to belong to.
    let outcomes = outcomes.into_iter().zip(jobs.iter()).map(|(outcome, job)| match outcome {
        Some(outcome) => outcome,
        None if elsewhere.contains(&job.attempt()) => Outcome::Postponed,
        None if job.is_end() => Outcome::Ended(Ended::Before),
        None => Outcome::Saved(None),
    });
    Ok((tx, outcomes.collect()))
}

/// An operation on its way: judged already, or known once the log has taken it.
enum Pending {
    Settled(Verdict),
    Conflict,
    Appended { identity: Identity, content: (usize, Option<String>), verdict: Verdict },
}

/// Judges and appends the operations of saves, each with its place among the jobs.
async fn save<'a>(
    tx: &mut Tx,
    saves: impl Iterator<Item = (usize, AttemptId, AccountId, &'a [Operation], Timestamp)>,
    held: &HashMap<AttemptId, Held>,
    logs: &Logs,
    controls: Controls,
    outcomes: &mut [Option<Outcome>],
) -> Result<()> {
    let mut appends = Vec::new();
    let mut waiting = Vec::new();
    for (place, attempt, account, operations, received_at) in saves {
        let Some(held) = held.get(&attempt).filter(|held| held.account == account) else { continue };
        if operations.iter().any(|operation| operation.writer > held.pen_holder) {
            let saved = Saved { outcome: SaveOutcome::UnknownWriter, deadline: held.deadline };
            outcomes[place] = Some(Outcome::Saved(Some(saved)));
            continue;
        }
        let log = logs.get(&attempt).map_or(&[] as &[LoggedOperation], Vec::as_slice);
        let mut pending = Vec::with_capacity(operations.len());
        for operation in operations {
            let logged = log
                .iter()
                .find(|logged| (logged.operation.writer, logged.operation.seq) == (operation.writer, operation.seq));
            if let Some(logged) = logged {
                let same = (logged.operation.question, &logged.operation.response)
                    == (operation.question, &operation.response);
                pending.push((operation.seq, if same { Pending::Settled(logged.verdict) } else { Pending::Conflict }));
                continue;
            }
            let deadline = held.deadline.filter(|_| !controls.has_no_deadline());
            let verdict = if held.state.is_finished() {
                Verdict::Late
            } else {
                judge(deadline, received_at, operation.writer, held.pen_holder)
            };
            let response = operation.response.as_ref().map(Response::canonical);
            let identity = (attempt, operation.writer, operation.seq);
            let content = (operation.question, response.clone());
            pending.push((operation.seq, Pending::Appended { identity, content, verdict }));
            let (writer, seq, question) = (operation.writer, operation.seq, operation.question);
            appends.push(Append { attempt, writer, seq, question, response, verdict, received_at });
        }
        waiting.push((place, held, pending));
    }
    let count = appends.len();
    let identities: Vec<Identity> = appends.iter().map(|append| (append.attempt, append.writer, append.seq)).collect();
    let written = if count == 0 { 0 } else { tx.append(appends).await? };
    // Some were there before: what the log has under their identities decides.
    let known =
        if written == count || controls.has_no_replay_check() { None } else { Some(tx.known(&identities).await?) };
    for (place, held, pending) in waiting {
        let outcome = outcome_of(pending, held.state, known.as_ref());
        outcomes[place] = Some(Outcome::Saved(Some(Saved { outcome, deadline: held.deadline })));
    }
    Ok(())
}

fn outcome_of(pending: Vec<(i64, Pending)>, state: AttemptState, known: Option<&Known>) -> SaveOutcome {
    let mut acknowledged = Vec::new();
    let mut rejected = Vec::new();
    for (seq, pending) in pending {
        let settled = match pending {
            Pending::Settled(verdict) => Ok(verdict),
            Pending::Conflict => Err(Rejection::SeqConflict),
            Pending::Appended { identity, content, verdict } => match known.and_then(|known| known.get(&identity)) {
                Some((existing, _)) if *existing != content => Err(Rejection::SeqConflict),
                Some((_, verdict)) => Ok(*verdict),
                None => Ok(verdict),
            },
        };
        match settled {
            Ok(Verdict::Counted) if acknowledged.contains(&seq) => {}
            Ok(Verdict::Counted) => acknowledged.push(seq),
            Ok(kept) => rejected.push((seq, Rejection::Kept(kept))),
            Err(conflict) => rejected.push((seq, conflict)),
        }
    }
    // An ended attempt acknowledges what it holds, and nothing else.
    if state.is_finished() && (!rejected.is_empty() || acknowledged.is_empty()) {
        return SaveOutcome::Closed;
    }
    SaveOutcome::Judged { acknowledged, rejected }
}

/// Gives every form its writer and number, if an earlier try has not.
async fn number_forms(tx: &mut Tx, jobs: &mut [Job], held: &HashMap<AttemptId, Held>, logs: &Logs) -> Result<()> {
    let attempts: BTreeSet<AttemptId> = jobs
        .iter()
        .filter_map(|job| match job {
            Job::Form(form) if form.numbered.is_none() => Some(form.attempt),
            _ => None,
        })
        .collect();
    if attempts.is_empty() {
        return Ok(());
    }
    let mut last = tx.last_seqs(&attempts).await?;
    for (attempt, log) in logs {
        for logged in log {
            let seq = last.entry((*attempt, logged.operation.writer)).or_default();
            *seq = (*seq).max(logged.operation.seq);
        }
    }
    for job in jobs {
        let Job::Form(form) = job else { continue };
        let (None, Some(held)) = (form.numbered, held.get(&form.attempt)) else { continue };
        // A number that was never given out comes from a forged form; it gets no writer of its own.
        let writer = form.answer.writer.clamp(0, held.pen_holder);
        let seq = last.entry((form.attempt, writer)).or_default();
        let used = form.answer.last_seq.min(seq.saturating_add(MOST_UNDER_WAY));
        *seq = (*seq).max(used).saturating_add(1);
        form.numbered = Some((writer, *seq));
    }
    Ok(())
}

/// Ends attempts: folds and grades what was saved, and seals the history.
async fn end(
    tx: &mut Tx,
    jobs: &[Job],
    held: &HashMap<AttemptId, Held>,
    outcomes: &mut [Option<Outcome>],
) -> Result<()> {
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
            AttemptState::Open if !due.contains_key(&end.attempt) => {
                due.insert(end.attempt, (place, end));
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
    let papers = tx.papers(&due.keys().copied().collect()).await?;
    let mut endings = Vec::with_capacity(due.len());
    let mut not_graded = BTreeSet::new();
    for (attempt, (place, end)) in due {
        let operations = logs.remove(&attempt).unwrap_or_default();
        let counted = operations.iter().filter(|logged| logged.verdict == Verdict::Counted);
        let answers = fold(counted.map(|logged| logged.operation.clone()));
        let (Some(paper), Ok(grade)) = (papers.get(&attempt), mark(&end.grade, &answers)) else {
            outcomes[place] = Some(Outcome::Ended(Ended::NotGraded(end.public_id.clone())));
            not_graded.insert(attempt);
            continue;
        };
        let digest = digest(&end.public_id, &answers);
        let answered = i64::try_from(answers.len()).unwrap_or(i64::MAX);
        let Some(document) = (Record { paper: paper.clone(), operations }).pack() else {
            outcomes[place] = Some(Outcome::Ended(Ended::NotGraded(end.public_id.clone())));
            not_graded.insert(attempt);
            continue;
        };
        outcomes[place] = Some(Outcome::Ended(Ended::Now { answered, digest: digest.clone() }));
        endings.push(Ending { end, answered, digest, document, grade });
    }
    // A second submit of the same batch is told what came of the first.
    for (place, attempt) in again {
        let ended = match &jobs[place] {
            Job::End(end) if not_graded.contains(&attempt) => Ended::NotGraded(end.public_id.clone()),
            _ => Ended::Before,
        };
        outcomes[place] = Some(Outcome::Ended(ended));
    }
    if endings.is_empty() { Ok(()) } else { tx.end_attempts(endings).await }
}

/// Grades, and keeps a defect in the grading of one attempt from the others.
fn mark(grade: &(dyn Fn(&Answers) -> Grade + Send + Sync), answers: &Answers) -> std::thread::Result<Grade> {
    catch_unwind(AssertUnwindSafe(|| grade(answers)))
}
