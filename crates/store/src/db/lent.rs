//! Connections lent by PostgreSQL's pool.

use crate::error::Result;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool, Postgres};
use sqlx::raw_sql;
use std::time::Duration;
use tokio::time::timeout;

/// A connection. One that was given up in the middle of a statement, or has failed, is closed instead of given back: the pool
/// would ask it for a sign of life first, and when the network is cut wait for that as long as the system does, which is a
/// quarter of an hour, and lend it to nobody meanwhile.
#[derive(Debug)]
pub(crate) struct Lent {
    /// None only while it is dropped.
    connection: Option<PoolConnection<Postgres>>,
    patience: Duration,
    unsettled: bool,
}

/// Waits for a statement. PostgreSQL itself ends one that takes too long; one whose network is cut says nothing.
pub(super) async fn in_time<T>(
    patience: Duration,
    statement: impl Future<Output = std::result::Result<T, sqlx::Error>>,
) -> std::result::Result<T, sqlx::Error> {
    let late =
        |_| Err(sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the database does not answer")));
    timeout(patience, statement).await.unwrap_or_else(late)
}

impl Lent {
    pub(super) async fn of(pool: &PgPool, patience: Duration) -> Result<Self> {
        Ok(Self { connection: Some(pool.acquire().await?), patience, unsettled: false })
    }

    /// How long a statement is waited for.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    /// Runs a command that has no parameters and gives nothing back.
    pub(super) async fn command(&mut self, text: &'static str) -> Result<()> {
        let done = in_time(self.patience, async { raw_sql(text).execute(self.lend()).await }).await;
        self.settle(done).map(drop)
    }

    /// For one statement, whose outcome must be shown to [`Lent::settle`].
    pub(super) fn lend(&mut self) -> &mut PgConnection {
        self.unsettled = true;
        self.connection.as_mut().expect("it is not being dropped")
    }

    pub(super) fn settle<T>(&mut self, outcome: std::result::Result<T, sqlx::Error>) -> Result<T> {
        use sqlx::Error as E;
        self.unsettled = match &outcome {
            Err(E::Io(_) | E::Tls(_) | E::Protocol(_) | E::WorkerCrashed) => true,
            // To a server that takes no writes any more: the next one may lead to the one that does.
            Err(E::Database(error)) => error.code().is_some_and(|code| code == "25006"),
            _ => false,
        };
        Ok(outcome?)
    }

    /// Whether its last statement has neither succeeded nor been refused.
    pub(super) fn is_unsettled(&self) -> bool {
        self.unsettled
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if self.unsettled
            && let Some(connection) = &mut self.connection
        {
            connection.close_on_drop();
        }
    }
}
