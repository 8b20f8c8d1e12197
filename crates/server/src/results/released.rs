//! What somebody may see of an attempt's result: the one place that asks the release policy.

use crate::app::App;
use crate::http::errors::{Error, Result};
use crate::published::Prepared;
use crate::take::sitting;
use exam::answer::Answers;
use exam::grade::Grade;
use exam::id::AccountId;
use exam::release::Released;
use std::sync::Arc;
use store::Attempt;

/// An ended attempt with what may be seen of it.
pub struct AttemptResult {
    /// The attempt.
    pub attempt: Attempt,
    /// Its exam, in the version it was sat in.
    pub exam: Arc<Prepared>,
    /// What was answered: always the person's own to see.
    pub answers: Answers,
    /// The marks; None while they are withheld.
    pub grade: Option<Grade>,
    /// What else is shown.
    pub released: Released,
}

/// The result of a person's own attempt.
///
/// # Errors
/// [`Error::NotFound`] also for somebody else's, [`Error::StillOpen`] before it has ended.
pub async fn find(app: &App, public_id: &str, account: AccountId) -> Result<AttemptResult> {
    let (attempt, marked) = app.store.find_result(public_id, account).await?.ok_or(Error::NotFound)?;
    let marked = marked.ok_or(Error::StillOpen)?;
    let exam = sitting::exam_of(app, &attempt).await?;
    let settings = &exam.summary().settings;
    let released = settings.release.decide(attempt.state.is_finished(), settings.closes_at, app.now());
    let grade = if released.marks { marked.grade()? } else { None };
    Ok(AttemptResult { attempt, exam, answers: marked.answers, grade, released })
}
