//! What can be done in an attempt: one set of rules under API and pages.

use super::practice;
use crate::app::App;
use crate::http::errors::{Error, Result};
use crate::published::Prepared;
use exam::answer::{Answers, BadResponse, Operation, Response};
use exam::attempt::AttemptState;
use exam::grade::{Grade, grade};
use exam::id::{AccountId, AttemptId, QuestionVersionId};
use exam::paper::{Paper, PaperItem};
use exam::practice::{Source, drill};
use exam::question::Question;
use exam::settings::{Mode, Settings};
use exam::time::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use store::{Arrival, Attempt, FormAnswer, NewAttempt, Rejection, SaveOutcome, Saved, Started};
use tokio::time::Instant;

/// Why no attempt was started, where a page says more than an error would.
#[derive(Debug)]
pub enum StartRefused {
    /// A number of questions that the exam does not offer.
    QuestionCount,
    /// A drill without any question that it could ask.
    NothingToDraw(Source),
    /// Anything else.
    Error(Error),
}

impl<E: Into<Error>> From<E> for StartRefused {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

/// What a start asks for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// How many questions; of a drill, how many at most.
    pub question_count: Option<usize>,
    /// From where they are drawn.
    pub from: Source,
    /// Makes starting twice start once.
    pub idempotency_key: Option<&'a str>,
}

/// Starts an attempt, or finds the one that is meant: made with the same key, or still open.
///
/// # Errors
/// When the exam cannot be started now, or not so.
pub async fn start(
    app: &App,
    exam: &Arc<Prepared>,
    account: AccountId,
    asked: Asked<'_>,
) -> std::result::Result<Started, StartRefused> {
    let (now, idempotency_key) = (app.now(), asked.idempotency_key);
    let wanted = match asked.from {
        Source::All => None,
        from => Some(practice::wanted(app, exam, account, from).await?),
    };
    let paper = match draw(app, exam, asked, wanted.as_ref(), now) {
        Ok(paper) => paper,
        // A repeated start finds its attempt whatever has changed since: the window, the counts on offer, the limit.
        Err(refused) => {
            let existing = app.store.find_started(exam.summary().exam_id, account, idempotency_key).await?;
            return existing.map(Started::Existing).ok_or(refused);
        }
    };
    let public_id = app.chance.public_id();
    let new = NewAttempt { public_id: &public_id, exam: &exam.exam, account, idempotency_key, paper: &paper };
    let started = app.store.start_attempt(&new, now).await?;
    if let Started::New(attempt) = &started {
        // Its saves come next.
        remember(app, attempt, Arc::clone(exam));
    }
    Ok(started)
}

/// The paper of a start, if there can be one now.
fn draw(
    app: &App,
    exam: &Prepared,
    asked: Asked<'_>,
    wanted: Option<&BTreeSet<QuestionVersionId>>,
    now: Timestamp,
) -> std::result::Result<Paper, StartRefused> {
    let summary = exam.summary();
    let settings = &summary.settings;
    let (published, available) = (summary.pool.question_count(), summary.pool.questions().len());
    let count = wanted_count(settings, published, available, asked.question_count);
    let count = count.ok_or(StartRefused::QuestionCount)?;
    app.clocks.check()?;
    if !is_open(settings, now) {
        return Err(Error::NotOpen.into());
    }
    let shaped;
    let pool = match (settings.mode, wanted) {
        (Mode::Exam, _) => &summary.pool,
        (Mode::Practice, None) => {
            shaped = summary.pool.scaled_to(count);
            &shaped
        }
        (Mode::Practice, Some(wanted)) => {
            // A drill asks all that there is, as long as it is no longer than a practice may be.
            let longest = settings.question_counts(available).into_iter().max().unwrap_or(available);
            let most = asked.question_count.unwrap_or(longest);
            shaped = drill(&summary.pool, wanted, most).ok_or(StartRefused::NothingToDraw(asked.from))?;
            &shaped
        }
    };
    let content = |id| exam.question(id).map(|(question, _)| &question.content);
    // A published pool can be drawn: that was tried before it was published.
    Ok(Paper::draw(pool, settings, app.chance.seed(), content).map_err(Error::internal)?)
}

fn is_open(settings: &Settings, now: Timestamp) -> bool {
    settings.opens_at.is_none_or(|opens| now >= opens) && settings.closes_at.is_none_or(|closes| now < closes)
}

/// How many questions the paper gets; None when what is asked for is not on offer.
fn wanted_count(settings: &Settings, published: usize, available: usize, asked: Option<usize>) -> Option<usize> {
    let offered = settings.question_counts(available);
    match (settings.mode, asked) {
        (Mode::Exam, None) => Some(published),
        (Mode::Exam, Some(asked)) => (asked == published).then_some(published),
        (Mode::Practice, None) => offered.first().copied(),
        (Mode::Practice, Some(asked)) => offered.contains(&asked).then_some(asked),
    }
}

/// A person's own attempt with its exam.
///
/// # Errors
/// [`Error::NotFound`] also for somebody else's.
pub async fn find(app: &App, public_id: &str, account: AccountId) -> Result<(Attempt, Arc<Prepared>)> {
    let attempt = app.store.find_attempt(public_id, account).await?.ok_or(Error::NotFound)?;
    let exam = exam_of(app, &attempt).await?;
    Ok((attempt, exam))
}

/// The exam of an attempt in the version it is sat in.
///
/// # Errors
/// When the database fails.
pub async fn exam_of(app: &App, attempt: &Attempt) -> Result<Arc<Prepared>> {
    let exam = app.published.version(attempt.exam_version).await?;
    exam.ok_or_else(|| Error::internal(format!("exam version {} of an attempt is gone", attempt.exam_version)))
}

/// Checks a response against a question of the paper.
///
/// # Errors
/// [`None`] for a question number that the paper does not have, else what is wrong with the response.
pub fn check(
    questions: &[QuestionVersionId],
    exam: &Prepared,
    number: usize,
    response: Option<&Response>,
) -> std::result::Result<(), Option<BadResponse>> {
    let id = number.checked_sub(1).and_then(|index| questions.get(index)).ok_or(None)?;
    let (question, _) = exam.question(*id).ok_or(None)?;
    // Which parts there are does not depend on their order.
    let item = PaperItem::unshuffled(*id, &question.content);
    response.map_or(Ok(()), |response| response.check(&question.content, &item).map_err(Some))
}

/// What never changes about an attempt: enough to check and queue a save without asking the database.
#[derive(Debug)]
pub struct Sitting {
    attempt: AttemptId,
    account: AccountId,
    /// The questions of the paper in their order.
    pub questions: Box<[QuestionVersionId]>,
    /// The exam in the version that is sat.
    pub exam: Arc<Prepared>,
}

/// The open attempts that have been saved to, by public id.
pub type Sittings = moka::sync::Cache<String, Arc<Sitting>>;

/// How many attempts are kept in [`Sittings`], about a kilobyte each.
pub const SITTINGS: u64 = 100_000;

/// A person's own attempt as far as it never changes; looked up once.
///
/// # Errors
/// [`Error::NotFound`] also for somebody else's; [`Error::TooMany`].
pub async fn known(app: &App, public_id: &str, account: AccountId) -> Result<Arc<Sitting>> {
    if let Some(sitting) = app.sittings.get(public_id) {
        return if sitting.account == account { Ok(sitting) } else { Err(Error::NotFound) };
    }
    // Once for each attempt; whoever makes up ids is held to a person's number.
    app.rates.account(account)?;
    let (attempt, exam) = find(app, public_id, account).await?;
    Ok(remember(app, &attempt, exam))
}

/// What is needed for the saves of an attempt, kept until it ends: what comes after is rare, and attempts that have ended become many.
fn remember(app: &App, attempt: &Attempt, exam: Arc<Prepared>) -> Arc<Sitting> {
    let questions = attempt.paper.items.iter().map(|item| item.question).collect();
    let sitting = Arc::new(Sitting { attempt: attempt.id, account: attempt.account, questions, exam });
    if !attempt.state.is_finished() {
        app.sittings.insert(attempt.public_id.clone(), Arc::clone(&sitting));
    }
    sitting
}

/// Saves operations of one writer. Those in it have been checked.
///
/// # Errors
/// [`Error::TooMany`] from whoever saves more often than anybody needs; [`Error::Closed`] when the attempt has ended; [`Error::Invalid`] for a writer number that was not given out.
pub async fn save(app: &App, sitting: &Sitting, operations: Vec<Operation>, arrival: Arrival) -> Result<Judged> {
    app.rates.attempt(sitting.attempt)?;
    app.clocks.check_since(arrival.since)?;
    let begun = Instant::now();
    let saved = app.store.save_operations(sitting.attempt, sitting.account, operations, arrival).await?;
    app.admission.note_answer(begun.elapsed());
    judged(saved)
}

/// Saves the answer of a plain form under the next number of its writer.
///
/// # Errors
/// As [`save`].
pub async fn save_form(app: &App, attempt: &Attempt, answer: FormAnswer, arrival: Arrival) -> Result<Judged> {
    app.rates.attempt(attempt.id)?;
    app.clocks.check_since(arrival.since)?;
    let begun = Instant::now();
    let saved = app.store.save_form(attempt.id, attempt.account, answer, arrival).await?;
    app.admission.note_answer(begun.elapsed());
    judged(saved)
}

/// What became of the operations of a save, all of it committed.
pub struct Judged {
    /// The numbers that count.
    pub acknowledged: Vec<i64>,
    /// The numbers that do not, and why.
    pub rejected: Vec<(i64, Rejection)>,
    /// Until when answers count.
    pub deadline: Option<Timestamp>,
}

fn judged(saved: Option<Saved>) -> Result<Judged> {
    let Saved { outcome, deadline } = saved.ok_or(Error::NotFound)?;
    match outcome {
        SaveOutcome::Closed => Err(Error::Closed),
        SaveOutcome::Full => Err(Error::Full),
        SaveOutcome::UnknownWriter => {
            Err(Error::invalid("/writer", "Take the pen first: this writer number was not given out."))
        }
        SaveOutcome::Judged { acknowledged, rejected } => Ok(Judged { acknowledged, rejected, deadline }),
    }
}

/// Hands in an attempt: the answers saved before it count. Doing it again returns the same receipt. After the deadline the
/// attempt ends as expired, which it had at that moment.
///
/// # Errors
/// When the database fails; then nothing has changed. [`Error::TooMany`] when it was done before, again and again.
pub async fn submit(app: &App, attempt: &Attempt, exam: &Arc<Prepared>, arrival: Arrival) -> Result<Attempt> {
    if attempt.state.is_finished() {
        // The same receipt again, which costs a person's number as any page does: ends are done one after another.
        app.rates.account(attempt.account)?;
        return Ok(attempt.clone());
    }
    app.clocks.check_since(arrival.since)?;
    let (state, ended_at) = match attempt.deadline {
        Some(deadline) if arrival.at > deadline => (AttemptState::Expired, deadline),
        _ => (AttemptState::Submitted, arrival.at),
    };
    end(app, attempt, exam, state, ended_at).await
}

/// Ends an attempt and grades it.
///
/// # Errors
/// When the database fails, or the exam has lost a question of the paper.
pub async fn end(
    app: &App,
    attempt: &Attempt,
    exam: &Arc<Prepared>,
    state: AttemptState,
    ended_at: Timestamp,
) -> Result<Attempt> {
    app.clocks.check()?;
    questions_of(&attempt.paper, exam)?;
    let (paper, exam) = (attempt.paper.clone(), Arc::clone(exam));
    let grade = move |answers: &Answers| -> Grade {
        let settings = &exam.summary().settings;
        // It was there a moment ago, and versions are immutable; a defect here is kept from the other attempts.
        let questions = questions_of(&paper, &exam).expect("every question of the paper is in its version");
        grade(&paper, &questions, answers, &settings.grading, settings.pass)
    };
    let ended = app.store.end_attempt(attempt, state, ended_at, app.now(), grade).await?.attempt;
    app.sittings.invalidate(&ended.public_id);
    Ok(ended)
}

/// The questions of a paper in its order.
///
/// # Errors
/// When the version has lost one, which cannot happen while versions are immutable.
pub fn questions_of<'a>(paper: &Paper, exam: &'a Prepared) -> Result<Vec<&'a Question>> {
    let questions = paper.items.iter().map(|item| {
        let found = exam.question(item.question).map(|(question, _)| question);
        found.ok_or_else(|| Error::internal(format!("question version {} of a paper is gone", item.question)))
    });
    questions.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_practice_takes_the_counts_it_offers_and_an_exam_its_own() {
        let practice = Settings::new(Mode::Practice);
        assert_eq!(wanted_count(&practice, 10, 40, None), Some(10));
        assert_eq!(wanted_count(&practice, 10, 40, Some(30)), Some(30));
        assert_eq!(wanted_count(&practice, 10, 40, Some(50)), None, "the bank cannot fill it");
        assert_eq!(wanted_count(&practice, 10, 40, Some(12)), None);
        assert_eq!(wanted_count(&practice, 3, 3, None), Some(3), "a small bank is practised whole");
        let exam = Settings::new(Mode::Exam);
        assert_eq!(wanted_count(&exam, 20, 40, None), Some(20));
        assert_eq!(wanted_count(&exam, 20, 40, Some(10)), None);
    }
}
