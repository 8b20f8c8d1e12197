//! First run: one-time set-up links and values made once per installation.

use crate::accounts::{email_key, search_text};
use crate::db::sql;
use crate::{AuditEntry, NewAccount, Result, Store, text};
use exam::id::AccountId;
use exam::time::Timestamp;

impl Store {
    /// Keeps a set-up token and forgets earlier ones: the link printed last is the one that works.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_setup_token(&self, token_hash: &str, expires_at: Timestamp) -> Result<()> {
        let mut tx = self.db.begin().await?;
        tx.execute(sql!("DELETE FROM setup_tokens"), ()).await?;
        tx.execute(
            sql!("INSERT INTO setup_tokens (token_hash, expires_at) VALUES ($1, $2)"),
            (token_hash.to_owned(), expires_at.0),
        )
        .await?;
        tx.commit().await
    }

    /// Whether a set-up token may still be used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn setup_token_is_valid(&self, token_hash: &str, now: Timestamp) -> Result<bool> {
        let (count,): (i64,) = self
            .db
            .one(
                sql!("SELECT COUNT(*) FROM setup_tokens WHERE token_hash = $1 AND expires_at > $2"),
                (token_hash.to_owned(), now.0),
            )
            .await?;
        Ok(count > 0)
    }

    /// Uses up a set-up token and makes the account it stands for, both or neither.
    ///
    /// # Errors
    /// [`crate::Error::Conflict`] when the address is taken; [`crate::Error::Nul`] for a text with such a character. Ok(None) when the token is unknown, used or expired.
    pub async fn use_setup_token(
        &self,
        token_hash: &str,
        new: NewAccount<'_>,
        now: Timestamp,
    ) -> Result<Option<AccountId>> {
        text::check([new.email, new.name])?;
        let mut tx = self.db.begin().await?;
        let used = tx
            .execute(
                sql!("DELETE FROM setup_tokens WHERE token_hash = $1 AND expires_at > $2"),
                (token_hash.to_owned(), now.0),
            )
            .await?;
        if used == 0 {
            return Ok(None);
        }
        let (id,): (i64,) = tx
            .one(
                sql!(
                    "INSERT INTO accounts (email, email_key, name, search, password_hash, role, demo, created_at) "
                    "VALUES ($1, $2, $3, $4, $5, $6, 0, $7) RETURNING id"
                ),
                (
                    new.email.trim().to_owned(),
                    email_key(new.email),
                    new.name.trim().to_owned(),
                    search_text(new.email, new.name),
                    new.password_hash.to_owned(),
                    new.role.name(),
                    now.0,
                ),
            )
            .await?;
        let entry = AuditEntry::new("account.set_up", format!("account {id}")).detail("role", new.role.name());
        tx.audit(entry, now).await?;
        tx.commit().await?;
        Ok(Some(AccountId(id)))
    }

    /// A value of this installation, made with `make` when it is not there yet. Two processes agree on the first one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn install_value(&self, name: &str, make: impl FnOnce() -> String) -> Result<String> {
        let find = sql!("SELECT value FROM install_values WHERE name = $1");
        let found: Option<(String,)> = self.db.optional(find, (name.to_owned(),)).await?;
        if let Some((value,)) = found {
            return Ok(value);
        }
        self.db
            .execute(
                sql!("INSERT INTO install_values (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"),
                (name.to_owned(), make()),
            )
            .await?;
        let (value,): (String,) = self.db.one(find, (name.to_owned(),)).await?;
        Ok(value)
    }
}
