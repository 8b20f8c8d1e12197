//! Sessions: random tokens of which only the hash is stored.

use crate::accounts::AccountRow;
use crate::db::sql;
use crate::{Account, Result, Store};
use exam::id::AccountId;
use exam::time::Timestamp;

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

    /// The person of a session that has not expired and may sign in. Demo accounts have sessions under `--demo` only.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_session(&self, token_hash: &str, now: Timestamp, demo: bool) -> Result<Option<Account>> {
        let row: Option<AccountRow> = self
            .db
            .optional(
                sql!(
                    "SELECT a.id, a.email, a.name, a.role, a.demo, a.created_at, a.disabled_at "
                    "FROM sessions s JOIN accounts a ON a.id = s.account_id "
                    "WHERE s.token_hash = $1 AND s.expires_at > $2 AND a.disabled_at IS NULL AND a.demo <= $3"
                ),
                (token_hash.to_owned(), now.0, i64::from(demo)),
            )
            .await?;
        row.map(Account::try_from).transpose()
    }

    /// Ends a session. Ending one that is gone is no error.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_session(&self, token_hash: &str) -> Result<()> {
        self.db.execute(sql!("DELETE FROM sessions WHERE token_hash = $1"), (token_hash.to_owned(),)).await?;
        Ok(())
    }

    /// Removes sessions that have expired; the number removed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sweep_sessions(&self, now: Timestamp) -> Result<u64> {
        self.db.execute(sql!("DELETE FROM sessions WHERE expires_at <= $1"), (now.0,)).await
    }
}
