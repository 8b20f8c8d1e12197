//! `GET /admin/banks/{slug}/questions/{id}`: a question as candidates see it, and beside it what they do not see.

use super::banks::{self, EXCERPT};
use crate::app::App;
use crate::exams::pages::moment;
use crate::http::errors::{Error, Result};
use crate::http::extract::Path;
use crate::http::page::{Frame, show};
use crate::markup::excerpt;
use crate::published::QuestionHtml;
use crate::results::reviewed::{Permits, reviewed};
use crate::take::shown::question_view;
use crate::view::admin::{QuestionPage, QuestionRow, QuestionVersion};
use axum::extract::State;
use axum::response::Response;
use exam::id::QuestionId;
use exam::paper::PaperItem;
use exam::sealed::Permit;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// `GET /admin/banks/{slug}/questions/{id}`
pub async fn question(
    State(app): State<App>,
    Path((slug, id)): Path<(String, String)>,
    Frame(page): Frame,
) -> Result<Response> {
    let bank = banks::find(&app, &slug).await?;
    let id = id.parse().map(QuestionId).map_err(|_| Error::NotFound)?;
    let stored = app.store.find_question(bank.bank.id, id).await?.ok_or(Error::NotFound)?;
    let versions = app.store.list_question_versions(id).await?;
    let question = &stored.question;
    let html = QuestionHtml::of(question);
    // Options as authored; what is always shuffled is so in the same way at each look.
    let mut rng = ChaCha8Rng::seed_from_u64(stored.version_id.0.unsigned_abs());
    let item = PaperItem::arrange(stored.version_id, &question.content, false, &mut rng);
    let (key, explanations) = (Permit::for_staff(), Permit::for_staff());
    let permits = Permits { mark: None, key: Some(&key), explanations: Some(&explanations) };
    show(&QuestionPage {
        page,
        bank: banks::row(&bank),
        row: QuestionRow {
            id: id.to_string(),
            excerpt: excerpt(&question.prompt, EXCERPT),
            kind: question.content.kind(),
            domains: question.domains.clone(),
            difficulty: question.difficulty.map(|difficulty| difficulty.name()),
            points: question.points.as_f64(),
            version: stored.version,
        },
        preview: question_view(1, &item, &question.content, &html, None),
        key: reviewed(1, &item, question, &html, None, &permits),
        versions: versions
            .into_iter()
            .map(|version| QuestionVersion {
                version: version.version,
                created_at: moment(version.created_at),
                author: version.author,
            })
            .collect(),
    })
}
