//! HTML as tokens. Whatever is not clearly a tag is text, so that `a < b` and `List<T>` survive.

use super::tags::{Kind, kind};

/// A piece of HTML.
pub(super) enum Token<'a> {
    Text(&'a str),
    Tag(Tag<'a>),
    Comment,
}

/// A tag with its attributes still unread.
pub(super) struct Tag<'a> {
    pub(super) name: &'a str,
    /// As it stands in the source.
    pub(super) raw: &'a str,
    pub(super) closing: bool,
    pub(super) self_closing: bool,
    attributes: &'a str,
}

impl<'a> Tag<'a> {
    /// The attributes with their values; a value is empty when there is none.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let mut rest = self.attributes;
        std::iter::from_fn(move || {
            rest = rest.trim_start();
            let end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            if name.is_empty() && after.is_empty() {
                return None;
            }
            let Some(value) = after.trim_start().strip_prefix('=').map(str::trim_start) else {
                rest = after;
                return Some((name, ""));
            };
            let quoted = value.chars().next().filter(|c| matches!(c, '"' | '\''));
            let (value, after) = match quoted {
                Some(mark) => value[1..].split_once(mark).unwrap_or((&value[1..], "")),
                None => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
            };
            rest = after;
            Some((name, value))
        })
    }
}

impl Token<'_> {
    /// Whether it is the closing tag of that name.
    pub(super) fn closes(&self, name: &str) -> bool {
        matches!(self, Self::Tag(tag) if tag.closing && tag.name.eq_ignore_ascii_case(name))
    }

    /// What it contributes to a code block: text with its entities resolved.
    pub(super) fn code(&self) -> String {
        match self {
            Self::Text(text) => resolved(text),
            Self::Tag(tag) if kind(tag.name) == Kind::Break => "\n".to_owned(),
            Self::Tag(_) | Self::Comment => String::new(),
        }
    }
}

/// Splits HTML into tokens, in time linear in its length.
pub(super) struct Tokens<'a> {
    rest: &'a str,
    /// Set once a comment was not closed: searching its end again for each further one would take quadratic time.
    unclosed_comment: bool,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(html: &'a str) -> Self {
        Self { rest: html, unclosed_comment: false }
    }

    fn markup(&mut self, from: &'a str) -> Option<(Token<'a>, &'a str)> {
        if let Some(comment) = from.strip_prefix("<!--") {
            let end = if self.unclosed_comment { None } else { comment.find("-->") };
            self.unclosed_comment = end.is_none();
            return end.map(|end| (Token::Comment, &comment[end + 3..]));
        }
        let inside = &from[1..];
        let closing = inside.starts_with('/');
        let inside = inside.strip_prefix('/').unwrap_or(inside);
        let length = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != ':').unwrap_or(inside.len());
        let (name, after) = inside.split_at(length);
        if kind(name) == Kind::Unknown {
            return None;
        }
        let end = tag_end(after)?;
        let attributes = after[..end].trim();
        let self_closing = attributes.ends_with('/');
        let raw = &from[..from.len() - after.len() + end + 1];
        let tag =
            Tag { name, raw, closing, self_closing, attributes: attributes.strip_suffix('/').unwrap_or(attributes) };
        let plausible = after.starts_with(|c: char| c.is_whitespace() || matches!(c, '/' | '>'))
            && tag.attributes().all(is_attribute);
        plausible.then_some((Token::Tag(tag), &after[end + 1..]))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let all = self.rest;
        let mut from = 0;
        while let Some(at) = all[from..].find('<').map(|at| from + at) {
            if let Some((token, rest)) = self.markup(&all[at..]) {
                // Text before the tag comes first; the tag is read again then.
                if at > 0 {
                    self.rest = &all[at..];
                    return Some(Token::Text(&all[..at]));
                }
                self.rest = rest;
                return Some(token);
            }
            from = at + 1;
        }
        self.rest = "";
        Some(Token::Text(all))
    }
}

/// Where the `>` of a tag is. A further `<` means that it was none: this also keeps the search linear.
fn tag_end(after: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in after.char_indices() {
        match (c, quote) {
            ('<', _) => return None,
            ('>', None) => return Some(at),
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(mark)) if c == mark => quote = None,
            _ => {}
        }
    }
    None
}

/// `a<b and c>d` is a comparison, not a bold tag with the attributes "and" and "c".
fn is_attribute((name, value): (&str, &str)) -> bool {
    let bare = matches!(
        name,
        "disabled" | "checked" | "controls" | "selected" | "autoplay" | "loop" | "muted" | "reversed" | "nowrap"
    );
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic());
    named
        && (!value.is_empty()
            || bare
            || name.contains('-')
            || matches!(
                name,
                "alt" | "style" | "class" | "id" | "title" | "dir" | "lang" | "allowfullscreen" | "src" | "href"
            ))
}

/// Text with the entities that occur in code resolved.
pub(in crate::markdown) fn resolved(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        let character = end.and_then(|end| entity(&rest[1..end]));
        match (character, end) {
            (Some(character), Some(end)) => {
                out.push(character);
                rest = &rest[end + 1..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| !c.is_control() || *c == '\n')
        }
    }
}
