//! A GIFT file as blocks: questions are parted by blank lines, except that a blank line between braces parts nothing,
//! unless the brace was forgotten: then the question ends there and the next one is read.

use super::escapes::bare;

/// The text of one question or category, without its comments.
#[derive(Debug)]
pub(super) struct Block {
    /// Its first line, counted from 1.
    pub(super) line: usize,
    pub(super) text: String,
    /// What a comment `// [id:...]` before it says.
    pub(super) id: Option<String>,
    /// Whether a comment gives it tags.
    pub(super) tags: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Blank,
    Comment,
    Category,
    /// The start of a question, for sure.
    Title,
    Text,
}

fn kind(line: &str) -> Kind {
    match line.trim_start() {
        "" => Kind::Blank,
        text if text.starts_with("//") => Kind::Comment,
        text if text.starts_with("$CATEGORY:") => Kind::Category,
        text if text.starts_with("::") => Kind::Title,
        _ => Kind::Text,
    }
}

/// The blocks of a file, in its order.
pub(super) struct Blocks<'a> {
    rest: &'a str,
    /// The number of the line that `rest` starts with.
    line: usize,
    comments: Comments,
    /// Up to which line it is known whether an open brace is closed.
    known: Option<(usize, bool)>,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text, line: 1, comments: Comments::default(), known: None }
    }

    /// Whether a brace that is open before the current line is closed before anything else begins.
    fn closes_later(&mut self) -> bool {
        if let Some((until, closes)) = self.known
            && self.line <= until
        {
            return closes;
        }
        // Remembering the answer for all lines that were looked at keeps the search linear.
        let known = self.find_brace();
        self.known = Some(known);
        known.1
    }

    fn find_brace(&self) -> (usize, bool) {
        for (ahead, text) in self.rest.lines().enumerate() {
            match kind(text) {
                Kind::Blank | Kind::Comment => {}
                Kind::Category | Kind::Title => return (self.line + ahead, false),
                Kind::Text => {
                    if let Some((_, brace)) = bare(text).find(|(_, c)| matches!(c, '{' | '}')) {
                        return (self.line + ahead, brace == '}');
                    }
                }
            }
        }
        (usize::MAX, false)
    }

    fn advance(&mut self) {
        self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
        self.line += 1;
    }
}

impl Iterator for Blocks<'_> {
    type Item = Block;

    fn next(&mut self) -> Option<Block> {
        let mut block: Option<Block> = None;
        let (mut inside, mut answered) = (false, false);
        while !self.rest.is_empty() {
            let text = self.rest.split_once('\n').map_or(self.rest, |(text, _)| text);
            let kind = kind(text);
            match kind {
                Kind::Comment => self.comments.read(text),
                Kind::Blank if block.is_none() => {}
                Kind::Blank if inside && self.closes_later() => {
                    block.iter_mut().for_each(|block| block.text.push('\n'))
                }
                Kind::Blank => break,
                // A category, or a title behind finished answers, needs no blank line before it.
                Kind::Category if block.is_some() && !inside => break,
                Kind::Title if answered && !inside => break,
                Kind::Category | Kind::Title | Kind::Text => {
                    let new = Block { line: self.line, text: String::new(), id: None, tags: false };
                    let block = block.get_or_insert(new);
                    if !block.text.is_empty() {
                        block.text.push('\n');
                    }
                    block.text.push_str(text);
                    for (_, c) in bare(text) {
                        answered |= inside && c == '}';
                        inside = if inside { c != '}' } else { c == '{' };
                    }
                }
            }
            self.advance();
            if kind == Kind::Category && !inside {
                // A category is its line and no more.
                return block;
            }
        }
        block.map(|block| self.comments.label(block))
    }
}

/// What the comments before a question say about it; Moodle keeps ids and tags there.
#[derive(Default)]
struct Comments {
    id: Option<String>,
    tags: bool,
}

impl Comments {
    fn read(&mut self, comment: &str) {
        self.tags |= comment.contains("[tag:");
        if let Some((_, rest)) = comment.split_once("[id:")
            && let Some((id, _)) = rest.split_once(']')
        {
            self.id.get_or_insert_with(|| id.trim().to_owned());
        }
    }

    fn label(&mut self, block: Block) -> Block {
        let Self { id, tags } = std::mem::take(self);
        Block { id, tags, ..block }
    }
}
