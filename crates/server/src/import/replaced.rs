//! Questions that would replace quite another one: two files that both call their first question "1".

use super::{Fate, Plan};
use crate::markup::{excerpt, plain_text};
use exam::id::BankId;
use exam::question::{Blank, Content, Question, fold_text};
use std::collections::{HashMap, HashSet};
use store::Store;

/// How much of the replaced question a reason quotes, in characters.
const QUOTED: usize = 60;

/// Marks the questions of a plan that have the name of a question in the bank but next to nothing else of it: they count as
/// changed, and the reason says what is replaced.
///
/// # Errors
/// When the database fails.
pub async fn note_replaced(store: &Store, bank: BankId, plan: &mut Plan) -> store::Result<()> {
    if plan.questions.is_empty() {
        return Ok(());
    }
    let stored = store.export_questions(bank).await?;
    let stored = stored.iter().map(|stored| (stored.reference.as_str(), &stored.question));
    note(plan, &stored.collect());
    Ok(())
}

/// `stored` are the questions of the bank by their names.
pub(super) fn note(plan: &mut Plan, stored: &HashMap<&str, &Question>) {
    let taken = plan.items.iter_mut().filter(|item| item.fate != Fate::Refused);
    for (item, (reference, question)) in taken.zip(&plan.questions) {
        let Some(earlier) = stored.get(reference.as_str()).filter(|earlier| is_another(earlier, question)) else {
            continue;
        };
        item.fate = Fate::Changed;
        item.reasons.push(format!(
            "It replaces another question of the same name “{}” in the bank: “{}”. Give it another name to have both.",
            excerpt(reference, QUOTED),
            excerpt(&earlier.prompt, QUOTED)
        ));
    }
}

/// Whether a question is another one rather than the same in better words: the two prompts differ, and prompt and parts have
/// fewer than half of their words in common.
fn is_another(one: &Question, other: &Question) -> bool {
    let prompt = |question: &Question| fold_text(&plain_text(&question.prompt), false, true);
    if prompt(one) == prompt(other) {
        return false;
    }
    let (one, other) = (words(one), words(other));
    let common = one.intersection(&other).count();
    common * 2 < one.len().max(other.len())
}

fn words(question: &Question) -> HashSet<String> {
    let texts = std::iter::once(question.prompt.as_str()).chain(parts(&question.content));
    let folded = texts.map(|text| fold_text(&plain_text(text), false, true));
    folded
        .flat_map(|text| {
            let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
            words.map(ToOwned::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

fn parts(content: &Content) -> Vec<&str> {
    match content {
        Content::Choice { options, .. } => options.iter().map(|option| option.text.as_str()).collect(),
        Content::Matching { stems, choices } => stems.iter().chain(choices).map(String::as_str).collect(),
        Content::Ordering { items } => items.iter().map(String::as_str).collect(),
        Content::Cloze { blanks } => {
            let options = blanks.iter().map(|blank| match blank {
                Blank::Dropdown { options } => options.as_slice(),
                Blank::Text {} | Blank::Number {} => &[],
            });
            options.flatten().map(String::as_str).collect()
        }
        Content::Numeric { .. } | Content::ShortText {} => Vec::new(),
    }
}
