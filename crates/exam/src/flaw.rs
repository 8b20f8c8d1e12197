//! What keeps an answer from counting in full whatever the key says. It is told from public content alone, so that people can hear of it
//! while they can still change it.

use crate::answer::Response;
use crate::question::{Blank, Content, NumericKey};

/// Why an answer, or a blank of it, is sure to be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// More options are chosen than the question asks for.
    TooMany,
    /// What should be a number cannot be read as one.
    NoNumber,
    /// That of one blank at least cannot, which is wrong then, whatever the others earn.
    BlankNoNumber,
}

/// The flaw of an answer, if it has one.
#[must_use]
pub fn flaw(content: &Content, response: &Response) -> Option<Flaw> {
    let is_number = |text: &str| NumericKey::parse_number(text).is_some();
    match (content, response) {
        (Content::Choice { multiple, choose, .. }, Response::Choice(letters)) => {
            is_too_many(*multiple, *choose, letters.len()).then_some(Flaw::TooMany)
        }
        (Content::Numeric { .. }, Response::Number(text)) => (!is_number(text)).then_some(Flaw::NoNumber),
        (Content::Cloze { blanks }, Response::Blanks(filled)) => {
            let unread = |(index, blank): (usize, &Blank)| {
                matches!(blank, Blank::Number {})
                    && filled.get(&(index + 1).to_string()).is_some_and(|text| !is_number(text))
            };
            blanks.iter().enumerate().any(unread).then_some(Flaw::BlankNoNumber)
        }
        _ => None,
    }
}

/// Whether more options are chosen than a choice question asks for: marking everything must not pay.
pub(crate) fn is_too_many(multiple: bool, choose: Option<usize>, chosen: usize) -> bool {
    choose.is_some_and(|choose| chosen > choose) || (!multiple && chosen > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(letters: &str) -> Response {
        Response::Choice(letters.chars().map(String::from).collect())
    }

    #[test]
    fn more_than_is_asked_for_is_a_flaw_and_less_is_none() {
        let choice = |multiple, choose| Content::Choice { multiple, choose, options: Vec::new() };
        let two = choice(true, Some(2));
        assert_eq!(flaw(&two, &letters("a")), None);
        assert_eq!(flaw(&two, &letters("ab")), None);
        assert_eq!(flaw(&two, &letters("abc")), Some(Flaw::TooMany));
        assert_eq!(flaw(&choice(true, None), &letters("abcd")), None, "all that apply may be all");
        assert_eq!(flaw(&choice(false, None), &letters("ab")), Some(Flaw::TooMany));
    }

    #[test]
    fn what_cannot_be_read_as_a_number_is_a_flaw_where_a_number_is_asked_for() {
        let numeric = Content::Numeric { unit: None };
        assert_eq!(flaw(&numeric, &Response::Number("3,5".into())), None);
        assert_eq!(flaw(&numeric, &Response::Number("about 3".into())), Some(Flaw::NoNumber));
        assert_eq!(flaw(&Content::ShortText {}, &Response::Text("about 3".into())), None);
        let cloze = Content::Cloze { blanks: vec![Blank::Text {}, Blank::Number {}] };
        let filled = |parts: &[(&str, &str)]| {
            Response::Blanks(parts.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect())
        };
        assert_eq!(flaw(&cloze, &filled(&[("1", "some")])), None, "an empty blank is only open");
        assert_eq!(flaw(&cloze, &filled(&[("1", "some"), ("2", "7")])), None);
        assert_eq!(flaw(&cloze, &filled(&[("1", "some"), ("2", "seven")])), Some(Flaw::BlankNoNumber));
    }
}
