//! One block of a GIFT file: its title, its text, and where its answers are.

use super::answers;
use super::escapes::{bare, split_last, split_once, unescape};
use crate::draft::{Draft, label, quote};
use crate::limits::{PROMPT_BYTES, QUESTION_BYTES};
use crate::markdown::{self, Markup};

/// `$CATEGORY: a/b/c`: the last part of its path, unless that is one of Moodle's own names.
pub(super) fn category(block: &str) -> Option<Option<String>> {
    let path = block.trim_start().strip_prefix("$CATEGORY:")?;
    // A doubled slash stands for a slash within a name.
    let path = path.replace("//", "\u{1}");
    let last = path.split('/').map(str::trim).rfind(|part| !part.is_empty()).map(|part| part.replace('\u{1}', "/"));
    let last = last.filter(|part| !matches!(part.as_str(), "top" | "$course$" | "$system$" | "$module$" | "$cat1$"));
    Some(last.map(|part| unescape(&part).trim().to_owned()))
}

/// A text of a question and how it is marked up.
pub(super) struct Text<'a> {
    pub(super) source: &'a str,
    pub(super) markup: Markup,
}

impl<'a> Text<'a> {
    /// Takes `[html]` and the like off the start of a text.
    pub(super) fn new(source: &'a str, default: Markup) -> Self {
        let source = source.trim();
        let marked = source.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        match marked.and_then(|(name, rest)| Some((Markup::from_name(name)?, rest))) {
            Some((markup, rest)) => Self { source: rest, markup },
            None => Self { source, markup: default },
        }
    }

    /// As Markdown. Too long a text is left as it is: it will be refused for its length.
    pub(super) fn markdown(&self, changes: &mut Vec<String>) -> String {
        let text = unescape(self.source);
        if text.len() > PROMPT_BYTES { text.into_owned() } else { markdown::from(&text, self.markup, changes) }
    }

    /// As typed, for texts that are compared and not shown.
    pub(super) fn plain(&self) -> String {
        unescape(self.source).trim().to_owned()
    }
}

/// The title and the question of a block.
pub(super) fn parse(block: &str) -> (Option<String>, Result<Draft, Vec<String>>) {
    let refused = |reason: &str| Err(vec![reason.to_owned()]);
    let block = block.trim();
    if block.len() > QUESTION_BYTES {
        return (None, refused(&format!("The question is longer than {QUESTION_BYTES} bytes.")));
    }
    let (title, text) = match block.strip_prefix("::") {
        None => (None, block),
        Some(rest) => match split_once(rest, "::") {
            Some((title, text)) => (Some(unescape(title).trim().to_owned()), text.trim()),
            None => return (None, refused("The title starts with :: but does not end. Put :: behind it.")),
        },
    };
    let parsed = match places(text) {
        Ok((before, inside, after)) => assemble(before, inside, after),
        Err(reason) => refused(reason),
    };
    (title.as_deref().and_then(label), parsed)
}

/// The texts before, between and after the braces.
fn places(text: &str) -> Result<(&str, &str, &str), &'static str> {
    let mut braces = bare(text).filter(|(_, c)| matches!(c, '{' | '}'));
    match (braces.next(), braces.next(), braces.next()) {
        (None, ..) => Err("It has no answers in { }. Descriptions are not imported: add answers or remove it."),
        (Some((_, '}')), ..) => Err("There is a } without a { before it. Put \\ before it if it belongs to the text."),
        (Some(_), None, _) => Err("The { is never closed. Put } behind the last answer."),
        (Some(_), Some((_, '{')), _) => {
            Err("There is a second { before the first is closed. Put } behind the last answer.")
        }
        (Some(_), Some(_), Some(_)) => Err(
            "It has more than one { }. Leave a blank line between questions, and put \\ before braces that belong to a text.",
        ),
        (Some((open, _)), Some((close, _)), None) => Ok((&text[..open], &text[open + 1..close], &text[close + 1..])),
    }
}

fn assemble(before: &str, inside: &str, after: &str) -> Result<Draft, Vec<String>> {
    let mut changes = Vec::new();
    let gap = if after.is_empty() { "" } else { "_____" };
    let whole = format!("{before}{gap}{after}");
    let text = Text::new(&whole, Markup::Moodle);
    let prompt = text.markdown(&mut changes);
    let (inside, general) = split_last(inside, "####").unwrap_or((inside, ""));
    let mut draft = answers::parse(inside.trim(), text.markup, changes)?;
    draft.prompt = prompt;
    let general = Text::new(general, text.markup).markdown(&mut draft.changes);
    draft.explanations.general = join(general, draft.explanations.general.take());
    if draft.prompt.is_empty() && !whole.trim().is_empty() {
        return Err(
            [vec![format!("Nothing is left of the text {}.", quote(&unescape(&whole)))], draft.changes].concat()
        );
    }
    Ok(draft)
}

/// The explanation for the question, followed by feedback that belongs to answers which cannot carry their own.
fn join(general: String, feedback: Option<String>) -> Option<String> {
    match (general.is_empty(), feedback) {
        (true, feedback) => feedback,
        (false, None) => Some(general),
        (false, Some(feedback)) => Some(format!("{general}\n\n{feedback}")),
    }
}
