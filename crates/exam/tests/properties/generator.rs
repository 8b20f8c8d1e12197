//! Any question, paper, policy and answer, out of a seed: the same seed gives the same again.

use bigdecimal::BigDecimal;
use exam::answer::Response;
use exam::grade::{GradingPolicy, PartialCredit};
use exam::paper::PaperItem;
use exam::question::{
    Blank, BlankKey, ChoiceKey, ChoiceOption, Content, Explanations, Key, NumericAnswer, NumericKey, Points, Question,
    TextAnswer, TextKey, Weight,
};
use exam::sealed::Sealed;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use rand::{Rng, RngExt as _};
use std::collections::BTreeMap;

/// A question of any kind. Now and then its key is one that lint refuses.
pub(crate) fn question(rng: &mut impl Rng) -> Question {
    let (prompt, content, key) = match rng.random_range(0..6) {
        0 => choice(rng),
        1 => ("How many?".to_owned(), Content::Numeric { unit: None }, Key::Numeric(numeric_key(rng))),
        2 => ("Which word?".to_owned(), Content::ShortText {}, Key::ShortText(text_key(rng))),
        3 => matching(rng),
        4 => ordering(rng),
        _ => cloze(rng),
    };
    Question {
        prompt,
        content,
        key: Sealed::new(key),
        explanations: Sealed::new(Explanations::default()),
        domains: vec![["a", "b"].choose(rng).copied().unwrap_or("a").to_owned()],
        difficulty: None,
        points: Points(*[1, 2, 500, 1_000, 2_500, 1_000_000].choose(rng).unwrap_or(&1_000)),
    }
}

/// Any grading policy.
pub(crate) fn policy(rng: &mut impl Rng) -> GradingPolicy {
    let credit = |rng: &mut _| *PartialCredit::ALL.choose(rng).unwrap_or(&PartialCredit::PerOption);
    let penalty = if rng.random() { 0 } else { rng.random_range(0..=Weight::FULL.0) };
    GradingPolicy { choice: credit(rng), parts: credit(rng), wrong_penalty: Weight(penalty) }
}

/// Every pair of partial credits, with and without a penalty.
pub(crate) fn all_policies() -> impl Iterator<Item = GradingPolicy> {
    let pairs = PartialCredit::ALL.into_iter().flat_map(|choice| PartialCredit::ALL.map(|parts| (choice, parts)));
    pairs.flat_map(|(choice, parts)| {
        [Weight::ZERO, Weight::FULL].map(|wrong_penalty| GradingPolicy { choice, parts, wrong_penalty })
    })
}

/// Any answer that fits a question on a paper.
pub(crate) fn response(rng: &mut impl Rng, content: &Content, item: &PaperItem) -> Response {
    let letters = |list: usize| item.shown(list).map(|(letter, _)| letter).collect::<Vec<_>>();
    match content {
        Content::Choice { multiple, .. } => {
            let mut chosen = letters(0);
            chosen.retain(|_| rng.random());
            if !multiple || chosen.is_empty() {
                chosen = letters(0).choose(rng).cloned().into_iter().collect();
            }
            Response::Choice(chosen)
        }
        Content::Numeric { .. } => Response::Number(typed_number(rng)),
        Content::ShortText {} => Response::Text(word(rng)),
        Content::Ordering { .. } => {
            let mut order = letters(0);
            order.shuffle(rng);
            order.truncate(rng.random_range(1..=order.len()));
            Response::Order(order)
        }
        Content::Matching { stems, .. } => Response::Match(some(rng, stems.len(), |rng, _| one_of(rng, &letters(0)))),
        Content::Cloze { blanks } => Response::Blanks(some(rng, blanks.len(), |rng, index| match &blanks[index] {
            Blank::Dropdown { .. } => one_of(rng, &letters(index)),
            Blank::Text {} => word(rng),
            Blank::Number {} => typed_number(rng),
        })),
    }
}

/// Some of the parts by their numbers, at least one.
fn some<R: Rng>(rng: &mut R, count: usize, part: impl Fn(&mut R, usize) -> String) -> BTreeMap<String, String> {
    let least = rng.random_range(0..count);
    let taken: Vec<usize> = (0..count).filter(|index| *index == least || rng.random()).collect();
    taken.into_iter().map(|index| ((index + 1).to_string(), part(rng, index))).collect()
}

fn one_of(rng: &mut impl Rng, letters: &[String]) -> String {
    letters.choose(rng).cloned().unwrap_or_default()
}

fn texts(rng: &mut impl Rng, least: usize, most: usize) -> Vec<String> {
    (0..rng.random_range(least..=most)).map(|number| format!("part {number}")).collect()
}

/// Few words, so that right ones come up.
fn word(rng: &mut impl Rng) -> String {
    ["red", "Red ", "green", "rêd", "redder", "blue"].choose(rng).copied().unwrap_or("red").to_owned()
}

fn typed_number(rng: &mut impl Rng) -> String {
    match rng.random_range(0..6) {
        0 => "many".to_owned(),
        1 => format!("{},5", rng.random_range(-5..5)),
        _ => rng.random_range(-5..5).to_string(),
    }
}

fn choice(rng: &mut impl Rng) -> (String, Content, Key) {
    let options: Vec<ChoiceOption> =
        texts(rng, 2, 7).into_iter().map(|text| ChoiceOption { text, pinned: rng.random_ratio(1, 4) }).collect();
    let count = options.len();
    let multiple = rng.random();
    let key = if rng.random() {
        let only = rng.random_range(0..count);
        let right = (0..count).filter(|index| *index == only || multiple && rng.random());
        ChoiceKey::Correct { options: right.collect() }
    } else {
        ChoiceKey::Weighted { weights: weights(rng, count, multiple) }
    };
    let right = key.right_options(multiple).len();
    let choose = rng.random::<bool>().then_some(right);
    let prompt = if choose.is_some() && right > 0 { format!("Which? (Choose {right}.)") } else { "Which?".to_owned() };
    (prompt, Content::Choice { options, multiple, choose }, Key::Choice(key))
}

/// Weights as authors give them: a whole shared by some, the others worth nothing or less.
fn weights(rng: &mut impl Rng, count: usize, multiple: bool) -> Vec<Weight> {
    let right = if multiple { rng.random_range(1..=count) } else { 1 };
    let share = match rng.random_range(0..4) {
        // Two digits, as in 33.33 %.
        0 => Weight::FULL.0 / i64::try_from(right).unwrap_or(1) / 1_000 * 1_000,
        // Too little.
        1 if rng.random_ratio(1, 4) => 4_000_000 / i64::try_from(right).unwrap_or(1),
        _ => Weight::FULL.0 / i64::try_from(right).unwrap_or(1),
    };
    let mut weights: Vec<Weight> = (0..count)
        .map(|index| if index < right { Weight(share) } else { Weight(rng.random_range(-Weight::FULL.0..=0)) })
        .collect();
    weights.shuffle(rng);
    weights
}

/// What a typed answer is worth: mostly one is full, some are part marks.
fn typed_weights(rng: &mut impl Rng) -> Vec<Weight> {
    let mut weights: Vec<Weight> =
        (0..rng.random_range(0..3)).map(|_| Weight(rng.random_range(1..Weight::FULL.0))).collect();
    if !rng.random_ratio(1, 10) {
        weights.push(Weight::FULL);
    }
    weights.shuffle(rng);
    weights
}

fn numeric_key(rng: &mut impl Rng) -> NumericKey {
    let accepted = typed_weights(rng).into_iter().map(|weight| {
        let tolerance = BigDecimal::from(rng.random_range(0..2));
        NumericAnswer { weight, ..NumericAnswer::within(&BigDecimal::from(rng.random_range(-5..5)), &tolerance) }
    });
    NumericKey { accepted: accepted.collect() }
}

fn text_key(rng: &mut impl Rng) -> TextKey {
    let accepted = typed_weights(rng).into_iter().map(|weight| {
        let pattern = ["red", "RED", "re*", "rêd", "*e*", r"2\*3"].choose(rng).copied().unwrap_or("red").to_owned();
        TextAnswer { pattern, weight }
    });
    TextKey { accepted: accepted.collect(), case_sensitive: rng.random(), accent_sensitive: rng.random() }
}

fn matching(rng: &mut impl Rng) -> (String, Content, Key) {
    let (stems, choices) = (texts(rng, 2, 5), texts(rng, 2, 6));
    let pairs = stems.iter().map(|_| rng.random_range(0..choices.len())).collect();
    ("Match.".to_owned(), Content::Matching { stems, choices }, Key::Matching { pairs })
}

fn ordering(rng: &mut impl Rng) -> (String, Content, Key) {
    let items = texts(rng, 2, 6);
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.shuffle(rng);
    ("Put in order.".to_owned(), Content::Ordering { items }, Key::Ordering { order })
}

fn cloze(rng: &mut impl Rng) -> (String, Content, Key) {
    let (blanks, keys): (Vec<Blank>, Vec<BlankKey>) = (0..rng.random_range(1..4))
        .map(|_| match rng.random_range(0..3) {
            0 => (Blank::Text {}, BlankKey::Text(text_key(rng))),
            1 => (Blank::Number {}, BlankKey::Number(numeric_key(rng))),
            _ => {
                let options = texts(rng, 2, 5);
                let correct = rng.random_range(0..options.len());
                (Blank::Dropdown { options }, BlankKey::Dropdown { correct })
            }
        })
        .unzip();
    let marks: String = (1..=blanks.len()).map(|number| format!("{{{{{number}}}}} ")).collect();
    (marks, Content::Cloze { blanks }, Key::Cloze { blanks: keys })
}
