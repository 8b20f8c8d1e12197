//! The journey through Examhall's pages as plain forms, without a script: as many pages as the baseline's, and an answer
//! committed with each.

use super::face::{Exam, Person};
use super::visitor::{Failed, Page, Visitor, attribute};

/// An attempt under way.
#[derive(Debug, Default)]
pub(super) struct Pages {
    attempt: String,
    writer: String,
    seq: String,
    options: Vec<String>,
    total: usize,
    number: usize,
    skipped: usize,
}

impl Pages {
    pub(super) async fn sign_in(&mut self, visitor: &mut Visitor, person: &Person) -> Result<(), Failed> {
        visitor.get("/sign-in").await?.with_status(200)?.holding("name=\"password\"")?;
        let fields =
            [("next", "/dashboard".to_owned()), ("email", person.email()), ("password", person.password.clone())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        visitor.submit("/sign-in", &fields).await?.with_status(200)?.holding(&person.name())?;
        Ok(())
    }

    pub(super) async fn start(
        &mut self,
        visitor: &mut Visitor,
        exam: &Exam,
        key: u64,
        skipped: usize,
    ) -> Result<(), Failed> {
        visitor.get(&format!("/exams/{}", exam.name)).await?.with_status(200)?;
        let path = format!("/exams/{}/attempts", exam.name);
        let page = visitor.submit(&path, &[("idempotency_key", &format!("{key:016x}"))]).await?.with_status(200)?;
        self.attempt = attribute(page.text(), "data-attempt=\"")?.to_owned();
        self.total = exam.questions;
        self.skipped = skipped;
        if skipped == 0 {
            return self.read(&page);
        }
        let path = format!("/attempts/{}?question={}", self.attempt, skipped + 1);
        let page = visitor.get(&path).await?.with_status(200)?;
        self.read(&page)
    }

    /// What the form of a question holds.
    fn read(&mut self, page: &Page) -> Result<(), Failed> {
        let text = page.text();
        self.writer = attribute(text, "name=\"writer\" value=\"")?.to_owned();
        self.seq = attribute(text, "name=\"seq\" value=\"")?.to_owned();
        self.number = attribute(text, "data-question=\"")?.parse().map_err(|_| Failed::because("no_number"))?;
        let values = text.split("name=\"choice\" value=\"").skip(1);
        self.options = values.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect();
        if self.options.is_empty() { Err(Failed::because("no_options")) } else { Ok(()) }
    }

    pub(super) fn left(&self) -> usize {
        self.total + 1 - self.number
    }

    /// Sends the form of the question with a choice, by one of its buttons.
    async fn send(&mut self, visitor: &mut Visitor, choice: usize, button: &str) -> Result<Page, Failed> {
        let path = format!("/attempts/{}/questions/{}", self.attempt, self.number);
        let chosen = &self.options[choice % self.options.len()];
        let fields = [("writer", self.writer.as_str()), ("seq", &self.seq), ("choice", chosen), ("go", button)];
        visitor.submit(&path, &fields).await?.with_status(200)
    }

    pub(super) async fn answer(&mut self, visitor: &mut Visitor, choice: usize) -> Result<(), Failed> {
        let next = self.number + 1;
        let page = self.send(visitor, choice, "next").await?;
        self.read(&page)?;
        if self.number == next { Ok(()) } else { Err(Failed::because("another_question")) }
    }

    pub(super) async fn finish(&mut self, visitor: &mut Visitor, choice: usize) -> Result<(), Failed> {
        let submit = format!("/attempts/{}/submit", self.attempt);
        self.send(visitor, choice, "review").await?.holding(&submit)?;
        let page = visitor.submit(&submit, &[]).await?.with_status(200)?;
        if self.skipped == 0 {
            page.holding(&format!("{} of {}", self.total, self.total))?;
        }
        self.number = self.total + 1;
        Ok(())
    }
}
