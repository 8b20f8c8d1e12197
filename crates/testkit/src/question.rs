//! A question of each kind, to be varied by struct update: `Question { difficulty: Some(Hard), ..choice("2 + 2?") }`. In all of
//! them the first option is right, so that on a paper that is not shuffled the right letter is "a".

use exam::question::{
    BigDecimal, Blank, BlankKey, ChoiceKey, ChoiceOption, Content, Explanations, Key, NumericAnswer, NumericKey,
    Points, Question, TextAnswer, TextKey, Weight,
};
use exam::sealed::Sealed;

fn question(prompt: &str, content: Content, key: Key) -> Question {
    Question {
        prompt: prompt.to_owned(),
        content,
        key: Sealed::new(key),
        explanations: Sealed::new(Explanations { general: Some(format!("Why: {prompt}")), per_option: Vec::new() }),
        domains: vec!["general".to_owned()],
        difficulty: None,
        points: Points::ONE,
    }
}

fn options(texts: &[&str]) -> Vec<ChoiceOption> {
    texts.iter().map(|text| ChoiceOption { text: (*text).to_owned(), pinned: false }).collect()
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// One of four; the first is right.
#[must_use]
pub fn choice(prompt: &str) -> Question {
    let content =
        Content::Choice { options: options(&["right", "wrong", "false", "no"]), multiple: false, choose: None };
    question(prompt, content, Key::Choice(ChoiceKey::Correct { options: [0].into() }))
}

/// "Choose TWO" of five; the first two are right.
#[must_use]
pub fn choose_two(prompt: &str) -> Question {
    let options = options(&["right", "right too", "wrong", "false", "no"]);
    let content = Content::Choice { options, multiple: true, choose: Some(2) };
    question(prompt, content, Key::Choice(ChoiceKey::Correct { options: [0, 1].into() }))
}

/// A number; 42 is right.
#[must_use]
pub fn numeric(prompt: &str) -> Question {
    question(prompt, Content::Numeric { unit: Some("km".to_owned()) }, Key::Numeric(forty_two()))
}

/// A short text; "right" is right.
#[must_use]
pub fn short_text(prompt: &str) -> Question {
    question(prompt, Content::ShortText {}, Key::ShortText(right_text()))
}

/// Two stems; each is matched with the choice of the same place, and a third choice with none.
#[must_use]
pub fn matching(prompt: &str) -> Question {
    let content = Content::Matching { stems: texts(&["one", "two"]), choices: texts(&["1", "2", "3"]) };
    question(prompt, content, Key::Matching { pairs: vec![0, 1] })
}

/// Three items in the right order.
#[must_use]
pub fn ordering(prompt: &str) -> Question {
    question(prompt, Content::Ordering { items: texts(&["1", "2", "3"]) }, Key::Ordering { order: vec![0, 1, 2] })
}

/// A text, a number and a dropdown to fill in; "right", 42 and the first one are right.
#[must_use]
pub fn cloze(prompt: &str) -> Question {
    let blanks = vec![Blank::Text {}, Blank::Number {}, Blank::Dropdown { options: texts(&["right", "wrong"]) }];
    let keys = vec![BlankKey::Text(right_text()), BlankKey::Number(forty_two()), BlankKey::Dropdown { correct: 0 }];
    question(&format!("{prompt} {{{{1}}}} {{{{2}}}} {{{{3}}}}"), Content::Cloze { blanks }, Key::Cloze { blanks: keys })
}

/// One of each kind.
#[must_use]
pub fn each_kind() -> Vec<Question> {
    vec![
        choice("Which one?"),
        choose_two("Which two?"),
        numeric("How far?"),
        short_text("Which word?"),
        matching("Which belong together?"),
        ordering("In which order?"),
        cloze("Fill in"),
    ]
}

fn right_text() -> TextKey {
    let accepted = vec![TextAnswer { pattern: "right".to_owned(), weight: Weight::FULL }];
    TextKey { accepted, case_sensitive: false, accent_sensitive: false }
}

fn forty_two() -> NumericKey {
    NumericKey { accepted: vec![NumericAnswer::within(&BigDecimal::from(42), &BigDecimal::from(0))] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_questions_have_no_flaws() {
        for question in each_kind() {
            let flaws = exam::question::lint(&question);
            assert!(flaws.is_empty(), "{}: {flaws:?}", question.prompt);
        }
    }
}
