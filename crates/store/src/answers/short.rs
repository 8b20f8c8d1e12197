//! Logs that are short, as nearly all are: read together with those of others who ask at the same moment.

use super::ids;
use super::log::LogRow;
use crate::Result;
use crate::db::{Db, sql};
use crate::gather::Gather;
use exam::id::AttemptId;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// Logs by attempt; without its text where one is long. None where there is no such attempt.
pub(crate) type ShortLogs = Gather<AttemptId, Option<LogRow>>;

/// How many share a statement.
const LOGS: usize = 16;
/// How many such statements may be under way.
const ROUNDS: usize = 4;

impl ShortLogs {
    pub(crate) fn of(db: &Db, patience: Duration) -> Self {
        let db = db.clone();
        Self::new(LOGS, ROUNDS, patience, move |attempts: &[AttemptId]| {
            let db = db.clone();
            Box::pin(async move { read(&db, attempts).await })
        })
    }
}

async fn read(db: &Db, attempts: &[AttemptId]) -> Result<Vec<Option<LogRow>>> {
    let different: BTreeSet<AttemptId> = attempts.iter().copied().collect();
    let rows: Vec<LogRow> = db
        .all(
            sql!(
                // One statement, so that an attempt that ends meanwhile is seen before or after, never without its answers.
                "SELECT a.id AS attempt_id, "
                "CASE WHEN COALESCE(OCTET_LENGTH(a.record), 0) <= 8192 AND COALESCE((SELECT SUM(64 + COALESCE(OCTET_LENGTH(o.response), 0)) "
                "FROM answer_operations o WHERE o.attempt_id = a.id), 0) <= 65536 THEN (SELECT "
                ["json_group_array(json_array(o.writer, o.seq, o.question, o.response, o.verdict, o.received_at))"
                 | "COALESCE(CAST(json_agg(json_build_array(o.writer, o.seq, o.question, o.response, o.verdict, o.received_at)) AS TEXT), '[]')"]
                " FROM answer_operations o WHERE o.attempt_id = a.id) END AS log, "
                "CASE WHEN OCTET_LENGTH(a.record) <= 8192 THEN a.record END AS record "
                "FROM attempts a WHERE a.id " ["IN (SELECT value->>0 FROM json_each($1))" | "= ANY((SELECT $1::bigint[])::bigint[])"]
            ),
            ids(&different),
        )
        .await?;
    let found: HashMap<i64, &LogRow> = rows.iter().map(|row| (row.attempt_id, row)).collect();
    Ok(attempts.iter().map(|attempt| found.get(&attempt.0).copied().cloned()).collect())
}
