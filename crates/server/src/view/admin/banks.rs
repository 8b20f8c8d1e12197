//! Banks and their questions, for authors.

use super::{Done, list_address};
use crate::view::form::Errors;
use crate::view::page::{Moment, Page};
use crate::view::results::ReviewedQuestion;
use crate::view::take::Question;
use askama::Template;

/// `GET /admin/banks`; creates by `POST /admin/banks` with `title`, `slug`
#[derive(Template)]
#[template(path = "admin/banks.html")]
pub struct BanksPage {
    /// The frame.
    pub page: Page,
    /// All banks.
    pub banks: Vec<BankRow>,
    /// The title typed so far.
    pub title: String,
    /// The short name typed so far.
    pub slug: String,
    /// What was wrong.
    pub errors: Errors,
    /// What the last change did.
    pub done: Option<Done>,
}

/// A bank in a list.
#[derive(Debug, Clone)]
pub struct BankRow {
    /// Its short name in URLs.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// How many questions it holds.
    pub question_count: i64,
    /// When it was last changed.
    pub changed_at: Moment,
}

/// What the questions of a bank are narrowed to; empty texts for all.
#[derive(Debug, Clone, Default)]
pub struct QuestionFilter {
    /// What was searched for.
    pub text: String,
    /// The exam objective.
    pub domain: String,
    /// The kind, as in the API.
    pub kind: String,
    /// `easy`, `medium`, `hard`.
    pub difficulty: String,
}

impl QuestionFilter {
    fn is_empty(&self) -> bool {
        [&self.text, &self.domain, &self.kind, &self.difficulty].iter().all(|part| part.is_empty())
    }
}

/// A question in a list.
#[derive(Debug, Clone)]
pub struct QuestionRow {
    /// Its id in URLs.
    pub id: String,
    /// The beginning of its prompt, as plain text.
    pub excerpt: String,
    /// Its kind, as in the API.
    pub kind: &'static str,
    /// Its exam objectives.
    pub domains: Vec<String>,
    /// `easy`, `medium`, `hard`.
    pub difficulty: Option<&'static str>,
    /// What a full answer earns.
    pub points: f64,
    /// Its current version.
    pub version: i64,
}

/// The kinds of questions, as in the API.
pub const KINDS: [&str; 6] = ["choice", "numeric", "short_text", "matching", "ordering", "cloze"];

/// The difficulties, easiest first.
pub const DIFFICULTIES: [&str; 3] = ["easy", "medium", "hard"];

/// What people call a kind of question.
fn kind_label(page: &Page, kind: &str) -> String {
    page.t(match kind {
        "choice" => "kind-choice",
        "numeric" => "kind-numeric",
        "short_text" => "kind-short-text",
        "matching" => "kind-matching",
        "ordering" => "kind-ordering",
        "cloze" => "kind-cloze",
        _ => "no-value",
    })
}

/// What people call a difficulty.
fn difficulty_label(page: &Page, difficulty: &str) -> String {
    page.t(match difficulty {
        "easy" => "difficulty-easy",
        "medium" => "difficulty-medium",
        "hard" => "difficulty-hard",
        _ => "no-value",
    })
}

/// The form for an import: `POST /admin/banks/{slug}/import`, multipart, with `file`, `format`, `dry_run`
#[derive(Debug, Clone)]
pub struct ImportForm {
    /// The formats offered, as names with what people call them; the first is to detect it.
    pub formats: Vec<(String, String)>,
    /// The format chosen so far; empty to detect it.
    pub format: String,
    /// Whether only to check the file.
    pub dry_run: bool,
    /// What was wrong.
    pub errors: Errors,
}

/// `GET /admin/banks/{slug}?text=&domain=&kind=&difficulty=&cursor=`
#[derive(Template)]
#[template(path = "admin/bank.html")]
pub struct BankPage {
    /// The frame.
    pub page: Page,
    /// The bank.
    pub bank: BankRow,
    /// What the list is narrowed to.
    pub filter: QuestionFilter,
    /// The exam objectives to choose from.
    pub domains: Vec<String>,
    /// One page of questions.
    pub questions: Vec<QuestionRow>,
    /// How many match in all.
    pub total: i64,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
    /// The form for an import.
    pub import: ImportForm,
    /// What the last change did.
    pub done: Option<Done>,
}

impl BankPage {
    fn list_address(&self) -> String {
        let QuestionFilter { text, domain, kind, difficulty } = &self.filter;
        list_address(
            &format!("/admin/banks/{}", self.bank.slug),
            &[("text", text), ("domain", domain), ("kind", kind), ("difficulty", difficulty)],
        )
    }

    fn kind_label(&self, kind: &str) -> String {
        kind_label(&self.page, kind)
    }

    fn difficulty_label(&self, difficulty: &str) -> String {
        difficulty_label(&self.page, difficulty)
    }
}

/// The answer to an import.
#[derive(Template)]
#[template(path = "admin/import_report.html")]
pub struct ImportReportPage {
    /// The frame.
    pub page: Page,
    /// The bank.
    pub bank: BankRow,
    /// The file's name as it was sent.
    pub file_name: String,
    /// Whether it was only checked.
    pub dry_run: bool,
    /// How many questions were or would be new.
    pub imported: i64,
    /// How many were or would be changed.
    pub changed: i64,
    /// How many were refused.
    pub refused: i64,
    /// The lines worth reading, in the order of the file.
    pub lines: Vec<ImportLine>,
    /// How many more lines there are than are listed.
    pub lines_left_out: i64,
    /// The form, to send the file again.
    pub import: ImportForm,
}

/// A line of an import's report.
#[derive(Debug, Clone)]
pub struct ImportLine {
    /// Where in the file.
    pub line: Option<i64>,
    /// What became of the question.
    pub state: ImportState,
    /// The beginning of the question, as plain text.
    pub excerpt: String,
    /// Why it was refused, or what was changed.
    pub reason: String,
}

/// What became of a question of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// It is new.
    New,
    /// It was changed on the way in.
    Changed,
    /// It was there already.
    Unchanged,
    /// It could not be taken.
    Refused,
}

impl ImportState {
    fn label(self, page: &Page) -> String {
        page.t(match self {
            Self::New => "import-state-new",
            Self::Changed => "import-state-changed",
            Self::Unchanged => "import-state-unchanged",
            Self::Refused => "import-state-refused",
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::New => "right",
            Self::Changed => "partly",
            Self::Unchanged => "unknown",
            Self::Refused => "wrong",
        }
    }
}

/// `GET /admin/banks/{slug}/questions/{id}`
#[derive(Template)]
#[template(path = "admin/question.html")]
pub struct QuestionPage {
    /// The frame.
    pub page: Page,
    /// The bank.
    pub bank: BankRow,
    /// The question in short.
    pub row: QuestionRow,
    /// The question exactly as a candidate sees it.
    pub preview: Question,
    /// The key and the explanations, with nothing given.
    pub key: ReviewedQuestion,
    /// All versions, newest first.
    pub versions: Vec<QuestionVersion>,
}

impl QuestionPage {
    fn kind_label(&self) -> String {
        kind_label(&self.page, self.row.kind)
    }

    fn difficulty_label(&self) -> String {
        difficulty_label(&self.page, self.row.difficulty.unwrap_or_default())
    }
}

/// A version of a question.
#[derive(Debug, Clone)]
pub struct QuestionVersion {
    /// Its number, from 1.
    pub version: i64,
    /// When it was made.
    pub created_at: Moment,
    /// By whom; None when it came in by the command line.
    pub author: Option<String>,
}
