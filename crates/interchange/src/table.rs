//! CSV and TSV: a header row, then a choice question per row. Cells hold Markdown.

mod correct;
mod header;
pub(crate) mod people;
mod rows;

use crate::choice::options;
use crate::draft::{Draft, judge, label, quote, remark};
use crate::limits::{COLUMNS, PROMPT_BYTES, QUESTIONS};
use crate::markdown;
use crate::reading::{Reading, Unreadable};
use exam::question::{ChoiceKey, Content, Difficulty, Key, Points};
use header::{Column, Header};
use rows::{Row, Rows};
use std::collections::BTreeSet;

/// Reads a table; without a separator given, the header row tells it.
pub(crate) fn read(text: &str, separator: Option<char>) -> Result<Reading, Unreadable> {
    let (text, first_line, told) = separator_line(text);
    let separator = separator.or(told).unwrap_or_else(|| sniff(text));
    let mut rows = Rows::new(text, first_line, separator);
    let first = rows.next().ok_or(Unreadable::NoQuestions)?;
    let names = first.cells.map_err(|reason| Unreadable::BadHeader { line: first.line, reason })?;
    if names.len() > COLUMNS {
        return Err(Unreadable::TooManyColumns { found: names.len(), most: COLUMNS });
    }
    let (header, notes) = Header::new(&names)?;
    let mut reading = Reading { notes, ..Reading::default() };
    for row in rows {
        if reading.items.len() == QUESTIONS {
            return Err(Unreadable::TooManyQuestions { most: QUESTIONS });
        }
        let (reference, parsed) = match fitting(&row, names.len()) {
            Ok(cells) => {
                let cells = Cells { header: &header, cells };
                (label(cells.get(Column::Reference)), question(&cells))
            }
            Err(reason) => (None, Err(vec![reason])),
        };
        reading.items.push(judge(row.line, reference, parsed));
    }
    if reading.items.is_empty() { Err(Unreadable::NoQuestions) } else { Ok(reading) }
}

/// Whether a line looks like the header of a table of questions.
pub(crate) fn is_header(line: &str) -> bool {
    let names = Rows::new(line, 1, sniff(line)).next().and_then(|row| row.cells.ok());
    names.is_some_and(|names| Header::new(&names).is_ok())
}

/// Spreadsheets write `sep=;` before the header.
fn separator_line(text: &str) -> (&str, usize, Option<char>) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let told = first.strip_prefix("sep=").and_then(|rest| rest.chars().next());
    match told.filter(|c| matches!(c, ',' | ';' | '\t' | '|')) {
        Some(separator) => (rest, 2, Some(separator)),
        None => (text, 1, None),
    }
}

/// The separator that occurs most in the header row, outside quotation marks.
fn sniff(text: &str) -> char {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |separator: char| {
        let mut quoted = false;
        let outside = |c: &char| {
            quoted ^= *c == '"';
            !quoted && *c == separator
        };
        header.chars().filter(outside).count()
    };
    // At equal counts the last one wins: the comma.
    ['\t', ';', ','].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(',')
}

/// The cells of a row that has as many as the header; empty ones at the end do not count.
fn fitting(row: &Row, columns: usize) -> Result<&[String], String> {
    let cells = row.cells.as_ref().map_err(Clone::clone)?;
    let found = cells.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
    if row.count < columns {
        return Err(format!(
            "The row has {} cells, but the header has {columns}. Add the missing separators.",
            row.count
        ));
    }
    if found > columns {
        let reason = format!("The row has {found} cells, but the header has {columns}.");
        return Err(format!("{reason} Put quotation marks around a text that contains the separator."));
    }
    Ok(cells)
}

/// A row seen through its header.
struct Cells<'a> {
    header: &'a Header,
    cells: &'a [String],
}

impl Cells<'_> {
    /// The text of a column; empty when there is no such column.
    fn get(&self, column: Column) -> &str {
        self.header.place(column).and_then(|place| self.cells.get(place)).map_or("", |cell| cell.trim())
    }

    fn text(&self, column: Column) -> Option<String> {
        Some(self.get(column).to_owned()).filter(|text| !text.is_empty())
    }
}

fn question(cells: &Cells<'_>) -> Result<Draft, Vec<String>> {
    let mut reasons = Vec::new();
    let mut changes = Vec::new();
    if cells.get(Column::Question).is_empty() {
        reasons.push("The question is empty.".to_owned());
    }
    let texts = option_texts(cells, &mut reasons, &mut changes);
    let right = match texts.as_slice() {
        [] => Err("There are no options.".to_owned()),
        texts => correct::parse(cells.get(Column::Correct), texts, &mut changes),
    };
    let right = right.unwrap_or_else(|reason| {
        reasons.push(reason);
        BTreeSet::new()
    });
    let choose = choose(cells, &mut reasons);
    let points = points(cells, &mut reasons, &mut changes);
    if !reasons.is_empty() {
        return Err(reasons);
    }
    let rationale = |index: usize| cells.text(Column::Rationale(index));
    let per_option: Vec<Option<String>> = (0..texts.len()).map(rationale).collect();
    if let Some(extra) = (texts.len()..header::LETTERS).find(|index| rationale(*index).is_some()) {
        let letter = correct::letter(extra);
        remark(&mut changes, format!("The explanation of option {letter} was left out: there is no such option."));
    }
    let options = options(texts, &mut changes);
    let multiple = right.len() > 1 || choose.is_some_and(|choose| choose > 1);
    let content = Content::Choice { options, multiple, choose: multiple.then(|| choose.unwrap_or(right.len())) };
    let key = Key::Choice(ChoiceKey::Correct { options: right });
    let mut draft = Draft::new(cells.get(Column::Question).to_owned(), content, key);
    draft.explanations.general = cells.text(Column::Explanation);
    if per_option.iter().any(Option::is_some) {
        draft.explanations.per_option = per_option;
    }
    let domains = cells.get(Column::Domain).split([';', '|']).map(str::trim).filter(|domain| !domain.is_empty());
    for domain in domains {
        remark(&mut draft.domains, domain);
    }
    draft.difficulty = difficulty(cells.get(Column::Difficulty), &mut changes);
    draft.points = points;
    draft.changes = changes;
    warn_of_tags(cells, &mut draft.warnings);
    Ok(draft)
}

/// People who write about HTML rarely mean to write in it.
fn warn_of_tags(cells: &Cells<'_>, warnings: &mut Vec<String>) {
    let texts = cells.cells.iter().filter(|cell| cell.len() <= PROMPT_BYTES && !cell.contains('`'));
    if let Some(tag) = texts.filter_map(|cell| markdown::first_tag(cell)).next() {
        remark(warnings, format!("{} is read as HTML. Put a backslash before it to show it as typed.", quote(tag)));
    }
}

fn option_texts(cells: &Cells<'_>, reasons: &mut Vec<String>, changes: &mut Vec<String>) -> Vec<String> {
    let all: Vec<&str> = (0..header::LETTERS).map(|index| cells.get(Column::Option(index))).collect();
    let count = all.iter().rposition(|text| !text.is_empty()).map_or(0, |last| last + 1);
    if let Some(gap) = all[..count].iter().position(|text| text.is_empty()) {
        let (gap, next) = (correct::letter(gap), correct::letter(count - 1));
        reasons.push(format!("Option {gap} is empty, but option {next} is not. Move the options together."));
    }
    let answer = cells.get(Column::Correct).to_ascii_lowercase();
    if count == 0 && matches!(answer.as_str(), "true" | "false") {
        remark(changes, "The options True and False were added.");
        return vec!["True".to_owned(), "False".to_owned()];
    }
    all[..count].iter().map(ToString::to_string).collect()
}

fn choose(cells: &Cells<'_>, reasons: &mut Vec<String>) -> Option<usize> {
    let text = cells.get(Column::Choose);
    if text.is_empty() {
        return None;
    }
    let words = ["zero", "one", "two", "three", "four", "five", "six"];
    let named = || words.iter().position(|word| word.eq_ignore_ascii_case(text));
    let number = text.parse().ok().or_else(named).filter(|number| *number > 0);
    if number.is_none() {
        reasons.push(format!(
            "{} is not how many options to choose. Write a number or leave the cell empty.",
            quote(text)
        ));
    }
    number
}

fn points(cells: &Cells<'_>, reasons: &mut Vec<String>, changes: &mut Vec<String>) -> Points {
    let text = cells.get(Column::Points);
    if text.is_empty() {
        return Points::ONE;
    }
    let marks = text.replace(',', ".").parse::<f64>().ok();
    let Some((marks, points)) = marks.and_then(|marks| Some((marks, Points::from_f64(marks)?))) else {
        reasons.push(format!("{} is not a number of points between 0 and 1000.", quote(text)));
        return Points::ONE;
    };
    if (points.as_f64() - marks).abs() > 1e-9 {
        remark(changes, "The points were rounded to thousandths.");
    }
    points
}

fn difficulty(text: &str, changes: &mut Vec<String>) -> Option<Difficulty> {
    let known = match text.to_ascii_lowercase().as_str() {
        "" => return None,
        "e" | "low" | "beginner" | "simple" => Some(Difficulty::Easy),
        "m" | "med" | "moderate" | "normal" | "intermediate" => Some(Difficulty::Medium),
        "h" | "high" | "difficult" | "advanced" => Some(Difficulty::Hard),
        _ => Difficulty::from_name(text),
    };
    if known.is_none() {
        remark(changes, format!("The difficulty {} was left out. Write easy, medium or hard.", quote(text)));
    }
    known
}
