//! The same questions in the encodings that editors and spreadsheets write.

use super::key;
use exam::question::Key;
use interchange::{Format, Reading, Unreadable, read};

const GIFT: &str = "::Größe::Wie heißt “Käse” auf Französisch?\r\n{=fromage de chèvre – €}\r\n\r\nZwei? {T}\r\n";

fn reading(bytes: &[u8]) -> Reading {
    read(Format::Gift, bytes).expect("a readable file")
}

/// The text in windows-1252; it only holds characters that encoding has.
fn windows_1252(text: &str) -> Vec<u8> {
    let byte = |c: char| match c {
        '“' => 0x93,
        '”' => 0x94,
        '–' => 0x96,
        '€' => 0x80,
        c => u8::try_from(u32::from(c)).expect("a character of that encoding"),
    };
    text.chars().map(byte).collect()
}

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    ['\u{feff}'].into_iter().chain(text.chars()).collect::<String>().encode_utf16().flat_map(bytes).collect()
}

#[test]
fn every_encoding_gives_the_same_questions() {
    let expected = reading(GIFT.as_bytes());
    assert_eq!(expected.items[0].reference.as_deref(), Some("Größe"));
    let Key::ShortText(texts) = key(expected.items[0].question().unwrap()) else { panic!("no short text") };
    assert_eq!(texts.accepted[0].pattern, "fromage de chèvre – €");
    assert_eq!(expected.items[1].line, 4);
    assert!(expected.notes.is_empty());

    assert_eq!(reading(format!("\u{feff}{GIFT}").as_bytes()), expected);
    assert_eq!(reading(&utf_16(GIFT, u16::to_le_bytes)), expected);
    assert_eq!(reading(&utf_16(GIFT, u16::to_be_bytes)), expected);
    assert_eq!(reading(GIFT.replace("\r\n", "\n").as_bytes()), expected);
    assert_eq!(reading(GIFT.replace("\r\n", "\r").as_bytes()), expected);
}

#[test]
fn windows_1252_is_read_and_noted() {
    let reading = reading(&windows_1252(GIFT));
    assert_eq!(reading.notes, ["The file is not UTF-8 (see line 1) and was read as Windows-1252."]);
    assert_eq!(reading.items, self::reading(GIFT.as_bytes()).items);
}

#[test]
fn a_spreadsheet_saved_in_windows_1252_is_read() {
    let table = "Frage-Nr;Question;A;B;Answer\r\n1;Wie groß?;größer;höher;B\r\n";
    let reading = read(Format::Csv, &windows_1252(table)).unwrap();
    assert_eq!(reading.items[0].question().unwrap().prompt, "Wie groß?");
    assert_eq!(reading.notes.len(), 2, "encoding and ignored column: {:?}", reading.notes);
}

#[test]
fn a_spreadsheet_that_was_not_exported_is_refused_with_the_remedy() {
    let error = read(Format::Csv, b"PK\x03\x04\x14\0\x06\0").unwrap_err();
    assert_eq!(
        error.to_string(),
        "This is not a text file but a ZIP archive or an office document. Save a spreadsheet as CSV first."
    );
    assert!(matches!(read(Format::Gift, b"What\0?{T}"), Err(Unreadable::Binary { .. })));
}
