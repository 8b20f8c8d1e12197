//! Sessions: random tokens of which only the hash is stored.

use crate::accounts::AccountRow;
use crate::db::{Tx, sql};
use crate::{Account, Result, Store};
use exam::id::AccountId;
use exam::time::Timestamp;
use std::sync::Arc;

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
        #[derive(sqlx::FromRow)]
        struct Row {
            #[sqlx(flatten)]
            account: AccountRow,
            expires_at: i64,
        }
        self.sessions.watch(&self.db);
        if let Some(account) = self.sessions.find(token_hash, now, demo) {
            return Ok(Some(account));
        }
        let before = self.sessions.before();
        let row: Option<Row> = self
            .db
            .optional(
                sql!(
                    "SELECT a.id, a.email, a.name, a.role, a.demo, a.created_at, a.disabled_at, s.expires_at "
                    "FROM sessions s JOIN accounts a ON a.id = s.account_id "
                    "WHERE s.token_hash = $1 AND s.expires_at > $2 AND a.disabled_at IS NULL AND a.demo <= $3"
                ),
                (token_hash.to_owned(), now.0, i64::from(demo)),
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let account = Arc::new(Account::try_from(row.account)?);
        self.sessions.put(token_hash, Arc::clone(&account), Timestamp(row.expires_at), before);
        Ok(Some(account))
    }

    /// Ends a session. Ending one that is gone is no error.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_session(&self, token_hash: &str) -> Result<()> {
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
