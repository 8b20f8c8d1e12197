//! Banks, for authors: the list, new ones, their questions, and the way out as an archive.

use super::{cursor, filter, import, slug_problem, title_problem};
use crate::app::App;
use crate::exams::pages::moment;
use crate::http::errors::{Error, Result};
use crate::http::extract::{Form, Path, Query};
use crate::http::page::{Frame, show, show_with};
use crate::http::session::SignedIn;
use crate::markup::excerpt;
use crate::view::admin::banks::{DIFFICULTIES, KINDS};
use crate::view::admin::{BankPage, BankRow, BanksPage, Done, ImportForm, QuestionFilter, QuestionRow};
use crate::view::form::{Errors, Problem};
use crate::view::page::Page;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use exam::id::QuestionId;
use exam::sealed::Permit;
use interchange::{BankInfo, write_archive};
use store::BankSummary;

/// How many questions a page lists.
const PAGE: i64 = 50;
/// How much of a question a list shows, in characters.
pub(super) const EXCERPT: usize = 120;

/// A bank in a list or as the heading of its pages.
pub(super) fn row(summary: &BankSummary) -> BankRow {
    BankRow {
        slug: summary.bank.slug.clone(),
        title: summary.bank.title.clone(),
        question_count: summary.questions,
        changed_at: moment(summary.changed_at),
    }
}

/// The bank of an address.
pub(super) async fn find(app: &App, slug: &str) -> Result<BankSummary> {
    app.store.find_bank_summary(slug).await?.ok_or(Error::NotFound)
}

async fn banks_page(app: &App, page: Page, title: &str, slug: &str, errors: Errors) -> Result<BanksPage> {
    let banks = app.store.list_banks().await?.iter().map(row).collect();
    Ok(BanksPage { page, banks, title: title.to_owned(), slug: slug.to_owned(), errors, done: None })
}

/// `GET /admin/banks`
pub async fn list(State(app): State<App>, Frame(page): Frame) -> Result<Response> {
    show(&banks_page(&app, page, "", "", Errors::default()).await?)
}

/// `POST /admin/banks`
pub async fn create(State(app): State<App>, person: SignedIn, Frame(page): Frame, form: Form) -> Result<Response> {
    let (title, slug) = (form.get("title").trim(), form.get("slug").trim());
    let mut errors = Errors::default();
    title_problem(title).into_iter().for_each(|problem| errors.add("title", problem));
    slug_problem(slug).into_iter().for_each(|problem| errors.add("slug", problem));
    if errors.is_empty() {
        match app.store.create_bank(slug, title, "", Some(person.id()), app.now()).await {
            Ok(bank) => return Ok(Redirect::to(&format!("/admin/banks/{}?done=created", bank.slug)).into_response()),
            Err(store::Error::Conflict(_)) => errors.add("slug", Problem::SlugTaken),
            Err(error) => return Err(error.into()),
        }
    }
    show_with(StatusCode::UNPROCESSABLE_ENTITY, &banks_page(&app, page, title, slug, errors).await?)
}

/// `GET /admin/banks/{slug}?text=&domain=&kind=&difficulty=&cursor=`
pub async fn bank(
    State(app): State<App>,
    Path(slug): Path<String>,
    Frame(page): Frame,
    query: Query,
) -> Result<Response> {
    let summary = find(&app, &slug).await?;
    let form = import::empty_form(&page);
    show(&bank_page(&app, page, &summary, &query, form).await?)
}

/// The page of a bank, with the form for an import as it was sent.
pub(super) async fn bank_page(
    app: &App,
    page: Page,
    summary: &BankSummary,
    query: &Query,
    import: ImportForm,
) -> Result<BankPage> {
    let wanted = store::QuestionFilter {
        text: filter(query, "text"),
        domain: filter(query, "domain"),
        kind: filter(query, "kind"),
        difficulty: filter(query, "difficulty"),
        limit: PAGE,
        after: cursor(query)?.map(QuestionId),
    };
    let list = app.store.list_questions(summary.bank.id, &wanted).await?;
    let domains = app.store.list_domains(summary.bank.id).await?;
    Ok(BankPage {
        page,
        bank: row(summary),
        filter: QuestionFilter {
            text: wanted.text,
            domain: wanted.domain,
            kind: wanted.kind,
            difficulty: wanted.difficulty,
        },
        domains: domains.into_iter().map(|(domain, _)| domain).collect(),
        questions: list.questions.into_iter().map(question_row).collect(),
        total: list.total,
        next_cursor: list.next.map(|id| id.to_string()),
        import,
        done: query.get("done").filter(|name| *name == "created").map(|_| Done::BankCreated),
    })
}

fn question_row(question: store::QuestionRow) -> QuestionRow {
    QuestionRow {
        id: question.id.to_string(),
        excerpt: excerpt(&question.prompt, EXCERPT),
        kind: known(&KINDS, &question.kind).unwrap_or_default(),
        domains: question.domains,
        difficulty: question.difficulty.and_then(|difficulty| known(&DIFFICULTIES, &difficulty)),
        points: question.points.as_f64(),
        version: question.version,
    }
}

fn known(names: &[&'static str], name: &str) -> Option<&'static str> {
    names.iter().copied().find(|known| *known == name)
}

/// `GET /admin/banks/{slug}/export`: the bank with keys and explanations, which an import reads without loss.
pub async fn export(State(app): State<App>, Path(slug): Path<String>) -> Result<Response> {
    let bank = app.store.find_bank(&slug).await?.ok_or(Error::NotFound)?;
    let questions = app.store.export_questions(bank.id).await?;
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{}.examhall.json\"", bank.slug));
    // Off the threads that answer requests: a large bank takes a while to write.
    let written = tokio::task::spawn_blocking(move || {
        let info =
            BankInfo { slug: bank.slug, title: bank.title, description: bank.description, licence: String::new() };
        let pairs = questions.iter().map(|stored| (stored.reference.as_str(), &stored.question));
        write_archive(&info, pairs, &Permit::for_staff(), &Permit::for_staff())
    });
    let archive = written.await.map_err(Error::internal)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CONTENT_DISPOSITION, disposition.map_err(Error::internal)?),
    ];
    Ok((headers, archive).into_response())
}
