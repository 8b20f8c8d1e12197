//! Attempts, for staff: the list, and everything about one. Marks and answers are for all staff at any time; keys and
//! explanations for those who write questions.

use super::{cursor, filter};
use crate::app::App;
use crate::exams::pages::{moment, view_mode, whole};
use crate::http::errors::{Error, Result};
use crate::http::extract::{Path, Query};
use crate::http::page::{Frame, show};
use crate::http::policy::Policy;
use crate::http::session::SignedIn;
use crate::published::Prepared;
use crate::results::pages::{domain_scores, receipt_code, score, view_state};
use crate::results::reviewed::{Permits, reviewed};
use crate::take::sitting;
use crate::view::admin::{AttemptPage, AttemptsFilter, AttemptsPage, OperationRow, OperationVerdict, StaffAttemptRow};
use crate::view::results::{Receipt, ReviewedQuestion, Verdict as Shown};
use axum::extract::State;
use axum::response::Response;
use exam::answer::{Answers, Response as Answer};
use exam::attempt::{AttemptState, Verdict};
use exam::grade::Grade;
use exam::id::AttemptId;
use exam::sealed::Permit;
use exam::settings::Percent;
use std::collections::HashMap;
use store::{Attempt, AttemptFilter, AttemptRow, LoggedOperation};

/// How many attempts a page lists.
const PAGE: i64 = 50;
/// How many operations a page of the log lists.
const LOG_PAGE: usize = 100;

/// Attempts as lists of the staff area show them. What open ones have answered is counted now.
///
/// # Errors
/// When the database fails.
pub(super) async fn rows(app: &App, mut attempts: Vec<AttemptRow>) -> Result<Vec<StaffAttemptRow>> {
    app.store.count_answers(&mut attempts).await?;
    let row = |row: AttemptRow| StaffAttemptRow {
        answered: row.answered.unwrap_or(0),
        id: row.public_id,
        person: row.person,
        account: row.account.to_string(),
        exam_title: row.exam_title,
        state: view_state(row.state),
        started_at: moment(row.started_at),
        question_count: row.question_count,
        percent: row.percent.map(|percent| Percent(percent).as_f64()),
        passed: row.passed,
    };
    Ok(attempts.into_iter().map(row).collect())
}

/// `GET /admin/attempts?exam=&state=&person=&cursor=`
pub async fn list(State(app): State<App>, Frame(page): Frame, query: Query) -> Result<Response> {
    let state = query.get("state").and_then(AttemptState::from_name);
    let wanted = AttemptFilter {
        account: None,
        exam: filter(&query, "exam"),
        state,
        person: filter(&query, "person"),
        limit: PAGE,
        before: cursor(&query)?.map(AttemptId),
    };
    let list = app.store.list_attempts(&wanted).await?;
    let exams = app.store.list_exams().await?;
    show(&AttemptsPage {
        page,
        filter: AttemptsFilter { exam: wanted.exam, state: state.map(view_state), person: wanted.person },
        exams: exams.into_iter().map(|exam| (exam.slug, exam.title)).collect(),
        attempts: rows(&app, list.attempts).await?,
        next_cursor: list.next.map(|id| id.to_string()),
    })
}

/// `GET /admin/attempts/{id}?cursor=`
pub async fn attempt(
    State(app): State<App>,
    Path(id): Path<String>,
    person: SignedIn,
    Frame(page): Frame,
    query: Query,
) -> Result<Response> {
    let attempt = app.store.find_attempt_for_staff(&id).await?.ok_or(Error::NotFound)?;
    let exam = sitting::exam_of(&app, &attempt).await?;
    let account = app.store.find_account(attempt.account).await?;
    let account =
        account.ok_or_else(|| Error::internal(format!("account {} of an attempt is gone", attempt.account)))?;
    let grade = app.store.find_grade(&attempt).await?;
    let answers = app.store.answers(&attempt).await?.answers;
    let log = app.store.operation_log(attempt.id).await?;
    let start = cursor::<usize>(&query)?.unwrap_or(0);
    let shows_keys = Policy::Author.admits(Some(person.0.role));
    let settings = &exam.summary().settings;
    let answered = attempt.answered.unwrap_or_else(|| whole(answers.len()));
    let question_count = whole(attempt.paper.items.len());
    show(&AttemptPage {
        page,
        row: StaffAttemptRow {
            id: attempt.public_id.clone(),
            person: account.name,
            account: attempt.account.to_string(),
            exam_title: attempt.exam_title.clone(),
            state: view_state(attempt.state),
            started_at: moment(attempt.started_at),
            answered,
            question_count,
            percent: grade.as_ref().map(|grade| grade.percent().as_f64()),
            passed: grade.as_ref().and_then(|grade| grade.passed),
        },
        mode: view_mode(settings.mode),
        public_id: attempt.public_id.clone(),
        exam_slug: attempt.exam_slug.clone(),
        exam_version: exam.summary().version,
        deadline: attempt.deadline.map(moment),
        ended_at: attempt.submitted_at.map(moment),
        score: grade.as_ref().map(|grade| score(grade, settings.pass)),
        domains: grade.as_ref().map(|grade| domain_scores(&grade.domains)).unwrap_or_default(),
        receipt: attempt.digest.clone().map(|digest| Receipt {
            code: receipt_code(&digest),
            digest,
            answered,
            question_count,
        }),
        questions: questions(&attempt, &exam, &answers, grade.as_ref(), shows_keys),
        operations: operations(&log, start),
        operations_total: whole(log.len()),
        next_cursor: (start.saturating_add(LOG_PAGE) < log.len()).then(|| (start + LOG_PAGE).to_string()),
    })
}

fn questions(
    attempt: &Attempt,
    exam: &Prepared,
    answers: &Answers,
    grade: Option<&Grade>,
    shows_keys: bool,
) -> Vec<ReviewedQuestion> {
    let (key, explanations) = (shows_keys.then(Permit::for_staff), shows_keys.then(Permit::for_staff));
    let items = attempt.paper.items.iter().enumerate();
    let questions = items.filter_map(|(index, item)| {
        let (question, html) = exam.question(item.question)?;
        let mark = grade.and_then(|grade| grade.questions.get(index));
        let permits = Permits { mark, key: key.as_ref(), explanations: explanations.as_ref() };
        let response = answers.get(&(index + 1));
        let mut view = reviewed(index + 1, item, question, html, response, &permits);
        // There are no marks before the end; what was left open can be told.
        if mark.is_none() && response.is_none() {
            view.verdict = Shown::Unanswered;
        }
        Some(view)
    });
    questions.collect()
}

/// A page of the log. The latest of the operations that count for a question is its answer.
fn operations(log: &[LoggedOperation], start: usize) -> Vec<OperationRow> {
    let mut latest: HashMap<usize, (i64, i64)> = HashMap::new();
    for LoggedOperation { operation, .. } in log.iter().filter(|logged| logged.verdict == Verdict::Counted) {
        let identity = (operation.writer, operation.seq);
        latest.entry(operation.question).and_modify(|kept| *kept = identity.max(*kept)).or_insert(identity);
    }
    let row = |LoggedOperation { operation, verdict, received_at }: &LoggedOperation| OperationRow {
        writer: operation.writer,
        seq: operation.seq,
        question: whole(operation.question),
        response: operation.response.as_ref().map(Answer::canonical).unwrap_or_default(),
        received_at: moment(*received_at),
        verdict: match verdict {
            Verdict::Late => OperationVerdict::Late,
            Verdict::Superseded => OperationVerdict::Superseded,
            Verdict::Checked => OperationVerdict::Checked,
            Verdict::Counted if latest.get(&operation.question) == Some(&(operation.writer, operation.seq)) => {
                OperationVerdict::Counts
            }
            Verdict::Counted => OperationVerdict::Replaced,
        },
    };
    log.iter().skip(start).take(LOG_PAGE).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use exam::answer::Operation;
    use exam::time::Timestamp;

    fn logged(writer: i64, seq: i64, question: usize, verdict: Verdict) -> LoggedOperation {
        let operation = Operation { writer, seq, question, response: None };
        LoggedOperation { operation, verdict, received_at: Timestamp(seq) }
    }

    #[test]
    fn of_several_operations_on_a_question_the_latest_that_was_counted_is_its_answer() {
        let log = [
            logged(0, 1, 1, Verdict::Counted),
            logged(0, 2, 2, Verdict::Counted),
            logged(1, 1, 1, Verdict::Counted),
            logged(0, 3, 1, Verdict::Superseded),
            logged(1, 2, 2, Verdict::Late),
        ];
        let verdicts: Vec<_> = operations(&log, 0).into_iter().map(|row| row.verdict).collect();
        use OperationVerdict::{Counts, Late, Replaced, Superseded};
        assert_eq!(verdicts, [Replaced, Counts, Counts, Superseded, Late]);
    }

    #[test]
    fn the_log_is_paged_and_verdicts_look_at_all_of_it() {
        let log: Vec<_> = (1..=150).map(|seq| logged(0, seq, 1, Verdict::Counted)).collect();
        let first = operations(&log, 0);
        assert!(first.len() == 100 && first.iter().all(|row| row.verdict == OperationVerdict::Replaced));
        let second = operations(&log, 100);
        assert_eq!((second.len(), second[49].verdict), (50, OperationVerdict::Counts));
        assert!(operations(&log, usize::MAX).is_empty());
    }
}
