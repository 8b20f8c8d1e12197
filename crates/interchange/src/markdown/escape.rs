//! Escaping what Markdown would read as markup, and no more: most texts come out as they went in.

/// Knows which markup a text could form at all: one star alone emphasises nothing.
pub(super) struct Escaper {
    stars: bool,
    underscores: bool,
    tildes: bool,
    ticks: bool,
    dollars: bool,
}

impl Escaper {
    pub(super) fn for_text(text: &str) -> Self {
        let several = |mark: char| runs(text, mark).nth(1).is_some();
        Self {
            stars: several('*'),
            underscores: runs(text, '_')
                .filter(|(before, after)| !(is_word(*before) && is_word(*after)))
                .nth(1)
                .is_some(),
            tildes: several('~'),
            ticks: several('`'),
            dollars: text.matches('$').nth(1).is_some(),
        }
    }

    /// Appends a piece of one line; `line_start` says that nothing of its line is in `out` yet, `entities` that `&lt;` is
    /// meant as typed.
    pub(super) fn push(&self, out: &mut String, piece: &str, line_start: bool, entities: bool) {
        let mut before = if line_start { None } else { out.chars().next_back() };
        let mut at = 0;
        while let Some(c) = piece[at..].chars().next() {
            let leading = line_start && at == 0;
            // Only of delimiters the whole run counts; measuring every run would take quadratic time.
            let is_run = matches!(c, '*' | '_' | '~' | '`') || leading && c == '#';
            let run = if is_run { piece[at..].len() - piece[at..].trim_start_matches(c).len() } else { 1 };
            let step = if is_run && c != '#' { run } else { c.len_utf8() };
            let rest = &piece[at + step..];
            let next = rest.chars().next();
            let escaped = match c {
                '*' | '_' | '~' | '`' => self.is_delimiter(c, leading, before, run, rest),
                '\\' => next.is_none_or(|next| next.is_ascii_punctuation()),
                '$' => self.dollars,
                ']' => matches!(next, Some('(' | '[' | ':')),
                '<' => next.is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?')),
                '&' => entities && is_entity(rest),
                '.' | ')' => line_start && is_list_number(&piece[..at]) && ends_word(next),
                '#' => leading && run <= 6 && ends_word(piece[at + run..].chars().next()),
                '>' => leading,
                '-' | '|' | ':' => leading && (c == '-' && ends_word(next) || is_rule(piece)),
                '+' => leading && ends_word(next),
                '=' => leading && !out.is_empty() && piece.chars().all(|c| c == '=' || c == ' '),
                _ => false,
            };
            for c in piece[at..at + step].chars() {
                if escaped {
                    out.push('\\');
                }
                out.push(c);
            }
            before = Some(c);
            at += step;
        }
    }

    fn is_delimiter(&self, mark: char, leading: bool, before: Option<char>, run: usize, rest: &str) -> bool {
        let next = rest.chars().next();
        let spaced = before.is_none_or(char::is_whitespace) && next.is_some_and(char::is_whitespace);
        let alone = leading && rest.chars().all(|c| c == mark || c == ' ');
        match mark {
            '*' => alone || leading && spaced || self.stars && !spaced,
            '_' => alone || self.underscores && !spaced && !(is_word(before) && is_word(next)),
            '~' => leading && run >= 3 || self.tildes && !spaced,
            _ => leading && run >= 3 || self.ticks,
        }
    }
}

/// The runs of a mark in a text, each as the characters before and after it.
fn runs(text: &str, mark: char) -> impl Iterator<Item = (Option<char>, Option<char>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(mark)?;
        let rest = text[start..].trim_start_matches(mark);
        at = text.len() - rest.len();
        Some((text[..start].chars().next_back(), rest.chars().next()))
    })
}

fn is_word(c: Option<char>) -> bool {
    c.is_some_and(char::is_alphanumeric)
}

fn ends_word(next: Option<char>) -> bool {
    next.is_none_or(char::is_whitespace)
}

/// A line that underlines a heading, parts a text or heads a table.
fn is_rule(line: &str) -> bool {
    line.contains('-') && line.chars().all(|c| matches!(c, '-' | '|' | ':' | ' '))
}

fn is_list_number(before: &str) -> bool {
    (1..=9).contains(&before.len()) && before.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_entity(rest: &str) -> bool {
    let name: &str = rest.strip_prefix('#').unwrap_or(rest);
    let end = name.bytes().take(40).position(|byte| !byte.is_ascii_alphanumeric());
    end.is_some_and(|end| end > 0 && name[end..].starts_with(';'))
}
