//! Accounts, for admins.

use super::{Done, StaffAttemptRow, list_address};
use crate::view::form::Errors;
use crate::view::page::{Moment, Page, Role};
use askama::Template;

/// `GET /admin/accounts?search=&role=&cursor=`; creates by `POST /admin/accounts` with `email`, `name`, `role`, `password`
#[derive(Template)]
#[template(path = "admin/accounts.html")]
pub struct AccountsPage {
    /// The frame.
    pub page: Page,
    /// What was searched for in names and addresses.
    pub search: String,
    /// The role asked for.
    pub role: Option<Role>,
    /// One page of accounts.
    pub accounts: Vec<AccountRow>,
    /// How many match in all.
    pub total: i64,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
    /// The form for a new account.
    pub form: NewAccount,
    /// What the last change did.
    pub done: Option<Done>,
}

impl AccountsPage {
    fn is_chosen(&self, role: &Role) -> bool {
        self.role == Some(*role)
    }

    fn list_address(&self) -> String {
        let role = self.role.map_or("", Role::name);
        list_address("/admin/accounts", &[("search", &self.search), ("role", role)])
    }
}

/// The form for a new account.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The address typed so far.
    pub email: String,
    /// The name typed so far.
    pub name: String,
    /// The role chosen so far.
    pub role: Role,
    /// The least number of characters of a password.
    pub password_min: i64,
    /// What was wrong; anything opens the form.
    pub errors: Errors,
}

/// An account in a list.
#[derive(Debug, Clone)]
pub struct AccountRow {
    /// Its id in URLs.
    pub id: String,
    /// The person's name.
    pub name: String,
    /// The person's address.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Whether they may not sign in.
    pub disabled: bool,
    /// When it was created.
    pub created_at: Moment,
}

/// `GET /admin/accounts/{id}`; changes by `POST .../role` with `role`, `POST .../disable`, `POST .../enable`, `POST .../password-link`
#[derive(Template)]
#[template(path = "admin/account.html")]
pub struct AccountPage {
    /// The frame.
    pub page: Page,
    /// The account.
    pub account: AccountRow,
    /// Whether it is one's own, which cannot be disabled or lose its role here.
    pub is_self: bool,
    /// One page of its attempts, newest first.
    pub attempts: Vec<StaffAttemptRow>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
    /// The link to set a new password that was just made, which nothing shows again.
    pub password_link: Option<String>,
    /// What was wrong with a change.
    pub errors: Errors,
    /// What the last change did.
    pub done: Option<Done>,
}

impl AccountPage {
    fn list_address(&self) -> String {
        list_address(&format!("/admin/accounts/{}", self.account.id), &[])
    }
}
