//! Sessions: random tokens of which only the hash is stored.

use crate::accounts::AccountRow;
use crate::db::{Column, Db, Rows, Tx, sql};
use crate::gather::Gather;
use crate::session_cache::{Before, SessionCache};
use crate::{Account, Result, Store};
use exam::id::AccountId;
use exam::time::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// A session with its person.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct SessionRow {
    token_hash: String,
    #[sqlx(flatten)]
    account: AccountRow,
    expires_at: i64,
}

/// Sessions by the hashes of their tokens, looked up together: at the bell everybody comes for the first time. With each, what had
/// been heard of changes before it was read.
pub(crate) type KeptSessions = Gather<String, Option<(SessionRow, Before)>>;

/// How many share a statement.
const SESSIONS: usize = 256;
/// How many such statements may be under way.
const ROUNDS: usize = 4;

impl KeptSessions {
    pub(crate) fn of(db: &Db, cache: &Arc<SessionCache>, patience: Duration) -> Self {
        let (db, cache) = (db.clone(), Arc::clone(cache));
        Self::new(SESSIONS, ROUNDS, patience, move |hashes: &[String]| {
            let (db, before) = (db.clone(), cache.before());
            Box::pin(async move {
                let rows: Vec<SessionRow> = db
                    .all(
                        sql!(
                            "SELECT s.token_hash, a.id, a.email, a.name, a.role, a.demo, a.created_at, a.disabled_at, s.expires_at "
                            "FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE s.token_hash "
                            ["IN (SELECT value->>0 FROM json_each($1))" | "= ANY((SELECT $1::text[])::text[])"]
                        ),
                        Rows(vec![Column::Texts(hashes.to_vec())]),
                    )
                    .await?;
                let found: HashMap<&str, &SessionRow> = rows.iter().map(|row| (row.token_hash.as_str(), row)).collect();
                // Not taken out: several requests of a person may ask at the same moment.
                Ok(hashes.iter().map(|hash| found.get(hash.as_str()).map(|row| ((*row).clone(), before))).collect())
            })
        })
    }
}

impl Store {
    /// Keeps a session. `token_hash` is the SHA-256 of the token in hex.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_session(
        &self,
        token_hash: &str,
        account: AccountId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<()> {
        self.db
            .execute(
                sql!("INSERT INTO sessions (token_hash, account_id, created_at, expires_at) VALUES ($1, $2, $3, $4)"),
                (token_hash.to_owned(), account.0, now.0, expires_at.0),
            )
            .await?;
        Ok(())
    }

    /// Keeps a session of somebody whose password was checked against `password_hash`. Ok(false) when the password has been
    /// changed meanwhile: then all sessions have been ended, and none of the old password may come after.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_checked_session(
        &self,
        token_hash: &str,
        account: AccountId,
        password_hash: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool> {
        let made = self
            .db
            .execute(
                // With the lock a change of the password has either ended before, or waits and ends this session too.
                sql!(
                    "INSERT INTO sessions (token_hash, account_id, created_at, expires_at) "
                    "SELECT $1, id, $4, $5 FROM accounts WHERE id = $2 AND password_hash = $3"["" | " FOR SHARE"]
                ),
                (token_hash.to_owned(), account.0, password_hash.to_owned(), now.0, expires_at.0),
            )
            .await?;
        Ok(made > 0)
    }

    /// The person of a session that has not expired and may sign in. Demo accounts have sessions under `--demo` only. It is
    /// looked up once and then kept in memory; what changes about the account ends that at once, within a second when
    /// another process changes it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_session(&self, token_hash: &str, now: Timestamp, demo: bool) -> Result<Option<Arc<Account>>> {
        self.sessions.watch(&self.db);
        if let Some(account) = self.sessions.find(token_hash, now, demo) {
            return Ok(Some(account));
        }
        let Some((session, before)) = self.kept_sessions.get(token_hash.to_owned()).await? else { return Ok(None) };
        let account = Arc::new(Account::try_from(session.account)?);
        let expires_at = Timestamp(session.expires_at);
        if expires_at <= now || account.disabled_at.is_some() || (account.demo && !demo) {
            return Ok(None);
        }
        self.sessions.put(token_hash, Arc::clone(&account), expires_at, before);
        Ok(Some(account))
    }

    /// Whether a session began with an access code: on a machine of the hall, from which nobody sets a password.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session_began_by_code(&self, token_hash: &str) -> Result<bool> {
        let found: Option<(i64,)> = self
            .db
            .optional(sql!("SELECT by_code FROM sessions WHERE token_hash = $1"), (token_hash.to_owned(),))
            .await?;
        Ok(found.is_some_and(|(by_code,)| by_code != 0))
    }

    /// Ends a session. Ending one that is gone is no error.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_session(&self, token_hash: &str) -> Result<()> {
        // Anybody can show tokens that never were; they must not cost a transaction each, which every save would stand behind.
        if self.kept_sessions.get(token_hash.to_owned()).await?.is_none() {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        let ended: Option<(i64,)> = tx
            .optional(sql!("DELETE FROM sessions WHERE token_hash = $1 RETURNING account_id"), (token_hash.to_owned(),))
            .await?;
        let Some((account,)) = ended else { return Ok(()) };
        tx.note_change(AccountId(account)).await?;
        tx.commit().await?;
        self.sessions.forget(AccountId(account));
        Ok(())
    }

    /// Removes sessions that have expired; the number removed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sweep_sessions(&self, now: Timestamp) -> Result<u64> {
        let old = sql!("DELETE FROM account_changes WHERE id < (SELECT MAX(id) FROM account_changes) - 100000");
        self.db.execute(old, ()).await?;
        self.db.execute(sql!("DELETE FROM sessions WHERE expires_at <= $1"), (now.0,)).await
    }
}

impl Tx {
    /// Tells other processes to look an account and its sessions up again.
    pub(crate) async fn note_change(&mut self, account: AccountId) -> Result<()> {
        self.execute(sql!("INSERT INTO account_changes (account_id) VALUES ($1)"), (account.0,)).await?;
        Ok(())
    }
}
