//! Grading policies: how answers that are partly right earn marks, and what wrong ones cost.

use crate::question::Weight;
use serde::{Deserialize, Serialize};

/// How an exam turns answers into marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GradingPolicy {
    /// For choice questions with several right options and no weights of their own.
    pub choice: PartialCredit,
    /// For the parts of matching, ordering and cloze questions.
    pub parts: PartialCredit,
    /// What an answered question that earns nothing costs, as a share of its points ("negative marking"). Unanswered
    /// questions cost nothing, and the total of an attempt is never below zero.
    pub wrong_penalty: Weight,
}

impl Default for GradingPolicy {
    /// What certification exams do: choices all or nothing, parts one by one, no penalty.
    fn default() -> Self {
        Self { choice: PartialCredit::AllOrNothing, parts: PartialCredit::PerOption, wrong_penalty: Weight::ZERO }
    }
}

/// What an answer earns that is neither wholly right nor wholly wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartialCredit {
    /// Nothing.
    AllOrNothing,
    /// A share for every right option or part, less a share for every wrong option, never below zero. A wrong option costs
    /// as much as choosing all of them must take away, so that choosing everything earns nothing.
    PerOption,
    /// The right ones less the wrong ones, over the number of right ones; below zero when more is wrong than right.
    RightMinusWrong,
}

impl PartialCredit {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::AllOrNothing, Self::PerOption, Self::RightMinusWrong];

    /// The name used in forms and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AllOrNothing => "all_or_nothing",
            Self::PerOption => "per_option",
            Self::RightMinusWrong => "right_minus_wrong",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.name() == name)
    }

    /// The share for a choice with `hits` right and `misses` wrong options chosen, of `right` and `wrong` there are. The
    /// caller has seen that it is not wholly right.
    pub(super) fn of_choice(self, hits: usize, misses: usize, right: usize, wrong: usize) -> Weight {
        let [hits, misses, right, wrong] = [hits, misses, right, wrong].map(|n| i64::try_from(n).unwrap_or(i64::MAX));
        let full = Weight::FULL.0;
        match self {
            Self::AllOrNothing => Weight::ZERO,
            Self::PerOption => Weight((full * hits / right.max(1) - full * misses / wrong.max(1)).max(0)),
            Self::RightMinusWrong => Weight(full * (hits - misses) / right.max(1)),
        }
    }

    /// Combines judged parts: None is a part left open, which never costs anything.
    pub(super) fn combine(self, judged: impl Iterator<Item = Option<Weight>>, count: usize) -> Weight {
        let judged: Vec<Option<Weight>> = judged.collect();
        let earned: i64 = judged.iter().flatten().map(|weight| weight.0).sum();
        let wrong = judged.iter().flatten().filter(|weight| **weight <= Weight::ZERO).count();
        let [count, wrong] = [count, wrong].map(|n| i64::try_from(n).unwrap_or(i64::MAX));
        let full = Weight::FULL.0;
        match self {
            Self::AllOrNothing if earned >= full * count => Weight::FULL,
            Self::AllOrNothing => Weight::ZERO,
            Self::PerOption => Weight(earned / count.max(1)),
            Self::RightMinusWrong => Weight((earned - full * wrong) / count.max(1)),
        }
    }
}
