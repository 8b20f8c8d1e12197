//! Grading: the marks of an attempt under one version of the key.

mod policy;

pub use policy::{GradingPolicy, PartialCredit};

use crate::answer::{Answers, Response};
use crate::flaw::is_too_many;
use crate::paper::{Paper, PaperItem};
use crate::question::{Blank, BlankKey, ChoiceKey, Content, Key, NumericKey, Points, Question, Weight};
use crate::sealed::Permit;
use crate::settings::Percent;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The marks of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grade {
    /// The sum over all questions, never below zero.
    pub points: Points,
    /// What could have been reached.
    pub max_points: Points,
    /// Whether the pass line was reached; None for an exam without one.
    pub passed: Option<bool>,
    /// The marks by question, in order of the paper.
    pub questions: Vec<Mark>,
    /// The marks by domain, by name. A question of two domains counts in both.
    pub domains: Vec<DomainMarks>,
}

impl Grade {
    /// The percentage reached, rounded down, so that nobody reads a pass line that was not reached.
    #[must_use]
    pub fn percent(&self) -> Percent {
        Percent(if self.max_points.0 == 0 { 0 } else { self.points.0 * 10_000 / self.max_points.0 })
    }
}

/// The marks of one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Marks earned, below zero where wrong answers cost.
    #[serde(with = "signed_points")]
    pub points: Points,
    /// What the question was worth.
    pub max_points: Points,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Full marks.
    Correct,
    /// Some of the marks.
    Partial,
    /// Answered, and no marks.
    Incorrect,
    /// Not answered.
    Unanswered,
}

/// The marks of one domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainMarks {
    /// Its name.
    pub name: String,
    /// The sum over its questions, never below zero.
    pub points: Points,
    /// What could have been reached.
    pub max_points: Points,
}

/// Marks may be negative for a single question, which `Points` refuses to read from a file.
mod signed_points {
    use super::Points;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(points: &Points, serializer: S) -> Result<S::Ok, S::Error> {
        points.serialize(serializer)
    }

    #[expect(clippy::cast_possible_truncation, reason = "the store only holds what `serialize` wrote")]
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Points, D::Error> {
        f64::deserialize(deserializer).map(|marks| Points((marks * 1_000.0).round() as i64))
    }
}

/// Grades an attempt. `questions` are those of the paper, in its order.
#[must_use]
pub fn grade(
    paper: &Paper,
    questions: &[&Question],
    answers: &Answers,
    policy: &GradingPolicy,
    pass: Option<Percent>,
) -> Grade {
    let marks: Vec<Mark> = paper
        .items
        .iter()
        .zip(questions)
        .enumerate()
        .map(|(index, (item, question))| mark(question, item, answers.get(&(index + 1)), policy))
        .collect();
    let mut domains: BTreeMap<&str, (Points, Points)> = BTreeMap::new();
    for (question, mark) in questions.iter().zip(&marks) {
        for name in question.domains.iter().collect::<BTreeSet<_>>() {
            let (points, max_points) = domains.entry(name).or_default();
            *points = *points + mark.points;
            *max_points = *max_points + mark.max_points;
        }
    }
    let points = marks.iter().map(|mark| mark.points).sum::<Points>().max(Points::ZERO);
    let max_points: Points = marks.iter().map(|mark| mark.max_points).sum();
    Grade {
        points,
        max_points,
        // Compared without division: 69.999 % is not 70 %.
        passed: pass.map(|line| points.0 * 10_000 >= line.0 * max_points.0),
        questions: marks,
        domains: domains
            .into_iter()
            .map(|(name, (points, max_points))| DomainMarks {
                name: name.to_owned(),
                points: points.max(Points::ZERO),
                max_points,
            })
            .collect(),
    }
}

/// Marks one question.
#[must_use]
pub fn mark(question: &Question, item: &PaperItem, response: Option<&Response>, policy: &GradingPolicy) -> Mark {
    let max_points = question.points;
    let Some(response) = response else {
        return Mark { points: Points::ZERO, max_points, outcome: Outcome::Unanswered };
    };
    let share = share(question, item, response, policy);
    // One rounding per question, half away from zero: three thirds of a mark are a mark.
    let points = Points(divide_rounded(share.0 * max_points.0, Weight::FULL.0));
    // The share decides, not the rounded points: half of a thousandth is neither all nor nothing.
    if share >= Weight::FULL {
        return Mark { points: max_points, max_points, outcome: Outcome::Correct };
    }
    if share > Weight::ZERO {
        return Mark { points, max_points, outcome: Outcome::Partial };
    }
    let penalty = Points(divide_rounded(policy.wrong_penalty.0 * max_points.0, Weight::FULL.0));
    Mark { points: Points(points.0.min(-penalty.0)), max_points, outcome: Outcome::Incorrect }
}

fn divide_rounded(dividend: i64, divisor: i64) -> i64 {
    let half = if dividend < 0 { -divisor / 2 } else { divisor / 2 };
    (dividend + half) / divisor
}

/// The share of its points that a response earns.
fn share(question: &Question, item: &PaperItem, response: &Response, policy: &GradingPolicy) -> Weight {
    match (&question.content, question.key.inside(), response) {
        (Content::Choice { options, multiple, choose }, Key::Choice(key), Response::Choice(letters)) => {
            let chosen: BTreeSet<usize> = letters.iter().filter_map(|letter| item.authored(0, letter)).collect();
            if is_too_many(*multiple, *choose, chosen.len()) {
                return Weight::ZERO;
            }
            choice_share(key, &chosen, options.len(), *multiple, policy)
        }
        (Content::Numeric { .. }, Key::Numeric(key), Response::Number(text)) => number_weight(key, text),
        (Content::ShortText {}, Key::ShortText(key), Response::Text(text)) => key.weigh(text),
        (Content::Matching { stems, .. }, Key::Matching { pairs }, Response::Match(matched)) => {
            let judged = pairs.iter().enumerate().map(|(stem, right)| {
                let letter = matched.get(&(stem + 1).to_string())?;
                Some(if item.authored(0, letter) == Some(*right) { Weight::FULL } else { Weight::ZERO })
            });
            policy.parts.combine(judged, stems.len())
        }
        (Content::Ordering { items }, Key::Ordering { order }, Response::Order(letters)) => {
            let judged = order.iter().enumerate().map(|(place, right)| {
                let letter = letters.get(place)?;
                Some(if item.authored(0, letter) == Some(*right) { Weight::FULL } else { Weight::ZERO })
            });
            policy.parts.combine(judged, items.len())
        }
        (Content::Cloze { blanks }, Key::Cloze { blanks: keys }, Response::Blanks(filled)) => {
            let judged = blanks.iter().zip(keys).enumerate().map(|(index, (blank, key))| {
                let text = filled.get(&(index + 1).to_string())?;
                Some(blank_weight(blank, key, item, index, text))
            });
            policy.parts.combine(judged, blanks.len())
        }
        // A response of another kind is refused when it is saved; here it earns nothing.
        _ => Weight::ZERO,
    }
}

fn choice_share(
    key: &ChoiceKey,
    chosen: &BTreeSet<usize>,
    count: usize,
    multiple: bool,
    policy: &GradingPolicy,
) -> Weight {
    match key {
        ChoiceKey::Weighted { weights } => {
            let sum: i64 = chosen.iter().filter_map(|index| weights.get(*index)).map(|weight| weight.0).sum();
            // 33.33333 % three times is meant as everything.
            let full = Weight::FULL.0 - 2_000 * i64::try_from(chosen.len()).unwrap_or(0);
            let right_only = chosen.iter().all(|index| weights.get(*index).is_some_and(|weight| weight.0 > 0));
            if sum >= full && right_only { Weight::FULL } else { Weight(sum.clamp(0, Weight::FULL.0)) }
        }
        ChoiceKey::Correct { options: right } => {
            if chosen == right {
                return Weight::FULL;
            }
            if !multiple {
                return Weight::ZERO;
            }
            let hits = chosen.intersection(right).count();
            policy.choice.of_choice(hits, chosen.len() - hits, right.len(), count - right.len())
        }
    }
}

fn number_weight(key: &NumericKey, text: &str) -> Weight {
    NumericKey::parse_number(text).map_or(Weight::ZERO, |number| key.weigh(&number))
}

fn blank_weight(blank: &Blank, key: &BlankKey, item: &PaperItem, index: usize, text: &str) -> Weight {
    match (blank, key) {
        (Blank::Text {}, BlankKey::Text(key)) => key.weigh(text),
        (Blank::Number {}, BlankKey::Number(key)) => number_weight(key, text),
        (Blank::Dropdown { .. }, BlankKey::Dropdown { correct }) if item.authored(index, text) == Some(*correct) => {
            Weight::FULL
        }
        _ => Weight::ZERO,
    }
}

/// What became of each blank of a cloze, in order; of an answer that is none, all are unanswered. Nothing for other kinds. `permit` comes
/// from the release policy: what is wrong in an answer says something of the key.
#[must_use]
pub fn blank_outcomes(
    question: &Question,
    item: &PaperItem,
    response: Option<&Response>,
    permit: &Permit<Key>,
) -> Vec<Outcome> {
    let (Content::Cloze { blanks }, Key::Cloze { blanks: keys }) = (&question.content, question.key.open(permit))
    else {
        return Vec::new();
    };
    let outcome = |(index, (blank, key)): (usize, (&Blank, &BlankKey))| {
        let Some(Response::Blanks(filled)) = response else { return Outcome::Unanswered };
        let Some(text) = filled.get(&(index + 1).to_string()) else { return Outcome::Unanswered };
        match blank_weight(blank, key, item, index, text) {
            weight if weight >= Weight::FULL => Outcome::Correct,
            weight if weight > Weight::ZERO => Outcome::Partial,
            _ => Outcome::Incorrect,
        }
    };
    blanks.iter().zip(keys).enumerate().map(outcome).collect()
}

/// A key in the letters of one paper: what the API and the result page show once it is released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ShownKey {
    /// The letters of the right options.
    Choice(Vec<String>),
    /// The right numbers: `3.14`, or `1 .. 5` for a range.
    Number(Vec<String>),
    /// The right texts, with their wildcards.
    Text(Vec<String>),
    /// The letters of the items in the right order.
    Order(Vec<String>),
    /// For each stem number, the letter of its choice.
    Match(BTreeMap<String, String>),
    /// For each blank number, the right texts or letters.
    Blanks(BTreeMap<String, Vec<String>>),
}

/// The key of a question as its candidate may read it. `permit` comes from the release policy.
#[must_use]
pub fn shown_key(question: &Question, item: &PaperItem, permit: &Permit<Key>) -> ShownKey {
    let letters = |indexes: &mut dyn Iterator<Item = usize>| {
        let mut letters: Vec<String> = indexes.filter_map(|index| item.letter_of(0, index)).collect();
        letters.sort_unstable();
        letters
    };
    match question.key.open(permit) {
        Key::Choice(key) => {
            let multiple = matches!(question.content, Content::Choice { multiple: true, .. });
            ShownKey::Choice(letters(&mut key.right_options(multiple).into_iter()))
        }
        Key::Numeric(key) => ShownKey::Number(shown_numbers(key)),
        Key::ShortText(key) => ShownKey::Text(full_patterns(&key.accepted)),
        Key::Ordering { order } => {
            ShownKey::Order(order.iter().filter_map(|index| item.letter_of(0, *index)).collect())
        }
        Key::Matching { pairs } => ShownKey::Match(
            pairs
                .iter()
                .enumerate()
                .filter_map(|(stem, choice)| Some(((stem + 1).to_string(), item.letter_of(0, *choice)?)))
                .collect(),
        ),
        Key::Cloze { blanks } => ShownKey::Blanks(
            blanks
                .iter()
                .enumerate()
                .map(|(index, key)| {
                    let shown = match key {
                        BlankKey::Text(key) => full_patterns(&key.accepted),
                        BlankKey::Number(key) => shown_numbers(key),
                        BlankKey::Dropdown { correct } => item.letter_of(index, *correct).into_iter().collect(),
                    };
                    ((index + 1).to_string(), shown)
                })
                .collect(),
        ),
    }
}

fn full_patterns(accepted: &[crate::question::TextAnswer]) -> Vec<String> {
    accepted.iter().filter(|answer| answer.weight >= Weight::FULL).map(|answer| answer.pattern.clone()).collect()
}

fn shown_numbers(key: &NumericKey) -> Vec<String> {
    let full = key.accepted.iter().filter(|answer| answer.weight >= Weight::FULL);
    full.map(|answer| {
        let (min, max) = (answer.min.normalized(), answer.max.normalized());
        if min == max {
            min.to_plain_string()
        } else {
            format!("{} .. {}", min.to_plain_string(), max.to_plain_string())
        }
    })
    .collect()
}

#[cfg(test)]
mod tests;
