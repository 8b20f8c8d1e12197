//! What holding a ledger against the database reads, and nothing else does.

use crate::attempts::Attempt;
use crate::db::sql;
use crate::{Result, Store};
use exam::question::Points;
use exam::settings::Percent;

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

impl Store {
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
