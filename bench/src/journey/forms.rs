//! The journey through the baseline's pages: 47 requests for 20 questions, 44 without the log-in.

use super::face::{Exam, Person};
use super::visitor::{Failed, Visitor};

/// Where a user is in a quiz.
#[derive(Debug, Default)]
pub(super) struct Forms {
    total: usize,
    pub(super) left: usize,
}

impl Forms {
    pub(super) async fn sign_in(&mut self, visitor: &mut Visitor, person: &Person) -> Result<(), Failed> {
        visitor.get("/login").await?.with_status(200)?.holding("name=\"password\"")?;
        let fields = [("username", person.user_name()), ("password", person.password.clone())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        visitor.submit("/login", &fields).await?.with_status(200)?.holding(&format!("Welcome, {}<", person.name()))?;
        Ok(())
    }

    /// A quiz of so many questions less stands for one in which they were answered before.
    pub(super) async fn start(&mut self, visitor: &mut Visitor, exam: &Exam, skipped: usize) -> Result<(), Failed> {
        visitor.get("/quiz").await?.with_status(200)?.holding(&exam.name)?;
        self.total = exam.questions - skipped;
        self.left = self.total;
        let count = self.total.to_string();
        let page = visitor.submit("/quiz/start", &[("category", &exam.name), ("count", &count)]).await?;
        page.with_status(200)?.holding(&format!("<h1>Question 1 of {}<", self.total))?;
        Ok(())
    }

    pub(super) async fn answer(&mut self, visitor: &mut Visitor, choice: usize) -> Result<(), Failed> {
        let page = visitor.submit("/quiz/answer", &[("answer", letter(choice))]).await?.with_status(200)?;
        self.left -= 1;
        page.holding(&format!("<h1>Question {} of {}<", self.total - self.left + 1, self.total))?;
        Ok(())
    }

    pub(super) async fn finish(&mut self, visitor: &mut Visitor, choice: usize) -> Result<(), Failed> {
        let page = visitor.submit("/quiz/answer", &[("answer", letter(choice))]).await?.with_status(200)?;
        self.left = 0;
        page.holding("Quiz complete")?.holding(&format!(" of {}</strong> right", self.total))?;
        Ok(())
    }
}

fn letter(choice: usize) -> &'static str {
    ["a", "b", "c", "d"][choice % 4]
}
