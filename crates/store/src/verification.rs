//! What holding a ledger against the database reads, and nothing else does.

use crate::attempts::Attempt;
use crate::db::sql;
use crate::{Result, Store};
use exam::id::{AccountId, AttemptId, ExamId};
use exam::question::Points;
use exam::settings::Percent;
use exam::time::Timestamp;

/// The sums of a grade as columns hold them, for lists and statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GradeSums {
    /// What was reached.
    pub points: Points,
    /// What could have been reached.
    pub max_points: Points,
    /// The percentage, rounded down.
    pub percent: Percent,
    /// Whether the pass line was reached; None without one.
    pub passed: Option<bool>,
}

/// How an attempt began.
#[derive(Debug, Clone)]
pub struct StartRow {
    /// The row.
    pub id: AttemptId,
    /// What candidates and URLs see.
    pub public_id: String,
    /// Whose it is.
    pub account: AccountId,
    /// The key of the start that made it.
    pub idempotency_key: Option<String>,
    /// When that was.
    pub started_at: Timestamp,
}

impl Store {
    /// Attempts of an exam in the order in which they were made, from `first` on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_starts(&self, exam: ExamId, first: AttemptId, limit: usize) -> Result<Vec<StartRow>> {
        let rows: Vec<(i64, String, i64, Option<String>, i64)> = self
            .db
            .all(
                sql!(
                    "SELECT id, public_id, account_id, idempotency_key, started_at FROM attempts "
                    "WHERE exam_id = $1 AND id >= $2 ORDER BY id LIMIT $3"
                ),
                (exam.0, first.0, i64::try_from(limit).unwrap_or(i64::MAX)),
            )
            .await?;
        let row = |(id, public_id, account, idempotency_key, started_at)| StartRow {
            id: AttemptId(id),
            public_id,
            account: AccountId(account),
            idempotency_key,
            started_at: Timestamp(started_at),
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// The columns beside the grade that [`Store::find_grade`] gives, which must say the same.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_grade_sums(&self, attempt: &Attempt) -> Result<Option<GradeSums>> {
        let row: Option<(i64, i64, i64, Option<i64>)> = self
            .db
            .optional(
                sql!(
                    "SELECT points, max_points, percent, passed FROM grades WHERE attempt_id = $1 "
                    "ORDER BY key_version DESC LIMIT 1"
                ),
                (attempt.id.0,),
            )
            .await?;
        Ok(row.map(|(points, max_points, percent, passed)| GradeSums {
            points: Points(points),
            max_points: Points(max_points),
            percent: Percent(percent),
            passed: passed.map(|passed| passed != 0),
        }))
    }
}
