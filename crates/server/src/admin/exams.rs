//! Exams, for authors: the list, the draft, and publishing it.

use super::exam_form;
use super::overview::average;
use crate::app::App;
use crate::exams::pages::{moment, view_mode, whole};
use crate::http::errors::{Error, Result};
use crate::http::extract::{Form, Path, Query};
use crate::http::page::{Frame, show, show_with};
use crate::http::session::SignedIn;
use crate::markup::render;
use crate::view::admin::{Done, ExamForm, ExamFormPage, ExamPage, ExamRow, ExamStats, ExamVersion, ExamsPage};
use crate::view::form::{Errors, Problem};
use crate::view::page::Page;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use exam::settings::Percent;
use store::{BankSummary, Exam, ExamStatistics, ExamSummary, NewExam, PublishError};

fn row(summary: &ExamSummary) -> ExamRow {
    let exam = &summary.exam;
    ExamRow {
        slug: exam.slug.clone(),
        title: exam.title.clone(),
        mode: view_mode(exam.settings.mode),
        version: exam.version,
        has_changes: summary.published_at.is_some_and(|published_at| exam.updated_at > published_at),
        question_count: whole(exam.blueprint.question_count()),
        attempts: summary.attempts,
    }
}

/// `GET /admin/exams`
pub async fn list(State(app): State<App>, Frame(page): Frame) -> Result<Response> {
    let exams = app.store.list_exam_summaries().await?.iter().map(row).collect();
    show(&ExamsPage { page, exams })
}

/// `GET /admin/exams/{slug}`
pub async fn exam(
    State(app): State<App>,
    Path(slug): Path<String>,
    Frame(page): Frame,
    query: Query,
) -> Result<Response> {
    let summary = app.store.find_exam_summary(&slug).await?.ok_or(Error::NotFound)?;
    let done = query.get("done").and_then(|name| done(name, &summary.exam));
    show(&exam_page(&app, page, &summary, Errors::default(), done).await?)
}

fn done(name: &str, exam: &Exam) -> Option<Done> {
    match name {
        "created" => Some(Done::ExamCreated),
        "saved" => Some(Done::ExamSaved),
        "published" => exam.version.map(Done::ExamPublished),
        _ => None,
    }
}

async fn exam_page(
    app: &App,
    page: Page,
    summary: &ExamSummary,
    errors: Errors,
    done: Option<Done>,
) -> Result<ExamPage> {
    let exam = &summary.exam;
    let mut row = row(summary);
    // The list goes by the time of the last save. Here one may publish, and a question corrected in the bank is a reason.
    row.has_changes = row.has_changes || app.store.draft_differs(exam).await?;
    let draft = exam_form::of(exam);
    let bank = app.store.find_bank(&draft.bank).await?;
    let versions = app.store.list_exam_versions(exam.id).await?;
    let stats = match summary.attempts {
        0 => None,
        _ => Some(stats(&app.store.exam_statistics(exam.id).await?)),
    };
    Ok(ExamPage {
        page,
        row,
        description: render(&exam.description),
        bank_title: bank.map_or_else(|| draft.bank.clone(), |bank| bank.title),
        draft,
        errors,
        versions: versions
            .into_iter()
            .map(|version| ExamVersion {
                version: version.version,
                published_at: moment(version.published_at),
                author: version.author,
                attempts: version.attempts,
            })
            .collect(),
        stats,
        done,
    })
}

fn stats(statistics: &ExamStatistics) -> ExamStats {
    // As hundredths of a percent, like any other share.
    let pass_rate = (statistics.judged > 0).then(|| Percent(statistics.passed * 10_000 / statistics.judged).as_f64());
    ExamStats {
        open: statistics.open,
        finished: statistics.finished,
        average_percent: average(statistics.percent_sum, statistics.graded),
        pass_rate_percent: pass_rate,
        score_bins: statistics.score_histogram,
    }
}

fn form_page(page: Page, slug: Option<String>, form: ExamForm, banks: &[BankSummary], errors: Errors) -> ExamFormPage {
    let bank = |summary: &BankSummary| (summary.bank.slug.clone(), summary.bank.title.clone(), summary.questions);
    ExamFormPage { page, slug, form, banks: banks.iter().map(bank).collect(), errors }
}

/// `GET /admin/exams/new`
pub async fn new(State(app): State<App>, Frame(page): Frame) -> Result<Response> {
    let banks = app.store.list_banks().await?;
    let form = exam_form::blank(&banks);
    show(&form_page(page, None, form, &banks, Errors::default()))
}

/// `POST /admin/exams`
pub async fn create(State(app): State<App>, person: SignedIn, Frame(page): Frame, form: Form) -> Result<Response> {
    let banks = app.store.list_banks().await?;
    let typed = exam_form::typed(&form);
    let errors = match exam_form::parse(&typed, &banks, None) {
        Err(errors) => errors,
        Ok(draft) => match app.store.create_exam(new_exam(&draft), Some(person.id()), app.now()).await {
            Ok(exam) => return Ok(to_exam(&exam.slug, "created")),
            Err(store::Error::Conflict(_)) => Errors::one("slug", Problem::SlugTaken),
            Err(error) => return Err(error.into()),
        },
    };
    show_with(StatusCode::UNPROCESSABLE_ENTITY, &form_page(page, None, typed, &banks, errors))
}

/// `GET /admin/exams/{slug}/edit`
pub async fn edit(State(app): State<App>, Path(slug): Path<String>, Frame(page): Frame) -> Result<Response> {
    let exam = app.store.find_exam(&slug).await?.ok_or(Error::NotFound)?;
    let banks = app.store.list_banks().await?;
    show(&form_page(page, Some(slug), exam_form::of(&exam), &banks, Errors::default()))
}

/// `POST /admin/exams/{slug}`
pub async fn save(
    State(app): State<App>,
    Path(slug): Path<String>,
    person: SignedIn,
    Frame(page): Frame,
    form: Form,
) -> Result<Response> {
    let exam = app.store.find_exam(&slug).await?.ok_or(Error::NotFound)?;
    let banks = app.store.list_banks().await?;
    let typed = exam_form::typed(&form);
    match exam_form::parse(&typed, &banks, Some(&exam)) {
        Ok(draft) => match app.store.save_draft(new_exam(&draft), Some(person.id()), app.now()).await? {
            true => Ok(to_exam(&slug, "saved")),
            false => Err(Error::NotFound),
        },
        Err(errors) => {
            let page = form_page(page, Some(slug), typed, &banks, errors);
            show_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

fn new_exam(draft: &exam_form::Draft) -> NewExam<'_> {
    NewExam {
        slug: &draft.slug,
        title: &draft.title,
        description: &draft.description,
        settings: &draft.settings,
        blueprint: &draft.blueprint,
    }
}

fn to_exam(slug: &str, done: &str) -> Response {
    Redirect::to(&format!("/admin/exams/{slug}?done={done}")).into_response()
}

/// `POST /admin/exams/{slug}/publish`
pub async fn publish(
    State(app): State<App>,
    Path(slug): Path<String>,
    person: SignedIn,
    Frame(page): Frame,
) -> Result<Response> {
    let summary = app.store.find_exam_summary(&slug).await?.ok_or(Error::NotFound)?;
    let published = app.store.publish_exam(&slug, Some(person.id()), app.now()).await;
    app.published.look_again();
    let flaw = match published {
        Ok(_) => return Ok(to_exam(&slug, "published")),
        Err(PublishError::NoSuchExam) => return Err(Error::NotFound),
        Err(PublishError::Store(error)) => return Err(error.into()),
        Err(flaw) => flaw.to_string(),
    };
    let errors = Errors::one("publish", Problem::Unpublishable(flaw));
    show_with(StatusCode::UNPROCESSABLE_ENTITY, &exam_page(&app, page, &summary, errors, None).await?)
}
