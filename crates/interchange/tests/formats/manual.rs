//! The examples of `docs/import.md` are read as the manual says.

use super::reading;
use interchange::{Counts, Format};

const MANUAL: &str = include_str!("../../../../docs/import.md");

/// The first fenced block of a language.
fn example(language: &str) -> &'static str {
    let (_, after) = MANUAL.split_once(&format!("\n```{language}\n")).expect("an example");
    after.split_once("```\n").expect("the end of the example").0
}

#[test]
fn every_example_is_imported() {
    for (language, format, imported, changed) in [
        ("gift", Format::Gift, 7, 0),
        ("aiken", Format::Aiken, 1, 1),
        ("csv", Format::Csv, 3, 0),
        ("json", Format::Archive, 7, 0),
    ] {
        let reading = reading(format, example(language));
        let reasons: Vec<_> = reading.items.iter().map(|item| (item.line, item.outcome.reasons())).collect();
        assert_eq!(reading.counts(), Counts { imported, changed, refused: 0 }, "{language}: {reasons:?}");
        assert!(reading.notes.is_empty(), "{language}: {:?}", reading.notes);
    }
}

#[test]
fn the_limits_are_those_of_the_code() {
    use interchange::limits::{
        ACCEPTED, BLANKS, COLUMNS, DOMAINS, FILE_BYTES, NAME_CHARS, PART_BYTES, PROMPT_BYTES, QUESTIONS,
    };
    let (_, limits) = MANUAL.split_once("## Limits").expect("the section");
    let limits = limits.split_whitespace().collect::<Vec<_>>().join(" ");
    for expected in [
        format!("{} MiB and {},000 questions", FILE_BYTES / 1024 / 1024, QUESTIONS / 1000),
        format!("explanation may have {} KiB", PROMPT_BYTES / 1024),
        format!("accepted text {} KiB", PART_BYTES / 1024),
        format!(
            "{ACCEPTED} accepted answers, {BLANKS} blanks, {DOMAINS} domains of {NAME_CHARS} characters, and {COLUMNS} columns"
        ),
    ] {
        assert!(limits.contains(&expected), "{expected}");
    }
}
