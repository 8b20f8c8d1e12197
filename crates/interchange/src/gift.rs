//! GIFT, Moodle's text format, as Moodle reads it. Where Moodle guesses or loses something, the question is refused or the
//! change named instead: `docs/import.md` lists the differences.

mod answers;
mod blocks;
mod choice;
mod escapes;
mod question;
mod weight;

use crate::draft::{judge, label, remark};
use crate::limits::QUESTIONS;
use crate::reading::{Reading, Unreadable};
use blocks::Blocks;

/// Reads a GIFT file.
pub(crate) fn read(text: &str) -> Result<Reading, Unreadable> {
    let mut reading = Reading::default();
    let mut domain: Option<String> = None;
    for block in Blocks::new(text) {
        if let Some(category) = question::category(&block.text) {
            domain = category;
            continue;
        }
        if reading.items.len() == QUESTIONS {
            return Err(Unreadable::TooManyQuestions { most: QUESTIONS });
        }
        let (title, parsed) = question::parse(&block.text);
        let parsed = parsed.map(|mut draft| {
            draft.domains.extend(domain.clone());
            draft
        });
        reading.items.push(judge(block.line, title.or_else(|| block.id.as_deref().and_then(label)), parsed));
        if block.tags {
            remark(&mut reading.notes, "Tags in comments are not imported; categories become domains.");
        }
    }
    if reading.items.is_empty() { Err(Unreadable::NoQuestions) } else { Ok(reading) }
}
