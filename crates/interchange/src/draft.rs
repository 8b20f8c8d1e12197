//! A question on its way in: what every format hands over, and the judgement that makes an [`Item`] of it.

use crate::limits::{ACCEPTED, BLANKS, DOMAINS, NAME_CHARS, PART_BYTES, PROMPT_BYTES};
use crate::markdown::{Seen, cleaned};
use crate::reading::{Item, Outcome};
use exam::question::{
    Blank, BlankKey, Content, Difficulty, Explanations, Flaw, Key, Points, Question, Severity, TextKey, fold_text, lint,
};
use exam::sealed::Sealed;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// A question as parsed, before limits and lint.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) prompt: String,
    pub(crate) content: Content,
    pub(crate) key: Key,
    pub(crate) explanations: Explanations,
    pub(crate) domains: Vec<String>,
    pub(crate) difficulty: Option<Difficulty>,
    pub(crate) points: Points,
    /// In which ways it is not exactly what the file says.
    pub(crate) changes: Vec<String>,
    pub(crate) warnings: Vec<String>,
}

impl Draft {
    /// A question worth one point, with neither explanation, domain nor difficulty.
    pub(crate) fn new(prompt: String, content: Content, key: Key) -> Self {
        Self {
            prompt,
            content,
            key,
            explanations: Explanations::default(),
            domains: Vec::new(),
            difficulty: None,
            points: Points::ONE,
            changes: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

/// Adds a remark unless it has been made.
pub(crate) fn remark(remarks: &mut Vec<String>, remark: impl Into<String>) {
    let remark = remark.into();
    if !remarks.contains(&remark) {
        remarks.push(remark);
    }
}

/// A quotation for a reason: short, on one line.
pub(crate) fn quote(text: &str) -> String {
    let mut words = String::new();
    for word in text.split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.extend(word.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(61));
        if words.len() > 240 {
            break;
        }
    }
    let mut characters = words.chars();
    let start: String = characters.by_ref().take(60).collect();
    if characters.next().is_some() { format!("“{start}…”") } else { format!("“{start}”") }
}

/// The most reasons given for one question.
const MOST_REASONS: usize = 20;

/// Makes the item of a question: refused for what the format found, for limits or for a flaw that forbids asking it.
pub(crate) fn judge(line: usize, reference: Option<String>, parsed: Result<Draft, Vec<String>>) -> Item {
    let refused = |reasons: Vec<String>| {
        let outcome = Outcome::Refused(the_first(reasons));
        Item { line, reference: reference.clone(), outcome, warnings: Vec::new() }
    };
    let draft = match parsed {
        Ok(draft) => draft,
        Err(reasons) => return refused(reasons),
    };
    let beyond = beyond_limits(&draft);
    if !beyond.is_empty() {
        return refused(beyond);
    }
    let Draft { prompt, content, key, explanations, domains, difficulty, points, mut changes, mut warnings } = draft;
    let prompt = cleaned(prompt, &mut changes);
    let content = cleaned_content(content, &mut changes);
    let explanations = cleaned_explanations(explanations, &mut changes);
    let (key, explanations) = (Sealed::new(key), Sealed::new(explanations));
    let question = Question { prompt, content, key, explanations, domains, difficulty, points };
    let mut flaws = lint(&question);
    for flaw in unseen(&question) {
        if !flaws.contains(&flaw) {
            flaws.push(flaw);
        }
    }
    let (errors, hints): (Vec<Flaw>, Vec<Flaw>) =
        flaws.into_iter().partition(|flaw| flaw.severity() == Severity::Error);
    if !errors.is_empty() {
        // What was removed on the way may be why: an option that was only an image is empty now.
        return refused(errors.iter().map(sentence).chain(changes).collect());
    }
    warnings.extend(hints.iter().map(sentence));
    let outcome = if changes.is_empty() { Outcome::Ok(question) } else { Outcome::Changed(question, changes) };
    Item { line, reference, outcome, warnings }
}

/// The parts without what pages leave out; dropdowns are plain text.
fn cleaned_content(content: Content, changes: &mut Vec<String>) -> Content {
    let mut all = |texts: Vec<String>| texts.into_iter().map(|text| cleaned(text, changes)).collect();
    match content {
        Content::Choice { mut options, multiple, choose } => {
            for option in &mut options {
                option.text = cleaned(std::mem::take(&mut option.text), changes);
            }
            Content::Choice { options, multiple, choose }
        }
        Content::Matching { stems, choices } => Content::Matching { stems: all(stems), choices: all(choices) },
        Content::Ordering { items } => Content::Ordering { items: all(items) },
        Content::Numeric { .. } | Content::ShortText {} | Content::Cloze { .. } => content,
    }
}

fn cleaned_explanations(explanations: Explanations, changes: &mut Vec<String>) -> Explanations {
    let mut clean = |text: Option<String>| text.map(|text| cleaned(text, changes));
    Explanations {
        general: clean(explanations.general),
        per_option: explanations.per_option.into_iter().map(clean).collect(),
    }
}

/// Flaws that only show once the Markdown is read: texts of which nothing is seen, parts that read the same, blanks that
/// stand where no field can.
fn unseen(question: &Question) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let prompt = Seen::of(&question.prompt);
    if prompt.is_empty() {
        flaws.push(Flaw::NoPrompt);
    }
    let mut look = |what: [&'static str; 2], texts: Vec<&str>| {
        let mut first: HashMap<String, usize> = HashMap::new();
        for (index, text) in texts.into_iter().enumerate() {
            let seen = Seen::of(text);
            if seen.is_empty() {
                flaws.push(Flaw::Empty { what: what[0], number: index + 1 });
                continue;
            }
            match first.entry(fold_text(&seen.identity(), true, true)) {
                Entry::Occupied(first) => {
                    flaws.push(Flaw::Duplicate { what: what[1], first: first.get() + 1, second: index + 1 });
                }
                Entry::Vacant(place) => drop(place.insert(index)),
            }
        }
    };
    match &question.content {
        Content::Choice { options, .. } => {
            look(["option", "options"], options.iter().map(|option| option.text.as_str()).collect());
        }
        Content::Matching { stems, choices } => {
            look(["stem", "stems"], stems.iter().map(String::as_str).collect());
            look(["choice", "choices"], choices.iter().map(String::as_str).collect());
        }
        Content::Ordering { items } => look(["item", "items"], items.iter().map(String::as_str).collect()),
        Content::Cloze { blanks } => {
            let mut marks = prompt.blanks();
            marks.sort_unstable();
            if !marks.into_iter().eq(1..=blanks.len()) {
                flaws.push(Flaw::BlankMarks { blanks: blanks.len() });
            }
        }
        Content::Numeric { .. } | Content::ShortText {} => {}
    }
    flaws
}

/// A question can be broken in a hundred thousand places; nobody reads more than a few reasons.
fn the_first(mut reasons: Vec<String>) -> Vec<String> {
    let more = reasons.len().saturating_sub(MOST_REASONS);
    reasons.truncate(MOST_REASONS);
    if more > 0 {
        reasons.push(format!("And {more} more."));
    }
    reasons
}

/// A title as a reference: on one line, of bounded length; None when it is empty.
pub(crate) fn label(title: &str) -> Option<String> {
    let words = title.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(words.chars().filter(|c| !c.is_control()).take(NAME_CHARS).collect::<String>())
        .filter(|label| !label.is_empty())
}

fn sentence(flaw: &Flaw) -> String {
    let text = flaw.to_string();
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), characters.as_str()),
        None => text,
    }
}

/// What is longer or more than can be stored, and characters that no text may hold. Checked before the lint, whose work
/// grows with the square of the number of parts.
fn beyond_limits(draft: &Draft) -> Vec<String> {
    let mut reasons = Vec::new();
    let (parts, what) = parts(&draft.content);
    if parts.len() > 1_000 {
        let flaw = Flaw::TooMany { what, found: parts.len(), most: 26 };
        return vec![sentence(&flaw)];
    }
    for count in accepted(&draft.key).filter(|count| *count > ACCEPTED) {
        reasons.push(format!("It accepts {count} answers, at most {ACCEPTED} are possible."));
    }
    if let Content::Cloze { blanks } = &draft.content
        && blanks.len() > BLANKS
    {
        reasons.push(format!("It has {} blanks, at most {BLANKS} are possible.", blanks.len()));
    }
    if draft.domains.len() > DOMAINS {
        reasons.push(format!("It has {} domains, at most {DOMAINS} are possible.", draft.domains.len()));
    }
    if let Some(domain) = draft.domains.iter().find(|domain| domain.chars().count() > NAME_CHARS) {
        reasons.push(format!("The domain {} is longer than {NAME_CHARS} characters.", quote(domain)));
    }
    if let Content::Numeric { unit: Some(unit) } = &draft.content
        && unit.chars().count() > NAME_CHARS
    {
        reasons.push(format!("The unit {} is longer than {NAME_CHARS} characters.", quote(unit)));
    }
    let texts = [("question text", draft.prompt.as_str(), PROMPT_BYTES)]
        .into_iter()
        .chain(draft.explanations.general.iter().map(|text| ("explanation", text.as_str(), PROMPT_BYTES)))
        .chain(draft.explanations.per_option.iter().flatten().map(|text| ("explanation", text.as_str(), PART_BYTES)))
        .chain(parts.into_iter().map(|text| ("part", text, PART_BYTES)))
        .chain(patterns(&draft.key).into_iter().map(|text| ("answer", text, PART_BYTES)))
        .chain(draft.domains.iter().map(|text| ("domain", text.as_str(), PART_BYTES)));
    for (what, text, most) in texts {
        if text.len() > most {
            reasons.push(format!("The {what} {} is longer than {most} bytes.", quote(text)));
        } else if let Some(control) = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) {
            let code = u32::from(control);
            reasons.push(format!("The {what} {} holds the control character U+{code:04X}. Remove it.", quote(text)));
        }
    }
    reasons
}

fn parts(content: &Content) -> (Vec<&str>, &'static str) {
    fn borrowed<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<&'a str> {
        texts.map(String::as_str).collect()
    }
    match content {
        Content::Choice { options, .. } => (borrowed(options.iter().map(|option| &option.text)), "options"),
        Content::Numeric { unit } => (borrowed(unit.iter()), "units"),
        Content::ShortText {} => (Vec::new(), "answers"),
        Content::Matching { stems, choices } => (borrowed(stems.iter().chain(choices)), "stems and choices"),
        Content::Ordering { items } => (borrowed(items.iter()), "items"),
        Content::Cloze { blanks } => {
            let options = blanks.iter().filter_map(|blank| match blank {
                Blank::Dropdown { options } => Some(options),
                Blank::Text {} | Blank::Number {} => None,
            });
            (borrowed(options.flatten()), "options")
        }
    }
}

fn accepted(key: &Key) -> impl Iterator<Item = usize> {
    let counts = match key {
        Key::Numeric(key) => vec![key.accepted.len()],
        Key::ShortText(key) => vec![key.accepted.len()],
        Key::Cloze { blanks } => blanks
            .iter()
            .map(|blank| match blank {
                BlankKey::Text(key) => key.accepted.len(),
                BlankKey::Number(key) => key.accepted.len(),
                BlankKey::Dropdown { .. } => 1,
            })
            .collect(),
        Key::Choice(_) | Key::Matching { .. } | Key::Ordering { .. } => Vec::new(),
    };
    counts.into_iter()
}

fn patterns(key: &Key) -> Vec<&str> {
    fn of(key: &TextKey) -> impl Iterator<Item = &str> {
        key.accepted.iter().map(|answer| answer.pattern.as_str())
    }
    match key {
        Key::ShortText(key) => of(key).collect(),
        Key::Cloze { blanks } => {
            let texts =
                blanks.iter().filter_map(|blank| if let BlankKey::Text(key) = blank { Some(key) } else { None });
            texts.flat_map(of).collect()
        }
        _ => Vec::new(),
    }
}
