//! A right and a wrong response to any question.

use exam::answer::Response;
use exam::grade::{ShownKey, shown_key};
use exam::paper::PaperItem;
use exam::question::{BigDecimal, Blank, Content, NumericKey, Question};
use exam::sealed::Permit;
use rand::{Rng, RngExt as _};
use std::collections::BTreeMap;

/// What somebody writes who does not know.
const NO_IDEA: &str = "I am not sure";

/// A response that earns full marks.
pub(super) fn right(question: &Question, item: &PaperItem) -> Response {
    // These people sit in for an author's test data: nobody sees the key.
    match shown_key(question, item, &Permit::for_staff()) {
        ShownKey::Choice(mut letters) => {
            if matches!(question.content, Content::Choice { multiple: false, .. }) {
                letters.truncate(1);
            }
            Response::Choice(letters)
        }
        ShownKey::Number(ranges) => Response::Number(ranges.first().map_or_else(String::new, |range| start(range))),
        ShownKey::Text(patterns) => Response::Text(plain(&patterns)),
        ShownKey::Order(letters) => Response::Order(letters),
        ShownKey::Match(pairs) => Response::Match(pairs),
        ShownKey::Blanks(blanks) => {
            Response::Blanks(blanks.into_iter().map(|(number, accepted)| (number, start(&plain(&accepted)))).collect())
        }
    }
}

/// The least number of `1 .. 5`; any other text as it is.
fn start(range: &str) -> String {
    range.split_once(" .. ").map_or(range, |(least, _)| least).to_owned()
}

/// A text that matches one of the patterns, without its wildcards.
fn plain(patterns: &[String]) -> String {
    let exact = patterns.iter().find(|pattern| !pattern.contains('*')).or(patterns.first());
    exact.map_or_else(String::new, |pattern| pattern.replace('*', ""))
}

/// A response that does not earn full marks.
pub(super) fn wrong(question: &Question, item: &PaperItem, rng: &mut impl Rng) -> Response {
    match right(question, item) {
        Response::Choice(right) => {
            let others: Vec<String> = letters(item, 0).into_iter().filter(|letter| !right.contains(letter)).collect();
            let mut chosen = right;
            let replaced = rng.random_range(0..chosen.len().max(1));
            match others.get(rng.random_range(0..others.len().max(1))) {
                Some(other) if !chosen.is_empty() => chosen[replaced].clone_from(other),
                _ => drop(chosen.pop()),
            }
            chosen.sort_unstable();
            Response::Choice(chosen)
        }
        Response::Number(right) => Response::Number(another_number(&right)),
        Response::Text(_) => Response::Text(NO_IDEA.to_owned()),
        Response::Order(mut order) => {
            let place = rng.random_range(0..order.len().saturating_sub(1).max(1));
            let next = (place + 1) % order.len().max(1);
            order.swap(place, next);
            Response::Order(order)
        }
        Response::Match(mut pairs) => {
            if let Some(mut pair) = pairs.first_entry() {
                let another = another_letter(item, 0, pair.get(), rng);
                pair.insert(another);
            }
            Response::Match(pairs)
        }
        Response::Blanks(blanks) => Response::Blanks(wrong_blanks(question, item, blanks, rng)),
    }
}

fn wrong_blanks(
    question: &Question,
    item: &PaperItem,
    mut filled: BTreeMap<String, String>,
    rng: &mut impl Rng,
) -> BTreeMap<String, String> {
    if let (Content::Cloze { blanks }, Some(mut first)) = (&question.content, filled.first_entry()) {
        let text = match blanks.first() {
            Some(Blank::Dropdown { .. }) => another_letter(item, 0, first.get(), rng),
            Some(Blank::Number {}) => another_number(first.get()),
            Some(Blank::Text {}) | None => NO_IDEA.to_owned(),
        };
        first.insert(text);
    }
    filled
}

fn letters(item: &PaperItem, list: usize) -> Vec<String> {
    item.shown(list).map(|(letter, _)| letter).collect()
}

fn another_letter(item: &PaperItem, list: usize, right: &str, rng: &mut impl Rng) -> String {
    let others: Vec<String> = letters(item, list).into_iter().filter(|letter| letter != right).collect();
    others.get(rng.random_range(0..others.len().max(1))).cloned().unwrap_or_default()
}

/// A slip of the factor: far enough from any tolerance.
fn another_number(right: &str) -> String {
    let number = NumericKey::parse_number(right).unwrap_or_default();
    (number * BigDecimal::from(10) + BigDecimal::from(7)).normalized().to_plain_string()
}
