//! The blanks of a cloze text: `{{1}}`, `{{2}}`, ...

use super::Html;
use super::tokens::{Token, tokens};

/// A piece of a rendered cloze text. The pieces of markup are well-formed only together, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text with its markup.
    Text(Html),
    /// The blank of this number, from 1.
    Blank(usize),
}

/// Splits a rendered prompt at its blanks. Marks inside tags are left alone: a field cannot stand there.
#[must_use]
pub fn split_blanks(prompt: &Html) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut markup = String::new();
    for token in tokens(prompt.as_str()) {
        let mut rest = match token {
            Token::Tag(tag) => {
                markup.push_str(tag);
                continue;
            }
            Token::Text(text) => text,
        };
        while let Some((before, number, after)) = next_blank(rest) {
            markup.push_str(before);
            if !markup.is_empty() {
                pieces.push(Piece::Text(Html::trusted(std::mem::take(&mut markup))));
            }
            pieces.push(Piece::Blank(number));
            rest = after;
        }
        markup.push_str(rest);
    }
    if !markup.is_empty() {
        pieces.push(Piece::Text(Html::trusted(markup)));
    }
    pieces
}

/// The rendered prompt with each blank shown as its number in brackets, for reviews and tables.
#[must_use]
pub fn name_blanks(prompt: &Html) -> Html {
    let pieces = split_blanks(prompt).into_iter().map(|piece| match piece {
        Piece::Text(html) => html.0,
        Piece::Blank(number) => format!("<span class=\"blank-name\">[{number}]</span>"),
    });
    Html::trusted(pieces.collect())
}

/// The same for a text without markup.
#[must_use]
pub(super) fn name_blanks_in_text(text: &str) -> String {
    let mut named = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, number, after)) = next_blank(rest) {
        named.push_str(before);
        named.push_str(&format!("[{number}]"));
        rest = after;
    }
    named + rest
}

/// The text before the first blank, its number, and the text after it.
fn next_blank(text: &str) -> Option<(&str, usize, &str)> {
    let mut searched = 0;
    while let Some(start) = text[searched..].find("{{").map(|place| place + searched) {
        let inside = &text[start + 2..];
        let end = inside.find("}}")?;
        let number = &inside[..end];
        if !number.is_empty() && number.len() <= 3 && number.bytes().all(|byte| byte.is_ascii_digit()) {
            let number = number.parse().ok().filter(|number| *number > 0)?;
            return Some((&text[..start], number, &inside[end + 2..]));
        }
        searched = start + 2;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::{render, render_inline};
    use super::*;

    fn text(markup: &str) -> Piece {
        Piece::Text(Html::trusted(markup.to_owned()))
    }

    #[test]
    fn a_prompt_is_split_at_its_blanks() {
        let pieces = split_blanks(&render_inline("TCP is *{{1}}*; UDP is {{2}}."));
        let expected = [text("TCP is <em>"), Piece::Blank(1), text("</em>; UDP is "), Piece::Blank(2), text(".")];
        assert_eq!(pieces, expected);
    }

    #[test]
    fn what_is_no_blank_stays_text() {
        for markdown in ["{{}}", "{{0}}", "{{a}}", "{{1", "{1}", "{{1234}}"] {
            let pieces = split_blanks(&render_inline(markdown));
            assert_eq!(pieces, [text(markdown)], "{markdown}");
        }
        let pieces = split_blanks(&render_inline("{{x {{1}}"));
        assert_eq!(pieces, [text("{{x "), Piece::Blank(1)]);
    }

    #[test]
    fn no_blank_is_found_inside_a_tag() {
        let pieces = split_blanks(&render("[a](https://example.org/{{1}}) <b lang=\"{{2}}\">b</b>"));
        assert!(pieces.iter().all(|piece| matches!(piece, Piece::Text(_))), "{pieces:?}");
    }

    #[test]
    fn blanks_are_named_for_reviews() {
        let named = name_blanks(&render_inline("{{1}} and {{2}}")).to_string();
        assert_eq!(named, "<span class=\"blank-name\">[1]</span> and <span class=\"blank-name\">[2]</span>");
    }
}
