//! What only a practice has: questions that are checked while it is being taken, bookmarks, and drills of what was missed or
//! bookmarked. One set of rules under API and pages.

pub mod api;
pub mod pages;

use crate::app::App;
use crate::http::errors::{Error, Result};
use crate::published::Prepared;
use crate::results::reviewed::{Permits, reviewed};
use crate::view::results::ReviewedQuestion;
use exam::answer::{Answers, Response};
use exam::grade::{Mark, mark};
use exam::id::{AccountId, QuestionVersionId};
use exam::paper::PaperItem;
use exam::practice::{Checked, Source, missed};
use exam::question::Question;
use exam::release::{InstantFeedback, Released};
use exam::settings::Mode;
use std::collections::BTreeSet;
use store::{Arrival, Attempt, Check};

/// How many of a person's last attempts say what was missed.
const LAST: i64 = 20;

/// The right to check questions of an exam while it is being taken.
///
/// # Errors
/// [`Error::NotCheckable`] for everything but a practice that shows all at submit.
pub fn right_to_check(exam: &Prepared) -> Result<InstantFeedback> {
    InstantFeedback::of(&exam.summary().settings).ok_or(Error::NotCheckable)
}

/// Checks the answer that a question of a person's own attempt has; all that are checked then.
///
/// # Errors
/// When it has none, the time is over, or another tab or device has the pen; [`Error::NotCheckable`] for an exam.
pub async fn check(
    app: &App,
    attempt: &Attempt,
    exam: &Prepared,
    number: usize,
    writer: i64,
    arrival: Arrival,
) -> Result<Checked> {
    let right = right_to_check(exam)?;
    attempt.paper.item(number).ok_or(Error::NotFound)?;
    app.rates.attempt(attempt.id)?;
    app.clocks.check_since(arrival.since)?;
    match app.store.check_question(attempt, number, writer, arrival.at, &right).await? {
        Check::Checked(checked) => Ok(checked),
        Check::Unanswered => Err(Error::Unanswered),
        Check::Superseded => Err(Error::Superseded),
        Check::Late => Err(Error::Late),
        Check::Closed => Err(Error::Closed),
    }
}

/// A checked question of an attempt with what may be shown of it.
pub struct CheckedQuestion<'a> {
    /// Its number on the paper.
    pub number: usize,
    /// Its place on the paper.
    pub item: &'a PaperItem,
    /// What was asked.
    pub question: &'a Question,
    /// The answer that was checked.
    pub response: Option<&'a Response>,
    /// What it earns.
    pub mark: Mark,
    /// Everything.
    pub released: Released,
}

/// A question of an open attempt, if it is checked.
#[must_use]
pub fn checked<'a>(
    attempt: &'a Attempt,
    exam: &'a Prepared,
    answers: &'a Answers,
    number: usize,
) -> Option<CheckedQuestion<'a>> {
    let settings = &exam.summary().settings;
    let released = InstantFeedback::of(settings)?.decide(&attempt.checked, number)?;
    let item = attempt.paper.item(number)?;
    let (question, _) = exam.question(item.question)?;
    let response = answers.get(&number);
    let mark = mark(question, item, response, &settings.grading);
    Some(CheckedQuestion { number, item, question, response, mark, released })
}

impl CheckedQuestion<'_> {
    /// As its page shows it.
    #[must_use]
    pub fn view(&self, exam: &Prepared, is_bookmarked: bool) -> Option<ReviewedQuestion> {
        let (question, html) = exam.question(self.item.question)?;
        let permits = Permits {
            mark: Some(&self.mark),
            key: self.released.keys.as_ref(),
            explanations: self.released.explanations.as_ref(),
        };
        let view = reviewed(self.number, self.item, question, html, self.response, &permits);
        Some(ReviewedQuestion { bookmarked: Some(is_bookmarked), ..view })
    }
}

/// Bookmarks a question of a person's own attempt, or removes the bookmark.
///
/// # Errors
/// [`Error::NotReleased`] while the person has not been shown what is right: nothing is to be learned or kept of it before.
pub async fn bookmark(app: &App, attempt: &Attempt, exam: &Prepared, number: usize, is_on: bool) -> Result<()> {
    let item = attempt.paper.item(number).ok_or(Error::NotFound)?;
    let settings = &exam.summary().settings;
    let is_finished = attempt.state.is_finished();
    let keys = settings.release.decide(is_finished, settings.closes_at, app.now()).keys;
    let is_checked =
        || InstantFeedback::of(settings).is_some_and(|right| right.decide(&attempt.checked, number).is_some());
    if keys.is_none() && !is_checked() {
        return Err(Error::NotReleased);
    }
    Ok(app.store.set_bookmark(attempt.account, item.question, is_on, app.now()).await?)
}

/// Which questions of an attempt its person has bookmarked, by their numbers.
///
/// # Errors
/// When the database fails.
pub async fn bookmarked(app: &App, attempt: &Attempt) -> Result<BTreeSet<usize>> {
    let questions: Vec<QuestionVersionId> = attempt.paper.items.iter().map(|item| item.question).collect();
    let bookmarked = app.store.list_bookmarked(attempt.account, &questions).await?;
    Ok((1..).zip(questions).filter(|(_, question)| bookmarked.contains(question)).map(|(number, _)| number).collect())
}

/// The questions of a practice that a drill of a person may ask, all of them of its published pool.
///
/// # Errors
/// When the exam is no practice, or the database fails.
pub async fn wanted(
    app: &App,
    exam: &Prepared,
    account: AccountId,
    from: Source,
) -> Result<BTreeSet<QuestionVersionId>> {
    let summary = exam.summary();
    if summary.settings.mode != Mode::Practice {
        return Err(Error::invalid("/from", "Only a practice can be drawn so. Leave it out."));
    }
    let pool = summary.pool.questions();
    match from {
        Source::All => Ok(pool.into_iter().collect()),
        Source::Bookmarked => Ok(app.store.list_bookmarked(account, &pool).await?),
        Source::Missed => {
            let mut outcomes = Vec::new();
            for practised in app.store.list_practised(summary.exam_id, account, LAST).await? {
                let version = app.published.version(practised.exam_version).await?;
                let settings = version.as_ref().map(|version| &version.summary().settings);
                // Which ones were missed is told by the marks.
                let shows_marks = |settings: &exam::settings::Settings| {
                    settings.release.decide(true, settings.closes_at, app.now()).marks
                };
                if settings.is_some_and(shows_marks) {
                    outcomes.push(practised.outcomes);
                }
            }
            let versions = outcomes.iter().flatten().map(|(version, _)| *version).chain(pool.iter().copied()).collect();
            let questions = app.store.questions_of_versions(&versions).await?;
            let known = |(version, outcome)| Some((*questions.get(&version)?, outcome));
            let missed = missed(outcomes.into_iter().map(|outcomes| outcomes.into_iter().filter_map(known)));
            let is_missed = |version: &QuestionVersionId| questions.get(version).is_some_and(|id| missed.contains(id));
            Ok(pool.into_iter().filter(is_missed).collect())
        }
    }
}

/// How many questions the drills of a practice have for a person: missed, and bookmarked.
///
/// # Errors
/// When the database fails.
pub async fn drills(app: &App, exam: &Prepared, account: AccountId) -> Result<(usize, usize)> {
    if exam.summary().settings.mode != Mode::Practice {
        return Ok((0, 0));
    }
    let missed = wanted(app, exam, account, Source::Missed).await?.len();
    Ok((missed, wanted(app, exam, account, Source::Bookmarked).await?.len()))
}
