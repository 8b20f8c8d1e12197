//! `examhall account password`

use super::{hash, read_password, sentences};
use crate::account::register;
use crate::cli::{Failure, Outcome, missing_database, open, print};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::view::form::Errors;
use exam::time::Clock as _;
use store::{Account, Store};

/// Another password for an account, whose sessions all end: for whoever is locked out and has this machine.
#[derive(Debug, clap::Args)]
pub struct Password {
    /// The address to sign in with
    #[arg(long)]
    email: String,
    /// Read the password from standard input, so that it is in no list of processes
    #[arg(long, required = true)]
    password_stdin: bool,
}

impl Password {
    pub(super) async fn run(self, config: &Config) -> Result<Outcome, Failure> {
        let password = read_password()?;
        if let Some(problem) = register::password_problem(&password, &[&self.email]) {
            return Err(Failure::Usage(sentences(&Errors::one("password", problem))));
        }
        if let Some(file) = missing_database(config) {
            return Err(Failure::Refused(format!(
                "there is no database {}; name the server's own with --data-dir or DATA_DIR",
                file.display()
            )));
        }
        let hash = hash(password).await?;
        let store = open(config).await?;
        let set = set(&store, &self.email, &hash).await;
        store.close().await;
        let Some(account) = set? else {
            return Err(Failure::Refused(format!("there is no account with the address {}", self.email.trim())));
        };
        print(&format!("changed the password of {}\n", account.email))?;
        if account.disabled_at.is_some() {
            eprintln!("The account is disabled: nobody can sign in to it until an admin enables it.");
        }
        Ok(Outcome::Done)
    }
}

/// Sets the password of the account of an address; None when there is none.
async fn set(store: &Store, email: &str, hash: &str) -> store::Result<Option<Account>> {
    let Some((account, _)) = store.find_credentials(email).await? else { return Ok(None) };
    let is_set = store.set_password(account.id, hash, None, SystemClock.now()).await?;
    Ok(is_set.then_some(account))
}
