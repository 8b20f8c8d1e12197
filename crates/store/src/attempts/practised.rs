//! What a person's last attempts of one exam came to, question by question.

use super::stored::{StoredAttempt, attempts};
use crate::grades::read_grade;
use crate::{Result, Store};
use exam::grade::Outcome;
use exam::id::{AccountId, ExamId, ExamVersionId, QuestionVersionId};

/// An ended attempt, question by question.
#[derive(Debug, Clone)]
pub struct Practised {
    /// In which version it was sat.
    pub exam_version: ExamVersionId,
    /// What each question came to.
    pub outcomes: Vec<(QuestionVersionId, Outcome)>,
}

impl Store {
    /// A person's last ended attempts of an exam, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_practised(&self, exam: ExamId, account: AccountId, limit: i64) -> Result<Vec<Practised>> {
        #[derive(sqlx::FromRow)]
        struct Row {
            #[sqlx(flatten)]
            attempt: StoredAttempt,
            detail: String,
        }
        let rows: Vec<Row> = self
            .db
            .all(
                attempts!(
                    [", g.detail"]
                    "JOIN grades g ON g.attempt_id = a.id AND g.key_version = (SELECT MAX(key_version) FROM grades WHERE attempt_id = a.id) "
                    "WHERE a.exam_id + 0 = $1 AND a.account_id = $2 AND a.state || '' <> 'open' ORDER BY a.number DESC LIMIT $3"
                ),
                (exam.0, account.0, limit),
            )
            .await?;
        let mut practised = Vec::with_capacity(rows.len());
        for row in rows {
            let grade = read_grade(&row.attempt.public_id, &row.detail)?;
            let attempt = self.read_attempt(row.attempt).await?;
            let marks = grade.questions.iter().map(|mark| mark.outcome);
            let outcomes = attempt.paper.items.iter().map(|item| item.question).zip(marks).collect();
            practised.push(Practised { exam_version: attempt.exam_version, outcomes });
        }
        Ok(practised)
    }
}
