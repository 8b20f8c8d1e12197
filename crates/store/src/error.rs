//! What can go wrong in the store, as far as callers tell the cases apart.

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A row with the same unique value exists.
    #[error("a row with the same unique value exists")]
    Conflict(#[source] sqlx::Error),
    /// The database is not there, too slow, or has no connection to spare.
    #[error("the database is unavailable: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// A change of an account that would leave no admin who can sign in, or take that right from whoever asked for it.
    #[error("somebody else has to be an admin first")]
    LockOut,
    /// Anything else the database says: a defect of ours or a damaged file.
    #[error("the database refused: {0}")]
    Database(#[source] sqlx::Error),
    /// A stored document that this version cannot read.
    #[error("stored {what} cannot be read: {reason}")]
    Unreadable {
        /// What was read, with its id.
        what: String,
        /// Why, without quoting it.
        reason: String,
    },
    /// Another process changed the schema in a way this version does not know, or the files of the schema changed.
    #[error("the database schema cannot be brought up to date: {0}")]
    Schema(#[from] sqlx::migrate::MigrateError),
    /// An address that names no database this program knows.
    #[error("{0}")]
    Address(String),
}

/// A result of the store.
pub type Result<T> = std::result::Result<T, Error>;

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match &error {
            E::Database(database) if database.is_unique_violation() => Self::Conflict(error),
            // SQLITE_BUSY and SQLITE_LOCKED; PostgreSQL classes 08 (connection), 40 (rolled back to end a deadlock, may be tried
            // again), 53 (resources), 57 (shut down, cancelled).
            E::Database(database)
                if database.code().is_some_and(|code| {
                    matches!(code.as_ref(), "5" | "6" | "517" | "261")
                        || ["08", "40", "53", "57"].iter().any(|c| code.starts_with(c) && code.len() == 5)
                }) =>
            {
                Self::Unavailable(error)
            }
            E::Io(_) | E::PoolTimedOut | E::PoolClosed | E::Tls(_) | E::Protocol(_) | E::WorkerCrashed => {
                Self::Unavailable(error)
            }
            _ => Self::Database(error),
        }
    }
}
