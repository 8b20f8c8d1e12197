//! A table as rows of cells.
//!
//! Why not a CSV library: in a file with a forgotten quotation mark they run the rest of the file into one cell. Here such
//! a row is reported by its line, and reading goes on with the next line.

use crate::limits::COLUMNS;

/// One row.
#[derive(Debug)]
pub(super) struct Row {
    /// Its first line, counted from 1.
    pub(super) line: usize,
    /// How many cells it has.
    pub(super) count: usize,
    /// The cells, at most one more than [`COLUMNS`], or why the row cannot be split.
    pub(super) cells: Result<Vec<String>, String>,
}

/// The rows of a text, empty ones left out.
pub(super) struct Rows<'a> {
    rest: &'a str,
    line: usize,
    separator: char,
}

/// What follows a cell.
enum End {
    Cell,
    Row,
}

impl<'a> Rows<'a> {
    pub(super) fn new(text: &'a str, line: usize, separator: char) -> Self {
        Self { rest: text, line, separator }
    }

    /// Takes one cell off the start of `rest`.
    fn cell(&self, rest: &'a str) -> Result<(String, End, &'a str), &'static str> {
        let indented = rest.trim_start_matches(|c| c == ' ' && self.separator != ' ');
        if let Some(quoted) = indented.strip_prefix('"') {
            match self.quoted(quoted) {
                // Blanks before a quotation mark usually mean nothing, but ` "so-called" text` starts a plain cell.
                Err(TEXT_AFTER_QUOTE) if indented.len() < rest.len() => {}
                result => return result,
            }
        }
        let end = rest.find(['\n', self.separator]).unwrap_or(rest.len());
        let after = &rest[end..];
        let ended = if after.starts_with(self.separator) { End::Cell } else { End::Row };
        Ok((rest[..end].to_owned(), ended, after.get(1..).unwrap_or_default()))
    }

    fn quoted(&self, quoted: &'a str) -> Result<(String, End, &'a str), &'static str> {
        let mut text = String::new();
        let mut rest = quoted;
        loop {
            let end = rest.find('"').ok_or("A quotation mark is opened and never closed. Close or double it.")?;
            text.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            match rest.strip_prefix('"') {
                Some(after) => {
                    text.push('"');
                    rest = after;
                }
                None => break,
            }
        }
        let after = rest.trim_start_matches(|c| c == ' ' && self.separator != ' ');
        match after.chars().next() {
            None => Ok((text, End::Row, after)),
            Some('\n') => Ok((text, End::Row, &after[1..])),
            Some(c) if c == self.separator => Ok((text, End::Cell, &after[c.len_utf8()..])),
            Some(_) => Err(TEXT_AFTER_QUOTE),
        }
    }

    fn row(&self) -> Result<(Vec<String>, usize, &'a str), &'static str> {
        let (mut cells, mut count, mut rest) = (Vec::new(), 0, self.rest);
        loop {
            let (cell, end, after) = self.cell(rest)?;
            count += 1;
            if cells.len() <= COLUMNS {
                cells.push(cell);
            }
            rest = after;
            if matches!(end, End::Row) {
                return Ok((cells, count, rest));
            }
        }
    }
}

const TEXT_AFTER_QUOTE: &str =
    "There is text behind a closing quotation mark. Close each quoted cell and double the quotation marks inside it.";

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        loop {
            let rest = self.rest.trim_start_matches('\n');
            self.line += self.rest.len() - rest.len();
            self.rest = rest;
            if rest.is_empty() {
                return None;
            }
            let line = self.line;
            let (row, rest) = match self.row() {
                Ok((cells, count, rest)) => (Row { line, count, cells: Ok(cells) }, rest),
                Err(reason) => {
                    let rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
                    (Row { line, count: 0, cells: Err(reason.to_owned()) }, rest)
                }
            };
            self.line += self.rest[..self.rest.len() - rest.len()].matches('\n').count();
            self.rest = rest;
            if !row.cells.as_ref().is_ok_and(|cells| cells.iter().all(|cell| cell.trim().is_empty())) {
                return Some(row);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(usize, Result<Vec<String>, String>)> {
        Rows::new(text, 1, ',').map(|row| (row.line, row.cells)).collect()
    }

    fn cells(text: &str) -> Vec<String> {
        rows(text).remove(0).1.unwrap()
    }

    #[test]
    fn quotation_marks_hold_separators_line_breaks_and_doubled_marks() {
        assert_eq!(cells("a,\"b,c\",d"), ["a", "b,c", "d"]);
        assert_eq!(cells("\"one\ntwo\",\"say \"\"hi\"\"\""), ["one\ntwo", "say \"hi\""]);
        assert_eq!(cells("a, \"b, c\" ,"), ["a", "b, c", ""]);
        assert_eq!(cells("a, \"so-called\" text,5\" disk"), ["a", " \"so-called\" text", "5\" disk"]);
        assert_eq!(cells("\"\",x"), ["", "x"]);
    }

    #[test]
    fn a_row_has_the_line_it_starts_on() {
        let lines: Vec<usize> = rows("a,b\n\n\"x\ny\",1\n,,\nc,d\n").iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 3, 6]);
    }

    #[test]
    fn a_forgotten_quotation_mark_costs_its_own_line_only() {
        let rows = rows("a,b\n\"open,b\nc,d\n\"x\"y,e\ng,h\n");
        let lines: Vec<(usize, bool)> = rows.iter().map(|(line, cells)| (*line, cells.is_ok())).collect();
        assert_eq!(lines, [(1, true), (2, false), (3, true), (4, false), (5, true)]);
    }
}
