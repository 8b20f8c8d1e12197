//! Answer operations: an append-only log per attempt. The answers are its fold; there is no second copy.

use crate::attempts::Attempt;
use crate::db::{Tx, sql};
use crate::{Error, Result, Store};
use exam::answer::{Answers, Operation, Response, fold};
use exam::attempt::{AttemptState, Verdict, judge};
use exam::id::{AccountId, AttemptId};
use exam::time::Timestamp;
use std::collections::HashMap;

/// Why an operation does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// The same (writer, seq) was used with other content.
    SeqConflict,
    /// Stored as evidence only.
    Kept(Verdict),
}

impl Rejection {
    /// The API's code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::SeqConflict => "seq_conflict",
            Self::Kept(verdict) => verdict.name(),
        }
    }
}

/// What came of a save. Everything in it is committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaveOutcome {
    /// The attempt is open, or every operation had been acknowledged before it ended.
    Judged {
        /// The numbers that count.
        acknowledged: Vec<i64>,
        /// The numbers that do not, and why.
        rejected: Vec<(i64, Rejection)>,
    },
    /// The attempt has ended; what was new is kept as evidence.
    Closed,
}

/// An operation as the log has it, for the drill-down.
#[derive(Debug, Clone)]
pub struct LoggedOperation {
    /// The operation.
    pub operation: Operation,
    /// Whether it counts.
    pub verdict: Verdict,
    /// When the server had read the head of its request.
    pub received_at: Timestamp,
}

#[derive(sqlx::FromRow)]
pub(crate) struct CountedRow {
    writer: i64,
    seq: i64,
    question: i64,
    response: Option<String>,
}

#[derive(sqlx::FromRow)]
struct LoggedRow {
    #[sqlx(flatten)]
    operation: CountedRow,
    verdict: String,
    received_at: i64,
}

fn read_operation(attempt: AttemptId, row: CountedRow) -> Result<Operation> {
    let unreadable = |reason: String| Error::Unreadable {
        what: format!("operation {}/{} of attempt {attempt}", row.writer, row.seq),
        reason,
    };
    let response: Option<Response> = row
        .response
        .as_deref()
        .map(serde_json::from_str)
        .transpose()
        // The error's text may quote the answer; where it broke is enough.
        .map_err(|error| unreadable(format!("not a response, at column {}", error.column())))?;
    let question = usize::try_from(row.question).map_err(|_| unreadable("its question is negative".into()))?;
    Ok(Operation { writer: row.writer, seq: row.seq, question, response })
}

pub(crate) fn fold_rows(attempt: AttemptId, rows: Vec<CountedRow>) -> Result<Answers> {
    Ok(fold(rows.into_iter().map(|row| read_operation(attempt, row)).collect::<Result<Vec<_>>>()?))
}

impl Store {
    /// Appends operations of one writer to an open attempt of the person and judges each by the time at which the server
    /// had read the head of its request. Returns after the commit. None when the attempt is not this person's.
    ///
    /// The same operation again is judged as it was before and changes nothing. All operations of the call are written in one
    /// transaction, which holds the attempt's row: a submit waits for it or comes first, so that an acknowledged operation is
    /// always in the grade, and another save of the attempt waits, so that two copies of an operation never collide.
    ///
    /// # Errors
    /// When the database fails; then nothing was written that had been acknowledged.
    pub async fn save_operations(
        &self,
        public_id: &str,
        account: AccountId,
        operations: &[Operation],
        received_at: Timestamp,
    ) -> Result<Option<SaveOutcome>> {
        let mut tx = self.db.begin().await?;
        let Some(open) = tx.lock_for_saving(public_id, account).await? else { return Ok(None) };
        let mut acknowledged = Vec::new();
        let mut rejected = Vec::new();
        let mut wrote_to_closed = false;
        let mut known = tx.known_operations(&open, operations).await?;
        for operation in operations {
            let content = (operation.question, operation.response.as_ref().map(Response::canonical));
            let verdict = match known.get(&(operation.writer, operation.seq)) {
                Some((existing, _)) if *existing != content => {
                    rejected.push((operation.seq, Rejection::SeqConflict));
                    continue;
                }
                Some((_, verdict)) => *verdict,
                None => {
                    let verdict = if open.state.is_finished() {
                        wrote_to_closed = true;
                        Verdict::Late
                    } else {
                        judge(open.deadline, received_at, operation.writer, open.pen_holder)
                    };
                    tx.append(open.id, operation, verdict, received_at).await?;
                    known.insert((operation.writer, operation.seq), (content, verdict));
                    verdict
                }
            };
            match verdict {
                Verdict::Counted if acknowledged.contains(&operation.seq) => {}
                Verdict::Counted => acknowledged.push(operation.seq),
                kept => rejected.push((operation.seq, Rejection::Kept(kept))),
            }
        }
        tx.commit().await?;
        if wrote_to_closed || (open.state.is_finished() && acknowledged.is_empty()) {
            return Ok(Some(SaveOutcome::Closed));
        }
        Ok(Some(SaveOutcome::Judged { acknowledged, rejected }))
    }

    /// Appends one operation under the next number of its writer: for plain forms, which number nothing themselves. `writer`
    /// is the one that held the pen when the form's page was made. None when the attempt is not this person's.
    ///
    /// # Errors
    /// When the database fails; then nothing was written.
    pub async fn save_form(
        &self,
        public_id: &str,
        account: AccountId,
        writer: i64,
        question: usize,
        response: Option<Response>,
        received_at: Timestamp,
    ) -> Result<Option<SaveOutcome>> {
        let mut tx = self.db.begin().await?;
        let Some(open) = tx.lock_for_saving(public_id, account).await? else { return Ok(None) };
        // A number that was never given out comes from a forged form; it gets no writer of its own.
        let writer = writer.clamp(0, open.pen_holder);
        let (seq,): (i64,) = tx
            .one(
                sql!("SELECT COALESCE(MAX(seq), 0) + 1 FROM answer_operations WHERE attempt_id = $1 AND writer = $2"),
                (open.id.0, writer),
            )
            .await?;
        let operation = Operation { writer, seq, question, response };
        let verdict = if open.state.is_finished() {
            Verdict::Late
        } else {
            judge(open.deadline, received_at, operation.writer, open.pen_holder)
        };
        tx.append(open.id, &operation, verdict, received_at).await?;
        tx.commit().await?;
        Ok(Some(match verdict {
            _ if open.state.is_finished() => SaveOutcome::Closed,
            Verdict::Counted => SaveOutcome::Judged { acknowledged: vec![seq], rejected: Vec::new() },
            kept => SaveOutcome::Judged { acknowledged: Vec::new(), rejected: vec![(seq, Rejection::Kept(kept))] },
        }))
    }

    /// The answers of an attempt as they stand, and the highest number of the writer that holds the pen.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn answers(&self, attempt: &Attempt) -> Result<(Answers, i64)> {
        let rows: Vec<CountedRow> = self
            .db
            .all(
                sql!(
                    "SELECT writer, seq, question, response FROM answer_operations "
                    "WHERE attempt_id = $1 AND verdict = 'counted'"
                ),
                (attempt.id.0,),
            )
            .await?;
        let (last_seq,): (i64,) = self
            .db
            .one(
                sql!("SELECT COALESCE(MAX(seq), 0) FROM answer_operations WHERE attempt_id = $1 AND writer = $2"),
                (attempt.id.0, attempt.pen_holder),
            )
            .await?;
        Ok((fold_rows(attempt.id, rows)?, last_seq))
    }

    /// How many questions have an answer, for each of some attempts that has any.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_answers(&self, attempts: &[AttemptId]) -> Result<HashMap<AttemptId, i64>> {
        if attempts.is_empty() {
            return Ok(HashMap::new());
        }
        let ids = serde_json::to_string(attempts).expect("numbers are JSON");
        let rows: Vec<(i64, i64)> = self
            .db
            .all(
                sql!(
                    // The highest (writer, seq) of a question is its answer, as in `exam::answer::fold`.
                    "SELECT latest.attempt_id, COUNT(*) FROM (SELECT attempt_id, response, ROW_NUMBER() OVER "
                    "(PARTITION BY attempt_id, question ORDER BY writer DESC, seq DESC) AS place "
                    "FROM answer_operations WHERE verdict = 'counted' AND attempt_id IN "
                    ["(SELECT value FROM json_each($1))"
                     | "(SELECT value::bigint FROM jsonb_array_elements_text($1::jsonb))"]
                    ") latest WHERE latest.place = 1 AND latest.response IS NOT NULL GROUP BY latest.attempt_id"
                ),
                (ids,),
            )
            .await?;
        Ok(rows.into_iter().map(|(attempt, count)| (AttemptId(attempt), count)).collect())
    }

    /// The whole log of an attempt in order of arrival.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn operation_log(&self, attempt: AttemptId) -> Result<Vec<LoggedOperation>> {
        let rows: Vec<LoggedRow> = self
            .db
            .all(
                sql!(
                    "SELECT writer, seq, question, response, verdict, received_at FROM answer_operations "
                    "WHERE attempt_id = $1 ORDER BY received_at, writer, seq"
                ),
                (attempt.0,),
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                let verdict = read_verdict(attempt, &row.verdict)?;
                let received_at = Timestamp(row.received_at);
                Ok(LoggedOperation { operation: read_operation(attempt, row.operation)?, verdict, received_at })
            })
            .collect()
    }
}

fn read_verdict(attempt: AttemptId, name: &str) -> Result<Verdict> {
    Verdict::from_name(name).ok_or_else(|| Error::Unreadable {
        what: format!("verdict of an operation of attempt {attempt}"),
        reason: "it is none of the known verdicts".into(),
    })
}

/// What a save must know of its attempt.
struct OpenAttempt {
    id: AttemptId,
    state: AttemptState,
    deadline: Option<Timestamp>,
    pen_holder: i64,
}

/// What the log has under (writer, seq): question and canonical response, and the verdict.
type Known = HashMap<(i64, i64), ((usize, Option<String>), Verdict)>;

impl Tx {
    /// Reads what a save must know and keeps every other save and submit of the attempt waiting until the commit. On SQLite
    /// the writing transaction itself does that. FOR SHARE would hold off submits only, and saves that overlap would fail on
    /// each other's rows or wait for each other in a circle.
    async fn lock_for_saving(&mut self, public_id: &str, account: AccountId) -> Result<Option<OpenAttempt>> {
        let row: Option<(i64, String, Option<i64>, i64)> = self
            .optional(
                sql!(
                    "SELECT id, state, deadline, pen_holder FROM attempts WHERE public_id = $1 AND account_id = $2"
                        ["" | " FOR NO KEY UPDATE"]
                ),
                (public_id.to_owned(), account.0),
            )
            .await?;
        row.map(|(id, state, deadline, pen_holder)| {
            let state = AttemptState::from_name(&state).ok_or_else(|| Error::Unreadable {
                what: format!("state of attempt {id}"),
                reason: "it is none of the known states".into(),
            })?;
            Ok(OpenAttempt { id: AttemptId(id), state, deadline: deadline.map(Timestamp), pen_holder })
        })
        .transpose()
    }

    async fn known_operations(&mut self, open: &OpenAttempt, operations: &[Operation]) -> Result<Known> {
        let seqs: Vec<i64> = operations.iter().map(|operation| operation.seq).collect();
        let seqs = serde_json::to_string(&seqs).expect("numbers are JSON");
        let rows: Vec<LoggedRow> = self
            .all(
                sql!(
                    "SELECT writer, seq, question, response, verdict, received_at FROM answer_operations "
                    "WHERE attempt_id = $1 AND writer = $2 AND seq IN "
                    ["(SELECT value FROM json_each($3))"
                     | "(SELECT value::bigint FROM jsonb_array_elements_text($3::jsonb))"]
                ),
                (open.id.0, operations.first().map_or(0, |operation| operation.writer), seqs),
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                let verdict = read_verdict(open.id, &row.verdict)?;
                let operation = read_operation(open.id, row.operation)?;
                let content = (operation.question, operation.response.as_ref().map(Response::canonical));
                Ok(((operation.writer, operation.seq), (content, verdict)))
            })
            .collect()
    }

    async fn append(
        &mut self,
        attempt: AttemptId,
        operation: &Operation,
        verdict: Verdict,
        received_at: Timestamp,
    ) -> Result<()> {
        self.execute(
            sql!(
                "INSERT INTO answer_operations (attempt_id, writer, seq, question, response, verdict, received_at) "
                "VALUES ($1, $2, $3, $4, $5, $6, $7)"
            ),
            (
                attempt.0,
                operation.writer,
                operation.seq,
                i64::try_from(operation.question).unwrap_or(i64::MAX),
                operation.response.as_ref().map(Response::canonical),
                verdict.name(),
                received_at.0,
            ),
        )
        .await?;
        Ok(())
    }
}
