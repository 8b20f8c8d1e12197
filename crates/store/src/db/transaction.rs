//! Writing transactions. On SQLite the driver's own one counts how deep it is and is out of step for ever when a commit or a
//! rollback fails, as both do on a full disk: every later write would be refused though the disk has room again. On PostgreSQL
//! the driver's own one gives its connection back to the pool, whatever state it is in: see [`Lent`].

use super::file_pool::FilePool;
use super::lent::Lent;
use crate::error::Result;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{Sqlite, SqliteConnection};
use sqlx::{AssertSqlSafe, raw_sql};
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::timeout;

/// For what is dropped and cannot wait. Without a runtime nothing more will be written either.
fn in_background(roll_back: impl Future<Output = ()> + Send + 'static) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(roll_back);
    }
}

/// SQLite's, on the one writing connection; dropped without a commit, it is rolled back.
pub(crate) struct SqliteTx {
    /// None once it is over.
    connection: Option<PoolConnection<Sqlite>>,
}

impl SqliteTx {
    /// Begins by taking the lock for writing: a reader that becomes a writer half-way fails under load.
    pub(super) async fn begin(pool: &FilePool) -> Result<Self> {
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
        in_background(roll_back);
    }
}

/// How long a rollback may take before its connection is closed, which rolls back as well.
const ROLLBACK_DEADLINE: Duration = Duration::from_secs(2);

/// The connection that a writer of answers keeps between its transactions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept(Arc<Mutex<Option<Lent>>>);

impl Kept {
    pub(super) fn take(&self) -> Option<Lent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    pub(super) fn put(&self, lent: Lent) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(lent);
    }
}

/// How long a statement of the writer may take.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Limit {
    /// Shorter than [`exam::attempt::WRITE_DEADLINE`].
    Whole,
    /// Shorter than what a part of a transaction may take that took too long.
    Part,
}

/// PostgreSQL's writing transaction; dropped without a commit, it is rolled back.
pub(crate) struct PgTx {
    /// None once it is over.
    lent: Option<Lent>,
    /// Where its connection goes after a commit; else back to the pool.
    kept: Option<Kept>,
}

impl PgTx {
    pub(super) async fn begin(lent: Lent) -> Result<Self> {
        let mut tx = Self { lent: Some(lent), kept: None };
        tx.lent().command("BEGIN").await?;
        Ok(tx)
    }

    /// One whose connection is kept after the commit. None of its statements takes longer than `most`, though the limit be longer.
    pub(super) async fn begin_limited(lent: Lent, kept: Kept, limit: Limit, most: Duration) -> Result<Self> {
        let mut tx = Self { lent: Some(lent), kept: Some(kept) };
        let limit = match limit {
            Limit::Whole => Duration::from_millis(4_500),
            Limit::Part => Duration::from_millis(2_000),
        };
        // To PostgreSQL, none at all is no limit.
        let limit = if most.is_zero() { limit } else { limit.min(most) };
        // One round trip. The text is a number's.
        let begin = format!("BEGIN; SET LOCAL statement_timeout = {}", limit.as_millis());
        tx.lent().command(AssertSqlSafe(begin)).await?;
        Ok(tx)
    }

    pub(super) fn lent(&mut self) -> &mut Lent {
        self.lent.as_mut().expect("it is not over")
    }

    /// Makes everything done in it durable.
    pub(super) async fn commit(mut self) -> Result<()> {
        self.lent().command("COMMIT").await?;
        if let (Some(kept), Some(lent)) = (self.kept.take(), self.lent.take()) {
            kept.put(lent);
        }
        drop(self.lent.take());
        Ok(())
    }
}

impl Drop for PgTx {
    fn drop(&mut self) {
        // What is unsettled is closed, and rolled back by that.
        let Some(mut lent) = self.lent.take().filter(|lent| !lent.is_unsettled()) else { return };
        let roll_back = async move {
            // One that could not be is closed, whatever it says.
            let _ = timeout(ROLLBACK_DEADLINE, lent.command("ROLLBACK")).await;
        };
        in_background(roll_back);
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

#[cfg(test)]
mod tests {
    use super::super::lent::Lender;
    use super::*;
    use sqlx::postgres::PgPoolOptions;

    #[tokio::test]
    async fn the_shorter_limit_of_a_statement_counts() {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .connect(&testkit::postgres_url())
            .await
            .expect("there is a PostgreSQL");
        let lender = Lender { pool, patience: Duration::from_secs(20), given_up: None, waiting: Arc::default() };
        for (limit, most, shown) in [
            (Limit::Whole, 30_000, "4500ms"),
            (Limit::Whole, 3_000, "3s"),
            (Limit::Part, 3_000, "2s"),
            (Limit::Part, 500, "500ms"),
            (Limit::Part, 0, "2s"),
        ] {
            let (lent, most) = (lender.lend().await.unwrap(), Duration::from_millis(most));
            let mut tx = PgTx::begin_limited(lent, Kept::default(), limit, most).await.unwrap();
            let asked = sqlx::query_scalar("SHOW statement_timeout").fetch_one(tx.lent().lend()).await;
            let set: String = tx.lent().settle(asked).unwrap();
            assert_eq!(set, shown);
            tx.commit().await.unwrap();
        }
    }
}
