//! Starts: one row each, and one statement for all that come at the same moment.
//!
//! At the bell a hall starts within seconds. What a start must look at first (an attempt that is open, the key, the number of attempts)
//! are conditions of the insert itself, so that the statement that looks is the one that writes, for many at once. Only who is refused
//! by it is looked up alone, to be told which attempt is theirs.

use super::Attempt;
use super::stored::{StoredAttempt, attempts};
use crate::db::{Column, Db, Rows, sql};
use crate::exams::PublishedExam;
use crate::failing::Failing;
use crate::gather::Gather;
use crate::{Error, Result, Store};
use exam::attempt::AttemptState;
use exam::id::{AccountId, AttemptId, ExamId};
use exam::paper::Paper;
use exam::practice::Checked;
use exam::settings::Settings;
use exam::time::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// An attempt to be started.
#[derive(Debug, Clone)]
pub struct NewAttempt<'a> {
    /// Random, from the caller.
    pub public_id: &'a str,
    /// The exam in its published version.
    pub exam: &'a PublishedExam,
    /// Who sits it.
    pub account: AccountId,
    /// Chosen by the client; a repeated start with it gives the same attempt.
    pub idempotency_key: Option<&'a str>,
    /// The drawn paper.
    pub paper: &'a Paper,
}

/// What came of a start.
#[derive(Debug, Clone)]
pub enum Started {
    /// A new attempt.
    New(Attempt),
    /// The one that this start had made before, or that is still open.
    Existing(Attempt),
    /// The person has used up the attempts the exam allows.
    NoAttemptsLeft,
}

/// A row to be written, if nothing speaks against it.
#[derive(Debug, Clone)]
pub(crate) struct StartRow {
    public_id: String,
    exam: i64,
    version: i64,
    account: i64,
    key: Option<String>,
    paper: String,
    question_count: i64,
    /// By the clock when it was asked for, and as a moment from which waiting is measured.
    asked_at: Timestamp,
    since: Instant,
    settings: Settings,
}

/// The row that was written, the attempt's number, and when it began.
pub(crate) type Written = (AttemptId, i64, Timestamp);

/// A wait for the database that costs nobody time: what is longer is given back.
const UNNOTICED: Duration = Duration::from_millis(100);

/// Starts, many in one statement.
pub(crate) type Starts = Gather<StartRow, Option<Written>>;

/// How many starts one statement writes: saves wait for it on SQLite.
const STARTS: usize = 64;

impl StartRow {
    /// When it begins, if it is written now: nobody's time runs while they wait for it.
    fn begins_at(&self) -> Timestamp {
        let waited = self.since.elapsed();
        if waited < UNNOTICED { self.asked_at } else { self.asked_at.after(waited) }
    }
}

impl Starts {
    pub(crate) fn of(db: &Db, failing: &Arc<Failing>, patience: Duration) -> Self {
        let (db, failing) = (db.clone(), Arc::clone(failing));
        // While one waits for its commit, the other one's statement runs; SQLite writes one at a time.
        let rounds = if db.engine() == "sqlite" { 1 } else { 2 };
        Self::new(STARTS, rounds, patience, move |rows| {
            let (db, failing) = (db.clone(), Arc::clone(&failing));
            Box::pin(async move {
                let written = insert_attempts(&db, rows).await;
                match &written {
                    Ok(_) => failing.succeeded(),
                    Err(_) => failing.failed(Instant::now()),
                }
                written
            })
        })
    }
}

/// Writes the rows that nothing speaks against. Conditions that another statement under way may break are held by unique indexes: one
/// that does not see the attempt that another start has just made takes the same number, and is left out for it.
async fn insert_attempts(db: &Db, rows: &[StartRow]) -> Result<Vec<Option<Written>>> {
    let begin: Vec<Timestamp> = rows.iter().map(StartRow::begins_at).collect();
    let numbers = |value: fn(&StartRow) -> i64| Column::Numbers(rows.iter().map(value).collect());
    let texts = |value: fn(&StartRow) -> &String| Column::Texts(rows.iter().map(|row| value(row).clone()).collect());
    let columns = vec![
        texts(|row| &row.public_id),
        numbers(|row| row.exam),
        numbers(|row| row.version),
        numbers(|row| row.account),
        Column::MaybeTexts(rows.iter().map(|row| row.key.clone()).collect()),
        texts(|row| &row.paper),
        numbers(|row| row.question_count),
        Column::Numbers(begin.iter().map(|at| at.0).collect()),
        Column::MaybeNumbers(
            rows.iter().zip(&begin).map(|(row, at)| row.settings.deadline(*at).map(|at| at.0)).collect(),
        ),
        numbers(|row| row.settings.attempts.map_or(i64::MAX, i64::from)),
    ];
    let written: Vec<(i64, String, i64)> = db
        .all_written(
            sql!(
                "INSERT INTO attempts (public_id, exam_id, exam_version_id, account_id, number, idempotency_key, state, "
                "paper, question_count, started_at, deadline) "
                // By the person, never by the exam: see the head of `attempts.rs`.
                "SELECT j.public_id, j.exam, j.version, j.account, COALESCE((SELECT MAX(number) FROM attempts a "
                "WHERE a.account_id = j.account AND a.exam_id + 0 = j.exam), 0) + 1, "
                "j.key, 'open', j.paper, j.question_count, j.started_at, j.deadline FROM (SELECT "
                ["value->>0 AS public_id, value->>1 AS exam, value->>2 AS version, value->>3 AS account, value->>4 AS key, "
                 | "* FROM UNNEST((SELECT $1::text[]), (SELECT $2::bigint[]), (SELECT $3::bigint[]), (SELECT $4::bigint[]), (SELECT $5::text[]), (SELECT $6::text[]), (SELECT $7::bigint[]), "]
                ["value->>5 AS paper, value->>6 AS question_count, value->>7 AS started_at, value->>8 AS deadline, "
                 | "(SELECT $8::bigint[]), (SELECT $9::bigint[]), (SELECT $10::bigint[])) AS u (public_id, exam, version, account, key, paper, "]
                ["value->>9 AS attempts_max FROM json_each($1)" | "question_count, started_at, deadline, attempts_max)"]
                ") j WHERE (SELECT COUNT(*) FROM attempts a WHERE a.account_id = j.account AND a.exam_id + 0 = j.exam) < j.attempts_max "
                "AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.account_id = j.account AND a.exam_id + 0 = j.exam "
                "AND (a.state = 'open' OR a.idempotency_key = j.key)) "
                "AND NOT EXISTS (SELECT 1 FROM start_keys k WHERE k.exam_id = j.exam AND k.account_id = j.account "
                "AND k.idempotency_key = j.key) "
                // In one order everywhere, so that no two statements wait for each other.
                "ORDER BY j.account, j.exam ON CONFLICT DO NOTHING RETURNING id, public_id, number"
            ),
            Rows(columns),
        )
        .await?;
    let mut written: HashMap<String, (i64, i64)> =
        written.into_iter().map(|(id, public_id, number)| (public_id, (id, number))).collect();
    let begun = rows.iter().zip(begin).map(|(row, at)| {
        let (id, number) = written.remove(&row.public_id)?;
        Some((AttemptId(id), number, at))
    });
    Ok(begun.collect())
}

impl NewAttempt<'_> {
    fn row(&self, now: Timestamp) -> StartRow {
        let summary = &self.exam.summary;
        StartRow {
            public_id: self.public_id.to_owned(),
            exam: summary.exam_id.0,
            version: summary.version_id.0,
            account: self.account.0,
            key: self.idempotency_key.map(ToOwned::to_owned),
            paper: serde_json::to_string(self.paper).expect("a paper of questions that lint has seen"),
            question_count: i64::try_from(self.paper.items.len()).unwrap_or(i64::MAX),
            asked_at: now,
            since: Instant::now(),
            settings: summary.settings.clone(),
        }
    }

    /// The attempt as it was written.
    fn written(&self, (id, number, started_at): Written) -> Attempt {
        let summary = &self.exam.summary;
        Attempt {
            id,
            public_id: self.public_id.to_owned(),
            account: self.account,
            exam_id: summary.exam_id,
            exam_version: summary.version_id,
            exam_slug: summary.slug.clone(),
            exam_title: summary.title.clone(),
            number,
            state: AttemptState::Open,
            paper: self.paper.clone(),
            pen_holder: 0,
            started_at,
            deadline: summary.settings.deadline(started_at),
            submitted_at: None,
            answered: None,
            digest: None,
            checked: Checked::default(),
        }
    }
}

impl Store {
    /// Starts an attempt, or finds the one that is meant: made with the same key, or still open.
    ///
    /// One row is written. That a person has one open attempt per exam, one attempt per number and key, and no more than the
    /// exam allows is held by unique indexes and by the conditions of the insert itself. Whoever loses a race finds what the winner
    /// made.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn start_attempt(&self, new: &NewAttempt<'_>, now: Timestamp) -> Result<Started> {
        let (exam, max) = (new.exam.summary.exam_id, new.exam.summary.settings.attempts.map_or(i64::MAX, i64::from));
        let row = new.row(now);
        // A round is lost only to another start of the same person, whose attempt may have ended by the time we look.
        for _ in 0..50 {
            if let Some(written) = self.starts.get(row.clone()).await? {
                return Ok(Started::New(new.written(written)));
            }
            if let Some(existing) = self.find_started(exam, new.account, new.idempotency_key).await? {
                return Ok(Started::Existing(existing));
            }
            if self.count_attempts(exam, new.account).await? >= max {
                return Ok(Started::NoAttemptsLeft);
            }
        }
        Err(Error::Unreadable { what: "a new attempt".into(), reason: "it is not there after its insert".into() })
    }

    /// The attempt that a start means which may have happened before: the one of its key, else the one that is open, to
    /// which the key then belongs from now on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_started(
        &self,
        exam: ExamId,
        account: AccountId,
        idempotency_key: Option<&str>,
    ) -> Result<Option<Attempt>> {
        let Some((attempt, key_is_known)) = self.find_by_key_or_open(exam, account, idempotency_key).await? else {
            return Ok(None);
        };
        let Some(key) = idempotency_key.filter(|_| !key_is_known) else { return Ok(Some(attempt)) };
        // Only while it is open, which its row's lock holds: once it has ended, a start that repeats this one may make another.
        let given = self
            .db
            .execute(
                sql!(
                    "INSERT INTO start_keys (exam_id, account_id, idempotency_key, attempt_id) "
                    "SELECT $1, $2, $3, id FROM attempts WHERE id = $4 AND state || '' = 'open'" ["" | " FOR SHARE"]
                    " ON CONFLICT DO NOTHING"
                ),
                (exam.0, account.0, key.to_owned(), attempt.id.0),
            )
            .await?;
        if given > 0 {
            return Ok(Some(attempt));
        }
        // Another start was faster, or the attempt has ended meanwhile.
        let found = self.find_by_key_or_open(exam, account, idempotency_key).await?;
        Ok(found.filter(|(_, key_is_known)| *key_is_known).map(|(attempt, _)| attempt))
    }

    async fn find_by_key_or_open(
        &self,
        exam: ExamId,
        account: AccountId,
        idempotency_key: Option<&str>,
    ) -> Result<Option<(Attempt, bool)>> {
        #[derive(sqlx::FromRow)]
        struct Found {
            #[sqlx(flatten)]
            attempt: StoredAttempt,
            key_is_known: i64,
        }
        let row: Option<Found> = self
            .db
            .optional(
                attempts!(
                    [", CAST(CASE WHEN a.idempotency_key = $3 OR k.attempt_id IS NOT NULL THEN 1 ELSE 0 END AS BIGINT) AS key_is_known"]
                    "LEFT JOIN start_keys k ON k.attempt_id = a.id AND k.idempotency_key = $3 "
                    "WHERE a.exam_id + 0 = $1 AND a.account_id = $2 "
                    "AND (a.state = 'open' OR a.idempotency_key = $3 OR k.attempt_id IS NOT NULL) "
                    // The attempt of the same key comes first, even when another one is open by now.
                    "ORDER BY key_is_known DESC, a.id LIMIT 1"
                ),
                (exam.0, account.0, idempotency_key.map(ToOwned::to_owned)),
            )
            .await?;
        match row {
            Some(row) => Ok(Some((self.read_attempt(row.attempt).await?, row.key_is_known != 0))),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exam::settings::Mode;

    #[test]
    fn a_wait_that_is_noticed_is_given_back() {
        let waiting = |waited| StartRow {
            public_id: "attempt".into(),
            exam: 1,
            version: 1,
            account: 1,
            key: None,
            paper: String::new(),
            question_count: 0,
            asked_at: Timestamp(1_000),
            since: Instant::now().checked_sub(waited).expect("the machine has been up for longer"),
            settings: Settings::new(Mode::Exam),
        };
        assert_eq!(waiting(Duration::ZERO).begins_at(), Timestamp(1_000), "to the millisecond, while nobody notices");
        assert!(waiting(Duration::from_secs(3)).begins_at() >= Timestamp(4_000));
    }
}
