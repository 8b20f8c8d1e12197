//! Documents as they were written before: DEFLATE over JSON with a column per property.
//!
//! In the first format `paper` held the ids themselves, every order was written out, and `responses` held all of them.

mod orders;

use super::{LARGEST, LoggedOperation, Record, RecordError, damaged, sums};
use crate::answer::{Operation, Response};
use crate::attempt::Verdict;
use crate::id::QuestionVersionId;
use crate::paper::{Paper, PaperItem};
use crate::time::Timestamp;
use flate2::read::DeflateDecoder;
use orders::next_orders;
use serde::Deserialize;
use std::io::Read;

/// What is packed: numbers as differences from the one before.
#[derive(Deserialize)]
struct Columns {
    /// The lowest question version of the paper.
    #[serde(default)]
    first: i64,
    /// Question versions, counted from the lowest.
    paper: Vec<i64>,
    /// Per question its orders, see [`next_orders`].
    orders: String,
    writers: Vec<i64>,
    seqs: Vec<i64>,
    questions: Vec<i64>,
    times: Vec<i64>,
    /// A letter per operation.
    verdicts: String,
    /// A letter per operation: that of the one option it chose, "-" for an answer taken back, or "*" for what is written out. None
    /// in the first format.
    #[serde(default)]
    answers: Option<String>,
    /// What no letter says.
    responses: Vec<Option<Response>>,
}

/// Reads a document without its first byte.
pub(super) fn read(version: u8, packed: &[u8]) -> Result<Record, RecordError> {
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
    let orders = columns.paper.iter().map(|_| next_orders(&mut rest, version)).collect::<Option<Vec<_>>>();
    let orders = orders.filter(|_| rest.is_empty()).ok_or_else(|| damaged("an order is none"))?;
    let questions = columns.paper.iter().map(|id| QuestionVersionId(columns.first.wrapping_add(*id)));
    let paper =
        Paper { items: questions.zip(orders).map(|(question, orders)| PaperItem { question, orders }).collect() };
    let (mut writers, mut seqs) = (sums(columns.writers, 0), sums(columns.seqs, 0));
    let (mut questions, mut times) = (sums(columns.questions, 0), sums(columns.times, 0));
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
    Ok(Record { paper, operations })
}

fn read_verdict(letter: char) -> Option<Verdict> {
    match letter {
        'c' => Some(Verdict::Counted),
        'l' => Some(Verdict::Late),
        's' => Some(Verdict::Superseded),
        _ => None,
    }
}

/// The responses of all operations; None when they are not those of as many.
fn read_responses(answers: Option<&str>, written_out: Vec<Option<Response>>) -> Option<Vec<Option<Response>>> {
    let Some(answers) = answers else { return Some(written_out) };
    let mut written_out = written_out.into_iter();
    let responses = answers.chars().map(|letter| match letter {
        '-' => Some(None),
        '*' => written_out.next(),
        'a'..='z' => Some(Some(Response::Choice(vec![letter.to_string()]))),
        _ => None,
    });
    let responses = responses.collect::<Option<_>>()?;
    written_out.next().is_none().then_some(responses)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::DeflateEncoder;
    use std::io::Write as _;

    /// A document as it was written then.
    fn document(version: u8, columns: &str) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(vec![version], Compression::best());
        encoder.write_all(columns.as_bytes()).and_then(|()| encoder.finish()).unwrap()
    }

    fn said(record: &Record) -> Vec<(usize, Option<Response>)> {
        let said = |logged: &LoggedOperation| (logged.operation.question, logged.operation.response.clone());
        record.operations.iter().map(said).collect()
    }

    fn chose(option: &str) -> Option<Response> {
        Some(Response::Choice(vec![option.into()]))
    }

    #[test]
    fn the_first_format_is_read() {
        let columns = r#"{"paper":[9,7,8],"orders":"2031,  [[0,40]]","writers":[0,1],"seqs":[1,0],"questions":[1,1],
            "times":[5,2],"verdicts":"cl","responses":[{"choice":["b"]},null]}"#;
        let record = Record::unpack(&document(1, columns)).unwrap();
        let items = [(9, vec![vec![2, 0, 3, 1]]), (7, vec![]), (8, vec![vec![0, 40]])];
        let items = items.map(|(id, orders)| PaperItem { question: QuestionVersionId(id), orders });
        assert_eq!(record.paper.items, items);
        assert_eq!(said(&record), [(1, chose("b")), (2, None)]);
    }

    #[test]
    fn the_second_format_is_read() {
        let columns = r#"{"first":7,"paper":[2,0],"orders":"B10,01, ","writers":[0,0,2],"seqs":[1,1,-1],"questions":[1,0,1],
            "times":[5,2,-1],"verdicts":"cls","answers":"d-*","responses":[{"choice":["b","c"]}]}"#;
        let record = Record::unpack(&document(2, columns)).unwrap();
        let items = [(9, vec![vec![0, 1, 3, 2]]), (7, vec![vec![1, 0], vec![0, 1]])];
        let items = items.map(|(id, orders)| PaperItem { question: QuestionVersionId(id), orders });
        assert_eq!(record.paper.items, items);
        let both = Some(Response::Choice(vec!["b".into(), "c".into()]));
        assert_eq!(said(&record), [(1, chose("d")), (1, None), (2, both)]);
        let numbers = |logged: &LoggedOperation| (logged.operation.writer, logged.operation.seq, logged.received_at.0);
        assert_eq!(record.operations.iter().map(numbers).collect::<Vec<_>>(), [(0, 1, 5), (0, 2, 7), (2, 1, 6)]);
        let verdicts: Vec<_> = record.operations.iter().map(|logged| logged.verdict).collect();
        assert_eq!(verdicts, [Verdict::Counted, Verdict::Late, Verdict::Superseded]);
    }

    #[test]
    fn orders_that_are_cut_short_or_too_many_are_damage() {
        for orders in ["AB", "ABC 1,"] {
            let columns = r#"{"first":7,"paper":[0,1,2],"orders":"ORDERS","writers":[],"seqs":[],"questions":[],"times":[],
                "verdicts":"","answers":"","responses":[]}"#;
            let document = document(2, &columns.replace("ORDERS", orders));
            assert!(matches!(Record::unpack(&document), Err(RecordError::Damaged(_))), "{orders}");
        }
    }
}
