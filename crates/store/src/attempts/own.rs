//! A person's own attempts, looked up together with those of others who ask at the same moment.

use super::Attempt;
use super::stored::{StoredAttempt, attempts};
use crate::answers::read_record;
use crate::db::{Column, Db, Rows};
use crate::gather::Gather;
use crate::grades::read_grade;
use crate::{Result, Store};
use exam::answer::{Answers, fold};
use exam::attempt::Verdict;
use exam::grade::Grade;
use exam::id::{AccountId, AttemptId};
use exam::record::Record;
use std::collections::HashMap;
use std::time::Duration;

/// Attempts by their name in URLs, each asked for by a person.
pub(crate) type Own = Gather<(String, AccountId), Option<Found>>;

/// How many share a statement, which has all of their papers.
const ATTEMPTS: usize = 64;
/// How many such statements may be under way.
const ROUNDS: usize = 4;

/// What an ended attempt came to.
#[derive(Debug, Clone)]
pub struct Marked {
    /// The answers that count.
    pub answers: Answers,
    attempt: String,
    grade: Option<String>,
}

impl Marked {
    /// The grade under the latest version of the key.
    ///
    /// # Errors
    /// [`crate::Error::Unreadable`] when what is stored is none.
    pub fn grade(&self) -> Result<Option<Grade>> {
        self.grade.as_deref().map(|detail| read_grade(&self.attempt, detail)).transpose()
    }
}

#[derive(Clone, sqlx::FromRow)]
pub(crate) struct Found {
    #[sqlx(flatten)]
    attempt: StoredAttempt,
    grade: Option<String>,
}

impl Own {
    pub(crate) fn of(db: &Db, patience: Duration) -> Self {
        let db = db.clone();
        Self::new(ATTEMPTS, ROUNDS, patience, move |asked: &[(String, AccountId)]| {
            let db = db.clone();
            Box::pin(async move { find_attempts(&db, asked).await })
        })
    }
}

async fn find_attempts(db: &Db, asked: &[(String, AccountId)]) -> Result<Vec<Option<Found>>> {
    let rows: Vec<Found> = db
        .all(
            attempts!(
                [", (SELECT g.detail FROM grades g WHERE g.attempt_id = a.id ORDER BY g.key_version DESC LIMIT 1) AS grade"]
                "JOIN (SELECT "
                ["value->>0 AS public_id, value->>1 AS account FROM json_each($1)"
                 | "* FROM UNNEST((SELECT $1::text[]), (SELECT $2::bigint[])) AS u (public_id, account)"]
                ") asked ON a.public_id = asked.public_id AND a.account_id + 0 = asked.account"
            ),
            Rows(vec![
                Column::Texts(asked.iter().map(|(public_id, _)| public_id.clone()).collect()),
                Column::Numbers(asked.iter().map(|(_, account)| account.0).collect()),
            ]),
        )
        .await?;
    let found: HashMap<(&str, i64), &Found> =
        rows.iter().map(|row| ((row.attempt.public_id.as_str(), row.attempt.account_id), row)).collect();
    // Not taken out: one may be asked for several times. Read by whoever asked: one that cannot be read concerns nobody else.
    Ok(asked.iter().map(|(public_id, account)| found.get(&(public_id.as_str(), account.0)).copied().cloned()).collect())
}

impl Store {
    /// A person's own attempt.
    ///
    /// # Errors
    /// When the database fails. Ok(None) also when it is somebody else's.
    pub async fn find_attempt(&self, public_id: &str, account: AccountId) -> Result<Option<Attempt>> {
        match self.own_attempts.get((public_id.to_owned(), account)).await? {
            Some(found) => self.read_attempt(found.attempt).await.map(Some),
            None => Ok(None),
        }
    }

    /// A person's own attempt, and what it came to if it has ended.
    ///
    /// # Errors
    /// As [`Store::find_attempt`].
    pub async fn find_result(&self, public_id: &str, account: AccountId) -> Result<Option<(Attempt, Option<Marked>)>> {
        let Some(Found { attempt: row, grade }) = self.own_attempts.get((public_id.to_owned(), account)).await? else {
            return Ok(None);
        };
        let id = row.id;
        // What came after the end is evidence, which never counts: the record has all answers.
        let read = move |record: &[u8]| {
            let Record { paper, operations } = read_record(id, record)?;
            let counted = operations.into_iter().filter(|logged| logged.verdict == Verdict::Counted);
            Ok((paper, fold(counted.map(|logged| logged.operation))))
        };
        let (paper, answers) = match &row.short_record {
            Some(record) => read(record)?,
            None if row.is_finished()? => self.open_record(AttemptId(id), read).await?,
            None => return Ok(Some((self.read_attempt(row).await?, None))),
        };
        let attempt = row.with(paper)?;
        let marked = Marked { answers, attempt: attempt.public_id.clone(), grade };
        Ok(Some((attempt, Some(marked))))
    }
}
