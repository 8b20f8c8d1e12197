//! The page of a result and the list of a person's attempts.

use super::list::{self, Listed};
use super::released::{self, AttemptResult};
use super::reviewed::{Permits, reviewed};
use crate::app::App;
use crate::exams::pages::{moment, view_mode, whole};
use crate::http::errors::{Error, Result};
use crate::http::extract::{Path, Query};
use crate::http::page::{Frame, show};
use crate::http::session::SignedIn;
use crate::take::practice;
use crate::view::exams::Drills;
use crate::view::results::{
    AttemptRow, AttemptState as ViewState, DomainScore, HistoryPage, Receipt, ResultPage, ReviewedQuestion, Score,
    Show, Withheld,
};
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use exam::attempt::AttemptState;
use exam::grade::{DomainMarks, Grade, Outcome};
use exam::release::{ReleasePolicy, When};
use exam::settings::{Mode, Percent, Settings};
use std::collections::BTreeSet;

/// How many characters of the digest people compare.
const CODE: usize = 12;
/// How many attempts a page of the history lists.
const PAGE: i64 = 20;

/// The state as pages name it.
#[must_use]
pub fn view_state(state: AttemptState) -> ViewState {
    match state {
        AttemptState::Open => ViewState::Open,
        AttemptState::Submitted => ViewState::Submitted,
        AttemptState::Expired => ViewState::Expired,
    }
}

/// A receipt's digest in a form to read out: `3f9a-01bc-77de`.
#[must_use]
pub fn receipt_code(digest: &str) -> String {
    let short: Vec<char> = digest.chars().take(CODE).collect();
    short.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// Marks as pages show them.
#[must_use]
pub fn score(grade: &Grade, pass: Option<Percent>) -> Score {
    Score {
        points: grade.points.as_f64(),
        max_points: grade.max_points.as_f64(),
        percent: grade.percent().as_f64(),
        pass_percent: pass.map(Percent::as_f64),
        passed: grade.passed,
    }
}

/// Marks of domains as pages show them.
#[must_use]
pub fn domain_scores(domains: &[DomainMarks]) -> Vec<DomainScore> {
    let score = |domain: &DomainMarks| DomainScore {
        name: domain.name.clone(),
        points: domain.points.as_f64(),
        max_points: domain.max_points.as_f64(),
    };
    domains.iter().map(score).collect()
}

/// `GET /attempts/{id}/result`
pub async fn result(
    State(app): State<App>,
    Path(id): Path<String>,
    person: SignedIn,
    Frame(page): Frame,
    query: Query,
) -> Result<Response> {
    let result = match released::find(&app, &id, person.id()).await {
        Err(Error::StillOpen) => return Ok(Redirect::to(&format!("/attempts/{id}")).into_response()),
        result => result?,
    };
    let settings = &result.exam.summary().settings;
    let used = app.store.count_attempts(result.attempt.exam_id, person.id()).await?;
    let show_which = if query.get("show") == Some("missed") { Show::Missed } else { Show::All };
    let bookmarked = match result.released.keys {
        Some(_) => practice::bookmarked(&app, &result.attempt).await?,
        None => BTreeSet::new(),
    };
    let all = questions(&result, &bookmarked);
    let missed = |number: i64| {
        let mark = result.grade.as_ref().and_then(|grade| grade.questions.get(usize::try_from(number - 1).ok()?));
        mark.is_some_and(|mark| mark.outcome != Outcome::Correct)
    };
    let missed_count = all.iter().filter(|question| missed(question.number)).count();
    let questions = all.into_iter().filter(|question| show_which == Show::All || missed(question.number)).collect();
    let attempt = &result.attempt;
    let digest = attempt.digest.clone().unwrap_or_default();
    let ReleasePolicy { marks, keys, explanations } = settings.release;
    let closed = settings.closes_at.is_some_and(|closes| app.now() >= closes);
    let may_retake = !closed && settings.attempts.is_none_or(|allowed| used < i64::from(allowed));
    // By what is published now, which is what a new attempt is drawn from.
    let current = if may_retake && settings.mode == Mode::Practice {
        app.published.current(&attempt.exam_slug).await?
    } else {
        None
    };
    let drills = match current {
        Some(current) => Drills::of(practice::drills(&app, &current, person.id()).await?, app.chance.public_id()),
        None => Drills::default(),
    };
    show(&ResultPage {
        page,
        attempt: attempt.public_id.clone(),
        exam_slug: attempt.exam_slug.clone(),
        exam_title: attempt.exam_title.clone(),
        mode: view_mode(settings.mode),
        state: view_state(attempt.state),
        started_at: moment(attempt.started_at),
        ended_at: moment(attempt.submitted_at.unwrap_or(attempt.started_at)),
        score: result.grade.as_ref().map(|grade| score(grade, settings.pass)),
        domains: result.grade.as_ref().map(|grade| domain_scores(&grade.domains)).unwrap_or_default(),
        receipt: Receipt {
            code: receipt_code(&digest),
            digest,
            answered: attempt.answered.unwrap_or(0),
            question_count: whole(attempt.paper.items.len()),
        },
        marks_withheld: result.grade.is_none().then(|| withheld(settings, &[settings.release.marks])),
        keys_withheld: result.released.keys.is_none().then(|| withheld(settings, &[marks, keys])),
        explanations_withheld: result
            .released
            .explanations
            .is_none()
            .then(|| withheld(settings, &[marks, explanations])),
        questions,
        show: show_which,
        missed_count: whole(missed_count),
        may_retake,
        drills,
        just_submitted: query.get("submitted").is_some(),
        came_too_late: query.get("late").map(|text| named(text, attempt.paper.items.len())),
        was_undecided: query.get("undecided").map(|text| named(text, attempt.paper.items.len())),
    })
}

/// The questions that an address names as `3-7`; what are no numbers of the paper is left out.
fn named(text: &str, count: usize) -> Vec<i64> {
    let numbers = text.split('-').filter_map(|number| number.parse().ok());
    let numbers: BTreeSet<usize> = numbers.filter(|number| (1..=count).contains(number)).collect();
    numbers.into_iter().map(whole).collect()
}

/// When what is withheld will be shown: when the last of its rules allows it.
fn withheld(settings: &Settings, rules: &[When]) -> Withheld {
    match settings.closes_at {
        Some(closes) if !rules.contains(&When::Never) => Withheld::Until(moment(closes)),
        _ => Withheld::Never,
    }
}

fn questions(result: &AttemptResult, bookmarked: &BTreeSet<usize>) -> Vec<ReviewedQuestion> {
    let Some(grade) = &result.grade else { return Vec::new() };
    let items = result.attempt.paper.items.iter().zip(&grade.questions).enumerate();
    let questions = items.filter_map(|(index, (item, mark))| {
        let (question, html) = result.exam.question(item.question)?;
        let permits = Permits {
            mark: Some(mark),
            key: result.released.keys.as_ref(),
            explanations: result.released.explanations.as_ref(),
        };
        let number = index + 1;
        let view = reviewed(number, item, question, html, result.answers.get(&number), &permits);
        let bookmarked = permits.key.map(|_| bookmarked.contains(&number));
        Some(ReviewedQuestion { bookmarked, ..view })
    });
    questions.collect()
}

/// An attempt in a list.
#[must_use]
pub fn attempt_row(listed: &Listed) -> AttemptRow {
    let row = &listed.row;
    AttemptRow {
        attempt: row.public_id.clone(),
        exam_title: row.exam_title.clone(),
        mode: view_mode(listed.mode),
        state: view_state(row.state),
        started_at: moment(row.started_at),
        answered: row.answered.unwrap_or(0),
        question_count: row.question_count,
        deadline: row.deadline.map(moment),
        percent: listed.percent.map(Percent::as_f64),
        passed: listed.passed,
    }
}

/// `GET /results?cursor=`
pub async fn history(State(app): State<App>, person: SignedIn, Frame(page): Frame, query: Query) -> Result<Response> {
    let cursor = query.get("cursor").filter(|cursor| !cursor.is_empty());
    let list = list::own_with_progress(&app, person.id(), PAGE, cursor).await?;
    show(&HistoryPage {
        page,
        attempts: list.attempts.iter().map(attempt_row).collect(),
        next_cursor: list.next_cursor,
        is_first: cursor.is_none(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_receipt_is_the_beginning_of_its_digest() {
        assert_eq!(receipt_code("3f9a01bc77de0000"), "3f9a-01bc-77de");
        assert_eq!(receipt_code(""), "");
    }

    #[test]
    fn an_address_names_questions_of_the_paper_and_nothing_else() {
        assert_eq!(named("7-3-3", 9), [3, 7]);
        for nothing in ["", "-", "0", "10", "99999999999999999999", "-1x", "3,7", "\u{661}"] {
            assert!(named(nothing, 9).is_empty(), "{nothing}");
        }
    }
}
