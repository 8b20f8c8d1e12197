//! Connections lent by PostgreSQL's pool.

use crate::error::Result;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool, Postgres};

/// A connection. One that was given up in the middle of a statement, or has failed, is closed instead of given back: the pool
/// would ask it for a sign of life first, and when the network is cut wait for that as long as the system does, which is a
/// quarter of an hour, and lend it to nobody meanwhile.
#[derive(Debug)]
pub(crate) struct Lent {
    /// None only while it is dropped.
    connection: Option<PoolConnection<Postgres>>,
    unsettled: bool,
}

impl Lent {
    pub(super) async fn of(pool: &PgPool) -> Result<Self> {
        Ok(Self { connection: Some(pool.acquire().await?), unsettled: false })
    }

    /// For one statement, whose outcome must be shown to [`Lent::settle`].
    pub(super) fn lend(&mut self) -> &mut PgConnection {
        self.unsettled = true;
        self.connection.as_mut().expect("it is not being dropped")
    }

    pub(super) fn settle<T>(&mut self, outcome: std::result::Result<T, sqlx::Error>) -> Result<T> {
        use sqlx::Error as E;
        self.unsettled = matches!(outcome, Err(E::Io(_) | E::Tls(_) | E::Protocol(_) | E::WorkerCrashed));
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
