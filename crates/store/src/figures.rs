//! How the store is doing, in figures that cost nothing to keep: what waits to be written, how long commits take, what the
//! connections do.

use crate::db::sql;
use crate::{Result, Store};
use std::time::Duration;

/// Upper bounds of the classes into which commits are counted by their duration, in milliseconds; what is above the last counts in
/// a class of its own.
pub const COMMIT_BOUNDS_MS: [u64; 11] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000];

/// Transactions that wrote answers or ends of attempts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Commits {
    /// How many there were.
    pub count: u64,
    /// How many saves, forms and ends they wrote.
    pub jobs: u64,
    /// How long they took together, from their beginning to the end of the commit.
    pub took: Duration,
    /// How many took as long as each of [`COMMIT_BOUNDS_MS`] at most and longer than the one before; the last is above all of them.
    pub by_duration: [u64; COMMIT_BOUNDS_MS.len() + 1],
}

/// The queue of answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Queue {
    /// Jobs that wait or are being written.
    pub jobs: usize,
    /// Since when the oldest of those waits that are being written.
    pub oldest: Duration,
    /// What has been written.
    pub commits: Commits,
    /// Jobs that were refused because the queue was full.
    pub refused: u64,
}

/// The connections of the database that this process has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Connections {
    /// Open, and nobody uses them.
    pub idle: u32,
    /// Open, and somebody does.
    pub in_use: u32,
    /// Requests that wait for one.
    pub waiting: usize,
    /// How many stay open.
    pub least: u32,
    /// How many there may be.
    pub most: u32,
}

/// How many connections of a PostgreSQL database are in a state, by all its users.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Backends {
    /// As PostgreSQL calls it: `active`, `idle`, `idle in transaction`, ...
    pub state: String,
    /// How many.
    pub count: i64,
}

impl Store {
    /// What waits to be written, and how long that takes.
    #[must_use]
    pub fn queue(&self) -> Queue {
        self.writer.figures()
    }

    /// What the connections of this process do.
    #[must_use]
    pub fn connections(&self) -> Connections {
        self.db.connections()
    }

    /// What all connections to the same database do; none on SQLite.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn backends(&self) -> Result<Vec<Backends>> {
        let statement = sql!(["SELECT '' AS state, 0 AS count WHERE FALSE"
            | "SELECT COALESCE(state, 'starting') AS state, COUNT(*) AS count FROM pg_stat_activity \
              WHERE datname = current_database() AND backend_type = 'client backend' GROUP BY 1 ORDER BY 1"]);
        self.db.all(statement, ()).await
    }

    /// How many connections PostgreSQL takes from everybody but its administrators; None on SQLite.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn connections_max(&self) -> Result<Option<i64>> {
        let statement = sql!(["SELECT 0"
            | "SELECT CAST(current_setting('max_connections') AS BIGINT) \
              - CAST(current_setting('superuser_reserved_connections') AS BIGINT)"]);
        let (most,): (i64,) = self.db.one(statement, ()).await?;
        Ok(Some(most).filter(|most| *most > 0))
    }
}
