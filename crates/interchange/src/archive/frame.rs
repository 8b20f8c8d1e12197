//! The frame of an archive: where each question stands. Read leniently, so that one broken question, down to a missing
//! bracket, is refused with its own line and the others are read; each question is parsed strictly afterwards.

use crate::limits::QUESTIONS;
use crate::reading::Unreadable;

/// A value as it stands in the file.
#[derive(Debug)]
pub(super) struct Raw<'a> {
    /// The line it starts on, counted from 1.
    pub(super) line: usize,
    pub(super) text: &'a str,
    /// Why its end cannot be told.
    pub(super) broken: Option<String>,
}

/// An archive taken apart.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    pub(super) members: Vec<(String, Raw<'a>)>,
    pub(super) questions: Option<Vec<Raw<'a>>>,
    pub(super) notes: Vec<String>,
}

impl<'a> Frame<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self, Unreadable> {
        let mut scan = Scan { text, at: 0, counted: 0, line: 1 };
        let mut frame = Self { members: Vec::new(), questions: None, notes: Vec::new() };
        if scan.skip_blanks() != Some(b'{') {
            return Err(scan.bad("An archive starts with {."));
        }
        scan.at += 1;
        loop {
            match scan.skip_blanks() {
                None => {
                    let line = scan.line();
                    frame
                        .notes
                        .push(format!("The file ends on line {line} before the archive does; something is missing."));
                    return Ok(frame);
                }
                Some(b'}') => {
                    scan.at += 1;
                    if scan.skip_blanks().is_some() {
                        let line = scan.line();
                        frame.notes.push(format!("What follows the end of the archive on line {line} was ignored."));
                    }
                    return Ok(frame);
                }
                Some(b',') => scan.at += 1,
                Some(_) => frame.member(&mut scan)?,
            }
            if frame.members.len() > 100 {
                return Err(scan.bad("The archive has too many fields."));
            }
        }
    }

    fn member(&mut self, scan: &mut Scan<'a>) -> Result<(), Unreadable> {
        let name = scan.name()?;
        if name == "questions" {
            if self.questions.is_some() {
                return Err(scan.bad("The archive has \"questions\" twice."));
            }
            self.questions = Some(scan.questions(&mut self.notes)?);
            return Ok(());
        }
        if self.members.iter().any(|(known, _)| *known == name) {
            return Err(scan.bad(&format!("The archive has \"{name}\" twice.")));
        }
        let line = scan.line();
        let Some(end) = scan.value_end().ok() else {
            return Err(scan.bad(&format!("The brackets of \"{name}\" do not match.")));
        };
        self.members.push((name, Raw { line, text: &scan.text[scan.at..end], broken: None }));
        scan.at = end;
        Ok(())
    }
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    /// Up to where lines have been counted, and the line there.
    counted: usize,
    line: usize,
}

impl<'a> Scan<'a> {
    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    fn line(&mut self) -> usize {
        self.line += self.bytes()[self.counted..self.at].iter().filter(|byte| **byte == b'\n').count();
        self.counted = self.at;
        self.line
    }

    fn bad(&mut self, reason: &str) -> Unreadable {
        Unreadable::BadArchive { line: self.line(), reason: reason.to_owned() }
    }

    fn skip_blanks(&mut self) -> Option<u8> {
        let blanks = self.bytes()[self.at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.at += blanks;
        self.bytes().get(self.at).copied()
    }

    /// Takes a name and its colon.
    fn name(&mut self) -> Result<String, Unreadable> {
        if self.bytes()[self.at] != b'"' {
            return Err(self.bad("The name of a field, in quotation marks, is expected here."));
        }
        let end = self.string_end(self.at);
        let name: Result<String, _> = serde_json::from_str(&self.text[self.at..end]);
        let Ok(name) = name else {
            return Err(self.bad("The name of this field cannot be read."));
        };
        self.at = end;
        if self.skip_blanks() != Some(b':') {
            return Err(self.bad(&format!("A : is expected behind \"{name}\".")));
        }
        self.at += 1;
        if self.skip_blanks().is_none() {
            return Err(self.bad("The file ends here."));
        }
        Ok(name)
    }

    fn questions(&mut self, notes: &mut Vec<String>) -> Result<Vec<Raw<'a>>, Unreadable> {
        if self.bytes()[self.at] != b'[' {
            return Err(self.bad("\"questions\" must be a list in [ ]."));
        }
        self.at += 1;
        let mut questions = Vec::new();
        let mut comma = true;
        loop {
            match self.skip_blanks() {
                // The caller notes that the file ends early.
                None => return Ok(questions),
                Some(b']') => {
                    self.at += 1;
                    return Ok(questions);
                }
                Some(b',') => {
                    if comma {
                        notes.push(format!("There is a comma too many on line {}.", self.line()));
                    }
                    comma = true;
                    self.at += 1;
                }
                Some(_) => {
                    if !comma {
                        notes.push(format!("A comma is missing before line {}.", self.line()));
                    }
                    let question = self.question();
                    // A question without its end has taken the comma behind it.
                    comma = question.broken.is_some();
                    questions.push(question);
                }
            }
            if questions.len() > QUESTIONS {
                return Err(Unreadable::TooManyQuestions { most: QUESTIONS });
            }
            if notes.len() > 100 {
                return Err(self.bad("The list of questions is broken in too many places."));
            }
        }
    }

    fn question(&mut self) -> Raw<'a> {
        let (start, line) = (self.at, self.line());
        let end = self.value_end();
        self.at = end.unwrap_or_else(|stuck| self.next_question(stuck));
        let reason = "A bracket or a quotation mark of this question is missing.";
        let broken = end.is_err().then(|| reason.to_owned());
        Raw { line, text: &self.text[start..self.at], broken }
    }

    /// Where the next question starts, or the end of the file.
    fn next_question(&self, from: usize) -> usize {
        let line_ends = self.bytes()[from..].iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        line_ends.map(|(at, _)| from + at).find(|at| self.starts_question(*at)).map_or(self.text.len(), |at| at + 1)
    }

    /// Whether the line behind this line end starts a question: only questions have an id, a kind or a prompt.
    fn starts_question(&self, line_end: usize) -> bool {
        let line = self.text[line_end + 1..].trim_start_matches([' ', '\t']);
        let inside = line.strip_prefix('{').map(str::trim_start);
        inside.is_some_and(|inside| ["\"id\"", "\"kind\"", "\"prompt\""].iter().any(|name| inside.starts_with(name)))
    }

    /// The end of the value that starts here, at least one byte on. When its brackets do not match, or a question starts
    /// before they are closed, gives where that was noticed.
    fn value_end(&self) -> Result<usize, usize> {
        let bytes = self.bytes();
        let mut open = Vec::new();
        let mut at = self.at;
        loop {
            let byte = *bytes.get(at).ok_or(bytes.len())?;
            match byte {
                b'"' => at = self.string_end(at),
                b'{' | b'[' => {
                    open.push(byte);
                    at += 1;
                }
                b'}' | b']' => {
                    let opened = open.pop().ok_or(at)?;
                    if (opened == b'{') != (byte == b'}') {
                        return Err(at);
                    }
                    at += 1;
                }
                b'\n' if self.starts_question(at) => return Err(at),
                _ if open.is_empty() => {
                    let is_end = |byte: &u8| byte.is_ascii_whitespace() || b",]}".contains(byte);
                    at += bytes[at..].iter().position(is_end).unwrap_or(bytes.len() - at).max(1);
                }
                _ => at += 1,
            }
            if open.is_empty() {
                return Ok(at);
            }
        }
    }

    /// The end of the string that starts here. A string ends with its line at the latest, as JSON has it.
    fn string_end(&self, start: usize) -> usize {
        let bytes = self.bytes();
        let mut at = start + 1;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'"' => return at + 1,
                b'\n' => return at,
                b'\\' if bytes.get(at + 1) != Some(&b'\n') => at += 2,
                _ => at += 1,
            }
        }
        bytes.len()
    }
}
