//! A candidate whom a scenario plays itself, request by request, where virtual candidates would be too well-behaved.

use crate::hall::ANSWER;
use crate::{Doing, Error, Line, Message, Result};
use exam::answer::Response;
use exam::time::Timestamp;
use rehearse::ledger::{Identity, Number, Writer};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Somebody with a session.
#[derive(Debug, Clone)]
pub struct Person {
    address: String,
    token: String,
    ledger: Arc<Writer>,
}

/// A paper before them.
#[derive(Debug, Clone)]
pub struct Paper {
    /// The attempt's public id.
    pub id: String,
    /// When it ends, in milliseconds since 1970.
    pub deadline: i64,
    /// Its number in the ledger.
    pub in_ledger: Number,
    /// A response for each question that has options, with the question's number.
    pub responses: Vec<(usize, Value)>,
}

/// What became of one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved {
    /// Acknowledged.
    Acknowledged,
    /// Rejected with a code; `closed` when the save as a whole was.
    Rejected(String),
    /// Neither, with what came instead.
    Unanswered(String),
}

impl Person {
    /// The person behind a token.
    #[must_use]
    pub fn new(address: &str, token: &str, ledger: &Arc<Writer>) -> Self {
        Self { address: address.to_owned(), token: token.to_owned(), ledger: Arc::clone(ledger) }
    }

    /// A connection.
    #[must_use]
    pub fn line(&self) -> Line {
        Line::to(&self.address)
    }

    /// Asks for anything.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn ask(&self, line: &mut Line, method: &str, path: &str, body: Option<&Value>) -> Result<Message> {
        line.ask(method, path, &self.token, body, ANSWER).await
    }

    /// Starts an exam.
    ///
    /// # Errors
    /// When no attempt is given.
    pub async fn start(&self, line: &mut Line, exam: &str) -> Result<Paper> {
        let path = format!("/api/v1/exams/{exam}/attempts");
        let answer = self.ask(line, "POST", &path, Some(&json!({}))).await?;
        let body = answer.json();
        if !matches!(answer.status, 200 | 201) {
            return Err(Error::new(format!("starting {exam}: {} {body}", answer.status)));
        }
        let text = |name: &str| body[name].as_str().ok_or_else(|| Error::new(format!("an attempt without {name}")));
        let deadline: jiff::Timestamp = text("deadline")?.parse().doing("reading a deadline")?;
        let (writer, last_seq) = (body["writer"].as_i64().unwrap_or(0), body["last_seq"].as_i64().unwrap_or(0));
        let id = text("id")?.to_owned();
        let in_ledger = self.ledger.attempt(&id, writer, last_seq);
        let questions = body["questions"].as_array().map(Vec::as_slice).unwrap_or_default();
        let responses = questions.iter().zip(1..).filter_map(|(question, number)| {
            let choose = usize::try_from(question["choose"].as_u64().unwrap_or(1)).ok()?;
            let options = question["options"].as_array()?.iter().map(|option| &option["id"]).take(choose);
            (question["kind"] == "choice").then(|| (number, json!({"choice": options.collect::<Vec<_>>()})))
        });
        Ok(Paper { deadline: deadline.as_millisecond(), in_ledger, responses: responses.collect(), id })
    }

    /// Saves one operation of writer 0.
    ///
    /// # Errors
    /// When the response cannot be one.
    pub async fn save(
        &self,
        line: &mut Line,
        paper: &Paper,
        seq: i64,
        question: usize,
        response: &Value,
    ) -> Result<Saved> {
        let operation = Identity { writer: 0, seq };
        let canonical = Response::from_json(response).doing("a response")?;
        let canonical = canonical.as_ref().map_or_else(|| "null".to_owned(), Response::canonical);
        self.ledger.sent(paper.in_ledger, operation, question, &canonical);
        let saved = self.save_unseen(line, paper, seq, question, response).await;
        match &saved {
            // The server's time is for people who read the ledger.
            Saved::Acknowledged => self.ledger.acknowledged(paper.in_ledger, operation, Timestamp(wall_clock())),
            Saved::Rejected(code) => self.ledger.rejected(paper.in_ledger, operation, code),
            Saved::Unanswered(_) => {}
        }
        Ok(saved)
    }

    /// The same without the ledger.
    pub async fn save_unseen(
        &self,
        line: &mut Line,
        paper: &Paper,
        seq: i64,
        question: usize,
        response: &Value,
    ) -> Saved {
        let path = format!("/api/v1/attempts/{}/answers", paper.id);
        let body = json!({"operations": [{"seq": seq, "question": question, "response": response}]});
        let answer = match self.ask(line, "PUT", &path, Some(&body)).await {
            Ok(answer) => answer,
            Err(error) => return Saved::Unanswered(error.to_string()),
        };
        let body = answer.json();
        let is_acknowledged = body["acknowledged"].as_array().is_some_and(|seqs| seqs.contains(&json!(seq)));
        match (answer.status, body["rejected"][0]["code"].as_str(), body["code"].as_str()) {
            (200, None, _) if is_acknowledged => Saved::Acknowledged,
            (200, Some(code), _) | (409, _, Some(code)) => Saved::Rejected(code.to_owned()),
            (status, _, code) => Saved::Unanswered(code.map_or_else(|| format!("status_{status}"), ToOwned::to_owned)),
        }
    }

    /// Hands in; the state in the receipt. None without one.
    pub async fn hand_in(&self, line: &mut Line, paper: &Paper) -> Option<String> {
        self.ledger.handing_in(paper.in_ledger);
        let path = format!("/api/v1/attempts/{}/submit", paper.id);
        let answer = self.ask(line, "POST", &path, None).await.ok()?;
        let body = answer.json();
        let (state, digest) = (body["state"].as_str()?, body["digest"].as_str()?);
        self.ledger.receipt(paper.in_ledger, state, body["answered"].as_i64()?, digest);
        Some(state.to_owned())
    }

    /// The state of an attempt, as its owner sees it.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn state(&self, line: &mut Line, paper: &Paper) -> Result<String> {
        let answer = self.ask(line, "GET", &format!("/api/v1/attempts/{}", paper.id), None).await?;
        Ok(answer.json()["state"].as_str().unwrap_or_default().to_owned())
    }
}

/// The clock of this machine, in milliseconds since 1970: the server's too, unless a scenario steps it.
#[expect(clippy::disallowed_methods, reason = "the server's verdicts are held against the clock that it has itself")]
#[must_use]
pub(crate) fn wall_clock() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
