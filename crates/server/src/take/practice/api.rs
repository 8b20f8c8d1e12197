//! Checking and bookmarking by the API.

use super::{bookmark, check, checked};
use crate::app::App;
use crate::http::errors::{Error, Result};
use crate::http::extract::{Json, Path, Received};
use crate::http::session::SignedIn;
use crate::results::api::QuestionResultBody;
use crate::take::sitting;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use store::Attempt;

/// The body of a check.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckBody {
    #[serde(default)]
    writer: i64,
}

/// `POST /api/v1/attempts/{id}/questions/{number}/check`: closes the question and shows what is right.
pub async fn check_question(
    State(app): State<App>,
    Path((id, number)): Path<(String, usize)>,
    person: SignedIn,
    Received(arrival): Received,
    Json(CheckBody { writer }): Json<CheckBody>,
) -> Result<axum::Json<QuestionResultBody>> {
    let (attempt, exam) = sitting::find(&app, &id, person.id()).await?;
    if attempt.state.is_finished() {
        super::right_to_check(&exam)?;
        return Err(Error::Closed);
    }
    let now_checked = check(&app, &attempt, &exam, number, writer, arrival).await?;
    let attempt = Attempt { checked: now_checked, ..attempt };
    // Its answer does not change any more.
    let answers = app.store.answers(&attempt).await?.answers;
    let checked = checked(&attempt, &exam, &answers, number);
    let checked = checked.ok_or_else(|| Error::internal("a question that was checked is not"))?;
    Ok(axum::Json(QuestionResultBody::of_checked(&checked)))
}

/// `PUT /api/v1/attempts/{id}/questions/{number}/bookmark`
pub async fn add_bookmark(
    State(app): State<App>,
    Path((id, number)): Path<(String, usize)>,
    person: SignedIn,
) -> Result<StatusCode> {
    let (attempt, exam) = sitting::find(&app, &id, person.id()).await?;
    bookmark(&app, &attempt, &exam, number, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/attempts/{id}/questions/{number}/bookmark`
pub async fn remove_bookmark(
    State(app): State<App>,
    Path((id, number)): Path<(String, usize)>,
    person: SignedIn,
) -> Result<StatusCode> {
    let (attempt, exam) = sitting::find(&app, &id, person.id()).await?;
    bookmark(&app, &attempt, &exam, number, false).await?;
    Ok(StatusCode::NO_CONTENT)
}
