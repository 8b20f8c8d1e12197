//! Results: of one attempt, of all of a person's attempts, and what they add up to.

use super::exams::{Drills, ExamCard, Mode};
use super::flaw::Flaw;
use super::page::{Moment, Page};
use crate::chart::{self, Chart};
use crate::markup::Html;
use askama::Template;

/// How far an attempt has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptState {
    /// It is being sat.
    Open,
    /// Its candidate handed it in.
    Submitted,
    /// Its time ended.
    Expired,
}

impl AttemptState {
    /// What people call it.
    #[must_use]
    pub fn label(self, page: &Page) -> String {
        page.t(match self {
            Self::Open => "state-open",
            Self::Submitted => "state-submitted",
            Self::Expired => "state-expired",
        })
    }

    /// The name used in URLs, tables and the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Submitted => "submitted",
            Self::Expired => "expired",
        }
    }

    pub(super) fn is_open(self) -> bool {
        self == Self::Open
    }
}

/// Marks, as far as they are released.
#[derive(Debug, Clone)]
pub struct Score {
    /// Marks earned.
    pub points: f64,
    /// Marks that could be earned.
    pub max_points: f64,
    /// The share, in percent.
    pub percent: f64,
    /// What it takes to pass, in percent.
    pub pass_percent: Option<f64>,
    /// Whether it was passed; None when the exam has no pass mark.
    pub passed: Option<bool>,
}

/// Marks in one exam objective.
#[derive(Debug, Clone)]
pub struct DomainScore {
    /// The objective.
    pub name: String,
    /// Marks earned.
    pub points: f64,
    /// Marks that could be earned.
    pub max_points: f64,
}

impl DomainScore {
    pub(super) fn percent(&self) -> f64 {
        if self.max_points > 0.0 { self.points / self.max_points * 100.0 } else { 0.0 }
    }

    pub(super) fn bar(&self, page: &Page) -> Html {
        chart::share_bar(self.percent(), None, &page.percent(self.percent()))
    }
}

/// What the server holds of an attempt.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// A short form of the digest, for reading out.
    pub code: String,
    /// The digest in full.
    pub digest: String,
    /// How many questions have an answer.
    pub answered: i64,
    /// How many the paper has.
    pub question_count: i64,
}

/// When a part of the result that is not shown will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withheld {
    /// At this moment.
    Until(Moment),
    /// Not on this site.
    Never,
}

/// Which questions a review lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// All of them.
    All,
    /// Those without full marks (`?show=missed`).
    Missed,
}

/// `GET /attempts/{id}/result`
#[derive(Template)]
#[template(path = "results/result.html")]
pub struct ResultPage {
    /// The frame.
    pub page: Page,
    /// The attempt's public id.
    pub attempt: String,
    /// The exam's short name.
    pub exam_slug: String,
    /// The exam's title.
    pub exam_title: String,
    /// Exam or practice.
    pub mode: Mode,
    /// Submitted or expired.
    pub state: AttemptState,
    /// When it began.
    pub started_at: Moment,
    /// When it ended.
    pub ended_at: Moment,
    /// The marks; None while they are not shown.
    pub score: Option<Score>,
    /// Marks by exam objective; empty while they are not shown.
    pub domains: Vec<DomainScore>,
    /// What the server holds.
    pub receipt: Receipt,
    /// Why marks are not shown. Ignored when `score` is there.
    pub marks_withheld: Option<Withheld>,
    /// Why right answers are not shown, when marks are.
    pub keys_withheld: Option<Withheld>,
    /// Why explanations are not shown, when marks are.
    pub explanations_withheld: Option<Withheld>,
    /// The questions that `show` asks for; empty while nothing is shown about single questions.
    pub questions: Vec<ReviewedQuestion>,
    /// Which questions are listed.
    pub show: Show,
    /// How many questions did not earn full marks.
    pub missed_count: i64,
    /// Whether another attempt may be started.
    pub may_retake: bool,
    /// What can be drilled of a practice, if another attempt may be started.
    pub drills: Drills,
    /// Whether this page is what a submit led to, and therefore confirms it.
    pub just_submitted: bool,
    /// When the person comes from answers that were sent after the end: the questions, as far as they are known.
    pub came_too_late: Option<Vec<i64>>,
    /// When two answers to a question had been given, and the exam ended before one was chosen: the questions, as far as they are known.
    pub was_undecided: Option<Vec<i64>>,
}

impl ResultPage {
    fn taken_s(&self) -> i64 {
        (self.ended_at.0 - self.started_at.0) / 1_000
    }

    /// What is withheld of the single questions, in sentences that each are true of what the page shows.
    fn review_notices(&self) -> Vec<Html> {
        let notice = |what: Withheld, from: &str, never: &str| match what {
            Withheld::Until(moment) => {
                Html::trusted(format!("{} {}.", Html::text(&self.page.t(from)), self.page.time(moment)))
            }
            Withheld::Never => Html::text(&self.page.t(never)),
        };
        match (self.keys_withheld, self.explanations_withheld) {
            (Some(keys), Some(explanations)) if keys == explanations => {
                vec![notice(keys, "result-review-from", "result-review-never")]
            }
            (keys, explanations) => {
                let keys = keys.map(|keys| notice(keys, "result-keys-from", "result-keys-never"));
                let explanations =
                    explanations.map(|what| notice(what, "result-explanations-from", "result-explanations-never"));
                keys.into_iter().chain(explanations).collect()
            }
        }
    }

    fn show_name(&self) -> &'static str {
        match self.show {
            Show::All => "all",
            Show::Missed => "missed",
        }
    }

    fn shows_all(&self) -> bool {
        self.show == Show::All
    }

    fn score_bar(&self, score: &Score) -> Html {
        let label = match score.pass_percent {
            Some(pass) => self.page.t2(
                "result-bar-label-pass",
                "percent",
                self.page.percent(score.percent),
                "pass",
                self.page.percent(pass),
            ),
            None => self.page.t1("result-bar-label", "percent", self.page.percent(score.percent)),
        };
        chart::share_bar(score.percent, score.pass_percent, &label)
    }
}

/// How a question was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Full marks.
    Right,
    /// Some marks.
    Partly,
    /// No marks.
    Wrong,
    /// No answer.
    Unanswered,
    /// Marks are not shown.
    Unknown,
}

impl Verdict {
    /// Whether nothing is said of it.
    pub(super) fn is_unknown(self) -> bool {
        self == Self::Unknown
    }

    /// Whether it earned full marks.
    pub(super) fn is_right(self) -> bool {
        self == Self::Right
    }

    /// What a checked answer can have come to, best first.
    pub(super) const EARNED: [Self; 3] = [Self::Right, Self::Partly, Self::Wrong];

    /// What people call it among other things that are said of a question.
    pub(super) fn word(self, page: &Page) -> String {
        page.t(match self {
            Self::Right => "verdict-word-right",
            Self::Partly => "verdict-word-partly",
            Self::Wrong => "verdict-word-wrong",
            Self::Unanswered => "take-not-answered",
            Self::Unknown => "take-answered",
        })
    }

    /// What people call it.
    pub(super) fn label(self, page: &Page) -> String {
        page.t(match self {
            Self::Right => "verdict-right",
            Self::Partly => "verdict-partly",
            Self::Wrong => "verdict-wrong",
            Self::Unanswered => "verdict-unanswered",
            Self::Unknown => "verdict-unknown",
        })
    }

    /// The name of its style and of its icon.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Partly => "partly",
            Self::Wrong => "wrong",
            Self::Unanswered => "unanswered",
            Self::Unknown => "unknown",
        }
    }
}

/// A question with its answer, as far as they are released. Also shows authors the key, with nothing given.
pub struct ReviewedQuestion {
    /// Its number on the paper, from 1.
    pub number: i64,
    /// What was asked; for a cloze with its blanks as `[1]`.
    pub prompt: Html,
    /// How it was answered.
    pub verdict: Verdict,
    /// Marks earned; None while they are not shown.
    pub points: Option<f64>,
    /// Marks that could be earned.
    pub max_points: f64,
    /// Its exam objectives.
    pub domains: Vec<String>,
    /// The answer, part by part.
    pub answer: ReviewedAnswer,
    /// Why the answer, or a blank of it, was sure to be wrong.
    pub flaw: Option<Flaw>,
    /// Why the right answer is right; None while it is not shown or there is none.
    pub explanation: Option<Html>,
    /// Whether the reader has bookmarked it; None where nobody can.
    pub bookmarked: Option<bool>,
}

impl ReviewedQuestion {
    pub(super) fn is_bookmarked(&self) -> bool {
        self.bookmarked == Some(true)
    }
}

/// An answer beside the key, as far as it is released.
pub enum ReviewedAnswer {
    /// Of a choice question: every option.
    Options(Vec<ReviewedOption>),
    /// Of a numeric or short text question.
    Text(ReviewedText),
    /// Of a matching, ordering or cloze question: stem and choice, position and item, blank and text.
    Parts(Vec<ReviewedPart>),
}

/// An option of a choice question, beside the key.
pub struct ReviewedOption {
    /// The letter it had on the paper.
    pub letter: String,
    /// Its text.
    pub html: Html,
    /// Whether it was chosen.
    pub chosen: bool,
    /// Whether it belongs to a right answer; None while that is not shown.
    pub right: Option<bool>,
    /// Why it is right or wrong.
    pub rationale: Option<Html>,
}

/// A typed answer, beside the key.
pub struct ReviewedText {
    /// What was typed, with its unit; None when nothing was.
    pub given: Option<String>,
    /// What would have been right; empty while that is not shown.
    pub accepted: Vec<String>,
}

/// One part of an answer in parts, beside the key.
pub struct ReviewedPart {
    /// What was to be filled: the stem, the position, the blank.
    pub label: Html,
    /// What was given; None when nothing was.
    pub given: Option<Html>,
    /// What would have been right; empty while that is not shown.
    pub accepted: Vec<Html>,
    /// Whether it was right; unknown while that is not shown.
    pub verdict: Verdict,
}

/// An attempt in a list.
#[derive(Debug, Clone)]
pub struct AttemptRow {
    /// The attempt's public id.
    pub attempt: String,
    /// The exam's title.
    pub exam_title: String,
    /// Exam or practice.
    pub mode: Mode,
    /// How far it has come.
    pub state: AttemptState,
    /// When it began.
    pub started_at: Moment,
    /// How many questions have an answer.
    pub answered: i64,
    /// How many the paper has.
    pub question_count: i64,
    /// When an open one ends.
    pub deadline: Option<Moment>,
    /// The share of marks, in percent; None while it is not shown.
    pub percent: Option<f64>,
    /// Whether it was passed.
    pub passed: Option<bool>,
}

/// `GET /results?cursor=`
#[derive(Template)]
#[template(path = "results/history.html")]
pub struct HistoryPage {
    /// The frame.
    pub page: Page,
    /// One page of attempts, newest first.
    pub attempts: Vec<AttemptRow>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
    /// Whether this is the first page.
    pub is_first: bool,
}

/// `GET /dashboard`
#[derive(Template)]
#[template(path = "results/dashboard.html")]
pub struct DashboardPage {
    /// The frame.
    pub page: Page,
    /// How many attempts were finished.
    pub finished_count: i64,
    /// The mean share of marks, in percent; None before the first.
    pub average_percent: Option<f64>,
    /// The best share of marks, in percent.
    pub best_percent: Option<f64>,
    /// How many questions were answered in all.
    pub questions_answered: i64,
    /// The last finished attempts, oldest first.
    pub trend: Vec<TrendPoint>,
    /// Marks by exam objective over those attempts, weakest first.
    pub domains: Vec<DomainScore>,
    /// Open attempts.
    pub open: Vec<AttemptRow>,
    /// The newest finished attempts.
    pub recent: Vec<AttemptRow>,
    /// Exams to begin with, for somebody who has not sat one.
    pub suggestions: Vec<ExamCard>,
}

/// A finished attempt in the trend.
#[derive(Debug, Clone)]
pub struct TrendPoint {
    /// The exam's title.
    pub exam_title: String,
    /// When it ended.
    pub ended_at: Moment,
    /// The share of marks, in percent.
    pub percent: f64,
}

impl DashboardPage {
    /// The whole of it: which part people are called by differs from place to place.
    fn name(&self) -> &str {
        self.page.person.as_ref().map_or("", |person| person.name.as_str())
    }

    /// The objectives worth working on: at most three, and only those below 70%.
    fn weakest(&self) -> impl Iterator<Item = &DomainScore> {
        self.domains.iter().filter(|domain| domain.percent() < 70.0).take(3)
    }

    fn trend_chart(&self) -> Chart {
        let points = self.trend.iter().map(|point| chart::Point {
            label: format!("{}, {}", point.exam_title, self.page.moment_text(point.ended_at)),
            tick: String::new(),
            value: point.percent,
            shown: self.page.percent(point.percent),
        });
        Chart {
            title: self.page.t("dashboard-trend-title"),
            description: self.page.t1("dashboard-trend-description", "count", self.trend.len()),
            label_heading: self.page.t("column-attempt"),
            value_heading: self.page.t("column-score"),
            points: points.collect(),
            unit: chart::Unit::Percent,
            from_right: self.page.language().direction() == "rtl",
        }
    }
}
