//! `GET /api/v1/attempts/{id}/result` and the list of a person's attempts.

use super::list::{self, Listed};
use super::released::{self, AttemptResult};
use crate::app::App;
use crate::http::errors::{Error, Result};
use crate::http::extract::{Path, Query};
use crate::http::session::SignedIn;
use crate::markup::{render, render_inline};
use crate::take::practice::CheckedQuestion;
use axum::Json;
use axum::extract::State;
use exam::answer::Response;
use exam::attempt::AttemptState;
use exam::grade::{DomainMarks, Mark, Outcome, ShownKey, shown_key};
use exam::paper::PaperItem;
use exam::question::{Points, Question};
use exam::release::Released;
use exam::settings::Percent;
use exam::time::Timestamp;
use serde::Serialize;

/// A result. What is withheld by the release policy is null or absent.
#[derive(Serialize)]
pub struct ResultBody {
    attempt: String,
    exam: String,
    exam_title: String,
    state: AttemptState,
    submitted_at: Option<Timestamp>,
    answered: i64,
    question_count: usize,
    digest: String,
    points: Option<Points>,
    max_points: Option<Points>,
    percent: Option<Percent>,
    passed: Option<bool>,
    domains: Vec<DomainMarks>,
    #[serde(skip_serializing_if = "Option::is_none")]
    questions: Option<Vec<QuestionResultBody>>,
}

/// What one question came to, as far as it may be shown.
#[derive(Serialize)]
pub struct QuestionResultBody {
    number: usize,
    response: Option<Response>,
    correct: Option<bool>,
    points: Points,
    max_points: Points,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<ShownKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation_html: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    option_explanations: Vec<OptionExplanationBody>,
}

#[derive(Serialize)]
struct OptionExplanationBody {
    id: String,
    explanation_html: String,
}

impl From<AttemptResult> for ResultBody {
    fn from(result: AttemptResult) -> Self {
        let questions = questions(&result);
        let AttemptResult { attempt, grade, .. } = result;
        Self {
            exam: attempt.exam_slug,
            exam_title: attempt.exam_title,
            state: attempt.state,
            submitted_at: attempt.submitted_at,
            answered: attempt.answered.unwrap_or(0),
            question_count: attempt.paper.items.len(),
            digest: attempt.digest.unwrap_or_default(),
            attempt: attempt.public_id,
            points: grade.as_ref().map(|grade| grade.points),
            max_points: grade.as_ref().map(|grade| grade.max_points),
            percent: grade.as_ref().map(exam::grade::Grade::percent),
            passed: grade.as_ref().and_then(|grade| grade.passed),
            domains: grade.map(|grade| grade.domains).unwrap_or_default(),
            questions,
        }
    }
}

fn questions(result: &AttemptResult) -> Option<Vec<QuestionResultBody>> {
    let marks = &result.grade.as_ref()?.questions;
    let items = result.attempt.paper.items.iter().zip(marks).enumerate();
    let questions = items.filter_map(|(index, (item, mark))| {
        let (question, _) = result.exam.question(item.question)?;
        let (number, response) = (index + 1, result.answers.get(&(index + 1)));
        Some(QuestionResultBody::of(number, item, question, response, mark, &result.released))
    });
    Some(questions.collect())
}

impl QuestionResultBody {
    fn of(
        number: usize,
        item: &PaperItem,
        question: &Question,
        response: Option<&Response>,
        mark: &Mark,
        released: &Released,
    ) -> Self {
        let explanations = released.explanations.as_ref().map(|permit| question.explanations.open(permit));
        let per_option = explanations.map(|explanations| explanations.per_option.as_slice()).unwrap_or_default();
        let option_explanations = item.shown(0).filter_map(|(id, authored)| {
            let text = per_option.get(authored)?.as_deref()?;
            Some(OptionExplanationBody { id, explanation_html: render_inline(text).as_str().to_owned() })
        });
        Self {
            number,
            response: response.cloned(),
            correct: Some(mark.outcome == Outcome::Correct),
            points: mark.points,
            max_points: mark.max_points,
            key: released.keys.as_ref().map(|permit| shown_key(question, item, permit)),
            explanation_html: explanations
                .and_then(|explanations| explanations.general.as_deref())
                .map(|text| render(text).as_str().to_owned()),
            option_explanations: option_explanations.collect(),
        }
    }

    /// Of a checked question of an open attempt.
    #[must_use]
    pub fn of_checked(checked: &CheckedQuestion<'_>) -> Self {
        let CheckedQuestion { number, item, question, response, mark, released } = checked;
        Self::of(*number, item, question, *response, mark, released)
    }
}

/// `GET /api/v1/attempts/{id}/result`
pub async fn result(State(app): State<App>, Path(id): Path<String>, person: SignedIn) -> Result<Json<ResultBody>> {
    Ok(Json(released::find(&app, &id, person.id()).await?.into()))
}

/// The answer of `GET /api/v1/attempts`.
#[derive(Serialize)]
pub struct AttemptsBody {
    attempts: Vec<AttemptSummaryBody>,
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct AttemptSummaryBody {
    id: String,
    exam: String,
    exam_title: String,
    state: AttemptState,
    question_count: i64,
    started_at: Timestamp,
    deadline: Option<Timestamp>,
    submitted_at: Option<Timestamp>,
    answered: Option<i64>,
    percent: Option<Percent>,
    passed: Option<bool>,
}

impl From<Listed> for AttemptSummaryBody {
    fn from(listed: Listed) -> Self {
        let Listed { row, percent, passed, .. } = listed;
        Self {
            id: row.public_id,
            exam: row.exam_slug,
            exam_title: row.exam_title,
            state: row.state,
            question_count: row.question_count,
            started_at: row.started_at,
            deadline: row.deadline,
            submitted_at: row.submitted_at,
            answered: row.answered,
            percent,
            passed,
        }
    }
}

/// `GET /api/v1/attempts?state=&limit=&cursor=`: a person's own, newest first.
pub async fn list(State(app): State<App>, person: SignedIn, query: Query) -> Result<Json<AttemptsBody>> {
    let state = match query.get("state").filter(|name| !name.is_empty()) {
        None => None,
        Some(name) => Some(
            AttemptState::from_name(name)
                .ok_or_else(|| Error::invalid("/state", "Use open, submitted or expired, or leave it out."))?,
        ),
    };
    let limit = match query.get("limit").filter(|text| !text.is_empty()) {
        None => 50,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=200).contains(limit))
            .ok_or_else(|| Error::invalid("/limit", "Use a number from 1 to 200."))?,
    };
    let cursor = query.get("cursor").filter(|text| !text.is_empty());
    let page = list::own(&app, person.id(), state, limit, cursor).await?;
    let next_cursor = page.next_cursor;
    Ok(Json(AttemptsBody { attempts: page.attempts.into_iter().map(AttemptSummaryBody::from).collect(), next_cursor }))
}
