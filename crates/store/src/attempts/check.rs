//! Checking a question of an open attempt: from then on its answer stays as it is.
//!
//! The numbers stand in the attempt's row, which every save reads under its lock anyway: a save that committed before is in the answer
//! that was checked, and one that comes after finds the question closed, without another statement.

use super::{Attempt, read_checked, read_state};
use crate::db::sql;
use crate::{Result, Store};
use exam::practice::Checked;
use exam::release::InstantFeedback;
use exam::time::Timestamp;

/// What came of checking a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// It is checked, now or since before; with all that are.
    Checked(Checked),
    /// It has no answer that could be checked.
    Unanswered,
    /// Another tab or device has taken the pen since.
    Superseded,
    /// The time is over.
    Late,
    /// The attempt has ended.
    Closed,
}

impl Store {
    /// Checks the answer that a question of a person's own attempt has, for who holds the pen. Only a practice gives the right to.
    ///
    /// # Errors
    /// When the database fails; checking again is safe.
    pub async fn check_question(
        &self,
        attempt: &Attempt,
        question: usize,
        writer: i64,
        at: Timestamp,
        _right: &InstantFeedback,
    ) -> Result<Check> {
        let number = i64::try_from(question).unwrap_or(i64::MAX);
        let written: Option<(Option<String>,)> = self
            .db
            .returning(
                sql!(
                    "UPDATE attempts SET checked = COALESCE(checked, '') || CAST(CAST($2 AS BIGINT) AS TEXT) || ',' "
                    "WHERE id = $1 AND state || '' = 'open' AND pen_holder <= $3 AND (deadline IS NULL OR deadline >= $4) "
                    "AND ',' || COALESCE(checked, '') NOT LIKE '%,' || CAST(CAST($2 AS BIGINT) AS TEXT) || ',%' "
                    // The highest (writer, seq) of a question is its answer, as in `exam::answer::fold`.
                    "AND (SELECT o.response FROM answer_operations o WHERE o.attempt_id = $1 AND o.question = $2 "
                    "AND o.verdict = 'counted' ORDER BY o.writer DESC, o.seq DESC LIMIT 1) IS NOT NULL RETURNING checked"
                ),
                (attempt.id.0, number, writer, at.0),
            )
            .await?;
        if let Some((checked,)) = written {
            return Ok(Check::Checked(read_checked(checked.as_deref(), attempt.id)?));
        }
        let (state, deadline, pen_holder, checked): (String, Option<i64>, i64, Option<String>) = self
            .db
            .one(sql!("SELECT state, deadline, pen_holder, checked FROM attempts WHERE id = $1"), (attempt.id.0,))
            .await?;
        let checked = read_checked(checked.as_deref(), attempt.id)?;
        Ok(if checked.contains(question) {
            Check::Checked(checked)
        } else if read_state(&state, attempt.id)?.is_finished() {
            Check::Closed
        } else if deadline.is_some_and(|deadline| at.0 > deadline) {
            Check::Late
        } else if writer < pen_holder {
            Check::Superseded
        } else {
            Check::Unanswered
        })
    }
}
