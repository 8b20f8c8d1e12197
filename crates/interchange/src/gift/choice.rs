//! Choice questions and true/false.

use super::answers::{self, Answer, remark_rounding};
use super::escapes::split_once;
use super::question::Text;
use crate::choice::options;
use crate::draft::{Draft, quote, remark};
use crate::markdown::Markup;
use exam::question::{ChoiceKey, Content, Key, Weight};
use std::collections::BTreeSet;

/// Options marked `=` and `~`. With an `=` one option may be chosen, without one several, as in Moodle.
pub(super) fn parse(inside: &str, markup: Markup) -> Result<Draft, Vec<String>> {
    let answers = answers::split(inside, &['=', '~'])?;
    let single = answers.iter().any(|answer| answer.right);
    let partly_right =
        |answer: &&Answer<'_>| answer.right && answer.percent.is_some_and(|percent| percent.weight != Weight::FULL);
    if let Some(answer) = answers.iter().find(partly_right) {
        let text = quote(answer.text);
        return Err(vec![format!("An option marked = is fully right. Write ~ and the weight before {text}.")]);
    }
    let weights: Vec<Weight> = answers.iter().map(|answer| weight(answer)).collect();
    if !weights.iter().any(|weight| *weight > Weight::ZERO) {
        return Err(vec!["No answer is marked as right. Put = before one answer.".to_owned()]);
    }
    let mut changes = Vec::new();
    remark_rounding(&answers, &mut changes);
    let texts = answers.iter().map(|answer| Text::new(answer.text, markup).markdown(&mut changes)).collect();
    let rationale = |answer: &Answer<'_>, changes: &mut Vec<String>| {
        Some(Text::new(answer.feedback?, markup).markdown(changes)).filter(|text| !text.is_empty())
    };
    let per_option: Vec<Option<String>> = answers.iter().map(|answer| rationale(answer, &mut changes)).collect();
    let options = options(texts, &mut changes);
    let key = key(&weights, single);
    let mut draft =
        Draft::new(String::new(), Content::Choice { options, multiple: !single, choose: None }, Key::Choice(key));
    draft.changes = changes;
    if per_option.iter().any(Option::is_some) {
        draft.explanations.per_option = per_option;
    }
    Ok(draft)
}

fn weight(answer: &Answer<'_>) -> Weight {
    let unweighted = if answer.right { Weight::FULL } else { Weight::ZERO };
    answer.percent.map_or(unweighted, |percent| percent.weight)
}

/// One right option among worthless ones needs no weights.
fn key(weights: &[Weight], single: bool) -> ChoiceKey {
    let worth_something: BTreeSet<usize> = (0..weights.len()).filter(|index| weights[*index] != Weight::ZERO).collect();
    if single && worth_something.len() == 1 {
        ChoiceKey::Correct { options: worth_something }
    } else {
        ChoiceKey::Weighted { weights: weights.to_vec() }
    }
}

/// `{T}`, `{FALSE#feedback when wrong#feedback when right}`; None when it is neither.
pub(super) fn true_false(inside: &str, markup: Markup) -> Option<Draft> {
    let (word, feedback) = split_once(inside, "#").unwrap_or((inside, ""));
    let word = word.trim();
    let right = match word.to_ascii_uppercase().as_str() {
        "T" | "TRUE" => 0,
        "F" | "FALSE" => 1,
        _ => return None,
    };
    let mut changes = Vec::new();
    if word.bytes().any(|byte| byte.is_ascii_lowercase()) {
        // Moodle would take the word for a short answer, which nobody means.
        remark(&mut changes, format!("{} was read as {}.", quote(word), word.to_ascii_uppercase()));
    }
    let options = options(vec!["True".to_owned(), "False".to_owned()], &mut changes);
    let key = Key::Choice(ChoiceKey::Correct { options: BTreeSet::from([right]) });
    let mut draft = Draft::new(String::new(), Content::Choice { options, multiple: false, choose: None }, key);
    let (when_wrong, when_right) = split_once(feedback, "#").unwrap_or((feedback, ""));
    let mut per_option = [when_right, when_wrong]
        .map(|feedback| Some(Text::new(feedback, markup).markdown(&mut changes)).filter(|text| !text.is_empty()));
    if right == 1 {
        per_option.reverse();
    }
    if per_option.iter().any(Option::is_some) {
        draft.explanations.per_option = per_option.into();
    }
    draft.changes = changes;
    Some(draft)
}
