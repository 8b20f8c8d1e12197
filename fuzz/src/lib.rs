//! What must hold of any file, however broken.

use exam::question::Question;
use exam::sealed::Permit;
use interchange::{BankInfo, Format, Outcome, Reading, read, write_archive};

/// Reads a file and checks the reading; None when it is unreadable as a whole.
pub fn check(format: Format, bytes: &[u8]) -> Option<Reading> {
    let reading = read(format, bytes).ok()?;
    let counts = reading.counts();
    assert_eq!(counts.imported + counts.changed + counts.refused, reading.items.len());
    let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
    let mut last = 1;
    for item in &reading.items {
        assert!((last..=lines).contains(&item.line), "line {} of {lines}", item.line);
        last = item.line;
        match &item.outcome {
            Outcome::Ok(_) => {}
            Outcome::Changed(_, reasons) | Outcome::Refused(reasons) => assert!(!reasons.is_empty()),
        }
    }
    survives_the_archive(&reading);
    Some(reading)
}

/// Whatever was read from any format is the same after a way through an archive.
fn survives_the_archive(reading: &Reading) {
    let questions: Vec<&Question> = reading.items.iter().filter_map(|item| item.question()).collect();
    let text = write_archive(
        &BankInfo::default(),
        questions.iter().map(|question| ("", *question)),
        &Permit::for_staff(),
        &Permit::for_staff(),
    );
    let again = read(Format::Archive, text.as_bytes()).expect("what was written is an archive");
    assert_eq!(again.items.len(), questions.len());
    for (item, question) in again.items.iter().zip(questions) {
        assert_eq!(item.outcome, Outcome::Ok(question.clone()), "{text}");
    }
}
