//! What can go wrong in the store, as far as callers tell the cases apart.

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A row with the same unique value exists.
    #[error("a row with the same unique value exists")]
    Conflict(#[source] sqlx::Error),
    /// The database is not there, too slow, or has no connection to spare.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// A statement took longer than it may, or waited too long for a lock, and was ended by the database.
    #[error("the database took too long: {0}")]
    TooSlow(String),
    /// More waits to be written than may wait. Asking again is safe.
    #[error("too much waits to be written")]
    Busy,
    /// An attempt could not be graded and sealed: a defect of ours, or a damaged row. The attempt is as it was.
    #[error("attempt {attempt} cannot be graded: {reason}")]
    NotGraded {
        /// Its public id.
        attempt: String,
        /// Why, without quoting an answer.
        reason: String,
    },
    /// A change of an account that would leave no admin who can sign in, or take that right from whoever asked for it.
    #[error("somebody else has to be an admin first")]
    LockOut,
    /// A demo account asked for a change of an account that is none.
    #[error("a demo account may change demo accounts only")]
    BeyondDemo,
    /// A text to be kept holds a NUL character.
    #[error("a text holds a NUL character, which cannot be kept")]
    Nul,
    /// The database could not be opened: why, and what to do.
    #[error("{0}")]
    Unopened(String),
    /// Anything else the database says: a defect of ours or a damaged file.
    #[error("the database refused: {}", told(.0))]
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
    #[error("the database schema cannot be brought up to date: {}", why_not(.0))]
    Schema(#[from] sqlx::migrate::MigrateError),
    /// An address that names no database this program knows.
    #[error("{0}")]
    Address(String),
}

fn why_not(error: &sqlx::migrate::MigrateError) -> String {
    use sqlx::migrate::MigrateError as E;
    match error {
        E::VersionMismatch(_) => {
            "it was made by a version of Examhall from before its first release; keep it with that version, or begin with an empty one"
                .into()
        }
        E::VersionMissing(_) => "it is of a later version of Examhall; start that one".into(),
        error => error.to_string(),
    }
}

/// A result of the store.
pub type Result<T> = std::result::Result<T, Error>;

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match &error {
            E::Database(database) if database.is_unique_violation() => Self::Conflict(error),
            // What PostgreSQL says of a NUL that came to it unseen; no other byte of a String is wrong.
            E::Database(database) if database.code().is_some_and(|code| code == "22021") => Self::Nul,
            // PostgreSQL's query_canceled and lock_not_available.
            E::Database(database) if database.code().is_some_and(|code| matches!(code.as_ref(), "57014" | "55P03")) => {
                Self::TooSlow(told(&error))
            }
            E::Database(database) if database.code().is_some_and(|code| is_unavailable(&code)) => {
                Self::Unavailable(told(&error))
            }
            E::Io(_) | E::PoolTimedOut | E::PoolClosed | E::Tls(_) | E::Protocol(_) | E::WorkerCrashed => {
                Self::Unavailable(error.to_string())
            }
            _ => Self::Database(error),
        }
    }
}

/// What a driver says, with its code for those who look it up. The driver's own text names a line of PostgreSQL's source.
pub(crate) fn told(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(database) => {
            let code = database.code().map_or_else(String::new, |code| format!(" ({code})"));
            format!("{}{code}", database.message())
        }
        other => other.to_string(),
    }
}

/// Whether a driver's code says that the database cannot do it now, rather than that it may not be done.
fn is_unavailable(code: &str) -> bool {
    if code.len() == 5 {
        // PostgreSQL classes 08 (connection), 25006 and 25P03 (it takes no writes; the transaction stood still for too long), 40 (rolled back to end a deadlock, may be tried again), 53 (resources), 55000
        // (the database lets nobody in just now), 57 (shut down; a cancelled statement is looked at before), 58 (the system below it).
        return ["08", "25006", "25P03", "40", "53", "55000", "57", "58"].iter().any(|class| code.starts_with(class));
    }
    // SQLite, by the primary code in the lower byte: BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN, PROTOCOL (a race for
    // the lock of the write-ahead log).
    code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 7 | 8 | 10 | 13 | 14 | 15))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_and_a_busy_or_dead_database_are_unavailable_and_a_broken_rule_is_not() {
        for code in [
            "5", "517", "261", "7", "10", "1034", "778", "13", "14", "15", "08006", "25006", "25P03", "40P01", "53100",
            "55000", "57P01", "58030",
        ] {
            assert!(is_unavailable(code), "{code}");
        }
        for code in ["1", "19", "2067", "11", "26", "23505", "22021", "42601", "XX000", ""] {
            assert!(!is_unavailable(code), "{code}");
        }
    }
}
