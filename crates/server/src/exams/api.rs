//! `GET /api/v1/exams`.

use crate::app::App;
use crate::http::errors::Result;
use crate::http::packed::{Effort, Packed};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use exam::settings::{Mode, Percent};
use exam::time::Timestamp;
use serde::Serialize;
use store::PublishedSummary;

/// The answer of `GET /api/v1/exams`.
#[derive(Serialize)]
pub struct ExamsBody {
    exams: Vec<ExamBody>,
}

/// A published exam.
#[derive(Serialize)]
struct ExamBody {
    slug: String,
    title: String,
    description: String,
    mode: Mode,
    question_count: usize,
    /// The numbers of questions to choose from; empty for a fixed exam.
    question_counts: Vec<usize>,
    time_limit_s: Option<u32>,
    pass_percent: Option<Percent>,
    attempts_allowed: Option<u32>,
    opens_at: Option<Timestamp>,
    closes_at: Option<Timestamp>,
}

impl From<&PublishedSummary> for ExamBody {
    fn from(exam: &PublishedSummary) -> Self {
        let settings = &exam.settings;
        Self {
            mode: settings.mode,
            question_count: exam.pool.question_count(),
            question_counts: settings.question_counts(exam.pool.questions().len()),
            time_limit_s: settings.time_limit_s,
            pass_percent: settings.pass,
            attempts_allowed: settings.attempts,
            opens_at: settings.opens_at,
            closes_at: settings.closes_at,
            slug: exam.slug.clone(),
            title: exam.title.clone(),
            description: exam.description.clone(),
        }
    }
}

/// The list of published exams, if it was looked at a moment ago.
pub(crate) fn list_at_hand(app: &App, headers: &HeaderMap) -> Option<Response> {
    app.published.listing_at_hand().map(|listing| listed(&listing, headers))
}

fn listed(listing: &Packed, headers: &HeaderMap) -> Response {
    listing.answer(headers, HeaderValue::from_static("no-cache"))
}

/// `GET /api/v1/exams`: all published exams, by title.
pub async fn list(State(app): State<App>, headers: HeaderMap) -> Result<Response> {
    let listing = app.published.listing(|exams| {
        let body = ExamsBody { exams: exams.iter().map(ExamBody::from).collect() };
        // Texts and numbers always are JSON.
        let json = serde_json::to_vec(&body).unwrap_or_default();
        Packed::new(HeaderValue::from_static("application/json"), json, Effort::Some)
    });
    Ok(listed(&*listing.await?, &headers))
}
