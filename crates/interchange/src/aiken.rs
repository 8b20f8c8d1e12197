//! Aiken: a question, its options as `A. text` or `A) text`, and `ANSWER: B`. Everything in it is plain text.

use crate::choice::options;
use crate::draft::{Draft, judge, quote, remark};
use crate::limits::{PART_BYTES, PROMPT_BYTES, QUESTIONS};
use crate::markdown;
use crate::reading::{Item, Reading, Unreadable};
use exam::question::{ChoiceKey, Content, Key};
use std::collections::BTreeSet;

/// Reads an Aiken file.
pub(crate) fn read(text: &str) -> Result<Reading, Unreadable> {
    let mut items = Vec::new();
    let mut open = Block::default();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let trimmed = line.trim();
        let done = if trimmed.is_empty() {
            open.after_blank = true;
            None
        } else if let Some(answer) = answer_line(trimmed) {
            let mut block = std::mem::take(&mut open);
            block.start(number);
            Some(block.finish(Some(answer)))
        } else {
            open.line(number, trimmed)
        };
        items.extend(done);
        if items.len() > QUESTIONS {
            return Err(Unreadable::TooManyQuestions { most: QUESTIONS });
        }
    }
    if open.line.is_some() {
        items.push(open.finish(None));
    }
    if items.is_empty() { Err(Unreadable::NoQuestions) } else { Ok(Reading { items, ..Reading::default() }) }
}

/// What follows `ANSWER:`.
fn answer_line(line: &str) -> Option<&str> {
    let rest = line.get(6..).filter(|_| line[..6].eq_ignore_ascii_case("answer"))?;
    rest.trim_start().strip_prefix(':').map(str::trim)
}

/// `A. text`, `b) text`: the place of the letter and the text. After a capital the blank may be missing.
fn option_line(line: &str) -> Option<(usize, &str)> {
    let mut characters = line.chars();
    let (letter, mark) = (characters.next()?, characters.next()?);
    let rest = characters.as_str();
    let spaced = rest.is_empty() || rest.starts_with(char::is_whitespace);
    let is_option =
        letter.is_ascii_alphabetic() && matches!(mark, '.' | ')') && (spaced || letter.is_ascii_uppercase());
    is_option.then(|| (usize::from(letter.to_ascii_uppercase() as u8 - b'A'), rest.trim()))
}

fn letter(index: usize) -> char {
    char::from(b'A' + u8::try_from(index.min(25)).unwrap_or(25))
}

/// As many as there are letters.
const MOST_OPTIONS: usize = 26;

/// A question being read.
#[derive(Default)]
struct Block {
    line: Option<usize>,
    prompt: String,
    /// The first options, each with the place its letter says.
    options: Vec<(usize, String)>,
    /// How many options there are.
    count: usize,
    /// The lines after the last option that are not options, which may turn out to be the next question.
    extra: Option<(usize, String)>,
    after_blank: bool,
}

impl Block {
    fn start(&mut self, line: usize) {
        self.line.get_or_insert(line);
    }

    /// Takes a line that is neither blank nor an answer; gives the question before it when that one turns out to be over.
    fn line(&mut self, number: usize, line: &str) -> Option<Item> {
        let after_blank = std::mem::take(&mut self.after_blank);
        match option_line(line) {
            // "I. Newton" opens a question, "A. Newton" an option.
            Some((index, text)) if index == 0 || !self.options.is_empty() => {
                let restarts = index == 0 && !self.options.is_empty();
                let next = if restarts { Some(self.split(number)) } else { None };
                self.start(number);
                if let Some((_, extra)) = self.extra.take() {
                    self.extend_last_option(&extra);
                }
                self.count += 1;
                if self.options.len() <= MOST_OPTIONS {
                    self.options.push((index, text.to_owned()));
                }
                next
            }
            _ if after_blank && self.line.is_some() => {
                let mut next = Self::default();
                next.text(number, line);
                Some(std::mem::replace(self, next).finish(None))
            }
            _ => {
                self.text(number, line);
                None
            }
        }
    }

    fn text(&mut self, number: usize, line: &str) {
        self.start(number);
        if self.options.is_empty() {
            push_line(&mut self.prompt, line);
        } else {
            push_line(&mut self.extra.get_or_insert((number, String::new())).1, line);
        }
    }

    /// A second `A.`: the question before has no answer line, and what followed its last option belongs to the next one.
    fn split(&mut self, number: usize) -> Item {
        let mut next = Self::default();
        if let Some((line, prompt)) = self.extra.take() {
            next = Self { line: Some(line), prompt, ..next };
        }
        next.start(number);
        std::mem::replace(self, next).finish(None)
    }

    fn extend_last_option(&mut self, lines: &str) {
        if let Some((_, text)) = self.options.last_mut() {
            push_line(text, lines);
        }
    }

    fn finish(mut self, answer: Option<&str>) -> Item {
        if let Some((_, extra)) = self.extra.take() {
            self.extend_last_option(&extra);
        }
        judge(self.line.unwrap_or(1), None, self.draft(answer))
    }

    fn draft(&self, answer: Option<&str>) -> Result<Draft, Vec<String>> {
        let mut reasons = Vec::new();
        if self.options.is_empty() && answer.is_none() {
            reasons.push(
                "It has no options. Write them as A. text below the question, without a blank line between.".to_owned(),
            );
        } else if self.options.is_empty() {
            reasons.push("There are no options above the ANSWER line.".to_owned());
        }
        if self.prompt.is_empty() {
            reasons.push("There is no question above the options.".to_owned());
        }
        let out_of_order = self.options.iter().enumerate().find(|(place, (index, _))| place != index);
        if let Some((place, (index, _))) = out_of_order {
            let (found, expected) = (letter(*index), letter(place));
            reasons
                .push(format!("Option {found} stands where {expected} belongs. Letter the options A, B, C in order."));
        }
        if self.count > MOST_OPTIONS {
            reasons.push(format!("It has {} options, at most {MOST_OPTIONS} are possible.", self.count));
        }
        let right = match answer {
            _ if self.options.is_empty() => BTreeSet::new(),
            None => {
                reasons.push("The line ANSWER: is missing. Put it below the last option.".to_owned());
                BTreeSet::new()
            }
            Some(answer) => right_options(answer, self.options.len()).unwrap_or_else(|reason| {
                reasons.push(reason);
                BTreeSet::new()
            }),
        };
        if !reasons.is_empty() {
            return Err(reasons);
        }
        let mut changes = Vec::new();
        let multiple = right.len() > 1;
        if multiple {
            remark(
                &mut changes,
                format!(
                    "It has several answers, which Aiken does not know; candidates are told to choose {}.",
                    right.len()
                ),
            );
        }
        let texts = self.options.iter().map(|(_, text)| shown(text, PART_BYTES)).collect();
        let options = options(texts, &mut changes);
        let content = Content::Choice { options, multiple, choose: multiple.then_some(right.len()) };
        let key = Key::Choice(ChoiceKey::Correct { options: right });
        let mut draft = Draft::new(shown(&self.prompt, PROMPT_BYTES), content, key);
        draft.changes = changes;
        Ok(draft)
    }
}

/// Too long a text is left as it is: it will be refused for its length.
fn shown(text: &str, most: usize) -> String {
    if text.len() > most { text.to_owned() } else { markdown::plain(text) }
}

fn push_line(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}

/// The options an answer line names: `B`, `b.`, `B, D`, `B and D`.
fn right_options(answer: &str, count: usize) -> Result<BTreeSet<usize>, String> {
    if answer.is_empty() {
        return Err("There is no letter behind ANSWER:. Write the letter of the right option.".to_owned());
    }
    let mut right = BTreeSet::new();
    for word in answer.split(|c: char| c.is_whitespace() || ",;&/+".contains(c)).filter(|word| !word.is_empty()) {
        let named = word.trim_end_matches(['.', ')']);
        match named.as_bytes() {
            [byte] if byte.is_ascii_alphabetic() => {
                let index = usize::from(byte.to_ascii_uppercase() - b'A');
                if index >= count {
                    let (named, last) = (letter(index), letter(count.saturating_sub(1)));
                    return Err(format!("ANSWER: names {named}, but the last option is {last}."));
                }
                if !right.insert(index) {
                    return Err(format!("ANSWER: names {} twice.", letter(index)));
                }
            }
            _ if named.eq_ignore_ascii_case("and") => {}
            _ => return Err(format!("ANSWER: {} is not the letter of an option.", quote(answer))),
        }
    }
    if right.is_empty() { Err(format!("ANSWER: {} is not the letter of an option.", quote(answer))) } else { Ok(right) }
}
