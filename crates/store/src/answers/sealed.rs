//! Saves to attempts that have ended: what their record holds is told as it was judged, what is new is kept as evidence.
//!
//! A record never changes, so it is read before the save is queued again, and outside the writer: however large it is, nobody
//! else waits for it.

use super::log::read_record;
use super::{FormAnswer, Rejection, SaveOutcome, Saved};
use crate::db::sql;
use crate::writer::{Arrival, Content, Written, content};
use crate::{Error, Result, Store};
use exam::answer::{Operation, fold};
use exam::attempt::Verdict;
use exam::id::{AccountId, AttemptId};
use exam::record::{LoggedOperation, Record};
use exam::time::Timestamp;
use std::collections::{HashMap, HashSet};
use tokio::sync::SemaphorePermit;
use tokio::time::timeout;

/// How many records are unpacked at once: each may take up tens of megabytes, and a processor for a while.
pub(crate) const AT_ONCE: usize = 2;

/// An operation's writer and number.
type Number = (i64, i64);

impl Store {
    /// Saves to an attempt that has ended. None when it is not this person's.
    pub(super) async fn save_to_sealed(
        &self,
        attempt: AttemptId,
        account: AccountId,
        operations: Vec<Operation>,
        arrival: Arrival,
        deadline: Option<Timestamp>,
    ) -> Result<Option<Saved>> {
        let wanted: HashSet<Number> = operations.iter().map(|operation| (operation.writer, operation.seq)).collect();
        let held = move |record: Record| -> HashMap<Number, (Content, Verdict)> {
            let number = |logged: &LoggedOperation| (logged.operation.writer, logged.operation.seq);
            let wanted = record.operations.into_iter().filter(|logged| wanted.contains(&number(logged)));
            wanted.map(|logged| (number(&logged), (content(&logged.operation), logged.verdict))).collect()
        };
        let closed = Ok(Some(Saved { outcome: SaveOutcome::Closed, deadline }));
        let Some(held) = self.look_into_record(attempt, held).await? else { return closed };
        let places: HashMap<i64, usize> = operations.iter().map(|operation| operation.seq).zip(0..).collect();
        let (mut acknowledged, mut rejected, mut new) = (Vec::new(), Vec::new(), Vec::new());
        for operation in operations {
            match held.get(&(operation.writer, operation.seq)) {
                Some((known, _)) if *known != content(&operation) => {
                    rejected.push((operation.seq, Rejection::SeqConflict))
                }
                Some((_, Verdict::Counted)) if acknowledged.contains(&operation.seq) => {}
                Some((_, Verdict::Counted)) => acknowledged.push(operation.seq),
                Some((_, verdict)) => rejected.push((operation.seq, Rejection::Kept(*verdict))),
                None => new.push(operation),
            }
        }
        if !new.is_empty() {
            let told = |why| new.iter().map(|operation| (operation.seq, why)).collect::<Vec<_>>();
            let (late, full) = (told(Rejection::Kept(Verdict::Late)), told(Rejection::Full));
            match self.queue_save(attempt, account, new, arrival, true).await? {
                Written::Nobodys => return Ok(None),
                // Kept by an earlier try of the same save.
                Written::Saved(Saved {
                    outcome: SaveOutcome::Judged { acknowledged: more, rejected: others }, ..
                }) => {
                    acknowledged.extend(more);
                    rejected.extend(others);
                }
                Written::Saved(Saved { outcome: SaveOutcome::Full, .. }) => rejected.extend(full),
                Written::Saved(_) | Written::Sealed(..) => rejected.extend(late),
            }
        }
        acknowledged.sort_by_key(|seq| places.get(seq));
        rejected.sort_by_key(|(seq, _)| places.get(seq));
        // That it has ended is all there is to say of what it does not hold.
        if acknowledged.is_empty() {
            return closed;
        }
        Ok(Some(Saved { outcome: SaveOutcome::Judged { acknowledged, rejected }, deadline }))
    }

    /// Keeps a form's answer as evidence, under a number above all that the record has, unless it is what the record has.
    pub(super) async fn save_form_to_sealed(
        &self,
        attempt: AttemptId,
        account: AccountId,
        answer: FormAnswer,
        arrival: Arrival,
        deadline: Option<Timestamp>,
    ) -> Result<Option<Saved>> {
        let (question, given) = (answer.question, answer.response.clone());
        let look = move |record: Record| {
            let last = record.operations.iter().map(|logged| logged.operation.seq).max().unwrap_or(0);
            let counted = record.operations.into_iter().filter(|logged| logged.verdict == Verdict::Counted);
            (last, fold(counted.map(|logged| logged.operation)).get(&question) == given.as_ref())
        };
        let closed = Saved { outcome: SaveOutcome::Closed, deadline };
        let Some((last, false)) = self.look_into_record(attempt, look).await? else { return Ok(Some(closed)) };
        match self.queue_form(attempt, account, answer, arrival, Some(last)).await? {
            Written::Nobodys => Ok(None),
            // That it has ended is all there is to say.
            Written::Saved(Saved { outcome: SaveOutcome::Full, .. }) | Written::Sealed(..) => Ok(Some(closed)),
            Written::Saved(saved) => Ok(Some(saved)),
        }
    }

    /// What a record says; None when it cannot be read, which is told in the log.
    async fn look_into_record<T: Send + 'static>(
        &self,
        attempt: AttemptId,
        look: impl FnOnce(Record) -> T + Send + 'static,
    ) -> Result<Option<T>> {
        match self.open_record(attempt, move |record| read_record(attempt.0, record).map(look)).await {
            Err(error @ Error::Unreadable { .. }) => {
                tracing::error!(attempt = attempt.0, %error, "the record of an ended attempt cannot be read");
                Ok(None)
            }
            said => said.map(Some),
        }
    }

    /// Room to read something long; waited for as long as for a connection of the database.
    pub(super) async fn record_permit(&self) -> Result<SemaphorePermit<'_>> {
        match timeout(self.patience, self.records.acquire()).await {
            Ok(permit) => permit.map_err(|_| Error::Busy),
            Err(_) => Err(Error::Unavailable("too many long records are being read".into())),
        }
    }

    /// Reads a record, however long: few at once, and none where requests are answered.
    pub(crate) async fn open_record<T: Send + 'static>(
        &self,
        attempt: AttemptId,
        look: impl FnOnce(&[u8]) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _permit = self.record_permit().await?;
        let row: Option<(Option<Vec<u8>>,)> =
            self.db.optional(sql!("SELECT record FROM attempts WHERE id = $1"), (attempt.0,)).await?;
        let read = move || match row {
            Some((Some(record),)) => look(&record),
            _ => {
                Err(Error::Unreadable { what: format!("record of attempt {attempt}"), reason: "there is none".into() })
            }
        };
        tokio::task::spawn_blocking(read).await.map_err(|error| Error::Unavailable(error.to_string()))?
    }
}
