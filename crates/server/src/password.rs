//! Passwords: argon2id on threads of their own.
//!
//! Of OWASP's equally strong settings, 7 MiB with 5 passes and 1 lane was measured cheapest here, and fits many hashes in
//! memory at once. Every check costs the same whether the account exists or not, so that the answer's time does not tell.
//!
//! A hash takes as long as a thousand saves, and everybody signs in at the same time. So hashes run on a few threads that give way
//! to all others, in the order in which they were asked for; who would have to wait too long is told at once, with their place.

mod hash;
mod pool;

pub use pool::HashFigures;

use pool::Pool;
use std::sync::Arc;
use std::time::Duration;

/// The fewest characters of a password.
pub const PASSWORD_MIN: usize = 10;
/// The most characters of a password: longer ones only cost time.
pub const PASSWORD_MAX: usize = 256;

/// Why a password could not be hashed or checked.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum PasswordError {
    /// Too many are waiting: try again when they are through.
    #[error("{ahead} sign-ins are waiting")]
    Busy {
        /// How many are before this one.
        ahead: usize,
        /// How long they will take.
        wait: Duration,
    },
    /// A defect: settings, the stored hash, or a thread that died.
    #[error("password hashing failed: {0}")]
    Failed(String),
}

/// Hashes and checks passwords.
#[derive(Debug, Clone)]
pub struct Passwords {
    pool: Arc<Pool>,
    decoy: Arc<str>,
}

impl Passwords {
    /// At most `threads` hashes run at once.
    ///
    /// # Errors
    /// When the operating system has no randomness or no threads to give.
    pub fn new(threads: usize) -> Result<Self, PasswordError> {
        let decoy = hash::make(&mut hash::Memory::default(), "the account does not exist", &hash::salt()?)?;
        Ok(Self { pool: Arc::new(Pool::start(threads.max(1))?), decoy: decoy.into() })
    }

    /// Hashes a password into a PHC string.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many are waiting.
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        self.pool.run(move |memory| hash::make(memory, &password, &hash::salt()?)).await
    }

    /// Checks a password against the stored hash; against a decoy when there is no account.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many are waiting.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, PasswordError> {
        let decoy = Arc::clone(&self.decoy);
        self.pool
            .run(move |memory| match stored {
                Some(stored) => hash::matches(memory, &password, &stored),
                None => hash::matches(memory, &password, &decoy).map(|_| false),
            })
            .await
    }

    /// How many wait, and what has been done.
    #[must_use]
    pub fn figures(&self) -> HashFigures {
        self.pool.figures()
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
        assert_eq!(passwords.figures().done, 4);
    }

    #[tokio::test]
    async fn a_hash_of_other_settings_is_checked_by_its_own_and_a_broken_one_is_a_defect() {
        use argon2::password_hash::PasswordHasher as _;
        let other = argon2::Argon2::new(
            argon2::Algorithm::Argon2i,
            argon2::Version::V0x13,
            argon2::Params::new(256, 1, 2, Some(16)).expect("they are allowed"),
        );
        let stored = other.hash_password_with_salt(b"correct horse battery", &[7; 16]).expect("hashed").to_string();
        let passwords = Passwords::new(1).expect("randomness");
        assert!(passwords.verify("correct horse battery".into(), Some(stored.clone())).await.expect("checked"));
        assert!(!passwords.verify("another horse".into(), Some(stored)).await.expect("checked"));
        for broken in ["", "$argon2id$v=19$m=7168,t=5,p=1", "$2b$12$abcdefghijklmnopqrstuu", "plain"] {
            let checked = passwords.verify("correct horse battery".into(), Some(broken.into())).await;
            assert!(matches!(checked, Err(PasswordError::Failed(_))), "{broken}: {checked:?}");
        }
    }
}
