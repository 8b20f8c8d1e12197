//! Why a run could not be made. What a run finds out about the server is not an error; see [`crate::Outcome`].

use std::fmt::Display;

/// A sentence for the person who runs it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

/// A result with that sentence.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of its own.
    pub fn new(sentence: impl Display) -> Self {
        Self(sentence.to_string())
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::new(error)
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::new(error)
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::new(error)
    }
}

/// Says what was being done when something failed.
pub trait Doing<T> {
    /// Puts it in front of the error.
    ///
    /// # Errors
    /// Those there were.
    fn doing(self, what: impl Display) -> Result<T>;
}

impl<T, E: Display> Doing<T> for std::result::Result<T, E> {
    fn doing(self, what: impl Display) -> Result<T> {
        self.map_err(|error| Error(format!("{what}: {error}")))
    }
}
