//! The pages of a running attempt: start, one question at a time, review, hand in. They work as plain forms; `take.js`
//! improves them through the API.

use super::api::KEY_MAX;
use super::form;
use super::practice;
use super::shown::{answered, question_view};
use super::sitting::{self, Asked, StartRefused};
use crate::app::App;
use crate::exams::pages::{intro_with_errors, moment, view_mode, whole};
use crate::http::errors::{Error, Result};
use crate::http::extract::{Form, Path, Query, Received};
use crate::http::language;
use crate::http::page::{Frame, show, show_with};
use crate::http::session::SignedIn;
use crate::http::unsent;
use crate::markup::excerpt;
use crate::published::Prepared;
use crate::results::reviewed::{flaw, verdict};
use crate::view::form::{Errors, Problem};
use crate::view::page::Page;
use crate::view::take::{
    Answered, AttemptPage, Body, NavigatorItem, Notice, Question, QuestionsPage, ReviewItem, ReviewPage, Sitting,
    TimeUpPage,
};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response as HttpResponse};
use exam::answer::{Answers, BadResponse, Response};
use exam::attempt::Verdict;
use exam::practice::Source;
use exam::question::Content;
use store::{Attempt, FormAnswer, HeldAnswers, Rejection, Started};

/// How much of a question the review page shows, in characters.
const EXCERPT: usize = 90;

/// `POST /exams/{slug}/attempts`
pub async fn start(
    State(app): State<App>,
    Path(slug): Path<String>,
    person: SignedIn,
    Frame(page): Frame,
    form: Form,
) -> Result<HttpResponse> {
    let exam = app.published.current(&slug).await?.ok_or(Error::NotFound)?;
    let key = Some(form.get("idempotency_key"))
        .filter(|key| !key.is_empty() && key.chars().count() <= KEY_MAX && !key.contains(char::is_control));
    let count = match form.get("question_count") {
        "" => None,
        // A number that cannot be one is as good as one that is not offered.
        text => Some(text.parse().unwrap_or(0)),
    };
    let from = match form.get("from") {
        "" => Source::All,
        name => {
            Source::from_name(name).ok_or_else(|| Error::invalid("/from", "Use one of the buttons of the page."))?
        }
    };
    let asked = Asked { question_count: count, from, idempotency_key: key };
    match sitting::start(&app, &exam, person.id(), asked).await {
        Ok(Started::New(attempt)) => Ok(Redirect::to(&format!("/attempts/{}", attempt.public_id)).into_response()),
        Ok(Started::Existing(attempt)) => {
            Ok(Redirect::to(&format!("/attempts/{}?notice=continued", attempt.public_id)).into_response())
        }
        Ok(Started::NoAttemptsLeft) => {
            let errors = Errors::one("start", Problem::NoAttemptsLeft);
            intro_with_errors(&app, &exam, &person, page, errors).await
        }
        Err(StartRefused::QuestionCount) => {
            let errors = Errors::one("question_count", Problem::QuestionCountNotOffered);
            intro_with_errors(&app, &exam, &person, page, errors).await
        }
        Err(StartRefused::NothingToDraw(from)) => {
            let problem = if from == Source::Bookmarked { Problem::NothingBookmarked } else { Problem::NothingMissed };
            intro_with_errors(&app, &exam, &person, page, Errors::one("start", problem)).await
        }
        Err(StartRefused::Error(Error::NotOpen)) => {
            intro_with_errors(&app, &exam, &person, page, Errors::one("start", Problem::NotOpen)).await
        }
        Err(StartRefused::Error(error)) => Err(error),
    }
}

fn sitting_view(app: &App, attempt: &Attempt, exam: &Prepared) -> Sitting {
    Sitting {
        attempt: attempt.public_id.clone(),
        exam_title: attempt.exam_title.clone(),
        mode: view_mode(exam.summary().settings.mode),
        question_count: whole(attempt.paper.items.len()),
        deadline: attempt.deadline.map(moment),
        server_time: moment(app.now()),
    }
}

fn to_result(attempt: &Attempt) -> HttpResponse {
    Redirect::to(&format!("/attempts/{}/result", attempt.public_id)).into_response()
}

/// `GET /attempts/{id}?question=N`
pub async fn attempt(
    State(app): State<App>,
    Path(id): Path<String>,
    person: SignedIn,
    Frame(page): Frame,
    query: Query,
) -> Result<HttpResponse> {
    let (attempt, exam) = sitting::find(&app, &id, person.id()).await?;
    if attempt.state.is_finished() {
        return Ok(to_result(&attempt));
    }
    let notice = query.get("notice").and_then(notice_from_name);
    if is_over(&app, &attempt) {
        let sitting = sitting_view(&app, &attempt, &exam);
        return show(&TimeUpPage { page, sitting, notice: notice.filter(|notice| !notice.is_good()) });
    }
    let HeldAnswers { answers, last_seq, .. } = app.store.answers(&attempt).await?;
    let first_open = (1..=attempt.paper.items.len()).find(|number| !answers.contains_key(number)).unwrap_or(1);
    let number = match query.get("question") {
        Some(text) => {
            text.parse().ok().filter(|number| attempt.paper.item(*number).is_some()).ok_or(Error::NotFound)?
        }
        None => first_open,
    };
    let bookmarked = practice::pages::bookmarked(&app, &attempt).await?;
    let shown = Shown {
        number,
        notice,
        typed: None,
        places: Vec::new(),
        last_seq,
        is_bookmarked: bookmarked.contains(&number),
    };
    show(&attempt_page(&app, page, &attempt, &exam, &answers, last_seq, &shown)?)
}

/// `GET /attempts/{id}/questions`: all of them, for the script.
pub async fn questions(
    State(app): State<App>,
    Path(id): Path<String>,
    person: SignedIn,
    Frame(page): Frame,
) -> Result<HttpResponse> {
    let (attempt, exam) = sitting::find(&app, &id, person.id()).await?;
    if attempt.state.is_finished() || is_over(&app, &attempt) {
        return Err(Error::Closed);
    }
    let answers = app.store.answers(&attempt).await?.answers;
    let bookmarked = practice::pages::bookmarked(&app, &attempt).await?;
    let questions = attempt.paper.items.iter().enumerate().filter_map(|(index, item)| {
        let (question, html) = exam.question(item.question)?;
        let view = question_view(index + 1, item, &question.content, html, answers.get(&(index + 1)));
        Some(Question {
            check: practice::pages::check_state(
                &attempt,
                &exam,
                &answers,
                bookmarked.contains(&(index + 1)),
                index + 1,
            ),
            ..view
        })
    });
    show(&QuestionsPage { page, attempt: attempt.public_id.clone(), questions: questions.collect() })
}

/// Which question an attempt page shows, and how.
struct Shown {
    number: usize,
    notice: Option<Notice>,
    /// What the form held, when it could not be saved and is shown again; None shows what is saved.
    typed: Option<Response>,
    /// The places of an order that was none, by item.
    places: Vec<(String, String)>,
    /// The highest number that the form's page had used.
    last_seq: i64,
    /// Of a checked question.
    is_bookmarked: bool,
}

fn attempt_page(
    app: &App,
    page: Page,
    attempt: &Attempt,
    exam: &Prepared,
    answers: &Answers,
    last_seq: i64,
    shown: &Shown,
) -> Result<AttemptPage> {
    let item = attempt.paper.item(shown.number).ok_or(Error::NotFound)?;
    let (question, html) = exam.question(item.question).ok_or(Error::NotFound)?;
    let response = shown.typed.as_ref().or_else(|| answers.get(&shown.number));
    let navigator = (1..=attempt.paper.items.len()).map(|number| {
        let checked = practice::checked(attempt, exam, answers, number).map(|checked| verdict(checked.mark.outcome));
        NavigatorItem {
            number: whole(number),
            answered: answered_of(attempt, exam, answers, number),
            is_flawed: checked.is_none() && is_flawed(attempt, exam, answers, number),
            checked,
        }
    });
    let mut question = question_view(shown.number, item, &question.content, html, response);
    question.check = practice::pages::check_state(attempt, exam, answers, shown.is_bookmarked, shown.number);
    if let (Body::Ordering { items, .. }, false) = (&mut question.body, shown.places.is_empty()) {
        for item in items {
            item.position = shown.places.iter().find(|(id, _)| *id == item.id).map(|(_, place)| place.clone());
        }
    }
    Ok(AttemptPage {
        page,
        sitting: sitting_view(app, attempt, exam),
        question,
        navigator: navigator.collect(),
        notice: shown.notice,
        writer: attempt.pen_holder,
        last_seq,
        account: attempt.account.0,
        is_saved: shown.typed.is_none() && shown.places.is_empty(),
    })
}

fn answered_of(attempt: &Attempt, exam: &Prepared, answers: &Answers, number: usize) -> Answered {
    content_of(attempt, exam, number).map_or(Answered::Open, |content| answered(content, answers.get(&number)))
}

fn is_flawed(attempt: &Attempt, exam: &Prepared, answers: &Answers, number: usize) -> bool {
    content_of(attempt, exam, number).is_some_and(|content| flaw(content, answers.get(&number)).is_some())
}

fn content_of<'e>(attempt: &Attempt, exam: &'e Prepared, number: usize) -> Option<&'e Content> {
    let (question, _) = exam.question(attempt.paper.item(number)?.question)?;
    Some(&question.content)
}

fn is_over(app: &App, attempt: &Attempt) -> bool {
    attempt.deadline.is_some_and(|deadline| app.now() > deadline)
}

fn notice_from_name(name: &str) -> Option<Notice> {
    Some(match name {
        "saved" => Notice::Saved,
        "cleared" => Notice::Cleared,
        "late" => Notice::Late,
        "superseded" => Notice::Superseded,
        "overtaken" => Notice::Overtaken,
        "continued" => Notice::Continued,
        "checked" => Notice::Checked,
        "unanswered" => Notice::Unanswered,
        _ => return None,
    })
}

/// `POST /attempts/{id}/questions/{n}`: saves what the form holds, then goes where its button says.
pub async fn answer(
    State(app): State<App>,
    Path((id, number)): Path<(String, usize)>,
    person: SignedIn,
    Received(arrival): Received,
    Frame(page): Frame,
    form: Form,
) -> Result<HttpResponse> {
    let (attempt, exam) = match sitting::find(&app, &id, person.id()).await {
        Ok(found) => found,
        Err(Error::NotFound) => return Err(Error::NotFound),
        // The question cannot be shown; what was answered is sent again from the page that says so.
        Err(error) => return Ok(unsent::carrying(error, form)),
    };
    let item = attempt.paper.item(number).ok_or(Error::NotFound)?;
    let (question, _) = exam.question(item.question).ok_or(Error::NotFound)?;
    let (clear, check) = (form.get("go") == "clear", form.get("go") == "check");
    if check {
        practice::right_to_check(&exam)?;
    }
    // A checked question is shown without fields: its form saves nothing, and only leads on.
    if form.has("checked") && attempt.checked.contains(number) && !attempt.state.is_finished() {
        return Ok(go(&attempt, number, &form, None));
    }
    // The question's own page has both; without them, it is not known what its answer may replace.
    let (Ok(writer), Ok(used)) = (form.get("writer").parse(), form.get("seq").parse()) else {
        return Err(Error::invalid(
            "",
            "This is not the form of a question. Open the question again and answer it there.",
        ));
    };
    let read = if clear { Ok(None) } else { form::response(&form, &question.content) };
    let read = read.and_then(|response| match &response {
        Some(given) => given.check(&question.content, item).map(|()| response),
        None => Ok(None),
    });
    let response = match read {
        Ok(response) => response,
        Err(reason) => {
            // Shown again with a word about it; what can be kept of the form is kept.
            let typed = form::response(&form, &question.content).ok().flatten();
            let places = form.family("order.").map(|(item, place)| (item.to_owned(), place.to_owned())).collect();
            let notice = Some(why_invalid(&question.content, reason));
            let shown = Shown { number, notice, typed, places, last_seq: used, is_bookmarked: false };
            return shown_again(&app, page, &attempt, &exam, &shown, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    let given = FormAnswer { writer, last_seq: used, question: number, response: response.clone() };
    let saved = sitting::save_form(&app, &attempt, given, arrival).await;
    let notice = match saved {
        Ok(judged) => match judged.rejected.first() {
            None if clear => Some(Notice::Cleared),
            None => None,
            Some((_, Rejection::Kept(Verdict::Late))) => Some(Notice::Late),
            Some((_, Rejection::Kept(Verdict::Checked))) => Some(Notice::Checked),
            // From the page that holds the pen, only a later answer can have overtaken it.
            Some(_) if writer == attempt.pen_holder => Some(Notice::Overtaken),
            // Another tab or device goes on with the exam: what was answered here stays on the page, should it be meant.
            Some(_) => {
                let notice = Some(Notice::Superseded);
                let shown =
                    Shown { number, notice, typed: response, places: Vec::new(), last_seq: used, is_bookmarked: false };
                return shown_again(&app, page, &attempt, &exam, &shown, StatusCode::CONFLICT).await;
            }
        },
        Err(Error::Closed) => {
            let result = format!("/attempts/{}/result?late={number}", attempt.public_id);
            return Ok(Redirect::to(&result).into_response());
        }
        Err(error @ (Error::Busy | Error::ClocksApart | Error::TooMany(_) | Error::Full)) => {
            // Not saved, and not shown as saved: the form comes back with what was typed.
            let notice = if matches!(error, Error::Full) { Notice::Full } else { Notice::Busy };
            let shown = Shown {
                number,
                notice: Some(notice),
                typed: response,
                places: Vec::new(),
                last_seq: used,
                is_bookmarked: false,
            };
            return shown_again(&app, page, &attempt, &exam, &shown, error.status()).await;
        }
        Err(error) => return Ok(unsent::carrying(error, form)),
    };
    let notice = match notice {
        // What stands now is saved: that is what is checked.
        None if check => match practice::check(&app, &attempt, &exam, number, writer, arrival).await {
            Ok(_) => None,
            Err(Error::Unanswered) => Some(Notice::Unanswered),
            Err(Error::Superseded) => Some(Notice::Superseded),
            Err(Error::Late) => Some(Notice::Late),
            Err(Error::Closed) => return Ok(to_result(&attempt)),
            Err(error) => return Err(error),
        },
        notice => notice,
    };
    let language = language::chosen(&app, &form).map(|kept| [(header::SET_COOKIE, kept)]);
    Ok((language, go(&attempt, number, &form, notice)).into_response())
}

fn why_invalid(content: &Content, reason: BadResponse) -> Notice {
    match (content, reason) {
        (Content::Ordering { .. }, _) => Notice::InvalidOrder,
        (_, BadResponse::TooLong) => Notice::TooLong,
        _ => Notice::Invalid,
    }
}

/// The form with what was typed and a word about it. Without the other answers where they cannot be read: what was typed is not
/// lost when the database is away.
async fn shown_again(
    app: &App,
    page: Page,
    attempt: &Attempt,
    exam: &Prepared,
    shown: &Shown,
    status: StatusCode,
) -> Result<HttpResponse> {
    let held = app.store.answers(attempt).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "a form is shown again without the other answers");
        HeldAnswers { last_seq: shown.last_seq, ..HeldAnswers::default() }
    });
    show_with(status, &attempt_page(app, page, attempt, exam, &held.answers, held.last_seq, shown)?)
}

/// Where the form's button leads. A word about the save, when there is one, is said on the question itself.
fn go(attempt: &Attempt, number: usize, form: &Form, notice: Option<Notice>) -> HttpResponse {
    let last = attempt.paper.items.len();
    let base = format!("/attempts/{}", attempt.public_id);
    let notice = notice.map(|notice| match notice {
        Notice::Cleared => "cleared",
        Notice::Late => "late",
        Notice::Superseded => "superseded",
        Notice::Overtaken => "overtaken",
        Notice::Checked => "checked",
        Notice::Unanswered => "unanswered",
        Notice::Saved
        | Notice::Invalid
        | Notice::InvalidOrder
        | Notice::TooLong
        | Notice::Busy
        | Notice::Full
        | Notice::Continued => "saved",
    });
    let target = match (notice, form.get("go")) {
        (Some(notice), _) => format!("{base}?question={number}&notice={notice}"),
        // The page says what it is in, and its fields hold what was typed.
        (None, _) if form.has("language") => format!("{base}?question={number}"),
        (None, "check") => format!("{base}?question={number}"),
        (None, "review") => format!("{base}/review"),
        (None, "previous") => format!("{base}?question={}", number.saturating_sub(1).max(1)),
        (None, "next") if number >= last => format!("{base}/review"),
        (None, "next") => format!("{base}?question={}", number + 1),
        (None, other) => match other.parse::<usize>() {
            Ok(wanted) => format!("{base}?question={}", wanted.clamp(1, last.max(1))),
            // Enter in a field sends no button: stay, and say that it is saved.
            Err(_) => format!("{base}?question={number}&notice=saved"),
        },
    };
    Redirect::to(&target).into_response()
}

/// `GET /attempts/{id}/review`
pub async fn review(
    State(app): State<App>,
    Path(id): Path<String>,
    person: SignedIn,
    Frame(page): Frame,
) -> Result<HttpResponse> {
    let (attempt, exam) = sitting::find(&app, &id, person.id()).await?;
    if attempt.state.is_finished() {
        return Ok(to_result(&attempt));
    }
    if is_over(&app, &attempt) {
        return show(&TimeUpPage { page, sitting: sitting_view(&app, &attempt, &exam), notice: None });
    }
    let answers = app.store.answers(&attempt).await?.answers;
    let items = attempt.paper.items.iter().enumerate().filter_map(|(index, item)| {
        let (question, _) = exam.question(item.question)?;
        let response = answers.get(&(index + 1));
        Some(ReviewItem {
            number: whole(index + 1),
            excerpt: excerpt(&question.prompt, EXCERPT),
            answered: answered(&question.content, response),
            flaw: flaw(&question.content, response),
        })
    });
    let items = items.collect();
    let account = attempt.account.0;
    show(&ReviewPage { page, sitting: sitting_view(&app, &attempt, &exam), items, notice: None, account })
}

/// `POST /attempts/{id}/submit`
pub async fn submit(
    State(app): State<App>,
    Path(id): Path<String>,
    person: SignedIn,
    Received(arrival): Received,
) -> Result<HttpResponse> {
    let (attempt, exam) = sitting::find(&app, &id, person.id()).await?;
    let attempt = sitting::submit(&app, &attempt, &exam, arrival).await?;
    Ok(Redirect::to(&format!("/attempts/{}/result?submitted", attempt.public_id)).into_response())
}
