//! The record of an ended attempt: its paper and the whole history of its operations, as one small document.
//!
//! The document is a version byte, then DEFLATE (RFC 1951) over JSON. Each property of the operations is a column of its
//! own: a column of equal or rising values shrinks to almost nothing, and any tool can read the document in twenty years.

mod orders;

use crate::answer::{Operation, Response};
use crate::attempt::Verdict;
use crate::id::QuestionVersionId;
use crate::paper::{Paper, PaperItem};
use crate::time::Timestamp;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use orders::{next_orders, orders_text};
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};

/// The first byte of a document as it is written today. In the first format `paper` held the ids themselves, every order was
/// written out, and `responses` held all of them.
const VERSION: u8 = 2;
/// The formats that can be read.
const KNOWN: std::ops::RangeInclusive<u8> = 1..=VERSION;
/// From how many bytes on a record is packed less tightly: at its best, a long text of few letters takes seconds.
const LONG: usize = 64 * 1024;
/// The largest record, unpacked, in bytes: far beyond what an honest attempt holds.
const LARGEST: u64 = 64 * 1024 * 1024;

/// An operation with what the server made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedOperation {
    /// The operation.
    pub operation: Operation,
    /// Whether it counts.
    pub verdict: Verdict,
    /// When the server had read the head of its request.
    pub received_at: Timestamp,
}

/// The paper of an attempt and every operation that came before its end, in order of arrival.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// What was asked.
    pub paper: Paper,
    /// What was answered, and changed, and refused.
    pub operations: Vec<LoggedOperation>,
}

/// Why a document cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Written by a later version of Examhall.
    #[error("it is of format {0}, which this version of Examhall does not know")]
    Format(u8),
    /// Cut short, or not a document of ours.
    #[error("it is damaged: {0}")]
    Damaged(String),
}

/// What is packed: numbers as differences from the one before.
#[derive(Serialize, Deserialize)]
struct Columns {
    /// The lowest question version of the paper.
    #[serde(default)]
    first: i64,
    /// Question versions, counted from the lowest.
    paper: Vec<i64>,
    /// Per question its orders, see [`orders_text`].
    orders: String,
    writers: Vec<i64>,
    seqs: Vec<i64>,
    questions: Vec<i64>,
    times: Vec<i64>,
    /// A letter per operation.
    verdicts: String,
    /// A letter per operation: that of the one option it chose, or what [`letter_of`] says. None in the first format.
    #[serde(default)]
    answers: Option<String>,
    /// What no letter says.
    responses: Vec<Option<Response>>,
}

/// The response of an operation that takes its answer back.
const NOTHING: char = '-';
/// A response that is written out.
const WRITTEN_OUT: char = '*';

/// What stands for a response: most choose one option of few.
fn letter_of(response: Option<&Response>) -> char {
    match response {
        None => NOTHING,
        Some(Response::Choice(options)) => match options.as_slice() {
            [option] => match option.as_bytes() {
                [letter @ b'a'..=b'z'] => char::from(*letter),
                _ => WRITTEN_OUT,
            },
            _ => WRITTEN_OUT,
        },
        Some(_) => WRITTEN_OUT,
    }
}

impl Record {
    /// The document; None for a history so large that it could not be read again.
    ///
    /// # Panics
    /// Never: everything in a record can be written as JSON, and memory takes what is written to it.
    #[must_use]
    pub fn pack(&self) -> Option<Vec<u8>> {
        let column = |value: fn(&LoggedOperation) -> i64| differences(self.operations.iter().map(value));
        let first = self.paper.items.iter().map(|item| item.question.0).min().unwrap_or(0);
        let responses = || self.operations.iter().map(|logged| logged.operation.response.as_ref());
        let columns = Columns {
            first,
            paper: self.paper.items.iter().map(|item| item.question.0.wrapping_sub(first)).collect(),
            orders: self.paper.items.iter().map(|item| orders_text(&item.orders)).collect(),
            writers: column(|logged| logged.operation.writer),
            seqs: column(|logged| logged.operation.seq),
            questions: column(|logged| i64::try_from(logged.operation.question).unwrap_or(i64::MAX)),
            times: column(|logged| logged.received_at.0),
            verdicts: self.operations.iter().map(|logged| verdict_letter(logged.verdict)).collect(),
            answers: Some(responses().map(letter_of).collect()),
            responses: responses().filter(|response| letter_of(*response) == WRITTEN_OUT).map(|r| r.cloned()).collect(),
        };
        let json = serde_json::to_vec(&columns).expect("numbers, strings and responses are JSON");
        if json.len() as u64 > LARGEST {
            return None;
        }
        let level = if json.len() > LONG { Compression::fast() } else { Compression::best() };
        let mut encoder = DeflateEncoder::new(vec![VERSION], level);
        Some(encoder.write_all(&json).and_then(|()| encoder.finish()).expect("memory takes it"))
    }

    /// Reads a document.
    ///
    /// # Errors
    /// When it is damaged, or of a format this version does not know.
    pub fn unpack(document: &[u8]) -> Result<Self, RecordError> {
        let damaged = |reason: &str| RecordError::Damaged(reason.to_owned());
        let (version, packed) = document.split_first().ok_or_else(|| damaged("it is empty"))?;
        if !KNOWN.contains(version) {
            return Err(RecordError::Format(*version));
        }
        let mut json = Vec::new();
        let unpacked = DeflateDecoder::new(packed).take(LARGEST).read_to_end(&mut json);
        unpacked.map_err(|error| RecordError::Damaged(error.to_string()))?;
        // The error's text may quote an answer; where it broke is enough.
        let columns: Columns = serde_json::from_slice(&json)
            .map_err(|error| RecordError::Damaged(format!("not a record, at column {}", error.column())))?;
        let count = columns.seqs.len();
        let responses = read_responses(columns.answers.as_deref(), columns.responses);
        let responses = responses.ok_or_else(|| damaged("a response is none"))?;
        let lengths = [columns.writers.len(), columns.questions.len(), columns.times.len(), responses.len()];
        if lengths.iter().any(|length| *length != count) || columns.verdicts.chars().count() != count {
            return Err(damaged("its columns differ in length"));
        }
        let mut rest = columns.orders.as_str();
        let orders = columns.paper.iter().map(|_| next_orders(&mut rest, *version)).collect::<Option<Vec<_>>>();
        let orders = orders.filter(|_| rest.is_empty()).ok_or_else(|| damaged("an order is none"))?;
        let questions = columns.paper.iter().map(|id| QuestionVersionId(columns.first.wrapping_add(*id)));
        let paper =
            Paper { items: questions.zip(orders).map(|(question, orders)| PaperItem { question, orders }).collect() };
        let (mut writers, mut seqs) = (sums(&columns.writers), sums(&columns.seqs));
        let (mut questions, mut times) = (sums(&columns.questions), sums(&columns.times));
        let mut verdicts = columns.verdicts.chars();
        let mut operations = Vec::with_capacity(count);
        for response in responses {
            let read = (|| {
                let question = usize::try_from(questions.next()?).ok()?;
                let operation = Operation { writer: writers.next()?, seq: seqs.next()?, question, response };
                let (verdict, received_at) = (read_verdict(verdicts.next()?)?, Timestamp(times.next()?));
                Some(LoggedOperation { operation, verdict, received_at })
            })();
            operations.push(read.ok_or_else(|| damaged("an operation is none"))?);
        }
        Ok(Self { paper, operations })
    }
}

fn differences(values: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut before = 0_i64;
    values.map(|value| value.wrapping_sub(std::mem::replace(&mut before, value))).collect()
}

fn sums(differences: &[i64]) -> impl Iterator<Item = i64> + '_ {
    differences.iter().scan(0_i64, |sum, difference| {
        *sum = sum.wrapping_add(*difference);
        Some(*sum)
    })
}

fn verdict_letter(verdict: Verdict) -> char {
    match verdict {
        Verdict::Counted => 'c',
        Verdict::Late => 'l',
        Verdict::Superseded => 's',
    }
}

fn read_verdict(letter: char) -> Option<Verdict> {
    [Verdict::Counted, Verdict::Late, Verdict::Superseded]
        .into_iter()
        .find(|verdict| verdict_letter(*verdict) == letter)
}

/// The responses of all operations; None when they are not those of as many.
fn read_responses(answers: Option<&str>, written_out: Vec<Option<Response>>) -> Option<Vec<Option<Response>>> {
    let Some(answers) = answers else { return Some(written_out) };
    let mut written_out = written_out.into_iter();
    let responses = answers.chars().map(|letter| match letter {
        NOTHING => Some(None),
        WRITTEN_OUT => written_out.next(),
        'a'..='z' => Some(Some(Response::Choice(vec![letter.to_string()]))),
        _ => None,
    });
    let responses = responses.collect::<Option<_>>()?;
    written_out.next().is_none().then_some(responses)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn response() -> impl Strategy<Value = Option<Response>> {
        let letters = || proptest::collection::vec("[a-h]", 0..5);
        let parts = || proptest::collection::btree_map("[1-9]", ".{0,12}", 0..4);
        proptest::option::of(prop_oneof![
            letters().prop_map(Response::Choice),
            "-?[0-9]{1,8}".prop_map(Response::Number),
            any::<String>().prop_map(Response::Text),
            letters().prop_map(Response::Order),
            parts().prop_map(Response::Match),
            parts().prop_map(Response::Blanks),
        ])
    }

    fn logged() -> impl Strategy<Value = LoggedOperation> {
        let verdict = prop_oneof![Just(Verdict::Counted), Just(Verdict::Late), Just(Verdict::Superseded)];
        (any::<i64>(), any::<i64>(), 0..200_usize, response(), verdict, any::<i64>()).prop_map(
            |(writer, seq, question, response, verdict, at)| LoggedOperation {
                operation: Operation { writer, seq, question, response },
                verdict,
                received_at: Timestamp(at),
            },
        )
    }

    fn paper() -> impl Strategy<Value = Paper> {
        let order = proptest::collection::vec(0..50_usize, 0..9);
        let orders = proptest::collection::vec(order, 0..4);
        let item =
            (any::<i64>(), orders).prop_map(|(id, orders)| PaperItem { question: QuestionVersionId(id), orders });
        proptest::collection::vec(item, 0..9).prop_map(|items| Paper { items })
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(paper in paper(), operations in proptest::collection::vec(logged(), 0..30)) {
            let record = Record { paper, operations };
            prop_assert_eq!(Record::unpack(&record.pack().expect("it is small")).expect("it is one of ours"), record);
        }

        #[test]
        fn damage_is_an_error_and_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Record::unpack(&bytes);
            let _ = Record::unpack(&[&[VERSION], bytes.as_slice()].concat());
        }
    }

    /// 65 choice questions of four options, answered in order with every fifth answer changed later.
    fn ordinary() -> Record {
        let order =
            |n: usize| [[0, 1, 2, 3], [2, 0, 3, 1], [3, 1, 0, 2], [1, 3, 2, 0], [0, 2, 1, 3]][n * 7 % 5].to_vec();
        let item = |n: usize| PaperItem {
            question: QuestionVersionId(i64::try_from(9_000 + n * 37 % 400).unwrap_or(0)),
            orders: vec![order(n)],
        };
        let answer = |seq: usize, question: usize| LoggedOperation {
            operation: Operation {
                writer: 0,
                seq: i64::try_from(seq).unwrap_or(0),
                question,
                response: Some(Response::Choice(vec![["a", "b", "c", "d"][seq * seq * 13 % 4].to_owned()])),
            },
            verdict: Verdict::Counted,
            received_at: Timestamp(
                1_790_000_000_000 + i64::try_from(seq * 30_000 + seq * seq * 7_919 % 20_000).unwrap_or(0),
            ),
        };
        Record {
            paper: Paper { items: (0..65).map(item).collect() },
            operations: (1..=65).map(|n| answer(n, n)).chain((66..=78).map(|n| answer(n, (n - 65) * 5))).collect(),
        }
    }

    #[test]
    fn an_ordinary_attempt_takes_little_with_its_history() {
        let packed = ordinary().pack().expect("it is small");
        assert!(packed.len() < 600, "{} bytes", packed.len());
    }

    #[test]
    fn a_document_of_the_first_format_is_read_as_well() {
        let columns = r#"{"paper":[9,7,8],"orders":"2031,  [[0,40]]","writers":[0,1],"seqs":[1,0],"questions":[1,1],
            "times":[5,2],"verdicts":"cl","responses":[{"choice":["b"]},null]}"#;
        let mut encoder = DeflateEncoder::new(vec![1], Compression::best());
        let packed = encoder.write_all(columns.as_bytes()).and_then(|()| encoder.finish()).unwrap();
        let record = Record::unpack(&packed).unwrap();
        let items = [(9, vec![vec![2, 0, 3, 1]]), (7, vec![]), (8, vec![vec![0, 40]])];
        let items = items.map(|(id, orders)| PaperItem { question: QuestionVersionId(id), orders });
        assert_eq!(record.paper.items, items);
        let said = |logged: &LoggedOperation| (logged.operation.question, logged.operation.response.clone());
        let b = Some(Response::Choice(vec!["b".into()]));
        assert_eq!(record.operations.iter().map(said).collect::<Vec<_>>(), [(1, b), (2, None)]);
    }

    #[test]
    fn what_could_not_be_read_again_is_not_packed() {
        let mut record = ordinary();
        record.operations[0].operation.response = Some(Response::Text("x".repeat(64 * 1024 * 1024)));
        assert_eq!(record.pack(), None);
    }

    #[test]
    fn a_document_of_a_later_version_says_so_and_a_cut_one_is_damaged() {
        let mut packed = ordinary().pack().expect("it is small");
        assert!(matches!(Record::unpack(&packed[..packed.len() / 2]), Err(RecordError::Damaged(_))));
        packed[0] = 9;
        assert!(matches!(Record::unpack(&packed), Err(RecordError::Format(9))));
        assert!(matches!(Record::unpack(&[]), Err(RecordError::Damaged(_))));
    }

    #[test]
    fn a_document_whose_orders_are_cut_short_or_too_many_is_damaged() {
        for orders in ["AB", "ABC 1,"] {
            let columns = r#"{"first":7,"paper":[0,1,2],"orders":"ORDERS","writers":[],"seqs":[],"questions":[],"times":[],
                "verdicts":"","answers":"","responses":[]}"#;
            let mut encoder = DeflateEncoder::new(vec![VERSION], Compression::best());
            encoder.write_all(columns.replace("ORDERS", orders).as_bytes()).unwrap();
            assert!(matches!(Record::unpack(&encoder.finish().unwrap()), Err(RecordError::Damaged(_))), "{orders}");
        }
    }
}
