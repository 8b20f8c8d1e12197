//! A person's own attempts, looked up together with those of others who ask at the same moment.

use super::{Attempt, AttemptRecord};
use crate::db::{Column, Db, Rows, sql};
use crate::gather::Gather;
use crate::{Result, Store};
use exam::id::AccountId;
use std::collections::HashMap;
use std::time::Duration;

/// Attempts by their name in URLs, each asked for by a person.
pub(crate) type Own = Gather<(String, AccountId), Option<AttemptRecord>>;

/// How many share a statement, which has all of their papers.
const ATTEMPTS: usize = 64;
/// How many such statements may be under way.
const ROUNDS: usize = 4;

impl Own {
    pub(crate) fn of(db: &Db, patience: Duration) -> Self {
        let db = db.clone();
        Self::new(ATTEMPTS, ROUNDS, patience, move |asked: &[(String, AccountId)]| {
            let db = db.clone();
            Box::pin(async move { find_attempts(&db, asked).await })
        })
    }
}

async fn find_attempts(db: &Db, asked: &[(String, AccountId)]) -> Result<Vec<Option<AttemptRecord>>> {
    let rows: Vec<AttemptRecord> = db
        .all(
            sql!(
                "SELECT a.id, a.public_id, a.account_id, a.exam_id, a.exam_version_id, e.slug, v.title, a.number, "
                "a.state, a.paper, s.document, a.pen_holder, a.started_at, a.deadline, a.submitted_at, a.answered, a.digest FROM (SELECT "
                ["value->>0 AS public_id, value->>1 AS account FROM json_each($1)"
                 | "* FROM UNNEST($1::text[], $2::bigint[]) AS u (public_id, account)"]
                ") asked JOIN attempts a ON a.public_id = asked.public_id AND a.account_id + 0 = asked.account "
                "JOIN exams e ON e.id = a.exam_id JOIN exam_versions v ON v.id = a.exam_version_id "
                "LEFT JOIN sealed_attempts s ON s.attempt_id = a.id"
            ),
            Rows(vec![
                Column::Texts(asked.iter().map(|(public_id, _)| public_id.clone()).collect()),
                Column::Numbers(asked.iter().map(|(_, account)| account.0).collect()),
            ]),
        )
        .await?;
    let found: HashMap<(&str, i64), &AttemptRecord> =
        rows.iter().map(|row| ((row.public_id.as_str(), row.account_id), row)).collect();
    // Not taken out: one may be asked for several times. Read by whoever asked: one that cannot be read concerns nobody else.
    Ok(asked.iter().map(|(public_id, account)| found.get(&(public_id.as_str(), account.0)).copied().cloned()).collect())
}

impl Store {
    /// A person's own attempt.
    ///
    /// # Errors
    /// When the database fails. Ok(None) also when it is somebody else's.
    pub async fn find_attempt(&self, public_id: &str, account: AccountId) -> Result<Option<Attempt>> {
        self.own_attempts.get((public_id.to_owned(), account)).await?.map(Attempt::try_from).transpose()
    }
}
