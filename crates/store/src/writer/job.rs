//! What waits in the writer's queue, and where its answer goes.

use crate::answers::{FormAnswer, Saved};
use crate::{Error, Result};
use exam::answer::{Answers, Operation};
use exam::attempt::{AttemptState, BODY_DEADLINE, QUEUE_DEADLINE};
use exam::grade::Grade;
use exam::id::{AccountId, AttemptId};
use exam::paper::Paper;
use exam::time::Timestamp;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::Instant;

/// When the head of a request had been read: by the clock that decides, and as a moment from which waiting is measured.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    /// The server's time.
    pub at: Timestamp,
    /// The moment.
    pub since: Instant,
}

impl From<Timestamp> for Arrival {
    /// What has arrived just now.
    fn from(at: Timestamp) -> Self {
        Self { at, since: Instant::now() }
    }
}

/// How long a save or submit may be under way inside the server, from its head to the start of the transaction that writes it.
const UNDER_WAY: Duration = BODY_DEADLINE.saturating_add(QUEUE_DEADLINE);

/// The place of a job in the queue: since when, what room it takes, and who waits for it.
#[derive(Debug)]
pub(crate) struct Ticket<T> {
    since: Instant,
    /// Whether it waits for something that others do not wait for.
    is_postponed: bool,
    _room: [OwnedSemaphorePermit; 2],
    waiter: Option<oneshot::Sender<Result<T>>>,
}

impl<T> Ticket<T> {
    pub(super) fn new(since: Instant, room: [OwnedSemaphorePermit; 2]) -> (Self, oneshot::Receiver<Result<T>>) {
        let (sender, receiver) = oneshot::channel();
        (Self { since, is_postponed: false, _room: room, waiter: Some(sender) }, receiver)
    }

    /// Gives the answer back when nobody waits for it any more.
    fn answer(&mut self, answer: Result<T>) -> Option<Result<T>> {
        self.waiter.take()?.send(answer).err()
    }
}

/// What came of a save, as far as the writer looks into it.
#[derive(Debug, Clone)]
pub(crate) enum Written {
    /// The attempt is not this person's.
    Nobodys,
    /// It is written, or refused.
    Saved(Saved),
    /// The attempt had ended; nothing was done, since its record has to be read first. With the attempt's deadline, and what a
    /// client has numbered.
    Sealed(Option<Timestamp>, Vec<Operation>),
}

/// Operations that a client has numbered, all of one writer.
#[derive(Debug)]
pub(crate) struct Save {
    pub(crate) attempt: AttemptId,
    pub(crate) account: AccountId,
    pub(crate) operations: Vec<Operation>,
    pub(crate) arrival: Arrival,
    /// Whether the attempt's record has been read, and has none of them: after the end they are evidence.
    pub(crate) is_evidence: bool,
    pub(crate) ticket: Ticket<Written>,
}

/// An answer from a plain form, which numbers nothing.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) attempt: AttemptId,
    pub(crate) account: AccountId,
    pub(crate) answer: FormAnswer,
    pub(crate) arrival: Arrival,
    /// Its number from the first try on, so that a second one does not write it twice.
    pub(crate) numbered: Option<Numbered>,
    /// The highest number in the attempt's record, once that has been read: after the end the answer is evidence.
    pub(crate) sealed_seq: Option<i64>,
    pub(crate) ticket: Ticket<Written>,
}

/// The number that a form's answer has been given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbered {
    pub(crate) writer: i64,
    pub(crate) seq: i64,
    /// Whether a later answer to its question was written before it: then it does not count, whatever its number.
    pub(crate) is_overtaken: bool,
}

/// The end of an attempt.
pub(crate) struct End {
    pub(crate) attempt: AttemptId,
    pub(crate) public_id: String,
    /// What was asked: it never changes.
    pub(crate) paper: Paper,
    /// Who hands it in; None when its time has run out.
    pub(crate) actor: Option<AccountId>,
    pub(crate) state: AttemptState,
    pub(crate) ended_at: Timestamp,
    pub(crate) now: Timestamp,
    pub(crate) grade: Box<dyn Fn(&Answers) -> Grade + Send + Sync>,
    pub(crate) ticket: Ticket<Ended>,
}

/// What came of the end of an attempt.
#[derive(Debug, Clone)]
pub(crate) enum Ended {
    /// This job ended it: how many questions were answered, and the receipt's digest.
    Now { answered: i64, digest: String },
    /// It had ended before.
    Before,
    /// Its deadline lies later than the job knew.
    NotDue,
    /// It could not be graded, and why; the attempt is as it was.
    NotGraded(String),
}

/// One of them.
pub(crate) enum Job {
    Save(Save),
    Form(Form),
    End(End),
}

/// What came of a job.
#[derive(Debug)]
pub(super) enum Outcome {
    Saved(Written),
    Ended(Ended),
    /// Another process holds the attempt; nothing was done.
    Postponed,
    /// It would have been too much for this transaction; nothing was done.
    Deferred,
}

impl Job {
    pub(super) fn attempt(&self) -> AttemptId {
        match self {
            Self::Save(save) => save.attempt,
            Self::Form(form) => form.attempt,
            Self::End(end) => end.attempt,
        }
    }

    pub(super) fn rows(&self) -> usize {
        match self {
            Self::Save(save) => save.operations.len().max(1),
            Self::Form(_) | Self::End(_) => 1,
        }
    }

    /// Since when it waits.
    pub(super) fn since(&self) -> Instant {
        match self {
            Self::Save(Save { ticket, .. }) | Self::Form(Form { ticket, .. }) => ticket.since,
            Self::End(end) => end.ticket.since,
        }
    }

    /// Notes that it waits for what others do not wait for: an attempt that another process holds.
    pub(super) fn postpone(&mut self) {
        match self {
            Self::Save(Save { ticket, .. }) | Self::Form(Form { ticket, .. }) => ticket.is_postponed = true,
            Self::End(end) => end.ticket.is_postponed = true,
        }
    }

    /// Whether how long it has waited says how long others wait.
    pub(super) fn is_like_others(&self) -> bool {
        let is_postponed = match self {
            Self::Save(Save { ticket, .. }) | Self::Form(Form { ticket, .. }) => ticket.is_postponed,
            Self::End(end) => end.ticket.is_postponed,
        };
        !is_postponed && !self.is_of_the_sweep()
    }

    /// Whether it is the end of an attempt that nobody has handed in.
    pub(super) fn is_of_the_sweep(&self) -> bool {
        matches!(self, Self::End(End { actor: None, .. }))
    }

    pub(super) fn is_form(&self) -> bool {
        matches!(self, Self::Form(_))
    }

    pub(super) fn is_end(&self) -> bool {
        matches!(self, Self::End(_))
    }

    /// Whether it has waited longer than `wait`, or been under way for so long that the sweep no longer waits for it.
    fn is_too_old(&self, wait: Duration) -> bool {
        match self {
            Self::Save(Save { ticket, arrival, .. }) | Self::Form(Form { ticket, arrival, .. }) => {
                ticket.since.elapsed() > wait || arrival.since.elapsed() > UNDER_WAY
            }
            Self::End(end) => end.ticket.since.elapsed() > wait,
        }
    }

    /// Refuses it if it [is too old](Self::is_too_old), and says whether.
    pub(super) fn is_refused_as_too_old(&mut self, wait: Duration) -> bool {
        let is_too_old = self.is_too_old(wait);
        if is_too_old {
            self.refuse(Error::Unavailable("an answer has waited too long to be written".into()));
        }
        is_too_old
    }

    /// A client that has hung up asks again if it wants to know.
    pub(super) fn refuse(&mut self, error: Error) {
        match self {
            Self::Save(Save { ticket, .. }) | Self::Form(Form { ticket, .. }) => drop(ticket.answer(Err(error))),
            Self::End(end) => drop(end.ticket.answer(Err(error))),
        }
    }

    pub(super) fn answer(&mut self, outcome: Outcome) {
        match (self, outcome) {
            (Self::Save(Save { ticket, operations, .. }), Outcome::Saved(Written::Sealed(deadline, _))) => {
                drop(ticket.answer(Ok(Written::Sealed(deadline, std::mem::take(operations)))));
            }
            (Self::Save(Save { ticket, .. }) | Self::Form(Form { ticket, .. }), Outcome::Saved(written)) => {
                drop(ticket.answer(Ok(written)));
            }
            (Self::End(end), Outcome::Ended(ended)) => {
                // Whoever asked would have told the log.
                if let Some(Ok(Ended::NotGraded(reason))) = end.ticket.answer(Ok(ended)) {
                    tracing::error!(attempt.id = %end.public_id, reason, "an attempt cannot be graded");
                }
            }
            // Outcomes are made one per job, in their order.
            (job, _) => job.refuse(Error::Unavailable("an answer has lost its outcome".into())),
        }
    }

    /// For the control that answers too early.
    pub(super) fn answer_early(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Saved(saved) => self.answer(Outcome::Saved(saved.clone())),
            Outcome::Ended(ended) => self.answer(Outcome::Ended(ended.clone())),
            Outcome::Postponed | Outcome::Deferred => {}
        }
    }
}
