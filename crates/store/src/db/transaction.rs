//! SQLite's writing transaction. The driver's own one counts how deep it is and is out of step for ever when a commit or a
//! rollback fails, as both do on a full disk: every later write would be refused though the disk has room again.

use crate::error::Result;
use sqlx::pool::PoolConnection;
use sqlx::raw_sql;
use sqlx::sqlite::{Sqlite, SqliteConnection, SqlitePool};
use std::ops::{Deref, DerefMut};

/// A transaction on the one writing connection; dropped without a commit, it is rolled back.
pub(crate) struct SqliteTx {
    /// None once it is over.
    connection: Option<PoolConnection<Sqlite>>,
}

impl SqliteTx {
    /// Begins by taking the lock for writing: a reader that becomes a writer half-way fails under load.
    pub(super) async fn begin(pool: &SqlitePool) -> Result<Self> {
        let mut tx = Self { connection: Some(pool.acquire().await?) };
        raw_sql("BEGIN IMMEDIATE").execute(&mut *tx).await?;
        Ok(tx)
    }

    /// Makes everything done in it durable.
    pub(super) async fn commit(mut self) -> Result<()> {
        raw_sql("COMMIT").execute(&mut *self).await?;
        // Over, and fit for the next one.
        drop(self.connection.take());
        Ok(())
    }
}

impl Drop for SqliteTx {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        let roll_back = async move {
            // SQLite may have rolled back by itself, or be unable to: a new connection starts from what is on the disk.
            if raw_sql("ROLLBACK").execute(&mut *connection).await.is_err() {
                connection.close_on_drop();
            }
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(roll_back)),
            // Without a runtime nothing more will be written either.
            Err(_) => drop(roll_back),
        }
    }
}

impl Deref for SqliteTx {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        self.connection.as_ref().expect("it is not over")
    }
}

impl DerefMut for SqliteTx {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.connection.as_mut().expect("it is not over")
    }
}
