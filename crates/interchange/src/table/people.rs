//! A list of people: a table with the columns email and name.

use super::rows::Rows;
use super::{fitting, separator_line, sniff};
use crate::decode::decode;
use crate::limits::{COLUMNS, PEOPLE};
use crate::reading::Unreadable;

/// Somebody on a list, as it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The line on which the row starts, counted from 1.
    pub line: usize,
    /// Address and name without blanks around them, or why the row cannot be read, as a sentence.
    pub person: Result<Person, String>,
}

/// An address and a name, neither of them checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The address; may be empty.
    pub email: String,
    /// The name; may be empty.
    pub name: String,
}

/// Reads a list of people, one a row; also gives remarks about the file. The separator is told by the header row, whose other columns
/// are ignored.
///
/// # Errors
/// When nothing of the file can be read: it is too large, binary, or lacks its header or people.
pub fn read_people(bytes: &[u8]) -> Result<(Vec<Listed>, Vec<String>), Unreadable> {
    let decoded = decode(bytes)?;
    let (text, first_line, told) = separator_line(&decoded.text);
    let mut rows = Rows::new(text, first_line, told.unwrap_or_else(|| sniff(text)));
    let header = rows.next().ok_or(Unreadable::Nobody)?;
    let names = header.cells.map_err(|reason| Unreadable::BadHeader { line: header.line, reason })?;
    if names.len() > COLUMNS {
        return Err(Unreadable::TooManyColumns { found: names.len(), most: COLUMNS });
    }
    let place = |known: &[&str]| names.iter().position(|name| known.contains(&folded(name).as_str()));
    let email = place(&["email", "emailaddress", "mail", "mailaddress"]);
    let name = place(&["name", "fullname", "displayname"]);
    let (Some(email), Some(name)) = (email, name) else {
        let missing = [(email, "email"), (name, "name")];
        let missing = missing.into_iter().filter(|(place, _)| place.is_none()).map(|(_, name)| name).collect();
        let found = names.iter().take(30).map(|name| name.trim().chars().take(60).collect()).collect();
        return Err(Unreadable::MissingColumns { missing, found });
    };
    let mut people = Vec::new();
    for row in rows {
        if people.len() == PEOPLE {
            return Err(Unreadable::TooManyPeople { most: PEOPLE });
        }
        let cell = |cells: &[String], place: usize| cells.get(place).map_or("", |cell| cell.trim()).to_owned();
        let person = fitting(&row, names.len());
        let person = person.map(|cells| Person { email: cell(cells, email), name: cell(cells, name) });
        people.push(Listed { line: row.line, person });
    }
    if people.is_empty() { Err(Unreadable::Nobody) } else { Ok((people, decoded.notes)) }
}

/// The name of a column without case, blanks and punctuation.
fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).take(60).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(text: &str) -> Vec<Listed> {
        read_people(text.as_bytes()).unwrap().0
    }

    fn person(line: usize, email: &str, name: &str) -> Listed {
        Listed { line, person: Ok(Person { email: email.into(), name: name.into() }) }
    }

    #[test]
    fn people_are_read_from_what_spreadsheets_write() {
        let ana = [person(2, "ana@example.org", "Ana Costa")];
        assert_eq!(people("email,name\nana@example.org,Ana Costa\n"), ana);
        assert_eq!(people("\u{feff}Name;E-Mail\r\nAna Costa;ana@example.org\r\n"), ana);
        assert_eq!(people("Seat\tFull name\tEmail address\n12\t Ana Costa \tana@example.org\n"), ana);
        assert_eq!(
            people("email,name\n\n\"ana@example.org\",\"Costa, Ana\"\n,\n"),
            [person(3, "ana@example.org", "Costa, Ana")]
        );
    }

    #[test]
    fn a_row_that_cannot_be_read_costs_itself_only() {
        let rows = people("email,name\nana@example.org\n\"bo@example.org,Bo\ncy@example.org,Cy,x\ndi@example.org,Di\n");
        let lines: Vec<_> = rows.iter().map(|row| (row.line, row.person.is_ok())).collect();
        assert_eq!(lines, [(2, false), (3, false), (4, false), (5, true)]);
    }

    #[test]
    fn a_file_without_people_says_what_it_lacks() {
        for (text, told) in [
            ("", "There is nobody in this file."),
            ("email,name\n", "There is nobody in this file."),
            ("ana@example.org,Ana\n", "The header row lacks email and name. It has: ana@example.org, Ana."),
            ("email,surname\na@example.org,A\n", "The header row lacks name. It has: email, surname."),
            ("PK\u{3}\u{4}", "This is not a text file but a ZIP archive"),
        ] {
            let error = read_people(text.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(told), "{text:?}: {error}");
        }
    }
}
