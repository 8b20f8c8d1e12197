//! Why the database does not open, in words that say what to do.

use super::Failure;
use crate::config::Config;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use store::Address;

/// The failure of a command that could not open its database.
pub(super) fn failure(error: &store::Error, config: &Config) -> Failure {
    let name = config.database_name();
    if let store::Error::Address(_) = error {
        return Failure::Usage(error.to_string());
    }
    if let Address::Sqlite(file) = config.address() {
        if let Some(cause) = unwritable(&config.data_dir, &file) {
            let folder = config.data_dir.display();
            return Failure::Usage(format!(
                "the data folder {folder} cannot be written: {cause}; set DATA_DIR to one that can"
            ));
        }
        if is_something_else(&file) {
            return Failure::Fault(format!(
                "{name} is damaged or no database of Examhall; put a backup in its place, or set DATA_DIR to another folder"
            ));
        }
    }
    Failure::Fault(format!("{name}: {}", without_source_line(&error.to_string())))
}

/// Why the database's file, or a new one beside it, cannot be written; None when both can.
fn unwritable(folder: &Path, file: &Path) -> Option<std::io::Error> {
    if file.exists()
        && let Err(error) = File::options().append(true).open(file)
    {
        return Some(error);
    }
    // The journal is made beside it.
    let trial = folder.join(format!(".examhall-trial-{}", std::process::id()));
    let made = File::create_new(&trial);
    if made.is_ok() {
        // A file of no bytes that stays behind harms nobody.
        let _ = fs::remove_file(&trial);
    }
    made.err()
}

/// Whether a file does not begin as databases do. An empty one is a database that has not begun.
fn is_something_else(file: &Path) -> bool {
    let mut head = Vec::new();
    let read = File::open(file).and_then(|file| file.take(16).read_to_end(&mut head));
    read.is_ok() && !head.is_empty() && head != b"SQLite format 3\0"
}

/// PostgreSQL's messages without the line of its own source, which tells an operator nothing.
fn without_source_line(message: &str) -> &str {
    match message.rsplit_once(" at line ") {
        Some((before, line)) if !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit()) => before,
        _ => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_anothers_source_are_left_out() {
        let message = "the database refused: database \"x\" does not exist";
        assert_eq!(without_source_line(&format!("{message} at line 948")), message);
        assert_eq!(without_source_line("no file at line"), "no file at line");
    }
}
