//! A question to try answering on, before an exam. It is made up, the same for every exam, and nothing about it is kept.

use crate::app::App;
use crate::http::errors::{Error, Result};
use crate::http::extract::{Path, Query};
use crate::http::page::{Frame, show};
use crate::markup::render_inline;
use crate::view::take::{Body, Check, ChoiceOption, Question};
use crate::view::trial::TrialPage;
use axum::extract::State;
use axum::response::Response;

/// Its options by letter and message.
const OPTIONS: [(&str, &str); 4] =
    [("a", "trial-option-a"), ("b", "trial-option-b"), ("c", "trial-option-c"), ("d", "trial-option-d")];

/// `GET /exams/{slug}/trial?choice=b`: the form comes back with what was chosen, since there is nowhere else to keep it.
pub async fn trial(
    State(app): State<App>,
    Path(slug): Path<String>,
    Frame(page): Frame,
    query: Query,
) -> Result<Response> {
    let exam = app.published.current(&slug).await?.ok_or(Error::NotFound)?;
    let chosen = query.get("choice");
    let options = OPTIONS.map(|(letter, text)| ChoiceOption {
        id: letter.to_owned(),
        html: render_inline(&page.t(text)),
        chosen: chosen == Some(letter),
    });
    let answered = options.iter().any(|option| option.chosen);
    let body = Body::Choice { multiple: false, choose: None, options: options.into() };
    let question =
        Question { number: 1, prompt: render_inline(&page.t("trial-prompt")), body, points: None, check: Check::None };
    let sent = query.get("go").is_some_and(|go| go != "clear");
    let (exam_slug, exam_title) = (slug, exam.summary().title.clone());
    show(&TrialPage { page, exam_slug, exam_title, question, sent: sent.then_some(answered) })
}
