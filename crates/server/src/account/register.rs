//! The rules of making an account and of signing in: one set for API and pages.

use super::guessing::is_easy_to_guess;
use crate::app::App;
use crate::config::SignUp;
use crate::http::errors::{Error, Result};
use crate::password::{PASSWORD_MAX, PASSWORD_MIN};
use crate::view::form::{Errors, Problem};
use exam::id::AccountId;
use std::net::IpAddr;
use store::{Account, NewAccount, Role};

const NAME_MAX: usize = 100;
/// The longest address that mail can carry (RFC 5321, 4.5.3.1.3, less the angle brackets).
const EMAIL_MAX: usize = 254;

/// What somebody typed to make an account.
#[derive(Debug, Clone, Default)]
pub struct Registration {
    /// The address.
    pub email: String,
    /// The name.
    pub name: String,
    /// The password.
    pub password: String,
}

/// Why no account was made.
#[derive(Debug)]
pub enum Refused {
    /// Something typed is wrong.
    Form(Errors),
    /// Anything else.
    Error(Error),
}

impl<E: Into<Error>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

impl Registration {
    /// Everything that is wrong with what was typed.
    #[must_use]
    pub fn problems(&self) -> Errors {
        let mut errors = person_problems(&self.email, &self.name);
        if let Some(problem) = password_problem(&self.password, &[&self.email, &self.name]) {
            errors.add("password", problem);
        }
        errors
    }
}

/// What is wrong with a password that somebody wants to have, of whom others know what is told `about` them.
#[must_use]
pub fn password_problem(password: &str, about: &[&str]) -> Option<Problem> {
    match password.chars().count() {
        0 => Some(Problem::PasswordMissing),
        length if length < PASSWORD_MIN => Some(Problem::PasswordTooShort(count(PASSWORD_MIN))),
        length if length > PASSWORD_MAX => Some(Problem::PasswordTooLong(count(PASSWORD_MAX))),
        _ if is_easy_to_guess(password, about) => Some(Problem::PasswordEasy),
        _ => None,
    }
}

/// Everything that is wrong with an address and a name.
#[must_use]
pub fn person_problems(email: &str, name: &str) -> Errors {
    let mut errors = Errors::default();
    if let Some(problem) = email_problem(email) {
        errors.add("email", problem);
    }
    if name.trim().is_empty() {
        errors.add("name", Problem::NameMissing);
    } else if name.chars().any(|c| c.is_control() || turns_text(c)) {
        errors.add("name", Problem::NameUnseen);
    } else if name.trim().chars().count() > NAME_MAX {
        errors.add("name", Problem::NameTooLong(count(NAME_MAX)));
    }
    errors
}

/// Characters that turn the direction of what follows them, in a list of names that of everybody below.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What is wrong with an address. Whether it exists only a mail can tell, so this looks for slips, not for RFC 5322.
fn email_problem(email: &str) -> Option<Problem> {
    let email = email.trim();
    if email.is_empty() {
        return Some(Problem::EmailMissing);
    }
    let well_formed = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.is_empty()
            && !domain.contains('@')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
    });
    let plain = !email.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ','));
    (!well_formed || !plain || email.len() > EMAIL_MAX).then_some(Problem::EmailInvalid)
}

/// Makes an account.
///
/// # Errors
/// What was wrong with the values, that the address is taken, or that something failed.
pub async fn create(
    app: &App,
    registration: Registration,
    role: Role,
    actor: Option<AccountId>,
) -> std::result::Result<Account, Refused> {
    let problems = registration.problems();
    if !problems.is_empty() {
        return Err(Refused::Form(problems));
    }
    let hash = app.passwords.hash(registration.password).await?;
    let new =
        NewAccount { email: &registration.email, name: &registration.name, password_hash: &hash, role, demo: false };
    match app.store.create_account(new, actor, app.now()).await {
        Ok(account) => Ok(account),
        Err(store::Error::Conflict(_)) => Err(Refused::Form(Errors::one("email", Problem::EmailTaken))),
        Err(error) => Err(error.into()),
    }
}

/// Makes an account for somebody who signs up: a candidate, wherever sign-up is open.
///
/// # Errors
/// As [`create`], and when sign-up is not open.
pub async fn sign_up(app: &App, place: IpAddr, registration: Registration) -> std::result::Result<Account, Refused> {
    if app.site.sign_up != SignUp::Open {
        return Err(Refused::Error(Error::SignUpClosed));
    }
    app.rates.sign_up(place)?;
    create(app, registration, Role::Candidate, None).await
}

/// Somebody whose password was right a moment ago.
pub struct Checked {
    /// Who it is.
    pub account: Account,
    /// What the password was checked against.
    pub password_hash: String,
}

/// Checks address and password. Takes as long for an address that has no account.
///
/// # Errors
/// [`Error::WrongCredentials`], without saying what was wrong; [`Error::TooMany`] after many tries from a place, and
/// [`Error::ManySignIns`] while many others sign in.
pub async fn check_credentials(app: &App, place: IpAddr, email: &str, password: String) -> Result<Checked> {
    app.rates.sign_in(place, email)?;
    // An address that no account can have costs the same check as one that has none.
    let found = if email_problem(email).is_none() { app.store.find_credentials(email).await? } else { None };
    let hash = found.as_ref().map(|(_, hash)| hash.clone());
    let password_is_right = app.passwords.verify(password, hash).await?;
    let may_sign_in = |account: &Account| account.disabled_at.is_none() && (!account.demo || app.site.demo);
    let found = found.filter(|(account, _)| password_is_right && may_sign_in(account));
    found.map(|(account, password_hash)| Checked { account, password_hash }).ok_or(Error::WrongCredentials)
}

/// What keeps somebody from signing in or up for a while, as their form says it.
#[must_use]
pub fn problem_of(error: &Error) -> Option<Problem> {
    let seconds = error.retry_after()?;
    match error {
        Error::TooMany(_) => Some(Problem::TooManyTries(seconds)),
        Error::ManySignIns { ahead, .. } => Some(Problem::ManySignIns(count(*ahead), seconds)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_in_an_address_are_told() {
        for slip in [
            "ana",
            "ana@",
            "@example.org",
            "ana@@example.org",
            "ana maria@example.org",
            "ana@example.org, bo@x",
            "<a@b>",
        ] {
            assert_eq!(email_problem(slip), Some(Problem::EmailInvalid), "{slip}");
        }
        for fine in ["ana@example.org", " ana+exam@sub.example.org ", "o'brien@example", "名@例え.jp"] {
            assert_eq!(email_problem(fine), None, "{fine}");
        }
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let problems = Registration { email: "x".into(), name: " ".into(), password: "short".into() }.problems();
        let fields: Vec<_> = problems.iter().map(|error| error.field).collect();
        assert_eq!(fields, ["email", "name", "password"]);
    }
}
