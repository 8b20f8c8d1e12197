//! Exams, for authors: the list, the draft, the published versions.

use super::Done;
use crate::chart::Chart;
use crate::markup::Html;
use crate::view::exams::Mode;
use crate::view::form::Errors;
use crate::view::page::{Moment, Page};
use askama::Template;

/// An exam in a list of the staff area.
#[derive(Debug, Clone)]
pub struct ExamRow {
    /// Its short name in URLs.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// Exam or practice.
    pub mode: Mode,
    /// The published version; None for a draft that never was.
    pub version: Option<i64>,
    /// Whether the draft differs from what is published.
    pub has_changes: bool,
    /// How many questions a paper has.
    pub question_count: i64,
    /// How many attempts there were.
    pub attempts: i64,
}

/// `GET /admin/exams`
#[derive(Template)]
#[template(path = "admin/exams.html")]
pub struct ExamsPage {
    /// The frame.
    pub page: Page,
    /// All exams.
    pub exams: Vec<ExamRow>,
}

/// `GET /admin/exams/new` (`POST /admin/exams`) and `GET /admin/exams/{slug}/edit` (`POST /admin/exams/{slug}`)
#[derive(Template)]
#[template(path = "admin/exam_form.html")]
pub struct ExamFormPage {
    /// The frame.
    pub page: Page,
    /// The exam that is changed; None for a new one.
    pub slug: Option<String>,
    /// What was typed and chosen so far.
    pub form: ExamForm,
    /// The banks to choose from: short name, title, number of questions.
    pub banks: Vec<(String, String, i64)>,
    /// What was wrong.
    pub errors: Errors,
}

/// The fields of an exam's draft, by their names in the form, as typed.
#[derive(Debug, Clone)]
pub struct ExamForm {
    /// `slug`; cannot be changed later.
    pub slug: String,
    /// `title`
    pub title: String,
    /// `description`, in Markdown.
    pub description: String,
    /// `mode`: `exam` or `practice`.
    pub mode: String,
    /// `bank`: a short name.
    pub bank: String,
    /// `questions`
    pub questions: String,
    /// `time_limit_min`; empty for untimed.
    pub time_limit_min: String,
    /// `pass_percent`; empty for no verdict.
    pub pass_percent: String,
    /// `attempts`; empty for unlimited.
    pub attempts: String,
    /// `opens_at`, as `2026-11-23T09:00` in UTC; empty for no limit.
    pub opens_at: String,
    /// `closes_at`, likewise.
    pub closes_at: String,
    /// `shuffle_questions`: `on` or absent.
    pub shuffle_questions: bool,
    /// `shuffle_options`: `on` or absent.
    pub shuffle_options: bool,
    /// `choice_credit`: what a partly right choice earns, one of [`PARTIAL_CREDIT`].
    pub choice_credit: String,
    /// `parts_credit`: what partly right matches, orders and blanks earn, one of [`PARTIAL_CREDIT`].
    pub parts_credit: String,
    /// `penalty`: what an answer that earns nothing costs, in percent of the question's points; empty for nothing.
    pub penalty: String,
    /// `release_marks`: one of [`RELEASE`].
    pub release_marks: String,
    /// `release_keys`: one of [`RELEASE`].
    pub release_keys: String,
    /// `release_explanations`: one of [`RELEASE`].
    pub release_explanations: String,
}

/// When a part of a result is shown, as in `exam::release::When`.
pub const RELEASE: [&str; 3] = ["at_submit", "at_close", "never"];

/// How partly right answers earn marks, as in `exam::grade::PartialCredit`.
pub const PARTIAL_CREDIT: [&str; 3] = ["all_or_nothing", "per_option", "right_minus_wrong"];

impl ExamFormPage {
    fn is_new(&self) -> bool {
        self.slug.is_none()
    }

    fn action(&self) -> String {
        self.slug.as_ref().map_or_else(|| "/admin/exams".to_owned(), |slug| format!("/admin/exams/{slug}"))
    }

    fn back_address(&self) -> String {
        self.action()
    }

    fn release_label(&self, name: &str) -> String {
        release_label(&self.page, name)
    }

    fn partial_credit_label(&self, name: &str) -> String {
        partial_credit_label(&self.page, name)
    }
}

impl ExamForm {
    fn release_label(&self, page: &Page, name: &str) -> String {
        release_label(page, name)
    }

    fn partial_credit_label(&self, page: &Page, name: &str) -> String {
        partial_credit_label(page, name)
    }
}

fn release_label(page: &Page, name: &str) -> String {
    page.t(match name {
        "at_submit" => "release-at-submit",
        "at_close" => "release-at-close",
        _ => "release-never",
    })
}

fn partial_credit_label(page: &Page, name: &str) -> String {
    page.t(match name {
        "per_option" => "partial-credit-per-option",
        "right_minus_wrong" => "partial-credit-right-minus-wrong",
        _ => "partial-credit-all-or-nothing",
    })
}

/// `GET /admin/exams/{slug}`; publishes by `POST /admin/exams/{slug}/publish`
#[derive(Template)]
#[template(path = "admin/exam.html")]
pub struct ExamPage {
    /// The frame.
    pub page: Page,
    /// The exam in short.
    pub row: ExamRow,
    /// What it is about.
    pub description: Html,
    /// The draft as its form would show it.
    pub draft: ExamForm,
    /// The title of the bank it draws from.
    pub bank_title: String,
    /// What is in the way of publishing.
    pub errors: Errors,
    /// All published versions, newest first.
    pub versions: Vec<ExamVersion>,
    /// What its attempts add up to; None before the first.
    pub stats: Option<ExamStats>,
    /// What the last change did.
    pub done: Option<Done>,
}

/// A published version of an exam.
#[derive(Debug, Clone)]
pub struct ExamVersion {
    /// Its number, from 1.
    pub version: i64,
    /// When it was published.
    pub published_at: Moment,
    /// By whom; None when it was by the command line.
    pub author: Option<String>,
    /// How many attempts were drawn from it.
    pub attempts: i64,
}

/// What the attempts of an exam add up to.
#[derive(Debug, Clone)]
pub struct ExamStats {
    /// Attempts that are being sat now.
    pub open: i64,
    /// Attempts that were finished.
    pub finished: i64,
    /// The mean share of marks, in percent.
    pub average_percent: Option<f64>,
    /// The share of finished attempts that passed, in percent.
    pub pass_rate_percent: Option<f64>,
    /// Finished attempts by share of marks: ten bins, 0-10% to 90-100%.
    pub score_bins: [i64; 10],
}

impl ExamPage {
    fn score_chart(&self, stats: &ExamStats) -> Chart {
        super::overview::score_histogram(&self.page, &stats.score_bins)
    }
}
