//! Answer operations: an append-only log per attempt. The answers are its fold; there is no second copy.

mod log;
mod sealed;
mod short;

pub(crate) use log::{Place, SHORT_RECORD, Standing, ids, read_record, read_record_paper};
pub(crate) use sealed::AT_ONCE as RECORDS_AT_ONCE;
pub(crate) use short::ShortLogs;

use crate::attempts::{Attempt, AttemptRow};
use crate::db::sql;
use crate::writer::{Arrival, Form, Job, Save, Written};
use crate::{Error, Result, Store};
use exam::answer::{Answers, Operation, Response, latest};
use exam::attempt::Verdict;
use exam::id::{AccountId, AttemptId};
use exam::record::LoggedOperation;
use exam::time::Timestamp;
use log::{LOGS, LogRow, read_logs};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What an attempt holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeldAnswers {
    /// The answers that count.
    pub answers: Answers,
    /// The (writer, seq) that decides about a question, also where it took the answer back.
    pub identities: BTreeMap<usize, (i64, i64)>,
    /// The highest number of the writer that holds the pen.
    pub last_seq: i64,
}

/// Why an operation does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// The same (writer, seq) was used with other content.
    SeqConflict,
    /// Stored as evidence only.
    Kept(Verdict),
    /// Not even that: the attempt holds as many changes as it can take.
    Full,
}

impl Rejection {
    /// The API's code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::SeqConflict => "seq_conflict",
            Self::Kept(verdict) => verdict.name(),
            Self::Full => "full",
        }
    }
}

/// An answer from a plain form, which numbers nothing itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormAnswer {
    /// The writer that held the pen when the form's page was made, or that the page's script has become since.
    pub writer: i64,
    /// The highest number that the page has used for this writer, whether or not it has arrived.
    pub last_seq: i64,
    /// The number of the question on the paper.
    pub question: usize,
    /// None takes the answer back.
    pub response: Option<Response>,
}

/// What came of a save. Everything in it is committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaveOutcome {
    /// The attempt is open, or has ended and holds some of the operations; what is new to it then is kept as evidence.
    Judged {
        /// The numbers that count.
        acknowledged: Vec<i64>,
        /// The numbers that do not, and why.
        rejected: Vec<(i64, Rejection)>,
    },
    /// The attempt has ended; what was new is kept as evidence.
    Closed,
    /// The writer's number was never given out; nothing was written.
    UnknownWriter,
    /// The attempt holds as many changes as it can take; nothing new was written.
    Full,
}

/// A save with what the attempt's row said of its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// What came of it.
    pub outcome: SaveOutcome,
    /// Until when answers count.
    pub deadline: Option<Timestamp>,
}

/// How much room a save takes while it waits, in bytes, beside its texts.
const ROOM: usize = 256;

impl Store {
    /// Appends operations of one writer to an open attempt of the person and judges each by the time at which the server
    /// had read the head of its request. Returns after the commit. None when the attempt is not this person's.
    ///
    /// The same operation again is judged as it was before and changes nothing, unless it was late before and is in time now. All
    /// operations of the call are written in one transaction, which holds the attempt's row: a submit waits for it or comes first,
    /// so that an acknowledged operation is always in the grade.
    ///
    /// # Errors
    /// [`crate::Error::Busy`] when too much waits already, [`crate::Error::Unavailable`] when the database was away for too long; then
    /// nothing was acknowledged, and sending the same operations again is safe.
    pub async fn save_operations(
        &self,
        attempt: AttemptId,
        account: AccountId,
        operations: Vec<Operation>,
        arrival: impl Into<Arrival>,
    ) -> Result<Option<Saved>> {
        let arrival = arrival.into();
        match self.queue_save(attempt, account, operations, arrival, false).await? {
            Written::Nobodys => Ok(None),
            Written::Saved(saved) => Ok(Some(saved)),
            Written::Sealed(deadline, operations) => {
                self.save_to_sealed(attempt, account, operations, arrival, deadline).await
            }
        }
    }

    /// Appends one operation under the next number of its writer: for plain forms, which number nothing themselves. The number
    /// lies above what the page has used, so that a save of its script that is still under way stays the older one. None when
    /// the attempt is not this person's.
    ///
    /// # Errors
    /// As [`Store::save_operations`].
    pub async fn save_form(
        &self,
        attempt: AttemptId,
        account: AccountId,
        answer: FormAnswer,
        arrival: impl Into<Arrival>,
    ) -> Result<Option<Saved>> {
        let arrival = arrival.into();
        match self.queue_form(attempt, account, answer.clone(), arrival, None).await? {
            Written::Nobodys => Ok(None),
            Written::Saved(saved) => Ok(Some(saved)),
            Written::Sealed(deadline, _) => self.save_form_to_sealed(attempt, account, answer, arrival, deadline).await,
        }
    }

    /// Queues a save.
    async fn queue_save(
        &self,
        attempt: AttemptId,
        account: AccountId,
        operations: Vec<Operation>,
        arrival: Arrival,
        is_evidence: bool,
    ) -> Result<Written> {
        // Each text may wait in full, and again in its transaction.
        let size =
            operations.iter().map(|operation| ROOM + 2 * operation.response.as_ref().map_or(0, Response::size)).sum();
        let make = |ticket| Job::Save(Save { attempt, account, operations, arrival, is_evidence, ticket });
        self.writer.write(size, make).await
    }

    /// Queues a form.
    async fn queue_form(
        &self,
        attempt: AttemptId,
        account: AccountId,
        answer: FormAnswer,
        arrival: Arrival,
        sealed_seq: Option<i64>,
    ) -> Result<Written> {
        let size = ROOM + 2 * answer.response.as_ref().map_or(0, Response::size);
        let make = |ticket| Job::Form(Form { attempt, account, answer, arrival, numbered: None, sealed_seq, ticket });
        self.writer.write(size, make).await
    }

    /// The answers of an attempt as they stand.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn answers(&self, attempt: &Attempt) -> Result<HeldAnswers> {
        let log = self.operation_log(attempt.id).await?;
        let of_the_pen = log.iter().map(|logged| &logged.operation).filter(|last| last.writer == attempt.pen_holder);
        let last_seq = of_the_pen.map(|operation| operation.seq).max().unwrap_or(0);
        let counted = log.into_iter().filter(|logged| logged.verdict == Verdict::Counted);
        let latest = latest(counted.map(|logged| logged.operation));
        let identities = latest.iter().map(|(question, last)| (*question, (last.writer, last.seq))).collect();
        let answers = latest.into_iter().filter_map(|(question, last)| Some((question, last.response?))).collect();
        Ok(HeldAnswers { answers, identities, last_seq })
    }

    /// Notes of each open attempt in a list how many of its questions have an answer by now; counted for all in one go.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_answers<'a>(&self, listed: impl IntoIterator<Item = &'a mut AttemptRow>) -> Result<()> {
        let mut open: Vec<&mut AttemptRow> = listed.into_iter().filter(|row| row.answered.is_none()).collect();
        if open.is_empty() {
            return Ok(());
        }
        let attempts: Vec<AttemptId> = open.iter().map(|row| row.id).collect();
        let ids = serde_json::to_string(&attempts).expect("numbers are JSON");
        let rows: Vec<(i64, i64)> = self
            .db
            .all(
                sql!(
                    // The highest (writer, seq) of a question is its answer, as in `exam::answer::fold`.
                    "SELECT latest.attempt_id, COUNT(*) FROM (SELECT attempt_id, response IS NOT NULL AS given, ROW_NUMBER() OVER "
                    "(PARTITION BY attempt_id, question ORDER BY writer DESC, seq DESC) AS place "
                    "FROM answer_operations WHERE verdict = 'counted' AND attempt_id IN "
                    ["(SELECT value FROM json_each($1))"
                     | "(SELECT value::bigint FROM jsonb_array_elements_text($1::jsonb))"]
                    ") latest WHERE latest.place = 1 AND latest.given GROUP BY latest.attempt_id"
                ),
                (ids,),
            )
            .await?;
        let counted: HashMap<i64, i64> = rows.into_iter().collect();
        for row in &mut open {
            row.answered = Some(counted.get(&row.id.0).copied().unwrap_or(0));
        }
        Ok(())
    }

    /// The whole log of an attempt in order of arrival, also of one that has ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn operation_log(&self, attempt: AttemptId) -> Result<Vec<LoggedOperation>> {
        let Some(row) = self.short_logs.get(attempt).await? else { return Ok(Vec::new()) };
        if row.log.is_some() {
            return read_logs(vec![row]).remove(&attempt).unwrap_or(Ok(Vec::new()));
        }
        // A long one takes up memory, and a processor for a while: few at once, and none where requests are answered.
        let _permit = self.record_permit().await?;
        let rows: Vec<LogRow> = self.db.all(LOGS, ids(&BTreeSet::from([attempt]))).await?;
        let read = move || read_logs(rows).remove(&attempt).unwrap_or(Ok(Vec::new()));
        tokio::task::spawn_blocking(read).await.map_err(|error| Error::Unavailable(error.to_string()))?
    }
}
