//! When two questions are the same: kind, prompt and parts agree, whatever the order of the parts and the white space.

use crate::token;
use exam::question::{Blank, Content, Question, fold_text};
use sha2::{Digest, Sha256};

/// A digest of what makes a question that question. Key, explanations and tags may change without making it another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Identity([u8; 32]);

impl Identity {
    pub(super) fn of(question: &Question) -> Self {
        let mut hasher = Sha256::new();
        // A zero byte cannot be part of a text, so that no two lists of texts are written alike.
        let mut add = |text: &str| {
            hasher.update(fold_text(text, true, true).as_bytes());
            hasher.update([0]);
        };
        add(question.content.kind());
        add(&question.prompt);
        for list in lists(&question.content) {
            let mut list = list;
            list.sort_unstable();
            list.into_iter().for_each(&mut add);
            add("");
        }
        Self(hasher.finalize().into())
    }

    /// The name of a question that has none of its own: the first 64 bits.
    pub(super) fn reference(&self) -> String {
        token::hex(&self.0[..8])
    }
}

fn lists(content: &Content) -> Vec<Vec<&str>> {
    fn texts(list: &[String]) -> Vec<&str> {
        list.iter().map(String::as_str).collect()
    }
    match content {
        Content::Choice { options, .. } => vec![options.iter().map(|option| option.text.as_str()).collect()],
        Content::Matching { stems, choices } => vec![texts(stems), texts(choices)],
        Content::Ordering { items } => vec![texts(items)],
        Content::Cloze { blanks } => {
            let options = blanks.iter().map(|blank| match blank {
                Blank::Dropdown { options } => texts(options),
                Blank::Text {} | Blank::Number {} => Vec::new(),
            });
            options.collect()
        }
        Content::Numeric { .. } | Content::ShortText {} => Vec::new(),
    }
}
