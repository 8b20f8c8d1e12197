//! A paper in a candidate's hands: what is asked, what was answered, what the server has not acknowledged yet.

use crate::asked::{Asked, AttemptBody};
use crate::dice::Dice;
use crate::ledger::{Identity, Number};
use exam::answer::{Answers, Response};
use hyper::body::Bytes;
use hyper::http::uri::Uri;
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use tokio::time::Instant;

/// The most operations of one save; the API takes 500.
pub(super) const SAVE_MAX: usize = 200;

/// An operation that the server has not answered.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) seq: i64,
    pub(super) question: usize,
    /// Canonical, or `null`.
    pub(super) response: Box<str>,
    /// When the save that it completes was meant to leave.
    pub(super) due: Option<Instant>,
}

#[derive(Debug)]
pub(super) struct Paper {
    pub(super) id: Box<str>,
    pub(super) in_ledger: Number,
    pub(super) answers_uri: Uri,
    /// When the page asks for the questions that it does not show yet.
    pub(super) fetches: Option<Instant>,
    asked: Box<[Asked]>,
    /// How many questions have been answered once.
    answered: usize,
    /// Whether the next operation changes an earlier answer.
    changes_next: bool,
    pub(super) writer: i64,
    last_seq: i64,
    pub(super) outbox: VecDeque<Pending>,
    /// What the server has acknowledged, in canonical form: what it must show after a reload and count at the end.
    held: BTreeMap<usize, Box<str>>,
    /// The server takes no more: late, closed, or another writer has the pen.
    pub(super) is_closed: bool,
    /// The server may hold more than it acknowledged, since a save was cut off by the end, or somebody else wrote.
    pub(super) is_uncertain: bool,
}

impl Paper {
    pub(super) fn new(body: &AttemptBody<'_>, answers_uri: Uri, in_ledger: Number) -> Self {
        Self {
            id: body.id.as_ref().into(),
            in_ledger,
            answers_uri,
            fetches: None,
            asked: body.asked().into_iter().filter(Asked::is_known).collect(),
            answered: 0,
            changes_next: false,
            writer: body.writer,
            last_seq: body.last_seq,
            outbox: VecDeque::new(),
            held: body.answers.iter().map(|(question, response)| (*question, response.canonical().into())).collect(),
            is_closed: false,
            is_uncertain: false,
        }
    }

    /// A new pen: numbers begin anew.
    pub(super) fn take_pen(&mut self, writer: i64) {
        (self.writer, self.last_seq) = (writer, 0);
    }

    /// Whether every question was answered, and none is about to be changed.
    pub(super) fn is_through(&self) -> bool {
        self.answered >= self.asked.len() && !self.changes_next
    }

    /// Answers the next question, or changes an earlier answer. A paper without a question that this program knows has nothing
    /// to answer.
    pub(super) fn answer(&mut self, dice: &mut Dice, re_answer: f64, due: Option<Instant>) {
        if self.asked.is_empty() {
            return;
        }
        let changes = std::mem::take(&mut self.changes_next) || self.answered >= self.asked.len();
        let (number, response) = if changes {
            let question = &self.asked[dice.below(self.answered)];
            (question.number(), question.change(dice))
        } else {
            let question = &self.asked[self.answered];
            self.answered += 1;
            (question.number(), question.answer(dice))
        };
        self.changes_next = dice.happens(re_answer);
        self.last_seq += 1;
        let response = response.as_ref().map_or_else(|| "null".into(), |response| response.canonical().into());
        self.outbox.push_back(Pending { seq: self.last_seq, question: number, response, due });
    }

    /// How many of the operations that wait go into the next save.
    pub(super) fn next_save(&self) -> usize {
        self.outbox.len().min(SAVE_MAX)
    }

    /// The body of a save of the first `count` operations.
    pub(super) fn save_body(&self, count: usize) -> Bytes {
        let mut text = String::with_capacity(40 + count * 80);
        // Writing to a String cannot fail.
        let _ = write!(text, "{{\"writer\":{},\"operations\":[", self.writer);
        for (index, pending) in self.outbox.iter().take(count).enumerate() {
            let comma = if index > 0 { "," } else { "" };
            let Pending { seq, question, response, .. } = pending;
            let _ = write!(text, "{comma}{{\"seq\":{seq},\"question\":{question},\"response\":{response}}}");
        }
        text.push_str("]}");
        Bytes::from(text)
    }

    pub(super) fn identity(&self, seq: i64) -> Identity {
        Identity { writer: self.writer, seq }
    }

    /// The server has acknowledged an operation.
    pub(super) fn hold(&mut self, pending: &Pending) {
        if &*pending.response == "null" {
            self.held.remove(&pending.question);
        } else {
            self.held.insert(pending.question, pending.response.clone());
        }
    }

    /// Whether the server has acknowledged an operation and none that came after it.
    pub(super) fn holds(&self, pending: &Pending) -> bool {
        match self.held.get(&pending.question) {
            Some(held) => *held == pending.response,
            None => &*pending.response == "null",
        }
    }

    /// The first question for which the server shows something else than it has acknowledged.
    pub(super) fn differs(&self, shown: &Answers) -> Option<usize> {
        let shows = |question: &usize| shown.get(question).map(Response::canonical);
        let lost = self.held.iter().find(|(question, held)| shows(question).as_deref() != Some(held));
        lost.map(|(question, _)| *question).or_else(|| shown.keys().find(|q| !self.held.contains_key(q)).copied())
    }

    /// The answers that the server has acknowledged; None when that is not all it may hold.
    pub(super) fn held(&self) -> Option<Answers> {
        if self.is_uncertain {
            return None;
        }
        self.held.iter().map(|(question, text)| Some((*question, serde_json::from_str(text).ok()?))).collect()
    }
}
