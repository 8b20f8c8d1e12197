//! The faces of a server that a journey can go through, and what its actions are on each.

use super::api::Api;
use super::forms::Forms;
use super::pages::Pages;
use super::visitor::{Failed, Visitor};
use clap::ValueEnum;

/// What a user waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// To be let in, and to see what there is.
    SignIn,
    /// To choose a quiz and see its first question.
    Start,
    /// To give an answer and see the next question.
    Answer,
    /// To give the last answer and see the result.
    Finish,
}

impl Action {
    pub(super) const ALL: [Self; 4] = [Self::SignIn, Self::Start, Self::Answer, Self::Finish];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Start => "start",
            Self::Answer => "answer",
            Self::Finish => "finish",
        }
    }
}

/// Which face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Face {
    /// The baseline's pages.
    Forms,
    /// Examhall's API.
    Api,
    /// Examhall's pages as plain forms.
    Pages,
}

/// Who a user is.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) number: usize,
    pub(super) password: String,
}

impl Person {
    pub(super) fn user_name(&self) -> String {
        format!("u{}", self.number)
    }

    pub(super) fn email(&self) -> String {
        format!("u{}@example.org", self.number)
    }

    pub(super) fn name(&self) -> String {
        format!("User{}", self.number)
    }
}

/// What is sat.
#[derive(Debug)]
pub(super) struct Exam {
    /// The exam's slug, or the category.
    pub(super) name: String,
    pub(super) questions: usize,
}

/// A user's state on one of the faces.
#[derive(Debug)]
pub(super) enum Sitting {
    Forms(Forms),
    Api(Api),
    Pages(Pages),
}

impl Sitting {
    pub(super) fn new(face: Face) -> Self {
        match face {
            Face::Forms => Self::Forms(Forms::default()),
            Face::Api => Self::Api(Api::default()),
            Face::Pages => Self::Pages(Pages::default()),
        }
    }

    /// Takes a session that was prepared.
    pub(super) fn resume(&self, visitor: &mut Visitor, session: &str) {
        match self {
            Self::Forms(_) => visitor.set_cookie("session", session),
            Self::Api(_) => visitor.set_token(Some(session)),
            Self::Pages(_) => visitor.set_cookie("examhall_session", session),
        }
    }

    pub(super) async fn sign_in(&mut self, visitor: &mut Visitor, person: &Person) -> Result<(), Failed> {
        visitor.forget();
        match self {
            Self::Forms(forms) => forms.sign_in(visitor, person).await,
            Self::Api(api) => api.sign_in(visitor, person).await,
            Self::Pages(pages) => pages.sign_in(visitor, person).await,
        }
    }

    /// Starts with the first `skipped` questions out of the way.
    pub(super) async fn start(
        &mut self,
        visitor: &mut Visitor,
        exam: &Exam,
        key: u64,
        skipped: usize,
    ) -> Result<(), Failed> {
        match self {
            Self::Forms(forms) => forms.start(visitor, exam, skipped).await,
            Self::Api(api) => api.start(visitor, exam, key, skipped).await,
            Self::Pages(pages) => pages.start(visitor, exam, key, skipped).await,
        }
    }

    /// How many questions are to be answered yet.
    pub(super) fn left(&self) -> usize {
        match self {
            Self::Forms(forms) => forms.left,
            Self::Api(api) => api.left(),
            Self::Pages(pages) => pages.left(),
        }
    }

    /// Answers any question but the last. `choice` is a number from which the option follows.
    pub(super) async fn answer(&mut self, visitor: &mut Visitor, choice: usize) -> Result<(), Failed> {
        match self {
            Self::Forms(forms) => forms.answer(visitor, choice).await,
            Self::Api(api) => api.answer(visitor, choice).await,
            Self::Pages(pages) => pages.answer(visitor, choice).await,
        }
    }

    /// Answers the last question, hands in and reads the result.
    pub(super) async fn finish(&mut self, visitor: &mut Visitor, choice: usize) -> Result<(), Failed> {
        match self {
            Self::Forms(forms) => forms.finish(visitor, choice).await,
            Self::Api(api) => api.finish(visitor, choice).await,
            Self::Pages(pages) => pages.finish(visitor, choice).await,
        }
    }
}
