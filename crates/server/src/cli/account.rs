//! `examhall account create`, `examhall account password` and `examhall account codes`

mod codes;
mod password;

use super::{Failure, Outcome, print, values};
use crate::account::register::Registration;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::messages::Language;
use crate::password::{PASSWORD_MAX, PasswordError, Passwords};
use crate::view::form::Errors;
use crate::view::page::{Page, Shell};
use exam::time::Clock as _;
use std::io::Read as _;
use store::{NewAccount, Role};

/// What to do with accounts.
#[derive(Debug, clap::Subcommand)]
pub enum Account {
    /// Make an account; the password is read from standard input
    Create(Create),
    /// Set another password; it is read from standard input
    Password(password::Password),
    /// Make access codes for a list of candidates, who sign in with them instead of a password
    Codes(codes::Codes),
}

/// A new account.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// The address to sign in with
    #[arg(long)]
    email: String,
    /// The name shown to staff and on results
    #[arg(long)]
    name: String,
    /// candidate, author, invigilator or admin
    #[arg(long, value_parser = values::role)]
    role: Role,
    /// Read the password from standard input, so that it is in no list of processes
    #[arg(long, required = true)]
    password_stdin: bool,
}

impl Account {
    pub(super) async fn run(self, config: &Config) -> Result<Outcome, Failure> {
        match self {
            Self::Create(create) => create.run(config).await,
            Self::Password(password) => password.run(config).await,
            Self::Codes(codes) => codes.run(config).await,
        }
    }
}

impl Create {
    async fn run(self, config: &Config) -> Result<Outcome, Failure> {
        let registration = Registration { email: self.email, name: self.name, password: read_password()? };
        let problems = registration.problems();
        if !problems.is_empty() {
            return Err(Failure::Usage(sentences(&problems)));
        }
        let hash = hash(registration.password).await?;
        let (email, role) = (registration.email.trim(), self.role);
        let new = NewAccount { email, name: &registration.name, password_hash: &hash, role, demo: false };
        let store = super::open(config).await?;
        let created = store.create_account(new, None, SystemClock.now()).await;
        store.close().await;
        match created {
            Ok(account) => print(&format!("created {} {}\n", account.role.name(), account.email))?,
            Err(store::Error::Conflict(_)) => {
                return Err(Failure::Refused(format!("there is an account with the address {email} already")));
            }
            Err(error) => return Err(error.into()),
        }
        Ok(Outcome::Done)
    }
}

/// Standard input without the line end that `echo` and editors add.
fn read_password() -> Result<String, Failure> {
    let mut text = String::new();
    // More than any password takes, so that a longer one is seen to be too long.
    let most = u64::try_from(PASSWORD_MAX * 4 + 3).unwrap_or(u64::MAX);
    let read = std::io::stdin().lock().take(most).read_to_string(&mut text);
    read.map_err(|error| Failure::Usage(format!("the password on standard input cannot be read: {error}")))?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.contains(['\n', '\r']) {
        return Err(Failure::Usage("standard input has more than one line; give the password alone".into()));
    }
    Ok(line.to_owned())
}

/// Hashes one password, for a command that does nothing beside.
async fn hash(password: String) -> Result<String, Failure> {
    let failed = |error: PasswordError| Failure::Fault(error.to_string());
    Passwords::new(1).map_err(failed)?.hash(password).await.map_err(failed)
}

/// The problems in the words of the sign-up page.
fn sentences(problems: &Errors) -> String {
    let shell = Shell { asset_prefix: String::new(), player_modules: [].into(), demo: false, sign_up_open: false };
    let page = Page::new(&shell, Language::English, None, "", None);
    problems.iter().map(|error| error.problem.text(&page)).collect::<Vec<_>>().join(" ")
}
