//! Attempts: started with one row, ended once. Limits hold by constraint, not by looking first.
//!
//! PostgreSQL keeps a statement's plan, and while a hall is empty it takes an index that lists all attempts of an exam, or all open
//! ones, to be as good as the one that names a person's. What is kept is then used for a full hall. So statements about one person
//! say `exam_id + 0` and `state || ''`, which no index has; `tests/plans.rs` holds it.

mod batched;
mod listed;
mod own;
mod pen;
mod start;

pub(crate) use batched::Ending;
pub use listed::{AttemptFilter, AttemptPage, AttemptRow};
pub(crate) use own::Own;
pub(crate) use pen::Pens;
pub(crate) use start::Starts;
pub use start::{NewAttempt, Started};

use crate::answers::read_record_paper;
use crate::db::sql;
use crate::writer::{End, Ended, Job};
use crate::{Error, Result, Store};
use exam::answer::Answers;
use exam::attempt::AttemptState;
use exam::grade::Grade;
use exam::id::{AccountId, AttemptId, ExamId, ExamVersionId};
use exam::paper::Paper;
use exam::time::Timestamp;

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

#[derive(Clone, sqlx::FromRow)]
pub(crate) struct AttemptRecord {
    id: i64,
    public_id: String,
    account_id: i64,
    exam_id: i64,
    exam_version_id: i64,
    slug: String,
    title: String,
    number: i64,
    state: String,
    paper: String,
    /// Of an ended attempt; its paper is in there.
    document: Option<Vec<u8>>,
    pen_holder: i64,
    started_at: i64,
    deadline: Option<i64>,
    submitted_at: Option<i64>,
    answered: Option<i64>,
    digest: Option<String>,
}

fn read_state(state: &str, attempt: impl std::fmt::Display) -> Result<AttemptState> {
    AttemptState::from_name(state).ok_or_else(|| Error::Unreadable {
        what: format!("state of attempt {attempt}"),
        reason: "it is none of the known states".into(),
    })
}

fn read_paper(paper: &str, attempt: i64) -> Result<Paper> {
    serde_json::from_str(paper)
        .map_err(|error| Error::Unreadable { what: format!("paper of attempt {attempt}"), reason: error.to_string() })
}

impl TryFrom<AttemptRecord> for Attempt {
    type Error = Error;

    fn try_from(row: AttemptRecord) -> Result<Self> {
        let paper = match &row.document {
            Some(document) => read_record_paper(row.id, document)?,
            None => read_paper(&row.paper, row.id)?,
        };
        Ok(Self {
            id: AttemptId(row.id),
            account: AccountId(row.account_id),
            exam_id: ExamId(row.exam_id),
            exam_version: ExamVersionId(row.exam_version_id),
            exam_slug: row.slug,
            exam_title: row.title,
            number: row.number,
            state: read_state(&row.state, row.id)?,
            paper,
            pen_holder: row.pen_holder,
            started_at: Timestamp(row.started_at),
            deadline: row.deadline.map(Timestamp),
            submitted_at: row.submitted_at.map(Timestamp),
            answered: row.answered,
            digest: row.digest,
            public_id: row.public_id,
        })
    }
}

impl Store {
    /// Anybody's attempt: for staff, and for the sweep.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_attempt_for_staff(&self, public_id: &str) -> Result<Option<Attempt>> {
        let row: Option<AttemptRecord> = self
            .db
            .optional(
                sql!(
                    "SELECT a.id, a.public_id, a.account_id, a.exam_id, a.exam_version_id, e.slug, v.title, a.number, "
                    "a.state, a.paper, s.document, a.pen_holder, a.started_at, a.deadline, a.submitted_at, a.answered, a.digest "
                    "FROM attempts a JOIN exams e ON e.id = a.exam_id JOIN exam_versions v ON v.id = a.exam_version_id "
                    "LEFT JOIN sealed_attempts s ON s.attempt_id = a.id WHERE a.public_id = $1"
                ),
                (public_id.to_owned(),),
            )
            .await?;
        row.map(Attempt::try_from).transpose()
    }

    /// The open attempt of a person in an exam.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_open_attempt(&self, exam: ExamId, account: AccountId) -> Result<Option<Attempt>> {
        let row: Option<AttemptRecord> = self
            .db
            .optional(
                sql!(
                    "SELECT a.id, a.public_id, a.account_id, a.exam_id, a.exam_version_id, e.slug, v.title, a.number, "
                    "a.state, a.paper, s.document, a.pen_holder, a.started_at, a.deadline, a.submitted_at, a.answered, a.digest "
                    "FROM attempts a JOIN exams e ON e.id = a.exam_id JOIN exam_versions v ON v.id = a.exam_version_id "
                    "LEFT JOIN sealed_attempts s ON s.attempt_id = a.id "
                    "WHERE a.exam_id + 0 = $1 AND a.account_id = $2 AND a.state || '' = 'open'"
                ),
                (exam.0, account.0),
            )
            .await?;
        row.map(Attempt::try_from).transpose()
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
