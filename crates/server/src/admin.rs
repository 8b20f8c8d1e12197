//! The staff area: accounts, banks, exams, attempts. Who may call what is in the route table; everything that is changed
//! here is logged with the person who changed it.

pub mod accounts;
pub mod attempts;
pub mod banks;
mod exam_form;
pub mod exams;
pub mod import;
pub mod overview;
pub mod questions;

use crate::http::errors::{Error, Result};
use crate::http::extract::Query;
use crate::view::form::Problem;
use std::str::FromStr;

/// The longest title of a bank or exam, in characters.
const TITLE_MAX: usize = 200;

/// The longest text that is searched for, in characters; what is beyond is left out.
const SEARCH_MAX: usize = 200;

/// Where a list goes on; None at its beginning.
fn cursor<T: FromStr>(query: &Query) -> Result<Option<T>> {
    let text = query.get("cursor").filter(|text| !text.is_empty());
    let cursor = text.map(str::parse).transpose();
    cursor.map_err(|_| Error::invalid("/cursor", "Use the link to the next page."))
}

/// What a list is narrowed to by a parameter; empty for nothing.
fn filter(query: &Query, name: &str) -> String {
    query.get(name).unwrap_or("").trim().chars().take(SEARCH_MAX).collect()
}

/// What is wrong with the title of a bank or exam.
fn title_problem(title: &str) -> Option<Problem> {
    match title.trim().chars().count() {
        0 => Some(Problem::TitleMissing),
        1..=TITLE_MAX => None,
        _ => Some(Problem::TooLong(crate::exams::pages::whole(TITLE_MAX))),
    }
}

/// What is wrong with the short name of a bank or exam.
fn slug_problem(slug: &str) -> Option<Problem> {
    if slug.is_empty() {
        Some(Problem::SlugMissing)
    } else if slug.len() > crate::slug::SLUG_MAX {
        Some(Problem::TooLong(crate::exams::pages::whole(crate::slug::SLUG_MAX)))
    } else {
        (!crate::slug::is_slug(slug)).then_some(Problem::SlugInvalid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_goes_on_where_its_link_says_and_nowhere_else() {
        let query = |cursor: &str| Query(vec![("cursor".to_owned(), cursor.to_owned())]);
        assert_eq!(cursor::<i64>(&Query(Vec::new())).expect("the beginning"), None);
        assert_eq!(cursor::<i64>(&query("")).expect("the beginning"), None);
        assert_eq!(cursor::<i64>(&query("42")).expect("a place"), Some(42));
        for wrong in ["x", "4 2", "99999999999999999999"] {
            assert!(cursor::<i64>(&query(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn short_names_are_refused_with_what_is_wrong() {
        assert_eq!(slug_problem("cloud-basics"), None);
        assert_eq!(slug_problem(""), Some(Problem::SlugMissing));
        assert_eq!(slug_problem("Cloud"), Some(Problem::SlugInvalid));
        assert_eq!(slug_problem(&"x".repeat(65)), Some(Problem::TooLong(64)));
    }
}
