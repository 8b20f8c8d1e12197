//! Signing up and in, other passwords, and the set-up of the first admin.

use super::form::Errors;
use super::page::{Page, Role};
use askama::Template;

/// `GET` and `POST /sign-up` with `email`, `name`, `password`, `next`
#[derive(Template)]
#[template(path = "account/sign_up.html")]
pub struct SignUpPage {
    /// The frame.
    pub page: Page,
    /// The address typed so far.
    pub email: String,
    /// The name typed so far.
    pub name: String,
    /// Where to go afterwards: a path of this site, or empty.
    pub next: String,
    /// The least number of characters of a password.
    pub password_min: i64,
    /// What was wrong.
    pub errors: Errors,
}

/// `GET` and `POST /sign-in` with `email`, `password`, `next`; or, by its second form, with `access_code`, `next`
#[derive(Template)]
#[template(path = "account/sign_in.html")]
pub struct SignInPage {
    /// The frame.
    pub page: Page,
    /// The address typed so far.
    pub email: String,
    /// The access code typed so far.
    pub access_code: String,
    /// Whether the form for access codes is open.
    pub by_code: bool,
    /// Where to go afterwards: a path of this site, or empty.
    pub next: String,
    /// Why the person is here, when it was not their own idea.
    pub reason: Option<SignInReason>,
    /// Whether the papers that this device has kept go: not beside a page on which one of them is sat.
    pub lets_go: bool,
    /// What was wrong.
    pub errors: Errors,
}

/// Why somebody was sent to the sign-in page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInReason {
    /// They just signed out.
    SignedOut,
    /// Their session ended, or they never had one.
    Required,
    /// They opened a set-up link, but there is an admin already.
    IsSetUp,
    /// They have set a new password by a link.
    NewPassword,
}

impl SignInReason {
    fn text(self, page: &Page) -> String {
        page.t(match self {
            Self::SignedOut => "sign-in-signed-out",
            Self::Required => "sign-in-required",
            Self::IsSetUp => "sign-in-is-set-up",
            Self::NewPassword => "sign-in-new-password",
        })
    }
}

/// `GET` and `POST /account/password` with `current_password`, `new_password`
#[derive(Template)]
#[template(path = "account/change_password.html")]
pub struct ChangePasswordPage {
    /// The frame.
    pub page: Page,
    /// The address of the account, for what keeps passwords.
    pub email: String,
    /// Whether it was changed a moment ago.
    pub is_changed: bool,
    /// The least number of characters of a password.
    pub password_min: i64,
    /// What was wrong.
    pub errors: Errors,
}

/// `GET` and `POST /new-password?token=` with `password`
#[derive(Template)]
#[template(path = "account/new_password.html")]
pub struct NewPasswordPage {
    /// The frame.
    pub page: Page,
    /// The link, if it works.
    pub link: Option<PasswordLink>,
    /// The least number of characters of a password.
    pub password_min: i64,
    /// What was wrong.
    pub errors: Errors,
}

/// A link by which somebody sets a new password.
pub struct PasswordLink {
    /// Its one-time token.
    pub token: String,
    /// The address of the account.
    pub email: String,
}

/// `GET` and `POST /setup` with `token`, `email`, `name`, `password`
#[derive(Template)]
#[template(path = "account/set_up.html")]
pub struct SetUpPage {
    /// The frame.
    pub page: Page,
    /// The one-time token of the link.
    pub token: String,
    /// Whether there is any use in filling in the form; false for a link that was spent before it was opened.
    pub is_usable: bool,
    /// The address typed so far.
    pub email: String,
    /// The name typed so far.
    pub name: String,
    /// The least number of characters of a password.
    pub password_min: i64,
    /// What was wrong.
    pub errors: Errors,
}

/// `GET /demo/{key}`; signs in by `POST /demo/{key}` with `email`
#[derive(Template)]
#[template(path = "account/demo.html")]
pub struct DemoPage {
    /// The frame.
    pub page: Page,
    /// The key of the printed link.
    pub key: String,
    /// Who one can be.
    pub accounts: Vec<DemoAccount>,
}

/// An account of the demo.
pub struct DemoAccount {
    /// Its address, by which it is chosen.
    pub email: String,
    /// The name it goes by.
    pub name: String,
    /// What it may do.
    pub role: Role,
}

impl DemoAccount {
    fn hint(&self, page: &Page) -> String {
        page.t(match self.role {
            Role::Candidate => "demo-hint-candidate",
            Role::Author => "demo-hint-author",
            Role::Invigilator => "demo-hint-invigilator",
            Role::Admin => "demo-hint-admin",
        })
    }
}
