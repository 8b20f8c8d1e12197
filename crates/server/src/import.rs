//! Importing questions: a file is planned in memory, every question of it accounted for, and then written to a bank. Used by
//! the command line, the admin area and the demo.

mod identity;
mod replaced;
mod write;

pub use interchange::{BankInfo, Counts, Format};
pub use replaced::note_replaced;
pub use write::{Interrupted, find_or_create_bank, write};

use exam::question::Question;
use identity::Identity;
use interchange::{Item, Outcome, Reading, Unreadable};
use std::collections::{HashMap, HashSet};

/// What an import would do with one file.
#[derive(Debug)]
pub struct Plan {
    /// The file's name as given.
    pub file: String,
    /// What the file says about its bank; only archives do.
    pub bank: Option<BankInfo>,
    /// Every question of the file in its order, and a file of which nothing can be read as one that is refused.
    pub items: Vec<PlannedItem>,
    /// What is written: a question for each item that is not refused, in the same order, under the reference it is known by.
    pub questions: Vec<(String, Question)>,
    /// Remarks about the file as a whole.
    pub notes: Vec<String>,
}

/// What becomes of one question of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedItem {
    /// The line on which it starts, from 1.
    pub line: usize,
    /// What the file calls it, if anything.
    pub name: Option<String>,
    /// Its fate.
    pub fate: Fate,
    /// Why it is changed or refused, as sentences; empty when it is neither.
    pub reasons: Vec<String>,
    /// What its author should look at although it is imported.
    pub warnings: Vec<String>,
}

/// The fate of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Imported exactly as the file says.
    Imported,
    /// Imported, but not exactly as the file says.
    Changed,
    /// Not imported.
    Refused,
}

impl PlannedItem {
    /// The reasons on one line.
    #[must_use]
    pub fn reason(&self) -> String {
        one_line(&self.reasons)
    }
}

/// Sentences on one line without control characters: what a file says must not steer a terminal.
#[must_use]
pub fn one_line(sentences: &[String]) -> String {
    let words = sentences.iter().flat_map(|sentence| sentence.split_whitespace());
    let clean = words.map(|word| word.chars().filter(|c| !c.is_control()).collect::<String>());
    clean.collect::<Vec<_>>().join(" ")
}

/// The note on questions that were in the bank already, in another version.
#[must_use]
pub fn new_versions(count: usize) -> String {
    format!("new versions of questions that were in the bank under the same name: {count}")
}

impl Plan {
    /// How many questions are imported as they are, changed and refused.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let of = |fate| self.items.iter().filter(|item| item.fate == fate).count();
        Counts { imported: of(Fate::Imported), changed: of(Fate::Changed), refused: of(Fate::Refused) }
    }

    fn refused(file: &str, line: usize, reason: String) -> Self {
        let (fate, reasons, warnings) = (Fate::Refused, vec![reason], Vec::new());
        let items = vec![PlannedItem { line, name: None, fate, reasons, warnings }];
        Self { file: file.to_owned(), bank: None, items, questions: Vec::new(), notes: Vec::new() }
    }
}

/// Plans the import of one file.
#[must_use]
pub fn plan(file: &str, bytes: &[u8], format: Option<Format>) -> Plan {
    Planner::default().plan(file, bytes, format)
}

/// Plans an import of several files, between which no question and no reference is used twice.
#[derive(Debug, Default)]
pub struct Planner {
    seen: HashMap<Identity, (String, usize)>,
    references: HashSet<String>,
}

impl Planner {
    /// Plans the import of the next file. Without a format, name and content tell it.
    #[must_use]
    pub fn plan(&mut self, file: &str, bytes: &[u8], format: Option<Format>) -> Plan {
        let Some(format) = format.or_else(|| Format::detect(file, bytes)) else {
            let names: Vec<&str> = Format::ALL.into_iter().map(Format::name).collect();
            let reason =
                format!("Neither its name nor its content tells its format. Name one of {}.", names.join(", "));
            return Plan::refused(file, 1, reason);
        };
        match interchange::read(format, bytes) {
            Ok(reading) => self.take(file, reading),
            Err(Unreadable::BadArchive { line, reason }) => Plan::refused(file, line, reason),
            Err(unreadable) => Plan::refused(file, 1, unreadable.to_string()),
        }
    }

    /// Plans a file that could not even be opened.
    #[must_use]
    pub fn unopened(file: &str, error: &std::io::Error) -> Plan {
        Plan::refused(file, 1, format!("The file cannot be read: {error}."))
    }

    fn take(&mut self, file: &str, reading: Reading) -> Plan {
        let mut uses: HashMap<String, usize> = HashMap::new();
        for name in reading.items.iter().filter_map(|item| item.reference.as_ref()) {
            *uses.entry(name.clone()).or_default() += 1;
        }
        let mut plan = Plan {
            file: file.to_owned(),
            bank: reading.bank,
            items: Vec::with_capacity(reading.items.len()),
            questions: Vec::with_capacity(reading.items.len()),
            notes: reading.notes,
        };
        for Item { line, reference: name, outcome, warnings } in reading.items {
            let (mut fate, question, mut reasons) = match outcome {
                Outcome::Ok(question) => (Fate::Imported, Some(question), Vec::new()),
                Outcome::Changed(question, reasons) => (Fate::Changed, Some(question), reasons),
                Outcome::Refused(reasons) => (Fate::Refused, None, reasons),
            };
            if let Some(question) = question {
                let identity = Identity::of(&question);
                if let Some((earlier, line)) = self.seen.get(&identity) {
                    let place = if earlier == file { String::new() } else { format!(" of {earlier}") };
                    (fate, reasons) = (Fate::Refused, vec![format!("It is the same as line {line}{place}.")]);
                } else {
                    self.seen.insert(identity, (file.to_owned(), line));
                    // A name that two questions share would make one a new version of the other.
                    let own = name.clone().filter(|name| uses.get(name) == Some(&1) && !self.references.contains(name));
                    let reference = own.unwrap_or_else(|| identity.reference());
                    self.references.insert(reference.clone());
                    plan.questions.push((reference, question));
                }
            }
            plan.items.push(PlannedItem { line, name, fate, reasons, warnings });
        }
        plan
    }
}

#[cfg(test)]
mod tests;
