//! Demo content: three banks with an exam and a practice each, an account per role, and a month of invented attempts, so
//! that no page of a first run is empty.
//!
//! All of it is written through the store's ordinary functions at times in the past, so nothing is faked but the people.
//! Seeding goes on where a killed one stopped and leaves alone what is complete: nothing is doubled, and changes that people
//! make to the demo's content stay.

mod accounts;
mod exams;
mod history;
mod responses;
mod sitting;

pub use accounts::{SIGN_INS, SignIn, announcement, link_key};

use crate::chance::Chance;
use crate::password::{PasswordError, Passwords};
use exam::time::Timestamp;
use std::time::Duration;
use store::{PublishError, Store};

/// Why the demo could not be seeded.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The database failed; starting again goes on from there.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The same, on the way through a bank.
    #[error(transparent)]
    Import(#[from] crate::import::Interrupted),
    /// A demo exam cannot be published.
    #[error("the demo's exam {0} cannot be published: {1}")]
    Publish(String, #[source] PublishError),
    /// An author's exam has the name of one of the demo's.
    #[error("there is an exam {0} that is not the demo's; use another data folder or database for the demo")]
    Taken(String),
    /// Hashing the demo's passwords failed.
    #[error(transparent)]
    Password(#[from] PasswordError),
}

/// A day.
const DAY: Duration = Duration::from_secs(86_400);

/// How long before the first start the demo's content was made, as its times say.
const CONTENT_AGE: Duration = Duration::from_secs(45 * 86_400);

/// Writes what is missing of the demo. Its times lie in the 45 days before the first call.
///
/// # Errors
/// When the database fails; call it again to go on.
pub async fn seed(store: &Store, passwords: &Passwords, chance: &Chance, now: Timestamp) -> Result<(), DemoError> {
    let secret = accounts::secret(store, || chance.token()).await?;
    let seeded_at = store.install_value("demo_seeded_at", || now.0.to_string()).await?;
    // The history is drawn from the first start's time, so that a second start finds the same one.
    let seeded_at = seeded_at.parse().map_or(now, Timestamp);
    let visits = history::schedule(seeded_at);
    if history::is_complete(store, &secret, &visits).await? {
        return Ok(());
    }
    tracing::info!("making the demo's content and a month of attempts; this takes a few seconds, once");
    let exams = exams::publish_all(store, seeded_at.before(CONTENT_AGE)).await?;
    let people = accounts::create_all(store, passwords, chance, &secret, seeded_at).await?;
    history::play(store, &secret, &exams, &people, &visits).await?;
    tracing::info!("the demo is complete");
    Ok(())
}

#[cfg(test)]
mod tests;
