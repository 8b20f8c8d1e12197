//! A question: what is asked, what is right, and why.
//!
//! The public part is [`Question::prompt`] and [`Content`]; the key and the explanations are [`Sealed`]. Texts are Markdown
//! (CommonMark with `$...$` maths and fenced code; a safe subset of inline HTML).

mod key;
mod lint;
mod text;
mod told;

pub use key::{BlankKey, ChoiceKey, Key, NumericAnswer, NumericKey, TextAnswer, TextKey, Weight};
pub use lint::{Flaw, Severity, lint};
pub use text::{fold_text, matches_pattern};
pub use told::blank_marks;

pub use bigdecimal::BigDecimal;

use crate::sealed::Sealed;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One question as authored: the options in the author's order, before any shuffling.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// What is asked, in Markdown. A cloze prompt holds its blanks as `{{1}}`, `{{2}}`, ...
    pub prompt: String,
    /// The parts a candidate answers with.
    pub content: Content,
    /// What is right, and what each part is worth.
    pub key: Sealed<Key>,
    /// Why.
    pub explanations: Sealed<Explanations>,
    /// The exam objectives it belongs to.
    pub domains: Vec<String>,
    /// How hard its author thinks it is.
    pub difficulty: Option<Difficulty>,
    /// What a full answer earns.
    pub points: Points,
}

/// The parts of a question that a candidate answers with. Holds nothing secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// One or several of the options; true/false is a choice of two pinned options.
    Choice {
        /// The options in authored order.
        options: Vec<ChoiceOption>,
        /// Whether more than one may be chosen.
        multiple: bool,
        /// "Choose TWO": how many to choose, as told to the candidate.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        choose: Option<usize>,
    },
    /// A number, judged by tolerance or range.
    Numeric {
        /// Shown behind the field, never part of the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
    },
    /// A word or a short phrase.
    ShortText {},
    /// A choice for every stem; one choice may serve several stems and some may serve none.
    Matching {
        /// The left sides.
        stems: Vec<String>,
        /// What they are matched with, in authored order.
        choices: Vec<String>,
    },
    /// Items to put in order.
    Ordering {
        /// The items in authored order, which need not be the right one.
        items: Vec<String>,
    },
    /// A text with blanks, `{{1}}` being the first of them.
    Cloze {
        /// The blanks in order of their numbers.
        blanks: Vec<Blank>,
    },
}

/// An option of a choice question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceOption {
    /// Its text, in Markdown.
    pub text: String,
    /// Keeps its place when options are shuffled ("All of the above").
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
}

/// A blank of a cloze question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "blank", rename_all = "snake_case")]
pub enum Blank {
    /// Typed text.
    Text {},
    /// A typed number.
    Number {},
    /// One of a list.
    Dropdown {
        /// Plain texts in authored order.
        options: Vec<String>,
    },
}

impl Content {
    /// The kind's name, as URLs, tables and the API write it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Choice { .. } => "choice",
            Self::Numeric { .. } => "numeric",
            Self::ShortText {} => "short_text",
            Self::Matching { .. } => "matching",
            Self::Ordering { .. } => "ordering",
            Self::Cloze { .. } => "cloze",
        }
    }
}

/// Why the key is right.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanations {
    /// For the question as a whole, in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub general: Option<String>,
    /// For each option of a choice question, in authored order; empty when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub per_option: Vec<Option<String>>,
}

/// How hard the author thinks a question is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difficulty {
    /// Most prepared candidates get it right.
    Easy,
    /// In between.
    Medium,
    /// Separates the best from the rest.
    Hard,
}

impl Difficulty {
    /// All of them, easiest first.
    pub const ALL: [Self; 3] = [Self::Easy, Self::Medium, Self::Hard];

    /// The name used in files, tables and the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Easy => "easy",
            Self::Medium => "medium",
            Self::Hard => "hard",
        }
    }

    /// Reads a name, whatever its case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|difficulty| difficulty.name().eq_ignore_ascii_case(name.trim()))
    }
}

/// Marks in thousandths, so that sums are exact; a plain number in JSON.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Points(pub i64);

impl Points {
    /// One mark.
    pub const ONE: Self = Self(1_000);
    /// No marks.
    pub const ZERO: Self = Self(0);
    /// The most one question may be worth: 1,000 marks.
    pub const MAX: Self = Self(1_000_000);

    /// As a number, for JSON and pages.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "sums of marks stay far below 2^53")]
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1_000.0
    }

    /// From a number of marks, rounded to thousandths; None when it is not finite, negative or above [`Points::MAX`].
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
    pub fn from_f64(marks: f64) -> Option<Self> {
        let thousandths = (marks * 1_000.0).round();
        (thousandths >= 0.0 && thousandths <= Self::MAX.as_f64() * 1_000.0).then_some(Self(thousandths as i64))
    }
}

impl std::ops::Add for Points {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl std::iter::Sum for Points {
    fn sum<I: Iterator<Item = Self>>(points: I) -> Self {
        points.fold(Self::ZERO, std::ops::Add::add)
    }
}

impl std::fmt::Display for Points {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_f64().fmt(f)
    }
}

impl Serialize for Points {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Whole marks as integers: 12, not 12.0.
        if self.0 % 1_000 == 0 {
            serializer.serialize_i64(self.0 / 1_000)
        } else {
            serializer.serialize_f64(self.as_f64())
        }
    }
}

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let marks = f64::deserialize(deserializer)?;
        Self::from_f64(marks).ok_or_else(|| serde::de::Error::custom("points must be between 0 and 1000"))
    }
}
