//! Sitting an exam: one question at a time, and the review before submitting.

use super::exams::Mode;
use super::flaw::Flaw;
use super::page::{Moment, Page};
use super::results::{ReviewedQuestion, Verdict};
use crate::markup::Html;
use askama::Template;

/// What both pages of an open attempt show in their header.
#[derive(Debug, Clone)]
pub struct Sitting {
    /// The attempt's public id.
    pub attempt: String,
    /// The exam's title.
    pub exam_title: String,
    /// Exam or practice.
    pub mode: Mode,
    /// How many questions the paper has.
    pub question_count: i64,
    /// When the attempt ends; None is untimed.
    pub deadline: Option<Moment>,
    /// The server's clock as the page was made.
    pub server_time: Moment,
}

impl Sitting {
    fn deadline_text(&self) -> String {
        self.deadline.map(Moment::machine).unwrap_or_default()
    }

    /// Seconds until the deadline, never below zero.
    fn seconds_left(&self) -> Option<i64> {
        self.deadline.map(|deadline| ((deadline.0 - self.server_time.0) / 1_000).max(0))
    }

    /// The time left as a clock shows it: "1:05:09", "05:09".
    fn clock(&self) -> Option<String> {
        let seconds = self.seconds_left()?;
        let (hours, minutes, rest) = (seconds / 3_600, seconds % 3_600 / 60, seconds % 60);
        Some(if hours > 0 { format!("{hours}:{minutes:02}:{rest:02}") } else { format!("{minutes:02}:{rest:02}") })
    }
}

/// `GET /attempts/{id}?question=N`; the form goes to `POST /attempts/{id}/questions/{n}`
///
/// Besides the fields of the answer (see [`Body`]) the form sends `writer`, `seq` (the last one the page has used) and `go`:
/// `previous`, `next`, `review`, `clear` or the number of a question.
#[derive(Template)]
#[template(path = "take/attempt.html")]
pub struct AttemptPage {
    /// The frame.
    pub page: Page,
    /// The attempt.
    pub sitting: Sitting,
    /// The question shown.
    pub question: Question,
    /// All questions of the paper.
    pub navigator: Vec<NavigatorItem>,
    /// What happened to what the form sent.
    pub notice: Option<Notice>,
    /// The number under which this page's operations are sent.
    pub writer: i64,
    /// The highest number this writer has used.
    pub last_seq: i64,
    /// Whose attempt it is: what is kept on the device is theirs.
    pub account: i64,
    /// Whether the answer shown is the one that is saved, and not one that could not be.
    pub is_saved: bool,
}

/// `GET /attempts/{id}/questions`: what the script puts in the place of the question, so that moving on needs no network.
#[derive(Template)]
#[template(path = "take/questions.html")]
pub struct QuestionsPage {
    /// For the words.
    pub page: Page,
    /// The attempt's public id.
    pub attempt: String,
    /// Every question with the answer so far.
    pub questions: Vec<Question>,
}

impl AttemptPage {
    /// Those that are answered whole, as the review counts them.
    fn answered_count(&self) -> usize {
        self.navigator.iter().filter(|item| item.answered == Answered::Fully).count()
    }

    fn partly_count(&self) -> usize {
        self.navigator.iter().filter(|item| item.answered == Answered::Partly).count()
    }

    fn flawed_count(&self) -> usize {
        self.navigator.iter().filter(|item| item.is_flawed).count()
    }

    /// Whether the answer shown was overtaken from elsewhere: it is not to be sent again by itself.
    fn is_superseded(&self) -> bool {
        self.notice == Some(Notice::Superseded)
    }

    /// Whether questions are checked on the way.
    fn has_checks(&self) -> bool {
        !matches!(self.question.check, Check::None)
    }

    fn is_first(&self) -> bool {
        self.question.number <= 1
    }

    fn is_last(&self) -> bool {
        self.question.number >= self.sitting.question_count
    }
}

/// A question as a candidate sees it.
pub struct Question {
    /// Its number on the paper, from 1.
    pub number: i64,
    /// What is asked; empty for a cloze, whose text is in its pieces.
    pub prompt: Html,
    /// What it is answered with.
    pub body: Body,
    /// What a full answer earns, when that is worth saying.
    pub points: Option<f64>,
    /// Whether it can be checked, or is.
    pub check: Check,
}

/// How far a question has come towards being checked.
pub enum Check {
    /// It cannot be checked.
    None,
    /// It can be.
    Offered,
    /// It is: it takes no answer any more, and shows what is right.
    Done(Box<ReviewedQuestion>),
}

impl Question {
    /// The name of the kind, as the script knows it.
    pub(super) fn kind(&self) -> &'static str {
        match self.body {
            _ if self.is_checked() => "checked",
            Body::Choice { .. } => "choice",
            Body::Numeric { .. } => "numeric",
            Body::ShortText { .. } => "short_text",
            Body::Matching { .. } => "matching",
            Body::Ordering { .. } => "ordering",
            Body::Cloze { .. } => "cloze",
        }
    }

    /// The message of the button that leads to the next question: there is nothing to be saved of a checked one.
    fn next_word(&self) -> &'static str {
        if self.is_checked() { "take-next-checked" } else { "take-next" }
    }

    /// Whether it takes no answer any more.
    pub(super) fn is_checked(&self) -> bool {
        matches!(self.check, Check::Done(_))
    }

    /// Whether its answer can be checked.
    pub(super) fn is_checkable(&self) -> bool {
        matches!(self.check, Check::Offered)
    }

    /// Whether more options are chosen than the question asks for, which earns nothing.
    pub(super) fn has_too_many(&self) -> bool {
        match &self.body {
            Body::Choice { choose: Some(count), options, .. } => {
                i64::try_from(options.iter().filter(|option| option.chosen).count()).is_ok_and(|chosen| chosen > *count)
            }
            _ => false,
        }
    }

    /// Whether the choices of a matching question have markup that a list to choose from cannot show.
    pub(super) fn shows_choice_list(&self) -> bool {
        match &self.body {
            Body::Matching { choices, .. } => choices.iter().any(|choice| choice.html != Html::text(&choice.text)),
            _ => false,
        }
    }
}

/// What a question is answered with, together with the answer so far.
pub enum Body {
    /// Fields named `choice`, one per chosen option.
    Choice {
        /// Whether more than one may be chosen.
        multiple: bool,
        /// How many to choose, as told to the candidate.
        choose: Option<i64>,
        /// The options in the paper's order.
        options: Vec<ChoiceOption>,
    },
    /// A field named `number`.
    Numeric {
        /// The answer so far.
        value: String,
        /// Shown behind the field.
        unit: Option<String>,
    },
    /// A field named `text`.
    ShortText {
        /// The answer so far.
        value: String,
    },
    /// Fields named `match.<stem>`; each holds the id of a choice, or nothing.
    Matching {
        /// The left sides.
        stems: Vec<MatchStem>,
        /// What they are matched with.
        choices: Vec<MatchChoice>,
    },
    /// Fields named `order.<item>`; each holds a position from 1, or nothing.
    Ordering {
        /// The items in the order in which they stand: first as answered, then as on the paper.
        items: Vec<OrderItem>,
        /// Whether this order is the candidate's answer, or only how the paper lists them.
        answered: bool,
    },
    /// Fields named `blank.<n>`.
    Cloze {
        /// The text and its blanks, in order.
        pieces: Vec<ClozePiece>,
    },
}

/// An option of a choice question.
pub struct ChoiceOption {
    /// Its id on this paper: a small letter.
    pub id: String,
    /// Its text.
    pub html: Html,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// A left side of a matching question.
pub struct MatchStem {
    /// Its id on this paper: a number.
    pub id: String,
    /// Its text.
    pub html: Html,
    /// The id of the choice it is matched with.
    pub chosen: Option<String>,
}

/// A right side of a matching question.
pub struct MatchChoice {
    /// Its id on this paper: a small letter.
    pub id: String,
    /// Its text without markup, for the list to choose from.
    pub text: String,
    /// Its text, shown above when a list cannot show it.
    pub html: Html,
}

/// An item to put in order.
pub struct OrderItem {
    /// Its id on this paper: a small letter.
    pub id: String,
    /// Its text.
    pub html: Html,
    /// The position it was given, as it was given: from 1, or whatever a form held that is shown again.
    pub position: Option<String>,
}

impl OrderItem {
    /// Whether it was given this position.
    #[must_use]
    pub fn is_at(&self, place: &usize) -> bool {
        self.position.as_deref() == Some(place.to_string().as_str())
    }
}

/// A piece of a cloze text. The pieces of markup are well-formed only together.
pub enum ClozePiece {
    /// Text, with its markup.
    Text(Html),
    /// A blank.
    Blank(ClozeBlank),
}

/// A blank of a cloze text.
pub struct ClozeBlank {
    /// Its number, from 1.
    pub number: i64,
    /// What it takes.
    pub field: BlankField,
    /// The answer so far: what was typed, or the id of the option.
    pub value: String,
}

/// What a blank takes.
pub enum BlankField {
    /// Typed text.
    Text,
    /// A typed number.
    Number,
    /// One of a list, as ids with their texts.
    Dropdown(Vec<(String, String)>),
}

/// A link to a question.
pub struct NavigatorItem {
    /// The number of the question, from 1.
    pub number: i64,
    /// How much of an answer is saved.
    pub answered: Answered,
    /// Whether it loses points as it is, whatever the key says; not said of what is checked.
    pub is_flawed: bool,
    /// Of a practice, what became of it when it was checked.
    pub checked: Option<Verdict>,
}

/// How much of an answer is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// Nothing.
    Open,
    /// Fewer options than asked for, or some of the blanks or matches.
    Partly,
    /// All that is asked for.
    Fully,
}

impl Answered {
    /// The class of its bubble.
    fn class(self) -> &'static str {
        match self {
            Self::Open => "",
            Self::Partly => " partly",
            Self::Fully => " answered",
        }
    }

    /// Its name for scripts.
    fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Partly => "partly",
            Self::Fully => "answered",
        }
    }

    /// What its bubble says to those who do not see it.
    fn word(self, page: &Page) -> String {
        page.t(match self {
            Self::Open => "take-not-answered",
            Self::Partly => "take-answered-partly",
            Self::Fully => "take-answered",
        })
    }
}

/// What happened to what the form sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// It is saved.
    Saved,
    /// The answer is taken back.
    Cleared,
    /// It came after the end and does not count; it is kept as evidence.
    Late,
    /// Another tab or device has taken over; it is kept as evidence.
    Superseded,
    /// A later answer of the same page was saved before it; it is kept as evidence.
    Overtaken,
    /// It could not be read as an answer to this question.
    Invalid,
    /// Two items at one place, or a place left out.
    InvalidOrder,
    /// Its text is longer than an answer may be.
    TooLong,
    /// The server is too busy to save it; it has to be sent again.
    Busy,
    /// The attempt takes no more changes.
    Full,
    /// An attempt that was open before is continued.
    Continued,
    /// The question is checked; what was sent was kept, but its answer stays as it was.
    Checked,
    /// There is no answer to be checked.
    Unanswered,
}

impl Notice {
    fn text(self, page: &Page) -> String {
        page.t(match self {
            Self::Saved => "take-notice-saved",
            Self::Cleared => "take-notice-cleared",
            Self::Late => "take-notice-late",
            Self::Superseded => "take-notice-superseded",
            Self::Overtaken => "take-notice-overtaken",
            Self::Invalid => "take-notice-invalid",
            Self::InvalidOrder => "take-notice-invalid-order",
            Self::TooLong => "take-notice-too-long",
            Self::Busy => "take-notice-busy",
            Self::Full => "take-notice-full",
            Self::Continued => "take-notice-continued",
            Self::Checked => "take-notice-checked",
            Self::Unanswered => "take-notice-unanswered",
        })
    }

    /// Whether nothing went wrong.
    #[must_use]
    pub fn is_good(self) -> bool {
        matches!(self, Self::Saved | Self::Cleared | Self::Continued)
    }
}

/// `GET /attempts/{id}/review`; submits by `POST /attempts/{id}/submit`
#[derive(Template)]
#[template(path = "take/review.html")]
pub struct ReviewPage {
    /// The frame.
    pub page: Page,
    /// The attempt.
    pub sitting: Sitting,
    /// All questions of the paper.
    pub items: Vec<ReviewItem>,
    /// What happened to what the form sent.
    pub notice: Option<Notice>,
    /// Whose attempt it is.
    pub account: i64,
}

impl ReviewPage {
    fn count(&self, answered: Answered) -> usize {
        self.items.iter().filter(|item| item.answered == answered).count()
    }

    /// The questions that are so far answered.
    fn numbers(&self, answered: Answered) -> Vec<i64> {
        self.items.iter().filter(|item| item.answered == answered).map(|item| item.number).collect()
    }

    fn open_count(&self) -> usize {
        self.count(Answered::Open)
    }

    /// The questions whose answers cannot count in full as they are.
    fn flawed(&self) -> Vec<i64> {
        self.items.iter().filter(|item| item.flaw.is_some()).map(|item| item.number).collect()
    }

    fn partly_count(&self) -> usize {
        self.count(Answered::Partly)
    }

    fn answered_count(&self) -> usize {
        self.count(Answered::Fully)
    }
}

/// A line of the review.
pub struct ReviewItem {
    /// The number of the question, from 1.
    pub number: i64,
    /// The beginning of the question, as plain text.
    pub excerpt: String,
    /// How much of an answer is saved.
    pub answered: Answered,
    /// Why that is sure to be wrong, or a blank of it.
    pub flaw: Option<Flaw>,
}

/// What `GET /attempts/{id}` and the review show once the time is up and the attempt has not ended yet; it is handed in by
/// `POST /attempts/{id}/submit`
#[derive(Template)]
#[template(path = "take/time_up.html")]
pub struct TimeUpPage {
    /// The frame.
    pub page: Page,
    /// The attempt.
    pub sitting: Sitting,
    /// What happened to what the form sent.
    pub notice: Option<Notice>,
}
