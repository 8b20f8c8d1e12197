//! From bytes to text: UTF-8, UTF-16 with its mark, else windows-1252, which old exports and spreadsheets still write.

use crate::limits::FILE_BYTES;
use crate::reading::Unreadable;
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use std::borrow::Cow;

/// The text of a file, its lines ended by `\n`.
pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) notes: Vec<String>,
}

const BINARY: [(&[u8], &str, &str); 7] = [
    (b"PK\x03\x04", "a ZIP archive or an office document", "Save a spreadsheet as CSV first."),
    (b"\xd0\xcf\x11\xe0", "an old office document", "Save a spreadsheet as CSV first."),
    (b"%PDF", "a PDF document", SAVE_AS_TEXT),
    (b"\x89PNG", "an image", SAVE_AS_TEXT),
    (b"\xff\xd8\xff", "an image", SAVE_AS_TEXT),
    (b"GIF8", "an image", SAVE_AS_TEXT),
    (b"\x1f\x8b", "a compressed file", "Unpack it first."),
];
const SAVE_AS_TEXT: &str = "Save it as a UTF-8 text file.";

/// Decodes a file.
pub(crate) fn decode(bytes: &[u8]) -> Result<Decoded, Unreadable> {
    if bytes.len() > FILE_BYTES {
        return Err(Unreadable::TooLarge { bytes: bytes.len(), most: FILE_BYTES });
    }
    if let Some((_, what, remedy)) = BINARY.iter().find(|(magic, ..)| bytes.starts_with(magic)) {
        return Err(Unreadable::Binary { what, remedy });
    }
    let mut notes = Vec::new();
    let text = match (Encoding::for_bom(bytes), std::str::from_utf8(bytes)) {
        (Some((encoding, mark)), _) => {
            let (text, malformed) = encoding.decode_without_bom_handling(&bytes[mark..]);
            if malformed {
                return Err(Unreadable::BadEncoding { encoding: encoding.name() });
            }
            text
        }
        (None, Ok(text)) => Cow::Borrowed(text),
        (None, Err(error)) => {
            let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
            notes.push(format!("The file is not UTF-8 (see line {line}) and was read as Windows-1252."));
            let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
            let is_control = |c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1a}');
            if text.contains(is_control) {
                return Err(Unreadable::Binary { what: "binary data", remedy: SAVE_AS_TEXT });
            }
            text
        }
    };
    if text.contains('\0') {
        return Err(Unreadable::Binary { what: "binary data (it holds NUL bytes)", remedy: SAVE_AS_TEXT });
    }
    // 0x1A ends files of DOS programs; it is not part of the last question.
    let text = text.trim_start_matches('\u{feff}').trim_end_matches('\u{1a}');
    Ok(Decoded { text: with_plain_line_ends(text), notes })
}

/// The first 64 KiB as text, however broken: enough to tell a format.
pub(crate) fn beginning(bytes: &[u8]) -> Cow<'_, str> {
    let start = &bytes[..bytes.len().min(64 * 1024)];
    let (encoding, mark) = Encoding::for_bom(start).unwrap_or((UTF_8, 0));
    encoding.decode_without_bom_handling(&start[mark..]).0
}

fn with_plain_line_ends(text: &str) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        decode(bytes).map(|decoded| decoded.text).unwrap()
    }

    #[test]
    fn utf_8_and_utf_16_are_read_with_and_without_their_mark() {
        assert_eq!(text("é\r\nü\rß".as_bytes()), "é\nü\nß");
        assert_eq!(text(b"\xef\xbb\xbf\xc3\xa9"), "é");
        assert_eq!(text(b"\xff\xfeA\0\xe9\0"), "Aé");
        assert_eq!(text(b"\xfe\xff\0A\0\xe9"), "Aé");
    }

    #[test]
    fn anything_else_is_windows_1252_and_noted_with_its_line() {
        let decoded = decode(b"one\ntwo\nna\xefve \x80 5 \x93x\x94").unwrap();
        assert_eq!(decoded.text, "one\ntwo\nnaïve € 5 “x”");
        assert_eq!(decoded.notes, ["The file is not UTF-8 (see line 3) and was read as Windows-1252."]);
    }

    #[test]
    fn binary_files_are_refused_with_a_remedy() {
        for (bytes, expected) in [
            (&b"PK\x03\x04rest"[..], "Save a spreadsheet as CSV first."),
            (b"%PDF-1.7", "Save it as a UTF-8 text file."),
            (b"What\0is it?", "Save it as a UTF-8 text file."),
            (b"\xff\x01\x02\x03", "Save it as a UTF-8 text file."),
            (b"\xff\xfea\0b", "Save it again as UTF-8."),
        ] {
            let error = decode(bytes).err().unwrap().to_string();
            assert!(error.ends_with(expected), "{error}");
        }
    }

    #[test]
    fn a_file_beyond_the_limit_is_refused() {
        let error = decode(&vec![b'a'; FILE_BYTES + 1]).err().unwrap();
        assert_eq!(error, Unreadable::TooLarge { bytes: FILE_BYTES + 1, most: FILE_BYTES });
    }
}
