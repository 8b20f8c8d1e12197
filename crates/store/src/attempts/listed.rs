//! Attempts in lists, with their marks.

use super::read_state;
use crate::db::sql;
use crate::{Error, Result, Store};
use exam::attempt::AttemptState;
use exam::id::{AccountId, AttemptId, ExamVersionId};
use exam::time::Timestamp;

/// Which attempts to list.
#[derive(Debug, Clone, Default)]
pub struct AttemptFilter {
    /// Only this person's.
    pub account: Option<AccountId>,
    /// Only of this exam (slug); all, when empty.
    pub exam: String,
    /// Only in this state.
    pub state: Option<AttemptState>,
    /// Part of a person's name or address; for staff.
    pub person: String,
    /// How many at most.
    pub limit: i64,
    /// Those before this one, newest first.
    pub before: Option<AttemptId>,
}

/// An attempt in a list, with its marks.
#[derive(Debug, Clone)]
pub struct AttemptRow {
    /// The row.
    pub id: AttemptId,
    /// What URLs see.
    pub public_id: String,
    /// The exam's slug.
    pub exam_slug: String,
    /// The exam's title.
    pub exam_title: String,
    /// In which version it was sat.
    pub exam_version: ExamVersionId,
    /// Whose it is.
    pub account: AccountId,
    /// The person's name.
    pub person: String,
    /// The person's address.
    pub email: String,
    /// Open, submitted or expired.
    pub state: AttemptState,
    /// How many questions it has.
    pub question_count: i64,
    /// When it started.
    pub started_at: Timestamp,
    /// Until when answers count.
    pub deadline: Option<Timestamp>,
    /// When it ended.
    pub submitted_at: Option<Timestamp>,
    /// How many questions were answered, at the end.
    pub answered: Option<i64>,
    /// Hundredths of a percent, when graded.
    pub percent: Option<i64>,
    /// The verdict, when graded against a pass line.
    pub passed: Option<bool>,
}

/// Attempts, newest first.
#[derive(Debug, Clone)]
pub struct AttemptPage {
    /// The attempts.
    pub attempts: Vec<AttemptRow>,
    /// Where the next page starts; None at the end.
    pub next: Option<AttemptId>,
}

/// A page of attempts, newest first, of those for whom a condition holds. By an index of that condition where the id is an
/// expression: SQLite would rather go through all attempts in order than sort the few of a person.
macro_rules! listing {
    ($whose:literal, $id:literal) => {
        sql!(
            "SELECT a.id, a.public_id, e.slug, v.title, a.exam_version_id, a.account_id, p.name, p.email, a.state, "
            "a.question_count, a.started_at, a.deadline, a.submitted_at, a.answered, g.percent, g.passed "
            "FROM attempts a JOIN exams e ON e.id = a.exam_id JOIN exam_versions v ON v.id = a.exam_version_id "
            "JOIN accounts p ON p.id = a.account_id "
            "LEFT JOIN grades g ON g.attempt_id = a.id AND g.key_version = "
            "(SELECT MAX(key_version) FROM grades WHERE attempt_id = a.id) "
            "WHERE " $id " < $1 AND " $whose " AND ($3 = '' OR e.slug = $3) "
            "AND ($4 = '' OR a.state = $4) AND ($5 = '%%' OR p.search LIKE $5 ESCAPE '!') "
            "ORDER BY " $id " DESC LIMIT $6"
        )
    };
}

#[derive(sqlx::FromRow)]
struct AttemptListRecord {
    id: i64,
    public_id: String,
    slug: String,
    title: String,
    exam_version_id: i64,
    account_id: i64,
    name: String,
    email: String,
    state: String,
    question_count: i64,
    started_at: i64,
    deadline: Option<i64>,
    submitted_at: Option<i64>,
    answered: Option<i64>,
    percent: Option<i64>,
    passed: Option<i64>,
}

impl TryFrom<AttemptListRecord> for AttemptRow {
    type Error = Error;

    fn try_from(row: AttemptListRecord) -> Result<Self> {
        Ok(Self {
            id: AttemptId(row.id),
            exam_slug: row.slug,
            exam_title: row.title,
            exam_version: ExamVersionId(row.exam_version_id),
            account: AccountId(row.account_id),
            person: row.name,
            email: row.email,
            state: read_state(&row.state, row.id)?,
            question_count: row.question_count,
            started_at: Timestamp(row.started_at),
            deadline: row.deadline.map(Timestamp),
            submitted_at: row.submitted_at.map(Timestamp),
            answered: row.answered,
            percent: row.percent,
            passed: row.passed.map(|passed| passed != 0),
            public_id: row.public_id,
        })
    }
}

impl Store {
    /// Lists attempts, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_attempts(&self, filter: &AttemptFilter) -> Result<AttemptPage> {
        let limit = filter.limit.clamp(1, 200);
        let person = crate::accounts::search_pattern(&filter.person);
        let of_one = filter.account.is_some();
        let statement = if of_one { listing!("a.account_id = $2", "a.id + 0") } else { listing!("$2 = 0", "a.id") };
        let rows: Vec<AttemptListRecord> = self
            .db
            .all(
                statement,
                (
                    filter.before.map_or(i64::MAX, |id| id.0),
                    filter.account.map_or(0, |account| account.0),
                    filter.exam.clone(),
                    filter.state.map_or("", AttemptState::name),
                    person,
                    limit + 1,
                ),
            )
            .await?;
        let mut attempts = rows.into_iter().map(AttemptRow::try_from).collect::<Result<Vec<_>>>()?;
        let more = attempts.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        if more {
            attempts.pop();
        }
        let next = if more { attempts.last().map(|attempt| attempt.id) } else { None };
        Ok(AttemptPage { attempts, next })
    }
}
