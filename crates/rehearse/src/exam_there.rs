//! A look at the server before a run: a wrong address or exam is told at once, not when the first candidates have arrived.

use crate::connection::Connection;
use crate::plan::Plan;
use hyper::Method;
use hyper::body::Bytes;
use hyper::http::uri::Uri;
use serde::Deserialize;
use std::borrow::Cow;
use std::time::Duration;

/// How long the answer may take: a server that is slower has more to it than a wrong address.
const WITHIN: Duration = Duration::from_secs(10);

/// Why a plan cannot be carried out.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotThere {
    /// Nothing answers.
    #[error("{url} does not answer ({reason}); start the server, or correct --url")]
    NoAnswer {
        /// The address.
        url: String,
        /// What happened instead.
        reason: String,
    },
    /// Something else answers.
    #[error(
        "{url} is not where an Examhall server listens: asked for its exams, it answers with status {status}; correct --url"
    )]
    NoServer {
        /// The address.
        url: String,
        /// The status of its answer.
        status: u16,
    },
    /// The server has other exams.
    #[error(
        "there is no published exam {exam} at {url}; publish it with `examhall exam publish {exam}`, or correct --exam"
    )]
    NoExam {
        /// The address.
        url: String,
        /// The exam.
        exam: String,
    },
}

/// The published exams, as far as a rehearsal reads them.
#[derive(Deserialize)]
struct ExamsBody<'a> {
    #[serde(borrow)]
    exams: Vec<ExamBody<'a>>,
}

#[derive(Deserialize)]
struct ExamBody<'a> {
    #[serde(borrow)]
    slug: Cow<'a, str>,
}

/// Asks the server of a plan whether it has the plan's exam.
///
/// # Errors
/// When it has not, or is no such server. A server that is too busy to say, or fails, is no error: the run will show how
/// it copes.
pub async fn find_exam(plan: &Plan) -> Result<(), NotThere> {
    let url = plan.url.to_string();
    let uri = Uri::from_static("/api/v1/exams");
    let asked = Connection::new(&plan.url).ask(Method::GET, uri, Bytes::new(), WITHIN).await;
    let answer = match asked {
        Ok(answer) => answer,
        Err(error) => return Err(NotThere::NoAnswer { url, reason: error.to_string() }),
    };
    let status = answer.status;
    if matches!(status, 408 | 429 | 500..) {
        return Ok(());
    }
    match serde_json::from_slice::<ExamsBody<'_>>(&answer.body) {
        Ok(body) if status == 200 && body.exams.iter().any(|exam| exam.slug == plan.exam) => Ok(()),
        Ok(_) if status == 200 => Err(NotThere::NoExam { url, exam: plan.exam.clone() }),
        _ => Err(NotThere::NoServer { url, status }),
    }
}
