//! SQLite's pools, and how many wait for one of their connections.

use super::lent::Waits;
use crate::figures::Connections;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{Sqlite, SqlitePool};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A pool of connections to one file.
#[derive(Debug, Clone)]
pub(crate) struct FilePool {
    pub(super) pool: SqlitePool,
    /// How many wait for a connection.
    waiting: Arc<AtomicUsize>,
}

impl From<SqlitePool> for FilePool {
    fn from(pool: SqlitePool) -> Self {
        Self { pool, waiting: Arc::default() }
    }
}

impl FilePool {
    /// A connection, as soon as one is free.
    pub(super) async fn acquire(&self) -> std::result::Result<PoolConnection<Sqlite>, sqlx::Error> {
        let _waits = Waits::begin(&self.waiting);
        self.pool.acquire().await
    }

    /// What its connections do.
    pub(super) fn connections(&self) -> Connections {
        Connections { waiting: self.waiting.load(Ordering::Relaxed), ..Connections::of(&self.pool) }
    }
}
