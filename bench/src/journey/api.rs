//! The journey through Examhall's API: 27 requests for 20 questions, 24 without the sign-in. The paper comes whole with the start,
//! so the next question is there when the answer before it is saved.

use super::face::{Exam, Person};
use super::visitor::{Failed, Visitor};
use hyper::Method;
use serde_json::{Value, json};

/// An attempt under way.
#[derive(Debug, Default)]
pub(super) struct Api {
    attempt: String,
    /// The options of each question.
    options: Vec<Vec<String>>,
    answered: usize,
    seq: i64,
}

impl Api {
    pub(super) async fn sign_in(&mut self, visitor: &mut Visitor, person: &Person) -> Result<(), Failed> {
        let credentials = json!({"email": person.email(), "password": person.password});
        let answer = visitor.json(Method::POST, "/api/v1/session", &credentials).await?.with_status(200)?.json()?;
        if answer["account"]["name"] != person.name() {
            return Err(Failed::because("somebody_else"));
        }
        // The session also came as a cookie; one of both is enough.
        visitor.forget();
        visitor.set_token(answer["token"].as_str());
        visitor.get("/api/v1/exams").await?.with_status(200)?;
        visitor.get("/api/v1/attempts?limit=10").await?.with_status(200)?.holding("\"attempts\":")?;
        Ok(())
    }

    pub(super) async fn start(
        &mut self,
        visitor: &mut Visitor,
        exam: &Exam,
        key: u64,
        skipped: usize,
    ) -> Result<(), Failed> {
        visitor.get("/api/v1/exams").await?.with_status(200)?.holding(&format!("\"{}\"", exam.name))?;
        let path = format!("/api/v1/exams/{}/attempts", exam.name);
        let answer = visitor.json(Method::POST, &path, &json!({"idempotency_key": format!("{key:016x}")})).await?;
        // 200: an attempt that a failed sitting has left open goes on.
        if !matches!(answer.status, 200 | 201) {
            return Err(Failed(format!("status_{}", answer.status)));
        }
        let attempt = answer.json()?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        self.attempt = text(&attempt["id"]);
        let questions = attempt["questions"].as_array().map_or(&[][..], Vec::as_slice);
        let ids = |question: &Value| {
            question["options"].as_array().into_iter().flatten().map(|option| text(&option["id"])).collect::<Vec<_>>()
        };
        self.options = questions.iter().map(ids).collect();
        if self.options.len() != exam.questions || self.options.iter().any(|options| options.len() < 2) {
            return Err(Failed::because("another_paper"));
        }
        self.seq = attempt["last_seq"].as_i64().unwrap_or(0);
        self.answered = 0;
        if skipped > 0 { self.save(visitor, skipped, 0).await } else { Ok(()) }
    }

    pub(super) fn left(&self) -> usize {
        self.options.len() - self.answered
    }

    pub(super) async fn answer(&mut self, visitor: &mut Visitor, choice: usize) -> Result<(), Failed> {
        self.save(visitor, 1, choice).await
    }

    /// Saves answers to the next questions.
    async fn save(&mut self, visitor: &mut Visitor, count: usize, choice: usize) -> Result<(), Failed> {
        let mut operations = Vec::with_capacity(count);
        let mut sent = Vec::with_capacity(count);
        for question in self.answered..self.answered + count {
            let options = &self.options[question];
            self.seq += 1;
            sent.push(self.seq);
            let chosen = &options[choice % options.len()];
            operations.push(json!({"seq": self.seq, "question": question + 1, "response": {"choice": [chosen]}}));
        }
        let path = format!("/api/v1/attempts/{}/answers", self.attempt);
        let answer =
            visitor.json(Method::PUT, &path, &json!({"operations": operations})).await?.with_status(200)?.json()?;
        if answer["acknowledged"] != json!(sent) || answer["rejected"] != json!([]) {
            return Err(Failed::because("not_acknowledged"));
        }
        self.answered += count;
        Ok(())
    }

    pub(super) async fn finish(&mut self, visitor: &mut Visitor, choice: usize) -> Result<(), Failed> {
        self.save(visitor, 1, choice).await?;
        let path = format!("/api/v1/attempts/{}/submit", self.attempt);
        let receipt = visitor.json(Method::POST, &path, &json!({})).await?.with_status(200)?.json()?;
        let path = format!("/api/v1/attempts/{}/result", self.attempt);
        let result = visitor.get(&path).await?.with_status(200)?.json()?;
        let questions = result["questions"].as_array().map_or(0, Vec::len);
        if receipt["answered"] != self.options.len()
            || result["state"] != "submitted"
            || questions != self.options.len()
        {
            return Err(Failed::because("another_result"));
        }
        Ok(())
    }
}
