//! Texts of other formats as Markdown that reads the same: plain text with its markup escaped, and HTML.
//!
//! HTML becomes Markdown where Markdown has the thing (paragraphs, lists, code blocks, breaks), and stays inline HTML
//! where it has not (sub, sup, u). What cannot be shown (files, scripts, styles) is removed, and each removal is remarked.

mod escape;
mod html;
mod seen;

pub(crate) use seen::{Seen, cleaned};

use escape::Escaper;

/// How a GIFT text is marked up; see Moodle's text formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Markup {
    /// Plain text in which HTML tags work and lines break where they break.
    Moodle,
    /// HTML.
    Html,
    /// Shown as typed.
    Plain,
    /// Markdown already.
    Markdown,
}

impl Markup {
    /// By the name in GIFT's square brackets.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "moodle" => Some(Self::Moodle),
            "html" => Some(Self::Html),
            "plain" => Some(Self::Plain),
            "markdown" => Some(Self::Markdown),
            _ => None,
        }
    }
}

/// A text as Markdown; what had to be removed is remarked in `changes`.
pub(crate) fn from(text: &str, markup: Markup, changes: &mut Vec<String>) -> String {
    match markup {
        Markup::Markdown => text.trim().to_owned(),
        Markup::Plain => plain(text),
        Markup::Moodle => html::to_markdown(text, true, changes),
        Markup::Html => html::to_markdown(text, false, changes),
    }
}

/// Plain text as Markdown that shows it as typed.
pub(crate) fn plain(text: &str) -> String {
    let text = text.trim();
    let escaper = Escaper::for_text(text);
    let mut out = String::with_capacity(text.len() + 16);
    let mut after_blank = true;
    for line in text.lines() {
        let shown = line.trim();
        if shown.is_empty() {
            after_blank = true;
            continue;
        }
        if !out.is_empty() {
            out.push_str(if after_blank { "\n\n" } else { "\\\n" });
        }
        after_blank = false;
        // Markdown drops indentation or takes it for code; no-break spaces keep it.
        for space in line[..line.len() - line.trim_start().len()].chars() {
            out.push_str(if space == '\t' { "\u{a0}\u{a0}\u{a0}\u{a0}" } else { "\u{a0}" });
        }
        escaper.push(&mut out, shown, true, true);
    }
    out
}

/// The first HTML tag in a text, as it stands there.
pub(crate) fn first_tag(text: &str) -> Option<&str> {
    html::first_tag(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_markup_stays_as_it_is() {
        for text in [
            "What is 5 * 3 + 2 - 1?",
            "snake_case and C:\\temp are fine, so is 1 < 2 & 3 > 2",
            "Grant is _____ in the tomb.",
            "It costs $5. See [1] and (a).",
            "-5 degrees, +3, 1.5 and #3",
            "AT&T, f(x) = y~",
        ] {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn what_markdown_would_misread_is_escaped() {
        for (text, expected) in [
            ("a*b*c", r"a\*b\*c"),
            ("*one* star", r"\*one\* star"),
            ("* item", r"\* item"),
            ("- item", r"\- item"),
            ("1. item", r"1\. item"),
            ("# title", r"\# title"),
            ("> quote", r"\> quote"),
            ("---", r"\---"),
            ("_____", r"\_\_\_\_\_"),
            ("_a_ and __b__", r"\_a\_ and \_\_b\_\_"),
            ("`code`", r"\`code\`"),
            ("<b>bold</b>", r"\<b>bold\</b>"),
            ("&lt; &amp; &#65;", r"\&lt; \&amp; \&#65;"),
            ("[a](b)", r"[a\](b)"),
            ("$5 and $6", r"\$5 and \$6"),
            ("~~gone~~", r"\~\~gone\~\~"),
            (r"2\*3", r"2\\*3"),
            ("a | b\n--|--", "a | b\\\n\\--|--"),
            ("title\n===", "title\\\n\\==="),
        ] {
            assert_eq!(plain(text), expected, "{text}");
        }
    }

    #[test]
    fn lines_break_where_they_break_and_keep_their_indentation() {
        assert_eq!(plain("if x:\n  y\n\nend "), "if x:\\\n\u{a0}\u{a0}y\n\nend");
    }
}
