//! What the writer does to attempts, many at once: holding them, and writing their ends.

use super::{read_checked, read_state};
use crate::answers::ids;
use crate::db::{Column, Rows, Tx, sql};
use crate::writer::{End, Held};
use crate::{AuditEntry, Result};
use exam::grade::Grade;
use exam::id::{AccountId, AttemptId};
use exam::time::Timestamp;
use std::collections::{BTreeSet, HashMap};

/// An attempt that ends, with everything that is written of it.
pub(crate) struct Ending<'a> {
    pub(crate) end: &'a End,
    pub(crate) answered: i64,
    pub(crate) digest: String,
    pub(crate) record: Vec<u8>,
    pub(crate) grade: Grade,
}

impl Tx {
    /// Reads what the writer must know of some attempts and keeps every other writer, submit and pen of theirs waiting until the
    /// commit. On SQLite the writing transaction itself does that. What another process holds is left out instead of waited
    /// for: one attempt that is held for long must not keep all others waiting. FOR SHARE would do against a submit, but two
    /// writers that hold it and both end the attempt would wait for each other.
    ///
    /// On PostgreSQL the lock is itself written, so that the commit waits for a synchronous standby also where nothing is changed.
    /// What is said of an attempt after it may lean on what a commit of unknown outcome has left on this machine alone (see
    /// `db/given_up.rs`): no job may be answered from the database without this.
    pub(crate) async fn hold_attempts(
        &mut self,
        attempts: &BTreeSet<AttemptId>,
        fence: bool,
    ) -> Result<HashMap<AttemptId, Held>> {
        let fenced = sql!(
            "SELECT id, account_id, state, deadline, pen_holder, checked FROM attempts WHERE id "["IN (SELECT value->>0 FROM json_each($1))"
                | "= ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"]
        );
        let open = sql!(
            "SELECT id, account_id, state, deadline, pen_holder, checked FROM attempts WHERE id "
                ["IN (SELECT value->>0 FROM json_each($1))" | "= ANY($1::bigint[])"]
        );
        // Id, account, state, deadline, pen, checked.
        type Row = (i64, i64, String, Option<i64>, i64, Option<String>);
        let rows: Vec<Row> = self.all(if fence { fenced } else { open }, ids(attempts)).await?;
        rows.into_iter()
            .map(|(id, account, state, deadline, pen_holder, checked)| {
                let (id, account, state) = (AttemptId(id), AccountId(account), read_state(&state, id)?);
                let checked = read_checked(checked.as_deref(), id)?;
                Ok((id, Held { id, account, state, deadline: deadline.map(Timestamp), pen_holder, checked }))
            })
            .collect()
    }

    /// Which of some attempts there are.
    pub(crate) async fn existing_attempts(&mut self, attempts: &BTreeSet<AttemptId>) -> Result<BTreeSet<AttemptId>> {
        let rows: Vec<(i64,)> = self
            .all(
                sql!(
                    "SELECT id FROM attempts WHERE id "
                        ["IN (SELECT value->>0 FROM json_each($1))" | "= ANY($1::bigint[])"]
                ),
                ids(attempts),
            )
            .await?;
        Ok(rows.into_iter().map(|(id,)| AttemptId(id)).collect())
    }

    /// Writes the ends of attempts: state and receipt, the sealed record in place of the log, grade and audit entry.
    pub(crate) async fn end_attempts(&mut self, endings: Vec<Ending<'_>>) -> Result<()> {
        let numbers = |value: fn(&Ending<'_>) -> i64| Column::Numbers(endings.iter().map(value).collect());
        let texts = |value: fn(&Ending<'_>) -> String| Column::Texts(endings.iter().map(value).collect());
        let attempts: BTreeSet<AttemptId> = endings.iter().map(|ending| ending.end.attempt).collect();
        self.execute(
            sql!(
                "UPDATE attempts SET state = e.state, submitted_at = e.submitted_at, answered = e.answered, digest = e.digest, "
                "record = e.record, paper = '' FROM (SELECT "
                ["value->>0 AS id, value->>1 AS state, value->>2 AS submitted_at, value->>3 AS answered, value->>4 AS digest, "
                 | "* FROM UNNEST($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::bytea[]) "]
                ["unhex(value->>5) AS record FROM json_each($1)"
                 | "AS u (id, state, submitted_at, answered, digest, record)"]
                ") e WHERE attempts.id = e.id"
            ),
            Rows(vec![
                numbers(|ending| ending.end.attempt.0),
                texts(|ending| ending.end.state.name().to_owned()),
                numbers(|ending| ending.end.ended_at.0),
                numbers(|ending| ending.answered),
                texts(|ending| ending.digest.clone()),
                Column::Bytes(endings.iter().map(|ending| ending.record.clone()).collect()),
            ]),
        )
        .await?;
        self.execute(
            sql!(
                "DELETE FROM answer_operations WHERE attempt_id "
                    ["IN (SELECT value->>0 FROM json_each($1))" | "= ANY($1::bigint[])"]
            ),
            ids(&attempts),
        )
        .await?;
        self.insert_grades(endings.iter().map(|ending| (ending.end.attempt, &ending.grade, ending.end.now))).await?;
        let entry = |ending: &Ending<'_>| {
            let entry = AuditEntry::new("attempt.end", format!("attempt {}", ending.end.public_id))
                .detail("state", ending.end.state.name());
            (entry.by(ending.end.actor), ending.end.now)
        };
        self.audit_all(endings.iter().map(entry).collect()).await
    }
}
