//! The record of an ended attempt: its paper and the whole history of its operations, as one small document.
//!
//! The document is a version byte, then columns of bits (see the module `bits`) and, when there are any, the responses that are not one
//! letter, as DEFLATE (RFC 1951) over a JSON array. Each property is a column of its own, in this order, numbers as differences
//! from what they most likely are, so that most columns take up next to nothing:
//!
//! | Column | Numbers | Sign |
//! |---|---|---|
//! | counts, each as a number of order 6 | questions, then operations | |
//! | question versions | difference from the one before | yes |
//! | lists of orders per question | their number | |
//! | parts per list | their number | |
//! | kinds of list | 0: an order of all its parts, 1: else | |
//! | parts | of kind 0, the place among those not named yet, in as few bits as these have; of kind 1, each as a number of order 3 | |
//! | writers | difference from the one before | yes |
//! | sequence numbers | difference from the one before, less 1 | yes |
//! | questions | difference from the one before, less 1 | yes |
//! | times, in milliseconds | difference from the one before | yes |
//! | verdicts | counted, late, superseded; checked, in version 2 only | |
//! | answers | 0 to 25: the one option a to z was chosen; 26: taken back; 27: written out behind the columns | |

mod bits;
mod papers;

use crate::answer::{Operation, Response};
use crate::attempt::Verdict;
use crate::paper::Paper;
use crate::time::Timestamp;
use bits::{Reader, Writer};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use std::io::{Read, Write};

/// The first byte of a document.
const VERSION: u8 = 1;
/// Of one with a verdict that version 1 has not: an earlier Examhall says so, instead of calling the document damaged.
const VERSION_WITH_CHECKED: u8 = 2;
/// From how many bytes on written out responses are packed less tightly: at its best, a long text of few letters takes seconds.
const LONG: usize = 64 * 1024;
/// The most that is unpacked, in bytes: above what the log of an attempt holds.
const LARGEST: u64 = 32 * 1024 * 1024;
/// The most questions, operations, or parts of all questions, above what the log of an attempt holds: a damaged document must not ask
/// for more memory than there is.
const MOST: usize = 1 << 17;

/// The order of the counts.
const COUNT_ORDER: u32 = 6;
/// The response of an operation that takes its answer back.
const NOTHING: u64 = 26;
/// A response that no letter says.
const WRITTEN_OUT: u64 = 27;
/// By their numbers.
const VERDICTS: [Verdict; 4] = [Verdict::Counted, Verdict::Late, Verdict::Superseded, Verdict::Checked];

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

impl Record {
    /// The document; None for a history so large that it could not be read again.
    ///
    /// # Panics
    /// Never: responses can be written as JSON, and memory takes what is written to it.
    #[must_use]
    pub fn pack(&self) -> Option<Vec<u8>> {
        let mut columns = Writer::default();
        for count in [self.paper.items.len(), self.operations.len()] {
            columns.number(within(count)?, COUNT_ORDER);
        }
        papers::pack(&self.paper, &mut columns)?;
        let column = |value: fn(&LoggedOperation) -> i64| differences(self.operations.iter().map(value));
        let less_one = |value: fn(&LoggedOperation) -> i64| column(value).map(|step| step.wrapping_sub(1));
        columns.signed_column(column(|logged| logged.operation.writer));
        columns.signed_column(less_one(|logged| logged.operation.seq));
        columns.signed_column(less_one(|logged| i64::try_from(logged.operation.question).unwrap_or(i64::MAX)));
        columns.signed_column(column(|logged| logged.received_at.0));
        let verdict = |logged: &LoggedOperation| VERDICTS.iter().position(|known| *known == logged.verdict);
        columns
            .column(&self.operations.iter().map(|logged| Some(verdict(logged)? as u64)).collect::<Option<Vec<_>>>()?);
        let responses = || self.operations.iter().map(|logged| logged.operation.response.as_ref());
        columns.column(&responses().map(letter_of).collect::<Vec<_>>());

        let is_checked = self.operations.iter().any(|logged| logged.verdict == Verdict::Checked);
        let version = if is_checked { VERSION_WITH_CHECKED } else { VERSION };
        let document = [vec![version], columns.finish()].concat();
        let written_out: Vec<_> = responses().filter(|response| letter_of(*response) == WRITTEN_OUT).collect();
        if written_out.is_empty() {
            return Some(document);
        }
        let json = serde_json::to_vec(&written_out).expect("responses are JSON");
        if json.len() as u64 > LARGEST {
            return None;
        }
        let level = if json.len() > LONG { Compression::fast() } else { Compression::best() };
        let mut encoder = DeflateEncoder::new(document, level);
        Some(encoder.write_all(&json).and_then(|()| encoder.finish()).expect("memory takes it"))
    }

    /// Reads only the paper of a document, which takes hardly any time or room, however long the history is.
    ///
    /// # Errors
    /// As [`Record::unpack`].
    pub fn unpack_paper(document: &[u8]) -> Result<Paper, RecordError> {
        let mut reader = Reader::new(columns_of(document)?);
        let (paper, _) = read_paper(&mut reader).ok_or_else(|| damaged("its paper is cut short, or none of ours"))?;
        Ok(paper)
    }

    /// Reads a document.
    ///
    /// # Errors
    /// When it is damaged, or of a format this version does not know.
    pub fn unpack(document: &[u8]) -> Result<Self, RecordError> {
        read(columns_of(document)?)
    }
}

/// A document without its first byte.
fn columns_of(document: &[u8]) -> Result<&[u8], RecordError> {
    match document.split_first() {
        Some((&(VERSION | VERSION_WITH_CHECKED), columns)) => Ok(columns),
        Some((version, _)) => Err(RecordError::Format(*version)),
        None => Err(damaged("it is empty")),
    }
}

fn damaged(reason: &str) -> RecordError {
    RecordError::Damaged(reason.to_owned())
}

/// A count as it is written; None when it would not be read again.
fn within(count: usize) -> Option<u64> {
    (count <= MOST).then_some(count as u64)
}

/// What stands for a response: most choose one option of few.
fn letter_of(response: Option<&Response>) -> u64 {
    match response {
        None => NOTHING,
        Some(Response::Choice(options)) => match options.as_slice() {
            [option] => match option.as_bytes() {
                [letter @ b'a'..=b'z'] => u64::from(letter - b'a'),
                _ => WRITTEN_OUT,
            },
            _ => WRITTEN_OUT,
        },
        Some(_) => WRITTEN_OUT,
    }
}

fn read(columns: &[u8]) -> Result<Record, RecordError> {
    let mut reader = Reader::new(columns);
    let columns = read_columns(&mut reader).ok_or_else(|| damaged("its columns are cut short, or none of ours"))?;
    let packed = reader.finish().ok_or_else(|| damaged("its columns do not end where they should"))?;
    let written_out =
        if columns.written_out == 0 && packed.is_empty() { Vec::new() } else { unpack_responses(packed)? };
    if written_out.len() != columns.written_out {
        return Err(damaged("it has other responses than its columns say"));
    }
    let mut written_out = written_out.into_iter();
    let mut operations = columns.operations;
    for (logged, letter) in operations.iter_mut().zip(columns.letters) {
        logged.operation.response = match letter {
            NOTHING => None,
            WRITTEN_OUT => written_out.next(),
            letter => {
                u8::try_from(letter).ok().map(|letter| Response::Choice(vec![char::from(b'a' + letter).to_string()]))
            }
        };
    }
    Ok(Record { paper: columns.paper, operations })
}

fn unpack_responses(packed: &[u8]) -> Result<Vec<Response>, RecordError> {
    let mut json = Vec::new();
    let unpacked = DeflateDecoder::new(packed).take(LARGEST).read_to_end(&mut json);
    unpacked.map_err(|error| RecordError::Damaged(error.to_string()))?;
    // The error's text may quote an answer; where it broke is enough.
    serde_json::from_slice(&json)
        .map_err(|error| RecordError::Damaged(format!("no responses at column {}", error.column())))
}

/// What the columns say.
struct Columns {
    paper: Paper,
    /// As yet without their responses.
    operations: Vec<LoggedOperation>,
    /// What stands for the response of each.
    letters: Vec<u64>,
    /// How many are written out.
    written_out: usize,
}

fn read_columns(reader: &mut Reader<'_>) -> Option<Columns> {
    let (paper, count) = read_paper(reader)?;
    let writers = sums(reader.signed_column(count)?, 0);
    let seqs = sums(reader.signed_column(count)?, 1);
    let questions = sums(reader.signed_column(count)?, 1);
    let times = sums(reader.signed_column(count)?, 0);
    let verdicts = reader.column(count)?;
    let letters = reader.column(count)?;
    let mut operations = Vec::with_capacity(count);
    for ((((writer, seq), question), at), verdict) in writers.zip(seqs).zip(questions).zip(times).zip(verdicts) {
        let operation = Operation { writer, seq, question: usize::try_from(question).ok()?, response: None };
        let verdict = *VERDICTS.get(usize::try_from(verdict).ok()?)?;
        operations.push(LoggedOperation { operation, verdict, received_at: Timestamp(at) });
    }
    let written_out = letters.iter().filter(|letter| **letter == WRITTEN_OUT).count();
    letters.iter().all(|letter| *letter <= WRITTEN_OUT).then_some(Columns { paper, operations, letters, written_out })
}

/// The paper, and how many operations there are.
fn read_paper(reader: &mut Reader<'_>) -> Option<(Paper, usize)> {
    let (questions, operations) = (read_count(reader)?, read_count(reader)?);
    Some((papers::read(reader, questions)?, operations))
}

fn read_count(reader: &mut Reader<'_>) -> Option<usize> {
    usize::try_from(reader.number(COUNT_ORDER)?).ok().filter(|count| *count <= MOST)
}

fn differences(values: impl Iterator<Item = i64>) -> impl Iterator<Item = i64> {
    let mut before = 0_i64;
    values.map(move |value| value.wrapping_sub(std::mem::replace(&mut before, value)))
}

/// Adds up differences, each of which was written as so much less.
fn sums(differences: Vec<i64>, less: i64) -> impl Iterator<Item = i64> {
    differences.into_iter().scan(0_i64, move |sum, difference| {
        *sum = sum.wrapping_add(difference).wrapping_add(less);
        Some(*sum)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::QuestionVersionId;
    use crate::paper::PaperItem;
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
        let verdict =
            prop_oneof![Just(Verdict::Counted), Just(Verdict::Late), Just(Verdict::Superseded), Just(Verdict::Checked)];
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
            let packed = record.pack().expect("it is small");
            prop_assert_eq!(Record::unpack_paper(&packed).expect("it is one of ours"), record.paper.clone());
            prop_assert_eq!(Record::unpack(&packed).expect("it is one of ours"), record);
        }

        #[test]
        fn damage_is_an_error_and_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Record::unpack(&bytes);
            let document = [&[VERSION], bytes.as_slice()].concat();
            let _ = (Record::unpack(&document), Record::unpack_paper(&document));
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
        assert!(packed.len() < 350, "{} bytes", packed.len());
    }

    #[test]
    fn only_a_history_with_a_checked_question_is_of_the_later_format() {
        let mut record = ordinary();
        assert_eq!(record.pack().expect("it is small")[0], 1);
        record.operations[5].verdict = Verdict::Checked;
        assert_eq!(record.pack().expect("it is small")[0], 2);
    }

    #[test]
    fn what_could_not_be_read_again_is_not_packed() {
        let mut record = ordinary();
        record.operations[0].operation.response = Some(Response::Text("x".repeat(32 * 1024 * 1024)));
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
}
