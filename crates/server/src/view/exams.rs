//! The catalogue, and the page on which an exam is started.

use super::form::Errors;
use super::page::{Moment, Page};
use crate::markup::Html;
use askama::Template;

/// Whether an exam is fixed for everybody or shaped by the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Fixed number of questions, with a result that counts.
    Exam,
    /// The person chooses how many questions.
    Practice,
}

impl Mode {
    /// What people call it.
    #[must_use]
    pub fn label(self, page: &Page) -> String {
        page.t(match self {
            Self::Exam => "mode-exam",
            Self::Practice => "mode-practice",
        })
    }

    /// Whether it is practice.
    #[must_use]
    pub fn is_practice(self) -> bool {
        self == Self::Practice
    }
}

/// The facts of a published exam.
#[derive(Debug, Clone)]
pub struct ExamCard {
    /// Its short name in URLs.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// What it is about, as plain text.
    pub summary: String,
    /// Fixed or shaped by the person.
    pub mode: Mode,
    /// How many questions; for practice, how many there are at most.
    pub question_count: i64,
    /// How long an attempt may take, in seconds; None is untimed.
    pub time_limit_s: Option<i64>,
    /// What it takes to pass, in percent.
    pub pass_percent: Option<f64>,
    /// The id of the person's open attempt.
    pub open_attempt: Option<String>,
}

/// `GET /exams`
#[derive(Template)]
#[template(path = "exams/catalogue.html")]
pub struct CataloguePage {
    /// The frame.
    pub page: Page,
    /// All published exams.
    pub exams: Vec<ExamCard>,
}

/// `GET /exams/{slug}`; starts by `POST /exams/{slug}/attempts` with `question_count`, `idempotency_key`
#[derive(Template)]
#[template(path = "exams/intro.html")]
pub struct IntroPage {
    /// The frame. A guest is offered to sign in instead of to start.
    pub page: Page,
    /// The facts.
    pub exam: ExamCard,
    /// What it is about.
    pub description: Html,
    /// How many attempts a person has; None is unlimited.
    pub attempts_allowed: Option<i64>,
    /// How many of them this person has used.
    pub attempts_used: i64,
    /// When the exam opens, when that is still to come or worth saying.
    pub opens_at: Option<Moment>,
    /// When it closes.
    pub closes_at: Option<Moment>,
    /// How many seconds somebody has who starts now, when the exam closes before the time allowed is over.
    pub seconds_till_close: Option<i64>,
    /// Why it cannot be started now.
    pub blocked: Option<Blocked>,
    /// The server's clock as the page was made.
    pub server_time: Moment,
    /// The numbers of questions that a practice offers; empty for a fixed exam.
    pub question_counts: Vec<i64>,
    /// The one that is chosen beforehand.
    pub chosen_count: i64,
    /// What can be drilled of a practice.
    pub drills: Drills,
    /// A fresh random key, so that pressing Start twice starts once.
    pub idempotency_key: String,
    /// Whether each wrong answer costs marks.
    pub penalty: bool,
    /// What the person will see of the result.
    pub release: ReleaseNote,
    /// What was wrong.
    pub errors: Errors,
}

impl IntroPage {
    /// Whether questions can be checked on the way: as [`exam::release::InstantFeedback::of`] says.
    fn can_be_checked(&self) -> bool {
        self.exam.mode.is_practice() && self.release == ReleaseNote::Everything
    }

    fn attempts_left(&self) -> Option<i64> {
        self.attempts_allowed.map(|allowed| (allowed - self.attempts_used).max(0))
    }

    /// When the exam opens, for those who have come before.
    fn lobby(&self) -> Option<Moment> {
        self.opens_at.filter(|_| self.blocked == Some(Blocked::NotOpenYet))
    }

    /// Why it cannot be started, when waiting here does not help.
    fn refused(&self) -> Option<Blocked> {
        self.blocked.filter(|_| self.lobby().is_none())
    }

    /// How long until it opens, in whole seconds, never too few.
    fn opens_in_s(&self, opens: &Moment) -> i64 {
        ((opens.0 - self.server_time.0 + 999) / 1_000).max(0)
    }
}

/// How many questions of a practice a person can drill.
#[derive(Debug, Clone, Default)]
pub struct Drills {
    /// Those missed.
    pub missed: i64,
    /// Those bookmarked.
    pub bookmarked: i64,
    /// A fresh random key, so that pressing twice starts once.
    pub idempotency_key: String,
}

impl Drills {
    /// With so many missed and bookmarked.
    #[must_use]
    pub fn of((missed, bookmarked): (usize, usize), idempotency_key: String) -> Self {
        let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        Self { missed: whole(missed), bookmarked: whole(bookmarked), idempotency_key }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.missed == 0 && self.bookmarked == 0
    }
}

/// Why an exam cannot be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocked {
    /// It opens later, at [`IntroPage::opens_at`].
    NotOpenYet,
    /// It has closed.
    Closed,
    /// The person has used all attempts.
    NoAttemptsLeft,
}

impl Blocked {
    fn text(self, page: &Page) -> String {
        page.t(match self {
            Self::NotOpenYet => "intro-blocked-not-open",
            Self::Closed => "intro-blocked-closed",
            Self::NoAttemptsLeft => "intro-blocked-no-attempts",
        })
    }
}

/// What a candidate is told beforehand about the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleaseNote {
    /// Marks, right answers and explanations at once.
    Everything,
    /// Marks at once, the rest later or never.
    MarksFirst,
    /// Marks when the exam has closed.
    AfterClose,
    /// Nothing on this site.
    Nothing,
}

impl ReleaseNote {
    fn text(self, page: &Page) -> String {
        page.t(match self {
            Self::Everything => "intro-release-everything",
            Self::MarksFirst => "intro-release-marks",
            Self::AfterClose => "intro-release-after-close",
            Self::Nothing => "intro-release-nothing",
        })
    }
}
