//! What a candidate answered: responses, the operations that set them, and the answers as the fold of the operations.

use crate::paper::PaperItem;
use crate::question::{Blank, Content};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The longest typed answer, in characters.
pub const LONGEST_TEXT: usize = 4_000;

/// A response in the letters and numbers of one paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Response {
    /// The letters of the chosen options, sorted, each once.
    Choice(Vec<String>),
    /// A number as typed.
    Number(String),
    /// A text as typed.
    Text(String),
    /// The letters of the items, first place first.
    Order(Vec<String>),
    /// For each stem number, the letter of its choice.
    Match(BTreeMap<String, String>),
    /// For each blank number, the text typed or the letter chosen.
    Blanks(BTreeMap<String, String>),
}

/// Why a response does not fit the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadResponse {
    /// Not one of the six shapes.
    #[error("a response is one of choice, number, text, order, match or blanks")]
    Shape,
    /// One of the shapes, but of another kind of question.
    #[error("the response is of another kind than the question")]
    Kind,
    /// A letter or number the question does not have.
    #[error("the response names something that is not part of the question")]
    UnknownPart,
    /// More than one option of a question that takes one, or an item placed twice.
    #[error("the response names more parts than the question takes")]
    TooMany,
    /// Longer than an answer may be.
    #[error("the response is too long")]
    TooLong,
}

impl Response {
    /// Reads a response leniently: fields unknown to this version are ignored, numbers may come unquoted, and null or an
    /// empty response takes an answer back.
    ///
    /// # Errors
    /// When it is none of the six shapes.
    pub fn from_json(value: &Value) -> Result<Option<Self>, BadResponse> {
        let Value::Object(fields) = value else {
            return if value.is_null() { Ok(None) } else { Err(BadResponse::Shape) };
        };
        let letters = |value: &Value| serde_json::from_value(value.clone()).map_err(|_| BadResponse::Shape);
        let response = if let Some(value) = fields.get("choice") {
            let mut chosen: Vec<String> = letters(value)?;
            chosen.sort_unstable();
            chosen.dedup();
            Self::Choice(chosen)
        } else if let Some(value) = fields.get("number") {
            match value {
                Value::String(text) => Self::Number(text.trim().to_owned()),
                Value::Number(number) => Self::Number(number.to_string()),
                _ => return Err(BadResponse::Shape),
            }
        } else if let Some(value) = fields.get("text") {
            Self::Text(value.as_str().ok_or(BadResponse::Shape)?.to_owned())
        } else if let Some(value) = fields.get("order") {
            Self::Order(letters(value)?)
        } else if let Some(value) = fields.get("match") {
            Self::Match(parts(value)?)
        } else if let Some(value) = fields.get("blanks") {
            Self::Blanks(parts(value)?)
        } else {
            return Err(BadResponse::Shape);
        };
        Ok((!response.is_empty()).then_some(response))
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Choice(letters) | Self::Order(letters) => letters.is_empty(),
            Self::Number(text) | Self::Text(text) => text.trim().is_empty(),
            Self::Match(parts) | Self::Blanks(parts) => parts.is_empty(),
        }
    }

    /// Checks that the response fits a question as it stands on a paper. More options than "choose N" asks for are kept,
    /// since what a person marked is never thrown away; grading gives nothing for them.
    ///
    /// # Errors
    /// When it names parts the question does not have, too many of them, or is too long.
    pub fn check(&self, content: &Content, item: &PaperItem) -> Result<(), BadResponse> {
        let known = |list: usize, letter: &str| item.authored(list, letter).ok_or(BadResponse::UnknownPart);
        match (self, content) {
            (Self::Choice(letters), Content::Choice { multiple, .. }) => {
                letters.iter().try_for_each(|letter| known(0, letter).map(|_| ()))?;
                if !multiple && letters.len() > 1 { Err(BadResponse::TooMany) } else { Ok(()) }
            }
            (Self::Number(text), Content::Numeric { .. }) | (Self::Text(text), Content::ShortText {}) => short(text),
            (Self::Order(letters), Content::Ordering { .. }) => {
                letters.iter().try_for_each(|letter| known(0, letter).map(|_| ()))?;
                let distinct: std::collections::HashSet<_> = letters.iter().collect();
                if distinct.len() < letters.len() { Err(BadResponse::TooMany) } else { Ok(()) }
            }
            (Self::Match(pairs), Content::Matching { stems, .. }) => pairs.iter().try_for_each(|(stem, letter)| {
                number_within(stem, stems.len())?;
                known(0, letter).map(|_| ())
            }),
            (Self::Blanks(filled), Content::Cloze { blanks }) => filled.iter().try_for_each(|(number, text)| {
                let index = number_within(number, blanks.len())? - 1;
                match blanks[index] {
                    Blank::Dropdown { .. } => known(index, text).map(|_| ()),
                    Blank::Text {} | Blank::Number {} => short(text),
                }
            }),
            _ => Err(BadResponse::Kind),
        }
    }

    /// How many bytes its texts have.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Choice(letters) | Self::Order(letters) => letters.iter().map(String::len).sum(),
            Self::Number(text) | Self::Text(text) => text.len(),
            Self::Match(parts) | Self::Blanks(parts) => parts.iter().map(|(key, text)| key.len() + text.len()).sum(),
        }
    }

    /// The one text of a response: equal responses have equal texts.
    ///
    /// # Panics
    /// Never: responses hold strings only.
    #[must_use]
    pub fn canonical(&self) -> String {
        serde_json::to_string(self).expect("a response is strings in lists and maps")
    }
}

/// A map of strings without its empty values: a select left at "choose" is no answer.
fn parts(value: &Value) -> Result<BTreeMap<String, String>, BadResponse> {
    let all: BTreeMap<String, String> = serde_json::from_value(value.clone()).map_err(|_| BadResponse::Shape)?;
    Ok(all.into_iter().filter(|(_, text)| !text.trim().is_empty()).collect())
}

fn short(text: &str) -> Result<(), BadResponse> {
    if text.chars().count() > LONGEST_TEXT { Err(BadResponse::TooLong) } else { Ok(()) }
}

fn number_within(text: &str, count: usize) -> Result<usize, BadResponse> {
    let number: usize = text.parse().map_err(|_| BadResponse::UnknownPart)?;
    // "01" and "1" must not be two names of one part.
    if number == 0 || number > count || number.to_string() != text { Err(BadResponse::UnknownPart) } else { Ok(number) }
}

/// One change a candidate made, as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The tab or device that made it.
    pub writer: i64,
    /// Its number with that writer; positive and rising.
    pub seq: i64,
    /// The question number it answers, counted from 1.
    pub question: usize,
    /// The new response; None takes the answer back.
    pub response: Option<Response>,
}

/// The answers of an attempt: question number to response.
pub type Answers = BTreeMap<usize, Response>;

/// Folds operations that count into answers: for each question the one with the highest (writer, seq), whatever the order
/// in which they arrive.
#[must_use]
pub fn fold(operations: impl IntoIterator<Item = Operation>) -> Answers {
    let latest = latest(operations).into_iter();
    latest.filter_map(|(question, operation)| Some((question, operation.response?))).collect()
}

/// The operation of each question that is its answer, or has taken it back: see [`fold`].
#[must_use]
pub fn latest(operations: impl IntoIterator<Item = Operation>) -> BTreeMap<usize, Operation> {
    let mut latest: BTreeMap<usize, Operation> = BTreeMap::new();
    for operation in operations {
        match latest.get(&operation.question) {
            Some(kept) if (kept.writer, kept.seq) >= (operation.writer, operation.seq) => {}
            _ => {
                latest.insert(operation.question, operation);
            }
        }
    }
    latest
}

/// The digest on a receipt: SHA-256 in lower-case hex over the attempt's public id and, for each answered question in order of
/// number, a line `number TAB canonical response`, each line ended by a line feed.
#[must_use]
pub fn digest(attempt: &str, answers: &Answers) -> String {
    let mut hasher = Sha256::new();
    hasher.update(attempt.as_bytes());
    hasher.update(b"\n");
    for (question, response) in answers {
        hasher.update(format!("{question}\t{}\n", response.canonical()).as_bytes());
    }
    hasher.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(value: Value) -> Result<Option<Response>, BadResponse> {
        Response::from_json(&value)
    }

    #[test]
    fn the_six_shapes_are_read_and_written_alike() {
        for shape in [
            json!({"choice": ["a"]}),
            json!({"choice": ["b", "d"]}),
            json!({"number": "3.14"}),
            json!({"text": "déjà vu"}),
            json!({"order": ["c", "a", "b"]}),
            json!({"match": {"1": "b"}}),
            json!({"blanks": {"1": "x", "2": "a"}}),
        ] {
            let response = read(shape.clone()).expect("a known shape").expect("not empty");
            assert_eq!(serde_json::to_value(&response).expect("strings"), shape);
        }
    }

    #[test]
    fn an_empty_response_takes_the_answer_back() {
        for empty in [Value::Null, json!({"choice": []}), json!({"text": "  "}), json!({"match": {"1": ""}})] {
            assert_eq!(read(empty), Ok(None));
        }
    }

    #[test]
    fn unknown_fields_are_ignored_and_unknown_shapes_refused() {
        assert_eq!(read(json!({"choice": ["a"], "confidence": 3})), Ok(Some(Response::Choice(vec!["a".into()]))));
        for bad in
            [json!({"essay": "x"}), json!("a"), json!(["a"]), json!({"choice": "a"}), json!({"text": 5}), json!({})]
        {
            assert_eq!(read(bad.clone()), Err(BadResponse::Shape), "{bad}");
        }
    }

    #[test]
    fn the_digest_depends_on_every_answer() {
        let answer = |letter: &str| Answers::from([(1, Response::Choice(vec![letter.into()]))]);
        assert_ne!(digest("x", &answer("a")), digest("x", &answer("b")));
        assert_ne!(digest("x", &answer("a")), digest("y", &answer("a")));
        assert_eq!(digest("x", &answer("a")).len(), 64);
    }

    proptest! {
        #[test]
        fn any_order_and_any_repetition_of_operations_folds_alike(
            keys in proptest::collection::vec((0_i64..3, 1_i64..6, 1_usize..4, 0_u8..3), 0..40),
            shuffle in proptest::collection::vec(any::<prop::sample::Index>(), 0..80),
        ) {
            // One content per identity, as the store guarantees.
            let mut known = BTreeMap::new();
            for (writer, seq, question, letter) in keys {
                let response = (letter > 0).then(|| Response::Choice(vec![char::from(b'a' + letter).to_string()]));
                known.entry((writer, seq)).or_insert(Operation { writer, seq, question, response });
            }
            let operations: Vec<Operation> = known.into_values().collect();
            let mut disturbed: Vec<Operation> =
                if operations.is_empty() { Vec::new() } else { shuffle.iter().map(|i| i.get(&operations).clone()).collect() };
            disturbed.extend(operations.iter().rev().cloned());
            prop_assert_eq!(fold(operations), fold(disturbed));
        }
    }
}
