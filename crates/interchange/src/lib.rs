//! File formats in and out: GIFT, Aiken, CSV/TSV and the Examhall archive, each a parser (the archive also a printer) over
//! [`exam::question`].
//!
//! [`read`] takes the bytes of a file and gives every question in it as exactly one [`Item`]: imported as it is, imported
//! with changes, or refused, the last two with reasons an author can act on. Nothing is dropped silently, and a broken
//! question does not take its neighbours with it. Only a file of which nothing can be read is [`Unreadable`].
//!
//! ```
//! use interchange::{Format, Outcome, read};
//!
//! let file = "::Capital:: What is the capital of Norway? {=Oslo ~Bergen}\n\nWho? {~nobody ~everybody}\n";
//! let reading = read(Format::Gift, file.as_bytes())?;
//! assert!(matches!(&reading.items[0].outcome, Outcome::Ok(question) if question.prompt.ends_with("Norway?")));
//! assert_eq!(reading.items[1].line, 3);
//! assert_eq!(reading.items[1].outcome.reasons(), ["No answer is marked as right. Put = before one answer."]);
//! # Ok::<(), interchange::Unreadable>(())
//! ```
//!
//! [`read_people`] reads lists of people.
//!
//! No I/O happens here, no input panics, and time and memory are linear in the size of the file, whose limits are in
//! [`limits`]. `docs/import.md` is the manual for authors.

mod aiken;
mod archive;
mod choice;
mod decode;
mod draft;
mod format;
mod gift;
pub mod limits;
mod markdown;
mod reading;
mod table;

pub use archive::write_archive;
pub use format::Format;
pub use reading::{BankInfo, Counts, Item, Outcome, Reading, Unreadable};
pub use table::people::{Listed, Person, read_people};

/// Reads the questions of a file.
///
/// # Errors
/// When nothing of the file can be read: it is too large, binary, empty, lacks its header, or is of another format.
pub fn read(format: Format, bytes: &[u8]) -> Result<Reading, Unreadable> {
    let decoded = decode::decode(bytes)?;
    let mut reading = match format {
        Format::Gift => gift::read(&decoded.text)?,
        Format::Aiken => aiken::read(&decoded.text)?,
        Format::Csv => table::read(&decoded.text, None)?,
        Format::Tsv => table::read(&decoded.text, Some('\t'))?,
        Format::Archive => archive::read(&decoded.text)?,
    };
    reading.notes.splice(0..0, decoded.notes);
    Ok(reading)
}
