//! GIFT's backslash: `\~ \= \# \{ \} \:` stand for the character, `\n` for a line break, `\\` for a backslash; any other
//! backslash stands for itself.

use std::borrow::Cow;

fn is_escapable(c: char) -> bool {
    matches!(c, '~' | '=' | '#' | '{' | '}' | ':' | 'n' | '\\')
}

/// The characters that are not escaped, with their places.
pub(super) fn bare(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut characters = text.char_indices().peekable();
    std::iter::from_fn(move || {
        loop {
            let (at, c) = characters.next()?;
            if c == '\\' && characters.next_if(|(_, next)| is_escapable(*next)).is_some() {
                continue;
            }
            return Some((at, c));
        }
    })
}

/// Where a mark first stands unescaped.
pub(super) fn find(text: &str, mark: &str) -> Option<usize> {
    bare(text).map(|(at, _)| at).find(|at| text[*at..].starts_with(mark))
}

/// Splits at the first unescaped mark.
pub(super) fn split_once<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    find(text, mark).map(|at| (&text[..at], &text[at + mark.len()..]))
}

/// Splits at the last unescaped mark.
pub(super) fn split_last<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    let at = bare(text).map(|(at, _)| at).filter(|at| text[*at..].starts_with(mark)).last()?;
    Some((&text[..at], &text[at + mark.len()..]))
}

/// The text meant, without its escapes.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match (c, characters.peek()) {
            ('\\', Some('n')) => {
                characters.next();
                out.push('\n');
            }
            ('\\', Some(next)) if is_escapable(*next) => out.extend(characters.next()),
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backslash_takes_the_meaning_of_control_characters_only() {
        for (text, expected) in [
            (r"\~\=\#\{\}\:", "~=#{}:"),
            (r"a\nb", "a\nb"),
            (r"a\\nb", r"a\nb"),
            (r"\\\\", r"\\"),
            (r"C:\temp \* \", r"C:\temp \* \"),
        ] {
            assert_eq!(unescape(text), expected, "{text}");
        }
    }

    #[test]
    fn escaped_marks_are_passed_over() {
        assert_eq!(find(r"a\=b=c", "="), Some(4));
        assert_eq!(find(r"a\\=b", "="), Some(3));
        assert_eq!(split_once(r"a\:: b::c", "::"), Some((r"a\:: b", "c")));
        assert_eq!(split_last("a####b####c", "####"), Some(("a####b", "c")));
        assert_eq!(find(r"\{", "{"), None);
    }
}
