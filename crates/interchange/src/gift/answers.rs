//! What stands between the braces, kind by kind.

use super::choice;
use super::escapes::{bare, find, split_once, unescape};
use super::question::Text;
use super::weight::{self, Percent};
use crate::draft::{Draft, quote, remark};
use crate::markdown::Markup;
use exam::question::{Content, Key, NumericAnswer, NumericKey, TextAnswer, TextKey, Weight};

/// Reads the answers; the prompt and the general explanation are the caller's.
pub(super) fn parse(inside: &str, markup: Markup, changes: Vec<String>) -> Result<Draft, Vec<String>> {
    let mut draft = if inside.is_empty() {
        Err(vec!["It has no answers between { and }. Essays are not imported yet.".to_owned()])
    } else if let Some(numbers) = inside.strip_prefix('#') {
        numeric(numbers, markup)
    } else if find(inside, "~").is_some() {
        choice::parse(inside, markup)
    } else if find(inside, "=").is_some() && find(inside, "->").is_some() {
        matching(inside, markup)
    } else if let Some(draft) = choice::true_false(inside, markup) {
        Ok(draft)
    } else {
        short_text(inside, markup)
    }?;
    for change in changes {
        remark(&mut draft.changes, change);
    }
    if !matches!(draft.content, Content::Numeric { .. })
        && let Some(word) = stray_equals(inside)
    {
        let warning = format!("The = in {} starts an answer. Write \\= if it belongs to a text.", quote(word));
        remark(&mut draft.warnings, warning);
    }
    Ok(draft)
}

/// A word with an `=` inside, among answers that otherwise start behind a blank: `~if x=5 ~if x=6`.
fn stray_equals(inside: &str) -> Option<&str> {
    let marks: Vec<(usize, char)> = bare(inside).filter(|(at, c)| *at > 0 && matches!(c, '=' | '~')).collect();
    let spaced = |at: usize| inside[..at].ends_with(char::is_whitespace);
    if !marks.iter().any(|(at, _)| spaced(*at)) {
        return None;
    }
    let (at, _) = marks.iter().find(|(at, c)| *c == '=' && !spaced(*at))?;
    let word_start = inside[..*at].trim_end_matches(|c: char| !c.is_whitespace()).len();
    inside[word_start..].split_whitespace().next()
}

/// More answers than this are not looked at; how many a question may have is checked later.
const MOST_ANSWERS: usize = 1_000;

/// One answer with the mark before it.
pub(super) struct Answer<'a> {
    /// Whether `=` stands before it; else `~` does.
    pub(super) right: bool,
    pub(super) percent: Option<Percent>,
    /// Its text, weight and feedback taken off.
    pub(super) text: &'a str,
    pub(super) feedback: Option<&'a str>,
}

/// Splits at the marks; refuses text before the first one.
pub(super) fn split<'a>(inside: &'a str, marks: &[char]) -> Result<Vec<Answer<'a>>, Vec<String>> {
    let places: Vec<(usize, char)> = bare(inside).filter(|(_, c)| marks.contains(c)).collect();
    if places.len() > MOST_ANSWERS {
        return Err(vec![format!("It has {} answers, which is more than any question can have.", places.len())]);
    }
    let start = places.first().map_or(inside.len(), |(at, _)| *at);
    if !inside[..start].trim().is_empty() {
        let text = quote(&unescape(&inside[..start]));
        return Err(vec![format!("Put = (right) or ~ (wrong) before the answer {text}.")]);
    }
    let ends = places.iter().skip(1).map(|(at, _)| *at).chain([inside.len()]);
    let mut reasons = Vec::new();
    let quoted = |at: usize| {
        inside[at + 1..].starts_with(['"', '\'']) && inside[..at].ends_with(|c: char| c.is_ascii_alphanumeric())
    };
    if places.iter().any(|(at, mark)| *mark == '=' && quoted(*at)) {
        reasons.push("An HTML attribute holds an = that starts an answer. Write \\= for it.".to_owned());
    }
    let mut answers = Vec::with_capacity(places.len());
    for ((at, mark), end) in places.iter().zip(ends) {
        let whole = inside[at + 1..end].trim();
        let (percent, rest) = match weight::take(whole) {
            Some((Ok(percent), rest)) => (Some(percent), rest),
            Some((Err(reason), rest)) => {
                reasons.push(reason);
                (None, rest)
            }
            None => (None, whole),
        };
        let (text, feedback) = split_once(rest, "#").unwrap_or((rest, ""));
        let (text, feedback) = (text.trim(), feedback.trim());
        answers.push(Answer {
            right: *mark == '=',
            percent,
            text,
            feedback: Some(feedback).filter(|text| !text.is_empty()),
        });
    }
    if reasons.is_empty() { Ok(answers) } else { Err(reasons) }
}

pub(super) fn remark_rounding(answers: &[Answer<'_>], changes: &mut Vec<String>) {
    if answers.iter().any(|answer| answer.percent.is_some_and(|percent| percent.rounded)) {
        remark(changes, "Weights were rounded to five digits after the point.");
    }
}

/// Feedback of answers that cannot carry their own, as one explanation.
fn merged_feedback(answers: &[Answer<'_>], markup: Markup, changes: &mut Vec<String>) -> Option<String> {
    let mut paragraphs = Vec::new();
    for (answer, feedback) in answers.iter().filter_map(|answer| Some((answer, answer.feedback?))) {
        let feedback = Text::new(feedback, markup).markdown(changes);
        let name = crate::markdown::plain(&Text::new(answer.text, markup).plain());
        paragraphs.push(if answer.right { format!("{name}: {feedback}") } else { feedback });
    }
    if paragraphs.is_empty() {
        return None;
    }
    remark(changes, "The feedback on its answers became part of the explanation.");
    Some(paragraphs.join("\n\n"))
}

fn short_text(inside: &str, markup: Markup) -> Result<Draft, Vec<String>> {
    let answers = split(inside, &['='])?;
    if answers.is_empty() {
        return Err(vec![format!("Put = before the answer {}.", quote(&unescape(inside)))]);
    }
    let accepted = answers.iter().map(|answer| TextAnswer {
        pattern: Text::new(answer.text, markup).plain(),
        weight: answer.percent.map_or(Weight::FULL, |percent| percent.weight),
    });
    let key = TextKey { accepted: accepted.collect(), case_sensitive: false, accent_sensitive: true };
    let mut reasons = Vec::new();
    if key.accepted.iter().any(|answer| answer.pattern.is_empty()) {
        reasons.push("An answer is empty. Write it behind its =.".to_owned());
    } else if !key.accepted.iter().any(|answer| answer.weight >= Weight::FULL) {
        reasons.push("No answer earns full marks. Remove the weight of the right one.".to_owned());
    }
    if !reasons.is_empty() {
        return Err(reasons);
    }
    let mut draft = Draft::new(String::new(), Content::ShortText {}, Key::ShortText(key));
    remark_rounding(&answers, &mut draft.changes);
    draft.explanations.general = merged_feedback(&answers, markup, &mut draft.changes);
    Ok(draft)
}

fn matching(inside: &str, markup: Markup) -> Result<Draft, Vec<String>> {
    let mut changes = Vec::new();
    let (mut stems, mut choices, mut pairs): (Vec<String>, Vec<String>, Vec<usize>) = Default::default();
    let mut reasons = Vec::new();
    let starts: Vec<usize> = bare(inside).filter(|(_, c)| *c == '=').map(|(at, _)| at).collect();
    if !inside[..starts[0]].trim().is_empty() {
        reasons.push(format!("Put = before the pair {}.", quote(&unescape(&inside[..starts[0]]))));
    }
    if starts.len() > MOST_ANSWERS {
        return Err(vec![format!("It has {} pairs, which is more than any question can have.", starts.len())]);
    }
    let ends = starts.iter().skip(1).copied().chain([inside.len()]);
    for (start, end) in starts.iter().zip(ends) {
        let pair = inside[start + 1..end].trim();
        let Some((stem, choice)) = split_once(pair, "->") else {
            reasons.push(format!("Put -> between the two sides of the pair {}.", quote(&unescape(pair))));
            continue;
        };
        let stem = Text::new(stem, markup).markdown(&mut changes);
        // Moodle shows choices in a drop-down list, where nothing is markup.
        let choice = crate::markdown::plain(&unescape(choice));
        if choice.is_empty() {
            reasons.push(format!("The pair {} has nothing behind its ->.", quote(&unescape(pair))));
            continue;
        }
        let known = choices.iter().position(|known| *known == choice);
        let index = known.unwrap_or(choices.len());
        if known.is_none() {
            choices.push(choice);
        }
        // A pair without its left side is a choice that fits nothing.
        if !stem.is_empty() {
            stems.push(stem);
            pairs.push(index);
        }
    }
    if !reasons.is_empty() {
        return Err(reasons);
    }
    let mut draft = Draft::new(String::new(), Content::Matching { stems, choices }, Key::Matching { pairs });
    draft.changes = changes;
    Ok(draft)
}

fn numeric(inside: &str, markup: Markup) -> Result<Draft, Vec<String>> {
    // Moodle reads `~` as the feedback for all other numbers.
    let (numbers, wrong) = find(inside, "~").map_or((inside, None), |at| (&inside[..at], Some(&inside[at..])));
    let numbers = numbers.trim();
    let marked;
    let answers = match find(numbers, "=") {
        Some(_) => split(numbers, &['='])?,
        None => {
            marked = format!("={numbers}");
            split(&marked, &['='])?
        }
    };
    let mut reasons = Vec::new();
    let mut accepted = Vec::new();
    for answer in &answers {
        let weight = answer.percent.map_or(Weight::FULL, |percent| percent.weight);
        let text = unescape(answer.text);
        match range(&text) {
            Some((min, max)) => accepted.push(NumericAnswer { min, max, weight }),
            // Everything for no marks: a place for feedback.
            None if text == "*" && weight == Weight::ZERO => {}
            None if text.is_empty() => reasons.push("There is no number behind #.".to_owned()),
            None => reasons.push(format!("{} is not a number. Write it like 3.14, 3.14:0.01 or 3..4.", quote(&text))),
        }
    }
    if reasons.is_empty() && !accepted.iter().any(|answer| answer.weight >= Weight::FULL) {
        reasons.push("No number earns full marks. Remove the weight of the right one.".to_owned());
    }
    if !reasons.is_empty() {
        return Err(reasons);
    }
    let mut draft = Draft::new(String::new(), Content::Numeric { unit: None }, Key::Numeric(NumericKey { accepted }));
    remark_rounding(&answers, &mut draft.changes);
    let wrong = wrong.map_or(Ok(Vec::new()), |wrong| split(wrong, &['~']))?;
    if let Some(answer) = wrong.iter().find(|answer| !answer.text.is_empty()) {
        return Err(vec![format!("{} is not a number to accept. Put = before it, or remove it.", quote(answer.text))]);
    }
    let all: Vec<Answer<'_>> = answers.into_iter().chain(wrong).collect();
    draft.explanations.general = merged_feedback(&all, markup, &mut draft.changes);
    Ok(draft)
}

/// `3.14`, `3.14:0.01` or `3..4`.
fn range(text: &str) -> Option<(bigdecimal::BigDecimal, bigdecimal::BigDecimal)> {
    let number = NumericKey::parse_number;
    if let Some((min, max)) = text.split_once("..") {
        return Some((number(min)?, number(max)?));
    }
    let (value, tolerance) = text.split_once(':').unwrap_or((text, "0"));
    let NumericAnswer { min, max, .. } = NumericAnswer::within(&number(value)?, &number(tolerance)?);
    Some((min, max))
}
