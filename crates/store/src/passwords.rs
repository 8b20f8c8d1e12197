//! Passwords: how one is replaced, and the one-time links by which somebody sets a new one. Whatever replaces a password ends what
//! the old one gave: sessions, and a link that is still about.
//!
//! All of it locks the account's row before it looks at links and sessions, as disabling and another role do: in another sequence
//! two of them would wait for each other.

use crate::accounts::AccountRow;
use crate::db::{Tx, sql};
use crate::{Account, AuditEntry, Result, Store};
use exam::id::AccountId;
use exam::time::Timestamp;

/// A person's change of their own password, of which the caller has checked the old one and hashed the new one.
#[derive(Debug, Clone, Copy)]
pub struct PasswordChange<'a> {
    /// Whose it is.
    pub account: AccountId,
    /// The hash of the session they ask by, which goes on.
    pub session: &'a str,
    /// The stored hash that the old password was checked against.
    pub checked: &'a str,
    /// The new PHC string.
    pub new: &'a str,
}

impl Store {
    /// Replaces a password and ends all sessions of the person.
    ///
    /// # Errors
    /// [`crate::Error::BeyondDemo`] when a demo account asks for it of one that is none. Ok(false) when there is no such account.
    pub async fn set_password(
        &self,
        id: AccountId,
        hash: &str,
        actor: Option<AccountId>,
        now: Timestamp,
    ) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        tx.refuse_beyond_demo(id, actor).await?;
        let replaced =
            tx.execute(sql!("UPDATE accounts SET password_hash = $2 WHERE id = $1"), (id.0, hash.to_owned())).await?
                > 0;
        if !replaced {
            return Ok(false);
        }
        self.end_with_password(tx, id, None, entry(id).by(actor), now).await?;
        Ok(true)
    }

    /// Replaces a person's own password and ends all their sessions but the one they ask by. Ok(false) when another password has
    /// been set since the old one was checked, the account may not sign in, or that session has ended or began with an access code.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_password(&self, change: PasswordChange<'_>, now: Timestamp) -> Result<bool> {
        let PasswordChange { account, session, checked, new } = change;
        let mut tx = self.db.begin().await?;
        let replaced = tx
            .execute(
                sql!(
                    "UPDATE accounts SET password_hash = $2 "
                    "WHERE id = $1 AND password_hash = $3 AND disabled_at IS NULL"
                ),
                (account.0, new.to_owned(), checked.to_owned()),
            )
            .await?
            > 0;
        // Looked at after the account is locked: what ends sessions has either done so, or waits.
        let own: Option<(i64,)> = tx
            .optional(
                sql!(
                    "SELECT account_id FROM sessions "
                    "WHERE token_hash = $1 AND account_id = $2 AND expires_at > $3 AND by_code = 0"
                ),
                (session.to_owned(), account.0, now.0),
            )
            .await?;
        if !replaced || own.is_none() {
            return Ok(false);
        }
        self.end_with_password(tx, account, Some(session), entry(account).by(Some(account)), now).await?;
        Ok(true)
    }

    /// Keeps a link by which a person may set a new password. An earlier one of theirs ends. Ok(false) when there is no such account
    /// or it may not sign in.
    ///
    /// # Errors
    /// [`crate::Error::BeyondDemo`] when a demo account asks for it of one that is none.
    pub async fn create_password_link(
        &self,
        id: AccountId,
        token_hash: &str,
        expires_at: Timestamp,
        actor: Option<AccountId>,
        now: Timestamp,
    ) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        tx.refuse_beyond_demo(id, actor).await?;
        let found: Option<(i64,)> = tx
            .optional(
                sql!("SELECT id FROM accounts WHERE id = $1 AND disabled_at IS NULL"["" | " FOR NO KEY UPDATE"]),
                (id.0,),
            )
            .await?;
        if found.is_none() {
            return Ok(false);
        }
        tx.execute(
            sql!(
                "INSERT INTO password_links (account_id, token_hash, expires_at) VALUES ($1, $2, $3) "
                "ON CONFLICT (account_id) DO UPDATE SET token_hash = excluded.token_hash, expires_at = excluded.expires_at"
            ),
            (id.0, token_hash.to_owned(), expires_at.0),
        )
        .await?;
        tx.audit(AuditEntry::new("account.password_link", format!("account {id}")).by(actor), now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The person of a link that may be used now: one who may sign in. Demo accounts may under `--demo` only.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_by_password_link(&self, token_hash: &str, now: Timestamp, demo: bool) -> Result<Option<Account>> {
        let row: Option<AccountRow> = self
            .db
            .optional(
                sql!(
                    "SELECT a.id, a.email, a.name, a.role, a.demo, a.created_at, a.disabled_at "
                    "FROM password_links l JOIN accounts a ON a.id = l.account_id "
                    "WHERE l.token_hash = $1 AND l.expires_at > $2 AND a.disabled_at IS NULL AND a.demo <= $3"
                ),
                (token_hash.to_owned(), now.0, i64::from(demo)),
            )
            .await?;
        row.map(Account::try_from).transpose()
    }

    /// Uses up a link, sets the password and ends all sessions of its person: all or nothing. Ok(false) when the link is unknown,
    /// used or expired, or its person may not sign in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_password_link(&self, token_hash: &str, hash: &str, now: Timestamp, demo: bool) -> Result<bool> {
        // Whose it is never changes; whether it still counts is decided below, with the account locked.
        let Some(Account { id, .. }) = self.find_by_password_link(token_hash, now, demo).await? else {
            return Ok(false);
        };
        let mut tx = self.db.begin().await?;
        let may_sign_in = tx
            .execute(
                sql!("UPDATE accounts SET password_hash = $2 WHERE id = $1 AND disabled_at IS NULL"),
                (id.0, hash.to_owned()),
            )
            .await?
            > 0;
        let used = tx
            .execute(
                sql!("DELETE FROM password_links WHERE token_hash = $1 AND account_id = $2 AND expires_at > $3"),
                (token_hash.to_owned(), id.0, now.0),
            )
            .await?
            > 0;
        if !may_sign_in || !used {
            return Ok(false);
        }
        // Nobody is signed in: whoever holds the link is taken for the person, and the entry says by what.
        self.end_with_password(tx, id, None, entry(id).detail("by", "link"), now).await?;
        Ok(true)
    }

    /// Ends what the old password gave, except a session, and commits.
    async fn end_with_password(
        &self,
        mut tx: Tx,
        id: AccountId,
        except: Option<&str>,
        entry: AuditEntry,
        now: Timestamp,
    ) -> Result<()> {
        tx.execute(
            // No hash is empty.
            sql!("DELETE FROM sessions WHERE account_id = $1 AND token_hash <> $2"),
            (id.0, except.unwrap_or_default().to_owned()),
        )
        .await?;
        tx.end_password_link(id).await?;
        tx.audit(entry, now).await?;
        tx.note_change(id).await?;
        tx.commit().await?;
        self.sessions.forget(id);
        Ok(())
    }
}

fn entry(id: AccountId) -> AuditEntry {
    AuditEntry::new("account.password", format!("account {id}"))
}

impl Tx {
    /// Ends the link by which a person may set a new password. It is for the account as it was when the link was made.
    pub(crate) async fn end_password_link(&mut self, id: AccountId) -> Result<()> {
        self.execute(sql!("DELETE FROM password_links WHERE account_id = $1"), (id.0,)).await?;
        Ok(())
    }
}
