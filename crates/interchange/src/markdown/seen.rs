//! What a reader sees of Markdown: pages leave out images and most HTML, so a text can be there and show nothing.

use super::html::{Kind, kind, removed, resolved};
use super::plain;
use crate::draft::{quote, remark};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// The Markdown that pages know.
fn events(text: &str) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_MATH;
    Parser::new_ext(text, options).into_offset_iter()
}

/// How often a text is gone over: what is left when a tag is taken out can be a tag again.
const ROUNDS: usize = 8;

/// A text without what pages leave out: images, scripts, files, and tags they do not know. Each removal is remarked.
pub(crate) fn cleaned(text: String, changes: &mut Vec<String>) -> String {
    let mut text = text;
    for _ in 0..ROUNDS {
        let cuts = if text.contains('<') || text.contains("![") { cuts(&text, changes) } else { Vec::new() };
        if cuts.is_empty() {
            return text;
        }
        let mut rest = String::with_capacity(text.len());
        let mut at = 0;
        for (range, instead) in cuts {
            if range.start >= at {
                rest.push_str(&text[at..range.start]);
                rest.push_str(&instead);
                at = range.end;
            }
        }
        rest.push_str(&text[at..]);
        text = rest.trim().to_owned();
    }
    remark(changes, "Its HTML tags cannot be told apart and are shown as typed.");
    plain(&text)
}

/// What is cut out of a text, in its order, and what takes its place.
fn cuts(text: &str, changes: &mut Vec<String>) -> Vec<(Range<usize>, String)> {
    let mut cuts: Vec<(Range<usize>, String)> = Vec::new();
    let mut tags: Vec<RawTag<'_>> = Vec::new();
    let mut image: Option<(usize, String)> = None;
    let mut block_end = 0;
    for (event, range) in events(text) {
        match event {
            Event::Start(Tag::Image { .. }) => {
                let (depth, _) = image.get_or_insert_with(|| (0, String::new()));
                *depth += 1;
            }
            Event::End(TagEnd::Image) => {
                if let Some((depth, alternative)) = image.take() {
                    if depth > 1 {
                        image = Some((depth - 1, alternative));
                    } else {
                        let kept = !alternative.trim().is_empty();
                        remark(changes, if kept { IMAGE_WITH_TEXT } else { IMAGE });
                        cuts.push((range, if kept { plain(&alternative) } else { String::new() }));
                    }
                }
            }
            Event::Text(piece) | Event::Code(piece) => {
                if let Some((_, alternative)) = &mut image {
                    alternative.push_str(&piece);
                }
            }
            Event::Start(Tag::HtmlBlock) => {
                raw_tags(text, range.clone(), &mut tags);
                block_end = range.end;
            }
            Event::InlineHtml(_) if image.is_none() && range.start >= block_end => raw_tags(text, range, &mut tags),
            _ => {}
        }
    }
    cut_tags(&tags, &mut cuts, changes);
    cuts.sort_by_key(|(range, _)| range.start);
    cuts
}

const IMAGE: &str = "An image was removed. Check that the question can be answered without it.";
const IMAGE_WITH_TEXT: &str = "An image was removed; its alternative text is kept.";

fn cut_tags(tags: &[RawTag<'_>], cuts: &mut Vec<(Range<usize>, String)>, changes: &mut Vec<String>) {
    let mut tags = tags.iter().peekable();
    while let Some(tag) = tags.next() {
        match kind(tag.name) {
            Kind::Image => {
                remark(changes, IMAGE);
                cuts.push((tag.range.clone(), String::new()));
            }
            Kind::Hidden => {
                remark(changes, removed(tag.name));
                let rest = if tag.closing { None } else { closing(tags.clone(), tag.name) };
                let end = rest.map_or(tag.range.end, |(place, end)| {
                    tags.by_ref().take(place + 1).for_each(drop);
                    end
                });
                cuts.push((tag.range.start..end, String::new()));
            }
            Kind::Unsupported => {
                remark(changes, removed(tag.name));
                cuts.push((tag.range.clone(), String::new()));
            }
            Kind::Unknown => {
                let raw = quote(tag.raw);
                remark(changes, format!("{raw} was removed as HTML. Put a backslash before it to show it as typed."));
                cuts.push((tag.range.clone(), String::new()));
            }
            _ => {}
        }
    }
}

/// How many tags on the closing tag of a name is, at most a hundred, and where it ends.
fn closing<'a>(tags: impl Iterator<Item = &'a RawTag<'a>>, name: &str) -> Option<(usize, usize)> {
    let mut tags = tags.take(100).enumerate();
    let (place, tag) = tags.find(|(_, tag)| tag.closing && tag.name.eq_ignore_ascii_case(name))?;
    Some((place, tag.range.end))
}

/// A tag as Markdown takes it for one.
struct RawTag<'a> {
    /// Empty for declarations and processing instructions.
    name: &'a str,
    closing: bool,
    raw: &'a str,
    range: Range<usize>,
}

/// Finds the tags in a stretch of HTML; comments are no tags.
fn raw_tags<'a>(text: &'a str, range: Range<usize>, tags: &mut Vec<RawTag<'a>>) {
    let mut at = range.start;
    while let Some(start) = text[at..range.end].find('<').map(|found| at + found) {
        let inside = &text[start + 1..range.end];
        if let Some(comment) = inside.strip_prefix("!--") {
            at = comment.find("-->").map_or(range.end, |end| start + 4 + end + 3);
            continue;
        }
        let closing = inside.starts_with('/');
        let named = inside.strip_prefix('/').unwrap_or(inside);
        let length = named.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != ':').unwrap_or(named.len());
        let name = if named.starts_with(|c: char| c.is_ascii_alphabetic()) { &named[..length] } else { "" };
        let is_tag = !name.is_empty() || !closing && inside.starts_with(['!', '?']);
        match tag_end(inside).filter(|_| is_tag) {
            Some(end) => {
                at = start + 1 + end + 1;
                tags.push(RawTag { name, closing, raw: &text[start..at], range: start..at });
            }
            None => at = start + 1,
        }
    }
}

/// Where the `>` is that ends a tag, outside quotation marks. A further `<` means that it was none.
fn tag_end(inside: &str) -> Option<usize> {
    let mut quoted = None;
    for (at, c) in inside.char_indices() {
        match (c, quoted) {
            ('<', None) => return None,
            ('>', None) => return Some(at),
            ('"' | '\'', None) => quoted = Some(c),
            (c, Some(mark)) if c == mark => quoted = None,
            _ => {}
        }
    }
    None
}

/// What a reader sees of a text.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Pieces with the formats they are in. Code is no format: `ls` reads the same as ls.
    runs: Vec<(String, String)>,
    /// The text in which the page looks for blanks, broken where it puts a tag.
    flat: String,
}

impl Seen {
    pub(crate) fn of(text: &str) -> Self {
        let mut seen = Self::default();
        let mut formats: Vec<String> = Vec::new();
        for (event, _) in events(text) {
            match event {
                Event::Text(piece) => {
                    seen.push(&formats, &piece);
                    seen.flat.push_str(&piece);
                    continue;
                }
                Event::Code(piece) => {
                    seen.push(&formats, &piece);
                    seen.flat.push('\n');
                    seen.flat.push_str(&piece);
                }
                Event::InlineMath(source) | Event::DisplayMath(source) => seen.push(&formats, &format!("${source}$")),
                Event::Start(Tag::Emphasis) => formats.push("em".into()),
                Event::Start(Tag::Strong) => formats.push("strong".into()),
                Event::Start(Tag::Strikethrough) => formats.push("del".into()),
                Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough) => drop(formats.pop()),
                Event::Html(html) | Event::InlineHtml(html) => seen.html(&html, &mut formats),
                Event::End(TagEnd::Link | TagEnd::Image) | Event::Start(_) => {}
                _ => seen.push(&formats, " "),
            }
            seen.flat.push('\n');
        }
        seen
    }

    fn html(&mut self, html: &str, formats: &mut Vec<String>) {
        let mut tags = Vec::new();
        raw_tags(html, 0..html.len(), &mut tags);
        let mut at = 0;
        for tag in &tags {
            self.raw_text(&html[at..tag.range.start], formats);
            at = tag.range.end;
            match kind(tag.name) {
                Kind::Inline if tag.closing => drop(formats.pop()),
                Kind::Inline => formats.push(tag.name.to_ascii_lowercase()),
                Kind::Link | Kind::Transparent => {}
                _ => self.push(formats, " "),
            }
            self.flat.push('\n');
        }
        self.raw_text(&html[at..], formats);
    }

    /// Text between tags, of which comments are not seen.
    fn raw_text(&mut self, html: &str, formats: &[String]) {
        let mut rest = html;
        while let Some((before, comment)) = rest.split_once("<!--") {
            let text = resolved(before);
            self.push(formats, &text);
            self.flat.push_str(&text);
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
        }
        let text = resolved(rest);
        self.push(formats, &text);
        self.flat.push_str(&text);
    }

    fn push(&mut self, formats: &[String], text: &str) {
        let format = formats.iter().take(8).map(String::as_str).collect::<Vec<_>>().join(" ");
        match self.runs.last_mut() {
            Some((last, run)) if *last == format || text.trim().is_empty() => run.push_str(text),
            _ => self.runs.push((format, text.to_owned())),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        let invisible =
            |c: char| c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}');
        self.runs.iter().all(|(_, run)| run.chars().all(invisible))
    }

    /// Texts that read the same have the same; a format tells texts apart only where it covers a part of one (`H<sub>2</sub>O`,
    /// a stressed syllable).
    pub(crate) fn identity(&self) -> String {
        let runs: Vec<&(String, String)> = self.runs.iter().filter(|(_, run)| !run.trim().is_empty()).collect();
        match runs.as_slice() {
            [(_, run)] => run.clone(),
            runs => runs.iter().map(|(format, run)| format!("\u{1}{format}\u{1}{run}")).collect(),
        }
    }

    /// The numbers of the blanks that the page makes fields of.
    pub(crate) fn blanks(&self) -> Vec<usize> {
        exam::question::blank_marks(&self.flat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pages_leave_out_is_cut_and_remarked() {
        for (text, left, changes) in [
            ("![](a.png)", "", &[IMAGE][..]),
            ("See ![the *map*](a.png).", "See the map.", &[IMAGE_WITH_TEXT]),
            ("<img src=\"x.png\">", "", &[IMAGE]),
            ("a<script>alert(1)</script>b", "ab", &["A script was removed."]),
            ("<svg></svg>", "", &["A file (HTML tag svg) was removed; only text is imported."]),
            ("a <font color=red>b</font>", "a b", &["The HTML tag font was removed."]),
            (
                "A List<String> is",
                "A List is",
                &["“<String>” was removed as HTML. Put a backslash before it to show it as typed."],
            ),
            (
                "<ima<img>ge>x",
                "x",
                &[IMAGE, "“<image>” was removed as HTML. Put a backslash before it to show it as typed."],
            ),
        ] {
            let mut remarks = Vec::new();
            assert_eq!(cleaned(text.to_owned(), &mut remarks), left, "{text}");
            assert_eq!(remarks, changes, "{text}");
        }
    }

    #[test]
    fn what_pages_show_stays_as_it_is() {
        for text in [
            "a < b and c > d",
            "`<script>` and \\<img>",
            "```\n<img src=x>\n![](a)\n```",
            "H<sub>2</sub>O<br>and <b>more</b> <!-- note -->",
            "<table><tr><td>1</td></tr></table>",
            "[a](https://example.org) and $a<b$",
        ] {
            let mut remarks = Vec::new();
            assert_eq!(cleaned(text.to_owned(), &mut remarks), text);
            assert_eq!(remarks, [""; 0], "{text}");
        }
    }

    #[test]
    fn texts_that_show_nothing_are_empty() {
        for text in ["", "<table>", "&nbsp;", "***", "<!-- x -->", "<b> </b>", "\u{200b}"] {
            assert!(Seen::of(text).is_empty(), "{text}: {:?}", Seen::of(text));
        }
        for text in ["a", "`<table>`", "$x$", "\\<b>", "<p>x</p>"] {
            assert!(!Seen::of(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn texts_that_read_the_same_are_told_from_texts_that_do_not() {
        let identity = |text: &str| Seen::of(text).identity();
        for (one, other) in
            [("a", "*a*"), ("a", "`a`"), ("a b", "**a b**"), ("a", "<b>a</b>"), ("[a](https://b.c)", "a")]
        {
            assert_eq!(identity(one), identity(other), "{one} and {other}");
        }
        for (one, other) in [("CO2", "CO<sub>2</sub>"), ("*re*cord", "re*cord*"), ("x^2", "$x^2$"), ("a", "A")] {
            assert_ne!(identity(one), identity(other), "{one} and {other}");
        }
    }

    #[test]
    fn blanks_count_where_the_page_makes_fields_of_them() {
        for (text, blanks) in [
            ("*{{1}}* and `x {{2}}`", &[1, 2][..]),
            ("x <!-- {{1}} --> $x_{{1}}$ {{2}}", &[2]),
            ("[a](https://example.org/{{1}}) <b>{{2}}</b>", &[2]),
            ("<p>{{1}}</p>", &[1]),
        ] {
            assert_eq!(Seen::of(text).blanks(), blanks, "{text}");
        }
    }
}
