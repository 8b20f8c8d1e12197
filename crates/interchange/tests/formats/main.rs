//! The formats as files: what an author writes and what becomes of it.

mod aiken;
mod archive;
mod broken;
mod encodings;
mod fair;
mod gift;
mod hostile;
mod manual;
mod round_trip;
mod shown;
mod table;

use exam::question::{ChoiceKey, Content, Explanations, Key, Question};
use exam::sealed::Permit;
use interchange::{Format, Item, Outcome, Reading, read};

fn reading(format: Format, text: &str) -> Reading {
    read(format, text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The only item of a file.
fn item(format: Format, text: &str) -> Item {
    let mut items = reading(format, text).items;
    assert_eq!(items.len(), 1, "{text}");
    items.remove(0)
}

/// The only question of a file, imported exactly as the file says.
fn question(format: Format, text: &str) -> Question {
    match item(format, text).outcome {
        Outcome::Ok(question) => question,
        other => panic!("{:?}\n{text}", other.reasons()),
    }
}

/// The only question of a file and what was changed in it.
fn changed(format: Format, text: &str) -> (Question, Vec<String>) {
    match item(format, text).outcome {
        Outcome::Changed(question, reasons) => (question, reasons),
        other => panic!("not changed: {:?}\n{text}", other.reasons()),
    }
}

/// Why the only question of a file was refused.
fn refused(format: Format, text: &str) -> Vec<String> {
    match item(format, text).outcome {
        Outcome::Refused(reasons) => reasons,
        Outcome::Ok(_) | Outcome::Changed(..) => panic!("not refused\n{text}"),
    }
}

fn key(question: &Question) -> &Key {
    question.key.open(&Permit::for_staff())
}

fn explanations(question: &Question) -> &Explanations {
    question.explanations.open(&Permit::for_staff())
}

/// The texts of a choice question's options.
fn options(question: &Question) -> Vec<&str> {
    match &question.content {
        Content::Choice { options, .. } => options.iter().map(|option| option.text.as_str()).collect(),
        other => panic!("no choice: {other:?}"),
    }
}

/// The right options of a choice question without weights, counted from 0.
fn right(question: &Question) -> Vec<usize> {
    match key(question) {
        Key::Choice(ChoiceKey::Correct { options }) => options.iter().copied().collect(),
        other => panic!("no such key: {other:?}"),
    }
}

/// The weights of a choice question in percent.
fn weights(question: &Question) -> Vec<f64> {
    match key(question) {
        Key::Choice(ChoiceKey::Weighted { weights }) => weights.iter().map(|weight| weight.as_percent()).collect(),
        other => panic!("no such key: {other:?}"),
    }
}

/// Whether several options may be chosen, and how many the candidate is told to choose.
fn several(question: &Question) -> (bool, Option<usize>) {
    match &question.content {
        Content::Choice { multiple, choose, .. } => (*multiple, *choose),
        other => panic!("no choice: {other:?}"),
    }
}
