//! Attempts, for staff: the list, and everything about one.

use super::list_address;
use crate::view::exams::Mode;
use crate::view::page::{Moment, Page};
use crate::view::results::{AttemptState, DomainScore, Receipt, ReviewedQuestion, Score};
use askama::Template;

/// An attempt in a list of the staff area.
#[derive(Debug, Clone)]
pub struct StaffAttemptRow {
    /// Its id in URLs of the staff area.
    pub id: String,
    /// Whose it is.
    pub person: String,
    /// The account's id, for the link.
    pub account: String,
    /// The exam's title.
    pub exam_title: String,
    /// How far it has come.
    pub state: AttemptState,
    /// When it began.
    pub started_at: Moment,
    /// How many questions have an answer.
    pub answered: i64,
    /// How many the paper has.
    pub question_count: i64,
    /// The share of marks, in percent.
    pub percent: Option<f64>,
    /// Whether it was passed.
    pub passed: Option<bool>,
}

/// What the list of attempts is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct AttemptsFilter {
    /// The exam's short name; empty for all.
    pub exam: String,
    /// The state; None for all.
    pub state: Option<AttemptState>,
    /// What was searched for in names and addresses.
    pub person: String,
}

impl AttemptsFilter {
    fn is_empty(&self) -> bool {
        self.exam.is_empty() && self.state.is_none() && self.person.is_empty()
    }
}

/// `GET /admin/attempts?exam=&state=&person=&cursor=`
#[derive(Template)]
#[template(path = "admin/attempts.html")]
pub struct AttemptsPage {
    /// The frame.
    pub page: Page,
    /// What the list is narrowed to.
    pub filter: AttemptsFilter,
    /// The exams to choose from, as short names with titles.
    pub exams: Vec<(String, String)>,
    /// One page of attempts, newest first.
    pub attempts: Vec<StaffAttemptRow>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
}

impl AttemptsPage {
    const STATES: [AttemptState; 3] = [AttemptState::Open, AttemptState::Submitted, AttemptState::Expired];

    fn list_address(&self) -> String {
        let AttemptsFilter { exam, state, person } = &self.filter;
        let state = state.map_or("", AttemptState::name);
        list_address("/admin/attempts", &[("exam", exam), ("state", state), ("person", person)])
    }
}

/// `GET /admin/attempts/{id}`
#[derive(Template)]
#[template(path = "admin/attempt.html")]
pub struct AttemptPage {
    /// The frame.
    pub page: Page,
    /// The attempt in short.
    pub row: StaffAttemptRow,
    /// Exam or practice.
    pub mode: Mode,
    /// The attempt's public id, as its candidate sees it.
    pub public_id: String,
    /// The exam's short name.
    pub exam_slug: String,
    /// The version of the exam it was drawn from.
    pub exam_version: i64,
    /// When it ends or would have ended.
    pub deadline: Option<Moment>,
    /// When it was submitted or expired.
    pub ended_at: Option<Moment>,
    /// The marks, once graded.
    pub score: Option<Score>,
    /// The marks by exam objective.
    pub domains: Vec<DomainScore>,
    /// What the server holds.
    pub receipt: Option<Receipt>,
    /// The paper with answers, keys and marks.
    pub questions: Vec<ReviewedQuestion>,
    /// One page of the operations, in the order in which they came.
    pub operations: Vec<OperationRow>,
    /// How many operations there are in all.
    pub operations_total: i64,
    /// Where the next page of operations begins.
    pub next_cursor: Option<String>,
}

impl AttemptPage {
    fn log_address(&self) -> String {
        list_address(&format!("/admin/attempts/{}", self.row.id), &[])
    }
}

/// One operation of the log.
#[derive(Debug, Clone)]
pub struct OperationRow {
    /// The tab or device.
    pub writer: i64,
    /// Its number.
    pub seq: i64,
    /// The question's number on the paper.
    pub question: i64,
    /// The response, as JSON; empty for an answer taken back.
    pub response: String,
    /// When the server had read the request's head.
    pub received_at: Moment,
    /// What became of it.
    pub verdict: OperationVerdict,
}

/// What became of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationVerdict {
    /// It is the answer.
    Counts,
    /// It was the answer until a later one replaced it.
    Replaced,
    /// It came from a writer that had been overtaken.
    Superseded,
    /// It came after its question had been checked.
    Checked,
    /// It came after the end.
    Late,
}

impl OperationVerdict {
    fn label(self, page: &Page) -> String {
        page.t(match self {
            Self::Counts => "operation-counts",
            Self::Replaced => "operation-replaced",
            Self::Superseded => "operation-superseded",
            Self::Checked => "operation-checked",
            Self::Late => "operation-late",
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Counts => "right",
            Self::Replaced => "unknown",
            Self::Superseded | Self::Checked => "partly",
            Self::Late => "wrong",
        }
    }
}
