//! The question to try answering on.

use super::page::Page;
use super::take::Question;
use askama::Template;

/// `GET /exams/{slug}/trial`; its form comes back to the same address
#[derive(Template)]
#[template(path = "exams/trial.html")]
pub struct TrialPage {
    /// The frame.
    pub page: Page,
    /// The exam that one came from.
    pub exam_slug: String,
    /// Its title.
    pub exam_title: String,
    /// The made-up question, with what was chosen.
    pub question: Question,
    /// After its button was pressed: whether there was an answer.
    pub sent: Option<bool>,
}
