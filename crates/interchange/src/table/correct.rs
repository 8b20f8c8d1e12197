//! The cell that says which options are right: letters, numbers or the options' own texts.

use crate::draft::{quote, remark};
use exam::question::fold_text;
use std::collections::BTreeSet;

/// The letter of an option, counted from 0.
pub(super) fn letter(index: usize) -> char {
    char::from(b'A' + u8::try_from(index.min(25)).unwrap_or(25))
}

/// The right options of a row, or why they cannot be told.
pub(super) fn parse(cell: &str, options: &[String], changes: &mut Vec<String>) -> Result<BTreeSet<usize>, String> {
    if cell.is_empty() {
        return Err("No correct answer is given. Write the letter of the right option.".to_owned());
    }
    let true_false =
        options.len() == 2 && options[0].eq_ignore_ascii_case("true") && options[1].eq_ignore_ascii_case("false");
    if true_false && matches!(cell, "T" | "t" | "F" | "f") {
        return Ok(BTreeSet::from([usize::from(cell.eq_ignore_ascii_case("f"))]));
    }
    match (by_name(cell), by_text(cell, options)) {
        (Some(named), Some(texts)) if distinct(&named) != Some(texts.clone()) => Err(format!(
            "The correct answer {} may be the letter or number of one option and is the text of another. Write the letter.",
            quote(cell)
        )),
        (Some(named), _) => {
            if let Some(beyond) = named.iter().find(|index| **index >= options.len()) {
                let count = match options.len() {
                    1 => "is 1 option".to_owned(),
                    count => format!("are {count} options"),
                };
                let (letter, cell) = (letter(*beyond), quote(cell));
                return Err(format!("The correct answer {cell} names option {letter}, but there {count}."));
            }
            distinct(&named).ok_or_else(|| format!("The correct answer {} names an option twice.", quote(cell)))
        }
        (None, Some(texts)) => {
            if !true_false {
                remark(changes, format!("The correct answer {} was matched with an option by its text.", quote(cell)));
            }
            Ok(texts)
        }
        (None, None) => {
            Err(format!("The correct answer {} is neither the letter of an option nor its text.", quote(cell)))
        }
    }
}

fn distinct(indexes: &[usize]) -> Option<BTreeSet<usize>> {
    let set: BTreeSet<usize> = indexes.iter().copied().collect();
    (set.len() == indexes.len()).then_some(set)
}

/// `B`, `B,D`, `B;D`, `B D`, `B and D`, `BD`, `2,4`, `(b)`, `Option B`.
fn by_name(cell: &str) -> Option<Vec<usize>> {
    if cell.len() > 100 {
        return None;
    }
    let words = cell.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let punctuation = |c: char| c.is_whitespace() || ",;/|&+().:[]".contains(c);
    if cell.chars().any(|c| !c.is_alphanumeric() && !punctuation(c)) {
        return None;
    }
    let mut indexes = Vec::new();
    for word in words {
        match word.to_ascii_lowercase().as_str() {
            "and" | "option" | "options" | "answer" | "answers" | "choice" => {}
            lower => match lower.as_bytes() {
                [letter @ b'a'..=b'z'] => indexes.push(usize::from(letter - b'a')),
                bytes if bytes.iter().all(u8::is_ascii_digit) => {
                    indexes.push(lower.parse::<usize>().ok().filter(|number| (1..=26).contains(number))? - 1);
                }
                // Several letters written together stand in their order: "BD", not "do" or "bad".
                bytes if bytes.iter().all(|byte| (b'a'..=b'h').contains(byte)) && bytes.is_sorted() => {
                    indexes.extend(bytes.iter().map(|letter| usize::from(letter - b'a')));
                }
                _ => return None,
            },
        }
    }
    Some(indexes).filter(|indexes| !indexes.is_empty())
}

/// The exact text of an option, or several of them with `;` or `|` or line breaks between.
fn by_text(cell: &str, options: &[String]) -> Option<BTreeSet<usize>> {
    let fold = |text: &str| fold_text(text, false, true);
    let folded: Vec<String> = options.iter().map(|option| fold(option)).collect();
    let find = |text: &str| folded.iter().position(|option| *option == fold(text));
    if let Some(index) = find(cell) {
        return Some(BTreeSet::from([index]));
    }
    let parts: Vec<&str> = cell.split([';', '|', '\n']).filter(|part| !part.trim().is_empty()).collect();
    if parts.len() < 2 || parts.len() > options.len() {
        return None;
    }
    let found: Vec<usize> = parts.into_iter().map(find).collect::<Option<_>>()?;
    distinct(&found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(cell: &str, options: &[&str]) -> Result<(Vec<usize>, bool), String> {
        let options: Vec<String> = options.iter().map(ToString::to_string).collect();
        let mut changes = Vec::new();
        parse(cell, &options, &mut changes).map(|right| (right.into_iter().collect(), !changes.is_empty()))
    }

    #[test]
    fn letters_and_numbers_are_read_in_every_common_form() {
        let options = ["red", "green", "blue", "grey"];
        for cell in
            ["B,D", "b;d", "B D", "BD", "bd", "2,4", "B and D", "(B), (D)", "Option B, Option D", "B|D", "4 2", "B. D."]
        {
            assert_eq!(parsed(cell, &options), Ok((vec![1, 3], false)), "{cell}");
        }
        for cell in ["B", "b)", "2", "option b"] {
            assert_eq!(parsed(cell, &options), Ok((vec![1], false)), "{cell}");
        }
    }

    #[test]
    fn texts_of_options_count_and_are_remarked() {
        let options = ["red", "green", "light blue"];
        assert_eq!(parsed("Light  Blue", &options), Ok((vec![2], true)));
        assert_eq!(parsed("red; green", &options), Ok((vec![0, 1], true)));
        assert_eq!(parsed("TRUE", &["True", "False"]), Ok((vec![0], false)));
        assert_eq!(parsed("F", &["True", "False"]), Ok((vec![1], false)));
    }

    #[test]
    fn what_cannot_be_told_is_refused() {
        for (cell, options, expected) in [
            ("4", &["2", "4", "8", "16"][..], "may be the letter or number of one option"),
            ("E", &["x", "y"], "names option E, but there are 2 options."),
            ("B,B", &["x", "y"], "names an option twice"),
            ("purple", &["x", "y"], "is neither the letter of an option nor its text"),
            ("", &["x", "y"], "No correct answer is given"),
            ("27", &["x", "y"], "is neither the letter"),
        ] {
            let error = parsed(cell, options).unwrap_err();
            assert!(error.contains(expected), "{cell}: {error}");
        }
        // The same option either way is no doubt.
        assert_eq!(parsed("2", &["1", "2"]), Ok((vec![1], false)));
    }
}
