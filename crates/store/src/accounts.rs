//! Accounts: people who can sign in.

use crate::db::{Tx, sql};
use crate::{AuditEntry, Error, Result, Store, text};
use exam::id::AccountId;
use exam::question::fold_text;
use exam::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a person may do. Roles are not ranked: see the route table for who may call what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sits exams.
    Candidate,
    /// Writes questions and exams.
    Author,
    /// Watches sittings.
    Invigilator,
    /// Runs the installation.
    Admin,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Candidate, Self::Author, Self::Invigilator, Self::Admin];

    /// The name used in tables, forms, the API and the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Author => "author",
            Self::Invigilator => "invigilator",
            Self::Admin => "admin",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether the person belongs to the staff.
    #[must_use]
    pub fn is_staff(self) -> bool {
        self != Self::Candidate
    }
}

/// A person who can sign in, without the password hash: pages and logs cannot leak what they do not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The row.
    pub id: AccountId,
    /// The address as typed.
    pub email: String,
    /// The name shown to staff and on results.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// Made by `--demo`.
    pub demo: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it may not sign in.
    pub disabled_at: Option<Timestamp>,
}

/// A new account; the caller has checked its values and hashed the password.
#[derive(Debug, Clone)]
pub struct NewAccount<'a> {
    /// The address as typed; compared without case.
    pub email: &'a str,
    /// The name.
    pub name: &'a str,
    /// A PHC string.
    pub password_hash: &'a str,
    /// What the person may do.
    pub role: Role,
    /// Made by `--demo`.
    pub demo: bool,
}

/// Which accounts to list.
#[derive(Debug, Clone, Default)]
pub struct AccountFilter {
    /// Part of a name or address.
    pub text: String,
    /// Only this role.
    pub role: Option<Role>,
    /// How many at most.
    pub limit: i64,
    /// Those after this one, newest first.
    pub before: Option<AccountId>,
}

/// Accounts, newest first.
#[derive(Debug, Clone)]
pub struct AccountPage {
    /// The accounts.
    pub accounts: Vec<Account>,
    /// How many match in all.
    pub total: i64,
    /// Where the next page starts; None at the end.
    pub next: Option<AccountId>,
}

#[derive(Clone, sqlx::FromRow)]
pub(crate) struct AccountRow {
    id: i64,
    email: String,
    name: String,
    role: String,
    demo: i64,
    created_at: i64,
    disabled_at: Option<i64>,
}

impl TryFrom<AccountRow> for Account {
    type Error = Error;

    fn try_from(row: AccountRow) -> Result<Self> {
        let role = Role::from_name(&row.role).ok_or_else(|| Error::Unreadable {
            what: format!("role of account {}", row.id),
            reason: "it is none of the known roles".into(),
        })?;
        Ok(Self {
            id: AccountId(row.id),
            email: row.email,
            name: row.name,
            role,
            demo: row.demo != 0,
            created_at: Timestamp(row.created_at),
            disabled_at: row.disabled_at.map(Timestamp),
        })
    }
}

/// The form in which addresses are compared. Two addresses that differ in case only are one person in practice.
pub(crate) fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// What a search for a person looks at. Folded here, since SQLite's LOWER knows ASCII only.
pub(crate) fn search_text(email: &str, name: &str) -> String {
    format!("{}\n{}", fold_text(email, false, false), fold_text(name, false, false))
}

/// The LIKE pattern (ESCAPE '!') that finds part of a [`search_text`].
pub(crate) fn search_pattern(text: &str) -> String {
    crate::banks::like_pattern(&fold_text(text, false, false))
}

impl Store {
    /// Makes an account. What a demo account makes is a demo account too, or it would let people in for good.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the address is taken; [`Error::Nul`] for a text with such a character.
    pub async fn create_account(
        &self,
        new: NewAccount<'_>,
        actor: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Account> {
        text::check([new.email, new.name])?;
        let mut tx = self.db.begin().await?;
        let demo = new.demo || tx.is_demo(actor).await?;
        let row: AccountRow = tx
            .one(
                sql!(
                    "INSERT INTO accounts (email, email_key, name, search, password_hash, role, demo, created_at) "
                    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
                    "RETURNING id, email, name, role, demo, created_at, disabled_at"
                ),
                (
                    new.email.trim().to_owned(),
                    email_key(new.email),
                    new.name.trim().to_owned(),
                    search_text(new.email, new.name),
                    new.password_hash.to_owned(),
                    new.role.name(),
                    i64::from(demo),
                    now.0,
                ),
            )
            .await?;
        let account = Account::try_from(row)?;
        let entry =
            AuditEntry::new("account.create", format!("account {}", account.id)).detail("role", new.role.name());
        tx.audit(entry.by(actor), now).await?;
        tx.commit().await?;
        Ok(account)
    }

    /// The account of an address with its password hash, to check a sign-in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_credentials(&self, email: &str) -> Result<Option<(Account, String)>> {
        #[derive(sqlx::FromRow)]
        struct Credentials {
            #[sqlx(flatten)]
            account: AccountRow,
            password_hash: String,
        }
        let found: Option<Credentials> = self
            .db
            .optional(
                sql!(
                    "SELECT id, email, name, role, demo, created_at, disabled_at, password_hash "
                    "FROM accounts WHERE email_key = $1"
                ),
                (email_key(email),),
            )
            .await?;
        found.map(|found| Ok((found.account.try_into()?, found.password_hash))).transpose()
    }

    /// One account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_account(&self, id: AccountId) -> Result<Option<Account>> {
        let row: Option<AccountRow> = self
            .db
            .optional(
                sql!("SELECT id, email, name, role, demo, created_at, disabled_at FROM accounts WHERE id = $1"),
                (id.0,),
            )
            .await?;
        row.map(Account::try_from).transpose()
    }

    /// Lists accounts, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_accounts(&self, filter: &AccountFilter) -> Result<AccountPage> {
        let limit = filter.limit.clamp(1, 200);
        let (pattern, role) = (search_pattern(&filter.text), filter.role.map_or("", Role::name));
        let (total,): (i64,) = self
            .db
            .one(
                sql!("SELECT COUNT(*) FROM accounts WHERE search LIKE $1 ESCAPE '!' AND ($2 = '' OR role = $2)"),
                (pattern.clone(), role),
            )
            .await?;
        let rows: Vec<AccountRow> = self
            .db
            .all(
                sql!(
                    "SELECT id, email, name, role, demo, created_at, disabled_at FROM accounts "
                    "WHERE id < $1 AND search LIKE $2 ESCAPE '!' AND ($3 = '' OR role = $3) "
                    "ORDER BY id DESC LIMIT $4"
                ),
                (filter.before.map_or(i64::MAX, |id| id.0), pattern, role, limit + 1),
            )
            .await?;
        let mut accounts = rows.into_iter().map(Account::try_from).collect::<Result<Vec<_>>>()?;
        let more = accounts.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        if more {
            accounts.pop();
        }
        let next = if more { accounts.last().map(|account| account.id) } else { None };
        Ok(AccountPage { accounts, total, next })
    }

    /// Gives a person another role. Sessions stay, and take their role from the account at every request; but those of a candidate who
    /// joins the staff end: they may have begun with an access code, on a machine of the hall. A link to set a new password ends: it was
    /// given out for less.
    ///
    /// # Errors
    /// [`Error::LockOut`] when somebody must stay admin, [`Error::BeyondDemo`] when a demo account asks for it of one that is
    /// none. Ok(false) when there is no such account.
    pub async fn set_role(&self, id: AccountId, role: Role, actor: Option<AccountId>, now: Timestamp) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        tx.refuse_beyond_demo(id, actor).await?;
        if role != Role::Admin {
            tx.refuse_lock_out(id, actor).await?;
        }
        let before: Option<(String,)> =
            tx.optional(sql!("SELECT role FROM accounts WHERE id = $1"["" | " FOR UPDATE"]), (id.0,)).await?;
        let was_candidate = before.is_some_and(|(role,)| role == Role::Candidate.name());
        let changed = tx.execute(sql!("UPDATE accounts SET role = $2 WHERE id = $1"), (id.0, role.name())).await? > 0;
        if changed && was_candidate && role.is_staff() {
            tx.execute(sql!("DELETE FROM sessions WHERE account_id = $1"), (id.0,)).await?;
        }
        if changed {
            tx.end_password_link(id).await?;
            let entry = AuditEntry::new("account.role", format!("account {id}")).detail("role", role.name());
            tx.audit(entry.by(actor), now).await?;
            tx.note_change(id).await?;
            tx.commit().await?;
            self.sessions.forget(id);
        }
        Ok(changed)
    }

    /// Lets a person sign in again, or no longer: their sessions end with it, and a link to set a new password.
    ///
    /// # Errors
    /// [`Error::LockOut`] when somebody must stay able to sign in, [`Error::BeyondDemo`] when a demo account asks for it of one
    /// that is none. Ok(false) when there is no such account.
    pub async fn set_disabled(
        &self,
        id: AccountId,
        disabled: bool,
        actor: Option<AccountId>,
        now: Timestamp,
    ) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        tx.refuse_beyond_demo(id, actor).await?;
        if disabled {
            tx.refuse_lock_out(id, actor).await?;
        }
        let changed = tx
            .execute(sql!("UPDATE accounts SET disabled_at = $2 WHERE id = $1"), (id.0, disabled.then_some(now.0)))
            .await?
            > 0;
        if changed {
            if disabled {
                tx.execute(sql!("DELETE FROM sessions WHERE account_id = $1"), (id.0,)).await?;
                tx.end_password_link(id).await?;
            }
            let action = if disabled { "account.disable" } else { "account.enable" };
            tx.audit(AuditEntry::new(action, format!("account {id}")).by(actor), now).await?;
            tx.note_change(id).await?;
            tx.commit().await?;
            self.sessions.forget(id);
        }
        Ok(changed)
    }

    /// Whether there is an admin who can sign in. Demo admins do not count: they vanish with `--demo`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_admin(&self) -> Result<bool> {
        let (count,): (i64,) = self
            .db
            .one(sql!("SELECT COUNT(*) FROM accounts WHERE role = 'admin' AND demo = 0 AND disabled_at IS NULL"), ())
            .await?;
        Ok(count > 0)
    }

    /// Ends all sessions of demo accounts: called by a server that runs without `--demo`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_demo_sessions(&self) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let sql = sql!(
            "DELETE FROM sessions WHERE account_id IN (SELECT id FROM accounts WHERE demo = 1) RETURNING account_id"
        );
        let ended: Vec<(i64,)> = tx.all(sql, ()).await?;
        for (account,) in &ended {
            tx.note_change(AccountId(*account)).await?;
        }
        tx.commit().await?;
        ended.iter().for_each(|(account,)| self.sessions.forget(AccountId(*account)));
        Ok(())
    }
}

impl Tx {
    /// Whether an account was made by `--demo`, or by one that was.
    pub(crate) async fn is_demo(&mut self, id: Option<AccountId>) -> Result<bool> {
        let Some(id) = id else { return Ok(false) };
        let found: Option<(i64,)> = self.optional(sql!("SELECT demo FROM accounts WHERE id = $1"), (id.0,)).await?;
        Ok(found.is_some_and(|(demo,)| demo != 0))
    }

    /// Refuses to let a demo account change one that is none: everybody who has the demo's link is its admin.
    pub(crate) async fn refuse_beyond_demo(&mut self, id: AccountId, actor: Option<AccountId>) -> Result<()> {
        let is_beyond = self.is_demo(actor).await? && !self.is_demo(Some(id)).await?;
        if is_beyond { Err(Error::BeyondDemo) } else { Ok(()) }
    }

    /// Refuses to take from an admin what makes them one when nobody else could run the installation, or when they would do
    /// it to themselves. Demo admins vanish with `--demo`, so that they stand in for each other only.
    async fn refuse_lock_out(&mut self, id: AccountId, actor: Option<AccountId>) -> Result<()> {
        let admins: Vec<(i64, i64)> = self
            .all(
                // Two admins who take the role from each other wait here, and the second finds itself the last.
                sql!(
                    "SELECT id, demo FROM accounts WHERE role = 'admin' AND disabled_at IS NULL ORDER BY id"
                        ["" | " FOR UPDATE"]
                ),
                (),
            )
            .await?;
        let Some((_, demo)) = admins.iter().find(|(admin, _)| *admin == id.0) else { return Ok(()) };
        let has_stand_in = admins.iter().any(|(admin, other_demo)| *admin != id.0 && other_demo <= demo);
        if actor == Some(id) || !has_stand_in { Err(Error::LockOut) } else { Ok(()) }
    }
}
