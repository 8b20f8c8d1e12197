//! The attempt's part of the API: start, look, take the pen, save, submit.

use super::practice;
use super::shown::{QuestionBody, question_body};
use super::sitting::{self, Asked, Sitting, StartRefused};
use crate::app::App;
use crate::http::errors::{Error, FieldProblem, Result};
use crate::http::extract::{Json, Path, Query, Received};
use crate::http::session::SignedIn;
use crate::published::Prepared;
use crate::results::api::QuestionResultBody;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response as HttpResponse};
use exam::answer::{Answers, Operation, Response};
use exam::attempt::AttemptState;
use exam::practice::Source;
use exam::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashMap};
use store::{Attempt, HeldAnswers, Started};

/// The most operations of one save.
const OPERATIONS_MAX: usize = 500;
/// The longest idempotency key, in characters.
pub(super) const KEY_MAX: usize = 200;

/// The body of a start.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartBody {
    #[serde(default)]
    question_count: Option<usize>,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    idempotency_key: Option<String>,
}

/// The body of a request that takes none: empty, or an object without fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoBody {}

/// An attempt.
#[derive(Serialize)]
struct AttemptBody<'a> {
    id: &'a str,
    exam: &'a str,
    exam_title: &'a str,
    state: AttemptState,
    started_at: Timestamp,
    deadline: Option<Timestamp>,
    submitted_at: Option<Timestamp>,
    server_time: Timestamp,
    /// None for whoever has them already.
    #[serde(skip_serializing_if = "Option::is_none")]
    questions: Option<Vec<QuestionBody<'a>>>,
    answers: Answers,
    /// The operation that decides about each question, also where it took the answer back.
    latest: BTreeMap<usize, IdentityBody>,
    /// Of a practice, the questions that are checked; their answers stay as they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checked: Vec<QuestionResultBody>,
    /// The writer that holds the pen.
    writer: i64,
    /// The highest number it has used.
    last_seq: i64,
}

/// Which operation one is, within its attempt.
#[derive(Serialize)]
struct IdentityBody {
    writer: i64,
    seq: i64,
}

impl AttemptBody<'_> {
    /// Written into one piece of memory: what grows step by step is copied with each step, and at the bell everybody gets one.
    fn answer(&self, status: StatusCode) -> Result<HttpResponse> {
        let mut json = Vec::with_capacity(1_024 + 512 * self.questions.as_ref().map_or(0, Vec::len));
        serde_json::to_writer(&mut json, self).map_err(Error::internal)?;
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        Ok((status, kind, json).into_response())
    }
}

async fn attempt_body<'a>(app: &App, attempt: &'a Attempt, exam: &'a Prepared) -> Result<AttemptBody<'a>> {
    Ok(body_with(app, attempt, exam, app.store.answers(attempt).await?))
}

/// With what it holds.
fn body_with<'a>(app: &App, attempt: &'a Attempt, exam: &'a Prepared, held: HeldAnswers) -> AttemptBody<'a> {
    let questions = attempt.paper.items.iter().enumerate().filter_map(|(index, item)| {
        let (question, html) = exam.question(item.question)?;
        Some(question_body(index + 1, item, &question.content, html))
    });
    AttemptBody { questions: Some(questions.collect()), ..without_questions(app, attempt, exam, held) }
}

fn without_questions<'a>(app: &App, attempt: &'a Attempt, exam: &Prepared, held: HeldAnswers) -> AttemptBody<'a> {
    let checked = attempt.checked.iter().filter_map(|number| practice::checked(attempt, exam, &held.answers, number));
    let checked = checked.map(|checked| QuestionResultBody::of_checked(&checked)).collect();
    let latest = held.identities.into_iter().map(|(number, (writer, seq))| (number, IdentityBody { writer, seq }));
    AttemptBody {
        id: &attempt.public_id,
        exam: &attempt.exam_slug,
        exam_title: &attempt.exam_title,
        state: attempt.state,
        started_at: attempt.started_at,
        deadline: attempt.deadline,
        submitted_at: attempt.submitted_at,
        server_time: app.now(),
        questions: None,
        answers: held.answers,
        latest: latest.collect(),
        checked,
        writer: attempt.pen_holder,
        last_seq: held.last_seq,
    }
}

/// `POST /api/v1/exams/{slug}/attempts`
pub async fn start(
    State(app): State<App>,
    Path(slug): Path<String>,
    person: SignedIn,
    Json(body): Json<StartBody>,
) -> Result<HttpResponse> {
    if body
        .idempotency_key
        .as_deref()
        .is_some_and(|key| key.is_empty() || key.chars().count() > KEY_MAX || key.chars().any(char::is_control))
    {
        return Err(Error::invalid("/idempotency_key", "Use a key of 1 to 200 printable characters."));
    }
    let exam = app.published.current(&slug).await?.ok_or(Error::NotFound)?;
    let from = match body.from.as_deref() {
        None => Source::All,
        Some(name) => Source::from_name(name)
            .ok_or_else(|| Error::invalid("/from", "Use all, missed or bookmarked, or leave it out."))?,
    };
    let (question_count, idempotency_key) = (body.question_count, body.idempotency_key.as_deref());
    let started = sitting::start(&app, &exam, person.id(), Asked { question_count, from, idempotency_key }).await;
    let attempt = match started {
        Ok(Started::New(attempt)) => {
            // Nobody can have answered yet.
            let body = body_with(&app, &attempt, &exam, HeldAnswers::default());
            return body.answer(StatusCode::CREATED);
        }
        Ok(Started::Existing(attempt)) => attempt,
        Ok(Started::NoAttemptsLeft) => return Err(Error::NoAttemptsLeft),
        Err(StartRefused::QuestionCount) => {
            return Err(Error::invalid("/question_count", "Choose one of the question_counts that the exam offers."));
        }
        Err(StartRefused::NothingToDraw(from)) => return Err(Error::NothingToDraw(from)),
        Err(StartRefused::Error(error)) => return Err(error),
    };
    // An attempt that was there may be of an earlier version.
    let exam = sitting::exam_of(&app, &attempt).await?;
    attempt_body(&app, &attempt, &exam).await?.answer(StatusCode::OK)
}

/// `GET /api/v1/attempts/{id}?questions=`: with `none`, for whoever has them already and asks what is held. They never change, and are
/// most of what there is to send.
pub async fn get(
    State(app): State<App>,
    Path(id): Path<String>,
    query: Query,
    person: SignedIn,
) -> Result<HttpResponse> {
    let is_without = match query.get("questions") {
        None | Some("all") => false,
        Some("none") => true,
        Some(_) => return Err(Error::invalid("/questions", "Use all or none, or leave it out.")),
    };
    let (attempt, exam) = sitting::find(&app, &id, person.id()).await?;
    let held = app.store.answers(&attempt).await?;
    let body = if is_without {
        without_questions(&app, &attempt, &exam, held)
    } else {
        body_with(&app, &attempt, &exam, held)
    };
    body.answer(StatusCode::OK)
}

#[derive(Serialize)]
struct WriterBody {
    writer: i64,
}

/// `POST /api/v1/attempts/{id}/writers`: a tab or device takes the pen.
pub async fn take_pen(
    State(app): State<App>,
    Path(id): Path<String>,
    person: SignedIn,
    Json(NoBody {}): Json<NoBody>,
) -> Result<HttpResponse> {
    match app.store.take_pen(&id, person.id()).await? {
        Some(writer) => Ok((StatusCode::CREATED, axum::Json(WriterBody { writer })).into_response()),
        None if app.store.find_attempt(&id, person.id()).await?.is_some() => Err(Error::Closed),
        None => Err(Error::NotFound),
    }
}

/// The body of a save. Unknown fields are ignored: nodes of two versions may run.
#[derive(Deserialize)]
pub struct SaveBody {
    #[serde(default)]
    writer: i64,
    operations: Vec<OperationBody>,
}

/// One operation of a save.
#[derive(Deserialize)]
struct OperationBody {
    seq: i64,
    question: i64,
    /// Read leniently, one by one: a response that cannot be read must not hold up the others.
    response: Box<RawValue>,
}

#[derive(Serialize)]
struct SavedBody<'a> {
    acknowledged: Vec<i64>,
    rejected: Vec<RejectedBody>,
    server_time: Timestamp,
    deadline: Option<Timestamp>,
    /// Which server this is: one that has been started anew may have been restored from a backup.
    server: &'a str,
}

#[derive(Serialize)]
struct RejectedBody {
    seq: i64,
    code: &'static str,
}

/// `PUT /api/v1/attempts/{id}/answers`
pub async fn save(
    State(app): State<App>,
    Path(id): Path<String>,
    person: SignedIn,
    Received(arrival): Received,
    Json(body): Json<SaveBody>,
) -> Result<HttpResponse> {
    check_numbers(&body)?;
    let sitting = sitting::known(&app, &id, person.id()).await?;
    let mut rejected = Vec::new();
    let mut operations = Vec::with_capacity(body.operations.len());
    for operation in &body.operations {
        match read_operation(&sitting, body.writer, operation) {
            Ok(operation) => operations.push(operation),
            Err(code) => rejected.push(RejectedBody { seq: operation.seq, code }),
        }
    }
    // It may be large, and the save may wait.
    drop(body);
    let judged = sitting::save(&app, &sitting, operations, arrival).await?;
    rejected.extend(judged.rejected.into_iter().map(|(seq, reason)| RejectedBody { seq, code: reason.code() }));
    let (acknowledged, deadline, server) = (judged.acknowledged, judged.deadline, app.admission.room.name());
    let body = SavedBody { acknowledged, rejected, server_time: app.now(), deadline, server: &server };
    Ok(axum::Json(body).into_response())
}

/// The largest number of an operation: the largest integer that JavaScript, and so JSON, holds without loss.
const SEQ_MAX: i64 = (1 << 53) - 1;

fn check_numbers(body: &SaveBody) -> Result<()> {
    let mut problems = Vec::new();
    let mut wrong = |pointer: String, detail: &str| problems.push(FieldProblem { pointer, detail: detail.to_owned() });
    if body.writer < 0 {
        wrong("/writer".into(), "A writer number is not negative.");
    }
    if body.operations.len() > OPERATIONS_MAX {
        wrong("/operations".into(), "Send at most 500 operations at once.");
    }
    let mut contents = HashMap::with_capacity(body.operations.len());
    for (index, operation) in body.operations.iter().enumerate() {
        if !(1..=SEQ_MAX).contains(&operation.seq) {
            wrong(format!("/operations/{index}/seq"), "Sequence numbers lie between 1 and 9007199254740991.");
        }
        let content = (operation.question, &*operation.response);
        if contents.insert(operation.seq, content).is_some_and(|other| !is_same(other, content)) {
            wrong(
                format!("/operations/{index}/seq"),
                "Another operation of this save has the same number; give each its own.",
            );
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// Whether two operations say the same, however their JSON is spaced and ordered.
fn is_same(one: (i64, &RawValue), other: (i64, &RawValue)) -> bool {
    let read = |raw: &RawValue| serde_json::from_str::<serde_json::Value>(raw.get()).ok();
    one.0 == other.0 && (one.1.get() == other.1.get() || read(one.1) == read(other.1))
}

fn read_operation(
    sitting: &Sitting,
    writer: i64,
    operation: &OperationBody,
) -> std::result::Result<Operation, &'static str> {
    let response = serde_json::from_str(operation.response.get()).map_err(|_| "invalid_response")?;
    let response = Response::from_json(&response).map_err(|_| "invalid_response")?;
    let question = usize::try_from(operation.question).map_err(|_| "unknown_question")?;
    sitting::check(&sitting.questions, &sitting.exam, question, response.as_ref()).map_err(|reason| match reason {
        None => "unknown_question",
        Some(_) => "invalid_response",
    })?;
    Ok(Operation { writer, seq: operation.seq, question, response })
}

/// What the server holds of an ended attempt.
#[derive(Serialize)]
struct ReceiptBody {
    attempt: String,
    state: AttemptState,
    submitted_at: Option<Timestamp>,
    answered: i64,
    question_count: usize,
    digest: String,
}

/// `POST /api/v1/attempts/{id}/submit`
pub async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    person: SignedIn,
    Received(arrival): Received,
    Json(NoBody {}): Json<NoBody>,
) -> Result<HttpResponse> {
    let (attempt, exam) = sitting::find(&app, &id, person.id()).await?;
    let attempt = sitting::submit(&app, &attempt, &exam, arrival).await?;
    let receipt = ReceiptBody {
        state: attempt.state,
        submitted_at: attempt.submitted_at,
        answered: attempt.answered.unwrap_or(0),
        question_count: attempt.paper.items.len(),
        digest: attempt.digest.unwrap_or_default(),
        attempt: attempt.public_id,
    };
    Ok(axum::Json(receipt).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_the_same_however_their_json_is_written() {
        let raw = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
        let (tight, loose) = (raw(r#"{"match":{"1":"a","2":"b"}}"#), raw(r#"{ "match": {"2": "b", "1": "a"} }"#));
        assert!(is_same((1, &tight), (1, &loose)));
        assert!(!is_same((1, &tight), (2, &tight)));
        assert!(!is_same((1, &tight), (1, &raw(r#"{"match":{"1":"a"}}"#))));
    }
}
