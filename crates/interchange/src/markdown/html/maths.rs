//! Maths in the notations that Moodle's filters know.

use super::tokens::resolved;

/// Where the next maths may start, at least one character on.
pub(super) fn next(word: &str) -> usize {
    let first = word.chars().next().map_or(0, char::len_utf8);
    let rest = &word[first..];
    let stop = rest.bytes().enumerate().position(|(at, byte)| {
        let next = rest.as_bytes().get(at + 1);
        byte == b'$' && next == Some(&b'$') || byte == b'\\' && matches!(next, Some(b'(' | b'['))
    });
    stop.map_or(word.len(), |stop| first + stop)
}

/// Maths at the start of a text, in the notations of Moodle's filters (`$$...$$`, `\(...\)`, `\[...\]`): its length and its
/// Markdown.
pub(super) fn take(text: &str) -> Option<(usize, String)> {
    let (inside, end, mark) = if let Some(inside) = text.strip_prefix("$$") {
        (inside, "$$", "$$")
    } else if let Some(inside) = text.strip_prefix(r"\(") {
        (inside, r"\)", "$")
    } else {
        (text.strip_prefix(r"\[")?, r"\]", "$$")
    };
    let length = formula_length(inside, end)?;
    let formula = resolved(inside[..length].trim());
    let fits = !formula.is_empty() && !formula.contains('$');
    fits.then(|| (2 + length + 2, format!("{mark}{formula}{mark}")))
}

/// Where the formula ends. Another start before the end means that it was none: this keeps the search linear.
fn formula_length(inside: &str, end: &str) -> Option<usize> {
    let mut skip = false;
    for (at, byte) in inside.bytes().enumerate() {
        if skip {
            skip = false;
        } else if matches!(byte, b'$' | b'\\') {
            if inside.as_bytes()[at..].starts_with(end.as_bytes()) {
                return Some(at);
            }
            if byte == b'$' || matches!(inside.as_bytes().get(at + 1), Some(b'(' | b'[')) {
                return None;
            }
            skip = true;
        }
    }
    None
}
