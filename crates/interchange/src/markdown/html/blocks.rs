//! The Markdown page that HTML is written on: paragraphs, lists, quotations, tables and breaks.

use super::super::escape::Escaper;
use super::maths;
use super::tokens::Tag;
use std::borrow::Cow;

/// Markdown in the making.
pub(super) struct Page {
    out: String,
    escaper: Escaper,
    /// Whether line breaks of the source count.
    breaks: bool,
    /// What every line of the current block starts with: list indentation, quotation marks.
    prefixes: Vec<String>,
    lists: Vec<List>,
    /// Whether nothing of the current block has been written.
    fresh: bool,
    /// Breaks seen since the last text.
    pending_breaks: usize,
    pending_space: bool,
    /// How many of each of [`INLINE`] are open.
    open: [usize; INLINE.len()],
    dropped_links: usize,
    /// Where the mark of the last heading is.
    heading: Option<(usize, usize)>,
    /// How many tables deep; inside one everything stays HTML on one line.
    tables: usize,
}

/// A list that is open.
struct List {
    /// The number of its last item; None when it is not numbered.
    number: Option<usize>,
    /// How many prefixes there were before its open item.
    item: Option<usize>,
}

/// How deep lists and quotations may nest; deeper ones are written at this depth.
const DEEPEST: usize = 8;

/// The tags kept as inline HTML.
const INLINE: [&str; 21] = [
    "a", "b", "strong", "i", "em", "u", "s", "del", "ins", "sub", "sup", "code", "kbd", "samp", "var", "small", "mark",
    "q", "abbr", "cite", "dfn",
];

impl Page {
    pub(super) fn new(source: &str, breaks: bool) -> Self {
        Self {
            out: String::with_capacity(source.len()),
            escaper: Escaper::for_text(source),
            breaks,
            prefixes: Vec::new(),
            lists: Vec::new(),
            fresh: true,
            pending_breaks: 0,
            pending_space: false,
            open: [0; INLINE.len()],
            dropped_links: 0,
            heading: None,
            tables: 0,
        }
    }

    pub(super) fn finish(mut self) -> String {
        for (name, open) in INLINE.iter().zip(self.open) {
            self.out.push_str(&format!("</{name}>").repeat(open));
        }
        self.out.push_str(&"</table>".repeat(self.tables));
        if self.fresh && self.tables == 0 {
            // The prefix of a block that nothing was written in.
            let written = self.out.trim_end_matches([' ', '>', '\n']).len();
            let line_end = self.out[written..].find('\n').map_or(self.out.len(), |at| written + at);
            self.out.truncate(line_end);
        }
        self.out.trim().to_owned()
    }

    /// Text between tags. A line break next to a tag is layout of the source and never counts.
    pub(super) fn text(&mut self, text: &str, after_tag: bool, before_tag: bool) {
        let start = if after_tag { text.strip_prefix('\n') } else { None };
        let text = start.unwrap_or(text);
        self.pending_space |= start.is_some();
        let end = if before_tag { text.strip_suffix('\n') } else { None };
        for (index, line) in end.unwrap_or(text).split('\n').enumerate() {
            if index > 0 {
                self.pending_breaks += usize::from(self.breaks && self.tables == 0 && !self.fresh);
                self.pending_space = true;
            }
            self.line(line);
        }
        self.pending_space |= end.is_some();
    }

    fn line(&mut self, line: &str) {
        let mut rest = line;
        loop {
            let word = rest.trim_start();
            if word.len() < rest.len() {
                self.pending_space = true;
            }
            if word.is_empty() {
                return;
            }
            let (length, maths) = match maths::take(word) {
                Some((length, markdown)) => (length, Some(markdown)),
                None => (maths::next(word), None),
            };
            let piece = word[..length].trim_end();
            rest = &word[length..];
            let line_start = self.flush();
            match maths {
                _ if self.tables > 0 => self.out.push_str(&piece.replace('<', "&lt;")),
                Some(markdown) => self.out.push_str(&markdown),
                None => self.escaper.push(&mut self.out, &collapsed(piece), line_start, false),
            }
            self.pending_space = piece.len() < length;
            if rest.is_empty() {
                return;
            }
        }
    }

    /// Writes the spaces and breaks that were held back; says whether the next character starts a line.
    fn flush(&mut self) -> bool {
        let breaks = std::mem::take(&mut self.pending_breaks);
        let space = std::mem::take(&mut self.pending_space);
        if self.fresh {
            self.fresh = false;
            return true;
        }
        if self.tables > 0 {
            if space || breaks > 0 {
                self.out.push(' ');
            }
            return false;
        }
        match breaks {
            0 if space => self.out.push(' '),
            0 => return false,
            1 => {
                self.out.push_str("\\\n");
                self.indent();
                return true;
            }
            _ => {
                self.new_paragraph();
                self.fresh = false;
                return true;
            }
        }
        false
    }

    fn indent(&mut self) {
        for prefix in &self.prefixes {
            self.out.push_str(prefix);
        }
    }

    fn new_paragraph(&mut self) {
        self.out.push('\n');
        let start = self.out.len();
        self.indent();
        let kept = self.out[start..].trim_end().len();
        self.out.truncate(start + kept);
        self.out.push('\n');
        self.indent();
        self.fresh = true;
        self.pending_breaks = 0;
        self.pending_space = false;
    }

    /// Ends the current block, if anything is in it.
    pub(super) fn paragraph(&mut self) {
        if self.tables > 0 {
            self.pending_space = true;
        } else if !self.fresh {
            self.new_paragraph();
        } else {
            self.pending_breaks = 0;
        }
    }

    pub(super) fn line_break(&mut self) {
        if self.tables > 0 {
            self.out.push_str("<br>");
        } else if !self.fresh {
            self.pending_breaks += 1;
        }
    }

    pub(super) fn heading(&mut self, level: usize) {
        self.paragraph();
        if self.tables == 0 {
            self.drop_empty_heading();
            let start = self.out.len();
            self.out.push_str(&"#".repeat(level));
            self.out.push(' ');
            self.heading = Some((start, self.out.len()));
        }
    }

    /// Takes back the mark of a heading in which nothing stands: it holds text, and no lists, quotations or code.
    fn drop_empty_heading(&mut self) {
        if let Some((start, end)) = self.heading.take()
            && self.fresh
            && self.out.len() == end
        {
            self.out.truncate(start);
        }
    }

    pub(super) fn rule(&mut self) {
        self.paragraph();
        if self.tables == 0 {
            self.drop_empty_heading();
            self.out.push_str("***");
            self.new_paragraph();
        }
    }

    pub(super) fn quote(&mut self, closing: bool) {
        self.paragraph();
        if self.tables > 0 {
            return;
        }
        let within_item = self.lists.iter().filter_map(|list| list.item).next_back().map_or(0, |depth| depth + 1);
        self.drop_empty_heading();
        if !closing && self.prefixes.len() < DEEPEST {
            self.prefixes.push("> ".to_owned());
            self.out.push_str("> ");
        } else if closing && self.prefixes.len() > within_item {
            self.prefixes.pop();
            self.restart_block();
        }
    }

    /// After a list or quotation has ended: what follows must not start with its prefix.
    fn restart_block(&mut self) {
        while let Some(line) = self.out.rfind('\n')
            && self.out[line + 1..].chars().all(|c| matches!(c, ' ' | '>'))
        {
            self.out.truncate(line);
        }
        if self.out.chars().all(|c| matches!(c, ' ' | '>')) {
            self.out.clear();
            self.indent();
        } else {
            self.new_paragraph();
        }
    }

    pub(super) fn list(&mut self, ordered: bool, closing: bool) {
        if self.tables > 0 {
            return;
        }
        if closing {
            self.end_item();
            self.lists.pop();
            self.paragraph();
        } else if self.lists.len() < DEEPEST {
            self.paragraph();
            self.lists.push(List { number: ordered.then_some(0), item: None });
        }
    }

    pub(super) fn item(&mut self, closing: bool) {
        if self.tables > 0 {
            return;
        }
        self.end_item();
        if closing {
            return;
        }
        self.paragraph();
        self.drop_empty_heading();
        if self.lists.is_empty() {
            self.lists.push(List { number: None, item: None });
        }
        let depth = self.prefixes.len();
        let Some(list) = self.lists.last_mut() else { return };
        list.item = Some(depth);
        let marker = match &mut list.number {
            Some(number) => {
                *number += 1;
                format!("{number}. ")
            }
            None => "- ".to_owned(),
        };
        self.out.push_str(&marker);
        self.prefixes.push(" ".repeat(marker.len()));
    }

    /// Ends the item that is open in the innermost list, if one is.
    fn end_item(&mut self) {
        if let Some(depth) = self.lists.last_mut().and_then(|list| list.item.take()) {
            self.paragraph();
            self.prefixes.truncate(depth);
            self.restart_block();
        }
    }

    pub(super) fn inline(&mut self, name: &str, closing: bool) {
        if name == "a" && closing && self.dropped_links > 0 {
            self.dropped_links -= 1;
            return;
        }
        let Some(index) = INLINE.iter().position(|known| known.eq_ignore_ascii_case(name)) else { return };
        if !closing {
            self.flush();
            self.out.push_str(&format!("<{}>", INLINE[index]));
            self.open[index] += 1;
        } else if self.open[index] > 0 {
            self.out.push_str(&format!("</{}>", INLINE[index]));
            self.open[index] -= 1;
        }
    }

    pub(super) fn open_link(&mut self, address: &str) {
        self.flush();
        self.out.push_str(&format!("<a href=\"{address}\">"));
        self.open[0] += 1;
    }

    /// Remembers that a link was removed, so that its closing tag is removed as well.
    pub(super) fn dropped_link(&mut self) {
        self.dropped_links += 1;
    }

    pub(super) fn table(&mut self, tag: &Tag<'_>) {
        if !tag.closing {
            if self.tables == 0 {
                self.paragraph();
                self.drop_empty_heading();
                self.fresh = false;
            }
            self.tables += 1;
            self.out.push_str("<table>");
        } else if self.tables > 0 {
            self.tables -= 1;
            self.out.push_str("</table>");
            if self.tables == 0 {
                self.new_paragraph();
            }
        }
    }

    pub(super) fn table_part(&mut self, tag: &Tag<'_>) {
        if self.tables == 0 {
            self.paragraph();
            return;
        }
        self.pending_space = false;
        let name = tag.name.to_ascii_lowercase();
        if tag.closing {
            self.out.push_str(&format!("</{name}>"));
            return;
        }
        self.out.push_str(&format!("<{name}"));
        for (attribute, value) in tag.attributes() {
            let attribute = attribute.to_ascii_lowercase();
            if matches!(attribute.as_str(), "colspan" | "rowspan") && value.bytes().all(|byte| byte.is_ascii_digit()) {
                self.out.push_str(&format!(" {attribute}=\"{value}\""));
            }
        }
        self.out.push('>');
    }

    /// A fenced block; the fence is longer than any run of backticks in the code.
    pub(super) fn code_block(&mut self, code: &str) {
        if self.tables > 0 {
            let code = code.replace('&', "&amp;").replace('<', "&lt;").replace('\n', "<br>");
            self.out.push_str(&format!("<code>{code}</code>"));
            return;
        }
        self.paragraph();
        self.drop_empty_heading();
        let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest.max(2) + 1);
        self.out.push_str(&fence);
        for line in code.trim_matches('\n').lines() {
            self.out.push('\n');
            self.indent();
            self.out.push_str(line);
        }
        self.out.push('\n');
        self.indent();
        self.out.push_str(&fence);
        self.new_paragraph();
    }
}

/// With every run of blanks as one.
fn collapsed(piece: &str) -> Cow<'_, str> {
    if !piece.contains("  ") && !piece.contains('\t') {
        return Cow::Borrowed(piece);
    }
    Cow::Owned(piece.split([' ', '\t']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
}
