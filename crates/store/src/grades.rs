//! Grades: one per attempt and version of the key, by constraint.

mod stored;

use crate::attempts::Attempt;
use crate::db::{Column, Rows, Tx, sql};
use crate::{Error, Result, Store};
use exam::grade::Grade;
use exam::id::{AccountId, AttemptId};
use exam::time::Timestamp;

/// The version of the key that the first grading of an attempt uses: the one it was published with.
const PUBLISHED_KEY: i64 = 1;

/// A grade with where it belongs, for a person's progress.
#[derive(Debug, Clone)]
pub struct GradeRow {
    /// The attempt's public id.
    pub attempt: String,
    /// The exam's slug.
    pub exam_slug: String,
    /// The exam's title.
    pub exam_title: String,
    /// In which version it was sat.
    pub exam_version: exam::id::ExamVersionId,
    /// When the attempt ended.
    pub submitted_at: Timestamp,
    /// The marks.
    pub grade: Grade,
}

impl Tx {
    /// Writes the grades of attempts under the published key.
    pub(crate) async fn insert_grades<'a>(
        &mut self,
        grades: impl Iterator<Item = (AttemptId, &'a Grade, Timestamp)>,
    ) -> Result<()> {
        let grades: Vec<_> = grades.collect();
        let numbers =
            |value: fn(&(AttemptId, &Grade, Timestamp)) -> i64| Column::Numbers(grades.iter().map(value).collect());
        self.execute(
            sql!(
                "INSERT INTO grades (attempt_id, key_version, points, max_points, percent, passed, detail, graded_at) SELECT "
                ["value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7 FROM json_each($1)"
                 | "* FROM UNNEST($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::bigint[])"]
            ),
            Rows(vec![
                numbers(|(attempt, ..)| attempt.0),
                numbers(|_| PUBLISHED_KEY),
                numbers(|(_, grade, _)| grade.points.0),
                numbers(|(_, grade, _)| grade.max_points.0),
                numbers(|(_, grade, _)| grade.percent().0),
                Column::MaybeNumbers(grades.iter().map(|(_, grade, _)| grade.passed.map(i64::from)).collect()),
                Column::Texts(grades.iter().map(|(_, grade, _)| stored::write(grade)).collect()),
                numbers(|(.., now)| now.0),
            ]),
        )
        .await?;
        Ok(())
    }
}

pub(crate) fn read_grade(attempt: &str, detail: &str) -> Result<Grade> {
    stored::read(detail).map_err(|reason| Error::Unreadable { what: format!("grade of attempt {attempt}"), reason })
}

impl Store {
    /// The grade of an attempt under the latest version of the key; None while it is open.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_grade(&self, attempt: &Attempt) -> Result<Option<Grade>> {
        let row: Option<(String,)> = self
            .db
            .optional(
                sql!("SELECT detail FROM grades WHERE attempt_id = $1 ORDER BY key_version DESC LIMIT 1"),
                (attempt.id.0,),
            )
            .await?;
        row.map(|(detail,)| read_grade(&attempt.public_id, &detail)).transpose()
    }

    /// A person's latest grades, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_grades(&self, account: AccountId, limit: i64) -> Result<Vec<GradeRow>> {
        #[derive(sqlx::FromRow)]
        struct Row {
            public_id: String,
            slug: String,
            title: String,
            exam_version_id: i64,
            submitted_at: i64,
            detail: String,
        }
        let rows: Vec<Row> = self
            .db
            .all(
                sql!(
                    "SELECT a.public_id, e.slug, v.title, a.exam_version_id, COALESCE(a.submitted_at, a.started_at) AS submitted_at, g.detail "
                    "FROM attempts a JOIN exams e ON e.id = a.exam_id JOIN exam_versions v ON v.id = a.exam_version_id "
                    "JOIN grades g ON g.attempt_id = a.id AND g.key_version = "
                    "(SELECT MAX(key_version) FROM grades WHERE attempt_id = a.id) "
                    "WHERE a.account_id = $1 ORDER BY a.id DESC LIMIT $2"
                ),
                (account.0, limit.clamp(1, 500)),
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(GradeRow {
                    grade: read_grade(&row.public_id, &row.detail)?,
                    attempt: row.public_id,
                    exam_slug: row.slug,
                    exam_title: row.title,
                    exam_version: exam::id::ExamVersionId(row.exam_version_id),
                    submitted_at: Timestamp(row.submitted_at),
                })
            })
            .collect()
    }

    /// How many grades an attempt has; a test's question, answered by the table itself.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_grades(&self, attempt: &Attempt) -> Result<i64> {
        let (count,): (i64,) =
            self.db.one(sql!("SELECT COUNT(*) FROM grades WHERE attempt_id = $1"), (attempt.id.0,)).await?;
        Ok(count)
    }
}
