//! What is wrong with a question as authored: errors that make it unfit to be asked, and warnings worth a look.

use super::told::{blank_marks, told_to_choose};
use super::{Blank, BlankKey, ChoiceKey, Content, Key, NumericKey, Points, Question, TextKey, Weight, fold_text};
use std::collections::HashSet;

/// Whether a flaw forbids asking the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth the author's look; the question can be asked.
    Warning,
    /// The question cannot be asked or graded fairly.
    Error,
}

/// One thing that is wrong with a question.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Nothing is asked.
    #[error("the question has no text")]
    NoPrompt,
    /// Too few options, items or stems to be a question.
    #[error("it has {}, at least {least} are needed", counted(*found, what))]
    TooFew {
        /// "options", "items", ...
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there must be.
        least: usize,
    },
    /// More than letters can name or a page can show.
    #[error("it has {}, at most {most} are possible", counted(*found, what))]
    TooMany {
        /// "options", "items", ...
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// An option, item or stem without text.
    #[error("{what} {number} is empty")]
    Empty {
        /// "option", "item", ...
        what: &'static str,
        /// Counted from 1.
        number: usize,
    },
    /// Nothing is marked as right.
    #[error("no right answer is given")]
    NoKey,
    /// The key names something that is not there.
    #[error("the key names {what} {number}, but there {} only {count}", are(*count))]
    KeyOutside {
        /// "option", "choice", ...
        what: &'static str,
        /// What the key names, counted from 1.
        number: usize,
        /// How many there are.
        count: usize,
    },
    /// The key belongs to another kind of question or has another shape.
    #[error("the key does not fit a {kind} question")]
    KeyMismatch {
        /// The question's kind.
        kind: &'static str,
    },
    /// "Choose TWO", in the prompt or beside it, with a key of another size.
    #[error("the question says to choose {choose}, but {} {} right", counted(*right, "options"), are(*right))]
    ChooseMismatch {
        /// What the candidate is told.
        choose: usize,
        /// How many options are right.
        right: usize,
    },
    /// One answer can be given, several are right.
    #[error("only one option can be chosen, but {right} are right")]
    SingleWithSeveralRight {
        /// How many options are right.
        right: usize,
    },
    /// No combination of answers earns full marks.
    #[error("the weights add up to {percent} %, so full marks cannot be reached")]
    WeightsBelowFull {
        /// The best sum, in percent.
        percent: String,
    },
    /// A typed answer with a weight below zero, which only options can have.
    #[error("an answer has a weight below 0, which only options may have")]
    NegativeWeight,
    /// Two options, items or stems read the same.
    #[error("{what} {first} and {second} are the same")]
    Duplicate {
        /// "options", "items", ...
        what: &'static str,
        /// The earlier one, counted from 1.
        first: usize,
        /// The later one, counted from 1.
        second: usize,
    },
    /// An option gives away why it is right or wrong.
    #[error("option {number} contains explanation text")]
    ExplanationInOption {
        /// Counted from 1.
        number: usize,
    },
    /// A cloze text whose `{{n}}` marks are not exactly 1 to the number of blanks.
    #[error("the text must show the marks {{{{1}}}} to {{{{{blanks}}}}} once each, and no other")]
    BlankMarks {
        /// How many blanks are defined.
        blanks: usize,
    },
    /// An empty range of numbers.
    #[error("the range of right numbers is empty: its minimum is above its maximum")]
    EmptyRange,
    /// Worth nothing.
    #[error("the question is worth no points")]
    NoPoints,
    /// No explanation for the candidate to learn from.
    #[error("the question has no explanation")]
    NoExplanation,
    /// Nothing can be chosen that is wrong.
    #[error("all options are right")]
    AllRight,
    /// The only right option is much longer than all others, which gives it away.
    #[error("the right option is much longer than the others")]
    LongestOptionCue,
}

impl Flaw {
    /// Whether the flaw forbids asking the question.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::NoExplanation | Self::AllRight | Self::LongestOptionCue => Severity::Warning,
            _ => Severity::Error,
        }
    }
}

/// A number of things; `what` is their plural.
fn counted(number: usize, what: &str) -> String {
    format!("{number} {}", if number == 1 { what.strip_suffix('s').unwrap_or(what) } else { what })
}

fn are(number: usize) -> &'static str {
    if number == 1 { "is" } else { "are" }
}

/// The most options, items or choices: they are named by one letter.
const MOST_PARTS: usize = 26;

/// Everything that is wrong with a question, in reading order; empty when it is fit to be asked.
#[must_use]
pub fn lint(question: &Question) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    if question.prompt.trim().is_empty() {
        flaws.push(Flaw::NoPrompt);
    }
    if question.points <= Points::ZERO {
        flaws.push(Flaw::NoPoints);
    }
    match (&question.content, question.key.inside()) {
        (Content::Choice { options, multiple, choose }, Key::Choice(key)) => {
            let texts: Vec<&str> = options.iter().map(|option| option.text.as_str()).collect();
            parts(&mut flaws, ["option", "options"], &texts, 2);
            choice_key(&mut flaws, key, options.len(), *multiple, *choose);
            told_otherwise(&mut flaws, key, *multiple, &question.prompt);
            leaked_explanations(&mut flaws, question, &texts);
            longest_option_cue(&mut flaws, key, &texts);
        }
        (Content::Numeric { .. }, Key::Numeric(key)) => numeric_key(&mut flaws, key),
        (Content::ShortText {}, Key::ShortText(key)) => text_key(&mut flaws, key),
        (Content::Matching { stems, choices }, Key::Matching { pairs }) => {
            parts(&mut flaws, ["stem", "stems"], &refs(stems), 2);
            parts(&mut flaws, ["choice", "choices"], &refs(choices), 2);
            if pairs.len() != stems.len() {
                flaws.push(Flaw::KeyMismatch { kind: "matching" });
            }
            outside(&mut flaws, "choice", pairs.iter().copied(), choices.len());
        }
        (Content::Ordering { items }, Key::Ordering { order }) => {
            parts(&mut flaws, ["item", "items"], &refs(items), 2);
            outside(&mut flaws, "item", order.iter().copied(), items.len());
            let distinct: HashSet<_> = order.iter().collect();
            if order.len() != items.len() || distinct.len() != order.len() {
                flaws.push(Flaw::KeyMismatch { kind: "ordering" });
            }
        }
        (Content::Cloze { blanks }, Key::Cloze { blanks: keys }) => cloze(&mut flaws, &question.prompt, blanks, keys),
        (content, _) => flaws.push(Flaw::KeyMismatch { kind: content.kind() }),
    }
    if question.explanations.inside().general.as_deref().is_none_or(|text| text.trim().is_empty()) {
        flaws.push(Flaw::NoExplanation);
    }
    flaws
}

fn refs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

/// Checks number, emptiness and uniqueness of a list of parts; `names` is its singular and plural.
fn parts(flaws: &mut Vec<Flaw>, names: [&'static str; 2], texts: &[&str], least: usize) {
    let [one, many] = names;
    if texts.len() < least {
        flaws.push(Flaw::TooFew { what: many, found: texts.len(), least });
    }
    if texts.len() > MOST_PARTS {
        flaws.push(Flaw::TooMany { what: many, found: texts.len(), most: MOST_PARTS });
    }
    let folded: Vec<String> = texts.iter().map(|text| fold_text(text, true, true)).collect();
    for (index, text) in folded.iter().enumerate() {
        if text.is_empty() {
            flaws.push(Flaw::Empty { what: one, number: index + 1 });
        } else if let Some(first) = folded[..index].iter().position(|earlier| earlier == text) {
            flaws.push(Flaw::Duplicate { what: many, first: first + 1, second: index + 1 });
        }
    }
}

fn outside(flaws: &mut Vec<Flaw>, what: &'static str, indexes: impl Iterator<Item = usize>, count: usize) {
    flaws.extend(indexes.filter(|index| *index >= count).map(|index| Flaw::KeyOutside {
        what,
        number: index + 1,
        count,
    }));
}

fn choice_key(flaws: &mut Vec<Flaw>, key: &ChoiceKey, count: usize, multiple: bool, choose: Option<usize>) {
    let right = key.right_options(multiple);
    outside(flaws, "option", right.iter().copied(), count);
    if right.is_empty() {
        flaws.push(Flaw::NoKey);
        return;
    }
    if !multiple && matches!(key, ChoiceKey::Correct { .. }) && right.len() > 1 {
        flaws.push(Flaw::SingleWithSeveralRight { right: right.len() });
    }
    if right.len() == count && multiple {
        flaws.push(Flaw::AllRight);
    }
    if let Some(choose) = choose
        && choose != right.len()
    {
        flaws.push(Flaw::ChooseMismatch { choose, right: right.len() });
    }
    if let ChoiceKey::Weighted { weights } = key {
        if weights.len() != count {
            flaws.push(Flaw::KeyMismatch { kind: "choice" });
        }
        let best = best_sum(weights, if multiple { count } else { 1 });
        if !is_full(best, if multiple { right.len() } else { 1 }) {
            flaws.push(Flaw::WeightsBelowFull { percent: percent(best) });
        }
    }
}

/// The most that so many chosen options can earn, in units of [`Weight`].
fn best_sum(weights: &[Weight], chosen: usize) -> i64 {
    let mut positive: Vec<i64> = weights.iter().map(|weight| weight.0).filter(|weight| *weight > 0).collect();
    positive.sort_unstable_by_key(|weight| std::cmp::Reverse(*weight));
    positive.into_iter().take(chosen).sum()
}

/// Thirds written with two digits (33.33 %) are what authors mean by a third: Moodle accepts them as well.
fn is_full(sum: i64, chosen: usize) -> bool {
    sum >= Weight::FULL.0 - 2_000 * i64::try_from(chosen).unwrap_or(i64::MAX / 2_000)
}

fn percent(weight: i64) -> String {
    format!("{:.2}", Weight(weight).as_percent())
}

/// "(Choose TWO.)" in the prompt, where the key has another number of right options.
fn told_otherwise(flaws: &mut Vec<Flaw>, key: &ChoiceKey, multiple: bool, prompt: &str) {
    let Some(choose) = told_to_choose(prompt) else { return };
    let right = if multiple { key.right_options(true).len() } else { 1 };
    let fits = match key {
        ChoiceKey::Correct { .. } => choose == right,
        // Options with part marks may be among the right ones without being needed.
        ChoiceKey::Weighted { weights } => choose <= right && is_full(best_sum(weights, choose), choose),
    };
    let flaw = Flaw::ChooseMismatch { choose, right };
    if !fits && right > 0 && !flaws.contains(&flaw) {
        flaws.push(flaw);
    }
}

fn numeric_key(flaws: &mut Vec<Flaw>, key: &NumericKey) {
    typed_weights(flaws, key.accepted.iter().map(|answer| answer.weight));
    if key.accepted.iter().any(|answer| answer.min > answer.max) {
        flaws.push(Flaw::EmptyRange);
    }
}

fn text_key(flaws: &mut Vec<Flaw>, key: &TextKey) {
    let usable = key.accepted.iter().filter(|answer| !answer.pattern.trim().is_empty());
    typed_weights(flaws, usable.map(|answer| answer.weight));
}

/// One answer must earn full marks: what is right is shown by it.
fn typed_weights(flaws: &mut Vec<Flaw>, weights: impl Iterator<Item = Weight> + Clone) {
    let best = weights.clone().max().unwrap_or(Weight::ZERO);
    if best <= Weight::ZERO {
        flaws.push(Flaw::NoKey);
    } else if best < Weight::FULL {
        flaws.push(Flaw::WeightsBelowFull { percent: percent(best.0) });
    }
    if weights.clone().any(|weight| weight < Weight::ZERO) {
        flaws.push(Flaw::NegativeWeight);
    }
}

fn cloze(flaws: &mut Vec<Flaw>, prompt: &str, blanks: &[Blank], keys: &[BlankKey]) {
    if blanks.is_empty() {
        flaws.push(Flaw::TooFew { what: "blanks", found: 0, least: 1 });
    }
    if blanks.len() != keys.len() {
        flaws.push(Flaw::KeyMismatch { kind: "cloze" });
    }
    let mut marks = blank_marks(prompt);
    marks.sort_unstable();
    if !marks.into_iter().eq(1..=blanks.len()) {
        flaws.push(Flaw::BlankMarks { blanks: blanks.len() });
    }
    for (blank, key) in blanks.iter().zip(keys) {
        match (blank, key) {
            (Blank::Text {}, BlankKey::Text(key)) => text_key(flaws, key),
            (Blank::Number {}, BlankKey::Number(key)) => numeric_key(flaws, key),
            (Blank::Dropdown { options }, BlankKey::Dropdown { correct }) => {
                parts(flaws, ["option", "options"], &refs(options), 2);
                outside(flaws, "option", std::iter::once(*correct), options.len());
            }
            _ => flaws.push(Flaw::KeyMismatch { kind: "cloze" }),
        }
    }
}

/// Imports are known to run explanations into the option before them: an option that holds the explanation's text, or that
/// goes on with a label like "Explanation:", is such a one.
fn leaked_explanations(flaws: &mut Vec<Flaw>, question: &Question, options: &[&str]) {
    let explanations = question.explanations.inside();
    let texts: Vec<String> = explanations
        .general
        .iter()
        .chain(explanations.per_option.iter().flatten())
        .map(|text| fold_text(text, false, false))
        .filter(|text| text.chars().count() >= 20)
        .collect();
    for (index, option) in options.iter().enumerate() {
        let option = fold_text(option, false, false);
        let labelled = ["explanation:", "rationale:", "correct answer:", "answer:"].iter().any(|label| {
            option.find(label).is_some_and(|at| at > 0 && option[..at].ends_with([' ', '.', '(', '[', '-']))
        });
        if labelled || texts.iter().any(|text| option.contains(text.as_str())) {
            flaws.push(Flaw::ExplanationInOption { number: index + 1 });
        }
    }
}

fn longest_option_cue(flaws: &mut Vec<Flaw>, key: &ChoiceKey, options: &[&str]) {
    let ChoiceKey::Correct { options: right } = key else { return };
    let (Some(only), 1) = (right.first(), right.len()) else { return };
    let Some(right_length) = options.get(*only).map(|text| text.chars().count()) else { return };
    let others = options.iter().enumerate().filter(|(index, _)| index != only);
    let longest_other = others.map(|(_, text)| text.chars().count()).max().unwrap_or(0);
    if right_length > 40 && right_length > longest_other * 2 {
        flaws.push(Flaw::LongestOptionCue);
    }
}
