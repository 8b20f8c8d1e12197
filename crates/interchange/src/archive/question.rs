//! A question of an archive, kind by kind.

use super::fields::Fields;
use super::node::Node;
use crate::draft::{Draft, quote, remark};
use exam::question::{
    Blank, BlankKey, ChoiceKey, ChoiceOption, Content, Difficulty, Explanations, Key, NumericAnswer, NumericKey,
    Points, TextAnswer, TextKey, Weight,
};
use std::collections::BTreeSet;

/// What was found wrong and what was changed.
#[derive(Default)]
struct Remarks {
    reasons: Vec<String>,
    changes: Vec<String>,
}

/// Content, key and per-option explanations of a question.
type Parts = (Content, Key, Vec<Option<String>>);

/// The id of a question and the question, or all that is wrong with it.
pub(super) fn read(node: Node) -> (Option<String>, Result<Draft, Vec<String>>) {
    let mut remarks = Remarks::default();
    let Some(mut fields) = Fields::new("The question", node, &mut remarks.reasons) else {
        return (None, Err(remarks.reasons));
    };
    let id = fields.text("id", &mut remarks.reasons);
    let before = remarks.reasons.len();
    let kind = fields.required_text("kind", &mut remarks.reasons);
    let kind_told = remarks.reasons.len() > before;
    let prompt = fields.required_text("prompt", &mut remarks.reasons);
    let parts = match kind.as_str() {
        "choice" => choice(&mut fields, &mut remarks),
        "numeric" => numeric(&mut fields, &mut remarks),
        "short_text" => short_text(&mut fields, &mut remarks),
        "matching" => matching(&mut fields, &mut remarks),
        "ordering" => ordering(&mut fields, &mut remarks),
        "cloze" => cloze(&mut fields, &mut remarks),
        _ => {
            if !kind_told {
                let known = "choice, numeric, short_text, matching, ordering and cloze";
                remarks.reasons.push(format!("The kind {} is not known. Known are {known}.", quote(&kind)));
            }
            return (id, Err(remarks.reasons));
        }
    };
    let reasons = &mut remarks.reasons;
    let general = fields.text("explanation", reasons);
    let domains = fields.texts("domains", reasons).unwrap_or_default();
    let difficulty = fields.text("difficulty", reasons).and_then(|name| {
        let difficulty = Difficulty::from_name(&name);
        if difficulty.is_none() {
            reasons.push(format!("The difficulty {} is not easy, medium or hard.", quote(&name)));
        }
        difficulty
    });
    let points = fields.float("points", reasons).map_or(Points::ONE, |marks| {
        let points = Points::from_f64(marks);
        if points.is_none() {
            reasons.push("The question: \"points\" must be between 0 and 1000.".to_owned());
        } else if points.is_some_and(|points| (points.as_f64() - marks).abs() > 1e-9) {
            remark(&mut remarks.changes, "The points were rounded to thousandths.");
        }
        points.unwrap_or(Points::ONE)
    });
    fields.end(reasons);
    if !remarks.reasons.is_empty() {
        return (id, Err(remarks.reasons));
    }
    let (content, key, per_option) = parts;
    let explanations = Explanations { general, per_option };
    let draft = Draft {
        explanations,
        domains,
        difficulty,
        points,
        changes: remarks.changes,
        ..Draft::new(prompt, content, key)
    };
    (id, Ok(draft))
}

fn choice(fields: &mut Fields, remarks: &mut Remarks) -> Parts {
    let Remarks { reasons, changes } = remarks;
    let choose = fields.count("choose", reasons);
    let multiple = fields.flag("multiple", reasons).unwrap_or(choose.is_some_and(|choose| choose > 1));
    let (mut options, mut right, mut weights, mut per_option) = (Vec::new(), BTreeSet::new(), Vec::new(), Vec::new());
    let (mut weighted, mut marked) = (false, false);
    for (index, mut option) in fields.objects("options", "Option", reasons).into_iter().enumerate() {
        let text = option.required_text("text", reasons);
        let pinned = option.flag("pinned", reasons).unwrap_or(false);
        options.push(ChoiceOption { text, pinned });
        weighted |= option.has("weight");
        marked |= option.has("correct");
        weights.push(option.weight(reasons, changes).unwrap_or(Weight::ZERO));
        if option.flag("correct", reasons).unwrap_or(false) {
            right.insert(index);
        }
        per_option.push(option.text("rationale", reasons));
        option.end(reasons);
    }
    if weighted && marked {
        reasons.push("Some options have \"correct\" and some \"weight\". Use one of them for all.".to_owned());
    }
    let key = if weighted { ChoiceKey::Weighted { weights } } else { ChoiceKey::Correct { options: right } };
    if per_option.iter().all(Option::is_none) {
        per_option.clear();
    }
    (Content::Choice { options, multiple, choose }, Key::Choice(key), per_option)
}

fn numeric(fields: &mut Fields, remarks: &mut Remarks) -> Parts {
    let unit = fields.text("unit", &mut remarks.reasons);
    let answers = fields.objects("accept", "Answer", &mut remarks.reasons);
    let key = numeric_key(answers, remarks);
    (Content::Numeric { unit }, Key::Numeric(key), Vec::new())
}

fn numeric_key(answers: Vec<Fields>, remarks: &mut Remarks) -> NumericKey {
    let Remarks { reasons, changes } = remarks;
    let mut accepted = Vec::new();
    for mut answer in answers {
        let range = if answer.has("min") || answer.has("max") {
            for end in ["min", "max"] {
                if !answer.has(end) {
                    answer.missing(end, reasons);
                }
            }
            answer.decimal("min", reasons).zip(answer.decimal("max", reasons))
        } else {
            if !answer.has("value") {
                answer.missing("value", reasons);
            }
            let tolerance = answer.decimal("tolerance", reasons).unwrap_or_default();
            answer.decimal("value", reasons).map(|value| {
                let NumericAnswer { min, max, .. } = NumericAnswer::within(&value, &tolerance);
                (min, max)
            })
        };
        let weight = answer.weight(reasons, changes).unwrap_or(Weight::FULL);
        answer.end(reasons);
        accepted.extend(range.map(|(min, max)| NumericAnswer { min, max, weight }));
    }
    NumericKey { accepted }
}

fn short_text(fields: &mut Fields, remarks: &mut Remarks) -> Parts {
    let answers = fields.objects("accept", "Answer", &mut remarks.reasons);
    let key = text_key(fields, answers, remarks);
    (Content::ShortText {}, Key::ShortText(key), Vec::new())
}

/// `fields` is what the answers belong to: the question or a blank.
fn text_key(fields: &mut Fields, answers: Vec<Fields>, remarks: &mut Remarks) -> TextKey {
    let Remarks { reasons, changes } = remarks;
    let case_sensitive = fields.flag("case_sensitive", reasons).unwrap_or(false);
    let accent_sensitive = fields.flag("accent_sensitive", reasons).unwrap_or(false);
    let mut accepted = Vec::new();
    for mut answer in answers {
        let pattern = answer.required_text("text", reasons);
        let weight = answer.weight(reasons, changes).unwrap_or(Weight::FULL);
        answer.end(reasons);
        accepted.push(TextAnswer { pattern, weight });
    }
    TextKey { accepted, case_sensitive, accent_sensitive }
}

fn matching(fields: &mut Fields, remarks: &mut Remarks) -> Parts {
    let reasons = &mut remarks.reasons;
    let (mut stems, mut texts) = (Vec::new(), Vec::new());
    for mut pair in fields.objects("pairs", "Pair", reasons) {
        stems.push(pair.required_text("stem", reasons));
        texts.push(pair.required_text("choice", reasons));
        pair.end(reasons);
    }
    let distractors = fields.texts("distractors", reasons);
    // The order of the choices, when it is not that of the pairs.
    let choices = match fields.texts("choices", reasons) {
        Some(choices) => {
            if distractors.is_some() {
                reasons.push("Give either \"distractors\" or all \"choices\", not both.".to_owned());
            }
            choices
        }
        None => {
            let mut choices: Vec<String> = Vec::new();
            for text in &texts {
                remark(&mut choices, text.clone());
            }
            // A distractor that is also a choice stays: the lint names it.
            choices.extend(distractors.into_iter().flatten());
            choices
        }
    };
    let mut pairs = Vec::new();
    for text in texts {
        match choices.iter().position(|choice| *choice == text) {
            Some(index) => pairs.push(index),
            None => reasons.push(format!("The choice {} of a pair is not among the \"choices\".", quote(&text))),
        }
    }
    (Content::Matching { stems, choices }, Key::Matching { pairs }, Vec::new())
}

fn ordering(fields: &mut Fields, remarks: &mut Remarks) -> Parts {
    let reasons = &mut remarks.reasons;
    if !fields.has("items") {
        fields.missing("items", reasons);
    }
    let items = fields.texts("items", reasons).unwrap_or_default();
    // The items stand in the right order, unless "order" says otherwise.
    let order = match fields.list("order", reasons) {
        None => (0..items.len()).collect(),
        Some(places) => {
            let number = |node: &Node| match node {
                Node::Number(number) => usize::try_from(number.as_u64()?).ok()?.checked_sub(1),
                _ => None,
            };
            places.iter().map(number).collect::<Option<_>>().unwrap_or_else(|| {
                reasons.push("The question: \"order\" must be a list of item numbers.".to_owned());
                Vec::new()
            })
        }
    };
    (Content::Ordering { items }, Key::Ordering { order }, Vec::new())
}

fn cloze(fields: &mut Fields, remarks: &mut Remarks) -> Parts {
    let (mut blanks, mut keys) = (Vec::new(), Vec::new());
    for (index, mut blank) in fields.objects("blanks", "Blank", &mut remarks.reasons).into_iter().enumerate() {
        let (content, key) = if blank.has("options") {
            dropdown(&mut blank, index + 1, remarks)
        } else {
            typed(&mut blank, index + 1, remarks)
        };
        blank.end(&mut remarks.reasons);
        blanks.push(content);
        keys.push(key);
    }
    (Content::Cloze { blanks }, Key::Cloze { blanks: keys }, Vec::new())
}

fn dropdown(blank: &mut Fields, number: usize, remarks: &mut Remarks) -> (Blank, BlankKey) {
    let reasons = &mut remarks.reasons;
    let (mut options, mut right) = (Vec::new(), Vec::new());
    let each = format!("Blank {number}, option");
    for (index, mut option) in blank.objects("options", &each, reasons).into_iter().enumerate() {
        options.push(option.required_text("text", reasons));
        if option.flag("correct", reasons).unwrap_or(false) {
            right.push(index);
        }
        option.end(reasons);
    }
    if right.len() != 1 {
        reasons.push(format!("Blank {number} must have one correct option, but has {}.", right.len()));
    }
    (Blank::Dropdown { options }, BlankKey::Dropdown { correct: right.first().copied().unwrap_or(0) })
}

fn typed(blank: &mut Fields, number: usize, remarks: &mut Remarks) -> (Blank, BlankKey) {
    let answers = blank.objects("accept", &format!("Blank {number}, answer"), &mut remarks.reasons);
    if answers.iter().any(|answer| answer.has("value") || answer.has("min") || answer.has("max")) {
        (Blank::Number {}, BlankKey::Number(numeric_key(answers, remarks)))
    } else {
        (Blank::Text {}, BlankKey::Text(text_key(blank, answers, remarks)))
    }
}
