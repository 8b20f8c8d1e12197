//! What comes out of a file: one item per question, and what there is to say about the file as a whole.

use exam::question::Question;

/// What a file held.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// The bank the questions belong to; only archives say so.
    pub bank: Option<BankInfo>,
    /// Every question of the file, in its order.
    pub items: Vec<Item>,
    /// Remarks about the file as a whole: its encoding, columns that were ignored.
    pub notes: Vec<String>,
}

impl Reading {
    /// How many questions were imported, changed and refused.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.items.iter().fold(Counts::default(), |mut counts, item| {
            match item.outcome {
                Outcome::Ok(_) => counts.imported += 1,
                Outcome::Changed(..) => counts.changed += 1,
                Outcome::Refused(_) => counts.refused += 1,
            }
            counts
        })
    }
}

/// How a file fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Exactly as the file says.
    pub imported: usize,
    /// Imported, but not exactly as the file says; not among `imported`.
    pub changed: usize,
    /// Not imported.
    pub refused: usize,
}

/// What an archive says about its bank.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BankInfo {
    /// The name in addresses and on the command line.
    pub slug: String,
    /// The name for people.
    pub title: String,
    /// What the bank is about; may be empty.
    pub description: String,
    /// Under which terms the questions may be used; may be empty.
    pub licence: String,
}

/// One question of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The line on which it starts, counted from 1.
    pub line: usize,
    /// What the file calls it: an id or a title.
    pub reference: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// What its author should look at although it was imported.
    pub warnings: Vec<String>,
}

impl Item {
    /// The question, unless it was refused.
    #[must_use]
    pub fn question(&self) -> Option<&Question> {
        match &self.outcome {
            Outcome::Ok(question) | Outcome::Changed(question, _) => Some(question),
            Outcome::Refused(_) => None,
        }
    }
}

/// What became of a question. Reasons are sentences that tell an author what to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Imported exactly as the file says.
    Ok(Question),
    /// Imported, but not exactly as the file says.
    Changed(Question, Vec<String>),
    /// Not imported.
    Refused(Vec<String>),
}

impl Outcome {
    /// Why it was changed or refused; empty when it was neither.
    #[must_use]
    pub fn reasons(&self) -> &[String] {
        match self {
            Self::Ok(_) => &[],
            Self::Changed(_, reasons) | Self::Refused(reasons) => reasons,
        }
    }
}

/// Why nothing of a file can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Larger than [`crate::limits::FILE_BYTES`].
    #[error("The file has {bytes} bytes, at most {most} can be read. Split it.")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// More questions than [`crate::limits::QUESTIONS`].
    #[error("The file holds more than {most} questions. Split it.")]
    TooManyQuestions {
        /// The limit.
        most: usize,
    },
    /// Not a text file.
    #[error("This is not a text file but {what}. {remedy}")]
    Binary {
        /// What it seems to be.
        what: &'static str,
        /// What to do about it.
        remedy: &'static str,
    },
    /// Its byte order mark promises an encoding that it does not keep.
    #[error("The file begins like {encoding} but is not. Save it again as UTF-8.")]
    BadEncoding {
        /// What the mark promises.
        encoding: &'static str,
    },
    /// Nothing in it.
    #[error("There is no question in this file.")]
    NoQuestions,
    /// More people than [`crate::limits::PEOPLE`].
    #[error("The list holds more than {most} people. Split it.")]
    TooManyPeople {
        /// The limit.
        most: usize,
    },
    /// A list of people with nobody on it.
    #[error("There is nobody in this file. It needs a header row with email and name, then a row for each person.")]
    Nobody,
    /// A table whose header lacks what every row needs.
    #[error("The header row lacks {}. It has: {}.", missing.join(" and "), found.join(", "))]
    MissingColumns {
        /// What is missing.
        missing: Vec<&'static str>,
        /// The headers as they stand in the file.
        found: Vec<String>,
    },
    /// A table whose header row cannot be split into cells.
    #[error("Line {line}: {reason}")]
    BadHeader {
        /// Counted from 1.
        line: usize,
        /// What is wrong there, as a sentence.
        reason: String,
    },
    /// A table with more columns than [`crate::limits::COLUMNS`].
    #[error("The header row has {found} columns, at most {most} can be read.")]
    TooManyColumns {
        /// How many there are.
        found: usize,
        /// The limit.
        most: usize,
    },
    /// JSON, but not an archive, or an archive whose frame is broken.
    #[error("Line {line}: {reason}")]
    BadArchive {
        /// Counted from 1.
        line: usize,
        /// What is wrong there, as a sentence.
        reason: String,
    },
}
