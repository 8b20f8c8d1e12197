//! The Examhall archive: JSON that holds everything a question has, so that a bank survives the way out and back.

mod fields;
mod frame;
mod node;
mod numbers;
mod question;
mod write;

pub use write::write_archive;

use crate::draft::{judge, label, quote};
use crate::limits::{NAME_CHARS, PROMPT_BYTES, QUESTION_BYTES, QUESTIONS};
use crate::reading::{BankInfo, Item, Reading, Unreadable};
use fields::Fields;
use frame::{Frame, Raw};
use node::Node;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The version this crate reads and writes.
const VERSION: u64 = 1;

/// Reads an archive.
pub(crate) fn read(text: &str) -> Result<Reading, Unreadable> {
    let frame = Frame::read(text)?;
    check_marks(&frame)?;
    let mut notes = frame.notes;
    let bank = match frame.members.iter().find(|(name, _)| name == "bank") {
        Some((_, raw)) => Some(bank(raw, &mut notes)?),
        None => None,
    };
    for (name, _) in &frame.members {
        if !matches!(name.as_str(), "examhall" | "version" | "bank") {
            notes.push(format!("The field {} of the archive was ignored.", quote(name)));
        }
    }
    let questions = frame.questions.ok_or_else(|| bad(1, "The archive lacks the list \"questions\"."))?;
    if questions.len() > QUESTIONS {
        return Err(Unreadable::TooManyQuestions { most: QUESTIONS });
    }
    let mut lines_of_ids = HashMap::new();
    let items = questions.iter().map(|raw| item(raw, &mut lines_of_ids)).collect();
    Ok(Reading { bank, items, notes })
}

fn bad(line: usize, reason: impl Into<String>) -> Unreadable {
    Unreadable::BadArchive { line, reason: reason.into() }
}

fn check_marks(frame: &Frame<'_>) -> Result<(), Unreadable> {
    let mark = |wanted: &str| frame.members.iter().find(|(name, _)| name == wanted).map(|(_, raw)| raw);
    match mark("examhall") {
        Some(raw) if raw.text == "\"bank\"" => {}
        Some(raw) => return Err(bad(raw.line, "This archive holds no bank: \"examhall\" must be \"bank\".")),
        None => return Err(bad(1, "This is JSON, but not an Examhall archive: it lacks \"examhall\": \"bank\".")),
    }
    match mark("version") {
        Some(raw) if raw.text.parse() == Ok(VERSION) => Ok(()),
        Some(raw) => {
            Err(bad(raw.line, format!("The archive has version {}, but only {VERSION} can be read.", quote(raw.text))))
        }
        None => Err(bad(1, "The archive lacks its \"version\": 1.")),
    }
}

fn bank(raw: &Raw<'_>, notes: &mut Vec<String>) -> Result<BankInfo, Unreadable> {
    let node = parse(raw).map_err(|reason| bad(raw.line, reason))?;
    let mut reasons = Vec::new();
    let Some(mut fields) = Fields::new("The bank", node, &mut reasons) else {
        return Err(bad(raw.line, reasons.join(" ")));
    };
    let mut text = |name| fields.text(name, &mut reasons).unwrap_or_default();
    let bank = BankInfo {
        slug: text("slug"),
        title: text("title"),
        description: text("description"),
        licence: text("licence"),
    };
    for text in [&bank.slug, &bank.title, &bank.description, &bank.licence] {
        if text.len() > PROMPT_BYTES || text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t')) {
            reasons.push(format!("The text {} is too long or holds control characters.", quote(text)));
        }
    }
    if !reasons.is_empty() {
        return Err(bad(raw.line, reasons.join(" ")));
    }
    notes.extend(
        fields.unknown().into_iter().map(|name| format!("The field {} of the bank was ignored.", quote(&name))),
    );
    Ok(bank)
}

fn item(raw: &Raw<'_>, lines_of_ids: &mut HashMap<String, usize>) -> Item {
    if let Some(reason) = &raw.broken {
        return judge(raw.line, leading_id(raw), Err(vec![reason.clone()]));
    }
    if raw.text.len() > QUESTION_BYTES {
        return judge(
            raw.line,
            leading_id(raw),
            Err(vec![format!("The question is longer than {QUESTION_BYTES} bytes.")]),
        );
    }
    let (id, parsed) = match parse(raw) {
        Ok(node) => question::read(node),
        Err(reason) => (leading_id(raw), Err(vec![reason])),
    };
    let earlier = id.as_ref().filter(|_| parsed.is_ok()).and_then(|id| match lines_of_ids.entry(id.clone()) {
        Entry::Occupied(line) => Some(*line.get()),
        Entry::Vacant(place) => {
            place.insert(raw.line);
            None
        }
    });
    let parsed = parsed.and_then(|draft| id.as_deref().map_or(Ok(()), check_id).map(|()| draft));
    let id = id.filter(|id| !id.is_empty());
    let twice = |(id, line): (&String, usize)| {
        vec![format!("The id {} is also that of the question on line {line}. Give it another.", quote(id))]
    };
    let parsed = match id.as_ref().zip(earlier) {
        Some(earlier) => Err(twice(earlier)),
        None => parsed,
    };
    judge(raw.line, id, parsed)
}

/// Ids are kept as they are, so they must be short and printable.
fn check_id(id: &str) -> Result<(), Vec<String>> {
    if id.chars().count() > NAME_CHARS || id.contains(char::is_control) {
        return Err(vec![format!("The id {} must have at most {NAME_CHARS} characters on one line.", quote(id))]);
    }
    Ok(())
}

/// The id of a question that cannot be parsed, when it is the first field.
fn leading_id(raw: &Raw<'_>) -> Option<String> {
    let field = raw.text.strip_prefix('{')?.trim_start().strip_prefix("\"id\"")?.trim_start().strip_prefix(':')?;
    label(&serde_json::Deserializer::from_str(field).into_iter::<String>().next()?.ok()?)
}

/// Parses a part of the file strictly; the reason names the line in the file.
fn parse(raw: &Raw<'_>) -> Result<Node, String> {
    serde_json::from_str(raw.text).map_err(|error| {
        let text = error.to_string();
        let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
        let line = raw.line + error.line().saturating_sub(1);
        if error.is_data() {
            format!("On line {line}, {what}.")
        } else {
            format!("On line {line} the JSON is broken: {what}.")
        }
    })
}
