//! Answer operations: an append-only log per attempt. The answers are its fold; there is no second copy.

mod sealed;

pub(crate) use sealed::AT_ONCE as RECORDS_AT_ONCE;

use crate::attempts::Attempt;
use crate::db::{Column, LogSize, Rows, Tx, sql};
use crate::writer::{Append, Arrival, Form, Identity, Job, Known, Logs, Save, Written, content};
use crate::{Error, Result, Store};
use exam::answer::{Answers, Operation, Response, fold};
use exam::attempt::Verdict;
use exam::id::{AccountId, AttemptId};
use exam::record::{LoggedOperation, Record};
use exam::time::Timestamp;
use std::collections::{BTreeSet, HashMap};

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

/// A row of the log, or the document of an ended attempt.
#[derive(sqlx::FromRow)]
struct LogRow {
    attempt_id: i64,
    writer: i64,
    seq: i64,
    question: i64,
    response: Option<String>,
    verdict: String,
    received_at: i64,
    document: Option<Vec<u8>>,
}

fn unreadable(what: String) -> impl FnOnce(String) -> Error {
    move |reason| Error::Unreadable { what, reason }
}

/// The logs of some attempts, each in order of arrival: what was sealed, and what came after.
fn read_logs(rows: Vec<LogRow>) -> Logs {
    let mut logs = Logs::new();
    for row in rows {
        let log = logs.entry(AttemptId(row.attempt_id)).or_insert(Ok(Vec::new()));
        let Ok(operations) = log else { continue };
        let read = match &row.document {
            Some(document) => read_record(row.attempt_id, document).map(|record| operations.extend(record.operations)),
            None => read_row(row).map(|logged| operations.push(logged)),
        };
        if let Err(error) = read {
            *log = Err(error);
        }
    }
    for log in logs.values_mut().flatten() {
        log.sort_by_key(|logged| (logged.received_at, logged.operation.writer, logged.operation.seq));
    }
    logs
}

pub(crate) fn read_record(attempt: i64, document: &[u8]) -> Result<Record> {
    Record::unpack(document).map_err(|error| unreadable(format!("record of attempt {attempt}"))(error.to_string()))
}

fn read_row(row: LogRow) -> Result<LoggedOperation> {
    let unreadable = unreadable(format!("operation {}/{} of attempt {}", row.writer, row.seq, row.attempt_id));
    let response: std::result::Result<Option<Response>, _> =
        row.response.as_deref().map(serde_json::from_str).transpose();
    let (Ok(response), Ok(question), Some(verdict)) =
        (response, usize::try_from(row.question), Verdict::from_name(&row.verdict))
    else {
        // Where it broke may be told; the answer may not.
        return Err(unreadable("its response, question or verdict is none".into()));
    };
    Ok(LoggedOperation {
        operation: Operation { writer: row.writer, seq: row.seq, question, response },
        verdict,
        received_at: Timestamp(row.received_at),
    })
}

/// Some attempts as one parameter.
pub(crate) fn ids(attempts: &BTreeSet<AttemptId>) -> Rows {
    Rows(vec![Column::Numbers(attempts.iter().map(|id| id.0).collect())])
}

impl Store {
    /// Appends operations of one writer to an open attempt of the person and judges each by the time at which the server
    /// had read the head of its request. Returns after the commit. None when the attempt is not this person's.
    ///
    /// The same operation again is judged as it was before and changes nothing, unless it was late before and is in time now. All operations of the call are written in one
    /// transaction, which holds the attempt's row: a submit waits for it or comes first, so that an acknowledged operation is
    /// always in the grade.
    ///
    /// # Errors
    /// [`Error::Busy`] when too much waits already, [`Error::Unavailable`] when the database was away for too long; then
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

    /// The answers of an attempt as they stand, and the highest number of the writer that holds the pen.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn answers(&self, attempt: &Attempt) -> Result<(Answers, i64)> {
        let log = self.operation_log(attempt.id).await?;
        let of_the_pen = log.iter().map(|logged| &logged.operation).filter(|last| last.writer == attempt.pen_holder);
        let last_seq = of_the_pen.map(|operation| operation.seq).max().unwrap_or(0);
        let counted = log.into_iter().filter(|logged| logged.verdict == Verdict::Counted);
        Ok((fold(counted.map(|logged| logged.operation)), last_seq))
    }

    /// How many questions have an answer, for each of some open attempts that has any.
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

    /// The whole log of an attempt in order of arrival, also of one that has ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn operation_log(&self, attempt: AttemptId) -> Result<Vec<LoggedOperation>> {
        let rows: Vec<LogRow> = self.db.all(LOGS, ids(&BTreeSet::from([attempt]))).await?;
        read_logs(rows).remove(&attempt).unwrap_or(Ok(Vec::new()))
    }
}

/// One statement, so that an attempt that ends meanwhile is seen before or after, never without its answers.
const LOGS: crate::db::Sql = sql!(
    "SELECT attempt_id, writer, seq, question, response, verdict, received_at, CAST(NULL AS " ["BLOB" | "BYTEA"] ") AS document "
    "FROM answer_operations WHERE attempt_id "
    ["IN (SELECT value->>0 FROM json_each($1))" | "= ANY($1::bigint[])"]
    " UNION ALL SELECT attempt_id, CAST(0 AS BIGINT), CAST(0 AS BIGINT), CAST(0 AS BIGINT), CAST(NULL AS TEXT), '', "
    "CAST(0 AS BIGINT), document FROM sealed_attempts WHERE attempt_id "
    ["IN (SELECT value->>0 FROM json_each($1))" | "= ANY($1::bigint[])"]
);

impl Tx {
    /// The logs of some attempts.
    pub(crate) async fn logs(&mut self, attempts: &BTreeSet<AttemptId>) -> Result<Logs> {
        Ok(read_logs(self.all(LOGS, ids(attempts)).await?))
    }

    /// How much the logs of some attempts hold, beside what is sealed.
    pub(crate) async fn log_sizes(&mut self, attempts: &BTreeSet<AttemptId>) -> Result<HashMap<AttemptId, LogSize>> {
        let rows: Vec<(i64, i64, i64)> = self
            .all(
                sql!(
                    "SELECT attempt_id, COUNT(*), COALESCE(SUM(OCTET_LENGTH(response)), 0) FROM answer_operations WHERE attempt_id "
                    ["IN (SELECT value->>0 FROM json_each($1))" | "= ANY($1::bigint[])"]
                    " GROUP BY attempt_id"
                ),
                ids(attempts),
            )
            .await?;
        let size = |operations, bytes| LogSize {
            operations: usize::try_from(operations).unwrap_or(usize::MAX),
            bytes: usize::try_from(bytes).unwrap_or(usize::MAX),
        };
        Ok(rows.into_iter().map(|(id, operations, bytes)| (AttemptId(id), size(operations, bytes))).collect())
    }

    /// Appends operations whose identity is not taken; how many. A copy that came too late and was stored first, by another
    /// process, gives way to the same operation that came in time.
    pub(crate) async fn append(&mut self, appends: Vec<Append>) -> Result<usize> {
        let numbers = |value: fn(&Append) -> i64| Column::Numbers(appends.iter().map(value).collect());
        let mut columns = vec![
            numbers(|append| append.attempt.0),
            numbers(|append| append.writer),
            numbers(|append| append.seq),
            numbers(|append| i64::try_from(append.question).unwrap_or(i64::MAX)),
            Column::Texts(appends.iter().map(|append| append.verdict.name().to_owned()).collect()),
            numbers(|append| append.received_at.0),
        ];
        columns.push(Column::MaybeTexts(appends.into_iter().map(|append| append.response).collect()));
        let written = self
            .execute(
                sql!(
                    "INSERT INTO answer_operations (attempt_id, writer, seq, question, verdict, received_at, response) SELECT "
                    ["value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6 FROM json_each($1) WHERE true"
                     | "* FROM UNNEST($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::text[])"]
                    " ON CONFLICT (attempt_id, writer, seq) DO UPDATE "
                    "SET verdict = excluded.verdict, received_at = excluded.received_at "
                    "WHERE answer_operations.verdict = 'late' AND excluded.verdict = 'counted' "
                    "AND answer_operations.question = excluded.question "
                    "AND answer_operations.response IS NOT DISTINCT FROM excluded.response"
                ),
                Rows(columns),
            )
            .await?;
        Ok(usize::try_from(written).unwrap_or(usize::MAX))
    }

    /// What the log has under some identities.
    pub(crate) async fn known(&mut self, identities: &[Identity]) -> Result<Known> {
        let numbers = |value: fn(&Identity) -> i64| Column::Numbers(identities.iter().map(value).collect());
        let rows: Vec<LogRow> = self
            .all(
                sql!(
                    "SELECT o.attempt_id, o.writer, o.seq, o.question, o.response, o.verdict, o.received_at, "
                    "CAST(NULL AS " ["BLOB" | "BYTEA"] ") AS document FROM (SELECT "
                    ["value->>0 AS attempt_id, value->>1 AS writer, value->>2 AS seq FROM json_each($1)"
                     | "* FROM UNNEST($1::bigint[], $2::bigint[], $3::bigint[]) AS u (attempt_id, writer, seq)"]
                    ") wanted JOIN answer_operations o ON o.attempt_id = wanted.attempt_id AND o.writer = wanted.writer "
                    "AND o.seq = wanted.seq"
                ),
                Rows(vec![numbers(|identity| identity.0.0), numbers(|identity| identity.1), numbers(|identity| identity.2)]),
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                let attempt = AttemptId(row.attempt_id);
                let LoggedOperation { operation, verdict, .. } = read_row(row)?;
                Ok(((attempt, operation.writer, operation.seq), (content(&operation), verdict)))
            })
            .collect()
    }

    /// The highest number that each writer of some attempts has used.
    pub(crate) async fn last_seqs(&mut self, attempts: &BTreeSet<AttemptId>) -> Result<HashMap<(AttemptId, i64), i64>> {
        let rows: Vec<(i64, i64, i64)> = self
            .all(
                sql!(
                    "SELECT attempt_id, writer, MAX(seq) FROM answer_operations WHERE attempt_id "
                    ["IN (SELECT value->>0 FROM json_each($1))" | "= ANY($1::bigint[])"]
                    " GROUP BY attempt_id, writer"
                ),
                ids(attempts),
            )
            .await?;
        Ok(rows.into_iter().map(|(attempt, writer, seq)| ((AttemptId(attempt), writer), seq)).collect())
    }
}
