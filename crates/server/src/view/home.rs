//! The front page for guests; the signed-in are sent to their dashboard.

use super::exams::ExamCard;
use super::page::Page;
use askama::Template;

/// `GET /`
#[derive(Template)]
#[template(path = "home.html")]
pub struct HomePage {
    /// The frame.
    pub page: Page,
    /// A few published exams.
    pub exams: Vec<ExamCard>,
}
