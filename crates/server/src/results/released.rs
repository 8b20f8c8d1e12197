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
    let (attempt, exam) = sitting::find(app, public_id, account).await?;
    if !attempt.state.is_finished() {
        return Err(Error::StillOpen);
    }
    let settings = &exam.summary().settings;
    let released = settings.release.decide(attempt.state.is_finished(), settings.closes_at, app.now());
    let grade = if released.marks { app.store.find_grade(&attempt).await? } else { None };
    let (answers, _) = app.store.answers(&attempt).await?;
    Ok(AttemptResult { attempt, exam, answers, grade, released })
}
