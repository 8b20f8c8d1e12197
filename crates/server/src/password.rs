//! Passwords: argon2id on a bounded number of threads.
//!
//! Of OWASP's equally strong settings, 7 MiB with 5 passes and 1 lane was measured cheapest here, and fits many hashes in
//! memory at once. Every check costs the same whether the account exists or not, so that the answer's time does not tell.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The fewest characters of a password.
pub const PASSWORD_MIN: usize = 10;
/// The most characters of a password: longer ones only cost time.
pub const PASSWORD_MAX: usize = 256;

/// How many checks may wait before new ones are refused.
const QUEUE: usize = 256;

/// Why a password could not be hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many are waiting: try again in a moment.
    #[error("too many sign-ins are waiting")]
    Busy,
    /// A defect: settings, the stored hash, or a thread that died.
    #[error("password hashing failed: {0}")]
    Failed(String),
}

/// Hashes and checks passwords.
#[derive(Debug, Clone)]
pub struct Passwords {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    decoy: Arc<str>,
}

fn hasher() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(7 * 1024, 5, 1, None).map_err(|error| PasswordError::Failed(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str, salt: &[u8]) -> Result<String, PasswordError> {
    let hash = hasher()?.hash_password_with_salt(password.as_bytes(), salt);
    Ok(hash.map_err(|error| PasswordError::Failed(error.to_string()))?.to_string())
}

fn salt() -> Result<[u8; 16], PasswordError> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|error| PasswordError::Failed(error.to_string()))?;
    Ok(salt)
}

fn matches(password: &str, stored: &str) -> Result<bool, PasswordError> {
    let stored = PasswordHash::new(stored).map_err(|error| PasswordError::Failed(error.to_string()))?;
    Ok(hasher()?.verify_password(password.as_bytes(), &stored).is_ok())
}

impl Passwords {
    /// At most `threads` hashes run at once.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub fn new(threads: usize) -> Result<Self, PasswordError> {
        Ok(Self {
            running: Arc::new(Semaphore::new(threads.max(1))),
            waiting: Arc::new(Semaphore::new(QUEUE)),
            decoy: hash("the account does not exist", &salt()?)?.into(),
        })
    }

    /// Hashes a password into a PHC string.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many are waiting.
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        self.run(move || hash(&password, &salt()?)).await
    }

    /// Checks a password against the stored hash; against a decoy when there is no account.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many are waiting.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, PasswordError> {
        let decoy = Arc::clone(&self.decoy);
        self.run(move || match stored {
            Some(stored) => matches(&password, &stored),
            None => matches(&password, &decoy).map(|_| false),
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _place = self.waiting.try_acquire().map_err(|_| PasswordError::Busy)?;
        let running = Arc::clone(&self.running).acquire_owned().await;
        let turn = running.map_err(|error| PasswordError::Failed(error.to_string()))?;
        let done = tokio::task::spawn_blocking(move || {
            // The turn goes with the work: a caller who gives up does not let another hash start beside it.
            let _turn = turn;
            work()
        });
        done.await.map_err(|error| PasswordError::Failed(error.to_string()))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_recognised_and_another_is_not() {
        let passwords = Passwords::new(1).expect("randomness");
        let stored = passwords.hash("correct horse battery".into()).await.expect("hashed");
        assert!(stored.starts_with("$argon2id$v=19$m=7168,t=5,p=1$"), "{stored}");
        assert!(passwords.verify("correct horse battery".into(), Some(stored.clone())).await.expect("checked"));
        assert!(!passwords.verify("Correct horse battery".into(), Some(stored)).await.expect("checked"));
        assert!(!passwords.verify("the account does not exist".into(), None).await.expect("checked"));
    }
}
