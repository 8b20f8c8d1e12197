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
    Text,
}

struct Line<'a> {
    text: &'a str,
    kind: Kind,
    category: bool,
    /// Whether it can only be the start of a question: a category or a title.
    starts: bool,
    /// The first brace on this or a later line of text: whether it opens, and its line.
    next_brace: Option<(bool, usize)>,
    /// The first line from here on that can only be the start of a question.
    next_start: usize,
}

/// Splits a file into its blocks.
pub(super) fn split(text: &str) -> Vec<Block> {
    let lines = lines(text);
    let mut blocks = Vec::new();
    let mut block: Option<Block> = None;
    let mut comments = Comments::default();
    let mut inside = false;
    for (index, line) in lines.iter().enumerate() {
        match line.kind {
            Kind::Comment => comments.read(line.text),
            Kind::Blank if block.is_some() && inside && closes_later(&lines, index) => {
                if let Some(block) = &mut block {
                    block.text.push('\n');
                }
            }
            Kind::Blank => {
                blocks.extend(block.take().map(|block| comments.label(block)));
                inside = false;
            }
            Kind::Text => {
                // A category, or a title behind finished answers, needs no blank line before it.
                let answered = block.as_ref().is_some_and(|block| block.text.contains('}'));
                if !inside && (line.category || line.starts && answered) {
                    blocks.extend(block.take().map(|block| comments.label(block)));
                }
                if line.category && !inside {
                    let text = line.text.to_owned();
                    blocks.push(Block { line: index + 1, text, id: None, tags: false });
                    continue;
                }
                let block =
                    block.get_or_insert_with(|| Block { line: index + 1, text: String::new(), id: None, tags: false });
                if !block.text.is_empty() {
                    block.text.push('\n');
                }
                block.text.push_str(line.text);
                for (_, c) in bare(line.text) {
                    inside = if inside { c != '}' } else { c == '{' };
                }
            }
        }
    }
    blocks.extend(block.map(|block| comments.label(block)));
    blocks
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = text
        .lines()
        .map(|text| {
            let trimmed = text.trim();
            let kind = match trimmed {
                "" => Kind::Blank,
                _ if trimmed.starts_with("//") => Kind::Comment,
                _ => Kind::Text,
            };
            let is_text = kind == Kind::Text;
            let category = is_text && trimmed.starts_with("$CATEGORY:");
            let starts = category || is_text && trimmed.starts_with("::");
            Line { text, kind, category, starts, next_brace: None, next_start: usize::MAX }
        })
        .collect();
    let (mut next_brace, mut next_start) = (None, usize::MAX);
    for (index, line) in lines.iter_mut().enumerate().rev() {
        if line.kind == Kind::Text {
            let brace = bare(line.text).find(|(_, c)| matches!(c, '{' | '}'));
            next_brace = brace.map(|(_, c)| (c == '{', index)).or(next_brace);
            if line.starts {
                next_start = index;
            }
        }
        (line.next_brace, line.next_start) = (next_brace, next_start);
    }
    lines
}

/// Whether the brace that is open at this blank line is closed before anything else begins.
fn closes_later(lines: &[Line<'_>], index: usize) -> bool {
    matches!(lines[index].next_brace, Some((false, brace)) if brace < lines[index].next_start)
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
