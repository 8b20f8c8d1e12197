//! Attempts: started with one row, ended once. Limits hold by constraint, not by looking first.
//!
//! PostgreSQL keeps a statement's plan, and while a hall is empty it takes an index that lists all attempts of an exam, or all open
//! ones, to be as good as the one that names a person's. What is kept is then used for a full hall. So statements about one person
//! say `exam_id + 0` and `state || ''`, which no index has; `tests/plans.rs` holds it.

mod batched;
mod check;
mod listed;
mod own;
mod pen;
mod practised;
mod start;
mod stored;

pub(crate) use batched::Ending;
pub use check::Check;
pub use listed::{AttemptFilter, AttemptPage, AttemptRow};
pub use own::Marked;
pub(crate) use own::Own;
pub(crate) use pen::Pens;
pub use practised::Practised;
pub(crate) use start::Starts;
pub use start::{NewAttempt, Started};

use crate::db::sql;
use crate::writer::{End, Ended, Job};
use crate::{Error, Result, Store};
use exam::answer::Answers;
use exam::attempt::AttemptState;
use exam::grade::Grade;
use exam::id::{AccountId, AttemptId, ExamId, ExamVersionId};
use exam::paper::Paper;
use exam::practice::Checked;
use exam::time::Timestamp;
use stored::{StoredAttempt, attempts, read_checked, read_state};

/// An attempt with everything needed to go on with it.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The row.
    pub id: AttemptId,
    /// What candidates and URLs see.
    pub public_id: String,
    /// Whose it is.
    pub account: AccountId,
    /// Of which exam.
    pub exam_id: ExamId,
    /// In which published version.
    pub exam_version: ExamVersionId,
    /// The exam's slug.
    pub exam_slug: String,
    /// The exam's title in that version.
    pub exam_title: String,
    /// 1, 2, ... for this person and exam.
    pub number: i64,
    /// Open, submitted or expired.
    pub state: AttemptState,
    /// The questions and their order.
    pub paper: Paper,
    /// The latest writer number given out.
    pub pen_holder: i64,
    /// When it started.
    pub started_at: Timestamp,
    /// Until when answers count.
    pub deadline: Option<Timestamp>,
    /// When it ended.
    pub submitted_at: Option<Timestamp>,
    /// How many questions were answered, at the end.
    pub answered: Option<i64>,
    /// The receipt's digest, at the end.
    pub digest: Option<String>,
    /// The questions that were checked while it was open.
    pub checked: Checked,
}

/// What came of a submit: the attempt as it ended, by this submit or by an earlier one.
#[derive(Debug, Clone)]
pub struct Submitted {
    /// The ended attempt.
    pub attempt: Attempt,
    /// Whether this call ended it.
    pub ended_now: bool,
}

/// An open attempt whose time has run out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// The row.
    pub id: AttemptId,
    /// When its time ran out.
    pub deadline: Timestamp,
    /// Its name in URLs.
    pub public_id: String,
}

impl Store {
    async fn read_found(&self, row: Option<StoredAttempt>) -> Result<Option<Attempt>> {
        match row {
            Some(row) => self.read_attempt(row).await.map(Some),
            None => Ok(None),
        }
    }

    /// Anybody's attempt: for staff, and for the sweep.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_attempt_for_staff(&self, public_id: &str) -> Result<Option<Attempt>> {
        let row: Option<StoredAttempt> =
            self.db.optional(attempts!([] "WHERE a.public_id = $1"), (public_id.to_owned(),)).await?;
        self.read_found(row).await
    }

    /// The open attempt of a person in an exam.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_open_attempt(&self, exam: ExamId, account: AccountId) -> Result<Option<Attempt>> {
        let row: Option<StoredAttempt> = self
            .db
            .optional(
                attempts!([] "WHERE a.exam_id + 0 = $1 AND a.account_id = $2 AND a.state || '' = 'open'"),
                (exam.0, account.0),
            )
            .await?;
        self.read_found(row).await
    }

    /// How many attempts a person has made in an exam.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_attempts(&self, exam: ExamId, account: AccountId) -> Result<i64> {
        let (count,): (i64,) = self
            .db
            .one(sql!("SELECT COUNT(*) FROM attempts WHERE exam_id + 0 = $1 AND account_id = $2"), (exam.0, account.0))
            .await?;
        Ok(count)
    }

    /// Ends an open attempt and grades what was saved, in one transaction: state, receipt, grade and sealed record appear
    /// together or not at all, and only the first call does anything. `grade` marks the answers; it runs under the attempt's
    /// lock, perhaps more than once, and must not wait for anything.
    ///
    /// # Errors
    /// As [`Store::save_operations`]; [`Error::NotGraded`] when `grade` panics. Then the attempt is as it was.
    pub async fn end_attempt(
        &self,
        attempt: &Attempt,
        state: AttemptState,
        ended_at: Timestamp,
        now: Timestamp,
        grade: impl Fn(&Answers) -> Grade + Send + Sync + 'static,
    ) -> Result<Submitted> {
        let make = |ticket| {
            Job::End(End {
                attempt: attempt.id,
                public_id: attempt.public_id.clone(),
                paper: attempt.paper.clone(),
                actor: (state == AttemptState::Submitted).then_some(attempt.account),
                state,
                ended_at,
                now,
                grade: Box::new(grade),
                ticket,
            })
        };
        match self.writer.write(0, make).await? {
            Ended::Now { answered, digest } => {
                let (answered, digest) = (Some(answered), Some(digest));
                let attempt = Attempt { state, submitted_at: Some(ended_at), answered, digest, ..attempt.clone() };
                Ok(Submitted { attempt, ended_now: true })
            }
            Ended::Before => {
                let ended = self.find_attempt_for_staff(&attempt.public_id).await?;
                let attempt = ended.ok_or(Error::Database(sqlx::Error::RowNotFound))?;
                if !attempt.state.is_finished() {
                    return Err(Error::Unavailable("the attempt is open again".into()));
                }
                Ok(Submitted { attempt, ended_now: false })
            }
            Ended::NotDue => Err(Error::Unavailable("the deadline of the attempt has been moved".into())),
            Ended::NotGraded(reason) => Err(Error::NotGraded { attempt: attempt.public_id.clone(), reason }),
        }
    }

    /// Open attempts whose deadline lies before a moment, the longest overdue first: those behind `after`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_overdue(&self, before: Timestamp, after: Option<&Overdue>, limit: i64) -> Result<Vec<Overdue>> {
        let (deadline, id) = after.map_or((i64::MIN, 0), |overdue| (overdue.deadline.0, overdue.id.0));
        let rows: Vec<(i64, i64, String)> = self
            .db
            .all(
                sql!(
                    "SELECT id, deadline, public_id FROM attempts WHERE state = 'open' AND deadline < $1 "
                    "AND (deadline > $2 OR (deadline = $2 AND id > $3)) ORDER BY deadline, id LIMIT $4"
                ),
                (before.0, deadline, id, limit),
            )
            .await?;
        let overdue =
            |(id, deadline, public_id)| Overdue { id: AttemptId(id), deadline: Timestamp(deadline), public_id };
        Ok(rows.into_iter().map(overdue).collect())
    }
}
