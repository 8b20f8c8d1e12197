//! Answer operations in few words.

use exam::answer::{Operation, Response};

/// Operation `seq` of writer 0: chooses the option shown as `letter` in question `question`.
#[must_use]
pub fn choose(seq: i64, question: usize, letter: &str) -> Operation {
    Operation { writer: 0, seq, question, response: Some(Response::Choice(vec![letter.to_owned()])) }
}

/// Operation `seq` of writer 0: takes the answer to question `question` back.
#[must_use]
pub fn take_back(seq: i64, question: usize) -> Operation {
    Operation { writer: 0, seq, question, response: None }
}

/// The operation as another writer sends it.
#[must_use]
pub fn by_writer(writer: i64, operation: Operation) -> Operation {
    Operation { writer, ..operation }
}
