//! Connections lent by PostgreSQL's pool.

use super::backend::Backend;
use super::given_up::{GivenUp, PATIENCE};
use crate::error::Result;
use crate::figures::Connections;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool, Postgres};
use sqlx::{SqlSafeStr, raw_sql};
use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::timeout;

/// A pool, as it lends connections.
#[derive(Debug, Clone)]
pub(crate) struct Lender {
    pub(super) pool: PgPool,
    /// How long a statement is waited for.
    pub(super) patience: Duration,
    /// Where those go that were given up; None for the connections that end them.
    pub(super) given_up: Option<GivenUp>,
    /// How many wait for a connection.
    pub(super) waiting: Arc<AtomicUsize>,
}

/// One who waits.
pub(super) struct Waits<'a>(&'a AtomicUsize);

impl<'a> Waits<'a> {
    pub(super) fn begin(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection. One that was given up in the middle of a statement, or has failed, is closed instead of given back: the pool
/// would ask it for a sign of life first, and when the network is cut wait for that as long as the system does, which is a
/// quarter of an hour, and lend it to nobody meanwhile. Its backend is ended: see [`super::given_up`].
#[derive(Debug)]
pub(crate) struct Lent {
    /// None only while it is dropped.
    connection: Option<PoolConnection<Postgres>>,
    backend: Option<Backend>,
    given_up: Option<GivenUp>,
    patience: Duration,
    standing: Standing,
}

/// What is known of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Its last statement has succeeded, or was refused.
    Settled,
    /// It is of no use any more.
    Broken,
    /// Nobody knows what its last statement does.
    Unknown,
}

/// Waits for a statement. PostgreSQL itself ends one that takes too long; one whose network is cut says nothing.
pub(super) async fn in_time<T>(
    patience: Duration,
    statement: impl Future<Output = std::result::Result<T, sqlx::Error>>,
) -> std::result::Result<T, sqlx::Error> {
    let late = |_| Err(sqlx::Error::Io(std::io::Error::new(ErrorKind::TimedOut, "the database does not answer")));
    timeout(patience, statement).await.unwrap_or_else(late)
}

impl Lender {
    /// What its connections do.
    pub(super) fn connections(&self) -> Connections {
        Connections { waiting: self.waiting.load(Ordering::Relaxed), ..Connections::of(&self.pool) }
    }

    pub(super) async fn lend(&self) -> Result<Lent> {
        let waits = Waits::begin(&self.waiting);
        let connection = Some(self.pool.acquire().await?);
        drop(waits);
        let (given_up, patience) = (self.given_up.clone(), self.patience);
        let mut lent = Lent { connection, backend: None, given_up, patience, standing: Standing::Settled };
        if let Some(given_up) = &self.given_up {
            let found = in_time(PATIENCE, given_up.backend(lent.lend())).await;
            lent.backend = lent.settle(found)?;
        }
        Ok(lent)
    }
}

impl Lent {
    /// How long a statement is waited for.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    /// Which process of PostgreSQL serves it, where that is known.
    #[cfg(test)]
    pub(super) fn backend(&self) -> Option<Backend> {
        self.backend
    }

    /// Runs a command that has no parameters and gives nothing back.
    pub(super) async fn command(&mut self, text: impl SqlSafeStr) -> Result<()> {
        let done = in_time(self.patience, async { raw_sql(text).execute(self.lend()).await }).await;
        self.settle(done).map(drop)
    }

    /// For one statement, whose outcome must be shown to [`Lent::settle`].
    pub(super) fn lend(&mut self) -> &mut PgConnection {
        self.standing = Standing::Unknown;
        self.connection.as_mut().expect("it is not being dropped")
    }

    pub(super) fn settle<T>(&mut self, outcome: std::result::Result<T, sqlx::Error>) -> Result<T> {
        use sqlx::Error as E;
        self.standing = match &outcome {
            Err(E::Io(error)) if error.kind() == ErrorKind::TimedOut => Standing::Unknown,
            Err(E::Io(_) | E::Tls(_) | E::Protocol(_) | E::WorkerCrashed) => Standing::Broken,
            // To a server that takes no writes any more: the next one may lead to the one that does.
            Err(E::Database(error)) if error.code().is_some_and(|code| code == "25006") => Standing::Broken,
            _ => Standing::Settled,
        };
        Ok(outcome?)
    }

    /// Whether its last statement has neither succeeded nor been refused.
    pub(super) fn is_unsettled(&self) -> bool {
        self.standing != Standing::Settled
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.is_unsettled() {
            return;
        }
        let Some(mut connection) = self.connection.take() else { return };
        match (&self.given_up, self.backend) {
            // What breaks may be the way to PostgreSQL only. But its server has mostly ended: that keeps no place from others.
            (Some(given_up), Some(backend)) => given_up.end(backend, connection, self.standing == Standing::Unknown),
            _ => connection.close_on_drop(),
        }
    }
}
