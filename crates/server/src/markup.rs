//! From the Markdown of authors to markup that is safe to put on a page.
//!
//! Author texts are rendered, sanitised by an allow-list, and only then do formulas, which are MathML of our own making,
//! take the place of their placeholders. [`Html`] is the one type that templates write out unescaped.

mod blanks;
mod math;
mod render;
mod tokens;

pub use blanks::{Piece, name_blanks, split_blanks};
pub use render::{excerpt, plain_text, render, render_inline};

use std::fmt;

/// Markup that is safe to put on a page as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Takes markup that this program made out of constants and escaped texts.
    #[must_use]
    pub(crate) fn trusted(markup: String) -> Self {
        Self(markup)
    }

    /// A text without markup.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self(escape(text))
    }

    /// An element around a text. The names are constants of this program; the values may come from anywhere.
    #[must_use]
    pub(crate) fn element(name: &'static str, attributes: &[(&'static str, &str)], text: &str) -> Self {
        let attributes: String =
            attributes.iter().map(|(attribute, value)| format!(" {attribute}=\"{}\"", escape(value))).collect();
        Self(format!("<{name}{attributes}>{}</{name}>", escape(text)))
    }

    /// The markup.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Html {}

/// Writes a text so that it stands for itself in markup and in quoted attributes.
#[must_use]
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
