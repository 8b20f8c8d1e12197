//! The front page, the catalogue and the page of one exam.

use crate::app::App;
use crate::http::errors::{Error, Result};
use crate::http::extract::{MaybeSignedIn, Path};
use crate::http::page::{Frame, show, show_with};
use crate::http::session::SignedIn;
use crate::markup::{plain_text, render};
use crate::published::Prepared;
use crate::take::practice;
use crate::view::exams::{Blocked, CataloguePage, Drills, ExamCard, IntroPage, Mode as ViewMode, ReleaseNote};
use crate::view::form::Errors;
use crate::view::home::HomePage;
use crate::view::page::{Moment, Page};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use exam::attempt::AttemptState;
use exam::release::{ReleasePolicy, When};
use exam::settings::{Mode, Settings};
use exam::time::Timestamp;
use std::collections::HashMap;
use store::{AttemptFilter, PublishedSummary};

/// The mode as pages name it.
#[must_use]
pub fn view_mode(mode: Mode) -> ViewMode {
    match mode {
        Mode::Exam => ViewMode::Exam,
        Mode::Practice => ViewMode::Practice,
    }
}

/// A whole number as pages take it.
#[must_use]
pub fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A time as pages take it.
#[must_use]
pub fn moment(time: Timestamp) -> Moment {
    Moment(time.0)
}

/// An exam as a card.
#[must_use]
pub fn card(exam: &PublishedSummary, open_attempt: Option<String>) -> ExamCard {
    let most = exam.settings.question_counts(exam.pool.questions().len()).into_iter().max();
    ExamCard {
        slug: exam.slug.clone(),
        title: exam.title.clone(),
        summary: plain_text(&exam.description),
        mode: view_mode(exam.settings.mode),
        question_count: whole(most.unwrap_or_else(|| exam.pool.question_count())),
        time_limit_s: exam.settings.time_limit_s.map(i64::from),
        pass_percent: exam.settings.pass.map(exam::settings::Percent::as_f64),
        open_attempt,
    }
}

/// All published exams as cards, with the open attempts of a person.
///
/// # Errors
/// When the database fails.
pub async fn cards(app: &App, person: Option<&SignedIn>) -> Result<Vec<ExamCard>> {
    let mut open: HashMap<String, String> = HashMap::new();
    if let Some(person) = person {
        let account = Some(person.id());
        let filter = AttemptFilter { account, state: Some(AttemptState::Open), limit: 100, ..AttemptFilter::default() };
        let attempts = app.store.list_attempts(&filter).await?.attempts;
        open = attempts.into_iter().map(|attempt| (attempt.exam_slug, attempt.public_id)).collect();
    }
    let exams = app.store.list_published().await?;
    Ok(exams.iter().map(|exam| card(exam, open.remove(&exam.slug))).collect())
}

/// `GET /`: the front page for guests; others go on to their dashboard.
pub async fn home(
    State(app): State<App>,
    MaybeSignedIn(person): MaybeSignedIn,
    Frame(page): Frame,
) -> Result<Response> {
    if person.is_some() {
        return Ok(Redirect::to("/dashboard").into_response());
    }
    let mut exams = cards(&app, None).await?;
    exams.truncate(6);
    show(&HomePage { page, exams })
}

/// `GET /exams`
pub async fn catalogue(
    State(app): State<App>,
    MaybeSignedIn(person): MaybeSignedIn,
    Frame(page): Frame,
) -> Result<Response> {
    let exams = cards(&app, person.as_ref()).await?;
    show(&CataloguePage { page, exams })
}

/// `GET /exams/{slug}`
pub async fn intro(
    State(app): State<App>,
    Path(slug): Path<String>,
    MaybeSignedIn(person): MaybeSignedIn,
    Frame(page): Frame,
) -> Result<Response> {
    let exam = app.published.current(&slug).await?.ok_or(Error::NotFound)?;
    show(&intro_page(&app, &exam, person.as_ref(), page, Errors::default()).await?)
}

/// The page of an exam again, with what was wrong about a start.
///
/// # Errors
/// When the database fails.
pub async fn intro_with_errors(
    app: &App,
    exam: &Prepared,
    person: &SignedIn,
    page: Page,
    errors: Errors,
) -> Result<Response> {
    show_with(StatusCode::UNPROCESSABLE_ENTITY, &intro_page(app, exam, Some(person), page, errors).await?)
}

async fn intro_page(
    app: &App,
    exam: &Prepared,
    person: Option<&SignedIn>,
    page: Page,
    errors: Errors,
) -> Result<IntroPage> {
    let summary = exam.summary();
    let settings = &summary.settings;
    let (mut open_attempt, mut attempts_used) = (None, 0);
    if let Some(person) = person {
        open_attempt = app.store.find_open_attempt(summary.exam_id, person.id()).await?;
        attempts_used = app.store.count_attempts(summary.exam_id, person.id()).await?;
    }
    let drills = match person {
        Some(person) => Drills::of(practice::drills(app, exam, person.id()).await?, app.chance.public_id()),
        None => Drills::default(),
    };
    let question_counts = settings.question_counts(summary.pool.questions().len());
    let chosen_count = question_counts.iter().copied().filter(|count| *count <= 20).max();
    let chosen_count = chosen_count.or_else(|| question_counts.first().copied()).unwrap_or(0);
    // Whoever has started has a deadline already.
    let seconds_till_close = if open_attempt.is_some() { None } else { seconds_till_close(settings, app.now()) };
    Ok(IntroPage {
        page,
        exam: card(summary, open_attempt.map(|attempt| attempt.public_id)),
        description: render(&summary.description),
        attempts_allowed: settings.attempts.map(i64::from),
        attempts_used,
        opens_at: settings.opens_at.map(moment),
        closes_at: settings.closes_at.map(moment),
        seconds_till_close,
        blocked: blocked(settings, attempts_used, app.now()),
        server_time: moment(app.now()),
        question_counts: question_counts.into_iter().map(whole).collect(),
        chosen_count: whole(chosen_count),
        drills,
        idempotency_key: app.chance.public_id(),
        penalty: settings.grading.wrong_penalty.0 > 0,
        release: release_note(settings.release),
        errors,
    })
}

fn seconds_till_close(settings: &Settings, now: Timestamp) -> Option<i64> {
    let left = (settings.deadline(now)?.0 - now.0) / 1_000;
    settings.time_limit_s.is_some_and(|allowed| 0 < left && left < i64::from(allowed)).then_some(left)
}

fn blocked(settings: &Settings, attempts_used: i64, now: Timestamp) -> Option<Blocked> {
    if settings.closes_at.is_some_and(|closes| now >= closes) {
        Some(Blocked::Closed)
    } else if settings.attempts.is_some_and(|allowed| attempts_used >= i64::from(allowed)) {
        Some(Blocked::NoAttemptsLeft)
    } else if settings.opens_at.is_some_and(|opens| now < opens) {
        Some(Blocked::NotOpenYet)
    } else {
        None
    }
}

fn release_note(policy: ReleasePolicy) -> ReleaseNote {
    match (policy.marks, policy.keys, policy.explanations) {
        (When::AtSubmit, When::AtSubmit, When::AtSubmit) => ReleaseNote::Everything,
        (When::AtSubmit, ..) => ReleaseNote::MarksFirst,
        (When::AtClose, ..) => ReleaseNote::AfterClose,
        (When::Never, ..) => ReleaseNote::Nothing,
    }
}
