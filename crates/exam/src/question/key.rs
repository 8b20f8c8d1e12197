//! What is right. These types serialise for the store and for archives; they reach the outside only out of a `Sealed`.

use super::text::{fold_text, matches_pattern};
use bigdecimal::BigDecimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::str::FromStr;

/// The key of a question, matching its [`super::Content`] kind by kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Key {
    /// Which options are right.
    Choice(ChoiceKey),
    /// Which numbers are right.
    Numeric(NumericKey),
    /// Which texts are right.
    ShortText(TextKey),
    /// For each stem, the index of its choice.
    Matching {
        /// `pairs[stem] = choice`.
        pairs: Vec<usize>,
    },
    /// The right order, as indexes of the authored items.
    Ordering {
        /// `order[place] = item`.
        order: Vec<usize>,
    },
    /// For each blank, what is right.
    Cloze {
        /// In order of the blanks' numbers.
        blanks: Vec<BlankKey>,
    },
}

/// The key of a choice question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChoiceKey {
    /// The indexes of the right options; partial credit follows the exam's grading policy.
    Correct {
        /// Indexes into the authored options.
        options: BTreeSet<usize>,
    },
    /// The author gave each option its own worth; the sum over the chosen ones is kept between 0 and full.
    Weighted {
        /// One weight per authored option.
        weights: Vec<Weight>,
    },
}

impl ChoiceKey {
    /// The options a full answer chooses: the right ones, or those with the weights that earn most.
    #[must_use]
    pub fn right_options(&self, multiple: bool) -> BTreeSet<usize> {
        match self {
            Self::Correct { options } => options.clone(),
            Self::Weighted { weights } => {
                let best = weights.iter().max().copied().unwrap_or(Weight::ZERO);
                let counts = |weight: Weight| weight > Weight::ZERO && (multiple || weight == best);
                weights.iter().enumerate().filter(|(_, weight)| counts(**weight)).map(|(index, _)| index).collect()
            }
        }
    }
}

/// A share of a question's points, in units of 0.00001 % so that thirds and sevenths keep five digits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Weight(pub i64);

impl Weight {
    /// Full credit.
    pub const FULL: Self = Self(10_000_000);
    /// No credit.
    pub const ZERO: Self = Self(0);

    /// From a percentage between -100 and 100; None outside it.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
    pub fn from_percent(percent: f64) -> Option<Self> {
        (-100.0..=100.0).contains(&percent).then(|| Self((percent * 100_000.0).round() as i64))
    }

    /// As a percentage.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "weights are at most 1e7 in size")]
    pub fn as_percent(self) -> f64 {
        self.0 as f64 / 100_000.0
    }
}

/// The right numbers; the best matching one counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumericKey {
    /// Alternatives, each with its worth.
    pub accepted: Vec<NumericAnswer>,
}

/// A range of right numbers with its worth; both ends belong to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumericAnswer {
    /// The least right number.
    pub min: BigDecimal,
    /// The greatest right number.
    pub max: BigDecimal,
    /// What a number in the range is worth.
    pub weight: Weight,
}

impl NumericAnswer {
    /// All numbers within `tolerance` of `value`, for full credit.
    #[must_use]
    pub fn within(value: &BigDecimal, tolerance: &BigDecimal) -> Self {
        let tolerance = tolerance.abs();
        Self { min: value - &tolerance, max: value + &tolerance, weight: Weight::FULL }
    }
}

impl NumericKey {
    /// What a number is worth.
    #[must_use]
    pub fn weigh(&self, number: &BigDecimal) -> Weight {
        let hits = self.accepted.iter().filter(|answer| *number >= answer.min && *number <= answer.max);
        hits.map(|answer| answer.weight).max().unwrap_or(Weight::ZERO)
    }

    /// Reads a number as people type it: digits, one decimal point or comma, an optional exponent. The digits and the decimal mark of
    /// Arabic and Persian keyboards are the same numbers.
    ///
    /// None for anything else, and for numbers longer than 40 characters or with exponents beyond 10^300, which exact
    /// arithmetic would spend unbounded memory on.
    #[must_use]
    pub fn parse_number(text: &str) -> Option<BigDecimal> {
        let text: String = text.trim().chars().filter(|c| !is_direction_mark(*c)).map(western).collect();
        let one_comma = text.matches(',').count() == 1 && !text.contains('.');
        let text = if one_comma { text.replace(',', ".") } else { text };
        let allowed = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
        if text.is_empty() || text.len() > 40 || !text.chars().all(allowed) {
            return None;
        }
        if let Some((_, exponent)) = text.split_once(['e', 'E']) {
            exponent.parse::<i32>().ok().filter(|exponent| exponent.abs() <= 300)?;
        }
        BigDecimal::from_str(&text).ok()
    }
}

/// The right texts; the best matching one counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextKey {
    /// Alternatives, each with its worth.
    pub accepted: Vec<TextAnswer>,
    /// Whether `DNS` and `dns` differ.
    #[serde(default)]
    pub case_sensitive: bool,
    /// Whether `café` and `cafe` differ.
    #[serde(default)]
    pub accent_sensitive: bool,
}

/// A right text with its worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextAnswer {
    /// The text; `*` stands for any characters, `\*` for a star.
    pub pattern: String,
    /// What a matching text is worth.
    pub weight: Weight,
}

impl TextKey {
    /// What a text is worth. Runs of white space count as one blank; blanks around are ignored.
    #[must_use]
    pub fn weigh(&self, text: &str) -> Weight {
        let fold = |text: &str| fold_text(text, self.case_sensitive, self.accent_sensitive);
        let text = fold(text);
        let hits = self.accepted.iter().filter(|answer| matches_pattern(&fold(&answer.pattern), &text));
        hits.map(|answer| answer.weight).max().unwrap_or(Weight::ZERO)
    }
}

/// The key of one blank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "blank", rename_all = "snake_case")]
pub enum BlankKey {
    /// Right texts.
    Text(TextKey),
    /// Right numbers.
    Number(NumericKey),
    /// The index of the right dropdown option.
    Dropdown {
        /// Index into the authored options.
        correct: usize,
    },
}

/// A character of a number as a Western keyboard has it.
fn western(typed: char) -> char {
    let digit = |zero: u32| char::from_digit(u32::from(typed).wrapping_sub(zero), 10);
    match typed {
        '\u{2212}' => '-',
        '\u{066b}' => '.',
        _ => digit(0x0660).or_else(|| digit(0x06f0)).unwrap_or(typed),
    }
}

/// Marks that fields and clipboards put around numbers where one writes from right to left, and that nobody sees.
fn is_direction_mark(typed: char) -> bool {
    matches!(typed, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> BigDecimal {
        NumericKey::parse_number(text).expect("a number")
    }

    #[test]
    fn tolerance_is_exact_at_its_edges() {
        let key = NumericKey { accepted: vec![NumericAnswer::within(&number("0.1"), &number("0.05"))] };
        for right in ["0.15", "0.05", "0,15", "1.5e-1", " 0.10 ", "+0.1"] {
            assert_eq!(key.weigh(&number(right)), Weight::FULL, "{right}");
        }
        for wrong in ["0.1500001", "0.0499", "-0.1"] {
            assert_eq!(key.weigh(&number(wrong)), Weight::ZERO, "{wrong}");
        }
    }

    #[test]
    fn a_number_is_the_same_on_every_keyboard() {
        for (typed, meant) in
            [("٣٫١٤", "3.14"), ("۳٫۱۴", "3.14"), ("-٥", "-5"), ("\u{200f}\u{2212}٥\u{200e}", "-5"), ("١٢,٥", "12.5")]
        {
            assert_eq!(number(typed), number(meant), "{typed}");
        }
    }

    /// The page says of what is typed whether it is a number, and its own test goes by the same lists.
    #[test]
    fn numbers_and_others_are_those_of_the_lists() {
        let lists: serde_json::Value = serde_json::from_str(include_str!("numbers.json")).expect("JSON");
        for (list, is_number) in [("numbers", true), ("others", false)] {
            let texts = lists[list].as_array().expect("a list");
            assert!(texts.len() > 10);
            for text in texts.iter().filter_map(|text| text.as_str()) {
                assert_eq!(NumericKey::parse_number(text).is_some(), is_number, "{text:?}");
            }
        }
    }

    #[test]
    fn what_is_not_a_number_is_told_apart() {
        for text in ["", "twelve", "1.2.3", "1,2,3", "1e999999999", "--1", "0x10", "NaN", "1 000", "١٬٠٠٠", "\u{200e}"]
        {
            assert_eq!(NumericKey::parse_number(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_better_of_two_ranges_counts() {
        let half = Weight::from_percent(50.0).expect("in range");
        let wide = NumericAnswer { weight: half, ..NumericAnswer::within(&number("10"), &number("2")) };
        let key = NumericKey { accepted: vec![wide, NumericAnswer::within(&number("10"), &number("0"))] };
        assert_eq!(key.weigh(&number("11")), half);
        assert_eq!(key.weigh(&number("10.0")), Weight::FULL);
    }
}
