//! Serialised markup as tags and texts. Only for what the sanitiser or this program wrote, which is well-formed.

/// A tag with its angle brackets, or the text between tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `<p>`, `</p>`, `<a href="x">`
    Tag(&'a str),
    /// Escaped text.
    Text(&'a str),
}

/// Splits markup. A `>` inside a quoted attribute does not end its tag.
pub(super) fn tokens(markup: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = markup;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let is_tag = rest.starts_with('<');
        let end = if is_tag { tag_end(rest) } else { rest.find('<').unwrap_or(rest.len()) };
        let (token, tail) = rest.split_at(end);
        rest = tail;
        Some(if is_tag { Token::Tag(token) } else { Token::Text(token) })
    })
}

fn tag_end(markup: &str) -> usize {
    let mut quoted = false;
    for (place, character) in markup.char_indices() {
        match character {
            '"' => quoted = !quoted,
            '>' if !quoted => return place + 1,
            _ => {}
        }
    }
    markup.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_attributes_do_not_end_a_tag() {
        let found: Vec<_> = tokens(r#"a<a href="x>y<b">b</a>"#).collect();
        assert_eq!(found, [Token::Text("a"), Token::Tag(r#"<a href="x>y<b">"#), Token::Text("b"), Token::Tag("</a>")]);
    }
}
