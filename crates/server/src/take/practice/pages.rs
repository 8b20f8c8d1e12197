//! What the pages of an attempt show of a practice, and bookmarking by a plain form.

use crate::app::App;
use crate::http::errors::{Error, Result};
use crate::http::extract::{Form, Path};
use crate::http::session::SignedIn;
use crate::published::Prepared;
use crate::take::sitting;
use crate::view::take::Check;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use exam::answer::Answers;
use exam::release::InstantFeedback;
use std::collections::BTreeSet;
use store::Attempt;

/// The bookmarks of an attempt's person, where any of it can be shown: only a practice with checked questions is worth asking for.
pub(in crate::take) async fn bookmarked(app: &App, attempt: &Attempt) -> Result<BTreeSet<usize>> {
    if attempt.checked.is_empty() { Ok(BTreeSet::new()) } else { super::bookmarked(app, attempt).await }
}

/// How far a question has come towards being checked.
pub(in crate::take) fn check_state(
    attempt: &Attempt,
    exam: &Prepared,
    answers: &Answers,
    is_bookmarked: bool,
    number: usize,
) -> Check {
    if InstantFeedback::of(&exam.summary().settings).is_none() {
        return Check::None;
    }
    let checked = super::checked(attempt, exam, answers, number);
    match checked.and_then(|checked| checked.view(exam, is_bookmarked)) {
        Some(reviewed) => Check::Done(Box::new(reviewed)),
        None => Check::Offered,
    }
}

/// `POST /attempts/{id}/questions/{number}/bookmark` with `to` (`on` or `off`), and with `back=missed` from a list of those.
pub async fn bookmark(
    State(app): State<App>,
    Path((id, number)): Path<(String, usize)>,
    person: SignedIn,
    form: Form,
) -> Result<Response> {
    let (attempt, exam) = sitting::find(&app, &id, person.id()).await?;
    let is_on = match form.get("to") {
        "on" => true,
        "off" => false,
        _ => return Err(Error::invalid("/to", "Use on or off.")),
    };
    super::bookmark(&app, &attempt, &exam, number, is_on).await?;
    let base = format!("/attempts/{}", attempt.public_id);
    let back = match (attempt.state.is_finished(), form.get("back")) {
        (false, _) => format!("{base}?question={number}"),
        (true, "missed") => format!("{base}/result?show=missed#question-{number}"),
        (true, _) => format!("{base}/result#question-{number}"),
    };
    Ok(Redirect::to(&back).into_response())
}
