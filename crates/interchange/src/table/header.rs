//! The header row: which column is what, under the many names people give them.

use crate::draft::quote;
use crate::reading::Unreadable;
use std::collections::HashMap;

/// The most options a table can have: A to Z.
pub(super) const LETTERS: usize = 26;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Column {
    Question,
    Option(usize),
    Correct,
    Explanation,
    /// The explanation of one option.
    Rationale(usize),
    Domain,
    Difficulty,
    Points,
    Choose,
    Reference,
}

/// Where each column is.
#[derive(Debug)]
pub(super) struct Header {
    places: HashMap<Column, usize>,
}

impl Header {
    /// Reads the header row; also gives the notes on columns that are not read.
    pub(super) fn new(names: &[String]) -> Result<(Self, Vec<String>), Unreadable> {
        let mut places: HashMap<Column, (usize, usize)> = HashMap::new();
        let mut ignored = Vec::new();
        for (place, name) in names.iter().enumerate() {
            match column(name) {
                None if name.trim().is_empty() => {}
                None => ignored.push(place),
                Some((column, rank)) => match places.get(&column).copied() {
                    // "Answer" and "Correct answer": the plainer name wins.
                    Some((_, best)) if best <= rank => ignored.push(place),
                    earlier => {
                        ignored.extend(earlier.map(|(place, _)| place));
                        places.insert(column, (place, rank));
                    }
                },
            }
        }
        let places: HashMap<Column, usize> = places.into_iter().map(|(column, (place, _))| (column, place)).collect();
        let required = [
            (Column::Question, "question"),
            (Column::Option(0), "option_a"),
            (Column::Option(1), "option_b"),
            (Column::Correct, "correct_answer"),
        ];
        let missing: Vec<&'static str> =
            required.into_iter().filter(|(column, _)| !places.contains_key(column)).map(|(_, name)| name).collect();
        if !missing.is_empty() {
            let found = names.iter().take(30).map(|name| name.trim().chars().take(60).collect()).collect();
            return Err(Unreadable::MissingColumns { missing, found });
        }
        ignored.sort_unstable();
        let note = |place: usize| format!("The column {} was ignored.", quote(&names[place]));
        Ok((Self { places }, ignored.into_iter().map(note).collect()))
    }

    pub(super) fn place(&self, column: Column) -> Option<usize> {
        self.places.get(&column).copied()
    }
}

/// The column a name stands for and how far the name is from the plain one. Case, blanks and punctuation do not matter.
fn column(name: &str) -> Option<(Column, usize)> {
    let name: String = name.chars().filter(|c| c.is_alphanumeric()).take(60).flat_map(char::to_lowercase).collect();
    let names: [(Column, &[&str]); 8] = [
        (Column::Question, &["question", "questiontext", "prompt", "stem", "questionstem", "questionprompt", "text"]),
        (
            Column::Correct,
            &[
                "correctanswer",
                "correctanswers",
                "correct",
                "correctoption",
                "correctoptions",
                "correctchoice",
                "rightanswer",
                "answerkey",
                "key",
                "answer",
                "answers",
                "solution",
            ],
        ),
        (
            Column::Explanation,
            &[
                "explanation",
                "overallexplanation",
                "generalexplanation",
                "generalfeedback",
                "rationale",
                "feedback",
                "justification",
            ],
        ),
        (
            Column::Domain,
            &["domain", "domains", "category", "categories", "topic", "topics", "objective", "section", "subject"],
        ),
        (Column::Difficulty, &["difficulty", "difficultylevel", "level"]),
        (Column::Points, &["points", "point", "marks", "mark", "score"]),
        (Column::Choose, &["choose", "select", "numberofanswers", "answerstochoose"]),
        (
            Column::Reference,
            // No "number" or "no": these count rows, and row 1 of one file is not row 1 of the next.
            &["id", "questionid", "reference", "ref", "externalid"],
        ),
    ];
    for (column, names) in names {
        if let Some(rank) = names.iter().position(|known| *known == name) {
            return Some((column, rank));
        }
    }
    rationale(&name).map(Column::Rationale).or_else(|| option(&name).map(Column::Option)).map(|column| (column, 0))
}

/// `optiona`, `choice1`, `answerb`, `c`.
fn option(name: &str) -> Option<usize> {
    let prefixes = ["answeroption", "answerchoice", "option", "opt", "choice", "answer", "alternative"];
    let rest = prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
    // A column named just "1" or "x" is something else.
    index(rest).filter(|_| rest.len() < name.len() || matches!(name.as_bytes(), [b'a'..=b'h']))
}

/// `rationalea`, `explanation1`, `optionafeedback`.
fn rationale(name: &str) -> Option<usize> {
    let words = ["explanation", "rationale", "feedback"];
    let after = words.iter().find_map(|word| name.strip_prefix(word));
    let before = words.iter().find_map(|word| name.strip_suffix(word));
    let bare = |rest: &str| rest.strip_prefix("for").and_then(|rest| option(rest).or_else(|| index(rest)));
    after
        .and_then(|rest| bare(rest).or_else(|| option(rest)).or_else(|| index(rest)))
        .or_else(|| before.and_then(option))
}

fn index(text: &str) -> Option<usize> {
    match text.as_bytes() {
        [letter @ b'a'..=b'z'] => Some(usize::from(letter - b'a')),
        [b'1'..=b'9'] | [b'1' | b'2', _] => {
            text.parse().ok().filter(|number| (1..=LETTERS).contains(number)).map(|number| number - 1)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_people_give_are_known() {
        for (name, expected) in [
            ("Question Text", Some(Column::Question)),
            ("option_a", Some(Column::Option(0))),
            ("Option 4", Some(Column::Option(3))),
            ("Answer Option 2", Some(Column::Option(1))),
            ("Choice-H", Some(Column::Option(7))),
            ("B", Some(Column::Option(1))),
            ("Correct Answer(s)", Some(Column::Correct)),
            ("ANSWER", Some(Column::Correct)),
            ("Answer 1", Some(Column::Option(0))),
            ("rationale_c", Some(Column::Rationale(2))),
            ("Explanation 1", Some(Column::Rationale(0))),
            ("Option B Explanation", Some(Column::Rationale(1))),
            ("Feedback for option 3", Some(Column::Rationale(2))),
            ("Overall Explanation", Some(Column::Explanation)),
            ("Topic", Some(Column::Domain)),
            ("ID", Some(Column::Reference)),
            ("Author", None),
            ("No", None),
            ("Nr.", None),
            ("Question Number", None),
            ("1", None),
            ("option 27", None),
            ("", None),
        ] {
            assert_eq!(column(name).map(|(column, _)| column), expected, "{name}");
        }
    }

    #[test]
    fn of_two_names_for_one_column_the_plainer_wins() {
        let names = ["Answer", "Question", "a", "b", "Correct Answer", "Author"].map(str::to_owned);
        let (header, notes) = Header::new(&names).unwrap();
        assert_eq!(header.place(Column::Correct), Some(4));
        assert_eq!(notes, ["The column “Answer” was ignored.", "The column “Author” was ignored."]);
    }
}
