//! Access codes: what candidates sign in with instead of a password. A code is random and only its hash is stored, so that looking
//! it up is all there is to check.

use crate::accounts::{AccountRow, email_key, search_text};
use crate::db::{Column, Rows, Tx, sql};
use crate::{Account, AuditEntry, Error, Result, Role, Store, text};
use exam::id::AccountId;
use exam::time::Timestamp;
use std::collections::HashMap;

/// Somebody who is to have a code; the caller has checked the values.
#[derive(Debug, Clone)]
pub struct NewAccessCode<'a> {
    /// The address as typed, compared without case; once in a list.
    pub email: &'a str,
    /// The name, for an account that is not there yet.
    pub name: &'a str,
    /// The SHA-256 of the code in hex.
    pub code_hash: &'a str,
}

/// Why somebody gets no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeRefusal {
    /// They belong to the staff, who sign in with their passwords only.
    Staff,
    /// Their account may not sign in.
    Disabled,
}

/// What became of a list of codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodesMade {
    /// All were made, and so many accounts with them.
    All {
        /// Accounts that were not there yet.
        accounts: usize,
    },
    /// None was made: the places in the list of those who get none, and why.
    None(Vec<(usize, CodeRefusal)>),
}

#[derive(sqlx::FromRow)]
struct Person {
    id: i64,
    email_key: String,
    role: String,
    demo: i64,
    disabled_at: Option<i64>,
}

impl Person {
    fn refusal(&self) -> Option<CodeRefusal> {
        if self.role != Role::Candidate.name() {
            Some(CodeRefusal::Staff)
        } else if self.disabled_at.is_some() {
            Some(CodeRefusal::Disabled)
        } else {
            None
        }
    }
}

fn texts<T>(items: &[T], text: impl Fn(&T) -> String) -> Column {
    Column::Texts(items.iter().map(text).collect())
}

impl Store {
    /// Makes a code for each of a list of people, and accounts for those who have none: candidates with `password_hash`, which no
    /// password that anybody knows should fit. Earlier codes of these people work no more; their sessions go on. All or nothing, in
    /// a few statements whatever the number, since everybody's answers wait for it on SQLite.
    ///
    /// # Errors
    /// [`Error::BeyondDemo`] when a demo account asks for the code of one that is none; [`Error::Nul`] for a text with such a
    /// character; [`Error::Conflict`] for a code that there is.
    pub async fn create_access_codes(
        &self,
        people: &[NewAccessCode<'_>],
        password_hash: &str,
        expires_at: Timestamp,
        actor: Option<AccountId>,
        now: Timestamp,
    ) -> Result<CodesMade> {
        text::check(people.iter().flat_map(|person| [person.email, person.name]))?;
        let mut tx = self.db.begin().await?;
        let demo = tx.is_demo(actor).await?;
        let created = tx.create_candidates(people, password_hash, demo, now).await?;
        let found = tx.lock_people(people).await?;
        if demo && found.values().any(|person| person.demo == 0) {
            return Err(Error::BeyondDemo);
        }
        let mut ids = Vec::with_capacity(people.len());
        let mut refused = Vec::new();
        for (place, person) in people.iter().enumerate() {
            let found = found.get(&email_key(person.email)).ok_or_else(|| Error::Unreadable {
                what: "an account".into(),
                reason: "it was made a moment ago and is not there".into(),
            })?;
            ids.push(found.id);
            refused.extend(found.refusal().map(|refusal| (place, refusal)));
        }
        if !refused.is_empty() {
            return Ok(CodesMade::None(refused));
        }
        tx.revoke_codes(&ids, now).await?;
        let count = people.len();
        tx.execute(
            sql!(
                "INSERT INTO access_codes (code_hash, account_id, created_at, created_by, expires_at) SELECT "
                ["value->>0, value->>1, value->>2, value->>3, value->>4 FROM json_each($1)"
                 | "* FROM UNNEST($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])"]
            ),
            Rows(vec![
                texts(people, |person| person.code_hash.to_owned()),
                Column::Numbers(ids.clone()),
                Column::Numbers(vec![now.0; count]),
                Column::MaybeNumbers(vec![actor.map(|actor| actor.0); count]),
                Column::Numbers(vec![expires_at.0; count]),
            ]),
        )
        .await?;
        let made = created.iter().map(|id| {
            AuditEntry::new("account.create", format!("account {id}")).detail("role", Role::Candidate.name())
        });
        let given = ids.iter().map(|id| AuditEntry::new("account.access_code", format!("account {id}")));
        tx.audit_all(made.chain(given).map(|entry| (entry.by(actor), now)).collect()).await?;
        tx.commit().await?;
        Ok(CodesMade::All { accounts: created.len() })
    }

    /// The person of a code that may be used now: a candidate who may sign in. Demo accounts may under `--demo` only.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_by_access_code(&self, code_hash: &str, now: Timestamp, demo: bool) -> Result<Option<Account>> {
        let row: Option<AccountRow> = self
            .db
            .optional(
                sql!(
                    "SELECT a.id, a.email, a.name, a.role, a.demo, a.created_at, a.disabled_at "
                    "FROM access_codes c JOIN accounts a ON a.id = c.account_id "
                    "WHERE c.code_hash = $1 AND c.expires_at > $2 AND c.revoked_at IS NULL "
                    "AND a.role = 'candidate' AND a.disabled_at IS NULL AND a.demo <= $3"
                ),
                (code_hash.to_owned(), now.0, i64::from(demo)),
            )
            .await?;
        row.map(Account::try_from).transpose()
    }

    /// Keeps a session of the person of a code. Ok(false) when the code may no longer be used: it has been revoked, or the person
    /// was disabled or joined the staff, since it was looked up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_session_by_code(
        &self,
        token_hash: &str,
        code_hash: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool> {
        let made = self
            .db
            .execute(
                // With the lock, what would end the session has either happened before, or waits and ends this one too.
                sql!(
                    "INSERT INTO sessions (token_hash, account_id, created_at, expires_at, by_code) "
                    "SELECT $1, a.id, $3, $4, 1 FROM access_codes c JOIN accounts a ON a.id = c.account_id "
                    "WHERE c.code_hash = $2 AND c.expires_at > $3 AND c.revoked_at IS NULL "
                    "AND a.role = 'candidate' AND a.disabled_at IS NULL"["" | " FOR SHARE"]
                ),
                (token_hash.to_owned(), code_hash.to_owned(), now.0, expires_at.0),
            )
            .await?;
        Ok(made > 0)
    }
}

impl Tx {
    /// Makes the accounts that are not there yet; their ids.
    async fn create_candidates(
        &mut self,
        people: &[NewAccessCode<'_>],
        password_hash: &str,
        demo: bool,
        now: Timestamp,
    ) -> Result<Vec<AccountId>> {
        let count = people.len();
        let made: Vec<(i64,)> = self
            .all(
                // In the same sequence by everybody, so that two lists at a time wait for each other rather than both for ever.
                sql!(
                    "INSERT INTO accounts (email, email_key, name, search, password_hash, role, demo, created_at) "
                    "SELECT email, email_key, name, search, password_hash, 'candidate', demo, created_at FROM (SELECT "
                    ["value->>0 AS email, value->>1 AS email_key, value->>2 AS name, value->>3 AS search, \
                      value->>4 AS password_hash, value->>5 AS demo, value->>6 AS created_at FROM json_each($1)"
                     | "* FROM UNNEST($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[]) \
                      AS u (email, email_key, name, search, password_hash, demo, created_at)"]
                    ") p WHERE true ORDER BY email_key ON CONFLICT (email_key) DO NOTHING RETURNING id"
                ),
                Rows(vec![
                    texts(people, |person| person.email.trim().to_owned()),
                    texts(people, |person| email_key(person.email)),
                    texts(people, |person| person.name.trim().to_owned()),
                    texts(people, |person| search_text(person.email, person.name)),
                    Column::Texts(vec![password_hash.to_owned(); count]),
                    Column::Numbers(vec![i64::from(demo); count]),
                    Column::Numbers(vec![now.0; count]),
                ]),
            )
            .await?;
        Ok(made.into_iter().map(|(id,)| AccountId(id)).collect())
    }

    /// The accounts of people by the key of their address. They are locked, so that of two lists made at a time one replaces the
    /// other's codes, and nobody is disabled or joins the staff meanwhile.
    async fn lock_people(&mut self, people: &[NewAccessCode<'_>]) -> Result<HashMap<String, Person>> {
        let found: Vec<Person> = self
            .all(
                sql!(
                    "SELECT id, email_key, role, demo, disabled_at FROM accounts WHERE email_key "
                    ["IN (SELECT value->>0 FROM json_each($1)) ORDER BY id"
                     | "= ANY($1::text[]) ORDER BY id FOR NO KEY UPDATE"]
                ),
                Rows(vec![texts(people, |person| email_key(person.email))]),
            )
            .await?;
        Ok(found.into_iter().map(|person| (person.email_key.clone(), person)).collect())
    }

    async fn revoke_codes(&mut self, accounts: &[i64], now: Timestamp) -> Result<()> {
        self.execute(
            sql!(
                "UPDATE access_codes SET revoked_at = r.at FROM (SELECT "
                ["value->>0 AS account_id, value->>1 AS at FROM json_each($1)"
                 | "* FROM UNNEST($1::bigint[], $2::bigint[]) AS u (account_id, at)"]
                ") r WHERE access_codes.account_id = r.account_id AND access_codes.revoked_at IS NULL"
            ),
            Rows(vec![Column::Numbers(accounts.to_vec()), Column::Numbers(vec![now.0; accounts.len()])]),
        )
        .await?;
        Ok(())
    }
}
