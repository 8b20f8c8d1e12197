//! The log's statements, and how its rows are read.

use crate::db::{Column, LogSize, Rows, Sql, Tx, sql};
use crate::writer::{Append, Content, Identity, Known, Logs, content};
use crate::{Error, Result};
use exam::answer::{Operation, Response};
use exam::attempt::Verdict;
use exam::id::AttemptId;
use exam::paper::Paper;
use exam::record::{LoggedOperation, Record};
use exam::time::Timestamp;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

/// The log of an attempt in one text, or the record of one that has ended. A row for each operation would be read much more slowly: a
/// driver takes its time for every column of every row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct LogRow {
    pub(super) attempt_id: i64,
    /// An array of [`Entry`].
    pub(super) log: Option<String>,
    pub(super) record: Option<Vec<u8>>,
}

/// An operation in a [`LogRow`]: writer, seq, question, response, verdict, when it was received.
type Entry<'a> = (i64, i64, i64, Option<Cow<'a, str>>, Cow<'a, str>, i64);

/// An operation.
#[derive(sqlx::FromRow)]
struct OperationRow {
    attempt_id: i64,
    writer: i64,
    seq: i64,
    question: i64,
    response: Option<String>,
    verdict: String,
    received_at: i64,
}

impl LogRow {
    /// Adds what it holds.
    fn read(&self, operations: &mut Vec<LoggedOperation>) -> Result<()> {
        if let Some(record) = &self.record {
            operations.extend(read_record(self.attempt_id, record)?.operations);
        }
        if let Some(log) = &self.log {
            operations.extend(read_log(self.attempt_id, log)?);
        }
        Ok(())
    }
}

fn unreadable(what: String) -> impl FnOnce(String) -> Error {
    move |reason| Error::Unreadable { what, reason }
}

/// The logs of some attempts, each in order of arrival: what was sealed, and what came after.
pub(super) fn read_logs(rows: Vec<LogRow>) -> Logs {
    let mut logs = Logs::new();
    for row in rows {
        let log = logs.entry(AttemptId(row.attempt_id)).or_insert(Ok(Vec::new()));
        let Ok(operations) = log else { continue };
        if let Err(error) = row.read(operations) {
            *log = Err(error);
        }
    }
    for log in logs.values_mut().flatten() {
        log.sort_by_key(|logged| (logged.received_at, logged.operation.writer, logged.operation.seq));
    }
    logs
}

pub(crate) fn read_record_paper(attempt: i64, record: &[u8]) -> Result<Paper> {
    Record::unpack_paper(record).map_err(|error| unreadable(format!("record of attempt {attempt}"))(error.to_string()))
}

pub(crate) fn read_record(attempt: i64, record: &[u8]) -> Result<Record> {
    Record::unpack(record).map_err(|error| unreadable(format!("record of attempt {attempt}"))(error.to_string()))
}

fn read_log(attempt: i64, log: &str) -> Result<Vec<LoggedOperation>> {
    let entries: Vec<Entry<'_>> = serde_json::from_str(log)
        .map_err(|error| unreadable(format!("log of attempt {attempt}"))(error.to_string()))?;
    entries.into_iter().map(|entry| read_entry(attempt, entry)).collect()
}

fn read_row(row: OperationRow) -> Result<LoggedOperation> {
    let (response, verdict) = (row.response.map(Cow::Owned), Cow::Owned(row.verdict));
    read_entry(row.attempt_id, (row.writer, row.seq, row.question, response, verdict, row.received_at))
}

fn read_entry(
    attempt: i64,
    (writer, seq, question, response, verdict, received_at): Entry<'_>,
) -> Result<LoggedOperation> {
    let response: std::result::Result<Option<Response>, _> = response.as_deref().map(serde_json::from_str).transpose();
    let (Ok(response), Ok(question), Some(verdict)) =
        (response, usize::try_from(question), Verdict::from_name(&verdict))
    else {
        // Where it broke may be told; the answer may not.
        let unreadable = unreadable(format!("operation {writer}/{seq} of attempt {attempt}"));
        return Err(unreadable("its response, question or verdict is none".into()));
    };
    let operation = Operation { writer, seq, question, response };
    Ok(LoggedOperation { operation, verdict, received_at: Timestamp(received_at) })
}

/// Some attempts as one parameter.
pub(crate) fn ids(attempts: &BTreeSet<AttemptId>) -> Rows {
    Rows(vec![Column::Numbers(attempts.iter().map(|id| id.0).collect())])
}

/// An answer of an attempt as it stands: the last operation of its question that counts.
pub(crate) struct Standing {
    pub(crate) writer: i64,
    pub(crate) seq: i64,
    pub(crate) content: Content,
    pub(crate) received_at: Timestamp,
}

/// A question of an attempt.
pub(crate) type Place = (AttemptId, usize);

/// One statement, so that an attempt that ends meanwhile is seen before or after, never without its answers.
pub(super) const LOGS: Sql = sql!(
    "SELECT attempt_id, "
    ["json_group_array(json_array(writer, seq, question, response, verdict, received_at))"
     | "CAST(json_agg(json_build_array(writer, seq, question, response, verdict, received_at)) AS TEXT)"]
    " AS log, CAST(NULL AS " ["BLOB" | "BYTEA"] ") AS record FROM answer_operations WHERE attempt_id "
    ["IN (SELECT value->>0 FROM json_each($1))" | "= ANY($1::bigint[])"]
    " GROUP BY attempt_id "
    "UNION ALL SELECT id, CAST(NULL AS TEXT), record FROM attempts WHERE record IS NOT NULL AND id "
    ["IN (SELECT value->>0 FROM json_each($1))" | "= ANY($1::bigint[])"]
);

/// How long a record may be to be read where requests are answered, in bytes: it holds thousands of operations.
pub(crate) const SHORT_RECORD: usize = 8 * 1024;

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
        let rows: Vec<OperationRow> = self
            .all(
                sql!(
                    "SELECT o.attempt_id, o.writer, o.seq, o.question, o.response, o.verdict, o.received_at FROM (SELECT "
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
    /// What stands as the answers to some questions, for those that have any.
    pub(crate) async fn standing(&mut self, places: &BTreeSet<Place>) -> Result<HashMap<Place, Standing>> {
        let numbers = |value: fn(&Place) -> i64| Column::Numbers(places.iter().map(value).collect());
        let question = |place: &Place| i64::try_from(place.1).unwrap_or(i64::MAX);
        let rows: Vec<OperationRow> = self
            .all(
                sql!(
                    // The highest (writer, seq) of a question is its answer, as in `exam::answer::fold`.
                    "SELECT latest.attempt_id, latest.writer, latest.seq, latest.question, latest.response, latest.verdict, "
                    "latest.received_at FROM (SELECT o.*, ROW_NUMBER() OVER "
                    "(PARTITION BY o.attempt_id, o.question ORDER BY o.writer DESC, o.seq DESC) AS place FROM (SELECT "
                    ["value->>0 AS attempt_id, value->>1 AS question FROM json_each($1)"
                     | "* FROM UNNEST($1::bigint[], $2::bigint[]) AS u (attempt_id, question)"]
                    ") wanted JOIN answer_operations o ON o.attempt_id = wanted.attempt_id AND o.question = wanted.question "
                    "WHERE o.verdict = 'counted') latest WHERE latest.place = 1"
                ),
                Rows(vec![numbers(|place| place.0.0), Column::Numbers(places.iter().map(question).collect())]),
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                let attempt = AttemptId(row.attempt_id);
                let LoggedOperation { operation, received_at, .. } = read_row(row)?;
                let (writer, seq) = (operation.writer, operation.seq);
                let standing = Standing { writer, seq, content: content(&operation), received_at };
                Ok(((attempt, operation.question), standing))
            })
            .collect()
    }
}
