//! The audit log: who did what that decides a result or a right. Append-only by trigger; written in the transaction of the
//! deed, so that neither exists without the other.

use crate::db::{Column, Rows, Tx, sql};
use crate::{Result, Store};
use exam::id::AccountId;
use exam::time::Timestamp;
use std::collections::BTreeMap;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    actor: Option<AccountId>,
    action: &'static str,
    subject: String,
    detail: BTreeMap<&'static str, String>,
}

impl AuditEntry {
    /// An entry without an actor: the system or the command line did it.
    #[must_use]
    pub fn new(action: &'static str, subject: impl Into<String>) -> Self {
        Self { actor: None, action, subject: subject.into(), detail: BTreeMap::new() }
    }

    /// Names who did it.
    #[must_use]
    pub fn by(mut self, actor: Option<AccountId>) -> Self {
        self.actor = actor;
        self
    }

    /// Adds a detail. Never an answer, a key, a token or an address.
    #[must_use]
    pub fn detail(mut self, name: &'static str, value: impl ToString) -> Self {
        self.detail.insert(name, value.to_string());
        self
    }
}

impl Tx {
    pub(crate) async fn audit(&mut self, entry: AuditEntry, now: Timestamp) -> Result<()> {
        self.audit_all(vec![(entry, now)]).await
    }

    /// Writes many entries, each with its time, in one statement.
    pub(crate) async fn audit_all(&mut self, entries: Vec<(AuditEntry, Timestamp)>) -> Result<()> {
        let detail = |entry: &AuditEntry| serde_json::to_string(&entry.detail).expect("a map of strings is JSON");
        let columns = vec![
            Column::Numbers(entries.iter().map(|(_, at)| at.0).collect()),
            Column::MaybeNumbers(entries.iter().map(|(entry, _)| entry.actor.map(|actor| actor.0)).collect()),
            Column::Texts(entries.iter().map(|(entry, _)| entry.action.to_owned()).collect()),
            Column::Texts(entries.iter().map(|(entry, _)| detail(entry)).collect()),
            Column::Texts(entries.into_iter().map(|(entry, _)| entry.subject).collect()),
        ];
        self.execute(
            sql!(
                "INSERT INTO audit_log (at, actor_id, action, detail, subject) SELECT "
                ["value->>0, value->>1, value->>2, value->>3, value->>4 FROM json_each($1)"
                 | "* FROM UNNEST($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[])"]
            ),
            Rows(columns),
        )
        .await?;
        Ok(())
    }
}

impl Store {
    /// How often an action was logged about a subject; for tests and the drill-down.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_audit(&self, action: &str, subject: &str) -> Result<i64> {
        let (count,): (i64,) = self
            .db
            .one(
                sql!("SELECT COUNT(*) FROM audit_log WHERE action = $1 AND subject = $2"),
                (action.to_owned(), subject.to_owned()),
            )
            .await?;
        Ok(count)
    }
}
