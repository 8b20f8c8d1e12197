//! HTML to Markdown, token by token.

mod blocks;
mod maths;
mod tags;
mod tokens;

use crate::draft::remark;
use blocks::Page;
use std::collections::HashMap;
pub(super) use tags::{Kind, kind};
pub(super) use tokens::resolved;
use tokens::{Tag, Token, Tokens};

/// HTML as Markdown. With `breaks`, line breaks of the source count, as in Moodle's own text format.
pub(super) fn to_markdown(source: &str, breaks: bool, changes: &mut Vec<String>) -> String {
    let tokens: Vec<Token<'_>> = Tokens::new(source).collect();
    let last_closing = last_closing_tags(&tokens);
    let mut page = Page::new(source, breaks);
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        index += 1;
        let tag = match token {
            Token::Text(text) => {
                let is_tag = |token: Option<&Token<'_>>| matches!(token, Some(Token::Tag(_)));
                page.text(text, index >= 2 && is_tag(tokens.get(index - 2)), is_tag(tokens.get(index)));
                continue;
            }
            Token::Comment => continue,
            Token::Tag(tag) => tag,
        };
        let closed_later = last_closing.get(tag.name.to_ascii_lowercase().as_str()).is_some_and(|last| *last >= index);
        let pairs = matches!(kind(tag.name), Kind::Inline | Kind::Hidden | Kind::Preformatted | Kind::Table);
        if pairs && !tag.closing && !tag.self_closing && !closed_later {
            // "Which tag makes text bold? <b>": an author who writes about HTML, not in it.
            remark(changes, format!("{} has no closing tag and is shown as typed.", tag.raw));
            page.text(tag.raw, false, false);
            continue;
        }
        let contents = tokens[index..].iter().take_while(|token| !token.closes(tag.name));
        match kind(tag.name) {
            Kind::Hidden => {
                remark(changes, removed(tag.name));
                if !tag.closing && !tag.self_closing {
                    index += contents.count() + 1;
                }
            }
            Kind::Preformatted if !tag.closing => {
                let pieces: Vec<String> = contents.map(Token::code).collect();
                page.code_block(&pieces.concat());
                index += pieces.len() + 1;
            }
            _ => place(&mut page, tag, changes),
        }
    }
    page.finish()
}

/// The first tag of a text that no backslash makes plain, as it stands there.
pub(super) fn first_tag(text: &str) -> Option<&str> {
    let mut escaped = false;
    for token in Tokens::new(text) {
        match token {
            Token::Tag(tag) if !escaped => return Some(tag.raw),
            Token::Text(text) => escaped = text.ends_with('\\'),
            Token::Tag(_) | Token::Comment => escaped = false,
        }
    }
    None
}

/// For each tag name the place of its last closing tag.
fn last_closing_tags(tokens: &[Token<'_>]) -> HashMap<String, usize> {
    let closing = tokens.iter().enumerate().filter_map(|(index, token)| match token {
        Token::Tag(tag) if tag.closing => Some((tag.name.to_ascii_lowercase(), index)),
        _ => None,
    });
    closing.collect()
}

fn place(page: &mut Page, tag: &Tag<'_>, changes: &mut Vec<String>) {
    if !tag.closing && tag.attributes().any(|(name, value)| is_telling(tag.name, name, value)) {
        remark(changes, "Colours, sizes and other HTML attributes were removed.");
    }
    match kind(tag.name) {
        Kind::Inline => page.inline(tag.name, tag.closing),
        Kind::Break => page.line_break(),
        Kind::Block => page.paragraph(),
        Kind::Heading(level) if !tag.closing => page.heading(level),
        Kind::Heading(_) => page.paragraph(),
        Kind::Rule => page.rule(),
        Kind::List { ordered } => page.list(ordered, tag.closing),
        Kind::Item => page.item(tag.closing),
        Kind::Quote => page.quote(tag.closing),
        Kind::Table => page.table(tag),
        Kind::TablePart => page.table_part(tag),
        Kind::Link => link(page, tag, changes),
        Kind::Image => image(page, tag, changes),
        Kind::Transparent => {}
        Kind::Unsupported => remark(changes, removed(tag.name)),
        // Handled by the caller, a closing tag without its opening one, or never a token.
        Kind::Hidden | Kind::Preformatted | Kind::Unknown => {}
    }
}

/// The remark on an element that is left out.
pub(super) fn removed(name: &str) -> String {
    match name.to_ascii_lowercase().as_str() {
        "script" => "A script was removed.".to_owned(),
        "style" | "link" => "A style sheet was removed.".to_owned(),
        "audio" | "video" | "object" | "embed" | "iframe" | "svg" | "canvas" => {
            format!("A file (HTML tag {name}) was removed; only text is imported.")
        }
        name => format!("The HTML tag {name} was removed."),
    }
}

/// Whether an attribute changes what is seen; names, classes and the like do not.
fn is_telling(tag: &str, name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "class" | "id" | "title" | "target" | "rel" | "type" | "start" | "lang" | "cite" | "datetime" | "scope"
        | "role" => false,
        "dir" => value.eq_ignore_ascii_case("rtl"),
        "href" | "src" | "alt" | "width" | "height" | "name" if matches!(kind(tag), Kind::Link | Kind::Image) => false,
        "colspan" | "rowspan" => false,
        "style" => !value.trim().is_empty(),
        name => !name.starts_with("data-") && !name.starts_with("aria-"),
    }
}

fn link(page: &mut Page, tag: &Tag<'_>, changes: &mut Vec<String>) {
    let address = tag.attributes().find(|(name, _)| name.eq_ignore_ascii_case("href")).map(|(_, value)| value.trim());
    let safe = |address: &&str| {
        let start = address.get(..8.min(address.len())).unwrap_or_default().to_ascii_lowercase();
        (start.starts_with("http://") || start.starts_with("https://") || start.starts_with("mailto:"))
            && !address.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '\''))
    };
    match address {
        _ if tag.closing => page.inline("a", true),
        Some(address) if safe(&address) => page.open_link(address),
        Some(_) => {
            remark(changes, "A link to a file was removed; its text is kept.");
            page.dropped_link();
        }
        None => page.dropped_link(),
    }
}

fn image(page: &mut Page, tag: &Tag<'_>, changes: &mut Vec<String>) {
    let find =
        |wanted: &str| tag.attributes().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value);
    let alternative = find("alt").map(str::trim).unwrap_or_default();
    if alternative.is_empty() {
        remark(changes, "An image was removed. Check that the question can be answered without it.");
    } else {
        remark(changes, "An image was removed; its alternative text is kept.");
        page.text(&format!("[{alternative}]"), false, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(source: &str) -> (String, Vec<String>) {
        let mut changes = Vec::new();
        (to_markdown(source, false, &mut changes), changes)
    }

    #[test]
    fn what_markdown_has_becomes_markdown_and_the_rest_stays_inline_html() {
        for (source, expected) in [
            ("<p>One</p><p>Two</p>", "One\n\nTwo"),
            ("<p dir=\"ltr\">H<sub>2</sub>O is <b>wet</b>.</p>", "H<sub>2</sub>O is <b>wet</b>."),
            ("One<br>two<br/>three", "One\\\ntwo\\\nthree"),
            ("One<br><br>two", "One\n\ntwo"),
            ("<ul><li>a</li><li>b</li></ul>c", "- a\n\n- b\n\nc"),
            ("<ol><li>a<ul><li>x</li></ul></li><li></li><li>b</ol>", "1. a\n\n   - x\n\n2. \n\n3. b"),
            ("<blockquote><p>a</p><p>b</p></blockquote>c", "> a\n>\n> b\n\nc"),
            ("<h2>Title</h2>text", "## Title\n\ntext"),
            ("<h2><ol><li>one<blockquote>two", "1. one\n\n   > two"),
            ("<h2></h2><pre>code</pre>", "```\ncode\n```"),
            ("a<hr>b", "a\n\n***\n\nb"),
            ("x<pre>if a &lt; b:\n  *c*</pre>y", "x\n\n```\nif a < b:\n  *c*\n```\n\ny"),
            ("a*b*c and &lt;i&gt; &amp; é", "a\\*b\\*c and &lt;i&gt; &amp; é"),
            ("many   spaces\n and lines", "many spaces and lines"),
            ("<a href=\"https://example.org/a?b=c\">here</a>", "<a href=\"https://example.org/a?b=c\">here</a>"),
            (
                "<table><tr><td colspan=\"2\">a*b</td></tr></table>z",
                "<table><tr><td colspan=\"2\">a*b</td></tr></table>\n\nz",
            ),
            ("<!-- note -->x", "x"),
            ("a <b>b", "a \\<b>b"),
            ("1 < 2, List<String> and a<b and c>d", "1 < 2, List\\<String> and a\\<b and c>d"),
            (r"so \(x^2\) and $$y*z*w$$", "so $x^2$ and $$y*z*w$$"),
            ("<b>x", "\\<b>x"),
            ("x</b>", "x"),
            ("<b><i>x</b></i>", "<b><i>x</b></i>"),
        ] {
            assert_eq!(html(source).0, expected, "{source}");
        }
    }

    #[test]
    fn what_cannot_be_shown_is_removed_and_named() {
        for (source, expected, remarks) in [
            ("a<script>alert(1)</script>b", "ab", &["A script was removed."][..]),
            ("a<style>p{}</style>b", "ab", &["A style sheet was removed."]),
            (
                "a <img src=\"x.png\">",
                "a",
                &["An image was removed. Check that the question can be answered without it."],
            ),
            ("<img src=x alt='a cat'> b", "[a cat] b", &["An image was removed; its alternative text is kept."]),
            (
                "<a href=\"@@PLUGINFILE@@/x.pdf\">the file</a>",
                "the file",
                &["A link to a file was removed; its text is kept."],
            ),
            ("<a href=\"javascript:alert(1)\">x</a>", "x", &["A link to a file was removed; its text is kept."]),
            ("<p style=\"color: red\">x</p>", "x", &["Colours, sizes and other HTML attributes were removed."]),
            ("<p onclick=\"x()\">x</p>", "x", &["Colours, sizes and other HTML attributes were removed."]),
            ("<font>x</font>", "x", &["The HTML tag font was removed."]),
            (
                "<video src=\"a\">old browser</video>x",
                "x",
                &["A file (HTML tag video) was removed; only text is imported."],
            ),
            ("Which tag? <script>", "Which tag? \\<script>", &["<script> has no closing tag and is shown as typed."]),
            ("<p class=\"x\" id=y>x</p>", "x", &[]),
        ] {
            let (markdown, changes) = html(source);
            assert_eq!(markdown, expected, "{source}");
            assert_eq!(changes, remarks, "{source}");
        }
    }

    #[test]
    fn line_breaks_of_the_source_count_only_where_they_should() {
        let mut changes = Vec::new();
        let moodle = |source: &str, changes: &mut Vec<String>| to_markdown(source, true, changes);
        assert_eq!(moodle("one\ntwo\n\nthree", &mut changes), "one\\\ntwo\n\nthree");
        assert_eq!(moodle("one\n<b>two</b>\nthree", &mut changes), "one <b>two</b> three");
        assert_eq!(moodle("- one\n- two", &mut changes), "\\- one\\\n\\- two");
        assert!(changes.is_empty());
    }

    #[test]
    fn hostile_html_takes_no_more_than_linear_time() {
        for piece in [
            "<",
            "<b",
            "<b ",
            "<!--",
            "<a href=\"",
            "$$",
            "\\(",
            "&",
            "<table>",
            "<ul><li>",
            "</b>",
            "<b>",
            "<pre>",
            "[a",
            "**a",
        ] {
            // Quadratic time would be an hour.
            html(&piece.repeat(256 * 1024 / piece.len()));
        }
    }
}
